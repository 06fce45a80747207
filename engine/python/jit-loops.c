/* Loops and list comprehensions: what is iterated over, counted or taken apart. */
#include "python/jit-frontend.h"

#include <string.h>

/* ---- loops ---- */
static TeJitVar *count_items (Frontend *self, Sugar *iterable, const TeJitRange *range);

/* The counts of all that runs along together: enumerate counts without end. */
static bool
count_all (Frontend *self, Sugar *iterable, TeJitVar **counts, int *n, const TeJitRange *range)
{
  bool enumerate = iterable->kind == SUGAR_ENUMERATE;
  if (!enumerate && iterable->kind != SUGAR_ZIP)
    return (counts[(*n)++] = count_items (self, iterable, range)) != NULL;
  if (enumerate)
    {
      TeJitVar *in[] = { NULL, te_fe_int (self, INT64_MAX, range), iterable->items[2].var };
      if (iterable->n > 1 && !(in[0] = te_fe_as_var (self, iterable->items[1], range)))
        return false;
      counts[(*n)++] = in[0] ? te_fe_op (self, range, "aten::__range_length", 3, in) : in[1];
    }
  for (int i = 0; i < (enumerate ? 1 : iterable->n) && *n < 15; i++)
    if (!count_all (self, &iterable->items[i], counts, n, range))
      return false;
  return true;
}

/* What range (...) leaves out, and the counting of enumerate (...). */
void
te_fe_range_bounds (Frontend *self, Sugar *items, int n, const TeJitRange *range)
{
  if (n == 1)
    te_fe_constant (self, te_jit_int (0),
                    range); /* a loop from 0 counts by itself; the bound takes a number */
  if (n == 1 || n == 2)
    items[2] = (Sugar){ .kind = SUGAR_VAR, .var = te_fe_constant (self, te_jit_int (1), range) };
}

/* How many items, and the item at index; of what is not taken apart while compiling. */
static TeJitVar *
count_items (Frontend *self, Sugar *iterable, const TeJitRange *range)
{
  TeJitVar *in[3];
  if (iterable->kind == SUGAR_RANGE && iterable->n == 1)
    return te_fe_as_var (self, iterable->items[0], range);
  if (iterable->kind == SUGAR_RANGE)
    {
      for (int i = 0; i < 3; i++)
        if (!(in[i] = te_fe_as_var (self, iterable->items[i], range)))
          return NULL;
      iterable->items[2] = (Sugar){ .kind = SUGAR_VAR, .var = in[2] };
      return te_fe_op (self, range, "aten::__range_length", 3, in);
    }
  if (iterable->kind == SUGAR_ENUMERATE || iterable->kind == SUGAR_ZIP)
    {
      TeJitVar *counts[16];
      int n = 0;
      if (!count_all (self, iterable, counts, &n, range))
        return NULL;
      TeJitVar *list = te_fe_list (self, counts, n, te_jit_type_simple (TE_JIT_INT));
      return te_fe_op (self, range, "prim::min", 1, &list);
    }
  TeJitVar *value = te_fe_as_var (self, *iterable, range);
  if (!value)
    return NULL;
  if (value->type->kind == TE_JIT_DICT)
    value = te_fe_op (self, range, "aten::keys", 1, &value);
  if (value->type->kind != TE_JIT_LIST && value->type->kind != TE_JIT_TENSOR
      && value->type->kind != TE_JIT_STR)
    return te_fe_error (self, range, "'%s' object is not iterable", te_jit_type_error_text (value->type));
  *iterable = (Sugar){ .kind = SUGAR_VAR, .var = value };
  return te_fe_op (self, range, "aten::len", 1, &value);
}

static Sugar
item_at (Frontend *self, const Sugar *iterable, TeJitVar *index, const TeJitRange *range)
{
  Sugar result = { .kind = SUGAR_VAR };
  if (iterable->kind == SUGAR_RANGE && iterable->n == 1)
    result.var = index;
  else if (iterable->kind == SUGAR_RANGE)
    {
      TeJitVar *in[] = { index, te_fe_as_var (self, iterable->items[0], range),
                         te_fe_as_var (self, iterable->items[2], range) };
      result.var = te_fe_op (self, range, "aten::__derive_index", 3, in);
    }
  else if (iterable->kind == SUGAR_ENUMERATE || iterable->kind == SUGAR_ZIP)
    {
      bool enumerate = iterable->kind == SUGAR_ENUMERATE;
      int n = enumerate ? 2 : iterable->n;
      result = (Sugar){ .kind = SUGAR_TUPLE,
                        .n = n,
                        .items = te_jit_alloc (self->graph->arena, (size_t) n * sizeof (Sugar)) };
      for (int i = 0; i < n; i++)
        result.items[i] = enumerate && i == 0
                              ? (Sugar){ .kind = SUGAR_VAR, .var = index }
                              : item_at (self, &iterable->items[enumerate ? 0 : i], index, range);
      if (enumerate && iterable->n > 1)
        {
          TeJitVar *in[] = { index, te_fe_as_var (self, iterable->items[1], range), iterable->items[2].var };
          result.items[0].var = te_fe_op (self, range, "aten::__derive_index", 3, in);
        }
    }
  else if (iterable->var->type->kind == TE_JIT_TENSOR)
    {
      TeJitVar *in[] = { iterable->var, te_fe_int (self, 0, range), index };
      result.var = te_fe_op (self, range, "aten::select", 3, in);
    }
  else
    {
      TeJitVar *in[] = { iterable->var, index };
      result.var = te_fe_op (self, range, "aten::__getitem__", 2, in);
    }
  return result;
}

/* Things that are taken apart while compiling: tuples and lists of modules, also counted or zipped. */
static bool
unrolled (Frontend *self, Sugar iterable, Sugar *out, const TeJitRange *range)
{
  if (iterable.kind == SUGAR_MODULES || iterable.kind == SUGAR_MODULE)
    iterable = te_fe_modules (self, iterable, range);
  if (iterable.kind == SUGAR_VAR && iterable.var->type->kind == TE_JIT_TUPLE)
    {
      int n;
      TeJitVar **parts = te_fe_unpack (self, iterable.var, &n);
      iterable = (Sugar){ .kind = SUGAR_TUPLE,
                          .n = n,
                          .items = te_jit_alloc (self->graph->arena, (size_t) (n + 1) * sizeof (Sugar)) };
      for (int i = 0; i < n; i++)
        iterable.items[i] = (Sugar){ .kind = SUGAR_VAR, .var = parts[i] };
    }
  if (iterable.kind == SUGAR_TUPLE)
    {
      *out = iterable;
      return true;
    }
  if (iterable.kind != SUGAR_ENUMERATE && iterable.kind != SUGAR_ZIP)
    return false;
  int n = iterable.kind == SUGAR_ENUMERATE ? 1 : iterable.n, least = INT32_MAX;
  Sugar parts[16];
  for (int i = 0; i < n && i < 16; i++)
    {
      if (!unrolled (self, iterable.items[i], &parts[i], range))
        return false;
      least = parts[i].n < least ? parts[i].n : least;
    }
  *out = (Sugar){ .kind = SUGAR_TUPLE,
                  .n = least,
                  .items = te_jit_alloc (self->graph->arena, (size_t) (least + 1) * sizeof (Sugar)) };
  for (int k = 0; k < least; k++)
    {
      int count = iterable.kind == SUGAR_ENUMERATE ? 2 : n;
      out->items[k] = (Sugar){ .kind = SUGAR_TUPLE,
                               .n = count,
                               .items = te_jit_alloc (self->graph->arena, (size_t) count * sizeof (Sugar)) };
      for (int i = 0; i < count; i++)
        out->items[k].items[i] = iterable.kind == SUGAR_ZIP ? parts[i].items[k]
                                 : i == 0 ? (Sugar){ .kind = SUGAR_VAR, .var = te_fe_int (self, k, range) }
                                          : parts[0].items[k];
    }
  return true;
}

/* After a loop, what its body changed keeps its type; what it made is not there. */
static void
merge_loop (Frontend *self, Scope *body)
{
  for (int i = 0; i < body->n; i++)
    {
      Local *before = te_fe_find (self, body->locals[i].name);
      if (before && before->type && body->locals[i].type)
        before->type = te_jit_type_unify (body->locals[i].type, before->type);
    }
}

typedef bool (*LoopBody) (Frontend *self, Sugar item, void *data);

static bool
counted_loop (Frontend *self, Sugar iterable, const TeJitRange *range, LoopBody emit_body, void *data)
{
  TeJitVar *count = count_items (self, &iterable, range);
  if (!count)
    return false;
  if (count->type->kind != TE_JIT_INT)
    {
      TeJitVar *whole = te_fe_convert (self, count, te_jit_type_simple (TE_JIT_INT), 0, true, range);
      if (!whole)
        return te_fe_error (
            self, range,
            "Expected a value of type 'int' for the length of a loop but instead found type '%s'",
            te_jit_type_error_text (count->type));
      count = whole;
    }
  TeJitNode *loop = te_jit_node_new (self->graph, "prim::Loop");
  loop->range = range;
  TeJitVar *go = te_fe_constant (self, te_jit_bool (true), range);
  te_jit_node_add_input (loop, count);
  te_jit_node_add_input (loop, go);
  te_jit_node_insert (loop);
  TeJitBlock *body = te_jit_node_add_block (loop);
  TeJitVar *index = te_jit_block_add_input (body, te_jit_type_simple (TE_JIT_INT));
  TeJitNode *point = self->graph->point;
  self->graph->point = body->ret;
  Scope scope;
  te_fe_scope_push (self, &scope, true);
  Sugar item = item_at (self, &iterable, index, range);
  if (item.kind == SUGAR_TUPLE)
    te_fe_as_var (self, item, range); /* nothing needs it, but it takes a number */
  bool ok = item.kind && (item.kind != SUGAR_VAR || item.var) && emit_body (self, item, data);
  te_fe_scope_pop (self);
  te_jit_block_add_output (body, go);
  self->graph->point = point;
  merge_loop (self, &scope);
  return ok;
}

static bool
for_body (Frontend *self, Sugar item, void *data)
{
  PyObject *node = data, *target = te_fe_field (node, "target");
  return te_fe_assign (self, target, item, te_fe_range (self, target))
         && te_fe_statements (self, te_fe_field (node, "body"));
}

bool
te_fe_for (Frontend *self, PyObject *node)
{
  const TeJitRange *range = te_fe_range (self, node);
  if (PyList_GET_SIZE (te_fe_field (node, "orelse")))
    return te_fe_frontend_error (self, "NotSupportedError", te_fe_word_range (self, node, 3),
                                 "else branches of for loops aren't supported");
  Sugar iterable = te_fe_expr (self, te_fe_field (node, "iter"), NULL), parts;
  if (!iterable.kind)
    return false;
  if (!unrolled (self, iterable, &parts, range))
    return !PyErr_Occurred () && counted_loop (self, iterable, range, for_body, node);
  for (int i = 0; i < parts.n && !self->scope->exits; i++)
    if (!for_body (self, parts.items[i], node))
      return false;
  return true;
}

bool
te_fe_while (Frontend *self, PyObject *node)
{
  const TeJitRange *range = te_fe_range (self, node);
  if (PyList_GET_SIZE (te_fe_field (node, "orelse")))
    return te_fe_frontend_error (self, "NotSupportedError", te_fe_word_range (self, node, 5),
                                 "else branches of while loops aren't supported");
  TeJitNode *loop = te_jit_node_new (self->graph, "prim::Loop");
  loop->range = range;
  te_jit_node_add_input (loop, te_fe_int (self, INT64_MAX, range));
  te_jit_node_insert (loop);
  TeJitBlock *body = te_jit_node_add_block (loop), *condition = te_jit_node_add_block (loop);
  TeJitNode *point = self->graph->point;
  self->graph->point = condition->ret;
  TeJitVar *go = te_fe_condition (self, te_fe_field (node, "test"));
  if (!go)
    return false;
  te_jit_block_add_output (condition, go);
  te_jit_block_add_input (body, te_jit_type_simple (TE_JIT_INT));
  self->graph->point = body->ret;
  Scope scope;
  te_fe_scope_push (self, &scope, true);
  bool ok = te_fe_refine (self, te_fe_field (node, "test"), true)
            && te_fe_statements (self, te_fe_field (node, "body"));
  te_fe_scope_pop (self);
  self->graph->point = point;
  merge_loop (self, &scope);
  return ok;
}

/* ---- comprehensions ---- */
typedef struct
{
  TeJitVar *made; /* list or dict */
  PyObject *generator, *key, *element;
  const TeJitRange *range;
} Comprehension;

static bool
comprehension_body (Frontend *self, Sugar item, void *raw)
{
  Comprehension *data = raw;
  if (!te_fe_assign (self, te_fe_field (data->generator, "target"), item, data->range))
    return false;
  TeJitVar *key = data->key ? te_fe_value (self, data->key, NULL) : NULL;
  TeJitVar *value = !data->key || key ? te_fe_value (self, data->element, NULL) : NULL;
  if (!value)
    return false;
  const TeJitType *type = te_jit_type_plain (value->type);
  data->made->type = key ? te_jit_type_dict (key->type, type) : te_jit_type_list (type);
  if (key)
    return te_fe_op (self, data->range, "aten::_set_item", 3, (TeJitVar *[]){ data->made, key, value })
           != NULL;
  return te_fe_op (self, data->range, "aten::append", 2, (TeJitVar *[]){ data->made, value }) != NULL;
}

bool
te_fe_comprehend (Frontend *self,
                  TeJitVar *made,
                  PyObject *generator,
                  PyObject *key,
                  PyObject *element,
                  const TeJitRange *range)
{
  Comprehension data = { made, generator, key, element, range };
  Sugar iterable = te_fe_expr (self, te_fe_field (generator, "iter"), NULL), parts;
  if (!iterable.kind)
    return false;
  if (!unrolled (self, iterable, &parts, range))
    return !PyErr_Occurred () && counted_loop (self, iterable, range, comprehension_body, &data);
  for (int i = 0; i < parts.n; i++)
    if (!comprehension_body (self, parts.items[i], &data))
      return false;
  return true;
}

static bool
append_item (Frontend *self, Sugar item, void *raw)
{
  TeJitVar *list = raw, *value = te_fe_as_var (self, item, NULL);
  if (!value)
    return false;
  list->type = te_jit_type_list (te_jit_type_plain (value->type));
  return te_fe_op (self, NULL, "aten::append", 2, (TeJitVar *[]){ list, value }) != NULL;
}

TeJitVar *
te_fe_collect (Frontend *self, Sugar iterable, const TeJitRange *range)
{
  TeJitVar *list = te_fe_list (self, NULL, 0, te_jit_type_simple (TE_JIT_INT));
  return counted_loop (self, iterable, range, append_item, list) ? list : NULL;
}
