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
  TeJitVar *exited;  /* MAY_EXIT: whether */
  TeJitVar **values; /* what it exits with */
  int n;
} Exit;

#define MAX_KINDS 32

typedef struct
{
  TeJitGraph *graph;
  const char *kind;             /* of the exits that are transformed */
  TeJitVar *truth[2];           /* False, True */
  TeJitVar *nothing[MAX_KINDS]; /* of each type one value that is never read */
  int n_nothing;
} Exits;

static TeJitVar *
emit_at (TeJitNode *place, const char *kind, const TeJitType *type)
{
  TeJitNode *node = te_jit_node_new (place->graph, kind);
  te_jit_node_insert_before (node, place);
  return te_jit_node_add_output (node, type);
}

/* These stand at the graph's beginning: every block may use them. */
static void
start (Exits *self)
{
  TeJitGraph *graph = self->graph;
  TeJitNode *point = graph->point;
  graph->point = te_jit_block_first (graph->top);
  self->truth[1] = te_jit_constant (graph, te_jit_bool (true), NULL);
  self->truth[0] = te_jit_constant (graph, te_jit_bool (false), NULL);
  graph->next_number++; /* PyTorch's third: what a block that raises would give */
  graph->point = point;
}

static TeJitVar *
nothing (Exits *self, const TeJitType *type)
{
  for (int i = 0; i < self->n_nothing; i++)
    if (self->nothing[i]->type == type)
      return self->nothing[i];
  TeJitVar *value = emit_at (te_jit_block_first (self->graph->top), "prim::Uninitialized", type);
  if (self->n_nothing < MAX_KINDS)
    self->nothing[self->n_nothing++] = value;
  return value;
}

static void
destroy_after (TeJitNode *node)
{
  while (node->next != node->block->ret)
    te_jit_node_destroy (node->block->ret->prev);
}

static Exit transform_block (Exits *self, TeJitBlock *block);

/* How an If ends whose blocks end so; its outputs get what is exited with. */
static Exit
join (Exits *self, TeJitNode *node, Exit yes, Exit no)
{
  Exit *sides[] = { &yes, &no };
  if (yes.how == RAISES && no.how == RAISES)
    return (Exit){ .how = RAISES };
  if ((yes.how == STAYS || yes.how == RAISES) && (no.how == STAYS || no.how == RAISES))
    return (Exit){ .how = STAYS };
  Exit *with = yes.n || yes.how == EXITS || yes.how == MAY_EXIT ? &yes : &no;
  bool always = (yes.how == EXITS || yes.how == RAISES) && (no.how == EXITS || no.how == RAISES);
  Exit result = { .how = always ? EXITS : MAY_EXIT, .n = with->n };
  if (!always)
    {
      for (int i = 0; i < 2; i++)
        te_jit_block_add_output (node->blocks[i], sides[i]->how == MAY_EXIT
                                                      ? sides[i]->exited
                                                      : self->truth[sides[i]->how == EXITS]);
      result.exited = te_jit_node_add_output (node, te_jit_type_simple (TE_JIT_BOOL));
    }
  result.values = te_jit_alloc (self->graph->arena, (size_t) (with->n + 1) * sizeof *result.values);
  for (int k = 0; k < with->n; k++)
    {
      const TeJitType *type = NULL;
      for (int i = 0; i < 2; i++)
        if (sides[i]->how == EXITS || sides[i]->how == MAY_EXIT)
          type = type ? te_jit_type_unify (type, sides[i]->values[k]->type) : sides[i]->values[k]->type;
      for (int i = 0; i < 2; i++)
        te_jit_block_add_output (node->blocks[i], sides[i]->how == EXITS || sides[i]->how == MAY_EXIT
                                                      ? sides[i]->values[k]
                                                      : nothing (self, type));
      result.values[k] = te_jit_node_add_output (node, type ? type : with->values[k]->type);
    }
  return result;
}

/* The rest of a block, after something that may have exited, runs only if it has not. */
static Exit
guard (Exits *self, TeJitBlock *block, Exit exit, TeJitNode *rest)
{
  TeJitNode *node = te_jit_node_new (self->graph, "prim::If");
  node->range = NULL;
  te_jit_node_add_input (node, exit.exited);
  te_jit_node_insert_before (node, rest);
  TeJitBlock *gone = te_jit_node_add_block (node), *goes_on = te_jit_node_add_block (node);
  while (node->next != block->ret)
    {
      TeJitNode *moved = node->next;
      te_jit_node_unlink (moved);
      te_jit_node_insert_before (moved, goes_on->ret);
    }
  while (block->ret->n_inputs > 0)
    {
      TeJitVar *output = block->ret->inputs[0];
      te_jit_node_remove_input (block->ret, 0);
      te_jit_block_add_output (goes_on, output);
      te_jit_block_add_output (gone, nothing (self, output->type));
    }
  int n = goes_on->ret->n_inputs;
  Exit first = { .how = EXITS, .values = exit.values, .n = exit.n };
  Exit second = transform_block (self, goes_on);
  for (int i = 0; i < n; i++)
    te_jit_block_add_output (block, te_jit_node_add_output (node, goes_on->ret->inputs[i]->type));
  return join (self, node, first, second);
}

static void
end_loop_body (TeJitBlock *body, Exit exit)
{
  if (exit.how == EXITS)
    {
      while (body->ret->n_inputs)
        te_jit_node_remove_input (body->ret, 0);
      for (int i = 0; i < exit.n; i++)
        te_jit_block_add_output (body, exit.values[i]);
    }
  if (exit.how != MAY_EXIT)
    return;
  TeJitNode *node = te_jit_node_new (body->graph, "prim::If");
  node->range = NULL;
  te_jit_node_add_input (node, exit.exited);
  te_jit_node_insert_before (node, body->ret);
  TeJitBlock *gone = te_jit_node_add_block (node), *goes_on = te_jit_node_add_block (node);
  for (int i = 0; i < exit.n; i++)
    {
      TeJitVar *output = body->ret->inputs[i];
      te_jit_block_add_output (gone, exit.values[i]);
      te_jit_block_add_output (goes_on, output);
      te_jit_node_set_input (body->ret, i, te_jit_node_add_output (node, output->type));
    }
}

/* A loop whose body may return: it carries whether it has, and stops then. */
static Exit
loop_returns (Exits *self, TeJitNode *loop, Exit exit)
{
  TeJitBlock *body = loop->blocks[0];
  if (exit.how == STAYS || exit.how == RAISES)
    return (Exit){ .how = STAYS };
  if (exit.how == EXITS)
    exit.exited = self->truth[1];
  TeJitNode *node = te_jit_node_new (self->graph, "prim::If");
  node->range = NULL;
  te_jit_node_add_input (node, exit.exited);
  te_jit_node_insert_before (node, body->ret);
  TeJitBlock *gone = te_jit_node_add_block (node), *goes_on = te_jit_node_add_block (node);
  te_jit_block_add_output (gone, self->truth[0]);
  te_jit_block_add_output (goes_on, body->ret->inputs[0]);
  te_jit_node_set_input (body->ret, 0, te_jit_node_add_output (node, te_jit_type_simple (TE_JIT_BOOL)));
  Exit result = { .how = MAY_EXIT, .n = exit.n };
  result.values = te_jit_alloc (self->graph->arena, (size_t) (exit.n + 1) * sizeof *result.values);
  te_jit_node_add_input (loop, self->truth[0]);
  te_jit_block_add_input (body, te_jit_type_simple (TE_JIT_BOOL));
  te_jit_block_add_output (body, exit.exited);
  result.exited = te_jit_node_add_output (loop, te_jit_type_simple (TE_JIT_BOOL));
  for (int i = 0; i < exit.n; i++)
    {
      const TeJitType *type = exit.values[i]->type;
      te_jit_node_add_input (loop, nothing (self, type));
      te_jit_block_add_input (body, type);
      te_jit_block_add_output (body, exit.values[i]);
      result.values[i] = te_jit_node_add_output (loop, type);
    }
  return result;
}

static Exit
transform_node (Exits *self, TeJitNode *node)
{
  if (te_jit_node_is (node, "prim::RaiseException"))
    return (Exit){ .how = RAISES };
  if (te_jit_node_is (node, "prim::If"))
    {
      Exit yes = transform_block (self, node->blocks[0]), no = transform_block (self, node->blocks[1]);
      return join (self, node, yes, no);
    }
  if (te_jit_node_is (node, "prim::Loop"))
    {
      Exit body = transform_block (self, node->blocks[0]);
      if (strcmp (self->kind, "prim::ReturnStmt") == 0)
        return loop_returns (self, node, body);
      end_loop_body (node->blocks[0], body);
      return (Exit){ .how = STAYS };
    }
  return (Exit){ .how = STAYS };
}

static Exit
transform_block (Exits *self, TeJitBlock *block)
{
  for (TeJitNode *node = te_jit_block_first (block); node != block->ret; node = node->next)
    {
      Exit exit;
      if (te_jit_node_is (node, self->kind))
        {
          exit = (Exit){ .how = EXITS, .n = node->n_inputs };
          exit.values = te_jit_alloc (self->graph->arena, (size_t) (exit.n + 1) * sizeof *exit.values);
          memcpy (exit.values, node->inputs, (size_t) exit.n * sizeof *exit.values);
          destroy_after (node);
          te_jit_node_destroy (node);
          return exit;
        }
      exit = transform_node (self, node);
      if (exit.how == STAYS)
        continue;
      if (exit.how != MAY_EXIT)
        {
          /* what comes after is never reached, but outputs must still be there */
          for (int i = 0; i < block->ret->n_inputs; i++)
            {
              TeJitVar *output = block->ret->inputs[i];
              if (output->node->block == block && te_jit_node_is_before (node, output->node))
                te_jit_node_set_input (block->ret, i, nothing (self, output->type));
            }
          destroy_after (node);
          return exit;
        }
      return node->next == block->ret ? exit : guard (self, block, exit, node->next);
    }
  return (Exit){ .how = STAYS };
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

static void
merge_second (TeJitNode *first, TeJitNode *second, int at)
{
  bool known[2];
  for (int i = 0; i < 2; i++)
    known_output (first->blocks[i], at, &known[i]);
  for (int i = 0; i < 2; i++)
    {
      TeJitBlock *from = second->blocks[known[i] ? 0 : 1], *to = first->blocks[i];
      for (TeJitNode *node = te_jit_block_first (from), *next; node != from->ret; node = next)
        {
          next = node->next;
          te_jit_node_unlink (node);
          te_jit_node_insert_before (node, to->ret);
        }
      for (int k = 0; k < from->ret->n_inputs; k++)
        {
          TeJitVar *value = from->ret->inputs[k];
          if (value->node == first)
            value = to->ret->inputs[value->offset];
          te_jit_block_add_output (to, value);
        }
    }
  for (int k = 0; k < second->n_outputs; k++)
    te_jit_var_replace (second->outputs[k], te_jit_node_add_output (first, second->outputs[k]->type));
  te_jit_node_destroy (second);
}

/* Inside the merged blocks, the first If's outputs are what the block hands out. */
static void
look_inside (TeJitNode *first, TeJitBlock *block, int side)
{
  for (TeJitNode *node = te_jit_block_first (block);; node = node->next)
    {
      for (int i = 0; i < node->n_inputs; i++)
        if (node->inputs[i]->node == first)
          te_jit_node_set_input (node, i, first->blocks[side]->ret->inputs[node->inputs[i]->offset]);
      if (node == block->ret)
        return;
      for (int i = 0; i < node->n_blocks; i++)
        look_inside (first, node->blocks[i], side);
    }
}

static void
merge_block (TeJitBlock *block)
{
  for (TeJitNode *node = te_jit_block_first (block); node != block->ret; node = node->next)
    {
      bool a, b;
      while (te_jit_node_is (node, "prim::If") && te_jit_node_is (node->next, "prim::If")
             && node->next->inputs[0]->node == node
             && known_output (node->blocks[0], node->next->inputs[0]->offset, &a)
             && known_output (node->blocks[1], node->next->inputs[0]->offset, &b) && a != b)
        {
          merge_second (node, node->next, node->next->inputs[0]->offset);
          look_inside (node, node->blocks[0], 0);
          look_inside (node, node->blocks[1], 1);
        }
      for (int i = 0; i < node->n_blocks; i++)
        merge_block (node->blocks[i]);
    }
}

void
te_jit_pass_exits (TeJitGraph *graph)
{
  Exits loops = { .graph = graph, .kind = te_jit_intern ("prim::LoopContinuation") };
  Exits returns = { .graph = graph, .kind = te_jit_intern ("prim::ReturnStmt") };
  start (&loops);
  transform_block (&loops, graph->top);
  start (&returns);
  Exit exit = transform_block (&returns, graph->top);
  for (int i = 0; i < exit.n; i++)
    te_jit_block_add_output (graph->top, exit.values[i]);
  if (!graph->top->ret->n_inputs)
    te_jit_block_add_output (
        graph->top, exit.how == RAISES
                        ? emit_at (graph->top->ret, "prim::Uninitialized", te_jit_type_simple (TE_JIT_NONE))
                        : emit_at (graph->top->ret, "prim::Constant", te_jit_type_simple (TE_JIT_NONE)));
  graph->next_number++; /* PyTorch's, of the end */
  merge_block (graph->top);
}
