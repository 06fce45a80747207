#include <string.h>

#include "common/i18n.h"
#include "common/view.h"
#include "error/error-layout.h"
#include "error/error-view.h"
#include "models/lesson.h"
#include "models/sample-trace.h"

static void
test_memory (void)
{
  g_autoptr (GbTrace) trace = gb_sample_trace_new (GB_SAMPLE_ERROR_VIEW);
  g_autoptr (GbLesson) lesson = gb_lesson_new (trace, 0);
  g_assert_nonnull (lesson);
  g_assert_cmpstr (lesson->kind, ==, "view");
  g_assert_nonnull (lesson->strip);
  g_assert_cmpstr (lesson->strip->name, ==, "y");
  g_autofree char *memory = gb_error_strip_text (lesson), *rule = gb_error_rule (lesson);
  g_assert_cmpstr (
      memory, ==,
      "Row by row the steps are 4, but from address 8 to 1 it is -7: no single stride can say that.");
  g_assert_true (g_str_has_suffix (rule, "1 is not 3 × 4."));
  g_autofree char *first = gb_lesson_dup_edited (lesson, trace, gb_lesson_get_fix (lesson, 0));
  g_autofree char *second = gb_lesson_dup_edited (lesson, trace, gb_lesson_get_fix (lesson, 1));
  g_assert_cmpstr (first, ==, "v = y.reshape(12)");
  g_assert_cmpstr (second, ==, "v = y.contiguous().view(12)");
  g_assert_null (gb_lesson_get_fix (lesson, 2));
  g_assert_false (gb_lesson_wants_trial (lesson));
}

/* Only what was seen to succeed is offered. */
static void
test_shapes (void)
{
  g_autoptr (GbTrace) trace = gb_sample_trace_new (GB_SAMPLE_ERROR_SHAPES);
  g_autoptr (GbLesson) lesson = gb_lesson_new (trace, 0);
  g_assert_nonnull (lesson);
  g_assert_cmpstr (lesson->kind, ==, "broadcast");
  g_assert_cmpint (lesson->marked_slot, ==, 1);
  g_assert_cmpuint (lesson->rows->len, ==, 2);
  g_assert_cmpuint (lesson->fixes->len, ==, 2);
  g_assert_null (gb_lesson_get_fix (lesson, 1));
  g_autofree char *question = gb_lesson_dup_question (lesson);
  g_assert_nonnull (strstr (question, "[2,2,32,32,\".t()\",false]"));
}

static void
test_others (void)
{
  char *args[GB_LESSON_MAX_ARGS + 1];
  g_assert_null (gb_lesson_explain ("ValueError", "it is not so", args));
  g_assert_null (gb_lesson_explain ("TypeError", "'int' object is not iterable", args));
  g_assert_null (
      gb_lesson_explain ("KeyError", "'index 5 is out of bounds for dimension 0 with size 3'", args));
  g_autoptr (GbTrace) empty = gb_trace_new ();
  g_assert_null (gb_lesson_new (empty, 0));
  for (guint i = 0; i < gb_lesson_get_n_kinds (); i++)
    g_assert_nonnull (gb_lesson_get_kind (i));
}

/* One-line texts end inside, boxes lie beside each other, in both languages and at narrow widths. */
static void
check_layout (GbSample sample, const char *language, double width)
{
  g_autoptr (GbTrace) trace = gb_sample_trace_new (sample);
  g_autoptr (GbLesson) lesson = gb_lesson_new (trace, 0);
  gb_i18n_set_language (language);
  PangoContext *pango = gb_draw_create_pango_context (language);
  GbTextCache *cache = gb_text_cache_new (pango);
  GbDrawContext ctx = {
    .language = language, .scale = 1, .width = width, .pango = pango, .text = cache, .t = 1
  };
  g_autoptr (GbErrorLayout) layout = gb_error_layout_new (lesson, trace, gb_trace_get_exception (trace, 0),
                                                          &ctx, width, GB_ERROR_PARTS_WHOLE);
  for (guint i = 0; i < layout->texts->len; i++)
    {
      const GbErrorText *text = &g_array_index (layout->texts, GbErrorText, i);
      g_assert_cmpfloat (text->x, <, layout->width);
      g_assert_cmpfloat (text->y, <=, layout->height);
    }
  for (guint i = 0; i < layout->boxes->len; i++)
    for (guint k = 0; k < i; k++)
      {
        const GbErrorBox *a = &g_array_index (layout->boxes, GbErrorBox, i),
                         *b = &g_array_index (layout->boxes, GbErrorBox, k);
        g_assert_true (a->x + a->width <= b->x || b->x + b->width <= a->x || a->y + a->height <= b->y
                       || b->y + b->height <= a->y);
      }
  for (guint i = 0; i < layout->cells->len; i++)
    {
      const GbErrorCell *cell = &g_array_index (layout->cells, GbErrorCell, i);
      g_assert_cmpfloat (cell->x + cell->width, <=, layout->width + 1);
    }
  gb_text_cache_free (cache);
  g_object_unref (pango);
  gb_i18n_set_language ("en");
}

static void
test_layout (void)
{
  static const double widths[] = { 300, 480, 840 };
  for (guint i = 0; i < G_N_ELEMENTS (widths); i++)
    {
      check_layout (GB_SAMPLE_ERROR_VIEW, "en", widths[i]);
      check_layout (GB_SAMPLE_ERROR_VIEW, "zh", widths[i]);
      check_layout (GB_SAMPLE_ERROR_SHAPES, "en", widths[i]);
      check_layout (GB_SAMPLE_ERROR_SHAPES, "zh", widths[i]);
    }
}

/* A hostile recording: operands that name places outside of the source, and a trial of another edit. */
static void
test_damaged (void)
{
  g_autoptr (GbTrace) trace = gb_sample_trace_new (GB_SAMPLE_ERROR_VIEW);
  GbTraceIter iter;
  const TeRecord *record;
  gb_trace_iter_init (&iter, trace, 0);
  while ((record = gb_trace_iter_next (&iter)) != NULL)
    if (record->type == TE_FACT_OPERAND)
      {
        TeFactOperand *fact = (TeFactOperand *) record;
        fact->line = fact->end_line = 4000000000u;
        fact->column = fact->end_column = 4000000000u;
      }
  g_autoptr (GbLesson) lesson = gb_lesson_new (trace, 0);
  g_assert_nonnull (lesson);
  g_assert_null (gb_lesson_get_fix (lesson, 0));
  g_autofree char *words = gb_error_describe (lesson, trace);
  g_assert_nonnull (words);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gb_i18n_init (g_getenv ("GRADBOARD_TEST_LOCALE"));
  gb_i18n_set_language ("en");
  g_test_add_func ("/error/memory", test_memory);
  g_test_add_func ("/error/shapes", test_shapes);
  g_test_add_func ("/error/others", test_others);
  g_test_add_func ("/error/layout", test_layout);
  g_test_add_func ("/error/damaged", test_damaged);
  return g_test_run ();
}
