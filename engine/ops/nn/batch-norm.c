/* Batch normalisation: each channel of (N, C, …) by its mean and variance over everything else.
 * Source: Ioffe and Szegedy 2015.  Channels are shared out to threads; a channel is summed by one thread. */
#include <math.h>
#include <string.h>

#include "ops/nn/moments.h"
#include "ops/nn/nn-private.h"
#include "ops/nn/norm-twin.h"
#include "ops/nn/rows.h"

typedef struct
{
  int64_t n, channels, volume;
  bool training;
  double momentum, eps;
  const void *x, *grad, *weight, *bias;
  void *y, *mean, *invstd;          /* mean, invstd: per channel, of the dtype */
  void *running_mean, *running_var; /* of the running statistics' own dtype */
  bool running_double;
  void *grad_weight, *grad_bias, *grad_x;
} BatchNorm;

static double
running_get (const BatchNorm *b, const void *running, int64_t c)
{
  return b->running_double ? ((const double *) running)[c] : (double) ((const float *) running)[c];
}

/* running = (1 - momentum) * running + momentum * value, fused for the variance as PyTorch's loop is */
static void
running_update (const BatchNorm *b, void *running, int64_t c, double value, bool fused)
{
  if (b->running_double)
    {
      ((double *) running)[c] = b->momentum * value + (1 - b->momentum) * ((double *) running)[c];
      return;
    }
  float momentum = (float) b->momentum, *at = (float *) running + c, kept = (float) (1 - b->momentum) * *at;
  *at = fused ? fmaf (momentum, (float) value, kept) : momentum * (float) value + kept;
}

#define CHANNEL_BLOCK 64

#define STAMP(T, suffix, FMA)                                                                                     \
  TE_MOMENTS_STAMP (T, suffix)                                                                               \
  /* sums over the batch of a block of channels that lie side by side (volume 1) */                          \
  static void column_stats_##suffix (const BatchNorm *b, int64_t first, int64_t count, double *mean,         \
                                     double *m2)                                                             \
  {                                                                                                          \
    const T *x = b->x;                                                                                       \
    T means[CHANNEL_BLOCK] = { 0 }, squares[CHANNEL_BLOCK] = { 0 };                                          \
    for (int64_t i = 0; i < b->n; i++)                                                                       \
      for (int64_t c = 0; c < count; c++)                                                                    \
        means[c] += x[i * b->channels + first + c];                                                          \
    for (int64_t c = 0; c < count; c++)                                                                      \
      means[c] /= (T) b->n;                                                                                  \
    for (int64_t i = 0; i < b->n; i++)                                                                       \
      for (int64_t c = 0; c < count; c++)                                                                    \
        {                                                                                                    \
          T d = x[i * b->channels + first + c] - means[c];                                                   \
          squares[c] = FMA (d, d, squares[c]);                                                               \
        }                                                                                                    \
    for (int64_t c = 0; c < count; c++)                                                                      \
      {                                                                                                      \
        mean[c] = (double) means[c];                                                                         \
        m2[c] = (double) squares[c];                                                                         \
      }                                                                                                      \
  }                                                                                                          \
  static void plane_stats_##suffix (const BatchNorm *b, int64_t c, double *mean, double *m2)                 \
  {                                                                                                          \
    const T *x = b->x;                                                                                       \
    double lanes[TE_MOMENTS_LANES] = { 0 };                                                                  \
    for (int64_t i = 0; i < b->n; i++)                                                                       \
      te_lanes_sum_##suffix (x + (i * b->channels + c) * b->volume, b->volume, lanes);                       \
    *mean = te_moments_total (lanes) / (double) (b->n * b->volume);                                          \
    memset (lanes, 0, sizeof lanes);                                                                         \
    for (int64_t i = 0; i < b->n; i++)                                                                       \
      te_lanes_squares_##suffix (x + (i * b->channels + c) * b->volume, b->volume, (T) *mean, lanes);        \
    *m2 = te_moments_total (lanes);                                                                          \
  }                                                                                                          \
  static void forward_##suffix (void *ctx, int64_t begin, int64_t end)                                       \
  {                                                                                                          \
    const BatchNorm *b = ctx;                                                                                \
    double mean[CHANNEL_BLOCK], m2[CHANNEL_BLOCK], count = (double) (b->n * b->volume);                      \
    T scale[CHANNEL_BLOCK], shift[CHANNEL_BLOCK];                                                            \
    if (b->training && b->volume == 1)                                                                       \
      column_stats_##suffix (b, begin, end - begin, mean, m2);                                               \
    for (int64_t c = begin; c < end; c++)                                                                    \
      {                                                                                                      \
        int64_t k = c - begin;                                                                               \
        if (b->training && b->volume != 1)                                                                   \
          plane_stats_##suffix (b, c, &mean[k], &m2[k]);                                                     \
        double var = b->training ? m2[k] / count : running_get (b, b->running_var, c);                       \
        double center = b->training ? mean[k] : running_get (b, b->running_mean, c);                         \
        double invstd = 1 / sqrt (var + b->eps);                                                             \
        if (b->training && b->running_mean)                                                                  \
          running_update (b, b->running_mean, c, center, false);                                                  \
        if (b->training && b->running_var)                                                                   \
          running_update (b, b->running_var, c, m2[k] / (count - 1), true);                                      \
        ((T *) b->mean)[c] = (T) center;                                                                     \
        ((T *) b->invstd)[c] = (T) invstd;                                                                   \
        scale[k] = (T) invstd * (b->weight ? ((const T *) b->weight)[c] : 1);                                \
        shift[k] = FMA (-(T) center, scale[k], b->bias ? ((const T *) b->bias)[c] : 0);                       \
      }                                                                                                      \
    for (int64_t i = 0; i < b->n; i++)                                                                       \
      if (b->volume == 1)                                                                                    \
        for (int64_t c = begin; c < end; c++)                                                                \
          ((T *) b->y)[i * b->channels + c] =                                                                \
              FMA (((const T *) b->x)[i * b->channels + c], scale[c - begin], shift[c - begin]);            \
      else                                                                                                   \
        for (int64_t c = begin; c < end; c++)                                                                \
          {                                                                                                  \
            const T *restrict x = (const T *) b->x + (i * b->channels + c) * b->volume;                      \
            T *restrict y = (T *) b->y + (i * b->channels + c) * b->volume;                                  \
            T s = scale[c - begin], o = shift[c - begin];                                                    \
            for (int64_t j = 0; j < b->volume; j++)                                                          \
              y[j] = FMA (x[j], s, o);                                                                      \
          }                                                                                                  \
  }                                                                                                          \
  static void backward_##suffix (void *ctx, int64_t begin, int64_t end)                                      \
  {                                                                                                          \
    const BatchNorm *b = ctx;                                                                                \
    double count = (double) (b->n * b->volume);                                                              \
    for (int64_t c = begin; c < end; c++)                                                                    \
      {                                                                                                      \
        double sums[TE_MOMENTS_LANES] = { 0 }, dots[TE_MOMENTS_LANES] = { 0 };                               \
        T mean = ((const T *) b->mean)[c], invstd = ((const T *) b->invstd)[c];                              \
        T w = b->weight ? ((const T *) b->weight)[c] : 1;                                                    \
        T s = 0, d = 0;                                                                                      \
        for (int64_t i = 0; i < b->n; i++)                                                                   \
          {                                                                                                  \
            int64_t at = (i * b->channels + c) * b->volume;                                                  \
            const T *x = (const T *) b->x + at, *g = (const T *) b->grad + at;                               \
            if (b->volume == 1)                                                                              \
              {                                                                                              \
                s += *g;                                                                                     \
                d = FMA (*x - mean, *g, d);                                                                  \
                continue;                                                                                    \
              }                                                                                              \
            te_lanes_products_##suffix (g, x, b->volume, mean, sums, dots);                                  \
          }                                                                                                  \
        if (b->volume == 1)                                                                                  \
          {                                                                                                  \
            sums[0] = (double) s;                                                                            \
            dots[0] = (double) d;                                                                            \
          }                                                                                                  \
        double sum = te_moments_total (sums), dot = te_moments_total (dots);                                 \
        if (b->grad_weight)                                                                                  \
          ((T *) b->grad_weight)[c] = (T) (dot * (double) invstd);                                           \
        if (b->grad_bias)                                                                                    \
          ((T *) b->grad_bias)[c] = (T) sum;                                                                 \
        if (!b->grad_x)                                                                                      \
          continue;                                                                                          \
        T along = b->training ? (T) dot * invstd * invstd / (T) count : 0;                 \
        T level = b->training ? (T) (sum / count) : 0;                                                       \
        for (int64_t i = 0; i < b->n; i++)                                                                   \
          {                                                                                                  \
            int64_t at = (i * b->channels + c) * b->volume;                                                  \
            const T *restrict g = (const T *) b->grad + at, *restrict x = (const T *) b->x + at;             \
            T *restrict out = (T *) b->grad_x + at;                                                          \
            for (int64_t j = 0; j < b->volume; j++)                                                          \
              out[j] = FMA (-(x[j] - mean), along, g[j] - level) * invstd * w;                                      \
          }                                                                                                  \
      }                                                                                                      \
  }
/* clang-format off */
STAMP (float, f32, fmaf)
STAMP (double, f64, fma)
/* clang-format on */
#undef STAMP

static bool
check_length (const TeTensor *t, const char *name, int64_t channels, TeError *err)
{
  if (!t || t->numel == channels)
    return true;
  return te_error_set (err, TE_ERR_RUNTIME, "%s should contain %lld elements not %lld", name,
                       (long long) channels, (long long) t->numel);
}

static void
geometry (BatchNorm *b, const TeTensor *x)
{
  b->n = x->sizes[0];
  b->channels = x->ndim > 1 ? x->sizes[1] : 1;
  b->volume = b->n && b->channels ? x->numel / (b->n * b->channels) : 0;
}

static TeTensor *
optional (const TeValue *v)
{
  return v->kind == TE_VALUE_TENSOR ? v->tensor : NULL;
}

/* Contiguous per-channel parameter in the input's dtype; *out stays NULL where there is none. */
static bool
parameter (const TeValue *v, TeDtype dtype, TeTensor **out, TeError *err)
{
  TeTensor *t = optional (v);
  *out = t ? te_contiguous_copy (t, dtype, err) : NULL;
  return !t || *out;
}

static int64_t
channel_grain (const BatchNorm *b)
{
  return te_nn_min (CHANNEL_BLOCK, te_nn_max (1, 32768 / te_nn_max (1, b->n * b->volume)));
}

/* Running statistics are used where they lie; they must be contiguous, as module buffers are. */
static bool
take_running (BatchNorm *b, TeTensor *mean, TeTensor *var, TeError *err)
{
  TeTensor *const both[] = { mean, var };
  for (int i = 0; i < 2; i++)
    if (both[i]
        && (!te_tensor_is_contiguous (both[i])
            || te_tensor_dtype (both[i]) != te_tensor_dtype (mean ? mean : var)
            || (te_tensor_dtype (both[i]) != TE_FLOAT32 && te_tensor_dtype (both[i]) != TE_FLOAT64)))
      return te_error_set (err, TE_ERR_RUNTIME,
                           "batch_norm: running statistics must be contiguous float or double tensors");
  b->running_mean = mean ? te_tensor_data (mean) : NULL;
  b->running_var = var ? te_tensor_data (var) : NULL;
  b->running_double = (mean || var) && te_tensor_dtype (mean ? mean : var) == TE_FLOAT64;
  return true;
}

/* Parameters of another dtype than the input: PyTorch's CPU has that for bfloat16 with float parameters only. */
static bool
check_mixed (const TeTensor *self, const TeValue *parameters, TeError *err)
{
  TeDtype dtype = te_tensor_dtype (self), first = TE_DTYPE_NONE;
  bool all_float = true;
  for (int i = 0; i < 4; i++)
    if (parameters[i].kind == TE_VALUE_TENSOR)
      {
        TeDtype own = te_tensor_dtype (parameters[i].tensor);
        first = first == TE_DTYPE_NONE ? own : first;
        all_float = all_float && own == first;
      }
  if (first == TE_DTYPE_NONE || (all_float && first == dtype))
    return true;
  if (all_float && first == TE_FLOAT32)
    return dtype == TE_BFLOAT16
           || te_error_set (err, TE_ERR_RUNTIME, "mixed dtype (CPU): expect input to have scalar type of BFloat16");
  return te_error_set (err, TE_ERR_RUNTIME, "mixed dtype (CPU): expect parameter to have scalar type of Float");
}

static bool
forward_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeTensor *self = v[0].tensor, *running_mean = optional (&v[3]), *running_var = optional (&v[4]);
  TeTensor *x = NULL, *w = NULL, *bias = NULL, *out = NULL, *mean = NULL, *invstd = NULL;
  TeDtype dtype = te_tensor_dtype (self);
  BatchNorm b = { .training = v[5].b, .momentum = v[6].f, .eps = v[7].f };
  bool ok = false;
  int channel;
  if (!te_dim_wrap (1, self->ndim, &channel, err))
    return false;
  geometry (&b, self);
  if (!b.training && (!running_mean || !running_var))
    return te_error_set (err, TE_ERR_RUNTIME, "%s must be defined in evaluation mode",
                         running_mean ? "running_var" : "running_mean");
  if (!check_length (running_mean, "running_mean", b.channels, err)
      || !check_length (running_var, "running_var", b.channels, err)
      || !check_length (optional (&v[1]), "weight", b.channels, err)
      || !check_length (optional (&v[2]), "bias", b.channels, err)
      || !te_nn_check_floating (self, "batch_norm", err) || !check_mixed (self, v + 1, err)
      || !take_running (&b, running_mean, running_var, err))
    return false;
  if ((x = te_nn_contiguous (self, err)) && parameter (&v[1], dtype, &w, err)
      && parameter (&v[2], dtype, &bias, err) && (out = te_tensor_new (self->ndim, self->sizes, dtype, err))
      && (mean = te_tensor_new (1, &b.channels, dtype, err))
      && (invstd = te_tensor_new (1, &b.channels, dtype, err)))
    {
      b.x = te_tensor_data (x);
      b.weight = w ? te_tensor_data (w) : NULL;
      b.bias = bias ? te_tensor_data (bias) : NULL;
      b.y = te_tensor_data (out);
      b.mean = te_tensor_data (mean);
      b.invstd = te_tensor_data (invstd);
      if (out->numel)
        te_parallel_for (b.channels, channel_grain (&b), dtype == TE_FLOAT64 ? forward_f64 : forward_f32, &b);
      if (b.training && running_mean)
        te_tensor_bump_version (running_mean);
      if (b.training && running_var)
        te_tensor_bump_version (running_var);
      if (call->wants_grad)
        {
          call->extra[0] = te_tensor_ref (mean);
          call->extra[1] = te_tensor_ref (invstd);
        }
      TeTensor *made = te_tensor_ref (out);
      ok = te_nn_out (call, 0, te_tensor_is_contiguous (self) ? made : te_nn_follow_format (made, self, err));
    }
  te_tensor_unref (x);
  te_tensor_unref (w);
  te_tensor_unref (bias);
  te_tensor_unref (out);
  te_tensor_unref (mean);
  te_tensor_unref (invstd);
  return ok;
}

/* native_batch_norm_backward (grad, input, weight, save_mean, save_invstd, train, eps, three needs) */
static bool
backward_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeTensor *self = v[1].tensor, *g = NULL, *x = NULL, *w = NULL;
  TeDtype dtype = te_tensor_dtype (self);
  BatchNorm b = { .training = v[5].b,
                  .mean = te_tensor_data (v[3].tensor),
                  .invstd = te_tensor_data (v[4].tensor) };
  geometry (&b, self);
  bool ok = (g = te_contiguous_copy (v[0].tensor, dtype, err)) && (x = te_nn_contiguous (self, err))
            && parameter (&v[2], dtype, &w, err)
            && (!v[7].b || (call->outs[0] = te_tensor_new (self->ndim, self->sizes, dtype, err)))
            && (!v[8].b || (call->outs[1] = te_nn_zeros (1, &b.channels, dtype, err)))
            && (!v[9].b || (call->outs[2] = te_nn_zeros (1, &b.channels, dtype, err)));
  if (ok)
    {
      b.grad = te_tensor_data (g);
      b.x = te_tensor_data (x);
      b.weight = w ? te_tensor_data (w) : NULL;
      b.grad_x = v[7].b ? te_tensor_data (call->outs[0]) : NULL;
      b.grad_weight = v[8].b ? te_tensor_data (call->outs[1]) : NULL;
      b.grad_bias = v[9].b ? te_tensor_data (call->outs[2]) : NULL;
      if (self->numel)
        te_parallel_for (b.channels, channel_grain (&b), dtype == TE_FLOAT64 ? backward_f64 : backward_f32,
                         &b);
    }
  te_tensor_unref (g);
  te_tensor_unref (x);
  te_tensor_unref (w);
  if (ok && v[7].b)
    ok = (call->outs[0] = te_nn_follow_format (call->outs[0], self, err)) != NULL;
  return ok;
}

/* The same in ops.  While training, mean and deviation are functions of the input. */
static bool
backward_twin (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeTensor *x = v[1].tensor;
  TeExpr e = TE_EXPR (err);
  int64_t per_channel[TE_MAX_NDIM] = { 1 }, dims[TE_MAX_NDIM];
  int n = 0;
  for (int i = 0; i < x->ndim; i++)
    {
      per_channel[i] = i == 1 ? x->sizes[1] : 1;
      if (i != 1)
        dims[n++] = i;
    }
  TeTensor *weight = optional (&v[2]), *shaped = NULL;
  if (weight)
    shaped = EX (&e, "view", "TI", weight, per_channel, (int) x->ndim);
  TeNormTwin twin = { &e, v[0].tensor, x, shaped, v[5].b, v[6].f, dims, n };
  if (!twin.trains)
    {
      twin.mean = EX (&e, "view", "TI", v[3].tensor, per_channel, (int) x->ndim);
      twin.rstd = EX (&e, "view", "TI", v[4].tensor, per_channel, (int) x->ndim);
    }
  te_norm_twin_run (&twin);
  if (v[7].b)
    te_expr_put (&e, twin.grad_x, &call->outs[0]);
  if (v[8].b)
    te_expr_put (&e, EX (&e, "sum.dim_IntList", "TIb", twin.along, dims, n, 0), &call->outs[1]);
  if (v[9].b)
    te_expr_put (&e, EX (&e, "sum.dim_IntList", "TIb", v[0].tensor, dims, n, 0), &call->outs[2]);
  return te_expr_close (&e);
}

static bool
batch_norm_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "native_batch_norm_backward");
  TeTensor *outs[3] = { NULL };
  bool ok = te_call_multi (op, outs, 3, err, "TTTTTbfbbb", ctx->grads[0], ctx->inputs[0], ctx->inputs[1],
                           ctx->extra[0], ctx->extra[1], (int) ctx->args[5].b, ctx->args[7].f,
                           (int) ctx->needs[0], (int) ctx->needs[1], (int) ctx->needs[2]);
  for (int i = 0; i < 3; i++)
    ctx->results[i] = outs[i];
  return ok;
}

/* Repeats a per-channel tensor for every image; *out stays NULL where there is none. */
static bool
repeat_batch (TeTensor *t, int64_t n, TeTensor **out, TeError *err)
{
  TE_OP (repeat, "repeat");
  *out = t ? te_call (repeat, err, "TI", t, &n, 1) : NULL;
  return !t || *out;
}

/* Writes the mean over images of repeated running statistics back. */
static bool
fold_running (TeTensor *running, TeTensor *repeated, int64_t n, TeError *err)
{
  TE_OP (mean, "mean.dim");
  TE_OP (copy, "copy_");
  if (!running)
    return true;
  int64_t sizes[2] = { n, running->numel }, zero = 0;
  TeTensor *rows = te_reshape (repeated, 2, sizes, err),
           *folded = rows ? te_call (mean, err, "TIb", rows, &zero, 1, 0) : NULL;
  bool ok = folded && te_call_inplace (copy, err, "TT", running, folded);
  te_tensor_unref (rows);
  te_tensor_unref (folded);
  return ok;
}

/* instance_norm: batch_norm over (1, N C, …). */
static bool
instance_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (norm, "batch_norm");
  TE_OP (view, "view");
  const TeValue *v = call->args;
  TeTensor *self = v[0].tensor, *parts[4] = { NULL }, *folded = NULL, *out = NULL, *flat = NULL;
  if (self->ndim < 2)
    return te_error_set (err, TE_ERR_RUNTIME, "instance_norm: Expected input with at least 2 dimensions");
  int64_t n = self->sizes[0], sizes[TE_MAX_NDIM];
  memcpy (sizes, self->sizes, (size_t) self->ndim * sizeof *sizes);
  sizes[0] = 1;
  sizes[1] *= n;
  flat = te_contiguous (self, err);
  bool ok = flat != NULL;
  for (int i = 0; i < 4 && ok; i++)
    ok = repeat_batch (optional (&v[1 + i]), n, &parts[i], err);
  ok = ok && (folded = te_call (view, err, "TI", flat, sizes, (int) self->ndim))
       && (out = te_call (norm, err, "TTTTTbffb", folded, parts[0], parts[1], parts[2], parts[3],
                          (int) v[5].b, v[6].f, v[7].f, 0))
       && te_nn_out (call, 0, te_call (view, err, "TI", out, self->sizes, (int) self->ndim))
       && (!v[5].b
           || (fold_running (optional (&v[3]), parts[2], n, err)
               && fold_running (optional (&v[4]), parts[3], n, err)));
  for (int i = 0; i < 4; i++)
    te_tensor_unref (parts[i]);
  te_tensor_unref (folded);
  te_tensor_unref (flat);
  te_tensor_unref (out);
  return ok;
}

static const TeOpDef rows[] = {
  { .schema = "batch_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? "
              "running_var, bool training, float momentum, float eps, bool cudnn_enabled) -> Tensor",
    .flags = TE_OP_FUNCTION | TE_OP_WIDENS_MIXED,
    .kernel = forward_kernel,
    .backward = batch_norm_backward,
    .node = "NativeBatchNormBackward",
    .saves = TE_SAVE_ARG (0) | TE_SAVE_ARG (1),
    .doc = "Normalises each channel of (N, C, …), and keeps running statistics." },
  { .schema =
        "native_batch_norm_backward(Tensor grad_out, Tensor input, Tensor? weight, Tensor save_mean, "
        "Tensor save_invstd, bool train, float eps, bool need_input, bool need_weight, bool need_bias) -> "
        "(Tensor, Tensor, Tensor)",
    .kernel = backward_kernel,
    .twin = backward_twin,
    .node = "NativeBatchNormBackwardBackward",
    .saves = TE_SAVE_ARG (0) | TE_SAVE_ARG (1) | TE_SAVE_ARG (2) | TE_SAVE_ARG (3) | TE_SAVE_ARG (4),
    .doc = "Gradients of batch_norm for input, weight and bias." },
  { .schema = "instance_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? "
              "running_var, bool use_input_stats, float momentum, float eps, bool cudnn_enabled) -> Tensor",
    .flags = TE_OP_FUNCTION | TE_OP_COMPOSITE,
    .kernel = instance_kernel,
    .doc = "Normalises each channel of each image of (N, C, …)." },
};

TE_OP_FAMILY (te_family_batch_norm, rows);
