/* The same elements several times: repeat, tile, repeat_interleave. */
#include "base/checked.h"
#include "base/mem.h"
#include "iter/tensor-iter.h"
#include "ops/dispatch.h"
#include "ops/shape/families.h"
#include "ops/shape/shape-util.h"

static bool
give (TeOpCall *call, TeTensor *result)
{
  call->outs[0] = result;
  return result != NULL;
}

/* ---- repeat ---- */
/* Element (i, j) of the result, with i the copy and j the place, is element j of self: copied as one tensor
 * of twice the dimensions in which the copies have stride 0. */
static bool
fill_copies (TeTensor *out, TeTensor *self, const int64_t *repeats, TeError *err)
{
  int ndim = out->ndim, pad = ndim - self->ndim;
  int64_t sizes[2 * TE_MAX_NDIM], to[2 * TE_MAX_NDIM], from[2 * TE_MAX_NDIM];
  int n = 0;
  for (int d = 0; d < ndim; d++)
    {
      int64_t size = d < pad ? 1 : self->sizes[d - pad];
      if (repeats[d] != 1)
        {
          sizes[n] = repeats[d];
          to[n] = size * out->strides[d];
          from[n++] = 0;
        }
      if (size != 1)
        {
          sizes[n] = size;
          to[n] = out->strides[d];
          from[n++] = self->strides[d - pad];
        }
    }
  if (n > TE_MAX_NDIM)
    return te_error_set (err, TE_ERR_RUNTIME, "tensors of more than %d dimensions are not supported",
                         TE_MAX_NDIM);
  TeDtype dtype = te_tensor_dtype (self);
  te_move_elements (te_dtype_nbytes (dtype), n, sizes, te_tensor_data (out), to, te_tensor_data (self), from);
  return true;
}

static bool
repeat_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  const TeValue *repeats = &call->args[1];
  int64_t sizes[TE_MAX_NDIM];
  int ndim = repeats->count, pad = ndim - self->ndim;
  if (pad < 0)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor");
  if (ndim > TE_MAX_NDIM)
    return te_error_set (err, TE_ERR_RUNTIME, "tensors of more than %d dimensions are not supported",
                         TE_MAX_NDIM);
  for (int d = 0; d < ndim; d++)
    if (!te_mul_i64 (d < pad ? 1 : self->sizes[d - pad], repeats->ints[d], &sizes[d]))
      return te_error_set (err, TE_ERR_RUNTIME, "numel: integer multiplication overflow");
  TeTensor *out = te_result_new (self, ndim, sizes, te_tensor_dtype (self), err);
  if (out && out->numel && !te_tensor_is_meta (out) && !fill_copies (out, self, repeats->ints, err))
    te_tensor_clear (&out);
  return give (call, out);
}

/* The gradient seen as (copies, sizes, copies, sizes …), summed over the copies. */
static bool
repeat_backward (TeBackward *ctx, TeError *err)
{
  const TeMeta *meta = &ctx->metas[0];
  const TeValue *repeats = &ctx->args[1];
  int pad = repeats->count - meta->ndim, n = 0, n_sum = 0;
  int64_t sizes[2 * TE_MAX_NDIM] = { 0 }, sum[TE_MAX_NDIM];
  bool never = false;
  for (int d = 0; d < repeats->count; d++)
    never = never || repeats->ints[d] == 0;
  if (never)
    return te_grad_give (ctx, 0, te_zeros (meta->ndim, meta->sizes, (TeDtype) meta->dtype, err));
  for (int d = 0; d < repeats->count; d++)
    {
      if (repeats->ints[d] != 1 || d < pad)
        {
          sum[n_sum++] = n;
          sizes[n++] = repeats->ints[d];
        }
      if (d >= pad)
        sizes[n++] = meta->sizes[d - pad];
    }
  TeTensor *split = te_reshape (ctx->grads[0], n, sizes, err);
  TeTensor *result = !split  ? NULL
                     : n_sum ? te_sum_dims (split, n_sum, sum, false, err)
                             : te_tensor_ref (split);
  te_tensor_unref (split);
  return te_grad_give (ctx, 0, result);
}

static bool
tile_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (repeat, "repeat")
  TeTensor *self = te_arg (call, 0);
  const TeValue *dims = &call->args[1];
  int64_t repeats[TE_MAX_NDIM];
  int n = self->ndim > dims->count ? self->ndim : dims->count, pad = n - dims->count;
  if (n > TE_MAX_NDIM)
    return te_error_set (err, TE_ERR_RUNTIME, "tensors of more than %d dimensions are not supported",
                         TE_MAX_NDIM);
  for (int d = 0; d < n; d++)
    repeats[d] = d < pad ? 1 : dims->ints[d - pad];
  return give (call, te_call (repeat, err, "TI", self, repeats, n));
}

/* ---- repeat_interleave ---- */
/* Indices 0 … n - 1, index i as often as repeats[i] says. */
static TeTensor *
interleaved (TeTensor *repeats, TeError *err)
{
  if (repeats->ndim != 1)
    {
      te_error_set (err, TE_ERR_RUNTIME, "repeat_interleave only accept 1D vector as repeat");
      return NULL;
    }
  if (te_tensor_dtype (repeats) != TE_INT64 && te_tensor_dtype (repeats) != TE_INT32)
    {
      te_error_set (err, TE_ERR_RUNTIME, "repeats has to be Long or Int tensor");
      return NULL;
    }
  if (te_tensor_is_meta (repeats))
    {
      te_error_set (err, TE_ERR_RUNTIME, "cannot repeat_interleave a meta tensor without output_size");
      return NULL;
    }
  TeTensor *dense = te_input_as (repeats, TE_INT64, err), *result = NULL;
  if (!dense)
    return NULL;
  const int64_t *counts = te_tensor_data (dense);
  int64_t total = 0;
  bool ok = true;
  for (int64_t i = 0; ok && i < dense->numel; i++)
    {
      if (counts[i] < 0)
        ok = te_error_set (err, TE_ERR_RUNTIME, "repeats can not be negative");
      else if (!te_add_i64 (total, counts[i], &total))
        ok = te_error_set (err, TE_ERR_RUNTIME, "numel: integer multiplication overflow");
    }
  if (ok)
    result = te_tensor_new (1, &total, TE_INT64, err);
  int64_t *to = result ? te_tensor_data (result) : NULL;
  for (int64_t i = 0; result && i < dense->numel; i++)
    for (int64_t k = 0; k < counts[i]; k++)
      *to++ = i;
  te_tensor_unref (dense);
  return result;
}

static bool
interleave_indices_kernel (TeOpCall *call, TeError *err)
{
  return give (call, interleaved (te_arg (call, 0), err));
}

static bool
interleave (TeOpCall *call, TeTensor *repeats, TeError *err)
{
  TE_OP (flatten, "flatten")
  TE_OP (index_select, "index_select")
  TeTensor *self = te_arg (call, 0), *spread = NULL, *indices = NULL;
  int64_t dim = te_arg_given (call, 2) ? call->args[2].i : 0;
  int d;
  TeTensor *input = te_arg_given (call, 2) ? te_tensor_ref (self) : te_call (flatten, err, "T", self);
  if (!input)
    return false;
  bool ok = te_sized_dim_wrap (dim, input->ndim, &d, err);
  int64_t size = ok && input->ndim ? input->sizes[d] : 1, stride = 0;
  if (ok && repeats->numel == 1 && repeats->ndim <= 1)
    spread = te_view_new (repeats, te_tensor_dtype (repeats), 1, &size, &stride, repeats->offset, err);
  else if (ok && repeats->ndim != 1)
    te_error_set (err, TE_ERR_RUNTIME, "repeats must be 0-dim or 1-dim tensor");
  else if (ok && repeats->numel != size)
    te_error_set (err, TE_ERR_RUNTIME, "repeats must have the same size as input along dim");
  else if (ok)
    spread = te_tensor_ref (repeats);
  indices = spread ? interleaved (spread, err) : NULL;
  ok = indices && give (call, te_call (index_select, err, "TiT", input, dim, indices));
  te_tensor_unref (indices);
  te_tensor_unref (spread);
  te_tensor_unref (input);
  return ok;
}

static bool
interleave_tensor_kernel (TeOpCall *call, TeError *err)
{
  return interleave (call, te_arg (call, 1), err);
}

static bool
interleave_int_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *repeats = te_tensor_new_scalar (te_scalar_int (call->args[1].i), TE_INT64, err);
  bool ok = repeats && interleave (call, repeats, err);
  te_tensor_unref (repeats);
  return ok;
}

#define BOTH (TE_OP_METHOD | TE_OP_FUNCTION | TE_OP_COMPOSITE)

static const TeOpDef rows[] = {
  { "repeat(Tensor self, int[] repeats) -> Tensor", TE_OP_METHOD, repeat_kernel, repeat_backward,
    "RepeatBackward", .doc = "Self laid out repeats[d] times along each dimension, copied." },
  { "tile(Tensor self, int[] dims) -> Tensor", BOTH, tile_kernel,
    .doc = "repeat that takes fewer numbers than dimensions: missing ones are 1." },
  { "repeat_interleave.Tensor(Tensor repeats, *, int? output_size=None) -> Tensor",
    TE_OP_FUNCTION | TE_OP_NONDIFF, interleave_indices_kernel,
    .doc = "Index i repeats[i] times, for all i in order." },
  { "repeat_interleave.self_Tensor(Tensor self, Tensor repeats, int? dim=None, *, int? output_size=None) -> "
    "Tensor",
    BOTH, interleave_tensor_kernel, .doc = "Each slice along dim as often as repeats says." },
  { "repeat_interleave.self_int(Tensor self, int repeats, int? dim=None, *, int? output_size=None) -> Tensor",
    BOTH, interleave_int_kernel, .doc = "Each slice along dim (each element without dim) repeats times." },
};

TE_OP_FAMILY (te_family_shape_repeat, rows);
