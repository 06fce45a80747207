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

/* The direct form of the same, for batches of small float32 images; fits says whether it is the faster one. */
typedef struct
{
  bool (*fits) (const TeConvPlan *p);
  bool (*to_narrow) (const TeConvPlan *p, const float *wide, const float *weight, const float *bias, float *narrow,
                     TeError *err);
  bool (*to_wide) (const TeConvPlan *p, const float *narrow, const float *weight, const float *bias, float *wide,
                   TeError *err);
  bool (*to_weight) (const TeConvPlan *p, const float *wide, const float *narrow, float *weight, TeError *err);
} TeConvLanes;

extern const TeConvLanes te_conv_lanes_8, te_conv_lanes_16;
/* The one that fits best on this processor, or NULL. */
const TeConvLanes *te_conv_lanes (const TeConvPlan *p, TeDtype dtype);
