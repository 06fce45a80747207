/* The normal distribution's tails, where erfc alone loses its digits or its range. */
#include "ops/special/special-functions.h"

#include <math.h>

double
te_erfcx (double x)
{
  if (x < 0)
    return x < -26.7 ? INFINITY : 2 * exp (x * x) - te_erfcx (-x);
  if (x < 20)
    {
      double square = x * x, rest = fma (x, x, -square); /* exp would magnify the rounding of x^2 */
      return exp (square) * (1 + rest) * erfc (x);
    }
  /* Abramowitz and Stegun 7.1.23 */
  double z = 1 / (2 * x * x), sum = 1, term = 1;
  for (int k = 1; k < 12; k++)
    {
      term *= -(2 * k - 1) * z;
      sum += term;
    }
  return sum / (x * sqrt (M_PI));
}

double
te_log_ndtr (double x)
{
  double t = x * M_SQRT1_2;
  return x < -1 ? log (te_erfcx (-t) / 2) - t * t : log1p (-erfc (t) / 2);
}

/* Newton's method with Halley's correction on log (ndtr (x)) - log (p), which is nearly a parabola in the
 * lower tail; the upper half follows by symmetry. */
double
te_ndtri (double p)
{
  if (!(p >= 0 && p <= 1))
    return NAN;
  if (p == 0 || p == 1)
    return p ? INFINITY : -INFINITY;
  if (p > 0.5)
    return -te_ndtri (1 - p);
  double target = log (p), x = p < 0.1 ? -sqrt (-2 * target) : (p - 0.5) * sqrt (2 * M_PI);
  for (int step = 0; step < 20; step++)
    {
      double value = te_log_ndtr (x);
      double slope = sqrt (2 / M_PI) / te_erfcx (-x * M_SQRT1_2); /* density / ndtr */
      double move = (value - target) / slope;
      double bend = -(x + slope) / 2; /* second derivative / (2 slope) */
      move /= 1 - move * bend;
      x -= move;
      if (fabs (move) < 1e-15 * fabs (x) || move == 0)
        break;
    }
  return x;
}
