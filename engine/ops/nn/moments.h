/* Sums over runs of floats, by lanes in a fixed order, then in double: the same bits on any machine with the
 * same vector width in the source. */
#pragma once

#include <stdint.h>

#define TE_MOMENTS_RUN 65536

#define TE_MOMENTS_STAMP(T, suffix)                                                                          \
  static inline double te_run_sum_##suffix (const T *x, int64_t n)                                           \
  {                                                                                                          \
    T part[16] = { 0 };                                                                                      \
    int64_t i = 0;                                                                                           \
    if (n > TE_MOMENTS_RUN) /* long runs in pieces, so that no lane grows large */                           \
      {                                                                                                      \
        double whole = 0;                                                                                    \
        for (; i < n; i += TE_MOMENTS_RUN)                                                                   \
          whole += te_run_sum_##suffix (x + i, n - i < TE_MOMENTS_RUN ? n - i : TE_MOMENTS_RUN);             \
        return whole;                                                                                        \
      }                                                                                                      \
    for (; i + 16 <= n; i += 16)                                                                             \
      for (int l = 0; l < 16; l++)                                                                           \
        part[l] += x[i + l];                                                                                 \
    double total = 0;                                                                                        \
    for (; i < n; i++)                                                                                       \
      total += (double) x[i];                                                                                \
    for (int l = 0; l < 16; l++)                                                                             \
      total += (double) part[l];                                                                             \
    return total;                                                                                            \
  }                                                                                                          \
  /* sum of (x - shift)^2 */                                                                                 \
  static inline double te_run_squares_##suffix (const T *x, int64_t n, T shift)                              \
  {                                                                                                          \
    T part[16] = { 0 };                                                                                      \
    int64_t i = 0;                                                                                           \
    if (n > TE_MOMENTS_RUN)                                                                                  \
      {                                                                                                      \
        double whole = 0;                                                                                    \
        for (; i < n; i += TE_MOMENTS_RUN)                                                                   \
          whole += te_run_squares_##suffix (x + i, n - i < TE_MOMENTS_RUN ? n - i : TE_MOMENTS_RUN, shift);  \
        return whole;                                                                                        \
      }                                                                                                      \
    for (; i + 16 <= n; i += 16)                                                                             \
      for (int l = 0; l < 16; l++)                                                                           \
        part[l] += (x[i + l] - shift) * (x[i + l] - shift);                                                  \
    double total = 0;                                                                                        \
    for (; i < n; i++)                                                                                       \
      total += (double) ((x[i] - shift) * (x[i] - shift));                                                   \
    for (int l = 0; l < 16; l++)                                                                             \
      total += (double) part[l];                                                                             \
    return total;                                                                                            \
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
