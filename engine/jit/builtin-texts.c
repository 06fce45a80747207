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
  TeJitSlice part;
  if (!te_jit_slice_of (in + 1, in[0].data->n, &part, err))
    return false;
  TeJitText text = { 0 };
  for (int64_t i = 0, at = part.from; i < part.n; i++, at += part.step)
    te_jit_text_add_n (&text, in[0].data->text + at, 1);
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

/* The part of in[0] from in[2] to in[3], where -1 is its end. */
typedef struct
{
  const char *text;
  int64_t from, to;
} Part;

static Part
part_of (const TeJitAny *in, int n)
{
  int64_t size = in[0].data->n, from = n > 2 ? in[2].i : 0, to = n > 3 ? in[3].i : -1;
  to = to < 0 ? to + size + 1 : to;
  from = from < 0 ? from + size : from;
  from = from < 0 ? 0 : from;
  to = to > size ? size : to < 0 ? 0 : to;
  return (Part){ in[0].data->text, from, to };
}

static bool
stands_at (Part part, int64_t at, TeJitAny wanted)
{
  int64_t n = wanted.data->n;
  return at >= part.from && at + n <= part.to && memcmp (part.text + at, wanted.data->text, (size_t) n) == 0;
}

/* Where wanted stands first or last, or -1. */
static int64_t
place_of (Part part, TeJitAny wanted, bool last)
{
  int64_t found = -1;
  for (int64_t at = part.from; at + wanted.data->n <= part.to && (found < 0 || last); at++)
    if (stands_at (part, at, wanted))
      found = at;
  return found;
}

static bool
startswith (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  Part part = part_of (in, n);
  out[0] = te_jit_bool (stands_at (part, part.from, in[1]));
  return true;
}

static bool
endswith (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  Part part = part_of (in, n);
  out[0] = te_jit_bool (stands_at (part, part.to - in[1].data->n, in[1]));
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
  out[0] = te_jit_int (place_of (part_of (in, n), in[1], false));
  return true;
}

static bool
rfind (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = te_jit_int (place_of (part_of (in, n), in[1], true));
  return true;
}

static bool
index_of (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  find (in, n, out, err);
  return out[0].i >= 0 || te_error_set (err, TE_ERR_RUNTIME, "ValueError: substring not found");
}

static bool
rindex_of (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  rfind (in, n, out, err);
  return out[0].i >= 0 || te_error_set (err, TE_ERR_RUNTIME, "ValueError: substring not found");
}

static bool
count (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  Part part = part_of (in, n);
  int64_t times = 0;
  if (!in[1].data->n)
    times = part.to - part.from + 1;
  else
    for (int64_t at; (at = place_of (part, in[1], false)) >= 0; part.from = at + in[1].data->n)
      times++;
  out[0] = te_jit_int (times);
  return true;
}

static bool
replace (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  TeJitText text = { 0 };
  const char *at = in[0].data->text, *hit;
  int64_t left = n > 3 ? in[3].i : -1;
  while (in[1].data->n && left-- != 0 && (hit = strstr (at, in[1].data->text)))
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

#define SPACES " \n\t\f\v\r"

static bool
strip_ends (const TeJitAny *in, int n, TeJitAny *out, bool left, bool right)
{
  const char *set = n > 1 && in[1].tag == TE_JIT_V_STR ? in[1].data->text : SPACES;
  const char *from = in[0].data->text, *to = from + in[0].data->n;
  while (left && from < to && strchr (set, *from))
    from++;
  while (right && to > from && strchr (set, to[-1]))
    to--;
  out[0] = text_of (from, (size_t) (to - from));
  return true;
}

static bool
strip (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  return strip_ends (in, n, out, true, true);
}

static bool
lstrip (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  return strip_ends (in, n, out, true, false);
}

static bool
rstrip (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  return strip_ends (in, n, out, false, true);
}

static const TeJitType *
texts_type (void)
{
  return te_jit_type_list (te_jit_type_simple (TE_JIT_STR));
}

/* At runs of spaces, as no separator means. */
static void
split_words (const char *at, int64_t most, TeJitAny *out)
{
  for (;;)
    {
      at += strspn (at, SPACES);
      size_t length = most-- == 0 ? strlen (at) : strcspn (at, SPACES);
      if (!length)
        return;
      te_jit_append (out, text_of (at, length));
      at += length;
    }
}

static bool
split (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  const char *at = in[0].data->text, *by = n > 1 && in[1].tag == TE_JIT_V_STR ? in[1].data->text : NULL;
  int64_t most = n > 2 ? in[2].i : -1;
  if (by && !*by)
    return te_error_set (err, TE_ERR_RUNTIME, "ValueError: empty separator");
  out[0] = te_jit_container (TE_JIT_V_LIST, texts_type ());
  if (!by)
    {
      split_words (at, most, &out[0]);
      return true;
    }
  for (const char *hit; most-- != 0 && (hit = strstr (at, by)); at = hit + strlen (by))
    te_jit_append (&out[0], text_of (at, (size_t) (hit - at)));
  te_jit_append (&out[0], text_of (at, strlen (at)));
  return true;
}

static bool
rsplit (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  Part part = part_of (in, 1);
  int64_t most = n > 2 ? in[2].i : -1, at;
  if (!in[1].data->n)
    return te_error_set (err, TE_ERR_RUNTIME, "ValueError: empty separator");
  TeJitAny found = te_jit_container (TE_JIT_V_LIST, texts_type ()); /* last first */
  while (most-- != 0 && (at = place_of (part, in[1], true)) >= 0)
    {
      te_jit_append (&found,
                     text_of (part.text + at + in[1].data->n, (size_t) (part.to - at - in[1].data->n)));
      part.to = at;
    }
  out[0] = te_jit_container (TE_JIT_V_LIST, texts_type ());
  te_jit_append (&out[0], text_of (part.text, (size_t) part.to));
  for (int i = found.data->n; i-- > 0;)
    te_jit_append (&out[0], te_jit_ref (found.data->items[i]));
  te_jit_unref (found);
  return true;
}

static bool
splitlines (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  const char *at = in[0].data->text;
  bool keep = n > 1 && in[1].b;
  out[0] = te_jit_container (TE_JIT_V_LIST, texts_type ());
  while (*at)
    {
      size_t line = strcspn (at, "\n\r\v\f"), end = at[line] == 0                         ? 0
                                                    : strncmp (at + line, "\r\n", 2) == 0 ? 2
                                                                                          : 1;
      te_jit_append (&out[0], text_of (at, line + (keep ? end : 0)));
      at += line + end;
    }
  return true;
}

/* (before, separator, after), of its first or last place. */
static bool
divide_at (const TeJitAny *in, TeJitAny *out, int64_t at, bool last)
{
  const char *text = in[0].data->text;
  int64_t size = in[0].data->n, width = in[1].data->n;
  int64_t before = at >= 0 ? at : last ? 0 : size, after = at >= 0 ? at + width : last ? 0 : size;
  out[0] = text_of (text, (size_t) before);
  out[1] = text_of (in[1].data->text, at >= 0 ? (size_t) width : 0);
  out[2] = text_of (text + after, (size_t) (size - after));
  return true;
}

static bool
partition (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  return divide_at (in, out, place_of (part_of (in, 1), in[1], false), false);
}

static bool
rpartition (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  return divide_at (in, out, place_of (part_of (in, 1), in[1], true), true);
}

/* ---- width ---- */
static bool
padded (const TeJitAny *in, int n, TeJitAny *out, int64_t left, int64_t right, TeError *err)
{
  if (n > 2 && in[2].data->n != 1)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "TypeError: The fill character must be exactly one character long");
  const char *fill = n > 2 ? in[2].data->text : " ";
  TeJitText text = { 0 };
  for (; left > 0; left--)
    te_jit_text_add_n (&text, fill, 1);
  te_jit_text_add_n (&text, in[0].data->text, (size_t) in[0].data->n);
  for (; right > 0; right--)
    te_jit_text_add_n (&text, fill, 1);
  out[0] = text_of (te_jit_text_get (&text), text.n);
  te_jit_text_clear (&text);
  return true;
}

static bool
center (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  int64_t more = in[1].i - in[0].data->n, left = more > 0 ? more / 2 : 0;
  return padded (in, n, out, left, more - left, err);
}

static bool
ljust (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  return padded (in, n, out, 0, in[1].i - in[0].data->n, err);
}

static bool
rjust (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  return padded (in, n, out, in[1].i - in[0].data->n, 0, err);
}

static bool
zfill (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  const char *at = in[0].data->text;
  TeJitText text = { 0 };
  if (*at == '+' || *at == '-')
    te_jit_text_add_n (&text, at++, 1);
  for (int64_t i = in[0].data->n; i < in[1].i; i++)
    te_jit_text_add (&text, "0");
  te_jit_text_add (&text, at);
  out[0] = text_of (te_jit_text_get (&text), text.n);
  te_jit_text_clear (&text);
  return true;
}

static bool
expandtabs (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  int64_t size = n > 1 ? in[1].i : 8, column = 0;
  TeJitText text = { 0 };
  for (const char *at = in[0].data->text; *at; at++)
    if (*at == '\t')
      do
        te_jit_text_add (&text, size > 0 ? " " : "");
      while (size > 0 && ++column % size != 0);
    else
      {
        te_jit_text_add_n (&text, at, 1);
        column = *at == '\n' ? 0 : column + 1;
      }
  out[0] = text_of (te_jit_text_get (&text), text.n);
  te_jit_text_clear (&text);
  return true;
}

/* ---- letters ---- */
static bool
capitalize (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  change (in, out, tolower);
  out[0].data->text[0] = (char) toupper ((unsigned char) out[0].data->text[0]);
  return true;
}

static bool
title (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  change (in, out, tolower);
  char *text = out[0].data->text;
  for (int i = 0; i < out[0].data->n; i++)
    if (i == 0 || !isalpha ((unsigned char) text[i - 1]))
      text[i] = (char) toupper ((unsigned char) text[i]);
  return true;
}

static int
other_case (int letter)
{
  return isupper (letter) ? tolower (letter) : toupper (letter);
}

static bool
swapcase (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  return change (in, out, other_case);
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

#define ALL(name, is)                                                                                        \
  static bool name (const TeJitAny *in, int n, TeJitAny *out, TeError *err)                                  \
  {                                                                                                          \
    return every (in, out, is);                                                                              \
  }
ALL (isdigit_all, isdigit)
ALL (isalpha_all, isalpha)
ALL (isalnum_all, isalnum)
ALL (isspace_all, isspace)

/* Are there letters, and all of one case? */
static bool
of_one_case (const TeJitAny *in, TeJitAny *out, int (*is) (int))
{
  bool some = false, others = false;
  for (int i = 0; i < in[0].data->n; i++)
    {
      int letter = (unsigned char) in[0].data->text[i];
      some = some || is (letter);
      others = others || (isalpha (letter) && !is (letter));
    }
  out[0] = te_jit_bool (some && !others);
  return true;
}

static bool
isupper_all (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  return of_one_case (in, out, isupper);
}

static bool
islower_all (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  return of_one_case (in, out, islower);
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
  { "aten::rfind(str self, str substr, int start=0, int end=-1) -> int", rfind },
  { "aten::index.str(str self, str substr, int start=0, int end=-1) -> int", index_of },
  { "aten::rindex(str self, str substr, int start=0, int end=-1) -> int", rindex_of },
  { "aten::count(str self, str substr, int start=0, int end=-1) -> int", count },
  { "aten::replace(str self, str old, str new, int max=-1) -> str", replace },
  { "aten::strip(str self, str chars=\" \\n\\t\\f\\v\") -> str", strip },
  { "aten::lstrip(str self, str chars=\" \\n\\t\\f\\v\") -> str", lstrip },
  { "aten::rstrip(str self, str chars=\" \\n\\t\\f\\v\") -> str", rstrip },
  { "aten::rsplit(str self, str separator=\" \", int max=-1) -> str[]", rsplit },
  { "aten::splitlines(str self, bool keepends=False) -> str[]", splitlines },
  { "aten::partition(str self, str separator) -> (str, str, str)", partition },
  { "aten::rpartition(str self, str separator) -> (str, str, str)", rpartition },
  { "aten::center(str self, int width, str fillchar=\" \") -> str", center },
  { "aten::ljust(str self, int width, str fillchar=\" \") -> str", ljust },
  { "aten::rjust(str self, int width, str fillchar=\" \") -> str", rjust },
  { "aten::zfill(str self, int width) -> str", zfill },
  { "aten::expandtabs(str self, int tabsize=8) -> str", expandtabs },
  { "aten::capitalize(str self) -> str", capitalize },
  { "aten::title(str self) -> str", title },
  { "aten::swapcase(str self) -> str", swapcase },
  { "aten::split.str(str self, str? separator=None, int max=-1) -> str[]", split },
  { "aten::join(str self, str[] values) -> str", join },
  { "aten::ord(str string) -> int", ord },
  { "aten::warn(str message, int stacklevel=2) -> ()", NULL },
  { "aten::chr(int i) -> str", chr },
  { "aten::isdigit(str self) -> bool", isdigit_all },
  { "aten::isalpha(str self) -> bool", isalpha_all },
  { "aten::isalnum(str self) -> bool", isalnum_all },
  { "aten::isspace(str self) -> bool", isspace_all },
  { "aten::isupper(str self) -> bool", isupper_all },
  { "aten::islower(str self) -> bool", islower_all },
};

void
te_jit_add_text_builtins (void)
{
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    te_jit_schema_add (rows[i].text, NULL, rows[i].run);
}
