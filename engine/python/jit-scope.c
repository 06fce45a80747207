/* A trace's beginning and end, and the modules in it.
 *
 * While a module's forward runs, nodes go into the block of a node prim::TracedModuleForward; jit-lift.c
 * makes methods of the blocks. */
#include "python/jit-tracer.h"

#include <string.h>

#include "jit/passes.h"

/* ---- modules while they run ---- */
void
te_py_trace_enter (PyObject *module)
{
  TePyTracer *self = te_py_tracer_now ();
  PyObject *name =
      self && self->modules && !self->depth ? PyDict_GetItemWithError (self->modules, module) : NULL;
  if (!name)
    return;
  const char *path = te_jit_intern (PyUnicode_AsUTF8 (name));
  if (strchr (path, '.') == NULL || te_py_jit_class_of_module (module))
    return; /* the traced module itself, or a scripted one: its call is one node */
  TeJitGraph *graph = self->graph;
  TeJitNode *node = te_jit_node_new (graph, "prim::TracedModuleForward");
  node->name = path;
  te_jit_node_insert (node);
  TeJitBlock *block = te_jit_node_add_block (node);
  graph->point = block->ret;
  graph->scope = graph->scope ? te_jit_intern_format ("%s/%s", graph->scope, path) : path;
}

void
te_py_trace_leave (PyObject *module, PyObject *result)
{
  TePyTracer *self = te_py_tracer_now ();
  PyObject *name =
      self && self->modules && !self->depth ? PyDict_GetItemWithError (self->modules, module) : NULL;
  TeJitNode *owner = name ? self->graph->point->block->owner : NULL;
  if (!owner || strcmp (owner->name, PyUnicode_AsUTF8 (name)) != 0)
    return;
  self->graph->scope = owner->scope;
  self->graph->point = owner->block->ret;
}

/* ---- inputs ---- */
static const TeJitType *
input_type (PyObject *object)
{
  const TeJitType *items[64];
  if (te_py_is_tensor (object))
    return te_jit_type_of_tensor (te_py_tensor (object));
  if (PyTuple_Check (object) && PyTuple_GET_SIZE (object) <= 64)
    {
      for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE (object); i++)
        if (!(items[i] = input_type (PyTuple_GET_ITEM (object, i))))
          return NULL;
      return te_jit_type_tuple ((int) PyTuple_GET_SIZE (object), items, NULL, NULL);
    }
  if (PyList_Check (object))
    {
      for (Py_ssize_t i = 0; i < PyList_GET_SIZE (object); i++)
        if (!input_type (PyList_GET_ITEM (object, i)))
          return NULL;
      return te_jit_type_list (te_jit_type_simple (TE_JIT_TENSOR));
    }
  if (PyDict_Check (object))
    {
      const TeJitType *type = te_py_jit_type_of (object);
      return type && type->items[1]->kind == TE_JIT_TENSOR ? type : NULL;
    }
  return NULL;
}

/* Gives object's tensors their values, taking containers apart. */
static void
bind_input (TePyTracer *self, PyObject *object, TeJitVar *value)
{
  if (te_py_is_tensor (object))
    {
      te_py_tracer_set (self, te_py_tensor (object), value);
      return;
    }
  if (PyDict_Check (object))
    {
      PyObject *key, *item;
      for (Py_ssize_t at = 0; PyDict_Next (object, &at, &key, &item);)
        {
          TeJitAny name;
          if (!te_py_jit_from (key, NULL, &name))
            return;
          TeJitVar *inputs[] = { value, te_jit_constant (self->graph, name, NULL) };
          bind_input (self, item,
                      te_jit_emit (self->graph, "aten::__getitem__", input_type (item), 2, inputs));
        }
      return;
    }
  bool tuple = PyTuple_Check (object);
  TeJitNode *unpack = te_jit_node_new (self->graph, tuple ? "prim::TupleUnpack" : "prim::ListUnpack");
  te_jit_node_add_input (unpack, value);
  te_jit_node_insert (unpack);
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE (object); i++)
    te_jit_node_add_output (unpack, input_type (PySequence_Fast_GET_ITEM (object, i)));
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE (object); i++)
    bind_input (self, PySequence_Fast_GET_ITEM (object, i), unpack->outputs[i]);
}

static bool
bind_inputs (TePyTracer *self, PyObject *inputs, PyObject *names)
{
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE (inputs); i++)
    {
      PyObject *object = PyTuple_GET_ITEM (inputs, i);
      const TeJitType *type = input_type (object);
      if (!type)
        {
          const TeJitType *whole = te_py_jit_type_of (inputs);
          PyErr_Format (PyExc_RuntimeError,
                        "Type '%s' cannot be traced. Only Tensors and (possibly nested) Lists, Dicts, and "
                        "Tuples of Tensors "
                        "can be traced",
                        whole ? whole->annotation : Py_TYPE (object)->tp_name);
          return false;
        }
      TeJitVar *value = te_jit_block_add_input (self->graph->top, type);
      if (i < PyList_GET_SIZE (names))
        te_jit_var_set_name (value, PyUnicode_AsUTF8 (PyList_GET_ITEM (names, i)));
      bind_input (self, object, value);
    }
  return true;
}

/* ---- outputs ---- */
static bool
container_at_output (TePyTracer *self, const char *what)
{
  char text[700];
  snprintf (text, sizeof text,
            "Encountering a %s at the output of the tracer might cause the trace to be incorrect, this is "
            "only valid if the "
            "container structure does not change based on the module's inputs. Consider using a constant "
            "container instead "
            "(e.g. for `list`, use a `tuple` instead. for `dict`, use a `NamedTuple` instead). If you "
            "absolutely need this "
            "and know the side effects, pass strict=False to trace() to allow this behavior.",
            what);
  if (!self->strict)
    return true;
  if (strcmp (what, "list") == 0)
    return te_py_trace_warn (text);
  PyErr_SetString (PyExc_RuntimeError, text);
  return false;
}

static TeJitVar *output_of (TePyTracer *self, PyObject *object);

static TeJitVar *
output_items (TePyTracer *self, PyObject *object)
{
  bool tuple = PyTuple_Check (object);
  int n = (int) PySequence_Fast_GET_SIZE (object);
  TeJitVar **items = te_jit_alloc (self->graph->arena, (size_t) (n + 1) * sizeof *items);
  const TeJitType **types = te_jit_alloc (self->graph->arena, (size_t) (n + 1) * sizeof *types);
  if (!tuple && !container_at_output (self, "list"))
    return NULL;
  for (int i = 0; i < n; i++)
    {
      if (!(items[i] = output_of (self, PySequence_Fast_GET_ITEM (object, i))))
        return NULL;
      types[i] = items[i]->type;
    }
  if (tuple)
    return te_jit_emit (self->graph, "prim::TupleConstruct", te_jit_type_tuple (n, types, NULL, NULL), n,
                        items);
  const TeJitType *element = n ? te_jit_type_plain (types[0]) : te_jit_type_simple (TE_JIT_TENSOR);
  return te_jit_emit (self->graph, "prim::ListConstruct", te_jit_type_list (element), n, items);
}

static TeJitVar *
output_dict (TePyTracer *self, PyObject *object)
{
  PyObject *key, *item;
  TeJitNode *node = te_jit_node_new (self->graph, "prim::DictConstruct");
  const TeJitType *key_type = NULL, *item_type = NULL;
  if (!container_at_output (self, "dict"))
    return NULL;
  for (Py_ssize_t at = 0; PyDict_Next (object, &at, &key, &item);)
    {
      TeJitAny name;
      TeJitVar *value;
      if (!te_py_jit_from (key, NULL, &name))
        return NULL;
      key_type = te_jit_type_of (name);
      te_jit_node_add_input (node, te_jit_constant (self->graph, name, NULL));
      if (!(value = output_of (self, item)))
        return NULL;
      item_type = te_jit_type_plain (value->type);
      te_jit_node_add_input (node, value);
    }
  te_jit_node_insert (node);
  return te_jit_node_add_output (
      node, te_jit_type_dict (key_type ? key_type : te_jit_type_simple (TE_JIT_STR),
                              item_type ? item_type : te_jit_type_simple (TE_JIT_TENSOR)));
}

static TeJitVar *
output_of (TePyTracer *self, PyObject *object)
{
  if (te_py_is_tensor (object))
    {
      TeError err;
      te_error_clear (&err);
      TeTensor *tensor = te_py_tensor (object);
      TeJitVar *value = te_py_tracer_find (self, tensor);
      value = value ? value : te_py_tracer_value (self, tensor, NULL, &err);
      if (!value)
        te_py_raise (&err);
      return value;
    }
  if (PyTuple_Check (object) || PyList_Check (object))
    return output_items (self, object);
  if (PyDict_Check (object))
    return output_dict (self, object);
  if (object == Py_None && self->modules)
    return te_jit_constant (self->graph, te_jit_none (), NULL);
  const char *type = Py_TYPE (object)->tp_name, *dot = strrchr (type, '.');
  if (object == Py_None)
    PyErr_SetString (PyExc_RuntimeError, "The traced function didn't return any values! Side-effects are not "
                                         "captured in traces, so it would be a no-op.");
  else if (PyLong_Check (object) || PyFloat_Check (object) || PyUnicode_Check (object))
    PyErr_SetString (PyExc_RuntimeError, "Only tensors, lists, tuples of tensors, or dictionary of tensors "
                                         "can be output from traced functions");
  else
    PyErr_Format (
        PyExc_RuntimeError,
        "Tracer cannot infer type of %S\n:Only tensors and (possibly nested) tuples of tensors, lists, or "
        "dictsare supported as inputs or outputs of traced functions, but instead got value of type %s.",
        object, dot ? dot + 1 : type);
  return NULL;
}

/* ---- attributes of the traced module ---- */
TeJitVar *
te_py_tracer_attribute (const TePyTracer *self, const char *path)
{
  for (int i = 0; i < self->n_attributes; i++)
    if (strcmp (self->attributes[i]->node->name, path) == 0)
      return self->attributes[i];
  return NULL;
}

static TeJitVar *
add_attribute (TePyTracer *self, const char *path, const TeJitType *type)
{
  TeJitNode *node = te_jit_node_new (self->graph, "prim::TracedAttr");
  node->name = path;
  TeJitVar *value = te_jit_node_add_output (node, type);
  TE_JIT_PUSH (self->graph->arena, self->attributes, self->n_attributes, self->attributes_room, value);
  return value;
}

static bool
add_tensors (TePyTracer *self, PyObject *module, const char *registry_name, const char *path)
{
  PyObject *registry = PyObject_GetAttrString (module, registry_name);
  PyObject *items = registry ? PyMapping_Items (registry) : NULL;
  Py_XDECREF (registry);
  for (Py_ssize_t i = 0; items && i < PyList_GET_SIZE (items); i++)
    {
      PyObject *name = PyTuple_GET_ITEM (PyList_GET_ITEM (items, i), 0),
               *tensor = PyTuple_GET_ITEM (PyList_GET_ITEM (items, i), 1);
      if (!te_py_is_tensor (tensor))
        continue;
      TeJitVar *value = add_attribute (self, te_jit_intern_format ("%s.%s", path, PyUnicode_AsUTF8 (name)),
                                       te_jit_type_simple (TE_JIT_TENSOR));
      if (!te_py_tracer_find (self, te_py_tensor (tensor))) /* shared: the first name is its name */
        te_py_tracer_set (self, te_py_tensor (tensor), value);
    }
  Py_XDECREF (items);
  return items != NULL;
}

/* Plain fields of a scripted module are attributes too. */
static int
count_plain_fields (const TeJitClass *class)
{
  int n = 0;
  for (int i = 0; i < class->n_fields; i++)
    n += class->fields[i].type->kind != TE_JIT_CLASS && class->fields[i].type->kind != TE_JIT_TENSOR;
  return n;
}

static bool
add_attributes (TePyTracer *self, PyObject *classes)
{
  PyObject *module, *name;
  for (Py_ssize_t at = 0; PyDict_Next (self->modules, &at, &module, &name);)
    {
      const char *path = te_jit_intern (PyUnicode_AsUTF8 (name));
      PyObject *handle = PyDict_GetItemString (classes, path);
      const TeJitClass *class = handle ? te_py_jit_class_get (handle) : NULL;
      if (strchr (path, '.') && class)
        add_attribute (self, path, class->type);
      if (!add_tensors (self, module, "_parameters", path) || !add_tensors (self, module, "_buffers", path))
        return false;
      self->graph->next_number += class && te_py_jit_class_of_module (module) ? count_plain_fields (class) + 1
                                                                              : 2; /* training, hooks */
    }
  return true;
}

/* ---- the whole ---- */
void
te_py_jit_function_from_graph (TeJitFunction *function, TeJitGraph *graph)
{
  function->graph = graph;
  function->n_params = 0;
  for (int i = 0; i < te_jit_graph_n_inputs (graph); i++)
    {
      const TeJitVar *input = te_jit_graph_input (graph, i);
      const char *name = te_jit_var_base_name (input);
      TeJitParam param = { .name = name ? name : te_jit_intern_format ("argument_%d", i),
                           .type = input->type };
      TE_JIT_PUSH (NULL, function->params, function->n_params, function->params_room, param);
    }
  function->returns = te_jit_type_plain (graph->top->ret->inputs[0]->type);
}

static bool
run (TePyTracer *self, PyObject *function, PyObject *inputs)
{
  te_py_tracer_start (self);
  PyObject *result = PyObject_Call (function, inputs, NULL);
  self->graph->point = self->graph->top->ret;
  self->graph->scope = NULL;
  TeJitVar *output = result ? output_of (self, result) : NULL;
  te_py_tracer_stop (self);
  Py_XDECREF (result);
  if (!output)
    return false;
  te_jit_block_add_output (self->graph->top, output);
  return true;
}

static TeJitFunction *
trace_module (TePyTracer *self,
              PyObject *classes,
              PyObject *function,
              PyObject *inputs,
              PyObject *names,
              const char *name)
{
  PyObject *handle = PyDict_GetItemString (classes, "__module");
  TeJitVar *own = te_jit_block_add_input (self->graph->top, te_py_jit_class_get (handle)->type);
  te_jit_var_set_name (own, "self");
  if (!add_attributes (self, classes) || !bind_inputs (self, inputs, names) || !run (self, function, inputs))
    return NULL;
  TeJitFunction *method = te_py_trace_lift (self, classes);
  method->name = te_jit_intern (name);
  return method;
}

/* _jit_trace (function, inputs, names, strict, name, modules, classes) -> ScriptFunction */
static PyObject *
trace (PyObject *module, PyObject *args)
{
  PyObject *function, *inputs, *names, *modules, *classes;
  const char *name;
  int strict;
  if (!PyArg_ParseTuple (args, "OO!O!psOO", &function, &PyTuple_Type, &inputs, &PyList_Type, &names, &strict,
                         &name, &modules, &classes))
    return NULL;
  TePyTracer tracer = { .graph = te_jit_graph_new (), .strict = strict };
  TeJitFunction *made = NULL;
  if (modules != Py_None)
    {
      tracer.modules = modules;
      made = trace_module (&tracer, classes, function, inputs, names, name);
      te_py_tracer_clear (&tracer);
      if (!made)
        te_jit_graph_unref (tracer.graph);
    }
  else
    {
      if (bind_inputs (&tracer, inputs, names) && run (&tracer, function, inputs))
        {
          made = te_jit_function_new (te_jit_intern_format ("__torch__.%s", name));
          te_py_tracer_clear (&tracer);
          te_jit_pass_dce (tracer.graph);
          te_py_jit_function_from_graph (made, tracer.graph);
        }
      else
        {
          te_py_tracer_clear (&tracer);
          te_jit_graph_unref (tracer.graph);
        }
    }
  return made ? te_py_jit_function (made) : NULL;
}

static PyObject *
is_tracing (PyObject *module, PyObject *ignored)
{
  return PyBool_FromLong (te_py_tracing);
}

static PyMethodDef functions[] = {
  { "_jit_trace", trace, METH_VARARGS, "Runs a function and records its ops as a graph." },
  { "_is_tracing", is_tracing, METH_NOARGS, "Is a trace being recorded?" },
  { 0 },
};

bool
te_py_jit_trace_init (PyObject *module)
{
  return PyModule_AddFunctions (module, functions) == 0;
}
