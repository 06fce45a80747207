/* What the directory at the end of a zip archive lists, for a picture of an npz file's bytes.  The bytes come from a
 * program: nothing in them is trusted.  Source: PKWARE's APPNOTE, 4.3. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  char name[128];      /* valid UTF-8, cut where it is longer */
  guint64 nbytes;      /* unpacked */
  gboolean is_stored;  /* as it is, not packed */
  const guint8 *data;  /* of a stored one that lies within the archive, borrowed; else NULL */
} GbZipMember;

/* Members in the order of the directory (element-type GbZipMember), at most `most`.  NULL: no archive, or (*why set, a
 * msgid) one whose directory is not whole. */
GArray *gb_zip_list_new (gconstpointer data, gsize nbytes, guint most, const char **why);

G_END_DECLS
