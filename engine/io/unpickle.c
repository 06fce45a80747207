#include "io/pickle.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

typedef struct
{
  TeIoDocument *doc;
  const uint8_t *data;
  size_t n, at;
  const TePickleHooks *hooks;
  TeError *err;
  TeIoItems stack, memo; /* memo entries may be NULL */
  size_t *marks;         /* heights of the stack */
  size_t n_marks, marks_room;
} Reader;

static bool
fail (Reader *r, const char *what)
{
  return te_error_set (r->err, TE_ERR_RUNTIME, "malformed pickle at byte %zu: %s", r->at, what);
}

/* ---- bytes ---- */
static const uint8_t *
take (Reader *r, size_t n)
{
  if (n > r->n - r->at)
    {
      fail (r, "it ends too early");
      return NULL;
    }
  r->at += n;
  return r->data + r->at - n;
}

static bool
take_uint (Reader *r, int nbytes, uint64_t *value)
{
  const uint8_t *p = take (r, (size_t) nbytes);
  *value = 0;
  for (int i = 0; p && i < nbytes; i++)
    *value |= (uint64_t) p[i] << (8 * i);
  return p != NULL;
}

/* A line of text, without its end; copied and ended by 0 (n bytes of room). */
static bool
take_line (Reader *r, char *text, size_t room)
{
  size_t start = r->at;
  while (r->at < r->n && r->data[r->at] != '\n')
    r->at++;
  size_t length = r->at - start;
  if (r->at == r->n || length >= room || memchr (r->data + start, 0, length))
    return fail (r, "a line without end");
  memcpy (text, r->data + start, length);
  text[length] = 0;
  r->at++;
  return true;
}

/* ---- stack ---- */
static bool
push (Reader *r, TeIoValue *value)
{
  return te_io_append (r->doc, &r->stack, value) || te_error_no_memory (r->err);
}

static size_t
floor_of (const Reader *r)
{
  return r->n_marks ? r->marks[r->n_marks - 1] : 0;
}

static TeIoValue *
pop (Reader *r)
{
  if (r->stack.n <= floor_of (r))
    {
      fail (r, "nothing on the stack");
      return NULL;
    }
  return r->stack.at[--r->stack.n];
}

static TeIoValue *
top (Reader *r)
{
  if (r->stack.n <= floor_of (r))
    {
      fail (r, "nothing on the stack");
      return NULL;
    }
  return r->stack.at[r->stack.n - 1];
}

static bool
push_mark (Reader *r)
{
  if (r->n_marks == r->marks_room)
    {
      size_t room = r->marks_room ? 2 * r->marks_room : 16;
      size_t *marks = te_new_sized (room * sizeof *marks);
      if (!marks)
        return te_error_no_memory (r->err);
      if (r->n_marks)
        memcpy (marks, r->marks, r->n_marks * sizeof *marks);
      te_free_sized (r->marks, r->marks_room * sizeof *marks);
      r->marks = marks;
      r->marks_room = room;
    }
  r->marks[r->n_marks++] = r->stack.n;
  return true;
}

/* The values above the last mark; the mark goes, they stay on the stack until *height is set back to `from`.
 */
static bool
pop_mark (Reader *r, size_t *from)
{
  if (!r->n_marks)
    return fail (r, "no mark on the stack");
  *from = r->marks[--r->n_marks];
  return *from <= r->stack.n || fail (r, "a mark above the stack");
}

/* A container of the values above the last mark. */
static bool
gather (Reader *r, TeIoKind kind)
{
  size_t from = 0;
  TeIoValue *value;
  if (!pop_mark (r, &from))
    return false;
  if (kind == TE_IO_DICT && (r->stack.n - from) % 2)
    return fail (r, "a key without value");
  value = te_io_container (r->doc, kind);
  for (size_t i = from; value && i < r->stack.n; i++)
    if (!te_io_append (r->doc, &value->items, r->stack.at[i]))
      value = NULL;
  r->stack.n = from;
  return push (r, value);
}

static bool
gather_last (Reader *r, size_t n)
{
  if (r->stack.n - floor_of (r) < n)
    return fail (r, "too little on the stack for a tuple");
  TeIoValue *value = te_io_container (r->doc, TE_IO_TUPLE);
  for (size_t i = r->stack.n - n; value && i < r->stack.n; i++)
    if (!te_io_append (r->doc, &value->items, r->stack.at[i]))
      value = NULL;
  r->stack.n -= n;
  return push (r, value);
}

/* ---- memo ---- */
static bool
memo_put (Reader *r, uint64_t index)
{
  TeIoValue *value = top (r);
  if (!value)
    return false;
  if (index > r->n) /* more entries than bytes */
    return fail (r, "a memo number out of range");
  while (r->memo.n <= index)
    {
      if (!te_io_append (r->doc, &r->memo, value))
        return te_error_no_memory (r->err);
      r->memo.at[r->memo.n - 1] = NULL;
    }
  r->memo.at[index] = value;
  return true;
}

static bool
memo_get (Reader *r, uint64_t index)
{
  if (index >= r->memo.n || !r->memo.at[index])
    return fail (r, "a memo number that was never set");
  return push (r, r->memo.at[index]);
}

/* ---- putting into ---- */
static bool
append_to (Reader *r, TeIoValue *target, TeIoValue *value)
{
  if (target->kind == TE_IO_LIST)
    return te_io_append (r->doc, &target->items, value) || te_error_no_memory (r->err);
  if (target->kind == TE_IO_OBJECT)
    return te_io_append (r->doc, &target->object.items, value) || te_error_no_memory (r->err);
  return fail (r, "appending to what is no list");
}

static bool
set_in (Reader *r, TeIoValue *target, TeIoValue *key, TeIoValue *value)
{
  TeIoItems *items = target->kind == TE_IO_DICT     ? &target->items
                     : target->kind == TE_IO_OBJECT ? &target->object.pairs
                                                    : NULL;
  if (!items)
    return fail (r, "setting items of what is no dict");
  return (te_io_append (r->doc, items, key) && te_io_append (r->doc, items, value))
         || te_error_no_memory (r->err);
}

static bool
append_all (Reader *r, bool pairs)
{
  size_t from = 0;
  if (!pop_mark (r, &from) || from == 0 || from <= floor_of (r))
    return r->err->kind ? false : fail (r, "nothing to append to");
  TeIoValue *target = r->stack.at[from - 1];
  if (pairs && (r->stack.n - from) % 2)
    return fail (r, "a key without value");
  for (size_t i = from; i < r->stack.n; i += pairs ? 2 : 1)
    if (!(pairs ? set_in (r, target, r->stack.at[i], r->stack.at[i + 1])
                : append_to (r, target, r->stack.at[i])))
      return false;
  r->stack.n = from;
  return true;
}

/* ---- objects ---- */
static bool
is_name (const char *text)
{
  for (; *text; text++)
    if ((unsigned char) *text <= ' ' || (unsigned char) *text > 126)
      return false;
  return true;
}

/* What a file of weights may name: PyTorch's own list, with what describes tensors in it. */
static bool
is_weights_name (const char *module, const char *name)
{
  static const char *const utils[] = { "_rebuild_parameter",       "_rebuild_tensor",
                                       "_rebuild_tensor_v2",       "_rebuild_device_tensor_from_numpy",
                                       "_rebuild_meta_tensor_no_storage", "_rebuild_qtensor",
                                       "_rebuild_sparse_tensor",   "_rebuild_sparse_csr_tensor" };
  if (!strcmp (module, "collections"))
    return !strcmp (name, "OrderedDict");
  if (!strcmp (module, "torch.nn.parameter"))
    return !strcmp (name, "Parameter");
  if (!strcmp (module, "torch.serialization"))
    return !strcmp (name, "_get_layout");
  for (size_t i = 0; !strcmp (module, "torch._utils") && i < sizeof utils / sizeof utils[0]; i++)
    if (!strcmp (name, utils[i]))
      return true;
  if (!strcmp (module, "torch.storage"))
    return !strcmp (name, "TypedStorage") || !strcmp (name, "UntypedStorage");
  if (strcmp (module, "torch"))
    return false;
  for (int dtype = 0; dtype < TE_DTYPE_COUNT; dtype++)
    if (!strcmp (name, te_dtype_name ((TeDtype) dtype)))
      return true;
  size_t n = strlen (name);
  return !strcmp (name, "Size") || !strcmp (name, "Tensor") || te_storage_class_dtype (name) != TE_DTYPE_NONE
         || (n > 6 && !strcmp (name + n - 6, "Tensor"));
}

static bool
push_global (Reader *r, const char *module, const char *name)
{
  if (!is_name (module) || !is_name (name))
    return fail (r, "a global's name is no text");
  if (r->hooks->weights_only && !is_weights_name (module, name))
    return te_error_set (r->err, TE_ERR_RUNTIME, "Unsupported class %.200s.%.200s", module, name);
  /* names of Python 2 */
  if (!strcmp (module, "__builtin__"))
    module = "builtins";
  return push (r, te_io_global (r->doc, module, name));
}

static bool
stack_global (Reader *r)
{
  TeIoValue *name = pop (r), *module = name ? pop (r) : NULL;
  if (!module)
    return false;
  if (name->kind != TE_IO_STR || module->kind != TE_IO_STR || strlen (name->bytes.data) != name->bytes.n
      || strlen (module->bytes.data) != module->bytes.n)
    return fail (r, "a global's name is no text");
  return push_global (r, module->bytes.data, name->bytes.data);
}

static bool
reduce (Reader *r, bool is_new)
{
  TeIoValue *args = pop (r), *callable = args ? pop (r) : NULL;
  if (!callable)
    return false;
  if (args->kind != TE_IO_TUPLE)
    return fail (r, "arguments that are no tuple");
  if (callable->kind != TE_IO_GLOBAL)
    return fail (r, "a call of what is no global name");
  TeIoValue *value = te_io_object (r->doc, callable, args);
  if (!value)
    return te_error_no_memory (r->err);
  value->is_new = is_new;
  value = r->hooks->build ? r->hooks->build (r->hooks->ctx, r->doc, value, r->err) : value;
  return value && push (r, value);
}

static bool
build (Reader *r)
{
  TeIoValue *state = pop (r), *target = state ? top (r) : NULL;
  if (!target)
    return false;
  if (target->kind == TE_IO_OBJECT)
    target->object.state = state;
  else if (target->kind != TE_IO_TENSOR) /* attributes of a tensor say nothing about its elements */
    return fail (r, "state for what is no object");
  return true;
}

static bool
persistent (Reader *r)
{
  TeIoValue *id = pop (r);
  if (!id)
    return false;
  if (!r->hooks->resolve)
    return fail (r, "a persistent id");
  TeIoValue *value = r->hooks->resolve (r->hooks->ctx, r->doc, id, r->err);
  return value && push (r, value);
}

/* ---- numbers and text ---- */
static bool
push_bytes (Reader *r, TeIoKind kind, int size_nbytes)
{
  uint64_t n;
  if (!take_uint (r, size_nbytes, &n))
    return false;
  const uint8_t *p = n <= r->n ? take (r, (size_t) n) : NULL;
  if (!p)
    return r->err->kind ? false : fail (r, "it ends too early");
  return push (r, te_io_bytes (r->doc, kind, (const char *) p, (size_t) n));
}

static bool
push_long (Reader *r, int size_nbytes)
{
  uint64_t n;
  if (!take_uint (r, size_nbytes, &n))
    return false;
  const uint8_t *p = n <= r->n ? take (r, (size_t) n) : NULL;
  if (!p)
    return r->err->kind ? false : fail (r, "it ends too early");
  if (n > 8)
    return push (r, te_io_bytes (r->doc, TE_IO_LONG, (const char *) p, (size_t) n));
  uint64_t value = n && p[n - 1] & 0x80 ? UINT64_MAX : 0;
  for (size_t i = 0; i < n; i++)
    value = (value & ~((uint64_t) 0xff << (8 * i))) | (uint64_t) p[i] << (8 * i);
  return push (r, te_io_int (r->doc, (int64_t) value));
}

static bool
push_line_number (Reader *r, bool floating)
{
  char text[64], *end;
  if (!take_line (r, text, sizeof text))
    return false;
  if (!floating && (!strcmp (text, "00") || !strcmp (text, "01")))
    return push (r, te_io_bool (r->doc, text[1] == '1'));
  double f = floating ? strtod (text, &end) : 0;
  long long i = floating ? 0 : strtoll (text, &end, 10);
  if (end == text || (*end && strcmp (end, "L")))
    return fail (r, "a line that is no number");
  return push (r, floating ? te_io_float (r->doc, f) : te_io_int (r->doc, i));
}

static bool
push_binfloat (Reader *r)
{
  const uint8_t *p = take (r, 8);
  uint64_t bits = 0;
  double value;
  for (int i = 0; p && i < 8; i++)
    bits = bits << 8 | p[i];
  memcpy (&value, &bits, sizeof value);
  return p && push (r, te_io_float (r->doc, value));
}

static bool
push_binint (Reader *r, int nbytes)
{
  uint64_t value;
  return take_uint (r, nbytes, &value)
         && push (r, te_io_int (r->doc, nbytes == 4 ? (int64_t) (int32_t) value : (int64_t) value));
}

static bool
memo_line (Reader *r, bool put)
{
  char text[32], *end;
  if (!take_line (r, text, sizeof text))
    return false;
  unsigned long long index = strtoull (text, &end, 10);
  if (end == text || *end)
    return fail (r, "a memo number that is none");
  return put ? memo_put (r, index) : memo_get (r, index);
}

static bool
memo_number (Reader *r, int nbytes, bool put)
{
  uint64_t index;
  return take_uint (r, nbytes, &index) && (put ? memo_put (r, index) : memo_get (r, index));
}

/* ---- one opcode ---- */
static bool
container_step (Reader *r, uint8_t op)
{
  TeIoValue *value, *key, *target;
  size_t from = 0;
  switch (op)
    {
    case ']':
      return push (r, te_io_container (r->doc, TE_IO_LIST));
    case ')':
      return push (r, te_io_container (r->doc, TE_IO_TUPLE));
    case '}':
      return push (r, te_io_container (r->doc, TE_IO_DICT));
    case 'l':
      return gather (r, TE_IO_LIST);
    case 't':
      return gather (r, TE_IO_TUPLE);
    case 'd':
      return gather (r, TE_IO_DICT);
    case 0x85:
    case 0x86:
    case 0x87:
      return gather_last (r, (size_t) (op - 0x84));
    case 'a':
      value = pop (r);
      target = value ? top (r) : NULL;
      return target && append_to (r, target, value);
    case 's':
      value = pop (r);
      key = value ? pop (r) : NULL;
      target = key ? top (r) : NULL;
      return target && set_in (r, target, key, value);
    case 'e':
    case 'u':
      return append_all (r, op == 'u');
    case 0x8f: /* EMPTY_SET: set ([]) */
    case 0x91: /* FROZENSET */
      value = te_io_container (r->doc, TE_IO_TUPLE);
      if (op == 0x91
          && !(gather (r, TE_IO_LIST) && (target = pop (r)) && value
               && te_io_append (r->doc, &value->items, target)))
        return false;
      return push_global (r, "builtins", op == 0x91 ? "frozenset" : "set") && push (r, value)
             && reduce (r, false);
    case 0x90: /* ADDITEMS */
      return append_all (r, false);
    case '(':
      return push_mark (r);
    case '0':
      if (r->stack.n > floor_of (r))
        return pop (r) != NULL;
      return pop_mark (r, &from);
    case '1':
      if (!pop_mark (r, &from))
        return false;
      r->stack.n = from;
      return true;
    default:
      value = top (r); /* DUP */
      return value && push (r, value);
    }
}

/* The opcodes of PyTorch 1.13's restricted reader. */
static bool
is_weights_opcode (uint8_t op)
{
  return strchr ("c\x81Rbaesu(t\x85\x86\x87N\x88\x89)]}\x8fJKMXUQhjqr\x8a\x80", op) && op;
}

static bool
step (Reader *r, uint8_t op)
{
  char module[256], name[256];
  uint64_t ignored;
  if (r->hooks->weights_only && !is_weights_opcode (op))
    return te_error_set (r->err, TE_ERR_RUNTIME, "Unsupported operand %d", op);
  switch (op)
    {
    case 0x80: /* PROTO */
      return take_uint (r, 1, &ignored) && (ignored <= 5 || fail (r, "an unknown protocol"));
    case 0x95: /* FRAME */
      return take_uint (r, 8, &ignored);
    case 'N':
      return push (r, te_io_none (r->doc));
    case 0x88:
    case 0x89:
      return push (r, te_io_bool (r->doc, op == 0x88));
    case 'I':
    case 'L':
    case 'F':
      return push_line_number (r, op == 'F');
    case 'J':
      return push_binint (r, 4);
    case 'K':
      return push_binint (r, 1);
    case 'M':
      return push_binint (r, 2);
    case 0x8a:
      return push_long (r, 1);
    case 0x8b:
      return push_long (r, 4);
    case 'G':
      return push_binfloat (r);
    case 'X':
    case 'T':
      return push_bytes (r, TE_IO_STR, 4);
    case 0x8c:
    case 'U':
      return push_bytes (r, TE_IO_STR, 1);
    case 0x8d:
      return push_bytes (r, TE_IO_STR, 8);
    case 'B':
      return push_bytes (r, TE_IO_BYTES, 4);
    case 'C':
      return push_bytes (r, TE_IO_BYTES, 1);
    case 0x8e:
      return push_bytes (r, TE_IO_BYTES, 8);
    case 'c':
      return take_line (r, module, sizeof module) && take_line (r, name, sizeof name)
             && push_global (r, module, name);
    case 0x93:
      return stack_global (r);
    case 'R':
    case 0x81:
      return reduce (r, op == 0x81);
    case 'b':
      return build (r);
    case 'Q':
      return persistent (r);
    case 'p':
    case 'g':
      return memo_line (r, op == 'p');
    case 'q':
    case 'h':
      return memo_number (r, 1, op == 'q');
    case 'r':
    case 'j':
      return memo_number (r, 4, op == 'r');
    case 0x94: /* MEMOIZE */
      return memo_put (r, r->memo.n);
    case ']':
    case ')':
    case '}':
    case 'l':
    case 't':
    case 'd':
    case 0x85:
    case 0x86:
    case 0x87:
    case 'a':
    case 's':
    case 'e':
    case 'u':
    case 0x8f:
    case 0x90:
    case 0x91:
    case '(':
    case '0':
    case '1':
    case '2':
      return container_step (r, op);
    default:
      return te_error_set (r->err, TE_ERR_RUNTIME,
                           "malformed pickle at byte %zu: opcode 0x%02x is not known here", r->at - 1, op);
    }
}

TeIoValue *
te_pickle_read (
    TeIoDocument *doc, const char *data, size_t n, const TePickleHooks *hooks, size_t *used, TeError *err)
{
  Reader r = { .doc = doc, .data = (const uint8_t *) data, .n = n, .hooks = hooks, .err = err };
  TeIoValue *root = NULL;
  err->kind = TE_ERR_NONE;
  bool ok = true, done = false;
  while (ok && !done)
    {
      const uint8_t *op = take (&r, 1);
      ok = op != NULL;
      done = ok && *op == '.';
      if (ok && !done)
        ok = step (&r, *op);
      if (!ok && !err->kind)
        te_error_no_memory (err);
    }
  if (done)
    root = pop (&r);
  if (used)
    *used = r.at;
  te_free_sized (r.stack.at, r.stack.room * sizeof *r.stack.at);
  te_free_sized (r.memo.at, r.memo.room * sizeof *r.memo.at);
  te_free_sized (r.marks, r.marks_room * sizeof *r.marks);
  return root;
}
