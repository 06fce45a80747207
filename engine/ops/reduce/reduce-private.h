/* What reductions share: which dimensions go, what the result looks like, where it is written. */
#pragma once

#include "iter/reduce-plan.h"
#include "iter/tensor-iter.h"
#include "ops/expr.h"
#include "ops/registry.h"

typedef struct
{
  bool dims[TE_MAX_NDIM];
  int n_dims;        /* reduced ones */
  int64_t n_reduced; /* elements per result */
  int ndim;          /* of the result */
  int64_t sizes[TE_MAX_NDIM];
} TeReduceShape;

/* dims: None, an int, or a list (empty: all).  IndexError and "appears multiple times" as PyTorch's. */
bool
te_reduce_shape (TeReduceShape *shape, const TeTensor *self, const TeValue *dims, bool keepdim, TeError *err);
/* For results that do not exist without elements (max …); name as in PyTorch's texts. */
bool te_reduce_check_nonempty (
    const TeReduceShape *shape, const TeTensor *self, const TeValue *dims, const char *name, TeError *err);
/* self in dtype (a new reference, or a contiguous copy). */
TeTensor *te_reduce_input (TeTensor *self, TeDtype dtype, TeError *err);
/* The dtype accumulators read: float32 for the half types. */
TeDtype te_reduce_compute (TeDtype dtype);

/* Runs over input and stores results in call->outs: computed[i] is what finish writes, final[i] the result's
 * dtype. */
bool te_reduce_store (TeOpCall *call,
                      const TeTensor *input,
                      const TeReduceShape *shape,
                      const TeReduction *reduction,
                      const void *ctx,
                      const TeDtype *computed,
                      const TeDtype *final,
                      int n_outs,
                      TeError *err);

/* A reduction of real numbers over the parts of complex ones, each on its own, into call->outs[0] of dtype final. */
bool te_reduce_store_parts (TeOpCall *call,
                            const TeTensor *input,
                            const TeReduceShape *shape,
                            const TeReduction *reduction,
                            const void *ctx,
                            TeDtype final,
                            TeError *err);

/* ---- for backward rules ---- */
/* A result's gradient with the reduced dimensions back as size 1, then expanded to meta's sizes. */
TeTensor *ex_unreduce (TeExpr *e, TeTensor *grad, const TeMeta *meta, const TeValue *dims, bool keepdim);
/* The same without expanding. */
TeTensor *ex_keepdims (TeExpr *e, TeTensor *grad, const TeMeta *meta, const TeValue *dims, bool keepdim);
int64_t te_meta_reduced (const TeMeta *meta, const TeValue *dims); /* elements per result */
static inline const int64_t *
te_meta_sizes (const TeMeta *meta)
{
  return meta->sizes ? meta->sizes : meta->inline_sizes;
}

#define TE_MF (TE_OP_METHOD | TE_OP_FUNCTION)

/* Can a vector norm of numbers of dtype self be computed in the dtype that is asked for? */
bool te_norm_check_dtype (TeDtype self, const TeValue *dtype, TeError *err);
/* grad * d norm (x) / dx of the p-norm over n dims of the list (none for all); NULL where there is none. */
TeTensor *
te_norm_slope (TeExpr *e, double p, TeTensor *x, TeTensor *grad, TeTensor *norm, int n, const int64_t *dims);
