#include "models/curve.h"

struct _GbCurve
{
  GArray *points; /* GbCurvePoint */
  guint64 n_added;
  guint64 stride;        /* every so many of those added are kept */
  gboolean has_stand_in; /* the last one is none of them: it is the newest, until the next comes */
};

GbCurve *
gb_curve_new (void)
{
  GbCurve *self = g_new0 (GbCurve, 1);
  self->points = g_array_new (FALSE, FALSE, sizeof (GbCurvePoint));
  self->stride = 1;
  return self;
}

void
gb_curve_free (GbCurve *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->points);
  g_free (self);
}

GbCurve *
gb_curve_copy (const GbCurve *self)
{
  if (self == NULL)
    return NULL;
  GbCurve *copy = g_memdup2 (self, sizeof *self);
  copy->points = g_array_copy (self->points);
  return copy;
}

static void
curve_thin (GbCurve *self)
{
  guint kept = 0;
  for (guint i = 0; i < self->points->len; i += 2)
    g_array_index (self->points, GbCurvePoint, kept++) = g_array_index (self->points, GbCurvePoint, i);
  g_array_set_size (self->points, kept);
  self->stride *= 2;
}

void
gb_curve_add (GbCurve *self, double x, double y, guint64 seq)
{
  GbCurvePoint point = { x, y, seq };

  if (self->points->len > 1 && g_array_index (self->points, GbCurvePoint, 0).x == x)
    {
      g_array_set_size (self->points, 0);
      self->n_added = 0;
      self->stride = 1;
      self->has_stand_in = FALSE;
    }
  if (self->has_stand_in)
    g_array_index (self->points, GbCurvePoint, self->points->len - 1) = point;
  else
    g_array_append_val (self->points, point);
  self->has_stand_in = self->n_added++ % self->stride != 0;
  /* An odd number, so that the last point stays. */
  if (self->points->len > GB_CURVE_MOST_POINTS && !self->has_stand_in)
    curve_thin (self);
}

void
gb_curve_cut (GbCurve *self, guint64 seq)
{
  guint n = self->points->len;
  while (n && g_array_index (self->points, GbCurvePoint, n - 1).seq > seq)
    n--;
  if (n == self->points->len)
    return;
  g_array_set_size (self->points, n);
  self->has_stand_in = FALSE;
  self->n_added = n ? (n - 1) * self->stride + 1 : 0;
}

guint
gb_curve_get_n (const GbCurve *self)
{
  return self->points->len;
}

const GbCurvePoint *
gb_curve_get (const GbCurve *self, guint nth)
{
  return nth < self->points->len ? &g_array_index (self->points, GbCurvePoint, nth) : NULL;
}
