#include "ops/low-precision.h"

#include <string.h>

#include "ops/complex/refusals.h"

#define HALF     (1u << TE_FLOAT16)
#define BFLOAT16 (1u << TE_BFLOAT16)
#define BOTH     (HALF | BFLOAT16)

static const struct
{
  const char *op;
  TeLowPrecision refusal;
} refusals[] = {
  { "_adaptive_avg_pool3d", { BFLOAT16, "adaptive_avg_pool3d_cpu" } },
  { "_upsample_bicubic2d_aa", { BOTH, "compute_indices_weights_aa" } },
  { "_upsample_bilinear2d_aa", { BOTH, "compute_indices_weights_aa" } },
  { "_upsample_nearest_exact1d", { BOTH, "compute_indices_weights_nearest" } },
  { "_upsample_nearest_exact2d", { BOTH, "compute_indices_weights_nearest" } },
  { "_upsample_nearest_exact3d", { BOTH, "compute_indices_weights_nearest" } },
  { "adaptive_avg_pool3d", { BFLOAT16, "adaptive_avg_pool3d_cpu" } },
  { "adaptive_max_pool3d", { BOTH, "adaptive_max_pool3d_cpu" } },
  { "addbmm", { HALF, "addmm_impl_cpu_" } },
  { "addcdiv", { HALF, "addcdiv_cpu_out" } },
  { "addcmul", { HALF, "addcmul_cpu_out" } },
  { "aminmax", { HALF, "aminmax_cpu" } },
  { "arctan2", { HALF, "atan2_cpu" } },
  { "atan2", { HALF, "atan2_cpu" } },
  { "avg_pool3d", { BOTH, "avg_pool3d_out_frame" } },
  { "binary_cross_entropy_with_logits", { HALF, "clamp_min_cpu" } },
  { "cdist", { BOTH, "cdist" } },
  { "celu", { HALF, "elu_cpu" } },
  { "cholesky", { BOTH, "cholesky_cpu" } },
  { "cholesky_inverse", { BOTH, "cholesky_inverse_out_cpu" } },
  { "cholesky_solve", { BOTH, "cholesky_solve_cpu" } },
  { "clamp", { HALF, "clamp_scalar_cpu", "clamp_max_scalar_cpu", "clamp_min_cpu" } },
  { "clamp.Tensor", { HALF, "clamp_cpu" } },
  { "clamp_max", { HALF, "clamp_max_scalar_cpu" } },
  { "clamp_max.Tensor", { 0, "" } }, /* a minimum of two tensors: that has loops */
  { "clamp_min", { HALF, "clamp_min_cpu" } },
  { "clamp_min.Tensor", { 0, "" } },
  { "clip", { HALF, "clamp_scalar_cpu", "clamp_max_scalar_cpu", "clamp_min_cpu" } },
  { "clip.Tensor", { HALF, "clamp_cpu" } },
  { "conv3d", { HALF, "compute_columns3d" } },
  { "conv_tbc", { HALF, "addmm_impl_cpu_" } },
  { "conv_transpose1d", { HALF, "slow_conv_transpose2d_out_cpu" } },
  { "conv_transpose2d", { HALF, "slow_conv_transpose2d_out_cpu" } },
  { "conv_transpose3d", { HALF, "slow_conv_transpose3d_out_cpu" } },
  { "cosine_similarity", { HALF, "clamp_min_cpu" } },
  { "cross", { HALF, "cross" } },
  { "cummax", { HALF, "cummax_cpu" } },
  { "cummin", { HALF, "cummin_cpu" } },
  { "cumprod", { HALF, "cumprod_out_cpu" } },
  { "cumsum", { HALF, "cumsum_out_cpu" } },
  { "det", { BOTH, "lu_cpu" } },
  { "diag", { HALF, "diag" } },
  { "diagflat", { HALF, "diag" } },
  { "elu", { HALF, "elu_cpu" } },
  { "gelu", { HALF, "GeluKernelImpl" } },
  { "geqrf", { BOTH, "geqrf_cpu" } },
  { "glu", { HALF, "glu_cpu" } },
  { "grid_sampler_2d", { BOTH, "grid_sampler_2d_cpu not implemented for %s" } },
  { "hardshrink", { HALF, "hardshrink_cpu" } },
  { "hardsigmoid", { HALF, "hardsigmoid_cpu" } },
  { "hardswish", { HALF, "hardswish_cpu" } },
  { "hardtanh", { HALF, "clamp_scalar_cpu" } },
  { "hinge_embedding_loss", { HALF, "clamp_min_cpu" } },
  { "histc", { HALF, "aminmax_cpu" } },
  { "hypot", { HALF, "hypot_cpu" } },
  { "leaky_relu", { HALF, "leaky_relu_cpu" } },
  { "lerp.Scalar", { HALF, "lerp_kernel_scalar" } },
  { "lerp.Tensor", { HALF, "lerp_kernel_tensor" } },
  { "linalg_cholesky", { BOTH, "cholesky_cpu" } },
  { "linalg_cholesky_ex", { BOTH, "cholesky_cpu" } },
  { "linalg_cond", { BOTH, "linalg_svd_cpu" } },
  { "linalg_cross", { HALF, "cross" } },
  { "linalg_det", { BOTH, "lu_cpu" } },
  { "linalg_eig", { BOTH, "linalg_eig_out_cpu" } },
  { "linalg_eigh", { BOTH, "linalg_eigh_cpu" } },
  { "linalg_eigvals", { BOTH, "linalg_eig_out_cpu" } },
  { "linalg_eigvalsh", { BOTH, "linalg_eigh_cpu" } },
  { "linalg_householder_product", { BOTH, "orgqr_cpu" } },
  { "linalg_ldl_factor", { BOTH, "ldl_factor_kernel_cpu" } },
  { "linalg_ldl_factor_ex", { BOTH, "ldl_factor_kernel_cpu" } },
  { "linalg_lstsq", { BOTH, "This function doesn't handle types other than float and double" } },
  { "linalg_lu", { BOTH, "lu_cpu" } },
  { "linalg_lu_factor", { BOTH, "lu_cpu" } },
  { "linalg_lu_factor_ex", { BOTH, "lu_cpu" } },
  { "linalg_matrix_exp", { HALF, "log2_vml_cpu" } },
  { "linalg_matrix_rank", { BOTH, "This function doesn't handle types other than float and double" } },
  { "linalg_qr", { BOTH, "geqrf_cpu" } },
  { "linalg_solve", { BOTH, "lu_cpu" } },
  { "linalg_solve_ex", { BOTH, "lu_cpu" } },
  { "linalg_solve_triangular", { BOTH, "triangular_solve_cpu" } },
  { "linalg_svd", { BOTH, "linalg_svd_cpu" } },
  { "linalg_svdvals", { BOTH, "linalg_svd_cpu" } },
  { "log_sigmoid", { HALF, "log_sigmoid_cpu" } },
  { "log_sigmoid_forward", { HALF, "log_sigmoid_cpu" } },
  { "logaddexp", { HALF, "logaddexp_cpu" } },
  { "logaddexp2", { HALF, "logaddexp2_cpu" } },
  { "logcumsumexp", { HALF, "logcumsumexp_out_cpu" } },
  { "logdet", { BOTH, "logdet: Low precision dtypes not supported. Got %s" } },
  { "logsumexp", { HALF, "exp_vml_cpu" } },
  { "matrix_exp", { HALF, "log2_vml_cpu" } },
  { "max_pool1d", { HALF, "max_pool1d_impl" } },
  { "max_pool3d", { BOTH, "max_pool3d_with_indices_cpu" } },
  { "max_pool3d_with_indices", { BOTH, "max_pool3d_with_indices_cpu" } },
  { "mish", { BOTH, "mish_cpu" } },
  { "multi_margin_loss", { BOTH, "multi_margin_loss_cpu_kernel" } },
  { "multinomial", { HALF, "multinomial is not implemented for half on CPU" } },
  { "nextafter", { HALF, "nextafter_cpu" } },
  { "orgqr", { BOTH, "orgqr_cpu" } },
  { "pdist", { BOTH, "pdist" } },
  { "prelu", { HALF, "prelu_cpu" } },
  { "prod", { BOTH, "prod_cpu" } },
  { "qr", { BOTH, "geqrf_cpu" } },
  { "relu6", { HALF, "clamp_scalar_cpu" } },
  { "replication_pad1d", { BOTH, "replication_pad1d_cpu" } },
  { "replication_pad2d", { BOTH, "replication_pad2d_cpu" } },
  { "replication_pad3d", { BOTH, "replication_pad3d_cpu" } },
  { "selu", { HALF, "elu_cpu" } },
  { "silu", { HALF, "silu_cpu" } },
  { "soft_margin_loss", { HALF, "exp_vml_cpu" } },
  { "softplus", { HALF, "softplus_cpu" } },
  { "softshrink", { HALF, "softshrink_cpu" } },
  { "special_logsumexp", { HALF, "exp_vml_cpu" } },
  { "svd", { BOTH, "linalg_svd_cpu" } },
  { "symeig", { BOTH, "symeig_cpu" } },
  { "threshold", { HALF, "threshold_cpu" } },
  { "trace", { BOTH, "trace" } },
  { "triangular_solve", { BOTH, "triangular_solve_cpu" } },
  { "triplet_margin_loss", { HALF, "clamp_min_cpu" } },
  { "upsample_bicubic2d", { HALF, "compute_indices_weights_cubic" } },
  { "upsample_bilinear2d", { HALF, "compute_indices_weights_linear" } },
  { "upsample_linear1d", { HALF, "compute_indices_weights_linear" } },
  { "upsample_nearest1d", { HALF, "compute_indices_weights_nearest" } },
  { "upsample_nearest2d", { HALF, "compute_indices_weights_nearest" } },
  { "upsample_nearest3d", { HALF, "compute_indices_weights_nearest" } },
  { "upsample_trilinear3d", { HALF, "compute_indices_weights_linear" } },
  { "vdot", { HALF, "dot" } },
};

const TeLowPrecision *
te_low_precision_find (const char *op)
{
  const char *dot = strchr (op, '.');
  size_t length = dot ? (size_t) (dot - op) : strlen (op);
  const TeLowPrecision *found = NULL;
  for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
    {
      if (strcmp (refusals[i].op, op) == 0)
        return &refusals[i].refusal; /* with its overload */
      if (strncmp (refusals[i].op, op, length) == 0 && !refusals[i].op[length])
        found = &refusals[i].refusal;
    }
  return found;
}

/* The dtype that is asked for, or that of the tensors: a wider one among them decides. */
static TeDtype
computes_in (const TeOpCall *call)
{
  TeDtype dtype = TE_DTYPE_NONE;
  for (int i = 0; i < call->op->n_args; i++)
    {
      const TeValue *value = &call->args[i];
      if (value->kind == TE_VALUE_DTYPE)
        return value->dtype;
      if (value->kind != TE_VALUE_TENSOR)
        continue;
      TeDtype own = te_tensor_dtype (value->tensor);
      if (dtype == TE_DTYPE_NONE || (value->tensor->ndim > 0 && own != dtype && te_dtype_is_floating (own)))
        dtype = own;
    }
  return dtype;
}

bool
te_low_precision_check (const TeOpCall *call, TeError *err)
{
  const TeLowPrecision *refusal = call->op->low_precision;
  TeDtype dtype = computes_in (call);
  if (dtype == TE_DTYPE_NONE || !(refusal->dtypes & (1u << dtype)))
    return true;
  const char *says = refusal->says;
  if (refusal->without_second && call->args[1].kind == TE_VALUE_NONE)
    says = refusal->without_second;
  else if (refusal->without_third && call->args[2].kind == TE_VALUE_NONE)
    says = refusal->without_third;
  return te_refusal_say (says, call->op, dtype, err);
}
