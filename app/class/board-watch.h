/* GbBoardWatch: what a widget looks like, as a picture that is renewed a few times a second at most, and only after the widget was
 * drawn anew.  Taking it costs no drawing: it is the node that the last frame was made of.  It is a GdkPaintable itself. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GB_TYPE_BOARD_WATCH (gb_board_watch_get_type ())
G_DECLARE_FINAL_TYPE (GbBoardWatch, gb_board_watch, GB, BOARD_WATCH, GObject)

/* Signal "taken": there is another picture. */
GbBoardWatch *gb_board_watch_new (GtkWidget *widget, guint interval_msec);
/* The picture, NULL before the first; borrowed. */
GskRenderNode *gb_board_watch_get_node (GbBoardWatch *self, double *width, double *height);

G_END_DECLS
