/* Axes: where round numbers fall.  Pure arithmetic, no drawing. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  double low, high; /* shown range */
  double step;      /* of ticks; 0: log axis, ticks at decades */
  int decimals;
  gboolean is_log;
  double first; /* first tick */
  guint n_ticks;
  guint decade_stride; /* log: every so many decades is labelled */
} GbAxis;

/* Range widened to round numbers, about n_ticks of them (at least 2).  low == high gives a range around it. */
GbAxis gb_axis_linear (double low, double high, guint n_ticks);
/* Whole decades around [low, high], both positive. */
GbAxis gb_axis_log (double low, double high, guint n_ticks);
/* Ticks on whole numbers within [low, high], range unchanged. */
GbAxis gb_axis_whole (double low, double high, guint n_ticks);
double gb_axis_tick (const GbAxis *axis, guint nth);
/* 0 at low, 1 at high; may lie outside; NAN for what a log axis cannot show. */
double gb_axis_place (const GbAxis *axis, double value);
double gb_axis_value (const GbAxis *axis, double place);
char *gb_axis_label (const GbAxis *axis, double tick, char *buffer, gsize nbytes);

G_END_DECLS
