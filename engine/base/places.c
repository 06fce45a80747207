#include "base/places.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/config-paths.h"

/* Where a place is below the build tree and below a prefix. */
static const struct
{
  const char *built, *installed;
} rows[TE_N_PLACES] = {
  [TE_PLACE_BROKER] = { GB_BUILD_ROOT "/engine/kernel/gradboard-kernel", GB_LIBEXECDIR "/gradboard-kernel" },
  [TE_PLACE_INTERPRETER] = { GB_BUILD_ROOT "/engine/kernel/gradboard-python", GB_LIBEXECDIR "/gradboard-python" },
  [TE_PLACE_TORCH] = { GB_BUILD_ROOT "/engine/python", GB_LIBEXECDIR "/python" },
  [TE_PLACE_BOARD] = { GB_BUILD_ROOT "/board", GB_LIBEXECDIR "/board" },
  [TE_PLACE_DATA] = { GB_SOURCE_DATA_DIR, GB_DATADIR "/gradboard" },
  [TE_PLACE_LOCALE] = { GB_BUILD_ROOT "/data/i18n/locale", GB_DATADIR "/locale" },
  [TE_PLACE_SETTINGS] = { GB_BUILD_ROOT "/data/settings", GB_DATADIR "/gradboard/settings" },
  [TE_PLACE_NAMES] = { GB_BUILD_ROOT "/data/names/names.json", GB_DATADIR "/gradboard/names.json" },
};

static int
starts_with (const char *path, const char *folder)
{
  size_t n = strlen (folder);
  return strncmp (path, folder, n) == 0 && path[n] == '/';
}

/* The prefix of a program in PREFIX/BINDIR or PREFIX/LIBEXECDIR; returns its length, 0 when the program is in neither. */
static size_t
prefix_length (const char *program)
{
  static const char *const folders[] = { GB_BINDIR, GB_LIBEXECDIR };
  const char *name = strrchr (program, '/');
  for (unsigned i = 0; name && i < sizeof folders / sizeof *folders; i++)
    {
      size_t n = strlen (folders[i]), before = (size_t) (name - program);
      if (before > n && program[before - n - 1] == '/' && memcmp (program + before - n, folders[i], n) == 0)
        return before - n - 1;
    }
  return 0;
}

const char *
te_place_of (TePlace place, const char *program, char *out, unsigned nbytes)
{
  int n;
  if (program && starts_with (program, GB_BUILD_ROOT))
    n = snprintf (out, nbytes, "%s", rows[place].built);
  else
    {
      size_t length = program ? prefix_length (program) : 0;
      n = length ? snprintf (out, nbytes, "%.*s/%s", (int) length, program, rows[place].installed)
                 : snprintf (out, nbytes, "%s/%s", GB_PREFIX, rows[place].installed);
    }
  return n >= 0 && (unsigned) n < nbytes ? out : NULL;
}

static char places[TE_N_PLACES][PATH_MAX];

static void
find_places (void)
{
  char program[PATH_MAX];
  ssize_t n = readlink ("/proc/self/exe", program, sizeof program - 1);
  program[n > 0 ? n : 0] = 0;
  for (TePlace place = 0; place < TE_N_PLACES; place++)
    if (!te_place_of (place, n > 0 ? program : NULL, places[place], PATH_MAX))
      places[place][0] = 0;
}

const char *
te_place_get (TePlace place)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once (&once, find_places);
  return places[place];
}
