/* Lanes: every operation has its phase, its place among the others and its length; what ran inside another
 * lies within it; and a bar that is pointed at is found again. */
#include "core/dtype.h"
#include "lanes/lanes-draw.h"
#include "lanes/lanes-view.h"
#include "models/sample-trace.h"
#include "models/trace-builder.h"

static guint64
run_op (GbTraceBuilder *b, const char *name, guint16 flags, guint32 nsec, guint status)
{
  static const gint64 n3[] = { 3 };
  GbBuiltTensor t = gb_trace_builder_make (b, TE_FLOAT32, 1, n3);
  guint64 call = gb_trace_builder_op_begin (b, name, flags, 0, &t.id, 1, "");
  gb_trace_builder_op_end (b, call, &t, status ? 0 : 1, nsec, status);
  return call;
}

static void
test_lanes (void)
{
  static const double sizes[][2] = { { 1280, 800 }, { 840, 300 }, { 300, 200 }, { 120, 80 }, { 30, 20 } };
  PangoContext *pango = gb_draw_create_pango_context ("en");
  g_autoptr (GbTrace) trace = gb_trace_new ();
  g_autoptr (GbTraceCursor) cursor = gb_trace_cursor_new (trace);
  g_autoptr (GbSelection) selection = gb_selection_new ();
  g_autoptr (GbTraceBuilder) b = gb_trace_builder_new (trace);
  GbDrawContext ctx = {
    .theme = gb_theme_get (GB_THEME_LIGHT), .language = "en", .scale = 1, .pango = pango, .t = 1
  };
  guint64 calls[4];

  ctx.text = gb_text_cache_new (pango);
  for (int i = 0; i < 2; i++)
    {
      calls[0] = run_op (b, "mm", 0, 3000, 0);
      calls[1] = run_op (b, "relu", 0, 1000, 0);
      calls[2] = run_op (b, "mm", TE_WIRE_OP_BACKWARD, 6000, 0);
      calls[3] = run_op (b, "add_", TE_WIRE_OP_OPTIMIZER, 2000, 0);
      gb_trace_builder_iteration (b);
    }
  gb_trace_flush (trace);
  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      GtkSnapshot *snapshot = gtk_snapshot_new ();
      ctx.width = sizes[s][0], ctx.height = sizes[s][1];
      g_autoptr (GbLanesLayout) layout = gb_lanes_layout_new (cursor, &ctx);
      gb_draw_fill (snapshot, gb_theme_role (ctx.theme, GB_ROLE_SURFACE), 0, 0, 10, 10);
      gb_lanes_draw (layout, trace, &ctx, snapshot);
      gb_lanes_draw_overlay (layout, trace, selection, &ctx, snapshot);
      gsk_render_node_unref (gtk_snapshot_free_to_node (snapshot));
      /* The iteration that has just begun is empty: the one before it is shown. */
      g_assert_cmpuint (layout->iteration, ==, 2);
      g_assert_cmpuint (layout->bars->len, ==, 4);
      g_assert_cmpuint (layout->total_nsec, ==, 12000);
      g_assert_cmpuint (layout->lane_nsec[GB_LANE_FORWARD], ==, 4000);
      g_assert_cmpuint (layout->lane_nsec[GB_LANE_BACKWARD], ==, 6000);
      g_assert_cmpuint (layout->lane_nsec[GB_LANE_OPTIMIZER], ==, 2000);
      for (int i = 0; i < 4 && ctx.width >= 300; i++)
        {
          double x, y, width;
          g_assert_cmpint (gb_lanes_layout_find (layout, calls[i]), ==, i);
          gb_lanes_layout_place (layout, &g_array_index (layout->bars, GbLaneBar, i), &x, &y, &width);
          g_assert_cmpint (gb_lanes_layout_at (layout, x + width / 2, y + layout->bar_height / 2), ==, i);
          g_assert_cmpfloat (x + width, <=, ctx.width);
        }
    }
  gb_text_cache_free (ctx.text);
  g_object_unref (pango);
}

/* Many operations, and one that raised. */
static void
test_many (void)
{
  PangoContext *pango = gb_draw_create_pango_context ("en");
  g_autoptr (GbTrace) trace = gb_trace_new ();
  g_autoptr (GbTraceCursor) cursor = gb_trace_cursor_new (trace);
  g_autoptr (GbTraceBuilder) b = gb_trace_builder_new (trace);
  GbDrawContext ctx = { .theme = gb_theme_get (GB_THEME_LIGHT),
                        .language = "en",
                        .scale = 1,
                        .pango = pango,
                        .t = 1,
                        .width = 1280,
                        .height = 800 };
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  guint64 failed;

  ctx.text = gb_text_cache_new (pango);
  for (int i = 0; i < 3000; i++)
    run_op (b, "add", 0, 500 + i % 7 * 100, 0);
  failed = run_op (b, "mm", 0, 900, 1);
  gb_trace_flush (trace);
  gint64 start = g_get_monotonic_time ();
  g_autoptr (GbLanesLayout) layout = gb_lanes_layout_new (cursor, &ctx);
  gb_lanes_draw (layout, trace, &ctx, snapshot);
  gsk_render_node_unref (gtk_snapshot_free_to_node (snapshot));
  g_test_message ("3 001 operations: %.2f ms", (g_get_monotonic_time () - start) / 1e3);
  g_assert_cmpuint (layout->iteration, ==, 0);
  g_assert_cmpuint (layout->bars->len, ==, 3001);
  g_assert_true (g_array_index (layout->bars, GbLaneBar, gb_lanes_layout_find (layout, failed)).failed);
  g_autofree char *text = gb_lanes_bar_text (trace, &g_array_index (layout->bars, GbLaneBar, 3000));
  g_assert_cmpstr (text, ==, "mm, raised");
  gb_text_cache_free (ctx.text);
  g_object_unref (pango);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gb_export_init ();
  g_test_add_func ("/lanes/lanes", test_lanes);
  g_test_add_func ("/lanes/many", test_many);
  return g_test_run ();
}
