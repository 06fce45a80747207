/* The same program in the same window, with no view and with all six: iterations a second by the
 * interpreter's own clock, and how long the window's frames take.  The two take turns, so that a machine's
 * moods meet both. */
#include "cli/bench-window.h"
#include "cli/bench-run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "application.h"
#include "board-window-private.h"
#include "cli/commands.h"
#include "cli/headless.h"
#include "common/i18n.h"

#define ROUNDS             3
#define WARM_UP_ITERATIONS 20
#define MEASURED_SECONDS   3.0

static const char *const scenes[] = { "digits-cnn", "number-gpt" };
static const char *const all_views[] = { "graph", "gradflow", "chart", "attn", "stride", "grid", NULL };
static const char *const no_views[] = { NULL };

typedef struct
{
  GbApplication *application;
  GbBoardWindow *window;
  GdkFrameClock *clock;
  GMainLoop *loop;
  gulong before, after;
  gint64 frame_begin;
  gboolean measuring;
  GArray *frames; /* double, ms */
  guint64 first_iteration, first_nsec, last_iteration, last_nsec;
} Bench;

static void
on_before_paint (GdkFrameClock *clock, Bench *bench)
{
  bench->frame_begin = g_get_monotonic_time ();
}

static void
on_after_paint (GdkFrameClock *clock, Bench *bench)
{
  double msec = (double) (g_get_monotonic_time () - bench->frame_begin) / 1000;
  if (bench->measuring && bench->frame_begin)
    g_array_append_val (bench->frames, msec);
}

/* Answers predictions and watches the iterations go by. */
static gboolean
on_tick (gpointer data)
{
  Bench *bench = data;
  GbTrace *trace = bench->window->trace;
  GbRunState state = gb_run_control_get_state (bench->window->control);
  guint n = gb_trace_get_n_iterations (trace);
  const GbIteration *last = n ? gb_trace_get_iteration (trace, n - 1) : NULL;
  if (state == GB_RUN_ANSWER)
    gb_run_control_answer (bench->window->control, "");
  if (last && last->iteration >= WARM_UP_ITERATIONS && !bench->measuring)
    {
      bench->measuring = TRUE;
      bench->first_iteration = last->iteration;
      bench->first_nsec = last->time_nsec;
    }
  if (last && bench->measuring)
    {
      bench->last_iteration = last->iteration;
      bench->last_nsec = last->time_nsec;
    }
  if (state != GB_RUN_ENDED && state != GB_RUN_DEAD
      && !(bench->measuring && bench->last_nsec - bench->first_nsec > (guint64) (MEASURED_SECONDS * 1e9)))
    return G_SOURCE_CONTINUE;
  g_main_loop_quit (bench->loop);
  return G_SOURCE_REMOVE;
}

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

/* Iterations a second. */
static double
run_once (Bench *bench, const char *scene, const char *const *views, double *frame_p95)
{
  gb_board_window_open_scene (bench->window, scene);
  wait_msec (bench, 300);
  gb_view_area_set_views (bench->window->views, views);
  /* Without a name the area still shows the view that fits best. */
  gtk_widget_set_visible (GTK_WIDGET (bench->window->views), views[0] != NULL);
  bench->measuring = FALSE;
  bench->first_nsec = bench->last_nsec = 0;
  g_array_set_size (bench->frames, 0);
  gb_board_window_run (bench->window, -1);
  g_timeout_add (20, on_tick, bench);
  g_main_loop_run (bench->loop);
  *frame_p95 = gb_bench_quantile ((double *) (gpointer) bench->frames->data, bench->frames->len, 0.95);
  gb_run_control_stop (bench->window->control);
  wait_msec (bench, 300);
  if (bench->last_nsec <= bench->first_nsec)
    return NAN;
  return (double) (bench->last_iteration - bench->first_iteration)
         / ((double) (bench->last_nsec - bench->first_nsec) / 1e9);
}

static void
bench_scene (Bench *bench, const char *scene)
{
  double alone[ROUNDS], watched[ROUNDS], worst = 0;
  g_autoptr (GArray) ratios = g_array_new (FALSE, FALSE, sizeof (double));
  for (int round = 0; round < ROUNDS; round++)
    {
      double p95;
      alone[round] = run_once (bench, scene, no_views, &p95);
      watched[round] = run_once (bench, scene, all_views, &p95);
      double ratio = watched[round] / alone[round];
      g_array_append_val (ratios, ratio);
      worst = fmax (worst, p95);
      g_print ("%-16s %12.1f %12.1f %10.2f %14.1f\n", scene, alone[round], watched[round], ratio, p95);
    }
  g_print ("%-16s %12s %12s %10.2f %14.1f\n", scene, "", _ ("median"), gb_bench_quantile ((double *) (gpointer) ratios->data, ratios->len, 0.5), worst);
}

/* Milliseconds since this process was started, by the kernel's count (10 ms steps). */
static double
msec_since_start (void)
{
  g_autofree char *stat = NULL;
  g_autofree char *uptime = NULL;
  if (!g_file_get_contents ("/proc/self/stat", &stat, NULL, NULL)
      || !g_file_get_contents ("/proc/uptime", &uptime, NULL, NULL))
    return NAN;
  const char *rest = strrchr (stat, ')');
  g_auto (GStrv) field = g_strsplit (rest ? rest + 2 : "", " ", 22);
  if (g_strv_length (field) < 21)
    return NAN;
  double started = g_ascii_strtod (field[19], NULL) / (double) sysconf (_SC_CLK_TCK);
  return (g_ascii_strtod (uptime, NULL) - started) * 1000;
}

static void
on_first_frame (GdkFrameClock *clock, double *msec)
{
  if (isnan (*msec))
    *msec = msec_since_start ();
}

int
gb_bench_window (void)
{
  Bench bench = { .loop = g_main_loop_new (NULL, FALSE),
                  .frames = g_array_new (FALSE, FALSE, sizeof (double)) };
  double first_frame = NAN;
  g_autoptr (GError) error = NULL;
  if (!gtk_init_check ())
    {
      g_printerr ("%s\n", _ ("bench window needs a display."));
      return GB_EXIT_USAGE;
    }
  bench.application = gb_application_new ();
  g_application_set_flags (G_APPLICATION (bench.application), G_APPLICATION_NON_UNIQUE);
  if (!g_application_register (G_APPLICATION (bench.application), NULL, &error))
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  bench.window = g_object_ref_sink (gb_board_window_new (GTK_APPLICATION (bench.application)));
  gtk_window_set_default_size (GTK_WINDOW (bench.window), 1280, 800);
  gtk_window_present (GTK_WINDOW (bench.window));
  bench.clock = gtk_widget_get_frame_clock (GTK_WIDGET (bench.window));
  gulong first = g_signal_connect (bench.clock, "after-paint", G_CALLBACK (on_first_frame), &first_frame);
  wait_msec (&bench, 1000);
  g_signal_handler_disconnect (bench.clock, first);
  g_print ("%s %.0f ms\n\n", _ ("first frame after the start of the process:"), first_frame);
  bench.before = g_signal_connect (bench.clock, "before-paint", G_CALLBACK (on_before_paint), &bench);
  bench.after = g_signal_connect (bench.clock, "after-paint", G_CALLBACK (on_after_paint), &bench);
  g_print ("%-16s %12s %12s %10s %14s\n", _ ("iterations/s"), _ ("no view"), _ ("six views"), _ ("ratio"),
           _ ("frame p95, ms"));
  for (guint i = 0; i < G_N_ELEMENTS (scenes); i++)
    bench_scene (&bench, scenes[i]);
  g_signal_handler_disconnect (bench.clock, bench.before);
  g_signal_handler_disconnect (bench.clock, bench.after);
  gtk_window_destroy (GTK_WINDOW (bench.window));
  g_object_unref (bench.window);
  g_object_unref (bench.application);
  g_array_unref (bench.frames);
  g_main_loop_unref (bench.loop);
  return 0;
}

/* ---- the interpreter ---- */

void
gb_bench_interpreter (void)
{
  static const TeWatch none[] = { { TE_WATCH_METER, 1000, 0, 0 } };
  g_autofree char *path = NULL;
  double best = INFINITY;
  int fd = g_file_open_tmp ("gradboard-bench-XXXXXX.py", &path, NULL);
  if (fd < 0)
    return;
  close (fd);
  GbProgram program = { .path = path };
  GbHeadlessOptions options = { .watches = none, .n_watches = 1, .text = "import torch\n" };
  for (int i = 0; i < 7; i++)
    {
      g_autoptr (GbTrace) trace = gb_trace_new ();
      GbKernelResult result = { 0 };
      gint64 begin = g_get_monotonic_time ();
      if (gb_headless_run (&program, &options, trace, &result, NULL) && result.status == 0)
        best = fmin (best, (double) (g_get_monotonic_time () - begin) / 1000);
      gb_kernel_result_clear (&result);
    }
  unlink (path);
  g_print ("\n%-20s %10s %12.3g\n", _ ("interpreter ready"), "ms", best);
}
