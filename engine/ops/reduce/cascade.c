/* Sums of floats in PyTorch's order: which numbers are added to which is part of what a seeded run prints
 * once rounding grows.
 *
 * A column of sums takes its rows in blocks of 16 or more; a block's sum goes up one of four levels when it
 * is full, so that error grows with the logarithm of the length (cascade).  A single row is dealt out to four
 * columns, of vectors where its elements lie side by side, which are added at its end.  Source: pairwise
 * summation, Higham 1993. */
#include "ops/reduce/cascade.h"

#include <string.h>

#define LEVELS 4

static int
block_power (int64_t n)
{
  int power = 0;
  while (((int64_t) 1 << power) < n)
    power++;
  return power / LEVELS > 4 ? power / LEVELS : 4;
}

/* WIDTH neighbouring sums (column apart, in vectors of LANES) of n rows. */
#define CASCADE(T, NAME, LANES)                                                                              \
  typedef T NAME##V __attribute__ ((vector_size (LANES * sizeof (T))));                                      \
  typedef T NAME##U __attribute__ ((vector_size (LANES * sizeof (T)), aligned (sizeof (T))));                \
                                                                                                             \
  static inline __attribute__ ((always_inline)) void NAME##_columns (                                        \
      const char *data, int64_t row, int64_t column, int64_t n, const bool vectors, NAME##V *totals)         \
  {                                                                                                          \
    NAME##V level[LEVELS][4] = { 0 };                                                                        \
    int power = block_power (n);                                                                             \
    int64_t step = (int64_t) 1 << power, i = 0;                                                              \
    while (i < n)                                                                                            \
      {                                                                                                      \
        int64_t end = i + step <= n ? i + step : n;                                                          \
        bool full = end - i == step;                                                                         \
        for (; i < end; i++)                                                                                 \
          for (int k = 0; k < 4; k++)                                                                        \
            if (vectors)                                                                                     \
              level[0][k] += (NAME##V) * (const NAME##U *) (data + i * row + k * column);                    \
            else                                                                                             \
              level[0][k][0] += *(const T *) (data + i * row + k * column);                                  \
        for (int up = 1; full && up < LEVELS; up++)                                                          \
          {                                                                                                  \
            for (int k = 0; k < 4; k++)                                                                      \
              {                                                                                              \
                level[up][k] += level[up - 1][k];                                                            \
                level[up - 1][k] = (NAME##V){ 0 };                                                           \
              }                                                                                              \
            if (i & ((step - 1) << (up * power)))                                                            \
              break;                                                                                         \
          }                                                                                                  \
      }                                                                                                      \
    for (int k = 0; k < 4; k++)                                                                              \
      {                                                                                                      \
        for (int up = 1; up < LEVELS; up++)                                                                  \
          level[0][k] += level[up][k];                                                                       \
        totals[k] = level[0][k];                                                                             \
      }                                                                                                      \
  }                                                                                                          \
  static void NAME##_vector_columns (const char *data, int64_t row, int64_t column, int64_t n,               \
                                     NAME##V *totals)                                                        \
  {                                                                                                          \
    NAME##_columns (data, row, column, n, true, totals);                                                     \
  }                                                                                                          \
  static void NAME##_scalar_columns (const char *data, int64_t row, int64_t column, int64_t n,               \
                                     NAME##V *totals)                                                        \
  {                                                                                                          \
    NAME##_columns (data, row, column, n, false, totals);                                                    \
  }                                                                                                          \
                                                                                                             \
  /* One sum of n elements (vectors of them), stride apart. */                                               \
  static inline __attribute__ ((always_inline))                                                              \
  NAME##V NAME##_row (const char *data, int64_t stride, int64_t n, const bool vectors)                       \
  {                                                                                                          \
    NAME##V totals[4] = { 0 };                                                                               \
    if (n >= 4)                                                                                              \
      (vectors ? NAME##_vector_columns : NAME##_scalar_columns) (data, 4 * stride, stride, n / 4, totals);   \
    for (int64_t i = n / 4 * 4; i < n; i++)                                                                  \
      if (vectors)                                                                                           \
        totals[0] += (NAME##V) * (const NAME##U *) (data + i * stride);                                      \
      else                                                                                                   \
        totals[0][0] += *(const T *) (data + i * stride);                                                    \
    return ((totals[0] + totals[1]) + totals[2]) + totals[3];                                                \
  }                                                                                                          \
                                                                                                             \
  static T NAME##_any_row (const char *data, int64_t stride, int64_t n)                                      \
  {                                                                                                          \
    if (stride != sizeof (T) || n < LANES)                                                                   \
      return NAME##_row (data, stride, n, false)[0];                                                         \
    T total = 0;                                                                                             \
    for (int64_t i = n / LANES * LANES; i < n; i++)                                                          \
      total += ((const T *) data)[i];                                                                        \
    NAME##V lanes = NAME##_row (data, LANES * sizeof (T), n / LANES, true);                                  \
    for (int k = 0; k < LANES; k++)                                                                          \
      total += lanes[k];                                                                                     \
    return total;                                                                                            \
  }                                                                                                          \
                                                                                                             \
  /* Results side by side, `step` apart in the input, of n rows each. */                                     \
  static void NAME##_block (const char *data, int64_t row, int64_t step, int64_t n, int64_t width, T *out)   \
  {                                                                                                          \
    NAME##V totals[4];                                                                                       \
    int64_t i = 0;                                                                                           \
    if (step == sizeof (T) && width >= LANES)                                                                \
      {                                                                                                      \
        for (; i + 4 * LANES <= width; i += 4 * LANES)                                                       \
          {                                                                                                  \
            NAME##_vector_columns (data + i * step, row, LANES * sizeof (T), n, totals);                     \
            memcpy (out + i, totals, sizeof totals);                                                         \
          }                                                                                                  \
        for (; i + LANES <= width; i += LANES)                                                               \
          {                                                                                                  \
            totals[0] = NAME##_row (data + i * step, row, n, true);                                          \
            memcpy (out + i, totals, sizeof totals[0]);                                                      \
          }                                                                                                  \
      }                                                                                                      \
    else if (row >= step)                                                                                    \
      for (; i + 4 <= width; i += 4)                                                                         \
        {                                                                                                    \
          NAME##_scalar_columns (data + i * step, row, step, n, totals);                                     \
          for (int k = 0; k < 4; k++)                                                                        \
            out[i + k] = totals[k][0];                                                                       \
        }                                                                                                    \
    for (; i < width; i++)                                                                                   \
      out[i] = NAME##_any_row (data + i * step, row, n);                                                     \
  }                                                                                                          \
                                                                                                             \
  /* Several reduced dimensions: the sums of the innermost rows, one after the other. */                     \
  static void NAME##_rows (const TeReducePlan *p, int depth, const char *data, T *total)                     \
  {                                                                                                          \
    if (depth == p->n_reduced - 1)                                                                           \
      *total += NAME##_any_row (data, p->reduced_strides[depth], p->reduced_sizes[depth]);                   \
    else                                                                                                     \
      for (int64_t i = 0; i < p->reduced_sizes[depth]; i++)                                                  \
        NAME##_rows (p, depth + 1, data + i * p->reduced_strides[depth], total);                             \
  }                                                                                                          \
                                                                                                             \
  static T *NAME##_kept (const TeReducePlan *p, int depth, const char *data, T *out)                         \
  {                                                                                                          \
    int64_t size = p->n_kept ? p->kept_sizes[depth] : 1, step = p->n_kept ? p->kept_strides[depth] : 0;      \
    if (depth < p->n_kept - 1)                                                                               \
      {                                                                                                      \
        for (int64_t i = 0; i < size; i++)                                                                   \
          out = NAME##_kept (p, depth + 1, data + i * step, out);                                            \
        return out;                                                                                          \
      }                                                                                                      \
    if (p->n_reduced == 1)                                                                                   \
      NAME##_block (data, p->reduced_strides[0], step, p->reduced_sizes[0], size, out);                      \
    else                                                                                                     \
      for (int64_t i = 0; i < size; i++)                                                                     \
        {                                                                                                    \
          out[i] = 0;                                                                                        \
          NAME##_rows (p, 0, data + i * step, out + i);                                                      \
        }                                                                                                    \
    return out + size;                                                                                       \
  }
CASCADE (float, cascade_f32, 8)
CASCADE (double, cascade_f64, 4)

/* The reduced dimensions in the order of memory, joined where they can be. */
static void
sort_reduced (TeReducePlan *p)
{
  for (int i = 1; i < p->n_reduced; i++)
    for (int k = i; k > 0 && p->reduced_strides[k - 1] < p->reduced_strides[k]; k--)
      {
        int64_t size = p->reduced_sizes[k], stride = p->reduced_strides[k];
        p->reduced_sizes[k] = p->reduced_sizes[k - 1];
        p->reduced_strides[k] = p->reduced_strides[k - 1];
        p->reduced_sizes[k - 1] = size;
        p->reduced_strides[k - 1] = stride;
      }
  int n = 0;
  for (int i = 0; i < p->n_reduced; i++)
    if (n && p->reduced_strides[n - 1] == p->reduced_strides[i] * p->reduced_sizes[i])
      {
        p->reduced_sizes[n - 1] *= p->reduced_sizes[i];
        p->reduced_strides[n - 1] = p->reduced_strides[i];
      }
    else
      {
        p->reduced_sizes[n] = p->reduced_sizes[i];
        p->reduced_strides[n++] = p->reduced_strides[i];
      }
  p->n_reduced = n;
}

/* Beyond these many elements PyTorch's order depends on its threads (one result) or time matters more. */
static bool
is_small (const TeReducePlan *plan)
{
  double n = (double) plan->kept_numel * (double) plan->reduced_numel;
  return n > 0 && plan->n_reduced > 0 && n < (plan->kept_numel == 1 ? 32768 : 1 << 18);
}

bool
te_cascade_f32 (const TeReducePlan *plan, const void *ctx, char *const *outs)
{
  if (!is_small (plan))
    return false;
  TeReducePlan sorted = *plan;
  sort_reduced (&sorted);
  float *out = (float *) outs[0], count = (float) *(const double *) ctx;
  cascade_f32_kept (&sorted, 0, plan->data, out);
  for (int64_t i = 0; count != 1 && i < plan->kept_numel; i++)
    out[i] /= count;
  return true;
}

bool
te_cascade_f64 (const TeReducePlan *plan, const void *ctx, char *const *outs)
{
  if (!is_small (plan))
    return false;
  TeReducePlan sorted = *plan;
  sort_reduced (&sorted);
  double *out = (double *) outs[0], count = *(const double *) ctx;
  cascade_f64_kept (&sorted, 0, plan->data, out);
  for (int64_t i = 0; count != 1 && i < plan->kept_numel; i++)
    out[i] /= count;
  return true;
}
