/* The geometry of a pooling: windows over the last nd dimensions of each plane; always three dimensions, the
 * missing leading ones are 1. */
#pragma once

#include "ops/nn/nn-private.h"

typedef struct
{
  int nd;
  int64_t planes;
  int64_t in[3], out[3], kernel[3], stride[3], pad[3], dilation[3];
  int out_ndim;
  int64_t out_sizes[5];
} TePoolWindow;

typedef struct
{
  const char *name; /* "max_pool2d" */
  int nd;
  const TeValue *kernel, *stride, *padding, *dilation; /* dilation may be NULL */
  bool ceil_mode;
} TePoolArgs;

bool te_pool_window (TePoolWindow *window, const TePoolArgs *args, const TeTensor *self, TeError *err);
/* Planes per parallel chunk, by size alone. */
static inline int64_t
te_pool_grain (int64_t elements_per_plane)
{
  return te_nn_max (1, 16384 / te_nn_max (1, elements_per_plane));
}

/* Whose gradient is taken: the node that it records is named after it. */
typedef enum
{
  TE_MAX_POOL_WINDOW,
  TE_MAX_POOL_ADAPTIVE,
  TE_MAX_POOL_FRACTIONAL,
  TE_MAX_POOL_KINDS
} TeMaxPoolKind;

/* The rule of all of them: the gradient goes to where the index says that the largest stood.  Reads the saved
 * input for its sizes. */
bool te_max_pool_backward (TeBackward *ctx, TeMaxPoolKind kind, TeTensor *index, TeError *err);
