/* gradboard topics: scenes and the outline's leaves that they show. */
#include <json-c/json.h>
#include <string.h>

#include "cli/commands.h"
#include "common/i18n.h"
#include "library/library.h"
#include "paths.h"

static struct json_object *
text_json (const GbText *text)
{
  struct json_object *object = json_object_new_object ();
  json_object_object_add (object, "zh", json_object_new_string (text->zh ? text->zh : ""));
  json_object_object_add (object, "en", json_object_new_string (text->en ? text->en : ""));
  return object;
}

static struct json_object *
strings_json (char **strings)
{
  struct json_object *array = json_object_new_array ();
  for (guint i = 0; strings && strings[i]; i++)
    json_object_array_add (array, json_object_new_string (strings[i]));
  return array;
}

static struct json_object *
scene_json (const GbScene *scene)
{
  struct json_object *object = json_object_new_object ();
  json_object_object_add (object, "id", json_object_new_string (scene->id));
  json_object_object_add (object, "title", text_json (&scene->title));
  json_object_object_add (object, "summary", text_json (&scene->summary));
  json_object_object_add (object, "leaves", strings_json (scene->leaves));
  json_object_object_add (object, "views", strings_json (scene->views));
  if (scene->error)
    json_object_object_add (object, "error", json_object_new_string (scene->error));
  return object;
}

static void
print_scene (const GbScene *scene)
{
  g_autofree char *leaves = scene->leaves ? g_strjoinv (", ", scene->leaves) : g_strdup ("");
  if (scene->error)
    {
      g_print ("%-16s %s\n", scene->id, scene->error);
      return;
    }
  g_print ("%-16s %s\n", scene->id, gb_text_get (&scene->title));
  if (*leaves)
    g_print ("%-16s %s\n", "", leaves);
}

int
gb_command_topics (int argc, char **argv)
{
  gboolean json = argc == 2 && strcmp (argv[1], "--json") == 0, broken = FALSE;
  g_autoptr (GbLibrary) library = NULL;
  if (argc > 1 && !json)
    {
      g_printerr (_ ("%s: topics takes --json or nothing\n"), argv[1]);
      return GB_EXIT_USAGE;
    }
  library = gb_library_new (gb_paths_get_data_dir ());
  if (gb_library_get_error (library))
    g_printerr ("%s\n", gb_library_get_error (library));
  struct json_object *list = json_object_new_array ();
  for (guint i = 0; i < gb_library_get_n_scenes (library); i++)
    {
      const GbScene *scene = gb_library_get_scene (library, i);
      broken |= scene->error != NULL;
      if (json)
        json_object_array_add (list, scene_json (scene));
      else
        print_scene (scene);
    }
  if (json)
    g_print ("%s\n",
             json_object_to_json_string_ext (list, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
  json_object_put (list);
  return broken || gb_library_get_error (library) ? 1 : 0;
}
