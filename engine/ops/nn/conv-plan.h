/* The geometry of a convolution.  A transposed convolution is the plain one read backwards: "wide" is the
 * plain convolution's input side (n, wide_channels, wide[]), "narrow" its output side (n, narrow_channels,
 * narrow[]), the weight is (narrow_channels, wide_channels / groups, kernel[]).  Always three spatial
 * dimensions, the missing leading ones are 1. */
#pragma once

#include "ops/nn/nn-private.h"

typedef struct
{
  int nd;          /* spatial dimensions as the person gave them */
  bool transposed; /* forward goes from narrow to wide */
  bool batched;    /* false: the input came without its batch dimension */
  int64_t n, groups;
  int64_t wide_channels, narrow_channels;
  int64_t wide[3], narrow[3], kernel[3], stride[3], pad[3], dilation[3];
} TeConvPlan;

typedef struct
{
  TeTensor *input, *weight, *bias;                             /* borrowed; bias may be NULL */
  const TeValue *stride, *padding, *dilation, *output_padding; /* output_padding NULL unless transposed */
  const char *padding_text;                                    /* "same" or "valid", else NULL */
  int64_t groups;
  int nd;
  bool transposed;
  bool sized; /* the narrow side is known from elsewhere: no check that the kernel fits */
  const char *name; /* "conv2d", for errors */
} TeConvArgs;

/* Checks everything as PyTorch does, then fills plan. */
bool te_conv_plan (TeConvPlan *plan, const TeConvArgs *args, TeError *err);

static inline int64_t
te_conv_volume (const int64_t v[3])
{
  return v[0] * v[1] * v[2];
}

/* The three products, on contiguous float32 or float64 buffers.  bias (NULL: none) has a value per channel of
 * the result.  Results are overwritten. */
bool te_conv_to_narrow (const TeConvPlan *p,
                        TeDtype dtype,
                        const void *wide,
                        const void *weight,
                        const void *bias,
                        void *narrow,
                        TeError *err);
bool te_conv_to_wide (const TeConvPlan *p,
                      TeDtype dtype,
                      const void *narrow,
                      const void *weight,
                      const void *bias,
                      void *wide,
                      TeError *err);
bool te_conv_to_weight (
    const TeConvPlan *p, TeDtype dtype, const void *wide, const void *narrow, void *weight, TeError *err);

/* A direct form of the same on float32 buffers: with an image in each lane of a vector ("lanes", for batches of small
 * images), or with neighbouring pixels of an image in them ("rows").  cost: the time that
 * it takes, as a multiple of what the multiplications alone take; INFINITY where the form does not fit. */
typedef struct
{
  double (*cost) (const TeConvPlan *p, bool to_wide);
  bool (*to_narrow) (const TeConvPlan *p, const float *wide, const float *weight, const float *bias, float *narrow,
                     TeError *err);
  bool (*to_wide) (const TeConvPlan *p, const float *narrow, const float *weight, const float *bias, float *wide,
                   TeError *err);
  bool (*to_weight) (const TeConvPlan *p, const float *wide, const float *narrow, float *weight, TeError *err);
} TeConvDirect;

extern const TeConvDirect te_conv_lanes_8, te_conv_lanes_16, te_conv_rows_8, te_conv_rows_16;
/* The one that fits best on this processor for a product whose results are the wide side, or for the others; NULL: none. */
const TeConvDirect *te_conv_direct (const TeConvPlan *p, TeDtype dtype, bool to_wide);
