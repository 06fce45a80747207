/* Joins the families, parses their schemas, and finds ops by name.  Everything is built once, at start-up,
 * and never changes afterwards. */
#include "ops/registry.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ops/complex/refusals.h"
#include "ops/low-precision.h"
#include "ops/meta-run.h"
#include "ops/out-rules.h"

/* The families come from engine/ops/meson.build: each folder adds the names of its families to
 * te_op_families. */
#define X(name) extern const TeOpFamily name;
TE_OP_FAMILIES
#undef X

static const TeOpFamily *const families[] = {
#define X(name) &name,
  TE_OP_FAMILIES
#undef X
      NULL,
};

static const char *const family_names[] = {
#define X(name) #name,
  TE_OP_FAMILIES
#undef X
      NULL,
};

/* Families all of whose kernels leave tensors without data alone. */
static bool
runs_on_meta (const char *family)
{
  static const char *const able[] = { "creation",        "ranges",       "activation",    "arithmetic",
                                      "compare",         "copy",         "power",         "ternary",
                                      "unary",           "sum",          "softmax",       "linalg_matmul",
                                      "linalg_products", "shape_views",  "shape_reshape", "shape_split",
                                      "shape_join",      "shape_repeat", "shape_flip",    "extremes",
                                      "moments",         "scan",         "random",       "fft" };
  for (size_t i = 0; i < sizeof able / sizeof able[0]; i++)
    if (strcmp (family + sizeof "te_family_" - 1, able[i]) == 0)
      return true;
  return false;
}

typedef struct
{
  const char *name;
  int start; /* in by_name */
  int count;
} NameSlot;

static TeOp *ops;
static int n_ops;
static const TeOp **by_name; /* overloads of one name side by side */
static NameSlot *slots;
static uint32_t slot_mask;

/* ---- schema ---- */
typedef struct
{
  const char *schema;
  const char *at;
  TeError *err;
} Parser;

static bool
fail (Parser *self, const char *what)
{
  return te_error_set (self->err, TE_ERR_RUNTIME, "malformed schema, %s at '%.40s': %s", what, self->at,
                       self->schema);
}

static void
skip_space (Parser *self)
{
  while (*self->at == ' ' || *self->at == '\n')
    self->at++;
}

static bool
take (Parser *self, const char *text)
{
  size_t length = strlen (text);
  skip_space (self);
  if (strncmp (self->at, text, length) != 0)
    return false;
  self->at += length;
  return true;
}

static char *
take_word (Parser *self)
{
  skip_space (self);
  const char *start = self->at;
  while (isalnum ((unsigned char) *self->at) || *self->at == '_')
    self->at++;
  return self->at == start ? NULL : strndup (start, (size_t) (self->at - start));
}

static void
skip_alias (Parser *self) /* "(a!)" */
{
  if (*self->at == '(')
    while (*self->at && *self->at++ != ')')
      ;
}

static const struct
{
  const char *word;
  TeArgType type;
  TeArgType list_type;
} type_words[] = {
  { "Tensor", TE_ARG_TENSOR, TE_ARG_TENSOR_LIST },     { "Scalar", TE_ARG_SCALAR, TE_ARG_FLOAT_LIST },
  { "SymInt", TE_ARG_INT, TE_ARG_INT_LIST },           { "int", TE_ARG_INT, TE_ARG_INT_LIST },
  { "float", TE_ARG_FLOAT, TE_ARG_FLOAT_LIST },        { "bool", TE_ARG_BOOL, TE_ARG_INT_LIST },
  { "ScalarType", TE_ARG_DTYPE, TE_ARG_DTYPE },        { "str", TE_ARG_STRING, TE_ARG_STRING },
  { "Generator", TE_ARG_GENERATOR, TE_ARG_GENERATOR }, { "Device", TE_ARG_DEVICE, TE_ARG_DEVICE },
  { "MemoryFormat", TE_ARG_LAYOUT, TE_ARG_LAYOUT },
};

static bool
parse_type (Parser *self, TeArg *arg)
{
  char *word = take_word (self);
  size_t i = 0;
  for (; word && i < sizeof type_words / sizeof type_words[0]; i++)
    if (strcmp (word, type_words[i].word) == 0)
      break;
  bool known = word && i < sizeof type_words / sizeof type_words[0];
  free (word);
  if (!known)
    return fail (self, "unknown type");
  arg->type = type_words[i].type;
  skip_alias (self);
  bool inner_optional = *self->at == '?';
  if (inner_optional)
    self->at++;
  if (*self->at == '[')
    {
      self->at++;
      arg->list_size = (int16_t) strtol (self->at, (char **) &self->at, 10);
      if (*self->at++ != ']')
        return fail (self, "']' expected");
      arg->type = type_words[i].list_type;
      if (arg->type == TE_ARG_TENSOR_LIST && inner_optional)
        arg->type = TE_ARG_OPTIONAL_TENSOR_LIST;
      inner_optional = false;
      if (*self->at == '?')
        {
          self->at++;
          inner_optional = true;
        }
    }
  arg->optional = inner_optional;
  return true;
}

/* A number: int unless it is written with a point, an exponent or as inf. */
static bool
parse_number (Parser *self, TeScalar *out)
{
  char *end_int, *end_float;
  skip_space (self);
  long long i = strtoll (self->at, &end_int, 10);
  double f = strtod (self->at, &end_float);
  if (end_float == self->at)
    return fail (self, "number expected");
  *out = end_float > end_int ? te_scalar_float (f) : te_scalar_int (i);
  self->at = end_float;
  return true;
}

static bool
parse_list_default (Parser *self, TeArg *arg)
{
  TeScalar items[16];
  int n = 0;
  bool bracket = take (self, "[");
  if (bracket && take (self, "]"))
    bracket = false;
  else
    do
      {
        if (n == 16)
          return fail (self, "long default");
        if (take (self, "True"))
          items[n++] = te_scalar_int (1);
        else if (take (self, "False"))
          items[n++] = te_scalar_int (0);
        else if (!parse_number (self, &items[n++]))
          return false;
      }
    while (bracket && take (self, ","));
  if (bracket && !take (self, "]"))
    return fail (self, "']' expected");
  if (!bracket && n == 1) /* int[2] stride=1 */
    while (n < arg->list_size && n < 16)
      {
        items[n] = items[0];
        n++;
      }
  arg->default_value.count = n;
  bool ints = arg->type == TE_ARG_INT_LIST;
  void *block = calloc ((size_t) (n ? n : 1), 8);
  if (!block)
    return te_error_no_memory (self->err);
  for (int i = 0; i < n; i++)
    if (ints)
      ((int64_t *) block)[i] = te_scalar_to_int (items[i]);
    else
      ((double *) block)[i] = te_scalar_to_double (items[i]);
  arg->default_value.kind = ints ? TE_VALUE_INT_LIST : TE_VALUE_FLOAT_LIST;
  if (ints)
    arg->default_value.ints = block;
  else
    arg->default_value.floats = block;
  return true;
}

static bool
parse_string_default (Parser *self, TeArg *arg)
{
  char quote = *self->at == '\'' ? '\'' : '"';
  char quoted[2] = { quote, 0 };
  if (!take (self, quoted))
    return fail (self, "string expected");
  const char *start = self->at;
  while (*self->at && *self->at != quote)
    self->at++;
  if (!*self->at)
    return fail (self, "unterminated string");
  arg->default_value.kind = TE_VALUE_STRING;
  arg->default_value.string = strndup (start, (size_t) (self->at++ - start));
  return arg->default_value.string || te_error_no_memory (self->err);
}

static bool
parse_enum_default (Parser *self, TeArg *arg)
{
  static const struct
  {
    const char *word;
    TeValueKind kind;
    int64_t value;
  } words[] = {
    { "contiguous_format", TE_VALUE_LAYOUT, TE_MEMORY_CONTIGUOUS },
    { "preserve_format", TE_VALUE_LAYOUT, TE_MEMORY_PRESERVE },
    { "Mean", TE_VALUE_INT, 1 },
    { "Sum", TE_VALUE_INT, 2 },
    { "long", TE_VALUE_DTYPE, TE_INT64 },
    { "float", TE_VALUE_DTYPE, TE_FLOAT32 },
  };
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    if (take (self, words[i].word))
      {
        arg->default_value.kind = words[i].kind;
        if (words[i].kind == TE_VALUE_DTYPE)
          arg->default_value.dtype = (TeDtype) words[i].value;
        else
          arg->default_value.i = words[i].value;
        return true;
      }
  return fail (self, "default expected");
}

static bool
parse_default (Parser *self, TeArg *arg)
{
  TeScalar number = te_scalar_int (0);
  skip_space (self);
  arg->has_default = true;
  if (take (self, "None"))
    return true; /* kind NONE */
  if (take (self, "{}"))
    return true;
  switch (arg->type)
    {
    case TE_ARG_INT_LIST:
    case TE_ARG_FLOAT_LIST:
      return parse_list_default (self, arg);
    case TE_ARG_STRING:
      return parse_string_default (self, arg);
    case TE_ARG_BOOL:
      arg->default_value.kind = TE_VALUE_BOOL;
      arg->default_value.b = take (self, "True");
      return arg->default_value.b || take (self, "False") || fail (self, "True or False expected");
    case TE_ARG_SCALAR:
      arg->default_value.kind = TE_VALUE_SCALAR;
      if (take (self, "True") || take (self, "False"))
        {
          arg->default_value.scalar = te_scalar_bool (self->at[-2] == 'u');
          return true;
        }
      return parse_number (self, &arg->default_value.scalar);
    case TE_ARG_INT:
      if (isalpha ((unsigned char) *self->at))
        return parse_enum_default (self, arg);
      if (!parse_number (self, &number))
        return false;
      arg->default_value.kind = TE_VALUE_INT;
      arg->default_value.i = te_scalar_to_int (number);
      return true;
    case TE_ARG_FLOAT:
      if (!parse_number (self, &number))
        return false;
      arg->default_value.kind = TE_VALUE_FLOAT;
      arg->default_value.f = te_scalar_to_double (number);
      return true;
    case TE_ARG_DTYPE:
    case TE_ARG_LAYOUT:
      return parse_enum_default (self, arg);
    case TE_ARG_TENSOR:
    case TE_ARG_TENSOR_LIST:
    case TE_ARG_OPTIONAL_TENSOR_LIST:
    case TE_ARG_GENERATOR:
    case TE_ARG_DEVICE:
      break;
    }
  return fail (self, "None expected");
}

static bool
parse_args (Parser *self, TeOp *op)
{
  bool keyword_only = false;
  if (!take (self, "("))
    return fail (self, "'(' expected");
  if (take (self, ")"))
    return true;
  do
    {
      if (take (self, "*"))
        {
          keyword_only = true;
          continue;
        }
      if (op->n_args == TE_OP_MAX_ARGS)
        return fail (self, "too many arguments");
      TeArg *arg = &op->args[op->n_args++];
      if (!parse_type (self, arg))
        return false;
      arg->name = take_word (self);
      if (!arg->name)
        return fail (self, "argument name expected");
      arg->keyword_only = keyword_only;
      if (take (self, "=") && !parse_default (self, arg))
        return false;
      if (!keyword_only)
        op->n_positional = op->n_args;
    }
  while (take (self, ","));
  return take (self, ")") || fail (self, "')' expected");
}

static bool
parse_one_return (Parser *self, TeOp *op)
{
  TeArg ignored = { 0 };
  if (!parse_type (self, &ignored))
    return false;
  op->returns_list = ignored.type == TE_ARG_TENSOR_LIST;
  if (op->n_returns == TE_OP_INLINE_OUTS)
    return fail (self, "too many returns");
  op->return_names[op->n_returns++] = NULL;
  return true;
}

static bool
parse_returns (Parser *self, TeOp *op)
{
  if (!take (self, "->"))
    return fail (self, "'->' expected");
  if (!take (self, "("))
    return parse_one_return (self, op);
  if (take (self, ")"))
    return true;
  do
    {
      if (!parse_one_return (self, op))
        return false;
      op->return_names[op->n_returns - 1] = take_word (self);
    }
  while (take (self, ","));
  return take (self, ")") || fail (self, "')' expected");
}

/* "AddBackward" becomes "AddBackward0"; names that say their index, or are no "…Backward", stay. */
static char *
full_node_name (const char *name)
{
  static const char ending[] = "Backward";
  size_t length = strlen (name), tail = sizeof ending - 1;
  char *full = malloc (length + 2);
  if (full)
    {
      memcpy (full, name, length + 1);
      if (length >= tail && strcmp (name + length - tail, ending) == 0)
        memcpy (full + length, "0", 2);
    }
  return full;
}

bool
te_op_parse (const TeOpDef *def, TeOp *op, TeError *err)
{
  Parser parser = { def->schema, def->schema, err };
  memset (op, 0, sizeof *op);
  op->def = def;
  op->name = take_word (&parser);
  if (!op->name)
    return fail (&parser, "name expected");
  if (*parser.at == '.')
    {
      parser.at++;
      op->overload = take_word (&parser);
    }
  else
    op->overload = strdup ("");
  if (!op->overload)
    return fail (&parser, "overload expected");
  if (!parse_args (&parser, op) || !parse_returns (&parser, op))
    return false;
  skip_space (&parser);
  if (*parser.at)
    return fail (&parser, "end expected");
  if (!def->node)
    return true;
  op->node_name = full_node_name (def->node);
  op->inplace_node_name = full_node_name (def->inplace_node ? def->inplace_node : def->node);
  return (op->node_name && op->inplace_node_name) || te_error_no_memory (err);
}

void
te_op_parse_clear (TeOp *op)
{
  free (op->name);
  free (op->overload);
  for (int i = 0; i < op->n_args; i++)
    {
      TeValue *value = &op->args[i].default_value;
      free ((char *) op->args[i].name);
      if (value->kind == TE_VALUE_INT_LIST)
        free ((void *) value->ints);
      else if (value->kind == TE_VALUE_FLOAT_LIST)
        free ((void *) value->floats);
      else if (value->kind == TE_VALUE_STRING)
        free ((void *) value->string);
    }
  for (int i = 0; i < op->n_returns; i++)
    free (op->return_names[i]);
  free (op->node_name);
  free (op->inplace_node_name);
  memset (op, 0, sizeof *op);
}

/* ---- names ---- */
static uint32_t
hash_name (const char *name, size_t length)
{
  uint32_t hash = 2166136261u; /* FNV-1a */
  for (size_t i = 0; i < length; i++)
    hash = (hash ^ (unsigned char) name[i]) * 16777619u;
  return hash;
}

static NameSlot *
find_slot (const char *name, size_t length)
{
  uint32_t i = hash_name (name, length) & slot_mask;
  while (slots[i].name && (strncmp (slots[i].name, name, length) != 0 || slots[i].name[length]))
    i = (i + 1) & slot_mask;
  return &slots[i];
}

static bool
index_names (TeError *err)
{
  uint32_t capacity = 64;
  while (capacity < 2 * (uint32_t) n_ops)
    capacity *= 2;
  slots = calloc (capacity, sizeof *slots);
  by_name = calloc ((size_t) n_ops + 1, sizeof *by_name);
  if (!slots || !by_name)
    return te_error_no_memory (err);
  slot_mask = capacity - 1;
  for (int i = 0; i < n_ops; i++)
    {
      NameSlot *slot = find_slot (ops[i].name, strlen (ops[i].name));
      slot->name = ops[i].name;
      slot->count++;
    }
  int start = 0;
  for (int i = 0; i < n_ops; i++)
    {
      NameSlot *slot = find_slot (ops[i].name, strlen (ops[i].name));
      if (slot->start == 0)
        {
          slot->start = start + 1; /* one more than the index: 0 says "no place yet" */
          start += slot->count;
          slot->count = 0;
        }
      by_name[slot->start - 1 + slot->count++] = &ops[i];
    }
  return true;
}

/* Arguments that gradients never reach: places, masks, running statistics. */
static uint32_t
find_constant_args (const TeOp *op)
{
  static const char *const names[] = { "condition", "index",   "indices",        "LU_pivots",    "mask",
                                       "offsets",   "lengths",   "pivots",  "random_samples", "running_mean", "running_var" };
  uint32_t found = op->def->constant_args;
  for (int i = 0; i < op->n_args; i++)
    for (size_t k = 0; k < sizeof names / sizeof names[0]; k++)
      if (strcmp (op->args[i].name, names[k]) == 0)
        found |= 1u << i;
  return found;
}

bool
te_registry_init (TeError *err)
{
  int total = 0;
  if (by_name)
    return true;
  for (int i = 0; families[i]; i++)
    total += families[i]->count;
  if (!ops)
    ops = calloc ((size_t) total + 1, sizeof *ops);
  if (!ops)
    return te_error_no_memory (err);
  n_ops = 0;
  for (int i = 0; families[i]; i++)
    for (int row = 0; row < families[i]->count; row++)
      {
        if (!te_op_parse (&families[i]->rows[row], &ops[n_ops], err))
          return false;
        ops[n_ops].index = n_ops;
        const char *overload = ops[n_ops].overload;
        char name[160];
        snprintf (name, sizeof name, "%s%s%s", ops[n_ops].name, *overload ? "." : "", overload);
        ops[n_ops].refuses_complex = te_complex_refusal (name, family_names[i]);
        ops[n_ops].constant_args = find_constant_args (&ops[n_ops]);
        ops[n_ops].out_rule = te_out_rule_find (&ops[n_ops]);
        ops[n_ops].low_precision = te_low_precision_find (name);
        ops[n_ops].on_meta =
            runs_on_meta (family_names[i]) || (ops[n_ops].def->flags & (TE_OP_VIEW | TE_OP_COMPOSITE));
        ops[n_ops].on_meta_as_zeros = te_meta_runs_on_zeros (family_names[i], ops[n_ops].name);
        n_ops++;
      }
  return index_names (err);
}

int
te_registry_count (void)
{
  return n_ops;
}

const TeOp *
te_registry_get (int index)
{
  return index >= 0 && index < n_ops ? &ops[index] : NULL;
}

const TeOp *
te_registry_find (const char *name)
{
  if (!by_name)
    {
      TeError err;
      te_error_clear (&err);
      if (!te_registry_init (&err))
        return NULL;
    }
  const char *dot = strchr (name, '.');
  NameSlot *slot = find_slot (name, dot ? (size_t) (dot - name) : strlen (name));
  if (!slot->name)
    return NULL;
  if (!dot)
    return by_name[slot->start - 1];
  for (int i = 0; i < slot->count; i++)
    if (strcmp (by_name[slot->start - 1 + i]->overload, dot + 1) == 0)
      return by_name[slot->start - 1 + i];
  return NULL;
}

const TeOp *const *
te_registry_overloads (const char *name, int *count)
{
  *count = 0;
  if (!by_name)
    return NULL;
  NameSlot *slot = find_slot (name, strlen (name));
  if (!slot->name)
    return NULL;
  *count = slot->count;
  return &by_name[slot->start - 1];
}
