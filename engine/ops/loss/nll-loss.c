/* nll_loss over (N, C), (C) and (N, C, …), and cross_entropy_loss, which is log_softmax and nll_loss (or a
 * product with probabilities), recorded as those. */
#include <string.h>

#include "ops/loss/rows.h"
#include "ops/nn/nn-private.h"

/* Input as (n, classes, volume). */
typedef struct
{
  int64_t n, classes, volume, ignore_index, reduction;
  TeTensor *target, *weight; /* contiguous, owned; weight may be NULL */
} Nll;

static void
nll_clear (Nll *l)
{
  te_tensor_clear (&l->target);
  te_tensor_clear (&l->weight);
}

static double
at (const TeTensor *t, int64_t i)
{
  return te_tensor_dtype (t) == TE_FLOAT64 ? ((const double *) te_tensor_data (t))[i]
                                           : (double) ((const float *) te_tensor_data (t))[i];
}
static void
put (TeTensor *t, int64_t i, double value)
{
  if (te_tensor_dtype (t) == TE_FLOAT64)
    ((double *) te_tensor_data (t))[i] = value;
  else
    ((float *) te_tensor_data (t))[i] = (float) value;
}

static bool
check_shapes (const TeTensor *self, const TeTensor *target, const TeTensor *weight, TeError *err)
{
  char a[256], b[256];
  if (self->ndim <= 2)
    {
      if (self->ndim == 0)
        return te_error_set (err, TE_ERR_RUNTIME, "input tensor should be 1D or 2D");
      if (target->ndim > 1)
        return te_error_set (err, TE_ERR_RUNTIME,
                             "0D or 1D target tensor expected, multi-target not supported");
      bool no_batch = self->ndim == 1 && target->ndim == 0;
      if (!no_batch && (target->ndim != 1 || self->ndim < 2 || self->sizes[0] != target->sizes[0])
          && !(self->ndim == 1 && target->numel == self->sizes[0] && target->numel == 1))
        return te_error_set (err, TE_ERR_RUNTIME, "size mismatch (got input: %s, target: %s)",
                             te_nn_sizes_text (self, a, sizeof a), te_nn_sizes_text (target, b, sizeof b));
      if (weight && (weight->ndim != 1 || weight->numel != self->sizes[self->ndim - 1]))
        return te_error_set (err, TE_ERR_RUNTIME,
                             "weight tensor should be defined either for all %lld classes or no classes but "
                             "got weight tensor of shape: %s",
                             (long long) self->sizes[self->ndim - 1], te_nn_sizes_text (weight, a, sizeof a));
      return true;
    }
  if (weight && weight->numel != self->sizes[1])
    return te_error_set (err, TE_ERR_RUNTIME, "weight tensor should be defined either for all or no classes");
  bool fits = target->ndim == self->ndim - 1 && target->sizes[0] == self->sizes[0];
  for (int i = 2; i < self->ndim && fits; i++)
    fits = target->sizes[i - 1] == self->sizes[i];
  return fits
         || te_error_set (err, TE_ERR_RUNTIME, "size mismatch (got input: %s , target: %s",
                          te_nn_sizes_text (self, a, sizeof a), te_nn_sizes_text (target, b, sizeof b));
}

static bool
nll_begin (Nll *l,
           const TeTensor *self,
           TeTensor *target,
           TeTensor *weight,
           int64_t reduction,
           int64_t ignore_index,
           TeError *err)
{
  TeDtype kind = te_tensor_dtype (target);
  *l = (Nll){ .reduction = reduction, .ignore_index = ignore_index, .volume = 1 };
  if (!check_shapes (self, target, weight, err))
    return false;
  if (kind != TE_INT64 && kind != TE_UINT8)
    return te_error_set (err, TE_ERR_RUNTIME, "expected scalar type Long but found %s",
                         te_dtype_error_name (kind));
  if (!te_nn_check_floating (self, self->ndim > 2 ? "nll_loss2d_forward_out_frame" : "nll_loss_out_frame",
                             err))
    return false;
  if (weight && te_tensor_dtype (weight) != te_tensor_dtype (self))
    return te_error_set (err, TE_ERR_RUNTIME, "expected scalar type %s but found %s",
                         te_dtype_error_name (te_tensor_dtype (self)),
                         te_dtype_error_name (te_tensor_dtype (weight)));
  l->n = self->ndim == 1 ? 1 : self->sizes[0];
  l->classes = self->sizes[self->ndim == 1 ? 0 : 1];
  for (int i = 2; i < self->ndim; i++)
    l->volume *= self->sizes[i];
  l->target = te_contiguous_copy (target, TE_INT64, err);
  l->weight = l->target && weight ? te_nn_contiguous (weight, err) : NULL;
  if (!l->target || (weight && !l->weight))
    {
      nll_clear (l);
      return false;
    }
  const int64_t *t = te_tensor_data (l->target);
  for (int64_t i = 0; i < l->target->numel; i++)
    if (t[i] != ignore_index && (t[i] < 0 || t[i] >= l->classes))
      {
        te_error_set (err, TE_ERR_INDEX, "Target %lld is out of bounds.", (long long) t[i]);
        nll_clear (l);
        return false;
      }
  return true;
}

/* A sum in PyTorch's order: sixteen terms at a time go up a level, the first one at once to the top. */
#define LEVELS 8

typedef struct
{
  bool single; /* rounded to float after every addition */
  double levels[LEVELS];
} Cascade;

static double
rounded_sum (const Cascade *c, double a, double b)
{
  return c->single ? (double) ((float) a + (float) b) : a + b;
}

static void
cascade_add (Cascade *c, int64_t index, double term)
{
  c->levels[0] = rounded_sum (c, c->levels[0], term);
  for (int i = 0; i + 1 < LEVELS && !(index & (15ll << (4 * i))); i++)
    {
      c->levels[i + 1] = rounded_sum (c, c->levels[i + 1], c->levels[i]);
      c->levels[i] = 0;
    }
}

static double
cascade_total (const Cascade *c)
{
  double total = 0;
  for (int i = 0; i < LEVELS; i++)
    total = rounded_sum (c, total, c->levels[i]);
  return total;
}

/* Sum of the weights of the targets that count. */
static double
total_weight (const Nll *l)
{
  const int64_t *t = te_tensor_data (l->target);
  Cascade total = { .single = l->weight && te_tensor_dtype (l->weight) == TE_FLOAT32 };
  for (int64_t i = 0; i < l->target->numel; i++)
    cascade_add (&total, i, t[i] == l->ignore_index ? 0 : l->weight ? at (l->weight, t[i]) : 1);
  return cascade_total (&total);
}

static bool
nll_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeTensor *self = v[0].tensor;
  Nll l;
  if (!nll_begin (&l, self, v[1].tensor, v[2].kind == TE_VALUE_TENSOR ? v[2].tensor : NULL, v[3].i, v[4].i,
                  err))
    return false;
  TeTensor *x = te_nn_contiguous (self, err);
  bool each = l.reduction == TE_REDUCE_NONE;
  TeTensor *out =
      x ? te_tensor_new (each ? l.target->ndim : 0, l.target->sizes, te_tensor_dtype (self), err) : NULL;
  if (out)
    {
      const int64_t *t = te_tensor_data (l.target);
      Cascade total = { .single = te_tensor_dtype (self) == TE_FLOAT32 };
      for (int64_t i = 0; i < l.target->numel; i++)
        {
          int64_t n = i / l.volume, k = i % l.volume;
          bool counts = t[i] != l.ignore_index;
          double loss =
              counts ? -at (x, (n * l.classes + t[i]) * l.volume + k) * (l.weight ? at (l.weight, t[i]) : 1)
                     : 0;
          if (each)
            put (out, i, loss);
          cascade_add (&total, i, loss);
        }
      double sum = cascade_total (&total);
      if (!each)
        put (out, 0, l.reduction == TE_REDUCE_MEAN ? sum / total_weight (&l) : sum);
    }
  te_tensor_unref (x);
  nll_clear (&l);
  return te_nn_out (call, 0, out);
}

/* _nll_loss_grad (grad, sizes of the input, target, weight, reduction, ignore_index) */
static bool
nll_grad_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeTensor *grad = v[0].tensor, *self = v[1].tensor,
           *out = te_nn_zeros (self->ndim, self->sizes, te_tensor_dtype (grad), err);
  call->node = self->ndim > 2 ? "NllLoss2DBackwardBackward0" : "NllLossBackwardBackward0";
  Nll l;
  if (!out
      || !nll_begin (&l, out, v[2].tensor, v[3].kind == TE_VALUE_TENSOR ? v[3].tensor : NULL, v[4].i, v[5].i,
                     err))
    {
      te_tensor_unref (out);
      return false;
    }
  TeTensor *g = te_nn_contiguous (grad, err);
  if (g)
    {
      const int64_t *t = te_tensor_data (l.target);
      double scale = l.reduction == TE_REDUCE_MEAN ? 1 / total_weight (&l) : 1;
      for (int64_t i = 0; i < l.target->numel; i++)
        if (t[i] != l.ignore_index)
          put (out, (i / l.volume * l.classes + t[i]) * l.volume + i % l.volume,
               -scale * (l.weight ? at (l.weight, t[i]) : 1) * at (g, l.reduction == TE_REDUCE_NONE ? i : 0));
    }
  else
    te_tensor_clear (&out);
  te_tensor_unref (g);
  nll_clear (&l);
  return te_nn_out (call, 0, out);
}

static bool
nll_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "_nll_loss_grad");
  ctx->results[0] = te_call (op, err, "TTTTii", ctx->grads[0], ctx->inputs[0], ctx->inputs[1], ctx->inputs[2],
                             ctx->args[3].i, ctx->args[4].i);
  return ctx->results[0] != NULL;
}
/* The gradient is linear in grad: its own gradient is the loss of what arrives, unreduced by weight. */
static bool
nll_grad_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "nll_loss");
  TE_OP (op2d, "nll_loss2d");
  const TeValue *v = ctx->args;
  if (ctx->needs[0]
      && !(ctx->results[0] = te_call (ctx->metas[1].ndim > 2 ? op2d : op, err, "TTTii", ctx->grads[0],
                                      ctx->inputs[2], ctx->inputs[3], v[4].i, v[5].i)))
    return false;
  return !ctx->needs[1] || (ctx->results[1] = te_zeros_like (ctx->grads[0], err)) != NULL;
}

/* nll_loss_nd: checks the batch, and folds further dimensions into one as PyTorch does. */
static bool
nll_nd_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (flat, "nll_loss");
  TE_OP (planes, "nll_loss2d");
  TE_OP (view_op, "view");
  const TeValue *v = call->args;
  TeTensor *self = v[0].tensor, *target = v[1].tensor,
           *weight = v[2].kind == TE_VALUE_TENSOR ? v[2].tensor : NULL;
  if (self->ndim < 1)
    return te_error_set (err, TE_ERR_VALUE, "Expected 1 or more dimensions (got 0)");
  if (self->ndim != 1 && (target->ndim < 1 || self->sizes[0] != target->sizes[0]))
    return te_error_set (err, TE_ERR_VALUE,
                         "Expected input batch_size (%lld) to match target batch_size (%lld).",
                         (long long) self->sizes[0], target->ndim ? (long long) target->sizes[0] : 0);
  if (self->ndim <= 2 || self->ndim == 4)
    return te_nn_out (
        call, 0,
        te_call (self->ndim == 4 ? planes : flat, err, "TTTii", self, target, weight, v[3].i, v[4].i));
  char a[256], b[256];
  int64_t n = self->sizes[0], c = self->sizes[1], out_sizes[TE_MAX_NDIM], four[4] = { n, c, 1, 1 };
  out_sizes[0] = n;
  bool fits = target->ndim == self->ndim - 1;
  for (int i = 2; i < self->ndim; i++)
    {
      out_sizes[i - 1] = self->sizes[i];
      four[3] *= self->sizes[i];
      fits = fits && target->sizes[i - 1] == self->sizes[i];
    }
  if (!fits)
    return te_error_set (err, TE_ERR_RUNTIME, "Expected target size %s, got %s",
                         te_shape_text (self->ndim - 1, out_sizes, a, sizeof a),
                         te_nn_sizes_text (target, b, sizeof b));
  int64_t three[3] = { n, 1, four[3] };
  TeTensor *x = te_contiguous (self, err), *folded = x ? te_call (view_op, err, "TI", x, four, 4) : NULL;
  TeTensor *t = folded ? te_reshape (target, 3, three, err) : NULL;
  TeTensor *loss = t ? te_call (planes, err, "TTTii", folded, t, weight, v[3].i, v[4].i) : NULL;
  if (loss && v[3].i == TE_REDUCE_NONE)
    {
      TeTensor *spread = te_call (view_op, err, "TI", loss, out_sizes, self->ndim - 1);
      te_tensor_unref (loss);
      loss = spread;
    }
  te_tensor_unref (x);
  te_tensor_unref (folded);
  te_tensor_unref (t);
  return te_nn_out (call, 0, loss);
}

/* ---- cross entropy ---- */
/* weight as (1, C, 1 …) beside x. */
static TeTensor *
weight_beside (TeTensor *weight, const TeTensor *x, int class_dim, TeError *err)
{
  int64_t sizes[TE_MAX_NDIM];
  for (int i = 0; i < x->ndim; i++)
    sizes[i] = i == class_dim ? weight->numel : 1;
  return te_reshape (weight, x->ndim, sizes, err);
}

/* sum of all (or per row) of -(x * p * weight), over the classes. */
static TeTensor *
probability_loss (
    TeTensor *log_p, TeTensor *p, TeTensor *weight, int class_dim, int64_t reduction, TeError *err)
{
  int64_t dim = class_dim;
  TeTensor *product = te_mul (log_p, p, err), *weighed = product;
  if (product && weight)
    {
      TeTensor *w = weight_beside (weight, log_p, class_dim, err);
      weighed = w ? te_mul (product, w, err) : NULL;
      te_tensor_unref (w);
      te_tensor_unref (product);
    }
  TeTensor *sum =
      weighed ? te_sum_dims (weighed, reduction == TE_REDUCE_NONE ? 1 : 0, &dim, false, err) : NULL;
  TeTensor *out = sum ? te_neg (sum, err) : NULL;
  if (out && reduction == TE_REDUCE_MEAN)
    {
      TE_OP (div, "div.Scalar");
      int64_t n = log_p->numel / te_nn_max (1, log_p->sizes[class_dim]);
      TeTensor *mean = te_call (div, err, "TS", out, te_scalar_int (n));
      te_tensor_unref (out);
      out = mean;
    }
  te_tensor_unref (weighed);
  te_tensor_unref (sum);
  return out;
}

static bool
probabilities (TeOpCall *call,
               TeTensor *log_p,
               TeTensor *target,
               TeTensor *weight,
               int class_dim,
               double smoothing,
               TeError *err)
{
  char text[256];
  int64_t classes = log_p->sizes[class_dim];
  if (weight && weight->numel != classes)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "cross_entropy: weight tensor should be defined either for all %lld classes or no "
                         "classes but got weight tensor of shape: %s",
                         (long long) classes, te_nn_sizes_text (weight, text, sizeof text));
  TeTensor *p = te_tensor_ref (target);
  if (smoothing > 0)
    {
      TeTensor *scaled = te_mul_scalar (p, 1 - smoothing, err);
      te_tensor_unref (p);
      p = scaled ? te_add_scalar (scaled, smoothing / (double) classes, err) : NULL;
      te_tensor_unref (scaled);
    }
  if (p)
    te_nn_out (call, 0, probability_loss (log_p, p, weight, class_dim, call->args[3].i, err));
  te_tensor_unref (p);
  return call->outs[0] != NULL;
}

/* The uniform part of label smoothing: -sum over classes of log_p (weighed), zero where ignored; reduced like
 * nll. */
static TeTensor *
smooth_part (TeTensor *log_p,
             TeTensor *target,
             TeTensor *weight,
             int class_dim,
             int64_t ignore,
             int64_t reduction,
             TeError *err)
{
  TE_OP (eq, "eq.Scalar");
  TE_OP (fill, "masked_fill.Scalar");
  int64_t dim = class_dim;
  TeTensor *weighed = te_tensor_ref (log_p), *sum = NULL, *loss = NULL, *ignored = NULL, *kept = NULL,
           *out = NULL;
  if (weight)
    {
      TeTensor *w = weight_beside (weight, log_p, class_dim, err);
      te_tensor_unref (weighed);
      weighed = w ? te_mul (log_p, w, err) : NULL;
      te_tensor_unref (w);
    }
  sum = weighed ? te_sum_dims (weighed, 1, &dim, false, err) : NULL;
  loss = sum ? te_neg (sum, err) : NULL;
  ignored = loss ? te_call (eq, err, "TS", target, te_scalar_int (ignore)) : NULL;
  kept = ignored ? te_call (fill, err, "TTS", loss, ignored, te_scalar_float (0)) : NULL;
  if (kept && reduction == TE_REDUCE_NONE)
    out = te_tensor_ref (kept);
  else if (kept && reduction == TE_REDUCE_SUM)
    out = te_sum_dims (kept, 0, NULL, false, err);
  else if (kept)
    {
      /* The mean divides by the weights of the targets that count, as nll_loss does. */
      Nll l;
      bool narrow = te_tensor_dtype (log_p) == TE_BFLOAT16;
      TeTensor *p = narrow ? te_to_dtype (log_p, TE_FLOAT32, err) : te_tensor_ref (log_p), *w = NULL;
      if (weight)
        w = narrow ? te_to_dtype (weight, TE_FLOAT32, err) : te_tensor_ref (weight);
      if (p && (w || !weight) && nll_begin (&l, p, target, w, reduction, ignore, err))
        {
          TeTensor *total = te_sum_dims (kept, 0, NULL, false, err);
          out = total ? te_mul_scalar (total, 1 / total_weight (&l), err) : NULL;
          te_tensor_unref (total);
          nll_clear (&l);
        }
      te_tensor_unref (p);
      te_tensor_unref (w);
    }
  te_tensor_unref (weighed);
  te_tensor_unref (sum);
  te_tensor_unref (loss);
  te_tensor_unref (ignored);
  te_tensor_unref (kept);
  return out;
}

static bool
cross_entropy_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (log_softmax, "log_softmax.int");
  TE_OP (nll, "nll_loss_nd");
  const TeValue *v = call->args;
  TeTensor *self = v[0].tensor, *target = v[1].tensor,
           *weight = v[2].kind == TE_VALUE_TENSOR ? v[2].tensor : NULL;
  double smoothing = v[5].f;
  int class_dim = self->ndim == 1 ? 0 : 1;
  bool same = te_tensor_same_sizes (self, target), floating = te_dtype_is_floating (te_tensor_dtype (target));
  if (same && !floating)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "Expected floating point type for target with class probabilities, got %s",
                         te_dtype_error_name (te_tensor_dtype (target)));
  if (same && v[4].i >= 0)
    return te_error_set (err, TE_ERR_RUNTIME, "ignore_index is not supported for floating point target");
  if (smoothing > 1)
    return te_error_set (err, TE_ERR_RUNTIME, "label_smoothing must be between 0.0 and 1.0. Got: %g", smoothing);
  smoothing = smoothing > 0 ? smoothing : 0;
  if (self->ndim == 0)
    return te_error_set (err, TE_ERR_INDEX,
                         "Dimension out of range (expected to be in range of [-1, 0], but got 1)");
  TeTensor *log_p = te_call (log_softmax, err, "Ti", self, (int64_t) class_dim);
  if (!log_p)
    return false;
  bool ok;
  if (same)
    ok = probabilities (call, log_p, target, weight, class_dim, smoothing, err);
  else
    {
      TeTensor *loss = te_call (nll, err, "TTTii", log_p, target, weight, v[3].i, v[4].i);
      if (loss && smoothing > 0)
        {
          TeTensor *smooth = smooth_part (log_p, target, weight, class_dim, v[4].i, v[3].i, err);
          TeTensor *a = smooth ? te_mul_scalar (loss, 1 - smoothing, err) : NULL;
          TeTensor *b = a ? te_mul_scalar (smooth, smoothing / (double) self->sizes[class_dim], err) : NULL;
          te_tensor_unref (loss);
          loss = b ? te_add (a, b, err) : NULL;
          te_tensor_unref (smooth);
          te_tensor_unref (a);
          te_tensor_unref (b);
        }
      ok = te_nn_out (call, 0, loss);
    }
  te_tensor_unref (log_p);
  return ok;
}

#define NLL_ARGS "(Tensor self, Tensor target, Tensor? weight=None, int reduction=1, int ignore_index=-100"

static const TeOpDef rows[] = {
  { .schema = "nll_loss" NLL_ARGS ") -> Tensor",
    .flags = TE_OP_NN | TE_OP_WIDENS,
    .kernel = nll_kernel,
    .backward = nll_backward,
    .node = "NllLossBackward",
    .saves = TE_SAVE_ARG (0) | TE_SAVE_ARG (1) | TE_SAVE_ARG (2),
    .constant_args = 1u << 1 | 1u << 2,
    .doc = "Minus the log probability of each target; self (N, C) or (C)." },
  { .schema = "nll_loss2d" NLL_ARGS ") -> Tensor",
    .flags = TE_OP_NN | TE_OP_WIDENS,
    .kernel = nll_kernel,
    .backward = nll_backward,
    .node = "NllLoss2DBackward",
    .saves = TE_SAVE_ARG (0) | TE_SAVE_ARG (1) | TE_SAVE_ARG (2),
    .constant_args = 1u << 1 | 1u << 2,
    .doc = "Minus the log probability of each target; self (N, C, H, W)." },
  { .schema = "nll_loss_nd" NLL_ARGS ") -> Tensor",
    .flags = TE_OP_NN | TE_OP_COMPOSITE,
    .kernel = nll_nd_kernel,
    .doc = "nll_loss for any number of further dimensions." },
  { .schema = "_nll_loss_grad(Tensor grad_output, Tensor self, Tensor target, Tensor? weight, int reduction, "
              "int ignore_index) -> Tensor",
    .kernel = nll_grad_kernel,
    .backward = nll_grad_backward,
    .node = "NllLossBackwardBackward",
    .saves = TE_SAVE_ARG (2) | TE_SAVE_ARG (3),
    .constant_args = 1u << 2 | 1u << 3,
    .doc = "The gradient of nll_loss." },
  { .schema = "cross_entropy_loss" NLL_ARGS ", float label_smoothing=0.0) -> Tensor",
    .flags = TE_OP_NN | TE_OP_COMPOSITE,
    .kernel = cross_entropy_kernel,
    .doc = "log_softmax over the classes, then nll_loss; or against probabilities." },
};

TE_OP_FAMILY (te_family_nll_loss, rows);
