/* What the makers of new tensors share. */
#pragma once

#include "iter/tensor-iter.h"
#include "ops/dispatch.h"

/* dtype argument, or otherwise for None. */
static inline TeDtype
te_value_dtype (const TeValue *value, TeDtype otherwise)
{
  return value->kind == TE_VALUE_DTYPE ? value->dtype : otherwise;
}

/* Makes or resizes call->outs[0].  device: the argument, or NULL (like decides then; like may be NULL).
 * strides NULL: contiguous. */
bool te_creation_output (TeOpCall *call,
                         const TeValue *device,
                         const TeTensor *like,
                         int ndim,
                         const int64_t *sizes,
                         const int64_t *strides,
                         TeDtype dtype,
                         TeError *err);
/* Strides of x_like under a memory format; false: contiguous. */
bool te_like_strides (const TeTensor *self, const TeValue *memory_format, int64_t *strides, TeError *err);
