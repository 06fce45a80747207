/* Elements in another order: flip, roll, rot90. */
#include <string.h>

#include "ops/creation/creation-private.h"
#include "ops/dispatch.h"
#include "ops/shape/families.h"
#include "ops/shape/shape-util.h"

#define BOTH (TE_OP_METHOD | TE_OP_FUNCTION)

static bool
give (TeOpCall *call, TeTensor *result)
{
  call->outs[0] = result;
  return result != NULL;
}

/* New memory, strides in the order of self's: empty_like. */
static TeTensor *
new_like (TeTensor *self, TeError *err)
{
  int64_t strides[TE_MAX_NDIM];
  if (!te_tensor_is_meta (self) && te_like_strides (self, NULL, strides, err))
    return te_tensor_new_strided (self->ndim, self->sizes, strides, te_tensor_dtype (self), err);
  return te_result_new (self, self->ndim, self->sizes, te_tensor_dtype (self), err);
}

/* ---- flip ---- */
static TeTensor *
flip (TeTensor *self, int n, const int64_t *dims, TeError *err)
{
  bool turned[TE_MAX_NDIM] = { false };
  int64_t strides[TE_MAX_NDIM];
  for (int i = 0; i < n; i++)
    {
      int d;
      if (!te_dim_wrap (dims[i], self->ndim, &d, err))
        return NULL;
      if (turned[d])
        {
          te_error_set (err, TE_ERR_RUNTIME, "dim %d appears multiple times in the list of dims", d);
          return NULL;
        }
      turned[d] = true;
    }
  TeTensor *out = new_like (self, err);
  if (!out || te_tensor_is_meta (out) || out->numel == 0)
    return out;
  size_t nbytes = te_dtype_nbytes (te_tensor_dtype (self));
  const char *from = te_tensor_data (self);
  for (int d = 0; d < self->ndim; d++)
    {
      strides[d] = turned[d] ? -self->strides[d] : self->strides[d];
      if (turned[d])
        from += (self->sizes[d] - 1) * self->strides[d] * (int64_t) nbytes;
    }
  te_move_elements (nbytes, self->ndim, self->sizes, te_tensor_data (out), out->strides, from, strides);
  return out;
}

static bool
flip_kernel (TeOpCall *call, TeError *err)
{
  return give (call, flip (te_arg (call, 0), call->args[1].count, call->args[1].ints, err));
}

static bool
flip_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "flip")
  return te_grad_give (ctx, 0,
                       te_call (op, err, "TI", ctx->grads[0], ctx->args[1].ints, (int) ctx->args[1].count));
}

static bool
flip_along (TeOpCall *call, int64_t dim, TeError *err)
{
  TE_OP (op, "flip")
  if (te_arg (call, 0)->ndim <= dim)
    return te_error_set (err, TE_ERR_RUNTIME, "Input must be >= %lld-d.", (long long) dim + 1);
  return give (call, te_call (op, err, "TI", te_arg (call, 0), &dim, 1));
}

static bool
fliplr_kernel (TeOpCall *call, TeError *err)
{
  return flip_along (call, 1, err);
}

static bool
flipud_kernel (TeOpCall *call, TeError *err)
{
  return flip_along (call, 0, err);
}

/* ---- roll ---- */
/* out[(i + shift) mod n] = in[i] along one dimension; both contiguous. */
static void
roll_once (char *out, const char *in, int64_t outer, int64_t n, size_t block, int64_t shift)
{
  size_t head = (size_t) shift * block, tail = (size_t) (n - shift) * block;
  for (int64_t k = 0; k < outer; k++, out += head + tail, in += head + tail)
    {
      memcpy (out + head, in, tail);
      memcpy (out, in + tail, head);
    }
}

static TeTensor *
roll_dim (TeTensor *self, int dim, int64_t shift, TeError *err)
{
  TeTensor *out = te_result_new (self, self->ndim, self->sizes, te_tensor_dtype (self), err);
  int64_t outer = 1, n = self->ndim ? self->sizes[dim] : 1;
  size_t block = te_dtype_nbytes (te_tensor_dtype (self));
  for (int d = 0; d < dim; d++)
    outer *= self->sizes[d];
  for (int d = dim + 1; d < self->ndim; d++)
    block *= (size_t) self->sizes[d];
  if (out && self->numel && !te_tensor_is_meta (self))
    roll_once (te_tensor_data (out), te_tensor_data (self), outer, n, block, ((shift % n) + n) % n);
  return out;
}

static bool
roll_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *shifts = &call->args[1], *dims = &call->args[2];
  TeTensor *now = te_input_contiguous (te_arg (call, 0), err);
  if (!now)
    return false;
  bool flat = dims->count == 0 && shifts->count == 1, ok = true;
  if (shifts->count == 0)
    ok = te_error_set (err, TE_ERR_RUNTIME, "`shifts` required");
  else if (!flat && shifts->count != dims->count)
    ok = te_error_set (err, TE_ERR_RUNTIME, "shifts and dimensions must align. shifts: %d, dims:%d",
                       shifts->count, dims->count);
  for (int i = 0; ok && now->numel && i < shifts->count; i++)
    {
      int64_t all = now->numel, one = 1, strides[TE_MAX_NDIM];
      TeTensor *line = flat ? te_view_new (now, te_tensor_dtype (now), 1, &all, &one, now->offset, err)
                            : te_tensor_ref (now);
      int dim = 0;
      ok = line && (flat || te_sized_dim_wrap (dims->ints[i], now->ndim, &dim, err));
      TeTensor *next = ok ? roll_dim (line, dim, shifts->ints[i], err) : NULL;
      te_shape_contiguous_strides (now->ndim, now->sizes, strides);
      ok = next && (!flat || te_tensor_set_geometry (next, now->ndim, now->sizes, strides, 0, err));
      te_tensor_unref (line);
      te_tensor_unref (now);
      now = next;
    }
  if (ok && now == te_arg (call, 0))
    { /* nothing was rolled: still a copy */
      TE_OP (clone, "clone")
      int64_t format = flat && now->ndim > 1 ? TE_MEMORY_CONTIGUOUS : TE_MEMORY_PRESERVE;
      TeTensor *copy = te_call (clone, err, "Ti", now, format);
      ok = copy != NULL;
      te_tensor_unref (now);
      now = copy;
    }
  if (!ok)
    te_tensor_clear (&now);
  return give (call, now);
}

static bool
roll_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "roll")
  int64_t shifts[TE_MAX_NDIM];
  int n = ctx->args[1].count;
  if (n > TE_MAX_NDIM)
    return te_error_set (err, TE_ERR_RUNTIME, "roll: too many shifts");
  for (int i = 0; i < n; i++)
    { /* once round changes nothing, and keeps the number away from the one that has no negative */
      TeTensor *grad = ctx->grads[0];
      int dim = 0;
      if (ctx->args[2].count > i && !te_dim_wrap (ctx->args[2].ints[i], grad->ndim, &dim, err))
        return false;
      int64_t round = !ctx->args[2].count || !grad->ndim ? grad->numel : grad->sizes[dim];
      shifts[i] = -(ctx->args[1].ints[i] % (round ? round : 1));
    }
  return te_grad_give (
      ctx, 0,
      te_call (op, err, "TII", ctx->grads[0], shifts, n, ctx->args[2].ints, (int) ctx->args[2].count));
}

/* ---- rot90 ---- */
static bool
rot90_check (TeTensor *self, const TeValue *dims, int *a, int *b, TeError *err)
{
  int n = dims->count;
  if (n != 2)
    return te_error_set (err, TE_ERR_RUNTIME, "expected total rotation dims == 2, but got dims = %d", n);
  if (self->ndim < 2)
    return te_error_set (err, TE_ERR_RUNTIME, "expected total dims >= 2, but got total dims = %d",
                         self->ndim);
  int64_t d0 = dims->ints[0], d1 = dims->ints[1];
  uint64_t gap = d0 > d1 ? (uint64_t) d0 - (uint64_t) d1 : (uint64_t) d1 - (uint64_t) d0;
  if (d0 == d1 || gap == self->ndim)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "expected rotation dims to be different, but got dim0 = %lld and dim1 = %lld",
                         (long long) d0, (long long) d1);
  for (int i = 0; i < 2; i++)
    if (dims->ints[i] >= self->ndim || dims->ints[i] < -self->ndim)
      return te_error_set (err, TE_ERR_RUNTIME, "Rotation dim%d out of range, dim%d = %lld", i, i,
                           (long long) dims->ints[i]);
  *a = (int) (d0 < 0 ? d0 + self->ndim : d0);
  *b = (int) (d1 < 0 ? d1 + self->ndim : d1);
  return true;
}

static TeTensor *
copy_of (TeTensor *self, TeError *err)
{
  TeTensor *copy = te_result_new (self, self->ndim, self->sizes, te_tensor_dtype (self), err);
  if (copy && !te_raw_copy (copy, self, err))
    te_tensor_clear (&copy);
  return copy;
}

static bool
rot90_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0), *out;
  int a = 0, b = 1;
  if (!rot90_check (self, &call->args[2], &a, &b, err))
    return false;
  int64_t k = ((call->args[1].i % 4) + 4) % 4, dims[2] = { a, b };
  out = k == 0   ? copy_of (self, err)
        : k == 2 ? flip (self, 2, dims, err)
                 : flip (self, 1, k == 1 ? dims + 1 : dims, err);
  if (out && k % 2)
    {
      int64_t sizes[TE_MAX_NDIM], strides[TE_MAX_NDIM];
      for (int d = 0; d < out->ndim; d++)
        {
          int from = d == a ? b : d == b ? a : d;
          sizes[d] = out->sizes[from];
          strides[d] = out->strides[from];
        }
      if (!te_tensor_set_geometry (out, out->ndim, sizes, strides, 0, err))
        te_tensor_clear (&out);
    }
  return give (call, out);
}

static bool
rot90_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "rot90")
  return te_grad_give (
      ctx, 0,
      te_call (op, err, "TiI", ctx->grads[0], -(ctx->args[1].i % 4), ctx->args[2].ints, (int) ctx->args[2].count));
}

static const TeOpDef rows[] = {
  { "flip(Tensor self, int[] dims) -> Tensor", BOTH, flip_kernel, flip_backward, "FlipBackward",
    .doc = "The order along each of dims reversed; a copy." },
  { "fliplr(Tensor self) -> Tensor", BOTH | TE_OP_COMPOSITE, fliplr_kernel,
    .doc = "Columns in reverse order." },
  { "flipud(Tensor self) -> Tensor", BOTH | TE_OP_COMPOSITE, flipud_kernel, .doc = "Rows in reverse order." },
  { "roll(Tensor self, int[1] shifts, int[1]? dims=[]) -> Tensor", BOTH, roll_kernel, roll_backward,
    "RollBackward",
    .doc = "Elements moved by shifts along dims; what leaves at the end comes in at the beginning." },
  { "rot90(Tensor self, int k=1, int[] dims=[0,1]) -> Tensor", BOTH, rot90_kernel, rot90_backward,
    "Rot90Backward", .doc = "Turned k times by 90 degrees in the plane of two dimensions." },
};

TE_OP_FAMILY (te_family_shape_flip, rows);
