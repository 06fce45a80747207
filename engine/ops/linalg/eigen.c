/* Eigenvalues and eigenvectors of general matrices: complex also where the matrix is real. */
#include <math.h>

#include "base/mem.h"
#include "iter/tensor-iter.h"
#include "ops/dispatch.h"
#include "ops/expr.h"
#include "ops/linalg/families.h"
#include "ops/linalg/lapack.h"
#include "ops/shape/shape-util.h"

/* All batches: matrices, vectors and values one after the other, columns of a matrix side by side, in double.
 */
typedef struct
{
  int n;
  int64_t n_batch;
  bool is_complex;
  double *matrices;
  TeComplex128 *values, *vectors;
} Eigen;

/* A real matrix of order n: LAPACK gives real and imaginary parts of values apart, and of a conjugate pair
 * the parts of one vector in two columns. */
static int
eigen_real (const Eigen *self, int64_t batch, double *room, int n_room)
{
  int n = self->n, one = 1, info = 0, n_work = n_room - n * n - 2 * n;
  double *real = room, *imag = room + n, *columns = room + 2 * n, *work = columns + n * n, none;
  TeComplex128 *values = self->values + batch * n, *vectors = self->vectors + batch * n * n;
  dgeev_ ("N", "V", &n, self->matrices + batch * n * n, &n, real, imag, &none, &one, columns, &n, work,
          &n_work, &info);
  for (int k = 0; k < n && !info; k++)
    {
      bool pair = imag[k] != 0 && k + 1 < n;
      for (int i = 0; i < n; i++)
        {
          double re = columns[k * n + i], im = pair ? columns[(k + 1) * n + i] : 0;
          te_scalar_store (te_scalar_complex (re, im), TE_COMPLEX128, &vectors[k * n + i]);
          if (pair)
            te_scalar_store (te_scalar_complex (re, -im), TE_COMPLEX128, &vectors[(k + 1) * n + i]);
        }
      te_scalar_store (te_scalar_complex (real[k], imag[k]), TE_COMPLEX128, &values[k]);
      if (pair)
        {
          te_scalar_store (te_scalar_complex (real[k], imag[k + 1]), TE_COMPLEX128, &values[k + 1]);
          k++;
        }
    }
  return info;
}

static int
eigen_complex (const Eigen *self, int64_t batch, double *room, int n_room)
{
  int n = self->n, one = 1, info = 0, n_work = (n_room - 2 * n) / 2;
  TeComplex128 none, *matrices = (TeComplex128 *) self->matrices;
  zgeev_ ("N", "V", &n, matrices + batch * n * n, &n, self->values + batch * n, &none, &one,
          self->vectors + batch * n * n, &n, (TeComplex128 *) (room + 2 * n), &n_work, room, &info);
  return info;
}

static bool
eigen_all (const Eigen *self, const TeTensor *a, TeError *err)
{
  int n_room = self->n * self->n + 80 * self->n + 8;
  double *room = te_new_sized ((size_t) n_room * sizeof *room);
  if (!room)
    return te_error_no_memory (err);
  bool ok = true;
  for (int64_t i = 0; ok && self->n && i < self->n_batch; i++)
    {
      int info =
          self->is_complex ? eigen_complex (self, i, room, n_room) : eigen_real (self, i, room, n_room);
      if (info)
        ok = te_linalg_fail (
            "linalg.eig", a, i, err,
            "The algorithm failed to converge because the input matrix is ill-conditioned or has too "
            "many repeated eigenvalues (error code: %d).",
            info);
    }
  te_free_sized (room, (size_t) n_room * sizeof *room);
  return ok;
}

/* ---- the op ---- */
static bool
check (TeTensor *a, TeError *err)
{
  TE_OP (real_op, "real");
  TE_OP (finite_op, "isfinite");
  TE_OP (all_op, "all");
  TeDtype dtype = te_tensor_dtype (a);
  if (a->ndim >= 2 && a->sizes[a->ndim - 1] == a->sizes[a->ndim - 2] && !te_dtype_is_inexact (dtype))
    return te_error_set (err, TE_ERR_RUNTIME, "Unknown Complex ScalarType for %s",
                         te_dtype_error_name (dtype));
  TeTensor *real = te_call (real_op, err, "T", a);
  bool ok = real && te_check_matrices ("linalg.eig", real, true, err);
  TeTensor *finite = ok ? te_call (finite_op, err, "T", a) : NULL,
           *all = finite ? te_call (all_op, err, "T", finite) : NULL;
  ok = ok && all
       && (te_scalar_to_double (te_tensor_first (all)) != 0
           || te_error_set (err, TE_ERR_RUNTIME,
                            "torch.linalg.eig: input tensor should not contain infs or NaNs."));
  te_tensor_unref (real);
  te_tensor_unref (finite);
  te_tensor_unref (all);
  return ok;
}

/* self with its last two dimensions exchanged, over the same memory; owned. */
static TeTensor *
exchanged (TeTensor *self, TeError *err)
{
  int64_t sizes[TE_MAX_NDIM], strides[TE_MAX_NDIM];
  for (int d = 0; d < self->ndim; d++)
    {
      int from = d == self->ndim - 1 ? d - 1 : d == self->ndim - 2 ? d + 1 : d;
      sizes[d] = self->sizes[from];
      strides[d] = self->strides[from];
    }
  return te_view_new (self, te_tensor_dtype (self), self->ndim, sizes, strides, self->offset, err);
}

static bool
eig_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *a = te_arg (call, 0);
  if (!check (a, err))
    return false;
  bool is_complex = te_dtype_is_complex (te_tensor_dtype (a));
  TeDtype wide = is_complex ? TE_COMPLEX128 : TE_FLOAT64, dtype = te_dtype_complex (te_tensor_dtype (a));
  TeTensor *turned = exchanged (a, err), *columns = NULL, *values = NULL, *vectors = NULL,
           *cast[2] = { NULL };
  bool ok = turned && (columns = te_tensor_new (a->ndim, a->sizes, wide, err))
            && te_copy (columns, turned, err)
            && (values = te_tensor_new (a->ndim - 1, a->sizes, TE_COMPLEX128, err))
            && (vectors = te_tensor_new (a->ndim, a->sizes, TE_COMPLEX128, err));
  if (ok)
    {
      int n = (int) a->sizes[a->ndim - 1];
      Eigen eigen = { n,
                      n ? values->numel / n : 0,
                      is_complex,
                      te_tensor_data (columns),
                      te_tensor_data (values),
                      te_tensor_data (vectors) };
      ok = eigen_all (&eigen, a, err);
    }
  if (ok)
    {
      TeTensor *rounded = te_input_as (vectors, dtype, err);
      cast[0] = te_input_as (values, dtype, err);
      cast[1] = rounded ? exchanged (rounded, err) : NULL;
      te_tensor_unref (rounded);
    }
  te_tensor_unref (turned);
  te_tensor_unref (columns);
  te_tensor_unref (values);
  te_tensor_unref (vectors);
  ok = te_result_give (call, 0, cast[0], err);
  return te_result_give (call, 1, cast[1], err) && ok;
}

static bool
eigvals_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (op, "linalg_eig");
  TeTensor *pair[2] = { NULL };
  bool ok = te_check_matrices ("linalg.eigvals", te_arg (call, 0), true, err)
            && te_call_multi (op, pair, 2, err, "T", te_arg (call, 0));
  te_tensor_unref (pair[1]);
  return ok && te_result_give (call, 0, pair[0], err);
}

/* ---- backward ---- */
/* Source: Boeddeker et al. 2019, "On the computation of complex-valued gradients", for vectors of norm 1. */
static bool
eig_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *values = ctx->outs[0], *vectors = ctx->outs[1], *towards_values = ctx->grads[0], *inner;
  TeTensor *adjoint = EX (&e, "adjoint", "T", vectors);
  if (ctx->grads[1])
    {
      TeTensor *product = EX (&e, "matmul", "TT", adjoint, ctx->grads[1]);
      TeTensor *along =
          EX (&e, "real", "T", EX (&e, "diagonal", "Tiii", product, (int64_t) 0, (int64_t) -2, (int64_t) -1));
      TeTensor *scaled = ex_mul (&e, vectors, EX (&e, "unsqueeze", "Ti", along, (int64_t) -2));
      TeTensor *rest = ex_sub (&e, product, EX (&e, "matmul", "TT", adjoint, scaled));
      TeTensor *gaps = ex_sub (&e, EX (&e, "unsqueeze", "Ti", values, (int64_t) -2),
                               EX (&e, "unsqueeze", "Ti", values, (int64_t) -1));
      TeTensor *same = EX (&e, "eye", "i", values->sizes[values->ndim - 1]);
      gaps = ex_add (&e, ex_conj (&e, gaps), same);
      inner = ex_mul (&e, ex_div (&e, rest, gaps), ex_add_scalar (&e, ex_neg (&e, same), 1));
      if (towards_values)
        inner = ex_add (&e, inner, EX (&e, "diag_embed", "T", towards_values));
      inner = EX (&e, "matmul", "TT", inner, adjoint);
    }
  else
    inner = ex_mul (&e, EX (&e, "unsqueeze", "Ti", towards_values, (int64_t) -1), adjoint);
  return te_expr_end (&e, EX (&e, "linalg_solve", "TT", adjoint, inner), &ctx->results[0]);
}

static const TeOpDef rows[] = {
  { .schema = "linalg_eig(Tensor self) -> (Tensor eigenvalues, Tensor eigenvectors)",
    .flags = TE_OP_LINALG | TE_OP_OUT | TE_OP_CONJ_RULE,
    .kernel = eig_kernel,
    .backward = eig_backward,
    .node = "LinalgEigBackward",
    .saves = TE_SAVE_OUT (0) | TE_SAVE_OUT (1),
    .doc = "Eigenvalues and vectors (columns of norm 1) of square matrices; complex, in LAPACK's order." },
  { .schema = "linalg_eigvals(Tensor self) -> Tensor",
    .flags = TE_OP_LINALG | TE_OP_OUT | TE_OP_COMPOSITE,
    .kernel = eigvals_kernel,
    .doc = "Eigenvalues of square matrices; complex." },
};
TE_OP_FAMILY (te_family_linalg_eigen, rows);
