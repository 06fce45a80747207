#define G_SETTINGS_ENABLE_BACKEND
#include "preferences.h"

#include "base/places.h"

#include <gio/gsettingsbackend.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA   "org.gradboard.Board"
#define PATH     "/org/gradboard/Board/"
#define N_RECENT 12

static GSettings *
new_settings (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSettingsSchemaSource) source = g_settings_schema_source_new_from_directory (
      te_place_get (TE_PLACE_SETTINGS), g_settings_schema_source_get_default (), TRUE, &error);
  g_autoptr (GSettingsSchema) schema = source ? g_settings_schema_source_lookup (source, SCHEMA, TRUE) : NULL;
  if (!schema)
    {
      /* Without it no default is known, and every preference would be a guess. */
      g_printerr ("gradboard: the schema %s is missing in %s: this installation is not complete\n", SCHEMA,
                  te_place_get (TE_PLACE_SETTINGS));
      exit (EXIT_FAILURE);
    }
  g_autofree char *file = g_build_filename (g_get_user_config_dir (), "gradboard", "settings.ini", NULL);
  g_autoptr (GSettingsBackend) backend = g_keyfile_settings_backend_new (file, PATH, "board");
  GSettings *settings = g_settings_new_full (schema, backend, NULL);
  if (!g_settings_is_writable (settings, "theme"))
    g_message ("preferences are not kept: %s cannot be written", file);
  return settings;
}

GSettings *
gb_preferences_get (void)
{
  static GSettings *settings = NULL;
  if (g_once_init_enter (&settings))
    g_once_init_leave (&settings, new_settings ());
  return settings;
}

char **
gb_preferences_get_recent (void)
{
  return g_settings_get_strv (gb_preferences_get (), "recent");
}

void
gb_preferences_add_recent (const char *path)
{
  g_auto (GStrv) old = gb_preferences_get_recent ();
  g_autoptr (GPtrArray) list = g_ptr_array_new ();
  g_ptr_array_add (list, (gpointer) path);
  for (guint i = 0; old[i] && list->len < N_RECENT; i++)
    if (strcmp (old[i], path) != 0)
      g_ptr_array_add (list, old[i]);
  g_ptr_array_add (list, NULL);
  g_settings_set_strv (gb_preferences_get (), "recent", (const char *const *) list->pdata);
}
