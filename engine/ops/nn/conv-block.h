/* The two innermost loops of the direct convolutions: up to TE_CONV_CHANNELS channels by three vectors, or by
 * three taps, as many sums as registers hold beside what is read.  Every number of channels has a loop of its
 * own, so that nothing is multiplied in vain. */
#pragma once

#include "ops/nn/lanes.h"

#if TE_LANES == 16
#define TE_CONV_CHANNELS 8
#else
#define TE_CONV_CHANNELS 4
#endif
#define TE_CONV_VECTORS 3

typedef TeLanes TeConvSums[TE_CONV_CHANNELS][TE_CONV_VECTORS];

#define TE_CONV_INLINE static inline __attribute__ ((always_inline))
#define TE_CONV_UNROLLED _Pragma ("GCC unroll 8") for

/* sums[k][q] = bias[k] + sum over j of weight[j][k] * the vector at pixel[q] + offsets[j] */
TE_CONV_INLINE void
te_conv_correlate_n (const float *const pixel[TE_CONV_VECTORS],
                     const int32_t *offsets,
                     int64_t n_offsets,
                     const float *weight,
                     const float *bias,
                     TeConvSums sums,
                     const int vectors,
                     const int channels)
{
  TeConvSums a;
  TE_CONV_UNROLLED (int k = 0; k < channels; k++)
  TE_CONV_UNROLLED (int q = 0; q < vectors; q++)
  a[k][q] = te_lanes_all (bias[k]);
  const float *p0 = pixel[0], *p1 = pixel[1], *p2 = pixel[vectors - 1];
  for (int64_t j = 0; j < n_offsets; j++, weight += channels)
    {
      int64_t o = offsets[j];
      TeLanes x0 = (TeLanes) * (const TeLanesU *) (p0 + o), x1 = (TeLanes) * (const TeLanesU *) (p1 + o),
              x2 = vectors > 2 ? (TeLanes) * (const TeLanesU *) (p2 + o) : x1;
      TE_CONV_UNROLLED (int k = 0; k < channels; k++)
      {
        TeLanes w = te_lanes_all (weight[k]);
        a[k][0] = te_lanes_fma (w, x0, a[k][0]);
        a[k][1] = te_lanes_fma (w, x1, a[k][1]);
        if (vectors > 2)
          a[k][2] = te_lanes_fma (w, x2, a[k][2]);
      }
    }
  TE_CONV_UNROLLED (int k = 0; k < channels; k++)
  TE_CONV_UNROLLED (int q = 0; q < vectors; q++)
  sums[k][q] = a[k][q];
}

/* Adds to number 3 k + q of sums, over images i and vectors v, grad[i][v][k] * the vector at tap[q] +
 * bases[v] of image i, `step` floats after the one before.  Of vector v only the lanes of masks[v] are read.
 */
typedef struct
{
  const float *tap[TE_CONV_VECTORS];
  int64_t n_images, step, n_vectors;
  const int32_t *bases, *masks;
  const TeLanes *grad;
} TeConvTaps;

#define TE_CONV_SUM_VECTORS 2
/* So many vectors of gradient stay in the first-level cache while all taps pass by. */
#define TE_CONV_SUM_LENGTH 64

TE_CONV_INLINE void
te_conv_weigh_n (const TeConvTaps *t, TeLanes sums[TE_CONV_SUM_VECTORS], const int channels)
{
  TeLanes flat[TE_CONV_SUM_VECTORS * TE_LANES] = { 0 }, a[TE_CONV_CHANNELS][TE_CONV_VECTORS];
  TE_CONV_UNROLLED (int k = 0; k < channels; k++)
  TE_CONV_UNROLLED (int q = 0; q < TE_CONV_VECTORS; q++)
  a[k][q] = (TeLanes){ 0 };
  const TeLanes *grad = t->grad;
  const int32_t *bases = t->bases, *masks = t->masks;
  for (int64_t i = 0; i < t->n_images; i++)
    {
      const float *t0 = t->tap[0] + i * t->step, *t1 = t->tap[1] + i * t->step, *t2 = t->tap[2] + i * t->step;
      for (int64_t v = 0; v < t->n_vectors; v++, grad += channels)
        {
          int64_t o = bases[v];
          TeLanesMask mask = te_lanes_mask (masks[v]);
          TeLanes x0 = te_lanes_load_masked (t0 + o, mask), x1 = te_lanes_load_masked (t1 + o, mask),
                  x2 = te_lanes_load_masked (t2 + o, mask);
          TE_CONV_UNROLLED (int k = 0; k < channels; k++)
          {
            TeLanes g = te_lanes_keep (grad[k]);
            a[k][0] = te_lanes_fma (g, x0, a[k][0]);
            a[k][1] = te_lanes_fma (g, x1, a[k][1]);
            a[k][2] = te_lanes_fma (g, x2, a[k][2]);
          }
        }
    }
  TE_CONV_UNROLLED (int k = 0; k < channels; k++)
  TE_CONV_UNROLLED (int q = 0; q < TE_CONV_VECTORS; q++)
  flat[k * TE_CONV_VECTORS + q] = a[k][q];
  sums[0] += te_lanes_sums (flat);
  if (channels * TE_CONV_VECTORS > TE_LANES)
    sums[1] += te_lanes_sums (flat + TE_LANES);
}

#if TE_CONV_CHANNELS == 8
#define TE_CONV_CASES(name, channels, ...)                                                                   \
  switch (channels)                                                                                          \
    {                                                                                                        \
    case 1:                                                                                                  \
      name (__VA_ARGS__, 1);                                                                                 \
      break;                                                                                                 \
    case 2:                                                                                                  \
      name (__VA_ARGS__, 2);                                                                                 \
      break;                                                                                                 \
    case 3:                                                                                                  \
      name (__VA_ARGS__, 3);                                                                                 \
      break;                                                                                                 \
    case 4:                                                                                                  \
      name (__VA_ARGS__, 4);                                                                                 \
      break;                                                                                                 \
    case 5:                                                                                                  \
      name (__VA_ARGS__, 5);                                                                                 \
      break;                                                                                                 \
    case 6:                                                                                                  \
      name (__VA_ARGS__, 6);                                                                                 \
      break;                                                                                                 \
    case 7:                                                                                                  \
      name (__VA_ARGS__, 7);                                                                                 \
      break;                                                                                                 \
    default:                                                                                                 \
      name (__VA_ARGS__, 8);                                                                                 \
      break;                                                                                                 \
    }
#else
#define TE_CONV_CASES(name, channels, ...)                                                                   \
  switch (channels)                                                                                          \
    {                                                                                                        \
    case 1:                                                                                                  \
      name (__VA_ARGS__, 1);                                                                                 \
      break;                                                                                                 \
    case 2:                                                                                                  \
      name (__VA_ARGS__, 2);                                                                                 \
      break;                                                                                                 \
    case 3:                                                                                                  \
      name (__VA_ARGS__, 3);                                                                                 \
      break;                                                                                                 \
    default:                                                                                                 \
      name (__VA_ARGS__, 4);                                                                                 \
      break;                                                                                                 \
    }
#endif

/* Of 2 or 3 vectors; bias may be NULL. */
static inline void
te_conv_correlate (int channels,
                   int vectors,
                   const float *const pixel[TE_CONV_VECTORS],
                   const int32_t *offsets,
                   int64_t n_offsets,
                   const float *weight,
                   const float *bias,
                   TeConvSums sums)
{
  static const float none[TE_CONV_CHANNELS];
  if (!bias)
    bias = none;
  if (vectors == 2)
    TE_CONV_CASES (te_conv_correlate_n, channels, pixel, offsets, n_offsets, weight, bias, sums, 2)
  else
    TE_CONV_CASES (te_conv_correlate_n, channels, pixel, offsets, n_offsets, weight, bias, sums, 3)
}

static inline void
te_conv_weigh (int channels, const TeConvTaps *t, TeLanes sums[TE_CONV_SUM_VECTORS])
{
  TE_CONV_CASES (te_conv_weigh_n, channels, t, sums)
}

/* How many vectors come next when so many are left: 3, or 2 where that leaves no single one.  The last one
 * may be taken beyond the end. */
static inline int
te_conv_vectors (int64_t left)
{
  return left == 4 || left < 3 ? 2 : 3;
}

/* Channels are cut into blocks of equal sizes: where block b of so many begins. */
static inline int64_t
te_conv_blocks (int64_t channels)
{
  return (channels + TE_CONV_CHANNELS - 1) / TE_CONV_CHANNELS;
}
static inline int64_t
te_conv_block_begin (int64_t channels, int64_t block)
{
  return channels * block / te_conv_blocks (channels);
}
