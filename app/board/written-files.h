/* GbWrittenFiles: the scratch folder of one window and what programs wrote there.  The folder stays from run to run, so
 * that one program finds what another saved, and goes with this object. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define GB_TYPE_WRITTEN_FILE (gb_written_file_get_type ())
G_DECLARE_FINAL_TYPE (GbWrittenFile, gb_written_file, GB, WRITTEN_FILE, GObject)

const char *gb_written_file_get_path (GbWrittenFile *self); /* in the folder: "runs/model.pt" */
guint64 gb_written_file_get_nbytes (GbWrittenFile *self);

#define GB_TYPE_WRITTEN_FILES (gb_written_files_get_type ())
G_DECLARE_FINAL_TYPE (GbWrittenFiles, gb_written_files, GB, WRITTEN_FILES, GObject)

GbWrittenFiles *gb_written_files_new (void);

/* The folder, made when it is first asked for; borrowed.  NULL with error set when there is no room for one. */
const char *gb_written_files_get_folder (GbWrittenFiles *self, GError **error);

/* A file appeared or changed; what is no longer there is forgotten, and hidden ones are not listed. */
void gb_written_files_note (GbWrittenFiles *self, const char *path, guint64 nbytes);

GListModel *gb_written_files_get_model (GbWrittenFiles *self); /* of GbWrittenFile, by path; borrowed */

/* Copies a file to target, over what is there.  A link is not followed: a program may have put one in the file's place. */
void gb_written_files_save_async (GbWrittenFiles *self,
                                  GbWrittenFile *file,
                                  GFile *target,
                                  GAsyncReadyCallback callback,
                                  gpointer data);
gboolean gb_written_files_save_finish (GbWrittenFiles *self, GAsyncResult *result, GError **error);

G_END_DECLS
