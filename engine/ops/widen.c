#include "ops/widen.h"

#include <string.h>

#include "iter/tensor-iter.h"

/* A tensor with the same elements, layout kept where it is dense. */
static TeTensor *
converted (TeTensor *tensor, TeDtype dtype, TeError *err)
{
  bool dense = te_shape_is_non_overlapping_and_dense (tensor->ndim, tensor->sizes, tensor->strides);
  TeTensor *made = dense ? te_tensor_new_strided (tensor->ndim, tensor->sizes, tensor->strides, dtype, err)
                         : te_tensor_new (tensor->ndim, tensor->sizes, dtype, err);
  if (made && !te_copy (made, tensor, err))
    te_tensor_clear (&made);
  return made;
}

/* Integers beside others are the kernel's to refuse. */
static bool
all_are (const TeOpCall *call, TeDtype dtype)
{
  for (int i = 0; i < call->op->n_args; i++)
    if (call->args[i].kind == TE_VALUE_TENSOR && te_tensor_dtype (call->args[i].tensor) != dtype)
      return false;
  return true;
}

/* The arguments with each narrow tensor widened; those are owned. */
static bool
widen_args (const TeOpCall *call, TeDtype narrow, TeDtype wide, TeValue *values, int *n, TeError *err)
{
  const TeOp *op = call->op;
  for (*n = 0; *n < op->n_args; ++*n)
    {
      const TeValue *given = &call->args[*n];
      values[*n] = *given;
      if (given->kind != TE_VALUE_TENSOR || !given->tensor)
        continue;
      TeDtype dtype = te_tensor_dtype (given->tensor);
      if (dtype == narrow)
        values[*n].tensor = converted (given->tensor, wide, err);
      else if (te_dtype_is_floating (dtype) && !(op->def->flags & TE_OP_WIDENS_MIXED))
        {
          values[*n].tensor = NULL;
          te_error_set (err, TE_ERR_RUNTIME, "expected scalar type %s but found %s",
                        te_dtype_error_name (narrow), te_dtype_error_name (dtype));
        }
      if (!values[*n].tensor)
        return false;
    }
  return true;
}

/* What the kernel changed in place, statistics among it, is rounded back. */
static bool
put_back (const TeOpCall *call, const TeValue *values, TeError *err)
{
  bool ok = true;
  for (int i = 0; i < call->op->n_args && ok; i++)
    if ((strncmp (call->op->args[i].name, "running_", 8) == 0 || (i == 0 && call->inplace))
        && call->args[i].kind == TE_VALUE_TENSOR && values[i].tensor != call->args[i].tensor)
      ok = te_copy (call->args[i].tensor, values[i].tensor, err);
  return ok;
}

bool
te_widen_kernel (TeOpCall *call, TeDtype narrow, TeDtype wide, TeError *err)
{
  if (wide == TE_FLOAT64 && !all_are (call, narrow))
    return call->op->def->kernel (call, err);
  const TeValue *given = call->args;
  TeValue values[TE_OP_MAX_ARGS];
  int n = 0;
  bool ok = widen_args (call, narrow, wide, values, &n, err);
  if (ok)
    {
      call->args = values;
      ok = call->op->def->kernel (call, err);
      call->args = given;
      ok = ok && put_back (call, values, err);
    }
  for (int i = 0; i < call->n_outs && ok; i++)
    if (call->outs[i] && te_tensor_dtype (call->outs[i]) == wide)
      {
        TeTensor *rounded = converted (call->outs[i], narrow, err);
        ok = rounded != NULL;
        te_tensor_unref (call->outs[i]);
        call->outs[i] = rounded;
      }
  for (int i = 0; i < n; i++)
    if (given[i].kind == TE_VALUE_TENSOR && given[i].tensor && values[i].tensor != given[i].tensor
        && te_tensor_dtype (given[i].tensor) == narrow)
      te_tensor_unref (values[i].tensor);
  return ok;
}
