/* Distinct values: unique (over all elements or along a dimension) and unique_consecutive.  Elements are
 * compared as keys, slices along a dimension lexicographically; distinct ones come in ascending order. */
#include <string.h>

#include "base/mem.h"
#include "ops/dispatch.h"
#include "ops/shape/shape-util.h"
#include "ops/sorting/families.h"
#include "ops/sorting/order.h"

/* A tensor as rows of keys: all elements as rows of one, or the slices along a dimension. */
typedef struct
{
  int64_t n, width;
  bool floating;
  TeItem *keys;   /* n * width; .index unused */
  int64_t *order; /* n: rows in ascending order, or as they stand */
  size_t nbytes_keys, nbytes_order;
} Rows;

static void
rows_clear (Rows *r)
{
  te_free_sized (r->keys, r->nbytes_keys);
  te_free_sized (r->order, r->nbytes_order);
}

static int
compare (const Rows *r, int64_t a, int64_t b)
{
  const TeItem *x = r->keys + a * r->width, *y = r->keys + b * r->width;
  for (int64_t i = 0; i < r->width; i++)
    {
      bool less = r->floating ? x[i].f < y[i].f : x[i].i < y[i].i;
      bool more = r->floating ? x[i].f > y[i].f : x[i].i > y[i].i;
      bool unequal = r->floating && x[i].f != y[i].f; /* NaN: distinct from all, behind all */
      if (less || more)
        return less ? -1 : 1;
      if (unequal)
        return x[i].f != x[i].f ? (y[i].f != y[i].f && a < b ? -1 : 1) : -1;
    }
  return 0;
}

/* Merges runs of growing width: stable, and no recursion. */
static bool
sort_rows (Rows *r, TeError *err)
{
  int64_t n = r->n, *from = r->order, *to = te_new_sized (r->nbytes_order), *scratch = to;
  if (!to)
    return te_error_no_memory (err);
  for (int64_t width = 1; width < n; width *= 2)
    {
      for (int64_t i = 0; i < n; i += 2 * width)
        {
          int64_t mid = i + width < n ? i + width : n, end = i + 2 * width < n ? i + 2 * width : n, a = i,
                  b = mid, at = i;
          while (a < mid || b < end)
            to[at++] = b >= end || (a < mid && compare (r, from[b], from[a]) >= 0) ? from[a++] : from[b++];
        }
      int64_t *swap = from;
      from = to;
      to = swap;
    }
  if (from != r->order)
    memcpy (r->order, from, (size_t) n * sizeof *from);
  te_free_sized (scratch, r->nbytes_order);
  return true;
}

/* Where element k of slice i along dim is: slices are read, and so compared, with dimension 0 in the place of dim. */
static int64_t
place_in_slice (const TeTensor *dense, int dim, int64_t i, int64_t k)
{
  int64_t at = i * dense->strides[dim];
  for (int place = dense->ndim - 1; place > 0; place--)
    {
      int d = place == dim ? 0 : place;
      at += k % dense->sizes[d] * dense->strides[d];
      k /= dense->sizes[d];
    }
  return at;
}

static bool
rows_init (Rows *r, TeTensor *self, int dim, bool sorted, TeError *err)
{
  TeDtype dtype = te_tensor_dtype (self);
  TeTensor *dense = te_input_contiguous (self, err);
  if (!dense)
    return false;
  *r = (Rows){ .n = dim < 0 ? self->numel : self->sizes[dim],
               .width = 1,
               .floating = te_dtype_is_floating (dtype) };
  if (dim >= 0)
    r->width = r->n ? self->numel / r->n : 0;
  r->nbytes_keys = (size_t) (r->n * r->width + 1) * sizeof (TeItem);
  r->nbytes_order = (size_t) (r->n + 1) * sizeof (int64_t);
  r->keys = te_new_sized (r->nbytes_keys);
  r->order = te_new_sized (r->nbytes_order);
  bool ok = (r->keys && r->order) || te_error_no_memory (err);
  const char *data = te_tensor_data (dense);
  size_t nbytes = te_dtype_nbytes (dtype);
  for (int64_t i = 0; ok && i < r->n; i++)
    {
      r->order[i] = i;
      for (int64_t k = 0; k < r->width; k++)
        {
          int64_t at = dim < 0 ? i : place_in_slice (dense, dim, i, k);
          te_items_read (&r->keys[i * r->width + k], dtype, data + (size_t) at * nbytes, 1, 1);
        }
    }
  te_tensor_unref (dense);
  ok = ok && (!sorted || sort_rows (r, err));
  if (!ok)
    rows_clear (r);
  return ok;
}

/* The distinct rows as a tensor like self with another size along dim (a vector without dim): they lie one behind the
 * other, as they were compared. */
static TeTensor *
distinct_values (TeTensor *self, int dim, const Rows *r, const int64_t *first, int64_t n, TeError *err)
{
  TeDtype dtype = te_tensor_dtype (self);
  int64_t sizes[TE_MAX_NDIM] = { n }, strides[TE_MAX_NDIM];
  bool turned = dim > 0 && self->numel;
  for (int d = 0; dim >= 0 && d < self->ndim; d++)
    sizes[d] = d == (turned ? 0 : dim) ? n : self->sizes[turned && d == dim ? 0 : d];
  TeTensor *out = te_tensor_new (dim < 0 ? 1 : self->ndim, sizes, dtype, err);
  for (int64_t i = 0; out && i < n; i++)
    for (int64_t k = 0; k < r->width; k++)
      te_item_write (&r->keys[first[i] * r->width + k], dtype,
                     (char *) te_tensor_data (out) + (size_t) (i * r->width + k) * te_dtype_nbytes (dtype));
  for (int d = 0; out && turned && d < self->ndim; d++)
    {
      sizes[d] = d == dim ? n : self->sizes[d];
      strides[d] = out->strides[d == dim ? 0 : d == 0 ? dim : d];
    }
  if (out && turned && !te_tensor_set_geometry (out, self->ndim, sizes, strides, 0, err))
    te_tensor_clear (&out);
  return out;
}

static bool
distinct (TeOpCall *call, int dim, bool sorted, bool want_inverse, bool want_counts, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  TeDtype dtype = te_tensor_dtype (self);
  Rows r;
  if (te_tensor_is_meta (self))
    return te_error_set (err, TE_ERR_NOT_IMPLEMENTED,
                         "aten::%s on device meta: the number of results depends on the data",
                         call->op->name);
  if (dtype == TE_FLOAT16)
    return te_error_set (err, TE_ERR_RUNTIME, "\"unique\" not implemented for '%s'",
                         te_dtype_error_name (dtype));
  if (!rows_init (&r, self, dim, sorted, err))
    return false;
  const int64_t none = 0;
  bool whole = dim < 0;
  TeTensor *inverse = want_inverse
                          ? te_tensor_new (whole ? self->ndim : 1, whole ? self->sizes : &r.n, TE_INT64, err)
                          : te_tensor_new (1, &none, TE_INT64, err);
  int64_t *first = te_new_sized (2 * r.nbytes_order), *count = first ? first + r.n + 1 : NULL, n = 0;
  bool ok = inverse && (first || te_error_no_memory (err));
  for (int64_t i = 0; ok && i < r.n; i++)
    {
      if (i == 0 || compare (&r, r.order[i - 1], r.order[i]) != 0)
        {
          first[n] = r.order[i];
          count[n++] = 0;
        }
      count[n - 1]++;
      if (want_inverse)
        ((int64_t *) te_tensor_data (inverse))[r.order[i]] = n - 1;
    }
  call->outs[0] = ok ? distinct_values (self, dim, &r, first, n, err) : NULL;
  call->outs[1] = inverse;
  call->outs[2] = ok ? te_tensor_new (1, want_counts ? &n : &none, TE_INT64, err) : NULL;
  ok = call->outs[0] && call->outs[2];
  if (ok && want_counts)
    memcpy (te_tensor_data (call->outs[2]), count, (size_t) n * sizeof *count);
  te_free_sized (first, 2 * r.nbytes_order);
  rows_clear (&r);
  return ok;
}

static bool
unique2_kernel (TeOpCall *call, TeError *err)
{
  return distinct (call, -1, true, call->args[2].b, call->args[3].b, err);
}

/* Zero slices have no order: PyTorch refuses them too. */
static bool
check_slices (TeTensor *self, int dim, TeError *err)
{
  for (int d = 0; d < self->ndim; d++)
    if (self->sizes[d] == 0 && d != dim)
      return te_error_set (err, TE_ERR_RUNTIME,
                           "There are 0 sized dimensions, and they aren't selected, so unique cannot be "
                           "applied");
  return true;
}

static bool
unique_dim_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  int dim;
  if (!te_dim_wrap (call->args[1].i, self->ndim, &dim, err) || !check_slices (self, dim, err))
    return false;
  return distinct (call, self->ndim ? dim : -1, true, call->args[3].b, call->args[4].b, err);
}

static bool
unique_consecutive_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  int dim = -1;
  if (te_arg_given (call, 3)
      && (!te_dim_wrap (call->args[3].i, self->ndim, &dim, err) || !check_slices (self, dim, err)))
    return false;
  return distinct (call, self->ndim ? dim : -1, false, call->args[1].b, call->args[2].b, err);
}

static const TeOpDef rows[] = {
  { "_unique2(Tensor self, bool sorted=True, bool return_inverse=False, bool return_counts=False) -> "
    "(Tensor, Tensor, Tensor)",
    TE_OP_FUNCTION, unique2_kernel, .node = "Unique2Backward",
    .doc = "The distinct elements in ascending order, which of them each element is, and how often each "
           "stands." },
  { "unique_dim(Tensor self, int dim, bool sorted=True, bool return_inverse=False, bool return_counts=False) "
    "-> (Tensor, "
    "Tensor, Tensor)",
    TE_OP_FUNCTION, unique_dim_kernel, .node = "UniqueDimBackward", .doc = "The distinct slices along dim." },
  { "unique_consecutive(Tensor self, bool return_inverse=False, bool return_counts=False, int? dim=None) -> "
    "(Tensor, Tensor, "
    "Tensor)",
    TE_OP_FUNCTION, unique_consecutive_kernel, .node = "UniqueConsecutiveBackward",
    .doc = "The first of each run of equal elements (or slices)." },
};

TE_OP_FAMILY (te_family_unique, rows);
