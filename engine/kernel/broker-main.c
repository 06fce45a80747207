#include <gio/gio.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kernel/kernel-service.h"

/* gradboard-kernel: serves org.gradboard.Kernel on descriptor 3 and ends when that closes.  Everything it
 * starts stays in its session and becomes its child when orphaned, so that nothing outlives it. */

#define CONNECTION_FD 3

static void
on_closed (GDBusConnection *connection, gboolean remote, GError *error, gpointer loop)
{
  g_main_loop_quit (loop);
}

static gboolean
on_signal (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_CONTINUE;
}

int
main (int argc, char **argv)
{
  struct sockaddr_storage address;
  if (getsockname (CONNECTION_FD, (struct sockaddr *) &address, &(socklen_t){ sizeof address }))
    {
      g_printerr ("gradboard-kernel is started by gradboard.\n");
      return 64;
    }
  prctl (PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
  prctl (PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  setsid ();
  signal (SIGPIPE, SIG_IGN);
  signal (SIGINT, SIG_IGN); /* Ctrl-C in a terminal is for the one who started us */
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket = g_socket_new_from_fd (CONNECTION_FD, &error);
  g_autoptr (GSocketConnection) stream =
      socket ? g_socket_connection_factory_create_connection (socket) : NULL;
  g_autofree char *guid = g_dbus_generate_guid ();
  /* The socketpair is private: whoever holds its other end is the one (and user namespaces may map the uid).
   */
  g_autoptr (GDBusConnection) connection =
      stream ? g_dbus_connection_new_sync (G_IO_STREAM (stream), guid,
                                           G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_SERVER
                                               | G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_ALLOW_ANONYMOUS
                                               | G_DBUS_CONNECTION_FLAGS_DELAY_MESSAGE_PROCESSING,
                                           NULL, NULL, &error)
             : NULL;
  g_autoptr (GbKernelService) service = connection ? gb_kernel_service_new (connection, &error) : NULL;
  if (!service)
    {
      g_printerr ("gradboard-kernel: %s\n", error->message);
      return 1;
    }
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_signal_connect (connection, "closed", G_CALLBACK (on_closed), loop);
  g_unix_signal_add (SIGTERM, on_signal, loop);
  g_unix_signal_add (SIGHUP, on_signal, loop);
  g_dbus_connection_start_message_processing (connection);
  if (!g_dbus_connection_is_closed (connection))
    g_main_loop_run (loop);
  gb_kernel_service_shut_down (service);
  return EXIT_SUCCESS;
}
