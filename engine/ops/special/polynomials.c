/* Orthogonal polynomials by their three-term recurrences.  Source: Abramowitz and Stegun 1964, 22.7; where a
 * trigonometric form exists it is used inside (-1, 1) for high degrees (22.3.15, 22.3.16), the ends have
 * values of their own (22.4). */
#include "ops/special/special-functions.h"

#include <math.h>
#include <stdbool.h>

static double
sign_of (int64_t n)
{
  return n % 2 ? -1 : 1;
}

/* p_k = 2 x p_(k-1) - p_(k-2), which all four kinds of Chebyshev share. */
static double
chebyshev (double x, int64_t n, double first)
{
  double before = 1, p = first;
  if (n == 0)
    return 1;
  for (int64_t k = 2; k <= n && !isnan (p); k++)
    {
      double next = 2 * x * p - before;
      before = p;
      p = next;
    }
  return p;
}

double
te_chebyshev_t (double x, int64_t n)
{
  if (n < 0)
    return 0;
  if (fabs (x) == 1)
    return x > 0 ? 1 : sign_of (n);
  return n > 6 && fabs (x) < 1 ? cos ((double) n * acos (x)) : chebyshev (x, n, x);
}

double
te_chebyshev_u (double x, int64_t n)
{
  if (n < 0)
    return 0;
  if (fabs (x) == 1)
    return (x > 0 ? 1 : sign_of (n)) * (double) (n + 1);
  if (n > 8 && fabs (x) < 1)
    {
      double angle = acos (x), below = sin (angle);
      return below != 0 ? sin ((double) (n + 1) * angle) / below
                        : (double) (n + 1) * cos ((double) (n + 1) * angle) / x;
    }
  return chebyshev (x, n, 2 * x);
}

double
te_chebyshev_v (double x, int64_t n)
{
  if (n < 0)
    return 0;
  if (fabs (x) == 1)
    return x > 0 ? 1 : sign_of (n) * (double) (2 * n + 1);
  if (n > 8 && fabs (x) < 1)
    {
      double half = acos (x) / 2;
      return cos ((double) (2 * n + 1) * half) / cos (half);
    }
  return chebyshev (x, n, 2 * x - 1);
}

double
te_chebyshev_w (double x, int64_t n)
{
  if (n < 0)
    return 0;
  if (fabs (x) == 1)
    return x > 0 ? (double) (2 * n + 1) : sign_of (n);
  if (n > 8 && fabs (x) < 1)
    {
      double half = acos (x) / 2;
      return sin ((double) (2 * n + 1) * half) / sin (half);
    }
  return chebyshev (x, n, 2 * x + 1);
}

/* p_k = a (x p_(k-1) - (k - 1) p_(k-2)): a is 2 for the physicists' polynomials, 1 for the probabilists'. */
static double
hermite (double x, int64_t n, double a)
{
  double before = 1, p = a * x;
  if (n <= 0)
    return n == 0;
  for (int64_t k = 2; k <= n && !isnan (p); k++)
    {
      double next = a * (x * p - (double) (k - 1) * before);
      before = p;
      p = next;
    }
  return p;
}

double
te_hermite_h (double x, int64_t n)
{
  return hermite (x, n, 2);
}

double
te_hermite_he (double x, int64_t n)
{
  return hermite (x, n, 1);
}

double
te_laguerre_l (double x, int64_t n)
{
  double before = 1, p = 1 - x;
  if (n <= 0)
    return n == 0;
  if (x == 0)
    return 1;
  for (int64_t k = 2; k <= n && !isnan (p); k++)
    {
      double next = ((double) (2 * k - 1) - x) * p - (double) (k - 1) * before;
      before = p;
      p = next / (double) k;
    }
  return p;
}

double
te_legendre_p (double x, int64_t n)
{
  double before = 1, p = x;
  if (n <= 0)
    return n == 0;
  if (fabs (x) == 1)
    return x > 0 ? 1 : sign_of (n);
  for (int64_t k = 2; k <= n && !isnan (p); k++)
    {
      double next = ((double) (2 * k - 1) * x * p - (double) (k - 1) * before) / (double) k;
      before = p;
      p = next;
    }
  return p;
}
