/* Convolution as matrix products: each tile of an image's narrow side is unrolled into columns (the taps that
 * each pixel sees) that stay in the cache, and BLAS multiplies them with the weights.  Images are shared out
 * to a fixed number of slots, each with its own columns; the weight gradient is summed per slot, then over
 * slots in order. Source: Chellapilla, Puri, Simard 2006. */
#include "ops/nn/conv-plan.h"

#include <string.h>

#include "ops/linalg/gemm.h"

#define COLUMN_FLOATS (96 * 1024)
#define MAX_SLOTS     8

typedef struct
{
  const TeConvPlan *plan;
  TeDtype dtype;
  size_t nbytes;                          /* of an element */
  int64_t wide_channels, narrow_channels; /* per group */
  int64_t taps, n_rows;                   /* rows of a column matrix: wide_channels * taps */
  int64_t line, n_lines, tile_lines;      /* narrow pixels in lines of `line`; lines per tile */
  int64_t n_items, slots;                 /* images times groups */
  bool pointwise;                         /* 1x1, stride 1: the wide side is its own column matrix */
  const char *wide_in, *narrow_in, *weight, *bias;
  char *wide_out, *narrow_out, *weight_out;
  char *columns;
  size_t columns_step;
  char *partial; /* weight gradients per slot */
} Gemm;

static void
gemm_begin (Gemm *g, const TeConvPlan *p, TeDtype dtype)
{
  g->plan = p;
  g->dtype = dtype;
  g->nbytes = te_dtype_nbytes (dtype);
  g->wide_channels = p->wide_channels / p->groups;
  g->narrow_channels = p->narrow_channels / p->groups;
  g->taps = te_conv_volume (p->kernel);
  g->n_rows = g->wide_channels * g->taps;
  g->line = p->narrow[2];
  g->n_lines = p->narrow[0] * p->narrow[1];
  g->tile_lines = te_nn_min (g->n_lines, te_nn_max (1, COLUMN_FLOATS / te_nn_max (1, g->n_rows * g->line)));
  g->n_items = p->n * p->groups;
  g->slots = te_nn_min (g->n_items, MAX_SLOTS);
  g->pointwise = g->taps == 1;
  for (int d = 0; d < 3; d++)
    g->pointwise = g->pointwise && p->stride[d] == 1 && p->pad[d] == 0 && p->narrow[d] == p->wide[d];
  if (g->pointwise)
    g->tile_lines = g->n_lines;
  g->columns_step = g->pointwise ? 0 : (size_t) (g->n_rows * g->tile_lines * g->line) * g->nbytes;
}

/* The taps seen by one line of narrow pixels, for one tap: where it starts in the wide line, and how many
 * pixels from which one on lie inside. */
static void
line_range (const TeConvPlan *p, int64_t tap_x, int64_t line, int64_t *start, int64_t *begin, int64_t *end)
{
  int64_t s = p->stride[2];
  *start = tap_x * p->dilation[2] - p->pad[2];
  *begin = *start < 0 ? te_nn_min (line, te_nn_ceil_div (-*start, s)) : 0;
  *end = *start >= p->wide[2] ? 0 : te_nn_min (line, (p->wide[2] - 1 - *start) / s + 1);
  if (*end < *begin)
    *end = *begin;
}

/* Calls visit for each (row of the column matrix, line): the piece of the wide side that it looks at, or NULL
 * where it lies wholly in the padding. */
#define FOR_EACH_LINE(g, first_line, n_lines_here, BODY)                                                     \
  do                                                                                                         \
    {                                                                                                        \
      const TeConvPlan *p_ = (g)->plan;                                                                      \
      int64_t row = 0;                                                                                       \
      for (int64_t c_ = 0; c_ < (g)->wide_channels; c_++)                                                    \
        for (int64_t tz_ = 0; tz_ < p_->kernel[0]; tz_++)                                                    \
          for (int64_t ty_ = 0; ty_ < p_->kernel[1]; ty_++)                                                  \
            for (int64_t tx_ = 0; tx_ < p_->kernel[2]; tx_++, row++)                                         \
              {                                                                                              \
                int64_t start, begin, end;                                                                   \
                line_range (p_, tx_, (g)->line, &start, &begin, &end);                                       \
                for (int64_t l_ = 0; l_ < (n_lines_here); l_++)                                              \
                  {                                                                                          \
                    int64_t z_ = ((first_line) + l_) / p_->narrow[1] * p_->stride[0] + tz_ * p_->dilation[0] \
                                 - p_->pad[0];                                                               \
                    int64_t y_ = ((first_line) + l_) % p_->narrow[1] * p_->stride[1] + ty_ * p_->dilation[1] \
                                 - p_->pad[1];                                                               \
                    bool inside = z_ >= 0 && z_ < p_->wide[0] && y_ >= 0 && y_ < p_->wide[1];                \
                    int64_t wide_at = ((c_ * p_->wide[0] + z_) * p_->wide[1] + y_) * p_->wide[2] + start;    \
                    int64_t column_at = (row * (n_lines_here) + l_) * (g)->line;                             \
                    BODY                                                                                     \
                  }                                                                                          \
              }                                                                                              \
    }                                                                                                        \
  while (0)

#define STAMP(T, suffix)                                                                                     \
  static void unroll_##suffix (const Gemm *g, const T *wide, int64_t first_line, int64_t n_lines,            \
                               T *columns)                                                                   \
  {                                                                                                          \
    int64_t stride = g->plan->stride[2];                                                                     \
    FOR_EACH_LINE (g, first_line, n_lines, {                                                                 \
      T *to = columns + column_at;                                                                           \
      if (!inside)                                                                                           \
        begin = end = g->line;                                                                               \
      for (int64_t x = 0; x < begin; x++)                                                                    \
        to[x] = 0;                                                                                           \
      if (stride == 1 && end > begin)                                                                        \
        memcpy (to + begin, wide + wide_at + begin, (size_t) (end - begin) * sizeof (T));                    \
      else                                                                                                   \
        for (int64_t x = begin; x < end; x++)                                                                \
          to[x] = wide[wide_at + x * stride];                                                                \
      for (int64_t x = end; x < g->line; x++)                                                                \
        to[x] = 0;                                                                                           \
      if (!inside)                                                                                           \
        line_range (p_, tx_, g->line, &start, &begin, &end);                                                 \
    });                                                                                                      \
  }                                                                                                          \
  static void roll_up_##suffix (const Gemm *g, const T *columns, int64_t first_line, int64_t n_lines,        \
                                T *wide)                                                                     \
  {                                                                                                          \
    int64_t stride = g->plan->stride[2];                                                                     \
    FOR_EACH_LINE (g, first_line, n_lines, {                                                                 \
      const T *from = columns + column_at;                                                                   \
      if (inside && stride == 1)                                                                             \
        {                                                                                                    \
          T *restrict to = wide + wide_at;                                                                   \
          for (int64_t x = begin; x < end; x++)                                                              \
            to[x] += from[x];                                                                                \
        }                                                                                                    \
      else if (inside)                                                                                       \
        for (int64_t x = begin; x < end; x++)                                                                \
          wide[wide_at + x * stride] += from[x];                                                             \
    });                                                                                                      \
  }                                                                                                          \
  static void fill_##suffix (T *to, int64_t channels, int64_t volume, const T *bias)                         \
  {                                                                                                          \
    for (int64_t c = 0; c < channels; c++)                                                                   \
      for (int64_t i = 0; i < volume; i++)                                                                   \
        to[c * volume + i] = bias ? bias[c] : 0;                                                             \
  }                                                                                                          \
  static void add_##suffix (T *restrict to, const T *restrict from, int64_t n)                               \
  {                                                                                                          \
    for (int64_t i = 0; i < n; i++)                                                                          \
      to[i] += from[i];                                                                                      \
  }
/* clang-format off */
STAMP (float, f32)
STAMP (double, f64)
/* clang-format on */
#undef STAMP

#define BY_DTYPE(g, name, ...)                                                                               \
  ((g)->dtype == TE_FLOAT64 ? name##_f64 (__VA_ARGS__) : name##_f32 (__VA_ARGS__))

static void
multiply (const Gemm *g,
          bool trans_a,
          bool trans_b,
          int64_t m,
          int64_t n,
          int64_t k,
          const void *a,
          int64_t lda,
          const void *b,
          int64_t ldb,
          bool accumulate,
          void *c,
          int64_t ldc)
{
  if (g->dtype == TE_FLOAT64)
    te_gemm_f64 (trans_a, trans_b, m, n, k, 1, a, lda, b, ldb, accumulate ? 1 : 0, c, ldc);
  else
    te_gemm_f32 (trans_a, trans_b, m, n, k, 1, a, lda, b, ldb, accumulate ? 1 : 0, c, ldc);
}

/* Start of an item's (image and group) channels on each side, and of its group's weights. */
static size_t
wide_at (const Gemm *g, int64_t item)
{
  return (size_t) (item * g->wide_channels * te_conv_volume (g->plan->wide)) * g->nbytes;
}
static size_t
narrow_at (const Gemm *g, int64_t item)
{
  return (size_t) (item * g->narrow_channels * te_conv_volume (g->plan->narrow)) * g->nbytes;
}
static size_t
weight_at (const Gemm *g, int64_t item)
{
  return (size_t) (item % g->plan->groups * g->narrow_channels * g->n_rows) * g->nbytes;
}

static void
narrow_item (const Gemm *g, int64_t item, char *columns)
{
  int64_t volume = te_conv_volume (g->plan->narrow);
  const char *wide = g->wide_in + wide_at (g, item);
  char *narrow = g->narrow_out + narrow_at (g, item);
  const char *bias =
      g->bias ? g->bias + (size_t) (item % g->plan->groups * g->narrow_channels) * g->nbytes : NULL;
  if (bias)
    BY_DTYPE (g, fill, (void *) narrow, g->narrow_channels, volume, (const void *) bias);
  for (int64_t first = 0; first < g->n_lines; first += g->tile_lines)
    {
      int64_t lines = te_nn_min (g->tile_lines, g->n_lines - first), pixels = lines * g->line;
      if (!g->pointwise)
        BY_DTYPE (g, unroll, g, (const void *) wide, first, lines, (void *) columns);
      multiply (g, false, false, g->narrow_channels, pixels, g->n_rows, g->weight + weight_at (g, item),
                g->n_rows, g->pointwise ? wide : columns, pixels, bias != NULL,
                narrow + (size_t) (first * g->line) * g->nbytes, volume);
    }
}

static void
wide_item (const Gemm *g, int64_t item, char *columns)
{
  int64_t volume = te_conv_volume (g->plan->narrow), wide_volume = te_conv_volume (g->plan->wide);
  char *wide = g->wide_out + wide_at (g, item);
  const char *narrow = g->narrow_in + narrow_at (g, item);
  const char *bias =
      g->bias ? g->bias + (size_t) (item % g->plan->groups * g->wide_channels) * g->nbytes : NULL;
  if (bias || !g->pointwise)
    BY_DTYPE (g, fill, (void *) wide, g->wide_channels, wide_volume, (const void *) bias);
  for (int64_t first = 0; first < g->n_lines; first += g->tile_lines)
    {
      int64_t lines = te_nn_min (g->tile_lines, g->n_lines - first), pixels = lines * g->line;
      multiply (g, true, false, g->n_rows, pixels, g->narrow_channels, g->weight + weight_at (g, item),
                g->n_rows, narrow + (size_t) (first * g->line) * g->nbytes, volume, g->pointwise && bias,
                g->pointwise ? wide : columns, pixels);
      if (!g->pointwise)
        BY_DTYPE (g, roll_up, g, (const void *) columns, first, lines, (void *) wide);
    }
}

static void
weight_item (const Gemm *g, int64_t item, char *columns, char *grad)
{
  int64_t volume = te_conv_volume (g->plan->narrow);
  const char *wide = g->wide_in + wide_at (g, item), *narrow = g->narrow_in + narrow_at (g, item);
  for (int64_t first = 0; first < g->n_lines; first += g->tile_lines)
    {
      int64_t lines = te_nn_min (g->tile_lines, g->n_lines - first), pixels = lines * g->line;
      if (!g->pointwise)
        BY_DTYPE (g, unroll, g, (const void *) wide, first, lines, (void *) columns);
      multiply (g, false, true, g->narrow_channels, g->n_rows, pixels,
                narrow + (size_t) (first * g->line) * g->nbytes, volume, g->pointwise ? wide : columns,
                pixels, true, grad + weight_at (g, item), g->n_rows);
    }
}

static void
narrow_task (void *ctx, int64_t begin, int64_t end)
{
  const Gemm *g = ctx;
  for (int64_t slot = begin; slot < end; slot++)
    for (int64_t i = slot; i < g->n_items; i += g->slots)
      narrow_item (g, i, g->columns + (size_t) slot * g->columns_step);
}

static void
wide_task (void *ctx, int64_t begin, int64_t end)
{
  const Gemm *g = ctx;
  for (int64_t slot = begin; slot < end; slot++)
    for (int64_t i = slot; i < g->n_items; i += g->slots)
      wide_item (g, i, g->columns + (size_t) slot * g->columns_step);
}

/* Slots cut the images only: all groups of an image go to one slot's sum. */
static void
weight_task (void *ctx, int64_t begin, int64_t end)
{
  const Gemm *g = ctx;
  size_t nbytes = (size_t) (g->plan->narrow_channels * g->n_rows) * g->nbytes;
  for (int64_t slot = begin; slot < end; slot++)
    {
      char *grad = slot ? g->partial + (size_t) (slot - 1) * nbytes : g->weight_out;
      memset (grad, 0, nbytes);
      for (int64_t n = slot; n < g->plan->n; n += g->slots)
        for (int64_t i = 0; i < g->plan->groups; i++)
          weight_item (g, n * g->plan->groups + i, g->columns + (size_t) slot * g->columns_step, grad);
    }
}

/* One image alone is left to the product's own tiles; more are shared out. */
static void
run (Gemm *g, TeParallelFn task)
{
  if (g->slots == 1)
    task (g, 0, 1);
  else
    te_parallel_for (g->slots, 1, task, g);
}

bool
te_conv_to_narrow (const TeConvPlan *p,
                   TeDtype dtype,
                   const void *wide,
                   const void *weight,
                   const void *bias,
                   void *narrow,
                   TeError *err)
{
  const TeConvDirect *direct = te_conv_direct (p, dtype, false);
  if (direct)
    return direct->to_narrow (p, wide, weight, bias, narrow, err);
  Gemm g = { .wide_in = wide, .weight = weight, .bias = bias, .narrow_out = narrow };
  TeScratch scratch;
  gemm_begin (&g, p, dtype);
  if (!te_nn_scratch (&scratch, (size_t) g.slots * g.columns_step, err))
    return false;
  g.columns = scratch.data;
  run (&g, narrow_task);
  te_nn_scratch_free (&scratch);
  return true;
}

bool
te_conv_to_wide (const TeConvPlan *p,
                 TeDtype dtype,
                 const void *narrow,
                 const void *weight,
                 const void *bias,
                 void *wide,
                 TeError *err)
{
  const TeConvDirect *direct = te_conv_direct (p, dtype, true);
  if (direct)
    return direct->to_wide (p, narrow, weight, bias, wide, err);
  Gemm g = { .narrow_in = narrow, .weight = weight, .bias = bias, .wide_out = wide };
  TeScratch scratch;
  gemm_begin (&g, p, dtype);
  if (!te_nn_scratch (&scratch, (size_t) g.slots * g.columns_step, err))
    return false;
  g.columns = scratch.data;
  run (&g, wide_task);
  te_nn_scratch_free (&scratch);
  return true;
}

bool
te_conv_to_weight (
    const TeConvPlan *p, TeDtype dtype, const void *wide, const void *narrow, void *weight, TeError *err)
{
  const TeConvDirect *direct = te_conv_direct (p, dtype, false);
  if (direct)
    return direct->to_weight (p, wide, narrow, weight, err);
  Gemm g = { .wide_in = wide, .narrow_in = narrow, .weight_out = weight };
  TeScratch scratch;
  gemm_begin (&g, p, dtype);
  int64_t n_weights = p->narrow_channels * g.n_rows;
  g.slots = te_nn_min (p->n, n_weights > 1024 * 1024 ? 2 : MAX_SLOTS);
  if (!g.slots)
    {
      memset (weight, 0, (size_t) n_weights * g.nbytes);
      return true;
    }
  size_t columns = (size_t) g.slots * g.columns_step;
  if (!te_nn_scratch (&scratch, columns + (size_t) (g.slots * n_weights) * g.nbytes, err))
    return false;
  g.columns = scratch.data;
  g.partial = g.columns + columns;
  run (&g, weight_task);
  for (int64_t s = 1; s < g.slots; s++)
    {
      const void *partial = g.partial + (size_t) ((s - 1) * n_weights) * g.nbytes;
      BY_DTYPE (&g, add, weight, partial, n_weights);
    }
  te_nn_scratch_free (&scratch);
  return true;
}
