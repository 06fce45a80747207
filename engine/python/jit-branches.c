/* if, and what variables are after it. */
#include "python/jit-frontend.h"

#include <stdlib.h>

static bool
emit_branch (
    Frontend *self, TeJitNode *node, Scope *scope, PyObject *condition, bool truth, PyObject *statements)
{
  TeJitNode *point = self->graph->point;
  self->graph->point = te_jit_node_add_block (node)->ret;
  te_fe_scope_push (self, scope, false);
  bool ok = (!condition || te_fe_refine (self, condition, truth)) && te_fe_statements (self, statements);
  te_fe_scope_pop (self);
  self->graph->point = point;
  return ok;
}

static Local *
local_in (Scope *scope, const char *name)
{
  for (int i = 0; i < scope->n; i++)
    if (scope->locals[i].name == name)
      return &scope->locals[i];
  return NULL;
}

/* A name after an If: from the two branches, of which one may not come here. */
static bool
merge_name (Frontend *self, const char *name, Scope *yes, Scope *no, const TeJitRange *range)
{
  Local *in_yes = local_in (yes, name), *in_no = local_in (no, name), *before = te_fe_find (self, name);
  Local *a = in_yes ? in_yes : before, *b = in_no ? in_no : before;
  if (yes->exits && no->exits)
    return true;
  if (yes->exits)
    a = b;
  if (no->exits)
    b = a;
  Local merged = { .name = name };
  if (!a || !b || a->missing || b->missing)
    {
      merged.missing = te_jit_intern_format ("%s is not defined in the %s branch", name,
                                             !b || b->missing ? "false" : "true");
      merged.missing_range = range;
    }
  else if (!a->type || !b->type)
    merged = *a;
  else
    {
      merged.type = te_jit_type_unify (a->type, b->type);
      if (!merged.type && before && before->type
          && before->type->kind == TE_JIT_UNION) /* refined in the branches */
        merged.type = before->type;
      if (!merged.type)
        {
          merged.missing = te_jit_intern_format (
              "Type mismatch: %s is set to type %s in the true branch and type %s in the false branch", name,
              te_jit_type_error_text (a->type), te_jit_type_error_text (b->type));
          merged.missing_range = range;
          if (before && !before->missing) /* else it only matters when it is used */
            return te_fe_error (self, range, "%s", merged.missing);
        }
    }
  Local *own = local_in (self->scope, name);
  if (own)
    *own = merged;
  else
    TE_JIT_PUSH (self->graph->arena, self->scope->locals, self->scope->n, self->scope->room, merged);
  return true;
}

static int
by_name (const void *a, const void *b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* A branch that never ends gives a variable no value, but one of its type. */
static void
store_nothing (Frontend *self, TeJitBlock *block, const Local *like)
{
  TeJitNode *node = te_jit_node_new (self->graph, "prim::Uninitialized");
  te_jit_node_insert_before (node, block->ret);
  TeJitVar *value = te_jit_node_add_output (node, like->type);
  TeJitNode *store = te_jit_node_new (self->graph, "prim::Store");
  store->name = like->name;
  te_jit_node_add_input (store, value);
  te_jit_node_insert_before (store, block->ret);
}

/* What the branches set is read at the ends of both, and before them. */
static void
peek_branches (Frontend *self, TeJitNode *node, Scope *yes, Scope *no)
{
  Scope *sides[2] = { yes, no };
  const char *names[128];
  int n = 0;
  for (int side = 0; side < 2; side++)
    for (int i = 0; i < sides[side]->n && n < 128; i++)
      {
        Local *local = &sides[side]->locals[i];
        te_fe_peek (self, sides[1 - side], node->blocks[1 - side]->ret, local->name);
        if (local->type && !local->missing && !(side == 1 && local_in (yes, local->name)))
          names[n++] = local->name;
      }
  qsort (names, (size_t) n, sizeof *names, by_name);
  for (int i = 0; i < n; i++)
    {
      bool elsewhere = te_fe_find (self, names[i]) || (local_in (yes, names[i]) && local_in (no, names[i]));
      const Local *read[2] = { NULL, NULL };
      for (int side = 0; side < 2 && (elsewhere || sides[0]->exits || sides[1]->exits); side++)
        if (!sides[side]->exits)
          read[side] = te_fe_peek (self, sides[side], node->blocks[side]->ret, names[i]);
      for (int side = 0; side < 2; side++)
        if (sides[side]->exits && read[1 - side])
          store_nothing (self, node->blocks[side], read[1 - side]);
      if (!(yes->exits && no->exits))
        te_fe_peek (self, self->scope, self->graph->point, names[i]);
    }
}

bool
te_fe_merge_branches (Frontend *self, TeJitNode *node, Scope *yes, Scope *no, const TeJitRange *range)
{
  peek_branches (self, node, yes, no);
  for (int i = 0; i < yes->n; i++)
    if (!merge_name (self, yes->locals[i].name, yes, no, range))
      return false;
  for (int i = 0; i < no->n; i++)
    if (!local_in (yes, no->locals[i].name) && !merge_name (self, no->locals[i].name, yes, no, range))
      return false;
  self->scope->exits = yes->exits && no->exits;
  return true;
}

bool
te_fe_if (Frontend *self, PyObject *node)
{
  const TeJitRange *range = te_fe_range (self, node);
  PyObject *test = te_fe_field (node, "test");
  int known = te_fe_static_condition (self, test);
  if (known >= 0)
    {
      te_fe_spend_condition (self, test);
      return te_fe_statements (self, te_fe_field (node, known ? "body" : "orelse"));
    }
  TeJitVar *condition = te_fe_condition (self, test);
  if (!condition)
    return false;
  TeJitNode *branches = te_jit_node_new (self->graph, "prim::If");
  branches->range = range;
  te_jit_node_add_input (branches, condition);
  te_jit_node_insert (branches);
  Scope yes, no;
  if (!emit_branch (self, branches, &yes, test, true, te_fe_field (node, "body"))
      || !emit_branch (self, branches, &no, test, false, te_fe_field (node, "orelse")))
    return false;
  return te_fe_merge_branches (self, branches, &yes, &no, range);
}
