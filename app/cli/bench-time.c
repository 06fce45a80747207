/* The same training without snapshots and with them, in turns; then, in the one with them, ways back over 1
 * to 1,000 steps, each from its end. */
#include "cli/bench-time.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/i18n.h"
#include "kernel/kernel-client.h"
#include "models/trace.h"
#include "paths.h"

#define ROUNDS    3
#define STEPS     "4000"
#define MEGABYTES "60" /* beside some 40 of the interpreter and the engine */

typedef struct
{
  GMainLoop *loop;
  GbKernelClient *client;
  GbTraceSource *source;
  GbTrace *trace;
  guint n_snapshots;
  gboolean waits_for_pause;
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

static gboolean
run_training (Bench *bench, GbExecuteFlags flags)
{
  g_autofree char *folder = g_build_filename (gb_paths_get_data_dir (), "bench", NULL);
  g_autofree char *path = g_build_filename (folder, "rewind.py", NULL);
  const char *readable[] = { folder, NULL }, *argv[] = { STEPS, MEGABYTES, NULL };
  GbKernelOptions options = { .readable = readable };
  GError *error = NULL;
  g_clear_object (&bench->source);
  gb_trace_reset (bench->trace);
  bench->source = gb_trace_source_new (0, 0, &error);
  if (!bench->source)
    {
      take_error (bench, error);
      return FALSE;
    }
  gb_trace_source_set_sink (bench->source, take, flush, bench);
  gb_kernel_client_start_async (bench->client, &options, bench->source, NULL, started, bench);
  g_main_loop_run (bench->loop);
  if (bench->error)
    return FALSE;
  gb_kernel_client_execute_async (bench->client, path, NULL, argv, flags, 0, NULL, ended, bench);
  g_main_loop_run (bench->loop);
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

static gboolean
bench_cost (Bench *bench)
{
  double speed[2][ROUNDS], longest[2][ROUNDS];
  for (int round = 0; round < ROUNDS; round++)
    for (int with = 0; with < 2; with++)
      {
        if (!run_training (bench, with ? GB_EXECUTE_SNAPSHOTS : GB_EXECUTE_DEFAULT))
          return FALSE;
        speed[with][round] = printed (bench, "speed");
        longest[with][round] = printed (bench, "longest");
      }
  double without = median (speed[0], ROUNDS), with = median (speed[1], ROUNDS);
  g_print ("%-28s %12s %12s %8s\n", _ ("digits CNN"), _ ("no snapshots"), _ ("snapshots"), _ ("ratio"));
  g_print ("%-28s %12.4g %12.4g %8.2f\n", _ ("steps/s"), without, with, with / without);
  g_print ("%-28s %12.3g %12.3g\n", _ ("longest steps, ms"), median (longest[0], ROUNDS),
           median (longest[1], ROUNDS));
  g_print ("%-28s %12s %12u\n\n", _ ("snapshots kept"), "", bench->n_snapshots);
  return TRUE;
}

/* Milliseconds from the asking until it is paused there; NaN: it could not. */
static double
way_back (Bench *bench, guint64 n_steps)
{
  guint64 last =
      gb_trace_get_iteration (bench->trace, gb_trace_get_n_iterations (bench->trace) - 1)->iteration;
  const GbIteration *there = gb_trace_find_iteration (bench->trace, last - n_steps);
  if (!there)
    return NAN;
  guint64 call = gb_trace_get_last_call_at (bench->trace, there->last_seq);
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

int
gb_bench_time (void)
{
  Bench bench = { .loop = g_main_loop_new (NULL, FALSE),
                  .client = gb_kernel_client_new (),
                  .trace = gb_trace_new () };
  g_signal_connect (bench.client, "state", G_CALLBACK (on_state), &bench);
  g_signal_connect (bench.client, "snapshots", G_CALLBACK (on_snapshots), &bench);
  if (bench_cost (&bench))
    bench_ways (&bench);
  if (bench.error)
    g_printerr ("%s\n", bench.error);
  g_signal_handlers_disconnect_by_data (bench.client, &bench);
  gb_trace_source_set_sink (bench.source, NULL, NULL, NULL);
  g_clear_object (&bench.client);
  g_clear_object (&bench.source);
  g_clear_object (&bench.trace);
  g_main_loop_unref (bench.loop);
  int status = bench.error != NULL;
  g_free (bench.error);
  return status;
}
