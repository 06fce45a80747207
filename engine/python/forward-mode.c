/* Forward mode seen from Python: levels, dual tensors, and the jvp that a Function of one's own defines. */
#include "autograd/forward.h"

#include "base/mem.h"
#include "python/python-private.h"

static PyObject *
enter_level (PyObject *module, PyObject *ignored)
{
  if (te_forward_level)
    return PyErr_Format (PyExc_RuntimeError, "Nested forward mode AD is not supported at the moment");
  te_forward_enter ();
  return PyLong_FromLong (0);
}

static PyObject *
exit_level (PyObject *module, PyObject *ignored)
{
  te_forward_level = 0;
  Py_RETURN_NONE;
}

/* The tensor itself under another name, which its gradient goes through; a tangent stays behind. */
static TeTensor *
same_without_tangent (TeTensor *tensor, TeError *err)
{
  TE_OP (alias, "alias");
  uint64_t level = te_forward_pause ();
  TeTensor *same = te_call (alias, err, "T", tensor);
  te_forward_level = level;
  return same;
}

static bool
check_sizes (const TeTensor *tensor, const TeTensor *tangent, TeError *err)
{
  char own[256], given[256];
  if (tensor->ndim == tangent->ndim
      && memcmp (tensor->sizes, tangent->sizes, tensor->ndim * sizeof *tensor->sizes) == 0)
    return true;
  return te_error_set (
      err, TE_ERR_RUNTIME,
      "Trying to set a forward gradient that has a different size than that of the original Tensor, this is not "
      "supported. Tensor is of size %s while the given forward gradient is of size %s.",
      te_shape_text (tensor->ndim, tensor->sizes, own, sizeof own),
      te_shape_text (tangent->ndim, tangent->sizes, given, sizeof given));
}

static PyObject *
make_dual (PyObject *module, PyObject *args)
{
  PyObject *primal, *tangent;
  TeError err;
  te_error_clear (&err);
  if (!PyArg_ParseTuple (args, "OO:_make_dual", &primal, &tangent))
    return NULL;
  if (!te_py_is_tensor (primal) || !te_py_is_tensor (tangent))
    return PyErr_Format (PyExc_TypeError, "_make_dual(): arguments must be Tensors");
  TeTensor *tensor = te_py_tensor (primal), *vector = te_py_tensor (tangent);
  if (te_tensor_tangent (vector))
    return PyErr_Format (PyExc_RuntimeError,
                         "Making a dual Tensor based on a tangent that already has a forward gradient at the same "
                         "level 0 is not supported.");
  if (te_tensor_tangent (tensor))
    return PyErr_Format (PyExc_RuntimeError,
                         "Making a dual Tensor based on a Tensor that already has a forward gradient at the same "
                         "level 0 is not supported.");
  TeTensor *dual = check_sizes (tensor, vector, &err) ? same_without_tangent (tensor, &err) : NULL;
  if (dual && !te_tensor_set_tangent (dual, vector, &err))
    te_tensor_clear (&dual);
  return te_py_wrap_error (dual, &err);
}

static PyObject *
unpack_dual (PyObject *module, PyObject *object)
{
  TeError err;
  te_error_clear (&err);
  if (!te_py_is_tensor (object))
    return PyErr_Format (PyExc_TypeError, "_unpack_dual(): argument 'dual' (position 1) must be Tensor, not %s",
                         Py_TYPE (object)->tp_name);
  TeTensor *tangent = te_tensor_tangent (te_py_tensor (object));
  PyObject *primal = te_py_wrap_error (same_without_tangent (te_py_tensor (object), &err), &err);
  PyObject *second = primal && tangent ? te_py_wrap (te_tensor_ref (tangent)) : Py_NewRef (Py_None);
  PyObject *pair = primal && second ? PyTuple_Pack (2, primal, second) : NULL;
  Py_XDECREF (primal);
  Py_XDECREF (second);
  return pair;
}

/* ---- Functions of one's own ---- */

static bool
any_tangent (PyObject *args)
{
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE (args); i++)
    if (te_py_is_tensor (PyTuple_GET_ITEM (args, i)) && te_has_tangent (te_py_tensor (PyTuple_GET_ITEM (args, i))))
      return true;
  return false;
}

/* What jvp is given for an argument: its tangent, zeros for a tensor without one, None for anything else. */
static PyObject *
tangent_argument (PyObject *item, bool materialize)
{
  TeError err;
  te_error_clear (&err);
  TeTensor *tangent = te_py_is_tensor (item) ? te_tensor_tangent (te_py_tensor (item)) : NULL;
  if (tangent)
    return te_py_wrap (te_tensor_ref (tangent));
  if (!materialize || !te_py_is_tensor (item))
    return Py_NewRef (Py_None);
  return te_py_wrap_error (te_zeros_like (te_py_tensor (item), &err), &err);
}

static PyObject *
tangents_of (PyObject *args, bool materialize)
{
  PyObject *tangents = PyTuple_New (PyTuple_GET_SIZE (args));
  for (Py_ssize_t i = 0; tangents && i < PyTuple_GET_SIZE (args); i++)
    {
      PyObject *object = tangent_argument (PyTuple_GET_ITEM (args, i), materialize);
      if (!object)
        Py_CLEAR (tangents);
      else
        PyTuple_SET_ITEM (tangents, i, object);
    }
  return tangents;
}

static bool
take_tangents (PyObject *class, PyObject *outputs, PyObject *returned)
{
  TeError err;
  te_error_clear (&err);
  bool tuple = PyTuple_Check (returned);
  Py_ssize_t n = tuple ? PyTuple_GET_SIZE (returned) : 1;
  if (n != PyTuple_GET_SIZE (outputs))
    {
      PyErr_Format (PyExc_RuntimeError,
                    "Function %sBackward returned an incorrect number of forward gradients (expected %zd got %zd)",
                    ((PyTypeObject *) class)->tp_name, PyTuple_GET_SIZE (outputs), n);
      return false;
    }
  for (Py_ssize_t k = 0; k < n; k++)
    {
      PyObject *item = tuple ? PyTuple_GET_ITEM (returned, k) : returned, *output = PyTuple_GET_ITEM (outputs, k);
      if (item == Py_None || !te_py_is_tensor (output))
        continue;
      if (!te_py_is_tensor (item))
        {
          PyErr_Format (PyExc_RuntimeError, "expected Variable or None (got %s)", Py_TYPE (item)->tp_name);
          return false;
        }
      if (!check_sizes (te_py_tensor (output), te_py_tensor (item), &err)
          || !te_tensor_set_tangent (te_py_tensor (output), te_py_tensor (item), &err))
        return te_py_raise (&err) != NULL;
    }
  return true;
}

bool
te_py_forward_function (PyObject *context, PyObject *class, PyObject *args, PyObject *outputs)
{
  if (!any_tangent (args))
    return true;
  PyObject *wanted = PyObject_GetAttrString (context, "materialize_grads");
  PyObject *tangents = wanted ? tangents_of (args, wanted == Py_True) : NULL;
  Py_XDECREF (wanted);
  if (!tangents)
    return false;
  PyObject *kept = PyObject_GetAttrString (context, "saved_for_forward"), *jvp = NULL, *returned = NULL;
  PyErr_Clear (); /* without save_for_forward there is none */
  PyObject *with_context = PyTuple_Pack (1, context), *all = with_context ? PySequence_Concat (with_context, tangents) : NULL;
  te_py_function_show (context, kept);
  if (all)
    jvp = PyObject_GetAttrString (class, "jvp");
  uint64_t level = te_forward_pause (); /* tangents have no tangents */
  if (jvp)
    returned = PyObject_CallObject (jvp, all);
  te_forward_level = level;
  te_py_function_show (context, NULL);
  bool ok = returned && take_tangents (class, outputs, returned);
  Py_XDECREF (kept);
  Py_XDECREF (returned);
  Py_XDECREF (jvp);
  Py_XDECREF (all);
  Py_XDECREF (with_context);
  Py_DECREF (tangents);
  return ok;
}

bool
te_py_forward_init (PyObject *module)
{
  static PyMethodDef functions[] = {
    { "_enter_dual_level", enter_level, METH_NOARGS, NULL },
    { "_exit_dual_level", exit_level, METH_NOARGS, NULL },
    { "_make_dual", make_dual, METH_VARARGS, NULL },
    { "_unpack_dual", unpack_dual, METH_O, NULL },
    { 0 },
  };
  return PyModule_AddFunctions (module, functions) == 0;
}
