/* The preferences: each row is bound to a key of the schema in data/settings, so that what is changed holds at once. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Shows the window in front of parent (may be NULL); there is at most one. */
void gb_preferences_window_present (GtkWindow *parent);

G_END_DECLS
