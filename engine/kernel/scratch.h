/* The folder that a program may write into: which files there are new, how much they take, and its end. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _GbScratch GbScratch;

/* A file is there or is another than before: its path within the folder, its length. */
typedef void (*GbScratchWritten) (const char *path, guint64 nbytes, gpointer data);

GbScratch *gb_scratch_new (GbScratchWritten written, gpointer data);
void gb_scratch_free (GbScratch *self); /* drops it */
/* Drops the folder before, and begins one: `given`, which stays the caller's, or, where that is NULL or empty, one of its
 * own that goes with it. */
gboolean gb_scratch_begin (GbScratch *self, const char *given, GError **error);
void gb_scratch_drop (GbScratch *self);
const char *gb_scratch_get_path (GbScratch *self); /* NULL: there is none */
/* Tells what was written since; returns the bytes that it all takes.  What was laid out for the program does not count. */
guint64 gb_scratch_scan (GbScratch *self);

G_END_DECLS
