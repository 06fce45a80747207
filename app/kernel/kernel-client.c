#include "kernel/kernel-client.h"

#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <unistd.h>

#include "kernel-dbus.h"
#include "kernel/kernel-supervisor.h"

#define OBJECT_PATH "/org/gradboard/Kernel"

struct _GbKernelClient
{
  GObject parent_instance;
  GbKernelSupervisor *supervisor;
  GbKernel *proxy; /* to the present broker, or NULL */
  GbTraceSource *source;
  char *feed; /* for the next program, or NULL */
  guint64 until; /* for the next program; G_MAXUINT64: its end */
  guint snapshot_msec; /* 0: the usual */
  gboolean has_interpreter;
  int exit_status;
};

G_DEFINE_FINAL_TYPE (GbKernelClient, gb_kernel_client, G_TYPE_OBJECT)

enum
{
  STATE,
  EXITED,
  RAW_OUTPUT,
  SNAPSHOTS,
  FILE_WRITTEN,
  FAILED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

void
gb_kernel_about_free (GbKernelAbout *about)
{
  g_free (about->scratch);
  g_free (about->json);
  g_free (about);
}

void
gb_kernel_result_clear (GbKernelResult *result)
{
  g_clear_pointer (&result->reason, g_free);
  g_clear_pointer (&result->message, g_free);
}

/* ---- what the broker tells ---- */

static void
interpreter_gone (GbKernelClient *self, const char *reason, int sig, const char *message)
{
  if (!self->has_interpreter)
    return;
  self->has_interpreter = FALSE;
  if (self->source)
    gb_trace_source_finish (self->source, TRUE, sig ? 128 + sig : 1, sig);
  g_signal_emit (self, signals[EXITED], 0, reason, sig, message);
}

static void
on_state_changed (GbKernel *proxy, guint state, const char *detail, GbKernelClient *self)
{
  g_signal_emit (self, signals[STATE], 0, state, detail);
}

static void
on_exited (GbKernel *proxy, const char *reason, int sig, const char *message, GbKernelClient *self)
{
  interpreter_gone (self, reason, sig, message);
}

static void
on_raw_output (GbKernel *proxy, guint stream, GVariant *bytes, GbKernelClient *self)
{
  g_autoptr (GBytes) data = g_variant_get_data_as_bytes (bytes);
  g_signal_emit (self, signals[RAW_OUTPUT], 0, stream, data);
}

static void
on_file_written (GbKernel *proxy, const char *path, guint64 nbytes, GbKernelClient *self)
{
  g_signal_emit (self, signals[FILE_WRITTEN], 0, path, nbytes);
}

static void
on_snapshots_changed (GbKernel *proxy, GVariant *snapshots, GbKernelClient *self)
{
  g_signal_emit (self, signals[SNAPSHOTS], 0, snapshots);
}

static void
on_broker_exited (GbKernelSupervisor *supervisor, GbKernelClient *self)
{
  g_clear_object (&self->proxy);
  interpreter_gone (self, "killed", 0,
                    "The process that supervises programs ended; a new one starts with the next run.");
}

static void
on_corrupt (GbTraceSource *source, const char *message, GbKernelClient *self)
{
  if (source != self->source)
    return;
  g_signal_emit (self, signals[FAILED], 0, message);
  gb_kernel_client_stop (self);
}

static void
take_proxy (GbKernelClient *self, GDBusConnection *connection, GError **error)
{
  if (self->proxy && g_dbus_proxy_get_connection (G_DBUS_PROXY (self->proxy)) == connection)
    return;
  g_clear_object (&self->proxy);
  /* No properties are loaded, so this sends nothing and returns at once. */
  self->proxy = gb_kernel_proxy_new_sync (connection, G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES, NULL,
                                          OBJECT_PATH, NULL, error);
  if (!self->proxy)
    return;
  g_dbus_proxy_set_default_timeout (G_DBUS_PROXY (self->proxy), G_MAXINT);
  g_signal_connect_object (self->proxy, "state-changed", G_CALLBACK (on_state_changed), self, 0);
  g_signal_connect_object (self->proxy, "exited", G_CALLBACK (on_exited), self, 0);
  g_signal_connect_object (self->proxy, "raw-output", G_CALLBACK (on_raw_output), self, 0);
  g_signal_connect_object (self->proxy, "snapshots-changed", G_CALLBACK (on_snapshots_changed), self, 0);
  g_signal_connect_object (self->proxy, "file-written", G_CALLBACK (on_file_written), self, 0);
}

/* ---- starting ---- */

typedef struct
{
  GVariantDict *options;
  GbTraceSource *source;
  int channel; /* ours, or 0 */
} StartData;

static void
start_data_free (StartData *data)
{
  g_variant_dict_unref (data->options);
  g_object_unref (data->source);
  if (data->channel > 0)
    close (data->channel);
  g_free (data);
}

static GVariantDict *
options_dict (const GbKernelOptions *options)
{
  GVariantDict *dict = g_variant_dict_new (NULL), limits;
  g_variant_dict_init (&limits, NULL);
  if (options->memory_nbytes)
    g_variant_dict_insert (&limits, "memory-bytes", "t", options->memory_nbytes);
  if (options->output_nbytes)
    g_variant_dict_insert (&limits, "output-bytes", "t", options->output_nbytes);
  g_variant_dict_insert_value (dict, "limits", g_variant_dict_end (&limits));
  g_variant_dict_insert (dict, "bubblewrap", "b", !options->no_bubblewrap);
  g_variant_dict_insert (dict, "nice", "b", options->nice);
  if (options->scratch)
    g_variant_dict_insert (dict, "scratch", "s", options->scratch);
  if (options->readable)
    g_variant_dict_insert_value (dict, "readable", g_variant_new_strv (options->readable, -1));
  if (options->doors)
    g_variant_dict_insert_value (dict, "doors", g_variant_new_strv (options->doors, -1));
  return dict;
}

static void
start_called (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) about = NULL;
  GbKernelClient *self = g_task_get_source_object (task);
  if (!gb_kernel_call_start_finish (GB_KERNEL (source), &about, NULL, result, &error))
    {
      g_dbus_error_strip_remote_error (error);
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  GbKernelAbout *out = g_new0 (GbKernelAbout, 1);
  g_variant_lookup (about, "pid", "u", &out->pid);
  g_variant_lookup (about, "bubblewrap", "b", &out->bubblewrap);
  g_variant_lookup (about, "ready-usec", "x", &out->ready_usec);
  g_variant_lookup (about, "scratch", "s", &out->scratch);
  g_variant_lookup (about, "json", "s", &out->json);
  self->has_interpreter = TRUE;
  g_task_return_pointer (task, out, (GDestroyNotify) gb_kernel_about_free);
}

static void
broker_ready (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  g_autoptr (GError) error = NULL;
  GbKernelClient *self = g_task_get_source_object (task);
  StartData *start = g_task_get_task_data (task);
  g_autoptr (GDBusConnection) connection =
      gb_kernel_supervisor_get_connection_finish (GB_KERNEL_SUPERVISOR (source), result, &error);
  if (connection)
    take_proxy (self, connection, &error);
  if (error)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  g_autoptr (GUnixFDList) fds = g_unix_fd_list_new ();
  int segment = g_unix_fd_list_append (fds, gb_trace_source_get_segment_fd (start->source), &error);
  int wakeup =
      segment >= 0 ? g_unix_fd_list_append (fds, gb_trace_source_get_wakeup_fd (start->source), &error) : -1;
  if (wakeup < 0)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  int channel = start->channel > 0 ? g_unix_fd_list_append (fds, start->channel, NULL) : -1;
  if (channel >= 0)
    g_variant_dict_insert (start->options, "channel", "h", channel);
  if (self->source)
    g_signal_handlers_disconnect_by_data (self->source, self);
  self->has_interpreter = FALSE;
  g_set_object (&self->source, start->source);
  g_signal_connect_object (self->source, "corrupt", G_CALLBACK (on_corrupt), self, 0);
  gb_kernel_call_start (self->proxy, g_variant_dict_end (start->options), g_variant_new_handle (segment),
                        g_variant_new_handle (wakeup), fds, g_task_get_cancellable (task), start_called,
                        g_object_ref (task));
}

void
gb_kernel_client_start_async (GbKernelClient *self,
                              const GbKernelOptions *options,
                              GbTraceSource *source,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer data)
{
  GTask *task = g_task_new (self, cancellable, callback, data);
  StartData *start = g_new0 (StartData, 1);
  start->options = options_dict (options);
  start->channel = options->channel > 0 ? fcntl (options->channel, F_DUPFD_CLOEXEC, 10) : 0;
  start->source = g_object_ref (source);
  g_task_set_task_data (task, start, (GDestroyNotify) start_data_free);
  gb_kernel_supervisor_get_connection_async (self->supervisor, cancellable, broker_ready, task);
}

GbKernelAbout *
gb_kernel_client_start_finish (GbKernelClient *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* ---- running ---- */

static void
result_free (gpointer data)
{
  gb_kernel_result_clear (data);
  g_free (data);
}

static void
execute_called (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  g_autoptr (GError) error = NULL;
  GbKernelClient *self = g_task_get_source_object (task);
  GbKernelResult *out = g_new0 (GbKernelResult, 1);
  gboolean ok = gb_kernel_call_execute_finish (GB_KERNEL (source), &out->status, &out->reason, &out->message,
                                               result, &error);
  if (self->source)
    gb_trace_source_finish (self->source, FALSE, 0, 0);
  if (ok)
    {
      g_task_return_pointer (task, out, result_free);
      return;
    }
  result_free (out);
  g_dbus_error_strip_remote_error (error);
  g_task_return_error (task, g_steal_pointer (&error));
}

void
gb_kernel_client_set_feed (GbKernelClient *self, const char *path)
{
  g_free (self->feed);
  self->feed = g_strdup (path);
}

void
gb_kernel_client_set_until (GbKernelClient *self, guint64 call)
{
  self->until = call;
}

void
gb_kernel_client_set_snapshot_interval (GbKernelClient *self, guint msec)
{
  self->snapshot_msec = msec;
}

void
gb_kernel_client_execute_async (GbKernelClient *self,
                                const char *path,
                                const char *text,
                                const char *const *argv,
                                GbExecuteFlags flags,
                                double seconds,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer data)
{
  static const char *const none[] = { NULL };
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, data);
  GVariantDict options;
  if (!self->proxy)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CLOSED, "no interpreter is running");
      return;
    }
  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "cell", "b", (flags & GB_EXECUTE_CELL) != 0);
  g_variant_dict_insert (&options, "pause", "b", (flags & GB_EXECUTE_PAUSE) != 0);
  g_variant_dict_insert (&options, "snapshots", "b", (flags & GB_EXECUTE_SNAPSHOTS) != 0);
  g_variant_dict_insert (&options, "untraced", "b", (flags & GB_EXECUTE_UNTRACED) != 0);
  if (self->feed)
    g_variant_dict_insert (&options, "feed", "s", self->feed);
  g_variant_dict_insert (&options, "snapshot-msec", "u", self->snapshot_msec);
  if (self->until != G_MAXUINT64)
    g_variant_dict_insert (&options, "until", "t", self->until);
  if (seconds > 0)
    g_variant_dict_insert (&options, "seconds", "d", seconds);
  gb_kernel_call_execute (self->proxy, path, text ? text : "", argv ? argv : none,
                          g_variant_dict_end (&options), cancellable, execute_called,
                          g_steal_pointer (&task));
}

void
gb_kernel_client_rewind_async (GbKernelClient *self,
                               guint64 call,
                               const char *feed,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, data);
  if (self->proxy)
    gb_kernel_call_rewind (self->proxy, call, feed ? feed : "", cancellable, execute_called, g_steal_pointer (&task));
  else
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CLOSED, "no interpreter is running");
}

gboolean
gb_kernel_client_execute_finish (GbKernelClient *self,
                                 GAsyncResult *result,
                                 GbKernelResult *out,
                                 GError **error)
{
  GbKernelResult *got = g_task_propagate_pointer (G_TASK (result), error);
  if (!got)
    return FALSE;
  *out = *got;
  g_free (got);
  return TRUE;
}

/* ---- requests without an answer ---- */

static void
request_done (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GbKernelClient) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_proxy_call_finish (G_DBUS_PROXY (source), result, &error);
  /* That the interpreter ended first is told by "exited". */
  if (error && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED) && self->has_interpreter)
    {
      g_dbus_error_strip_remote_error (error);
      g_signal_emit (self, signals[FAILED], 0, error->message);
    }
}

static void
request (GbKernelClient *self, const char *method, GVariant *arguments)
{
  if (self->proxy)
    g_dbus_proxy_call (G_DBUS_PROXY (self->proxy), method, arguments, G_DBUS_CALL_FLAGS_NONE, -1, NULL,
                       request_done, g_object_ref (self));
  else if (arguments)
    g_variant_unref (g_variant_ref_sink (arguments));
}

void
gb_kernel_client_interrupt (GbKernelClient *self)
{
  request (self, "Interrupt", NULL);
}

void
gb_kernel_client_stop (GbKernelClient *self)
{
  request (self, "Stop", NULL);
}

void
gb_kernel_client_pause (GbKernelClient *self)
{
  request (self, "Pause", NULL);
}

void
gb_kernel_client_continue (GbKernelClient *self)
{
  request (self, "Continue", NULL);
}

void
gb_kernel_client_step (GbKernelClient *self, const char *unit, guint count)
{
  request (self, "Step", g_variant_new ("(su)", unit, count));
}

void
gb_kernel_client_set_knob (GbKernelClient *self, const char *name, GVariant *value)
{
  request (self, "SetKnob", g_variant_new ("(sv)", name, value));
}

void
gb_kernel_client_answer (GbKernelClient *self, const char *text)
{
  request (self, "Answer", g_variant_new ("(s)", text));
}

void
gb_kernel_client_watch (GbKernelClient *self, const TeWatch *watches, gsize n)
{
  GVariantBuilder list;
  g_variant_builder_init (&list, G_VARIANT_TYPE ("a(uutx)"));
  for (gsize i = 0; i < n; i++)
    g_variant_builder_add (&list, "(uutx)", watches[i].kind, watches[i].period_msec, watches[i].tensor,
                           watches[i].max_elements);
  request (self, "Watch", g_variant_new ("(a(uutx))", &list));
}

void
gb_kernel_client_set_breakpoints (GbKernelClient *self, const GbBreakpoint *breakpoints, gsize n)
{
  GVariantBuilder list;
  g_variant_builder_init (&list, G_VARIANT_TYPE ("a(sus)"));
  for (gsize i = 0; i < n; i++)
    g_variant_builder_add (&list, "(sus)", breakpoints[i].path, breakpoints[i].line,
                           breakpoints[i].condition ? breakpoints[i].condition : "");
  request (self, "SetBreakpoints", g_variant_new ("(a(sus))", &list));
}

static void
inspect_called (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  g_autoptr (GError) error = NULL;
  char *answer = NULL;
  if (gb_kernel_call_inspect_finish (GB_KERNEL (source), &answer, result, &error))
    {
      g_task_return_pointer (task, answer, g_free);
      return;
    }
  g_dbus_error_strip_remote_error (error);
  g_task_return_error (task, g_steal_pointer (&error));
}

void
gb_kernel_client_inspect_async (GbKernelClient *self,
                                const char *what,
                                const char *arguments_json,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, data);
  if (!self->proxy)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CLOSED, "no interpreter is running");
  else
    gb_kernel_call_inspect (self->proxy, what, arguments_json ? arguments_json : "", cancellable,
                            inspect_called, g_steal_pointer (&task));
}

char *
gb_kernel_client_inspect_finish (GbKernelClient *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

gboolean
gb_kernel_client_has_interpreter (GbKernelClient *self)
{
  return self->has_interpreter;
}

GbTraceSource *
gb_kernel_client_get_source (GbKernelClient *self)
{
  return self->source;
}

GbKernelClient *
gb_kernel_client_new (void)
{
  return g_object_new (GB_TYPE_KERNEL_CLIENT, NULL);
}

static void
gb_kernel_client_dispose (GObject *object)
{
  GbKernelClient *self = GB_KERNEL_CLIENT (object);
  g_clear_object (&self->proxy);
  g_clear_object (&self->source);
  g_clear_object (&self->supervisor);
  g_clear_pointer (&self->feed, g_free);
  G_OBJECT_CLASS (gb_kernel_client_parent_class)->dispose (object);
}

static void
gb_kernel_client_class_init (GbKernelClientClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = gb_kernel_client_dispose;
#define SIGNAL(name, n, ...)                                                                                 \
  g_signal_new (name, type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, n, __VA_ARGS__)
  signals[STATE] = SIGNAL ("state", 2, G_TYPE_UINT, G_TYPE_STRING);
  signals[EXITED] = SIGNAL ("exited", 3, G_TYPE_STRING, G_TYPE_INT, G_TYPE_STRING);
  signals[RAW_OUTPUT] = SIGNAL ("raw-output", 2, G_TYPE_UINT, G_TYPE_BYTES);
  signals[SNAPSHOTS] = SIGNAL ("snapshots", 1, G_TYPE_VARIANT);
  signals[FILE_WRITTEN] = SIGNAL ("file-written", 2, G_TYPE_STRING, G_TYPE_UINT64);
  signals[FAILED] = SIGNAL ("failed", 1, G_TYPE_STRING);
#undef SIGNAL
}

static void
gb_kernel_client_init (GbKernelClient *self)
{
  self->until = G_MAXUINT64;
  self->supervisor = gb_kernel_supervisor_new ();
  g_signal_connect_object (self->supervisor, "exited", G_CALLBACK (on_broker_exited), self, 0);
}
