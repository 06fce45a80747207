#include "core/shape.h"

#include <stdio.h>

#include "base/checked.h"

bool
te_shape_numel (int ndim, const int64_t *sizes, int64_t *numel)
{
  int64_t n = 1;
  for (int i = 0; i < ndim; i++)
    if (sizes[i] < 0 || !te_mul_i64 (n, sizes[i], &n))
      return false;
  *numel = n;
  return true;
}

void
te_shape_contiguous_strides (int ndim, const int64_t *sizes, int64_t *strides)
{
  uint64_t step = 1; /* of empty tensors it may wrap around, as PyTorch's does */
  for (int i = ndim - 1; i >= 0; i--)
    {
      strides[i] = (int64_t) step;
      step *= sizes[i] > 1 ? (uint64_t) sizes[i] : 1;
    }
}

bool
te_shape_is_contiguous (int ndim, const int64_t *sizes, const int64_t *strides)
{
  int64_t step = 1;
  bool contiguous = true;
  for (int i = ndim - 1; i >= 0; i--)
    {
      if (sizes[i] == 0)
        return true;
      if (sizes[i] != 1)
        {
          contiguous &= strides[i] == step;
          /* May wrap around where a size further out is 0, and then the answer does not depend on it. */
          step = (int64_t) ((uint64_t) step * (uint64_t) sizes[i]);
        }
    }
  return contiguous;
}

/* Order of memory, innermost first, for channels_last (NHWC) and channels_last_3d (NDHWC). */
static const int order_4d[] = { 1, 3, 2, 0 }, order_5d[] = { 1, 4, 3, 2, 0 };

bool
te_shape_is_channels_last (int ndim, const int64_t *sizes, const int64_t *strides)
{
  if (ndim != 4 && ndim != 5)
    return false;
  const int *order = ndim == 4 ? order_4d : order_5d;
  int64_t smallest = 0;
  if (strides[1] == 0)
    return false;
  for (int k = 0; k < ndim; k++)
    {
      int d = order[k];
      if (sizes[d] == 0 || strides[d] < smallest)
        return false;
      if (d == 0 && smallest == strides[1]) /* N111 and the like stay contiguous */
        return false;
      smallest = strides[d] * (sizes[d] > 1 ? sizes[d] : 1);
    }
  return true;
}

bool
te_shape_is_dense_channels_last (int ndim, const int64_t *sizes, const int64_t *strides)
{
  if (ndim != 4 && ndim != 5)
    return false;
  const int *order = ndim == 4 ? order_4d : order_5d;
  int64_t step = 1;
  for (int k = 0; k < ndim; k++)
    if (sizes[order[k]] != 1)
      {
        if (strides[order[k]] != step)
          return false;
        step *= sizes[order[k]];
      }
  return true;
}

void
te_shape_channels_last_strides (int ndim, const int64_t *sizes, int64_t *strides)
{
  const int *order = ndim == 4 ? order_4d : order_5d;
  uint64_t step = 1; /* of sizes that no memory has it wraps, until they are refused */
  for (int k = 0; k < ndim; k++)
    {
      strides[order[k]] = (int64_t) step;
      step *= (uint64_t) sizes[order[k]]; /* a size of 0 gives strides of 0 here, as in PyTorch */
    }
}

bool
te_shape_is_non_overlapping_and_dense (int ndim, const int64_t *sizes, const int64_t *strides)
{
  int order[TE_MAX_NDIM];
  for (int i = 0; i < ndim; i++)
    if (sizes[i] == 0)
      return true;
  for (int i = 0; i < ndim; i++)
    { /* insertion sort by stride, dimensions of size 0 or 1 last */
      int j = i;
      for (; j > 0; j--)
        {
          int p = order[j - 1];
          bool before = sizes[i] < 2 ? false : sizes[p] < 2 ? true : strides[i] < strides[p];
          if (!before)
            break;
          order[j] = p;
        }
      order[j] = i;
    }
  int64_t step = 1;
  for (int k = 0; k < ndim; k++)
    {
      int d = order[k];
      if (sizes[d] < 2)
        return true;
      if (strides[d] != step)
        return false;
      step *= sizes[d];
    }
  return true;
}

bool
te_shape_view_strides (int ndim,
                       const int64_t *sizes,
                       const int64_t *strides,
                       int new_ndim,
                       const int64_t *new_sizes,
                       int64_t *new_strides)
{
  int64_t numel = 1;
  for (int i = 0; i < ndim; i++)
    numel *= sizes[i];
  if (numel == 0)
    {
      bool same = ndim == new_ndim;
      for (int i = 0; same && i < ndim; i++)
        same = sizes[i] == new_sizes[i];
      if (same)
        for (int i = 0; i < ndim; i++)
          new_strides[i] = strides[i];
      else
        te_shape_contiguous_strides (new_ndim, new_sizes, new_strides);
      return true;
    }
  if (ndim == 0)
    {
      for (int i = 0; i < new_ndim; i++)
        new_strides[i] = 1;
      return true;
    }
  int view_d = new_ndim - 1;
  int64_t base = strides[ndim - 1], run = 1, view_numel = 1;
  for (int d = ndim - 1; d >= 0; d--)
    {
      run *= sizes[d];
      if (d > 0 && (sizes[d - 1] == 1 || strides[d - 1] == run * base))
        continue; /* the run of memory goes on into the next dimension */
      while (view_d >= 0 && (view_numel < run || new_sizes[view_d] == 1))
        {
          new_strides[view_d] = view_numel * base;
          view_numel *= new_sizes[view_d];
          view_d--;
        }
      if (view_numel != run)
        return false;
      if (d > 0)
        {
          base = strides[d - 1];
          run = 1;
          view_numel = 1;
        }
    }
  return view_d == -1;
}

bool
te_shape_infer (int ndim, int64_t *sizes, int64_t numel, TeError *err)
{
  char text[512];
  int unknown = -1;
  int64_t known = 1;
  for (int i = 0; i < ndim; i++)
    {
      if (sizes[i] == -1)
        {
          if (unknown >= 0)
            return te_error_set (err, TE_ERR_RUNTIME, "only one dimension can be inferred");
          unknown = i;
        }
      else if (sizes[i] < 0)
        return te_error_set (err, TE_ERR_RUNTIME, "invalid shape dimension %lld", (long long) sizes[i]);
      else if (!te_mul_i64 (known, sizes[i], &known))
        return te_error_set (err, TE_ERR_RUNTIME, "numel: integer multiplication overflow");
    }
  if (known == numel || (unknown >= 0 && known > 0 && numel % known == 0))
    {
      if (unknown >= 0)
        {
          if (known == 0)
            return te_error_set (err, TE_ERR_RUNTIME,
                                 "cannot reshape tensor of 0 elements into shape %s because the unspecified "
                                 "dimension size -1 can be any value and is ambiguous",
                                 te_shape_text (ndim, sizes, text, sizeof text));
          sizes[unknown] = numel / known;
        }
      return true;
    }
  return te_error_set (err, TE_ERR_RUNTIME, "shape '%s' is invalid for input of size %lld",
                       te_shape_text (ndim, sizes, text, sizeof text), (long long) numel);
}

bool
te_shape_broadcast (
    int a_ndim, const int64_t *a, int b_ndim, const int64_t *b, int *out_ndim, int64_t *out, TeError *err)
{
  int ndim = a_ndim > b_ndim ? a_ndim : b_ndim;
  for (int i = ndim - 1; i >= 0; i--)
    {
      int ia = i - (ndim - a_ndim), ib = i - (ndim - b_ndim);
      int64_t sa = ia >= 0 ? a[ia] : 1, sb = ib >= 0 ? b[ib] : 1;
      if (sa != sb && sa != 1 && sb != 1)
        return te_error_set (
            err, TE_ERR_RUNTIME,
            "The size of tensor a (%lld) must match the size of tensor b (%lld) at non-singleton "
            "dimension %d",
            (long long) sa, (long long) sb, i);
      out[i] = sa == 1 ? sb : sa;
    }
  *out_ndim = ndim;
  return true;
}

bool
te_shape_extent (int ndim, const int64_t *sizes, const int64_t *strides, int64_t offset, int64_t *extent)
{
  int64_t last = offset;
  for (int i = 0; i < ndim; i++)
    if (sizes[i] == 0)
      {
        *extent = 0;
        return true;
      }
  for (int i = 0; i < ndim; i++)
    {
      int64_t reach;
      if (!te_mul_i64 (sizes[i] - 1, strides[i], &reach) || !te_add_i64 (last, reach, &last))
        return false;
    }
  return te_add_i64 (last, 1, extent);
}

bool
te_dim_wrap (int64_t dim, int ndim, int *out, TeError *err)
{
  int64_t n = ndim > 0 ? ndim : 1;
  if (dim < -n || dim >= n)
    return te_error_set (err, TE_ERR_INDEX,
                         "Dimension out of range (expected to be in range of [%lld, %lld], but got %lld)",
                         (long long) -n, (long long) n - 1, (long long) dim);
  *out = (int) (dim < 0 ? dim + n : dim);
  return true;
}

const char *
te_shape_text (int ndim, const int64_t *sizes, char *buffer, size_t nbytes)
{
  size_t at = 0;
  if (nbytes)
    buffer[0] = 0;
  at += (size_t) snprintf (buffer, nbytes, "[");
  for (int i = 0; i < ndim && at < nbytes; i++)
    at += (size_t) snprintf (buffer + at, nbytes - at, i ? ", %lld" : "%lld", (long long) sizes[i]);
  if (at < nbytes)
    snprintf (buffer + at, nbytes - at, "]");
  return buffer;
}
