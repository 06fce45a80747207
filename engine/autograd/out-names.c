#include "autograd/out-names.h"

#include <string.h>

#include "core/tensor.h"

static const struct
{
  const char *op, *name;
} names[] = {
  { "aminmax", "-" },
  { "arange", "-" },
  { "chain_matmul", "mm" },
  { "cholesky", "cholesky" },
  { "column_stack", "cat" },
  { "conj_physical", "-" },
  { "cross", "linalg_cross" },
  { "det", "_linalg_det" },
  { "dstack", "cat" },
  { "empty", "=" },
  { "eye", "-" },
  { "fft_fft2", "_fft_c2c" },
  { "fft_fftn", "_fft_c2c" },
  { "fft_hfft", "_fft_c2r" },
  { "fft_hfft2", "_fft_c2r" },
  { "fft_hfftn", "_fft_c2r" },
  { "fft_ifft2", "_fft_c2c" },
  { "fft_ifftn", "_fft_c2c" },
  { "fft_ihfft", "-" },
  { "fft_ihfft2", "_fft_c2c" },
  { "fft_ihfftn", "_fft_c2c" },
  { "fft_irfft", "_fft_c2r" },
  { "fft_irfft2", "_fft_c2r" },
  { "fft_irfftn", "_fft_c2r" },
  { "fft_rfft", "_fft_r2c" },
  { "fft_rfft2", "_fft_r2c" },
  { "fft_rfftn", "_fft_r2c" },
  { "float_power", "pow" },
  { "floor_divide", "-" },
  { "heaviside", "-" },
  { "hstack", "cat" },
  { "inner", "-" },
  { "kron", "mul" },
  { "ldexp", "mul" },
  { "linalg_cholesky", "linalg_cholesky_ex" },
  { "linalg_cond", "-" },
  { "linalg_det", "_linalg_det" },
  { "linalg_eigh", "_linalg_eigh" },
  { "linalg_eigvalsh", "_linalg_eigh" },
  { "linalg_inv", "linalg_inv_ex" },
  { "linalg_ldl_factor", "-" },
  { "linalg_ldl_factor_ex", "-" },
  { "linalg_ldl_solve", "-" },
  { "linalg_matrix_norm", "-" },
  { "linalg_multi_dot", "mm" },
  { "linalg_norm", "-" },
  { "linalg_pinv", "linalg_pinv" },
  { "linalg_slogdet", "_linalg_slogdet" },
  { "linalg_solve", "_linalg_solve_ex" },
  { "linalg_solve_ex", "_linalg_solve_ex" },
  { "linalg_svd", "_linalg_svd" },
  { "linalg_svdvals", "_linalg_svd" },
  { "linear", "linear" },
  { "linspace", "-" },
  { "log_sigmoid", "log_sigmoid_forward" },
  { "log_softmax", "-" },
  { "logspace", "-" },
  { "lu_solve", "linalg_lu_solve" },
  { "msort", "sort" },
  { "nanmean", "-" },
  { "nanquantile", "-" },
  { "narrow_copy", "-" },
  { "ones", "-" },
  { "outer", "mul" },
  { "qr", "linalg_qr" },
  { "quantile", "-" },
  { "rand", "=" },
  { "randn", "=" },
  { "row_stack", "cat" },
  { "slogdet", "_linalg_slogdet" },
  { "softmax", "-" },
  { "special_ndtr", "-" },
  { "special_polygamma", "polygamma" },
  { "square", "pow" },
  { "svd", "-" },
  { "symeig", "symeig" },
  { "take_along_dim", "gather" },
  { "tensordot", "-" },
  { "triangular_solve", "triangular_solve" },
  { "true_divide", "div" },
  { "vstack", "cat" },
  { "zeros", "-" },
};

static bool
is_complex (const TeOpCall *call)
{
  return call->args[0].kind == TE_VALUE_TENSOR
         && te_dtype_is_complex (te_tensor_dtype (call->args[0].tensor));
}

static const char *
name_of_product (const TeOpCall *call)
{
  int a = call->args[0].tensor->ndim, b = call->args[1].tensor->ndim;
  return a == 1 && b == 1   ? "dot"
         : a <= 2 && b <= 2 ? (b == 1 ? "mv" : "mm")
         : a > 2 && b > 2   ? "bmm"
         : a == 1 || b == 1 ? "mv"
                            : "mm";
}

/* What depends on the arguments. */
static const char *
name_by_arguments (const TeOpCall *call)
{
  const char *op = call->op->name;
  if (strcmp (op, "matmul") == 0)
    return name_of_product (call);
  if (strcmp (op, "fft_fft") == 0)
    return is_complex (call) ? "_fft_c2c" : "_fft_r2c";
  if (strcmp (op, "fft_ifft") == 0)
    return is_complex (call) ? "_fft_c2c" : "-";
  if (strcmp (op, "linalg_eigvals") == 0)
    return is_complex (call) ? NULL : "complex";
  if (strcmp (op, "diff") == 0)
    return call->args[1].i ? "sub" : "-";
  if (strcmp (op, "linalg_matrix_power") == 0)
    return call->args[1].i >= 2 ? "mm" : "-";
  if (strcmp (op, "linalg_vecdot") == 0)
    return call->args[0].tensor->ndim == 1 && call->args[1].tensor->ndim == 1 ? "vdot" : "sum";
  if (strcmp (call->op->overload, "other") == 0 && strcmp (op, "max") == 0)
    return "maximum";
  if (strcmp (call->op->overload, "other") == 0 && strcmp (op, "min") == 0)
    return "minimum";
  return NULL;
}

const char *
te_out_gradient_name (const TeOpCall *call)
{
  const char *name = name_by_arguments (call);
  for (size_t i = 0; !name && i < sizeof names / sizeof names[0]; i++)
    if (strcmp (names[i].op, call->op->name) == 0)
      name = names[i].name;
  return name || call->op->def->flags & TE_OP_COMPOSITE ? name : call->op->name;
}
