/* An autograd.Function as the trace tells it: one op named as its class, whose parts are what its forward ran, and one
 * node with what it keeps.  Nothing of the program is called to tell it. */
#include "python/trace-private.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

/* ---- what it is called ---- */

/* The names that `forward (ctx, x, slope)` gives its arguments; NULL when it is no plain function.  Owned. */
static PyObject *
names_of (PyObject *class)
{
  static PyObject *key;
  if (!key)
    key = PyUnicode_InternFromString ("forward");
  PyObject *forward = key ? _PyType_Lookup ((PyTypeObject *) class, key) : NULL, *names = NULL;
  if (forward && PyObject_TypeCheck (forward, &PyStaticMethod_Type))
    forward = PyObject_GetAttrString (forward, "__func__");
  else
    Py_XINCREF (forward);
  if (forward && PyFunction_Check (forward))
    {
      PyObject *code = PyFunction_GET_CODE (forward), *all = PyObject_GetAttrString (code, "co_varnames");
      names = all ? PyTuple_GetSlice (all, 0, ((PyCodeObject *) code)->co_argcount) : NULL;
      Py_XDECREF (all);
    }
  Py_XDECREF (forward);
  PyErr_Clear ();
  return names;
}

/* Of argument number i after ctx, "" when it has none. */
static const char *
name_at (PyObject *names, Py_ssize_t i)
{
  const char *name = names && i + 1 < PyTuple_GET_SIZE (names) ? PyUnicode_AsUTF8 (PyTuple_GET_ITEM (names, i + 1)) : "";
  if (!name)
    PyErr_Clear ();
  return name ? name : "";
}

/* Numbers, texts and None of exactly these types: what others read as is the program's code. */
static bool
is_plain (PyObject *value)
{
  return value == Py_None || PyBool_Check (value) || PyLong_CheckExact (value) || PyFloat_CheckExact (value)
         || PyUnicode_CheckExact (value);
}

/* "slope=0.1": those that are no tensors. */
static size_t
argument_text (PyObject *names, PyObject *args, char *text, size_t nbytes)
{
  size_t at = 0;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE (args); i++)
    {
      PyObject *value = PyTuple_GET_ITEM (args, i);
      if (te_py_is_tensor (value))
        continue;
      PyObject *repr = is_plain (value) ? PyObject_Repr (value) : NULL;
      const char *name = name_at (names, i), *is = repr ? PyUnicode_AsUTF8 (repr) : Py_TYPE (value)->tp_name;
      int n = snprintf (text + at, nbytes - at, "%s%s%s%s", at ? ", " : "", name, *name ? "=" : "", is ? is : "?");
      Py_XDECREF (repr);
      PyErr_Clear ();
      if (n < 0 || at + (size_t) n >= nbytes)
        break; /* cut before the one that does not fit */
      at += (size_t) n;
    }
  return at;
}

/* ---- begin and end ---- */

static bool
is_heard (void)
{
  return te_trace_on () && te_autograd_observer;
}

static uint16_t
flags_now (void)
{
  const TeTraceState *s = &te_trace_state;
  return (uint16_t) (TE_WIRE_OP_FUNCTION | (te_grad_mode_enabled () ? 0 : TE_WIRE_OP_NO_GRAD)
                     | (s->backward_depth ? TE_WIRE_OP_BACKWARD : 0) | (s->in_optimizer ? TE_WIRE_OP_OPTIMIZER : 0));
}

/* The tensors of a tuple, in order. */
static TeTensor **
tensors_of (PyObject *tuple, int *n)
{
  TeTensor **tensors = PyMem_Calloc ((size_t) PyTuple_GET_SIZE (tuple) + 1, sizeof *tensors);
  *n = 0;
  for (Py_ssize_t i = 0; tensors && i < PyTuple_GET_SIZE (tuple) && *n < UINT16_MAX; i++)
    if (te_py_is_tensor (PyTuple_GET_ITEM (tuple, i)))
      tensors[(*n)++] = te_py_tensor (PyTuple_GET_ITEM (tuple, i));
  return tensors;
}

bool
te_trace_function_begin (PyObject *class, PyObject *args, bool records, uint64_t *call)
{
  TeTraceState *s = &te_trace_state;
  *call = 0;
  if (!is_heard ())
    return true;
  if (s->after_iteration && records && !s->depth && !s->backward_depth)
    te_trace_forward_begins ();
  if (!te_trace_op_may_begin ())
    return false;
  char text[512];
  PyObject *names = names_of (class);
  TeToldOp told = { .name = te_recorder_text (s->recorder, ((PyTypeObject *) class)->tp_name),
                    .flags = flags_now (),
                    .text = text,
                    .text_nbytes = argument_text (names, args, text, sizeof text) };
  TeTensor **inputs = tensors_of (args, &told.n_inputs);
  told.inputs = inputs;
  *call = te_trace_op_begins (&told);
  PyMem_Free (inputs);
  Py_XDECREF (names);
  return true;
}

void
te_trace_function_end (uint64_t call, PyObject *results)
{
  int n = 0;
  if (!call || !is_heard ())
    return;
  TeTensor **outs = results ? tensors_of (results, &n) : NULL;
  te_trace_op_ends (call, outs, outs ? n : 0, results != NULL);
  PyMem_Free (outs);
}

/* ---- its node ---- */

/* What it keeps is called as forward's argument is, or "result". */
static const char *
kept_name (PyObject *names, PyObject *args, PyObject *results, PyObject *kept)
{
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE (args); i++)
    if (PyTuple_GET_ITEM (args, i) == kept && *name_at (names, i))
      return name_at (names, i);
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE (results); i++)
    if (PyTuple_GET_ITEM (results, i) == kept)
      return "result";
  return "saved";
}

void
te_trace_function_node (
    uint64_t call, TeNode *node, PyObject *class, PyObject *args, PyObject *saved, PyObject *results)
{
  TeToldSaved kept[TE_TRACE_MOST_SAVED];
  int n = 0;
  if (!call || !is_heard ())
    return;
  PyObject *names = names_of (class);
  for (Py_ssize_t i = 0; saved && i < PyTuple_GET_SIZE (saved) && n < TE_TRACE_MOST_SAVED; i++)
    {
      PyObject *item = PyTuple_GET_ITEM (saved, i);
      if (!te_py_is_tensor (item))
        continue;
      const TeTensor *tensor = te_py_tensor (item);
      const char *name = kept_name (names, args, results, item);
      kept[n++] = (TeToldSaved){ tensor, *tensor->version, te_recorder_text (te_trace_state.recorder, name) };
    }
  te_trace_node_made (node, call, NULL, kept, n);
  Py_XDECREF (names);
}
