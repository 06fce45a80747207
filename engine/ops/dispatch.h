/* Running a row: before-observers, kernel, after-observers.  The order of observers is fixed: profiler, autograd, then trace.
 * The engine's own code calls ops through te_call, so that autograd and the trace see it too. */
#pragma once

#include "ops/op-def.h"
#include "ops/registry.h"

typedef struct
{
  /* Before the kernel; false with err set stops the call (autograd: in-place on a leaf …). */
  bool (*before) (TeOpCall *call, TeError *err);
  /* After the kernel: ok says whether it succeeded.  Returning false (err set) fails the call. */
  bool (*after) (TeOpCall *call, bool ok, TeError *err);
} TeDispatchObserver;

void te_dispatch_set_autograd (const TeDispatchObserver *observer); /* NULL takes it away */
void te_dispatch_set_trace (const TeDispatchObserver *observer);
/* Around everything, autograd included; its before only says whether its after is to be called. */
void te_dispatch_set_profiler (const TeDispatchObserver *observer);

/* Set once somebody makes tensors on device meta: from then on dispatch refuses ops that need data. */
extern bool te_dispatch_meta_in_use;

/* Runs call (op, args, outs/inplace/has_out set by the caller, the rest zero).  On success call->outs holds
 * n_outs owned references.  On failure no output is owned by the caller, inputs are as they were. */
bool te_dispatch (TeOpCall *call, TeError *err);
void te_op_call_clear (TeOpCall *call); /* drops outs and extra */

/* Calls an op with tensors and constants from C: format has a letter per schema argument that is given; missing
 * trailing arguments take their defaults.  Letters: T tensor (NULL = None), L tensor list (TeTensor *const *, int),
 * S TeScalar, i int (int64_t), f double, b bool (int), I int list (const int64_t *, int), d dtype (int; TE_DTYPE_NONE = None),
 * s string, g generator, n None, - default.  A NULL for a tensor that is not optional fails and leaves an error that is
 * already set in err, so that calls can be nested without checks in between.  Returns the first result (owned), NULL with err on failure. */
TeTensor *te_call (const TeOp *op, TeError *err, const char *format, ...);
/* The same for several results: stores up to n_outs owned references in outs. */
bool te_call_multi (const TeOp *op, TeTensor **outs, int n_outs, TeError *err, const char *format, ...);
/* In place: writes into the first tensor argument. */
bool te_call_inplace (const TeOp *op, TeError *err, const char *format, ...);

/* Lookup that is done once per call site: static handle filled on first use.  Asserts that the op exists. */
#define TE_OP(handle, name_text) \
  static const TeOp *handle;     \
  if (__builtin_expect (!handle, 0)) \
    {                            \
      handle = te_registry_find (name_text); \
      te_assert (handle);        \
    }

/* One-liners for the ops that backward rules use most; all return owned references or NULL with err set and all
 * accept no NULL.  Each is te_call on the row of the same name. */
TeTensor *te_add (TeTensor *a, TeTensor *b, TeError *err);
TeTensor *te_sub (TeTensor *a, TeTensor *b, TeError *err);
TeTensor *te_mul (TeTensor *a, TeTensor *b, TeError *err);
TeTensor *te_div (TeTensor *a, TeTensor *b, TeError *err);
TeTensor *te_neg (TeTensor *a, TeError *err);
TeTensor *te_mul_scalar (TeTensor *a, double value, TeError *err);
TeTensor *te_add_scalar (TeTensor *a, double value, TeError *err);
TeTensor *te_pow_scalar (TeTensor *a, double exponent, TeError *err);
TeTensor *te_sum_dims (TeTensor *a, int n, const int64_t *dims, bool keepdim, TeError *err); /* n 0: all */
TeTensor *te_matmul2 (TeTensor *a, TeTensor *b, TeError *err); /* mm or bmm */
TeTensor *te_transpose (TeTensor *a, int64_t dim0, int64_t dim1, TeError *err);
TeTensor *te_reshape (TeTensor *a, int ndim, const int64_t *sizes, TeError *err);
TeTensor *te_expand (TeTensor *a, int ndim, const int64_t *sizes, TeError *err);
TeTensor *te_unsqueeze (TeTensor *a, int64_t dim, TeError *err);
TeTensor *te_squeeze_dim (TeTensor *a, int64_t dim, TeError *err);
TeTensor *te_contiguous (TeTensor *a, TeError *err);
TeTensor *te_to_dtype (TeTensor *a, TeDtype dtype, TeError *err);
TeTensor *te_conj (TeTensor *a, TeError *err); /* a itself where it is real */
/* grad in the dtype of what it is the gradient of: a real tensor takes the real part of a complex gradient. */
TeTensor *te_gradient_as (TeTensor *grad, TeDtype dtype, TeError *err);
TeTensor *te_where (TeTensor *condition, TeTensor *a, TeTensor *b, TeError *err);
TeTensor *te_zeros_like (TeTensor *a, TeError *err);
TeTensor *te_ones_like (TeTensor *a, TeError *err);
TeTensor *te_zeros (int ndim, const int64_t *sizes, TeDtype dtype, TeError *err);
TeTensor *te_clone (TeTensor *a, TeError *err);
/* Sums what broadcasting stretched, so that grad gets meta's sizes (and dtype): the mirror of broadcasting. */
TeTensor *te_sum_to_meta (TeTensor *grad, const TeMeta *meta, TeError *err);
