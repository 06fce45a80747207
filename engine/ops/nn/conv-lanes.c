/* Direct convolution of small images: the images of a batch lie side by side in the lanes of a vector, so any kernel
 * size, stride, padding and dilation is the same loop over a list of offsets, and no element is computed for nothing as
 * long as the batch is a multiple of the lanes.  Compiled twice: with eight lanes, and with sixteen for AVX-512.
 *
 * A side is packed as [channel][padded pixel][lanes].  Forward and data gradient are one kernel,
 * "correlate": out[c][pixel] = sum over j of weight[c][j] * buffer[base[pixel] + offset[j]]; for the data
 * gradient the buffer holds the gradient spread by the stride, and the weights are read backwards. */
#include "ops/nn/conv-plan.h"

#include <string.h>

#include "ops/nn/lanes.h"

#define CHANNEL_BLOCK    4
#define PIXEL_BLOCK      3
#define PIXEL_TILE       (16 * PIXEL_BLOCK)
#define GROUPS_PER_CHUNK 8
#define MAX_SLOTS        16
#define SCRATCH_VECTORS  (1 << 20) /* aimed at for all slots together: 32 MB */

/* Where the pixels of a side go in its packed buffer: pixel i of dimension d at begin[d] + i * step[d]. */
typedef struct
{
  int64_t channels, sizes[3];
  int64_t padded[3], begin[3], step[3];
  int64_t volume; /* of padded */
  bool dense;     /* the pixels lie in order without gaps */
} Packing;

static void
packing_finish (Packing *k)
{
  k->volume = te_conv_volume (k->padded);
  k->dense = k->volume == te_conv_volume (k->sizes);
}

/* The wide side with its padding, as far as the kernel reaches. */
static Packing
packing_wide (const TeConvPlan *p)
{
  Packing k = { .channels = p->wide_channels };
  for (int d = 0; d < 3; d++)
    {
      k.sizes[d] = p->wide[d];
      k.begin[d] = p->pad[d];
      k.step[d] = 1;
      int64_t reach = (p->narrow[d] - 1) * p->stride[d] + (p->kernel[d] - 1) * p->dilation[d] + 1;
      k.padded[d] = te_nn_max (reach, p->wide[d] + p->pad[d]);
    }
  packing_finish (&k);
  return k;
}

/* The narrow side spread by the stride, so that each wide pixel reads it at fixed offsets. */
static Packing
packing_narrow_spread (const TeConvPlan *p)
{
  Packing k = { .channels = p->narrow_channels };
  for (int d = 0; d < 3; d++)
    {
      int64_t reach = (p->kernel[d] - 1) * p->dilation[d];
      k.sizes[d] = p->narrow[d];
      k.step[d] = p->stride[d];
      k.begin[d] = reach - p->pad[d];
      k.padded[d] = te_nn_max (p->wide[d] + reach, k.begin[d] + (p->narrow[d] - 1) * p->stride[d] + 1);
    }
  packing_finish (&k);
  return k;
}

static Packing
packing_dense (int64_t channels, const int64_t sizes[3])
{
  Packing k = { .channels = channels };
  for (int d = 0; d < 3; d++)
    {
      k.sizes[d] = k.padded[d] = sizes[d];
      k.step[d] = 1;
    }
  packing_finish (&k);
  return k;
}

/* One run of `length` pixels of up to TE_LANES images into consecutive vectors, `step` vectors apart.  A block is as
 * wide as a vector: an image's part of it is read at once, because images a power of two apart share a cache set. */
static void
pack_run (const float *from, int64_t image_step, int lanes, int64_t length, TeLanes *to, int64_t step)
{
  for (int64_t i = 0; i < length; i += TE_LANES)
    {
      int count = (int) te_nn_min (TE_LANES, length - i);
      TeLanes rows[TE_LANES] = { 0 };
      for (int l = 0; l < lanes; l++)
        rows[l] = te_lanes_load (from + l * image_step + i, count);
      te_lanes_transpose (rows);
      for (int j = 0; j < count; j++)
        to[(i + j) * step] = rows[j];
    }
}

/* Packs `lanes` images from `from` (n, channels, sizes); pixels before the buffer's begin are cut off
 * (padding larger than the kernel's reach). */
static void
pack (const Packing *k, const float *from, int lanes, TeLanes *to)
{
  int64_t volume = te_conv_volume (k->sizes), image_step = k->channels * volume;
  if (k->dense)
    {
      pack_run (from, image_step, lanes, k->channels * volume, to, 1);
      return;
    }
  memset (to, 0, (size_t) (k->channels * k->volume) * sizeof *to);
  int64_t skip = k->begin[2] < 0 ? te_nn_ceil_div (-k->begin[2], k->step[2]) : 0;
  int64_t x0 = k->begin[2] + skip * k->step[2];
  int64_t length = te_nn_min (k->sizes[2] - skip, (k->padded[2] - x0 + k->step[2] - 1) / k->step[2]);
  for (int64_t c = 0; c < k->channels; c++)
    for (int64_t z = 0; z < k->sizes[0]; z++)
      for (int64_t y = 0; y < k->sizes[1]; y++)
        {
          int64_t pz = k->begin[0] + z * k->step[0], py = k->begin[1] + y * k->step[1];
          if (pz < 0 || py < 0 || pz >= k->padded[0] || py >= k->padded[1] || length <= 0)
            continue;
          pack_run (from + c * volume + (z * k->sizes[1] + y) * k->sizes[2] + skip, image_step, lanes, length,
                    to + c * k->volume + (pz * k->padded[1] + py) * k->padded[2] + x0, k->step[2]);
        }
}

/* Dense packed pixels back into images. */
static void
unpack (const TeLanes *from, int64_t length, int lanes, float *to, int64_t image_step)
{
  for (int64_t i = 0; i < length; i += TE_LANES)
    {
      int count = (int) te_nn_min (TE_LANES, length - i);
      TeLanes rows[TE_LANES] = { 0 };
      for (int j = 0; j < count; j++)
        rows[j] = from[i + j];
      te_lanes_transpose (rows);
      for (int l = 0; l < lanes; l++)
        te_lanes_store (to + l * image_step + i, rows[l], count);
    }
}

/* Four channels by three pixels in twelve accumulators. */
static void
correlate_block (const TeLanes *const pixel[PIXEL_BLOCK],
                 const int32_t *offsets,
                 int64_t n_offsets,
                 const float *weight,
                 TeLanes acc[CHANNEL_BLOCK][PIXEL_BLOCK])
{
  TeLanes a00 = acc[0][0], a01 = acc[0][1], a02 = acc[0][2], a10 = acc[1][0], a11 = acc[1][1],
          a12 = acc[1][2];
  TeLanes a20 = acc[2][0], a21 = acc[2][1], a22 = acc[2][2], a30 = acc[3][0], a31 = acc[3][1],
          a32 = acc[3][2];
  const TeLanes *p0 = pixel[0], *p1 = pixel[1], *p2 = pixel[2];
  for (int64_t j = 0; j < n_offsets; j++, weight += CHANNEL_BLOCK)
    {
      int64_t o = offsets[j];
      TeLanes x0 = p0[o], x1 = p1[o], x2 = p2[o], w;
      w = te_lanes_all (weight[0]);
      a00 = te_lanes_fma (w, x0, a00);
      a01 = te_lanes_fma (w, x1, a01);
      a02 = te_lanes_fma (w, x2, a02);
      w = te_lanes_all (weight[1]);
      a10 = te_lanes_fma (w, x0, a10);
      a11 = te_lanes_fma (w, x1, a11);
      a12 = te_lanes_fma (w, x2, a12);
      w = te_lanes_all (weight[2]);
      a20 = te_lanes_fma (w, x0, a20);
      a21 = te_lanes_fma (w, x1, a21);
      a22 = te_lanes_fma (w, x2, a22);
      w = te_lanes_all (weight[3]);
      a30 = te_lanes_fma (w, x0, a30);
      a31 = te_lanes_fma (w, x1, a31);
      a32 = te_lanes_fma (w, x2, a32);
    }
  acc[0][0] = a00, acc[0][1] = a01, acc[0][2] = a02, acc[1][0] = a10, acc[1][1] = a11, acc[1][2] = a12;
  acc[2][0] = a20, acc[2][1] = a21, acc[2][2] = a22, acc[3][0] = a30, acc[3][1] = a31, acc[3][2] = a32;
}

/* ---- forward and data gradient ---- */
typedef struct
{
  Packing from, to; /* to is dense */
  int64_t n, groups, image_groups, slots;
  int64_t n_offsets, n_pixels, channels_per_group, blocks_per_group;
  const int32_t *offsets; /* n_offsets */
  const int32_t *bases;   /* n_pixels, rounded up to PIXEL_BLOCK by repeating the last */
  const float *weight;    /* [group][block][offset][CHANNEL_BLOCK] */
  const float *bias;
  const float *source;
  float *target;
  TeLanes *scratch; /* per slot: packed source, packed result */
  int64_t scratch_step;
} Correlate;

/* One block of channels over pixels begin to end. */
static void
correlate_pixels (const Correlate *c,
                  int64_t group,
                  int64_t block,
                  int64_t begin,
                  int64_t end,
                  const TeLanes *buffer,
                  TeLanes *result)
{
  const TeLanes *group_buffer = buffer + group * (c->from.channels / c->groups) * c->from.volume;
  const float *weight = c->weight + (group * c->blocks_per_group + block) * c->n_offsets * CHANNEL_BLOCK;
  int64_t first = group * c->channels_per_group + block * CHANNEL_BLOCK;
  int n_channels = (int) te_nn_min (CHANNEL_BLOCK, c->channels_per_group - block * CHANNEL_BLOCK);
  for (int64_t i = begin; i < end; i += PIXEL_BLOCK)
    {
      const TeLanes *pixel[PIXEL_BLOCK];
      TeLanes acc[CHANNEL_BLOCK][PIXEL_BLOCK];
      for (int q = 0; q < PIXEL_BLOCK; q++)
        {
          pixel[q] = group_buffer + c->bases[i + q];
          for (int k = 0; k < CHANNEL_BLOCK; k++)
            acc[k][q] = te_lanes_all (c->bias && k < n_channels ? c->bias[first + k] : 0.0f);
        }
      correlate_block (pixel, c->offsets, c->n_offsets, weight, acc);
      int count = (int) te_nn_min (PIXEL_BLOCK, end - i);
      for (int k = 0; k < n_channels; k++)
        for (int q = 0; q < count; q++)
          result[(first + k) * c->n_pixels + i + q] = acc[k][q];
    }
}

/* As many images as lanes.  All channels of a tile of pixels before the next tile, so that what they read stays in the
 * cache. */
static void
correlate_images (const Correlate *c, int64_t image_group, TeLanes *buffer)
{
  TeLanes *result = buffer + c->from.channels * c->from.volume;
  int lanes = (int) te_nn_min (TE_LANES, c->n - image_group * TE_LANES);
  int64_t from_step = c->from.channels * te_conv_volume (c->from.sizes);
  int64_t to_step = c->to.channels * c->n_pixels;
  pack (&c->from, c->source + image_group * TE_LANES * from_step, lanes, buffer);
  for (int64_t begin = 0; begin < c->n_pixels; begin += PIXEL_TILE)
    for (int64_t g = 0; g < c->groups; g++)
      for (int64_t b = 0; b < c->blocks_per_group; b++)
        correlate_pixels (c, g, b, begin, te_nn_min (begin + PIXEL_TILE, c->n_pixels), buffer, result);
  unpack (result, to_step, lanes, c->target + image_group * TE_LANES * to_step, to_step);
}

static void
correlate_task (void *ctx, int64_t begin, int64_t end)
{
  const Correlate *c = ctx;
  for (int64_t slot = begin; slot < end; slot++)
    for (int64_t i = slot; i < c->image_groups; i += c->slots)
      correlate_images (c, i, c->scratch + slot * c->scratch_step);
}

/* Offsets of the kernel's taps in a packed buffer, channel by channel; `backward` reads the taps from last to
 * first. */
static void
fill_offsets (const TeConvPlan *p, const Packing *k, int64_t channels, bool backward, int32_t *offsets)
{
  int64_t j = 0;
  for (int64_t c = 0; c < channels; c++)
    for (int64_t z = 0; z < p->kernel[0]; z++)
      for (int64_t y = 0; y < p->kernel[1]; y++)
        for (int64_t x = 0; x < p->kernel[2]; x++, j++)
          {
            int64_t tz = backward ? p->kernel[0] - 1 - z : z, ty = backward ? p->kernel[1] - 1 - y : y,
                    tx = backward ? p->kernel[2] - 1 - x : x;
            offsets[j] =
                (int32_t) (c * k->volume
                           + ((tz * p->dilation[0] * k->padded[1]) + ty * p->dilation[1]) * k->padded[2]
                           + tx * p->dilation[2]);
          }
}

/* Where each result pixel starts to read, `step` apart in each dimension. */
static void
fill_bases (const Packing *k, const int64_t sizes[3], const int64_t step[3], int64_t rounded, int32_t *bases)
{
  int64_t i = 0;
  for (int64_t z = 0; z < sizes[0]; z++)
    for (int64_t y = 0; y < sizes[1]; y++)
      for (int64_t x = 0; x < sizes[2]; x++)
        bases[i++] = (int32_t) ((z * step[0] * k->padded[1] + y * step[1]) * k->padded[2] + x * step[2]);
  for (; i < rounded; i++)
    bases[i] = bases[i - 1];
}

/* Weights (narrow, wide / groups, kernel) as the blocks of correlate want them.  to_wide: result channels are
 * the wide ones, and offsets run over (narrow / groups, kernel). */
static void
pack_weight (const TeConvPlan *p, bool to_wide, const float *weight, int64_t blocks, float *packed)
{
  int64_t wide = p->wide_channels / p->groups, narrow = p->narrow_channels / p->groups;
  int64_t taps = te_conv_volume (p->kernel), results = to_wide ? wide : narrow,
          sources = to_wide ? narrow : wide;
  for (int64_t g = 0; g < p->groups; g++)
    for (int64_t b = 0; b < blocks; b++)
      for (int64_t s = 0; s < sources; s++)
        for (int64_t t = 0; t < taps; t++)
          for (int64_t k = 0; k < CHANNEL_BLOCK; k++, packed++)
            {
              int64_t r = b * CHANNEL_BLOCK + k, o = to_wide ? s : r, i = to_wide ? r : s;
              *packed = r < results ? weight[((g * narrow + o) * wide + i) * taps + t] : 0.0f;
            }
}

static bool
correlate (const TeConvPlan *p,
           bool to_wide,
           const float *source,
           const float *weight,
           const float *bias,
           float *target,
           TeError *err)
{
  static const int64_t ones[3] = { 1, 1, 1 };
  Correlate c = { .from = to_wide ? packing_narrow_spread (p) : packing_wide (p),
                  .to = to_wide ? packing_dense (p->wide_channels, p->wide)
                                : packing_dense (p->narrow_channels, p->narrow),
                  .n = p->n,
                  .groups = p->groups,
                  .bias = bias,
                  .source = source,
                  .target = target };
  int64_t sources = c.from.channels / p->groups;
  c.n_offsets = sources * te_conv_volume (p->kernel);
  c.n_pixels = te_conv_volume (c.to.sizes);
  c.channels_per_group = c.to.channels / p->groups;
  c.blocks_per_group = te_nn_ceil_div (c.channels_per_group, CHANNEL_BLOCK);
  c.image_groups = te_nn_ceil_div (p->n, TE_LANES);
  c.scratch_step = c.from.channels * c.from.volume + c.to.channels * c.n_pixels;
  c.slots = te_nn_max (2, te_nn_min (MAX_SLOTS, SCRATCH_VECTORS / te_nn_max (1, c.scratch_step)));
  c.slots = te_nn_min (c.slots, c.image_groups);
  int64_t rounded = te_nn_ceil_div (c.n_pixels, PIXEL_BLOCK) * PIXEL_BLOCK;
  int64_t n_weights = p->groups * c.blocks_per_group * c.n_offsets * CHANNEL_BLOCK;
  TeScratch scratch;
  if (!te_nn_scratch (&scratch,
                      (size_t) (c.slots * c.scratch_step) * sizeof (TeLanes)
                          + (size_t) n_weights * sizeof (float)
                          + (size_t) (c.n_offsets + rounded) * sizeof (int32_t),
                      err))
    return false;
  c.scratch = scratch.data;
  float *packed = (float *) (c.scratch + c.slots * c.scratch_step);
  int32_t *offsets = (int32_t *) (packed + n_weights), *bases = offsets + c.n_offsets;
  pack_weight (p, to_wide, weight, c.blocks_per_group, packed);
  fill_offsets (p, &c.from, sources, to_wide, offsets);
  fill_bases (&c.from, c.to.sizes, to_wide ? ones : p->stride, rounded, bases);
  c.weight = packed;
  c.offsets = offsets;
  c.bases = bases;
  te_parallel_for (c.slots, 1, correlate_task, &c);
  te_nn_scratch_free (&scratch);
  return true;
}

static bool
lanes_to_narrow (const TeConvPlan *p, const float *wide, const float *weight, const float *bias, float *narrow, TeError *err)
{
  return correlate (p, false, wide, weight, bias, narrow, err);
}

static bool
lanes_to_wide (const TeConvPlan *p, const float *narrow, const float *weight, const float *bias, float *wide, TeError *err)
{
  return correlate (p, true, narrow, weight, bias, wide, err);
}

/* ---- weight gradient ---- */
typedef struct
{
  const TeConvPlan *plan;
  Packing wide, narrow;
  int64_t image_groups, n_offsets, n_pixels, blocks_per_group;
  const int32_t *offsets, *bases;
  const float *wide_data, *narrow_data;
  TeLanes *packed_wide, *packed_narrow; /* [image group][channel][pixel] */
  float *weight;
} WeightGrad;

static void
weight_pack_task (void *ctx, int64_t begin, int64_t end)
{
  const WeightGrad *w = ctx;
  int64_t wide_step = w->wide.channels * te_conv_volume (w->wide.sizes),
          narrow_step = w->narrow.channels * w->n_pixels;
  for (int64_t i = begin; i < end; i++)
    {
      int lanes = (int) te_nn_min (TE_LANES, w->plan->n - i * TE_LANES);
      pack (&w->wide, w->wide_data + i * TE_LANES * wide_step, lanes,
            w->packed_wide + i * w->wide.channels * w->wide.volume);
      pack (&w->narrow, w->narrow_data + i * TE_LANES * narrow_step, lanes,
            w->packed_narrow + i * narrow_step);
    }
}

/* acc[k][j] += sum over pixels of narrow[k][pixel] * wide[base[pixel] + offset[j]], four channels by three
 * taps. */
static void
weight_block (const TeLanes *const narrow[CHANNEL_BLOCK],
              const TeLanes *const wide[PIXEL_BLOCK],
              const int32_t *bases,
              int64_t n_pixels,
              TeLanes acc[CHANNEL_BLOCK][PIXEL_BLOCK])
{
  TeLanes a00 = acc[0][0], a01 = acc[0][1], a02 = acc[0][2], a10 = acc[1][0], a11 = acc[1][1],
          a12 = acc[1][2];
  TeLanes a20 = acc[2][0], a21 = acc[2][1], a22 = acc[2][2], a30 = acc[3][0], a31 = acc[3][1],
          a32 = acc[3][2];
  const TeLanes *w0 = wide[0], *w1 = wide[1], *w2 = wide[2];
  for (int64_t i = 0; i < n_pixels; i++)
    {
      int64_t o = bases[i];
      TeLanes x0 = w0[o], x1 = w1[o], x2 = w2[o], g;
      g = narrow[0][i];
      a00 = te_lanes_fma (g, x0, a00);
      a01 = te_lanes_fma (g, x1, a01);
      a02 = te_lanes_fma (g, x2, a02);
      g = narrow[1][i];
      a10 = te_lanes_fma (g, x0, a10);
      a11 = te_lanes_fma (g, x1, a11);
      a12 = te_lanes_fma (g, x2, a12);
      g = narrow[2][i];
      a20 = te_lanes_fma (g, x0, a20);
      a21 = te_lanes_fma (g, x1, a21);
      a22 = te_lanes_fma (g, x2, a22);
      g = narrow[3][i];
      a30 = te_lanes_fma (g, x0, a30);
      a31 = te_lanes_fma (g, x1, a31);
      a32 = te_lanes_fma (g, x2, a32);
    }
  acc[0][0] = a00, acc[0][1] = a01, acc[0][2] = a02, acc[1][0] = a10, acc[1][1] = a11, acc[1][2] = a12;
  acc[2][0] = a20, acc[2][1] = a21, acc[2][2] = a22, acc[3][0] = a30, acc[3][1] = a31, acc[3][2] = a32;
}

/* Gradients of one block of four narrow channels; chunks of image groups stay in the cache while taps pass
 * by. */
static void
weight_channels (const WeightGrad *w, int64_t group, int64_t block)
{
  int64_t per_group = w->plan->narrow_channels / w->plan->groups,
          wide_channels = w->wide.channels / w->plan->groups;
  int64_t first = group * per_group + block * CHANNEL_BLOCK;
  int n_channels = (int) te_nn_min (CHANNEL_BLOCK, per_group - block * CHANNEL_BLOCK);
  float *grad = w->weight + first * w->n_offsets;
  memset (grad, 0, (size_t) (n_channels * w->n_offsets) * sizeof *grad);
  for (int64_t chunk = 0; chunk < w->image_groups; chunk += GROUPS_PER_CHUNK)
    for (int64_t j = 0; j < w->n_offsets; j += PIXEL_BLOCK)
      {
        int n_taps = (int) te_nn_min (PIXEL_BLOCK, w->n_offsets - j);
        TeLanes acc[CHANNEL_BLOCK][PIXEL_BLOCK] = { 0 };
        for (int64_t i = chunk; i < te_nn_min (chunk + GROUPS_PER_CHUNK, w->image_groups); i++)
          {
            const TeLanes *narrow[CHANNEL_BLOCK], *wide[PIXEL_BLOCK];
            for (int k = 0; k < CHANNEL_BLOCK; k++)
              narrow[k] = w->packed_narrow
                          + (i * w->narrow.channels + first + te_nn_min (k, n_channels - 1)) * w->n_pixels;
            for (int q = 0; q < PIXEL_BLOCK; q++)
              wide[q] = w->packed_wide + (i * w->wide.channels + group * wide_channels) * w->wide.volume
                        + w->offsets[j + te_nn_min (q, n_taps - 1)];
            weight_block (narrow, wide, w->bases, w->n_pixels, acc);
          }
        for (int k = 0; k < n_channels; k++)
          for (int q = 0; q < n_taps; q++)
            grad[k * w->n_offsets + j + q] += te_lanes_sum (acc[k][q]);
      }
}

static void
weight_task (void *ctx, int64_t begin, int64_t end)
{
  const WeightGrad *w = ctx;
  for (int64_t i = begin; i < end; i++)
    weight_channels (w, i / w->blocks_per_group, i % w->blocks_per_group);
}

static bool
lanes_to_weight (const TeConvPlan *p, const float *wide, const float *narrow, float *weight, TeError *err)
{
  WeightGrad w = { .plan = p,
                   .wide = packing_wide (p),
                   .narrow = packing_dense (p->narrow_channels, p->narrow),
                   .wide_data = wide,
                   .narrow_data = narrow,
                   .weight = weight };
  int64_t wide_channels = p->wide_channels / p->groups;
  w.image_groups = te_nn_ceil_div (p->n, TE_LANES);
  w.n_offsets = wide_channels * te_conv_volume (p->kernel);
  w.n_pixels = te_conv_volume (p->narrow);
  w.blocks_per_group = te_nn_ceil_div (p->narrow_channels / p->groups, CHANNEL_BLOCK);
  int64_t n_wide = w.image_groups * p->wide_channels * w.wide.volume;
  int64_t n_narrow = w.image_groups * p->narrow_channels * w.n_pixels;
  TeScratch scratch;
  if (!te_nn_scratch (&scratch,
                      (size_t) (n_wide + n_narrow) * sizeof (TeLanes)
                          + (size_t) (w.n_offsets + w.n_pixels) * sizeof (int32_t),
                      err))
    return false;
  w.packed_wide = scratch.data;
  w.packed_narrow = w.packed_wide + n_wide;
  int32_t *offsets = (int32_t *) (w.packed_narrow + n_narrow), *bases = offsets + w.n_offsets;
  fill_offsets (p, &w.wide, wide_channels, false, offsets);
  fill_bases (&w.wide, p->narrow, p->stride, w.n_pixels, bases);
  w.offsets = offsets;
  w.bases = bases;
  te_parallel_for (w.image_groups, 1, weight_pack_task, &w);
  te_parallel_for (p->groups * w.blocks_per_group, 1, weight_task, &w);
  te_nn_scratch_free (&scratch);
  return true;
}

/* Batches that fill three quarters of the lanes, and images whose packing for eight lanes stays in the second-level
 * cache. */
static bool
lanes_fit (const TeConvPlan *p)
{
  if (p->n < 4)
    return false;
  int64_t rounded = te_nn_ceil_div (p->n, TE_LANES) * TE_LANES;
  Packing wide = packing_wide (p), spread = packing_narrow_spread (p);
  int64_t floats = 8 * (p->wide_channels * wide.volume + p->narrow_channels * spread.volume);
  int64_t spread_waste = p->stride[0] * p->stride[1] * p->stride[2];
  return p->n * 4 >= rounded * 3 && floats <= 2 * 1024 * 1024 && spread_waste <= 4;
}

#if TE_LANES == 16
const TeConvLanes te_conv_lanes_16 =
#else
const TeConvLanes te_conv_lanes_8 =
#endif
    { .fits = lanes_fit, .to_narrow = lanes_to_narrow, .to_wide = lanes_to_wide, .to_weight = lanes_to_weight };
