/* The incomplete gamma functions and the derivatives of lgamma.  Equation numbers are those of Abramowitz and
 * Stegun 1964, "Handbook of Mathematical Functions". */
#include "ops/special/special-functions.h"

#include <math.h>

/* ---- the incomplete gamma functions ---- */

/* log1p (d) - d without cancellation. */
static double
log1p_minus (double d)
{
  if (fabs (d) > 0.5)
    return log1p (d) - d;
  double term = d, sum = 0;
  for (int k = 2; k < 100 && fabs (term) > 1e-18 * fabs (sum); k++)
    {
      term *= -d;
      sum += term / k;
    }
  return sum;
}

/* x^a exp (-x) / gamma (a + 1); for large a through Stirling's series (6.1.41), as lgamma alone would lose
 * digits. */
static double
leading_factor (double a, double x)
{
  if (a < 20)
    return exp (a * log (x) - x - lgamma (a + 1));
  double rest = 1 / (12 * a) - 1 / (360 * a * a * a) + 1 / (1260 * a * a * a * a * a);
  double relative = (x - a) / a;
  return exp (a * log1p_minus (relative) - rest) / sqrt (2 * M_PI * a);
}

/* 6.5.29 for P. */
static double
lower_by_series (double a, double x)
{
  double term = 1, sum = 1;
  for (double k = 1; k < 100000 && term > sum * 1e-17; k++)
    {
      term *= x / (a + k);
      sum += term;
    }
  return leading_factor (a, x) * sum;
}

/* 6.5.31 for Q, by the method of Lentz 1976. */
static double
upper_by_fraction (double a, double x)
{
  double b = x + 1 - a, c = 1e300, d = 1 / b, h = d;
  for (int k = 1; k < 100000; k++)
    {
      double numerator = -k * (k - a), step;
      b += 2;
      d = 1 / (numerator * d + b);
      c = b + numerator / c;
      step = c * d;
      h *= step;
      if (fabs (step - 1) < 1e-16)
        break;
    }
  return leading_factor (a, x) * a * h;
}

/* 6.5.29 for Q where x is small and P near 1: 1 - P with what cancels taken out. */
static double
upper_by_series (double a, double x)
{
  double term = 1, sum = 0;
  for (int k = 1; k < 1000 && fabs (term) > 1e-17 * fabs (sum); k++)
    {
      term *= -x / k;
      sum += term / (a + k);
    }
  double exponent = a * log (x) - lgamma (1 + a);
  return -expm1 (exponent) - exp (exponent) * a * sum;
}

/* At the borders PyTorch's values, also where NaN meets one. */
double
te_igamma (double a, double x)
{
  if (x < 0 || a < 0)
    return NAN;
  if (a == 0)
    return x > 0 ? 1 : NAN;
  if (x == 0)
    return 0;
  if (isinf (a))
    return isinf (x) ? NAN : 0;
  if (isinf (x))
    return 1;
  if (isnan (a) || isnan (x))
    return NAN;
  return x < a + 1 ? lower_by_series (a, x) : 1 - upper_by_fraction (a, x);
}

double
te_igammac (double a, double x)
{
  if (x < 0 || a < 0)
    return NAN;
  if (a == 0)
    return x > 0 ? 0 : NAN;
  if (x == 0)
    return 1;
  if (isinf (a))
    return isinf (x) ? NAN : 1;
  if (isinf (x))
    return 0;
  if (isnan (a) || isnan (x))
    return NAN;
  if (x >= a + 1)
    return upper_by_fraction (a, x);
  return x < 1 && a < 1 ? upper_by_series (a, x) : 1 - lower_by_series (a, x);
}

/* ---- the derivatives of lgamma ---- */

/* Bernoulli numbers B2, B4, … */
static const double bernoulli[] = {
  1.0 / 6,       -1.0 / 30, 1.0 / 42,      -1.0 / 30,     5.0 / 66,
  -691.0 / 2730, 7.0 / 6,   -3617.0 / 510, 43867.0 / 798, -174611.0 / 330,
};

/* 6.3.7 below 0, 6.3.5 up to 10, then 6.3.18. */
double
te_digamma (double x)
{
  double result = 0;
  if (x == 0)
    return copysign (INFINITY, -x);
  if (x < 0)
    {
      double whole;
      if (x == trunc (x))
        return NAN;
      result = -M_PI / tan (M_PI * modf (x, &whole));
      x = 1 - x;
    }
  for (; x < 10; x += 1)
    result -= 1 / x;
  double square = 1 / (x * x), power = square, series = 0;
  for (int k = 0; k < 8 && x < 1e17; k++, power *= square)
    series += bernoulli[k] / (2 * k + 2) * power;
  return result + log (x) - 0.5 / x - series;
}

/* The first terms, then Euler's and Maclaurin's formula (23.1.30) for the rest. */
double
te_zeta (double s, double q)
{
  if (s == 1)
    return INFINITY;
  if (s < 1 || isnan (q))
    return NAN;
  if (q <= 0 && q == floor (q))
    return INFINITY;
  if (q <= 0 && s != floor (s))
    return NAN;
  double sum = 0;
  int k = 0;
  for (; k < 10 || q <= 9; k++, q += 1)
    {
      double term = pow (q, -s);
      sum += term;
      if (fabs (term) < 1e-17 * fabs (sum) && q > 0)
        return sum;
    }
  double power = pow (q, -s), factor = s / q;
  sum += power * q / (s - 1) + power / 2;
  for (int i = 0; i < 10; i++)
    {
      double factorial = (2 * i + 1) * (2 * i + 2);
      sum += bernoulli[i] * power * factor / factorial;
      factor *= (s + 2 * i + 1) * (s + 2 * i + 2) / (q * q) / factorial;
    }
  return sum;
}

/* trigamma with PyTorch's steps in either precision, which its values show near the poles. */
#define TRIGAMMA(NAME, T, SIN)                                                                               \
  T NAME (T x)                                                                                               \
  {                                                                                                          \
    const T pi = (T) 3.14159265358979323846;                                                                 \
    T sign = 1, sum = 0;                                                                                     \
    if (x < (T) 0.5)                                                                                         \
      {                                                                                                      \
        T s = SIN (pi * x);                                                                                  \
        sign = -1;                                                                                           \
        sum -= (pi * pi) / (s * s);                                                                          \
        x = 1 - x;                                                                                           \
      }                                                                                                      \
    for (int i = 0; i < 6; i++, x += 1)                                                                      \
      sum += 1 / (x * x);                                                                                    \
    T ixx = 1 / (x * x);                                                                                     \
    sum += (1 + 1 / (2 * x) + ixx * ((T) 1 / 6 - ixx * ((T) 1 / 30 - ixx * ((T) 1 / 42)))) / x;              \
    return sign * sum;                                                                                       \
  }
TRIGAMMA (te_trigamma, double, sin)
TRIGAMMA (te_trigamma_single, float, sinf)

/* 6.4.10 */
double
te_polygamma (int64_t n, double x)
{
  if (n == 0)
    return te_digamma (x);
  return (n % 2 ? 1 : -1) * tgamma ((double) n + 1) * te_zeta ((double) n + 1, x);
}
