/* Losses that compare element by element: mse, smooth_l1, huber, soft_margin, binary_cross_entropy and its
 * form with logits.  Each is a value and its first and second derivative with respect to the input; one
 * kernel reduces values (in lanes, then chunks, then in order), another scales derivatives by the gradient
 * that arrives. */
#include <tgmath.h>
#include <string.h>

#include "ops/expr.h"
#include "ops/loss/rows.h"
#include "ops/nn/nn-private.h"
#include "ops/widen.h"

#define CHUNK 16384

typedef enum
{
  PAIR_MSE,
  PAIR_SMOOTH_L1,
  PAIR_HUBER,
  PAIR_SOFT_MARGIN,
  PAIR_BCE,
  PAIR_BCE_LOGITS,
  PAIR_COUNT,
} PairKind;

#define T        float
#define FN(name) name##_of_f32
#include "ops/loss/pair-functions.h"
#undef T
#undef FN
#define T        double
#define FN(name) name##_of_f64
#include "ops/loss/pair-functions.h"
#undef T
#undef FN

#define mse_cross_of_f32 mse_second_of_f32
#define mse_target_of_f32 mse_first_of_f32
#define mse_cross_of_f64 mse_second_of_f64
#define mse_target_of_f64 mse_first_of_f64
#define smooth_l1_cross_of_f32 smooth_l1_second_of_f32
#define smooth_l1_target_of_f32 smooth_l1_first_of_f32
#define smooth_l1_cross_of_f64 smooth_l1_second_of_f64
#define smooth_l1_target_of_f64 smooth_l1_first_of_f64
#define huber_cross_of_f32 huber_second_of_f32
#define huber_target_of_f32 huber_first_of_f32
#define huber_cross_of_f64 huber_second_of_f64
#define huber_target_of_f64 huber_first_of_f64

/* One call over contiguous operands of one dtype. */
typedef struct
{
  PairKind kind;
  bool is_double;
  int64_t n;
  double parameter, scale, divisor;             /* of derivatives: scale is 1 or divisor is 1 */
  const void *x, *t, *weight, *positive, *grad; /* the last three may be NULL */
  bool grad_per_element;
  void *out;       /* values or derivatives; NULL: only their sum */
  double *partial; /* sums per chunk */
} Pair;

#define ELEMENT(T, FN)                                                                                       \
  T w = c->weight ? ((const T *) c->weight)[i] : 1;                                            \
  T q = c->positive ? ((const T *) c->positive)[i] : 1;                                        \
  T y = FN (x[i], t[i], (T) c->parameter, q) * w;

#define STAMP(T, suffix, LOSS)                                                                               \
  static double LOSS##_values_##suffix (const Pair *c, int64_t begin, int64_t end)                           \
  {                                                                                                          \
    const T *x = c->x, *t = c->t;                                                                            \
    double total = 0;                                                                                        \
    for (int64_t i = begin; i < end; i++)                                                                    \
      {                                                                                                      \
        ELEMENT (T, LOSS##_value_of_##suffix)                                                                            \
        if (c->out)                                                                                          \
          ((T *) c->out)[i] = y;                                                                             \
        total += (double) y;                                                                                        \
      }                                                                                                      \
    return total;                                                                                            \
  }                                                                                                          \
  static void LOSS##_first_##suffix (const Pair *c, int64_t begin, int64_t end)                              \
  {                                                                                                          \
    const T *x = c->x, *t = c->t, *g = c->grad;                                                              \
    for (int64_t i = begin; i < end; i++)                                                                    \
      {                                                                                                      \
        ELEMENT (T, LOSS##_first_of_##suffix)                                                                            \
        ((T *) c->out)[i] = (T) c->scale * y * g[c->grad_per_element ? i : 0] / (T) c->divisor;   \
      }                                                                                                      \
  }                                                                                                          \
  static void LOSS##_second_##suffix (const Pair *c, int64_t begin, int64_t end)                             \
  {                                                                                                          \
    const T *x = c->x, *t = c->t, *g = c->grad;                                                              \
    for (int64_t i = begin; i < end; i++)                                                                    \
      {                                                                                                      \
        ELEMENT (T, LOSS##_second_of_##suffix)                                                                           \
        ((T *) c->out)[i] = (T) c->scale * y * g[c->grad_per_element ? i : 0] / (T) c->divisor;   \
      }                                                                                                      \
  }                                                                                                          \
  static void LOSS##_target_##suffix (const Pair *c, int64_t begin, int64_t end)                             \
  {                                                                                                          \
    const T *x = c->x, *t = c->t, *g = c->grad;                                                              \
    for (int64_t i = begin; i < end; i++)                                                                    \
      {                                                                                                      \
        ELEMENT (T, LOSS##_target_of_##suffix)                                                                           \
        ((T *) c->out)[i] = (T) c->scale * y * g[c->grad_per_element ? i : 0] / (T) c->divisor;   \
      }                                                                                                      \
  }                                                                                                          \
  static void LOSS##_cross_##suffix (const Pair *c, int64_t begin, int64_t end)                              \
  {                                                                                                          \
    const T *x = c->x, *t = c->t, *g = c->grad;                                                              \
    for (int64_t i = begin; i < end; i++)                                                                    \
      {                                                                                                      \
        ELEMENT (T, LOSS##_cross_of_##suffix)                                                                            \
        ((T *) c->out)[i] = (T) c->scale * y * g[c->grad_per_element ? i : 0] / (T) c->divisor;   \
      }                                                                                                      \
  }
#define STAMP_BOTH(LOSS)                                                                                     \
  STAMP (float, f32, LOSS)                                                                                   \
  STAMP (double, f64, LOSS)
/* clang-format off */
STAMP_BOTH (mse)
STAMP_BOTH (smooth_l1)
STAMP_BOTH (huber)
STAMP_BOTH (soft_margin)
STAMP_BOTH (bce)
STAMP_BOTH (bce_logits)
/* clang-format on */

typedef struct
{
  const char *kernel; /* as errors name it */
  const char *node;   /* of the gradient, where it is recorded */
  bool of_difference; /* depends on x - t alone: the target's gradient is the negative */
  double (*values[2]) (const Pair *, int64_t, int64_t);
  void (*derivative[4][2]) (const Pair *,
                            int64_t,
                            int64_t); /* [order - 1][is_double]; order 3: by the target, 4: by both */
} PairInfo;

#define BOTH(LOSS, WHAT)                                                                                     \
  {                                                                                                          \
    LOSS##_##WHAT##_f32, LOSS##_##WHAT##_f64                                                                 \
  }
#define INFO(LOSS, KERNEL, NODE, DIFFERENCE)                                                                 \
  {                                                                                                          \
    KERNEL, NODE "BackwardBackward0", DIFFERENCE, BOTH (LOSS, values),                                       \
    {                                                                                                        \
      BOTH (LOSS, first), BOTH (LOSS, second), BOTH (LOSS, target), BOTH (LOSS, cross)                       \
    }                                                                                                        \
  }
static const PairInfo infos[PAIR_COUNT] = {
  [PAIR_MSE] = INFO (mse, "mse_cpu", "MseLoss", true),
  [PAIR_SMOOTH_L1] = INFO (smooth_l1, "smooth_l1_cpu", "SmoothL1Loss", true),
  [PAIR_HUBER] = INFO (huber, "huber_cpu", "HuberLoss", true),
  [PAIR_SOFT_MARGIN] = INFO (soft_margin, "soft_margin_loss", "SoftMarginLoss", false),
  [PAIR_BCE] = INFO (bce, "binary_cross_entropy", "BinaryCrossEntropy", false),
  [PAIR_BCE_LOGITS] =
      INFO (bce_logits, "binary_cross_entropy_with_logits", "BinaryCrossEntropyWithLogits", false),
};

static void
values_task (void *ctx, int64_t begin, int64_t end)
{
  const Pair *c = ctx;
  c->partial[begin / CHUNK] = infos[c->kind].values[c->is_double](c, begin, end);
}

typedef struct
{
  const Pair *pair;
  int order;
} Derivative;

static void
derivative_task (void *ctx, int64_t begin, int64_t end)
{
  const Derivative *d = ctx;
  infos[d->pair->kind].derivative[d->order - 1][d->pair->is_double](d->pair, begin, end);
}

/* ---- operands ---- */
typedef struct
{
  TeTensor *tensors[4]; /* input, target, weight, positive weight: contiguous, same sizes and dtype; owned */
  int ndim;
  int64_t sizes[TE_MAX_NDIM];
  TeDtype dtype;
} Operands;

static void
operands_clear (Operands *o)
{
  for (int i = 0; i < 4; i++)
    te_tensor_clear (&o->tensors[i]);
}

/* self, expanded (by strides of zero) to the common sizes, copied where needed. */
static TeTensor *
expanded (TeTensor *t, const Operands *o, TeError *err)
{
  if (t->ndim == o->ndim && memcmp (t->sizes, o->sizes, (size_t) o->ndim * sizeof *o->sizes) == 0)
    return te_contiguous_copy (t, o->dtype, err);
  int64_t strides[TE_MAX_NDIM];
  int lead = o->ndim - t->ndim;
  for (int i = 0; i < o->ndim; i++)
    strides[i] = i < lead || t->sizes[i - lead] == 1 ? 0 : t->strides[i - lead];
  TeTensor *view =
      te_tensor_new_view (t->storage, te_tensor_dtype (t), o->ndim, o->sizes, strides, t->offset, err);
  TeTensor *out = view ? te_contiguous_copy (view, o->dtype, err) : NULL;
  te_tensor_unref (view);
  return out;
}

static bool
operands_take (Operands *o, TeTensor *const given[4], PairKind kind, TeError *err)
{
  *o = (Operands){ .dtype = kind == PAIR_BCE ? te_tensor_dtype (given[0]) : te_result_type (given, 2) };
  if (o->dtype != TE_FLOAT32 && o->dtype != TE_FLOAT64)
    return te_error_set (err, TE_ERR_RUNTIME, "\"%s\" not implemented for '%s'", infos[kind].kernel,
                         te_dtype_error_name (o->dtype));
  if (kind == PAIR_BCE && te_tensor_dtype (given[1]) != o->dtype)
    return te_error_set (err, TE_ERR_RUNTIME, "Found dtype %s but expected %s",
                         te_dtype_error_name (te_tensor_dtype (given[1])), te_dtype_error_name (o->dtype));
  if (kind == PAIR_BCE_LOGITS && given[3] /* a weight of the positive ones meets the target first */
      && !te_shape_broadcast (given[3]->ndim, given[3]->sizes, given[1]->ndim, given[1]->sizes, &o->ndim, o->sizes, err))
    return false;
  o->ndim = given[0]->ndim;
  memcpy (o->sizes, given[0]->sizes, given[0]->ndim * sizeof *o->sizes);
  for (int i = 1; i < 4; i++)
    {
      int64_t sizes[TE_MAX_NDIM];
      if (!given[i])
        continue;
      memcpy (sizes, o->sizes, (size_t) o->ndim * sizeof *sizes);
      if (!te_shape_broadcast (o->ndim, sizes, given[i]->ndim, given[i]->sizes, &o->ndim, o->sizes, err))
        return false;
    }
  for (int i = 0; i < 4; i++)
    if (given[i] && !(o->tensors[i] = expanded (given[i], o, err)))
      {
        operands_clear (o);
        return false;
      }
  return true;
}

static Pair
pair_of (const Operands *o, PairKind kind, double parameter)
{
  return (Pair){ .kind = kind,
                 .is_double = o->dtype == TE_FLOAT64,
                 .n = o->tensors[0]->numel,
                 .parameter = parameter,
                 .scale = 1,
                 .divisor = 1,
                 .x = te_tensor_data (o->tensors[0]),
                 .t = te_tensor_data (o->tensors[1]),
                 .weight = o->tensors[2] ? te_tensor_data (o->tensors[2]) : NULL,
                 .positive = o->tensors[3] ? te_tensor_data (o->tensors[3]) : NULL };
}

/* ---- forward ---- */
#define SUMMED 32768

static bool
reduce_tensor (TeOpCall *call, Pair *pair, int64_t reduction, TeError *err)
{
  TeTensor *values = te_tensor_new (1, &pair->n, pair->is_double ? TE_FLOAT64 : TE_FLOAT32, err);
  if (!values)
    return false;
  pair->out = te_tensor_data (values);
  infos[pair->kind].values[pair->is_double](pair, 0, pair->n);
  TeExpr e = TE_EXPR (err);
  TeTensor *out = reduction == TE_REDUCE_MEAN ? EX (&e, "mean", "T", values) : EX (&e, "sum", "T", values);
  bool ok = te_expr_end (&e, out, &out);
  te_tensor_unref (values);
  return ok && te_nn_out (call, 0, out);
}

static bool
reduce (TeOpCall *call, Pair *pair, const Operands *o, int64_t reduction, TeError *err)
{
  TeTensor *out = te_tensor_new (reduction == TE_REDUCE_NONE ? o->ndim : 0, o->sizes, o->dtype, err);
  int64_t chunks = te_nn_ceil_div (pair->n, CHUNK);
  TeScratch scratch;
  if (!out || !te_nn_scratch (&scratch, (size_t) te_nn_max (1, chunks) * sizeof (double), err))
    {
      te_tensor_unref (out);
      return false;
    }
  pair->partial = scratch.data;
  pair->out = reduction == TE_REDUCE_NONE ? te_tensor_data (out) : NULL;
  if (reduction != TE_REDUCE_NONE && pair->n < SUMMED)
    { /* as a tensor's sum, whose order of additions is PyTorch's */
      te_nn_scratch_free (&scratch);
      te_tensor_unref (out);
      return reduce_tensor (call, pair, reduction, err);
    }
  if (pair->n)
    te_parallel_for (pair->n, CHUNK, values_task, pair);
  double total = 0;
  for (int64_t i = 0; i < chunks; i++)
    total += pair->partial[i];
  if (reduction != TE_REDUCE_NONE)
    te_scalar_store (te_scalar_float (reduction == TE_REDUCE_MEAN ? total / (double) pair->n : total),
                     o->dtype, te_tensor_data (out));
  te_nn_scratch_free (&scratch);
  return te_nn_out (call, 0, out);
}

static PairKind
kind_of (const char *name)
{
  return strncmp (name, "mse", 3) == 0      ? PAIR_MSE
         : strncmp (name, "smooth", 6) == 0 ? PAIR_SMOOTH_L1
         : strncmp (name, "huber", 5) == 0  ? PAIR_HUBER
         : strncmp (name, "soft", 4) == 0   ? PAIR_SOFT_MARGIN
         : strstr (name, "logits")          ? PAIR_BCE_LOGITS
                                            : PAIR_BCE;
}

/* Reads a row's arguments: (self, target[, weight[, pos_weight]], reduction[, parameter]). */
static void
read_row (const TeOp *op, const TeValue *v, TeTensor *given[4], int64_t *reduction, double *parameter)
{
  int i = 0;
  *parameter = 0;
  for (int k = 0; k < 4; k++)
    given[k] = NULL;
  for (; i < op->n_args && op->args[i].type == TE_ARG_TENSOR; i++)
    given[i] = v[i].kind == TE_VALUE_TENSOR ? v[i].tensor : NULL;
  *reduction = v[i].i;
  if (i + 1 < op->n_args)
    *parameter = v[i + 1].f;
}

static bool
check_probabilities (const Operands *o, TeError *err)
{
  for (int64_t i = 0; i < o->tensors[0]->numel; i++)
    {
      double x = o->dtype == TE_FLOAT64 ? ((const double *) te_tensor_data (o->tensors[0]))[i]
                                        : (double) ((const float *) te_tensor_data (o->tensors[0]))[i];
      if (!(x >= 0 && x <= 1))
        return te_error_set (err, TE_ERR_RUNTIME, "all elements of input should be between 0 and 1");
    }
  return true;
}

static bool
warn_of_half (TeError *err)
{
  static bool warned;
  bool first = !warned;
  warned = true;
  return !first
         || te_warn (
             err, TE_WARN_USER,
             "Applying the CPU mse kernel on half-type tensors. This may be slower than using float or "
             "double-type tensors.");
}

static bool
pair_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *given[4];
  int64_t reduction;
  double parameter;
  Operands o;
  PairKind kind = kind_of (call->op->name);
  read_row (call->op, call->args, given, &reduction, &parameter);
  if (kind == PAIR_MSE && te_result_type (given, 2) == TE_FLOAT16)
    return warn_of_half (err) && te_widen_kernel (call, TE_FLOAT16, TE_FLOAT32, err);
  if (kind == PAIR_HUBER && !(parameter > 0))
    return te_error_set (err, TE_ERR_RUNTIME, "huber_loss does not support non-positive values for delta.");
  if (kind == PAIR_SMOOTH_L1 && parameter < 0)
    return te_error_set (err, TE_ERR_RUNTIME, "smooth_l1_loss does not support negative values for beta.");
  if ((kind == PAIR_BCE_LOGITS || kind == PAIR_SOFT_MARGIN)
      && !te_dtype_is_floating (te_tensor_dtype (given[kind == PAIR_BCE_LOGITS])))
    return te_error_set (err, TE_ERR_RUNTIME, "result type Float can't be cast to the desired output type %s",
                         te_dtype_error_name (te_tensor_dtype (given[kind == PAIR_BCE_LOGITS])));
  if (kind == PAIR_BCE_LOGITS && te_dtype_is_integral (te_tensor_dtype (given[0]), false))
    return te_error_set (err, TE_ERR_RUNTIME, "result type Float can't be cast to the desired output type %s",
                         te_dtype_error_name (te_tensor_dtype (given[0])));
  if (!operands_take (&o, given, kind, err))
    return false;
  Pair pair = pair_of (&o, kind, parameter);
  bool ok = (kind != PAIR_BCE || check_probabilities (&o, err)) && reduce (call, &pair, &o, reduction, err);
  operands_clear (&o);
  return ok;
}

/* ---- derivatives ---- */
/* _pair_loss_grad (grad, self, target, weight, pos_weight, kind, parameter, reduction, order): derivatives of
 * the given order for each element of the broadcast operands, times the gradient. */
static bool
grad_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeTensor *given[4];
  Operands o;
  PairKind kind = (PairKind) v[5].i;
  call->node = infos[kind].node;
  for (int i = 0; i < 4; i++)
    given[i] = v[1 + i].kind == TE_VALUE_TENSOR ? v[1 + i].tensor : NULL;
  if (!operands_take (&o, given, kind, err))
    return false;
  Pair pair = pair_of (&o, kind, v[6].f);
  TeTensor *grad = v[0].tensor, *out = NULL,
           *g = grad->numel == 1 ? te_contiguous_copy (grad, o.dtype, err) : expanded (grad, &o, err);
  if (g && (out = te_tensor_new (o.ndim, o.sizes, o.dtype, err)))
    {
      pair.grad = te_tensor_data (g);
      pair.grad_per_element = grad->numel != 1;
      double n = v[7].i == TE_REDUCE_MEAN ? (double) te_nn_max (1, pair.n) : 1;
      if (kind == PAIR_BCE || kind == PAIR_BCE_LOGITS) /* which are divided last */
        pair.divisor = n;
      else
        pair.scale = 1 / n;
      pair.out = te_tensor_data (out);
      Derivative d = { &pair, (int) v[8].i };
      if (pair.n)
        te_parallel_for (pair.n, CHUNK, derivative_task, &d);
    }
  te_tensor_unref (g);
  operands_clear (&o);
  return te_nn_out (call, 0, out);
}

static TeTensor *
call_grad (TeTensor *grad,
           TeTensor *const given[4],
           PairKind kind,
           double parameter,
           int64_t reduction,
           int64_t order,
           TeError *err)
{
  TE_OP (op, "_pair_loss_grad");
  TE_OP (targetless, "_targetless_loss_grad");
  return te_call (kind == PAIR_SOFT_MARGIN ? targetless : op, err, "TTTTTifii", grad, given[0], given[1],
                  given[2], given[3], (int64_t) kind, parameter, reduction, order);
}

/* ---- gradients that are differentiated again, where these are spelled out ---- */
static TeTensor *
weighed (TeExpr *e, const TeBackward *ctx, TeTensor *slope, int64_t reduction)
{
  TeTensor *out = ex_mul (e, slope, ctx->grads[0]);
  if (ctx->inputs[2])
    out = ex_mul (e, out, ctx->inputs[2]);
  if (reduction == TE_REDUCE_MEAN && !e->failed)
    out = EX (e, "div.Scalar", "TS", out, te_scalar_int (out->numel));
  return out;
}

static TeTensor *
logits_gradient (TeExpr *e, const TeBackward *ctx, int64_t reduction)
{
  TeTensor *p = EX (e, "sigmoid", "T", ctx->inputs[0]), *target = ctx->inputs[1], *positive = ctx->inputs[3];
  if (!positive)
    return weighed (e, ctx, ex_sub (e, p, target), reduction);
  TeTensor *t = ex_mul (e, positive, target);
  TeTensor *slope = ex_mul (e, ex_sub (e, ex_add_scalar (e, t, 1), target), p);
  return weighed (e, ctx, ex_sub (e, slope, t), reduction);
}

static TeTensor *
logits_target_gradient (TeExpr *e, const TeBackward *ctx, int64_t reduction)
{
  TeTensor *x = ctx->inputs[0], *positive = ctx->inputs[3], *slope = ex_neg (e, x);
  if (positive)
    slope =
        ex_sub (e, EX (e, "log_sigmoid", "T", slope), ex_mul (e, positive, EX (e, "log_sigmoid", "T", x)));
  return weighed (e, ctx, slope, reduction);
}

static TeTensor *
target_gradient (TeExpr *e, const TeBackward *ctx, int64_t reduction)
{
  TeTensor *x = ctx->inputs[0];
  TeTensor *slope = ex_sub (e, EX (e, "log", "T", ex_sub_from (e, 1, x)), EX (e, "log", "T", x));
  return weighed (e, ctx, slope, reduction);
}

static bool
pair_backward (TeBackward *ctx, TeError *err)
{
  TeTensor *given[4] = { NULL }, *ignored[4];
  int64_t reduction;
  double parameter;
  PairKind kind = kind_of (ctx->op->name);
  read_row (ctx->op, ctx->args, ignored, &reduction, &parameter);
  for (int i = 0; i < ctx->n_inputs && i < 4; i++)
    given[i] = ctx->inputs[i];
  TeExpr e = TE_EXPR (err);
  for (int side = 0; side < 2; side++)
    {
      if (!ctx->needs[side] || e.failed)
        continue;
      TeTensor *turned[4] = { given[1], given[0] }, *grad;
      if (kind == PAIR_BCE_LOGITS && ctx->create_graph)
        grad = side ? logits_target_gradient (&e, ctx, reduction) : logits_gradient (&e, ctx, reduction);
      else if (kind == PAIR_BCE && side && ctx->create_graph)
        grad = target_gradient (&e, ctx, reduction);
      else if (side
               && infos[kind].of_difference) /* the same function of the difference the other way round */
        grad = te_expr_keep (&e, call_grad (ctx->grads[0], turned, kind, parameter, reduction, 1, err));
      else
        grad = te_expr_keep (&e,
                             call_grad (ctx->grads[0], given, kind, parameter, reduction, side ? 3 : 1, err));
      te_expr_put (&e, ex_reduce (&e, grad, &ctx->metas[side]), &ctx->results[side]);
    }
  return te_expr_close (&e);
}

/* The derivative of `order` times gg and the gradient, in the sizes of meta, negated on demand. */
static bool
second_for (TeBackward *ctx, TeTensor *grad, int64_t order, bool negate, int place, TeError *err)
{
  const TeValue *v = ctx->args;
  TeExpr e = TE_EXPR (err);
  TeTensor *d =
      te_expr_keep (&e, call_grad (grad, ctx->inputs + 1, (PairKind) v[5].i, v[6].f, v[7].i, order, err));
  TeTensor *product = ex_mul (&e, ctx->grads[0], d);
  if (negate)
    product = ex_neg (&e, product);
  return te_expr_end (&e, ex_reduce (&e, product, &ctx->metas[place]), &ctx->results[place]);
}

/* Backward of the derivative: with respect to the arriving gradient it is the same derivative again, with
 * respect to input and target the next ones.  The losses are linear in their target, or functions of the
 * difference. */
static bool
grad_backward (TeBackward *ctx, TeError *err)
{
  const TeValue *v = ctx->args;
  PairKind kind = (PairKind) v[5].i;
  int64_t order = v[8].i;
  bool difference = infos[kind].of_difference;
  if (ctx->needs[0])
    {
      TeTensor *one = te_ones_like (ctx->inputs[0], err);
      bool ok = one && second_for (ctx, one, order, false, 0, err);
      te_tensor_unref (one);
      if (!ok)
        return false;
    }
  if ((order == 2 || order == 4) && !difference && (ctx->needs[1] || ctx->needs[2]))
    return te_error_set (err, TE_ERR_NOT_IMPLEMENTED,
                         "the third derivative of %s is not implemented in Gradboard's engine",
                         infos[kind].kernel);
  if (order == 2 || order == 4) /* of a difference: piecewise constant */
    return true;
  if (ctx->needs[1] && !second_for (ctx, ctx->inputs[0], order == 1 ? 2 : 4, false, 1, err))
    return false;
  if (!ctx->needs[2] || order == 3)
    return true;
  return second_for (ctx, ctx->inputs[0], difference ? 2 : 4, difference, 2, err);
}

#define PAIR_ROW(SCHEMA, NODE, FLAGS, SAVES, CONSTANT, DOC)                                                  \
  {                                                                                                          \
    .schema = SCHEMA, .flags = FLAGS, .kernel = pair_kernel, .backward = pair_backward, .node = NODE,        \
    .saves = SAVES, .constant_args = CONSTANT, .doc = DOC                                                    \
  }
#define GRAD_ROW(NAME, CONSTANT, DOC)                                                                        \
  {                                                                                                          \
    .schema = NAME "(Tensor grad_output, Tensor self, Tensor target, Tensor? weight, Tensor? pos_weight, "   \
                   "int kind, float parameter, int reduction, int order) -> Tensor",                         \
    .kernel = grad_kernel, .backward = grad_backward, .node = "PairLossBackwardBackward",                    \
    .saves = TE_SAVE_ARG (0) | TE_SAVE_ARG (1) | TE_SAVE_ARG (2) | TE_SAVE_ARG (3) | TE_SAVE_ARG (4),        \
    .constant_args = CONSTANT, .doc = DOC                                                                    \
  }
#define SAVE_TWO (TE_SAVE_ARG (0) | TE_SAVE_ARG (1))

static const TeOpDef rows[] = {
  PAIR_ROW ("mse_loss(Tensor self, Tensor target, int reduction=1) -> Tensor",
            "MseLossBackward",
            TE_OP_NN,
            SAVE_TWO,
            0,
            "Squared difference."),
  PAIR_ROW ("smooth_l1_loss(Tensor self, Tensor target, int reduction=1, float beta=1.0) -> Tensor",
            "SmoothL1LossBackward",
            TE_OP_NN | TE_OP_WIDENS | TE_OP_WIDENS_HALF,
            SAVE_TWO,
            0,
            "Absolute difference, squared below beta."),
  PAIR_ROW ("huber_loss(Tensor self, Tensor target, int reduction=1, float delta=1.0) -> Tensor",
            "HuberLossBackward",
            TE_OP_NN | TE_OP_WIDENS | TE_OP_WIDENS_HALF,
            SAVE_TWO,
            0,
            "Squared difference, linear above delta."),
  PAIR_ROW ("soft_margin_loss(Tensor self, Tensor target, int reduction=1) -> Tensor",
            "SoftMarginLossBackward",
            TE_OP_NN | TE_OP_WIDENS,
            SAVE_TWO,
            1u << 1,
            "log (1 + exp (-target * self))."),
  PAIR_ROW (
      "binary_cross_entropy(Tensor self, Tensor target, Tensor? weight=None, int reduction=1) -> Tensor",
      "BinaryCrossEntropyBackward",
      TE_OP_NN,
      SAVE_TWO | TE_SAVE_ARG (2),
      1u << 2,
      "Cross entropy of probabilities."),
  PAIR_ROW ("binary_cross_entropy_with_logits(Tensor self, Tensor target, Tensor? weight=None, Tensor? "
            "pos_weight=None, int reduction=0) -> Tensor",
            "BinaryCrossEntropyWithLogitsBackward",
            TE_OP_FUNCTION | TE_OP_WIDENS,
            SAVE_TWO | TE_SAVE_ARG (2) | TE_SAVE_ARG (3),
            1u << 2 | 1u << 3,
            "Cross entropy of sigmoid (self), computed without overflow."),
  GRAD_ROW ("_pair_loss_grad", 1u << 3 | 1u << 4, "Derivatives of an element-wise loss times the gradient."),
  GRAD_ROW ("_targetless_loss_grad",
            1u << 2 | 1u << 3 | 1u << 4,
            "The same for losses whose target has no gradient."),
};

TE_OP_FAMILY (te_family_pair_loss, rows);
