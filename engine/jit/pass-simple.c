/* Passes that look at one node at a time. */
#include <string.h>

#include "jit/passes.h"
#include "jit/schema.h"

static const TeJitSchema *
schema_of (const TeJitNode *node)
{
  if (node->schema)
    return node->schema;
  int n;
  const TeJitSchema *const *schemas = te_jit_schemas_find (node->kind, &n);
  return n ? schemas[0] : NULL;
}

bool
te_jit_node_is_random (const TeJitNode *node)
{
  const TeJitSchema *schema = schema_of (node);
  if (schema && schema->random && strstr (schema->name, "dropout"))
    { /* draws nothing where it is told not to train */
      TeJitAny train;
      return !(node->n_inputs > 2 && te_jit_var_constant (node->inputs[2], &train)
               && train.tag == TE_JIT_V_BOOL && !train.b);
    }
  return schema && schema->random;
}

bool
te_jit_node_may_mutate (const TeJitNode *node)
{
  const TeJitSchema *schema = schema_of (node);
  if (te_jit_node_is (node, "prim::SetAttr") || te_jit_node_is (node, "prim::CallMethod")
      || te_jit_node_is (node, "prim::CallFunction"))
    return true;
  if (schema && schema->mutates)
    return true;
  TeJitAny training;
  return te_jit_node_is (node, "aten::batch_norm") && node->n_inputs > 5
         && te_jit_var_constant (node->inputs[5], &training) && training.b;
}

static bool
block_has_effects (const TeJitBlock *block)
{
  for (const TeJitNode *node = te_jit_block_first (block); node != block->ret; node = node->next)
    if (te_jit_node_has_effects (node))
      return true;
  return false;
}

bool
te_jit_node_has_effects (const TeJitNode *node)
{
  static const char *const kinds[] = { "prim::RaiseException", "prim::Print",
                                       "prim::SetAttr",        "prim::CallFunction",
                                       "prim::CallMethod",     "prim::TracedModuleForward",
                                       "aten::warn",           "prim::Store",
                                       "prim::ReturnStmt",     "prim::BreakStmt",
                                       "prim::ContinueStmt",   "aten::set_grad_enabled",
                                       "aten::is_grad_enabled" };
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (te_jit_node_is (node, kinds[i]))
      return true;
  for (int i = 0; i < node->n_blocks; i++)
    if (block_has_effects (node->blocks[i]))
      return true;
  return te_jit_node_may_mutate (node);
}

/* ---- dead code ---- */
static bool
is_used (const TeJitNode *node)
{
  for (int i = 0; i < node->n_outputs; i++)
    if (node->outputs[i]->n_uses)
      return true;
  return false;
}

/* Carried values of a loop, and results of an If, that nobody reads. */
static void
drop_unused_outputs (TeJitNode *node)
{
  if (te_jit_node_is (node, "prim::If"))
    for (int i = node->n_outputs; i-- > 0;)
      if (!node->outputs[i]->n_uses)
        {
          te_jit_node_remove_output (node, i);
          te_jit_node_remove_input (node->blocks[0]->ret, i);
          te_jit_node_remove_input (node->blocks[1]->ret, i);
        }
  if (!te_jit_node_is (node, "prim::Loop"))
    return;
  TeJitBlock *body = node->blocks[0];
  for (int i = node->n_outputs; i-- > 0;)
    {
      TeJitVar *inner = body->param->outputs[i + 1];
      bool only_itself = true; /* the body hands it through, and nothing else */
      for (int u = 0; u < inner->n_uses; u++)
        only_itself = only_itself && inner->uses[u].node == body->ret && inner->uses[u].index == i + 1;
      if (node->outputs[i]->n_uses || !only_itself)
        continue;
      te_jit_node_remove_input (body->ret, i + 1);
      te_jit_node_remove_output (body->param, i + 1);
      te_jit_node_remove_input (node, i + 2);
      te_jit_node_remove_output (node, i);
    }
}

static bool
is_in_place (const TeJitNode *node)
{
  size_t n = strlen (node->kind);
  return strncmp (node->kind, "aten::", 6) == 0 && node->kind[n - 1] == '_' && node->kind[n - 2] != '_';
}

/* Does it change a number that a trace made a tensor of, and that nothing else reads? */
static bool
changes_what_is_not_read (const TeJitNode *node)
{
  while (is_in_place (node) && node->n_inputs)
    {
      const TeJitVar *changed = node->inputs[0];
      for (int i = 0; i < changed->n_uses; i++)
        if (changed->uses[i].node != node || changed->uses[i].index != 0)
          return false;
      node = changed->node;
    }
  return te_jit_node_is (node, "prim::NumToTensor");
}

static void
dce_block (TeJitBlock *block)
{
  for (TeJitNode *node = block->ret->prev, *before; node != block->param; node = before)
    {
      before = node->prev;
      if (!is_used (node)
          && (!te_jit_node_has_effects (node) || (is_in_place (node) && changes_what_is_not_read (node))))
        {
          te_jit_node_destroy (node);
          continue;
        }
      drop_unused_outputs (node);
      for (int i = 0; i < node->n_blocks; i++)
        dce_block (node->blocks[i]);
      if (node->n_blocks)
        drop_unused_outputs (node);
    }
}

void
te_jit_pass_dce (TeJitGraph *graph)
{
  graph->n_slots = 0;
  dce_block (graph->top);
}

/* ---- constants ---- */
bool
te_jit_same_constant (const TeJitNode *a, const TeJitNode *b)
{
  if (a->outputs[0]->type != b->outputs[0]->type || a->has_value != b->has_value || a->name != b->name)
    return false;
  if (!a->has_value)
    return true;
  if (a->value.tag != b->value.tag)
    return false;
  if (a->value.tag == TE_JIT_V_TENSOR)
    {
      const TeTensor *x = a->value.tensor, *y = b->value.tensor;
      return x == y
             || (x->dtype == y->dtype && te_tensor_same_sizes (x, y) && te_tensor_is_contiguous (x)
                 && te_tensor_is_contiguous (y) && !te_tensor_is_meta (x) && !te_tensor_is_meta (y)
                 && (!x->numel
                     || memcmp (te_tensor_data (x), te_tensor_data (y),
                                (size_t) x->numel * te_dtype_nbytes (te_tensor_dtype (x)))
                            == 0));
    }
  if (a->value.tag == TE_JIT_V_DICT)
    return false;
  return te_jit_equal (a->value, b->value);
}

typedef struct
{
  TeJitGraph *graph;
  TeJitNode **kept;
  int n, room;
} Pool;

static void
pool_block (Pool *pool, TeJitBlock *block)
{
  for (TeJitNode *node = te_jit_block_first (block), *next; node != block->ret; node = next)
    {
      next = node->next;
      for (int i = 0; i < node->n_blocks; i++)
        pool_block (pool, node->blocks[i]);
      if (!te_jit_node_is (node, "prim::Constant"))
        continue;
      TeJitNode *same = NULL;
      for (int i = 0; !same && i < pool->n; i++)
        if (te_jit_same_constant (pool->kept[i], node))
          same = pool->kept[i];
      if (same)
        {
          if (node->outputs[0]->name && !same->outputs[0]->name)
            {
              const char *name = node->outputs[0]->name;
              te_jit_var_set_name (node->outputs[0], NULL);
              te_jit_var_set_name (same->outputs[0], name);
            }
          te_jit_var_replace (node->outputs[0], same->outputs[0]);
          te_jit_node_destroy (node);
          continue;
        }
      TE_JIT_PUSH (pool->graph->arena, pool->kept, pool->n, pool->room, node);
      TeJitNode *first = te_jit_block_first (pool->graph->top);
      if (first != node)
        {
          te_jit_node_unlink (node);
          te_jit_node_insert_before (node, first);
        }
    }
}

/* te_jit_pass_constant_pooling: kept constants move to the graph's beginning, a later one above the earlier.
 */
void
te_jit_pass_constant_pooling (TeJitGraph *graph)
{
  graph->n_slots = 0;
  Pool pool = { .graph = graph };
  pool_block (&pool, graph->top);
}

/* ---- peephole ---- */
static bool
constant_int (const TeJitVar *value, int64_t wanted)
{
  TeJitAny constant;
  return te_jit_var_constant (value, &constant)
         && ((constant.tag == TE_JIT_V_INT && constant.i == wanted)
             || (constant.tag == TE_JIT_V_FLOAT && constant.f == (double) wanted));
}

/* What node's one output is the same as, or NULL. */
static TeJitVar *
simpler (TeJitNode *node)
{
  TeJitVar **in = node->inputs;
  TeJitNode *inner = node->n_inputs ? in[0]->node : NULL;
  if (te_jit_node_is (node, "aten::t") && te_jit_node_is (inner, "aten::t"))
    return inner->inputs[0];
  if ((te_jit_node_is (node, "aten::Int") || te_jit_node_is (node, "aten::Float")
       || te_jit_node_is (node, "aten::IntImplicit"))
      && te_jit_node_is (inner, "prim::NumToTensor") && inner->inputs[0]->type == node->outputs[0]->type)
    return inner->inputs[0];
  if (node->n_inputs == 2 && in[0]->type->kind != TE_JIT_TENSOR
      && ((te_jit_node_is (node, "aten::mul") && constant_int (in[1], 1))
          || (te_jit_node_is (node, "aten::add") && constant_int (in[1], 0)))
      && in[0]->type == node->outputs[0]->type)
    return in[0];
  if (te_jit_node_is (node, "aten::__not__") && te_jit_node_is (inner, "aten::__not__"))
    return inner->inputs[0];
  if (te_jit_node_is (node, "aten::_unwrap_optional") && in[0]->type->kind != TE_JIT_OPTIONAL
      && in[0]->type->kind != TE_JIT_NONE)
    return in[0];
  return NULL;
}

static bool
peephole_block (TeJitBlock *block)
{
  bool changed = false;
  for (TeJitNode *node = te_jit_block_first (block); node != block->ret; node = node->next)
    {
      for (int i = 0; i < node->n_blocks; i++)
        changed = peephole_block (node->blocks[i]) || changed;
      TeJitVar *same = node->n_outputs == 1 ? simpler (node) : NULL;
      if (same)
        te_jit_var_replace (node->outputs[0], same);
      changed = changed || same;
    }
  return changed;
}

void
te_jit_pass_peephole (TeJitGraph *graph)
{
  graph->n_slots = 0;
  if (peephole_block (graph->top))
    te_jit_pass_dce (graph);
}

/* ---- tuples ---- */
static bool
lower_block (TeJitBlock *block)
{
  bool changed = false;
  for (TeJitNode *node = te_jit_block_first (block); node != block->ret; node = node->next)
    {
      for (int i = 0; i < node->n_blocks; i++)
        changed = lower_block (node->blocks[i]) || changed;
      TeJitNode *made = node->n_inputs ? node->inputs[0]->node : NULL;
      if (!made || !te_jit_node_is (made, "prim::TupleConstruct"))
        continue;
      changed = true;
      if (te_jit_node_is (node, "prim::TupleUnpack"))
        for (int i = 0; i < node->n_outputs; i++)
          {
            const char *name = node->outputs[i]->name;
            te_jit_var_set_name (node->outputs[i], NULL);
            if (name && !made->inputs[i]->name)
              te_jit_var_set_name (made->inputs[i], name);
            te_jit_var_replace (node->outputs[i], made->inputs[i]);
          }
      TeJitAny index;
      if (te_jit_node_is (node, "prim::TupleIndex") && te_jit_var_constant (node->inputs[1], &index))
        {
          int64_t at = index.i < 0 ? index.i + made->n_inputs : index.i;
          if (at >= 0 && at < made->n_inputs)
            te_jit_var_replace (node->outputs[0], made->inputs[at]);
        }
    }
  return changed;
}

void
te_jit_pass_lower_simple_tuples (TeJitGraph *graph)
{
  graph->n_slots = 0;
  if (lower_block (graph->top))
    te_jit_pass_dce (graph);
}

/* ---- other names ---- */
static void
normalize_block (TeJitBlock *block)
{
  static const char *const names[][2] = {
    { "aten::absolute", "abs" },
    { "aten::absolute_", "abs_" },
    { "aten::arccos", "acos" },
    { "aten::arcsin", "asin" },
    { "aten::arctan", "atan" },
    { "aten::clip", "clamp" },
    { "aten::clip_", "clamp_" },
    { "aten::divide", "div" },
    { "aten::multiply", "mul" },
    { "aten::subtract", "sub" },
    { "aten::greater", "gt" },
    { "aten::greater_equal", "ge" },
    { "aten::less", "lt" },
    { "aten::less_equal", "le" },
    { "aten::not_equal", "ne" },
    { "aten::true_divide", "div" },
    { "aten::negative", "neg" },
    { "aten::row_stack", "vstack" },
    { "aten::swapaxes", "transpose" },
    { "aten::swapdims", "transpose" },
    { "aten::moveaxis", "movedim" },
    { "aten::concat", "cat" },
    { "aten::fix", "trunc" },
    { "aten::ger", "outer" },
    { "aten::special_exp2", "exp2" },
    { "aten::special_expit", "sigmoid" },
  };
  for (TeJitNode *node = te_jit_block_first (block); node != block->ret; node = node->next)
    {
      for (int i = 0; i < node->n_blocks; i++)
        normalize_block (node->blocks[i]);
      for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (te_jit_node_is (node, names[i][0]))
          {
            node->kind = te_jit_intern_format ("aten::%s", names[i][1]);
            node->schema = NULL;
            break;
          }
    }
}

void
te_jit_pass_normalize_ops (TeJitGraph *graph)
{
  normalize_block (graph->top);
}

/* ---- linear + relu ---- */
static void
fuse_block (TeJitBlock *block)
{
  for (TeJitNode *node = te_jit_block_first (block), *next; node != block->ret; node = next)
    {
      next = node->next;
      for (int i = 0; i < node->n_blocks; i++)
        fuse_block (node->blocks[i]);
      TeJitNode *linear = node->n_inputs == 1 ? node->inputs[0]->node : NULL;
      if (!te_jit_node_is (node, "aten::relu") || !linear || !te_jit_node_is (linear, "aten::linear")
          || linear->outputs[0]->n_uses != 1 || linear->block != block)
        continue;
      block->graph->range = node->range;
      TeJitNode *fused = te_jit_node_new (block->graph, "gradboard::linear_relu");
      block->graph->range = NULL;
      for (int i = 0; i < 3; i++)
        te_jit_node_add_input (fused, linear->inputs[i]);
      te_jit_node_insert_before (fused, node);
      TeJitVar *result = te_jit_node_add_output (fused, node->outputs[0]->type);
      te_jit_var_replace (node->outputs[0], result);
      te_jit_var_set_name (result, node->outputs[0]->name);
      te_jit_node_destroy (node);
      te_jit_node_destroy (linear);
    }
}

void
te_jit_pass_fuse_linear_relu (TeJitGraph *graph)
{
  graph->n_slots = 0;
  fuse_block (graph->top);
}
