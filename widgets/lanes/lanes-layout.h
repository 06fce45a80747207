/* lanes: what an iteration spends its time on.  A lane per phase (forward, backward, optimizer), a bar per
 * operation as long as it took, what ran inside another below it.  A trace tells how long operations took and
 * in which order, not what the clock said: bars stand end to end, and what passed between them is one number.
 */
#pragma once

#include "common/axis.h"
#include "common/draw.h"
#include "models/selection.h"
#include "models/trace-cursor.h"

G_BEGIN_DECLS

#define GB_LANES_MOST_BARS  20000
#define GB_LANES_MOST_DEPTH 3

typedef enum
{
  GB_LANE_FORWARD,
  GB_LANE_BACKWARD,
  GB_LANE_OPTIMIZER,
  GB_N_LANES,
} GbLane;

typedef struct
{
  guint64 call;
  guint64 start_nsec, nsec; /* among the operations alone */
  GbLane lane;
  guint8 depth; /* 0: called by the program itself */
  gboolean failed;
} GbLaneBar;

typedef struct
{
  double width, height;
  gboolean is_empty;
  guint64 iteration;  /* 0: the program has none; its latest operations are shown */
  guint64 total_nsec; /* of all operations */
  guint64 clock_nsec; /* that passed in the iteration, 0: not known */
  gboolean is_cut;    /* there were more bars than are kept */
  GArray *bars;       /* GbLaneBar, in order */
  guint64 lane_nsec[GB_N_LANES];
  guint n_ops[GB_N_LANES], depths[GB_N_LANES];
  double lane_y[GB_N_LANES], bar_height, x, plot_width;
  double unit_nsec; /* of the axis: µs or ms */
  GbAxis axis;      /* round numbers of them; the plot ends at total_nsec */
} GbLanesLayout;

GbLanesLayout *gb_lanes_layout_new (GbTraceCursor *cursor, const GbDrawContext *ctx);
void gb_lanes_layout_free (GbLanesLayout *self);
void
gb_lanes_layout_place (const GbLanesLayout *self, const GbLaneBar *bar, double *x, double *y, double *width);
/* nth bar, -1: none. */
int gb_lanes_layout_at (const GbLanesLayout *self, double x, double y);
int gb_lanes_layout_find (const GbLanesLayout *self, guint64 call);
/* The bar of an op of the iteration that is shown; FALSE: it has none. */
gboolean gb_lanes_layout_locate (const GbLanesLayout *self, const GbPick *pick, graphene_rect_t *box);
const char *gb_lane_name (GbLane lane); /* translated */
/* "addmm, 0.12 ms, line 7".  Owned. */
char *gb_lanes_bar_text (GbTrace *trace, const GbLaneBar *bar);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbLanesLayout, gb_lanes_layout_free)

G_END_DECLS
