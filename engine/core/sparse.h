/* Sparse tensors (torch.sparse_coo): no memory of their own, but coordinates (sparse dimensions x kept elements) and values (kept
 * elements x dense dimensions), which hang on their storage, so that whatever shares that shares them.  To everything that does
 * not ask they are tensors of device meta; who adds gradients, wraps tensors for Python or steps parameters asks. */
#pragma once

#include "core/tensor.h"

typedef struct
{
  TeTensor *indices; /* int64, owned */
  TeTensor *values;  /* owned */
  bool coalesced;    /* the coordinates are in order, each once */
} TeSparse;

/* A sparse tensor, which takes references to both parts. */
TeTensor *te_tensor_new_sparse (
    int ndim, const int64_t *sizes, TeTensor *indices, TeTensor *values, bool coalesced, TeError *err);
/* Other parts for a tensor without memory, which is sparse from then on; false when they do not fit it, or there is no memory. */
bool te_tensor_set_sparse (TeTensor *self, TeTensor *indices, TeTensor *values, bool coalesced, TeError *err);

void te_sparse_release (void *data, void *owner);

static inline TeSparse *
te_tensor_sparse (const TeTensor *self) /* NULL: a dense one */
{
  return self->storage->release == te_sparse_release ? self->storage->owner : NULL;
}
