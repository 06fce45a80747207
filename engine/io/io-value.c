#include "io/io-value.h"

#include <string.h>

#include "base/mem.h"

#define VALUES_PER_BLOCK 64

typedef struct Block
{
  struct Block *next;
  int n;
  TeIoValue values[VALUES_PER_BLOCK];
} Block;

struct TeIoDocument
{
  Block *blocks;
};

TeIoDocument *
te_io_document_new (TeError *err)
{
  TeIoDocument *doc = te_new (TeIoDocument);
  if (!doc)
    te_error_no_memory (err);
  return doc;
}

static void
items_clear (TeIoItems *items)
{
  te_free_sized (items->at, items->room * sizeof *items->at);
}

static void
value_clear (TeIoValue *value)
{
  switch (value->kind)
    {
    case TE_IO_LONG:
    case TE_IO_STR:
    case TE_IO_BYTES:
      te_free_sized (value->bytes.data, value->bytes.n + 1);
      break;
    case TE_IO_LIST:
    case TE_IO_TUPLE:
    case TE_IO_DICT:
      items_clear (&value->items);
      break;
    case TE_IO_GLOBAL:
      if (value->global.module)
        te_free_sized ((char *) value->global.module, strlen (value->global.module) + 1);
      if (value->global.name)
        te_free_sized ((char *) value->global.name, strlen (value->global.name) + 1);
      break;
    case TE_IO_OBJECT:
      items_clear (&value->object.items);
      items_clear (&value->object.pairs);
      break;
    case TE_IO_TENSOR:
      te_tensor_unref (value->tensor.tensor);
      break;
    case TE_IO_STORAGE:
      te_storage_unref (value->storage.storage);
      break;
    case TE_IO_NONE:
    case TE_IO_BOOL:
    case TE_IO_INT:
    case TE_IO_FLOAT:
      break;
    }
}

void
te_io_document_free (TeIoDocument *doc)
{
  if (!doc)
    return;
  for (Block *block = doc->blocks; block;)
    {
      Block *next = block->next;
      for (int i = 0; i < block->n; i++)
        value_clear (&block->values[i]);
      te_free (block);
      block = next;
    }
  te_free (doc);
}

static TeIoValue *
value_new (TeIoDocument *doc, TeIoKind kind)
{
  if (!doc->blocks || doc->blocks->n == VALUES_PER_BLOCK)
    {
      Block *block = te_new (Block);
      if (!block)
        return NULL;
      block->next = doc->blocks;
      doc->blocks = block;
    }
  TeIoValue *value = &doc->blocks->values[doc->blocks->n++];
  value->kind = kind;
  return value;
}

TeIoValue *
te_io_none (TeIoDocument *doc)
{
  return value_new (doc, TE_IO_NONE);
}

TeIoValue *
te_io_bool (TeIoDocument *doc, bool b)
{
  TeIoValue *value = value_new (doc, TE_IO_BOOL);
  if (value)
    value->i = b;
  return value;
}

TeIoValue *
te_io_int (TeIoDocument *doc, int64_t i)
{
  TeIoValue *value = value_new (doc, TE_IO_INT);
  if (value)
    value->i = i;
  return value;
}

TeIoValue *
te_io_float (TeIoDocument *doc, double f)
{
  TeIoValue *value = value_new (doc, TE_IO_FLOAT);
  if (value)
    value->f = f;
  return value;
}

static char *
copy_text (const char *data, size_t n)
{
  char *copy = te_new_sized (n + 1);
  if (copy)
    {
      memcpy (copy, data, n);
      copy[n] = 0;
    }
  return copy;
}

TeIoValue *
te_io_bytes (TeIoDocument *doc, TeIoKind kind, const char *data, size_t n)
{
  char *copy = copy_text (data, n);
  TeIoValue *value = copy ? value_new (doc, kind) : NULL;
  if (!value)
    te_free_sized (copy, n + 1);
  else
    {
      value->bytes.data = copy;
      value->bytes.n = n;
    }
  return value;
}

TeIoValue *
te_io_container (TeIoDocument *doc, TeIoKind kind)
{
  return value_new (doc, kind);
}

TeIoValue *
te_io_global (TeIoDocument *doc, const char *module, const char *name)
{
  TeIoValue *value = value_new (doc, TE_IO_GLOBAL);
  if (value)
    {
      value->global.module = copy_text (module, strlen (module));
      value->global.name = copy_text (name, strlen (name));
    }
  return value && value->global.module && value->global.name ? value : NULL;
}

TeIoValue *
te_io_object (TeIoDocument *doc, TeIoValue *callable, TeIoValue *args)
{
  TeIoValue *value = value_new (doc, TE_IO_OBJECT);
  if (value)
    {
      value->object.callable = callable;
      value->object.args = args;
    }
  return value;
}

TeIoValue *
te_io_tensor (TeIoDocument *doc, TeTensor *tensor, bool parameter, bool requires_grad)
{
  TeIoValue *value = value_new (doc, TE_IO_TENSOR);
  if (value)
    {
      value->tensor.tensor = te_tensor_ref (tensor);
      value->tensor.parameter = parameter;
      value->tensor.requires_grad = requires_grad;
    }
  return value;
}

TeIoValue *
te_io_storage (TeIoDocument *doc, TeStorage *storage, TeDtype dtype)
{
  TeIoValue *value = value_new (doc, TE_IO_STORAGE);
  if (value)
    {
      value->storage.storage = te_storage_ref (storage);
      value->storage.dtype = dtype;
    }
  return value;
}

bool
te_io_append (TeIoDocument *doc, TeIoItems *items, TeIoValue *value)
{
  if (!value)
    return false;
  if (items->n == items->room)
    {
      size_t room = items->room ? 2 * items->room : 4;
      TeIoValue **at = te_new_sized (room * sizeof *at);
      if (!at)
        return false;
      if (items->n)
        memcpy (at, items->at, items->n * sizeof *at);
      items_clear (items);
      items->at = at;
      items->room = room;
    }
  items->at[items->n++] = value;
  return true;
}

bool
te_io_is_global (const TeIoValue *value, const char *module, const char *name)
{
  return value && value->kind == TE_IO_GLOBAL && !strcmp (value->global.module, module)
         && !strcmp (value->global.name, name);
}
