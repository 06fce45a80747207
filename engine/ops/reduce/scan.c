/* Running reductions along one dimension: cumsum, cumprod, cummax, cummin, logcumsumexp; and the gradients
 * that need such a walk. */
#include "ops/reduce/reduce-private.h"

#include <math.h>
#include <string.h>

#include "base/err.h"
#include "ops/creation/creation-private.h"
#include "ops/shape/shape-util.h"

#define AT(T, k, i) (*(T *) (lane->data[k] + (i) *lane->strides[k]))

#define SCANS(T, ACC, SUFFIX)                                                                                \
  static void cumsum_##SUFFIX (const TeLane *lane, const void *ctx)                                          \
  {                                                                                                          \
    ACC total = 0;                                                                                           \
    for (int64_t i = 0; i < lane->n; i++)                                                                    \
      AT (T, 0, i) = (T) (total += (ACC) AT (T, 1, i));                                                      \
  }                                                                                                          \
  static void cumprod_##SUFFIX (const TeLane *lane, const void *ctx)                                         \
  {                                                                                                          \
    ACC total = 1;                                                                                           \
    for (int64_t i = 0; i < lane->n; i++)                                                                    \
      AT (T, 0, i) = (T) (total *= (ACC) AT (T, 1, i));                                                      \
  }
SCANS (float, double, f32)
SCANS (double, double, f64)
SCANS (int64_t, uint64_t, i64)
SCANS (TeComplex64, TeComplex128, c64)
SCANS (TeComplex128, TeComplex128, c128)

/* Later elements win ties; NaN wins and stays. */
#define EXTREME_SCAN(NAME, T, OP)                                                                            \
  static void NAME (const TeLane *lane, const void *ctx)                                                     \
  {                                                                                                          \
    T best = AT (T, 2, 0);                                                                                   \
    int64_t place = 0;                                                                                       \
    for (int64_t i = 0; i < lane->n; i++)                                                                    \
      {                                                                                                      \
        T x = AT (T, 2, i);                                                                                  \
        if (x != x || (best == best && x OP best))                                                           \
          {                                                                                                  \
            best = x;                                                                                        \
            place = i;                                                                                       \
          }                                                                                                  \
        AT (T, 0, i) = best;                                                                                 \
        AT (int64_t, 1, i) = place;                                                                          \
      }                                                                                                      \
  }
#define EXTREME_SCANS(T, SUFFIX)                                                                             \
  EXTREME_SCAN (cummax_##SUFFIX, T, >=)                                                                      \
  EXTREME_SCAN (cummin_##SUFFIX, T, <=)
EXTREME_SCANS (uint8_t, u8)
EXTREME_SCANS (int8_t, i8)
EXTREME_SCANS (int16_t, i16)
EXTREME_SCANS (int32_t, i32)
EXTREME_SCANS (int64_t, i64)
EXTREME_SCANS (float, f32)
EXTREME_SCANS (double, f64)
#define SCAN_TABLE(NAME)                                                                                     \
  {                                                                                                          \
    [TE_UINT8] = NAME##_u8, [TE_BOOL] = NAME##_u8, [TE_INT8] = NAME##_i8, [TE_INT16] = NAME##_i16,           \
    [TE_INT32] = NAME##_i32, [TE_INT64] = NAME##_i64, [TE_FLOAT32] = NAME##_f32, [TE_FLOAT64] = NAME##_f64   \
  }
static const TeLaneFn table_cummax[TE_DTYPE_COUNT] = SCAN_TABLE (cummax);
static const TeLaneFn table_cummin[TE_DTYPE_COUNT] = SCAN_TABLE (cummin);

#define LOG_SCAN(T, SUFFIX)                                                                                  \
  static void logcumsumexp_##SUFFIX (const TeLane *lane, const void *ctx)                                    \
  {                                                                                                          \
    double total = -INFINITY;                                                                                \
    for (int64_t i = 0; i < lane->n; i++)                                                                    \
      {                                                                                                      \
        double x = AT (T, 1, i);                                                                             \
        double max = x > total ? x : total, min = x > total ? total : x;                                     \
        if (x != x || total != total)                                                                        \
          total = NAN;                                                                                       \
        else if (min != max || isfinite (min))                                                               \
          total = max + log1p (exp (min - max));                                                             \
        AT (T, 0, i) = (T) total;                                                                            \
      }                                                                                                      \
  }
LOG_SCAN (float, f32)
LOG_SCAN (double, f64)

/* others[k]: the product of all elements but the k-th.  No division: zeros are no exception. */
#define OTHERS(T, ACC, SUFFIX)                                                                               \
  static void others_##SUFFIX (const TeLane *lane, const void *ctx)                                          \
  {                                                                                                          \
    ACC product = 1;                                                                                         \
    for (int64_t i = 0; i < lane->n; i++)                                                                    \
      {                                                                                                      \
        AT (T, 0, i) = (T) product;                                                                          \
        product *= AT (T, 1, i);                                                                             \
      }                                                                                                      \
    product = 1;                                                                                             \
    for (int64_t i = lane->n - 1; i >= 0; i--)                                                               \
      {                                                                                                      \
        AT (T, 0, i) = (T) (AT (T, 0, i) * product);                                                         \
        product *= AT (T, 1, i);                                                                             \
      }                                                                                                      \
  }                                                                                                          \
  /* out[k] = prefix[k] * tail[k], tail[k] = grad[k] + x[k + 1] * tail[k + 1] */                             \
  static void cumprod_backward_##SUFFIX (const TeLane *lane, const void *ctx)                                \
  {                                                                                                          \
    ACC prefix = 1, tail = 0;                                                                                \
    for (int64_t i = 0; i < lane->n; i++)                                                                    \
      {                                                                                                      \
        AT (T, 0, i) = (T) prefix;                                                                           \
        prefix *= AT (T, 2, i);                                                                              \
      }                                                                                                      \
    for (int64_t i = lane->n - 1; i >= 0; i--)                                                               \
      {                                                                                                      \
        tail = AT (T, 1, i) + (i + 1 < lane->n ? AT (T, 2, i + 1) * tail : 0);                               \
        AT (T, 0, i) = (T) (AT (T, 0, i) * tail);                                                            \
      }                                                                                                      \
  }
OTHERS (float, double, f32)
OTHERS (double, double, f64)
OTHERS (TeComplex64, TeComplex128, c64)
OTHERS (TeComplex128, TeComplex128, c128)

/* The lane function of a name for a dtype that lanes compute in. */
#define LANES_FOR(NAME, compute)                                                                             \
  ((compute) == TE_FLOAT64      ? NAME##_f64                                                                 \
   : (compute) == TE_COMPLEX64  ? NAME##_c64                                                                 \
   : (compute) == TE_COMPLEX128 ? NAME##_c128                                                                \
                                : NAME##_f32)

/* Runs a lane function over inputs cast to `compute`, into outs of dtype final[k]. */
static bool
run_scan (TeOpCall *call,
          TeTensor *const *ins,
          int n_ins,
          int64_t dim_value,
          TeDtype compute,
          const TeDtype *final,
          int n_outs,
          TeLaneFn fn,
          TeError *err)
{
  TeTensor *operands[TE_LANE_MAX_OPERANDS] = { NULL }, *self = ins[0];
  int dim;
  bool ok = te_dim_wrap (dim_value, self->ndim, &dim, err)
            && (!call->inplace || te_check_no_internal_overlap (self, err));
  for (int i = 0; ok && i < n_outs; i++)
    ok = te_output (&call->outs[i], self, self->ndim, self->sizes, NULL, final[i], err);
  if (ok && !te_tensor_is_meta (self) && self->numel)
    {
      for (int i = 0; ok && i < n_ins; i++)
        ok = (operands[n_outs + i] = te_reduce_input (ins[i], compute, err)) != NULL;
      for (int i = 0; ok && i < n_outs; i++)
        {
          TeDtype dtype = i == 0 ? compute : TE_INT64;
          bool direct = final[i] == dtype && !call->inplace && !call->has_out;
          operands[i] =
              direct ? te_tensor_ref (call->outs[i]) : te_tensor_new (self->ndim, self->sizes, dtype, err);
          ok = operands[i] != NULL;
        }
      ok = ok && te_run_lanes (operands, n_outs + n_ins, dim, fn, NULL, err);
      for (int i = 0; ok && i < n_outs; i++)
        ok = operands[i] == call->outs[i] || te_copy (call->outs[i], operands[i], err);
    }
  for (int i = 0; i < TE_LANE_MAX_OPERANDS; i++)
    te_tensor_unref (operands[i]);
  return ok;
}

static bool
run_sum_scan (TeOpCall *call, bool product, TeError *err)
{
  TeTensor *self = call->args[0].tensor;
  TeDtype own = te_tensor_dtype (self);
  TeDtype final = call->inplace || call->has_out
                      ? te_tensor_dtype (call->outs[0])
                      : te_value_dtype (&call->args[2], te_dtype_is_integral (own, true) ? TE_INT64 : own);
  TeDtype compute = te_dtype_is_integral (final, true) ? TE_INT64 : te_reduce_compute (final);
  TeDtype asked = te_value_dtype (&call->args[2], own);
  int dim;
  if (!te_dim_wrap (call->args[1].i, self->ndim, &dim, err))
    return false;
  if (call->inplace && asked != own)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "Bad in-place call: input tensor dtype %s and output tensor dtype %s should match",
                         te_dtype_c_name (own), te_dtype_c_name (asked));
  bool lacks = final == TE_BOOL || final == TE_FLOAT16; /* as PyTorch's CPU does */
  if (lacks && self->ndim && self->numel && !te_tensor_is_meta (self))
    return te_error_set (err, TE_ERR_RUNTIME, "\"%s_out_cpu\" not implemented for '%s'",
                         product ? "cumprod" : "cumsum", te_dtype_error_name (final));
  return run_scan (call, &self, 1, call->args[1].i, compute, &final, 1,
                   compute == TE_INT64 ? (product ? cumprod_i64 : cumsum_i64)
                   : product           ? LANES_FOR (cumprod, compute)
                                       : LANES_FOR (cumsum, compute),
                   err);
}

static bool
kernel_cumsum (TeOpCall *call, TeError *err)
{
  return run_sum_scan (call, false, err);
}

static bool
kernel_cumprod (TeOpCall *call, TeError *err)
{
  return run_sum_scan (call, true, err);
}

static bool
kernel_cumextreme (TeOpCall *call, TeError *err)
{
  TeTensor *self = call->args[0].tensor;
  TeDtype compute = te_reduce_compute (te_tensor_dtype (self)),
          final[2] = { te_tensor_dtype (self), TE_INT64 };
  const TeLaneFn *table = strcmp (call->op->name, "cummax") == 0 ? table_cummax : table_cummin;
  int64_t dim = self->ndim ? call->args[1].i : 0; /* of a number nobody asks which */
  return run_scan (call, &self, 1, dim, compute, final, 2, table[compute], err);
}

static bool
kernel_logcumsumexp (TeOpCall *call, TeError *err)
{
  TeTensor *self = call->args[0].tensor;
  TeDtype final = te_tensor_dtype (self), compute = te_reduce_compute (final);
  int dim;
  if (!te_dim_wrap (call->args[1].i, self->ndim, &dim, err))
    return false;
  if (!te_dtype_is_floating (final))
    return te_error_set (err, TE_ERR_RUNTIME, "\"logcumsumexp_out_cpu\" not implemented for '%s'",
                         te_dtype_error_name (final));
  return run_scan (call, &self, 1, call->args[1].i, compute, &final, 1,
                   compute == TE_FLOAT64 ? logcumsumexp_f64 : logcumsumexp_f32, err);
}

static bool
kernel_prod_others (TeOpCall *call, TeError *err)
{
  TeTensor *self = call->args[0].tensor;
  TeDtype final = te_tensor_dtype (self), compute = te_reduce_compute (final);
  return run_scan (call, &self, 1, call->args[1].i, compute, &final, 1, LANES_FOR (others, compute), err);
}

static bool
kernel_cumprod_backward (TeOpCall *call, TeError *err)
{
  TeTensor *ins[2] = { call->args[0].tensor, call->args[1].tensor };
  TeDtype final = te_tensor_dtype (ins[1]), compute = te_reduce_compute (final);
  return run_scan (call, ins, 2, call->args[2].i, compute, &final, 1, LANES_FOR (cumprod_backward, compute),
                   err);
}

/* ---- backward ---- */

static TeTensor *
reversed_cumsum (TeExpr *e, TeTensor *x, int64_t dim)
{
  if (e->failed || x->numel <= 1 || x->sizes[dim < 0 ? dim + x->ndim : dim] == 1)
    return x;
  TeTensor *flipped = EX (e, "flip", "TI", x, &dim, 1);
  return EX (e, "flip", "TI", EX (e, "cumsum", "Ti", flipped, dim), &dim, 1);
}

static bool
backward_cumsum (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *grad = reversed_cumsum (&e, ctx->grads[0], ctx->args[1].i);
  if (!e.failed && grad->dtype != ctx->metas[0].dtype)
    grad = te_expr_keep (&e, te_gradient_as (grad, (TeDtype) ctx->metas[0].dtype, err));
  return te_expr_end (&e, grad, &ctx->results[0]);
}

static bool
backward_cumprod (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *x = ctx->inputs[0], *grad = ctx->grads[0];
  int64_t dim = ctx->args[1].i;
  if (x->numel <= 1 || x->sizes[dim < 0 ? dim + x->ndim : dim] == 1)
    return te_expr_end (&e, grad, &ctx->results[0]);
  TeTensor *any_zero = ctx->create_graph && x->ndim && x->numel
                           ? EX (&e, "any", "T", EX (&e, "eq.Scalar", "TS", x, te_scalar_int (0)))
                           : NULL;
  if (e.failed)
    return te_expr_close (&e);
  if (!any_zero || te_scalar_to_double (te_tensor_first (any_zero)) != 0)
    return te_expr_end (&e, EX (&e, "_cumprod_backward", "TTi", grad, x, dim), &ctx->results[0]);
  TeTensor *sums = EX (&e, "flip", "TI", ex_mul (&e, ctx->outs[0], grad), &dim, 1);
  sums = EX (&e, "flip", "TI", EX (&e, "cumsum", "Ti", sums, dim), &dim, 1);
  return te_expr_end (&e, ex_div (&e, sums, x), &ctx->results[0]);
}

/* _cumprod_backward in other ops: what element k has in result i is the product of the other elements up to
 * i.  n * n * n elements for n, but it can be differentiated as often as prod can, zeros included. */
static bool
cumprod_gradient (TeOpCall *call, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *grad = call->args[0].tensor, *x = call->args[1].tensor;
  int dim = 0;
  if (!x->ndim)
    return te_expr_end (&e, grad, &call->outs[0]);
  if (!te_dim_wrap (call->args[2].i, x->ndim, &dim, err))
    return te_expr_close (&e);
  int64_t n = x->sizes[dim], cube[3] = { n, n, n }, square[2] = { n, n }, sizes[TE_MAX_NDIM + 2];
  TeTensor *above = EX (&e, "triu", "Ti", EX (&e, "ones", "Id", square, 2, (int) TE_BOOL), (int64_t) 1);
  TeTensor *own = EX (&e, "eye", "id", n, (int) TE_BOOL);
  TeTensor *later = EX (&e, "expand", "TI", EX (&e, "unsqueeze", "Ti", above, (int64_t) 1), cube, 3);
  TeTensor *skipped = EX (&e, "logical_or", "TT", later, own);
  TeTensor *rows = EX (&e, "transpose", "Tii", x, (int64_t) dim, (int64_t) -1);
  rows = EX (&e, "unsqueeze", "Ti", EX (&e, "unsqueeze", "Ti", rows, (int64_t) -2), (int64_t) -2);
  if (e.failed || rows->ndim > TE_MAX_NDIM)
    return te_expr_close (&e);
  memcpy (sizes, rows->sizes, (size_t) rows->ndim * sizeof *sizes);
  sizes[rows->ndim - 3] = sizes[rows->ndim - 2] = n;
  rows = EX (&e, "masked_fill.Scalar", "TTS", EX (&e, "expand", "TI", rows, sizes, (int) rows->ndim), skipped,
             te_scalar_int (1));
  TeTensor *products = ex_clear (&e, EX (&e, "prod.dim_int", "Ti", rows, (int64_t) -1), above);
  const int64_t results = -2;
  TeTensor *column = EX (&e, "transpose", "Tii", grad, (int64_t) dim, (int64_t) -1);
  column = EX (&e, "unsqueeze", "Ti", column, (int64_t) -1);
  TeTensor *sums = EX (&e, "sum.dim_IntList", "TI", ex_mul (&e, column, products), &results, 1);
  return te_expr_end (
      &e, EX (&e, "contiguous", "T", EX (&e, "transpose", "Tii", sums, (int64_t) dim, (int64_t) -1)),
      &call->outs[0]);
}

static bool
backward_cumextreme (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  if (!ctx->inputs[0]->numel)
    return te_expr_end (&e, ctx->inputs[0], &ctx->results[0]);
  TeTensor *zeros = te_expr_keep (&e, te_zeros (ctx->metas[0].ndim, te_meta_sizes (&ctx->metas[0]),
                                                te_tensor_dtype (ctx->grads[0]), err));
  return te_expr_end (&e, EX (&e, "scatter_add", "TiTT", zeros, ctx->args[1].i, ctx->outs[1], ctx->grads[0]),
                      &ctx->results[0]);
}

static TeTensor *
reversed_log_sums (TeExpr *e, TeTensor *x, int64_t dim)
{
  if (e->failed || !x->ndim)
    return x;
  TeTensor *flipped = EX (e, "flip", "TI", x, &dim, 1);
  return EX (e, "flip", "TI", EX (e, "logcumsumexp", "Ti", flipped, dim), &dim, 1);
}

/* The positive and the negative part of grad apart, each in logarithms. */
static bool
backward_logcumsumexp (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *grad = ctx->grads[0], *x = ctx->inputs[0], *parts[2];
  int64_t dim = ctx->args[1].i;
  if (!grad->ndim || !grad->numel)
    return te_expr_end (&e, grad, &ctx->results[0]);
  TeScalar lowest =
      te_scalar_float (grad->dtype == TE_FLOAT64 ? -1.7976931348623157e308 : -3.4028234663852886e38);
  TeTensor *size = EX (&e, "log", "T", EX (&e, "abs", "T", grad));
  for (int i = 0; i < 2; i++)
    {
      TeTensor *mask = i ? EX (&e, "lt.Scalar", "TS", grad, te_scalar_int (0))
                         : EX (&e, "gt.Scalar", "TS", grad, te_scalar_int (0));
      TeTensor *part = EX (&e, "where.self", "TTS", mask, size, lowest);
      part = reversed_log_sums (&e, ex_sub (&e, part, ctx->outs[0]), dim);
      parts[i] = EX (&e, "exp", "T", ex_add (&e, part, x));
    }
  return te_expr_end (&e, ex_sub (&e, parts[0], parts[1]), &ctx->results[0]);
}

#define MF_IO (TE_MF | TE_OP_INPLACE | TE_OP_OUT)
static const TeOpDef rows[] = {
  { .schema = "cumsum(Tensor self, int dim, *, ScalarType? dtype=None) -> Tensor",
    .flags = MF_IO,
    .kernel = kernel_cumsum,
    .backward = backward_cumsum,
    .node = "CumsumBackward",
    .doc = "Running sums along dim." },
  { .schema = "cumprod(Tensor self, int dim, *, ScalarType? dtype=None) -> Tensor",
    .flags = MF_IO,
    .kernel = kernel_cumprod,
    .backward = backward_cumprod,
    .node = "CumprodBackward",
    .saves = TE_SAVE_ARG (0) | TE_SAVE_OUT (0),
    .doc = "Running products along dim." },
  { .schema = "cummax(Tensor self, int dim) -> (Tensor values, Tensor indices)",
    .flags = TE_MF | TE_OP_OUT,
    .kernel = kernel_cumextreme,
    .backward = backward_cumextreme,
    .node = "CummaxBackward",
    .saves = TE_SAVE_ARG (0) | TE_SAVE_OUT (1),
    .grad_version = 2,
    .doc = "Running maxima along dim and where they stand." },
  { .schema = "cummin(Tensor self, int dim) -> (Tensor values, Tensor indices)",
    .flags = TE_MF | TE_OP_OUT,
    .kernel = kernel_cumextreme,
    .backward = backward_cumextreme,
    .node = "CumminBackward",
    .saves = TE_SAVE_ARG (0) | TE_SAVE_OUT (1),
    .grad_version = 2,
    .doc = "Running minima along dim and where they stand." },
  { .schema = "logcumsumexp(Tensor self, int dim) -> Tensor",
    .flags = TE_MF | TE_OP_OUT,
    .kernel = kernel_logcumsumexp,
    .backward = backward_logcumsumexp,
    .node = "LogcumsumexpBackward",
    .saves = TE_SAVE_ARG (0) | TE_SAVE_OUT (0),
    .doc = "Running log of sums of exponentials along dim." },
  { .schema = "_prod_others(Tensor self, int dim) -> Tensor",
    .flags = TE_OP_NONDIFF,
    .kernel = kernel_prod_others,
    .doc = "For each element the product of the others along dim." },
  { .schema = "_cumprod_backward(Tensor grad, Tensor self, int dim) -> Tensor",
    .kernel = kernel_cumprod_backward,
    .node = "CumprodBackwardBackward",
    .saves = TE_SAVE_ARG (0) | TE_SAVE_ARG (1),
    .twin = cumprod_gradient,
    .doc = "The gradient of cumprod." },
};
TE_OP_FAMILY (te_family_scan, rows);
