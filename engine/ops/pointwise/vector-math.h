/* Loops over float functions that exist as vector routines (SLEEF).  In TE_VECTOR_LOOPS every element goes
 * through the vector routine, the odd ones at the end too.  In TE_VECTOR_LOOPS_ODD, as in PyTorch's kernels of
 * these functions, vectors go in pairs, and what is left over or does not lie side by side goes through C's
 * function of one number, whose last bit may be another. */
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

/* ONE is an expression of one number x. */
#define TE_VECTOR_LOOP_ODD(NAME, TYPE, VECTOR, WIDTH, LOAD, STORE, BODY, ONE)                                \
  static void NAME (char *const *data, const int64_t *strides, int64_t n, const void *ctx)                   \
  {                                                                                                          \
    const TeParams *p __attribute__ ((unused)) = ctx;                                                        \
    int64_t i = 0;                                                                                           \
    if (strides[0] == sizeof (TYPE) && strides[1] == sizeof (TYPE))                                          \
      for (; i < n - n % (2 * WIDTH); i += WIDTH)                                                            \
        {                                                                                                    \
          const VECTOR x = LOAD ((const TYPE *) data[1] + i);                                                \
          STORE ((TYPE *) data[0] + i, BODY);                                                                \
        }                                                                                                    \
    for (; i < n; i++)                                                                                       \
      {                                                                                                      \
        const TYPE x = *(const TYPE *) (data[1] + i * strides[1]);                                           \
        *(TYPE *) (data[0] + i * strides[0]) = ONE;                                                          \
      }                                                                                                      \
  }
#define TE_VECTOR_LOOPS_ODD(OP, BODY32, BODY64, ONE)                                                         \
  TE_VECTOR_LOOP_ODD (OP##_f32, float, __m256, 8, _mm256_loadu_ps, _mm256_storeu_ps, BODY32, ONE)            \
  TE_VECTOR_LOOP_ODD (OP##_f64, double, __m256d, 4, _mm256_loadu_pd, _mm256_storeu_pd, BODY64, ONE)

/* The same for two inputs; one number stretched along the run (stride 0) counts as lying side by side. */
#define TE_VECTOR_LOOP2_ODD(NAME, TYPE, VECTOR, WIDTH, LOAD, SET1, STORE, BODY, ONE)                         \
  static void NAME (char *const *data, const int64_t *strides, int64_t n, const void *ctx)                   \
  {                                                                                                          \
    const TeParams *p __attribute__ ((unused)) = ctx;                                                        \
    const int64_t item = sizeof (TYPE);                                                                      \
    bool flat1 = strides[1] == item, flat2 = strides[2] == item;                                             \
    int64_t i = 0;                                                                                           \
    if (strides[0] == item && ((flat1 && (flat2 || !strides[2])) || (flat2 && !strides[1])))                 \
      for (; i < n - n % (2 * WIDTH); i += WIDTH)                                                            \
        {                                                                                                    \
          const VECTOR x = flat1 ? LOAD ((const TYPE *) data[1] + i) : SET1 (*(const TYPE *) data[1]);       \
          const VECTOR y = flat2 ? LOAD ((const TYPE *) data[2] + i) : SET1 (*(const TYPE *) data[2]);       \
          STORE ((TYPE *) data[0] + i, BODY);                                                                \
        }                                                                                                    \
    for (; i < n; i++)                                                                                       \
      {                                                                                                      \
        const TYPE x = *(const TYPE *) (data[1] + i * strides[1]);                                           \
        const TYPE y = *(const TYPE *) (data[2] + i * strides[2]);                                           \
        *(TYPE *) (data[0] + i * strides[0]) = ONE;                                                          \
      }                                                                                                      \
  }
#define TE_VECTOR_LOOPS2_ODD(OP, BODY32, BODY64, ONE)                                                        \
  TE_VECTOR_LOOP2_ODD (OP##_f32, float, __m256, 8, _mm256_loadu_ps, _mm256_set1_ps, _mm256_storeu_ps,        \
                       BODY32, ONE)                                                                          \
  TE_VECTOR_LOOP2_ODD (OP##_f64, double, __m256d, 4, _mm256_loadu_pd, _mm256_set1_pd, _mm256_storeu_pd,      \
                       BODY64, ONE)

/* One number, in its own type. */
#define TE_ONE(function, x) _Generic ((x), float: function##f, default: function) (x)
#define TE_ONE2(function, x, y) _Generic ((x), float: function##f, default: function) (x, y)

#define TE_FMA_ONE(a, b, c) _Generic ((c), float: fmaf, default: fma) (a, b, c)

/* ---- building blocks: SLEEF's functions of 1 ulp, which PyTorch uses too, so that results are its bits ---- */
#define TE_FMA(a, b, c) _mm256_fmadd_ps (a, b, c)
#define TE_SET(v)       _mm256_set1_ps (v)

static inline __m256
te_exp_ps (__m256 x)
{
  return Sleef_expf8_u10 (x);
}
static inline __m256d
te_exp_pd (__m256d x)
{
  return Sleef_expd4_u10 (x);
}
static inline __m256
te_tanh_ps (__m256 x)
{
  return Sleef_tanhf8_u10 (x);
}
static inline __m256
te_erf_ps (__m256 x)
{
  return Sleef_erff8_u10 (x);
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
