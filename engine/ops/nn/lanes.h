/* TE_LANES floats side by side, eight or sixteen: one image per lane in the direct convolution.  Eight compile to AVX2
 * and FMA on x86-64, sixteen need AVX-512. */
#pragma once

#include <stdint.h>
#include <string.h>
#ifdef __FMA__
#include <immintrin.h>
#endif

#ifndef TE_LANES
#define TE_LANES 8
#endif

typedef float TeLanes __attribute__ ((vector_size (4 * TE_LANES)));
typedef float TeLanesU __attribute__ ((vector_size (4 * TE_LANES), aligned (4)));

static inline TeLanes
te_lanes_fma (TeLanes a, TeLanes b, TeLanes c)
{
#if TE_LANES == 16
  return (TeLanes) _mm512_fmadd_ps ((__m512) a, (__m512) b, (__m512) c);
#elif defined(__FMA__)
  return (TeLanes) _mm256_fmadd_ps ((__m256) a, (__m256) b, (__m256) c);
#else
  return a * b + c;
#endif
}
static inline TeLanes
te_lanes_all (float value)
{
  return value - (TeLanes){ 0 };
}
/* Sums of the lanes of TE_LANES vectors: of each, lanes half the vector apart are added, then a quarter apart, and
 * so on. */
static inline TeLanes
te_lanes_sums (const TeLanes v[TE_LANES])
{
  TeLanes r[TE_LANES];
  memcpy (r, v, sizeof r);
#if TE_LANES == 16
  for (int i = 0; i < 8; i++)
    r[i] = __builtin_shufflevector (r[2 * i], r[2 * i + 1], 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)
           + __builtin_shufflevector (r[2 * i], r[2 * i + 1], 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
  for (int i = 0; i < 4; i++)
    r[i] = __builtin_shufflevector (r[2 * i], r[2 * i + 1], 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27)
           + __builtin_shufflevector (r[2 * i], r[2 * i + 1], 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
  for (int i = 0; i < 2; i++)
    r[i] = __builtin_shufflevector (r[2 * i], r[2 * i + 1], 0, 1, 4, 5, 8, 9, 12, 13, 16, 17, 20, 21, 24, 25, 28, 29)
           + __builtin_shufflevector (r[2 * i], r[2 * i + 1], 2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23, 26, 27, 30, 31);
  r[0] = __builtin_shufflevector (r[0], r[1], 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)
         + __builtin_shufflevector (r[0], r[1], 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
#else
  for (int i = 0; i < 4; i++)
    r[i] = __builtin_shufflevector (r[2 * i], r[2 * i + 1], 0, 1, 2, 3, 8, 9, 10, 11)
           + __builtin_shufflevector (r[2 * i], r[2 * i + 1], 4, 5, 6, 7, 12, 13, 14, 15);
  for (int i = 0; i < 2; i++)
    r[i] = __builtin_shufflevector (r[2 * i], r[2 * i + 1], 0, 1, 4, 5, 8, 9, 12, 13)
           + __builtin_shufflevector (r[2 * i], r[2 * i + 1], 2, 3, 6, 7, 10, 11, 14, 15);
  r[0] = __builtin_shufflevector (r[0], r[1], 0, 2, 4, 6, 8, 10, 12, 14)
         + __builtin_shufflevector (r[0], r[1], 1, 3, 5, 7, 9, 11, 13, 15);
#endif
  return r[0];
}

/* Keeps a value in a register: without it the compiler reads it again for each use. */
static inline TeLanes
te_lanes_keep (TeLanes v)
{
#if defined(__FMA__)
  __asm__ ("" : "+v"(v));
#endif
  return v;
}

/* Which lanes, from bits. */
#define TE_ALL_LANES ((1 << TE_LANES) - 1)
#if TE_LANES == 16
typedef __mmask16 TeLanesMask;
#elif defined(__FMA__)
typedef __m256i TeLanesMask;
#else
typedef int32_t TeLanesMask;
#endif
static inline TeLanesMask
te_lanes_mask (int32_t bits)
{
#if TE_LANES == 16
  return (__mmask16) bits;
#elif defined(__FMA__)
  __m256i lane = _mm256_setr_epi32 (1, 2, 4, 8, 16, 32, 64, 128);
  return _mm256_cmpeq_epi32 (_mm256_and_si256 (_mm256_set1_epi32 (bits), lane), lane);
#else
  return bits;
#endif
}
/* Lanes outside the mask are zero, and their memory is not touched. */
static inline TeLanes
te_lanes_load_masked (const float *from, TeLanesMask mask)
{
#if TE_LANES == 16
  return (TeLanes) _mm512_maskz_loadu_ps (mask, from);
#elif defined(__FMA__)
  return (TeLanes) _mm256_maskload_ps (from, mask);
#else
  TeLanes v = { 0 };
  for (int i = 0; i < TE_LANES; i++)
    if (mask >> i & 1)
      v[i] = from[i];
  return v;
#endif
}
/* Consecutive floats from and to the lanes of a mask. */
static inline TeLanes
te_lanes_expand (const float *from, int32_t bits)
{
  if (bits == TE_ALL_LANES)
    return (TeLanes) * (const TeLanesU *) from;
#if TE_LANES == 16
  return (TeLanes) _mm512_maskz_expandloadu_ps ((__mmask16) bits, from);
#else
  TeLanes v = { 0 };
  for (int i = 0; i < TE_LANES; i++)
    if (bits >> i & 1)
      v[i] = *from++;
  return v;
#endif
}
static inline void
te_lanes_compress (float *to, TeLanes v, int32_t bits)
{
  if (bits == TE_ALL_LANES)
    {
      *(TeLanesU *) to = (TeLanesU) v;
      return;
    }
#if TE_LANES == 16
  __m512 packed = _mm512_maskz_compress_ps ((__mmask16) bits, (__m512) v);
  _mm512_mask_storeu_ps (to, (__mmask16) ((1u << __builtin_popcount ((unsigned) bits)) - 1), packed);
#else
  for (int i = 0; i < TE_LANES; i++)
    if (bits >> i & 1)
      *to++ = v[i];
#endif
}

/* First `count` (1 to TE_LANES) floats, the rest zero. */
static inline TeLanes
te_lanes_load (const float *from, int count)
{
  if (count >= TE_LANES)
    return (TeLanes) * (const TeLanesU *) from;
  TeLanes v = { 0 };
#if TE_LANES == 16
  v = (TeLanes) _mm512_maskz_loadu_ps ((__mmask16) ((1u << count) - 1), from);
#else
  if (count == 4)
    memcpy (&v, from, 16);
  else
    for (int i = 0; i < count; i++)
      v[i] = from[i];
#endif
  return v;
}
static inline void
te_lanes_store (float *to, TeLanes v, int count)
{
  if (count >= TE_LANES)
    *(TeLanesU *) to = (TeLanesU) v;
#if TE_LANES == 16
  else
    _mm512_mask_storeu_ps (to, (__mmask16) ((1u << count) - 1), (__m512) v);
#else
  else if (count == 4)
    memcpy (to, &v, 16);
  else
    for (int i = 0; i < count; i++)
      to[i] = v[i];
#endif
}

/* rows[i][j] becomes rows[j][i]: blocks of 2, then of 4, within 128 bits, then the 128 bits among themselves. */
static inline void
te_lanes_transpose (TeLanes rows[TE_LANES])
{
  TeLanes t[TE_LANES], u[TE_LANES];
#if TE_LANES == 16
  for (int i = 0; i < 16; i += 2)
    {
      t[i] = __builtin_shufflevector (rows[i], rows[i + 1], 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29);
      t[i + 1] = __builtin_shufflevector (rows[i], rows[i + 1], 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31);
    }
  for (int i = 0; i < 16; i += 4)
    for (int k = 0; k < 2; k++)
      {
        TeLanes a = t[i + k], b = t[i + k + 2];
        u[i + 2 * k] = __builtin_shufflevector (a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29);
        u[i + 2 * k + 1] = __builtin_shufflevector (a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
      }
  for (int k = 0; k < 4; k++)
    {
      TeLanes a = u[k], b = u[4 + k], c = u[8 + k], d = u[12 + k];
      TeLanes v0 = __builtin_shufflevector (a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
      TeLanes v1 = __builtin_shufflevector (a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
      TeLanes w0 = __builtin_shufflevector (c, d, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
      TeLanes w1 = __builtin_shufflevector (c, d, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
      rows[k] = __builtin_shufflevector (v0, w0, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
      rows[4 + k] = __builtin_shufflevector (v0, w0, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
      rows[8 + k] = __builtin_shufflevector (v1, w1, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
      rows[12 + k] = __builtin_shufflevector (v1, w1, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
    }
#else
  for (int i = 0; i < 8; i += 2)
    {
      t[i] = __builtin_shufflevector (rows[i], rows[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
      t[i + 1] = __builtin_shufflevector (rows[i], rows[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
    }
  for (int i = 0; i < 8; i += 4)
    for (int k = 0; k < 2; k++)
      {
        u[i + 2 * k] = __builtin_shufflevector (t[i + k], t[i + k + 2], 0, 1, 8, 9, 4, 5, 12, 13);
        u[i + 2 * k + 1] = __builtin_shufflevector (t[i + k], t[i + k + 2], 2, 3, 10, 11, 6, 7, 14, 15);
      }
  for (int i = 0; i < 4; i++)
    {
      rows[i] = __builtin_shufflevector (u[i], u[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
      rows[i + 4] = __builtin_shufflevector (u[i], u[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    }
#endif
}
