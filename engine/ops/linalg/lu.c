/* LU factorisation with row exchanges, in pieces: factor, unpack, solve; and their gradients.  A is P L U
 * with P a permutation; the factors stand in one matrix, L without its unit diagonal. */
#include <string.h>

#include "base/mem.h"
#include "iter/tensor-iter.h"
#include "ops/dispatch.h"
#include "ops/expr.h"
#include "ops/linalg/families.h"
#include "ops/linalg/lapack.h"
#include "ops/shape/shape-util.h"

#define LAST        ((int64_t) -1)
#define BEFORE_LAST ((int64_t) -2)

static TeTensor *
turned (TeExpr *e, TeTensor *t)
{
  return EX (e, "transpose", "Tii", t, BEFORE_LAST, LAST);
}

static TeTensor *
product (TeExpr *e, TeTensor *a, TeTensor *b)
{
  return EX (e, "matmul", "TT", a, b);
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

/* ---- factor ---- */
/* LU, pivots and info of a batch; owned. */
static bool
factor (const char *name, TeTensor *a, bool pivot, TeTensor **results, TeError *err)
{
  TeMatrices m;
  int64_t sizes[TE_MAX_NDIM];
  if (a->ndim < 2)
    return te_error_set (err, TE_ERR_RUNTIME,
                         a->ndim ? "%s: Expected tensor with 2 or more dimensions. Got size: [%lld] instead"
                                 : "%s: Expected tensor with 2 or more dimensions. Got size: [] instead",
                         name, (long long) a->numel);
  if (!te_dtype_is_inexact (te_tensor_dtype (a)))
    return te_error_set (err, TE_ERR_RUNTIME, "\"lu_cpu\" not implemented for '%s'",
                         te_dtype_error_name (te_tensor_dtype (a)));
  if (!te_check_matrices ("torch.linalg.lu_factor", a, false, err))
    return false;
  if (!pivot)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "linalg.lu_factor: LU without pivoting is not implemented on the CPU");
  if (!te_matrices_read (&m, a, err))
    return false;
  int least = m.rows < m.cols ? m.rows : m.cols;
  memcpy (sizes, a->sizes, (size_t) a->ndim * sizeof *sizes);
  sizes[a->ndim - 2] = least;
  results[1] = te_tensor_new (a->ndim - 1, sizes, TE_INT32, err);
  results[2] = results[1] ? te_tensor_new (a->ndim - 2, sizes, TE_INT32, err) : NULL;
  for (int64_t i = 0; results[2] && i < m.n_batch; i++)
    {
      int *info = (int *) te_tensor_data (results[2]) + i;
      *info = 0;
      if (least)
        TE_LAPACK (m.is_complex, getrf)
        (&m.rows, &m.cols, te_matrices_at (&m, i), &m.rows, (int *) te_tensor_data (results[1]) + i * least, info);
    }
  results[0] = results[2] ? te_matrices_result (&m, te_tensor_dtype (a), false, err) : NULL;
  te_matrices_clear (&m);
  return results[0] != NULL;
}

/* Did all factorizations end without a zero to divide by? */
static bool
check_infos (const char *name, TeTensor *infos, TeError *err)
{
  for (int64_t i = 0; i < infos->numel; i++)
    {
      int info = ((int *) te_tensor_data (infos))[i];
      if (info)
        return te_error_set (
            err, TE_ERR_RUNTIME,
            "torch.linalg.%s: U[%d,%d] is zero and using it on lu_solve would result in a "
            "division by zero. If you still want to perform the factorization, consider calling "
            "linalg.lu(A, pivot) or linalg.lu_factor_ex(A, pivot)",
            name, info, info);
    }
  return true;
}

static bool
lu_factor_ex_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *results[3] = { NULL };
  bool ok = factor ("torch.lu_factor", te_arg (call, 0), call->args[1].b, results, err)
            && (!call->args[2].b || check_infos ("lu_factor_ex", results[2], err));
  return give_all (call, results, 3, ok, err);
}

static bool
lu_factor_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (op, "linalg_lu_factor_ex")
  TeTensor *results[3] = { NULL };
  bool ok = te_call_multi (op, results, 3, err, "Tbb", te_arg (call, 0), (int) call->args[1].b, 0)
            && check_infos ("lu_factor", results[2], err);
  te_tensor_unref (results[2]);
  return give_all (call, results, 2, ok, err);
}

/* ---- unpack ---- */
/* Pivots come from the program: a row of them per matrix, of which the first min (rows, cols) are used, each
 * between 1 and the number of rows. */
static bool
check_pivots (const TeTensor *lu, TeTensor *pivots, TeError *err)
{
  int64_t n = lu->sizes[lu->ndim - 2], least = n < lu->sizes[lu->ndim - 1] ? n : lu->sizes[lu->ndim - 1];
  bool ok = pivots->ndim == lu->ndim - 1 && pivots->sizes[pivots->ndim - 1] >= least;
  for (int d = 0; ok && d < lu->ndim - 2; d++)
    ok = pivots->sizes[d] == lu->sizes[d];
  TeTensor *held = ok ? te_input_contiguous (pivots, err) : NULL;
  if (ok && !held)
    return false;
  int64_t count = ok ? pivots->sizes[pivots->ndim - 1] : 0;
  const int *pivot = ok ? te_tensor_data (held) : NULL;
  for (int64_t i = 0; ok && i < held->numel; i++)
    ok = i % count >= least || (pivot[i] >= 1 && pivot[i] <= n);
  te_tensor_unref (held);
  return ok
         || te_error_set (
             err, TE_ERR_RUNTIME,
             "pivots passed to lu_unpack must be between 1 and LU.size(-2) inclusive.Did you properly pass "
             "the result of lu_factor?");
}

/* The permutation that row exchanges (counted from 1) make, as a matrix. */
static TeTensor *
permutation (const TeTensor *lu, TeTensor *pivots, TeError *err)
{
  int64_t n = lu->sizes[lu->ndim - 2], sizes[TE_MAX_NDIM], count = pivots->sizes[pivots->ndim - 1],
          least = n < lu->sizes[lu->ndim - 1] ? n : lu->sizes[lu->ndim - 1];
  memcpy (sizes, lu->sizes, (size_t) lu->ndim * sizeof *sizes);
  sizes[lu->ndim - 1] = n;
  TeTensor *p = te_zeros (lu->ndim, sizes, te_tensor_dtype (lu), err);
  TeTensor *exchanges = p ? te_input_contiguous (pivots, err) : NULL;
  size_t nbytes = (size_t) (n + 1) * sizeof (int64_t), width = te_dtype_nbytes (te_tensor_dtype (lu));
  int64_t *order = exchanges ? te_new_sized (nbytes) : NULL;
  for (int64_t b = 0; order && n && b < p->numel / (n * n); b++)
    {
      const int *exchange = (const int *) te_tensor_data (exchanges) + b * count;
      for (int64_t i = 0; i < n; i++)
        order[i] = i;
      for (int64_t i = 0; i < least; i++)
        {
          int64_t other = (int64_t) exchange[i] - 1, row = order[i];
          order[i] = order[other];
          order[other] = row;
        }
      for (int64_t i = 0; i < n; i++)
        te_scalar_store (te_scalar_int (1), te_tensor_dtype (lu),
                         (char *) te_tensor_data (p) + (size_t) (b * n * n + order[i] * n + i) * width);
    }
  if (!order)
    {
      if (exchanges)
        te_error_no_memory (err);
      te_tensor_clear (&p);
    }
  te_free_sized (order, nbytes);
  te_tensor_unref (exchanges);
  return p;
}

/* The first least columns (dim -1) or rows (dim -2), contiguous. */
static TeTensor *
leading (TeExpr *e, TeTensor *t, int64_t dim, int64_t least)
{
  return EX (e, "narrow", "Tiii", t, dim, (int64_t) 0, least);
}

static bool
unpack (TeTensor *lu, TeTensor *pivots, bool data, bool rows, TeTensor **plu, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  const int64_t none = 0;
  int64_t least =
      lu->sizes[lu->ndim - 2] < lu->sizes[lu->ndim - 1] ? lu->sizes[lu->ndim - 2] : lu->sizes[lu->ndim - 1];
  TeDtype dtype = te_tensor_dtype (lu);
  plu[0] = rows ? permutation (lu, pivots, err) : te_tensor_new (1, &none, dtype, err);
  if (!plu[0])
    return te_expr_close (&e), false;
  if (!data)
    {
      plu[1] = te_tensor_new (1, &none, dtype, err);
      plu[2] = te_tensor_new (1, &none, dtype, err);
      return te_expr_close (&e) && plu[1] && plu[2];
    }
  TeTensor *low = EX (&e, "contiguous", "T", EX (&e, "tril", "Ti", leading (&e, lu, LAST, least), LAST));
  TeTensor *high =
      EX (&e, "contiguous", "T", EX (&e, "triu", "Ti", leading (&e, lu, BEFORE_LAST, least), (int64_t) 0));
  if (!e.failed)
    {
      TE_OP (fill, "fill.Scalar")
      TeTensor *diagonal = EX (&e, "diagonal", "Tiii", low, (int64_t) 0, BEFORE_LAST, LAST);
      e.failed = e.failed || !te_call_inplace (fill, err, "TS", diagonal, te_scalar_int (1));
    }
  te_expr_put (&e, low, &plu[1]);
  te_expr_put (&e, high, &plu[2]);
  return te_expr_close (&e);
}

static bool
lu_unpack_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *plu[3] = { NULL }, *lu = te_arg (call, 0), *pivots = te_arg (call, 1);
  if (lu->ndim < 2)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "torch.lu_unpack: Expected tensor with 2 or more dimensions. Got size: "
                         "[%lld] instead",
                         (long long) (lu->ndim ? lu->sizes[0] : 0));
  if (call->args[3].b && pivots->dtype != TE_INT32)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "torch.lu_unpack: LU_pivots is expected to be a contiguous tensor of torch.int32 dtype.\n"
        "Note: this function is intended to be used with the output produced by "
        "torch.linalg.lu_factor");
  if (call->args[3].b && !check_pivots (lu, pivots, err))
    return false;
  return give_all (call, plu, 3, unpack (lu, pivots, call->args[2].b, call->args[3].b, plu, err), err);
}

static bool
lu_unpack_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *gl = ctx->grads[1], *gu = ctx->grads[2], *result = NULL;
  const TeMeta *meta = &ctx->metas[0];
  const int64_t *sizes = meta->sizes ? meta->sizes : meta->inline_sizes;
  int64_t rows = sizes[meta->ndim - 2], cols = sizes[meta->ndim - 1];
  if ((!gl && !gu) || !ctx->args[2].b)
    return true;
  if (gl)
    {
      const int64_t pad[] = { 0, cols > rows ? cols - rows : 0 };
      result = EX (&e, "constant_pad_nd", "TI", EX (&e, "tril", "Ti", gl, LAST), pad, 2);
    }
  if (gu)
    {
      const int64_t pad[] = { 0, 0, 0, rows > cols ? rows - cols : 0 };
      TeTensor *part = EX (&e, "constant_pad_nd", "TI", EX (&e, "triu", "Ti", gu, (int64_t) 0), pad, 4);
      result = result ? ex_add (&e, result, part) : part;
    }
  return te_expr_end (&e, result, &ctx->results[0]);
}

/* ---- the gradient of the factorisation ---- */
static TeTensor *
solve_left (TeExpr *e, TeTensor *a, TeTensor *b, int upper, int unit)
{
  return EX (e, "linalg_solve_triangular", "TTbbb", a, b, upper, 1, unit);
}

static TeTensor *
solve_right (TeExpr *e, TeTensor *a, TeTensor *b, int upper)
{
  return EX (e, "linalg_solve_triangular", "TTbb", a, b, upper, 0);
}

/* From A = P L U follows Lᵀ⁻¹ (tril (Lᵀ gL) below the diagonal + triu (gU Uᵀ)) Uᵀ⁻¹ for the square part; what
 * a wide or tall A has beyond it follows by solving.  Source: Giles 2008, "Collected matrix derivative
 * results". */
static TeTensor *
lu_gradient (TeExpr *e, TeTensor *p, TeTensor *l, TeTensor *u, TeTensor *gl, TeTensor *gu)
{
  int64_t rows = l->sizes[l->ndim - 2], cols = u->sizes[u->ndim - 1], k = rows < cols ? rows : cols;
  TeTensor *l1 = leading (e, l, BEFORE_LAST, k), *u1 = leading (e, u, LAST, k), *below = NULL, *above = NULL;
  gl = gl ? gl : ex_zeros_like (e, l);
  gu = gu ? gu : ex_zeros_like (e, u);
  below = product (e, turned (e, l1), leading (e, gl, BEFORE_LAST, k));
  above = product (e, leading (e, gu, LAST, k), turned (e, u1));
  TeTensor *rest = NULL;
  if (cols > k)
    {
      TeTensor *g2 = EX (e, "narrow", "Tiii", gu, LAST, k, cols - k);
      TeTensor *u2 = EX (e, "narrow", "Tiii", u, LAST, k, cols - k);
      below = ex_sub (e, below, product (e, g2, turned (e, u2)));
      rest = solve_left (e, turned (e, l1), g2, 1, 1);
    }
  if (rows > k)
    {
      TeTensor *g2 = EX (e, "narrow", "Tiii", gl, BEFORE_LAST, k, rows - k);
      TeTensor *l2 = EX (e, "narrow", "Tiii", l, BEFORE_LAST, k, rows - k);
      above = ex_sub (e, above, product (e, turned (e, l2), g2));
      rest = solve_right (e, turned (e, u1), g2, 0);
    }
  TeTensor *core = ex_add (e, EX (e, "tril", "Ti", below, LAST), EX (e, "triu", "Ti", above, (int64_t) 0));
  core = solve_right (e, turned (e, u1), solve_left (e, turned (e, l1), core, 1, 1), 0);
  if (rest)
    {
      TeTensor *parts[] = { core, rest };
      core = EX (e, "cat", "Li", parts, 2, cols > k ? LAST : BEFORE_LAST);
    }
  return product (e, p, core);
}

static bool
lu_factor_ex_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TE_OP (op, "lu_unpack")
  TeTensor *plu[3] = { NULL }, *g = ctx->grads[0];
  if (!g)
    return true;
  if (!te_call_multi (op, plu, 3, err, "TT", ctx->outs[0], ctx->outs[1]))
    return false;
  for (int i = 0; i < 3; i++)
    te_expr_keep (&e, plu[i]);
  int64_t rows = plu[1]->sizes[plu[1]->ndim - 2], cols = plu[2]->sizes[plu[2]->ndim - 1],
          k = rows < cols ? rows : cols;
  TeTensor *gl = EX (&e, "tril", "Ti", leading (&e, g, LAST, k), LAST);
  TeTensor *gu = EX (&e, "triu", "Ti", leading (&e, g, BEFORE_LAST, k), (int64_t) 0);
  return te_expr_end (&e, lu_gradient (&e, plu[0], plu[1], plu[2], gl, gu), &ctx->results[0]);
}

static bool
lu_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *factors[3] = { NULL }, *plu[3] = { NULL };
  bool ok = factor ("linalg.lu", te_arg (call, 0), call->args[1].b, factors, err)
            && unpack (factors[0], factors[1], true, true, plu, err);
  for (int i = 0; i < 3; i++)
    te_tensor_unref (factors[i]);
  return give_all (call, plu, 3, ok, err);
}

static bool
lu_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  if (!ctx->grads[1] && !ctx->grads[2])
    return true;
  return te_expr_end (
      &e, lu_gradient (&e, ctx->outs[0], ctx->outs[1], ctx->outs[2], ctx->grads[1], ctx->grads[2]),
      &ctx->results[0]);
}

/* ---- solve ---- */
static bool
check_lu_solve (TeTensor *lu, TeTensor *pivots, TeTensor *b, bool left, TeError *err)
{
  const char *name = "linalg.lu_solve";
  if (!te_check_floating ("torch.linalg.lu_solve", lu, err))
    return false;
  if (pivots->dtype != TE_INT32)
    return te_error_set (err, TE_ERR_RUNTIME, "%s: pivots should be a Tensor of scalar type torch.int32",
                         name);
  if (!te_check_matrices ("torch.linalg.lu_solve", lu, true, err))
    return false;
  if (b->ndim < 2)
    return te_error_set (err, TE_ERR_RUNTIME, "%s: The input tensor B must have at least 2 dimensions.",
                         name);
  if (b->dtype != lu->dtype)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "linalg.lu_solve: Expected LU and B to have the same dtype, but found LU of type %s and B of "
        "type %s instead",
        te_dtype_error_name (te_tensor_dtype (lu)), te_dtype_error_name (te_tensor_dtype (b)));
  int64_t n = lu->sizes[lu->ndim - 1], rows = b->sizes[b->ndim - 2], cols = b->sizes[b->ndim - 1];
  if ((left ? rows : cols) != n)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "%s: Incompatible shapes of A and B for the equation %s (%lldx%lld and %lldx%lld)",
                         name, left ? "AX = B" : "XA = B", (long long) n, (long long) n, (long long) rows,
                         (long long) cols);
  if (!pivots->ndim)
    return te_error_set (err, TE_ERR_INDEX, "Dimension specified as -1 but tensor has no dimensions");
  if (pivots->sizes[pivots->ndim - 1] != n)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "%s: Number of pivots per batch should be same as the dimension of the matrix", name);
  return te_check_pivots_shape (name, "LU", lu, pivots, err);
}

/* XA = B is solved as AᵀXᵀ = Bᵀ; adjoint asks for Aᴴ instead of A, which is Aᵀ between two conjugations. */
static bool
lu_solve_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *lu = te_arg (call, 0), *pivots = te_arg (call, 1), *b = te_arg (call, 2), *result = NULL;
  bool left = call->args[3].b, adjoint = call->args[4].b;
  if (!check_lu_solve (lu, pivots, b, left, err))
    return false;
  TeExpr e = TE_EXPR (err);
  bool conjugate = adjoint && te_dtype_is_complex (te_tensor_dtype (b));
  TeTensor *right = left ? b : turned (&e, b);
  right = conjugate ? EX (&e, "conj_physical", "T", right) : right;
  int64_t batch[TE_MAX_NDIM], sizes[TE_MAX_NDIM];
  int ndim;
  TeMatrices m = { .tensor = NULL }, x = { .tensor = NULL };
  TeTensor *wide = NULL, *rows = NULL;
  bool ok =
      !e.failed && te_shape_broadcast (b->ndim - 2, b->sizes, lu->ndim - 2, lu->sizes, &ndim, batch, err);
  if (ok)
    {
      memcpy (sizes, batch, (size_t) ndim * sizeof *sizes);
      memcpy (sizes + ndim, lu->sizes + lu->ndim - 2, 2 * sizeof *sizes);
      wide = EX (&e, "expand", "TI", lu, sizes, ndim + 2);
      memcpy (sizes + ndim, right->sizes + right->ndim - 2, 2 * sizeof *sizes);
      right = EX (&e, "expand", "TI", right, sizes, ndim + 2);
      sizes[ndim] = pivots->sizes[pivots->ndim - 1];
      rows = EX (&e, "contiguous", "T", EX (&e, "expand", "TI", pivots, sizes, ndim + 1));
      ok = !e.failed && te_matrices_read (&m, wide, err) && te_matrices_read (&x, right, err)
           && te_check_pivots ("linalg.lu_solve", te_tensor_data (rows), rows->numel, m.rows, false, err);
    }
  for (int64_t i = 0, n = m.rows; ok && n && x.cols && i < m.n_batch; i++)
    {
      int info;
      TE_LAPACK (m.is_complex, getrs)
      (left != adjoint ? "N" : "T", &m.rows, &x.cols, te_matrices_at (&m, i), &m.rows,
       (const int *) te_tensor_data (rows) + i * n, te_matrices_at (&x, i), &m.rows, &info);
    }
  if (ok)
    result = left ? te_matrices_result (&x, te_tensor_dtype (lu), false, err)
                  : te_input_as (x.tensor, te_tensor_dtype (lu), err);
  te_matrices_clear (&m);
  te_matrices_clear (&x);
  if (conjugate && result)
    {
      TE_OP (conj, "conj_physical")
      ok = te_call_inplace (conj, err, "T", result);
    }
  if (te_expr_close (&e) && ok)
    return te_result_give (call, 0, result, err);
  te_tensor_unref (result);
  return false;
}

/* B's gradient solves with the transpose; A's is minus its product with X, and reaches the factors by A = P L
 * U. */
static bool
lu_solve_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *lu = ctx->inputs[0], *pivots = ctx->inputs[1], *x = ctx->outs[0];
  bool left = ctx->args[3].b, adjoint = ctx->args[4].b;
  TeTensor *gb = EX (&e, "linalg_lu_solve", "TTTbb", lu, pivots, ctx->grads[0], (int) left, (int) !adjoint);
  if (ctx->needs[2])
    te_expr_put (&e, ex_reduce (&e, gb, &ctx->metas[2]), &ctx->results[2]);
  if (ctx->needs[0])
    {
      TE_OP (op, "lu_unpack")
      TeTensor *plu[3] = { NULL };
      if (e.failed || !te_call_multi (op, plu, 3, err, "TT", lu, pivots))
        return te_expr_close (&e), false;
      for (int i = 0; i < 3; i++)
        te_expr_keep (&e, plu[i]);
      TeTensor *ga = left ? product (&e, gb, EX (&e, "adjoint", "T", x)) : product (&e, EX (&e, "adjoint", "T", x), gb);
      ga = ex_neg (&e, adjoint ? EX (&e, "adjoint", "T", ga) : ga);
      TeTensor *inner = product (&e, EX (&e, "adjoint", "T", plu[0]), ga);
      TeTensor *gl = EX (&e, "tril", "Ti", product (&e, inner, EX (&e, "adjoint", "T", plu[2])), LAST);
      TeTensor *gu = EX (&e, "triu", "Ti", product (&e, EX (&e, "adjoint", "T", plu[1]), inner), (int64_t) 0);
      te_expr_put (&e, ex_reduce (&e, ex_add (&e, gl, gu), &ctx->metas[0]), &ctx->results[0]);
    }
  return te_expr_close (&e);
}

/* Warns once per process. */
static bool
deprecated (bool *warned, const char *text, TeError *err)
{
  return !te_warn_due (warned) || te_warn (err, TE_WARN_USER, "%s", text);
}

static bool
lu_with_info_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (op, "linalg_lu_factor_ex")
  static bool warned;
  TeTensor *results[3] = { NULL };
  if (!deprecated (
          &warned,
          "torch.lu is deprecated in favor of torch.linalg.lu_factor / torch.linalg.lu_factor_ex and will be "
          "removed in a future PyTorch release.\nLU, pivots = torch.lu(A, compute_pivots)\nshould be "
          "replaced "
          "with\nLU, pivots = torch.linalg.lu_factor(A, compute_pivots)\nand\nLU, pivots, info = torch.lu(A, "
          "compute_pivots, get_infos=True)\nshould be replaced with\nLU, pivots, info = "
          "torch.linalg.lu_factor_ex(A, compute_pivots)",
          err))
    return false;
  bool ok = te_call_multi (op, results, 3, err, "Tbb", te_arg (call, 0), (int) call->args[1].b,
                           (int) call->args[2].b);
  return give_all (call, results, 3, ok, err);
}

static bool
old_lu_solve_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (op, "linalg_lu_solve")
  static bool warned;
  if (!deprecated (
          &warned,
          "torch.lu_solve is deprecated in favor of torch.linalg.lu_solveand will be removed in a future "
          "PyTorch release.\nNote that torch.linalg.lu_solve has its arguments reversed.\nX = "
          "torch.lu_solve(B, LU, pivots)\nshould be replaced with\nX = torch.linalg.lu_solve(LU, pivots, B)",
          err))
    return false;
  return te_result_give (call, 0,
                         te_call (op, err, "TTT", te_arg (call, 1), te_arg (call, 2), te_arg (call, 0)), err);
}

#define LINALG (TE_OP_LINALG | TE_OP_OUT)
#define BOTH   (TE_OP_METHOD | TE_OP_FUNCTION)

static const TeOpDef rows[] = {
  { "linalg_lu_factor_ex(Tensor A, *, bool pivot=True, bool check_errors=False) -> (Tensor LU, Tensor "
    "pivots, Tensor "
    "info)",
    LINALG, lu_factor_ex_kernel, lu_factor_ex_backward, "LinalgLuFactorExBackward",
    TE_SAVE_OUT (0) | TE_SAVE_OUT (1),
    .doc = "L and U in one matrix, the row exchanges, and where a zero stands." },
  { "linalg_lu_factor(Tensor A, *, bool pivot=True) -> (Tensor LU, Tensor pivots)", LINALG | TE_OP_COMPOSITE,
    lu_factor_kernel, .doc = "L and U in one matrix, and the row exchanges." },
  { "lu_unpack(Tensor LU_data, Tensor LU_pivots, bool unpack_data=True, bool unpack_pivots=True) -> (Tensor "
    "P, Tensor "
    "L, Tensor U)",
    TE_OP_FUNCTION | TE_OP_OUT, lu_unpack_kernel, lu_unpack_backward, "LuUnpackBackward", 0,
    .constant_outs = 1, .doc = "P, L and U from what lu_factor gives." },
  { "linalg_lu(Tensor A, *, bool pivot=True) -> (Tensor P, Tensor L, Tensor U)", LINALG, lu_kernel,
    lu_backward, "LinalgLuBackward", TE_SAVE_OUT (0) | TE_SAVE_OUT (1) | TE_SAVE_OUT (2), .constant_outs = 1,
    .doc = "P L U = A." },
  { "linalg_lu_solve(Tensor LU, Tensor pivots, Tensor B, *, bool left=True, bool adjoint=False) -> Tensor",
    LINALG | TE_OP_CONJ_RULE, lu_solve_kernel, lu_solve_backward, "LinalgLuSolveBackward",
    TE_SAVE_ARG (0) | TE_SAVE_ARG (1) | TE_SAVE_OUT (0), .doc = "X with AX = B, A given by its factors." },
  { "_lu_with_info(Tensor self, bool pivot=True, bool check_errors=True) -> (Tensor LU, Tensor pivots, "
    "Tensor info)",
    TE_OP_FUNCTION | TE_OP_COMPOSITE, lu_with_info_kernel, .doc = "linalg.lu_factor_ex under its old name." },
  { "lu_solve(Tensor self, Tensor LU_data, Tensor LU_pivots) -> Tensor", BOTH | TE_OP_OUT | TE_OP_COMPOSITE,
    old_lu_solve_kernel, .doc = "linalg.lu_solve under its old name." },
};

TE_OP_FAMILY (te_family_linalg_lu, rows);
