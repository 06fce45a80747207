/* From local variables to values.  The compiler emits prim::Store and prim::Load; first every If and Loop
 * gets inputs and outputs for the variables it changes, then loads give way to what was stored last. */
#include <stdlib.h>
#include <string.h>

#include "jit/passes.h"

typedef struct
{
  const char *name;
  const TeJitType *type;
  TeJitVar *value;
} Entry;

typedef struct Names
{
  struct Names *outer;
  TeJitArena *arena;
  Entry *entries;
  int n, room;
} Names;

static Entry *
own_entry (Names *names, const char *name)
{
  for (int i = 0; i < names->n; i++)
    if (names->entries[i].name == name)
      return &names->entries[i];
  return NULL;
}

static Entry *
find (Names *names, const char *name)
{
  for (; names; names = names->outer)
    {
      Entry *entry = own_entry (names, name);
      if (entry)
        return entry;
    }
  return NULL;
}

static void
set (Names *names, const char *name, const TeJitType *type, TeJitVar *value)
{
  Entry *entry = own_entry (names, name);
  if (entry)
    *entry = (Entry){ name, type, value };
  else
    TE_JIT_PUSH (names->arena, names->entries, names->n, names->room, ((Entry){ name, type, value }));
}

/* ---- inputs and outputs of control flow ---- */
/* _0, _1 …: names that code text makes up. */
static bool
is_numbered (const char *name)
{
  return name[0] == '_' && strspn (name + 1, "0123456789") == strlen (name + 1);
}

static TeJitVar *
load_before (TeJitNode *place, const char *name, const TeJitType *type)
{
  TeJitNode *node = te_jit_node_new (place->graph, "prim::Load");
  node->name = name;
  te_jit_node_insert_before (node, place);
  return te_jit_node_add_output (node, type);
}

/* What hands a variable on is called by its name. */
static TeJitVar *
named (TeJitVar *value, const char *name)
{
  if (!is_numbered (name))
    te_jit_var_set_name (value, name);
  return value;
}

static void
store_before (TeJitNode *place, const char *name, TeJitVar *value)
{
  TeJitNode *node = te_jit_node_new (place->graph, "prim::Store");
  node->name = name;
  te_jit_node_add_input (node, value);
  te_jit_node_insert_before (node, place);
}

static int
by_name (const void *a, const void *b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void flow_block (TeJitBlock *block, Names *names);

static void
flow_if (TeJitNode *node, Names *names)
{
  Names sides[2] = { { .outer = names, .arena = names->arena }, { .outer = names, .arena = names->arena } };
  const char *changed[256];
  int n = 0;
  for (int side = 0; side < 2; side++)
    flow_block (node->blocks[side], &sides[side]);
  for (int side = 0; side < 2; side++)
    for (int i = 0; i < sides[side].n && n < 256; i++)
      {
        const char *name = sides[side].entries[i].name;
        if (find (&sides[1 - side], name) && !(side == 1 && own_entry (&sides[0], name)))
          changed[n++] = name;
      }
  qsort (changed, (size_t) n, sizeof *changed, by_name);
  for (int i = 0; i < n; i++)
    {
      const TeJitType *types[2];
      for (int side = 0; side < 2; side++)
        types[side] = find (&sides[side], changed[i])->type;
      const TeJitType *type = te_jit_type_unify (types[0], types[1]);
      if (!type)
        continue;
      for (int side = 0; side < 2; side++)
        te_jit_block_add_output (node->blocks[side],
                                 load_before (node->blocks[side]->ret, changed[i], types[side]));
      store_before (node->next, changed[i], named (te_jit_node_add_output (node, type), changed[i]));
      set (names, changed[i], type, NULL);
    }
}

static void
flow_loop (TeJitNode *node, Names *names)
{
  Names inner = { .outer = names, .arena = names->arena };
  TeJitBlock *body = node->blocks[0];
  const char *changed[256];
  int n = 0;
  flow_block (body, &inner);
  if (node->n_blocks > 1)
    {
      Names condition = { .outer = names, .arena = names->arena };
      flow_block (node->blocks[1], &condition);
    }
  for (int i = 0; i < inner.n && n < 256; i++)
    if (find (names, inner.entries[i].name))
      changed[n++] = inner.entries[i].name;
  qsort (changed, (size_t) n, sizeof *changed, by_name);
  TeJitNode *first = te_jit_block_first (body), *next = node->next;
  for (int i = 0; i < n; i++)
    {
      Entry *before = find (names, changed[i]), *after = own_entry (&inner, changed[i]);
      const TeJitType *type = te_jit_type_unify (before->type, after->type);
      type = type ? type : before->type;
      te_jit_node_add_input (node, load_before (node, changed[i], before->type));
      store_before (first, changed[i], named (te_jit_block_add_input (body, type), changed[i]));
      te_jit_block_add_output (body, load_before (body->ret, changed[i], type));
      store_before (next, changed[i], named (te_jit_node_add_output (node, type), changed[i]));
      set (names, changed[i], type, NULL);
    }
}

static void
flow_block (TeJitBlock *block, Names *names)
{
  for (TeJitNode *node = te_jit_block_first (block), *next; node != block->ret; node = next)
    {
      next = node->next;
      if (te_jit_node_is (node, "prim::Store"))
        set (names, node->name, node->inputs[0]->type, NULL);
      else if (te_jit_node_is (node, "prim::If"))
        flow_if (node, names);
      else if (te_jit_node_is (node, "prim::Loop"))
        flow_loop (node, names);
    }
}

/* ---- break and continue: what the loop's body would return ---- */
static void
continue_block (TeJitBlock *block, TeJitNode *loop, TeJitVar *no)
{
  for (TeJitNode *node = te_jit_block_first (block), *next; node != block->ret; node = next)
    {
      next = node->next;
      bool leaves = te_jit_node_is (node, "prim::BreakStmt"),
           goes_on = te_jit_node_is (node, "prim::ContinueStmt");
      if (te_jit_node_is (node, "prim::Loop"))
        continue_block (node->blocks[0], node, no);
      else
        for (int i = 0; i < node->n_blocks; i++)
          continue_block (node->blocks[i], loop, no);
      if (!leaves && !goes_on)
        continue;
      TeJitNode *exit = te_jit_node_new (node->graph, "prim::LoopContinuation"), *point = node->graph->point;
      TeJitVar *again = no;
      te_jit_node_insert_before (exit, node);
      node->graph->point = exit;
      if (goes_on)
        again = loop->n_blocks > 1 ? te_jit_clone_block (loop->blocks[1]) : loop->inputs[1];
      node->graph->point = point;
      te_jit_node_add_input (exit, again);
      int first = loop->n_blocks > 1 ? 0 : 1; /* the condition is not among the outputs yet */
      for (int i = first; i < loop->blocks[0]->ret->n_inputs; i++)
        {
          TeJitVar *carried = loop->blocks[0]->ret->inputs[i];
          te_jit_node_add_input (exit, load_before (exit, carried->node->name, carried->type));
        }
      te_jit_node_destroy (node);
    }
}

static TeJitVar *
false_at_start (TeJitGraph *graph)
{
  TeJitNode *point = graph->point;
  graph->point = te_jit_block_first (graph->top);
  TeJitVar *result = te_jit_constant (graph, te_jit_bool (false), NULL);
  graph->point = point;
  return result;
}

/* ---- the condition of while: before the loop, and at the end of its body ---- */
static void
condition_block (TeJitBlock *block)
{
  for (TeJitNode *node = te_jit_block_first (block); node != block->ret; node = node->next)
    {
      for (int i = 0; i < node->n_blocks; i++)
        condition_block (node->blocks[i]);
      if (!te_jit_node_is (node, "prim::Loop") || node->n_blocks < 2)
        continue;
      TeJitGraph *graph = node->graph;
      TeJitBlock *condition = node->blocks[1], *body = node->blocks[0];
      TeJitNode *point = graph->point;
      graph->point = node;
      te_jit_node_insert_input (node, 1, te_jit_clone_block (condition));
      graph->point = point;
      TeJitVar *again = condition->ret->inputs[0];
      te_jit_node_remove_input (condition->ret, 0);
      for (TeJitNode *inner = te_jit_block_first (condition), *next; inner != condition->ret; inner = next)
        {
          next = inner->next;
          te_jit_node_unlink (inner);
          te_jit_node_insert_before (inner, body->ret);
        }
      te_jit_node_insert_input (body->ret, 0, again);
      node->n_blocks = 1;
    }
}

/* ---- loads and stores go ---- */
static void
erase_block (TeJitBlock *block, Names *outer)
{
  Names names = { .outer = outer, .arena = block->graph->arena };
  for (TeJitNode *node = te_jit_block_first (block), *next; node != block->ret; node = next)
    {
      next = node->next;
      if (te_jit_node_is (node, "prim::Store"))
        {
          set (&names, node->name, NULL, node->inputs[0]);
          te_jit_node_destroy (node);
        }
      else if (te_jit_node_is (node, "prim::Load"))
        {
          Entry *entry = find (&names, node->name);
          if (entry && entry->value)
            te_jit_var_replace (node->outputs[0], entry->value);
          te_jit_node_destroy (node);
        }
      else
        for (int i = 0; i < node->n_blocks; i++)
          erase_block (node->blocks[i], &names);
    }
}

/* ---- loops that count and have a condition: only the condition stays ---- */
static bool
is_constant_int (const TeJitVar *value, int64_t wanted)
{
  TeJitAny constant;
  return te_jit_var_constant (value, &constant) && constant.tag == TE_JIT_V_INT && constant.i == wanted;
}

static bool
is_true (const TeJitVar *value)
{
  TeJitAny constant;
  return te_jit_var_constant (value, &constant) && constant.tag == TE_JIT_V_BOOL && constant.b;
}

static TeJitVar *
emit_bool (TeJitGraph *graph, const char *kind, TeJitVar *a, TeJitVar *b)
{
  TeJitVar *in[] = { a, b };
  return te_jit_emit (graph, kind,
                      te_jit_type_simple (strcmp (kind, "aten::add") == 0 ? TE_JIT_INT : TE_JIT_BOOL), 2, in);
}

static void
count_in_condition (TeJitNode *loop)
{
  TeJitGraph *graph = loop->graph;
  TeJitBlock *body = loop->blocks[0];
  TeJitNode *point = graph->point;
  TeJitVar *count = loop->inputs[0];
  graph->point = loop;
  TeJitVar *zero = te_jit_constant (graph, te_jit_int (0), NULL),
           *one = te_jit_constant (graph, te_jit_int (1), NULL);
  TeJitVar *start = emit_bool (graph, "aten::gt", count, zero);
  TeJitVar *all = te_jit_constant (graph, te_jit_int (INT64_MAX), NULL);
  if (!is_true (loop->inputs[1]))
    start = emit_bool (graph, "aten::__and__", start, loop->inputs[1]);
  te_jit_node_set_input (loop, 0, all);
  te_jit_node_set_input (loop, 1, start);
  te_jit_node_add_input (loop, zero);
  te_jit_node_add_output (loop, te_jit_type_simple (TE_JIT_INT));
  TeJitVar *index = te_jit_block_add_input (body, te_jit_type_simple (TE_JIT_INT));
  te_jit_var_replace (body->param->outputs[0], index);
  te_jit_var_set_name (body->param->outputs[0], NULL);
  graph->point = body->ret;
  TeJitVar *next = emit_bool (graph, "aten::add", index, one);
  TeJitVar *more = emit_bool (graph, "aten::lt", next, count);
  te_jit_node_set_input (body->ret, 0, emit_bool (graph, "aten::__and__", more, body->ret->inputs[0]));
  te_jit_block_add_output (body, next);
  graph->point = point;
}

static void
count_block (TeJitBlock *block)
{
  for (TeJitNode *node = te_jit_block_first (block); node != block->ret; node = node->next)
    {
      for (int i = 0; i < node->n_blocks; i++)
        count_block (node->blocks[i]);
      if (te_jit_node_is (node, "prim::Loop") && !is_constant_int (node->inputs[0], INT64_MAX)
          && !(is_true (node->inputs[1]) && is_true (node->blocks[0]->ret->inputs[0])))
        count_in_condition (node);
    }
}

void
te_jit_pass_finish (TeJitGraph *graph)
{
  Names names = { .arena = graph->arena };
  graph->range = NULL;
  flow_block (graph->top, &names);
  continue_block (graph->top, NULL, false_at_start (graph));
  condition_block (graph->top);
  erase_block (graph->top, NULL);
  te_jit_pass_exits (graph);
  count_block (graph->top);
  te_jit_pass_normalize_ops (graph);
  te_jit_pass_lower_simple_tuples (graph);
  te_jit_pass_dce (graph);
  te_jit_pass_constant_propagation (graph, true);
  te_jit_pass_constant_pooling (graph);
  te_jit_pass_canonicalize_outputs (graph);
}
