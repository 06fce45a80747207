#include "models/npy-head.h"

#include <string.h>

#define N_(text) (text)
#define MOST_HEAD 65536

/* The text behind 'key': in the dict; NULL: it has no such key. */
static const char *
find_key (const char *head, const char *key)
{
  g_autofree char *quoted = g_strdup_printf ("'%s'", key);
  const char *at = strstr (head, quoted);
  if (at == NULL)
    return NULL;
  at += strlen (quoted);
  at += strspn (at, " ");
  if (*at != ':')
    return NULL;
  at++;
  return at + strspn (at, " ");
}

static void
read_type (GbNpyHead *self, const char *descr, gsize length)
{
  static const struct
  {
    const char *code, *name;
  } types[] = { { "f2", "float16" }, { "f4", "float32" }, { "f8", "float64" }, { "i1", "int8" },     { "i2", "int16" },
                { "i4", "int32" },   { "i8", "int64" },   { "u1", "uint8" },   { "u2", "uint16" },   { "u4", "uint32" },
                { "u8", "uint64" },  { "b1", "bool" },    { "c8", "complex64" }, { "c16", "complex128" } };
  char order = length ? descr[0] : 0;
  gsize skip = order && strchr ("<>|=", order) ? 1 : 0;
  g_snprintf (self->type, sizeof self->type, "%.*s", (int) MIN (length, sizeof self->type - 1), descr);
  self->is_swapped = order == (G_BYTE_ORDER == G_LITTLE_ENDIAN ? '>' : '<');
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (length - skip == strlen (types[i].code) && strncmp (descr + skip, types[i].code, length - skip) == 0)
      {
        g_strlcpy (self->type, types[i].name, sizeof self->type);
        self->item_nbytes = (guint) g_ascii_strtoull (types[i].code + 1, NULL, 10);
      }
}

static gboolean
read_shape (GbNpyHead *self, const char *at)
{
  if (*at++ != '(')
    return FALSE;
  for (;;)
    {
      char *end;
      gint64 size;
      at += strspn (at, " ,");
      if (*at == ')')
        return TRUE;
      size = g_ascii_strtoll (at, &end, 10);
      if (end == at || size < 0 || size == G_MAXINT64 || self->ndim == GB_NPY_MOST_NDIM)
        return FALSE;
      self->sizes[self->ndim++] = size;
      at = *end == 'L' ? end + 1 : end; /* as Python 2 wrote it */
    }
}

gboolean
gb_npy_head_read (GbNpyHead *self, gconstpointer data, gsize nbytes, const char **why)
{
  const guint8 *bytes = data;
  const char *descr, *order, *shape, *end;
  gsize length, start;

  *self = (GbNpyHead){ 0 };
  *why = NULL;
  if (nbytes < 6 || memcmp (bytes, "\x93NUMPY", 6) != 0)
    return FALSE;
  *why = N_ ("This npy file ends within its head.");
  if (nbytes < 10)
    return FALSE;
  self->version = bytes[6];
  if (self->version == 1)
    start = 10, length = bytes[8] | (gsize) bytes[9] << 8;
  else if (nbytes < 12)
    return FALSE;
  else
    start = 12, length = bytes[8] | (gsize) bytes[9] << 8 | (gsize) bytes[10] << 16 | (gsize) bytes[11] << 24;
  if (self->version < 1 || self->version > 3)
    {
      *why = N_ ("This npy file has a version that nobody knows.");
      return FALSE;
    }
  if (length > MOST_HEAD || length > nbytes - start)
    return FALSE;
  g_autofree char *head = g_strndup ((const char *) bytes + start, length);
  *why = N_ ("The head of this npy file says neither what its elements are nor how many.");
  descr = find_key (head, "descr");
  order = find_key (head, "fortran_order");
  shape = find_key (head, "shape");
  if (descr == NULL || order == NULL || shape == NULL || *descr != '\'' || (end = strchr (descr + 1, '\'')) == NULL)
    return FALSE;
  read_type (self, descr + 1, (gsize) (end - descr - 1));
  self->is_fortran = g_str_has_prefix (order, "True");
  self->begin = start + length;
  if (!read_shape (self, shape))
    return FALSE;
  *why = NULL;
  return TRUE;
}
