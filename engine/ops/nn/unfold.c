/* unfold and fold of images: im2col (N, C, H, W) -> (N, C kh kw, L) and its mirror, each the other's
 * gradient; and the shuffles that move channels to pixels, in views. */
#include <string.h>

#include "ops/expr.h"
#include "ops/nn/complex-parts.h"
#include "ops/nn/nn-private.h"
#include "ops/nn/rows.h"

typedef struct
{
  int64_t planes, image[2], columns[2]; /* image sizes, and how many blocks along each */
  int64_t kernel[2], dilation[2], padding[2], stride[2];
  const void *from;
  void *to;
} Unfold;

#define FOR_ENTRIES(BODY)                                                                                    \
  for (int64_t kh = 0; kh < u->kernel[0]; kh++)                                                              \
    for (int64_t kw = 0; kw < u->kernel[1]; kw++)                                                            \
      for (int64_t y = 0; y < u->columns[0]; y++)                                                            \
        for (int64_t x = 0; x < u->columns[1]; x++, c++)                                                     \
          {                                                                                                  \
            int64_t iy = y * u->stride[0] + kh * u->dilation[0] - u->padding[0];                             \
            int64_t ix = x * u->stride[1] + kw * u->dilation[1] - u->padding[1];                             \
            bool inside = iy >= 0 && ix >= 0 && iy < u->image[0] && ix < u->image[1];                        \
            int64_t i = iy * u->image[1] + ix;                                                               \
            BODY                                                                                             \
          }

#define STAMP(T, suffix)                                                                                     \
  static void unfold_##suffix (void *ctx, int64_t begin, int64_t end)                                        \
  {                                                                                                          \
    const Unfold *u = ctx;                                                                                   \
    int64_t n = u->kernel[0] * u->kernel[1] * u->columns[0] * u->columns[1],                                 \
            volume = u->image[0] * u->image[1];                                                              \
    for (int64_t p = begin; p < end; p++)                                                                    \
      {                                                                                                      \
        const T *image = (const T *) u->from + p * volume;                                                   \
        T *columns = (T *) u->to + p * n;                                                                    \
        int64_t c = 0;                                                                                       \
        FOR_ENTRIES (columns[c] = inside ? image[i] : 0;)                                                    \
      }                                                                                                      \
  }                                                                                                          \
  static void fold_##suffix (void *ctx, int64_t begin, int64_t end)                                          \
  {                                                                                                          \
    const Unfold *u = ctx;                                                                                   \
    int64_t n = u->kernel[0] * u->kernel[1] * u->columns[0] * u->columns[1],                                 \
            volume = u->image[0] * u->image[1];                                                              \
    for (int64_t p = begin; p < end; p++)                                                                    \
      {                                                                                                      \
        const T *columns = (const T *) u->from + p * n;                                                      \
        T *image = (T *) u->to + p * volume;                                                                 \
        int64_t c = 0;                                                                                       \
        memset (image, 0, (size_t) volume * sizeof (T));                                                     \
        FOR_ENTRIES (if (inside) image[i] += columns[c];)                                                    \
      }                                                                                                      \
  }
/* clang-format off */
STAMP (float, f32)
STAMP (double, f64)
/* clang-format on */
#undef STAMP

static bool
read_window (Unfold *u,
             const TeValue *kernel,
             const TeValue *dilation,
             const TeValue *padding,
             const TeValue *stride,
             TeError *err)
{
  if (!te_nn_ints (kernel, 2, NULL, "kernel_size", u->kernel, err)
      || !te_nn_ints (dilation, 2, NULL, "dilation", u->dilation, err)
      || !te_nn_ints (padding, 2, NULL, "padding", u->padding, err)
      || !te_nn_ints (stride, 2, NULL, "stride", u->stride, err))
    return false;
  if (!te_nn_check_small (u->kernel, 2, "kernel_size", err)
      || !te_nn_check_small (u->dilation, 2, "dilation", err)
      || !te_nn_check_small (u->padding, 2, "padding", err)
      || !te_nn_check_small (u->stride, 2, "stride", err)
      || !te_nn_check_small (u->image, 2, "output_size", err))
    return false;
  for (int i = 0; i < 2; i++)
    {
      const struct
      {
        const int64_t *values;
        int64_t least;
        const char *name, *letter;
      } checks[] = { { u->kernel, 1, "kernel size", "kernel" },
                     { u->dilation, 1, "dilation", "dilation" },
                     { u->padding, 0, "padding", "pad" },
                     { u->stride, 1, "stride", "stride" } };
      for (int k = 0; k < 4; k++)
        if (checks[k].values[i] < checks[k].least)
          return te_error_set (err, TE_ERR_RUNTIME, "%s should be %s, but got %s_height: %lld %s_width: %lld",
                               checks[k].name, checks[k].least ? "greater than zero" : "non-negative",
                               checks[k].letter, (long long) checks[k].values[0], checks[k].letter,
                               (long long) checks[k].values[1]);
    }
  return true;
}

static void
count_blocks (Unfold *u)
{
  for (int i = 0; i < 2; i++)
    {
      int64_t room = u->image[i] + 2 * u->padding[i] - u->dilation[i] * (u->kernel[i] - 1) - 1;
      u->columns[i] = (room < 0 ? -te_nn_ceil_div (-room, u->stride[i]) : room / u->stride[i]) + 1;
    }
}

static bool
run (Unfold *u, TeTensor *from, TeTensor *to, TeParallelFn f32, TeParallelFn f64, TeError *err)
{
  TeTensor *x = te_nn_contiguous (from, err);
  if (x)
    {
      u->from = te_tensor_data (x);
      u->to = te_tensor_data (to);
      if (to->numel)
        te_parallel_for (u->planes,
                         te_nn_max (1, 16384 / te_nn_max (1, u->image[0] * u->image[1] * u->kernel[0])),
                         te_tensor_dtype (from) == TE_FLOAT64 ? f64 : f32, u);
    }
  te_tensor_unref (x);
  return x != NULL;
}

static bool
im2col_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeTensor *self = v[0].tensor;
  Unfold u = { .planes = 1 };
  char text[256];
  if (self->ndim < 3)
    return te_error_set (err, TE_ERR_INDEX,
                         "Dimension out of range (expected to be in range of [%d, %d], but got 2)",
                         -self->ndim, self->ndim - 1);
  bool empty = false;
  for (int d = self->ndim - 3; d < self->ndim; d++)
    empty = empty || !self->sizes[d];
  if (self->ndim > 4 || empty)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other "
                         "non-zero dimensions for input, but got: %s",
                         te_nn_sizes_text (self, text, sizeof text));
  if (te_dtype_is_complex (te_tensor_dtype (self)))
    return te_complex_linear (call, 0, err);
  if (!te_nn_check_floating (self, "im2col_out_cpu", err)
      || !read_window (&u, &v[1], &v[2], &v[3], &v[4], err))
    return false;
  bool batched = self->ndim == 4;
  int64_t channels = self->sizes[batched];
  u.image[0] = self->sizes[self->ndim - 2];
  u.image[1] = self->sizes[self->ndim - 1];
  u.planes = channels * (batched ? self->sizes[0] : 1);
  count_blocks (&u);
  if (u.columns[0] < 1 || u.columns[1] < 1)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "Given input with spatial size (%lld, %lld), kernel_size=(%lld, %lld), "
                         "dilation=(%lld, %lld), padding=(%lld, %lld), calculated shape of the array of "
                         "sliding blocks as (%lld, %lld), but its components must be at least one.",
                         (long long) u.image[0], (long long) u.image[0], /* as PyTorch prints it */
                         (long long) u.kernel[0], (long long) u.kernel[1], (long long) u.dilation[0],
                         (long long) u.dilation[1], (long long) u.padding[0], (long long) u.padding[1],
                         (long long) u.columns[0], (long long) u.columns[1]);
  int64_t sizes[3] = { self->sizes[0], channels * u.kernel[0] * u.kernel[1], u.columns[0] * u.columns[1] };
  TeTensor *out = te_tensor_new (batched ? 3 : 2, batched ? sizes : sizes + 1, te_tensor_dtype (self), err);
  if (out && !run (&u, self, out, unfold_f32, unfold_f64, err))
    te_tensor_clear (&out);
  return te_nn_out (call, 0, out);
}

static bool
col2im_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeTensor *self = v[0].tensor;
  Unfold u = { .planes = 1 };
  char text[256];
  if (self->ndim != 2 && self->ndim != 3)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and "
                         "non-zero dimensions for input, but got: %s",
                         te_nn_sizes_text (self, text, sizeof text));
  if (te_dtype_is_complex (te_tensor_dtype (self)))
    return te_complex_linear (call, 0, err);
  if (!te_nn_check_floating (self, "col2im_out_cpu", err)
      || !te_nn_ints (&v[1], 2, NULL, "output_size", u.image, err)
      || !read_window (&u, &v[2], &v[3], &v[4], &v[5], err))
    return false;
  for (int d = self->ndim == 3; d < self->ndim; d++)
    if (!self->sizes[d])
      return te_error_set (err, TE_ERR_RUNTIME,
                           "Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and "
                           "non-zero dimensions for input, but got: %s",
                           te_nn_sizes_text (self, text, sizeof text));
  bool batched = self->ndim == 3;
  int64_t taps = u.kernel[0] * u.kernel[1], rows = self->sizes[batched], blocks = self->sizes[batched + 1];
  count_blocks (&u);
  if (rows % taps)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "Expected size of input's dimension 1 to be divisible by the product of "
                         "kernel_size, but got input.size(1)=%lld and kernel_size=(%lld, %lld).",
                         (long long) rows, (long long) u.kernel[0], (long long) u.kernel[1]);
  if (u.columns[0] < 1 || u.columns[1] < 1)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "Given output_size=(%lld, %lld), kernel_size=(%lld, %lld), dilation=(%lld, %lld), padding=(%lld, "
        "%lld), stride=(%lld, %lld), calculated shape of the array of sliding blocks as (%lld, %lld), which is too "
        "small (non-positive)",
        (long long) u.image[0], (long long) u.image[1], (long long) u.kernel[0], (long long) u.kernel[1],
        (long long) u.dilation[0], (long long) u.dilation[1], (long long) u.padding[0],
        (long long) u.padding[1], (long long) u.stride[0], (long long) u.stride[1], (long long) u.columns[0],
        (long long) u.columns[1]);
  if (blocks != u.columns[0] * u.columns[1])
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "Given output_size=(%lld, %lld), kernel_size=(%lld, %lld), dilation=(%lld, %lld), padding=(%lld, "
        "%lld), stride=(%lld, %lld), expected size of input's dimension 2 to match the calculated number of "
        "sliding blocks %lld * %lld = %lld, but got input.size(2)=%lld.",
        (long long) u.image[0], (long long) u.image[1], (long long) u.kernel[0], (long long) u.kernel[1],
        (long long) u.dilation[0], (long long) u.dilation[1], (long long) u.padding[0],
        (long long) u.padding[1], (long long) u.stride[0], (long long) u.stride[1], (long long) u.columns[0],
        (long long) u.columns[1], (long long) (u.columns[0] * u.columns[1]), (long long) blocks);
  int64_t sizes[4] = { self->sizes[0], rows / taps, u.image[0], u.image[1] };
  u.planes = rows / taps * (batched ? self->sizes[0] : 1);
  TeTensor *out = te_tensor_new (batched ? 4 : 3, batched ? sizes : sizes + 1, te_tensor_dtype (self), err);
  if (out && !run (&u, self, out, fold_f32, fold_f64, err))
    te_tensor_clear (&out);
  return te_nn_out (call, 0, out);
}

static bool
im2col_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "col2im");
  const TeValue *v = ctx->args;
  const TeMeta *m = &ctx->metas[0];
  ctx->results[0] = te_call (op, err, "TIIIII", ctx->grads[0], te_nn_meta_sizes (m) + m->ndim - 2, 2,
                             v[1].ints, (int) v[1].count, v[2].ints, (int) v[2].count, v[3].ints,
                             (int) v[3].count, v[4].ints, (int) v[4].count);
  return ctx->results[0] != NULL;
}
static bool
col2im_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "im2col");
  const TeValue *v = ctx->args;
  ctx->results[0] = te_call (op, err, "TIIII", ctx->grads[0], v[2].ints, (int) v[2].count, v[3].ints,
                             (int) v[3].count, v[4].ints, (int) v[4].count, v[5].ints, (int) v[5].count);
  return ctx->results[0] != NULL;
}

/* ---- shuffles ---- */
/* self (lead…, tail) seen as `sizes`, permuted by `order`, copied and seen as `final`. */
static TeTensor *
rearrange (TeTensor *self,
           int n,
           const int64_t *sizes,
           const int64_t *order,
           int n_final,
           const int64_t *final,
           TeError *err)
{
  int64_t shape[TE_MAX_NDIM];
  TeTensor *x = te_nn_contiguous (self, err);
  TeTensor *split =
      x ? te_tensor_new_view (x->storage, te_tensor_dtype (x), n, sizes,
                              (te_shape_contiguous_strides (n, sizes, shape), shape), x->offset, err)
        : NULL;
  TeTensor *turned = NULL, *dense = NULL, *out = NULL;
  if (split)
    {
      int64_t turned_sizes[TE_MAX_NDIM], turned_strides[TE_MAX_NDIM];
      for (int i = 0; i < n; i++)
        {
          turned_sizes[i] = split->sizes[order[i]];
          turned_strides[i] = split->strides[order[i]];
        }
      turned = te_tensor_new_view (x->storage, te_tensor_dtype (x), n, turned_sizes, turned_strides,
                                   x->offset, err);
      dense = turned ? te_nn_contiguous (turned, err) : NULL;
      te_shape_contiguous_strides (n_final, final, shape);
      out = dense ? te_tensor_new_view (dense->storage, te_tensor_dtype (x), n_final, final, shape,
                                        dense->offset, err)
                  : NULL;
    }
  te_tensor_unref (x);
  te_tensor_unref (split);
  te_tensor_unref (turned);
  te_tensor_unref (dense);
  return out;
}

static bool
check_image (const TeTensor *self, const char *name, int64_t factor, const char *what, TeError *err)
{
  if (self->ndim < 3)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "%s expects input to have at least 3 dimensions, but got input with %d dimension(s)",
                         name, self->ndim);
  if (factor <= 0)
    return te_error_set (err, TE_ERR_RUNTIME, "%s expects a positive %s, but got %lld", name, what,
                         (long long) factor);
  return true;
}

static bool
shuffle_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = call->args[0].tensor;
  int64_t r = call->args[1].i;
  if (!check_image (self, "pixel_shuffle", r, "upscale_factor", err))
    return false;
  int lead = self->ndim - 3;
  const int64_t *s = self->sizes + lead;
  int64_t square = (int64_t) ((uint64_t) r * (uint64_t) r);
  if (r > INT16_MAX || s[0] % square)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "pixel_shuffle expects its input's 'channel' dimension to be divisible by the "
                         "square of upscale_factor, but input.size(-3)=%lld is not divisible by %lld",
                         (long long) s[0], (long long) square);
  int64_t batch = 1, final[TE_MAX_NDIM];
  for (int i = 0; i < lead; i++)
    batch *= final[i] = self->sizes[i];
  int64_t sizes[6] = { batch, s[0] / (r * r), r, r, s[1], s[2] }, order[6] = { 0, 1, 4, 2, 5, 3 };
  final[lead] = sizes[1];
  final[lead + 1] = s[1] * r;
  final[lead + 2] = s[2] * r;
  TeTensor *out = rearrange (self, 6, sizes, order, self->ndim, final, err);
  return te_nn_out (call, 0, te_nn_follow_format (out, self, err));
}

static bool
unshuffle_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = call->args[0].tensor;
  int64_t r = call->args[1].i;
  if (!check_image (self, "pixel_unshuffle", r, "downscale_factor", err))
    return false;
  int lead = self->ndim - 3;
  const int64_t *s = self->sizes + lead;
  for (int i = 1; i < 3; i++)
    if (s[i] % r)
      return te_error_set (err, TE_ERR_RUNTIME,
                           "pixel_unshuffle expects %s to be divisible by downscale_factor, but "
                           "input.size(%d)=%lld is not divisible by %lld",
                           i == 1 ? "height" : "width", i - 3, (long long) s[i], (long long) r);
  int64_t batch = 1, final[TE_MAX_NDIM];
  for (int i = 0; i < lead; i++)
    batch *= final[i] = self->sizes[i];
  int64_t sizes[6] = { batch, s[0], s[1] / r, r, s[2] / r, r }, order[6] = { 0, 1, 3, 5, 2, 4 };
  final[lead] = s[0] * r * r;
  final[lead + 1] = s[1] / r;
  final[lead + 2] = s[2] / r;
  TeTensor *out = rearrange (self, 6, sizes, order, self->ndim, final, err);
  return te_nn_out (call, 0, te_nn_follow_format (out, self, err));
}

static bool
shuffle_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "pixel_unshuffle");
  return (ctx->results[0] = te_call (op, err, "Ti", ctx->grads[0], ctx->args[1].i)) != NULL;
}
static bool
unshuffle_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "pixel_shuffle");
  return (ctx->results[0] = te_call (op, err, "Ti", ctx->grads[0], ctx->args[1].i)) != NULL;
}

static bool
channel_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = call->args[0].tensor;
  int64_t groups = call->args[1].i;
  int channel;
  if (strncmp (call->op->name, "native", 6) == 0 && !te_dim_wrap (1, self->ndim, &channel, err))
    return false;
  if (self->ndim < 3)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "channel_shuffle expects input with > 2 dims, but got input with sizes %d",
                         self->ndim);
  if (groups <= 0)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "Number of groups to divide channels in must be positive. Value of groups:%lld",
                         (long long) groups);
  if (self->sizes[1] % groups)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "Number of channels must be divisible by groups. Got %lld channels and %lld groups.",
                         (long long) self->sizes[1], (long long) groups);
  int64_t rest = self->sizes[0] && self->sizes[1] ? self->numel / (self->sizes[0] * self->sizes[1]) : 0;
  int64_t sizes[4] = { self->sizes[0], groups, self->sizes[1] / groups, rest }, order[4] = { 0, 2, 1, 3 };
  return te_nn_out (call, 0, rearrange (self, 4, sizes, order, self->ndim, self->sizes, err));
}

static bool
channel_backward (TeBackward *ctx, TeError *err)
{
  return te_error_set (err, TE_ERR_RUNTIME, "derivative for channel_shuffle is not implemented");
}

static const TeOpDef rows[] = {
  { .schema =
        "im2col(Tensor self, int[2] kernel_size, int[2] dilation, int[2] padding, int[2] stride) -> Tensor",
    .flags = TE_OP_NN | TE_OP_WIDENS | TE_OP_WIDENS_HALF,
    .kernel = im2col_kernel,
    .backward = im2col_backward,
    .node = "Im2ColBackward",
    .doc = "Sliding blocks of (N, C, H, W) as columns." },
  { .schema = "col2im(Tensor self, int[2] output_size, int[2] kernel_size, int[2] dilation, int[2] padding, "
              "int[2] stride) -> Tensor",
    .flags = TE_OP_NN | TE_OP_WIDENS | TE_OP_WIDENS_HALF,
    .kernel = col2im_kernel,
    .backward = col2im_backward,
    .node = "Col2ImBackward",
    .doc = "Adds columns back to the image that they were blocks of." },
  { .schema = "pixel_shuffle(Tensor self, int upscale_factor) -> Tensor",
    .flags = TE_OP_FUNCTION,
    .kernel = shuffle_kernel,
    .backward = shuffle_backward,
    .node = "PixelShuffleBackward",
    .doc = "(…, C r², H, W) to (…, C, H r, W r)." },
  { .schema = "pixel_unshuffle(Tensor self, int downscale_factor) -> Tensor",
    .flags = TE_OP_FUNCTION,
    .kernel = unshuffle_kernel,
    .backward = unshuffle_backward,
    .node = "PixelUnshuffleBackward",
    .doc = "(…, C, H r, W r) to (…, C r², H, W)." },
  { .schema = "native_channel_shuffle(Tensor self, int groups) -> Tensor",
    .flags = TE_OP_FUNCTION,
    .kernel = channel_kernel,
    .backward = channel_backward,
    .node = "NotImplemented",
    .doc = "Interleaves the channels of groups." },
  { .schema = "channel_shuffle(Tensor self, int groups) -> Tensor",
    .flags = TE_OP_FUNCTION,
    .kernel = channel_kernel,
    .backward = channel_backward,
    .node = "NotImplemented",
    .doc = "Interleaves the channels of groups." },
};

TE_OP_FAMILY (te_family_unfold, rows);
