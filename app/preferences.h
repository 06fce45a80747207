/* Preferences: what the person chose, kept in ~/.config/gradboard/preferences.ini; written a moment after a
 * change. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Texts are owned by the caller; fallback may be NULL. */
char *gb_preferences_get_string (const char *key, const char *fallback);
void gb_preferences_set_string (const char *key, const char *value);
double gb_preferences_get_double (const char *key, double fallback);
void gb_preferences_set_double (const char *key, double value);
int gb_preferences_get_int (const char *key, int fallback);
void gb_preferences_set_int (const char *key, int value);

/* Newest first, at most 12; owned, NULL-terminated. */
char **gb_preferences_get_recent (void);
void gb_preferences_add_recent (const char *path);

/* Writes what is pending, now. */
void gb_preferences_flush (void);

G_END_DECLS
