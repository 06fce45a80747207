/* Tensors out of Python's data: torch.tensor, as_tensor, new_tensor, and the old constructors torch.Tensor
 * (…). */
#include "python/jit-trace.h"

#include <math.h>
#include <string.h>

#include "iter/tensor-iter.h"
#include "ops/shape/shape-util.h"

#define MAX_DEPTH 128

static bool
is_array (PyObject *object)
{
  return strcmp (Py_TYPE (object)->tp_name, "numpy.ndarray") == 0;
}

static bool
is_numpy_scalar (PyObject *object)
{
  return strncmp (Py_TYPE (object)->tp_name, "numpy.", 6) == 0 && !is_array (object)
         && te_py_is_number (object);
}

static bool
numpy_scalar_dtype (PyObject *object, TeDtype *dtype)
{
  const char *name = Py_TYPE (object)->tp_name + 6;
  for (int i = 0; i < TE_DTYPE_COUNT; i++)
    if (strcmp (name, te_dtype_name ((TeDtype) i)) == 0)
      {
        *dtype = (TeDtype) i;
        return true;
      }
  if (strncmp (name, "bool", 4) == 0)
    *dtype = TE_BOOL;
  else if (PyIndex_Check (object))
    *dtype = TE_INT64;
  else
    *dtype = TE_FLOAT64;
  return true;
}

/* ---- sizes ---- */
static bool
infer_sizes (PyObject *data, int64_t *sizes, int *ndim)
{
  *ndim = 0;
  Py_INCREF (data);
  while (PySequence_Check (data) && !te_py_is_tensor (data)) /* tensors stand for their one element */
    {
      Py_ssize_t length = PySequence_Length (data);
      if (length < 0)
        {
          Py_DECREF (data);
          return false;
        }
      if (*ndim == TE_MAX_NDIM)
        {
          PyErr_Format (PyExc_ValueError, "too many dimensions '%s'", Py_TYPE (data)->tp_name);
          Py_DECREF (data);
          return false;
        }
      sizes[(*ndim)++] = length;
      if (length == 0)
        break;
      PyObject *first = PySequence_GetItem (data, 0);
      Py_DECREF (data);
      if (!first)
        return false;
      data = first;
    }
  Py_DECREF (data);
  return true;
}

/* ---- dtype ---- */
static bool
infer_dtype (PyObject *data, TeDtype *dtype, int depth)
{
  if (PyFloat_Check (data) && !is_numpy_scalar (data))
    *dtype = te_dtype_default ();
  else if (PyBool_Check (data))
    *dtype = TE_BOOL;
  else if (PyLong_Check (data))
    *dtype = TE_INT64;
  else if (te_py_is_tensor (data))
    *dtype = te_tensor_dtype (te_py_tensor (data));
  else if (is_numpy_scalar (data))
    return numpy_scalar_dtype (data, dtype);
  else if (PyComplex_Check (data))
    *dtype = te_dtype_complex (te_dtype_default ());
  else if (PyUnicode_Check (data) || PyBytes_Check (data))
    {
      PyErr_Format (PyExc_TypeError, "new(): invalid data type '%s'", Py_TYPE (data)->tp_name);
      return false;
    }
  else if (PySequence_Check (data) && depth < MAX_DEPTH)
    {
      Py_ssize_t n = PySequence_Length (data);
      if (n < 0)
        return false;
      *dtype = n ? TE_DTYPE_NONE : te_dtype_default ();
      for (Py_ssize_t i = 0; i < n; i++)
        {
          TeDtype one;
          PyObject *item = PySequence_GetItem (data, i);
          bool ok = item && infer_dtype (item, &one, depth + 1);
          Py_XDECREF (item);
          if (!ok)
            return false;
          *dtype = *dtype == TE_DTYPE_NONE ? one : te_dtype_promote (*dtype, one);
          if (*dtype == TE_COMPLEX128)
            break; /* nothing is wider */
        }
    }
  else
    {
      PyErr_Format (PyExc_RuntimeError, "Could not infer dtype of %s", Py_TYPE (data)->tp_name);
      return false;
    }
  return true;
}

bool
te_py_infer_dtype (PyObject *data, TeDtype *dtype)
{
  TeTensor *array = is_array (data) ? te_py_from_array_interface (data, true) : NULL;
  if (is_array (data) && !array)
    return false;
  if (!array)
    return infer_dtype (data, dtype, 0);
  *dtype = te_tensor_dtype (array);
  te_tensor_unref (array);
  return true;
}

/* ---- elements ---- */
/* Whole numbers may be negative bytes; others must lie between the dtype's ends. */
static bool
fits (TeDtype dtype, TeScalar value)
{
  static const double limits[TE_DTYPE_COUNT] = {
    [TE_UINT8] = 255, [TE_INT8] = 127, [TE_INT16] = 32767, [TE_INT32] = 2147483647.0, [TE_INT64] = 0x1p63
  };
  if (!te_dtype_is_integral (dtype, false))
    return true;
  double number = te_scalar_to_double (value), limit = limits[dtype],
         least = dtype == TE_INT64 ? -limit : -limit - 1;
  if (dtype == TE_UINT8)
    least = value.category == TE_CATEGORY_FLOAT ? 0 : -limit;
  return number >= least && number <= limit;
}

/* A Python integer of any size, for a dtype that is none of integers. */
static bool
int_to_scalar (PyObject *object, TeDtype dtype, TeScalar *value)
{
  if (dtype == TE_BOOL)
    {
      *value = te_scalar_bool (PyObject_IsTrue (object) == 1);
      return true;
    }
  double number = PyLong_AsDouble (object);
  *value = te_scalar_float (number);
  return number != -1 || !PyErr_Occurred ();
}

static bool
store_element (PyObject *object, TeDtype dtype, char *place)
{
  TeScalar value;
  bool complex_number = PyComplex_Check (object) && !te_dtype_is_complex (dtype) && dtype != TE_BOOL;
  if ((PySequence_Check (object) && !te_py_is_tensor (object)) || complex_number)
    {
      if (te_dtype_is_floating (dtype))
        PyErr_Format (PyExc_TypeError, "must be real number, not %s", Py_TYPE (object)->tp_name);
      else
        PyErr_Format (PyExc_TypeError, "'%s' object cannot be interpreted as an integer",
                      Py_TYPE (object)->tp_name);
      return false;
    }
  if (te_dtype_is_complex (dtype) && is_numpy_scalar (object))
    { /* here alone is numpy.complex64 a complex number */
      Py_complex number = PyComplex_AsCComplex (object);
      if (number.real == -1 && PyErr_Occurred ())
        return false;
      value = te_scalar_complex (number.real, number.imag);
    }
  else if (PyLong_Check (object) && !te_dtype_is_integral (dtype, false))
    {
      if (!int_to_scalar (object, dtype, &value))
        return false;
    }
  else if (!te_py_to_scalar (object, &value))
    return false;
  if (!fits (dtype, value))
    {
      PyErr_Format (PyExc_RuntimeError, "value cannot be converted to type %s without overflow",
                    te_dtype_name (dtype));
      return false;
    }
  te_scalar_store (value, dtype, place);
  return true;
}

static bool
store (PyObject *data, const TeTensor *tensor, int dim, char *place)
{
  TeDtype dtype = te_tensor_dtype (tensor);
  if (dim == tensor->ndim)
    return store_element (data, dtype, place);
  int64_t n = tensor->sizes[dim], step = tensor->strides[dim] * (int64_t) te_dtype_nbytes (dtype);
  if (te_py_is_tensor (data))
    {
      PyErr_SetString (PyExc_TypeError, "not a sequence");
      return false;
    }
  if (!tensor->numel)
    return true;
  PyObject *items = PySequence_Fast (data, "not a sequence");
  if (!items)
    return false;
  bool ok = PySequence_Fast_GET_SIZE (items) == n;
  if (!ok)
    PyErr_Format (PyExc_ValueError, "expected sequence of length %lld at dim %d (got %zd)", (long long) n,
                  dim, PySequence_Fast_GET_SIZE (items));
  for (int64_t i = 0; ok && i < n; i++)
    ok = i < PySequence_Fast_GET_SIZE (items)
         && store (PySequence_Fast_GET_ITEM (items, i), tensor, dim + 1, place + i * step);
  if (!ok && !PyErr_Occurred ())
    PyErr_SetString (PyExc_RuntimeError, "the sequence changed while it was read");
  Py_DECREF (items);
  return ok;
}

/* A tensor of that dtype and device with source's values; consumes source. */
static TeTensor *
finish (TeTensor *source, TeDtype dtype, bool meta, bool copy)
{
  TeError err;
  te_error_clear (&err);
  if (!source)
    return NULL;
  if (source->dtype == dtype && te_tensor_is_meta (source) == meta && !copy)
    return source;
  TeTensor *result = meta ? te_tensor_new_meta (source->ndim, source->sizes, NULL, dtype, &err)
                          : te_tensor_new (source->ndim, source->sizes, dtype, &err);
  bool ok = result && (meta || te_copy (result, source, &err));
  if (!ok)
    {
      te_tensor_unref (result);
      te_py_raise (&err);
      result = NULL;
    }
  te_tensor_unref (source);
  return result;
}

static bool
is_storage (PyObject *data)
{
  return !PyList_Check (data) && !PyTuple_Check (data) && !PyNumber_Check (data)
         && PyObject_HasAttrString (data, "_flat");
}

/* What a storage holds; an untyped one holds whatever is read from it. */
static TeTensor *
of_storage (PyObject *data, TeDtype dtype, bool meta, bool copy)
{
  bool untyped = strcmp (Py_TYPE (data)->tp_name, "UntypedStorage") == 0;
  PyObject *flat = PyObject_GetAttrString (data, "_flat");
  if (flat && untyped && dtype != TE_DTYPE_NONE)
    Py_SETREF (flat, PyObject_CallMethod (flat, "view", "O", te_py_dtype_object (dtype)));
  TeTensor *source = flat && te_py_is_tensor (flat) ? te_tensor_ref (te_py_tensor (flat)) : NULL;
  Py_XDECREF (flat);
  if (source && dtype != TE_DTYPE_NONE && te_tensor_dtype (source) != dtype)
    {
      PyErr_Format (PyExc_RuntimeError, "Expected a Storage of type %s or an UntypedStorage, but got %s",
                    te_dtype_error_name (dtype), te_dtype_error_name (te_tensor_dtype (source)));
      te_tensor_unref (source);
      return NULL;
    }
  return source ? finish (source, te_tensor_dtype (source), meta, copy) : NULL;
}

TeTensor *
te_py_tensor_from_data (PyObject *data, const TePyTensorOptions *options, TeDtype fallback)
{
  TeDtype dtype = TE_DTYPE_NONE;
  int64_t device = 0, sizes[TE_MAX_NDIM];
  int ndim;
  TeError err;
  te_error_clear (&err);
  if (options->dtype && options->dtype != Py_None && !te_py_dtype_get (options->dtype, &dtype))
    return NULL;
  bool has_device = options->device && options->device != Py_None;
  if (has_device && te_py_device_get (options->device, &device) != TE_PY_MATCH)
    {
      if (!PyErr_Occurred ())
        PyErr_Format (PyExc_TypeError, "tensor(): argument 'device' must be torch.device, not %s",
                      Py_TYPE (options->device)->tp_name);
      return NULL;
    }
  if (te_py_is_tensor (data))
    {
      TeTensor *source = te_py_tensor (data);
      if (!has_device)
        device = te_tensor_is_meta (source);
      if (te_tensor_is_meta (source) && !device)
        {
          PyErr_SetString (PyExc_NotImplementedError, "Cannot copy out of meta tensor; no data!");
          return NULL;
        }
      return finish (te_tensor_ref (source), dtype == TE_DTYPE_NONE ? te_tensor_dtype (source) : dtype,
                     device == 1, options->copy);
    }
  if (is_array (data))
    {
      TeTensor *source = te_py_from_array_interface (data, true);
      return source ? finish (source, dtype == TE_DTYPE_NONE ? te_tensor_dtype (source) : dtype, device == 1,
                              options->copy)
                    : NULL;
    }
  if (is_storage (data))
    return of_storage (data, dtype, device == 1, options->copy);
  if (PyUnicode_Check (data) || PyBytes_Check (data))
    {
      PyErr_Format (PyExc_TypeError, "new(): invalid data type '%s'", Py_TYPE (data)->tp_name);
      return NULL;
    }
  static bool said_slow;
  if (PyList_Check (data) && PyList_GET_SIZE (data) && is_array (PyList_GET_ITEM (data, 0)) && te_warn_due (&said_slow)
      && PyErr_WarnEx (PyExc_UserWarning,
                       "Creating a tensor from a list of numpy.ndarrays is extremely slow. Please consider "
                       "converting the list to "
                       "a single numpy.ndarray with numpy.array() before converting to a tensor.",
                       1)
             < 0)
    return NULL;
  if (!infer_sizes (data, sizes, &ndim))
    return NULL;
  if (dtype == TE_DTYPE_NONE && fallback != TE_DTYPE_NONE && ndim && sizes[ndim - 1] == 0)
    dtype = fallback; /* t[[]] */
  if (dtype == TE_DTYPE_NONE && !infer_dtype (data, &dtype, 0))
    return NULL;
  TeTensor *tensor = te_tensor_new (ndim, sizes, dtype, &err);
  if (!tensor)
    {
      te_py_raise (&err);
      return NULL;
    }
  if (tensor->numel > 0 || ndim > 1)
    if (!store (data, tensor, 0, te_tensor_data (tensor)))
      {
        te_tensor_unref (tensor);
        return NULL;
      }
  return device ? finish (tensor, dtype, true, false) : tensor;
}

/* ---- torch.tensor and its kin ---- */
typedef struct
{
  PyObject *data;
  TePyTensorOptions options;
  PyObject *requires_grad;
} NewArgs;

static bool
new_args (const char *name, PyObject *const *args, Py_ssize_t n, PyObject *kwnames, NewArgs *out)
{
  *out = (NewArgs){ 0 };
  if (n > 1)
    {
      PyErr_Format (PyExc_TypeError, "%s() takes 1 positional argument but %zd were given", name, n);
      return false;
    }
  out->data = n ? args[0] : NULL;
  for (Py_ssize_t i = 0; kwnames && i < PyTuple_GET_SIZE (kwnames); i++)
    {
      PyObject *key = PyTuple_GET_ITEM (kwnames, i), *value = args[n + i];
      if (_PyUnicode_EqualToASCIIString (key, "dtype"))
        out->options.dtype = value;
      else if (_PyUnicode_EqualToASCIIString (key, "device"))
        out->options.device = value;
      else if (_PyUnicode_EqualToASCIIString (key, "requires_grad"))
        out->requires_grad = value;
      else if (_PyUnicode_EqualToASCIIString (key, "data") && !out->data)
        out->data = value;
      else if (_PyUnicode_EqualToASCIIString (key, "names"))
        {
          if (value != Py_None)
            return te_py_not_implemented ("a tensor with names of dimensions (names=)") != NULL;
        }
      else if (!_PyUnicode_EqualToASCIIString (key, "pin_memory"))
        {
          PyErr_Format (PyExc_TypeError, "%s() got an unexpected keyword argument '%U'", name, key);
          return false;
        }
    }
  if (!out->data)
    {
      PyErr_Format (PyExc_TypeError, "%s() missing 1 required positional arguments: \"data\"", name);
      return false;
    }
  TeDtype ignored;
  PyObject *dtype = out->options.dtype;
  if (dtype && dtype != Py_None && !te_py_dtype_get (dtype, &ignored))
    {
      if (PyErr_ExceptionMatches (PyExc_TypeError))
        PyErr_Format (PyExc_TypeError, "%s(): argument 'dtype' must be torch.dtype, not %s", name,
                      Py_TYPE (dtype)->tp_name);
      return false;
    }
  if (out->requires_grad && !PyBool_Check (out->requires_grad) && out->requires_grad != Py_None)
    {
      PyErr_Format (PyExc_TypeError, "%s(): argument 'requires_grad' must be bool, not %s", name,
                    Py_TYPE (out->requires_grad)->tp_name);
      return false;
    }
  return true;
}

bool
te_py_start_requires_grad (TeTensor *tensor, TeError *err)
{
  if (!te_dtype_is_inexact (te_tensor_dtype (tensor)))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "Only Tensors of floating point and complex dtype can require gradients");
  return te_tensor_set_requires_grad (tensor, true, err);
}

static PyObject *
make (const NewArgs *args)
{
  TeError err;
  te_error_clear (&err);
  TeTensor *tensor = te_py_tensor_from_data (args->data, &args->options, TE_DTYPE_NONE);
  if (tensor && te_inference_mode_flag && tensor->refcount == 1)
    tensor->flags |= TE_TENSOR_INFERENCE;
  if (tensor && args->requires_grad == Py_True && !te_py_start_requires_grad (tensor, &err))
    {
      te_tensor_unref (tensor);
      return te_py_raise (&err);
    }
  return te_py_wrap (tensor);
}

static PyObject *
tensor (PyObject *module, PyObject *const *args, Py_ssize_t n, PyObject *kwnames)
{
  NewArgs parsed;
  if (!new_args ("tensor", args, n, kwnames, &parsed))
    return NULL;
  parsed.options.copy = true;
  if (te_py_is_tensor (parsed.data)
      && PyErr_WarnEx (
             PyExc_UserWarning,
             "To copy construct from a tensor, it is recommended to use sourceTensor.clone().detach() or "
             "sourceTensor.clone().detach().requires_grad_(True), rather than torch.tensor(sourceTensor).",
             1)
             < 0)
    return NULL;
  PyObject *result = make (&parsed);
  if (__builtin_expect (te_py_tracing, 0) && result && !te_py_trace_constant (te_py_tensor (result)))
    Py_CLEAR (result);
  return result;
}

static PyObject *
as_tensor (PyObject *module, PyObject *const *args, Py_ssize_t n, PyObject *kwnames)
{
  NewArgs parsed;
  if (!new_args ("as_tensor", args, n, kwnames, &parsed))
    return NULL;
  TeDtype dtype = TE_DTYPE_NONE;
  if (te_py_is_tensor (parsed.data) && parsed.options.dtype && parsed.options.dtype != Py_None
      && te_py_dtype_get (parsed.options.dtype, &dtype)
      && dtype != te_tensor_dtype (te_py_tensor (parsed.data)))
    return PyObject_CallMethod (parsed.data, "to", "O", parsed.options.dtype); /* keeps the graph */
  return make (&parsed);
}

static PyObject *
new_tensor (PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *kwnames)
{
  NewArgs parsed;
  if (!new_args ("new_tensor", args, n, kwnames, &parsed))
    return NULL;
  if (te_py_is_tensor (parsed.data)
      && PyErr_WarnEx (
             PyExc_UserWarning,
             "To copy construct from a tensor, it is recommended to use sourceTensor.clone().detach() or "
             "sourceTensor.clone().detach().requires_grad_(True), rather than "
             "tensor.new_tensor(sourceTensor).",
             1)
             < 0)
    return NULL;
  PyObject *dtype = te_py_dtype_object (te_tensor_dtype (te_py_tensor (self)));
  parsed.options.copy = true;
  if (!parsed.options.dtype || parsed.options.dtype == Py_None)
    parsed.options.dtype = dtype;
  PyObject *result = make (&parsed);
  Py_DECREF (dtype);
  return result;
}

/* ---- torch.Tensor (2, 3), torch.Tensor ([1, 2]), t.new (…), torch.LongTensor (…) ---- */
static TeTensor *
legacy_sizes (PyObject *sizes, TeDtype dtype)
{
  int64_t values[TE_MAX_NDIM];
  TeError err;
  te_error_clear (&err);
  Py_ssize_t n = PyTuple_GET_SIZE (sizes);
  if (n > TE_MAX_NDIM)
    {
      PyErr_SetString (PyExc_RuntimeError, "too many dimensions");
      return NULL;
    }
  for (Py_ssize_t i = 0; i < n; i++)
    {
      PyObject *item = PyTuple_GET_ITEM (sizes, i);
      if (!PyIndex_Check (item))
        {
          PyErr_Format (
              PyExc_TypeError,
              "new(): argument 'size' must be tuple of ints, but found element of type %s at pos %zd",
              Py_TYPE (item)->tp_name, i + 1);
          return NULL;
        }
      if (!te_py_to_int (item, &values[i]))
        return NULL;
      if (values[i] < 0)
        {
          PyObject *list = PySequence_List (sizes);
          if (list)
            PyErr_Format (PyExc_RuntimeError, "Trying to create tensor with negative dimension %lld: %R",
                          (long long) values[i], list);
          Py_XDECREF (list);
          return NULL;
        }
    }
  TeTensor *tensor = te_tensor_new ((int) n, values, dtype, &err);
  if (!tensor)
    te_py_raise (&err);
  return tensor;
}

/* Nothing of what the old constructor takes: PyTorch's list of what that is. */
static void
refuse_legacy (PyObject *args, PyObject *kwargs)
{
  if (!te_py_refuse_call ("torch", "new", args, kwargs))
    PyErr_SetString (PyExc_TypeError, "new() received an invalid combination of arguments");
}

static TeTensor *
legacy_new (PyObject *args, PyObject *kwargs, TeDtype dtype)
{
  TePyTensorOptions options = { .copy = true };
  if (kwargs && PyDict_GET_SIZE (kwargs))
    {
      PyObject *device = PyDict_GetItemString (kwargs, "device"), *size = PyDict_GetItemString (kwargs, "size");
      int64_t which;
      if (size && PyDict_GET_SIZE (kwargs) == 1 && !PyTuple_GET_SIZE (args) && PyTuple_Check (size))
        return legacy_sizes (size, dtype);
      if (!device || PyDict_GET_SIZE (kwargs) > 1)
        {
          refuse_legacy (args, kwargs);
          return NULL;
        }
      const char *kind = PyUnicode_Check (device) ? PyUnicode_AsUTF8 (device) : NULL;
      bool meta = te_py_device_get (device, &which) == TE_PY_MATCH && which;
      if (meta || (kind && strncmp (kind, "cuda", 4) == 0))
        {
          PyErr_Format (PyExc_RuntimeError,
                        "legacy constructor expects device type: cpu but device type: %s was passed",
                        meta ? "meta" : "cuda");
          return NULL;
        }
      if (PyErr_Occurred ())
        return NULL;
    }
  Py_ssize_t n = PyTuple_GET_SIZE (args);
  PyObject *first = n ? PyTuple_GET_ITEM (args, 0) : NULL;
  if (n == 0)
    {
      PyObject *empty = Py_BuildValue ("(i)", 0);
      TeTensor *tensor = empty ? legacy_sizes (empty, dtype) : NULL;
      Py_XDECREF (empty);
      return tensor;
    }
  if (n > 1 && !te_py_is_int (first))
    {
      refuse_legacy (args, kwargs);
      return NULL;
    }
  if (n > 1 || (PyIndex_Check (first) && !te_py_is_tensor (first) && !PySequence_Check (first)))
    return legacy_sizes (args, dtype);
  if (Py_TYPE (first) == te_py_size_type)
    return legacy_sizes (first, dtype);
  if (te_py_is_tensor (first))
    {
      TeError err;
      te_error_clear (&err);
      TeTensor *alias = te_tensor_alias (te_py_tensor (first), &err);
      if (!alias)
        te_py_raise (&err);
      return alias;
    }
  if (is_storage (first))
    return of_storage (first, dtype, false, false);
  if (!PySequence_Check (first))
    {
      PyErr_Format (PyExc_TypeError, "new(): data must be a sequence (got %s)", Py_TYPE (first)->tp_name);
      return NULL;
    }
  options.dtype = te_py_dtype_object (dtype);
  TeTensor *tensor = te_py_tensor_from_data (first, &options, dtype);
  Py_DECREF (options.dtype);
  return tensor;
}

PyObject *
te_py_tensor_new (PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
  TeTensor *tensor = legacy_new (args, kwargs, te_dtype_default ());
  if (!tensor)
    return NULL;
  return type == te_py_tensor_class ? te_py_wrap (tensor) : te_py_wrap_as (type, tensor);
}

static PyObject *
legacy_method (PyObject *self, PyObject *args, PyObject *kwargs)
{
  return te_py_wrap (legacy_new (args, kwargs, te_tensor_dtype (te_py_tensor (self))));
}

/* torch._C._legacy_new (dtype, *args): torch.LongTensor and its kin. */
static PyObject *
legacy_of_dtype (PyObject *module, PyObject *args)
{
  TeDtype dtype;
  if (PyTuple_GET_SIZE (args) < 1 || !te_py_dtype_get (PyTuple_GET_ITEM (args, 0), &dtype))
    return NULL;
  PyObject *first = PyTuple_GET_SIZE (args) == 2 ? PyTuple_GET_ITEM (args, 1) : NULL;
  if (first && te_py_is_tensor (first) && te_py_tensor (first)->dtype != dtype)
    {
      static const char same[] = "device=cpu, layout=Strided, requires_grad=false (default), "
                                 "pinned_memory=false (default), memory_format=(nullopt)";
      return PyErr_Format (
          PyExc_TypeError, "expected TensorOptions(dtype=%s, %s) (got TensorOptions(dtype=%s, %s))",
          te_dtype_c_name (dtype), same, te_dtype_c_name (te_tensor_dtype (te_py_tensor (first))), same);
    }
  PyObject *rest = PyTuple_GetSlice (args, 1, PyTuple_GET_SIZE (args));
  PyObject *result = rest ? te_py_wrap (legacy_new (rest, NULL, dtype)) : NULL;
  Py_XDECREF (rest);
  return result;
}

static PyMethodDef functions[] = {
  { "tensor", (PyCFunction) (void (*) (void)) tensor, METH_FASTCALL | METH_KEYWORDS,
    "tensor(data, *, dtype=None, device=None, requires_grad=False): a new tensor with data's values." },
  { "as_tensor", (PyCFunction) (void (*) (void)) as_tensor, METH_FASTCALL | METH_KEYWORDS,
    "as_tensor(data, dtype=None, device=None): shares memory with data where it can." },
  { "_legacy_new", legacy_of_dtype, METH_VARARGS, NULL },
  { 0 },
};

static PyMethodDef methods[] = {
  { "new_tensor", (PyCFunction) (void (*) (void)) new_tensor, METH_FASTCALL | METH_KEYWORDS,
    "A tensor with data's values and self's dtype." },
  { "new", (PyCFunction) (void (*) (void)) legacy_method, METH_VARARGS | METH_KEYWORDS, NULL },
  { 0 },
};

bool
te_py_new_init (PyObject *module)
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
