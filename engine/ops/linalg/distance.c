/* Small things about matrices and vectors: trace, cross product, distances, norms, the exponential. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "ops/dispatch.h"
#include "ops/expr.h"
#include "ops/linalg/families.h"
#include "ops/linalg/gemm.h"
#include "ops/linalg/lapack.h"
#include "ops/reduce/reduce-private.h"
#include "ops/shape/shape-util.h"

#define BOTH   (TE_OP_METHOD | TE_OP_FUNCTION)
#define LINALG (TE_OP_LINALG | TE_OP_OUT)

static bool
finish (TeOpCall *call, TeExpr *e, TeTensor *result)
{
  TeTensor *owned = NULL;
  return te_expr_end (e, result, &owned) && te_result_give (call, 0, owned, e->err);
}

/* ---- trace ---- */
static bool
trace_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  if (self->ndim != 2)
    return te_error_set (err, TE_ERR_RUNTIME, "trace: expected a matrix, but got tensor with dim %d",
                         self->ndim);
  TeDtype dtype = te_tensor_dtype (self);
  bool floating = te_dtype_is_inexact (dtype);
  TeTensor *out = te_result_new (self, 0, NULL, floating ? dtype : TE_INT64, err);
  if (out && !te_tensor_is_meta (out))
    {
      int64_t n = self->sizes[0] < self->sizes[1] ? self->sizes[0] : self->sizes[1],
              step = self->strides[0] + self->strides[1];
      double f = 0, imag = 0;
      int64_t k = 0;
      for (int64_t i = 0; i < n; i++)
        {
          TeScalar v = te_scalar_load (dtype, (char *) te_tensor_data (self)
                                                  + i * step * (int64_t) te_dtype_nbytes (dtype));
          imag += te_scalar_imag (v);
          if (floating)
            f += v.f;
          else
            k = (int64_t) ((uint64_t) k + (uint64_t) v.i);
        }
      te_scalar_store (floating ? te_scalar_complex (f, imag) : te_scalar_int (k), te_tensor_dtype (out),
                       te_tensor_data (out));
    }
  return te_result_give (call, 0, out, err);
}

static bool
trace_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  const TeMeta *meta = &ctx->metas[0];
  int64_t rows = meta->sizes[0], cols = meta->sizes[1], numel = rows * cols, n = rows < cols ? rows : cols;
  TeTensor *zeros = te_expr_keep (&e, te_zeros (1, &numel, te_tensor_dtype (ctx->grads[0]), err));
  TeTensor *places = EX (&e, "arange.start_step", "SSSd", te_scalar_int (0), te_scalar_int (n * (cols + 1)),
                         te_scalar_int (cols + 1), (int) TE_INT64);
  TeTensor *filled = EX (&e, "index_fill.int_Tensor", "TiTT", zeros, (int64_t) 0, places, ctx->grads[0]);
  return te_expr_end (&e, EX (&e, "view", "TI", filled, meta->sizes, 2), &ctx->results[0]);
}

/* a b - c d */
static TeScalar
complex_cross (TeScalar a, TeScalar b, TeScalar c, TeScalar d)
{
  return te_scalar_complex (a.f * b.f - a.imag * b.imag - (c.f * d.f - c.imag * d.imag),
                            a.f * b.imag + a.imag * b.f - (c.f * d.imag + c.imag * d.f));
}

/* ---- cross ---- */
static TeTensor *
cross (TeTensor *a, TeTensor *b, int64_t wanted_dim, TeError *err)
{
  int64_t sizes[TE_MAX_NDIM], index[TE_MAX_NDIM] = { 0 };
  int ndim, dim;
  if (a->ndim != b->ndim)
    {
      te_error_set (err, TE_ERR_RUNTIME, "linalg.cross: inputs must have the same number of dimensions.");
      return NULL;
    }
  if (!te_dim_wrap (wanted_dim, a->ndim, &dim, err))
    return NULL;
  if (a->ndim == 0 || a->sizes[dim] != 3 || b->sizes[dim] != 3)
    {
      te_error_set (err, TE_ERR_RUNTIME,
                    "linalg.cross: inputs dimension %lld must have length 3. Got %lld and %lld",
                    (long long) wanted_dim, (long long) (a->ndim ? a->sizes[dim] : 1),
                    (long long) (b->ndim ? b->sizes[dim] : 1));
      return NULL;
    }
  if (a->dtype != b->dtype)
    {
      te_error_set (err, TE_ERR_RUNTIME, "expected scalar type %s but found %s",
                    te_dtype_error_name (te_tensor_dtype (a)), te_dtype_error_name (te_tensor_dtype (b)));
      return NULL;
    }
  if (!te_shape_broadcast (a->ndim, a->sizes, b->ndim, b->sizes, &ndim, sizes, err))
    return NULL;
  TeTensor *out = te_result_new (a, ndim, sizes, te_tensor_dtype (a), err);
  if (!out || te_tensor_is_meta (out) || out->numel == 0)
    return out;
  TeDtype dtype = te_tensor_dtype (a);
  int64_t nbytes = (int64_t) te_dtype_nbytes (dtype), sa[TE_MAX_NDIM], sb[TE_MAX_NDIM];
  for (int d = 0; d < ndim; d++)
    {
      sa[d] = a->sizes[d] == 1 ? 0 : a->strides[d];
      sb[d] = b->sizes[d] == 1 ? 0 : b->strides[d];
    }
  sizes[dim] = 1;
  do
    {
      const char *x = (char *) te_tensor_data (a) + te_index_offset (ndim, index, sa) * nbytes;
      const char *y = (char *) te_tensor_data (b) + te_index_offset (ndim, index, sb) * nbytes;
      char *to = (char *) te_tensor_data (out) + te_index_offset (ndim, index, out->strides) * nbytes;
      for (int k = 0; k < 3; k++)
        {
          int p = (k + 1) % 3, q = (k + 2) % 3;
          TeScalar xp = te_scalar_load (dtype, x + p * sa[dim] * nbytes),
                   xq = te_scalar_load (dtype, x + q * sa[dim] * nbytes);
          TeScalar yp = te_scalar_load (dtype, y + p * sb[dim] * nbytes),
                   yq = te_scalar_load (dtype, y + q * sb[dim] * nbytes);
          TeScalar value = te_dtype_is_complex (dtype) ? complex_cross (xp, yq, xq, yp)
                           : te_dtype_is_floating (dtype)
                               ? te_scalar_float (xp.f * yq.f - xq.f * yp.f)
                               : te_scalar_int ((int64_t) ((uint64_t) xp.i * (uint64_t) yq.i
                                                           - (uint64_t) xq.i * (uint64_t) yp.i));
          te_scalar_store (value, dtype, to + k * out->strides[dim] * nbytes);
        }
    }
  while (te_index_next (ndim, sizes, index));
  return out;
}

static bool
linalg_cross_kernel (TeOpCall *call, TeError *err)
{
  return te_result_give (call, 0, cross (te_arg (call, 0), te_arg (call, 1), call->args[2].i, err), err);
}

static bool
cross_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  if (ctx->needs[0])
    te_expr_put (&e,
                 ex_reduce (&e, EX (&e, "linalg_cross", "TTi", ctx->inputs[1], ctx->grads[0], ctx->args[2].i),
                            &ctx->metas[0]),
                 &ctx->results[0]);
  if (ctx->needs[1])
    te_expr_put (&e,
                 ex_reduce (&e, EX (&e, "linalg_cross", "TTi", ctx->grads[0], ctx->inputs[0], ctx->args[2].i),
                            &ctx->metas[1]),
                 &ctx->results[1]);
  return te_expr_close (&e);
}

static bool
cross_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (op, "linalg_cross")
  TeTensor *a = te_arg (call, 0);
  int64_t dim = te_arg_given (call, 2) ? call->args[2].i : -1;
  if (!te_arg_given (call, 2))
    {
      for (dim = 0; dim < a->ndim && a->sizes[dim] != 3; dim++)
        ;
      if (dim == a->ndim)
        return te_error_set (err, TE_ERR_RUNTIME, "no dimension of size 3 in input");
    }
  return te_result_give (call, 0, te_call (op, err, "TTi", a, te_arg (call, 1), dim), err);
}

/* ---- distances ---- */
/* Sum over the columns of what a difference adds to the distance of order p. */
static double
distance (const double *a, const double *b, int64_t n, double p)
{
  double sum = 0;
  for (int64_t i = 0; i < n; i++)
    {
      double d = fabs (a[i] - b[i]);
      sum = p == 0      ? sum + (d != 0)
            : p == 1    ? sum + d
            : p == 2    ? sum + d * d
            : isinf (p) ? fmax (sum, d)
                        : sum + pow (d, p);
    }
  return p == 2 ? sqrt (sum) : p == 0 || p == 1 || isinf (p) ? sum : pow (sum, 1 / p);
}

/* Slope of the distance d for one difference. */
static double
distance_slope (double difference, double d, double p)
{
  double sign = difference > 0 ? 1 : difference < 0 ? -1 : 0;
  if (p == 0 || d == 0 || (p < 1 && difference == 0))
    return 0;
  if (p == 1)
    return sign;
  if (isinf (p))
    return fabs (difference) == d ? sign : 0;
  if (p == 2)
    return difference / d;
  return sign * pow (fabs (difference) / d, p - 1);
}

typedef struct
{
  TeTensor *a, *b; /* float64, contiguous, batches broadcast */
  int64_t n_batch, n_a, n_b, width;
  int ndim;
  int64_t sizes[TE_MAX_NDIM]; /* of the distances */
} Pairs;

static void
pairs_clear (Pairs *p)
{
  te_tensor_unref (p->a);
  te_tensor_unref (p->b);
}

static TeTensor *
spread_batch (TeTensor *t, int ndim, const int64_t *batch, TeError *err)
{
  int64_t sizes[TE_MAX_NDIM], strides[TE_MAX_NDIM];
  for (int d = 0; d < ndim; d++)
    {
      int from = d - (ndim - t->ndim);
      sizes[d] = d < ndim - 2 ? batch[d] : t->sizes[from];
      strides[d] = from < 0 || t->sizes[from] != sizes[d] ? 0 : t->strides[from];
    }
  TeTensor *view = te_view_new (t, te_tensor_dtype (t), ndim, sizes, strides, t->offset, err);
  TeTensor *wide = view ? te_input_as (view, TE_FLOAT64, err) : NULL;
  te_tensor_unref (view);
  return wide;
}

static bool
pairs_init (Pairs *p, TeTensor *a, TeTensor *b, TeError *err)
{
  int batch;
  *p = (Pairs){ .n_batch = 1 };
  if (a->ndim < 2 || b->ndim < 2)
    return te_error_set (err, TE_ERR_RUNTIME, "cdist only supports at least 2D tensors, X%d got: %dD",
                         a->ndim < 2 ? 1 : 2, a->ndim < 2 ? a->ndim : b->ndim);
  for (int i = 0; i < 2; i++)
    if (!te_dtype_is_floating (te_tensor_dtype (i ? b : a)))
      return te_error_set (err, TE_ERR_RUNTIME, "cdist only supports floating-point dtypes, X%d got: %s",
                           i + 1, te_dtype_error_name (te_tensor_dtype (i ? b : a)));
  p->width = a->sizes[a->ndim - 1];
  if (p->width != b->sizes[b->ndim - 1])
    return te_error_set (err, TE_ERR_RUNTIME,
                         "X1 and X2 must have the same number of columns. X1: %lld X2: %lld",
                         (long long) p->width, (long long) b->sizes[b->ndim - 1]);
  if (!te_shape_broadcast (a->ndim - 2, a->sizes, b->ndim - 2, b->sizes, &batch, p->sizes, err))
    return false;
  for (int d = 0; d < batch; d++)
    p->n_batch *= p->sizes[d];
  p->ndim = batch + 2;
  p->n_a = p->sizes[batch] = a->sizes[a->ndim - 2];
  p->n_b = p->sizes[batch + 1] = b->sizes[b->ndim - 2];
  p->a = spread_batch (a, p->ndim, p->sizes, err);
  p->b = p->a ? spread_batch (b, p->ndim, p->sizes, err) : NULL;
  if (!p->b)
    pairs_clear (p);
  return p->b != NULL;
}

static bool
cdist_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *a = te_arg (call, 0);
  double order = call->args[2].f;
  Pairs p;
  if (order < 0)
    return te_error_set (err, TE_ERR_RUNTIME, "cdist only supports non-negative p values");
  if (!pairs_init (&p, a, te_arg (call, 1), err))
    return false;
  TeTensor *wide = te_tensor_new (p.ndim, p.sizes, TE_FLOAT64, err);
  double *to = wide ? te_tensor_data (wide) : NULL;
  for (int64_t i = 0; to && i < p.n_batch * p.n_a; i++)
    for (int64_t k = 0; k < p.n_b; k++)
      *to++ = distance ((double *) te_tensor_data (p.a) + i * p.width,
                        (double *) te_tensor_data (p.b) + (i / p.n_a * p.n_b + k) * p.width, p.width, order);
  TeTensor *out = wide ? te_input_as (wide, te_tensor_dtype (a), err) : NULL;
  te_tensor_unref (wide);
  pairs_clear (&p);
  return te_result_give (call, 0, out, err);
}

/* Gradient for the first of two sets of rows. */
static bool
cdist_backward_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *a = te_arg (call, 1);
  double order = call->args[3].f;
  Pairs p;
  if (!pairs_init (&p, a, te_arg (call, 2), err))
    return false;
  TeTensor *grad = te_input_as (te_arg (call, 0), TE_FLOAT64, err),
           *d = grad ? te_input_as (te_arg (call, 4), TE_FLOAT64, err) : NULL;
  TeTensor *wide = d ? te_tensor_new (p.ndim, p.a->sizes, TE_FLOAT64, err) : NULL;
  double *to = wide ? te_tensor_data (wide) : NULL;
  if (to)
    memset (to, 0, (size_t) wide->numel * sizeof *to);
  for (int64_t i = 0; to && i < p.n_batch * p.n_a; i++)
    for (int64_t k = 0; k < p.n_b; k++)
      {
        double g = ((double *) te_tensor_data (grad))[i * p.n_b + k],
               at = ((double *) te_tensor_data (d))[i * p.n_b + k];
        const double *x = (double *) te_tensor_data (p.a) + i * p.width;
        const double *y = (double *) te_tensor_data (p.b) + (i / p.n_a * p.n_b + k) * p.width;
        for (int64_t c = 0; c < p.width; c++)
          { /* the largest difference is found again only when it is rounded as the distance was */
            double difference =
                te_tensor_dtype (a) == TE_FLOAT64 ? x[c] - y[c] : (double) (float) (x[c] - y[c]);
            to[i * p.width + c] += g * distance_slope (difference, at, order);
          }
      }
  TeTensor *out = wide ? te_input_as (wide, te_tensor_dtype (a), err) : NULL;
  te_tensor_unref (grad);
  te_tensor_unref (d);
  te_tensor_unref (wide);
  pairs_clear (&p);
  return te_result_give (call, 0, out, err);
}

static bool
cdist_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *a = ctx->inputs[0], *b = ctx->inputs[1], *grad = ctx->grads[0], *d = ctx->outs[0];
  double p = ctx->args[2].f;
  if (ctx->needs[0])
    te_expr_put (&e, ex_reduce (&e, EX (&e, "_cdist_backward", "TTTfT", grad, a, b, p, d), &ctx->metas[0]),
                 &ctx->results[0]);
  if (ctx->needs[1])
    {
      TeTensor *gt = EX (&e, "transpose", "Tii", grad, (int64_t) -2, (int64_t) -1);
      TeTensor *dt = EX (&e, "transpose", "Tii", d, (int64_t) -2, (int64_t) -1);
      te_expr_put (&e, ex_reduce (&e, EX (&e, "_cdist_backward", "TTTfT", gt, b, a, p, dt), &ctx->metas[1]),
                   &ctx->results[1]);
    }
  return te_expr_close (&e);
}

/* ---- norms ---- */
static TeTensor *
norm_of_matrices (TeExpr *e, TeTensor *a, const char *name, double order, const int64_t *dims, bool keepdim)
{
  const int64_t last = -1, both[] = { -2, -1 };
  TeTensor *result;
  uint64_t gap = dims[0] > dims[1] ? (uint64_t) dims[0] - (uint64_t) dims[1] : (uint64_t) dims[1] - (uint64_t) dims[0];
  if (!gap || gap == a->ndim)
    {
      te_error_set (e->err, TE_ERR_RUNTIME, "linalg.matrix_norm: dims must be different. Got (%lld, %lld)",
                    (long long) dims[0], (long long) dims[1]);
      e->failed = true;
      return NULL;
    }
  if (name && !strcmp (name, "fro"))
    return EX (e, "linalg_vector_norm", "TfIb", a, 2.0, dims, 2, (int) keepdim);
  bool values = (name && !strcmp (name, "nuc")) || (!name && fabs (order) == 2);
  if (name && !values)
    {
      te_error_set (e->err, TE_ERR_RUNTIME, "linalg.matrix_norm: Order %s not supported.", name);
      e->failed = true;
      return NULL;
    }
  if (!name && !values && fabs (order) != 1 && !isinf (order))
    {
      te_error_set (e->err, TE_ERR_RUNTIME, "linalg.matrix_norm: Order %g not supported.", order);
      e->failed = true;
      return NULL;
    }
  int64_t a0 = dims[0] < 0 ? dims[0] + a->ndim : dims[0], a1 = dims[1] < 0 ? dims[1] + a->ndim : dims[1];
  if (!values && a0 >= 0 && a1 >= 0 && a0 < a->ndim && a1 < a->ndim && a0 != a1)
    {
      int64_t summed = isinf (order) ? a1 : a0, left = isinf (order) ? a0 : a1;
      left -= !keepdim && summed < left;
      TeTensor *sums = EX (e, "linalg_vector_norm", "TfIb", a, 1.0, &summed, 1, (int) keepdim);
      return order > 0 ? EX (e, "amax", "TIb", sums, &left, 1, (int) keepdim)
                       : EX (e, "amin", "TIb", sums, &left, 1, (int) keepdim);
    }
  TeTensor *s = EX (e, "linalg_svdvals", "T", EX (e, "movedim.intlist", "TII", a, dims, 2, both, 2));
  result = name        ? EX (e, "sum.dim_IntList", "TIb", s, &last, 1, 0)
           : order > 0 ? EX (e, "amax", "TIb", s, &last, 1, 0)
                       : EX (e, "amin", "TIb", s, &last, 1, 0);
  if (!keepdim || !result)
    return result;
  result = EX (e, "unsqueeze", "Ti", result, a0 < a1 ? a0 : a1);
  return EX (e, "unsqueeze", "Ti", result, a0 < a1 ? a1 : a0);
}

static TeTensor *
in_dtype (TeExpr *e, TeTensor *a, const TeValue *dtype)
{
  return dtype->kind == TE_VALUE_NONE || dtype->dtype == te_tensor_dtype (a)
             ? a
             : te_expr_keep (e, te_to_dtype (a, dtype->dtype, e->err));
}

/* Norms by singular values need LAPACK's dtypes; sums take the narrow ones too. */
static bool
check_norm (const TeTensor *a, const char *name, const TeValue *order, TeError *err)
{
  TeDtype dtype = te_tensor_dtype (a);
  bool sums = name ? strcmp (name, "nuc") != 0 : fabs (te_scalar_to_double (order->scalar)) != 2;
  return (sums && a->ndim >= 2 && (dtype == TE_FLOAT16 || dtype == TE_BFLOAT16))
         || te_check_matrices ("linalg.matrix_norm", a, false, err);
}

static bool
matrix_norm_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *order = &call->args[1], *dims = &call->args[2];
  TeExpr e = TE_EXPR (err);
  if (dims->count != 2)
    return te_error_set (err, TE_ERR_RUNTIME, "linalg.matrix_norm: dim must be a 2-tuple.");
  TeTensor *a = in_dtype (&e, te_arg (call, 0), &call->args[4]);
  if (!e.failed && !check_norm (a, order->kind == TE_VALUE_STRING ? order->string : NULL, order, err))
    e.failed = true;
  return finish (
      call, &e,
      e.failed ? NULL
               : norm_of_matrices (&e, a, order->kind == TE_VALUE_STRING ? order->string : NULL,
                                   order->kind == TE_VALUE_STRING ? 0 : te_scalar_to_double (order->scalar),
                                   dims->ints, call->args[3].b));
}

static bool
linalg_norm_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *order = &call->args[1], *dims = &call->args[2];
  static const int64_t last_two[] = { -2, -1 };
  TeExpr e = TE_EXPR (err);
  TeTensor *a = in_dtype (&e, te_arg (call, 0), &call->args[4]);
  bool keepdim = call->args[3].b, given = order->kind != TE_VALUE_NONE,
       has_dims = dims->kind != TE_VALUE_NONE;
  const char *name = order->kind == TE_VALUE_STRING ? order->string : NULL;
  if (!given && !te_norm_check_dtype (te_tensor_dtype (te_arg (call, 0)), &call->args[4], err))
    return te_expr_close (&e) && false;
  double p = given && !name ? te_scalar_to_double (order->scalar) : 2;
  if (given && has_dims && dims->count != 1 && dims->count != 2)
    {
      char text[256];
      return te_error_set (err, TE_ERR_RUNTIME,
                           "linalg.norm: If dim is specified, it must be of length 1 or 2. Got %s",
                           te_shape_text (dims->count, dims->ints, text, sizeof text));
    }
  if (given && !has_dims && a->ndim != 1 && a->ndim != 2)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got %dD.", a->ndim);
  if (given && (has_dims ? dims->count == 2 : a->ndim == 2) && !check_norm (a, name, order, err))
    return te_expr_close (&e) && false;
  if (given && (has_dims ? dims->count == 2 : a->ndim == 2))
    return finish (call, &e, norm_of_matrices (&e, a, name, p, has_dims ? dims->ints : last_two, keepdim));
  if (name)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "linalg.matrix_norm: The input tensor A must have at least 2 dimensions.");
  if (has_dims)
    return finish (call, &e,
                   EX (&e, "linalg_vector_norm", "TfIb", a, p, dims->ints, (int) dims->count, (int) keepdim));
  return finish (call, &e, EX (&e, "linalg_vector_norm", "Tfnb", a, p, (int) keepdim));
}

/* The inverse, and infinity where a matrix has none. */
static TeTensor *
inverse_or_infinite (TeExpr *e, TeTensor *a)
{
  TE_OP (inv_ex, "linalg_inv_ex")
  TE_OP (fill, "masked_fill.Scalar")
  TeTensor *pair[2] = { NULL };
  if (!te_call_multi (inv_ex, pair, 2, e->err, "T", a))
    {
      e->failed = true;
      return NULL;
    }
  TeTensor *inverse = te_expr_keep (e, pair[0]), *info = te_expr_keep (e, pair[1]);
  info = EX (e, "unsqueeze", "Ti", EX (e, "unsqueeze", "Ti", info, (int64_t) -1), (int64_t) -1);
  TeTensor *failed = EX (e, "gt.Scalar", "TS", info, te_scalar_int (0));
  e->failed = e->failed || !te_call_inplace (fill, e->err, "TTS", inverse, failed, te_scalar_float (INFINITY));
  return inverse;
}

static bool
cond_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *a = te_arg (call, 0);
  const TeValue *order = &call->args[1];
  const char *name = order->kind == TE_VALUE_STRING ? order->string : NULL;
  double p = order->kind == TE_VALUE_SCALAR ? te_scalar_to_double (order->scalar) : 2;
  static const int64_t dims[] = { -2, -1 };
  const int64_t last = -1;
  TeExpr e = TE_EXPR (err);
  char label[64];
  if (a->ndim < 2)
    return te_error_set (err, TE_ERR_RUNTIME, "linalg.cond: The input tensor must have at least 2 dimensions.");
  if (name && !te_check_matrices ((snprintf (label, sizeof label, "linalg.cond(ord=%s)", name), label), a, true, err))
    return false;
  if (name ? strcmp (name, "fro") && strcmp (name, "nuc") : fabs (p) != 1 && fabs (p) != 2 && !isinf (p))
    return name ? te_error_set (err, TE_ERR_RUNTIME, "linalg.cond got an invalid norm type: %s", name)
                : te_error_set (err, TE_ERR_RUNTIME, "linalg.cond got an invalid norm type: %g", p);
  if (name)
    snprintf (label, sizeof label, "linalg.cond(ord=%s)", name);
  else
    snprintf (label, sizeof label, "linalg.cond(ord=%g)", p);
  if ((name || fabs (p) != 2 || a->ndim < 2) && !te_check_matrices (label, a, name || fabs (p) != 2, err))
    return false;
  if (!a->numel)
    return finish (call, &e,
                   EX (&e, "zeros", "Id", a->sizes, a->ndim - 2, (int) te_dtype_real (te_tensor_dtype (a))));
  if (!name && fabs (p) == 2)
    {
      TeTensor *s = EX (&e, "linalg_svdvals", "T", a);
      TeTensor *high = EX (&e, "narrow", "Tiii", s, last, (int64_t) 0, (int64_t) 1),
               *low = EX (&e, "narrow", "Tiii", s, last, (int64_t) -1, (int64_t) 1);
      TeTensor *ratio = p > 0 ? ex_div (&e, high, low) : ex_div (&e, low, high);
      return finish (call, &e, EX (&e, "squeeze.dim", "Ti", ratio, last));
    }
  TeTensor *inverse = inverse_or_infinite (&e, a);
  if (e.failed)
    return te_expr_close (&e);
  TeTensor *result = ex_mul (&e, norm_of_matrices (&e, a, name, p, dims, false),
                             norm_of_matrices (&e, inverse, name, p, dims, false));
  TE_OP (nan_to_num, "nan_to_num")
  e.failed = e.failed || !te_call_inplace (nan_to_num, err, "Tfff", result, INFINITY, INFINITY, -INFINITY);
  return finish (call, &e, result);
}

static bool
vecdot_kernel (TeOpCall *call, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  const int64_t dim = call->args[2].i;
  TeTensor *x = te_arg (call, 0), *y = te_arg (call, 1);
  if (!te_dtype_is_inexact (te_tensor_dtype (x)))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "linalg.vecdot: Expected a floating point or complex tensor as input. Got %s",
                         te_dtype_error_name (te_tensor_dtype (x)));
  if (x->ndim == 1 && y->ndim == 1)
    return finish (call, &e, EX (&e, "vdot", "TT", x, y));
  return finish (call, &e, EX (&e, "sum.dim_IntList", "TIb", ex_mul (&e, ex_conj (&e, x), y), &dim, 1, 0));
}

/* ---- the exponential of matrices ---- */
/* Scaling and squaring with a Taylor polynomial of degree 18.  Source: Higham 2005, "The scaling and squaring
 * method for the matrix exponential revisited". */
static bool
exponential (double *x, int n, TeError *err)
{
  size_t size = (size_t) n * (size_t) n, nbytes = (3 * size + 1) * sizeof (double);
  double *power = te_new_sized (nbytes), *next = power + size, *sum = power + 2 * size, norm = 0;
  if (!power)
    return te_error_no_memory (err);
  for (int c = 0; c < n; c++)
    {
      double column = 0;
      for (int r = 0; r < n; r++)
        column += fabs (x[c * n + r]);
      norm = fmax (norm, column);
    }
  int squarings = norm > 0.5 && isfinite (norm) ? (int) ceil (log2 (norm / 0.5)) : 0;
  double scale = ldexp (1, -squarings);
  for (size_t i = 0; i < size; i++)
    x[i] *= scale;
  memset (sum, 0, size * sizeof *sum);
  memset (power, 0, size * sizeof *power);
  for (int i = 0; i < n; i++)
    sum[i * n + i] = power[i * n + i] = 1;
  for (int k = 1; k <= 18; k++)
    {
      te_gemm_f64 (false, false, n, n, n, 1.0 / k, power, n, x, n, 0, next, n);
      memcpy (power, next, size * sizeof *power);
      for (size_t i = 0; i < size; i++)
        sum[i] += power[i];
    }
  for (int k = 0; k < squarings; k++)
    {
      te_gemm_f64 (false, false, n, n, n, 1, sum, n, sum, n, 0, next, n);
      memcpy (sum, next, size * sizeof *sum);
    }
  memcpy (x, sum, size * sizeof *x);
  te_free_sized (power, nbytes);
  return true;
}

/* A complex matrix by the real one [Re, -Im; Im, Re] of twice the order, whose exponential has the same form. */
static bool
complex_exponential (double *x, int n, TeError *err)
{
  int twice = 2 * n;
  size_t nbytes = (size_t) twice * (size_t) twice * sizeof (double);
  double *whole = te_new_sized (nbytes);
  if (!whole)
    return te_error_no_memory (err);
  for (int c = 0; c < n; c++)
    for (int r = 0; r < n; r++)
      {
        const double *from = x + 2 * (c * n + r);
        whole[c * twice + r] = whole[(c + n) * twice + r + n] = from[0];
        whole[c * twice + r + n] = from[1];
        whole[(c + n) * twice + r] = -from[1];
      }
  bool ok = exponential (whole, twice, err);
  for (int c = 0; ok && c < n; c++)
    for (int r = 0; r < n; r++)
      {
        x[2 * (c * n + r)] = whole[c * twice + r];
        x[2 * (c * n + r) + 1] = whole[c * twice + r + n];
      }
  te_free_sized (whole, nbytes);
  return ok;
}

static bool
matrix_exp_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *a = te_arg (call, 0);
  TeMatrices m;
  if (!te_check_matrices ("linalg.matrix_exp", a, true, err) || !te_matrices_read (&m, a, err))
    return false;
  bool ok = true;
  for (int64_t i = 0; ok && m.rows && i < m.n_batch; i++)
    ok = (m.is_complex ? complex_exponential : exponential) (te_matrices_at (&m, i), m.rows, err);
  TeTensor *out = ok ? te_matrices_result (&m, te_tensor_dtype (a), true, err) : NULL;
  te_matrices_clear (&m);
  return te_result_give (call, 0, out, err);
}

/* The upper right block of exp ([[Aᴴ, G], [0, Aᴴ]]).  Source: Mathias 1996, "A chain rule for matrix
 * functions". */
static bool
matrix_exp_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *t = EX (&e, "adjoint", "T", ctx->inputs[0]);
  int64_t n = ctx->metas[0].sizes[ctx->metas[0].ndim - 1];
  TeTensor *top[] = { t, ctx->grads[0] }, *bottom[] = { t ? ex_zeros_like (&e, t) : NULL, t };
  TeTensor *halves[] = { e.failed ? NULL : EX (&e, "cat", "Li", top, 2, (int64_t) -1),
                         e.failed ? NULL : EX (&e, "cat", "Li", bottom, 2, (int64_t) -1) };
  TeTensor *whole =
      e.failed ? NULL : EX (&e, "linalg_matrix_exp", "T", EX (&e, "cat", "Li", halves, 2, (int64_t) -2));
  TeTensor *rows = EX (&e, "narrow", "Tiii", whole, (int64_t) -2, (int64_t) 0, n);
  return te_expr_end (&e, EX (&e, "narrow", "Tiii", rows, (int64_t) -1, n, n), &ctx->results[0]);
}

static bool
old_matrix_exp_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (op, "linalg_matrix_exp")
  return te_result_give (call, 0, te_call (op, err, "T", te_arg (call, 0)), err);
}

static const TeOpDef rows[] = {
  { "trace(Tensor self) -> Tensor", BOTH, trace_kernel, trace_backward, "TraceBackward", .grad_version = 2,
    .doc = "Sum of a matrix's diagonal." },
  { "linalg_cross(Tensor self, Tensor other, *, int dim=-1) -> Tensor", LINALG, linalg_cross_kernel,
    cross_backward, "LinalgCrossBackward", TE_SAVE_ARG (0) | TE_SAVE_ARG (1),
    .doc = "Vector products of vectors of length 3 along dim." },
  { "cross(Tensor self, Tensor other, int? dim=None) -> Tensor", BOTH | TE_OP_OUT | TE_OP_COMPOSITE,
    cross_kernel, .doc = "Vector products along dim (without it: the first dimension of size 3)." },
  { "cdist(Tensor x1, Tensor x2, float p=2., str compute_mode=\"use_mm_for_euclid_dist_if_necessary\") -> "
    "Tensor",
    TE_OP_FUNCTION, cdist_kernel, cdist_backward, "CdistBackward",
    TE_SAVE_ARG (0) | TE_SAVE_ARG (1) | TE_SAVE_OUT (0),
    .doc = "Distances of order p between all rows of x1 and all rows of x2." },
  { "_cdist_backward(Tensor grad, Tensor x1, Tensor x2, float p, Tensor cdist) -> Tensor", 0,
    cdist_backward_kernel, .node = "CdistBackwardBackward", .doc = "Gradient of cdist for x1." },
  { "linalg_matrix_norm(Tensor self, Scalar ord, int[] dim=[-2, -1], bool keepdim=False, *, ScalarType? "
    "dtype=None) -> Tensor",
    LINALG | TE_OP_COMPOSITE, matrix_norm_kernel, .doc = "A norm of matrices: 1, -1, 2, -2, inf or -inf." },
  { "linalg_matrix_norm.str_ord(Tensor self, str ord=\"fro\", int[] dim=[-2, -1], bool keepdim=False, *, "
    "ScalarType? dtype=None) -> "
    "Tensor",
    LINALG | TE_OP_COMPOSITE, matrix_norm_kernel, .doc = "A norm of matrices: 'fro' or 'nuc'." },
  { "linalg_norm(Tensor self, Scalar? ord=None, int[1]? dim=None, bool keepdim=False, *, ScalarType? "
    "dtype=None) -> Tensor",
    LINALG | TE_OP_COMPOSITE, linalg_norm_kernel, .doc = "A norm of a vector or of matrices." },
  { "linalg_norm.ord_str(Tensor self, str ord, int[1]? dim=None, bool keepdim=False, *, ScalarType? "
    "dtype=None) -> Tensor",
    LINALG | TE_OP_COMPOSITE, linalg_norm_kernel, .doc = "A norm of matrices: 'fro' or 'nuc'." },
  { "linalg_cond(Tensor self, Scalar? p=None) -> Tensor", LINALG | TE_OP_COMPOSITE, cond_kernel,
    .doc = "The condition number: by how much solving may magnify errors." },
  { "linalg_cond.p_str(Tensor self, str p) -> Tensor", LINALG | TE_OP_COMPOSITE, cond_kernel,
    .doc = "The condition number." },
  { "linalg_vecdot(Tensor x, Tensor y, *, int dim=-1) -> Tensor", LINALG | TE_OP_COMPOSITE, vecdot_kernel,
    .doc = "Sums of products along dim." },
  { "linalg_matrix_exp(Tensor self) -> Tensor", TE_OP_LINALG | TE_OP_CONJ_RULE | TE_OP_WIDENS,
    matrix_exp_kernel, matrix_exp_backward, "LinalgMatrixExpBackward", TE_SAVE_ARG (0),
    .doc = "The exponential of square matrices." },
  { "matrix_exp(Tensor self) -> Tensor", BOTH | TE_OP_COMPOSITE, old_matrix_exp_kernel,
    .doc = "linalg.matrix_exp." },
};

TE_OP_FAMILY (te_family_linalg_distance, rows);
