/* Views: the same storage under other sizes, strides and offset.  Every rule here is integer arithmetic and
 * works for tensors without memory (device meta) too; strides are PyTorch's also where a size of 1 leaves
 * them free.  Backward rules are views of the gradient, or the *_backward rows of view-backward.c. */
#include "base/checked.h"
#include "ops/dispatch.h"
#include "ops/shape/families.h"
#include "ops/shape/shape-util.h"

#define VIEW        (TE_OP_VIEW | TE_OP_ROLE_PASS)
#define VIEW_METHOD (VIEW | TE_OP_METHOD)
#define VIEW_BOTH   (VIEW | TE_OP_METHOD | TE_OP_FUNCTION)
#define IN_PLACE    (TE_OP_INPLACE_ONLY | TE_OP_METHOD | TE_OP_ROLE_PASS)

typedef struct
{
  int ndim;
  int64_t offset;
  int64_t sizes[TE_MAX_NDIM + 1];
  int64_t strides[TE_MAX_NDIM + 1];
} Geometry;

static void
geometry_of (const TeTensor *self, Geometry *g)
{
  g->ndim = self->ndim;
  g->offset = self->offset;
  for (int d = 0; d < self->ndim; d++)
    {
      g->sizes[d] = self->sizes[d];
      g->strides[d] = self->strides[d];
    }
}

static bool
give (TeOpCall *call, const Geometry *g, TeError *err)
{
  return te_view_give (call, te_arg (call, 0), g->ndim, g->sizes, g->strides, g->offset, err);
}

/* The in-place form of a view changes what self looks at. */
static bool
give_inplace (TeOpCall *call, const Geometry *g, TeError *err)
{
  return te_tensor_set_geometry (call->outs[0], g->ndim, g->sizes, g->strides, g->offset, err);
}

static void
geometry_remove (Geometry *g, int dim)
{
  for (int d = dim; d + 1 < g->ndim; d++)
    {
      g->sizes[d] = g->sizes[d + 1];
      g->strides[d] = g->strides[d + 1];
    }
  g->ndim--;
}

static void
geometry_insert (Geometry *g, int dim, int64_t size, int64_t stride)
{
  for (int d = g->ndim; d > dim; d--)
    {
      g->sizes[d] = g->sizes[d - 1];
      g->strides[d] = g->strides[d - 1];
    }
  g->sizes[dim] = size;
  g->strides[dim] = stride;
  g->ndim++;
}

static bool
too_many (int ndim, TeError *err)
{
  return ndim > TE_MAX_NDIM
         && !te_error_set (err, TE_ERR_RUNTIME, "tensors of more than %d dimensions are not supported",
                           TE_MAX_NDIM);
}

/* ---- view, _reshape_alias, _unsafe_view ---- */
static bool
view_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  const TeValue *size = &call->args[1];
  Geometry g = { .ndim = size->count, .offset = self->offset };
  if (too_many (size->count, err))
    return false;
  for (int d = 0; d < g.ndim; d++)
    g.sizes[d] = size->ints[d];
  if (!te_shape_infer (g.ndim, g.sizes, self->numel, err))
    return false;
  if (!te_shape_view_strides (self->ndim, self->sizes, self->strides, g.ndim, g.sizes, g.strides))
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "view size is not compatible with input tensor's size and stride (at least one dimension "
        "spans across two contiguous subspaces). Use .reshape(...) instead.");
  return give (call, &g, err);
}

static bool
reshape_backward (TeBackward *ctx, TeError *err)
{
  return te_grad_give (ctx, 0, te_reshape (ctx->grads[0], ctx->metas[0].ndim, ctx->metas[0].sizes, err));
}

static bool
reshape_alias_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  return te_view_give (call, self, call->args[1].count, call->args[1].ints, call->args[2].ints, self->offset,
                       err);
}

/* ---- expand ---- */
static bool
expand_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  const TeValue *size = &call->args[1];
  char target[512], own[512];
  Geometry g = { .ndim = size->count, .offset = self->offset };
  if (too_many (size->count, err))
    return false;
  if (size->count < self->ndim)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "expand(%s{%s}, size=%s): the number of sizes provided (%d) must be greater or equal to the "
        "number of dimensions in the tensor (%d)",
        te_tensor_type_name (self), te_shape_text (self->ndim, self->sizes, own, sizeof own),
        te_shape_text (size->count, size->ints, target, sizeof target), size->count, self->ndim);
  for (int i = g.ndim - 1; i >= 0; i--)
    {
      int dim = self->ndim - g.ndim + i;
      int64_t has = dim >= 0 ? self->sizes[dim] : 1;
      int64_t stride = dim >= 0 ? self->strides[dim] : i + 1 < g.ndim ? g.sizes[i + 1] * g.strides[i + 1] : 1;
      int64_t wants = size->ints[i];
      if (wants == -1)
        {
          if (dim < 0)
            return te_error_set (
                err, TE_ERR_RUNTIME,
                "The expanded size of the tensor (-1) isn't allowed in a leading, non-existing "
                "dimension %d",
                i);
          wants = has;
        }
      if (has != wants)
        {
          if (has != 1)
            return te_error_set (
                err, TE_ERR_RUNTIME,
                "The expanded size of the tensor (%lld) must match the existing size (%lld) at "
                "non-singleton dimension %d.  Target sizes: %s.  Tensor sizes: %s",
                (long long) wants, (long long) has, i,
                te_shape_text (size->count, size->ints, target, sizeof target),
                te_shape_text (self->ndim, self->sizes, own, sizeof own));
          stride = 0;
        }
      g.sizes[i] = wants;
      g.strides[i] = stride;
    }
  return give (call, &g, err);
}

static bool
expand_backward (TeBackward *ctx, TeError *err)
{
  return te_grad_give (ctx, 0, te_sum_to_meta (ctx->grads[0], &ctx->metas[0], err));
}

/* ---- permute, transpose, t ---- */
static bool
permute_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  const TeValue *dims = &call->args[1];
  Geometry g = { .ndim = self->ndim, .offset = self->offset };
  bool seen[TE_MAX_NDIM] = { false };
  if (dims->count != self->ndim)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "permute(sparse_coo): number of dimensions in the tensor input does not match the length of "
        "the desired ordering of dimensions i.e. input.dim() = %d is not equal to len(dims) = %d",
        self->ndim, dims->count);
  for (int i = 0; i < g.ndim; i++)
    {
      int dim;
      if (!te_dim_wrap (dims->ints[i], self->ndim, &dim, err))
        return false;
      if (seen[dim])
        return te_error_set (err, TE_ERR_RUNTIME, "permute(): duplicate dims are not allowed.");
      seen[dim] = true;
      g.sizes[i] = self->sizes[dim];
      g.strides[i] = self->strides[dim];
    }
  return give (call, &g, err);
}

static bool
permute_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (permute, "permute")
  int n = ctx->args[1].count;
  int64_t inverse[TE_MAX_NDIM];
  for (int i = 0; i < n; i++)
    {
      int64_t d = ctx->args[1].ints[i];
      inverse[d < 0 ? d + n : d] = i;
    }
  return te_grad_give (ctx, 0, te_call (permute, err, "TI", ctx->grads[0], inverse, n));
}

static bool
transpose_geometry (TeOpCall *call, Geometry *g, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  int a, b;
  if (!te_dim_wrap (call->args[1].i, self->ndim, &a, err)
      || !te_dim_wrap (call->args[2].i, self->ndim, &b, err))
    return false;
  geometry_of (self, g);
  if (self->ndim == 0)
    return true;
  g->sizes[a] = self->sizes[b];
  g->strides[a] = self->strides[b];
  g->sizes[b] = self->sizes[a];
  g->strides[b] = self->strides[a];
  return true;
}

static bool
transpose_kernel (TeOpCall *call, TeError *err)
{
  Geometry g;
  return transpose_geometry (call, &g, err) && give (call, &g, err);
}

static bool
transpose_inplace_kernel (TeOpCall *call, TeError *err)
{
  Geometry g;
  return transpose_geometry (call, &g, err) && give_inplace (call, &g, err);
}

static bool
transpose_backward (TeBackward *ctx, TeError *err)
{
  return te_grad_give (ctx, 0, te_transpose (ctx->grads[0], ctx->args[1].i, ctx->args[2].i, err));
}

static bool
t_geometry (TeOpCall *call, Geometry *g, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  if (self->ndim > 2)
    return te_error_set (err, TE_ERR_RUNTIME, "%s expects a tensor with <= 2 dimensions, but self is %dD",
                         call->op->def->flags & TE_OP_INPLACE_ONLY ? "t_()" : "t()", self->ndim);
  geometry_of (self, g);
  if (self->ndim == 2)
    {
      g->sizes[0] = self->sizes[1];
      g->sizes[1] = self->sizes[0];
      g->strides[0] = self->strides[1];
      g->strides[1] = self->strides[0];
    }
  return true;
}

static bool
t_kernel (TeOpCall *call, TeError *err)
{
  Geometry g;
  return t_geometry (call, &g, err) && give (call, &g, err);
}

static bool
t_inplace_kernel (TeOpCall *call, TeError *err)
{
  Geometry g;
  return t_geometry (call, &g, err) && give_inplace (call, &g, err);
}

static bool
t_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (t, "t")
  return te_grad_give (ctx, 0, te_call (t, err, "T", ctx->grads[0]));
}

/* ---- squeeze, unsqueeze ---- */
static bool
squeeze_geometry (TeOpCall *call, Geometry *g, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  g->ndim = 0;
  g->offset = self->offset;
  for (int d = 0; d < self->ndim; d++)
    if (self->sizes[d] != 1)
      {
        g->sizes[g->ndim] = self->sizes[d];
        g->strides[g->ndim++] = self->strides[d];
      }
  return true;
}

static bool
squeeze_kernel (TeOpCall *call, TeError *err)
{
  Geometry g;
  return squeeze_geometry (call, &g, err) && give (call, &g, err);
}

/* An in-place squeeze is recorded after it has changed self: the sizes that self had go along. */
static bool
keep_sizes (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  const int64_t n = self->ndim;
  if (!call->wants_grad)
    return true;
  call->extra[0] = te_tensor_new (1, &n, TE_INT64, err);
  for (int d = 0; call->extra[0] && d < self->ndim; d++)
    ((int64_t *) te_tensor_data (call->extra[0]))[d] = self->sizes[d];
  return call->extra[0] != NULL;
}

static int
old_sizes (const TeBackward *ctx, const int64_t **sizes)
{
  *sizes = ctx->extra[0] ? te_tensor_data (ctx->extra[0]) : ctx->metas[0].sizes;
  return ctx->extra[0] ? (int) ctx->extra[0]->numel : ctx->metas[0].ndim;
}

static bool
squeeze_inplace_kernel (TeOpCall *call, TeError *err)
{
  Geometry g;
  return squeeze_geometry (call, &g, err) && keep_sizes (call, err) && give_inplace (call, &g, err);
}

static bool
squeeze_backward (TeBackward *ctx, TeError *err)
{
  const int64_t *sizes;
  int ndim = old_sizes (ctx, &sizes);
  TeTensor *grad = te_tensor_ref (ctx->grads[0]);
  for (int d = 0; grad && d < ndim; d++)
    if (sizes[d] == 1)
      {
        TeTensor *next = te_unsqueeze (grad, d, err);
        te_tensor_unref (grad);
        grad = next;
      }
  return te_grad_give (ctx, 0, grad);
}

static bool
squeeze_dim_geometry (TeOpCall *call, Geometry *g, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  int dim;
  if (!te_dim_wrap (call->args[1].i, self->ndim, &dim, err))
    return false;
  geometry_of (self, g);
  if (self->ndim > 0 && self->sizes[dim] == 1)
    geometry_remove (g, dim);
  return true;
}

static bool
squeeze_dim_kernel (TeOpCall *call, TeError *err)
{
  Geometry g;
  return squeeze_dim_geometry (call, &g, err) && give (call, &g, err);
}

static bool
squeeze_dim_inplace_kernel (TeOpCall *call, TeError *err)
{
  Geometry g;
  return squeeze_dim_geometry (call, &g, err) && keep_sizes (call, err) && give_inplace (call, &g, err);
}

static bool
squeeze_dim_backward (TeBackward *ctx, TeError *err)
{
  const int64_t *sizes;
  int ndim = old_sizes (ctx, &sizes);
  int64_t dim = ctx->args[1].i < 0 ? ctx->args[1].i + ndim : ctx->args[1].i;
  if (ndim == 0 || sizes[dim] != 1)
    return te_grad_give (ctx, 0, te_tensor_ref (ctx->grads[0]));
  return te_grad_give (ctx, 0, te_unsqueeze (ctx->grads[0], dim, err));
}

static bool
unsqueeze_geometry (TeOpCall *call, Geometry *g, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  int dim;
  if (!te_dim_wrap (call->args[1].i, self->ndim + 1, &dim, err) || too_many (self->ndim + 1, err))
    return false;
  geometry_of (self, g);
  geometry_insert (g, dim, 1, dim >= self->ndim ? 1 : self->sizes[dim] * self->strides[dim]);
  return true;
}

static bool
unsqueeze_kernel (TeOpCall *call, TeError *err)
{
  Geometry g;
  return unsqueeze_geometry (call, &g, err) && give (call, &g, err);
}

static bool
unsqueeze_inplace_kernel (TeOpCall *call, TeError *err)
{
  Geometry g;
  return unsqueeze_geometry (call, &g, err) && give_inplace (call, &g, err);
}

static bool
unsqueeze_backward (TeBackward *ctx, TeError *err)
{
  return te_grad_give (ctx, 0, te_squeeze_dim (ctx->grads[0], ctx->args[1].i, err));
}

/* ---- select, slice, unfold ---- */
static bool
select_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  int64_t index = call->args[2].i;
  int dim;
  char own[512];
  Geometry g;
  if (self->ndim == 0)
    return te_error_set (err, TE_ERR_INDEX, "select() cannot be applied to a 0-dim tensor.");
  if (!te_dim_wrap (call->args[1].i, self->ndim, &dim, err))
    return false;
  if (index < -self->sizes[dim] || index >= self->sizes[dim])
    return te_error_set (err, TE_ERR_INDEX,
                         "select(): index %lld out of range for tensor of size %s at dimension %d",
                         (long long) index, te_shape_text (self->ndim, self->sizes, own, sizeof own), dim);
  geometry_of (self, &g);
  g.offset += (index < 0 ? index + self->sizes[dim] : index) * self->strides[dim];
  geometry_remove (&g, dim);
  return give (call, &g, err);
}

static bool
select_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "select_backward")
  return te_grad_give (ctx, 0,
                       te_call (op, err, "TIii", ctx->grads[0], ctx->metas[0].sizes, (int) ctx->metas[0].ndim,
                                ctx->args[1].i, ctx->args[2].i));
}

static bool
slice_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  int dim;
  Geometry g;
  if (self->ndim == 0)
    return te_error_set (err, TE_ERR_INDEX, "slice() cannot be applied to a 0-dim tensor.");
  if (!te_dim_wrap (call->args[1].i, self->ndim, &dim, err))
    return false;
  int64_t size = self->sizes[dim], step = call->args[4].i;
  int64_t start = te_arg_given (call, 2) ? call->args[2].i : 0;
  int64_t end = te_arg_given (call, 3) ? call->args[3].i : INT64_MAX;
  if (step <= 0)
    return te_error_set (err, TE_ERR_RUNTIME, "slice step must be positive");
  start = start < 0 ? start + size : start;
  end = end < 0 ? end + size : end;
  start = start < 0 ? 0 : start > size ? size : start;
  end = end < start ? start : end > size ? size : end;
  geometry_of (self, &g);
  g.offset += start * self->strides[dim];
  g.sizes[dim] = (end - start) / step + ((end - start) % step != 0);
  if (__builtin_mul_overflow (self->strides[dim], step, &g.strides[dim]))
    return te_error_set (err, TE_ERR_RUNTIME, "slice step is too large");
  return give (call, &g, err);
}

static bool
slice_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "slice_backward")
  int64_t start = ctx->args[2].kind == TE_VALUE_NONE ? 0 : ctx->args[2].i;
  int64_t end = ctx->args[3].kind == TE_VALUE_NONE ? INT64_MAX : ctx->args[3].i;
  return te_grad_give (ctx, 0,
                       te_call (op, err, "TIiiii", ctx->grads[0], ctx->metas[0].sizes,
                                (int) ctx->metas[0].ndim, ctx->args[1].i, start, end, ctx->args[4].i));
}

static bool
unfold_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  int64_t size = call->args[2].i, step = call->args[3].i;
  int dim;
  Geometry g;
  if (!te_dim_wrap (call->args[1].i, self->ndim, &dim, err) || too_many (self->ndim + 1, err))
    return false;
  int64_t has = self->ndim == 0 ? 1 : self->sizes[dim], stride = self->ndim == 0 ? 1 : self->strides[dim];
  if (size > has)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "maximum size for tensor at dimension %d is %lld but size is %lld", dim,
                         (long long) has, (long long) size);
  if (step <= 0)
    return te_error_set (err, TE_ERR_RUNTIME, "step is %lld but must be > 0", (long long) step);
  if (size < 0)
    return te_error_set (err, TE_ERR_RUNTIME, "size is %lld but must be >= 0", (long long) size);
  geometry_of (self, &g);
  if (self->ndim > 0)
    {
      g.sizes[dim] = (has - size) / step + 1;
      g.strides[dim] = step * stride;
    }
  geometry_insert (&g, self->ndim, size, stride);
  return give (call, &g, err);
}

static bool
unfold_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "unfold_backward")
  return te_grad_give (ctx, 0,
                       te_call (op, err, "TIiii", ctx->grads[0], ctx->metas[0].sizes,
                                (int) ctx->metas[0].ndim, ctx->args[1].i, ctx->args[2].i, ctx->args[3].i));
}

/* ---- as_strided ---- */
static bool
as_strided_geometry (TeOpCall *call, Geometry *g, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  const TeValue *sizes = &call->args[1], *strides = &call->args[2];
  char a[512], b[512];
  int64_t extent;
  g->ndim = sizes->count;
  g->offset = te_arg_given (call, 3) ? call->args[3].i : self->offset;
  if (too_many (sizes->count, err))
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

/* The gradient must know where the input's elements lay: sizes, strides and offset go along. */
static bool
keep_layout (TeOpCall *call, TeError *err)
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
  Geometry g;
  return as_strided_geometry (call, &g, err) && keep_layout (call, err) && give (call, &g, err);
}

static bool
as_strided_inplace_kernel (TeOpCall *call, TeError *err)
{
  Geometry g;
  return as_strided_geometry (call, &g, err) && keep_layout (call, err) && give_inplace (call, &g, err);
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
  Geometry g;
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
  geometry_of (self, &g);
  if (length > 0)
    g.offset += offset >= 0 ? offset * self->strides[dim2] : -offset * self->strides[dim1];
  geometry_remove (&g, dim1 > dim2 ? dim1 : dim2);
  geometry_remove (&g, dim1 > dim2 ? dim2 : dim1);
  geometry_insert (&g, g.ndim, length, stride);
  return give (call, &g, err);
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
rescale (Geometry *g, TeDtype from, TeDtype to, TeError *err)
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
  Geometry g;
  geometry_of (self, &g);
  if (!rescale (&g, te_tensor_dtype (self), dtype, err))
    return false;
  call->outs[0] = te_view_new (self, dtype, g.ndim, g.sizes, g.strides, g.offset, err);
  return call->outs[0] != NULL;
}

static const TeOpDef rows[] = {
  { .schema = "view(Tensor(a) self, int[] size) -> Tensor(a)",
    .flags = VIEW_METHOD,
    .kernel = view_kernel,
    .backward = reshape_backward,
    .node = "ViewBackward",
    .doc = "The same elements in the same order under another shape; one size may be -1.  Never copies." },
  { .schema = "view.dtype(Tensor(a) self, ScalarType dtype) -> Tensor(a)",
    .flags = VIEW_METHOD | TE_OP_NONDIFF,
    .kernel = view_dtype_kernel,
    .doc =
        "The same bytes read as another dtype; the last dimension grows or shrinks with the element size." },
  { .schema = "_reshape_alias(Tensor(a) self, int[] size, int[] stride) -> Tensor(a)",
    .flags = VIEW,
    .kernel = reshape_alias_kernel,
    .backward = reshape_backward,
    .node = "ReshapeAliasBackward",
    .doc =
        "What reshape does where no copy is needed: a view with sizes and strides that it has worked out." },
  { .schema = "_unsafe_view(Tensor self, int[] size) -> Tensor",
    .flags = TE_OP_ROLE_PASS,
    .kernel = view_kernel,
    .backward = reshape_backward,
    .node = "UnsafeViewBackward",
    .doc = "A view of a tensor that nobody else holds, so that autograd need not treat it as one." },
  { .schema = "expand(Tensor(a) self, int[] size, *, bool implicit=False) -> Tensor(a)",
    .flags = VIEW_METHOD,
    .kernel = expand_kernel,
    .backward = expand_backward,
    .node = "ExpandBackward",
    .doc = "Stretches dimensions of size 1 to the given sizes by stride 0; -1 keeps a size." },
  { .schema = "permute(Tensor(a) self, int[] dims) -> Tensor(a)",
    .flags = VIEW_BOTH,
    .kernel = permute_kernel,
    .backward = permute_backward,
    .node = "PermuteBackward",
    .doc = "The dimensions in another order: dimension i of the result is dimension dims[i] of self." },
  { .schema = "transpose.int(Tensor(a) self, int dim0, int dim1) -> Tensor(a)",
    .flags = VIEW_BOTH,
    .kernel = transpose_kernel,
    .backward = transpose_backward,
    .node = "TransposeBackward",
    .doc = "Swaps two dimensions." },
  { .schema = "transpose_(Tensor(a!) self, int dim0, int dim1) -> Tensor(a!)",
    .flags = IN_PLACE,
    .kernel = transpose_inplace_kernel,
    .backward = transpose_backward,
    .node = "TransposeBackward1",
    .doc = "Swaps two dimensions of self itself." },
  { .schema = "t(Tensor(a) self) -> Tensor(a)",
    .flags = VIEW_BOTH,
    .kernel = t_kernel,
    .backward = t_backward,
    .node = "TBackward",
    .doc = "Transposes a matrix; vectors and numbers stay as they are." },
  { .schema = "t_(Tensor(a!) self) -> Tensor(a!)",
    .flags = IN_PLACE,
    .kernel = t_inplace_kernel,
    .backward = t_backward,
    .node = "TBackward1",
    .doc = "Transposes self itself." },
  { .schema = "squeeze(Tensor(a) self) -> Tensor(a)",
    .flags = VIEW_BOTH,
    .kernel = squeeze_kernel,
    .backward = squeeze_backward,
    .node = "SqueezeBackward",
    .doc = "Without the dimensions of size 1." },
  { .schema = "squeeze.dim(Tensor(a) self, int dim) -> Tensor(a)",
    .flags = VIEW_BOTH,
    .kernel = squeeze_dim_kernel,
    .backward = squeeze_dim_backward,
    .node = "SqueezeBackward1",
    .doc = "Without dimension dim, if its size is 1." },
  { .schema = "squeeze_(Tensor(a!) self) -> Tensor(a!)",
    .flags = IN_PLACE,
    .kernel = squeeze_inplace_kernel,
    .backward = squeeze_backward,
    .node = "SqueezeBackward2",
    .doc = "Drops the dimensions of size 1 of self itself." },
  { .schema = "squeeze_.dim(Tensor(a!) self, int dim) -> Tensor(a!)",
    .flags = IN_PLACE,
    .kernel = squeeze_dim_inplace_kernel,
    .backward = squeeze_dim_backward,
    .node = "SqueezeBackward3",
    .doc = "Drops dimension dim of self itself, if its size is 1." },
  { .schema = "unsqueeze(Tensor(a) self, int dim) -> Tensor(a)",
    .flags = VIEW_BOTH,
    .kernel = unsqueeze_kernel,
    .backward = unsqueeze_backward,
    .node = "UnsqueezeBackward",
    .doc = "With a new dimension of size 1 before dimension dim (dim in [-ndim - 1, ndim])." },
  { .schema = "unsqueeze_(Tensor(a!) self, int dim) -> Tensor(a!)",
    .flags = IN_PLACE,
    .kernel = unsqueeze_inplace_kernel,
    .backward = unsqueeze_backward,
    .node = "UnsqueezeBackward1",
    .doc = "Gives self itself a new dimension of size 1." },
  { .schema = "select.int(Tensor(a) self, int dim, int index) -> Tensor(a)",
    .flags = VIEW_BOTH,
    .kernel = select_kernel,
    .backward = select_backward,
    .node = "SelectBackward",
    .doc = "One slice along dim; the dimension is gone." },
  { .schema =
        "slice.Tensor(Tensor(a) self, int dim=0, int? start=None, int? end=None, int step=1) -> Tensor(a)",
    .flags = VIEW,
    .kernel = slice_kernel,
    .backward = slice_backward,
    .node = "SliceBackward",
    .doc = "start:end:step along dim, clamped as Python does." },
  { .schema = "unfold(Tensor(a) self, int dimension, int size, int step) -> Tensor(a)",
    .flags = VIEW_METHOD,
    .kernel = unfold_kernel,
    .backward = unfold_backward,
    .node = "UnfoldBackward",
    .doc = "All windows of a size along a dimension, step apart; the windows' elements are a new last "
           "dimension." },
  { .schema = "as_strided(Tensor(a) self, int[] size, int[] stride, int? storage_offset=None) -> Tensor(a)",
    .flags = VIEW_BOTH,
    .kernel = as_strided_kernel,
    .backward = as_strided_backward,
    .node = "AsStridedBackward",
    .doc = "The storage of self under any sizes, strides and offset that stay within it." },
  { .schema =
        "as_strided_(Tensor(a!) self, int[] size, int[] stride, int? storage_offset=None) -> Tensor(a!)",
    .flags = IN_PLACE,
    .kernel = as_strided_inplace_kernel,
    .backward = as_strided_backward,
    .node = "AsStridedBackward",
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

TE_OP_FAMILY (te_family_shape_views, rows);
