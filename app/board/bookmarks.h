/* Bookmarks as recordings keep them: a line of JSON among what was noted (trace/recording.h). */
#pragma once

#include "board/timeline-draw.h"

G_BEGIN_DECLS

GArray *gb_bookmarks_new (void);                      /* of GbBookmark, which it owns */
char *gb_bookmarks_to_text (const GArray *bookmarks); /* "" for none; owned */
/* Ascending; what is none is left out, and of what does not end only the beginning is taken. text: NULL is
 * fine. */
GArray *gb_bookmarks_from_text (const char *text);
/* Those of a recording; none when it cannot be read. */
GArray *gb_bookmarks_load (const char *path);

G_END_DECLS
