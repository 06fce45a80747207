/* Between tensors and Python's own objects: item, tolist, numpy arrays, the buffer protocol. */
#include "python/jit-trace.h"

#include <string.h>

#include "iter/tensor-iter.h"
#include "ops/meta-run.h"

PyObject *
te_py_tensor_item (TeTensor *self)
{
  if (self->numel != 1)
    return PyErr_Format (PyExc_ValueError, "only one element tensors can be converted to Python scalars");
  if (te_tensor_is_meta (self))
    {
      TeError err;
      te_meta_refuse ("_local_scalar_dense", &err);
      return te_py_raise (&err);
    }
  return te_py_from_scalar (te_tensor_first (self));
}

static PyObject *
list_of (const TeTensor *self, int dim, const char *data)
{
  TeDtype dtype = te_tensor_dtype (self);
  if (dim == self->ndim)
    return te_py_from_scalar (te_scalar_load (dtype, data));
  int64_t n = self->sizes[dim], step = self->strides[dim] * (int64_t) te_dtype_nbytes (dtype);
  PyObject *list = PyList_New (n);
  for (int64_t i = 0; list && i < n; i++)
    {
      PyObject *item = list_of (self, dim + 1, data + i * step);
      if (!item)
        Py_CLEAR (list);
      else
        PyList_SET_ITEM (list, i, item);
    }
  return list;
}

PyObject *
te_py_tensor_tolist (TeTensor *self)
{
  if (te_tensor_is_meta (self))
    return PyErr_Format (PyExc_NotImplementedError, "Cannot copy out of meta tensor; no data!");
  if (!(self->flags & TE_TENSOR_LAZY))
    return list_of (self, 0, te_tensor_data (self));
  TeError err;
  te_error_clear (&err);
  TeTensor *resolved = te_contiguous_copy (self, te_tensor_dtype (self), &err);
  PyObject *list = resolved ? list_of (resolved, 0, te_tensor_data (resolved)) : te_py_raise (&err);
  te_tensor_unref (resolved);
  return list;
}

static PyObject *
item (PyObject *self, PyObject *ignored)
{
  if (__builtin_expect (te_py_tracing, 0) && !te_py_trace_warn_python ("number"))
    return NULL;
  if (!te_py_batch_refuse (te_py_tensor (self), TE_PY_BATCH_NUMBER))
    return NULL;
  return te_py_tensor_item (te_py_tensor (self));
}

static PyObject *
complex_method (PyObject *self, PyObject *ignored)
{
  if (te_py_tensor (self)->numel != 1 || te_tensor_is_meta (te_py_tensor (self)))
    return te_py_tensor_item (te_py_tensor (self));
  TeScalar value = te_tensor_first (te_py_tensor (self));
  return PyComplex_FromDoubles (te_scalar_to_double (value), te_scalar_imag (value));
}

static PyObject *
tolist (PyObject *self, PyObject *ignored)
{
  if (__builtin_expect (te_py_tracing, 0) && !te_py_trace_warn_python ("list"))
    return NULL;
  if (!te_py_batch_refuse (te_py_tensor (self), TE_PY_BATCH_POINTER))
    return NULL;
  return te_py_tensor_tolist (te_py_tensor (self));
}

/* ---- numpy, through its array interface: nothing of numpy's is linked ---- */
static const char *const typestrs[TE_DTYPE_COUNT] = {
  [TE_UINT8] = "|u1",   [TE_INT8] = "|i1",    [TE_INT16] = "<i2",   [TE_INT32] = "<i4", [TE_INT64] = "<i8",
  [TE_FLOAT16] = "<f2", [TE_FLOAT32] = "<f4", [TE_FLOAT64] = "<f8", [TE_BOOL] = "|b1",
  [TE_COMPLEX64] = "<c8", [TE_COMPLEX128] = "<c16",
};

static PyObject *
byte_strides (const TeTensor *self)
{
  int64_t strides[TE_MAX_NDIM];
  for (int i = 0; i < self->ndim; i++)
    strides[i] = self->strides[i] * (int64_t) te_dtype_nbytes (te_tensor_dtype (self));
  return te_py_ints (self->ndim, strides);
}

static PyObject *
get_array_interface (PyObject *object, void *closure)
{
  TeTensor *self = te_py_tensor (object);
  const char *typestr = typestrs[self->dtype];
  if (!typestr || te_tensor_is_meta (self))
    return PyErr_Format (PyExc_TypeError, "Got unsupported ScalarType %s",
                         te_dtype_error_name (te_tensor_dtype (self)));
  return Py_BuildValue ("{s:i,s:s,s:N,s:N,s:(Ni)}", "version", 3, "typestr", typestr, "shape",
                        te_py_ints (self->ndim, self->sizes), "strides", byte_strides (self), "data",
                        PyLong_FromVoidPtr (te_tensor_data (self)), 0);
}

/* An object that lends self's memory to numpy and keeps self alive. */
typedef struct
{
  PyObject_HEAD PyObject *tensor;
} Lender;
static PyTypeObject *lender_type;

static void
lender_dealloc (PyObject *self)
{
  PyTypeObject *type = Py_TYPE (self);
  Py_XDECREF (((Lender *) self)->tensor);
  type->tp_free (self);
  Py_DECREF (type);
}

static PyObject *
lender_interface (PyObject *self, void *closure)
{
  return get_array_interface (((Lender *) self)->tensor, closure);
}

static PyGetSetDef lender_getset[] = { { "__array_interface__", lender_interface, NULL, NULL, NULL }, { 0 } };

static PyObject *
share_with_numpy (PyObject *self)
{
  PyObject *numpy = PyImport_ImportModule ("numpy");
  if (!numpy)
    {
      PyErr_Clear ();
      return PyErr_Format (PyExc_RuntimeError, "Numpy is not available");
    }
  Lender *lender = PyObject_New (Lender, lender_type);
  PyObject *array = NULL;
  if (lender)
    {
      lender->tensor = Py_NewRef (self);
      array = PyObject_CallMethod (numpy, "asarray", "O", lender);
      Py_DECREF (lender);
    }
  Py_DECREF (numpy);
  return array;
}

static PyObject *
to_numpy (PyObject *self, PyObject *args, PyObject *kwargs)
{
  static char *names[] = { "force", NULL };
  int force = 0;
  TeError err;
  te_error_clear (&err);
  if (__builtin_expect (te_py_tracing, 0) && !te_py_trace_warn_python ("NumPy array"))
    return NULL;
  if (PyTuple_GET_SIZE (args))
    return PyErr_Format (PyExc_TypeError, "numpy() takes 0 positional arguments but %zd %s given",
                         PyTuple_GET_SIZE (args), PyTuple_GET_SIZE (args) == 1 ? "was" : "were");
  PyObject *key, *value;
  for (Py_ssize_t at = 0; kwargs && PyDict_Next (kwargs, &at, &key, &value);)
    if (PyUnicode_CompareWithASCIIString (key, "force") != 0)
      return PyErr_Format (PyExc_TypeError, "numpy() got an unexpected keyword argument '%U'", key);
  if (!PyArg_ParseTupleAndKeywords (args, kwargs, "|$p:numpy", names, &force))
    return NULL;
  TeTensor *tensor = te_py_tensor (self);
  if (te_tensor_requires_grad (tensor) && !force && te_grad_mode_enabled ())
    return PyErr_Format (
        PyExc_RuntimeError,
        "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.");
  if (te_tensor_is_meta (tensor))
    return PyErr_Format (PyExc_TypeError,
                         "can't convert meta device type tensor to numpy. Use Tensor.cpu() to copy the "
                         "tensor to host memory first.");
  if (!te_py_batch_refuse (tensor, TE_PY_BATCH_POINTER))
    return NULL;
  if (!typestrs[tensor->dtype])
    return PyErr_Format (PyExc_TypeError, "Got unsupported ScalarType %s",
                         te_dtype_error_name (te_tensor_dtype (tensor)));
  if ((tensor->flags & TE_TENSOR_CONJ) && !force)
    return PyErr_Format (PyExc_RuntimeError, "Can't call numpy() on Tensor that has conjugate bit set. Use "
                                             "tensor.resolve_conj().numpy() instead.");
  if ((tensor->flags & TE_TENSOR_NEG) && !force)
    return PyErr_Format (PyExc_RuntimeError, "Can't call numpy() on Tensor that has negative bit set. Use "
                                             "tensor.resolve_neg().numpy() instead.");
  if (!te_tensor_requires_grad (tensor) && !(tensor->flags & TE_TENSOR_LAZY))
    return share_with_numpy (self);
  TeTensor *plain = tensor->flags & TE_TENSOR_LAZY ? te_contiguous_copy (tensor, te_tensor_dtype (tensor), &err)
                                                   : te_tensor_alias (tensor, &err);
  PyObject *detached = te_py_wrap_error (plain, &err);
  PyObject *array = detached ? share_with_numpy (detached) : NULL;
  Py_XDECREF (detached);
  return array;
}

static PyObject *
array_method (PyObject *self, PyObject *args)
{
  PyObject *dtype = Py_None;
  if (!PyArg_ParseTuple (args, "|O:__array__", &dtype))
    return NULL;
  PyObject *array = PyObject_CallMethod (self, "numpy", NULL);
  if (!array || dtype == Py_None)
    return array;
  PyObject *cast = PyObject_CallMethod (array, "astype", "OsssO", dtype, "K", "unsafe", "K", Py_False);
  if (!cast)
    {
      PyErr_Clear ();
      cast = PyObject_CallMethod (array, "astype", "O", dtype);
    }
  Py_DECREF (array);
  return cast;
}

static void
release_array (void *data, void *owner)
{
  PyGILState_STATE state = PyGILState_Ensure ();
  PyBuffer_Release (owner);
  PyMem_RawFree (owner);
  PyGILState_Release (state);
}

static bool
dtype_of_format (const char *format, Py_ssize_t itemsize, TeDtype *dtype)
{
  char code = format && *format ? format[strlen (format) - 1] : 'B';
  if (format && strlen (format) > 1 && (format[0] == '>' || format[0] == '!'))
    return false;
  if (format && strcmp (format, "Zf") == 0)
    return *dtype = TE_COMPLEX64, true;
  if (format && strcmp (format, "Zd") == 0)
    return *dtype = TE_COMPLEX128, true;
  if (format && strlen (format) > 2)
    return false;
  switch (code)
    {
    case '?':
      *dtype = TE_BOOL;
      return true;
    case 'e':
      *dtype = TE_FLOAT16;
      return true;
    case 'f':
      *dtype = TE_FLOAT32;
      return true;
    case 'd':
      *dtype = TE_FLOAT64;
      return true;
    case 'B':
      *dtype = TE_UINT8;
      return true;
    case 'b':
    case 'h':
    case 'i':
    case 'l':
    case 'q':
      *dtype = itemsize == 1 ? TE_INT8 : itemsize == 2 ? TE_INT16 : itemsize == 4 ? TE_INT32 : TE_INT64;
      return itemsize <= 8;
    default:
      return false;
    }
}

/* Strides in bytes: the buffer's, and the array's own over what nobody steps (the buffer of a contiguous array has others
 * there). Only there, since an array's class may say what it likes. */
static bool
array_strides (const Py_buffer *view, PyObject *array, Py_ssize_t *out)
{
  PyObject *strides = PyObject_GetAttrString (array, "strides");
  bool ok = strides && PyTuple_Check (strides) && PyTuple_GET_SIZE (strides) == view->ndim;
  for (int i = 0; ok && i < view->ndim; i++)
    {
      out[i] = view->strides[i];
      if (view->len == 0 || view->shape[i] == 1)
        out[i] = PyLong_AsSsize_t (PyTuple_GET_ITEM (strides, i));
      ok = out[i] != -1 || !PyErr_Occurred ();
    }
  Py_XDECREF (strides);
  if (!ok && !PyErr_Occurred ())
    PyErr_SetString (PyExc_TypeError, "the array's strides are not one int per dimension");
  return ok;
}

static TeTensor *
tensor_over_buffer (Py_buffer *view, PyObject *object)
{
  TeDtype dtype;
  TeError err;
  int64_t sizes[TE_MAX_NDIM], strides[TE_MAX_NDIM];
  Py_ssize_t nbytes[TE_MAX_NDIM];
  te_error_clear (&err);
  if (view->format && view->format[0] == '>' && view->itemsize > 1)
    {
      PyErr_SetString (PyExc_ValueError,
                       "given numpy array has byte order different from the native byte order. Conversion between byte "
                       "orders is currently not supported.");
      return NULL;
    }
  if (!dtype_of_format (view->format, view->itemsize, &dtype)
      || (size_t) view->itemsize != te_dtype_nbytes (dtype))
    {
      PyObject *given = PyObject_GetAttrString (object, "dtype");
      PyObject *type = given ? PyObject_GetAttrString (given, "type") : NULL;
      PyErr_Clear ();
      PyErr_Format (
          PyExc_TypeError,
          "can't convert np.ndarray of type %s. The only supported types are: float64, float32, float16, "
          "complex64, complex128, int64, int32, int16, int8, uint8, and bool.",
          type && PyType_Check (type) ? ((PyTypeObject *) type)->tp_name : view->format);
      Py_XDECREF (type);
      Py_XDECREF (given);
      return NULL;
    }
  if (!array_strides (view, object, nbytes)) /* 64 dimensions at most: PyBUF_MAX_NDIM */
    return NULL;
  for (int i = 0; i < view->ndim; i++)
    {
      sizes[i] = view->shape[i];
      strides[i] = nbytes[i] / view->itemsize;
      if (nbytes[i] < 0)
        {
          PyErr_SetString (
              PyExc_ValueError,
              "At least one stride in the given numpy array is negative, and tensors with negative "
              "strides are not currently supported. (You can probably work around this by making a "
              "copy of your array  with array.copy().) ");
          return NULL;
        }
      if (nbytes[i] % view->itemsize)
        {
          PyErr_SetString (
              PyExc_ValueError,
              "given numpy array strides not a multiple of the element byte size. Copy the numpy "
              "array to reallocate the memory.");
          return NULL;
        }
    }
  int64_t extent;
  Py_buffer *owner = PyMem_RawMalloc (sizeof *owner);
  if (!owner || !te_shape_extent (view->ndim, sizes, strides, 0, &extent))
    {
      PyMem_RawFree (owner);
      PyErr_NoMemory ();
      return NULL;
    }
  *owner = *view;
  TeStorage *storage = te_storage_new_external (view->buf, (size_t) extent * (size_t) view->itemsize,
                                                release_array, owner, &err);
  if (!storage)
    {
      PyMem_RawFree (owner);
      te_py_raise (&err);
      return NULL;
    }
  TeTensor *tensor = te_tensor_new_view (storage, dtype, view->ndim, sizes, strides, 0, &err);
  te_storage_unref (storage); /* the tensor holds it; it releases the buffer at its end */
  view->obj = NULL;           /* now the storage's */
  if (!tensor)
    te_py_raise (&err);
  return tensor;
}

TeTensor *
te_py_from_array_interface (PyObject *object, bool share)
{
  Py_buffer view;
  TeError err;
  te_error_clear (&err);
  if (!PyObject_CheckBuffer (object) || !PyObject_HasAttrString (object, "shape"))
    {
      PyErr_Format (PyExc_TypeError, "expected np.ndarray (got %s)", Py_TYPE (object)->tp_name);
      return NULL;
    }
  if (PyObject_GetBuffer (object, &view, PyBUF_FULL) < 0)
    {
      PyErr_Clear ();
      if (PyObject_GetBuffer (object, &view, PyBUF_FULL_RO) < 0)
        return NULL;
      static bool warned;
      if (share && te_warn_due (&warned)
          && PyErr_WarnEx (PyExc_UserWarning,
                           "The given NumPy array is not writable, and PyTorch does not support non-writable "
                           "tensors. This means "
                           "writing to this tensor will result in undefined behavior. You may want to copy "
                           "the array to protect its "
                           "data or make it writable before converting it to a tensor. This type of warning "
                           "will be suppressed for "
                           "the rest of this program.",
                           1)
                 < 0)
        {
          PyBuffer_Release (&view);
          return NULL;
        }
    }
  TeTensor *tensor = tensor_over_buffer (&view, object);
  if (view.obj)
    PyBuffer_Release (&view);
  if (tensor && !share)
    {
      TeTensor *copy = te_tensor_new (tensor->ndim, tensor->sizes, te_tensor_dtype (tensor), &err);
      bool ok = copy && te_copy (copy, tensor, &err);
      te_tensor_unref (tensor);
      tensor = ok ? copy : NULL;
      if (!ok)
        {
          te_tensor_unref (copy);
          te_py_raise (&err);
        }
    }
  return tensor;
}

static PyObject *
from_numpy (PyObject *module, PyObject *array)
{
  const PyTypeObject *type = Py_TYPE (array);
  while (type && strcmp (type->tp_name, "numpy.ndarray") != 0)
    type = type->tp_base;
  if (!type)
    return PyErr_Format (PyExc_TypeError, "expected np.ndarray (got %s)", Py_TYPE (array)->tp_name);
  return te_py_wrap (te_py_from_array_interface (array, true));
}

static PyObject *
frombuffer (PyObject *module, PyObject *args, PyObject *kwargs)
{
  static char *names[] = { "buffer", "dtype", "count", "offset", "requires_grad", NULL };
  PyObject *buffer, *dtype_object = NULL;
  Py_ssize_t count = -1, offset = 0;
  int requires_grad = 0;
  TeDtype dtype;
  TeError err;
  te_error_clear (&err);
  if (PyTuple_GET_SIZE (args) > 1)
    return PyErr_Format (PyExc_TypeError, "frombuffer() takes from 2 to 1 positional arguments but %zd were given",
                         PyTuple_GET_SIZE (args));
  if (!PyArg_ParseTupleAndKeywords (args, kwargs, "O|$Onnp:frombuffer", names, &buffer, &dtype_object, &count,
                                    &offset, &requires_grad))
    return NULL;
  if (!dtype_object)
    return PyErr_Format (PyExc_TypeError, "frombuffer() missing 1 required positional arguments: \"dtype\"");
  if (!te_py_dtype_get (dtype_object, &dtype))
    return NULL;
  Py_buffer view;
  Py_ssize_t itemsize = (Py_ssize_t) te_dtype_nbytes (dtype);
  if (!PyObject_CheckBuffer (buffer))
    return PyErr_Format (PyExc_ValueError, "object does not implement Python buffer protocol.");
  if (PyObject_GetBuffer (buffer, &view, PyBUF_WRITABLE) < 0)
    {
      static bool said_read_only;
      PyErr_Clear ();
      if ((te_warn_due (&said_read_only) && PyErr_WarnEx (PyExc_UserWarning,
                        "The given buffer is not writable, and PyTorch does not support non-writable "
                        "tensors. This means you can "
                        "write to the underlying (supposedly non-writable) buffer using the tensor. You may "
                        "want to copy the buffer "
                        "to protect its data or make it writable before converting it to a tensor. This type "
                        "of warning will be "
                        "suppressed for the rest of this program.",
                        1)
              < 0)
          || PyObject_GetBuffer (buffer, &view, PyBUF_SIMPLE) < 0)
        return NULL;
    }
  PyObject *wrong = NULL;
  if (view.len <= 0 || count == 0)
    PyErr_Format (wrong = PyExc_ValueError, "both buffer length (%zd) and count (%zd) must not be 0",
                  view.len, count);
  else if (offset < 0 || offset >= view.len)
    PyErr_Format (
        wrong = PyExc_ValueError,
        "offset (%zd bytes) must be non-negative and no greater than buffer length (%zd bytes) minus 1",
        offset, view.len);
  else if (count < 0 && (view.len - offset) % itemsize)
    PyErr_Format (wrong = PyExc_ValueError,
                  "buffer length (%zd bytes) after offset (%zd bytes) must be a multiple of element "
                  "size (%zd)",
                  view.len - offset, offset, itemsize);
  else if (count > 0 && count > (view.len - offset) / itemsize)
    PyErr_Format (wrong = PyExc_ValueError,
                  "requested buffer length (%zd * %zd bytes) after offset (%zd bytes) must not be greater "
                  "than actual buffer "
                  "length (%zd bytes)",
                  count, itemsize, offset, view.len);
  if (wrong)
    {
      PyBuffer_Release (&view);
      return NULL;
    }
  Py_buffer *owner = PyMem_RawMalloc (sizeof *owner);
  if (!owner)
    {
      PyBuffer_Release (&view);
      return PyErr_NoMemory ();
    }
  *owner = view;
  int64_t n = count < 0 ? (view.len - offset) / itemsize : count, stride = 1;
  TeStorage *storage = te_storage_new_external ((char *) view.buf + offset, (size_t) (n * itemsize),
                                                release_array, owner, &err);
  if (!storage)
    {
      release_array (NULL, owner);
      return te_py_raise (&err);
    }
  TeTensor *tensor = te_tensor_new_view (storage, dtype, 1, &n, &stride, 0, &err);
  te_storage_unref (storage);
  if (tensor && requires_grad && !te_py_start_requires_grad (tensor, &err))
    {
      te_tensor_unref (tensor);
      tensor = NULL;
    }
  return te_py_wrap_error (tensor, &err);
}

static PyObject *
get_array_interface_method (PyObject *self, PyObject *ignored)
{
  return get_array_interface (self, NULL);
}

PyMethodDef te_py_convert_methods[] = {
  { "item", item, METH_NOARGS, "The one element as a Python number." },
  { "__complex__", complex_method, METH_NOARGS, NULL },
  { "tolist", tolist, METH_NOARGS, "The elements as nested lists." },
  { "numpy", (PyCFunction) (void (*) (void)) to_numpy, METH_VARARGS | METH_KEYWORDS,
    "A numpy array over the same memory." },
  { "__array__", array_method, METH_VARARGS, NULL },
  { "_array_interface", get_array_interface_method, METH_NOARGS, NULL },
  { 0 },
};

static PyMethodDef functions[] = {
  { "from_numpy", from_numpy, METH_O, "A tensor over a numpy array's memory." },
  { "frombuffer", (PyCFunction) (void (*) (void)) frombuffer, METH_VARARGS | METH_KEYWORDS,
    "A 1-dimensional tensor over an object's memory." },
  { 0 },
};

bool
te_py_convert_init (PyObject *module)
{
  PyType_Slot slots[] = { { Py_tp_dealloc, lender_dealloc }, { Py_tp_getset, lender_getset }, { 0 } };
  PyType_Spec spec = { "torch._C._Lender", sizeof (Lender), 0,
                       Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots };
  lender_type = (PyTypeObject *) PyType_FromSpec (&spec);
  return lender_type && PyModule_AddFunctions (module, functions) == 0;
}
