/* What the parts of the layered layout share while it is made. */
#pragma once

#include "models/layered-layout.h"

/* A box, or the place where a long edge passes a layer. */
typedef struct
{
  double width, height, above, x, y, want;
  int layer, order;
  int node;                               /* index of the box, -1: a lane */
  guint first_in, n_in, first_out, n_out; /* into in/out neighbour arrays */
  double median;
} Slot;

struct _GbLayout
{
  GbLayoutNode *nodes;
  GbLayoutEdge *edges;
  guint n_nodes, n_edges, n_layers;
  GbLayoutOptions options;
  double width, height;
  Slot *slots;
  guint n_slots;
  guint *in, *out;              /* neighbour slots */
  guint *piece_from, *piece_to; /* pieces between neighbouring layers */
  guint n_pieces;
  guint *edge_first_lane; /* per edge: first lane slot, lanes follow each other */
  guint **layers;
  guint *layer_count;
  double *points;
  guint64 crossings;
};

/* From a smaller to a larger index; others have no place in the picture. */
static inline gboolean
gb_layout_is_good_edge (const GbLayout *self, const GbLayoutEdge *edge)
{
  return edge->from < edge->to && edge->to < self->n_nodes;
}

/* Layers of which the edges together are the shortest, from any layers in which every edge leads to a later one.  FALSE: it
 * ended when it had looked at most_work edges; what it found until then is good too. */
gboolean gb_layout_shorten_edges (GbLayout *self, guint64 most_work);

/* Finds an order within the layers in which few pieces of edges cross. */
void gb_layout_order_layers (GbLayout *self);
guint64 gb_layout_all_crossings (const GbLayout *self);

/* Gives every slot of the ordered layers its place. */
void gb_layout_place (GbLayout *self);
