/* grid_sampler: values of (N, C, [D,] H, W) at the places that grid (N, …, 2 or 3) names, -1 … 1 being the
 * borders. Each coordinate gives a few taps (1 nearest, 2 linear, 4 cubic) with weights and the weights'
 * slopes; a sample is the sum over all combinations.  Source: Jaderberg et al. 2015 (spatial transformer
 * networks). */
#include <math.h>
#include <string.h>

#include "base/checked.h"
#include "ops/expr.h"
#include "ops/nn/nn-private.h"
#include "ops/nn/rows.h"

typedef enum
{
  GRID_BILINEAR,
  GRID_NEAREST,
  GRID_BICUBIC,
} GridMode;

typedef enum
{
  GRID_ZEROS,
  GRID_BORDER,
  GRID_REFLECTION,
} GridPadding;

typedef struct
{
  GridMode mode;
  GridPadding padding;
  bool align, is_double;
  int nd;
  int64_t batch, channels, n_in, n_out; /* elements of a plane */
  int64_t in[3];                        /* depth, height, width; missing leading ones are 1 */
  const void *x, *grid, *grad;
  void *y, *grad_x, *grad_grid;
} Grid;

typedef struct
{
  int n;
  int64_t at[4]; /* -1: outside */
  double weight[4], slope[4];
} Taps;

/* ---- coordinates ---- */
/* Mirrors c between low / 2 and high / 2; *slope is multiplied by the direction. */
static double
mirror (double c, double twice_low, double twice_high, double *slope)
{
  if (twice_low == twice_high)
    {
      *slope = 0;
      return 0;
    }
  double low = twice_low / 2, span = (twice_high - twice_low) / 2, sign = 1;
  c -= low;
  if (c < 0)
    {
      sign = -1;
      c = -c;
    }
  double extra = fmod (c, span);
  bool even = fmod (floor (c / span), 2) == 0;
  *slope *= even ? sign : -sign;
  return even ? extra + low : span - extra + low;
}

static double
clip (double c, int64_t size, double *slope)
{
  double last = (double) (size - 1);
  if (!(c > 0))
    {
      *slope = 0;
      return 0;
    }
  if (c >= last)
    {
      *slope = 0;
      return last;
    }
  return c;
}

static double
into_bounds (const Grid *g, double c, int64_t size, double *slope)
{
  if (g->padding == GRID_ZEROS)
    return c;
  if (g->padding == GRID_REFLECTION)
    c = g->align ? mirror (c, 0, 2 * (double) (size - 1), slope)
                 : mirror (c, -1, 2 * (double) size - 1, slope);
  return clip (c, size, slope);
}

/* -1 … 1 to pixels. */
static double
to_pixels (const Grid *g, double c, int64_t size, double *slope)
{
  *slope = g->align ? (double) (size - 1) / 2 : (double) size / 2;
  return g->align ? (c + 1) / 2 * (double) (size - 1) : ((c + 1) * (double) size - 1) / 2;
}

static int64_t
tap_at (double c, int64_t size)
{
  return c >= 0 && c < (double) size ? (int64_t) c : -1;
}

static void
cubic_taps (const Grid *g, Taps *t, double c, int64_t size, double slope)
{
  const double a = -0.75;
  double base = floor (c), f = c - base;
  for (int k = 0; k < 4; k++)
    {
      double d = fabs (f - (double) (k - 1)), sign = f >= k - 1 ? 1 : -1, ignored = 1;
      bool near = k == 1 || k == 2;
      t->weight[k] = near ? ((a + 2) * d - (a + 3)) * d * d + 1 : ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
      t->slope[k] =
          (near ? (3 * (a + 2) * d - 2 * (a + 3)) * d : (3 * a * d - 10 * a) * d + 8 * a) * sign * slope;
      t->at[k] = tap_at (into_bounds (g, base - 1 + k, size, &ignored), size);
    }
  t->n = 4;
}

static void
taps_of (const Grid *g, Taps *t, double c, int64_t size)
{
  double slope;
  if (!isfinite (c) && g->padding == GRID_ZEROS && g->mode != GRID_NEAREST) /* the weights are no numbers */
    {
      *t = (Taps){ 1, { 0 }, { NAN }, { NAN } };
      return;
    }
  c = to_pixels (g, isfinite (c) ? c : -100, size, &slope);
  if (g->mode == GRID_BICUBIC)
    {
      cubic_taps (g, t, c, size, slope);
      return;
    }
  c = into_bounds (g, c, size, &slope);
  if (g->mode == GRID_NEAREST)
    {
      *t = (Taps){ 1, { tap_at (nearbyint (c), size) }, { 1 }, { 0 } };
      return;
    }
  double base = floor (c), f = c - base;
  *t = (Taps){ 2, { tap_at (base, size), tap_at (base + 1, size) }, { 1 - f, f }, { -slope, slope } };
}

/* The taps of one place: t[0] depth, t[1] height, t[2] width. */
static void
place_taps (const Grid *g, int64_t place, Taps t[3])
{
  t[0] = (Taps){ 1, { 0 }, { 1 }, { 0 } };
  for (int d = 0; d < g->nd; d++)
    {
      int64_t at = place * g->nd + d;
      double c = g->is_double ? ((const double *) g->grid)[at] : (double) ((const float *) g->grid)[at];
      taps_of (g, &t[2 - d], c, g->in[2 - d]);
    }
}

#define FOR_TAPS(BODY)                                                                                       \
  for (int i = 0; i < t[0].n; i++)                                                                           \
    for (int j = 0; j < t[1].n; j++)                                                                         \
      for (int k = 0; k < t[2].n; k++)                                                                       \
        {                                                                                                    \
          if (t[0].at[i] < 0 || t[1].at[j] < 0 || t[2].at[k] < 0)                                            \
            continue;                                                                                        \
          int64_t p = (t[0].at[i] * g->in[1] + t[1].at[j]) * g->in[2] + t[2].at[k];                          \
          double wz = t[0].weight[i], wy = t[1].weight[j], wx = t[2].weight[k];                              \
          BODY                                                                                               \
        }

#define STAMP(T, suffix)                                                                                     \
  static void forward_##suffix (void *ctx, int64_t begin, int64_t end)                                       \
  {                                                                                                          \
    const Grid *g = ctx;                                                                                     \
    Taps t[3];                                                                                               \
    for (int64_t place = begin; place < end; place++)                                                        \
      {                                                                                                      \
        int64_t n = place / g->n_out;                                                                        \
        place_taps (g, place, t);                                                                            \
        for (int64_t c = 0; c < g->channels; c++)                                                            \
          {                                                                                                  \
            const T *x = (const T *) g->x + (n * g->channels + c) * g->n_in;                                 \
            double sum = 0;                                                                                  \
            FOR_TAPS (sum += (double) x[p] * (wz * wy * wx);)                                                \
            ((T *) g->y)[(n * g->channels + c) * g->n_out + place % g->n_out] = (T) sum;                     \
          }                                                                                                  \
      }                                                                                                      \
  }                                                                                                          \
  /* whole images, so that no two threads add to one plane */                                                \
  static void backward_##suffix (void *ctx, int64_t begin, int64_t end)                                      \
  {                                                                                                          \
    const Grid *g = ctx;                                                                                     \
    Taps t[3];                                                                                               \
    for (int64_t place = begin * g->n_out; place < end * g->n_out; place++)                                  \
      {                                                                                                      \
        int64_t n = place / g->n_out;                                                                        \
        double along[3] = { 0 };                                                                             \
        place_taps (g, place, t);                                                                            \
        for (int64_t c = 0; c < g->channels; c++)                                                            \
          {                                                                                                  \
            const T *x = (const T *) g->x + (n * g->channels + c) * g->n_in;                                 \
            T *gx = g->grad_x ? (T *) g->grad_x + (n * g->channels + c) * g->n_in : NULL;                    \
            double gy = (double) ((const T *) g->grad)[(n * g->channels + c) * g->n_out + place % g->n_out]; \
            FOR_TAPS (if (gx) gx[p] += (T) (gy * wz * wy * wx); double v = gy * (double) x[p];               \
                      along[0] += v * t[0].slope[i] * wy * wx; along[1] += v * wz * t[1].slope[j] * wx;      \
                      along[2] += v * wz * wy * t[2].slope[k];)                                              \
          }                                                                                                  \
        for (int d = 0; d < g->nd && g->grad_grid; d++)                                                      \
          ((T *) g->grad_grid)[place * g->nd + d] = (T) along[2 - d];                                        \
      }                                                                                                      \
  }
/* clang-format off */
STAMP (float, f32)
STAMP (double, f64)
/* clang-format on */
#undef STAMP

/* ---- bilinear sampling of pictures in float ---- */
/* A sample near a pixel's border falls on one side or the other by its last bit, and the slope of the grid
 * jumps there.  So floats are rounded here exactly as PyTorch's vectors of WIDE places round them; what
 * outside taps weigh still counts (a NaN stays one). */
#define WIDE              8
#define SLOPE(a, b, c, d) fmaf (c, d, (a) * (b))

typedef struct
{
  int64_t at[4];          /* north west, north east, south west, south east; -1: outside */
  float weight[4];        /* the same four */
  float w, e, n, s;       /* parts of a pixel to each side */
  float slope_x, slope_y; /* of pixels by grid units, 0 where clipped */
} Corners;

static float
pixel_of (const Grid *g, float c, int64_t size, float *slope)
{
  double full = 1;
  *slope = g->align ? (float) (size - 1) / 2 : (float) size / 2;
  if (!isfinite (c) && g->padding == GRID_BORDER)
    c = -100;
  float at = g->align ? (c + 1) * *slope : fmaf (c + 1, *slope, -0.5F);
  if (g->padding == GRID_BORDER)
    at = (float) clip ((double) at, size, &full);
  *slope *= (float) full;
  return at;
}

static void
corners_of (const Grid *g, int64_t place, Corners *q)
{
  const float *c = (const float *) g->grid + place * 2;
  float x = pixel_of (g, c[0], g->in[2], &q->slope_x), y = pixel_of (g, c[1], g->in[1], &q->slope_y);
  float west = floorf (x), north = floorf (y);
  q->w = x - west, q->e = 1 - q->w, q->n = y - north, q->s = 1 - q->n;
  const float weights[4] = { q->e * q->s, q->w * q->s, q->e * q->n, q->w * q->n };
  memcpy (q->weight, weights, sizeof weights);
  for (int k = 0; k < 4; k++)
    {
      int64_t row = tap_at ((double) (north + (float) (k / 2)), g->in[1]);
      int64_t column = tap_at ((double) (west + (float) (k % 2)), g->in[2]);
      q->at[k] = row < 0 || column < 0 ? -1 : row * g->in[2] + column;
    }
}

static void
corner_values (const Corners *q, const float *x, float v[4])
{
  for (int k = 0; k < 4; k++)
    v[k] = q->at[k] < 0 ? 0 : x[q->at[k]];
}

static void
forward_bilinear (void *ctx, int64_t begin, int64_t end)
{
  const Grid *g = ctx;
  for (int64_t place = begin; place < end; place++)
    {
      int64_t n = place / g->n_out;
      Corners q;
      corners_of (g, place, &q);
      for (int64_t c = 0; c < g->channels; c++)
        {
          float v[4], sum;
          corner_values (&q, (const float *) g->x + (n * g->channels + c) * g->n_in, v);
          sum = v[0] * q.weight[0];
          for (int k = 1; k < 4; k++)
            sum = fmaf (v[k], q.weight[k], sum);
          ((float *) g->y)[(n * g->channels + c) * g->n_out + place % g->n_out] = sum;
        }
    }
}

/* Count places from one on, of image n. */
static void
backward_wide (const Grid *g, int64_t n, int64_t first, int64_t count)
{
  Corners q[WIDE];
  float along[WIDE][2] = { { 0 } };
  for (int64_t p = 0; p < count; p++)
    corners_of (g, n * g->n_out + first + p, &q[p]);
  for (int64_t c = 0; c < g->channels; c++)
    {
      int64_t plane = n * g->channels + c;
      const float *x = (const float *) g->x + plane * g->n_in;
      const float *grad = (const float *) g->grad + plane * g->n_out + first;
      for (int k = 0; k < 4 && g->grad_x; k++)
        for (int64_t p = 0; p < count; p++)
          if (q[p].at[k] >= 0)
            ((float *) g->grad_x)[plane * g->n_in + q[p].at[k]] += q[p].weight[k] * grad[p];
      for (int64_t p = 0; p < count; p++)
        {
          float v[4];
          corner_values (&q[p], x, v);
          along[p][0] = fmaf (SLOPE (v[1] - v[0], q[p].s, v[3] - v[2], q[p].n), grad[p], along[p][0]);
          along[p][1] = fmaf (SLOPE (v[2] - v[0], q[p].e, v[3] - v[1], q[p].w), grad[p], along[p][1]);
        }
    }
  for (int64_t p = 0; p < count && g->grad_grid; p++)
    {
      float *out = (float *) g->grad_grid + (n * g->n_out + first + p) * 2;
      out[0] = along[p][0] * q[p].slope_x;
      out[1] = along[p][1] * q[p].slope_y;
    }
}

static void
backward_bilinear (void *ctx, int64_t begin, int64_t end)
{
  const Grid *g = ctx;
  for (int64_t n = begin; n < end; n++)
    for (int64_t first = 0; first < g->n_out; first += WIDE)
      backward_wide (g, n, first, g->n_out - first < WIDE ? g->n_out - first : WIDE);
}

static bool
bilinear_float (const Grid *g)
{
  return g->nd == 2 && g->mode == GRID_BILINEAR && g->padding != GRID_REFLECTION && !g->is_double;
}

/* ---- arguments ---- */
static bool
check_shapes (const TeTensor *x, const TeTensor *grid, int64_t mode, TeError *err)
{
  char a[256], b[256];
  te_nn_sizes_text (x, a, sizeof a);
  te_nn_sizes_text (grid, b, sizeof b);
  if (x->ndim && grid->ndim && x->sizes[0] != grid->sizes[0])
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "grid_sampler(): expected grid and input to have same batch size, but got input with sizes "
        "%s and grid with sizes %s",
        a, b);
  if (grid->ndim && grid->sizes[grid->ndim - 1] != x->ndim - 2)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "grid_sampler(): expected grid to have size %d in last dimension, but got grid with sizes %s",
        x->ndim - 2, b);
  if ((x->ndim != 4 && x->ndim != 5) || x->ndim != grid->ndim)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "grid_sampler(): expected 4D or 5D input and grid with same number of dimensions, but got "
        "input with sizes %s and grid with sizes %s",
        a, b);
  for (int i = 2; i < x->ndim; i++)
    if (x->sizes[i] == 0)
      return te_error_set (
          err, TE_ERR_RUNTIME,
          "grid_sampler(): expected input to have non-empty spatial dimensions, but input has sizes "
          "%s with dimension %d being empty",
          a, i);
  if (x->ndim == 5 && mode == GRID_BICUBIC)
    return te_error_set (err, TE_ERR_RUNTIME, "grid_sampler(): bicubic interpolation only supports 4D input");
  return true;
}

static bool
grid_take (Grid *g, const TeTensor *x, const TeTensor *grid, const TeValue *options, TeError *err)
{
  if (!check_shapes (x, grid, options[0].i, err))
    return false;
  if (te_tensor_dtype (x) != te_tensor_dtype (grid))
    return te_error_set (err, TE_ERR_RUNTIME, "expected scalar type %s but found %s",
                         te_dtype_error_name (te_tensor_dtype (x)),
                         te_dtype_error_name (te_tensor_dtype (grid)));
  if (!te_nn_check_floating (x, x->ndim == 4 ? "grid_sampler_2d_cpu_kernel_impl" : "grid_sampler3d_cpu", err))
    return false;
  *g = (Grid){ .mode = (GridMode) options[0].i,
               .padding = (GridPadding) options[1].i,
               .align = options[2].b,
               .is_double = te_tensor_dtype (x) == TE_FLOAT64,
               .nd = x->ndim - 2,
               .batch = x->sizes[0],
               .channels = x->sizes[1],
               .n_in = 1,
               .n_out = 1,
               .in = { 1, 1, 1 } };
  for (int i = 0; i < g->nd; i++)
    {
      g->in[3 - g->nd + i] = x->sizes[2 + i];
      g->n_in *= x->sizes[2 + i];
      g->n_out *= grid->sizes[1 + i];
    }
  return true;
}

static bool
sample_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeTensor *input = v[0].tensor, *at = v[1].tensor;
  Grid g;
  if (!grid_take (&g, input, at, &v[2], err))
    return false;
  int64_t sizes[5] = { g.batch, g.channels };
  memcpy (sizes + 2, at->sizes + 1, (size_t) g.nd * sizeof *sizes);
  TeTensor *x = te_nn_contiguous (input, err), *grid = x ? te_nn_contiguous (at, err) : NULL;
  TeTensor *out = grid ? te_tensor_new (input->ndim, sizes, te_tensor_dtype (input), err) : NULL;
  if (out && out->numel)
    {
      g.x = te_tensor_data (x);
      g.grid = te_tensor_data (grid);
      g.y = te_tensor_data (out);
      te_parallel_for (g.batch * g.n_out, te_nn_max (1, 2048 / te_nn_max (1, g.channels)),
                       bilinear_float (&g) ? forward_bilinear
                       : g.is_double       ? forward_f64
                                           : forward_f32,
                       &g);
    }
  te_tensor_unref (x);
  te_tensor_unref (grid);
  return te_nn_out (call, 0, te_nn_follow_format (out, input, err));
}

/* grid_sampler_Nd_backward (grad, input, grid, mode, padding, align, needs input, needs grid) */
static bool
backward_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeTensor *input = v[1].tensor, *at = v[2].tensor, *x = NULL, *grid = NULL, *grad = NULL;
  TeDtype dtype = te_tensor_dtype (input);
  Grid g;
  if (!grid_take (&g, input, at, &v[3], err))
    return false;
  bool ok = (x = te_nn_contiguous (input, err)) && (grid = te_nn_contiguous (at, err))
            && (grad = te_contiguous_copy (v[0].tensor, dtype, err))
            && (!v[6].b || (call->outs[0] = te_nn_zeros (input->ndim, input->sizes, dtype, err)))
            && (!v[7].b || (call->outs[1] = te_nn_zeros (at->ndim, at->sizes, dtype, err)));
  if (ok && grad->numel)
    {
      g.x = te_tensor_data (x);
      g.grid = te_tensor_data (grid);
      g.grad = te_tensor_data (grad);
      g.grad_x = v[6].b ? te_tensor_data (call->outs[0]) : NULL;
      g.grad_grid = v[7].b ? te_tensor_data (call->outs[1]) : NULL;
      te_parallel_for (g.batch, 1,
                       bilinear_float (&g) ? backward_bilinear
                       : g.is_double       ? backward_f64
                                           : backward_f32,
                       &g);
    }
  te_tensor_unref (x);
  te_tensor_unref (grid);
  te_tensor_unref (grad);
  return ok;
}

static bool
sample_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (flat, "grid_sampler_2d_backward");
  TE_OP (deep, "grid_sampler_3d_backward");
  const TeValue *v = ctx->args;
  TeTensor *outs[2] = { NULL };
  bool ok = te_call_multi (ctx->metas[0].ndim == 4 ? flat : deep, outs, 2, err, "TTTiibbb", ctx->grads[0],
                           ctx->inputs[0], ctx->inputs[1], v[2].i, v[3].i, (int) v[4].b, (int) ctx->needs[0],
                           (int) ctx->needs[1]);
  ctx->results[0] = outs[0];
  ctx->results[1] = outs[1];
  return ok;
}

/* grid_sampler: by the number of dimensions. */
static bool
choose_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (flat, "grid_sampler_2d");
  TE_OP (deep, "grid_sampler_3d");
  const TeValue *v = call->args;
  if (!check_shapes (v[0].tensor, v[1].tensor, v[2].i, err))
    return false;
  return te_nn_out (call, 0,
                    te_call (v[0].tensor->ndim == 4 ? flat : deep, err, "TTiib", v[0].tensor, v[1].tensor,
                             v[2].i, v[3].i, (int) v[4].b));
}

/* ---- affine grids ---- */
/* n places along a dimension, rounded as linspace (-1, 1, n) * (n - 1) / n is. */
static TeTensor *
places_along (TeExpr *e, int64_t n, bool align, TeDtype dtype)
{
  TeScalar first = te_scalar_int (n > 1 ? -1 : 0);
  TeTensor *at = EX (e, "linspace", "SSid", first, te_scalar_int (1), n, dtype);
  if (align || n <= 1)
    return at;
  return EX (e, "div.Scalar", "TS", EX (e, "mul.Scalar", "TS", at, te_scalar_int (n - 1)), te_scalar_int (n));
}

/* The places of all pixels with a 1 behind: (1, volume, nd + 1). */
static TeTensor *
base_grid (const TeValue *size, bool align, TeDtype dtype, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  int nd = size->count - 2;
  size_t item = te_dtype_nbytes (dtype);
  int64_t volume = 1, step = 1;
  for (int i = 0; i < nd; i++)
    if (size->ints[2 + i] < 0 || !te_mul_i64 (volume, size->ints[2 + i], &volume))
      {
        te_error_set (err, TE_ERR_RUNTIME, "affine_grid: no tensor has %lld places along a dimension",
                      (long long) size->ints[2 + i]);
        return NULL;
      }
  const int64_t sizes[3] = { 1, volume, nd + 1 };
  TeTensor *out = te_expr_keep (&e, te_tensor_new (3, sizes, dtype, err)), *result = NULL;
  for (int d = 0; d < nd && !e.failed; d++)
    {
      int64_t n = size->ints[size->count - 1 - d];
      TeTensor *at = places_along (&e, n, align, dtype);
      for (int64_t p = 0; p < volume && at; p++)
        memcpy ((char *) te_tensor_data (out) + (size_t) (p * (nd + 1) + d) * item,
                (const char *) te_tensor_data (at) + (size_t) (p / step % n) * item, item);
      step *= n;
    }
  for (int64_t p = 0; p < volume && !e.failed; p++)
    te_scalar_store (te_scalar_float (1), dtype,
                     (char *) te_tensor_data (out) + (size_t) (p * (nd + 1) + nd) * item);
  return te_expr_end (&e, out, &result) ? result : NULL;
}

/* affine_grid_generator (theta (N, nd, nd + 1), size, align_corners): theta applied to all places. */
static bool
affine_twin (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeExpr e = TE_EXPR (err);
  TeTensor *theta = v[0].tensor;
  int nd = v[1].count - 2;
  if (nd != 2 && nd != 3)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "AffineGridGenerator needs 4d (spatial) or 5d (volumetric) inputs.");
  int64_t n = v[1].ints[0], shape[5] = { n };
  memcpy (shape + 1, v[1].ints + 2, (size_t) nd * sizeof *shape);
  shape[nd + 1] = nd;
  TeTensor *base = te_expr_keep (&e, base_grid (&v[1], v[2].b, te_tensor_dtype (theta), err));
  int64_t wide[3] = { n, base ? base->sizes[1] : 0, nd + 1 };
  TeTensor *all = base ? EX (&e, "expand", "TI", base, wide, 3) : NULL;
  TeTensor *turned = EX (&e, "transpose.int", "Tii", theta, (int64_t) 1, (int64_t) 2);
  return te_expr_end (&e, EX (&e, "view", "TI", EX (&e, "bmm", "TT", all, turned), shape, nd + 2),
                      &call->outs[0]);
}

#define SAMPLE_ROWS(N, NODE)                                                                                 \
  { .schema =                                                                                                \
        "grid_sampler_" N "d(Tensor input, Tensor grid, int interpolation_mode, int padding_mode, bool "     \
        "align_corners) -> Tensor",                                                                          \
    .flags = TE_OP_FUNCTION,                                                                                 \
    .kernel = sample_kernel,                                                                                 \
    .backward = sample_backward,                                                                             \
    .node = NODE,                                                                                            \
    .saves = TE_SAVE_ARG (0) | TE_SAVE_ARG (1),                                                              \
    .doc = "Values of input at the places that grid names." },                                               \
  {                                                                                                          \
    .schema = "grid_sampler_" N "d_backward(Tensor grad_output, Tensor input, Tensor grid, int "             \
              "interpolation_mode, int padding_mode, bool align_corners, bool need_input, bool need_grid) "  \
              "-> (Tensor, Tensor)",                                                                         \
    .kernel = backward_kernel, .node = "NotImplemented", .doc = "Gradients of grid_sampler_" N "d."          \
  }

static const TeOpDef rows[] = {
  SAMPLE_ROWS ("2", "GridSampler2DBackward"),
  SAMPLE_ROWS ("3", "GridSampler3DBackward"),
  { .schema = "grid_sampler(Tensor input, Tensor grid, int interpolation_mode, int padding_mode, bool "
              "align_corners) "
              "-> Tensor",
    .flags = TE_OP_FUNCTION | TE_OP_COMPOSITE,
    .kernel = choose_kernel,
    .doc = "Values of (N, C, H, W) or (N, C, D, H, W) at the places that grid names." },
  { .schema = "affine_grid_generator(Tensor theta, int[] size, bool align_corners) -> Tensor",
    .flags = TE_OP_FUNCTION,
    .kernel = te_nn_twin_kernel,
    .twin = affine_twin,
    .node = "AffineGridGeneratorBackward",
    .saves = TE_SAVE_ARG (0),
    .doc = "The places of all pixels of (N, C, …), moved by theta." },
};

TE_OP_FAMILY (te_family_grid_sample, rows);
