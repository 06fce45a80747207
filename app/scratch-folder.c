#include "scratch-folder.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define PREFIX      "gradboard-scratch-"
#define AGE_SECONDS 60 /* a younger folder may belong to a process that is about to lock it */

/* Path -> descriptor that holds the folder's lock.  The lock goes with the process however that ends, and says then that
 * the folder is nobody's. */
static GHashTable *locks;

static int
lock_folder (const char *path)
{
  int fd = open (path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd >= 0 && flock (fd, LOCK_EX | LOCK_NB))
    {
      close (fd);
      fd = -1;
    }
  return fd;
}

static void
remove_contents (const char *folder)
{
  GDir *dir = g_dir_open (folder, 0, NULL);
  const char *name;
  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      GStatBuf about;
      if (!g_lstat (path, &about) && S_ISDIR (about.st_mode))
        remove_contents (path);
      else
        g_unlink (path);
    }
  if (dir)
    g_dir_close (dir);
  g_rmdir (folder);
}

/* Folders of processes that were killed. */
static void
remove_orphans (void)
{
  GDir *dir = g_dir_open (g_get_tmp_dir (), 0, NULL);
  const char *name;
  while (dir && (name = g_dir_read_name (dir)))
    {
      if (!g_str_has_prefix (name, PREFIX))
        continue;
      g_autofree char *path = g_build_filename (g_get_tmp_dir (), name, NULL);
      GStatBuf about;
      if (g_lstat (path, &about) || about.st_ctime + AGE_SECONDS > g_get_real_time () / G_USEC_PER_SEC)
        continue;
      int fd = lock_folder (path);
      if (fd < 0)
        continue;
      remove_contents (path);
      close (fd);
    }
  if (dir)
    g_dir_close (dir);
}

char *
gb_scratch_folder_new (GError **error)
{
  if (!locks)
    {
      locks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      remove_orphans ();
    }
  char *path = g_dir_make_tmp (PREFIX "XXXXXX", error);
  if (path)
    g_hash_table_insert (locks, g_strdup (path), GINT_TO_POINTER (lock_folder (path)));
  return path;
}

void
gb_scratch_folder_remove (const char *folder)
{
  gpointer fd = GINT_TO_POINTER (-1);
  remove_contents (folder);
  if (locks && g_hash_table_lookup_extended (locks, folder, NULL, &fd))
    g_hash_table_remove (locks, folder);
  if (GPOINTER_TO_INT (fd) >= 0)
    close (GPOINTER_TO_INT (fd));
}
