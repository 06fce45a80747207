/* Methods that are not rows of the op table: geometry, copies, types, and the door to autograd. */
#include "python/jit-trace.h"

#include <string.h>

#define SELF te_py_tensor (self)

static PyObject *
wrong_type (const char *function, const char *argument, const char *wanted, PyObject *given)
{
  return PyErr_Format (PyExc_TypeError, "%s(): argument '%s' (position 1) must be %s, not %s", function,
                       argument, wanted, Py_TYPE (given)->tp_name);
}

/* Methods that take keywords alone. */
static bool
no_positional (const char *name, PyObject *args)
{
  Py_ssize_t n = PyTuple_GET_SIZE (args);
  if (n)
    PyErr_Format (PyExc_TypeError, "%s() takes 0 positional arguments but %zd %s given", name, n,
                  n == 1 ? "was" : "were");
  return n == 0;
}

/* size (dim) and stride (dim) share their checks. */
static PyObject *
one_or_all (PyObject *self,
            PyObject *const *args,
            Py_ssize_t n,
            PyObject *kwnames,
            const char *name,
            const int64_t *values,
            PyObject *(*all) (int, const int64_t *) )
{
  TeError err;
  int64_t dim;
  int wrapped;
  te_error_clear (&err);
  if (n + (kwnames ? PyTuple_GET_SIZE (kwnames) : 0) == 0 || args[0] == Py_None)
    return all (SELF->ndim, values);
  if (n == 1 && PyUnicode_Check (args[0]))
    {
      char names[TE_MAX_NDIM * 6 + 1] = "";
      for (int i = 0; i < SELF->ndim; i++)
        strcat (names, i ? ", None" : "None");
      return PyErr_Format (PyExc_RuntimeError, "Name '%U' not found in Tensor[%s].", args[0], names);
    }
  if (n + (kwnames ? PyTuple_GET_SIZE (kwnames) : 0) > 1)
    return te_py_raise_combination (name, args, n, kwnames, " * (int dim)\n * ()\n * (name dim)\n");
  if (!te_py_is_int (args[0]))
    {
      PyObject *got = te_py_describe_given (args, 1, NULL);
      PyObject *inner = got ? PyUnicode_Substring (got, 1, PyUnicode_GET_LENGTH (got) - 1) : NULL;
      if (inner)
        PyErr_Format (PyExc_TypeError,
                      "%s() received an invalid combination of arguments - got %U, but expected one of:\n * "
                      "(int dim)\n      didn't "
                      "match because some of the arguments have invalid types: (!%U!)\n * ()\n      didn't "
                      "match because some of "
                      "the arguments have invalid types: (!%U!)\n * (name dim)\n      didn't match because "
                      "some of the arguments "
                      "have invalid types: (!%U!)\n",
                      name, got, inner, inner, inner);
      Py_XDECREF (got);
      Py_XDECREF (inner);
      return NULL;
    }
  if (!te_py_to_int (args[0], &dim))
    return NULL;
  TE_PY_TRY (SELF->ndim > 0
             || te_error_set (&err, TE_ERR_INDEX, "Dimension specified as %lld but tensor has no dimensions",
                              (long long) dim));
  TE_PY_TRY (te_dim_wrap (dim, SELF->ndim, &wrapped, &err));
  return PyLong_FromLongLong (values[wrapped]);
}

static PyObject *
size (PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *kwnames)
{
  int64_t dim;
  if (__builtin_expect (te_py_tracing, 0) && n == 0 && !kwnames)
    return te_py_trace_shape (SELF);
  if (__builtin_expect (te_py_tracing, 0) && n == 1 && PyLong_Check (args[0]) && te_py_to_int (args[0], &dim)
      && dim >= -SELF->ndim && dim < SELF->ndim)
    return te_py_trace_size (SELF, dim);
  return one_or_all (self, args, n, kwnames, "size", SELF->sizes, te_py_size_new);
}

static PyObject *
stride (PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *kwnames)
{
  return one_or_all (self, args, n, kwnames, "stride", SELF->strides, te_py_ints);
}

static PyObject *
storage_offset (PyObject *self, PyObject *ignored)
{
  return PyLong_FromLongLong (SELF->offset);
}

static PyObject *
data_ptr (PyObject *self, PyObject *ignored)
{
  if (te_tensor_is_meta (SELF) || SELF->numel == 0)
    return PyLong_FromLong (0);
  return PyLong_FromVoidPtr (te_tensor_data (SELF));
}

static PyObject *
numel (PyObject *self, PyObject *ignored)
{
  return PyLong_FromLongLong (SELF->numel);
}

static PyObject *
dim (PyObject *self, PyObject *ignored)
{
  return PyLong_FromLong (SELF->ndim);
}

static PyObject *
element_size (PyObject *self, PyObject *ignored)
{
  return PyLong_FromSize_t (te_dtype_nbytes (te_tensor_dtype (SELF)));
}

static PyObject *
is_shared (PyObject *self, PyObject *ignored)
{
  return PyBool_FromLong (SELF->storage->shared);
}

static PyObject *
share_memory (PyObject *self, PyObject *ignored)
{
  TeError err;
  te_error_clear (&err);
  return te_storage_share (SELF->storage, &err) ? Py_NewRef (self) : te_py_raise (&err);
}

static PyObject *
is_contiguous (PyObject *self, PyObject *args, PyObject *kwargs)
{
  static char *names[] = { "memory_format", NULL };
  PyObject *object = NULL;
  int64_t format = TE_MEMORY_CONTIGUOUS;
  if (!no_positional ("is_contiguous", args)
      || !PyArg_ParseTupleAndKeywords (args, kwargs, "|$O:is_contiguous", names, &object))
    return NULL;
  if (object && !te_py_memory_format_check (object, &format))
    return PyErr_Format (PyExc_TypeError,
                         "is_contiguous(): argument 'memory_format' must be torch.memory_format, not %s",
                         Py_TYPE (object)->tp_name);
  if (format == TE_MEMORY_PRESERVE)
    return PyErr_Format (PyExc_RuntimeError,
                         "preserve memory format is unsupported by the contiguous operator");
  if (format == TE_MEMORY_CONTIGUOUS)
    return PyBool_FromLong (te_tensor_is_contiguous (SELF));
  return PyBool_FromLong (SELF->ndim == (format == TE_MEMORY_CHANNELS_LAST ? 4 : 5)
                          && te_shape_is_dense_channels_last (SELF->ndim, SELF->sizes, SELF->strides));
}

static PyObject *
is_floating_point (PyObject *self, PyObject *ignored)
{
  return PyBool_FromLong (te_dtype_is_floating (te_tensor_dtype (SELF)));
}

static PyObject *
is_complex (PyObject *self, PyObject *ignored)
{
  return PyBool_FromLong (te_dtype_is_complex (te_tensor_dtype (SELF)));
}

static PyObject *
is_conj (PyObject *self, PyObject *ignored)
{
  return PyBool_FromLong (SELF->flags & TE_TENSOR_CONJ);
}

static PyObject *
is_neg (PyObject *self, PyObject *ignored)
{
  return PyBool_FromLong (SELF->flags & TE_TENSOR_NEG);
}

static PyObject *
is_signed (PyObject *self, PyObject *ignored)
{
  return PyBool_FromLong (SELF->dtype != TE_UINT8 && SELF->dtype != TE_BOOL);
}

static PyObject *
returns_false (PyObject *self, PyObject *ignored)
{
  Py_RETURN_FALSE;
}

/* PyTorch's words without those about where each backend was registered. */
static PyObject *
pin_memory (PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *kwnames)
{
  PyErr_SetString (
      PyExc_NotImplementedError,
      "Could not run 'aten::_pin_memory' with arguments from the 'CUDA' backend. This could be because the "
      "operator doesn't exist for this backend, or was omitted during the selective/custom build process (if "
      "using custom build). If you are a Facebook employee using PyTorch on mobile, please visit "
      "https://fburl.com/ptmfixes for possible resolutions.");
  return NULL;
}

static PyObject *
is_same_size (PyObject *self, PyObject *other)
{
  if (!te_py_is_tensor (other))
    return wrong_type ("is_same_size", "other", "Tensor", other);
  return PyBool_FromLong (te_tensor_same_sizes (SELF, te_py_tensor (other)));
}

static PyObject *
is_set_to (PyObject *self, PyObject *other)
{
  if (!te_py_is_tensor (other))
    return wrong_type ("is_set_to", "tensor", "Tensor", other);
  TeTensor *a = SELF, *b = te_py_tensor (other);
  bool same = a->storage == b->storage && a->offset == b->offset && te_tensor_same_sizes (a, b);
  for (int i = 0; same && i < a->ndim; i++)
    same = a->strides[i] == b->strides[i];
  return PyBool_FromLong (same);
}

/* ---- dtype conversions ---- */
static PyObject *
to_dtype (PyObject *self, TeDtype dtype, bool copy, int64_t format)
{
  TeError err;
  te_error_clear (&err);
  TE_OP (op, "to.dtype");
  /* A trace keeps it: other inputs may need it. */
  if (SELF->dtype == dtype && !copy && format == TE_MEMORY_PRESERVE && !te_py_tracing)
    return Py_NewRef (self);
  TeValue values[TE_OP_MAX_ARGS];
  for (int i = 0; i < op->n_args; i++)
    {
      const char *name = op->args[i].name;
      values[i] = op->args[i].default_value;
      if (i == 0)
        values[i] = (TeValue){ .kind = TE_VALUE_TENSOR, .tensor = SELF };
      else if (strcmp (name, "dtype") == 0)
        values[i] = (TeValue){ .kind = TE_VALUE_DTYPE, .dtype = dtype };
      else if (strcmp (name, "copy") == 0)
        values[i] = (TeValue){ .kind = TE_VALUE_BOOL, .b = copy };
      else if (strcmp (name, "memory_format") == 0 && format != TE_MEMORY_PRESERVE)
        values[i] = (TeValue){ .kind = TE_VALUE_LAYOUT, .i = format };
    }
  return te_py_call_values (op, values, false);
}

#define CONVERSION(name, dtype)                                                                              \
  static PyObject *to_##name (PyObject *self, PyObject *args, PyObject *kwargs)                              \
  {                                                                                                          \
    static char *names[] = { "memory_format", NULL };                                                        \
    PyObject *object = NULL;                                                                                 \
    int64_t format = TE_MEMORY_PRESERVE;                                                                     \
    if (!no_positional (#name, args)                                                                         \
        || !PyArg_ParseTupleAndKeywords (args, kwargs, "|$O:" #name, names, &object))                        \
      return NULL;                                                                                           \
    if (object && !te_py_memory_format_check (object, &format))                                              \
      return wrong_type (#name, "memory_format", "torch.memory_format", object);                             \
    return to_dtype (self, dtype, false, format);                                                            \
  }
CONVERSION (float, TE_FLOAT32)
CONVERSION (double, TE_FLOAT64)
CONVERSION (half, TE_FLOAT16)
CONVERSION (bfloat16, TE_BFLOAT16)
CONVERSION (cfloat, TE_COMPLEX64)
CONVERSION (cdouble, TE_COMPLEX128)
CONVERSION (byte, TE_UINT8)
CONVERSION (char, TE_INT8)
CONVERSION (short, TE_INT16)
CONVERSION (int, TE_INT32)
CONVERSION (long, TE_INT64)
CONVERSION (bool, TE_BOOL)

/* What to () was asked for. */
typedef struct
{
  TeDtype dtype;
  int64_t device; /* -1: none */
  bool copy;
  int64_t format;
} ToArgs;

static bool
to_argument (PyObject *self, PyObject *object, ToArgs *out)
{
  if (object == Py_None)
    return true;
  if (te_py_is_tensor (object))
    {
      out->dtype = te_tensor_dtype (te_py_tensor (object));
      out->device = te_tensor_is_meta (te_py_tensor (object));
      return true;
    }
  if (Py_TYPE (object) == te_py_dtype_type || PyType_Check (object))
    return te_py_dtype_get (object, &out->dtype);
  if (PyBool_Check (object)) /* non_blocking */
    return true;
  TePyMatch match = te_py_device_get (object, &out->device);
  return match == TE_PY_MATCH;
}

#define TO_OPTIONS                                                                                           \
  " * (torch.device device, torch.dtype dtype, bool non_blocking, bool copy, *, torch.memory_format "        \
  "memory_format)\n"                                                                                         \
  " * (torch.dtype dtype, bool non_blocking, bool copy, *, torch.memory_format memory_format)\n"             \
  " * (Tensor tensor, bool non_blocking, bool copy, *, torch.memory_format memory_format)\n"

/* False without an exception: no such keyword. */
static bool
to_keyword (PyObject *self, PyObject *key, PyObject *value, ToArgs *out)
{
  if (_PyUnicode_EqualToASCIIString (key, "copy"))
    {
      int truth = PyObject_IsTrue (value);
      if (truth < 0)
        return false;
      out->copy = truth;
    }
  else if (_PyUnicode_EqualToASCIIString (key, "memory_format"))
    {
      if (value != Py_None && !te_py_memory_format_check (value, &out->format))
        {
          PyErr_Format (PyExc_TypeError, "to(): argument 'memory_format' must be torch.memory_format, not %s",
                        Py_TYPE (value)->tp_name);
          return false;
        }
    }
  else if (_PyUnicode_EqualToASCIIString (key, "dtype") || _PyUnicode_EqualToASCIIString (key, "device")
           || _PyUnicode_EqualToASCIIString (key, "tensor"))
    return to_argument (self, value, out);
  else
    return _PyUnicode_EqualToASCIIString (key, "non_blocking");
  return true;
}

static PyObject *
to (PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *kwnames)
{
  ToArgs parsed = { TE_DTYPE_NONE, -1, false, TE_MEMORY_PRESERVE };
  Py_ssize_t bools = 0;
  for (Py_ssize_t i = 0; i < n; i++)
    {
      /* Behind a device comes a dtype, behind a dtype or a tensor only non_blocking and copy. */
      bool other = te_py_is_tensor (args[0]) || Py_TYPE (args[0]) == te_py_dtype_type;
      if (i > 0 && (other || i > 1 ? !PyBool_Check (args[i]) : Py_TYPE (args[i]) != te_py_dtype_type && args[i] != Py_None))
        return te_py_raise_combination ("to", args, n, kwnames, TO_OPTIONS);
      if (PyBool_Check (args[i]) && bools++ == 1)
        parsed.copy = args[i] == Py_True;
      else if (!to_argument (self, args[i], &parsed))
        return PyErr_Occurred () ? NULL : te_py_raise_combination ("to", args, n, kwnames, TO_OPTIONS);
    }
  for (Py_ssize_t i = 0; kwnames && i < PyTuple_GET_SIZE (kwnames); i++)
    if (!to_keyword (self, PyTuple_GET_ITEM (kwnames, i), args[n + i], &parsed))
      return PyErr_Occurred () ? NULL : te_py_raise_combination ("to", args, n, kwnames, TO_OPTIONS);
  TeDtype dtype = parsed.dtype == TE_DTYPE_NONE ? te_tensor_dtype (SELF) : parsed.dtype;
  if (parsed.device == 1 && !te_tensor_is_meta (SELF))
    {
      TeError err;
      te_error_clear (&err);
      return te_py_wrap_error (te_tensor_new_meta (SELF->ndim, SELF->sizes, SELF->strides, dtype, &err),
                               &err);
    }
  if (parsed.device == 0 && te_tensor_is_meta (SELF))
    return PyErr_Format (PyExc_NotImplementedError, "Cannot copy out of meta tensor; no data!");
  return to_dtype (self, dtype, parsed.copy, parsed.format);
}

static bool
dtype_of_type_name (const char *name, TeDtype *dtype)
{
  static const struct
  {
    const char *name;
    TeDtype dtype;
  } table[] = { { "Float", TE_FLOAT32 },     { "Double", TE_FLOAT64 }, { "Half", TE_FLOAT16 },
                { "BFloat16", TE_BFLOAT16 }, { "Byte", TE_UINT8 },     { "Char", TE_INT8 },
                { "Short", TE_INT16 },       { "Int", TE_INT32 },      { "Long", TE_INT64 },
                { "Bool", TE_BOOL },         { "ComplexFloat", TE_COMPLEX64 },
                { "ComplexDouble", TE_COMPLEX128 } };
  if (strncmp (name, "torch.", 6) == 0)
    name += 6;
  if (strcmp (name, "Tensor") == 0)
    {
      *dtype = te_dtype_default ();
      return true;
    }
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
    {
      size_t length = strlen (table[i].name);
      if (strncmp (name, table[i].name, length) == 0 && strcmp (name + length, "Tensor") == 0)
        {
          *dtype = table[i].dtype;
          return true;
        }
    }
  return false;
}

static PyObject *
type (PyObject *self, PyObject *args, PyObject *kwargs)
{
  static char *names[] = { "dtype", "non_blocking", NULL };
  PyObject *object = NULL, *non_blocking = NULL;
  TeDtype dtype;
  if (!PyArg_ParseTupleAndKeywords (args, kwargs, "|OO:type", names, &object, &non_blocking))
    return NULL;
  if (!object || object == Py_None)
    return PyUnicode_FromString (te_tensor_type_name (SELF));
  if (Py_TYPE (object) == te_py_dtype_type)
    return te_py_dtype_get (object, &dtype) ? to_dtype (self, dtype, false, TE_MEMORY_PRESERVE) : NULL;
  if (PyUnicode_Check (object))
    {
      const char *name = PyUnicode_AsUTF8 (object);
      if (!name)
        return NULL;
      if (!dtype_of_type_name (name, &dtype))
        return PyErr_Format (PyExc_ValueError, "invalid type: '%s'", name);
      return to_dtype (self, dtype, false, TE_MEMORY_PRESERVE);
    }
  PyObject *name = PyType_Check (object) ? PyObject_GetAttrString (object, "__name__") : NULL;
  bool known = name && PyUnicode_Check (name) && dtype_of_type_name (PyUnicode_AsUTF8 (name), &dtype);
  Py_XDECREF (name);
  if (!known)
    return PyErr_Occurred () ? NULL
                             : PyErr_Format (PyExc_TypeError, "dtype must be a type, str, or dtype object");
  return to_dtype (self, dtype, false, TE_MEMORY_PRESERVE);
}

static PyObject *
no_cuda (PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *kwnames)
{
  return PyErr_Format (PyExc_AssertionError, "Torch not compiled with CUDA enabled");
}

static PyObject *
cpu (PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *kwnames)
{
  if (te_tensor_is_meta (SELF))
    return PyErr_Format (PyExc_NotImplementedError, "Cannot copy out of meta tensor; no data!");
  return Py_NewRef (self);
}

/* ---- autograd ---- */
static PyObject *
requires_grad_ (PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *kwnames)
{
  TeError err;
  te_error_clear (&err);
  Py_ssize_t given = n + (kwnames ? PyTuple_GET_SIZE (kwnames) : 0);
  if (given > 1)
    return PyErr_Format (PyExc_TypeError,
                         "requires_grad_() takes from 0 to 1 positional arguments but %zd were given", given);
  if (given && !PyBool_Check (args[0]))
    return wrong_type ("requires_grad_", "requires_grad", "bool", args[0]);
  bool wanted = !given || args[0] == Py_True;
  if (wanted && !te_dtype_is_inexact (te_tensor_dtype (SELF)))
    return PyErr_Format (PyExc_RuntimeError, "only Tensors of floating point dtype can require gradients");
  TE_PY_TRY (te_tensor_set_requires_grad (SELF, wanted, &err));
  return Py_NewRef (self);
}

static PyObject *
retain_grad (PyObject *self, PyObject *ignored)
{
  TeError err;
  te_error_clear (&err);
  if (!te_tensor_requires_grad (SELF))
    return PyErr_Format (PyExc_RuntimeError, "can't retain_grad on Tensor that has requires_grad=False");
  TE_PY_TRY (te_tensor_retain_grad (SELF, &err));
  Py_RETURN_NONE;
}

static PyObject *
detach_ (PyObject *self, PyObject *ignored)
{
  TeError err;
  te_error_clear (&err);
  if (te_inference_mode_enabled ()) /* autograd is not asked */
    return Py_NewRef (self);
  TE_PY_TRY (te_tensor_detach_inplace (SELF, &err));
  return Py_NewRef (self);
}

static PyObject *
is_view (PyObject *self, PyObject *ignored)
{
  return PyBool_FromLong (te_tensor_base (SELF) != NULL);
}

static PyObject *
is_inference (PyObject *self, PyObject *ignored)
{
  return PyBool_FromLong (SELF->flags & TE_TENSOR_INFERENCE);
}

/* Tensor._make_subclass (cls, data, require_grad=False): the memory of data seen as a cls. */
static PyObject *
make_subclass (PyObject *ignored, PyObject *args, PyObject *kwargs)
{
  static char *names[] = { "cls", "data", "require_grad", NULL };
  PyObject *class, *data;
  int requires_grad = 0;
  TeError err;
  te_error_clear (&err);
  if (!PyArg_ParseTupleAndKeywords (args, kwargs, "OO|p:_make_subclass", names, &class, &data,
                                    &requires_grad))
    return NULL;
  if (!PyType_Check (class) || !PyType_IsSubtype ((PyTypeObject *) class, te_py_tensor_base_type))
    return PyErr_Format (PyExc_TypeError, "cls must be a type (got %s)", Py_TYPE (class)->tp_name);
  if (!te_py_is_tensor (data))
    return PyErr_Format (PyExc_TypeError,
                         "_make_subclass(): argument 'data' (position 2) must be Tensor, not %s",
                         Py_TYPE (data)->tp_name);
  TeTensor *alias = te_tensor_alias (te_py_tensor (data), &err);
  if (alias && !te_tensor_set_requires_grad (alias, requires_grad, &err))
    {
      te_tensor_unref (alias);
      alias = NULL;
    }
  return alias ? te_py_wrap_as ((PyTypeObject *) class, alias) : te_py_raise (&err);
}

static PyObject *
as_subclass (PyObject *self, PyObject *class)
{
  if (!PyType_Check (class))
    return PyErr_Format (PyExc_TypeError, "cls must be a type (got %s)", Py_TYPE (class)->tp_name);
  if (!PyType_IsSubtype ((PyTypeObject *) class, te_py_tensor_base_type))
    return PyErr_Format (PyExc_RuntimeError, "Creating a Tensor subclass from a class that does not inherit from Tensor "
                                             "is not possible. Make sure your class inherits from Tensor.");
  TeValue values[TE_OP_MAX_ARGS] = { { .kind = TE_VALUE_TENSOR, .tensor = SELF } };
  TeError err;
  te_error_clear (&err);
  TE_OP (op, "alias");
  TeTensor *alias = te_call (op, &err, "T", values[0].tensor);
  return alias ? te_py_wrap_as ((PyTypeObject *) class, alias) : te_py_raise (&err);
}

/* register_hook (hook): PyTorch's is written in Python, which its errors tell. */
static PyObject *
register_hook (PyObject *self, PyObject *args, PyObject *kwargs)
{
  Py_ssize_t n = PyTuple_GET_SIZE (args), n_named = kwargs ? PyDict_GET_SIZE (kwargs) : 0;
  PyObject *hook = n == 1 ? PyTuple_GET_ITEM (args, 0) : kwargs ? PyDict_GetItemString (kwargs, "hook") : NULL;
  if (n > 1)
    return PyErr_Format (PyExc_TypeError, "Tensor.register_hook() takes 2 positional arguments but %zd were given", n + 1);
  if (n_named > (n == 0 && hook))
    return PyErr_Format (PyExc_TypeError,
                         hook && n ? "Tensor.register_hook() got multiple values for argument 'hook'"
                                   : "Tensor.register_hook() got an unexpected keyword argument");
  if (!hook)
    return PyErr_Format (PyExc_TypeError, "Tensor.register_hook() missing 1 required positional argument: 'hook'");
  return te_py_tensor_register_hook (self, hook);
}

/* format (t, spec): a 0-dim tensor formats as its number. */
static PyObject *
format (PyObject *self, PyObject *spec)
{
  if (!PyUnicode_Check (spec))
    return PyErr_Format (PyExc_TypeError, "__format__() argument must be str, not %s",
                         Py_TYPE (spec)->tp_name);
  if (SELF->ndim == 0 && !te_tensor_is_meta (SELF) && Py_TYPE (self) == te_py_tensor_class)
    {
      PyObject *number = te_py_tensor_item (SELF);
      PyObject *text = number ? PyObject_Format (number, spec) : NULL;
      Py_XDECREF (number);
      return text;
    }
  if (PyUnicode_Check (spec) && PyUnicode_GET_LENGTH (spec) == 0)
    return PyObject_Str (self);
  return PyErr_Format (PyExc_TypeError, "unsupported format string passed to %s.__format__",
                       Py_TYPE (self)->tp_name);
}

static PyObject *
array_wrap (PyObject *self, PyObject *args)
{
  PyObject *array, *context = NULL;
  if (!PyArg_ParseTuple (args, "O|O:__array_wrap__", &array, &context))
    return NULL;
  TeTensor *tensor = te_py_from_array_interface (array, true);
  if (!tensor || te_tensor_dtype (tensor) != TE_BOOL)
    return te_py_wrap (tensor);
  PyObject *truths = te_py_wrap (tensor), *bytes = te_py_dtype_object (TE_UINT8);
  PyObject *result = truths && bytes ? PyObject_CallMethod (truths, "view", "O", bytes) : NULL;
  Py_XDECREF (truths);
  Py_XDECREF (bytes);
  return result; /* as PyTorch: numpy's truths become bytes */
}

static PyObject *
bool_method (PyObject *self, PyObject *ignored)
{
  int truth = te_py_nb_bool (self);
  return truth < 0 ? NULL : PyBool_FromLong (truth);
}

#define FAST(function)     (PyCFunction) (void (*) (void)) function, METH_FASTCALL | METH_KEYWORDS
#define KEYWORDS(function) (PyCFunction) (void (*) (void)) function, METH_VARARGS | METH_KEYWORDS
PyMethodDef te_py_tensor_methods[] = {
  { "size", FAST (size), "The sizes, or one of them." },
  { "stride", FAST (stride), "The strides in elements, or one of them." },
  { "storage_offset", storage_offset, METH_NOARGS,
    "Elements from the storage's start to the first element." },
  { "data_ptr", data_ptr, METH_NOARGS, "Address of the first element." },
  { "numel", numel, METH_NOARGS, "Number of elements." },
  { "nelement", numel, METH_NOARGS, "Number of elements." },
  { "dim", dim, METH_NOARGS, "Number of dimensions." },
  { "ndimension", dim, METH_NOARGS, "Number of dimensions." },
  { "element_size", element_size, METH_NOARGS, "Bytes of one element." },
  { "is_contiguous", KEYWORDS (is_contiguous), "Whether elements lie in memory in order." },
  { "is_floating_point", is_floating_point, METH_NOARGS, NULL },
  { "is_signed", is_signed, METH_NOARGS, NULL },
  { "is_complex", is_complex, METH_NOARGS, NULL },
  { "is_conj", is_conj, METH_NOARGS, NULL },
  { "is_neg", is_neg, METH_NOARGS, NULL },
  { "is_shared", is_shared, METH_NOARGS, NULL },
  { "is_pinned", returns_false, METH_NOARGS, NULL },
  { "has_names", returns_false, METH_NOARGS, NULL },
  { "is_coalesced", returns_false, METH_NOARGS, NULL },
  { "_is_view", is_view, METH_NOARGS, NULL },
  { "is_inference", is_inference, METH_NOARGS, NULL },
  { "is_same_size", is_same_size, METH_O, NULL },
  { "is_set_to", is_set_to, METH_O, NULL },
  { "is_nonzero", bool_method, METH_NOARGS, NULL },
  { "pin_memory", FAST (pin_memory), NULL },
  { "share_memory_", share_memory, METH_NOARGS, NULL },
  { "to", FAST (to), "This tensor with another dtype or on another device." },
  { "type", KEYWORDS (type), "The type's name, or this tensor cast to a type." },
  { "float", KEYWORDS (to_float), NULL },
  { "double", KEYWORDS (to_double), NULL },
  { "half", KEYWORDS (to_half), NULL },
  { "bfloat16", KEYWORDS (to_bfloat16), NULL },
  { "byte", KEYWORDS (to_byte), NULL },
  { "char", KEYWORDS (to_char), NULL },
  { "short", KEYWORDS (to_short), NULL },
  { "int", KEYWORDS (to_int), NULL },
  { "long", KEYWORDS (to_long), NULL },
  { "bool", KEYWORDS (to_bool), NULL },
  { "cfloat", KEYWORDS (to_cfloat), NULL },
  { "cdouble", KEYWORDS (to_cdouble), NULL },
  { "cpu", FAST (cpu), NULL },
  { "cuda", FAST (no_cuda), NULL },
  { "requires_grad_", FAST (requires_grad_), "Switches recording on (off) for this leaf." },
  { "retain_grad", retain_grad, METH_NOARGS, "Keeps .grad of this result, which is not a leaf." },
  { "detach_", detach_, METH_NOARGS, "Takes this tensor out of its graph." },
  { "register_hook", (PyCFunction) (void (*) (void)) register_hook, METH_VARARGS | METH_KEYWORDS, "Calls hook with each gradient of this tensor." },
  { "backward", FAST (te_py_tensor_backward), "Computes gradients of the leaves this tensor came from." },
  { "as_subclass", as_subclass, METH_O, NULL },
  { "_make_subclass", (PyCFunction) (void (*) (void)) make_subclass,
    METH_VARARGS | METH_KEYWORDS | METH_STATIC, NULL },
  { "__format__", format, METH_O, NULL },
  { "__array_wrap__", array_wrap, METH_VARARGS, NULL },
  { 0 },
};
