#include "ops/shape/shape-util.h"

#include <string.h>

#include "iter/tensor-iter.h"
#include "ops/out-rules.h"

TeTensor *
te_view_new (TeTensor *self,
             TeDtype dtype,
             int ndim,
             const int64_t *sizes,
             const int64_t *strides,
             int64_t offset,
             TeError *err)
{
  TeTensor *view = te_tensor_new_view (self->storage, dtype, ndim, sizes, strides, offset, err);
  if (view)
    te_tensor_share_version (view, self);
  return view;
}

bool
te_view_give (TeOpCall *call,
              TeTensor *self,
              int ndim,
              const int64_t *sizes,
              const int64_t *strides,
              int64_t offset,
              TeError *err)
{
  call->outs[0] = te_view_new (self, te_tensor_dtype (self), ndim, sizes, strides, offset, err);
  return call->outs[0] != NULL;
}

TeTensor *
te_result_new (const TeTensor *like, int ndim, const int64_t *sizes, TeDtype dtype, TeError *err)
{
  return te_tensor_is_meta (like) ? te_tensor_new_meta (ndim, sizes, NULL, dtype, err)
                                  : te_tensor_new (ndim, sizes, dtype, err);
}

bool
te_sized_dim_wrap (int64_t dim, int ndim, int *out, TeError *err)
{
  if (ndim == 0)
    return te_error_set (err, TE_ERR_INDEX, "Dimension specified as %lld but tensor has no dimensions",
                         (long long) dim);
  return te_dim_wrap (dim, ndim, out, err);
}

bool
te_result_fits (const TeTensor *self, int ndim, const int64_t *sizes, TeError *err)
{
  char own[512], wanted[512];
  return (self->ndim == ndim && (!ndim || !memcmp (self->sizes, sizes, (size_t) ndim * sizeof *sizes)))
         || te_error_set (err, TE_ERR_RUNTIME,
                          "Bad in-place call: input tensor size %s and output tensor size %s should match",
                          te_shape_text (self->ndim, self->sizes, own, sizeof own),
                          te_shape_text (ndim, sizes, wanted, sizeof wanted));
}

bool
te_result_give (TeOpCall *call, int i, TeTensor *result, TeError *err)
{
  if (!result)
    return false;
  TeTensor *out = call->outs[i];
  if (!out)
    {
      call->outs[i] = result;
      return true;
    }
  bool casts = call->op->def->flags & TE_OP_ROLE_PASS; /* joins convert; what computes wants its own dtype */
  bool ok = call->has_out ? te_out_take (out, result, casts ? TE_OUT_CASTS : TE_OUT_SAME, err)
                          : te_result_fits (out, result->ndim, result->sizes, err)
                                && te_raw_copy (out, result, err);
  te_tensor_unref (result);
  return ok;
}

bool
te_raw_copy (TeTensor *dst, TeTensor *src, TeError *err)
{
  if (te_tensor_is_meta (dst) || te_tensor_is_meta (src))
    return true;
  if (dst->dtype == src->dtype && te_tensor_is_contiguous (dst) && te_tensor_is_contiguous (src))
    {
      if (src->numel)
        memmove (te_tensor_data (dst), te_tensor_data (src),
                 (size_t) src->numel * te_dtype_nbytes (te_tensor_dtype (src)));
      return true;
    }
  return te_copy (dst, src, err);
}

TeTensor *
te_input_as (TeTensor *self, TeDtype dtype, TeError *err)
{
  if (te_tensor_dtype (self) == dtype && te_tensor_is_contiguous (self))
    return te_tensor_ref (self);
  TeTensor *copy = te_result_new (self, self->ndim, self->sizes, dtype, err);
  if (copy && !te_raw_copy (copy, self, err))
    te_tensor_clear (&copy);
  return copy;
}

TeTensor *
te_input_contiguous (TeTensor *self, TeError *err)
{
  return te_input_as (self, te_tensor_dtype (self), err);
}

#define MOVE_LOOP(type)                                                                                      \
  do                                                                                                         \
    {                                                                                                        \
      type *to = (type *) dst + te_index_offset (outer, index, dst_strides);                                 \
      const type *from = (const type *) src + te_index_offset (outer, index, src_strides);                   \
      if (ds == 1 && ss == 1)                                                                                \
        memcpy (to, from, (size_t) n * sizeof (type));                                                       \
      else                                                                                                   \
        for (int64_t i = 0; i < n; i++)                                                                      \
          to[i * ds] = from[i * ss];                                                                         \
    }                                                                                                        \
  while (te_index_next (outer, sizes, index))

void
te_move_elements (size_t nbytes,
                  int ndim,
                  const int64_t *sizes,
                  void *dst,
                  const int64_t *dst_strides,
                  const void *src,
                  const int64_t *src_strides)
{
  int64_t index[TE_MAX_NDIM] = { 0 };
  for (int d = 0; d < ndim; d++)
    if (sizes[d] == 0)
      return;
  int outer = ndim > 0 ? ndim - 1 : 0;
  int64_t n = ndim > 0 ? sizes[ndim - 1] : 1;
  int64_t ds = ndim > 0 ? dst_strides[ndim - 1] : 1, ss = ndim > 0 ? src_strides[ndim - 1] : 1;
  switch (nbytes)
    {
    case 1:
      MOVE_LOOP (uint8_t);
      break;
    case 2:
      MOVE_LOOP (uint16_t);
      break;
    case 4:
      MOVE_LOOP (uint32_t);
      break;
    case 8:
      MOVE_LOOP (uint64_t);
      break;
    default:
      MOVE_LOOP (TeComplex128);
      break;
    }
}
