/* How ops take out=, where PyTorch has more to say than "the result's dtype, or one it can be cast to". */
#pragma once

#include "iter/output.h"
#include "ops/op-def.h"

/* The rule of an op; NULL when the place that writes knows best. */
const TeOutRule *te_out_rule_find (const TeOp *op);
/* Writes result into out: checks the dtype, resizes, copies. */
bool te_out_take (TeTensor *out, TeTensor *result, TeOutTakes otherwise, TeError *err);
