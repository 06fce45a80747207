#include "board/run-control-private.h"

#include "board/run-feed.h"
#include "board/run-sentence.h"
#include "board/transport-bar.h"
#include "common/i18n.h"
#include "models/explain.h"
#include "models/trace-branches.h"
#include "paths.h"
#include "preferences.h"

#include <string.h>

enum
{
  CHANGED,
  ENDED,
  FAILED,
  SNAPSHOTS,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GbRunControl, gb_run_control, G_TYPE_OBJECT)

static void start_interpreter (GbRunControl *self);
static void run_along_way (GbRunControl *self);

static void
program_free (Program *program)
{
  g_free (program->path);
  g_free (program->text);
  g_strfreev (program->argv);
  g_free (program->feed);
  g_free (program);
}

void
gb_run_control_emit_changed (GbRunControl *self)
{
  const GbRunSentence about = { gb_run_control_get_state (self),
                                self->is_winding,
                                self->trace,
                                self->cursor,
                                self->end_reason,
                                self->end_signal };
  g_autofree char *state = gb_run_sentence (&about),
                  *recording = gb_run_recording_describe (&self->recording);
  g_free (self->sentence);
  self->sentence = g_strstrip (g_strconcat (state, recording, NULL));
  g_signal_emit (self, signals[CHANGED], 0);
}

/* The sentence of an error is an explanation too. */
static void
on_explain_switch (gpointer self)
{
  gb_run_control_emit_changed (self);
}

static void
set_state (GbRunControl *self, GbRunState state)
{
  self->state = state;
  gb_run_control_emit_changed (self);
}

const char *
gb_run_control_get_sentence (GbRunControl *self)
{
  return self->sentence ? self->sentence : "";
}

const char *
gb_run_control_get_sandbox_note (GbRunControl *self)
{
  return self->sandbox_note;
}

GbRunState
gb_run_control_get_state (GbRunControl *self)
{
  return self->is_pacing && self->state == GB_RUN_PAUSED ? GB_RUN_RUNNING : self->state;
}

gboolean
gb_run_control_is_alive (GbRunControl *self)
{
  return self->state == GB_RUN_STARTING || self->state == GB_RUN_RUNNING || self->state == GB_RUN_PAUSED
         || self->state == GB_RUN_INPUT || self->state == GB_RUN_ANSWER;
}

/* ---- the trace comes in ---- */

static void
take_records (const guint8 *bytes, gsize nbytes, gpointer data)
{
  GbRunControl *self = data;
  g_autoptr (GError) error = NULL;
  if (!self->append_failed && !gb_trace_append (self->trace, bytes, nbytes, &error))
    {
      self->append_failed = TRUE;
      g_signal_emit (self, signals[FAILED], 0, error->message);
    }
}

/* What a pause was caused by may arrive after the news of the pause: the sentence is found again. */
static void
flush_records (gpointer data)
{
  GbRunControl *self = data;
  gb_trace_flush (self->trace);
  if (self->state == GB_RUN_PAUSED && !self->is_pacing)
    gb_run_control_emit_changed (self);
}

static void
end_recording (GbRunControl *self)
{
  g_autoptr (GError) error = NULL;
  if (!gb_run_recording_end (&self->recording, self->source, &error))
    g_signal_emit (self, signals[FAILED], 0, error->message);
}

static void
let_go_of_source (GbRunControl *self)
{
  end_recording (self);
  if (self->source)
    gb_trace_source_set_sink (self->source, NULL, NULL, NULL);
  g_clear_object (&self->source);
}

/* ---- what the interpreter says ---- */

/* The program stands before the next op; the playhead where it was asked to. */
static void
arrive (GbRunControl *self)
{
  self->is_winding = FALSE;
  guint64 seq = gb_run_place_find (self->trace, &self->place);
  if (seq < gb_trace_get_last_seq (self->trace))
    gb_trace_cursor_set_position (self->cursor, seq);
}

/* The program stood before a line and stands before its first op now, say: that was no step. */
static gboolean
has_not_moved (GbRunControl *self)
{
  guint64 from = self->step_from;
  self->step_from = 0;
  return from && gb_trace_settle (self->trace, from) == gb_trace_get_last_seq (self->trace);
}

static void
on_state (GbKernelClient *client, guint state, const char *detail, gpointer data)
{
  GbRunControl *self = data;
  if (!self->is_used || self->state == GB_RUN_STARTING)
    {
      if (state != TE_STATE_PAUSED && state != TE_STATE_RUNNING)
        return;
    }
  switch (state)
    {
    case TE_STATE_RUNNING:
      set_state (self, GB_RUN_RUNNING);
      break;
    case TE_STATE_PAUSED:
      gb_trace_source_drain (self->source); /* what was told before it */
      if (self->is_winding)
        arrive (self);
      if (self->begins_paused)
        {
          int first = self->first_unit;
          self->begins_paused = FALSE;
          self->first_unit = -1; /* of this run, not of the next */
          if (first != GB_STEP_LINE)
            {
              gb_kernel_client_step (self->client, gb_step_unit_get_id (first), 1);
              break;
            }
        }
      if (has_not_moved (self))
        {
          gb_kernel_client_step (self->client, gb_step_unit_get_id (self->step_unit), 1);
          break;
        }
      set_state (self, GB_RUN_PAUSED);
      break;
    case TE_STATE_WAITING_INPUT:
      set_state (self, GB_RUN_INPUT);
      break;
    case TE_STATE_WAITING_ANSWER:
      set_state (self, GB_RUN_ANSWER);
      break;
    default:
      break; /* the end is told by execute's answer */
    }
}

static void
finish_run (GbRunControl *self, GbRunState state, const char *reason, const char *message, int signal_number)
{
  gb_run_control_stop_pacing (self);
  g_free (self->end_reason);
  g_free (self->end_message);
  self->end_reason = g_strdup (reason);
  self->end_message = g_strdup (message);
  self->end_signal = signal_number;
  self->is_used = TRUE;
  if (self->source)
    gb_trace_source_drain (self->source);
  end_recording (self);
  gb_trace_flush (self->trace);
  set_state (self, state);
  g_signal_emit (self, signals[ENDED], 0, reason, message, signal_number);
}

static void
on_exited (GbKernelClient *client, const char *reason, int signal_number, const char *message, gpointer data)
{
  GbRunControl *self = data;
  self->is_ready = FALSE;
  if (gb_run_control_is_alive (self) && self->state != GB_RUN_STARTING)
    finish_run (self, GB_RUN_DEAD, reason, message, signal_number);
}

static void
on_client_failed (GbKernelClient *client, const char *message, gpointer data)
{
  g_signal_emit (data, signals[FAILED], 0, message);
}

static void
on_raw_output (GbKernelClient *client, guint stream, GBytes *bytes, gpointer data)
{
  /* What C code wrote past Python: it is no record, and the console shows records; Python's own prints are
   * all there. */
}

static void
on_file_written (GbKernelClient *client, const char *path, guint64 nbytes, gpointer data)
{
  gb_written_files_note (GB_RUN_CONTROL (data)->files, path, nbytes);
}

static void
take_snapshots (GbRunControl *self, GVariant *list)
{
  guint64 iteration;
  GVariantIter iter;
  g_array_set_size (self->snapshots, 0);
  g_variant_iter_init (&iter, list);
  while (g_variant_iter_next (&iter, "(tt)", NULL, &iteration))
    g_array_append_val (self->snapshots, iteration);
  g_signal_emit (self, signals[SNAPSHOTS], 0);
}

static void
on_snapshots (GbKernelClient *client, GVariant *list, gpointer data)
{
  take_snapshots (data, list);
}

GArray *
gb_run_control_get_snapshots (GbRunControl *self)
{
  return self->snapshots;
}

static void
on_executed (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GbRunControl) self = data;
  g_autoptr (GError) error = NULL;
  GbKernelResult ended = { 0 };
  gboolean ok = gb_kernel_client_execute_finish (GB_KERNEL_CLIENT (object), result, &ended, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (ok && g_strcmp0 (ended.reason, "rewound") == 0)
    {
      gb_kernel_result_clear (&ended);
      return; /* it goes on from an earlier place */
    }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) && self->is_winding)
    {
      self->is_winding = FALSE;
      if (self->way)
        {
          run_along_way (self);
          return;
        }
      set_state (self, self->state_before);
      g_signal_emit (self, signals[FAILED], 0,
                     _ ("The program cannot go back there: no snapshot of it is kept."));
      return;
    }
  self->is_winding = FALSE;
  if (!gb_run_control_is_alive (self))
    {
      gb_kernel_result_clear (&ended);
      return; /* its death was told already */
    }
  if (!ok)
    {
      finish_run (self, GB_RUN_DEAD, "crashed", error->message, 0);
      return;
    }
  static const char *const deaths[] = { "crashed", "killed", "memory", "output", "time", "disk", NULL };
  gboolean dead = g_strv_contains (deaths, ended.reason) || !gb_kernel_client_has_interpreter (self->client);
  finish_run (self, dead ? GB_RUN_DEAD : GB_RUN_ENDED, ended.reason, ended.message,
              ended.status > 128 ? ended.status - 128 : 0);
  gb_kernel_result_clear (&ended);
}

/* ---- starting ---- */

/* The feed lies in the program's folder until it is read. */
static void
give_feed (GbRunControl *self, const Program *program)
{
  g_autoptr (GError) error = NULL;
  const char *folder = program->feed ? gb_written_files_get_folder (self->files, &error) : NULL;
  g_autofree char *path = folder ? g_build_filename (folder, ".feed.json", NULL) : NULL;
  if (path && !g_file_set_contents (path, program->feed, -1, &error))
    g_clear_pointer (&path, g_free);
  if (error)
    g_signal_emit (self, signals[FAILED], 0, error->message);
  gb_kernel_client_set_feed (self->client, path);
  gb_kernel_client_set_until (self->client, program->until);
}

static void
execute_waiting (GbRunControl *self)
{
  Program *program = g_steal_pointer (&self->waiting);
  if (!program)
    return;
  self->begins_paused = self->first_unit >= 0;
  GbExecuteFlags flags = (self->begins_paused ? GB_EXECUTE_PAUSE : 0)
                         | (program->is_cell ? GB_EXECUTE_CELL : GB_EXECUTE_SNAPSHOTS);
  self->is_used = TRUE;
  give_feed (self, program);
  gb_trace_source_set_lossless (self->source,
                                program->feed || self->begins_paused || self->speed != GB_SPEED_FULL);
  set_state (self, GB_RUN_RUNNING);
  gb_kernel_client_execute_async (self->client, program->path, program->text,
                                  (const char *const *) program->argv, flags,
                                  g_settings_get_int (gb_preferences_get (), "time-limit"), self->cancellable,
                                  on_executed, g_object_ref (self));
  if (self->speed != GB_SPEED_FULL && !self->begins_paused)
    {
      gb_run_control_start_pacing (self);
      gb_kernel_client_pause (self->client);
    }
  program_free (program);
}

static void
on_started (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GbRunControl) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GbKernelAbout) about = gb_kernel_client_start_finish (GB_KERNEL_CLIENT (object), result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (!about)
    {
      g_clear_pointer (&self->waiting, program_free);
      finish_run (self, GB_RUN_DEAD, "crashed", error->message, 0);
      g_signal_emit (self, signals[FAILED], 0, error->message);
      return;
    }
  self->is_ready = TRUE;
  self->is_used = FALSE;
  g_free (self->sandbox_note);
  self->sandbox_note =
      about->bubblewrap ? NULL : g_strdup (_ ("bubblewrap is not available here; the other layers hold."));
  gb_run_control_send_watches (self);
  gb_run_control_send_breakpoints (self);
  if (self->waiting)
    execute_waiting (self);
  else if (self->state == GB_RUN_STARTING)
    set_state (self, GB_RUN_IDLE);
}

static void
start_interpreter (GbRunControl *self)
{
  g_autoptr (GError) error = NULL;
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  gb_run_control_stop_pacing (self);
  let_go_of_source (self);
  self->is_ready = self->append_failed = FALSE;
  g_autoptr (GVariant) none = g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE ("(tt)"), NULL, 0));
  take_snapshots (self, none);
  const char *scratch = gb_written_files_get_folder (self->files, &error);
  self->source = scratch ? gb_trace_source_new (0, 0, &error) : NULL;
  if (!self->source)
    {
      g_clear_pointer (&self->waiting, program_free);
      finish_run (self, GB_RUN_DEAD, "crashed", error->message, 0);
      g_signal_emit (self, signals[FAILED], 0, error->message);
      return;
    }
  gb_trace_source_set_sink (self->source, take_records, flush_records, self);
  if (self->waiting && !gb_run_recording_begin (&self->recording, self->source, self->waiting->path, &error))
    {
      g_signal_emit (self, signals[FAILED], 0, error->message);
      g_clear_error (&error);
    }
  g_autofree char *folder = self->waiting ? g_path_get_dirname (self->waiting->path) : NULL;
  g_autofree char *datasets = g_build_filename (gb_paths_get_data_dir (), "datasets", NULL);
  const char *readable[] = { datasets, folder && g_path_is_absolute (folder) ? folder : NULL, NULL };
  GbKernelOptions options = { .readable = readable, .scratch = scratch, .nice = TRUE,
                              .memory_nbytes = (guint64) g_settings_get_int (gb_preferences_get (), "memory-limit") << 20 };
  set_state (self, GB_RUN_STARTING);
  gb_kernel_client_start_async (self->client, &options, self->source, self->cancellable, on_started,
                                g_object_ref (self));
}

static void
set_waiting (
    GbRunControl *self, const char *path, const char *text, const char *const *argv, gboolean is_cell)
{
  g_clear_pointer (&self->waiting, program_free);
  self->waiting = g_new0 (Program, 1);
  self->waiting->path = g_strdup (path);
  self->waiting->text = g_strdup (text);
  self->waiting->argv = g_strdupv ((char **) argv);
  self->waiting->is_cell = is_cell;
  self->waiting->until = G_MAXUINT64;
}

static void
start_again (GbRunControl *self)
{
  gb_trace_set_open_ended (self->trace, TRUE);
  gb_trace_flush (self->trace);
  start_interpreter (self);
}

/* To `place`, along the way that was remembered; what the run did is left as a branch. */
static void
run_along_way (GbRunControl *self)
{
  static const char *const no_arguments[] = { NULL };
  g_autoptr (GbMoment) way = g_steal_pointer (&self->way);
  set_waiting (self, way->path, way->text, no_arguments, FALSE);
  self->waiting->feed = g_strdup (way->feed);
  self->waiting->until = way->place.call;
  self->place = way->place;
  self->is_winding = TRUE;
  self->first_unit = -1;
  gb_trace_begin_again (self->trace, TRUE, self->way_branch, self->way_iteration);
  start_again (self);
}

void
gb_run_control_run (GbRunControl *self, const char *path, const char *text, const char *const *argv)
{
  set_waiting (self, path, text, argv, FALSE);
  gb_trace_reset (self->trace);
  start_again (self);
}

void
gb_run_control_run_beside (GbRunControl *self, const char *path, const char *text)
{
  static const char *const no_arguments[] = { NULL };
  set_waiting (self, path, text, no_arguments, FALSE);
  gb_trace_begin_again (self->trace, FALSE, 0, 0);
  start_again (self);
}

void
gb_run_control_run_to (
    GbRunControl *self, const char *path, const char *text, const char *feed, const GbRunPlace *place)
{
  static const char *const no_arguments[] = { NULL };
  set_waiting (self, path, text, no_arguments, FALSE);
  self->waiting->feed = g_strdup (feed);
  self->waiting->until = place->call;
  self->place = *place;
  self->is_winding = TRUE;
  self->first_unit = -1;
  gb_trace_reset (self->trace);
  start_again (self);
}

void
gb_run_control_run_cell (GbRunControl *self, const char *path, const char *text)
{
  static const char *const no_arguments[] = { NULL };
  if (!self->is_ready || !self->is_used || gb_run_control_is_alive (self))
    {
      gb_run_control_run (self, path, text, no_arguments);
      return;
    }
  set_waiting (self, path, text, no_arguments, TRUE);
  execute_waiting (self);
}

void
gb_run_control_start_paused (GbRunControl *self, GbStepUnit unit)
{
  self->first_unit = unit;
}

void
gb_run_control_stop (GbRunControl *self)
{
  g_clear_pointer (&self->waiting, program_free);
  gb_run_control_stop_pacing (self);
  self->first_unit = -1;
  if (self->state == GB_RUN_STARTING)
    {
      g_cancellable_cancel (self->cancellable);
      gb_kernel_client_stop (self->client);
      set_state (self, GB_RUN_IDLE);
    }
  else if (gb_run_control_is_alive (self))
    gb_kernel_client_interrupt (self->client);
}

void
gb_run_control_restart (GbRunControl *self)
{
  g_clear_pointer (&self->waiting, program_free);
  self->first_unit = -1;
  start_interpreter (self);
}

/* ---- the way back ---- */

gboolean
gb_run_control_can_rewind (GbRunControl *self)
{
  return self->is_ready && self->is_used && !self->is_winding && self->state != GB_RUN_STARTING
         && !gb_trace_cursor_get_following (self->cursor)
         && (gb_trace_cursor_get_branch (self->cursor)
             || gb_trace_cursor_get_position (self->cursor) < gb_trace_get_last_seq (self->trace));
}

/* A branch has left no snapshots: it runs again, from the start, as it did. */
static gboolean
rewind_branch (GbRunControl *self, guint64 seq)
{
  GbTrace *branch = gb_trace_cursor_get_trace (self->cursor);
  gb_run_control_stop_pacing (self);
  self->way_branch = gb_trace_cursor_get_branch (self->cursor);
  self->way_iteration = gb_trace_iteration_at (branch, seq);
  self->way = gb_moment_new (branch, seq, NULL);
  if (self->way)
    run_along_way (self);
  else
    g_signal_emit (self, signals[FAILED], 0, _ ("The branch cannot run again: its program is not recorded."));
  return TRUE;
}

gboolean
gb_run_control_rewind (GbRunControl *self)
{
  if (!gb_run_control_can_rewind (self))
    return FALSE;
  guint64 seq = gb_trace_cursor_get_position (self->cursor);
  g_clear_pointer (&self->way, gb_moment_free);
  if (gb_trace_cursor_get_branch (self->cursor))
    return rewind_branch (self, seq);
  self->way_branch = 0;
  self->way_iteration = 0;
  gb_run_control_stop_pacing (self);
  self->is_winding = TRUE;
  self->state_before = self->state;
  gb_trace_source_set_lossless (self->source, TRUE);
  set_state (self, GB_RUN_RUNNING);
  self->place = gb_run_place_of (self->trace, seq);
  self->way = gb_moment_new (self->trace, seq, NULL);
  g_autofree char *feed = gb_run_feed_until (self->trace, seq);
  gb_kernel_client_rewind_async (self->client, self->place.call, feed, self->cancellable, on_executed,
                                 g_object_ref (self));
  /* It remembers what was asked of it when it was left behind. */
  gb_run_control_send_watches (self);
  gb_run_control_send_breakpoints (self);
  return TRUE;
}

static void
gb_run_control_dispose (GObject *object)
{
  GbRunControl *self = GB_RUN_CONTROL (object);
  gb_run_control_stop_pacing (self);
  if (self->cancellable)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  let_go_of_source (self);
  if (self->client)
    g_signal_handlers_disconnect_by_data (self->client, self);
  g_clear_object (&self->client);
  g_clear_object (&self->files);
  g_clear_object (&self->cursor);
  g_clear_object (&self->trace);
  g_clear_pointer (&self->waiting, program_free);
  g_clear_pointer (&self->watches, g_array_unref);
  g_clear_pointer (&self->way, gb_moment_free);
  G_OBJECT_CLASS (gb_run_control_parent_class)->dispose (object);
}

static void
gb_run_control_finalize (GObject *object)
{
  GbRunControl *self = GB_RUN_CONTROL (object);
  g_array_unref (self->breakpoints);
  g_array_unref (self->snapshots);
  gb_run_recording_clear (&self->recording);
  g_free (self->sentence);
  g_free (self->sandbox_note);
  g_free (self->end_reason);
  g_free (self->end_message);
  G_OBJECT_CLASS (gb_run_control_parent_class)->finalize (object);
}

static void
gb_run_control_class_init (GbRunControlClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_run_control_dispose;
  G_OBJECT_CLASS (klass)->finalize = gb_run_control_finalize;
  signals[CHANGED] =
      g_signal_new ("changed", GB_TYPE_RUN_CONTROL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[ENDED] = g_signal_new ("ended", GB_TYPE_RUN_CONTROL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 3, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_INT);
  signals[SNAPSHOTS] =
      g_signal_new ("snapshots", GB_TYPE_RUN_CONTROL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[FAILED] = g_signal_new ("failed", GB_TYPE_RUN_CONTROL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
gb_run_control_init (GbRunControl *self)
{
  self->first_unit = -1;
  self->snapshots = g_array_new (FALSE, FALSE, sizeof (guint64));
  self->breakpoints = g_array_new (FALSE, FALSE, sizeof (GbBreakpoint));
  g_array_set_clear_func (self->breakpoints, gb_run_breakpoint_clear);
  self->client = gb_kernel_client_new ();
  self->files = gb_written_files_new ();
  gb_explain_follow_switch (G_OBJECT (self), on_explain_switch);
  g_signal_connect (self->client, "state", G_CALLBACK (on_state), self);
  g_signal_connect (self->client, "exited", G_CALLBACK (on_exited), self);
  g_signal_connect (self->client, "failed", G_CALLBACK (on_client_failed), self);
  g_signal_connect (self->client, "raw-output", G_CALLBACK (on_raw_output), self);
  g_signal_connect (self->client, "snapshots", G_CALLBACK (on_snapshots), self);
  g_signal_connect (self->client, "file-written", G_CALLBACK (on_file_written), self);
}

/* Which branch is looked at belongs to the sentence, and where the playhead of a paused program stands. */
static void
on_cursor_changed (GbRunControl *self, guint changes)
{
  if ((changes & GB_TRACE_CHANGED_RESET) || (changes == 0 && self->state == GB_RUN_PAUSED && !self->is_pacing))
    gb_run_control_emit_changed (self);
}

GbRunControl *
gb_run_control_new (GbTrace *trace, GbTraceCursor *cursor)
{
  GbRunControl *self = g_object_new (GB_TYPE_RUN_CONTROL, NULL);
  self->trace = g_object_ref (trace);
  self->cursor = g_object_ref (cursor);
  g_signal_connect_object (cursor, "changed", G_CALLBACK (on_cursor_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (gb_i18n_get_default (), "changed", G_CALLBACK (gb_run_control_emit_changed), self,
                           G_CONNECT_SWAPPED);
  return self;
}

void
gb_run_control_set_recording (GbRunControl *self, gboolean wanted)
{
  self->recording.wanted = wanted;
  if (!self->recording.writing)
    gb_run_recording_forget (&self->recording);
  gb_run_control_emit_changed (self);
}

const char *
gb_run_control_get_recording (GbRunControl *self)
{
  return self->recording.written;
}

GbWrittenFiles *
gb_run_control_get_files (GbRunControl *self)
{
  return self->files;
}
