#include <string.h>

#include "base/checked.h"
#include "base/mem.h"
#include "io/checkpoint-private.h"

#define PROTOCOL_VERSION 1001
static const char magic[] = { 0x6c, (char) 0xfc, (char) 0x9c, 0x46, (char) 0xf9, 0x20, 0x6a, (char) 0xa8, 0x50, 0x19 };

/* ---- writing ---- */
static TeIoValue *
pair_into (TeIoDocument *doc, TeIoValue *dict, const char *key, TeIoValue *value)
{
  TeIoValue *name = te_io_bytes (doc, TE_IO_STR, key, strlen (key));
  return dict && name && value && te_io_append (doc, &dict->items, name) && te_io_append (doc, &dict->items, value)
             ? dict
             : NULL;
}

/* {"protocol_version": 1001, "little_endian": True, "type_sizes": {…}} */
static TeIoValue *
machine_facts (TeIoDocument *doc)
{
  TeIoValue *sizes = te_io_container (doc, TE_IO_DICT), *facts = te_io_container (doc, TE_IO_DICT);
  sizes = pair_into (doc, sizes, "short", te_io_int (doc, sizeof (short)));
  sizes = pair_into (doc, sizes, "int", te_io_int (doc, sizeof (int)));
  sizes = pair_into (doc, sizes, "long", te_io_int (doc, 4));
  facts = pair_into (doc, facts, "protocol_version", te_io_int (doc, PROTOCOL_VERSION));
  facts = pair_into (doc, facts, "little_endian", te_io_bool (doc, true));
  return pair_into (doc, facts, "type_sizes", sizes);
}

static TeIoValue *
keys_of (TeIoDocument *doc, const TeCheckpointTable *storages)
{
  TeIoValue *list = te_io_container (doc, TE_IO_LIST);
  for (size_t i = 0; list && i < storages->n; i++)
    {
      TeIoValue *key = te_io_bytes (doc, TE_IO_STR, storages->entries[i].key, strlen (storages->entries[i].key));
      if (!key || !te_io_append (doc, &list->items, key))
        list = NULL;
    }
  return list;
}

/* The dtype under which a storage is written first decides how many elements it has. */
static void
put_storage (TeIoBuffer *out, const TeCheckpointEntry *entry)
{
  uint64_t numel = entry->storage->nbytes / te_dtype_nbytes (entry->dtype);
  te_io_buffer_add (out, &numel, sizeof numel);
  te_io_buffer_add (out, entry->storage->data, (size_t) numel * te_dtype_nbytes (entry->dtype));
}

bool
te_checkpoint_write_legacy (TeIoBuffer *out, TeIoValue *root, TeError *err)
{
  TeCheckpointTable storages = { NULL };
  TeIoDocument *doc = te_io_document_new (err);
  TeIoValue *before[] = { doc ? te_io_bytes (doc, TE_IO_LONG, magic, sizeof magic) : NULL,
                          doc ? te_io_int (doc, PROTOCOL_VERSION) : NULL, doc ? machine_facts (doc) : NULL };
  bool ok = doc != NULL;
  for (size_t i = 0; ok && i < sizeof before / sizeof before[0]; i++)
    ok = before[i] ? te_pickle_write (out, before[i], NULL, NULL, true, err) : te_error_no_memory (err);
  ok = ok && te_pickle_write (out, root, te_checkpoint_key_of, &storages, true, err);
  TeIoValue *keys = ok ? keys_of (doc, &storages) : NULL;
  ok = ok && (keys ? te_pickle_write (out, keys, NULL, NULL, true, err) : te_error_no_memory (err));
  for (size_t i = 0; ok && i < storages.n; i++)
    put_storage (out, &storages.entries[i]);
  te_checkpoint_table_clear (&storages);
  te_io_document_free (doc);
  return ok && (!out->failed || te_error_no_memory (err));
}

/* ---- reading ---- */
typedef struct
{
  TeCheckpointReader reader; /* first: what the reader's functions are given is the file */
  const char *data;
  size_t n, at;
} File;

/* A storage's bytes stand at the end of the file: room for them first, no more than the file can fill. */
static TeStorage *
fetch (TeCheckpointReader *reader, const char *key, TeDtype dtype, int64_t numel, TeError *err)
{
  const File *file = (const File *) reader;
  size_t itemsize = te_dtype_nbytes (dtype);
  if (numel < 0 || (uint64_t) numel > file->n / itemsize)
    {
      te_error_set (err, TE_ERR_RUNTIME, "unexpected EOF, expected %lld more bytes. The file might be corrupted.",
                    (long long) numel);
      return NULL;
    }
  TeStorage *storage = te_storage_new ((size_t) numel * itemsize, err);
  if (storage && storage->nbytes)
    memset (storage->data, 0, storage->nbytes);
  return storage;
}

static TeIoValue *
next_pickle (File *file, TeIoDocument *doc, const TePickleHooks *hooks, TeError *err)
{
  size_t used = 0;
  TeIoValue *value = te_pickle_read (doc, file->data + file->at, file->n - file->at, hooks, &used, err);
  file->at += used;
  return value;
}

static bool
fill_storage (File *file, TeCheckpointEntry *entry, TeError *err)
{
  uint64_t numel;
  size_t itemsize = te_dtype_nbytes (entry->dtype), nbytes = entry->storage->nbytes;
  if (file->n - file->at < sizeof numel)
    return te_error_set (err, TE_ERR_RUNTIME, "unexpected EOF, expected %zu more bytes. The file might be corrupted.",
                         sizeof numel - (file->n - file->at));
  memcpy (&numel, file->data + file->at, sizeof numel);
  file->at += sizeof numel;
  if (numel != nbytes / itemsize)
    return te_error_set (err, TE_ERR_RUNTIME, "storage has wrong size: expected %lld got %lld", (long long) numel,
                         (long long) (nbytes / itemsize));
  if (file->n - file->at < nbytes)
    return te_error_set (err, TE_ERR_RUNTIME, "unexpected EOF, expected %zu more bytes. The file might be corrupted.",
                         nbytes - (file->n - file->at));
  if (nbytes)
    memcpy (entry->storage->data, file->data + file->at, entry->storage->meta ? 0 : nbytes);
  file->at += nbytes;
  return true;
}

static bool
fill_storages (File *file, const TeIoValue *keys, TeError *err)
{
  TeCheckpointTable *storages = &file->reader.storages;
  if (keys->kind != TE_IO_LIST)
    return te_error_set (err, TE_ERR_RUNTIME, "the file has no list of storages");
  for (size_t i = 0; i < keys->items.n; i++)
    {
      const TeIoValue *key = keys->items.at[i];
      TeCheckpointEntry *entry = NULL;
      for (size_t k = 0; key->kind == TE_IO_STR && k < storages->n; k++)
        if (!strcmp (storages->entries[k].key, key->bytes.data))
          entry = &storages->entries[k];
      if (!entry)
        return te_error_set (err, TE_ERR_RUNTIME, "the file has a storage that nothing refers to");
      if (!fill_storage (file, entry, err))
        return false;
    }
  return true;
}

TeIoValue *
te_checkpoint_read_legacy (TeIoDocument *doc,
                           const void *data,
                           size_t n,
                           const TeCheckpointOptions *options,
                           size_t *used,
                           TeError *err)
{
  File file = { .reader = { .options = options, .n_id = 6, .fetch = fetch }, .data = data, .n = n };
  const TePickleHooks hooks = { &file.reader, te_checkpoint_resolve, te_checkpoint_build, options->weights_only };
  const TePickleHooks plain = { .weights_only = options->weights_only };
  err->kind = TE_ERR_NONE;
  TeIoValue *root = NULL, *number = next_pickle (&file, doc, &plain, err), *keys = NULL;
  if (number && (number->kind != TE_IO_LONG || number->bytes.n != sizeof magic || memcmp (number->bytes.data, magic, sizeof magic)))
    te_error_set (err, TE_ERR_RUNTIME, "Invalid magic number; corrupt file?");
  else if (number && (number = next_pickle (&file, doc, &plain, err))
           && (number->kind != TE_IO_INT || number->i != PROTOCOL_VERSION))
    te_error_set (err, TE_ERR_RUNTIME, "Invalid protocol version: %lld",
                  number->kind == TE_IO_INT ? (long long) number->i : -1);
  else if (number && next_pickle (&file, doc, &plain, err))
    root = next_pickle (&file, doc, &hooks, err);
  keys = root ? next_pickle (&file, doc, &plain, err) : NULL;
  bool ok = keys && fill_storages (&file, keys, err);
  te_checkpoint_table_clear (&file.reader.storages);
  *used = file.at;
  return ok ? root : NULL;
}
