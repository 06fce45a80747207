#include "io/checkpoint-private.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

#define MAX_STORAGES (1 << 20)

/* ---- storages by key ---- */
TeCheckpointEntry *
te_checkpoint_table_add (TeCheckpointTable *t)
{
  if (t->n == t->room)
    {
      size_t room = t->room ? 2 * t->room : 16;
      TeCheckpointEntry *entries = te_new_sized (room * sizeof *entries);
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

void
te_checkpoint_table_clear (TeCheckpointTable *t)
{
  te_free_sized (t->entries, t->room * sizeof *t->entries);
}

const char *
te_checkpoint_key_of (void *table, TeStorage *storage, TeDtype dtype, TeError *err)
{
  TeCheckpointTable *t = table;
  for (size_t i = 0; i < t->n; i++)
    if (t->entries[i].storage == storage)
      return t->entries[i].key;
  TeCheckpointEntry *entry = te_checkpoint_table_add (t);
  if (!entry)
    {
      te_error_no_memory (err);
      return NULL;
    }
  entry->storage = storage;
  entry->dtype = dtype;
  snprintf (entry->key, sizeof entry->key, "%zu", t->n - 1);
  return entry->key;
}

/* ---- reading ---- */
static bool
is_text (const TeIoValue *value, const char *text)
{
  return value->kind == TE_IO_STR && !strcmp (value->bytes.data, text);
}

/* Where the storage was is asked once, when it is first met. */
static bool
is_placed (TeCheckpointReader *r, TeStorage *storage, const TeIoValue *location, TeError *err)
{
  if (!r->options->placed)
    return true;
  return r->options->placed (r->options->ctx, storage, location->kind == TE_IO_STR ? location->bytes.data : "cpu", err);
}

/* ('storage', torch.FloatStorage, '0', 'cpu', 24); files before PyTorch 1.6 have None (or a part of another storage)
 * at the end, and ('module', class, file, source) besides. */
TeIoValue *
te_checkpoint_resolve (void *reader, TeIoDocument *doc, TeIoValue *id, TeError *err)
{
  TeCheckpointReader *r = reader;
  TeIoValue **at = id->items.at;
  if (id->kind == TE_IO_TUPLE && r->n_id == 6 && id->items.n >= 2 && is_text (at[0], "module"))
    return at[1];
  if (id->kind != TE_IO_TUPLE || id->items.n < r->n_id || !is_text (at[0], "storage") || at[1]->kind != TE_IO_GLOBAL
      || at[2]->kind != TE_IO_STR || at[4]->kind != TE_IO_INT || (r->n_id == 6 && at[5]->kind != TE_IO_NONE))
    {
      te_error_set (err, TE_ERR_RUNTIME, "the file names a storage in a form that is not known");
      return NULL;
    }
  bool untyped = te_io_is_global (at[1], "torch.storage", "UntypedStorage");
  TeDtype dtype = untyped ? TE_UINT8 : te_storage_class_dtype (at[1]->global.name);
  const char *key = at[2]->bytes.data;
  if (dtype == TE_DTYPE_NONE || (!untyped && strcmp (at[1]->global.module, "torch")))
    {
      te_error_set (err, TE_ERR_RUNTIME, "storages of type %.60s.%.60s are not known here",
                    at[1]->global.module, at[1]->global.name);
      return NULL;
    }
  if (strlen (key) >= sizeof r->storages.entries->key || strchr (key, '/') || r->storages.n >= MAX_STORAGES)
    {
      te_error_set (err, TE_ERR_RUNTIME, "the file has a storage of an impossible name");
      return NULL;
    }
  for (size_t i = 0; i < r->storages.n; i++)
    if (!strcmp (r->storages.entries[i].key, key))
      return te_io_storage (doc, r->storages.entries[i].storage, dtype);
  TeStorage *storage = r->fetch (r, key, dtype, at[4]->i, err);
  TeIoValue *value = storage ? te_io_storage (doc, storage, dtype) : NULL;
  TeCheckpointEntry *entry = value ? te_checkpoint_table_add (&r->storages) : NULL;
  te_storage_unref (storage); /* the document keeps it */
  if (entry)
    {
      snprintf (entry->key, sizeof entry->key, "%s", key);
      entry->storage = storage;
      entry->dtype = dtype;
    }
  else if (!err->kind)
    te_error_no_memory (err);
  return entry && is_placed (r, storage, at[3], err) ? value : NULL;
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

/* _rebuild_tensor_v2 (storage, offset, sizes, strides, requires_grad, hooks); the older one ends with strides */
static TeIoValue *
rebuild_tensor (TeIoDocument *doc, const TeIoItems *args, TeError *err)
{
  int64_t sizes[TE_MAX_NDIM], strides[TE_MAX_NDIM], extent, numel;
  int ndim = 0, n_strides = 0;
  TeIoValue **at = args->at;
  if (args->n < 4 || at[0]->kind != TE_IO_STORAGE || at[1]->kind != TE_IO_INT || at[1]->i < 0)
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
  TeIoValue *value = tensor ? te_io_tensor (doc, tensor, false, args->n > 4 && at[4]->kind == TE_IO_BOOL && at[4]->i) : NULL;
  if (tensor && !value)
    te_error_no_memory (err);
  te_tensor_unref (tensor);
  return value;
}

TeIoValue *
te_checkpoint_build (void *reader, TeIoDocument *doc, TeIoValue *value, TeError *err)
{
  const TeIoValue *callable = value->object.callable;
  const TeIoItems *args = &value->object.args->items;
  if (te_io_is_global (callable, "torch._utils", "_rebuild_tensor_v2")
      || te_io_is_global (callable, "torch._utils", "_rebuild_tensor"))
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

