/* Every figure that the views have a limit for, in processor time of the thread that draws: what else the machine does
 * is not measured.  Frames are those of a real window of 1280×800 with GTK's cairo renderer: from what a person does until
 * the frame that shows it is painted, the server's own work not included. */
#include "cli/bench-views.h"
#include "cli/bench-run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/commands.h"
#include "common/i18n.h"
#include "common/view.h"
#include "core/dtype.h"
#include "models/graph-model.h"
#include "models/sample-trace.h"
#include "models/trace-builder.h"
#include "view-registry.h"

#define WIDTH         1280
#define HEIGHT        800
#define ROUNDS        7
#define GESTURE       60 /* frames of a pan, a zoom, a scroll */
#define CHANGE_MSEC   5.0
#define FRAME_MSEC    16.7
#define HEAT_MSEC     3.0
#define CHART_MSEC    5.0
#define GRAPH_NODES   3000
#define HEAT_SIDE     512
#define CHART_POINTS  1000000
#define TABLE_ROWS    100000

static guint n_over;

static double
processor_msec (void)
{
  struct timespec now;
  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (double) now.tv_sec * 1e3 + (double) now.tv_nsec / 1e6;
}

static void
print_figure (const char *figure, const char *unit, double value, double limit)
{
  gboolean over = !(value <= limit);
  n_over += over;
  g_print ("%-44s %6s %10.3g %8.3g  %s\n", figure, unit, value, limit, over ? _ ("OVER") : _ ("holds"));
}

/* ---- a window with one view ---- */

typedef struct
{
  GtkWindow *window;
  GbView *view;
  GMainLoop *loop;
  gulong painted;
  guint patience;
  double cost;
} Stage;

static void
on_painted (GdkFrameClock *clock, Stage *stage)
{
  g_main_loop_quit (stage->loop);
}

static gboolean
on_patience (gpointer data)
{
  ((Stage *) data)->patience = 0;
  g_main_loop_quit (((Stage *) data)->loop);
  return G_SOURCE_REMOVE;
}

/* Until the next frame is painted, or half a second when nothing asks for one. */
static void
stage_frame (Stage *stage)
{
  stage->patience = g_timeout_add (500, on_patience, stage);
  g_main_loop_run (stage->loop);
  g_clear_handle_id (&stage->patience, g_source_remove);
}

static void
stage_rest (Stage *stage, guint msec)
{
  gint64 end = g_get_monotonic_time () + msec * 1000;
  while (g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
}

static void
stage_open (Stage *stage, const GbViewDef *def, GbTraceCursor *cursor)
{
  g_autoptr (GbSelection) selection = gb_selection_new ();
  *stage = (Stage){ .loop = g_main_loop_new (NULL, FALSE) };
  stage->window = GTK_WINDOW (gtk_window_new ());
  stage->view = GB_VIEW (def->new_widget (cursor, selection));
  gtk_window_set_decorated (stage->window, FALSE);
  gtk_window_set_default_size (stage->window, WIDTH, HEIGHT);
  gtk_window_set_child (stage->window, GTK_WIDGET (stage->view));
  gtk_window_present (stage->window);
  stage->painted = g_signal_connect (gtk_widget_get_frame_clock (GTK_WIDGET (stage->window)), "after-paint",
                                     G_CALLBACK (on_painted), stage);
  stage_frame (stage);
  stage_rest (stage, 60);
}

static void
stage_close (Stage *stage)
{
  g_signal_handler_disconnect (gtk_widget_get_frame_clock (GTK_WIDGET (stage->window)), stage->painted);
  gtk_window_destroy (stage->window);
  g_main_loop_unref (stage->loop);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

/* ---- one changed element, camera still ---- */

static GbTraceCursor *
best_sample (const GbViewDef *def)
{
  GbTraceCursor *cursor = NULL;
  int best = -1;
  for (int sample = 0; sample < GB_N_SAMPLES; sample++)
    {
      g_autoptr (GbTrace) trace = gb_sample_trace_new ((GbSample) sample);
      g_autoptr (GbTraceCursor) candidate = gb_trace_cursor_new (trace);
      int relevance = def->relevance (candidate);
      if (relevance <= best)
        continue;
      best = relevance;
      g_set_object (&cursor, candidate);
    }
  return cursor;
}

/* The element beside the pinned one is pinned. */
static double
cost_of_move (Stage *stage)
{
  GbSelection *selection = gb_view_get_selection (stage->view);
  double least = INFINITY;
  for (int round = 0; round < ROUNDS && GB_VIEW_GET_CLASS (stage->view)->move; round++)
    {
      static const GbMove moves[] = { GB_MOVE_RIGHT, GB_MOVE_DOWN, GB_MOVE_LEFT, GB_MOVE_UP };
      GbPick to = { 0 };
      gboolean moved = FALSE;
      double begin = processor_msec ();
      for (guint i = 0; i < G_N_ELEMENTS (moves) && !moved; i++)
        moved = GB_VIEW_GET_CLASS (stage->view)->move (stage->view, moves[((guint) round + i) % 4],
                                                       gb_selection_get_pin (selection), &to)
                && !gb_pick_equal (&to, gb_selection_get_pin (selection));
      if (!moved)
        break;
      gb_selection_set_pin (selection, &to);
      stage_frame (stage);
      least = fmin (least, processor_msec () - begin);
      stage_rest (stage, 20);
    }
  return least;
}

/* The playhead goes to the stop before and back again: what it passes changes in the picture. */
static double
cost_of_step (Stage *stage)
{
  static const GbStepUnit units[] = { GB_STEP_OP, GB_STEP_NODE, GB_STEP_ITERATION };
  GbTraceCursor *cursor = gb_view_get_cursor (stage->view);
  double least = INFINITY;
  int direction = -1;
  for (int round = 0; round < ROUNDS; round++, direction = -direction)
    {
      double begin = processor_msec ();
      gboolean moved = FALSE;
      for (guint i = 0; i < G_N_ELEMENTS (units) && !moved; i++)
        moved = gb_trace_cursor_step (cursor, units[i], direction);
      if (!moved)
        gb_trace_cursor_set_position (cursor, gb_trace_cursor_get_position (cursor) + (direction < 0 ? -1 : 1));
      stage_frame (stage);
      least = fmin (least, processor_msec () - begin);
      stage_rest (stage, 20);
    }
  return least;
}

static void
bench_changes (const char *only)
{
  for (guint i = 0; i < gb_view_registry_get_n (); i++)
    {
      const GbViewDef *def = gb_view_registry_get (i);
      if (only && strcmp (only, def->id) != 0)
        continue;
      g_autoptr (GbTraceCursor) cursor = best_sample (def);
      g_autofree char *pinned = g_strdup_printf ("%s: %s", def->id, _ ("another element is pinned")),
                      *stepped = g_strdup_printf ("%s: %s", def->id, _ ("one step of the program"));
      Stage stage;
      stage_open (&stage, def, cursor);
      double move = cost_of_move (&stage);
      if (isfinite (move))
        print_figure (pinned, "ms", move, CHANGE_MSEC);
      print_figure (stepped, "ms", cost_of_step (&stage), CHANGE_MSEC);
      stage_close (&stage);
    }
}

/* ---- large things ---- */

/* A graph of n ops of which no part is like another, with edges that pass some of them. */
static GbTraceCursor *
large_graph (guint n)
{
  static const char *const ops[] = { "mul", "add", "sin", "relu", "matmul", "exp", "sub", "tanh" };
  static const gint64 sizes[] = { 8, 16 };
  g_autoptr (GbTrace) trace = gb_trace_new ();
  g_autoptr (GbTraceBuilder) b = gb_trace_builder_new (trace);
  g_autoptr (GRand) random = g_rand_new_with_seed (11);
  g_autofree guint64 *made = g_new0 (guint64, n + 1);
  GbBuiltTensor x = gb_trace_builder_make (b, TE_FLOAT32, 2, sizes);
  gb_trace_builder_source (b, "large.py", "y = net(x)\n");
  guint32 pos = gb_trace_builder_pos (b, 1, 4, 10);
  gb_trace_builder_leaf (b, &x, 0);
  made[0] = x.id;
  for (guint i = 1; i <= n; i++)
    {
      guint64 inputs[2] = { made[i - 1], made[(guint) g_rand_int_range (random, MAX (0, (int) i - 30), (int) i)] };
      GbBuiltTensor y = gb_trace_builder_make (b, TE_FLOAT32, 2, sizes);
      gb_trace_builder_op (b, ops[g_rand_int_range (random, 0, G_N_ELEMENTS (ops))], 0, pos, inputs,
                           i % 3 == 0 ? 2 : 1, "", &y);
      made[i] = y.id;
    }
  gb_trace_builder_end (b, 0);
  gb_trace_flush (trace);
  return gb_trace_cursor_new (trace);
}

static void
pan (Stage *stage, int nth)
{
  if (nth == 0)
    GB_VIEW_GET_CLASS (stage->view)->drag (stage->view, 0, 400, 300, 0, 0);
  GB_VIEW_GET_CLASS (stage->view)->drag (stage->view, 1, 400, 300, -23.0 * (nth + 1), 3.0 * (nth % 9));
}

/* Out until all of it is in sight, and in again. */
static void
zoom (Stage *stage, int nth)
{
  GB_VIEW_GET_CLASS (stage->view)
      ->scroll (stage->view, 0, nth < GESTURE / 2 ? 1 : -1, 640, 400, GDK_CONTROL_MASK);
}

static void
scroll_rows (Stage *stage, int nth)
{
  GB_VIEW_GET_CLASS (stage->view)->scroll (stage->view, 0, nth % 7 ? -3 : -40, 640, 400, 0);
}

/* 95th percentile of its frames. */
static double
cost_of_gesture (Stage *stage, void (*part) (Stage *stage, int nth))
{
  double cost[GESTURE];
  for (int i = 0; i < GESTURE; i++)
    {
      double begin = processor_msec ();
      part (stage, i);
      stage_frame (stage);
      cost[i] = processor_msec () - begin;
    }
  stage_rest (stage, 60);
  return gb_bench_quantile (cost, GESTURE, 0.95);
}

static void
bench_large_graph (void)
{
  g_autoptr (GbTraceCursor) cursor = large_graph (GRAPH_NODES);
  GbGraphOptions options = { .most_nodes = 60 };
  g_autoptr (GbGraph) graph = gb_graph_new (cursor, &options);
  g_autofree char *panned = g_strdup_printf (_ ("graph of %u nodes: pan, p95"), graph->nodes->len),
                  *zoomed = g_strdup_printf (_ ("graph of %u nodes: zoom, p95"), graph->nodes->len),
                  *pinned = g_strdup_printf (_ ("graph of %u nodes: another element is pinned"), graph->nodes->len);
  Stage stage;
  stage_open (&stage, gb_view_registry_find ("graph"), cursor);
  print_figure (panned, "ms", cost_of_gesture (&stage, pan), FRAME_MSEC);
  print_figure (zoomed, "ms", cost_of_gesture (&stage, zoom), FRAME_MSEC);
  print_figure (pinned, "ms", cost_of_move (&stage), CHANGE_MSEC);
  stage_close (&stage);
}

/* New numbers in all of a 512×512 tensor, in each frame. */
static void
bench_heat_map (void)
{
  static const gint64 sizes[] = { HEAT_SIDE, HEAT_SIDE };
  g_autoptr (GbTrace) trace = gb_trace_new ();
  g_autoptr (GbTraceBuilder) b = gb_trace_builder_new (trace);
  g_autoptr (GbTraceCursor) cursor = gb_trace_cursor_new (trace);
  g_autofree double *values = g_new (double, HEAT_SIDE * HEAT_SIDE);
  GbBuiltTensor w = gb_trace_builder_make (b, TE_FLOAT32, 2, sizes);
  double least = INFINITY;
  Stage stage;
  gb_trace_builder_leaf (b, &w, 0);
  gb_trace_builder_name (b, &w, "w", 0);
  for (int round = -1; round < ROUNDS; round++)
    {
      for (int i = 0; i < HEAT_SIDE * HEAT_SIDE; i++)
        values[i] = sin (i * 0.001 + round) * cos (i / HEAT_SIDE * 0.02);
      gb_trace_builder_values (b, &w, values);
      gb_trace_flush (trace);
      if (round < 0)
        {
          stage_open (&stage, gb_view_registry_find ("grid"), cursor);
          continue;
        }
      stage_rest (&stage, 200);
      double begin = processor_msec ();
      gb_view_invalidate (stage.view);
      stage_frame (&stage);
      least = fmin (least, processor_msec () - begin);
    }
  print_figure (_ ("heat map of 512×512, new in every frame"), "ms", least, HEAT_MSEC);
  stage_close (&stage);
}

static GbTraceCursor *
long_log (guint n)
{
  g_autoptr (GbTrace) trace = gb_trace_new ();
  g_autoptr (GbTraceBuilder) b = gb_trace_builder_new (trace);
  for (guint i = 0; i < n; i++)
    {
      gb_trace_builder_log (b, "loss", 2.3 * exp (-(double) i / n * 4) * (1 + 0.2 * sin (i * 12.9898)));
      gb_trace_builder_iteration (b);
    }
  gb_trace_flush (trace);
  return gb_trace_cursor_new (trace);
}

static void
bench_long_chart (void)
{
  g_autoptr (GbTraceCursor) cursor = long_log (CHART_POINTS);
  double least = INFINITY;
  Stage stage;
  stage_open (&stage, gb_view_registry_find ("chart"), cursor);
  for (int round = 0; round < ROUNDS; round++)
    {
      double begin = processor_msec ();
      gb_view_invalidate (stage.view);
      stage_frame (&stage);
      least = fmin (least, processor_msec () - begin);
      stage_rest (&stage, 20);
    }
  print_figure (_ ("chart of 1 000 000 points, drawn anew"), "ms", least, CHART_MSEC);
  print_figure (_ ("chart of 1 000 000 points: another is pinned"), "ms", cost_of_move (&stage), CHART_MSEC);
  stage_close (&stage);
}

static void
bench_long_table (void)
{
  g_autoptr (GbTraceCursor) cursor = long_log (TABLE_ROWS);
  Stage stage;
  stage_open (&stage, gb_view_registry_find ("table"), cursor);
  print_figure (_ ("table of 100 000 rows: scroll, p95"), "ms", cost_of_gesture (&stage, scroll_rows), FRAME_MSEC);
  stage_close (&stage);
}

/* ---- by itself, without a window ---- */

static void
bench_drawing (const char *only)
{
  g_print ("\n%-44s %6s %10s\n", _ ("all of a view, 832×320, without a window"), "", _ ("processor"));
  for (guint i = 0; i < gb_view_registry_get_n (); i++)
    {
      const GbViewDef *def = gb_view_registry_get (i);
      GbExportOptions options = { .theme = GB_THEME_LIGHT, .width = 832, .height = 320 };
      double least = INFINITY, width, height;
      if (only && strcmp (only, def->id) != 0)
        continue;
      g_autoptr (GbTraceCursor) cursor = best_sample (def);
      for (int round = 0; round < 5; round++)
        {
          double begin = processor_msec ();
          GskRenderNode *node = gb_view_render (def, cursor, NULL, &options, &width, &height);
          cairo_surface_t *surface =
              cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int) ceil (width), (int) ceil (height));
          cairo_t *cr = cairo_create (surface);
          gsk_render_node_draw (node, cr);
          cairo_destroy (cr);
          cairo_surface_destroy (surface);
          gsk_render_node_unref (node);
          least = fmin (least, processor_msec () - begin);
        }
      g_print ("%-44s %6s %10.3g\n", def->id, "ms", least);
    }
}

int
gb_bench_views (const char *only)
{
  if (only && !gb_view_registry_find (only))
    {
      g_printerr (_ ("%s: there is no such view.\n"), only);
      return GB_EXIT_USAGE;
    }
  g_setenv ("GSK_RENDERER", "cairo", FALSE); /* what a machine without a graphics card has */
  gboolean display = gtk_init_check ();
  gb_export_init ();
  n_over = 0;
  g_print ("\n%-44s %6s %10s %8s\n", _ ("views, 1280×800"), "", _ ("processor"), _ ("limit"));
  if (display)
    {
      bench_changes (only);
      if (!only || strcmp (only, "graph") == 0)
        bench_large_graph ();
      if (!only || strcmp (only, "grid") == 0)
        bench_heat_map ();
      if (!only || strcmp (only, "chart") == 0)
        bench_long_chart ();
      if (!only || strcmp (only, "table") == 0)
        bench_long_table ();
    }
  else
    g_print ("%s\n", _ ("Frames need a display: xvfb-run gives one."));
  bench_drawing (only);
  return n_over > 0;
}
