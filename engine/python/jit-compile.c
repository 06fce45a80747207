/* A function's definition becomes a function. */
#include "python/jit-frontend.h"

#include "jit/passes.h"

static void
declare_default (TeJitParam *param, PyObject *fallback)
{
  const TeJitType *type = param->type->inferred && fallback == Py_None ? NULL : param->type;
  param->has_default = te_py_jit_from (fallback, type, &param->default_value);
  if (!param->has_default && param->list_size
      && te_py_jit_from (fallback, type->items[0], &param->default_value))
    { /* one item for all */
      TeJitAny item = param->default_value;
      param->default_value = te_jit_container (TE_JIT_V_LIST, type);
      for (int i = 0; i < param->list_size; i++)
        te_jit_append (&param->default_value, item);
      param->has_default = true;
    }
}

/* A default of another type, which PyTorch minds once it has been through the body. */
static bool
refuse_default (Frontend *self, PyObject *node, const TeJitParam *param)
{
  return te_fe_error (
      self, te_fe_range (self, node), "Expected a default value of type %s on parameter \"%s\".%s",
      te_jit_type_error_text (param->type), param->name,
      !param->type->inferred
          ? ""
          : te_jit_intern_format (
              "Because \"%s\" was not annotated with an explicit type it is assumed to be type 'Tensor'.",
              param->name));
}

/* params: list of (name, annotation or None, default or Ellipsis); *unfit gets the first whose default is of another
 * type. */
static bool
declare_params (Frontend *self, PyObject *params, TeJitClass *class, int *unfit)
{
  TeJitFunction *function = self->function;
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE (params); i++)
    {
      PyObject *name, *annotation, *fallback;
      if (!PyArg_ParseTuple (PyList_GET_ITEM (params, i), "UOO", &name, &annotation, &fallback))
        return false;
      TeJitParam param = { .name = te_jit_intern (PyUnicode_AsUTF8 (name)) };
      PyObject *size = PyObject_GetAttrString (annotation, "_jit_list_size");
      param.list_size = size ? (int) PyLong_AsLong (size) : 0;
      Py_XDECREF (size);
      PyErr_Clear ();
      if (i == 0 && class)
        param.type = class->type;
      else if (annotation == Py_None)
        param.type = te_jit_type_inferred_tensor ();
      else if (!(param.type = te_py_jit_annotation (annotation)))
        {
          PyErr_Clear ();
          PyObject *text = PyObject_Repr (annotation);
          PyErr_Format (PyExc_ValueError, "Unknown type annotation: '%U'", text);
          Py_XDECREF (text);
          return false;
        }
      if (param.list_size && fallback == Py_None) /* BroadcastingList2[int] = None */
        param.type = te_jit_type_optional (param.type);
      if (fallback != Py_Ellipsis)
        declare_default (&param, fallback);
      if (PyErr_Occurred ())
        return false;
      if (fallback != Py_Ellipsis && !param.has_default && *unfit < 0)
        *unfit = (int) i;
      TE_JIT_PUSH (NULL, function->params, function->n_params, function->params_room, param);
    }
  return true;
}

static bool
emit_function (Frontend *self, PyObject *node, TeJitClass *class)
{
  TeJitFunction *function = self->function;
  Scope scope;
  te_fe_scope_push (self, &scope, false);
  for (int i = 0; i < function->n_params; i++)
    {
      const TeJitType *type = function->params[i].type;
      TeJitVar *input = te_jit_block_add_input (self->graph->top, type);
      te_jit_var_set_name (input, function->params[i].name);
      Sugar value = { .kind = SUGAR_VAR, .var = input };
      if (i == 0 && class)
        value = (Sugar){ .kind = SUGAR_MODULE, .var = input, .object = self->module };
      if (!te_fe_set (self, function->params[i].name, value, NULL))
        return false;
    }
  if (!te_fe_statements (self, te_fe_field (node, "body")))
    return false;
  if (!scope.exits)
    {
      const TeJitRange *range = te_fe_range (self, node);
      const TeJitType *none = te_jit_type_simple (TE_JIT_NONE);
      if (self->returns_declared && self->returns != none)
        return te_fe_error (
            self, range,
            "Function was not annotated as having type None, but does not return along all paths");
      const TeJitType *both = self->returns ? te_jit_type_unify (self->returns, none) : none;
      if (!both)
        return te_fe_error (self, range,
                            "Previous return statement returned a value of type %s but this return statement "
                            "returns a value of type NoneType",
                            te_jit_type_error_text (self->returns));
      self->returns = both;
      TeJitVar *value = te_fe_constant (self, te_jit_none (), NULL);
      te_jit_node_add_input (te_fe_exit (self, "prim::ReturnStmt", NULL), value);
    }
  te_fe_scope_pop (self);
  /* What is returned, until the exits give way to values. */
  TeJitNode *result = te_jit_node_new (self->graph, "prim::Uninitialized");
  te_jit_node_insert (result);
  self->returns = self->returns ? self->returns : te_jit_type_simple (TE_JIT_NONE);
  te_jit_block_add_output (self->graph->top, te_jit_node_add_output (result, self->returns));
  return true;
}

/* _jit_compile (def node, source, file, line, indent, lookup, evaluate, name, params, returns, module, class)
 */
static PyObject *
compile (PyObject *module, PyObject *args)
{
  PyObject *node, *lookup, *evaluate, *params, *returns, *self_module, *class_handle;
  const char *source, *file, *name;
  int line, indent;
  if (!PyArg_ParseTuple (args, "OsziiOOsO!OOO", &node, &source, &file, &line, &indent, &lookup, &evaluate,
                         &name, &PyList_Type, &params, &returns, &self_module, &class_handle))
    return NULL;
  TeJitClass *class = class_handle == Py_None ? NULL : te_py_jit_class_get (class_handle);
  TeJitFunction *function = te_jit_function_new (name);
  function->class = class;
  Frontend self = { .graph = te_jit_graph_new (),
                    .function = function,
                    .lookup = lookup,
                    .evaluate = evaluate,
                    .keep = PyList_New (0),
                    .module = self_module == Py_None ? NULL : self_module,
                    .file = file ? te_jit_intern (file) : NULL,
                    .source = te_jit_intern (source),
                    .file_line = line,
                    .indent = indent };
  int unfit = -1;
  bool ok = self.keep && declare_params (&self, params, class, &unfit);
  if (ok && returns != Py_Ellipsis)
    {
      self.returns_declared = true;
      self.returns = te_py_jit_annotation (returns);
      if (!(ok = self.returns != NULL) && !PyErr_Occurred ())
        PyErr_Format (PyExc_ValueError, "Unknown type annotation: '%R'", returns);
      function->returns = self.returns;
    }
  if (ok && class) /* known while it is compiled: methods may call each other */
    TE_JIT_PUSH (NULL, class->methods, class->n_methods, class->methods_room, function);
  ok = ok && emit_function (&self, node, class);
  ok = ok && (unfit < 0 || refuse_default (&self, node, &function->params[unfit]));
  Py_XDECREF (self.keep);
  if (!ok)
    {
      te_jit_graph_unref (self.graph);
      if (class && class->n_methods && class->methods[class->n_methods - 1] == function)
        class->n_methods--;
      return NULL;
    }
  te_jit_pass_finish (self.graph);
  function->graph = self.graph;
  function->returns = self.returns ? te_jit_type_plain (self.returns) : te_jit_type_simple (TE_JIT_NONE);
  return te_py_jit_function (function);
}

/* _jit_refuse (source, file, line, indent, node, class name, message): raises a frontend's error with the
 * excerpt. */
static PyObject *
refuse (PyObject *module, PyObject *args)
{
  const char *source, *file, *class_name, *message;
  int line, indent, n;
  PyObject *node;
  if (!PyArg_ParseTuple (args, "sziiOssi", &source, &file, &line, &indent, &node, &class_name, &message, &n))
    return NULL;
  Frontend self = { .file = file ? te_jit_intern (file) : NULL,
                    .source = te_jit_intern (source),
                    .file_line = line,
                    .indent = indent };
  const TeJitRange *range = n ? te_fe_word_range (&self, node, n) : te_fe_range (&self, node);
  return te_fe_frontend_error (&self, class_name, range, message);
}

static PyMethodDef functions[] = {
  { "_jit_compile", compile, METH_VARARGS, "Compiles a function's ast." },
  { "_jit_refuse", refuse, METH_VARARGS, "Raises an error with an excerpt of the source." },
  { 0 },
};

bool
te_py_jit_frontend_init (PyObject *module)
{
  return PyModule_AddFunctions (module, functions) == 0;
}
