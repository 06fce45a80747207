/* What the indexing rows share: bounds, element-wise combination, the walk over everything but one dimension.
 */
#pragma once

#include "ops/op-def.h"

typedef enum
{
  TE_COMBINE_ASSIGN,
  TE_COMBINE_ADD,
  TE_COMBINE_MULTIPLY,
  TE_COMBINE_MAX, /* NaN wins */
  TE_COMBINE_MIN,
} TeCombine;

/* *to = *to (op) *from, in the dtype's own arithmetic (integers wrap, halves by float). */
void te_combine (TeCombine op, TeDtype dtype, void *to, const void *from);

/* Advanced indexing resolved against a tensor: index tensors broadcast, bounds checked. */
typedef struct
{
  int ndim;                   /* of the result */
  int64_t sizes[TE_MAX_NDIM]; /* of the result */
  int before, n_index, after; /* result dimensions: kept before the indices, from the indices, kept after */
  int64_t self_strides[TE_MAX_NDIM]; /* of self, for the kept dimensions (before, then after) */
  int64_t count;                     /* elements that the index tensors pick: product of the middle sizes */
  int64_t *offsets;                  /* count of them, in elements of self; owned */
  int64_t
      index_strides[TE_MAX_NDIM]; /* of the first index tensor as broadcast: decides the order of memory */
} TeIndexPlan;

/* indices: as many entries as the call has (NULL: keep the dimension).  values (NULL for reading) are to be written
 * there: whether they fit is asked after the sizes are known and before the bounds.  Errors in PyTorch's words. */
bool te_index_plan (
    TeIndexPlan *plan, TeTensor *self, TeTensor *const *indices, int n, const TeTensor *values, TeError *err);
void te_index_plan_clear (TeIndexPlan *plan);

/* Refuses an input that looks at any of the memory that is written, written itself included. */
bool te_check_no_overlap (const TeTensor *written, const TeTensor *input, TeError *err);

/* Owned (numel of places where mask holds, ndim) int64: coordinates in order. */
TeTensor *te_nonzero (TeTensor *self, TeError *err);
