/* Loops over float functions that exist as vector routines (SLEEF).  Every element goes through the vector
 * routine, the odd ones at the end too, so a result never depends on where in a run its element stood. */
#pragma once

#include <immintrin.h>
#include <sleef.h>

#include "ops/pointwise/pointwise-private.h"

/* BODY32 is an expression of __m256 x, BODY64 of __m256d x; p are the parameters. */
#define TE_VECTOR_LOOP(NAME, TYPE, VECTOR, WIDTH, LOAD, STORE, BODY)                                         \
  static void NAME (char *const *data, const int64_t *strides, int64_t n, const void *ctx)                   \
  {                                                                                                          \
    const TeParams *p __attribute__ ((unused)) = ctx;                                                        \
    int64_t i = 0;                                                                                           \
    if (strides[0] == sizeof (TYPE) && strides[1] == sizeof (TYPE))                                          \
      for (; i + WIDTH <= n; i += WIDTH)                                                                     \
        {                                                                                                    \
          const VECTOR x = LOAD ((const TYPE *) data[1] + i);                                                \
          STORE ((TYPE *) data[0] + i, BODY);                                                                \
        }                                                                                                    \
    for (; i < n; i += WIDTH)                                                                                \
      {                                                                                                      \
        TYPE buffer[WIDTH] = { 0 };                                                                          \
        int64_t count = n - i < WIDTH ? n - i : WIDTH;                                                       \
        for (int64_t k = 0; k < count; k++)                                                                  \
          buffer[k] = *(const TYPE *) (data[1] + (i + k) * strides[1]);                                      \
        const VECTOR x = LOAD (buffer);                                                                      \
        STORE (buffer, BODY);                                                                                \
        for (int64_t k = 0; k < count; k++)                                                                  \
          *(TYPE *) (data[0] + (i + k) * strides[0]) = buffer[k];                                            \
      }                                                                                                      \
  }
#define TE_VECTOR_LOOPS(OP, BODY32, BODY64)                                                                  \
  TE_VECTOR_LOOP (OP##_f32, float, __m256, 8, _mm256_loadu_ps, _mm256_storeu_ps, BODY32)                     \
  TE_VECTOR_LOOP (OP##_f64, double, __m256d, 4, _mm256_loadu_pd, _mm256_storeu_pd, BODY64)

/* The same for two inputs x and y. */
#define TE_VECTOR_LOOP2(NAME, TYPE, VECTOR, WIDTH, LOAD, STORE, BODY)                                        \
  static void NAME (char *const *data, const int64_t *strides, int64_t n, const void *ctx)                   \
  {                                                                                                          \
    const TeParams *p __attribute__ ((unused)) = ctx;                                                        \
    int64_t i = 0;                                                                                           \
    if (strides[0] == sizeof (TYPE) && strides[1] == sizeof (TYPE) && strides[2] == sizeof (TYPE))           \
      for (; i + WIDTH <= n; i += WIDTH)                                                                     \
        {                                                                                                    \
          const VECTOR x = LOAD ((const TYPE *) data[1] + i), y = LOAD ((const TYPE *) data[2] + i);         \
          STORE ((TYPE *) data[0] + i, BODY);                                                                \
        }                                                                                                    \
    for (; i < n; i += WIDTH)                                                                                \
      {                                                                                                      \
        TYPE buffer[WIDTH] = { 0 }, other[WIDTH] = { 0 };                                                    \
        int64_t count = n - i < WIDTH ? n - i : WIDTH;                                                       \
        for (int64_t k = 0; k < count; k++)                                                                  \
          {                                                                                                  \
            buffer[k] = *(const TYPE *) (data[1] + (i + k) * strides[1]);                                    \
            other[k] = *(const TYPE *) (data[2] + (i + k) * strides[2]);                                     \
          }                                                                                                  \
        const VECTOR x = LOAD (buffer), y = LOAD (other);                                                    \
        STORE (buffer, BODY);                                                                                \
        for (int64_t k = 0; k < count; k++)                                                                  \
          *(TYPE *) (data[0] + (i + k) * strides[0]) = buffer[k];                                            \
      }                                                                                                      \
  }
#define TE_VECTOR_LOOPS2(OP, BODY32, BODY64)                                                                 \
  TE_VECTOR_LOOP2 (OP##_f32, float, __m256, 8, _mm256_loadu_ps, _mm256_storeu_ps, BODY32)                    \
  TE_VECTOR_LOOP2 (OP##_f64, double, __m256d, 4, _mm256_loadu_pd, _mm256_storeu_pd, BODY64)

/* ---- building blocks: float32 by short polynomials (errors below 2 ulp), float64 from SLEEF ---- */
#define TE_FMA(a, b, c) _mm256_fmadd_ps (a, b, c)
#define TE_SET(v)       _mm256_set1_ps (v)

/* 2^n for whole n in [-126, 127]. */
static inline __m256
te_pow2_ps (__m256i n)
{
  return _mm256_castsi256_ps (_mm256_slli_epi32 (_mm256_add_epi32 (n, _mm256_set1_epi32 (127)), 23));
}

/* exp: x = n ln 2 + r with |r| <= ln 2 / 2, a polynomial in r, then two steps of scaling so that subnormal
 * results come out right.  NaN stays NaN: in min and max the second operand wins. */
static inline __m256
te_exp_ps (__m256 x)
{
  x = _mm256_max_ps (TE_SET (-104.0f), _mm256_min_ps (TE_SET (89.0f), x));
  __m256 n = _mm256_round_ps (_mm256_mul_ps (x, TE_SET (1.44269504088896341f)),
                              _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  __m256 r = TE_FMA (n, TE_SET (-0.693359375f), x);
  r = TE_FMA (n, TE_SET (2.12194440e-4f), r);
  __m256 p = TE_FMA (TE_SET (1.9875691500e-4f), r, TE_SET (1.3981999507e-3f));
  p = TE_FMA (p, r, TE_SET (8.3334519073e-3f));
  p = TE_FMA (p, r, TE_SET (4.1665795894e-2f));
  p = TE_FMA (p, r, TE_SET (1.6666665459e-1f));
  p = TE_FMA (p, r, TE_SET (5.0000001201e-1f));
  p = _mm256_add_ps (TE_FMA (p, _mm256_mul_ps (r, r), r), TE_SET (1));
  __m256i whole = _mm256_cvtps_epi32 (n), half = _mm256_srai_epi32 (whole, 1);
  p = _mm256_mul_ps (p, te_pow2_ps (half));
  return _mm256_mul_ps (p, te_pow2_ps (_mm256_sub_epi32 (whole, half)));
}
static inline __m256d
te_exp_pd (__m256d x)
{
  return Sleef_expd4_u10 (x);
}

/* tanh: an odd polynomial near 0, 1 - 2 / (exp (2 |x|) + 1) elsewhere. */
static inline __m256
te_tanh_ps (__m256 x)
{
  const __m256 sign_bit = TE_SET (-0.0f);
  __m256 size = _mm256_andnot_ps (sign_bit, x), z = _mm256_mul_ps (x, x);
  __m256 p = TE_FMA (TE_SET (-5.70498872745e-3f), z, TE_SET (2.06390887954e-2f));
  p = TE_FMA (p, z, TE_SET (-5.37397155531e-2f));
  p = TE_FMA (p, z, TE_SET (1.33314422036e-1f));
  p = TE_FMA (p, z, TE_SET (-3.33332819422e-1f));
  __m256 near = _mm256_or_ps (TE_FMA (_mm256_mul_ps (p, z), x, x), _mm256_and_ps (sign_bit, x));
  __m256 e = te_exp_ps (_mm256_add_ps (size, size));
  __m256 far = _mm256_sub_ps (TE_SET (1), _mm256_div_ps (TE_SET (2), _mm256_add_ps (e, TE_SET (1))));
  far = _mm256_or_ps (far, _mm256_and_ps (sign_bit, x));
  return _mm256_blendv_ps (far, near, _mm256_cmp_ps (size, TE_SET (0.625f), _CMP_LT_OQ));
}

/* erf: a polynomial near 0, 1 - exp of a polynomial elsewhere.  Source: N. Juffa's single-precision erff. */
static inline __m256
te_erf_ps (__m256 x)
{
  const __m256 sign_bit = TE_SET (-0.0f);
  __m256 t = _mm256_andnot_ps (sign_bit, x), s = _mm256_mul_ps (x, x);
  __m256 r = TE_FMA (TE_SET (-1.72853470e-5f), t, TE_SET (3.83197126e-4f));
  __m256 u = TE_FMA (TE_SET (-3.88396438e-3f), t, TE_SET (2.42546219e-2f));
  r = TE_FMA (r, s, u);
  r = TE_FMA (r, t, TE_SET (-1.06777877e-1f));
  r = TE_FMA (r, t, TE_SET (-6.34846687e-1f));
  r = TE_FMA (r, t, TE_SET (-1.28717512e-1f));
  r = TE_FMA (r, t, _mm256_sub_ps (_mm256_setzero_ps (), t));
  __m256 far = _mm256_sub_ps (TE_SET (1), te_exp_ps (r));
  far = _mm256_blendv_ps (far, TE_SET (1), _mm256_cmp_ps (t, TE_SET (4), _CMP_GT_OQ));
  far = _mm256_or_ps (far, _mm256_and_ps (sign_bit, x));
  __m256 n = TE_FMA (TE_SET (-5.96761703e-4f), s, TE_SET (4.99119423e-3f));
  n = TE_FMA (n, s, TE_SET (-2.67681349e-2f));
  n = TE_FMA (n, s, TE_SET (1.12819925e-1f));
  n = TE_FMA (n, s, TE_SET (-3.76125336e-1f));
  n = TE_FMA (n, s, TE_SET (1.28379166e-1f));
  n = TE_FMA (n, x, x);
  return _mm256_blendv_ps (far, n, _mm256_cmp_ps (t, TE_SET (0.927734375f), _CMP_LE_OQ));
}

/* erf without exp, for gelu: a ratio of polynomials on [-4, 4], good to 4e-7.  Source: Eigen. */
static inline __m256
te_erf_quick_ps (__m256 x)
{
  x = _mm256_max_ps (TE_SET (-4), _mm256_min_ps (TE_SET (4), x));
  __m256 s = _mm256_mul_ps (x, x);
  __m256 p = TE_FMA (TE_SET (-2.72614225801306e-10f), s, TE_SET (2.77068142495902e-08f));
  p = TE_FMA (p, s, TE_SET (-2.10102402082508e-06f));
  p = TE_FMA (p, s, TE_SET (-5.69250639462346e-05f));
  p = TE_FMA (p, s, TE_SET (-7.34990630326855e-04f));
  p = TE_FMA (p, s, TE_SET (-2.95459980854025e-03f));
  p = TE_FMA (p, s, TE_SET (-1.60960333262415e-02f));
  __m256 q = TE_FMA (TE_SET (-1.45660718464996e-05f), s, TE_SET (-2.13374055278905e-04f));
  q = TE_FMA (q, s, TE_SET (-1.68282697438203e-03f));
  q = TE_FMA (q, s, TE_SET (-7.37332916720468e-03f));
  q = TE_FMA (q, s, TE_SET (-1.42647390514189e-02f));
  return _mm256_div_ps (_mm256_mul_ps (x, p), q);
}

static inline __m256
te_sigmoid_ps (__m256 x)
{
  const __m256 one = _mm256_set1_ps (1);
  return _mm256_div_ps (one, _mm256_add_ps (one, te_exp_ps (_mm256_sub_ps (_mm256_setzero_ps (), x))));
}
static inline __m256d
te_sigmoid_pd (__m256d x)
{
  const __m256d one = _mm256_set1_pd (1);
  return _mm256_div_pd (one, _mm256_add_pd (one, te_exp_pd (_mm256_sub_pd (_mm256_setzero_pd (), x))));
}
