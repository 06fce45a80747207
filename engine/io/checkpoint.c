#include "io/checkpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "base/checked.h"
#include "base/mem.h"

#define MAX_STORAGES (1 << 20)

/* ---- storages by key ---- */
typedef struct
{
  char key[32];
  TeStorage *storage; /* borrowed when writing; owned by the document when reading */
} Entry;

typedef struct
{
  Entry *entries;
  size_t n, room;
} Table;

static Entry *
table_add (Table *t)
{
  if (t->n == t->room)
    {
      size_t room = t->room ? 2 * t->room : 16;
      Entry *entries = te_new_sized (room * sizeof *entries);
      if (!entries)
        return NULL;
      if (t->n)
        memcpy (entries, t->entries, t->n * sizeof *entries);
      te_free_sized (t->entries, t->room * sizeof *entries);
      t->entries = entries;
      t->room = room;
    }
  return &t->entries[t->n++];
}

static void
table_clear (Table *t)
{
  te_free_sized (t->entries, t->room * sizeof *t->entries);
}

/* ---- writing ---- */
static const char *
key_of (void *ctx, TeStorage *storage, TeError *err)
{
  Table *t = ctx;
  for (size_t i = 0; i < t->n; i++)
    if (t->entries[i].storage == storage)
      return t->entries[i].key;
  Entry *entry = table_add (t);
  if (!entry)
    {
      te_error_no_memory (err);
      return NULL;
    }
  entry->storage = storage;
  snprintf (entry->key, sizeof entry->key, "%zu", t->n - 1);
  return entry->key;
}

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

bool
te_checkpoint_write (TeIoBuffer *out, TeIoValue *root, const char *name, TeError *err)
{
  TeIoBuffer pickle = { NULL };
  Table storages = { NULL };
  zip_error_t why;
  zip_error_init (&why);
  zip_source_t *memory = NULL;
  zip_t *zip = NULL;
  char path[64];
  bool ok = te_pickle_write (&pickle, root, key_of, &storages, err);
  if (ok)
    {
      memory = zip_source_buffer_create (NULL, 0, 0, &why);
      if (memory)
        zip_source_keep (memory);
      zip = memory ? zip_open_from_source (memory, ZIP_TRUNCATE, &why) : NULL;
      if (!zip)
        {
          if (memory)
            zip_source_free (memory);
          ok = te_error_set (err, TE_ERR_RUNTIME, "PytorchStreamWriter failed initializing: %s",
                             zip_error_strerror (&why));
        }
    }
  ok = ok && add_file (zip, name, "data.pkl", pickle.data, pickle.n, err);
  for (size_t i = 0; ok && i < storages.n; i++)
    {
      TeStorage *storage = storages.entries[i].storage;
      snprintf (path, sizeof path, "data/%s", storages.entries[i].key);
      ok = add_file (zip, name, path, storage->data, storage->nbytes, err);
    }
  ok = ok && add_file (zip, name, "version", "3\n", 2, err);
  if (zip && ok && zip_close (zip) != 0)
    {
      ok = zip_failed (zip, err);
      zip_discard (zip);
    }
  else if (zip && !ok)
    zip_discard (zip);
  ok = ok && drain (memory, out, err);
  if (memory)
    zip_source_free (memory);
  zip_error_fini (&why);
  te_io_buffer_clear (&pickle);
  table_clear (&storages);
  return ok;
}

/* ---- reading ---- */
typedef struct
{
  zip_t *zip;
  char folder[256];
  Table storages;
} Archive;

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
  storage = file && stat.size < SIZE_MAX / 2 ? te_storage_new ((size_t) stat.size, err) : NULL;
  if (file && !storage && !err->kind)
    te_error_no_memory (err);
  zip_uint64_t at = 0;
  zip_int64_t n = 1;
  while (storage && at < stat.size && (n = zip_fread (file, (char *) storage->data + at, stat.size - at)) > 0)
    at += (zip_uint64_t) n;
  /* reading to the end is what compares the checksum */
  char beyond;
  if (storage && at == stat.size)
    n = zip_fread (file, &beyond, 1);
  if (!file || (storage && (at != stat.size || n < 0)))
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

static bool
is_text (const TeIoValue *value, const char *text)
{
  return value->kind == TE_IO_STR && !strcmp (value->bytes.data, text);
}

/* ('storage', torch.FloatStorage, '0', 'cpu', 24) */
static TeIoValue *
resolve_storage (void *ctx, TeIoDocument *doc, TeIoValue *id, TeError *err)
{
  Archive *a = ctx;
  TeIoValue **at = id->items.at;
  if (id->kind != TE_IO_TUPLE || id->items.n < 5 || !is_text (at[0], "storage") || at[1]->kind != TE_IO_GLOBAL
      || at[2]->kind != TE_IO_STR || at[4]->kind != TE_IO_INT)
    {
      te_error_set (err, TE_ERR_RUNTIME, "the file names a storage in a form that is not known");
      return NULL;
    }
  TeDtype dtype = te_storage_class_dtype (at[1]->global.name);
  const char *key = at[2]->bytes.data;
  if (dtype == TE_DTYPE_NONE || strcmp (at[1]->global.module, "torch"))
    {
      te_error_set (err, TE_ERR_RUNTIME, "storages of type %.60s.%.60s are not known here",
                    at[1]->global.module, at[1]->global.name);
      return NULL;
    }
  if (strlen (key) >= sizeof a->storages.entries->key || strchr (key, '/') || a->storages.n >= MAX_STORAGES)
    {
      te_error_set (err, TE_ERR_RUNTIME, "the file has a storage of an impossible name");
      return NULL;
    }
  for (size_t i = 0; i < a->storages.n; i++)
    if (!strcmp (a->storages.entries[i].key, key))
      return te_io_storage (doc, a->storages.entries[i].storage, dtype);
  char name[64];
  snprintf (name, sizeof name, "data/%s", key);
  TeStorage *storage = read_file (a, name, err);
  TeIoValue *value = storage ? te_io_storage (doc, storage, dtype) : NULL;
  Entry *entry = value ? table_add (&a->storages) : NULL;
  te_storage_unref (storage); /* the document keeps it */
  if (entry)
    {
      snprintf (entry->key, sizeof entry->key, "%s", key);
      entry->storage = storage;
    }
  else if (!err->kind)
    te_error_no_memory (err);
  return entry ? value : NULL;
}

static bool
read_sizes (const TeIoValue *tuple, int *ndim, int64_t *sizes, TeError *err)
{
  if ((tuple->kind != TE_IO_TUPLE && tuple->kind != TE_IO_LIST) || tuple->items.n > TE_MAX_NDIM)
    return te_error_set (err, TE_ERR_RUNTIME, "a tensor in the file has sizes that are none");
  for (size_t i = 0; i < tuple->items.n; i++)
    {
      if (tuple->items.at[i]->kind != TE_IO_INT || tuple->items.at[i]->i < 0)
        return te_error_set (err, TE_ERR_RUNTIME, "a tensor in the file has sizes that are none");
      sizes[i] = tuple->items.at[i]->i;
    }
  *ndim = (int) tuple->items.n;
  return true;
}

/* _rebuild_tensor_v2 (storage, offset, sizes, strides, requires_grad, hooks) */
static TeIoValue *
rebuild_tensor (TeIoDocument *doc, const TeIoItems *args, TeError *err)
{
  int64_t sizes[TE_MAX_NDIM], strides[TE_MAX_NDIM], extent, numel;
  int ndim = 0, n_strides = 0;
  TeIoValue **at = args->at;
  if (args->n < 5 || at[0]->kind != TE_IO_STORAGE || at[1]->kind != TE_IO_INT || at[1]->i < 0)
    {
      te_error_set (err, TE_ERR_RUNTIME, "a tensor in the file is described in a form that is not known");
      return NULL;
    }
  if (!read_sizes (at[2], &ndim, sizes, err) || !read_sizes (at[3], &n_strides, strides, err))
    return NULL;
  TeDtype dtype = at[0]->storage.dtype;
  TeStorage *storage = at[0]->storage.storage;
  size_t has = storage->nbytes / te_dtype_nbytes (dtype);
  if (ndim != n_strides || !te_shape_numel (ndim, sizes, &numel)
      || !te_shape_extent (ndim, sizes, strides, at[1]->i, &extent) || (numel > 0 && (uint64_t) extent > has))
    {
      te_error_set (err, TE_ERR_RUNTIME, "a tensor in the file reaches beyond its storage of %zu elements",
                    has);
      return NULL;
    }
  TeTensor *tensor = te_tensor_new_view (storage, dtype, ndim, sizes, strides, at[1]->i, err);
  TeIoValue *value = tensor ? te_io_tensor (doc, tensor, false, at[4]->kind == TE_IO_BOOL && at[4]->i) : NULL;
  if (tensor && !value)
    te_error_no_memory (err);
  te_tensor_unref (tensor);
  return value;
}

static TeIoValue *
build_object (void *ctx, TeIoDocument *doc, TeIoValue *value, TeError *err)
{
  const TeIoValue *callable = value->object.callable;
  const TeIoItems *args = &value->object.args->items;
  if (te_io_is_global (callable, "torch._utils", "_rebuild_tensor_v2"))
    return rebuild_tensor (doc, args, err);
  if (te_io_is_global (callable, "torch._utils", "_rebuild_parameter"))
    {
      if (args->n < 2 || args->at[0]->kind != TE_IO_TENSOR)
        {
          te_error_set (err, TE_ERR_RUNTIME, "a parameter in the file holds no tensor");
          return NULL;
        }
      TeIoValue *parameter = te_io_tensor (doc, args->at[0]->tensor.tensor, true,
                                           args->at[1]->kind == TE_IO_BOOL && args->at[1]->i);
      if (!parameter)
        te_error_no_memory (err);
      return parameter;
    }
  return value;
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

TeIoValue *
te_checkpoint_read (TeIoDocument *doc, const void *data, size_t n, TeError *err)
{
  Archive archive = { NULL };
  zip_error_t why;
  zip_error_init (&why);
  err->kind = TE_ERR_NONE;
  zip_source_t *source = zip_source_buffer_create (data, n, 0, &why);
  archive.zip = source ? zip_open_from_source (source, ZIP_RDONLY, &why) : NULL;
  if (!archive.zip)
    {
      if (source)
        zip_source_free (source);
      te_error_set (err, TE_ERR_RUNTIME,
                    "PytorchStreamReader failed reading zip archive: failed finding central directory");
      zip_error_fini (&why);
      return NULL;
    }
  const TePickleHooks hooks = { &archive, resolve_storage, build_object };
  TeStorage *pickle = find_folder (&archive, err) ? read_file (&archive, "data.pkl", err) : NULL;
  TeIoValue *root = pickle ? te_pickle_read (doc, pickle->data, pickle->nbytes, &hooks, err) : NULL;
  te_storage_unref (pickle);
  table_clear (&archive.storages);
  zip_discard (archive.zip);
  zip_error_fini (&why);
  return root;
}
