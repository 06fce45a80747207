/* t[...] and t[...] = value: Python keys into the engine's index items. */
#include "python/jit-trace.h"

#include <string.h>

#include "ops/indexing/index-language.h"

#define MAX_ITEMS 70

typedef struct
{
  TeIndexItem items[MAX_ITEMS];
  int n;
  PyObject *holder; /* owned: the tuple that a sequence was read into */
} Key;

static void
key_clear (Key *self)
{
  for (int i = 0; i < self->n; i++)
    if (self->items[i].owned)
      te_tensor_unref (self->items[i].tensor);
  Py_XDECREF (self->holder);
}

static bool
slice_bound (PyObject *object, bool *has, int64_t *value)
{
  *has = object != Py_None;
  if (!*has)
    return true;
  if (te_py_is_tensor (object) || PyIndex_Check (object))
    {
      PyObject *number = PyNumber_Index (object);
      if (__builtin_expect (te_py_tracing, 0) && number && te_py_is_tensor (object))
        te_py_trace_stash (NULL, 0, te_py_tensor (object));
      if (!number)
        return false;
      *value = PyLong_AsSsize_t (number);
      if (*value == -1 && PyErr_Occurred ())
        {
          /* Python's slices clamp: t[:10**30] */
          PyErr_Clear ();
          *value = Py_SIZE (number) < 0 ? INT64_MIN / 2 : INT64_MAX / 2;
        }
      Py_DECREF (number);
      return true;
    }
  PyErr_SetString (PyExc_TypeError, "slice indices must be integers or None or have an __index__ method");
  return false;
}

static bool
read_slice (TeIndexItem *item, PyObject *object)
{
  PySliceObject *slice = (PySliceObject *) object;
  item->kind = TE_INDEX_SLICE;
  if (!slice_bound (slice->start, &item->has_start, &item->start)
      || !slice_bound (slice->stop, &item->has_stop, &item->stop)
      || !slice_bound (slice->step, &item->has_step, &item->step))
    return false;
  if (item->has_step && item->step == 0)
    {
      PyErr_SetString (PyExc_ValueError, "slice step cannot be zero");
      return false;
    }
  return true;
}

/* Lists and arrays: bools and bytes are masks, all else counts places. */
static bool
read_sequence (TeIndexItem *item, PyObject *object)
{
  TePyTensorOptions options = { .copy = false };
  TeDtype dtype;
  if (!te_py_infer_dtype (object, &dtype))
    return false;
  if (dtype != TE_BOOL && dtype != TE_UINT8)
    dtype = TE_INT64;
  options.dtype = te_py_dtype_object (dtype);
  item->tensor = te_py_tensor_from_data (object, &options, TE_DTYPE_NONE);
  Py_DECREF (options.dtype);
  item->kind = TE_INDEX_TENSOR;
  item->owned = item->tensor != NULL;
  return item->owned;
}

static bool
read_item (TeIndexItem *item)
{
  PyObject *object = item->object;
  if (te_py_is_int (object))
    {
      item->kind = TE_INDEX_INT;
      return te_py_to_int (object, &item->integer);
    }
  if (PySlice_Check (object))
    return read_slice (item, object);
  if (PySequence_Check (object))
    return read_sequence (item, object);
  PyObject *number = PyNumber_Index (object);
  if (!number)
    {
      PyErr_Clear ();
      PyErr_Format (PyExc_IndexError,
                    "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid "
                    "indices (got %s)",
                    Py_TYPE (object)->tp_name);
      return false;
    }
  item->kind = TE_INDEX_INT;
  bool ok = te_py_to_int (number, &item->integer);
  Py_DECREF (number);
  return ok;
}

static bool
read_later (TeIndexItem *item, TeError *err)
{
  return read_item (item) || te_py_pending (err);
}

/* None or a small int: reading it can neither fail nor run anything. */
static bool
is_plain (PyObject *object)
{
  return object == Py_None || (PyLong_CheckExact (object) && Py_ABS (Py_SIZE (object)) < 3);
}

static bool
is_plain_slice (PyObject *object)
{
  if (!PySlice_Check (object))
    return false;
  PySliceObject *slice = (PySliceObject *) object;
  return is_plain (slice->start) && is_plain (slice->stop) && is_plain (slice->step)
         && !(slice->step != Py_None && Py_SIZE (slice->step) == 0);
}

static bool
add_item (Key *key, PyObject *object)
{
  if (key->n == MAX_ITEMS)
    {
      PyErr_SetString (PyExc_IndexError, "too many indices");
      return false;
    }
  TeIndexItem *item = &key->items[key->n++];
  *item = (TeIndexItem){ .object = object, .kind = TE_INDEX_LATER, .read = read_later };
  if (te_py_is_tensor (object))
    {
      item->kind = TE_INDEX_TENSOR;
      item->tensor = te_py_tensor (object);
    }
  else if (PyBool_Check (object))
    {
      item->kind = TE_INDEX_BOOL;
      item->integer = object == Py_True;
    }
  else if (object == Py_None || object == Py_Ellipsis)
    item->kind = object == Py_None ? TE_INDEX_NONE : TE_INDEX_ELLIPSIS;
  else if (is_plain (object) || is_plain_slice (object))
    return read_item (item);
  return true;
}

/* A short sequence that holds something other than numbers is read as a tuple, as numpy once did. */
static bool
is_tuple_like (PyObject *object)
{
  if (PyTuple_Check (object))
    return true;
  if (te_py_is_tensor (object) || !PySequence_Check (object))
    return false;
  Py_ssize_t n = PySequence_Size (object);
  bool found = false;
  for (Py_ssize_t i = 0; i < n && n < 32 && !found; i++)
    {
      PyObject *item = PySequence_GetItem (object, i);
      if (!item)
        break;
      found = te_py_is_tensor (item) || PySlice_Check (item) || item == Py_None || item == Py_Ellipsis
              || PySequence_Check (item);
      Py_DECREF (item);
    }
  PyErr_Clear ();
  return found;
}

/* What stands alone and says itself which view it is. */
static bool
is_simple (PyObject *object)
{
  return object == Py_None || object == Py_Ellipsis || PyBool_Check (object) || PySlice_Check (object)
         || te_py_is_int (object);
}

static bool
key_init (Key *self, PyObject *object)
{
  self->n = 0;
  self->holder = NULL;
  if (is_simple (object))
    return add_item (self, object) && (self->items[0].kind != TE_INDEX_LATER || read_item (&self->items[0]));
  if (!is_tuple_like (object))
    return add_item (self, object);
  if (!PyTuple_Check (object) && !(object = self->holder = PySequence_Tuple (object)))
    return false;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE (object); i++)
    {
      if (!add_item (self, PyTuple_GET_ITEM (object, i)))
        return false;
      self->items[i].listed = true;
    }
  return true;
}

PyObject *
te_py_tensor_subscript (PyObject *self, PyObject *object)
{
  Key key;
  TeError err;
  te_error_clear (&err);
  PyObject *result = NULL;
  if (key_init (&key, object))
    result = te_py_wrap_error (te_index_get (te_py_tensor (self), key.items, key.n, &err), &err);
  key_clear (&key);
  return result;
}

/* What is assigned, owned: a tensor, or a number in the dtype of self. */
static TeTensor *
value_tensor (TeTensor *self, PyObject *value)
{
  TeError err;
  te_error_clear (&err);
  if (te_py_is_tensor (value))
    return te_tensor_ref (te_py_tensor (value));
  if (!PyFloat_Check (value) && !PyComplex_Check (value) && !PyBool_Check (value) && !te_py_is_int (value))
    {
      PyErr_Format (PyExc_TypeError, "can't assign a %s to a %s", Py_TYPE (value)->tp_name, te_tensor_type_name (self));
      return NULL;
    }
  TeTensor *number = te_py_number_tensor (value);
  TeTensor *typed = number ? te_index_number (self, number, &err) : NULL;
  if (number && !typed)
    te_py_raise (&err);
  te_tensor_unref (number);
  return typed;
}

int
te_py_tensor_ass_subscript (PyObject *self, PyObject *object, PyObject *value)
{
  Key key;
  TeError err;
  te_error_clear (&err);
  if (!value)
    {
      PyErr_SetString (PyExc_TypeError, "Tensor does not support deleting items");
      return -1;
    }
  TeTensor *tensor = value_tensor (te_py_tensor (self), value);
  if (!tensor)
    return -1;
  bool ok = key_init (&key, object);
  if (ok)
    {
      ok = te_index_set (te_py_tensor (self), key.items, key.n, tensor, &err);
      if (!ok)
        te_py_raise (&err);
    }
  key_clear (&key);
  te_tensor_unref (tensor);
  return ok ? 0 : -1;
}
