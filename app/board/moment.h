/* A moment: a place in a run that can be seen again.  The program's text, what it read of the world until there, the
 * place, the views and the ink on them; a small JSON file.  Opened, the program runs again and stops there. */
#pragma once

#include "board/run-place.h"

G_BEGIN_DECLS

#define GB_MOMENT_SUFFIX ".moment"
#define GB_MOMENT_SCHEME "moment:" /* before a moment as text: its file packed, in base64url */

typedef struct
{
  char *path, *text; /* of the program as it ran */
  char *feed;        /* JSON, engine/kernel/pins.h */
  GbRunPlace place;
  char **views; /* ids, NULL at the end */
  char *ink;    /* JSON, gb_ink_replay(); NULL: none */
} GbMoment;

/* Of the trace at seq; NULL: nothing ran that could run again. */
GbMoment *gb_moment_new (GbTrace *trace, guint64 seq, const char *const *views);
void gb_moment_free (GbMoment *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbMoment, gb_moment_free)

gboolean gb_moment_save (const GbMoment *self, const char *path, GError **error);
/* NULL with a sentence in error for what is no moment. */
GbMoment *gb_moment_load (const char *path, GError **error);

/* A line of text; owned. */
char *gb_moment_to_text (const GbMoment *self);
GbMoment *gb_moment_from_text (const char *text, GError **error);

G_END_DECLS
