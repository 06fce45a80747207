#include "ops/half-refusals.h"

#include <string.h>

static const struct
{
  const char *op, *kernel;
} refusals[] = {
  { "addcdiv", "addcdiv_cpu_out" },
  { "addcmul", "addcmul_cpu_out" },
  { "aminmax", "aminmax_cpu" },
  { "arctan2", "atan2_cpu" },
  { "atan2", "atan2_cpu" },
  { "celu", "elu_cpu" },
  { "clamp", "clamp_scalar_cpu" },
  { "clamp_max", "clamp_max_scalar_cpu" },
  { "clamp_min", "clamp_min_cpu" },
  { "clip", "clamp_scalar_cpu" },
  { "cross", "cross" },
  { "cummax", "cummax_cpu" },
  { "cummin", "cummin_cpu" },
  { "cumprod", "cumprod_out_cpu" },
  { "cumsum", "cumsum_out_cpu" },
  { "elu", "elu_cpu" },
  { "gelu", "GeluKernelImpl" },
  { "glu", "glu_cpu" },
  { "hardshrink", "hardshrink_cpu" },
  { "hardsigmoid", "hardsigmoid_cpu" },
  { "hardswish", "hardswish_cpu" },
  { "hardtanh", "clamp_scalar_cpu" },
  { "histc", "aminmax_cpu" },
  { "hypot", "hypot_cpu" },
  { "leaky_relu", "leaky_relu_cpu" },
  { "lerp", "lerp_kernel_scalar" },
  { "log_sigmoid", "log_sigmoid_cpu" },
  { "logaddexp", "logaddexp_cpu" },
  { "logaddexp2", "logaddexp2_cpu" },
  { "logcumsumexp", "logcumsumexp_out_cpu" },
  { "logsumexp", "exp_vml_cpu" },
  { "mish", "mish_cpu" },
  { "nextafter", "nextafter_cpu" },
  { "prelu", "prelu_cpu" },
  { "prod", "prod_cpu" },
  { "relu6", "clamp_scalar_cpu" },
  { "selu", "elu_cpu" },
  { "silu", "silu_cpu" },
  { "softplus", "softplus_cpu" },
  { "softshrink", "softshrink_cpu" },
  { "special_logsumexp", "exp_vml_cpu" },
  { "threshold", "threshold_cpu" },
};

const char *
te_half_refusal (const char *op)
{
  for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
    if (strcmp (refusals[i].op, op) == 0)
      return refusals[i].kernel;
  return NULL;
}

bool
te_half_check (const TeOpCall *call, TeError *err)
{
  for (int i = 0; i < call->op->n_args; i++)
    if (call->args[i].kind == TE_VALUE_TENSOR && call->args[i].tensor->dtype == TE_FLOAT16)
      return te_error_set (err, TE_ERR_RUNTIME, "\"%s\" not implemented for 'Half'", call->op->refuses_half);
  return true;
}
