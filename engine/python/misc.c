/* Small functions of torch.*: questions about tensors and dtypes, threads, finfo. */
#include "python/python-private.h"

#include <float.h>
#include <string.h>
#ifdef __SSE2__
#include <xmmintrin.h>
#endif

#include "autograd/sparse-sum.h"
#include "base/checked.h"
#include "core/sparse.h"
#include "iter/pool.h"
#include "iter/tensor-iter.h"

static PyObject *
is_tensor (PyObject *module, PyObject *object)
{
  return PyBool_FromLong (te_py_is_tensor (object));
}

static PyObject *
get_num_threads (PyObject *module, PyObject *ignored)
{
  return PyLong_FromLong (te_get_num_threads ());
}

static PyObject *
set_num_threads (PyObject *module, PyObject *object)
{
  if (!te_py_is_int (object))
    return PyErr_Format (PyExc_RuntimeError, "set_num_threads expects an int, but got %s",
                         Py_TYPE (object)->tp_name);
  long n = PyLong_AsLong (object);
  if (n < 1)
    return PyErr_Occurred ()
               ? NULL
               : PyErr_Format (PyExc_RuntimeError, "set_num_threads expects a positive integer");
  te_set_num_threads (n > 256 ? 256 : (int) n);
  Py_RETURN_NONE;
}

/* set_flush_denormal (mode) -> whether the processor can: numbers below the smallest normal one become 0. */
static PyObject *
set_flush_denormal (PyObject *module, PyObject *mode)
{
  if (!PyBool_Check (mode))
    return PyErr_Format (PyExc_RuntimeError, "flush_denormal expects a bool, but got %s",
                         Py_TYPE (mode)->tp_name);
#ifdef __SSE2__
  const unsigned flush = 0x8000, from_zero = 0x0040; /* results, and operands */
  _mm_setcsr (mode == Py_True ? _mm_getcsr () | flush | from_zero : _mm_getcsr () & ~(flush | from_zero));
  Py_RETURN_TRUE;
#else
  Py_RETURN_FALSE;
#endif
}

static PyObject *
get_default_dtype (PyObject *module, PyObject *ignored)
{
  return te_py_dtype_object (te_dtype_default ());
}

static PyObject *
set_default_dtype (PyObject *module, PyObject *object)
{
  TeDtype dtype;
  if (!te_py_dtype_check (object, &dtype))
    return PyErr_Format (PyExc_TypeError,
                         "invalid dtype object: only floating-point types are supported as the default type");
  if (!te_dtype_is_floating (dtype))
    return PyErr_Format (PyExc_TypeError, "only floating-point types are supported as the default type");
  te_dtype_set_default (dtype);
  Py_RETURN_NONE;
}

static bool
two_dtypes (const char *name, PyObject *args, PyObject *kwargs, char **names, TeDtype *a, TeDtype *b)
{
  PyObject *first, *second;
  char format[64];
  snprintf (format, sizeof format, "OO:%s", name);
  if (!PyArg_ParseTupleAndKeywords (args, kwargs, format, names, &first, &second))
    return false;
  PyObject *both[] = { first, second };
  TeDtype *out[] = { a, b };
  for (int i = 0; i < 2; i++)
    {
      if (Py_TYPE (both[i]) != te_py_dtype_type)
        {
          PyErr_Format (PyExc_TypeError, "%s(): argument '%s' (position %d) must be torch.dtype, not %s",
                        name, names[i], i + 1, Py_TYPE (both[i])->tp_name);
          return false;
        }
      if (!te_py_dtype_get (both[i], out[i]))
        return false;
    }
  return true;
}

static PyObject *
promote_types (PyObject *module, PyObject *args, PyObject *kwargs)
{
  static char *names[] = { "type1", "type2", NULL };
  TeDtype a, b;
  return two_dtypes ("promote_types", args, kwargs, names, &a, &b)
             ? te_py_dtype_object (te_dtype_promote (a, b))
             : NULL;
}

static PyObject *
can_cast (PyObject *module, PyObject *args, PyObject *kwargs)
{
  static char *names[] = { "from", "to", NULL };
  TeDtype from, to;
  return two_dtypes ("can_cast", args, kwargs, names, &from, &to)
             ? PyBool_FromLong (te_dtype_can_cast (from, to))
             : NULL;
}

static PyObject *
result_type (PyObject *module, PyObject *args)
{
  PyObject *objects[2];
  TeTensor *tensors[2] = { 0 };
  PyObject *result = NULL;
  if (!PyArg_ParseTuple (args, "OO:result_type", &objects[0], &objects[1]))
    return NULL;
  for (int i = 0; i < 2; i++)
    {
      if (te_py_is_tensor (objects[i]))
        tensors[i] = te_tensor_ref (te_py_tensor (objects[i]));
      else if (te_py_is_number (objects[i]))
        tensors[i] = te_py_number_tensor (objects[i]);
      else
        PyErr_Format (PyExc_TypeError, "result_type(): argument '%s' (position %d) must be Tensor, not %s",
                      i ? "other" : "tensor", i + 1, Py_TYPE (objects[i])->tp_name);
      if (!tensors[i])
        goto out;
    }
  result = te_py_dtype_object (te_result_type (tensors, 2));
out:
  te_tensor_unref (tensors[0]);
  te_tensor_unref (tensors[1]);
  return result;
}

static bool
one_tensor (PyObject *object, const char *name)
{
  if (te_py_is_tensor (object))
    return true;
  PyErr_Format (PyExc_TypeError, "%s(): argument 'input' (position 1) must be Tensor, not %s", name,
                Py_TYPE (object)->tp_name);
  return false;
}

static PyObject *
numel (PyObject *module, PyObject *object)
{
  return one_tensor (object, "numel") ? PyLong_FromLongLong (te_py_tensor (object)->numel) : NULL;
}

static PyObject *
is_floating_point (PyObject *module, PyObject *object)
{
  if (!one_tensor (object, "is_floating_point"))
    return NULL;
  return PyBool_FromLong (te_dtype_is_floating (te_tensor_dtype (te_py_tensor (object))));
}

static PyObject *
is_complex (PyObject *module, PyObject *object)
{
  if (!one_tensor (object, "is_complex"))
    return NULL;
  return PyBool_FromLong (te_dtype_is_complex (te_tensor_dtype (te_py_tensor (object))));
}

static PyObject *
is_conj (PyObject *module, PyObject *object)
{
  return one_tensor (object, "is_conj") ? PyBool_FromLong (te_py_tensor (object)->flags & TE_TENSOR_CONJ)
                                        : NULL;
}

static PyObject *
is_neg (PyObject *module, PyObject *object)
{
  return one_tensor (object, "is_neg") ? PyBool_FromLong (te_py_tensor (object)->flags & TE_TENSOR_NEG)
                                       : NULL;
}

static PyObject *
is_nonzero (PyObject *module, PyObject *object)
{
  if (!one_tensor (object, "is_nonzero"))
    return NULL;
  int truth = te_py_nb_bool (object);
  return truth < 0 ? NULL : PyBool_FromLong (truth);
}

static PyObject *
is_same_size (PyObject *module, PyObject *args)
{
  PyObject *a, *b;
  if (!PyArg_ParseTuple (args, "OO:is_same_size", &a, &b) || !one_tensor (a, "is_same_size")
      || !one_tensor (b, "is_same_size"))
    return NULL;
  return PyBool_FromLong (te_tensor_same_sizes (te_py_tensor (a), te_py_tensor (b)));
}

/* ---- equal and allclose: one truth out of two tensors ---- */
static bool
two_tensors (PyObject *a, PyObject *b, const char *name)
{
  PyObject *both[] = { a, b };
  for (int i = 0; i < 2; i++)
    if (!te_py_is_tensor (both[i]))
      {
        PyErr_Format (PyExc_TypeError, "%s(): argument '%s' (position %d) must be Tensor, not %s", name,
                      i ? "other" : "input", i + 1, Py_TYPE (both[i])->tp_name);
        return false;
      }
  return true;
}

/* Consumes found: whether all of it is true. */
static PyObject *
all_true (TeTensor *found, TeError *err)
{
  TE_OP (all, "all");
  TeTensor *truth = found ? te_call (all, err, "T", found) : NULL;
  te_tensor_unref (found);
  PyObject *result = truth ? te_py_tensor_item (truth) : te_py_raise (err);
  te_tensor_unref (truth);
  return result;
}

static PyObject *
equal (PyObject *a, PyObject *b)
{
  TeError err;
  te_error_clear (&err);
  if (!two_tensors (a, b, "equal"))
    return NULL;
  TeTensor *x = te_py_tensor (a), *y = te_py_tensor (b);
  if (!te_tensor_same_sizes (x, y))
    Py_RETURN_FALSE;
  TE_OP (eq, "eq.Tensor");
  return all_true (te_call (eq, &err, "TT", x, y), &err);
}

static PyObject *
equal_function (PyObject *module, PyObject *args, PyObject *kwargs)
{
  static char *names[] = { "input", "other", NULL };
  PyObject *a, *b;
  return PyArg_ParseTupleAndKeywords (args, kwargs, "OO:equal", names, &a, &b) ? equal (a, b) : NULL;
}

static PyObject *
allclose (PyObject *a, PyObject *args, PyObject *kwargs)
{
  static char *names[] = { "other", "rtol", "atol", "equal_nan", NULL };
  PyObject *b;
  double rtol = 1e-05, atol = 1e-08;
  int equal_nan = 0;
  TeError err;
  te_error_clear (&err);
  if (!PyArg_ParseTupleAndKeywords (args, kwargs, "O|ddp:allclose", names, &b, &rtol, &atol, &equal_nan)
      || !two_tensors (a, b, "allclose"))
    return NULL;
  TE_OP (isclose, "isclose");
  return all_true (
      te_call (isclose, &err, "TTffb", te_py_tensor (a), te_py_tensor (b), rtol, atol, equal_nan), &err);
}

static PyObject *
allclose_function (PyObject *module, PyObject *args, PyObject *kwargs)
{
  if (PyTuple_GET_SIZE (args) < 1)
    return PyErr_Format (PyExc_TypeError, "allclose() missing 1 required positional arguments: \"input\"");
  PyObject *rest = PyTuple_GetSlice (args, 1, PyTuple_GET_SIZE (args));
  PyObject *result = rest ? allclose (PyTuple_GET_ITEM (args, 0), rest, kwargs) : NULL;
  Py_XDECREF (rest);
  return result;
}

/* ---- memory: resize_, set_ ---- */
/* Whole numbers of a tuple, a list or a size into sizes; their count, or -1 with TypeError. */
static int
whole_numbers (PyObject *given, const char *refused, int64_t *sizes)
{
  PyObject *items = PyLong_Check (given) || PyUnicode_Check (given) ? NULL : PySequence_Fast (given, refused);
  if (!items)
    {
      if (!PyErr_Occurred ())
        PyErr_Format (PyExc_TypeError, "%s, not %.100s", refused, Py_TYPE (given)->tp_name);
      return -1;
    }
  Py_ssize_t n = PySequence_Fast_GET_SIZE (items);
  bool ok = n <= TE_MAX_NDIM;
  if (!ok)
    PyErr_SetString (PyExc_RuntimeError, "too many dimensions");
  for (Py_ssize_t i = 0; ok && i < n; i++)
    ok = te_py_to_int (PySequence_Fast_GET_ITEM (items, i), &sizes[i]);
  Py_DECREF (items);
  return ok ? (int) n : -1;
}

/* Lays a tensor out anew for a memory format: what it holds is left where it lies. */
static bool
restride (TeTensor *self, int64_t format, TeError *err)
{
  int64_t strides[TE_MAX_NDIM];
  int rank = format == TE_MEMORY_CHANNELS_LAST ? 4 : format == TE_MEMORY_CHANNELS_LAST_3D ? 5 : 0;
  if (rank && self->ndim != rank)
    return te_error_set (err, TE_ERR_RUNTIME, "required rank %d tensor to use channels_last%s format", rank,
                         rank == 5 ? "_3d" : "");
  if (format == TE_MEMORY_PRESERVE)
    return te_error_set (err, TE_ERR_RUNTIME, "Unsupported memory formatPreserve");
  if (rank)
    te_shape_channels_last_strides (self->ndim, self->sizes, strides);
  else
    te_shape_contiguous_strides (self->ndim, self->sizes, strides);
  int64_t sizes[TE_MAX_NDIM];
  memcpy (sizes, self->sizes, (size_t) self->ndim * sizeof *sizes);
  return te_tensor_set_geometry (self, self->ndim, sizes, strides, self->offset, err);
}

static PyObject *
resize_ (PyObject *self, PyObject *args, PyObject *kwargs)
{
  int64_t sizes[TE_MAX_NDIM], format;
  PyObject *given = args, *wanted = kwargs ? PyDict_GetItemString (kwargs, "memory_format") : NULL;
  if (PyTuple_GET_SIZE (args) == 1 && !te_py_is_int (PyTuple_GET_ITEM (args, 0)))
    given = PyTuple_GET_ITEM (args, 0);
  else if (!PyTuple_GET_SIZE (args) && !(given = kwargs ? PyDict_GetItemString (kwargs, "size") : NULL))
    return PyErr_Format (PyExc_TypeError, "resize_() missing 1 required positional arguments: \"size\"");
  int n = whole_numbers (given, "resize_(): argument 'size' (position 1) must be tuple of SymInts", sizes);
  if (n < 0)
    return NULL;
  TeTensor *tensor = te_py_tensor (self);
  if (te_tensor_requires_grad (tensor) && !te_inference_mode_enabled ())
    return PyErr_Format (PyExc_RuntimeError, "cannot resize variables that require grad");
  TeError err;
  te_error_clear (&err);
  TE_PY_TRY (te_tensor_resize (tensor, n, sizes, &err));
  if (wanted && te_py_memory_format_check (wanted, &format))
    TE_PY_TRY (restride (tensor, format, &err));
  return Py_NewRef (self);
}

/* Room in a storage for what is to be seen of it. */
static bool
grow_storage (TeTensor *flat, int n, const int64_t *sizes, const int64_t *strides, int64_t offset)
{
  int64_t extent;
  bool ok = true;
  char a[512], b[512];
  TeError err;
  te_error_clear (&err);
  for (int d = 0; d < n; d++)
    ok = ok && strides[d] >= 0;
  if (!ok || !te_shape_extent (n, sizes, strides, offset, &extent)
      || !te_mul_i64 (extent, (int64_t) te_dtype_nbytes (te_tensor_dtype (flat)), &extent))
    ok = te_error_set (&err, TE_ERR_RUNTIME, "Storage size calculation overflowed with sizes=%s and strides=%s",
                       te_shape_text (n, sizes, a, sizeof a), te_shape_text (n, strides, b, sizeof b));
  else if ((uint64_t) extent > flat->storage->nbytes)
    ok = te_storage_resize (flat->storage, (size_t) extent, &err);
  return ok || te_py_raise (&err) != NULL;
}

/* A view of flat (a storage as a tensor of its elements): sizes from offset on, contiguous without strides.
 */
static PyObject *
part_of_storage (PyObject *flat, PyObject *offset, PyObject *size, PyObject *stride)
{
  int64_t sizes[TE_MAX_NDIM], strides[TE_MAX_NDIM];
  int n = whole_numbers (size, "set_(): argument 'size' must be tuple of ints", sizes);
  int m = n >= 0 && stride
              ? whole_numbers (stride, "set_(): argument 'stride' must be tuple of ints", strides)
              : 0;
  if (n < 0 || m < 0)
    return NULL;
  if (m && m != n)
    return PyErr_Format (PyExc_RuntimeError, "unequal size length (%d) and stride length (%d)", n, m);
  if (PyLong_AsLongLong (offset) < 0)
    return PyErr_Occurred () ? NULL
                             : PyErr_Format (PyExc_RuntimeError, "Tensor: invalid storage offset %S", offset);
  if (!m)
    te_shape_contiguous_strides (n, sizes, strides);
  if (!grow_storage (te_py_tensor (flat), n, sizes, strides, PyLong_AsLongLong (offset)))
    return NULL;
  PyObject *steps = PyTuple_New (n);
  for (int i = 0; steps && i < n; i++)
    PyTuple_SET_ITEM (steps, i, PyLong_FromLongLong (strides[i]));
  PyObject *view = steps ? PyObject_CallMethod (flat, "as_strided", "OOO", size, steps, offset) : NULL;
  Py_XDECREF (steps);
  return view;
}

static PyObject *
set_ (PyObject *self, PyObject *args, PyObject *kwargs)
{
  static char *names[] = { "source", "storage_offset", "size", "stride", NULL };
  PyObject *source = NULL, *offset = NULL, *size = NULL, *stride = NULL, *flat;
  if (!PyArg_ParseTupleAndKeywords (args, kwargs, "|OOOO:set_", names, &source, &offset, &size, &stride))
    return NULL;
  TeTensor *tensor = te_py_tensor (self);
  if (!source)
    flat = PyObject_CallMethod (self, "new_empty", "i", 0);
  else
    flat = te_py_is_tensor (source) ? Py_NewRef (source) : PyObject_GetAttrString (source, "_flat");
  if (flat && source && !te_py_is_tensor (source) && !strcmp (Py_TYPE (source)->tp_name, "UntypedStorage"))
    { /* an untyped storage holds whatever is read from it */
      PyObject *dtype = PyObject_GetAttrString (self, "dtype");
      Py_SETREF (flat, dtype ? PyObject_CallMethod (flat, "view", "O", dtype) : NULL);
      Py_XDECREF (dtype);
    }
  if (flat && te_py_tensor (flat)->dtype != tensor->dtype && !te_py_is_tensor (source))
    {
      PyErr_Format (
          PyExc_RuntimeError,
          "Expected a Storage of type %s or an UntypedStorage, but got type %s for argument 1 'storage'",
          te_dtype_c_name (te_tensor_dtype (tensor)),
          te_dtype_error_name (te_tensor_dtype (te_py_tensor (flat))));
      Py_CLEAR (flat);
    }
  if (flat && source && te_py_is_tensor (source) && te_py_tensor (flat)->dtype != tensor->dtype)
    {
      PyErr_SetString (PyExc_RuntimeError,
                       "source.dtype() == self.dtype() INTERNAL ASSERT FAILED at "
                       "\"./torch/csrc/autograd/generated/python_variable_methods.cpp\":16761, please report a bug to "
                       "PyTorch. ");
      Py_CLEAR (flat);
    }
  if (flat && offset && size)
    Py_SETREF (flat, part_of_storage (flat, offset, size, stride));
  if (!flat)
    return NULL;
  TeError err;
  te_error_clear (&err);
  TE_OP (op, "set_.source_Tensor");
  bool ok = te_call_inplace (op, &err, "TT", tensor, te_py_tensor (flat));
  Py_DECREF (flat);
  TE_PY_TRY (ok);
  return Py_NewRef (self);
}

static PyObject *
set_warn_always (PyObject *module, PyObject *always)
{
  if (!PyBool_Check (always))
    return PyErr_Format (PyExc_RuntimeError, "setWarnOnlyOnce expects a bool, but got %.100s", Py_TYPE (always)->tp_name);
  te_warn_set_always (always == Py_True);
  Py_RETURN_NONE;
}

static PyObject *
is_warn_always_enabled (PyObject *module, PyObject *ignored)
{
  return PyBool_FromLong (te_warn_is_always ());
}

static PyObject *
is_signed (PyObject *module, PyObject *object)
{
  if (!one_tensor (object, "is_signed"))
    return NULL;
  return PyBool_FromLong (te_py_tensor (object)->dtype != TE_UINT8
                          && te_py_tensor (object)->dtype != TE_BOOL);
}

static PyObject *
is_inference (PyObject *module, PyObject *object)
{
  return one_tensor (object, "is_inference")
             ? PyBool_FromLong (te_py_tensor (object)->flags & TE_TENSOR_INFERENCE)
             : NULL;
}

static PyObject *
positive (PyObject *self, PyObject *ignored)
{
  return te_py_nb_positive (self);
}

static PyObject *
positive_function (PyObject *module, PyObject *object)
{
  return one_tensor (object, "positive") ? te_py_nb_positive (object) : NULL;
}

/* ---- finfo and iinfo ---- */
typedef struct
{
  PyObject_HEAD TeDtype dtype;
} Info;

typedef struct
{
  double max, eps, tiny, resolution;
} FloatFacts;

static const FloatFacts float_facts[TE_DTYPE_COUNT] = {
  [TE_FLOAT16] = { 65504, 0.0009765625, 6.103515625e-05, 0.001 },
  [TE_BFLOAT16] = { 3.3895313892515355e+38, 0.0078125, 1.1754943508222875e-38, 0.01 },
  [TE_FLOAT32] = { FLT_MAX, FLT_EPSILON, FLT_MIN, 1e-06 },
  [TE_FLOAT64] = { DBL_MAX, DBL_EPSILON, DBL_MIN, 1e-15 },
};

static PyTypeObject *finfo_type, *iinfo_type;

static PyObject *
info_new (PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
  static char *names[] = { "type", NULL };
  bool floating = type == finfo_type;
  const char *own = floating ? "torch.finfo" : "torch.iinfo";
  PyObject *object = NULL;
  TeDtype dtype = te_dtype_default ();
  if (!PyArg_ParseTupleAndKeywords (args, kwargs, floating ? "|O:finfo" : "|O:iinfo", names, &object))
    return NULL;
  if (!object && !floating)
    return PyErr_Format (PyExc_TypeError, "iinfo() missing 1 required positional arguments: \"type\"");
  if (object && Py_TYPE (object) != te_py_dtype_type)
    return PyErr_Format (PyExc_TypeError, "%s(): argument 'type' (position 1) must be torch.dtype, not %s",
                         floating ? "finfo" : "iinfo", Py_TYPE (object)->tp_name);
  if (object && !te_py_dtype_get (object, &dtype))
    return NULL;
  if (floating)
    dtype = te_dtype_real (dtype);
  if (floating && !te_dtype_is_floating (dtype))
    return PyErr_Format (PyExc_TypeError,
                         "torch.finfo() requires a floating point input type. Use torch.iinfo to handle '%s'",
                         own);
  if (!floating && dtype == TE_BOOL)
    return PyErr_Format (PyExc_TypeError, "torch.bool is not supported by torch.iinfo");
  if (!floating && te_dtype_is_inexact (dtype))
    return PyErr_Format (PyExc_TypeError,
                         "torch.iinfo() requires an integer input type. Use torch.finfo to handle '%s'", own);
  Info *self = (Info *) type->tp_alloc (type, 0);
  if (self)
    self->dtype = dtype;
  return (PyObject *) self;
}

#define DTYPE (((Info *) self)->dtype)

static int64_t
int_max (TeDtype dtype)
{
  if (dtype == TE_UINT8)
    return 255;
  return (int64_t) (UINT64_MAX >> (65 - 8 * te_dtype_nbytes (dtype)));
}

static int64_t
int_min (TeDtype dtype)
{
  return dtype == TE_UINT8 ? 0 : -int_max (dtype) - 1;
}

static PyObject *
info_repr (PyObject *self)
{
  char text[512];
  const FloatFacts *facts = &float_facts[DTYPE];
  if (te_dtype_is_floating (DTYPE))
    snprintf (text, sizeof text,
              "finfo(resolution=%g, min=%g, max=%g, eps=%g, smallest_normal=%g, tiny=%g, dtype=%s)",
              facts->resolution, -facts->max, facts->max, facts->eps, facts->tiny, facts->tiny,
              te_dtype_name (DTYPE));
  else
    snprintf (text, sizeof text, "iinfo(min=%g, max=%g, dtype=%s)", (double) int_min (DTYPE),
              (double) int_max (DTYPE), te_dtype_name (DTYPE));
  return PyUnicode_FromString (text);
}

static PyObject *
info_bits (PyObject *self, void *closure)
{
  return PyLong_FromSize_t (8 * te_dtype_nbytes (DTYPE));
}

static PyObject *
info_max (PyObject *self, void *closure)
{
  return te_dtype_is_floating (DTYPE) ? PyFloat_FromDouble (float_facts[DTYPE].max)
                                      : PyLong_FromLongLong (int_max (DTYPE));
}

static PyObject *
info_min (PyObject *self, void *closure)
{
  return te_dtype_is_floating (DTYPE) ? PyFloat_FromDouble (-float_facts[DTYPE].max)
                                      : PyLong_FromLongLong (int_min (DTYPE));
}

static PyObject *
info_eps (PyObject *self, void *closure)
{
  return PyFloat_FromDouble (float_facts[DTYPE].eps);
}

static PyObject *
info_tiny (PyObject *self, void *closure)
{
  return PyFloat_FromDouble (float_facts[DTYPE].tiny);
}

static PyObject *
info_resolution (PyObject *self, void *closure)
{
  return PyFloat_FromDouble (float_facts[DTYPE].resolution);
}

static PyObject *
info_dtype (PyObject *self, void *closure)
{
  return PyUnicode_FromString (te_dtype_name (DTYPE));
}

static PyObject *
info_compare (PyObject *self, PyObject *other, int how)
{
  if (Py_TYPE (self) != Py_TYPE (other) || (how != Py_EQ && how != Py_NE))
    Py_RETURN_NOTIMPLEMENTED;
  return PyBool_FromLong ((DTYPE == ((Info *) other)->dtype) == (how == Py_EQ));
}

static PyGetSetDef finfo_getset[] = {
  { "bits", info_bits, NULL, NULL, NULL },
  { "max", info_max, NULL, NULL, NULL },
  { "min", info_min, NULL, NULL, NULL },
  { "eps", info_eps, NULL, NULL, NULL },
  { "tiny", info_tiny, NULL, NULL, NULL },
  { "smallest_normal", info_tiny, NULL, NULL, NULL },
  { "resolution", info_resolution, NULL, NULL, NULL },
  { "dtype", info_dtype, NULL, NULL, NULL },
  { 0 },
};

static PyGetSetDef iinfo_getset[] = {
  { "bits", info_bits, NULL, NULL, NULL },
  { "max", info_max, NULL, NULL, NULL },
  { "min", info_min, NULL, NULL, NULL },
  { "dtype", info_dtype, NULL, NULL, NULL },
  { 0 },
};

static PyTypeObject *
make_info (PyObject *module, const char *name, PyGetSetDef *getset)
{
  PyType_Slot slots[] = { { Py_tp_new, info_new },         { Py_tp_repr, info_repr },
                          { Py_tp_getset, getset },        { Py_tp_richcompare, info_compare },
                          { Py_tp_hash, _Py_HashPointer }, { 0 } };
  PyType_Spec spec = { name, sizeof (Info), 0, Py_TPFLAGS_DEFAULT, slots };
  PyTypeObject *type = (PyTypeObject *) PyType_FromSpec (&spec);
  return type && PyModule_AddObjectRef (module, strchr (name, '.') + 1, (PyObject *) type) == 0 ? type : NULL;
}

/* What records ops for a graph asks torch.jit; a program's own question is whether one is being recorded. */
static PyObject *
get_tracing_state (PyObject *module, PyObject *unused)
{
  Py_RETURN_NONE;
}

/* Programs announce themselves to PyTorch's makers; nothing is sent from here. */
static PyObject *
log_api_usage_once (PyObject *module, PyObject *event)
{
  Py_RETURN_NONE;
}

#define KEYWORDS(function) (PyCFunction) (void (*) (void)) function, METH_VARARGS | METH_KEYWORDS
/* _sparse_parts (t): indices, values and whether they are coalesced; None of a dense tensor. */
static PyObject *
sparse_parts (PyObject *module, PyObject *self)
{
  const TeSparse *parts = te_py_is_tensor (self) ? te_tensor_sparse (te_py_tensor (self)) : NULL;
  if (!parts)
    Py_RETURN_NONE;
  PyObject *indices = te_py_wrap (te_tensor_ref (parts->indices));
  PyObject *values = indices ? te_py_wrap (te_tensor_ref (parts->values)) : NULL;
  PyObject *result = values ? PyTuple_Pack (3, indices, values, parts->coalesced ? Py_True : Py_False) : NULL;
  Py_XDECREF (indices);
  Py_XDECREF (values);
  return result;
}

/* _set_sparse_parts (t, indices, values, coalesced): of a tensor on device meta. */
static PyObject *
set_sparse_parts (PyObject *module, PyObject *args)
{
  PyObject *self, *indices, *values;
  int coalesced;
  TeError err;
  te_error_clear (&err);
  if (!PyArg_ParseTuple (args, "OOOp", &self, &indices, &values, &coalesced))
    return NULL;
  if (!te_py_is_tensor (self) || !te_py_is_tensor (indices) || !te_py_is_tensor (values)
      || !te_tensor_is_meta (te_py_tensor (self)))
    return PyErr_Format (PyExc_TypeError, "_set_sparse_parts: expected a tensor without memory and two tensors");
  if (!te_tensor_set_sparse (te_py_tensor (self), te_py_tensor (indices), te_py_tensor (values), coalesced, &err))
    return te_py_raise (&err);
  Py_RETURN_NONE;
}

/* _sparse_sum (a, b): two sparse tensors merged as PyTorch merges them. */
static PyObject *
sparse_sum (PyObject *module, PyObject *args)
{
  PyObject *a, *b;
  TeError err;
  te_error_clear (&err);
  if (!PyArg_ParseTuple (args, "OO", &a, &b))
    return NULL;
  if (!te_py_is_tensor (a) || !te_py_is_tensor (b) || !te_tensor_sparse (te_py_tensor (a))
      || !te_tensor_sparse (te_py_tensor (b)))
    return PyErr_Format (PyExc_TypeError, "_sparse_sum: expected two sparse tensors");
  return te_py_wrap_error (te_gradient_sum (te_py_tensor (a), te_py_tensor (b), &err), &err);
}

/* _by_number (name, t, number): the row name.Scalar, which Python's operators never choose. */
static PyObject *
by_number (PyObject *module, PyObject *args)
{
  const char *name;
  char row[64];
  PyObject *self;
  double value;
  TeError err;
  te_error_clear (&err);
  if (!PyArg_ParseTuple (args, "sOd", &name, &self, &value))
    return NULL;
  PyOS_snprintf (row, sizeof row, "%s.Scalar", name);
  const TeOp *op = te_registry_find (row);
  if (!op || !te_py_is_tensor (self))
    return PyErr_Format (PyExc_TypeError, "_by_number: expected an op with a number and a tensor");
  return te_py_wrap_error (te_call (op, &err, "TS", te_py_tensor (self), te_scalar_float (value)), &err);
}

static PyMethodDef functions[] = {
  { "_get_tracing_state", get_tracing_state, METH_NOARGS, NULL },
  { "_by_number", by_number, METH_VARARGS, NULL },
  { "_sparse_parts", sparse_parts, METH_O, NULL },
  { "_sparse_sum", sparse_sum, METH_VARARGS, NULL },
  { "_set_sparse_parts", set_sparse_parts, METH_VARARGS, NULL },
  { "_log_api_usage_once", log_api_usage_once, METH_O, NULL },
  { "is_tensor", is_tensor, METH_O, "Whether an object is a tensor." },
  { "get_num_threads", get_num_threads, METH_NOARGS, NULL },
  { "set_num_threads", set_num_threads, METH_O, NULL },
  { "set_flush_denormal", set_flush_denormal, METH_O, NULL },
  { "get_default_dtype", get_default_dtype, METH_NOARGS, "The dtype of floats that say nothing else." },
  { "set_default_dtype", set_default_dtype, METH_O, NULL },
  { "promote_types", KEYWORDS (promote_types), "The smallest dtype that holds both." },
  { "can_cast", KEYWORDS (can_cast), "Whether a cast keeps the kind of number." },
  { "result_type", result_type, METH_VARARGS, "The dtype that arithmetic on both gives." },
  { "numel", numel, METH_O, NULL },
  { "is_floating_point", is_floating_point, METH_O, NULL },
  { "is_complex", is_complex, METH_O, NULL },
  { "is_conj", is_conj, METH_O, NULL },
  { "is_neg", is_neg, METH_O, NULL },
  { "is_nonzero", is_nonzero, METH_O, NULL },
  { "is_same_size", is_same_size, METH_VARARGS, NULL },
  { "set_warn_always", set_warn_always, METH_O, "Whether warnings that are given once are given each time." },
  { "is_warn_always_enabled", is_warn_always_enabled, METH_NOARGS, NULL },
  { "is_signed", is_signed, METH_O, NULL },
  { "is_inference", is_inference, METH_O, NULL },
  { "positive", positive_function, METH_O, NULL },
  { "equal", KEYWORDS (equal_function), "Whether both have the same sizes and elements." },
  { "allclose", KEYWORDS (allclose_function), "Whether all elements are close." },
  { 0 },
};

static PyMethodDef methods[] = {
  { "equal", equal, METH_O, "Whether both have the same sizes and elements." },
  { "allclose", KEYWORDS (allclose), "Whether all elements are close." },
  { "resize_", KEYWORDS (resize_), "Other sizes over the same memory, which grows where it must." },
  { "set_", KEYWORDS (set_), "Makes this tensor look at what another tensor or a storage holds." },
  { "positive", positive, METH_NOARGS, NULL },
  { 0 },
};

bool
te_py_misc_init (PyObject *module)
{
  for (PyMethodDef *method = methods; method->ml_name; method++)
    {
      PyObject *descriptor = PyDescr_NewMethod (te_py_tensor_base_type, method);
      if (!descriptor
          || PyDict_SetItemString (te_py_tensor_base_type->tp_dict, method->ml_name, descriptor) < 0)
        return false;
      Py_DECREF (descriptor);
    }
  finfo_type = make_info (module, "torch.finfo", finfo_getset);
  iinfo_type = make_info (module, "torch.iinfo", iinfo_getset);
  return finfo_type && iinfo_type && PyModule_AddFunctions (module, functions) == 0;
}
