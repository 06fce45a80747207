/* Anomaly mode: where in the program each node was made, told when its backward fails or gives NaN. */
#include "python/python-private.h"

static PyObject *places; /* node id -> the stack as text */

static PyObject *
format_stack (void)
{
  PyObject *traceback = PyImport_ImportModule ("traceback");
  PyObject *lines = traceback ? PyObject_CallMethod (traceback, "format_stack", NULL) : NULL;
  PyObject *nothing = lines ? PyUnicode_FromString ("") : NULL;
  PyObject *text = nothing ? PyUnicode_Join (nothing, lines) : NULL;
  Py_XDECREF (nothing);
  Py_XDECREF (lines);
  Py_XDECREF (traceback);
  return text;
}

/* te_py_anomaly_note: remembers the stack for the node that made tensor.  Only called while the mode is on.
 */
void
te_py_anomaly_note (TeTensor *tensor)
{
  TeNode *node = NULL;
  TeError err;
  te_error_clear (&err);
  if (!tensor || !te_tensor_requires_grad (tensor) || !te_tensor_grad_fn (tensor, &node, &err) || !node)
    return;
  PyObject *key = PyLong_FromUnsignedLongLong (node->id), *text = NULL;
  if (key && !PyDict_Contains (places, key))
    text = format_stack ();
  if (text)
    PyDict_SetItem (places, key, text);
  Py_XDECREF (text);
  Py_XDECREF (key);
  PyErr_Clear (); /* a lost note is no error of the program */
}

void
te_py_anomaly_forget (void)
{
  PyDict_Clear (places);
}

/* A warning of the walk has the walk's place, as in PyTorch: a line of torch.autograd, not the program's own.
 * Filters by module and "once for each line" go by it. */
int
te_py_warn_in_backward (PyObject *text)
{
  static PyObject *file;
  if (!file)
    {
      PyObject *module = PyImport_ImportModule ("torch.autograd");
      file = module ? PyObject_GetAttrString (module, "__file__") : NULL;
      Py_XDECREF (module);
    }
  int line = te_backward_is_partial () ? 300 : 197; /* run_backward in grad () and in backward () */
  PyObject *name = file ? PyUnicode_FromString ("torch.autograd") : NULL;
  int result = name ? PyErr_WarnExplicitObject (PyExc_UserWarning, text, file, line, name, NULL) : -1;
  Py_XDECREF (name);
  return result;
}

static void
report (TeNode *node)
{
  PyObject *type, *value, *trace;
  PyErr_Fetch (&type, &value, &trace);
  PyObject *key = PyLong_FromUnsignedLongLong (node->id);
  PyObject *text = key ? PyDict_GetItem (places, key) : NULL;
  PyObject *said =
      text ? PyUnicode_FromFormat (
                 "Error detected in %s. Traceback of forward call that caused the error:\n%U", node->name, text)
           : PyUnicode_FromFormat ("Error detected in %s. No forward pass information available. Enable detect "
                                   "anomaly during forward pass for more information.",
                                   node->name);
  int raised = said ? te_py_warn_in_backward (said) : -1;
  Py_XDECREF (said);
  Py_XDECREF (key);
  if (raised < 0)
    PyErr_Clear ();
  PyErr_Restore (type, value, trace);
}

bool
te_py_anomaly_init (void)
{
  places = PyDict_New ();
  te_anomaly_set_reporter (report);
  return places != NULL;
}
