/* ab: two runs side by side.  A page: who they are and the verdict, then what was logged, the graphs laid
 * over each other, the weights and the prints. */
#pragma once

#include "common/axis.h"
#include "common/draw.h"
#include "models/ab-model.h"
#include "models/layered-layout.h"

G_BEGIN_DECLS

typedef enum
{
  GB_AB_METRICS,
  GB_AB_GRAPH,
  GB_AB_WEIGHTS,
  GB_AB_PRINTS,
  GB_AB_N_PARTS,
} GbAbPart;

typedef struct
{
  const GbAbMetric *metric;
  double x, y, width, height; /* of the curves */
  double difference_y, difference_height;
  GbAxis axis;
  double most; /* greatest |B - A| */
} GbAbPanel;

/* A node, or a row of nodes that are the same in both. */
typedef struct
{
  const GbAbNode *node; /* NULL: folded */
  guint n_folded;
  double x, y, width, height;
} GbAbBox;

typedef struct
{
  char *title;
  double y, height; /* with its title; height 0: not shown */
} GbAbFrame;

typedef struct
{
  GbAb *ab;             /* owned */
  double width, height; /* of the page */
  char *side[2], *changes, *verdict;
  double side_y[2], changes_y, verdict_y;
  GbAbFrame parts[GB_AB_N_PARTS];
  GbAxis x_axis;
  GArray *panels;  /* GbAbPanel */
  GArray *boxes;   /* GbAbBox */
  GbLayout *graph; /* NULL: none */
  GArray *wheres;  /* GbAbWhere of each of its edges */
  double zoom, graph_x, graph_y;
  guint n_weights, first_print, n_prints; /* that have a row */
  double weights_y, prints_y;             /* of the first row */
} GbAbLayout;

#define GB_AB_ROW       20
#define GB_AB_PRINT_ROW 16

/* Takes ab over.  only: one part, or GB_AB_N_PARTS for all. */
GbAbLayout *gb_ab_layout_new (GbAb *ab, GbAbPart only, const GbDrawContext *ctx);
void gb_ab_layout_free (GbAbLayout *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbAbLayout, gb_ab_layout_free)

const char *gb_ab_part_title (GbAbPart part);
double gb_ab_layout_x (const GbAbLayout *self, const GbAbPanel *panel, double iteration);
/* Iteration of a panel under a point of the page, 0: none. */
guint64 gb_ab_layout_iteration_at (const GbAbLayout *self, double x, double y);
/* Row of the weights there, or -1. */
int gb_ab_layout_weight_at (const GbAbLayout *self, double x, double y);

G_END_DECLS
