/* An environment: episodes and returns from what was told, cells and policy from what was shown. */
#include <math.h>
#include <string.h>

#include "core/dtype.h"
#include "env/env-draw.h"
#include "gallery.h"
#include "models/trace-builder.h"
#include "picture-fixture.h"

static void
test_room (void)
{
  Fixture f;
  double value, worth[4];

  fixture_open (&f, gb_sample_trace_new (GB_SAMPLE_ROOM), 640, 440);
  g_autoptr (GbEnvLayout) layout = gb_env_layout_new (f.cursor, &f.ctx);
  const GbEnv *env = layout->env;
  g_assert_cmpint (env->kind, ==, GB_ENV_GRID);
  g_assert_cmpint (env->rows, ==, 5);
  g_assert_cmpint (env->columns, ==, 5);
  g_assert_cmpint (gb_env_cell (env, 1, 1), ==, GB_ENV_WALL);
  g_assert_cmpint (gb_env_cell (env, 4, 4), ==, GB_ENV_GOAL);
  g_assert_cmpint (gb_env_cell (env, 2, 4), ==, GB_ENV_TRAP);
  g_assert_cmpuint (env->steps->len, ==, 13);
  g_assert_cmpuint (env->n_episodes, ==, 2);
  g_assert_cmpuint (env->first, ==, 6);
  g_assert_cmpuint (env->n, ==, 7);
  g_assert_cmpint (env->current, ==, 12);
  g_assert_cmpfloat_with_epsilon (env->mean, -1.1, 1e-9);
  g_assert_cmpfloat_with_epsilon (gb_env_step (env, 12)->total, -0.14, 1e-9);
  /* Away from the trap. */
  g_assert_cmpint (gb_env_policy (env, 1, 4, worth), !=, 2);
  g_assert_cmpfloat (worth[2], ==, -1);
  g_assert_cmpint (gb_env_policy (env, 4, 3, NULL), ==, 1);
  g_assert_true (gb_env_value (env, 4, 3, &value));
  g_assert_cmpfloat_with_epsilon (value, 0.98, 1e-6);
  for (gint64 row = 0; row < 5; row++)
    for (gint64 column = 0; column < 5; column++)
      {
        gint64 r, c;
        GbPick pick;
        g_assert_true (gb_env_layout_cell_at (layout, layout->x + (column + 0.5) * layout->cell,
                                              layout->y + (row + 0.5) * layout->cell, &r, &c));
        g_assert_true (gb_env_layout_pick_cell (layout, r, c, &pick));
        g_assert_true (gb_env_layout_find_cell (layout, &pick, &r, &c));
        g_assert_cmpint (r, ==, row);
        g_assert_cmpint (c, ==, column);
      }
  g_assert_cmpint (
      gb_env_layout_step_at (layout, layout->strip_x + 2.5 * layout->step_width, layout->strip_y + 20), ==,
      8);
  g_autofree char *text = gb_env_step_text (env, 5);
  g_assert_cmpstr (text, ==,
                   "episode 1, step 6: row 2, column 4, down, reward -1, -1.10 so far, the episode ends");
  fixture_close (&f);
}

/* The world is that of the position. */
static void
test_playback (void)
{
  Fixture f;
  GbPick pick;

  fixture_open (&f, gb_sample_trace_new (GB_SAMPLE_CART), 640, 360);
  g_autoptr (GbEnv) all = gb_env_new (f.cursor);
  g_assert_cmpint (all->kind, ==, GB_ENV_CART);
  g_assert_cmpuint (all->n, ==, 48);
  g_assert_cmpfloat (all->best, ==, 48);
  gb_trace_cursor_set_position (f.cursor, gb_env_step (all, 10)->seq);
  g_autoptr (GbEnvLayout) layout = gb_env_layout_new (f.cursor, &f.ctx);
  g_assert_cmpint (layout->env->current, ==, 10);
  g_assert_cmpint (gb_env_layout_shown (layout, f.selection), ==, 10);
  gb_env_layout_pick_step (layout, 30, &pick);
  gb_selection_set_pin (f.selection, &pick);
  g_assert_cmpint (gb_env_layout_shown (layout, f.selection), ==, 30);
  fixture_close (&f);
}

/* What is wrong is shown as such, and ends nothing. */
static void
test_odd (void)
{
  static const char *const told[] = {
    "{\"value\": \"nan\", \"row\": -3, \"column\": 1e9}",
    "{\"value\": \"inf\", \"row\": \"nan\", \"column\": 2, \"action\": \"right\"}",
    "{\"value\": 1, \"row\": 2, \"column\": 2, \"action\": 99}",
    "{\"value\": 1}",
  };
  GbTrace *trace = gb_trace_new ();
  g_autoptr (GbTraceBuilder) b = gb_trace_builder_new (trace);
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  Fixture f;

  for (guint i = 0; i < G_N_ELEMENTS (told); i++)
    gb_trace_builder_event (b, "env", told[i]);
  gb_trace_flush (trace);
  fixture_open (&f, trace, 320, 240);
  g_autoptr (GbEnvLayout) layout = gb_env_layout_new (f.cursor, &f.ctx);
  g_assert_cmpuint (layout->env->steps->len, ==, 3);
  g_assert_cmpint (layout->env->columns, ==, GB_ENV_MOST_SIDE);
  g_assert_cmpint (gb_env_step (layout->env, 1)->action, ==, 1);
  gb_env_draw (layout, &f.ctx, snapshot);
  gb_env_draw_overlay (layout, f.selection, &f.ctx, snapshot);
  gsk_render_node_unref (gtk_snapshot_free_to_node (snapshot));
  fixture_close (&f);
}

/* Twenty thousand steps of many episodes. */
static void
test_long (void)
{
  GbTrace *trace = gb_trace_new ();
  g_autoptr (GbTraceBuilder) b = gb_trace_builder_new (trace);
  Fixture f;

  for (int i = 0; i < 20000; i++)
    {
      g_autofree char *json = g_strdup_printf ("{\"value\": %d, \"row\": %d, \"column\": %d, \"done\": %s}",
                                               i % 3, i % 20, i % 17, i % 500 == 499 ? "true" : "false");
      gb_trace_builder_event (b, "env", json);
    }
  gb_trace_flush (trace);
  fixture_open (&f, trace, 1280, 800);
  for (int pass = 0; pass < 3; pass++)
    {
      GtkSnapshot *snapshot = gtk_snapshot_new ();
      gint64 start = g_get_monotonic_time ();
      g_autoptr (GbEnvLayout) layout = gb_env_layout_new (f.cursor, &f.ctx);
      gb_env_draw (layout, &f.ctx, snapshot);
      gb_env_draw_overlay (layout, f.selection, &f.ctx, snapshot);
      gsk_render_node_unref (gtk_snapshot_free_to_node (snapshot));
      g_test_message ("20 000 steps: %.2f ms", (g_get_monotonic_time () - start) / 1e3);
      g_assert_cmpuint (layout->env->n_episodes, ==, 40);
      g_assert_cmpuint (layout->env->n, ==, 500);
    }
  fixture_close (&f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gb_export_init ();
  g_test_add_func ("/env/room", test_room);
  g_test_add_func ("/env/playback", test_playback);
  g_test_add_func ("/env/odd", test_odd);
  g_test_add_func ("/env/long", test_long);
  return g_test_run ();
}
