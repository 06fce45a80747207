#include "jit/type.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_MEMBERS 64 /* of a union */

/* All types, found by what tells them apart. */
typedef struct
{
  const char *key;
  TeJitType *type;
} Entry;
static Entry *entries;
static int n_entries, entries_room;

static const char *
key_of (TeJitKind kind, const char *text, const void *more)
{
  return te_jit_intern_format ("%d %p %s", kind, more, text);
}

static TeJitType *
find (const char *key)
{
  for (int i = n_entries; i-- > 0;)
    if (entries[i].key == key)
      return entries[i].type;
  return NULL;
}

static TeJitType *
add (const char *key,
     TeJitKind kind,
     const char *text,
     const char *annotation,
     int n,
     const TeJitType *const *items)
{
  TeJitType *type = te_jit_alloc (NULL, sizeof *type);
  *type = (TeJitType){ .kind = kind,
                       .text = te_jit_intern (text),
                       .annotation = te_jit_intern (annotation),
                       .n = n,
                       .dtype = TE_DTYPE_NONE };
  if (n)
    {
      type->items = te_jit_alloc (NULL, (size_t) n * sizeof *type->items);
      memcpy (type->items, items, (size_t) n * sizeof *items);
    }
  TE_JIT_PUSH (NULL, entries, n_entries, entries_room, ((Entry){ key, type }));
  return type;
}

static TeJitType *
intern (TeJitKind kind, const char *text, const char *annotation, int n, const TeJitType *const *items)
{
  const char *key = key_of (kind, text, NULL);
  TeJitType *type = find (key);
  return type ? type : add (key, kind, text, annotation, n, items);
}

const TeJitType *
te_jit_type_simple (TeJitKind kind)
{
  static const struct
  {
    const char *text, *annotation;
  } texts[] = { [TE_JIT_TENSOR] = { "Tensor", "Tensor" },
                [TE_JIT_INT] = { "int", "int" },
                [TE_JIT_FLOAT] = { "float", "float" },
                [TE_JIT_BOOL] = { "bool", "bool" },
                [TE_JIT_STR] = { "str", "str" },
                [TE_JIT_NONE] = { "NoneType", "NoneType" },
                [TE_JIT_NUMBER] = { "Scalar", "number" },
                [TE_JIT_DEVICE] = { "Device", "Device" },
                [TE_JIT_GENERATOR] = { "Generator", "Generator" },
                [TE_JIT_ANY] = { "Any", "Any" },
                [TE_JIT_FUNCTION] = { "Function", "Function" } };
  static const TeJitType *made[TE_JIT_FUNCTION + 1];
  if (!made[kind])
    made[kind] = intern (kind, texts[kind].text, texts[kind].annotation, 0, NULL);
  return made[kind];
}

const TeJitType *
te_jit_type_inferred_tensor (void)
{
  static TeJitType *type;
  if (!type)
    {
      type = add (te_jit_intern ("inferred"), TE_JIT_TENSOR, "Tensor", "Tensor", 0, NULL);
      type->inferred = true;
    }
  return type;
}

static void
add_ints (TeJitText *text, int n, const int64_t *ints)
{
  for (int i = 0; i < n; i++)
    te_jit_text_format (text, "%s%lld", i ? ", " : "", (long long) ints[i]);
}

const TeJitType *
te_jit_type_of_tensor (const TeTensor *tensor)
{
  TeJitText text = { 0 };
  te_jit_text_format (&text, "%s(", te_dtype_error_name (te_tensor_dtype (tensor)));
  add_ints (&text, tensor->ndim, tensor->sizes);
  if (tensor->ndim)
    {
      te_jit_text_add (&text, ", strides=[");
      add_ints (&text, tensor->ndim, tensor->strides);
      te_jit_text_add (&text, "], ");
    }
  te_jit_text_format (&text, "requires_grad=%d, device=%s)", te_tensor_requires_grad (tensor) ? 1 : 0,
                      te_tensor_is_meta (tensor) ? "meta" : "cpu");
  TeJitType *type = intern (TE_JIT_TENSOR, te_jit_text_get (&text), "Tensor", 0, NULL);
  te_jit_text_clear (&text);
  type->dtype = te_tensor_dtype (tensor);
  type->has_sizes = true;
  type->ndim = tensor->ndim;
  return type;
}

const TeJitType *
te_jit_type_of_number_tensor (TeDtype dtype)
{
  TeJitType *type = intern (
      TE_JIT_TENSOR, te_jit_intern_format ("%s(device=cpu)", te_dtype_error_name (dtype)), "Tensor", 0, NULL);
  type->dtype = dtype;
  return type;
}

static const TeJitType *
wrapped (TeJitKind kind, const char *format, const char *annotation, const TeJitType *element)
{
  TeJitText text = { 0 }, code = { 0 };
  te_jit_text_format (&text, format, element->text);
  te_jit_text_format (&code, annotation, element->annotation);
  const char *key = key_of (kind, te_jit_text_get (&text), element);
  TeJitType *type = find (key);
  if (!type)
    type = add (key, kind, te_jit_text_get (&text), te_jit_text_get (&code), 1, &element);
  te_jit_text_clear (&text);
  te_jit_text_clear (&code);
  return type;
}

const TeJitType *
te_jit_type_list (const TeJitType *element)
{
  return wrapped (TE_JIT_LIST, "%s[]", "List[%s]", element);
}

const TeJitType *
te_jit_type_optional (const TeJitType *element)
{
  return element->kind == TE_JIT_OPTIONAL || element->kind == TE_JIT_NONE || element->kind == TE_JIT_ANY
             ? element
             : wrapped (TE_JIT_OPTIONAL, "%s?", "Optional[%s]", element);
}

const TeJitType *
te_jit_type_dict (const TeJitType *key, const TeJitType *value)
{
  const TeJitType *items[] = { key, value };
  return intern (TE_JIT_DICT, te_jit_intern_format ("Dict(%s, %s)", key->text, value->text),
                 te_jit_intern_format ("Dict[%s, %s]", key->annotation, value->annotation), 2, items);
}

const TeJitType *
te_jit_type_tuple (int n, const TeJitType *const *items, const char *name, const char *const *fields)
{
  TeJitText text = { 0 }, code = { 0 };
  if (fields)
    te_jit_text_format (&text, "NamedTuple(");
  else
    te_jit_text_add (&text, "(");
  te_jit_text_add (&code, n ? "Tuple[" : "Tuple[()");
  for (int i = 0; i < n; i++)
    {
      if (fields)
        te_jit_text_format (&text, "%s%s : %s", i ? ", " : "", fields[i], items[i]->text);
      else
        te_jit_text_format (&text, "%s%s", i ? ", " : "", items[i]->text);
      te_jit_text_format (&code, "%s%s", i ? ", " : "", items[i]->annotation);
    }
  te_jit_text_add (&text, ")");
  te_jit_text_add (&code, n ? "]" : "]");
  const char *key = key_of (TE_JIT_TUPLE, te_jit_text_get (&text), name);
  TeJitType *type = find (key);
  if (!type)
    {
      type =
          add (key, TE_JIT_TUPLE, te_jit_text_get (&text), name ? name : te_jit_text_get (&code), n, items);
      type->name = name;
      if (fields)
        {
          type->fields = te_jit_alloc (NULL, (size_t) n * sizeof *fields);
          memcpy (type->fields, fields, (size_t) n * sizeof *fields);
        }
    }
  te_jit_text_clear (&text);
  te_jit_text_clear (&code);
  return type;
}

/* PyTorch's order of types in a union. */
static int
rank_of (const TeJitType *type)
{
  static const int ranks[] = {
    [TE_JIT_ANY] = 0,       [TE_JIT_TENSOR] = 1,  [TE_JIT_TUPLE] = 2,      [TE_JIT_LIST] = 3,
    [TE_JIT_DICT] = 4,      [TE_JIT_NUMBER] = 5,  [TE_JIT_FLOAT] = 6,      [TE_JIT_INT] = 7,
    [TE_JIT_NONE] = 8,      [TE_JIT_STR] = 9,     [TE_JIT_GENERATOR] = 10, [TE_JIT_BOOL] = 11,
    [TE_JIT_VAR] = 12,      [TE_JIT_DEVICE] = 13, [TE_JIT_FUNCTION] = 14,  [TE_JIT_CLASS] = 15,
    [TE_JIT_OPTIONAL] = 16, [TE_JIT_UNION] = 17
  };
  return ranks[type->kind];
}

int
te_jit_type_order (const void *a, const void *b)
{
  const TeJitType *const *x = a, *const *y = b;
  return rank_of (*x) != rank_of (*y) ? rank_of (*x) - rank_of (*y)
                                      : strcmp ((*x)->annotation, (*y)->annotation);
}

/* Adds type to a union's members, taken apart, each once. */
static void
add_member (const TeJitType **members, int *n, const TeJitType *type)
{
  if (type->kind == TE_JIT_UNION || type->kind == TE_JIT_OPTIONAL)
    for (int i = 0; i < type->n; i++)
      add_member (members, n, type->items[i]);
  if (type->kind == TE_JIT_OPTIONAL)
    add_member (members, n, te_jit_type_simple (TE_JIT_NONE));
  if (type->kind == TE_JIT_UNION || type->kind == TE_JIT_OPTIONAL || *n == MOST_MEMBERS)
    return;
  for (int i = 0; i < *n; i++)
    if (members[i] == type)
      return;
  members[(*n)++] = type;
}

const TeJitType *
te_jit_type_union (int n, const TeJitType *const *items)
{
  const TeJitType *members[MOST_MEMBERS], *none = te_jit_type_simple (TE_JIT_NONE);
  int count = 0;
  for (int i = 0; i < n; i++)
    add_member (members, &count, items[i]);
  if (count == 1)
    return members[0];
  if (count == 2 && (members[0] == none || members[1] == none))
    return te_jit_type_optional (members[0] == none ? members[1] : members[0]);
  qsort (members, (size_t) count, sizeof *members, te_jit_type_order);
  TeJitText text = { 0 }, code = { 0 };
  for (int i = 0; i < count; i++)
    {
      te_jit_text_format (&text, "%s%s", i ? ", " : "Union(", members[i]->text);
      te_jit_text_format (&code, "%s%s", i ? ", " : "Union[", members[i]->annotation);
    }
  te_jit_text_add (&text, ")");
  te_jit_text_add (&code, "]");
  const TeJitType *type =
      intern (TE_JIT_UNION, te_jit_text_get (&text), te_jit_text_get (&code), count, members);
  te_jit_text_clear (&text);
  te_jit_text_clear (&code);
  return type;
}

const TeJitType *
te_jit_type_without (const TeJitType *type, int n, const TeJitType *const *items)
{
  const TeJitType *members[MOST_MEMBERS], *left[MOST_MEMBERS];
  int count = 0, rest = 0;
  add_member (members, &count, type);
  for (int i = 0; i < count; i++)
    {
      bool among = false;
      for (int k = 0; k < n; k++)
        among = among || te_jit_type_is (members[i], items[k]);
      if (!among)
        left[rest++] = members[i];
    }
  return rest ? te_jit_type_union (rest, left) : NULL;
}

const TeJitType *
te_jit_type_var (const char *name)
{
  TeJitType *type = intern (TE_JIT_VAR, name, name, 0, NULL);
  type->name = type->text;
  return type;
}

const TeJitType *
te_jit_type_class (const char *name, TeJitClass *class)
{
  TeJitType *type = intern (TE_JIT_CLASS, name, name, 0, NULL);
  type->name = type->text;
  type->class = class;
  return type;
}

const TeJitType *
te_jit_type_plain (const TeJitType *type)
{
  const TeJitType *items[64];
  switch (type->kind)
    {
    case TE_JIT_TENSOR:
      return te_jit_type_simple (TE_JIT_TENSOR);
    case TE_JIT_LIST:
      return te_jit_type_list (te_jit_type_plain (type->items[0]));
    case TE_JIT_OPTIONAL:
      return te_jit_type_optional (te_jit_type_plain (type->items[0]));
    case TE_JIT_DICT:
      return te_jit_type_dict (te_jit_type_plain (type->items[0]), te_jit_type_plain (type->items[1]));
    case TE_JIT_UNION:
      for (int i = 0; i < type->n; i++)
        items[i] = te_jit_type_plain (type->items[i]);
      return te_jit_type_union (type->n, items);
    case TE_JIT_TUPLE:
      if (type->n > 64)
        return type;
      for (int i = 0; i < type->n; i++)
        items[i] = te_jit_type_plain (type->items[i]);
      return te_jit_type_tuple (type->n, items, type->name, type->fields);
    case TE_JIT_INT:
    case TE_JIT_FLOAT:
    case TE_JIT_BOOL:
    case TE_JIT_STR:
    case TE_JIT_NONE:
    case TE_JIT_NUMBER:
    case TE_JIT_DEVICE:
    case TE_JIT_GENERATOR:
    case TE_JIT_ANY:
    case TE_JIT_VAR:
    case TE_JIT_CLASS:
    case TE_JIT_FUNCTION:
      break;
    }
  return type;
}

bool
te_jit_type_is (const TeJitType *type, const TeJitType *other)
{
  if (type == other || other->kind == TE_JIT_ANY)
    return true;
  if (other->kind == TE_JIT_OPTIONAL)
    return type->kind == TE_JIT_NONE
           || te_jit_type_is (type->kind == TE_JIT_OPTIONAL ? type->items[0] : type, other->items[0]);
  if (other->kind == TE_JIT_UNION)
    {
      if (type->kind == TE_JIT_UNION || type->kind == TE_JIT_OPTIONAL)
        return te_jit_type_without (type, other->n, other->items) == NULL;
      for (int i = 0; i < other->n; i++)
        if (te_jit_type_is (type, other->items[i]))
          return true;
      return false;
    }
  if (type->kind == TE_JIT_TENSOR && other->kind == TE_JIT_TENSOR)
    return other->dtype == TE_DTYPE_NONE;
  if (other->kind == TE_JIT_NUMBER && type->kind == TE_JIT_UNION)
    {
      bool all = true;
      for (int i = 0; i < type->n; i++)
        all = all && te_jit_type_is_number (type->items[i]);
      return all;
    }
  if (other->kind == TE_JIT_NUMBER)
    return te_jit_type_is_number (type);
  if (type->kind != other->kind)
    return false;
  if (type->kind == TE_JIT_LIST)
    return te_jit_type_plain (type) == te_jit_type_plain (other);
  if (type->kind != TE_JIT_TUPLE || type->n != other->n || (other->name && type->name != other->name))
    return te_jit_type_plain (type) == te_jit_type_plain (other);
  for (int i = 0; i < type->n; i++)
    if (!te_jit_type_is (type->items[i], other->items[i]))
      return false;
  return true;
}

const TeJitType *
te_jit_type_unify (const TeJitType *a, const TeJitType *b)
{
  if (a == b)
    return a;
  if (a->kind == TE_JIT_TENSOR && b->kind == TE_JIT_TENSOR)
    return b->inferred ? b : te_jit_type_simple (TE_JIT_TENSOR);
  if (te_jit_type_is (a, b))
    return b;
  if (te_jit_type_is (b, a))
    return a;
  if (a->kind == TE_JIT_NONE)
    return te_jit_type_optional (b);
  if (b->kind == TE_JIT_NONE)
    return te_jit_type_optional (a);
  if (a->kind == TE_JIT_TUPLE && b->kind == TE_JIT_TUPLE && a->n == b->n && a->n <= 64 && a->name == b->name)
    {
      const TeJitType *items[64];
      for (int i = 0; i < a->n; i++)
        if (!(items[i] = te_jit_type_unify (a->items[i], b->items[i])))
          return NULL;
      return te_jit_type_tuple (a->n, items, a->name, a->fields);
    }
  return NULL;
}

const char *
te_jit_type_error_text (const TeJitType *type)
{
  return type->inferred ? "Tensor (inferred)" : type->annotation;
}
