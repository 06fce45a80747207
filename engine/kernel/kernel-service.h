/* org.gradboard.Kernel on one connection: keeps the one interpreter, and answers every waiter when it dies.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define GB_KERNEL_OBJECT_PATH "/org/gradboard/Kernel"

#define GB_TYPE_KERNEL_SERVICE (gb_kernel_service_get_type ())
G_DECLARE_FINAL_TYPE (GbKernelService, gb_kernel_service, GB, KERNEL_SERVICE, GObject)

GbKernelService *gb_kernel_service_new (GDBusConnection *connection, GError **error);
/* Ends the interpreter and everything it started, now. */
void gb_kernel_service_shut_down (GbKernelService *self);

G_END_DECLS
