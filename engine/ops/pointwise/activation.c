/* Activations.  Each has a fused gradient row NAME_backward (grad times the slope at self), which is linear
 * in grad; its own gradient towards self uses the second derivative, a plain function of one element. */
#include "ops/pointwise/activation-loops.h"

#include "base/err.h"
#include "ops/complex/complex-math.h"

/* ---- kernels: how a row's scalars become parameters ---- */
static TeParams
read_params (const TeOpCall *call, int first)
{
  TeParams params = { { 0 }, { 0 } };
  for (int i = first, n = 0; i < call->op->n_args && n < 4; i++)
    if (call->op->args[i].type == TE_ARG_SCALAR)
      {
        TeScalar value = te_value_scalar (&call->args[i]);
        params.f[n] = te_scalar_to_double (value);
        params.i[n++] = te_scalar_to_int (value);
      }
  return params;
}

#define UNARY(OP, NAME)                                                                                      \
  static bool kernel_##OP (TeOpCall *call, TeError *err)                                                     \
  {                                                                                                          \
    static const TeLoops loops = { NAME, { TE_TABLE_FLOAT (OP) } };                                          \
    TeParams params = read_params (call, 1);                                                                 \
    return te_run_unary (call, &loops, TE_ITER_EXPENSIVE, &params, err);                                     \
  }
#define GRADIENT(OP)                                                                                         \
  static bool kernel_##OP (TeOpCall *call, TeError *err)                                                     \
  {                                                                                                          \
    static const TeLoops loops = { #OP "_cpu", { TE_TABLE_FLOAT (OP) } };                                    \
    TeParams params = read_params (call, 2);                                                                 \
    return te_run_binary (call, &loops, TE_ITER_EXPENSIVE, &params, err);                                    \
  }
#define SECOND(OP, EXPR)                                                                                     \
  TE_LOOPS_FLOAT (TE_UNARY_LOOP, OP##_second, T, (T) (EXPR))                                                 \
  UNARY (OP##_second, #OP "_second")

UNARY (leaky_relu, "leaky_relu_cpu")
UNARY (elu, "elu_cpu")
GRADIENT (elu_backward)
GRADIENT (elu_backward_result)
TE_LOOPS_COMPLEX2 (TE_UNARY_LOOP, silu, T, T, te_cdivf (x, 1 + cexpf (-x)), te_cdiv (x, 1 + cexp (-x)))
static bool
kernel_silu (TeOpCall *call, TeError *err)
{
  static const TeLoops loops = { "silu_cpu", { TE_TABLE_FLOAT (silu), TE_TABLE_COMPLEX (silu) } };
  return te_run_unary (call, &loops, TE_ITER_EXPENSIVE, NULL, err);
}
GRADIENT (silu_backward)
UNARY (softplus, "softplus_cpu")
GRADIENT (softplus_backward)
UNARY (hardsigmoid, "hardsigmoid_cpu")
GRADIENT (hardsigmoid_backward)
UNARY (hardswish, "hardswish_cpu")
GRADIENT (hardswish_backward)
SECOND (hardswish, x > -3 && x < 3 ? 1 / (T) 3 : 0)
GRADIENT (hardtanh_backward)
UNARY (mish, "mish_cpu")
GRADIENT (mish_backward)

/* The result is contiguous, whatever self is. */
static bool
kernel_log_sigmoid (TeOpCall *call, TeError *err)
{
  static const TeLoops loops = { "log_sigmoid_cpu", { TE_TABLE_FLOAT (log_sigmoid) } };
  const TeTensor *self = call->args[0].tensor;
  return (call->outs[0]
          || te_output (&call->outs[0], self, self->ndim, self->sizes, NULL, te_tensor_dtype (self), err))
         && te_run_unary (call, &loops, TE_ITER_EXPENSIVE, NULL, err);
}
GRADIENT (log_sigmoid_backward)
UNARY (hardshrink, "hardshrink_cpu")

static bool
kernel_softshrink (TeOpCall *call, TeError *err)
{
  static const TeLoops loops = { "softshrink_cpu", { TE_TABLE_FLOAT (softshrink) } };
  TeParams params = read_params (call, 1);
  if (params.f[0] < 0)
    return te_error_set (err, TE_ERR_RUNTIME, "lambda must be greater or equal to 0, but found to be %g.",
                         params.f[0]);
  return te_run_unary (call, &loops, TE_ITER_EXPENSIVE, &params, err);
}

GRADIENT (shrink_backward)
SECOND (silu, silu_second (x))
SECOND (gelu, gelu_second (x))
SECOND (gelu_tanh, gelu_tanh_second (x))
SECOND (mish, mish_second (x))
SECOND (softplus, softplus_second (x, p))
SECOND (elu, elu_second (x, p))
SECOND (log_sigmoid, log_sigmoid_second (x))

static bool
kernel_leaky_relu_backward (TeOpCall *call, TeError *err)
{
  static const TeLoops loops = { "leaky_relu_backward_cpu", { TE_TABLE_FLOAT (leaky_relu_backward) } };
  TeTensor *ins[2] = { call->args[1].tensor, call->args[0].tensor };
  TeParams params = read_params (call, 2);
  TeIterConfig config = { .flags = TE_ITER_PROMOTE, .out_dtype = TE_DTYPE_NONE };
  return te_run_loops (call, &loops, &config, ins, 2, &params, err);
}

static bool
kernel_threshold (TeOpCall *call, TeError *err)
{
  static const TeLoops loops = { "threshold_cpu", { TE_TABLE_INT (threshold), TE_TABLE_FLOAT (threshold) } };
  TeParams params = read_params (call, 1);
  return te_run_unary (call, &loops, 0, &params, err);
}

static bool
kernel_threshold_backward (TeOpCall *call, TeError *err)
{
  static const TeLoops loops = { "threshold_backward_cpu",
                                 { TE_TABLE_INT (threshold_backward), TE_TABLE_FLOAT (threshold_backward) } };
  TeParams params = read_params (call, 2);
  return te_run_binary (call, &loops, 0, &params, err);
}

static bool
kernel_hardtanh (TeOpCall *call, TeError *err)
{
  static const TeLoops loops = { "clamp_scalar_cpu", { TE_TABLE_INT (hardtanh), TE_TABLE_FLOAT (hardtanh) } };
  TeParams params = { .f = { 0, 6 }, .i = { 0, 6 } };
  if (call->args[0].tensor->dtype == TE_BOOL)
    return te_error_set (err, TE_ERR_RUNTIME, "Bool inputs not supported for hardtanh");
  if (call->op->n_args > 1)
    params = read_params (call, 1);
  if (call->args[0].tensor->dtype == TE_UINT8 && params.f[0] < 0)
    return te_error_set (err, TE_ERR_RUNTIME, "cannot do hardtanh on an unsigned type with negative limits");
  return te_run_unary_like (call, &loops, 0, &params, err);
}

static bool
gelu_is_tanh (const TeValue *approximate, bool *is_tanh, TeError *err)
{
  *is_tanh = strcmp (approximate->string, "tanh") == 0;
  return *is_tanh || strcmp (approximate->string, "none") == 0
         || te_error_set (err, TE_ERR_RUNTIME, "approximate argument must be either none or tanh.");
}

static bool
kernel_gelu (TeOpCall *call, TeError *err)
{
  static const TeLoops loops[2] = { { "GeluKernelImpl", { TE_TABLE_FLOAT (gelu) } },
                                    { "GeluKernelImpl", { TE_TABLE_FLOAT (gelu_tanh) } } };
  bool is_tanh;
  return gelu_is_tanh (&call->args[1], &is_tanh, err)
         && te_run_unary (call, &loops[is_tanh], TE_ITER_EXPENSIVE, NULL, err);
}

static bool
kernel_gelu_backward (TeOpCall *call, TeError *err)
{
  static const TeLoops loops[2] = { { "GeluBackwardKernelImpl", { TE_TABLE_FLOAT (gelu_backward) } },
                                    { "GeluBackwardKernelImpl", { TE_TABLE_FLOAT (gelu_tanh_backward) } } };
  bool is_tanh;
  return gelu_is_tanh (&call->args[2], &is_tanh, err)
         && te_run_binary (call, &loops[is_tanh], TE_ITER_EXPENSIVE, NULL, err);
}

static const TeParams selu_params = { .f = { 1.6732632423543772848170429916717,
                                             1.0507009873554804934193349852946, 1 } };

static bool
kernel_selu (TeOpCall *call, TeError *err)
{
  static const TeLoops loops = { "elu_cpu", { TE_TABLE_FLOAT (elu) } };
  return te_run_unary (call, &loops, TE_ITER_EXPENSIVE, &selu_params, err);
}

/* celu (x, a) = elu with input scaled by 1 / a. */
static bool
kernel_celu (TeOpCall *call, TeError *err)
{
  static const TeLoops loops = { "elu_cpu", { TE_TABLE_FLOAT (elu) } };
  double alpha = te_value_double (&call->args[1], 1);
  if (alpha == 0)
    return te_error_set (err, TE_ERR_RUNTIME, "ZeroDivisionError: alpha cannot be 0 for CELU");
  TeParams params = { .f = { alpha, 1, 1 / alpha } };
  return te_run_unary (call, &loops, TE_ITER_EXPENSIVE, &params, err);
}

/* The weight has one element, or one per channel (dimension 1). */
static bool
kernel_prelu (TeOpCall *call, TeError *err)
{
  static const TeLoops loops = { "prelu_cpu", { TE_TABLE_FLOAT (prelu) } };
  TeTensor *self = call->args[0].tensor, *weight = call->args[1].tensor, *view = NULL;
  if (self->ndim && weight->numel == (self->ndim < 2 ? 1 : self->sizes[1]) && weight->ndim > 1)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "prelu: Expected `weight` to be a scalar or 1D tensor, but got ndim = %d", weight->ndim);
  if (weight->numel != 1)
    {
      int64_t channels = self->ndim < 2 ? 1 : self->sizes[1], sizes[TE_MAX_NDIM], strides[TE_MAX_NDIM];
      if (!self->ndim)
        return te_error_set (err, TE_ERR_RUNTIME, "Not allow zero-dim input tensor.");
      if (channels != weight->numel)
        return te_error_set (err, TE_ERR_RUNTIME,
                             "Mismatch of parameter numbers and input channel size. Found parameter numbers "
                             "= %lld and channel "
                             "size = %lld.",
                             (long long) weight->numel, (long long) channels);
      for (int d = 0; d < self->ndim; d++)
        {
          sizes[d] = d == 1 ? channels : 1;
          strides[d] = d == 1 ? weight->strides[0] : 0;
        }
      view = te_tensor_new_view (weight->storage, te_tensor_dtype (weight), self->ndim, sizes, strides,
                                 weight->offset, err);
    }
  else
    view = te_tensor_new_view (weight->storage, te_tensor_dtype (weight), 0, NULL, NULL, weight->offset, err);
  TeTensor *dense =
      view ? te_contiguous_copy (self, te_tensor_dtype (self), err) : NULL; /* so is the result */
  TeTensor *ins[2] = { dense, view };
  TeIterConfig config = { .flags = TE_ITER_PROMOTE, .out_dtype = TE_DTYPE_NONE };
  bool ok = dense && te_run_loops (call, &loops, &config, ins, 2, NULL, err);
  te_tensor_unref (dense);
  te_tensor_unref (view);
  return ok;
}

/* glu: the first half times the sigmoid of the second, along dim. */
TE_VECTOR_LOOPS2 (glu, MUL8 (x, te_sigmoid_ps (y)), MUL4 (x, te_sigmoid_pd (y)))

static bool
kernel_glu (TeOpCall *call, TeError *err)
{
  static const TeLoops loops = { "glu_cpu", { TE_TABLE_FLOAT (glu) } };
  TeTensor *self = call->args[0].tensor, *ins[2] = { NULL, NULL };
  int dim;
  if (!self->ndim)
    return te_error_set (err, TE_ERR_RUNTIME, "glu does not support 0-dimensional tensors");
  if (!te_dim_wrap (call->args[1].i, self->ndim, &dim, err))
    return false;
  int64_t sizes[TE_MAX_NDIM], half = self->sizes[dim] / 2;
  if (self->sizes[dim] % 2)
    return te_error_set (err, TE_ERR_RUNTIME, "Halving dimension must be even, but dimension %d is size %lld",
                         dim, (long long) self->sizes[dim]);
  memcpy (sizes, self->sizes, self->ndim * sizeof *sizes);
  sizes[dim] = half;
  for (int i = 0; i < 2; i++)
    ins[i] = te_tensor_new_view (self->storage, te_tensor_dtype (self), self->ndim, sizes, self->strides,
                                 self->offset + i * half * self->strides[dim], err);
  TeIterConfig config = { .flags = TE_ITER_PROMOTE | TE_ITER_EXPENSIVE, .out_dtype = TE_DTYPE_NONE };
  bool ok = ins[0] && ins[1] && te_run_loops (call, &loops, &config, ins, 2, NULL, err);
  te_tensor_unref (ins[0]);
  te_tensor_unref (ins[1]);
  return ok;
}

/* glu_backward (grad, self, dim) in other ops. */
static bool
glu_gradient (TeOpCall *call, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *grad = call->args[0].tensor, *x = call->args[1].tensor;
  int dim;
  if (!x->ndim)
    return te_error_set (err, TE_ERR_RUNTIME, "glu does not support 0-dimensional tensors");
  if (!te_dim_wrap (call->args[2].i, x->ndim, &dim, err))
    return false;
  int64_t half = x->sizes[dim] / 2;
  TeTensor *a = EX (&e, "narrow", "Tiii", x, (int64_t) dim, (int64_t) 0, half),
           *b = EX (&e, "narrow", "Tiii", x, (int64_t) dim, half, half);
  TeTensor *gate = EX (&e, "sigmoid", "T", b), *parts[2] = { ex_mul (&e, grad, gate), NULL };
  parts[1] = EX (&e, "sigmoid_backward", "TT", ex_mul (&e, grad, a), gate);
  return te_expr_end (&e, EX (&e, "cat", "Li", (TeTensor *const *) parts, 2, (int64_t) dim), &call->outs[0]);
}

static bool
kernel_glu_backward (TeOpCall *call, TeError *err)
{
  return te_run_unrecorded (call, glu_gradient, err);
}

static bool
backward_glu (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  return te_expr_end (&e, EX (&e, "glu_backward", "TTi", ctx->grads[0], ctx->inputs[0], ctx->args[1].i),
                      &ctx->results[0]);
}

/* ---- backward: towards the input of the activation ---- */
#define GRAD   ctx->grads[0]
#define INPUT  ctx->inputs[0]
#define ARG(i) te_value_scalar (&ctx->args[i])
#define RULE(OP, EXPRESSION)                                                                                 \
  static bool backward_##OP (TeBackward *ctx, TeError *err)                                                  \
  {                                                                                                          \
    TeExpr e = TE_EXPR (err);                                                                                \
    return te_expr_end (&e, EXPRESSION, &ctx->results[0]);                                                   \
  }
/* In place, the input is gone: the result tells the same. */
#define AT_INPUT (INPUT ? INPUT : ctx->outs[0])

static bool
backward_leaky_relu (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  if (!INPUT && te_value_double (&ctx->args[1], 0) < 0)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "In-place leakyReLu backward calculation is triggered with a negative slope which is not supported. This is "
        "caused by calling in-place forward function with a negative slope, please call out-of-place version instead. "
        "File an issue at https://github.com/pytorch/pytorch if you do require supporting in-place leakRelu backward "
        "calculation with negative slope");
  return te_expr_end (&e, EX (&e, "leaky_relu_backward", "TTS", GRAD, AT_INPUT, ARG (1)), &ctx->results[0]);
}

RULE (gelu, EX (&e, "gelu_backward", "TTs", GRAD, INPUT, ctx->args[1].string))
RULE (softplus, EX (&e, "softplus_backward", "TTSS", GRAD, INPUT, ARG (1), ARG (2)))
RULE (hardtanh, EX (&e, "hardtanh_backward", "TTSS", GRAD, AT_INPUT, ARG (1), ARG (2)))
RULE (relu6, EX (&e, "hardtanh_backward", "TTSS", GRAD, AT_INPUT, te_scalar_int (0), te_scalar_int (6)))
RULE (hardsigmoid, EX (&e, "hardsigmoid_backward", "TT", GRAD, INPUT))
RULE (hardswish, EX (&e, "hardswish_backward", "TT", GRAD, INPUT))
RULE (log_sigmoid, EX (&e, "log_sigmoid_backward", "TT", GRAD, INPUT))
RULE (threshold, EX (&e, "threshold_backward", "TTS", GRAD, AT_INPUT, ARG (1)))
RULE (hardshrink, EX (&e, "_hardshrink_backward", "TTS", GRAD, INPUT, ARG (1)))
RULE (softshrink, EX (&e, "_softshrink_backward", "TTS", GRAD, INPUT, ARG (1)))

/* Where the gradient is differentiated in turn, these two are spelled out. */
static bool
backward_silu (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  if (!ctx->create_graph)
    return te_expr_end (&e, EX (&e, "silu_backward", "TT", GRAD, INPUT), &ctx->results[0]);
  TeTensor *gate = EX (&e, "sigmoid", "T", INPUT);
  TeTensor *slope = ex_add_scalar (&e, ex_mul (&e, INPUT, ex_sub_from (&e, 1, gate)), 1);
  return te_expr_end (&e, ex_mul (&e, ex_mul (&e, GRAD, gate), slope), &ctx->results[0]);
}

static bool
backward_mish (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  if (!ctx->create_graph)
    return te_expr_end (&e, EX (&e, "mish_backward", "TT", GRAD, INPUT), &ctx->results[0]);
  TeTensor *bend = EX (&e, "tanh", "T", EX (&e, "log1p", "T", EX (&e, "exp", "T", INPUT)));
  TeTensor *rest = ex_sub_from (&e, 1, ex_mul (&e, bend, bend));
  TeTensor *part = ex_mul (&e, ex_mul (&e, INPUT, EX (&e, "sigmoid", "T", INPUT)), rest);
  return te_expr_end (&e, ex_mul (&e, GRAD, ex_add (&e, bend, part)), &ctx->results[0]);
}

static bool
elu_rule (TeBackward *ctx, double alpha, double scale, double input_scale, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeScalar a = te_scalar_float (alpha), s = te_scalar_float (scale), i = te_scalar_float (input_scale);
  if (!INPUT && alpha < 0)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "In-place elu backward calculation is triggered with a negative slope which is not supported. This is caused "
        "by calling in-place forward function with a negative slope, please call out-of-place version instead.");
  TeTensor *grad = INPUT ? EX (&e, "elu_backward", "TTSSS", GRAD, INPUT, a, s, i)
                         : EX (&e, "_elu_backward_result", "TTSSS", GRAD, ctx->outs[0], a, s, i);
  return te_expr_end (&e, grad, &ctx->results[0]);
}

static bool
backward_elu (TeBackward *ctx, TeError *err)
{
  return elu_rule (ctx, te_value_double (&ctx->args[1], 1), te_value_double (&ctx->args[2], 1),
                   te_value_double (&ctx->args[3], 1), err);
}

static bool
backward_selu (TeBackward *ctx, TeError *err)
{
  return elu_rule (ctx, selu_params.f[0], selu_params.f[1], 1, err);
}

static bool
backward_celu (TeBackward *ctx, TeError *err)
{
  double alpha = te_value_double (&ctx->args[1], 1);
  return elu_rule (ctx, alpha, 1, 1 / alpha, err);
}

/* In place the result is saved instead of the input, which is about to be overwritten. */
static uint32_t
saves_for_inplace (const TeOpCall *call, const bool *needs)
{
  return call->inplace ? TE_SAVE_OUT (0) : TE_SAVE_ARG (0);
}

/* _prelu_backward (grad, self, weight) in other ops: towards self and towards weight. */
static bool
prelu_gradients (TeOpCall *call, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *grad = call->args[0].tensor, *x = call->args[1].tensor, *weight = call->args[2].tensor;
  int64_t sizes[TE_MAX_NDIM];
  for (int d = 0; d < x->ndim; d++)
    sizes[d] = d == 1 && weight->numel > 1 ? weight->numel : 1;
  TeTensor *shaped = te_expr_keep (&e, te_reshape (weight, x->ndim, sizes, err));
  TeTensor *positive = EX (&e, "gt.Scalar", "TS", x, te_scalar_int (0));
  te_expr_put (&e, ex_where (&e, positive, grad, ex_mul (&e, grad, shaped)), &call->outs[0]);
  TeTensor *part = EX (&e, "where.self", "TST", positive, te_scalar_int (0), ex_mul (&e, grad, x));
  TeMeta shape = { .dtype = weight->dtype, .ndim = (uint8_t) x->ndim, .sizes = sizes };
  TeTensor *summed = ex_reduce (&e, part, &shape);
  if (!e.failed)
    summed = te_expr_keep (&e, te_reshape (summed, weight->ndim, weight->sizes, err));
  te_expr_put (&e, summed, &call->outs[1]);
  return te_expr_close (&e);
}

static bool
kernel_prelu_backward (TeOpCall *call, TeError *err)
{
  return te_run_unrecorded (call, prelu_gradients, err);
}

static bool
backward_prelu (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "_prelu_backward");
  TeTensor *both[2];
  if (!te_call_multi (op, both, 2, err, "TTT", GRAD, ctx->inputs[0], ctx->inputs[1]))
    return false;
  for (int i = 0; i < 2; i++)
    if (ctx->needs[i])
      ctx->results[i] = both[i];
    else
      te_tensor_unref (both[i]);
  return true;
}

/* ---- backward of the gradients: linear in grad; towards self by the second derivative ---- */

/* Calls the same row again with another gradient. */
static TeTensor *
same_slope (TeExpr *e, const TeBackward *ctx, TeTensor *grad)
{
  TeValue args[TE_OP_MAX_ARGS];
  if (e->failed)
    return NULL;
  memcpy (args, ctx->args, (size_t) ctx->op->n_args * sizeof *args);
  args[0] = (TeValue){ .kind = TE_VALUE_TENSOR, .tensor = grad };
  args[1] = (TeValue){ .kind = TE_VALUE_TENSOR, .tensor = ctx->inputs[1] };
  TeOpCall call = { .op = ctx->op, .args = args };
  if (!te_dispatch (&call, e->err))
    return te_expr_keep (e, NULL);
  TeTensor *result = te_tensor_ref (call.outs[0]);
  te_op_call_clear (&call);
  return te_expr_keep (e, result);
}

static bool
backward_linear (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  if (ctx->needs[0])
    te_expr_put (&e, same_slope (&e, ctx, GRAD), &ctx->results[0]);
  if (ctx->needs[1])
    te_expr_put (&e, ex_zeros_like (&e, ctx->inputs[1]), &ctx->results[1]);
  return te_expr_close (&e);
}

#define CURVED(OP, SECOND_CALL)                                                                              \
  static bool backward_##OP##_backward (TeBackward *ctx, TeError *err)                                       \
  {                                                                                                          \
    TeExpr e = TE_EXPR (err);                                                                                \
    TeTensor *x = ctx->inputs[1];                                                                            \
    if (ctx->needs[0])                                                                                       \
      te_expr_put (&e, same_slope (&e, ctx, GRAD), &ctx->results[0]);                                        \
    if (ctx->needs[1])                                                                                       \
      te_expr_put (&e, ex_mul (&e, ex_mul (&e, GRAD, ctx->inputs[0]), SECOND_CALL), &ctx->results[1]);       \
    return te_expr_close (&e);                                                                               \
  }
CURVED (silu, EX (&e, "_silu_second", "T", x))
CURVED (gelu,
        strcmp (ctx->args[2].string, "tanh") == 0 ? EX (&e, "_gelu_tanh_second", "T", x)
                                                  : EX (&e, "_gelu_second", "T", x))
CURVED (mish, EX (&e, "_mish_second", "T", x))
CURVED (softplus, EX (&e, "_softplus_second", "TSS", x, ARG (2), ARG (3)))
CURVED (elu, EX (&e, "_elu_second", "TSSS", x, ARG (2), ARG (3), ARG (4)))
CURVED (hardswish, EX (&e, "_hardswish_second", "T", x))
CURVED (log_sigmoid, EX (&e, "_log_sigmoid_second", "T", x))

#define X   TE_SAVE_ARG (0)
#define XY  (TE_SAVE_ARG (0) | TE_SAVE_OUT (0))
#define GX  (TE_SAVE_ARG (0) | TE_SAVE_ARG (1))
#define NN  TE_OP_NN
#define NNI (TE_OP_NN | TE_OP_INPLACE)
#define ACTIVATION(SCHEMA, FLAGS, OP, RULE_NAME, NODE, DOC)                                                  \
  {                                                                                                          \
    .schema = SCHEMA " -> Tensor", .flags = FLAGS, .kernel = kernel_##OP, .backward = backward_##RULE_NAME,  \
    .node = NODE, .saves = X, .doc = DOC                                                                     \
  }
#define ACTIVATION_INPLACE(SCHEMA, FLAGS, OP, RULE_NAME, NODE, DOC)                                          \
  {                                                                                                          \
    .schema = SCHEMA " -> Tensor", .flags = FLAGS, .kernel = kernel_##OP, .backward = backward_##RULE_NAME,  \
    .node = NODE, .saves = XY, .saves_for = saves_for_inplace, .doc = DOC                                    \
  }
/* In place PyTorch's node has another number. */
#define ACTIVATION_NUMBERED(SCHEMA, FLAGS, OP, RULE_NAME, NODE, DOC)                                         \
  {                                                                                                          \
    .schema = SCHEMA " -> Tensor", .flags = FLAGS, .kernel = kernel_##OP, .backward = backward_##RULE_NAME,  \
    .node = NODE, .inplace_node = NODE "1", .saves = XY, .saves_for = saves_for_inplace, .doc = DOC          \
  }
#define GRADIENT_ROW(SCHEMA, OP, RULE_NAME, NODE)                                                            \
  {                                                                                                          \
    .schema = SCHEMA " -> Tensor", .flags = TE_OP_NN, .kernel = kernel_##OP,                                 \
    .backward = backward_##RULE_NAME, .node = NODE, .saves = GX,                                             \
    .doc = "grad_output times the slope at self."                                                            \
  }
#define SECOND_ROW(SCHEMA, OP)                                                                               \
  {                                                                                                          \
    .schema = SCHEMA " -> Tensor", .flags = TE_OP_NONDIFF, .kernel = kernel_##OP##_second,                   \
    .doc = "The second derivative."                                                                          \
  }

static const TeOpDef rows[] = {
  ACTIVATION_NUMBERED ("leaky_relu(Tensor self, Scalar negative_slope=0.01)",
                       NNI,
                       leaky_relu,
                       leaky_relu,
                       "LeakyReluBackward",
                       "self where positive, else self * negative_slope."),
  ACTIVATION_NUMBERED ("elu(Tensor self, Scalar alpha=1, Scalar scale=1, Scalar input_scale=1)",
                       NNI,
                       elu,
                       elu,
                       "EluBackward",
                       "self where positive, else alpha * (exp (self) - 1)."),
  ACTIVATION_NUMBERED ("selu(Tensor self)",
                       TE_OP_FUNCTION | TE_OP_INPLACE,
                       selu,
                       selu,
                       "EluBackward",
                       "elu with the constants that keep mean 0 and variance 1."),
  ACTIVATION_NUMBERED ("celu(Tensor self, Scalar alpha=1.0)",
                       TE_OP_FUNCTION | TE_OP_INPLACE,
                       celu,
                       celu,
                       "CeluBackward",
                       "max (0, self) + min (0, alpha * (exp (self / alpha) - 1))."),
  ACTIVATION ("silu(Tensor self)", NNI, silu, silu, "SiluBackward", "self * sigmoid (self)."),
  ACTIVATION ("mish(Tensor self)", NNI, mish, mish, "MishBackward", "self * tanh (softplus (self))."),
  ACTIVATION ("gelu(Tensor self, *, str approximate=\"none\")",
              NNI | TE_OP_OUT,
              gelu,
              gelu,
              "GeluBackward",
              "self * Phi (self), Phi the normal distribution; or its tanh approximation."),
  ACTIVATION ("softplus(Tensor self, Scalar beta=1, Scalar threshold=20)",
              NN | TE_OP_OUT,
              softplus,
              softplus,
              "SoftplusBackward",
              "log (1 + exp (beta * self)) / beta; self itself above the threshold."),
  ACTIVATION_INPLACE ("hardtanh(Tensor self, Scalar min_val=-1, Scalar max_val=1)",
                      NNI,
                      hardtanh,
                      hardtanh,
                      "HardtanhBackward",
                      "self limited to [min_val, max_val]."),
  ACTIVATION_INPLACE (
      "relu6(Tensor self)", NNI, hardtanh, relu6, "HardtanhBackward", "self limited to [0, 6]."),
  ACTIVATION ("hardsigmoid(Tensor self)",
              NNI,
              hardsigmoid,
              hardsigmoid,
              "HardsigmoidBackward",
              "relu6 (self + 3) / 6."),
  ACTIVATION ("hardswish(Tensor self)",
              NNI,
              hardswish,
              hardswish,
              "HardswishBackward",
              "self * relu6 (self + 3) / 6."),
  ACTIVATION ("log_sigmoid(Tensor self)",
              NN | TE_OP_OUT,
              log_sigmoid,
              log_sigmoid,
              "LogSigmoidBackward",
              "log (sigmoid (self)), safe for large negative self."),
  ACTIVATION_NUMBERED ("threshold(Tensor self, Scalar threshold, Scalar value)",
                       TE_OP_FUNCTION | TE_OP_INPLACE | TE_OP_OUT,
                       threshold,
                       threshold,
                       "ThresholdBackward",
                       "self where above threshold, else value."),
  ACTIVATION ("hardshrink(Tensor self, Scalar lambd=0.5)",
              TE_MF | TE_OP_OUT,
              hardshrink,
              hardshrink,
              "HardshrinkBackward",
              "self, but 0 within [-lambd, lambd]."),
  ACTIVATION ("softshrink(Tensor self, Scalar lambd=0.5)",
              NN | TE_OP_OUT,
              softshrink,
              softshrink,
              "SoftshrinkBackward",
              "self moved towards 0 by lambd."),
  ACTIVATION ("glu(Tensor self, int dim=-1)",
              NN,
              glu,
              glu,
              "GluBackward",
              "The first half of dim times the sigmoid of the second."),
  { .schema = "prelu(Tensor self, Tensor weight) -> Tensor",
    .flags = TE_MF,
    .kernel = kernel_prelu,
    .backward = backward_prelu,
    .node = "PreluBackward",
    .saves = GX,
    .doc = "self where positive, else self * weight." },

  GRADIENT_ROW ("leaky_relu_backward(Tensor grad_output, Tensor self, Scalar negative_slope)",
                leaky_relu_backward,
                linear,
                "LeakyReluBackwardBackward"),
  GRADIENT_ROW (
      "elu_backward(Tensor grad_output, Tensor self, Scalar alpha, Scalar scale, Scalar input_scale)",
      elu_backward,
      elu_backward,
      "EluBackwardBackward"),
  GRADIENT_ROW ("_elu_backward_result(Tensor grad_output, Tensor result, Scalar alpha, Scalar scale, Scalar "
                "input_scale)",
                elu_backward_result,
                linear,
                "EluBackwardBackward"),
  GRADIENT_ROW (
      "silu_backward(Tensor grad_output, Tensor self)", silu_backward, silu_backward, "SiluBackwardBackward"),
  GRADIENT_ROW ("gelu_backward(Tensor grad_output, Tensor self, str approximate=\"none\")",
                gelu_backward,
                gelu_backward,
                "GeluBackwardBackward"),
  GRADIENT_ROW ("softplus_backward(Tensor grad_output, Tensor self, Scalar beta, Scalar threshold)",
                softplus_backward,
                softplus_backward,
                "SoftplusBackwardBackward"),
  GRADIENT_ROW ("hardtanh_backward(Tensor grad_output, Tensor self, Scalar min_val, Scalar max_val)",
                hardtanh_backward,
                linear,
                "HardtanhBackwardBackward"),
  { .schema = "hardsigmoid_backward(Tensor grad_output, Tensor self) -> Tensor",
    .flags = TE_OP_NN,
    .kernel = kernel_hardsigmoid_backward,
    .node = "NotImplemented",
    .doc = "grad_output times the slope at self." },
  GRADIENT_ROW ("hardswish_backward(Tensor grad_output, Tensor self)",
                hardswish_backward,
                hardswish_backward,
                "HardswishBackwardBackward"),
  GRADIENT_ROW (
      "mish_backward(Tensor grad_output, Tensor self)", mish_backward, mish_backward, "MishBackwardBackward"),
  GRADIENT_ROW ("log_sigmoid_backward(Tensor grad_output, Tensor self)",
                log_sigmoid_backward,
                log_sigmoid_backward,
                "LogSigmoidBackwardBackward"),
  GRADIENT_ROW ("threshold_backward(Tensor grad_output, Tensor self, Scalar threshold)",
                threshold_backward,
                linear,
                "ThresholdBackwardBackward"),
  GRADIENT_ROW ("_hardshrink_backward(Tensor grad_output, Tensor self, Scalar lambd)",
                shrink_backward,
                linear,
                "HardshrinkBackwardBackward"),
  GRADIENT_ROW ("_softshrink_backward(Tensor grad_output, Tensor self, Scalar lambd)",
                shrink_backward,
                linear,
                "SoftshrinkBackwardBackward"),
  { .schema = "glu_backward(Tensor grad_output, Tensor self, int dim) -> Tensor",
    .flags = TE_OP_NN,
    .kernel = kernel_glu_backward,
    .node = "GluBackwardBackward",
    .saves = GX,
    .twin = glu_gradient,
    .doc = "The gradient of glu." },
  { .schema = "_prelu_backward(Tensor grad_output, Tensor self, Tensor weight) -> (Tensor, Tensor)",
    .kernel = kernel_prelu_backward,
    .node = "PreluBackwardBackward",
    .saves = GX | TE_SAVE_ARG (2),
    .twin = prelu_gradients,
    .doc = "The gradients of prelu." },
  SECOND_ROW ("_silu_second(Tensor self)", silu),
  SECOND_ROW ("_gelu_second(Tensor self)", gelu),
  SECOND_ROW ("_gelu_tanh_second(Tensor self)", gelu_tanh),
  SECOND_ROW ("_mish_second(Tensor self)", mish),
  SECOND_ROW ("_softplus_second(Tensor self, Scalar beta, Scalar threshold)", softplus),
  SECOND_ROW ("_elu_second(Tensor self, Scalar alpha, Scalar scale, Scalar input_scale)", elu),
  SECOND_ROW ("_hardswish_second(Tensor self)", hardswish),
  SECOND_ROW ("_log_sigmoid_second(Tensor self)", log_sigmoid),
};
TE_OP_FAMILY (te_family_activation, rows);
