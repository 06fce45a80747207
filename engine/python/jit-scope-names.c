/* Local variables: which name stands for what in which block. */
#include "python/jit-frontend.h"

#include <string.h>

void
te_fe_scope_push (Frontend *self, Scope *scope, bool loop)
{
  *scope = (Scope){ .outer = self->scope, .loop = loop };
  self->scope = scope;
}

void
te_fe_scope_pop (Frontend *self)
{
  self->scope = self->scope->outer;
}

static Local *
find_in (const Scope *scope, const char *name)
{
  for (int i = 0; i < scope->n; i++)
    if (scope->locals[i].name == name)
      return &scope->locals[i];
  return NULL;
}

Local *
te_fe_find (Frontend *self, const char *name)
{
  name = te_jit_intern (name);
  for (Scope *scope = self->scope; scope; scope = scope->outer)
    {
      Local *local = find_in (scope, name);
      if (local)
        return local;
    }
  return NULL;
}

static TeJitVar *
load_at (Frontend *self, TeJitNode *place, const Local *local)
{
  TeJitNode *node = te_jit_node_new (self->graph, "prim::Load");
  node->name = local->name;
  te_jit_node_insert_before (node, place);
  TeJitVar *value = te_jit_node_add_output (node, local->type);
  te_jit_var_set_name (value, local->name);
  return value;
}

static const Local *
variable_from (const Scope *scope, const char *name)
{
  for (; scope; scope = scope->outer)
    {
      const Local *local = find_in (scope, name);
      if (local && !local->missing)
        return local->type ? local : NULL;
    }
  return NULL;
}

/* PyTorch's compiler reads a variable to learn its type: nothing needs that value, but it takes a number. */
const Local *
te_fe_peek (Frontend *self, const Scope *scope, TeJitNode *place, const char *name)
{
  const Local *local = variable_from (scope, name);
  if (local)
    load_at (self, place, local);
  return local;
}

static Local *
own_local (Frontend *self, const char *name)
{
  Local *local = find_in (self->scope, name);
  if (local)
    return local;
  TE_JIT_PUSH (self->graph->arena, self->scope->locals, self->scope->n, self->scope->room,
               ((Local){ .name = name }));
  return &self->scope->locals[self->scope->n - 1];
}

/* Does a value of that type tell more than the type does? */
static bool
is_open (const TeJitType *type)
{
  return type->kind == TE_JIT_OPTIONAL || type->kind == TE_JIT_UNION || type->kind == TE_JIT_ANY;
}

bool
te_fe_set (Frontend *self, const char *name, Sugar value, const TeJitRange *range)
{
  name = te_jit_intern (name);
  Local *outer = te_fe_find (self, name);
  bool inner = outer && !outer->missing && !find_in (self->scope, name);
  if (value.kind == SUGAR_TUPLE || value.kind == SUGAR_MODULE || value.kind == SUGAR_VAR)
    {
      if (value.kind == SUGAR_TUPLE && !te_fe_as_var (self, value, range))
        PyErr_Clear ();
    }
  if (value.kind != SUGAR_VAR)
    {
      *own_local (self, name) = (Local){ .name = name, .sugar = value };
      return true;
    }
  const TeJitType *type = value.var->type;
  bool numbered = name[0] == '_' && strspn (name + 1, "0123456789") == strlen (name + 1);
  bool nameless = value.var->node->scope && !te_jit_node_is (value.var->node, "prim::Constant"); /* [] */
  if (!value.var->name && !numbered && !nameless && value.var->node->block == self->graph->point->block)
    te_jit_var_set_name (value.var, name);
  te_fe_peek (self, self->scope->outer, self->graph->point, name);
  if (inner && outer->type && !te_jit_type_is (te_jit_type_plain (type), te_jit_type_plain (outer->type)))
    return te_fe_error (
        self, range, "Variable '%s' previously had type %s but is now being assigned to a value of type %s",
        name, te_jit_type_error_text (outer->type), te_jit_type_error_text (type));
  TeJitNode *store = te_jit_node_new (self->graph, "prim::Store");
  store->name = name;
  store->range = NULL;
  te_jit_node_add_input (store, value.var);
  te_jit_node_insert (store);
  const TeJitType *kept = inner && outer->type ? te_jit_type_plain (outer->type) : type;
  *own_local (self, name) = (Local){ .name = name, .type = is_open (kept) ? type : kept };
  return true;
}

Sugar
te_fe_name (Frontend *self, const char *name, const TeJitRange *range)
{
  Local *local = te_fe_find (self, name);
  if (local && local->missing && !local->missing_range)
    {
      te_fe_error (self, range, "undefined value %s", name);
      return NO_SUGAR;
    }
  if (local && local->missing)
    {
      TeJitText text = { 0 }, used = { 0 };
      te_jit_range_text (&text, local->missing_range);
      te_jit_range_text (&used, range);
      PyErr_Format (PyExc_RuntimeError, "\n\n%s:\n%sand was used here:\n%s", local->missing,
                    te_jit_text_get (&text), te_jit_text_get (&used));
      te_jit_text_clear (&text);
      te_jit_text_clear (&used);
      return NO_SUGAR;
    }
  if (local)
    return local->type ? (Sugar){ .kind = SUGAR_VAR, .var = load_at (self, self->graph->point, local) }
                       : local->sugar;
  bool own = self->file && !self->function->class && strcmp (self->function->name, name) == 0;
  if (own)
    {
      te_fe_error (self, range, " function '%s' is called recursively. Recursive calls are not supported",
                   name);
      return NO_SUGAR;
    }
  PyObject *object = PyObject_CallFunction (self->lookup, "s", name);
  if (!object)
    {
      if (PyErr_ExceptionMatches (PyExc_KeyError))
        {
          PyErr_Clear ();
          te_fe_error (self, range, "undefined value %s", name);
        }
      return NO_SUGAR;
    }
  PyList_Append (self->keep, object);
  Py_DECREF (object);
  Sugar value = te_fe_of_python (self, object, range);
  value.global = self->file != NULL; /* code of archives names constants */
  return value;
}
