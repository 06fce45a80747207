#include "kernel/scratch.h"

#include <glib/gstdio.h>
#include <string.h>

#include "kernel/lay-out.h"

#define MOST_FILES  1000
#define MOST_LEVELS 8

struct _GbScratch
{
  char *path;
  gboolean is_own;
  GHashTable *files; /* path -> "size mtime" */
  GbScratchWritten written;
  gpointer data;
};

static guint64
scan_folder (GbScratch *self, const char *folder, guint depth, guint *n_files)
{
  guint64 total = 0;
  GDir *dir = g_dir_open (folder, 0, NULL);
  const char *name;
  while (dir && *n_files < MOST_FILES && (name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      GStatBuf about;
      if (g_lstat (path, &about))
        continue;
      if (S_ISDIR (about.st_mode) && depth < MOST_LEVELS)
        total += scan_folder (self, path, depth + 1, n_files);
      if (!S_ISREG (about.st_mode))
        continue;
      if (about.st_mtim.tv_sec == TE_LAID_OUT_TIME)
        continue;
      ++*n_files;
      total += (guint64) about.st_blocks * 512;
      g_autofree char *mark =
          g_strdup_printf ("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT ".%09ld", (gint64) about.st_size,
                           (gint64) about.st_mtim.tv_sec, about.st_mtim.tv_nsec);
      const char *relative = path + strlen (self->path) + 1;
      if (g_strcmp0 (g_hash_table_lookup (self->files, relative), mark) != 0)
        {
          g_hash_table_insert (self->files, g_strdup (relative), g_steal_pointer (&mark));
          self->written (relative, (guint64) about.st_size, self->data);
        }
    }
  if (dir)
    g_dir_close (dir);
  return total;
}

guint64
gb_scratch_scan (GbScratch *self)
{
  guint n_files = 0;
  return self->path ? scan_folder (self, self->path, 0, &n_files) : 0;
}

static void
remove_folder (const char *folder)
{
  GDir *dir = g_dir_open (folder, 0, NULL);
  const char *name;
  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        remove_folder (path);
      else
        g_unlink (path);
    }
  if (dir)
    g_dir_close (dir);
  g_rmdir (folder);
}

void
gb_scratch_drop (GbScratch *self)
{
  if (self->is_own && self->path)
    remove_folder (self->path);
  self->is_own = FALSE;
  g_clear_pointer (&self->path, g_free);
  g_hash_table_remove_all (self->files);
}

gboolean
gb_scratch_begin (GbScratch *self, const char *given, GError **error)
{
  gb_scratch_drop (self);
  self->is_own = given == NULL || *given == '\0';
  self->path = self->is_own ? g_dir_make_tmp ("gradboard-XXXXXX", error) : g_strdup (given);
  return self->path != NULL;
}

const char *
gb_scratch_get_path (GbScratch *self)
{
  return self->path;
}

GbScratch *
gb_scratch_new (GbScratchWritten written, gpointer data)
{
  GbScratch *self = g_new0 (GbScratch, 1);
  self->files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->written = written;
  self->data = data;
  return self;
}

void
gb_scratch_free (GbScratch *self)
{
  gb_scratch_drop (self);
  g_hash_table_unref (self->files);
  g_free (self);
}
