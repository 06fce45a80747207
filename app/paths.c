#include "paths.h"

#include "cli/program-path.h"

#include <glib.h>

const char *
gb_paths_get_data_dir (void)
{
  return gb_program_data_dir ();
}

static char *
find_locale_dir (void)
{
  /* The program of a build tree is BUILD/app/gradboard. */
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  if (self)
    {
      g_autofree char *app = g_path_get_dirname (self);
      g_autofree char *build = g_path_get_dirname (app);
      char *built = g_build_filename (build, "data", "i18n", "locale", NULL);
      if (g_file_test (built, G_FILE_TEST_IS_DIR))
        return built;
      g_free (built);
    }
  return g_strdup (GB_INSTALLED_LOCALE_DIR);
}

const char *
gb_paths_get_locale_dir (void)
{
  static char *dir = NULL;
  if (g_once_init_enter (&dir))
    g_once_init_leave (&dir, find_locale_dir ());
  return dir;
}

static char *
find_state_dir (void)
{
  char *dir = g_build_filename (g_get_user_state_dir (), "gradboard", NULL);
  g_mkdir_with_parents (dir, 0700);
  return dir;
}

const char *
gb_paths_get_state_dir (void)
{
  static char *dir = NULL;
  if (g_once_init_enter (&dir))
    g_once_init_leave (&dir, find_state_dir ());
  return dir;
}
