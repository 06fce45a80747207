#include "kernel/lay-out.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_ENTRIES      200
#define MOST_DEPTH        4
#define MOST_FILE_NBYTES  (1 << 20)
#define MOST_TOTAL_NBYTES (16 << 20)
#define MOST_LAID_OUT     2000

/* What one program has had laid out. */
typedef struct
{
  int64_t nbytes;
  int entries;
} Bill;

static void
copy (const char *from, const char *name, off_t nbytes)
{
  int in = open (from, O_RDONLY | O_CLOEXEC);
  int out = in >= 0 ? open (name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
  while (out >= 0 && nbytes > 0)
    {
      ssize_t n = sendfile (out, in, NULL, (size_t) nbytes);
      if (n <= 0)
        break;
      nbytes -= n;
    }
  if (out >= 0)
    {
      futimens (out, (struct timespec[2]){ { TE_LAID_OUT_TIME, 0 }, { TE_LAID_OUT_TIME, 0 } });
      close (out);
    }
  if (in >= 0)
    close (in);
}

/* Sources are found through sys.path; hidden files are nobody's data. */
static int
is_left_out (const char *name)
{
  size_t n = strlen (name);
  return name[0] == '.' || !strcmp (name, "__pycache__") || (n > 3 && !strcmp (name + n - 3, ".py"));
}

static int
is_dots (const char *name)
{
  return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

/* A folder that has served before holds what was laid out then: its originals may be others now.  Folders go
 * when nothing else is in them. */
static void
take_back (const char *folder, int depth)
{
  DIR *dir = opendir (folder);
  struct dirent *entry;
  char *path = NULL;
  while (dir && (entry = readdir (dir)))
    {
      struct stat about;
      if (is_dots (entry->d_name) || asprintf (&path, "%s/%s", folder, entry->d_name) < 0)
        continue;
      if (!lstat (path, &about))
        {
          if (S_ISDIR (about.st_mode) && depth < MOST_DEPTH)
            {
              take_back (path, depth + 1);
              rmdir (path);
            }
          else if (!S_ISDIR (about.st_mode) && about.st_mtim.tv_sec == TE_LAID_OUT_TIME)
            unlink (path);
        }
      free (path);
    }
  if (dir)
    closedir (dir);
}

static void
lay_link (const char *path, const char *name)
{
  if (!symlink (path, name))
    utimensat (AT_FDCWD, name, (struct timespec[2]){ { TE_LAID_OUT_TIME, 0 }, { TE_LAID_OUT_TIME, 0 } },
               AT_SYMLINK_NOFOLLOW);
}

static int
holds_more_than (const char *folder, int most)
{
  DIR *dir = opendir (folder);
  int n = 0;
  while (dir && n <= most && readdir (dir))
    n++;
  if (dir)
    closedir (dir);
  return n > most;
}

static void lay_folder (const char *folder, const char *to, int depth, Bill *bill);

static void
lay_entry (const char *path, const char *to, int depth, Bill *bill)
{
  struct stat about;
  if (stat (path, &about))
    return;
  bill->entries++;
  if (S_ISREG (about.st_mode) && about.st_size <= MOST_FILE_NBYTES
      && bill->nbytes + about.st_size <= MOST_TOTAL_NBYTES)
    {
      copy (path, to, about.st_size);
      bill->nbytes += about.st_size;
    }
  else if (S_ISDIR (about.st_mode) && depth < MOST_DEPTH && bill->entries < MOST_LAID_OUT
           && !holds_more_than (path, MOST_ENTRIES))
    {
      if (!mkdir (to, 0700) || !access (to, W_OK))
        lay_folder (path, to, depth + 1, bill);
    }
  else if (S_ISDIR (about.st_mode) || S_ISREG (about.st_mode))
    lay_link (path, to);
}

static void
lay_folder (const char *folder, const char *to, int depth, Bill *bill)
{
  DIR *dir = opendir (folder);
  struct dirent *entry;
  char *path = NULL, *name = NULL;
  for (int n = 0; dir && n < MOST_ENTRIES && (entry = readdir (dir)); n++)
    {
      /* Sources are sought where the program lies; in its folders they are data like the rest. */
      if ((depth == 0 ? is_left_out (entry->d_name) : entry->d_name[0] == '.')
          || asprintf (&path, "%s/%s", folder, entry->d_name) < 0)
        continue;
      if (asprintf (&name, "%s/%s", to, entry->d_name) >= 0)
        {
          lay_entry (path, name, depth, bill);
          free (name);
        }
      free (path);
    }
  if (dir)
    closedir (dir);
}

void
te_lay_out (const char *program)
{
  const char *slash = strrchr (program, '/');
  char *folder = slash ? strndup (program, (size_t) (slash - program)) : NULL;
  Bill bill = { 0 };
  take_back (".", 0);
  if (folder)
    lay_folder (folder, ".", 0, &bill);
  free (folder);
}
