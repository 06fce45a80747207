/* Flat inputs of a call: its tensor arguments in schema order, lists spelled out, None included. */
#pragma once

#include "ops/op-def.h"

#define FLAT_INLINE 8

typedef struct
{
  TeTensor **tensors;
  int32_t *arg; /* schema index of each */
  int count;
  TeTensor *inline_tensors[FLAT_INLINE];
  int32_t inline_arg[FLAT_INLINE];
} TeFlat;

static inline bool
te_arg_is_tensor_list (const TeArg *arg)
{
  return arg->type == TE_ARG_TENSOR_LIST || arg->type == TE_ARG_OPTIONAL_TENSOR_LIST;
}

/* Borrowed references into args; to be cleared. */
bool te_flat_collect (TeFlat *flat, const TeOp *op, const TeValue *args, TeError *err);
void te_flat_clear (TeFlat *flat);
