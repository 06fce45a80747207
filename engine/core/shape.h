/* Arithmetic on sizes and strides, without tensors: shared by the engine and the window. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define TE_MAX_NDIM 64

bool te_shape_numel (int ndim, const int64_t *sizes, int64_t *numel); /* false: overflow or negative */
void te_shape_contiguous_strides (int ndim, const int64_t *sizes, int64_t *strides);
bool te_shape_is_contiguous (int ndim, const int64_t *sizes, const int64_t *strides);
bool te_shape_is_channels_last (int ndim, const int64_t *sizes, const int64_t *strides);
/* Do the elements lie without gaps in that order?  What is_channels_last asks is only which order the strides have. */
bool te_shape_is_dense_channels_last (int ndim, const int64_t *sizes, const int64_t *strides);
void te_shape_channels_last_strides (int ndim, const int64_t *sizes, int64_t *strides); /* ndim 4 or 5 */
bool te_shape_is_non_overlapping_and_dense (int ndim, const int64_t *sizes, const int64_t *strides);

/* Strides that give a tensor (sizes, strides) the new sizes without copying; false when none exist.
 * Source: the rule of Tensor.view: each new dimension lies in one run of memory of the old. */
bool te_shape_view_strides (int ndim,
                            const int64_t *sizes,
                            const int64_t *strides,
                            int new_ndim,
                            const int64_t *new_sizes,
                            int64_t *new_strides);

/* Resolves one -1 in `sizes` (edited in place) for numel elements; PyTorch's errors. */
bool te_shape_infer (int ndim, int64_t *sizes, int64_t numel, TeError *err);

/* Broadcasts two shapes; out has room for max (a_ndim, b_ndim).  PyTorch's error at the last clash. */
bool te_shape_broadcast (
    int a_ndim, const int64_t *a, int b_ndim, const int64_t *b, int *out_ndim, int64_t *out, TeError *err);
/* First element beyond the last that (sizes, strides, offset) can reach, in elements; 0 for empty. */
bool
te_shape_extent (int ndim, const int64_t *sizes, const int64_t *strides, int64_t offset, int64_t *extent);

/* Wraps a negative dim; ndim 0 counts as 1.  IndexError in PyTorch's words. */
bool te_dim_wrap (int64_t dim, int ndim, int *out, TeError *err);

/* "[2, 3]", PyTorch's way of naming sizes in errors; returns buffer. */
const char *te_shape_text (int ndim, const int64_t *sizes, char *buffer, size_t nbytes);
