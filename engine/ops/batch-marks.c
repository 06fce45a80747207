#include "ops/batch-marks.h"

#include <string.h>

int te_batch_marks_in_use = 0;

void
te_batch_mark (TeTensor *tensor)
{
  tensor->flags |= TE_TENSOR_BATCHED;
}

static bool
any_marked (const TeOpCall *call)
{
  for (int i = 0; i < call->op->n_args; i++)
    {
      const TeValue *value = &call->args[i];
      if (value->kind == TE_VALUE_TENSOR && te_batch_marked (value->tensor))
        return true;
      for (int k = 0; value->kind == TE_VALUE_TENSOR_LIST && k < value->count; k++)
        if (value->tensors[k] && te_batch_marked (value->tensors[k]))
          return true;
    }
  return false;
}

/* index with a marked mask: how much it chooses is another number for each call */
static bool
marked_mask (const TeOpCall *call)
{
  for (int i = 0; i < call->op->n_args; i++)
    for (int k = 0; call->args[i].kind == TE_VALUE_TENSOR_LIST && k < call->args[i].count; k++)
      {
        const TeTensor *index = call->args[i].tensors[k];
        if (index && te_tensor_dtype (index) == TE_BOOL && te_batch_marked (index))
          return true;
      }
  return false;
}

bool
te_batch_marks_check (const TeOpCall *call, TeError *err)
{
  const char *name = call->op->name;
  if (strcmp (name, "index") == 0 && marked_mask (call))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "vmap: We do not support batching operators that can support dynamic shape. Attempting to batch "
                         "over indexing with a boolean mask.");
  if (strcmp (name, "masked_select") == 0 && call->args[1].kind == TE_VALUE_TENSOR
      && te_batch_marked (call->args[1].tensor))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "vmap: Attempted to vmap over `mask` in torch.masked_select(self, mask) We cannot support this because "
                         "for each batch this would return a differently shaped Tensor. Please voice your support in "
                         "https://github.com/pytorch/functorch/issues/256");
  if ((strcmp (name, "nonzero") == 0 || strcmp (name, "_unique2") == 0) && any_marked (call))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "vmap: We do not support batching operators that can output dynamic shape. Attempted to vmap over "
                         "aten::%s. Please voice your support in https://github.com/pytorch/functorch/issues/256",
                         name);
  return true;
}

void
te_batch_marks_inherit (TeOpCall *call)
{
  if (!any_marked (call))
    return;
  for (int i = 0; i < call->n_outs; i++)
    if (call->outs[i])
      te_batch_mark (call->outs[i]);
}
