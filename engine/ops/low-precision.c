#include "ops/low-precision.h"

#include <string.h>

#include "ops/complex/refusals.h"
#include "ops/op-name.h"

#define HALF     (1u << TE_FLOAT16)
#define BFLOAT16 (1u << TE_BFLOAT16)
#define BOTH     (HALF | BFLOAT16)
#define BOOL     (1u << TE_BOOL)
#define AFTER_SIZES (1u << 31) /* sizes that do not meet are said before the dtype */
#define INTEGERS (BOOL | 1u << TE_UINT8 | 1u << TE_INT8 | 1u << TE_INT16 | 1u << TE_INT32 | 1u << TE_INT64)

/* Rows of one op stand together. */
typedef struct
{
  TeLowPrecision refusal;
  const char *op;
} Refusal;

static const Refusal refusals[] = {
  { { BFLOAT16 | INTEGERS, "adaptive_avg_pool3d_cpu" }, "_adaptive_avg_pool3d" },
  { { BOTH | INTEGERS, "compute_indices_weights_aa" }, "_upsample_bicubic2d_aa" },
  { { BOTH | INTEGERS, "compute_indices_weights_aa" }, "_upsample_bilinear2d_aa" },
  { { BOTH | (INTEGERS & ~(1u << TE_UINT8)), "compute_indices_weights_nearest" },
    "_upsample_nearest_exact1d" },
  { { BOTH | (INTEGERS & ~(1u << TE_UINT8)), "compute_indices_weights_nearest" },
    "_upsample_nearest_exact2d" },
  { { BOTH | (INTEGERS & ~(1u << TE_UINT8)), "compute_indices_weights_nearest" },
    "_upsample_nearest_exact3d" },
  { { INTEGERS, "weight_norm_kernel" }, "_weight_norm" },
  { { BFLOAT16 | INTEGERS, "adaptive_avg_pool3d_cpu" }, "adaptive_avg_pool3d" },
  { { BOTH | INTEGERS, "adaptive_max_pool3d_cpu" }, "adaptive_max_pool3d" },
  { { HALF | BOOL, "addmm_impl_cpu_" }, "addbmm" },
  { { HALF | AFTER_SIZES, "addcdiv_cpu_out" }, "addcdiv" },
  { { HALF | AFTER_SIZES, "addcmul_cpu_out" }, "addcmul" },
  { { HALF, "aminmax_cpu" }, "aminmax" },
  { { HALF | AFTER_SIZES, "atan2_cpu" }, "arctan2" },
  { { HALF | AFTER_SIZES, "atan2_cpu" }, "atan2" },
  { { BOTH | (INTEGERS & ~(1u << TE_INT64)), "avg_pool3d_out_frame" }, "avg_pool3d" },
  { { HALF, "clamp_min_cpu" }, "binary_cross_entropy_with_logits" },
  { { BOTH, "cdist" }, "cdist" },
  { { HALF, "elu_cpu" }, "celu" },
  { { BOTH | INTEGERS, "cholesky_cpu" }, "cholesky" },
  { { BOTH | INTEGERS, "cholesky_inverse_out_cpu" }, "cholesky_inverse" },
  { { BOTH | INTEGERS, "cholesky_solve_cpu" }, "cholesky_solve" },
  { { HALF, "clamp_scalar_cpu", "clamp_max_scalar_cpu", "clamp_min_cpu" }, "clamp" },
  { { HALF | AFTER_SIZES, "clamp_cpu" }, "clamp.Tensor" },
  { { HALF, "clamp_max_scalar_cpu" }, "clamp_max" },
  { { 0, "" }, "clamp_max.Tensor" }, /* a minimum of two tensors: that has loops */
  { { HALF, "clamp_min_cpu" }, "clamp_min" },
  { { 0, "" }, "clamp_min.Tensor" },
  { { HALF, "clamp_scalar_cpu", "clamp_max_scalar_cpu", "clamp_min_cpu" }, "clip" },
  { { HALF | AFTER_SIZES, "clamp_cpu" }, "clip.Tensor" },
  { { BOOL, "slow_conv2d_cpu" }, "conv1d" },
  { { BOOL, "slow_conv2d_cpu" }, "conv2d" },
  { { HALF | BOOL, "compute_columns3d" }, "conv3d" },
  { { HALF | BOOL, "addmm_impl_cpu_" }, "conv_tbc" },
  { { HALF | (INTEGERS & ~(1u << TE_INT64)), "slow_conv_transpose2d_out_cpu" }, "conv_transpose1d" },
  { { HALF | (INTEGERS & ~(1u << TE_INT64)), "slow_conv_transpose2d_out_cpu" }, "conv_transpose2d" },
  { { HALF | (INTEGERS & ~(1u << TE_INT64)), "slow_conv_transpose3d_out_cpu" }, "conv_transpose3d" },
  { { BOOL, "slow_conv2d_cpu" }, "convolution" },
  { { HALF | AFTER_SIZES, "clamp_min_cpu" }, "cosine_similarity" },
  { { HALF | BOOL, "cross" }, "cross" },
  { { HALF, "cummax_cpu" }, "cummax" },
  { { HALF, "cummin_cpu" }, "cummin" },
  { { HALF, "cumprod_out_cpu" }, "cumprod" },
  { { HALF, "cumsum_out_cpu" }, "cumsum" },
  { { BOTH, "lu_cpu" }, "det" },
  { { HALF, "diag" }, "diag" },
  { { HALF, "diag" }, "diagflat" },
  { { HALF, "elu_cpu" }, "elu" },
  { { HALF, "GeluKernelImpl" }, "gelu" },
  { { BOTH | INTEGERS, "geqrf_cpu" }, "geqrf" },
  { { HALF, "glu_cpu" }, "glu" },
  { { INTEGERS, "grid_sampler_2d_cpu not implemented for %s" }, "grid_sampler" },
  { { BOTH | INTEGERS, "grid_sampler_2d_cpu not implemented for %s" }, "grid_sampler_2d" },
  { { HALF, "hardshrink_cpu" }, "hardshrink" },
  { { HALF, "hardsigmoid_cpu" }, "hardsigmoid" },
  { { HALF, "hardswish_cpu" }, "hardswish" },
  { { HALF, "clamp_scalar_cpu" }, "hardtanh" },
  { { HALF, "clamp_min_cpu" }, "hinge_embedding_loss" },
  { { HALF | AFTER_SIZES, "hypot_cpu" }, "hypot" },
  { { HALF, "leaky_relu_cpu" }, "leaky_relu" },
  { { HALF | AFTER_SIZES, "lerp_kernel_scalar" }, "lerp.Scalar" },
  { { HALF | AFTER_SIZES, "lerp_kernel_tensor" }, "lerp.Tensor" },
  { { BOTH, "cholesky_cpu" }, "linalg_cholesky" },
  { { BOTH, "cholesky_cpu" }, "linalg_cholesky_ex" },
  { { BOTH, "linalg_svd_cpu" }, "linalg_cond" },
  { { HALF | BOOL, "cross" }, "linalg_cross" },
  { { BOTH, "lu_cpu" }, "linalg_det" },
  { { BOTH, "linalg_eig_out_cpu" }, "linalg_eig" },
  { { BOTH, "linalg_eigh_cpu" }, "linalg_eigh" },
  { { BOTH, "linalg_eig_out_cpu" }, "linalg_eigvals" },
  { { BOTH, "linalg_eigh_cpu" }, "linalg_eigvalsh" },
  { { BOTH | INTEGERS, "orgqr_cpu" }, "linalg_householder_product" },
  { { BOTH, "ldl_factor_kernel_cpu" }, "linalg_ldl_factor" },
  { { BOTH, "ldl_factor_kernel_cpu" }, "linalg_ldl_factor_ex" },
  { { BOTH | INTEGERS, "This function doesn't handle types other than float and double" }, "linalg_lstsq" },
  { { BOTH, "lu_cpu" }, "linalg_lu" },
  { { BOTH, "lu_cpu" }, "linalg_lu_factor" },
  { { BOTH, "lu_cpu" }, "linalg_lu_factor_ex" },
  { { HALF, "log2_vml_cpu" }, "linalg_matrix_exp" },
  { { BOTH | INTEGERS, "This function doesn't handle types other than float and double" },
    "linalg_matrix_rank" },
  { { BOTH, "geqrf_cpu" }, "linalg_qr" },
  { { BOTH, "lu_cpu" }, "linalg_solve" },
  { { BOTH, "lu_cpu" }, "linalg_solve_ex" },
  { { BOTH | INTEGERS, "triangular_solve_cpu" }, "linalg_solve_triangular" },
  { { BOTH, "linalg_svd_cpu" }, "linalg_svd" },
  { { BOTH, "linalg_svd_cpu" }, "linalg_svdvals" },
  { { HALF, "log_sigmoid_cpu" }, "log_sigmoid" },
  { { HALF, "log_sigmoid_cpu" }, "log_sigmoid_forward" },
  { { HALF | AFTER_SIZES, "logaddexp_cpu" }, "logaddexp" },
  { { HALF | AFTER_SIZES, "logaddexp2_cpu" }, "logaddexp2" },
  { { HALF, "logcumsumexp_out_cpu" }, "logcumsumexp" },
  { { BOTH, "logdet: Low precision dtypes not supported. Got %s" }, "logdet" },
  { { HALF, "exp_vml_cpu" }, "logsumexp" },
  { { HALF, "log2_vml_cpu" }, "matrix_exp" },
  { { HALF | INTEGERS, "max_pool1d_impl" }, "max_pool1d" },
  { { BOTH | INTEGERS, "max_pool3d_with_indices_cpu" }, "max_pool3d" },
  { { BOTH | INTEGERS, "max_pool3d_with_indices_cpu" }, "max_pool3d_with_indices" },
  { { BOTH, "mish_cpu" }, "mish" },
  { { BOTH | INTEGERS, "multi_margin_loss_cpu_kernel" }, "multi_margin_loss" },
  { { HALF, "multinomial is not implemented for half on CPU" }, "multinomial" },
  { { HALF | AFTER_SIZES, "nextafter_cpu" }, "nextafter" },
  { { BOTH | INTEGERS, "orgqr_cpu" }, "orgqr" },
  { { BOTH, "pdist" }, "pdist" },
  { { HALF, "prelu_cpu" }, "prelu" },
  { { BOTH, "prod_cpu" }, "prod" },
  { { BOTH, "geqrf_cpu" }, "qr" },
  { { INTEGERS, "reflection_pad3d_cpu" }, "reflection_pad3d" },
  { { HALF, "clamp_scalar_cpu" }, "relu6" },
  { { BOTH | INTEGERS, "replication_pad1d_cpu" }, "replication_pad1d" },
  { { BOTH | INTEGERS, "replication_pad2d_cpu" }, "replication_pad2d" },
  { { BOTH | INTEGERS, "replication_pad3d_cpu" }, "replication_pad3d" },
  { { HALF, "elu_cpu" }, "selu" },
  { { HALF, "silu_cpu" }, "silu" },
  { { HALF, "exp_vml_cpu" }, "soft_margin_loss" },
  { { HALF, "softplus_cpu" }, "softplus" },
  { { HALF, "softshrink_cpu" }, "softshrink" },
  { { HALF, "exp_vml_cpu" }, "special_logsumexp" },
  { { BOTH, "linalg_svd_cpu" }, "svd" },
  { { BOTH | INTEGERS, "symeig_cpu" }, "symeig" },
  { { HALF, "threshold_cpu" }, "threshold" },
  { { BOTH | BOOL, "trace" }, "trace" },
  { { BOTH | INTEGERS, "triangular_solve_cpu" }, "triangular_solve" },
  { { HALF, "clamp_min_cpu" }, "triplet_margin_loss" },
  { { HALF | INTEGERS, "compute_indices_weights_cubic" }, "upsample_bicubic2d" },
  { { HALF | INTEGERS, "compute_indices_weights_linear" }, "upsample_bilinear2d" },
  { { HALF | INTEGERS, "compute_indices_weights_linear" }, "upsample_linear1d" },
  { { HALF | (INTEGERS & ~(1u << TE_UINT8)), "compute_indices_weights_nearest" }, "upsample_nearest1d" },
  { { HALF | (INTEGERS & ~(1u << TE_UINT8)), "compute_indices_weights_nearest" }, "upsample_nearest2d" },
  { { HALF | (INTEGERS & ~(1u << TE_UINT8)), "compute_indices_weights_nearest" }, "upsample_nearest3d" },
  { { HALF | INTEGERS, "compute_indices_weights_linear" }, "upsample_trilinear3d" },
  { { HALF | BOOL, "dot" }, "vdot" },
};

const TeLowPrecision *
te_low_precision_find (const char *op)
{
  size_t length = te_op_name_length (op);
  const TeLowPrecision *found = NULL;
  for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
    {
      TeOpNameMatch match = te_op_name_match (refusals[i].op, op, length);
      if (match == TE_OP_NAME_EXACT)
        return &refusals[i].refusal;
      if (!found && match == TE_OP_NAME_FAMILY)
        found = &refusals[i].refusal;
    }
  return found;
}

/* The dtype that is asked for, or that of the tensors: a wider one among them decides. */
static TeDtype
computes_in (const TeOpCall *call)
{
  TeDtype dtype = TE_DTYPE_NONE;
  bool number = false; /* all so far are 0-dim: what has dimensions goes before them */
  if (call->has_out && call->outs[0] && strncmp (call->op->name, "cum", 3) == 0)
    return te_tensor_dtype (call->outs[0]);
  for (int i = 0; i < call->op->n_args; i++)
    {
      const TeValue *value = &call->args[i];
      if (value->kind == TE_VALUE_DTYPE)
        return value->dtype;
      if (value->kind != TE_VALUE_TENSOR)
        continue;
      TeDtype own = te_tensor_dtype (value->tensor);
      if (dtype == TE_DTYPE_NONE || (value->tensor->ndim > 0 && own != dtype && te_dtype_is_floating (own)))
        {
          bool joins = dtype != TE_DTYPE_NONE && te_dtype_is_floating (dtype) && !(number && value->tensor->ndim > 0);
          dtype = joins ? te_dtype_promote (dtype, own) : own;
          number = value->tensor->ndim == 0;
        }
    }
  return dtype;
}

/* Whether the kernel has an error of its own that PyTorch finds first: sizes that do not meet, a dimension
 * that is not there. */
static bool
fails_earlier (const TeOpCall *call, uint32_t dtypes)
{
  TeError ignored;
  if (strcmp (call->op->name, "cross") == 0)
    { /* it looks for a dimension of 3 first */
      const TeTensor *self = call->args[0].tensor;
      bool found = false;
      for (int d = 0; d < self->ndim; d++)
        found = found || self->sizes[d] == 3;
      return !found;
    }
  if (strcmp (call->op->name, "lerp") == 0 && call->args[0].tensor->dtype != call->args[1].tensor->dtype)
    return true; /* it compares dtypes first */
  int64_t sizes[TE_MAX_NDIM];
  int ndim = 0, dim;
  for (int i = 0; i < call->op->n_args; i++)
    {
      const TeValue *value = &call->args[i];
      if (value->kind == TE_VALUE_TENSOR && dtypes & AFTER_SIZES)
        {
          if (!te_shape_broadcast (ndim, sizes, value->tensor->ndim, value->tensor->sizes, &ndim, sizes,
                                   &ignored))
            return true;
        }
      else if (value->kind == TE_VALUE_INT && i > 0 && call->args[0].kind == TE_VALUE_TENSOR
               && strcmp (call->op->args[i].name, "dim") == 0
               && !te_dim_wrap (value->i, call->args[0].tensor->ndim, &dim, &ignored))
        return true;
    }
  const TeTensor *written = call->inplace ? call->args[0].tensor : NULL;
  for (int d = 0; written && d < written->ndim; d++)
    if (written->strides[d] == 0 && written->sizes[d] > 1)
      return true; /* elements that share memory */
  const TeTensor *changed = dtypes & AFTER_SIZES ? written : NULL;
  return changed
         && (changed->ndim != ndim || memcmp (changed->sizes, sizes, (size_t) ndim * sizeof *sizes) != 0);
}

/* What has nothing to add up is not refused. */
static bool
is_idle (const TeOpCall *call)
{
  bool scan = strncmp (call->op->name, "cum", 3) == 0, product = strcmp (call->op->name, "prod") == 0;
  return (scan || product) && call->args[0].kind == TE_VALUE_TENSOR
         && (call->args[0].tensor->numel == 0 || (scan && call->args[0].tensor->ndim == 0));
}

bool
te_low_precision_check (const TeOpCall *call, TeError *err)
{
  TeDtype dtype = computes_in (call);
  if (dtype == TE_DTYPE_NONE)
    return true;
  const Refusal *first = (const Refusal *) call->op->low_precision, *row = first;
  const TeLowPrecision *refusal = &row->refusal;
  while (!(refusal->dtypes & (1u << dtype)))
    {
      if (++row == refusals + sizeof refusals / sizeof *refusals || strcmp (row->op, first->op) != 0)
        return true;
      refusal = &row->refusal;
    }
  if (is_idle (call) || fails_earlier (call, refusal->dtypes))
    return true;
  const char *says = refusal->says;
  if (refusal->without_second && call->args[1].kind == TE_VALUE_NONE)
    says = refusal->without_second;
  else if (refusal->without_third && call->args[2].kind == TE_VALUE_NONE)
    says = refusal->without_third;
  return te_refusal_say (says, call->op, dtype, err);
}
