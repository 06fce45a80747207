/* Adaptive pooling: window i of n over a side of length L runs from floor (i L / n) to ceil ((i + 1) L / n).
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ops/nn/nn-private.h"
#include "ops/nn/pool-window.h"
#include "ops/nn/rows.h"

typedef struct
{
  int64_t planes, in[3], out[3];
  int ndim;
  int64_t sizes[5];
  const void *from;
  void *to;
  int64_t *index;
} Adaptive;

static inline int64_t
range_begin (int64_t i, int64_t n, int64_t length)
{
  return i * length / n;
}
static inline int64_t
range_end (int64_t i, int64_t n, int64_t length)
{
  return ((i + 1) * length + n - 1) / n;
}

#define FOR_WINDOWS(a, BODY)                                                                                 \
  int64_t o = 0;                                                                                             \
  for (int64_t z = 0; z < (a)->out[0]; z++)                                                                  \
    for (int64_t y = 0; y < (a)->out[1]; y++)                                                                \
      for (int64_t x = 0; x < (a)->out[2]; x++, o++)                                                         \
        {                                                                                                    \
          int64_t z0 = range_begin (z, (a)->out[0], (a)->in[0]),                                             \
                  z1 = range_end (z, (a)->out[0], (a)->in[0]);                                               \
          int64_t y0 = range_begin (y, (a)->out[1], (a)->in[1]),                                             \
                  y1 = range_end (y, (a)->out[1], (a)->in[1]);                                               \
          int64_t x0 = range_begin (x, (a)->out[2], (a)->in[2]),                                             \
                  x1 = range_end (x, (a)->out[2], (a)->in[2]);                                               \
          BODY                                                                                               \
        }
#define FOR_PIXELS(a, BODY)                                                                                  \
  for (int64_t iz = z0; iz < z1; iz++)                                                                       \
    for (int64_t iy = y0; iy < y1; iy++)                                                                     \
      for (int64_t ix = x0; ix < x1; ix++)                                                                   \
        {                                                                                                    \
          int64_t i = (iz * (a)->in[1] + iy) * (a)->in[2] + ix;                                              \
          BODY                                                                                               \
        }

#define STAMP(T, suffix)                                                                                     \
  static void average_##suffix (void *ctx, int64_t begin, int64_t end)                                       \
  {                                                                                                          \
    const Adaptive *a = ctx;                                                                                 \
    int64_t n_in = a->in[0] * a->in[1] * a->in[2], n_out = a->out[0] * a->out[1] * a->out[2];                \
    for (int64_t p = begin; p < end; p++)                                                                    \
      {                                                                                                      \
        const T *in = (const T *) a->from + p * n_in;                                                        \
        T *out = (T *) a->to + p * n_out;                                                                    \
        FOR_WINDOWS (a, {                                                                                    \
          T total = 0;                                                                                       \
          FOR_PIXELS (a, total += in[i];)                                                                    \
          out[o] = total / (T) ((z1 - z0) * (y1 - y0) * (x1 - x0));                                          \
        })                                                                                                   \
      }                                                                                                      \
  }                                                                                                          \
  static void spread_##suffix (void *ctx, int64_t begin, int64_t end)                                        \
  {                                                                                                          \
    const Adaptive *a = ctx;                                                                                 \
    int64_t n_in = a->in[0] * a->in[1] * a->in[2], n_out = a->out[0] * a->out[1] * a->out[2];                \
    for (int64_t p = begin; p < end; p++)                                                                    \
      {                                                                                                      \
        const T *in = (const T *) a->from + p * n_out;                                                       \
        T *out = (T *) a->to + p * n_in;                                                                     \
        memset (out, 0, (size_t) n_in * sizeof (T));                                                         \
        FOR_WINDOWS (a, {                                                                                    \
          T part = in[o] / (T) ((z1 - z0) * (y1 - y0) * (x1 - x0));                                          \
          FOR_PIXELS (a, out[i] += part;)                                                                    \
        })                                                                                                   \
      }                                                                                                      \
  }                                                                                                          \
  static void largest_##suffix (void *ctx, int64_t begin, int64_t end)                                       \
  {                                                                                                          \
    const Adaptive *a = ctx;                                                                                 \
    int64_t n_in = a->in[0] * a->in[1] * a->in[2], n_out = a->out[0] * a->out[1] * a->out[2];                \
    for (int64_t p = begin; p < end; p++)                                                                    \
      {                                                                                                      \
        const T *in = (const T *) a->from + p * n_in;                                                        \
        FOR_WINDOWS (a, {                                                                                    \
          int64_t best = (z0 * a->in[1] + y0) * a->in[2] + x0;                                               \
          T top = -(T) INFINITY;                                                                             \
          FOR_PIXELS (                                                                                       \
              a, if (in[i] > top || in[i] != in[i]) {                                                        \
                top = in[i];                                                                                 \
                best = i;                                                                                    \
              })                                                                                             \
          ((T *) a->to)[p * n_out + o] = top;                                                                \
          a->index[p * n_out + o] = best;                                                                    \
        })                                                                                                   \
      }                                                                                                      \
  }
/* clang-format off */
STAMP (float, f32)
STAMP (double, f64)
/* clang-format on */
#undef STAMP

/* Checks and fills the geometry; output_size[i] < 0 is an error. */
static bool
adaptive_begin (Adaptive *a,
                const char *name,
                int nd,
                const TeTensor *self,
                const TeValue *size,
                const char *colon,
                TeError *err)
{
  char text[256];
  if (size->count != nd)
    return te_error_set (err, TE_ERR_RUNTIME, "%s: output_size must be %d", name, nd);
  if (self->ndim != nd + 1 && self->ndim != nd + 2)
    return te_error_set (err, TE_ERR_RUNTIME, "%s(): Expected %dD or %dD tensor, but got%s %s", name, nd + 1,
                         nd + 2, colon, te_nn_sizes_text (self, text, sizeof text));
  int lead = self->ndim - nd;
  *a = (Adaptive){ .planes = 1, .ndim = self->ndim, .in = { 1, 1, 1 }, .out = { 1, 1, 1 } };
  for (int i = 0; i < lead; i++)
    a->planes *= a->sizes[i] = self->sizes[i];
  for (int i = 0; i < nd; i++)
    {
      if (size->ints[i] < 0)
        {
          te_shape_text (nd, size->ints, text, sizeof text);
          text[strlen (text) - 1] = 0;
          return te_error_set (
              err, TE_ERR_RUNTIME,
              "%s: elements of output_size must be greater than or equal to 0 but received {%s}", name,
              text + 1);
        }
      if (self->sizes[lead + i] == 0)
        return te_error_set (err, TE_ERR_RUNTIME,
                             "%s(): Expected input to have non-zero size for non-batch dimensions, but input "
                             "has sizes %s with dimension %d being empty",
                             name, te_nn_sizes_text (self, text, sizeof text), lead + i);
      a->in[3 - nd + i] = self->sizes[lead + i];
      a->out[3 - nd + i] = a->sizes[lead + i] = size->ints[i];
    }
  return te_nn_check_floating (self, name, err);
}

static bool
adaptive_run (Adaptive *a,
              TeTensor *from,
              TeTensor *to,
              TeTensor *index,
              TeParallelFn f32,
              TeParallelFn f64,
              TeError *err)
{
  TeTensor *x = te_nn_contiguous (from, err);
  if (!x)
    return false;
  a->from = te_tensor_data (x);
  a->to = te_tensor_data (to);
  a->index = index ? te_tensor_data (index) : NULL;
  int64_t per_plane = a->in[0] * a->in[1] * a->in[2];
  if (to->numel)
    te_parallel_for (a->planes, te_nn_max (1, 16384 / per_plane),
                     te_tensor_dtype (from) == TE_FLOAT64 ? f64 : f32, a);
  te_tensor_unref (x);
  return true;
}

static const char *
adaptive_name (bool average, int nd)
{
  static const char *const names[2][4] = {
    { "", "adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d" },
    { "", "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d" }
  };
  return names[average][nd];
}

static bool
average_kernel (TeOpCall *call, TeError *err)
{
  Adaptive a;
  int nd = strchr (call->op->name, '3') ? 3 : 2;
  TeTensor *self = call->args[0].tensor;
  if (!adaptive_begin (&a, adaptive_name (true, nd), nd, self, &call->args[1], "", err))
    return false;
  TeTensor *out = te_tensor_new (a.ndim, a.sizes, te_tensor_dtype (self), err);
  if (!out || !adaptive_run (&a, self, out, NULL, average_f32, average_f64, err))
    {
      te_tensor_unref (out);
      return false;
    }
  return te_nn_out (call, 0, te_nn_follow_format (out, self, err));
}

/* _adaptive_avg_pool_spread (grad, self, nd): the gradient of the average. */
static bool
spread_kernel (TeOpCall *call, TeError *err)
{
  Adaptive a;
  const TeValue *v = call->args;
  TeTensor *grad = v[0].tensor, *self = v[1].tensor,
           *out = te_tensor_new (self->ndim, self->sizes, te_tensor_dtype (grad), err);
  int nd = (int) v[2].i;
  call->node = nd == 3 ? "AdaptiveAvgPool3DBackwardBackward0" : "AdaptiveAvgPool2DBackwardBackward0";
  TeValue size = { .kind = TE_VALUE_INT_LIST, .count = nd, .ints = grad->sizes + grad->ndim - nd };
  if (out && adaptive_begin (&a, adaptive_name (true, nd), nd, out, &size, "", err)
      && adaptive_run (&a, grad, out, NULL, spread_f32, spread_f64, err))
    return te_nn_out (call, 0, out);
  te_tensor_unref (out);
  return false;
}

static bool
average_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "_adaptive_avg_pool_spread");
  int64_t nd = strchr (ctx->op->name, '3') ? 3 : 2;
  ctx->results[0] = te_call (op, err, "TTi", ctx->grads[0], ctx->inputs[0], nd);
  return ctx->results[0] != NULL;
}
static bool
spread_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (two, "_adaptive_avg_pool2d");
  TE_OP (three, "_adaptive_avg_pool3d");
  int nd = (int) ctx->args[2].i;
  if (ctx->needs[0]
      && !(ctx->results[0] = te_call (nd == 3 ? three : two, err, "TI", ctx->grads[0],
                                      te_nn_meta_sizes (&ctx->metas[0]) + ctx->metas[0].ndim - nd, nd)))
    return false;
  return !ctx->needs[1] || (ctx->results[1] = te_zeros_like (ctx->grads[0], err)) != NULL;
}

static bool
largest_kernel (TeOpCall *call, TeError *err)
{
  Adaptive a;
  int nd = strchr (call->op->name, '3') ? 3 : 2;
  TeTensor *self = call->args[0].tensor;
  if (!adaptive_begin (&a, adaptive_name (false, nd), nd, self, &call->args[1], ":", err))
    return false;
  TeTensor *out = te_tensor_new (a.ndim, a.sizes, te_tensor_dtype (self), err);
  TeTensor *index = out ? te_tensor_new (a.ndim, a.sizes, TE_INT64, err) : NULL;
  if (!index || !adaptive_run (&a, self, out, index, largest_f32, largest_f64, err))
    {
      te_tensor_unref (out);
      te_tensor_unref (index);
      return false;
    }
  if (call->wants_grad)
    call->extra[0] = te_tensor_ref (index);
  call->outs[0] = te_nn_follow_format (out, self, err);
  return te_nn_out (call, 1, te_nn_follow_format (index, self, err)) && call->outs[0];
}

static bool
largest_backward (TeBackward *ctx, TeError *err)
{
  return te_max_pool_backward (ctx, TE_MAX_POOL_ADAPTIVE, ctx->extra[0], err);
}

/* A mean where one pixel is left, as PyTorch does; its own op otherwise. */
static bool
adaptive_avg_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (mean, "mean.dim");
  TE_OP (two, "_adaptive_avg_pool2d");
  TE_OP (three, "_adaptive_avg_pool3d");
  TE_OP (as_strided, "as_strided");
  const TeValue *size = &call->args[1];
  TeTensor *self = call->args[0].tensor;
  int nd = strchr (call->op->name, '3') ? 3 : 2;
  bool single = size->count == nd && (self->ndim == nd + 1 || self->ndim == nd + 2)
                && te_dtype_is_floating (te_tensor_dtype (self));
  for (int i = 0; i < size->count; i++)
    single = single && size->ints[i] == 1;
  static const int64_t last[3] = { -1, -2, -3 };
  TeTensor *out = single ? te_call (mean, err, "TIb", self, last, nd, 1)
                         : te_call (nd == 3 ? three : two, err, "TI", self, size->ints, (int) size->count);
  if (out && single && self->ndim == 4 && nd == 2
      && te_shape_is_channels_last (4, self->sizes, self->strides))
    {
      int64_t strides[4];
      te_shape_channels_last_strides (4, out->sizes, strides);
      TeTensor *mean_of = out;
      out = te_call (as_strided, err, "TII", mean_of, mean_of->sizes, 4, strides, 4);
      te_tensor_unref (mean_of);
    }
  return te_nn_out (call, 0, out);
}

static bool
adaptive_1d (TeOpCall *call, bool average, TeError *err)
{
  TE_OP (avg, "adaptive_avg_pool2d");
  TE_OP (max, "adaptive_max_pool2d");
  TeTensor *self = call->args[0].tensor, *outs[2] = { NULL };
  if (self->ndim != 2 && self->ndim != 3)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "Expected 2 to 3 dimensions, but got %d-dimensional tensor for argument #1 'self' "
                         "(while checking arguments for %s)",
                         self->ndim, adaptive_name (average, 1));
  int64_t size[2] = { 1, call->args[1].count ? call->args[1].ints[0] : 1 };
  TeTensor *wide = te_unsqueeze (self, -2, err);
  bool ok = wide && te_call_multi (average ? avg : max, outs, average ? 1 : 2, err, "TI", wide, size, 2);
  for (int i = 0; ok && i < (average ? 1 : 2); i++)
    ok = te_nn_out (call, i, te_squeeze_dim (outs[i], -2, err));
  te_tensor_unref (wide);
  te_tensor_unref (outs[0]);
  te_tensor_unref (outs[1]);
  return ok;
}
static bool
adaptive_avg1d_kernel (TeOpCall *call, TeError *err)
{
  return adaptive_1d (call, true, err);
}
static bool
adaptive_max1d_kernel (TeOpCall *call, TeError *err)
{
  return adaptive_1d (call, false, err);
}

static const TeOpDef rows[] = {
  { .schema = "adaptive_avg_pool1d(Tensor self, int[1] output_size) -> Tensor",
    .flags = TE_OP_FUNCTION | TE_OP_COMPOSITE,
    .kernel = adaptive_avg1d_kernel,
    .doc = "(N, C, L) averaged down to (N, C, output_size)." },
  { .schema = "adaptive_avg_pool2d(Tensor self, int[2] output_size) -> Tensor",
    .flags = TE_OP_NN | TE_OP_COMPOSITE,
    .kernel = adaptive_avg_kernel,
    .doc = "(N, C, H, W) averaged down to (N, C, *output_size)." },
  { .schema = "adaptive_avg_pool3d(Tensor self, int[3] output_size) -> Tensor",
    .flags = TE_OP_NN | TE_OP_COMPOSITE,
    .kernel = adaptive_avg_kernel,
    .doc = "(N, C, D, H, W) averaged down to (N, C, *output_size)." },
  { .schema = "_adaptive_avg_pool2d(Tensor self, int[2] output_size) -> Tensor",
    .flags = TE_OP_FUNCTION | TE_OP_WIDENS,
    .kernel = average_kernel,
    .backward = average_backward,
    .saves = TE_SAVE_ARG (0),
    .node = "AdaptiveAvgPool2DBackward",
    .doc = "adaptive_avg_pool2d for more than one pixel." },
  { .schema = "_adaptive_avg_pool3d(Tensor self, int[3] output_size) -> Tensor",
    .flags = TE_OP_FUNCTION | TE_OP_WIDENS_HALF,
    .kernel = average_kernel,
    .backward = average_backward,
    .saves = TE_SAVE_ARG (0),
    .node = "AdaptiveAvgPool3DBackward",
    .doc = "adaptive_avg_pool3d for more than one pixel." },
  { .schema = "_adaptive_avg_pool_spread(Tensor grad_output, Tensor self, int nd) -> Tensor",
    .kernel = spread_kernel,
    .backward = spread_backward,
    .node = "AdaptiveAvgPool2DBackwardBackward",
    .doc = "Spreads each value evenly over its window: the gradient of adaptive_avg_pool." },
  { .schema = "adaptive_max_pool1d(Tensor self, int[1] output_size) -> (Tensor, Tensor)",
    .flags = TE_OP_FUNCTION | TE_OP_COMPOSITE,
    .kernel = adaptive_max1d_kernel,
    .doc = "Largest values of (N, C, L), and where they were." },
  { .schema = "adaptive_max_pool2d(Tensor self, int[2] output_size) -> (Tensor, Tensor)",
    .flags = TE_OP_NN | TE_OP_WIDENS,
    .kernel = largest_kernel,
    .backward = largest_backward,
    .saves = TE_SAVE_ARG (0),
    .node = "AdaptiveMaxPool2DBackward",
    .doc = "Largest values of (N, C, H, W), and where in their plane they were." },
  { .schema = "adaptive_max_pool3d(Tensor self, int[3] output_size) -> (Tensor, Tensor)",
    .flags = TE_OP_NN,
    .kernel = largest_kernel,
    .backward = largest_backward,
    .saves = TE_SAVE_ARG (0),
    .node = "AdaptiveMaxPool3DBackward",
    .doc = "Largest values of (N, C, D, H, W), and where in their plane they were." },
};

TE_OP_FAMILY (te_family_adaptive_pool, rows);
