/* Max pooling.  The kernel keeps where each maximum was (int32 for backward alone, int64 where the person
 * asked for indices): backward scatters by them, the gradient of backward gathers by them. */
#include <math.h>
#include <string.h>

#include "ops/nn/pool-window.h"
#include "ops/nn/rows.h"

typedef struct
{
  TePoolWindow w;
  const void *in;
  void *out;
  int64_t *index64;
  int32_t *index32;
} MaxPool;

/* First pixel of a window that lies inside, and one past the last. */
static inline void
window_range (const TePoolWindow *w, int d, int64_t at, int64_t *begin, int64_t *end)
{
  int64_t first = at * w->stride[d] - w->pad[d];
  *end = te_nn_min (first + (w->kernel[d] - 1) * w->dilation[d] + 1, w->in[d]);
  *begin = first < 0 ? first + te_nn_ceil_div (-first, w->dilation[d]) * w->dilation[d] : first;
}

#define STAMP(T, suffix)                                                                                     \
  static void plane_##suffix (const MaxPool *m, int64_t plane)                                               \
  {                                                                                                          \
    const TePoolWindow *w = &m->w;                                                                           \
    const T *in = (const T *) m->in + plane * w->in[0] * w->in[1] * w->in[2];                                \
    int64_t o = plane * w->out[0] * w->out[1] * w->out[2];                                                   \
    for (int64_t z = 0; z < w->out[0]; z++)                                                                  \
      for (int64_t y = 0; y < w->out[1]; y++)                                                                \
        for (int64_t x = 0; x < w->out[2]; x++, o++)                                                         \
          {                                                                                                  \
            int64_t z0, z1, y0, y1, x0, x1;                                                                  \
            window_range (w, 0, z, &z0, &z1);                                                                \
            window_range (w, 1, y, &y0, &y1);                                                                \
            window_range (w, 2, x, &x0, &x1);                                                                \
            int64_t best = (z0 * w->in[1] + y0) * w->in[2] + x0;                                             \
            T top = -(T) INFINITY;                                                                           \
            for (int64_t iz = z0; iz < z1; iz += w->dilation[0])                                             \
              for (int64_t iy = y0; iy < y1; iy += w->dilation[1])                                           \
                for (int64_t ix = x0; ix < x1; ix += w->dilation[2])                                         \
                  {                                                                                          \
                    int64_t at = (iz * w->in[1] + iy) * w->in[2] + ix;                                       \
                    if (in[at] > top || in[at] != in[at])                                                    \
                      {                                                                                      \
                        top = in[at];                                                                        \
                        best = at;                                                                           \
                      }                                                                                      \
                  }                                                                                          \
            ((T *) m->out)[o] = top;                                                                         \
            if (m->index64)                                                                                  \
              m->index64[o] = best;                                                                          \
            if (m->index32)                                                                                  \
              m->index32[o] = (int32_t) best;                                                                \
          }                                                                                                  \
  }                                                                                                          \
  static void scatter_##suffix (const void *index, bool wide, const T *grad, int64_t n, T *out)              \
  {                                                                                                          \
    for (int64_t i = 0; i < n; i++)                                                                          \
      out[wide ? ((const int64_t *) index)[i] : ((const int32_t *) index)[i]] += grad[i];                    \
  }                                                                                                          \
  static void gather_##suffix (const void *index, bool wide, const T *in, int64_t n, T *out)                 \
  {                                                                                                          \
    for (int64_t i = 0; i < n; i++)                                                                          \
      out[i] = in[wide ? ((const int64_t *) index)[i] : ((const int32_t *) index)[i]];                       \
  }
/* clang-format off */
STAMP (float, f32)
STAMP (double, f64)
/* clang-format on */
#undef STAMP

/* The common case, 2x2 windows side by side without padding, as selections that the compiler turns into
 * vectors. */
static void
plane_2x2 (const MaxPool *m, int64_t plane)
{
  const TePoolWindow *w = &m->w;
  int64_t width = w->in[2], n = w->out[2];
  for (int64_t y = 0; y < w->out[1]; y++)
    {
      const float *restrict up = (const float *) m->in + (plane * w->in[1] + 2 * y) * width, *restrict down =
                                                                                                 up + width;
      float *restrict out = (float *) m->out + (plane * w->out[1] + y) * n;
      int32_t *restrict index = m->index32 ? m->index32 + (plane * w->out[1] + y) * n : NULL;
      int32_t base = (int32_t) (2 * y * width), below = base + (int32_t) width;
      for (int64_t x = 0; x < n; x++)
        {
          float a = up[2 * x], b = up[2 * x + 1], c = down[2 * x], d = down[2 * x + 1], top = a;
          int32_t best = base + (int32_t) (2 * x), i = (int32_t) (2 * x);
          bool take = (b > top) | (b != b);
          top = take ? b : top;
          best = take ? base + i + 1 : best;
          take = (c > top) | (c != c);
          top = take ? c : top;
          best = take ? below + i : best;
          take = (d > top) | (d != d);
          top = take ? d : top;
          best = take ? below + i + 1 : best;
          out[x] = top;
          if (index)
            index[x] = best;
        }
    }
}

static bool
is_2x2 (const TePoolWindow *w)
{
  return w->nd == 2 && w->kernel[1] == 2 && w->kernel[2] == 2 && w->stride[1] == 2 && w->stride[2] == 2
         && !w->pad[1] && !w->pad[2] && w->dilation[1] == 1 && w->dilation[2] == 1
         && 2 * w->out[1] <= w->in[1] && 2 * w->out[2] <= w->in[2];
}

static void
task_f32 (void *ctx, int64_t begin, int64_t end)
{
  const MaxPool *m = ctx;
  bool quick = is_2x2 (&m->w) && !m->index64;
  for (int64_t p = begin; p < end; p++)
    quick ? plane_2x2 (m, p) : plane_f32 (m, p);
}
static void
task_f64 (void *ctx, int64_t begin, int64_t end)
{
  for (int64_t p = begin; p < end; p++)
    plane_f64 (ctx, p);
}

static bool
max_pool (TeOpCall *call, int nd, bool with_indices, TeError *err)
{
  static const char *const names[] = { NULL, "max_pool1d", "max_pool2d", "max_pool3d" };
  const TeValue *v = call->args;
  TeTensor *self = v[0].tensor;
  MaxPool m = { 0 };
  TePoolArgs a = { names[nd], nd, &v[1], &v[2], &v[3], &v[4], v[5].b };
  if (!te_pool_window (&m.w, &a, self, err) || !te_nn_check_floating (self, names[nd], err))
    return false;
  bool wide = with_indices || m.w.in[0] * m.w.in[1] * m.w.in[2] > INT32_MAX;
  TeTensor *x = te_nn_contiguous (self, err);
  TeTensor *out = x ? te_tensor_new (m.w.out_ndim, m.w.out_sizes, te_tensor_dtype (self), err) : NULL;
  TeTensor *index = out && (with_indices || call->wants_grad)
                        ? te_tensor_new (m.w.out_ndim, m.w.out_sizes, wide ? TE_INT64 : TE_INT32, err)
                        : NULL;
  if (!out || (!index && (with_indices || call->wants_grad)))
    {
      te_tensor_unref (x);
      te_tensor_unref (out);
      return false;
    }
  m.in = te_tensor_data (x);
  m.out = te_tensor_data (out);
  if (index && wide)
    m.index64 = te_tensor_data (index);
  else if (index)
    m.index32 = te_tensor_data (index);
  if (out->numel)
    te_parallel_for (m.w.planes, te_pool_grain (m.w.in[0] * m.w.in[1] * m.w.in[2]),
                     te_tensor_dtype (self) == TE_FLOAT64 ? task_f64 : task_f32, &m);
  te_tensor_unref (x);
  if (call->wants_grad)
    call->extra[0] = te_tensor_ref (index);
  if (with_indices)
    call->outs[1] = te_nn_follow_format (index, self, err);
  else
    te_tensor_unref (index);
  return te_nn_out (call, 0, te_nn_follow_format (out, self, err));
}

static bool
max_pool2d_kernel (TeOpCall *call, TeError *err)
{
  return max_pool (call, 2, false, err);
}
static bool
max_pool3d_kernel (TeOpCall *call, TeError *err)
{
  return max_pool (call, 3, false, err);
}
static bool
max_pool2d_indices_kernel (TeOpCall *call, TeError *err)
{
  return max_pool (call, 2, true, err);
}
static bool
max_pool3d_indices_kernel (TeOpCall *call, TeError *err)
{
  return max_pool (call, 3, true, err);
}

static bool
check_window1d (int64_t length, int64_t kernel, int64_t stride, int64_t padding, int64_t dilation, bool ceil_mode, int64_t *size, TeError *err)
{
  *size = 1;
  if (kernel <= 0)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "max_pool1d() kernel_size must be greater than zero, but got %lld",
                         (long long) kernel);
  if (stride <= 0)
    return te_error_set (err, TE_ERR_RUNTIME, "max_pool1d() stride must be greater than zero, but got %lld",
                         (long long) stride);
  if (padding < 0)
    return te_error_set (err, TE_ERR_RUNTIME, "max_pool1d() padding must be non-negative, but got %lld",
                         (long long) padding);
  if (padding > kernel / 2)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "max_pool1d() padding should be at most half of kernel size, but got padding=%lld "
                         "and kernel_size=%lld",
                         (long long) padding, (long long) kernel);
  if (dilation <= 0)
    return te_error_set (err, TE_ERR_RUNTIME, "max_pool1d() dilation must be greater than zero, but got %lld",
                         (long long) dilation);
  if (kernel > INT32_MAX || dilation > INT32_MAX || stride > INT32_MAX)
    return true; /* max_pool2d says so */
  int64_t room = length + 2 * padding - dilation * (kernel - 1) - 1 + (ceil_mode ? stride - 1 : 0);
  *size = (room < 0 ? -((-room + stride - 1) / stride) : room / stride) + 1;
  return *size >= 0
         || te_error_set (err, TE_ERR_RUNTIME, "max_pool1d() Invalid computed output size: %lld", (long long) *size);
}

/* max_pool1d is max_pool2d over one row. */
static bool
max_pool1d (TeOpCall *call, bool with_indices, TeError *err)
{
  TE_OP (plain, "max_pool2d");
  TE_OP (indexed, "max_pool2d_with_indices");
  const TeValue *v = call->args;
  TeTensor *self = v[0].tensor;
  char text[256];
  int64_t size = 1;
  bool empty = !with_indices && self->ndim > 1 && (!self->sizes[self->ndim - 1] || !self->sizes[self->ndim - 2]);
  if ((self->ndim != 2 && self->ndim != 3) || empty)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "max_pool1d: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size "
                         "for input, but got:%s",
                         te_nn_sizes_text (self, text, sizeof text));
  int64_t kernel[2] = { 1, v[1].count ? v[1].ints[0] : 1 },
          stride[2] = { 1, v[2].count ? v[2].ints[0] : kernel[1] };
  int64_t padding[2] = { 0, v[3].count ? v[3].ints[0] : 0 },
          dilation[2] = { 1, v[4].count ? v[4].ints[0] : 1 };
  /* Where the places of the largest are kept, PyTorch leaves the checks to max_pool2d. */
  if (!with_indices && !te_tensor_requires_grad (self)
      && !check_window1d (self->sizes[self->ndim - 1], kernel[1], stride[1], padding[1], dilation[1], v[5].b, &size, err))
    return false;
  if (!size)
    {
      int64_t sizes[3] = { self->sizes[0], self->sizes[1], 0 };
      sizes[self->ndim - 1] = 0;
      return te_nn_out (call, 0, te_tensor_new (self->ndim, sizes, te_tensor_dtype (self), err));
    }
  TeTensor *outs[2] = { NULL }, *wide = te_unsqueeze (self, -2, err);
  bool ok = wide
            && te_call_multi (with_indices ? indexed : plain, outs, with_indices ? 2 : 1, err, "TIIIIb", wide,
                              kernel, 2, stride, 2, padding, 2, dilation, 2, (int) v[5].b);
  te_tensor_unref (wide);
  for (int i = 0; ok && i < (with_indices ? 2 : 1); i++)
    ok = te_nn_out (call, i, te_squeeze_dim (outs[i], -2, err));
  te_tensor_unref (outs[0]);
  te_tensor_unref (outs[1]);
  return ok;
}
static bool
max_pool1d_kernel (TeOpCall *call, TeError *err)
{
  return max_pool1d (call, false, err);
}
static bool
max_pool1d_indices_kernel (TeOpCall *call, TeError *err)
{
  return max_pool1d (call, true, err);
}

/* ---- backward: scatter by index, and its own backward, gather ---- */
typedef struct
{
  const void *index, *from;
  void *to;
  bool wide, is_double, gather;
  int64_t in, out; /* elements per plane of the large and of the small side */
} Scatter;

static void
scatter_task (void *ctx, int64_t begin, int64_t end)
{
  const Scatter *s = ctx;
  size_t element = s->is_double ? 8 : 4;
  for (int64_t p = begin; p < end; p++)
    {
      const char *index = (const char *) s->index + (size_t) (p * s->out) * (s->wide ? 8 : 4);
      const char *from = (const char *) s->from + (size_t) (p * (s->gather ? s->in : s->out)) * element;
      char *to = (char *) s->to + (size_t) (p * (s->gather ? s->out : s->in)) * element;
      if (!s->gather)
        memset (to, 0, (size_t) s->in * element);
      if (s->gather && s->is_double)
        gather_f64 (index, s->wide, (const double *) from, s->out, (double *) to);
      else if (s->gather)
        gather_f32 (index, s->wide, (const float *) from, s->out, (float *) to);
      else if (s->is_double)
        scatter_f64 (index, s->wide, (const double *) from, s->out, (double *) to);
      else
        scatter_f32 (index, s->wide, (const float *) from, s->out, (float *) to);
    }
}

/* The indices were handed out: what is in them now is the program's. */
static bool
check_places (const Scatter *s, int64_t n, TeError *err)
{
  uint64_t highest = 0;
  for (int64_t i = 0; i < n; i++)
    {
      uint64_t at = s->wide ? (uint64_t) ((const int64_t *) s->index)[i]
                            : (uint64_t) ((const int32_t *) s->index)[i];
      highest = at > highest ? at : highest;
    }
  return !n || highest < (uint64_t) s->in
         || te_error_set (err, TE_ERR_RUNTIME, "Found an invalid max index: %lld", (long long) highest);
}

/* large_sizes: sizes of the pooled input; the last nd dimensions make a plane. */
static bool
scatter (
    TeOpCall *call, bool gather, TeTensor *places, int ndim, const int64_t *large_sizes, int nd, TeError *err)
{
  TeTensor *from = te_nn_contiguous (call->args[0].tensor, err);
  TeTensor *index = from ? te_nn_contiguous (places, err) : NULL;
  TeTensor *out =
      index ? te_tensor_new (ndim, gather ? index->sizes : large_sizes, te_tensor_dtype (from), err) : NULL;
  if (out)
    {
      Scatter s = { .wide = te_tensor_dtype (index) == TE_INT64,
                    .is_double = te_tensor_dtype (from) == TE_FLOAT64,
                    .gather = gather,
                    .in = 1,
                    .out = 1 };
      int64_t planes = 1;
      for (int i = 0; i < ndim; i++)
        {
          if (i < ndim - nd)
            planes *= large_sizes[i];
          else
            {
              s.in *= large_sizes[i];
              s.out *= index->sizes[i];
            }
        }
      s.index = te_tensor_data (index);
      s.from = te_tensor_data (from);
      s.to = te_tensor_data (out);
      if (!check_places (&s, index->numel, err))
        te_tensor_clear (&out);
      else if (out->numel)
        te_parallel_for (planes, te_pool_grain (s.in), scatter_task, &s);
    }
  te_tensor_unref (from);
  te_tensor_unref (index);
  return te_nn_out (call, 0, out);
}

static bool
scatter_kernel (TeOpCall *call, TeError *err)
{
  static const char *const names[TE_MAX_POOL_KINDS][2] = {
    { "MaxPool2DWithIndicesBackwardBackward0", "MaxPool3DWithIndicesBackwardBackward0" },
    { "AdaptiveMaxPool2DBackwardBackward0", "AdaptiveMaxPool3DBackwardBackward0" },
    { "FractionalMaxPool2DBackwardBackward0", "FractionalMaxPool3DBackwardBackward0" },
  };
  const TeValue *v = call->args;
  TeTensor *input = v[1].tensor;
  call->node = names[v[4].i][v[3].i == 3];
  if (!scatter (call, false, v[2].tensor, input->ndim, input->sizes, (int) v[3].i, err))
    return false;
  if (v[3].i == 2 && v[4].i == TE_MAX_POOL_WINDOW) /* lies as the input does */
    call->outs[0] = te_nn_follow_format (call->outs[0], input, err);
  return call->outs[0] != NULL;
}
static bool
put_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  return scatter (call, false, v[1].tensor, v[2].count, v[2].ints, (int) v[3].i, err);
}
static bool
gather_kernel (TeOpCall *call, TeError *err)
{
  return scatter (call, true, call->args[1].tensor, call->args[0].tensor->ndim, call->args[0].tensor->sizes,
                  (int) call->args[2].i, err);
}

bool
te_max_pool_backward (TeBackward *ctx, TeMaxPoolKind kind, TeTensor *index, TeError *err)
{
  TE_OP (op, "_max_pool_scatter");
  if (!ctx->grads[0])
    return true;
  int64_t nd = strchr (ctx->op->name, '3') ? 3 : 2;
  ctx->results[0] = te_call (op, err, "TTTii", ctx->grads[0], ctx->inputs[0], index, nd, (int64_t) kind);
  return ctx->results[0] != NULL;
}

static bool
max_pool_backward (TeBackward *ctx, TeError *err)
{
  return te_max_pool_backward (ctx, TE_MAX_POOL_WINDOW, ctx->extra[0], err);
}

/* Linear in the arriving gradient, and where the largest stand does not move: nothing, as zeros, for the
 * input. */
static bool
scatter_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "_max_pool_gather");
  if (ctx->needs[0]
      && !(ctx->results[0] = te_call (op, err, "TTi", ctx->grads[0], ctx->inputs[2], ctx->args[3].i)))
    return false;
  return !ctx->needs[1] || (ctx->results[1] = te_zeros_like (ctx->grads[0], err)) != NULL;
}
static bool
gather_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "_max_pool_put");
  const TeMeta *meta = &ctx->metas[0];
  ctx->results[0] = te_call (op, err, "TTIi", ctx->grads[0], ctx->inputs[1], te_nn_meta_sizes (meta),
                             (int) meta->ndim, ctx->args[2].i);
  return ctx->results[0] != NULL;
}
static bool
put_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "_max_pool_gather");
  return (ctx->results[0] = te_call (op, err, "TTi", ctx->grads[0], ctx->inputs[1], ctx->args[3].i)) != NULL;
}

#define WINDOW(N)                                                                                            \
  "int[" N "] kernel_size, int[" N "] stride=[], int[" N "] padding=0, int[" N                               \
  "] dilation=1, bool ceil_mode=False"

static const TeOpDef rows[] = {
  { .schema = "max_pool1d(Tensor self, " WINDOW ("1") ") -> Tensor",
    .flags = TE_OP_FUNCTION | TE_OP_COMPOSITE,
    .kernel = max_pool1d_kernel,
    .doc = "Largest value of each window of (N, C, L)." },
  { .schema = "max_pool1d_with_indices(Tensor self, " WINDOW ("1") ") -> (Tensor, Tensor)",
    .flags = TE_OP_FUNCTION | TE_OP_COMPOSITE,
    .kernel = max_pool1d_indices_kernel,
    .doc = "Largest value of each window of (N, C, L), and where it was." },
  { .schema = "max_pool2d(Tensor self, " WINDOW ("2") ") -> Tensor",
    .flags = TE_OP_FUNCTION | TE_OP_WIDENS,
    .kernel = max_pool2d_kernel,
    .backward = max_pool_backward,
    .saves = TE_SAVE_ARG (0),
    .node = "MaxPool2DWithIndicesBackward",
    .doc = "Largest value of each window of (N, C, H, W)." },
  { .schema = "max_pool2d_with_indices(Tensor self, " WINDOW ("2") ") -> (Tensor, Tensor)",
    .flags = TE_OP_NN | TE_OP_WIDENS,
    .kernel = max_pool2d_indices_kernel,
    .backward = max_pool_backward,
    .saves = TE_SAVE_ARG (0),
    .node = "MaxPool2DWithIndicesBackward",
    .doc = "Largest value of each window of (N, C, H, W), and where in its plane it was." },
  { .schema = "max_pool3d(Tensor self, " WINDOW ("3") ") -> Tensor",
    .flags = TE_OP_FUNCTION,
    .kernel = max_pool3d_kernel,
    .backward = max_pool_backward,
    .saves = TE_SAVE_ARG (0),
    .node = "MaxPool3DWithIndicesBackward",
    .doc = "Largest value of each window of (N, C, D, H, W)." },
  { .schema = "max_pool3d_with_indices(Tensor self, " WINDOW ("3") ") -> (Tensor, Tensor)",
    .flags = TE_OP_NN,
    .kernel = max_pool3d_indices_kernel,
    .backward = max_pool_backward,
    .saves = TE_SAVE_ARG (0),
    .node = "MaxPool3DWithIndicesBackward",
    .doc = "Largest value of each window of (N, C, D, H, W), and where in its plane it was." },
  { .schema =
        "_max_pool_scatter(Tensor grad_output, Tensor self, Tensor indices, int nd, int kind) -> Tensor",
    .kernel = scatter_kernel,
    .backward = scatter_backward,
    .node = "MaxPool2DWithIndicesBackwardBackward",
    .saves = TE_SAVE_ARG (2),
    .constant_args = 1u << 2,
    .doc = "Adds each value to the place of its plane that its index names; in the sizes of self." },
  { .schema = "_max_pool_put(Tensor self, Tensor indices, int[] sizes, int nd) -> Tensor",
    .kernel = put_kernel,
    .backward = put_backward,
    .node = "MaxUnpool2DBackward",
    .saves = TE_SAVE_ARG (1),
    .doc = "The same for given sizes." },
  { .schema = "_max_pool_gather(Tensor self, Tensor indices, int nd) -> Tensor",
    .kernel = gather_kernel,
    .backward = gather_backward,
    .node = "GatherBackward",
    .saves = TE_SAVE_ARG (1),
    .doc = "Takes from each plane what the indices name." },
};

TE_OP_FAMILY (te_family_max_pool, rows);
