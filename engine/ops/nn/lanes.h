/* Eight floats side by side: one image per lane in the direct convolution.  Compiles to AVX2 and FMA on
 * x86-64. */
#pragma once

#include <stdint.h>
#include <string.h>
#ifdef __FMA__
#include <immintrin.h>
#endif

#define TE_LANES 8

typedef float TeLane8 __attribute__ ((vector_size (32)));
typedef float TeLane8U __attribute__ ((vector_size (32), aligned (4)));

static inline TeLane8
te_lane_fma (TeLane8 a, TeLane8 b, TeLane8 c)
{
#ifdef __FMA__
  return (TeLane8) _mm256_fmadd_ps ((__m256) a, (__m256) b, (__m256) c);
#else
  return a * b + c;
#endif
}
static inline TeLane8
te_lane_all (float value)
{
  return (TeLane8){ value, value, value, value, value, value, value, value };
}
static inline TeLane8
te_lane_load (const float *from)
{
  return (TeLane8) * (const TeLane8U *) from;
}
static inline void
te_lane_store (float *to, TeLane8 value)
{
  *(TeLane8U *) to = (TeLane8U) value;
}
static inline float
te_lane_sum (TeLane8 v)
{
  return ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]));
}

/* First `count` (1..8) floats, the rest zero. */
static inline TeLane8
te_lane_load_part (const float *from, int count)
{
  if (count >= 8)
    return te_lane_load (from);
  TeLane8 v = { 0 };
  if (count == 4)
    memcpy (&v, from, 16);
  else
    for (int i = 0; i < count; i++)
      v[i] = from[i];
  return v;
}
static inline void
te_lane_store_part (float *to, TeLane8 v, int count)
{
  if (count >= 8)
    te_lane_store (to, v);
  else if (count == 4)
    memcpy (to, &v, 16);
  else
    for (int i = 0; i < count; i++)
      to[i] = v[i];
}

/* rows[i][j] becomes rows[j][i]. */
static inline void
te_lane_transpose (TeLane8 rows[8])
{
  TeLane8 t[8], u[8];
  for (int i = 0; i < 8; i += 2)
    {
      t[i] = __builtin_shufflevector (rows[i], rows[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
      t[i + 1] = __builtin_shufflevector (rows[i], rows[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
    }
  for (int i = 0; i < 8; i += 4)
    {
      u[i] = __builtin_shufflevector (t[i], t[i + 2], 0, 1, 8, 9, 4, 5, 12, 13);
      u[i + 1] = __builtin_shufflevector (t[i], t[i + 2], 2, 3, 10, 11, 6, 7, 14, 15);
      u[i + 2] = __builtin_shufflevector (t[i + 1], t[i + 3], 0, 1, 8, 9, 4, 5, 12, 13);
      u[i + 3] = __builtin_shufflevector (t[i + 1], t[i + 3], 2, 3, 10, 11, 6, 7, 14, 15);
    }
  for (int i = 0; i < 4; i++)
    {
      rows[i] = __builtin_shufflevector (u[i], u[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
      rows[i + 4] = __builtin_shufflevector (u[i], u[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    }
}
