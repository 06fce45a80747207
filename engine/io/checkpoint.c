#include "io/checkpoint-private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/archive.h"

/* ---- writing ---- */
static bool
add_file (TeArchive *archive, const char *folder, const char *name, const void *data, size_t n, TeError *err)
{
  char path[512];
  snprintf (path, sizeof path, "%s/%s", folder, name);
  return te_archive_add (archive, path, data, n, err);
}

static bool
add_storages (TeArchive *archive, const char *folder, const char *part, const TeCheckpointTable *storages, TeError *err)
{
  char path[64];
  bool ok = true;
  for (size_t i = 0; ok && i < storages->n; i++)
    {
      TeStorage *storage = storages->entries[i].storage;
      snprintf (path, sizeof path, "%s/%s", part, storages->entries[i].key);
      ok = add_file (archive, folder, path, storage->data, storage->nbytes, err);
    }
  return ok;
}

bool
te_checkpoint_write (TeIoBuffer *out, TeIoValue *root, const char *name, TeError *err)
{
  TeIoBuffer pickle = { NULL };
  TeCheckpointTable storages = { NULL };
  TeArchive archive = { NULL };
  bool ok = te_pickle_write (&pickle, root, te_checkpoint_key_of, &storages, false, err)
            && te_archive_create (&archive, err)
            && add_file (&archive, name, "data.pkl", pickle.data, pickle.n, err)
            && add_storages (&archive, name, "data", &storages, err)
            && add_file (&archive, name, "version", "3\n", 2, err) && te_archive_finish (&archive, out, err);
  te_archive_clear (&archive);
  te_io_buffer_clear (&pickle);
  te_checkpoint_table_clear (&storages);
  return ok;
}

bool
te_checkpoint_write_program (TeIoBuffer *out,
                             TeIoValue *root,
                             TeIoValue *constants,
                             const TeCheckpointFile *files,
                             int n,
                             const char *name,
                             TeError *err)
{
  TeIoBuffer pickles[2] = { { NULL }, { NULL } };
  TeCheckpointTable storages[2] = { { NULL }, { NULL } };
  TeArchive archive = { NULL };
  bool ok = te_pickle_write (&pickles[0], root, te_checkpoint_key_of, &storages[0], false, err)
            && te_pickle_write (&pickles[1], constants, te_checkpoint_key_of, &storages[1], false, err)
            && te_archive_create (&archive, err);
  ok = ok && add_storages (&archive, name, "data", &storages[0], err)
       && add_file (&archive, name, "data.pkl", pickles[0].data, pickles[0].n, err);
  for (int i = 0; ok && i < n; i++)
    ok = add_file (&archive, name, files[i].name, files[i].data, files[i].n, err);
  ok = ok && add_storages (&archive, name, "constants", &storages[1], err)
       && add_file (&archive, name, "constants.pkl", pickles[1].data, pickles[1].n, err)
       && add_file (&archive, name, "version", "10\n", 3, err) && te_archive_finish (&archive, out, err);
  te_archive_clear (&archive);
  for (int i = 0; i < 2; i++)
    {
      te_io_buffer_clear (&pickles[i]);
      te_checkpoint_table_clear (&storages[i]);
    }
  return ok;
}

/* ---- reading ---- */
typedef struct
{
  TeCheckpointReader reader; /* first: what the reader's functions are given is the file */
  TeArchive archive;
  char folder[256];
} File;

/* The bytes of a file as a new storage, or NULL. */
static TeStorage *
read_file (File *f, const char *name, TeError *err)
{
  char path[512];
  snprintf (path, sizeof path, "%s/%s", f->folder, name);
  zip_int64_t index = zip_name_locate (f->archive.zip, path, 0);
  if (index >= 0)
    return te_archive_read (&f->archive, (zip_uint64_t) index, name, err);
  te_error_set (err, TE_ERR_RUNTIME, "PytorchStreamReader failed locating file %s: file not found", name);
  return NULL;
}

/* All files lie in one folder; its name is that of the first. */
static bool
find_folder (File *f, TeError *err)
{
  const char *first = zip_get_name (f->archive.zip, 0, 0), *slash = first ? strchr (first, '/') : NULL;
  if (!slash || (size_t) (slash - first) >= sizeof f->folder)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        first ? "PytorchStreamReader failed: file in archive is not in a subdirectory: %.100s"
              : "PytorchStreamReader failed reading zip archive: archive does not contain any files",
        first ? first : "");
  memcpy (f->folder, first, (size_t) (slash - first));
  f->folder[slash - first] = 0;
  return true;
}

static TeStorage *
fetch (TeCheckpointReader *reader, const char *key, TeDtype dtype, int64_t numel, TeError *err)
{
  char name[64];
  snprintf (name, sizeof name, "data/%s", key);
  return read_file ((File *) reader, name, err);
}

TeIoValue *
te_checkpoint_read (
    TeIoDocument *doc, const void *data, size_t n, const TeCheckpointOptions *options, TeError *err)
{
  File file = { .reader = { .options = options, .n_id = 5, .fetch = fetch } };
  err->kind = TE_ERR_NONE;
  if (!te_archive_open (&file.archive, data, n))
    {
      enum { SHORTEST = 22 }; /* of the record that ends every archive */
      te_error_set (err, TE_ERR_RUNTIME, "PytorchStreamReader failed reading zip archive: %s",
                    n < SHORTEST ? "not a ZIP archive" : "failed finding central directory");
      return NULL;
    }
  const TePickleHooks hooks = { &file.reader, te_checkpoint_resolve, te_checkpoint_build, options->weights_only };
  TeStorage *pickle = find_folder (&file, err) ? read_file (&file, "data.pkl", err) : NULL;
  TeIoValue *root = pickle ? te_pickle_read (doc, pickle->data, pickle->nbytes, &hooks, NULL, err) : NULL;
  te_storage_unref (pickle);
  te_checkpoint_table_clear (&file.reader.storages);
  te_archive_clear (&file.archive);
  return root;
}
