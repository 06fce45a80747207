#include "cli/bench-class.h"
#include "cli/bench-run.h"

#include <math.h>

#include "application.h"
#include "board-window-private.h"
#include "class/presenter-window.h"
#include "cli/commands.h"
#include "common/i18n.h"
#include "paths.h"

#define ROUNDS      3
#define SECONDS     6
#define N_FOLLOWERS 60
#define SETTLE_MSEC 1500

typedef struct
{
  GMainLoop *loop;
  GbBoardWindow *board;
  GArray *frames, *gaps; /* double, ms: of a frame, between two */
  gint64 begin_usec, last_usec;
} Bench;

static void
on_before_paint (GdkFrameClock *clock, Bench *bench)
{
  bench->begin_usec = g_get_monotonic_time ();
}

static void
on_after_paint (GdkFrameClock *clock, Bench *bench)
{
  gint64 now = g_get_monotonic_time ();
  double frame = (double) (now - bench->begin_usec) / 1000, gap = (double) (now - bench->last_usec) / 1000;
  if (bench->begin_usec)
    g_array_append_val (bench->frames, frame);
  if (bench->last_usec)
    g_array_append_val (bench->gaps, gap);
  bench->last_usec = now;
}

static gboolean
on_quit (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

static void
wait_msec (Bench *bench, guint msec)
{
  g_timeout_add (msec, on_quit, bench->loop);
  g_main_loop_run (bench->loop);
}

/* The run goes on, whatever it asks; one that has ended begins again. */
static gboolean
on_tick (gpointer data)
{
  Bench *bench = data;
  GbRunState state = gb_run_control_get_state (bench->board->control);
  if (state == GB_RUN_ANSWER)
    gb_run_control_answer (bench->board->control, "");
  else if (state == GB_RUN_ENDED)
    gb_board_window_run (bench->board, -1);
  /* A frame is asked for always: how many there are is what the board can do, not what the run needs. */
  gtk_widget_queue_draw (GTK_WIDGET (bench->board->timeline));
  return G_SOURCE_CONTINUE;
}

static GSubprocess *
start_followers (const char *link, GError **error)
{
  g_autofree char *script = g_build_filename (gb_paths_get_data_dir (), "bench", "followers.py", NULL);
  g_autofree char *n = g_strdup_printf ("%d", N_FOLLOWERS), *seconds = g_strdup_printf ("%.1f", SECONDS + SETTLE_MSEC / 1000.0);
  return g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, error, "/usr/bin/python3", script, link, n, seconds, NULL);
}

static gboolean
measure (Bench *bench, const char *link)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) followers = link ? start_followers (link, &error) : NULL;
  g_autofree char *told = NULL;
  if (error)
    {
      g_printerr ("%s\n", error->message);
      return FALSE;
    }
  wait_msec (bench, SETTLE_MSEC);
  g_array_set_size (bench->frames, 0);
  g_array_set_size (bench->gaps, 0);
  wait_msec (bench, SECONDS * 1000);
  double rate = bench->frames->len / (double) SECONDS;
  if (followers)
    g_subprocess_communicate_utf8 (followers, NULL, NULL, &told, NULL, NULL);
  g_auto (GStrv) figures = g_strsplit (told ? g_strstrip (told) : "", " ", 5);
  gboolean has_all = g_strv_length (figures) == 5;
  g_print ("%10d %10.1f %10.1f %10.1f %10s %10s %10s %10s\n", link ? N_FOLLOWERS : 0, rate, gb_bench_quantile ((double *) (gpointer) bench->frames->data, bench->frames->len, 0.95),
           gb_bench_quantile ((double *) (gpointer) bench->gaps->data, bench->gaps->len, 0.95), has_all ? figures[1] : "", has_all ? figures[2] : "", has_all ? figures[3] : "",
           has_all ? figures[4] : "");
  return !link || has_all;
}

int
gb_bench_class (void)
{
  g_autoptr (GError) error = NULL;
  if (!gtk_init_check ())
    {
      g_printerr ("%s\n", _ ("bench class needs a display."));
      return GB_EXIT_USAGE;
    }
  Bench bench = { .loop = g_main_loop_new (NULL, FALSE),
                  .frames = g_array_new (FALSE, FALSE, sizeof (double)),
                  .gaps = g_array_new (FALSE, FALSE, sizeof (double)) };
  GbApplication *application = gb_application_new ();
  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
  if (!g_application_register (G_APPLICATION (application), NULL, &error))
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  GbPresenterWindow *presenter = gb_presenter_window_new (GTK_APPLICATION (application));
  bench.board = gb_presenter_window_get_board (presenter);
  gtk_window_minimize (GTK_WINDOW (presenter));
  gb_board_window_open_scene (bench.board, "digits-cnn");
  wait_msec (&bench, 1000);
  gboolean ok = gb_presenter_window_serve (presenter, GB_FOLLOW_LOOPBACK, 0, &error);
  GdkFrameClock *clock = gtk_widget_get_frame_clock (GTK_WIDGET (bench.board));
  g_signal_connect (clock, "before-paint", G_CALLBACK (on_before_paint), &bench);
  g_signal_connect (clock, "after-paint", G_CALLBACK (on_after_paint), &bench);
  guint tick = g_timeout_add (4, on_tick, &bench);
  gb_board_window_run (bench.board, -1);
  g_print ("%10s %10s %10s %10s %10s %10s %10s %10s\n", _ ("followers"), _ ("frames/s"), _ ("frame p95"), _ ("gap p95"), _ ("pictures"),
           _ ("median ms"), _ ("p95 ms"), "MB");
  for (guint round = 0; ok && round < ROUNDS; round++)
    ok = measure (&bench, NULL) && measure (&bench, gb_follow_server_get_link (gb_presenter_window_get_server (presenter)));
  if (error)
    g_printerr ("%s\n", error->message);
  g_source_remove (tick);
  g_signal_handlers_disconnect_by_data (clock, &bench);
  gtk_window_close (GTK_WINDOW (presenter));
  wait_msec (&bench, 300);
  g_object_unref (application);
  g_array_unref (bench.frames);
  g_array_unref (bench.gaps);
  g_main_loop_unref (bench.loop);
  return ok ? 0 : 1;
}
