/* Finding nodes of the graph by what is typed, and what is painted on them.  Pure. */
#pragma once

#include "graph/graph-layout.h"

G_BEGIN_DECLS

/* Indices of the items (guint) whose name, op, grad_fn or module contains `text`, in reading order; capitals do not count.
 * Of a node with what hangs on it the first that does.  Owned. */
GArray *gb_graph_find_items (const GbGraphPicture *self, GbTrace *trace, const char *text);

typedef enum
{
  GB_GRAPH_PAINT_NUMBERS, /* statistics as text, no colour */
  GB_GRAPH_PAINT_TIME,
  GB_GRAPH_PAINT_MEMORY, /* of results that are no views, and of what was saved */
  GB_GRAPH_N_PAINTS,
} GbGraphPaint;

/* What a node has of it, nanoseconds or bytes; 0: nothing is known, or it has not run. */
double gb_graph_paint_of (const GbGraphNode *node, GbTrace *trace, guint64 position, GbGraphPaint paint);
/* The largest of all nodes, and their sum. */
double
gb_graph_paint_most (const GbGraphPicture *self, GbTrace *trace, guint64 position, GbGraphPaint paint, double *sum);
/* "0.8 ms", "1.5 KiB" */
const char *gb_graph_paint_text (GbGraphPaint paint, double value, char *buffer, gsize nbytes);

G_END_DECLS
