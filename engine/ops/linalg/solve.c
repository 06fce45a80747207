/* Square matrices: inverse, determinant, solving, Cholesky, triangular systems; and their gradients. */
#include <cblas.h>
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

/* ---- factor LU of a batch ---- */
typedef struct
{
  TeMatrices lu;
  int *pivots; /* n per matrix */
  int *info;   /* one per matrix: 0, or the zero on the diagonal */
  size_t nbytes_pivots, nbytes_info;
} Factored;

static void
factored_clear (Factored *f)
{
  te_free_sized (f->pivots, f->nbytes_pivots);
  te_free_sized (f->info, f->nbytes_info);
  te_matrices_clear (&f->lu);
}

static bool
factor (Factored *f, TeTensor *a, TeError *err)
{
  *f = (Factored){ .pivots = NULL };
  if (!te_matrices_read (&f->lu, a, err))
    return false;
  int n = f->lu.rows;
  f->nbytes_pivots = (size_t) (f->lu.n_batch * n + 1) * sizeof (int);
  f->nbytes_info = (size_t) (f->lu.n_batch + 1) * sizeof (int);
  f->pivots = te_new_sized (f->nbytes_pivots);
  f->info = te_new_sized (f->nbytes_info);
  if (!f->pivots || !f->info)
    {
      factored_clear (f);
      return te_error_no_memory (err);
    }
  for (int64_t i = 0; n && i < f->lu.n_batch; i++)
    TE_LAPACK (f->lu.is_complex, getrf)
    (&n, &n, te_matrices_at (&f->lu, i), &n, f->pivots + i * n, f->info + i);
  return true;
}

static TeTensor *
infos_of (const TeTensor *a, const int *info, int64_t n, TeError *err)
{
  TeTensor *out = te_tensor_new (a->ndim - 2, a->sizes, TE_INT32, err);
  for (int64_t i = 0; out && i < n; i++)
    ((int32_t *) te_tensor_data (out))[i] = info[i];
  return out;
}

/* ---- inverse ---- */
static bool
inv_ex_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *a = te_arg (call, 0);
  Factored f;
  if (!te_check_matrices ("linalg.inv", a, true, err) || !factor (&f, a, err))
    return false;
  int n = f.lu.rows, n_work = 64 * (n ? n : 1), failed;
  size_t nbytes = (size_t) (n_work * f.lu.parts) * sizeof (double);
  double *work = te_new_sized (nbytes);
  bool ok = work || te_error_no_memory (err);
  for (int64_t i = 0; ok && n && i < f.lu.n_batch; i++)
    {
      double *x = te_matrices_at (&f.lu, i);
      if (f.info[i] == 0)
        TE_LAPACK (f.lu.is_complex, getri) (&n, x, &n, f.pivots + i * n, work, &n_work, &failed);
      else if (call->args[1].b)
        ok = te_linalg_fail ("linalg.inv", a, i, err,
                             "The diagonal element %d is zero, the inversion could not be completed because "
                             "the input matrix is "
                             "singular.",
                             f.info[i]);
      else /* what PyTorch's division by that zero leaves */
        for (int k = 0; k < n * n * f.lu.parts; k++)
          x[k] = NAN;
    }
  te_free_sized (work, nbytes);
  if (ok)
    ok = te_result_give (call, 0, te_matrices_result (&f.lu, te_tensor_dtype (a), false, err), err)
         && te_result_give (call, 1, infos_of (a, f.info, f.lu.n_batch, err), err);
  factored_clear (&f);
  return ok;
}

static TeTensor *
turned (TeExpr *e, TeTensor *t)
{
  return EX (e, "transpose", "Tii", t, (int64_t) -2, (int64_t) -1);
}

/* The transpose, conjugate where the numbers are complex. */
static TeTensor *
adjoint (TeExpr *e, TeTensor *t)
{
  return EX (e, "adjoint", "T", t);
}

static bool
inv_ex_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  if (!ctx->grads[0])
    return true;
  TeTensor *t = turned (&e, ctx->outs[0]);
  return te_expr_end (&e, ex_neg (&e, EX (&e, "matmul", "TT", t, EX (&e, "matmul", "TT", ctx->grads[0], t))),
                      &ctx->results[0]);
}

/* Composites that check and keep the first result. */
static bool
first_of (TeOpCall *call, const TeOp *op, TeTensor *a, TeError *err)
{
  TeTensor *pair[2] = { NULL };
  bool ok = te_call_multi (op, pair, 2, err, "Tb", a, 1);
  te_tensor_unref (pair[1]);
  return ok && te_result_give (call, 0, pair[0], err);
}

static bool
inv_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (op, "linalg_inv_ex")
  return first_of (call, op, te_arg (call, 0), err);
}

/* ---- determinant ---- */
/* The sign of a number, or the unit number of its direction. */
static TeComplex128
direction (const TeMatrices *m, TeComplex128 d)
{
  double size = cabs (d);
  if (!m->is_complex)
    return creal (d) > 0 ? 1 : creal (d) < 0 ? -1 : d;
  return size == 0 ? 0 : d / size;
}

static bool
slogdet_of (TeTensor *a, const char *name, TeTensor **sign, TeTensor **logabs, TeTensor **det, TeError *err)
{
  Factored f;
  if (!te_check_matrices (name, a, true, err) || !factor (&f, a, err))
    return false;
  TeDtype dtype = te_tensor_dtype (a);
  TeTensor *results[3] = { NULL };
  bool ok = true;
  for (int r = 0; ok && r < 3; r++)
    {
      results[r] = te_tensor_new (a->ndim - 2, a->sizes, r == 1 ? te_dtype_real (dtype) : dtype, err);
      ok = results[r] != NULL;
    }
  int n = f.lu.rows;
  for (int64_t i = 0; ok && i < f.lu.n_batch; i++)
    {
      const double *lu = te_matrices_at (&f.lu, i);
      TeComplex128 s = 1, product = 1;
      double log_sum = 0;
      for (int k = 0; k < n; k++)
        {
          TeComplex128 d = te_matrices_get (&f.lu, lu, k, k);
          s *= direction (&f.lu, d) * (f.pivots[i * n + k] != k + 1 ? -1 : 1);
          log_sum += log (cabs (d));
          product *= d * (f.pivots[i * n + k] != k + 1 ? -1 : 1);
        }
      const TeComplex128 values[] = { s, log_sum, product };
      for (int r = 0; r < 3; r++)
        {
          TeDtype to = te_tensor_dtype (results[r]);
          te_scalar_store (te_scalar_complex (creal (values[r]), cimag (values[r])), to,
                           (char *) te_tensor_data (results[r]) + (size_t) i * te_dtype_nbytes (to));
        }
    }
  factored_clear (&f);
  TeTensor **places[] = { sign, logabs, det };
  for (int r = 0; r < 3; r++)
    if (ok && places[r])
      *places[r] = results[r];
    else
      te_tensor_unref (results[r]);
  return ok;
}

static bool
det_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *det = NULL;
  return slogdet_of (te_arg (call, 0), "linalg.det", NULL, NULL, &det, err)
         && te_result_give (call, 0, det, err);
}

static TeTensor *
spread_to_matrices (TeExpr *e, TeTensor *numbers)
{
  return EX (e, "unsqueeze", "Ti", EX (e, "unsqueeze", "Ti", numbers, (int64_t) -1), (int64_t) -1);
}

/* d det (A) = det (A) tr (A⁻¹ dA); where a matrix is singular, by its cofactors. */
/* The inverse of each matrix times a number, by solving, as PyTorch does where this is differentiated in
 * turn. */
static TeTensor *
inverse_times (TeExpr *e, TeTensor *a, TeTensor *numbers)
{
  if (e->failed)
    return NULL;
  TeTensor *line = EX (e, "unsqueeze", "Ti", numbers, (int64_t) -1);
  line = EX (e, "expand", "TI", line, a->sizes, (int) a->ndim - 1);
  return EX (e, "linalg_solve", "TT", a, turned (e, EX (e, "diag_embed", "T", line)));
}

static bool
det_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  if (!ctx->inputs[0]->numel) /* no gradient, as in PyTorch */
    return true;
  TeTensor *det = te_input_contiguous (ctx->outs[0], err);
  bool singular = false, nearly = false; /* PyTorch takes another way where it is nearly so, which strides tell */
  for (int64_t i = 0; det && i < det->numel; i++)
    {
      TeDtype dtype = te_tensor_dtype (det);
      TeScalar number = te_scalar_load (dtype, (char *) te_tensor_data (det) + (size_t) i * te_dtype_nbytes (dtype));
      double size = hypot (number.f, te_scalar_imag (number));
      singular |= size == 0;
      nearly |= size < 100 * (te_dtype_real (dtype) == TE_FLOAT64 ? DBL_EPSILON : FLT_EPSILON);
    }
  te_tensor_unref (det);
  if (!det)
    return false;
  if (ctx->create_graph && !singular)
    {
      TeTensor *solved = inverse_times (&e, turned (&e, ctx->inputs[0]), ex_mul (&e, ctx->grads[0], ctx->outs[0]));
      return te_expr_end (&e, nearly ? EX (&e, "contiguous", "T", solved) : solved, &ctx->results[0]);
    }
  TeTensor *grad =
      spread_to_matrices (&e, singular ? ctx->grads[0] : ex_mul (&e, ctx->grads[0], ctx->outs[0]));
  TeTensor *slope = singular ? EX (&e, "contiguous", "T", EX (&e, "_linalg_cofactor", "T", ctx->inputs[0]))
                             : EX (&e, "linalg_inv", "T", turned (&e, ctx->inputs[0]));
  return te_expr_end (&e, ex_mul (&e, grad, slope), &ctx->results[0]);
}

static bool
slogdet_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *sign = NULL, *logabs = NULL;
  if (!slogdet_of (te_arg (call, 0), "linalg.slogdet", &sign, &logabs, NULL, err))
    return false;
  bool ok = te_result_give (call, 0, sign, err);
  if (!ok)
    te_tensor_unref (logabs);
  return ok && te_result_give (call, 1, logabs, err);
}

static bool
slogdet_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *sign = ctx->outs[0], *grad = ctx->grads[1];
  bool is_complex = te_dtype_is_complex (te_tensor_dtype (sign));
  if (!grad && !(is_complex && ctx->grads[0]))
    return true;
  if (is_complex && ctx->grads[0])
    { /* the sign only turns: what is across it counts */
      TeTensor *across = EX (&e, "imag", "T", ex_mul (&e, ex_conj (&e, ctx->grads[0]), sign));
      TeTensor *along = grad ? grad : ex_zeros_like (&e, across);
      grad = EX (&e, "complex", "TT", along, ex_neg (&e, across));
    }
  if (ctx->create_graph)
    return te_expr_end (&e, inverse_times (&e, adjoint (&e, ctx->inputs[0]), grad), &ctx->results[0]);
  TeTensor *inverse = EX (&e, "linalg_inv", "T", adjoint (&e, ctx->inputs[0]));
  return te_expr_end (&e, ex_mul (&e, spread_to_matrices (&e, grad), inverse), &ctx->results[0]);
}

static bool
logdet_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (slogdet, "linalg_slogdet")
  TeTensor *pair[2] = { NULL }, *result = NULL;
  TeExpr e = TE_EXPR (err);
  if (!te_check_matrices ("logdet", te_arg (call, 0), true, err)
      || !te_call_multi (slogdet, pair, 2, err, "T", te_arg (call, 0)))
    return false;
  te_expr_keep (&e, pair[0]);
  te_expr_keep (&e, pair[1]);
  if (te_dtype_is_complex (te_tensor_dtype (pair[0])))
    return te_expr_end (&e, ex_add (&e, EX (&e, "log", "T", pair[0]), pair[1]), &result)
           && te_result_give (call, 0, result, err);
  TeTensor *nan =
      te_expr_keep (&e, te_tensor_new_scalar (te_scalar_float (NAN), te_tensor_dtype (pair[1]), err));
  TeTensor *negative = EX (&e, "eq.Scalar", "TS", pair[0], te_scalar_int (-1));
  return te_expr_end (&e, ex_where (&e, negative, nan, pair[1]), &result)
         && te_result_give (call, 0, result, err);
}

/* ---- solve ---- */
/* B is a vector (or a batch of them) when it has one dimension, or one fewer than A with A's batch. */
static bool
is_vector_case (const TeTensor *a, const TeTensor *b)
{
  if (b->ndim == 1)
    return true;
  if (a->ndim - 1 != b->ndim)
    return false;
  for (int d = 0; d < b->ndim; d++)
    if (a->sizes[d] != b->sizes[d])
      return false;
  return true;
}

static bool
check_solve (const char *name, TeTensor *a, TeTensor *b, bool left, TeError *err)
{
  bool vector = is_vector_case (a, b);
  if (!te_check_matrices (name, a, true, err))
    return false;
  /* solve_triangular gives A's dtype, whatever B has */
  if (a->dtype != b->dtype && strcmp (name, "linalg.solve_triangular"))
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "%s: Expected A and B to have the same dtype, but found A of type %s and B of type %s instead", name,
        te_dtype_error_name (te_tensor_dtype (a)), te_dtype_error_name (te_tensor_dtype (b)));
  if (!vector && b->ndim < 2)
    return te_error_set (err, TE_ERR_RUNTIME, "%s: The input tensor B must have at least 2 dimensions.",
                         name);
  int64_t n = a->sizes[a->ndim - 1], rows = vector ? b->sizes[b->ndim - 1] : b->sizes[b->ndim - 2],
          cols = vector ? 1 : b->sizes[b->ndim - 1];
  if ((left ? rows : cols) != n)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "%s: Incompatible shapes of A and B for the equation %s (%lldx%lld and %lldx%lld)",
                         name, left ? "AX = B" : "XA = B", (long long) n, (long long) n, (long long) rows,
                         (long long) cols);
  return true;
}

/* Broadcasts the batch dimensions of A and B (which has a last dimension for its columns); owned views. */
static bool
broadcast_pair (TeTensor *a, TeTensor *b, TeTensor **wide_a, TeTensor **wide_b, TeError *err)
{
  int64_t sizes[TE_MAX_NDIM];
  int ndim;
  *wide_a = *wide_b = NULL;
  if (!te_shape_broadcast (a->ndim - 2, a->sizes, b->ndim - 2, b->sizes, &ndim, sizes, err))
    return false;
  TeTensor *const in[] = { a, b };
  TeTensor **out[] = { wide_a, wide_b };
  for (int i = 0; i < 2; i++)
    {
      int64_t all[TE_MAX_NDIM], strides[TE_MAX_NDIM];
      TeTensor *t = in[i];
      for (int d = 0; d < ndim + 2; d++)
        {
          int from = d - (ndim + 2 - t->ndim);
          all[d] = d < ndim ? sizes[d] : t->sizes[from];
          strides[d] = from < 0 || (d < ndim && t->sizes[from] != sizes[d]) ? 0 : t->strides[from];
        }
      *out[i] = te_view_new (t, te_tensor_dtype (t), ndim + 2, all, strides, t->offset, err);
    }
  if (*wide_a && *wide_b)
    return true;
  te_tensor_clear (wide_a);
  te_tensor_clear (wide_b);
  return false;
}

static TeTensor *
as_columns (TeTensor *b, bool vector, TeError *err)
{
  int64_t sizes[TE_MAX_NDIM], strides[TE_MAX_NDIM];
  memcpy (sizes, b->sizes, (size_t) b->ndim * sizeof *sizes);
  memcpy (strides, b->strides, (size_t) b->ndim * sizeof *strides);
  sizes[b->ndim] = strides[b->ndim] = 1;
  return vector ? te_view_new (b, te_tensor_dtype (b), b->ndim + 1, sizes, strides, b->offset, err)
                : te_tensor_ref (b);
}

/* Takes the last dimension (of size 1) away from a result. */
static bool
drop_column (TeTensor *x, TeError *err)
{
  return te_tensor_set_geometry (x, x->ndim - 1, x->sizes, x->strides, x->offset, err);
}

static bool
solve_ex_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *a = te_arg (call, 0), *b = te_arg (call, 1), *wide_a = NULL, *wide_b = NULL;
  bool left = call->args[2].b, vector = is_vector_case (a, b), ok;
  if (!check_solve ("linalg.solve", a, b, left, err))
    return false;
  TeTensor *columns = as_columns (b, vector, err);
  Factored f = { .pivots = NULL };
  TeMatrices x = { .tensor = NULL };
  ok = columns && broadcast_pair (a, columns, &wide_a, &wide_b, err) && factor (&f, wide_a, err)
       && te_matrices_read (&x, wide_b, err);
  if (ok && !left)
    { /* XA = B is AᵀXᵀ = Bᵀ: the rows of B are the columns to solve for */
      te_matrices_clear (&x);
      int64_t sizes[TE_MAX_NDIM], strides[TE_MAX_NDIM];
      for (int d = 0; d < wide_b->ndim; d++)
        {
          int from = d == wide_b->ndim - 2 ? d + 1 : d == wide_b->ndim - 1 ? d - 1 : d;
          sizes[d] = wide_b->sizes[from];
          strides[d] = wide_b->strides[from];
        }
      ok = te_tensor_set_geometry (wide_b, wide_b->ndim, sizes, strides, wide_b->offset, err)
           && te_matrices_read (&x, wide_b, err);
    }
  int n = ok ? f.lu.rows : 0, failed;
  for (int64_t i = 0; ok && n && i < f.lu.n_batch; i++)
    {
      if (f.info[i])
        {
          if (call->args[3].b)
            ok = te_error_set (err, TE_ERR_LINALG,
                               "torch.linalg.solve: The solver failed because the input matrix is singular.");
          continue;
        }
      TE_LAPACK (x.is_complex, getrs)
      (left ? "N" : "T", &n, &x.cols, te_matrices_at (&f.lu, i), &n, f.pivots + i * n, te_matrices_at (&x, i), &n,
       &failed);
    }
  /* the columns that were solved for are the rows of X when it stands on the left */
  TeTensor *result = !ok    ? NULL
                     : left ? te_matrices_result (&x, te_tensor_dtype (a), false, err)
                            : te_input_as (x.tensor, te_tensor_dtype (a), err);
  ok = ok && result && (!vector || drop_column (result, err));
  TeTensor *info = ok ? infos_of (wide_a, f.info, f.lu.n_batch, err) : NULL;
  ok = ok && info;
  if (ok)
    ok = te_result_give (call, 0, result, err) && te_result_give (call, 1, info, err);
  else
    te_tensor_unref (result);
  factored_clear (&f);
  te_matrices_clear (&x);
  te_tensor_unref (columns);
  te_tensor_unref (wide_a);
  te_tensor_unref (wide_b);
  return ok;
}

static TeTensor *
column (TeExpr *e, TeTensor *t, bool vector)
{
  return vector ? EX (e, "unsqueeze", "Ti", t, (int64_t) -1) : t;
}

static bool
solve_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *a = ctx->inputs[0], *x = ctx->outs[0];
  bool left = ctx->args[2].b;
  if (!ctx->grads[0])
    return true;
  /* AᵀG = g: the gradient of B, and -G xᵀ that of A */
  bool vector = x->ndim < a->ndim && x->ndim + 1 == ctx->metas[1].ndim + 1 && ctx->metas[1].ndim == x->ndim
                && (ctx->metas[1].ndim == 1 || a->ndim - 1 == ctx->metas[1].ndim);
  TeTensor *g =
      EX (&e, "linalg_solve", "TTb", turned (&e, a), column (&e, ctx->grads[0], vector), (int) left);
  if (ctx->needs[0])
    {
      TeTensor *xc = column (&e, x, vector);
      TeTensor *outer =
          left ? EX (&e, "matmul", "TT", g, turned (&e, xc)) : EX (&e, "matmul", "TT", turned (&e, xc), g);
      TeTensor *grad = ex_neg (&e, outer);
      if (vector && ctx->create_graph)
        grad = EX (&e, "squeeze.dim", "Ti", grad, (int64_t) -1); /* which PyTorch does to both */
      te_expr_put (&e, ex_reduce (&e, grad, &ctx->metas[0]), &ctx->results[0]);
    }
  if (ctx->needs[1])
    {
      TeTensor *grad = vector ? EX (&e, "squeeze.dim", "Ti", g, (int64_t) -1) : g;
      te_expr_put (&e, ex_reduce (&e, grad, &ctx->metas[1]), &ctx->results[1]);
    }
  return te_expr_close (&e);
}

static bool
solve_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (op, "linalg_solve_ex")
  TeTensor *pair[2] = { NULL };
  bool ok =
      te_call_multi (op, pair, 2, err, "TTbb", te_arg (call, 0), te_arg (call, 1), (int) call->args[2].b, 1);
  te_tensor_unref (pair[1]);
  return ok && te_result_give (call, 0, pair[0], err);
}

/* ---- Cholesky ---- */
static bool
cholesky_fail (const char *name, const TeTensor *a, int64_t batch, int info, TeError *err)
{
  return te_linalg_fail (name, a, batch, err,
                         "The factorization could not be completed because the input is not "
                         "positive-definite (the leading minor of order %d is not positive-definite).",
                         info);
}

static bool
cholesky_ex_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *a = te_arg (call, 0);
  bool upper = call->args[1].b, check = call->args[2].b;
  TeMatrices m;
  if (!te_check_matrices ("linalg.cholesky", a, true, err) || !te_matrices_read (&m, a, err))
    return false;
  int n = m.rows;
  TeTensor *infos = te_tensor_new (a->ndim - 2, a->sizes, TE_INT32, err);
  bool ok = infos != NULL;
  for (int64_t i = 0; ok && i < m.n_batch; i++)
    {
      double *x = te_matrices_at (&m, i);
      int info = 0;
      if (n)
        TE_LAPACK (m.is_complex, potrf) (upper ? "U" : "L", &n, x, &n, &info);
      for (int col = 0; col < n; col++)
        for (int row = 0; row < n; row++)
          if (upper ? row > col : row < col)
            te_matrices_set (&m, x, row, col, 0);
      ((int32_t *) te_tensor_data (infos))[i] = info;
      if (info && check)
        ok = cholesky_fail ("linalg.cholesky_ex", a, i, info, err);
    }
  TeTensor *result = ok ? te_matrices_result (&m, te_tensor_dtype (a), false, err) : NULL;
  te_matrices_clear (&m);
  if (!result)
    {
      te_tensor_unref (infos);
      return false;
    }
  return te_result_give (call, 0, result, err) && te_result_give (call, 1, infos, err);
}

/* Source: Murray 2016, "Differentiation of the Cholesky decomposition". */
static bool
cholesky_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  bool upper = ctx->args[1].b;
  if (!ctx->grads[0])
    return true;
  TeTensor *l = upper ? adjoint (&e, ctx->outs[0]) : ctx->outs[0];
  TeTensor *g = upper ? adjoint (&e, ctx->grads[0]) : ctx->grads[0];
  TeTensor *lh = adjoint (&e, l), *phi = EX (&e, "matmul", "TT", lh, g);
  TeTensor *below = EX (&e, "tril", "Ti", phi, (int64_t) -1), *low = EX (&e, "tril", "Ti", phi, (int64_t) 0);
  if (!e.failed && te_dtype_is_complex (te_tensor_dtype (phi))) /* L has real numbers on its diagonal */
    low = ex_add (&e, below,
                  EX (&e, "diag_embed", "T",
                      EX (&e, "real", "T", EX (&e, "diagonal", "Tiii", phi, (int64_t) 0, (int64_t) -2, (int64_t) -1))));
  TeTensor *both = ex_add (&e, low, adjoint (&e, below));
  TeTensor *half = ex_mul_scalar (&e, both, 0.5);
  TeTensor *left = EX (&e, "linalg_solve_triangular", "TTbb", lh, half, 1, 1);
  return te_expr_end (&e, EX (&e, "linalg_solve_triangular", "TTbb", l, left, 0, 0), &ctx->results[0]);
}

/* cholesky_ex whose failures are errors, told in the words of `name`. */
static bool
cholesky_or_fail (TeOpCall *call, const char *name, TeError *err)
{
  TE_OP (op, "linalg_cholesky_ex")
  TeTensor *a = te_arg (call, 0), *pair[2] = { NULL };
  bool ok = te_check_matrices (name, a, true, err)
            && te_call_multi (op, pair, 2, err, "Tbb", a, (int) call->args[1].b, 0);
  for (int64_t i = 0; ok && i < pair[1]->numel; i++)
    {
      int info = ((const int32_t *) te_tensor_data (pair[1]))[i];
      ok = !info || cholesky_fail (name, a, i, info, err);
    }
  te_tensor_unref (pair[1]);
  if (!ok)
    te_tensor_clear (&pair[0]);
  return ok && te_result_give (call, 0, pair[0], err);
}

static bool
cholesky_kernel (TeOpCall *call, TeError *err)
{
  return cholesky_or_fail (call, "linalg.cholesky", err);
}

static bool
old_cholesky_kernel (TeOpCall *call, TeError *err)
{
  static bool warned;
  if (te_warn_due (&warned)
      && !te_warn (
          err, TE_WARN_USER,
          "torch.cholesky is deprecated in favor of torch.linalg.cholesky and will be removed in a future "
          "PyTorch "
          "release.\nL = torch.cholesky(A)\nshould be replaced with\nL = torch.linalg.cholesky(A)\nand\nU = "
          "torch.cholesky(A, upper=True)\nshould be replaced with\nU = torch.linalg.cholesky(A).mH().\nThis "
          "transform "
          "will produce equivalent results for all valid (symmetric positive definite) inputs."))
    return false;
  return cholesky_or_fail (call, "cholesky", err);
}

/* ---- triangular systems ---- */
static void
triangular (const TeMatrices *m,
            const TeMatrices *x,
            int64_t i,
            enum CBLAS_SIDE side,
            enum CBLAS_UPLO part,
            enum CBLAS_DIAG diagonal)
{
  const double *a = te_matrices_at (m, i);
  double *b = te_matrices_at (x, i);
  if (m->is_complex)
    cblas_ztrsm (CblasColMajor, side, part, CblasNoTrans, diagonal, x->rows, x->cols, (const double[]){ 1, 0 }, a,
                 m->rows, b, x->rows);
  else
    cblas_dtrsm (CblasColMajor, side, part, CblasNoTrans, diagonal, x->rows, x->cols, 1, a, m->rows, b, x->rows);
}

static bool
solve_triangular_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *a = te_arg (call, 0), *b = te_arg (call, 1), *wide_a = NULL, *wide_b = NULL, *result = NULL;
  bool upper = call->args[2].b, left = call->args[3].b, unit = call->args[4].b;
  if (!te_check_matrices ("linalg.solve_triangular", a, true, err))
    return false;
  if (b->ndim < 2)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "linalg.solve_triangular: The input tensor B must have at least 2 dimensions.");
  if (!check_solve ("linalg.solve_triangular", a, b, left, err))
    return false;
  TeMatrices m = { .tensor = NULL }, x = { .tensor = NULL };
  bool ok = broadcast_pair (a, b, &wide_a, &wide_b, err) && te_matrices_read (&m, wide_a, err)
            && te_matrices_read (&x, wide_b, err);
  for (int64_t i = 0; ok && x.rows && x.cols && i < x.n_batch; i++)
    triangular (&m, &x, i, left ? CblasLeft : CblasRight, upper ? CblasUpper : CblasLower,
                unit ? CblasUnit : CblasNonUnit);
  if (ok)
    result = te_matrices_result (&x, te_tensor_dtype (a), false, err);
  te_matrices_clear (&m);
  te_matrices_clear (&x);
  te_tensor_unref (wide_a);
  te_tensor_unref (wide_b);
  return te_result_give (call, 0, result, err);
}

static bool
solve_triangular_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *a = ctx->inputs[0], *x = ctx->outs[0];
  bool upper = ctx->args[2].b, left = ctx->args[3].b, unit = ctx->args[4].b;
  TeTensor *g = EX (&e, "linalg_solve_triangular", "TTbbb", turned (&e, a), ctx->grads[0], (int) !upper,
                    (int) left, (int) unit);
  if (ctx->needs[0])
    {
      TeTensor *outer =
          left ? EX (&e, "matmul", "TT", g, turned (&e, x)) : EX (&e, "matmul", "TT", turned (&e, x), g);
      TeTensor *part = upper ? EX (&e, "triu", "Ti", ex_neg (&e, outer), (int64_t) unit)
                             : EX (&e, "tril", "Ti", ex_neg (&e, outer), -(int64_t) unit);
      te_expr_put (&e, ex_reduce (&e, part, &ctx->metas[0]), &ctx->results[0]);
    }
  if (ctx->needs[1])
    te_expr_put (&e, ex_reduce (&e, g, &ctx->metas[1]), &ctx->results[1]);
  return te_expr_close (&e);
}

static bool
triangular_solve_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *b = te_arg (call, 0), *a = te_arg (call, 1), *copy = NULL, *solution = NULL;
  bool upper = call->args[2].b, transpose = call->args[3].b;
  static bool warned;
  if (b->ndim >= 2 && a->ndim >= 2)
    {
      const int64_t *sa = a->sizes + a->ndim - 2, *sb = b->sizes + b->ndim - 2;
      if (sa[0] != sa[1])
        return te_error_set (err, TE_ERR_RUNTIME, "A must be batches of square matrices, but they are %lld by %lld matrices",
                             (long long) sa[0], (long long) sa[1]);
      if (sa[1] != sb[0])
        return te_error_set (err, TE_ERR_RUNTIME,
                             "Incompatible matrix sizes for triangular_solve: each A matrix is %lld by %lld but each b matrix is "
                             "%lld by %lld",
                             (long long) sa[1], (long long) sa[1], (long long) sb[0], (long long) sb[1]);
    }
  if (te_warn_due (&warned)
      && !te_warn (
          err, TE_WARN_USER,
          "torch.triangular_solve is deprecated in favor of torch.linalg.solve_triangularand will be removed "
          "in a future PyTorch release.\ntorch.linalg.solve_triangular has its arguments reversed and does "
          "not return a copy of one of the inputs.\nX = torch.triangular_solve(B, A).solution\nshould be "
          "replaced with\nX = torch.linalg.solve_triangular(A, B)."))
    return false;
  TeExpr e = TE_EXPR (err);
  TeTensor *whole = a;
  if (b->ndim > a->ndim && a->ndim > 1)
    { /* a matrix for each of the batch */
      int64_t sizes[TE_MAX_NDIM];
      memcpy (sizes, b->sizes, b->ndim * sizeof *sizes);
      memcpy (sizes + b->ndim - 2, a->sizes + a->ndim - 2, 2 * sizeof *sizes);
      whole = EX (&e, "expand", "TI", a, sizes, b->ndim);
    }
  TeTensor *flipped = turned (&e, whole), *copied = EX (&e, "clone", "T", flipped),
           *cloned = turned (&e, EX (&e, "contiguous", "T", copied));
  te_expr_put (&e, cloned, &copy);
  te_expr_put (&e,
               EX (&e, "linalg_solve_triangular", "TTbbb", transpose ? flipped : a, b,
                   (int) (upper != transpose), 1, (int) call->args[4].b),
               &solution);
  bool ok = te_expr_close (&e);
  if (ok && solution->numel && solution->sizes[solution->ndim - 1] == 1)
    { /* column by column, as PyTorch's is also where there is but one column */
      int64_t strides[TE_MAX_NDIM];
      memcpy (strides, solution->strides, solution->ndim * sizeof *strides);
      strides[solution->ndim - 1] = solution->sizes[solution->ndim - 2];
      ok = te_tensor_set_geometry (solution, solution->ndim, solution->sizes, strides, solution->offset, err);
    }
  if (!ok)
    {
      te_tensor_unref (copy);
      te_tensor_unref (solution);
      return false;
    }
  if (te_result_give (call, 0, solution, err))
    return te_result_give (call, 1, copy, err);
  te_tensor_unref (copy);
  return false;
}

static bool
triangular_solve_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *a = ctx->inputs[1], *x = ctx->outs[0], *slope = NULL;
  bool upper = ctx->args[2].b, transpose = ctx->args[3].b, unit = ctx->args[4].b;
  if (ctx->grads[0])
    {
      TeTensor *pair[2] = { NULL };
      TE_OP (op, "triangular_solve")
      TeTensor *conjugate = EX (&e, "conj", "T", a);
      if (e.failed || !te_call_multi (op, pair, 2, err, "TTbbb", ctx->grads[0], conjugate, (int) upper, (int) !transpose, (int) unit))
        return te_expr_close (&e) && false;
      te_tensor_unref (pair[1]);
      TeTensor *g = te_expr_keep (&e, pair[0]);
      if (ctx->needs[0])
        te_expr_put (&e, ex_reduce (&e, g, &ctx->metas[0]), &ctx->results[0]);
      TeTensor *outer = transpose ? EX (&e, "matmul", "TT", EX (&e, "conj", "T", x), EX (&e, "transpose", "Tii", g, (int64_t) -2, (int64_t) -1))
                                  : EX (&e, "matmul", "TT", g, adjoint (&e, x));
      slope = upper ? EX (&e, "triu", "Ti", ex_neg (&e, outer), (int64_t) unit)
                    : EX (&e, "tril", "Ti", ex_neg (&e, outer), -(int64_t) unit);
    }
  else if (ctx->needs[0])
    { /* a zero seen everywhere, as PyTorch gives it */
      TeTensor *zero = te_expr_keep (&e, te_zeros (0, NULL, te_tensor_dtype (x), err));
      te_expr_put (&e, ex_reduce (&e, EX (&e, "expand", "TI", zero, x->sizes, x->ndim), &ctx->metas[0]), &ctx->results[0]);
    }
  if (ctx->grads[1])
    slope = ex_add (&e, slope ? slope : ex_zeros_like (&e, ctx->grads[1]), ctx->grads[1]);
  if (ctx->needs[1] && slope)
    te_expr_put (&e, ex_reduce (&e, slope, &ctx->metas[1]), &ctx->results[1]);
  return te_expr_close (&e);
}

static bool
give (TeOpCall *call, TeExpr *e, TeTensor *result)
{
  TeTensor *owned = NULL;
  return te_expr_end (e, result, &owned) && te_result_give (call, 0, owned, e->err);
}

static bool
cholesky_solve_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *b = te_arg (call, 0), *l = te_arg (call, 1);
  bool upper = call->args[2].b;
  TeExpr e = TE_EXPR (err);
  if (b->ndim < 2 || l->ndim < 2)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "%s should have at least 2 dimensions, but has %d dimensions instead",
                         b->ndim < 2 ? "b" : "u", b->ndim < 2 ? b->ndim : l->ndim);
  TeTensor *low = upper ? adjoint (&e, l) : l;
  TeTensor *y = EX (&e, "linalg_solve_triangular", "TTb", low, b, 0);
  return give (call, &e, EX (&e, "linalg_solve_triangular", "TTb", adjoint (&e, low), y, 1));
}

/* What moves L L^H = A by dA moves L by -common L, or an upper factor by -U common; both triangles, as PyTorch has it. */
static TeTensor *
factor_gradient (TeExpr *e, TeTensor *l, TeTensor *common, bool upper)
{
  TeTensor *gradient = upper ? EX (e, "matmul", "TT", l, common) : EX (e, "matmul", "TT", common, l);
  return ex_neg (e, gradient);
}

static bool
cholesky_solve_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  bool upper = ctx->args[2].b;
  TeTensor *l = ctx->inputs[1], *gb = EX (&e, "cholesky_solve", "TTb", ctx->grads[0], l, (int) upper);
  if (ctx->needs[0])
    te_expr_put (&e, ex_reduce (&e, gb, &ctx->metas[0]), &ctx->results[0]);
  if (ctx->needs[1])
    {
      TeTensor *common = EX (&e, "matmul", "TT", gb, adjoint (&e, ctx->outs[0]));
      common = ex_add (&e, common, adjoint (&e, common));
      te_expr_put (&e, ex_reduce (&e, factor_gradient (&e, l, common, upper), &ctx->metas[1]), &ctx->results[1]);
    }
  return te_expr_close (&e);
}

/* The first zero on the diagonal of one matrix of a batch, counted from 1; 0: none; negative after an error. */
static int64_t
zero_on_diagonal (TeTensor *l, int64_t batch, TeError *err)
{
  TeTensor *whole = te_contiguous_copy (l, te_tensor_dtype (l), err);
  if (!whole)
    return -1;
  int64_t n = l->sizes[l->ndim - 1], found = 0;
  size_t nbytes = te_dtype_nbytes (te_tensor_dtype (l));
  const char *data = (const char *) te_tensor_data (whole) + (size_t) (batch * n * n) * nbytes;
  for (int64_t i = 0; !found && i < n; i++)
    {
      TeScalar value = te_scalar_load (te_tensor_dtype (l), data + (size_t) (i * (n + 1)) * nbytes);
      if (te_scalar_to_double (value) == 0 && te_scalar_imag (value) == 0)
        found = i + 1;
    }
  te_tensor_unref (whole);
  return found;
}

static bool
cholesky_inverse_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *l = te_arg (call, 0);
  TeExpr e = TE_EXPR (err);
  if (!te_check_matrices ("cholesky_inverse", l, true, err))
    return false;
  for (int64_t i = 0, n = l->sizes[l->ndim - 1], batch = n ? l->numel / (n * n) : 0; i < batch; i++)
    {
      int64_t zero = zero_on_diagonal (l, i, err);
      if (zero < 0)
        return false;
      if (zero)
        return te_linalg_fail ("cholesky_inverse", l, i, err,
                               "The diagonal element %d is zero, the inversion could not be completed because the "
                               "input matrix is singular.",
                               (int) zero);
    }
  TeTensor *eye = EX (&e, "matrix_power", "Ti", l, (int64_t) 0);
  return give (call, &e, EX (&e, "cholesky_solve", "TTb", eye, l, (int) call->args[1].b));
}

static bool
cholesky_inverse_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *inverse = ctx->outs[0], *common = ex_add (&e, ctx->grads[0], adjoint (&e, ctx->grads[0]));
  common = EX (&e, "matmul", "TT", inverse, EX (&e, "matmul", "TT", common, inverse));
  return te_expr_end (&e, factor_gradient (&e, ctx->inputs[0], common, ctx->args[1].b), &ctx->results[0]);
}

#define LINALG (TE_OP_LINALG | TE_OP_OUT)

static const TeOpDef rows[] = {
  { "linalg_inv_ex(Tensor A, *, bool check_errors=False) -> (Tensor inverse, Tensor info)", LINALG,
    inv_ex_kernel, inv_ex_backward, "LinalgInvExBackward", TE_SAVE_OUT (0),
    .doc = "The inverse, and per matrix 0 or where it failed." },
  { "linalg_inv(Tensor A) -> Tensor", LINALG | TE_OP_COMPOSITE, inv_kernel,
    .doc = "The inverse of square matrices." },
  { "inverse(Tensor self) -> Tensor", BOTH | TE_OP_OUT | TE_OP_COMPOSITE, inv_kernel,
    .doc = "The inverse of square matrices." },
  { "linalg_det(Tensor A) -> Tensor", LINALG, det_kernel, det_backward, "LinalgDetBackward",
    TE_SAVE_ARG (0) | TE_SAVE_OUT (0), .doc = "The determinant of square matrices." },
  { "det(Tensor self) -> Tensor", BOTH, det_kernel, det_backward, "LinalgDetBackward",
    TE_SAVE_ARG (0) | TE_SAVE_OUT (0), .doc = "The determinant of square matrices." },
  { "linalg_slogdet(Tensor A) -> (Tensor sign, Tensor logabsdet)", LINALG | TE_OP_CONJ_RULE, slogdet_kernel,
    slogdet_backward, "LinalgSlogdetBackward", TE_SAVE_ARG (0) | TE_SAVE_OUT (0),
    .doc = "Sign and logarithm of the absolute value of the determinant." },
  { "slogdet(Tensor self) -> (Tensor sign, Tensor logabsdet)", BOTH | TE_OP_OUT | TE_OP_CONJ_RULE, slogdet_kernel,
    slogdet_backward, "LinalgSlogdetBackward", TE_SAVE_ARG (0) | TE_SAVE_OUT (0),
    .doc = "Sign and logarithm of the absolute value of the determinant." },
  { "logdet(Tensor self) -> Tensor", BOTH | TE_OP_COMPOSITE, logdet_kernel,
    .doc = "Logarithm of the determinant; NaN where it is negative." },
  { "linalg_solve_ex(Tensor A, Tensor B, *, bool left=True, bool check_errors=False) -> (Tensor result, "
    "Tensor info)",
    LINALG, solve_ex_kernel, solve_backward, "LinalgSolveExBackward", TE_SAVE_ARG (0) | TE_SAVE_OUT (0),
    .doc = "X with AX = B (left) or XA = B." },
  { "linalg_solve(Tensor A, Tensor B, *, bool left=True) -> Tensor", LINALG | TE_OP_COMPOSITE, solve_kernel,
    .doc = "X with AX = B (left) or XA = B; B may be vectors." },
  { "linalg_cholesky_ex(Tensor self, *, bool upper=False, bool check_errors=False) -> (Tensor L, Tensor "
    "info)",
    LINALG | TE_OP_CONJ_RULE, cholesky_ex_kernel, cholesky_backward, "LinalgCholeskyExBackward", TE_SAVE_OUT (0),
    .doc = "L with L Lᵀ = A, and per matrix 0 or where it failed." },
  { "linalg_cholesky(Tensor self, *, bool upper=False) -> Tensor", LINALG | TE_OP_COMPOSITE, cholesky_kernel,
    .doc = "L (lower triangular) with L Lᵀ = A." },
  { "cholesky(Tensor self, bool upper=False) -> Tensor", BOTH | TE_OP_OUT | TE_OP_CONJ_RULE, old_cholesky_kernel,
    cholesky_backward, "CholeskyBackward", TE_SAVE_OUT (0), .doc = "linalg.cholesky under its old name." },
  { "linalg_solve_triangular(Tensor self, Tensor B, *, bool upper, bool left=True, bool unitriangular=False) "
    "-> Tensor",
    LINALG, solve_triangular_kernel, solve_triangular_backward, "LinalgSolveTriangularBackward",
    TE_SAVE_ARG (0) | TE_SAVE_OUT (0), .doc = "X with AX = B for a triangular A." },
  { "triangular_solve(Tensor self, Tensor A, bool upper=True, bool transpose=False, bool "
    "unitriangular=False) -> (Tensor "
    "solution, Tensor cloned_coefficient)",
    BOTH | TE_OP_OUT | TE_OP_CONJ_RULE, triangular_solve_kernel, triangular_solve_backward, "TriangularSolveBackward",
    TE_SAVE_ARG (1) | TE_SAVE_OUT (0),
    .doc = "linalg.solve_triangular under its old name, and a copy of A." },
  { "cholesky_solve(Tensor self, Tensor input2, bool upper=False) -> Tensor",
    BOTH | TE_OP_OUT | TE_OP_CONJ_RULE, cholesky_solve_kernel, cholesky_solve_backward, "CholeskySolveBackward",
    TE_SAVE_ARG (1) | TE_SAVE_OUT (0), .doc = "X with L Lᵀ X = self." },
  { "cholesky_inverse(Tensor self, bool upper=False) -> Tensor", BOTH | TE_OP_OUT | TE_OP_CONJ_RULE,
    cholesky_inverse_kernel, cholesky_inverse_backward, "CholeskyInverseBackward", TE_SAVE_ARG (0) | TE_SAVE_OUT (0),
    .doc = "The inverse of L Lᵀ." },
};

TE_OP_FAMILY (te_family_linalg_solve, rows);
