/* Which ops have no loops for float16, bfloat16 or integers in PyTorch's kernels for CPUs, and in whose name
 * they say so. */
#pragma once

#include "ops/op-def.h"

/* What an op of that name ("clamp" or "clamp.Tensor") says of the dtypes that it refuses; NULL: it takes all,
 * or complains itself. */
const TeLowPrecision *te_low_precision_find (const char *op);
/* Fails with op->low_precision when the call computes in a dtype that it refuses. */
bool te_low_precision_check (const TeOpCall *call, TeError *err);
