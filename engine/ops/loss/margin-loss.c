/* multi_margin_loss and multilabel_margin_loss over (N, C) or (C).  Sources: Crammer and Singer 2001
 * (multi-class hinge); Weston and Watkins 1999.  Their gradients are kernels of their own, which cannot be
 * differentiated again, as in PyTorch. */
#include <math.h>
#include <string.h>

#include "ops/loss/rows.h"
#include "ops/nn/nn-private.h"

typedef struct
{
  int64_t rows, classes, reduction;
  bool single; /* input of one dimension: a scalar loss */
  double p, margin;
  TeDtype dtype;
  TeTensor *x, *target, *weight; /* contiguous, owned; weight may be NULL */
} Margin;

static double
number (const TeTensor *t, int64_t i)
{
  return te_tensor_dtype (t) == TE_FLOAT64 ? ((const double *) te_tensor_data (t))[i]
                                           : (double) ((const float *) te_tensor_data (t))[i];
}

static void
store (TeTensor *t, int64_t i, double value)
{
  if (te_tensor_dtype (t) == TE_FLOAT64)
    ((double *) te_tensor_data (t))[i] = value;
  else
    ((float *) te_tensor_data (t))[i] = (float) value;
}

static void
margin_clear (Margin *m)
{
  te_tensor_clear (&m->x);
  te_tensor_clear (&m->target);
  te_tensor_clear (&m->weight);
}

static bool
margin_take (Margin *m, TeTensor *self, TeTensor *target, TeTensor *weight, bool per_class, TeError *err)
{
  char a[256], b[256];
  bool shaped =
      (self->ndim == 2 && self->sizes[1] != 0) || (self->ndim == 1 && self->sizes[0] != 0) || self->ndim == 0;
  te_nn_sizes_text (self, a, sizeof a);
  te_nn_sizes_text (target, b, sizeof b);
  if (!shaped)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "Expected non-empty vector or matrix with optional 0-dim batch size, but got: %s",
                         a);
  m->single = self->ndim < 2;
  m->rows = m->single ? 1 : self->sizes[0];
  m->classes = self->ndim == 0 ? 1 : self->sizes[self->ndim - 1];
  m->dtype = te_tensor_dtype (self);
  bool alone = m->single && target->ndim < 2 && self->numel == 1 && target->numel == 1;
  if (per_class ? !alone && !te_tensor_same_sizes (self, target) : target->ndim > 1 || target->numel != m->rows)
    return per_class ? te_error_set (err, TE_ERR_RUNTIME,
                                     "inconsistent size %s for argument #2 'target'", b)
                     : te_error_set (err, TE_ERR_RUNTIME, "inconsistent target size, got: %s", b);
  if (weight && (weight->ndim > 1 || weight->numel != m->classes))
    return te_error_set (err, TE_ERR_RUNTIME, "inconsistent weight size, expected %lld but got %s",
                         (long long) m->classes, te_nn_sizes_text (weight, a, sizeof a));
  if (te_tensor_dtype (target) != TE_INT64)
    return te_error_set (err, TE_ERR_RUNTIME, "expected scalar type Long but found %s",
                         te_dtype_error_name (te_tensor_dtype (target)));
  if (!te_nn_check_floating (
          self, per_class ? "multilabel_margin_loss_forward_out_frame" : "multi_margin_loss", err))
    return false;
  bool ok = (m->x = te_nn_contiguous (self, err)) && (m->target = te_contiguous_copy (target, TE_INT64, err))
            && (!weight || (m->weight = te_contiguous_copy (weight, m->dtype, err)));
  const int64_t *at = ok ? te_tensor_data (m->target) : NULL;
  for (int64_t i = 0; ok && i < m->target->numel; i++)
    if (at[i] < (per_class ? -1 : 0) || at[i] >= m->classes)
      ok = te_error_set (err, TE_ERR_RUNTIME,
                         per_class ? "argument #2 'target' is out of range" : "target out of range");
  if (!ok)
    margin_clear (m);
  return ok;
}

/* The loss of row i over classes; with slopes the derivatives by its inputs. */
static double
multi_row (const Margin *m, int64_t i, double *slopes)
{
  int64_t y = ((const int64_t *) te_tensor_data (m->target))[i], base = i * m->classes;
  double wanted = number (m->x, base + y), sum = 0, n = (double) m->classes;
  double w = m->weight ? number (m->weight, y) : 1;
  for (int64_t c = 0; c < m->classes; c++)
    {
      double z = m->margin - wanted + number (m->x, base + c);
      if (c == y || !(z > 0))
        continue;
      sum += w * (m->p == 1 ? z : z * z);
      if (slopes)
        {
          double d = w * (m->p == 1 ? 1 : 2 * z) / n;
          slopes[c] += d;
          slopes[y] -= d;
        }
    }
  return sum / n;
}

static double
multilabel_row (const Margin *m, int64_t i, double *slopes)
{
  const int64_t *y = (const int64_t *) te_tensor_data (m->target) + i * m->classes;
  int64_t base = i * m->classes, labels = 0;
  double sum = 0, n = (double) m->classes;
  while (labels < m->classes && y[labels] >= 0)
    labels++;
  for (int64_t c = 0; c < m->classes; c++)
    {
      bool wanted = false;
      for (int64_t k = 0; k < labels; k++)
        wanted |= y[k] == c;
      for (int64_t k = 0; k < labels && !wanted; k++)
        {
          double z = 1 - number (m->x, base + y[k]) + number (m->x, base + c);
          if (!(z > 0))
            continue;
          sum += z;
          if (slopes)
            {
              slopes[c] += 1 / n;
              slopes[y[k]] -= 1 / n;
            }
        }
    }
  return sum / n;
}

typedef double (*RowLoss) (const Margin *m, int64_t i, double *slopes);

static bool
losses (TeOpCall *call, Margin *m, RowLoss row, TeError *err)
{
  bool each = m->reduction == TE_REDUCE_NONE && !m->single;
  TeTensor *out = te_tensor_new (each ? 1 : 0, &m->rows, m->dtype, err);
  double total = 0;
  for (int64_t i = 0; out && i < m->rows; i++)
    {
      double loss = row (m, i, NULL);
      total += loss;
      if (each)
        store (out, i, loss);
    }
  if (out && !each)
    store (out, 0, m->reduction == TE_REDUCE_MEAN ? total / (double) m->rows : total);
  margin_clear (m);
  return te_nn_out (call, 0, out);
}

static bool
slopes (TeOpCall *call, Margin *m, TeTensor *grad, RowLoss row, TeError *err)
{
  bool each = m->reduction == TE_REDUCE_NONE && !m->single;
  TeTensor *g = te_contiguous_copy (grad, m->dtype, err);
  TeTensor *out = g ? te_tensor_new (m->x->ndim, m->x->sizes, m->dtype, err) : NULL;
  TeScratch scratch = { NULL, 0 };
  bool ok = out && te_nn_scratch (&scratch, (size_t) m->classes * sizeof (double), err);
  for (int64_t i = 0; ok && i < m->rows; i++)
    {
      double *d = scratch.data, scale = number (g, each ? i : 0);
      scale /= m->reduction == TE_REDUCE_MEAN ? (double) m->rows : 1;
      memset (d, 0, (size_t) m->classes * sizeof *d);
      row (m, i, d);
      for (int64_t c = 0; c < m->classes; c++)
        store (out, i * m->classes + c, d[c] * scale);
    }
  te_nn_scratch_free (&scratch);
  te_tensor_unref (g);
  margin_clear (m);
  if (!ok)
    te_tensor_clear (&out);
  return te_nn_out (call, 0, out);
}

static TeTensor *
optional (const TeValue *v)
{
  return v->kind == TE_VALUE_TENSOR ? v->tensor : NULL;
}

/* Reads (self, target, p, margin, weight, reduction) from v on. */
static bool
multi_take (Margin *m, const TeValue *v, TeError *err)
{
  *m = (Margin){ .p = te_scalar_to_double (v[2].scalar),
                 .margin = te_scalar_to_double (v[3].scalar),
                 .reduction = v[5].i };
  if (m->p != 1 && m->p != 2)
    return te_error_set (err, TE_ERR_RUNTIME, "only p == 1 and p == 2 supported");
  return margin_take (m, v[0].tensor, v[1].tensor, optional (&v[4]), false, err);
}

static bool
multi_kernel (TeOpCall *call, TeError *err)
{
  Margin m;
  return multi_take (&m, call->args, err) && losses (call, &m, multi_row, err);
}
static bool
multi_backward_kernel (TeOpCall *call, TeError *err)
{
  Margin m;
  return multi_take (&m, call->args + 1, err) && slopes (call, &m, call->args[0].tensor, multi_row, err);
}
static bool
multi_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "multi_margin_loss_backward");
  const TeValue *v = ctx->args;
  ctx->results[0] = te_call (op, err, "TTTSSTi", ctx->grads[0], ctx->inputs[0], ctx->inputs[1], v[2].scalar,
                             v[3].scalar, ctx->inputs[2], v[5].i);
  return ctx->results[0] != NULL;
}

static bool
multilabel_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  Margin m = { .reduction = v[2].i };
  return margin_take (&m, v[0].tensor, v[1].tensor, NULL, true, err)
         && losses (call, &m, multilabel_row, err);
}
static bool
multilabel_backward_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  Margin m = { .reduction = v[3].i };
  return margin_take (&m, v[1].tensor, v[2].tensor, NULL, true, err)
         && slopes (call, &m, v[0].tensor, multilabel_row, err);
}
static bool
multilabel_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "multilabel_margin_loss_backward");
  ctx->results[0] = te_call (op, err, "TTTi", ctx->grads[0], ctx->inputs[0], ctx->inputs[1], ctx->args[2].i);
  return ctx->results[0] != NULL;
}

static const TeOpDef rows[] = {
  { .schema =
        "multi_margin_loss(Tensor self, Tensor target, Scalar p=1, Scalar margin=1, Tensor? weight=None, int "
        "reduction=1) -> Tensor",
    .flags = TE_OP_NN,
    .kernel = multi_kernel,
    .backward = multi_backward,
    .node = "MultiMarginLossBackward",
    .saves = TE_SAVE_ARG (0) | TE_SAVE_ARG (1) | TE_SAVE_ARG (4),
    .constant_args = 1u << 1 | 1u << 4,
    .doc = "Hinge loss of each wrong class against the right one." },
  { .schema =
        "multi_margin_loss_backward(Tensor grad_output, Tensor self, Tensor target, Scalar p, Scalar margin, "
        "Tensor? weight, int reduction) -> Tensor",
    .kernel = multi_backward_kernel,
    .node = "NotImplemented",
    .doc = "Gradient of multi_margin_loss." },
  { .schema = "multilabel_margin_loss(Tensor self, Tensor target, int reduction=1) -> Tensor",
    .flags = TE_OP_NN,
    .kernel = multilabel_kernel,
    .backward = multilabel_backward,
    .node = "MultilabelMarginLossBackward",
    .saves = TE_SAVE_ARG (0) | TE_SAVE_ARG (1),
    .constant_args = 1u << 1,
    .doc = "Hinge loss of each other class against each target; targets end at -1." },
  { .schema = "multilabel_margin_loss_backward(Tensor grad_output, Tensor self, Tensor target, int "
              "reduction) -> Tensor",
    .kernel = multilabel_backward_kernel,
    .node = "NotImplemented",
    .doc = "Gradient of multilabel_margin_loss." },
};

TE_OP_FAMILY (te_family_margin_loss, rows);
