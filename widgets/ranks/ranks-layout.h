/* ranks: a lane for each rank, what it did as bars over time, messages as arrows, collectives as the line at
 * which the last of them came, waiting hatched, and who is dead or never came. */
#pragma once

#include "common/axis.h"
#include "common/boxes.h"
#include "common/draw.h"
#include "models/ranks-model.h"
#include "models/selection.h"

G_BEGIN_DECLS

#define GB_RANKS_MOST_DEPTH 3

typedef struct
{
  double zoom;   /* 1 (0 as well): all of it */
  double center; /* of what is shown, 0 to 1 of all time */
} GbRanksOptions;

typedef struct
{
  int bar, meeting; /* of a message: its send; -1 */
  GbBox box;
  char text[48];
} GbRanksLabel;

typedef struct
{
  double width, height;
  GbRanks *model;                                    /* NULL: nothing to show */
  double x, y, plot_width, pitch, bar_height, right; /* right: width of the column of bytes */
  guint depth;                                       /* rows of a lane */
  guint8 *depths;                                    /* of each bar */
  double from, to;                                   /* seconds that are shown */
  double unit;                                       /* of the axis: 1, 1e-3 or 1e-6 s */
  const char *unit_name;
  GbAxis axis;
  GArray *labels; /* GbRanksLabel */
} GbRanksLayout;

GbRanksLayout *
gb_ranks_layout_new (GbTraceCursor *cursor, const GbRanksOptions *options, const GbDrawContext *ctx);
void gb_ranks_layout_free (GbRanksLayout *self);
double gb_ranks_layout_x (const GbRanksLayout *self, double seconds);
double gb_ranks_layout_lane_y (const GbRanksLayout *self, guint lane); /* top */
void gb_ranks_layout_bar (const GbRanksLayout *self, guint nth, GbBox *box);
int gb_ranks_layout_at (const GbRanksLayout *self, double x, double y); /* nth bar, -1: none */
/* The bar after or before one on its lane, or the nearest in time on another. */
int gb_ranks_layout_beside (const GbRanksLayout *self, int bar, int lanes, int steps);
void gb_ranks_layout_pick (const GbRanksLayout *self, guint bar, GbPick *pick);
int gb_ranks_layout_picked (const GbRanksLayout *self, const GbPick *pick);

/* ---- words, all owned ---- */
char *gb_ranks_sentence (const GbRanks *model);
char *gb_ranks_bar_text (const GbRanks *model, guint bar);
char *gb_ranks_rank_text (const GbRanks *model, guint lane);
char *gb_ranks_meeting_text (const GbRanks *model, guint meeting);
char *gb_ranks_seconds (double seconds); /* "0.8 ms" */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbRanksLayout, gb_ranks_layout_free)

G_END_DECLS
