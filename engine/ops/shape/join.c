/* Several tensors made into one: cat, stack and what is written with them. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "iter/tensor-iter.h"
#include "ops/dispatch.h"
#include "ops/expr.h"
#include "ops/indexing/indexing-util.h"
#include "ops/shape/families.h"
#include "ops/shape/shape-util.h"

#define JOIN (TE_OP_FUNCTION | TE_OP_ROLE_PASS)

/* PyTorch lets an empty vector join anything. */
static bool
skipped (const TeTensor *t)
{
  return t->ndim == 1 && t->sizes[0] == 0;
}

typedef struct
{
  int dim;
  int ndim;
  TeDtype dtype;
  int64_t sizes[TE_MAX_NDIM];
} CatPlan;

static bool
check_cast (const CatPlan *plan, const TeTensor *out, TeError *err)
{
  return te_dtype_can_cast (plan->dtype, te_tensor_dtype (out))
         || te_error_set (err, TE_ERR_RUNTIME, "torch.cat(): input types can't be cast to the desired output type %s",
                          te_dtype_error_name (te_tensor_dtype (out)));
}

static bool
cat_plan (const TeValue *list, int64_t dim, const TeTensor *out, CatPlan *plan, TeError *err)
{
  const TeTensor *first = NULL;
  if (list->count == 0)
    return te_error_set (err, TE_ERR_RUNTIME, "torch.cat(): expected a non-empty list of Tensors");
  for (int i = 0; i < list->count; i++)
    if (list->tensors[i]->ndim == 0)
      return te_error_set (err, TE_ERR_RUNTIME,
                           "zero-dimensional tensor (at position %d) cannot be concatenated", i);
  for (int i = 0; i < list->count && !first; i++)
    if (!skipped (list->tensors[i]))
      first = list->tensors[i];
  plan->dtype = te_result_type (list->tensors, list->count);
  if (!first)
    first = list->tensors[0];
  if (skipped (first))
    dim = 0; /* nothing is joined: dim is not looked at */
  if (!te_dim_wrap (dim, first->ndim, &plan->dim, err))
    return false;
  plan->ndim = first->ndim;
  if (out && !check_cast (plan, out, err))
    return false;
  for (int d = 0; d < plan->ndim; d++)
    plan->sizes[d] = first->sizes[d];
  plan->sizes[plan->dim] = 0;
  for (int i = 0; i < list->count; i++)
    {
      const TeTensor *t = list->tensors[i];
      if (skipped (t))
        continue;
      if (t->ndim != plan->ndim)
        return te_error_set (err, TE_ERR_RUNTIME,
                             "Tensors must have same number of dimensions: got %d and %d", plan->ndim,
                             t->ndim);
      for (int d = 0; d < plan->ndim; d++)
        if (d != plan->dim && t->sizes[d] != plan->sizes[d])
          return te_error_set (
              err, TE_ERR_RUNTIME,
              "Sizes of tensors must match except in dimension %d. Expected size %lld but got size %lld for "
              "tensor number %d in the list.",
              plan->dim, (long long) plan->sizes[d], (long long) t->sizes[d], i);
      if (__builtin_add_overflow (plan->sizes[plan->dim], t->sizes[plan->dim], &plan->sizes[plan->dim]))
        return te_error_set (err, TE_ERR_RUNTIME, "numel: integer multiplication overflow");
    }
  return true;
}

/* All inputs in channels_last give a result in channels_last. */
static bool
all_channels_last (const TeValue *list)
{
  for (int i = 0; i < list->count; i++)
    {
      const TeTensor *t = list->tensors[i];
      if (te_tensor_is_contiguous (t) || !te_shape_is_channels_last (t->ndim, t->sizes, t->strides))
        return false;
    }
  return true;
}

/* Contiguous pieces of the result's dtype: block by block. */
static void
cat_blocks (const TeValue *list, const CatPlan *plan, char *out)
{
  size_t nbytes = te_dtype_nbytes (plan->dtype);
  int64_t outer = 1, inner = 1;
  for (int d = 0; d < plan->dim; d++)
    outer *= plan->sizes[d];
  for (int d = plan->dim + 1; d < plan->ndim; d++)
    inner *= plan->sizes[d];
  size_t row = (size_t) (plan->sizes[plan->dim] * inner) * nbytes, at = 0;
  for (int i = 0; i < list->count; i++)
    {
      TeTensor *t = list->tensors[i];
      if (skipped (t))
        continue;
      size_t block = (size_t) (t->sizes[plan->dim] * inner) * nbytes;
      const char *from = te_tensor_data (t);
      for (int64_t k = 0; block && k < outer; k++)
        memcpy (out + (size_t) k * row + at, from + (size_t) k * block, block);
      at += block;
    }
}

static bool
cat_views (const TeValue *list, const CatPlan *plan, TeTensor *out, TeError *err)
{
  int64_t start = 0, sizes[TE_MAX_NDIM];
  for (int i = 0; i < list->count; i++)
    {
      TeTensor *t = list->tensors[i];
      if (skipped (t))
        continue;
      for (int d = 0; d < plan->ndim; d++)
        sizes[d] = t->sizes[d];
      TeTensor *place = te_view_new (out, plan->dtype, plan->ndim, sizes, out->strides,
                                     out->offset + start * out->strides[plan->dim], err);
      bool ok = place && te_copy (place, t, err);
      te_tensor_unref (place);
      if (!ok)
        return false;
      start += t->sizes[plan->dim];
    }
  return true;
}

/* out= may neither meet itself nor what is joined. */
static bool
check_apart (const TeValue *list, const TeTensor *out, TeError *err)
{
  bool ok = te_check_no_internal_overlap (out, err);
  for (int i = 0; ok && i < list->count; i++)
    ok = te_check_no_overlap (out, list->tensors[i], err);
  return ok;
}

static bool
cat_run (TeOpCall *call, const TeValue *list, const CatPlan *plan, TeError *err)
{
  TeTensor *first = list->tensors[0], *out;
  if (call->has_out && call->outs[0] && !check_cast (plan, call->outs[0], err))
    return false;
  if (call->has_out && call->outs[0] && !check_apart (list, call->outs[0], err))
    return false;
  if (!te_tensor_is_meta (first) && (plan->ndim == 4 || plan->ndim == 5) && all_channels_last (list))
    {
      int64_t strides[TE_MAX_NDIM];
      te_shape_channels_last_strides (plan->ndim, plan->sizes, strides);
      out = te_tensor_new_strided (plan->ndim, plan->sizes, strides, plan->dtype, err);
    }
  else
    out = te_result_new (first, plan->ndim, plan->sizes, plan->dtype, err);
  if (!out || te_tensor_is_meta (out))
    return te_result_give (call, 0, out, err);
  bool blocks = te_tensor_is_contiguous (out);
  for (int i = 0; blocks && i < list->count; i++)
    blocks = te_tensor_dtype (list->tensors[i]) == plan->dtype && te_tensor_is_contiguous (list->tensors[i]);
  if (blocks)
    cat_blocks (list, plan, te_tensor_data (out));
  else if (!cat_views (list, plan, out, err))
    te_tensor_clear (&out);
  return te_result_give (call, 0, out, err);
}

static bool
cat_kernel (TeOpCall *call, TeError *err)
{
  CatPlan plan;
  return cat_plan (&call->args[0], call->args[1].i, call->has_out ? call->outs[0] : NULL, &plan, err) && cat_run (call, &call->args[0], &plan, err);
}

/* Gives piece i of the gradient back in the dtype that the input had. */
static bool
give_cast (TeBackward *ctx, int i, TeTensor *part, TeError *err)
{
  if (part && te_tensor_dtype (part) != (TeDtype) ctx->metas[i].dtype)
    {
      TeTensor *cast = te_to_dtype (part, (TeDtype) ctx->metas[i].dtype, err);
      te_tensor_unref (part);
      part = cast;
    }
  return te_grad_give (ctx, i, part);
}

static bool
cat_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (narrow, "narrow")
  TeTensor *grad = ctx->grads[0];
  int64_t start = 0, dim = ctx->args[1].i;
  dim = dim < 0 ? dim + grad->ndim : dim;
  for (int i = 0; i < ctx->n_inputs; i++)
    {
      const TeMeta *meta = &ctx->metas[i];
      bool empty = meta->ndim == 1 && meta->sizes[0] == 0;
      if (empty)
        {
          if (ctx->needs[i] && !te_grad_give (ctx, i, te_zeros (1, meta->sizes, (TeDtype) meta->dtype, err)))
            return false;
          continue;
        }
      if (ctx->needs[i]
          && !give_cast (ctx, i, te_call (narrow, err, "Tiii", grad, dim, start, meta->sizes[dim]), err))
        return false;
      start += meta->sizes[dim];
    }
  return true;
}

/* ---- stack ---- */
static bool
stack_check (const TeValue *list, TeError *err)
{
  char a[512], b[512];
  if (list->count == 0)
    return te_error_set (err, TE_ERR_RUNTIME, "stack expects a non-empty TensorList");
  const TeTensor *first = list->tensors[0];
  for (int i = 1; i < list->count; i++)
    if (!te_tensor_same_sizes (first, list->tensors[i]))
      return te_error_set (
          err, TE_ERR_RUNTIME,
          "stack expects each tensor to be equal size, but got %s at entry 0 and %s at entry %d",
          te_shape_text (first->ndim, first->sizes, a, sizeof a),
          te_shape_text (list->tensors[i]->ndim, list->tensors[i]->sizes, b, sizeof b), i);
  return true;
}

static bool
stack_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *list = &call->args[0];
  int dim;
  if (list->count == 0)
    return stack_check (list, err);
  TeTensor *first = list->tensors[0];
  if (!te_dim_wrap (call->args[1].i, first->ndim + 1, &dim, err) || !stack_check (list, err))
    return false;
  CatPlan plan = { .dim = dim,
                   .ndim = first->ndim + 1,
                   .dtype = te_result_type (list->tensors, list->count) };
  if (plan.ndim > TE_MAX_NDIM)
    return te_error_set (err, TE_ERR_RUNTIME, "tensors of more than %d dimensions are not supported",
                         TE_MAX_NDIM);
  size_t nbytes = (size_t) list->count * sizeof (TeTensor *);
  TeTensor **views = te_new_sized (nbytes);
  bool ok = views || te_error_no_memory (err);
  for (int d = 0; d < plan.ndim; d++)
    plan.sizes[d] = d == dim ? 1 : first->sizes[d < dim ? d : d - 1];
  for (int i = 0; ok && i < list->count; i++)
    {
      TeTensor *t = list->tensors[i];
      int64_t strides[TE_MAX_NDIM];
      for (int d = 0; d < plan.ndim; d++)
        strides[d] =
            d == dim ? (d < t->ndim ? t->sizes[d] * t->strides[d] : 1) : t->strides[d < dim ? d : d - 1];
      views[i] = te_view_new (t, te_tensor_dtype (t), plan.ndim, plan.sizes, strides, t->offset, err);
      ok = views[i] != NULL;
    }
  plan.sizes[dim] = list->count;
  TeValue spread = { .kind = TE_VALUE_TENSOR_LIST, .count = list->count, .tensors = views };
  ok = ok && cat_run (call, &spread, &plan, err);
  for (int i = 0; views && i < list->count; i++)
    te_tensor_unref (views[i]);
  te_free_sized (views, nbytes);
  return ok;
}

static bool
stack_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (select, "select")
  for (int i = 0; i < ctx->n_inputs; i++)
    if (ctx->needs[i]
        && !give_cast (ctx, i, te_call (select, err, "Tii", ctx->grads[0], ctx->args[1].i, (int64_t) i), err))
      return false;
  return true;
}

/* ---- composites ---- */
static bool
cat_made (TeOpCall *call, TeTensor *const *pieces, int n, int64_t dim, TeError *err)
{
  TE_OP (cat, "cat")
  TeTensor *result = te_call (cat, err, "Li", pieces, n, dim);
  return te_result_give (call, 0, result, err);
}

static bool
concat_kernel (TeOpCall *call, TeError *err)
{
  return cat_made (call, call->args[0].tensors, call->args[0].count, call->args[1].i, err);
}

typedef TeTensor *(*Prepare) (TeTensor *self, TeError *err);

/* Prepares every piece, then joins them along dim (-1: along 0 for vectors, along 1 otherwise). */
static bool
join_prepared (TeOpCall *call, const char *name, Prepare prepare, int dim, TeError *err)
{
  const TeValue *list = &call->args[0];
  if (list->count == 0)
    return te_error_set (err, TE_ERR_RUNTIME, "%s expects a non-empty TensorList", name);
  size_t nbytes = (size_t) list->count * sizeof (TeTensor *);
  TeTensor **pieces = te_new_sized (nbytes);
  bool ok = pieces || te_error_no_memory (err);
  for (int i = 0; ok && i < list->count; i++)
    {
      pieces[i] = prepare (list->tensors[i], err);
      ok = pieces[i] != NULL;
    }
  ok = ok && cat_made (call, pieces, list->count, dim >= 0 ? dim : pieces[0]->ndim == 1 ? 0 : 1, err);
  for (int i = 0; pieces && i < list->count; i++)
    te_tensor_unref (pieces[i]);
  te_free_sized (pieces, nbytes);
  return ok;
}

static TeTensor *
one_dim (TeTensor *self, TeError *err)
{
  return te_call (te_registry_find ("atleast_1d"), err, "T", self);
}
static TeTensor *
two_dims (TeTensor *self, TeError *err)
{
  return te_call (te_registry_find ("atleast_2d"), err, "T", self);
}
static TeTensor *
three_dims (TeTensor *self, TeError *err)
{
  return te_call (te_registry_find ("atleast_3d"), err, "T", self);
}
static TeTensor *
column (TeTensor *self, TeError *err)
{
  const int64_t sizes[] = { self->numel, 1 };
  return self->ndim > 1 ? te_tensor_ref (self) : te_reshape (self, 2, sizes, err);
}

static bool
hstack_kernel (TeOpCall *call, TeError *err)
{
  return join_prepared (call, "hstack", one_dim, -1, err);
}
static bool
vstack_kernel (TeOpCall *call, TeError *err)
{
  return join_prepared (call, "vstack", two_dims, 0, err);
}
static bool
dstack_kernel (TeOpCall *call, TeError *err)
{
  return join_prepared (call, "dstack", three_dims, 2, err);
}
static bool
column_stack_kernel (TeOpCall *call, TeError *err)
{
  return join_prepared (call, "column_stack", column, 1, err);
}

/* ---- block_diag ---- */
static bool
block_diag_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *list = &call->args[0];
  int64_t sizes[2] = { 0, 0 }, at[2] = { 0, 0 };
  for (int i = 0; i < list->count; i++)
    {
      TeTensor *t = list->tensors[i];
      if (t->ndim > 2)
        return te_error_set (
            err, TE_ERR_RUNTIME,
            "torch.block_diag: Input tensors must have 2 or fewer dimensions. Input %d has %d dimensions", i,
            t->ndim);
      sizes[0] += t->ndim == 2 ? t->sizes[0] : 1;
      sizes[1] += t->ndim == 2 ? t->sizes[1] : t->numel;
    }
  if (list->count == 0)
    sizes[0] = 1;
  TeTensor *out = list->count ? te_result_new (list->tensors[0], 2, sizes,
                                               te_result_type (list->tensors, list->count), err)
                              : te_tensor_new (2, sizes, te_dtype_default (), err);
  if (!out || te_tensor_is_meta (out))
    return te_result_give (call, 0, out, err);
  memset (te_tensor_data (out), 0, (size_t) out->numel * te_dtype_nbytes (te_tensor_dtype (out)));
  bool ok = true;
  for (int i = 0; ok && i < list->count; i++)
    {
      TeTensor *t = list->tensors[i];
      TeTensor *place = te_view_new (out, te_tensor_dtype (out), t->ndim, t->sizes,
                                     out->strides + (2 - t->ndim), at[0] * out->strides[0] + at[1], err);
      ok = place && te_copy (place, t, err);
      te_tensor_unref (place);
      at[0] += t->ndim == 2 ? t->sizes[0] : 1;
      at[1] += t->ndim == 2 ? t->sizes[1] : t->numel;
    }
  if (!ok)
    te_tensor_clear (&out);
  return te_result_give (call, 0, out, err);
}

static bool
block_diag_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (narrow, "narrow")
  TE_OP (view, "view")
  int64_t at[2] = { 0, 0 };
  for (int i = 0; i < ctx->n_inputs; i++)
    {
      /* A matrix's gradient lies where it arrived, a vector's in memory of its own, as in PyTorch. */
      const TeMeta *meta = &ctx->metas[i];
      int64_t rows = meta->ndim == 2 ? meta->sizes[0] : 1,
              cols = meta->ndim == 0 ? 1 : meta->sizes[meta->ndim - 1];
      if (ctx->needs[i])
        {
          TeTensor *band = te_call (narrow, err, "Tiii", ctx->grads[0], (int64_t) 0, at[0], rows);
          TeTensor *block = band ? te_call (narrow, err, "Tiii", band, (int64_t) 1, at[1], cols) : NULL;
          if (block && meta->ndim == 1 && !ctx->create_graph)
            {
              TeTensor *own = te_clone (block, err);
              te_tensor_unref (block);
              block = own;
            }
          TeTensor *shaped = !block ? NULL
                             : meta->ndim == 2
                                 ? te_tensor_ref (block)
                                 : te_call (view, err, "TI", block, meta->sizes, (int) meta->ndim);
          te_tensor_unref (band);
          te_tensor_unref (block);
          if (!give_cast (ctx, i, shaped, err))
            return false;
        }
      at[0] += rows;
      at[1] += cols;
    }
  return true;
}

/* ---- pairs ---- */
static bool
cartesian_prod_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (meshgrid, "meshgrid.indexing")
  TE_OP (stack, "stack")
  const TeValue *list = &call->args[0];
  char text[512];
  for (int i = 0; i < list->count; i++)
    if (list->tensors[i]->ndim != 1)
      return te_error_set (
          err, TE_ERR_RUNTIME, "Expect a 1D vector, but got shape %s",
          te_shape_text (list->tensors[i]->ndim, list->tensors[i]->sizes, text, sizeof text));
  if (list->count == 1)
    return te_result_give (call, 0, te_tensor_ref (list->tensors[0]), err);
  if (list->count == 0 || list->count > TE_MAX_NDIM)
    return te_error_set (err, TE_ERR_RUNTIME, "meshgrid expects a non-empty TensorList");
  const int64_t flat = -1;
  TeTensor *grids[TE_MAX_NDIM] = { NULL }, *result = NULL;
  bool ok = te_call_multi (meshgrid, grids, list->count, err, "Ls", list->tensors, (int) list->count, "ij");
  for (int i = 0; ok && i < list->count; i++)
    {
      TeTensor *line = te_reshape (grids[i], 1, &flat, err);
      te_tensor_unref (grids[i]);
      grids[i] = line;
      ok = line != NULL;
    }
  if (ok)
    result = te_call (stack, err, "Li", (TeTensor *const *) grids, (int) list->count, (int64_t) 1);
  for (int i = 0; i < list->count; i++)
    te_tensor_unref (grids[i]);
  return te_result_give (call, 0, result, err);
}

/* Rows of indices: every choice of r out of n, ascending (or with repeats). */
static TeTensor *
choices (int64_t n, int64_t r, bool repeats, TeError *err)
{
  int64_t pick[TE_MAX_NDIM], count = 0, room = 64;
  int64_t *all = te_new_sized ((size_t) (room * r) * sizeof *all);
  bool done = n == 0 || (!repeats && r > n), ok = all || te_error_no_memory (err);
  for (int64_t i = 0; i < r; i++)
    pick[i] = repeats ? 0 : i;
  while (ok && !done)
    {
      if (te_interrupted ()) /* there are soon too many to wait for */
        {
          ok = te_error_set (err, TE_ERR_INTERRUPT, "interrupted");
          break;
        }
      if (count == room)
        {
          int64_t *more = te_new_sized ((size_t) (2 * room * r) * sizeof *all);
          if (!more)
            {
              ok = te_error_no_memory (err);
              break;
            }
          memcpy (more, all, (size_t) (room * r) * sizeof *all);
          te_free_sized (all, (size_t) (room * r) * sizeof *all);
          all = more;
          room *= 2;
        }
      memcpy (all + count++ * r, pick, (size_t) r * sizeof *all);
      int64_t i = r - 1;
      while (i >= 0 && pick[i] == (repeats ? n - 1 : n - r + i))
        i--;
      done = i < 0;
      if (!done)
        {
          pick[i]++;
          for (int64_t k = i + 1; k < r; k++)
            pick[k] = repeats ? pick[i] : pick[k - 1] + 1;
        }
    }
  const int64_t sizes[] = { r, count };
  TeTensor *result = ok ? te_tensor_new (2, sizes, TE_INT64, err) : NULL;
  if (result)
    {
      int64_t *to = te_tensor_data (result);
      for (int64_t k = 0; k < r; k++)
        for (int64_t i = 0; i < count; i++)
          to[k * count + i] = all[i * r + k];
    }
  te_free_sized (all, (size_t) (room * r) * sizeof *all);
  return result;
}

#define LARGEST_GRID (1 << 20) /* elements; beyond that only the choices are made */

/* PyTorch's steps: self spread over a grid of r dimensions, and a mask of the places in order. */
static bool
combinations_of_grid (TeOpCall *call, int r, bool repeats, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *self = te_arg (call, 0), *mask = NULL, *lines[TE_MAX_NDIM], *places[TE_MAX_NDIM];
  int64_t sizes[TE_MAX_NDIM], shape[TE_MAX_NDIM], n = self->numel;
  TeTensor *numbers = EX (&e, "arange", "S", te_scalar_int (n));
  for (int k = 0; k < r; k++)
    sizes[k] = n;
  for (int k = 0; k < r; k++)
    {
      for (int d = 0; d < r; d++)
        shape[d] = d == k ? -1 : 1;
      places[k] = EX (&e, "view", "TI", numbers, shape, r);
      lines[k] = EX (&e, "expand", "TI", EX (&e, "view", "TI", self, shape, r), sizes, r);
    }
  TeTensor *all = EX (&e, "ones", "Id", sizes, r, (int) TE_BOOL);
  mask = all;
  for (int k = 0; k + 1 < r; k++)
    mask = EX (&e, "logical_and", "TT", mask,
               repeats ? EX (&e, "le.Tensor", "TT", places[k], places[k + 1])
                       : EX (&e, "lt.Tensor", "TT", places[k], places[k + 1]));
  for (int k = 0; k < r; k++)
    lines[k] = EX (&e, "masked_select", "TT", lines[k], mask);
  TeTensor *result = e.failed ? NULL : EX (&e, "stack", "Li", (TeTensor *const *) lines, r, (int64_t) 1);
  return te_expr_end (&e, result, &call->outs[0]);
}

static bool
combinations_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (index_select, "index_select")
  TE_OP (stack, "stack")
  TeTensor *self = te_arg (call, 0);
  int64_t r = call->args[1].i;
  char text[512];
  if (self->ndim != 1)
    return te_error_set (err, TE_ERR_RUNTIME, "Expect a 1D vector, but got shape %s",
                         te_shape_text (self->ndim, self->sizes, text, sizeof text));
  if (r < 0)
    return te_error_set (err, TE_ERR_RUNTIME, "Expect a non-negative number, but got %lld", (long long) r);
  if (r > TE_MAX_NDIM)
    return te_error_set (err, TE_ERR_NOT_IMPLEMENTED, "combinations of more than %d elements", TE_MAX_NDIM);
  if (r == 0)
    return (call->outs[0] = te_tensor_new (1, &r, te_tensor_dtype (self), err)) != NULL;
  double grid = pow ((double) self->numel, (double) r);
  if (grid <= LARGEST_GRID)
    return combinations_of_grid (call, (int) r, call->args[2].b, err);
  TeTensor *picks = choices (self->numel, r, call->args[2].b, err);
  TeTensor *lines[TE_MAX_NDIM] = { NULL }, *result = NULL;
  bool ok = picks != NULL;
  for (int64_t k = 0; ok && k < r; k++)
    {
      TeTensor *row =
          te_view_new (picks, TE_INT64, 1, picks->sizes + 1, picks->strides + 1, k * picks->strides[0], err);
      lines[k] = row ? te_call (index_select, err, "TiT", self, (int64_t) 0, row) : NULL;
      te_tensor_unref (row);
      ok = lines[k] != NULL;
    }
  if (ok)
    result = te_call (stack, err, "Li", (TeTensor *const *) lines, (int) r, (int64_t) 1);
  for (int64_t k = 0; k < r; k++)
    te_tensor_unref (lines[k]);
  te_tensor_unref (picks);
  return te_result_give (call, 0, result, err);
}

static const TeOpDef rows[] = {
  { "cat(Tensor[] tensors, int dim=0) -> Tensor", JOIN | TE_OP_OUT, cat_kernel, cat_backward, "CatBackward",
    .doc = "Joins tensors along dim; other sizes agree.  Dtypes are promoted." },
  { "concat(Tensor[] tensors, int dim=0) -> Tensor", JOIN | TE_OP_OUT | TE_OP_COMPOSITE, concat_kernel,
    .doc = "cat under another name." },
  { "concatenate(Tensor[] tensors, int dim=0) -> Tensor", JOIN | TE_OP_OUT | TE_OP_COMPOSITE, concat_kernel,
    .doc = "cat under another name." },
  { "stack(Tensor[] tensors, int dim=0) -> Tensor", JOIN | TE_OP_OUT, stack_kernel, stack_backward,
    "StackBackward", .doc = "Joins tensors of equal sizes along a new dimension." },
  { "hstack(Tensor[] tensors) -> Tensor", JOIN | TE_OP_OUT | TE_OP_COMPOSITE, hstack_kernel,
    .doc = "Side by side." },
  { "vstack(Tensor[] tensors) -> Tensor", JOIN | TE_OP_OUT | TE_OP_COMPOSITE, vstack_kernel,
    .doc = "One under the other." },
  { "row_stack(Tensor[] tensors) -> Tensor", JOIN | TE_OP_OUT | TE_OP_COMPOSITE, vstack_kernel,
    .doc = "vstack under another name." },
  { "dstack(Tensor[] tensors) -> Tensor", JOIN | TE_OP_OUT | TE_OP_COMPOSITE, dstack_kernel,
    .doc = "One behind the other." },
  { "column_stack(Tensor[] tensors) -> Tensor", JOIN | TE_OP_OUT | TE_OP_COMPOSITE, column_stack_kernel,
    .doc = "Side by side; vectors become columns." },
  { "block_diag(Tensor[] tensors) -> Tensor", JOIN, block_diag_kernel, block_diag_backward,
    "BlockDiagBackward", .doc = "Matrices along the diagonal of one, zeros elsewhere." },
  { "cartesian_prod(Tensor[] tensors) -> Tensor", JOIN | TE_OP_COMPOSITE, cartesian_prod_kernel,
    .doc = "All tuples with one element of each vector, as rows." },
  { "combinations(Tensor self, int r=2, bool with_replacement=False) -> Tensor", JOIN | TE_OP_COMPOSITE,
    combinations_kernel, .doc = "All choices of r elements of a vector, as rows." },
};

TE_OP_FAMILY (te_family_shape_join, rows);
