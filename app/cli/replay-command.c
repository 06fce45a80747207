/* gradboard replay RECORDING --verify: runs the recorded program again, fed with what it read of the world,
 * and compares every recorded event and value with what happens now. Exit status: 0 the same, 1 different, 3
 * the same within rounding (another kind of processor), 125 Gradboard itself failed. */
#include "cli/commands.h"

#include "application.h"
#include "cli/replay-plan.h"
#include "common/i18n.h"
#include "kernel/kernel-client.h"
#include "scratch-folder.h"
#include "trace/recording.h"

#include <gtk/gtk.h>
#include <stdio.h>
#include <string.h>

enum
{
  EXIT_SAME = 0,
  EXIT_DIFFERENT = 1,
  EXIT_NEAR = 3,
  EXIT_OWN_FAILURE = 125,
};

typedef struct
{
  GMainLoop *loop;
  GbReplayPlan *plan;
  GbKernelClient *client;
  GbTraceSource *source;
  TeComparison *comparison;
  TeRecording *recording;
  const char *bytes; /* of the recording, what was read and not yet taken */
  gsize nbytes, at;
  guint64 seq, iteration; /* of the recorded side's present record */
  char *scratch, *feed_path;
  gboolean tolerant, different, exhausted, done;
  char *failure;
} Replay;

/* ---- the recorded side ---- */

/* The next record of the recording; NULL at its end, at damage, and behind where comparing ends. */
static const TeRecord *
next_record (Replay *self)
{
  TeError err;
  te_error_clear (&err);
  if (self->at == self->nbytes)
    {
      self->bytes = te_recording_read (self->recording, &self->nbytes, &err);
      self->at = 0;
      if (!self->bytes || !self->nbytes)
        {
          self->nbytes = 0;
          return NULL;
        }
    }
  const TeRecord *record = (const TeRecord *) (self->bytes + self->at);
  if (record->seq > self->plan->last_seq)
    return NULL;
  self->at += record->nbytes;
  self->seq = record->seq;
  if (record->type == TE_RECORD_ITERATION)
    self->iteration = ((const TeRecordIteration *) record)->iteration;
  return record;
}

static gboolean
next_recorded (Replay *self)
{
  const TeRecord *record;
  while ((record = next_record (self)))
    if (te_comparison_take (self->comparison, TE_RUN_RECORDED, record))
      return TRUE;
  self->exhausted = TRUE;
  return FALSE;
}

/* ---- what differs, in words ---- */

static void
print_side (Replay *self, TeRunSide side, const char *label)
{
  char text[256];
  uint32_t line;
  te_comparison_describe (self->comparison, side, text, sizeof text, &line);
  if (line)
    g_printerr (_ ("  %s: line %u: %s\n"), label, line, text);
  else
    g_printerr ("  %s: %s\n", label, text);
}

static void
print_where (Replay *self)
{
  char events[24], iteration[24], record[24];
  g_snprintf (events, sizeof events, "%" G_GUINT64_FORMAT, te_comparison_get_events (self->comparison));
  g_snprintf (iteration, sizeof iteration, "%" G_GUINT64_FORMAT, self->iteration + 1);
  g_snprintf (record, sizeof record, "%" G_GUINT64_FORMAT, self->seq);
  g_printerr (_ ("gradboard replay: different after %s equal events, in iteration %s (record %s):\n"), events,
              iteration, record);
}

static void
stop (Replay *self)
{
  if (self->done)
    return;
  self->done = TRUE;
  g_main_loop_quit (self->loop);
}

/* ---- the replayed side ---- */

static void
compare_processors (Replay *self, const TeRecordBegin *begin)
{
  g_autofree char *here = gb_replay_processor (begin);
  TeComparisonOptions options = { .no_hashes = !self->plan->has_hashes,
                                  .no_gradients = !self->plan->has_gradients,
                                  .no_training = !self->plan->has_training,
                                  .no_files = !self->plan->has_files,
                                  .no_detail = self->plan->detail_gaps };
  TeError err;
  te_error_clear (&err);
  self->tolerant = options.tolerant = g_strcmp0 (here, self->plan->processor) != 0;
  if (self->tolerant)
    g_printerr (_ ("gradboard replay: recorded on %s, here is %s: numbers are compared with a tolerance of "
                   "0.1 %%.\n"),
                self->plan->processor ? self->plan->processor : _ ("another machine"), here ? here : "?");
  self->comparison = te_comparison_new (&options, &err);
  if (!self->comparison)
    self->failure = g_strdup (err.text);
}

/* It goes on as it was: that is said, for what the file holds now was not looked at. */
static void
say_other_file (Replay *self, const TeRecordFile *file)
{
  g_autofree char *text =
      g_strdup_printf ("reads %s: %" G_GUINT64_FORMAT " bytes",
                       te_comparison_string (self->comparison, TE_RUN_REPLAYED, file->path), file->nbytes);
  g_printerr (_ ("gradboard replay: the program %s; the file is another one now, so it was given what was "
                 "recorded.\n"),
              text);
}

static void
take_record (Replay *self, const TeRecord *record)
{
  if (record->type == TE_RECORD_BEGIN)
    compare_processors (self, (const TeRecordBegin *) record);
  if (self->comparison && record->type == TE_RECORD_FILE && (record->flags & TE_WIRE_FILE_FED))
    say_other_file (self, (const TeRecordFile *) record);
  if (!self->comparison || !te_comparison_take (self->comparison, TE_RUN_REPLAYED, record))
    return;
  if (!next_recorded (self))
    {
      self->different = self->plan->complete && !self->plan->interrupted;
      if (self->different)
        {
          print_where (self);
          g_printerr (_ ("  the recording ends here, and the program goes on\n"));
          print_side (self, TE_RUN_REPLAYED, _ ("now"));
        }
      stop (self);
    }
  else if (!te_comparison_agrees (self->comparison))
    {
      self->different = TRUE;
      print_where (self);
      print_side (self, TE_RUN_RECORDED, _ ("recorded"));
      print_side (self, TE_RUN_REPLAYED, _ ("now"));
      stop (self);
    }
}

static void
take_records (const guint8 *bytes, gsize nbytes, gpointer data)
{
  Replay *self = data;
  for (gsize at = 0; at < nbytes && !self->done && !self->failure;
       at += ((const TeRecord *) (bytes + at))->nbytes)
    take_record (self, (const TeRecord *) (bytes + at));
}

static void
on_state (GbKernelClient *client, guint state, const char *detail, Replay *self)
{
  if (state == TE_STATE_WAITING_ANSWER)
    gb_kernel_client_answer (client, "");
  if (state != TE_STATE_WAITING_INPUT)
    return;
  g_autofree char *line = g_queue_pop_head (&self->plan->inputs);
  gb_kernel_client_answer (client, line ? line : "");
}

static void
executed (GObject *object, GAsyncResult *async, gpointer data)
{
  Replay *self = data;
  g_autoptr (GError) error = NULL;
  GbKernelResult result = { 0 };
  if (self->done)
    return;
  if (!gb_kernel_client_execute_finish (self->client, async, &result, &error))
    self->failure = g_strdup (error->message);
  gb_kernel_result_clear (&result);
  if (!self->failure && self->comparison && !self->done && next_recorded (self))
    {
      self->different = TRUE;
      print_where (self);
      print_side (self, TE_RUN_RECORDED, _ ("recorded"));
      g_printerr (_ ("  now the program ends here\n"));
    }
  stop (self);
}

static void
started (GObject *object, GAsyncResult *async, gpointer data)
{
  Replay *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GbKernelAbout) about = gb_kernel_client_start_finish (self->client, async, &error);
  TeWatch watches[2];
  gsize n = 0;
  if (!about)
    {
      self->failure = g_strdup (error->message);
      stop (self);
      return;
    }
  if (self->plan->has_gradients)
    watches[n++] = (TeWatch){ TE_WATCH_GRADIENTS, 0, 0, 0 };
  if (self->plan->has_hashes)
    watches[n++] = (TeWatch){ TE_WATCH_HASHES, 0, 0, 0 };
  gb_kernel_client_watch (self->client, watches, n);
  gb_kernel_client_set_feed (self->client, self->feed_path);
  gb_kernel_client_execute_async (self->client, self->plan->program->path, self->plan->text,
                                  (const char *const *) self->plan->argv, GB_EXECUTE_DEFAULT, 0, NULL,
                                  executed, self);
}

/* ---- the command ---- */

/* What the files that it read held, beside the feed, which names them. */
static gboolean
write_contents (Replay *self, GError **error)
{
  for (guint i = 0; i < self->plan->contents->len; i++)
    {
      GBytes *bytes = g_ptr_array_index (self->plan->contents, i);
      g_autofree char *name = gb_replay_content_name (i);
      g_autofree char *path = g_build_filename (self->scratch, name, NULL);
      if (!g_file_set_contents (path, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes),
                                error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
prepare (Replay *self, const char *path, GError **error)
{
  TeError err;
  te_error_clear (&err);
  self->plan = gb_replay_plan_new (path, error);
  if (!self->plan)
    return FALSE;
  if (self->plan->has_gaps)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   _ ("%s has gaps, so there is nothing to compare it with. Record it again with --trace."),
                   path);
      return FALSE;
    }
  self->recording = te_recording_open (path, &err);
  if (!self->recording)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s", err.text);
      return FALSE;
    }
  self->scratch = gb_scratch_folder_new (error);
  self->source = self->scratch ? gb_trace_source_new (0, 0, error) : NULL;
  if (!self->source)
    return FALSE;
  self->feed_path = g_build_filename (self->scratch, ".replay.json", NULL);
  if (!g_file_set_contents (self->feed_path, self->plan->feed, -1, error) || !write_contents (self, error))
    return FALSE;
  gb_trace_source_set_lossless (self->source, TRUE);
  gb_trace_source_set_sink (self->source, take_records, NULL, self);
  return TRUE;
}

static void
run_loop (Replay *self)
{
  GbKernelOptions options = { .scratch = self->scratch,
                              .readable = (const char *const *) self->plan->program->readable };
  self->loop = g_main_loop_new (NULL, FALSE);
  self->client = gb_kernel_client_new ();
  g_signal_connect (self->client, "state", G_CALLBACK (on_state), self);
  gb_kernel_client_start_async (self->client, &options, self->source, NULL, started, self);
  g_main_loop_run (self->loop);
  g_signal_handlers_disconnect_by_data (self->client, self);
  gb_trace_source_set_sink (self->source, NULL, NULL, NULL);
  g_clear_object (&self->client);
  g_main_loop_unref (self->loop);
}

static int
say_result (const Replay *self)
{
  if (self->failure)
    {
      g_printerr ("gradboard replay: %s\n", self->failure);
      return EXIT_OWN_FAILURE;
    }
  if (self->different && self->plan->had_threads)
    g_printerr (_ ("The program ran threads of Python: the order of their turns is in no recording, so that "
                   "what depends "
                   "on it cannot be replayed.\n"));
  if (self->different)
    return EXIT_DIFFERENT;
  char events[24], values[24];
  g_snprintf (events, sizeof events, "%" G_GUINT64_FORMAT, te_comparison_get_events (self->comparison));
  g_snprintf (values, sizeof values, "%" G_GUINT64_FORMAT, te_comparison_get_values (self->comparison));
  g_print (_ ("%s events compared, %s of them values: %s\n"), events, values,
           self->tolerant ? _ ("the same within rounding") : _ ("the same, bit for bit"));
  if (self->plan->interrupted)
    g_print (_ ("Compared up to where it was interrupted.\n"));
  else if (!self->plan->complete)
    g_print (_ ("The recording was cut; compared up to its last whole record.\n"));
  if (!self->plan->has_hashes)
    g_print (_ ("The recording holds no hashes of results; `gradboard run --trace` writes them.\n"));
  return self->tolerant ? EXIT_NEAR : EXIT_SAME;
}

static int
verify (const char *path)
{
  Replay self = { 0 };
  g_autoptr (GError) error = NULL;
  int status;
  if (prepare (&self, path, &error))
    {
      run_loop (&self);
      status = say_result (&self);
    }
  else
    {
      g_printerr ("gradboard replay: %s\n", error->message);
      status = EXIT_OWN_FAILURE;
    }
  if (self.scratch)
    gb_scratch_folder_remove (self.scratch);
  te_comparison_free (self.comparison);
  te_recording_free (self.recording);
  g_clear_object (&self.source);
  gb_replay_plan_free (self.plan);
  g_free (self.scratch);
  g_free (self.feed_path);
  g_free (self.failure);
  return status;
}

/* Without --verify it is what the recording's name alone would do. */
static int
open_window (const char *path)
{
  char *argv[] = { (char *) "gradboard", (char *) path, NULL };
  if (!gtk_init_check ())
    {
      gb_commands_print_no_display ();
      return GB_EXIT_USAGE;
    }
  g_autoptr (GbApplication) application = gb_application_new ();
  return g_application_run (G_APPLICATION (application), 2, argv);
}

int
gb_command_replay (int argc, char **argv)
{
  gboolean wants_verify = FALSE;
  g_auto (GStrv) names = NULL;
  const GOptionEntry entries[] = {
    { "verify", 0, 0, G_OPTION_ARG_NONE, &wants_verify, "run it again and compare bit for bit", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &names, NULL, NULL },
    { NULL }
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("RECORDING");
  g_autoptr (GError) error = NULL;
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("gradboard replay: %s\n", error->message);
      return GB_EXIT_USAGE;
    }
  if (!names || !names[0] || names[1])
    {
      g_printerr (_ ("gradboard replay: which recording? Name one file.\n"));
      return GB_EXIT_USAGE;
    }
  return wants_verify ? verify (names[0]) : open_window (names[0]);
}
