/* Direct convolution of small images: the images of a batch lie side by side in the lanes of a vector, so any kernel
 * size, stride, padding and dilation is the same loop over a list of offsets, and no element is computed for nothing as
 * long as the batch is a multiple of the lanes.  Compiled twice: with eight lanes, and with sixteen for AVX-512.
 *
 * A side is packed as [channel][padded pixel][lanes].  Forward and data gradient are one kernel,
 * "correlate": out[c][pixel] = sum over j of weight[c][j] * buffer[base[pixel] + offset[j]]; for the data
 * gradient the buffer holds the gradient spread by the stride, and the weights are read backwards. */
#include "ops/nn/conv-layout.h"

#include <math.h>
#include <string.h>

#include "ops/nn/conv-block.h"

#define PIXEL_TILE       (16 * TE_CONV_VECTORS)
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

/* ---- forward and data gradient ---- */
typedef struct
{
  Packing from, to; /* to is dense */
  int64_t n, groups, image_groups, slots;
  int64_t n_offsets, n_pixels, channels_per_group, blocks_per_group;
  const int32_t *offsets; /* in floats */
  const int32_t *bases;   /* of pixels, in vectors */
  const float *weight;    /* [group][block][offset][channel] */
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
  const TeLanes *source = buffer + group * (c->from.channels / c->groups) * c->from.volume;
  int64_t first = group * c->channels_per_group + te_conv_block_begin (c->channels_per_group, block);
  int channels = (int) (te_conv_block_begin (c->channels_per_group, block + 1)
                        - te_conv_block_begin (c->channels_per_group, block));
  for (int64_t i = begin, n; i < end; i += n)
    {
      const float *pixel[TE_CONV_VECTORS];
      TeConvSums sums;
      n = te_conv_vectors (end - i);
      for (int q = 0; q < n; q++)
        pixel[q] = (const float *) (source + c->bases[te_nn_min (i + q, end - 1)]);
      te_conv_correlate (channels, (int) n, pixel, c->offsets, c->n_offsets, c->weight + first * c->n_offsets,
                         c->bias ? c->bias + first : NULL, sums);
      for (int k = 0; k < channels; k++)
        for (int q = 0; q < n && i + q < end; q++)
          result[(first + k) * c->n_pixels + i + q] = sums[k][q];
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

/* Offsets in floats of the kernel's taps in a packed buffer, channel by channel; `backward` reads the taps from last to
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
                (int32_t) (TE_LANES
                           * (c * k->volume
                              + ((tz * p->dilation[0] * k->padded[1]) + ty * p->dilation[1]) * k->padded[2]
                              + tx * p->dilation[2]));
          }
}

/* Where each result pixel starts to read, `step` apart in each dimension; counted in `unit`s. */
static void
fill_bases (const Packing *k, const int64_t sizes[3], const int64_t step[3], int64_t unit, int32_t *bases)
{
  int64_t i = 0;
  for (int64_t z = 0; z < sizes[0]; z++)
    for (int64_t y = 0; y < sizes[1]; y++)
      for (int64_t x = 0; x < sizes[2]; x++)
        bases[i++] = (int32_t) (unit * ((z * step[0] * k->padded[1] + y * step[1]) * k->padded[2] + x * step[2]));
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
  c.blocks_per_group = te_conv_blocks (c.channels_per_group);
  c.image_groups = te_nn_ceil_div (p->n, TE_LANES);
  c.scratch_step = c.from.channels * c.from.volume + c.to.channels * c.n_pixels;
  c.slots = te_nn_max (2, te_nn_min (MAX_SLOTS, SCRATCH_VECTORS / te_nn_max (1, c.scratch_step)));
  c.slots = te_nn_min (c.slots, c.image_groups);
  int64_t n_weights = c.to.channels * c.n_offsets;
  TeScratch scratch;
  if (!te_nn_scratch (&scratch,
                      (size_t) (c.slots * c.scratch_step) * sizeof (TeLanes)
                          + (size_t) n_weights * sizeof (float)
                          + (size_t) (c.n_offsets + c.n_pixels) * sizeof (int32_t),
                      err))
    return false;
  c.scratch = scratch.data;
  float *packed = (float *) (c.scratch + c.slots * c.scratch_step);
  int32_t *offsets = (int32_t *) (packed + n_weights), *bases = offsets + c.n_offsets;
  te_conv_pack_weight (p, to_wide, te_conv_volume (p->kernel), NULL, TE_CONV_CHANNELS, weight, packed);
  fill_offsets (p, &c.from, sources, to_wide, offsets);
  fill_bases (&c.from, c.to.sizes, to_wide ? ones : p->stride, 1, bases);
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
  Packing wide;
  int64_t image_groups, n_offsets, n_pixels, blocks_per_group;
  const int32_t *offsets, *bases, *masks; /* in floats */
  const float *wide_data, *narrow_data;
  TeLanes *packed_wide;   /* [image group][channel][padded pixel] */
  TeLanes *packed_narrow; /* [block][image group][pixel][channel] */
  float *weight;
} WeightGrad;

static void
weight_pack_task (void *ctx, int64_t begin, int64_t end)
{
  const WeightGrad *w = ctx;
  int64_t wide_step = w->wide.channels * te_conv_volume (w->wide.sizes),
          narrow_step = w->plan->narrow_channels * w->n_pixels, per_group = w->plan->narrow_channels / w->plan->groups;
  for (int64_t i = begin; i < end; i++)
    {
      int lanes = (int) te_nn_min (TE_LANES, w->plan->n - i * TE_LANES);
      pack (&w->wide, w->wide_data + i * TE_LANES * wide_step, lanes,
            w->packed_wide + i * w->wide.channels * w->wide.volume);
      for (int64_t b = 0; b < w->plan->groups * w->blocks_per_group; b++)
        {
          int64_t first = b / w->blocks_per_group * per_group + te_conv_block_begin (per_group, b % w->blocks_per_group);
          int64_t channels = te_conv_block_begin (per_group, b % w->blocks_per_group + 1)
                             - te_conv_block_begin (per_group, b % w->blocks_per_group);
          for (int64_t k = 0; k < channels; k++)
            pack_run (w->narrow_data + i * TE_LANES * narrow_step + (first + k) * w->n_pixels, narrow_step, lanes,
                      w->n_pixels,
                      w->packed_narrow + (first * w->image_groups + i * channels) * w->n_pixels + k, channels);
        }
    }
}

/* Adds what pixels begin to end of some image groups give to the gradients of a block of channels. */
static void
weight_chunk (const WeightGrad *w,
              int64_t group,
              int64_t first,
              int channels,
              int64_t image_group,
              int64_t n_image_groups,
              int64_t begin,
              int64_t end)
{
  int64_t wide_channels = w->wide.channels / w->plan->groups;
  const TeLanes *wide = w->packed_wide + (image_group * w->wide.channels + group * wide_channels) * w->wide.volume;
  float *grad = w->weight + first * w->n_offsets;
  TeConvTaps taps = { .n_images = n_image_groups,
                      .step = w->wide.channels * w->wide.volume * TE_LANES,
                      .n_vectors = end - begin,
                      .bases = w->bases + begin,
                      .masks = w->masks + begin,
                      .grad = w->packed_narrow + (first * w->image_groups + image_group * channels) * w->n_pixels
                              + begin * channels };
  for (int64_t j = 0; j < w->n_offsets; j += TE_CONV_VECTORS)
    {
      int n_taps = (int) te_nn_min (TE_CONV_VECTORS, w->n_offsets - j);
      TeLanes sums[TE_CONV_SUM_VECTORS] = { 0 };
      for (int q = 0; q < TE_CONV_VECTORS; q++)
        taps.tap[q] = (const float *) wide + w->offsets[j + te_nn_min (q, n_taps - 1)];
      te_conv_weigh (channels, &taps, sums);
      const float *sum = (const float *) sums;
      for (int k = 0; k < channels; k++)
        for (int q = 0; q < n_taps; q++)
          grad[k * w->n_offsets + j + q] += sum[k * TE_CONV_VECTORS + q];
    }
}

/* Gradients of one block of narrow channels. */
static void
weight_channels (const WeightGrad *w, int64_t group, int64_t block)
{
  int64_t per_group = w->plan->narrow_channels / w->plan->groups;
  int64_t first = group * per_group + te_conv_block_begin (per_group, block);
  int channels = (int) (te_conv_block_begin (per_group, block + 1) - te_conv_block_begin (per_group, block));
  int64_t together = te_nn_max (1, TE_CONV_SUM_LENGTH / w->n_pixels);
  memset (w->weight + first * w->n_offsets, 0, (size_t) (channels * w->n_offsets) * sizeof *w->weight);
  for (int64_t i = 0; i < w->image_groups; i += together)
    for (int64_t begin = 0; begin < w->n_pixels; begin += TE_CONV_SUM_LENGTH)
      weight_chunk (w, group, first, channels, i, te_nn_min (together, w->image_groups - i), begin,
                    te_nn_min (begin + TE_CONV_SUM_LENGTH, w->n_pixels));
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
                   .wide_data = wide,
                   .narrow_data = narrow,
                   .weight = weight };
  int64_t wide_channels = p->wide_channels / p->groups;
  w.image_groups = te_nn_ceil_div (p->n, TE_LANES);
  w.n_offsets = wide_channels * te_conv_volume (p->kernel);
  w.n_pixels = te_conv_volume (p->narrow);
  w.blocks_per_group = te_conv_blocks (p->narrow_channels / p->groups);
  int64_t n_wide = w.image_groups * p->wide_channels * w.wide.volume;
  int64_t n_narrow = w.image_groups * p->narrow_channels * w.n_pixels;
  TeScratch scratch;
  if (!te_nn_scratch (&scratch,
                      (size_t) (n_wide + n_narrow) * sizeof (TeLanes)
                          + (size_t) (w.n_offsets + 2 * w.n_pixels) * sizeof (int32_t),
                      err))
    return false;
  w.packed_wide = scratch.data;
  w.packed_narrow = w.packed_wide + n_wide;
  int32_t *offsets = (int32_t *) (w.packed_narrow + n_narrow), *bases = offsets + w.n_offsets,
          *masks = bases + w.n_pixels;
  fill_offsets (p, &w.wide, wide_channels, false, offsets);
  fill_bases (&w.wide, p->narrow, p->stride, TE_LANES, bases);
  for (int64_t i = 0; i < w.n_pixels; i++)
    masks[i] = TE_ALL_LANES;
  w.offsets = offsets;
  w.bases = bases;
  w.masks = masks;
  te_parallel_for (w.image_groups, 1, weight_pack_task, &w);
  te_parallel_for (p->groups * w.blocks_per_group, 1, weight_task, &w);
  te_nn_scratch_free (&scratch);
  return true;
}

/* The whole wide side is packed, however little of it is read.  Batches that fill three quarters of the lanes, and images whose packing for eight lanes stays in the second-level
 * cache. */
static double
lanes_cost (const TeConvPlan *p, bool to_wide)
{
  int64_t rounded = te_nn_ceil_div (p->n, TE_LANES) * TE_LANES;
  Packing wide = packing_wide (p), spread = packing_narrow_spread (p);
  int64_t floats = 8 * (p->wide_channels * wide.volume + p->narrow_channels * spread.volume);
  int64_t spread_waste = te_conv_volume (p->stride);
  if (p->n < 4 || p->n * 4 < rounded * 3 || floats > 2 * 1024 * 1024 || spread_waste > 4)
    return INFINITY;
  return 1.3 * (double) (rounded * (to_wide ? spread_waste : 1)) / (double) p->n
         + 128.0 / (double) (p->n * te_conv_volume (p->narrow))
         + 16.0 * (double) te_conv_volume (p->wide)
               / (double) (te_conv_volume (p->narrow) * te_conv_volume (p->kernel) * p->narrow_channels / p->groups);
}

#if TE_LANES == 16
const TeConvDirect te_conv_lanes_16 =
#else
const TeConvDirect te_conv_lanes_8 =
#endif
    { .cost = lanes_cost, .to_narrow = lanes_to_narrow, .to_wide = lanes_to_wide, .to_weight = lanes_to_weight };
