/* torch.jit.freeze: a module's forward with all calls in place and its attributes as constants. */
#include "python/jit-private.h"

#include "jit/passes.h"

#define MOST_MODULES 1024

typedef struct
{
  TeJitGraph *graph;
  struct
  {
    const TeJitVar *value;
    PyObject *object; /* lent by its parent */
    const char *path; /* self.0.1: constants are called after it */
  } modules[MOST_MODULES];
  int n;
} Freezing;

/* module_of: which of modules value is, or -1. */
static int
module_of (const Freezing *self, const TeJitVar *value)
{
  for (int i = 0; i < self->n; i++)
    if (self->modules[i].value == value)
      return i;
  return -1;
}

/* What self.name is, put in place of reading it. */
static bool
freeze_read (Freezing *self, TeJitNode *node, int owner)
{
  const char *path = te_jit_intern_format ("%s.%s", self->modules[owner].path, node->name);
  PyObject *object = PyObject_GetAttrString (self->modules[owner].object, node->name);
  if (!object)
    return false;
  Py_DECREF (object); /* its owner keeps it */
  if (te_py_jit_class_of_module (object))
    {
      if (self->n < MOST_MODULES)
        {
          self->modules[self->n].value = node->outputs[0];
          self->modules[self->n].path = path;
          self->modules[self->n++].object = object;
        }
      return true;
    }
  TeJitAny value;
  if (!te_py_jit_from (object, node->outputs[0]->type, &value))
    return false;
  if (value.tag == TE_JIT_V_LIST || value.tag == TE_JIT_V_DICT)
    {
      te_jit_unref (value);
      return true;
    }
  if (value.tag == TE_JIT_V_TENSOR)
    {
      TeError err;
      te_error_clear (&err);
      TeTensor *alias = te_tensor_alias (value.tensor, &err);
      te_jit_unref (value);
      if (!alias)
        return te_py_raise (&err) != NULL;
      value = te_jit_take_tensor (alias);
    }
  TeJitNode *point = self->graph->point;
  self->graph->point = node;
  TeJitVar *constant = te_jit_constant (self->graph, value, NULL);
  if (value.tag == TE_JIT_V_TENSOR)
    te_jit_var_set_name (constant, path);
  te_jit_var_replace (node->outputs[0], constant);
  self->graph->point = point;
  return true;
}

static bool
freeze_block (Freezing *self, TeJitBlock *block)
{
  for (TeJitNode *node = te_jit_block_first (block), *next; node != block->ret; node = next)
    {
      next = node->next;
      int owner = node->n_inputs ? module_of (self, node->inputs[0]) : -1;
      if (owner >= 0 && te_jit_node_is (node, "prim::GetAttr") && !freeze_read (self, node, owner))
        return false;
      for (int i = 0; i < node->n_blocks; i++)
        if (!freeze_block (self, node->blocks[i]))
          return false;
    }
  return true;
}

/* drop_dropout: dropouts that let everything through are taken out. */
static void
drop_dropout (TeJitBlock *block)
{
  for (TeJitNode *node = te_jit_block_first (block); node != block->ret; node = node->next)
    {
      TeJitAny training;
      bool one = te_jit_node_is (node, "aten::dropout") || te_jit_node_is (node, "aten::feature_dropout")
                 || te_jit_node_is (node, "aten::alpha_dropout") || te_jit_node_is (node, "aten::feature_alpha_dropout");
      if (one && te_jit_var_constant (node->inputs[2], &training) && training.tag == TE_JIT_V_BOOL && !training.b)
        te_jit_var_replace (node->outputs[0], node->inputs[0]);
      for (int i = 0; i < node->n_blocks; i++)
        drop_dropout (node->blocks[i]);
    }
}

static bool
freeze_method (PyObject *object, TeJitFunction *method, TeJitClass *frozen)
{
  Freezing self = { .graph = te_jit_graph_copy (method->graph) };
  te_jit_pass_inline (self.graph);
  self.modules[self.n].value = te_jit_graph_input (self.graph, 0);
  self.modules[self.n].path = "self";
  self.modules[self.n++].object = object;
  if (!freeze_block (&self, self.graph->top))
    {
      te_jit_graph_unref (self.graph);
      if (!PyErr_Occurred ())
        PyErr_Format (PyExc_RuntimeError, "an attribute cannot be frozen");
      return false;
    }
  te_jit_pass_dce (self.graph);
  te_jit_pass_constant_propagation (self.graph, true);
  te_jit_pass_cse (self.graph);
  te_jit_pass_constant_pooling (self.graph);
  te_jit_pass_peephole (self.graph);
  drop_dropout (self.graph->top);
  te_jit_pass_dce (self.graph);
  te_jit_graph_input (self.graph, 0)->type = frozen->type;
  TeJitFunction *made =
      te_jit_function_new (te_jit_intern_format ("%s.%s", frozen->type->name, method->name));
  made->class = frozen;
  te_py_jit_function_from_graph (made, self.graph);
  made->returns = method->returns;
  for (int i = 0; i < made->n_params; i++)
    {
      made->params[i].has_default = method->params[i].has_default;
      made->params[i].default_value = te_jit_ref (method->params[i].default_value);
    }
  TE_JIT_PUSH (NULL, frozen->methods, frozen->n_methods, frozen->methods_room, made);
  return true;
}

/* _jit_freeze (module, name, methods) -> class */
static PyObject *
freeze (PyObject *module, PyObject *args)
{
  PyObject *object, *names;
  const char *name;
  if (!PyArg_ParseTuple (args, "OsO!", &object, &name, &PyList_Type, &names))
    return NULL;
  TeJitClass *class = te_py_jit_class_of_module (object), *frozen = te_jit_class_new (name);
  te_jit_class_add_field (frozen, "training", te_jit_type_simple (TE_JIT_BOOL), false, false);
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE (names); i++)
    {
      const char *wanted = PyUnicode_AsUTF8 (PyList_GET_ITEM (names, i));
      TeJitFunction *method = class && wanted ? te_jit_class_method (class, wanted) : NULL;
      if (!method || !method->graph)
        return PyErr_Format (PyExc_RuntimeError, "freezing needs a compiled %s", wanted ? wanted : "forward");
      if (!freeze_method (object, method, frozen))
        return NULL;
    }
  return te_py_jit_class (frozen);
}

static PyMethodDef functions[] = {
  { "_jit_freeze", freeze, METH_VARARGS, "A class whose forward has a module's attributes as constants." },
  { 0 },
};

bool
te_py_jit_freeze_init (PyObject *module)
{
  return PyModule_AddFunctions (module, functions) == 0;
}
