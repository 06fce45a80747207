/* What ranks do beside each other: messages find their receivers in order, collectives begin when the last
 * has come, and who is missing or dead is told. */
#include <math.h>
#include <string.h>

#include "models/sample-trace.h"
#include "models/trace-builder.h"
#include "picture-fixture.h"
#include "ranks/ranks-draw.h"
#include "ranks/ranks-view.h"

static void
draw (GbRanksLayout *layout, Fixture *f)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();

  gb_draw_fill (snapshot, gb_theme_role (f->ctx.theme, GB_ROLE_SURFACE), 0, 0, 10, 10);
  gb_ranks_draw (layout, &f->ctx, snapshot);
  gb_ranks_draw_overlay (layout, f->selection, &f->ctx, snapshot);
  gsk_render_node_unref (gtk_snapshot_free_to_node (snapshot));
}

static void
assert_apart (const GbRanksLayout *layout)
{
  for (guint i = 0; i < layout->labels->len; i++)
    {
      const GbBox *a = &g_array_index (layout->labels, GbRanksLabel, i).box;
      g_assert_cmpfloat (a->x, >=, layout->x - 1e-6);
      g_assert_cmpfloat (a->x + a->width, <=, layout->x + layout->plot_width + 1e-6);
      for (guint k = 0; k < i; k++)
        {
          const GbBox *b = &g_array_index (layout->labels, GbRanksLabel, k).box;
          g_assert_false (a->x < b->x + b->width && b->x < a->x + a->width && a->y < b->y + b->height
                          && b->y < a->y + a->height);
        }
    }
}

static void
test_ring (void)
{
  Fixture f;
  GbRanksOptions options = { 0 };
  GbPick pick;
  GbBox box;

  fixture_open (&f, gb_sample_trace_new (GB_SAMPLE_RING), 840, 320);
  g_autoptr (GbRanksLayout) layout = gb_ranks_layout_new (f.cursor, &options, &f.ctx);
  const GbRanks *m = layout->model;
  g_assert_cmpuint (m->ranks->len, ==, 4);
  g_assert_cmpuint (m->n_messages, ==, 24);
  g_assert_cmpuint (m->n_lost, ==, 0);
  for (guint i = 0; i < 4; i++)
    {
      /* 2 (n - 1) rounds of a quarter: 1.5 MiB for a sum of 1 MiB. */
      g_assert_cmpfloat (gb_ranks_rank (m, i)->sent, ==, 6 * 262144.0);
      g_assert_cmpfloat (gb_ranks_rank (m, i)->received, ==, 6 * 262144.0);
    }
  /* Rank 0 waits for rank 3, which computes longest. */
  g_assert_cmpfloat_with_epsilon (gb_ranks_rank (m, 0)->waited, 0.010, 1e-9);
  g_assert_cmpfloat_with_epsilon (gb_ranks_rank (m, 3)->waited_for, 0.010, 1e-9);
  for (guint i = 0; i < m->bars->len; i++)
    {
      const GbRankBar *bar = gb_ranks_bar (m, i);
      if (bar->kind == GB_RANK_SEND)
        {
          const GbRankBar *other = gb_ranks_bar (m, (guint) bar->other);
          g_assert_cmpint (other->kind, ==, GB_RANK_RECV);
          g_assert_cmpint (gb_ranks_rank (m, other->lane)->number, ==, bar->peer);
          g_assert_cmpint (other->other, ==, i);
        }
      gb_ranks_layout_pick (layout, i, &pick);
      g_assert_cmpint (gb_ranks_layout_picked (layout, &pick), ==, i);
      gb_ranks_layout_bar (layout, i, &box);
      if (box.width >= 2)
        g_assert_cmpint (gb_ranks_layout_at (layout, box.x + box.width / 2, box.y + 2), ==, i);
    }
  assert_apart (layout);
  /* Half of the time, twice as wide. */
  options.zoom = 2, options.center = 0.75;
  g_autoptr (GbRanksLayout) half = gb_ranks_layout_new (f.cursor, &options, &f.ctx);
  g_assert_cmpfloat_with_epsilon (half->to, m->end, 1e-12);
  g_assert_cmpfloat_with_epsilon (half->from, (m->start + m->end) / 2, 1e-12);
  /* Along a lane, and to the next. */
  g_assert_cmpint (gb_ranks_layout_beside (layout, 0, 0, 1), ==, 1);
  g_assert_cmpint (gb_ranks_layout_beside (layout, 1, 1, 0), ==, 3);
  g_assert_cmpint (gb_ranks_layout_beside (layout, 0, -1, 0), ==, 0);
  fixture_close (&f);
}

static void
test_deserted (void)
{
  Fixture f;

  fixture_open (&f, gb_sample_trace_new (GB_SAMPLE_DESERTED), 640, 320);
  g_autoptr (GbRanks) m = gb_ranks_new (f.cursor);
  g_assert_cmpuint (m->meetings->len, ==, 2);
  g_assert_cmpuint (gb_ranks_missing (m, 0), ==, 0);
  g_assert_cmpuint (gb_ranks_missing (m, 1), ==, 2);
  g_assert_false (isnan (gb_ranks_rank (m, 3)->dead_at));
  /* All but the last wait at the first one, for rank 3. */
  g_assert_cmpuint (gb_ranks_meeting (m, 0)->last_lane, ==, 3);
  g_assert_cmpfloat_with_epsilon (gb_ranks_rank (m, 3)->waited_for, 0.018 + 0.012 + 0.006, 1e-9);
  /* Who waits for ever waits as long as anything is known. */
  for (guint i = 0; i < m->bars->len; i++)
    if (gb_ranks_bar (m, i)->is_open)
      g_assert_cmpfloat (gb_ranks_bar (m, i)->ready, ==, m->end);
  g_autofree char *sentence = gb_ranks_sentence (m);
  g_assert_nonnull (strstr (sentence, "Rank 3"));
  g_autofree char *meeting = gb_ranks_meeting_text (m, 1);
  g_assert_cmpstr (meeting, ==, "all_reduce 2: 2 of 4 ranks came");
  fixture_close (&f);
}

/* One rank skips a collective; ranks call different ones; a message is lost. */
static void
test_troubles (void)
{
  Fixture f;

  fixture_open (&f, gb_trace_new (), 640, 320);
  g_autoptr (GbTraceBuilder) b = gb_trace_builder_new (f.trace);
  gb_trace_builder_event (b, "all_reduce", "{\"value\": 1, \"rank\": 0, \"at\": 0}");
  gb_trace_builder_event (b, "broadcast", "{\"value\": 1, \"rank\": 1, \"at\": 0}");
  gb_trace_builder_event (b, "barrier", "{\"value\": \"inf\", \"rank\": 0, \"at\": 2}");
  gb_trace_builder_event (b, "send", "{\"value\": 1, \"rank\": 1, \"at\": 2, \"peer\": 0, \"bytes\": -5}");
  gb_trace_builder_event (b, "send", "{\"value\": 1, \"rank\": 1, \"at\": 3, \"peer\": 77}");
  gb_trace_flush (f.trace);
  g_autoptr (GbRanks) m = gb_ranks_new (f.cursor);
  g_assert_cmpuint (m->ranks->len, ==, 3);
  g_assert_true (gb_ranks_meeting (m, 0)->is_mixed);
  g_assert_cmpuint (m->n_lost, ==, 2);
  for (guint i = 0; i < m->bars->len; i++)
    {
      g_autofree char *text = gb_ranks_bar_text (m, i);
      g_assert_cmpuint (strlen (text), >, 8);
    }
  fixture_close (&f);
}

/* None, one, very many; times that are no numbers, or not told. */
static void
test_awkward (void)
{
  static const double sizes[][2] = { { 840, 320 }, { 1280, 800 }, { 320, 160 }, { 60, 40 } };
  static const char *const lone[] = {
    "{\"value\": 1, \"rank\": 0}",
    "{\"value\": \"nan\", \"rank\": 5, \"at\": \"nan\"}",
    "{\"value\": -3, \"rank\": 0, \"at\": 1e300}",
    "{\"value\": 1e300, \"rank\": 999999, \"at\": -1e300, \"peer\": -1}",
  };

  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
    for (guint i = 0; i <= G_N_ELEMENTS (lone); i++)
      {
        Fixture f;
        fixture_open (&f, gb_trace_new (), sizes[s][0], sizes[s][1]);
        g_autoptr (GbTraceBuilder) b = gb_trace_builder_new (f.trace);
        if (i < G_N_ELEMENTS (lone))
          gb_trace_builder_event (b, "send", lone[i]);
        for (int rank = 0; rank < 300 && i == G_N_ELEMENTS (lone); rank++)
          for (int k = 0; k < 20; k++)
            {
              g_autofree char *json = g_strdup_printf (
                  "{\"value\": 0.5, \"rank\": %d, \"peer\": %d, \"bytes\": 1e9}", rank, (rank + 1) % 300);
              gb_trace_builder_event (b, k % 3 == 0 ? "all_reduce" : k % 3 == 1 ? "send" : "recv", json);
            }
        gb_trace_flush (f.trace);
        gint64 start = g_get_monotonic_time ();
        g_autoptr (GbRanksLayout) layout = gb_ranks_layout_new (f.cursor, &(GbRanksOptions){ 0 }, &f.ctx);
        g_assert_nonnull (layout->model);
        g_assert_cmpuint (layout->model->ranks->len, <=, GB_RANKS_MOST);
        assert_apart (layout);
        draw (layout, &f);
        g_test_message ("%u bars at %gx%g: %.2f ms", layout->model->bars->len, sizes[s][0], sizes[s][1],
                        (g_get_monotonic_time () - start) / 1e3);
        fixture_close (&f);
      }
}

/* A view that has nothing to show is not offered. */
static void
test_offers (void)
{
  for (GbSample sample = 0; sample < GB_N_SAMPLES; sample++)
    {
      Fixture f;
      fixture_open (&f, gb_sample_trace_new (sample), 480, 340);
      g_assert_cmpint (gb_ranks_view_def.relevance (f.cursor) > 0, ==,
                       sample == GB_SAMPLE_RING || sample == GB_SAMPLE_DESERTED);
      fixture_close (&f);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gb_export_init ();
  g_test_add_func ("/ranks/ring", test_ring);
  g_test_add_func ("/ranks/deserted", test_deserted);
  g_test_add_func ("/ranks/troubles", test_troubles);
  g_test_add_func ("/ranks/awkward", test_awkward);
  g_test_add_func ("/ranks/offers", test_offers);
  return g_test_run ();
}
