/* Printing nodes as statements.  A value that is used once, right where the next expression begins, becomes
 * part of that expression; what would make a line long, what has a name, and what has blocks becomes an
 * assignment.  Because archives hold this text, its exact form is PyTorch's. */
#include "jit/code-text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "jit/number-text.h"
#include "jit/schema.h"

#define LONG_LINE 40

typedef struct
{
  const char *name; /* interned */
  int next;
} NameCount;

typedef struct
{
  TeJitText *out;
  TeJitArena *arena;
  const TeJitGraph *graph;
  const char **idents; /* by value number */
  const char **exprs;
  bool *inlined;    /* by number of a node's first output */
  int *split_until; /* by number of a node's first output; -1: not looked at */
  int return_split;
  const char **used;
  int n_used, used_room;
  NameCount *counts;
  int n_counts, counts_room;
  int level;
  TeJitConstants *constants;
} Printer;

/* ---- names ---- */
bool
te_jit_is_identifier (const char *name)
{
  if (!*name || isdigit ((unsigned char) *name))
    return false;
  for (; *name; name++)
    if (!isalnum ((unsigned char) *name) && *name != '_')
      return false;
  return true;
}

static bool
is_reserved (const char *name)
{
  static const char *const words[] = { "False",
                                       "None",
                                       "True",
                                       "and",
                                       "as",
                                       "assert",
                                       "async",
                                       "await",
                                       "break",
                                       "class",
                                       "continue",
                                       "def",
                                       "del",
                                       "elif",
                                       "else",
                                       "except",
                                       "finally",
                                       "for",
                                       "from",
                                       "global",
                                       "if",
                                       "import",
                                       "in",
                                       "is",
                                       "lambda",
                                       "nonlocal",
                                       "not",
                                       "or",
                                       "pass",
                                       "raise",
                                       "return",
                                       "try",
                                       "while",
                                       "with",
                                       "yield",
                                       "uninitialized",
                                       "unchecked_cast",
                                       "aten",
                                       "attribute",
                                       "CONSTANTS",
                                       "fork",
                                       "getattr",
                                       "inf",
                                       "nan",
                                       "infj",
                                       "nanj",
                                       "ops",
                                       "__torch__",
                                       "_" };
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strcmp (words[i], name) == 0)
      return true;
  return false;
}

static bool
is_used (const Printer *p, const char *name)
{
  for (int i = 0; i < p->n_used; i++)
    if (p->used[i] == name)
      return true;
  return false;
}

static int
next_count (Printer *p, const char *name)
{
  for (int i = 0; i < p->n_counts; i++)
    if (p->counts[i].name == name)
      return p->counts[i].next++;
  TE_JIT_PUSH (p->arena, p->counts, p->n_counts, p->counts_room, ((NameCount){ name, 1 }));
  return 0;
}

static const char *
free_name (Printer *p, const char *wanted)
{
  const char *name = te_jit_intern (wanted);
  while (is_used (p, name) || is_reserved (name))
    name = te_jit_intern_format ("%s%d", wanted, next_count (p, name));
  TE_JIT_PUSH (p->arena, p->used, p->n_used, p->used_room, name);
  return name;
}

static const char *
valid_identifier (const char *name)
{
  char text[256];
  size_t n = 0;
  if (isdigit ((unsigned char) *name))
    text[n++] = '_';
  for (; *name && n + 1 < sizeof text; name++)
    text[n++] = isalnum ((unsigned char) *name) || *name == '_' ? *name : '_';
  return te_jit_intern_n (text, n);
}

static void
name_value (Printer *p, const TeJitVar *value)
{
  const char *base = te_jit_var_base_name (value);
  p->idents[value->number] = free_name (p, base ? valid_identifier (base) : "_");
}

static const char *
use_of (const Printer *p, const TeJitVar *value)
{
  const char *text = p->idents[value->number] ? p->idents[value->number] : p->exprs[value->number];
  return text ? text : "?";
}

static void
indent (Printer *p)
{
  te_jit_text_spaces (p->out, p->level * 2);
}

static void
add_list (Printer *p, TeJitText *text, TeJitVar *const *values, int n, const char *open, const char *close)
{
  te_jit_text_add (text, open);
  for (int i = 0; i < n; i++)
    {
      te_jit_text_add (text, i ? ", " : "");
      te_jit_text_add (text, use_of (p, values[i]));
    }
  te_jit_text_add (text, close);
}

static void
assign (Printer *p, TeJitVar *const *left, TeJitVar *const *right, int n)
{
  if (!n)
    return;
  indent (p);
  add_list (p, p->out, left, n, "", " = ");
  add_list (p, p->out, right, n, "", "\n");
}

/* ---- which values become part of expressions ---- */
static bool
is_constant (const TeJitNode *node)
{
  return te_jit_node_is (node, "prim::Constant");
}

static bool
can_inline (const TeJitVar *value)
{
  const TeJitNode *node = value->node;
  if (node->n_outputs != 1 || value->n_uses != 1 || node->n_blocks)
    return false;
  TeJitUse use = value->uses[0];
  if (value->name && !te_jit_node_is (use.node, "prim::Return"))
    return false;
  if (te_jit_node_is (use.node, "prim::Loop") && use.index >= 2)
    return false;
  return !te_jit_node_is (node, "prim::isinstance") && !te_jit_node_is (node, "prim::Param");
}

static TeJitNode *
previous (TeJitNode *node)
{
  do
    node = node->prev;
  while (is_constant (node));
  return node;
}

static void scan_block (Printer *p, TeJitBlock *block);

static TeJitNode *
scan_node (Printer *p, TeJitNode *node)
{
  if (node->n_outputs && p->inlined[node->outputs[0]->number])
    return node;
  for (int i = 0; i < node->n_blocks; i++)
    scan_block (p, node->blocks[i]);
  TeJitNode *point = previous (node);
  for (int i = node->n_inputs; i-- > 0;)
    {
      TeJitNode *made = node->inputs[i]->node;
      if (made != point || !can_inline (node->inputs[i]))
        continue;
      point = scan_node (p, point);
      p->inlined[made->outputs[0]->number] = true;
    }
  return point;
}

static void
scan_block (Printer *p, TeJitBlock *block)
{
  scan_node (p, block->ret);
  for (TeJitNode *node = block->ret->prev; node != block->param; node = node->prev)
    scan_node (p, node);
}

static bool
is_inlined (const Printer *p, const TeJitNode *node)
{
  return node->n_outputs && p->inlined[node->outputs[0]->number];
}

/* ---- long lines ---- */
static bool
is_long (const Printer *p, const char *text)
{
  return strlen (text) + (size_t) p->level * 2 >= LONG_LINE;
}

static void
define (Printer *p, const TeJitNode *node, const char *text)
{
  for (int i = 0; i < node->n_outputs; i++)
    name_value (p, node->outputs[i]);
  indent (p);
  if (node->n_outputs)
    add_list (p, p->out, node->outputs, node->n_outputs, "", " = ");
  te_jit_text_add (p->out, text);
  te_jit_text_add (p->out, "\n");
}

static int *
split_of (Printer *p, const TeJitNode *node)
{
  return node->n_outputs ? &p->split_until[node->outputs[0]->number] : &p->return_split;
}

static void
collect_split (Printer *p, TeJitNode *user, int offset, TeJitVar ***found, int *n, int *room)
{
  int *until = split_of (p, user);
  bool present = *until >= 0;
  for (int i = offset; i >= (present ? *until + 1 : 0); i--)
    if (!is_constant (user->inputs[i]->node) && is_inlined (p, user->inputs[i]->node))
      TE_JIT_PUSH (p->arena, *found, *n, *room, user->inputs[i]);
  *until = offset;
  if (!present && is_inlined (p, user))
    collect_split (p, user->outputs[0]->uses[0].node, user->outputs[0]->uses[0].index - 1, found, n, room);
}

/* Statements for value and for what stands before it in the expressions it would be part of. */
static void
split (Printer *p, TeJitVar *value)
{
  TeJitVar **found = NULL;
  int n = 0, room = 0;
  if (te_jit_node_is (value->uses[0].node, "prim::Return"))
    p->return_split = -1; /* each block has one of its own */
  collect_split (p, value->uses[0].node, value->uses[0].index, &found, &n, &room);
  while (n-- > 0)
    if (!p->idents[found[n]->number] && p->exprs[found[n]->number])
      define (p, found[n]->node, p->exprs[found[n]->number]);
}

/* ---- constants ---- */
void
te_jit_constants_clear (TeJitConstants *constants)
{
  free (constants->tensors);
  *constants = (TeJitConstants){ 0 };
}

static int
constant_index (TeJitConstants *constants, TeTensor *tensor)
{
  for (int i = 0; i < constants->n; i++)
    if (constants->tensors[i] == tensor)
      return i;
  if (constants->n == constants->room)
    {
      constants->room = constants->room ? constants->room * 2 : 8;
      constants->tensors =
          realloc (constants->tensors, (size_t) constants->room * sizeof *constants->tensors);
      te_assert (constants->tensors);
    }
  constants->tensors[constants->n] = tensor;
  return constants->n++;
}

/* Tensors are numbered in the order in which nodes take them. */
static void
number_constants (TeJitConstants *constants, TeJitAny value)
{
  if (value.tag == TE_JIT_V_TENSOR)
    constant_index (constants, value.tensor);
  for (int i = 0; (value.tag == TE_JIT_V_LIST || value.tag == TE_JIT_V_TUPLE) && i < value.data->n; i++)
    number_constants (constants, value.data->items[i]);
}

static void
number_block (TeJitConstants *constants, TeJitBlock *block)
{
  for (TeJitNode *node = te_jit_block_first (block);; node = node->next)
    {
      for (int i = 0; i < node->n_inputs; i++)
        if (is_constant (node->inputs[i]->node))
          number_constants (constants, node->inputs[i]->node->value);
      if (node == block->ret)
        return;
      for (int i = 0; i < node->n_blocks; i++)
        number_block (constants, node->blocks[i]);
    }
}

void
te_jit_code_constant (TeJitText *text, TeJitAny value, const TeJitType *type, TeJitConstants *constants)
{
  switch (value.tag)
    {
    case TE_JIT_V_NONE:
      if (type && type->kind == TE_JIT_OPTIONAL)
        te_jit_text_format (text, "annotate(%s, None)", type->annotation);
      else
        te_jit_text_add (text, "None");
      return;
    case TE_JIT_V_TENSOR:
      te_jit_text_format (text, "CONSTANTS.c%d", constant_index (constants, value.tensor));
      return;
    case TE_JIT_V_DEVICE:
      te_jit_text_format (text, "torch.device(\"%s\")", value.i ? "meta" : "cpu");
      return;
    case TE_JIT_V_STR:
      te_jit_text_quoted (text, value.data->text, (size_t) value.data->n);
      return;
    case TE_JIT_V_FUNCTION:
      te_jit_text_add (text, value.function->qualified);
      return;
    case TE_JIT_V_LIST:
    case TE_JIT_V_TUPLE:
      te_jit_text_add (text, value.tag == TE_JIT_V_LIST ? "[" : "(");
      for (int i = 0; i < value.data->n; i++)
        {
          te_jit_text_add (text, i ? ", " : "");
          te_jit_code_constant (text, value.data->items[i], NULL, constants);
        }
      te_jit_text_add (text, value.tag == TE_JIT_V_LIST ? "]" : value.data->n == 1 ? ",)" : ")");
      return;
    case TE_JIT_V_INT:
    case TE_JIT_V_FLOAT:
    case TE_JIT_V_BOOL:
    case TE_JIT_V_DICT:
    case TE_JIT_V_OBJECT:
      te_jit_text_value (text, value);
    }
}

/* ---- expressions ---- */
static const TeJitSchema *
fitting_schema (const TeJitNode *node)
{
  if (node->schema)
    return node->schema;
  int n;
  const TeJitSchema *const *schemas = te_jit_schemas_find (node->kind, &n), *best = NULL;
  for (int i = 0; i < n; i++)
    {
      bool fits = schemas[i]->n_args == node->n_inputs;
      for (int k = 0; fits && k < node->n_inputs; k++)
        {
          const TeJitType *type = schemas[i]->args[k].type;
          fits = type->kind == TE_JIT_VAR || te_jit_type_is (node->inputs[k]->type, type)
                 || (type->kind == TE_JIT_LIST && node->inputs[k]->type->kind == TE_JIT_LIST);
        }
      if (fits)
        return schemas[i];
      best = best ? best : schemas[i]->n_args == node->n_inputs ? schemas[i] : NULL;
    }
  return best;
}

static bool
is_default (const TeJitVar *value, const TeJitArg *arg)
{
  TeJitAny constant;
  return arg->has_default && te_jit_var_constant (value, &constant) && constant.tag != TE_JIT_V_TENSOR
         && arg->default_value.tag == constant.tag && te_jit_equal (constant, arg->default_value);
}

static void
add_call (Printer *p, TeJitText *text, const TeJitNode *node)
{
  const TeJitSchema *schema = fitting_schema (node);
  const char *space = strstr (node->kind, "::");
  if (strncmp (node->kind, "aten::", 6) == 0)
    te_jit_text_format (text, "torch.%s(", space + 2);
  else
    te_jit_text_format (text, "ops.%.*s.%s(", (int) (space - node->kind), node->kind, space + 2);
  int n = node->n_inputs;
  while (schema && n > 0 && n <= schema->n_args && is_default (node->inputs[n - 1], &schema->args[n - 1]))
    n--;
  for (int i = 0; i < n; i++)
    {
      te_jit_text_add (text, i ? ", " : "");
      if (schema && i < schema->n_args && schema->args[i].keyword_only)
        te_jit_text_format (text, "%s=", schema->args[i].name);
      te_jit_text_add (text, use_of (p, node->inputs[i]));
    }
  te_jit_text_add (text, ")");
}

static void
add_member (Printer *p, TeJitText *text, const TeJitVar *object, const char *name)
{
  if (te_jit_is_identifier (name))
    te_jit_text_format (text, "%s.%s", use_of (p, object), name);
  else
    te_jit_text_format (text, "getattr(%s, \"%s\")", use_of (p, object), name);
}

static void
add_arguments (Printer *p, TeJitText *text, const TeJitNode *node, int from)
{
  te_jit_text_add (text, "(");
  for (int i = from; i < node->n_inputs; i++)
    te_jit_text_format (text, "%s, ", use_of (p, node->inputs[i]));
  te_jit_text_add (text, ")");
}

static void
add_container (Printer *p, TeJitText *text, const TeJitNode *node)
{
  const TeJitType *type = node->outputs[0]->type;
  int n = node->n_inputs;
  if (type->kind == TE_JIT_TUPLE)
    {
      if (type->name)
        te_jit_text_add (text, type->name);
      add_list (p, text, node->inputs, n, "(", n == 1 ? ",)" : ")");
      return;
    }
  bool annotated = type->kind == TE_JIT_LIST ? !n || type->items[0]->kind == TE_JIT_OPTIONAL : !n;
  if (annotated)
    te_jit_text_format (text, "annotate(%s, ", type->annotation);
  if (type->kind == TE_JIT_LIST)
    add_list (p, text, node->inputs, n, "[", "]");
  else
    {
      te_jit_text_add (text, "{");
      for (int i = 0; i < n; i += 2)
        te_jit_text_format (text, "%s%s: %s", i ? ", " : "", use_of (p, node->inputs[i]),
                            use_of (p, node->inputs[i + 1]));
      te_jit_text_add (text, "}");
    }
  if (annotated)
    te_jit_text_add (text, ")");
}

/* Conversions that are Python's own functions. */
static const char *
python_name (const TeJitNode *node)
{
  static const char *const names[][2] = { { "aten::Bool", "bool" },   { "aten::Int", "int" },
                                          { "aten::Float", "float" }, { "aten::str", "str" },
                                          { "prim::Print", "print" }, { "aten::sorted", "sorted" } };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (te_jit_node_is (node, names[i][0]))
      return names[i][1];
  return NULL;
}

static void
add_expression (Printer *p, TeJitText *text, const TeJitNode *node)
{
  const char *function = python_name (node);
  if (is_constant (node))
    te_jit_code_constant (text, node->value, node->outputs[0]->type, p->constants);
  else if (te_jit_node_is (node, "prim::Uninitialized"))
    te_jit_text_format (text, "uninitialized(%s)", node->outputs[0]->type->annotation);
  else if (te_jit_node_is (node, "prim::ListConstruct") || te_jit_node_is (node, "prim::TupleConstruct")
           || te_jit_node_is (node, "prim::DictConstruct"))
    add_container (p, text, node);
  else if (te_jit_node_is (node, "prim::TupleIndex"))
    te_jit_text_format (text, "(%s)[%s]", use_of (p, node->inputs[0]), use_of (p, node->inputs[1]));
  else if (te_jit_node_is (node, "prim::TupleSlice"))
    te_jit_text_format (text, "(%s)[%s:%s]", use_of (p, node->inputs[0]), use_of (p, node->inputs[1]),
                        use_of (p, node->inputs[2]));
  else if (te_jit_node_is (node, "prim::GetAttr"))
    add_member (p, text, node->inputs[0], node->name);
  else if (te_jit_node_is (node, "prim::CallFunction"))
    {
      te_jit_text_add (text, use_of (p, node->inputs[0]));
      add_arguments (p, text, node, 1);
    }
  else if (te_jit_node_is (node, "prim::CallMethod"))
    {
      te_jit_text_format (text, "(%s).%s", use_of (p, node->inputs[0]), node->name);
      add_arguments (p, text, node, 1);
    }
  else if (te_jit_node_is (node, "prim::unchecked_cast"))
    te_jit_text_format (text, "unchecked_cast(%s, %s)", node->outputs[0]->type->annotation,
                        use_of (p, node->inputs[0]));
  else if (te_jit_node_is (node, "prim::isinstance"))
    {
      int n = node->types->n;
      te_jit_text_format (text, "isinstance(%s, %s", use_of (p, node->inputs[0]), n > 1 ? "(" : "");
      for (int i = 0; i < n; i++)
        te_jit_text_format (text, "%s%s", i ? ", " : "", node->types->items[i]->annotation);
      te_jit_text_add (text, n > 1 ? "))" : ")");
    }
  else if (te_jit_node_is (node, "aten::IntImplicit") || te_jit_node_is (node, "aten::FloatImplicit")
           || te_jit_node_is (node, "aten::ScalarImplicit"))
    te_jit_text_format (text, "annotate(%s, %s)", node->outputs[0]->type->annotation,
                        use_of (p, node->inputs[0]));
  else if (te_jit_node_is (node, "aten::__getitem__")
           && (node->inputs[0]->type->kind == TE_JIT_LIST || node->inputs[0]->type->kind == TE_JIT_STR
               || node->inputs[0]->type->kind == TE_JIT_DICT))
    {
      const char *base = use_of (p, node->inputs[0]);
      bool name = base[strspn (base, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.")] == '\0';
      te_jit_text_format (text, name ? "%s[%s]" : "(%s)[%s]", base, use_of (p, node->inputs[1]));
    }
  else if (te_jit_node_is (node, "prim::RaiseException"))
    add_list (p, text, node->inputs, node->inputs[1]->type->kind == TE_JIT_STR ? 2 : 1,
              "ops.prim.RaiseException(", ")");
  else if (function)
    {
      te_jit_text_add (text, function);
      add_list (p, text, node->inputs, node->n_inputs, "(", ")");
    }
  else
    add_call (p, text, node);
}

/* ---- statements ---- */
static void print_block (Printer *p, TeJitBlock *block, bool more);

static void
print_if (Printer *p, const TeJitNode *node)
{
  for (int i = 0; i < node->n_outputs; i++)
    name_value (p, node->outputs[i]);
  for (int b = 0; b < 2; b++)
    {
      indent (p);
      if (b == 0)
        te_jit_text_format (p->out, "if %s:\n", use_of (p, node->inputs[0]));
      else
        te_jit_text_add (p->out, "else:\n");
      p->level++;
      print_block (p, node->blocks[b], node->n_outputs > 0);
      assign (p, node->outputs, node->blocks[b]->ret->inputs, node->n_outputs);
      p->level--;
    }
}

/* A loop over a count goes on as long as there is something to count; its body returns the constant True. */
static bool
is_for (const TeJitNode *node)
{
  TeJitAny go, again;
  return te_jit_var_constant (node->inputs[1], &go) && go.tag == TE_JIT_V_BOOL && go.b
         && te_jit_var_constant (node->blocks[0]->ret->inputs[0], &again) && again.tag == TE_JIT_V_BOOL
         && again.b;
}

static void
print_loop (Printer *p, const TeJitNode *node)
{
  TeJitBlock *body = node->blocks[0];
  TeJitVar *trip = body->param->outputs[0];
  TeJitAny most;
  bool counted = is_for (node) && !(te_jit_var_constant (node->inputs[0], &most) && most.i == INT64_MAX);
  for (int i = 0; i < node->n_outputs; i++)
    name_value (p, node->outputs[i]);
  for (int i = 0; i < node->n_outputs; i++)
    p->idents[body->param->outputs[i + 1]->number] = p->idents[node->outputs[i]->number];
  for (int i = 0; i < node->n_outputs; i++)
    assign (p, &node->outputs[i], &node->inputs[i + 2], 1);
  name_value (p, trip);
  if (!counted)
    assign (p, &trip, &node->inputs[1], 1);
  indent (p);
  if (counted)
    te_jit_text_format (p->out, "for %s in range(%s):\n", use_of (p, trip), use_of (p, node->inputs[0]));
  else
    te_jit_text_format (p->out, "while %s:\n", use_of (p, trip));
  p->level++;
  int from = counted ? 1 : 0, n = body->param->n_outputs - from;
  print_block (p, body, n > 0);
  assign (p, body->param->outputs + from, body->ret->inputs + from, n);
  p->level--;
}

static void
print_node (Printer *p, TeJitNode *node)
{
  if (te_jit_node_is (node, "prim::If"))
    print_if (p, node);
  else if (te_jit_node_is (node, "prim::Loop"))
    print_loop (p, node);
  else if (te_jit_node_is (node, "prim::TupleUnpack") || te_jit_node_is (node, "prim::ListUnpack"))
    {
      for (int i = 0; i < node->n_outputs; i++)
        name_value (p, node->outputs[i]);
      indent (p);
      for (int i = 0; i < node->n_outputs; i++)
        te_jit_text_format (p->out, "%s, ", use_of (p, node->outputs[i]));
      te_jit_text_format (p->out, "= %s\n", use_of (p, node->inputs[0]));
    }
  else if (te_jit_node_is (node, "prim::SetAttr"))
    {
      indent (p);
      add_member (p, p->out, node->inputs[0], node->name);
      te_jit_text_format (p->out, " = %s\n", use_of (p, node->inputs[1]));
    }
  else
    {
      TeJitText text = { 0 };
      add_expression (p, &text, node);
      const char *expression = te_jit_copy (p->arena, te_jit_text_get (&text), text.n);
      te_jit_text_clear (&text);
      if (is_constant (node) ? is_long (p, expression) : !is_inlined (p, node))
        {
          define (p, node, expression);
          return;
        }
      p->exprs[node->outputs[0]->number] = expression;
      if (!is_constant (node) && is_long (p, expression))
        split (p, node->outputs[0]);
    }
}

static void
print_block (Printer *p, TeJitBlock *block, bool more)
{
  if (!more && te_jit_block_first (block) == block->ret)
    {
      indent (p);
      te_jit_text_add (p->out, "pass\n");
    }
  for (TeJitNode *node = te_jit_block_first (block); node != block->ret; node = node->next)
    print_node (p, node);
}

static void
print_signature (Printer *p, const TeJitFunction *function)
{
  te_jit_text_format (p->out, "def %s(", function->name);
  for (int i = 0; i < te_jit_graph_n_inputs (p->graph); i++)
    {
      const TeJitVar *input = te_jit_graph_input (p->graph, i);
      const TeJitParam *param = &function->params[i];
      p->idents[input->number] = free_name (p, valid_identifier (param->name));
      te_jit_text_add (p->out, i ? ",\n    " : "");
      if (i == 0 && function->class)
        {
          te_jit_text_add (p->out, p->idents[input->number]);
          continue;
        }
      te_jit_text_format (p->out, "%s: %s", p->idents[input->number],
                          te_jit_type_plain (param->type)->annotation);
      if (param->has_default)
        {
          te_jit_text_add (p->out, "=");
          te_jit_code_constant (p->out, param->default_value, NULL, p->constants);
        }
    }
  te_jit_text_format (p->out, ") -> %s:\n", te_jit_type_plain (function->returns)->annotation);
}

void
te_jit_code_text (TeJitText *text, const TeJitFunction *function, TeJitConstants *constants)
{
  TeJitConstants own = { 0 };
  const TeJitGraph *graph = function->graph;
  TeJitArena *arena = te_jit_arena_new ();
  size_t n = (size_t) graph->next_number + 1;
  Printer p = {
    .out = text, .arena = arena, .graph = graph, .return_split = -1, .constants = constants ? constants : &own
  };
  p.idents = te_jit_alloc (arena, n * sizeof *p.idents);
  p.exprs = te_jit_alloc (arena, n * sizeof *p.exprs);
  p.inlined = te_jit_alloc (arena, n * sizeof *p.inlined);
  p.split_until = te_jit_alloc (arena, n * sizeof *p.split_until);
  for (size_t i = 0; i < n; i++)
    p.split_until[i] = -1;
  print_signature (&p, function);
  number_block (p.constants, graph->top);
  p.level = 1;
  scan_block (&p, graph->top);
  print_block (&p, graph->top, true);
  indent (&p);
  te_jit_text_add (text, "return ");
  add_list (&p, text, graph->top->ret->inputs, graph->top->ret->n_inputs, "", "\n");
  te_jit_arena_free (arena);
  te_jit_constants_clear (&own);
}
