/* Composites over views: reshape and its relatives, names that stand for other names. */
#include <stdio.h>
#include <string.h>

#include "ops/dispatch.h"
#include "ops/shape/families.h"
#include "ops/shape/shape-util.h"

#define BOTH   (TE_OP_COMPOSITE | TE_OP_ROLE_PASS | TE_OP_METHOD | TE_OP_FUNCTION)
#define METHOD (TE_OP_COMPOSITE | TE_OP_ROLE_PASS | TE_OP_METHOD)

static bool
give (TeOpCall *call, TeTensor *result)
{
  call->outs[0] = result;
  return result != NULL;
}

/* ---- reshape ---- */
static TeTensor *
reshape (TeTensor *self, int ndim, const int64_t *wanted, TeError *err)
{
  TE_OP (alias, "_reshape_alias")
  TE_OP (unsafe_view, "_unsafe_view")
  TE_OP (clone, "clone")
  int64_t sizes[TE_MAX_NDIM], strides[TE_MAX_NDIM];
  if (ndim > TE_MAX_NDIM)
    {
      te_error_set (err, TE_ERR_RUNTIME, "tensors of more than %d dimensions are not supported", TE_MAX_NDIM);
      return NULL;
    }
  for (int d = 0; d < ndim; d++)
    sizes[d] = wanted[d];
  if (!te_shape_infer (ndim, sizes, self->numel, err))
    return NULL;
  if (te_shape_view_strides (self->ndim, self->sizes, self->strides, ndim, sizes, strides))
    return te_call (alias, err, "TII", self, sizes, ndim, strides, ndim);
  TeTensor *copy = te_call (clone, err, "Ti", self, (int64_t) TE_MEMORY_CONTIGUOUS);
  TeTensor *result = copy ? te_call (unsafe_view, err, "TI", copy, sizes, ndim) : NULL;
  te_tensor_unref (copy);
  return result;
}

static bool
reshape_kernel (TeOpCall *call, TeError *err)
{
  return give (call, reshape (te_arg (call, 0), call->args[1].count, call->args[1].ints, err));
}

static bool
reshape_as_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *other = te_arg (call, 1);
  return give (call, reshape (te_arg (call, 0), other->ndim, other->sizes, err));
}

static bool
view_as_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (view, "view")
  TeTensor *other = te_arg (call, 1);
  return give (call, te_call (view, err, "TI", te_arg (call, 0), other->sizes, (int) other->ndim));
}

static bool
expand_as_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *other = te_arg (call, 1);
  return give (call, te_expand (te_arg (call, 0), other->ndim, other->sizes, err));
}

static bool
broadcast_to_kernel (TeOpCall *call, TeError *err)
{
  return give (call, te_expand (te_arg (call, 0), call->args[1].count, call->args[1].ints, err));
}

static bool
flatten_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  int start, end, n = 0;
  int64_t sizes[TE_MAX_NDIM], flat = 1, one = 1;
  if (!te_dim_wrap (call->args[1].i, self->ndim, &start, err)
      || !te_dim_wrap (call->args[2].i, self->ndim, &end, err))
    return false;
  if (start > end)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "flatten() has invalid args: start_dim cannot come after end_dim");
  if (self->ndim == 0)
    return give (call, reshape (self, 1, &one, err));
  if (start == end)
    return give (call, te_tensor_ref (self));
  for (int d = 0; d < start; d++)
    sizes[n++] = self->sizes[d];
  for (int d = start; d <= end; d++)
    flat *= self->sizes[d];
  sizes[n++] = flat;
  for (int d = end + 1; d < self->ndim; d++)
    sizes[n++] = self->sizes[d];
  return give (call, reshape (self, n, sizes, err));
}

static bool
unflatten_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (view, "view")
  TeTensor *self = te_arg (call, 0);
  const TeValue *part = &call->args[2];
  int64_t sizes[2 * TE_MAX_NDIM], inner[TE_MAX_NDIM];
  int dim, n = 0;
  char text[512], why[128];
  if (!te_dim_wrap (call->args[1].i, self->ndim, &dim, err))
    return false;
  if (!te_sized_dim_wrap (dim, self->ndim, &dim, err))
    return false;
  if (part->count == 0)
    return te_error_set (err, TE_ERR_RUNTIME, "unflatten: sizes must be non-empty");
  if (part->count > TE_MAX_NDIM || self->ndim == 0)
    return te_error_set (err, TE_ERR_RUNTIME, "unflatten: cannot unflatten %d dimensions into %d", self->ndim,
                         part->count);
  for (int d = 0; d < part->count; d++)
    inner[d] = part->ints[d];
  if (!te_shape_infer (part->count, inner, self->sizes[dim], err))
    {
      snprintf (why, sizeof why, "%.120s", err->text);
      if (!strncmp (why, "cannot reshape", 14))
        return false;
      if (!strncmp (why, "only one", 8) || !strncmp (why, "invalid shape", 13))
        return te_error_set (err, TE_ERR_RUNTIME, "unflatten got an unexpected error:\n%s", why);
      return te_error_set (
          err, TE_ERR_RUNTIME,
          "unflatten: Provided sizes %s don't multiply up to the size of dim %d (%lld) in the input tensor",
          te_shape_text (part->count, part->ints, text, sizeof text), dim, (long long) self->sizes[dim]);
    }
  for (int d = 0; d < dim; d++)
    sizes[n++] = self->sizes[d];
  for (int d = 0; d < part->count; d++)
    sizes[n++] = inner[d];
  for (int d = dim + 1; d < self->ndim; d++)
    sizes[n++] = self->sizes[d];
  return give (call, te_call (view, err, "TI", self, sizes, n));
}

static bool
contiguous_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (clone, "clone")
  TeTensor *self = te_arg (call, 0);
  int64_t format = call->args[1].kind == TE_VALUE_NONE ? TE_MEMORY_CONTIGUOUS : call->args[1].i;
  bool as_wanted = format == TE_MEMORY_CONTIGUOUS || format == TE_MEMORY_PRESERVE
                       ? te_tensor_is_contiguous (self)
                       : te_shape_is_dense_channels_last (self->ndim, self->sizes, self->strides)
                             && self->ndim == (format == TE_MEMORY_CHANNELS_LAST ? 4 : 5);
  if (as_wanted)
    return give (call, te_tensor_ref (self));
  if (format == TE_MEMORY_PRESERVE)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "preserve memory format is unsupported by the contiguous operator");
  return give (call, te_call (clone, err, "Ti", self, format));
}

static bool
ravel_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (view, "view")
  const int64_t all = -1;
  TeTensor *dense = te_contiguous (te_arg (call, 0), err);
  TeTensor *result = dense ? te_call (view, err, "TI", dense, &all, 1) : NULL;
  te_tensor_unref (dense);
  return give (call, result);
}

/* ---- other names ---- */
static bool
swap_kernel (TeOpCall *call, TeError *err)
{
  return give (call, te_transpose (te_arg (call, 0), call->args[1].i, call->args[2].i, err));
}

static bool
swap_inplace_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (transpose_, "transpose_")
  return te_call_inplace (transpose_, err, "Tii", te_arg (call, 0), call->args[1].i, call->args[2].i);
}

static bool
permute_to (TeOpCall *call, const int64_t *order, TeError *err)
{
  TE_OP (permute, "permute")
  TeTensor *self = te_arg (call, 0);
  return give (call, te_call (permute, err, "TI", self, order, (int) self->ndim));
}

static bool
movedim_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  const TeValue *from = &call->args[1], *to = &call->args[2];
  int64_t order[TE_MAX_NDIM];
  bool used_from[TE_MAX_NDIM] = { false }, used_to[TE_MAX_NDIM] = { false };
  char a[512], b[512];
  if (from->count != to->count)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "movedim: Invalid source or destination dims: source (%s dims) should contain the same number of "
        "dims as destination (%s dims)",
        te_shape_text (from->count, from->ints, a, sizeof a),
        te_shape_text (to->count, to->ints, b, sizeof b));
  for (int i = 0; i < from->count; i++)
    {
      int s, d;
      if (!te_dim_wrap (from->ints[i], self->ndim, &s, err)
          || !te_dim_wrap (to->ints[i], self->ndim, &d, err))
        return false;
      if (used_from[s])
        return te_error_set (err, TE_ERR_RUNTIME, "movedim: repeated dim in `source` (%s)",
                             te_shape_text (from->count, from->ints, a, sizeof a));
      if (used_to[d])
        return te_error_set (err, TE_ERR_RUNTIME, "movedim: repeated dim in `destination` (%s)",
                             te_shape_text (to->count, to->ints, b, sizeof b));
      used_from[s] = used_to[d] = true;
      order[d] = s;
    }
  if (self->ndim == 0)
    return give (call, te_call (te_registry_find ("alias"), err, "T", self));
  for (int d = 0, s = 0; d < self->ndim; d++)
    if (!used_to[d])
      {
        while (used_from[s])
          s++;
        order[d] = s++;
      }
  return permute_to (call, order, err);
}

static bool
movedim_int_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (movedim, "movedim.intlist")
  return give (call,
               te_call (movedim, err, "TII", te_arg (call, 0), &call->args[1].i, 1, &call->args[2].i, 1));
}

static bool
numpy_t_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  int64_t order[TE_MAX_NDIM];
  if (self->ndim != 2 && self->ndim != 0
      && !te_warn (err, TE_WARN_USER,
                   "The use of `x.T` on tensors of dimension other than 2 to reverse their shape is "
                   "deprecated and it will "
                   "throw an error in a future release. Consider `x.mT` to transpose batches of matrices or "
                   "`x.permute(*torch.arange(x.ndim - 1, -1, -1))` to reverse the dimensions of a tensor."))
    return false;
  for (int d = 0; d < self->ndim; d++)
    order[d] = self->ndim - 1 - d;
  return permute_to (call, order, err);
}

static bool
matrix_h_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  if (self->ndim != 0 && self->ndim != 2)
    return te_error_set (
        err, TE_ERR_RUNTIME, "tensor.H is only supported on matrices (2-D tensors). Got %d-D tensor.%s",
        self->ndim, self->ndim > 2 ? " For batches of matrices, consider using tensor.mH" : "");
  return give (call, self->ndim == 0 ? te_tensor_ref (self) : te_transpose (self, 0, 1, err));
}

static bool
matrix_transpose (TeOpCall *call, const char *what, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  if (self->ndim == 1)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "tensor.%s is only supported on matrices or batches of matrices. Got %d-D tensor.",
                         what, self->ndim);
  return give (call, self->ndim == 0 ? te_tensor_ref (self) : te_transpose (self, -2, -1, err));
}

static bool
mt_kernel (TeOpCall *call, TeError *err)
{
  return matrix_transpose (call, "mT", err);
}

/* ---- narrow ---- */
static bool
narrow_bounds (TeTensor *self, int64_t dim, int64_t *start, int64_t length, TeError *err)
{
  int d;
  if (self->ndim == 0)
    return te_error_set (err, TE_ERR_RUNTIME, "narrow() cannot be applied to a 0-dim tensor.");
  if (!te_dim_wrap (dim, self->ndim, &d, err))
    return false;
  int64_t size = self->sizes[d];
  if (*start != size)
    {
      int64_t n = size > 0 ? size : 1;
      if (*start < -n || *start >= n)
        return te_error_set (err, TE_ERR_INDEX,
                             "Dimension out of range (expected to be in range of [%lld, %lld], but got %lld)",
                             (long long) -n, (long long) n - 1, (long long) *start);
      *start = *start < 0 ? *start + n : *start;
    }
  if (length < 0 || *start > size - length)
    return te_error_set (err, TE_ERR_RUNTIME, "start (%lld) + length (%lld) exceeds dimension size (%lld).",
                         (long long) *start, (long long) length, (long long) size);
  return true;
}

static TeTensor *
narrow (TeTensor *self, int64_t dim, int64_t start, int64_t length, TeError *err)
{
  TE_OP (slice, "slice")
  return narrow_bounds (self, dim, &start, length, err)
             ? te_call (slice, err, "Tiiii", self, dim, start, start + length, (int64_t) 1)
             : NULL;
}

static bool
narrow_kernel (TeOpCall *call, TeError *err)
{
  return give (call, narrow (te_arg (call, 0), call->args[1].i, call->args[2].i, call->args[3].i, err));
}

static bool
narrow_tensor_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *start = te_arg (call, 2);
  if (start->ndim != 0 || !te_dtype_is_integral (te_tensor_dtype (start), false))
    return te_error_set (err, TE_ERR_RUNTIME, "start must be an 0-dim integral Tensor.");
  int64_t at =
      te_tensor_is_meta (start) ? 0 : te_scalar_load (te_tensor_dtype (start), te_tensor_data (start)).i;
  return give (call, narrow (te_arg (call, 0), call->args[1].i, at, call->args[3].i, err));
}

static bool
narrow_copy_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  int64_t start = call->args[2].i, length = call->args[3].i, sizes[TE_MAX_NDIM];
  int dim;
  if (!narrow_bounds (self, call->args[1].i, &start, length, err)
      || !te_dim_wrap (call->args[1].i, self->ndim, &dim, err))
    return false;
  for (int d = 0; d < self->ndim; d++)
    sizes[d] = self->sizes[d];
  sizes[dim] = length;
  TeTensor *view = te_view_new (self, te_tensor_dtype (self), self->ndim, sizes, self->strides,
                                self->offset + start * self->strides[dim], err);
  TeTensor *copy = view ? te_result_new (self, self->ndim, sizes, te_tensor_dtype (self), err) : NULL;
  if (copy && !te_raw_copy (copy, view, err))
    te_tensor_clear (&copy);
  te_tensor_unref (view);
  return te_result_give (call, 0, copy, err);
}

/* ---- at least so many dimensions ---- */
static TeTensor *
at_least (TeTensor *self, int ndim, TeError *err)
{
  static const int64_t ones[] = { 1, 1, 1 };
  if (self->ndim >= ndim)
    return te_tensor_ref (self);
  if (self->ndim == 0)
    return reshape (self, ndim, ones, err);
  TeTensor *front = self->ndim == 1 ? te_unsqueeze (self, 0, err) : te_tensor_ref (self);
  TeTensor *result = ndim == 3 && front ? te_unsqueeze (front, -1, err) : front;
  if (result != front)
    te_tensor_unref (front);
  return result;
}

static bool
at_least_all (TeOpCall *call, int ndim, TeError *err)
{
  const TeValue *list = &call->args[0];
  if (list->kind == TE_VALUE_TENSOR)
    return give (call, at_least (list->tensor, ndim, err));
  if (!te_op_call_reserve (call, list->count, err))
    return false;
  for (int i = 0; i < list->count; i++)
    if (!(call->outs[i] = at_least (list->tensors[i], ndim, err)))
      return false;
  return true;
}

static bool
atleast_1d_kernel (TeOpCall *call, TeError *err)
{
  return at_least_all (call, 1, err);
}

static bool
atleast_2d_kernel (TeOpCall *call, TeError *err)
{
  return at_least_all (call, 2, err);
}

static bool
atleast_3d_kernel (TeOpCall *call, TeError *err)
{
  return at_least_all (call, 3, err);
}

/* ---- several tensors at once ---- */
static bool
broadcast_tensors_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *list = &call->args[0];
  int64_t sizes[TE_MAX_NDIM];
  int ndim = 0;
  for (int i = 0; i < list->count; i++)
    {
      int64_t wider[TE_MAX_NDIM];
      TeTensor *t = list->tensors[i];
      if (!te_shape_broadcast (ndim, sizes, t->ndim, t->sizes, &ndim, wider, err))
        return false;
      memcpy (sizes, wider, (size_t) ndim * sizeof *sizes);
    }
  if (!te_op_call_reserve (call, list->count, err))
    return false;
  for (int i = 0; i < list->count; i++)
    {
      TeTensor *t = list->tensors[i];
      bool same = t->ndim == ndim && !memcmp (t->sizes, sizes, (size_t) ndim * sizeof *sizes);
      call->outs[i] = same ? te_tensor_ref (t) : te_expand (t, ndim, sizes, err);
      if (!call->outs[i])
        return false;
    }
  return true;
}

static bool
meshgrid_check (const TeValue *list, TeError *err)
{
  if (list->count == 0)
    return te_error_set (err, TE_ERR_RUNTIME, "meshgrid expects a non-empty TensorList");
  for (int i = 1; i < list->count; i++)
    if (list->tensors[i]->dtype != list->tensors[0]->dtype)
      return te_error_set (err, TE_ERR_RUNTIME, "meshgrid expects all tensors to have the same dtype");
  for (int i = 0; i < list->count; i++)
    if (list->tensors[i]->ndim > 1)
      {
        char text[512];
        return te_error_set (
            err, TE_ERR_RUNTIME,
            "torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: %s{%s}",
            te_tensor_type_name (list->tensors[i]),
            te_shape_text (list->tensors[i]->ndim, list->tensors[i]->sizes, text, sizeof text));
      }
  return true;
}

static bool
meshgrid (TeOpCall *call, bool xy, TeError *err)
{
  const TeValue *list = &call->args[0];
  int n = list->count;
  int64_t sizes[TE_MAX_NDIM], one[TE_MAX_NDIM];
  if (n > TE_MAX_NDIM)
    return te_error_set (err, TE_ERR_RUNTIME, "tensors of more than %d dimensions are not supported",
                         TE_MAX_NDIM);
  xy = xy && n >= 2;
  for (int i = 0; i < n; i++)
    {
      int place = xy && i < 2 ? 1 - i : i;
      sizes[place] = list->tensors[i]->numel;
    }
  if (!te_op_call_reserve (call, n, err))
    return false;
  for (int i = 0; i < n; i++)
    { /* as PyTorch builds it: first in ij order, then the first two dimensions swapped */
      int64_t ij[TE_MAX_NDIM];
      for (int d = 0; d < n; d++)
        {
          one[d] = 1;
          ij[d] = sizes[xy && d < 2 ? 1 - d : d];
        }
      one[i] = list->tensors[i]->numel;
      if (xy && i < 2)
        { /* with xy the first two inputs change places before and after */
          one[i] = 1;
          one[1 - i] = list->tensors[i]->numel;
          for (int d = 0; d < n; d++)
            ij[d] = sizes[d];
        }
      else if (xy)
        for (int d = 0; d < n; d++)
          ij[d] = sizes[d];
      TE_OP (view, "view")
      TeTensor *line = te_call (view, err, "TI", list->tensors[i], one, n);
      call->outs[i] = line ? te_expand (line, n, ij, err) : NULL;
      te_tensor_unref (line);
      if (!call->outs[i])
        return false;
    }
  return true;
}

static bool
meshgrid_kernel (TeOpCall *call, TeError *err)
{
  static bool warned;
  return (!te_warn_due (&warned)
          || te_warn (
              err, TE_WARN_USER,
              "torch.meshgrid: in an upcoming release, it will be required to pass the indexing argument."))
         && meshgrid_check (&call->args[0], err) && meshgrid (call, false, err);
}

static bool
meshgrid_indexing_kernel (TeOpCall *call, TeError *err)
{
  const char *indexing = call->args[1].string;
  if (strcmp (indexing, "xy") && strcmp (indexing, "ij"))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "torch.meshgrid: indexing must be one of \"xy\" or \"ij\", but received: %s",
                         indexing);
  return meshgrid_check (&call->args[0], err) && meshgrid (call, !strcmp (indexing, "xy"), err);
}

static const TeOpDef rows[] = {
  { "reshape(Tensor(a) self, int[] shape) -> Tensor(a)", BOTH, reshape_kernel,
    .doc = "Another shape with the same elements: a view where strides allow it, else a copy." },
  { "reshape_as(Tensor(a) self, Tensor other) -> Tensor(a)", METHOD, reshape_as_kernel,
    .doc = "reshape to other's sizes." },
  { "view_as(Tensor(a) self, Tensor other) -> Tensor(a)", METHOD, view_as_kernel,
    .doc = "view with other's sizes." },
  { "expand_as(Tensor(a) self, Tensor other) -> Tensor(a)", METHOD, expand_as_kernel,
    .doc = "expand to other's sizes." },
  { "broadcast_to(Tensor(a) self, int[] size) -> Tensor(a)", BOTH, broadcast_to_kernel,
    .doc = "expand to size." },
  { "flatten.using_ints(Tensor(a) self, int start_dim=0, int end_dim=-1) -> Tensor(a)", BOTH, flatten_kernel,
    .doc = "Joins the dimensions start_dim to end_dim into one." },
  { "unflatten.int(Tensor(a) self, int dim, int[] sizes) -> Tensor(a)", BOTH, unflatten_kernel,
    .doc = "Splits one dimension into several; one of sizes may be -1." },
  { "contiguous(Tensor(a) self, *, MemoryFormat memory_format=contiguous_format) -> Tensor(a)", METHOD,
    contiguous_kernel, .doc = "Self if its elements lie in order, else a copy in which they do." },
  { "ravel(Tensor(a) self) -> Tensor(a)", BOTH, ravel_kernel, .doc = "All elements in one dimension." },
  { "swapaxes(Tensor(a) self, int axis0, int axis1) -> Tensor(a)", BOTH, swap_kernel,
    .doc = "transpose under numpy's name." },
  { "swapdims(Tensor(a) self, int dim0, int dim1) -> Tensor(a)", BOTH, swap_kernel,
    .doc = "transpose under another name." },
  { "swapaxes_(Tensor(a!) self, int axis0, int axis1) -> Tensor(a!)", METHOD | TE_OP_INPLACE_ONLY,
    swap_inplace_kernel, .doc = "transpose_ under numpy's name." },
  { "swapdims_(Tensor(a!) self, int dim0, int dim1) -> Tensor(a!)", METHOD | TE_OP_INPLACE_ONLY,
    swap_inplace_kernel, .doc = "transpose_ under another name." },
  { "movedim.int(Tensor(a) self, int source, int destination) -> Tensor(a)", BOTH, movedim_int_kernel,
    .doc = "Moves one dimension to another place." },
  { "movedim.intlist(Tensor(a) self, int[] source, int[] destination) -> Tensor(a)", BOTH, movedim_kernel,
    .doc = "Moves dimensions to other places; the rest keep their order." },
  { "moveaxis.int(Tensor(a) self, int source, int destination) -> Tensor(a)", BOTH, movedim_int_kernel,
    .doc = "movedim under numpy's name." },
  { "moveaxis.intlist(Tensor(a) self, int[] source, int[] destination) -> Tensor(a)", BOTH, movedim_kernel,
    .doc = "movedim under numpy's name." },
  { "numpy_T(Tensor(a) self) -> Tensor(a)", TE_OP_COMPOSITE | TE_OP_ROLE_PASS, numpy_t_kernel,
    .doc = "The attribute T." },
  { "matrix_H(Tensor(a) self) -> Tensor(a)", TE_OP_COMPOSITE | TE_OP_ROLE_PASS, matrix_h_kernel,
    .doc = "The attribute H." },
  { "mT(Tensor(a) self) -> Tensor(a)", TE_OP_COMPOSITE | TE_OP_ROLE_PASS, mt_kernel,
    .doc = "The attribute mT." },
  { "narrow(Tensor(a) self, int dim, int start, int length) -> Tensor(a)", BOTH, narrow_kernel,
    .doc = "length places of dim from start on." },
  { "narrow.Tensor(Tensor(a) self, int dim, Tensor start, int length) -> Tensor(a)", BOTH,
    narrow_tensor_kernel, .doc = "length places of dim from start on; start is a 0-dim integer tensor." },
  { "narrow_copy(Tensor self, int dim, int start, int length) -> Tensor",
    TE_OP_METHOD | TE_OP_FUNCTION | TE_OP_OUT | TE_OP_ROLE_PASS, narrow_copy_kernel, .node = "NotImplemented",
    .doc = "A copy of narrow's view." },
  { "atleast_1d(Tensor self) -> Tensor", TE_OP_FUNCTION | TE_OP_COMPOSITE | TE_OP_ROLE_PASS,
    atleast_1d_kernel, .doc = "With at least one dimension." },
  { "atleast_1d.Sequence(Tensor[] tensors) -> Tensor[]",
    TE_OP_FUNCTION | TE_OP_COMPOSITE | TE_OP_ROLE_PASS | TE_OP_LIST_OUT | TE_OP_LIST_AS_TUPLE,
    atleast_1d_kernel, .doc = "Each with at least one dimension." },
  { "atleast_2d(Tensor self) -> Tensor", TE_OP_FUNCTION | TE_OP_COMPOSITE | TE_OP_ROLE_PASS,
    atleast_2d_kernel, .doc = "With at least two dimensions." },
  { "atleast_2d.Sequence(Tensor[] tensors) -> Tensor[]",
    TE_OP_FUNCTION | TE_OP_COMPOSITE | TE_OP_ROLE_PASS | TE_OP_LIST_OUT | TE_OP_LIST_AS_TUPLE,
    atleast_2d_kernel, .doc = "Each with at least two dimensions." },
  { "atleast_3d(Tensor self) -> Tensor", TE_OP_FUNCTION | TE_OP_COMPOSITE | TE_OP_ROLE_PASS,
    atleast_3d_kernel, .doc = "With at least three dimensions." },
  { "atleast_3d.Sequence(Tensor[] tensors) -> Tensor[]",
    TE_OP_FUNCTION | TE_OP_COMPOSITE | TE_OP_ROLE_PASS | TE_OP_LIST_OUT | TE_OP_LIST_AS_TUPLE,
    atleast_3d_kernel, .doc = "Each with at least three dimensions." },
  { "broadcast_tensors(Tensor[] tensors) -> Tensor[]",
    TE_OP_FUNCTION | TE_OP_COMPOSITE | TE_OP_ROLE_PASS | TE_OP_LIST_OUT | TE_OP_LIST_AS_TUPLE,
    broadcast_tensors_kernel, .doc = "All expanded to the shape they broadcast to." },
  { "meshgrid(Tensor[] tensors) -> Tensor[]",
    TE_OP_FUNCTION | TE_OP_COMPOSITE | TE_OP_ROLE_PASS | TE_OP_LIST_OUT | TE_OP_LIST_AS_TUPLE,
    meshgrid_kernel, .doc = "Coordinates of a grid spanned by vectors (matrix order, with a warning)." },
  { "meshgrid.indexing(Tensor[] tensors, *, str indexing) -> Tensor[]",
    TE_OP_FUNCTION | TE_OP_COMPOSITE | TE_OP_ROLE_PASS | TE_OP_LIST_OUT | TE_OP_LIST_AS_TUPLE,
    meshgrid_indexing_kernel,
    .doc = "Coordinates of a grid spanned by vectors, in 'ij' (matrix) or 'xy' (Cartesian) order." },
};

TE_OP_FAMILY (te_family_shape_reshape, rows);
