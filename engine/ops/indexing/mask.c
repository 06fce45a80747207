/* Places given by masks or by flat numbers: masked_select, masked_scatter, take, put, nonzero and its
 * relatives, one_hot. */
#include <string.h>

#include "base/mem.h"
#include "iter/tensor-iter.h"
#include "ops/dispatch.h"
#include "ops/expr.h"
#include "ops/indexing/families.h"
#include "ops/indexing/indexing-util.h"
#include "ops/shape/shape-util.h"

#define BOTH (TE_OP_METHOD | TE_OP_FUNCTION)

/* A contiguous tensor with t's elements broadcast to sizes; owned. */
static TeTensor *
spread (TeTensor *t, int ndim, const int64_t *sizes, TeError *err)
{
  TeTensor *out = te_tensor_new (ndim, sizes, te_tensor_dtype (t), err);
  if (out && !te_copy (out, t, err))
    te_tensor_clear (&out);
  return out;
}

static bool
refuse_meta (const TeOpCall *call, TeError *err)
{
  return !te_tensor_is_meta (te_arg (call, 0))
         || te_error_set (err, TE_ERR_NOT_IMPLEMENTED,
                          "aten::%s on device meta: the number of results depends on the data",
                          call->op->name);
}

/* ---- masked_select, masked_scatter ---- */
static bool
masked_select_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0), *mask = te_arg (call, 1);
  TeDtype dtype = te_tensor_dtype (self);
  int64_t sizes[TE_MAX_NDIM], n = 0;
  int ndim;
  if (te_tensor_dtype (mask) != TE_BOOL && te_tensor_dtype (mask) != TE_UINT8)
    return te_error_set (err, TE_ERR_RUNTIME, "masked_select: expected BoolTensor or ByteTensor for mask");
  if (te_tensor_dtype (mask) == TE_UINT8
      && !te_warn (err, TE_WARN_USER,
                   "masked_select received a mask with dtype torch.uint8, this behavior is now "
                   "deprecated,please use a mask with "
                   "dtype torch.bool instead."))
    return false;
  if (!refuse_meta (call, err)
      || !te_shape_broadcast (mask->ndim, mask->sizes, self->ndim, self->sizes, &ndim, sizes, err))
    return false;
  TeTensor *values = spread (self, ndim, sizes, err),
           *picks = values ? spread (mask, ndim, sizes, err) : NULL, *out = NULL;
  if (picks)
    {
      const uint8_t *on = te_tensor_data (picks);
      for (int64_t i = 0; i < picks->numel; i++)
        n += on[i] != 0;
      out = te_tensor_new (1, &n, dtype, err);
      if (out)
        {
          size_t nbytes = te_dtype_nbytes (dtype);
          char *to = te_tensor_data (out);
          const char *from = te_tensor_data (values);
          for (int64_t i = 0; i < picks->numel; i++)
            if (on[i])
              {
                memcpy (to, from + (size_t) i * nbytes, nbytes);
                to += nbytes;
              }
        }
    }
  te_tensor_unref (values);
  te_tensor_unref (picks);
  return te_result_give (call, 0, out, err);
}

static bool
masked_select_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  const TeMeta *meta = &ctx->metas[0];
  TeTensor *mask = ctx->inputs[1];
  int64_t sizes[TE_MAX_NDIM];
  int ndim;
  if (!te_shape_broadcast (mask->ndim, mask->sizes, meta->ndim, meta->sizes, &ndim, sizes, err))
    return false;
  TeTensor *zeros = te_expr_keep (&e, te_zeros (ndim, sizes, te_tensor_dtype (ctx->grads[0]), err));
  TeTensor *spread_out = EX (&e, "masked_scatter", "TTT", zeros, mask, ctx->grads[0]);
  return te_expr_end (&e, ex_reduce (&e, spread_out, meta), &ctx->results[0]);
}

/* Writes the elements of values one after the other to the places of iter's output where its input holds; as
 * PyTorch's, in the order of memory, and until there are none left.  Of a mask that is not bool the first
 * byte counts. */
static bool
hand_out (const TeIter *iter, const TeTensor *values, size_t nbytes, TeError *err)
{
  bool is_bool = iter->operands[1].dtype == TE_BOOL;
  const char *from = te_tensor_data (values), *end = from + (size_t) values->numel * nbytes;
  char *to = iter->operands[0].data;
  const unsigned char *on = (const unsigned char *) iter->operands[1].data;
  int64_t at[TE_MAX_NDIM] = { 0 };
  for (int64_t i = 0; i < iter->numel; i++)
    {
      if (!is_bool && *on > 1)
        return te_error_set (err, TE_ERR_RUNTIME, "Mask tensor can take 0 and 1 values only");
      if (*on && from == end)
        return te_error_set (err, TE_ERR_RUNTIME, "Number of elements of source < number of ones in mask");
      if (*on)
        {
          memcpy (to, from, nbytes);
          from += nbytes;
        }
      for (int d = 0; d < iter->ndim; d++)
        {
          bool turns = ++at[d] == iter->sizes[d];
          int64_t steps = turns ? 1 - iter->sizes[d] : 1;
          to += steps * iter->strides[d][0];
          on += steps * iter->strides[d][1];
          if (!turns)
            break;
          at[d] = 0;
        }
    }
  return true;
}

/* Writes the elements of src to the places of out where mask holds. */
static bool
write_masked (TeTensor *out, TeTensor *mask, TeTensor *src, TeError *err)
{
  TE_OP (expand, "expand")
  TeTensor *picks = te_call (expand, err, "TI", mask, out->sizes, (int) out->ndim);
  if (picks && te_tensor_dtype (mask) == TE_UINT8
      && !te_warn (
          err, TE_WARN_USER,
          "masked_scatter_ received a mask with dtype torch.uint8, this behavior is now deprecated,please "
          "use a mask with dtype torch.bool instead."))
    te_tensor_clear (&picks);
  TeTensor *values = picks ? te_input_contiguous (src, err) : NULL;
  TeIter iter;
  const TeIterConfig config = { .flags = TE_ITER_NO_CAST_CHECK | TE_ITER_NO_OVERLAP_CHECK,
                                .out_dtype = te_tensor_dtype (out),
                                .fixed = 1 };
  bool ok = values && te_iter_build (&iter, &config, &out, 1, &picks, 1, err)
            && hand_out (&iter, values, te_dtype_nbytes (te_tensor_dtype (out)), err);
  te_tensor_unref (picks);
  te_tensor_unref (values);
  return ok;
}

static bool
masked_scatter_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0), *mask = te_arg (call, 1), *src = te_arg (call, 2);
  int64_t sizes[TE_MAX_NDIM];
  int ndim;
  if (!refuse_meta (call, err)
      || !(call->inplace
               ? te_check_no_internal_overlap (self, err)
               : te_shape_broadcast (mask->ndim, mask->sizes, self->ndim, self->sizes, &ndim, sizes, err)))
    return false;
  if (self->dtype != src->dtype)
    return te_error_set (
        err, TE_ERR_RUNTIME, "masked_scatter: expected self and source to have same dtypes but got%s and %s",
        te_dtype_error_name (te_tensor_dtype (self)), te_dtype_error_name (te_tensor_dtype (src)));
  if (call->inplace)
    return write_masked (self, mask, src, err);
  TeTensor *out = spread (self, ndim, sizes, err);
  if (out && !write_masked (out, mask, src, err))
    te_tensor_clear (&out);
  return te_result_give (call, 0, out, err);
}

static bool
masked_scatter_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *grad = ctx->grads[0], *mask = ctx->inputs[1];
  if (ctx->needs[0])
    te_expr_put (
        &e,
        ex_reduce (&e, EX (&e, "masked_fill.Scalar", "TTS", grad, mask, te_scalar_int (0)), &ctx->metas[0]),
        &ctx->results[0]);
  if (ctx->needs[2])
    {
      const TeMeta *meta = &ctx->metas[2];
      TeTensor *picked = EX (&e, "masked_select", "TT", grad, mask);
      int64_t numel = 1, rest;
      for (int d = 0; d < meta->ndim; d++)
        numel *= meta->sizes[d];
      rest = picked ? numel - picked->numel : 0;
      if (rest > 0)
        {
          TeTensor *pair[] = { picked, te_expr_keep (&e, te_zeros (1, &rest, te_tensor_dtype (grad), err)) };
          picked = EX (&e, "cat", "L", pair, 2);
        }
      te_expr_put (&e, EX (&e, "view", "TI", picked, meta->sizes, (int) meta->ndim), &ctx->results[2]);
    }
  return te_expr_close (&e);
}

/* ---- take, put ---- */
/* Offset in elements of t's i-th element in order. */
static int64_t
offset_of (const TeTensor *t, int64_t i)
{
  int64_t offset = 0;
  if (te_tensor_is_contiguous (t))
    return i;
  for (int d = t->ndim - 1; d >= 0; d--)
    {
      offset += i % t->sizes[d] * t->strides[d];
      i /= t->sizes[d];
    }
  return offset;
}

/* index as contiguous int64 whose values are in [0, numel); owned. */
static TeTensor *
flat_index (const char *name, TeTensor *self, TeTensor *index, TeError *err)
{
  if (te_tensor_dtype (index) != TE_INT64)
    {
      te_error_set (err, TE_ERR_RUNTIME, "%s(): Expected a long tensor for index, but got %s", name,
                    te_dtype_error_name (te_tensor_dtype (index)));
      return NULL;
    }
  TeTensor *dense = te_tensor_new (index->ndim, index->sizes, TE_INT64, err);
  if (!dense || !te_raw_copy (dense, index, err))
    {
      te_tensor_unref (dense);
      return NULL;
    }
  int64_t *at = te_tensor_data (dense);
  if (self->numel == 0 && dense->numel)
    {
      te_error_set (err, TE_ERR_INDEX, "%s(): %s an empty tensor", name,
                    strcmp (name, "take") ? "Tried to put elements into" : "tried to take from");
      te_tensor_clear (&dense);
      return NULL;
    }
  for (int64_t i = 0; i < dense->numel; i++)
    {
      if (at[i] < -self->numel || at[i] >= self->numel)
        {
          te_error_set (err, TE_ERR_INDEX,
                        "out of range: tried to access index %lld on a tensor of %lld elements.",
                        (long long) at[i], (long long) self->numel);
          te_tensor_clear (&dense);
          return NULL;
        }
      at[i] += at[i] < 0 ? self->numel : 0;
    }
  return dense;
}

static bool
take_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  TeTensor *index = refuse_meta (call, err) ? flat_index ("take", self, te_arg (call, 1), err) : NULL,
           *out = NULL;
  if (index)
    out = te_tensor_new (index->ndim, index->sizes, te_tensor_dtype (self), err);
  if (out)
    {
      size_t nbytes = te_dtype_nbytes (te_tensor_dtype (self));
      char *to = te_tensor_data (out);
      const char *from = te_tensor_data (self);
      const int64_t *at = te_tensor_data (index);
      for (int64_t i = 0; i < out->numel; i++)
        memcpy (to + (size_t) i * nbytes, from + offset_of (self, at[i]) * (int64_t) nbytes, nbytes);
    }
  te_tensor_unref (index);
  return te_result_give (call, 0, out, err);
}

static bool
take_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  const TeMeta *meta = &ctx->metas[0];
  TeTensor *zeros =
      te_expr_keep (&e, te_zeros (meta->ndim, meta->sizes, te_tensor_dtype (ctx->grads[0]), err));
  return te_expr_end (&e, EX (&e, "put", "TTTb", zeros, ctx->inputs[1], ctx->grads[0], 1), &ctx->results[0]);
}

static bool
put_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0), *source = te_arg (call, 2);
  if (self->dtype != source->dtype)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "put_(): self and source expected to have the same dtype, but got self.dtype = %s "
                         "and source.dtype = %s",
                         te_dtype_error_name (te_tensor_dtype (self)),
                         te_dtype_error_name (te_tensor_dtype (source)));
  if (source->numel != te_arg (call, 1)->numel)
    return te_error_set (err, TE_ERR_INDEX,
                         "put_(): Expected source and index to have the same number of elements, but got "
                         "source.numel() = %lld, "
                         "index.numel() = %lld",
                         (long long) source->numel, (long long) te_arg (call, 1)->numel);
  if (!refuse_meta (call, err)
      || (call->inplace && !call->args[3].b
          && (!te_check_no_internal_overlap (self, err) || !te_check_no_overlap (self, te_arg (call, 1), err)
              || !te_check_no_overlap (self, source, err))))
    return false;
  TeTensor *index = flat_index ("put_", self, te_arg (call, 1), err),
           *values = index ? te_input_contiguous (source, err) : NULL;
  bool dense = te_shape_is_non_overlapping_and_dense (self->ndim, self->sizes, self->strides);
  if (call->inplace && !te_check_no_internal_overlap (self, err))
    te_tensor_clear (&values);
  TeTensor *out =
      !values         ? NULL
      : call->inplace ? te_tensor_ref (self)
      : dense ? te_tensor_new_strided (self->ndim, self->sizes, self->strides, te_tensor_dtype (self), err)
              : te_tensor_new (self->ndim, self->sizes, te_tensor_dtype (self), err);
  if (out && !call->inplace && !te_raw_copy (out, self, err))
    te_tensor_clear (&out);
  if (out)
    {
      TeDtype dtype = te_tensor_dtype (self);
      size_t nbytes = te_dtype_nbytes (dtype);
      const int64_t *at = te_tensor_data (index);
      for (int64_t i = 0; i < index->numel; i++)
        te_combine (call->args[3].b ? TE_COMBINE_ADD : TE_COMBINE_ASSIGN, dtype,
                    (char *) te_tensor_data (out) + offset_of (out, at[i]) * (int64_t) nbytes,
                    (char *) te_tensor_data (values) + (size_t) i * nbytes);
    }
  te_tensor_unref (index);
  te_tensor_unref (values);
  if (call->inplace)
    {
      te_tensor_unref (out);
      return out != NULL;
    }
  return te_result_give (call, 0, out, err);
}

static bool
put_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  bool accumulate = ctx->args[3].b;
  if (ctx->needs[0])
    {
      TeTensor *zeros = accumulate ? NULL
                                   : te_expr_keep (&e, te_zeros (ctx->metas[2].ndim, ctx->metas[2].sizes,
                                                                 te_tensor_dtype (ctx->grads[0]), err));
      te_expr_put (
          &e, accumulate ? ctx->grads[0] : EX (&e, "put", "TTTb", ctx->grads[0], ctx->inputs[1], zeros, 0),
          &ctx->results[0]);
    }
  if (ctx->needs[2])
    te_expr_put (&e,
                 EX (&e, "reshape", "TI", EX (&e, "take", "TT", ctx->grads[0], ctx->inputs[1]),
                     ctx->metas[2].sizes, (int) ctx->metas[2].ndim),
                 &ctx->results[2]);
  return te_expr_close (&e);
}

/* ---- nonzero ---- */
static bool
nonzero_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *places = te_nonzero (te_arg (call, 0), err);
  if (call->outs[0])
    return te_result_give (call, 0, places, err);
  call->outs[0] = places;
  return places != NULL;
}

static bool
argwhere_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (nonzero, "nonzero")
  call->outs[0] = te_call (nonzero, err, "T", te_arg (call, 0));
  return call->outs[0] != NULL;
}

/* One vector of coordinates per dimension; a 0-dim tensor counts as a vector. */
static bool
nonzero_numpy_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (nonzero, "nonzero")
  TE_OP (unbind, "unbind")
  TeTensor *self = te_arg (call, 0);
  int n = self->ndim > 0 ? self->ndim : 1;
  TeTensor *line = self->ndim > 0 ? te_tensor_ref (self) : te_unsqueeze (self, 0, err);
  TeTensor *places = line ? te_call (nonzero, err, "T", line) : NULL;
  bool ok = places && te_op_call_reserve (call, n, err)
            && te_call_multi (unbind, call->outs, n, err, "Ti", places, (int64_t) 1);
  te_tensor_unref (line);
  te_tensor_unref (places);
  return ok;
}

/* ---- one_hot ---- */
static bool
one_hot_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  int64_t classes = call->args[1].i, sizes[TE_MAX_NDIM], low = 0, high = -1;
  if (te_tensor_dtype (self) != TE_INT64)
    return te_error_set (err, TE_ERR_RUNTIME, "one_hot is only applicable to index tensor.");
  if (self->numel == 0 && classes <= 0)
    return te_error_set (err, TE_ERR_RUNTIME, "Can not infer total number of classes from empty tensor.");
  if (self->ndim + 1 > TE_MAX_NDIM)
    return te_error_set (err, TE_ERR_RUNTIME, "tensors of more than %d dimensions are not supported",
                         TE_MAX_NDIM);
  if (!refuse_meta (call, err))
    return false;
  TeTensor *dense = te_input_contiguous (self, err);
  if (!dense)
    return false;
  const int64_t *values = te_tensor_data (dense);
  for (int64_t i = 0; i < dense->numel; i++)
    {
      low = values[i] < low ? values[i] : low;
      high = values[i] > high ? values[i] : high;
    }
  bool ok = true;
  if (low < 0)
    ok = te_error_set (err, TE_ERR_RUNTIME, "Class values must be non-negative.");
  else if (classes == -1)
    classes = high < INT64_MAX ? high + 1 : high;
  else if (high >= classes)
    ok = te_error_set (err, TE_ERR_RUNTIME, "Class values must be smaller than num_classes.");
  else if (classes < 1)
    ok = te_error_set (err, TE_ERR_RUNTIME, "num_classes should be positive");
  for (int d = 0; d < self->ndim; d++)
    sizes[d] = self->sizes[d];
  sizes[self->ndim] = classes;
  TeTensor *out = ok ? te_tensor_new (self->ndim + 1, sizes, TE_INT64, err) : NULL;
  if (out)
    {
      int64_t *to = te_tensor_data (out);
      memset (to, 0, (size_t) out->numel * sizeof *to);
      for (int64_t i = 0; i < dense->numel; i++)
        to[i * classes + values[i]] = 1;
      *out->version = 2; /* PyTorch fills, then writes */
    }
  te_tensor_unref (dense);
  call->outs[0] = out;
  return out != NULL;
}

static const TeOpDef rows[] = {
  { "masked_select(Tensor self, Tensor mask) -> Tensor", BOTH | TE_OP_OUT, masked_select_kernel,
    masked_select_backward, "MaskedSelectBackward", TE_SAVE_ARG (1), .grad_version = 1,
    .doc = "The elements where mask holds, in order, as a vector." },
  { "masked_scatter(Tensor self, Tensor mask, Tensor source) -> Tensor", BOTH | TE_OP_INPLACE,
    masked_scatter_kernel, masked_scatter_backward, "MaskedScatterBackward", TE_SAVE_ARG (1),
    .doc = "The elements of source, one after the other, where mask holds; self elsewhere." },
  { "take(Tensor self, Tensor index) -> Tensor", BOTH | TE_OP_OUT, take_kernel, take_backward, "TakeBackward",
    TE_SAVE_ARG (1), .grad_version = 1, .doc = "Elements by their number in self as if it were one vector." },
  { "put(Tensor self, Tensor index, Tensor source, bool accumulate=False) -> Tensor", BOTH | TE_OP_INPLACE,
    put_kernel, put_backward, "PutBackward", TE_SAVE_ARG (1),
    .doc = "Writes (or adds) elements by their number in self as if it were one vector." },
  { "nonzero(Tensor self) -> Tensor", BOTH | TE_OP_OUT | TE_OP_NONDIFF, nonzero_kernel,
    .doc = "(n, ndim): the coordinates of the elements that are not zero." },
  { "nonzero_numpy(Tensor self) -> Tensor[]", BOTH | TE_OP_COMPOSITE | TE_OP_LIST_OUT | TE_OP_LIST_AS_TUPLE,
    nonzero_numpy_kernel, .doc = "nonzero(as_tuple=True): one vector of coordinates per dimension." },
  { "argwhere(Tensor self) -> Tensor", BOTH | TE_OP_COMPOSITE, argwhere_kernel,
    .doc = "The coordinates of the elements that are not zero." },
  { "where(Tensor condition) -> Tensor[]",
    TE_OP_FUNCTION | TE_OP_COMPOSITE | TE_OP_LIST_OUT | TE_OP_LIST_AS_TUPLE, nonzero_numpy_kernel,
    .doc = "The coordinates where condition holds, one vector per dimension." },
  { "one_hot(Tensor self, int num_classes=-1) -> Tensor", TE_OP_NN | TE_OP_NONDIFF, one_hot_kernel,
    .doc = "A new last dimension with 1 at the place that the class number says, 0 elsewhere." },
};

TE_OP_FAMILY (te_family_mask, rows);
