/* How the timeline is drawn: a function of (model, size, theme). */
#pragma once

#include "board/timeline-model.h"
#include "common/draw.h"

G_BEGIN_DECLS

/* Heights at scale 1; the canvas is GB_TIMELINE_HEIGHT high, and higher by a row for each branch: what is
 * below the run moves down. */
#define GB_TIMELINE_HEIGHT           90
#define GB_TIMELINE_RUN_Y            10
#define GB_TIMELINE_RUN_HEIGHT       24
#define GB_TIMELINE_ITERATION_Y      58
#define GB_TIMELINE_ITERATION_HEIGHT 16
#define GB_TIMELINE_MARGIN           12
#define GB_TIMELINE_BRANCH_ROW       13

double gb_timeline_shift (const GbTimelineModel *model); /* how far */
/* Row of a branch under y, -1: the run, -2: neither. */
int gb_timeline_row_at (const GbTimelineModel *model, double y);

/* Where the nth tick of the iteration begins, in pixels; n == length gives the end. */
double gb_timeline_tick_x (const GbTimelineModel *model, double width, guint nth);
/* The tick under x, or -1. */
int gb_timeline_tick_at (const GbTimelineModel *model, double width, double x);
/* x in [0, 1] of the run under a pixel, and back. */
double gb_timeline_run_fraction (double width, double x);

typedef struct
{
  guint64 seq;
  char *note; /* "" for none */
} GbBookmark;

/* What is drawn beside the run; hover_x below zero: the pointer is elsewhere. */
typedef struct
{
  const GArray *bookmarks; /* GbBookmark, ascending */
  const GArray *snapshots; /* guint64: iterations that a way back is quick to */
  double hover_x, hover_y;
} GbTimelineNotes;

void gb_timeline_draw (const GbTimelineModel *model,
                       const GbDrawContext *ctx,
                       GtkSnapshot *snapshot,
                       const GbTimelineNotes *notes,
                       GbTrace *trace);

G_END_DECLS
