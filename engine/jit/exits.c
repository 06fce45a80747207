/* Early exits (return, break, continue inside of blocks) become conditions: what follows a block that may
 * have exited is put under an If.  Each transformed block says how it ends: it never exits, may exit, always
 * exits, or raises. */
#include <string.h>

#include "jit/passes.h"

typedef enum
{
  STAYS,
  MAY_EXIT,
  EXITS,
  RAISES,
} How;

typedef struct
{
  How how;
  TeJitVar *exited;  /* whether */
  TeJitVar **values; /* what it exits with */
  int n;
} Exit;

#define MAX_KINDS 32

typedef struct
{
  TeJitGraph *graph;
  const char *kind; /* of the exits that are transformed */
  bool returns;     /* they leave the function; else the innermost loop's body */
  TeJitVar *no, *yes;
  TeJitVar *raised;             /* whether, of a block that raises: never read */
  TeJitVar *nothing[MAX_KINDS]; /* of each type one value that is never read */
  int n_nothing;
} Exits;

/* They stand at the graph's beginning: every block may use them. */
static TeJitVar *
nothing (Exits *self, const TeJitType *type)
{
  for (int i = 0; i < self->n_nothing; i++)
    if (self->nothing[i]->type == type)
      return self->nothing[i];
  TeJitNode *node = te_jit_node_new (self->graph, "prim::Uninitialized");
  te_jit_node_insert_before (node, te_jit_block_first (self->graph->top));
  TeJitVar *value = te_jit_node_add_output (node, type);
  if (self->n_nothing < MAX_KINDS)
    self->nothing[self->n_nothing++] = value;
  return value;
}

static void
start (Exits *self)
{
  TeJitGraph *graph = self->graph;
  TeJitNode *point = graph->point;
  graph->point = te_jit_block_first (graph->top);
  self->yes = te_jit_constant (graph, te_jit_bool (true), NULL);
  self->no = te_jit_constant (graph, te_jit_bool (false), NULL);
  self->raised = nothing (self, te_jit_type_simple (TE_JIT_BOOL));
  graph->point = point;
}

static Exit
stays (const Exits *self)
{
  return (Exit){ .how = STAYS, .exited = self->no };
}

static Exit
exits_with (const Exits *self, TeJitVar *const *values, int n)
{
  Exit exit = { .how = EXITS, .exited = self->yes, .n = n };
  exit.values = te_jit_alloc (self->graph->arena, (size_t) (n + 1) * sizeof *exit.values);
  if (n)
    memcpy (exit.values, values, (size_t) n * sizeof *values);
  return exit;
}

/* An If that asks whether, before place. */
static TeJitNode *
new_if (TeJitVar *whether, TeJitNode *place)
{
  TeJitNode *node = te_jit_node_new (place->graph, "prim::If");
  te_jit_node_insert_before (node, place);
  te_jit_node_add_input (node, whether);
  te_jit_node_add_block (node);
  te_jit_node_add_block (node);
  return node;
}

static TeJitVar *
add_result (TeJitNode *node, TeJitVar *yes, TeJitVar *no)
{
  const TeJitType *type = te_jit_type_unify (yes->type, no->type);
  const TeJitType *both[] = { yes->type, no->type };
  te_jit_block_add_output (node->blocks[0], yes);
  te_jit_block_add_output (node->blocks[1], no);
  return te_jit_node_add_output (node, type ? type : te_jit_type_union (2, both));
}

static void
replace_outputs (TeJitBlock *block, TeJitVar *const *values, int n)
{
  while (block->ret->n_inputs)
    te_jit_node_remove_input (block->ret, 0);
  for (int i = 0; i < n; i++)
    te_jit_block_add_output (block, values[i]);
}

/* Nodes after an exit go.  Outputs that name them are never read. */
static void
destroy_after (Exits *self, TeJitNode *place, TeJitBlock *block)
{
  while (place->next != block->ret)
    {
      TeJitNode *last = block->ret->prev;
      for (int i = 0; i < last->n_outputs; i++)
        if (last->outputs[i]->n_uses)
          te_jit_var_replace (last->outputs[i], nothing (self, last->outputs[i]->type));
      te_jit_node_destroy (last);
    }
}

static Exit transform_block (Exits *self, TeJitBlock *block);

static How
how_if_ends (How yes, How no)
{
  if (yes == RAISES)
    return no;
  if (no == RAISES)
    return yes;
  return yes == no && yes != MAY_EXIT ? yes : MAY_EXIT;
}

static TeJitVar **
never_read (Exits *self, const Exit *like)
{
  TeJitVar **values = te_jit_alloc (self->graph->arena, (size_t) (like->n + 1) * sizeof *values);
  for (int i = 0; i < like->n; i++)
    values[i] = nothing (self, like->values[i]->type);
  return values;
}

/* An If hands out whether it has exited, and what with. */
static Exit
transform_if (Exits *self, TeJitNode *node)
{
  Exit yes = transform_block (self, node->blocks[0]), no = transform_block (self, node->blocks[1]);
  How how = how_if_ends (yes.how, no.how);
  if (how == RAISES)
    return (Exit){ .how = RAISES, .exited = self->raised };
  if (how == STAYS)
    return stays (self);
  if (yes.how == STAYS || yes.how == RAISES)
    {
      yes.values = never_read (self, &no);
      yes.n = no.n;
    }
  else if (no.how == STAYS || no.how == RAISES)
    no.values = never_read (self, &yes);
  TeJitVar *exited = how == EXITS ? self->yes : add_result (node, yes.exited, no.exited);
  Exit exit = { .how = how, .exited = exited, .n = yes.n };
  exit.values = te_jit_alloc (self->graph->arena, (size_t) (yes.n + 1) * sizeof *exit.values);
  for (int i = 0; i < yes.n; i++)
    exit.values[i] = add_result (node, yes.values[i], no.values[i]);
  return exit;
}

/* The rest of a block, after something that may have exited, runs only if it has not. */
static Exit
guard (Exits *self, TeJitBlock *block, Exit exit, TeJitNode *rest)
{
  TeJitNode *node = new_if (exit.exited, rest);
  TeJitBlock *gone = node->blocks[0], *goes_on = node->blocks[1];
  while (node->next != block->ret)
    {
      TeJitNode *moved = node->next;
      te_jit_node_unlink (moved);
      te_jit_node_insert_before (moved, goes_on->ret);
    }
  int n = block->ret->n_inputs;
  for (int i = 0; i < n; i++) /* all of them before the If's, as the numbers go */
    nothing (self, block->ret->inputs[i]->type);
  for (int i = 0; i < n; i++)
    {
      TeJitVar *output = block->ret->inputs[i];
      te_jit_block_add_output (gone, nothing (self, output->type));
      te_jit_block_add_output (goes_on, output);
      te_jit_node_add_output (node, output->type);
    }
  replace_outputs (block, node->outputs, n);
  TeJitNode *leave = te_jit_node_new (self->graph, self->kind);
  for (int i = 0; i < exit.n; i++)
    te_jit_node_add_input (leave, exit.values[i]);
  te_jit_node_insert_before (leave, gone->ret);
  return transform_if (self, node);
}

/* A loop whose body may return: it carries whether it has, and stops then. */
static Exit
transform_loop (Exits *self, TeJitNode *loop)
{
  TeJitBlock *body = loop->blocks[0];
  Exit exit = transform_block (self, body);
  if (exit.how == STAYS || exit.how == RAISES)
    return stays (self);
  TeJitNode *node = new_if (exit.exited, body->ret);
  te_jit_block_add_output (node->blocks[0], self->no);
  te_jit_block_add_output (node->blocks[1], body->ret->inputs[0]);
  te_jit_node_set_input (body->ret, 0, te_jit_node_add_output (node, te_jit_type_simple (TE_JIT_BOOL)));
  te_jit_node_add_input (loop, self->no);
  te_jit_block_add_input (body, te_jit_type_simple (TE_JIT_BOOL));
  te_jit_block_add_output (body, exit.exited);
  Exit result = { .how = MAY_EXIT, .n = exit.n };
  result.exited = te_jit_node_add_output (loop, te_jit_type_simple (TE_JIT_BOOL));
  result.values = te_jit_alloc (self->graph->arena, (size_t) (exit.n + 1) * sizeof *result.values);
  for (int i = 0; i < exit.n; i++)
    {
      const TeJitType *type = exit.values[i]->type;
      te_jit_node_add_input (loop, nothing (self, type));
      result.values[i] = te_jit_node_add_output (loop, type);
      te_jit_block_add_input (body, type);
      te_jit_block_add_output (body, exit.values[i]);
    }
  return result;
}

/* Whether it may have exited or not, what leaves the target's end is what it exits with. */
static Exit
end_target (Exits *self, TeJitBlock *block, Exit exit)
{
  if (exit.how == EXITS)
    replace_outputs (block, exit.values, exit.n);
  if (exit.how == MAY_EXIT)
    {
      TeJitNode *node = new_if (exit.exited, block->ret);
      for (int i = 0; i < exit.n; i++)
        add_result (node, exit.values[i], block->ret->inputs[i]);
      replace_outputs (block, node->outputs, node->n_outputs);
    }
  return stays (self);
}

static Exit
transform_node (Exits *self, TeJitNode *node)
{
  if (te_jit_node_is (node, "prim::RaiseException"))
    return (Exit){ .how = RAISES, .exited = self->raised };
  if (te_jit_node_is (node, self->kind))
    return exits_with (self, node->inputs, node->n_inputs);
  if (te_jit_node_is (node, "prim::If"))
    return transform_if (self, node);
  if (te_jit_node_is (node, "prim::Loop"))
    return transform_loop (self, node);
  return stays (self);
}

static Exit
transform_block (Exits *self, TeJitBlock *block)
{
  Exit exit = stays (self);
  for (TeJitNode *node = te_jit_block_first (block); node != block->ret && exit.how == STAYS;)
    {
      TeJitNode *before = node->prev, *made = node;
      exit = transform_node (self, node);
      node = node->next;
      if (te_jit_node_is (made, self->kind))
        {
          te_jit_node_destroy (made);
          made = before;
        }
      if (exit.how == EXITS || exit.how == RAISES)
        destroy_after (self, made, block);
      if (exit.how == MAY_EXIT && node != block->ret)
        exit = guard (self, block, exit, node);
    }
  bool target = self->returns ? !block->owner : block->owner && te_jit_node_is (block->owner, "prim::Loop");
  return target ? end_target (self, block, exit) : exit;
}

/* ---- two Ifs in a row, the second of which asks what the first one set ---- */
static bool
known_output (const TeJitBlock *block, int i, bool *out)
{
  TeJitAny value;
  if (!te_jit_var_constant (block->ret->inputs[i], &value) || value.tag != TE_JIT_V_BOOL)
    return false;
  *out = value.b;
  return true;
}

/* The second one's blocks are made once more inside the first one's. */
static void
merge_second (TeJitNode *first, TeJitNode *second, int at)
{
  for (int i = 0; i < 2; i++)
    {
      bool known = false;
      known_output (first->blocks[i], at, &known);
      te_jit_clone_block_into (second->blocks[known ? 0 : 1], first->blocks[i], first);
    }
  for (int k = 0; k < second->n_outputs; k++)
    {
      TeJitVar *output = te_jit_node_add_output (first, second->outputs[k]->type);
      te_jit_var_set_name (output, second->outputs[k]->name);
      te_jit_var_replace (second->outputs[k], output);
    }
  te_jit_node_destroy (second);
}

static bool
is_asked_next (const TeJitNode *node)
{
  bool a, b;
  const TeJitNode *next = node->next;
  return te_jit_node_is (node, "prim::If") && te_jit_node_is (next, "prim::If")
         && next->inputs[0]->node == node && known_output (node->blocks[0], next->inputs[0]->offset, &a)
         && known_output (node->blocks[1], next->inputs[0]->offset, &b) && a != b;
}

static void
merge_block (TeJitBlock *block)
{
  for (TeJitNode *node = te_jit_block_first (block); node != block->ret; node = node->next)
    do
      for (int i = 0; i < node->n_blocks; i++)
        merge_block (node->blocks[i]);
    while (is_asked_next (node) && (merge_second (node, node->next, node->next->inputs[0]->offset), true));
}

void
te_jit_pass_exits (TeJitGraph *graph)
{
  Exits loops = { .graph = graph, .kind = te_jit_intern ("prim::LoopContinuation") };
  Exits returns = { .graph = graph, .kind = te_jit_intern ("prim::ReturnStmt"), .returns = true };
  start (&loops);
  transform_block (&loops, graph->top);
  start (&returns);
  transform_block (&returns, graph->top);
  merge_block (graph->top);
}
