/* torch.dtype, torch.device, torch.layout, torch.memory_format: small immutable objects that print as
 * PyTorch's. */
#include "python/python-private.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

typedef struct
{
  PyObject_HEAD int32_t value; /* TeDtype, or below 0: a dtype we know by name only */
  const char *name;            /* "float32", "strided" */
  int32_t index;               /* of a device; -1 none */
} TePyName;

PyTypeObject *te_py_dtype_type, *te_py_device_type, *te_py_layout_type, *te_py_memory_format_type;
static PyObject *dtypes[TE_DTYPE_COUNT];
static PyObject *formats[4];
static PyObject *strided;
static PyObject *cpu_device, *meta_device;

static PyObject *
name_new (PyTypeObject *type, int32_t value, const char *name)
{
  TePyName *self = PyObject_New (TePyName, type);
  if (!self)
    return NULL;
  self->value = value;
  self->name = name;
  self->index = -1;
  return (PyObject *) self;
}

static void
name_dealloc (PyObject *self)
{
  PyTypeObject *type = Py_TYPE (self);
  PyObject_Free (self);
  Py_DECREF (type);
}

static PyObject *
name_repr (PyObject *self)
{
  return PyUnicode_FromFormat ("torch.%s", ((TePyName *) self)->name);
}

/* ---- dtype ---- */
PyObject *
te_py_dtype_object (TeDtype dtype)
{
  return Py_NewRef (dtypes[dtype]);
}

bool
te_py_dtype_check (PyObject *object, TeDtype *dtype)
{
  if (Py_TYPE (object) != te_py_dtype_type || ((TePyName *) object)->value < 0)
    return false;
  *dtype = (TeDtype) ((TePyName *) object)->value;
  return true;
}

/* te_py_dtype_get: also Python's float, int and bool, which stand for the widest dtype of their kind. */
bool
te_py_dtype_get (PyObject *object, TeDtype *dtype)
{
  if (object == (PyObject *) &PyFloat_Type || object == (PyObject *) &PyLong_Type
      || object == (PyObject *) &PyBool_Type)
    {
      *dtype = object == (PyObject *) &PyFloat_Type  ? TE_FLOAT64
               : object == (PyObject *) &PyLong_Type ? TE_INT64
                                                     : TE_BOOL;
      return true;
    }
  if (Py_TYPE (object) != te_py_dtype_type)
    {
      PyErr_Format (PyExc_TypeError, "dtype must be torch.dtype, not %s", Py_TYPE (object)->tp_name);
      return false;
    }
  if (te_py_dtype_check (object, dtype))
    return true;
  char text[64];
  snprintf (text, sizeof text, "torch.%s", ((TePyName *) object)->name);
  te_py_not_implemented (text);
  return false;
}

static PyObject *
dtype_is_floating_point (PyObject *self, void *closure)
{
  int value = ((TePyName *) self)->value;
  return PyBool_FromLong (value >= 0 && te_dtype_is_floating ((TeDtype) value));
}

static PyObject *
dtype_is_complex (PyObject *self, void *closure)
{
  return PyBool_FromLong (strncmp (((TePyName *) self)->name, "complex", 7) == 0);
}

static PyObject *
dtype_is_signed (PyObject *self, void *closure)
{
  int value = ((TePyName *) self)->value;
  return PyBool_FromLong (value != TE_UINT8 && value != TE_BOOL);
}

static PyObject *
dtype_reduce (PyObject *self, PyObject *ignored)
{
  return PyUnicode_FromString (((TePyName *) self)->name);
}

static PyGetSetDef dtype_getset[] = {
  { "is_floating_point", dtype_is_floating_point, NULL, NULL, NULL },
  { "is_complex", dtype_is_complex, NULL, NULL, NULL },
  { "is_signed", dtype_is_signed, NULL, NULL, NULL },
  { 0 },
};

static PyMethodDef dtype_methods[] = {
  { "__reduce__", dtype_reduce, METH_NOARGS, NULL },
  { 0 },
};

/* ---- device ---- */
static const char *const device_types[] = { "cpu",    "cuda",   "ipu",   "xpu",          "mkldnn",
                                            "opengl", "opencl", "ideep", "hip",          "ve",
                                            "fpga",   "ort",    "xla",   "lazy",         "vulkan",
                                            "mps",    "meta",   "hpu",   "privateuseone" };
#define N_DEVICE_TYPES (int) (sizeof device_types / sizeof device_types[0])

PyObject *
te_py_device_object (bool meta)
{
  return Py_NewRef (meta ? meta_device : cpu_device);
}

static PyObject *
device_make (const char *type, Py_ssize_t length, long index)
{
  for (int i = 0; i < N_DEVICE_TYPES; i++)
    if (strncmp (device_types[i], type, (size_t) length) == 0 && !device_types[i][length])
      {
        TePyName *self = (TePyName *) name_new (te_py_device_type, i, device_types[i]);
        if (self)
          self->index = (int32_t) index;
        return (PyObject *) self;
      }
  char name[64];
  snprintf (name, sizeof name, "%.*s", (int) length, type);
  return PyErr_Format (
      PyExc_RuntimeError,
      "Expected one of cpu, cuda, ipu, xpu, mkldnn, opengl, opencl, ideep, hip, ve, fpga, ort, xla, "
      "lazy, vulkan, mps, meta, hpu, privateuseone device type at start of device string: %s",
      name);
}

static PyObject *
device_parse (const char *text)
{
  const char *colon = strchr (text, ':');
  if (!*text)
    return PyErr_Format (PyExc_RuntimeError, "Device string must not be empty");
  size_t letters = strspn (text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_");
  if (letters < (colon ? (size_t) (colon - text) : strlen (text)))
    return PyErr_Format (PyExc_RuntimeError, "Invalid device string: '%s'", text);
  if (!colon)
    return device_make (text, (Py_ssize_t) letters, -1);
  char *end;
  long index = strtol (colon + 1, &end, 10);
  if (end == colon + 1 || *end || index < 0 || !isdigit ((unsigned char) colon[1]) || (colon[1] == '0' && colon[2]))
    return PyErr_Format (PyExc_RuntimeError, "Invalid device string: '%s'", text);
  return device_make (text, colon - text, index);
}

static PyObject *
device_new (PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
  static char *names[] = { "type", "index", NULL };
  PyObject *what, *index = NULL;
  if (!PyArg_ParseTupleAndKeywords (args, kwargs, "O|O:device", names, &what, &index)
      || (index && index != Py_None && !te_py_is_int (index)))
    return te_py_refuse_call ("torch", "Device", args, kwargs) ? NULL : te_py_not_implemented ("this form of device");
  if (Py_TYPE (what) == te_py_device_type)
    return Py_NewRef (what);
  if (PyLong_Check (what) && !index)
    {
      long number = PyLong_AsLong (what);
      if (number < 0 && !PyErr_Occurred ())
        PyErr_SetString (PyExc_RuntimeError, "Device index must not be negative");
      return number < 0 ? NULL : device_make ("cuda", 4, number);
    }
  const char *text = PyUnicode_Check (what) ? PyUnicode_AsUTF8 (what) : NULL;
  if (!text)
    {
      char forms[512];
      if (PyErr_Occurred ())
        return NULL;
      PyOS_snprintf (forms, sizeof forms,
                     " * (torch.device device)\n      didn't match because some of the arguments have invalid types: "
                     "(!%.200s!)\n * (str type, int index)\n",
                     Py_TYPE (what)->tp_name);
      return te_py_raise_combination ("Device", &what, 1, NULL, forms);
    }
  if (!index || index == Py_None)
    return device_parse (text);
  long number = PyLong_AsLong (index);
  if (number == -1 && PyErr_Occurred ())
    return NULL;
  if (strchr (text, ':'))
    return PyErr_Format (PyExc_RuntimeError,
                         "type (string) must not include an index because index was passed explicitly: %s",
                         text);
  if (number < 0)
    return PyErr_Format (PyExc_RuntimeError, "Device index must not be negative");
  return device_make (text, (Py_ssize_t) strlen (text), number);
}

static PyObject *
device_str (PyObject *self)
{
  TePyName *device = (TePyName *) self;
  return device->index < 0 ? PyUnicode_FromString (device->name)
                           : PyUnicode_FromFormat ("%s:%d", device->name, device->index);
}

static PyObject *
device_repr (PyObject *self)
{
  TePyName *device = (TePyName *) self;
  return device->index < 0
             ? PyUnicode_FromFormat ("device(type='%s')", device->name)
             : PyUnicode_FromFormat ("device(type='%s', index=%d)", device->name, device->index);
}

static PyObject *
device_compare (PyObject *a, PyObject *b, int how)
{
  if (Py_TYPE (a) != te_py_device_type || Py_TYPE (b) != te_py_device_type || (how != Py_EQ && how != Py_NE))
    Py_RETURN_NOTIMPLEMENTED;
  TePyName *x = (TePyName *) a, *y = (TePyName *) b;
  bool same = x->value == y->value && x->index == y->index;
  return PyBool_FromLong (how == Py_EQ ? same : !same);
}

static Py_hash_t
device_hash (PyObject *self)
{
  TePyName *device = (TePyName *) self;
  return device->value * 1000 + device->index + 2;
}

static PyObject *
device_get_type (PyObject *self, void *closure)
{
  return PyUnicode_FromString (((TePyName *) self)->name);
}

static PyObject *
device_get_index (PyObject *self, void *closure)
{
  int index = ((TePyName *) self)->index;
  return index < 0 ? Py_NewRef (Py_None) : PyLong_FromLong (index);
}

static PyObject *
device_reduce (PyObject *self, PyObject *ignored)
{
  TePyName *device = (TePyName *) self;
  return device->index < 0 ? Py_BuildValue ("O(s)", te_py_device_type, device->name)
                           : Py_BuildValue ("O(si)", te_py_device_type, device->name, device->index);
}

static PyGetSetDef device_getset[] = {
  { "type", device_get_type, NULL, NULL, NULL },
  { "index", device_get_index, NULL, NULL, NULL },
  { 0 },
};

static PyMethodDef device_methods[] = {
  { "__reduce__", device_reduce, METH_NOARGS, NULL },
  { 0 },
};

/* te_py_device_get: a device argument.  Anything but the CPU and meta is what PyTorch says without CUDA. */
TePyMatch
te_py_device_get (PyObject *object, int64_t *device)
{
  PyObject *made = NULL;
  if (PyUnicode_Check (object) || (PyLong_Check (object) && !PyBool_Check (object)))
    {
      PyObject *args = PyTuple_Pack (1, object);
      made = args ? device_new (te_py_device_type, args, NULL) : NULL;
      Py_XDECREF (args);
      if (!made)
        return TE_PY_RAISED;
      object = made;
    }
  if (Py_TYPE (object) != te_py_device_type)
    return TE_PY_NO_MATCH;
  const char *name = ((TePyName *) object)->name;
  TePyMatch match = TE_PY_MATCH;
  if (strcmp (name, "cpu") == 0 || strcmp (name, "meta") == 0)
    {
      *device = name[0] == 'm';
      if (*device)
        te_dispatch_meta_in_use = true;
    }
  else
    {
      match = TE_PY_RAISED;
      if (strcmp (name, "cuda") == 0)
        PyErr_SetString (PyExc_AssertionError, "Torch not compiled with CUDA enabled");
      else
        PyErr_Format (PyExc_RuntimeError, "PyTorch is not linked with support for %s devices", name);
    }
  Py_XDECREF (made);
  return match;
}

/* ---- layouts ---- */
PyObject *
te_py_memory_format_object (TeMemoryFormat format)
{
  return Py_NewRef (formats[format]);
}

bool
te_py_memory_format_check (PyObject *object, int64_t *format)
{
  if (Py_TYPE (object) != te_py_memory_format_type)
    return false;
  *format = ((TePyName *) object)->value;
  return true;
}

PyObject *
te_py_strided_object (void)
{
  return Py_NewRef (strided);
}

bool
te_py_layout_check (PyObject *object)
{
  return Py_TYPE (object) == te_py_layout_type;
}

static PyTypeObject *
make_type (PyObject *module, const char *name, PyType_Slot *slots)
{
  PyType_Spec spec = { name, sizeof (TePyName), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                       slots };
  for (PyType_Slot *slot = slots; slot->slot; slot++)
    if (slot->slot == Py_tp_new)
      spec.flags &= ~(unsigned) Py_TPFLAGS_DISALLOW_INSTANTIATION;
  PyTypeObject *type = (PyTypeObject *) PyType_FromSpec (&spec);
  if (!type || PyModule_AddObjectRef (module, strchr (name, '.') + 1, (PyObject *) type) < 0)
    return NULL;
  return type;
}

static bool
add_name (PyObject *module, PyObject *object, const char *name)
{
  return object && PyModule_AddObjectRef (module, name, object) == 0;
}

static bool
add_dtypes (PyObject *module)
{
  static const struct
  {
    TeDtype dtype;
    const char *name;
  } aliases[] = {
    { TE_FLOAT32, "float" }, { TE_FLOAT64, "double" }, { TE_FLOAT16, "half" },
    { TE_INT16, "short" },   { TE_INT32, "int" },      { TE_INT64, "long" },
    { TE_COMPLEX64, "cfloat" }, { TE_COMPLEX128, "cdouble" },
  };
  /* Known by name, so that code may mention them. */
  static const char *const others[][2] = {
    { "complex32", "chalf" }, { "quint8", NULL },   { "qint8", NULL },
    { "qint32", NULL },       { "quint4x2", NULL }, { "quint2x4", NULL },
  };
  for (int i = 0; i < TE_DTYPE_COUNT; i++)
    if (!add_name (module, dtypes[i] = name_new (te_py_dtype_type, i, te_dtype_name ((TeDtype) i)),
                   te_dtype_name ((TeDtype) i)))
      return false;
  for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++)
    if (!add_name (module, dtypes[aliases[i].dtype], aliases[i].name))
      return false;
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
    {
      PyObject *object = name_new (te_py_dtype_type, -1, others[i][0]);
      bool ok = add_name (module, object, others[i][0])
                && (!others[i][1] || add_name (module, object, others[i][1]));
      Py_XDECREF (object);
      if (!ok)
        return false;
    }
  return true;
}

static bool
add_layouts (PyObject *module)
{
  static const char *const names[] = { "contiguous_format", "preserve_format", "channels_last",
                                       "channels_last_3d" };
  static const char *const sparse[] = { "sparse_coo", "sparse_csr", "sparse_csc",
                                        "sparse_bsr", "sparse_bsc", "_mkldnn" };
  for (int i = 0; i < 4; i++)
    if (!add_name (module, formats[i] = name_new (te_py_memory_format_type, i, names[i]), names[i]))
      return false;
  for (size_t i = 0; i < sizeof sparse / sizeof sparse[0]; i++)
    {
      PyObject *object = name_new (te_py_layout_type, 1 + (int) i, sparse[i]);
      bool ok = add_name (module, object, sparse[i]);
      Py_XDECREF (object);
      if (!ok)
        return false;
    }
  return add_name (module, strided = name_new (te_py_layout_type, 0, "strided"), "strided");
}

bool
te_py_dtype_type_init (PyObject *module)
{
  PyType_Slot dtype_slots[] = { { Py_tp_dealloc, name_dealloc },
                                { Py_tp_repr, name_repr },
                                { Py_tp_getset, dtype_getset },
                                { Py_tp_methods, dtype_methods },
                                { Py_tp_doc, "What the elements of a tensor are." },
                                { 0 } };
  PyType_Slot device_slots[] = { { Py_tp_dealloc, name_dealloc },
                                 { Py_tp_new, device_new },
                                 { Py_tp_repr, device_repr },
                                 { Py_tp_str, device_str },
                                 { Py_tp_richcompare, device_compare },
                                 { Py_tp_hash, device_hash },
                                 { Py_tp_getset, device_getset },
                                 { Py_tp_methods, device_methods },
                                 { Py_tp_doc, "Where a tensor's memory is." },
                                 { 0 } };
  PyType_Slot layout_slots[] = {
    { Py_tp_dealloc, name_dealloc }, { Py_tp_repr, name_repr }, { Py_tp_methods, dtype_methods }, { 0 }
  };
  PyType_Slot format_slots[] = {
    { Py_tp_dealloc, name_dealloc }, { Py_tp_repr, name_repr }, { Py_tp_methods, dtype_methods }, { 0 }
  };
  te_py_dtype_type = make_type (module, "torch.dtype", dtype_slots);
  te_py_device_type = make_type (module, "torch.device", device_slots);
  te_py_layout_type = make_type (module, "torch.layout", layout_slots);
  te_py_memory_format_type = make_type (module, "torch.memory_format", format_slots);
  if (!te_py_dtype_type || !te_py_device_type || !te_py_layout_type || !te_py_memory_format_type)
    return false;
  cpu_device = device_make ("cpu", 3, -1);
  meta_device = device_make ("meta", 4, -1);
  return cpu_device && meta_device && add_dtypes (module) && add_layouts (module);
}
