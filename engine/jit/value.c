#include "jit/value.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "jit/number-text.h"

static TeJitData *
data_new (const TeJitType *type)
{
  TeJitData *data = te_new (TeJitData);
  te_assert (data);
  data->refcount = 1;
  data->type = type;
  return data;
}

TeJitAny
te_jit_str (const char *text, size_t n)
{
  TeJitData *data = data_new (NULL);
  data->text = malloc (n + 1);
  te_assert (data->text);
  memcpy (data->text, text, n);
  data->text[n] = 0;
  data->n = (int) n;
  return (TeJitAny){ TE_JIT_V_STR, { .data = data } };
}

TeJitAny
te_jit_container (TeJitTag tag, const TeJitType *type)
{
  return (TeJitAny){ tag, { .data = data_new (type) } };
}

void
te_jit_append (TeJitAny *container, TeJitAny item)
{
  TeJitData *data = container->data;
  if (data->n == data->room)
    {
      int room = data->room ? data->room * 2 : 4;
      TeJitAny *items = realloc (data->items, (size_t) room * sizeof *items);
      te_assert (items);
      data->items = items;
      data->room = room;
    }
  data->items[data->n++] = item;
}

static bool
is_counted (TeJitAny value)
{
  return value.tag >= TE_JIT_V_STR && value.tag <= TE_JIT_V_DICT;
}

TeJitAny
te_jit_ref (TeJitAny value)
{
  if (value.tag == TE_JIT_V_TENSOR)
    te_tensor_ref (value.tensor);
  else if (is_counted (value))
    value.data->refcount++;
  return value;
}

void
te_jit_unref (TeJitAny value)
{
  if (value.tag == TE_JIT_V_TENSOR)
    te_tensor_unref (value.tensor);
  else if (is_counted (value) && --value.data->refcount == 0)
    {
      for (int i = 0; value.tag != TE_JIT_V_STR && i < value.data->n; i++)
        te_jit_unref (value.data->items[i]);
      free (value.tag == TE_JIT_V_STR ? (void *) value.data->text : (void *) value.data->items);
      te_free (value.data);
    }
}

double
te_jit_as_double (TeJitAny value)
{
  return value.tag == TE_JIT_V_FLOAT ? value.f : value.tag == TE_JIT_V_BOOL ? value.b : (double) value.i;
}

static bool
is_number (TeJitAny value)
{
  return value.tag == TE_JIT_V_INT || value.tag == TE_JIT_V_FLOAT || value.tag == TE_JIT_V_BOOL;
}

bool
te_jit_equal (TeJitAny a, TeJitAny b)
{
  if (is_number (a) && is_number (b))
    return a.tag == TE_JIT_V_INT && b.tag == TE_JIT_V_INT ? a.i == b.i
                                                          : te_jit_as_double (a) == te_jit_as_double (b);
  if (a.tag != b.tag)
    return false;
  if (a.tag == TE_JIT_V_STR)
    return a.data->n == b.data->n && memcmp (a.data->text, b.data->text, (size_t) a.data->n) == 0;
  if (a.tag == TE_JIT_V_LIST || a.tag == TE_JIT_V_TUPLE || a.tag == TE_JIT_V_DICT)
    {
      if (a.data->n != b.data->n)
        return false;
      for (int i = 0; i < a.data->n; i++)
        if (!te_jit_equal (a.data->items[i], b.data->items[i]))
          return false;
      return true;
    }
  return a.tag == TE_JIT_V_NONE || a.object == b.object;
}

int
te_jit_dict_find (TeJitAny dict, TeJitAny key)
{
  for (int i = 0; i + 1 < dict.data->n; i += 2)
    if (te_jit_equal (dict.data->items[i], key))
      return i + 1;
  return -1;
}

void
te_jit_dict_set (TeJitAny *dict, TeJitAny key, TeJitAny value)
{
  int at = te_jit_dict_find (*dict, key);
  if (at < 0)
    {
      te_jit_append (dict, key);
      te_jit_append (dict, value);
      return;
    }
  te_jit_unref (key);
  te_jit_unref (dict->data->items[at]);
  dict->data->items[at] = value;
}

bool
te_jit_any_is (TeJitAny value, const TeJitType *type)
{
  switch (type->kind)
    {
    case TE_JIT_TENSOR:
      return value.tag == TE_JIT_V_TENSOR;
    case TE_JIT_INT:
      return value.tag == TE_JIT_V_INT;
    case TE_JIT_FLOAT:
      return value.tag == TE_JIT_V_FLOAT;
    case TE_JIT_BOOL:
      return value.tag == TE_JIT_V_BOOL;
    case TE_JIT_STR:
      return value.tag == TE_JIT_V_STR;
    case TE_JIT_NONE:
      return value.tag == TE_JIT_V_NONE;
    case TE_JIT_NUMBER:
      return is_number (value);
    case TE_JIT_DEVICE:
      return value.tag == TE_JIT_V_DEVICE;
    case TE_JIT_GENERATOR:
      return false;
    case TE_JIT_ANY:
    case TE_JIT_VAR:
      return true;
    case TE_JIT_OPTIONAL:
      return value.tag == TE_JIT_V_NONE || te_jit_any_is (value, type->items[0]);
    case TE_JIT_UNION:
      for (int i = 0; i < type->n; i++)
        if (te_jit_any_is (value, type->items[i]))
          return true;
      return false;
    case TE_JIT_CLASS:
      return value.tag == TE_JIT_V_OBJECT;
    case TE_JIT_FUNCTION:
      return value.tag == TE_JIT_V_FUNCTION;
    case TE_JIT_LIST:
      if (value.tag != TE_JIT_V_LIST)
        return false;
      for (int i = 0; i < value.data->n; i++)
        if (!te_jit_any_is (value.data->items[i], type->items[0]))
          return false;
      return true;
    case TE_JIT_TUPLE:
      if (value.tag != TE_JIT_V_TUPLE || value.data->n != type->n)
        return false;
      for (int i = 0; i < value.data->n; i++)
        if (!te_jit_any_is (value.data->items[i], type->items[i]))
          return false;
      return true;
    case TE_JIT_DICT:
      if (value.tag != TE_JIT_V_DICT)
        return false;
      for (int i = 0; i < value.data->n; i++)
        if (!te_jit_any_is (value.data->items[i], type->items[i % 2]))
          return false;
      return true;
    }
  return false;
}

static const TeJitType *
element_type (TeJitAny value, int from, int step)
{
  const TeJitType *type = NULL;
  for (int i = from; i < value.data->n; i += step)
    {
      const TeJitType *item = te_jit_type_of (value.data->items[i]);
      type = type ? te_jit_type_unify (type, item) : item;
      if (!type)
        return te_jit_type_simple (TE_JIT_ANY);
    }
  return type ? type : te_jit_type_simple (TE_JIT_TENSOR);
}

const TeJitType *
te_jit_type_of (TeJitAny value)
{
  static const TeJitKind kinds[] = {
    [TE_JIT_V_NONE] = TE_JIT_NONE,   [TE_JIT_V_TENSOR] = TE_JIT_TENSOR, [TE_JIT_V_INT] = TE_JIT_INT,
    [TE_JIT_V_FLOAT] = TE_JIT_FLOAT, [TE_JIT_V_BOOL] = TE_JIT_BOOL,     [TE_JIT_V_DEVICE] = TE_JIT_DEVICE,
    [TE_JIT_V_STR] = TE_JIT_STR,     [TE_JIT_V_OBJECT] = TE_JIT_ANY,    [TE_JIT_V_FUNCTION] = TE_JIT_FUNCTION
  };
  if (value.tag == TE_JIT_V_LIST)
    return value.data->type ? value.data->type : te_jit_type_list (element_type (value, 0, 1));
  if (value.tag == TE_JIT_V_DICT)
    return value.data->type ? value.data->type
                            : te_jit_type_dict (element_type (value, 0, 2), element_type (value, 1, 2));
  if (value.tag == TE_JIT_V_TUPLE)
    {
      const TeJitType *items[64];
      int n = value.data->n < 64 ? value.data->n : 64;
      for (int i = 0; i < n; i++)
        items[i] = te_jit_type_of (value.data->items[i]);
      return te_jit_type_tuple (n, items, NULL, NULL);
    }
  return te_jit_type_simple (kinds[value.tag]);
}

static void
text_items (TeJitText *text, TeJitAny value, const char *open, const char *close)
{
  bool dict = value.tag == TE_JIT_V_DICT;
  te_jit_text_add (text, open);
  for (int i = 0; i < value.data->n; i++)
    {
      TeJitAny item = value.data->items[i];
      te_jit_text_add (text, i == 0 ? "" : dict && i % 2 ? ": " : ", ");
      te_jit_text_value (text, item);
    }
  te_jit_text_add (text, value.tag == TE_JIT_V_TUPLE && value.data->n == 1 ? ",)" : close);
}

void
te_jit_text_value (TeJitText *text, TeJitAny value)
{
  switch (value.tag)
    {
    case TE_JIT_V_NONE:
      te_jit_text_add (text, "None");
      break;
    case TE_JIT_V_TENSOR:
      te_jit_text_add (text, "<Tensor>");
      break;
    case TE_JIT_V_INT:
      te_jit_text_format (text, "%lld", (long long) value.i);
      break;
    case TE_JIT_V_FLOAT:
      te_jit_text_float_exact (text, value.f);
      break;
    case TE_JIT_V_BOOL:
      te_jit_text_add (text, value.b ? "True" : "False");
      break;
    case TE_JIT_V_DEVICE:
      te_jit_text_add (text, value.i ? "meta" : "cpu");
      break;
    case TE_JIT_V_STR:
      te_jit_text_add_n (text, value.data->text, (size_t) value.data->n);
      break;
    case TE_JIT_V_LIST:
      text_items (text, value, "[", "]");
      break;
    case TE_JIT_V_TUPLE:
      text_items (text, value, "(", ")");
      break;
    case TE_JIT_V_DICT:
      text_items (text, value, "{", "}");
      break;
    case TE_JIT_V_OBJECT:
      te_jit_text_add (text, "<object>");
      break;
    case TE_JIT_V_FUNCTION:
      te_jit_text_add (text, "<function>");
      break;
    }
}
