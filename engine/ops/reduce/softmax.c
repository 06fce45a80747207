/* softmax and log_softmax along one dimension, with their gradients as fused rows. */
#include "ops/reduce/reduce-private.h"

#include <math.h>
#include <string.h>

#include "base/err.h"
#include "ops/creation/creation-private.h"
#include "ops/pointwise/vector-math.h"
#include "ops/shape/shape-util.h"

/* A line at the speed of floats: maxima and sums are kept in lanes. */
#define LANES 16

/* Sums along the last dimension are kept in the lanes of a vector, along another one taken one by one, as PyTorch does. */
static inline bool
is_last (const void *ctx)
{
  return *(const bool *) ctx;
}

/* The logarithm of a sum, by vectors as PyTorch takes it. */
static float
line_log_f32 (float sum)
{
  return _mm256_cvtss_f32 (Sleef_logf8_u10 (_mm256_set1_ps (sum)));
}
static double
line_log_f64 (double sum)
{
  return _mm256_cvtsd_f64 (Sleef_logd4_u10 (_mm256_set1_pd (sum)));
}

#define SOFTMAX(T, SUFFIX, VECTOR, WIDTH, LOAD, STORE, SET1, ADD, SUB, EXP, FMA, FMADD, FNMADD)                                       \
  static T line_max_##SUFFIX (const T *x, int64_t n)                                                         \
  {                                                                                                          \
    T lanes[LANES], max = -INFINITY;                                                                         \
    int64_t i = 0;                                                                                           \
    for (int k = 0; k < LANES; k++)                                                                          \
      lanes[k] = -INFINITY;                                                                                  \
    for (; i + LANES <= n; i += LANES)                                                                       \
      for (int k = 0; k < LANES; k++)                                                                        \
        lanes[k] = x[i + k] > lanes[k] ? x[i + k] : lanes[k];                                                \
    for (; i < n; i++)                                                                                       \
      max = x[i] > max ? x[i] : max;                                                                         \
    for (int k = 0; k < LANES; k++)                                                                          \
      max = lanes[k] > max ? lanes[k] : max;                                                                 \
    return max;                                                                                              \
  }                                                                                                          \
  static T join_lanes_##SUFFIX (T lanes[WIDTH])                                                              \
  {                                                                                                          \
    for (int half = WIDTH / 2; half; half /= 2)                                                              \
      for (int k = 0; k < half; k++)                                                                         \
        lanes[k] += lanes[k + half];                                                                         \
    return lanes[0];                                                                                         \
  }                                                                                                          \
  /* y = exp (x - max), y NULL: only the sum, which is PyTorch's to the last bit: lanes, then their halves */\
  static T line_exp_##SUFFIX (T *y, const T *x, int64_t n, T max, const void *ctx)                                            \
  {                                                                                                          \
    const VECTOR shift = SET1 (max);                                                                         \
    VECTOR sums = SET1 (0);                                                                                  \
    T lanes[WIDTH] = { 0 }, buffer[WIDTH];                                                                   \
    const bool last = is_last (ctx);                                                                         \
    int64_t i = 0;                                                                                           \
    for (; i + WIDTH <= n; i += WIDTH)                                                                       \
      {                                                                                                      \
        const VECTOR v = EXP (SUB (LOAD (x + i), shift));                                                    \
        if (y)                                                                                               \
          STORE (y + i, v);                                                                                  \
        if (last)                                                                                            \
          sums = ADD (sums, v);                                                                              \
        else                                                                                                 \
          {                                                                                                  \
            STORE (buffer, v);                                                                               \
            for (int k = 0; k < WIDTH; k++)                                                                  \
              lanes[0] += buffer[k];                                                                         \
          }                                                                                                  \
      }                                                                                                      \
    if (last)                                                                                                \
      STORE (lanes, sums);                                                                                   \
    if (i < n)                                                                                               \
      {                                                                                                      \
        for (int64_t k = 0; k < WIDTH; k++)                                                                  \
          buffer[k] = i + k < n ? x[i + k] : max;                                                            \
        STORE (buffer, EXP (SUB (LOAD (buffer), shift)));                                                    \
        for (int64_t k = 0; i + k < n; k++)                                                                  \
          {                                                                                                  \
            lanes[i && last ? k : 0] += buffer[k]; /* a line shorter than a vector is added up one by one */         \
            if (y)                                                                                           \
              y[i + k] = buffer[k];                                                                          \
          }                                                                                                  \
      }                                                                                                      \
    return join_lanes_##SUFFIX (lanes);                                                                      \
  }                                                                                                          \
  static void softmax_line_##SUFFIX (const TeLane *lane, const void *ctx)                                    \
  {                                                                                                          \
    T *y = (T *) lane->data[0];                                                                              \
    const T *x = (const T *) lane->data[1];                                                                  \
    T max = line_max_##SUFFIX (x, lane->n);                                                                  \
    const T sum = line_exp_##SUFFIX (y, x, lane->n, max, ctx);                                               \
    if (is_last (ctx))                                                                                       \
      for (int64_t i = 0; i < lane->n; i++)                                                                  \
        y[i] *= 1 / sum;                                                                                     \
    else                                                                                                     \
      for (int64_t i = 0; i < lane->n; i++)                                                                  \
        y[i] /= sum;                                                                                         \
  }                                                                                                          \
  static void log_softmax_line_##SUFFIX (const TeLane *lane, const void *ctx)                                \
  {                                                                                                          \
    T *y = (T *) lane->data[0];                                                                              \
    const T *x = (const T *) lane->data[1];                                                                  \
    T max = line_max_##SUFFIX (x, lane->n);                                                                  \
    T shift = line_log_##SUFFIX (line_exp_##SUFFIX (NULL, x, lane->n, max, ctx));                                \
    for (int64_t i = 0; i < lane->n; i++)                                                                    \
      y[i] = x[i] - max - shift;                                                                             \
  }                                                                                                          \
  /* sum of a, or of a b fused (but where a line is shorter than a vector) */                               \
  static T line_dot_##SUFFIX (const T *a, const T *b, int64_t n, const void *ctx)                            \
  {                                                                                                          \
    const bool last = is_last (ctx);                                                                         \
    T lanes[WIDTH] = { 0 };                                                                                  \
    int64_t i = 0;                                                                                           \
    if (last && n >= WIDTH)                                                                                  \
      {                                                                                                      \
        VECTOR sums = SET1 (0);                                                                              \
        for (; i + WIDTH <= n; i += WIDTH)                                                                   \
          sums = b ? FMADD (LOAD (a + i), LOAD (b + i), sums) : ADD (sums, LOAD (a + i));                    \
        STORE (lanes, sums);                                                                                 \
      }                                                                                                      \
    for (int64_t k = 0; i < n; i++, k += last && n >= WIDTH)                                                 \
      lanes[k] = !b ? lanes[k] + a[i] : last && n < WIDTH ? lanes[k] + a[i] * b[i] : FMA (a[i], b[i], lanes[k]); \
    return join_lanes_##SUFFIX (lanes);                                                                      \
  }                                                                                                          \
  static void softmax_backward_line_##SUFFIX (const TeLane *lane, const void *ctx)                           \
  {                                                                                                          \
    T *out = (T *) lane->data[0];                                                                            \
    const T *grad = (const T *) lane->data[1], *y = (const T *) lane->data[2];                               \
    const T dot = line_dot_##SUFFIX (grad, y, lane->n, ctx);                                                 \
    for (int64_t i = 0; i < lane->n; i++)                                                                    \
      out[i] = y[i] * (grad[i] - dot);                                                                       \
  }                                                                                                          \
  static void log_softmax_backward_line_##SUFFIX (const TeLane *lane, const void *ctx)                       \
  {                                                                                                          \
    T *out = (T *) lane->data[0], buffer[WIDTH];                                                             \
    const T *grad = (const T *) lane->data[1], *y = (const T *) lane->data[2];                               \
    const T sum = line_dot_##SUFFIX (grad, NULL, lane->n, ctx);                                               \
    int64_t i = 0;                                                                                           \
    for (; i + WIDTH <= lane->n; i += WIDTH)                                                                 \
      STORE (out + i, FNMADD (EXP (LOAD (y + i)), SET1 (sum), LOAD (grad + i)));                             \
    if (i < lane->n)                                                                                         \
      {                                                                                                      \
        for (int64_t k = 0; k < WIDTH; k++)                                                                  \
          buffer[k] = i + k < lane->n ? y[i + k] : 0;                                                        \
        STORE (buffer, EXP (LOAD (buffer)));                                                                 \
        for (int64_t k = 0; i + k < lane->n; k++)                                                            \
          out[i + k] = FMA (-buffer[k], sum, grad[i + k]);                                                        \
      }                                                                                                      \
  }
SOFTMAX (float, f32, __m256, 8, _mm256_loadu_ps, _mm256_storeu_ps, _mm256_set1_ps, _mm256_add_ps, _mm256_sub_ps,
         te_exp_ps, fmaf, _mm256_fmadd_ps, _mm256_fnmadd_ps)
SOFTMAX (double, f64, __m256d, 4, _mm256_loadu_pd, _mm256_storeu_pd, _mm256_set1_pd, _mm256_add_pd, _mm256_sub_pd,
         te_exp_pd, fma, _mm256_fmadd_pd, _mm256_fnmadd_pd)

/* self with dimension dim last: a view. */
static TeTensor *
dim_last (TeTensor *self, int dim, TeError *err)
{
  int64_t sizes[TE_MAX_NDIM], strides[TE_MAX_NDIM];
  int n = 0;
  for (int d = 0; d < self->ndim; d++)
    if (d != dim)
      {
        sizes[n] = self->sizes[d];
        strides[n++] = self->strides[d];
      }
  if (self->ndim)
    {
      sizes[n] = self->sizes[dim];
      strides[n] = self->strides[dim];
    }
  return te_tensor_new_view (self->storage, te_tensor_dtype (self), self->ndim, sizes, strides, self->offset,
                             err);
}

/* Lines made contiguous in `compute`, whatever the input's strides and dtype. */
static TeTensor *
lines_of (TeTensor *self, int dim, TeDtype compute, TeError *err)
{
  TeTensor *view = dim_last (self, dim, err);
  TeTensor *lines = view ? te_contiguous_copy (view, compute, err) : NULL;
  te_tensor_unref (view);
  return lines;
}

/* Runs fn over lines of ins into call->outs[0] of dtype final. */
static bool
run_lines (TeOpCall *call,
           TeTensor *const *ins,
           int n_ins,
           int64_t dim_value,
           TeDtype final,
           const TeLaneFn fns[2],
           TeError *err)
{
  TeTensor *self = ins[0], *lines[3] = { NULL }, *place = NULL;
  TeDtype compute = te_reduce_compute (final);
  int dim;
  if (!te_dim_wrap (dim_value, self->ndim, &dim, err)
      || !te_output (&call->outs[0], self, self->ndim, self->sizes, NULL, final, err))
    return false;
  TeTensor *out = call->outs[0];
  if (te_tensor_is_meta (self) || !self->numel)
    return true;
  bool direct =
      out->dtype == compute && te_tensor_is_contiguous (out) && (!self->ndim || dim == self->ndim - 1);
  bool ok = true, last = !self->ndim || dim == self->ndim - 1;
  for (int i = 0; ok && i < n_ins; i++)
    ok = (lines[i + 1] = lines_of (ins[i], dim, compute, err)) != NULL;
  if (ok)
    lines[0] = direct ? te_tensor_ref (out) : te_tensor_new (lines[1]->ndim, lines[1]->sizes, compute, err);
  ok = ok && lines[0]
       && te_run_lanes (lines, n_ins + 1, self->ndim ? self->ndim - 1 : 0, fns[compute == TE_FLOAT64], &last,
                        err);
  if (ok && !direct)
    ok = (place = dim_last (out, dim, err)) && te_copy (place, lines[0], err);
  te_tensor_unref (place);
  for (int i = 0; i < 3; i++)
    te_tensor_unref (lines[i]);
  return ok;
}

static bool
kernel_softmax (TeOpCall *call, TeError *err)
{
  static const TeLaneFn softmax[2] = { softmax_line_f32, softmax_line_f64 };
  static const TeLaneFn log_softmax[2] = { log_softmax_line_f32, log_softmax_line_f64 };
  TeTensor *self = call->args[0].tensor;
  bool is_log = strstr (call->op->name, "log") != NULL;
  TeDtype final = te_value_dtype (&call->args[2], te_tensor_dtype (self));
  if (call->args[2].kind == TE_VALUE_BOOL && call->args[2].b)
    final = TE_FLOAT32;
  bool lacks = final == TE_FLOAT16 || !te_dtype_is_floating (final); /* of which no elements are no trouble */
  if (lacks && self->numel && !te_tensor_is_meta (self))
    {
      int dim;
      if (!te_dim_wrap (call->args[1].i, self->ndim, &dim, err))
        return false;
      bool last = dim == self->ndim - 1 || !self->ndim;
      return te_error_set (err, TE_ERR_RUNTIME, "\"%s\" not implemented for '%s'",
                           !last    ? "softmax_kernel_impl"
                           : is_log ? "log_softmax_lastdim_kernel_impl"
                                    : "softmax_lastdim_kernel_impl",
                           te_dtype_error_name (final));
    }
  return run_lines (call, &self, 1, call->args[1].i, final, is_log ? log_softmax : softmax, err);
}

static bool
kernel_softmax_backward (TeOpCall *call, TeError *err)
{
  static const TeLaneFn softmax[2] = { softmax_backward_line_f32, softmax_backward_line_f64 };
  static const TeLaneFn log_softmax[2] = { log_softmax_backward_line_f32, log_softmax_backward_line_f64 };
  bool is_log = strstr (call->op->name, "log") != NULL;
  TeTensor *ins[2] = { call->args[0].tensor, call->args[1].tensor };
  TeDtype dtype = te_tensor_dtype (ins[0]), final = call->args[3].dtype;
  char grad[256], output[256];
  int dim;
  if (!te_dim_wrap (call->args[2].i, ins[0]->ndim, &dim, err))
    return false;
  if (!te_tensor_same_sizes (ins[0], ins[1]))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "Expected tensor for argument #1 'grad' to have same size as tensor for argument #2 "
                         "'output'; but %s does not equal %s (while checking arguments for %ssoftmax_backward)",
                         te_shape_text (ins[0]->ndim, ins[0]->sizes, grad, sizeof grad),
                         te_shape_text (ins[1]->ndim, ins[1]->sizes, output, sizeof output),
                         is_log ? "log_" : "");
  if (!te_dtype_is_floating (dtype))
    return te_error_set (err, TE_ERR_RUNTIME, "\"%ssoftmax_backward_lastdim_kernel_impl\" not implemented for '%s'",
                         is_log ? "log_" : "", te_dtype_error_name (dtype));
  if (te_tensor_dtype (ins[1]) != dtype)
    return te_error_set (err, TE_ERR_RUNTIME, "expected scalar type %s but found %s", te_dtype_error_name (dtype),
                         te_dtype_error_name (te_tensor_dtype (ins[1])));
  return run_lines (call, ins, 2, dim, te_dtype_is_floating (final) ? final : dtype,
                    is_log ? log_softmax : softmax, err);
}

/* ---- backward ---- */

static bool
backward_softmax (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  return te_expr_end (&e,
                      EX (&e, "_softmax_backward_data", "TTid", ctx->grads[0], ctx->outs[0], ctx->args[1].i,
                          (int) ctx->metas[0].dtype),
                      &ctx->results[0]);
}

static bool
backward_log_softmax (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  return te_expr_end (&e,
                      EX (&e, "_log_softmax_backward_data", "TTid", ctx->grads[0], ctx->outs[0],
                          ctx->args[1].i, (int) ctx->metas[0].dtype),
                      &ctx->results[0]);
}

static TeTensor *
line_sum (TeExpr *e, TeTensor *x, int64_t dim)
{
  return e->failed ? NULL : te_expr_keep (e, te_sum_dims (x, 1, &dim, x->ndim > 0, e->err));
}

/* r = y (g - sum (g y)): with v the gradient of r,
 * dg = y (v - sum (v y)), dy = v (g - sum (g y)) - g sum (v y). */
static bool
backward_softmax_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *v = ctx->grads[0], *g = ctx->inputs[0], *y = ctx->inputs[1];
  int64_t dim = ctx->args[2].i;
  if (ctx->needs[0])
    te_expr_put (&e, EX (&e, "_softmax_backward_data", "TTid", v, y, dim, (int) ctx->metas[0].dtype),
                 &ctx->results[0]);
  if (ctx->needs[1])
    {
      TeTensor *gy = line_sum (&e, ex_mul (&e, g, y), dim), *vy = line_sum (&e, ex_mul (&e, v, y), dim);
      te_expr_put (&e, ex_sub (&e, ex_mul (&e, v, ex_sub (&e, g, gy)), ex_mul (&e, g, vy)), &ctx->results[1]);
    }
  return te_expr_close (&e);
}

/* r = g - exp (y) sum (g): dg = v - sum (v exp (y)), dy = -v exp (y) sum (g). */
static bool
backward_log_softmax_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *v = ctx->grads[0], *g = ctx->inputs[0];
  TeTensor *weights = ex_mul (&e, v, EX (&e, "exp", "T", ctx->inputs[1]));
  int64_t dim = ctx->args[2].i;
  if (ctx->needs[0])
    te_expr_put (&e, ex_sub (&e, v, line_sum (&e, weights, dim)), &ctx->results[0]);
  if (ctx->needs[1])
    te_expr_put (&e, ex_neg (&e, ex_mul (&e, weights, line_sum (&e, g, dim))), &ctx->results[1]);
  return te_expr_close (&e);
}

/* With another dtype: self is converted first, which is a step of its own in the graph. */
static bool
kernel_softmax_as (TeOpCall *call, TeError *err)
{
  TE_OP (softmax, "softmax.int");
  TE_OP (log_softmax, "log_softmax.int");
  TeTensor *x = te_to_dtype (call->args[0].tensor, call->args[2].dtype, err);
  TeTensor *result =
      x ? te_call (call->op->name[0] == 'l' ? log_softmax : softmax, err, "Ti", x, call->args[1].i) : NULL;
  te_tensor_unref (x);
  return te_result_give (call, 0, result, err);
}

#define SOFTMAX_ROW(SCHEMA, FLAGS, RULE, NODE, DOC)                                                          \
  {                                                                                                          \
    .schema = SCHEMA " -> Tensor", .flags = FLAGS, .kernel = kernel_softmax, .backward = RULE, .node = NODE, \
    .saves = TE_SAVE_OUT (0), .doc = DOC                                                                     \
  }
static const TeOpDef rows[] = {
  { .schema = "softmax.as(Tensor self, int dim, ScalarType dtype) -> Tensor",
    .flags = TE_MF | TE_OP_COMPOSITE | TE_OP_OUT,
    .kernel = kernel_softmax_as,
    .doc = "softmax of self in another dtype." },
  { .schema = "log_softmax.as(Tensor self, int dim, ScalarType dtype) -> Tensor",
    .flags = TE_MF | TE_OP_COMPOSITE | TE_OP_OUT,
    .kernel = kernel_softmax_as,
    .doc = "log_softmax of self in another dtype." },
  SOFTMAX_ROW ("softmax.int(Tensor self, int dim, ScalarType? dtype=None)",
               TE_MF | TE_OP_OUT | TE_OP_ROLE_SOFTMAX,
               backward_softmax,
               "SoftmaxBackward",
               "exp (self) / sum (exp (self)) along dim."),
  SOFTMAX_ROW ("log_softmax.int(Tensor self, int dim, ScalarType? dtype=None)",
               TE_MF | TE_OP_OUT,
               backward_log_softmax,
               "LogSoftmaxBackward",
               "log (softmax (self)) along dim."),
  SOFTMAX_ROW ("_softmax(Tensor self, int dim, bool half_to_float)",
               TE_OP_FUNCTION | TE_OP_ROLE_SOFTMAX,
               backward_softmax,
               "SoftmaxBackward",
               "exp (self) / sum (exp (self)) along dim."),
  SOFTMAX_ROW ("_log_softmax(Tensor self, int dim, bool half_to_float)",
               TE_OP_FUNCTION,
               backward_log_softmax,
               "LogSoftmaxBackward",
               "log (softmax (self)) along dim."),
  SOFTMAX_ROW ("special_softmax(Tensor self, int dim, ScalarType? dtype=None)",
               TE_OP_SPECIAL | TE_OP_ROLE_SOFTMAX,
               backward_softmax,
               "SoftmaxBackward",
               "Another name of softmax."),
  SOFTMAX_ROW ("special_log_softmax(Tensor self, int dim, *, ScalarType? dtype=None)",
               TE_OP_SPECIAL,
               backward_log_softmax,
               "LogSoftmaxBackward",
               "Another name of log_softmax."),
  { .schema = "_softmax_backward_data(Tensor grad_output, Tensor output, int dim, ScalarType input_dtype) -> "
              "Tensor",
    .flags = TE_OP_FUNCTION,
    .kernel = kernel_softmax_backward,
    .backward = backward_softmax_backward,
    .node = "SoftmaxBackwardDataBackward",
    .saves = TE_SAVE_ARG (0) | TE_SAVE_ARG (1),
    .doc = "output * (grad_output - sum (grad_output * output))." },
  { .schema = "_log_softmax_backward_data(Tensor grad_output, Tensor output, int dim, ScalarType "
              "input_dtype) -> Tensor",
    .flags = TE_OP_FUNCTION,
    .kernel = kernel_softmax_backward,
    .backward = backward_log_softmax_backward,
    .node = "LogSoftmaxBackwardDataBackward",
    .saves = TE_SAVE_ARG (0) | TE_SAVE_ARG (1),
    .doc = "grad_output - exp (output) * sum (grad_output)." },
};
TE_OP_FAMILY (te_family_softmax, rows);
