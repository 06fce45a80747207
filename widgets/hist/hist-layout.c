#include "hist/hist-layout.h"

#include <math.h>

#define SPOT 8.0f /* height of a place that ink can hang on */
#define PAD       14
#define HEADER    34
#define LEFT      46 /* numbers of steps */
#define AXIS      30
#define NUMBERS   156
#define MOST_RISE 62
#define ASTRAY    50 /* times the newest's range */

void
gb_hist_layout_free (GbHistLayout *self)
{
  if (self == NULL)
    return;
  gb_histograms_free (self->series);
  g_free (self);
}

const GbHistogram *
gb_hist_layout_newest (const GbHistLayout *self)
{
  return gb_histograms_get (self->series, self->series->all->len - 1);
}

/* Elements per unit of the axis, as a share of all: ridges of unlike ranges can be compared. */
static double
density (const GbHistogram *one, guint bin)
{
  double total = (double) (one->n - one->nans - one->infs);
  return total > 0 ? one->bins[bin] / total / ((one->high - one->low) / GB_HISTOGRAM_N_BINS) : 0;
}

static double
scale_count (const GbHistLayout *self, double value, double most)
{
  if (most <= 0)
    return 0;
  return self->options.log_y ? log1p (value * 1000 / most) / log1p (1000) : value / most;
}

static void
layout_choose_axis (GbHistLayout *self, const GbHistOptions *options)
{
  const GbHistogram *newest = gb_hist_layout_newest (self);
  double low = self->series->low, high = self->series->high, width = newest->high - newest->low;
  guint n_ticks = (guint) CLAMP (self->plot_width / 80, 2, 8);

  /* One step that went far astray would leave a hair of all others: it runs out of the picture instead. */
  if (high - low > ASTRAY * width)
    {
      low = MAX (low, newest->low - width);
      high = MIN (high, newest->high + width);
    }
  /* The scale grows but does not jump while the tensor trains. */
  if (options->high > options->low)
    {
      low = MIN (low, options->low);
      high = MAX (high, options->high);
    }
  self->options.low = low;
  self->options.high = high;
  self->axis = gb_axis_linear (low, high, n_ticks);
  self->axis.low = low;
  self->axis.high = high;
}

GbHistLayout *
gb_hist_layout_new (GbTraceCursor *cursor,
                    GbSelection *selection,
                    const GbHistOptions *options,
                    const GbDrawContext *ctx)
{
  GbHistLayout *self = g_new0 (GbHistLayout, 1);
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  guint64 seq = gb_trace_cursor_get_position (cursor);
  guint64 chosen = gb_selection_get_tensor (selection), tensor;
  guint n;
  double room;

  self->width = ctx->width;
  self->height = ctx->height;
  self->options = *options;
  tensor = gb_histograms_find (trace, chosen ? gb_trace_follow_tensor (trace, chosen, seq) : 0, seq);
  self->series = tensor ? gb_histograms_new (trace, tensor, seq, GB_HIST_MAX_RIDGES) : NULL;
  if (self->series == NULL)
    return self;
  n = self->series->all->len;
  self->x = PAD + (n > 1 ? LEFT : 0);
  self->plot_width = ctx->width - self->x - PAD;
  if (self->plot_width > 3 * NUMBERS)
    {
      self->plot_width -= NUMBERS + 16;
      self->numbers_x = self->x + self->plot_width + 20;
    }
  self->plot_width = MAX (self->plot_width, 20);
  layout_choose_axis (self, options);
  /* Without room for the numbers at the side a line of them stands under the axis. */
  room = MAX (ctx->height - HEADER - AXIS - (self->numbers_x > 0 ? 0 : 18), 30);
  self->bars_height = n > 1 ? CLAMP (room * 0.3, 20, 130) : room - 8;
  self->bars_y = HEADER + room - self->bars_height;
  self->ridge_y = HEADER;
  self->ridge_height = self->bars_y - HEADER - 16;
  if (n > 1)
    {
      double rise = CLAMP (self->ridge_height * 0.35, 8, MOST_RISE);
      self->ridge_step = MAX ((self->ridge_height - rise) / (n - 1), 0.5);
      for (guint i = 0; i < n; i++)
        for (guint bin = 0; bin < GB_HISTOGRAM_N_BINS; bin++)
          self->most_density = MAX (self->most_density, density (gb_histograms_get (self->series, i), bin));
    }
  return self;
}

double
gb_hist_layout_x (const GbHistLayout *self, double value)
{
  return self->x + self->plot_width * (value - self->axis.low) / (self->axis.high - self->axis.low);
}

double
gb_hist_layout_baseline (const GbHistLayout *self, guint nth)
{
  return self->ridge_y + self->ridge_height - (self->series->all->len - 1 - nth) * self->ridge_step;
}

double
gb_hist_layout_rise (const GbHistLayout *self, guint nth, guint bin)
{
  double rise = CLAMP (self->ridge_height * 0.35, 8, MOST_RISE);
  return rise * scale_count (self, density (gb_histograms_get (self->series, nth), bin), self->most_density);
}

double
gb_hist_layout_bar (const GbHistLayout *self, guint bin)
{
  const GbHistogram *one = gb_hist_layout_newest (self);
  return self->bars_height * scale_count (self, one->bins[bin], one->most);
}

int
gb_hist_layout_bin_at (const GbHistLayout *self, double x, double y)
{
  const GbHistogram *one;
  double at;

  if (self->series == NULL || y < self->bars_y - 4 || y > self->bars_y + self->bars_height + 4)
    return -1;
  one = gb_hist_layout_newest (self);
  at = self->axis.low + (x - self->x) / self->plot_width * (self->axis.high - self->axis.low);
  at = floor ((at - one->low) / (one->high - one->low) * GB_HISTOGRAM_N_BINS);
  return at >= 0 && at < GB_HISTOGRAM_N_BINS ? (int) at : -1;
}

int
gb_hist_layout_ridge_at (const GbHistLayout *self, double x, double y)
{
  double at;

  if (self->series == NULL || self->series->all->len < 2 || x < self->x - LEFT
      || x > self->x + self->plot_width || y > self->ridge_y + self->ridge_height + 4 || y < self->ridge_y)
    return -1;
  at = self->series->all->len - 1 - floor ((self->ridge_y + self->ridge_height - y) / self->ridge_step);
  return at >= 0 ? (int) at : 0;
}

static guint
nearest_ridge (const GbHistLayout *self, guint64 iteration)
{
  guint best = 0;
  for (guint i = 1; i < self->series->all->len; i++)
    {
      guint64 at = gb_histograms_get (self->series, i)->iteration, was = gb_histograms_get (self->series, best)->iteration;
      if (MAX (at, iteration) - MIN (at, iteration) < MAX (was, iteration) - MIN (was, iteration))
        best = i;
    }
  return best;
}

gboolean
gb_hist_layout_locate (const GbHistLayout *self, const GbPick *pick, graphene_rect_t *box)
{
  if (self->series == NULL)
    return FALSE;
  if ((pick->facets & GB_PICK_ITERATION) && self->series->all->len > 1)
    {
      double y = gb_hist_layout_baseline (self, nearest_ridge (self, pick->iteration));
      graphene_rect_init (box, (float) self->x, (float) y - SPOT / 2, (float) self->plot_width, SPOT);
      return TRUE;
    }
  if (!(pick->facets & GB_PICK_PART) || pick->part >= GB_HISTOGRAM_N_BINS)
    return FALSE;
  const GbHistogram *one = gb_hist_layout_newest (self);
  double each = (one->high - one->low) / GB_HISTOGRAM_N_BINS,
         left = gb_hist_layout_x (self, one->low + each * pick->part),
         right = gb_hist_layout_x (self, one->low + each * (pick->part + 1));
  if (right < self->x || left > self->x + self->plot_width)
    return FALSE; /* the axis was fitted to others */
  graphene_rect_init (box, (float) left,
                      (float) (self->bars_y + self->bars_height - gb_hist_layout_bar (self, pick->part)) - SPOT / 2,
                      (float) MAX (right - left, 1), SPOT);
  return TRUE;
}
