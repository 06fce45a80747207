#include "kernel/kernel-service.h"

#include <gio/gunixfdlist.h>
#include <json-c/json.h>
#include <string.h>
#include <unistd.h>

#include "kernel-dbus.h"
#include "kernel/interpreter-process.h"
#include "kernel/processes.h"
#include "kernel/scratch.h"
#include "trace/wire.h"

#define INTERRUPT_GRACE_MSEC  1000
#define DEFAULT_MEMORY_NBYTES ((guint64) 4 << 30)
#define DEFAULT_OUTPUT_NBYTES ((guint64) 64 << 20)
#define SCRATCH_NBYTES        ((guint64) 1 << 30)
#define SCRATCH_SCAN_MSEC     500
/* A new snapshot speaks within milliseconds; a program that makes channels itself may stay silent. */
#define SNAPSHOT_PATIENCE_MSEC 5000

struct _GbKernelService
{
  GObject parent_instance;
  GbKernel *skeleton;
  GbInterpreterProcess *interpreter;
  GDBusMethodInvocation *start, *execute; /* waiting for their replies */
  guint32 execute_id, last_id;
  GHashTable *waiting; /* frame id -> GDBusMethodInvocation */
  /* A way back that waits for a snapshot to say where it stands. */
  struct
  {
    GDBusMethodInvocation *invocation;
    guint64 call;
    char *request;
    guint patience;
  } rewind;
  guint interrupt_source, time_source, scan_source;
  gboolean stopping, retried;
  GbScratch *scratch;
  /* of the last Start, for a second try without bubblewrap */
  GVariant *start_options;
  int segment, wakeup, channel;
  gint64 start_usec;
};

G_DEFINE_FINAL_TYPE (GbKernelService, gb_kernel_service, G_TYPE_OBJECT)

static void fail_waiters (GbKernelService *self, const char *message);
static void fail_rewind (GbKernelService *self, const char *message);
static gboolean begin_interpreter (GbKernelService *self, gboolean bubblewrap, GError **error);
static void try_rewind (GbKernelService *self, gboolean may_wait);

static void
on_written (const char *path, guint64 nbytes, gpointer data)
{
  GbKernelService *self = data;
  gb_kernel_emit_file_written (self->skeleton, path, nbytes);
}

static gboolean
scan_scratch (gpointer data)
{
  GbKernelService *self = data;
  if (gb_scratch_scan (self->scratch) > SCRATCH_NBYTES && self->interpreter)
    gb_interpreter_process_kill (self->interpreter, "disk",
                                 "The program was stopped because it wrote more files than is allowed.");
  return G_SOURCE_CONTINUE;
}

/* ---- replies ---- */

static void
end_execute (GbKernelService *self, int status, const char *reason, const char *message)
{
  g_clear_handle_id (&self->interrupt_source, g_source_remove);
  g_clear_handle_id (&self->time_source, g_source_remove);
  g_clear_handle_id (&self->scan_source, g_source_remove);
  if (!self->execute)
    return;
  scan_scratch (self);
  gb_kernel_complete_execute (self->skeleton, g_steal_pointer (&self->execute), status, reason, message);
}

static void
end_execute_json (GbKernelService *self, const char *text)
{
  struct json_object *reply = json_tokener_parse (text), *member;
  int status = 1;
  g_autofree char *reason = g_strdup ("ended"), *message = g_strdup ("");
  if (json_object_object_get_ex (reply, "status", &member))
    status = json_object_get_int (member) & 0xff;
  if (json_object_object_get_ex (reply, "reason", &member))
    {
      g_free (reason);
      reason = g_utf8_make_valid (json_object_get_string (member), -1);
    }
  if (json_object_object_get_ex (reply, "message", &member))
    {
      g_free (message);
      message = g_utf8_make_valid (json_object_get_string (member), -1);
    }
  json_object_put (reply);
  end_execute (self, status, reason, message);
}

static void
complete_waiter (GbKernelService *self, guint32 id, const char *text, gboolean failed)
{
  GDBusMethodInvocation *invocation = g_hash_table_lookup (self->waiting, GUINT_TO_POINTER (id));
  if (!invocation)
    return;
  g_hash_table_steal (self->waiting, GUINT_TO_POINTER (id));
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  if (failed)
    g_dbus_method_invocation_return_error (invocation, G_IO_ERROR, G_IO_ERROR_FAILED, "%s", valid);
  else if (strcmp (g_dbus_method_invocation_get_method_name (invocation), "Inspect") == 0)
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(s)", valid));
  else
    g_dbus_method_invocation_return_value (invocation, NULL);
}

static void
on_frame (GbInterpreterProcess *interpreter, guint type, guint id, GBytes *payload, GbKernelService *self)
{
  gsize nbytes;
  const char *bytes = g_bytes_get_data (payload, &nbytes);
  if (type == TE_FRAME_STATE && nbytes >= 4)
    {
      guint32 state;
      memcpy (&state, bytes, sizeof state);
      g_autofree char *detail = g_utf8_make_valid (bytes + 4, (gssize) nbytes - 4);
      if (state <= TE_STATE_ENDED)
        gb_kernel_emit_state_changed (self->skeleton, state, detail);
      return;
    }
  if (type != TE_FRAME_REPLY && type != TE_FRAME_ERROR)
    return;
  g_autofree char *text = g_strndup (bytes ? bytes : "", nbytes);
  if (self->execute && id == self->execute_id)
    {
      if (type == TE_FRAME_REPLY)
        end_execute_json (self, text);
      else
        {
          GDBusMethodInvocation *invocation = g_steal_pointer (&self->execute);
          end_execute (self, 1, "", "");
          g_dbus_method_invocation_return_error (invocation, G_IO_ERROR, G_IO_ERROR_FAILED, "%s", text);
        }
    }
  else
    complete_waiter (self, id, text, type == TE_FRAME_ERROR);
}

static void
on_output (GbInterpreterProcess *interpreter, guint stream, GBytes *bytes, GbKernelService *self)
{
  gsize nbytes;
  const void *data = g_bytes_get_data (bytes, &nbytes);
  if (gb_interpreter_process_is_ready (interpreter))
    gb_kernel_emit_raw_output (self->skeleton, stream,
                               g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, data, nbytes, 1));
}

static void
on_snapshots (GbInterpreterProcess *interpreter, GbKernelService *self)
{
  GbSnapshots *snapshots = gb_interpreter_process_get_snapshots (interpreter);
  GVariantBuilder list;
  g_variant_builder_init (&list, G_VARIANT_TYPE ("a(tt)"));
  for (guint i = 0; i < gb_snapshots_get_n (snapshots); i++)
    {
      const GbSnapshot *snapshot = gb_snapshots_get (snapshots, i);
      g_variant_builder_add (&list, "(tt)", snapshot->call, snapshot->iteration);
    }
  gb_kernel_emit_snapshots_changed (self->skeleton, g_variant_builder_end (&list));
  try_rewind (self, TRUE);
}

static void
on_ready (GbInterpreterProcess *interpreter, const char *about, GbKernelService *self)
{
  /* Whoever holds the other end is to notice when the program is gone. */
  if (self->channel > 0)
    close (self->channel);
  self->channel = 0;
  if (!self->start)
    return;
  GVariantDict out;
  g_variant_dict_init (&out, NULL);
  g_variant_dict_insert (&out, "pid", "u", (guint32) gb_interpreter_process_get_pid (interpreter));
  g_variant_dict_insert (&out, "bubblewrap", "b", gb_interpreter_process_uses_bubblewrap (interpreter));
  g_variant_dict_insert (&out, "ready-usec", "x", g_get_monotonic_time () - self->start_usec);
  g_variant_dict_insert (&out, "scratch", "s", gb_scratch_get_path (self->scratch));
  g_variant_dict_insert (&out, "json", "s", about);
  gb_kernel_complete_start (self->skeleton, g_steal_pointer (&self->start), NULL, g_variant_dict_end (&out));
}

static void
on_exited (GbInterpreterProcess *interpreter,
           const char *reason,
           int sig,
           int status,
           const char *message,
           GbKernelService *self)
{
  gboolean was_ready = gb_interpreter_process_is_ready (interpreter);
  gboolean bubblewrap = gb_interpreter_process_uses_bubblewrap (interpreter);
  g_autoptr (GbInterpreterProcess) dead = g_steal_pointer (&self->interpreter);
  g_autofree char *valid = g_utf8_make_valid (message ? message : "", -1);
  if (self->start && !was_ready && bubblewrap && !self->retried)
    {
      /* bubblewrap is there and does not work here (a container, say): the layer is left out. */
      self->retried = TRUE;
      if (begin_interpreter (self, FALSE, NULL))
        return;
    }
  if (self->start)
    g_dbus_method_invocation_return_error (g_steal_pointer (&self->start), G_IO_ERROR, G_IO_ERROR_FAILED,
                                           "%s", valid);
  end_execute (self, status, reason, valid);
  fail_waiters (self, valid);
  gb_kernel_emit_exited (self->skeleton, reason, sig, valid);
}

static void
fail_waiters (GbKernelService *self, const char *message)
{
  fail_rewind (self, message);
  GHashTableIter iter;
  gpointer invocation;
  g_hash_table_iter_init (&iter, self->waiting);
  while (g_hash_table_iter_next (&iter, NULL, &invocation))
    {
      g_hash_table_iter_steal (&iter);
      g_dbus_method_invocation_return_error (invocation, G_IO_ERROR, G_IO_ERROR_CLOSED, "%s", message);
    }
}

/* ---- methods ---- */

static void
drop_interpreter (GbKernelService *self, const char *message)
{
  if (!self->interpreter)
    return;
  g_autoptr (GbInterpreterProcess) old = g_steal_pointer (&self->interpreter);
  g_signal_handlers_disconnect_by_data (old, self);
  gb_interpreter_process_abandon (old);
  end_execute (self, 137, "killed", message);
  fail_waiters (self, message);
}

static gboolean
begin_interpreter (GbKernelService *self, gboolean bubblewrap, GError **error)
{
  GbInterpreterPlan plan = { .memory_nbytes = DEFAULT_MEMORY_NBYTES,
                             .output_nbytes = DEFAULT_OUTPUT_NBYTES,
                             .scratch_nbytes = SCRATCH_NBYTES,
                             .scratch = gb_scratch_get_path (self->scratch) };
  g_autofree const char **readable = NULL, **doors = NULL;
  g_autoptr (GVariant) limits =
      g_variant_lookup_value (self->start_options, "limits", G_VARIANT_TYPE_VARDICT);
  if (limits)
    {
      g_variant_lookup (limits, "memory-bytes", "t", &plan.memory_nbytes);
      g_variant_lookup (limits, "output-bytes", "t", &plan.output_nbytes);
    }
  g_variant_lookup (self->start_options, "readable", "^a&s", &readable);
  g_variant_lookup (self->start_options, "doors", "^a&s", &doors);
  g_variant_lookup (self->start_options, "nice", "b", &plan.nice);
  plan.readable = readable;
  plan.door_loopback = doors && g_strv_contains (doors, "loopback");
  plan.door_exec = doors && g_strv_contains (doors, "exec");
  plan.bubblewrap = bubblewrap;
  plan.channel = self->channel;
  self->interpreter = gb_interpreter_process_new (&plan, self->segment, self->wakeup, error);
  if (!self->interpreter)
    return FALSE;
  g_signal_connect (self->interpreter, "ready", G_CALLBACK (on_ready), self);
  g_signal_connect (self->interpreter, "frame", G_CALLBACK (on_frame), self);
  g_signal_connect (self->interpreter, "output", G_CALLBACK (on_output), self);
  g_signal_connect (self->interpreter, "snapshots", G_CALLBACK (on_snapshots), self);
  g_signal_connect (self->interpreter, "exited", G_CALLBACK (on_exited), self);
  return TRUE;
}

static void
keep_descriptors (GbKernelService *self, int segment, int wakeup, int channel)
{
  if (self->segment >= 0)
    close (self->segment);
  if (self->wakeup >= 0)
    close (self->wakeup);
  if (self->channel > 0)
    close (self->channel);
  self->segment = segment;
  self->wakeup = wakeup;
  self->channel = channel;
}

static gboolean
prepare_scratch (GbKernelService *self, GError **error)
{
  const char *given = NULL;
  g_variant_lookup (self->start_options, "scratch", "&s", &given);
  return gb_scratch_begin (self->scratch, given, error);
}

static gboolean
handle_start (GbKernel *skeleton,
              GDBusMethodInvocation *invocation,
              GUnixFDList *fds,
              GVariant *options,
              GVariant *segment,
              GVariant *wakeup,
              gpointer data)
{
  GbKernelService *self = data;
  g_autoptr (GError) error = NULL;
  int segment_fd = fds ? g_unix_fd_list_get (fds, g_variant_get_handle (segment), &error) : -1;
  int wakeup_fd =
      fds && segment_fd >= 0 ? g_unix_fd_list_get (fds, g_variant_get_handle (wakeup), &error) : -1;
  if (wakeup_fd < 0)
    {
      if (segment_fd >= 0)
        close (segment_fd);
      g_dbus_method_invocation_return_error_literal (invocation, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                                                     "Start needs a segment and a wakeup descriptor");
      return TRUE;
    }
  gint32 channel = -1;
  int channel_fd = 0;
  if (g_variant_lookup (options, "channel", "h", &channel))
    channel_fd = MAX (0, g_unix_fd_list_get (fds, channel, NULL));
  self->start_usec = g_get_monotonic_time ();
  drop_interpreter (self, "A new interpreter took its place.");
  keep_descriptors (self, segment_fd, wakeup_fd, channel_fd);
  g_clear_pointer (&self->start_options, g_variant_unref);
  self->start_options = g_variant_ref (options);
  self->retried = FALSE;
  gboolean bubblewrap = TRUE;
  g_variant_lookup (options, "bubblewrap", "b", &bubblewrap);
  g_autofree char *bwrap = g_find_program_in_path ("bwrap");
  if (!prepare_scratch (self, &error) || !begin_interpreter (self, bubblewrap && bwrap, &error))
    g_dbus_method_invocation_return_gerror (invocation, error);
  else
    self->start = invocation;
  return TRUE;
}

static gboolean
out_of_time (gpointer data)
{
  GbKernelService *self = data;
  self->time_source = 0;
  if (self->interpreter)
    gb_interpreter_process_kill (self->interpreter, "time",
                                 "The program was stopped because its time was up.");
  return G_SOURCE_REMOVE;
}

static void
send_or_fail (GbKernelService *self,
              GDBusMethodInvocation *invocation,
              TeFrameType type,
              gconstpointer payload,
              gsize nbytes)
{
  guint32 id = ++self->last_id;
  if (!self->interpreter || !gb_interpreter_process_send (self->interpreter, type, id, payload, nbytes))
    g_dbus_method_invocation_return_error_literal (invocation, G_IO_ERROR, G_IO_ERROR_CLOSED,
                                                   "no interpreter is running");
  else
    g_hash_table_insert (self->waiting, GUINT_TO_POINTER (id), invocation);
}

static gboolean
handle_execute (GbKernel *skeleton,
                GDBusMethodInvocation *invocation,
                const char *path,
                const char *text,
                const char *const *argv,
                GVariant *options,
                gpointer data)
{
  GbKernelService *self = data;
  if (!self->interpreter || self->execute)
    {
      g_dbus_method_invocation_return_error_literal (invocation, G_IO_ERROR, G_IO_ERROR_BUSY,
                                                     self->execute ? "a program is running already"
                                                                   : "no interpreter is running");
      return TRUE;
    }
  gboolean cell = FALSE, pause = FALSE, untraced = FALSE, snapshots = FALSE;
  double seconds = 0;
  const char *feed = NULL;
  guint64 until = 0;
  guint32 snapshot_msec = 0;
  gboolean has_until = g_variant_lookup (options, "until", "t", &until);
  g_variant_lookup (options, "feed", "&s", &feed);
  g_variant_lookup (options, "cell", "b", &cell);
  g_variant_lookup (options, "pause", "b", &pause);
  g_variant_lookup (options, "untraced", "b", &untraced);
  g_variant_lookup (options, "snapshots", "b", &snapshots);
  g_variant_lookup (options, "snapshot-msec", "u", &snapshot_msec);
  g_variant_lookup (options, "seconds", "d", &seconds);
  gb_snapshots_clear (gb_interpreter_process_get_snapshots (self->interpreter));
  struct json_object *request = json_object_new_object (), *list = json_object_new_array ();
  json_object_object_add (request, "path", json_object_new_string (path));
  if (*text)
    json_object_object_add (request, "text", json_object_new_string (text));
  for (; *argv; argv++)
    json_object_array_add (list, json_object_new_string (*argv));
  json_object_object_add (request, "argv", list);
  if (feed)
    json_object_object_add (request, "feed", json_object_new_string (feed));
  if (has_until)
    json_object_object_add (request, "until", json_object_new_int64 ((gint64) until));
  json_object_object_add (request, "mode", json_object_new_string (cell ? "cell" : "main"));
  json_object_object_add (request, "untraced", json_object_new_boolean (untraced));
  json_object_object_add (request, "snapshots", json_object_new_boolean (snapshots));
  json_object_object_add (request, "snapshot-msec", json_object_new_int64 (snapshot_msec));
  json_object_object_add (request, "pause", json_object_new_boolean (pause));
  self->execute_id = ++self->last_id;
  self->execute = invocation;
  if (!gb_interpreter_process_send_text (self->interpreter, TE_FRAME_EXECUTE, self->execute_id,
                                         json_object_to_json_string_ext (request, JSON_C_TO_STRING_PLAIN)))
    end_execute (self, 1, "crashed", "The interpreter is gone.");
  else
    {
      self->scan_source = g_timeout_add (SCRATCH_SCAN_MSEC, scan_scratch, self);
      if (seconds > 0)
        self->time_source = g_timeout_add ((guint) (seconds * 1000), out_of_time, self);
    }
  json_object_put (request);
  return TRUE;
}

static void
forget_rewind (GbKernelService *self)
{
  g_clear_handle_id (&self->rewind.patience, g_source_remove);
  g_clear_pointer (&self->rewind.request, g_free);
}

static void
fail_rewind (GbKernelService *self, const char *message)
{
  forget_rewind (self);
  if (self->rewind.invocation)
    g_dbus_method_invocation_return_error_literal (g_steal_pointer (&self->rewind.invocation), G_IO_ERROR,
                                                   G_IO_ERROR_NOT_FOUND, message);
}

static gboolean
out_of_patience (gpointer data)
{
  GbKernelService *self = data;
  self->rewind.patience = 0;
  try_rewind (self, FALSE);
  return G_SOURCE_REMOVE;
}

/* A snapshot that was made a moment ago may not have had the time to say where it stands. */
static void
try_rewind (GbKernelService *self, gboolean may_wait)
{
  GDBusMethodInvocation *invocation = self->rewind.invocation;
  guint32 execute_id;
  if (!invocation)
    return;
  self->rewind.invocation = NULL; /* waking one is a change of the snapshots, too */
  if (self->interpreter
      && gb_interpreter_process_rewind (self->interpreter, self->rewind.call, self->rewind.request,
                                        &execute_id))
    {
      forget_rewind (self);
      end_execute (self, 0, "rewound", "");
      fail_waiters (self, "The run was wound back.");
      self->execute = invocation;
      self->execute_id = execute_id;
      self->scan_source = g_timeout_add (SCRATCH_SCAN_MSEC, scan_scratch, self);
      return;
    }
  self->rewind.invocation = invocation;
  if (may_wait && self->interpreter
      && gb_snapshots_is_awaiting (gb_interpreter_process_get_snapshots (self->interpreter)))
    {
      if (!self->rewind.patience)
        self->rewind.patience = g_timeout_add (SNAPSHOT_PATIENCE_MSEC, out_of_patience, self);
    }
  else
    fail_rewind (self, "no snapshot is as old as this position");
}

static gboolean
handle_rewind (GbKernel *skeleton, GDBusMethodInvocation *invocation, guint64 call, const char *feed, gpointer data)
{
  GbKernelService *self = data;
  struct json_object *json = *feed ? json_tokener_parse (feed) : json_object_new_object ();
  if (!json_object_is_type (json, json_type_object))
    {
      json_object_put (json);
      g_dbus_method_invocation_return_error_literal (invocation, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                                                     "the feed is a JSON object");
      return TRUE;
    }
  json_object_object_add (json, "until", json_object_new_int64 ((gint64) call));
  g_autofree char *request = g_strdup (json_object_to_json_string_ext (json, JSON_C_TO_STRING_PLAIN));
  json_object_put (json);
  fail_rewind (self, "another way back was asked for");
  self->rewind.invocation = invocation;
  self->rewind.call = call;
  self->rewind.request = g_steal_pointer (&request);
  try_rewind (self, TRUE);
  return TRUE;
}

static gboolean
interrupt_had_no_effect (gpointer data)
{
  GbKernelService *self = data;
  self->interrupt_source = 0;
  if (self->interpreter && self->execute)
    gb_interpreter_process_kill (self->interpreter, "killed",
                                 "The program did not react to the interrupt within a second and was ended.");
  return G_SOURCE_REMOVE;
}

static gboolean
handle_interrupt (GbKernel *skeleton, GDBusMethodInvocation *invocation, gpointer data)
{
  GbKernelService *self = data;
  if (self->interpreter && self->execute)
    {
      gb_interpreter_process_interrupt (self->interpreter);
      if (!self->interrupt_source)
        self->interrupt_source = g_timeout_add (INTERRUPT_GRACE_MSEC, interrupt_had_no_effect, self);
    }
  gb_kernel_complete_interrupt (skeleton, invocation);
  return TRUE;
}

static gboolean
handle_pause (GbKernel *skeleton, GDBusMethodInvocation *invocation, gpointer data)
{
  send_or_fail (data, invocation, TE_FRAME_PAUSE, NULL, 0);
  return TRUE;
}

static gboolean
handle_continue (GbKernel *skeleton, GDBusMethodInvocation *invocation, gpointer data)
{
  send_or_fail (data, invocation, TE_FRAME_CONTINUE, NULL, 0);
  return TRUE;
}

static gboolean
handle_step (
    GbKernel *skeleton, GDBusMethodInvocation *invocation, const char *unit, guint count, gpointer data)
{
  static const char *const units[] = { "line", "op", "node", "iteration", "module", "into" };
  guint32 step[2] = { 0, count };
  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    if (strcmp (unit, units[i]) == 0)
      step[0] = i + 1;
  if (!step[0])
    g_dbus_method_invocation_return_error (invocation, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                                           "there is no step by '%s'", unit);
  else
    send_or_fail (data, invocation, TE_FRAME_STEP, step, sizeof step);
  return TRUE;
}

static struct json_object *
json_from_variant (GVariant *value)
{
  g_autoptr (GVariant) inner = g_variant_is_of_type (value, G_VARIANT_TYPE_VARIANT)
                                   ? g_variant_get_variant (value)
                                   : g_variant_ref (value);
  switch (g_variant_classify (inner))
    {
    case G_VARIANT_CLASS_BOOLEAN:
      return json_object_new_boolean (g_variant_get_boolean (inner));
    case G_VARIANT_CLASS_INT32:
      return json_object_new_int64 (g_variant_get_int32 (inner));
    case G_VARIANT_CLASS_UINT32:
      return json_object_new_int64 (g_variant_get_uint32 (inner));
    case G_VARIANT_CLASS_INT64:
      return json_object_new_int64 (g_variant_get_int64 (inner));
    case G_VARIANT_CLASS_DOUBLE:
      return json_object_new_double (g_variant_get_double (inner));
    case G_VARIANT_CLASS_STRING:
      return json_object_new_string (g_variant_get_string (inner, NULL));
    default: /* no other type is a knob's value */
      return NULL;
    }
}

static gboolean
handle_set_knob (
    GbKernel *skeleton, GDBusMethodInvocation *invocation, const char *name, GVariant *value, gpointer data)
{
  struct json_object *number = json_from_variant (value);
  if (!number)
    {
      g_dbus_method_invocation_return_error_literal (invocation, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                                                     "a knob's value is a number, a boolean or a text");
      return TRUE;
    }
  struct json_object *request = json_object_new_object ();
  json_object_object_add (request, "name", json_object_new_string (name));
  json_object_object_add (request, "value", number);
  const char *text = json_object_to_json_string_ext (request, JSON_C_TO_STRING_PLAIN);
  send_or_fail (data, invocation, TE_FRAME_SET_KNOB, text, strlen (text));
  json_object_put (request);
  return TRUE;
}

static gboolean
handle_answer (GbKernel *skeleton, GDBusMethodInvocation *invocation, const char *text, gpointer data)
{
  send_or_fail (data, invocation, TE_FRAME_ANSWER, text, strlen (text));
  return TRUE;
}

static gboolean
handle_watch (GbKernel *skeleton, GDBusMethodInvocation *invocation, GVariant *watches, gpointer data)
{
  gsize n = g_variant_n_children (watches);
  g_autofree TeWatch *list = g_new0 (TeWatch, n + 1);
  for (gsize i = 0; i < n; i++)
    g_variant_get_child (watches, i, "(uutx)", &list[i].kind, &list[i].period_msec, &list[i].tensor,
                         &list[i].max_elements);
  send_or_fail (data, invocation, TE_FRAME_WATCH, list, n * sizeof *list);
  return TRUE;
}

static gboolean
handle_set_breakpoints (GbKernel *skeleton,
                        GDBusMethodInvocation *invocation,
                        GVariant *breakpoints,
                        gpointer data)
{
  struct json_object *list = json_object_new_array ();
  GVariantIter iter;
  const char *path, *condition;
  guint32 line;
  g_variant_iter_init (&iter, breakpoints);
  while (g_variant_iter_next (&iter, "(&su&s)", &path, &line, &condition))
    {
      struct json_object *entry = json_object_new_object ();
      json_object_object_add (entry, "path", json_object_new_string (path));
      json_object_object_add (entry, "line", json_object_new_int64 (line));
      json_object_object_add (entry, "condition", json_object_new_string (condition));
      json_object_array_add (list, entry);
    }
  const char *text = json_object_to_json_string_ext (list, JSON_C_TO_STRING_PLAIN);
  send_or_fail (data, invocation, TE_FRAME_BREAKPOINTS, text, strlen (text));
  json_object_put (list);
  return TRUE;
}

static gboolean
handle_inspect (GbKernel *skeleton,
                GDBusMethodInvocation *invocation,
                const char *what,
                const char *arguments,
                gpointer data)
{
  struct json_object *request = *arguments ? json_tokener_parse (arguments) : json_object_new_object ();
  if (!json_object_is_type (request, json_type_object))
    {
      json_object_put (request);
      g_dbus_method_invocation_return_error_literal (invocation, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                                                     "the arguments are a JSON object");
      return TRUE;
    }
  json_object_object_add (request, "what", json_object_new_string (what));
  const char *text = json_object_to_json_string_ext (request, JSON_C_TO_STRING_PLAIN);
  send_or_fail (data, invocation, TE_FRAME_INSPECT, text, strlen (text));
  json_object_put (request);
  return TRUE;
}

static gboolean
handle_stop (GbKernel *skeleton, GDBusMethodInvocation *invocation, gpointer data)
{
  GbKernelService *self = data;
  drop_interpreter (self, "The program was stopped.");
  gb_kernel_complete_stop (skeleton, invocation);
  return TRUE;
}

/* ---- life ---- */

void
gb_kernel_service_shut_down (GbKernelService *self)
{
  self->stopping = TRUE;
  drop_interpreter (self, "The broker is ending.");
  gb_processes_kill_all (0);
  gb_scratch_drop (self->scratch);
}

GbKernelService *
gb_kernel_service_new (GDBusConnection *connection, GError **error)
{
  g_autoptr (GbKernelService) self = g_object_new (GB_TYPE_KERNEL_SERVICE, NULL);
  return g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (self->skeleton), connection,
                                           GB_KERNEL_OBJECT_PATH, error)
             ? g_steal_pointer (&self)
             : NULL;
}

static void
gb_kernel_service_finalize (GObject *object)
{
  GbKernelService *self = GB_KERNEL_SERVICE (object);
  if (!self->stopping)
    gb_kernel_service_shut_down (self);
  keep_descriptors (self, -1, -1, 0);
  g_clear_pointer (&self->start_options, g_variant_unref);
  g_hash_table_unref (self->waiting);
  gb_scratch_free (self->scratch);
  g_clear_object (&self->skeleton);
  G_OBJECT_CLASS (gb_kernel_service_parent_class)->finalize (object);
}

static void
gb_kernel_service_class_init (GbKernelServiceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gb_kernel_service_finalize;
}

static void
gb_kernel_service_init (GbKernelService *self)
{
  static const struct
  {
    const char *name;
    GCallback handler;
  } handlers[] = {
    { "handle-start", G_CALLBACK (handle_start) },
    { "handle-execute", G_CALLBACK (handle_execute) },
    { "handle-rewind", G_CALLBACK (handle_rewind) },
    { "handle-interrupt", G_CALLBACK (handle_interrupt) },
    { "handle-pause", G_CALLBACK (handle_pause) },
    { "handle-continue", G_CALLBACK (handle_continue) },
    { "handle-step", G_CALLBACK (handle_step) },
    { "handle-set-knob", G_CALLBACK (handle_set_knob) },
    { "handle-answer", G_CALLBACK (handle_answer) },
    { "handle-watch", G_CALLBACK (handle_watch) },
    { "handle-set-breakpoints", G_CALLBACK (handle_set_breakpoints) },
    { "handle-inspect", G_CALLBACK (handle_inspect) },
    { "handle-stop", G_CALLBACK (handle_stop) },
  };
  self->segment = self->wakeup = -1;
  self->skeleton = gb_kernel_skeleton_new ();
  self->waiting = g_hash_table_new (NULL, NULL);
  self->scratch = gb_scratch_new (on_written, self);
  for (guint i = 0; i < G_N_ELEMENTS (handlers); i++)
    g_signal_connect (self->skeleton, handlers[i].name, handlers[i].handler, self);
}
