/* The broker as a child of the window: one process, one private connection.  Signal "exited": it is gone, and
 * nothing of its session is left. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define GB_TYPE_KERNEL_PROCESS (gb_kernel_process_get_type ())
G_DECLARE_FINAL_TYPE (GbKernelProcess, gb_kernel_process, GB, KERNEL_PROCESS, GObject)

void gb_kernel_process_start_async (GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data);
GbKernelProcess *gb_kernel_process_start_finish (GAsyncResult *result, GError **error);

GDBusConnection *gb_kernel_process_get_connection (GbKernelProcess *self);
gboolean gb_kernel_process_is_alive (GbKernelProcess *self);
void gb_kernel_process_stop (GbKernelProcess *self); /* closes the connection; the broker ends by that */

G_END_DECLS
