/* chart: logged values over iterations, and curves over an x of their own.  Geometry: panels over iterations share
 * their x axis, series have their points per pixel column, labels at the ends of lines do not overlap. */
#pragma once

#include "common/axis.h"
#include "common/draw.h"
#include "models/selection.h"
#include "models/trace-cursor.h"

G_BEGIN_DECLS

#define GB_CHART_MAX_PANELS 4
#define GB_CHART_MAX_LINES  6

typedef struct
{
  gboolean log_y;
  gboolean raw_only; /* no smoothing */
} GbChartOptions;

typedef struct
{
  double x, y;         /* pixels */
  double y_min, y_max; /* extent of what the column stands for */
  guint64 iteration;   /* last of the column; 0 on a curve */
  double at;           /* x value on a curve */
  double value;        /* its last value */
  double smooth, y_smooth;
  gboolean nonfinite;  /* some value here was NaN or infinite */
} GbChartPoint;

typedef struct
{
  guint log;  /* nth log of the trace */
  guint color; /* nth series colour */
  const char *name;
  const GbSeries *series;
  const GbCurve *curve; /* drawn instead of the series, or NULL */
  GArray *points; /* GbChartPoint */
  const GbSeries *other; /* the future that the run was wound back from, or NULL */
  GArray *other_points;
  gboolean is_sparse; /* few points: markers and straight lines */
  gboolean is_smooth; /* noisy enough that a smooth line helps; a staircase is drawn as it is */
  double last, last_smooth, lowest, highest, first;
  guint64 last_iteration, most_iteration; /* of this future, of both */
  double label_y;
} GbChartLine;

typedef struct
{
  double x, y, width, height; /* of the plot */
  GbAxis axis;
  gboolean is_curve; /* x_axis is its own; else the layout's */
  const char *over;  /* what the curves run over, NULL: their count */
  GbAxis x_axis;
  GPtrArray *lines; /* GbChartLine */
} GbChartPanel;

typedef struct
{
  double width, height;
  GbChartOptions options;
  GbAxis x_axis; /* iterations */
  double plot_x, plot_width;
  GbChartPanel panels[GB_CHART_MAX_PANELS];
  guint n_panels;
  guint n_over_iterations; /* panels, the first ones; the others hold curves */
  guint n_hidden; /* logs that found no room */
  guint64 iteration; /* of the cursor */
} GbChartLayout;

GbChartLayout *gb_chart_layout_new (GbTraceCursor *cursor, const GbChartOptions *options, const GbDrawContext *ctx);
void gb_chart_layout_free (GbChartLayout *self);
/* The iteration whose column is nearest to x, 0: outside the plots. */
guint64 gb_chart_layout_iteration_at (const GbChartLayout *self, double x, double y);
double gb_chart_layout_x (const GbChartLayout *self, double iteration);
/* The point at or before an iteration; NULL: none yet. */
const GbChartPoint *gb_chart_line_at (const GbChartLine *line, guint64 iteration);
/* Where its label belongs: the last point, of a curve the one furthest to the right; NULL: it has none. */
const GbChartPoint *gb_chart_line_end (const GbChartLine *line);
/* The point of a curve that is nearest to x (pixels), NULL: it has none. */
const GbChartPoint *gb_chart_line_near (const GbChartLine *line, double x);
/* The panel of curves at y and its line nearest to (x, y); NULL: none. */
const GbChartPanel *gb_chart_layout_curves_at (const GbChartLayout *self, double x, double y, const GbChartLine **line);
/* The line of the nth log and its panel, NULL: it is not shown. */
const GbChartLine *gb_chart_layout_line_of (const GbChartLayout *self, guint log, const GbChartPanel **panel);
/* Where a pick of an iteration, of a log's value in it, or of a point of a curve is drawn; FALSE: nowhere here. */
gboolean gb_chart_layout_locate (const GbChartLayout *self, const GbPick *pick, graphene_rect_t *box);
/* The line whose point at x is nearest to y, NULL: no line. */
const GbChartLine *gb_chart_layout_line_at (const GbChartLayout *self, double x, double y);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbChartLayout, gb_chart_layout_free)

G_END_DECLS
