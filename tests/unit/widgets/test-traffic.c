/* A service's requests: rates, percentiles, errors by version, the queue and what was written. */
#include <math.h>
#include <string.h>

#include "models/sample-trace.h"
#include "models/trace-builder.h"
#include "picture-fixture.h"
#include "traffic/traffic-draw.h"
#include "traffic/traffic-view.h"

static void
draw (GbTrafficLayout *layout, Fixture *f)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();

  gb_draw_fill (snapshot, gb_theme_role (f->ctx.theme, GB_ROLE_SURFACE), 0, 0, 10, 10);
  gb_traffic_draw (layout, &f->ctx, snapshot);
  gb_traffic_draw_overlay (layout, f->selection, &f->ctx, snapshot);
  gsk_render_node_unref (gtk_snapshot_free_to_node (snapshot));
}

/* Panels below each other, labels at the right a line apart, notes below all. */
static void
assert_apart (const GbTrafficLayout *layout)
{
  for (guint i = 1; i < layout->n_panels; i++)
    g_assert_cmpfloat (layout->panels[i - 1].y + layout->panels[i - 1].height + 12, <=, layout->panels[i].y);
  for (guint i = 1; i < layout->ends->len; i++)
    g_assert_cmpfloat (g_array_index (layout->ends, GbTrafficEnd, i).y
                           - g_array_index (layout->ends, GbTrafficEnd, i - 1).y,
                       >=, 14.9);
  if (layout->n_notes)
    g_assert_cmpfloat (layout->panels[layout->n_panels - 1].y + layout->panels[layout->n_panels - 1].height,
                       <, layout->notes_y);
}

static void
test_canary (void)
{
  Fixture f;
  guint n = 0, n_failed = 0;

  fixture_open (&f, gb_sample_trace_new (GB_SAMPLE_CANARY), 760, 500);
  g_autoptr (GbTrafficLayout) layout = gb_traffic_layout_new (f.cursor, &f.ctx);
  const GbTraffic *m = layout->model;
  g_assert_cmpuint (m->sum.n, ==, 2000);
  g_assert_cmpuint (m->n_versions, ==, 2);
  g_assert_cmpfloat (m->span_seconds, ==, 0.5);
  g_assert_cmpuint (m->spans->len, ==, 40);
  g_assert_cmpuint (m->n_alerts, ==, 1);
  g_assert_cmpuint (m->notes->len, ==, 5);
  g_assert_cmpuint (m->versions[0].sum.n_failed, ==, 0);
  g_assert_cmpuint (m->versions[1].sum.n, ==, 30 + 200);
  g_assert_cmpuint (m->versions[1].sum.n_failed + m->versions[1].sum.n_dropped, >=, 23);
  for (guint i = 0; i < m->spans->len; i++)
    {
      const GbTrafficSpan *span = gb_traffic_span (m, i);
      n += span->sum.n;
      n_failed += span->sum.n_failed;
      g_assert_cmpuint (span->n_of[0] + span->n_of[1], ==, span->sum.n);
      g_assert_cmpuint (span->sum.n, ==, 50);
      g_assert_cmpfloat (span->sum.p50, <=, span->sum.p95);
      g_assert_cmpfloat (span->sum.p95, <=, span->sum.p99);
      g_assert_cmpint (gb_traffic_find_span (m, span->seq), ==, i);
      g_assert_cmpuint (
          gb_traffic_layout_at (layout, gb_traffic_layout_x (layout, m->start + (i + 0.5) * 0.5), 100), ==,
          span->seq);
    }
  g_assert_cmpuint (n, ==, 2000);
  g_assert_cmpuint (n_failed, ==, m->sum.n_failed);
  g_assert_cmpuint (layout->n_panels, ==, 4);
  assert_apart (layout);
  for (guint i = layout->first_note; i < m->notes->len; i++)
    {
      GbBox box;
      gb_traffic_layout_note (layout, i, &box);
      g_assert_cmpuint (gb_traffic_layout_at (layout, 100, box.y + 8), ==, gb_traffic_note (m, i)->seq);
    }
  fixture_close (&f);
}

/* The least latency that so many do not exceed. */
static void
test_percentiles (void)
{
  Fixture f;

  fixture_open (&f, gb_trace_new (), 400, 300);
  g_autoptr (GbTraceBuilder) b = gb_trace_builder_new (f.trace);
  for (int i = 100; i >= 1; i--)
    {
      g_autofree char *json = g_strdup_printf ("{\"value\": %d, \"at\": 0}", i);
      gb_trace_builder_event (b, "request", json);
    }
  gb_trace_builder_event (b, "request", "{\"value\": 5000, \"at\": 0, \"dropped\": true}");
  gb_trace_flush (f.trace);
  g_autoptr (GbTraffic) m = gb_traffic_new (f.cursor);
  g_assert_cmpfloat (m->sum.p50, ==, 50);
  g_assert_cmpfloat (m->sum.p95, ==, 95);
  g_assert_cmpfloat (m->sum.p99, ==, 99);
  g_assert_cmpuint (m->sum.n_dropped, ==, 1);
  fixture_close (&f);
}

static void
test_awkward (void)
{
  static const double sizes[][2] = { { 760, 500 }, { 1280, 800 }, { 300, 200 }, { 60, 40 } };
  static const char *const lone[] = {
    "{\"value\": 1, \"at\": 0}",
    "{\"value\": \"nan\", \"at\": -5, \"version\": \"\"}",
    "{\"value\": -3, \"at\": 1e300, \"ok\": false}",
    "{\"value\": 1e300, \"at\": 1e12, \"dropped\": true}",
  };

  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
    for (guint i = 0; i <= G_N_ELEMENTS (lone); i++)
      {
        Fixture f;
        fixture_open (&f, gb_trace_new (), sizes[s][0], sizes[s][1]);
        g_autoptr (GbTraceBuilder) b = gb_trace_builder_new (f.trace);
        if (i < G_N_ELEMENTS (lone))
          gb_trace_builder_event (b, "request", lone[i]);
        for (int k = 0; k < 10000 && i == G_N_ELEMENTS (lone); k++)
          {
            g_autofree char *json =
                g_strdup_printf ("{\"value\": %d, \"at\": %d, \"version\": \"v%d\", \"ok\": %s}", k % 97, k,
                                 k % 9, k % 11 ? "true" : "false");
            gb_trace_builder_event (b, "request", json);
          }
        gb_trace_builder_event (b, "alert", "{\"value\": 1, \"at\": 0}");
        gb_trace_builder_event (b, "queue", "{\"value\": \"inf\", \"at\": 0}");
        gb_trace_flush (f.trace);
        g_autoptr (GbTrafficLayout) warm = gb_traffic_layout_new (f.cursor, &f.ctx);
        gint64 start = g_get_monotonic_time ();
        g_autoptr (GbTrafficLayout) layout = gb_traffic_layout_new (f.cursor, &f.ctx);
        g_assert_nonnull (layout->model);
        g_assert_cmpuint (layout->model->spans->len, <=, 2 * GB_TRAFFIC_SPANS);
        draw (layout, &f);
        g_test_message ("%u requests at %gx%g: %.2f ms", layout->model->sum.n, sizes[s][0], sizes[s][1],
                        (g_get_monotonic_time () - start) / 1e3);
        g_autofree char *sentence = gb_traffic_sentence (layout->model);
        g_assert_cmpuint (strlen (sentence), >, 10);
        fixture_close (&f);
      }
}

static void
test_offers (void)
{
  for (GbSample sample = 0; sample < GB_N_SAMPLES; sample++)
    {
      Fixture f;
      fixture_open (&f, gb_sample_trace_new (sample), 480, 340);
      g_assert_cmpint (gb_traffic_view_def.relevance (f.cursor) > 0, ==, sample == GB_SAMPLE_CANARY);
      fixture_close (&f);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gb_export_init ();
  g_test_add_func ("/traffic/canary", test_canary);
  g_test_add_func ("/traffic/percentiles", test_percentiles);
  g_test_add_func ("/traffic/awkward", test_awkward);
  g_test_add_func ("/traffic/offers", test_offers);
  return g_test_run ();
}
