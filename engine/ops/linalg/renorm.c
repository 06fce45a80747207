/* renorm: slices along a dimension whose norm is above a limit, scaled down to it. */
#include "ops/expr.h"
#include "ops/linalg/families.h"
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

/* The result in other ops, from which the derivatives come. */
static bool
renorm_twin (TeOpCall *call, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *self = call->args[0].tensor;
  double p = te_scalar_to_double (call->args[1].scalar), limit = te_scalar_to_double (call->args[3].scalar);
  int64_t others[TE_MAX_NDIM];
  int dim, n = 0;
  if (!check_renorm (call, &dim, err))
    return false;
  for (int d = 0; d < self->ndim; d++)
    if (d != dim)
      others[n++] = d;
  TeTensor *norm = EX (&e, "linalg_vector_norm", "TfIb", self, p, others, n, 1);
  TeTensor *scale = ex_mul_scalar (&e, EX (&e, "reciprocal", "T", ex_add_scalar (&e, norm, 1e-7)), limit);
  TeTensor *long_ones = EX (&e, "gt.Scalar", "TS", norm, te_scalar_float (limit));
  TeTensor *factor = ex_where (&e, long_ones, scale, EX (&e, "ones_like", "T", scale));
  return te_expr_end (&e, EX (&e, "contiguous", "T", ex_mul (&e, self, factor)), &call->outs[0]);
}

static bool
renorm_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_tensor_alias (call->args[0].tensor, err), *result = NULL; /* has no history to be recorded */
  const TeValue args[] = {
    { .kind = TE_VALUE_TENSOR, .tensor = self }, call->args[1], call->args[2], call->args[3]
  };
  TeOpCall plain = { .op = call->op, .args = args, .outs = &result, .n_outs = 1 };
  bool ok = self && renorm_twin (&plain, err);
  te_tensor_unref (self);
  return ok && te_result_give (call, 0, result, err);
}

static const TeOpDef rows[] = {
  { .schema = "renorm(Tensor self, Scalar p, int dim, Scalar maxnorm) -> Tensor",
    .flags = TE_OP_METHOD | TE_OP_FUNCTION | TE_OP_INPLACE | TE_OP_OUT,
    .kernel = renorm_kernel,
    .twin = renorm_twin,
    .node = "RenormBackward",
    .saves = TE_SAVE_ARG (0),
    .doc = "Slices along dim whose p-norm is above maxnorm, scaled down to it." },
};
TE_OP_FAMILY (te_family_linalg_renorm, rows);
