/* An interview's board: weights, points and the next level are computed, wrong sessions are read as far as
 * they are right, and hidden scores are told nowhere. */
#include <math.h>
#include <string.h>

#include "board/board-draw.h"
#include "board/board-view.h"
#include "models/sample-trace.h"
#include "models/trace-builder.h"
#include "picture-fixture.h"

static void
draw (GbBoardLayout *layout, Fixture *f)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();

  gb_draw_fill (snapshot, gb_theme_role (f->ctx.theme, GB_ROLE_SURFACE), 0, 0, 10, 10);
  gb_board_draw (layout, &f->ctx, snapshot);
  gb_board_draw_overlay (layout, f->selection, &f->ctx, snapshot);
  gsk_render_node_unref (gtk_snapshot_free_to_node (snapshot));
}

static void
assert_apart (const GbBoardLayout *layout)
{
  const GbBox *parts[] = { &layout->plan, &layout->ladder, &layout->scores, &layout->rubric };

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    for (guint k = 0; k < i && parts[i]->width > 0; k++)
      g_assert_false (parts[k]->width > 0 && parts[i]->x < parts[k]->x + parts[k]->width
                      && parts[k]->x < parts[i]->x + parts[i]->width
                      && parts[i]->y < parts[k]->y + parts[k]->height
                      && parts[k]->y < parts[i]->y + parts[i]->height);
}

static void
test_interview (void)
{
  Fixture f;
  GbBox box, last = { 0 };
  GbPick pick;

  fixture_open (&f, gb_sample_trace_new (GB_SAMPLE_INTERVIEW), 860, 470);
  g_autoptr (GbBoardLayout) layout = gb_board_layout_new (f.cursor, &f.ctx);
  const GbInterview *m = layout->model;
  g_assert_cmpuint (m->sections->len, ==, 6);
  g_assert_cmpuint (m->questions->len, ==, 10);
  g_assert_cmpint (gb_interview_now (m), ==, 7);
  g_assert_cmpfloat_with_epsilon (m->means[GB_DIMENSION_BASICS], 3.5, 1e-12);
  g_assert_cmpfloat_with_epsilon (m->means[GB_DIMENSION_PRACTICE], 5.0 / 3, 1e-12);
  g_assert_cmpfloat_with_epsilon (m->means[GB_DIMENSION_OPTIMISE], 3.5, 1e-12);
  g_assert_true (isnan (m->means[GB_DIMENSION_INNOVATE]));
  g_assert_cmpuint (m->scored_weight, ==, 80);
  g_assert_cmpfloat_with_epsilon (m->points, 100 * (25 * 3.5 + 30 * 5.0 / 3 + 25 * 3.5) / 4 / 80, 1e-9);
  /* Two right up, two wrong down, two right up again. */
  g_assert_cmpint (m->next_level, ==, GB_LEVEL_SENIOR);
  g_assert_cmpfloat_with_epsilon (m->planned_left, 2.5 + 12 + 14, 1e-9);
  guint weights = 0;
  for (GbDimension d = 0; d < GB_N_DIMENSIONS; d++)
    weights += gb_dimension_weight (d);
  g_assert_cmpuint (weights, ==, 100);
  assert_apart (layout);
  g_assert_cmpfloat (layout->scores.width, >, 0);
  g_assert_cmpfloat (layout->rubric.width, >, 0);
  for (guint i = 0; i < m->sections->len; i++)
    {
      gb_board_layout_section (layout, i, &box);
      if (i)
        g_assert_cmpfloat_with_epsilon (box.x, last.x + last.width, 1e-6);
      last = box;
    }
  for (guint i = 0; i < m->questions->len; i++)
    {
      double x, y;
      gb_board_layout_question (layout, i, &x, &y);
      g_assert_cmpint (gb_board_layout_at (layout, x, y), ==, i);
      gb_board_layout_pick (i, &pick);
      g_assert_cmpint (gb_board_layout_picked (layout, &pick), ==, i);
    }
  g_assert_cmpint (gb_board_layout_dimension (layout, -1), ==, GB_DIMENSION_PRACTICE);
  g_assert_cmpint (gb_board_layout_dimension (layout, 0), ==, GB_DIMENSION_BASICS);
  fixture_close (&f);
}

/* Who looks on sees no score in any word. */
static void
test_hidden (void)
{
  g_autoptr (GbInterview) m =
      gb_interview_new ("{\"hidden\": true, \"minutes\": 10, \"questions\": [{\"title\": \"q\", \"level\": "
                        "\"mid\", \"dimension\": \"basics\","
                        " \"state\": \"done\", \"score\": 3}]}");

  g_autofree char *sentence = gb_board_sentence (m), *question = gb_board_question_text (m, 0),
                  *dimension = gb_board_dimension_text (m, GB_DIMENSION_BASICS);
  g_assert_null (strstr (sentence, "points"));
  g_assert_null (strstr (question, "score"));
  g_assert_nonnull (strstr (dimension, "no score"));
}

/* What is attached comes before what a program told; without either there is nothing. */
static void
test_attached (void)
{
  Fixture f;

  fixture_open (&f, gb_sample_trace_new (GB_SAMPLE_INTERVIEW), 860, 470);
  gb_interview_attach (f.cursor, "{\"candidate\": \"other\"}");
  g_autoptr (GbInterview) attached = gb_interview_at (f.cursor);
  g_assert_cmpstr (attached->candidate, ==, "other");
  gb_interview_attach (f.cursor, NULL);
  g_autoptr (GbInterview) told = gb_interview_at (f.cursor);
  g_assert_cmpstr (told->candidate, ==, "L. Chen");
  fixture_close (&f);
  for (GbSample sample = 0; sample < GB_N_SAMPLES; sample++)
    {
      fixture_open (&f, gb_sample_trace_new (sample), 480, 340);
      g_assert_cmpint (gb_board_view_def.relevance (f.cursor) > 0, ==, sample == GB_SAMPLE_INTERVIEW);
      fixture_close (&f);
    }
}

static void
test_awkward (void)
{
  static const char *const sessions[] = {
    "{}",
    "{\"minutes\": -3, \"elapsed\": \"x\", \"sections\": 5, \"questions\": {}, \"rubric\": []}",
    "{\"sections\": [1, {}, {\"title\": 3, \"minutes\": 1e300}], \"questions\": [null, {}, {\"level\": "
    "\"mid\"}]}",
    "{\"elapsed\": 90, \"minutes\": 60, \"sections\": [{\"title\": \"s\", \"minutes\": 0, \"spent\": 9, "
    "\"state\": \"now\"}],"
    " \"questions\": [{\"title\": \"\", \"level\": \"expert\", \"dimension\": \"innovate\", \"score\": 9, "
    "\"hints\": -1}],"
    " \"rubric\": {\"innovate\": [\"a\", 2, \"c\", \"d\", \"e\", \"f\"]}}",
  };
  static const double sizes[][2] = { { 860, 470 }, { 1280, 800 }, { 320, 200 }, { 60, 40 } };
  g_autoptr (GString) many = g_string_new ("{\"minutes\": 600, \"sections\": [");

  for (int i = 0; i < 100; i++)
    g_string_append_printf (many, "%s{\"title\": \"section %d\", \"minutes\": 5}", i ? ", " : "", i);
  g_string_append (many, "], \"questions\": [");
  for (int i = 0; i < 1000; i++)
    g_string_append_printf (
        many, "%s{\"title\": \"q\", \"level\": \"%s\", \"dimension\": \"basics\", \"score\": %d}",
        i ? ", " : "", i % 2 ? "mid" : "expert", i % 5);
  g_string_append (many, "]}");
  g_assert_null (gb_interview_new ("[]"));
  g_assert_null (gb_interview_new ("{"));
  for (guint i = 0; i <= G_N_ELEMENTS (sessions); i++)
    for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
      {
        Fixture f;
        fixture_open (&f, gb_trace_new (), sizes[s][0], sizes[s][1]);
        gb_interview_attach (f.cursor, i < G_N_ELEMENTS (sessions) ? sessions[i] : many->str);
        gint64 start = g_get_monotonic_time ();
        g_autoptr (GbBoardLayout) layout = gb_board_layout_new (f.cursor, &f.ctx);
        g_assert_nonnull (layout->model);
        g_assert_cmpuint (layout->model->questions->len, <=, GB_INTERVIEW_MOST_QUESTIONS);
        assert_apart (layout);
        draw (layout, &f);
        g_test_message ("%u questions at %gx%g: %.2f ms", layout->model->questions->len, sizes[s][0],
                        sizes[s][1], (g_get_monotonic_time () - start) / 1e3);
        g_autofree char *sentence = gb_board_sentence (layout->model);
        g_assert_cmpuint (strlen (sentence), >, 5);
        fixture_close (&f);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gb_export_init ();
  g_test_add_func ("/board/interview", test_interview);
  g_test_add_func ("/board/hidden", test_hidden);
  g_test_add_func ("/board/attached", test_attached);
  g_test_add_func ("/board/awkward", test_awkward);
  return g_test_run ();
}
