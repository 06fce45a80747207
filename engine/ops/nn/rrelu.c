/* rrelu: negative numbers times slopes that are drawn one by one while training, their mean otherwise.
 * Source: Xu et al. 2015. */
#include <string.h>

#include "ops/expr.h"
#include "ops/nn/nn-private.h"
#include "ops/nn/rows.h"

typedef struct
{
  bool training, is_double;
  double lower, upper;
} Rrelu;

static double
draw_slope (const Rrelu *r)
{
  uint64_t bits = te_generator_random64 (te_generator_default ()) & ((1ull << 53) - 1);
  return (double) bits * 0x1p-53 * (r->upper - r->lower) + r->lower;
}

/* Element i in place; its factor is kept where factors is given. */
static void
apply (const Rrelu *r, void *data, void *factors, int64_t i)
{
  double x = r->is_double ? ((double *) data)[i] : (double) ((float *) data)[i];
  double factor = x > 0 ? 1 : r->training ? draw_slope (r) : (r->lower + r->upper) / 2;
  if (r->is_double)
    ((double *) data)[i] = x * factor;
  else
    ((float *) data)[i] = (float) x * (float) factor;
  if (factors && r->is_double)
    ((double *) factors)[i] = factor;
  else if (factors)
    ((float *) factors)[i] = (float) factor;
}

static bool
rrelu_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeTensor *self = v[0].tensor, *factors = NULL;
  TeDtype dtype = te_tensor_dtype (self);
  Rrelu r = { .training = v[3].b,
              .is_double = dtype == TE_FLOAT64,
              .lower = te_scalar_to_double (v[1].scalar),
              .upper = te_scalar_to_double (v[2].scalar) };
  if (r.lower > r.upper)
    return te_error_set (err, TE_ERR_RUNTIME, "Lower bound should be less than or equal to the upper bound");
  if (!te_nn_check_floating (self, r.training ? "rrelu_with_noise_out_cpu" : "leaky_relu_cpu", err))
    return false;
  TeTensor *out = te_tensor_new (self->ndim, self->sizes, dtype, err);
  bool ok = out && te_copy (out, self, err)
            && (!call->wants_grad || (factors = te_tensor_new (self->ndim, self->sizes, dtype, err)));
  for (int64_t i = 0; ok && i < out->numel; i++)
    apply (&r, te_tensor_data (out), factors ? te_tensor_data (factors) : NULL, i);
  if (ok && call->inplace)
    ok = te_copy (self, out, err);
  if (!ok || call->inplace)
    te_tensor_unref (out);
  else
    call->outs[0] = out;
  call->extra[0] = factors;
  return ok;
}

static bool
rrelu_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "_rrelu_backward");
  ctx->results[0] =
      te_call (op, err, "TTT", ctx->grads[0], ctx->inputs[0] ? ctx->inputs[0] : ctx->outs[0], ctx->extra[0]);
  return ctx->results[0] != NULL;
}

static bool
gradient (TeOpCall *call, TeError *err)
{
  call->outs[0] = te_mul (call->args[0].tensor, call->args[2].tensor, err);
  return call->outs[0] != NULL;
}
static bool
gradient_kernel (TeOpCall *call, TeError *err)
{
  return te_run_unrecorded (call, gradient, err);
}

/* Linear in the arriving gradient; piecewise constant in the input. */
static bool
gradient_backward (TeBackward *ctx, TeError *err)
{
  if (ctx->needs[0] && !(ctx->results[0] = te_mul (ctx->grads[0], ctx->inputs[2], err)))
    return false;
  return !ctx->needs[1] || (ctx->results[1] = te_zeros_like (ctx->grads[0], err)) != NULL;
}

/* In place the result is saved instead of the input, which is about to be overwritten. */
static uint32_t
saves_for_inplace (const TeOpCall *call, const bool *needs)
{
  return call->inplace ? TE_SAVE_OUT (0) : TE_SAVE_ARG (0);
}

static const TeOpDef rows[] = {
  { .schema = "rrelu(Tensor self, Scalar lower=0.125, Scalar upper=0.3333333333333333, bool training=False) "
              "-> Tensor",
    .flags = TE_OP_FUNCTION | TE_OP_INPLACE | TE_OP_RANDOM | TE_OP_WIDENS,
    .kernel = rrelu_kernel,
    .backward = rrelu_backward,
    .node = "RreluWithNoiseBackward",
    .inplace_node = "RreluWithNoiseBackward1",
    .saves = TE_SAVE_ARG (0) | TE_SAVE_OUT (0),
    .saves_for = saves_for_inplace,
    .doc = "relu with random negative slopes." },
  { .schema = "_rrelu_backward(Tensor grad_output, Tensor self, Tensor slopes) -> Tensor",
    .kernel = gradient_kernel,
    .backward = gradient_backward,
    .node = "RreluWithNoiseBackwardBackward",
    .saves = TE_SAVE_ARG (2),
    .constant_args = 1u << 2,
    .doc = "grad_output times the slope of each element." },
};

TE_OP_FAMILY (te_family_rrelu, rows);
