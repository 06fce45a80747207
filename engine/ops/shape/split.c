/* One tensor seen as several: split, split_with_sizes, unbind and what is written with them.  The rows with
 * gradients of their own give all pieces from one node; the composites slice. */
#include "base/mem.h"
#include "ops/dispatch.h"
#include "ops/shape/families.h"
#include "ops/shape/shape-util.h"

#define LIST      (TE_OP_LIST_OUT | TE_OP_LIST_AS_TUPLE | TE_OP_METHOD | TE_OP_FUNCTION | TE_OP_ROLE_PASS)
#define LIST_VIEW (LIST | TE_OP_VIEW)
#define LIST_MADE (LIST | TE_OP_COMPOSITE)

static bool
give_narrow (TeOpCall *call, int i, int dim, int64_t start, int64_t length, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  int64_t sizes[TE_MAX_NDIM];
  for (int d = 0; d < self->ndim; d++)
    sizes[d] = self->sizes[d];
  sizes[dim] = length;
  call->outs[i] = te_view_new (self, te_tensor_dtype (self), self->ndim, sizes, self->strides,
                               self->offset + start * self->strides[dim], err);
  return call->outs[i] != NULL;
}

/* ---- split ---- */
static int64_t
n_pieces (int64_t size, int64_t split_size)
{
  return split_size == 0 || size == 0 ? 1 : (size - 1) / split_size + 1;
}

static bool
split_check (TeTensor *self, int64_t split_size, int64_t dim, int *d, TeError *err)
{
  if (self->ndim == 0)
    return te_error_set (err, TE_ERR_RUNTIME, "split expects at least a 1-dimensional tensor");
  if (split_size < 0)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "split expects split_size be non-negative, but got split_size=%lld",
                         (long long) split_size);
  if (!te_dim_wrap (dim, self->ndim, d, err))
    return false;
  if (split_size == 0 && self->sizes[*d] != 0)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "split_size can only be 0 if dimension size is 0, but got dimension size of %lld",
                         (long long) self->sizes[*d]);
  return true;
}

static bool
split_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  int64_t split_size = call->args[1].i;
  int dim;
  if (!split_check (self, split_size, call->args[2].i, &dim, err))
    return false;
  int64_t size = self->sizes[dim], n = n_pieces (size, split_size);
  if (n > INT32_MAX)
    return te_error_no_memory (err);
  if (!te_op_call_reserve (call, (int) n, err))
    return false;
  for (int64_t i = 0; i < n; i++)
    {
      int64_t rest = size - i * split_size;
      if (!give_narrow (call, (int) i, dim, i * split_size, rest < split_size ? rest : split_size, err))
        return false;
    }
  return true;
}

static bool
split_with_sizes_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  const TeValue *pieces = &call->args[1];
  int64_t sum = 0;
  int dim;
  char text[512];
  if (self->ndim == 0)
    return te_error_set (err, TE_ERR_RUNTIME, "split expects at least a 1-dimensional tensor");
  if (!te_dim_wrap (call->args[2].i, self->ndim, &dim, err))
    return false;
  for (int i = 0; i < pieces->count; i++)
    {
      if (pieces->ints[i] < 0)
        return te_error_set (
            err, TE_ERR_RUNTIME,
            "split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes=%s",
            te_shape_text (pieces->count, pieces->ints, text, sizeof text));
      if (__builtin_add_overflow (sum, pieces->ints[i], &sum))
        sum = -1;
    }
  if (sum != self->sizes[dim])
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "split_with_sizes expects split_sizes to sum exactly to %lld (input tensor's size at dimension "
        "%d), but got split_sizes=%s",
        (long long) self->sizes[dim], dim, te_shape_text (pieces->count, pieces->ints, text, sizeof text));
  if (!te_op_call_reserve (call, pieces->count, err))
    return false;
  int64_t start = 0;
  for (int i = 0; i < pieces->count; start += pieces->ints[i++])
    if (!give_narrow (call, i, dim, start, pieces->ints[i], err))
      return false;
  return true;
}

/* Joins the pieces' gradients; a piece that got none counts as zeros. */
static bool
join_backward (TeBackward *ctx, int64_t dim, TeError *err)
{
  TE_OP (cat, "cat")
  TeTensor **pieces = te_new_sized ((size_t) (ctx->n_outs + 1) * sizeof *pieces);
  TeTensor *result = NULL;
  bool ok = pieces || te_error_no_memory (err);
  for (int i = 0; ok && i < ctx->n_outs; i++)
    {
      const TeMeta *meta = &ctx->out_metas[i];
      pieces[i] = ctx->grads[i] ? te_tensor_ref (ctx->grads[i])
                                : te_zeros (meta->ndim, meta->sizes, (TeDtype) meta->dtype, err);
      ok = pieces[i] != NULL;
    }
  if (ok)
    result = te_call (cat, err, "Li", pieces, ctx->n_outs, dim);
  for (int i = 0; pieces && i < ctx->n_outs; i++)
    te_tensor_unref (pieces[i]);
  te_free_sized (pieces, (size_t) (ctx->n_outs + 1) * sizeof *pieces);
  return te_grad_give (ctx, 0, result);
}

static bool
split_backward (TeBackward *ctx, TeError *err)
{
  return join_backward (ctx, ctx->args[2].i, err);
}

/* ---- unbind ---- */
static bool
unbind_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  int dim;
  if (!te_dim_wrap (call->args[1].i, self->ndim, &dim, err) || !te_sized_dim_wrap (dim, self->ndim, &dim, err)
      || (self->sizes[dim] > INT32_MAX && !te_error_no_memory (err))
      || !te_op_call_reserve (call, (int) self->sizes[dim], err))
    return false;
  int64_t sizes[TE_MAX_NDIM], strides[TE_MAX_NDIM];
  for (int d = 0, to = 0; d < self->ndim; d++)
    if (d != dim)
      {
        sizes[to] = self->sizes[d];
        strides[to++] = self->strides[d];
      }
  for (int64_t i = 0; i < self->sizes[dim]; i++)
    {
      call->outs[i] = te_view_new (self, te_tensor_dtype (self), self->ndim - 1, sizes, strides,
                                   self->offset + i * self->strides[dim], err);
      if (!call->outs[i])
        return false;
    }
  return true;
}

static bool
unbind_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (stack, "stack")
  TeTensor **pieces = te_new_sized ((size_t) (ctx->n_outs + 1) * sizeof *pieces);
  TeTensor *result = NULL;
  bool ok = pieces || te_error_no_memory (err);
  for (int i = 0; ok && i < ctx->n_outs; i++)
    {
      const TeMeta *meta = &ctx->out_metas[i];
      pieces[i] = ctx->grads[i] ? te_tensor_ref (ctx->grads[i])
                                : te_zeros (meta->ndim, meta->sizes, (TeDtype) meta->dtype, err);
      ok = pieces[i] != NULL;
    }
  if (ok)
    result = te_call (stack, err, "Li", pieces, ctx->n_outs, ctx->args[1].i);
  for (int i = 0; pieces && i < ctx->n_outs; i++)
    te_tensor_unref (pieces[i]);
  te_free_sized (pieces, (size_t) (ctx->n_outs + 1) * sizeof *pieces);
  return te_grad_give (ctx, 0, result);
}

/* ---- composites ---- */
static bool
split_sizes_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (op, "split_with_sizes")
  const TeValue *pieces = &call->args[1];
  return te_op_call_reserve (call, pieces->count, err)
         && te_call_multi (op, call->outs, pieces->count, err, "TIi", te_arg (call, 0), pieces->ints,
                           (int) pieces->count, call->args[2].i);
}

static bool
chunk_kernel (TeOpCall *call, TeError *err)
{
  const TeOp *split = te_registry_find (call->op->name[0] == 'u' ? "unsafe_split.Tensor" : "split.Tensor");
  const TeOp *with_sizes =
      te_registry_find (call->op->name[0] == 'u' ? "unsafe_split_with_sizes" : "split_with_sizes");
  TeTensor *self = te_arg (call, 0);
  int64_t chunks = call->args[1].i;
  int dim;
  if (self->ndim == 0)
    return te_error_set (err, TE_ERR_RUNTIME, "chunk expects at least a 1-dimensional tensor");
  if (chunks <= 0)
    return te_error_set (err, TE_ERR_RUNTIME, "chunk expects `chunks` to be greater than 0, got: %lld",
                         (long long) chunks);
  if (!te_dim_wrap (call->args[2].i, self->ndim, &dim, err))
    return false;
  int64_t size = self->sizes[dim], split_size = size ? (size - 1) / chunks + 1 : 0;
  if (size == 0)
    {
      int64_t *zeros = chunks < 1 << 24 ? te_new_sized ((size_t) chunks * sizeof *zeros) : NULL;
      bool ok = zeros ? te_op_call_reserve (call, (int) chunks, err) : te_error_no_memory (err);
      ok = ok
           && te_call_multi (with_sizes, call->outs, (int) chunks, err, "TIi", self, zeros, (int) chunks,
                             (int64_t) dim);
      te_free_sized (zeros, (size_t) chunks * sizeof *zeros);
      return ok;
    }
  int64_t n = n_pieces (size, split_size);
  if (n > INT32_MAX)
    return te_error_no_memory (err);
  return te_op_call_reserve (call, (int) n, err)
         && te_call_multi (split, call->outs, (int) n, err, "Tii", self, split_size, (int64_t) dim);
}

static bool
give_slice (TeOpCall *call, int i, int dim, int64_t start, int64_t end, TeError *err)
{
  TE_OP (slice, "slice")
  call->outs[i] = te_call (slice, err, "Tiiii", te_arg (call, 0), (int64_t) dim, start, end, (int64_t) 1);
  return call->outs[i] != NULL;
}

static bool
sections (TeOpCall *call, int64_t n, int64_t wanted_dim, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  int dim;
  if (!te_dim_wrap (wanted_dim, self->ndim, &dim, err))
    return false;
  if (n <= 0)
    return te_error_set (err, TE_ERR_RUNTIME, "number of sections must be larger than 0, got %lld",
                         (long long) n);
  if (n > INT32_MAX)
    return te_error_no_memory (err);
  int64_t least = self->sizes[dim] / n, wider = self->sizes[dim] % n, start = 0;
  if (!te_op_call_reserve (call, (int) n, err))
    return false;
  for (int64_t i = 0; i < n; i++)
    {
      int64_t length = least + (i < wider);
      if (!give_slice (call, (int) i, dim, start, start + length, err))
        return false;
      start += length;
    }
  return true;
}

static bool
at_indices (TeOpCall *call, int n, const int64_t *indices, int64_t wanted_dim, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  int dim;
  if (!te_dim_wrap (wanted_dim, self->ndim, &dim, err) || !te_op_call_reserve (call, n + 1, err))
    return false;
  int64_t start = 0;
  for (int i = 0; i < n; start = indices[i++])
    if (!give_slice (call, i, dim, start, indices[i], err))
      return false;
  return give_slice (call, n, dim, start, self->sizes[dim], err);
}

static bool
tensor_split_check (TeTensor *self, TeError *err)
{
  return self->ndim > 0
         || te_error_set (
             err, TE_ERR_RUNTIME,
             "tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims");
}

static bool
tensor_split_sections_kernel (TeOpCall *call, TeError *err)
{
  return tensor_split_check (te_arg (call, 0), err) && sections (call, call->args[1].i, call->args[2].i, err);
}

static bool
tensor_split_indices_kernel (TeOpCall *call, TeError *err)
{
  return tensor_split_check (te_arg (call, 0), err)
         && at_indices (call, call->args[1].count, call->args[1].ints, call->args[2].i, err);
}

static bool
tensor_split_tensor_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *at = te_arg (call, 1);
  if (te_tensor_is_meta (at))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "tensor_split expected tensor_indices_or_sections to be on cpu, but it's on meta");
  if (te_tensor_dtype (at) != TE_INT64)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "tensor_split expected tensor_indices_or_sections to have dtype of long, but got %s",
                         te_dtype_error_name (te_tensor_dtype (at)));
  if (at->ndim > 1)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "tensor_split expected tensor_indices_or_sections to be a zero-dimensional or one-dimensional "
        "tensor, but got a tensor with %d dims",
        at->ndim);
  TeTensor *dense = tensor_split_check (te_arg (call, 0), err) ? te_input_contiguous (at, err) : NULL;
  if (!dense)
    return false;
  const int64_t *values = te_tensor_data (dense);
  bool ok = at->ndim == 0 ? sections (call, values[0], call->args[2].i, err)
                          : at_indices (call, (int) at->numel, values, call->args[2].i, err);
  te_tensor_unref (dense);
  return ok;
}

/* hsplit, vsplit, dsplit: which dimension, and how many dimensions they ask for. */
static bool
grid_split (TeOpCall *call, char name, int least_ndim, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  int dim = name == 'h' ? (self->ndim == 1 ? 0 : 1) : name == 'v' ? 0 : 2;
  if (self->ndim < least_ndim)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "torch.%csplit requires a tensor with at least %d dimension, but got a tensor with %d dimensions!",
        name, least_ndim, self->ndim);
  if (call->args[1].kind == TE_VALUE_INT_LIST)
    return at_indices (call, call->args[1].count, call->args[1].ints, dim, err);
  int64_t n = call->args[1].i;
  if (n == 0 || self->sizes[dim] % n != 0)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "torch.%csplit attempted to split along dimension %d, but the size of the dimension %lld is not "
        "divisible by the split_size %lld!",
        name, dim, (long long) self->sizes[dim], (long long) n);
  return sections (call, n, dim, err);
}

static bool
hsplit_kernel (TeOpCall *call, TeError *err)
{
  return grid_split (call, 'h', 1, err);
}

static bool
vsplit_kernel (TeOpCall *call, TeError *err)
{
  return grid_split (call, 'v', 2, err);
}

static bool
dsplit_kernel (TeOpCall *call, TeError *err)
{
  return grid_split (call, 'd', 3, err);
}

static const TeOpDef rows[] = {
  { "split.Tensor(Tensor(a) self, int split_size, int dim=0) -> Tensor(a)[]", LIST_VIEW, split_kernel,
    split_backward, "SplitBackward", .doc = "Pieces of split_size along dim; the last may be smaller." },
  { "split.sizes(Tensor(a) self, int[] split_size, int dim=0) -> Tensor(a)[]", LIST_MADE, split_sizes_kernel,
    .doc = "Pieces of the given sizes along dim." },
  { "split_with_sizes(Tensor(a) self, int[] split_sizes, int dim=0) -> Tensor(a)[]", LIST_VIEW,
    split_with_sizes_kernel, split_backward, "SplitWithSizesBackward",
    .doc = "Pieces of the given sizes along dim; they add up to its size." },
  { "unsafe_split.Tensor(Tensor self, int split_size, int dim=0) -> Tensor[]", LIST, split_kernel,
    split_backward, "UnsafeSplitBackward", .doc = "split whose pieces may be changed in place." },
  { "unsafe_split_with_sizes(Tensor self, int[] split_sizes, int dim=0) -> Tensor[]", LIST,
    split_with_sizes_kernel, split_backward, "UnsafeSplitWithSizesBackward",
    .doc = "split_with_sizes whose pieces may be changed in place." },
  { "unbind.int(Tensor(a) self, int dim=0) -> Tensor(a)[]", LIST_VIEW, unbind_kernel, unbind_backward,
    "UnbindBackward", .doc = "All slices along dim, without that dimension." },
  { "chunk(Tensor(a) self, int chunks, int dim=0) -> Tensor(a)[]", LIST_MADE, chunk_kernel,
    .doc = "At most so many pieces along dim, of equal size but for the last." },
  { "unsafe_chunk(Tensor self, int chunks, int dim=0) -> Tensor[]", LIST_MADE, chunk_kernel,
    .doc = "chunk whose pieces may be changed in place." },
  { "tensor_split.sections(Tensor(a) self, int sections, int dim=0) -> Tensor(a)[]", LIST_MADE,
    tensor_split_sections_kernel,
    .doc = "Exactly so many pieces along dim; the first ones are one longer where it does not divide." },
  { "tensor_split.indices(Tensor(a) self, int[] indices, int dim=0) -> Tensor(a)[]", LIST_MADE,
    tensor_split_indices_kernel, .doc = "Pieces that end at the given indices along dim." },
  { "tensor_split.tensor_indices_or_sections(Tensor(a) self, Tensor tensor_indices_or_sections, int dim=0) "
    "-> Tensor(a)[]",
    LIST_MADE, tensor_split_tensor_kernel, .doc = "tensor_split with the count or the indices in a tensor." },
  { "hsplit.int(Tensor(a) self, int sections) -> Tensor(a)[]", LIST_MADE, hsplit_kernel,
    .doc = "Pieces by columns." },
  { "hsplit.array(Tensor(a) self, int[] indices) -> Tensor(a)[]", LIST_MADE, hsplit_kernel,
    .doc = "Pieces by columns." },
  { "vsplit.int(Tensor(a) self, int sections) -> Tensor(a)[]", LIST_MADE, vsplit_kernel,
    .doc = "Pieces by rows." },
  { "vsplit.array(Tensor(a) self, int[] indices) -> Tensor(a)[]", LIST_MADE, vsplit_kernel,
    .doc = "Pieces by rows." },
  { "dsplit.int(Tensor(a) self, int sections) -> Tensor(a)[]", LIST_MADE, dsplit_kernel,
    .doc = "Pieces by depth." },
  { "dsplit.array(Tensor(a) self, int[] indices) -> Tensor(a)[]", LIST_MADE, dsplit_kernel,
    .doc = "Pieces by depth." },
};

TE_OP_FAMILY (te_family_shape_split, rows);
