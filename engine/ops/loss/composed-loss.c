/* Losses that are short formulas over other ops, recorded as those. */
#include <math.h>
#include <string.h>

#include "ops/expr.h"
#include "ops/loss/rows.h"
#include "ops/nn/nn-private.h"

static TeTensor *
reduced (TeExpr *e, TeTensor *loss, int64_t reduction)
{
  if (reduction == TE_REDUCE_MEAN)
    return EX (e, "mean", "T", loss);
  return reduction == TE_REDUCE_SUM ? EX (e, "sum", "T", loss) : loss;
}

static TeTensor *
hinge (TeExpr *e, TeTensor *x)
{
  return EX (e, "clamp_min", "TS", x, te_scalar_int (0));
}

static TeTensor *
from_scalar (TeExpr *e, double value, TeTensor *x) /* value - x */
{
  return ex_sub_from (e, value, x);
}

/* l1_loss (self, target, reduction) */
static bool
l1_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeExpr e = TE_EXPR (err);
  TeTensor *loss = EX (&e, "abs", "T", ex_sub (&e, v[0].tensor, v[1].tensor));
  return te_expr_end (&e, reduced (&e, loss, v[2].i), &call->outs[0]);
}

/* kl_div (self, target, reduction, log_target): sum of target (log target - self). */
static bool
kl_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeExpr e = TE_EXPR (err);
  TeTensor *self = v[0].tensor, *target = v[1].tensor, *loss;
  if (!te_dtype_is_floating (te_tensor_dtype (self)) || !te_dtype_is_floating (te_tensor_dtype (target)))
    return te_error_set (err, TE_ERR_RUNTIME, "kl_div: Integral inputs not supported.");
  if (v[3].b)
    loss = ex_mul (&e, EX (&e, "exp", "T", target), ex_sub (&e, target, self));
  else
    loss = ex_sub (&e, EX (&e, "xlogy.Tensor", "TT", target, target), ex_mul (&e, target, self));
  return te_expr_end (&e, reduced (&e, loss, v[2].i), &call->outs[0]);
}

/* poisson_nll_loss (input, target, log_input, full, eps, reduction) */
static bool
poisson_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeExpr e = TE_EXPR (err);
  TeTensor *x = v[0].tensor, *t = v[1].tensor, *loss;
  if (v[2].b)
    loss = ex_sub (&e, EX (&e, "exp", "T", x), ex_mul (&e, t, x));
  else
    loss = ex_sub (&e, x, ex_mul (&e, t, EX (&e, "log", "T", ex_add_scalar (&e, x, v[4].f))));
  if (v[3].b)
    {
      TeTensor *mask = EX (&e, "le.Scalar", "TS", t, te_scalar_int (1));
      TeTensor *half = ex_mul_scalar (&e, EX (&e, "log", "T", ex_mul_scalar (&e, t, 2 * M_PI)), 0.5);
      TeTensor *stirling = ex_add (&e, ex_sub (&e, ex_mul (&e, t, EX (&e, "log", "T", t)), t), half);
      loss = ex_add (&e, loss, EX (&e, "masked_fill.Scalar", "TTS", stirling, mask, te_scalar_int (0)));
    }
  return te_expr_end (&e, reduced (&e, loss, v[5].i), &call->outs[0]);
}

/* hinge_embedding_loss (self, target, margin, reduction): self for 1, max (0, margin - self) for -1. */
static bool
hinge_embedding_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeExpr e = TE_EXPR (err);
  TeTensor *x = v[0].tensor, *t = v[1].tensor, *zeros = ex_zeros_like (&e, x);
  TeTensor *apart = ex_where (&e, EX (&e, "ne.Scalar", "TS", t, te_scalar_int (1)),
                              hinge (&e, from_scalar (&e, v[2].f, x)), zeros);
  TeTensor *together = ex_where (&e, EX (&e, "ne.Scalar", "TS", t, te_scalar_int (-1)), x, zeros);
  return te_expr_end (&e, reduced (&e, ex_add (&e, apart, together), v[3].i), &call->outs[0]);
}

/* margin_ranking_loss (input1, input2, target, margin, reduction) */
static bool
ranking_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeExpr e = TE_EXPR (err);
  TeTensor *difference = ex_mul (&e, ex_neg (&e, v[2].tensor), ex_sub (&e, v[0].tensor, v[1].tensor));
  TeTensor *loss = hinge (&e, EX (&e, "add.Scalar", "TS", difference, te_scalar_float (v[3].f)));
  return te_expr_end (&e, reduced (&e, loss, v[4].i), &call->outs[0]);
}

static bool
check_cosine (const TeTensor *a, const TeTensor *b, const TeTensor *t, TeError *err)
{
  char first[256], second[256];
  if (t->ndim != 0 && t->ndim != 1)
    return te_error_set (err, TE_ERR_RUNTIME, "0D or 1D target tensor expected, multi-target not supported");
  if (a->ndim == t->ndim + 1 && b->ndim == t->ndim + 1)
    return true;
  return te_error_set (err, TE_ERR_RUNTIME, "%s input tensors, but found inputs with sizes %s and %s.",
                       t->ndim == 1 ? "1D target tensor expects 2D" : "0D target tensor expects 1D",
                       te_nn_sizes_text (a, first, sizeof first),
                       te_nn_sizes_text (b, second, sizeof second));
}

/* cosine_embedding_loss (input1, input2, target, margin, reduction) */
static bool
cosine_embedding_kernel (TeOpCall *call, TeError *err)
{
  const double eps = 1e-12;
  const TeValue *v = call->args;
  TeExpr e = TE_EXPR (err);
  TeTensor *a = v[0].tensor, *b = v[1].tensor, *t = v[2].tensor;
  if (!check_cosine (a, b, t, err))
    return false;
  int64_t dim = t->ndim;
  TeTensor *dot = EX (&e, "sum.dim_IntList", "TIb", ex_mul (&e, a, b), &dim, 1, 0);
  TeTensor *square_a =
      ex_add_scalar (&e, EX (&e, "sum.dim_IntList", "TIb", ex_mul (&e, a, a), &dim, 1, 0), eps);
  TeTensor *square_b =
      ex_add_scalar (&e, EX (&e, "sum.dim_IntList", "TIb", ex_mul (&e, b, b), &dim, 1, 0), eps);
  TeTensor *cos = ex_div (&e, dot, EX (&e, "sqrt", "T", ex_mul (&e, square_a, square_b)));
  TeTensor *zeros = ex_zeros_like (&e, cos);
  TeTensor *together =
      ex_where (&e, EX (&e, "eq.Scalar", "TS", t, te_scalar_int (1)), from_scalar (&e, 1, cos), zeros);
  TeTensor *apart = ex_where (&e, EX (&e, "eq.Scalar", "TS", t, te_scalar_int (-1)),
                              hinge (&e, EX (&e, "sub.Scalar", "TS", cos, te_scalar_float (v[3].f))), zeros);
  return te_expr_end (&e, reduced (&e, ex_add (&e, together, apart), v[4].i), &call->outs[0]);
}

static TeTensor *
distance (TeExpr *e, TeTensor *a, TeTensor *b, double p, double eps)
{
  return EX (e, "pairwise_distance", "TTff", a, b, p, eps);
}

/* triplet_margin_loss (anchor, positive, negative, margin, p, eps, swap, reduction) */
static bool
triplet_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeExpr e = TE_EXPR (err);
  TeTensor *a = v[0].tensor, *p = v[1].tensor, *n = v[2].tensor;
  if (a->ndim != p->ndim || a->ndim != n->ndim)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "All inputs should have same dimension but got %dD, %dD and %dD inputs.", a->ndim,
                         p->ndim, n->ndim);
  TeTensor *near = distance (&e, a, p, v[4].f, v[5].f), *far = distance (&e, a, n, v[4].f, v[5].f);
  if (v[6].b)
    far = EX (&e, "min.other", "TT", far, distance (&e, p, n, v[4].f, v[5].f));
  TeTensor *loss = hinge (&e, ex_sub (&e, EX (&e, "add.Scalar", "TS", near, te_scalar_float (v[3].f)), far));
  return te_expr_end (&e, reduced (&e, loss, v[7].i), &call->outs[0]);
}

/* ---- ctc_loss ---- */
/* (log_probs (T, N, C) or (T, C), targets, lengths, blank, reduction, zero_infinity) */
static bool
ctc (TeOpCall *call, const TeValue *inputs, const TeValue *targets, TeError *err)
{
  const TeValue *v = call->args;
  TeExpr e = TE_EXPR (err);
  TeTensor *x = v[0].tensor, *labels = v[1].tensor;
  bool alone = x->ndim == 2;
  if (alone)
    {
      x = EX (&e, "unsqueeze", "Ti", x, (int64_t) 1);
      labels = labels->ndim == 1 ? EX (&e, "unsqueeze", "Ti", labels, (int64_t) 0) : labels;
    }
  TeTensor *loss = EX (&e, "_ctc_loss", "TTIIib", x, labels, inputs->ints, inputs->count, targets->ints,
                       targets->count, v[4].i, (int) v[6].b);
  if (!e.failed && v[5].i == TE_REDUCE_MEAN)
    {
      int64_t n = targets->count;
      TeTensor *sizes = te_expr_keep (&e, te_tensor_new (1, &n, te_tensor_dtype (v[0].tensor), err));
      for (int64_t i = 0; sizes && i < n; i++)
        te_scalar_store (te_scalar_float ((double) te_nn_max (1, targets->ints[i])), te_tensor_dtype (sizes),
                         (char *) te_tensor_data (sizes)
                             + (size_t) i * te_dtype_nbytes (te_tensor_dtype (sizes)));
      loss = EX (&e, "mean", "T", sizes ? ex_div (&e, loss, sizes) : NULL);
    }
  else if (v[5].i == TE_REDUCE_SUM)
    loss = EX (&e, "sum", "T", loss);
  else if (alone)
    loss = EX (&e, "squeeze.dim", "Ti", loss, (int64_t) 0);
  return te_expr_end (&e, loss, &call->outs[0]);
}

static bool
ctc_ints_kernel (TeOpCall *call, TeError *err)
{
  return ctc (call, &call->args[2], &call->args[3], err);
}

static bool
ctc_tensors_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *lengths[2] = { NULL };
  TeValue values[2] = { { 0 } };
  bool ok = true;
  for (int i = 0; i < 2 && ok; i++)
    {
      TeTensor *given = call->args[2 + i].tensor;
      if (te_dtype_is_floating (te_tensor_dtype (given)))
        ok = te_error_set (err, TE_ERR_RUNTIME, "%s_lengths must be integral", i ? "target" : "input");
      else
        ok = (lengths[i] = te_contiguous_copy (given, TE_INT64, err)) != NULL;
      if (ok)
        values[i] = (TeValue){ .kind = TE_VALUE_INT_LIST,
                               .count = (int32_t) lengths[i]->numel,
                               .ints = te_tensor_data (lengths[i]) };
    }
  ok = ok && ctc (call, &values[0], &values[1], err);
  te_tensor_unref (lengths[0]);
  te_tensor_unref (lengths[1]);
  return ok;
}

/* The default of reduction is what PyTorch's functions take in Python: its word Mean is read as 0, none. */
#define COMPOSED(SCHEMA, KERNEL, PLACE, DOC)                                                                 \
  {                                                                                                          \
    .schema = SCHEMA " -> Tensor", .flags = PLACE | TE_OP_COMPOSITE, .kernel = KERNEL, .doc = DOC            \
  }

static const TeOpDef rows[] = {
  COMPOSED (
      "l1_loss(Tensor self, Tensor target, int reduction=0)", l1_kernel, TE_OP_NN, "Absolute difference."),
  COMPOSED ("kl_div(Tensor self, Tensor target, int reduction=0, *, bool log_target=False)",
            kl_kernel,
            TE_OP_FUNCTION,
            "Divergence of the distribution exp (self) from target."),
  COMPOSED (
      "poisson_nll_loss(Tensor input, Tensor target, bool log_input, bool full, float eps, int reduction)",
      poisson_kernel,
      TE_OP_FUNCTION,
      "Minus the log likelihood of counts under Poisson rates."),
  COMPOSED ("hinge_embedding_loss(Tensor self, Tensor target, float margin=1.0, int reduction=0)",
            hinge_embedding_kernel,
            TE_OP_FUNCTION,
            "Distances that should be small (1) or above a margin (-1)."),
  COMPOSED (
      "margin_ranking_loss(Tensor input1, Tensor input2, Tensor target, float margin=0.0, int reduction=0)",
      ranking_kernel,
      TE_OP_FUNCTION,
      "Which of two should be larger: the first (1) or the second (-1)."),
  COMPOSED (
      "cosine_embedding_loss(Tensor input1, Tensor input2, Tensor target, float margin=0.0, int reduction=0)",
      cosine_embedding_kernel,
      TE_OP_FUNCTION,
      "Angles that should be small (1) or above a margin (-1)."),
  COMPOSED ("triplet_margin_loss(Tensor anchor, Tensor positive, Tensor negative, float margin=1.0, float "
            "p=2, float "
            "eps=1e-06, bool swap=False, int reduction=0)",
            triplet_kernel,
            TE_OP_FUNCTION,
            "The anchor should be nearer to positive than to negative, by a margin."),
  COMPOSED ("ctc_loss.IntList(Tensor log_probs, Tensor targets, int[] input_lengths, int[] target_lengths, "
            "int blank=0, "
            "int reduction=0, bool zero_infinity=False)",
            ctc_ints_kernel,
            TE_OP_FUNCTION,
            "Minus the log probability of targets over all alignments."),
  COMPOSED (
      "ctc_loss.Tensor(Tensor log_probs, Tensor targets, Tensor input_lengths, Tensor target_lengths, int "
      "blank=0, int reduction=0, bool zero_infinity=False)",
      ctc_tensors_kernel,
      TE_OP_FUNCTION,
      "Minus the log probability of targets over all alignments."),
};

TE_OP_FAMILY (te_family_composed_loss, rows);
