/* var, std, their _mean forms, norms and logsumexp. */
#include "ops/reduce/reduce-private.h"

#include <math.h>
#include <string.h>

#include "base/err.h"
#include "ops/creation/creation-private.h"
#include "ops/pointwise/vector-math.h"

#undef TE_MF
#define TE_MF (TE_OP_METHOD | TE_OP_FUNCTION)

/* ---- variance: two passes over a run, runs joined by Chan's formula ---- */
typedef struct
{
  double n, mean, m2;
} Moments;

typedef struct
{
  double correction;
  bool root;
} MomentsCtx;

static void
start_moments (void *acc, const void *ctx)
{
  memset (acc, 0, sizeof (Moments));
}

static void
join_moments (void *acc, const void *later_pointer, const void *ctx)
{
  Moments *a = acc;
  const Moments *b = later_pointer;
  if (!b->n)
    return;
  double n = a->n + b->n, delta = b->mean - a->mean;
  a->mean += delta * (b->n / n);
  a->m2 += b->m2 + delta * delta * (a->n * b->n / n);
  a->n = n;
}

/* Infinities among several elements leave no mean, as in Welford's recurrence. */
#define LANES 16
#define VARIANCE(T, SUFFIX)                                                                                  \
  static void moments_run_##SUFFIX (Moments *acc, const T *x, int64_t n)                                     \
  {                                                                                                          \
    T sums[LANES] = { 0 }, squares[LANES] = { 0 };                                                           \
    double total = 0, m2 = 0;                                                                                \
    int64_t i = 0;                                                                                           \
    for (; i + LANES <= n; i += LANES)                                                                       \
      for (int k = 0; k < LANES; k++)                                                                        \
        sums[k] += x[i + k];                                                                                 \
    for (int k = 0; k < LANES; k++)                                                                          \
      total += sums[k];                                                                                      \
    for (; i < n; i++)                                                                                       \
      total += x[i];                                                                                         \
    double mean = total / (double) n;                                                                        \
    const T center = (T) mean;                                                                               \
    for (i = 0; i + LANES <= n; i += LANES)                                                                  \
      for (int k = 0; k < LANES; k++)                                                                        \
        {                                                                                                    \
          T d = x[i + k] - center;                                                                           \
          squares[k] += d * d;                                                                               \
        }                                                                                                    \
    for (int k = 0; k < LANES; k++)                                                                          \
      m2 += squares[k];                                                                                      \
    for (; i < n; i++)                                                                                       \
      {                                                                                                      \
        double d = (double) x[i] - (double) center;                                                          \
        m2 += d * d;                                                                                         \
      }                                                                                                      \
    double off = mean - (double) center; /* the center was rounded */                                        \
    Moments run = { (double) n, mean, m2 - (double) n * off * off };                                         \
    if (run.m2 < 0)                                                                                          \
      run.m2 = 0;                                                                                            \
    join_moments (acc, &run, NULL);                                                                          \
  }                                                                                                          \
  static void moments_row_##SUFFIX (void *acc, const char *data, int64_t stride, int64_t n, int64_t index,   \
                                    const void *ctx)                                                         \
  {                                                                                                          \
    T buffer[256];                                                                                           \
    if (stride == sizeof (T))                                                                                \
      {                                                                                                      \
        moments_run_##SUFFIX (acc, (const T *) data, n);                                                     \
        return;                                                                                              \
      }                                                                                                      \
    for (int64_t begin = 0; begin < n; begin += 256)                                                         \
      {                                                                                                      \
        int64_t count = n - begin < 256 ? n - begin : 256;                                                   \
        for (int64_t k = 0; k < count; k++)                                                                  \
          buffer[k] = *(const T *) (data + (begin + k) * stride);                                            \
        moments_run_##SUFFIX (acc, buffer, count);                                                           \
      }                                                                                                      \
  }                                                                                                          \
  static void finish_moments_##SUFFIX (const void *acc_pointer, char *const *results,                        \
                                       const void *ctx_pointer)                                              \
  {                                                                                                          \
    const Moments *acc = acc_pointer;                                                                        \
    const MomentsCtx *ctx = ctx_pointer;                                                                     \
    double divisor = acc->n - ctx->correction;                                                               \
    double variance = acc->m2 / (divisor > 0 ? divisor : 0);                                                 \
    *(T *) results[0] = (T) (ctx->root ? sqrt (variance) : variance);                                        \
    *(T *) results[1] = (T) (acc->n && !(acc->n > 1 && isnan (acc->m2)) ? acc->mean : NAN);                  \
  }
VARIANCE (float, f32)
VARIANCE (double, f64)

static const TeReduction reduction_moments[2] = {
  { sizeof (Moments), start_moments, moments_row_f32, join_moments, finish_moments_f32, NULL },
  { sizeof (Moments), start_moments, moments_row_f64, join_moments, finish_moments_f64, NULL },
};

/* The overloads differ in where dim, correction and keepdim stand. */
typedef struct
{
  const TeValue *dims;
  double correction;
  bool keepdim;
} MomentsArgs;

static MomentsArgs
moments_args (const TeOp *op, const TeValue *args)
{
  static const TeValue none;
  if (strcmp (op->overload, "dim") == 0)
    return (MomentsArgs){ &args[1], args[2].b, args[3].b };
  if (strcmp (op->overload, "correction") == 0)
    return (MomentsArgs){ &args[1], args[2].kind == TE_VALUE_NONE ? 1 : (double) args[2].i, args[3].b };
  return (MomentsArgs){ &none, args[1].b, false };
}

/* The variance of complex numbers is that of their real plus that of their imaginary parts; owned results go
 * to outs. */
static bool
complex_moments (TeOpCall *call, const MomentsArgs *args, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *self = call->args[0].tensor;
  int64_t dims[TE_MAX_NDIM];
  int n = 0;
  if (args->dims->kind == TE_VALUE_INT_LIST)
    for (; n < args->dims->count; n++)
      dims[n] = args->dims->ints[n] < 0 ? args->dims->ints[n] + self->ndim : args->dims->ints[n];
  if (!n)
    for (; n < self->ndim; n++)
      dims[n] = n;
  TeTensor *parts[2], *variance = NULL;
  for (int i = 0; i < 2; i++)
    {
      parts[i] = i ? EX (&e, "imag", "T", self) : EX (&e, "real", "T", self);
      TeTensor *one =
          EX (&e, "var.correction", "TIib", parts[i], dims, n, (int64_t) args->correction, args->keepdim);
      variance = i ? ex_add (&e, variance, one) : one;
    }
  if (call->op->name[0] == 's')
    variance = EX (&e, "sqrt", "T", variance);
  if (call->outs[0])
    e.failed = e.failed
               || !te_output (&call->outs[0], self, variance->ndim, variance->sizes, NULL,
                              te_tensor_dtype (variance), err)
               || !te_copy (call->outs[0], variance, err);
  else
    te_expr_put (&e, variance, &call->outs[0]);
  if (call->op->n_returns == 2)
    te_expr_put (&e, EX (&e, "mean.dim", "TIb", self, dims, n, args->keepdim), &call->outs[1]);
  return te_expr_close (&e);
}

static bool
kernel_moments (TeOpCall *call, TeError *err)
{
  TeTensor *self = call->args[0].tensor;
  MomentsArgs args = moments_args (call->op, call->args);
  TeDtype dtype = te_tensor_dtype (self), compute = te_reduce_compute (dtype);
  bool both = call->op->n_returns == 2;
  TeReduceShape shape;
  if (te_dtype_is_complex (dtype))
    return complex_moments (call, &args, err);
  if (!te_dtype_is_floating (dtype))
    return te_error_set (err, TE_ERR_RUNTIME, "%s only support floating point and complex dtypes",
                         both ? call->op->name : "std and var");
  if (!te_reduce_shape (&shape, self, args.dims, args.keepdim, err))
    return false;
  MomentsCtx ctx = { args.correction, call->op->name[0] == 's' };
  TeTensor *outs[2] = { call->outs[0], both ? call->outs[1] : NULL };
  TeTensor *input = te_reduce_input (self, compute, err);
  if (!input)
    return false;
  TeDtype computed[2] = { compute, compute }, final[2] = { dtype, dtype };
  TeOpCall pair = { .op = call->op, .args = call->args, .outs = outs, .n_outs = 2 };
  bool ok = te_reduce_store (&pair, input, &shape, &reduction_moments[compute == TE_FLOAT64], &ctx, computed,
                             final, 2, err);
  call->outs[0] = outs[0];
  if (both)
    call->outs[1] = outs[1];
  else
    te_tensor_unref (outs[1]);
  te_tensor_unref (input);
  return ok;
}

/* d var / d x = 2 (x - mean) / (n - correction). */
static TeTensor *
variance_gradient (TeExpr *e, const TeBackward *ctx, TeTensor *grad, const MomentsArgs *args)
{
  const TeMeta *meta = &ctx->metas[0];
  int64_t dims[TE_MAX_NDIM];
  int n = 0;
  if (args->dims->kind == TE_VALUE_INT_LIST)
    for (; n < args->dims->count; n++)
      dims[n] = args->dims->ints[n];
  TeTensor *x = ctx->inputs[0];
  double divisor = (double) te_meta_reduced (meta, args->dims) - args->correction;
  if (divisor == 0 && (!meta->ndim || args->dims->kind == TE_VALUE_NONE))
    return ex_mul_scalar (e, grad,
                          INFINITY); /* as in PyTorch also where x is not 0-dim: backward refuses it then */
  TeTensor *mean = EX (e, "mean.dim", "TIb", x, n ? dims : NULL, n, meta->ndim > 0);
  grad = ex_keepdims (e, grad, meta, args->dims, args->keepdim);
  grad = ex_mul_scalar (e, grad, 2 / divisor);
  return ex_mul (e, grad, ex_sub (e, x, mean));
}

static bool
backward_moments (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  MomentsArgs args = moments_args (ctx->op, ctx->args);
  TeTensor *total = NULL;
  if (ctx->grads[0])
    {
      TeTensor *grad = ctx->grads[0];
      if (ctx->op->name[0] == 's')
        {
          TeTensor *slope = ex_div (&e, grad, ex_mul_scalar (&e, ctx->outs[0], 2));
          TeTensor *flat = EX (&e, "eq.Scalar", "TS", ctx->outs[0], te_scalar_int (0));
          grad = EX (&e, "masked_fill.Scalar", "TTS", slope, flat, te_scalar_int (0));
        }
      total = variance_gradient (&e, ctx, grad, &args);
    }
  if (ctx->n_outs > 1 && ctx->grads[1])
    {
      TeTensor *mean = ex_unreduce (&e, ctx->grads[1], &ctx->metas[0], args.dims, args.keepdim);
      mean = EX (&e, "div.Scalar", "TS", mean, te_scalar_int (te_meta_reduced (&ctx->metas[0], args.dims)));
      total = total ? ex_add (&e, total, mean) : mean;
    }
  return te_expr_end (&e, total, &ctx->results[0]);
}

/* ---- norms ---- */
static void
start_zero (void *acc, const void *ctx)
{
  *(double *) acc = 0;
}
static void
start_infinite (void *acc, const void *ctx)
{
  *(double *) acc = INFINITY;
}
static void
join_sum (void *acc, const void *later, const void *ctx)
{
  *(double *) acc += *(const double *) later;
}
static void
join_max (void *acc, const void *later_pointer, const void *ctx)
{
  double a = *(double *) acc, b = *(const double *) later_pointer;
  *(double *) acc = a != a || a > b ? a : b;
}
static void
join_min (void *acc, const void *later_pointer, const void *ctx)
{
  double a = *(double *) acc, b = *(const double *) later_pointer;
  *(double *) acc = a != a || a < b ? a : b;
}

/* Sums of a step over the elements, in sixteen lanes of doubles.  The sum is rounded to T before its root, so
 * that a norm overflows and vanishes where PyTorch's does. */
#define NORM_ROW(NAME, T, STEP)                                                                              \
  static void NAME (void *acc, const char *data, int64_t stride, int64_t n, int64_t index, const void *ctx)  \
  {                                                                                                          \
    const double p __attribute__ ((unused)) = *(const double *) ctx;                                         \
    double lanes[16] = { *(double *) acc }, total = 0;                                                       \
    int64_t i = 0;                                                                                           \
    if (stride == sizeof (T))                                                                                \
      for (; i + 16 <= n; i += 16)                                                                           \
        for (int k = 0; k < 16; k++)                                                                         \
          {                                                                                                  \
            const double x = ((const T *) data)[i + k];                                                      \
            lanes[k] += STEP;                                                                                \
          }                                                                                                  \
    for (; i < n; i++)                                                                                       \
      {                                                                                                      \
        const double x = *(const T *) (data + i * stride);                                                   \
        lanes[0] += STEP;                                                                                    \
      }                                                                                                      \
    for (int k = 0; k < 16; k++)                                                                             \
      total += lanes[k];                                                                                     \
    *(double *) acc = total;                                                                                 \
  }
#define NORM_LIMIT_ROW(NAME, T, OP)                                                                          \
  static void NAME (void *acc, const char *data, int64_t stride, int64_t n, int64_t index, const void *ctx)  \
  {                                                                                                          \
    double best = *(double *) acc;                                                                           \
    for (int64_t i = 0; i < n; i++)                                                                          \
      {                                                                                                      \
        double x = fabs ((double) *(const T *) (data + i * stride));                                         \
        best = best != best || best OP x ? best : x;                                                         \
      }                                                                                                      \
    *(double *) acc = best;                                                                                  \
  }
#define NORM_ROWS(T, SUFFIX, FMA)                                                                                 \
  NORM_ROW (norm2_loose_##SUFFIX, T, x *x)                                                                   \
  /* numbers side by side: in the lanes of one vector, in T, as PyTorch adds them */                         \
  static void norm2_row_##SUFFIX (void *acc, const char *data, int64_t stride, int64_t n, int64_t index,     \
                                  const void *ctx)                                                           \
  {                                                                                                          \
    enum { WIDTH = 32 / sizeof (T) };                                                                        \
    const T *x = (const T *) data;                                                                           \
    T lanes[WIDTH] = { 0 };                                                                                  \
    int64_t i = 0;                                                                                           \
    if (stride != sizeof (T))                                                                                \
      {                                                                                                      \
        norm2_loose_##SUFFIX (acc, data, stride, n, index, ctx);                                             \
        return;                                                                                              \
      }                                                                                                      \
    for (; i + WIDTH <= n; i += WIDTH)                                                                       \
      for (int k = 0; k < WIDTH; k++)                                                                        \
        lanes[k] = FMA (x[i + k], x[i + k], lanes[k]);                                                       \
    for (int k = 1; k < WIDTH; k++)                                                                          \
      lanes[0] += lanes[k];                                                                                  \
    for (int64_t four = i + 4 <= n ? i + 4 : i; i < four; i++)                                               \
      lanes[0] += x[i] * x[i];                                                                               \
    for (; i < n; i++)                                                                                       \
      lanes[0] = FMA (x[i], x[i], lanes[0]);                                                                 \
    *(double *) acc += (double) lanes[0];                                                                    \
  }                                                                                                          \
  NORM_ROW (norm1_row_##SUFFIX, T, fabs (x))                                                                 \
  NORM_ROW (norm0_row_##SUFFIX, T, x != 0)                                                                   \
  NORM_ROW (normp_row_##SUFFIX, T, pow (fabs (x), p))                                                        \
  NORM_LIMIT_ROW (norm_max_row_##SUFFIX, T, >)                                                               \
  NORM_LIMIT_ROW (norm_min_row_##SUFFIX, T, <)                                                               \
  static void finish_plain_##SUFFIX (const void *acc, char *const *results, const void *ctx)                 \
  {                                                                                                          \
    *(T *) results[0] = (T) * (const double *) acc;                                                          \
  }                                                                                                          \
  static void finish_sqrt_##SUFFIX (const void *acc, char *const *results, const void *ctx)                  \
  {                                                                                                          \
    *(T *) results[0] = (T) sqrt ((double) (T) * (const double *) acc);                                      \
  }                                                                                                          \
  static void finish_root_##SUFFIX (const void *acc, char *const *results, const void *ctx)                  \
  {                                                                                                          \
    *(T *) results[0] = (T) pow ((double) (T) * (const double *) acc, 1 / *(const double *) ctx);            \
  }
NORM_ROWS (float, f32, fmaf)
NORM_ROWS (double, f64, fma)

typedef enum
{
  NORM_TWO,
  NORM_ONE,
  NORM_ZERO,
  NORM_P,
  NORM_MAX,
  NORM_MIN,
} NormKind;

#define NORM_TABLE(SUFFIX)                                                                                   \
  {                                                                                                          \
    [NORM_TWO] = { 8, start_zero, norm2_row_##SUFFIX, join_sum, finish_sqrt_##SUFFIX, NULL },                \
    [NORM_ONE] = { 8, start_zero, norm1_row_##SUFFIX, join_sum, finish_plain_##SUFFIX, NULL },               \
    [NORM_ZERO] = { 8, start_zero, norm0_row_##SUFFIX, join_sum, finish_plain_##SUFFIX, NULL },              \
    [NORM_P] = { 8, start_zero, normp_row_##SUFFIX, join_sum, finish_root_##SUFFIX, NULL },                  \
    [NORM_MAX] = { 8, start_zero, norm_max_row_##SUFFIX, join_max, finish_plain_##SUFFIX, NULL },            \
    [NORM_MIN] = { 8, start_infinite, norm_min_row_##SUFFIX, join_min, finish_plain_##SUFFIX, NULL },        \
  }
static const TeReduction norms[2][6] = { NORM_TABLE (f32), NORM_TABLE (f64) };

typedef struct
{
  double p;
  const TeValue *dims;
  bool keepdim;
  const TeValue *dtype;
} NormArgs;

static NormArgs
norm_args (const TeOp *op, const TeValue *args)
{
  static const TeValue none;
  double p = te_value_double (&args[1], 2);
  if (strcmp (op->overload, "Scalar") == 0)
    return (NormArgs){ p, &none, false, &none };
  if (strcmp (op->overload, "ScalarOpt_dtype") == 0)
    return (NormArgs){ p, &none, false, &args[2] };
  if (strcmp (op->overload, "ScalarOpt_dim") == 0)
    return (NormArgs){ p, &args[2], args[3].b, &none };
  return (NormArgs){ p, &args[2], args[3].b, &args[4] };
}

static NormKind
norm_kind (double p)
{
  return p == 2           ? NORM_TWO
         : p == 1         ? NORM_ONE
         : p == 0         ? NORM_ZERO
         : p == INFINITY  ? NORM_MAX
         : p == -INFINITY ? NORM_MIN
                          : NORM_P;
}

bool
te_norm_check_dtype (TeDtype self, const TeValue *dtype, TeError *err)
{
  if (dtype->kind != TE_VALUE_DTYPE || !te_dtype_is_inexact (self))
    return true;
  const char *name = te_dtype_error_name (dtype->dtype);
  if (!te_dtype_is_inexact (dtype->dtype))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "linalg.vector_norm: dtype should be floating point or complex, but got %s", name);
  if (te_dtype_is_complex (self) != te_dtype_is_complex (dtype->dtype))
    return te_error_set (err, TE_ERR_RUNTIME, "linalg.vector_norm: dtype should be %s for %s inputs, but got %s",
                         te_dtype_is_complex (self) ? "complex" : "real",
                         te_dtype_is_complex (self) ? "complex" : "real", name);
  return te_dtype_promote (self, dtype->dtype) == dtype->dtype
         || te_error_set (err, TE_ERR_RUNTIME,
                          "linalg.vector_norm: the dtype of the input (%s) should be convertible without narrowing to "
                          "the specified dtype (%s)",
                          te_dtype_error_name (self), name);
}

static bool
kernel_norm (TeOpCall *call, TeError *err)
{
  TeTensor *self = call->args[0].tensor;
  NormArgs args = norm_args (call->op, call->args);
  TeDtype dtype = te_value_dtype (args.dtype, te_tensor_dtype (self)), compute = te_reduce_compute (dtype);
  bool vector_norm = call->op->name[0] == 'l';
  TeReduceShape shape;
  if (vector_norm && !te_norm_check_dtype (te_tensor_dtype (self), args.dtype, err))
    return false;
  if (te_dtype_is_complex (dtype))
    { /* the norm of the magnitudes */
      TE_OP (abs_op, "abs");
      TeTensor *sizes = te_call (abs_op, err, "T", self);
      TeValue real[TE_OP_MAX_ARGS];
      memcpy (real, call->args, (size_t) call->op->n_args * sizeof *real);
      real[0].tensor = sizes;
      for (int i = 0; i < call->op->n_args; i++)
        if (real[i].kind == TE_VALUE_DTYPE)
          real[i].dtype = te_dtype_real (dtype);
      TeOpCall inner = *call;
      inner.args = real;
      bool ok = sizes && kernel_norm (&inner, err);
      te_tensor_unref (sizes);
      return ok;
    }
  if (!te_dtype_is_floating (dtype))
    return vector_norm ? te_error_set (
               err, TE_ERR_RUNTIME,
               "linalg.vector_norm: Expected a floating point or complex tensor as input. Got %s",
               te_dtype_error_name (dtype))
                       : te_error_set (
                           err, TE_ERR_RUNTIME,
                           "norm(): input dtype should be either floating point or complex. Got %s instead.",
                           te_dtype_error_name (dtype));
  if (!te_reduce_shape (&shape, self, args.dims, args.keepdim, err))
    return false;
  NormKind kind = norm_kind (args.p);
  if (!shape.n_reduced && shape.ndim == 0 && (kind == NORM_MAX || kind == NORM_MIN || args.p < 0))
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "linalg.vector_norm cannot compute the %g norm on an empty tensor because the operation does not "
        "have an identity",
        args.p);
  TeTensor *input = te_reduce_input (self, compute, err);
  if (!input)
    return false;
  bool ok = te_reduce_store (call, input, &shape, &norms[compute == TE_FLOAT64][kind], &args.p, &compute,
                             &dtype, 1, err);
  te_tensor_unref (input);
  return ok;
}

/* grad * d norm (x) / dx, where norm has been kept as wide as x; n dims of the list, none for all.
 * Source: PyTorch's norm_backward; subgradient 0 where the norm is 0. */
TeTensor *
te_norm_slope (TeExpr *e, double p, TeTensor *x, TeTensor *grad, TeTensor *norm, int n, const int64_t *dims)
{
  TeTensor *zero = EX (e, "eq.Scalar", "TS", norm, te_scalar_int (0));
  switch (norm_kind (p))
    {
    case NORM_ZERO:
      return NULL; /* none, rather than zeros */
    case NORM_ONE:
      return ex_mul (e, EX (e, "sgn", "T", x), grad);
    case NORM_TWO:
      {
        TE_OP (clear, "masked_fill.Scalar");
        TeTensor *direction = ex_div (e, x, norm); /* whose memory order it is filled in */
        e->failed = e->failed || !te_call_inplace (clear, e->err, "TTS", direction, zero, te_scalar_int (0));
        return ex_mul (e, grad, direction);
      }
    case NORM_MAX:
    case NORM_MIN:
      {
        TeTensor *chosen = EX (e, "eq.Tensor", "TT", EX (e, "abs", "T", x), norm);
        TeTensor *count =
            e->failed ? NULL : te_expr_keep (e, te_sum_dims (chosen, n, dims, x->ndim > 0, e->err));
        return ex_mul (e, EX (e, "sgn", "T", x), ex_mul (e, ex_div (e, grad, count), chosen));
      }
    case NORM_P:
      break;
    }
  TeTensor *magnitude = EX (e, "abs", "T", x);
  TeTensor *slope = ex_mul (e, EX (e, "sgn", "T", x), ex_pow_scalar (e, magnitude, p - 1));
  if (p < 1)
    slope = EX (e, "masked_fill.Scalar", "TTS", slope, EX (e, "eq.Scalar", "TS", x, te_scalar_int (0)),
                te_scalar_int (0));
  TeTensor *scale = ex_mul (e, grad, ex_pow_scalar (e, norm, 1 - p));
  return ex_mul (e, slope, EX (e, "masked_fill.Scalar", "TTS", scale, zero, te_scalar_int (0)));
}

static bool
backward_norm (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  NormArgs args = norm_args (ctx->op, ctx->args);
  const TeMeta *meta = &ctx->metas[0];
  TeTensor *grad = ex_keepdims (&e, ctx->grads[0], meta, args.dims, args.keepdim);
  TeTensor *norm = ex_keepdims (&e, ctx->outs[0], meta, args.dims, args.keepdim);
  bool given = args.dims->kind == TE_VALUE_INT_LIST;
  TeTensor *result = te_norm_slope (&e, args.p, ctx->inputs[0], grad, norm,
                                    given ? (int) args.dims->count : 0, given ? args.dims->ints : NULL);
  if (!e.failed && result && result->dtype != meta->dtype)
    result = te_expr_keep (&e, te_to_dtype (result, (TeDtype) meta->dtype, err));
  return te_expr_end (&e, result, &ctx->results[0]);
}

/* ---- dist: the norm of a difference ---- */
static bool
kernel_dist (TeOpCall *call, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *difference = ex_sub (&e, call->args[0].tensor, call->args[1].tensor);
  return te_expr_end (&e, EX (&e, "norm.Scalar", "TS", difference, call->args[2].scalar), &call->outs[0]);
}

static bool
backward_dist (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *difference = ex_sub (&e, ctx->inputs[0], ctx->inputs[1]);
  TeTensor *slope = te_norm_slope (&e, te_value_double (&ctx->args[2], 2), difference, ctx->grads[0],
                                   ctx->outs[0], 0, NULL);
  TeTensor *sides[2] = { slope, slope && ctx->needs[1] ? EX (&e, "neg", "T", slope) : NULL };
  for (int i = 0; i < 2 && !e.failed; i++)
    if (sides[i] && ctx->needs[i] && !(ctx->results[i] = te_sum_to_meta (sides[i], &ctx->metas[i], err)))
      e.failed = true;
  return te_expr_close (&e);
}

/* ---- logsumexp: running maximum and scaled sum ---- */
typedef struct
{
  double max, sum;
} LogSum;

static void
start_log_sum (void *acc, const void *ctx)
{
  *(LogSum *) acc = (LogSum){ -INFINITY, 0 };
}

static void
join_log_sum (void *acc, const void *later_pointer, const void *ctx)
{
  LogSum *a = acc;
  const LogSum *b = later_pointer;
  double max = a->max > b->max || a->max != a->max ? a->max : b->max;
  if (isinf (max))
    a->sum = (a->max == max ? a->sum : 0) + (b->max == max ? b->sum : 0);
  else
    a->sum = a->sum * exp (a->max - max) + b->sum * exp (b->max - max);
  a->max = max;
}

/* A strided line is first gathered; then its maximum and its sum of exponentials are taken in lanes. */
#define LOG_SUM_ROW(T, SUFFIX, VECTOR, WIDTH, LOAD, STORE, SET1, SUB, EXP)                                   \
  static void log_sum_run_##SUFFIX (LogSum *acc, const T *x, int64_t n)                                      \
  {                                                                                                          \
    T tops[16], max = -INFINITY, lanes[WIDTH] = { 0 }, buffer[WIDTH];                                        \
    double sum = 0;                                                                                          \
    int64_t i = 0;                                                                                           \
    for (int k = 0; k < 16; k++)                                                                             \
      tops[k] = -INFINITY;                                                                                   \
    for (; i + 16 <= n; i += 16)                                                                             \
      for (int k = 0; k < 16; k++)                                                                           \
        tops[k] = x[i + k] > tops[k] ? x[i + k] : tops[k];                                                   \
    for (; i < n; i++)                                                                                       \
      max = x[i] > max ? x[i] : max;                                                                         \
    for (int k = 0; k < 16; k++)                                                                             \
      max = tops[k] > max ? tops[k] : max;                                                                   \
    T center = isinf (max) ? 0 : max;                                                                        \
    const VECTOR shift = SET1 (center);                                                                      \
    for (i = 0; i + WIDTH <= n; i += WIDTH)                                                                  \
      {                                                                                                      \
        STORE (buffer, EXP (SUB (LOAD (x + i), shift)));                                                     \
        for (int k = 0; k < WIDTH; k++)                                                                      \
          lanes[k] += buffer[k];                                                                             \
      }                                                                                                      \
    for (int64_t k = 0; k < WIDTH; k++)                                                                      \
      buffer[k] = i + k < n ? x[i + k] : -INFINITY;                                                          \
    STORE (buffer, EXP (SUB (LOAD (buffer), shift)));                                                        \
    for (int64_t k = 0; i + k < n; k++)                                                                      \
      sum += buffer[k];                                                                                      \
    for (int k = 0; k < WIDTH; k++)                                                                          \
      sum += lanes[k];                                                                                       \
    LogSum run = { center, sum };                                                                            \
    join_log_sum (acc, &run, NULL);                                                                          \
  }                                                                                                          \
  static void log_sum_row_##SUFFIX (void *acc, const char *data, int64_t stride, int64_t n, int64_t index,   \
                                    const void *ctx)                                                         \
  {                                                                                                          \
    T buffer[256];                                                                                           \
    if (stride == sizeof (T))                                                                                \
      {                                                                                                      \
        log_sum_run_##SUFFIX (acc, (const T *) data, n);                                                     \
        return;                                                                                              \
      }                                                                                                      \
    for (int64_t begin = 0; begin < n; begin += 256)                                                         \
      {                                                                                                      \
        int64_t count = n - begin < 256 ? n - begin : 256;                                                   \
        for (int64_t k = 0; k < count; k++)                                                                  \
          buffer[k] = *(const T *) (data + (begin + k) * stride);                                            \
        log_sum_run_##SUFFIX (acc, buffer, count);                                                           \
      }                                                                                                      \
  }                                                                                                          \
  static void finish_log_sum_##SUFFIX (const void *acc, char *const *results, const void *ctx)               \
  {                                                                                                          \
    const LogSum *self = acc;                                                                                \
    *(T *) results[0] = (T) (self->max == -INFINITY ? log (self->sum) : self->max + log (self->sum));        \
  }
LOG_SUM_ROW (
    float, f32, __m256, 8, _mm256_loadu_ps, _mm256_storeu_ps, _mm256_set1_ps, _mm256_sub_ps, te_exp_ps)
LOG_SUM_ROW (
    double, f64, __m256d, 4, _mm256_loadu_pd, _mm256_storeu_pd, _mm256_set1_pd, _mm256_sub_pd, te_exp_pd)

static const TeReduction reduction_log_sum[2] = {
  { sizeof (LogSum), start_log_sum, log_sum_row_f32, join_log_sum, finish_log_sum_f32, NULL },
  { sizeof (LogSum), start_log_sum, log_sum_row_f64, join_log_sum, finish_log_sum_f64, NULL },
};

static bool
kernel_logsumexp (TeOpCall *call, TeError *err)
{
  TeTensor *self = call->args[0].tensor;
  TeReduceShape shape;
  TeDtype dtype = te_tensor_dtype (self);
  if (!te_dtype_is_floating (dtype))
    dtype = te_dtype_default ();
  if (!te_reduce_shape (&shape, self, &call->args[1], call->args[2].b, err))
    return false;
  TeDtype compute = te_reduce_compute (dtype);
  TeTensor *input = te_reduce_input (self, compute, err);
  bool ok = input
            && te_reduce_store (call, input, &shape, &reduction_log_sum[compute == TE_FLOAT64], NULL,
                                &compute, &dtype, 1, err);
  te_tensor_unref (input);
  return ok;
}

static bool
backward_logsumexp (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  const TeValue *dims = &ctx->args[1];
  TeTensor *grad = ex_keepdims (&e, ctx->grads[0], &ctx->metas[0], dims, ctx->args[2].b);
  TeTensor *result = ex_keepdims (&e, ctx->outs[0], &ctx->metas[0], dims, ctx->args[2].b);
  TeTensor *weights = EX (&e, "exp", "T", ex_sub (&e, ctx->inputs[0], result));
  return te_expr_end (&e, ex_mul (&e, grad, weights), &ctx->results[0]);
}

#define X TE_SAVE_ARG (0)
#define Y TE_SAVE_OUT (0)
#define MOMENT_ROWS(NAME, RETURNS, NODE, SAVES, DOC)                                                         \
  { .schema = NAME "(Tensor self, bool unbiased=True) -> " RETURNS,                                          \
    .flags = TE_MF | TE_OP_CONJ_RULE,                                                                        \
    .kernel = kernel_moments,                                                                                \
    .backward = backward_moments,                                                                            \
    .node = NODE,                                                                                            \
    .saves = SAVES,                                                                                          \
    .doc = DOC },                                                                                            \
      { .schema = NAME ".dim(Tensor self, int[1]? dim, bool unbiased=True, bool keepdim=False) -> " RETURNS, \
        .flags = TE_MF | TE_OP_OUT | TE_OP_CONJ_RULE,                                                        \
        .kernel = kernel_moments,                                                                            \
        .backward = backward_moments,                                                                        \
        .node = NODE,                                                                                        \
        .saves = SAVES,                                                                                      \
        .doc = DOC },                                                                                        \
  {                                                                                                          \
    .schema =                                                                                                \
        NAME ".correction(Tensor self, int[1]? dim, *, int? correction, bool keepdim=False) -> " RETURNS,    \
    .flags = TE_MF | TE_OP_OUT | TE_OP_CONJ_RULE, .kernel = kernel_moments, .backward = backward_moments,    \
    .node = NODE, .saves = SAVES, .doc = DOC                                                                 \
  }
#define NORM_ROW_DEF(SCHEMA, FLAGS, NODE)                                                                    \
  {                                                                                                          \
    .schema = SCHEMA " -> Tensor", .flags = FLAGS, .kernel = kernel_norm, .backward = backward_norm,         \
    .node = NODE, .saves = X | Y, .doc = "The p-norm of the elements."                                       \
  }

static const TeOpDef rows[] = {
  MOMENT_ROWS ("var", "Tensor", "VarBackward", X, "The variance; unbiased divides by n - 1."),
  MOMENT_ROWS ("std", "Tensor", "StdBackward", X | Y, "The standard deviation; unbiased divides by n - 1."),
  MOMENT_ROWS ("var_mean", "(Tensor, Tensor)", "VarMeanBackward", X, "Variance and mean."),
  MOMENT_ROWS ("std_mean", "(Tensor, Tensor)", "StdMeanBackward", X | Y, "Standard deviation and mean."),
  NORM_ROW_DEF ("norm.Scalar(Tensor self, Scalar p=2)", TE_OP_FUNCTION, "NormBackward"),
  NORM_ROW_DEF ("norm.ScalarOpt_dim(Tensor self, Scalar? p, int[1] dim, bool keepdim=False)",
                TE_OP_FUNCTION,
                "NormBackward1"),
  NORM_ROW_DEF (
      "norm.ScalarOpt_dim_dtype(Tensor self, Scalar? p, int[1] dim, bool keepdim, *, ScalarType dtype)",
      TE_OP_FUNCTION,
      "NormBackward3"),
  NORM_ROW_DEF (
      "norm.ScalarOpt_dtype(Tensor self, Scalar? p, *, ScalarType dtype)", TE_OP_FUNCTION, "NormBackward2"),
  NORM_ROW_DEF (
      "linalg_vector_norm(Tensor self, Scalar ord=2, int[1]? dim=None, bool keepdim=False, *, ScalarType? "
      "dtype=None)",
      TE_OP_LINALG | TE_OP_OUT,
      "LinalgVectorNormBackward"),
  { .schema = "dist(Tensor self, Tensor other, Scalar p=2) -> Tensor",
    .flags = TE_MF,
    .kernel = kernel_dist,
    .backward = backward_dist,
    .node = "DistBackward",
    .saves = X | TE_SAVE_ARG (1) | Y,
    .doc = "The p-norm of self - other." },
  { .schema = "logsumexp(Tensor self, int[1] dim, bool keepdim=False) -> Tensor",
    .flags = TE_MF | TE_OP_OUT | TE_OP_SPECIAL,
    .kernel = kernel_logsumexp,
    .backward = backward_logsumexp,
    .node = "LogsumexpBackward",
    .saves = X | Y,
    .doc = "log (sum (exp (self))) over dimensions, safe from overflow." },
};
TE_OP_FAMILY (te_family_moments, rows);
