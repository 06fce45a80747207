/* Orthogonal factorisations and what is made of them: QR, singular values, symmetric eigenvalues,
 * pseudo-inverse, rank, least squares; and their gradients. */
#include <complex.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "iter/tensor-iter.h"
#include "ops/dispatch.h"
#include "ops/expr.h"
#include "ops/linalg/families.h"
#include "ops/linalg/lapack.h"
#include "ops/shape/shape-util.h"

#define BOTH (TE_OP_METHOD | TE_OP_FUNCTION)

static TeTensor *
turned (TeExpr *e, TeTensor *t)
{
  return EX (e, "adjoint", "T", t);
}

static TeTensor *
product (TeExpr *e, TeTensor *a, TeTensor *b)
{
  return EX (e, "matmul", "TT", a, b);
}

static TeTensor *
diagonal_of (TeExpr *e, TeTensor *matrices)
{
  return EX (e, "diagonal", "Tiii", matrices, (int64_t) 0, (int64_t) -2, (int64_t) -1);
}

static int
least (int a, int b)
{
  return a < b ? a : b;
}

/* Gives results in order; what is left after a failure is dropped. */
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

/* ---- QR ---- */
static bool
qr (TeOpCall *call, TeTensor *a, const char *mode, TeError *err)
{
  bool complete = !strcmp (mode, "complete"), only_r = !strcmp (mode, "r");
  if (!complete && !only_r && strcmp (mode, "reduced"))
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "qr received unrecognized mode '%s' but expected one of 'reduced' (default), 'r', or 'complete'",
        mode);
  TeMatrices m, q = { .tensor = NULL }, r = { .tensor = NULL };
  if (!te_check_matrices ("linalg.qr", a, false, err) || !te_matrices_read (&m, a, err))
    return false;
  int rows = m.rows, cols = m.cols, k = least (rows, cols), q_cols = complete ? rows : k,
      r_rows = complete ? rows : k;
  int n_work = 64 * (rows + cols + 1), info;
  size_t n_tau = (size_t) ((k + 1) * m.parts), nbytes = (size_t) (n_work * m.parts) * sizeof (double);
  double *work = te_new_sized (nbytes), *tau = te_new_sized (n_tau * sizeof *tau);
  bool ok = (work && tau) || te_error_no_memory (err);
  ok = ok && te_matrices_new (&q, a, rows, q_cols, err) && te_matrices_new (&r, a, r_rows, cols, err);
  for (int64_t i = 0; ok && i < m.n_batch; i++)
    {
      double *x = te_matrices_at (&m, i), *qi = te_matrices_at (&q, i), *ri = te_matrices_at (&r, i);
      if (rows && cols)
        TE_LAPACK (m.is_complex, geqrf) (&rows, &cols, x, &rows, tau, work, &n_work, &info);
      for (int c = 0; c < cols; c++)
        for (int row = 0; row < r_rows; row++)
          te_matrices_set (&r, ri, row, c, row <= c ? te_matrices_get (&m, x, row, c) : 0);
      for (int c = 0; c < q_cols; c++)
        for (int row = 0; row < rows; row++)
          te_matrices_set (&q, qi, row, c, c < k ? te_matrices_get (&m, x, row, c) : row == c);
      if (rows && q_cols && !only_r)
        TE_LAPACK_UNITARY (m.is_complex, orgqr, ungqr)
      (&rows, &q_cols, &k, qi, &rows, tau, work, &n_work, &info);
    }
  te_free_sized (work, nbytes);
  te_free_sized (tau, n_tau * sizeof *tau);
  const int64_t none = 0;
  TeDtype dtype = te_tensor_dtype (a);
  TeTensor *results[] = { !ok      ? NULL
                          : only_r ? te_tensor_new (1, &none, dtype, err)
                                   : te_matrices_result (&q, dtype, false, err),
                          ok ? te_matrices_result (&r, dtype, false, err) : NULL };
  te_matrices_clear (&m);
  te_matrices_clear (&q);
  te_matrices_clear (&r);
  return give_all (call, results, 2, ok, err);
}

static bool
linalg_qr_kernel (TeOpCall *call, TeError *err)
{
  return qr (call, te_arg (call, 0), call->args[1].string, err);
}

/* Source: Walter et al. 2018, "Algorithmic differentiation of linear algebra functions", 3.4.5. */
static bool
qr_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *q = ctx->outs[0], *r = ctx->outs[1], *gq = ctx->grads[0], *gr = ctx->grads[1], *g = NULL;
  const char *mode = ctx->args[1].string;
  if (!gq && !gr)
    return true;
  if (!strcmp (mode, "r"))
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please use "
        "linalg.qr(A, mode='reduced') if you are going to differentiate through linalg.qr");
  int64_t rows = q->sizes[q->ndim - 2], cols = r->sizes[r->ndim - 1], wide = cols - rows;
  if (!strcmp (mode, "complete") && wide < 0)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "The QR decomposition is not differentiable when mode='complete' and nrows > ncols.");
  TeTensor *beyond = NULL;
  if (wide > 0)
    { /* A is [A1, A2] with A1 = Q R1 and R2 = Qᴴ A2, so A2 adds to Q's gradient */
      TeTensor *r2 = EX (&e, "narrow", "Tiii", r, (int64_t) -1, rows, wide);
      TeTensor *g2 = gr ? EX (&e, "narrow", "Tiii", gr, (int64_t) -1, rows, wide) : NULL;
      if (g2)
        {
          TeTensor *more = product (&e, product (&e, q, r2), turned (&e, g2));
          gq = gq ? ex_add (&e, gq, more) : more;
          gr = EX (&e, "narrow", "Tiii", gr, (int64_t) -1, (int64_t) 0, rows);
          beyond = product (&e, q, g2);
        }
      else
        beyond = ex_zeros_like (&e, product (&e, q, r2));
      r = EX (&e, "narrow", "Tiii", r, (int64_t) -1, (int64_t) 0, rows);
    }
  if (gr)
    g = product (&e, gr, turned (&e, r));
  if (gq)
    {
      TeTensor *inner = product (&e, turned (&e, q), gq);
      g = g ? ex_sub (&e, g, inner) : ex_neg (&e, inner);
    }
  TeTensor *above = EX (&e, "triu", "Ti", g, (int64_t) 1), *up = EX (&e, "triu", "Ti", g, (int64_t) 0);
  if (!e.failed && te_dtype_is_complex (te_tensor_dtype (g))) /* R has real numbers on its diagonal */
    up = ex_add (&e, above, EX (&e, "diag_embed", "T", EX (&e, "real", "T", diagonal_of (&e, g))));
  TeTensor *both = ex_add (&e, up, turned (&e, above));
  g = product (&e, q, both);
  if (gq)
    g = ex_add (&e, g, gq);
  g = EX (&e, "linalg_solve_triangular", "TTbb", turned (&e, r), g, 0, 0);
  TeTensor *parts[] = { g, beyond };
  return te_expr_end (&e, beyond ? EX (&e, "cat", "Li", parts, 2, (int64_t) -1) : g, &ctx->results[0]);
}

static bool
old_qr_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (op, "linalg_qr")
  TeTensor *pair[2] = { NULL };
  static bool warned;
  if (te_warn_due (&warned)
      && !te_warn (err, TE_WARN_USER,
                   "torch.qr is deprecated in favor of torch.linalg.qr and will be removed in a future "
                   "PyTorch release.\nThe "
                   "boolean parameter 'some' has been replaced with a string parameter 'mode'.\nQ, R = "
                   "torch.qr(A, some)\nshould "
                   "be replaced with\nQ, R = torch.linalg.qr(A, 'reduced' if some else 'complete')"))
    return false;
  return te_call_multi (op, pair, 2, err, "Ts", te_arg (call, 0), call->args[1].b ? "reduced" : "complete")
         && give_all (call, pair, 2, true, err);
}

/* ---- singular values ---- */
/* jobz: 'S' reduced, 'A' full, 'N' values only.  Results are owned; u and vh may be NULL pointers with 'N'.
 */
static bool
svd_of (TeTensor *a, char jobz, TeTensor **u, TeTensor **s, TeTensor **vh, TeError *err)
{
  TeMatrices m, um = { .tensor = NULL }, vm = { .tensor = NULL };
  if (!te_check_matrices ("linalg.svd", a, false, err) || !te_matrices_read (&m, a, err))
    return false;
  int rows = m.rows, cols = m.cols, k = least (rows, cols), u_cols = jobz == 'A' ? rows : k,
      v_rows = jobz == 'A' ? cols : k;
  int big = rows > cols ? rows : cols, n_work = 3 * k * k + 64 * (big + 4 * k * k + 4 * k + 1), info = 0;
  int n_rwork = m.is_complex ? k * (5 * k + 7 > 2 * big + 2 * k + 1 ? 5 * k + 7 : 2 * big + 2 * k + 1) + 1 : 0;
  size_t n_iwork = (size_t) (8 * k + 1), nbytes = (size_t) (n_work * m.parts + n_rwork) * sizeof (double);
  double *work = te_new_sized (nbytes), *rwork = work ? work + n_work * m.parts : NULL;
  int *iwork = te_new_sized (n_iwork * sizeof *iwork);
  int64_t sizes[TE_MAX_NDIM];
  memcpy (sizes, a->sizes, (size_t) a->ndim * sizeof *sizes);
  sizes[a->ndim - 2] = k;
  bool ok = (work && iwork) || te_error_no_memory (err);
  ok = ok && te_matrices_new (&um, a, rows, u_cols, err) && te_matrices_new (&vm, a, v_rows, cols, err);
  TeTensor *values = ok ? te_tensor_new (a->ndim - 1, sizes, TE_FLOAT64, err) : NULL;
  ok = ok && values;
  for (int64_t i = 0; ok && i < m.n_batch; i++)
    {
      double *mi = te_matrices_at (&m, i), *ui = te_matrices_at (&um, i), *vi = te_matrices_at (&vm, i),
             *si = (double *) te_tensor_data (values) + i * k;
      int ld = v_rows > 0 ? v_rows : 1;
      if (k && m.is_complex)
        zgesdd_ (&jobz, &rows, &cols, mi, &rows, si, ui, &rows, vi, &ld, work, &n_work, rwork, iwork, &info);
      else if (k)
        dgesdd_ (&jobz, &rows, &cols, mi, &rows, si, ui, &rows, vi, &ld, work, &n_work, iwork, &info);
      for (int c = 0; !k && jobz == 'A' && c < u_cols; c++)
        for (int r = 0; r < rows; r++)
          te_matrices_set (&um, ui, r, c, r == c);
      for (int c = 0; !k && jobz == 'A' && c < cols; c++)
        for (int r = 0; r < v_rows; r++)
          te_matrices_set (&vm, vi, r, c, r == c);
      if (info < 0)
        ok = te_linalg_fail ("linalg.svd", a, i, err,
                             "The algorithm failed to converge because the input matrix contained non-finite values.");
      else if (info)
        ok = te_linalg_fail (
            "linalg.svd", a, i, err,
            "The algorithm failed to converge because the input matrix is ill-conditioned or has too many "
            "repeated singular values (error code: %d).",
            info);
    }
  te_free_sized (work, nbytes);
  te_free_sized (iwork, n_iwork * sizeof *iwork);
  TeDtype dtype = te_tensor_dtype (a);
  *s = ok ? te_input_as (values, te_dtype_real (dtype), err) : NULL;
  ok = ok && *s;
  if (u)
    *u = ok ? te_matrices_result (&um, dtype, false, err) : NULL;
  if (vh)
    *vh = ok ? te_matrices_result (&vm, dtype, false, err) : NULL;
  te_tensor_unref (values);
  te_matrices_clear (&m);
  te_matrices_clear (&um);
  te_matrices_clear (&vm);
  return ok && (!u || *u) && (!vh || *vh);
}

static bool
linalg_svd_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *usv[3] = { NULL };
  if (te_arg_given (call, 2))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "torch.linalg.svd: keyword argument `driver=` is only supported on CUDA inputs with "
                         "cuSOLVER backend.");
  bool ok = svd_of (te_arg (call, 0), call->args[1].b ? 'A' : 'S', &usv[0], &usv[1], &usv[2], err);
  return give_all (call, usv, 3, ok, err);
}

static TeTensor *
skew (TeExpr *e, TeTensor *t)
{
  return ex_sub (e, t, turned (e, t));
}

/* Differences x_j - x_i, with 1 on the diagonal where nothing is divided. */
static TeTensor *
gaps (TeExpr *e, TeTensor *x)
{
  TeTensor *d =
      ex_sub (e, EX (e, "unsqueeze", "Ti", x, (int64_t) -2), EX (e, "unsqueeze", "Ti", x, (int64_t) -1));
  TeTensor *ones = EX (e, "ones_like", "T", x);
  return ex_add (e, d, EX (e, "diag_embed", "T", ones));
}

/* What U or V has outside the space it spans: (I - U Uᵀ) g. */
static TeTensor *
outside (TeExpr *e, TeTensor *u, TeTensor *g)
{
  return ex_sub (e, g, product (e, u, product (e, turned (e, u), g)));
}

/* The phases of complex singular vectors are free: a loss that depends on them has no gradient. */
static bool
check_phases (TeExpr *e, TeTensor *turns, const char *text)
{
  TeTensor *wide = e->failed ? NULL : te_expr_keep (e, te_input_as (turns, TE_FLOAT64, e->err));
  for (int64_t i = 0; !e->failed && i < wide->numel; i++)
    if (!(fabs (((const double *) te_tensor_data (wide))[i]) <= 1e-2))
      e->failed = !te_error_set (e->err, TE_ERR_RUNTIME, "%s", text);
  return !e->failed;
}

/* Source: Wan and Zhang 2019, "Automatic differentiation for complex valued SVD". */
static bool
svd_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *u = ctx->outs[0], *s = ctx->outs[1], *vh = ctx->outs[2];
  TeTensor *gu = ctx->grads[0], *gs = ctx->grads[1], *gvh = ctx->grads[2], *core = NULL;
  if (!gu && !gs && !gvh)
    return true;
  int64_t k = s->sizes[s->ndim - 1], rows = u->sizes[u->ndim - 2], cols = vh->sizes[vh->ndim - 1];
  if (u->sizes[u->ndim - 1] > k)
    {
      u = EX (&e, "narrow", "Tiii", u, (int64_t) -1, (int64_t) 0, k);
      gu = gu ? EX (&e, "narrow", "Tiii", gu, (int64_t) -1, (int64_t) 0, k) : NULL;
    }
  if (vh->sizes[vh->ndim - 2] > k)
    {
      vh = EX (&e, "narrow", "Tiii", vh, (int64_t) -2, (int64_t) 0, k);
      gvh = gvh ? EX (&e, "narrow", "Tiii", gvh, (int64_t) -2, (int64_t) 0, k) : NULL;
    }
  TeTensor *gap = gu || gvh ? gaps (&e, ex_mul (&e, s, s)) : NULL;
  TeTensor *across = EX (&e, "unsqueeze", "Ti", s, (int64_t) -2),
           *down = EX (&e, "unsqueeze", "Ti", s, (int64_t) -1);
  if (gs)
    core = te_expr_keep (&e, te_to_dtype (EX (&e, "diag_embed", "T", gs), te_tensor_dtype (u), err));
  TeTensor *left = gu ? skew (&e, product (&e, turned (&e, u), gu)) : NULL,
           *right = gvh ? skew (&e, product (&e, vh, turned (&e, gvh))) : NULL;
  if (te_dtype_is_complex (te_tensor_dtype (u)) && (left || right))
    {
      TeTensor *turns = left && right ? ex_add (&e, left, right) : left ? left : right;
      turns = e.failed ? NULL : EX (&e, "imag", "T", diagonal_of (&e, turns));
      if (!check_phases (&e, turns,
                         "svd_backward: The singular vectors in the complex case are specified up to multiplication "
                         "by e^{i phi}. The specified loss function depends on this phase term, making it ill-defined."))
        return te_expr_close (&e);
      if (gu && gvh)
        {
          TeTensor *phases = EX (&e, "diag_embed", "T", diagonal_of (&e, left));
          phases = ex_div (&e, phases, ex_mul_scalar (&e, across, 2));
          core = core ? ex_add (&e, core, phases) : phases;
        }
    }
  if (gu)
    {
      TeTensor *part = ex_mul (&e, ex_div (&e, left, gap), across);
      core = core ? ex_add (&e, core, part) : part;
    }
  if (gvh)
    {
      TeTensor *part = ex_mul (&e, down, ex_div (&e, right, gap));
      core = core ? ex_add (&e, core, part) : part;
    }
  TeTensor *result = product (&e, product (&e, u, core), vh);
  if (gu && rows > k)
    result = ex_add (&e, result, product (&e, ex_div (&e, outside (&e, u, gu), across), vh));
  if (gvh && cols > k)
    {
      TeTensor *rest = turned (&e, outside (&e, turned (&e, vh), turned (&e, gvh)));
      result = ex_add (&e, result, product (&e, u, ex_div (&e, rest, down)));
    }
  return te_expr_end (&e, result, &ctx->results[0]);
}

static bool
old_svd_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (op, "linalg_svd")
  TeTensor *usv[3] = { NULL };
  if (!te_call_multi (op, usv, 3, err, "Tb", te_arg (call, 0), (int) !call->args[1].b))
    return false;
  TeExpr e = TE_EXPR (err);
  TeTensor *v = NULL;
  te_expr_end (&e, turned (&e, te_expr_keep (&e, usv[2])), &v);
  usv[2] = v;
  return give_all (call, usv, 3, v != NULL, err);
}

static bool
svdvals_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (op, "linalg_svd")
  TeTensor *usv[3] = { NULL };
  bool ok = te_call_multi (op, usv, 3, err, "Tb", te_arg (call, 0), 0);
  te_tensor_unref (usv[0]);
  te_tensor_unref (usv[2]);
  return ok && te_result_give (call, 0, usv[1], err);
}

/* Cofactors by singular values, also of singular matrices: det (U) det (Vᵀ) U diag (∏ of the other s) Vᵀ. */
static bool
cofactor_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *a = te_arg (call, 0), *wide = te_input_as (a, te_matrices_dtype (a), err), *u = NULL, *s = NULL,
           *vh = NULL, *out = NULL;
  bool ok = wide && svd_of (wide, 'S', &u, &s, &vh, err);
  int n = ok ? (int) a->sizes[a->ndim - 1] : 0;
  int64_t n_batch = ok && n ? a->numel / ((int64_t) n * n) : 0;
  out = ok ? te_tensor_new (a->ndim, a->sizes, te_matrices_dtype (a), err) : NULL;
  TeMatrices um = { .tensor = NULL }, vm = { .tensor = NULL };
  ok = out && te_matrices_read (&um, u, err) && te_matrices_read (&vm, vh, err);
  size_t nbytes = (size_t) ((n * n + 1) * um.parts) * sizeof (double), nbytes_pivots = (size_t) (n + 1) * sizeof (int);
  double *lu = te_new_sized (nbytes);
  int *pivots = te_new_sized (nbytes_pivots);
  ok = ok && ((lu && pivots) || te_error_no_memory (err));
  for (int64_t b = 0; ok && b < n_batch; b++)
    {
      const double *ub = te_matrices_at (&um, b), *vb = te_matrices_at (&vm, b),
                   *sb = (double *) te_tensor_data (s) + b * n;
      double *to = (double *) te_tensor_data (out) + b * n * n * um.parts;
      TeComplex128 sign = 1; /* det (U) det (Vᵀ), of which the inverse is the conjugate */
      for (int which = 0; which < 2; which++)
        {
          int info;
          memcpy (lu, which ? vb : ub, (size_t) (n * n * um.parts) * sizeof *lu);
          TE_LAPACK (um.is_complex, getrf) (&n, &n, lu, &n, pivots, &info);
          for (int k = 0; k < n; k++)
            {
              TeComplex128 d = te_matrices_get (&um, lu, k, k);
              sign *= d / cabs (d) * (pivots[k] != k + 1 ? -1 : 1);
            }
        }
      for (int r = 0; r < n; r++)
        for (int c = 0; c < n; c++)
          {
            TeComplex128 sum = 0;
            for (int k = 0; k < n; k++)
              {
                double others = 1;
                for (int x = 0; x < n; x++)
                  others *= x == k ? 1 : sb[x];
                sum += conj (te_matrices_get (&um, ub, r, k) * te_matrices_get (&vm, vb, k, c)) * others;
              }
            te_matrices_set (&um, to, c, r, sign * sum);
          }
    }
  call->outs[0] = ok ? te_input_as (out, te_tensor_dtype (a), err) : NULL;
  te_free_sized (lu, nbytes);
  te_free_sized (pivots, nbytes_pivots);
  te_matrices_clear (&um);
  te_matrices_clear (&vm);
  te_tensor_unref (wide);
  te_tensor_unref (u);
  te_tensor_unref (s);
  te_tensor_unref (vh);
  te_tensor_unref (out);
  return call->outs[0] != NULL;
}

/* ---- symmetric eigenvalues ---- */
static bool
eigh_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *a = te_arg (call, 0), *pair[2] = { NULL };
  const char *uplo = call->args[1].string;
  TeMatrices m;
  if (strcmp (uplo, "L") && strcmp (uplo, "U") && strcmp (uplo, "l") && strcmp (uplo, "u"))
    return te_error_set (err, TE_ERR_RUNTIME, "Expected UPLO argument to be 'L' or 'U', but got %s", uplo);
  if (!te_check_matrices ("linalg.eigh", a, true, err) || !te_matrices_read (&m, a, err))
    return false;
  int n = m.rows, n_work = 1 + 6 * n + 2 * n * n, n_iwork = 3 + 5 * n, info = 0,
      n_rwork = m.is_complex ? 1 + 5 * n + 2 * n * n : 0;
  size_t nbytes = (size_t) (n_work * m.parts + n_rwork) * sizeof (double);
  double *work = te_new_sized (nbytes), *rwork = work ? work + n_work * m.parts : NULL;
  int *iwork = te_new_sized ((size_t) n_iwork * sizeof *iwork);
  TeTensor *values = te_tensor_new (a->ndim - 1, a->sizes, TE_FLOAT64, err);
  bool ok = values && ((work && iwork) || te_error_no_memory (err));
  for (int64_t i = 0; ok && n && i < m.n_batch; i++)
    {
      const char *part = uplo[0] == 'U' || uplo[0] == 'u' ? "U" : "L";
      double *mi = te_matrices_at (&m, i), *vi = (double *) te_tensor_data (values) + i * n;
      if (m.is_complex)
        zheevd_ ("V", part, &n, mi, &n, vi, work, &n_work, rwork, &n_rwork, iwork, &n_iwork, &info);
      else
        dsyevd_ ("V", part, &n, mi, &n, vi, work, &n_work, iwork, &n_iwork, &info);
      if (info)
        ok = te_linalg_fail (
            "linalg.eigh", a, i, err,
            "The algorithm failed to converge because the input matrix is ill-conditioned or has too many "
            "repeated eigenvalues (error code: %d).",
            info);
    }
  if (ok)
    {
      pair[0] = te_input_as (values, te_dtype_real (te_tensor_dtype (a)), err);
      pair[1] = te_matrices_result (&m, te_tensor_dtype (a), false, err);
    }
  te_free_sized (work, nbytes);
  te_free_sized (iwork, (size_t) n_iwork * sizeof *iwork);
  te_tensor_unref (values);
  te_matrices_clear (&m);
  return give_all (call, pair, 2, ok, err);
}

static bool
eigh_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *l = ctx->outs[0], *v = ctx->outs[1], *core = NULL;
  if (!ctx->grads[0] && !ctx->grads[1])
    return true;
  if (ctx->grads[1])
    {
      TeTensor *inner = product (&e, turned (&e, v), ctx->grads[1]);
      TeTensor *along = diagonal_of (&e, inner);
      if (!e.failed && te_dtype_is_complex (te_tensor_dtype (v))
          && !check_phases (&e, EX (&e, "imag", "T", along),
                            "linalg_eigh_backward: The eigenvectors in the complex case are specified up to "
                            "multiplication by e^{i phi}. The specified loss function depends on this quantity, so it "
                            "is ill-defined."))
        return te_expr_close (&e);
      TeTensor *zero_diagonal = ex_sub (&e, inner, EX (&e, "diag_embed", "T", along));
      core = ex_div (&e, zero_diagonal, gaps (&e, l));
    }
  if (ctx->grads[0])
    {
      TeTensor *diagonal =
          te_expr_keep (&e, te_to_dtype (EX (&e, "diag_embed", "T", ctx->grads[0]), te_tensor_dtype (v), err));
      core = core ? ex_add (&e, core, diagonal) : diagonal;
    }
  return te_expr_end (&e, product (&e, product (&e, v, core), turned (&e, v)), &ctx->results[0]);
}

static bool
eigvalsh_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (op, "linalg_eigh")
  TeTensor *pair[2] = { NULL };
  bool ok = te_call_multi (op, pair, 2, err, "Ts", te_arg (call, 0), call->args[1].string);
  te_tensor_unref (pair[1]);
  return ok && te_result_give (call, 0, pair[0], err);
}

static bool
symeig_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (op, "linalg_eigh")
  TeTensor *pair[2] = { NULL };
  const int64_t none = 0;
  static bool warned;
  if (te_warn_due (&warned)
      && !te_warn (
          err, TE_WARN_USER,
          "torch.symeig is deprecated in favor of torch.linalg.eigh and will be removed in a future PyTorch "
          "release.\nThe default behavior has changed from using the upper triangular portion of the matrix "
          "by "
          "default to using the lower triangular portion.\nL, _ = torch.symeig(A, upper=upper)\nshould be "
          "replaced with\nL = torch.linalg.eigvalsh(A, UPLO='U' if upper else 'L')\nand\nL, V = "
          "torch.symeig(A, eigenvectors=True)\nshould be replaced with\nL, V = torch.linalg.eigh(A, UPLO='U' "
          "if upper else 'L')"))
    return false;
  bool ok = te_call_multi (op, pair, 2, err, "Ts", te_arg (call, 0), call->args[2].b ? "U" : "L");
  if (ok && !call->args[1].b)
    {
      te_tensor_unref (pair[1]);
      pair[1] = te_tensor_new (1, &none, te_tensor_dtype (te_arg (call, 0)), err);
    }
  return give_all (call, pair, 2, ok, err);
}

static bool
symeig_backward (TeBackward *ctx, TeError *err)
{
  if (!ctx->args[1].b)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "linalg_eig_backward: torch.symeig(A, eigenvectors=False) is not differentiable. Use "
                         "torch.linalg.eigvalsh(A) instead.");
  return eigh_backward (ctx, err);
}

/* ---- pseudo-inverse, rank ---- */
static double
epsilon_of (TeDtype dtype)
{
  return te_dtype_real (dtype) == TE_FLOAT64 ? DBL_EPSILON : FLT_EPSILON;
}

/* How small a singular value counts as zero. */
static double
threshold (const TeTensor *a, double largest, double atol, double rtol)
{
  int64_t rows = a->sizes[a->ndim - 2], cols = a->sizes[a->ndim - 1];
  if (rtol < 0)
    rtol = atol > 0 ? 0 : epsilon_of (te_tensor_dtype (a)) * (double) (rows > cols ? rows : cols);
  return fmax (atol > 0 ? atol : 0, rtol * largest);
}

static TeTensor *
pinv_of (TeTensor *a, double atol, double rtol, TeError *err)
{
  TeTensor *wide = te_input_as (a, te_matrices_dtype (a), err), *u = NULL, *s = NULL, *vh = NULL,
           *out = NULL;
  TeMatrices um = { .tensor = NULL }, vm = { .tensor = NULL };
  bool ok = wide && te_check_matrices ("linalg.pinv", a, false, err) && svd_of (wide, 'S', &u, &s, &vh, err)
            && te_matrices_read (&um, u, err) && te_matrices_read (&vm, vh, err);
  if (ok)
    {
      int rows = um.rows, cols = vm.cols, k = um.cols;
      int64_t sizes[TE_MAX_NDIM];
      memcpy (sizes, a->sizes, (size_t) a->ndim * sizeof *sizes);
      sizes[a->ndim - 2] = cols;
      sizes[a->ndim - 1] = rows;
      out = te_tensor_new (a->ndim, sizes, te_matrices_dtype (a), err);
      for (int64_t b = 0; out && b < um.n_batch; b++)
        {
          const double *ub = te_matrices_at (&um, b), *vb = te_matrices_at (&vm, b),
                       *sb = (double *) te_tensor_data (s) + b * k;
          double *to = (double *) te_tensor_data (out) + b * rows * cols * um.parts,
                 least_kept = threshold (a, k ? sb[0] : 0, atol, rtol);
          for (int c = 0; c < cols; c++)
            for (int r = 0; r < rows; r++)
              {
                TeComplex128 sum = 0;
                for (int x = 0; x < k; x++)
                  sum += sb[x] > least_kept
                             ? conj (te_matrices_get (&vm, vb, x, c) / sb[x] * te_matrices_get (&um, ub, r, x))
                             : 0;
                te_matrices_set (&um, to, r, c, sum);
              }
        }
    }
  TeTensor *result = out ? te_input_as (out, te_tensor_dtype (a), err) : NULL;
  te_matrices_clear (&um);
  te_matrices_clear (&vm);
  te_tensor_unref (wide);
  te_tensor_unref (u);
  te_tensor_unref (s);
  te_tensor_unref (vh);
  te_tensor_unref (out);
  return result;
}

static bool
pinv_kernel (TeOpCall *call, TeError *err)
{
  double atol = te_arg_given (call, 1) ? call->args[1].f : 0,
         rtol = te_arg_given (call, 2) ? call->args[2].f : -1;
  TeTensor *a = te_arg (call, 0);
  TeDtype dtype = te_tensor_dtype (a);
  char sizes[512];
  if (a->ndim < 2 || !te_dtype_is_inexact (dtype) || dtype == TE_FLOAT16 || dtype == TE_BFLOAT16)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "linalg.pinv(%s{%s}): expected a tensor with 2 or more dimensions of float, double, cfloat or "
                         "cdouble types",
                         te_dtype_error_name (dtype), te_shape_text (a->ndim, a->sizes, sizes, sizeof sizes));
  if (!call->args[3].b)
    return te_result_give (call, 0, pinv_of (a, atol, rtol, err), err);
  if (!te_check_matrices ("linalg.eigh", a, true, err))
    return false;
  TeExpr e = TE_EXPR (err); /* the lower triangle says all */
  TeTensor *below = EX (&e, "tril", "Ti", a, (int64_t) -1);
  a = ex_add (&e, EX (&e, "tril", "Ti", a, (int64_t) 0), turned (&e, below));
  TeTensor *result = e.failed ? NULL : pinv_of (a, atol, rtol, err);
  te_expr_close (&e);
  return te_result_give (call, 0, result, err);
}

/* Source: Golub and Pereyra 1973, "The differentiation of pseudo-inverses". */
TeTensor *
te_pinv_gradient (TeExpr *e, TeTensor *a, TeTensor *p, TeTensor *grad)
{
  TeTensor *ph = turned (e, p), *gh = turned (e, grad), *result;
  if (a->sizes[a->ndim - 2] <= a->sizes[a->ndim - 1])
    {
      TeTensor *k = product (e, gh, p), *kph = product (e, k, ph);
      result = ex_add (e, ex_neg (e, turned (e, product (e, p, k))), kph);
      result = ex_sub (e, result, product (e, product (e, a, p), kph));
      result = ex_add (e, result, product (e, product (e, ph, p), ex_sub (e, gh, product (e, k, a))));
    }
  else
    {
      TeTensor *k = product (e, p, gh), *phk = product (e, ph, k);
      result = ex_add (e, ex_neg (e, turned (e, product (e, k, p))),
                       product (e, product (e, ex_sub (e, gh, product (e, a, k)), p), ph));
      result = ex_add (e, result, phk);
      result = ex_sub (e, result, product (e, product (e, phk, p), a));
    }
  return result;
}

static bool
pinv_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  return te_expr_end (&e, te_pinv_gradient (&e, ctx->inputs[0], ctx->outs[0], ctx->grads[0]),
                      &ctx->results[0]);
}

static bool
pinv_rcond_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (op, "linalg_pinv.atol_rtol_float")
  TeTensor *result = te_call (op, err, "Tff", te_arg (call, 0), 0.0, call->args[1].f);
  return te_result_give (call, 0, result, err);
}

/* The sizes of the eigenvalues of matrices of which the lower triangle says all. */
static TeTensor *
hermitian_values (TeTensor *a, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *result = NULL;
  te_expr_end (&e, EX (&e, "abs", "T", EX (&e, "linalg_eigvalsh", "T", a)), &result);
  return result;
}

static bool
rank_of (TeOpCall *call, double atol, double rtol, bool hermitian, TeError *err)
{
  TeTensor *a = te_arg (call, 0), *s = NULL;
  if (!te_check_matrices ("linalg.matrix_rank", a, false, err)
      || !(hermitian ? (s = hermitian_values (a, err)) != NULL : svd_of (a, 'N', NULL, &s, NULL, err)))
    {
      te_tensor_unref (s);
      return false;
    }
  TeTensor *out = te_tensor_new (a->ndim - 2, a->sizes, TE_INT64, err),
           *wide = out ? te_input_as (s, TE_FLOAT64, err) : NULL;
  int64_t k = s->sizes[s->ndim - 1];
  for (int64_t b = 0; wide && b < out->numel; b++)
    {
      const double *values = (double *) te_tensor_data (wide) + b * k;
      double largest = 0;
      for (int64_t i = 0; i < k; i++)
        largest = fmax (largest, values[i]);
      double least_kept = threshold (a, largest, atol, rtol);
      int64_t n = 0;
      for (int64_t i = 0; i < k; i++)
        n += values[i] > least_kept;
      ((int64_t *) te_tensor_data (out))[b] = n;
    }
  te_tensor_unref (s);
  if (!wide)
    te_tensor_clear (&out);
  te_tensor_unref (wide);
  return te_result_give (call, 0, out, err);
}

static bool
matrix_rank_kernel (TeOpCall *call, TeError *err)
{
  return rank_of (call, te_arg_given (call, 1) ? call->args[1].f : 0,
                  te_arg_given (call, 2) ? call->args[2].f : -1, call->args[3].b, err);
}

static bool
matrix_rank_tol_kernel (TeOpCall *call, TeError *err)
{
  return rank_of (call, call->args[1].f, 0, call->args[2].b, err);
}

#define LINALG (TE_OP_LINALG | TE_OP_OUT)

static const TeOpDef rows[] = {
  { "linalg_qr(Tensor A, str mode=\"reduced\") -> (Tensor Q, Tensor R)", LINALG | TE_OP_CONJ_RULE, linalg_qr_kernel,
    qr_backward, "LinalgQrBackward", TE_SAVE_OUT (0) | TE_SAVE_OUT (1),
    .doc = "Orthonormal columns Q and an upper triangle R with QR = A." },
  { "qr(Tensor self, bool some=True) -> (Tensor Q, Tensor R)", BOTH | TE_OP_OUT | TE_OP_COMPOSITE,
    old_qr_kernel, .doc = "linalg.qr under its old name." },
  { "linalg_svd(Tensor A, bool full_matrices=True, *, str? driver=None) -> (Tensor U, Tensor S, Tensor Vh)",
    LINALG | TE_OP_CONJ_RULE, linalg_svd_kernel, svd_backward, "LinalgSvdBackward",
    TE_SAVE_OUT (0) | TE_SAVE_OUT (1) | TE_SAVE_OUT (2),
    .doc = "U diag(S) Vh = A with orthonormal U and Vh." },
  { "svd(Tensor self, bool some=True, bool compute_uv=True) -> (Tensor U, Tensor S, Tensor V)",
    BOTH | TE_OP_OUT | TE_OP_COMPOSITE, old_svd_kernel,
    .doc = "linalg.svd under its old name; gives V instead of its transpose." },
  { "linalg_svdvals(Tensor A, *, str? driver=None) -> Tensor", LINALG | TE_OP_COMPOSITE, svdvals_kernel,
    .doc = "The singular values, largest first." },
  { "_linalg_cofactor(Tensor A) -> Tensor", 0, cofactor_kernel,
    .doc = "The cofactors of square matrices: the determinant's slope." },
  { "linalg_eigh(Tensor self, str UPLO=\"L\") -> (Tensor eigenvalues, Tensor eigenvectors)",
    LINALG | TE_OP_CONJ_RULE, eigh_kernel, eigh_backward, "LinalgEighBackward", TE_SAVE_OUT (0) | TE_SAVE_OUT (1),
    .doc = "Eigenvalues (ascending) and vectors of symmetric matrices." },
  { "symeig(Tensor self, bool eigenvectors=False, bool upper=True) -> (Tensor eigenvalues, Tensor "
    "eigenvectors)",
    BOTH | TE_OP_OUT | TE_OP_CONJ_RULE, symeig_kernel, symeig_backward, "SymeigBackward", TE_SAVE_OUT (0) | TE_SAVE_OUT (1),
    .doc = "linalg.eigh under its old name; without vectors unless asked for." },
  { "linalg_eigvalsh(Tensor self, str UPLO=\"L\") -> Tensor", LINALG | TE_OP_COMPOSITE, eigvalsh_kernel,
    .doc = "Eigenvalues of symmetric matrices, ascending." },
  { "linalg_pinv.atol_rtol_float(Tensor self, *, float? atol=None, float? rtol=None, bool hermitian=False) "
    "-> Tensor",
    LINALG | TE_OP_CONJ_RULE, pinv_kernel, pinv_backward, "LinalgPinvBackward", TE_SAVE_ARG (0) | TE_SAVE_OUT (0),
    .doc = "The pseudo-inverse." },
  { "linalg_pinv(Tensor self, float rcond, bool hermitian=False) -> Tensor", LINALG | TE_OP_COMPOSITE,
    pinv_rcond_kernel,
    .doc = "The pseudo-inverse; singular values below rcond times the largest count as zero." },
  { "pinverse(Tensor self, float rcond=1e-15) -> Tensor", BOTH | TE_OP_COMPOSITE, pinv_rcond_kernel,
    .doc = "linalg.pinv under its old name." },
  { "linalg_matrix_rank.atol_rtol_float(Tensor self, *, float? atol=None, float? rtol=None, bool "
    "hermitian=False) -> Tensor",
    LINALG | TE_OP_NONDIFF, matrix_rank_kernel, .doc = "How many singular values are not zero." },
  { "linalg_matrix_rank(Tensor self, float tol, bool hermitian=False) -> Tensor", LINALG | TE_OP_NONDIFF,
    matrix_rank_tol_kernel, .doc = "How many singular values lie above tol." },
};

TE_OP_FAMILY (te_family_linalg_factor, rows);
