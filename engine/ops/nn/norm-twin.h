/* The gradient of a normalisation over some dimensions, written in ops: y = (x - mean) rstd weight + bias. */
#pragma once

#include "ops/expr.h"

typedef struct
{
  TeExpr *e;
  TeTensor *grad, *x;
  TeTensor *weight; /* as it broadcasts over x; NULL: 1 */
  bool trains;      /* mean and rstd are x's own over dims; otherwise they are given */
  double eps;
  const int64_t *dims;
  int n_dims;
  TeTensor *mean, *rstd;    /* broadcasting over x */
  TeTensor *grad_x, *along; /* results, borrowed: for x, and grad * normalised x (whose sums are weight's) */
} TeNormTwin;

void te_norm_twin_run (TeNormTwin *self);
