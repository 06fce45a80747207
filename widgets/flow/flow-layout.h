/* flow: a box per stage, an arrow for what leads to what.  Training is a loop: what comes before the backward
 * stands above, from left to right, the way back below, from right to left.  Marks and packages are layered
 * from left to right. */
#pragma once

#include "common/draw.h"
#include "models/flow-model.h"
#include "models/selection.h"

G_BEGIN_DECLS

#define GB_FLOW_TOP 44 /* px of the header, which has its own size at any zoom */

typedef struct
{
  GbFlowKind kind; /* GB_FLOW_NONE: as the trace decides */
} GbFlowOptions;

typedef struct
{
  guint stage;
  double x, y, width, height;
} GbFlowBox;

typedef struct
{
  guint edge;
  double points[8][2];
  guint n_points;
  double label_x, label_y;
} GbFlowArrow;

typedef struct
{
  GbTrace *trace; /* borrowed */
  GbFlow *flow;
  double width, height;
  double zoom;    /* of everything, where there is no room */
  double most;    /* the largest time of a stage, of what the bars show */
  GArray *boxes;  /* GbFlowBox, one for each stage, in pixels before the zoom */
  GArray *arrows; /* GbFlowArrow */
} GbFlowLayout;

GbFlowLayout *
gb_flow_layout_new (GbTraceCursor *cursor, const GbFlowOptions *options, const GbDrawContext *ctx);
void gb_flow_layout_free (GbFlowLayout *self);
/* Stage at a point, -1: none. */
int gb_flow_layout_at (const GbFlowLayout *self, double x, double y);
void gb_flow_layout_pick (const GbFlowLayout *self, guint stage, GbPick *pick);
/* Stage that a pick means, -1: none. */
int gb_flow_layout_find (const GbFlowLayout *self, const GbPick *pick);
void gb_flow_natural_size (GbTraceCursor *cursor, double *width, double *height);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbFlowLayout, gb_flow_layout_free)

G_END_DECLS
