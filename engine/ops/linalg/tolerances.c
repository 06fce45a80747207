/* matrix_rank and pinv whose tolerances are tensors: one for each matrix of a batch, or several for one
 * matrix. */
#include <float.h>

#include "ops/expr.h"
#include "ops/linalg/families.h"
#include "ops/linalg/lapack.h"
#include "ops/shape/shape-util.h"

/* The level below which a singular value counts as zero: max (atol, rtol * the largest), a column beside s
 * (…, k). */
static TeTensor *
level_of (TeExpr *e, const TeTensor *a, TeTensor *s, TeTensor *atol, TeTensor *rtol)
{
  int64_t last = -1, rows = a->sizes[a->ndim - 2], cols = a->sizes[a->ndim - 1];
  double epsilon = te_dtype_real (te_tensor_dtype (a)) == TE_FLOAT64 ? DBL_EPSILON : FLT_EPSILON;
  TeTensor *largest = s && s->ndim && !s->sizes[s->ndim - 1] ? EX (e, "sum.dim_IntList", "TIb", s, &last, 1, 1)
                                                             : EX (e, "amax", "TIb", s, &last, 1, 1);
  TeTensor *usual =
      EX (e, "full_like", "TS", largest, te_scalar_float (epsilon * (double) (rows > cols ? rows : cols)));
  if (atol)
    atol = EX (e, "unsqueeze", "Ti", atol, last);
  if (rtol)
    rtol = EX (e, "unsqueeze", "Ti", rtol, last);
  else if (atol) /* an absolute level alone switches the relative one off */
    rtol = ex_mul (e, usual, EX (e, "le.Scalar", "TS", atol, te_scalar_int (0)));
  else
    rtol = usual;
  TeTensor *relative = ex_mul (e, rtol, largest);
  return atol ? EX (e, "maximum", "TT", atol, relative) : relative;
}

static TeTensor *
given (const TeOpCall *call, int i)
{
  return call->args[i].kind == TE_VALUE_TENSOR ? call->args[i].tensor : NULL;
}

static bool
rank (TeOpCall *call, TeTensor *atol, TeTensor *rtol, bool hermitian, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *a = call->args[0].tensor, *out = NULL;
  int64_t last = -1;
  if (!te_check_matrices ("linalg.matrix_rank", a, false, err))
    return false;
  TeTensor *s =
      hermitian ? EX (&e, "abs", "T", EX (&e, "linalg_eigvalsh", "T", a)) : EX (&e, "linalg_svdvals", "T", a);
  TeTensor *level = e.failed ? NULL : level_of (&e, a, s, atol, rtol);
  TeTensor *count = EX (&e, "sum.dim_IntList", "TI", EX (&e, "gt.Tensor", "TT", s, level), &last, 1);
  return te_expr_end (&e, count, &out) && te_result_give (call, 0, out, err);
}

/* Without any level the rows with numbers say how. */
static bool
plainly (TeOpCall *call, const TeOp *op, TeError *err)
{
  TeTensor *out = te_call (op, err, "Tnnb", call->args[0].tensor, (int) call->args[3].b);
  return out && te_result_give (call, 0, out, err);
}

static bool
rank_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (plain, "linalg_matrix_rank.atol_rtol_float")
  if (!given (call, 1) && !given (call, 2))
    return plainly (call, plain, err);
  return rank (call, given (call, 1), given (call, 2), call->args[3].b, err);
}

static bool
rank_tol_kernel (TeOpCall *call, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *none = EX (&e, "zeros_like", "T", call->args[1].tensor);
  bool ok = !e.failed && rank (call, call->args[1].tensor, none, call->args[2].b, err);
  return te_expr_close (&e) && ok;
}

static bool
pinv (TeOpCall *call, TeTensor *atol, TeTensor *rtol, bool hermitian, TeError *err)
{
  TE_OP (svd, "linalg_svd")
  TE_OP (eigh, "linalg_eigh")
  TeExpr e = TE_EXPR (err);
  TeTensor *a = call->args[0].tensor, *parts[3] = { NULL }, *out = NULL;
  if (!te_check_matrices ("linalg.pinv", a, hermitian, err)
      || !(hermitian ? te_call_multi (eigh, parts, 2, err, "T", a)
                     : te_call_multi (svd, parts, 3, err, "Tb", a, 0)))
    return false;
  for (int i = 0; i < 3; i++)
    if (parts[i])
      te_expr_keep (&e, parts[i]);
  TeTensor *s = hermitian ? parts[0] : parts[1], *left = hermitian ? parts[1] : parts[0],
           *sizes = hermitian ? EX (&e, "abs", "T", s) : s;
  TeTensor *right =
      hermitian ? left : ex_conj (&e, EX (&e, "transpose", "Tii", parts[2], (int64_t) -2, (int64_t) -1));
  TeTensor *level = e.failed ? NULL : level_of (&e, a, sizes, atol, rtol);
  TeTensor *kept = EX (&e, "gt.Tensor", "TT", sizes, level);
  TeTensor *inverse = EX (&e, "masked_fill.Scalar", "TTS", EX (&e, "reciprocal", "T", s),
                          EX (&e, "logical_not", "T", kept), te_scalar_int (0));
  TeTensor *scaled = ex_mul (&e, right, EX (&e, "unsqueeze", "Ti", inverse, (int64_t) -2));
  TeTensor *adjoint = ex_conj (&e, EX (&e, "transpose", "Tii", left, (int64_t) -2, (int64_t) -1));
  return te_expr_end (&e, EX (&e, "matmul", "TT", scaled, adjoint), &out)
         && te_result_give (call, 0, out, err);
}

static bool
pinv_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (plain, "linalg_pinv.atol_rtol_float")
  if (!given (call, 1) && !given (call, 2))
    return plainly (call, plain, err);
  return pinv (call, given (call, 1), given (call, 2), call->args[3].b, err);
}

static bool
pinv_rcond_kernel (TeOpCall *call, TeError *err)
{
  return pinv (call, NULL, call->args[1].tensor, call->args[2].b, err);
}

#define LINALG (TE_OP_LINALG | TE_OP_OUT | TE_OP_COMPOSITE)

static const TeOpDef rows[] = {
  { "linalg_matrix_rank.atol_rtol_tensor(Tensor input, *, Tensor? atol=None, Tensor? rtol=None, bool "
    "hermitian=False) -> Tensor",
    LINALG, rank_kernel, .doc = "How many singular values lie above levels that are tensors." },
  { "linalg_matrix_rank.tol_tensor(Tensor input, Tensor tol, bool hermitian=False) -> Tensor", LINALG,
    rank_tol_kernel, .doc = "How many singular values lie above tol." },
  { "linalg_pinv.atol_rtol_tensor(Tensor self, *, Tensor? atol=None, Tensor? rtol=None, bool "
    "hermitian=False) -> Tensor",
    LINALG, pinv_kernel, .doc = "The pseudo-inverse, with levels that are tensors." },
  { "linalg_pinv.rcond_tensor(Tensor self, Tensor rcond, bool hermitian=False) -> Tensor", LINALG,
    pinv_rcond_kernel,
    .doc = "The pseudo-inverse; singular values below rcond times the largest count as zero." },
};

TE_OP_FAMILY (te_family_linalg_tolerances, rows);
