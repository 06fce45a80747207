/* Products that BLAS does: matrices, batches of them, vectors; and the same with something added.
 * Operands are handed over as they lie in memory (transposed ones by flag), copied only where neither stride
 * is 1. */
#include <cblas.h>
#include <string.h>

#include "iter/tensor-iter.h"
#include "ops/dispatch.h"
#include "ops/expr.h"
#include "ops/linalg/families.h"
#include "ops/linalg/gemm.h"
#include "ops/linalg/vector-ordered.h"
#include "ops/shape/shape-util.h"

#define BOTH    (TE_OP_METHOD | TE_OP_FUNCTION)
#define PRODUCT (BOTH | TE_OP_OUT | TE_OP_ROLE_PRODUCT | TE_OP_CONJ_RULE)

static const TeScalar zero = { TE_CATEGORY_INT, { .i = 0 } }, one = { TE_CATEGORY_INT, { .i = 1 } };

/* ---- operands ---- */
typedef struct
{
  TeTensor *tensor; /* owned */
  const char *data;
  bool trans;
  int64_t ld, step;
} Matrix;

/* The last two dimensions of t as a matrix BLAS can read. */
static bool
matrix_of (Matrix *m, TeTensor *t, TeError *err)
{
  int r = t->ndim - 2, c = t->ndim - 1;
  m->tensor = te_tensor_ref (t);
  if (!te_gemm_layout (t->sizes[r], t->sizes[c], t->strides[r], t->strides[c], &m->trans, &m->ld))
    {
      te_tensor_unref (t);
      m->tensor = te_tensor_new (t->ndim, t->sizes, te_tensor_dtype (t), err);
      if (!m->tensor || !te_raw_copy (m->tensor, t, err))
        {
          te_tensor_clear (&m->tensor);
          return false;
        }
      m->trans = false;
      m->ld = t->sizes[c] > 1 ? t->sizes[c] : 1;
    }
  m->data = te_tensor_data (m->tensor);
  m->step = t->ndim == 3 ? m->tensor->strides[0] : 0;
  return true;
}

static bool
same_dtype (const TeTensor *a, const TeTensor *b, TeError *err)
{
  return a->dtype == b->dtype
         || te_error_set (err, TE_ERR_RUNTIME, "expected scalar type %s but found %s",
                          te_dtype_error_name (te_tensor_dtype (a)),
                          te_dtype_error_name (te_tensor_dtype (b)));
}

/* addmm's own words for the same. */
static bool
addmm_dtypes (const TeTensor *self, const TeTensor *a, const TeTensor *b, TeError *err)
{
  if (self->dtype != b->dtype)
    return te_error_set (err, TE_ERR_RUNTIME, "self and mat2 must have the same dtype");
  return a->dtype == b->dtype || te_error_set (err, TE_ERR_RUNTIME, "mat1 and mat2 must have the same dtype");
}

static bool
not_for (const char *what, TeDtype dtype, TeError *err)
{
  return te_error_set (err, TE_ERR_RUNTIME, "\"%s\" not implemented for '%s'", what,
                       te_dtype_error_name (dtype));
}

static bool
check_dtype (const char *what, TeDtype dtype, TeError *err)
{
  return (dtype != TE_BOOL && dtype != TE_FLOAT16) || not_for (what, dtype, err);
}

/* The dtypes of a product's factors, which nobody looks at where there is nothing to multiply. */
static bool
check_factors (const char *what, const TeTensor *a, const TeTensor *b, TeError *err)
{
  bool nothing = (!a->numel || !b->numel) && !te_tensor_is_meta (a) && !te_tensor_is_meta (b);
  return nothing || (check_dtype (what, te_tensor_dtype (a), err) && same_dtype (a, b, err));
}

/* c = alpha * a b + beta * c for 2-D tensors, or batches of them (3-D); c contiguous.  Sizes are checked. */
static bool
multiply (TeTensor *c, TeTensor *a, TeTensor *b, TeScalar alpha, TeScalar beta, TeError *err)
{
  TeDtype dtype = te_tensor_dtype (c);
  int r = a->ndim - 2;
  if (c->numel == 0 || te_tensor_is_meta (c))
    return true;
  if (!check_dtype ("", dtype, &(TeError){ 0 })) /* comes here only with nothing to sum */
    {
      memset (te_tensor_data (c), 0, (size_t) c->numel * te_dtype_nbytes (dtype));
      return true;
    }
  if (dtype == TE_BFLOAT16)
    { /* by float, rounded once */
      TeTensor *fa = te_input_as (a, TE_FLOAT32, err), *fb = fa ? te_input_as (b, TE_FLOAT32, err) : NULL;
      TeTensor *fc = fb ? te_tensor_new (c->ndim, c->sizes, TE_FLOAT32, err) : NULL;
      bool ok = fc && te_raw_copy (fc, c, err) && multiply (fc, fa, fb, alpha, beta, err)
                && te_raw_copy (c, fc, err);
      te_tensor_unref (fa);
      te_tensor_unref (fb);
      te_tensor_unref (fc);
      return ok;
    }
  if (a->sizes[a->ndim - 1] == 0)
    { /* nothing to sum: beta alone */
      int64_t rows = c->numel / c->sizes[c->ndim - 1];
      te_gemm (dtype, false, false, rows, c->sizes[c->ndim - 1], 0, alpha, NULL, 1, NULL, c->sizes[c->ndim - 1], beta,
               te_tensor_data (c), c->sizes[c->ndim - 1]);
      return true;
    }
  Matrix ma = { NULL }, mb = { NULL };
  bool ok = matrix_of (&ma, a, err) && matrix_of (&mb, b, err);
  if (ok && a->ndim == 2)
    te_gemm (dtype, ma.trans, mb.trans, a->sizes[0], b->sizes[1], a->sizes[1], alpha, ma.data, ma.ld, mb.data,
             mb.ld, beta, te_tensor_data (c), b->sizes[1]);
  else if (ok)
    te_gemm_batched (dtype, ma.trans, mb.trans, a->sizes[0], a->sizes[r], b->sizes[r + 1], a->sizes[r + 1],
                     alpha, ma.data, ma.ld, ma.step, mb.data, mb.ld, mb.step, beta, te_tensor_data (c),
                     b->sizes[r + 1], a->sizes[r] * b->sizes[r + 1]);
  te_tensor_unref (ma.tensor);
  te_tensor_unref (mb.tensor);
  return ok;
}

/* What is added to a product, spread over its sizes in new memory (and the product's first value when beta is
 * 0). */
static TeTensor *
spread (TeTensor *self, int ndim, const int64_t *sizes, TeScalar beta, TeError *err)
{
  char target[512], own[512];
  if (self->ndim > ndim)
    {
      te_error_set (err, TE_ERR_RUNTIME,
                    "expand(%s{%s}, size=%s): the number of sizes provided (%d) must be greater or equal to "
                    "the number of "
                    "dimensions in the tensor (%d)",
                    te_tensor_kind_name (self), te_shape_text (self->ndim, self->sizes, own, sizeof own),
                    te_shape_text (ndim, sizes, target, sizeof target), ndim, self->ndim);
      return NULL;
    }
  for (int d = self->ndim - 1; d >= 0; d--)
    {
      int64_t wants = sizes[ndim - self->ndim + d];
      if (self->sizes[d] != 1 && self->sizes[d] != wants)
        {
          te_error_set (err, TE_ERR_RUNTIME,
                        "The expanded size of the tensor (%lld) must match the existing size (%lld) at "
                        "non-singleton dimension "
                        "%d.  Target sizes: %s.  Tensor sizes: %s",
                        (long long) wants, (long long) self->sizes[d], ndim - self->ndim + d,
                        te_shape_text (ndim, sizes, target, sizeof target),
                        te_shape_text (self->ndim, self->sizes, own, sizeof own));
          return NULL;
        }
    }
  TeTensor *out = te_result_new (self, ndim, sizes, te_tensor_dtype (self), err);
  bool counts = te_scalar_to_double (beta) != 0 || te_scalar_imag (beta) != 0;
  if (out && counts && !te_tensor_is_meta (out) && !te_copy (out, self, err))
    te_tensor_clear (&out);
  return out;
}

/* ---- layout of gradients ---- */
/* The gradient of a factor that lies in memory column by column is computed transposed, so that it lies the
 * same way.  Whether it did is remembered by a marker in extra (one tensor for all calls: no memory per
 * call). */
static bool
column_major (const TeTensor *t)
{
  return t->strides[0] == 1 && t->strides[1] == t->sizes[0] && !(t->strides[1] == 1 && t->sizes[0] == 1);
}

static void
mark_layout (TeOpCall *call, const TeTensor *mat1, const TeTensor *mat2)
{
  static TeTensor *marker;
  TeError ignored;
  if (!call->wants_grad)
    return;
  if (!marker)
    marker = te_tensor_new_scalar (te_scalar_bool (true), TE_BOOL, &ignored);
  if (marker && column_major (mat1))
    call->extra[0] = te_tensor_ref (marker);
  if (marker && column_major (mat2))
    call->extra[1] = te_tensor_ref (marker);
}

static TeScalar
conjugate (TeScalar s)
{
  return te_scalar_imag (s) == 0 ? s : te_scalar_complex (te_scalar_to_double (s), -te_scalar_imag (s));
}

static TeTensor *
scaled (TeExpr *e, TeTensor *t, TeScalar by)
{
  bool one_factor = te_scalar_to_double (by) == 1 && te_scalar_imag (by) == 0;
  return one_factor || !t ? t : EX (e, "mul.Scalar", "TS", t, by);
}

/* grad of mat1 in mat1 @ mat2 */
static TeTensor *
mat1_grad (TeExpr *e, TeTensor *grad, TeTensor *mat2, bool transposed)
{
  if (transposed)
    return EX (e, "t", "T", EX (e, "mm", "TT", ex_conj (e, mat2), EX (e, "t", "T", grad)));
  return EX (e, "mm", "TT", grad, ex_conj (e, EX (e, "t", "T", mat2)));
}

static TeTensor *
mat2_grad (TeExpr *e, TeTensor *grad, TeTensor *mat1, bool transposed)
{
  if (transposed)
    return EX (e, "t", "T", EX (e, "mm", "TT", EX (e, "t", "T", grad), ex_conj (e, mat1)));
  return EX (e, "mm", "TT", ex_conj (e, EX (e, "t", "T", mat1)), grad);
}

/* A product's factor is saved for the other one's gradient only. */
static uint32_t
saves_pair (const TeOpCall *call, const bool *needs)
{
  return (needs[1] ? TE_SAVE_ARG (0) : 0) | (needs[0] ? TE_SAVE_ARG (1) : 0);
}

static uint32_t
saves_added_pair (const TeOpCall *call, const bool *needs)
{
  return (needs[2] ? TE_SAVE_ARG (1) : 0) | (needs[1] ? TE_SAVE_ARG (2) : 0);
}

/* out= of another dtype is refused before what has no kernel is. */
static bool
check_out (const TeOpCall *call, const TeTensor *like, TeError *err)
{
  const TeTensor *out = call->has_out ? call->outs[0] : NULL;
  return !out || te_out_takes (te_tensor_dtype (out), te_tensor_dtype (like), TE_OUT_SAME)
         || te_out_refuse (te_tensor_dtype (out), te_tensor_dtype (like), TE_OUT_SAME, err);
}

/* ---- mm, addmm ---- */
static bool
check_matrices (TeTensor *a, TeTensor *b, TeError *err)
{
  return a->sizes[1] == b->sizes[0]
         || te_error_set (err, TE_ERR_RUNTIME,
                          "mat1 and mat2 shapes cannot be multiplied (%lldx%lld and %lldx%lld)",
                          (long long) a->sizes[0], (long long) a->sizes[1], (long long) b->sizes[0],
                          (long long) b->sizes[1]);
}

static bool
mm_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *a = te_arg (call, 0), *b = te_arg (call, 1);
  if (a->ndim != 2)
    return te_error_set (err, TE_ERR_RUNTIME, "self must be a matrix");
  if (b->ndim != 2)
    return te_error_set (err, TE_ERR_RUNTIME, "mat2 must be a matrix");
  if (!check_matrices (a, b, err) || !check_out (call, a, err) || !check_factors ("addmm_impl_cpu_", a, b, err))
    return false;
  const int64_t sizes[] = { a->sizes[0], b->sizes[1] };
  mark_layout (call, a, b);
  TeTensor *out = te_result_new (a, 2, sizes, te_tensor_dtype (a), err);
  if (out && !multiply (out, a, b, one, zero, err))
    te_tensor_clear (&out);
  return te_result_give (call, 0, out, err);
}

static bool
mm_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  if (ctx->needs[0])
    te_expr_put (&e, mat1_grad (&e, ctx->grads[0], ctx->inputs[1], ctx->extra[0] != NULL), &ctx->results[0]);
  if (ctx->needs[1])
    te_expr_put (&e, mat2_grad (&e, ctx->grads[0], ctx->inputs[0], ctx->extra[1] != NULL), &ctx->results[1]);
  return te_expr_close (&e);
}

static bool
addmm_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0), *a = te_arg (call, 1), *b = te_arg (call, 2);
  TeScalar beta = call->args[3].scalar, alpha = call->args[4].scalar;
  if (!addmm_dtypes (self, a, b, err))
    return false;
  if (a->ndim != 2)
    return te_error_set (err, TE_ERR_RUNTIME, "mat1 must be a matrix, got %d-D tensor", a->ndim);
  if (b->ndim != 2)
    return te_error_set (err, TE_ERR_RUNTIME, "mat2 must be a matrix, got %d-D tensor", b->ndim);
  if (!check_matrices (a, b, err) || !check_out (call, a, err)
      || !check_dtype ("addmm_impl_cpu_", te_tensor_dtype (a), err))
    return false;
  const int64_t sizes[] = { a->sizes[0], b->sizes[1] };
  mark_layout (call, a, b);
  if (call->inplace && !te_result_fits (self, 2, sizes, err))
    return false;
  TeTensor *out = spread (self, 2, sizes, beta, err);
  if (out && !multiply (out, a, b, alpha, beta, err))
    te_tensor_clear (&out);
  return te_result_give (call, 0, out, err);
}

static bool
addmm_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeScalar beta = conjugate (ctx->args[3].scalar), alpha = conjugate (ctx->args[4].scalar);
  if (ctx->needs[0])
    te_expr_put (&e, ex_reduce (&e, scaled (&e, ctx->grads[0], beta), &ctx->metas[0]), &ctx->results[0]);
  if (ctx->needs[1])
    te_expr_put (&e, scaled (&e, mat1_grad (&e, ctx->grads[0], ctx->inputs[2], ctx->extra[0] != NULL), alpha),
                 &ctx->results[1]);
  if (ctx->needs[2])
    te_expr_put (&e, scaled (&e, mat2_grad (&e, ctx->grads[0], ctx->inputs[1], ctx->extra[1] != NULL), alpha),
                 &ctx->results[2]);
  return te_expr_close (&e);
}

/* ---- bmm, baddbmm, addbmm ---- */
static bool
check_batches (TeTensor *a, TeTensor *b, TeError *err)
{
  char wanted[128], got[128];
  if (a->ndim != 3)
    return te_error_set (err, TE_ERR_RUNTIME, "batch1 must be a 3D tensor");
  if (b->ndim != 3)
    return te_error_set (err, TE_ERR_RUNTIME, "batch2 must be a 3D tensor");
  const int64_t sizes[] = { a->sizes[0], a->sizes[2] };
  return (b->sizes[0] == sizes[0] && b->sizes[1] == sizes[1])
         || te_error_set (err, TE_ERR_RUNTIME,
                          "Expected size for first two dimensions of batch2 tensor to be: %s but got: %s.",
                          te_shape_text (2, sizes, wanted, sizeof wanted),
                          te_shape_text (2, b->sizes, got, sizeof got));
}

static bool
bmm_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *a = te_arg (call, 0), *b = te_arg (call, 1);
  if (!check_batches (a, b, err) || !check_out (call, b, err) || !check_factors ("bmm", a, b, err))
    return false;
  const int64_t sizes[] = { a->sizes[0], a->sizes[1], b->sizes[2] };
  TeTensor *out = te_result_new (a, 3, sizes, te_tensor_dtype (b), err);
  if (out && !multiply (out, a, b, one, zero, err))
    te_tensor_clear (&out);
  return te_result_give (call, 0, out, err);
}

static bool
bmm_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  if (ctx->needs[0])
    te_expr_put (&e,
                 EX (&e, "bmm", "TT", ctx->grads[0],
                     ex_conj (&e, EX (&e, "transpose", "Tii", ctx->inputs[1], (int64_t) 1, (int64_t) 2))),
                 &ctx->results[0]);
  if (ctx->needs[1])
    te_expr_put (&e,
                 EX (&e, "bmm", "TT", ex_conj (&e, EX (&e, "transpose", "Tii", ctx->inputs[0], (int64_t) 1, (int64_t) 2)),
                     ctx->grads[0]),
                 &ctx->results[1]);
  return te_expr_close (&e);
}

static bool
baddbmm_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0), *a = te_arg (call, 1), *b = te_arg (call, 2);
  TeScalar beta = call->args[3].scalar, alpha = call->args[4].scalar;
  int dim;
  for (int i = 0; i < 3; i++) /* the sizes that self is spread over come before any other check */
    if (!te_sized_dim_wrap (i, i < 2 ? a->ndim : b->ndim, &dim, err))
      return false;
  const int64_t sizes[] = { a->sizes[0], a->sizes[1], b->sizes[2] };
  if (call->inplace && self->dtype != a->dtype)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "Bad in-place call: input tensor dtype %s and output tensor dtype %s should match",
                         te_dtype_c_name (te_tensor_dtype (self)), te_dtype_c_name (te_tensor_dtype (a)));
  TeTensor *added = te_to_dtype (self, te_tensor_dtype (a), err); /* self goes with what it is added to */
  TeTensor *out = added ? spread (added, 3, sizes, beta, err) : NULL;
  te_tensor_unref (added);
  if (out
      && (!check_batches (a, b, err) || !same_dtype (a, b, err)
          || !check_dtype ("baddbmm", te_tensor_dtype (a), err) || !multiply (out, a, b, alpha, beta, err)))
    te_tensor_clear (&out);
  return te_result_give (call, 0, out, err);
}

static bool
baddbmm_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeScalar beta = conjugate (ctx->args[3].scalar), alpha = conjugate (ctx->args[4].scalar);
  if (ctx->needs[0])
    te_expr_put (&e, ex_reduce (&e, scaled (&e, ctx->grads[0], beta), &ctx->metas[0]), &ctx->results[0]);
  if (ctx->needs[1])
    te_expr_put (&e,
                 scaled (&e,
                         EX (&e, "bmm", "TT", ctx->grads[0],
                             ex_conj (&e, EX (&e, "transpose", "Tii", ctx->inputs[2], (int64_t) 1, (int64_t) 2))),
                         alpha),
                 &ctx->results[1]);
  if (ctx->needs[2])
    te_expr_put (
        &e,
        scaled (&e,
                EX (&e, "bmm", "TT", ex_conj (&e, EX (&e, "transpose", "Tii", ctx->inputs[1], (int64_t) 1, (int64_t) 2)),
                    ctx->grads[0]),
                alpha),
        &ctx->results[2]);
  return te_expr_close (&e);
}

static bool
addbmm_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0), *a = te_arg (call, 1), *b = te_arg (call, 2);
  TeScalar beta = call->args[3].scalar, alpha = call->args[4].scalar;
  if (!check_batches (a, b, err))
    return false;
  if (self->dtype != b->dtype)
    return te_error_set (err, TE_ERR_RUNTIME, "self and mat2 must have the same dtype");
  if (!same_dtype (a, b, err) || !check_dtype ("addbmm_impl_cpu_", te_tensor_dtype (a), err))
    return false;
  const int64_t sizes[] = { a->sizes[1], b->sizes[2] };
  TeTensor *out = spread (self, 2, sizes, beta, err);
  bool ok = out != NULL;
  /* self alone of all is not held to its sizes where it is changed in place: it grows. */
  if (ok && call->inplace && !te_tensor_same_sizes (self, out))
    ok = te_tensor_resize (self, 2, sizes, err);
  if (ok && !a->sizes[0])
    { /* nothing to add: beta alone */
      TE_OP (mul, "mul.Scalar")
      TeTensor *alone = te_call (mul, err, "TS", out, beta);
      te_tensor_unref (out);
      out = alone;
      ok = out != NULL;
    }
  for (int64_t i = 0; ok && i < a->sizes[0]; i++)
    {
      TeTensor *x = te_view_new (a, te_tensor_dtype (a), 2, a->sizes + 1, a->strides + 1,
                                 a->offset + i * a->strides[0], err);
      TeTensor *y = te_view_new (b, te_tensor_dtype (b), 2, b->sizes + 1, b->strides + 1,
                                 b->offset + i * b->strides[0], err);
      ok = x && y && multiply (out, x, y, alpha, i == 0 ? beta : one, err);
      te_tensor_unref (x);
      te_tensor_unref (y);
    }
  if (!ok)
    te_tensor_clear (&out);
  return te_result_give (call, 0, out, err);
}

static bool
addbmm_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeScalar beta = conjugate (ctx->args[3].scalar), alpha = conjugate (ctx->args[4].scalar);
  const int64_t *b1 = ctx->metas[1].sizes, *b2 = ctx->metas[2].sizes;
  const int64_t sizes[] = { b1[0], b1[1], b2[2] };
  TeTensor *wide = EX (&e, "expand", "TI", EX (&e, "unsqueeze", "Ti", ctx->grads[0], (int64_t) 0), sizes, 3);
  if (ctx->needs[0])
    te_expr_put (&e, ex_reduce (&e, scaled (&e, ctx->grads[0], beta), &ctx->metas[0]), &ctx->results[0]);
  if (ctx->needs[1])
    te_expr_put (&e,
                 scaled (&e,
                         EX (&e, "bmm", "TT", wide,
                             ex_conj (&e, EX (&e, "transpose", "Tii", ctx->inputs[2], (int64_t) 1, (int64_t) 2))),
                         alpha),
                 &ctx->results[1]);
  if (ctx->needs[2])
    te_expr_put (&e,
                 scaled (&e,
                         EX (&e, "bmm", "TT",
                             ex_conj (&e, EX (&e, "transpose", "Tii", ctx->inputs[1], (int64_t) 1, (int64_t) 2)), wide),
                         alpha),
                 &ctx->results[2]);
  return te_expr_close (&e);
}

/* ---- vectors ---- */
static bool
check_mv (const TeOpCall *call, TeTensor *self, TeTensor *mat, TeTensor *vec, TeError *err)
{
  int dim;
  if (!self && !te_sized_dim_wrap (0, mat->ndim, &dim, err))
    return false;
  if (mat->ndim != 2 || vec->ndim != 1 || (self && self->ndim > 1))
    return te_error_set (err, TE_ERR_RUNTIME, "vector + matrix @ vector expected, got %d, %d, %d",
                         self ? self->ndim : 1, mat->ndim, vec->ndim);
  int64_t length = self ? (self->ndim ? self->sizes[0] : 1) : mat->sizes[0];
  if (mat->sizes[1] != vec->sizes[0] || (self && self->numel != 1 && self->sizes[0] != mat->sizes[0]))
    return te_error_set (err, TE_ERR_RUNTIME, "size mismatch, got %lld, %lldx%lld,%lld", (long long) length,
                         (long long) mat->sizes[0], (long long) mat->sizes[1], (long long) vec->sizes[0]);
  return check_out (call, vec, err) && check_factors ("addmv_impl_cpu", mat, vec, err);
}

static bool
multiply_vector (TeTensor *out, TeTensor *mat, TeTensor *vec, TeScalar alpha, TeScalar beta, TeError *err)
{
  if (te_tensor_is_meta (out) || out->numel == 0)
    return true;
  if (te_tensor_dtype (out) == TE_BFLOAT16 || vec->strides[0] < 1 || !vec->numel)
    { /* as a matrix with one column */
      const int64_t columns[] = { vec->sizes[0], 1 }, strides[] = { vec->strides[0], 1 },
                    tall[] = { out->sizes[0], 1 }, unit[] = { 1, 1 };
      TeTensor *v = te_view_new (vec, te_tensor_dtype (vec), 2, columns, strides, vec->offset, err);
      TeTensor *o = te_view_new (out, te_tensor_dtype (out), 2, tall, unit, out->offset, err);
      bool ok = v && o && multiply (o, mat, v, alpha, beta, err);
      te_tensor_unref (v);
      te_tensor_unref (o);
      return ok;
    }
  Matrix m = { NULL };
  if (!matrix_of (&m, mat, err))
    return false;
  te_gemv (te_tensor_dtype (out), m.trans, mat->sizes[0], mat->sizes[1], alpha, m.data, m.ld,
           te_tensor_data (vec), vec->strides[0], beta, te_tensor_data (out), 1);
  te_tensor_unref (m.tensor);
  return true;
}

static bool
mv_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *mat = te_arg (call, 0), *vec = te_arg (call, 1);
  if (!check_mv (call, NULL, mat, vec, err))
    return false;
  TeTensor *out = te_result_new (mat, 1, mat->sizes, te_tensor_dtype (vec), err);
  if (out && !multiply_vector (out, mat, vec, one, zero, err))
    te_tensor_clear (&out);
  return te_result_give (call, 0, out, err);
}

static bool
mv_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  if (ctx->needs[0])
    te_expr_put (&e, EX (&e, "outer", "TT", ctx->grads[0], ex_conj (&e, ctx->inputs[1])), &ctx->results[0]);
  if (ctx->needs[1])
    te_expr_put (&e, EX (&e, "mv", "TT", EX (&e, "t", "T", ex_conj (&e, ctx->inputs[0])), ctx->grads[0]), &ctx->results[1]);
  return te_expr_close (&e);
}

static bool
addmv_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0), *mat = te_arg (call, 1), *vec = te_arg (call, 2);
  TeScalar beta = call->args[3].scalar, alpha = call->args[4].scalar;
  if (!check_mv (call, self, mat, vec, err))
    return false;
  if (call->inplace && self->dtype != mat->dtype)
    return te_error_set (err, TE_ERR_RUNTIME, "expected scalar type %s but found %s",
                         te_dtype_error_name (te_tensor_dtype (mat)), te_dtype_error_name (te_tensor_dtype (self)));
  TeTensor *added = te_to_dtype (self, te_tensor_dtype (mat), err);
  TeTensor *out = added ? spread (added, 1, mat->sizes, beta, err) : NULL;
  te_tensor_unref (added);
  if (out && !multiply_vector (out, mat, vec, alpha, beta, err))
    te_tensor_clear (&out);
  return te_result_give (call, 0, out, err);
}

static bool
addmv_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeScalar beta = conjugate (ctx->args[3].scalar), alpha = conjugate (ctx->args[4].scalar);
  if (ctx->needs[0])
    te_expr_put (&e, ex_reduce (&e, scaled (&e, ctx->grads[0], beta), &ctx->metas[0]), &ctx->results[0]);
  if (ctx->needs[1])
    te_expr_put (&e, scaled (&e, EX (&e, "outer", "TT", ctx->grads[0], ex_conj (&e, ctx->inputs[2])), alpha),
                 &ctx->results[1]);
  if (ctx->needs[2])
    te_expr_put (&e,
                 scaled (&e, EX (&e, "mv", "TT", ex_conj (&e, EX (&e, "t", "T", ctx->inputs[1])), ctx->grads[0]), alpha),
                 &ctx->results[2]);
  return te_expr_close (&e);
}

static bool
check_dot (const char *name, TeTensor *a, TeTensor *b, TeError *err)
{
  char x[64], y[64];
  if (a->ndim != 1 || b->ndim != 1)
    return te_error_set (err, TE_ERR_RUNTIME, "1D tensors expected, but got %dD and %dD tensors", a->ndim,
                         b->ndim);
  if (a->dtype != b->dtype)
    return te_error_set (
        err, TE_ERR_RUNTIME, "dot : expected both vectors to have same dtype, but found %s and %s",
        te_dtype_error_name (te_tensor_dtype (a)), te_dtype_error_name (te_tensor_dtype (b)));
  if (a->numel != b->numel)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "inconsistent tensor size, expected tensor %s and src %s to have the same number of "
                         "elements, but got "
                         "%lld and %lld elements respectively",
                         te_shape_text (1, a->sizes, x, sizeof x), te_shape_text (1, b->sizes, y, sizeof y),
                         (long long) a->numel, (long long) b->numel);
  return check_dtype (name, te_tensor_dtype (a), err);
}

static bool
dot_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *a = te_arg (call, 0), *b = te_arg (call, 1);
  if (!check_out (call, a, err) || !check_dot (call->op->name, a, b, err))
    return false;
  TeDtype dtype = te_tensor_dtype (a);
  TeTensor *out = te_result_new (a, 0, NULL, dtype, err);
  if (!out || te_tensor_is_meta (out))
    return te_result_give (call, 0, out, err);
  int64_t n = a->numel, sa = a->strides[0], sb = b->strides[0];
  bool plain = sa > 0 && sb > 0 && n <= INT32_MAX;
  void *to = te_tensor_data (out), *x = te_tensor_data (a), *y = te_tensor_data (b);
  bool ok = true;
  if (n == 0)
    te_scalar_store (zero, dtype, to);
  else if (plain && dtype == TE_FLOAT32 && sa == 1 && sb == 1)
    *(float *) to = te_dot_ordered (n, x, y);
  else if (plain && dtype == TE_FLOAT32)
    *(float *) to = cblas_sdot ((int) n, x, (int) sa, y, (int) sb);
  else if (plain && dtype == TE_FLOAT64)
    *(double *) to = cblas_ddot ((int) n, x, (int) sa, y, (int) sb);
  else
    {
      TeTensor *da = te_input_contiguous (a, err), *db = da ? te_input_contiguous (b, err) : NULL;
      ok = db != NULL;
      if (ok)
        te_gemm (dtype, false, false, 1, 1, n, one, te_tensor_data (da), n, te_tensor_data (db), 1, zero, to,
                 1);
      te_tensor_unref (da);
      te_tensor_unref (db);
    }
  if (!ok)
    te_tensor_clear (&out);
  return te_result_give (call, 0, out, err);
}

static bool
vdot_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  if (ctx->needs[0])
    te_expr_put (&e, ex_mul (&e, ex_conj (&e, ctx->grads[0]), ctx->inputs[1]), &ctx->results[0]);
  if (ctx->needs[1])
    te_expr_put (&e, ex_mul (&e, ctx->grads[0], ctx->inputs[0]), &ctx->results[1]);
  return te_expr_close (&e);
}

/* dot with the first vector conjugated. */
static bool
vdot_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (conj_op, "conj_physical");
  TeValue args[2] = { call->args[0], call->args[1] };
  if (!te_dtype_is_complex (te_tensor_dtype (te_arg (call, 0))))
    return dot_kernel (call, err);
  TeOpCall inner = *call;
  TeTensor *turned = te_call (conj_op, err, "T", te_arg (call, 0));
  args[0].tensor = turned;
  inner.args = args;
  bool ok = turned && dot_kernel (&inner, err);
  te_tensor_unref (turned);
  return ok;
}

static bool
dot_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  if (ctx->needs[0])
    te_expr_put (&e, ex_mul (&e, ctx->grads[0], ex_conj (&e, ctx->inputs[1])), &ctx->results[0]);
  if (ctx->needs[1])
    te_expr_put (&e, ex_mul (&e, ctx->grads[0], ex_conj (&e, ctx->inputs[0])), &ctx->results[1]);
  return te_expr_close (&e);
}

static bool
outer_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *a = te_arg (call, 0), *b = te_arg (call, 1);
  const char *names[] = { "self", "vec2" };
  for (int i = 0; i < 2; i++)
    if (te_arg (call, i)->ndim != 1)
      return te_error_set (err, TE_ERR_RUNTIME, "outer: Expected 1-D argument %s, but got %d-D", names[i],
                           te_arg (call, i)->ndim);
  const int64_t sizes[] = { a->numel, 1 };
  TeTensor *column = te_reshape (a, 2, sizes, err);
  TeTensor *result = column ? te_mul (column, b, err) : NULL;
  te_tensor_unref (column);
  return te_result_give (call, 0, result, err);
}

static bool
ger_kernel (TeOpCall *call, TeError *err)
{
  return (!call->has_out
          || te_warn (err, TE_WARN_USER,
                      "torch.ger is deprecated and will be removed in a future PyTorch release. Use "
                      "torch.outer instead."))
         && outer_kernel (call, err);
}

/* Are beta and alpha numbers that the results can hold? */
static bool
check_numbers (const TeOpCall *call, TeScalar beta, TeScalar alpha, TeError *err)
{
  TeDtype dtype = te_result_type ((TeTensor *const[]){ te_arg (call, 0), te_arg (call, 1), te_arg (call, 2) }, 3);
  const struct
  {
    const char *name;
    TeScalar number;
  } given[] = { { "beta", beta }, { "alpha", alpha } };
  for (int i = 0; i < 2; i++)
    {
      if (te_dtype_is_integral (dtype, true) && given[i].number.category == TE_CATEGORY_FLOAT)
        return te_error_set (err, TE_ERR_RUNTIME,
                             "For integral input tensors, argument %s must not be a floating point number.",
                             given[i].name);
      if (!te_dtype_is_complex (dtype) && te_scalar_imag (given[i].number) != 0)
        return te_error_set (err, TE_ERR_RUNTIME, "value cannot be converted to type %s without overflow",
                             te_dtype_cpp_name (dtype));
    }
  return true;
}

/* addr element by element, in the dtype that all three share. */
static bool
addr_in_parts (TeOpCall *call, TeScalar beta, TeScalar alpha, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *self = te_arg (call, 0);
  TeTensor *column = EX (&e, "unsqueeze", "Ti", te_arg (call, 1), (int64_t) 1);
  TeTensor *product = ex_mul (&e, column, te_arg (call, 2)), *result;
  if (!e.failed && te_result_type ((TeTensor *const[]){ self, product }, 2) == TE_BOOL)
    {
      bool keeps = te_scalar_to_double (beta) != 0, adds = te_scalar_to_double (alpha) != 0;
      TeTensor *zeros = EX (&e, "zeros_like", "T", product);
      result = EX (&e, "logical_or", "TT", keeps ? self : zeros, adds ? product : zeros);
    }
  else
    {
      product = EX (&e, "mul.Scalar", "TS", product, alpha);
      result = te_scalar_to_double (beta) == 0 && te_scalar_imag (beta) == 0
                   ? product
                   : ex_add (&e, EX (&e, "mul.Scalar", "TS", self, beta), product);
    }
  TeTensor *out = NULL;
  return te_expr_end (&e, result, &out) && te_result_give (call, 0, out, err);
}

static bool
addr_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0), *a = te_arg (call, 1), *b = te_arg (call, 2);
  TeScalar beta = call->args[3].scalar, alpha = call->args[4].scalar;
  if (a->ndim != 1 || b->ndim != 1)
    return te_error_set (err, TE_ERR_RUNTIME, "addr: Expected 1-D argument %s, but got %d-D",
                         a->ndim != 1 ? "vec1" : "vec2", a->ndim != 1 ? a->ndim : b->ndim);
  if (call->inplace
      && (!te_check_no_internal_overlap (self, err)
          || (self->ndim != 2
              && !te_error_set (err, TE_ERR_RUNTIME, "2D tensor expected, got %dD tensor for input",
                                self->ndim))))
    return false;
  if (!check_numbers (call, beta, alpha, err))
    return false;
  if (self->dtype != a->dtype || a->dtype != b->dtype || !check_dtype ("", te_tensor_dtype (a), &(TeError){ 0 }))
    return addr_in_parts (call, beta, alpha, err);
  const int64_t sizes[] = { a->numel, b->numel }, column[] = { a->numel, 1 }, row[] = { 1, b->numel },
                column_strides[] = { a->strides[0], 1 }, row_strides[] = { 0, b->strides[0] };
  TeTensor *out = spread (self, 2, sizes, beta, err);
  TeTensor *x = te_view_new (a, te_tensor_dtype (a), 2, column, column_strides, a->offset, err);
  TeTensor *y = te_view_new (b, te_tensor_dtype (b), 2, row, row_strides, b->offset, err);
  if (!x || !y || !out || !multiply (out, x, y, alpha, beta, err))
    te_tensor_clear (&out);
  te_tensor_unref (x);
  te_tensor_unref (y);
  return te_result_give (call, 0, out, err);
}

static bool
addr_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeScalar beta = conjugate (ctx->args[3].scalar), alpha = conjugate (ctx->args[4].scalar);
  if (ctx->needs[0])
    te_expr_put (&e, ex_reduce (&e, scaled (&e, ctx->grads[0], beta), &ctx->metas[0]), &ctx->results[0]);
  if (ctx->needs[1])
    te_expr_put (&e, scaled (&e, EX (&e, "mv", "TT", ctx->grads[0], ex_conj (&e, ctx->inputs[2])), alpha),
                 &ctx->results[1]);
  if (ctx->needs[2])
    te_expr_put (&e,
                 scaled (&e, EX (&e, "mv", "TT", EX (&e, "t", "T", ctx->grads[0]), ex_conj (&e, ctx->inputs[1])), alpha),
                 &ctx->results[2]);
  return te_expr_close (&e);
}

#define ADDED (PRODUCT | TE_OP_INPLACE)

static const TeOpDef rows[] = {
  { "mm(Tensor self, Tensor mat2) -> Tensor", PRODUCT, mm_kernel, mm_backward, "MmBackward",
    TE_SAVE_ARG (0) | TE_SAVE_ARG (1), .doc = "(n, k) times (k, m): a matrix product.",
    .saves_for = saves_pair },
  { "bmm(Tensor self, Tensor mat2) -> Tensor", PRODUCT, bmm_kernel, bmm_backward, "BmmBackward",
    TE_SAVE_ARG (0) | TE_SAVE_ARG (1), .doc = "(b, n, k) times (b, k, m): products of batches.",
    .saves_for = saves_pair },
  { "mv(Tensor self, Tensor vec) -> Tensor", PRODUCT, mv_kernel, mv_backward, "MvBackward",
    TE_SAVE_ARG (0) | TE_SAVE_ARG (1), .doc = "(n, k) times (k): matrix times vector.",
    .saves_for = saves_pair },
  { "dot(Tensor self, Tensor tensor) -> Tensor", PRODUCT, dot_kernel, dot_backward, "DotBackward",
    TE_SAVE_ARG (0) | TE_SAVE_ARG (1), .doc = "Sum of the products of two vectors.",
    .saves_for = saves_pair },
  { "vdot(Tensor self, Tensor other) -> Tensor", PRODUCT, vdot_kernel, vdot_backward,
    "VdotBackward", TE_SAVE_ARG (0) | TE_SAVE_ARG (1), .doc = "dot with the first vector conjugated.",
    .saves_for = saves_pair },
  { "addmm(Tensor self, Tensor mat1, Tensor mat2, *, Scalar beta=1, Scalar alpha=1) -> Tensor", ADDED,
    addmm_kernel, addmm_backward, "AddmmBackward", TE_SAVE_ARG (1) | TE_SAVE_ARG (2),
    .doc = "beta * self + alpha * mat1 @ mat2; self is broadcast.", .saves_for = saves_added_pair },
  { "addmv(Tensor self, Tensor mat, Tensor vec, *, Scalar beta=1, Scalar alpha=1) -> Tensor", ADDED,
    addmv_kernel, addmv_backward, "AddmvBackward", TE_SAVE_ARG (1) | TE_SAVE_ARG (2),
    .doc = "beta * self + alpha * mat @ vec.", .saves_for = saves_added_pair },
  { "baddbmm(Tensor self, Tensor batch1, Tensor batch2, *, Scalar beta=1, Scalar alpha=1) -> Tensor", ADDED,
    baddbmm_kernel, baddbmm_backward, "BaddbmmBackward", TE_SAVE_ARG (1) | TE_SAVE_ARG (2),
    .doc = "beta * self + alpha * batch1 @ batch2, batch by batch.", .saves_for = saves_added_pair },
  { "addbmm(Tensor self, Tensor batch1, Tensor batch2, *, Scalar beta=1, Scalar alpha=1) -> Tensor", ADDED,
    addbmm_kernel, addbmm_backward, "AddbmmBackward", TE_SAVE_ARG (1) | TE_SAVE_ARG (2),
    .doc = "beta * self + alpha * the sum of the batches' products.", .saves_for = saves_added_pair },
  { "outer(Tensor self, Tensor vec2) -> Tensor", BOTH | TE_OP_OUT | TE_OP_COMPOSITE, outer_kernel,
    .doc = "All products of an element of self and one of vec2." },
  { "ger(Tensor self, Tensor vec2) -> Tensor", BOTH | TE_OP_OUT | TE_OP_COMPOSITE, ger_kernel,
    .doc = "outer under BLAS' name." },
  { "addr(Tensor self, Tensor vec1, Tensor vec2, *, Scalar beta=1, Scalar alpha=1) -> Tensor", ADDED,
    addr_kernel, addr_backward, "AddrBackward", TE_SAVE_ARG (1) | TE_SAVE_ARG (2),
    .doc = "beta * self + alpha * outer (vec1, vec2).", .saves_for = saves_added_pair },
};

TE_OP_FAMILY (te_family_linalg_products, rows);
