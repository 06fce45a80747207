/* Copying and pickling tensors: storages are shared in a copy as they were in the original. */
#include "python/python-private.h"

#include <string.h>

#include "iter/tensor-iter.h"

/* The whole storage as a flat tensor of self's dtype, sharing memory. */
static TeTensor *
flat_tensor (TeTensor *self, TeError *err)
{
  int64_t n = (int64_t) (self->storage->nbytes / te_dtype_nbytes (te_tensor_dtype (self))), stride = 1;
  return te_tensor_new_view (self->storage, te_tensor_dtype (self), 1, &n, &stride, 0, err);
}

static PyObject *
storage_tensor (PyObject *module, PyObject *object)
{
  TeError err;
  te_error_clear (&err);
  if (!te_py_is_tensor (object))
    return PyErr_Format (PyExc_TypeError, "a tensor was expected, not %s", Py_TYPE (object)->tp_name);
  return te_py_wrap_error (flat_tensor (te_py_tensor (object), &err), &err);
}

/* _storage_facts (tensor): (id, address, nbytes) of its storage. */
static PyObject *
storage_facts (PyObject *module, PyObject *object)
{
  if (!te_py_is_tensor (object))
    return PyErr_Format (PyExc_TypeError, "a tensor was expected, not %s", Py_TYPE (object)->tp_name);
  TeStorage *storage = te_py_tensor (object)->storage;
  return Py_BuildValue ("KNnN", (unsigned long long) storage->id, PyLong_FromVoidPtr (storage->data),
                        (Py_ssize_t) storage->nbytes, PyBool_FromLong (storage->shared));
}

/* _storage_share (tensor): forks share its storage from now on. */
static PyObject *
storage_share (PyObject *module, PyObject *object)
{
  if (!te_py_is_tensor (object))
    return PyErr_Format (PyExc_TypeError, "a tensor was expected, not %s", Py_TYPE (object)->tp_name);
  TeError err;
  te_error_clear (&err);
  if (!te_storage_share (te_py_tensor (object)->storage, &err))
    return te_py_raise (&err);
  Py_RETURN_NONE;
}

/* _storage_bytes (tensor): its whole storage as bytes. */
static PyObject *
storage_bytes (PyObject *module, PyObject *object)
{
  if (!te_py_is_tensor (object) || te_tensor_is_meta (te_py_tensor (object)))
    return PyErr_Format (PyExc_TypeError, "a tensor with memory was expected, not %s",
                         Py_TYPE (object)->tp_name);
  const TeStorage *storage = te_py_tensor (object)->storage;
  return PyBytes_FromStringAndSize (storage->data, (Py_ssize_t) storage->nbytes);
}

/* _tensor_of_bytes (bytes, dtype): a flat tensor with a copy of them. */
static PyObject *
tensor_of_bytes (PyObject *module, PyObject *args)
{
  Py_buffer view;
  PyObject *dtype_object;
  TeDtype dtype;
  TeError err;
  te_error_clear (&err);
  if (!PyArg_ParseTuple (args, "y*O:_tensor_of_bytes", &view, &dtype_object))
    return NULL;
  TeTensor *tensor = NULL;
  if (te_py_dtype_get (dtype_object, &dtype))
    {
      int64_t n = view.len / (int64_t) te_dtype_nbytes (dtype);
      tensor = te_tensor_new (1, &n, dtype, &err);
      if (tensor)
        memcpy (te_tensor_data (tensor), view.buf, (size_t) n * te_dtype_nbytes (dtype));
      else
        te_py_raise (&err);
    }
  PyBuffer_Release (&view);
  return te_py_wrap (tensor);
}

static bool
int_tuple (PyObject *object, int64_t *values, int *n)
{
  PyObject *items = PySequence_Fast (object, "a tuple of ints was expected");
  bool ok = items && PySequence_Fast_GET_SIZE (items) <= TE_MAX_NDIM;
  *n = ok ? (int) PySequence_Fast_GET_SIZE (items) : 0;
  for (int i = 0; ok && i < *n; i++)
    ok = te_py_to_int (PySequence_Fast_GET_ITEM (items, i), &values[i]);
  Py_XDECREF (items);
  if (!ok && !PyErr_Occurred ())
    PyErr_SetString (PyExc_RuntimeError, "too many dimensions");
  return ok;
}

/* _view_of_storage (flat, offset, size, stride): a tensor over flat's storage; every element must lie inside.
 */
static PyObject *
view_of_storage (PyObject *module, PyObject *args)
{
  PyObject *flat, *size, *stride;
  long long offset;
  int64_t sizes[TE_MAX_NDIM], strides[TE_MAX_NDIM], extent, numel;
  int ndim, n_strides;
  TeError err;
  te_error_clear (&err);
  if (!PyArg_ParseTuple (args, "OLOO:_view_of_storage", &flat, &offset, &size, &stride)
      || !int_tuple (size, sizes, &ndim) || !int_tuple (stride, strides, &n_strides))
    return NULL;
  if (!te_py_is_tensor (flat) || ndim != n_strides || offset < 0)
    return PyErr_Format (PyExc_RuntimeError, "a tensor, an offset, sizes and as many strides were expected");
  TeStorage *storage = te_py_tensor (flat)->storage;
  TeDtype dtype = te_tensor_dtype (te_py_tensor (flat));
  bool ok = te_shape_numel (ndim, sizes, &numel);
  for (int i = 0; ok && i < ndim; i++)
    ok = strides[i] >= 0;
  ok = ok && te_shape_extent (ndim, sizes, strides, offset, &extent);
  if (!ok || (uint64_t) extent > storage->nbytes / te_dtype_nbytes (dtype))
    return PyErr_Format (PyExc_RuntimeError,
                         "setStorage: sizes, strides and offset reach out of bounds for storage of size %zu",
                         storage->nbytes);
  TeTensor *view = te_tensor_new_view (storage, dtype, ndim, sizes, strides, offset, &err);
  if (view
      && !te_tensor_own_version (view, 1, &err)) /* PyTorch sets an empty tensor to the storage: one write */
    te_tensor_clear (&view);
  return te_py_wrap_error (view, &err);
}

/* The copy of a storage, once per deepcopy: memo["torch"][id] is a flat tensor over the copy. */
static TeTensor *
copied_storage (TeTensor *self, PyObject *memo, TeError *err)
{
  PyObject *known = PyDict_GetItemString (memo, "torch");
  if (!known)
    {
      known = PyDict_New ();
      if (!known || PyDict_SetItemString (memo, "torch", known) < 0)
        {
          Py_XDECREF (known);
          te_py_pending (err);
          return NULL;
        }
      Py_DECREF (known);
    }
  PyObject *key = PyLong_FromUnsignedLongLong (self->storage->id);
  PyObject *found = key ? PyDict_GetItem (known, key) : NULL;
  TeTensor *copy = NULL;
  if (found)
    copy = te_tensor_ref (te_py_tensor (found));
  else if (key)
    {
      int64_t n = (int64_t) self->storage->nbytes;
      copy = te_tensor_new (1, &n, TE_UINT8, err);
      if (copy)
        {
          memcpy (copy->storage->data, self->storage->data, self->storage->nbytes);
          PyObject *object = te_py_wrap (te_tensor_ref (copy));
          if (!object || PyDict_SetItem (known, key, object) < 0)
            {
              te_tensor_clear (&copy);
              te_py_pending (err);
            }
          Py_XDECREF (object);
        }
    }
  else
    te_py_pending (err);
  Py_XDECREF (key);
  return copy;
}

static TeTensor *
deep_copy (TeTensor *self, PyObject *memo, TeError *err)
{
  if (te_tensor_is_meta (self))
    return te_tensor_new_meta (self->ndim, self->sizes, self->strides, te_tensor_dtype (self), err);
  TeTensor *flat = copied_storage (self, memo, err);
  TeTensor *copy = flat ? te_tensor_new_view (flat->storage, te_tensor_dtype (self), self->ndim, self->sizes,
                                              self->strides, self->offset, err)
                        : NULL;
  te_tensor_unref (flat);
  if (copy && te_tensor_requires_grad (self) && !te_tensor_set_requires_grad (copy, true, err))
    te_tensor_clear (&copy);
  if (copy && !te_tensor_own_version (copy, 1, err))
    te_tensor_clear (&copy); /* one write, as of PyTorch, which sets an empty tensor to the storage */
  TeTensor *grad = te_tensor_grad (self);
  if (copy && grad)
    {
      TeTensor *grad_copy = deep_copy (grad, memo, err);
      bool ok = grad_copy && te_tensor_set_grad (copy, grad_copy, err);
      te_tensor_unref (grad_copy);
      if (!ok)
        te_tensor_clear (&copy);
    }
  return copy;
}

static PyObject *
deepcopy (PyObject *self, PyObject *memo)
{
  TeError err;
  te_error_clear (&err);
  TeTensor *tensor = te_py_tensor (self);
  if (!PyDict_Check (memo))
    return PyErr_Format (PyExc_TypeError, "memo must be a dict");
  PyObject *key = PyLong_FromVoidPtr (self);
  PyObject *done = key ? PyDict_GetItem (memo, key) : NULL;
  PyObject *result = NULL;
  if (done)
    result = Py_NewRef (done);
  else if (!te_tensor_is_leaf (tensor))
    PyErr_SetString (PyExc_RuntimeError,
                     "Only Tensors created explicitly by the user (graph leaves) support the deepcopy "
                     "protocol at the moment");
  else if (key)
    {
      TeTensor *copy = deep_copy (tensor, memo, &err);
      if (copy)
        copy->flags |= tensor->flags & TE_TENSOR_PARAMETER;
      result = copy ? te_py_wrap_as (Py_TYPE (self), copy) : te_py_raise (&err);
      if (result && PyDict_SetItem (memo, key, result) < 0)
        Py_CLEAR (result);
      PyObject *dict = ((TePyTensor *) self)->dict;
      if (result && dict && PyDict_GET_SIZE (dict))
        {
          PyObject *copy_module = PyImport_ImportModule ("copy");
          PyObject *copied =
              copy_module ? PyObject_CallMethod (copy_module, "deepcopy", "OO", dict, memo) : NULL;
          Py_XDECREF (copy_module);
          if (copied)
            Py_XSETREF (((TePyTensor *) result)->dict, copied);
          else
            Py_CLEAR (result);
        }
    }
  Py_XDECREF (key);
  return result;
}

/* Pickled as PyTorch pickles: (torch._utils._rebuild_tensor_v2, (storage, offset, size, stride,
 * requires_grad, hooks)). */
static PyObject *
reduce_ex (PyObject *self, PyObject *protocol)
{
  PyObject *utils = PyImport_ImportModule ("torch._utils");
  PyObject *result = utils ? PyObject_CallMethod (utils, "_reduce_tensor", "OO", self, protocol) : NULL;
  Py_XDECREF (utils);
  return result;
}

static PyMethodDef methods[] = {
  { "__deepcopy__", deepcopy, METH_O, NULL },
  { "__reduce_ex__", reduce_ex, METH_O, NULL },
  { 0 },
};

static PyMethodDef functions[] = {
  { "_storage_tensor", storage_tensor, METH_O, "The whole storage as a flat tensor." },
  { "_storage_facts", storage_facts, METH_O, "(id, address, nbytes, shared) of a tensor's storage." },
  { "_storage_share", storage_share, METH_O, "Moves a tensor's storage to memory that forks share." },
  { "_storage_bytes", storage_bytes, METH_O, "A tensor's whole storage as bytes." },
  { "_tensor_of_bytes", tensor_of_bytes, METH_VARARGS, "A flat tensor with a copy of bytes." },
  { "_view_of_storage", view_of_storage, METH_VARARGS, "A tensor over a flat tensor's storage." },
  { 0 },
};

bool
te_py_copy_init (PyObject *module)
{
  for (PyMethodDef *method = methods; method->ml_name; method++)
    {
      PyObject *descriptor = PyDescr_NewMethod (te_py_tensor_base_type, method);
      if (!descriptor
          || PyDict_SetItemString (te_py_tensor_base_type->tp_dict, method->ml_name, descriptor) < 0)
        return false;
      Py_DECREF (descriptor);
    }
  return PyModule_AddFunctions (module, functions) == 0;
}
