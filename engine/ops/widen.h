/* bfloat16 where a kernel has loops for float32 and float64 alone (TE_OP_WIDENS): the arguments are widened
 * to float32, which loses nothing, the kernel runs, and its results are rounded once.  Autograd records the
 * call as it was made, and widens again around the backward rule. */
#pragma once

#include "ops/op-def.h"

static inline bool
te_widens (const TeOp *op, TeDtype first)
{
  return __builtin_expect (first == TE_BFLOAT16, 0) && (op->def->flags & (TE_OP_WIDENS | TE_OP_WIDENS_MIXED));
}

/* Runs the kernel of a call whose first argument te_widens.
 * Errors: RuntimeError where another floating argument is not bfloat16 (unless TE_OP_WIDENS_MIXED). */
bool te_widen_kernel (TeOpCall *call, TeError *err);
