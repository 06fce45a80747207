/* Sums over runs of floats, by lanes in a fixed order, each run then added in double: the same bits on any machine.
 * te_lanes_* add a run to sums by lanes, so that many short runs (a channel's planes) are added up across the lanes once,
 * by te_moments_total; te_run_* are of one run. */
#pragma once

#include <stdint.h>

#define TE_MOMENTS_LANES 16
#define TE_MOMENTS_RUN 65536

static inline double
te_moments_total (const double lanes[TE_MOMENTS_LANES])
{
  double part[TE_MOMENTS_LANES / 2];
  for (int l = 0; l < TE_MOMENTS_LANES / 2; l++)
    part[l] = lanes[l] + lanes[l + TE_MOMENTS_LANES / 2];
  for (int half = TE_MOMENTS_LANES / 4; half; half /= 2)
    for (int l = 0; l < half; l++)
      part[l] += part[l + half];
  return part[0];
}

#define TE_MOMENTS_STAMP(T, suffix)                                                                          \
  static inline void te_lanes_sum_##suffix (const T *x, int64_t n, double lanes[TE_MOMENTS_LANES])           \
  {                                                                                                          \
    for (int64_t i = 0; i < n;)                                                                              \
      {                                                                                                      \
        T part[2 * TE_MOMENTS_LANES] = { 0 };                                                                \
        int64_t end = n - i < TE_MOMENTS_RUN ? n : i + TE_MOMENTS_RUN;                                       \
        for (; i + 2 * TE_MOMENTS_LANES <= end; i += 2 * TE_MOMENTS_LANES)                                   \
          for (int l = 0; l < 2 * TE_MOMENTS_LANES; l++)                                                     \
            part[l] += x[i + l];                                                                             \
        for (int l = 0; l < TE_MOMENTS_LANES; l++)                                                           \
          lanes[l] += (double) part[l] + (double) part[l + TE_MOMENTS_LANES];                                \
        for (; i < end; i++)                                                                                 \
          lanes[i % TE_MOMENTS_LANES] += (double) x[i];                                                      \
      }                                                                                                      \
  }                                                                                                          \
  /* of (x - shift)^2 */                                                                                     \
  static inline void te_lanes_squares_##suffix (const T *x, int64_t n, T shift,                              \
                                                double lanes[TE_MOMENTS_LANES])                              \
  {                                                                                                          \
    for (int64_t i = 0; i < n;)                                                                              \
      {                                                                                                      \
        T part[2 * TE_MOMENTS_LANES] = { 0 };                                                                \
        int64_t end = n - i < TE_MOMENTS_RUN ? n : i + TE_MOMENTS_RUN;                                       \
        for (; i + 2 * TE_MOMENTS_LANES <= end; i += 2 * TE_MOMENTS_LANES)                                   \
          for (int l = 0; l < 2 * TE_MOMENTS_LANES; l++)                                                     \
            part[l] += (x[i + l] - shift) * (x[i + l] - shift);                                              \
        for (int l = 0; l < TE_MOMENTS_LANES; l++)                                                           \
          lanes[l] += (double) part[l] + (double) part[l + TE_MOMENTS_LANES];                                \
        for (; i < end; i++)                                                                                 \
          lanes[i % TE_MOMENTS_LANES] += (double) ((x[i] - shift) * (x[i] - shift));                         \
      }                                                                                                      \
  }                                                                                                          \
  /* of g, and of g * (x - shift) */                                                                         \
  static inline void te_lanes_products_##suffix (const T *g, const T *x, int64_t n, T shift,                 \
                                                 double sum[TE_MOMENTS_LANES], double dot[TE_MOMENTS_LANES]) \
  {                                                                                                          \
    for (int64_t i = 0; i < n;)                                                                              \
      {                                                                                                      \
        T part[2 * TE_MOMENTS_LANES] = { 0 }, parts[2 * TE_MOMENTS_LANES] = { 0 };                           \
        int64_t end = n - i < TE_MOMENTS_RUN ? n : i + TE_MOMENTS_RUN;                                       \
        for (; i + 2 * TE_MOMENTS_LANES <= end; i += 2 * TE_MOMENTS_LANES)                                   \
          for (int l = 0; l < 2 * TE_MOMENTS_LANES; l++)                                                     \
            {                                                                                                \
              part[l] += g[i + l];                                                                           \
              parts[l] += g[i + l] * (x[i + l] - shift);                                                     \
            }                                                                                                \
        for (int l = 0; l < TE_MOMENTS_LANES; l++)                                                           \
          {                                                                                                  \
            sum[l] += (double) part[l] + (double) part[l + TE_MOMENTS_LANES];                                \
            dot[l] += (double) parts[l] + (double) parts[l + TE_MOMENTS_LANES];                              \
          }                                                                                                  \
        for (; i < end; i++)                                                                                 \
          {                                                                                                  \
            sum[i % TE_MOMENTS_LANES] += (double) g[i];                                                      \
            dot[i % TE_MOMENTS_LANES] += (double) (g[i] * (x[i] - shift));                                   \
          }                                                                                                  \
      }                                                                                                      \
  }                                                                                                          \
  /* sum of g and of g * (x - shift), with g scaled by w[i] where w is given */                              \
  static inline void te_run_products_##suffix (const T *g, const T *w, const T *x, int64_t n, T shift,       \
                                               double *sum_g, double *sum_gx)                                \
  {                                                                                                          \
    T part[8] = { 0 }, parts[8] = { 0 };                                                                     \
    double total = 0, totals = 0;                                                                            \
    int64_t i = 0;                                                                                           \
    if (w)                                                                                                   \
      for (; i + 8 <= n; i += 8)                                                                             \
        for (int l = 0; l < 8; l++)                                                                          \
          {                                                                                                  \
            part[l] += g[i + l] * w[i + l];                                                                  \
            parts[l] += g[i + l] * w[i + l] * (x[i + l] - shift);                                            \
          }                                                                                                  \
    else                                                                                                     \
      for (; i + 8 <= n; i += 8)                                                                             \
        for (int l = 0; l < 8; l++)                                                                          \
          {                                                                                                  \
            part[l] += g[i + l];                                                                             \
            parts[l] += g[i + l] * (x[i + l] - shift);                                                       \
          }                                                                                                  \
    for (; i < n; i++)                                                                                       \
      {                                                                                                      \
        T scaled = w ? g[i] * w[i] : g[i];                                                                   \
        total += (double) scaled;                                                                            \
        totals += (double) (scaled * (x[i] - shift));                                                        \
      }                                                                                                      \
    for (int l = 0; l < 8; l++)                                                                              \
      {                                                                                                      \
        total += (double) part[l];                                                                           \
        totals += (double) parts[l];                                                                         \
      }                                                                                                      \
    *sum_g += total;                                                                                         \
    *sum_gx += totals;                                                                                       \
  }
