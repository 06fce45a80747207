/* Which overload a call means: arguments to parameters, conversions, types of results. */
#include "python/jit-frontend.h"

#include <string.h>

#define MAX_VARS 8

/* What the schema's type variables stand for in one call. */
typedef struct
{
  const char *names[MAX_VARS];
  const TeJitType *types[MAX_VARS];
  int n;
} Bindings;

static bool
bind (Bindings *self, const TeJitType *formal, const TeJitType *actual)
{
  if (formal->kind == TE_JIT_VAR)
    {
      for (int i = 0; i < self->n; i++)
        if (self->names[i] == formal->name)
          {
            const TeJitType *both = te_jit_type_unify (self->types[i], actual);
            if (!both || (self->types[i]->kind != both->kind && !te_jit_type_is (actual, self->types[i])))
              return false;
            return true;
          }
      if (self->n == MAX_VARS)
        return false;
      self->names[self->n] = formal->name;
      self->types[self->n++] = actual;
      return true;
    }
  if (formal->kind == TE_JIT_OPTIONAL)
    return actual->kind == TE_JIT_NONE
           || bind (self, formal->items[0], actual->kind == TE_JIT_OPTIONAL ? actual->items[0] : actual);
  if (!formal->n || formal->kind != actual->kind)
    return te_jit_type_is (actual, formal);
  if (formal->n != actual->n)
    return false;
  for (int i = 0; i < formal->n; i++)
    if (!bind (self, formal->items[i], actual->items[i]))
      return false;
  return true;
}

static bool
has_vars (const TeJitType *type)
{
  for (int i = 0; i < type->n; i++)
    if (has_vars (type->items[i]))
      return true;
  return type->kind == TE_JIT_VAR;
}

static const TeJitType *
bound (const Bindings *self, const TeJitType *type)
{
  const TeJitType *items[8];
  if (type->kind == TE_JIT_VAR)
    {
      for (int i = 0; i < self->n; i++)
        if (self->names[i] == type->name)
          return self->types[i];
      return type;
    }
  if (!type->n || !has_vars (type) || type->n > 8)
    return type;
  for (int i = 0; i < type->n; i++)
    items[i] = bound (self, type->items[i]);
  return type->kind == TE_JIT_LIST       ? te_jit_type_list (items[0])
         : type->kind == TE_JIT_OPTIONAL ? te_jit_type_optional (items[0])
         : type->kind == TE_JIT_DICT     ? te_jit_type_dict (items[0], items[1])
                                         : te_jit_type_tuple (type->n, items, type->name, type->fields);
}

/* ---- one argument ---- */
TeJitVar *
te_fe_implicit_number (Frontend *self, TeJitVar *value, const TeJitType *type, const TeJitRange *range)
{
  const char *kind = type->kind == TE_JIT_INT      ? "aten::IntImplicit"
                     : type->kind == TE_JIT_FLOAT  ? "aten::FloatImplicit"
                     : type->kind == TE_JIT_NUMBER ? "aten::ScalarImplicit"
                                                   : NULL;
  return kind ? te_fe_emit (self, range, kind, type, 1, &value) : NULL;
}

static TeJitVar *
tuple_as_list (Frontend *self, TeJitVar *value, const TeJitType *type)
{
  int n;
  for (int i = 0; i < value->type->n; i++)
    if (!te_jit_type_is (value->type->items[i], type->items[0]) && !has_vars (type))
      return NULL;
  TeJitVar **items = te_fe_unpack (self, value, &n);
  return te_fe_list (self, items, n, has_vars (type) && n ? value->type->items[0] : type->items[0]);
}

TeJitVar *
te_fe_convert (Frontend *self,
               TeJitVar *value,
               const TeJitType *type,
               int list_size,
               bool implicit,
               const TeJitRange *range)
{
  const TeJitType *plain = type->kind == TE_JIT_OPTIONAL ? type->items[0] : type;
  if (te_jit_type_is (value->type, type))
    return value;
  for (int i = 0; plain->kind == TE_JIT_UNION && i < plain->n; i++)
    {
      TeJitVar *fitted = te_fe_convert (self, value, plain->items[i], 0, false, range);
      if (fitted)
        return fitted;
    }
  if (plain->kind == TE_JIT_LIST && list_size && te_jit_type_is (value->type, plain->items[0]))
    {
      TeJitVar *items[8];
      for (int i = 0; i < list_size && i < 8; i++)
        items[i] = value;
      return te_fe_list (self, items, list_size, plain->items[0]);
    }
  if (plain->kind == TE_JIT_LIST && value->type->kind == TE_JIT_TUPLE)
    return tuple_as_list (self, value, plain);
  if (plain->kind == TE_JIT_LIST && value->type->kind == TE_JIT_LIST && !value->node->n_inputs
      && te_jit_node_is (value->node, "prim::ListConstruct") && !value->n_uses) /* [] fits every list */
    {
      value->type = plain;
      return value;
    }
  if (plain->kind == TE_JIT_LIST && plain->items[0]->kind == TE_JIT_OPTIONAL
      && value->type->kind == TE_JIT_LIST && te_jit_type_is (value->type->items[0], plain->items[0]))
    return value;
  if (plain->kind == TE_JIT_DEVICE && value->type->kind == TE_JIT_STR)
    return te_fe_emit (self, range, "aten::device", plain, 1, &value);
  if (implicit && value->type->kind == TE_JIT_TENSOR)
    return te_fe_implicit_number (self, value, plain, range);
  if (implicit && plain->kind == TE_JIT_FLOAT && value->type->kind == TE_JIT_NUMBER)
    return te_fe_emit (self, range, "aten::Float", plain, 1, &value);
  if (implicit && plain->kind == TE_JIT_INT && value->type->kind == TE_JIT_NUMBER)
    return te_fe_emit (self, range, "aten::Int", plain, 1, &value);
  return NULL;
}

static TeJitVar *
find_keyword (const Arguments *arguments, const char *name, bool *used)
{
  for (int i = 0; i < arguments->n_keywords; i++)
    if (strcmp (arguments->names[i], name) == 0
        || (strcmp (name, "self") == 0 && strcmp (arguments->names[i], "input") == 0)
        || (strcmp (name, "dim") == 0 && strcmp (arguments->names[i], "axis") == 0))
      {
        used[i] = true;
        return arguments->keywords[i];
      }
  return NULL;
}

/* Numbers after the last list argument are its items: x.view (2, 3). */
static bool
takes_the_rest (const TeJitSchema *schema, int i)
{
  const TeJitArg *arg = &schema->args[i];
  return arg->type->kind == TE_JIT_LIST && !arg->list_size && arg->type->items[0]->kind != TE_JIT_VAR
         && (i + 1 == schema->n_args || schema->args[i + 1].keyword_only);
}

typedef struct
{
  TeJitVar *inputs[TE_OP_MAX_ARGS + 8];
  Bindings bindings;
  TeJitText *why; /* of the mismatch, or NULL */
} Match;

static bool
mismatch (Match *match, const TeJitArg *arg, const TeJitType *type)
{
  if (!match->why)
    return false;
  if (arg->type->kind == TE_JIT_VAR && bound (&match->bindings, arg->type) != arg->type)
    te_jit_text_format (match->why,
                        "Could not match type %s to %s in argument '%s': Type variable '%s' previously matched to "
                        "type %s is matched to type %s.\n",
                        te_jit_type_error_text (type), arg->type->annotation, arg->name, arg->type->annotation,
                        te_jit_type_error_text (bound (&match->bindings, arg->type)), te_jit_type_error_text (type));
  else if (has_vars (arg->type))
    te_jit_text_format (match->why,
                        "Could not match type %s to %s in argument '%s': Cannot match %s to %s.\n",
                        te_jit_type_error_text (type), arg->type->annotation, arg->name,
                        arg->type->annotation, te_jit_type_error_text (type));
  else
    te_jit_text_format (match->why,
                        "Expected a value of type '%s' for argument '%s' but instead found type '%s'.\n",
                        arg->type->annotation, arg->name, te_jit_type_error_text (type));
  if (type->inferred && !has_vars (arg->type))
    te_jit_text_format (match->why,
                        "  Inferred the value for argument '%s' to be of type 'Tensor' because it was not "
                        "annotated with an explicit type.\n",
                        arg->name);
  return false;
}

static bool
match_argument (Frontend *self,
                const TeJitArg *arg,
                TeJitVar *value,
                int at,
                bool implicit,
                const TeJitRange *range,
                Match *match)
{
  if (has_vars (arg->type))
    {
      const TeJitType *plain = arg->type->kind == TE_JIT_OPTIONAL ? arg->type->items[0] : arg->type;
      if (plain->kind == TE_JIT_LIST && value->type->kind == TE_JIT_TUPLE)
        value = tuple_as_list (self, value, plain);
      if (!value || !bind (&match->bindings, arg->type, value->type))
        return mismatch (match, arg, value ? value->type : te_jit_type_simple (TE_JIT_ANY));
      match->inputs[at] = value;
      return true;
    }
  TeJitVar *fitted = te_fe_convert (self, value, arg->type, arg->list_size, implicit, range);
  match->inputs[at] = fitted;
  return fitted ? true : mismatch (match, arg, value->type);
}

/* What nobody wrote has no place in the source. */
static TeJitVar *
default_value (Frontend *self, const TeJitArg *arg)
{
  TeJitAny value = arg->default_value;
  if (value.tag != TE_JIT_V_LIST)
    {
      const TeJitType *plain = arg->type->kind == TE_JIT_OPTIONAL ? arg->type->items[0] : arg->type;
      if (plain->kind == TE_JIT_FLOAT && value.tag == TE_JIT_V_INT)
        value = te_jit_float ((double) value.i);
      return te_fe_constant (self, te_jit_ref (value), NULL);
    }
  TeJitVar *list = te_fe_constant (self, te_jit_ref (value), NULL);
  list->type = arg->type->kind == TE_JIT_OPTIONAL ? arg->type->items[0] : arg->type;
  return list;
}

/* torch.zeros (2, 3): PyTorch tries forms that name their dimensions first, with lists of their own. */
static int
lists_before (const TeJitSchema *schema)
{
  static const struct
  {
    const char *name;
    int n;
  } forms[] = { { "aten::zeros", 1 }, { "aten::ones", 1 }, { "aten::empty", 1 }, { "aten::rand", 2 } };
  for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
    if (strncmp (schema->text, forms[i].name, strlen (forms[i].name)) == 0
        && strchr (".(", schema->text[strlen (forms[i].name)]))
      return forms[i].n;
  return 0;
}

/* Tries one overload; what it emitted on the way stays unused when it does not fit. */
static bool
match_schema (Frontend *self,
              const TeJitSchema *schema,
              Arguments *arguments,
              bool implicit,
              const TeJitRange *range,
              Match *match)
{
  bool used[16] = { false };
  int at = 0;
  if (schema->n_args > TE_OP_MAX_ARGS)
    return false;
  for (int i = 0; i < schema->n_args; i++)
    {
      const TeJitArg *arg = &schema->args[i];
      TeJitVar *value = NULL;
      if (at < arguments->n && !arg->keyword_only)
        {
          if (takes_the_rest (schema, i) && arguments->args[at]->type->kind != TE_JIT_LIST
              && arguments->args[at]->type->kind != TE_JIT_TUPLE)
            {
              int n = arguments->n - at;
              for (int k = at; k < arguments->n; k++)
                if (!te_jit_type_is (arguments->args[k]->type, arg->type->items[0])
                    && !(implicit && arguments->args[k]->type->kind == TE_JIT_TENSOR))
                  return mismatch (match, arg, arguments->args[k]->type);
              for (int k = at; k < arguments->n; k++)
                arguments->args[k] =
                    te_fe_convert (self, arguments->args[k], arg->type->items[0], 0, implicit, range);
              self->graph->next_number += lists_before (schema);
              match->inputs[i] = te_fe_list (self, arguments->args + at, n, arg->type->items[0]);
              at = arguments->n;
              continue;
            }
          value = arguments->args[at++];
        }
      else
        value = find_keyword (arguments, arg->name, used);
      if (!value && !arg->has_default)
        {
          if (match->why)
            te_jit_text_format (match->why, "Argument %s not provided.\n", arg->name);
          return false;
        }
      if (!value)
        match->inputs[i] = NULL;
      else if (!match_argument (self, arg, value, i, implicit, range, match))
        return false;
    }
  if (at < arguments->n)
    {
      if (match->why)
        te_jit_text_format (match->why, "Expected at most %d arguments but found %d positional arguments.\n",
                            schema->n_args, arguments->n);
      return false;
    }
  for (int i = 0; i < arguments->n_keywords; i++)
    if (!used[i])
      {
        if (match->why)
          te_jit_text_format (match->why, "Keyword argument %s unknown.\n", arguments->names[i]);
        return false;
      }
  for (int i = 0; i < schema->n_args; i++)
    if (!match->inputs[i])
      match->inputs[i] = default_value (self, &schema->args[i]);
  return true;
}

/* ---- results ---- */
static Sugar
pack (Frontend *self, TeJitNode *node, const TeJitSchema *schema)
{
  if (node->n_outputs == 1)
    return (Sugar){ .kind = SUGAR_VAR, .var = node->outputs[0] };
  if (!node->n_outputs)
    return (Sugar){ .kind = SUGAR_VAR, .var = te_fe_constant (self, te_jit_none (), NULL) };
  const TeJitType *types[8];
  for (int i = 0; i < node->n_outputs && i < 8; i++)
    types[i] = node->outputs[i]->type;
  const TeJitType *type = te_jit_type_tuple (node->n_outputs, types, NULL, schema->return_names);
  return (Sugar){ .kind = SUGAR_VAR,
                  .var =
                      te_fe_emit (self, NULL, "prim::TupleConstruct", type, node->n_outputs, node->outputs) };
}

static Sugar
emit_match (
    Frontend *self, const char *kind, const TeJitSchema *schema, Match *match, const TeJitRange *range)
{
  TeJitNode *node = te_jit_node_new (self->graph, kind);
  node->range = range;
  node->schema = schema;
  for (int i = 0; i < schema->n_args; i++)
    te_jit_node_add_input (node, match->inputs[i]);
  te_jit_node_insert (node);
  for (int i = 0; i < schema->n_returns; i++)
    te_jit_node_add_output (node, bound (&match->bindings, schema->returns[i]));
  return pack (self, node, schema);
}

static Sugar
no_overload (Frontend *self, const char *kind, Arguments *arguments, const TeJitRange *range)
{
  int n;
  const TeJitSchema *const *schemas = te_jit_schemas_find (kind, &n);
  TeJitText text = { 0 }, why = { 0 };
  bool alone = n == 1 && schemas[0]->n_args && schemas[0]->args[0].type->kind == TE_JIT_LIST
               && has_vars (schemas[0]->args[0].type); /* a list's method; operators have forms that we lack */
  if (!alone)
    te_jit_text_add (&text, "Arguments for call are not valid.\nThe following variants are available:\n");
  for (int i = 0; i < n; i++)
    {
      Match match = { .why = &why };
      match_schema (self, schemas[i], arguments, true, range, &match);
      const char *form = alone ? "\n%s:\n%s" : "  \n  %s:\n  %s";
      te_jit_text_format (&text, form, schemas[i]->text, te_jit_text_get (&why));
      te_jit_text_clear (&why);
    }
  if (!alone)
    te_jit_text_add (&text, "\nThe original call is");
  te_fe_error (self, range, "%s", te_jit_text_get (&text));
  te_jit_text_clear (&text);
  return NO_SUGAR;
}

static bool
any_tensor (const Arguments *arguments)
{
  for (int i = 0; i < arguments->n; i++)
    if (arguments->args[i]->type->kind == TE_JIT_TENSOR)
      return true;
  return false;
}

/* number op tensor: PyTorch has these as compositions. */
static bool
swap_number (const char *kind, Arguments *arguments)
{
  static const char *const commutes[][2] = { { "aten::add", "aten::add" }, { "aten::mul", "aten::mul" },
                                             { "aten::eq", "aten::eq" },   { "aten::ne", "aten::ne" },
                                             { "aten::lt", "aten::gt" },   { "aten::gt", "aten::lt" },
                                             { "aten::le", "aten::ge" },   { "aten::ge", "aten::le" } };
  for (size_t i = 0; i < sizeof commutes / sizeof *commutes; i++)
    if (strcmp (commutes[i][0], kind) == 0)
      {
        TeJitVar *first = arguments->args[0];
        arguments->args[0] = arguments->args[1];
        arguments->args[1] = first;
        return true;
      }
  return false;
}

static const char *
swapped_kind (const char *kind)
{
  return strcmp (kind, "aten::lt") == 0   ? "aten::gt"
         : strcmp (kind, "aten::gt") == 0 ? "aten::lt"
         : strcmp (kind, "aten::le") == 0 ? "aten::ge"
         : strcmp (kind, "aten::ge") == 0 ? "aten::le"
                                          : kind;
}

/* Where PyTorch's text of these compositions has them. */
static const TeJitRange *
library_range (const char *kind)
{
  static const struct
  {
    const char *kind;
    TeJitRange range;
  } places[] = { { "aten::mul", { .file = "<string>", .line = 3, .column = 9 } },
                 { "aten::add", { .file = "<string>", .line = 5, .column = 9 } },
                 { "aten::sub", { .file = "<string>", .line = 11, .column = 9 } },
                 { "aten::div", { .file = "<string>", .line = 13, .column = 9 } },
                 { "aten::eq", { .file = "<string>", .line = 9, .column = 9 } },
                 { "aten::lt", { .file = "<string>", .line = 3, .column = 9 } } };
  for (size_t i = 0; i < sizeof places / sizeof *places; i++)
    if (strcmp (places[i].kind, kind) == 0)
      return &places[i].range;
  return &places[0].range;
}

static Sugar
number_first (Frontend *self, const char *kind, Arguments *arguments, const TeJitRange *range)
{
  const TeJitRange *library = library_range (kind);
  TeJitVar *number = arguments->args[0], *tensor = arguments->args[1];
  if (swap_number (kind, arguments))
    return te_fe_call_op (self, swapped_kind (kind), arguments, library);
  arguments->args[0] = tensor;
  if (strcmp (kind, "aten::sub") == 0)
    {
      arguments->args[0] = te_fe_op (self, library, "aten::neg", 1, &tensor);
      arguments->args[1] = number;
      return arguments->args[0] ? te_fe_call_op (self, "aten::add", arguments, library) : NO_SUGAR;
    }
  if (strcmp (kind, "aten::div") == 0)
    {
      arguments->args[0] = te_fe_op (self, library, "aten::reciprocal", 1, &tensor);
      arguments->args[1] = number;
      return arguments->args[0] ? te_fe_call_op (self, "aten::mul", arguments, library) : NO_SUGAR;
    }
  arguments->args[0] = number;
  return NO_SUGAR;
}

Sugar
te_fe_call_op (Frontend *self, const char *kind, Arguments *arguments, const TeJitRange *range)
{
  int n;
  const TeJitSchema *const *schemas = te_jit_schemas_find (kind, &n);
  for (int implicit = 0; implicit < 2; implicit++)
    {
      if (implicit && arguments->n == 2 && !arguments->n_keywords
          && te_jit_type_is_number (arguments->args[0]->type)
          && arguments->args[1]->type->kind == TE_JIT_TENSOR)
        {
          Sugar result = number_first (self, kind, arguments, range);
          if (result.kind || PyErr_Occurred ())
            return result;
        }
      for (int i = 0; i < n; i++)
        {
          Match match = { .why = NULL };
          Arguments own = *arguments;
          if (implicit && !schemas[i]->op && any_tensor (arguments) && strncmp (kind, "aten::__", 8) != 0
              && n > 1 && schemas[i]->n_returns == 1 && schemas[i]->returns[0]->kind != TE_JIT_LIST
              && i + 1 < n && schemas[i]->args[0].type->kind == TE_JIT_TENSOR)
            continue;
          if (match_schema (self, schemas[i], &own, implicit, range, &match))
            return emit_match (self, kind, schemas[i], &match, range);
          if (PyErr_Occurred ())
            return NO_SUGAR;
        }
    }
  if (!n)
    {
      te_fe_error (self, range,
                   "Unknown builtin op: %s.\nHere are some suggestions: \n\nThe original call is", kind);
      return NO_SUGAR;
    }
  return no_overload (self, kind, arguments, range);
}

TeJitVar *
te_fe_op (Frontend *self, const TeJitRange *range, const char *kind, int n, TeJitVar *const *in)
{
  Arguments arguments = { .n = n };
  if (n)
    memcpy (arguments.args, in, (size_t) n * sizeof *in);
  return te_fe_call_op (self, kind, &arguments, range).var;
}

/* ---- compiled functions ---- */
static TeJitVar *
bad_call (Frontend *self, TeJitFunction *function, const char *why, const TeJitRange *range)
{
  return te_fe_error (self, range, "\n%s:\n%s\n", te_jit_function_declaration (function),
                      why);
}

/* What stands in place of a function that is marked as unused. */
static TeJitVar *
call_unused (Frontend *self, const TeJitFunction *function, const TeJitRange *range)
{
  static const char words[] = "This Python function is annotated to be ignored and cannot be run";
  TeJitVar *in[] = { te_fe_constant (self, te_jit_str (words, sizeof words - 1), range),
                     te_fe_constant (self, te_jit_none (), NULL) };
  te_fe_emit (self, range, "prim::RaiseException", NULL, 2, in);
  return te_fe_emit (self, range, "prim::Uninitialized", te_jit_type_plain (function->returns), 0, NULL);
}

/* The default of a parameter; one number for all items of int[2] is written out at each call. */
static TeJitVar *
left_out (Frontend *self, const TeJitParam *param)
{
  TeJitAny value = param->default_value;
  bool same = param->list_size > 0 && value.tag == TE_JIT_V_LIST;
  for (int i = 1; same && i < value.data->n; i++)
    same = te_jit_equal (value.data->items[i], value.data->items[0]);
  if (!same)
    return te_fe_constant (self, te_jit_ref (value), NULL);
  TeJitVar *items[16], *item = te_fe_constant (self, te_jit_ref (value.data->items[0]), NULL);
  for (int i = 0; i < value.data->n && i < 16; i++)
    items[i] = item;
  return te_fe_list (self, items, value.data->n, item->type);
}

TeJitVar *
te_fe_call_function (
    Frontend *self, TeJitFunction *function, TeJitVar *object, Arguments *arguments, const TeJitRange *range)
{
  bool used[16] = { false };
  int first = object ? 1 : 0, at = 0;
  TeJitVar **inputs = te_jit_alloc (self->graph->arena, (size_t) (function->n_params + 1) * sizeof *inputs);
  if (function->unused)
    return call_unused (self, function, range);
  if (object)
    inputs[0] = object;
  for (int i = first; i < function->n_params; i++)
    {
      const TeJitParam *param = &function->params[i];
      TeJitVar *value =
          at < arguments->n ? arguments->args[at++] : find_keyword (arguments, param->name, used);
      if (!value && !param->has_default)
        return bad_call (self, function, te_jit_intern_format ("Argument %s not provided.", param->name),
                         range);
      inputs[i] =
          value ? te_fe_convert (self, value, te_jit_type_plain (param->type), param->list_size, true, range)
                : left_out (self, param);
      if (!inputs[i])
        return bad_call (self, function,
                         te_jit_intern_format (
                             "Expected a value of type '%s' for argument '%s' but instead found type '%s'.%s",
                             te_jit_type_error_text (param->type), param->name,
                             te_jit_type_error_text (value->type),
                             param->type->inferred
                                 ? te_jit_intern_format ("\nInferred '%s' to be of type 'Tensor' because it "
                                                         "was not annotated with an explicit type.",
                                                         param->name)
                                 : ""),
                         range);
    }
  if (at < arguments->n)
    return bad_call (self, function,
                     te_jit_intern_format ("Expected at most %d arguments but found %d positional arguments.",
                                           function->n_params, arguments->n + first),
                     range);
  for (int i = 0; i < arguments->n_keywords; i++)
    if (!used[i])
      return bad_call (self, function,
                       te_jit_intern_format ("Keyword argument %s unknown.", arguments->names[i]), range);
  TeJitNode *node = te_jit_node_new (self->graph, object ? "prim::CallMethod" : "prim::CallFunction");
  node->range = range;
  if (object)
    node->name = function->name;
  else
    {
      TeJitAny callee = { TE_JIT_V_FUNCTION, { .function = function } };
      TeJitVar *name = te_fe_constant (self, callee, NULL);
      name->node->name = function->name;
      te_jit_node_add_input (node, name);
    }
  for (int i = 0; i < function->n_params; i++)
    te_jit_node_add_input (node, inputs[i]);
  te_jit_node_insert (node);
  return te_jit_node_add_output (node, te_jit_type_plain (function->returns));
}
