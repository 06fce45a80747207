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

bool
te_tensor_set_sparse (TeTensor *self, TeTensor *indices, TeTensor *values, bool coalesced, TeError *err)
{
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
