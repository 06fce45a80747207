#include "kernel/kernel-process.h"

#include "base/places.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTION_FD 3

struct _GbKernelProcess
{
  GObject parent_instance;
  GSubprocess *subprocess;
  GDBusConnection *connection;
  pid_t pid;
  gboolean exited;
};

G_DEFINE_FINAL_TYPE (GbKernelProcess, gb_kernel_process, G_TYPE_OBJECT)

enum
{
  EXITED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* A broker that was killed cannot clean up; what it started is still in its session. */
static void
kill_session (pid_t session)
{
  for (int round = 0; round < 100; round++)
    {
      gboolean any = FALSE;
      GDir *dir = g_dir_open ("/proc", 0, NULL);
      const char *name;
      while (dir && (name = g_dir_read_name (dir)))
        {
          pid_t pid = atoi (name);
          char path[64];
          g_autofree char *text = NULL;
          g_snprintf (path, sizeof path, "/proc/%d/stat", pid);
          if (pid <= 0 || pid == session || getsid (pid) != session
              || !g_file_get_contents (path, &text, NULL, NULL))
            continue;
          const char *after = strrchr (text, ')');
          if (after && strlen (after) > 2 && after[2] != 'Z' && after[2] != 'X')
            {
              kill (pid, SIGKILL);
              any = TRUE;
            }
        }
      if (dir)
        g_dir_close (dir);
      if (!any)
        return;
      g_usleep (1000);
    }
}

static void
broker_ended (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GbKernelProcess) self = data;
  g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL);
  self->exited = TRUE;
  if (self->pid > 0)
    kill_session (self->pid);
  g_signal_emit (self, signals[EXITED], 0);
}

static void
connected (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  g_autoptr (GError) error = NULL;
  GbKernelProcess *self = g_task_get_task_data (task);
  self->connection = g_dbus_connection_new_finish (result, &error);
  if (!self->connection)
    {
      g_subprocess_force_exit (self->subprocess);
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  g_task_return_pointer (task, g_object_ref (self), g_object_unref);
}

static GSubprocess *
spawn (int theirs, GError **error)
{
  GSubprocessLauncher *launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_subprocess_launcher_take_fd (launcher, theirs, CONNECTION_FD);
  GSubprocess *subprocess = g_subprocess_launcher_spawn (launcher, error, te_place_get (TE_PLACE_BROKER), NULL);
  g_object_unref (launcher); /* at once: it holds the broker's end open, and no end of file would ever come */
  return subprocess;
}

void
gb_kernel_process_start_async (GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  GbKernelProcess *self = g_object_new (GB_TYPE_KERNEL_PROCESS, NULL);
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);
  g_autoptr (GError) error = NULL;
  int pair[2];
  g_task_set_task_data (task, self, g_object_unref);
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
    {
      g_task_return_new_error (task, G_IO_ERROR, g_io_error_from_errno (errno), "%s", g_strerror (errno));
      return;
    }
  self->subprocess = spawn (pair[1], &error);
  g_autoptr (GSocket) socket = self->subprocess ? g_socket_new_from_fd (pair[0], &error) : NULL;
  if (!socket)
    {
      close (pair[0]);
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  const char *identifier = g_subprocess_get_identifier (self->subprocess);
  self->pid = identifier ? atoi (identifier) : 0;
  g_subprocess_wait_async (self->subprocess, NULL, broker_ended, g_object_ref (self));
  g_autoptr (GSocketConnection) stream = g_socket_connection_factory_create_connection (socket);
  g_dbus_connection_new (G_IO_STREAM (stream), NULL, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL,
                         cancellable, connected, g_steal_pointer (&task));
}

GbKernelProcess *
gb_kernel_process_start_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

GDBusConnection *
gb_kernel_process_get_connection (GbKernelProcess *self)
{
  return self->connection;
}

gboolean
gb_kernel_process_is_alive (GbKernelProcess *self)
{
  return !self->exited && self->connection && !g_dbus_connection_is_closed (self->connection);
}

void
gb_kernel_process_stop (GbKernelProcess *self)
{
  if (self->connection && !g_dbus_connection_is_closed (self->connection))
    g_dbus_connection_close_sync (self->connection, NULL, NULL);
}

static void
gb_kernel_process_dispose (GObject *object)
{
  GbKernelProcess *self = GB_KERNEL_PROCESS (object);
  gb_kernel_process_stop (self);
  g_clear_object (&self->connection);
  g_clear_object (&self->subprocess);
  G_OBJECT_CLASS (gb_kernel_process_parent_class)->dispose (object);
}

static void
gb_kernel_process_class_init (GbKernelProcessClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_kernel_process_dispose;
  signals[EXITED] = g_signal_new ("exited", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 0);
}

static void
gb_kernel_process_init (GbKernelProcess *self)
{
}
