/* The same training, in turns, with nobody looking, watched, watched with snapshots, and recorded with
 * hashes; then, in the one with snapshots, ways back over 1 to 1,000 steps, each from its end; a step back in
 * a snippet; and the recording opened, with what it takes of memory and of time to move in it. */
#include "cli/bench-time.h"

#include <glib/gstdio.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/i18n.h"
#include "kernel/kernel-client.h"
#include "board/timeline-model.h"
#include "cli/headless.h"
#include "models/trace.h"
#include "paths.h"

#define ROUNDS    3
#define STEPS     "4000"
#define SCRUBS    200
#define MEGABYTES "60" /* beside some 40 of the interpreter and the engine */

typedef struct
{
  GMainLoop *loop;
  GbKernelClient *client;
  GbTraceSource *source;
  GbTrace *trace;
  guint n_snapshots;
  gboolean waits_for_pause;
  char *recording; /* its path */
  char *error;
} Bench;

static void
take (const guint8 *bytes, gsize nbytes, gpointer data)
{
  gb_trace_append (((Bench *) data)->trace, bytes, nbytes, NULL);
}

static void
flush (gpointer data)
{
  gb_trace_flush (((Bench *) data)->trace);
}

static void
on_state (GbKernelClient *client, guint state, const char *detail, Bench *bench)
{
  if (state == TE_STATE_PAUSED && bench->waits_for_pause)
    g_main_loop_quit (bench->loop);
}

static void
on_snapshots (GbKernelClient *client, GVariant *snapshots, Bench *bench)
{
  bench->n_snapshots = (guint) g_variant_n_children (snapshots);
}

static void
take_error (Bench *bench, GError *error)
{
  if (!error)
    return;
  g_free (bench->error);
  bench->error = g_strdup (error->message);
  g_error_free (error);
}

static void
started (GObject *object, GAsyncResult *result, gpointer data)
{
  Bench *bench = data;
  GError *error = NULL;
  g_autoptr (GbKernelAbout) about = gb_kernel_client_start_finish (GB_KERNEL_CLIENT (object), result, &error);
  take_error (bench, error);
  g_main_loop_quit (bench->loop);
}

/* Of a run or of a way back; a run that a way back took the place of is not waited for. */
static void
ended (GObject *object, GAsyncResult *result, gpointer data)
{
  Bench *bench = data;
  GError *error = NULL;
  GbKernelResult out = { 0 };
  if (gb_kernel_client_execute_finish (GB_KERNEL_CLIENT (object), result, &out, &error)
      && strcmp (out.reason, "rewound") == 0)
    {
      gb_kernel_result_clear (&out);
      return;
    }
  take_error (bench, error);
  gb_kernel_result_clear (&out);
  g_main_loop_quit (bench->loop);
}

typedef enum
{
  ALONE,
  WATCHED,
  WITH_SNAPSHOTS,
  RECORDED,
  N_WAYS,
} Way;

/* As the board's views watch a training. */
static const TeWatch board_watches[] = { { TE_WATCH_GRADIENTS, 0, 0, 0 }, { TE_WATCH_STATS, 0, 0, 0 } };

static gboolean
start (Bench *bench, const char *readable)
{
  const char *folders[] = { readable, NULL };
  GbKernelOptions options = { .readable = folders };
  GError *error = NULL;
  g_clear_object (&bench->source);
  gb_trace_reset (bench->trace);
  bench->source = gb_trace_source_new (0, 0, &error);
  if (!bench->source)
    {
      take_error (bench, error);
      return FALSE;
    }
  gb_kernel_client_start_async (bench->client, &options, bench->source, NULL, started, bench);
  g_main_loop_run (bench->loop);
  return !bench->error;
}

static gboolean
run_training (Bench *bench, Way way)
{
  g_autofree char *folder = g_build_filename (gb_paths_get_data_dir (), "bench", NULL);
  g_autofree char *path = g_build_filename (folder, "rewind.py", NULL);
  const char *argv[] = { STEPS, MEGABYTES, NULL };
  GError *error = NULL;
  if (!start (bench, folder))
    return FALSE;
  gb_trace_source_set_sink (bench->source, take, flush, bench);
  if (way == RECORDED)
    {
      gb_trace_source_set_lossless (bench->source, TRUE);
      gb_kernel_client_watch (bench->client, gb_recording_watches, gb_n_recording_watches);
      if (!gb_trace_source_record (bench->source, bench->recording, &error))
        take_error (bench, error);
    }
  else if (way != ALONE)
    gb_kernel_client_watch (bench->client, board_watches, G_N_ELEMENTS (board_watches));
  gb_kernel_client_execute_async (bench->client, path, NULL, argv,
                                  way == ALONE            ? GB_EXECUTE_UNTRACED
                                  : way == WITH_SNAPSHOTS ? GB_EXECUTE_SNAPSHOTS
                                                          : GB_EXECUTE_DEFAULT,
                                  0, NULL, ended, bench);
  g_main_loop_run (bench->loop);
  gb_trace_source_drain (bench->source);
  if (way == RECORDED && !gb_trace_source_close_recording (bench->source, &error))
    take_error (bench, error);
  return !bench->error;
}

/* What the program printed for name; NaN: nothing. */
static double
printed (Bench *bench, const char *name)
{
  for (guint64 i = gb_trace_get_first_print (bench->trace); i < gb_trace_get_n_prints (bench->trace); i++)
    {
      g_auto (GStrv) field = g_strsplit (gb_trace_get_print (bench->trace, i)->text, "\t", 3);
      if (g_strv_length (field) == 3 && strcmp (field[0], name) == 0)
        return g_ascii_strtod (field[2], NULL);
    }
  return NAN;
}

static int
compare_double (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;
  return x < y ? -1 : x > y;
}

static double
median (double *values, gsize n)
{
  qsort (values, n, sizeof *values, compare_double);
  return values[n / 2];
}

static void
print_row (const char *what, double values[N_WAYS][ROUNDS])
{
  g_print ("%-24s", what);
  for (int way = 0; way < N_WAYS; way++)
    g_print (" %14.4g", median (values[way], ROUNDS));
  g_print ("\n");
}

static gboolean
bench_cost (Bench *bench)
{
  double speed[N_WAYS][ROUNDS], processor[N_WAYS][ROUNDS], ratio[N_WAYS][ROUNDS], longest[N_WAYS][ROUNDS];
  /* The one with snapshots comes last: ways back begin at its end. */
  static const Way order[N_WAYS] = { ALONE, RECORDED, WATCHED, WITH_SNAPSHOTS };
  for (int round = 0; round < ROUNDS; round++)
    for (int i = 0; i < N_WAYS; i++)
      {
        Way way = order[i];
        if (!run_training (bench, way))
          return FALSE;
        speed[way][round] = printed (bench, "speed");
        processor[way][round] = printed (bench, "processor");
        ratio[way][round] = processor[way][round] / processor[ALONE][round];
        longest[way][round] = printed (bench, "longest");
      }
  g_print ("%-24s %14s %14s %14s %14s\n", _ ("digits CNN"), _ ("nobody looks"), _ ("watched"),
           _ ("and snapshots"), _ ("recorded"));
  print_row (_ ("steps/s"), speed);
  print_row (_ ("processor, ms/step"), processor);
  print_row (_ ("processor, ratio"), ratio);
  print_row (_ ("longest steps, ms"), longest);
  g_print ("%-24s %14s %14s %14u\n\n", _ ("snapshots kept"), "", "", bench->n_snapshots);
  return TRUE;
}

/* Milliseconds from the asking until it is paused there; NaN: it could not. */
static double
way_back_to (Bench *bench, guint64 call)
{
  bench->waits_for_pause = TRUE;
  gint64 begin = g_get_monotonic_time ();
  gb_kernel_client_rewind_async (bench->client, call, NULL, NULL, ended, bench);
  g_main_loop_run (bench->loop);
  double msec = (double) (g_get_monotonic_time () - begin) / 1000;
  bench->waits_for_pause = FALSE;
  if (bench->error)
    return NAN;
  gb_kernel_client_continue (bench->client);
  g_main_loop_run (bench->loop);
  return msec;
}

static double
way_back (Bench *bench, guint64 n_steps)
{
  guint64 last =
      gb_trace_get_iteration (bench->trace, gb_trace_get_n_iterations (bench->trace) - 1)->iteration;
  const GbIteration *there = gb_trace_find_iteration (bench->trace, last - n_steps);
  if (!there)
    return NAN;
  return way_back_to (bench, gb_trace_get_last_call_at (bench->trace, there->last_seq));
}

static void
bench_ways (Bench *bench)
{
  static const guint64 steps[] = { 1, 10, 100, 500, 1000, 3000 };
  g_print ("%-28s %12s\n", _ ("way back over steps"), "ms");
  for (guint i = 0; i < G_N_ELEMENTS (steps) && !bench->error; i++)
    {
      double msec[ROUNDS];
      for (int round = 0; round < ROUNDS && !bench->error; round++)
        msec[round] = way_back (bench, steps[i]);
      if (!bench->error)
        g_print ("%-28" G_GUINT64_FORMAT " %12.4g\n", steps[i], median (msec, ROUNDS));
    }
}

/* One op back in a program of a few lines, which has ended. */
static void
bench_snippet (Bench *bench)
{
  double msec[2 * ROUNDS + 1];
  if (!start (bench, NULL))
    return;
  gb_trace_source_set_sink (bench->source, take, flush, bench);
  gb_kernel_client_execute_async (bench->client, "/nowhere/snippet.py",
                                  "import torch\nw = torch.ones(3, requires_grad=True)\nfor i in range(20):\n"
                                  "    loss = (w * w).sum()\n    loss.backward()\n",
                                  NULL, GB_EXECUTE_SNAPSHOTS, 0, NULL, ended, bench);
  g_main_loop_run (bench->loop);
  for (guint i = 0; i < G_N_ELEMENTS (msec) && !bench->error; i++)
    {
      gb_trace_source_drain (bench->source);
      guint64 call = gb_trace_get_last_call_at (bench->trace, gb_trace_get_last_seq (bench->trace));
      msec[i] = way_back_to (bench, call - 1);
    }
  if (!bench->error)
    g_print ("\n%-28s %12.4g\n", _ ("op back in a snippet, ms"), median (msec, G_N_ELEMENTS (msec)));
}

static double
resident_mbytes (void)
{
  g_autofree char *text = NULL;
  long pages = 0;
  if (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL))
    sscanf (text, "%*d %ld", &pages);
  return (double) pages * (double) sysconf (_SC_PAGESIZE) / 1e6;
}

static void
bench_recording (Bench *bench)
{
  GStatBuf about = { 0 };
  g_autoptr (GError) error = NULL;
  gb_trace_reset (bench->trace);
  g_autoptr (GbTrace) trace = gb_trace_new ();
  g_autoptr (GbTraceCursor) cursor = gb_trace_cursor_new (trace);
  g_stat (bench->recording, &about);
  clock_t begin = clock (); /* of the processor: others may run */
  if (!gb_trace_load (trace, bench->recording, &error))
    {
      take_error (bench, g_steal_pointer (&error));
      return;
    }
  double mbytes = (double) about.st_size / 1e6, msec = 1e3 * (double) (clock () - begin) / CLOCKS_PER_SEC;
  guint64 last = gb_trace_get_last_seq (trace);
  double scrub[SCRUBS];
  for (guint i = 0; i < SCRUBS; i++)
    {
      gint64 here = g_get_monotonic_time ();
      gb_trace_cursor_set_position (cursor, last * (i * 37 % SCRUBS) / SCRUBS);
      gb_timeline_model_free (gb_timeline_model_new (cursor));
      gb_trace_cursor_get_source_position (cursor);
      scrub[i] = (double) (g_get_monotonic_time () - here) / 1000;
    }
  g_print ("%-28s %12.4g\n", _ ("recording, MB"), mbytes);
  g_print ("%-28s %12" G_GUINT64_FORMAT "\n", _ ("records in it"), last);
  g_print ("%-28s %12.4g\n", _ ("opening 100 MB of it, ms"), msec * 100 / mbytes);
  g_print ("%-28s %12.4g\n", _ ("resident while it is open, MB"), resident_mbytes ());
  g_print ("%-28s %12.4g\n", _ ("scrubbing, ms a place"), median (scrub, SCRUBS));
}

int
gb_bench_time (void)
{
  Bench bench = { .loop = g_main_loop_new (NULL, FALSE),
                  .client = gb_kernel_client_new (),
                  .trace = gb_trace_new () };
  g_signal_connect (bench.client, "state", G_CALLBACK (on_state), &bench);
  g_signal_connect (bench.client, "snapshots", G_CALLBACK (on_snapshots), &bench);
  int fd = g_file_open_tmp ("gradboard-bench-XXXXXX.gbt", &bench.recording, NULL);
  if (fd >= 0)
    close (fd);
  if (fd >= 0 && bench_cost (&bench))
    bench_ways (&bench);
  if (!bench.error)
    bench_snippet (&bench);
  if (!bench.error)
    bench_recording (&bench);
  if (bench.error)
    g_printerr ("%s\n", bench.error);
  g_signal_handlers_disconnect_by_data (bench.client, &bench);
  gb_trace_source_set_sink (bench.source, NULL, NULL, NULL);
  g_clear_object (&bench.client);
  g_clear_object (&bench.source);
  g_clear_object (&bench.trace);
  g_main_loop_unref (bench.loop);
  if (bench.recording)
    g_unlink (bench.recording);
  g_free (bench.recording);
  int status = bench.error != NULL;
  g_free (bench.error);
  return status;
}
