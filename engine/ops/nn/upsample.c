/* Resampling of the last one to three dimensions: each output pixel is a weighted sum over a few input pixels
 * per dimension (1 nearest, 2 linear, 4 cubic).  Tables of positions and weights are made once; backward adds
 * back through the same tables, and its own backward is the forward again. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ops/nn/nn-private.h"
#include "ops/nn/rows.h"

typedef enum
{
  UP_NEAREST,
  UP_NEAREST_EXACT,
  UP_LINEAR,
  UP_CUBIC,
  UP_LINEAR_SMOOTH, /* antialias: the kernel grows with the step between samples */
  UP_CUBIC_SMOOTH,
} UpMode;

typedef struct
{
  int taps;
  int64_t *at;    /* out * taps */
  double *weight; /* out * taps */
} Table;

typedef struct
{
  int nd;
  int64_t planes, in[3], out[3];
  double factor[3]; /* as given; 0: from the sizes */
  Table table[3];
  TeScratch scratch;
  const void *from;
  void *to;
} Upsample;

static double
source_scale (UpMode mode, bool align, int64_t in, int64_t out, double factor)
{
  if (align && mode >= UP_LINEAR)
    return out > 1 ? (double) (in - 1) / (double) (out - 1) : 0;
  return factor > 0 ? 1 / factor : (double) in / (double) out;
}

static double
cubic_near (double x)
{
  return ((-0.75 + 2) * x - (-0.75 + 3)) * x * x + 1;
}
static double
cubic_far (double x)
{
  return ((-0.75 * x + 5 * 0.75) * x - 8 * 0.75) * x + 4 * 0.75;
}

/* How far a smooth kernel reaches, in input pixels. */
static double
smooth_reach (UpMode mode, double scale)
{
  double half = mode == UP_CUBIC_SMOOTH ? 2 : 1;
  return scale >= 1 ? half * scale : half;
}

/* Triangle, and Keys' cubic with a = -1/2.  Source: Keys 1981. */
static double
smooth_weight (UpMode mode, double x)
{
  x = fabs (x);
  if (mode == UP_LINEAR_SMOOTH)
    return x < 1 ? 1 - x : 0;
  if (x < 1)
    return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

static void
fill_smooth (Table *t, UpMode mode, double scale, int64_t in, int64_t out)
{
  double reach = smooth_reach (mode, scale), inverse = scale >= 1 ? 1 / scale : 1;
  for (int64_t i = 0; i < out; i++)
    {
      double centre = scale * ((double) i + 0.5), total = 0;
      int64_t first = te_nn_max (0, (int64_t) (centre - reach + 0.5));
      int64_t n = te_nn_min ((int64_t) (centre + reach + 0.5), in) - first;
      for (int k = 0; k < t->taps; k++)
        {
          double w = k < n ? smooth_weight (mode, ((double) (first + k) - centre + 0.5) * inverse) : 0;
          t->at[i * t->taps + k] = te_nn_min (first + k, in - 1);
          t->weight[i * t->taps + k] = w;
          total += w;
        }
      for (int k = 0; k < t->taps && total != 0; k++)
        t->weight[i * t->taps + k] /= total;
    }
}

static void
fill_table (Table *t, UpMode mode, bool align, int64_t in, int64_t out, double factor)
{
  double scale = source_scale (mode, align, in, out, factor);
  if (mode >= UP_LINEAR_SMOOTH)
    {
      fill_smooth (t, mode, scale, in, out);
      return;
    }
  for (int64_t i = 0; i < out; i++)
    {
      int64_t *at = t->at + i * t->taps;
      double *w = t->weight + i * t->taps;
      if (mode <= UP_NEAREST_EXACT)
        {
          float place = mode == UP_NEAREST ? (float) i * (float) scale : ((float) i + 0.5f) * (float) scale;
          int64_t index = in == out                             ? i
                          : mode == UP_NEAREST && out == 2 * in ? i / 2
                                                                : (int64_t) floorf (place);
          at[0] = te_nn_min (index, in - 1);
          w[0] = 1;
          continue;
        }
      double place = align ? scale * (double) i : scale * ((double) i + 0.5) - 0.5;
      if (mode == UP_LINEAR)
        {
          place = place < 0 ? 0 : place;
          at[0] = te_nn_min ((int64_t) place, in - 1);
          at[1] = te_nn_min (at[0] + 1, in - 1);
          w[1] = te_nn_min (at[0] + 1, in) > at[0] ? place - (double) at[0] : 0;
          w[0] = 1 - w[1];
          continue;
        }
      double base = floor (place), part = place - base;
      const double weights[4] = { cubic_far (part + 1), cubic_near (part), cubic_near (1 - part),
                                  cubic_far (2 - part) };
      for (int k = 0; k < 4; k++)
        {
          at[k] = te_nn_max (0, te_nn_min ((int64_t) base - 1 + k, in - 1));
          w[k] = weights[k];
        }
    }
}

#define FOR_TAPS(BODY)                                                                                       \
  const Table *a = u->table;                                                                                 \
  for (int64_t z = 0, o = 0; z < u->out[0]; z++)                                                             \
    for (int64_t y = 0; y < u->out[1]; y++)                                                                  \
      for (int64_t x = 0; x < u->out[2]; x++, o++)                                                           \
        for (int i = 0; i < a[0].taps; i++)                                                                  \
          for (int j = 0; j < a[1].taps; j++)                                                                \
            for (int k = 0; k < a[2].taps; k++)                                                              \
              {                                                                                              \
                int64_t p = (a[0].at[z * a[0].taps + i] * u->in[1] + a[1].at[y * a[1].taps + j]) * u->in[2]  \
                            + a[2].at[x * a[2].taps + k];                                                    \
                double w = a[0].weight[z * a[0].taps + i] * a[1].weight[y * a[1].taps + j]                   \
                           * a[2].weight[x * a[2].taps + k];                                                 \
                BODY                                                                                         \
              }

#define STAMP(T, suffix)                                                                                     \
  static void spread_##suffix (void *ctx, int64_t begin, int64_t end)                                        \
  {                                                                                                          \
    const Upsample *u = ctx;                                                                                 \
    int64_t n_in = u->in[0] * u->in[1] * u->in[2], n_out = u->out[0] * u->out[1] * u->out[2];                \
    for (int64_t plane = begin; plane < end; plane++)                                                        \
      {                                                                                                      \
        const T *from = (const T *) u->from + plane * n_in;                                                  \
        T *to = (T *) u->to + plane * n_out;                                                                 \
        memset (to, 0, (size_t) n_out * sizeof (T));                                                         \
        FOR_TAPS (to[o] += (T) w * from[p];)                                                                 \
      }                                                                                                      \
  }                                                                                                          \
  static void gather_##suffix (void *ctx, int64_t begin, int64_t end)                                        \
  {                                                                                                          \
    const Upsample *u = ctx;                                                                                 \
    int64_t n_in = u->in[0] * u->in[1] * u->in[2], n_out = u->out[0] * u->out[1] * u->out[2];                \
    for (int64_t plane = begin; plane < end; plane++)                                                        \
      {                                                                                                      \
        const T *from = (const T *) u->from + plane * n_out;                                                 \
        T *to = (T *) u->to + plane * n_in;                                                                  \
        memset (to, 0, (size_t) n_in * sizeof (T));                                                          \
        FOR_TAPS (to[p] += (T) w * from[o];)                                                                 \
      }                                                                                                      \
  }
/* clang-format off */
STAMP (float, f32)
STAMP (double, f64)
/* clang-format on */
#undef STAMP

static bool
empty_sizes (const Upsample *u, TeError *err)
{
  char in[96], out[96];
  const char *letters = "DHW";
  int at = 0, to = 0;
  for (int i = 3 - u->nd; i < 3; i++)
    {
      const char *comma = i < 2 ? ", " : "";
      at +=
          snprintf (in + at, sizeof in - (size_t) at, "%c: %lld%s", letters[i], (long long) u->in[i], comma);
      to += snprintf (out + to, sizeof out - (size_t) to, "%c: %lld%s", letters[i], (long long) u->out[i],
                      comma);
    }
  return te_error_set (err, TE_ERR_RUNTIME,
                       "Input and output sizes should be greater than 0, but got input (%s)%s output (%s)",
                       in, u->nd == 1 ? " and" : "", out);
}

static bool
upsample_begin (Upsample *u, int ndim, const int64_t *in_sizes, const int64_t *out, int nd, TeError *err)
{
  *u = (Upsample){ .nd = nd, .planes = 1, .in = { 1, 1, 1 }, .out = { 1, 1, 1 } };
  for (int i = 0; i < ndim - nd; i++)
    u->planes *= in_sizes[i];
  for (int i = 0; i < nd; i++)
    {
      u->in[3 - nd + i] = in_sizes[ndim - nd + i];
      u->out[3 - nd + i] = out[i];
    }
  for (int i = 3 - nd; i < 3; i++)
    if (u->out[i] <= 0 || u->in[i] <= 0)
      return empty_sizes (u, err);
  return te_nn_check_small (u->out, 3, "output_size", err);
}

static int
taps_of (UpMode mode, bool align, int64_t in, int64_t out, double factor)
{
  switch (mode)
    {
    case UP_NEAREST:
    case UP_NEAREST_EXACT:
      return 1;
    case UP_LINEAR:
      return 2;
    case UP_CUBIC:
      return 4;
    case UP_LINEAR_SMOOTH:
    case UP_CUBIC_SMOOTH:
      return (int) ceil (smooth_reach (mode, source_scale (mode, align, in, out, factor))) * 2 + 1;
    }
  return 0;
}

/* Tables of positions and weights; made once the result has found memory. */
static bool
upsample_tables (Upsample *u, UpMode mode, bool align, const TeValue *scales, TeError *err)
{
  int64_t entries = 0;
  int nd = u->nd;
  for (int d = 0; d < 3; d++)
    {
      int i = d - (3 - nd);
      double factor =
          i >= 0 && scales->kind == TE_VALUE_FLOAT_LIST && i < scales->count ? scales->floats[i] : 0;
      u->factor[d] = factor;
      u->table[d].taps = i < 0 ? 1 : taps_of (mode, align, u->in[d], u->out[d], factor);
      entries += u->out[d] * u->table[d].taps;
    }
  if (!te_nn_scratch (&u->scratch, (size_t) entries * (sizeof (int64_t) + sizeof (double)), err))
    return false;
  int64_t *at = u->scratch.data;
  double *weight = (double *) (at + entries);
  for (int d = 0; d < 3; d++)
    {
      int64_t n = u->out[d] * u->table[d].taps;
      u->table[d].at = at;
      u->table[d].weight = weight;
      fill_table (&u->table[d], d < 3 - nd ? UP_NEAREST : mode, align, u->in[d], u->out[d], u->factor[d]);
      at += n;
      weight += n;
    }
  return true;
}

static bool
upsample_run (Upsample *u, TeTensor *from, TeTensor *to, bool gather, TeError *err)
{
  TeTensor *x = te_nn_contiguous (from, err);
  if (x)
    {
      u->from = te_tensor_data (x);
      u->to = te_tensor_data (to);
      bool is_double = te_tensor_dtype (from) == TE_FLOAT64;
      if (to->numel)
        te_parallel_for (
            u->planes, te_nn_max (1, 8192 / (u->out[0] * u->out[1] * u->out[2])),
            gather ? (is_double ? gather_f64 : gather_f32) : (is_double ? spread_f64 : spread_f32), u);
    }
  te_tensor_unref (x);
  te_nn_scratch_free (&u->scratch);
  return x != NULL;
}

/* mode, dimensions and whether align_corners is an argument, from the row's name */
static UpMode
row_mode (const char *name)
{
  bool smooth = strstr (name, "_aa") != NULL;
  return strstr (name, "exact")     ? UP_NEAREST_EXACT
         : strstr (name, "nearest") ? UP_NEAREST
         : strstr (name, "cubic")   ? (smooth ? UP_CUBIC_SMOOTH : UP_CUBIC)
                                    : (smooth ? UP_LINEAR_SMOOTH : UP_LINEAR);
}
static int
row_nd (const char *name)
{
  return name[strcspn (name, "123")] - '0';
}

static bool upsample_kernel (TeOpCall *call, TeError *err);

/* Bytes are copied as floats, which hold them all. */
static bool
upsample_bytes (TeOpCall *call, TeError *err)
{
  TeTensor *out = NULL, *floats = te_to_dtype (call->args[0].tensor, TE_FLOAT32, err);
  TeValue args[TE_OP_MAX_ARGS];
  memcpy (args, call->args, (size_t) call->op->n_args * sizeof *args);
  args[0].tensor = floats;
  TeOpCall inner = { .op = call->op, .args = args, .n_outs = 1, .outs = &out };
  bool ok = floats && upsample_kernel (&inner, err);
  TeTensor *bytes = ok ? te_to_dtype (out, TE_UINT8, err) : NULL;
  te_tensor_unref (floats);
  te_tensor_unref (out);
  return te_nn_out (call, 0, bytes);
}

static bool
upsample_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeTensor *self = v[0].tensor;
  UpMode mode = row_mode (call->op->name);
  int nd = row_nd (call->op->name);
  bool has_align = mode >= UP_LINEAR;
  Upsample u;
  char text[256];
  if (v[1].count != nd || self->ndim != nd + 2)
    return te_error_set (err, TE_ERR_RUNTIME, "It is expected input_size equals to %d, but got size %d",
                         nd + 2, self->ndim);
  if (te_tensor_dtype (self) == TE_UINT8 && !has_align)
    return upsample_bytes (call, err);
  bool last = nd > 1 && te_shape_is_channels_last (self->ndim, self->sizes, self->strides);
  snprintf (text, sizeof text, "%s%s", call->op->name, last ? "_channels_last" : "");
  if (!te_nn_check_floating (self, text, err))
    return false;
  for (int i = 1; i < self->ndim; i++)
    if (self->sizes[i] == 0)
      return te_error_set (err, TE_ERR_RUNTIME,
                           "Non-empty %dD data tensor expected but got a tensor with sizes %s", nd + 2,
                           te_nn_sizes_text (self, text, sizeof text));
  if (!upsample_begin (&u, self->ndim, self->sizes, v[1].ints, nd, err))
    return false;
  int64_t sizes[5] = { self->sizes[0], self->sizes[1] };
  memcpy (sizes + 2, v[1].ints, (size_t) nd * sizeof *sizes);
  TeTensor *out = te_tensor_new (self->ndim, sizes, te_tensor_dtype (self), err);
  if (out
      && (!upsample_tables (&u, mode, has_align && v[2].b, &v[has_align ? 3 : 2], err)
          || !upsample_run (&u, self, out, false, err)))
    te_tensor_clear (&out);
  return te_nn_out (call, 0, te_nn_follow_format (out, self, err));
}

/* NAME_backward (grad, sizes of the input, align_corners, scales) */
static bool
gather_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeTensor *grad = v[0].tensor;
  int nd = row_nd (call->op->name);
  Upsample u;
  if (!upsample_begin (&u, v[1].count, v[1].ints, grad->sizes + grad->ndim - nd, nd, err))
    return false;
  TeTensor *out = te_tensor_new (v[1].count, v[1].ints, te_tensor_dtype (grad), err);
  if (out
      && (!upsample_tables (&u, row_mode (call->op->name), v[2].b, &v[3], err)
          || !upsample_run (&u, grad, out, true, err)))
    te_tensor_clear (&out);
  return te_nn_out (call, 0, te_nn_follow_format (out, grad, err));
}

static bool
run (const TeOp *op, const TeValue *args, TeTensor **result, TeError *err)
{
  TeOpCall call = { .op = op, .args = args };
  if (!te_dispatch (&call, err))
    return false;
  *result = te_tensor_ref (call.outs[0]);
  te_op_call_clear (&call);
  return true;
}

static bool
upsample_backward (TeBackward *ctx, TeError *err)
{
  char name[64];
  snprintf (name, sizeof name, "%s_backward", ctx->op->name);
  bool has_align = row_mode (ctx->op->name) >= UP_LINEAR;
  const TeMeta *m = &ctx->metas[0];
  const TeValue args[4] = { { .kind = TE_VALUE_TENSOR, .tensor = ctx->grads[0] },
                            { .kind = TE_VALUE_INT_LIST, .count = m->ndim, .ints = te_nn_meta_sizes (m) },
                            { .kind = TE_VALUE_BOOL, .b = has_align && ctx->args[2].b },
                            ctx->args[has_align ? 3 : 2] };
  return run (te_registry_find (name), args, &ctx->results[0], err);
}

/* The gradient is linear: its own gradient resamples again. */
static bool
gather_backward (TeBackward *ctx, TeError *err)
{
  char name[64];
  snprintf (name, sizeof name, "%.*s", (int) (strlen (ctx->op->name) - strlen ("_backward")), ctx->op->name);
  bool has_align = row_mode (name) >= UP_LINEAR;
  const TeMeta *m = &ctx->metas[0];
  int nd = row_nd (name);
  TeValue args[4] = { { .kind = TE_VALUE_TENSOR, .tensor = ctx->grads[0] },
                      { .kind = TE_VALUE_INT_LIST, .count = nd, .ints = te_nn_meta_sizes (m) + m->ndim - nd },
                      ctx->args[2],
                      ctx->args[3] };
  if (!has_align)
    args[2] = args[3];
  return run (te_registry_find (name), args, &ctx->results[0], err);
}

#define BACKWARD_ROW(NAME, NODE)                                                                             \
  {                                                                                                          \
    .schema = NAME "_backward(Tensor grad_output, int[] input_size, bool align_corners, float[]? scales) "   \
                   "-> Tensor",                                                                              \
    .kernel = gather_kernel, .backward = gather_backward, .node = NODE "BackwardBackward1",                  \
    .doc = "The gradient of resampling."                                                                     \
  }
#define PLAIN_ROWS(NAME, NODE)                                                                               \
  { .schema = NAME "(Tensor self, int[] output_size, float[]? scales=None) -> Tensor",                       \
    .flags = TE_OP_NN | TE_OP_WIDENS | TE_OP_WIDENS_INTEGERS,                                                \
    .kernel = upsample_kernel,                                                                               \
    .backward = upsample_backward,                                                                           \
    .node = NODE "Backward1",                                                                                \
    .doc = "Resamples (N, C, …) to output_size: the nearest pixel." },                                       \
      BACKWARD_ROW (NAME, NODE)
#define ALIGN_ROWS(NAME, NODE)                                                                               \
  { .schema = NAME "(Tensor self, int[] output_size, bool align_corners, float[]? scales=None) -> Tensor",   \
    .flags = TE_OP_NN | TE_OP_WIDENS,                                                                        \
    .kernel = upsample_kernel,                                                                               \
    .backward = upsample_backward,                                                                           \
    .node = NODE "Backward1",                                                                                \
    .doc = "Resamples (N, C, …) to output_size by interpolation." },                                         \
      BACKWARD_ROW (NAME, NODE)

static const TeOpDef rows[] = {
  PLAIN_ROWS ("upsample_nearest1d", "UpsampleNearest1D"),
  PLAIN_ROWS ("upsample_nearest2d", "UpsampleNearest2D"),
  PLAIN_ROWS ("upsample_nearest3d", "UpsampleNearest3D"),
  PLAIN_ROWS ("_upsample_nearest_exact1d", "UpsampleNearestExact1D"),
  PLAIN_ROWS ("_upsample_nearest_exact2d", "UpsampleNearestExact2D"),
  PLAIN_ROWS ("_upsample_nearest_exact3d", "UpsampleNearestExact3D"),
  ALIGN_ROWS ("upsample_linear1d", "UpsampleLinear1D"),
  ALIGN_ROWS ("upsample_bilinear2d", "UpsampleBilinear2D"),
  ALIGN_ROWS ("upsample_trilinear3d", "UpsampleTrilinear3D"),
  ALIGN_ROWS ("upsample_bicubic2d", "UpsampleBicubic2D"),
  ALIGN_ROWS ("_upsample_bilinear2d_aa", "UpsampleBilinear2DAa"),
  ALIGN_ROWS ("_upsample_bicubic2d_aa", "UpsampleBicubic2DAa"),
};

TE_OP_FAMILY (te_family_upsample, rows);
