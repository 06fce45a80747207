#include "ops/complex/refusals.h"

#include <string.h>

#include "ops/op-name.h"

/* Families without complex numbers: their ops complain by their own name unless `words` has better. */
static const char *const real_families[] = {
  "adaptive_pool", "avg_pool", "batch_norm", "ctc_loss", "extremes", "layer_norm", "max_pool", "multinomial",
  "nll_loss",      "rnn",      "search",     "softmax",  "sort",     "special",    "unique",   "upsample",
};

static const struct
{
  const char *op, *words;
} words[] = {
  { "_adaptive_avg_pool3d", "adaptive_avg_pool3d_cpu" },
  { "_log_softmax", "log_softmax_lastdim_kernel_impl" },
  { "_softmax", "softmax_lastdim_kernel_impl" },
  { "_unique2", "unique" },
  { "_upsample_bicubic2d_aa", "compute_indices_weights_aa" },
  { "_upsample_bilinear2d_aa", "compute_indices_weights_aa" },
  { "_upsample_nearest_exact1d", "compute_indices_weights_nearest" },
  { "_upsample_nearest_exact2d", "compute_indices_weights_nearest" },
  { "_upsample_nearest_exact3d", "compute_indices_weights_nearest" },
  { "adaptive_avg_pool1d", "adaptive_avg_pool2d" },
  { "adaptive_avg_pool3d", "adaptive_avg_pool3d_cpu" },
  { "adaptive_max_pool1d", "adaptive_max_pool2d" },
  { "adaptive_max_pool3d", "adaptive_max_pool3d_cpu" },
  { "amax", "max_values_cpu" },
  { "amin", "min_values_cpu" },
  { "aminmax", "aminmax_cpu" },
  { "argmax", "argmax_cpu" },
  { "argmin", "argmin_cpu" },
  { "argsort", "sorting_kernel_method_name" },
  { "avg_pool1d", "avg_pool2d" },
  { "avg_pool3d", "avg_pool3d_out_frame" },
  { "bernoulli", "bernoulli_tensor_cpu_self_" },
  { "bernoulli.p", "bernoulli_scalar_cpu_" },
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
  { "clamp_max.Tensor", "minimum_cpu" },
  { "clamp_min", "clamp is not supported for complex types" },
  { "clamp_min.Tensor", "maximum_cpu" },
  { "clip.Tensor", "clamp is not supported for complex types" },
  { "cosine_similarity", "expected common dtype to be floating point, yet common dtype is %s" },
  { "cross_entropy_loss", "log_softmax_lastdim_kernel_impl" },
  { "cummax", "cummax_cpu" },
  { "cummin", "cummin_cpu" },
  { "deg2rad", "deg2rad is not supported for complex tensors." },
  { "exp2", "exp2" },
  { "exponential_", "exponential_cpu" },
  { "fix", "trunc is not supported for complex inputs" },
  { "floor", "floor is not supported for complex inputs" },
  { "fmax", "fmax not implemented for complex tensors." },
  { "fmin", "fmin not implemented for complex tensors." },
  { "geometric_", "geometric_cpu" },
  { "grid_sampler", "grid_sampler_2d_cpu not implemented for %s" },
  { "grid_sampler_2d", "grid_sampler_2d_cpu not implemented for %s" },
  { "group_norm", "GroupNormKernelImpl" },
  { "hardtanh", "clamp is not supported for complex types" },
  { "heaviside", "heaviside is not yet implemented for complex tensors." },
  { "huber_loss", "huber_cpu" },
  { "histc", "aminmax_cpu" },
  { "i0", "i0_vml_cpu" },
  { "igamma", "igamma_cpu" },
  { "igammac", "igammac_cpu" },
  { "instance_norm", "batch_norm" },
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
  { "max.other", "maximum not implemented for complex tensors." },
  { "max_pool1d", "max_pool1d_impl" },
  { "max_pool1d_with_indices", "max_pool2d" },
  { "max_pool2d_with_indices", "max_pool2d" },
  { "max_pool3d", "max_pool3d_with_indices_cpu" },
  { "max_pool3d_with_indices", "max_pool3d_with_indices_cpu" },
  { "maximum", "maximum not implemented for complex tensors." },
  { "median", "median_cpu" },
  { "median.dim", "median_out" },
  { "min", "min_all" },
  { "min.dim", "min(): does not support complex input" },
  { "min.other", "minimum not implemented for complex tensors." },
  { "minimum", "minimum not implemented for complex tensors." },
  { "mode", "mode_cpu" },
  { "mse_loss", "mse_cpu" },
  { "msort", "sorting_kernel_method_name" },
  { "multi_margin_loss", "multi_margin_loss_cpu_kernel" },
  { "multinomial", "multinomial only supports floating-point dtypes for input, got: %s" },
  { "mvlgamma", "arange_cpu" },
  { "nanmean", "nanmean(): expected input to have floating point dtype but got %s" },
  { "nanmedian", "median_cpu" },
  { "nanmedian.dim", "median_out" },
  { "nansum", "nansum does not support complex inputs" },
  { "native_batch_norm", "batch_norm" },
  { "native_group_norm", "GroupNormKernelImpl" },
  { "native_layer_norm", "LayerNormKernelImpl" },
  { "nll_loss", "nll_loss_out_frame" },
  { "nll_loss2d", "nll_loss2d_forward_out_frame" },
  { "nll_loss_forward", "nll_loss_out_frame" },
  { "nll_loss_nd", "nll_loss_out_frame" },
  { "quantile", "quantile() input tensor must be either float or double dtype" },
  { "rad2deg", "rad2deg is not supported for complex tensors." },
  { "randint_like", "check_random_bounds handles only integral, floating-point and boolean types" },
  { "random_", "random_kernel_cpu" },
  { "random_.to", "check_random_bounds handles only integral, floating-point and boolean types" },
  { "relu", "clamp is not supported for complex types" },
  { "relu6", "clamp is not supported for complex types" },
  { "searchsorted", "searchsorted_out_cpu" },
  { "signbit", "signbit is not implemented for complex tensors." },
  { "smooth_l1_loss", "smooth_l1_cpu" },
  { "soft_margin_loss", "clamp is not supported for complex types" },
  { "softmax", "softmax_lastdim_kernel_impl" },
  { "sort", "sorting_kernel_method_name" },
  { "special_airy_ai", "airy_ai_cpu" },
  { "special_i0", "i0_vml_cpu" },
  { "special_ndtr", "erf_vml_cpu" },
  { "topk", "topk_cpu" },
  { "trunc", "trunc is not supported for complex inputs" },
  { "unique_consecutive", "unique" },
  { "upsample_bicubic2d", "compute_indices_weights_cubic" },
  { "upsample_bilinear2d", "compute_indices_weights_linear" },
  { "upsample_linear1d", "compute_indices_weights_linear" },
  { "upsample_nearest1d", "compute_indices_weights_nearest" },
  { "upsample_nearest2d", "compute_indices_weights_nearest" },
  { "upsample_nearest3d", "compute_indices_weights_nearest" },
  { "upsample_trilinear3d", "compute_indices_weights_linear" },
};

const char *
te_complex_refusal (const char *op, const char *family)
{
  size_t length = te_op_name_length (op);
  const char *found = NULL;
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    {
      TeOpNameMatch match = te_op_name_match (words[i].op, op, length);
      if (match == TE_OP_NAME_EXACT)
        return words[i].words;
      if (match == TE_OP_NAME_FAMILY)
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
  if (!*says && strncmp (op->name, "special_", 8) == 0)
    return te_error_set (err, TE_ERR_RUNTIME, "\"%s_cpu\" not implemented for '%s'", op->name + 8, name);
  return te_error_set (err, TE_ERR_RUNTIME, "\"%s\" not implemented for '%s'", *says ? says : op->name, name);
}

bool
te_complex_check (const TeOpCall *call, TeError *err)
{
  const TeTensor *tensor = find_complex (call);
  return !tensor || te_refusal_say (call->op->refuses_complex, call->op, te_tensor_dtype (tensor), err);
}
