/* Strings. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "jit/schema.h"

static TeJitAny
text_of (const char *text, size_t n)
{
  return te_jit_str (text, n);
}

static bool
concatenate (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  TeJitText text = { 0 };
  te_jit_text_add_n (&text, in[0].data->text, (size_t) in[0].data->n);
  te_jit_text_add_n (&text, in[1].data->text, (size_t) in[1].data->n);
  out[0] = text_of (text.data, text.n);
  te_jit_text_clear (&text);
  return true;
}

static bool
repeat (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  TeJitText text = { 0 };
  for (int64_t i = 0; i < in[1].i; i++)
    te_jit_text_add_n (&text, in[0].data->text, (size_t) in[0].data->n);
  out[0] = text_of (te_jit_text_get (&text), text.n);
  te_jit_text_clear (&text);
  return true;
}

static bool
len (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = te_jit_int (in[0].data->n);
  return true;
}

static bool
get_item (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  int64_t count = in[0].data->n, at = in[1].i < 0 ? in[1].i + count : in[1].i;
  if (at < 0 || at >= count)
    return te_error_set (err, TE_ERR_INDEX, "string index out of range");
  out[0] = text_of (in[0].data->text + at, 1);
  return true;
}

static bool
slice (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  int64_t count = in[0].data->n, step = in[3].i;
  int64_t from = in[1].tag == TE_JIT_V_INT ? in[1].i : 0, to = in[2].tag == TE_JIT_V_INT ? in[2].i : count;
  if (step <= 0)
    return te_error_set (err, TE_ERR_RUNTIME, "slice step must be positive");
  from = from < 0 ? from + count : from;
  to = to < 0 ? to + count : to > count ? count : to;
  TeJitText text = { 0 };
  for (int64_t i = from < 0 ? 0 : from; i < to; i += step)
    te_jit_text_add_n (&text, in[0].data->text + i, 1);
  out[0] = text_of (te_jit_text_get (&text), text.n);
  te_jit_text_clear (&text);
  return true;
}

static bool
to_text (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  TeJitText text = { 0 };
  te_jit_text_value (&text, in[0]);
  out[0] = text_of (te_jit_text_get (&text), text.n);
  te_jit_text_clear (&text);
  return true;
}

static bool
change (const TeJitAny *in, TeJitAny *out, int (*of) (int))
{
  out[0] = text_of (in[0].data->text, (size_t) in[0].data->n);
  for (int i = 0; i < out[0].data->n; i++)
    out[0].data->text[i] = (char) of ((unsigned char) out[0].data->text[i]);
  return true;
}

static bool
upper (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  return change (in, out, toupper);
}

static bool
lower (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  return change (in, out, tolower);
}

static bool
startswith (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = te_jit_bool (strncmp (in[0].data->text, in[1].data->text, (size_t) in[1].data->n) == 0);
  return true;
}

static bool
endswith (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  int rest = in[0].data->n - in[1].data->n;
  out[0] = te_jit_bool (rest >= 0 && strcmp (in[0].data->text + rest, in[1].data->text) == 0);
  return true;
}

static bool
contains (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = te_jit_bool (strstr (in[0].data->text, in[1].data->text) != NULL);
  return true;
}

static bool
find (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  const char *at = strstr (in[0].data->text, in[1].data->text);
  out[0] = te_jit_int (at ? at - in[0].data->text : -1);
  return true;
}

static bool
replace (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  TeJitText text = { 0 };
  const char *at = in[0].data->text, *hit;
  while (in[1].data->n && (hit = strstr (at, in[1].data->text)))
    {
      te_jit_text_add_n (&text, at, (size_t) (hit - at));
      te_jit_text_add (&text, in[2].data->text);
      at = hit + in[1].data->n;
    }
  te_jit_text_add (&text, at);
  out[0] = text_of (te_jit_text_get (&text), text.n);
  te_jit_text_clear (&text);
  return true;
}

static bool
strip (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  const char *set = n > 1 && in[1].tag == TE_JIT_V_STR ? in[1].data->text : " \n\t\f\v\r";
  const char *from = in[0].data->text, *to = from + in[0].data->n;
  while (from < to && strchr (set, *from))
    from++;
  while (to > from && strchr (set, to[-1]))
    to--;
  out[0] = text_of (from, (size_t) (to - from));
  return true;
}

static bool
split (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  const char *at = in[0].data->text, *by = n > 1 && in[1].tag == TE_JIT_V_STR ? in[1].data->text : NULL;
  out[0] = te_jit_container (TE_JIT_V_LIST, te_jit_type_list (te_jit_type_simple (TE_JIT_STR)));
  if (by && !*by)
    return te_error_set (err, TE_ERR_VALUE, "empty separator");
  if (!by)
    for (;;)
      {
        at += strspn (at, " \n\t\f\v\r");
        size_t length = strcspn (at, " \n\t\f\v\r");
        if (!length)
          return true;
        te_jit_append (&out[0], text_of (at, length));
        at += length;
      }
  for (const char *hit; (hit = strstr (at, by)); at = hit + strlen (by))
    te_jit_append (&out[0], text_of (at, (size_t) (hit - at)));
  te_jit_append (&out[0], text_of (at, strlen (at)));
  return true;
}

static bool
join (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  TeJitText text = { 0 };
  for (int i = 0; i < in[1].data->n; i++)
    {
      te_jit_text_add (&text, i ? in[0].data->text : "");
      te_jit_text_add (&text, in[1].data->items[i].data->text);
    }
  out[0] = text_of (te_jit_text_get (&text), text.n);
  te_jit_text_clear (&text);
  return true;
}

static bool
ord (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  if (in[0].data->n != 1)
    return te_error_set (err, TE_ERR_RUNTIME, "String for ord() must be 1 character, found %d",
                         in[0].data->n);
  out[0] = te_jit_int ((unsigned char) in[0].data->text[0]);
  return true;
}

static bool
chr (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  char c = (char) in[0].i;
  out[0] = text_of (&c, 1);
  return true;
}

static bool
every (const TeJitAny *in, TeJitAny *out, int (*is) (int))
{
  bool all = in[0].data->n > 0;
  for (int i = 0; i < in[0].data->n; i++)
    all = all && is ((unsigned char) in[0].data->text[i]);
  out[0] = te_jit_bool (all);
  return true;
}

static bool
isdigit_all (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  return every (in, out, isdigit);
}

static bool
isalpha_all (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  return every (in, out, isalpha);
}

static const struct
{
  const char *text;
  TeJitBuiltin run;
} rows[] = {
  { "aten::add.str(str a, str b) -> str", concatenate },
  { "aten::mul.str_int(str a, int b) -> str", repeat },
  { "aten::len.str(str s) -> int", len },
  { "aten::__getitem__.str(str s, int index) -> str", get_item },
  { "aten::slice.str(str string, int? start=None, int? end=None, int step=1) -> str", slice },
  { "aten::str(t elem) -> str", to_text },
  { "aten::upper(str self) -> str", upper },
  { "aten::lower(str self) -> str", lower },
  { "aten::startswith(str self, str substr, int start=0, int end=-1) -> bool", startswith },
  { "aten::endswith(str self, str substr, int start=0, int end=-1) -> bool", endswith },
  { "aten::__contains__.str(str self, str item) -> bool", contains },
  { "aten::find(str self, str substr, int start=0, int end=-1) -> int", find },
  { "aten::replace(str self, str old, str new, int max=-1) -> str", replace },
  { "aten::strip(str self, str chars=\" \\n\\t\\f\\v\") -> str", strip },
  { "aten::split.str(str self, str? separator=None, int max=-1) -> str[]", split },
  { "aten::join(str self, str[] values) -> str", join },
  { "aten::ord(str string) -> int", ord },
  { "aten::chr(int i) -> str", chr },
  { "aten::isdigit(str self) -> bool", isdigit_all },
  { "aten::isalpha(str self) -> bool", isalpha_all },
};

void
te_jit_add_text_builtins (void)
{
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    te_jit_schema_add (rows[i].text, NULL, rows[i].run);
}
