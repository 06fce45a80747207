/* A view in the making: geometry that rows edit and give. */
#pragma once

#include "ops/shape/shape-util.h"

typedef struct
{
  int ndim;
  int64_t offset;
  int64_t sizes[TE_MAX_NDIM + 1];
  int64_t strides[TE_MAX_NDIM + 1];
} TeDraft;

static inline void
te_draft_of (const TeTensor *self, TeDraft *g)
{
  g->ndim = self->ndim;
  g->offset = self->offset;
  for (int d = 0; d < self->ndim; d++)
    {
      g->sizes[d] = self->sizes[d];
      g->strides[d] = self->strides[d];
    }
}

static inline bool
te_draft_give (TeOpCall *call, const TeDraft *g, TeError *err)
{
  return te_view_give (call, te_arg (call, 0), g->ndim, g->sizes, g->strides, g->offset, err);
}

/* The in-place form of a view changes what self looks at. */
static inline bool
te_draft_give_inplace (TeOpCall *call, const TeDraft *g, TeError *err)
{
  return te_tensor_set_geometry (call->outs[0], g->ndim, g->sizes, g->strides, g->offset, err);
}

static inline void
te_draft_remove (TeDraft *g, int dim)
{
  for (int d = dim; d + 1 < g->ndim; d++)
    {
      g->sizes[d] = g->sizes[d + 1];
      g->strides[d] = g->strides[d + 1];
    }
  g->ndim--;
}

static inline void
te_draft_insert (TeDraft *g, int dim, int64_t size, int64_t stride)
{
  for (int d = g->ndim; d > dim; d--)
    {
      g->sizes[d] = g->sizes[d - 1];
      g->strides[d] = g->strides[d - 1];
    }
  g->sizes[dim] = size;
  g->strides[dim] = stride;
  g->ndim++;
}

static inline bool
te_draft_too_many (int ndim, TeError *err)
{
  return ndim > TE_MAX_NDIM
         && !te_error_set (err, TE_ERR_RUNTIME, "tensors of more than %d dimensions are not supported",
                           TE_MAX_NDIM);
}
