/* graph: the computation graph, forward above, backward below, in the same columns.  Pure geometry of the
 * picture. */
#pragma once

#include "common/draw.h"
#include "models/graph-model.h"
#include "models/layered-layout.h"

G_BEGIN_DECLS

typedef enum
{
  GB_GRAPH_ITEM_NODE,       /* forward box */
  GB_GRAPH_ITEM_LEAF,       /* above it; sub: index of the leaf */
  GB_GRAPH_ITEM_SAVED,      /* chip; sub: index of the grad_fn */
  GB_GRAPH_ITEM_GRAD_FN,    /* stadium; sub: index of the grad_fn */
  GB_GRAPH_ITEM_ACCUMULATE, /* AccumulateGrad of a leaf; sub: index of the leaf */
  GB_GRAPH_ITEM_BRACKET,    /* node: index of the bracket */
} GbGraphItemKind;

typedef struct
{
  GbGraphItemKind kind;
  guint node, sub;
  double x, y, width, height; /* left top */
} GbGraphItem;

/* All that the layout is made of, free of the graph and of fonts: another thread may have it. */
typedef struct
{
  GbLayoutNode *nodes;
  GbLayoutEdge *edges;
  guint n_nodes, n_edges;
} GbGraphPlan;

typedef struct
{
  guint n_refs;
  GbGraph *graph;    /* owned */
  GbLayout *layout;  /* owned; NULL: nothing has a place yet, and items are only a list */
  GArray *items;     /* GbGraphItem: brackets, then the items of each node together */
  guint *first_item; /* per node: where its items begin */
  double width, height;
  double forward_dy, backward_dy; /* add to the layout's y for the two halves */
  double label_y[2];              /* where "forward" and "backward" stand; 0: none */
  gboolean has_backward, shows_accumulate;
} GbGraphPicture;

/* Takes the graph over.  previous (may be NULL) lends its places when the structure is the same. */
GbGraphPicture *gb_graph_picture_new (GbGraph *graph, GbGraphPicture *previous, const GbDrawContext *ctx);
GbGraphPicture *gb_graph_picture_ref (GbGraphPicture *self);
void gb_graph_picture_unref (GbGraphPicture *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbGraphPicture, gb_graph_picture_unref)

/* The same step by step: without places; with those of previous, if its structure is the same; with a layout, which is taken. */
GbGraphPicture *gb_graph_picture_new_unplaced (GbGraph *graph);
gboolean gb_graph_picture_is_alike (const GbGraphPicture *self, const GbGraphPicture *other);
gboolean gb_graph_picture_borrow (GbGraphPicture *self, GbGraphPicture *previous, const GbDrawContext *ctx);
void gb_graph_picture_place (GbGraphPicture *self, GbLayout *layout, const GbDrawContext *ctx);
/* Items without places: what lists and keys need. */
void gb_graph_picture_list (GbGraphPicture *self, const GbDrawContext *ctx);
GbGraphPlan *gb_graph_plan_new (const GbGraphPicture *self, const GbDrawContext *ctx);
GbLayout *gb_graph_plan_lay_out (const GbGraphPlan *self); /* in any thread */
void gb_graph_plan_free (GbGraphPlan *self);

static inline const GbGraphItem *
gb_graph_picture_item (const GbGraphPicture *self, guint index)
{
  return &g_array_index (self->items, GbGraphItem, index);
}
/* Topmost item at (x, y), or -1. */
int gb_graph_picture_pick (const GbGraphPicture *self, double x, double y);
int gb_graph_picture_find (const GbGraphPicture *self, GbGraphItemKind kind, guint node, guint sub);

/* Indices of the grad_fns that have a stadium, in order of being made; a folded module has one for all. */
#define GB_GRAPH_MOST_STADIUMS 4
guint gb_graph_stadiums (const GbGraphNode *node, guint *fns, guint room);

/* "Convolution" and "Backward0": the two lines of a stadium.  head is owned. */
void gb_graph_split_name (const char *name, char **head, const char **tail);

G_END_DECLS
