/* Direct convolution with neighbouring pixels of one image in the lanes of a vector.  Compiled twice: with
 * eight lanes, and with sixteen for AVX-512.
 *
 * Forward and data gradient are one kernel, "correlate": out[c][pixel] = sum over j of weight[c][j] *
 * source[base[pixel] + offset[j]], on sources that lie as conv-layout.h says.  Lanes without a pixel are
 * computed and thrown away. */
#include "ops/nn/conv-layout.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "ops/nn/conv-block.h"

#define MAX_SLOTS   8
#define MIN_SLOTS   4
#define TILE        (8 * TE_CONV_VECTORS) /* vectors whose source stays in the cache for all channels */
#define MAX_NBYTES  (16 << 20)            /* of an image */
#define MAX_BUFFERS 64

/* ---- buffers, as many as threads, each taken by who needs one ---- */
typedef struct
{
  char *data;
  int64_t step; /* bytes of one */
  int n;
  _Atomic int busy[MAX_BUFFERS];
  bool clean[MAX_BUFFERS];    /* its zeros are there */
  int64_t image[MAX_BUFFERS]; /* what it holds, from 1 on */
} Buffers;

static int
buffers_take (Buffers *b)
{
  for (;;)
    for (int i = 0; i < b->n; i++)
      {
        int idle = 0;
        if (atomic_compare_exchange_strong (&b->busy[i], &idle, 1))
          return i;
      }
}

/* ---- forward and data gradient ---- */
typedef struct
{
  const TeConvPlan *plan;
  TeConvSource source;
  TeConvGrid grids[TE_CONV_MAX_PHASES];
  int n_grids;
  int64_t parts, n_tiles; /* an image in parts, of so many tiles together */
  int64_t channels;       /* of the target */
  int64_t target_volume, source_step;
  const float *bias, *data;
  float *target;
  Buffers buffers;
} Correlate;

static inline void
put (const TeConvGrid *g, float *plane, int64_t v, TeLanes value)
{
  int32_t mask = g->masks[v];
  if (!g->spots)
    {
      te_lanes_compress (plane + g->before[v], value, mask);
      return;
    }
  float lanes[TE_LANES];
  const int32_t *spot = g->spots + g->before[v];
  memcpy (lanes, &value, sizeof lanes);
  for (int l = 0; l < TE_LANES; l++)
    if (mask >> l & 1)
      plane[*spot++] = lanes[l];
}

static void
correlate_tile (const Correlate *c, const TeConvGrid *g, int64_t begin, const float *source, float *target)
{
  int64_t end = te_nn_min (begin + TILE, g->n_vectors), groups = c->plan->groups;
  int64_t results = c->channels / groups, sources = c->source.channels / groups,
          n_offsets = sources * g->n_taps;
  for (int64_t group = 0; group < groups; group++)
    for (int64_t b = 0; b < te_conv_blocks (results); b++)
      {
        int64_t first = group * results + te_conv_block_begin (results, b);
        int channels = (int) (te_conv_block_begin (results, b + 1) - te_conv_block_begin (results, b));
        for (int64_t v = begin, n; v < end; v += n)
          {
            const float *pixel[TE_CONV_VECTORS];
            TeConvSums sums;
            n = te_conv_vectors (end - v);
            for (int q = 0; q < n; q++)
              pixel[q] = source + group * sources * c->source.volume + g->bases[v + q];
            te_conv_correlate (channels, (int) n, pixel, g->offsets, n_offsets, g->weight + first * n_offsets,
                               c->bias ? c->bias + first : NULL, sums);
            for (int k = 0; k < channels; k++)
              for (int q = 0; q < n; q++)
                put (g, target + (first + k) * c->target_volume, v + q, sums[k][q]);
          }
      }
}

static float *
buffer_of_image (Buffers *b, int at, const TeConvSource *s, const float *data, int64_t image)
{
  float *source = (float *) (b->data + at * b->step);
  if (!b->clean[at])
    memset (source, 0, (size_t) s->nbytes);
  b->clean[at] = true;
  if (b->image[at] != image + 1)
    te_conv_source_fill (s, data, source);
  b->image[at] = image + 1;
  return source;
}

static void
correlate_task (void *ctx, int64_t begin, int64_t end)
{
  Correlate *c = ctx;
  int at = buffers_take (&c->buffers);
  for (int64_t i = begin; i < end; i++)
    {
      int64_t image = i / c->parts, part = i % c->parts, tile = 0;
      const float *source =
          buffer_of_image (&c->buffers, at, &c->source, c->data + image * c->source_step, image);
      float *target = c->target + image * c->channels * c->target_volume;
      for (int g = 0; g < c->n_grids; g++)
        for (int64_t v = 0; v < c->grids[g].n_vectors; v += TILE, tile++)
          if (tile >= c->n_tiles * part / c->parts && tile < c->n_tiles * (part + 1) / c->parts)
            correlate_tile (c, &c->grids[g], v, source, target);
    }
  atomic_store (&c->buffers.busy[at], 0);
}

static void
correlate_prepare (Correlate *c, bool to_wide, const float *weight, TeConvRoom *room)
{
  const TeConvPlan *p = c->plan;
  int32_t *taps = te_conv_take (room, te_conv_volume (p->kernel) * 4);
  c->buffers.data = te_conv_take (room, c->buffers.step * c->buffers.n);
  te_conv_source_take (&c->source, room);
  for (int i = 0; i < c->n_grids; i++)
    {
      TeConvGrid *g = &c->grids[i];
      te_conv_grid_take (p, &c->source, g, c->channels, room);
      if (!room->data)
        continue;
      te_conv_grid_fill (p, to_wide, &c->source, g, taps);
      te_conv_pack_weight (p, to_wide, g->n_taps, taps, TE_CONV_CHANNELS, weight, g->weight);
    }
}

static int
n_buffers (int64_t items)
{
  return (int) te_nn_max (1, te_nn_min (te_nn_min (te_get_num_threads (), MAX_BUFFERS), items));
}

static bool
correlate (const TeConvPlan *p,
           bool to_wide,
           const float *data,
           const float *weight,
           const float *bias,
           float *target,
           TeError *err)
{
  Correlate c = { .plan = p,
                  .channels = to_wide ? p->wide_channels : p->narrow_channels,
                  .target_volume = te_conv_volume (to_wide ? p->wide : p->narrow),
                  .bias = bias,
                  .data = data,
                  .target = target };
  TeConvRoom room = { 0 };
  TeScratch scratch;
  c.n_grids = te_conv_layout (p, to_wide, TE_LANES, &c.source, c.grids);
  for (int i = 0; i < c.n_grids; i++)
    c.n_tiles += te_nn_ceil_div (c.grids[i].n_vectors, TILE);
  c.source_step = c.source.channels * te_conv_volume (c.source.sizes);
  c.parts = te_nn_min (c.n_tiles, te_nn_ceil_div (MAX_SLOTS, p->n));
  c.buffers.n = n_buffers (p->n * c.parts);
  c.buffers.step = c.source.nbytes;
  correlate_prepare (&c, to_wide, weight, &room);
  if (!te_nn_scratch (&scratch, room.used, err))
    return false;
  room = (TeConvRoom){ .data = scratch.data };
  correlate_prepare (&c, to_wide, weight, &room);
  te_parallel_for (p->n * c.parts, 1, correlate_task, &c);
  te_nn_scratch_free (&scratch);
  return true;
}

static bool
rows_to_narrow (const TeConvPlan *p,
                const float *wide,
                const float *weight,
                const float *bias,
                float *narrow,
                TeError *err)
{
  return correlate (p, false, wide, weight, bias, narrow, err);
}

static bool
rows_to_wide (const TeConvPlan *p,
              const float *narrow,
              const float *weight,
              const float *bias,
              float *wide,
              TeError *err)
{
  return correlate (p, true, narrow, weight, bias, wide, err);
}

/* ---- weight gradient ---- */

/* Images are shared out to slots, each with its own sum; few images are cut into parts by channels. */
typedef struct
{
  const TeConvPlan *plan;
  TeConvSource source;
  TeConvGrid grid;
  int64_t images, slots, parts; /* images that lie ready together */
  int64_t n_offsets, wide_step, narrow_volume;
  const float *wide, *narrow;
  TeLanes *sums; /* [slot][block][three taps][of te_conv_weigh] */
  int64_t block_step, slot_step;
  Buffers buffers;
} Weigh;

/* The gradient of a block of channels at vectors begin to end of `images` images as [image][vector][channel].
 */
static void
weigh_fill (const Weigh *w,
            const float *narrow,
            int channels,
            int64_t images,
            int64_t begin,
            int64_t end,
            TeLanes *grad)
{
  const TeConvGrid *g = &w->grid;
  for (int64_t i = 0; i < images; i++, grad += (end - begin) * channels)
    for (int k = 0; k < channels; k++)
      {
        const float *plane = narrow + (i * w->plan->narrow_channels + k) * w->narrow_volume;
        for (int64_t v = begin; v < end; v++)
          grad[(v - begin) * channels + k] = te_lanes_expand (plane + g->before[v], g->masks[v]);
      }
}

/* Adds the gradients of some images for one block of channels. */
static void
weigh_block (const Weigh *w,
             const float *source,
             const float *narrow,
             int channels,
             int64_t images,
             TeLanes *grad,
             TeLanes *sums)
{
  const TeConvGrid *g = &w->grid;
  TeConvTaps taps = { .n_images = images, .step = w->source.nbytes / (int64_t) sizeof *source, .grad = grad };
  for (int64_t begin = 0; begin < g->n_vectors; begin += TE_CONV_SUM_LENGTH)
    {
      int64_t end = te_nn_min (begin + TE_CONV_SUM_LENGTH, g->n_vectors);
      TeLanes *sum = sums;
      weigh_fill (w, narrow, channels, images, begin, end, grad);
      taps.bases = g->bases + begin;
      taps.masks = g->masks + begin;
      taps.n_vectors = end - begin;
      for (int64_t j = 0; j < w->n_offsets; j += TE_CONV_VECTORS, sum += TE_CONV_SUM_VECTORS)
        {
          for (int q = 0; q < TE_CONV_VECTORS; q++)
            taps.tap[q] = source + g->offsets[te_nn_min (j + q, w->n_offsets - 1)];
          te_conv_weigh (channels, &taps, sum);
        }
    }
}

static void
weigh_images (Weigh *w, int at, int64_t begin, int64_t end, int64_t part, TeLanes *sums)
{
  const TeConvPlan *p = w->plan;
  char *data = w->buffers.data + at * w->buffers.step;
  TeLanes *grad = (TeLanes *) (data + w->images * w->source.nbytes);
  int64_t per_group = p->narrow_channels / p->groups, blocks = te_conv_blocks (per_group),
          n = p->groups * blocks;
  if (!w->buffers.clean[at])
    memset (data, 0, (size_t) (w->images * w->source.nbytes));
  w->buffers.clean[at] = true;
  for (int64_t i = begin; i < end; i++)
    te_conv_source_fill (&w->source, w->wide + i * w->wide_step,
                         (float *) (data + (i - begin) * w->source.nbytes));
  for (int64_t i = n * part / w->parts; i < n * (part + 1) / w->parts; i++)
    {
      int64_t group = i / blocks, first = te_conv_block_begin (per_group, i % blocks);
      int channels = (int) (te_conv_block_begin (per_group, i % blocks + 1) - first);
      weigh_block (w, (const float *) data + group * (p->wide_channels / p->groups) * w->source.volume,
                   w->narrow + (begin * p->narrow_channels + group * per_group + first) * w->narrow_volume,
                   channels, end - begin, grad, sums + i * w->block_step);
    }
}

static void
weigh_task (void *ctx, int64_t begin, int64_t end)
{
  Weigh *w = ctx;
  int at = buffers_take (&w->buffers);
  for (int64_t i = begin; i < end; i++)
    {
      int64_t slot = i / w->parts, part = i % w->parts;
      for (int64_t image = slot * w->images; image < w->plan->n; image += w->slots * w->images)
        weigh_images (w, at, image, te_nn_min (image + w->images, w->plan->n), part,
                      w->sums + slot * w->slot_step);
    }
  atomic_store (&w->buffers.busy[at], 0);
}

static void
weigh_prepare (Weigh *w, TeConvRoom *room)
{
  const TeConvPlan *p = w->plan;
  int32_t *taps = te_conv_take (room, te_conv_volume (p->kernel) * 4);
  w->buffers.data = te_conv_take (room, w->buffers.step * w->buffers.n);
  te_conv_source_take (&w->source, room);
  w->sums = te_conv_take (room, w->slots * w->slot_step * (int64_t) sizeof (TeLanes));
  te_conv_grid_take (p, &w->source, &w->grid, 0, room);
  if (room->data)
    te_conv_grid_fill (p, false, &w->source, &w->grid, taps);
}

/* Adds the slots up, in order, and puts the sums where their weights are. */
static void
weigh_finish (const Weigh *w, float *weight)
{
  int64_t per_group = w->plan->narrow_channels / w->plan->groups, blocks = te_conv_blocks (per_group);
  for (int64_t s = 1; s < w->slots; s++)
    for (int64_t i = 0; i < w->slot_step; i++)
      w->sums[i] += w->sums[s * w->slot_step + i];
  for (int64_t b = 0; b < w->plan->groups * blocks; b++)
    {
      int64_t begin = te_conv_block_begin (per_group, b % blocks),
              end = te_conv_block_begin (per_group, b % blocks + 1);
      for (int64_t k = begin; k < end; k++)
        {
          float *to = weight + (b / blocks * per_group + k) * w->n_offsets;
          const float *from = (const float *) (w->sums + b * w->block_step) + (k - begin) * TE_CONV_VECTORS;
          for (int64_t j = 0; j < w->n_offsets; j++)
            to[j] = from[j / TE_CONV_VECTORS * (TE_CONV_SUM_VECTORS * TE_LANES) + j % TE_CONV_VECTORS];
        }
    }
}

static bool
rows_to_weight (const TeConvPlan *p, const float *wide, const float *narrow, float *weight, TeError *err)
{
  Weigh w = { .plan = p, .wide = wide, .narrow = narrow };
  TeConvRoom room = { 0 };
  TeScratch scratch;
  int64_t blocks = p->groups * te_conv_blocks (p->narrow_channels / p->groups);
  te_conv_layout (p, false, TE_LANES, &w.source, &w.grid);
  w.images =
      te_nn_max (1, te_nn_min (te_nn_ceil_div (p->n, MIN_SLOTS), TE_CONV_SUM_LENGTH / w.grid.n_vectors));
  w.slots = te_nn_min (MAX_SLOTS, te_nn_ceil_div (p->n, w.images));
  w.parts = te_nn_min (blocks, te_nn_ceil_div (MIN_SLOTS, w.slots));
  w.n_offsets = p->wide_channels / p->groups * te_conv_volume (p->kernel);
  w.block_step = te_nn_ceil_div (w.n_offsets, TE_CONV_VECTORS) * TE_CONV_SUM_VECTORS;
  w.slot_step = blocks * w.block_step;
  w.wide_step = p->wide_channels * te_conv_volume (p->wide);
  w.narrow_volume = te_conv_volume (p->narrow);
  int64_t grad_vectors = w.images * te_nn_min (w.grid.n_vectors, TE_CONV_SUM_LENGTH);
  w.buffers.n = n_buffers (w.slots * w.parts);
  w.buffers.step = w.images * w.source.nbytes + grad_vectors * TE_CONV_CHANNELS * (int64_t) sizeof (TeLanes);
  weigh_prepare (&w, &room);
  if (!te_nn_scratch (&scratch, room.used, err))
    return false;
  room = (TeConvRoom){ .data = scratch.data };
  weigh_prepare (&w, &room);
  memset (w.sums, 0, (size_t) (w.slots * w.slot_step) * sizeof *w.sums);
  te_parallel_for (w.slots * w.parts, 1, weigh_task, &w);
  weigh_finish (&w, weight);
  te_nn_scratch_free (&scratch);
  return true;
}

/* Short rows are laid out less well than long ones, and all weights are read once for few images. */
static double
rows_cost (const TeConvPlan *p, bool to_wide)
{
  TeConvSource s;
  TeConvGrid grids[TE_CONV_MAX_PHASES];
  int64_t vectors = 0, pixels = 0, width = 1;
  int n = p->n ? te_conv_layout (p, to_wide, TE_LANES, &s, grids) : 0;
  if (!n || s.nbytes > MAX_NBYTES)
    return INFINITY;
  for (int i = 0; i < n; i++)
    {
      int64_t taps = te_nn_max (1, grids[i].n_taps);
      vectors += te_nn_max (2, grids[i].n_vectors) * taps;
      pixels += grids[i].n_pixels * taps;
      width = te_nn_max (width, grids[i].sizes[2]);
    }
  return (double) (vectors * TE_LANES) / (double) pixels * (1 + 4.0 / (double) width)
         + 128.0 / (double) (p->n * te_conv_volume (p->narrow));
}

#if TE_LANES == 16
const TeConvDirect te_conv_rows_16 =
#else
const TeConvDirect te_conv_rows_8 =
#endif
    { .cost = rows_cost, .to_narrow = rows_to_narrow, .to_wide = rows_to_wide, .to_weight = rows_to_weight };
