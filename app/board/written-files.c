#include "board/written-files.h"

#include "scratch-folder.h"

#include <glib/gstdio.h>
#include <string.h>

struct _GbWrittenFile
{
  GObject parent_instance;

  char *path;
  guint64 nbytes;
};

G_DEFINE_FINAL_TYPE (GbWrittenFile, gb_written_file, G_TYPE_OBJECT)

struct _GbWrittenFiles
{
  GObject parent_instance;

  char *folder; /* NULL until it is needed */
  GListStore *store;
};

G_DEFINE_FINAL_TYPE (GbWrittenFiles, gb_written_files, G_TYPE_OBJECT)

static void
gb_written_file_finalize (GObject *object)
{
  g_free (GB_WRITTEN_FILE (object)->path);
  G_OBJECT_CLASS (gb_written_file_parent_class)->finalize (object);
}

static void
gb_written_file_class_init (GbWrittenFileClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gb_written_file_finalize;
}

static void
gb_written_file_init (GbWrittenFile *self)
{
}

const char *
gb_written_file_get_path (GbWrittenFile *self)
{
  return self->path;
}

guint64
gb_written_file_get_nbytes (GbWrittenFile *self)
{
  return self->nbytes;
}

static char *
dup_full_path (GbWrittenFiles *self, const char *path)
{
  return g_build_filename (self->folder, path, NULL);
}

const char *
gb_written_files_get_folder (GbWrittenFiles *self, GError **error)
{
  if (!self->folder || !g_file_test (self->folder, G_FILE_TEST_IS_DIR))
    {
      g_free (self->folder);
      self->folder = gb_scratch_folder_new (error);
      g_list_store_remove_all (self->store);
    }
  return self->folder;
}

static int
compare_paths (gconstpointer a, gconstpointer b, gpointer data)
{
  return strcmp (((const GbWrittenFile *) a)->path, ((const GbWrittenFile *) b)->path);
}

/* A program may remove what it wrote. */
static void
forget_removed (GbWrittenFiles *self)
{
  for (guint i = g_list_model_get_n_items (G_LIST_MODEL (self->store)); i-- > 0;)
    {
      g_autoptr (GbWrittenFile) file = g_list_model_get_item (G_LIST_MODEL (self->store), i);
      g_autofree char *path = dup_full_path (self, file->path);
      GStatBuf about;
      if (g_lstat (path, &about))
        g_list_store_remove (self->store, i);
    }
}

void
gb_written_files_note (GbWrittenFiles *self, const char *path, guint64 nbytes)
{
  /* Hidden files are some library's own, a cache of fonts for instance. */
  if (!self->folder || path[0] == '.' || strstr (path, "/."))
    return;
  forget_removed (self);
  g_autoptr (GbWrittenFile) file = g_object_new (GB_TYPE_WRITTEN_FILE, NULL);
  file->path = g_strdup (path);
  file->nbytes = nbytes;
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->store)); i++)
    {
      g_autoptr (GbWrittenFile) known = g_list_model_get_item (G_LIST_MODEL (self->store), i);
      if (strcmp (known->path, path) == 0)
        {
          g_list_store_splice (self->store, i, 1, (gpointer *) &file, 1);
          return;
        }
    }
  g_list_store_insert_sorted (self->store, file, compare_paths, NULL);
}

GListModel *
gb_written_files_get_model (GbWrittenFiles *self)
{
  return G_LIST_MODEL (self->store);
}

static void
on_copied (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;
  if (g_file_copy_finish (G_FILE (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
gb_written_files_save_async (
    GbWrittenFiles *self, GbWrittenFile *file, GFile *target, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (self, NULL, callback, data);
  g_autofree char *path = dup_full_path (self, file->path);
  GStatBuf about;
  if (g_lstat (path, &about) || !S_ISREG (about.st_mode))
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "%s", g_strerror (ENOENT));
      g_object_unref (task);
      return;
    }
  g_autoptr (GFile) source = g_file_new_for_path (path);
  g_file_copy_async (source, target,
                     G_FILE_COPY_OVERWRITE | G_FILE_COPY_NOFOLLOW_SYMLINKS | G_FILE_COPY_TARGET_DEFAULT_PERMS,
                     G_PRIORITY_DEFAULT, NULL, NULL, NULL, on_copied, task);
}

gboolean
gb_written_files_save_finish (GbWrittenFiles *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
gb_written_files_finalize (GObject *object)
{
  GbWrittenFiles *self = GB_WRITTEN_FILES (object);
  if (self->folder)
    gb_scratch_folder_remove (self->folder);
  g_free (self->folder);
  g_object_unref (self->store);
  G_OBJECT_CLASS (gb_written_files_parent_class)->finalize (object);
}

static void
gb_written_files_class_init (GbWrittenFilesClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gb_written_files_finalize;
}

static void
gb_written_files_init (GbWrittenFiles *self)
{
  self->store = g_list_store_new (GB_TYPE_WRITTEN_FILE);
}

GbWrittenFiles *
gb_written_files_new (void)
{
  return g_object_new (GB_TYPE_WRITTEN_FILES, NULL);
}
