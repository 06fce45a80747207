/* The dropout family, in other ops: a mask drawn by bernoulli_(1 - p), scaled, then multiplied.  The numbers
 * drawn are PyTorch's, and the recorded node is the product's, as there. Sources: Srivastava et al. 2014;
 * Klambauer et al. 2017 (alpha dropout). */
#include <math.h>
#include <string.h>

#include "ops/nn/nn-private.h"
#include "ops/nn/rows.h"

/* A tensor of self's kind to draw into: same sizes, or one value per feature map. */
static TeTensor *
noise_like (TeTensor *self, bool feature, TeError *err)
{
  if (te_tensor_is_meta (self))
    return te_tensor_new_meta (self->ndim, self->sizes, NULL, te_tensor_dtype (self), err);
  if (!feature)
    return te_tensor_new (self->ndim, self->sizes, te_tensor_dtype (self), err);
  if (self->ndim < 2)
    {
      te_error_set (err, TE_ERR_RUNTIME, "Feature dropout requires at least 2 dimensions in the input");
      return NULL;
    }
  int64_t sizes[TE_MAX_NDIM];
  for (int i = 0; i < self->ndim; i++)
    sizes[i] = i < 2 ? self->sizes[i] : 1;
  return te_tensor_new (self->ndim, sizes, te_tensor_dtype (self), err);
}

/* Draws a mask in the order of memory, as PyTorch does for a tensor whose dimensions are permuted. */
static bool
draw (TeTensor *noise, double p, TeError *err)
{
  TE_OP (bernoulli, "bernoulli_.float");
  const int64_t one = 1;
  TeTensor *flat =
      te_tensor_new_view (noise->storage, te_tensor_dtype (noise), 1, &noise->numel, &one, 0, err);
  bool ok = flat && te_call_inplace (bernoulli, err, "Tf", flat, p);
  te_tensor_unref (flat);
  return ok;
}

/* Turns a fresh mask of zeros and ones into zeros and `one`. */
static bool
scale_mask (TeTensor *mask, double one, TeError *err)
{
  TE_OP (mul, "mul.Scalar");
  if (te_tensor_dtype (mask) == TE_BFLOAT16 || te_tensor_is_meta (mask))
    return te_call_inplace (mul, err, "TS", mask, te_scalar_float (one));
  int64_t n = mask->storage->nbytes / te_dtype_nbytes (te_tensor_dtype (mask));
  if (te_tensor_dtype (mask) == TE_FLOAT64)
    for (double *m = mask->storage->data, *end = m + n; m < end; m++)
      *m *= one;
  else
    for (float *m = mask->storage->data, *end = m + n; m < end; m++)
      *m *= (float) one;
  return true;
}

/* The product, or its in-place form. */
static bool
multiply (TeOpCall *call, TeTensor *self, TeTensor *noise, TeError *err)
{
  TE_OP (mul, "mul");
  if (call->inplace)
    return te_call_inplace (mul, err, "TT", self, noise);
  return te_nn_out (call, 0, te_mul (self, noise, err));
}

/* b = (noise - 1) * alpha a + alpha a p; noise *= a: keeps mean and variance of SELU's outputs. */
static bool
alpha_shift (TeOpCall *call, TeTensor *self, TeTensor *noise, double p, TeError *err)
{
  TE_OP (add, "add");
  const double alpha = 1.7580993408473766;
  double a = 1 / sqrt ((alpha * alpha * p + 1) * (1 - p));
  TeTensor *minus = te_add_scalar (noise, -1, err),
           *scaled = minus ? te_mul_scalar (minus, alpha * a, err) : NULL;
  TeTensor *shift = scaled ? te_add_scalar (scaled, alpha * a * p, err) : NULL;
  bool ok = shift != NULL;
  if (ok)
    {
      if (!scale_mask (noise, a, err))
        ok = false;
      else if (call->inplace)
        ok = multiply (call, self, noise, err) && te_call_inplace (add, err, "TT", self, shift);
      else
        {
          TeTensor *product = te_mul (self, noise, err);
          ok = product && te_nn_out (call, 0, te_add (product, shift, err));
          te_tensor_unref (product);
        }
    }
  te_tensor_unref (minus);
  te_tensor_unref (scaled);
  te_tensor_unref (shift);
  return ok;
}

static bool
dropout (TeOpCall *call, bool feature, bool alpha, TeError *err)
{
  TeTensor *self = call->args[0].tensor;
  double p = call->args[1].f;
  if (p < 0 || p > 1)
    return te_error_set (err, TE_ERR_RUNTIME, "dropout probability has to be between 0 and 1, but got %g", p);
  if (p == 0 || !call->args[2].b || self->numel == 0)
    return call->inplace || te_nn_out (call, 0, te_tensor_ref (self));
  TeDtype dtype = te_tensor_dtype (self);
  if (!te_dtype_is_inexact (dtype))
    return te_error_set (err, TE_ERR_RUNTIME, "result type Float can't be cast to the desired output type %s",
                         te_dtype_error_name (alpha && dtype == TE_BOOL ? TE_INT64 : dtype));
  if (dtype != TE_FLOAT32 && dtype != TE_FLOAT64 && dtype != TE_BFLOAT16)
    return te_error_set (err, TE_ERR_RUNTIME, "\"bernoulli_scalar_cpu_\" not implemented for '%s'",
                         te_dtype_error_name (dtype));
  TeTensor *noise;
  if (p == 1)
    {
      noise = te_nn_zeros (0, NULL, te_tensor_dtype (self), err);
      bool ok = noise && multiply (call, self, noise, err);
      te_tensor_unref (noise);
      return ok;
    }
  noise = noise_like (self, feature, err);
  bool ok = noise && draw (noise, 1 - p, err);
  if (ok && alpha)
    ok = alpha_shift (call, self, noise, p, err);
  else if (ok)
    ok = scale_mask (noise, dtype == TE_FLOAT64 ? 1 / (1 - p) : (double) (1.0f / (float) (1 - p)), err)
         && multiply (call, self, noise, err);
  te_tensor_unref (noise);
  return ok;
}

static bool
dropout_kernel (TeOpCall *call, TeError *err)
{
  return dropout (call, false, false, err);
}
static bool
feature_dropout_kernel (TeOpCall *call, TeError *err)
{
  return dropout (call, true, false, err);
}
static bool
alpha_dropout_kernel (TeOpCall *call, TeError *err)
{
  return dropout (call, false, true, err);
}
static bool
feature_alpha_dropout_kernel (TeOpCall *call, TeError *err)
{
  return dropout (call, true, true, err);
}

#define DROPOUT_ROW(NAME, KERNEL, DOC)                                                                       \
  {                                                                                                          \
    .schema = NAME "(Tensor input, float p, bool train) -> Tensor",                                          \
    .flags = TE_OP_FUNCTION | TE_OP_COMPOSITE | TE_OP_INPLACE | TE_OP_RANDOM | TE_OP_ROLE_PASS,              \
    .kernel = KERNEL, .doc = DOC                                                                             \
  }

static const TeOpDef rows[] = {
  DROPOUT_ROW (
      "dropout", dropout_kernel, "Zeroes elements with probability p and scales the rest by 1 / (1 - p)."),
  DROPOUT_ROW ("feature_dropout", feature_dropout_kernel, "Dropout of whole feature maps of (N, C, …)."),
  DROPOUT_ROW ("alpha_dropout", alpha_dropout_kernel, "Dropout that keeps SELU's mean and variance."),
  DROPOUT_ROW ("feature_alpha_dropout", feature_alpha_dropout_kernel, "Alpha dropout of whole feature maps."),
};

TE_OP_FAMILY (te_family_dropout, rows);
