/* Graphs, nodes, values, blocks and types as Python objects.  Parts of a graph keep it alive. */
#include "python/jit-private.h"

#include <string.h>

#include "jit/passes.h"

typedef struct
{
  PyObject_HEAD TeJitGraph *graph; /* a reference */
  union
  {
    TeJitNode *node;
    TeJitVar *value;
    TeJitBlock *block;
  };
} Part; /* Graph, Node, Value, Block */

static PyTypeObject *graph_type, *node_type, *value_type, *block_type, *jit_type_type, *use_type;

/* ---- graph, node, value, block ---- */
static PyObject *
part_new (PyTypeObject *type, TeJitGraph *graph, void *what)
{
  Part *self = PyObject_New (Part, type);
  if (!self)
    return NULL;
  self->graph = te_jit_graph_ref (graph);
  self->node = what;
  return (PyObject *) self;
}

static void
part_dealloc (PyObject *self)
{
  te_jit_graph_unref (((Part *) self)->graph);
  PyTypeObject *type = Py_TYPE (self);
  type->tp_free (self);
  Py_DECREF (type);
}

static PyObject *
part_compare (PyObject *a, PyObject *b, int how)
{
  if (Py_TYPE (a) != Py_TYPE (b) || (how != Py_EQ && how != Py_NE))
    Py_RETURN_NOTIMPLEMENTED;
  bool same = ((Part *) a)->graph == ((Part *) b)->graph && ((Part *) a)->node == ((Part *) b)->node;
  return PyBool_FromLong (same == (how == Py_EQ));
}

static Py_hash_t
part_hash (PyObject *self)
{
  return (Py_hash_t) ((uintptr_t) ((Part *) self)->node >> 4) + 1;
}

PyObject *
te_py_jit_graph (TeJitGraph *graph)
{
  return part_new (graph_type, graph, NULL);
}

PyObject *
te_py_jit_take_text (TeJitText *text)
{
  PyObject *result = PyUnicode_DecodeUTF8 (te_jit_text_get (text), (Py_ssize_t) text->n, "replace");
  te_jit_text_clear (text);
  return result;
}

#define GRAPH (((Part *) self)->graph)
#define NODE  (((Part *) self)->node)
#define VALUE (((Part *) self)->value)
#define BLOCK (((Part *) self)->block)

static PyObject *
graph_str (PyObject *self)
{
  TeJitText text = { 0 };
  te_jit_graph_text (&text, GRAPH);
  return te_py_jit_take_text (&text);
}

static PyObject *
node_str (PyObject *self)
{
  TeJitText text = { 0 };
  te_jit_node_text (&text, NODE, 0);
  return te_py_jit_take_text (&text);
}

static PyObject *
value_str (PyObject *self)
{
  TeJitText text = { 0 };
  te_jit_text_format (&text, "%s defined in (", te_jit_var_name (VALUE));
  if (te_jit_node_is (VALUE->node, "prim::Param"))
    te_jit_text_format (&text, "%%%s : %s = prim::Param()", te_jit_var_name (VALUE), VALUE->type->text);
  else
    {
      te_jit_node_text (&text, VALUE->node, 0);
      while (text.n && text.data[text.n - 1] == '\n')
        text.data[--text.n] = 0;
    }
  te_jit_text_add (&text, ")");
  return te_py_jit_take_text (&text);
}

static PyObject *
nodes_of (TeJitGraph *graph, TeJitBlock *block)
{
  PyObject *list = PyList_New (0);
  for (TeJitNode *node = te_jit_block_first (block); list && node != block->ret; node = node->next)
    {
      PyObject *item = part_new (node_type, graph, node);
      if (!item || PyList_Append (list, item) < 0)
        Py_CLEAR (list);
      Py_XDECREF (item);
    }
  PyObject *iterator = list ? PyObject_GetIter (list) : NULL;
  Py_XDECREF (list);
  return iterator;
}

static PyObject *
values_of (TeJitGraph *graph, TeJitVar **values, int n)
{
  PyObject *list = PyList_New (n);
  for (int i = 0; list && i < n; i++)
    PyList_SET_ITEM (list, i, part_new (value_type, graph, values[i]));
  PyObject *iterator = list ? PyObject_GetIter (list) : NULL;
  Py_XDECREF (list);
  return iterator;
}

static PyObject *
graph_nodes (PyObject *self, PyObject *ignored)
{
  return nodes_of (GRAPH, GRAPH->top);
}

static PyObject *
graph_inputs (PyObject *self, PyObject *ignored)
{
  return values_of (GRAPH, GRAPH->top->param->outputs, GRAPH->top->param->n_outputs);
}

static PyObject *
graph_outputs (PyObject *self, PyObject *ignored)
{
  return values_of (GRAPH, GRAPH->top->ret->inputs, GRAPH->top->ret->n_inputs);
}

static PyObject *
graph_copy (PyObject *self, PyObject *ignored)
{
  TeJitGraph *copy = te_jit_graph_copy_renumbered (GRAPH);
  PyObject *result = te_py_jit_graph (copy);
  te_jit_graph_unref (copy);
  return result;
}

static void
find_nodes (TeJitGraph *graph, TeJitBlock *block, const char *kind, bool recurse, PyObject *list)
{
  for (TeJitNode *node = te_jit_block_first (block); node != block->ret; node = node->next)
    {
      if (te_jit_node_is (node, kind))
        {
          PyObject *item = part_new (node_type, graph, node);
          if (item)
            PyList_Append (list, item);
          Py_XDECREF (item);
        }
      for (int i = 0; recurse && i < node->n_blocks; i++)
        find_nodes (graph, node->blocks[i], kind, recurse, list);
    }
}

static PyObject *
graph_find_all (PyObject *self, PyObject *args, PyObject *kwargs)
{
  static char *names[] = { "kind", "recurse", NULL };
  const char *kind;
  int recurse = 1;
  if (!PyArg_ParseTupleAndKeywords (args, kwargs, "s|p", names, &kind, &recurse))
    return NULL;
  PyObject *list = PyList_New (0);
  if (list)
    find_nodes (GRAPH, GRAPH->top, kind, recurse, list);
  return list;
}

static PyObject *
graph_find (PyObject *self, PyObject *args, PyObject *kwargs)
{
  PyObject *list = graph_find_all (self, args, kwargs), *first = NULL;
  if (list)
    first = Py_NewRef (PyList_GET_SIZE (list) ? PyList_GET_ITEM (list, 0) : Py_None);
  Py_XDECREF (list);
  return first;
}

static PyObject *
graph_lint (PyObject *self, PyObject *ignored)
{
  TeError err;
  te_error_clear (&err);
  TE_PY_TRY (te_jit_pass_lint (GRAPH, &err));
  Py_RETURN_NONE;
}

static PyObject *
graph_return_node (PyObject *self, PyObject *ignored)
{
  return part_new (node_type, GRAPH, GRAPH->top->ret);
}

static PyObject *
graph_param_node (PyObject *self, PyObject *ignored)
{
  return part_new (node_type, GRAPH, GRAPH->top->param);
}

static PyObject *
graph_erase_input (PyObject *self, PyObject *index)
{
  int64_t at;
  if (!te_py_to_int (index, &at))
    return NULL;
  TeJitNode *param = GRAPH->top->param;
  if (at < 0 || at >= param->n_outputs || param->outputs[at]->n_uses)
    return PyErr_Format (PyExc_RuntimeError, "input %lld cannot be erased", (long long) at);
  te_jit_node_remove_output (param, (int) at);
  Py_RETURN_NONE;
}

static PyMethodDef graph_methods[] = {
  { "nodes", graph_nodes, METH_NOARGS, "The nodes in order." },
  { "inputs", graph_inputs, METH_NOARGS, "The values that are given." },
  { "outputs", graph_outputs, METH_NOARGS, "The values that are returned." },
  { "copy", graph_copy, METH_NOARGS, "A graph of its own with the same nodes." },
  { "findNode", (PyCFunction) (void (*) (void)) graph_find, METH_VARARGS | METH_KEYWORDS,
    "The first node of a kind." },
  { "findAllNodes", (PyCFunction) (void (*) (void)) graph_find_all, METH_VARARGS | METH_KEYWORDS,
    "All nodes of a kind." },
  { "lint", graph_lint, METH_NOARGS, "Checks the graph's invariants." },
  { "return_node", graph_return_node, METH_NOARGS, "The node whose inputs are returned." },
  { "param_node", graph_param_node, METH_NOARGS, "The node whose outputs are the inputs." },
  { "eraseInput", graph_erase_input, METH_O, "Takes away an input that has no uses." },
  { 0 },
};

static PyObject *
node_kind (PyObject *self, PyObject *ignored)
{
  return PyUnicode_FromString (NODE->kind);
}

static PyObject *
node_inputs (PyObject *self, PyObject *ignored)
{
  return values_of (GRAPH, NODE->inputs, NODE->n_inputs);
}

static PyObject *
node_outputs (PyObject *self, PyObject *ignored)
{
  return values_of (GRAPH, NODE->outputs, NODE->n_outputs);
}

static PyObject *
one_value (PyObject *self, TeJitVar **values, int n, int at, const char *what)
{
  if (at < 0 || at >= n)
    return PyErr_Format (PyExc_RuntimeError, "node %s has no %s %d", NODE->kind, what, at);
  return part_new (value_type, GRAPH, values[at]);
}

static PyObject *
node_output (PyObject *self, PyObject *ignored)
{
  return one_value (self, NODE->outputs, NODE->n_outputs, 0, "output");
}

static PyObject *
node_input (PyObject *self, PyObject *ignored)
{
  return one_value (self, NODE->inputs, NODE->n_inputs, 0, "input");
}

static PyObject *
node_inputs_at (PyObject *self, PyObject *index)
{
  int64_t at;
  return te_py_to_int (index, &at) ? one_value (self, NODE->inputs, NODE->n_inputs, (int) at, "input") : NULL;
}

static PyObject *
node_outputs_at (PyObject *self, PyObject *index)
{
  int64_t at;
  return te_py_to_int (index, &at) ? one_value (self, NODE->outputs, NODE->n_outputs, (int) at, "output")
                                   : NULL;
}

static PyObject *
node_inputs_size (PyObject *self, PyObject *ignored)
{
  return PyLong_FromLong (NODE->n_inputs);
}

static PyObject *
node_outputs_size (PyObject *self, PyObject *ignored)
{
  return PyLong_FromLong (NODE->n_outputs);
}

static PyObject *
node_blocks (PyObject *self, PyObject *ignored)
{
  PyObject *list = PyList_New (NODE->n_blocks);
  for (int i = 0; list && i < NODE->n_blocks; i++)
    PyList_SET_ITEM (list, i, part_new (block_type, GRAPH, NODE->blocks[i]));
  PyObject *iterator = list ? PyObject_GetIter (list) : NULL;
  Py_XDECREF (list);
  return iterator;
}

static PyObject *
node_scope (PyObject *self, PyObject *ignored)
{
  return PyUnicode_FromString (NODE->scope ? NODE->scope : "");
}

static PyObject *
node_source_range (PyObject *self, PyObject *ignored)
{
  TeJitText text = { 0 };
  te_jit_range_text (&text, NODE->range);
  return te_py_jit_take_text (&text);
}

static PyObject *
node_attribute_names (PyObject *self, PyObject *ignored)
{
  PyObject *list = PyList_New (0), *name = NULL;
  if (list && NODE->name && (name = PyUnicode_FromString ("name")))
    PyList_Append (list, name);
  Py_XDECREF (name);
  name = NULL;
  if (list && NODE->has_value && (name = PyUnicode_FromString ("value")))
    PyList_Append (list, name);
  Py_XDECREF (name);
  return list;
}

static PyObject *
node_has_attribute (PyObject *self, PyObject *name)
{
  const char *text = PyUnicode_Check (name) ? PyUnicode_AsUTF8 (name) : NULL;
  return PyBool_FromLong (
      text
      && ((strcmp (text, "name") == 0 && NODE->name) || (strcmp (text, "value") == 0 && NODE->has_value)));
}

static PyObject *
node_kind_of (PyObject *self, PyObject *name)
{
  static const char *const letters[] = {
    [TE_JIT_V_NONE] = "ival",  [TE_JIT_V_TENSOR] = "t",  [TE_JIT_V_INT] = "i",       [TE_JIT_V_FLOAT] = "f",
    [TE_JIT_V_BOOL] = "i",     [TE_JIT_V_DEVICE] = "s",  [TE_JIT_V_STR] = "s",       [TE_JIT_V_LIST] = "ival",
    [TE_JIT_V_TUPLE] = "ival", [TE_JIT_V_DICT] = "ival", [TE_JIT_V_OBJECT] = "ival", [TE_JIT_V_FUNCTION] = "s"
  };
  const char *text = PyUnicode_Check (name) ? PyUnicode_AsUTF8 (name) : "";
  return PyUnicode_FromString (strcmp (text, "name") == 0 ? "s" : letters[NODE->value.tag]);
}

/* node.i ("value"), node.s ("name") …: the attribute. */
static PyObject *
node_get (PyObject *self, PyObject *name)
{
  const char *text = PyUnicode_Check (name) ? PyUnicode_AsUTF8 (name) : "";
  if (strcmp (text, "name") == 0 && NODE->name)
    return PyUnicode_FromString (NODE->name);
  if (strcmp (text, "value") == 0 && NODE->has_value)
    {
      if (NODE->value.tag == TE_JIT_V_BOOL)
        return PyLong_FromLong (NODE->value.b);
      return te_py_jit_to (NODE->value, NULL);
    }
  return PyErr_Format (PyExc_RuntimeError, "required keyword attribute '%s' is undefined", text);
}

static PyObject *
node_schema (PyObject *self, PyObject *ignored)
{
  int n;
  const TeJitSchema *const *schemas = te_jit_schemas_find (NODE->kind, &n);
  const TeJitSchema *schema = NODE->schema ? NODE->schema : n ? schemas[0] : NULL;
  return PyUnicode_FromString (schema ? schema->text : "(no schema)");
}

static PyObject *
node_destroy (PyObject *self, PyObject *ignored)
{
  for (int i = 0; i < NODE->n_outputs; i++)
    if (NODE->outputs[i]->n_uses)
      return PyErr_Format (PyExc_RuntimeError, "a node whose outputs are used cannot be destroyed");
  te_jit_node_destroy (NODE);
  GRAPH->n_slots = 0;
  Py_RETURN_NONE;
}

static PyMethodDef node_methods[] = {
  { "kind", node_kind, METH_NOARGS, "aten::add, prim::Constant …" },
  { "inputs", node_inputs, METH_NOARGS, "The values it takes." },
  { "outputs", node_outputs, METH_NOARGS, "The values it makes." },
  { "input", node_input, METH_NOARGS, "The first input." },
  { "output", node_output, METH_NOARGS, "The first output." },
  { "inputsAt", node_inputs_at, METH_O, "One input." },
  { "outputsAt", node_outputs_at, METH_O, "One output." },
  { "inputsSize", node_inputs_size, METH_NOARGS, "How many inputs." },
  { "outputsSize", node_outputs_size, METH_NOARGS, "How many outputs." },
  { "blocks", node_blocks, METH_NOARGS, "Blocks of an If or Loop." },
  { "scopeName", node_scope, METH_NOARGS, "The modules it was traced in." },
  { "sourceRange", node_source_range, METH_NOARGS, "Where it comes from." },
  { "attributeNames", node_attribute_names, METH_NOARGS, "Names of its attributes." },
  { "hasAttribute", node_has_attribute, METH_O, "Has it an attribute of that name?" },
  { "kindOf", node_kind_of, METH_O, "The letter of an attribute's kind." },
  { "i", node_get, METH_O, "An attribute." },
  { "f", node_get, METH_O, "An attribute." },
  { "s", node_get, METH_O, "An attribute." },
  { "t", node_get, METH_O, "An attribute." },
  { "ival", node_get, METH_O, "An attribute." },
  { "__getitem__", node_get, METH_O, "An attribute." },
  { "schema", node_schema, METH_NOARGS, "The op's schema." },
  { "destroy", node_destroy, METH_NOARGS, "Takes the node away." },
  { 0 },
};

static PyObject *
value_debug_name (PyObject *self, PyObject *ignored)
{
  return PyUnicode_FromString (te_jit_var_name (VALUE));
}

static PyObject *
value_set_debug_name (PyObject *self, PyObject *name)
{
  if (!PyUnicode_Check (name))
    return PyErr_Format (PyExc_TypeError, "a name is a string");
  te_jit_var_set_name (VALUE, PyUnicode_AsUTF8 (name));
  return Py_NewRef (self);
}

static PyObject *
value_unique (PyObject *self, PyObject *ignored)
{
  return PyLong_FromLong (VALUE->number);
}

static PyObject *
value_node (PyObject *self, PyObject *ignored)
{
  return part_new (node_type, GRAPH, VALUE->node);
}

static PyObject *
jit_type_new (const TeJitType *type)
{
  Part *self = PyObject_New (Part, jit_type_type);
  if (self)
    self->node = (void *) type;
  return (PyObject *) self;
}

static PyObject *
value_get_type (PyObject *self, PyObject *ignored)
{
  return jit_type_new (VALUE->type);
}

static PyObject *
value_uses (PyObject *self, PyObject *ignored)
{
  PyObject *list = PyList_New (VALUE->n_uses);
  for (int i = 0; list && i < VALUE->n_uses; i++)
    {
      PyObject *use = PyStructSequence_New (use_type);
      if (!use)
        {
          Py_DECREF (list);
          return NULL;
        }
      PyStructSequence_SET_ITEM (use, 0, part_new (node_type, GRAPH, VALUE->uses[i].node));
      PyStructSequence_SET_ITEM (use, 1, PyLong_FromLong (VALUE->uses[i].index));
      PyList_SET_ITEM (list, i, use);
    }
  return list;
}

static PyObject *
value_replace (PyObject *self, PyObject *other)
{
  if (Py_TYPE (other) != value_type || ((Part *) other)->graph != GRAPH)
    return PyErr_Format (PyExc_TypeError, "replaceAllUsesWith takes a Value of the same graph");
  te_jit_var_replace (VALUE, ((Part *) other)->value);
  GRAPH->n_slots = 0;
  Py_RETURN_NONE;
}

static PyObject *
value_to_ivalue (PyObject *self, PyObject *ignored)
{
  TeJitAny constant;
  if (te_jit_var_constant (VALUE, &constant))
    return te_py_jit_to (constant, VALUE->type);
  Py_RETURN_NONE;
}

static PyMethodDef value_methods[] = {
  { "debugName", value_debug_name, METH_NOARGS, "Its name, or its number." },
  { "setDebugName", value_set_debug_name, METH_O, "Gives it a name." },
  { "unique", value_unique, METH_NOARGS, "Its number." },
  { "node", value_node, METH_NOARGS, "The node that makes it." },
  { "type", value_get_type, METH_NOARGS, "Its type." },
  { "uses", value_uses, METH_NOARGS, "Who takes it: each a Use with user and offset." },
  { "replaceAllUsesWith", value_replace, METH_O, "Another value in all its uses." },
  { "toIValue", value_to_ivalue, METH_NOARGS, "What a constant is; None for others." },
  { 0 },
};

static PyObject *
block_nodes (PyObject *self, PyObject *ignored)
{
  return nodes_of (GRAPH, BLOCK);
}

static PyObject *
block_inputs (PyObject *self, PyObject *ignored)
{
  return values_of (GRAPH, BLOCK->param->outputs, BLOCK->param->n_outputs);
}

static PyObject *
block_outputs (PyObject *self, PyObject *ignored)
{
  return values_of (GRAPH, BLOCK->ret->inputs, BLOCK->ret->n_inputs);
}

static PyMethodDef block_methods[] = {
  { "nodes", block_nodes, METH_NOARGS, "The nodes in order." },
  { "inputs", block_inputs, METH_NOARGS, "The block's inputs." },
  { "outputs", block_outputs, METH_NOARGS, "The block's outputs." },
  { 0 },
};

/* ---- types ---- */
#define JIT_TYPE ((const TeJitType *) ((Part *) self)->node)

static void
jit_type_dealloc (PyObject *self)
{
  PyTypeObject *type = Py_TYPE (self);
  type->tp_free (self);
  Py_DECREF (type);
}

static PyObject *
jit_type_str (PyObject *self)
{
  return PyUnicode_FromString (JIT_TYPE->text);
}

static PyObject *
jit_type_annotation (PyObject *self, void *closure)
{
  return PyUnicode_FromString (JIT_TYPE->annotation);
}

static PyObject *
jit_type_kind (PyObject *self, PyObject *ignored)
{
  static const char *const kinds[] = { "TensorType",    "IntType",  "FloatType",    "BoolType",
                                       "StringType",    "NoneType", "NumberType",   "DeviceObjType",
                                       "GeneratorType", "AnyType",  "VarType",      "ListType",
                                       "TupleType",     "DictType", "OptionalType", "ClassType",
                                       "FunctionType" };
  return PyUnicode_FromString (kinds[JIT_TYPE->kind]);
}

static PyObject *
jit_type_scalar_type (PyObject *self, PyObject *ignored)
{
  if (JIT_TYPE->kind != TE_JIT_TENSOR || JIT_TYPE->dtype == TE_DTYPE_NONE)
    Py_RETURN_NONE;
  return PyUnicode_FromString (te_dtype_error_name (JIT_TYPE->dtype));
}

static PyObject *
jit_type_compare (PyObject *a, PyObject *b, int how)
{
  if (Py_TYPE (a) != Py_TYPE (b) || (how != Py_EQ && how != Py_NE))
    Py_RETURN_NOTIMPLEMENTED;
  return PyBool_FromLong ((((Part *) a)->node == ((Part *) b)->node) == (how == Py_EQ));
}

static PyMethodDef jit_type_methods[] = {
  { "kind", jit_type_kind, METH_NOARGS, "TensorType, IntType …" },
  { "str", (PyCFunction) (void (*) (void)) jit_type_str, METH_NOARGS, "As graphs show it." },
  { "scalarType", jit_type_scalar_type, METH_NOARGS, "Float, Long … where a trace saw it." },
  { 0 },
};
static PyGetSetDef jit_type_getset[] = {
  { "annotation_str", jit_type_annotation, NULL, "As code shows it.", NULL }, { 0 }
};

TeJitGraph *
te_py_jit_graph_get (PyObject *object)
{
  if (Py_TYPE (object) == graph_type)
    return ((Part *) object)->graph;
  PyErr_SetString (PyExc_TypeError, "a torch._C.Graph is wanted");
  return NULL;
}

TeJitNode *
te_py_jit_node_get (PyObject *object)
{
  if (Py_TYPE (object) == node_type)
    return ((Part *) object)->node;
  PyErr_SetString (PyExc_TypeError, "a torch._C.Node is wanted");
  return NULL;
}

static PyTypeObject *
part_type (PyObject *module, const char *name, PyMethodDef *methods, reprfunc str)
{
  PyType_Slot slots[] = { { Py_tp_dealloc, part_dealloc },
                          { Py_tp_methods, methods },
                          { Py_tp_hash, part_hash },
                          { Py_tp_richcompare, part_compare },
                          { str ? Py_tp_str : 0, str },
                          { str ? Py_tp_repr : 0, str },
                          { 0 } };
  char full[64];
  snprintf (full, sizeof full, "torch._C.%s", name);
  PyType_Spec spec = { te_jit_intern (full), sizeof (Part), 0,
                       Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots };
  PyTypeObject *type = (PyTypeObject *) PyType_FromSpec (&spec);
  return type && PyModule_AddObjectRef (module, name, (PyObject *) type) == 0 ? type : NULL;
}

bool
te_py_jit_types_init (PyObject *module)
{
  PyType_Slot type_slots[] = { { Py_tp_dealloc, jit_type_dealloc }, { Py_tp_str, jit_type_str },
                               { Py_tp_repr, jit_type_str },        { Py_tp_methods, jit_type_methods },
                               { Py_tp_getset, jit_type_getset },   { Py_tp_richcompare, jit_type_compare },
                               { Py_tp_hash, part_hash },           { 0 } };
  PyType_Spec type_spec = { "torch._C.Type", sizeof (Part), 0,
                            Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, type_slots };
  static PyStructSequence_Field use_fields[] = { { "user", "The node that takes the value." },
                                                 { "offset", "As which input." },
                                                 { 0 } };
  static PyStructSequence_Desc use_form = { "torch._C.Use", "A use of a value.", use_fields, 2 };
  use_type = PyStructSequence_NewType (&use_form);
  graph_type = part_type (module, "Graph", graph_methods, graph_str);
  node_type = part_type (module, "Node", node_methods, node_str);
  value_type = part_type (module, "Value", value_methods, value_str);
  block_type = part_type (module, "Block", block_methods, NULL);
  jit_type_type = (PyTypeObject *) PyType_FromSpec (&type_spec);
  return graph_type && node_type && value_type && block_type && jit_type_type && use_type
         && PyModule_AddObjectRef (module, "Use", (PyObject *) use_type) == 0
         && PyModule_AddObjectRef (module, "JitType", (PyObject *) jit_type_type) == 0;
}
