/* LAPACK's other factorisations as it hands them out: Householder reflectors, and L D Lᵀ of symmetric
 * matrices. */
#include <string.h>

#include "base/mem.h"
#include "ops/dispatch.h"
#include "ops/expr.h"
#include "ops/linalg/families.h"
#include "ops/linalg/lapack.h"
#include "ops/shape/shape-util.h"

#define BOTH (TE_OP_METHOD | TE_OP_FUNCTION)

static bool
give_all (TeOpCall *call, TeTensor **results, int n, bool ok, TeError *err)
{
  for (int i = 0; i < n; i++)
    if (ok && results[i])
      ok = te_result_give (call, i, results[i], err);
    else
      {
        te_tensor_unref (results[i]);
        ok = false;
      }
  return ok;
}

static double *
workspace (const TeMatrices *m, int n, size_t *nbytes, TeError *err)
{
  *nbytes = (size_t) (n * m->parts) * sizeof (double);
  double *work = te_new_sized (*nbytes);
  if (!work)
    te_error_no_memory (err);
  return work;
}

/* ---- Householder reflectors ---- */
/* t has the batch of a; its own matrix or vector has `own` dimensions. */
static bool
check_batch (const char *name, const char *what, const TeTensor *t, int own, const TeTensor *a, TeError *err)
{
  char text[512];
  if (t->ndim - own == a->ndim - 2
      && memcmp (t->sizes, a->sizes, (size_t) (a->ndim - 2) * sizeof *a->sizes) == 0)
    return true;
  return te_error_set (err, TE_ERR_RUNTIME,
                       "%s: Expected batch dimensions of %s to be equal to input.shape[:-2], but got %s", name,
                       what, te_shape_text (t->ndim - own, t->sizes, text, sizeof text));
}

static bool
geqrf_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *a = te_arg (call, 0), *results[2] = { NULL };
  TeMatrices m;
  if (a->ndim < 2)
    return te_error_set (err, TE_ERR_RUNTIME, "torch.geqrf: input must have at least 2 dimensions.");
  if (!te_check_matrices ("torch.geqrf", a, false, err) || !te_matrices_read (&m, a, err))
    return false;
  int64_t sizes[TE_MAX_NDIM];
  int least = m.rows < m.cols ? m.rows : m.cols, n_work = 64 * (m.cols + 1), info;
  size_t nbytes;
  double *work = workspace (&m, n_work, &nbytes, err);
  memcpy (sizes, a->sizes, (size_t) a->ndim * sizeof *sizes);
  sizes[a->ndim - 2] = least;
  TeTensor *tau = work ? te_tensor_new (a->ndim - 1, sizes, te_matrices_dtype (a), err) : NULL;
  for (int64_t i = 0; tau && least && i < m.n_batch; i++)
    TE_LAPACK (m.is_complex, geqrf)
    (&m.rows, &m.cols, te_matrices_at (&m, i), &m.rows, (double *) te_tensor_data (tau) + i * least * m.parts, work,
     &n_work, &info);
  if (tau)
    {
      results[0] = te_matrices_result (&m, te_tensor_dtype (a), false, err);
      results[1] = te_input_as (tau, te_tensor_dtype (a), err);
    }
  te_free_sized (work, nbytes);
  te_tensor_unref (tau);
  te_matrices_clear (&m);
  return give_all (call, results, 2, results[0] && results[1], err);
}

static bool
householder_product_kernel (TeOpCall *call, TeError *err)
{
  const char *name = "torch.linalg.householder_product";
  TeTensor *a = te_arg (call, 0), *tau = te_arg (call, 1), *result = NULL;
  if (a->ndim < 2)
    return te_error_set (err, TE_ERR_RUNTIME, "%s: input must have at least 2 dimensions.", name);
  int64_t rows = a->sizes[a->ndim - 2], cols = a->sizes[a->ndim - 1],
          k = tau->ndim ? tau->sizes[tau->ndim - 1] : 0;
  if (rows < cols)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "%s: input.shape[-2] must be greater than or equal to input.shape[-1]", name);
  if (cols < k)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "%s: input.shape[-1] must be greater than or equal to tau.shape[-1]", name);
  if (a->ndim != tau->ndim + 1)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "%s: Expected tau to have one dimension less than input, but got tau.ndim equal to %d and "
        "input.ndim is equal to %d",
        name, tau->ndim, a->ndim);
  if (!check_batch (name, "tau", tau, 1, a, err))
    return false;
  if (a->dtype != tau->dtype)
    return te_error_set (err, TE_ERR_RUNTIME, "%s: tau dtype %s does not match input dtype %s", name,
                         te_dtype_error_name (te_tensor_dtype (tau)),
                         te_dtype_error_name (te_tensor_dtype (a)));
  TeMatrices m;
  if (!te_check_matrices (name, a, false, err) || !te_matrices_read (&m, a, err))
    return false;
  int n_work = 64 * (m.cols + 1), n_reflectors = (int) k, info;
  size_t nbytes;
  double *work = workspace (&m, n_work, &nbytes, err);
  TeTensor *scales = work ? te_input_as (tau, te_matrices_dtype (a), err) : NULL;
  for (int64_t i = 0; scales && m.rows && m.cols && i < m.n_batch; i++)
    TE_LAPACK_UNITARY (m.is_complex, orgqr, ungqr)
    (&m.rows, &m.cols, &n_reflectors, te_matrices_at (&m, i), &m.rows,
     (const double *) te_tensor_data (scales) + i * k * m.parts, work, &n_work, &info);
  if (scales)
    result = te_matrices_result (&m, te_tensor_dtype (a), false, err);
  te_free_sized (work, nbytes);
  te_tensor_unref (scales);
  te_matrices_clear (&m);
  return te_result_give (call, 0, result, err);
}

/* The same one reflector after the other, from the last: H = I - tau v vᴴ, v the column below its leading
 * one. */
static bool
householder_twin (TeOpCall *call, TeError *err)
{
  TeTensor *a = te_arg (call, 0), *tau = te_arg (call, 1);
  TeExpr e = TE_EXPR (err);
  int64_t rows = a->sizes[a->ndim - 2], cols = a->sizes[a->ndim - 1], k = tau->sizes[tau->ndim - 1];
  TeTensor *one = EX (&e, "eye.m", "iid", rows, cols, (int) te_tensor_dtype (a));
  TeTensor *vectors = ex_add (&e, EX (&e, "tril", "Ti", a, (int64_t) -1), one);
  TeTensor *q = e.failed ? NULL : EX (&e, "expand", "TI", one, a->sizes, (int) a->ndim);
  for (int64_t i = k - 1; i >= 0 && !e.failed; i--)
    {
      TeTensor *v = EX (&e, "narrow", "Tiii", vectors, (int64_t) -1, i, (int64_t) 1);
      TeTensor *scale = EX (&e, "unsqueeze", "Ti",
                            EX (&e, "narrow", "Tiii", tau, (int64_t) -1, i, (int64_t) 1), (int64_t) -1);
      TeTensor *along = EX (&e, "matmul", "TT", EX (&e, "adjoint", "T", v), q);
      q = ex_sub (&e, q, ex_mul (&e, scale, EX (&e, "matmul", "TT", v, along)));
    }
  return te_expr_end (&e, q, &call->outs[0]);
}

static bool
check_ormqr (TeTensor *a, TeTensor *tau, TeTensor *c, bool left, TeError *err)
{
  if (a->ndim < 2 || c->ndim < 2)
    return te_error_set (err, TE_ERR_RUNTIME, "torch.ormqr: %s must have at least 2 dimensions.",
                         a->ndim < 2 ? "input" : "other");
  int64_t side = c->sizes[c->ndim - (left ? 2 : 1)], k = tau->ndim ? tau->sizes[tau->ndim - 1] : 0;
  const char *dim = left ? "-2" : "-1";
  if (side < k)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "torch.ormqr: other.shape[%s] must be greater than or equal to tau.shape[-1]", dim);
  if (side != a->sizes[a->ndim - 2])
    return te_error_set (err, TE_ERR_RUNTIME, "torch.ormqr: other.shape[%s] must be equal to input.shape[-2]",
                         dim);
  if (a->sizes[a->ndim - 1] < k)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "torch.ormqr: tau.shape[-1] must be less than or equal to input.shape[-1]");
  if (a->ndim != tau->ndim + 1 || a->ndim != c->ndim)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "torch.ormqr: Expected %s to have %s input, but got %s.ndim equal to %d and input.ndim is "
        "equal to %d",
        a->ndim != c->ndim ? "other" : "tau",
        a->ndim != c->ndim ? "the same number of dimensions as" : "one dimension less than",
        a->ndim != c->ndim ? "other" : "tau", a->ndim != c->ndim ? c->ndim : tau->ndim, a->ndim);
  if (!check_batch ("torch.ormqr", "tau", tau, 1, a, err) || !check_batch ("torch.ormqr", "other", c, 2, a, err))
    return false;
  const TeTensor *others[] = { tau, c };
  for (int i = 0; i < 2; i++)
    if (others[i]->dtype != a->dtype)
      return te_error_set (
          err, TE_ERR_RUNTIME,
          "torch.ormqr: Expected input and %s to have the same dtype, but input has dtype%s and %s has dtype %s",
          i ? "other" : "tau", te_dtype_error_name (te_tensor_dtype (a)), i ? "other" : "tau",
          te_dtype_error_name (te_tensor_dtype (others[i])));
  TeDtype dtype = te_tensor_dtype (a);
  return te_dtype_real (dtype) == TE_FLOAT32 || te_dtype_real (dtype) == TE_FLOAT64
         || te_error_set (err, TE_ERR_RUNTIME, "\"ormqr_cpu\" not implemented for '%s'",
                          te_dtype_error_name (dtype));
}

static bool
ormqr_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *a = te_arg (call, 0), *tau = te_arg (call, 1), *c = te_arg (call, 2), *result = NULL;
  bool left = call->args[3].b, transpose = call->args[4].b;
  TeMatrices m = { .tensor = NULL }, x = { .tensor = NULL };
  if (!check_ormqr (a, tau, c, left, err))
    return false;
  TeTensor *scales = te_input_as (tau, te_matrices_dtype (a), err);
  size_t nbytes = 0;
  double *work = NULL;
  bool ok = scales && te_matrices_read (&m, a, err) && te_matrices_read (&x, c, err);
  int k = ok ? (int) tau->sizes[tau->ndim - 1] : 0, n_work = 64 * (x.rows + x.cols + 65), info;
  ok = ok && (work = workspace (&m, n_work, &nbytes, err)) != NULL;
  for (int64_t i = 0; ok && x.rows && x.cols && i < x.n_batch; i++)
    TE_LAPACK_UNITARY (m.is_complex, ormqr, unmqr)
    (left ? "L" : "R", !transpose ? "N" : m.is_complex ? "C" : "T", &x.rows, &x.cols, &k, te_matrices_at (&m, i),
     &m.rows, (const double *) te_tensor_data (scales) + i * k * m.parts, te_matrices_at (&x, i), &x.rows, work,
     &n_work, &info);
  if (ok)
    result = te_matrices_result (&x, te_tensor_dtype (c), false, err);
  te_free_sized (work, nbytes);
  te_tensor_unref (scales);
  te_matrices_clear (&m);
  te_matrices_clear (&x);
  return te_result_give (call, 0, result, err);
}

/* ---- L D Lᵀ (Bunch and Kaufman 1977) ---- */
static bool
ldl_factor_ex_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *a = te_arg (call, 0), *results[3] = { NULL };
  TeMatrices m;
  if (!te_check_matrices ("torch.linalg.ldl_factor_ex", a, true, err) || !te_matrices_read (&m, a, err))
    return false;
  int n = m.rows, n_work = 64 * (n + 1);
  size_t nbytes;
  double *work = workspace (&m, n_work, &nbytes, err);
  results[1] = work ? te_tensor_new (a->ndim - 1, a->sizes, TE_INT32, err) : NULL;
  results[2] = results[1] ? te_tensor_new (a->ndim - 2, a->sizes, TE_INT32, err) : NULL;
  bool ok = results[2] != NULL;
  for (int64_t i = 0; ok && i < m.n_batch; i++)
    {
      double *x = te_matrices_at (&m, i);
      int *info = (int *) te_tensor_data (results[2]) + i;
      *info = 0;
      if (n)
        (m.is_complex && call->args[1].b ? zhetrf_ : TE_LAPACK (m.is_complex, sytrf)) (
            "L", &n, x, &n, (int *) te_tensor_data (results[1]) + i * n, work, &n_work, info);
      for (int col = 0; col < n; col++)
        memset (x + col * n * m.parts, 0, (size_t) (col * m.parts) * sizeof *x);
      if (*info && call->args[2].b)
        ok = te_error_set (err, TE_ERR_RUNTIME,
                           "torch.linalg.ldl_factor_ex: The factorization could not be completed "
                           "because the input is singular (error code: %d).",
                           *info);
    }
  if (ok)
    results[0] = te_matrices_result (&m, te_tensor_dtype (a), false, err);
  te_free_sized (work, nbytes);
  te_matrices_clear (&m);
  return give_all (call, results, 3, ok, err);
}

static bool
ldl_factor_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (op, "linalg_ldl_factor_ex")
  TeTensor *results[3] = { NULL };
  bool ok = te_call_multi (op, results, 3, err, "Tbb", te_arg (call, 0), (int) call->args[1].b, 0);
  te_tensor_unref (results[2]);
  return give_all (call, results, 2, ok, err);
}

static bool
check_ldl_solve (TeTensor *ld, TeTensor *pivots, TeTensor *b, TeError *err)
{
  const char *name = "torch.linalg.ldl_solve";
  if (!te_check_matrices (name, ld, true, err))
    return false;
  if (b->ndim < 2)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "%s: Expected B to have at least 2 dimensions, but it has %d dimensions instead",
                         name, b->ndim);
  int64_t n = ld->sizes[ld->ndim - 1], rows = b->sizes[b->ndim - 2], cols = b->sizes[b->ndim - 1];
  if (rows != n)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "Incompatible matrix sizes for %s: each A matrix is %lld by %lld but each b matrix is "
                         "%lld by %lld",
                         name, (long long) n, (long long) n, (long long) rows, (long long) cols);
  if (b->dtype != ld->dtype)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "Expected b and A to have the same dtype, but found b of type %s and A of type %s instead.",
                         te_dtype_error_name (te_tensor_dtype (b)), te_dtype_error_name (te_tensor_dtype (ld)));
  if (!te_check_pivots_shape (name, "LD", ld, pivots, err))
    return false;
  if (!te_dtype_is_integral (te_tensor_dtype (pivots), false))
    return te_error_set (err, TE_ERR_RUNTIME, "%s: Expected pivots to be integers. Got %s", name,
                         te_dtype_error_name (te_tensor_dtype (pivots)));
  return true;
}

static bool
ldl_solve_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *ld = te_arg (call, 0), *pivots = te_arg (call, 1), *b = te_arg (call, 2), *result = NULL,
           *places = NULL;
  TeMatrices m = { .tensor = NULL }, x = { .tensor = NULL };
  int64_t sizes[TE_MAX_NDIM];
  int ndim;
  if (!check_ldl_solve (ld, pivots, b, err)
      || !te_shape_broadcast (b->ndim - 2, b->sizes, ld->ndim - 2, ld->sizes, &ndim, sizes, err))
    return false;
  TeExpr e = TE_EXPR (err);
  memcpy (sizes + ndim, ld->sizes + ld->ndim - 2, 2 * sizeof *sizes);
  TeTensor *wide = EX (&e, "expand", "TI", ld, sizes, ndim + 2);
  TeTensor *rows = EX (&e, "expand", "TI", pivots, sizes, ndim + 1);
  memcpy (sizes + ndim, b->sizes + b->ndim - 2, 2 * sizeof *sizes);
  TeTensor *right = EX (&e, "expand", "TI", b, sizes, ndim + 2);
  bool ok = !e.failed && te_matrices_read (&m, wide, err) && te_matrices_read (&x, right, err)
            && (places = te_input_as (rows, TE_INT32, err))
            && te_check_pivots ("torch.linalg.ldl_solve", te_tensor_data (places), places->numel, m.rows, true, err);
  int n = m.rows, info;
  for (int64_t i = 0; ok && n && x.cols && i < m.n_batch; i++)
    (m.is_complex && call->args[3].b ? zhetrs_ : TE_LAPACK (m.is_complex, sytrs)) (
        "L", &n, &x.cols, te_matrices_at (&m, i), &n, (const int *) te_tensor_data (places) + i * n,
        te_matrices_at (&x, i), &n, &info);
  if (ok)
    result = te_matrices_result (&x, te_tensor_dtype (b), false, err);
  te_matrices_clear (&m);
  te_matrices_clear (&x);
  te_tensor_unref (places);
  return te_expr_close (&e) && te_result_give (call, 0, result, err);
}

#define LINALG (TE_OP_LINALG | TE_OP_OUT)

static const TeOpDef rows[] = {
  { "geqrf(Tensor self) -> (Tensor a, Tensor tau)", BOTH | TE_OP_OUT, geqrf_kernel, NULL, "GeqrfBackward",
    .doc = "QR as LAPACK gives it: R above the diagonal, reflectors below, and their scales." },
  { "linalg_householder_product(Tensor input, Tensor tau) -> Tensor", LINALG, householder_product_kernel,
    NULL, "LinalgHouseholderProductBackward", TE_SAVE_ARG (0) | TE_SAVE_ARG (1), .twin = householder_twin,
    .doc = "The first columns of the product of reflectors." },
  { "orgqr(Tensor self, Tensor input2) -> Tensor", BOTH | TE_OP_OUT, householder_product_kernel, NULL,
    "LinalgHouseholderProductBackward", TE_SAVE_ARG (0) | TE_SAVE_ARG (1), .twin = householder_twin,
    .doc = "linalg.householder_product under its old name." },
  { "ormqr(Tensor self, Tensor input2, Tensor input3, bool left=True, bool transpose=False) -> Tensor",
    BOTH | TE_OP_OUT, ormqr_kernel, NULL, "OrmqrBackward",
    .doc = "The product of all reflectors with a matrix." },
  { "linalg_ldl_factor_ex(Tensor self, *, bool hermitian=False, bool check_errors=False) -> (Tensor LD, "
    "Tensor pivots, "
    "Tensor info)",
    LINALG, ldl_factor_ex_kernel, .node = "NotImplemented",
    .doc = "L and D in one matrix, and the exchanges of rows." },
  { "linalg_ldl_factor(Tensor self, *, bool hermitian=False) -> (Tensor LD, Tensor pivots)",
    LINALG | TE_OP_COMPOSITE, ldl_factor_kernel, .doc = "L and D in one matrix, and the exchanges of rows." },
  { "linalg_ldl_solve(Tensor LD, Tensor pivots, Tensor B, *, bool hermitian=False) -> Tensor", LINALG,
    ldl_solve_kernel, .node = "NotImplemented", .doc = "X with AX = B, A given by its L D Lᵀ." },
};

TE_OP_FAMILY (te_family_linalg_reflectors, rows);
