/* Calls of compiled functions and of scripted modules while torch.jit.trace records: one node for the call,
 * what happens inside is the callee's own affair. */
#include "python/jit-tracer.h"

/* What a compiled function is given: tensors of the trace, containers of them, constants. */
static TeJitVar *
given_value (TePyTracer *self, TeJitAny value, TeError *err)
{
  if (value.tag == TE_JIT_V_TENSOR)
    return te_py_tracer_value (self, value.tensor, NULL, err);
  if (value.tag != TE_JIT_V_LIST && value.tag != TE_JIT_V_TUPLE)
    return te_jit_constant (self->graph, te_jit_ref (value), NULL);
  int n = value.data->n;
  TeJitVar **items = te_jit_alloc (self->graph->arena, (size_t) (n + 1) * sizeof *items);
  for (int i = 0; i < n; i++)
    if (!(items[i] = given_value (self, value.data->items[i], err)))
      return NULL;
  bool tuple = value.tag == TE_JIT_V_TUPLE;
  return te_jit_emit (self->graph, tuple ? "prim::TupleConstruct" : "prim::ListConstruct",
                      te_jit_type_of (value), n, items);
}

/* Gives the tensors of a result their values. */
static void
bind_result (TePyTracer *self, TeJitAny value, TeJitVar *var)
{
  if (value.tag == TE_JIT_V_TENSOR)
    te_py_tracer_set (self, value.tensor, var);
  if (value.tag != TE_JIT_V_LIST && value.tag != TE_JIT_V_TUPLE)
    return;
  bool tuple = value.tag == TE_JIT_V_TUPLE;
  TeJitNode *unpack = te_jit_node_new (self->graph, tuple ? "prim::TupleUnpack" : "prim::ListUnpack");
  te_jit_node_add_input (unpack, var);
  te_jit_node_insert (unpack);
  for (int i = 0; i < value.data->n; i++)
    te_jit_node_add_output (unpack, te_jit_type_of (value.data->items[i]));
  for (int i = 0; i < value.data->n; i++)
    bind_result (self, value.data->items[i], unpack->outputs[i]);
}

/* The module of a call as a value: jit-lift.c replaces it by the module read through self. */
static TeJitVar *
module_value (TePyTracer *self, PyObject *module)
{
  PyObject *path = self->modules ? PyDict_GetItemWithError (self->modules, module) : NULL;
  return path ? te_py_tracer_attribute (self, PyUnicode_AsUTF8 (path)) : NULL;
}

static TeJitVar *
function_value (TePyTracer *self, TeJitFunction *function)
{
  TeJitVar *value =
      te_jit_constant (self->graph, (TeJitAny){ TE_JIT_V_FUNCTION, { .function = function } }, NULL);
  value->node->name = function->name;
  return value;
}

bool
te_py_trace_call (
    TeJitFunction *function, PyObject *module, const TeJitAny *values, TeJitAny *result, TeError *err)
{
  TePyTracer *self = te_py_tracing ? te_py_tracer_now () : NULL;
  TeJitVar *inputs[64] = { NULL };
  int first = module ? 1 : 0, n = function->n_params - first;
  if (!self || self->depth || n > 63 || (module && !(inputs[0] = module_value (self, module))))
    return te_jit_run (function, values, result, err); /* its ops are recorded one by one */
  for (int i = 0; i < n; i++)
    if (!(inputs[i + 1] = given_value (self, values[i + first], err)))
      return false;
  if (!module)
    inputs[0] = function_value (self, function);
  self->depth++;
  bool ok = te_jit_run (function, values, result, err);
  self->depth--;
  if (!ok)
    return false;
  TeJitVar *value = te_jit_emit (self->graph, module ? "prim::CallMethod" : "prim::CallFunction",
                                 te_jit_type_plain (function->returns), n + 1, inputs);
  if (module)
    value->node->name = function->name;
  bind_result (self, *result, value);
  return true;
}
