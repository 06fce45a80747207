/* Advanced indexing, resolved once and then used to read (index) and to write (index_put_): masks become
 * coordinates, index tensors broadcast, every picked place becomes an offset that is known to be in bounds.
 */
#include <stdio.h>
#include <string.h>

#include "base/checked.h"
#include "base/mem.h"
#include "ops/indexing/indexing-util.h"
#include "ops/shape/shape-util.h"

/* ---- nonzero ---- */
/* Coordinates of the bytes that are not 0, one coordinate after the other: n of each. */
static void
find_set (const uint8_t *on, int ndim, const int64_t *sizes, int64_t numel, int64_t *to, int64_t n)
{
  int64_t index[TE_MAX_NDIM] = { 0 }, at = 0;
  int outer = ndim > 0 ? ndim - 1 : 0;
  int64_t row = ndim > 0 ? sizes[ndim - 1] : 1;
  for (int64_t start = 0; start < numel; start += row)
    {
      int64_t first = at;
      for (int64_t i = 0; ndim > 0 && i < row; i++)
        if (on[start + i])
          to[outer * n + at++] = i;
      for (int d = 0; d < outer; d++)
        for (int64_t k = first; k < at; k++)
          to[d * n + k] = index[d];
      te_index_next (outer, sizes, index);
    }
}

TeTensor *
te_nonzero (TeTensor *self, TeError *err)
{
  if (te_tensor_is_meta (self))
    {
      te_error_set (err, TE_ERR_NOT_IMPLEMENTED,
                    "aten::nonzero on device meta: the number of results depends on the data");
      return NULL;
    }
  TeTensor *dense = te_input_as (self, TE_BOOL, err);
  if (!dense)
    return NULL;
  const uint8_t *on = te_tensor_data (dense);
  int64_t n = 0;
  for (int64_t i = 0; i < dense->numel; i++)
    n += on[i] != 0;
  int ndim = self->ndim;
  const int64_t sizes[] = { ndim, n }, turned[] = { n, ndim }, strides[] = { 1, n };
  TeTensor *result = te_tensor_new (2, sizes, TE_INT64, err); /* seen transposed, as PyTorch's is */
  if (result && n > 0)
    find_set (on, ndim, dense->sizes, dense->numel, te_tensor_data (result), n);
  te_tensor_unref (dense);
  if (result && !te_tensor_set_geometry (result, 2, turned, strides, 0, err))
    te_tensor_clear (&result);
  return result;
}

/* ---- combine ---- */
#define COMBINE(type, wide)                                                                                  \
  {                                                                                                          \
    type *a = to;                                                                                            \
    const type *b = from;                                                                                    \
    switch (op)                                                                                              \
      {                                                                                                      \
      case TE_COMBINE_ASSIGN:                                                                                \
        *a = *b;                                                                                             \
        break;                                                                                               \
      case TE_COMBINE_ADD:                                                                                   \
        *a = (type) ((wide) *a + (wide) *b);                                                                 \
        break;                                                                                               \
      case TE_COMBINE_MULTIPLY:                                                                              \
        *a = (type) ((wide) *a * (wide) *b);                                                                 \
        break;                                                                                               \
      case TE_COMBINE_MAX:                                                                                   \
        *a = *a > *b || *a != *a ? *a : *b;                                                                  \
        break;                                                                                               \
      case TE_COMBINE_MIN:                                                                                   \
        *a = *a < *b || *a != *a ? *a : *b;                                                                  \
        break;                                                                                               \
      }                                                                                                      \
    break;                                                                                                   \
  }

static void
combine_bool (TeCombine op, bool *a, const bool *b)
{
  switch (op)
    {
    case TE_COMBINE_ASSIGN:
      *a = *b;
      break;
    case TE_COMBINE_ADD:
    case TE_COMBINE_MAX:
      *a = *a || *b;
      break;
    case TE_COMBINE_MULTIPLY:
    case TE_COMBINE_MIN:
      *a = *a && *b;
      break;
    }
}

static void
combine_half (TeCombine op, TeDtype dtype, void *to, const void *from)
{
  float a = (float) te_scalar_to_double (te_scalar_load (dtype, to));
  float b = (float) te_scalar_to_double (te_scalar_load (dtype, from));
  te_combine (op, TE_FLOAT32, &a, &b);
  te_scalar_store (te_scalar_float (a), dtype, to);
}

/* What orders numbers is refused by the callers. */
#define COMBINE_COMPLEX(type)                                                                                \
  {                                                                                                          \
    type *a = to;                                                                                            \
    const type *b = from;                                                                                    \
    *a = op == TE_COMBINE_ADD ? *a + *b : op == TE_COMBINE_MULTIPLY ? *a * *b : *b;                          \
    break;                                                                                                   \
  }

void
te_combine (TeCombine op, TeDtype dtype, void *to, const void *from)
{
  switch (dtype)
    {
    case TE_UINT8:
      COMBINE (uint8_t, uint64_t)
    case TE_INT8:
      COMBINE (int8_t, uint64_t)
    case TE_INT16:
      COMBINE (int16_t, uint64_t)
    case TE_INT32:
      COMBINE (int32_t, uint64_t)
    case TE_INT64:
      COMBINE (int64_t, uint64_t)
    case TE_FLOAT32:
      COMBINE (float, float)
    case TE_FLOAT64:
      COMBINE (double, double)
    case TE_BOOL:
      combine_bool (op, to, from);
      break;
    case TE_FLOAT16:
    case TE_BFLOAT16:
      combine_half (op, dtype, to, from);
      break;
    case TE_COMPLEX64:
      COMBINE_COMPLEX (TeComplex64)
    case TE_COMPLEX128:
      COMBINE_COMPLEX (TeComplex128)
    case TE_DTYPE_COUNT:
    case TE_DTYPE_NONE:
      break;
    }
}

/* ---- the plan ---- */
typedef struct
{
  int n;                          /* entries: one per dimension of self that is spoken for */
  TeTensor *tensors[TE_MAX_NDIM]; /* owned; int64 and contiguous, NULL: dimension kept */
} Expanded;

static void
expanded_clear (Expanded *e)
{
  for (int i = 0; i < e->n; i++)
    te_tensor_unref (e->tensors[i]);
}

static bool
too_many (const TeTensor *self, TeError *err)
{
  return te_error_set (err, TE_ERR_INDEX, "too many indices for tensor of dimension %d", self->ndim);
}

/* A mask stands for as many index tensors as it has dimensions. */
static bool
expand_mask (Expanded *e, TeTensor *self, TeTensor *mask, TeError *err)
{
  char a[512], b[512];
  for (int d = 0; d < mask->ndim; d++)
    {
      int at = e->n + d;
      if (at >= self->ndim)
        return too_many (self, err);
      if (mask->sizes[d] != self->sizes[at])
        return te_error_set (
            err, TE_ERR_INDEX,
            "The shape of the mask %s at index %d does not match the shape of the indexed tensor %s at index "
            "%d",
            te_shape_text (mask->ndim, mask->sizes, a, sizeof a), d,
            te_shape_text (self->ndim, self->sizes, b, sizeof b), at);
    }
  TeTensor *places = te_nonzero (mask, err);
  if (!places)
    return false;
  int64_t n = places->sizes[0], one = 1;
  bool ok = true;
  for (int d = 0; ok && d < mask->ndim; d++)
    {
      e->tensors[e->n] = te_tensor_new_view (places->storage, TE_INT64, 1, &n, &one, d * n, err);
      ok = e->tensors[e->n] != NULL;
      e->n += ok;
    }
  te_tensor_unref (places);
  return ok;
}

static bool
is_mask (const TeTensor *index)
{
  return index->dtype == TE_BOOL || index->dtype == TE_UINT8;
}

static bool
expand_indices (Expanded *e, TeTensor *self, TeTensor *const *indices, int n, TeError *err)
{
  for (int i = 0; i < n; i++)
    if (indices[i] && indices[i]->dtype != TE_INT64 && !is_mask (indices[i]))
      return te_error_set (err, TE_ERR_INDEX, "tensors used as indices must be long, byte or bool tensors");
  for (int i = 0; i < n; i++)
    {
      TeTensor *index = indices[i];
      TeDtype dtype = index ? te_tensor_dtype (index) : TE_INT64;
      if (index && is_mask (index))
        {
          if (dtype == TE_UINT8
              && !te_warn (err, TE_WARN_USER,
                           "indexing with dtype torch.uint8 is now deprecated, please use a dtype torch.bool "
                           "instead."))
            return false;
          if (!expand_mask (e, self, index, err))
            return false;
          continue;
        }
      if (e->n >= self->ndim || e->n >= TE_MAX_NDIM)
        return too_many (self, err);
      TeTensor *dense = index ? te_input_contiguous (index, err) : NULL;
      if (index && !dense)
        return false;
      e->tensors[e->n++] = dense;
    }
  return true;
}

static bool
broadcast_indices (const Expanded *e, int *ndim, int64_t *sizes, TeError *err)
{
  *ndim = 0;
  for (int i = 0; i < e->n; i++)
    {
      int64_t wider[TE_MAX_NDIM];
      TeError ignored = { 0 };
      if (!e->tensors[i])
        continue;
      if (!te_shape_broadcast (*ndim, sizes, e->tensors[i]->ndim, e->tensors[i]->sizes, ndim, wider,
                               &ignored))
        {
          char text[1600] = "", one[512];
          for (int k = 0; k < e->n; k++)
            if (e->tensors[k])
              {
                size_t at = strlen (text);
                snprintf (text + at, sizeof text - at, "%s%s", at ? ", " : "",
                          te_shape_text (e->tensors[k]->ndim, e->tensors[k]->sizes, one, sizeof one));
              }
          return te_error_set (
              err, TE_ERR_INDEX,
              "shape mismatch: indexing tensors could not be broadcast together with shapes %s", text);
        }
      memcpy (sizes, wider, (size_t) *ndim * sizeof *sizes);
    }
  return true;
}

/* Strides of an index tensor seen with the broadcast sizes. */
static void
spread_index (const TeTensor *index, int n_index, int64_t *strides)
{
  int pad = n_index - index->ndim;
  for (int d = 0; d < n_index; d++)
    strides[d] = d < pad || index->sizes[d - pad] == 1 ? 0 : index->strides[d - pad];
}

/* Adds index * stride to every offset; false where one is out of bounds. */
static bool
add_offsets (TeIndexPlan *plan, const TeTensor *index, const int64_t *middle, int64_t size, int64_t stride)
{
  int64_t strides[TE_MAX_NDIM], at[TE_MAX_NDIM] = { 0 };
  const int64_t *values = te_tensor_data (index);
  spread_index (index, plan->n_index, strides);
  bool flat = index->numel == plan->count;
  for (int64_t i = 0; i < plan->count; i++)
    {
      int64_t value = values[flat ? i : te_index_offset (plan->n_index, at, strides)];
      if (value < -size || value >= size)
        return false;
      plan->offsets[i] += (value < 0 ? value + size : value) * stride;
      if (!flat)
        te_index_next (plan->n_index, middle, at);
    }
  return true;
}

/* Names the first place that is out of bounds: of all index tensors, element by element.  The dimension is counted
 * among index tensors, as PyTorch does. */
static bool
error_bounds (const TeIndexPlan *plan, const TeTensor *self, const Expanded *e, const int64_t *middle, TeError *err)
{
  int64_t at[TE_MAX_NDIM] = { 0 };
  for (int64_t i = 0; i < plan->count; i++)
    {
      for (int d = 0, place = 0; d < e->n; d++)
        {
          int64_t strides[TE_MAX_NDIM], size = self->sizes[d];
          if (!e->tensors[d])
            continue;
          spread_index (e->tensors[d], plan->n_index, strides);
          int64_t value =
              ((const int64_t *) te_tensor_data (e->tensors[d]))[te_index_offset (plan->n_index, at, strides)];
          if (value < -size || value >= size)
            return te_error_set (err, TE_ERR_INDEX, "index %lld is out of bounds for dimension %d with size %lld",
                                 (long long) value, place, (long long) size);
          place++;
        }
      te_index_next (plan->n_index, middle, at);
    }
  return true;
}

/* Can values be written to what the plan picks of self? */
static bool
check_values (const TeIndexPlan *plan, const TeTensor *self, const TeTensor *values, TeError *err)
{
  char a[512], b[512];
  int pad = plan->ndim - values->ndim;
  bool fits = pad >= 0;
  for (int d = 0; fits && d < values->ndim; d++)
    fits = values->sizes[d] == 1 || values->sizes[d] == plan->sizes[d + pad];
  if (!fits)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "shape mismatch: value tensor of shape %s cannot be broadcast to indexing result of shape %s",
        te_shape_text (values->ndim, values->sizes, a, sizeof a),
        te_shape_text (plan->ndim, plan->sizes, b, sizeof b));
  return values->dtype == self->dtype
         || te_error_set (err, TE_ERR_RUNTIME,
                          "Index put requires the source and destination dtypes match, got %s for the destination "
                          "and %s for the source.",
                          te_dtype_error_name (te_tensor_dtype (self)), te_dtype_error_name (te_tensor_dtype (values)));
}

static bool
check_not_empty (const TeTensor *self, const Expanded *e, int n_index, const int64_t *middle, TeError *err)
{
  for (int d = 0; d < n_index; d++)
    if (middle[d] == 0)
      return true;
  for (int i = 0; i < e->n; i++)
    if (e->tensors[i] && self->sizes[i] == 0)
      return te_error_set (err, TE_ERR_INDEX, "index is out of bounds for dimension with size 0");
  return true;
}

static bool
plan_offsets (TeIndexPlan *plan, TeTensor *self, const Expanded *e, const int64_t *middle, TeError *err)
{
  int64_t kept = 1;
  plan->count = 1;
  for (int d = 0; d < plan->n_index; d++)
    if (!te_mul_i64 (plan->count, middle[d], &plan->count))
      return te_error_set (err, TE_ERR_RUNTIME, "numel: integer multiplication overflow");
  plan->offsets = te_new_sized ((size_t) (plan->count ? plan->count : 1) * sizeof (int64_t));
  if (!plan->offsets)
    return te_error_no_memory (err);
  for (int d = 0; d < plan->before; d++)
    kept *= plan->sizes[d];
  for (int d = plan->before + plan->n_index; d < plan->ndim; d++)
    kept *= plan->sizes[d];
  for (int i = 0; i < e->n && kept; i++)
    if (e->tensors[i] && !add_offsets (plan, e->tensors[i], middle, self->sizes[i], self->strides[i]))
      return error_bounds (plan, self, e, middle, err);
  return true;
}

/* te_index_plan: where indices do not lie side by side, the dimensions they make come first. */
bool
te_index_plan (
    TeIndexPlan *plan, TeTensor *self, TeTensor *const *indices, int n, const TeTensor *values, TeError *err)
{
  Expanded e = { 0 };
  int64_t middle[TE_MAX_NDIM];
  int first = -1, last = -1, n_tensors = 0, kept = 0;
  *plan = (TeIndexPlan){ 0 };
  if (n > self->ndim)
    return te_error_set (err, TE_ERR_INDEX, "too many indices for tensor of dimension %d (got %d)",
                         self->ndim, n);
  bool ok = expand_indices (&e, self, indices, n, err) && broadcast_indices (&e, &plan->n_index, middle, err);
  for (int i = 0; i < e.n; i++)
    if (e.tensors[i])
      {
        first = first < 0 ? i : first;
        last = i;
        n_tensors++;
      }
  if (ok && self->ndim - n_tensors + plan->n_index > TE_MAX_NDIM)
    ok = te_error_set (err, TE_ERR_RUNTIME, "tensors of more than %d dimensions are not supported",
                       TE_MAX_NDIM);
  if (ok)
    {
      bool adjacent = last - first + 1 == n_tensors;
      plan->before = adjacent && first > 0 ? first : 0;
      for (int pass = 0; pass < 2; pass++)
        {
          for (int d = 0; d < self->ndim; d++)
            if (!(d < e.n && e.tensors[d]) && (d < plan->before) == (pass == 0))
              {
                plan->sizes[plan->ndim++] = self->sizes[d];
                plan->self_strides[kept++] = self->strides[d];
              }
          for (int d = 0; pass == 0 && d < plan->n_index; d++)
            plan->sizes[plan->ndim++] = middle[d];
        }
      plan->after = plan->ndim - plan->before - plan->n_index;
      if (first >= 0)
        spread_index (e.tensors[first], plan->n_index, plan->index_strides);
      ok = check_not_empty (self, &e, plan->n_index, middle, err)
           && (!values || check_values (plan, self, values, err)) && plan_offsets (plan, self, &e, middle, err);
    }
  expanded_clear (&e);
  if (!ok)
    te_index_plan_clear (plan);
  return ok;
}

void
te_index_plan_clear (TeIndexPlan *plan)
{
  te_free_sized (plan->offsets, (size_t) (plan->count ? plan->count : 1) * sizeof (int64_t));
  plan->offsets = NULL;
}
