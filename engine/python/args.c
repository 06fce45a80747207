/* Python objects to the engine's values, one argument at a time, with PyTorch's rules on what is taken for
 * what. */
#include "python/jit-trace.h"

#include <stdlib.h>
#include <string.h>

/* numpy's scalars are known by their type's module, so that numpy need not be there. */
static bool
is_numpy_scalar (PyObject *object)
{
  const char *name = Py_TYPE (object)->tp_name;
  return strncmp (name, "numpy.", 6) == 0 && strcmp (name, "numpy.ndarray") != 0
         && Py_TYPE (object)->tp_as_number && Py_TYPE (object)->tp_as_number->nb_float;
}

static bool
is_numpy_int (PyObject *object)
{
  return is_numpy_scalar (object) && PyIndex_Check (object)
         && strncmp (Py_TYPE (object)->tp_name, "numpy.bool", 10) != 0;
}

static bool
is_plain_scalar_tensor (PyObject *object)
{
  return te_py_is_tensor (object) && te_py_tensor (object)->ndim == 0
         && !te_tensor_requires_grad (te_py_tensor (object)) && !te_tensor_is_meta (te_py_tensor (object));
}

static TeScalar
tensor_scalar (PyObject *object)
{
  return te_tensor_first (te_py_tensor (object));
}

static bool
is_complex_number (PyObject *object)
{
  return PyComplex_Check (object);
}

bool
te_py_is_number (PyObject *object)
{
  return PyFloat_Check (object) || PyLong_Check (object) || PyComplex_Check (object) || is_numpy_scalar (object);
}

/* te_py_to_scalar: a number of Python's or numpy's, or a 0-dim tensor. */
bool
te_py_to_scalar (PyObject *object, TeScalar *out)
{
  if (PyFloat_Check (object))
    {
      *out = te_scalar_float (PyFloat_AS_DOUBLE (object));
      return true;
    }
  if (PyBool_Check (object))
    {
      *out = te_scalar_bool (object == Py_True);
      return true;
    }
  if (PyLong_Check (object))
    {
      int64_t value;
      if (!te_py_to_int (object, &value))
        return false;
      *out = te_scalar_int (value);
      return true;
    }
  if (te_py_is_tensor (object))
    {
      TeTensor *tensor = te_py_tensor (object);
      if (tensor->numel == 1 && !te_tensor_is_meta (tensor))
        {
          *out = te_tensor_first (tensor);
          return true;
        }
      PyErr_SetString (PyExc_ValueError, "only one element tensors can be converted to Python scalars");
      return false;
    }
  if (is_complex_number (object))
    {
      Py_complex number = PyComplex_AsCComplex (object);
      *out = te_scalar_complex (number.real, number.imag);
      return number.real != -1 || !PyErr_Occurred ();
    }
  if (is_numpy_scalar (object) && !PyIndex_Check (object)
      && strncmp (Py_TYPE (object)->tp_name, "numpy.bool", 10) == 0)
    {
      int truth = PyObject_IsTrue (object);
      *out = te_scalar_bool (truth == 1);
      return truth >= 0;
    }
  if (is_numpy_int (object))
    {
      int64_t value;
      *out = te_scalar_int (0);
      return te_py_to_int (object, &value) && (*out = te_scalar_int (value), true);
    }
  double value = PyFloat_AsDouble (object);
  if (value == -1 && PyErr_Occurred ())
    return false;
  *out = te_scalar_float (value);
  return true;
}

bool
te_py_is_int (PyObject *object)
{
  return (PyLong_Check (object) && !PyBool_Check (object)) || is_numpy_int (object);
}

bool
te_py_to_int (PyObject *object, int64_t *out)
{
  PyObject *number = PyLong_Check (object) ? Py_NewRef (object) : PyNumber_Index (object);
  if (!number)
    return false;
  if (__builtin_expect (te_py_tracing, 0) && te_py_is_tensor (object))
    te_py_trace_stash (NULL, 0, te_py_tensor (object));
  int overflow;
  long long value = PyLong_AsLongLongAndOverflow (number, &overflow);
  Py_DECREF (number);
  if (overflow)
    {
      PyErr_SetString (PyExc_RuntimeError, "Overflow when unpacking long");
      return false;
    }
  if (value == -1 && PyErr_Occurred ())
    return false;
  *out = value;
  return true;
}

PyObject *
te_py_from_scalar (TeScalar value)
{
  switch (value.category)
    {
    case TE_CATEGORY_BOOL:
      return PyBool_FromLong (value.i != 0);
    case TE_CATEGORY_INT:
      return PyLong_FromLongLong (value.i);
    case TE_CATEGORY_FLOAT:
      break;
    case TE_CATEGORY_COMPLEX:
      return PyComplex_FromDoubles (value.f, value.imag);
    }
  return PyFloat_FromDouble (value.f);
}

TeTensor *
te_py_number_tensor (PyObject *number)
{
  TeScalar value;
  if (!te_py_to_scalar (number, &value))
    return NULL;
  TeError err;
  te_error_clear (&err);
  TeTensor *tensor = te_tensor_new_number (value, &err);
  if (!tensor)
    te_py_raise (&err);
  return tensor;
}

void
te_py_scratch_clear (TePyScratch *self)
{
  for (int i = 0; i < self->n_temps; i++)
    te_tensor_unref (self->temps[i]);
  for (int i = 0; i < self->n_heaps; i++)
    free (self->heaps[i]);
  for (int i = 0; i < self->n_kept; i++)
    Py_DECREF (self->kept[i]);
  te_py_scratch_init (self);
}

void *
te_py_scratch_alloc (TePyScratch *self, size_t nbytes)
{
  void *block = self->n_heaps < TE_OP_MAX_ARGS ? malloc (nbytes ? nbytes : 1) : NULL;
  if (!block)
    return PyErr_NoMemory ();
  return self->heaps[self->n_heaps++] = block;
}

/* A sequence whose items stay as they are while other arguments are converted: a tuple itself, a list's copy.
 */
static PyObject *
settled (TePyScratch *self, PyObject *object)
{
  if (PyTuple_Check (object))
    return object;
  PyObject *tuple = self->n_kept < TE_OP_MAX_ARGS ? PyList_AsTuple (object) : NULL;
  if (tuple)
    self->kept[self->n_kept++] = tuple;
  return tuple;
}

static int64_t *
scratch_ints (TePyScratch *self, Py_ssize_t n)
{
  if (self->n_ints + n <= TE_PY_INLINE_INTS)
    {
      self->n_ints += (int) n;
      return &self->ints[self->n_ints - n];
    }
  return te_py_scratch_alloc (self, (size_t) n * sizeof (int64_t));
}

/* ---- one argument ---- */
static TePyMatch
convert_tensor (bool numbers, PyObject *object, TeValue *value, TePyScratch *scratch)
{
  if (te_py_is_tensor (object))
    {
      value->kind = TE_VALUE_TENSOR;
      value->tensor = te_py_tensor (object);
      return TE_PY_MATCH;
    }
  if (!numbers || !te_py_is_number (object) || scratch->n_temps == TE_PY_MAX_TEMPS)
    return TE_PY_NO_MATCH;
  value->kind = TE_VALUE_TENSOR;
  value->tensor = te_py_number_tensor (object);
  if (!value->tensor)
    return TE_PY_RAISED;
  scratch->temps[scratch->n_temps++] = value->tensor;
  return TE_PY_MATCH;
}

static TePyMatch
convert_tensor_list (const TeArg *arg, PyObject *object, TeValue *value, TePyScratch *scratch)
{
  if (!PyTuple_Check (object) && !PyList_Check (object))
    return TE_PY_NO_MATCH;
  if (!(object = settled (scratch, object)))
    return TE_PY_RAISED;
  Py_ssize_t n = PySequence_Fast_GET_SIZE (object);
  bool optional = arg->type == TE_ARG_OPTIONAL_TENSOR_LIST;
  TeTensor **tensors = te_py_scratch_alloc (scratch, (size_t) n * sizeof *tensors);
  if (!tensors)
    return TE_PY_RAISED;
  for (Py_ssize_t i = 0; i < n; i++)
    {
      PyObject *item = PySequence_Fast_GET_ITEM (object, i);
      if (te_py_is_tensor (item))
        tensors[i] = te_py_tensor (item);
      else if (optional && item == Py_None)
        tensors[i] = NULL;
      else
        return TE_PY_NO_MATCH;
    }
  value->kind = TE_VALUE_TENSOR_LIST;
  value->count = (int32_t) n;
  value->tensors = tensors;
  return TE_PY_MATCH;
}

static bool
int_item (const TeArg *arg, int index, PyObject *item, int64_t *out)
{
  if (PyBool_Check (item))
    {
      *out = item == Py_True;
      return true;
    }
  if (te_py_is_tensor (item))
    {
      TeTensor *tensor = te_py_tensor (item);
      if (tensor->numel != 1 || !te_dtype_is_integral (te_tensor_dtype (tensor), false)
          || te_tensor_is_meta (tensor))
        return false;
      *out = te_scalar_load (te_tensor_dtype (tensor), te_tensor_data (tensor)).i;
      if (__builtin_expect (te_py_tracing, 0))
        te_py_trace_stash (arg, index, tensor);
      return true;
    }
  if (!PyIndex_Check (item))
    return false;
  if (te_py_to_int (item, out))
    return true;
  if (PyErr_ExceptionMatches (PyExc_TypeError))
    PyErr_Clear (); /* an array of numpy's: only those of one element are an index */
  return false;
}

static TePyMatch
convert_int_list (const TeArg *arg, PyObject *object, TeValue *value, TePyScratch *scratch)
{
  value->kind = TE_VALUE_INT_LIST;
  if (!PyTuple_Check (object) && !PyList_Check (object))
    {
      if (arg->list_size == 0 || (!te_py_is_int (object) && !is_plain_scalar_tensor (object)))
        return TE_PY_NO_MATCH;
      int64_t one, *ints = scratch_ints (scratch, arg->list_size);
      if (!ints)
        return TE_PY_RAISED;
      if (!int_item (arg, 0, object, &one))
        return PyErr_Occurred () ? TE_PY_RAISED : TE_PY_NO_MATCH;
      for (int i = 0; i < arg->list_size; i++)
        ints[i] = one;
      value->count = arg->list_size;
      value->ints = ints;
      return TE_PY_MATCH;
    }
  if (!(object = settled (scratch, object)))
    return TE_PY_RAISED;
  Py_ssize_t n = PySequence_Fast_GET_SIZE (object);
  int64_t *ints = scratch_ints (scratch, n);
  if (!ints)
    return TE_PY_RAISED;
  for (Py_ssize_t i = 0; i < n; i++)
    {
      PyObject *item = PySequence_Fast_GET_ITEM (object, i);
      if (int_item (arg, (int) i, item, &ints[i]))
        continue;
      if (PyErr_Occurred ())
        return TE_PY_RAISED;
      if (i == 0)
        return TE_PY_NO_MATCH;
      PyErr_Format (PyExc_TypeError,
                    "%s(): argument '%s' must be %s, but found element of type %s at pos %zd",
                    scratch->op_name, arg->name, te_py_arg_type_name (arg, scratch->op_name),
                    Py_TYPE (item)->tp_name, i + 1);
      return TE_PY_RAISED;
    }
  value->count = (int32_t) n;
  value->ints = ints;
  return TE_PY_MATCH;
}

static TePyMatch
convert_float_list (PyObject *object, TeValue *value, TePyScratch *scratch)
{
  if (!PyTuple_Check (object) && !PyList_Check (object))
    return TE_PY_NO_MATCH;
  if (!(object = settled (scratch, object)))
    return TE_PY_RAISED;
  Py_ssize_t n = PySequence_Fast_GET_SIZE (object);
  double *floats = te_py_scratch_alloc (scratch, (size_t) n * sizeof *floats);
  if (!floats)
    return TE_PY_RAISED;
  for (Py_ssize_t i = 0; i < n; i++)
    {
      PyObject *item = PySequence_Fast_GET_ITEM (object, i);
      TeScalar scalar;
      if ((!te_py_is_number (item) && !is_plain_scalar_tensor (item)) || is_complex_number (item))
        return TE_PY_NO_MATCH;
      if (!te_py_to_scalar (item, &scalar))
        return TE_PY_RAISED;
      floats[i] = te_scalar_to_double (scalar);
    }
  value->kind = TE_VALUE_FLOAT_LIST;
  value->count = (int32_t) n;
  value->floats = floats;
  return TE_PY_MATCH;
}

static TePyMatch
convert_number (const TeArg *arg, PyObject *object, TeValue *value)
{
  TeArgType type = arg->type;
  bool tensor = is_plain_scalar_tensor (object);
  TeScalar scalar;
  if (type == TE_ARG_INT)
    {
      if (tensor ? !te_dtype_is_integral (te_tensor_dtype (te_py_tensor (object)), false)
                 : !te_py_is_int (object))
        return TE_PY_NO_MATCH;
    }
  else if (!tensor && !te_py_is_number (object))
    return TE_PY_NO_MATCH;
  if (tensor)
    scalar = tensor_scalar (object);
  else if (!te_py_to_scalar (object, &scalar))
    return TE_PY_RAISED;
  if (scalar.category == TE_CATEGORY_COMPLEX && type != TE_ARG_SCALAR)
    return TE_PY_NO_MATCH;
  if (type == TE_ARG_SCALAR)
    {
      value->kind = TE_VALUE_SCALAR;
      value->scalar = scalar;
    }
  else if (type == TE_ARG_INT)
    {
      value->kind = TE_VALUE_INT;
      value->i = te_scalar_to_int (scalar);
      if (__builtin_expect (te_py_tracing, 0) && tensor)
        te_py_trace_stash (arg, -1, te_py_tensor (object));
    }
  else
    {
      value->kind = TE_VALUE_FLOAT;
      value->f = te_scalar_to_double (scalar);
    }
  return TE_PY_MATCH;
}

TePyMatch
te_py_convert (const TeArg *arg, bool numbers, PyObject *object, TeValue *value, TePyScratch *scratch)
{
  switch (arg->type)
    {
    case TE_ARG_TENSOR:
      return convert_tensor (numbers, object, value, scratch);
    case TE_ARG_TENSOR_LIST:
    case TE_ARG_OPTIONAL_TENSOR_LIST:
      return convert_tensor_list (arg, object, value, scratch);
    case TE_ARG_SCALAR:
    case TE_ARG_INT:
    case TE_ARG_FLOAT:
      return convert_number (arg, object, value);
    case TE_ARG_BOOL:
      if (!PyBool_Check (object) && strncmp (Py_TYPE (object)->tp_name, "numpy.bool", 10) != 0)
        return TE_PY_NO_MATCH;
      value->kind = TE_VALUE_BOOL;
      value->b = PyObject_IsTrue (object) == 1;
      return TE_PY_MATCH;
    case TE_ARG_INT_LIST:
      return convert_int_list (arg, object, value, scratch);
    case TE_ARG_FLOAT_LIST:
      return convert_float_list (object, value, scratch);
    case TE_ARG_DTYPE:
      if (Py_TYPE (object) != te_py_dtype_type && !PyType_Check (object))
        return TE_PY_NO_MATCH;
      if (PyType_Check (object) && object != (PyObject *) &PyFloat_Type && object != (PyObject *) &PyLong_Type
          && object != (PyObject *) &PyBool_Type)
        return TE_PY_NO_MATCH;
      value->kind = TE_VALUE_DTYPE;
      return te_py_dtype_get (object, &value->dtype) ? TE_PY_MATCH : TE_PY_RAISED;
    case TE_ARG_STRING:
      value->kind = TE_VALUE_STRING;
      value->string = PyUnicode_Check (object) ? PyUnicode_AsUTF8 (object) : NULL;
      return value->string ? TE_PY_MATCH : PyErr_Occurred () ? TE_PY_RAISED : TE_PY_NO_MATCH;
    case TE_ARG_GENERATOR:
      if (!PyObject_TypeCheck (object, te_py_generator_type))
        return TE_PY_NO_MATCH;
      value->kind = TE_VALUE_GENERATOR;
      value->generator = te_py_generator_get (object);
      return TE_PY_MATCH;
    case TE_ARG_DEVICE:
      value->kind = TE_VALUE_DEVICE;
      return te_py_device_get (object, &value->i);
    case TE_ARG_LAYOUT:
      value->kind = TE_VALUE_LAYOUT;
      return te_py_memory_format_check (object, &value->i) ? TE_PY_MATCH : TE_PY_NO_MATCH;
    }
  return TE_PY_NO_MATCH;
}

/* ---- words of the errors ---- */
const char *
te_py_arg_type_name (const TeArg *arg, const char *op_name)
{
  /* ATen's ops that take symbolic sizes name them so in errors. */
  static const char *const symbolic[] = { "view",     "reshape", "expand",       "zeros",
                                          "ones",     "empty",   "new_empty",    "new_zeros",
                                          "new_ones", "full",    "as_strided",   "narrow_copy",
                                          "new_full", "repeat",  "empty_strided" };
  switch (arg->type)
    {
    case TE_ARG_TENSOR:
      return "Tensor";
    case TE_ARG_TENSOR_LIST:
    case TE_ARG_OPTIONAL_TENSOR_LIST:
      return "tuple of Tensors";
    case TE_ARG_SCALAR:
      return "Number";
    case TE_ARG_INT:
      return "int";
    case TE_ARG_FLOAT:
      return "float";
    case TE_ARG_BOOL:
      return "bool";
    case TE_ARG_INT_LIST:
      if (strcmp (arg->name, "size") == 0 || strcmp (arg->name, "shape") == 0
          || strcmp (arg->name, "repeats") == 0)
        for (size_t i = 0; i < sizeof symbolic / sizeof symbolic[0]; i++)
          if (strcmp (symbolic[i], op_name) == 0)
            return "tuple of SymInts";
      return "tuple of ints";
    case TE_ARG_FLOAT_LIST:
      return "tuple of floats";
    case TE_ARG_DTYPE:
      return "torch.dtype";
    case TE_ARG_STRING:
      return "str";
    case TE_ARG_GENERATOR:
      return "torch.Generator";
    case TE_ARG_DEVICE:
      return "torch.device";
    case TE_ARG_LAYOUT:
      return "torch.memory_format";
    }
  return "object";
}

/* "int", "Tensor", "Parameter" */
static const char *
given_type (PyObject *object)
{
  const char *name = Py_TYPE (object)->tp_name;
  return te_py_is_tensor (object) && strcmp (name, "Parameter") != 0 ? "Tensor" : name;
}

static uint64_t
shift_mix (uint64_t v)
{
  return v ^ (v >> 47);
}

/* MurmurHash64A with the seed of libstdc++'s std::hash. Source: A. Appleby, MurmurHash2 (public domain). */
static uint64_t
hash_text (const char *text, size_t n)
{
  const uint64_t mul = 0xc6a4a7935bd1e995u;
  uint64_t hash = 0xc70f6907u ^ (n * mul), word;
  size_t at = 0;
  for (; at + 8 <= n; at += 8)
    {
      memcpy (&word, text + at, 8);
      hash = (hash ^ shift_mix (word * mul) * mul) * mul;
    }
  if (at < n)
    {
      word = 0;
      memcpy (&word, text + at, n - at);
      hash = (hash ^ word) * mul;
    }
  return shift_mix (shift_mix (hash) * mul);
}

/* te_py_keyword_order: the order in which error texts name keywords: that of PyTorch's hash table, where a name goes
 * to the front, or to the front of the names that share its bucket.  order has room for the first TE_OP_MAX_ARGS;
 * returns how many there are in it. */
int
te_py_keyword_order (PyObject *kwnames, int *order)
{
  enum { N_BUCKETS = 13 }; /* as long as there are at most 13 names */
  Py_ssize_t n = kwnames ? PyTuple_GET_SIZE (kwnames) : 0;
  uint64_t buckets[TE_OP_MAX_ARGS];
  if (n > TE_OP_MAX_ARGS)
    n = TE_OP_MAX_ARGS;
  for (int i = 0; i < n; i++)
    {
      Py_ssize_t length;
      const char *name = PyUnicode_AsUTF8AndSize (PyTuple_GET_ITEM (kwnames, i), &length);
      int place = 0;
      buckets[i] = name ? hash_text (name, (size_t) length) % N_BUCKETS : 0;
      PyErr_Clear ();
      while (place < i && buckets[order[place]] != buckets[i])
        place++;
      if (place == i)
        place = 0;
      memmove (order + place + 1, order + place, (size_t) (i - place) * sizeof *order);
      order[place] = i;
    }
  return (int) n;
}

PyObject *
te_py_describe_given (PyObject *const *args, Py_ssize_t n, PyObject *kwnames)
{
  int order[TE_OP_MAX_ARGS];
  Py_ssize_t n_keywords = te_py_keyword_order (kwnames, order);
  PyObject *text = PyUnicode_FromString ("(");
  for (Py_ssize_t i = 0; text && i < n + n_keywords; i++)
    {
      const char *item = given_type (args[i < n ? i : n + order[i - n]]);
      PyObject *longer =
          i < n ? PyUnicode_FromFormat ("%U%s%s", text, item, i + 1 < n || n_keywords ? ", " : "")
                : PyUnicode_FromFormat ("%U%U=%s, ", text, PyTuple_GET_ITEM (kwnames, order[i - n]), item);
      Py_SETREF (text, longer);
    }
  if (text && n_keywords && n)
    { /* PyTorch ends keywords with a comma only when nothing stands before them */
      PyObject *cut = PyUnicode_Substring (text, 0, PyUnicode_GET_LENGTH (text) - 2);
      Py_SETREF (text, cut);
    }
  if (text)
    Py_SETREF (text, PyUnicode_FromFormat ("%U)", text));
  return text;
}

PyObject *
te_py_raise_combination (
    const char *name, PyObject *const *args, Py_ssize_t n, PyObject *kwnames, const char *options)
{
  PyObject *got = te_py_describe_given (args, n, kwnames);
  if (got)
    PyErr_Format (PyExc_TypeError,
                  "%s() received an invalid combination of arguments - got %U, but expected one of:\n%s",
                  name, got, options);
  Py_XDECREF (got);
  return NULL;
}
