/* Parts of pictures that look the same as long as their key is the same.  The node that was made for a key is put in
 * again, so that GTK, which compares the nodes of two frames, sees that nothing changed there and paints nothing; a part
 * that cairo drew would otherwise count as changed whenever it is drawn.  What nobody asked for while many
 * others were made is given up. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* NULL: the part is known and was appended.  Else draw it into what is returned and close it with the same key.  Keys are
 * compared as bytes: no padding in them, and what draws it as their first part, so that no two kinds meet. */
GtkSnapshot *gb_kept_open (GtkSnapshot *snapshot, gconstpointer key, gsize nbytes);
/* weight: bytes that the part holds beside its strokes, its pixels. */
void gb_kept_close (GtkSnapshot *snapshot, GtkSnapshot *part, gconstpointer key, gsize nbytes, gsize weight);

/* Stands for many bytes in a key. */
typedef struct
{
  guint64 a, b;
} GbKeptDigest;
GbKeptDigest gb_kept_digest (gconstpointer bytes, gsize nbytes);

G_END_DECLS
