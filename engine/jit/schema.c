#include "jit/schema.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ops/registry.h"

typedef struct
{
  const char *name;
  const TeJitSchema **schemas;
  int n, room;
} Family;

static Family *families;
static int n_families, families_room;
static TeJitSchema **all;
static int n_all, all_room;

/* ---- families by name: a small open hash ---- */
static int *slots;
static int slots_room;

static int *
slot_of (const char *name)
{
  uintptr_t hash = ((uintptr_t) name >> 4) * 2654435761u;
  int at = (int) (hash & (uintptr_t) (slots_room - 1));
  while (slots[at] && families[slots[at] - 1].name != name)
    at = (at + 1) & (slots_room - 1);
  return &slots[at];
}

static Family *
family_of (const char *name, bool make)
{
  if (make && (n_families + 1) * 2 > slots_room)
    {
      slots_room = slots_room ? slots_room * 2 : 2048;
      slots = te_jit_alloc (NULL, (size_t) slots_room * sizeof *slots);
      for (int i = 0; i < n_families; i++)
        *slot_of (families[i].name) = i + 1;
    }
  if (!slots_room)
    return NULL;
  int *slot = slot_of (name);
  if (!*slot && make)
    {
      TE_JIT_PUSH (NULL, families, n_families, families_room, ((Family){ .name = name }));
      *slot = n_families;
    }
  return *slot ? &families[*slot - 1] : NULL;
}

const TeJitSchema *const *
te_jit_schemas_find (const char *name, int *n)
{
  te_jit_schemas_init ();
  Family *family = family_of (te_jit_intern (name), false);
  *n = family ? family->n : 0;
  return family ? family->schemas : NULL;
}

int
te_jit_schemas_count (void)
{
  te_jit_schemas_init ();
  return n_all;
}

const TeJitSchema *
te_jit_schemas_get (int index)
{
  return all[index];
}

/* ---- dtypes ---- */
static const struct
{
  const char *name;
  int number;
} dtype_numbers[] = { { "uint8", 0 },     { "int8", 1 },      { "int16", 2 },       { "int32", 3 },
                      { "int64", 4 },     { "float16", 5 },   { "float32", 6 },     { "float64", 7 },
                      { "complex32", 8 }, { "complex64", 9 }, { "complex128", 10 }, { "bool", 11 },
                      { "bfloat16", 15 } };

int
te_jit_dtype_number (TeDtype dtype)
{
  for (size_t i = 0; i < sizeof dtype_numbers / sizeof *dtype_numbers; i++)
    if (strcmp (dtype_numbers[i].name, te_dtype_name (dtype)) == 0)
      return dtype_numbers[i].number;
  return -1;
}

TeDtype
te_jit_dtype_of_number (int64_t number)
{
  for (int dtype = 0; dtype < TE_DTYPE_COUNT; dtype++)
    if (te_jit_dtype_number ((TeDtype) dtype) == number)
      return (TeDtype) dtype;
  return TE_DTYPE_NONE;
}

/* ---- parsing ---- */
static void
skip_spaces (const char **at)
{
  while (**at == ' ')
    ++*at;
}

static bool
skip (const char **at, const char *piece)
{
  skip_spaces (at);
  size_t n = strlen (piece);
  if (strncmp (*at, piece, n) != 0)
    return false;
  *at += n;
  return true;
}

static const char *
parse_word (const char **at)
{
  skip_spaces (at);
  const char *start = *at;
  while (isalnum ((unsigned char) **at) || **at == '_')
    ++*at;
  return te_jit_intern_n (start, (size_t) (*at - start));
}

static const TeJitType *parse_type (const char **at, TeJitArg *arg);

static const TeJitType *
parse_plain_type (const char **at, TeJitArg *arg)
{
  static const struct
  {
    const char *name;
    TeJitKind kind;
  } names[] = { { "Tensor", TE_JIT_TENSOR }, { "int", TE_JIT_INT },
                { "float", TE_JIT_FLOAT },   { "bool", TE_JIT_BOOL },
                { "str", TE_JIT_STR },       { "Scalar", TE_JIT_NUMBER },
                { "number", TE_JIT_NUMBER }, { "ScalarType", TE_JIT_INT },
                { "Layout", TE_JIT_INT },    { "MemoryFormat", TE_JIT_INT },
                { "Device", TE_JIT_DEVICE }, { "Generator", TE_JIT_GENERATOR },
                { "NoneType", TE_JIT_NONE }, { "Any", TE_JIT_ANY } };
  const TeJitType *items[8];
  int n = 0;
  if (skip (at, "("))
    {
      while (!skip (at, ")") && n < 8)
        {
          items[n++] = parse_type (at, NULL);
          skip (at, ",");
        }
      return te_jit_type_tuple (n, items, NULL, NULL);
    }
  const char *word = parse_word (at);
  if (strcmp (word, "Dict") == 0)
    {
      skip (at, "(");
      items[0] = parse_type (at, NULL);
      skip (at, ",");
      items[1] = parse_type (at, NULL);
      skip (at, ")");
      return te_jit_type_dict (items[0], items[1]);
    }
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp (names[i].name, word) == 0)
      {
        if (names[i].kind == TE_JIT_TENSOR && **at == '(') /* Tensor(a!) */
          while (**at && *(*at)++ != ')')
            if (**at == '!' && arg)
              arg->mutated = true;
        return te_jit_type_simple (names[i].kind);
      }
  return te_jit_type_var (word);
}

static const TeJitType *
parse_type (const char **at, TeJitArg *arg)
{
  const TeJitType *type = parse_plain_type (at, arg);
  for (;;)
    {
      if (**at == '(') /* (a), (a!), (*): what may be the same storage */
        while (**at && *(*at)++ != ')')
          {
            if (**at == '!' && arg)
              arg->mutated = true;
          }
      else if (**at == '[')
        {
          ++*at;
          int size = (int) strtol (*at, (char **) at, 10);
          skip (at, "]");
          if (arg)
            arg->list_size = size;
          type = te_jit_type_list (type);
        }
      else if (**at == '?')
        {
          ++*at;
          type = te_jit_type_optional (type);
        }
      else
        return type;
    }
}

static TeJitAny
parse_number (const char **at, const TeJitType *type)
{
  const char *start = *at;
  char *end;
  double value = strtod (start, &end);
  bool whole = true;
  for (const char *c = start; c < end; c++)
    whole = whole && !strchr (".einf", *c);
  *at = end;
  const TeJitType *plain = type->kind == TE_JIT_OPTIONAL ? type->items[0] : type;
  return whole && plain->kind != TE_JIT_FLOAT ? te_jit_int (strtoll (start, NULL, 10)) : te_jit_float (value);
}

static TeJitAny
parse_default (const char **at, const TeJitType *type)
{
  skip_spaces (at);
  const TeJitType *plain = type->kind == TE_JIT_OPTIONAL ? type->items[0] : type;
  if (skip (at, "None"))
    return te_jit_none ();
  if (skip (at, "True"))
    return te_jit_bool (true);
  if (skip (at, "False"))
    return te_jit_bool (false);
  if (skip (at, "contiguous_format"))
    return te_jit_int (0);
  if (skip (at, "["))
    {
      TeJitAny list = te_jit_container (TE_JIT_V_LIST, plain);
      while (!skip (at, "]") && **at)
        {
          te_jit_append (&list, parse_number (at, plain->kind == TE_JIT_LIST ? plain->items[0] : plain));
          skip (at, ",");
        }
      return list;
    }
  if (**at == '"' || **at == '\'')
    {
      char quote = *(*at)++;
      TeJitText text = { 0 };
      for (; **at && **at != quote; ++*at)
        {
          static const char letters[] = "ntfvr", meant[] = "\n\t\f\v\r";
          const char *letter = **at == '\\' && (*at)[1] ? strchr (letters, *++*at) : NULL;
          te_jit_text_add_n (&text, letter ? &meant[letter - letters] : *at, 1);
        }
      skip (at, quote == '"' ? "\"" : "'");
      TeJitAny value = te_jit_str (te_jit_text_get (&text), text.n);
      te_jit_text_clear (&text);
      return value;
    }
  return parse_number (at, plain->kind == TE_JIT_LIST ? plain->items[0] : plain);
}

static void
parse_args (TeJitSchema *schema, const char **at)
{
  int room = 0;
  bool keyword_only = false;
  while (!skip (at, ")") && **at)
    {
      if (skip (at, "*"))
        keyword_only = true;
      else
        {
          TeJitArg arg = { .keyword_only = keyword_only };
          arg.type = parse_type (at, &arg);
          arg.name = parse_word (at);
          if (skip (at, "="))
            {
              arg.has_default = true;
              arg.default_value = parse_default (at, arg.type);
              if (arg.list_size && arg.default_value.tag == TE_JIT_V_INT) /* int[2] stride=1 */
                {
                  TeJitAny list = te_jit_container (TE_JIT_V_LIST, NULL);
                  for (int i = 0; i < arg.list_size; i++)
                    te_jit_append (&list, arg.default_value);
                  arg.default_value = list;
                }
            }
          schema->mutates = schema->mutates || arg.mutated;
          TE_JIT_PUSH (NULL, schema->args, schema->n_args, room, arg);
        }
      skip (at, ",");
    }
}

static void
parse_returns (TeJitSchema *schema, const char **at)
{
  int room = 0, names_room = 0, n_names = 0;
  skip_spaces (at);
  const char *close = **at == '(' ? strchr (*at, ')') : NULL;
  bool tuple = close && close[1] != '[' && skip (at, "("); /* several results, not a list of pairs */
  if (tuple && skip (at, ")"))
    return;
  do
    {
      const TeJitType *type = parse_type (at, NULL);
      TE_JIT_PUSH (NULL, schema->returns, schema->n_returns, room, type);
      const char *name = parse_word (at);
      if (*name)
        TE_JIT_PUSH (NULL, schema->return_names, n_names, names_room, name);
    }
  while (skip (at, ","));
}

static void
place (TeJitSchema *schema)
{
  Family *family = family_of (schema->name, true);
  TE_JIT_PUSH (NULL, family->schemas, family->n, family->room, schema);
  TE_JIT_PUSH (NULL, all, n_all, all_room, schema);
}

static void
connect (TeJitSchema *schema, const TeOp *op)
{
  schema->op = op;
  if (!op)
    return;
  schema->random = op->def->flags & TE_OP_RANDOM;
  for (int i = 0; i < op->n_args; i++)
    {
      schema->op_args[i] = -1;
      for (int k = 0; k < schema->n_args; k++)
        if (strcmp (schema->args[k].name, op->args[i].name) == 0)
          schema->op_args[i] = (int8_t) k;
    }
}

void
te_jit_schema_add (const char *text, const TeOp *op, TeJitBuiltin run)
{
  TeJitSchema *schema = te_jit_alloc (NULL, sizeof *schema);
  const char *at = text, *open = strchr (text, '('), *dot = memchr (text, '.', (size_t) (open - text));
  const char *end = dot ? dot : open;
  schema->name = te_jit_intern_n (text, (size_t) (end - text));
  schema->overload = dot ? te_jit_intern_n (dot + 1, (size_t) (open - dot - 1)) : te_jit_intern ("");
  schema->text = te_jit_intern (text);
  schema->run = run;
  at = open + 1;
  parse_args (schema, &at);
  skip (&at, "->");
  parse_returns (schema, &at);
  schema->inplace = op && schema->mutates && !(op->def->flags & TE_OP_INPLACE_ONLY);
  connect (schema, op);
  place (schema);
}

/* ---- rows of the op table ---- */
/* "relu(Tensor self) -> Tensor" as "aten::relu_(Tensor(a!) self) -> Tensor(a!)". */
static void
add_inplace (const TeOp *op, const char *schema)
{
  TeJitText text = { 0 };
  const char *open = strchr (schema, '('), *rest = strstr (open, "Tensor");
  te_jit_text_format (&text, "aten::%s_%s%s(", op->name, *op->overload ? "." : "", op->overload);
  te_jit_text_add_n (&text, open + 1, (size_t) (rest - open - 1));
  rest += strlen ("Tensor");
  if (*rest == '(')
    rest = strchr (rest, ')') + 1;
  const char *arrow = strstr (rest, "->");
  te_jit_text_add (&text, "Tensor(a!)");
  te_jit_text_add_n (&text, rest, arrow ? (size_t) (arrow - rest) : strlen (rest));
  te_jit_text_add (&text, arrow ? "-> Tensor(a!)" : " -> Tensor(a!)");
  te_jit_schema_add (te_jit_text_get (&text), op, NULL);
  te_jit_text_clear (&text);
}

/* A row's schema as ATen has it: the factories' four options belong together. */
static void
add_schema_text (TeJitText *text, const char *schema)
{
  static const char device[] = "Device? device=None", generator[] = "Generator? generator=None, ";
  const char *at = strstr (schema, device), *drop = at ? strstr (schema, generator) : NULL;
  te_jit_text_add (text, "aten::");
  if (drop && strncmp (schema, "normal", 6) != 0)
    {
      te_jit_text_add_n (text, schema, (size_t) (drop - schema));
      schema = drop + strlen (generator);
    }
  if (at)
    {
      te_jit_text_add_n (text, schema, (size_t) (at - schema));
      te_jit_text_add (text, "Layout? layout=None, Device? device=None, bool? pin_memory=None");
      schema = at + strlen (device);
    }
  te_jit_text_add (text, schema);
  if (!strstr (schema, "->"))
    te_jit_text_add (text, " -> Tensor");
}

static void
add_op (const TeOp *op)
{
  int n;
  const TeJitSchema *const *others = te_jit_schemas_find (te_jit_intern_format ("aten::%s", op->name), &n);
  bool taken = false;
  for (int i = 0; i < n; i++)
    taken = taken || strcmp (others[i]->overload, op->overload) == 0 || others[i]->op == op;
  TeJitText text = { 0 };
  add_schema_text (&text, op->def->schema);
  if (!taken)
    te_jit_schema_add (te_jit_text_get (&text), op, NULL);
  te_jit_text_clear (&text);
  if (op->def->flags & TE_OP_INPLACE)
    add_inplace (op, op->def->schema);
}

void
te_jit_schemas_init (void)
{
  static bool done;
  if (done)
    return;
  done = true;
  te_jit_add_op_schemas ();
  for (int i = 0; i < te_registry_count (); i++)
    add_op (te_registry_get (i));
  te_jit_add_tensor_builtins ();
  te_jit_add_extreme_builtins ();
  te_jit_add_list_builtins ();
  te_jit_add_text_builtins ();
  te_jit_add_number_builtins ();
}

const TeJitSchema *
te_jit_schema_of_op (const TeOp *op, bool inplace)
{
  te_jit_schemas_init ();
  bool underscore = inplace && !(op->def->flags & TE_OP_INPLACE_ONLY);
  for (int i = 0; i < n_all; i++)
    if (all[i]->op == op && all[i]->inplace == underscore)
      return all[i];
  return NULL;
}
