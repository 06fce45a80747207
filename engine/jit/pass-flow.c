/* Passes that look at several nodes together: common subexpressions, constants, calls, control flow. */
#include <stdlib.h>
#include <string.h>

#include "jit/exec.h"
#include "jit/passes.h"

/* ---- may a value be changed in place somewhere? ---- */
static bool
block_mutates (const TeJitBlock *block)
{
  for (const TeJitNode *node = te_jit_block_first (block); node != block->ret; node = node->next)
    {
      if (te_jit_node_may_mutate (node))
        return true;
      for (int i = 0; i < node->n_blocks; i++)
        if (block_mutates (node->blocks[i]))
          return true;
    }
  return false;
}

static bool
is_immutable (const TeJitType *type)
{
  for (int i = 0; i < type->n; i++)
    if (type->kind == TE_JIT_LIST || type->kind == TE_JIT_DICT || !is_immutable (type->items[i]))
      return false;
  return type->kind != TE_JIT_TENSOR && type->kind != TE_JIT_LIST && type->kind != TE_JIT_DICT
         && type->kind != TE_JIT_CLASS && type->kind != TE_JIT_ANY && type->kind != TE_JIT_VAR;
}

/* ---- common subexpressions ---- */
static bool
same_node (const TeJitNode *a, const TeJitNode *b)
{
  if (a->kind != b->kind || a->name != b->name || a->n_inputs != b->n_inputs || a->n_outputs != b->n_outputs
      || a->has_value != b->has_value)
    return false;
  for (int i = 0; i < a->n_inputs; i++)
    if (a->inputs[i] != b->inputs[i])
      return false;
  for (int i = 0; i < a->n_outputs; i++)
    if (te_jit_type_plain (a->outputs[i]->type) != te_jit_type_plain (b->outputs[i]->type))
      return false;
  return !te_jit_node_is (a, "prim::Constant") || te_jit_same_constant (a, b);
}

typedef struct Scope
{
  const struct Scope *outer;
  TeJitNode **nodes;
  int n, room;
} Scope;

static bool
may_share (const TeJitNode *node, bool mutates)
{
  if (node->n_blocks || te_jit_node_has_effects (node) || te_jit_node_is_random (node) || !node->n_outputs)
    return false;
  if (te_jit_node_is (node, "prim::Uninitialized") || te_jit_node_is (node, "prim::Load"))
    return false;
  for (int i = 0; i < node->n_outputs; i++)
    if (!is_immutable (node->outputs[i]->type) && (mutates || node->outputs[i]->type->kind != TE_JIT_TENSOR))
      return false;
  return true;
}

static bool
cse_block (TeJitBlock *block, const Scope *outer, bool mutates)
{
  Scope scope = { .outer = outer };
  bool changed = false;
  for (TeJitNode *node = te_jit_block_first (block), *next; node != block->ret; node = next)
    {
      next = node->next;
      for (int i = 0; i < node->n_blocks; i++)
        changed |= cse_block (node->blocks[i], &scope, mutates);
      if (!may_share (node, mutates))
        continue;
      TeJitNode *same = NULL;
      for (const Scope *at = &scope; at && !same; at = at->outer)
        for (int i = 0; i < at->n && !same; i++)
          if (same_node (at->nodes[i], node))
            same = at->nodes[i];
      if (!same)
        {
          TE_JIT_PUSH (block->graph->arena, scope.nodes, scope.n, scope.room, node);
          continue;
        }
      for (int i = 0; i < node->n_outputs; i++)
        te_jit_var_replace (node->outputs[i], same->outputs[i]);
      te_jit_node_destroy (node);
      changed = true;
    }
  return changed;
}

bool
te_jit_pass_cse (TeJitGraph *graph)
{
  graph->n_slots = 0;
  return cse_block (graph->top, NULL, block_mutates (graph->top));
}

/* ---- constant propagation ---- */
static bool
runs_now (const TeJitNode *node, bool immutable_only, bool mutates)
{
  if (node->n_blocks || !node->n_outputs || te_jit_node_has_effects (node) || te_jit_node_is_random (node)
      || te_jit_node_is (node, "prim::Constant") || te_jit_node_is (node, "prim::Uninitialized")
      || te_jit_node_is (node, "prim::GetAttr") || te_jit_node_is (node, "prim::Load")
      || te_jit_node_is (node, "aten::empty"))
    return false;
  for (int i = 0; i < node->n_inputs; i++)
    if (!te_jit_node_is (node->inputs[i]->node, "prim::Constant")
        && !(!immutable_only && te_jit_node_is (node->inputs[i]->node, "prim::ListConstruct")))
      return false;
  if (te_jit_node_is (node, "prim::ListConstruct") || te_jit_node_is (node, "prim::DictConstruct")
      || te_jit_node_is (node, "prim::TupleConstruct"))
    return false;
  for (int i = 0; i < node->n_outputs; i++)
    if (!is_immutable (node->outputs[i]->type)
        && (immutable_only || mutates || node->outputs[i]->type->kind != TE_JIT_TENSOR))
      return false;
  return true;
}

/* The value of an input that is a constant, or a list of constants; owned. */
static bool
constant_input (const TeJitVar *input, TeJitAny *out)
{
  TeJitAny constant;
  if (te_jit_var_constant (input, &constant))
    {
      *out = te_jit_ref (constant);
      return true;
    }
  *out = te_jit_container (TE_JIT_V_LIST, input->type);
  for (int i = 0; i < input->node->n_inputs; i++)
    {
      if (!te_jit_var_constant (input->node->inputs[i], &constant))
        {
          te_jit_unref (*out);
          return false;
        }
      te_jit_append (out, te_jit_ref (constant));
    }
  return true;
}

static bool
fold (TeJitNode *node)
{
  TeJitAny in[32], out[8];
  TeError err;
  te_error_clear (&err);
  if (node->n_inputs > 32 || node->n_outputs > 8)
    return false;
  int n = 0;
  bool ok = true;
  for (; ok && n < node->n_inputs; n++)
    ok = constant_input (node->inputs[n], &in[n]);
  n -= ok ? 0 : 1;
  ok = ok && te_jit_run_node (node, in, out, &err);
  for (int i = 0; i < n; i++)
    te_jit_unref (in[i]);
  if (!ok)
    return false;
  TeJitGraph *graph = node->graph;
  TeJitNode *point = graph->point;
  const TeJitRange *range = graph->range;
  graph->point = node;
  graph->range = NULL;
  for (int i = 0; i < node->n_outputs; i++)
    {
      const TeJitType *type = out[i].tag == TE_JIT_V_TENSOR ? NULL : node->outputs[i]->type;
      if (type && type->kind == TE_JIT_NUMBER)
        type = te_jit_type_of (out[i]);
      te_jit_var_replace (node->outputs[i], te_jit_constant (graph, out[i], type));
    }
  graph->point = point;
  graph->range = range;
  te_jit_node_destroy (node);
  return true;
}

/* An If whose condition is known gives way to its block. */
static bool
choose_branch (TeJitNode *node)
{
  TeJitAny condition;
  if (!te_jit_node_is (node, "prim::If") || !te_jit_var_constant (node->inputs[0], &condition))
    return false;
  TeJitBlock *block = node->blocks[te_jit_as_double (condition) != 0 ? 0 : 1];
  for (TeJitNode *inner = te_jit_block_first (block), *next; inner != block->ret; inner = next)
    {
      next = inner->next;
      te_jit_node_unlink (inner);
      te_jit_node_insert_before (inner, node);
    }
  for (int i = 0; i < node->n_outputs; i++)
    te_jit_var_replace (node->outputs[i], block->ret->inputs[i]);
  te_jit_node_destroy (node);
  return true;
}

/* Results of an If that both blocks agree on, values a loop hands through. */
static void
drop_same_outputs (TeJitNode *node)
{
  if (te_jit_node_is (node, "prim::If"))
    for (int i = node->n_outputs; i-- > 0;)
      {
        TeJitVar *a = node->blocks[0]->ret->inputs[i], *b = node->blocks[1]->ret->inputs[i];
        TeJitAny x, y;
        bool same = a == b;
        if (!same && te_jit_var_constant (a, &x) && te_jit_var_constant (b, &y) && a->type == b->type
            && x.tag == y.tag && x.tag != TE_JIT_V_TENSOR && te_jit_equal (x, y))
          {
            if (a->node->block != node->block)
              {
                te_jit_node_unlink (a->node);
                te_jit_node_insert_before (a->node, node);
              }
            same = true;
          }
        if (!same)
          continue;
        te_jit_var_replace (node->outputs[i], a);
        te_jit_node_remove_output (node, i);
        te_jit_node_remove_input (node->blocks[0]->ret, i);
        te_jit_node_remove_input (node->blocks[1]->ret, i);
      }
  if (te_jit_node_is (node, "prim::Loop"))
    for (int i = node->n_outputs; i-- > 0;)
      {
        TeJitBlock *body = node->blocks[0];
        TeJitVar *inner = body->param->outputs[i + 1], *after = body->ret->inputs[i + 1];
        if (after != inner && after != node->inputs[i + 2])
          continue;
        te_jit_var_replace (node->outputs[i], node->inputs[i + 2]);
        te_jit_var_replace (inner, node->inputs[i + 2]);
        te_jit_node_remove_output (node, i);
        te_jit_node_remove_output (body->param, i + 1);
        te_jit_node_remove_input (body->ret, i + 1);
        te_jit_node_remove_input (node, i + 2);
      }
}

static bool
propagate_block (TeJitBlock *block, bool immutable_only, bool mutates)
{
  bool changed = false;
  for (TeJitNode *node = te_jit_block_first (block), *next; node != block->ret; node = next)
    {
      next = node->next;
      if (runs_now (node, immutable_only, mutates))
        {
          changed = fold (node) || changed;
          continue;
        }
      TeJitNode *before = node->prev;
      if (choose_branch (node))
        {
          next = before->next; /* what was in the branch has not been looked at */
          changed = true;
          continue;
        }
      if (te_jit_node_is (node, "prim::Loop"))
        {
          TeJitAny go, most;
          if ((te_jit_var_constant (node->inputs[1], &go) && go.tag == TE_JIT_V_BOOL && !go.b)
              || (te_jit_var_constant (node->inputs[0], &most) && most.tag == TE_JIT_V_INT && most.i < 1))
            {
              for (int i = 0; i < node->n_outputs; i++)
                te_jit_var_replace (node->outputs[i], node->inputs[i + 2]);
              te_jit_node_destroy (node);
              changed = true;
              continue;
            }
        }
      for (int i = 0; i < node->n_blocks; i++)
        changed = propagate_block (node->blocks[i], immutable_only, mutates) || changed;
      int n = node->n_outputs;
      drop_same_outputs (node);
      changed = changed || n != node->n_outputs;
    }
  return changed;
}

bool
te_jit_pass_constant_propagation (TeJitGraph *graph, bool immutable_only)
{
  graph->n_slots = 0;
  if (!propagate_block (graph->top, immutable_only, block_mutates (graph->top)))
    return false;
  te_jit_pass_dce (graph);
  return true;
}

/* ---- outputs in order of use ---- */
static void
uses_in (const TeJitBlock *block, const TeJitNode *owner, int *order, int *next)
{
  for (const TeJitNode *node = te_jit_block_first (block);; node = node->next)
    {
      for (int i = 0; i < node->n_inputs; i++)
        if (node->inputs[i]->node == owner && order[node->inputs[i]->offset] < 0)
          order[node->inputs[i]->offset] = (*next)++;
      if (node == block->ret)
        return;
      for (int i = 0; i < node->n_blocks; i++)
        uses_in (node->blocks[i], owner, order, next);
    }
}

static void
swap_inputs (TeJitNode *node, int a, int b)
{
  TeJitVar *x = node->inputs[a], *y = node->inputs[b];
  te_jit_node_set_input (node, a, y);
  te_jit_node_set_input (node, b, x);
}

static void
swap_outputs (TeJitNode *node, int a, int b)
{
  TeJitVar *x = node->outputs[a];
  node->outputs[a] = node->outputs[b];
  node->outputs[b] = x;
  node->outputs[a]->offset = a;
  node->outputs[b]->offset = b;
}

static void
swap_results (TeJitNode *node, int a, int b)
{
  bool loop = te_jit_node_is (node, "prim::Loop");
  swap_outputs (node, a, b);
  for (int i = 0; i < node->n_blocks; i++)
    swap_inputs (node->blocks[i]->ret, a + loop, b + loop);
  if (!loop)
    return;
  swap_outputs (node->blocks[0]->param, a + 1, b + 1);
  swap_inputs (node, a + 2, b + 2);
}

static void
order_results (TeJitNode *node)
{
  int order[256], next = 0;
  if (node->n_outputs > 256)
    return;
  for (int i = 0; i < node->n_outputs; i++)
    order[i] = -1;
  for (const TeJitBlock *block = node->block; block; block = block->owner ? block->owner->block : NULL)
    uses_in (block, node, order, &next);
  for (int i = 0; i < node->n_outputs; i++) /* insertion sort: stable, unused last */
    for (int k = i; k > 0 && (unsigned) order[k] < (unsigned) order[k - 1]; k--)
      {
        int kept = order[k];
        order[k] = order[k - 1];
        order[k - 1] = kept;
        swap_results (node, k, k - 1);
      }
}

static void
canonicalize_block (TeJitBlock *block)
{
  for (TeJitNode *node = block->ret->prev; node != block->param; node = node->prev)
    {
      if (te_jit_node_is (node, "prim::If") || te_jit_node_is (node, "prim::Loop"))
        order_results (node);
      for (int i = 0; i < node->n_blocks; i++)
        canonicalize_block (node->blocks[i]);
    }
}

void
te_jit_pass_canonicalize_outputs (TeJitGraph *graph)
{
  te_jit_pass_dce (graph);
  canonicalize_block (graph->top);
}

/* ---- calls ---- */
typedef struct
{
  const TeJitVar *from;
  TeJitVar *to;
} Pair;
typedef struct
{
  TeJitGraph *graph;
  Pair *pairs;
  int n, room;
  bool same_graph; /* as the original */
} Copied;

/* What stands for a value in the copy: itself, when it comes from outside. */
static TeJitVar *
copied (const Copied *self, TeJitVar *from)
{
  for (int i = self->n; i-- > 0;)
    if (self->pairs[i].from == from)
      return self->pairs[i].to;
  return from;
}

static void
note_copied (Copied *self, const TeJitVar *from, TeJitVar *to)
{
  te_jit_var_set_name (to, from->name);
  TE_JIT_PUSH (self->graph->arena, self->pairs, self->n, self->room, ((Pair){ from, to }));
}

static void
copy_nodes (Copied *self, const TeJitBlock *from)
{
  for (const TeJitNode *node = te_jit_block_first (from); node != from->ret; node = node->next)
    {
      TeJitNode *twin = te_jit_node_new (self->graph, node->kind);
      twin->range = node->range;
      twin->name = node->name;
      twin->types = node->types;
      twin->schema = node->schema;
      twin->scope = node->scope;
      twin->has_value = node->has_value;
      twin->value = te_jit_ref (node->value);
      if (node->has_value)
        TE_JIT_PUSH (self->graph->arena, self->graph->constants, self->graph->n_constants,
                     self->graph->constants_room, twin);
      for (int i = 0; i < node->n_inputs; i++)
        te_jit_node_add_input (twin, copied (self, node->inputs[i]));
      te_jit_node_insert (twin);
      for (int i = 0; i < node->n_outputs; i++)
        note_copied (self, node->outputs[i], te_jit_node_add_output (twin, node->outputs[i]->type));
      for (int i = 0; i < node->n_blocks; i++)
        {
          const TeJitBlock *inner = node->blocks[i];
          TeJitBlock *block = te_jit_node_add_block (twin);
          for (int k = 0; k < inner->param->n_outputs; k++)
            note_copied (self, inner->param->outputs[k],
                         te_jit_block_add_input (block, inner->param->outputs[k]->type));
          TeJitNode *point = self->graph->point;
          self->graph->point = block->ret;
          copy_nodes (self, inner);
          self->graph->point = point;
          for (int k = 0; k < inner->ret->n_inputs; k++)
            te_jit_block_add_output (block, copied (self, inner->ret->inputs[k]));
        }
      /* The original has made room; now the copy takes the name that it has moved to. */
      for (int i = 0; self->same_graph && i < node->n_outputs; i++)
        te_jit_var_set_name (twin->outputs[i], node->outputs[i]->name);
    }
}

TeJitVar *
te_jit_clone_block (const TeJitBlock *block)
{
  Copied copy = { .graph = block->graph, .same_graph = true };
  copy_nodes (&copy, block);
  return copied (&copy, block->ret->inputs[0]);
}

void
te_jit_clone_block_into (const TeJitBlock *block, TeJitBlock *to, const TeJitNode *owner)
{
  TeJitGraph *graph = block->graph;
  Copied copy = { .graph = graph, .same_graph = true };
  for (int i = 0; i < owner->n_outputs; i++)
    TE_JIT_PUSH (graph->arena, copy.pairs, copy.n, copy.room,
                 ((Pair){ owner->outputs[i], to->ret->inputs[i] }));
  TeJitNode *point = graph->point;
  graph->point = to->ret;
  copy_nodes (&copy, block);
  graph->point = point;
  for (int i = 0; i < block->ret->n_inputs; i++)
    te_jit_block_add_output (to, copied (&copy, block->ret->inputs[i]));
}

static TeJitFunction *
callee (const TeJitNode *node)
{
  TeJitAny function;
  if (te_jit_node_is (node, "prim::CallFunction") && te_jit_var_constant (node->inputs[0], &function))
    return function.function;
  if (te_jit_node_is (node, "prim::CallMethod") && node->inputs[0]->type->class)
    return te_jit_class_method (node->inputs[0]->type->class, node->name);
  return NULL;
}

static void inline_block (TeJitBlock *block, int depth);

static void
inline_call (TeJitNode *node, TeJitFunction *function, int depth)
{
  TeJitGraph *body = te_jit_graph_copy (function->graph);
  inline_block (body->top, depth + 1);
  te_jit_pass_peephole (body);
  te_jit_pass_constant_propagation (body, true);
  te_jit_pass_constant_pooling (body);
  Copied copy = { .graph = node->graph };
  int first = te_jit_node_is (node, "prim::CallFunction") ? 1 : 0;
  for (int i = 0; i < te_jit_graph_n_inputs (body); i++)
    TE_JIT_PUSH (node->graph->arena, copy.pairs, copy.n, copy.room,
                 ((Pair){ te_jit_graph_input (body, i), node->inputs[i + first] }));
  TeJitNode *point = node->graph->point;
  node->graph->point = node;
  copy_nodes (&copy, body->top);
  node->graph->point = point;
  TeJitVar *result = copied (&copy, body->top->ret->inputs[0]);
  if (node->outputs[0]->name)
    {
      const char *name = node->outputs[0]->name;
      te_jit_var_set_name (node->outputs[0], NULL);
      te_jit_var_set_name (result, name);
    }
  te_jit_var_replace (node->outputs[0], result);
  te_jit_node_destroy (node);
  te_jit_graph_unref (body);
}

static void
inline_block (TeJitBlock *block, int depth)
{
  for (TeJitNode *node = te_jit_block_first (block), *next; node != block->ret; node = next)
    {
      next = node->next;
      for (int i = 0; i < node->n_blocks; i++)
        inline_block (node->blocks[i], depth);
      TeJitFunction *function = callee (node);
      if (function && function->graph && depth < 100)
        inline_call (node, function, depth);
    }
}

void
te_jit_pass_inline (TeJitGraph *graph)
{
  graph->n_slots = 0;
  inline_block (graph->top, 0);
}

/* ---- checking and numbering ---- */
static bool
lint_block (const TeJitBlock *block, TeError *err)
{
  for (const TeJitNode *node = te_jit_block_first (block);; node = node->next)
    {
      if (node->block != block)
        return te_error_set (err, TE_ERR_RUNTIME, "lint: a %s stands in a block that is not its own",
                             node->kind);
      for (int i = 0; i < node->n_inputs; i++)
        {
          bool used = false;
          for (int u = 0; u < node->inputs[i]->n_uses; u++)
            used = used || (node->inputs[i]->uses[u].node == node && node->inputs[i]->uses[u].index == i);
          if (!used)
            return te_error_set (err, TE_ERR_RUNTIME, "lint: a use of %%%s is not known to it",
                                 te_jit_var_name (node->inputs[i]));
          if (!node->inputs[i]->node->block || !te_jit_node_is_before (node->inputs[i]->node, node))
            return te_error_set (err, TE_ERR_RUNTIME, "lint: %%%s is used before it is there",
                                 te_jit_var_name (node->inputs[i]));
        }
      if (node == block->ret)
        return true;
      for (int i = 0; i < node->n_blocks; i++)
        if (!lint_block (node->blocks[i], err))
          return false;
    }
}

bool
te_jit_pass_lint (const TeJitGraph *graph, TeError *err)
{
  return lint_block (graph->top, err);
}

static void
number_anew (TeJitBlock *block, bool keep_names, int *next)
{
  for (int i = 0; i < block->param->n_outputs; i++)
    {
      if (!keep_names)
        te_jit_var_set_name (block->param->outputs[i], NULL);
      block->param->outputs[i]->number = (*next)++;
    }
  for (TeJitNode *node = te_jit_block_first (block); node != block->ret; node = node->next)
    {
      for (int i = 0; i < node->n_outputs; i++)
        {
          if (!keep_names)
            te_jit_var_set_name (node->outputs[i], NULL);
          node->outputs[i]->number = (*next)++;
        }
      for (int i = 0; i < node->n_blocks; i++)
        number_anew (node->blocks[i], keep_names, next);
    }
}

TeJitGraph *
te_jit_graph_canonicalize (const TeJitGraph *graph, bool keep_names)
{
  TeJitGraph *copy = te_jit_graph_copy (graph);
  int next = 0;
  number_anew (copy->top, keep_names, &next);
  copy->next_number = next;
  return copy;
}

static void
erase_block (TeJitBlock *block)
{
  for (int i = 0; i < block->param->n_outputs; i++)
    block->param->outputs[i]->type = te_jit_type_plain (block->param->outputs[i]->type);
  for (TeJitNode *node = te_jit_block_first (block); node != block->ret; node = node->next)
    {
      for (int i = 0; i < node->n_outputs; i++)
        node->outputs[i]->type = te_jit_type_plain (node->outputs[i]->type);
      for (int i = 0; i < node->n_blocks; i++)
        erase_block (node->blocks[i]);
    }
}

void
te_jit_pass_erase_shapes (TeJitGraph *graph)
{
  erase_block (graph->top);
}
