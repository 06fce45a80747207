/* Advanced indexing: index (read), index_put_ (write), over the plan of index-plan.c. */
#include <string.h>

#include "base/mem.h"
#include "core/scalar-range.h"
#include "iter/tensor-iter.h"
#include "ops/dispatch.h"
#include "ops/indexing/families.h"
#include "ops/indexing/indexing-util.h"
#include "ops/shape/shape-util.h"

/* ---- read ---- */
/* The order of memory that PyTorch's iterator chooses for the result: dimensions by the strides of self, then
 * of the indices; ties as they stand. */
static void
result_strides (const TeIndexPlan *plan, int64_t *strides)
{
  int64_t by_self[TE_MAX_NDIM], by_index[TE_MAX_NDIM];
  int order[TE_MAX_NDIM], n = plan->ndim;
  for (int d = 0; d < n; d++)
    {
      int middle = d - plan->before;
      bool indexed = middle >= 0 && middle < plan->n_index;
      by_self[d] = indexed ? 0 : plan->self_strides[d < plan->before ? d : d - plan->n_index];
      by_index[d] = indexed                                     ? plan->index_strides[middle]
                    : plan->sizes[d] != 1 || plan->n_index == 0 ? 0
                    : middle < 0 ? plan->index_strides[0] * plan->sizes[plan->before]
                                 : plan->index_strides[plan->n_index - 1];
      order[d] = n - 1 - d; /* fastest first */
    }
  for (int i = 1; i < n; i++)
    for (int low = i - 1, high = i; low >= 0; low--)
      {
        const int64_t *keys[] = { by_self, by_index };
        int a = order[low], b = order[high], compared = 0;
        for (int k = 0; k < 2 && compared == 0; k++)
          if (keys[k][a] != 0 && keys[k][b] != 0)
            compared = keys[k][a] < keys[k][b]   ? -1
                       : keys[k][a] > keys[k][b] ? 1
                                                 : plan->sizes[a] > plan->sizes[b];
        if (compared < 0)
          break;
        if (compared > 0)
          {
            order[low] = b;
            order[high] = a;
            high = low;
          }
      }
  int64_t step = 1;
  bool as_they_stand = true;
  for (int i = 0; i < n; i++)
    {
      strides[order[i]] = step;
      step *= plan->sizes[order[i]];
      as_they_stand = as_they_stand && order[i] == n - 1 - i;
    }
  if (as_they_stand)
    te_shape_contiguous_strides (n, plan->sizes, strides);
}

typedef struct
{
  size_t nbytes;
  int n_outer, n_inner; /* kept dimensions before and after the indexed ones */
  const int64_t *outer_sizes, *inner_sizes;
  const int64_t *outer_self, *inner_self;   /* strides */
  const int64_t *outer_other, *inner_other; /* of the result or the values */
  int64_t inner_numel;
  bool inner_flat; /* inner block contiguous on both sides */
} Blocks;

static bool
is_flat (int ndim, const int64_t *sizes, const int64_t *strides)
{
  return te_shape_is_contiguous (ndim, sizes, strides);
}

static void
blocks_init (Blocks *b, const TeIndexPlan *plan, TeDtype dtype, const int64_t *other_strides)
{
  int inner = plan->before + plan->n_index;
  *b = (Blocks){ .nbytes = te_dtype_nbytes (dtype),
                 .n_outer = plan->before,
                 .n_inner = plan->after,
                 .outer_sizes = plan->sizes,
                 .inner_sizes = plan->sizes + inner,
                 .outer_self = plan->self_strides,
                 .inner_self = plan->self_strides + plan->before,
                 .outer_other = other_strides,
                 .inner_other = other_strides + inner,
                 .inner_numel = 1 };
  for (int d = 0; d < b->n_inner; d++)
    b->inner_numel *= b->inner_sizes[d];
  b->inner_flat = is_flat (b->n_inner, b->inner_sizes, b->inner_self)
                  && is_flat (b->n_inner, b->inner_sizes, b->inner_other);
}

static void
read_block (const Blocks *b, char *to, const char *from)
{
  if (b->inner_numel == 1)
    switch (b->nbytes)
      {
      case 4:
        memcpy (to, from, 4);
        return;
      case 8:
        memcpy (to, from, 8);
        return;
      default:
        memcpy (to, from, b->nbytes);
        return;
      }
  if (b->inner_flat)
    memcpy (to, from, (size_t) b->inner_numel * b->nbytes);
  else
    te_move_elements (b->nbytes, b->n_inner, b->inner_sizes, to, b->inner_other, from, b->inner_self);
}

/* Offsets of the indexed dimensions in a tensor with these strides, one after the other. */
typedef struct
{
  int64_t at[TE_MAX_NDIM];
  int64_t offset;
} Middle;

static void
middle_next (Middle *m, const TeIndexPlan *plan, const int64_t *strides)
{
  for (int d = plan->n_index - 1; d >= 0; d--)
    {
      int64_t stride = strides[plan->before + d];
      m->offset += stride;
      if (++m->at[d] < plan->sizes[plan->before + d])
        return;
      m->offset -= stride * m->at[d];
      m->at[d] = 0;
    }
}

/* Single elements into a vector: the usual end of a mask. */
static bool
read_elements (const TeIndexPlan *plan, const Blocks *b, TeTensor *self, TeTensor *out)
{
  if (plan->ndim != 1 || plan->n_index != 1 || out->strides[0] != 1 || b->inner_numel != 1)
    return false;
  const int64_t *offsets = plan->offsets, n = plan->count;
  if (b->nbytes == 4)
    {
      const uint32_t *from = te_tensor_data (self);
      uint32_t *to = te_tensor_data (out);
      for (int64_t i = 0; i < n; i++)
        to[i] = from[offsets[i]];
      return true;
    }
  if (b->nbytes == 8)
    {
      const uint64_t *from = te_tensor_data (self);
      uint64_t *to = te_tensor_data (out);
      for (int64_t i = 0; i < n; i++)
        to[i] = from[offsets[i]];
      return true;
    }
  return false;
}

static void
read_all (const TeIndexPlan *plan, TeTensor *self, TeTensor *out)
{
  Blocks b;
  int64_t outer[TE_MAX_NDIM] = { 0 };
  blocks_init (&b, plan, te_tensor_dtype (self), out->strides);
  if (read_elements (plan, &b, self, out))
    return;
  do
    {
      Middle m = { { 0 }, 0 };
      char *to = (char *) te_tensor_data (out)
                 + te_index_offset (b.n_outer, outer, b.outer_other) * (int64_t) b.nbytes;
      const char *from = (char *) te_tensor_data (self)
                         + te_index_offset (b.n_outer, outer, b.outer_self) * (int64_t) b.nbytes;
      for (int64_t i = 0; i < plan->count; i++)
        {
          read_block (&b, to + m.offset * (int64_t) b.nbytes, from + plan->offsets[i] * (int64_t) b.nbytes);
          middle_next (&m, plan, out->strides);
        }
    }
  while (te_index_next (b.n_outer, b.outer_sizes, outer));
}

static bool
no_meta (const TeOpCall *call, TeError *err)
{
  return !te_tensor_is_meta (te_arg (call, 0))
         || te_error_set (err, TE_ERR_NOT_IMPLEMENTED, "aten::%s on device meta is not implemented",
                          call->op->name);
}

static bool
index_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  const TeValue *indices = &call->args[1];
  TeIndexPlan plan;
  int64_t strides[TE_MAX_NDIM];
  if (!no_meta (call, err) || !te_index_plan (&plan, self, indices->tensors, indices->count, NULL, err))
    return false;
  result_strides (&plan, strides);
  TeTensor *out = te_tensor_new_strided (plan.ndim, plan.sizes, strides, te_tensor_dtype (self), err);
  if (out && out->numel)
    read_all (&plan, self, out);
  te_index_plan_clear (&plan);
  return te_result_give (call, 0, out, err);
}

static bool
index_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (put, "_index_put_impl_")
  const TeMeta *meta = &ctx->metas[0];
  TeTensor *zeros = te_zeros (meta->ndim, meta->sizes, te_tensor_dtype (ctx->grads[0]), err);
  if (zeros
      && !te_call_inplace (put, err, "TLTb", zeros, ctx->inputs + 1, ctx->n_inputs - 1, ctx->grads[0], 1))
    te_tensor_clear (&zeros);
  return te_grad_give (ctx, 0, zeros);
}

/* ---- write ---- */
static void
write_block (const Blocks *b, TeCombine op, TeDtype dtype, char *to, const char *from)
{
  if (op == TE_COMBINE_ASSIGN && b->inner_flat)
    {
      memcpy (to, from, (size_t) b->inner_numel * b->nbytes);
      return;
    }
  if (dtype == TE_FLOAT32 && b->inner_flat)
    {
      float *a = (float *) to;
      const float *v = (const float *) from;
      for (int64_t i = 0; i < b->inner_numel; i++)
        a[i] += v[i];
      return;
    }
  int64_t at[TE_MAX_NDIM] = { 0 };
  do
    te_combine (op, dtype, to + te_index_offset (b->n_inner, at, b->inner_self) * (int64_t) b->nbytes,
                from + te_index_offset (b->n_inner, at, b->inner_other) * (int64_t) b->nbytes);
  while (te_index_next (b->n_inner, b->inner_sizes, at));
}

static void
write_all (const TeIndexPlan *plan, TeTensor *out, const char *values, const int64_t *strides, TeCombine op)
{
  Blocks b;
  int64_t outer[TE_MAX_NDIM] = { 0 };
  TeDtype dtype = te_tensor_dtype (out);
  blocks_init (&b, plan, dtype, strides);
  do
    {
      Middle m = { { 0 }, 0 };
      char *to = (char *) te_tensor_data (out)
                 + te_index_offset (b.n_outer, outer, b.outer_self) * (int64_t) b.nbytes;
      const char *from = values + te_index_offset (b.n_outer, outer, b.outer_other) * (int64_t) b.nbytes;
      for (int64_t i = 0; i < plan->count; i++)
        {
          write_block (&b, op, dtype, to + plan->offsets[i] * (int64_t) b.nbytes,
                       from + m.offset * (int64_t) b.nbytes);
          middle_next (&m, plan, strides);
        }
    }
  while (te_index_next (b.n_outer, b.outer_sizes, outer));
}

/* Strides of values, which fit, seen with the result's sizes. */
static void
spread_values (const TeIndexPlan *plan, const TeTensor *values, int64_t *strides)
{
  int pad = plan->ndim - values->ndim;
  for (int d = 0; d < plan->ndim; d++)
    strides[d] = d < pad || values->sizes[d - pad] == 1 ? 0 : values->strides[d - pad];
}

/* One number that is written where a single mask holds? */
static bool
is_mask_fill (const TeValue *indices, const TeTensor *values)
{
  int n_masks = 0;
  for (int i = 0; i < indices->count; i++)
    if (indices->tensors[i])
      n_masks += indices->tensors[i]->dtype == TE_BOOL || indices->tensors[i]->dtype == TE_UINT8 ? 1 : 2;
  return n_masks == 1 && values->numel == 1;
}

/* That number in the dtype of what is written to. */
static TeTensor *
as_fill (const TeTensor *out, TeTensor *values, TeError *err)
{
  if (values->dtype == out->dtype)
    return te_tensor_ref (values);
  TeScalar number = te_tensor_first (values);
  return te_scalar_check (&number, te_tensor_dtype (out), err)
             ? te_tensor_new_scalar (number, te_tensor_dtype (out), err)
             : NULL;
}

bool
te_check_no_overlap (const TeTensor *written, const TeTensor *input, TeError *err)
{
  bool same = written == input
              || (written->storage == input->storage && written->numel && written->offset == input->offset
                  && written->ndim == input->ndim && written->numel == input->numel
                  && memcmp (written->strides, input->strides, written->ndim * sizeof (int64_t)) == 0
                  && te_shape_is_non_overlapping_and_dense (written->ndim, written->sizes, written->strides));
  return same ? te_error_set (
             err, TE_ERR_RUNTIME,
             "unsupported operation: some elements of the input tensor and the written-to tensor "
             "refer to a single memory location. Please clone() the tensor before performing the "
             "operation.")
              : te_check_no_partial_overlap (written, input, err);
}

static bool
check_put_overlap (TeTensor *out, const TeValue *indices, TeTensor *values, bool fills, TeError *err)
{
  TeError ignored = { 0 };
  if (!te_check_no_internal_overlap (out, &ignored)
      && !te_warn (
          err, TE_WARN_USER,
          "Use of index_put_ on expanded tensors is deprecated. Please clone() the tensor before performing "
          "this operation. This also applies to advanced indexing e.g. tensor[indices] = tensor"))
    return false;
  if (fills)
    return true;
  for (int i = -1; i < indices->count; i++)
    {
      const TeTensor *other = i < 0 ? values : indices->tensors[i];
      if (other && !te_check_no_overlap (out, other, err))
        return false;
    }
  return true;
}

static bool
put (TeTensor *out, const TeValue *indices, TeTensor *given, bool accumulate, TeError *err)
{
  TeIndexPlan plan;
  int64_t strides[TE_MAX_NDIM];
  bool fills = !accumulate && is_mask_fill (indices, given);
  TeTensor *source = NULL, *values = NULL;
  if (indices->count > out->ndim)
    return te_error_set (err, TE_ERR_INDEX, "too many indices for tensor of dimension %d (got %d)", out->ndim,
                         indices->count);
  if (!check_put_overlap (out, indices, given, fills, err)
      || !(values = fills ? as_fill (out, given, err) : te_tensor_ref (given))
      || !te_index_plan (&plan, out, indices->tensors, indices->count, values, err))
    {
      te_tensor_unref (values);
      return false;
    }
  int64_t numel = 0;
  TeError overlap = { 0 };
  bool ok = te_shape_numel (plan.ndim, plan.sizes, &numel);
  if (fills && !te_check_no_internal_overlap (out, &overlap))
    ok = te_warn (
        err, TE_WARN_USER,
        "Use of masked_fill_ on expanded tensors is deprecated. Please clone() the tensor before performing "
        "this operation. This also applies to advanced indexing e.g. tensor[mask] = scalar");
  spread_values (&plan, values, strides);
  if (ok && numel)
    { /* values that look at the memory being written are read first, and so are values that are stretched
       * over the kept dimensions: whole blocks are faster */
      int inner = plan.before + plan.n_index;
      bool blocks = plan.after == 0 || is_flat (plan.after, plan.sizes + inner, strides + inner);
      source = values->storage != out->storage && blocks
                   ? te_tensor_ref (values)
                   : te_tensor_new (plan.ndim, plan.sizes, te_tensor_dtype (values), err);
      ok = source && (source == values || te_copy (source, values, err));
      if (ok)
        {
          spread_values (&plan, source, strides);
          write_all (&plan, out, te_tensor_data (source), strides,
                     accumulate ? TE_COMBINE_ADD : TE_COMBINE_ASSIGN);
        }
    }
  te_tensor_unref (source);
  te_tensor_unref (values);
  te_index_plan_clear (&plan);
  return ok;
}

static bool
index_put_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  if (!no_meta (call, err))
    return false;
  if (call->outs[0])
    return put (call->outs[0], &call->args[1], te_arg (call, 2), call->args[3].b, err);
  bool dense = te_shape_is_non_overlapping_and_dense (self->ndim, self->sizes, self->strides);
  TeTensor *copy =
      dense ? te_tensor_new_strided (self->ndim, self->sizes, self->strides, te_tensor_dtype (self), err)
            : te_tensor_new (self->ndim, self->sizes, te_tensor_dtype (self), err);
  if (copy
      && (!te_raw_copy (copy, self, err)
          || !put (copy, &call->args[1], te_arg (call, 2), call->args[3].b, err)))
    te_tensor_clear (&copy);
  call->outs[0] = copy;
  return copy != NULL;
}

static bool
index_put_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (read, "index")
  TE_OP (write, "index_put")
  TeTensor *const *indices = ctx->inputs + 1;
  int n = ctx->n_inputs - 2, last = ctx->n_inputs - 1;
  bool accumulate = ctx->args[3].b;
  if (ctx->needs[0])
    {
      TeTensor *zero = accumulate ? NULL : te_zeros (0, NULL, te_tensor_dtype (ctx->grads[0]), err);
      TeTensor *grad = accumulate ? te_tensor_ref (ctx->grads[0])
                       : zero     ? te_call (write, err, "TLT", ctx->grads[0], indices, n, zero)
                                  : NULL;
      te_tensor_unref (zero);
      if (!te_grad_give (ctx, 0, grad))
        return false;
    }
  if (ctx->needs[last])
    {
      TeTensor *picked = te_call (read, err, "TL", ctx->grads[0], indices, n);
      TeTensor *fitted = picked ? te_sum_to_meta (picked, &ctx->metas[last], err) : NULL;
      te_tensor_unref (picked);
      return te_grad_give (ctx, last, fitted);
    }
  return true;
}

static const TeOpDef rows[] = {
  { "index.Tensor(Tensor self, Tensor?[] indices) -> Tensor", 0, index_kernel, index_backward,
    "IndexBackward", TE_SAVE_ARG (1), .grad_version = 1,
    .doc = "Elements picked by index tensors or masks; None keeps a dimension whole." },
  { "index_put(Tensor self, Tensor?[] indices, Tensor values, bool accumulate=False) -> Tensor",
    TE_OP_METHOD | TE_OP_FUNCTION | TE_OP_INPLACE, index_put_kernel, index_put_backward, "IndexPutBackward",
    TE_SAVE_ARG (1), .doc = "Writes (or adds) values to the places that the indices pick." },
  { "_index_put_impl_(Tensor(a!) self, Tensor?[] indices, Tensor values, bool accumulate=False, bool "
    "unsafe=False) -> Tensor(a!)",
    TE_OP_FUNCTION | TE_OP_INPLACE_ONLY, index_put_kernel, index_put_backward, "IndexPutImplBackward",
    TE_SAVE_ARG (1), .doc = "index_put_ under the name that its gradients go by." },
};

TE_OP_FAMILY (te_family_index, rows);
