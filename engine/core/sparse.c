/* Parts of sparse tensors, owned by their storage. */
#include "core/sparse.h"

#include "base/mem.h"

void
te_sparse_release (void *data, void *owner)
{
  (void) data;
  TeSparse *parts = owner;
  te_tensor_unref (parts->indices);
  te_tensor_unref (parts->values);
  te_free (parts);
}

/* Whoever walks the coordinates trusts in this. */
static bool
parts_fit (const TeTensor *self, const TeTensor *indices, const TeTensor *values)
{
  if (indices->ndim != 2 || indices->dtype != TE_INT64 || values->ndim < 1 || values->dtype != self->dtype
      || values->sizes[0] != indices->sizes[1] || indices->sizes[0] + values->ndim - 1 != self->ndim
      || te_tensor_is_meta (indices) || te_tensor_is_meta (values))
    return false;
  for (int d = 1; d < values->ndim; d++)
    if (values->sizes[d] != self->sizes[indices->sizes[0] + d - 1])
      return false;
  return true;
}

bool
te_tensor_set_sparse (TeTensor *self, TeTensor *indices, TeTensor *values, bool coalesced, TeError *err)
{
  if (!parts_fit (self, indices, values))
    return te_error_set (err, TE_ERR_RUNTIME, "these coordinates and values make no sparse tensor of %d dimensions and dtype %s",
                         self->ndim, te_dtype_name (self->dtype));
  TeSparse *parts = te_new (TeSparse), *before = te_tensor_sparse (self);
  if (!parts)
    return te_error_no_memory (err);
  *parts = (TeSparse){ te_tensor_ref (indices), te_tensor_ref (values), coalesced };
  self->storage->release = te_sparse_release;
  self->storage->owner = parts;
  if (before)
    te_sparse_release (NULL, before);
  return true;
}

TeTensor *
te_tensor_new_sparse (
    int ndim, const int64_t *sizes, TeTensor *indices, TeTensor *values, bool coalesced, TeError *err)
{
  TeTensor *self = te_tensor_new_meta (ndim, sizes, NULL, te_tensor_dtype (values), err);
  if (self && !te_tensor_set_sparse (self, indices, values, coalesced, err))
    te_tensor_clear (&self);
  return self;
}
