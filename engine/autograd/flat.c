#include "autograd/flat.h"

#include "base/mem.h"

/* Number of flat inputs of a call. */
static int
flat_count (const TeOp *op, const TeValue *args)
{
  int count = 0;
  for (int i = 0; i < op->n_args; i++)
    if (op->args[i].type == TE_ARG_TENSOR)
      count++;
    else if (te_arg_is_tensor_list (&op->args[i]))
      count += args[i].kind == TE_VALUE_TENSOR_LIST ? args[i].count : 0;
  return count;
}

bool
te_flat_collect (TeFlat *flat, const TeOp *op, const TeValue *args, TeError *err)
{
  flat->count = flat_count (op, args);
  flat->tensors = flat->inline_tensors;
  flat->arg = flat->inline_arg;
  if (flat->count > FLAT_INLINE)
    {
      flat->tensors = te_new_sized ((size_t) flat->count * sizeof *flat->tensors);
      flat->arg = te_new_sized ((size_t) flat->count * sizeof *flat->arg);
      if (!flat->tensors || !flat->arg)
        return te_error_no_memory (err);
    }
  int at = 0;
  for (int i = 0; i < op->n_args; i++)
    if (op->args[i].type == TE_ARG_TENSOR)
      {
        flat->arg[at] = i;
        flat->tensors[at++] = args[i].kind == TE_VALUE_TENSOR ? args[i].tensor : NULL;
      }
    else if (te_arg_is_tensor_list (&op->args[i]) && args[i].kind == TE_VALUE_TENSOR_LIST)
      for (int k = 0; k < args[i].count; k++)
        {
          flat->arg[at] = i;
          flat->tensors[at++] = args[i].tensors[k];
        }
  return true;
}

void
te_flat_clear (TeFlat *flat)
{
  if (flat->tensors != flat->inline_tensors && flat->tensors)
    te_free_sized (flat->tensors, (size_t) flat->count * sizeof *flat->tensors);
  if (flat->arg != flat->inline_arg && flat->arg)
    te_free_sized (flat->arg, (size_t) flat->count * sizeof *flat->arg);
}
