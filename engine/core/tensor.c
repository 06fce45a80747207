#include "core/tensor.h"

#include <stddef.h>
#include <string.h>

#include "base/checked.h"
#include "base/mem.h"

static uint64_t last_id;
void (*te_tensor_autograd_release) (TeTensor *tensor) = NULL;
bool te_tensor_complex_in_use = false;
bool (*te_tensor_view_requires_grad) (const TeTensor *view) = NULL;

static void
geometry_free (TeTensor *self)
{
  if (self->sizes != self->inline_geometry)
    te_free_sized (self->sizes, 2 * (size_t) self->ndim * sizeof (int64_t));
}

/* te_tensor_set_geometry: replaces sizes, strides and offset; self is unchanged on failure.  The caller has
 * checked that the storage reaches far enough. */
bool
te_tensor_set_geometry (
    TeTensor *self, int ndim, const int64_t *sizes, const int64_t *strides, int64_t offset, TeError *err)
{
  int64_t numel;
  if (ndim > TE_MAX_NDIM)
    return te_error_set (err, TE_ERR_RUNTIME, "tensors of more than %d dimensions are not supported",
                         TE_MAX_NDIM);
  if (!te_shape_numel (ndim, sizes, &numel))
    return te_error_set (err, TE_ERR_RUNTIME, "numel: integer multiplication overflow");
  int64_t *place = self->inline_geometry;
  if (ndim > TE_INLINE_NDIM)
    {
      place = te_new_sized (2 * (size_t) ndim * sizeof (int64_t));
      if (!place)
        return te_error_no_memory (err);
    }
  else if (self->sizes == self->inline_geometry && (sizes == self->sizes || strides == self->strides))
    {
      int64_t copy[2 * TE_INLINE_NDIM];
      for (int i = 0; i < ndim; i++)
        {
          copy[i] = sizes[i];
          copy[TE_INLINE_NDIM + i] = strides[i];
        }
      return te_tensor_set_geometry (self, ndim, copy, copy + TE_INLINE_NDIM, offset, err);
    }
  int half = ndim > TE_INLINE_NDIM ? ndim : TE_INLINE_NDIM;
  const int64_t far = INT64_MAX / 64; /* a stride that is never taken may be anything, but bytes must count it */
  for (int i = 0; i < ndim; i++)
    {
      place[i] = sizes[i];
      place[half + i] = strides[i] < far && strides[i] > -far ? strides[i] : 1;
    }
  if (self->sizes)
    geometry_free (self);
  self->sizes = place;
  self->strides = place + half;
  self->ndim = (uint8_t) ndim;
  self->offset = offset;
  self->numel = numel;
  if (te_shape_is_contiguous (ndim, self->sizes, self->strides))
    self->flags |= TE_TENSOR_CONTIGUOUS;
  else
    self->flags &= ~(uint32_t) TE_TENSOR_CONTIGUOUS;
  return true;
}

/* ---- versions ---- */

/* A counter that is not a storage's; counted by the tensors that share it. */
typedef struct
{
  uint32_t value; /* first: tensors point here */
  uint32_t refcount;
} Counter;

static Counter *
own_counter (const TeTensor *self)
{
  return self->version == &self->storage->version || (self->flags & TE_TENSOR_OLD_COUNTER)
             ? NULL
             : (Counter *) self->version;
}

/* The storage that self left but counts with, or NULL. */
static TeStorage *
old_storage (const TeTensor *self)
{
  return self->flags & TE_TENSOR_OLD_COUNTER
             ? (TeStorage *) ((char *) self->version - offsetof (TeStorage, version))
             : NULL;
}

static void
leave_counter (TeTensor *self)
{
  Counter *counter = own_counter (self);
  TeStorage *old = old_storage (self);
  if (counter && --counter->refcount == 0)
    te_free (counter);
  self->version = &self->storage->version;
  self->flags &= ~(uint32_t) TE_TENSOR_OLD_COUNTER;
  te_storage_unref (old);
}

bool
te_tensor_own_version (TeTensor *self, uint32_t version, TeError *err)
{
  Counter *counter = te_new (Counter);
  if (!counter)
    return te_error_no_memory (err);
  *counter = (Counter){ .value = version, .refcount = 1 };
  leave_counter (self);
  self->version = &counter->value;
  return true;
}

void
te_tensor_share_version (TeTensor *self, const TeTensor *of)
{
  Counter *counter = own_counter (of);
  TeStorage *old = old_storage (of);
  if (counter)
    counter->refcount++;
  if (old)
    te_storage_ref (old);
  leave_counter (self);
  if (counter)
    self->version = &counter->value;
  if (old)
    {
      self->version = &old->version;
      self->flags |= TE_TENSOR_OLD_COUNTER;
    }
}

/* Consumes the caller's reference to storage, also on failure. */
static TeTensor *
tensor_over (TeStorage *storage,
             TeDtype dtype,
             int ndim,
             const int64_t *sizes,
             const int64_t *strides,
             int64_t offset,
             TeError *err)
{
  TeTensor *self = storage ? te_new (TeTensor) : NULL;
  if (!self)
    {
      if (storage)
        te_error_no_memory (err);
      te_storage_unref (storage);
      return NULL;
    }
  self->refcount = 1;
  self->id = ++last_id;
  self->storage = storage;
  self->version = &storage->version;
  self->dtype = (int8_t) dtype;
  te_tensor_complex_in_use |= dtype >= TE_COMPLEX64;
  if (!te_tensor_set_geometry (self, ndim, sizes, strides, offset, err))
    {
      te_storage_unref (storage);
      te_free (self);
      return NULL;
    }
  return self;
}

static bool
nbytes_for (
    int ndim, const int64_t *sizes, const int64_t *strides, TeDtype dtype, size_t *nbytes, TeError *err)
{
  int64_t numel, extent;
  for (int i = 0; i < ndim; i++)
    if (sizes[i] < 0)
      {
        char text[512];
        return te_error_set (err, TE_ERR_RUNTIME, "Trying to create tensor with negative dimension %lld: %s",
                             (long long) sizes[i], te_shape_text (ndim, sizes, text, sizeof text));
      }
  if (!te_shape_numel (ndim, sizes, &numel) || !te_shape_extent (ndim, sizes, strides, 0, &extent)
      || extent < 0 || extent > INT64_MAX / 8)
    {
      char text[512];
      return te_error_set (err, TE_ERR_RUNTIME, "Storage size calculation overflowed with sizes=%s",
                           te_shape_text (ndim, sizes, text, sizeof text));
    }
  *nbytes = (size_t) extent * te_dtype_nbytes (dtype);
  return true;
}

TeTensor *
te_tensor_new_strided (int ndim, const int64_t *sizes, const int64_t *strides, TeDtype dtype, TeError *err)
{
  size_t nbytes;
  if (!nbytes_for (ndim, sizes, strides, dtype, &nbytes, err))
    return NULL;
  return tensor_over (te_storage_new (nbytes, err), dtype, ndim, sizes, strides, 0, err);
}

TeTensor *
te_tensor_new (int ndim, const int64_t *sizes, TeDtype dtype, TeError *err)
{
  int64_t strides[TE_MAX_NDIM], numel;
  if (ndim > TE_MAX_NDIM || !te_shape_numel (ndim, sizes, &numel))
    {
      size_t nbytes;
      for (int i = 0; i < (ndim > TE_MAX_NDIM ? 0 : ndim); i++)
        strides[i] = 1;
      if (ndim > TE_MAX_NDIM)
        te_error_set (err, TE_ERR_RUNTIME, "tensors of more than %d dimensions are not supported",
                      TE_MAX_NDIM);
      else if (nbytes_for (ndim, sizes, strides, dtype, &nbytes, err))
        te_error_set (err, TE_ERR_RUNTIME, "numel: integer multiplication overflow");
      return NULL;
    }
  te_shape_contiguous_strides (ndim, sizes, strides);
  return te_tensor_new_strided (ndim, sizes, strides, dtype, err);
}

/* te_tensor_new_meta: sizes without memory (device meta); strides may be NULL for contiguous. */
TeTensor *
te_tensor_new_meta (int ndim, const int64_t *sizes, const int64_t *strides, TeDtype dtype, TeError *err)
{
  int64_t own[TE_MAX_NDIM];
  size_t nbytes;
  if (!strides)
    {
      te_shape_contiguous_strides (ndim, sizes, own);
      strides = own;
    }
  if (!nbytes_for (ndim, sizes, strides, dtype, &nbytes, err))
    return NULL;
  return tensor_over (te_storage_new_meta (nbytes, err), dtype, ndim, sizes, strides, 0, err);
}

TeTensor *
te_tensor_new_view (TeStorage *storage,
                    TeDtype dtype,
                    int ndim,
                    const int64_t *sizes,
                    const int64_t *strides,
                    int64_t offset,
                    TeError *err)
{
  return tensor_over (te_storage_ref (storage), dtype, ndim, sizes, strides, offset, err);
}

TeTensor *
te_tensor_alias (TeTensor *self, TeError *err)
{
  TeTensor *alias = te_tensor_new_view (self->storage, te_tensor_dtype (self), self->ndim, self->sizes,
                                        self->strides, self->offset, err);
  if (alias)
    {
      te_tensor_share_version (alias, self);
      alias->flags |= self->flags & (TE_TENSOR_LAZY | TE_TENSOR_INFERENCE);
    }
  return alias;
}

TeTensor *
te_tensor_parts (const TeTensor *self, TeError *err)
{
  int64_t sizes[TE_MAX_NDIM + 1], strides[TE_MAX_NDIM + 1];
  if (self->ndim == TE_MAX_NDIM)
    {
      te_error_set (err, TE_ERR_RUNTIME, "tensors of more than %d dimensions are not supported", TE_MAX_NDIM);
      return NULL;
    }
  for (int d = 0; d < self->ndim; d++)
    {
      sizes[d] = self->sizes[d];
      strides[d] = 2 * self->strides[d];
    }
  sizes[self->ndim] = 2;
  strides[self->ndim] = 1;
  TeTensor *parts = te_tensor_new_view (self->storage, te_dtype_real (te_tensor_dtype (self)), self->ndim + 1, sizes,
                                        strides, 2 * self->offset, err);
  if (parts)
    te_tensor_share_version (parts, self);
  return parts;
}

TeTensor *
te_tensor_new_scalar (TeScalar value, TeDtype dtype, TeError *err)
{
  TeTensor *self = te_tensor_new (0, NULL, dtype, err);
  if (self)
    te_scalar_store (value, dtype, self->storage->data);
  return self;
}

TeTensor *
te_tensor_new_number (TeScalar value, TeError *err)
{
  TeDtype dtype = value.category == TE_CATEGORY_FLOAT     ? TE_FLOAT64
                  : value.category == TE_CATEGORY_COMPLEX ? TE_COMPLEX128
                                                          : te_scalar_dtype (value);
  TeTensor *self = te_tensor_new_scalar (value, dtype, err);
  if (self)
    self->flags |= TE_TENSOR_WRAPPED_NUMBER;
  return self;
}

bool
te_tensor_resize (TeTensor *self, int ndim, const int64_t *sizes, TeError *err)
{
  int64_t strides[TE_MAX_NDIM], extent, numel;
  if (ndim == self->ndim && !memcmp (sizes, self->sizes, (size_t) ndim * sizeof *sizes))
    return true; /* strides and all */
  if (ndim > TE_MAX_NDIM || !te_shape_numel (ndim, sizes, &numel))
    return te_error_set (err, TE_ERR_RUNTIME, "numel: integer multiplication overflow");
  te_shape_contiguous_strides (ndim, sizes, strides);
  if (!te_shape_extent (ndim, sizes, strides, self->offset, &extent))
    return te_error_set (err, TE_ERR_RUNTIME, "numel: integer multiplication overflow");
  if (!te_mul_i64 (extent, (int64_t) te_dtype_nbytes (te_tensor_dtype (self)), &extent))
    {
      char text[256];
      return te_error_set (err, TE_ERR_RUNTIME, "Storage size calculation overflowed with sizes=%s",
                           te_shape_text (ndim, sizes, text, sizeof text));
    }
  size_t nbytes = (size_t) extent;
  if (nbytes > self->storage->nbytes && !te_storage_resize (self->storage, nbytes, err))
    return false;
  return te_tensor_set_geometry (self, ndim, sizes, strides, self->offset, err);
}

bool
te_tensor_set_data (TeTensor *self, TeTensor *other, TeError *err)
{
  TeStorage *before = self->storage;
  /* The counter stays the one that self and its views have.  Where it lies in the storage that is left, that
   * is kept, but not for self alone. */
  bool leaves = other->storage != before && self->version == &before->version
                && !(self->flags & TE_TENSOR_OLD_COUNTER),
       shared = before->refcount > 1;
  if ((leaves && !shared && !te_tensor_own_version (self, *self->version, err))
      || !te_tensor_set_geometry (self, other->ndim, other->sizes, other->strides, other->offset, err))
    return false;
  self->storage = te_storage_ref (other->storage);
  if (leaves && shared)
    self->flags |= TE_TENSOR_OLD_COUNTER;
  else
    te_storage_unref (before);
  self->dtype = other->dtype;
  self->flags = (self->flags & ~(uint32_t) TE_TENSOR_LAZY) | (other->flags & TE_TENSOR_LAZY);
  return true;
}

void
te_tensor_free (TeTensor *self)
{
  if (self->autograd)
    {
      self->refcount = 1; /* release may look at the tensor */
      te_tensor_autograd_release (self);
    }
  geometry_free (self);
  leave_counter (self);
  te_storage_unref (self->storage);
  te_free (self);
}

TeScalar
te_tensor_first (const TeTensor *self)
{
  TeScalar value = te_scalar_load (te_tensor_dtype (self), te_tensor_data (self));
  bool negative = self->flags & TE_TENSOR_NEG;
  if (negative && value.category >= TE_CATEGORY_FLOAT)
    value.f = -value.f;
  else if (negative)
    value.i = -value.i;
  if (negative != !!(self->flags & TE_TENSOR_CONJ))
    value.imag = -value.imag;
  return value;
}

bool
te_tensor_same_sizes (const TeTensor *a, const TeTensor *b)
{
  return a->ndim == b->ndim && memcmp (a->sizes, b->sizes, a->ndim * sizeof (int64_t)) == 0;
}

const char *
te_tensor_type_name (const TeTensor *self)
{
  static const char *const names[TE_DTYPE_COUNT] = {
#define TYPE_NAME(NAME, ctype, text, nbytes, error_text, category) [TE_##NAME] = "torch." error_text "Tensor",
    TE_DTYPE_LIST (TYPE_NAME)
#undef TYPE_NAME
  };
  return names[self->dtype];
}

const char *
te_tensor_kind_name (const TeTensor *self)
{
  switch (self->dtype)
    {
    case TE_BOOL:
      return "CPUBoolType";
    case TE_BFLOAT16:
      return "CPUBFloat16Type";
    case TE_COMPLEX64:
      return "CPUComplexFloatType";
    case TE_COMPLEX128:
      return "CPUComplexDoubleType";
    default:
      return te_tensor_type_name (self);
    }
}
