/* poisson, binomial, _standard_gamma, _sample_dirichlet and their gradients.  Draws go in the order of the
 * result's elements, as PyTorch's do. */
#include "ops/random/draw.h"
#include "ops/random/variates.h"

#include <float.h>
#include <math.h>

#include "iter/tensor-iter.h"
#include "ops/expr.h"
#include "ops/shape/shape-util.h"

typedef bool (*Variate) (
    TeGenerator *generator, const double *parameters, bool single, double *out, TeError *err);

static bool
poisson (TeGenerator *generator, const double *rate, bool single, double *out, TeError *err)
{
  if (!(*rate >= 0))
    return te_error_set (err, TE_ERR_RUNTIME, "invalid Poisson rate, expected rate to be non-negative");
  *out = te_variate_poisson (generator, *rate);
  return true;
}

/* Fills call->outs[0], of args[0]'s sizes and dtype, from n parameter tensors that broadcast to it. */
static bool
draw_each (
    TeOpCall *call, int n, const TeValue *generator_value, const char *kernel, Variate variate, TeError *err)
{
  TeTensor *self = call->args[0].tensor, *parameters[2] = { NULL };
  TeDtype dtype = te_tensor_dtype (self);
  TeGenerator *generator = te_value_generator (generator_value);
  if (dtype != TE_FLOAT32 && dtype != TE_FLOAT64 && (dtype != TE_BFLOAT16 || variate != poisson))
    return te_error_set (err, TE_ERR_RUNTIME, "\"%s\" not implemented for '%s'", kernel,
                         te_dtype_error_name (dtype));
  TeTensor *values = te_tensor_new (self->ndim, self->sizes, TE_FLOAT64, err);
  bool ok = values != NULL;
  for (int i = 0; ok && i < n; i++)
    {
      parameters[i] = te_tensor_new (self->ndim, self->sizes, TE_FLOAT64, err);
      ok = parameters[i] && te_copy (parameters[i], call->args[i].tensor, err);
    }
  for (int64_t k = 0; ok && k < values->numel; k++)
    {
      double given[2] = { 0, 0 };
      for (int i = 0; i < n; i++)
        given[i] = ((double *) te_tensor_data (parameters[i]))[k];
      ok = variate (generator, given, dtype != TE_FLOAT64, (double *) te_tensor_data (values) + k, err);
    }
  ok = ok && te_result_give (call, 0, te_input_as (values, dtype, err), err);
  te_tensor_unref (values);
  te_tensor_unref (parameters[0]);
  te_tensor_unref (parameters[1]);
  return ok;
}

static bool
gamma_variate (TeGenerator *generator, const double *alpha, bool single, double *out, TeError *err)
{
  double least = single ? FLT_MIN : DBL_MIN, value = te_variate_gamma (generator, *alpha, single);
  *out = value > least ? value : least;
  return true;
}

/* A gamma variate for dirichlet: always in double. */
static bool
gamma_double (TeGenerator *generator, const double *alpha, bool single, double *out, TeError *err)
{
  *out = te_variate_gamma (generator, *alpha, false);
  return true;
}

static bool
binomial (TeGenerator *generator, const double *parameters, bool single, double *out, TeError *err)
{
  *out = te_variate_binomial (generator, parameters[0], parameters[1], single);
  return true;
}

static bool
kernel_poisson (TeOpCall *call, TeError *err)
{
  return draw_each (call, 1, &call->args[1], "poisson_cpu", poisson, err);
}

static bool
kernel_standard_gamma (TeOpCall *call, TeError *err)
{
  return draw_each (call, 1, &call->args[1], "gamma_cpu", gamma_variate, err);
}

static bool
kernel_binomial (TeOpCall *call, TeError *err)
{
  TeTensor *count = call->args[0].tensor, *prob = call->args[1].tensor;
  if (count->dtype != prob->dtype)
    return te_error_set (err, TE_ERR_RUNTIME, "Found dtype %s but expected %s",
                         te_dtype_error_name (te_tensor_dtype (prob)),
                         te_dtype_error_name (te_tensor_dtype (count)));
  return draw_each (call, 2, &call->args[2], "binomial_cpu", binomial, err);
}

/* Gamma variates over their sum, kept inside (0, 1). */
static bool
kernel_sample_dirichlet (TeOpCall *call, TeError *err)
{
  TeTensor *self = call->args[0].tensor;
  TeDtype dtype = te_tensor_dtype (self);
  if (dtype != TE_FLOAT32 && dtype != TE_FLOAT64)
    return te_error_set (err, TE_ERR_RUNTIME, "\"dirichlet\" not implemented for '%s'",
                         te_dtype_error_name (dtype));
  TeTensor *wide = te_input_as (self, TE_FLOAT64, err);
  int64_t n = self->ndim ? self->sizes[self->ndim - 1] : 1;
  bool ok = wide != NULL;
  TeTensor *out = ok ? te_tensor_new (self->ndim, self->sizes, dtype, err) : NULL,
           *values = out ? te_tensor_new (self->ndim, self->sizes, TE_FLOAT64, err) : NULL;
  double least = dtype == TE_FLOAT64 ? DBL_MIN : FLT_MIN,
         most = dtype == TE_FLOAT64 ? 1 - 0x1p-53 : 1 - 0x1p-24;
  TeGenerator *generator = te_value_generator (&call->args[1]);
  ok = values != NULL;
  for (int64_t k = 0; ok && n && k < values->numel; k++)
    ok = gamma_double (generator, (double *) te_tensor_data (wide) + k, false,
                       (double *) te_tensor_data (values) + k, err);
  for (int64_t row = 0; ok && n && row < values->numel / n; row++)
    {
      double *x = (double *) te_tensor_data (values) + row * n, sum = 0;
      for (int64_t k = 0; k < n; k++)
        sum += x[k];
      for (int64_t k = 0; k < n; k++)
        x[k] = fmax (least, fmin (most, x[k] / sum));
    }
  ok = ok && te_copy (out, values, err);
  te_tensor_unref (wide);
  te_tensor_unref (values);
  if (!ok)
    te_tensor_clear (&out);
  return te_result_give (call, 0, out, err);
}

/* ---- slopes ---- */

static void
gamma_slope_loop (char *const *data, const int64_t *strides, int64_t n, const void *ctx)
{
  for (int64_t i = 0; i < n; i++)
    *(double *) (data[0] + i * strides[0]) =
        te_gamma_slope (*(double *) (data[1] + i * strides[1]), *(double *) (data[2] + i * strides[2]));
}

static void
beta_slope_loop (char *const *data, const int64_t *strides, int64_t n, const void *ctx)
{
  for (int64_t i = 0; i < n; i++)
    {
      double alpha = *(double *) (data[2] + i * strides[2]);
      *(double *) (data[0] + i * strides[0]) = te_beta_slope (*(double *) (data[1] + i * strides[1]), alpha,
                                                              *(double *) (data[3] + i * strides[3]) - alpha);
    }
}

/* Runs a loop over doubles, then rounds to args[0]'s dtype. */
static bool
run_wide (TeOpCall *call, int n, TeLoop loop, TeError *err)
{
  TeTensor *wide[3] = { NULL }, *out = NULL;
  bool ok = true;
  TeIter iter;
  const TeIterConfig config = { .flags = TE_ITER_PROMOTE | TE_ITER_EXPENSIVE, .out_dtype = TE_DTYPE_NONE };
  for (int i = 0; ok && i < n; i++)
    ok = (wide[i] = te_input_as (call->args[i].tensor, TE_FLOAT64, err)) != NULL;
  ok = ok && te_iter_build (&iter, &config, &out, 1, wide, n, err) && te_iter_run (&iter, loop, NULL, err);
  ok = ok && te_result_give (call, 0, te_input_as (out, te_tensor_dtype (call->args[0].tensor), err), err);
  for (int i = 0; i < n; i++)
    te_tensor_unref (wide[i]);
  te_tensor_unref (out);
  return ok;
}

static bool
kernel_standard_gamma_grad (TeOpCall *call, TeError *err)
{
  return run_wide (call, 2, gamma_slope_loop, err);
}

static bool
kernel_dirichlet_grad (TeOpCall *call, TeError *err)
{
  return run_wide (call, 3, beta_slope_loop, err);
}

static bool
backward_zeros (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  return te_expr_end (&e, ex_zeros_like (&e, ctx->grads[0]), &ctx->results[0]);
}

static bool
backward_standard_gamma (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *slope = EX (&e, "_standard_gamma_grad", "TT", ctx->inputs[0], ctx->outs[0]);
  return te_expr_end (&e, ex_mul (&e, ctx->grads[0], slope), &ctx->results[0]);
}

#define DRAWN TE_OP_FUNCTION | TE_OP_RANDOM
static const TeOpDef rows[] = {
  { .schema = "poisson(Tensor self, Generator? generator=None) -> Tensor",
    .flags = DRAWN,
    .kernel = kernel_poisson,
    .backward = backward_zeros,
    .node = "PoissonBackward",
    .doc = "Poisson variates with self as their rates." },
  { .schema = "binomial(Tensor count, Tensor prob, Generator? generator=None) -> Tensor",
    .flags = DRAWN,
    .kernel = kernel_binomial,
    .node = "NotImplemented",
    .doc = "How many of count trials succeed, each with probability prob." },
  { .schema = "_standard_gamma(Tensor self, Generator? generator=None) -> Tensor",
    .flags = DRAWN,
    .kernel = kernel_standard_gamma,
    .backward = backward_standard_gamma,
    .node = "StandardGammaBackward",
    .saves = TE_SAVE_ARG (0) | TE_SAVE_OUT (0),
    .doc = "Gamma variates of shape self and rate 1." },
  { .schema = "_standard_gamma_grad(Tensor self, Tensor output) -> Tensor",
    .flags = TE_OP_FUNCTION,
    .kernel = kernel_standard_gamma_grad,
    .node = "StandardGammaGradBackward",
    .doc = "How the gamma variates output move with their shape self." },
  { .schema = "_sample_dirichlet(Tensor self, Generator? generator=None) -> Tensor",
    .flags = DRAWN,
    .kernel = kernel_sample_dirichlet,
    .node = "NotImplemented",
    .doc = "Dirichlet variates along the last dimension." },
  { .schema = "_dirichlet_grad(Tensor x, Tensor alpha, Tensor total) -> Tensor",
    .flags = TE_OP_FUNCTION,
    .kernel = kernel_dirichlet_grad,
    .node = "NotImplemented",
    .doc = "How Dirichlet variates x move with alpha, over 1 - x." },
};
TE_OP_FAMILY (te_family_variates, rows);
