/* hist: how the elements of a tensor are spread: ridges over steps, the newest in front, and below them the
 * exact one with its numbers, on one axis. */
#pragma once

#include "common/axis.h"
#include "common/draw.h"
#include "models/histogram-model.h"
#include "models/selection.h"
#include "models/trace-cursor.h"

G_BEGIN_DECLS

#define GB_HIST_MAX_RIDGES 16

typedef struct
{
  gboolean log_y;   /* of counts */
  double low, high; /* of the axis, kept while the same tensor is shown; low == high: choose */
} GbHistOptions;

typedef struct
{
  GbHistograms *series; /* NULL: nothing to show */
  GbHistOptions options;
  double width, height;
  double x, plot_width;                     /* of both parts */
  double ridge_y, ridge_height, ridge_step; /* baseline of the first ridge lies at ridge_y + ridge_height */
  double bars_y, bars_height;
  double numbers_x;    /* of the column of numbers; 0: it has no room */
  double most_density; /* over all ridges */
  GbAxis axis;
} GbHistLayout;

GbHistLayout *gb_hist_layout_new (GbTraceCursor *cursor,
                                  GbSelection *selection,
                                  const GbHistOptions *options,
                                  const GbDrawContext *ctx);
void gb_hist_layout_free (GbHistLayout *self);
double gb_hist_layout_x (const GbHistLayout *self, double value);
/* Baseline of a ridge, and how high it rises above it at a bin. */
double gb_hist_layout_baseline (const GbHistLayout *self, guint nth);
double gb_hist_layout_rise (const GbHistLayout *self, guint nth, guint bin);
/* Height of a bar of the newest. */
double gb_hist_layout_bar (const GbHistLayout *self, guint bin);
const GbHistogram *gb_hist_layout_newest (const GbHistLayout *self);
int gb_hist_layout_bin_at (const GbHistLayout *self, double x, double y);   /* or -1 */
int gb_hist_layout_ridge_at (const GbHistLayout *self, double x, double y); /* or -1 */

/* Where a pick of the tensor that is shown lies: the top of a bar, the beginning of the ridge nearest to a step; FALSE: it
 * names neither. */
gboolean gb_hist_layout_locate (const GbHistLayout *self, const GbPick *pick, graphene_rect_t *box);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbHistLayout, gb_hist_layout_free)

G_END_DECLS
