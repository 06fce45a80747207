/* Every topic is opened in a window, as from the sidebar, until the frame is painted in which its note
 * stands; then its scene is run until the first frame after its first records. */
#include "cli/bench-topics.h"

#include <math.h>

#include "application.h"
#include "board-window-private.h"
#include "cli/commands.h"
#include "common/i18n.h"

#define PATIENCE_MSEC 20000

typedef struct
{
  GbBoardWindow *window;
  GMainLoop *loop;
  const char *leaf; /* that is being opened, or NULL: its scene is being run */
  gint64 begin;
  double msec;
} Bench;

static gboolean
quit_loop (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

static void
wait_msec (Bench *bench, guint msec)
{
  g_timeout_add (msec, quit_loop, bench->loop);
  g_main_loop_run (bench->loop);
}

/* A frame was painted: is it the one that is waited for? */
static void
on_after_paint (GdkFrameClock *clock, Bench *bench)
{
  gboolean is_there = bench->leaf ? g_strcmp0 (bench->window->leaf, bench->leaf) == 0
                                  : gb_trace_get_last_seq (bench->window->trace) > 0;
  if (!bench->begin || !is_there)
    return;
  bench->msec = (double) (g_get_monotonic_time () - bench->begin) / 1000;
  bench->begin = 0;
  g_main_loop_quit (bench->loop);
}

/* Milliseconds, or NAN when it did not come. */
static double
wait_for_frame (Bench *bench, const char *leaf)
{
  guint patience = g_timeout_add (PATIENCE_MSEC, quit_loop, bench->loop);
  bench->msec = NAN;
  bench->leaf = leaf;
  bench->begin = g_get_monotonic_time ();
  if (leaf)
    gb_board_window_open_topic (bench->window, leaf);
  else
    gb_board_window_run (bench->window, -1);
  gtk_widget_queue_draw (GTK_WIDGET (bench->window));
  g_main_loop_run (bench->loop);
  if (bench->begin == 0)
    g_source_remove (patience);
  bench->begin = 0;
  return bench->msec;
}

static void
bench_leaf (Bench *bench, const char *leaf, double *worst_open, double *worst_picture)
{
  double open = wait_for_frame (bench, leaf);
  wait_msec (bench, 300);
  gb_trace_reset (bench->window->trace);
  double picture = wait_for_frame (bench, NULL);
  gb_run_control_stop (bench->window->control);
  wait_msec (bench, 300);
  *worst_open = fmax (*worst_open, open);
  *worst_picture = fmax (*worst_picture, picture);
  g_print ("%-28s %10.0f %16.0f\n", leaf, open, picture);
}

int
gb_bench_topics (char **names)
{
  Bench bench = { .loop = g_main_loop_new (NULL, FALSE) };
  double worst_open = 0, worst_picture = 0;
  g_autoptr (GError) error = NULL;
  if (!gtk_init_check ())
    {
      g_printerr ("%s\n", _ ("bench topics needs a display."));
      return GB_EXIT_USAGE;
    }
  g_autoptr (GbApplication) application = gb_application_new ();
  if (!g_application_register (G_APPLICATION (application), NULL, &error))
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  bench.window = g_object_ref_sink (gb_board_window_new (GTK_APPLICATION (application)));
  gtk_window_present (GTK_WINDOW (bench.window));
  wait_msec (&bench, 1000);
  GdkFrameClock *clock = gtk_widget_get_frame_clock (GTK_WIDGET (bench.window));
  gulong after = g_signal_connect (clock, "after-paint", G_CALLBACK (on_after_paint), &bench);
  const char *const *leaves =
      names ? (const char *const *) names : gb_library_get_leaves (bench.window->library);
  g_print ("%-28s %10s %16s\n", _ ("topic"), _ ("open, ms"), _ ("first picture, ms"));
  for (guint i = 0; leaves[i]; i++)
    bench_leaf (&bench, leaves[i], &worst_open, &worst_picture);
  g_print ("%-28s %10.0f %16.0f\n", _ ("the longest"), worst_open, worst_picture);
  g_signal_handler_disconnect (clock, after);
  gtk_window_destroy (GTK_WINDOW (bench.window));
  g_object_unref (bench.window);
  g_main_loop_unref (bench.loop);
  return 0;
}
