/* ops/nn: what layers compute: convolutions, pooling, normalisation, embeddings, padding, resampling,
 * recurrent cells.  Kernels work on contiguous buffers; whatever else arrives is copied first.  Work is cut
 * by sizes alone, so results are the same bits at any number of threads. */
#pragma once

#include "iter/pool.h"
#include "iter/tensor-iter.h"
#include "ops/dispatch.h"

/* Owned contiguous tensor with self's contents: self itself where it is contiguous.  Not seen by observers.
 */
TeTensor *te_nn_contiguous (TeTensor *self, TeError *err);
/* Gives a freshly computed contiguous 4-d or 5-d result the channels-last strides that `like` has, as
 * PyTorch's kernels do.  Consumes self (NULL passes through). */
TeTensor *te_nn_follow_format (TeTensor *self, const TeTensor *like, TeError *err);

/* New zero-filled contiguous tensor. */
TeTensor *te_nn_zeros (int ndim, const int64_t *sizes, TeDtype dtype, TeError *err);

/* Scratch for one kernel call: freed by te_nn_scratch_free; NULL with err set without memory. */
typedef struct
{
  void *data;
  size_t nbytes;
} TeScratch;
bool te_nn_scratch (TeScratch *scratch, size_t nbytes, TeError *err);
void te_nn_scratch_free (TeScratch *scratch);

/* Reads an int list argument of n entries into out: a single entry stands for all, an empty list or None for
 * `fallback` (which may be NULL when the argument is required).  RuntimeError naming `what` otherwise. */
bool te_nn_ints (
    const TeValue *value, int n, const int64_t *fallback, const char *what, int64_t *out, TeError *err);

/* Kernel sizes, strides, paddings and dilations above 2^31 are refused: products of two never overflow. */
bool te_nn_check_small (const int64_t *values, int n, const char *what, TeError *err);

/* Another dtype than float32 and float64 is a RuntimeError: "kernel" not implemented for 'Long'. */
bool te_nn_check_floating (const TeTensor *self, const char *kernel, TeError *err);
/* A parameter, when there is one, must have self's dtype. */
bool te_nn_check_same_dtype (const TeTensor *self, const TeTensor *parameter, TeError *err);

/* The kernel of a row that is only its twin, but is recorded as one op. */
bool te_nn_twin_kernel (TeOpCall *call, TeError *err);

/* Sizes that a backward rule was told. */
static inline const int64_t *
te_nn_meta_sizes (const TeMeta *meta)
{
  return meta->sizes ? meta->sizes : meta->inline_sizes;
}

static inline bool
te_nn_out (TeOpCall *call, int index, TeTensor *tensor)
{
  call->outs[index] = tensor;
  return tensor != NULL;
}
static inline int64_t
te_nn_min (int64_t a, int64_t b)
{
  return a < b ? a : b;
}
static inline int64_t
te_nn_max (int64_t a, int64_t b)
{
  return a > b ? a : b;
}
static inline int64_t
te_nn_ceil_div (int64_t a, int64_t b)
{
  return (a + b - 1) / b;
}
/* "[2, 3]" of a tensor's sizes. */
static inline const char *
te_nn_sizes_text (const TeTensor *self, char *buffer, size_t nbytes)
{
  return te_shape_text (self->ndim, self->sizes, buffer, nbytes);
}
