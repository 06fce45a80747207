/* histogram: how many elements, or how much weight, falls between edges; and frexp, which also gives two
 * results. */
#include <math.h>

#include "iter/tensor-iter.h"
#include "ops/creation/creation-private.h"
#include "ops/dispatch.h"
#include "ops/expr.h"
#include "ops/registry.h"
#include "ops/shape/shape-util.h"

/* The bin of value: edges[i] <= value < edges[i + 1], the last bin closed; -1 outside. */
static int64_t
bin_of (const double *edges, int64_t n_bins, double value)
{
  int64_t low = 0, high = n_bins;
  if (!(value >= edges[0] && value <= edges[n_bins]))
    return -1;
  while (high - low > 1)
    {
      int64_t middle = low + (high - low) / 2;
      if (edges[middle] <= value)
        low = middle;
      else
        high = middle;
    }
  return low;
}

/* Counts self (double, contiguous) into hist; density divides by the total and the widths. */
static void
count (const TeTensor *self,
       const double *weight,
       const double *edges,
       int64_t n_bins,
       bool density,
       double *hist)
{
  const double *values = te_tensor_data (self);
  double total = 0;
  for (int64_t i = 0; i < n_bins; i++)
    hist[i] = 0;
  for (int64_t i = 0; i < self->numel; i++)
    {
      int64_t bin = bin_of (edges, n_bins, values[i]);
      if (bin >= 0)
        hist[bin] += weight ? weight[i] : 1;
    }
  for (int64_t i = 0; i < n_bins; i++)
    total += hist[i];
  for (int64_t i = 0; density && i < n_bins; i++)
    hist[i] /= total * (edges[i + 1] - edges[i]);
}

/* The ends that range gives, or those of the values; an empty range is widened. */
static bool
outer_edges (const TeTensor *values, const TeValue *range, double *low, double *high, TeError *err)
{
  *low = *high = 0;
  if (range->kind == TE_VALUE_FLOAT_LIST)
    {
      if (range->count != 2)
        return te_error_set (
            err, TE_ERR_RUNTIME,
            "torch.histogram: for a 1-dimensional histogram range should have 2 elements, but got %d",
            (int) range->count);
      *low = range->floats[0];
      *high = range->floats[1];
    }
  else
    for (int64_t i = 0; i < values->numel; i++)
      {
        double value = ((const double *) te_tensor_data (values))[i];
        *low = i && (*low < value || isnan (*low)) ? *low : value;
        *high = i && (*high > value || isnan (*high)) ? *high : value;
      }
  if (!isfinite (*low) || !isfinite (*high))
    return te_error_set (err, TE_ERR_RUNTIME, "torch.histogramdd: dimension 0's range [%g, %g] is not finite",
                         *low, *high);
  if (*low > *high)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "torch.histogramdd: min should not exceed max, but got min %g max %g for dimension 0", *low, *high);
  if (*low == *high && !values->numel && range->kind != TE_VALUE_FLOAT_LIST)
    *high = 1;
  else if (*low == *high)
    {
      *low -= 0.5;
      *high += 0.5;
    }
  return true;
}

/* Edges of dtype: given ones, or n + 1 in equal steps. */
static TeTensor *
edges_of (const TeTensor *values, const TeValue *bins, const TeValue *range, TeDtype dtype, TeError *err)
{
  TE_OP (linspace, "linspace")
  double low, high;
  if (bins->kind == TE_VALUE_TENSOR)
    return te_input_as (bins->tensor, dtype, err);
  if (bins->i <= 0)
    {
      te_error_set (err, TE_ERR_RUNTIME,
                    "torch.histogram(): bins must be > 0, but got %lld for dimension 0",
                    (long long) bins->i);
      return NULL;
    }
  if (!outer_edges (values, range, &low, &high, err))
    return NULL;
  return te_call (linspace, err, "SSid", te_scalar_float (low), te_scalar_float (high),
                  bins->i < INT64_MAX ? bins->i + 1 : bins->i,
                  (int) dtype);
}

static bool
kernel_histogram (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0), *weight_arg = NULL;
  TeDtype dtype = te_tensor_dtype (self);
  bool by_edges = call->args[1].kind == TE_VALUE_TENSOR;
  const TeValue none = { .kind = TE_VALUE_NONE }, *range = by_edges ? &none : &call->args[2];
  const TeValue *weight_value = &call->args[by_edges ? 2 : 3];
  bool density = call->args[by_edges ? 3 : 4].b;
  weight_arg = weight_value->kind == TE_VALUE_TENSOR ? weight_value->tensor : NULL;
  if (dtype != TE_FLOAT32 && dtype != TE_FLOAT64)
    return te_error_set (err, TE_ERR_RUNTIME, "\"histogramdd\" not implemented for '%s'",
                         te_dtype_error_name (dtype));
  if (weight_arg && weight_arg->numel != self->numel)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "torch.histogramdd(): if weight tensor is provided it should have the same shape as the input "
        "tensor excluding its innermost dimension");
  TeTensor *values = te_input_as (self, TE_FLOAT64, err), *edges = NULL, *wide = NULL, *weight = NULL,
           *hist = NULL, *result = NULL;
  bool ok = values && (edges = edges_of (values, &call->args[1], range, dtype, err))
            && (wide = te_input_as (edges, TE_FLOAT64, err))
            && (!weight_arg || (weight = te_input_as (weight_arg, TE_FLOAT64, err)));
  int64_t n_bins = ok ? edges->numel - 1 : 0;
  if (ok && n_bins < 1)
    ok = te_error_set (err, TE_ERR_RUNTIME,
                       "torch.histogramdd(): each bins tensor should have at least 2 edges");
  ok = ok && (hist = te_tensor_new (1, &n_bins, TE_FLOAT64, err));
  if (ok)
    count (values, weight ? te_tensor_data (weight) : NULL, te_tensor_data (wide), n_bins, density,
           te_tensor_data (hist));
  ok = ok && (result = te_input_as (hist, dtype, err)) && te_result_give (call, 0, result, err);
  if (ok)
    ok = te_result_give (call, 1, te_tensor_ref (edges), err);
  te_tensor_unref (values);
  te_tensor_unref (edges);
  te_tensor_unref (wide);
  te_tensor_unref (weight);
  te_tensor_unref (hist);
  return ok;
}

/* ---- frexp ---- */
/* Gives values, which are contiguous, in the order of self's dimensions in memory. */
static bool
give_like (TeOpCall *call, int i, TeTensor *self, TeTensor *values, TeDtype dtype, TeError *err)
{
  int64_t strides[TE_MAX_NDIM];
  TeTensor *result = te_tensor_new_strided (
      self->ndim, self->sizes, te_like_strides (self, NULL, strides, err) ? strides : values->strides, dtype,
      err);
  if (result && !te_raw_copy (result, values, err))
    te_tensor_clear (&result);
  return te_result_give (call, i, result, err);
}

static bool
kernel_frexp (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  TeDtype dtype = te_tensor_dtype (self);
  if (!te_dtype_is_floating (dtype))
    return te_error_set (err, TE_ERR_RUNTIME, "torch.frexp() only supports floating-point dtypes");
  TeTensor *values = te_input_as (self, TE_FLOAT64, err), *mantissa = NULL, *exponent = NULL;
  bool ok = values && (mantissa = te_tensor_new (self->ndim, self->sizes, TE_FLOAT64, err))
            && (exponent = te_tensor_new (self->ndim, self->sizes, TE_INT32, err));
  for (int64_t i = 0; ok && i < values->numel; i++)
    {
      int power = 0;
      ((double *) te_tensor_data (mantissa))[i] =
          frexp (((const double *) te_tensor_data (values))[i], &power);
      ((int32_t *) te_tensor_data (exponent))[i] = power;
    }
  ok = ok && give_like (call, 0, self, mantissa, dtype, err)
       && give_like (call, 1, self, exponent, TE_INT32, err);
  te_tensor_unref (values);
  te_tensor_unref (mantissa);
  te_tensor_unref (exponent);
  return ok;
}

static bool
backward_frexp (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  if (!ctx->grads[0])
    return true;
  TeTensor *scale = EX (&e, "pow.Scalar", "ST", te_scalar_float (2), ctx->outs[1]);
  return te_expr_end (&e, ex_div (&e, ctx->grads[0], scale), &ctx->results[0]);
}

#define FLAGS (TE_OP_METHOD | TE_OP_FUNCTION | TE_OP_OUT)

static const TeOpDef rows[] = {
  { "histogram.bins_tensor(Tensor self, Tensor bins, *, Tensor? weight=None, bool density=False) -> (Tensor "
    "hist, "
    "Tensor bin_edges)",
    FLAGS | TE_OP_NONDIFF, kernel_histogram, .doc = "What falls between the given edges." },
  { "histogram.bin_ct(Tensor self, int bins=100, *, float[]? range=None, Tensor? weight=None, bool "
    "density=False) -> "
    "(Tensor hist, Tensor bin_edges)",
    FLAGS | TE_OP_NONDIFF, kernel_histogram, .doc = "What falls into that many bins of equal width." },
  { "frexp(Tensor self) -> (Tensor mantissa, Tensor exponent)", FLAGS, kernel_frexp, backward_frexp,
    "FrexpBackward", TE_SAVE_OUT (1),
    .doc = "self as mantissa times 2 to the exponent, the mantissa in [0.5, 1)." },
};
TE_OP_FAMILY (te_family_histogram, rows);
