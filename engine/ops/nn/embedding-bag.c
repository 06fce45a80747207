/* embedding_bag: sum, mean or maximum of the rows that a bag of indices names, without making the rows.  The
 * gradient is a kernel of its own, which cannot be differentiated again, as in PyTorch. */
#include <math.h>
#include <string.h>

#include "ops/nn/nn-private.h"
#include "ops/nn/rows.h"

typedef enum
{
  BAG_SUM,
  BAG_MEAN,
  BAG_MAX,
} BagMode;

typedef struct
{
  BagMode mode;
  bool is_double;
  int64_t n, n_bags, rows, width, padding;
  const int64_t *index, *offsets;
  const void *weight, *scales; /* scales: per index, or NULL */
} Bags;

static inline double
get (const Bags *b, const void *data, int64_t i)
{
  return b->is_double ? ((const double *) data)[i] : (double) ((const float *) data)[i];
}

static inline void
set (const Bags *b, void *data, int64_t i, double value)
{
  if (b->is_double)
    ((double *) data)[i] = value;
  else
    ((float *) data)[i] = (float) value;
}

static int64_t
bag_end (const Bags *b, int64_t bag)
{
  return bag + 1 < b->n_bags ? b->offsets[bag + 1] : b->n;
}

static bool
check_bags (const Bags *b, const TeTensor *offsets, TeError *err)
{
  if (offsets->numel && b->offsets[0] != 0)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position "
        "0. However, got %lld\n[ torch.%sTensor{} ]",
        (long long) b->offsets[0], te_dtype_error_name (te_tensor_dtype (offsets)));
  int64_t last = offsets->numel ? b->offsets[offsets->numel - 1] : 0;
  if (last > b->n)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "offsets[-1] can not be greater than input's length %lld but got offsets[-1] of %lld",
        (long long) b->n, (long long) last);
  for (int64_t i = 0; i < offsets->numel; i++)
    if (b->offsets[i] < 0 || b->offsets[i] > b->n || (i && b->offsets[i] < b->offsets[i - 1]))
      return te_error_set (err, TE_ERR_RUNTIME, "embedding_bag: offsets must rise and stay within the input");
  for (int64_t i = 0; i < b->n; i++)
    if (b->index[i] < 0 || b->index[i] >= b->rows)
      return b->mode == BAG_MAX || b->is_double
                 ? te_error_set (
                     err, TE_ERR_RUNTIME,
                     "embedding_bag: Expected idx >= 0 && idx < num_embeddings but found idx to be %lld",
                     (long long) b->index[i])
                 : te_error_set (
                     err, TE_ERR_RUNTIME,
                     "[enforce fail at embedding_lookup_idx.cc:214] 0 <= idx && idx < data_size. Index %lld "
                     "is out of bounds: %lld, range 0 to %lld",
                     (long long) i, (long long) b->index[i], (long long) b->rows);
  return true;
}

/* One bag: its result, how many rows count, and for the maximum where each column's came from. */
static void
run_bag (const Bags *b, int64_t bag, void *out, int64_t *count, int64_t *from)
{
  *count = 0;
  for (int64_t i = b->offsets[bag]; i < bag_end (b, bag); i++)
    {
      if (b->index[i] == b->padding)
        continue;
      double scale = b->scales ? get (b, b->scales, i) : 1;
      for (int64_t c = 0; c < b->width; c++)
        {
          double v = get (b, b->weight, b->index[i] * b->width + c), at = get (b, out, bag * b->width + c);
          if (b->mode != BAG_MAX)
            set (b, out, bag * b->width + c, at + v * scale);
          else if (*count == 0 || v > at)
            {
              set (b, out, bag * b->width + c, v);
              from[bag * b->width + c] = b->index[i];
            }
        }
      ++*count;
    }
  for (int64_t c = 0; c < b->width && b->mode == BAG_MEAN && *count; c++)
    set (b, out, bag * b->width + c, get (b, out, bag * b->width + c) / (double) *count);
}

typedef struct
{
  TeTensor *weight, *index, *offsets, *scales; /* contiguous, owned */
} Kept;

static void
kept_clear (Kept *k)
{
  te_tensor_clear (&k->weight);
  te_tensor_clear (&k->index);
  te_tensor_clear (&k->offsets);
  te_tensor_clear (&k->scales);
}

/* The name of a tensor's type; some have one in C++ alone. */
static const char *
type_name (TeDtype dtype)
{
  static const char *const names[TE_DTYPE_COUNT] = {
    [TE_UINT8] = "torch.ByteTensor",          [TE_INT8] = "torch.CharTensor",
    [TE_INT16] = "torch.ShortTensor",         [TE_INT32] = "torch.IntTensor",
    [TE_INT64] = "torch.LongTensor",          [TE_BOOL] = "CPUBoolType",
    [TE_BFLOAT16] = "CPUBFloat16Type",        [TE_COMPLEX64] = "CPUComplexFloatType",
    [TE_COMPLEX128] = "CPUComplexDoubleType",
  };
  return names[dtype] ? names[dtype] : te_dtype_error_name (dtype);
}

/* v: weight, indices, offsets, scale_grad_by_freq, mode, sparse, per_sample_weights, include_last_offset,
 * padding_idx */
static bool
take_bags (Bags *b, Kept *k, const TeValue *v, TeError *err)
{
  TeTensor *weight = v[0].tensor, *scales = v[6].kind == TE_VALUE_TENSOR ? v[6].tensor : NULL;
  TeDtype dtype = te_tensor_dtype (weight);
  *k = (Kept){ NULL };
  if (weight->ndim != 2)
    return te_error_set (err, TE_ERR_RUNTIME, "'weight' must be 2-D");
  for (int i = 1; i < 3; i++)
    if (te_tensor_dtype (v[i].tensor) != TE_INT64 && te_tensor_dtype (v[i].tensor) != TE_INT32)
      return te_error_set (
          err, TE_ERR_RUNTIME,
          "Expected tensor for argument #1 '%s' to have one of the following scalar types: Long, Int; "
          "but got torch.%sTensor instead (while checking arguments for embedding_bag)",
          i == 1 ? "indices" : "offsets", te_dtype_error_name (te_tensor_dtype (v[i].tensor)));
  if (dtype != TE_FLOAT32 && dtype != TE_FLOAT64)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "Expected tensor for argument #1 'weight' to have one of the following scalar types: Half, "
        "Float, Double; but got %s instead (while checking arguments for embedding_bag)",
        type_name (dtype));
  if (scales && te_tensor_dtype (scales) != dtype)
    return te_error_set (err, TE_ERR_RUNTIME, "expected scalar type %s but found %s",
                         te_dtype_error_name (dtype), te_dtype_error_name (te_tensor_dtype (scales)));
  bool ok = (k->weight = te_nn_contiguous (weight, err))
            && (k->index = te_contiguous_copy (v[1].tensor, TE_INT64, err))
            && (k->offsets = te_contiguous_copy (v[2].tensor, TE_INT64, err))
            && (!scales || (k->scales = te_nn_contiguous (scales, err)));
  if (ok)
    {
      *b = (Bags){ .mode = (BagMode) v[4].i,
                   .is_double = dtype == TE_FLOAT64,
                   .n = k->index->numel,
                   .n_bags = k->offsets->numel - (v[7].b ? 1 : 0),
                   .rows = weight->sizes[0],
                   .width = weight->sizes[1],
                   .padding = v[8].i < -1 ? v[8].i + weight->sizes[0] : v[8].i,
                   .index = te_tensor_data (k->index),
                   .offsets = te_tensor_data (k->offsets),
                   .weight = te_tensor_data (k->weight),
                   .scales = k->scales ? te_tensor_data (k->scales) : NULL };
      ok = check_bags (b, v[2].tensor, err);
    }
  if (!ok)
    kept_clear (k);
  return ok;
}

static bool
bag_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  Bags b;
  Kept k;
  if (v[5].b && call->wants_grad)
    return te_error_set (err, TE_ERR_NOT_IMPLEMENTED, "embedding_bag: sparse gradients are not implemented");
  if (!take_bags (&b, &k, v, err))
    return false;
  const int64_t sizes[2] = { te_nn_max (0, b.n_bags), b.width };
  TeTensor **outs = call->outs; /* result, bag of each index, rows of each bag, where maxima came from */
  bool ok = (outs[0] = te_nn_zeros (2, sizes, te_tensor_dtype (k.weight), err))
            && (outs[1] = te_nn_zeros (1, &b.n, TE_INT64, err))
            && (outs[2] = te_nn_zeros (1, sizes, TE_INT64, err))
            && (outs[3] = te_nn_zeros (b.mode == BAG_MAX ? 2 : 1, sizes, TE_INT64, err));
  for (int64_t bag = 0; ok && bag < b.n_bags; bag++)
    {
      run_bag (&b, bag, te_tensor_data (outs[0]), (int64_t *) te_tensor_data (outs[2]) + bag,
               te_tensor_data (outs[3]));
      for (int64_t i = b.offsets[bag]; i < bag_end (&b, bag); i++)
        ((int64_t *) te_tensor_data (outs[1]))[i] = bag;
    }
  kept_clear (&k);
  return ok;
}

/* Adds the gradient of bag `bag` to the rows it read. */
static void
spread_bag (const Bags *b, int64_t bag, const void *grad, const int64_t *from, const int64_t *uses, void *to)
{
  int64_t count = 0;
  for (int64_t i = b->offsets[bag]; i < bag_end (b, bag); i++)
    count += b->index[i] != b->padding;
  if (b->mode == BAG_MAX)
    {
      for (int64_t c = 0; c < b->width && count; c++)
        {
          int64_t row = from[bag * b->width + c];
          if (row < 0 || row >= b->rows) /* the indices were handed out: what is in them now is the program's */
            continue;
          int64_t at = row * b->width + c;
          set (b, to, at, get (b, to, at) + get (b, grad, bag * b->width + c));
        }
      return;
    }
  for (int64_t i = b->offsets[bag]; i < bag_end (b, bag); i++)
    {
      if (b->index[i] == b->padding)
        continue;
      double scale = b->scales ? get (b, b->scales, i) : 1;
      scale /= b->mode == BAG_MEAN ? (double) count : 1;
      scale /= uses ? (double) uses[b->index[i]] : 1;
      for (int64_t c = 0; c < b->width; c++)
        {
          int64_t at = b->index[i] * b->width + c;
          set (b, to, at, get (b, to, at) + scale * get (b, grad, bag * b->width + c));
        }
    }
}

/* _embedding_bag_dense_backward (grad, maximum indices, then embedding_bag's arguments, two needs): gradients
 * of weight and of per_sample_weights. */
static bool
backward_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  Bags b;
  Kept k;
  if (!take_bags (&b, &k, v + 2, err))
    return false;
  TeDtype dtype = te_tensor_dtype (k.weight);
  TeTensor *grad = te_contiguous_copy (v[0].tensor, dtype, err);
  TeScratch uses = { NULL, 0 };
  bool ok = grad && (!v[11].b || (call->outs[0] = te_nn_zeros (2, k.weight->sizes, dtype, err)))
            && (!v[12].b || (call->outs[1] = te_nn_zeros (1, &b.n, dtype, err)))
            && (!v[5].b || te_nn_scratch (&uses, (size_t) (b.rows + 1) * sizeof (int64_t), err));
  if (ok && uses.data)
    {
      memset (uses.data, 0, (size_t) b.rows * sizeof (int64_t));
      for (int64_t i = 0; i < b.n; i++)
        ((int64_t *) uses.data)[b.index[i]]++;
    }
  for (int64_t bag = 0; ok && bag < b.n_bags; bag++)
    {
      if (v[11].b)
        spread_bag (&b, bag, te_tensor_data (grad), te_tensor_data (v[1].tensor), uses.data,
                    te_tensor_data (call->outs[0]));
      for (int64_t i = b.offsets[bag]; v[12].b && i < bag_end (&b, bag); i++)
        {
          double sum = 0;
          for (int64_t c = 0; c < b.width && b.index[i] != b.padding; c++)
            sum += get (&b, b.weight, b.index[i] * b.width + c)
                   * get (&b, te_tensor_data (grad), bag * b.width + c);
          set (&b, te_tensor_data (call->outs[1]), i, sum);
        }
    }
  te_nn_scratch_free (&uses);
  te_tensor_unref (grad);
  kept_clear (&k);
  return ok;
}

static bool
bag_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "_embedding_bag_dense_backward");
  const TeValue *v = ctx->args;
  TeTensor *outs[2] = { NULL };
  if (!ctx->grads[0])
    return true;
  bool ok = te_call_multi (op, outs, 2, err, "TTTTTbibTbibb", ctx->grads[0], ctx->outs[3], ctx->inputs[0],
                           ctx->inputs[1], ctx->inputs[2], (int) v[3].b, v[4].i, (int) v[5].b, ctx->inputs[3],
                           (int) v[7].b, v[8].i, (int) ctx->needs[0], (int) ctx->needs[3]);
  ctx->results[0] = outs[0];
  ctx->results[3] = outs[1];
  return ok;
}

static bool
no_second (TeBackward *ctx, TeError *err)
{
  return te_error_set (err, TE_ERR_RUNTIME, "derivative for %s is not implemented", ctx->op->name);
}

static const TeOpDef rows[] = {
  { .schema = "embedding_bag(Tensor weight, Tensor indices, Tensor offsets, bool scale_grad_by_freq=False, "
              "int mode=0, bool sparse=False, Tensor? per_sample_weights=None, bool "
              "include_last_offset=False, int padding_idx=-1) -> (Tensor, Tensor, Tensor, Tensor)",
    .flags = TE_OP_FUNCTION | TE_OP_WIDENS_HALF,
    .kernel = bag_kernel,
    .backward = bag_backward,
    .node = "EmbeddingBagBackward",
    .saves = TE_SAVE_ARG (0) | TE_SAVE_ARG (1) | TE_SAVE_ARG (2) | TE_SAVE_ARG (6) | TE_SAVE_OUT (3),
    .doc = "Sum (0), mean (1) or maximum (2) of the rows of each bag; bags start at offsets." },
  { .schema = "_embedding_bag_dense_backward(Tensor grad, Tensor maximum_indices, Tensor weight, Tensor "
              "indices, Tensor "
              "offsets, bool scale_grad_by_freq, int mode, bool sparse, Tensor? per_sample_weights, bool "
              "include_last_offset, int padding_idx, bool need_weight, bool need_scales) -> (Tensor, Tensor)",
    .kernel = backward_kernel,
    .backward = no_second,
    .node = "NotImplemented",
    .doc = "Gradients of embedding_bag for weight and per_sample_weights." },
};

TE_OP_FAMILY (te_family_embedding_bag, rows);
