#include "chart/chart-layout.h"

#include <math.h>

#include "common/i18n.h"

#define LEFT             46
#define TOP              26
#define BOTTOM           38
#define PANEL_GAP        22
#define AXIS_GAP         26
#define SPARSE_MAX       40
#define CURVE_MARKED_MAX 16 /* points of a curve that are drawn as such */

static void
line_free (gpointer data)
{
  GbChartLine *line = data;
  g_array_unref (line->points);
  g_array_unref (line->other_points);
  g_free (line);
}

void
gb_chart_layout_free (GbChartLayout *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->n_panels; i++)
    g_ptr_array_unref (self->panels[i].lines);
  g_free (self);
}

/* Mean-like curve through buckets: an exponential mean whose memory is a twenty-fifth of the run, corrected
 * for its start. */
typedef struct
{
  double keep, sum, weight;
} Smoother;

static Smoother
smoother_of (const GbSeries *series)
{
  return (Smoother){ .keep = exp (-1 / CLAMP (gb_series_get_n (series) / 25.0, 1, 60)) };
}

static void
smoother_add (Smoother *self, const GbBucket *bucket)
{
  self->sum = self->sum * self->keep + gb_bucket_mean (bucket) * (1 - self->keep);
  self->weight = self->weight * self->keep + (1 - self->keep);
}

static void
line_smooth (GbChartLine *line)
{
  guint n = gb_series_get_n (line->series);
  Smoother smoother = smoother_of (line->series);

  line->lowest = INFINITY;
  line->highest = -INFINITY;
  line->first = line->last = line->last_smooth = NAN;
  for (guint i = 0; i < n; i++)
    {
      const GbBucket *bucket = gb_series_get (line->series, i);
      if (bucket->count == bucket->nonfinite)
        continue;
      smoother_add (&smoother, bucket);
      line->lowest = MIN (line->lowest, bucket->min);
      line->highest = MAX (line->highest, bucket->max);
      if (isnan (line->first))
        line->first = bucket->first;
      line->last = bucket->last;
      line->last_smooth = smoother.sum / smoother.weight;
      line->last_iteration = bucket->x1;
    }
  /* Where values have ceased to be finite the run goes on. */
  line->most_iteration = n ? gb_series_get (line->series, n - 1)->x1 : 0;
  for (guint i = 0; line->other && i < gb_series_get_n (line->other); i++)
    {
      const GbBucket *bucket = gb_series_get (line->other, i);
      line->most_iteration = MAX (line->most_iteration, bucket->x1);
      if (bucket->count == bucket->nonfinite)
        continue;
      line->lowest = MIN (line->lowest, bucket->min);
      line->highest = MAX (line->highest, bucket->max);
    }
}

/* What is highest and lowest is the curve's own. */
static void
line_measure_curve (GbChartLine *line)
{
  line->lowest = INFINITY;
  line->highest = -INFINITY;
  for (guint i = 0; i < gb_curve_get_n (line->curve); i++)
    {
      const GbCurvePoint *point = gb_curve_get (line->curve, i);
      if (!isfinite (point->y))
        continue;
      line->lowest = MIN (line->lowest, point->y);
      line->highest = MAX (line->highest, point->y);
    }
}

static gboolean
panel_accepts (const GbChartPanel *panel, const GbChartLine *line, const char *over)
{
  double most = 0, mine = MAX (fabs (line->highest), fabs (line->lowest));

  if (panel->lines->len >= GB_CHART_MAX_LINES || panel->is_curve != (line->curve != NULL)
      || (panel->is_curve && g_strcmp0 (panel->over, over) != 0))
    return FALSE;
  for (guint i = 0; i < panel->lines->len; i++)
    {
      const GbChartLine *other = g_ptr_array_index (panel->lines, i);
      most = MAX (most, MAX (fabs (other->highest), fabs (other->lowest)));
    }
  /* A curve that is as good as zero beside the others says just that. */
  if (line->curve && mine < 1e-4 * most)
    return TRUE;
  return panel->lines->len == 0 || !isfinite (mine) || !isfinite (most) || mine == 0 || most == 0
         || (mine < 6 * most && most < 6 * mine);
}

static GbChartLine *
line_new (guint nth, const GbLog *log)
{
  GbChartLine *line = g_new0 (GbChartLine, 1);
  line->log = nth;
  line->name = log->name;
  line->series = log->series;
  line->points = g_array_new (FALSE, FALSE, sizeof (GbChartPoint));
  line->other_points = g_array_new (FALSE, FALSE, sizeof (GbChartPoint));
  if (log->curve && (log->over || gb_curve_get_n (log->curve) > 1))
    {
      line->curve = log->curve;
      line_measure_curve (line);
      return line;
    }
  line->other = log->other;
  line_smooth (line);
  return line;
}

/* Lines of like magnitude share a panel; the others get their own below it. */
static void
layout_assign (GbChartLayout *self, GbTrace *trace, gboolean curves, guint *color)
{
  for (guint i = 0; i < gb_trace_get_n_logs (trace); i++)
    {
      const GbLog *log = gb_trace_get_log (trace, i);
      guint p;

      if (gb_series_get_n (log->series) == 0)
        continue;
      GbChartLine *line = line_new (i, log);
      if ((line->curve != NULL) != curves)
        {
          line_free (line);
          continue;
        }
      for (p = 0; p < self->n_panels && !panel_accepts (&self->panels[p], line, log->over); p++)
        ;
      if (p == GB_CHART_MAX_PANELS)
        {
          self->n_hidden++;
          line_free (line);
          continue;
        }
      if (p == self->n_panels)
        self->panels[self->n_panels++] = (GbChartPanel){ .lines = g_ptr_array_new_with_free_func (line_free),
                                                         .is_curve = curves,
                                                         .over = log->over };
      line->color = (*color)++ % GB_N_SERIES;
      g_ptr_array_add (self->panels[p].lines, line);
    }
}

double
gb_chart_layout_x (const GbChartLayout *self, double iteration)
{
  return self->plot_x + gb_axis_place (&self->x_axis, iteration) * self->plot_width;
}

static double
panel_y (const GbChartPanel *panel, double value)
{
  double place = gb_axis_place (&panel->axis, value);
  if (isnan (place))
    place = 0;
  return panel->y + panel->height * (1 - CLAMP (place, -0.02, 1.02));
}

/* One point per pixel column, from the bucket `first` on. */
static void
series_place (const GbChartLayout *self,
              const GbChartPanel *panel,
              const GbSeries *series,
              guint first,
              Smoother smoother,
              gboolean is_smooth,
              GArray *points)
{
  guint n = gb_series_get_n (series);
  double y_min = 0, y_max = 0;
  int column = G_MININT;

  for (guint i = first; i < n; i++)
    {
      const GbBucket *bucket = gb_series_get (series, i);
      double x = gb_chart_layout_x (self, bucket->x1);
      GbChartPoint point = { .x = x, .iteration = bucket->x1, .nonfinite = bucket->nonfinite > 0 };

      if (bucket->count > bucket->nonfinite)
        {
          smoother_add (&smoother, bucket);
          y_min = panel_y (panel, bucket->max);
          y_max = panel_y (panel, bucket->min);
        }
      else if (points->len == 0)
        continue;
      point.value = bucket->count > bucket->nonfinite ? bucket->last : NAN;
      point.y = isnan (point.value) ? g_array_index (points, GbChartPoint, points->len - 1).y
                                    : panel_y (panel, point.value);
      point.y_min = y_min;
      point.y_max = y_max;
      point.smooth = smoother.weight > 0 ? smoother.sum / smoother.weight : NAN;
      point.y_smooth = panel_y (panel, is_smooth ? point.smooth : point.value);
      if ((int) floor (x) == column && points->len)
        {
          GbChartPoint *last = &g_array_index (points, GbChartPoint, points->len - 1);
          point.y_min = MIN (point.y_min, last->y_min);
          point.y_max = MAX (point.y_max, last->y_max);
          point.nonfinite |= last->nonfinite;
          *last = point;
          continue;
        }
      column = (int) floor (x);
      g_array_append_val (points, point);
    }
}

/* The other future goes on from what both have behind them, so that the two curves can be compared. */
static void
other_place (const GbChartLayout *self, const GbChartPanel *panel, GbChartLine *line)
{
  Smoother smoother = smoother_of (line->series);
  guint first = gb_series_parting (line->series, line->other), n = gb_series_get_n (line->series);
  if (first >= gb_series_get_n (line->other))
    return;
  for (guint i = 0; i < n && gb_series_get (line->series, i)->x1 < gb_series_get (line->other, first)->x0;
       i++)
    {
      const GbBucket *shared = gb_series_get (line->series, i);
      if (shared->count > shared->nonfinite)
        smoother_add (&smoother, shared);
    }
  series_place (self, panel, line->other, first, smoother, line->is_smooth, line->other_points);
}

static void
line_place (const GbChartLayout *self, const GbChartPanel *panel, GbChartLine *line)
{
  guint n = gb_series_get_n (line->series), changes = 0;
  guint64 span;

  span = gb_series_get (line->series, n - 1)->x1 - gb_series_get (line->series, 0)->x0 + 1;
  line->is_sparse = n <= SPARSE_MAX && (span > 2 * n || n < 4);
  for (guint i = 1; i < n; i++)
    changes += gb_series_get (line->series, i)->last != gb_series_get (line->series, i - 1)->last;
  line->is_smooth = !line->is_sparse && !self->options.raw_only && changes > n / 10;
  series_place (self, panel, line->series, 0, smoother_of (line->series), line->is_smooth, line->points);
  if (line->other)
    other_place (self, panel, line);
}

/* Of the curves' points, those with x up to a limit; low and high: of all. */
static guint
count_xs (const GbChartPanel *panel, double limit, double *low, double *high)
{
  guint n = 0;
  for (guint i = 0; i < panel->lines->len; i++)
    {
      const GbCurve *curve = ((GbChartLine *) g_ptr_array_index (panel->lines, i))->curve;
      for (guint k = 0; k < gb_curve_get_n (curve); k++)
        {
          double x = gb_curve_get (curve, k)->x;
          if (!isfinite (x))
            continue;
          n += x <= limit;
          *low = MIN (*low, x);
          *high = MAX (*high, x);
        }
    }
  return n;
}

/* Positive numbers over decades that are dense at their small end, as a sweep steps them, are shown by
 * decades. */
static void
panel_scale_x (GbChartPanel *panel)
{
  double low = INFINITY, high = -INFINITY;
  guint ticks = (guint) MAX (2, panel->width / 80), n = count_xs (panel, INFINITY, &low, &high);

  if (!(low <= high))
    low = 0, high = 1;
  if (!panel->over)
    panel->x_axis = gb_axis_whole (low, MAX (high, low + 1), ticks);
  else if (low > 0 && high >= 500 * low && 3 * count_xs (panel, high / 20, &low, &high) >= n)
    panel->x_axis = gb_axis_log (low, high, ticks);
  else
    panel->x_axis = gb_axis_linear (low, high, ticks);
}

static void
curve_place (const GbChartPanel *panel, GbChartLine *line)
{
  guint n = gb_curve_get_n (line->curve);

  line->is_sparse = n <= CURVE_MARKED_MAX;
  for (guint i = 0; i < n; i++)
    {
      const GbCurvePoint *from = gb_curve_get (line->curve, i);
      double place = gb_axis_place (&panel->x_axis, from->x);
      if (!isfinite (place))
        continue;
      GbChartPoint point = { .x = panel->x + place * panel->width,
                             .at = from->x,
                             .value = isfinite (from->y) ? from->y : NAN,
                             .nonfinite = !isfinite (from->y) };
      point.y = point.y_min = point.y_max = point.y_smooth =
          point.nonfinite ? panel->y : panel_y (panel, from->y);
      g_array_append_val (line->points, point);
    }
}

static void
panel_scale (GbChartPanel *panel, gboolean log_y)
{
  double low = INFINITY, high = -INFINITY, least_positive = INFINITY;
  guint ticks = (guint) MAX (2, panel->height / 44);

  for (guint i = 0; i < panel->lines->len; i++)
    {
      const GbChartLine *line = g_ptr_array_index (panel->lines, i);
      low = MIN (low, line->lowest);
      high = MAX (high, line->highest);
      if (line->lowest > 0)
        least_positive = MIN (least_positive, line->lowest);
    }
  /* Nothing finite, or differences that no label could tell. */
  if (!(low <= high))
    low = 0, high = 1;
  else if (high - low < 1e-5 * MAX (fabs (low), fabs (high)))
    low = high = (low + high) / 2;
  if (log_y && high > 0)
    panel->axis = gb_axis_log (isfinite (least_positive) ? least_positive : high / 1000, high, ticks);
  else
    {
      /* Zero belongs to the picture when it is near. */
      if (low > 0 && low < 0.5 * high)
        low = 0;
      if (high < 0 && high > 0.5 * low)
        high = 0;
      panel->axis = gb_axis_linear (low, high, ticks);
    }
}

const GbChartPoint *
gb_chart_line_end (const GbChartLine *line)
{
  const GbChartPoint *end = NULL;
  for (guint i = 0; i < line->points->len; i++)
    {
      const GbChartPoint *point = &g_array_index (line->points, GbChartPoint, i);
      if (!line->curve || (!point->nonfinite && (!end || point->x >= end->x)))
        end = point;
    }
  return end;
}

static int
by_label_y (gconstpointer a, gconstpointer b)
{
  const GbChartLine *x = *(GbChartLine *const *) a, *y = *(GbChartLine *const *) b;
  return x->label_y < y->label_y ? -1 : x->label_y > y->label_y;
}

/* Labels at the ends of lines, pushed apart until none covers another. */
static void
panel_place_labels (GbChartPanel *panel)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_copy (panel->lines, NULL, NULL);
  /* A label has room for its note below it, unless there are many. */
  const double height = CLAMP (panel->height / MAX (1, lines->len), 14, 27);
  double overflow;

  g_ptr_array_set_free_func (lines, NULL);
  for (guint i = 0; i < lines->len; i++)
    {
      GbChartLine *line = g_ptr_array_index (lines, i);
      const GbChartPoint *end = gb_chart_line_end (line);
      line->label_y = end ? end->y_smooth : panel->y;
    }
  g_ptr_array_sort (lines, by_label_y);
  for (guint i = 1; i < lines->len; i++)
    {
      GbChartLine *above = g_ptr_array_index (lines, i - 1), *line = g_ptr_array_index (lines, i);
      line->label_y = MAX (line->label_y, above->label_y + height);
    }
  if (lines->len == 0)
    return;
  overflow =
      ((GbChartLine *) g_ptr_array_index (lines, lines->len - 1))->label_y - (panel->y + panel->height - 14);
  for (guint i = lines->len; overflow > 0 && i > 0; i--)
    {
      GbChartLine *line = g_ptr_array_index (lines, i - 1);
      line->label_y -= overflow;
      if (i > 1)
        overflow = ((GbChartLine *) g_ptr_array_index (lines, i - 2))->label_y + height - line->label_y;
    }
}

static double
label_width (const GbChartLayout *self, const GbDrawContext *ctx)
{
  double width = 40;

  for (guint p = 0; p < self->n_panels; p++)
    for (guint i = 0; i < self->panels[p].lines->len; i++)
      {
        const GbChartLine *line = g_ptr_array_index (self->panels[p].lines, i);
        g_autofree char *text = g_strdup_printf ("%s 0.0000", line->name);
        g_autofree char *note = g_strdup_printf (_ ("(smooth %s)"), "0.00");
        width = MAX (width, gb_draw_text_width (ctx, GB_FACE_SMALL_BOLD, text) + 14);
        width = MAX (width, gb_draw_text_width (ctx, GB_FACE_SMALL, note) + 14);
      }
  return MIN (width, self->width * 0.34);
}

/* The x axis of all panels over iterations. */
static void
layout_scale_iterations (GbChartLayout *self)
{
  guint64 first = G_MAXUINT64, last = 0;

  for (guint p = 0; p < self->n_over_iterations; p++)
    for (guint i = 0; i < self->panels[p].lines->len; i++)
      {
        const GbChartLine *line = g_ptr_array_index (self->panels[p].lines, i);
        first = MIN (first, gb_series_get (line->series, 0)->x0);
        last = MAX (last, line->most_iteration);
      }
  if (self->n_over_iterations)
    self->x_axis = gb_axis_whole (first <= 1 ? 0 : (double) first, MAX ((double) last, first + 4.0),
                                  (guint) MAX (2, self->plot_width / 80));
}

static void
panel_place (GbChartLayout *self, GbChartPanel *panel)
{
  if (panel->is_curve)
    panel_scale_x (panel);
  panel_scale (panel, self->options.log_y);
  for (guint i = 0; i < panel->lines->len; i++)
    if (panel->is_curve)
      curve_place (panel, g_ptr_array_index (panel->lines, i));
    else
      line_place (self, panel, g_ptr_array_index (panel->lines, i));
  panel_place_labels (panel);
}

GbChartLayout *
gb_chart_layout_new (GbTraceCursor *cursor, const GbChartOptions *options, const GbDrawContext *ctx)
{
  GbChartLayout *self = g_new0 (GbChartLayout, 1);
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  guint color = 0, n_axes;

  self->width = ctx->width;
  self->height = ctx->height;
  self->options = *options;
  self->iteration = gb_trace_cursor_get_iteration (cursor);
  layout_assign (self, trace, FALSE, &color);
  self->n_over_iterations = self->n_panels;
  layout_assign (self, trace, TRUE, &color);
  if (self->n_panels == 0)
    return self;
  self->plot_x = LEFT;
  self->plot_width = MAX (self->width - LEFT - label_width (self, ctx), 20);
  layout_scale_iterations (self);
  /* Below the last panel over iterations and below every one of curves stand an axis and its name. */
  n_axes = self->n_panels - self->n_over_iterations + (self->n_over_iterations > 0);
  double height = (self->height - TOP - BOTTOM - PANEL_GAP * (self->n_panels - 1) - AXIS_GAP * (n_axes - 1))
                  / self->n_panels,
         y = TOP;
  for (guint p = 0; p < self->n_panels; p++)
    {
      GbChartPanel *panel = &self->panels[p];
      panel->x = self->plot_x;
      panel->width = self->plot_width;
      panel->height = MAX (height, 20);
      panel->y = y;
      y += panel->height + PANEL_GAP + (p + 1 >= self->n_over_iterations ? AXIS_GAP : 0);
      panel_place (self, panel);
    }
  return self;
}

guint64
gb_chart_layout_iteration_at (const GbChartLayout *self, double x, double y)
{
  double at;
  const GbChartPanel *below = &self->panels[self->n_over_iterations];

  if (self->n_over_iterations == 0 || (self->n_over_iterations < self->n_panels && y > below->y - PANEL_GAP)
      || x < self->plot_x - 6 || x > self->plot_x + self->plot_width + 6 || y > self->height - BOTTOM + 12)
    return 0;
  at = gb_axis_value (&self->x_axis, (x - self->plot_x) / self->plot_width);
  return (guint64) MAX (1, round (MIN (at, self->x_axis.high)));
}

const GbChartPoint *
gb_chart_line_at (const GbChartLine *line, guint64 iteration)
{
  const GbChartPoint *best = NULL;

  if (line->curve)
    return NULL;
  for (guint low = 0, high = line->points->len; low < high;)
    {
      guint middle = (low + high) / 2;
      const GbChartPoint *point = &g_array_index (line->points, GbChartPoint, middle);
      if (point->iteration <= iteration)
        best = point, low = middle + 1;
      else
        high = middle;
    }
  if (best == NULL && line->points->len
      && g_array_index (line->points, GbChartPoint, 0).iteration
             <= iteration + gb_series_get_stride (line->series))
    best = &g_array_index (line->points, GbChartPoint, 0);
  return best;
}

const GbChartLine *
gb_chart_layout_line_at (const GbChartLayout *self, double x, double y)
{
  guint64 iteration = gb_chart_layout_iteration_at (self, x, y);
  const GbChartLine *best = NULL;
  double nearest = 24;

  for (guint p = 0; iteration && p < self->n_panels; p++)
    for (guint i = 0; i < self->panels[p].lines->len; i++)
      {
        const GbChartLine *line = g_ptr_array_index (self->panels[p].lines, i);
        const GbChartPoint *point = gb_chart_line_at (line, iteration);
        if (point && fabs (point->y_smooth - y) < nearest)
          {
            nearest = fabs (point->y_smooth - y);
            best = line;
          }
      }
  return best;
}

const GbChartPoint *
gb_chart_line_near (const GbChartLine *line, double x)
{
  const GbChartPoint *best = NULL;
  for (guint i = 0; i < line->points->len; i++)
    {
      const GbChartPoint *point = &g_array_index (line->points, GbChartPoint, i);
      if (best == NULL || fabs (point->x - x) < fabs (best->x - x))
        best = point;
    }
  return best;
}

const GbChartPanel *
gb_chart_layout_curves_at (const GbChartLayout *self, double x, double y, const GbChartLine **line)
{
  double nearest = INFINITY;

  for (guint p = self->n_over_iterations; p < self->n_panels; p++)
    {
      const GbChartPanel *panel = &self->panels[p];
      if (y < panel->y - 10 || y > panel->y + panel->height + 10 || x < panel->x - 6
          || x > panel->x + panel->width + 6)
        continue;
      for (guint i = 0; i < panel->lines->len; i++)
        {
          const GbChartLine *of = g_ptr_array_index (panel->lines, i);
          const GbChartPoint *point = gb_chart_line_near (of, x);
          if (point && fabs (point->y - y) < nearest)
            nearest = fabs (point->y - y), *line = of;
        }
      return isfinite (nearest) ? panel : NULL;
    }
  return NULL;
}

const GbChartLine *
gb_chart_layout_line_of (const GbChartLayout *self, guint log, const GbChartPanel **panel)
{
  for (guint p = 0; p < self->n_panels; p++)
    for (guint i = 0; i < self->panels[p].lines->len; i++)
      {
        const GbChartLine *line = g_ptr_array_index (self->panels[p].lines, i);
        if (line->log != log)
          continue;
        *panel = &self->panels[p];
        return line;
      }
  return NULL;
}

/* ---- where a picked thing is ---- */

#define POINT 16 /* of a value: what hangs on it has the same size at any scale of the axis */

static void
box_around (double x, double y, graphene_rect_t *box)
{
  graphene_rect_init (box, (float) (x - POINT / 2), (float) (y - POINT / 2), POINT, POINT);
}

gboolean
gb_chart_layout_locate (const GbChartLayout *self, const GbPick *pick, graphene_rect_t *box)
{
  const GbChartPanel *panel = NULL;
  const GbChartLine *line =
      pick->facets & GB_PICK_SERIES ? gb_chart_layout_line_of (self, pick->series, &panel) : NULL;
  if (line && (pick->facets & GB_PICK_PART))
    {
      if (pick->part >= line->points->len)
        return FALSE;
      const GbChartPoint *point = &g_array_index (line->points, GbChartPoint, pick->part);
      box_around (point->x, point->y, box);
      return TRUE;
    }
  if (!(pick->facets & GB_PICK_ITERATION) || self->n_over_iterations == 0)
    return FALSE;
  double x = gb_chart_layout_x (self, (double) pick->iteration);
  if (x < self->plot_x - 1 || x > self->plot_x + self->plot_width + 1)
    return FALSE;
  const GbChartPoint *point = line ? gb_chart_line_at (line, pick->iteration) : NULL;
  if (point == NULL && line && line->points->len)
    point = &g_array_index (line->points, GbChartPoint, 0); /* of several iterations, this one the first */
  const GbChartPanel *first = &self->panels[0];
  if (point && isfinite (point->y))
    box_around (x, point->y, box);
  else
    box_around (x, first->y + first->height / 2, box);
  return TRUE;
}
