/* renorm: slices along a dimension whose norm is above a limit, scaled down to it. */
#include "iter/tensor-iter.h"
#include "ops/expr.h"
#include "ops/linalg/families.h"
#include "ops/reduce/reduce-private.h"
#include "ops/shape/shape-util.h"

static bool
check_renorm (const TeOpCall *call, int *dim, TeError *err)
{
  const TeTensor *self = call->args[0].tensor;
  double p = te_scalar_to_double (call->args[1].scalar), limit = te_scalar_to_double (call->args[3].scalar);
  if (p <= 0)
    return te_error_set (err, TE_ERR_RUNTIME, "renorm: non-positive-norm not supported");
  if (limit < 0)
    return te_error_set (err, TE_ERR_RUNTIME, "renorm: expected maxnorm to be >= 0 but got %g", limit);
  if (self->ndim < 2)
    return te_error_set (err, TE_ERR_RUNTIME, "renorm: input needs at least 2 dimensions, got %d dimensions",
                         self->ndim);
  return te_dim_wrap (call->args[2].i, self->ndim, dim, err);
}

/* The norms of the slices, the dimension kept, in which scale is what a slice above the limit is multiplied
 * by. */
static TeTensor *
norms (TeExpr *e, TeTensor *self, double p, int dim, int64_t *others, int *n_others)
{
  *n_others = 0;
  for (int d = 0; d < self->ndim; d++)
    if (d != dim)
      others[(*n_others)++] = d;
  return EX (e, "linalg_vector_norm", "TfIb", self, p, others, *n_others, 1);
}

static TeTensor *
inverse (TeExpr *e, TeTensor *norm)
{
  return EX (e, "reciprocal", "T", ex_add_scalar (e, norm, 1e-7)); /* no division by zero */
}

static bool
renorm_kernel (TeOpCall *call, TeError *err)
{
  int64_t others[TE_MAX_NDIM];
  int dim, n_others;
  if (!check_renorm (call, &dim, err)
      || (call->inplace && !te_check_no_internal_overlap (call->args[0].tensor, err)))
    return false;
  TeExpr e = TE_EXPR (err);
  double limit = te_scalar_to_double (call->args[3].scalar);
  TeTensor *self =
      te_expr_keep (&e, te_tensor_alias (call->args[0].tensor, err)); /* nothing here is recorded */
  TeTensor *norm = norms (&e, self, te_scalar_to_double (call->args[1].scalar), dim, others, &n_others);
  TeTensor *scale = ex_mul_scalar (&e, inverse (&e, norm), limit);
  TeTensor *above = EX (&e, "gt.Scalar", "TS", norm, te_scalar_float (limit));
  TeTensor *factor = ex_where (&e, above, scale, EX (&e, "ones_like", "T", scale));
  TeTensor *result = NULL;
  return te_expr_end (&e, EX (&e, "contiguous", "T", ex_mul (&e, self, factor)), &result)
         && te_result_give (call, 0, result, err);
}

/* Source: PyTorch's renorm_backward. */
static bool
renorm_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *self = ctx->inputs[0], *grad = ctx->grads[0];
  int64_t others[TE_MAX_NDIM];
  double p = te_scalar_to_double (ctx->args[1].scalar), limit = te_scalar_to_double (ctx->args[3].scalar);
  int n_others, dim = (int) ctx->args[2].i + (ctx->args[2].i < 0 ? self->ndim : 0);
  TeTensor *norm = norms (&e, self, p, dim, others, &n_others);
  TeTensor *along = ex_mul (&e, ex_conj (&e, self), grad);
  if (!e.failed && te_dtype_is_complex (along->dtype))
    along = EX (&e, "real", "T", along);
  along = EX (&e, "sum.dim_IntList", "TIb", along, others, n_others, 1);
  TeTensor *bent = e.failed ? NULL : te_norm_slope (&e, p, self, along, norm, n_others, others);
  TeTensor *inverted = inverse (&e, norm);
  TeTensor *rest = bent ? ex_sub (&e, grad, ex_mul (&e, inverted, bent)) : grad;
  TeTensor *scaled = ex_mul (&e, ex_mul_scalar (&e, inverted, limit), rest);
  TeTensor *above = EX (&e, "gt.Scalar", "TS", norm, te_scalar_float (limit));
  return te_expr_end (&e, ex_where (&e, above, scaled, grad), &ctx->results[0]);
}

static const TeOpDef rows[] = {
  { .schema = "renorm(Tensor self, Scalar p, int dim, Scalar maxnorm) -> Tensor",
    .flags = TE_OP_METHOD | TE_OP_FUNCTION | TE_OP_INPLACE | TE_OP_OUT | TE_OP_CONJ_RULE,
    .kernel = renorm_kernel,
    .backward = renorm_backward,
    .node = "RenormBackward",
    .saves = TE_SAVE_ARG (0),
    .doc = "Slices along dim whose p-norm is above maxnorm, scaled down to it." },
};
TE_OP_FAMILY (te_family_linalg_renorm, rows);
