/* Resampling of the last one to three dimensions: each output pixel is a weighted sum over a few input pixels
 * per dimension (1 nearest, 2 linear, 4 cubic).  Tables of positions and weights are made once; backward adds
 * back through the same tables, and its own backward is the forward again. */
#include <math.h>
#include <string.h>

#include "ops/nn/nn-private.h"
#include "ops/nn/rows.h"

typedef enum
{
  UP_NEAREST,
  UP_NEAREST_EXACT,
  UP_LINEAR,
  UP_CUBIC,
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

static void
fill_table (Table *t, UpMode mode, bool align, int64_t in, int64_t out, double factor)
{
  double scale = source_scale (mode, align, in, out, factor);
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
upsample_begin (Upsample *u, int ndim, const int64_t *in_sizes, const int64_t *out, int nd, TeError *err)
{
  *u = (Upsample){ .nd = nd, .planes = 1, .in = { 1, 1, 1 }, .out = { 1, 1, 1 } };
  for (int i = 0; i < ndim - nd; i++)
    u->planes *= in_sizes[i];
  for (int i = 0; i < nd; i++)
    {
      u->in[3 - nd + i] = in_sizes[ndim - nd + i];
      u->out[3 - nd + i] = out[i];
      if (out[i] <= 0 || in_sizes[ndim - nd + i] <= 0)
        return te_error_set (
            err, TE_ERR_RUNTIME,
            "Input and output sizes should be greater than 0, but got input (%lld) output (%lld)",
            (long long) in_sizes[ndim - nd + i], (long long) out[i]);
    }
  return te_nn_check_small (u->out, 3, "output_size", err);
}

/* Tables of positions and weights; made once the result has found memory. */
static bool
upsample_tables (Upsample *u, UpMode mode, bool align, const TeValue *scales, TeError *err)
{
  int64_t entries = 0;
  int nd = u->nd;
  for (int d = 0; d < 3; d++)
    {
      u->table[d].taps = d < 3 - nd ? 1 : mode == UP_CUBIC ? 4 : mode == UP_LINEAR ? 2 : 1;
      entries += u->out[d] * u->table[d].taps;
    }
  if (!te_nn_scratch (&u->scratch, (size_t) entries * (sizeof (int64_t) + sizeof (double)), err))
    return false;
  int64_t *at = u->scratch.data;
  double *weight = (double *) (at + entries);
  for (int d = 0; d < 3; d++)
    {
      int64_t n = u->out[d] * u->table[d].taps;
      int i = d - (3 - nd);
      u->table[d].at = at;
      u->table[d].weight = weight;
      fill_table (&u->table[d], i < 0 ? UP_NEAREST : mode, align, u->in[d], u->out[d],
                  i >= 0 && scales->kind == TE_VALUE_FLOAT_LIST && i < scales->count ? scales->floats[i] : 0);
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
  return strstr (name, "exact")     ? UP_NEAREST_EXACT
         : strstr (name, "nearest") ? UP_NEAREST
         : strstr (name, "cubic")   ? UP_CUBIC
                                    : UP_LINEAR;
}
static int
row_nd (const char *name)
{
  return name[strlen (name) - 2] - '0';
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
  if (!te_nn_check_floating (self, call->op->name, err))
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

/* _upsample_gather (grad, sizes of the input, nd, mode, align, scales) */
static bool
gather_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeTensor *grad = v[0].tensor;
  int nd = (int) v[2].i;
  Upsample u;
  if (!upsample_begin (&u, v[1].count, v[1].ints, grad->sizes + grad->ndim - nd, nd, err))
    return false;
  TeTensor *out = te_tensor_new (v[1].count, v[1].ints, te_tensor_dtype (grad), err);
  if (out
      && (!upsample_tables (&u, (UpMode) v[3].i, v[4].b, &v[5], err)
          || !upsample_run (&u, grad, out, true, err)))
    te_tensor_clear (&out);
  return te_nn_out (call, 0, out);
}

static bool
upsample_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "_upsample_gather");
  const char *name = ctx->op->name;
  UpMode mode = row_mode (name);
  bool has_align = mode >= UP_LINEAR;
  const TeValue *scales = &ctx->args[has_align ? 3 : 2];
  TeOpCall call = { .op = op };
  const TeMeta *m = &ctx->metas[0];
  TeValue args[6] = { { .kind = TE_VALUE_TENSOR, .tensor = ctx->grads[0] },
                      { .kind = TE_VALUE_INT_LIST, .count = m->ndim, .ints = te_nn_meta_sizes (m) },
                      { .kind = TE_VALUE_INT, .i = row_nd (name) },
                      { .kind = TE_VALUE_INT, .i = mode },
                      { .kind = TE_VALUE_BOOL, .b = has_align && ctx->args[2].b },
                      *scales };
  call.args = args;
  if (!te_dispatch (&call, err))
    return false;
  ctx->results[0] = te_tensor_ref (call.outs[0]);
  te_op_call_clear (&call);
  return true;
}

#define PLAIN_ROW(NAME, NODE)                                                                                \
  {                                                                                                          \
    .schema = NAME "(Tensor self, int[] output_size, float[]? scales=None) -> Tensor", .flags = TE_OP_NN,    \
    .kernel = upsample_kernel, .backward = upsample_backward, .node = NODE,                                  \
    .doc = "Resamples (N, C, …) to output_size: the nearest pixel."                                        \
  }
#define ALIGN_ROW(NAME, NODE)                                                                                \
  {                                                                                                          \
    .schema = NAME "(Tensor self, int[] output_size, bool align_corners, float[]? scales=None) -> Tensor",   \
    .flags = TE_OP_NN, .kernel = upsample_kernel, .backward = upsample_backward, .node = NODE,               \
    .doc = "Resamples (N, C, …) to output_size by interpolation."                                          \
  }

static const TeOpDef rows[] = {
  PLAIN_ROW ("upsample_nearest1d", "UpsampleNearest1DBackward1"),
  PLAIN_ROW ("upsample_nearest2d", "UpsampleNearest2DBackward1"),
  PLAIN_ROW ("upsample_nearest3d", "UpsampleNearest3DBackward1"),
  PLAIN_ROW ("_upsample_nearest_exact1d", "UpsampleNearestExact1DBackward1"),
  PLAIN_ROW ("_upsample_nearest_exact2d", "UpsampleNearestExact2DBackward1"),
  PLAIN_ROW ("_upsample_nearest_exact3d", "UpsampleNearestExact3DBackward1"),
  ALIGN_ROW ("upsample_linear1d", "UpsampleLinear1DBackward1"),
  ALIGN_ROW ("upsample_bilinear2d", "UpsampleBilinear2DBackward1"),
  ALIGN_ROW ("upsample_trilinear3d", "UpsampleTrilinear3DBackward1"),
  ALIGN_ROW ("upsample_bicubic2d", "UpsampleBicubic2DBackward1"),
  { .schema = "_upsample_gather(Tensor self, int[] sizes, int nd, int mode, bool align_corners, float[]? "
              "scales) -> Tensor",
    .kernel = gather_kernel,
    .node = "UpsampleBackwardBackward",
    .doc = "The gradient of resampling." },
};

TE_OP_FAMILY (te_family_upsample, rows);
