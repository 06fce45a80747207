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
/* What the bookmark of the person is called is drawn at its place. */
void gb_timeline_add_bookmark (GbTimeline *self, guint64 seq);

G_END_DECLS
