#include "ops/random/variates.h"

#include <math.h>

#include "ops/special/special-functions.h"

double
te_generator_uniform (TeGenerator *generator)
{
  return (double) (te_generator_random64 (generator) & ((1ull << 53) - 1)) * 0x1p-53;
}

/* Box and Muller 1958. */
double
te_generator_normal (TeGenerator *generator)
{
  if (generator->has_next_normal)
    {
      generator->has_next_normal = false;
      return generator->next_normal;
    }
  double angle = 2 * M_PI * te_generator_uniform (generator),
         radius = sqrt (-2 * log1p (-te_generator_uniform (generator)));
  generator->next_normal = radius * sin (angle);
  generator->has_next_normal = true;
  return radius * cos (angle);
}

/* ---- Poisson ---- */

/* PTRS.  Source: Hörmann 1993, "The transformed rejection method for generating Poisson random variables". */
static double
poisson_by_rejection (TeGenerator *generator, double rate)
{
  double b = 0.931 + 2.53 * sqrt (rate), a = -0.059 + 0.02483 * b;
  double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4), squeeze = 0.9277 - 3.6224 / (b - 2);
  for (;;)
    {
      double u = te_generator_uniform (generator) - 0.5, v = te_generator_uniform (generator);
      double us = 0.5 - fabs (u), k = floor ((2 * a / us + b) * u + rate + 0.43);
      if (us >= 0.07 && v <= squeeze)
        return k;
      if (k < 0 || (us < 0.013 && v > us))
        continue;
      if (log (v) + log (inverse_alpha) - log (a / (us * us) + b) <= -rate + k * log (rate) - lgamma (k + 1))
        return k;
    }
}

/* Small rates: uniforms are multiplied until the product falls below exp (-rate).  Source: Knuth, "The Art of
 * Computer Programming" 2, 3.4.1. */
double
te_variate_poisson (TeGenerator *generator, double rate)
{
  if (rate >= 10)
    return poisson_by_rejection (generator, rate);
  if (rate == 0)
    return 0;
  double floor_of_product = exp (-rate), count = 0;
  for (double product = te_generator_uniform (generator); product > floor_of_product;
       product *= te_generator_uniform (generator))
    count++;
  return count;
}

/* ---- gamma ---- */

/* Source: Marsaglia and Tsang 2000, "A simple method for generating gamma variables". */
double
te_variate_gamma (TeGenerator *generator, double alpha, int single)
{
  double scale = 1;
  if (alpha < 1)
    {
      if (alpha == 0)
        return 0;
      double power = single ? (double) (1 / (float) alpha) : 1 / alpha;
      scale = pow (1 - te_generator_uniform (generator), power);
      alpha = single ? (double) ((float) alpha + 1) : alpha + 1;
    }
  const float third = 1.0f / 3;
  double d = single ? (double) ((float) alpha - third) : alpha - third, c = 1 / sqrt (9 * d);
  for (;;)
    {
      double x, y;
      do
        {
          x = te_generator_normal (generator);
          y = 1 + c * x;
        }
      while (y <= 0);
      double v = y * y * y, u = 1 - te_generator_uniform (generator), square = x * x;
      if (u < 1 - 0.0331f * square * square || log (u) < 0.5 * square + d * (1 - v + log (v)))
        return scale * d * v;
    }
}

/* ---- binomial ---- */

/* What Stirling's formula leaves of log (k!). */
static double
stirling_rest (double k)
{
  if (k < 10)
    return lgamma (k + 1) - ((k + 0.5) * log (k + 1) - (k + 1) + 0.5 * log (2 * M_PI));
  double n = k + 1, square = n * n;
  return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / n;
}

/* BTRS.  Source: Hörmann 1993, "The generation of binomial random variates". */
static double
binomial_by_rejection (TeGenerator *generator, double n, double p, int single)
{
  double deviation = sqrt (n * p * (1 - p)), b = 1.15 + 2.53 * deviation, a = -0.0873 + 0.0248 * b + 0.01 * p;
  double centre = n * p + 0.5, squeeze = 0.92 - 4.2 / b, odds = p / (1 - p);
  double alpha = (2.83 + 5.1 / b) * deviation, mode = floor ((n + 1) * p);
  for (;;)
    {
      double u = te_generator_uniform (generator), v = te_generator_uniform (generator);
      if (single)
        {
          u = (float) u;
          v = (float) v;
        }
      u -= 0.5;
      double us = 0.5 - fabs (u), k = floor ((2 * a / us + b) * u + centre);
      if (us >= 0.07 && v <= squeeze)
        return k;
      if (k < 0 || k > n)
        continue;
      double bound = (mode + 0.5) * log ((mode + 1) / (odds * (n - mode + 1)))
                     + (n + 1) * log ((n - mode + 1) / (n - k + 1))
                     + (k + 0.5) * log (odds * (n - k + 1) / (k + 1)) + stirling_rest (mode)
                     + stirling_rest (n - mode) - stirling_rest (k) - stirling_rest (n - k);
      if (log (v * alpha / (a / (us * us) + b)) <= bound)
        return k;
    }
}

/* Small means: successes are as far apart as geometric variates say.  Source: Devroye 1986, "Non-uniform
 * random variate generation", X.4. */
static double
binomial_by_gaps (TeGenerator *generator, double n, double p, int single)
{
  double successes = 0, log_failure = log1p (-p);
  for (double place = 0;; successes++)
    {
      double u = te_generator_uniform (generator);
      place += ceil (log (single ? (float) u : u) / log_failure);
      if (place > n)
        return successes;
    }
}

double
te_variate_binomial (TeGenerator *generator, double n, double p, int single)
{
  if (n <= 0 || p <= 0)
    return 0;
  if (p >= 1)
    return n;
  if (isnan (p) || isnan (n))
    return NAN;
  double least = p <= 0.5 ? p : single ? (double) (1 - (float) p) : 1 - p;
  double count = n * least >= 10 ? binomial_by_rejection (generator, n, least, single)
                                 : binomial_by_gaps (generator, n, least, single);
  return p <= 0.5 ? count : n - count;
}

/* ---- slopes ---- */

/* x below 0.8: the series of the incomplete gamma function, differentiated term by term. */
static double
gamma_slope_by_series (double alpha, double x)
{
  double numerator = 1, denominator = alpha, sum = 1 / alpha, slope = 1 / (alpha * alpha);
  for (int k = 1; k <= 5; k++)
    {
      numerator *= -x / k;
      denominator += 1;
      sum += numerator / denominator;
      slope += numerator / (denominator * denominator);
    }
  double result = -x * exp (x) * ((log (x) - te_digamma (alpha)) * sum - slope);
  return isnan (result) ? 0 : result;
}

/* Large alpha: a saddle point expansion, and its own expansion near the saddle.  Source: Jankowiak and
 * Obermeyer 2018, "Pathwise derivatives beyond the reparameterization trick", appendix A. */
static double
gamma_slope_by_saddle (double alpha, double x)
{
  if (0.9f * alpha <= x && x <= 1.1f * alpha)
    {
      double square = alpha * alpha;
      double first = 1 + 24 * alpha * (1 + 12 * alpha);
      double second = 1440 * square + 6 * x * (53 - 120 * x) - 65 * x * x / alpha + alpha * (107 + 3600 * x);
      return first * second / (1244160 * square * square);
    }
  double root = sqrt (8 * alpha), away = alpha - x, logarithm = log (x / alpha);
  double power = pow (x - alpha - alpha * logarithm, -1.5);
  double inner = logarithm * (root / away + (x < alpha ? -power : power))
                 - sqrt (2 / alpha) * (alpha + x) / (away * away);
  return -(1 + 1 / (12 * alpha) * (1 + 1 / (24 * alpha))) * x * inner / root;
}

/* Elsewhere the exponential of a ratio of two polynomials in u = log (x / alpha) and v = log (alpha), the fit
 * (good to three digits) that PyTorch's numbers come from: rows are powers of u, columns powers of v. */
static double
gamma_slope_by_fit (double alpha, double x)
{
  static const double over[3][4] = { { 0.16009398, -0.094634809, 0.025146376, -0.0030648343 },
                                     { 0.53487893, 0.1298071, 0.065735949, -0.0015649758 },
                                     { 0.040121004, -0.0065914022, -0.0026286047, -0.0013441777 } };
  static const double under[3][4] = { { 1, 0.32668115, 0.10406089, 0.0014179084 },
                                      { 0.16639465, 0.020070113, -0.0035938915, -0.00058392623 },
                                      { 0.017050642, -0.0021309326, 0.00085092367, -1.5247877e-07 } };
  double u = log (x / alpha), v = log (alpha), p = 0, q = 0;
  for (int k = 3; k >= 0; k--)
    {
      p = p * v + over[0][k] + u * (over[1][k] + u * over[2][k]);
      q = q * v + under[0][k] + u * (under[1][k] + u * under[2][k]);
    }
  return exp (p / q);
}

double
te_gamma_slope (double alpha, double x)
{
  if (x < 0.8f)
    return gamma_slope_by_series (alpha, x);
  return alpha > 8 ? gamma_slope_by_saddle (alpha, x) : gamma_slope_by_fit (alpha, x);
}

/* The slope of the incomplete beta function as the integral over (0, x) of (log t - c) t^(alpha-1)
 * (1-t)^(beta-1) with c = digamma (alpha) - digamma (alpha + beta), by tanh-sinh quadrature (Takahasi and
 * Mori 1974), which bears the singular end.  As the integral over (0, 1) is 0, the shorter of the two sides
 * is taken. */
double
te_beta_slope (double x, double alpha, double beta)
{
  double c = te_digamma (alpha) - te_digamma (alpha + beta), sum = 0;
  bool lower = x <= alpha / (alpha + beta);
  double side = lower ? x : 1 - x;
  const double step = 1.0 / 32;
  for (int k = -200; k <= 200; k++)
    {
      double t = k * step, turn = M_PI / 2 * sinh (t);
      double from_end = side / (1 + exp (-2 * turn)); /* distance from 0, or from 1 */
      double to_x = side / (1 + exp (2 * turn));
      double weight = to_x * from_end / side * M_PI * cosh (t); /* d from_end / dt */
      double at = lower ? from_end : 1 - from_end, rest = lower ? 1 - from_end : from_end;
      if (weight == 0 || at <= 0 || rest <= 0)
        continue;
      double density = exp ((alpha - 1) * log (at / x) + (beta - 1) * log (rest / (1 - x)));
      sum += weight * (log (at) - c) * density;
    }
  return (lower ? -sum : sum) * step / (1 - x);
}
