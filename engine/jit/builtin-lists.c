/* Lists and dicts. */
#include <stdlib.h>
#include <string.h>

#include "jit/schema.h"

static bool
at_index (TeJitAny list, int64_t index, int *at, TeError *err)
{
  int64_t n = list.data->n;
  if (index < -n || index >= n)
    return te_error_set (err, TE_ERR_INDEX, "list index out of range");
  *at = (int) (index < 0 ? index + n : index);
  return true;
}

static bool
len (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = te_jit_int (in[0].tag == TE_JIT_V_DICT ? in[0].data->n / 2 : in[0].data->n);
  return true;
}

static bool
get_item (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  int at = 0;
  if (!at_index (in[0], in[1].i, &at, err))
    return false;
  out[0] = te_jit_ref (in[0].data->items[at]);
  return true;
}

static bool
set_item (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  int at = 0;
  if (!at_index (in[0], in[1].i, &at, err))
    return false;
  te_jit_unref (in[0].data->items[at]);
  in[0].data->items[at] = te_jit_ref (in[2]);
  out[0] = te_jit_ref (in[0]);
  return true;
}

static bool
append (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  TeJitAny list = in[0];
  te_jit_append (&list, te_jit_ref (in[1]));
  out[0] = te_jit_ref (list);
  return true;
}

static bool
extend (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  TeJitAny list = in[0];
  int count = in[1].data->n;
  for (int i = 0; i < count; i++)
    te_jit_append (&list, te_jit_ref (in[1].data->items[i]));
  return true;
}

static TeJitAny
copy_of (TeJitAny list)
{
  TeJitAny copy = te_jit_container (list.tag, list.data->type);
  for (int i = 0; i < list.data->n; i++)
    te_jit_append (&copy, te_jit_ref (list.data->items[i]));
  return copy;
}

static bool
copy (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = copy_of (in[0]);
  return true;
}

static bool
concatenate (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = copy_of (in[0]);
  for (int i = 0; i < in[1].data->n; i++)
    te_jit_append (&out[0], te_jit_ref (in[1].data->items[i]));
  return true;
}

static bool
add_to (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  extend (in, n, out, err);
  out[0] = te_jit_ref (in[0]);
  return true;
}

static bool
repeat (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  bool swapped = in[0].tag == TE_JIT_V_INT;
  TeJitAny list = in[swapped ? 1 : 0];
  out[0] = te_jit_container (TE_JIT_V_LIST, list.data->type);
  for (int64_t k = 0; k < in[swapped ? 0 : 1].i; k++)
    for (int i = 0; i < list.data->n; i++)
      te_jit_append (&out[0], te_jit_ref (list.data->items[i]));
  return true;
}

static void
remove_at (TeJitAny list, int at)
{
  te_jit_unref (list.data->items[at]);
  memmove (list.data->items + at, list.data->items + at + 1,
           (size_t) (--list.data->n - at) * sizeof (TeJitAny));
}

static bool
pop (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  int at = 0;
  if (!in[0].data->n)
    return te_error_set (err, TE_ERR_INDEX, "pop from empty list");
  if (!at_index (in[0], n > 1 ? in[1].i : -1, &at, err))
    return false;
  out[0] = te_jit_ref (in[0].data->items[at]);
  remove_at (in[0], at);
  return true;
}

static bool
insert (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  TeJitAny list = in[0];
  int64_t count = list.data->n, at = in[1].i < 0 ? in[1].i + count : in[1].i;
  at = at < 0 ? 0 : at > count ? count : at;
  te_jit_append (&list, te_jit_ref (in[2]));
  memmove (list.data->items + at + 1, list.data->items + at, (size_t) (count - at) * sizeof (TeJitAny));
  list.data->items[at] = in[2];
  return true;
}

static bool
clear (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  while (in[0].data->n)
    te_jit_unref (in[0].data->items[--in[0].data->n]);
  return true;
}

static bool
reverse (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  TeJitAny *items = in[0].data->items;
  for (int i = 0, k = in[0].data->n - 1; i < k; i++, k--)
    {
      TeJitAny kept = items[i];
      items[i] = items[k];
      items[k] = kept;
    }
  return true;
}

static int
find (TeJitAny list, TeJitAny item)
{
  for (int i = 0; i < list.data->n; i++)
    if (te_jit_equal (list.data->items[i], item))
      return i;
  return -1;
}

static bool
remove_item (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  int at = find (in[0], in[1]);
  if (at < 0)
    return te_error_set (err, TE_ERR_VALUE, "list.remove(x): x not in list");
  remove_at (in[0], at);
  return true;
}

static bool
index_of (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  int at = find (in[0], in[1]);
  if (at < 0)
    return te_error_set (err, TE_ERR_VALUE, "'%lld' is not in list", (long long) in[1].i);
  out[0] = te_jit_int (at);
  return true;
}

static bool
count (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  int64_t found = 0;
  for (int i = 0; i < in[0].data->n; i++)
    found += te_jit_equal (in[0].data->items[i], in[1]);
  out[0] = te_jit_int (found);
  return true;
}

static bool
contains (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = te_jit_bool (in[0].tag == TE_JIT_V_DICT ? te_jit_dict_find (in[0], in[1]) >= 0
                                                   : find (in[0], in[1]) >= 0);
  return true;
}

static bool
slice (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  TeJitSlice part;
  if (!te_jit_slice_of (in + 1, in[0].data->n, &part, err))
    return false;
  out[0] = te_jit_container (TE_JIT_V_LIST, in[0].data->type);
  for (int64_t i = 0, at = part.from; i < part.n; i++, at += part.step)
    te_jit_append (&out[0], te_jit_ref (in[0].data->items[at]));
  return true;
}

static int
compare (const void *a, const void *b)
{
  const TeJitAny *x = a, *y = b;
  if (x->tag == TE_JIT_V_STR)
    return strcmp (x->data->text, y->data->text);
  if (x->tag == TE_JIT_V_INT)
    return (x->i > y->i) - (x->i < y->i);
  double p = te_jit_as_double (*x), q = te_jit_as_double (*y);
  return (p > q) - (p < q);
}

static bool
sort (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  if (in[0].data->n)
    qsort (in[0].data->items, (size_t) in[0].data->n, sizeof (TeJitAny), compare);
  return n > 1 && in[1].b ? reverse (in, n, out, err) : true;
}

static bool
sorted (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = copy_of (in[0]);
  return sort (out, 1, NULL, err);
}

/* The least or greatest item of a list of numbers. */
static bool
extreme (const TeJitAny *in, int n, TeJitAny *out, TeError *err, int sign)
{
  TeJitAny best;
  if (!in[0].data->n)
    return te_error_set (err, TE_ERR_RUNTIME, "%s() arg is an empty sequence", sign < 0 ? "min" : "max");
  best = in[0].data->items[0];
  for (int i = 1; i < in[0].data->n; i++)
    if (compare (&in[0].data->items[i], &best) * sign > 0)
      best = in[0].data->items[i];
  out[0] = te_jit_ref (best);
  return true;
}

static bool
least (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  return extreme (in, n, out, err, -1);
}

static bool
most (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  return extreme (in, n, out, err, 1);
}

static bool
sum (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  bool whole = true;
  double total = 0;
  int64_t ints = 0;
  for (int i = 0; i < in[0].data->n; i++)
    {
      TeJitAny item = in[0].data->items[i];
      whole = whole && item.tag != TE_JIT_V_FLOAT;
      total += te_jit_as_double (item);
      ints += item.tag == TE_JIT_V_FLOAT ? 0 : item.tag == TE_JIT_V_BOOL ? item.b : item.i;
    }
  whole = whole && !(in[0].data->type && in[0].data->type->items[0]->kind == TE_JIT_FLOAT);
  out[0] = whole ? te_jit_int (ints) : te_jit_float (total);
  return true;
}

static bool
all_any (const TeJitAny *in, TeJitAny *out, bool all)
{
  bool result = all;
  for (int i = 0; i < in[0].data->n; i++)
    if ((te_jit_as_double (in[0].data->items[i]) != 0) != all)
      result = !all;
  out[0] = te_jit_bool (result);
  return true;
}

static bool
all (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  return all_any (in, out, true);
}

static bool
any (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  return all_any (in, out, false);
}

static bool
eq (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = te_jit_bool (te_jit_equal (in[0], in[1]));
  return true;
}

static bool
ne (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = te_jit_bool (!te_jit_equal (in[0], in[1]));
  return true;
}

/* ---- dicts ---- */
static bool
missing_key (TeJitAny key, TeError *err)
{
  TeJitText text = { 0 };
  te_jit_text_value (&text, key);
  te_error_set (err, TE_ERR_RUNTIME, "KeyError: %s", te_jit_text_get (&text));
  te_jit_text_clear (&text);
  return false;
}

static bool
dict_get_item (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  int at = te_jit_dict_find (in[0], in[1]);
  if (at < 0)
    return missing_key (in[1], err);
  out[0] = te_jit_ref (in[0].data->items[at]);
  return true;
}

static bool
dict_set_item (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  TeJitAny dict = in[0];
  te_jit_dict_set (&dict, te_jit_ref (in[1]), te_jit_ref (in[2]));
  return true;
}

static bool
dict_get (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  int at = te_jit_dict_find (in[0], in[1]);
  out[0] = te_jit_ref (at >= 0 ? in[0].data->items[at] : n > 2 ? in[2] : te_jit_none ());
  return true;
}

static bool
dict_setdefault (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  if (te_jit_dict_find (in[0], in[1]) < 0)
    dict_set_item (in, n, NULL, err);
  return dict_get (in, 2, out, err);
}

static bool
dict_pop (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  int at = te_jit_dict_find (in[0], in[1]);
  if (at < 0)
    {
      if (n < 3)
        return missing_key (in[1], err);
      out[0] = te_jit_ref (in[2]);
      return true;
    }
  out[0] = te_jit_ref (in[0].data->items[at]);
  remove_at (in[0], at);
  remove_at (in[0], at - 1);
  return true;
}

static bool
dict_delete (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  TeJitAny popped = te_jit_none ();
  bool ok = dict_pop (in, 2, &popped, err);
  te_jit_unref (popped);
  return ok;
}

static bool
list_delete (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  int at = 0;
  if (!at_index (in[0], in[1].i, &at, err))
    return false;
  remove_at (in[0], at);
  return true;
}

static bool
dict_parts (const TeJitAny *in, TeJitAny *out, int from)
{
  const TeJitType *type = in[0].data->type;
  out[0] = te_jit_container (TE_JIT_V_LIST, type ? te_jit_type_list (type->items[from]) : NULL);
  for (int i = from; i < in[0].data->n; i += 2)
    te_jit_append (&out[0], te_jit_ref (in[0].data->items[i]));
  return true;
}

static bool
keys (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  return dict_parts (in, out, 0);
}

static bool
values (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  return dict_parts (in, out, 1);
}

static bool
items (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = te_jit_container (TE_JIT_V_LIST, NULL);
  for (int i = 0; i < in[0].data->n; i += 2)
    {
      TeJitAny pair = te_jit_container (TE_JIT_V_TUPLE, NULL);
      te_jit_append (&pair, te_jit_ref (in[0].data->items[i]));
      te_jit_append (&pair, te_jit_ref (in[0].data->items[i + 1]));
      te_jit_append (&out[0], pair);
    }
  return true;
}

static bool
update (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  TeJitAny dict = in[0];
  for (int i = 0; i < in[1].data->n; i += 2)
    te_jit_dict_set (&dict, te_jit_ref (in[1].data->items[i]), te_jit_ref (in[1].data->items[i + 1]));
  return true;
}

static const struct
{
  const char *text;
  TeJitBuiltin run;
} rows[] = {
  { "aten::len.t(t[] a) -> int", len },
  { "aten::len.Dict(Dict(t, t1) self) -> int", len },
  { "aten::__getitem__.t(t[](a) list, int idx) -> t(*)", get_item },
  { "aten::__getitem__.Dict(Dict(key, value) self, key key) -> value", dict_get_item },
  { "aten::_set_item.t(t[](a!) l, int idx, t(b) el) -> t[]", set_item },
  { "aten::_set_item.Dict(Dict(key, value)(a!) l, key idx, value v) -> ()", dict_set_item },
  { "aten::append.t(t[](a!) self, t(c -> *) el) -> t[](a!)", append },
  { "aten::extend.t(t[](a!) self, t[] other) -> ()", extend },
  { "aten::copy.t(t[](a) self) -> t[]", copy },
  { "aten::copy.Dict(Dict(key, value)(a) self) -> Dict(key, value)", copy },
  { "aten::list.t(t[] l) -> t[]", copy },
  { "aten::add.t(t[] a, t[] b) -> t[]", concatenate },
  { "aten::add_.t(t[](a!) self, t[] b) -> t[]", add_to },
  { "aten::mul.left_t(t[] l, int n) -> t[]", repeat },
  { "aten::mul.right_(int n, t[] l) -> t[]", repeat },
  { "aten::pop.t(t[](a!) self, int idx=-1) -> t", pop },
  { "aten::pop.Dict(Dict(key, value)(a!) self, key key) -> value", dict_pop },
  { "aten::pop.Dict_default(Dict(key, value)(a!) self, key key, value default_value) -> value", dict_pop },
  { "aten::insert.t(t[](a!) self, int idx, t(b -> *) el) -> ()", insert },
  { "aten::clear.t(t[](a!) self) -> ()", clear },
  { "aten::clear.Dict(Dict(key, value)(a!) self) -> ()", clear },
  { "aten::reverse.t(t[](a!) self) -> ()", reverse },
  { "aten::remove.t(t[](a!) self, t el) -> ()", remove_item },
  { "aten::index.list(t[] self, t el) -> int", index_of },
  { "aten::count.list(t[] self, t el) -> int", count },
  { "aten::__contains__.list(t[] l, t item) -> bool", contains },
  { "aten::__contains__.Dict(Dict(key, value) dict, key key) -> bool", contains },
  { "aten::slice.t(t[] l, int? start=None, int? end=None, int step=1) -> t[]", slice },
  { "aten::sort.int(int[](a!) self, bool reverse=False) -> ()", sort },
  { "aten::sort.float(float[](a!) self, bool reverse=False) -> ()", sort },
  { "aten::sort.str(str[](a!) self, bool reverse=False) -> ()", sort },
  { "aten::sorted.int(int[](a) input) -> int[]", sorted },
  { "aten::sorted.float(float[](a) input) -> float[]", sorted },
  { "aten::sorted.str(str[](a) input) -> str[]", sorted },
  { "prim::min.self_int(int[] self) -> int", least },
  { "prim::min.self_float(float[] self) -> float", least },
  { "prim::max.self_int(int[] self) -> int", most },
  { "prim::max.self_float(float[] self) -> float", most },
  { "aten::sum.int(int[] self) -> int", sum },
  { "aten::sum.float(float[] self) -> float", sum },
  { "aten::sum.bool(bool[] self) -> int", sum },
  { "aten::all.int(int[] self) -> bool", all },
  { "aten::all.float(float[] self) -> bool", all },
  { "aten::all.bool(bool[] self) -> bool", all },
  { "aten::any.int(int[] self) -> bool", any },
  { "aten::any.float(float[] self) -> bool", any },
  { "aten::any.bool(bool[] self) -> bool", any },
  { "aten::eq.int_list(int[] a, int[] b) -> bool", eq },
  { "aten::eq.float_list(float[] a, float[] b) -> bool", eq },
  { "aten::eq.str_list(str[] a, str[] b) -> bool", eq },
  { "aten::eq.bool_list(bool[] a, bool[] b) -> bool", eq },
  { "aten::ne.int_list(int[] a, int[] b) -> bool", ne },
  { "aten::ne.float_list(float[] a, float[] b) -> bool", ne },
  { "aten::ne.str_list(str[] a, str[] b) -> bool", ne },
  { "aten::keys(Dict(key, value) self) -> key[]", keys },
  { "aten::values(Dict(key, value) self) -> value[]", values },
  { "aten::items(Dict(key, value) self) -> (key, value)[]", items },
  { "aten::get(Dict(key, value) self, key key) -> value?", dict_get },
  { "aten::get.default(Dict(key, value) self, key key, value default_value) -> value", dict_get },
  { "aten::setdefault(Dict(key, value)(a!) self, key key, value default_value) -> value", dict_setdefault },
  { "aten::update(Dict(key, value)(a!) self, Dict(key, value) to_add) -> ()", update },
  { "aten::Delete.t(t[](a!) self, int idx) -> ()", list_delete },
  { "aten::Delete.Dict(Dict(key, value)(a!) self, key key) -> ()", dict_delete },
};

void
te_jit_add_list_builtins (void)
{
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    te_jit_schema_add (rows[i].text, NULL, rows[i].run);
}
