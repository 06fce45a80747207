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

static void
report (TeNode *node)
{
  PyObject *type, *value, *trace;
  PyErr_Fetch (&type, &value, &trace);
  PyObject *key = PyLong_FromUnsignedLongLong (node->id);
  PyObject *text = key ? PyDict_GetItem (places, key) : NULL;
  int raised;
  if (text)
    raised = PyErr_WarnFormat (PyExc_UserWarning, 1,
                               "Error detected in %s. Traceback of forward call that caused the error:\n%U",
                               node->name, text);
  else
    raised = PyErr_WarnFormat (
        PyExc_UserWarning, 1,
        "Error detected in %s. No forward pass information available. Enable detect anomaly during forward "
        "pass for more information.",
        node->name);
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
