#include "ops/out-rules.h"

#include <string.h>

#include "iter/tensor-iter.h"
#include "ops/op-name.h"
#include "ops/shape/shape-util.h"

#define FOUND     "Found dtype %O but expected %R"
#define SAME_TYPE "(): self and result must have the same scalar type"
#define CASTABLE  ": Expected result to be safely castable from %R dtype, but got result with dtype %O"
#define EIGENVALUES                                                                                          \
  ": Expected eigenvalues to be safely castable from %R dtype, but got eigenvalues with dtype %O"
#define CONCAT    "torch.cat(): input types can't be cast to the desired output type %O"
#define CONTRACTED                                                                                           \
  "tensordot: Expected the output tensor to have dtype %R, but got an output tensor with dtype %O"
#define NOT_BOOL  " does not support non-boolean outputs."
#define ONLY_BOOL " only supports bool tensor for result, got: %O"
#define EXTREME                                                                                              \
  "Expected the dtype for input and out to match, but got %R for input's dtype and %O for out's dtype."
#define SEARCH                                                                                               \
  "torch.searchsorted(): output tensor's dtype is wrong, it can only be Int(int32) or Long(int64) "          \
  "depending "                                                                                               \
  "on whether out_int32 flag is True, but we got output tensor's dtype %O and out_int32 flag is False"

static const TeOutRule rules[] = {
  { "abs", TE_OUT_SAME, 0, FOUND },
  { "absolute", TE_OUT_SAME, 0, FOUND },
  { "addbmm", TE_OUT_SAME, TE_OUT_QUIET, "self and mat2 must have the same dtype" },
  { "addr", TE_OUT_CASTS, 0, NULL },
  { "all", TE_OUT_SAME, TE_OUT_COPIES, "all" ONLY_BOOL },
  { "amax", TE_OUT_SAME, 0, EXTREME },
  { "amin", TE_OUT_SAME, 0, EXTREME },
  { "any", TE_OUT_SAME, TE_OUT_COPIES, "any" ONLY_BOOL },
  { "avg_pool2d", TE_OUT_SAME, TE_OUT_COPIES, NULL },
  { "avg_pool3d", TE_OUT_SAME, TE_OUT_COPIES, NULL },
  { "bernoulli", TE_OUT_DEFAULT, TE_OUT_QUIET, NULL },
  { "bitwise_not", TE_OUT_SAME, 0, FOUND },
  { "bucketize", TE_OUT_SAME, 0, SEARCH },
  { "ceil", TE_OUT_SAME, 0, FOUND },
  { "chain_matmul", TE_OUT_SAME, TE_OUT_COPIES,
    "multi_dot(): expected out tensor to have dtype %r but got %o" },
  { "cholesky", TE_OUT_CASTS, TE_OUT_STRIDES, "cholesky" CASTABLE },
  { "cholesky_inverse", TE_OUT_CASTS, TE_OUT_STRIDES, "cholesky_inverse" CASTABLE },
  { "cholesky_solve", TE_OUT_CASTS, 0, "cholesky_solve" CASTABLE },
  { "clamp", TE_OUT_SAME, 0, FOUND },
  { "clamp_max", TE_OUT_SAME, 0, FOUND },
  { "clamp_min", TE_OUT_SAME, 0, FOUND },
  { "clip", TE_OUT_SAME, 0, FOUND },
  { "column_stack", TE_OUT_CASTS, 0, CONCAT },
  { "concat", TE_OUT_CASTS, 0, CONCAT },
  { "concatenate", TE_OUT_CASTS, 0, CONCAT },
  { "conj_physical", TE_OUT_SAME, TE_OUT_COPIES, FOUND },
  { "cummax", TE_OUT_SAME, 0, "expected scalar_type %R but found %O" },
  { "cummin", TE_OUT_SAME, 0, "expected scalar_type %R but found %O" },
  { "diag", TE_OUT_SAME, 0, "expected scalar type %R but found %O" },
  { "diff", TE_OUT_CASTS, TE_OUT_COPIES, NULL },
  { "dot", TE_OUT_SAME, 0, "result dtype %O does not match input dtype %R" },
  { "dstack", TE_OUT_CASTS, 0, CONCAT },
  { "fix", TE_OUT_SAME, 0, FOUND },
  { "float_power", TE_OUT_SAME, TE_OUT_COPIES,
    "the output given to float_power has dtype %O but the operation's result requires dtype %R" },
  { "floor", TE_OUT_SAME, 0, FOUND },
  { "frac", TE_OUT_SAME, 0, FOUND },
  { "frexp", TE_OUT_SAME, 0,
    "torch.frexp() expects mantissa to have dtype %r but got %o" },
  { "gelu", TE_OUT_SAME, TE_OUT_COPIES, FOUND },
  { "geqrf", TE_OUT_CASTS, 0,
    "torch.geqrf: Expected a to be safely castable from %R dtype, but got a with dtype %O" },
  { "ger", TE_OUT_CASTS, 0, NULL },
  { "hardshrink", TE_OUT_SAME, 0, FOUND },
  { "heaviside", TE_OUT_SAME, 0, "heaviside is not yet implemented for tensors with different dtypes." },
  { "histc", TE_OUT_SAME, 0,
    "torch.histogram: input tensor and hist tensor should have the same dtype, but got input %r and hist "
    "%o" },
  { "hstack", TE_OUT_CASTS, 0, CONCAT },
  { "index_select", TE_OUT_SAME, 0, "index_select" SAME_TYPE },
  { "inner", TE_OUT_SAME, 0, CONTRACTED },
  { "inverse", TE_OUT_DEFAULT, TE_OUT_STRIDES, NULL },
  { "isneginf", TE_OUT_SAME, 0, "isneginf" NOT_BOOL },
  { "isposinf", TE_OUT_SAME, 0, "isposinf" NOT_BOOL },
  { "kron", TE_OUT_CASTS, 0, NULL },
  { "kthvalue", TE_OUT_SAME, 0,
    "output values must be of same type as input" },
  { "ldexp", TE_OUT_CASTS, TE_OUT_COPIES, NULL },
  { "linalg_cholesky", 0, TE_OUT_LAID, NULL },
  { "linalg_cholesky_ex", 0, TE_OUT_LAID, NULL },
  { "linalg_eigh", 0, TE_OUT_LAID, NULL },
  { "linalg_inv", 0, TE_OUT_LAID, NULL },
  { "linalg_inv_ex", 0, TE_OUT_LAID, NULL },
  { "linalg_ldl_factor", 0, TE_OUT_LAID, NULL },
  { "linalg_ldl_factor_ex", 0, TE_OUT_LAID, NULL },
  { "linalg_ldl_solve", 0, TE_OUT_LAID, NULL },
  { "linalg_lu_solve", 0, TE_OUT_LAID, NULL },
  { "linalg_qr", 0, TE_OUT_LAID, NULL },
  { "lu_solve", 0, TE_OUT_LAID, NULL },
  { "linalg_cond", TE_OUT_CASTS, TE_OUT_COPIES, "linalg.cond" CASTABLE },
  { "linalg_eig", TE_OUT_CASTS, 0, "torch.linalg.eig" EIGENVALUES },
  { "linalg_eigvals", TE_OUT_CASTS, 0, "torch.linalg.eigvals" EIGENVALUES },
  { "linalg_householder_product", TE_OUT_CASTS, TE_OUT_STRIDES, "torch.linalg.householder_product" CASTABLE },
  { "linalg_lstsq", TE_OUT_CASTS, TE_OUT_COPIES,
    "torch.linalg.lstsq: Expected solution to be safely castable from %R dtype, but got "
    "solution with dtype %O" },
  { "linalg_matrix_norm", TE_OUT_SAME, TE_OUT_COPIES,
    "linalg.matrix_norm expected out tensor dtype %R but got: %O" },
  { "linalg_matrix_power", TE_OUT_CASTS, TE_OUT_COPIES,
    "matrix_power: Expected result to be safely castable from %R dtype, but got result with "
    "dtype %O" },
  { "linalg_matrix_rank", TE_OUT_CASTS, 0, "torch.linalg.matrix_rank" CASTABLE },
  { "linalg_multi_dot", TE_OUT_SAME, TE_OUT_COPIES,
    "multi_dot(): expected out tensor to have dtype %r but got %o" },
  { "linalg_norm", TE_OUT_SAME, TE_OUT_COPIES,
    "linalg.norm expected out tensor dtype %R but got: %O" },
  { "linalg_pinv", TE_OUT_CASTS, 0, "linalg.pinv" CASTABLE },
  { "linalg_solve_triangular", TE_OUT_SAME, TE_OUT_LAID, "expected scalar type %R but found %O" },
  { "linalg_vecdot", TE_OUT_SAME, TE_OUT_COPIES,
    "linalg.vecdot: Expected out of dtype%R but found %O" },
  { "linalg_vector_norm", TE_OUT_SAME, TE_OUT_COPIES, NULL },
  { "linear", TE_OUT_SAME, 0, NULL },
  { "log_sigmoid", TE_OUT_SAME, 0, "expected scalar type %R but found %O" },
  { "logcumsumexp", TE_OUT_SAME, 0, "expected scalar_type %R but found %O" },
  { "logsumexp", TE_OUT_CASTS, TE_OUT_COPIES,
    "logsumexp(): Expected floating point type for result tensor, but got: %O" },
  { "masked_select", TE_OUT_SAME, 0, "masked_select" SAME_TYPE },
  { "mode", TE_OUT_SAME, 0,
    "expected scalar type '%R' but got '%O' for values output" },
  { "multinomial", TE_OUT_SAME, 0, "multinomial expects Long tensor out, got: %O" },
  { "mvlgamma", TE_OUT_CASTS, 0, "mvlgamma: result type %R can't be cast to the desired output type %R" },
  { "nan_to_num", TE_OUT_SAME, 0, "nan_to_num: dtype of out: %O should be same as input: %R" },
  { "nanmean", TE_OUT_CASTS, TE_OUT_COPIES, "\"nansum_cpu\" not implemented for '%O'" },
  { "nanquantile", TE_OUT_SAME, TE_OUT_COPIES,
    "quantile() out tensor must be same dtype as the input tensor" },
  { "nansum", TE_OUT_CASTS, TE_OUT_COPIES, "\"nansum_cpu\" not implemented for '%O'" },
  { "narrow_copy", TE_OUT_SAME, TE_OUT_COPIES | TE_OUT_QUIET,
    "Expected self.dtype() == output.dtype() to be true, but got false.  (Could this error "
    "message be improved?  If so, please report an enhancement request to PyTorch.)" },
  { "neg", TE_OUT_SAME, 0, FOUND },
  { "negative", TE_OUT_SAME, 0, FOUND },
  { "nonzero", TE_OUT_SAME, TE_OUT_STRIDES,
    "nonzero: Expected out tensor to have scalar type %R but got scalar type%O" },
  { "ormqr", TE_OUT_SAME, TE_OUT_STRIDES,
    "torch.ormqr: Expected input and result to have the same dtype, but input has dtype%R and result has "
    "dtype %O" },
  { "outer", TE_OUT_CASTS, 0, NULL },
  { "qr", TE_OUT_SAME, TE_OUT_COPIES | TE_OUT_LAID, NULL },
  { "quantile", TE_OUT_SAME, TE_OUT_COPIES, "quantile() out tensor must be same dtype as the input tensor" },
  { "round", TE_OUT_SAME, 0, FOUND },
  { "row_stack", TE_OUT_CASTS, 0, CONCAT },
  { "searchsorted", TE_OUT_SAME, 0, SEARCH },
  { "sgn", TE_OUT_SAME, 0, FOUND },
  { "sign", TE_OUT_SAME, 0, FOUND },
  { "signbit", TE_OUT_SAME, 0, "signbit" NOT_BOOL },
  { "slogdet", TE_OUT_SAME, TE_OUT_COPIES, NULL },
  { "softplus", TE_OUT_SAME, 0, FOUND },
  { "softshrink", TE_OUT_SAME, 0, FOUND },
  { "special_logsumexp", TE_OUT_CASTS, TE_OUT_COPIES,
    "logsumexp(): Expected floating point type for result tensor, but got: %O" },
  { "special_ndtr", TE_OUT_CASTS, TE_OUT_COPIES, NULL },
  { "square", TE_OUT_SAME, 0, FOUND },
  { "svd", TE_OUT_SAME, TE_OUT_COPIES, NULL },
  { "symeig", TE_OUT_CASTS, TE_OUT_COPIES,
    "symeig: Expected eigenvectors to be safely castable from %R dtype, but got eigenvectors "
    "with dtype %O" },
  { "take", TE_OUT_SAME, 0,
    "take(): self and out expected to have the same dtype, but got self.dtype = %R and out.dtype = %O" },
  { "tensordot", TE_OUT_SAME, 0, CONTRACTED },
  { "triangular_solve", TE_OUT_SAME, TE_OUT_COPIES | TE_OUT_LAID, NULL },
  { "trunc", TE_OUT_SAME, 0, FOUND },
  { "vdot", TE_OUT_SAME, 0, "result dtype %O does not match input dtype %R" },
  { "vstack", TE_OUT_CASTS, 0, CONCAT },
};

static const TeOutRule of_factories = { "", TE_OUT_DEFAULT, TE_OUT_QUIET, NULL };

const TeOutRule *
te_out_rule_find (const TeOp *op)
{
  bool reads = false;
  if (strncmp (op->name, "cl", 2) == 0 && strcmp (op->overload, "Tensor") == 0)
    return NULL; /* clamp's limits that are tensors: as other functions of two */
  for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
    if (te_op_name_match (rules[i].op, op->name, strlen (op->name)) == TE_OP_NAME_EXACT)
      return &rules[i];
  for (int i = 0; i < op->n_args; i++)
    reads = reads || op->args[i].type == TE_ARG_TENSOR || op->args[i].type == TE_ARG_TENSOR_LIST;
  return reads ? NULL : &of_factories;
}

bool
te_out_take (TeTensor *out, TeTensor *result, TeOutTakes otherwise, TeError *err)
{
  bool strided = te_out_rule && ((te_out_rule->flags & TE_OUT_LAID) || ((te_out_rule->flags & TE_OUT_STRIDES) && !out->numel));
  if (!te_out_takes (te_tensor_dtype (out), te_tensor_dtype (result), otherwise))
    return te_out_refuse (te_tensor_dtype (out), te_tensor_dtype (result), otherwise, err);
  return te_out_resize (out, result->ndim, result->sizes, strided ? result->strides : NULL, err)
         && te_check_no_internal_overlap (out, err) && te_raw_copy (out, result, err);
}
