#include "ops/complex/refusals.h"

#include <string.h>

/* Families without complex numbers: their ops complain by their own name unless `words` has better. */
static const char *const real_families[] = {
  "adaptive_pool", "avg_pool", "batch_norm", "ctc_loss", "extremes", "layer_norm", "max_pool", "multinomial",
  "nll_loss",      "rnn",      "search",     "softmax",  "sort",     "special",    "unique",   "upsample",
};

static const struct
{
  const char *op, *words;
} words[] = {
  { "_log_softmax", "log_softmax_lastdim_kernel_impl" },
  { "_softmax", "softmax_lastdim_kernel_impl" },
  { "_unique2", "unique" },
  { "amax", "max_values_cpu" },
  { "amin", "min_values_cpu" },
  { "aminmax", "aminmax_cpu" },
  { "argmax", "argmax_cpu" },
  { "argmin", "argmin_cpu" },
  { "bernoulli", "bernoulli_tensor_cpu_self_" },
  { "bernoulli_", "bernoulli_scalar_cpu_" },
  { "binary_cross_entropy", "binary_cross_entropy" },
  { "binary_cross_entropy_with_logits", "clamp is not supported for complex types" },
  { "bincount", "bincount_cpu" },
  { "bucketize", "searchsorted_out_cpu" },
  { "cauchy_", "cauchy_cpu" },
  { "cdist", "cdist only supports floating-point dtypes, X1 got: %s" },
  { "ceil", "ceil is not supported for complex inputs" },
  { "clamp", "clamp is not supported for complex types" },
  { "clamp_max", "clamp is not supported for complex types" },
  { "clamp_min", "clamp is not supported for complex types" },
  { "cosine_similarity", "expected common dtype to be floating point, yet common dtype is %s" },
  { "cummax", "cummax_cpu" },
  { "cummin", "cummin_cpu" },
  { "cross_entropy_loss", "log_softmax_lastdim_kernel_impl" },
  { "deg2rad", "deg2rad is not supported for complex tensors." },
  { "exponential_", "exponential_cpu" },
  { "exp2", "exp2" },
  { "floor", "floor is not supported for complex inputs" },
  { "fmax", "fmax not implemented for complex tensors." },
  { "fmin", "fmin not implemented for complex tensors." },
  { "geometric_", "geometric_cpu" },
  { "hardtanh", "clamp is not supported for complex types" },
  { "heaviside", "heaviside is not yet implemented for complex tensors." },
  { "histc", "aminmax_cpu" },
  { "huber_loss", "huber_cpu" },
  { "isin", "Unsupported input type encountered for isin(): %s" },
  { "isneginf", "isneginf does not support complex inputs." },
  { "isposinf", "isposinf does not support complex inputs." },
  { "kl_div", "kl_div: Complex inputs not supported." },
  { "kthvalue", "kthvalue_cpu" },
  { "layer_norm", "LayerNormKernelImpl" },
  { "log_normal_", "log_normal_cpu" },
  { "log_softmax", "log_softmax_lastdim_kernel_impl" },
  { "logsumexp", "logsumexp(): Expected floating point type for result tensor, but got: %s" },
  { "max", "max_all" },
  { "max.dim", "max(): does not support complex input" },
  { "maximum", "maximum not implemented for complex tensors." },
  { "median", "median_cpu" },
  { "median.dim", "median_out" },
  { "min", "min_all" },
  { "min.dim", "min(): does not support complex input" },
  { "minimum", "minimum not implemented for complex tensors." },
  { "mode", "mode_cpu" },
  { "mse_loss", "mse_cpu" },
  { "multinomial", "multinomial only supports floating-point dtypes for input, got: %s" },
  { "nanmean", "nanmean(): expected input to have floating point dtype but got %s" },
  { "nanmedian", "median_cpu" },
  { "nanmedian.dim", "median_out" },
  { "nansum", "nansum does not support complex inputs" },
  { "native_batch_norm", "batch_norm" },
  { "native_group_norm", "GroupNormKernelImpl" },
  { "native_layer_norm", "LayerNormKernelImpl" },
  { "nll_loss_forward", "nll_loss_out_frame" },
  { "quantile", "quantile() input tensor must be either float or double dtype" },
  { "rad2deg", "rad2deg is not supported for complex tensors." },
  { "randint_like", "check_random_bounds handles only integral, floating-point and boolean types" },
  { "random_", "random_kernel_cpu" },
  { "relu", "clamp is not supported for complex types" },
  { "searchsorted", "searchsorted_out_cpu" },
  { "signbit", "signbit is not implemented for complex tensors." },
  { "smooth_l1_loss", "smooth_l1_cpu" },
  { "soft_margin_loss", "clamp is not supported for complex types" },
  { "softmax", "softmax_lastdim_kernel_impl" },
  { "sort", "sorting_kernel_method_name" },
  { "topk", "topk_cpu" },
  { "trunc", "trunc is not supported for complex inputs" },
  { "unique_consecutive", "unique" },
  { "upsample_bilinear2d", "compute_indices_weights_linear" },
  { "upsample_nearest1d", "compute_indices_weights_nearest" },
  { "upsample_nearest2d", "compute_indices_weights_nearest" },
  { "upsample_nearest3d", "compute_indices_weights_nearest" },
};

const char *
te_complex_refusal (const char *op, const char *family)
{
  const char *dot = strchr (op, '.');
  size_t length = dot ? (size_t) (dot - op) : strlen (op);
  const char *found = NULL;
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    {
      if (strcmp (words[i].op, op) == 0)
        return words[i].words; /* with its overload */
      if (strncmp (words[i].op, op, length) == 0 && !words[i].op[length])
        found = words[i].words;
    }
  for (size_t i = 0; !found && i < sizeof real_families / sizeof real_families[0]; i++)
    if (strcmp (family + sizeof "te_family_" - 1, real_families[i]) == 0)
      found = "";
  return found;
}

static const TeTensor *
find_complex (const TeOpCall *call)
{
  for (int i = 0; i < call->op->n_args; i++)
    {
      const TeValue *value = &call->args[i];
      if (value->kind == TE_VALUE_TENSOR && te_dtype_is_complex (te_tensor_dtype (value->tensor)))
        return value->tensor;
      for (int k = 0; value->kind == TE_VALUE_TENSOR_LIST && k < value->count; k++)
        if (value->tensors[k] && te_dtype_is_complex (te_tensor_dtype (value->tensors[k])))
          return value->tensors[k];
    }
  return NULL;
}

bool
te_refusal_say (const char *says, const TeOp *op, TeDtype dtype, TeError *err)
{
  const char *name = te_dtype_error_name (dtype), *place = strstr (says, "%s");
  if (place)
    return te_error_set (err, TE_ERR_RUNTIME, "%.*s%s%s", (int) (place - says), says, name, place + 2);
  if (strchr (says, ' '))
    return te_error_set (err, TE_ERR_RUNTIME, "%s", says);
  return te_error_set (err, TE_ERR_RUNTIME, "\"%s\" not implemented for '%s'", *says ? says : op->name, name);
}

bool
te_complex_check (const TeOpCall *call, TeError *err)
{
  const TeTensor *tensor = find_complex (call);
  return !tensor || te_refusal_say (call->op->refuses_complex, call->op, te_tensor_dtype (tensor), err);
}
