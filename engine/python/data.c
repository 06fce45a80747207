/* torch._C._data: samples put together into batches, and batches taken straight out of tensors. */
#include "core/sparse.h"
#include "python/python-private.h"

#include <string.h>

static PyObject *mapping_abc, *sequence_abc;

static bool
is_array (PyObject *object)
{
  return strcmp (Py_TYPE (object)->tp_name, "numpy.ndarray") == 0 || strcmp (Py_TYPE (object)->tp_name, "memmap") == 0;
}

static bool
is_numpy_scalar (PyObject *object)
{
  return strncmp (Py_TYPE (object)->tp_name, "numpy.", 6) == 0 && !is_array (object)
         && te_py_is_number (object);
}

static PyObject *
stack (TeTensor *const *tensors, int n)
{
  TE_OP (op, "stack");
  TeError err;
  te_error_clear (&err);
  return te_py_wrap_error (te_call (op, &err, "L", tensors, n), &err);
}

static PyObject *
stack_by_torch (PyObject *const *batch, Py_ssize_t n)
{
  PyObject *torch = PyImport_ImportModule ("torch"), *list = torch ? PyList_New (n) : NULL;
  for (Py_ssize_t i = 0; list && i < n; i++)
    PyList_SET_ITEM (list, i, Py_NewRef (batch[i]));
  PyObject *result = list ? PyObject_CallMethod (torch, "stack", "O", list) : NULL;
  Py_XDECREF (list);
  Py_XDECREF (torch);
  return result;
}

static PyObject *
collate_tensors (PyObject *const *batch, Py_ssize_t n)
{
  TeTensor **tensors = PyMem_Malloc ((size_t) n * sizeof *tensors);
  PyObject *result = NULL;
  if (!tensors)
    return PyErr_NoMemory ();
  Py_ssize_t i = 0;
  for (; i < n && te_py_is_tensor (batch[i]); i++)
    tensors[i] = te_py_tensor (batch[i]);
  bool sparse = false; /* they have no rows to copy: torch.stack knows them */
  for (Py_ssize_t k = 0; k < i; k++)
    sparse = sparse || te_tensor_sparse (tensors[k]);
  if (i < n)
    PyErr_Format (PyExc_TypeError, "expected Tensor as element %zd in argument 0, but got %s", i,
                  Py_TYPE (batch[i])->tp_name);
  else if (sparse)
    result = stack_by_torch (batch, n);
  else
    result = stack (tensors, (int) n);
  PyMem_Free (tensors);
  return result;
}

static PyObject *
refuse (PyObject *what)
{
  return PyErr_Format (
      PyExc_TypeError,
      "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found %S", what);
}

static PyObject *
collate_arrays (PyObject *const *batch, Py_ssize_t n)
{
  PyObject *dtype = PyObject_GetAttrString (batch[0], "dtype");
  PyObject *kind = dtype ? PyObject_GetAttrString (dtype, "kind") : NULL;
  const char *letter = kind ? PyUnicode_AsUTF8 (kind) : NULL;
  bool text = letter && strchr ("SaUO", *letter);
  PyObject *result = letter && text ? refuse (dtype) : NULL;
  Py_XDECREF (kind);
  Py_XDECREF (dtype);
  if (PyErr_Occurred ())
    return result;
  TeTensor **tensors = PyMem_Calloc ((size_t) n, sizeof *tensors);
  bool ok = tensors != NULL;
  for (Py_ssize_t i = 0; ok && i < n; i++)
    ok = (tensors[i] = te_py_from_array_interface (batch[i], true)) != NULL;
  if (ok)
    result = stack (tensors, (int) n);
  for (Py_ssize_t i = 0; tensors && i < n; i++)
    te_tensor_unref (tensors[i]);
  PyMem_Free (tensors);
  return result;
}

static PyObject *
collate_numbers (PyObject *batch, PyObject *first)
{
  PyObject *dtype = PyFloat_CheckExact (first) ? te_py_dtype_object (TE_FLOAT64) : NULL;
  TePyTensorOptions options = { .dtype = dtype, .copy = true };
  TeTensor *tensor = te_py_tensor_from_data (batch, &options, TE_DTYPE_NONE);
  Py_XDECREF (dtype);
  return te_py_wrap (tensor);
}

static PyObject *collate (PyObject *batch);

/* The entries under key of all samples, collated: a list of them for mappings, a tuple for sequences (text in it
 * comes back as it is). */
static PyObject *
collate_field (PyObject *const *batch, Py_ssize_t n, PyObject *key, bool tuple)
{
  PyObject *field = tuple ? PyTuple_New (n) : PyList_New (n), *result = NULL;
  for (Py_ssize_t i = 0; field && i < n; i++)
    {
      PyObject *item = PyObject_GetItem (batch[i], key);
      if (!item)
        Py_CLEAR (field);
      else if (tuple)
        PyTuple_SET_ITEM (field, i, item);
      else
        PyList_SET_ITEM (field, i, item);
    }
  if (field)
    result = collate (field);
  Py_XDECREF (field);
  return result;
}

/* Builds kind (content); a plain dict or list where kind's constructor will not have it. */
static PyObject *
rebuild (PyObject *kind, PyObject *content)
{
  if (!content || (PyObject *) Py_TYPE (content) == kind)
    return content;
  PyObject *result = PyObject_CallOneArg (kind, content);
  if (!result && PyErr_ExceptionMatches (PyExc_TypeError))
    {
      PyErr_Clear ();
      return content;
    }
  Py_DECREF (content);
  return result;
}

static PyObject *
collate_mapping (PyObject *const *batch, Py_ssize_t n)
{
  PyObject *keys = PySequence_List (batch[0]), *dict = PyDict_New ();
  for (Py_ssize_t i = 0; keys && dict && i < PyList_GET_SIZE (keys); i++)
    {
      PyObject *value = collate_field (batch, n, PyList_GET_ITEM (keys, i), false);
      if (!value || PyDict_SetItem (dict, PyList_GET_ITEM (keys, i), value) < 0)
        Py_CLEAR (dict);
      Py_XDECREF (value);
    }
  if (!keys)
    Py_CLEAR (dict);
  Py_XDECREF (keys);
  return rebuild ((PyObject *) Py_TYPE (batch[0]), dict);
}

static PyObject *
collate_sequence (PyObject *const *batch, Py_ssize_t n)
{
  PyObject *first = batch[0];
  bool tuple = PyTuple_Check (first), named = tuple && PyObject_HasAttrString (first, "_fields");
  Py_ssize_t length = PySequence_Size (first);
  if (length < 0)
    return NULL;
  for (Py_ssize_t i = 1; i < n; i++)
    {
      Py_ssize_t other = PyObject_Size (batch[i]);
      if (other < 0)
        return NULL;
      if (other != length && !named)
        return PyErr_Format (PyExc_RuntimeError, "each element in list of batch should be of equal size");
      if (other < length)
        length = other;
    }
  PyObject *list = PyList_New (length);
  for (Py_ssize_t k = 0; list && k < length; k++)
    {
      PyObject *key = PyLong_FromSsize_t (k);
      PyObject *value = key ? collate_field (batch, n, key, true) : NULL;
      Py_XDECREF (key);
      if (!value)
        Py_CLEAR (list);
      else
        PyList_SET_ITEM (list, k, value);
    }
  if (!list || (tuple && !named))
    return list; /* tuples become lists */
  if (!named)
    return rebuild ((PyObject *) Py_TYPE (first), list);
  PyObject *args = PyList_AsTuple (list);
  Py_DECREF (list);
  PyObject *result = args ? PyObject_CallObject ((PyObject *) Py_TYPE (first), args) : NULL;
  Py_XDECREF (args);
  return result;
}

static PyObject *
collate_items (PyObject *batch, PyObject *const *items, Py_ssize_t n)
{
  PyObject *first = items[0];
  if (te_py_is_tensor (first))
    return collate_tensors (items, n);
  if (is_array (first))
    return collate_arrays (items, n);
  if (is_numpy_scalar (first) || PyFloat_Check (first) || PyLong_Check (first))
    return collate_numbers (batch, first);
  if (PyUnicode_Check (first) || PyBytes_Check (first))
    return Py_NewRef (batch);
  if (PyDict_Check (first) || PyObject_IsInstance (first, mapping_abc) == 1)
    return collate_mapping (items, n);
  if (PyTuple_Check (first) || PyList_Check (first) || PyObject_IsInstance (first, sequence_abc) == 1)
    return collate_sequence (items, n);
  return refuse ((PyObject *) Py_TYPE (first));
}

/* collate: list of samples to one batch: tensors are stacked, numbers become a tensor, containers are walked.
 */
static PyObject *
collate (PyObject *batch)
{
  if (te_py_is_tensor (batch))
    return PyErr_Format (PyExc_TypeError, "stack(): argument 'tensors' (position 1) must be tuple of Tensors, not Tensor");
  PyObject *items = PySequence_Fast (batch, "default_collate: batch must be a sequence");
  if (!items)
    return NULL;
  PyObject *result = NULL;
  if (PySequence_Fast_GET_SIZE (items) == 0)
    PyErr_SetString (PyExc_IndexError, "list index out of range");
  else if (Py_EnterRecursiveCall (" in default_collate") == 0)
    {
      result = collate_items (batch, PySequence_Fast_ITEMS (items), PySequence_Fast_GET_SIZE (items));
      Py_LeaveRecursiveCall ();
    }
  Py_DECREF (items);
  return result;
}

static PyObject *
default_collate (PyObject *module, PyObject *batch)
{
  return collate (batch);
}

/* Refuses what tensor[i] refuses; numbers from the end become such from the front. */
static bool
rows_are_there (PyObject *tensors, TeTensor *index)
{
  int64_t *rows = te_tensor_data (index);
  for (Py_ssize_t k = 0; k < PyTuple_GET_SIZE (tensors); k++)
    {
      PyObject *tensor = PyTuple_GET_ITEM (tensors, k);
      if (!te_py_is_tensor (tensor) || !te_py_tensor (tensor)->ndim)
        continue;
      int64_t n = te_py_tensor (tensor)->sizes[0];
      for (int64_t i = 0; i < index->numel; i++)
        {
          if (rows[i] < -n || rows[i] >= n)
            {
              PyErr_Format (PyExc_IndexError, "index %lld is out of bounds for dimension 0 with size %lld",
                            (long long) rows[i], (long long) n);
              return false;
            }
          rows[i] += rows[i] < 0 ? n : 0;
        }
    }
  return true;
}

/* gather (tensors, indices): the rows `indices` of each tensor, as stacking tensor[i] gives them; a list. */
static PyObject *
gather (PyObject *module, PyObject *args)
{
  PyObject *tensors, *indices;
  if (!PyArg_ParseTuple (args, "O!O!:gather", &PyTuple_Type, &tensors, &PyList_Type, &indices))
    return NULL;
  TePyTensorOptions options = { .copy = true };
  TeError err;
  te_error_clear (&err);
  TeTensor *index = te_py_tensor_from_data (indices, &options, TE_INT64);
  if (!index || !rows_are_there (tensors, index))
    {
      te_tensor_unref (index);
      return NULL;
    }
  TE_OP (op, "index_select");
  Py_ssize_t n = PyTuple_GET_SIZE (tensors);
  PyObject *list = PyList_New (n);
  for (Py_ssize_t i = 0; list && i < n; i++)
    {
      PyObject *tensor = PyTuple_GET_ITEM (tensors, i);
      PyObject *rows =
          te_py_is_tensor (tensor)
              ? te_py_wrap_error (te_call (op, &err, "TiT", te_py_tensor (tensor), (int64_t) 0, index), &err)
              : PyErr_Format (PyExc_TypeError, "TensorDataset holds tensors");
      if (!rows)
        Py_CLEAR (list);
      else
        PyList_SET_ITEM (list, i, rows);
    }
  te_tensor_unref (index);
  return list;
}

static PyMethodDef functions[] = {
  { "default_collate", default_collate, METH_O, "One batch out of a list of samples." },
  { "gather", gather, METH_VARARGS, "Rows of several tensors." },
  { 0 },
};

static struct PyModuleDef definition = { PyModuleDef_HEAD_INIT, .m_name = "torch._C._data", .m_size = -1,
                                         .m_methods = functions };

bool
te_py_data_init (PyObject *module)
{
  PyObject *abc = PyImport_ImportModule ("collections.abc");
  mapping_abc = abc ? PyObject_GetAttrString (abc, "Mapping") : NULL;
  sequence_abc = abc ? PyObject_GetAttrString (abc, "Sequence") : NULL;
  Py_XDECREF (abc);
  PyObject *data = mapping_abc && sequence_abc ? PyModule_Create (&definition) : NULL;
  bool ok = data && PyModule_AddObjectRef (module, "_data", data) == 0;
  Py_XDECREF (data);
  return ok;
}
