/* Views: the same storage under other sizes, strides and offset.  Every rule here is integer arithmetic and
 * works for tensors without memory (device meta) too; strides are PyTorch's also where a size of 1 leaves
 * them free.  Backward rules are views of the gradient, or the *_backward rows of view-backward.c. */
#include "base/checked.h"
#include "ops/dispatch.h"
#include "ops/shape/families.h"
#include "ops/shape/view-draft.h"

#define VIEW        (TE_OP_VIEW | TE_OP_ROLE_PASS)
#define VIEW_METHOD (VIEW | TE_OP_METHOD)
#define VIEW_BOTH   (VIEW | TE_OP_METHOD | TE_OP_FUNCTION)
#define IN_PLACE    (TE_OP_INPLACE_ONLY | TE_OP_METHOD | TE_OP_VIEW | TE_OP_ROLE_PASS | TE_OP_LAZY)

/* ---- view, _reshape_alias, _unsafe_view ---- */
static bool
view_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  const TeValue *size = &call->args[1];
  TeDraft g = { .ndim = size->count, .offset = self->offset };
  if (te_draft_too_many (size->count, err))
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
  return te_draft_give (call, &g, err);
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
  TeDraft g = { .ndim = size->count, .offset = self->offset };
  if (te_draft_too_many (size->count, err))
    return false;
  if (size->count < self->ndim)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "expand(%s{%s}, size=%s): the number of sizes provided (%d) must be greater or equal to the "
        "number of dimensions in the tensor (%d)",
        te_tensor_kind_name (self), te_shape_text (self->ndim, self->sizes, own, sizeof own),
        te_shape_text (size->count, size->ints, target, sizeof target), size->count, self->ndim);
  for (int i = 0; self->ndim == 0 && i < size->count; i++) /* a number takes any sizes as they are */
    if (size->ints[i] < 0)
      return te_error_set (err, TE_ERR_RUNTIME, "numel: integer multiplication overflow");
  for (int i = g.ndim - 1; i >= 0; i--)
    {
      int dim = self->ndim - g.ndim + i;
      int64_t has = dim >= 0 ? self->sizes[dim] : 1;
      int64_t stride = dim >= 0         ? self->strides[dim]
                       : i + 1 < g.ndim ? g.sizes[i + 1] * g.strides[i + 1]
                                        : 0; /* of a number: all steps stay where they are */
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
  return te_draft_give (call, &g, err);
}

static bool
expand_backward (TeBackward *ctx, TeError *err)
{
  TeTensor *grad = ctx->grads[0];
  return te_grad_give (ctx, 0,
                       ctx->metas[0].ndim ? te_sum_to_meta (grad, &ctx->metas[0], err)
                                          : te_sum_dims (grad, 0, NULL, false, err));
}

/* ---- permute, transpose, t ---- */
static bool
permute_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  const TeValue *dims = &call->args[1];
  TeDraft g = { .ndim = self->ndim, .offset = self->offset };
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
  return te_draft_give (call, &g, err);
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
transpose_geometry (TeOpCall *call, TeDraft *g, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  int a, b;
  if (!te_dim_wrap (call->args[1].i, self->ndim, &a, err)
      || !te_dim_wrap (call->args[2].i, self->ndim, &b, err))
    return false;
  te_draft_of (self, g);
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
  TeDraft g;
  return transpose_geometry (call, &g, err) && te_draft_give (call, &g, err);
}

static bool
transpose_inplace_kernel (TeOpCall *call, TeError *err)
{
  TeDraft g;
  return transpose_geometry (call, &g, err) && te_draft_give_inplace (call, &g, err);
}

static bool
transpose_backward (TeBackward *ctx, TeError *err)
{
  return te_grad_give (ctx, 0, te_transpose (ctx->grads[0], ctx->args[1].i, ctx->args[2].i, err));
}

static bool
t_geometry (TeOpCall *call, TeDraft *g, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  if (self->ndim > 2)
    return te_error_set (err, TE_ERR_RUNTIME, "%s expects a tensor with <= 2 dimensions, but self is %dD",
                         call->op->def->flags & TE_OP_INPLACE_ONLY ? "t_()" : "t()", self->ndim);
  te_draft_of (self, g);
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
  TeDraft g;
  return t_geometry (call, &g, err) && te_draft_give (call, &g, err);
}

static bool
t_inplace_kernel (TeOpCall *call, TeError *err)
{
  TeDraft g;
  return t_geometry (call, &g, err) && te_draft_give_inplace (call, &g, err);
}

static bool
t_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (t, "t")
  return te_grad_give (ctx, 0, te_call (t, err, "T", ctx->grads[0]));
}

/* ---- squeeze, unsqueeze ---- */
static bool
squeeze_geometry (TeOpCall *call, TeDraft *g, TeError *err)
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
  TeDraft g;
  return squeeze_geometry (call, &g, err) && te_draft_give (call, &g, err);
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
  TeDraft g;
  return squeeze_geometry (call, &g, err) && keep_sizes (call, err) && te_draft_give_inplace (call, &g, err);
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
squeeze_dim_geometry (TeOpCall *call, TeDraft *g, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  int dim;
  if (!te_dim_wrap (call->args[1].i, self->ndim, &dim, err))
    return false;
  te_draft_of (self, g);
  if (self->ndim > 0 && self->sizes[dim] == 1)
    te_draft_remove (g, dim);
  return true;
}

static bool
squeeze_dim_kernel (TeOpCall *call, TeError *err)
{
  TeDraft g;
  return squeeze_dim_geometry (call, &g, err) && te_draft_give (call, &g, err);
}

static bool
squeeze_dim_inplace_kernel (TeOpCall *call, TeError *err)
{
  TeDraft g;
  return squeeze_dim_geometry (call, &g, err) && keep_sizes (call, err)
         && te_draft_give_inplace (call, &g, err);
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
unsqueeze_geometry (TeOpCall *call, TeDraft *g, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  int dim;
  if (!te_dim_wrap (call->args[1].i, self->ndim + 1, &dim, err) || te_draft_too_many (self->ndim + 1, err))
    return false;
  te_draft_of (self, g);
  te_draft_insert (g, dim, 1, dim >= self->ndim ? 1 : self->sizes[dim] * self->strides[dim]);
  return true;
}

static bool
unsqueeze_kernel (TeOpCall *call, TeError *err)
{
  TeDraft g;
  return unsqueeze_geometry (call, &g, err) && te_draft_give (call, &g, err);
}

static bool
unsqueeze_inplace_kernel (TeOpCall *call, TeError *err)
{
  TeDraft g;
  return unsqueeze_geometry (call, &g, err) && te_draft_give_inplace (call, &g, err);
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
  TeDraft g;
  if (self->ndim == 0)
    return te_error_set (err, TE_ERR_INDEX, "select() cannot be applied to a 0-dim tensor.");
  if (!te_dim_wrap (call->args[1].i, self->ndim, &dim, err))
    return false;
  if (index < -self->sizes[dim] || index >= self->sizes[dim])
    return te_error_set (err, TE_ERR_INDEX,
                         "select(): index %lld out of range for tensor of size %s at dimension %d",
                         (long long) index, te_shape_text (self->ndim, self->sizes, own, sizeof own), dim);
  te_draft_of (self, &g);
  g.offset += (index < 0 ? index + self->sizes[dim] : index) * self->strides[dim];
  te_draft_remove (&g, dim);
  return te_draft_give (call, &g, err);
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
  TeDraft g;
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
  te_draft_of (self, &g);
  g.offset += start * self->strides[dim];
  g.sizes[dim] = (end - start) / step + ((end - start) % step != 0);
  if (__builtin_mul_overflow (self->strides[dim], step, &g.strides[dim]))
    return te_error_set (err, TE_ERR_RUNTIME, "slice step is too large");
  return te_draft_give (call, &g, err);
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
  TeDraft g;
  if (!te_dim_wrap (call->args[1].i, self->ndim, &dim, err) || te_draft_too_many (self->ndim + 1, err))
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
  te_draft_of (self, &g);
  if (self->ndim > 0)
    {
      g.sizes[dim] = (has - size) / step + 1;
      g.strides[dim] = (int64_t) ((uint64_t) step * (uint64_t) stride); /* of one piece at most, if it wraps */
    }
  te_draft_insert (&g, self->ndim, size, stride);
  return te_draft_give (call, &g, err);
}

static bool
unfold_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "unfold_backward")
  return te_grad_give (ctx, 0,
                       te_call (op, err, "TIiii", ctx->grads[0], ctx->metas[0].sizes,
                                (int) ctx->metas[0].ndim, ctx->args[1].i, ctx->args[2].i, ctx->args[3].i));
}

static const TeOpDef rows[] = {
  { .schema = "view(Tensor(a) self, int[] size) -> Tensor(a)",
    .flags = VIEW_METHOD,
    .kernel = view_kernel,
    .backward = reshape_backward,
    .node = "ViewBackward",
    .doc = "The same elements in the same order under another shape; one size may be -1.  Never copies." },
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
};

TE_OP_FAMILY (te_family_shape_views, rows);
