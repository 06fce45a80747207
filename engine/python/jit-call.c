/* Calling compiled functions from Python, and the words for what fails. */
#include "python/jit-private.h"

#include <string.h>

/* torch.jit.Error, made in Python; RuntimeError until then. */
static PyObject *jit_error;

static void
add_frame (TeJitText *text, const TeJitFrame *frame, bool innermost)
{
  const TeJitRange *range = frame->range;
  if (!range)
    return;
  if (!range->source)
    {
      if (innermost && range->stack)
        te_jit_text_add (text, range->stack);
      return;
    }
  TeJitText excerpt = { 0 };
  te_jit_range_text (&excerpt, range);
  const char *shown = te_jit_text_get (&excerpt), *line_end = strchr (shown, '\n');
  if (frame->function && line_end && range->file)
    te_jit_text_format (text, "%.*s, in %s%s", (int) (line_end - shown), shown, frame->function->name,
                        line_end);
  else
    te_jit_text_add (text, shown);
  te_jit_text_clear (&excerpt);
}

PyObject *
te_py_jit_raise (const TeError *err)
{
  const TeJitFailure *failure = &te_jit_failure;
  if (err->kind == TE_ERR_PENDING || err->kind == TE_ERR_INTERRUPT || err->kind == TE_ERR_MEMORY
      || err->kind == TE_ERR_NOT_IMPLEMENTED)
    return te_py_raise (err);
  TeJitText text = { 0 };
  te_jit_text_add (&text, "The following operation failed in the TorchScript interpreter.\nTraceback of "
                          "TorchScript (most recent call last):\n");
  for (int i = failure->n_frames; i-- > 0;)
    add_frame (&text, &failure->frames[i], i == 0);
  te_jit_text_format (&text, "%s: %s\n",
                      failure->raised && failure->exception ? failure->exception : "RuntimeError", err->text);
  if (!jit_error)
    {
      PyObject *module = PyImport_ImportModule ("torch.jit._script");
      jit_error = module ? PyObject_GetAttrString (module, "Error") : NULL;
      Py_XDECREF (module);
      PyErr_Clear ();
    }
  PyErr_SetString (failure->raised && jit_error ? jit_error : PyExc_RuntimeError, te_jit_text_get (&text));
  te_jit_text_clear (&text);
  return NULL;
}

/* ---- arguments ---- */
static PyObject *
find_keyword (const char *name, PyObject *const *values, PyObject *kwnames, Py_ssize_t *used)
{
  for (Py_ssize_t i = 0; kwnames && i < PyTuple_GET_SIZE (kwnames); i++)
    if (PyUnicode_CompareWithASCIIString (PyTuple_GET_ITEM (kwnames, i), name) == 0)
      {
        ++*used;
        return values[i];
      }
  return NULL;
}

static const char *
python_type_text (PyObject *object)
{
  const TeJitType *type = te_py_jit_type_of (object);
  return type ? type->annotation : Py_TYPE (object)->tp_name;
}

static bool
refuse_argument (const TeJitFunction *function, int at, PyObject *object)
{
  const TeJitParam *param = &function->params[at];
  PyObject *shown = PyObject_Repr (object);
  TeJitText text = { 0 };
  te_jit_text_format (
      &text, "%s() Expected a value of type '%s' for argument '%s' but instead found type '%s'.\n",
      function->name, te_jit_type_error_text (param->type), param->name, python_type_text (object));
  if (param->type->inferred)
    te_jit_text_format (
        &text, "Inferred '%s' to be of type 'Tensor' because it was not annotated with an explicit type.\n",
        param->name);
  te_jit_text_format (&text, "Position: %d\nValue: %s\nDeclaration: %s\n", at,
                      shown ? PyUnicode_AsUTF8 (shown) : "?", te_jit_function_declaration (function));
  if (param->type->kind == TE_JIT_TENSOR)
    te_jit_text_format (&text, "Cast error details: Unable to cast %s to Tensor",
                        shown ? PyUnicode_AsUTF8 (shown) : "?");
  else
    te_jit_text_add (&text, "Cast error details: Unable to cast Python instance to C++ type (#define "
                            "PYBIND11_DETAILED_ERROR_MESSAGES or "
                            "compile in debug mode for details)");
  PyErr_SetString (PyExc_RuntimeError, te_jit_text_get (&text));
  te_jit_text_clear (&text);
  Py_XDECREF (shown);
  return false;
}

static bool
parse (const TeJitFunction *function,
       PyObject *self,
       PyObject *const *args,
       Py_ssize_t n,
       PyObject *kwnames,
       TeJitAny *values)
{
  int first = self ? 1 : 0;
  Py_ssize_t used = 0;
  if (self)
    values[0] = (TeJitAny){ TE_JIT_V_OBJECT, { .object = self } };
  if (n + first > function->n_params)
    {
      PyErr_Format (PyExc_RuntimeError,
                    "%s() expected at most %d argument(s) but received %zd argument(s). Declaration: %s",
                    function->name, function->n_params,
                    n + first + (kwnames ? PyTuple_GET_SIZE (kwnames) : 0),
                    te_jit_function_declaration (function));
      return false;
    }
  for (int i = first; i < function->n_params; i++)
    {
      const TeJitParam *param = &function->params[i];
      PyObject *object =
          i - first < n ? args[i - first] : find_keyword (param->name, args + n, kwnames, &used);
      if (!object && param->has_default)
        values[i] = te_jit_ref (param->default_value);
      else if (!object)
        {
          PyErr_Format (PyExc_RuntimeError, "%s() is missing value for argument '%s'. Declaration: %s",
                        function->name, param->name, te_jit_function_declaration (function));
          return false;
        }
      else if (!te_py_jit_from (object, te_jit_type_plain (param->type), &values[i]))
        return PyErr_Occurred () ? false : refuse_argument (function, i, object);
    }
  if (kwnames && used < PyTuple_GET_SIZE (kwnames))
    for (Py_ssize_t k = 0; k < PyTuple_GET_SIZE (kwnames); k++)
      {
        bool known = false;
        for (int i = (int) n + first; i < function->n_params; i++)
          known =
              known
              || PyUnicode_CompareWithASCIIString (PyTuple_GET_ITEM (kwnames, k), function->params[i].name)
                     == 0;
        if (!known)
          {
            PyErr_Format (PyExc_RuntimeError, "Unknown keyword argument '%U' for operator '%s'. Schema: %s",
                          PyTuple_GET_ITEM (kwnames, k), function->name,
                          te_jit_function_declaration (function));
            return false;
          }
      }
  return true;
}

PyObject *
te_py_jit_call (
    TeJitFunction *function, PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *kwnames)
{
  TeJitAny inline_values[32] = { { 0 } }, *values = inline_values, result;
  if (function->n_params > 32 && !(values = PyMem_Calloc ((size_t) function->n_params, sizeof *values)))
    return PyErr_NoMemory ();
  PyObject *out = NULL;
  if (parse (function, self, args, n, kwnames, values))
    {
      TeError err;
      te_error_clear (&err);
      if (te_py_trace_call (function, self, values, &result, &err))
        {
          out = te_py_jit_to (result, function->returns);
          te_jit_unref (result);
        }
      else
        te_py_jit_raise (&err);
    }
  for (int i = 0; i < function->n_params; i++)
    te_jit_unref (values[i]);
  if (values != inline_values)
    PyMem_Free (values);
  return out;
}

bool
te_py_jit_init (PyObject *module)
{
  return te_py_jit_host_init () && te_py_jit_types_init (module) && te_py_jit_objects_init (module)
         && te_py_jit_passes_init (module) && te_py_jit_trace_init (module)
         && te_py_jit_frontend_init (module) && te_py_jit_save_init (module)
         && te_py_jit_freeze_init (module);
}
