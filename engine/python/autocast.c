/* torch.is_autocast_enabled and its kin: the switches that torch.autocast turns.  What is set for CUDA is
 * kept and changes nothing: there is none. */
#include "python/python-private.h"

#include "ops/autocast.h"

static bool cuda_enabled;
static TeDtype cuda_dtype = TE_FLOAT16;
static int nesting;

static bool
take_bool (PyObject *object, bool *value)
{
  *value = object == Py_True;
  if (PyBool_Check (object))
    return true;
  PyErr_Format (PyExc_TypeError, "enabled must be a bool (got %s)", Py_TYPE (object)->tp_name);
  return false;
}

static bool
take_dtype (PyObject *object, TeDtype *dtype)
{
  if (Py_TYPE (object) == te_py_dtype_type)
    return te_py_dtype_get (object, dtype);
  PyErr_Format (PyExc_TypeError, "dtype must be a torch.dtype (got %s)", Py_TYPE (object)->tp_name);
  return false;
}

static PyObject *
is_autocast_enabled (PyObject *module, PyObject *ignored)
{
  return PyBool_FromLong (cuda_enabled);
}

static PyObject *
set_autocast_enabled (PyObject *module, PyObject *object)
{
  if (!take_bool (object, &cuda_enabled))
    return NULL;
  Py_RETURN_NONE;
}

static PyObject *
is_autocast_cpu_enabled (PyObject *module, PyObject *ignored)
{
  return PyBool_FromLong (te_autocast_enabled ());
}

static PyObject *
set_autocast_cpu_enabled (PyObject *module, PyObject *object)
{
  bool enabled;
  if (!take_bool (object, &enabled))
    return NULL;
  te_autocast_set (enabled);
  Py_RETURN_NONE;
}

static PyObject *
get_autocast_gpu_dtype (PyObject *module, PyObject *ignored)
{
  return te_py_dtype_object (cuda_dtype);
}

static PyObject *
set_autocast_gpu_dtype (PyObject *module, PyObject *object)
{
  if (!take_dtype (object, &cuda_dtype))
    return NULL;
  Py_RETURN_NONE;
}

static PyObject *
get_autocast_cpu_dtype (PyObject *module, PyObject *ignored)
{
  return te_py_dtype_object (te_autocast_dtype ());
}

static PyObject *
set_autocast_cpu_dtype (PyObject *module, PyObject *object)
{
  TeDtype dtype;
  if (!take_dtype (object, &dtype))
    return NULL;
  if (dtype != TE_BFLOAT16)
    return PyErr_Format (PyExc_RuntimeError,
                         "Currently, AutocastCPU only support Bfloat16 as the autocast_cpu_dtype");
  te_autocast_set_dtype (dtype);
  Py_RETURN_NONE;
}

static PyObject *
autocast_increment_nesting (PyObject *module, PyObject *ignored)
{
  return PyLong_FromLong (++nesting);
}

static PyObject *
autocast_decrement_nesting (PyObject *module, PyObject *ignored)
{
  return PyLong_FromLong (--nesting);
}

static PyObject *
clear_autocast_cache (PyObject *module, PyObject *ignored)
{
  te_autocast_clear_cache ();
  Py_RETURN_NONE;
}

static PyObject *
is_autocast_cache_enabled (PyObject *module, PyObject *ignored)
{
  return PyBool_FromLong (te_autocast_cache_enabled ());
}

static PyObject *
set_autocast_cache_enabled (PyObject *module, PyObject *object)
{
  bool enabled;
  if (!take_bool (object, &enabled))
    return NULL;
  te_autocast_set_cache (enabled);
  Py_RETURN_NONE;
}

static PyMethodDef functions[] = {
  { "is_autocast_enabled", is_autocast_enabled, METH_NOARGS, "Whether autocast is on for CUDA." },
  { "set_autocast_enabled", set_autocast_enabled, METH_O, NULL },
  { "is_autocast_cpu_enabled", is_autocast_cpu_enabled, METH_NOARGS, "Whether autocast is on for the CPU." },
  { "set_autocast_cpu_enabled", set_autocast_cpu_enabled, METH_O, NULL },
  { "get_autocast_gpu_dtype", get_autocast_gpu_dtype, METH_NOARGS, NULL },
  { "set_autocast_gpu_dtype", set_autocast_gpu_dtype, METH_O, NULL },
  { "get_autocast_cpu_dtype", get_autocast_cpu_dtype, METH_NOARGS, "What autocast casts to on the CPU." },
  { "set_autocast_cpu_dtype", set_autocast_cpu_dtype, METH_O, NULL },
  { "autocast_increment_nesting", autocast_increment_nesting, METH_NOARGS, NULL },
  { "autocast_decrement_nesting", autocast_decrement_nesting, METH_NOARGS, NULL },
  { "clear_autocast_cache", clear_autocast_cache, METH_NOARGS, "Forgets the casts of parameters." },
  { "is_autocast_cache_enabled", is_autocast_cache_enabled, METH_NOARGS, NULL },
  { "set_autocast_cache_enabled", set_autocast_cache_enabled, METH_O, NULL },
  { 0 },
};

bool
te_py_autocast_init (PyObject *module)
{
  return PyModule_AddFunctions (module, functions) == 0;
}
