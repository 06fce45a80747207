/* Layer and group normalisation: rows of consecutive elements by their own mean and variance.  A row of
 * group_norm is a group of channels, whose weights belong to channels; a row of layer_norm has a weight per
 * element. Sources: Ba, Kiros, Hinton 2016; Wu and He 2018. */
#include <math.h>
#include <string.h>

#include "ops/nn/lane-sums.h"
#include "ops/nn/moments.h"
#include "ops/nn/nn-private.h"
#include "ops/nn/norm-twin.h"
#include "ops/nn/rows.h"

#define MAX_PARTS 16

typedef struct
{
  int64_t rows, length;
  int64_t groups, volume; /* group_norm: rows per image, elements per channel; layer_norm: 0, 0 */
  int64_t channels;       /* of all weights */
  int64_t rows_per_part;  /* weight gradients are summed per part of the rows, then over parts in order */
  double eps;
  const void *x, *grad, *weight, *bias;
  void *y, *mean, *rstd, *grad_x, *grad_weight, *grad_bias;
  void *partial; /* per part: grad_weight, then grad_bias */
} RowNorm;

#define STAMP(T, suffix, LANES, FMA, SQRT)                                                                                     \
  TE_MOMENTS_STAMP (T, suffix)                                                                               \
  TE_LANE_SUMS_STAMP (T, suffix, LANES, FMA)                                                                 \
  TE_ROW_MOMENTS_STAMP (T, suffix, LANES)                                                                               \
  static void forward_##suffix (void *ctx, int64_t begin, int64_t end)                                       \
  {                                                                                                          \
    const RowNorm *r = ctx;                                                                                  \
    const T *weight = r->weight, *bias = r->bias;                                                            \
    for (int64_t i = begin; i < end; i++)                                                                    \
      {                                                                                                      \
        const T *restrict x = (const T *) r->x + i * r->length;                                              \
        T *restrict y = (T *) r->y + i * r->length;                                                          \
        T mean, var;                                                                                         \
        te_row_moments_##suffix (x, r->length, &mean, &var);                                                 \
        T rstd = 1 / SQRT (var + (T) r->eps);                                                                \
        ((T *) r->mean)[i] = mean;                                                                           \
        ((T *) r->rstd)[i] = rstd;                                                                           \
        if (r->groups)                                                                                       \
          for (int64_t k = 0; k < r->length / r->volume; k++)                                                \
            {                                                                                                \
              int64_t c = i % r->groups * (r->length / r->volume) + k;                                       \
              T scale = rstd * (weight ? weight[c] : 1), shift = FMA (-mean, scale, bias ? bias[c] : 0);\
              for (int64_t j = k * r->volume; j < (k + 1) * r->volume; j++)                                  \
                y[j] = FMA (x[j], scale, shift);                                                           \
            }                                                                                                \
        else if (weight && bias)                                                                             \
          for (int64_t j = 0; j < r->length; j++)                                                            \
            y[j] = FMA (FMA (x[j], rstd, -rstd * mean), weight[j], bias[j]);                                             \
        else                                                                                                 \
          for (int64_t j = 0; j < r->length; j++)                                                            \
            y[j] = FMA (FMA (x[j], rstd, -rstd * mean), weight ? weight[j] : 1, bias ? bias[j] : 0);                   \
      }                                                                                                      \
  }                                                                                                          \
  /* one row: its part of the weights' gradients, and its input's gradient */                                \
  static void backward_row_##suffix (const RowNorm *r, int64_t i, T *restrict grad_weight,                   \
                                     T *restrict grad_bias)                                                  \
  {                                                                                                          \
    const T *restrict x = (const T *) r->x + i * r->length, *restrict g =                                    \
                                                                (const T *) r->grad + i * r->length;         \
    const T *weight = r->weight;                                                                             \
    T mean = ((const T *) r->mean)[i], rstd = ((const T *) r->rstd)[i];                                      \
    double sum = 0, dot = 0;                                                                                 \
    int64_t per_row = r->groups ? r->length / r->volume : 0,                                                 \
            first = r->groups ? i % r->groups * per_row : 0;                                                 \
    for (int64_t k = 0; k < per_row; k++)                                                                    \
      {                                                                                                      \
        double s = 0, d = 0, w = weight ? (double) weight[first + k] : 1;                                    \
        te_run_products_##suffix (g + k * r->volume, NULL, x + k * r->volume, r->volume, mean, &s, &d);      \
        grad_weight[first + k] += (T) (d * (double) rstd);                                                   \
        grad_bias[first + k] += (T) s;                                                                       \
        sum += s * w;                                                                                        \
        dot += d * w;                                                                                        \
      }                                                                                                      \
    if (!r->groups)                                                                                          \
      {                                                                                                      \
        T shift = -rstd * mean;                                                                              \
        for (int64_t j = 0; j < r->length; j++)                                                              \
          {                                                                                                  \
            grad_weight[j] = FMA (g[j], FMA (rstd, x[j], shift), grad_weight[j]);                            \
            grad_bias[j] += g[j];                                                                            \
          }                                                                                                  \
      }                                                                                                      \
    if (!r->grad_x)                                                                                          \
      return;                                                                                                \
    T *restrict out = (T *) r->grad_x + i * r->length;                                                       \
    T level = (T) (sum / (double) r->length), along = (T) (dot / (double) r->length) * rstd * rstd;          \
    if (r->groups)                                                                                           \
      for (int64_t k = 0; k < per_row; k++)                                                                  \
        {                                                                                                    \
          T w = weight ? weight[first + k] : 1;                                                              \
          for (int64_t j = k * r->volume; j < (k + 1) * r->volume; j++)                                      \
            out[j] = (g[j] * w - level - (x[j] - mean) * along) * rstd;                                      \
        }                                                                                                    \
    else                                                                                                     \
      {                                                                                                      \
        T ds = te_lane_product_##suffix (g, x, weight, r->length), db = te_lane_product_##suffix (g, weight, NULL, r->length); \
        T per = (T) 1 / (T) r->length, b = FMA (db, mean, -ds) * rstd * rstd * rstd * per;                   \
        T c = FMA (-b, mean, -(db * rstd * per));                                                            \
        for (int64_t j = 0; j < r->length; j++)                                                              \
          out[j] = FMA (b, x[j], weight ? rstd * g[j] * weight[j] : rstd * g[j]) + c;                        \
      }                                                                                                      \
  }                                                                                                          \
  static void backward_##suffix (void *ctx, int64_t begin, int64_t end)                                      \
  {                                                                                                          \
    const RowNorm *r = ctx;                                                                                  \
    for (int64_t part = begin; part < end; part++)                                                           \
      {                                                                                                      \
        T *grad_weight = (T *) r->partial + part * 2 * r->channels;                                          \
        memset (grad_weight, 0, (size_t) (2 * r->channels) * sizeof (T));                                    \
        for (int64_t i = part * r->rows_per_part; i < te_nn_min ((part + 1) * r->rows_per_part, r->rows);    \
             i++)                                                                                            \
          backward_row_##suffix (r, i, grad_weight, grad_weight + r->channels);                              \
      }                                                                                                      \
  }                                                                                                          \
  static void gather_parts_##suffix (const RowNorm *r, int64_t parts)                                        \
  {                                                                                                          \
    for (int which = 0; which < 2; which++)                                                                  \
      {                                                                                                      \
        T *restrict out = which ? r->grad_bias : r->grad_weight;                                             \
        for (int64_t part = 0; part < parts && out; part++)                                                  \
          {                                                                                                  \
            const T *restrict from = (const T *) r->partial + (part * 2 + which) * r->channels;              \
            for (int64_t c = 0; c < r->channels; c++)                                                        \
              out[c] += from[c];                                                                             \
          }                                                                                                  \
      }                                                                                                      \
  }
/* clang-format off */
STAMP (float, f32, 8, fmaf, sqrtf)
STAMP (double, f64, 4, fma, sqrt)
/* clang-format on */
#undef STAMP

static TeTensor *
optional (const TeValue *v)
{
  return v->kind == TE_VALUE_TENSOR ? v->tensor : NULL;
}

/* Runs the rows forward; fills outs[0] and, for backward, extra mean and rstd. */
static bool
rows_forward (TeOpCall *call, RowNorm *r, TeTensor *self, TeTensor *weight, TeTensor *bias, TeError *err)
{
  TeDtype dtype = te_tensor_dtype (self);
  TeTensor *x = te_nn_contiguous (self, err), *w = NULL, *b = NULL, *out = NULL, *mean = NULL, *rstd = NULL;
  bool ok = x && (!weight || (w = te_contiguous_copy (weight, dtype, err)))
            && (!bias || (b = te_contiguous_copy (bias, dtype, err)))
            && (out = te_tensor_new (self->ndim, self->sizes, dtype, err))
            && (mean = te_tensor_new (1, &r->rows, dtype, err))
            && (rstd = te_tensor_new (1, &r->rows, dtype, err));
  if (ok)
    {
      r->x = te_tensor_data (x);
      r->weight = w ? te_tensor_data (w) : NULL;
      r->bias = b ? te_tensor_data (b) : NULL;
      r->y = te_tensor_data (out);
      r->mean = te_tensor_data (mean);
      r->rstd = te_tensor_data (rstd);
      if (r->rows && r->length)
        te_parallel_for (r->rows, te_nn_max (1, 16384 / r->length),
                         dtype == TE_FLOAT64 ? forward_f64 : forward_f32, r);
      if (call->wants_grad)
        {
          call->extra[0] = te_tensor_ref (mean);
          call->extra[1] = te_tensor_ref (rstd);
        }
      call->outs[0] = te_tensor_ref (out);
    }
  te_tensor_unref (x);
  te_tensor_unref (w);
  te_tensor_unref (b);
  te_tensor_unref (out);
  te_tensor_unref (mean);
  te_tensor_unref (rstd);
  return ok;
}

static bool
layer_geometry (RowNorm *r, const TeTensor *self, int n, const int64_t *shape, TeError *err)
{
  char a[256], b[256];
  bool fits = self->ndim >= n;
  for (int i = 0; i < n && fits; i++)
    fits = self->sizes[self->ndim - n + i] == shape[i];
  if (n < 1)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "Expected normalized_shape to be at least 1-dimensional, i.e., containing at least "
                         "one element, but got normalized_shape = []");
  if (!fits)
    {
      te_shape_text (n, shape, a, sizeof a);
      te_nn_sizes_text (self, b, sizeof b);
      return te_error_set (
          err, TE_ERR_RUNTIME,
          "Given normalized_shape=%s, expected input with shape [*%s%s, but got input of size%s", a,
          n ? ", " : "", a + 1, b);
    }
  r->length = 1;
  for (int i = 0; i < n; i++)
    r->length *= shape[i];
  r->channels = r->length;
  r->rows = r->length ? self->numel / r->length : 0;
  return true;
}

static bool
check_affine (const TeTensor *t, const char *name, int n, const int64_t *shape, TeError *err)
{
  char a[256], b[256];
  bool fits = !t || t->ndim == n;
  for (int i = 0; t && i < n && fits; i++)
    fits = t->sizes[i] == shape[i];
  if (fits)
    return true;
  return te_error_set (
      err, TE_ERR_RUNTIME,
      "Expected %s to be of same shape as normalized_shape, but got %s of shape %s and normalized_shape = %s",
      name, name, te_nn_sizes_text (t, a, sizeof a), te_shape_text (n, shape, b, sizeof b));
}

static bool
layer_norm_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeTensor *self = v[0].tensor, *weight = optional (&v[2]), *bias = optional (&v[3]);
  RowNorm r = { .eps = v[4].f };
  return check_affine (weight, "weight", v[1].count, v[1].ints, err)
         && check_affine (bias, "bias", v[1].count, v[1].ints, err)
         && layer_geometry (&r, self, v[1].count, v[1].ints, err)
         && te_nn_check_floating (self, "LayerNormKernelImpl", err) && te_nn_check_same_dtype (self, weight, err)
         && te_nn_check_same_dtype (self, bias, err)
         && rows_forward (call, &r, self, weight, bias, err);
}

static bool
group_geometry (RowNorm *r, const TeTensor *self, int64_t groups, TeError *err)
{
  char text[256];
  if (self->ndim < 2)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "Expected at least 2 dimensions for input tensor but received %d", self->ndim);
  if (groups <= 0)
    return te_error_set (err, TE_ERR_RUNTIME, "Expected num groups to be greater than 0, got %lld",
                         (long long) groups);
  int64_t channels = self->sizes[1];
  if (channels % groups)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "Expected number of channels in input to be divisible by num_groups, but got input "
                         "of shape %s and num_groups=%lld",
                         te_nn_sizes_text (self, text, sizeof text), (long long) groups);
  r->groups = groups;
  r->channels = channels;
  r->rows = channels ? self->sizes[0] * groups : 0;
  r->length = r->rows ? self->numel / r->rows : 0;
  r->volume = channels && self->sizes[0] ? self->numel / (self->sizes[0] * channels) : 1;
  return true;
}

static bool
group_affine (const TeTensor *t, const char *name, const TeTensor *self, TeError *err)
{
  char a[256], b[256];
  if (!t || (t->ndim == 1 && t->numel == self->sizes[1]))
    return true;
  return te_error_set (err, TE_ERR_RUNTIME,
                       "Expected %s to be a vector of size equal to the number of channels in input, but got "
                       "%s of shape %s and input of shape %s",
                       name, name, te_nn_sizes_text (t, a, sizeof a), te_nn_sizes_text (self, b, sizeof b));
}

static bool
group_norm_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeTensor *self = v[0].tensor, *weight = optional (&v[2]), *bias = optional (&v[3]);
  RowNorm r = { .eps = v[4].f };
  if (!group_geometry (&r, self, v[1].i, err) || !group_affine (weight, "weight", self, err)
      || !group_affine (bias, "bias", self, err) || !te_nn_check_floating (self, "GroupNormKernelImpl", err)
      || !te_nn_check_same_dtype (self, weight, err) || !te_nn_check_same_dtype (self, bias, err)
      || !rows_forward (call, &r, self, weight, bias, err))
    return false;
  return (call->outs[0] = te_nn_follow_format (call->outs[0], self, err)) != NULL;
}

/* native_norm_backward (grad, input, mean, rstd, weight, bias, groups, normalized dims, eps, three needs);
 * groups 0: layer_norm. */
static bool
backward_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeTensor *self = v[1].tensor, *weight = optional (&v[4]), *g = NULL, *x = NULL, *w = NULL;
  TeDtype dtype = te_tensor_dtype (self);
  RowNorm r = { .mean = te_tensor_data (v[2].tensor), .rstd = te_tensor_data (v[3].tensor) };
  int n = (int) v[7].i;
  const int64_t *shape = self->sizes + self->ndim - n;
  if (!(v[6].i ? group_geometry (&r, self, v[6].i, err) : layer_geometry (&r, self, n, shape, err)))
    return false;
  bool needs_affine = v[10].b || v[11].b;
  int64_t parts = te_nn_max (1, te_nn_min (MAX_PARTS, self->numel / 8192));
  r.rows_per_part = te_nn_max (1, te_nn_ceil_div (r.rows, parts));
  parts = te_nn_ceil_div (r.rows, r.rows_per_part);
  TeScratch scratch;
  if (!te_nn_scratch (&scratch, (size_t) (parts * 2 * r.channels) * te_dtype_nbytes (dtype), err))
    return false;
  bool ok = (g = te_contiguous_copy (v[0].tensor, dtype, err)) && (x = te_nn_contiguous (self, err))
            && (!weight || (w = te_contiguous_copy (weight, dtype, err)))
            && (!v[9].b || (call->outs[0] = te_tensor_new (self->ndim, self->sizes, dtype, err)));
  for (int i = 1; i < 3 && ok; i++)
    if (v[9 + i].b)
      ok = (call->outs[i] = te_nn_zeros (r.groups ? 1 : n, r.groups ? &r.channels : shape, dtype, err))
           != NULL;
  if (ok && self->numel)
    {
      r.grad = te_tensor_data (g);
      r.x = te_tensor_data (x);
      r.weight = w ? te_tensor_data (w) : NULL;
      r.partial = scratch.data;
      r.grad_x = v[9].b ? te_tensor_data (call->outs[0]) : NULL;
      r.grad_weight = v[10].b ? te_tensor_data (call->outs[1]) : NULL;
      r.grad_bias = v[11].b ? te_tensor_data (call->outs[2]) : NULL;
      te_parallel_for (parts, 1, dtype == TE_FLOAT64 ? backward_f64 : backward_f32, &r);
      if (needs_affine)
        dtype == TE_FLOAT64 ? gather_parts_f64 (&r, parts) : gather_parts_f32 (&r, parts);
    }
  te_nn_scratch_free (&scratch);
  te_tensor_unref (g);
  te_tensor_unref (x);
  te_tensor_unref (w);
  return ok;
}

/* The same in ops.  group_norm looks at (N, groups, channels of a group, volume). */
static bool
backward_twin (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeTensor *grad = v[0].tensor, *x = v[1].tensor, *weight = optional (&v[4]);
  TeExpr e = TE_EXPR (err);
  int64_t groups = v[6].i, n = v[7].i, dims[TE_MAX_NDIM];
  int n_dims = 0;
  if (groups)
    {
      int64_t per_group = x->sizes[1] / groups, shape[4] = { x->sizes[0], groups, per_group, -1 };
      int64_t affine[4] = { 1, groups, per_group, 1 };
      grad = EX (&e, "reshape", "TI", grad, shape, 4);
      x = EX (&e, "reshape", "TI", x, shape, 4);
      weight = weight ? EX (&e, "view", "TI", weight, affine, 4) : NULL;
      dims[n_dims++] = 2;
      dims[n_dims++] = 3;
    }
  else
    for (int64_t i = x->ndim - n; i < x->ndim; i++)
      dims[n_dims++] = i;
  TeNormTwin twin = { &e, grad, x, weight, true, v[8].f, dims, n_dims };
  te_norm_twin_run (&twin);
  if (v[9].b && twin.grad_x)
    te_expr_put (&e, EX (&e, "reshape", "TI", twin.grad_x, v[1].tensor->sizes, (int) v[1].tensor->ndim),
                 &call->outs[0]);
  TeTensor *const sums[] = { twin.along, grad };
  int64_t other[TE_MAX_NDIM] = { 0 }, flat = -1;
  int n_other = 0;
  for (int64_t i = 0; i < v[1].tensor->ndim - n && !groups; i++)
    other[n_other++] = i;
  if (groups)
    {
      other[n_other++] = 0;
      other[n_other++] = 3;
    }
  for (int i = 0; i < 2; i++)
    if (v[10 + i].b)
      {
        TeTensor *sum = n_other ? EX (&e, "sum.dim_IntList", "TIb", sums[i], other, n_other, 0) : sums[i];
        te_expr_put (&e, groups ? EX (&e, "reshape", "TI", sum, &flat, 1) : sum, &call->outs[1 + i]);
      }
  return te_expr_close (&e);
}

/* group_norm's gradient that is differentiated in turn has no node of its own. */
static bool
group_norm_spelled (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "native_group_norm_backward");
  TeValue args[TE_OP_MAX_ARGS] = { 0 };
  TeTensor *given[] = { ctx->grads[0], ctx->inputs[0], NULL, NULL, ctx->inputs[1] };
  for (int i = 0; i < 5; i++)
    if (given[i])
      args[i] = (TeValue){ .kind = TE_VALUE_TENSOR, .tensor = given[i] };
  args[6] = ctx->args[1];
  args[7] = (TeValue){ .kind = TE_VALUE_INT, .i = 1 };
  args[8] = ctx->args[4];
  for (int i = 0; i < 3; i++)
    args[9 + i] = (TeValue){ .kind = TE_VALUE_BOOL, .b = ctx->needs[i] };
  TeOpCall call = { .op = op, .args = args, .outs = ctx->results, .n_outs = 3 };
  return backward_twin (&call, err);
}

static bool
norm_backward (TeBackward *ctx, const TeOp *op, int64_t groups, int64_t n, TeError *err)
{
  TeTensor *outs[3] = { NULL };
  bool ok = te_call_multi (op, outs, 3, err, "TTTTTTiifbbb", ctx->grads[0], ctx->inputs[0], ctx->extra[0],
                           ctx->extra[1], ctx->inputs[1], ctx->inputs[2], groups, n, ctx->args[4].f,
                           (int) ctx->needs[0], (int) ctx->needs[1], (int) ctx->needs[2]);
  for (int i = 0; i < 3; i++)
    ctx->results[i] = outs[i];
  return ok;
}
static bool
layer_norm_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "native_layer_norm_backward");
  return norm_backward (ctx, op, 0, ctx->args[1].count, err);
}
static bool
group_norm_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "native_group_norm_backward");
  if (ctx->create_graph)
    return group_norm_spelled (ctx, err);
  return norm_backward (ctx, op, ctx->args[1].i, 1, err);
}

#define BACKWARD_ROW(NAME, NODE)                                                                             \
  {                                                                                                          \
    .schema =                                                                                                \
        NAME "(Tensor grad_out, Tensor input, Tensor mean, Tensor rstd, Tensor? weight, Tensor? bias, "      \
             "int groups, int n, float eps, bool need_input, bool need_weight, bool need_bias) -> "          \
             "(Tensor, Tensor, Tensor)",                                                                     \
    .kernel = backward_kernel, .twin = backward_twin, .node = NODE,                                          \
    .saves = TE_SAVE_ARG (0) | TE_SAVE_ARG (1) | TE_SAVE_ARG (4),                                            \
    .doc = "Gradients of layer_norm (groups 0) or group_norm for input, weight and bias."                    \
  }

static const TeOpDef rows[] = {
  { .schema = "layer_norm(Tensor input, int[] normalized_shape, Tensor? weight=None, Tensor? bias=None, "
              "float eps=1e-05, bool cudnn_enable=True) -> Tensor",
    .flags = TE_OP_FUNCTION | TE_OP_WIDENS,
    .kernel = layer_norm_kernel,
    .backward = layer_norm_backward,
    .node = "NativeLayerNormBackward",
    .saves = TE_SAVE_ARG (0) | TE_SAVE_ARG (2) | TE_SAVE_ARG (3),
    .doc = "Normalises over the last dimensions, normalized_shape." },
  { .schema = "group_norm(Tensor input, int num_groups, Tensor? weight=None, Tensor? bias=None, float "
              "eps=1e-05, bool cudnn_enabled=True) -> Tensor",
    .flags = TE_OP_FUNCTION | TE_OP_WIDENS,
    .kernel = group_norm_kernel,
    .backward = group_norm_backward,
    .node = "NativeGroupNormBackward",
    .saves = TE_SAVE_ARG (0) | TE_SAVE_ARG (2) | TE_SAVE_ARG (3),
    .doc = "Normalises each group of channels of each image of (N, C, …)." },
  BACKWARD_ROW ("native_layer_norm_backward", "NativeLayerNormBackwardBackward"),
  BACKWARD_ROW ("native_group_norm_backward", "NativeGroupNormBackwardBackward"),
};

TE_OP_FAMILY (te_family_layer_norm, rows);
