#include "ops/reduce/reduce-private.h"

#include <string.h>

#include "base/err.h"
#include "ops/creation/creation-private.h"

/* Marks the dims that are reduced; returns their number, -1 with err set. */
static int
mark_dims (bool *marks, int ndim, const TeValue *dims, TeError *err)
{
  int n = 0;
  memset (marks, 0, TE_MAX_NDIM * sizeof *marks);
  bool all = dims->kind == TE_VALUE_NONE || (dims->kind == TE_VALUE_INT_LIST && !dims->count);
  if (all)
    {
      for (int d = 0; d < ndim; d++)
        marks[d] = true;
      return ndim;
    }
  int count = dims->kind == TE_VALUE_INT ? 1 : dims->count;
  const int64_t *list = dims->kind == TE_VALUE_INT ? &dims->i : dims->ints;
  for (int i = 0; i < count; i++)
    {
      int dim;
      if (!te_dim_wrap (list[i], ndim, &dim, err))
        return -1;
      if (marks[dim])
        {
          te_error_set (err, TE_ERR_RUNTIME, "dim %d appears multiple times in the list of dims", dim);
          return -1;
        }
      marks[dim] = true;
      n++;
    }
  return n;
}

bool
te_reduce_shape (TeReduceShape *shape, const TeTensor *self, const TeValue *dims, bool keepdim, TeError *err)
{
  shape->n_dims = mark_dims (shape->dims, self->ndim, dims, err);
  if (shape->n_dims < 0)
    return false;
  shape->ndim = 0;
  shape->n_reduced = 1;
  for (int d = 0; d < self->ndim; d++)
    {
      if (shape->dims[d])
        shape->n_reduced *= self->sizes[d];
      if (!shape->dims[d] || keepdim)
        shape->sizes[shape->ndim++] = shape->dims[d] ? 1 : self->sizes[d];
    }
  return true;
}

bool
te_reduce_check_nonempty (
    const TeReduceShape *shape, const TeTensor *self, const TeValue *dims, const char *name, TeError *err)
{
  if (self->numel)
    return true;
  if (dims->kind == TE_VALUE_NONE || (dims->kind == TE_VALUE_INT_LIST && !dims->count))
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "%s(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim "
        "with the 'dim' argument.",
        name);
  for (int i = 0; dims->kind == TE_VALUE_INT_LIST && i < dims->count; i++)
    { /* a list's dimensions are named as they were given */
      int64_t d = dims->ints[i];
      if (!self->sizes[d < 0 ? d + self->ndim : d])
        return te_error_set (err, TE_ERR_INDEX, "%s(): Expected reduction dim %lld to have non-zero size.", name,
                             (long long) d);
    }
  for (int d = 0; d < self->ndim; d++)
    if (shape->dims[d] && !self->sizes[d])
      return te_error_set (err, TE_ERR_INDEX, "%s(): Expected reduction dim %d to have non-zero size.", name,
                           d);
  return true;
}

TeDtype
te_reduce_compute (TeDtype dtype)
{
  return dtype == TE_FLOAT16 || dtype == TE_BFLOAT16 ? TE_FLOAT32 : dtype;
}

TeTensor *
te_reduce_input (TeTensor *self, TeDtype dtype, TeError *err)
{
  return self->dtype == dtype ? te_tensor_ref (self) : te_contiguous_copy (self, dtype, err);
}

bool
te_reduce_store (TeOpCall *call,
                 const TeTensor *input,
                 const TeReduceShape *shape,
                 const TeReduction *reduction,
                 const void *ctx,
                 const TeDtype *computed,
                 const TeDtype *final,
                 int n_outs,
                 TeError *err)
{
  TeTensor *places[4] = { NULL };
  char *outs[4];
  size_t out_nbytes[4];
  bool ok = true, meta = te_tensor_is_meta (input);
  for (int i = 0; ok && i < n_outs; i++)
    {
      ok = te_output (&call->outs[i], input, shape->ndim, shape->sizes, NULL, final[i], err);
      if (!ok || meta)
        continue;
      if (final[i] == computed[i] && te_tensor_is_contiguous (call->outs[i])
          && call->outs[i]->storage != input->storage)
        places[i] = te_tensor_ref (call->outs[i]);
      else
        ok = (places[i] = te_tensor_new (shape->ndim, shape->sizes, computed[i], err)) != NULL;
      if (ok)
        {
          outs[i] = te_tensor_data (places[i]);
          out_nbytes[i] = te_dtype_nbytes (computed[i]);
        }
    }
  if (ok && !meta)
    {
      TeReducePlan plan;
      te_reduce_plan (&plan, input, shape->dims);
      ok = te_reduce_run (&plan, reduction, ctx, outs, out_nbytes, n_outs, err);
    }
  for (int i = 0; i < n_outs; i++)
    {
      if (ok && places[i] && places[i] != call->outs[i])
        ok = te_copy (call->outs[i], places[i], err);
      te_tensor_unref (places[i]);
    }
  return ok;
}

bool
te_reduce_store_parts (TeOpCall *call,
                       const TeTensor *input,
                       const TeReduceShape *shape,
                       const TeReduction *reduction,
                       const void *ctx,
                       TeDtype final,
                       TeError *err)
{
  if (!te_output (&call->outs[0], input, shape->ndim, shape->sizes, NULL, final, err))
    return false;
  TeReduceShape wide = *shape;
  TeTensor *in = te_tensor_parts (input, err), *out = in ? te_tensor_parts (call->outs[0], err) : NULL;
  wide.dims[input->ndim] = false;
  wide.sizes[wide.ndim++] = 2;
  TeDtype real = te_dtype_real (final), computed = in ? te_tensor_dtype (in) : real;
  TeOpCall inner = { .op = call->op, .args = call->args, .outs = &out, .n_outs = 1 };
  bool ok = out && te_reduce_store (&inner, in, &wide, reduction, ctx, &computed, &real, 1, err);
  te_tensor_unref (in);
  te_tensor_unref (out);
  return ok;
}

/* ---- backward ---- */

TeTensor *
ex_keepdims (TeExpr *e, TeTensor *grad, const TeMeta *meta, const TeValue *dims, bool keepdim)
{
  bool marks[TE_MAX_NDIM];
  if (e->failed || keepdim || !meta->ndim)
    return grad;
  int n = mark_dims (marks, meta->ndim, dims, e->err);
  if (n < 0)
    {
      e->failed = true;
      return NULL;
    }
  if (n == meta->ndim && (n > 1 || dims->kind == TE_VALUE_NONE))
    return grad; /* 0-dim broadcasts to anything */
  const int64_t *sizes = te_meta_sizes (meta);
  int64_t kept[TE_MAX_NDIM];
  if (n == 1)
    for (int d = 0; d < meta->ndim; d++)
      if (marks[d])
        return te_expr_keep (e, te_unsqueeze (grad, d, e->err));
  for (int d = 0; d < meta->ndim; d++)
    kept[d] = marks[d] ? 1 : sizes[d];
  return te_expr_keep (e, te_reshape (grad, meta->ndim, kept, e->err));
}

TeTensor *
ex_unreduce (TeExpr *e, TeTensor *grad, const TeMeta *meta, const TeValue *dims, bool keepdim)
{
  grad = ex_keepdims (e, grad, meta, dims, keepdim);
  return e->failed ? NULL : te_expr_keep (e, te_expand (grad, meta->ndim, te_meta_sizes (meta), e->err));
}

int64_t
te_meta_reduced (const TeMeta *meta, const TeValue *dims)
{
  bool marks[TE_MAX_NDIM];
  TeError ignored;
  te_error_clear (&ignored);
  int64_t n = 1;
  if (mark_dims (marks, meta->ndim, dims, &ignored) < 0)
    return 1;
  for (int d = 0; d < meta->ndim; d++)
    if (marks[d])
      n *= te_meta_sizes (meta)[d];
  return n;
}
