#include "cli/headless.h"

#include <stdio.h>
#include <string.h>

#include "common/view.h"
#include "lesson-trial.h"
#include "trace/recording.h"

/* Elements cost most: once a second is enough for a program that runs on; the first iteration has them all.
 */
const TeWatch gb_recording_watches[] = {
  { TE_WATCH_STATS, 200, 0, 0 },     { TE_WATCH_VALUES, 1000, 0, 512 }, { TE_WATCH_STORAGE, 1000, 0, 512 },
  { TE_WATCH_ATTENTION, 100, 0, 0 }, { TE_WATCH_GRADIENTS, 0, 0, 0 },   { TE_WATCH_METER, 500, 0, 0 },
  { TE_WATCH_HASHES, 0, 0, 0 },      { TE_WATCH_NONFINITE, 0, 0, 0 }, { TE_WATCH_HISTOGRAM, 1000, 0, 0 },
  { TE_WATCH_OPENING, 0, 0, GB_OPENING_ELEMENTS },
};
const gsize gb_n_recording_watches = G_N_ELEMENTS (gb_recording_watches);

typedef struct
{
  GMainLoop *loop;
  GbKernelClient *client;
  const GbProgram *program;
  const GbHeadlessOptions *options;
  GbTrace *trace;
  GbKernelResult *result;
  GError *error;
} Headless;

static void
echo_prints (const guint8 *bytes, gsize nbytes)
{
  for (gsize at = 0; at < nbytes;)
    {
      const TeRecord *record = (const TeRecord *) (bytes + at);
      const TeRecordPrint *print = (const TeRecordPrint *) record;
      if (record->type == TE_RECORD_PRINT && print->stream <= 2)
        fwrite (print + 1, 1, print->text_nbytes, stderr);
      at += record->nbytes;
    }
}

static void
take_records (const guint8 *bytes, gsize nbytes, gpointer data)
{
  Headless *self = data;
  if (self->options->echo)
    echo_prints (bytes, nbytes);
  if (!self->error)
    gb_trace_append (self->trace, bytes, nbytes, &self->error);
}

static void
taught (GObject *source, GAsyncResult *async, gpointer data)
{
  Headless *self = data;
  gb_lesson_trial_finish (async, NULL); /* what could not be tried is not offered */
  g_main_loop_quit (self->loop);
}

static void
executed (GObject *source, GAsyncResult *async, gpointer data)
{
  Headless *self = data;
  gb_kernel_client_execute_finish (self->client, async, self->result, self->error ? NULL : &self->error);
  if (self->options->teach && !self->error && strcmp (self->result->reason, "exception") == 0)
    gb_lesson_trial_async (self->client, self->trace, self->options->cancellable, taught, self);
  else
    g_main_loop_quit (self->loop);
}

static void
started (GObject *source, GAsyncResult *async, gpointer data)
{
  Headless *self = data;
  const GbHeadlessOptions *options = self->options;
  g_autoptr (GbKernelAbout) about =
      gb_kernel_client_start_finish (self->client, async, self->error ? NULL : &self->error);
  if (!about)
    {
      g_main_loop_quit (self->loop);
      return;
    }
  gb_kernel_client_watch (self->client, options->watches ? options->watches : gb_recording_watches,
                          options->watches ? options->n_watches : gb_n_recording_watches);
  gb_kernel_client_execute_async (self->client, self->program->path, options->text, options->argv,
                                  GB_EXECUTE_DEFAULT, options->seconds, options->cancellable, executed, self);
}

/* Nobody is here to predict or to type. */
static void
on_state (GbKernelClient *client, guint state, const char *detail, Headless *self)
{
  if (state == TE_STATE_WAITING_ANSWER || state == TE_STATE_WAITING_INPUT)
    gb_kernel_client_answer (client, "");
}

gboolean
gb_headless_run (const GbProgram *program,
                 const GbHeadlessOptions *options,
                 GbTrace *trace,
                 GbKernelResult *result,
                 GError **error)
{
  static const GbHeadlessOptions defaults = { 0 };
  Headless self = {
    .program = program, .options = options ? options : &defaults, .trace = trace, .result = result
  };
  GbKernelOptions kernel_options = { .readable = (const char *const *) program->readable };
  g_autoptr (GbTraceSource) source = gb_trace_source_new (0, 0, error);
  if (!source)
    return FALSE;
  gb_trace_source_set_lossless (source, TRUE);
  gb_trace_source_set_sink (source, take_records, NULL, &self);
  self.loop = g_main_loop_new (NULL, FALSE);
  self.client = gb_kernel_client_new ();
  g_signal_connect (self.client, "state", G_CALLBACK (on_state), &self);
  gb_kernel_client_start_async (self.client, &kernel_options, source, self.options->cancellable, started,
                                &self);
  g_main_loop_run (self.loop);
  g_signal_handlers_disconnect_by_data (self.client, &self);
  g_clear_object (&self.client);
  gb_trace_source_set_sink (source, NULL, NULL, NULL);
  g_main_loop_unref (self.loop);
  gb_trace_flush (trace);
  if (!self.error)
    return TRUE;
  g_propagate_error (error, self.error);
  return FALSE;
}

static gboolean
is_recording (const char *path)
{
  char magic[8] = { 0 };
  FILE *file = fopen (path, "rb");
  gboolean yes = file && fread (magic, 1, sizeof magic, file) == sizeof magic
                 && memcmp (magic, TE_RECORDING_MAGIC, sizeof magic) == 0;

  if (file)
    fclose (file);
  return yes;
}

static gboolean
fill_from_recording (const char *name, const char *who, GbTrace *trace, GError **error)
{
  g_autoptr (GError) damage = NULL;

  if (gb_trace_load (trace, name, &damage))
    return TRUE;
  if (gb_trace_get_last_seq (trace) == 0)
    {
      g_propagate_error (error, g_steal_pointer (&damage));
      return FALSE;
    }
  g_printerr ("%s: %s; taken up to there\n", who, damage->message);
  return TRUE;
}

gboolean
gb_headless_fill (
    const char *name, const GbHeadlessOptions *options, const char *who, GbTrace *trace, GError **error)
{
  g_autoptr (GbProgram) program = NULL;
  GbKernelResult result = { 0 };

  if (is_recording (name))
    return fill_from_recording (name, who, trace, error);
  if (g_str_has_suffix (name, ".gbt") && g_file_test (name, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s is not a recording", name);
      return FALSE;
    }
  program = gb_program_find (name, error);
  if (program == NULL)
    return FALSE;
  gb_trace_set_budget_nbytes (trace, (gsize) 512 << 20);
  gboolean ok = gb_headless_run (program, options, trace, &result, error);
  if (ok && result.status != 0)
    g_printerr ("%s: %s\n", who,
                result.message && result.message[0] ? result.message : "the program ended with an error");
  gb_kernel_result_clear (&result);
  return ok;
}
