/* Embedding: rows of a table by index.  The gradient adds rows back; threads share out columns, so every sum
 * has one order. */
#include <math.h>
#include <string.h>

#include "core/sparse.h"
#include "ops/nn/nn-private.h"
#include "ops/nn/rows.h"

static bool
check_indices (const TeTensor *indices, int place, const char *op, TeError *err)
{
  TeDtype dtype = te_tensor_dtype (indices);
  char name[48];
  if (dtype == TE_INT64 || dtype == TE_INT32)
    return true;
  if (dtype == TE_BOOL)
    strcpy (name, "CPUBoolType");
  else
    {
      strcpy (name, "torch.");
      strcat (name, te_dtype_error_name (dtype));
      strcat (name, "Tensor");
    }
  return te_error_set (err, TE_ERR_RUNTIME,
                       "Expected tensor for argument #%d 'indices' to have one of the following scalar types: "
                       "Long, Int; but got %s instead (while checking arguments for %s)",
                       place, name, op);
}

/* Owned contiguous int64 indices, all within [0, n). */
static TeTensor *
take_indices (TeTensor *indices, int64_t n, TeError *err)
{
  TeTensor *out = te_contiguous_copy (indices, TE_INT64, err);
  const int64_t *at = out ? te_tensor_data (out) : NULL;
  for (int64_t i = 0; out && i < out->numel; i++)
    if (at[i] < 0 || at[i] >= n)
      {
        te_tensor_clear (&out);
        te_error_set (err, TE_ERR_INDEX, "index out of range in self");
      }
  return out;
}

static bool
embedding_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeTensor *weight = v[0].tensor, *indices = v[1].tensor;
  if (weight->ndim != 2)
    return te_error_set (err, TE_ERR_RUNTIME, "'weight' must be 2-D");
  if (!check_indices (indices, 1, "embedding", err))
    return false;
  int64_t sizes[TE_MAX_NDIM];
  if (indices->ndim + 1 > TE_MAX_NDIM)
    return te_error_set (err, TE_ERR_RUNTIME, "embedding: too many dimensions");
  memcpy (sizes, indices->sizes, indices->ndim * sizeof *sizes);
  sizes[indices->ndim] = weight->sizes[1];
  TeTensor *w = te_nn_contiguous (weight, err), *at = NULL;
  if (w && weight->sizes[0] == 0 && indices->numel)
    te_error_set (err, TE_ERR_RUNTIME, "index_select(): self indexing axis dim should be positive");
  else if (w)
    at = take_indices (indices, weight->sizes[0], err);
  TeTensor *out = at ? te_tensor_new (indices->ndim + 1, sizes, te_tensor_dtype (weight), err) : NULL;
  if (out)
    {
      const int64_t *row = te_tensor_data (at);
      const char *from = te_tensor_data (w);
      char *to = te_tensor_data (out);
      size_t nbytes = (size_t) weight->sizes[1] * te_dtype_nbytes (te_tensor_dtype (weight));
      for (int64_t i = 0; i < at->numel; i++)
        memcpy (to + (size_t) i * nbytes, from + (size_t) row[i] * nbytes, nbytes);
    }
  te_tensor_unref (w);
  te_tensor_unref (at);
  return te_nn_out (call, 0, out);
}

typedef struct
{
  const int64_t *row;
  const float *scale; /* per row of the table, NULL: 1 */
  int64_t n, width, padding;
  const void *from;
  void *to;
} AddRows;

#define STAMP(T, suffix)                                                                                     \
  static void add_rows_##suffix (void *ctx, int64_t begin, int64_t end)                                      \
  {                                                                                                          \
    const AddRows *a = ctx;                                                                                  \
    for (int64_t i = 0; i < a->n; i++)                                                                       \
      {                                                                                                      \
        const T *restrict from = (const T *) a->from + i * a->width;                                         \
        T *restrict to = (T *) a->to + a->row[i] * a->width;                                                 \
        if (a->row[i] == a->padding)                                                                         \
          continue;                                                                                          \
        if (a->scale)                                                                                        \
          for (int64_t k = begin; k < end; k++)                                                              \
            to[k] += from[k] * (T) a->scale[a->row[i]];                                                      \
        else                                                                                                 \
          for (int64_t k = begin; k < end; k++)                                                              \
            to[k] += from[k];                                                                                \
      }                                                                                                      \
  }
/* clang-format off */
STAMP (float, f32)
STAMP (double, f64)
/* clang-format on */
#undef STAMP

/* embedding_dense_backward (grad, indices, number of rows, padding row or -1, scale by frequency) */
static bool
dense_backward_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeTensor *grad = v[0].tensor;
  int64_t sizes[2] = { v[2].i, grad->ndim ? grad->sizes[grad->ndim - 1] : 1 };
  if (!te_nn_check_floating (grad, "embedding_dense_backward", err))
    return false;
  TeTensor *g = te_nn_contiguous (grad, err), *at = g ? take_indices (v[1].tensor, sizes[0], err) : NULL;
  TeTensor *out = at ? te_nn_zeros (2, sizes, te_tensor_dtype (grad), err) : NULL;
  TeScratch scale = { NULL, 0 };
  if (out && v[4].b && !te_nn_scratch (&scale, (size_t) sizes[0] * sizeof (float), err))
    te_tensor_clear (&out);
  if (out)
    {
      AddRows a = { te_tensor_data (at), scale.data,          at->numel, sizes[1], v[3].i,
                    te_tensor_data (g),  te_tensor_data (out) };
      if (scale.data)
        {
          float *count = scale.data;
          memset (count, 0, scale.nbytes);
          for (int64_t i = 0; i < a.n; i++)
            count[a.row[i]]++;
          for (int64_t i = 0; i < sizes[0]; i++)
            count[i] = count[i] > 0 ? 1 / count[i] : 0;
        }
      if (a.n && a.width)
        te_parallel_for (a.width, te_nn_max (16, 65536 / te_nn_max (1, a.n)),
                         te_tensor_dtype (grad) == TE_FLOAT64 ? add_rows_f64 : add_rows_f32, &a);
    }
  te_nn_scratch_free (&scale);
  te_tensor_unref (g);
  te_tensor_unref (at);
  return te_nn_out (call, 0, out);
}

/* A table's gradient as the rows that were looked up and what reached them: nothing is added up, and rows of the padding index
 * are left out. */
static TeTensor *
sparse_rows (TeTensor *grad, TeTensor *indices, int64_t n_rows, int64_t padding, TeError *err)
{
  TE_OP (not_equal, "ne.Scalar");
  TE_OP (select, "masked_select");
  TE_OP (nonzero, "nonzero");
  TE_OP (take_rows, "index_select");
  int64_t width = grad->sizes[grad->ndim - 1];
  TeTensor *at = te_to_dtype (indices, TE_INT64, err), *flat = at ? te_reshape (at, 1, (int64_t[]){ at->numel }, err) : NULL;
  TeTensor *rows = flat ? te_reshape (grad, 2, (int64_t[]){ flat->numel, width }, err) : NULL;
  if (rows && padding >= 0)
    {
      TeTensor *kept = te_call (not_equal, err, "TS", flat, te_scalar_int (padding));
      TeTensor *where = kept ? te_call (nonzero, err, "T", kept) : NULL;
      TeTensor *places = where ? te_reshape (where, 1, (int64_t[]){ where->numel }, err) : NULL;
      TeTensor *kept_rows = places ? te_call (take_rows, err, "TiT", rows, (int64_t) 0, places) : NULL;
      TeTensor *kept_flat = kept_rows ? te_call (select, err, "TT", flat, kept) : NULL;
      for (int i = 0; i < 5; i++)
        te_tensor_unref ((TeTensor *[]){ kept, where, places, rows, flat }[i]);
      rows = kept_rows;
      flat = kept_flat;
    }
  TeTensor *coordinates = flat && rows ? te_reshape (flat, 2, (int64_t[]){ 1, flat->numel }, err) : NULL;
  te_dispatch_meta_in_use = true;
  TeTensor *sparse = coordinates
                         ? te_tensor_new_sparse (2, (int64_t[]){ n_rows, width }, coordinates, rows, false, err)
                         : NULL;
  for (int i = 0; i < 4; i++)
    te_tensor_unref ((TeTensor *[]){ at, flat, rows, coordinates }[i]);
  return sparse;
}

static bool
embedding_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "embedding_dense_backward");
  if (ctx->args[4].b)
    {
      if (ctx->args[3].b)
        return te_error_set (err, TE_ERR_RUNTIME, "embedding_backward: scale_grad_by_freq not supported with sparse gradients");
      ctx->results[0] = sparse_rows (ctx->grads[0], ctx->inputs[1], te_nn_meta_sizes (&ctx->metas[0])[0], ctx->args[2].i, err);
      return ctx->results[0] != NULL;
    }
  ctx->results[0] = te_call (op, err, "TTiib", ctx->grads[0], ctx->inputs[1],
                             te_nn_meta_sizes (&ctx->metas[0])[0], ctx->args[2].i, (int) ctx->args[3].b);
  return ctx->results[0] != NULL;
}
static bool
dense_backward_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "embedding");
  ctx->results[0] = te_call (op, err, "TTi", ctx->grads[0], ctx->inputs[1], ctx->args[3].i);
  return ctx->results[0] != NULL;
}

/* Owned contiguous int64 rows of self: as select () takes them, which PyTorch asks for each row. */
static TeTensor *
take_rows (TeTensor *indices, const TeTensor *self, TeError *err)
{
  char shape[256];
  int64_t n = self->sizes[0];
  TeTensor *out = te_contiguous_copy (indices, TE_INT64, err);
  const int64_t *at = out ? te_tensor_data (out) : NULL;
  for (int64_t i = 0; out && i < out->numel; i++)
    if (at[i] < -n || at[i] >= n)
      {
        te_error_set (err, TE_ERR_INDEX, "select(): index %lld out of range for tensor of size %s at dimension 0",
                      (long long) at[i], te_shape_text (self->ndim, self->sizes, shape, sizeof shape));
        te_tensor_clear (&out);
      }
  return out;
}

/* embedding_renorm_ (self, indices, max_norm, norm_type): shortens the rows that are used and longer than
 * max_norm. */
static bool
renorm_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeTensor *self = v[0].tensor;
  bool is_double = self->dtype == TE_FLOAT64;
  if (self->ndim != 2 || !(is_double || self->dtype == TE_FLOAT32) || !te_tensor_is_contiguous (self))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "embedding_renorm_: expected a contiguous 2-D table of float or double");
  TeTensor *at = check_indices (v[1].tensor, 2, "embedding_renorm_", err) ? take_rows (v[1].tensor, self, err) : NULL;
  if (!at)
    return false;
  const int64_t *rows = te_tensor_data (at);
  double max_norm = v[2].f, power = v[3].f;
  for (int64_t i = 0; i < at->numel; i++)
    {
      int64_t row = rows[i] < 0 ? rows[i] + self->sizes[0] : rows[i];
      float *single = (float *) te_tensor_data (self) + (is_double ? 0 : row * self->sizes[1]);
      double *wide = (double *) te_tensor_data (self) + (is_double ? row * self->sizes[1] : 0), total = 0;
      for (int64_t k = 0; k < self->sizes[1]; k++)
        total += pow (fabs (is_double ? wide[k] : (double) single[k]), power);
      double norm = pow (total, 1 / power), factor = max_norm / (norm + 1e-7);
      for (int64_t k = 0; k < self->sizes[1] && norm > max_norm; k++)
        if (is_double)
          wide[k] *= factor;
        else
          single[k] *= (float) factor;
    }
  te_tensor_unref (at);
  return true;
}

static const TeOpDef rows[] = {
  { .schema = "embedding(Tensor weight, Tensor indices, int padding_idx=-1, bool scale_grad_by_freq=False, "
              "bool sparse=False) -> Tensor",
    .flags = TE_OP_FUNCTION,
    .kernel = embedding_kernel,
    .backward = embedding_backward,
    .node = "EmbeddingBackward",
    .saves = TE_SAVE_ARG (1),
    .doc = "weight (V, D), indices (…) -> (…, D): rows of the table." },
  { .schema = "embedding_dense_backward(Tensor grad_output, Tensor indices, int num_weights, int "
              "padding_idx, bool scale_grad_by_freq) -> Tensor",
    .kernel = dense_backward_kernel,
    .backward = dense_backward_backward,
    .node = "EmbeddingDenseBackwardBackward",
    .saves = TE_SAVE_ARG (1),
    .doc = "Adds rows of the gradient to the rows of the table that they came from." },
  { .schema =
        "embedding_renorm_(Tensor(a!) self, Tensor indices, float max_norm, float norm_type) -> Tensor(a!)",
    .flags = TE_OP_FUNCTION | TE_OP_INPLACE_ONLY | TE_OP_NONDIFF,
    .kernel = renorm_kernel,
    .doc = "Shortens the rows that indices name to max_norm." },
};

TE_OP_FAMILY (te_family_embedding, rows);
