/* A scene: scene.json against scene.py and the rest of the board. */
#include "library/authoring-private.h"

#include "common/i18n.h"
#include "view-registry.h"

#include <string.h>

/* First arguments, where they are strings, of every call gb.NAME("…") in a program; keys of the set. */
static GHashTable *
find_calls (const char *program, const char *name)
{
  GHashTable *found = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *pattern = g_strdup_printf ("\\bgb\\.%s\\(\\s*[\"']([^\"']+)[\"']", name);
  g_autoptr (GRegex) regex = g_regex_new (pattern, 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_regex_match (regex, program, 0, &match);
  for (; g_match_info_matches (match); g_match_info_next (match, NULL))
    g_hash_table_add (found, g_match_info_fetch (match, 1));
  return found;
}

/* What scene.json lists under a key and what the program calls are the same names. */
static void
compare (GbAuthoring *self,
         const GbJsonFile *file,
         const char *folder,
         const char *key,
         const char *member,
         const char *call,
         const char *program)
{
  g_autoptr (GHashTable) called = find_calls (program, call);
  GHashTableIter iter;
  gpointer name;
  for (guint i = 0; i < gb_json_get_length (file->root, key); i++)
    {
      g_autofree char *listed = gb_json_dup_string (gb_json_get_nth (file->root, key, i), member);
      g_autofree char *field = g_strdup_printf ("%s[%u]", key, i);
      g_autofree char *place = gb_json_file_describe (file, field, listed ? listed : "");
      g_autofree char *full = g_build_filename (folder, place, NULL);
      if (listed && !g_hash_table_remove (called, listed))
        gb_authoring_say (self, full, _ ("scene.py never calls gb.%s with this name"), call);
    }
  g_hash_table_iter_init (&iter, called);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    {
      g_autofree char *full = g_build_filename (folder, "scene.py", NULL);
      gb_authoring_say (self, full, _ ("gb.%s (\"%s\") is not listed in scene.json under %s"), call,
                        (char *) name, key);
    }
}

static gboolean
has_function (const char *program, const char *name)
{
  g_autofree char *pattern = g_strdup_printf ("^def %s\\(", name);
  return g_regex_match_simple (pattern, program, G_REGEX_MULTILINE, 0);
}

static void
check_names (GbAuthoring *self, const GbScene *scene, const char *place, const char *program)
{
  for (guint i = 0; i < scene->tabs->len; i++)
    {
      const GbSceneTab *tab = g_ptr_array_index (scene->tabs, i);
      if (!has_function (program, tab->function))
        gb_authoring_say (self, place, _ ("tabs[%u]: scene.py has no function %s"), i, tab->function);
    }
  for (guint i = 0; i < scene->predictions->len; i++)
    {
      const GbPrediction *prediction = g_ptr_array_index (scene->predictions, i);
      if (prediction->tab && !gb_scene_find_tab (scene, prediction->tab))
        gb_authoring_say (self, place, _ ("predictions[%u].tab: there is no tab %s"), i, prediction->tab);
    }
  for (guint i = 0; scene->leaves && scene->leaves[i]; i++)
    if (!gb_library_find_leaf (self->library, scene->leaves[i]))
      gb_authoring_say (self, place, _ ("leaves[%u]: the outline has no leaf %s"), i, scene->leaves[i]);
  for (guint i = 0; scene->views && scene->views[i]; i++)
    if (!gb_view_registry_find (scene->views[i]))
      gb_authoring_say (self, place, _ ("views[%u]: there is no view %s"), i, scene->views[i]);
}

void
gb_authoring_check_scene (GbAuthoring *self, const GbScene *scene)
{
  g_autofree char *folder = g_build_filename ("scenes", scene->id, NULL);
  g_autofree char *place = g_build_filename (folder, "scene.json", NULL);
  g_autofree char *path = g_build_filename (scene->folder, "scene.py", NULL);
  g_autofree char *program = NULL;
  g_autoptr (GbJsonFile) file = gb_authoring_load (self, folder, "scene.json", "scene");
  if (!file || !g_file_get_contents (path, &program, NULL, NULL))
    return;
  g_autofree char *id = gb_json_dup_string (file->root, "id");
  if (g_strcmp0 (id, scene->id) != 0)
    gb_authoring_say (self, place, _ ("id: is not the folder's name"));
  compare (self, file, folder, "knobs", "name", "knob", program);
  compare (self, file, folder, "predictions", "id", "ask", program);
  compare (self, file, folder, "predictions", "id", "tell", program);
  check_names (self, scene, place, program);
}
