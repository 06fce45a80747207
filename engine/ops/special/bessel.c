/* Bessel functions of imaginary argument and Airy's function.  Equation numbers are those of Abramowitz and
 * Stegun 1964, "Handbook of Mathematical Functions". */
#include "ops/special/special-functions.h"

#include <math.h>

/* ---- I ---- */

/* 9.6.12: all terms are positive, so nothing cancels. */
static double
i_by_series (int order, double x)
{
  double square = x * x / 4, term = order ? x / 2 : 1, sum = term;
  for (int k = 1; term > sum * 1e-17 && k < 200; k++)
    {
      term *= square / ((double) k * (k + order));
      sum += term;
    }
  return sum;
}

/* 9.7.1, scaled by exp (-x); for x >= 25 the terms fall below 1e-17 before they grow again. */
static double
i_by_asymptotics (int order, double x)
{
  double mu = 4.0 * order * order, term = 1, sum = 1;
  for (int k = 1; fabs (term) > 1e-17 && k < 40; k++)
    {
      double odd = 2 * k - 1;
      term *= -(mu - odd * odd) / (k * 8 * x);
      sum += term;
    }
  return sum / sqrt (2 * M_PI * x);
}

static double
i_scaled (int order, double x)
{
  return x < 25 ? i_by_series (order, x) * exp (-x) : i_by_asymptotics (order, x);
}

static double
i_plain (int order, double x)
{
  if (x < 25)
    return i_by_series (order, x);
  double half = exp (x / 2); /* in two steps: exp (x) overflows before the result does */
  return i_by_asymptotics (order, x) * half * half; /* NaN at infinity, as PyTorch has it */
}

double
te_bessel_i0 (double x)
{
  return isnan (x) ? x : i_plain (0, fabs (x));
}

double
te_bessel_i0e (double x)
{
  return isnan (x) ? x : i_scaled (0, fabs (x));
}

double
te_bessel_i1 (double x)
{
  return isnan (x) ? x : x < 0 ? -i_plain (1, -x) : i_plain (1, fabs (x));
}

double
te_bessel_i1e (double x)
{
  return isnan (x) ? x : x < 0 ? -i_scaled (1, -x) : i_scaled (1, fabs (x));
}

/* ---- K ---- */

/* 9.6.24, K_nu (x) exp (x) = the integral over t > 0 of exp (-x (cosh t - 1)) cosh (nu t), by the trapezoidal
 * rule, which converges exponentially here (Trefethen and Weideman 2014, "The exponentially convergent
 * trapezoidal rule", section 5). */
static double
k_scaled (double order, double x)
{
  const double step = 0.125;
  double sum = 0.5;
  if (x > 1e5) /* the integrand is narrower than the steps: 9.7.2 */
    return sqrt (M_PI / (2 * x)) * (1 + (4 * order * order - 1) / (8 * x));
  double narrow = x > 1 ? step / sqrt (x) : step;
  for (int k = 1; k < 20000; k++)
    {
      double t = k * narrow, half = sinh (t / 2), term = exp (-2 * x * half * half) * cosh (order * t);
      sum += term;
      if (term < sum * 1e-18)
        break;
    }
  return sum * narrow;
}

static double
k_of (int order, double x, int scaled)
{
  if (isnan (x) || x < 0)
    return NAN;
  if (x == 0)
    return INFINITY;
  if (isinf (x))
    return 0;
  if (order == 1 && x < 1e-8) /* 9.6.9 */
    return 1 / x;
  return k_scaled (order, x) * (scaled ? 1 : exp (-x));
}

double
te_bessel_k0 (double x)
{
  return k_of (0, x, 0);
}

double
te_bessel_k0e (double x)
{
  return k_of (0, x, 1);
}

double
te_bessel_k1 (double x)
{
  return k_of (1, x, 0);
}

double
te_bessel_k1e (double x)
{
  return k_of (1, x, 1);
}

/* ---- others ---- */

double
te_spherical_bessel_j0 (double x)
{
  if (isinf (x))
    return 0;
  return fabs (x) < 1e-4 ? 1 - x * x / 6 : sin (x) / x;
}

/* 10.4.2: two series, which cancel; long double leaves 14 digits at -8. */
static double
airy_by_series (double value)
{
  const long double ai0 = 0.355028053887817239260063186004183L, slope = 0.258819403792806798405183560189204L;
  long double x = value, cube = x * x * x, f = 1, g = x, f_sum = f, g_sum = g;
  for (int k = 1; k < 100 && (fabsl (f) > 1e-22L || fabsl (g) > 1e-22L); k++)
    {
      f *= cube / ((3 * k - 1) * (3.0L * k));
      g *= cube / ((3 * k) * (3.0L * k + 1));
      f_sum += f;
      g_sum += g;
    }
  return (double) (ai0 * f_sum - slope * g_sum);
}

/* 10.4.60, with the coefficients of 10.4.58. */
static double
airy_by_asymptotics (double x)
{
  double size = -x, zeta = 2 * size * sqrt (size) / 3, term = 1, parts[2] = { 1, 0 };
  for (int k = 1; k < 30; k++)
    {
      double next = term * (6 * k - 5) * (6 * k - 3) * (6 * k - 1) / (216.0 * k * (2 * k - 1)) / zeta;
      if (next > term)
        break;
      term = next;
      parts[k % 2] += k / 2 % 2 ? -term : term;
    }
  double angle = zeta + M_PI / 4;
  return (sin (angle) * parts[0] - cos (angle) * parts[1]) / (sqrt (M_PI) * sqrt (sqrt (size)));
}

double
te_airy_ai (double x)
{
  if (isnan (x) || isinf (x))
    return NAN;
  if (x > 103.892)
    return 0;
  if (x > 2) /* 10.4.14 */
    {
      double zeta = 2 * x * sqrt (x) / 3;
      return sqrt (x / 3) / M_PI * k_scaled (1.0 / 3, zeta) * exp (-zeta);
    }
  return x > -8 ? airy_by_series (x) : airy_by_asymptotics (x);
}
