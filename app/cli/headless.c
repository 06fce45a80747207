#include "cli/headless.h"

#include <stdio.h>

/* Elements cost most: once a second is enough for a program that runs on; the first iteration has them all.
 */
const TeWatch gb_recording_watches[] = {
  { TE_WATCH_STATS, 200, 0, 0 },     { TE_WATCH_VALUES, 1000, 0, 512 }, { TE_WATCH_STORAGE, 1000, 0, 512 },
  { TE_WATCH_ATTENTION, 100, 0, 0 }, { TE_WATCH_GRADIENTS, 0, 0, 0 },   { TE_WATCH_METER, 500, 0, 0 },
  { TE_WATCH_HASHES, 0, 0, 0 },
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
executed (GObject *source, GAsyncResult *async, gpointer data)
{
  Headless *self = data;
  gb_kernel_client_execute_finish (self->client, async, self->result, self->error ? NULL : &self->error);
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
