/* Distances and small compositions, in other ops: cosine_similarity, pairwise_distance, bilinear. */
#include "ops/expr.h"
#include "ops/nn/nn-private.h"
#include "ops/nn/rows.h"

#include <stdio.h>
#include <string.h>

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
  int64_t sizes[TE_MAX_NDIM];
  memcpy (sizes, a->sizes, a->ndim * sizeof *sizes);
  sizes[a->ndim - 1] = w->sizes[0];
  const int64_t flat_a[2] = { -1, w->sizes[1] }, flat_b[2] = { -1, w->sizes[2] }, batch[1] = { 0 }, ends[2] = { 1, 3 },
                middle[2] = { 1, 2 }, summed[2] = { 2, 3 };
  TeTensor *out = EX (&e, "_trilinear", "TTTIIIIi", EX (&e, "reshape", "TI", a, flat_a, 2), w,
                      EX (&e, "reshape", "TI", b, flat_b, 2), ends, 2, batch, 1, middle, 2, summed, 2, (int64_t) 1);
  out = EX (&e, "reshape", "TI", out, sizes, a->ndim);
  if (bias)
    out = ex_add (&e, out, bias);
  return te_expr_end (&e, out, &call->outs[0]);
}

/* Which of n dimensions a list names. */
static uint32_t
named (const TeValue *dims)
{
  uint32_t bits = 0;
  for (int i = 0; i < dims->count; i++)
    bits |= 1u << dims->ints[i];
  return bits;
}

/* Letters of the dimensions that bits leave out. */
static void
write_letters (char *to, int n, uint32_t bits)
{
  for (int d = 0; d < n; d++)
    if (!(bits >> d & 1))
      *to++ = (char) ('a' + d);
  *to = 0;
}

/* _trilinear (i1, i2, i3, expand1, expand2, expand3, sumdim): the product of three tensors, each stretched along the dimensions that
 * it lacks, summed over some. */
static bool
trilinear_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeExpr e = TE_EXPR (err);
  int n = v[0].tensor->ndim + v[3].count;
  char letters[4][33], text[160];
  for (int i = 0; i < 4; i++)
    {
      for (int k = 0; k < v[3 + i].count; k++)
        if (n > 26 || v[3 + i].ints[k] < 0 || v[3 + i].ints[k] >= n || (i < 3 && v[i].tensor->ndim + v[3 + i].count != n))
          return te_error_set (err, TE_ERR_RUNTIME, "_trilinear: expected dimensions of three tensors that fit");
      write_letters (letters[i], n, named (&v[3 + i]));
    }
  int64_t along = v[6].count == 1 ? v[6].ints[0] : -1;
  if (n == v[0].tensor->ndim && !v[4].count && !v[5].count && along == v[7].i && v[0].tensor->sizes[along])
    { /* nothing is stretched: PyTorch adds slice after slice, in dtypes too that have no products of matrices */
      TeTensor *product = ex_mul (&e, ex_mul (&e, v[0].tensor, v[1].tensor), v[2].tensor);
      TeTensor *sum = EX (&e, "select", "Tii", product, along, (int64_t) 0);
      for (int64_t k = 1; k < v[0].tensor->sizes[along] && !e.failed; k++)
        sum = ex_add (&e, sum, EX (&e, "select", "Tii", product, along, k));
      return te_expr_end (&e, EX (&e, "contiguous", "T", sum), &call->outs[0]);
    }
  snprintf (text, sizeof text, "%s,%s,%s->%s", letters[0], letters[1], letters[2], letters[3]);
  TeTensor *const operands[3] = { v[0].tensor, v[1].tensor, v[2].tensor };
  return te_expr_end (&e, EX (&e, "contiguous", "T", EX (&e, "einsum", "sL", text, operands, 3)), &call->outs[0]);
}

/* Each gradient is such a product too, with the result's gradient in that one's place. */
static bool
trilinear_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  const TeValue *v = ctx->args;
  for (int i = 0; i < 3; i++)
    if (ctx->needs[i])
      {
        TeTensor *in[3] = { ctx->inputs[0], ctx->inputs[1], ctx->inputs[2] };
        const TeValue *dims[4] = { &v[3], &v[4], &v[5], &v[3 + i] };
        in[i] = ctx->grads[0];
        dims[i] = &v[6];
        te_expr_put (&e,
                     EX (&e, "_trilinear", "TTTIIIIi", in[0], in[1], in[2], dims[0]->ints, (int) dims[0]->count, dims[1]->ints,
                         (int) dims[1]->count, dims[2]->ints, (int) dims[2]->count, dims[3]->ints, (int) dims[3]->count,
                         (int64_t) 1),
                     &ctx->results[i]);
      }
  return te_expr_close (&e);
}

static const TeOpDef rows[] = {
  { .schema = "_trilinear(Tensor i1, Tensor i2, Tensor i3, int[] expand1, int[] expand2, int[] expand3, int[] sumdim, int "
              "unroll_dim=1) -> Tensor",
    .flags = TE_OP_FUNCTION,
    .kernel = trilinear_kernel,
    .backward = trilinear_backward,
    .node = "TrilinearBackward",
    .saves = TE_SAVE_ARG (0) | TE_SAVE_ARG (1) | TE_SAVE_ARG (2),
    .doc = "The product of three tensors, stretched along dimensions and summed over some." },
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
