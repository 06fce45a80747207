#include "preferences.h"

#include <errno.h>
#include <string.h>

#define GROUP    "board"
#define N_RECENT 12

static guint pending = 0;

static const char *
get_path (void)
{
  static char *path = NULL;
  if (!path)
    path = g_build_filename (g_get_user_config_dir (), "gradboard", "preferences.ini", NULL);
  return path;
}

static GKeyFile *
get_file (void)
{
  static GKeyFile *file = NULL;
  if (!file)
    {
      file = g_key_file_new ();
      /* A missing or damaged file means the defaults. */
      g_key_file_load_from_file (file, get_path (), G_KEY_FILE_NONE, NULL);
    }
  return file;
}

void
gb_preferences_flush (void)
{
  if (!pending)
    return;
  g_clear_handle_id (&pending, g_source_remove);
  g_autofree char *dir = g_path_get_dirname (get_path ());
  g_mkdir_with_parents (dir, 0700);
  g_autoptr (GError) error = NULL;
  if (!g_key_file_save_to_file (get_file (), get_path (), &error))
    g_message ("preferences are not kept: %s", error->message);
}

static gboolean
on_write (gpointer data)
{
  gb_preferences_flush ();
  return G_SOURCE_REMOVE;
}

static void
schedule_write (void)
{
  if (!pending)
    pending = g_timeout_add (400, on_write, NULL);
}

char *
gb_preferences_get_string (const char *key, const char *fallback)
{
  char *value = g_key_file_get_string (get_file (), GROUP, key, NULL);
  return value ? value : g_strdup (fallback);
}

void
gb_preferences_set_string (const char *key, const char *value)
{
  g_key_file_set_string (get_file (), GROUP, key, value ? value : "");
  schedule_write ();
}

double
gb_preferences_get_double (const char *key, double fallback)
{
  g_autoptr (GError) error = NULL;
  double value = g_key_file_get_double (get_file (), GROUP, key, &error);
  return error ? fallback : value;
}

void
gb_preferences_set_double (const char *key, double value)
{
  g_key_file_set_double (get_file (), GROUP, key, value);
  schedule_write ();
}

int
gb_preferences_get_int (const char *key, int fallback)
{
  g_autoptr (GError) error = NULL;
  int value = g_key_file_get_integer (get_file (), GROUP, key, &error);
  return error ? fallback : value;
}

void
gb_preferences_set_int (const char *key, int value)
{
  g_key_file_set_integer (get_file (), GROUP, key, value);
  schedule_write ();
}

char **
gb_preferences_get_recent (void)
{
  char **list = g_key_file_get_string_list (get_file (), GROUP, "recent", NULL, NULL);
  return list ? list : g_new0 (char *, 1);
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
  g_key_file_set_string_list (get_file (), GROUP, "recent", (const char *const *) list->pdata, list->len);
  schedule_write ();
}
