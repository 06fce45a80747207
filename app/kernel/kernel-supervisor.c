#include "kernel/kernel-supervisor.h"

#include "kernel/kernel-process.h"

#define STARTS_MOST 5
#define WITHIN_USEC (10 * G_USEC_PER_SEC)

struct _GbKernelSupervisor
{
  GObject parent_instance;
  GbKernelProcess *process;
  GQueue waiting; /* GTask: all get the same broker, or the same error */
  gboolean starting;
  gint64 starts[STARTS_MOST]; /* when; a ring */
  guint n_starts;
};

G_DEFINE_FINAL_TYPE (GbKernelSupervisor, gb_kernel_supervisor, G_TYPE_OBJECT)

enum
{
  EXITED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
on_exited (GbKernelProcess *process, GbKernelSupervisor *self)
{
  if (process != self->process)
    return;
  g_clear_object (&self->process);
  g_signal_emit (self, signals[EXITED], 0);
}

static void
process_started (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GbKernelSupervisor) self = data;
  g_autoptr (GError) error = NULL;
  GTask *task;
  self->starting = FALSE;
  self->process = gb_kernel_process_start_finish (result, &error);
  if (self->process)
    g_signal_connect_object (self->process, "exited", G_CALLBACK (on_exited), self, 0);
  while ((task = g_queue_pop_head (&self->waiting)))
    {
      if (self->process)
        g_task_return_pointer (task, g_object_ref (gb_kernel_process_get_connection (self->process)),
                               g_object_unref);
      else
        g_task_return_error (task, g_error_copy (error));
      g_object_unref (task);
    }
}

static gboolean
too_often (GbKernelSupervisor *self)
{
  gint64 now = g_get_monotonic_time (), *oldest = &self->starts[self->n_starts % STARTS_MOST];
  if (self->n_starts >= STARTS_MOST && now - *oldest < WITHIN_USEC)
    return TRUE;
  *oldest = now;
  self->n_starts++;
  return FALSE;
}

void
gb_kernel_supervisor_get_connection_async (GbKernelSupervisor *self,
                                           GCancellable *cancellable,
                                           GAsyncReadyCallback callback,
                                           gpointer data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, data);
  if (self->process && gb_kernel_process_is_alive (self->process))
    {
      g_task_return_pointer (task, g_object_ref (gb_kernel_process_get_connection (self->process)),
                             g_object_unref);
      return;
    }
  if (!self->starting && too_often (self))
    {
      g_task_return_new_error (
          task, G_IO_ERROR, G_IO_ERROR_FAILED,
          "the process that supervises programs keeps ending; try again in a few seconds");
      return;
    }
  g_queue_push_tail (&self->waiting, g_steal_pointer (&task));
  if (self->starting)
    return;
  g_clear_object (&self->process);
  self->starting = TRUE;
  gb_kernel_process_start_async (NULL, process_started, g_object_ref (self));
}

GDBusConnection *
gb_kernel_supervisor_get_connection_finish (GbKernelSupervisor *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

GbKernelSupervisor *
gb_kernel_supervisor_new (void)
{
  return g_object_new (GB_TYPE_KERNEL_SUPERVISOR, NULL);
}

static void
gb_kernel_supervisor_dispose (GObject *object)
{
  GbKernelSupervisor *self = GB_KERNEL_SUPERVISOR (object);
  if (self->process)
    {
      g_signal_handlers_disconnect_by_data (self->process, self);
      gb_kernel_process_stop (self->process);
    }
  g_clear_object (&self->process);
  G_OBJECT_CLASS (gb_kernel_supervisor_parent_class)->dispose (object);
}

static void
gb_kernel_supervisor_class_init (GbKernelSupervisorClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_kernel_supervisor_dispose;
  signals[EXITED] = g_signal_new ("exited", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 0);
}

static void
gb_kernel_supervisor_init (GbKernelSupervisor *self)
{
  g_queue_init (&self->waiting);
}
