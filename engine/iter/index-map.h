/* From an element of a result to the elements it was made from: integer arithmetic on sizes and strides
 * alone, shared by the engine's tests and by the window, which has no tensors. */
#pragma once

#include "core/shape.h"

/* How a tensor lies over its storage, in elements. */
typedef struct
{
  int ndim;
  int64_t offset;
  int64_t sizes[TE_MAX_NDIM];
  int64_t strides[TE_MAX_NDIM];
} TeGeometry;

/* A rectangular set of elements: in dimension d the indices start[d] … start[d] + count[d] - 1. */
typedef struct
{
  int ndim;
  int64_t start[TE_MAX_NDIM];
  int64_t count[TE_MAX_NDIM];
} TeIndexBox;

int64_t te_index_box_numel (const TeIndexBox *box);

/* Place in the storage of the element at index. */
int64_t te_geometry_place (const TeGeometry *geometry, const int64_t *index);
/* An index of `geometry` that lies at that place in the storage (the first in order when several do, as in
 * expanded tensors); false when none does. */
bool te_geometry_find (const TeGeometry *geometry, int64_t place, int64_t *index);

/* A view: which element of its base the element at index is. */
bool
te_index_map_view (const TeGeometry *view, const TeGeometry *base, const int64_t *index, int64_t *base_index);
/* Broadcasting: which element of an input of those sizes was used for the output's element at index. */
void te_index_map_broadcast (
    int out_ndim, const int64_t *index, int in_ndim, const int64_t *in_sizes, int64_t *in_index);
/* Reduction over dims (n_dims 0: over all; wrapped, in [0, ndim)): which elements were combined. */
void te_index_map_reduce (int in_ndim,
                          const int64_t *in_sizes,
                          int n_dims,
                          const int *dims,
                          bool keepdim,
                          const int64_t *index,
                          TeIndexBox *box);
/* matmul of any ranks: the row of a and the column of b (as a box each) whose product is the element at
 * index. False when the shapes do not multiply. */
bool te_index_map_matmul (int a_ndim,
                          const int64_t *a_sizes,
                          int b_ndim,
                          const int64_t *b_sizes,
                          const int64_t *index,
                          TeIndexBox *a_box,
                          TeIndexBox *b_box);
