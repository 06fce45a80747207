#pragma once

#include <math.h>

#include "optim/optimizer.h"

/* One parameter's memory, flat. */
typedef struct
{
  void *param;
  const void *grad;
  void *state[TE_OPTIM_MAX_STATE];
  double number[4]; /* what the algorithm computed per parameter */
  bool fresh;
} TeOptimItem;

typedef void (*TeOptimLoop) (const TeOptimItem *item, int64_t begin, int64_t end, const void *config);

/* Fills an item's numbers. */
typedef void (*TeOptimPrepare) (TeOptimItem *item, const TeOptimParam *param, const void *config);

/* Scalars of a parameter: read, set (its version is bumped), and multiplied with the tensor's rounding. */
double te_optim_scalar (const TeTensor *scalar);
void te_optim_scalar_set (TeTensor *scalar, double value);
double te_optim_scalar_mul (const TeTensor *scalar, double a, double b);

/* Runs loops[0] (float) or loops[1] (double) over all elements of all parameters; versions of parameters are
 * bumped `bumps` times, of states once. */
bool te_optim_run (TeOptimParam *params,
                   int64_t n,
                   int n_state,
                   const TeOptimLoop loops[2],
                   TeOptimPrepare prepare,
                   const void *config,
                   int bumps,
                   TeError *err);
