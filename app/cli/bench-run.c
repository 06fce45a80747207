#include "cli/bench-run.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "paths.h"

static void
take_printed (GbBenchRun *run, const TeRecordPrint *print)
{
  g_autofree char *text = g_strndup ((const char *) (print + 1), print->text_nbytes);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line; line++)
    {
      g_auto (GStrv) field = g_strsplit (*line, "\t", 3);
      double value = g_strv_length (field) == 3 ? g_ascii_strtod (field[2], NULL) : 0;
      if (g_strv_length (field) == 3)
        g_hash_table_insert (run->printed, g_strdup (field[0]), g_memdup2 (&value, sizeof value));
    }
}

static void
take (const guint8 *bytes, gsize nbytes, gpointer data)
{
  GbBenchRun *run = data;
  for (gsize at = 0; at < nbytes;)
    {
      const TeRecord *record = (const TeRecord *) (bytes + at);
      if (record->type == TE_RECORD_PRINT)
        take_printed (run, (const TeRecordPrint *) record);
      run->n_records++;
      at += record->nbytes;
    }
}

static void
take_and_show (const guint8 *bytes, gsize nbytes, gpointer data)
{
  take (bytes, nbytes, data);
  gb_trace_append (((GbBenchRun *) data)->trace, bytes, nbytes, NULL);
}

static void
flush (gpointer data)
{
  gb_trace_flush (((GbBenchRun *) data)->trace);
}

static void
on_state (GbKernelClient *client, guint state, const char *detail, GbBenchRun *run)
{
  if (state == TE_STATE_PAUSED && run->waits_for_pause)
    g_main_loop_quit (run->loop);
}

static void
on_snapshots (GbKernelClient *client, GVariant *snapshots, GbBenchRun *run)
{
  run->n_snapshots = (guint) g_variant_n_children (snapshots);
}

void
gb_bench_run_take_error (GbBenchRun *run, GError *error)
{
  if (!error)
    return;
  g_free (run->error);
  run->error = g_strdup (error->message);
  g_error_free (error);
}

gboolean
gb_bench_run_init (GbBenchRun *run)
{
  GError *error = NULL;
  *run = (GbBenchRun){ .loop = g_main_loop_new (NULL, FALSE),
                       .client = gb_kernel_client_new (),
                       .trace = gb_trace_new (),
                       .printed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free) };
  g_signal_connect (run->client, "state", G_CALLBACK (on_state), run);
  g_signal_connect (run->client, "snapshots", G_CALLBACK (on_snapshots), run);
  int fd = g_file_open_tmp ("gradboard-bench-XXXXXX.gbt", &run->recording, &error);
  if (fd >= 0)
    close (fd);
  gb_bench_run_take_error (run, error);
  return !run->error;
}

void
gb_bench_run_clear (GbBenchRun *run)
{
  g_signal_handlers_disconnect_by_data (run->client, run);
  if (run->source)
    gb_trace_source_set_sink (run->source, NULL, NULL, NULL);
  g_clear_object (&run->client);
  g_clear_object (&run->source);
  g_clear_object (&run->trace);
  g_hash_table_unref (run->printed);
  g_main_loop_unref (run->loop);
  if (run->recording)
    g_unlink (run->recording);
  g_free (run->recording);
  g_free (run->error);
}

static void
started (GObject *object, GAsyncResult *result, gpointer data)
{
  GbBenchRun *run = data;
  GError *error = NULL;
  g_autoptr (GbKernelAbout) about = gb_kernel_client_start_finish (GB_KERNEL_CLIENT (object), result, &error);
  run->pid = about ? about->pid : 0;
  gb_bench_run_take_error (run, error);
  g_main_loop_quit (run->loop);
}

/* Of a run or of a way back; a run that a way back took the place of is not waited for. */
static void
ended (GObject *object, GAsyncResult *result, gpointer data)
{
  GbBenchRun *run = data;
  GError *error = NULL;
  GbKernelResult out = { 0 };
  gb_kernel_client_execute_finish (GB_KERNEL_CLIENT (object), result, &out, &error);
  gboolean goes_on = !error && strcmp (out.reason, "rewound") == 0;
  gb_bench_run_take_error (run, error);
  gb_kernel_result_clear (&out);
  if (!goes_on)
    g_main_loop_quit (run->loop);
}

gboolean
gb_bench_run_start (GbBenchRun *run, const char *readable)
{
  const char *folders[] = { readable, NULL };
  GbKernelOptions options = { .readable = folders };
  GError *error = NULL;
  g_clear_object (&run->source);
  gb_trace_reset (run->trace);
  g_hash_table_remove_all (run->printed);
  run->n_records = 0;
  run->source = gb_trace_source_new (0, 0, &error);
  gb_bench_run_take_error (run, error);
  if (!run->source)
    return FALSE;
  gb_kernel_client_start_async (run->client, &options, run->source, NULL, started, run);
  g_main_loop_run (run->loop);
  return !run->error;
}

static gboolean
execute (GbBenchRun *run, const char *path, const char *text, const char *const *argv, const GbBenchWay *way)
{
  GError *error = NULL;
  gb_trace_source_set_sink (run->source, way->shown ? take_and_show : take, way->shown ? flush : NULL, run);
  gb_trace_source_set_lossless (run->source, way->recorded || !way->shown);
  if (way->n_watches)
    gb_kernel_client_watch (run->client, way->watches, way->n_watches);
  if (way->recorded && !gb_trace_source_record (run->source, run->recording, &error))
    gb_bench_run_take_error (run, g_steal_pointer (&error));
  gb_kernel_client_execute_async (run->client, path, text, argv, way->flags, 0, NULL, ended, run);
  g_main_loop_run (run->loop);
  gb_trace_source_drain (run->source);
  if (way->recorded && !gb_trace_source_close_recording (run->source, &error))
    gb_bench_run_take_error (run, error);
  return !run->error;
}

gboolean
gb_bench_run_file (GbBenchRun *run, const char *name, const char *const *argv, const GbBenchWay *way)
{
  g_autofree char *folder = g_build_filename (gb_paths_get_data_dir (), "bench", NULL);
  g_autofree char *path = g_build_filename (folder, name, NULL);
  return gb_bench_run_start (run, folder) && execute (run, path, NULL, argv, way);
}

gboolean
gb_bench_run_text (GbBenchRun *run, const char *text, const GbBenchWay *way)
{
  return gb_bench_run_start (run, NULL) && execute (run, "/nowhere/snippet.py", text, NULL, way);
}

double
gb_bench_run_get_printed (GbBenchRun *run, const char *name)
{
  const double *value = g_hash_table_lookup (run->printed, name);
  return value ? *value : NAN;
}

double
gb_bench_run_way_back (GbBenchRun *run, guint64 call)
{
  run->waits_for_pause = TRUE;
  gint64 begin = g_get_monotonic_time ();
  gb_kernel_client_rewind_async (run->client, call, NULL, NULL, ended, run);
  g_main_loop_run (run->loop);
  double msec = (double) (g_get_monotonic_time () - begin) / 1000;
  run->waits_for_pause = FALSE;
  if (run->error)
    return NAN;
  gb_kernel_client_continue (run->client);
  g_main_loop_run (run->loop);
  gb_trace_source_drain (run->source);
  return msec;
}

static int
compare_double (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;
  return x < y ? -1 : x > y;
}

double
gb_bench_median (double *values, gsize n)
{
  qsort (values, n, sizeof *values, compare_double);
  return values[n / 2];
}

double
gb_bench_quantile (double *values, gsize n, double q)
{
  if (n == 0)
    return NAN;
  qsort (values, n, sizeof *values, compare_double);
  return values[(gsize) (q * (double) (n - 1))];
}

double
gb_bench_least (const double *values, gsize n)
{
  double least = INFINITY;
  for (gsize i = 0; i < n; i++)
    least = fmin (least, values[i]);
  return least;
}
