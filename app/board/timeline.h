/* GbTimeline: the run and the iteration as two rows with one playhead; scrubs by pointer and keys. */
#pragma once

#include <gtk/gtk.h>

#include "board/timeline-model.h"

G_BEGIN_DECLS

#define GB_TYPE_TIMELINE (gb_timeline_get_type ())
G_DECLARE_FINAL_TYPE (GbTimeline, gb_timeline, GB, TIMELINE, GtkWidget)

/* Signal "described": the headline or detail is another one. */
GtkWidget *gb_timeline_new (GbTraceCursor *cursor);
const char *gb_timeline_get_headline (GbTimeline *self);
const char *gb_timeline_get_detail (GbTimeline *self);
/* Iterations (guint64) that snapshots are kept of; referenced. */
void gb_timeline_set_snapshots (GbTimeline *self, GArray *iterations);
/* A bookmark with its note, which is drawn at its place; NULL takes it away. */
void gb_timeline_set_bookmark (GbTimeline *self, guint64 seq, const char *note);
const char *gb_timeline_get_bookmark (GbTimeline *self, guint64 seq); /* NULL: there is none */
void gb_timeline_drop_bookmarks (GbTimeline *self, guint64 behind); /* those behind it */
GArray *gb_timeline_get_bookmarks (GbTimeline *self); /* GbBookmark, ascending; borrowed */
void gb_timeline_take_bookmarks (GbTimeline *self, GArray *bookmarks); /* in their place; takes it over */
/* The next one behind or (direction < 0) before seq; 0: there is none. */
/* The next mark, question, failed check or exception behind (1) or before (-1) seq; NULL: there is none. */
const GbRunMark *gb_timeline_find_mark (GbTimeline *self, guint64 seq, int direction);
guint64 gb_timeline_find_bookmark (GbTimeline *self, guint64 seq, int direction);
GdkRectangle gb_timeline_get_playhead (GbTimeline *self); /* where a popover points to */

G_END_DECLS
