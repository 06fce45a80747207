#include "paths.h"

#include "base/places.h"

#include <glib.h>

const char *
gb_paths_get_data_dir (void)
{
  const char *given = g_getenv ("GRADBOARD_DATADIR");
  return given && *given ? given : te_place_get (TE_PLACE_DATA);
}

const char *
gb_paths_get_locale_dir (void)
{
  return te_place_get (TE_PLACE_LOCALE);
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
