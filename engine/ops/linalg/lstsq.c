/* Least squares by LAPACK's four drivers: gels (QR, full rank), gelsy (QR with exchanges), gelsd and gelss
 * (singular values). */
#include <float.h>
#include <string.h>

#include "base/mem.h"
#include "ops/dispatch.h"
#include "ops/expr.h"
#include "ops/linalg/families.h"
#include "ops/linalg/lapack.h"
#include "ops/shape/shape-util.h"

typedef struct
{
  const char *driver;
  int rows, cols, n_rhs, ld, least, parts;
  double rcond;
  double *work, *rhs, *values, *rwork; /* rwork: the end of work, for complex matrices */
  int n_work, *pivots, *iwork;
  size_t nbytes_work, nbytes_rhs, nbytes_values, nbytes_pivots, nbytes_iwork;
} Solver;

static bool
is (const Solver *self, const char *driver)
{
  return strcmp (self->driver, driver) == 0;
}

/* By singular values: gelss finds what gelsd finds, more slowly. */
static bool
by_values (const Solver *self)
{
  return is (self, "gelsd") || is (self, "gelss");
}

static void
solver_clear (Solver *self)
{
  te_free_sized (self->work, self->nbytes_work);
  te_free_sized (self->rhs, self->nbytes_rhs);
  te_free_sized (self->values, self->nbytes_values);
  te_free_sized (self->pivots, self->nbytes_pivots);
  te_free_sized (self->iwork, self->nbytes_iwork);
}

static bool
solver_init (Solver *self, const char *driver, const TeMatrices *a, int n_rhs, double rcond, TeError *err)
{
  int big = a->rows > a->cols ? a->rows : a->cols;
  *self = (Solver){ .driver = driver,
                    .rows = a->rows,
                    .cols = a->cols,
                    .n_rhs = n_rhs,
                    .ld = big > 0 ? big : 1,
                    .least = a->rows < a->cols ? a->rows : a->cols,
                    .parts = a->parts,
                    .rcond = rcond };
  self->n_work = 64 * (big + n_rhs + 8) + self->least * (25 * 3 + 8 * 32 + n_rhs + 64) + 26 * 26;
  /* LAPACK's bound for gelsd, which has a tree of blocks of 25 */
  int n_rwork = a->is_complex ? 10 * self->least + 50 * self->least + 8 * self->least * 32 + 75 * n_rhs + 26 * 26
                                    + (self->least + 26) * (1 + n_rhs) + 2 * n_rhs + 2 * big + 8
                              : 0;
  self->nbytes_work = (size_t) (self->n_work * a->parts + n_rwork) * sizeof (double);
  self->nbytes_rhs = (size_t) self->ld * (size_t) ((n_rhs + 1) * a->parts) * sizeof (double);
  self->nbytes_values = (size_t) (self->least + 1) * sizeof (double);
  self->nbytes_pivots = (size_t) (a->cols + 1) * sizeof (int);
  self->nbytes_iwork = (size_t) (self->least * (3 * 32 + 11) + 1) * sizeof (int);
  self->work = te_new_sized (self->nbytes_work);
  self->rwork = self->work ? self->work + self->n_work * a->parts : NULL;
  self->rhs = te_new_sized (self->nbytes_rhs);
  self->values = te_new_sized (self->nbytes_values);
  self->pivots = te_new_sized (self->nbytes_pivots);
  self->iwork = te_new_sized (self->nbytes_iwork);
  return (self->work && self->rhs && self->values && self->pivots && self->iwork) || te_error_no_memory (err);
}

/* Solves for the right sides in self->rhs; a is overwritten. */
static bool
solver_run (Solver *self, double *a, int *rank, TeError *err)
{
  int info = 0;
  *rank = 0;
  memset (self->pivots, 0, self->nbytes_pivots);
  if (!self->rows || !self->cols)
    return true;
  if (is (self, "gels"))
    TE_LAPACK (self->parts == 2, gels)
    ("N", &self->rows, &self->cols, &self->n_rhs, a, &self->rows, self->rhs, &self->ld, self->work, &self->n_work,
     &info);
  else if (is (self, "gelsy") && self->parts == 2)
    zgelsy_ (&self->rows, &self->cols, &self->n_rhs, a, &self->rows, self->rhs, &self->ld, self->pivots,
             &self->rcond, rank, self->work, &self->n_work, self->rwork, &info);
  else if (self->parts == 2)
    zgelsd_ (&self->rows, &self->cols, &self->n_rhs, a, &self->rows, self->rhs, &self->ld, self->values,
             &self->rcond, rank, self->work, &self->n_work, self->rwork, self->iwork, &info);
  else if (is (self, "gelsy"))
    dgelsy_ (&self->rows, &self->cols, &self->n_rhs, a, &self->rows, self->rhs, &self->ld, self->pivots,
             &self->rcond, rank, self->work, &self->n_work, &info);
  else
    dgelsd_ (&self->rows, &self->cols, &self->n_rhs, a, &self->rows, self->rhs, &self->ld, self->values,
             &self->rcond, rank, self->work, &self->n_work, self->iwork, &info);
  if (info > 0 && is (self, "gels"))
    return te_error_set (
        err, TE_ERR_LINALG,
        "torch.linalg.lstsq: The least squares solution could not be computed because the input "
        "matrix does not have full rank (error code: %d).",
        info);
  return true;
}

static bool
check_lstsq (TeTensor *a, TeTensor *b, const char *driver, TeError *err)
{
  const char *name = "torch.linalg.lstsq";
  if (a->ndim < 2)
    return te_error_set (err, TE_ERR_RUNTIME, "%s: input must have at least 2 dimensions.", name);
  if (b->ndim < 1)
    return te_error_set (err, TE_ERR_RUNTIME, "%s: other must have at least 1 dimension.", name);
  if (a->dtype != b->dtype)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "%s: Expected input and other to have the same dtype, but got input's dtype %s and other's "
        "dtype %s",
        name, te_dtype_error_name (te_tensor_dtype (a)), te_dtype_error_name (te_tensor_dtype (b)));
  if (a->ndim < b->ndim || a->ndim - b->ndim > 1)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "%s: input.dim() must be greater or equal to other.dim() and (input.dim() - other.dim()) <= 1", name);
  bool vector = a->ndim != b->ndim;
  if (b->sizes[b->ndim - (vector ? 1 : 2)] != a->sizes[a->ndim - 2])
    return te_error_set (err, TE_ERR_RUNTIME,
                         vector ? "%s: input.size(-2) should match other.size(-1)"
                                : "%s: input.size(-2) should match other.size(-2)",
                         name);
  if (strcmp (driver, "gels") && strcmp (driver, "gelsy") && strcmp (driver, "gelsd")
      && strcmp (driver, "gelss"))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "%s: parameter `driver` should be one of (gels, gelsy, gelsd, gelss)", name);
  return te_check_matrices (name, a, false, err);
}

/* Solutions of max (rows, cols) rows, of which those beyond cols hold what is left over; ranks; singular
 * values. */
static bool
solve_all (Solver *self,
           const TeMatrices *a,
           const TeMatrices *b,
           TeMatrices *x,
           TeTensor *ranks,
           TeTensor *values,
           TeError *err)
{
  bool ok = true;
  for (int64_t i = 0; ok && i < a->n_batch; i++)
    {
      int rank;
      memset (self->rhs, 0, self->nbytes_rhs);
      for (int c = 0; c < self->n_rhs; c++)
        memcpy (self->rhs + c * self->ld * self->parts, te_matrices_at (b, i) + c * self->rows * self->parts,
                (size_t) (self->rows * self->parts) * sizeof (double));
      ok = solver_run (self, te_matrices_at (a, i), &rank, err);
      if (x->rows && self->n_rhs)
        memcpy (te_matrices_at (x, i), self->rhs,
                (size_t) self->ld * (size_t) (self->n_rhs * self->parts) * sizeof (double));
      ((int64_t *) te_tensor_data (ranks))[i] = rank;
      if (self->least)
        memcpy ((double *) te_tensor_data (values) + i * self->least, self->values,
                (size_t) self->least * sizeof (double));
    }
  return ok;
}

/* The sums of squares below the solutions, where there are more equations than unknowns and no rank is
 * missing. */
static TeTensor *
residuals_of (const Solver *self, const TeMatrices *x, const TeTensor *a, TeTensor *ranks, TeError *err)
{
  const int64_t none = 0;
  TeDtype dtype = te_dtype_real (te_tensor_dtype (a));
  bool wanted = self->rows > self->cols && !is (self, "gelsy");
  for (int64_t i = 0; wanted && by_values (self) && i < ranks->numel; i++)
    wanted = ((int64_t *) te_tensor_data (ranks))[i] == self->cols;
  if (!wanted)
    return te_tensor_new (1, &none, dtype, err);
  int64_t sizes[TE_MAX_NDIM];
  memcpy (sizes, a->sizes, (size_t) a->ndim * sizeof *sizes);
  sizes[a->ndim - 2] = self->n_rhs;
  TeTensor *sums = te_tensor_new (a->ndim - 1, sizes, TE_FLOAT64, err);
  for (int64_t i = 0; sums && i < x->n_batch; i++)
    for (int c = 0; c < self->n_rhs; c++)
      {
        double sum = 0;
        const double *left = te_matrices_at (x, i) + c * self->ld * self->parts;
        for (int k = self->cols * self->parts; k < self->rows * self->parts; k++)
          sum += left[k] * left[k];
        ((double *) te_tensor_data (sums))[i * self->n_rhs + c] = sum;
      }
  TeTensor *result = sums ? te_input_as (sums, dtype, err) : NULL;
  te_tensor_unref (sums);
  return result;
}

/* The first cols rows of x, as a view of the whole; a vector again where b was one. */
static TeTensor *
solution_of (const Solver *self, const TeMatrices *x, TeDtype dtype, bool vector, TeError *err)
{
  TeTensor *whole = te_matrices_result (x, dtype, false, err);
  int64_t sizes[TE_MAX_NDIM];
  if (!whole)
    return NULL;
  memcpy (sizes, whole->sizes, (size_t) whole->ndim * sizeof *sizes);
  sizes[whole->ndim - 2] = self->cols;
  if (!te_tensor_set_geometry (whole, whole->ndim - vector, sizes, whole->strides, whole->offset, err))
    te_tensor_clear (&whole);
  return whole;
}

static bool
lstsq_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *a = te_arg (call, 0), *b = te_arg (call, 1), *results[4] = { NULL }, *columns = NULL,
           *values = NULL;
  const char *driver = te_arg_given (call, 3) ? call->args[3].string : "gelsy";
  TeMatrices am = { .tensor = NULL }, bm = { .tensor = NULL }, x = { .tensor = NULL };
  Solver solver = { .driver = driver };
  if (!check_lstsq (a, b, driver, err))
    return false;
  bool vector = a->ndim != b->ndim;
  TeDtype dtype = te_tensor_dtype (a);
  const int64_t none = 0;
  columns = vector ? te_unsqueeze (b, -1, err) : te_tensor_ref (b);
  bool ok = columns && te_matrices_read (&am, a, err) && te_matrices_read (&bm, columns, err);
  if (ok && am.n_batch != bm.n_batch)
    ok = te_error_set (err, TE_ERR_NOT_IMPLEMENTED,
                       "linalg.lstsq with batches that broadcast is not implemented");
  double epsilon = te_dtype_real (dtype) == TE_FLOAT64 ? DBL_EPSILON : FLT_EPSILON;
  ok = ok
       && solver_init (
           &solver, driver, &am, bm.cols,
           te_arg_given (call, 2) ? call->args[2].f : epsilon * (am.rows > am.cols ? am.rows : am.cols), err)
       && te_matrices_new (&x, a, solver.ld, bm.cols, err);
  results[2] = ok ? te_tensor_new (a->ndim - 2, a->sizes, TE_INT64, err) : NULL;
  int64_t sizes[TE_MAX_NDIM];
  memcpy (sizes, a->sizes, (size_t) a->ndim * sizeof *sizes);
  sizes[a->ndim - 2] = solver.least;
  values = results[2] ? te_tensor_new (a->ndim - 1, sizes, TE_FLOAT64, err) : NULL;
  ok = values && solve_all (&solver, &am, &bm, &x, results[2], values, err);
  if (ok)
    {
      results[0] = solution_of (&solver, &x, dtype, vector, err);
      results[1] = residuals_of (&solver, &x, a, results[2], err);
      results[3] =
          by_values (&solver) ? te_input_as (values, te_dtype_real (dtype), err)
                              : te_tensor_new (1, &none, te_dtype_real (dtype), err);
      if (is (&solver, "gels"))
        {
          te_tensor_unref (results[2]);
          results[2] = te_tensor_new (1, &none, TE_INT64, err);
        }
      ok = results[0] && results[1] && results[2] && results[3];
    }
  solver_clear (&solver);
  te_matrices_clear (&am);
  te_matrices_clear (&bm);
  te_matrices_clear (&x);
  te_tensor_unref (columns);
  te_tensor_unref (values);
  for (int i = 0; i < 4; i++)
    if (ok)
      ok = te_result_give (call, i, results[i], err);
    else
      te_tensor_unref (results[i]);
  return ok;
}

/* X is A's pseudo-inverse times B. */
static bool
lstsq_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *a = ctx->inputs[0], *b = ctx->inputs[1], *grad = ctx->grads[0];
  if (!grad)
    return true;
  bool vector = b->ndim < a->ndim;
  TeTensor *p = EX (&e, "linalg_pinv.atol_rtol_float", "T", a);
  TeTensor *g = vector ? EX (&e, "unsqueeze", "Ti", grad, (int64_t) -1) : grad;
  TeTensor *columns = vector ? EX (&e, "unsqueeze", "Ti", b, (int64_t) -1) : b;
  if (ctx->needs[0])
    {
      TeTensor *outer =
          EX (&e, "matmul", "TT", g, EX (&e, "adjoint", "T", columns));
      te_expr_put (&e, te_pinv_gradient (&e, a, p, outer), &ctx->results[0]);
    }
  if (ctx->needs[1])
    {
      TeTensor *gb = EX (&e, "matmul", "TT", EX (&e, "adjoint", "T", p), g);
      te_expr_put (&e, vector ? EX (&e, "squeeze.dim", "Ti", gb, (int64_t) -1) : gb, &ctx->results[1]);
    }
  return te_expr_close (&e);
}

static const TeOpDef rows[] = {
  { "linalg_lstsq(Tensor self, Tensor b, float? rcond=None, *, str? driver=None) -> (Tensor solution, Tensor "
    "residuals, Tensor rank, Tensor singular_values)",
    TE_OP_LINALG | TE_OP_OUT | TE_OP_CONJ_RULE, lstsq_kernel, lstsq_backward, "LinalgLstsqBackward",
    TE_SAVE_ARG (0) | TE_SAVE_ARG (1), .constant_outs = 1 << 1 | 1 << 3,
    .doc = "x with the least |Ax - b|; of several the shortest." },
};

TE_OP_FAMILY (te_family_linalg_lstsq, rows);
