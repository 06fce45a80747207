/* A trace's beginning and end, and the modules in it.
 *
 * While a module's forward runs, nodes go into the block of a node prim::TracedModuleForward.  At the end
 * each block becomes a method of the module's class: what it uses from outside becomes its arguments, what is
 * used of it outside its results, and parameters are read from self. */
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
typedef struct
{
  TeJitVar *value;  /* of a prim::TracedAttr node that stands in no block */
  const char *path; /* "__module.l1" */
  const char *name; /* "weight" */
} Attribute;

typedef struct
{
  TePyTracer *tracer;
  PyObject *classes; /* dict: path -> class handle */
  Attribute *attributes;
  int n, room;
} Scopes;

static bool
add_attributes (Scopes *self, PyObject *module, const char *path)
{
  static const char *const registries[] = { "_parameters", "_buffers" };
  TeJitGraph *graph = self->tracer->graph;
  for (int r = 0; r < 2; r++)
    {
      PyObject *registry = PyObject_GetAttrString (module, registries[r]);
      PyObject *items = registry ? PyMapping_Items (registry) : NULL;
      Py_XDECREF (registry);
      if (!items)
        return false;
      for (Py_ssize_t i = 0; i < PyList_GET_SIZE (items); i++)
        {
          PyObject *tensor = PyTuple_GET_ITEM (PyList_GET_ITEM (items, i), 1);
          TeJitNode *node = te_jit_node_new (graph, "prim::TracedAttr");
          TeJitVar *value = te_jit_node_add_output (node, te_jit_type_simple (TE_JIT_TENSOR));
          const char *name =
              te_jit_intern (PyUnicode_AsUTF8 (PyTuple_GET_ITEM (PyList_GET_ITEM (items, i), 0)));
          if (!te_py_is_tensor (tensor) || te_py_tracer_find (self->tracer, te_py_tensor (tensor)))
            continue; /* shared: the first name is its name */
          te_jit_var_set_name (value, name);
          te_py_tracer_set (self->tracer, te_py_tensor (tensor), value);
          TE_JIT_PUSH (graph->arena, self->attributes, self->n, self->room,
                       ((Attribute){ value, path, name }));
        }
      Py_DECREF (items);
    }
  graph->next_number += 2; /* training, _is_full_backward_hook */
  return true;
}

static bool
add_all_attributes (Scopes *self)
{
  PyObject *module, *name;
  for (Py_ssize_t at = 0; PyDict_Next (self->tracer->modules, &at, &module, &name);)
    if (!add_attributes (self, module, te_jit_intern (PyUnicode_AsUTF8 (name))))
      return false;
  for (int i = 0; i < self->n; i++) /* names are taken when values are read from self */
    te_jit_var_set_name (self->attributes[i].value, NULL);
  self->tracer->graph->next_number += (int) PyDict_GET_SIZE (self->tracer->modules) - 1;
  return true;
}

static const Attribute *
attribute_of (const Scopes *self, const TeJitVar *value)
{
  for (int i = 0; i < self->n; i++)
    if (self->attributes[i].value == value)
      return &self->attributes[i];
  return NULL;
}

static TeJitClass *
class_at (const Scopes *self, const char *path)
{
  PyObject *class = PyDict_GetItemString (self->classes, path);
  return class ? te_py_jit_class_get (class) : NULL;
}

/* ---- values across blocks ---- */
static const char *
path_of (const TeJitBlock *block)
{
  return block->owner ? block->owner->name : "__module";
}

static TeJitVar *
self_of (const TeJitBlock *block)
{
  return block->param->outputs[0];
}

static bool
is_inside (const char *path, const char *outer)
{
  size_t n = strlen (outer);
  return strncmp (path, outer, n) == 0 && (path[n] == '.' || path[n] == 0);
}

/* self.NAME in block, read at its beginning; read once. */
static TeJitVar *
read_attribute (TeJitBlock *block, TeJitVar *object, const char *name, const TeJitType *type)
{
  for (TeJitNode *node = te_jit_block_first (block); node != block->ret; node = node->next)
    if (te_jit_node_is (node, "prim::GetAttr") && node->inputs[0] == object && strcmp (node->name, name) == 0)
      return node->outputs[0];
  TeJitNode *node = te_jit_node_new (block->graph, "prim::GetAttr");
  node->range = NULL;
  node->scope = NULL;
  node->name = te_jit_intern (name);
  te_jit_node_add_input (node, object);
  TeJitNode *place = te_jit_block_first (block);
  if (object->node->block == block && !te_jit_node_is (object->node, "prim::Param"))
    place = object->node->next;
  te_jit_node_insert_before (node, place);
  TeJitVar *value = te_jit_node_add_output (node, type);
  bool digit = *name >= '0' && *name <= '9';
  te_jit_var_set_name (value, digit ? te_jit_intern_format ("_%s", name) : name);
  return value;
}

/* The module at path, read through self of block. */
static TeJitVar *
read_module (const Scopes *self, TeJitBlock *block, const char *path)
{
  TeJitVar *object = self_of (block);
  const char *own = path_of (block);
  size_t at = strlen (own);
  while (object && path[at])
    {
      size_t end = at + 1 + strcspn (path + at + 1, ".");
      TeJitClass *class = class_at (self, te_jit_intern_n (path, end));
      if (!class)
        return NULL;
      object = read_attribute (block, object, te_jit_intern_n (path + at + 1, end - at - 1), class->type);
      at = end;
    }
  return object;
}

static bool
encloses (const TeJitBlock *outer, const TeJitBlock *inner)
{
  for (; inner; inner = inner->owner ? inner->owner->block : NULL)
    if (inner == outer)
      return true;
  return false;
}

/* What stands for an outside value in block: an argument of its own. */
static TeJitVar *
lift (TeJitBlock *block, TeJitVar *outside)
{
  TeJitNode *owner = block->owner;
  for (int i = 0; i < owner->n_inputs; i++)
    if (owner->inputs[i] == outside)
      return block->param->outputs[i + 1];
  te_jit_node_add_input (owner, outside);
  return te_jit_block_add_input (block, outside->type);
}

/* The result of a module's node that hands out value. */
static TeJitVar *
hand_out (TeJitBlock *block, TeJitVar *value)
{
  for (int i = 0; i < block->ret->n_inputs; i++)
    if (block->ret->inputs[i] == value)
      return block->owner->outputs[i];
  te_jit_block_add_output (block, value);
  return te_jit_node_add_output (block->owner, value->type);
}

static TeJitVar *
usable_in (const Scopes *self, TeJitVar *value, TeJitBlock *block)
{
  if (te_jit_node_is (value->node, "prim::TracedModule"))
    return is_inside (value->node->name, path_of (block))
               ? read_module (self, block, value->node->name)
               : lift (block, usable_in (self, value, block->owner->block));
  const Attribute *attribute = attribute_of (self, value);
  if (attribute)
    {
      if (!is_inside (attribute->path, path_of (block)))
        return lift (block, usable_in (self, value, block->owner->block));
      TeJitVar *object = read_module (self, block, attribute->path);
      return object ? read_attribute (block, object, attribute->name, value->type) : value;
    }
  TeJitBlock *home = value->node->block;
  if (home == block || !home)
    return value;
  if (encloses (home, block))
    return lift (block, usable_in (self, value, block->owner->block));
  return usable_in (self, hand_out (home, value), block);
}

static void
settle (const Scopes *self, TeJitBlock *block)
{
  for (TeJitNode *node = te_jit_block_first (block);; node = node->next)
    {
      if (node->n_blocks)
        read_module (self, block, node->name);
      for (int i = 0; i < node->n_inputs; i++)
        {
          TeJitVar *value = usable_in (self, node->inputs[i], block);
          if (value != node->inputs[i])
            te_jit_node_set_input (node, i, value);
        }
      if (node == block->ret)
        return;
      for (int i = 0; i < node->n_blocks; i++)
        settle (self, node->blocks[i]);
    }
}

static void
name_selves (const Scopes *self, TeJitBlock *block)
{
  for (TeJitNode *node = te_jit_block_first (block); node != block->ret; node = node->next)
    if (node->n_blocks)
      {
        TeJitClass *class = class_at (self, node->name);
        TeJitVar *own = te_jit_node_insert_output (node->blocks[0]->param, 0,
                                                   class ? class->type : te_jit_type_simple (TE_JIT_ANY));
        te_jit_var_set_name (own, "self");
        name_selves (self, node->blocks[0]);
      }
}

/* Values that are used outside their module are handed out first, so that all uses see them. */
static void
hand_out_all (const Scopes *self, TeJitBlock *block)
{
  for (TeJitNode *node = te_jit_block_first (block);; node = node->next)
    {
      for (int i = 0; i < node->n_inputs; i++)
        {
          TeJitVar *value = node->inputs[i];
          while (value->node->block && !attribute_of (self, value) && !encloses (value->node->block, block))
            value = hand_out (value->node->block, value);
          if (value != node->inputs[i])
            te_jit_node_set_input (node, i, value);
        }
      if (node == block->ret)
        return;
      for (int i = 0; i < node->n_blocks; i++)
        hand_out_all (self, node->blocks[i]);
    }
}

/* ---- blocks become methods ---- */
typedef struct
{
  TeJitVar *from, *to;
} Pair;
typedef struct
{
  TeJitGraph *to;
  Pair *pairs;
  int n, room;
} Moved;

static void
moved_add (Moved *self, TeJitVar *from, TeJitVar *to)
{
  if (from->name)
    te_jit_var_set_name (to, from->name);
  TE_JIT_PUSH (self->to->arena, self->pairs, self->n, self->room, ((Pair){ from, to }));
}

static TeJitVar *
moved_find (const Moved *self, const TeJitVar *from)
{
  for (int i = self->n; i-- > 0;)
    if (self->pairs[i].from == from)
      return self->pairs[i].to;
  return NULL;
}

static TeJitFunction *method_of_block (const Scopes *self, TeJitBlock *block);

/* The call of a module's method in place of its node. */
static void
move_call (const Scopes *self, Moved *moved, TeJitNode *node, TeJitVar *object)
{
  TeJitFunction *method = method_of_block (self, node->blocks[0]);
  TeJitNode *call = te_jit_node_new (moved->to, "prim::CallMethod");
  call->name = method->name;
  te_jit_node_add_input (call, moved_find (moved, object));
  for (int i = 0; i < node->n_inputs; i++)
    te_jit_node_add_input (call, moved_find (moved, node->inputs[i]));
  te_jit_node_insert (call);
  TeJitVar *result = te_jit_node_add_output (call, te_jit_type_plain (method->returns));
  if (node->n_outputs == 1)
    moved_add (moved, node->outputs[0], result);
  if (node->n_outputs < 2)
    return;
  TeJitNode *unpack = te_jit_node_new (moved->to, "prim::TupleUnpack");
  te_jit_node_add_input (unpack, result);
  te_jit_node_insert (unpack);
  for (int i = 0; i < node->n_outputs; i++)
    moved_add (moved, node->outputs[i], te_jit_node_add_output (unpack, node->outputs[i]->type));
}

static void
move_node (Moved *moved, const TeJitNode *node)
{
  TeJitNode *twin = te_jit_node_new (moved->to, node->kind);
  twin->range = node->range;
  twin->scope = node->scope;
  twin->name = node->name;
  twin->types = node->types;
  twin->has_value = node->has_value;
  twin->value = te_jit_ref (node->value);
  if (node->has_value)
    TE_JIT_PUSH (moved->to->arena, moved->to->constants, moved->to->n_constants, moved->to->constants_room,
                 twin);
  for (int i = 0; i < node->n_inputs; i++)
    te_jit_node_add_input (twin, moved_find (moved, node->inputs[i]));
  te_jit_node_insert (twin);
  for (int i = 0; i < node->n_outputs; i++)
    moved_add (moved, node->outputs[i], te_jit_node_add_output (twin, node->outputs[i]->type));
}

static void
move_return (Moved *moved, const TeJitBlock *block)
{
  int n = block->ret->n_inputs;
  const TeJitType **types = te_jit_alloc (moved->to->arena, (size_t) (n + 1) * sizeof *types);
  TeJitVar **items = te_jit_alloc (moved->to->arena, (size_t) (n + 1) * sizeof *items);
  for (int i = 0; i < n; i++)
    {
      items[i] = moved_find (moved, block->ret->inputs[i]);
      types[i] = items[i]->type;
    }
  TeJitVar *result = n == 1   ? items[0]
                     : n == 0 ? te_jit_constant (moved->to, te_jit_none (), NULL)
                              : te_jit_emit (moved->to, "prim::TupleConstruct",
                                             te_jit_type_tuple (n, types, NULL, NULL), n, items);
  te_jit_block_add_output (moved->to->top, result);
}

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

/* The name of a value that a block was given: that of the value outside. */
static const char *
outside_name (const TeJitBlock *block, int i)
{
  const TeJitVar *value = block->param->outputs[i];
  while (!value->name && te_jit_node_is (value->node, "prim::Param") && value->node->block->owner
         && value->offset > 0)
    value = value->node->block->owner->inputs[value->offset - 1];
  return value->name;
}

static TeJitFunction *
method_of_block (const Scopes *self, TeJitBlock *block)
{
  TeJitClass *class = class_at (self, path_of (block));
  Moved moved = { te_jit_graph_new (), NULL, 0, 0 };
  for (int i = 0; i < block->param->n_outputs; i++)
    {
      TeJitVar *input = te_jit_block_add_input (moved.to->top, block->param->outputs[i]->type);
      moved_add (&moved, block->param->outputs[i], input);
      te_jit_var_set_name (input, outside_name (block, i));
    }
  for (TeJitNode *node = te_jit_block_first (block); node != block->ret; node = node->next)
    if (node->n_blocks)
      move_call (self, &moved, node, read_module (self, block, node->name));
    else
      move_node (&moved, node);
  move_return (&moved, block);
  te_jit_pass_dce (moved.to);
  const char *name = te_jit_intern ("forward");
  for (int i = 1; te_jit_class_method (class, name); i++)
    name = te_jit_intern_format ("forward%d", i);
  TeJitFunction *function = te_jit_function_new (te_jit_intern_format ("%s.%s", class->type->name, name));
  function->class = class;
  te_py_jit_function_from_graph (function, moved.to);
  TE_JIT_PUSH (NULL, class->methods, class->n_methods, class->methods_room, function);
  return function;
}

/* ---- the whole ---- */
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
trace_module (Scopes *self, PyObject *function, PyObject *inputs, PyObject *names, const char *name)
{
  TePyTracer *tracer = self->tracer;
  TeJitGraph *graph = tracer->graph;
  TeJitClass *class = class_at (self, "__module");
  TeJitVar *own = te_jit_block_add_input (graph->top, class->type);
  te_jit_var_set_name (own, "self");
  if (!bind_inputs (tracer, inputs, names) || !add_all_attributes (self) || !run (tracer, function, inputs))
    return NULL;
  name_selves (self, graph->top);
  hand_out_all (self, graph->top);
  settle (self, graph->top);
  TeJitFunction *method = method_of_block (self, graph->top);
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
      Scopes scopes = { .tracer = &tracer, .classes = classes };
      made = trace_module (&scopes, function, inputs, names, name);
      te_py_tracer_clear (&tracer);
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
