/* Reductions over any dimensions, in parallel, with the same bits at any thread count.
 *
 * A plan splits a tensor's dimensions into kept ones (one result each) and reduced ones.  The elements of a
 * result are taken in the order of the reduced dimensions, in chunks of TE_REDUCE_CHUNK; each chunk fills an
 * accumulator of its own, and accumulators are joined first to last.  Chunks depend on sizes alone. */
#pragma once

#include "core/tensor.h"

#define TE_REDUCE_CHUNK   8192
#define TE_REDUCE_MAX_ACC 64 /* bytes of an accumulator */

typedef struct
{
  int n_kept, n_reduced;
  int64_t kept_numel, reduced_numel;
  int64_t kept_sizes[TE_MAX_NDIM];    /* outermost first, as the contiguous result has them */
  int64_t kept_strides[TE_MAX_NDIM];  /* bytes in the input */
  int64_t reduced_sizes[TE_MAX_NDIM]; /* outermost first, joined where memory allows */
  int64_t reduced_strides[TE_MAX_NDIM];
  const char *data;
  size_t element_nbytes;
} TeReducePlan;

typedef struct
{
  size_t acc_nbytes;
  void (*start) (void *acc, const void *ctx);
  /* Takes in n elements at stride bytes; index is the place of the first among the reduced elements. */
  void (*row) (void *acc, const char *data, int64_t stride, int64_t n, int64_t index, const void *ctx);
  void (*join) (void *acc, const void *later, const void *ctx);
  /* Writes results[k] (addresses of the result's elements, one per output). */
  void (*finish) (const void *acc, char *const *results, const void *ctx);
  /* Optional: the same as row for `columns` neighbouring results at once, `rows` elements each: acc is an
   * array, data's columns lie side by side, row_stride bytes from one row to the next.  Must give the bits
   * row gives. */
  void (*columns) (
      void *accs, const char *data, int64_t row_stride, int64_t rows, int64_t columns, const void *ctx);
  /* Optional: all results at once, on the calling thread; false when it does not want to. */
  bool (*whole) (const TeReducePlan *plan, const void *ctx, char *const *outs);
} TeReduction;

/* dims[d] says whether dimension d is reduced. */
void te_reduce_plan (TeReducePlan *plan, const TeTensor *self, const bool *dims);
/* outs: n_outs contiguous arrays of kept_numel results, out_nbytes[i] bytes each. */
bool te_reduce_run (const TeReducePlan *plan,
                    const TeReduction *reduction,
                    const void *ctx,
                    char *const *outs,
                    const size_t *out_nbytes,
                    int n_outs,
                    TeError *err);

/* Lanes: calls fn once for each line of self along dim (n elements), in parallel.  Operands share self's
 * sizes but for dim, and have strides of their own. */
#define TE_LANE_MAX_OPERANDS 4
typedef struct
{
  char *data[TE_LANE_MAX_OPERANDS];
  int64_t strides[TE_LANE_MAX_OPERANDS]; /* bytes along dim */
  int64_t n;
} TeLane;
typedef void (*TeLaneFn) (const TeLane *lane, const void *ctx);
bool
te_run_lanes (TeTensor *const *operands, int n_operands, int dim, TeLaneFn fn, const void *ctx, TeError *err);
