/* Layered layout: where the boxes of a directed acyclic graph go, from left to right, and how its edges run.
 * Pure geometry: no trace, no GTK.  Deterministic: the same graph gives the same places.
 *
 * Parts that no edge connects are laid out by themselves and stand one after the other, in rows.
 *
 * Nodes are given in an order in which every edge goes from a smaller to a larger index.  Layers by network simplex from
 * those of the longest path; edges over several layers get a lane of their own; order within layers by medians with
 * transpositions, over all layers and over a few; places by lines that go on straight. Sources: Sugiyama, Tagawa, Toda
 * 1981; Gansner et al. 1993 (network simplex, medians, transposition); Brandes and Köpf 2002 (lines). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  /* in */
  double width, height;
  double above; /* of the height, what is above the point where its edges meet; 0: half of it */
  /* out: the middle between left and right, and where its edges meet */
  double x, y;
  int layer, order;
} GbLayoutNode;

typedef struct
{
  /* in */
  guint from, to;
  /* out: points from the right side of `from` to the left side of `to`; borrowed from the layout */
  const double *points; /* x, y pairs */
  guint n_points;
} GbLayoutEdge;

typedef struct
{
  double layer_gap; /* between the boxes of neighbouring layers */
  double node_gap;  /* between boxes of one layer */
  double lane_gap;  /* around an edge that passes a layer */
  double row_width; /* unconnected parts fill rows of this width; 0: one that gives a wide picture */
} GbLayoutOptions;

typedef struct _GbLayout GbLayout;

/* gb_layout_new: takes copies of nodes and edges and places them.  Edges with from >= to or out of range are
 * left without points.  Owned by the caller. */
GbLayout *gb_layout_new (const GbLayoutNode *nodes,
                         guint n_nodes,
                         const GbLayoutEdge *edges,
                         guint n_edges,
                         const GbLayoutOptions *options);
void gb_layout_free (GbLayout *self);
const GbLayoutNode *gb_layout_get_nodes (const GbLayout *self);
const GbLayoutEdge *gb_layout_get_edges (const GbLayout *self);
guint gb_layout_get_n_layers (const GbLayout *self);
double gb_layout_get_width (const GbLayout *self);
double gb_layout_get_height (const GbLayout *self);
/* Pairs of edge pieces between neighbouring layers that cross. */
guint gb_layout_count_crossings (const GbLayout *self);

G_END_DECLS
