/* Whole slices along one dimension, picked by a vector of indices: index_select, index_add, index_copy,
 * index_fill. */
#include <stdio.h>
#include <string.h>

#include "core/scalar-range.h"
#include "iter/tensor-iter.h"
#include "ops/creation/creation-private.h"
#include "ops/dispatch.h"
#include "ops/expr.h"
#include "ops/indexing/families.h"
#include "ops/indexing/indexing-util.h"
#include "ops/shape/shape-util.h"

#define BOTH (TE_OP_METHOD | TE_OP_FUNCTION)

/* ---- slices ---- */
/* A tensor cut along dim: how to reach slice i, and how a slice is laid out.  0-dim tensors count as vectors.
 */
typedef struct
{
  char *data;
  size_t nbytes;
  int64_t n, step; /* slices, and elements from one to the next */
  int ndim;        /* of a slice */
  int64_t sizes[TE_MAX_NDIM], strides[TE_MAX_NDIM];
  int64_t numel; /* of a slice */
  bool flat;     /* a slice is contiguous */

} Slices;

static Slices
slices_of (TeTensor *t, int dim)
{
  Slices s = {
    .data = te_tensor_data (t), .nbytes = te_dtype_nbytes (te_tensor_dtype (t)), .n = 1, .step = 1, .numel = 1
  };
  if (t->ndim > 0)
    {
      s.n = t->sizes[dim];
      s.step = t->strides[dim];
    }
  for (int d = 0; d < t->ndim; d++)
    if (d != dim)
      {
        s.sizes[s.ndim] = t->sizes[d];
        s.strides[s.ndim++] = t->strides[d];
        s.numel *= t->sizes[d];
      }
  s.flat = te_shape_is_contiguous (s.ndim, s.sizes, s.strides);
  return s;
}

static char *
slice_at (const Slices *s, int64_t i)
{
  return s->data + i * s->step * (int64_t) s->nbytes;
}

static void
copy_slice (const Slices *to, int64_t i, const Slices *from, int64_t k)
{
  if (to->flat && from->flat)
    memcpy (slice_at (to, i), slice_at (from, k), (size_t) to->numel * to->nbytes);
  else
    te_move_elements (to->nbytes, to->ndim, to->sizes, slice_at (to, i), to->strides, slice_at (from, k),
                      from->strides);
}

static void
add_floats (const Slices *to, float *a, const Slices *from, const float *b, float factor)
{
  int64_t index[TE_MAX_NDIM] = { 0 };
  int outer = to->ndim > 0 ? to->ndim - 1 : 0;
  int64_t n = to->ndim > 0 ? to->sizes[outer] : 1;
  int64_t sa = to->ndim > 0 ? to->strides[outer] : 1, sb = to->ndim > 0 ? from->strides[outer] : 1;
  do
    {
      float *x = a + te_index_offset (outer, index, to->strides);
      const float *y = b + te_index_offset (outer, index, from->strides);
      if (sa == 1 && sb == 1)
        for (int64_t i = 0; i < n; i++)
          x[i] += factor * y[i];
      else if (sa == 1 && sb == 0)
        { /* the gradient of a sum */
          float value = factor * y[0];
          for (int64_t i = 0; i < n; i++)
            x[i] += value;
        }
      else
        for (int64_t i = 0; i < n; i++)
          x[i * sa] += factor * y[i * sb];
    }
  while (te_index_next (outer, to->sizes, index));
}

/* to[i] += alpha * from[k] */
static void
add_slice (const Slices *to, int64_t i, const Slices *from, int64_t k, TeDtype dtype, TeScalar alpha)
{
  char *a = slice_at (to, i);
  const char *b = slice_at (from, k);
  double factor = te_scalar_to_double (alpha);
  bool scale = factor != 1 || te_scalar_imag (alpha) != 0;
  if (dtype == TE_FLOAT32)
    {
      add_floats (to, (float *) a, from, (const float *) b, (float) factor);
      return;
    }
  int64_t index[TE_MAX_NDIM] = { 0 };
  do
    {
      uint64_t value[TE_DTYPE_MAX_NBYTES / 8] = { 0 };
      memcpy (value, b + te_index_offset (to->ndim, index, from->strides) * (int64_t) from->nbytes,
              from->nbytes);
      if (scale)
        {
          TeScalar scaled = te_scalar_load (dtype, value);
          if (scaled.category == TE_CATEGORY_FLOAT)
            scaled.f *= factor;
          else if (scaled.category == TE_CATEGORY_COMPLEX)
            scaled = te_scalar_complex (scaled.f * factor - scaled.imag * te_scalar_imag (alpha),
                                        scaled.f * te_scalar_imag (alpha) + scaled.imag * factor);
          else
            scaled.i *= te_scalar_to_int (alpha);
          te_scalar_store (scaled, dtype, value);
        }
      te_combine (TE_COMBINE_ADD, dtype,
                  a + te_index_offset (to->ndim, index, to->strides) * (int64_t) to->nbytes, value);
    }
  while (te_index_next (to->ndim, to->sizes, index));
}

/* ---- checks ---- */
/* The index as contiguous int64 (owned), in [-size, size) or, without `negative`, in [0, size). */
static TeTensor *
checked_index (const char *name, TeTensor *index, int64_t size, bool negative, int dim, TeError *err)
{
  TeDtype dtype = te_tensor_dtype (index);
  if (index->ndim > 1)
    {
      te_error_set (err, TE_ERR_INDEX, "%s(): Index is supposed to be a vector", name);
      return NULL;
    }
  if (dtype != TE_INT64 && dtype != TE_INT32)
    {
      te_error_set (err, TE_ERR_RUNTIME, "%s(): Expected dtype int32 or int64 for index", name);
      return NULL;
    }
  TeTensor *dense = te_input_as (index, TE_INT64, err);
  const int64_t *values = dense && !te_tensor_is_meta (dense) ? te_tensor_data (dense) : NULL;
  for (int64_t i = 0; values && i < dense->numel; i++)
    if (values[i] >= size || values[i] < (negative ? -size : 0))
      {
        if (dim == -2)
          te_error_set (err, TE_ERR_RUNTIME, "INDICES element is out of DATA bounds, id=%lld axis_dim=%lld",
                        (long long) values[i], (long long) size);
        else if (dim < 0)
          te_error_set (err, TE_ERR_INDEX, "index out of range in self");
        else
          te_error_set (err, TE_ERR_INDEX, "%s%sindex %lld is out of bounds for dimension %d with size %lld",
                        strcmp (name, "index_copy_") ? "" : name,
                        strcmp (name, "index_copy_") ? "" : "(): ", (long long) values[i], dim,
                        (long long) size);
        te_tensor_clear (&dense);
        return NULL;
      }
  return dense;
}

static int64_t
size_along (const TeTensor *t, int dim)
{
  return t->ndim ? t->sizes[dim] : 1;
}

/* ---- index_select ---- */
static bool
index_select_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0), *index = te_arg (call, 2);
  int64_t sizes[TE_MAX_NDIM];
  int dim;
  if (!te_dim_wrap (call->args[1].i, self->ndim, &dim, err))
    return false;
  bool is_index =
      index->ndim < 2 && (te_tensor_dtype (index) == TE_INT64 || te_tensor_dtype (index) == TE_INT32);
  if (self->ndim > 1 && self->sizes[dim] == 0 && index->numel && is_index)
    return te_error_set (err, TE_ERR_RUNTIME, "index_select(): self indexing axis dim should be positive");
  TeTensor *places = checked_index ("index_select", index, size_along (self, dim), false, dim == 1 ? -2 : -1, err);
  if (!places)
    return false;
  for (int d = 0; d < self->ndim; d++)
    sizes[d] = d == dim ? index->numel : self->sizes[d];
  TeTensor *out = te_result_new (self, self->ndim, sizes, te_tensor_dtype (self), err);
  if (out && out->numel && !te_tensor_is_meta (out))
    {
      /* block by block where everything behind dim is contiguous */
      const int64_t *at = te_tensor_data (places);
      if (te_tensor_is_contiguous (self) && self->ndim > 0)
        {
          int64_t outer = 1;
          size_t block = te_dtype_nbytes (te_tensor_dtype (self));
          for (int d = 0; d < dim; d++)
            outer *= self->sizes[d];
          for (int d = dim + 1; d < self->ndim; d++)
            block *= (size_t) self->sizes[d];
          char *to = te_tensor_data (out);
          const char *from = te_tensor_data (self);
          for (int64_t o = 0; o < outer; o++, from += (size_t) self->sizes[dim] * block)
            for (int64_t i = 0; i < places->numel; i++, to += block)
              memcpy (to, from + (size_t) at[i] * block, block);
        }
      else
        {
          Slices to = slices_of (out, dim), from = slices_of (self, dim);
          for (int64_t i = 0; i < places->numel; i++)
            copy_slice (&to, self->ndim ? i : 0, &from, at[i]); /* a 0-dim tensor has but one place */
        }
    }
  te_tensor_unref (places);
  return te_result_give (call, 0, out, err);
}

static bool
index_select_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  const TeMeta *meta = &ctx->metas[0];
  TeTensor *zeros =
      te_expr_keep (&e, te_zeros (meta->ndim, meta->sizes, te_tensor_dtype (ctx->grads[0]), err));
  return te_expr_end (&e, EX (&e, "index_add", "TiTT", zeros, ctx->args[1].i, ctx->inputs[1], ctx->grads[0]),
                      &ctx->results[0]);
}

/* ---- index_add ---- */
static bool
check_source (const TeOpCall *call, int dim, TeError *err)
{
  const TeTensor *self = te_arg (call, 0), *index = te_arg (call, 2), *source = te_arg (call, 3);
  if (source->dtype != self->dtype)
    return te_error_set (
        err, TE_ERR_RUNTIME, "index_add_(): self (%s) and source (%s) must have the same scalar type",
        te_dtype_error_name (te_tensor_dtype (self)), te_dtype_error_name (te_tensor_dtype (source)));
  if (dim && dim >= source->ndim)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "index_add_(): Indexing dim %d is out of bounds of the source tensor with dim %d",
                         dim, source->ndim);
  if (!source->ndim && index->numel != 1)
    return te_error_set (err, TE_ERR_INDEX, "Dimension specified as %d but tensor has no dimensions", dim);
  if (source->ndim && index->numel != source->sizes[dim])
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "index_add_(): Number of indices (%lld) should be equal to source.size(dim): (%lld), for dim: %d",
        (long long) index->numel, (long long) source->sizes[dim], dim);
  return !call->inplace
         || (te_check_no_internal_overlap (self, err) && te_check_no_overlap (self, index, err)
             && te_check_no_overlap (self, source, err));
}

/* Whether slices of source can be added to those of self: `from` is spread over `to`, as in to += from. */
static bool
spread_slices (
    const TeTensor *self, const TeTensor *source, int dim, const Slices *to, Slices *from, TeError *err)
{
  char a[512], b[512];
  if (self->ndim <= 1)
    return source->ndim <= 1
           || te_error_set (err, TE_ERR_RUNTIME,
                            "source.dim() (%d) must one or zero for given self.dim() (%d)", source->ndim,
                            self->ndim);
  if (!source->numel && source->ndim && !source->sizes[dim])
    return true; /* no indices, nothing to add */
  if (!self->sizes[dim])
    return te_error_set (err, TE_ERR_INDEX,
                         "select(): index 0 out of range for tensor of size %s at dimension %d",
                         te_shape_text (self->ndim, self->sizes, a, sizeof a), dim);
  if (!source->ndim)
    return te_error_set (err, TE_ERR_INDEX, "select() cannot be applied to a 0-dim tensor.");
  int64_t sizes[TE_MAX_NDIM];
  int ndim;
  if (!te_shape_broadcast (to->ndim, to->sizes, from->ndim, from->sizes, &ndim, sizes, err))
    return false;
  if (ndim != to->ndim || memcmp (sizes, to->sizes, (size_t) ndim * sizeof *sizes) != 0)
    return te_error_set (err, TE_ERR_RUNTIME, "output with shape %s doesn't match the broadcast shape %s",
                         te_shape_text (to->ndim, to->sizes, a, sizeof a),
                         te_shape_text (ndim, sizes, b, sizeof b));
  int more = to->ndim - from->ndim;
  for (int d = to->ndim - 1; d >= 0; d--)
    {
      from->strides[d] = d < more || from->sizes[d - more] != to->sizes[d] ? 0 : from->strides[d - more];
      from->sizes[d] = to->sizes[d];
    }
  from->flat = from->flat && !more && from->numel == to->numel;
  from->ndim = to->ndim;
  from->numel = to->numel;
  return true;
}

/* The tensor that is written: self in place, else a contiguous copy (strides preserved with `preserve`);
 * owned. */
static TeTensor *
written (TeOpCall *call, bool preserve, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  if (call->inplace)
    return te_check_no_internal_overlap (self, err) ? te_tensor_ref (self) : NULL;
  int64_t strides[TE_MAX_NDIM];
  preserve = preserve && !te_tensor_is_meta (self) && te_like_strides (self, NULL, strides, err);
  TeTensor *out = preserve
                      ? te_tensor_new_strided (self->ndim, self->sizes, strides, te_tensor_dtype (self), err)
                      : te_result_new (self, self->ndim, self->sizes, te_tensor_dtype (self), err);
  if (out && !te_raw_copy (out, self, err))
    te_tensor_clear (&out);
  return out;
}

/* Gives what written() made. */
static bool
give_written (TeOpCall *call, TeTensor *out, TeError *err)
{
  if (call->inplace)
    {
      te_tensor_unref (out);
      return out != NULL;
    }
  return te_result_give (call, 0, out, err);
}

static bool
index_add_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0), *index = te_arg (call, 2), *source = te_arg (call, 3);
  int dim;
  if (!te_dim_wrap (call->args[1].i, self->ndim, &dim, err) || !check_source (call, dim, err))
    return false;
  Slices into = slices_of (self, dim), from = slices_of (source, dim < source->ndim ? dim : 0);
  if (!spread_slices (self, source, dim, &into, &from, err))
    return false;
  TeTensor *places = checked_index ("index_add_", index, size_along (self, dim), false, -1, err);
  TeTensor *out = places ? written (call, false, err) : NULL;
  if (out && out->numel && source->numel && !te_tensor_is_meta (out))
    {
      const int64_t *at = te_tensor_data (places);
      Slices to = slices_of (out, dim);
      for (int64_t i = 0; i < places->numel; i++)
        add_slice (&to, at[i], &from, i, te_tensor_dtype (out), call->args[4].scalar);
    }
  te_tensor_unref (places);
  return give_written (call, out, err);
}

/* What index_add or index_copy put: the gradient's slices, in the sizes of the source. */
static TeTensor *
taken (TeExpr *e, const TeBackward *ctx)
{
  const TeMeta *source = &ctx->metas[2];
  TeTensor *picked = EX (e, "index_select", "TiT", ctx->grads[0], ctx->args[1].i, ctx->inputs[1]);
  if (source->ndim == 0)
    return EX (e, "reshape", "TI", picked, source->sizes, 0);
  return EX (e, "expand", "TI", picked, source->sizes, (int) source->ndim);
}

static bool
index_add_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeScalar alpha = ctx->args[4].scalar;
  if (ctx->needs[0])
    te_expr_put (&e, ctx->grads[0], &ctx->results[0]);
  if (ctx->needs[2])
    {
      TeTensor *picked = taken (&e, ctx);
      if (te_scalar_to_double (alpha) != 1)
        picked = EX (&e, "mul.Scalar", "TS", picked, alpha);
      te_expr_put (&e, picked, &ctx->results[2]);
    }
  return te_expr_close (&e);
}

/* ---- index_copy ---- */
/* The sizes of t without dim, as this op's error has them. */
static const char *
slice_text (const TeTensor *t, int dim, char *to, size_t nbytes)
{
  size_t at = 0;
  to[0] = 0;
  for (int d = 0; d < t->ndim && at + 24 < nbytes; d++)
    if (d != dim)
      at += (size_t) snprintf (to + at, nbytes - at, "%s%lld", at ? " " : "", (long long) t->sizes[d]);
  return to;
}

static bool
check_copy (const TeOpCall *call, int dim, TeError *err)
{
  const TeTensor *self = te_arg (call, 0), *index = te_arg (call, 2), *source = te_arg (call, 3);
  char a[512], b[512];
  if (call->inplace
      && (!te_check_no_internal_overlap (self, err) || !te_check_no_overlap (self, index, err)
          || !te_check_no_overlap (self, source, err)))
    return false;
  if (index->ndim > 1)
    return te_error_set (err, TE_ERR_INDEX, "index_copy_(): Index should have dimension 1 or 0 (got %d)",
                         index->ndim);
  if (source->ndim == 0 && index->numel != 1)
    return te_error_set (err, TE_ERR_INDEX,
                         "index_copy_(): When source is scalar, index should have one element (got %lld)",
                         (long long) index->numel);
  if (source->ndim != self->ndim && source->ndim && self->ndim)
    return te_error_set (
        err, TE_ERR_INDEX,
        "index_copy_(): When source and destination are not scalars, their dimensionality must "
        "match. Source dimensionality (%d), destination dimensionality (%d)",
        source->ndim, self->ndim);
  if (te_tensor_dtype (index) != TE_INT64)
    return te_error_set (err, TE_ERR_RUNTIME, "index_copy_(): Expected a long tensor for index, but got %s",
                         te_dtype_error_name (te_tensor_dtype (index)));
  if (self->dtype != source->dtype)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "index_copy_(): self and source expected to have the same dtype, but got (self) %s and (source) %s",
        te_dtype_error_name (te_tensor_dtype (self)), te_dtype_error_name (te_tensor_dtype (source)));
  slice_text (self, dim, a, sizeof a);
  slice_text (source, dim, b, sizeof b);
  if (strcmp (a, b) != 0)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "index_copy_(): Source/destination tensor must have same slice shapes. Destination slice "
        "shape: %s at dimension %d and source slice shape: %s at dimension 0.",
        a, dim, b);
  return source->ndim == 0 || index->numel == source->sizes[dim]
         || te_error_set (
             err, TE_ERR_INDEX,
             "index_copy_(): Number of indices (%lld) should be equal to source.size(dim) (%lld)",
             (long long) index->numel, (long long) source->sizes[dim]);
}

static bool
index_copy_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0), *index = te_arg (call, 2), *source = te_arg (call, 3);
  int dim;
  if (!te_dim_wrap (call->args[1].i, self->ndim, &dim, err) || !check_copy (call, dim, err))
    return false;
  TeTensor *places = checked_index ("index_copy_", index, size_along (self, dim), false, dim, err);
  TeTensor *out = places ? written (call, false, err) : NULL;
  if (out && out->numel && source->numel && !te_tensor_is_meta (out))
    {
      const int64_t *at = te_tensor_data (places);
      Slices to = slices_of (out, dim), from = slices_of (source, dim);
      for (int64_t i = 0; i < places->numel; i++)
        copy_slice (&to, at[i] < 0 ? at[i] + to.n : at[i], &from, i);
    }
  te_tensor_unref (places);
  return give_written (call, out, err);
}

static bool
index_copy_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  if (ctx->needs[0])
    te_expr_put (&e,
                 EX (&e, "index_fill.int_Scalar", "TiTS", ctx->grads[0], ctx->args[1].i, ctx->inputs[1],
                     te_scalar_int (0)),
                 &ctx->results[0]);
  if (ctx->needs[2])
    te_expr_put (&e, taken (&e, ctx), &ctx->results[2]);
  return te_expr_close (&e);
}

/* ---- index_fill ---- */
/* Does the memory of self reach as far as PyTorch looks while it fills: one slice, seen once per index? */
static bool
check_extent (const TeTensor *self, bool inplace, int dim, int64_t n, TeError *err)
{
  int64_t sizes[TE_MAX_NDIM], strides[TE_MAX_NDIM], extent;
  char a[512], b[512];
  size_t nbytes = te_dtype_nbytes (te_tensor_dtype (self)), there = inplace ? self->storage->nbytes : 0;
  int64_t offset = inplace ? self->offset : 0; /* otherwise a copy is filled */
  for (int d = 0; d < self->ndim; d++)
    {
      sizes[d] = d == dim ? n : self->sizes[d];
      strides[d] = d == dim ? 0 : self->strides[d];
    }
  if (self->numel || !te_shape_extent (self->ndim, sizes, strides, offset, &extent)
      || (size_t) extent * nbytes <= there)
    return true;
  return te_error_set (
      err, TE_ERR_RUNTIME,
      "setStorage: sizes %s, strides %s, storage offset %lld, and itemsize %zu requiring a storage "
      "size of %lld are out of bounds for storage of size %zu",
      te_shape_text (self->ndim, sizes, a, sizeof a), te_shape_text (self->ndim, strides, b, sizeof b),
      (long long) offset, nbytes, (long long) extent * (long long) nbytes, there);
}

/* What is filled may be stretched over one place: PyTorch warns only. */
static TeTensor *
filled (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  TeError ignored = { 0 };
  if (!call->inplace)
    return written (call, true, err);
  if (!te_check_no_internal_overlap (self, &ignored)
      && !te_warn (
          err, TE_WARN_USER,
          "Use of index_fill_ on expanded tensors is deprecated. Please clone() the tensor before performing "
          "this operation. This also applies to advanced indexing e.g. tensor[mask] = scalar"))
    return NULL;
  return te_tensor_ref (self);
}

static bool
index_fill (TeOpCall *call, TeScalar value, TeError *err)
{
  TeTensor *self = te_arg (call, 0), *index = te_arg (call, 2);
  TeDtype dtype = te_tensor_dtype (self);
  int dim;
  if (te_tensor_dtype (index) != TE_INT64)
    return te_error_set (err, TE_ERR_INDEX, "index_fill_(): Expected dtype int64 for index.");
  if (!te_dtype_is_complex (dtype) && value.category == TE_CATEGORY_COMPLEX)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "index_fill_(): Converting complex Scalar to non-complex type is not supported");
  if (!te_dim_wrap (call->args[1].i, self->ndim, &dim, err))
    return false;
  if (index->ndim > 1)
    return te_error_set (err, TE_ERR_RUNTIME, "Index has to be a vector/scalar");
  if (!check_extent (self, call->inplace, dim, index->numel, err) || !te_scalar_check (&value, dtype, err))
    return false;
  if (call->inplace && !te_check_no_overlap (self, index, err))
    return false;
  TeTensor *places = checked_index ("index_fill_", index, size_along (self, dim), true, dim, err);
  TeTensor *out = places ? filled (call, err) : NULL;
  bool ok = out != NULL;
  if (ok && out->numel && !te_tensor_is_meta (out))
    {
      const int64_t *at = te_tensor_data (places);
      Slices to = slices_of (out, dim);
      for (int64_t i = 0; ok && i < places->numel; i++)
        {
          int64_t offset = out->offset + (at[i] < 0 ? at[i] + to.n : at[i]) * to.step;
          TeTensor *slice =
              te_view_new (out, te_tensor_dtype (out), to.ndim, to.sizes, to.strides, offset, err);
          ok = slice && te_fill (slice, value, err);
          te_tensor_unref (slice);
        }
    }
  te_tensor_unref (places);
  if (!ok)
    te_tensor_clear (&out);
  return give_written (call, out, err);
}

static bool
index_fill_scalar_kernel (TeOpCall *call, TeError *err)
{
  return index_fill (call, call->args[3].scalar, err);
}

static bool
index_fill_tensor_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *value = te_arg (call, 3);
  if (value->ndim > 0)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "index_fill_ only supports a 0-dimensional value tensor, but got tensor with %d dimension(s).",
        value->ndim);
  return index_fill (call,
                     te_tensor_is_meta (value)
                         ? te_scalar_int (0)
                         : te_scalar_load (te_tensor_dtype (value), te_tensor_data (value)),
                     err);
}

static bool
index_fill_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  if (ctx->needs[0])
    te_expr_put (&e,
                 EX (&e, "index_fill.int_Scalar", "TiTS", ctx->grads[0], ctx->args[1].i, ctx->inputs[1],
                     te_scalar_int (0)),
                 &ctx->results[0]);
  if (ctx->n_inputs > 2 && ctx->needs[2])
    te_expr_put (&e,
                 EX (&e, "sum", "T",
                     EX (&e, "index_select", "TiT", ctx->grads[0], ctx->args[1].i,
                         EX (&e, "_unique2", "T", ctx->inputs[1]))),
                 &ctx->results[2]);
  return te_expr_close (&e);
}

static const TeOpDef rows[] = {
  { "index_select(Tensor self, int dim, Tensor index) -> Tensor", BOTH | TE_OP_OUT, index_select_kernel,
    index_select_backward, "IndexSelectBackward", TE_SAVE_ARG (2), .grad_version = 1,
    .doc = "The slices along dim that a vector of indices picks." },
  { "index_add(Tensor self, int dim, Tensor index, Tensor source, *, Scalar alpha=1) -> Tensor",
    BOTH | TE_OP_OUT | TE_OP_INPLACE, index_add_kernel, index_add_backward, "IndexAddBackward",
    TE_SAVE_ARG (2), .doc = "Adds alpha times the slices of source to the slices of self that index picks." },
  { "index_copy(Tensor self, int dim, Tensor index, Tensor source) -> Tensor",
    BOTH | TE_OP_OUT | TE_OP_INPLACE, index_copy_kernel, index_copy_backward, "IndexCopyBackward",
    TE_SAVE_ARG (2), .doc = "Writes the slices of source to the slices of self that index picks." },
  { "index_fill.int_Scalar(Tensor self, int dim, Tensor index, Scalar value) -> Tensor", BOTH | TE_OP_INPLACE,
    index_fill_scalar_kernel, index_fill_backward, "IndexFillBackward", TE_SAVE_ARG (2),
    .doc = "Fills the slices that index picks with a number." },
  { "index_fill.int_Tensor(Tensor self, int dim, Tensor index, Tensor value) -> Tensor", BOTH | TE_OP_INPLACE,
    index_fill_tensor_kernel, index_fill_backward, "IndexFillBackward1", TE_SAVE_ARG (2),
    .doc = "Fills the slices that index picks with the number in a 0-dim tensor." },
};

TE_OP_FAMILY (te_family_index_dim, rows);
