#include "models/zip-list.h"

#include <string.h>

#define N_(text) (text)

#define END_NBYTES    22 /* of the record at the end, without its comment */
#define ENTRY_NBYTES  46
#define LOCAL_NBYTES  30
#define MOST_COMMENT  65535

static guint32
number (const guint8 *at, int nbytes)
{
  guint32 value = 0;
  for (int i = nbytes; i-- > 0;)
    value = value << 8 | at[i];
  return value;
}

/* The record at the end, looked for from behind; NULL: there is none. */
static const guint8 *
find_end (const guint8 *bytes, gsize nbytes)
{
  for (gsize back = END_NBYTES; back <= nbytes && back <= END_NBYTES + MOST_COMMENT; back++)
    if (memcmp (bytes + nbytes - back, "PK\5\6", 4) == 0)
      return bytes + nbytes - back;
  return NULL;
}

/* Where a stored member's bytes are; NULL: not within the archive. */
static const guint8 *
data_of (const guint8 *bytes, gsize nbytes, gsize local, guint64 size)
{
  gsize begin;
  if (local > nbytes || nbytes - local < LOCAL_NBYTES || memcmp (bytes + local, "PK\3\4", 4) != 0)
    return NULL;
  begin = local + LOCAL_NBYTES + number (bytes + local + 26, 2) + number (bytes + local + 28, 2);
  return begin <= nbytes && size <= nbytes - begin ? bytes + begin : NULL;
}

GArray *
gb_zip_list_new (gconstpointer data, gsize nbytes, guint most, const char **why)
{
  const guint8 *bytes = data, *end;
  gsize at, n;

  *why = NULL;
  if (nbytes < 4 || memcmp (bytes, "PK\3\4", 4) != 0)
    return NULL;
  *why = N_ ("This archive has no directory at its end: it is cut.");
  end = find_end (bytes, nbytes);
  if (end == NULL)
    return NULL;
  n = number (end + 10, 2);
  at = number (end + 16, 4);
  g_autoptr (GArray) members = g_array_new (FALSE, TRUE, sizeof (GbZipMember));
  *why = N_ ("The directory of this archive leads outside of it.");
  for (gsize i = 0; i < n; i++)
    {
      GbZipMember member = { 0 };
      gsize name_nbytes;
      if (at > nbytes || nbytes - at < ENTRY_NBYTES || memcmp (bytes + at, "PK\1\2", 4) != 0)
        return NULL;
      const guint8 *entry = bytes + at;
      name_nbytes = number (entry + 28, 2);
      if (nbytes - at - ENTRY_NBYTES < name_nbytes)
        return NULL;
      g_autofree char *raw = g_strndup ((const char *) entry + ENTRY_NBYTES, name_nbytes);
      g_autofree char *name = g_utf8_make_valid (raw, -1);
      g_utf8_strncpy (member.name, name, (sizeof member.name - 1) / 4);
      member.nbytes = number (entry + 24, 4);
      member.is_stored = number (entry + 10, 2) == 0;
      if (member.is_stored)
        member.data = data_of (bytes, nbytes, number (entry + 42, 4), member.nbytes);
      if (members->len < most)
        g_array_append_val (members, member);
      at += ENTRY_NBYTES + name_nbytes + number (entry + 30, 2) + number (entry + 32, 2);
    }
  *why = NULL;
  return g_steal_pointer (&members);
}
