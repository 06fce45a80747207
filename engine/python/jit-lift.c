/* The blocks of a trace become methods.
 *
 * A trace holds a node prim::TracedModuleForward for each forward of a module that ran, with what it recorded
 * in a block, and a prim::TracedAttr for each parameter, buffer and module, which stand in no block.  In
 * turn: attributes are read from the nearest self, what a block made is handed out to where it is used,
 * several results become a tuple, each block becomes a graph whose inputs are what it uses from outside, and
 * each node the call of a method. */
#include "python/jit-tracer.h"

#include <string.h>

#include "jit/passes.h"

#define MOST_VALUES 512

typedef struct
{
  TeJitVar *from, *to;
} Pair;

/* Which value stands for which. */
typedef struct
{
  TeJitArena *arena;
  Pair *pairs;
  int n, room;
} Pairs;

static void
pair_up (Pairs *self, TeJitVar *from, TeJitVar *to)
{
  TE_JIT_PUSH (self->arena, self->pairs, self->n, self->room, ((Pair){ from, to }));
}

static TeJitVar *
paired (const Pairs *self, const TeJitVar *from)
{
  for (int i = self->n; i-- > 0;)
    if (self->pairs[i].from == from)
      return self->pairs[i].to;
  return NULL;
}

static bool
is_forward (const TeJitNode *node)
{
  return te_jit_node_is (node, "prim::TracedModuleForward");
}

/* ---- attributes are read from self ---- */
static bool
is_inside (const char *path, const char *outer)
{
  size_t n = strlen (outer);
  return strncmp (path, outer, n) == 0 && (path[n] == '.' || path[n] == 0);
}

static void
give_selves (TePyTracer *self, TeJitBlock *block)
{
  for (TeJitNode *node = te_jit_block_first (block); node != block->ret; node = node->next)
    if (is_forward (node))
      {
        TeJitVar *module = te_py_tracer_attribute (self, node->name);
        te_jit_node_insert_input (node, 0, module);
        TeJitVar *own = te_jit_node_insert_output (node->blocks[0]->param, 0, module->type);
        te_jit_var_set_name (own, "self");
        give_selves (self, node->blocks[0]);
      }
}

static TeJitVar *
read_field (TeJitVar *object, const char *name, const TeJitType *type, TeJitNode *place)
{
  TeJitNode *node = te_jit_node_new (place->graph, "prim::GetAttr");
  node->range = NULL;
  node->scope = NULL;
  node->name = name;
  te_jit_node_add_input (node, object);
  te_jit_node_insert_before (node, place);
  TeJitVar *value = te_jit_node_add_output (node, type);
  bool digit = *name >= '0' && *name <= '9';
  te_jit_var_set_name (value, digit ? te_jit_intern_format ("_%s", name) : name);
  return value;
}

/* What the attribute at path is, read step by step from own, the module at prefix. */
static TeJitVar *
read_path (TePyTracer *self, TeJitBlock *block, TeJitVar *own, const char *prefix, const TeJitNode *attribute)
{
  const char *path = attribute->name;
  TeJitNode *place = te_jit_block_first (block);
  TeJitVar *object = own;
  for (size_t at = strlen (prefix); path[at];)
    {
      size_t end = at + 1 + strcspn (path + at + 1, ".");
      const TeJitVar *step =
          path[end] ? te_py_tracer_attribute (self, te_jit_intern_n (path, end)) : attribute->outputs[0];
      object = read_field (object, te_jit_intern_n (path + at + 1, end - at - 1),
                           step ? step->type : te_jit_type_simple (TE_JIT_ANY), place);
      at = end;
    }
  return object;
}

/* The attributes of modules farther out become inputs of block; they are appended to asked. */
static void
read_attributes (
    TePyTracer *self, TeJitBlock *block, const char *prefix, TeJitVar *own, TeJitVar **asked, int *n_asked)
{
  Pairs known = { .arena = block->graph->arena };
  for (TeJitNode *node = te_jit_block_first (block); node != block->ret; node = node->next)
    {
      if (is_forward (node))
        {
          TeJitVar *inner[MOST_VALUES];
          int n = 0;
          read_attributes (self, node->blocks[0], node->name, node->blocks[0]->param->outputs[0], inner, &n);
          for (int i = 0; i < n; i++)
            te_jit_node_add_input (node, inner[i]);
        }
      for (int i = 0; i < node->n_inputs; i++)
        {
          TeJitVar *input = node->inputs[i], *read = paired (&known, input);
          if (!read && te_jit_node_is (input->node, "prim::TracedAttr"))
            {
              if (is_inside (input->node->name, prefix))
                read = read_path (self, block, own, prefix, input->node);
              else if (*n_asked < MOST_VALUES)
                {
                  read = te_jit_block_add_input (block, input->type);
                  te_jit_var_set_name (read, input->name);
                  asked[(*n_asked)++] = input;
                }
              pair_up (&known, input, read);
            }
          if (read)
            te_jit_node_set_input (node, i, read);
        }
    }
}

/* ---- values are handed out to where they are used ---- */
static bool
encloses (const TeJitBlock *outer, const TeJitBlock *inner)
{
  for (; inner; inner = inner->owner ? inner->owner->block : NULL)
    if (inner == outer)
      return true;
  return false;
}

static void
hand_out_inputs (TeJitNode *node, const TeJitBlock *block, Pairs *handed)
{
  for (int i = 0; i < node->n_inputs; i++)
    {
      TeJitVar *input = node->inputs[i], *value = paired (handed, input);
      value = value ? value : input;
      TeJitVar *start = value;
      for (TeJitBlock *home = value->node->block; home && !encloses (home, block); home = home->owner->block)
        {
          te_jit_block_add_output (home, value);
          value = te_jit_node_add_output (home->owner, value->type);
        }
      if (value != start)
        pair_up (handed, start, value);
      if (value != input)
        te_jit_node_set_input (node, i, value);
    }
}

static void
hand_out (TeJitBlock *block, Pairs *handed)
{
  for (TeJitNode *node = te_jit_block_first (block);; node = node->next)
    {
      hand_out_inputs (node, block, handed);
      if (node == block->ret)
        return;
      if (is_forward (node))
        hand_out (node->blocks[0], handed);
    }
}

/* ---- one result each ---- */
static TeJitNode *
unpack_after (TeJitNode *node, TeJitVar *tuple)
{
  TeJitNode *unpack = te_jit_node_new (node->graph, "prim::TupleUnpack");
  unpack->range = NULL;
  unpack->scope = NULL;
  te_jit_node_add_input (unpack, tuple);
  te_jit_node_insert_before (unpack, node->next);
  return unpack;
}

static void
pack_results (TeJitBlock *block)
{
  TeJitGraph *graph = block->graph;
  for (TeJitNode *node = te_jit_block_first (block); node != block->ret; node = node->next)
    {
      if (!is_forward (node))
        continue;
      TeJitBlock *inner = node->blocks[0];
      pack_results (inner);
      int n = inner->ret->n_inputs;
      if (n == 1)
        continue;
      graph->point = inner->ret;
      if (!n)
        {
          te_jit_block_add_output (inner, te_jit_constant (graph, te_jit_none (), NULL));
          te_jit_node_add_output (node, te_jit_type_simple (TE_JIT_NONE));
          continue;
        }
      const TeJitType **types = te_jit_alloc (graph->arena, (size_t) n * sizeof *types);
      for (int i = 0; i < n; i++)
        types[i] = node->outputs[i]->type;
      const TeJitType *type = te_jit_type_tuple (n, types, NULL, NULL);
      TeJitNode *tuple = te_jit_node_new (graph, "prim::TupleConstruct");
      for (int i = 0; i < n; i++)
        te_jit_node_add_input (tuple, inner->ret->inputs[i]);
      te_jit_node_insert (tuple);
      while (inner->ret->n_inputs)
        te_jit_node_remove_input (inner->ret, 0);
      te_jit_block_add_output (inner, te_jit_node_add_output (tuple, type));
      TeJitNode *unpack = unpack_after (node, te_jit_node_add_output (node, type));
      for (int i = 0; i < n; i++)
        te_jit_var_replace (node->outputs[i], te_jit_node_add_output (unpack, types[i]));
      for (int i = n; i-- > 0;)
        te_jit_node_remove_output (node, i);
    }
  graph->point = graph->top->ret;
}

/* ---- blocks become graphs ---- */
typedef struct
{
  const TeJitNode *node;
  TeJitGraph *graph;
} Lifted;

typedef struct
{
  TePyTracer *tracer;
  PyObject *classes; /* dict: path -> class handle */
  Lifted *lifted;
  int n, room;
} Lift;

static void
note_lifted (Lift *self, const TeJitNode *node, TeJitGraph *graph)
{
  TE_JIT_PUSH (self->tracer->graph->arena, self->lifted, self->n, self->room, ((Lifted){ node, graph }));
}

static TeJitGraph *
lifted_of (const Lift *self, const TeJitNode *node)
{
  for (int i = self->n; i-- > 0;)
    if (self->lifted[i].node == node)
      return self->lifted[i].graph;
  return NULL;
}

static TeJitVar *
copy_of (Pairs *copies, TeJitVar *from, TeJitVar *to)
{
  te_jit_var_set_name (to, from->name);
  pair_up (copies, from, to);
  return to;
}

/* What stands for a value in the new graph: one from outside becomes an input, and the node's too. */
static TeJitVar *
inner_value (Pairs *copies, TeJitNode *owner, TeJitGraph *to, TeJitVar *value)
{
  TeJitVar *inner = paired (copies, value);
  if (inner)
    return inner;
  te_jit_node_add_input (owner, value);
  return copy_of (copies, value, te_jit_block_add_input (to->top, value->type));
}

static TeJitNode *
copy_node (Pairs *copies, TeJitNode *owner, TeJitGraph *to, const TeJitNode *node)
{
  TeJitNode *twin = te_jit_node_new (to, node->kind);
  twin->range = node->range;
  twin->scope = node->scope;
  twin->name = node->name;
  twin->types = node->types;
  twin->has_value = node->has_value;
  twin->value = te_jit_ref (node->value);
  if (node->has_value)
    TE_JIT_PUSH (to->arena, to->constants, to->n_constants, to->constants_room, twin);
  te_jit_node_insert (twin);
  for (int i = 0; i < node->n_outputs; i++)
    copy_of (copies, node->outputs[i], te_jit_node_add_output (twin, node->outputs[i]->type));
  for (int i = 0; i < node->n_inputs; i++)
    te_jit_node_add_input (twin, inner_value (copies, owner, to, node->inputs[i]));
  return twin;
}

static void
lift_blocks (Lift *self, TeJitBlock *block)
{
  for (TeJitNode *node = te_jit_block_first (block); node != block->ret; node = node->next)
    {
      if (!is_forward (node))
        continue;
      TeJitBlock *inner = node->blocks[0];
      lift_blocks (self, inner);
      TeJitGraph *graph = te_jit_graph_new ();
      Pairs copies = { .arena = self->tracer->graph->arena };
      for (int i = 0; i < inner->param->n_outputs; i++)
        copy_of (&copies, inner->param->outputs[i],
                 te_jit_block_add_input (graph->top, inner->param->outputs[i]->type));
      for (TeJitNode *from = te_jit_block_first (inner); from != inner->ret; from = from->next)
        {
          TeJitNode *twin = copy_node (&copies, node, graph, from);
          if (is_forward (from))
            note_lifted (self, twin, lifted_of (self, from));
        }
      te_jit_block_add_output (graph->top, inner_value (&copies, node, graph, inner->ret->inputs[0]));
      note_lifted (self, node, graph);
    }
}

/* ---- nodes become calls ---- */
static TeJitFunction *
add_method (const Lift *self, const char *path, TeJitGraph *graph)
{
  TeJitClass *class = te_py_jit_class_get (PyDict_GetItemString (self->classes, path));
  const char *name = te_jit_intern ("forward");
  for (int i = 1; te_jit_class_method (class, name); i++)
    name = te_jit_intern_format ("forward%d", i);
  TeJitFunction *function = te_jit_function_new (te_jit_intern_format ("%s.%s", class->type->name, name));
  function->class = class;
  te_py_jit_function_from_graph (function, graph);
  TE_JIT_PUSH (NULL, class->methods, class->n_methods, class->methods_room, function);
  return function;
}

static void
call_methods (const Lift *self, TeJitGraph *graph)
{
  for (TeJitNode *node = te_jit_block_first (graph->top), *next; node != graph->top->ret; node = next)
    {
      next = node->next;
      if (!is_forward (node))
        continue;
      TeJitGraph *inner = lifted_of (self, node);
      call_methods (self, inner);
      te_jit_pass_dce (inner);
      TeJitFunction *method = add_method (self, node->name, inner);
      TeJitNode *call = te_jit_node_new (graph, "prim::CallMethod");
      call->name = method->name;
      call->range = NULL;
      call->scope = NULL;
      for (int i = 0; i < node->n_inputs; i++)
        te_jit_node_add_input (call, node->inputs[i]);
      te_jit_node_insert_before (call, node);
      te_jit_var_replace (node->outputs[0],
                          te_jit_node_add_output (call, te_jit_type_plain (method->returns)));
      te_jit_node_destroy (node);
    }
}

TeJitFunction *
te_py_trace_lift (TePyTracer *tracer, PyObject *classes)
{
  TeJitGraph *graph = tracer->graph;
  Lift self = { .tracer = tracer, .classes = classes };
  TeJitVar *asked[MOST_VALUES];
  int n_asked = 0;
  Pairs handed = { .arena = graph->arena };
  give_selves (tracer, graph->top);
  read_attributes (tracer, graph->top, "__module", te_jit_graph_input (graph, 0), asked, &n_asked);
  hand_out (graph->top, &handed);
  pack_results (graph->top);
  lift_blocks (&self, graph->top);
  call_methods (&self, graph);
  te_jit_pass_dce (graph);
  return add_method (&self, "__module", graph);
}
