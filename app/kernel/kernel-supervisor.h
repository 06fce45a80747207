/* Keeps one broker: starts it when it is first needed and again after it died, but not in a loop.
 * Signal "exited": the broker is gone. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define GB_TYPE_KERNEL_SUPERVISOR (gb_kernel_supervisor_get_type ())
G_DECLARE_FINAL_TYPE (GbKernelSupervisor, gb_kernel_supervisor, GB, KERNEL_SUPERVISOR, GObject)

GbKernelSupervisor *gb_kernel_supervisor_new (void);

/* To the broker that lives, or to a new one.  Fails after 5 starts in 10 s, and when there is none to start.
 */
void gb_kernel_supervisor_get_connection_async (GbKernelSupervisor *self,
                                                GCancellable *cancellable,
                                                GAsyncReadyCallback callback,
                                                gpointer data);
GDBusConnection *gb_kernel_supervisor_get_connection_finish (GbKernelSupervisor *self,
                                                             GAsyncResult *result,
                                                             GError **error); /* owned */

G_END_DECLS
