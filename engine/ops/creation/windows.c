/* Windows for spectra: hann, hamming, blackman, bartlett, kaiser.  A periodic window of n points is the
 * symmetric one of n + 1 points without its last.  Values are computed in double and rounded once. */
#include "ops/creation/creation-private.h"

#include <math.h>

#include "ops/registry.h"
#include "ops/special/special-functions.h"

/* The value at k of a window whose last point is at `last`; c: the window's constants. */
typedef double (*Curve) (double k, double last, const double *c);

static double
cosines (double k, double last, const double *c)
{
  double turn = 2 * M_PI * k / last;
  return c[0] - c[1] * cos (turn) + c[2] * cos (2 * turn);
}

static double
triangle (double k, double last, const double *c)
{
  return 1 - fabs (2 * k / last - 1);
}

static double
kaiser (double k, double last, const double *c)
{
  double x = 2 * k / last - 1;
  return te_bessel_i0 (c[0] * sqrt (fmax (1 - x * x, 0))) / te_bessel_i0 (c[0]);
}

static bool
make_window (TeOpCall *call, Curve curve, const double *constants, TeError *err)
{
  const TeValue *periodic = &call->args[1], *options = &call->args[call->op->n_positional];
  int64_t n = call->args[0].i;
  TeDtype dtype = te_value_dtype (&options[0], te_dtype_default ());
  if (!te_dtype_is_floating (dtype))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "%s expects floating point dtypes, got: TensorOptions(dtype=%s, device=cpu, "
                         "layout=Strided (default), "
                         "requires_grad=false (default), pinned_memory=false, memory_format=(nullopt))",
                         call->op->name, te_dtype_c_name (dtype));
  if (n < 0)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "%s requires non-negative window_length, got window_length=%lld", call->op->name,
                         (long long) n);
  if (!te_creation_output (call, &options[1], NULL, 1, &n, NULL, dtype, err)
      || te_tensor_is_meta (call->outs[0]))
    return call->outs[0] != NULL;
  double last = (double) (periodic->kind != TE_VALUE_BOOL || periodic->b ? n : n - 1);
  for (int64_t k = 0; k < n; k++)
    te_scalar_store (te_scalar_float (n == 1 ? 1 : curve ((double) k, last, constants)), dtype,
                     (char *) te_tensor_data (call->outs[0]) + (size_t) k * te_dtype_nbytes (dtype));
  return true;
}

static bool
kernel_hann_window (TeOpCall *call, TeError *err)
{
  return make_window (call, cosines, (const double[]){ 0.5, 0.5, 0 }, err);
}

static bool
kernel_hamming_window (TeOpCall *call, TeError *err)
{
  double constants[3] = { 0.54, 0.46, 0 };
  for (int i = 2; i < call->op->n_positional; i++)
    constants[i - 2] = call->args[i].f;
  return make_window (call, cosines, constants, err);
}

static bool
kernel_blackman_window (TeOpCall *call, TeError *err)
{
  return make_window (call, cosines, (const double[]){ 0.42, 0.5, 0.08 }, err);
}

static bool
kernel_bartlett_window (TeOpCall *call, TeError *err)
{
  return make_window (call, triangle, NULL, err);
}

static bool
kernel_kaiser_window (TeOpCall *call, TeError *err)
{
  double beta = call->op->n_positional > 2 ? call->args[2].f : 12;
  return make_window (call, kaiser, &beta, err);
}

#define WINDOW(NAME, OVERLOAD, ARGS, DOC)                                                                    \
  {                                                                                                          \
    .schema = #NAME OVERLOAD "(int window_length" ARGS                                                       \
                             ", *, ScalarType? dtype=None, Device? device=None) -> Tensor",                  \
    .flags = TE_OP_FUNCTION | TE_OP_NONDIFF, .kernel = kernel_##NAME, .doc = DOC                             \
  }
#define WINDOWS(NAME)                                                                                        \
  WINDOW (NAME, "", "", "A window of that length."),                                                         \
      WINDOW (NAME, ".periodic", ", bool periodic", "A window of that length, periodic or symmetric.")

static const TeOpDef rows[] = {
  WINDOWS (hann_window),
  WINDOWS (blackman_window),
  WINDOWS (bartlett_window),
  WINDOWS (hamming_window),
  WINDOW (hamming_window, ".periodic_alpha", ", bool periodic, float alpha", "alpha - 0.46 cos."),
  WINDOW (hamming_window,
          ".periodic_alpha_beta",
          ", bool periodic, float alpha, float beta",
          "alpha - beta cos."),
  WINDOWS (kaiser_window),
  WINDOW (kaiser_window, ".beta", ", bool periodic, float beta", "A window of that shape."),
};
TE_OP_FAMILY (te_family_windows, rows);
