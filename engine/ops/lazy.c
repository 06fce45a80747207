#include "ops/lazy.h"

#include "base/mem.h"
#include "iter/tensor-iter.h"

bool te_lazy_in_use = false;

#define MAX_REPLACED 64

typedef struct
{
  TeTensor *lazy[MAX_REPLACED], *plain[MAX_REPLACED]; /* plain: owned */
  int count;
} Replaced;

static bool
is_lazy (const TeTensor *tensor)
{
  return tensor && tensor->flags & TE_TENSOR_LAZY;
}

TeTensor *
te_lazy_resolve (TeTensor *self, TeError *err)
{
  bool dense = te_shape_is_non_overlapping_and_dense (self->ndim, self->sizes, self->strides);
  const int64_t *strides = dense ? self->strides : NULL;
  TeDtype dtype = te_tensor_dtype (self);
  TeTensor *plain = te_tensor_is_meta (self)
                        ? te_tensor_new_meta (self->ndim, self->sizes, strides, dtype, err)
                    : strides ? te_tensor_new_strided (self->ndim, self->sizes, strides, dtype, err)
                              : te_tensor_new (self->ndim, self->sizes, dtype, err);
  if (plain && !te_copy (plain, self, err))
    te_tensor_clear (&plain);
  return plain;
}

bool
te_lazy_needs (const TeOpCall *call)
{
  if (call->op->def->flags & (TE_OP_VIEW | TE_OP_COMPOSITE | TE_OP_LAZY))
    return false;
  bool found = false;
  for (int i = 0; i < call->op->n_args; i++)
    {
      const TeValue *value = &call->args[i];
      if (value->kind == TE_VALUE_TENSOR)
        found = found || is_lazy (value->tensor);
      for (int k = 0; value->kind == TE_VALUE_TENSOR_LIST && k < value->count; k++)
        found = found || is_lazy (value->tensors[k]);
    }
  for (int i = 0; i < call->n_outs; i++)
    found = found || is_lazy (call->outs[i]);
  return found;
}

void
te_lazy_inherit (TeOpCall *call)
{
  if (call->args[0].kind != TE_VALUE_TENSOR)
    return;
  const TeTensor *self = call->args[0].tensor;
  for (int i = 0; i < call->n_outs; i++)
    if (call->outs[i] && call->outs[i]->storage == self->storage)
      call->outs[i]->flags |= self->flags & TE_TENSOR_LAZY;
}

/* Puts the plain copy into *place; the same tensor gets the same copy everywhere. */
static bool
replace (Replaced *self, TeTensor **place, TeError *err)
{
  if (!is_lazy (*place))
    return true;
  for (int i = 0; i < self->count; i++)
    if (self->lazy[i] == *place)
      {
        *place = self->plain[i];
        return true;
      }
  if (self->count == MAX_REPLACED)
    return te_error_set (err, TE_ERR_NOT_IMPLEMENTED, "more than %d conjugated tensors in one call",
                         MAX_REPLACED);
  TeTensor *plain = te_lazy_resolve (*place, err);
  if (!plain)
    return false;
  self->lazy[self->count] = *place;
  self->plain[self->count++] = plain;
  *place = plain;
  return true;
}

static bool
replace_list (Replaced *self, TeValue *value, TeError *err)
{
  TeTensor **list = te_new_sized ((size_t) (value->count + 1) * sizeof *list);
  if (!list)
    return te_error_no_memory (err);
  bool ok = true;
  for (int k = 0; k < value->count; k++)
    {
      list[k] = value->tensors[k];
      ok = ok && replace (self, &list[k], err);
    }
  value->tensors = list;
  return ok;
}

/* What the kernel wrote into plain copies of outputs goes to the outputs themselves. */
static bool
give_back (TeTensor *to, TeTensor *from, TeError *err)
{
  return (te_tensor_same_sizes (to, from) || te_tensor_resize (to, from->ndim, from->sizes, err))
         && te_copy (to, from, err);
}

bool
te_lazy_run (TeOpCall *call, TeError *err)
{
  TeValue args[TE_OP_MAX_ARGS];
  const TeValue *given = call->args;
  TeTensor *written[TE_OP_INLINE_OUTS] = { NULL };
  Replaced replaced = { .count = 0 };
  bool ok = true;
  for (int i = 0; i < call->op->n_args; i++)
    {
      args[i] = given[i];
      if (!ok)
        continue;
      if (args[i].kind == TE_VALUE_TENSOR)
        ok = replace (&replaced, &args[i].tensor, err);
      else if (args[i].kind == TE_VALUE_TENSOR_LIST)
        ok = replace_list (&replaced, &args[i], err);
    }
  for (int i = 0; ok && i < call->n_outs && i < TE_OP_INLINE_OUTS; i++)
    if (is_lazy (call->outs[i]))
      {
        written[i] = call->outs[i];
        ok = replace (&replaced, &call->outs[i], err);
        te_tensor_ref (call->outs[i]);
      }
  call->args = args;
  ok = ok && call->op->def->kernel (call, err);
  call->args = given;
  for (int i = 0; i < TE_OP_INLINE_OUTS; i++)
    if (written[i])
      {
        ok = ok && give_back (written[i], call->outs[i], err);
        te_tensor_unref (call->outs[i]);
        call->outs[i] = written[i];
      }
  for (int i = 0; i < call->op->n_args; i++)
    if (args[i].kind == TE_VALUE_TENSOR_LIST && args[i].tensors != given[i].tensors)
      te_free_sized ((void *) args[i].tensors, (size_t) (args[i].count + 1) * sizeof (TeTensor *));
  for (int i = 0; i < replaced.count; i++)
    te_tensor_unref (replaced.plain[i]);
  return ok;
}
