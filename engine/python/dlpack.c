/* Tensors lent to and borrowed from other libraries by the DLPack protocol: a capsule named "dltensor" holds the
 * description of memory and who is to be told when it is no longer needed; whoever takes the memory renames the
 * capsule "used_dltensor".  Source: the protocol's C structures, dmlc.github.io/dlpack (version 0.6). */
#include "python/python-private.h"

#include <string.h>

typedef enum
{
  DL_INT = 0,
  DL_UINT = 1,
  DL_FLOAT = 2,
  DL_BFLOAT = 4,
  DL_COMPLEX = 5,
} DlCode;

#define DL_CPU 1

typedef struct
{
  void *data;
  struct
  {
    int32_t type, id;
  } device;
  int32_t ndim;
  struct
  {
    uint8_t code, bits;
    uint16_t lanes;
  } dtype;
  int64_t *sizes, *strides; /* strides NULL: contiguous */
  uint64_t offset_nbytes;
} DlTensor;

typedef struct DlManaged DlManaged;
struct DlManaged
{
  DlTensor tensor;
  void *ctx;
  void (*release) (DlManaged *self);
};

/* ---- lending ---- */
typedef struct
{
  DlManaged managed;
  int64_t sizes[TE_MAX_NDIM], strides[TE_MAX_NDIM];
} Lent;

static void
lent_release (DlManaged *managed)
{
  PyGILState_STATE state = PyGILState_Ensure ();
  te_tensor_unref (managed->ctx);
  PyMem_RawFree (managed);
  PyGILState_Release (state);
}

/* A capsule that nobody took still owns what it holds. */
static void
capsule_destroy (PyObject *capsule)
{
  if (!PyCapsule_IsValid (capsule, "dltensor"))
    return;
  DlManaged *managed = PyCapsule_GetPointer (capsule, "dltensor");
  if (managed->release)
    managed->release (managed);
}

static bool
dl_dtype_of (TeDtype dtype, DlTensor *out)
{
  if (dtype == TE_BOOL)
    {
      PyErr_SetString (PyExc_RuntimeError, "Bool type is not supported by dlpack");
      return false;
    }
  out->dtype.code = te_dtype_is_complex (dtype)     ? DL_COMPLEX
                    : dtype == TE_BFLOAT16          ? DL_BFLOAT
                    : dtype == TE_UINT8             ? DL_UINT
                    : te_dtype_is_floating (dtype) ? DL_FLOAT
                                                    : DL_INT;
  out->dtype.bits = (uint8_t) (8 * te_dtype_nbytes (dtype));
  out->dtype.lanes = 1;
  return true;
}

static PyObject *
to_dlpack (PyObject *module, PyObject *object)
{
  if (!te_py_is_tensor (object))
    return PyErr_Format (PyExc_RuntimeError, "data must be a Tensor");
  TeTensor *tensor = te_py_tensor (object);
  if (te_tensor_is_meta (tensor))
    return PyErr_Format (PyExc_RuntimeError, "Cannot pack tensors on meta");
  Lent *lent = PyMem_RawCalloc (1, sizeof *lent);
  if (!lent)
    return PyErr_NoMemory ();
  DlTensor *out = &lent->managed.tensor;
  PyObject *capsule = NULL;
  if (dl_dtype_of (te_tensor_dtype (tensor), out))
    capsule = PyCapsule_New (lent, "dltensor", capsule_destroy);
  if (!capsule)
    {
      PyMem_RawFree (lent);
      return NULL;
    }
  out->data = te_tensor_data (tensor);
  out->device.type = DL_CPU;
  out->ndim = tensor->ndim;
  out->sizes = lent->sizes;
  out->strides = lent->strides;
  for (int i = 0; i < tensor->ndim; i++)
    {
      lent->sizes[i] = tensor->sizes[i];
      /* Numbers of one element or none are stepped over by 1, as readers expect. */
      lent->strides[i] = tensor->sizes[i] < 2 ? 1 : tensor->strides[i];
    }
  lent->managed.ctx = te_tensor_ref (tensor);
  lent->managed.release = lent_release;
  return capsule;
}

/* tensor.__dlpack__ (stream=None) */
static PyObject *
dlpack_method (PyObject *self, PyObject *args, PyObject *kwargs)
{
  static char *names[] = { "stream", NULL };
  PyObject *stream = Py_None;
  if (!PyArg_ParseTupleAndKeywords (args, kwargs, "|O:__dlpack__", names, &stream))
    return NULL;
  if (te_tensor_requires_grad (te_py_tensor (self)))
    return PyErr_Format (PyExc_RuntimeError, "Can't export tensors that require gradient, use tensor.detach()");
  if (te_py_tensor (self)->flags & TE_TENSOR_CONJ)
    return PyErr_Format (PyExc_RuntimeError, "Can't export tensors with the conjugate bit set");
  if (stream != Py_None && !PyLong_CheckExact (stream))
    return PyErr_Format (PyExc_TypeError, "stream must be ``int`` or ``none``");
  return to_dlpack (NULL, self);
}

/* ---- borrowing ---- */
static bool
dtype_of_dl (const DlTensor *in, TeDtype *dtype)
{
  static const char *const names[] = { "kInt", "kUInt", "kFloat", "", "kBfloat", "kComplex" };
  int bits = in->dtype.bits;
  *dtype = TE_DTYPE_NONE;
  if (in->dtype.lanes != 1)
    {
      PyErr_SetString (PyExc_RuntimeError, "ATen does not support lanes != 1");
      return false;
    }
  switch (in->dtype.code)
    {
    case DL_INT:
      *dtype = bits == 8 ? TE_INT8 : bits == 16 ? TE_INT16 : bits == 32 ? TE_INT32 : bits == 64 ? TE_INT64 : TE_DTYPE_NONE;
      break;
    case DL_UINT:
      *dtype = bits == 8 ? TE_UINT8 : TE_DTYPE_NONE;
      break;
    case DL_FLOAT:
      *dtype = bits == 16 ? TE_FLOAT16 : bits == 32 ? TE_FLOAT32 : bits == 64 ? TE_FLOAT64 : TE_DTYPE_NONE;
      break;
    case DL_BFLOAT:
      *dtype = bits == 16 ? TE_BFLOAT16 : TE_DTYPE_NONE;
      break;
    case DL_COMPLEX:
      *dtype = bits == 64 ? TE_COMPLEX64 : bits == 128 ? TE_COMPLEX128 : TE_DTYPE_NONE;
      break;
    default:
      PyErr_Format (PyExc_RuntimeError, "Unsupported code %d", in->dtype.code);
      return false;
    }
  if (*dtype == TE_DTYPE_NONE)
    PyErr_Format (PyExc_RuntimeError, "Unsupported %s bits %d", names[in->dtype.code], bits);
  return *dtype != TE_DTYPE_NONE;
}

static void
borrowed_release (void *data, void *owner)
{
  PyGILState_STATE state = PyGILState_Ensure ();
  DlManaged *managed = owner;
  if (managed->release)
    managed->release (managed);
  PyGILState_Release (state);
}

/* The tensor over in's memory; on failure the memory stays the capsule's. */
static TeTensor *
tensor_over (DlManaged *managed, TeError *err)
{
  const DlTensor *in = &managed->tensor;
  TeDtype dtype;
  int64_t strides[TE_MAX_NDIM], extent;
  uint64_t step = 1; /* of empty tensors it may wrap around */
  if (in->device.type != DL_CPU)
    {
      PyErr_Format (PyExc_RuntimeError, "Unsupported device_type: %d", in->device.type);
      return NULL;
    }
  if (!dtype_of_dl (in, &dtype))
    return NULL;
  if (in->ndim < 0 || in->ndim > TE_MAX_NDIM || (in->ndim && !in->sizes))
    {
      PyErr_Format (PyExc_RuntimeError, "a DLPack tensor of %d dimensions is not supported", in->ndim);
      return NULL;
    }
  for (int i = in->ndim - 1; i >= 0; i--)
    {
      strides[i] = in->strides ? in->strides[i] : (int64_t) step;
      step *= in->sizes[i] > 1 ? (uint64_t) in->sizes[i] : 1;
      if ((in->strides && strides[i] < 0) || in->sizes[i] < 0)
        {
          PyErr_SetString (PyExc_RuntimeError, "a DLPack tensor with negative strides is not supported");
          return NULL;
        }
    }
  if (!te_shape_extent (in->ndim, in->sizes, strides, 0, &extent))
    {
      PyErr_SetString (PyExc_RuntimeError, "a DLPack tensor reaches beyond what memory can be");
      return NULL;
    }
  TeStorage *storage = te_storage_new_external ((char *) in->data + in->offset_nbytes,
                                                (size_t) extent * te_dtype_nbytes (dtype), borrowed_release, managed, err);
  if (!storage)
    return NULL;
  TeTensor *tensor = te_tensor_new_view (storage, dtype, in->ndim, in->sizes, strides, 0, err);
  if (!tensor)
    storage->release = NULL;
  te_storage_unref (storage);
  return tensor;
}

static PyObject *
from_capsule (PyObject *module, PyObject *capsule)
{
  TeError err;
  te_error_clear (&err);
  DlManaged *managed = PyCapsule_IsValid (capsule, "dltensor") ? PyCapsule_GetPointer (capsule, "dltensor") : NULL;
  if (!managed)
    return PyErr_Format (PyExc_RuntimeError,
                         "from_dlpack received an invalid capsule. Note that DLTensor capsules can be consumed only once, "
                         "so you might have already constructed a tensor from it once.");
  TeTensor *tensor = tensor_over (managed, &err);
  if (!tensor)
    return PyErr_Occurred () ? NULL : te_py_raise (&err);
  if (PyCapsule_SetName (capsule, "used_dltensor") < 0)
    PyErr_Clear ();
  return te_py_wrap (tensor);
}

/* from_dlpack (object): an object with __dlpack__, or a capsule. */
static PyObject *
from_dlpack (PyObject *module, PyObject *object)
{
  if (!PyObject_HasAttrString (object, "__dlpack__"))
    return from_capsule (module, object);
  PyObject *device = PyObject_CallMethod (object, "__dlpack_device__", NULL);
  PyObject *capsule = device ? PyObject_CallMethod (object, "__dlpack__", NULL) : NULL;
  PyObject *tensor = capsule ? from_capsule (module, capsule) : NULL;
  Py_XDECREF (capsule);
  Py_XDECREF (device);
  return tensor;
}

static PyMethodDef functions[] = {
  { "_to_dlpack", to_dlpack, METH_O, "A capsule over a tensor's memory." },
  { "from_dlpack", from_dlpack, METH_O, "A tensor over the memory of another library's." },
  { 0 },
};

static PyMethodDef methods[] = {
  { "__dlpack__", (PyCFunction) (void (*) (void)) dlpack_method, METH_VARARGS | METH_KEYWORDS,
    "A capsule over this tensor's memory." },
  { 0 },
};

bool
te_py_dlpack_init (PyObject *module)
{
  return te_py_tensor_add_methods (methods) && PyModule_AddFunctions (module, functions) == 0;
}
