/* t[...] and t[...] = value: Python keys into the engine's index items. */
#include "python/jit-trace.h"

#include <string.h>

#include "ops/indexing/index-language.h"

#define MAX_ITEMS 70

typedef struct
{
  TeIndexItem items[MAX_ITEMS];
  TeTensor *owned[MAX_ITEMS]; /* the tensors among the items */
  int n;
  int n_owned;
} Key;

static void
key_clear (Key *self)
{
  for (int i = 0; i < self->n_owned; i++)
    te_tensor_unref (self->owned[i]);
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
add_slice (TeIndexItem *item, PyObject *object)
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

static bool
add_sequence (Key *key, TeIndexItem *item, PyObject *object)
{
  TePyTensorOptions options = { .copy = false };
  TeTensor *tensor = te_py_tensor_from_data (object, &options, TE_INT64);
  if (!tensor)
    return false;
  key->owned[key->n_owned++] = tensor;
  item->kind = TE_INDEX_TENSOR;
  item->tensor = tensor;
  return true;
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
  *item = (TeIndexItem){ 0 };
  if (te_py_is_tensor (object))
    {
      item->kind = TE_INDEX_TENSOR;
      item->tensor = key->owned[key->n_owned++] = te_tensor_ref (te_py_tensor (object));
      return true;
    }
  if (PyBool_Check (object))
    {
      item->kind = TE_INDEX_BOOL;
      item->integer = object == Py_True;
      return true;
    }
  if (PyLong_Check (object))
    {
      item->kind = TE_INDEX_INT;
      return te_py_to_int (object, &item->integer);
    }
  if (PySlice_Check (object))
    return add_slice (item, object);
  if (object == Py_None || object == Py_Ellipsis)
    {
      item->kind = object == Py_None ? TE_INDEX_NONE : TE_INDEX_ELLIPSIS;
      return true;
    }
  if (PySequence_Check (object))
    return add_sequence (key, item, object);
  if (PyIndex_Check (object))
    {
      item->kind = TE_INDEX_INT;
      return te_py_to_int (object, &item->integer);
    }
  PyErr_Format (PyExc_IndexError,
                "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid "
                "indices (got %s)",
                Py_TYPE (object)->tp_name);
  return false;
}

/* A short list that holds something other than numbers is read as a tuple, as numpy once did. */
static bool
is_tuple_like (PyObject *object)
{
  if (PyTuple_Check (object))
    return true;
  if (!PyList_Check (object) || PyList_GET_SIZE (object) >= 32)
    return false;
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE (object); i++)
    {
      PyObject *item = PyList_GET_ITEM (object, i);
      if (te_py_is_tensor (item) || PySlice_Check (item) || item == Py_None || item == Py_Ellipsis
          || (PySequence_Check (item) && !PyUnicode_Check (item)))
        return true;
    }
  return false;
}

static bool
key_init (Key *self, PyObject *object)
{
  self->n = self->n_owned = 0;
  if (!is_tuple_like (object))
    return add_item (self, object);
  /* A list may change while its items are converted: its size is read anew each time. */
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE (object); i++)
    {
      PyObject *item = Py_NewRef (PySequence_Fast_GET_ITEM (object, i));
      bool ok = add_item (self, item);
      Py_DECREF (item);
      if (!ok)
        return false;
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
  TeTensor *tensor = NULL;
  if (te_py_is_tensor (value))
    tensor = te_tensor_ref (te_py_tensor (value));
  else if (te_py_is_number (value) && (PyFloat_Check (value) || PyComplex_Check (value) || PyIndex_Check (value)))
    tensor = te_py_number_tensor (value); /* of numpy's scalars the integers and float64 */
  else
    PyErr_Format (PyExc_TypeError, "can't assign a %s to a %s", Py_TYPE (value)->tp_name,
                  te_tensor_type_name (te_py_tensor (self)));
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
