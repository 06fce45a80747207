/* Narrow dtypes where a kernel has loops for float32 and float64 alone (TE_OP_WIDENS and its sisters): the
 * arguments are widened, which loses nothing, the kernel runs, and its results are rounded once.  Autograd
 * records the call as it was made, and widens again around the backward rule. */
#pragma once

#include "ops/op-def.h"

#define TE_OP_WIDENS_ANY (TE_OP_WIDENS | TE_OP_WIDENS_MIXED | TE_OP_WIDENS_HALF | TE_OP_WIDENS_INTEGERS)

/* The dtype that an op runs in for a first argument of that dtype; TE_DTYPE_NONE: that dtype itself. */
static inline TeDtype
te_widened (const TeOp *op, TeDtype first)
{
  uint32_t flags = op->def->flags;
  if (__builtin_expect (!(flags & TE_OP_WIDENS_ANY) || first == TE_FLOAT32 || first == TE_FLOAT64, 1))
    return TE_DTYPE_NONE;
  if (first == TE_BFLOAT16)
    return flags & (TE_OP_WIDENS | TE_OP_WIDENS_MIXED) ? TE_FLOAT32 : TE_DTYPE_NONE;
  if (first == TE_FLOAT16)
    return flags & TE_OP_WIDENS_HALF ? TE_FLOAT32 : TE_DTYPE_NONE;
  return te_dtype_is_integral (first, true) && flags & TE_OP_WIDENS_INTEGERS ? TE_FLOAT64 : TE_DTYPE_NONE;
}

/* Runs the kernel of a call in that other dtype.
 * Errors: RuntimeError where another floating argument differs from the first (unless TE_OP_WIDENS_MIXED). */
bool te_widen_kernel (TeOpCall *call, TeDtype narrow, TeDtype wide, TeError *err);
