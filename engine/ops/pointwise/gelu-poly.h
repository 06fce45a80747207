/* GELU and its slope with the error function as a polynomial, in the order of operations of the library that
 * PyTorch hands packed floats to, so that results are its bits.
 * Source: Abramowitz and Stegun 1964, 7.1.26. */
#pragma once

#include <immintrin.h>
#include <math.h>

/* exp (x): 2^n times a polynomial of what is left of x. */
static inline __m256
te_gelu_exp_ps (__m256 x)
{
  static const float terms[] = { 0x1.0f9f9cp-7F, 0x1.573a1ap-5F, 0x1.555a8p-3F,
                                 0x1.fffdc6p-2F, 0x1.fffff6p-1F, 1 };
  x = _mm256_min_ps (x, _mm256_set1_ps (0x1.62e43p+6F));
  x = _mm256_max_ps (x, _mm256_set1_ps (-0x1.5d58ap+6F));
  __m256 n = _mm256_floor_ps (_mm256_fmadd_ps (x, _mm256_set1_ps (0x1.715476p+0F), _mm256_set1_ps (0.5F)));
  __m256 rest = _mm256_fnmadd_ps (n, _mm256_set1_ps (0x1.62e43p-1F), x), y = _mm256_set1_ps (terms[0]);
  for (int k = 1; k < 6; k++)
    y = _mm256_fmadd_ps (y, rest, _mm256_set1_ps (terms[k]));
  __m256i power = _mm256_add_epi32 (_mm256_cvtps_epi32 (n), _mm256_set1_epi32 (126)); /* of 2^(n - 1) */
  y = _mm256_mul_ps (y, _mm256_castsi256_ps (_mm256_slli_epi32 (power, 23)));
  return _mm256_mul_ps (y, _mm256_set1_ps (2));
}

/* erf (s), *fall being exp (-s^2). */
static inline __m256
te_gelu_erf_ps (__m256 s, __m256 *fall)
{
  static const float terms[] = { 1.061405429F, -1.453152027F, 1.421413741F, -0.284496736F, 0.254829592F };
  const __m256 sign = _mm256_set1_ps (-0.0F), one = _mm256_set1_ps (1);
  *fall = te_gelu_exp_ps (_mm256_xor_ps (sign, _mm256_mul_ps (s, s)));
  __m256 size = _mm256_andnot_ps (sign, s);
  __m256 t = _mm256_div_ps (one, _mm256_fmadd_ps (size, _mm256_set1_ps (0.3275911F), one));
  __m256 y = _mm256_set1_ps (terms[0]);
  for (int k = 1; k < 5; k++)
    y = _mm256_fmadd_ps (y, t, _mm256_set1_ps (terms[k]));
  __m256 e = _mm256_fnmadd_ps (_mm256_mul_ps (*fall, t), y, one);
  return _mm256_xor_ps (e, _mm256_and_ps (s, sign));
}

static inline __m256
te_gelu_poly_ps (__m256 x)
{
  __m256 fall, half = _mm256_mul_ps (x, _mm256_set1_ps (0.5F));
  __m256 e = te_gelu_erf_ps (_mm256_mul_ps (x, _mm256_set1_ps ((float) M_SQRT1_2)), &fall);
  return _mm256_fmadd_ps (half, e, half);
}

static inline __m256
te_gelu_slope_poly_ps (__m256 x)
{
  const __m256 half = _mm256_set1_ps (0.5F);
  __m256 fall, s = _mm256_mul_ps (x, _mm256_set1_ps ((float) M_SQRT1_2)), e = te_gelu_erf_ps (s, &fall);
  __m256 density = _mm256_mul_ps (_mm256_mul_ps (s, _mm256_set1_ps (0.564189553F)), fall); /* 1 / sqrt (pi) */
  return _mm256_fmadd_ps (e, half, _mm256_add_ps (density, half));
}
