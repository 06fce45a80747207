/* The passes by PyTorch's names, to be run one at a time. */
#include "python/jit-private.h"

#include "jit/passes.h"

#define PASS(name, call)                                                                                     \
  static PyObject *pass_##name (PyObject *module, PyObject *object)                                          \
  {                                                                                                          \
    TeJitGraph *graph = te_py_jit_graph_get (object);                                                        \
    if (!graph)                                                                                              \
      return NULL;                                                                                           \
    call;                                                                                                    \
    Py_RETURN_NONE;                                                                                          \
  }
/* Those that say whether they changed something. */
#define SAYING_PASS(name, call)                                                                              \
  static PyObject *pass_##name (PyObject *module, PyObject *object)                                          \
  {                                                                                                          \
    TeJitGraph *graph = te_py_jit_graph_get (object);                                                        \
    return graph ? PyBool_FromLong (call) : NULL;                                                            \
  }
PASS (inline, te_jit_pass_inline (graph))
PASS (dce, te_jit_pass_dce (graph))
SAYING_PASS (cse, te_jit_pass_cse (graph))
PASS (erase_shapes, te_jit_pass_erase_shapes (graph))
PASS (constant_pooling, te_jit_pass_constant_pooling (graph))
SAYING_PASS (constant_propagation, te_jit_pass_constant_propagation (graph, false))
SAYING_PASS (constant_propagation_immutable_types, te_jit_pass_constant_propagation (graph, true))
PASS (lower_all_tuples, te_jit_pass_lower_simple_tuples (graph))
PASS (fuse_linear_relu, te_jit_pass_fuse_linear_relu (graph))

static PyObject *
pass_peephole (PyObject *module, PyObject *args, PyObject *kwargs)
{
  PyObject *object = PyTuple_GET_SIZE (args) ? PyTuple_GET_ITEM (args, 0) : Py_None;
  TeJitGraph *graph = te_py_jit_graph_get (object);
  if (!graph)
    return NULL;
  te_jit_pass_peephole (graph);
  Py_RETURN_NONE;
}

static PyObject *
pass_lint (PyObject *module, PyObject *object)
{
  TeJitGraph *graph = te_py_jit_graph_get (object);
  TeError err;
  te_error_clear (&err);
  if (!graph)
    return NULL;
  TE_PY_TRY (te_jit_pass_lint (graph, &err));
  Py_RETURN_NONE;
}

static PyObject *
pass_canonicalize (PyObject *module, PyObject *args, PyObject *kwargs)
{
  static char *names[] = { "graph", "keep_unique_names", NULL };
  PyObject *object;
  int keep = true;
  if (!PyArg_ParseTupleAndKeywords (args, kwargs, "O|p", names, &object, &keep)
      || !te_py_jit_graph_get (object))
    return NULL;
  TeJitGraph *copy = te_jit_graph_canonicalize (te_py_jit_graph_get (object), keep);
  PyObject *result = te_py_jit_graph (copy);
  te_jit_graph_unref (copy);
  return result;
}

/* _create_function_from_graph (name, graph) -> ScriptFunction */
static PyObject *
function_from_graph (PyObject *module, PyObject *args)
{
  const char *name;
  PyObject *object;
  if (!PyArg_ParseTuple (args, "sO", &name, &object) || !te_py_jit_graph_get (object))
    return NULL;
  TeJitFunction *function = te_jit_function_new (te_jit_intern_format ("__torch__.%s", name));
  te_py_jit_function_from_graph (function, te_jit_graph_copy (te_py_jit_graph_get (object)));
  return te_py_jit_function (function);
}

static PyObject *
node_is_random (PyObject *module, PyObject *object)
{
  TeJitNode *node = te_py_jit_node_get (object);
  return node ? PyBool_FromLong (te_jit_node_is_random (node)) : NULL;
}

static PyMethodDef functions[] = {
  { "_jit_node_is_random", node_is_random, METH_O, "Does the node draw random numbers?" },
  { "_create_function_from_graph", function_from_graph, METH_VARARGS, "A function that runs a graph." },
  { "_jit_pass_inline", pass_inline, METH_O, "Puts bodies in place of calls." },
  { "_jit_pass_dce", pass_dce, METH_O, "Takes away what nothing needs." },
  { "_jit_pass_erase_shape_information", pass_erase_shapes, METH_O, "Forgets what a trace saw of tensors." },
  { "_jit_pass_cse", pass_cse, METH_O, "Makes equal nodes one." },
  { "_jit_pass_constant_pooling", pass_constant_pooling, METH_O, "Makes equal constants one." },
  { "_jit_pass_constant_propagation", pass_constant_propagation, METH_O, "Computes what is known." },
  { "_jit_pass_constant_propagation_immutable_types", pass_constant_propagation_immutable_types, METH_O,
    "Computes numbers and texts that are known." },
  { "_jit_pass_lower_all_tuples", pass_lower_all_tuples, METH_O,
    "Takes away tuples that are only taken apart." },
  { "_jit_pass_peephole", (PyCFunction) (void (*) (void)) pass_peephole, METH_VARARGS | METH_KEYWORDS,
    "Small identities." },
  { "_jit_pass_lint", pass_lint, METH_O, "Checks the graph's invariants." },
  { "_jit_pass_canonicalize", (PyCFunction) (void (*) (void)) pass_canonicalize, METH_VARARGS | METH_KEYWORDS,
    "A copy with values numbered anew." },
  { "_gradboard_pass_fuse_linear_relu", pass_fuse_linear_relu, METH_O, "relu (linear (…)) as one node." },
  { 0 },
};

bool
te_py_jit_passes_init (PyObject *module)
{
  return PyModule_AddFunctions (module, functions) == 0;
}
