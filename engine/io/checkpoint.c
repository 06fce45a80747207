#include "io/checkpoint-private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "base/checked.h"
#include "base/mem.h"

/* ---- writing ---- */
static bool
zip_failed (zip_t *zip, TeError *err)
{
  return te_error_set (err, TE_ERR_RUNTIME, "PytorchStreamWriter failed writing file: %s",
                       zip_strerror (zip));
}

static bool
add_file (zip_t *zip, const char *folder, const char *name, const void *data, size_t n, TeError *err)
{
  char path[512];
  snprintf (path, sizeof path, "%s/%s", folder, name);
  zip_source_t *source = zip_source_buffer (zip, n ? data : "", n, 0);
  if (!source)
    return zip_failed (zip, err);
  zip_int64_t index = zip_file_add (zip, path, source, ZIP_FL_ENC_UTF_8);
  if (index < 0)
    {
      zip_source_free (source);
      return zip_failed (zip, err);
    }
  zip_set_file_compression (zip, (zip_uint64_t) index, ZIP_CM_STORE, 0);
  zip_file_set_mtime (zip, (zip_uint64_t) index, 0, 0); /* the same bytes for the same content */
  return true;
}

static bool
drain (zip_source_t *source, TeIoBuffer *out, TeError *err)
{
  char chunk[1 << 16];
  zip_int64_t n = -1;
  if (zip_source_open (source) == 0)
    {
      while ((n = zip_source_read (source, chunk, sizeof chunk)) > 0)
        te_io_buffer_add (out, chunk, (size_t) n);
      zip_source_close (source);
    }
  if (n < 0)
    return te_error_set (err, TE_ERR_RUNTIME, "PytorchStreamWriter failed writing file: %s",
                         zip_error_strerror (zip_source_error (source)));
  return !out->failed || te_error_no_memory (err);
}

/* An archive that is being written into memory. */
typedef struct
{
  zip_source_t *memory;
  zip_t *zip;
} Writing;

static bool
begin (Writing *self, TeError *err)
{
  zip_error_t why;
  zip_error_init (&why);
  self->memory = zip_source_buffer_create (NULL, 0, 0, &why);
  if (self->memory)
    zip_source_keep (self->memory);
  self->zip = self->memory ? zip_open_from_source (self->memory, ZIP_TRUNCATE, &why) : NULL;
  if (!self->zip)
    {
      if (self->memory)
        zip_source_free (self->memory);
      te_error_set (err, TE_ERR_RUNTIME, "PytorchStreamWriter failed initializing: %s", zip_error_strerror (&why));
    }
  zip_error_fini (&why);
  return self->zip != NULL;
}

/* Closes the archive and hands its bytes out; ok says whether everything was written. */
static bool
finish (Writing *self, bool ok, TeIoBuffer *out, TeError *err)
{
  if (self->zip && ok && zip_close (self->zip) != 0)
    {
      ok = zip_failed (self->zip, err);
      zip_discard (self->zip);
    }
  else if (self->zip && !ok)
    zip_discard (self->zip);
  ok = ok && drain (self->memory, out, err);
  if (self->memory)
    zip_source_free (self->memory);
  return ok;
}

static bool
add_storages (zip_t *zip, const char *folder, const char *part, const TeCheckpointTable *storages, TeError *err)
{
  char path[64];
  bool ok = true;
  for (size_t i = 0; ok && i < storages->n; i++)
    {
      TeStorage *storage = storages->entries[i].storage;
      snprintf (path, sizeof path, "%s/%s", part, storages->entries[i].key);
      ok = add_file (zip, folder, path, storage->data, storage->nbytes, err);
    }
  return ok;
}

bool
te_checkpoint_write (TeIoBuffer *out, TeIoValue *root, const char *name, TeError *err)
{
  TeIoBuffer pickle = { NULL };
  TeCheckpointTable storages = { NULL };
  Writing writing = { NULL };
  bool ok = te_pickle_write (&pickle, root, te_checkpoint_key_of, &storages, false, err) && begin (&writing, err);
  ok = ok && add_file (writing.zip, name, "data.pkl", pickle.data, pickle.n, err)
       && add_storages (writing.zip, name, "data", &storages, err)
       && add_file (writing.zip, name, "version", "3\n", 2, err);
  ok = finish (&writing, ok, out, err);
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
  Writing writing = { NULL };
  bool ok = te_pickle_write (&pickles[0], root, te_checkpoint_key_of, &storages[0], false, err)
            && te_pickle_write (&pickles[1], constants, te_checkpoint_key_of, &storages[1], false, err)
            && begin (&writing, err);
  ok = ok && add_storages (writing.zip, name, "data", &storages[0], err)
       && add_file (writing.zip, name, "data.pkl", pickles[0].data, pickles[0].n, err);
  for (int i = 0; ok && i < n; i++)
    ok = add_file (writing.zip, name, files[i].name, files[i].data, files[i].n, err);
  ok = ok && add_storages (writing.zip, name, "constants", &storages[1], err)
       && add_file (writing.zip, name, "constants.pkl", pickles[1].data, pickles[1].n, err)
       && add_file (writing.zip, name, "version", "3\n", 2, err);
  ok = finish (&writing, ok, out, err);
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
  TeCheckpointReader reader; /* first: what the reader's functions are given is the archive */
  zip_t *zip;
  size_t nbytes; /* of the archive */
  char folder[256];
} Archive;

#define MOST_RATIO 1032 /* of deflate: what claims to grow by more lies */

/* The bytes of a file as a new storage, or NULL. */
static TeStorage *
read_file (Archive *a, const char *name, TeError *err)
{
  char path[512];
  zip_stat_t stat;
  TeStorage *storage = NULL;
  snprintf (path, sizeof path, "%s/%s", a->folder, name);
  if (zip_stat (a->zip, path, 0, &stat) != 0 || !(stat.valid & ZIP_STAT_SIZE))
    {
      te_error_set (err, TE_ERR_RUNTIME, "PytorchStreamReader failed locating file %s: file not found", name);
      return NULL;
    }
  zip_file_t *file = zip_fopen (a->zip, path, 0);
  bool lies = stat.size / MOST_RATIO > a->nbytes;
  storage = file && !lies ? te_storage_new ((size_t) stat.size, err) : NULL;
  zip_uint64_t at = 0;
  zip_int64_t n = 1;
  while (storage && at < stat.size && (n = zip_fread (file, (char *) storage->data + at, stat.size - at)) > 0)
    at += (zip_uint64_t) n;
  /* reading to the end is what compares the checksum */
  char beyond;
  if (storage && at == stat.size)
    n = zip_fread (file, &beyond, 1);
  if (!file || lies || (storage && (at != stat.size || n < 0)))
    {
      te_storage_unref (storage);
      storage = NULL;
      te_error_set (err, TE_ERR_RUNTIME, "PytorchStreamReader failed reading file %s: file read failed",
                    name);
    }
  if (file)
    zip_fclose (file);
  return storage;
}

/* All files lie in one folder; its name is that of the first. */
static bool
find_folder (Archive *a, TeError *err)
{
  const char *first = zip_get_name (a->zip, 0, 0), *slash = first ? strchr (first, '/') : NULL;
  if (!slash || (size_t) (slash - first) >= sizeof a->folder)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        first ? "PytorchStreamReader failed: file in archive is not in a subdirectory: %.100s"
              : "PytorchStreamReader failed reading zip archive: archive does not contain any files",
        first ? first : "");
  memcpy (a->folder, first, (size_t) (slash - first));
  a->folder[slash - first] = 0;
  return true;
}

static TeStorage *
fetch (TeCheckpointReader *reader, const char *key, TeDtype dtype, int64_t numel, TeError *err)
{
  char name[64];
  snprintf (name, sizeof name, "data/%s", key);
  return read_file ((Archive *) reader, name, err);
}

TeIoValue *
te_checkpoint_read (
    TeIoDocument *doc, const void *data, size_t n, const TeCheckpointOptions *options, TeError *err)
{
  Archive archive = { .reader = { .options = options, .n_id = 5, .fetch = fetch }, .nbytes = n };
  zip_error_t why;
  zip_error_init (&why);
  err->kind = TE_ERR_NONE;
  zip_source_t *source = zip_source_buffer_create (data, n, 0, &why);
  archive.zip = source ? zip_open_from_source (source, ZIP_RDONLY, &why) : NULL;
  if (!archive.zip)
    {
      enum { SHORTEST = 22 }; /* of the record that ends every archive */
      if (source)
        zip_source_free (source);
      te_error_set (err, TE_ERR_RUNTIME, "PytorchStreamReader failed reading zip archive: %s",
                    n < SHORTEST ? "not a ZIP archive" : "failed finding central directory");
      zip_error_fini (&why);
      return NULL;
    }
  const TePickleHooks hooks = { &archive.reader, te_checkpoint_resolve, te_checkpoint_build, options->weights_only };
  TeStorage *pickle = find_folder (&archive, err) ? read_file (&archive, "data.pkl", err) : NULL;
  TeIoValue *root = pickle ? te_pickle_read (doc, pickle->data, pickle->nbytes, &hooks, NULL, err) : NULL;
  te_storage_unref (pickle);
  te_checkpoint_table_clear (&archive.reader.storages);
  zip_discard (archive.zip);
  zip_error_fini (&why);
  return root;
}
