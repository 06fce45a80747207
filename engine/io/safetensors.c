#include "io/safetensors.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/mem.h"

#define MOST_HEADER_NBYTES 100000000u

/* In the order in which the format sorts dtypes. */
static const struct
{
  const char *name;
  TeDtype dtype;
} dtypes[] = { { "BOOL", TE_BOOL },     { "U8", TE_UINT8 },    { "I8", TE_INT8 },    { "I16", TE_INT16 },
               { "F16", TE_FLOAT16 },   { "BF16", TE_BFLOAT16 }, { "I32", TE_INT32 }, { "F32", TE_FLOAT32 },
               { "F64", TE_FLOAT64 },   { "I64", TE_INT64 } };
#define N_DTYPES (sizeof dtypes / sizeof dtypes[0])

static int
rank_of (TeDtype dtype)
{
  for (size_t i = 0; i < N_DTYPES; i++)
    if (dtypes[i].dtype == dtype)
      return (int) i;
  return -1;
}

/* ---- writing ---- */
typedef struct
{
  const char *name;
  const TeTensor *tensor;
} Entry;

static int
compare_entries (const void *a, const void *b)
{
  const Entry *x = a, *y = b;
  int rank = rank_of (te_tensor_dtype (y->tensor)) - rank_of (te_tensor_dtype (x->tensor));
  return rank ? rank : strcmp (x->name, y->name);
}

static size_t
nbytes_of (const TeTensor *tensor)
{
  return (size_t) tensor->numel * te_dtype_nbytes (te_tensor_dtype (tensor));
}

static bool
check_entry (const TeIoValue *key, const TeIoValue *value, TeError *err)
{
  if (key->kind != TE_IO_STR || value->kind != TE_IO_TENSOR)
    return te_error_set (err, TE_ERR_VALUE, "safetensors holds tensors by name, nothing else");
  const TeTensor *tensor = value->tensor.tensor;
  if (te_tensor_is_meta (tensor) || rank_of (te_tensor_dtype (tensor)) < 0 || !te_tensor_is_contiguous (tensor))
    return te_error_set (err, TE_ERR_VALUE, "the tensor `%.100s` cannot be saved: it is not contiguous, or of a dtype or "
                                            "device that the format has not", key->bytes.data);
  return true;
}

static bool
add_member (struct json_object *object, const char *name, struct json_object *value)
{
  return value && json_object_object_add (object, name, value) == 0;
}

static struct json_object *
describe (const TeTensor *tensor, size_t from)
{
  struct json_object *about = json_object_new_object (), *shape = json_object_new_array (),
                     *place = json_object_new_array ();
  for (int i = 0; shape && i < tensor->ndim; i++)
    json_object_array_add (shape, json_object_new_int64 (tensor->sizes[i]));
  json_object_array_add (place, json_object_new_int64 ((int64_t) from));
  json_object_array_add (place, json_object_new_int64 ((int64_t) (from + nbytes_of (tensor))));
  add_member (about, "dtype", json_object_new_string (dtypes[rank_of (te_tensor_dtype (tensor))].name));
  add_member (about, "shape", shape);
  add_member (about, "data_offsets", place);
  return about;
}

static struct json_object *
header_of (const Entry *entries, size_t n, const TeIoValue *metadata)
{
  struct json_object *header = json_object_new_object ();
  if (metadata)
    {
      struct json_object *about = json_object_new_object ();
      for (size_t i = 0; i + 1 < metadata->items.n; i += 2)
        if (metadata->items.at[i]->kind == TE_IO_STR && metadata->items.at[i + 1]->kind == TE_IO_STR)
          add_member (about, metadata->items.at[i]->bytes.data,
                      json_object_new_string (metadata->items.at[i + 1]->bytes.data));
      add_member (header, "__metadata__", about);
    }
  size_t at = 0;
  for (size_t i = 0; i < n; i++)
    {
      add_member (header, entries[i].name, describe (entries[i].tensor, at));
      at += nbytes_of (entries[i].tensor);
    }
  return header;
}

bool
te_safetensors_write (TeIoBuffer *out, const TeIoValue *tensors, const TeIoValue *metadata, TeError *err)
{
  size_t n = tensors->items.n / 2;
  Entry *entries = te_new_sized ((n + 1) * sizeof *entries);
  if (!entries)
    return te_error_no_memory (err);
  bool ok = true;
  for (size_t i = 0; ok && i < n; i++)
    {
      ok = check_entry (tensors->items.at[2 * i], tensors->items.at[2 * i + 1], err);
      entries[i] = (Entry){ tensors->items.at[2 * i]->bytes.data, tensors->items.at[2 * i + 1]->tensor.tensor };
    }
  if (ok)
    {
      qsort (entries, n, sizeof *entries, compare_entries);
      struct json_object *header = header_of (entries, n, metadata);
      const char *text = json_object_to_json_string_ext (header, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
      size_t length = text ? strlen (text) : 0, padding = (8 - length % 8) % 8;
      uint64_t whole = length + padding;
      te_io_buffer_add (out, &whole, sizeof whole);
      te_io_buffer_add (out, text, length);
      te_io_buffer_add (out, "        ", padding);
      json_object_put (header);
      for (size_t i = 0; i < n; i++)
        te_io_buffer_add (out, te_tensor_data (entries[i].tensor), nbytes_of (entries[i].tensor));
      ok = !out->failed || te_error_no_memory (err);
    }
  te_free_sized (entries, (n + 1) * sizeof *entries);
  return ok;
}

/* ---- reading ---- */
static bool
malformed (TeError *err, const char *what)
{
  return te_error_set (err, TE_ERR_RUNTIME, "Error while deserializing header: %s", what);
}

static bool
read_ints (struct json_object *array, size_t most, int64_t *out, size_t *n)
{
  if (!array || !json_object_is_type (array, json_type_array) || json_object_array_length (array) > most)
    return false;
  *n = json_object_array_length (array);
  for (size_t i = 0; i < *n; i++)
    {
      struct json_object *item = json_object_array_get_idx (array, i);
      if (!json_object_is_type (item, json_type_int) || (out[i] = json_object_get_int64 (item)) < 0)
        return false;
    }
  return true;
}

static TeDtype
dtype_of (struct json_object *name)
{
  for (size_t i = 0; json_object_is_type (name, json_type_string) && i < N_DTYPES; i++)
    if (!strcmp (json_object_get_string (name), dtypes[i].name))
      return dtypes[i].dtype;
  return TE_DTYPE_NONE;
}

static TeIoValue *
read_tensor (TeIoDocument *doc, struct json_object *about, TeStorage *storage, TeError *err)
{
  struct json_object *shape = NULL, *place = NULL, *type = NULL;
  int64_t sizes[TE_MAX_NDIM], strides[TE_MAX_NDIM], offsets[2], numel;
  size_t ndim, two;
  json_object_object_get_ex (about, "shape", &shape);
  json_object_object_get_ex (about, "data_offsets", &place);
  json_object_object_get_ex (about, "dtype", &type);
  TeDtype dtype = dtype_of (type);
  if (dtype == TE_DTYPE_NONE || !read_ints (shape, TE_MAX_NDIM, sizes, &ndim) || !read_ints (place, 2, offsets, &two)
      || two != 2)
    {
      malformed (err, "InvalidHeaderDeserialization");
      return NULL;
    }
  int64_t itemsize = (int64_t) te_dtype_nbytes (dtype), step = 1, nbytes;
  for (size_t i = ndim; i-- > 0;)
    {
      strides[i] = step;
      if (__builtin_mul_overflow (step, sizes[i] ? sizes[i] : 1, &step))
        step = INT64_MAX;
    }
  if (!te_shape_numel ((int) ndim, sizes, &numel) || __builtin_mul_overflow (numel, itemsize, &nbytes)
      || offsets[1] < offsets[0] || offsets[1] - offsets[0] != nbytes || (uint64_t) offsets[1] > storage->nbytes
      || offsets[0] % itemsize)
    {
      malformed (err, "TensorInvalidInfo");
      return NULL;
    }
  TeTensor *tensor =
      te_tensor_new_view (storage, dtype, (int) ndim, sizes, strides, offsets[0] / itemsize, err);
  TeIoValue *value = tensor ? te_io_tensor (doc, tensor, false, false) : NULL;
  if (tensor && !value)
    te_error_no_memory (err);
  te_tensor_unref (tensor);
  return value;
}

static bool
put (TeIoDocument *doc, TeIoValue *dict, const char *name, TeIoValue *value, TeError *err)
{
  TeIoValue *key = te_io_bytes (doc, TE_IO_STR, name, strlen (name));
  return (key && value && te_io_append (doc, &dict->items, key) && te_io_append (doc, &dict->items, value))
         || te_error_no_memory (err);
}

static bool
read_metadata (TeIoDocument *doc, struct json_object *about, TeIoValue *metadata, TeError *err)
{
  if (!json_object_is_type (about, json_type_object))
    return malformed (err, "InvalidHeaderDeserialization");
  json_object_object_foreach (about, key, value)
  {
    if (!json_object_is_type (value, json_type_string))
      return malformed (err, "InvalidHeaderDeserialization");
    const char *text = json_object_get_string (value);
    if (!put (doc, metadata, key, te_io_bytes (doc, TE_IO_STR, text, strlen (text)), err))
      return false;
  }
  return true;
}

static TeIoValue *
read_all (TeIoDocument *doc, struct json_object *header, TeStorage *storage, TeIoValue *metadata, TeError *err)
{
  TeIoValue *tensors = te_io_container (doc, TE_IO_DICT);
  if (!tensors || !metadata)
    {
      te_error_no_memory (err);
      return NULL;
    }
  json_object_object_foreach (header, name, about)
  {
    if (!strcmp (name, "__metadata__"))
      {
        if (!read_metadata (doc, about, metadata, err))
          return NULL;
        continue;
      }
    TeIoValue *value = json_object_is_type (about, json_type_object) ? read_tensor (doc, about, storage, err) : NULL;
    if (!value && !err->kind)
      malformed (err, "InvalidHeaderDeserialization");
    if (!value || !put (doc, tensors, name, value, err))
      return NULL;
  }
  return tensors;
}

TeIoValue *
te_safetensors_read (TeIoDocument *doc, const void *data, size_t n, TeIoValue **metadata, TeError *err)
{
  uint64_t length;
  err->kind = TE_ERR_NONE;
  if (n < sizeof length)
    {
      malformed (err, "HeaderTooSmall");
      return NULL;
    }
  memcpy (&length, data, sizeof length);
  if (length > MOST_HEADER_NBYTES || length > n - sizeof length)
    {
      malformed (err, length > MOST_HEADER_NBYTES ? "HeaderTooLarge" : "InvalidHeaderLength");
      return NULL;
    }
  const char *text = (const char *) data + sizeof length;
  size_t rest = n - sizeof length - (size_t) length;
  struct json_tokener *tokener = json_tokener_new_ex (8);
  struct json_object *header = tokener && length ? json_tokener_parse_ex (tokener, text, (int) length) : NULL;
  TeIoValue *tensors = NULL;
  if (!json_object_is_type (header, json_type_object))
    malformed (err, "InvalidHeaderStart");
  else
    {
      TeStorage *storage = te_storage_new (rest, err);
      if (storage && rest)
        memcpy (storage->data, text + length, rest);
      *metadata = te_io_container (doc, TE_IO_DICT);
      tensors = storage ? read_all (doc, header, storage, *metadata, err) : NULL;
      te_storage_unref (storage);
    }
  json_object_put (header);
  if (tokener)
    json_tokener_free (tokener);
  return tensors;
}
