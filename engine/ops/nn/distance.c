/* Distances and small compositions, in other ops: cosine_similarity, pairwise_distance, bilinear. */
#include "ops/expr.h"
#include "ops/nn/nn-private.h"
#include "ops/nn/rows.h"

/* Squares that are hardly there are raised to the least one, of which gradients know nothing, as in PyTorch. */
static bool
keep_above (TeTensor *squares, double least, TeError *err)
{
  TE_OP (clamp_min, "clamp_min");
  TeTensor *plain = te_tensor_alias (squares, err);
  bool ok = plain && te_call_inplace (clamp_min, err, "TS", plain, te_scalar_float (least));
  te_tensor_unref (plain);
  return ok;
}

/* cosine_similarity (x1, x2, dim, eps): sum (x1 / max (|x1|, eps) * x2 / max (|x2|, eps)). */
static bool
cosine_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeExpr e = TE_EXPR (err);
  int64_t dim = v[2].i;
  TeDtype common = te_result_type ((TeTensor *[]){ v[0].tensor, v[1].tensor }, 2);
  if (!te_dtype_is_floating (common))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "expected common dtype to be floating point, yet common dtype is %s",
                         te_dtype_error_name (common));
  TeTensor *unit[2], *x[2] = { v[0].tensor, v[1].tensor };
  int64_t sizes[TE_MAX_NDIM];
  int ndim;
  if (!te_shape_broadcast (x[0]->ndim, x[0]->sizes, x[1]->ndim, x[1]->sizes, &ndim, sizes, err))
    return false;
  for (int i = 0; i < 2; i++)
    x[i] = te_expr_keep (&e, te_expand (x[i], ndim, sizes, err));
  for (int i = 0; i < 2; i++)
    if (!e.failed && te_tensor_dtype (x[i]) != common)
      x[i] = te_expr_keep (&e, te_to_dtype (x[i], common, err));
  for (int i = 0; i < 2; i++)
    {
      TeTensor *square = EX (&e, "sum.dim_IntList", "TIb", ex_pow_scalar (&e, x[i], 2), &dim, 1, 1);
      if (e.failed || !keep_above (square, v[3].f * v[3].f, err))
        e.failed = true;
      unit[i] = ex_div (&e, x[i], EX (&e, "sqrt", "T", square));
    }
  TeTensor *product = ex_mul (&e, unit[0], unit[1]);
  return te_expr_end (&e, EX (&e, "sum.dim_IntList", "TIb", product, &dim, 1, 0), &call->outs[0]);
}

/* pairwise_distance (x1, x2, p, eps, keepdim): norm of x1 - x2 + eps over the last dimension. */
static bool
pairwise_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeExpr e = TE_EXPR (err);
  int64_t last = -1;
  TeTensor *shifted = ex_add_scalar (&e, ex_sub (&e, v[0].tensor, v[1].tensor), v[3].f);
  return te_expr_end (
      &e, EX (&e, "norm.ScalarOpt_dim", "TSIb", shifted, te_scalar_float (v[2].f), &last, 1, (int) v[4].b),
      &call->outs[0]);
}

/* bilinear (x1 (…, I), x2 (…, J), weight (O, I, J), bias (O)) */
static bool
bilinear_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeExpr e = TE_EXPR (err);
  TeTensor *a = v[0].tensor, *b = v[1].tensor, *w = v[2].tensor,
           *bias = v[3].kind == TE_VALUE_TENSOR ? v[3].tensor : NULL;
  if (a->ndim != b->ndim)
    return te_error_set (err, TE_ERR_RUNTIME, "bilinear(): input dimensions do not match: got %d and %d",
                         a->ndim, b->ndim);
  for (int i = 0; i < a->ndim - 1; i++)
    if (a->sizes[i] != b->sizes[i])
      return te_error_set (err, TE_ERR_RUNTIME,
                           "bilinear(): input batch dimensions do not match at dim %d: got %lld and %lld", i,
                           (long long) a->sizes[i], (long long) b->sizes[i]);
  if (w->ndim != 3 || a->ndim < 1)
    return te_error_set (err, TE_ERR_RUNTIME, "bilinear(): expected a weight of three dimensions");
  for (int i = 0; i < 2; i++)
    if ((i ? b : a)->sizes[a->ndim - 1] != w->sizes[1 + i])
      return te_error_set (err, TE_ERR_RUNTIME,
                           "bilinear(): input%d size does not match weight size: got %lld but expected %lld",
                           i + 1, (long long) (i ? b : a)->sizes[a->ndim - 1], (long long) w->sizes[1 + i]);
  if (bias && bias->sizes[0] != w->sizes[0])
    return te_error_set (err, TE_ERR_RUNTIME,
                         "bilinear(): bias size does not match weight size: got %lld but expected %lld",
                         (long long) bias->sizes[0], (long long) w->sizes[0]);
  TeTensor *const operands[3] = { a, w, b };
  TeTensor *out = EX (&e, "einsum", "sL", "...i,oij,...j->...o", operands, 3);
  if (bias)
    out = ex_add (&e, out, bias);
  return te_expr_end (&e, out, &call->outs[0]);
}

static const TeOpDef rows[] = {
  { .schema = "cosine_similarity(Tensor x1, Tensor x2, int dim=1, float eps=1e-08) -> Tensor",
    .flags = TE_OP_FUNCTION | TE_OP_COMPOSITE,
    .kernel = cosine_kernel,
    .doc = "Cosine of the angle between vectors along dim." },
  { .schema =
        "pairwise_distance(Tensor x1, Tensor x2, float p=2, float eps=1e-06, bool keepdim=False) -> Tensor",
    .flags = TE_OP_FUNCTION | TE_OP_COMPOSITE,
    .kernel = pairwise_kernel,
    .doc = "p-norm of x1 - x2 along the last dimension." },
  { .schema = "bilinear(Tensor input1, Tensor input2, Tensor weight, Tensor? bias=None) -> Tensor",
    .flags = TE_OP_FUNCTION | TE_OP_COMPOSITE,
    .kernel = bilinear_kernel,
    .doc = "x1 (…, I), x2 (…, J), weight (O, I, J) -> (…, O)." },
};

TE_OP_FAMILY (te_family_distance, rows);
