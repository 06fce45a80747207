/* Preferences: what the person chose, by the schema in data/settings, kept in ~/.config/gradboard/settings.ini (a file of our
 * own, so that a machine without dconf keeps them too).  Several windows and programs share them as they change. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The settings; borrowed, never NULL.  A program without its schema ends with a sentence that says so. */
GSettings *gb_preferences_get (void);

/* Newest first, at most 12; owned, NULL-terminated. */
char **gb_preferences_get_recent (void);
void gb_preferences_add_recent (const char *path);

G_END_DECLS
