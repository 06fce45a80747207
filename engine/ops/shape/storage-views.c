/* Views that look at the storage itself: any strides, diagonals, other dtypes, the same view again. */
#include "base/checked.h"
#include "ops/dispatch.h"
#include "ops/shape/families.h"
#include "ops/shape/view-draft.h"

#define VIEW        (TE_OP_VIEW | TE_OP_ROLE_PASS)
#define VIEW_METHOD (VIEW | TE_OP_METHOD)
#define VIEW_BOTH   (VIEW | TE_OP_METHOD | TE_OP_FUNCTION)
#define IN_PLACE    (TE_OP_INPLACE_ONLY | TE_OP_METHOD | TE_OP_VIEW | TE_OP_ROLE_PASS | TE_OP_LAZY)

/* ---- as_strided ---- */
static bool
as_strided_geometry (TeOpCall *call, TeDraft *g, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  const TeValue *sizes = &call->args[1], *strides = &call->args[2];
  char a[512], b[512];
  int64_t extent;
  g->ndim = sizes->count;
  g->offset = te_arg_given (call, 3) ? call->args[3].i : self->offset;
  if (te_draft_too_many (sizes->count, err))
    return false;
  if (sizes->count != strides->count)
    return te_error_set (err, TE_ERR_RUNTIME, "mismatch in length of strides and shape");
  for (int d = 0; d < g->ndim; d++)
    {
      g->sizes[d] = sizes->ints[d];
      g->strides[d] = strides->ints[d];
      if (g->strides[d] < 0)
        return te_error_set (err, TE_ERR_RUNTIME,
                             "as_strided: Negative strides are not supported at the moment, got strides: %s",
                             te_shape_text (strides->count, strides->ints, a, sizeof a));
    }
  if (g->offset < 0)
    return te_error_set (err, TE_ERR_RUNTIME, "Tensor: invalid storage offset %lld", (long long) g->offset);
  int64_t numel, nbytes = (int64_t) te_dtype_nbytes (te_tensor_dtype (self));
  if (!te_shape_numel (g->ndim, g->sizes, &numel)
      || !te_shape_extent (g->ndim, g->sizes, g->strides, g->offset, &extent)
      || !te_mul_i64 (extent, nbytes, &extent))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "Storage size calculation overflowed with sizes=%s and strides=%s",
                         te_shape_text (sizes->count, sizes->ints, a, sizeof a),
                         te_shape_text (strides->count, strides->ints, b, sizeof b));
  if (numel > 0 && (uint64_t) extent > self->storage->nbytes)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "setStorage: sizes %s, strides %s, storage offset %lld, and itemsize %lld requiring a storage "
        "size of %lld are out of bounds for storage of size %lld",
        te_shape_text (sizes->count, sizes->ints, a, sizeof a),
        te_shape_text (strides->count, strides->ints, b, sizeof b), (long long) g->offset, (long long) nbytes,
        (long long) extent, (long long) self->storage->nbytes);
  return true;
}

bool
te_as_strided_keep_layout (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  int64_t n = 2 * self->ndim + 1;
  if (!call->wants_grad)
    return true;
  TeTensor *layout = te_tensor_new (1, &n, TE_INT64, err);
  if (!layout)
    return false;
  int64_t *at = te_tensor_data (layout);
  for (int d = 0; d < self->ndim; d++)
    {
      at[d] = self->sizes[d];
      at[self->ndim + d] = self->strides[d];
    }
  at[2 * self->ndim] = self->offset;
  call->extra[0] = layout;
  return true;
}

static bool
as_strided_kernel (TeOpCall *call, TeError *err)
{
  TeDraft g;
  return as_strided_geometry (call, &g, err) && te_as_strided_keep_layout (call, err)
         && te_draft_give (call, &g, err);
}

static bool
as_strided_inplace_kernel (TeOpCall *call, TeError *err)
{
  TeDraft g;
  return as_strided_geometry (call, &g, err) && te_as_strided_keep_layout (call, err)
         && te_draft_give_inplace (call, &g, err);
}

static bool
as_strided_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "as_strided_backward")
  const int64_t *layout = te_tensor_data (ctx->extra[0]);
  int ndim = (int) (ctx->extra[0]->numel / 2);
  int64_t from = layout[2 * ndim], offset = ctx->args[3].kind == TE_VALUE_NONE ? from : ctx->args[3].i;
  return te_grad_give (ctx, 0,
                       te_call (op, err, "TIIiIIi", ctx->grads[0], layout, ndim, layout + ndim, ndim, from,
                                ctx->args[1].ints, (int) ctx->args[1].count, ctx->args[2].ints,
                                (int) ctx->args[2].count, offset));
}

/* ---- diagonal ---- */
static bool
diagonal_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  int64_t offset = call->args[1].i;
  int dim1, dim2;
  TeDraft g;
  if (!te_dim_wrap (call->args[2].i, self->ndim, &dim1, err)
      || !te_dim_wrap (call->args[3].i, self->ndim, &dim2, err))
    return false;
  if (dim1 == dim2)
    return te_error_set (err, TE_ERR_RUNTIME, "diagonal dimensions cannot be identical %lld, %lld",
                         (long long) call->args[2].i, (long long) call->args[3].i);
  int64_t rows = self->sizes[dim1], cols = self->sizes[dim2];
  int64_t along = offset >= 0 ? (cols - offset < rows ? cols - offset : rows)
                              : (rows + offset < cols ? rows + offset : cols);
  int64_t length = along > 0 ? along : 0, stride = self->strides[dim1] + self->strides[dim2];
  te_draft_of (self, &g);
  if (length > 0)
    g.offset += offset >= 0 ? offset * self->strides[dim2] : -offset * self->strides[dim1];
  te_draft_remove (&g, dim1 > dim2 ? dim1 : dim2);
  te_draft_remove (&g, dim1 > dim2 ? dim2 : dim1);
  te_draft_insert (&g, g.ndim, length, stride);
  return te_draft_give (call, &g, err);
}

static bool
diagonal_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "diagonal_backward")
  return te_grad_give (ctx, 0,
                       te_call (op, err, "TIiii", ctx->grads[0], ctx->metas[0].sizes,
                                (int) ctx->metas[0].ndim, ctx->args[1].i, ctx->args[2].i, ctx->args[3].i));
}

/* ---- alias, detach, view.dtype ---- */
static bool
alias_kernel (TeOpCall *call, TeError *err)
{
  call->outs[0] = te_tensor_alias (te_arg (call, 0), err);
  return call->outs[0] != NULL;
}

static bool
pass_backward (TeBackward *ctx, TeError *err)
{
  return te_grad_give (ctx, 0, te_tensor_ref (ctx->grads[0]));
}

/* Strides and offset counted in elements of another width; PyTorch's complaints where they do not divide. */
static bool
rescale (TeDraft *g, TeDtype from, TeDtype to, TeError *err)
{
  int64_t has = (int64_t) te_dtype_nbytes (from), wants = (int64_t) te_dtype_nbytes (to);
  const char *a = te_dtype_error_name (from), *b = te_dtype_error_name (to);
  int last = g->ndim - 1;
  if (has == wants)
    return true;
  if (g->ndim == 0)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "self.dim() cannot be 0 to view %s as %s (different element sizes)", a, b);
  if (has > wants)
    {
      int64_t ratio = has / wants;
      if (g->strides[last] != 1)
        return te_error_set (
            err, TE_ERR_RUNTIME,
            "self.stride(-1) must be 1 to view %s as %s (different element sizes), but got %lld", a, b,
            (long long) g->strides[last]);
      g->offset *= ratio;
      for (int d = 0; d < last; d++)
        g->strides[d] *= ratio;
      g->sizes[last] *= ratio;
      return true;
    }
  int64_t ratio = wants / has;
  if (g->sizes[last] % ratio)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "self.size(-1) must be divisible by %lld to view %s as %s (different element sizes), but got "
        "%lld",
        (long long) ratio, a, b, (long long) g->sizes[last]);
  if (g->offset % ratio)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "self.storage_offset() must be divisible by %lld to view %s as %s (different element sizes), "
        "but got %lld",
        (long long) ratio, a, b, (long long) g->offset);
  if (g->strides[last] != 1)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "self.stride(-1) must be 1 to view %s as %s (different element sizes), but got %lld",
                         a, b, (long long) g->strides[last]);
  for (int d = 0; d < last; d++)
    {
      if (g->strides[d] % ratio)
        return te_error_set (
            err, TE_ERR_RUNTIME,
            "self.stride(%d) must be divisible by %lld to view %s as %s (different element sizes), but "
            "got %lld",
            d, (long long) ratio, a, b, (long long) g->strides[d]);
      g->strides[d] /= ratio;
    }
  g->offset /= ratio;
  g->sizes[last] /= ratio;
  return true;
}

static bool
view_dtype_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  TeDtype dtype = call->args[1].dtype;
  TeDraft g;
  te_draft_of (self, &g);
  if (!rescale (&g, te_tensor_dtype (self), dtype, err))
    return false;
  call->outs[0] = te_view_new (self, dtype, g.ndim, g.sizes, g.strides, g.offset, err);
  return call->outs[0] != NULL;
}

static bool
set_kernel (TeOpCall *call, TeError *err)
{
  return te_tensor_set_data (te_arg (call, 0), te_arg (call, 1), err);
}

static const TeOpDef rows[] = {
  { .schema = "set_.source_Tensor(Tensor(a!) self, Tensor source) -> Tensor(a!)",
    .flags = TE_OP_INPLACE_ONLY | TE_OP_VIEW | TE_OP_ROLE_PASS,
    .kernel = set_kernel,
    .node = "NotImplemented",
    .doc = "Makes self look at what source looks at." },
  { .schema = "view.dtype(Tensor(a) self, ScalarType dtype) -> Tensor(a)",
    .flags = VIEW_METHOD | TE_OP_NONDIFF,
    .kernel = view_dtype_kernel,
    .doc =
        "The same bytes read as another dtype; the last dimension grows or shrinks with the element size." },
  { .schema = "as_strided(Tensor(a) self, int[] size, int[] stride, int? storage_offset=None) -> Tensor(a)",
    .flags = VIEW_BOTH | TE_OP_KEEPS_EXTRA,
    .kernel = as_strided_kernel,
    .backward = as_strided_backward,
    .node = "AsStridedBackward",
    .grad_version = 2,
    .doc = "The storage of self under any sizes, strides and offset that stay within it." },
  { .schema =
        "as_strided_(Tensor(a!) self, int[] size, int[] stride, int? storage_offset=None) -> Tensor(a!)",
    .flags = IN_PLACE | TE_OP_KEEPS_EXTRA,
    .kernel = as_strided_inplace_kernel,
    .backward = as_strided_backward,
    .node = "AsStridedBackward1",
    .grad_version = 2,
    .doc = "Gives self itself other sizes, strides and offset." },
  { .schema = "diagonal(Tensor(a) self, int offset=0, int dim1=0, int dim2=1) -> Tensor(a)",
    .flags = VIEW_BOTH,
    .kernel = diagonal_kernel,
    .backward = diagonal_backward,
    .node = "DiagonalBackward",
    .doc = "The diagonal over two dimensions, as a new last dimension." },
  { .schema = "linalg_diagonal(Tensor(a) A, *, int offset=0, int dim1=-2, int dim2=-1) -> Tensor(a)",
    .flags = VIEW | TE_OP_LINALG,
    .kernel = diagonal_kernel,
    .backward = diagonal_backward,
    .node = "DiagonalBackward",
    .doc = "The diagonal over two dimensions (by default the last two), as a new last dimension." },
  { .schema = "alias(Tensor(a) self) -> Tensor(a)",
    .flags = VIEW,
    .kernel = alias_kernel,
    .backward = pass_backward,
    .node = "AliasBackward",
    .doc = "The same view again, as t[...] gives it." },
  { .schema = "detach(Tensor(a) self) -> Tensor(a)",
    .flags = VIEW_BOTH | TE_OP_NONDIFF,
    .kernel = alias_kernel,
    .doc = "The same elements, cut off from the graph." },
};

TE_OP_FAMILY (te_family_shape_storage_views, rows);
