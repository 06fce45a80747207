#include "jit/graph.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

typedef struct TeJitName
{
  const char *name;
  TeJitVar *owner; /* NULL: free again */
  long suffix;     /* the last one given to others of this base; 0: none */
} TeJitName;

TeJitGraph *
te_jit_graph_new (void)
{
  TeJitGraph *graph = te_new (TeJitGraph);
  te_assert (graph);
  graph->refcount = 1;
  graph->arena = te_jit_arena_new ();
  TeJitBlock *top = te_jit_alloc (graph->arena, sizeof *top);
  top->graph = graph;
  top->param = te_jit_node_new (graph, "prim::Param");
  top->ret = te_jit_node_new (graph, "prim::Return");
  top->param->block = top->ret->block = top;
  top->param->next = top->param->prev = top->ret;
  top->ret->prev = top->ret->next = top->param;
  graph->top = top;
  graph->point = top->ret;
  return graph;
}

TeJitGraph *
te_jit_graph_ref (TeJitGraph *graph)
{
  graph->refcount++;
  return graph;
}

void
te_jit_graph_unref (TeJitGraph *graph)
{
  if (!graph || --graph->refcount)
    return;
  for (int i = 0; i < graph->n_constants; i++)
    te_jit_unref (graph->constants[i]->value);
  te_jit_arena_free (graph->arena);
  te_free (graph);
}

/* ---- nodes ---- */
TeJitNode *
te_jit_node_new (TeJitGraph *graph, const char *kind)
{
  TeJitNode *node = te_jit_alloc (graph->arena, sizeof *node);
  node->kind = te_jit_intern (kind);
  node->graph = graph;
  node->range = graph->range;
  node->scope = graph->scope;
  return node;
}

bool
te_jit_node_is (const TeJitNode *node, const char *kind)
{
  return strcmp (node->kind, kind) == 0;
}

TeJitVar *
te_jit_node_insert_output (TeJitNode *node, int at, const TeJitType *type)
{
  TeJitGraph *graph = node->graph;
  TeJitVar *value = te_jit_alloc (graph->arena, sizeof *value);
  *value =
      (TeJitVar){ .node = node, .offset = node->n_outputs, .number = graph->next_number++, .type = type };
  TE_JIT_PUSH (graph->arena, node->outputs, node->n_outputs, node->outputs_room, value);
  for (int i = node->n_outputs - 1; i > at; i--)
    node->outputs[i] = node->outputs[i - 1];
  node->outputs[at] = value;
  for (int i = at; i < node->n_outputs; i++)
    node->outputs[i]->offset = i;
  return value;
}

TeJitVar *
te_jit_node_add_output (TeJitNode *node, const TeJitType *type)
{
  return te_jit_node_insert_output (node, node->n_outputs, type);
}

static void
add_use (TeJitVar *value, TeJitNode *node, int index)
{
  TE_JIT_PUSH (node->graph->arena, value->uses, value->n_uses, value->uses_room, ((TeJitUse){ node, index }));
}

static void
drop_use (TeJitVar *value, const TeJitNode *node, int index)
{
  for (int i = 0; i < value->n_uses; i++)
    if (value->uses[i].node == node && value->uses[i].index == index)
      {
        memmove (value->uses + i, value->uses + i + 1, (size_t) (--value->n_uses - i) * sizeof *value->uses);
        return;
      }
}

static void
renumber_use (TeJitVar *value, const TeJitNode *node, int from, int to)
{
  for (int i = 0; i < value->n_uses; i++)
    if (value->uses[i].node == node && value->uses[i].index == from)
      {
        value->uses[i].index = to;
        return;
      }
}

void
te_jit_node_insert_input (TeJitNode *node, int at, TeJitVar *value)
{
  TE_JIT_PUSH (node->graph->arena, node->inputs, node->n_inputs, node->inputs_room, value);
  for (int i = node->n_inputs - 1; i > at; i--)
    {
      node->inputs[i] = node->inputs[i - 1];
      renumber_use (node->inputs[i], node, i - 1, i);
    }
  node->inputs[at] = value;
  add_use (value, node, at);
}

void
te_jit_node_add_input (TeJitNode *node, TeJitVar *value)
{
  te_jit_node_insert_input (node, node->n_inputs, value);
}

void
te_jit_node_set_input (TeJitNode *node, int at, TeJitVar *value)
{
  drop_use (node->inputs[at], node, at);
  node->inputs[at] = value;
  add_use (value, node, at);
}

void
te_jit_node_remove_input (TeJitNode *node, int at)
{
  drop_use (node->inputs[at], node, at);
  for (int i = at; i + 1 < node->n_inputs; i++)
    {
      node->inputs[i] = node->inputs[i + 1];
      renumber_use (node->inputs[i], node, i + 1, i);
    }
  node->n_inputs--;
}

void
te_jit_node_remove_output (TeJitNode *node, int at)
{
  te_jit_var_set_name (node->outputs[at], NULL);
  for (int i = at; i + 1 < node->n_outputs; i++)
    {
      node->outputs[i] = node->outputs[i + 1];
      node->outputs[i]->offset = i;
    }
  node->n_outputs--;
}

void
te_jit_node_insert_before (TeJitNode *node, TeJitNode *place)
{
  node->block = place->block;
  node->prev = place->prev;
  node->next = place;
  place->prev->next = node;
  place->prev = node;
}

void
te_jit_node_insert (TeJitNode *node)
{
  te_jit_node_insert_before (node, node->graph->point);
}

void
te_jit_node_unlink (TeJitNode *node)
{
  if (!node->block)
    return;
  node->prev->next = node->next;
  node->next->prev = node->prev;
  node->block = NULL;
}

static void destroy_block (TeJitBlock *block);

void
te_jit_node_destroy (TeJitNode *node)
{
  for (int i = node->n_blocks; i-- > 0;)
    destroy_block (node->blocks[i]);
  while (node->n_inputs)
    te_jit_node_remove_input (node, node->n_inputs - 1);
  for (int i = 0; i < node->n_outputs; i++)
    te_jit_var_set_name (node->outputs[i], NULL);
  te_jit_node_unlink (node);
}

static void
destroy_block (TeJitBlock *block)
{
  while (block->ret->n_inputs)
    te_jit_node_remove_input (block->ret, block->ret->n_inputs - 1);
  while (block->ret->prev != block->param)
    te_jit_node_destroy (block->ret->prev);
  for (int i = 0; i < block->param->n_outputs; i++)
    te_jit_var_set_name (block->param->outputs[i], NULL);
}

TeJitBlock *
te_jit_node_add_block (TeJitNode *node)
{
  TeJitGraph *graph = node->graph;
  TeJitBlock *block = te_jit_alloc (graph->arena, sizeof *block);
  block->graph = graph;
  block->owner = node;
  block->param = te_jit_node_new (graph, "prim::Param");
  block->ret = te_jit_node_new (graph, "prim::Return");
  block->param->block = block->ret->block = block;
  block->param->next = block->param->prev = block->ret;
  block->ret->prev = block->ret->next = block->param;
  TE_JIT_PUSH (graph->arena, node->blocks, node->n_blocks, node->blocks_room, block);
  return block;
}

TeJitVar *
te_jit_block_add_input (TeJitBlock *block, const TeJitType *type)
{
  return te_jit_node_add_output (block->param, type);
}

void
te_jit_block_add_output (TeJitBlock *block, TeJitVar *value)
{
  te_jit_node_add_input (block->ret, value);
}

static int
depth_of (const TeJitBlock *block)
{
  int depth = 0;
  for (; block->owner; block = block->owner->block)
    depth++;
  return depth;
}

bool
te_jit_node_is_before (const TeJitNode *node, const TeJitNode *other)
{
  int a = depth_of (node->block), b = depth_of (other->block);
  bool inner_first = a <= b; /* a node is before what is inside it */
  for (; a > b; a--)
    node = node->block->owner;
  for (; b > a; b--)
    other = other->block->owner;
  if (node == other)
    return inner_first;
  while (node->block != other->block)
    {
      if (node->block->owner == other->block->owner) /* two blocks of one node */
        {
          for (int i = 0; i < node->block->owner->n_blocks; i++)
            if (node->block->owner->blocks[i] == node->block || node->block->owner->blocks[i] == other->block)
              return node->block->owner->blocks[i] == node->block;
        }
      node = node->block->owner;
      other = other->block->owner;
    }
  for (const TeJitNode *at = node->next; at != node->block->param; at = at->next)
    if (at == other)
      return true;
  return false;
}

TeJitVar *
te_jit_emit (TeJitGraph *graph, const char *kind, const TeJitType *type, int n, TeJitVar *const *inputs)
{
  TeJitNode *node = te_jit_node_new (graph, kind);
  for (int i = 0; i < n; i++)
    te_jit_node_add_input (node, inputs[i]);
  te_jit_node_insert (node);
  return type ? te_jit_node_add_output (node, type) : NULL;
}

TeJitVar *
te_jit_constant (TeJitGraph *graph, TeJitAny value, const TeJitType *type)
{
  TeJitNode *node = te_jit_node_new (graph, "prim::Constant");
  node->has_value = value.tag != TE_JIT_V_NONE;
  node->value = value;
  TE_JIT_PUSH (graph->arena, graph->constants, graph->n_constants, graph->constants_room, node);
  te_jit_node_insert (node);
  return te_jit_node_add_output (node, type                           ? type
                                       : value.tag == TE_JIT_V_TENSOR ? te_jit_type_of_tensor (value.tensor)
                                                                      : te_jit_type_of (value));
}

bool
te_jit_var_constant (const TeJitVar *value, TeJitAny *out)
{
  if (!te_jit_node_is (value->node, "prim::Constant"))
    return false;
  *out = value->node->value;
  return true;
}

void
te_jit_var_replace (TeJitVar *old, TeJitVar *with)
{
  while (old->n_uses)
    te_jit_node_set_input (old->uses[0].node, old->uses[0].index, with);
}

/* ---- names ---- */
static TeJitName *
name_entry (TeJitGraph *graph, const char *name, bool make)
{
  for (int i = 0; i < graph->n_names; i++)
    if (graph->names[i].name == name)
      return &graph->names[i];
  if (!make)
    return NULL;
  TE_JIT_PUSH (graph->arena, graph->names, graph->n_names, graph->names_room, ((TeJitName){ name, NULL, 0 }));
  return &graph->names[graph->n_names - 1];
}

/* Where ".12" at the end begins, or the whole length. */
static size_t
base_length (const char *name)
{
  const char *dot = strrchr (name, '.');
  return dot && strspn (dot + 1, "0123456789") == strlen (dot + 1) ? (size_t) (dot - name) : strlen (name);
}

const char *
te_jit_var_base_name (const TeJitVar *value)
{
  return value->name ? te_jit_intern_n (value->name, base_length (value->name)) : NULL;
}

const char *
te_jit_var_name (const TeJitVar *value)
{
  return value->name ? value->name : te_jit_intern_format ("%d", value->number);
}

void
te_jit_var_set_name (TeJitVar *value, const char *name)
{
  TeJitGraph *graph = value->node->graph;
  if (value->name)
    {
      TeJitName *own = name_entry (graph, value->name, false);
      if (own && own->owner == value)
        own->owner = NULL;
      value->name = NULL;
    }
  if (!name || !*name)
    return;
  name = te_jit_intern (name);
  TeJitName *entry = name_entry (graph, name, true);
  TeJitVar *other = entry->owner;
  entry->owner = value;
  value->name = name;
  if (!other)
    return;
  size_t n = base_length (name);
  const char *base = te_jit_intern_n (name, n);
  long suffix = name[n] ? atol (name + n + 1) : 1;
  TeJitName *counter = name_entry (graph, base, true);
  if (counter->suffix && counter->suffix + 1 > suffix)
    suffix = counter->suffix + 1;
  const char *free_name;
  TeJitName *taken;
  do
    {
      free_name = te_jit_intern_format ("%s.%ld", base, suffix++);
      taken = name_entry (graph, free_name, false);
    }
  while (taken && taken->owner);
  name_entry (graph, base, true)->suffix = suffix;
  other->name = NULL;
  te_jit_var_set_name (other, free_name);
}

/* ---- places ---- */
const TeJitRange *
te_jit_range_of_trace (const char *file, int line, const char *stack)
{
  static struct
  {
    const char *stack; /* says file and line too */
    const TeJitRange *range;
  } known[4096];
  size_t at = ((uintptr_t) stack >> 4) % 4096;
  if (known[at].stack == stack)
    return known[at].range;
  TeJitRange *range = te_jit_alloc (NULL, sizeof *range);
  *range = (TeJitRange){ .file = file, .line = line, .end_line = line, .stack = stack };
  known[at].stack = stack;
  known[at].range = range;
  return range;
}

/* ---- copies ---- */
typedef struct
{
  TeJitGraph *to;
  TeJitVar **vars; /* by number */
  bool renumber;
} Copy;

static void
copy_var (Copy *copy, TeJitNode *node, const TeJitVar *from)
{
  TeJitVar *value = te_jit_node_add_output (node, from->type);
  if (!copy->renumber)
    {
      value->number = from->number;
      copy->to->next_number--;
    }
  if (from->name)
    te_jit_var_set_name (value, from->name);
  copy->vars[from->number] = value;
}

static void
copy_block (Copy *copy, const TeJitBlock *from, TeJitBlock *to)
{
  for (int i = 0; i < from->param->n_outputs; i++)
    copy_var (copy, to->param, from->param->outputs[i]);
  for (TeJitNode *node = te_jit_block_first (from); node != from->ret; node = node->next)
    {
      TeJitNode *twin = te_jit_node_new (copy->to, node->kind);
      twin->range = node->range;
      twin->scope = node->scope;
      twin->name = node->name;
      twin->types = node->types;
      twin->schema = node->schema;
      twin->has_value = node->has_value;
      twin->value = te_jit_ref (node->value);
      if (node->has_value)
        TE_JIT_PUSH (copy->to->arena, copy->to->constants, copy->to->n_constants, copy->to->constants_room,
                     twin);
      for (int i = 0; i < node->n_inputs; i++)
        te_jit_node_add_input (twin, copy->vars[node->inputs[i]->number]);
      te_jit_node_insert_before (twin, to->ret);
      for (int i = 0; i < node->n_outputs; i++)
        copy_var (copy, twin, node->outputs[i]);
      for (int i = 0; i < node->n_blocks; i++)
        copy_block (copy, node->blocks[i], te_jit_node_add_block (twin));
    }
  for (int i = 0; i < from->ret->n_inputs; i++)
    te_jit_block_add_output (to, copy->vars[from->ret->inputs[i]->number]);
}

static TeJitGraph *
copy_graph (const TeJitGraph *graph, bool renumber)
{
  TeJitGraph *to = te_jit_graph_new ();
  to->next_number = renumber ? to->next_number : graph->next_number;
  Copy copy = { to, te_jit_alloc (to->arena, (size_t) (graph->next_number + 1) * sizeof (TeJitVar *)),
                renumber };
  copy_block (&copy, graph->top, to->top);
  return to;
}

TeJitGraph *
te_jit_graph_copy (const TeJitGraph *graph)
{
  return copy_graph (graph, false);
}

TeJitGraph *
te_jit_graph_copy_renumbered (const TeJitGraph *graph)
{
  return copy_graph (graph, true);
}
