#include "cli/program-path.h"

#include "paths.h"

#include <gio/gio.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

static gboolean
is_scene_id (const char *name)
{
  for (const char *c = name; *c; c++)
    if (!g_ascii_isalnum (*c) && *c != '-' && *c != '_')
      return FALSE;
  return *name != 0;
}

static GbProgram *
make (char *path, const char *scene)
{
  GbProgram *program = g_new0 (GbProgram, 1);
  g_autofree char *real = realpath (path, NULL);
  g_autofree char *folder = g_path_get_dirname (real ? real : path);
  program->path = g_strdup (real ? real : path);
  program->scene = g_strdup (scene);
  program->readable = g_new0 (char *, 3);
  program->readable[0] = g_steal_pointer (&folder);
  /* The small data sets that come with the board, as in the window: a scene is also run by its path. */
  program->readable[1] = g_build_filename (gb_paths_get_data_dir (), "datasets", NULL);
  return program;
}

/* The scene of a leaf of the outline ("tensor.backward"); NULL: there is no such topic. */
static char *
scene_of_leaf (const char *leaf)
{
  const char *dot = strchr (leaf, '.');
  g_autofree char *section = dot ? g_strndup (leaf, (gsize) (dot - leaf)) : NULL;
  if (!section || !is_scene_id (section) || !is_scene_id (dot + 1))
    return NULL;
  g_autofree char *path =
      g_build_filename (gb_paths_get_data_dir (), "topics", section, dot + 1, "topic.json", NULL);
  struct json_object *root = json_object_from_file (path), *scene = NULL;
  char *id = json_object_is_type (root, json_type_object) && json_object_object_get_ex (root, "scene", &scene)
                 ? g_strdup (json_object_get_string (scene))
                 : NULL;
  json_object_put (root);
  return id && is_scene_id (id) ? id : (g_free (id), NULL);
}

/* A case's or an exercise's program as it is given, where programs may read it: its own folder is closed to them.  NULL:
 * there is none. */
static char *
given_program (const char *id)
{
  static const char *const kinds[][2] = { { "cases", "program.py" }, { "exercises", "start.py" } };
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *given = g_build_filename (gb_paths_get_data_dir (), kinds[i][0], id, kinds[i][1], NULL);
      g_autofree char *folder = g_build_filename (gb_paths_get_state_dir (), "lab", "given", NULL);
      g_autofree char *name = g_strdup_printf ("%s.py", id), *text = NULL;
      g_autofree char *path = g_build_filename (folder, name, NULL);
      if (!g_file_get_contents (given, &text, NULL, NULL))
        continue;
      g_mkdir_with_parents (folder, 0755);
      if (g_file_set_contents (path, text, -1, NULL))
        return g_steal_pointer (&path);
    }
  return NULL;
}

/* Cases are whatever has a folder of its own in data/cases. */
static gboolean
is_case (const char *id)
{
  g_autofree char *file = g_build_filename (gb_paths_get_data_dir (), "cases", id, "case.json", NULL);
  return is_scene_id (id) && g_file_test (file, G_FILE_TEST_IS_REGULAR);
}

char *
gb_program_name_case (const char *name)
{
  g_auto (GStrv) ids = g_strsplit (name, "+", 2);
  if (ids[0] && is_case (ids[0]))
    return g_strdup (ids[0]);
  g_autofree char *real = realpath (name, NULL);
  g_autofree char *cases = g_build_filename (gb_paths_get_data_dir (), "cases", NULL);
  g_autofree char *given = g_build_filename (gb_paths_get_state_dir (), "lab", "given", NULL);
  const char *const folders[] = { cases, given };
  for (gsize i = 0; real && i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *folder = realpath (folders[i], NULL);
      if (!folder || !g_str_has_prefix (real, folder) || real[strlen (folder)] != '/')
        continue;
      char *id = g_strndup (real + strlen (folder) + 1, strcspn (real + strlen (folder) + 1, "/."));
      if (is_case (id))
        return id;
      g_free (id);
    }
  return NULL;
}

GbProgram *
gb_program_find (const char *name, GError **error)
{
  g_autofree char *of_leaf = scene_of_leaf (name);
  const char *scene = of_leaf ? of_leaf : name;
  if (is_scene_id (scene))
    {
      g_autofree char *path = g_build_filename (gb_paths_get_data_dir (), "scenes", scene, "scene.py", NULL);
      if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
        return make (path, scene);
      g_autofree char *given = given_program (scene);
      if (given)
        return make (given, NULL);
    }
  g_autofree char *path = g_canonicalize_filename (name, NULL);
  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY, "%s is a folder", name);
  else if (!g_file_test (path, G_FILE_TEST_EXISTS))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                 "there is no file, scene, topic or case named '%s'", name);
  else
    return make (path, NULL);
  return NULL;
}

void
gb_program_free (GbProgram *program)
{
  if (!program)
    return;
  g_free (program->path);
  g_free (program->scene);
  g_strfreev (program->readable);
  g_free (program);
}
