#include "board/kept-file.h"

#include <string.h>

/* The person's documents, or what stands for them. */
static char *
folder_path (void)
{
  const char *documents = g_get_user_special_dir (G_USER_DIRECTORY_DOCUMENTS);
  return g_build_filename (documents ? documents : g_get_user_data_dir (), "Gradboard", NULL);
}

/* A scene's file is always called scene.py; its folder says which. */
static char *
program_name (const char *program)
{
  g_autofree char *base = g_path_get_basename (program), *folder = g_path_get_dirname (program);
  if (strcmp (base, "scene.py") == 0)
    return g_path_get_basename (folder);
  if (g_str_has_suffix (base, ".py"))
    base[strlen (base) - 3] = 0;
  return g_steal_pointer (&base);
}

char *
gb_kept_file_new_path (const char *program, const char *suffix)
{
  g_autofree char *folder = folder_path ();
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *when = g_date_time_format (now, "%Y-%m-%d %H-%M-%S"), *name = program_name (program);
  g_mkdir_with_parents (folder, 0777);
  for (guint i = 1;; i++)
    {
      g_autofree char *base = i == 1 ? g_strdup_printf ("%s %s.%s", name, when, suffix)
                                     : g_strdup_printf ("%s %s (%u).%s", name, when, i, suffix);
      char *path = g_build_filename (folder, base, NULL);
      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        return path;
      g_free (path);
    }
}

char *
gb_kept_file_display (const char *path)
{
  const char *home = g_get_home_dir ();
  gsize inside = g_str_has_prefix (path, home) && path[strlen (home)] == '/' ? strlen (home) : 0;
  return g_strconcat (inside ? "~" : "", path + inside, NULL);
}
