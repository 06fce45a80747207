/* Which tensors a vmap has spread over its calls: their values differ from call to call, so that PyTorch, which
 * computes all calls at once, has no number of theirs to give.  Marks go from what is read to what is made. */
#pragma once

#include "ops/op-def.h"

/* How many vmaps run: until one does nobody looks at marks. */
extern int te_batch_marks_in_use;

void te_batch_mark (TeTensor *tensor);
static inline bool
te_batch_marked (const TeTensor *tensor)
{
  return __builtin_expect (te_batch_marks_in_use > 0, 0) && (tensor->flags & TE_TENSOR_BATCHED);
}

/* false: an op whose result's size depends on marked values. */
bool te_batch_marks_check (const TeOpCall *call, TeError *err);
void te_batch_marks_inherit (TeOpCall *call);
