/* Two runs side by side: what is the same, what differs, with figures; and what the page says of it. */
#include <math.h>
#include <string.h>

#include "ab/ab-layout.h"
#include "ab/ab-text.h"
#include "common/branch-text.h"
#include "common/i18n.h"
#include "models/sample-trace.h"
#include "models/trace-branches.h"

static const GbAbWeight *
find_weight (const GbAb *ab, const char *name)
{
  for (guint i = 0; i < ab->weights->len; i++)
    if (strcmp (g_array_index (ab->weights, GbAbWeight, i).name, name) == 0)
      return &g_array_index (ab->weights, GbAbWeight, i);
  return NULL;
}

static void
test_branches (void)
{
  g_autoptr (GbTrace) trace = gb_sample_trace_new (GB_SAMPLE_BRANCHES);
  g_autoptr (GbTraceCursor) cursor = gb_trace_cursor_new (trace);
  g_autoptr (GbAb) code = gb_ab_new (cursor); /* the latest branch: one line of code */
  g_assert_cmpuint (code->branch_b, ==, 2);
  g_assert_cmpuint (code->iteration, ==, 55);
  g_assert_cmpuint (code->parted, ==, 43);
  g_assert_cmpuint (code->n_only_b, ==, 1);
  g_assert_cmpuint (code->n_only_a, ==, 0);
  g_assert_cmpuint (code->n_weights_known, ==, 6);
  g_assert_cmpuint (code->n_weights_different, ==, 5);
  g_assert_cmpuint (code->first_weight, ==, 43);
  g_assert_true (find_weight (code, "fc.bias")->is_same);
  const GbAbWeight *fc = find_weight (code, "fc.weight");
  g_assert_true (fc->has_values);
  g_assert_cmpuint (fc->values_a, ==, 55);
  g_assert_cmpuint (fc->values_b, ==, 55);

  /* The first branch: another knob, the same graph. */
  g_assert_true (gb_trace_cursor_set_beside_branch (cursor, 1));
  g_autoptr (GbAb) knob = gb_ab_new (cursor);
  g_assert_cmpuint (knob->branch_b, ==, 1);
  g_assert_cmpuint (knob->first_weight, ==, 31);
  const GbAbMetric *loss = &g_array_index (knob->metrics, GbAbMetric, 0);
  g_assert_cmpuint (loss->first_different, ==, 31);
  g_assert_cmpuint (loss->from, ==, 31);
  g_assert_cmpuint (loss->to, ==, 55);
  g_assert_cmpuint (loss->n, ==, 25);
  g_assert_cmpfloat (loss->mean_b, >, loss->mean_a);

  /* Looked at in the middle, nothing has parted yet. */
  gb_trace_cursor_set_position (cursor, gb_trace_find_iteration (trace, 20)->last_seq);
  g_autoptr (GbAb) before = gb_ab_new (cursor);
  g_assert_cmpuint (before->iteration, ==, 20);
  g_assert_cmpuint (before->n_weights_different, ==, 0);
  g_assert_cmpuint (before->parted, ==, 0);
  g_autofree char *said = gb_ab_verdict (before);
  g_assert_cmpstr (said, ==,
                   "loss is the same in both up to iteration 20. The graphs are the same (9 ops). All 6 "
                   "parameters are the same.");
}

/* The norm of the difference, from the elements themselves. */
static void
test_weights (void)
{
  g_autoptr (GbTrace) trace = gb_sample_trace_new (GB_SAMPLE_BRANCHES);
  g_autoptr (GbTraceCursor) cursor = gb_trace_cursor_new (trace);
  g_autoptr (GbAb) ab = gb_ab_new (cursor);
  const GbAbWeight *weight = find_weight (ab, "conv1.bias");
  const TeFactValues *a =
      gb_trace_get_values (ab->trace_a, gb_trace_get_param (trace, 1)->tensor, 0, G_MAXUINT64);
  const TeFactValues *b =
      gb_trace_get_values (ab->trace_b, gb_trace_get_param (trace, 1)->tensor, 0, G_MAXUINT64);
  const float *x = (const float *) ((const guint8 *) a + a->head.nbytes) - 8,
              *y = (const float *) ((const guint8 *) b + b->head.nbytes) - 8;
  double sum = 0, norm = 0, largest = 0;
  for (int i = 0; i < 8; i++)
    {
      sum += ((double) y[i] - x[i]) * ((double) y[i] - x[i]);
      norm += (double) x[i] * x[i];
      if (fabs ((double) y[i] - x[i]) > fabs (largest))
        largest = (double) y[i] - x[i];
    }
  g_assert_cmpfloat (fabs (weight->difference - sqrt (sum)), <, 1e-9);
  g_assert_cmpfloat (fabs (weight->relative - sqrt (sum / norm)), <, 1e-9);
  g_assert_cmpfloat (weight->largest, ==, largest);
  for (guint i = 1; i < ab->weights->len; i++)
    g_assert_cmpfloat (g_array_index (ab->weights, GbAbWeight, i - 1).relative, >=,
                       g_array_index (ab->weights, GbAbWeight, i).relative);
}

static void
test_texts (void)
{
  g_autoptr (GbTrace) trace = gb_sample_trace_new (GB_SAMPLE_BRANCHES);
  g_autoptr (GbTraceCursor) cursor = gb_trace_cursor_new (trace);
  g_autoptr (GbAb) ab = gb_ab_new (cursor);
  g_autofree char *verdict = gb_ab_verdict (ab), *side = gb_ab_side_text (ab, 1);
  g_assert_true (g_str_has_prefix (verdict, "B's loss is lower over the last 13 steps that both have: "));
  g_assert_true (g_str_has_suffix (
      verdict, " The graphs differ: 1 op only in B. 5 of 6 parameters differ, first at iteration 43."));
  g_assert_cmpstr (side, ==, "B: branch 2, 56 iterations");
  g_autoptr (GArray) knobs =
      gb_branch_changes (gb_trace_get_branch (trace, 0)->trace, gb_trace_get_branch (trace, 1)->trace);
  g_autofree char *changes = gb_branch_changes_text (knobs);
  g_assert_cmpstr (changes, ==, "lr 0.1 → 0.02, set in iteration 31");
}

/* Looking at a branch is looking at another trace through the same cursor; the run is then beside it. */
static void
test_shown (void)
{
  g_autoptr (GbTrace) trace = gb_sample_trace_new (GB_SAMPLE_BRANCHES);
  g_autoptr (GbTraceCursor) cursor = gb_trace_cursor_new (trace);
  g_assert_false (gb_trace_cursor_show_branch (cursor, 7));
  gb_trace_cursor_set_position (cursor, gb_trace_find_iteration (trace, 50)->last_seq);
  g_assert_true (gb_trace_cursor_show_branch (cursor, 1));
  g_assert_true (gb_trace_cursor_get_trace (cursor) != trace);
  g_assert_cmpuint (gb_trace_get_n_iterations (gb_trace_cursor_get_trace (cursor)), ==, 60);
  g_assert_cmpuint (gb_trace_cursor_get_iteration (cursor), ==, 50);
  guint branch;
  const char *name;
  g_assert_true (gb_trace_cursor_get_beside (cursor, &branch, &name) == trace);
  g_assert_cmpuint (branch, ==, 0);
  g_assert_null (name);
  gb_trace_cursor_show_branch (cursor, 0);
  g_assert_true (gb_trace_cursor_get_trace (cursor) == trace);
  g_assert_true (gb_trace_cursor_get_beside (cursor, &branch, &name) != trace);
  /* A recording of something else: it has little in common, and that is what is said. */
  g_autoptr (GbTrace) other = gb_sample_trace_new (GB_SAMPLE_BACKWARD);
  gb_trace_cursor_set_beside (cursor, other, "other.gbt");
  g_autoptr (GbAb) ab = gb_ab_new (cursor);
  g_assert_cmpuint (ab->metrics->len, ==, 0);
  g_assert_cmpuint (ab->n_weights_known, ==, 0);
  g_assert_cmpuint (ab->n_only_a, >, 0);
  g_assert_cmpuint (ab->n_only_b, >, 0);
}

static void
test_layout (void)
{
  PangoContext *pango = gb_draw_create_pango_context ("en");
  GbDrawContext ctx = {
    .theme = gb_theme_get (GB_THEME_LIGHT), .language = "en", .scale = 1, .pango = pango, .t = 1
  };
  static const double widths[] = { 240, 420, 720, 1600 };
  ctx.text = gb_text_cache_new (pango);
  for (guint w = 0; w < G_N_ELEMENTS (widths); w++)
    {
      g_autoptr (GbTrace) trace = gb_sample_trace_new (GB_SAMPLE_BRANCHES);
      g_autoptr (GbTraceCursor) cursor = gb_trace_cursor_new (trace);
      ctx.width = widths[w];
      ctx.height = 300;
      g_autoptr (GbAbLayout) all = gb_ab_layout_new (gb_ab_new (cursor), GB_AB_N_PARTS, &ctx);
      for (guint part = 1; part < GB_AB_N_PARTS; part++)
        g_assert_cmpfloat (all->parts[part].y, >=, all->parts[part - 1].y + all->parts[part - 1].height);
      const GbAbPanel *panel = &g_array_index (all->panels, GbAbPanel, 0);
      for (guint64 i = 1; i <= 55; i += 9)
        if (panel->width > 300)
          g_assert_cmpuint (
              gb_ab_layout_iteration_at (all, gb_ab_layout_x (all, panel, (double) i), panel->y + 5), ==, i);
      g_assert_cmpint (gb_ab_layout_weight_at (all, 30, all->weights_y + 1), ==, 0);
      g_assert_cmpint (gb_ab_layout_weight_at (all, 30, all->weights_y + 6 * GB_AB_ROW + 1), ==, -1);
      for (guint i = 0; i < all->boxes->len; i++)
        {
          const GbAbBox *box = &g_array_index (all->boxes, GbAbBox, i);
          g_assert_cmpfloat (all->graph_x + (box->x + box->width) * all->zoom, <=, ctx.width);
        }
      g_autoptr (GbAbLayout) one = gb_ab_layout_new (gb_ab_new (cursor), GB_AB_WEIGHTS, &ctx);
      g_assert_cmpfloat (one->parts[GB_AB_GRAPH].height, ==, 0);
      g_assert_cmpfloat (one->height, <, all->height);
    }
  gb_text_cache_free (ctx.text);
  g_object_unref (pango);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gb_i18n_init (g_getenv ("GRADBOARD_TEST_LOCALE"));
  gb_i18n_set_language ("en");
  g_test_add_func ("/ab/branches", test_branches);
  g_test_add_func ("/ab/weights", test_weights);
  g_test_add_func ("/ab/texts", test_texts);
  g_test_add_func ("/ab/shown", test_shown);
  g_test_add_func ("/ab/layout", test_layout);
  return g_test_run ();
}
