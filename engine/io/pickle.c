#include "io/pickle.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

#define MAX_DEPTH 900 /* as deep as Python's own pickle goes before RecursionError, roughly */

/* ---- bytes ---- */
void
te_io_buffer_add (TeIoBuffer *buffer, const void *data, size_t n)
{
  if (buffer->failed || !n)
    return;
  if (n > buffer->room - buffer->n)
    {
      size_t room = buffer->room ? 2 * buffer->room : 4096;
      while (room - buffer->n < n)
        room *= 2;
      char *more = te_data_alloc (room);
      if (!more)
        {
          buffer->failed = true;
          return;
        }
      if (buffer->n)
        memcpy (more, buffer->data, buffer->n);
      te_data_free (buffer->data, buffer->room);
      buffer->data = more;
      buffer->room = room;
    }
  memcpy (buffer->data + buffer->n, data, n);
  buffer->n += n;
}

void
te_io_buffer_clear (TeIoBuffer *buffer)
{
  te_data_free (buffer->data, buffer->room);
  *buffer = (TeIoBuffer){ NULL };
}

/* ---- names of storages ---- */
static const char *const storage_names[TE_DTYPE_COUNT] = {
  [TE_UINT8] = "ByteStorage",        [TE_INT8] = "CharStorage",      [TE_INT16] = "ShortStorage",
  [TE_INT32] = "IntStorage",         [TE_INT64] = "LongStorage",     [TE_FLOAT16] = "HalfStorage",
  [TE_FLOAT32] = "FloatStorage",     [TE_FLOAT64] = "DoubleStorage", [TE_BOOL] = "BoolStorage",
  [TE_BFLOAT16] = "BFloat16Storage", [TE_COMPLEX64] = "ComplexFloatStorage",
  [TE_COMPLEX128] = "ComplexDoubleStorage",
};

const char *
te_storage_class_name (TeDtype dtype)
{
  return storage_names[dtype];
}

TeDtype
te_storage_class_dtype (const char *name)
{
  for (int i = 0; i < TE_DTYPE_COUNT; i++)
    if (!strcmp (storage_names[i], name))
      return (TeDtype) i;
  return TE_DTYPE_NONE;
}

/* ---- writing ---- */
typedef struct
{
  TeIoBuffer *out;
  int32_t n_memo;
  TePickleStorageKey key;
  void *ctx;
  bool legacy;
  TeError *err;
} Writer;

static void
put (Writer *w, const char *text)
{
  te_io_buffer_add (w->out, text, strlen (text));
}

static void
put_byte (Writer *w, uint8_t byte)
{
  te_io_buffer_add (w->out, &byte, 1);
}

static void
put_uint32 (Writer *w, uint32_t value)
{
  const uint8_t bytes[] = { (uint8_t) value, (uint8_t) (value >> 8), (uint8_t) (value >> 16),
                            (uint8_t) (value >> 24) };
  te_io_buffer_add (w->out, bytes, sizeof bytes);
}

static void
put_int (Writer *w, int64_t value)
{
  if (value >= 0 && value < 256)
    {
      put_byte (w, 'K');
      put_byte (w, (uint8_t) value);
    }
  else if (value >= 0 && value < 65536)
    {
      put_byte (w, 'M');
      put_byte (w, (uint8_t) value);
      put_byte (w, (uint8_t) (value >> 8));
    }
  else if (value >= INT32_MIN && value <= INT32_MAX)
    {
      put_byte (w, 'J');
      put_uint32 (w, (uint32_t) value);
    }
  else
    {
      put_byte (w, 0x8a);
      put_byte (w, 8);
      put_uint32 (w, (uint32_t) value);
      put_uint32 (w, (uint32_t) ((uint64_t) value >> 32));
    }
}

static void
put_text (Writer *w, const char *text, size_t n)
{
  put_byte (w, 'X');
  put_uint32 (w, (uint32_t) n);
  te_io_buffer_add (w->out, text, n);
}

static void
put_global (Writer *w, const char *module, const char *name)
{
  put_byte (w, 'c');
  put (w, strcmp (module, "builtins") ? module : "__builtin__"); /* protocol 2 keeps the old name */
  put (w, "\n");
  put (w, name);
  put (w, "\n");
}

static void
remember (Writer *w, TeIoValue *value)
{
  value->memo = ++w->n_memo;
  if (value->memo - 1 < 256)
    {
      put_byte (w, 'q');
      put_byte (w, (uint8_t) (value->memo - 1));
    }
  else
    {
      put_byte (w, 'r');
      put_uint32 (w, (uint32_t) (value->memo - 1));
    }
}

static bool
recall (Writer *w, const TeIoValue *value)
{
  if (!value->memo)
    return false;
  put_byte (w, value->memo - 1 < 256 ? 'h' : 'j');
  if (value->memo - 1 < 256)
    put_byte (w, (uint8_t) (value->memo - 1));
  else
    put_uint32 (w, (uint32_t) (value->memo - 1));
  return true;
}

/* Protocol 2 has no bytes: they are text that is encoded again when read. */
static void
put_old_bytes (Writer *w, const char *data, size_t n)
{
  TeIoBuffer text = { NULL };
  for (size_t i = 0; i < n; i++)
    {
      uint8_t c = (uint8_t) data[i];
      const uint8_t two[] = { (uint8_t) (0xc0 | c >> 6), (uint8_t) (0x80 | (c & 0x3f)) };
      te_io_buffer_add (&text, c < 0x80 ? &c : two, c < 0x80 ? 1 : 2);
    }
  put_global (w, "_codecs", "encode");
  put_text (w, text.data, text.n);
  put_text (w, "latin1", 6);
  put (w, "\x86R");
  w->out->failed = w->out->failed || text.failed;
  te_io_buffer_clear (&text);
}

static void
put_float (Writer *w, double value)
{
  uint64_t bits;
  uint8_t bytes[8];
  memcpy (&bits, &value, sizeof bits);
  for (int i = 0; i < 8; i++)
    bytes[i] = (uint8_t) (bits >> (56 - 8 * i));
  put_byte (w, 'G');
  te_io_buffer_add (w->out, bytes, sizeof bytes);
}

static bool write_value (Writer *w, TeIoValue *value, int depth);

static bool
write_items (Writer *w, const TeIoItems *items, const char *end, int depth)
{
  if (!items->n)
    return true;
  put (w, "(");
  for (size_t i = 0; i < items->n; i++)
    if (!write_value (w, items->at[i], depth))
      return false;
  put (w, end);
  return true;
}

static bool
write_tuple (Writer *w, TeIoValue *value, int depth)
{
  const TeIoItems *items = &value->items;
  if (items->n > 3)
    put (w, "(");
  for (size_t i = 0; i < items->n; i++)
    if (!write_value (w, items->at[i], depth))
      return false;
  put_byte (w, items->n == 0 ? ')' : items->n <= 3 ? (uint8_t) (0x84 + items->n) : 't');
  if (items->n)
    remember (w, value);
  return true;
}

static void
put_sizes (Writer *w, int n, const int64_t *sizes)
{
  put (w, n > 3 ? "(" : "");
  for (int i = 0; i < n; i++)
    put_int (w, sizes[i]);
  put_byte (w, n == 0 ? ')' : n <= 3 ? (uint8_t) (0x84 + n) : 't');
}

static bool
write_storage (Writer *w, TeStorage *storage, TeDtype dtype)
{
  const char *key = w->key (w->ctx, storage, dtype, w->err);
  if (!key)
    return false;
  put (w, "(");
  put_text (w, "storage", 7);
  put_global (w, "torch", te_storage_class_name (dtype));
  put_text (w, key, strlen (key));
  put_text (w, "cpu", 3);
  put_int (w, (int64_t) (storage->nbytes / te_dtype_nbytes (dtype)));
  put (w, w->legacy ? "NtQ" : "tQ");
  return true;
}

static bool
write_tensor (Writer *w, TeIoValue *value)
{
  TeTensor *t = value->tensor.tensor;
  if (te_tensor_is_meta (t))
    return te_error_set (w->err, TE_ERR_RUNTIME, "a tensor on device meta has no elements to save");
  if (value->tensor.parameter)
    {
      put_global (w, "torch._utils", "_rebuild_parameter");
      put (w, "(");
    }
  put_global (w, "torch._utils", "_rebuild_tensor_v2");
  put (w, "(");
  if (!write_storage (w, t->storage, te_tensor_dtype (t)))
    return false;
  put_int (w, t->offset);
  put_sizes (w, t->ndim, t->sizes);
  put_sizes (w, t->ndim, t->strides);
  put_byte (w, value->tensor.requires_grad && !value->tensor.parameter ? 0x88 : 0x89);
  put_global (w, "collections", "OrderedDict");
  put (w, ")RtR");
  if (value->tensor.parameter)
    {
      put_byte (w, value->tensor.requires_grad ? 0x88 : 0x89);
      put_global (w, "collections", "OrderedDict");
      put (w, ")RtR");
    }
  remember (w, value);
  return true;
}

static bool
write_object (Writer *w, TeIoValue *value, int depth)
{
  TeIoValue *state = value->object.state;
  if (!write_value (w, value->object.callable, depth) || !write_value (w, value->object.args, depth))
    return false;
  put_byte (w, value->is_new ? 0x81 : 'R');
  remember (w, value);
  if (!write_items (w, &value->object.items, "e", depth) || !write_items (w, &value->object.pairs, "u", depth)
      || (state && !write_value (w, state, depth)))
    return false;
  if (state)
    put (w, "b");
  return true;
}

static bool
write_value (Writer *w, TeIoValue *value, int depth)
{
  if (depth > MAX_DEPTH)
    return te_error_set (w->err, TE_ERR_RUNTIME, "maximum recursion depth exceeded while pickling an object");
  if (recall (w, value))
    return true;
  switch (value->kind)
    {
    case TE_IO_NONE:
      put (w, "N");
      return true;
    case TE_IO_BOOL:
      put_byte (w, value->i ? 0x88 : 0x89);
      return true;
    case TE_IO_INT:
      put_int (w, value->i);
      return true;
    case TE_IO_LONG:
      put_byte (w, value->bytes.n < 256 ? 0x8a : 0x8b);
      if (value->bytes.n < 256)
        put_byte (w, (uint8_t) value->bytes.n);
      else
        put_uint32 (w, (uint32_t) value->bytes.n);
      te_io_buffer_add (w->out, value->bytes.data, value->bytes.n);
      return true;
    case TE_IO_FLOAT:
      put_float (w, value->f);
      return true;
    case TE_IO_STR:
      put_text (w, value->bytes.data, value->bytes.n);
      remember (w, value);
      return true;
    case TE_IO_BYTES:
      put_old_bytes (w, value->bytes.data, value->bytes.n);
      remember (w, value);
      return true;
    case TE_IO_LIST:
    case TE_IO_DICT:
      put (w, value->kind == TE_IO_LIST ? "]" : "}");
      remember (w, value);
      return write_items (w, &value->items, value->kind == TE_IO_LIST ? "e" : "u", depth + 1);
    case TE_IO_TUPLE:
      return write_tuple (w, value, depth + 1);
    case TE_IO_GLOBAL:
      put_global (w, value->global.module, value->global.name);
      remember (w, value);
      return true;
    case TE_IO_OBJECT:
      return write_object (w, value, depth + 1);
    case TE_IO_TENSOR:
      return write_tensor (w, value);
    case TE_IO_STORAGE:
      if (!write_storage (w, value->storage.storage, value->storage.dtype))
        return false;
      remember (w, value);
      return true;
    }
  return true;
}

bool
te_pickle_write (
    TeIoBuffer *out, TeIoValue *root, TePickleStorageKey key, void *ctx, bool legacy, TeError *err)
{
  Writer w = { .out = out, .key = key, .ctx = ctx, .legacy = legacy, .err = err };
  put (&w, "\x80\x02");
  if (!write_value (&w, root, 0))
    return false;
  put (&w, ".");
  return !out->failed || te_error_no_memory (err);
}
