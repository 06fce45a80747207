#include "io/npy-private.h"

#include <stdio.h>
#include <string.h>

#define MAGIC "\x93NUMPY"
#define N_MAGIC 6
#define ALIGN 64             /* the elements start at a multiple of it */
#define MOST_DIGITS 21       /* room that numpy leaves for the dimension that may grow */
#define MOST_HEADER 10000    /* as numpy refuses longer ones */
#define DESCR_LENGTH 16      /* more than any dtype of ours takes */
#define HAS_DESCR 1u
#define HAS_ORDER 2u
#define HAS_SHAPE 4u

static const struct
{
  char name[4];
  TeDtype dtype;
} dtypes[] = { { "b1", TE_BOOL },    { "u1", TE_UINT8 },   { "i1", TE_INT8 },    { "i2", TE_INT16 },
               { "i4", TE_INT32 },   { "i8", TE_INT64 },   { "f2", TE_FLOAT16 }, { "f4", TE_FLOAT32 },
               { "f8", TE_FLOAT64 }, { "c8", TE_COMPLEX64 }, { "c16", TE_COMPLEX128 } };
#define N_DTYPES (sizeof dtypes / sizeof dtypes[0])

static bool
machine_is_little (void)
{
  const uint16_t one = 1;
  return *(const uint8_t *) &one == 1;
}

/* ---- reading: a cursor over the header's text, which may end anywhere ---- */
typedef struct
{
  const char *at, *end;
} Cursor;

static void
skip_space (Cursor *c)
{
  while (c->at < c->end && (*c->at == ' ' || *c->at == '\n' || *c->at == '\t' || *c->at == '\r'))
    c->at++;
}

static bool
take (Cursor *c, char wanted)
{
  skip_space (c);
  if (c->at == c->end || *c->at != wanted)
    return false;
  c->at++;
  return true;
}

static bool
take_word (Cursor *c, const char *word)
{
  size_t n = strlen (word);
  skip_space (c);
  if ((size_t) (c->end - c->at) < n || memcmp (c->at, word, n))
    return false;
  c->at += n;
  return true;
}

/* A quoted text without escapes. */
static bool
take_text (Cursor *c, char *out, size_t room)
{
  skip_space (c);
  char quote = c->at < c->end ? *c->at : 0;
  if (quote != '\'' && quote != '"')
    return false;
  const char *close = memchr (c->at + 1, quote, (size_t) (c->end - c->at - 1));
  size_t n = close ? (size_t) (close - c->at - 1) : room;
  if (n >= room)
    return false;
  memcpy (out, c->at + 1, n);
  out[n] = 0;
  c->at = close + 1;
  return true;
}

/* A size, as Python 2 may have written it too: 3, 3L. */
static bool
take_size (Cursor *c, int64_t *out)
{
  skip_space (c);
  const char *begin = c->at;
  for (*out = 0; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++)
    if (__builtin_mul_overflow (*out, 10, out) || __builtin_add_overflow (*out, *c->at - '0', out))
      return false;
  bool some = c->at > begin;
  if (some && c->at < c->end && *c->at == 'L')
    c->at++;
  return some;
}

/* (), (3,), (2, 3) */
static bool
take_shape (Cursor *c, TeNpyHeader *self)
{
  if (!take (c, '('))
    return false;
  self->ndim = 0;
  while (!take (c, ')'))
    {
      if (self->ndim == TE_MAX_NDIM || !take_size (c, &self->sizes[self->ndim++]))
        return false;
      bool comma = take (c, ',');
      if (!comma && (self->ndim == 1 || !take (c, ')')))
        return false;
      if (!comma)
        break;
    }
  return true;
}

/* "<f8": order, kind and size; err is set only for dtypes that there are, but not here. */
static bool
take_descr (Cursor *c, TeNpyHeader *self, TeError *err)
{
  char text[DESCR_LENGTH];
  skip_space (c);
  if (c->at < c->end && *c->at == '[')
    return te_error_set (err, TE_ERR_TYPE, "structured arrays cannot be loaded as tensors");
  if (!take_text (c, text, sizeof text) || !text[0])
    return false;
  const char *kind = strchr ("<>|=", text[0]) ? text + 1 : text;
  if (kind[0] == 'O')
    return te_error_set (err, TE_ERR_VALUE, "Object arrays cannot be loaded when allow_pickle=False");
  for (size_t i = 0; i < N_DTYPES; i++)
    if (!strcmp (kind, dtypes[i].name))
      {
        self->dtype = dtypes[i].dtype;
        self->swapped = (text[0] == '>' && machine_is_little ()) || (text[0] == '<' && !machine_is_little ());
        return true;
      }
  return te_error_set (err, TE_ERR_TYPE, "arrays of dtype '%s' cannot be loaded as tensors: the supported types are "
                       "float64, float32, float16, complex64, complex128, int64, int32, int16, int8, uint8, and bool", text);
}

static bool
take_entry (Cursor *c, TeNpyHeader *self, unsigned *has, TeError *err)
{
  char key[DESCR_LENGTH];
  if (!take_text (c, key, sizeof key) || !take (c, ':'))
    return false;
  if (!strcmp (key, "descr") && take_descr (c, self, err))
    *has |= HAS_DESCR;
  else if (!strcmp (key, "fortran_order") && ((self->fortran = take_word (c, "True")) || take_word (c, "False")))
    *has |= HAS_ORDER;
  else if (!strcmp (key, "shape") && take_shape (c, self))
    *has |= HAS_SHAPE;
  else
    return false;
  return true;
}

static bool
read_dict (Cursor c, TeNpyHeader *self, TeError *err)
{
  unsigned has = 0;
  bool ok = take (&c, '{');
  while (ok && !take (&c, '}'))
    {
      ok = take_entry (&c, self, &has, err);
      if (ok && !take (&c, ','))
        {
          ok = take (&c, '}');
          break;
        }
    }
  skip_space (&c);
  if (ok && c.at == c.end && has == (HAS_DESCR | HAS_ORDER | HAS_SHAPE))
    return true;
  return err->kind ? false : te_error_set (err, TE_ERR_VALUE, "Cannot parse header of the npy file");
}

bool
te_npy_header_read (TeNpyHeader *self, const char *data, size_t n, TeError *err)
{
  const uint8_t *bytes = (const uint8_t *) data;
  te_error_clear (err);
  if (n < N_MAGIC + 2 || memcmp (data, MAGIC, N_MAGIC))
    return te_error_set (err, TE_ERR_VALUE, "the magic string is not correct: this is no npy file");
  if (bytes[N_MAGIC] < 1 || bytes[N_MAGIC] > 3 || bytes[N_MAGIC + 1])
    return te_error_set (err, TE_ERR_VALUE, "Invalid version (%d, %d) of the npy format", bytes[N_MAGIC], bytes[N_MAGIC + 1]);
  size_t begin = N_MAGIC + 2, n_length = bytes[N_MAGIC] == 1 ? 2 : 4, length = 0;
  for (size_t i = n_length; i-- > 0 && begin + n_length <= n;)
    length = length << 8 | bytes[begin + i];
  begin += n_length;
  if (begin > n || length > n - begin)
    return te_error_set (err, TE_ERR_VALUE, "EOF: reading array header, expected %zu bytes got %zu", length,
                         begin > n ? 0 : n - begin);
  if (length > MOST_HEADER)
    return te_error_set (err, TE_ERR_VALUE, "Header info length (%zu) is large and may not be safe to load securely.", length);
  self->begin = begin + length;
  return read_dict ((Cursor){ data + begin, data + self->begin }, self, err);
}

/* ---- writing ---- */
bool
te_npy_header_write (const TeNpyHeader *self, TeIoBuffer *out, TeError *err)
{
  char text[64 + TE_MAX_NDIM * (MOST_DIGITS + 2) + 2 * ALIGN], size[MOST_DIGITS + 1];
  const char *name = NULL;
  for (size_t i = 0; i < N_DTYPES && !name; i++)
    name = dtypes[i].dtype == self->dtype ? dtypes[i].name : NULL;
  if (!name)
    return te_error_set (err, TE_ERR_TYPE, "Got unsupported ScalarType %s", te_dtype_error_name (self->dtype));
  char order = te_dtype_nbytes (self->dtype) == 1 ? '|' : machine_is_little () ? '<' : '>';
  int n = snprintf (text, sizeof text, "{'descr': '%c%s', 'fortran_order': %s, 'shape': (", order, name,
                    self->fortran ? "True" : "False");
  for (int i = 0; i < self->ndim; i++)
    n += snprintf (text + n, sizeof text - (size_t) n, "%s%lld", i ? ", " : "", (long long) self->sizes[i]);
  n += snprintf (text + n, sizeof text - (size_t) n, self->ndim == 1 ? ",), }" : "), }");
  if (self->ndim) /* who appends along this dimension writes its new size in place */
    n += MOST_DIGITS
         - snprintf (size, sizeof size, "%lld", (long long) self->sizes[self->fortran ? self->ndim - 1 : 0]);
  size_t used = strnlen (text, sizeof text), whole = (size_t) n + 1;
  whole += ALIGN - (N_MAGIC + 4 + whole) % ALIGN;
  memset (text + used, ' ', whole - used);
  text[whole - 1] = '\n';
  const uint8_t start[] = { 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (uint8_t) whole, (uint8_t) (whole >> 8) };
  te_io_buffer_add (out, start, sizeof start);
  te_io_buffer_add (out, text, whole);
  return !out->failed || te_error_no_memory (err);
}
