#include "common/axis.h"

#include <math.h>

/* The round number (1, 2, 5 times a power of ten) not below x. */
static double
round_up (double x)
{
  double power = pow (10, floor (log10 (x))), f = x / power;
  return power * (f <= 1 + 1e-9 ? 1 : f <= 2 + 1e-9 ? 2 : f <= 5 + 1e-9 ? 5 : 10);
}

/* A step that leaves one tick in the range says nothing: the next smaller round number. */
static double
step_for (double range, guint n_ticks)
{
  double step = round_up (range / MAX (n_ticks, 2));

  if (range / step < 1.3)
    step = round_up (step / 2.6);
  return step;
}

static void
axis_count (GbAxis *axis)
{
  axis->first = ceil (axis->low / axis->step - 1e-9) * axis->step;
  axis->n_ticks = (guint) CLAMP (floor ((axis->high - axis->first) / axis->step + 1e-9) + 1, 0, 64);
  axis->decimals = (int) CLAMP (-floor (log10 (axis->step) + 1e-9), 0, 10);
}

GbAxis
gb_axis_linear (double low, double high, guint n_ticks)
{
  GbAxis axis = { 0 };

  if (!isfinite (low) || !isfinite (high))
    low = 0, high = 1;
  if (high - low < 1e-12 * MAX (fabs (high), fabs (low)) || high == low)
    {
      double pad = low == 0 ? 1 : fabs (low) * 0.5;
      low -= pad, high += pad;
    }
  axis.step = step_for (high - low, n_ticks);
  axis.low = floor (low / axis.step + 1e-9) * axis.step;
  axis.high = ceil (high / axis.step - 1e-9) * axis.step;
  axis_count (&axis);
  return axis;
}

GbAxis
gb_axis_whole (double low, double high, guint n_ticks)
{
  GbAxis axis = { .low = low, .high = MAX (high, low + 1) };

  axis.step = MAX (1, step_for (axis.high - axis.low, n_ticks));
  axis_count (&axis);
  return axis;
}

GbAxis
gb_axis_log (double low, double high, guint n_ticks)
{
  GbAxis axis = { .is_log = TRUE };
  double first, last;

  if (!(low > 0) || !(high > 0) || !isfinite (low) || !isfinite (high))
    low = 1e-4, high = 1;
  first = floor (log10 (low) + 1e-9);
  last = ceil (log10 (high) - 1e-9);
  if (last <= first)
    last = first + 1;
  axis.low = pow (10, first);
  axis.high = pow (10, last);
  axis.first = axis.low;
  axis.decade_stride = (guint) MAX (1, ceil ((last - first) / MAX (n_ticks, 2)));
  axis.n_ticks = (guint) floor ((last - first) / axis.decade_stride) + 1;
  return axis;
}

double
gb_axis_tick (const GbAxis *axis, guint nth)
{
  if (axis->is_log)
    return pow (10, round (log10 (axis->low)) + (double) nth * axis->decade_stride);
  return axis->first + nth * axis->step;
}

double
gb_axis_place (const GbAxis *axis, double value)
{
  if (axis->is_log)
    return value > 0 ? (log10 (value) - log10 (axis->low)) / (log10 (axis->high) - log10 (axis->low)) : NAN;
  return (value - axis->low) / (axis->high - axis->low);
}

double
gb_axis_value (const GbAxis *axis, double place)
{
  if (axis->is_log)
    return pow (10, log10 (axis->low) + place * (log10 (axis->high) - log10 (axis->low)));
  return axis->low + place * (axis->high - axis->low);
}

char *
gb_axis_label (const GbAxis *axis, double tick, char *buffer, gsize nbytes)
{
  if (axis->is_log)
    {
      int power = (int) lround (log10 (tick));
      if (power >= -2 && power <= 3)
        g_snprintf (buffer, nbytes, "%g", pow (10, power));
      else
        g_snprintf (buffer, nbytes, "1e%d", power);
    }
  else if (fabs (tick) >= 1e6 || axis->step < 1e-4)
    g_snprintf (buffer, nbytes, "%.3g", fabs (tick) < axis->step * 1e-6 ? 0.0 : tick);
  else
    g_snprintf (buffer, nbytes, "%.*f", axis->decimals, fabs (tick) < axis->step * 1e-6 ? 0.0 : tick);
  return buffer;
}
