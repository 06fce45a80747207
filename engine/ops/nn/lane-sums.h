/* Sums over runs of floats in the order of PyTorch's vector loops: LANES partial sums, halves added to halves
 * at the end; a run shorter than a vector is added up one by one. */
#pragma once

#include <stdint.h>

#define TE_LANE_SUMS_STAMP(T, suffix, LANES, FMA)                                                            \
  static inline T te_lanes_join_##suffix (T *lanes)                                                          \
  {                                                                                                          \
    for (int half = LANES / 2; half; half /= 2)                                                              \
      for (int k = 0; k < half; k++)                                                                         \
        lanes[k] += lanes[k + half];                                                                         \
    return lanes[0];                                                                                         \
  }                                                                                                          \
  static inline T te_lane_sum_##suffix (const T *a, int64_t n)                                               \
  {                                                                                                          \
    T lanes[LANES] = { 0 };                                                                                  \
    int64_t i = 0;                                                                                           \
    for (; i + LANES <= n; i += LANES)                                                                       \
      for (int k = 0; k < LANES; k++)                                                                        \
        lanes[k] += a[i + k];                                                                                \
    for (int64_t k = 0; i < n; i++, k++)                                                                     \
      lanes[n < LANES ? 0 : k] += a[i];                                                                      \
    return te_lanes_join_##suffix (lanes);                                                                   \
  }                                                                                                          \
  /* of a b w, b and w may be NULL */                                                                        \
  static inline T te_lane_product_##suffix (const T *a, const T *b, const T *w, int64_t n)                   \
  {                                                                                                          \
    T lanes[LANES] = { 0 };                                                                                  \
    if (!w && !b)                                                                                            \
      return te_lane_sum_##suffix (a, n);                                                                    \
    const T *right = w ? w : b, *factor = w && b ? b : NULL;                                                 \
    int64_t i = 0;                                                                                           \
    for (; factor && i + LANES <= n; i += LANES)                                                             \
      for (int k = 0; k < LANES; k++)                                                                        \
        lanes[k] = FMA (a[i + k] * factor[i + k], right[i + k], lanes[k]);                                   \
    for (; !factor && i + LANES <= n; i += LANES)                                                            \
      for (int k = 0; k < LANES; k++)                                                                        \
        lanes[k] = FMA (a[i + k], right[i + k], lanes[k]);                                                   \
    for (int64_t k = 0; i < n; i++, k++)                                                                     \
      {                                                                                                      \
        T left = factor ? a[i] * factor[i] : a[i];                                                           \
        if (n < LANES)                                                                                       \
          lanes[0] += left * right[i];                                                                       \
        else                                                                                                 \
          lanes[k] = FMA (left, right[i], lanes[k]);                                                         \
      }                                                                                                      \
    return te_lanes_join_##suffix (lanes);                                                                   \
  }

/* Mean and variance of a row: running moments in lanes, sixteen vectors at a time, joined as a binary counter
 * counts. Source: Chan, Golub and LeVeque 1983. */
#define TE_ROW_MOMENTS_STAMP(T, suffix, LANES)                                                               \
  static inline void te_moments_add_##suffix (int64_t n_add, T mean_add, T m2_add, int64_t *n, T *mean,      \
                                              T *m2)                                                         \
  {                                                                                                          \
    int64_t total = *n + n_add;                                                                              \
    T c = total ? (T) n_add / (T) total : 0, delta = mean_add - *mean;                                       \
    *mean += c * delta;                                                                                      \
    *m2 += m2_add + delta * delta * c * (T) *n;                                                              \
    *n = total;                                                                                              \
  }                                                                                                          \
  static void te_row_moments_##suffix (const T *x, int64_t length, T *mean_out, T *variance)                 \
  {                                                                                                          \
    int64_t n = length / LANES, blocks = (n + 15) / 16, counts[64] = { 0 }, count = 0;                       \
    T means[64][LANES], squares[64][LANES], mean = 0, m2 = 0;                                                \
    int depth = 1;                                                                                           \
    while (((int64_t) 1 << depth) < blocks)                                                                  \
      depth++;                                                                                               \
    memset (means, 0, (size_t) depth * sizeof means[0]);                                                     \
    memset (squares, 0, (size_t) depth * sizeof squares[0]);                                                 \
    for (int64_t i = 0; i < blocks; i++)                                                                     \
      {                                                                                                      \
        T m[LANES] = { 0 }, s[LANES] = { 0 };                                                                \
        int64_t size = n - i * 16 < 16 ? n - i * 16 : 16, had = counts[0];                                   \
        for (int64_t j = 0; j < size; j++)                                                                   \
          for (int k = 0; k < LANES; k++)                                                                    \
            {                                                                                                \
              T v = x[(i * 16 + j) * LANES + k], delta = v - m[k];                                           \
              m[k] += delta * ((T) 1 / (T) (j + 1));                                                         \
              s[k] += delta * (v - m[k]);                                                                    \
            }                                                                                                \
        for (int k = 0; k < LANES; k++)                                                                      \
          {                                                                                                  \
            counts[0] = had;                                                                                 \
            te_moments_add_##suffix (size, m[k], s[k], &counts[0], &means[0][k], &squares[0][k]);            \
          }                                                                                                  \
        int64_t mask = i + 1;                                                                                \
        for (int j = 1; j < depth && !(mask & 1); j++, mask >>= 1)                                           \
          {                                                                                                  \
            had = counts[j];                                                                                 \
            for (int k = 0; k < LANES; k++)                                                                  \
              {                                                                                              \
                counts[j] = had;                                                                             \
                te_moments_add_##suffix (counts[j - 1], means[j - 1][k], squares[j - 1][k], &counts[j],      \
                                         &means[j][k], &squares[j][k]);                                      \
                means[j - 1][k] = squares[j - 1][k] = 0;                                                     \
              }                                                                                              \
            counts[j - 1] = 0;                                                                               \
          }                                                                                                  \
      }                                                                                                      \
    for (int j = 1; j < depth; j++)                                                                          \
      {                                                                                                      \
        int64_t had = counts[0];                                                                             \
        for (int k = 0; k < LANES; k++)                                                                      \
          {                                                                                                  \
            counts[0] = had;                                                                                 \
            te_moments_add_##suffix (counts[j], means[j][k], squares[j][k], &counts[0], &means[0][k],        \
                                     &squares[0][k]);                                                        \
          }                                                                                                  \
      }                                                                                                      \
    for (int64_t i = n * LANES; i < length; i++)                                                             \
      {                                                                                                      \
        T delta = x[i] - mean;                                                                               \
        mean += delta / (T) ++count;                                                                         \
        m2 += delta * (x[i] - mean);                                                                         \
      }                                                                                                      \
    for (int k = 0; n && k < LANES; k++)                                                                     \
      te_moments_add_##suffix (n, means[0][k], squares[0][k], &count, &mean, &m2);                           \
    *mean_out = mean;                                                                                        \
    *variance = m2 / (T) length;                                                                             \
  }
