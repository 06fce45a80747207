/* Layers' functions that are short formulas over other ops: pdist, conv_tbc, weight normalisation, and the
 * native_ forms that also return what they kept. */
#include <string.h>

#include "ops/expr.h"
#include "ops/nn/nn-private.h"
#include "ops/nn/rows.h"

static TeTensor *
optional (const TeValue *v)
{
  return v->kind == TE_VALUE_TENSOR ? v->tensor : NULL;
}

/* ---- pdist: the upper triangle of cdist with itself ---- */
static TeTensor *
pairs_of (TeExpr *e, TeTensor *x, double p)
{
  return EX (e, "cdist", "TTfs", x, x, p, "donot_use_mm_for_euclid_dist");
}

/* Copies between a square of distances and its upper triangle (both triangles when written). */
static TeTensor *
triangle (TeTensor *from, int64_t n, bool to_square, TeError *err)
{
  TeTensor *x = te_nn_contiguous (from, err);
  const int64_t square[2] = { n, n }, count = n * (n - 1) / 2;
  TeTensor *out = !x          ? NULL
                  : to_square ? te_nn_zeros (2, square, te_tensor_dtype (x), err)
                              : te_tensor_new (1, &count, te_tensor_dtype (x), err);
  size_t nbytes = out ? te_dtype_nbytes (te_tensor_dtype (x)) : 0;
  char *to = out ? te_tensor_data (out) : NULL;
  const char *data = out ? te_tensor_data (x) : NULL;
  int64_t k = 0;
  for (int64_t i = 0; out && i < n; i++)
    for (int64_t j = i + 1; j < n; j++, k++)
      if (to_square)
        {
          memcpy (to + (size_t) (i * n + j) * nbytes, data + (size_t) k * nbytes, nbytes);
          memcpy (to + (size_t) (j * n + i) * nbytes, data + (size_t) k * nbytes, nbytes);
        }
      else
        memcpy (to + (size_t) k * nbytes, data + (size_t) (i * n + j) * nbytes, nbytes);
  te_tensor_unref (x);
  return out;
}

static bool
pdist_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = call->args[0].tensor;
  TeExpr e = TE_EXPR (err);
  if (self->ndim != 2)
    return te_error_set (err, TE_ERR_RUNTIME, "pdist only supports 2D tensors, got: %dD", self->ndim);
  if (!te_dtype_is_floating (te_tensor_dtype (self)))
    return te_error_set (err, TE_ERR_RUNTIME, "pdist only supports floating-point dtypes");
  if (call->args[1].f < 0)
    return te_error_set (err, TE_ERR_RUNTIME, "pdist only supports non-negative p values");
  if (self->sizes[0] < 2)
    return te_nn_out (call, 0, te_nn_zeros (1, (int64_t[]){ 0 }, te_tensor_dtype (self), err));
  TeTensor *x = te_expr_keep (&e, te_tensor_alias (self, err)),
           *all = x ? pairs_of (&e, x, call->args[1].f) : NULL;
  return te_expr_end (&e, all ? te_expr_keep (&e, triangle (all, self->sizes[0], false, err)) : NULL,
                      &call->outs[0]);
}

/* _pdist_backward (grad, self, p, distances) */
static bool
pdist_backward_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeExpr e = TE_EXPR (err);
  int64_t n = v[1].tensor->sizes[0];
  TeTensor *x = te_expr_keep (&e, te_tensor_alias (v[1].tensor, err));
  TeTensor *grad = te_expr_keep (&e, triangle (v[0].tensor, n, true, err));
  TeTensor *d = te_expr_keep (&e, triangle (v[3].tensor, n, true, err));
  return te_expr_end (&e, EX (&e, "_cdist_backward", "TTTfT", grad, x, x, v[2].f, d), &call->outs[0]);
}

static bool
pdist_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "_pdist_backward");
  ctx->results[0] = te_call (op, err, "TTfT", ctx->grads[0], ctx->inputs[0], ctx->args[1].f, ctx->outs[0]);
  return ctx->results[0] != NULL;
}

/* ---- conv_tbc: a convolution over (time, batch, channels) ---- */
static bool
conv_tbc_twin (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeExpr e = TE_EXPR (err);
  TeTensor *x = v[0].tensor, *w = v[1].tensor, *bias = v[2].tensor;
  const int64_t first[3] = { 1, 2, 0 }, kernel[3] = { 2, 1, 0 }, back[3] = { 2, 0, 1 }, one = 1;
  if (x->ndim != 3)
    return te_error_set (err, TE_ERR_RUNTIME, "Input must have 3 dims: time, batch, in_channel");
  if (w->ndim != 3)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "Weight tensor must have 3 dims: kernel_width, in_channels, out_channels.");
  if (bias->ndim != 1)
    return te_error_set (err, TE_ERR_RUNTIME, "Bias must be 1-D");
  if (x->sizes[2] != w->sizes[1])
    return te_error_set (err, TE_ERR_RUNTIME,
                         "Input dim 2 (input channels) is not == dim 1 in the weight tensor");
  if (w->sizes[2] != bias->sizes[0])
    return te_error_set (err, TE_ERR_RUNTIME,
                         "Bias size must equal dim 2 in the weight tensor (output channels).");
  TeTensor *planes = EX (&e, "permute", "TI", x, first, 3), *taps = EX (&e, "permute", "TI", w, kernel, 3);
  TeTensor *out = EX (&e, "conv1d", "TTTIIIi", planes, taps, bias, &one, 1, &v[3].i, 1, &one, 1, (int64_t) 1);
  out = EX (&e, "permute", "TI", out, back, 3);
  return te_expr_end (&e, EX (&e, "clone", "Ti", out, (int64_t) TE_MEMORY_CONTIGUOUS), &call->outs[0]);
}

/* ---- weight normalisation ---- */
/* norm_except_dim (v, pow, dim): norms over all dimensions but dim (-1: over all). */
static TeTensor *
norm_except (TeExpr *e, TeTensor *v, double pow, int64_t dim)
{
  if (dim < 0)
    return EX (e, "norm.Scalar", "TS", v, te_scalar_float (pow));
  if (dim > 0 && dim < v->ndim - 1)
    {
      TeTensor *front = norm_except (e, EX (e, "transpose.int", "Tii", v, (int64_t) 0, dim), pow, 0);
      return EX (e, "transpose.int", "Tii", front, (int64_t) 0, dim);
    }
  int64_t flat[2] = { dim ? -1 : v->sizes[0], dim ? v->sizes[v->ndim - 1] : -1 }, along = dim == 0,
          sizes[TE_MAX_NDIM];
  for (int d = 0; d < v->ndim; d++)
    sizes[d] = d == dim ? v->sizes[d] : 1;
  TeTensor *norms = EX (e, "norm.ScalarOpt_dim", "TSIb", EX (e, "reshape", "TI", v, flat, 2),
                        te_scalar_float (pow), &along, 1, 0);
  return EX (e, "view", "TI", norms, sizes, (int) v->ndim);
}

static bool
norm_except_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  int wrapped;
  if (v[2].i >= 0 && !te_dim_wrap (v[2].i, v[0].tensor->ndim, &wrapped, err))
    return false;
  TeExpr e = TE_EXPR (err);
  return te_expr_end (&e, norm_except (&e, v[0].tensor, (double) v[1].i, v[2].i), &call->outs[0]);
}

static bool
weight_norm_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeExpr e = TE_EXPR (err);
  TeTensor *w = te_expr_keep (&e, te_tensor_alias (v[0].tensor, err)); /* without history: one op is recorded */
  TeTensor *g = te_expr_keep (&e, te_tensor_alias (v[1].tensor, err));
  TeTensor *norms = w && g ? norm_except (&e, w, 2, v[2].i) : NULL;
  if (call->wants_grad)
    te_expr_put (&e, norms, &call->extra[0]);
  return te_expr_end (&e, ex_mul (&e, w, ex_div (&e, g, norms)), &call->outs[0]);
}

/* The norms are kept from the forward and count as constants where this is differentiated again, as in PyTorch. */
static bool
weight_norm_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *w = ctx->inputs[0], *g = ctx->inputs[1], *grad = ctx->grads[0], *norms = ctx->extra[0];
  TeTensor *sums = ex_reduce (&e, ex_mul (&e, grad, w), &ctx->metas[1]);
  if (ctx->needs[0])
    {
      TeTensor *turn = ex_mul (&e, w, ex_div (&e, sums, ex_mul (&e, norms, norms)));
      te_expr_put (&e, ex_mul (&e, ex_div (&e, g, norms), ex_sub (&e, grad, turn)), &ctx->results[0]);
    }
  if (ctx->needs[1])
    te_expr_put (&e, ex_div (&e, sums, norms), &ctx->results[1]);
  return te_expr_close (&e);
}

/* ---- native forms: the result and the statistics ---- */
/* Mean and 1 / deviation of x over dims; without history. */
static bool
statistics (TeOpCall *call, TeTensor *x, const int64_t *dims, int n, bool keepdim, double eps, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *plain = te_expr_keep (&e, te_tensor_alias (x, err));
  TeTensor *var = EX (&e, "var.dim", "TIbb", plain, dims, n, 0, (int) keepdim);
  te_expr_put (&e, EX (&e, "mean.dim", "TIb", plain, dims, n, (int) keepdim), &call->outs[1]);
  te_expr_put (&e, EX (&e, "rsqrt", "T", ex_add_scalar (&e, var, eps)), &call->outs[2]);
  return te_expr_close (&e);
}

static bool
native_layer_norm_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeExpr e = TE_EXPR (err);
  TeTensor *x = v[0].tensor;
  int n = v[1].count;
  int64_t dims[TE_MAX_NDIM];
  for (int i = 0; i < n && i < x->ndim; i++)
    dims[i] = x->ndim - n + i;
  TeTensor *out = EX (&e, "layer_norm", "TITTf", x, v[1].ints, n, optional (&v[2]), optional (&v[3]), v[4].f);
  return te_expr_end (&e, out, &call->outs[0]) && statistics (call, x, dims, n, true, v[4].f, err);
}

static bool
native_group_norm_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeExpr e = TE_EXPR (err);
  TeTensor *x = v[0].tensor;
  const int64_t sizes[3] = { v[3].i, v[6].i, -1 }, last = 2;
  TeTensor *out = EX (&e, "group_norm", "TiTTf", x, v[6].i, optional (&v[1]), optional (&v[2]), v[7].f);
  TeTensor *rows = EX (&e, "reshape", "TI", x, sizes, 3);
  bool ok = !e.failed && statistics (call, rows, &last, 1, false, v[7].f, err);
  return te_expr_end (&e, out, &call->outs[0]) && ok;
}

static bool
native_batch_norm_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeExpr e = TE_EXPR (err);
  TeTensor *x = v[0].tensor;
  int64_t dims[TE_MAX_NDIM], zero = 0;
  int n = 0;
  for (int64_t i = 0; i < x->ndim; i++)
    if (i != 1)
      dims[n++] = i;
  TeTensor *out = EX (&e, "batch_norm", "TTTTTbffb", x, optional (&v[1]), optional (&v[2]), optional (&v[3]),
                      optional (&v[4]), (int) v[5].b, v[6].f, v[7].f, 0);
  if (!te_expr_end (&e, out, &call->outs[0]))
    return false;
  if (v[5].b)
    return statistics (call, x, dims, n, false, v[7].f, err);
  return (call->outs[1] = te_nn_zeros (1, &zero, te_tensor_dtype (x), err))
         && (call->outs[2] = te_nn_zeros (1, &zero, te_tensor_dtype (x), err));
}

/* native_dropout (input, p, train): the result and the mask of what was kept. */
static bool
native_dropout_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TE_OP (bernoulli, "bernoulli_.float");
  TeExpr e = TE_EXPR (err);
  TeTensor *x = v[0].tensor;
  bool train = v[2].kind != TE_VALUE_BOOL || v[2].b;
  TeTensor *mask = te_expr_keep (&e, te_tensor_new (x->ndim, x->sizes, TE_BOOL, err));
  if (!mask || !te_call_inplace (bernoulli, err, "Tf", mask, train ? 1 - v[1].f : 1.0))
    {
      te_expr_close (&e);
      return false;
    }
  double scale = !train || v[1].f == 0 ? 1 : v[1].f == 1 ? 0 : 1 / (1 - v[1].f);
  TeTensor *out = ex_mul_scalar (&e, ex_mul (&e, x, mask), scale);
  te_expr_put (&e, mask, &call->outs[1]);
  return te_expr_end (&e, out, &call->outs[0]);
}

static const TeOpDef rows[] = {
  { .schema = "pdist(Tensor self, float p=2) -> Tensor",
    .flags = TE_OP_FUNCTION,
    .kernel = pdist_kernel,
    .backward = pdist_backward,
    .node = "PdistBackward",
    .saves = TE_SAVE_ARG (0) | TE_SAVE_OUT (0),
    .doc = "Distances of order p between all pairs of rows: the upper triangle, row by row." },
  { .schema = "_pdist_backward(Tensor grad, Tensor self, float p, Tensor pdist) -> Tensor",
    .kernel = pdist_backward_kernel,
    .node = "PdistBackwardBackward",
    .doc = "Gradient of pdist." },
  { .schema = "conv_tbc(Tensor self, Tensor weight, Tensor bias, int pad=0) -> Tensor",
    .flags = TE_OP_FUNCTION | TE_OP_WIDENS_INTEGERS,
    .kernel = te_nn_twin_kernel,
    .twin = conv_tbc_twin,
    .node = "ConvTbcBackward",
    .saves = TE_SAVE_ARG (0) | TE_SAVE_ARG (1) | TE_SAVE_ARG (2),
    .doc = "Convolution over time of (T, N, C) with weight (K, C, O)." },
  { .schema = "norm_except_dim(Tensor v, int pow=2, int dim=0) -> Tensor",
    .flags = TE_OP_FUNCTION | TE_OP_COMPOSITE,
    .kernel = norm_except_kernel,
    .doc = "Norms over all dimensions but one." },
  { .schema = "_weight_norm(Tensor v, Tensor g, int dim=0) -> Tensor",
    .flags = TE_OP_FUNCTION,
    .kernel = weight_norm_kernel,
    .backward = weight_norm_backward,
    .node = "WeightNormInterfaceBackward",
    .saves = TE_SAVE_ARG (0) | TE_SAVE_ARG (1),
    .doc = "v with norms g." },
  { .schema =
        "native_layer_norm(Tensor input, int[] normalized_shape, Tensor? weight, Tensor? bias, float eps) -> "
        "(Tensor, Tensor, Tensor)",
    .flags = TE_OP_FUNCTION | TE_OP_COMPOSITE,
    .kernel = native_layer_norm_kernel,
    .doc = "layer_norm with means and reciprocal deviations." },
  { .schema = "native_group_norm(Tensor input, Tensor? weight, Tensor? bias, int N, int C, int HxW, int "
              "group, float "
              "eps) -> (Tensor, Tensor, Tensor)",
    .flags = TE_OP_FUNCTION | TE_OP_COMPOSITE,
    .kernel = native_group_norm_kernel,
    .doc = "group_norm with means and reciprocal deviations." },
  { .schema = "native_batch_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? "
              "running_var, bool training, float momentum, float eps) -> (Tensor, Tensor, Tensor)",
    .flags = TE_OP_FUNCTION | TE_OP_COMPOSITE,
    .kernel = native_batch_norm_kernel,
    .doc = "batch_norm with means and reciprocal deviations of the batch." },
  { .schema = "native_dropout(Tensor input, float p, bool? train) -> (Tensor, Tensor)",
    .flags = TE_OP_FUNCTION | TE_OP_COMPOSITE | TE_OP_RANDOM,
    .kernel = native_dropout_kernel,
    .doc = "dropout with the mask of what was kept." },
};

TE_OP_FAMILY (te_family_composed_layers, rows);
