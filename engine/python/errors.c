/* TeError to Python exceptions and back; the engine's warnings through Python's warnings. */
#include "python/python-private.h"

static PyObject *linalg_error;

static PyObject *
exception_for (TeErrKind kind)
{
  switch (kind)
    {
    case TE_ERR_INDEX:
      return PyExc_IndexError;
    case TE_ERR_TYPE:
      return PyExc_TypeError;
    case TE_ERR_VALUE:
      return PyExc_ValueError;
    case TE_ERR_NOT_IMPLEMENTED:
      return PyExc_NotImplementedError;
    case TE_ERR_ATTRIBUTE:
      return PyExc_AttributeError;
    case TE_ERR_KEY:
      return PyExc_KeyError;
    case TE_ERR_OVERFLOW:
      return PyExc_OverflowError;
    case TE_ERR_ZERO_DIVISION:
      return PyExc_ZeroDivisionError;
    case TE_ERR_LINALG:
      return linalg_error;
    case TE_ERR_INTERRUPT:
      return PyExc_KeyboardInterrupt;
    case TE_ERR_NONE:
    case TE_ERR_RUNTIME:
    case TE_ERR_MEMORY: /* PyTorch's CPU allocator raises RuntimeError too */
    case TE_ERR_PENDING:
      break;
    }
  return PyExc_RuntimeError;
}

PyObject *
te_py_raise (const TeError *err)
{
  if (err->kind == TE_ERR_PENDING && PyErr_Occurred ())
    return NULL;
  if (err->kind == TE_ERR_INTERRUPT)
    {
      te_interrupt_clear ();
      if (PyErr_CheckSignals () < 0) /* Ctrl-C: the signal's own exception */
        return NULL;
      PyErr_SetNone (PyExc_KeyboardInterrupt);
      return NULL;
    }
  PyErr_SetString (exception_for (err->kind), err->text);
  return NULL;
}

bool
te_py_pending (TeError *err)
{
  return te_error_set (err, TE_ERR_PENDING, "a Python exception is set");
}

static bool
warn (TeWarnKind kind, const char *text, TeError *err)
{
  PyObject *category = kind == TE_WARN_DEPRECATION ? PyExc_DeprecationWarning : PyExc_UserWarning;
  return PyErr_WarnEx (category, text, 1) == 0 || te_py_pending (err);
}

void
te_py_errors_attach (PyObject *module)
{
  te_warn_set_handler (warn);
  linalg_error = PyErr_NewException ("torch._C._LinAlgError", PyExc_RuntimeError, NULL);
  PyModule_AddObjectRef (module, "_LinAlgError", linalg_error);
}

PyObject *
te_py_not_implemented (const char *what)
{
  return PyErr_Format (PyExc_NotImplementedError, "%s is not implemented in Gradboard's engine", what);
}
