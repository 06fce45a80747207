#include "library/authoring-private.h"

#include <string.h>

void
gb_authoring_say (GbAuthoring *self, const char *place, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *what = g_strdup_vprintf (format, args);
  va_end (args);
  g_ptr_array_add (self->problems, g_strdup_printf ("%s: %s", place, what));
}

GbJsonFile *
gb_authoring_load (GbAuthoring *self, const char *folder, const char *file, const char *schema)
{
  const char *data_dir = gb_library_get_data_dir (self->library);
  g_autofree char *path = g_build_filename (data_dir, folder, file, NULL);
  g_autofree char *schema_name = g_strdup_printf ("%s.schema.json", schema);
  g_autofree char *schema_path = g_build_filename (data_dir, "schemas", schema_name, NULL);
  g_autofree char *fault = NULL;
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GbJsonFile) json = gb_json_file_read (path, &fault);
  g_autoptr (GbJsonFile) rules = json ? gb_json_file_read (schema_path, &fault) : NULL;
  if (rules)
    gb_json_schema_check (json, rules->root, found);
  else
    g_ptr_array_add (found, g_steal_pointer (&fault));
  for (guint i = 0; i < found->len; i++)
    g_ptr_array_add (self->problems, g_build_filename (folder, g_ptr_array_index (found, i), NULL));
  return g_steal_pointer (&json);
}

static void
check_scene_and_own (GbAuthoring *self, const GbScene *scene)
{
  gb_authoring_check_scene (self, scene);
  if (scene->own)
    {
      g_autofree char *folder = g_build_filename ("scenes", scene->id, NULL);
      gb_authoring_check_topic (self, scene->own, folder, "questions.json");
    }
}

GPtrArray *
gb_authoring_check (GbLibrary *library, const char *name)
{
  GbAuthoring self = { library, g_ptr_array_new_with_free_func (g_free) };
  const char *const *leaves = gb_library_get_leaves (library);
  if (gb_library_get_error (library))
    g_ptr_array_add (self.problems, g_strdup (gb_library_get_error (library)));
  for (guint i = 0; i < gb_library_get_n_scenes (library); i++)
    if (!name || strcmp (gb_library_get_scene (library, i)->id, name) == 0)
      check_scene_and_own (&self, gb_library_get_scene (library, i));
  for (guint i = 0; leaves[i]; i++)
    if (!name || strcmp (leaves[i], name) == 0)
      {
        g_auto (GStrv) parts = g_strsplit (leaves[i], ".", 2);
        g_autofree char *folder = g_build_filename ("topics", parts[0], parts[1], NULL);
        gb_authoring_check_topic (&self, gb_library_find_topic (library, leaves[i]), folder, "topic.json");
      }
  for (guint i = 0; i < gb_library_get_n_cases (library); i++)
    if (!name || strcmp (gb_library_get_case (library, i)->id, name) == 0)
      gb_authoring_check_case (&self, gb_library_get_case (library, i));
  gb_authoring_check_shared (&self);
  return self.problems;
}
