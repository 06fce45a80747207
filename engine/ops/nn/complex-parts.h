#pragma once

#include "ops/nn/nn-private.h"

/* call of a complex tensor in argument `which`, in which it is linear: twice the same op of real tensors. */
bool te_complex_linear (TeOpCall *call, int which, TeError *err);
/* call of n_factors (2 or 3) complex tensors: linear in the first, and in the others together, as convolution (input, weight, bias)
 * and its backward (gradient, input, weight) are.  with_first: a bool argument that asks for what the first alone gives, or -1. */
bool te_complex_bilinear (TeOpCall *call, int n_factors, int with_first, TeError *err);
