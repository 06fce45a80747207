/* A logged curve that does not run over iterations: over an x that the program gives, or over its own count.
 * Points stand in the order in which they came; beyond a bound every second one goes, and as many of those to
 * come. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define GB_CURVE_MOST_POINTS 4096

typedef struct _GbCurve GbCurve;

typedef struct
{
  double x, y; /* y may be NaN or infinite */
  guint64 seq; /* of its record */
} GbCurvePoint;

GbCurve *gb_curve_new (void);
void gb_curve_free (GbCurve *self);
GbCurve *gb_curve_copy (const GbCurve *self); /* NULL of NULL */
/* A point at the x that the curve began with begins it anew: a program draws it again. */
void gb_curve_add (GbCurve *self, double x, double y, guint64 seq);
/* Takes away what came after seq. */
void gb_curve_cut (GbCurve *self, guint64 seq);
guint gb_curve_get_n (const GbCurve *self);
const GbCurvePoint *gb_curve_get (const GbCurve *self, guint nth);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbCurve, gb_curve_free)

G_END_DECLS
