/* What the families shape, indexing, sorting and linalg share: making views and results, reading strided
 * input, and the plain loop that moves elements of any width from one strided place to another. */
#pragma once

#include "ops/op-def.h"

#define TE_ROWS(array) (int) (sizeof (array) / sizeof (array)[0])

/* A view of self with another geometry (and dtype), sharing its version counter.  The caller has checked
 * bounds. */
TeTensor *te_view_new (TeTensor *self,
                       TeDtype dtype,
                       int ndim,
                       const int64_t *sizes,
                       const int64_t *strides,
                       int64_t offset,
                       TeError *err);
/* The same as the only result of a call. */
bool te_view_give (TeOpCall *call,
                   TeTensor *self,
                   int ndim,
                   const int64_t *sizes,
                   const int64_t *strides,
                   int64_t offset,
                   TeError *err);

/* What the gradient of as_strided goes by, where the input's elements lay: sizes, strides and offset become
 * call->extra. */
bool te_as_strided_keep_layout (TeOpCall *call, TeError *err);

/* New contiguous memory where `like` lives (cpu or meta). */
TeTensor *te_result_new (const TeTensor *like, int ndim, const int64_t *sizes, TeDtype dtype, TeError *err);
/* May a result of these sizes be written into self, in place? */
bool te_result_fits (const TeTensor *self, int ndim, const int64_t *sizes, TeError *err);

/* Makes `result` (consumed; NULL means that err is set) result i of the call: stored as it is, or copied into
 * the tensor given by out= (resized with PyTorch's warning; its dtype must be able to hold the result) or
 * into self when the call is in place. */
bool te_result_give (TeOpCall *call, int i, TeTensor *result, TeError *err);

/* Self, or a contiguous copy of it; owned.  Not dispatched: autograd does not see it. */
TeTensor *te_input_contiguous (TeTensor *self, TeError *err);
/* A contiguous copy (or self) with another dtype; owned, not dispatched. */
TeTensor *te_input_as (TeTensor *self, TeDtype dtype, TeError *err);
/* Writes src into dst (same sizes; dtypes may differ), not dispatched. */
bool te_raw_copy (TeTensor *dst, TeTensor *src, TeError *err);

/* Moves elements of nbytes (1, 2, 4, 8): strides in elements, of any sign.  dst and src do not overlap. */
void te_move_elements (size_t nbytes,
                       int ndim,
                       const int64_t *sizes,
                       void *dst,
                       const int64_t *dst_strides,
                       const void *src,
                       const int64_t *src_strides);
/* Walks an index over sizes, last dimension first; false after the last one. */
static inline bool
te_index_next (int ndim, const int64_t *sizes, int64_t *index)
{
  for (int d = ndim - 1; d >= 0; d--)
    {
      if (++index[d] < sizes[d])
        return true;
      index[d] = 0;
    }
  return false;
}
static inline int64_t
te_index_offset (int ndim, const int64_t *index, const int64_t *strides)
{
  int64_t offset = 0;
  for (int d = 0; d < ndim; d++)
    offset += index[d] * strides[d];
  return offset;
}

static inline TeTensor *
te_arg (const TeOpCall *call, int i)
{
  return call->args[i].tensor;
}
static inline bool
te_arg_given (const TeOpCall *call, int i)
{
  return call->args[i].kind != TE_VALUE_NONE;
}
/* In a backward rule: stores an owned result for flat input i; false when it is NULL (err set). */
static inline bool
te_grad_give (TeBackward *ctx, int i, TeTensor *gradient)
{
  ctx->results[i] = gradient;
  return gradient != NULL;
}
/* Where PyTorch asks for the size of a dimension: like te_dim_wrap, but a 0-dim tensor has none. */
bool te_sized_dim_wrap (int64_t dim, int ndim, int *out, TeError *err);
