/* Average pooling.  Backward spreads each gradient over its window; as both are linear, each is the other's
 * gradient. */
#include <string.h>

#include "ops/nn/pool-window.h"
#include "ops/nn/rows.h"

typedef struct
{
  TePoolWindow w;
  bool include_pad;
  int64_t divisor; /* 0: the window's own size */
  const void *in;
  void *out;
} AvgPool;

/* A window's range inside the plane, and how much it counts for. */
static int64_t
window (const AvgPool *a, const int64_t at[3], int64_t begin[3], int64_t end[3])
{
  const TePoolWindow *w = &a->w;
  int64_t with_pad = 1, inside = 1;
  for (int d = 0; d < 3; d++)
    {
      begin[d] = at[d] * w->stride[d] - w->pad[d];
      end[d] = te_nn_min (begin[d] + w->kernel[d], w->in[d] + w->pad[d]);
      with_pad *= end[d] - begin[d];
      begin[d] = te_nn_max (begin[d], 0);
      end[d] = te_nn_min (end[d], w->in[d]);
      inside *= te_nn_max (0, end[d] - begin[d]);
    }
  return a->divisor ? a->divisor : a->include_pad ? with_pad : te_nn_max (inside, 1);
}

#define FOR_WINDOWS(BODY)                                                                                    \
  int64_t at[3], begin[3], end[3], o = 0;                                                                    \
  for (at[0] = 0; at[0] < a->w.out[0]; at[0]++)                                                              \
    for (at[1] = 0; at[1] < a->w.out[1]; at[1]++)                                                            \
      for (at[2] = 0; at[2] < a->w.out[2]; at[2]++, o++)                                                     \
        {                                                                                                    \
          int64_t count = window (a, at, begin, end);                                                        \
          BODY                                                                                               \
        }
#define FOR_PIXELS(BODY)                                                                                     \
  for (int64_t z = begin[0]; z < end[0]; z++)                                                                \
    for (int64_t y = begin[1]; y < end[1]; y++)                                                              \
      for (int64_t x = begin[2]; x < end[2]; x++)                                                            \
        {                                                                                                    \
          int64_t i = (z * a->w.in[1] + y) * a->w.in[2] + x;                                                 \
          BODY                                                                                               \
        }

#define STAMP(T, SUM, suffix)                                                                                \
  static void average_##suffix (void *ctx, int64_t first, int64_t last)                                      \
  {                                                                                                          \
    const AvgPool *a = ctx;                                                                                  \
    int64_t n_in = a->w.in[0] * a->w.in[1] * a->w.in[2], n_out = a->w.out[0] * a->w.out[1] * a->w.out[2];    \
    for (int64_t p = first; p < last; p++)                                                                   \
      {                                                                                                      \
        const T *in = (const T *) a->in + p * n_in;                                                          \
        T *out = (T *) a->out + p * n_out;                                                                   \
        FOR_WINDOWS ({                                                                                       \
          SUM total = 0;                                                                                     \
          FOR_PIXELS (total += (SUM) in[i];)                                                                 \
          out[o] = count == -1 ? (T) -total : (T) total / (T) count; /* the least number / -1 traps */       \
        })                                                                                                   \
      }                                                                                                      \
  }                                                                                                          \
  static void spread_##suffix (void *ctx, int64_t first, int64_t last)                                       \
  {                                                                                                          \
    const AvgPool *a = ctx;                                                                                  \
    int64_t n_in = a->w.in[0] * a->w.in[1] * a->w.in[2], n_out = a->w.out[0] * a->w.out[1] * a->w.out[2];    \
    for (int64_t p = first; p < last; p++)                                                                   \
      {                                                                                                      \
        const T *in = (const T *) a->in + p * n_out;                                                         \
        T *out = (T *) a->out + p * n_in;                                                                    \
        memset (out, 0, (size_t) n_in * sizeof (T));                                                         \
        FOR_WINDOWS ({                                                                                       \
          T part = count == -1 ? (T) -(SUM) in[o] : in[o] / (T) count;                                       \
          FOR_PIXELS (out[i] = (T) ((SUM) out[i] + (SUM) part);)                                             \
        })                                                                                                   \
      }                                                                                                      \
  }
/* clang-format off */
STAMP (float, float, f32)
STAMP (double, double, f64)
STAMP (int64_t, uint64_t, i64) /* sums wrap */
/* clang-format on */
#undef STAMP

static bool
avg_begin (AvgPool *a, int nd, const TeTensor *self, const TeValue *v, TeError *err)
{
  static const char *const names[] = { NULL, "avg_pool1d", "avg_pool2d", "avg_pool3d" };
  TePoolArgs args = { names[nd], nd, &v[0], &v[1], &v[2], NULL, v[3].b };
  *a = (AvgPool){ .include_pad = v[4].b };
  if (!te_pool_window (&a->w, &args, self, err))
    return false;
  if (v[5].kind == TE_VALUE_INT && v[5].i == 0)
    return te_error_set (err, TE_ERR_RUNTIME, "divisor must be not zero");
  a->divisor = v[5].kind == TE_VALUE_INT ? v[5].i : 0;
  if (te_tensor_dtype (self) == TE_INT64)
    return true;
  return te_nn_check_floating (self, names[nd], err);
}

static bool
avg_run (AvgPool *a, bool spread, TeTensor *from, TeTensor *to, TeError *err)
{
  TeDtype dtype = te_tensor_dtype (from);
  TeTensor *x = te_nn_contiguous (from, err);
  if (!x)
    return false;
  a->in = te_tensor_data (x);
  a->out = te_tensor_data (to);
  TeParallelFn task = dtype == TE_FLOAT64 ? (spread ? spread_f64 : average_f64)
                      : dtype == TE_INT64 ? (spread ? spread_i64 : average_i64)
                                          : (spread ? spread_f32 : average_f32);
  if (to->numel)
    te_parallel_for (a->w.planes, te_pool_grain (a->w.in[0] * a->w.in[1] * a->w.in[2]), task, a);
  te_tensor_unref (x);
  return true;
}

static bool
avg_pool (TeOpCall *call, int nd, TeError *err)
{
  AvgPool a;
  TeTensor *self = call->args[0].tensor;
  if (!avg_begin (&a, nd, self, call->args + 1, err))
    return false;
  TeTensor *out = te_tensor_new (a.w.out_ndim, a.w.out_sizes, te_tensor_dtype (self), err);
  if (!out || !avg_run (&a, false, self, out, err))
    {
      te_tensor_unref (out);
      return false;
    }
  return te_nn_out (call, 0, te_nn_follow_format (out, self, err));
}
static bool
avg_pool2d_kernel (TeOpCall *call, TeError *err)
{
  int channels, ndim = call->args[0].tensor->ndim;
  if (ndim > 0 && !te_dim_wrap (-3, ndim, &channels, err)) /* which PyTorch looks at before anything else */
    return false;
  return avg_pool (call, 2, err);
}
static bool
avg_pool3d_kernel (TeOpCall *call, TeError *err)
{
  return avg_pool (call, 3, err);
}

/* avg_pool1d is avg_pool2d over one row. */
static bool
avg_pool1d_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (op, "avg_pool2d");
  const TeValue *v = call->args;
  TeTensor *self = v[0].tensor;
  if (self->ndim != 2 && self->ndim != 3)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "Expected 2 to 3 dimensions, but got %d-dimensional tensor for argument #1 'self' "
                         "(while checking arguments for avg_pool1d)",
                         self->ndim);
  int64_t kernel[2] = { 1, v[1].count ? v[1].ints[0] : 1 },
          stride[2] = { 1, v[2].count ? v[2].ints[0] : kernel[1] };
  int64_t padding[2] = { 0, v[3].count ? v[3].ints[0] : 0 };
  TeTensor *wide = te_unsqueeze (self, -2, err);
  TeTensor *out =
      wide ? te_call (op, err, "TIIIbb", wide, kernel, 2, stride, 2, padding, 2, (int) v[4].b, (int) v[5].b)
           : NULL;
  call->outs[0] = out ? te_squeeze_dim (out, -2, err) : NULL;
  te_tensor_unref (wide);
  te_tensor_unref (out);
  return call->outs[0] != NULL;
}

/* _avg_pool_spread (grad, the pooled input, window…). */
static bool
spread_kernel (TeOpCall *call, TeError *err)
{
  AvgPool a;
  const TeValue *v = call->args;
  TeTensor *grad = v[0].tensor, *self = v[1].tensor,
           *out = te_tensor_new (self->ndim, self->sizes, te_tensor_dtype (grad), err);
  call->node = v[8].i == 3 ? "AvgPool3DBackwardBackward0" : "AvgPool2DBackwardBackward0";
  if (out && avg_begin (&a, (int) v[8].i, out, v + 2, err) && avg_run (&a, true, grad, out, err))
    return te_nn_out (call, 0, te_nn_follow_format (out, self, err));
  te_tensor_unref (out);
  return false;
}

static bool
avg_pool_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "_avg_pool_spread");
  const TeValue *v = ctx->args;
  int64_t nd = strchr (ctx->op->name, '3') ? 3 : 2, divisor = v[6].kind == TE_VALUE_INT ? v[6].i : 0;
  if (divisor)
    ctx->results[0] =
        te_call (op, err, "TTIIIbbii", ctx->grads[0], ctx->inputs[0], v[1].ints, (int) v[1].count, v[2].ints,
                 (int) v[2].count, v[3].ints, (int) v[3].count, (int) v[4].b, (int) v[5].b, divisor, nd);
  else
    ctx->results[0] =
        te_call (op, err, "TTIIIbbni", ctx->grads[0], ctx->inputs[0], v[1].ints, (int) v[1].count, v[2].ints,
                 (int) v[2].count, v[3].ints, (int) v[3].count, (int) v[4].b, (int) v[5].b, nd);
  return ctx->results[0] != NULL;
}
static bool
spread_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (pool2d, "avg_pool2d");
  TE_OP (pool3d, "avg_pool3d");
  const TeValue *v = ctx->args;
  const TeOp *op = v[8].i == 3 ? pool3d : pool2d;
  if (ctx->needs[1] && !(ctx->results[1] = te_zeros_like (ctx->grads[0], err)))
    return false;
  if (!ctx->needs[0])
    return true;
  if (v[7].kind == TE_VALUE_INT)
    ctx->results[0] =
        te_call (op, err, "TIIIbbi", ctx->grads[0], v[2].ints, (int) v[2].count, v[3].ints, (int) v[3].count,
                 v[4].ints, (int) v[4].count, (int) v[5].b, (int) v[6].b, v[7].i);
  else
    ctx->results[0] = te_call (op, err, "TIIIbb", ctx->grads[0], v[2].ints, (int) v[2].count, v[3].ints,
                               (int) v[3].count, v[4].ints, (int) v[4].count, (int) v[5].b, (int) v[6].b);
  return ctx->results[0] != NULL;
}

#define WINDOW(N)                                                                                            \
  "int[" N "] kernel_size, int[" N "] stride=[], int[" N                                                     \
  "] padding=0, bool ceil_mode=False, bool count_include_pad=True"

static const TeOpDef rows[] = {
  { .schema = "avg_pool1d(Tensor self, " WINDOW ("1") ") -> Tensor",
    .flags = TE_OP_FUNCTION | TE_OP_COMPOSITE,
    .kernel = avg_pool1d_kernel,
    .doc = "Mean of each window of (N, C, L)." },
  { .schema = "avg_pool2d(Tensor self, " WINDOW ("2") ", int? divisor_override=None) -> Tensor",
    .flags = TE_OP_NN | TE_OP_WIDENS | TE_OP_OUT,
    .kernel = avg_pool2d_kernel,
    .backward = avg_pool_backward,
    .saves = TE_SAVE_ARG (0),
    .node = "AvgPool2DBackward",
    .doc = "Mean of each window of (N, C, H, W)." },
  { .schema = "avg_pool3d(Tensor self, " WINDOW ("3") ", int? divisor_override=None) -> Tensor",
    .flags = TE_OP_NN | TE_OP_OUT,
    .kernel = avg_pool3d_kernel,
    .backward = avg_pool_backward,
    .saves = TE_SAVE_ARG (0),
    .node = "AvgPool3DBackward",
    .doc = "Mean of each window of (N, C, D, H, W)." },
  { .schema =
        "_avg_pool_spread(Tensor grad_output, Tensor self, int[] kernel_size, int[] stride, int[] padding, "
        "bool ceil_mode, bool count_include_pad, int? divisor_override, int nd) -> Tensor",
    .kernel = spread_kernel,
    .backward = spread_backward,
    .node = "AvgPool2DBackwardBackward",
    .doc = "Spreads each value evenly over its window: the gradient of avg_pool." },
};

TE_OP_FAMILY (te_family_avg_pool, rows);
