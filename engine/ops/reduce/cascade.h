/* Sums of float and double with PyTorch's order of additions; see cascade.c. */
#pragma once

#include "iter/reduce-plan.h"

/* TeReduction.whole: ctx is a double that the sums are divided by.  False for reductions that are too large.
 */
bool te_cascade_f32 (const TeReducePlan *plan, const void *ctx, char *const *outs);
bool te_cascade_f64 (const TeReducePlan *plan, const void *ctx, char *const *outs);
