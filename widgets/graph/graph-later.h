/* Pictures for one who shows the graph in a window: the layout of a large one is made in another thread, and what is shown
 * stays until it is there.  One layout at a time; all of this belongs to the thread that draws. */
#pragma once

#include "graph/graph-layout.h"

G_BEGIN_DECLS

/* Nodes from which a layout may take more than half a frame. */
#define GB_GRAPH_LARGE 1500

typedef struct _GbGraphLater GbGraphLater;

/* ready: the picture should be asked for again.  It is not called any more after gb_graph_later_free. */
GbGraphLater *gb_graph_later_new (void (*ready) (gpointer data), gpointer data);
void gb_graph_later_free (GbGraphLater *self);

/* The picture to show now, of a graph that is taken over, in place of shown (taken over, may be NULL).  As long as the graph has
 * no places: shown, or when that has none either, a picture that is only a list.  changes: GbTraceChange flags. When
 * the program went on and nobody asked for another picture, a layout that is being made is shown before the next one begins,
 * so that a program that keeps growing is seen; of another program nothing stays. */
GbGraphPicture *gb_graph_later_picture (
    GbGraphLater *self, GbGraph *graph, GbGraphPicture *shown, guint changes, const GbDrawContext *ctx);
/* Gives a picture its places at once: for paper. */
void gb_graph_later_settle (GbGraphLater *self, GbGraphPicture *picture, const GbDrawContext *ctx);

G_END_DECLS
