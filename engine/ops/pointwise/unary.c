/* Functions of one element.  Those of real analysis take integers to the default float first. */
#include "ops/pointwise/vector-math.h"

#include <string.h>

#include "base/err.h"
#include "ops/creation/creation-private.h"
#include "ops/special/special-functions.h"

/* Most of PyTorch's kernels know bfloat16, but not float16; kernel NULL: this one does.  Memory that is written
 * twice is seen first. */
static bool
refuse_half (const TeOpCall *call, const char *kernel, TeError *err)
{
  const TeTensor *self = call->args[0].tensor;
  return !kernel || self->dtype != TE_FLOAT16
         || ((!call->inplace || te_check_no_internal_overlap (self, err))
             && te_not_implemented_for (kernel, TE_FLOAT16, err));
}

/* ---- functions from SLEEF ---- */
#define SLEEF(OP, NAME, F32, F64)                                                                            \
  TE_VECTOR_LOOPS (OP, F32 (x), F64 (x))                                                                     \
  static bool kernel_##OP (TeOpCall *call, TeError *err)                                                     \
  {                                                                                                          \
    static const TeLoops loops = { NAME, { TE_TABLE_FLOAT (OP) } };                                          \
    return refuse_half (call, NAME, err)                                                                     \
           && te_run_unary (call, &loops, TE_ITER_FLOAT | TE_ITER_EXPENSIVE, NULL, err);                     \
  }
/* The same for functions that complex numbers have too: C names them in its complex.h. */
#define SLEEF_COMPLEX(OP, NAME, F32, F64, C64, C128)                                                         \
  TE_VECTOR_LOOPS (OP, F32 (x), F64 (x))                                                                     \
  WITH_COMPLEX (OP, NAME, C64, C128)
#define WITH_COMPLEX(OP, NAME, C64, C128)                                                                    \
  TE_LOOPS_COMPLEX2 (TE_UNARY_LOOP, OP, T, T, C64, C128)                                                     \
  static bool kernel_##OP (TeOpCall *call, TeError *err)                                                     \
  {                                                                                                          \
    static const TeLoops loops = { NAME, { TE_TABLE_FLOAT (OP), TE_TABLE_COMPLEX (OP) } };                   \
    return refuse_half (call, NAME, err)                                                                     \
           && te_run_unary (call, &loops, TE_ITER_FLOAT | TE_ITER_EXPENSIVE, NULL, err);                     \
  }
SLEEF_COMPLEX (exp, "exp_vml_cpu", te_exp_ps, te_exp_pd, cexpf (x), cexp (x))
SLEEF (exp2, NULL, Sleef_exp2f8_u10, Sleef_exp2d4_u10)
SLEEF (expm1, "expm1_vml_cpu", Sleef_expm1f8_u10, Sleef_expm1d4_u10)
SLEEF_COMPLEX (log, "log_vml_cpu", Sleef_logf8_u10, Sleef_logd4_u10, clogf (x), clog (x))
SLEEF_COMPLEX (log2, "log2_vml_cpu", Sleef_log2f8_u10, Sleef_log2d4_u10, clogf (x) * (float) M_LOG2E, clog (x) * M_LOG2E)
SLEEF_COMPLEX (log10, "log10_vml_cpu", Sleef_log10f8_u10, Sleef_log10d4_u10, clogf (x) * (float) M_LOG10E, clog (x) * M_LOG10E)
SLEEF (log1p, "log1p_vml_cpu", Sleef_log1pf8_u10, Sleef_log1pd4_u10)
SLEEF_COMPLEX (sin, "sin_vml_cpu", Sleef_sinf8_u10, Sleef_sind4_u10, csinf (x), csin (x))
SLEEF_COMPLEX (cos, "cos_vml_cpu", Sleef_cosf8_u10, Sleef_cosd4_u10, ccosf (x), ccos (x))
SLEEF_COMPLEX (tan, "tan_vml_cpu", Sleef_tanf8_u10, Sleef_tand4_u10, ctanf (x), ctan (x))
SLEEF_COMPLEX (asin, "asin_vml_cpu", Sleef_asinf8_u10, Sleef_asind4_u10, casinf (x), casin (x))
SLEEF_COMPLEX (acos, "acos_vml_cpu", Sleef_acosf8_u10, Sleef_acosd4_u10, cacosf (x), cacos (x))
SLEEF_COMPLEX (atan, "atan_vml_cpu", Sleef_atanf8_u10, Sleef_atand4_u10, catanf (x), catan (x))
SLEEF_COMPLEX (sinh, "sinh_cpu", Sleef_sinhf8_u10, Sleef_sinhd4_u10, csinhf (x), csinh (x))
SLEEF_COMPLEX (cosh, "cosh_cpu", Sleef_coshf8_u10, Sleef_coshd4_u10, ccoshf (x), ccosh (x))
SLEEF_COMPLEX (tanh, "tanh_vml_cpu", te_tanh_ps, Sleef_tanhd4_u10, ctanhf (x), ctanh (x))
SLEEF (erf, "erf_vml_cpu", te_erf_ps, Sleef_erfd4_u10)
SLEEF (erfc, "erfc_vml_cpu", Sleef_erfcf8_u15, Sleef_erfcd4_u15)
SLEEF (lgamma, "lgamma_vml_cpu", Sleef_lgammaf8_u10, Sleef_lgammad4_u10)
TE_VECTOR_LOOPS_ODD (sigmoid, te_sigmoid_ps (x), te_sigmoid_pd (x), 1 / (1 + TE_ONE (exp, -x)))
WITH_COMPLEX (sigmoid, "sigmoid_cpu", te_cdivf (1, 1 + cexpf (-x)), te_cdiv (1, 1 + cexp (-x)))
SLEEF_COMPLEX (sqrt, "sqrt_vml_cpu", _mm256_sqrt_ps, _mm256_sqrt_pd, csqrtf (x), csqrt (x))

/* ---- functions that C or a formula gives ---- */
#define FORMULA(OP, NAME, EXPR32, EXPR64)                                                                    \
  TE_LOOPS_FLOAT2 (TE_UNARY_LOOP, OP, T, EXPR32, EXPR64)                                                     \
  static bool kernel_##OP (TeOpCall *call, TeError *err)                                                     \
  {                                                                                                          \
    static const TeLoops loops = { NAME, { TE_TABLE_FLOAT (OP) } };                                          \
    return refuse_half (call, NAME, err) && te_run_unary (call, &loops, TE_ITER_FLOAT, NULL, err);           \
  }

#define FORMULA_COMPLEX(OP, NAME, EXPR32, EXPR64, C64, C128)                                                 \
  TE_LOOPS_FLOAT2 (TE_UNARY_LOOP, OP, T, EXPR32, EXPR64)                                                     \
  TE_LOOPS_COMPLEX2 (TE_UNARY_LOOP, OP, T, T, C64, C128)                                                     \
  static bool kernel_##OP (TeOpCall *call, TeError *err)                                                     \
  {                                                                                                          \
    static const TeLoops loops = { NAME, { TE_TABLE_FLOAT (OP), TE_TABLE_COMPLEX (OP) } };                   \
    return refuse_half (call, NAME, err) && te_run_unary (call, &loops, TE_ITER_FLOAT, NULL, err);           \
  }

/* erfinv: rational start, two steps of Newton.  Source: PyTorch's calc_erfinv. */
static double
erfinv_one (double y)
{
  static const double a[4] = { 0.886226899, -1.645349621, 0.914624893, -0.140543331 };
  static const double b[4] = { -2.118377725, 1.442710462, -0.329097515, 0.012229801 };
  static const double c[4] = { -1.970840454, -1.624906493, 3.429567803, 1.641345311 };
  static const double d[2] = { 3.543889200, 1.637067800 };
  double magnitude = fabs (y), x;
  if (!(magnitude <= 1))
    return NAN;
  if (magnitude == 1)
    return copysign (INFINITY, y);
  if (magnitude <= 0.7)
    {
      double z = y * y;
      double numerator = ((a[3] * z + a[2]) * z + a[1]) * z + a[0];
      double denominator = (((b[3] * z + b[2]) * z + b[1]) * z + b[0]) * z + 1;
      x = y * numerator / denominator;
    }
  else
    {
      double z = sqrt (-log ((1 - magnitude) / 2));
      x = copysign ((((c[3] * z + c[2]) * z + c[1]) * z + c[0]) / ((d[1] * z + d[0]) * z + 1), y);
    }
  for (int step = 0; step < 2; step++)
    x -= (erf (x) - y) / (2 / sqrt (M_PI) * exp (-x * x));
  return x;
}

/* SLEEF's vector forms of these overflow early. */
FORMULA_COMPLEX (asinh, "asinh_cpu", asinhf (x), asinh (x), casinhf (x), casinh (x))
FORMULA_COMPLEX (acosh, "acosh_cpu", acoshf (x), acosh (x), cacoshf (x), cacosh (x))
FORMULA_COMPLEX (atanh, "atanh_cpu", atanhf (x), atanh (x), catanhf (x), catanh (x))
FORMULA_COMPLEX (rsqrt, "rsqrt_cpu", 1 / sqrtf (x), 1 / sqrt (x), te_cdivf (1, csqrtf (x)), te_cdiv (1, csqrt (x)))
FORMULA_COMPLEX (reciprocal, NULL, 1 / x, 1 / x, te_cdivf (1, x), te_cdiv (1, x))
FORMULA (erfinv, "erfinv_vml_cpu", (float) erfinv_one (x), erfinv_one (x))
FORMULA (digamma, "digamma", (float) te_digamma (x), te_digamma (x))
FORMULA_COMPLEX (sinc,
                 "sinc_cpu",
                 x == 0 ? 1 : sinf ((float) M_PI * x) / ((float) M_PI * x),
                 x == 0 ? 1 : sin (M_PI * x) / (M_PI * x),
                 x == 0 ? 1 : te_cdivf (csinf ((float) M_PI * x), (float) M_PI * x),
                 x == 0 ? 1 : te_cdiv (csin (M_PI * x), M_PI * x))

/* ---- functions that keep the dtype ---- */
#define KEEP_INT(OP, EXPR_INT, EXPR32, EXPR64)                                                               \
  TE_LOOPS_INT (TE_UNARY_LOOP, OP, T, EXPR_INT)                                                              \
  TE_LOOPS_FLOAT2 (TE_UNARY_LOOP, OP, T, EXPR32, EXPR64)
KEEP_INT (neg, 0 - (U) x, -x, -x)
TE_LOOPS_COMPLEX (TE_UNARY_LOOP, neg, T, -x)
KEEP_INT (abs, te_is_negative (x) ? 0 - (U) x : (U) x, fabsf (x), fabs (x))
KEEP_INT (sign, te_is_negative (x) ? -1 : x != 0, (float) ((x > 0) - (x < 0)), (double) ((x > 0) - (x < 0)))
TE_LOOPS_BOOL (TE_UNARY_LOOP, sign, T, x)
KEEP_INT (square, (U) x *(U) x, x *x, x *x)
TE_LOOPS_COMPLEX2 (TE_UNARY_LOOP, square, T, T, te_cmulf (x, x), te_cmul (x, x))
TE_LOOPS_COMPLEX2 (TE_UNARY_LOOP, abs, float, double, cabsf (x), cabs (x))
TE_LOOPS_COMPLEX2 (TE_UNARY_LOOP, sign, T, T, x == 0 ? 0 : x / cabsf (x), x == 0 ? 0 : x / cabs (x))
TE_LOOPS_COMPLEX2 (TE_UNARY_LOOP, isreal, bool, bool, cimagf (x) == 0, cimag (x) == 0)
KEEP_INT (floor, x, floorf (x), floor (x))
KEEP_INT (ceil, x, ceilf (x), ceil (x))
KEEP_INT (round, x, rintf (x), rint (x))
KEEP_INT (trunc, x, truncf (x), trunc (x))
TE_LOOPS_FLOAT2 (TE_UNARY_LOOP, frac, T, x - truncf (x), x - trunc (x))
KEEP_INT (relu, te_is_negative (x) ? 0 : x, x < 0 ? 0 : x, x < 0 ? 0 : x)

static bool
kernel_neg (TeOpCall *call, TeError *err)
{
  static const TeLoops loops = { "neg_cpu", { TE_TABLE_INT (neg), TE_TABLE_FLOAT (neg), TE_TABLE_COMPLEX (neg) } };
  if (call->args[0].tensor->dtype == TE_BOOL)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a "
        "mask, use the `~` or `logical_not()` operator instead.");
  return te_run_unary (call, &loops, 0, NULL, err);
}

static bool
kernel_relu (TeOpCall *call, TeError *err)
{
  static const TeLoops loops = { "relu_cpu", { TE_TABLE_INT (relu), TE_TABLE_FLOAT (relu) } };
  if (call->args[0].tensor->dtype == TE_BOOL)
    return te_error_set (err, TE_ERR_RUNTIME, "Boolean inputs not supported for relu");
  if (call->inplace && !te_check_no_internal_overlap (call->args[0].tensor, err))
    return false;
  return refuse_half (call, "clamp_min_cpu", err) && te_run_unary (call, &loops, 0, NULL, err);
}

#define KEEP(OP, NAME, REFUSES)                                                                              \
  static bool kernel_##OP (TeOpCall *call, TeError *err)                                                     \
  {                                                                                                          \
    static const TeLoops loops = { NAME, { TE_TABLE_INT (OP), TE_TABLE_FLOAT (OP) } };                       \
    return refuse_half (call, REFUSES, err) && te_run_unary (call, &loops, 0, NULL, err);                    \
  }
KEEP (floor, "floor_vml_cpu", "floor_vml_cpu")
KEEP (ceil, "ceil_vml_cpu", "ceil_vml_cpu")
KEEP (round, "round_vml_cpu", "round_vml_cpu")
KEEP (trunc, "trunc_vml_cpu", "trunc_vml_cpu")

/* The size of a complex number is real. */
static bool
kernel_abs (TeOpCall *call, TeError *err)
{
  static const TeLoops loops = { "abs_cpu", { TE_TABLE_INT (abs), TE_TABLE_FLOAT (abs), TE_TABLE_COMPLEX (abs) } };
  TeTensor *self = call->args[0].tensor;
  if (!te_dtype_is_complex (te_tensor_dtype (self)))
    return te_run_unary (call, &loops, 0, NULL, err);
  if (call->inplace)
    return te_error_set (err, TE_ERR_RUNTIME, "In-place abs is not supported for complex tensors.");
  TeIterConfig config = { .flags = TE_ITER_PROMOTE, .out_dtype = te_dtype_real (te_tensor_dtype (self)) };
  return te_run_loops (call, &loops, &config, &self, 1, NULL, err);
}

static bool
kernel_sign (TeOpCall *call, TeError *err)
{
  static const TeLoops loops = { "sign_cpu",
                                 { TE_TABLE_INT (sign), TE_TABLE_FLOAT (sign), TE_TABLE_BOOL (sign) } };
  if (te_dtype_is_complex (te_tensor_dtype (call->args[0].tensor)))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "Unlike NumPy, torch.sign is not intended to support complex numbers. Please use torch.sgn "
                         "instead.");
  return te_run_unary (call, &loops, 0, NULL, err);
}

/* The number of size 1 in the same direction. */
static bool
kernel_sgn (TeOpCall *call, TeError *err)
{
  static const TeLoops loops = { "sgn_cpu", { TE_TABLE_COMPLEX (sign) } };
  return te_dtype_is_complex (te_tensor_dtype (call->args[0].tensor)) ? te_run_unary (call, &loops, 0, NULL, err)
                                                                      : kernel_sign (call, err);
}

static bool
kernel_frac (TeOpCall *call, TeError *err)
{
  static const TeLoops loops = { "frac_cpu", { TE_TABLE_FLOAT (frac) } };
  return te_run_unary (call, &loops, 0, NULL, err);
}

/* square is pow (self, 2): of bools it is int64. */
static bool
kernel_square (TeOpCall *call, TeError *err)
{
  static const TeLoops loops = { "square_cpu",
                                 { TE_TABLE_INT (square), TE_TABLE_FLOAT (square), TE_TABLE_COMPLEX (square) } };
  TeTensor *ins[2] = { call->args[0].tensor, NULL };
  TeIterNumber two;
  TeIterConfig config = { .flags = TE_ITER_PROMOTE, .out_dtype = TE_DTYPE_NONE };
  if (ins[0]->dtype != TE_BOOL)
    return te_run_loops (call, &loops, &config, ins, 1, NULL, err);
  static const TeLoops loops_two = { "square_cpu", { [TE_INT64] = square_i64 } };
  TeIter iter;
  const TeIterConfig alone = { .out_dtype = TE_INT64 };
  if (!call->outs[0] && !te_iter_build (&iter, &alone, call->outs, 1, ins, 1, err))
    return false; /* laid out as by an op of self alone */
  if (call->inplace)
    return te_error_set (err, TE_ERR_RUNTIME, "Found dtype Bool but expected Long");
  ins[1] = te_iter_number (&two, te_scalar_int (2));
  return te_run_loops (call, &loops_two, &config, ins, 2, NULL,
                       err); /* the loop looks at its first input only */
}

/* Rounding to decimals is done by scaling, as PyTorch does. */
TE_LOOPS_FLOAT2 (TE_UNARY_LOOP,
                 round_decimals,
                 T,
                 p->i[0] ? rintf (x / (float) p->f[0]) * (float) p->f[0]
                         : rintf (x *(float) p->f[0]) / (float) p->f[0],
                 p->i[0] ? rint (x / p->f[0]) * p->f[0] : rint (x * p->f[0]) / p->f[0])

static bool
kernel_round_decimals (TeOpCall *call, TeError *err)
{
  static const TeLoops loops = { "round_vml_cpu", { TE_TABLE_FLOAT (round_decimals) } };
  int64_t decimals = call->args[1].i;
  TeParams params = { .f = { pow (10, fabs ((double) decimals)) },
                      .i = { decimals < 0 } };
  TeDtype dtype = te_tensor_dtype (call->args[0].tensor);
  if (!te_dtype_is_floating (dtype) || dtype == TE_FLOAT16)
    return te_not_implemented_for (decimals ? "round_cpu" : "round_vml_cpu", dtype, err);
  return decimals ? te_run_unary (call, &loops, 0, &params, err) : kernel_round (call, err);
}

/* ---- ops whose result keeps the exact strides of a dense input, single dimensions included ---- */

bool
te_run_unary_like (TeOpCall *call, const TeLoops *loops, uint32_t flags, const TeParams *params, TeError *err)
{
  const TeTensor *self = call->args[0].tensor;
  TeDtype dtype = te_tensor_dtype (self);
  int64_t strides[TE_MAX_NDIM];
  if (!call->outs[0])
    {
      te_error_clear (err);
      bool strided = te_like_strides (self, NULL, strides, err);
      if ((flags & TE_ITER_FLOAT) && !te_dtype_is_inexact (dtype))
        dtype = te_dtype_default ();
      if (err->kind != TE_ERR_NONE
          || !te_creation_output (call, NULL, self, self->ndim, self->sizes, strided ? strides : NULL, dtype,
                                  err))
        return false;
    }
  return te_run_unary (call, loops, flags, params, err);
}

TE_LOOPS_FLOAT (TE_UNARY_LOOP, scale, T, x *(T) p->f[0])
static const TeLoops loops_scale = { "mul_cpu", { TE_TABLE_FLOAT (scale) } };

static bool
kernel_deg2rad (TeOpCall *call, TeError *err)
{
  const TeParams params = { .f = { M_PI / 180 } };
  return te_run_unary_like (call, &loops_scale, TE_ITER_FLOAT, &params, err);
}

static bool
kernel_rad2deg (TeOpCall *call, TeError *err)
{
  const TeParams params = { .f = { 180 / M_PI } };
  return te_run_unary_like (call, &loops_scale, TE_ITER_FLOAT, &params, err);
}

KEEP_INT (nan_to_num,
          x,
          x != x           ? (float) p->f[0]
          : x == INFINITY  ? (float) p->f[1]
          : x == -INFINITY ? (float) p->f[2]
                           : x,
          x != x           ? p->f[0]
          : x == INFINITY  ? p->f[1]
          : x == -INFINITY ? p->f[2]
                           : x)
TE_LOOPS_BOOL (TE_UNARY_LOOP, nan_to_num, T, x)

static double
dtype_max (TeDtype dtype)
{
  return dtype == TE_FLOAT64    ? 1.7976931348623157e308
         : dtype == TE_FLOAT16  ? 65504
         : dtype == TE_BFLOAT16 ? 3.3895313892515355e38
                                : 3.4028234663852886e38;
}

static bool
kernel_nan_to_num (TeOpCall *call, TeError *err)
{
  static const TeLoops loops = {
    "nan_to_num", { TE_TABLE_INT (nan_to_num), TE_TABLE_FLOAT (nan_to_num), TE_TABLE_BOOL (nan_to_num) }
  };
  double largest = dtype_max (te_tensor_dtype (call->args[0].tensor));
  TeParams params = { .f = { te_value_double (&call->args[1], 0), te_value_double (&call->args[2], largest),
                             te_value_double (&call->args[3], -largest) } };
  return te_run_unary_like (call, &loops, 0, &params, err);
}

static bool
kernel_isreal (TeOpCall *call, TeError *err)
{
  static const TeLoops loops = { "isreal", { TE_TABLE_COMPLEX (isreal) } };
  TeTensor *self = call->args[0].tensor;
  TeIterConfig config = { .flags = TE_ITER_PROMOTE, .out_dtype = TE_BOOL };
  if (te_dtype_is_complex (te_tensor_dtype (self)))
    return te_run_loops (call, &loops, &config, &self, 1, NULL, err);
  TeIter iter;
  return te_iter_build (&iter, &config, call->outs, 1, &self, 1, err)
         && te_fill (call->outs[0], te_scalar_bool (true), err);
}

/* +x is x itself. */
static bool
kernel_positive (TeOpCall *call, TeError *err)
{
  if (call->args[0].tensor->dtype == TE_BOOL)
    return te_error_set (err, TE_ERR_RUNTIME, "The `+` operator, on a bool tensor is not supported.");
  call->outs[0] = te_tensor_ref (call->args[0].tensor);
  return true;
}

#define LOGIT(x, LOG) ((x) == 0 ? -INFINITY : (x) == 1 ? INFINITY : LOG ((x) / (1 - (x))))
TE_LOOPS_FLOAT2 (TE_UNARY_LOOP,
                 logit,
                 T,
                 p->i[0]
                     ? LOGIT (x<(float) p->f[0] ? (float) p->f[0] : x> (float) p->f[1] ? (float) p->f[1] : x,
                              logf)
                     : LOGIT (x, logf),
                 p->i[0] ? LOGIT (x<p->f[0] ? p->f[0] : x> p->f[1] ? p->f[1] : x, log) : LOGIT (x, log))

static bool
kernel_logit (TeOpCall *call, TeError *err)
{
  static const TeLoops loops = { "logit_cpu", { TE_TABLE_FLOAT (logit) } };
  double eps = te_value_double (&call->args[1], -1);
  TeParams params = { .f = { eps, 1 - eps }, .i = { eps >= 0 } };
  return refuse_half (call, "logit_cpu", err)
         && te_run_unary (call, &loops, TE_ITER_FLOAT | TE_ITER_EXPENSIVE, &params, err);
}

/* ---- gradients as rows of their own, fused ---- */
TE_LOOPS_FLOAT (TE_BINARY_LOOP, sigmoid_backward, T, x *(1 - y) * y)
TE_LOOPS_FLOAT2 (TE_BINARY_LOOP, tanh_backward, T, x *fmaf (-y, y, 1), x *fma (-y, y, 1))
/* The result comes first: the gradient gets its memory order. */
TE_LOOPS_FLOAT (TE_BINARY_LOOP, relu_backward, T, x > 0 ? y : 0)

TE_LOOPS_COMPLEX2 (TE_BINARY_LOOP,
                   sigmoid_backward,
                   T,
                   T,
                   te_cmulf (x, te_cmulf (1 - y, y)),
                   te_cmul (x, te_cmul (1 - y, y)))
TE_LOOPS_COMPLEX2 (TE_BINARY_LOOP,
                   tanh_backward,
                   T,
                   T,
                   te_cmulf (x, 1 - te_cmulf (y, y)),
                   te_cmul (x, 1 - te_cmul (y, y)))

#define GRAD_KERNEL(OP)                                                                                      \
  static bool kernel_##OP (TeOpCall *call, TeError *err)                                                     \
  {                                                                                                          \
    static const TeLoops loops = { #OP, { TE_TABLE_FLOAT (OP), TE_TABLE_COMPLEX (OP) } };                    \
    return te_run_binary (call, &loops, 0, NULL, err);                                                       \
  }
GRAD_KERNEL (sigmoid_backward)
GRAD_KERNEL (tanh_backward)

static bool
kernel_relu_backward (TeOpCall *call, TeError *err)
{
  static const TeLoops loops = { "threshold_cpu", { TE_TABLE_FLOAT (relu_backward) } };
  TeTensor *ins[2] = { call->args[1].tensor, call->args[0].tensor };
  TeIterConfig config = { .flags = TE_ITER_PROMOTE, .out_dtype = TE_DTYPE_NONE };
  return te_run_loops (call, &loops, &config, ins, 2, NULL, err);
}

/* ---- backward ---- */
#define RULE(OP, EXPRESSION)                                                                                 \
  static bool backward_##OP (TeBackward *ctx, TeError *err)                                                  \
  {                                                                                                          \
    TeExpr e = TE_EXPR (err);                                                                                \
    TeTensor *grad = ctx->grads[0], *x = ctx->inputs[0], *y = ctx->outs[0];                                  \
    (void) x, (void) y;                                                                                      \
    return te_expr_end (&e, EXPRESSION, &ctx->results[0]);                                                   \
  }
#define PLUS(a, value)  ex_add_scalar (&e, a, value)
#define TIMES(a, value) ex_mul_scalar (&e, a, value)
#define MUL(a, b)       ex_mul (&e, a, b)
#define DIV(a, b)       ex_div (&e, a, b)
#define NEG(a)          ex_neg (&e, a)
#define POW(a, value)   ex_pow_scalar (&e, a, value)
#define CALL(name, a)   EX (&e, name, "T", a)

RULE (exp, MUL (grad, y))
RULE (exp2, TIMES (MUL (grad, y), M_LN2))
RULE (expm1, MUL (grad, PLUS (y, 1)))
RULE (log, DIV (grad, x))
RULE (log2, DIV (grad, TIMES (x, 0.6931471805599453)))
RULE (log10, DIV (grad, TIMES (x, 2.3025850929940456)))
RULE (log1p, DIV (grad, PLUS (x, 1)))
RULE (sin, MUL (grad, CALL ("cos", x)))
RULE (cos, MUL (grad, NEG (CALL ("sin", x))))
RULE (tan, MUL (grad, PLUS (POW (y, 2), 1)))
RULE (asin, MUL (grad, CALL ("rsqrt", PLUS (MUL (NEG (x), x), 1))))
RULE (acos, MUL (grad, NEG (CALL ("rsqrt", PLUS (MUL (NEG (x), x), 1)))))
RULE (atan, DIV (grad, PLUS (MUL (x, x), 1)))
RULE (sinh, MUL (grad, CALL ("cosh", x)))
RULE (cosh, MUL (grad, CALL ("sinh", x)))
RULE (tanh, EX (&e, "tanh_backward", "TT", grad, y))
RULE (asinh, MUL (grad, CALL ("rsqrt", PLUS (POW (x, 2), 1))))
RULE (acosh, MUL (grad, CALL ("rsqrt", EX (&e, "sub.Scalar", "TS", MUL (x, x), te_scalar_int (1)))))
RULE (atanh, DIV (TIMES (grad, 1), ex_sub_from (&e, 1, POW (x, 2))))
RULE (erf, MUL (TIMES (CALL ("exp", NEG (POW (x, 2))), 1.1283791670955126), grad))
RULE (erfc, MUL (TIMES (CALL ("exp", NEG (POW (x, 2))), -1.1283791670955126), grad))
RULE (erfinv, MUL (TIMES (CALL ("exp", POW (y, 2)), 0.8862269254527580), grad))
RULE (lgamma, MUL (grad, CALL ("digamma", x)))
RULE (digamma, MUL (grad, EX (&e, "polygamma", "iT", (int64_t) 1, x)))
RULE (sigmoid, EX (&e, "sigmoid_backward", "TT", grad, y))
RULE (sqrt, DIV (grad, TIMES (y, 2)))
RULE (rsqrt, MUL (TIMES (grad, -0.5), POW (y, 3)))
RULE (reciprocal, MUL (NEG (grad), MUL (y, y)))
RULE (deg2rad, ex_mul_number (&e, grad, M_PI / 180))
RULE (rad2deg, ex_mul_number (&e, grad, 180 / M_PI))
RULE (sinc,
      ex_where (&e,
                EX (&e, "eq.Scalar", "TS", x, te_scalar_int (0)),
                ex_zeros_like (&e, grad),
                MUL (grad,
                     DIV (ex_sub (&e,
                                  MUL (TIMES (x, M_PI), CALL ("cos", TIMES (x, M_PI))),
                                  CALL ("sin", TIMES (x, M_PI))),
                          TIMES (POW (x, 2), M_PI)))))
RULE (neg, NEG (grad))
RULE (abs, MUL (grad, CALL ("sgn", x)))

/* Of a complex number: what is left of grad / |x| across the direction of x. */
static bool
backward_sgn (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *grad = ctx->grads[0], *x = ctx->inputs[0];
  if (!te_dtype_is_complex ((TeDtype) ctx->metas[0].dtype))
    return te_expr_end (&e, ex_zeros_like (&e, grad), &ctx->results[0]);
  TeTensor *size = CALL ("abs", x), *direction = CALL ("sgn", x);
  TeTensor *along = CALL ("real", DIV (grad, direction));
  TeTensor *across = ex_sub (&e, DIV (grad, size), DIV (MUL (along, direction), size));
  TeTensor *none = EX (&e, "eq.Scalar", "TS", size, te_scalar_int (0));
  return te_expr_end (&e, EX (&e, "where.self", "TST", none, te_scalar_int (0), across), &ctx->results[0]);
}
RULE (zeros, ex_zeros_like (&e, grad))
RULE (same, grad)
RULE (square, MUL (grad, TIMES (ctx->create_graph ? POW (x, 1) : x, 2)))
RULE (relu, EX (&e, "relu_backward", "TT", grad, y))
RULE (nan_to_num, MUL (grad, CALL ("isfinite", x)))

static bool
backward_logit (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *grad = ctx->grads[0], *x = ctx->inputs[0];
  double eps = te_value_double (&ctx->args[1], -1), low = eps >= 0 ? eps : 0;
  TeTensor *slope = DIV (grad, MUL (x, ex_sub_from (&e, 1, x)));
  TeTensor *inside = EX (&e, "logical_and", "TT", EX (&e, "ge.Scalar", "TS", x, te_scalar_float (low)),
                         EX (&e, "le.Scalar", "TS", x, te_scalar_float (1 - low)));
  TeScalar outside = te_scalar_float (eps >= 0 ? 0 : NAN);
  if (ctx->create_graph)
    return te_expr_end (&e, EX (&e, "where.self", "TTS", inside, slope, outside), &ctx->results[0]);
  TE_OP (fill, "masked_fill.Scalar"); /* in place: the layout is the gradient's, not the input's */
  e.failed = e.failed || !te_call_inplace (fill, err, "TTS", slope, CALL ("logical_not", inside), outside);
  return te_expr_end (&e, slope, &ctx->results[0]);
}

/* d/dgrad and d/dy of the fused gradients. */
static bool
backward_sigmoid_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *grad = ctx->grads[0], *grad_out = ctx->inputs[0], *y = ctx->inputs[1];
  if (ctx->needs[0])
    te_expr_put (&e, EX (&e, "sigmoid_backward", "TT", grad, y), &ctx->results[0]);
  if (ctx->needs[1])
    te_expr_put (&e, MUL (MUL (grad, grad_out), PLUS (TIMES (y, -2), 1)), &ctx->results[1]);
  return te_expr_close (&e);
}

static bool
backward_tanh_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *grad = ctx->grads[0], *grad_out = ctx->inputs[0], *y = ctx->inputs[1];
  if (ctx->needs[0])
    te_expr_put (&e, EX (&e, "tanh_backward", "TT", grad, y), &ctx->results[0]);
  if (ctx->needs[1])
    te_expr_put (&e, TIMES (MUL (MUL (grad, grad_out), y), -2), &ctx->results[1]);
  return te_expr_close (&e);
}

static bool
backward_relu_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  if (ctx->needs[0])
    te_expr_put (&e, EX (&e, "relu_backward", "TT", ctx->grads[0], ctx->inputs[1]), &ctx->results[0]);
  if (ctx->needs[1])
    te_expr_put (&e, ex_zeros_like (&e, ctx->grads[0]), &ctx->results[1]);
  return te_expr_close (&e);
}

#define ROW(OP, FLAGS, RULE_NAME, NODE, SAVES, DOC)                                                          \
  {                                                                                                          \
    .schema = #OP "(Tensor self) -> Tensor", .flags = (FLAGS), .kernel = kernel_##OP,                        \
    .backward = backward_##RULE_NAME, .node = NODE, .saves = SAVES, .doc = DOC                               \
  }
#define INVERSE_ROW(OP, NODE, DOC)                                                                           \
  {                                                                                                          \
    .schema = #OP "(Tensor self) -> Tensor", .flags = ALL, .kernel = kernel_##OP,                            \
    .backward = backward_##OP, .node = NODE, .inplace_node = NODE "1", .saves = X, .doc = DOC                \
  }
#define X   TE_SAVE_ARG (0)
#define Y   TE_SAVE_OUT (0)
#define ALL TE_MFIO

static const TeOpDef rows[] = {
  ROW (exp, ALL, exp, "ExpBackward", Y, "e to the power self."),
  ROW (exp2, ALL | TE_OP_SPECIAL, exp2, "Exp2Backward", Y, "2 to the power self."),
  ROW (expm1, ALL | TE_OP_SPECIAL, expm1, "Expm1Backward", Y, "exp (self) - 1, exact near 0."),
  ROW (log, ALL, log, "LogBackward", X, "Natural logarithm."),
  ROW (log2, ALL, log2, "Log2Backward", X, "Logarithm to base 2."),
  ROW (log10, ALL, log10, "Log10Backward", X, "Logarithm to base 10."),
  ROW (log1p, ALL | TE_OP_SPECIAL, log1p, "Log1PBackward", X, "log (1 + self), exact near 0."),
  ROW (sin, ALL, sin, "SinBackward", X, "Sine."),
  ROW (cos, ALL, cos, "CosBackward", X, "Cosine."),
  ROW (tan, ALL, tan, "TanBackward", Y, "Tangent."),
  ROW (asin, ALL, asin, "AsinBackward", X, "Arc sine."),
  ROW (acos, ALL, acos, "AcosBackward", X, "Arc cosine."),
  ROW (atan, ALL, atan, "AtanBackward", X, "Arc tangent."),
  ROW (sinh, ALL, sinh, "SinhBackward", X, "Hyperbolic sine."),
  ROW (cosh, ALL, cosh, "CoshBackward", X, "Hyperbolic cosine."),
  ROW (tanh, ALL, tanh, "TanhBackward", Y, "Hyperbolic tangent."),
  INVERSE_ROW (asinh, "AsinhBackward", "Inverse hyperbolic sine."),
  INVERSE_ROW (acosh, "AcoshBackward", "Inverse hyperbolic cosine."),
  INVERSE_ROW (atanh, "AtanhBackward", "Inverse hyperbolic tangent."),
  ROW (erf, ALL | TE_OP_SPECIAL, erf, "ErfBackward", X, "Error function."),
  ROW (erfc, ALL | TE_OP_SPECIAL, erfc, "ErfcBackward", X, "1 - erf (self)."),
  ROW (erfinv, ALL | TE_OP_SPECIAL, erfinv, "ErfinvBackward", Y, "Inverse of erf."),
  ROW (lgamma, ALL, lgamma, "LgammaBackward", X, "Logarithm of |gamma (self)|."),
  ROW (digamma, ALL | TE_OP_SPECIAL, digamma, "DigammaBackward", X, "Derivative of lgamma."),
  ROW (sigmoid, ALL, sigmoid, "SigmoidBackward", Y, "1 / (1 + exp (-self))."),
  ROW (sqrt, ALL, sqrt, "SqrtBackward", Y, "Square root."),
  ROW (rsqrt, ALL, rsqrt, "RsqrtBackward", Y, "1 / sqrt (self)."),
  ROW (reciprocal, ALL, reciprocal, "ReciprocalBackward", Y, "1 / self."),
  ROW (deg2rad, ALL, deg2rad, "Deg2RadBackward", 0, "Degrees to radians."),
  ROW (rad2deg, ALL, rad2deg, "Rad2DegBackward", 0, "Radians to degrees."),
  ROW (sinc, ALL | TE_OP_SPECIAL, sinc, "SincBackward", X, "sin (pi self) / (pi self)."),
  ROW (neg, ALL, neg, "NegBackward", 0, "-self."),
  ROW (abs, ALL, abs, "AbsBackward", X, "Magnitude."),
  ROW (sign, ALL, zeros, "SignBackward", 0, "-1, 0 or 1."),
  ROW (square, TE_MF | TE_OP_INPLACE | TE_OP_OUT, square, "PowBackward", X, "self * self."),
  ROW (floor, ALL, zeros, "FloorBackward", 0, "Rounded down."),
  ROW (ceil, ALL, zeros, "CeilBackward", 0, "Rounded up."),
  ROW (round, ALL, zeros, "RoundBackward", 0, "Rounded to nearest, halves to even."),
  ROW (trunc, ALL, zeros, "TruncBackward", 0, "Rounded towards zero."),
  ROW (frac, ALL, same, "FracBackward", 0, "self - trunc (self)."),
  ROW (relu, TE_MF | TE_OP_INPLACE, relu, "ReluBackward", Y, "max (self, 0)."),
  { .schema = "sgn(Tensor self) -> Tensor",
    .flags = ALL | TE_OP_CONJ_RULE,
    .kernel = kernel_sgn,
    .backward = backward_sgn,
    .node = "SgnBackward",
    .saves = X,
    .doc = "-1, 0 or 1; of complex numbers the one of size 1 in the same direction." },
  { .schema = "positive(Tensor self) -> Tensor",
    .flags = TE_MF | TE_OP_COMPOSITE,
    .kernel = kernel_positive,
    .doc = "self itself." },
  { .schema = "negative(Tensor self) -> Tensor",
    .flags = ALL,
    .kernel = kernel_neg,
    .backward = backward_neg,
    .node = "NegBackward",
    .doc = "Another name of neg." },
  { .schema = "absolute(Tensor self) -> Tensor",
    .flags = ALL,
    .kernel = kernel_abs,
    .backward = backward_abs,
    .node = "AbsBackward",
    .saves = X,
    .doc = "Another name of abs." },
  { .schema = "fix(Tensor self) -> Tensor",
    .flags = ALL,
    .kernel = kernel_trunc,
    .backward = backward_zeros,
    .node = "TruncBackward",
    .doc = "Another name of trunc." },
  { .schema = "arcsin(Tensor self) -> Tensor",
    .flags = ALL,
    .kernel = kernel_asin,
    .backward = backward_asin,
    .node = "AsinBackward",
    .saves = X,
    .doc = "Another name of asin." },
  { .schema = "arccos(Tensor self) -> Tensor",
    .flags = ALL,
    .kernel = kernel_acos,
    .backward = backward_acos,
    .node = "AcosBackward",
    .saves = X,
    .doc = "Another name of acos." },
  { .schema = "arctan(Tensor self) -> Tensor",
    .flags = ALL,
    .kernel = kernel_atan,
    .backward = backward_atan,
    .node = "AtanBackward",
    .saves = X,
    .doc = "Another name of atan." },
  { .schema = "arccosh(Tensor self) -> Tensor",
    .flags = ALL,
    .kernel = kernel_acosh,
    .backward = backward_acosh,
    .node = "AcoshBackward",
    .inplace_node = "AcoshBackward1",
    .saves = X,
    .doc = "Another name of acosh." },
  { .schema = "arcsinh(Tensor self) -> Tensor",
    .flags = ALL,
    .kernel = kernel_asinh,
    .backward = backward_asinh,
    .node = "AsinhBackward",
    .inplace_node = "AsinhBackward1",
    .saves = X,
    .doc = "Another name of asinh." },
  { .schema = "arctanh(Tensor self) -> Tensor",
    .flags = ALL,
    .kernel = kernel_atanh,
    .backward = backward_atanh,
    .node = "AtanhBackward",
    .inplace_node = "AtanhBackward1",
    .saves = X,
    .doc = "Another name of atanh." },
  { .schema = "isreal(Tensor self) -> Tensor",
    .flags = TE_MF | TE_OP_NONDIFF,
    .kernel = kernel_isreal,
    .doc = "Where the imaginary part is 0." },
  { .schema = "special_gammaln(Tensor self) -> Tensor",
    .flags = TE_OP_SPECIAL | TE_OP_OUT,
    .kernel = kernel_lgamma,
    .backward = backward_lgamma,
    .node = "LgammaBackward",
    .saves = X,
    .doc = "Another name of lgamma." },
  { .schema = "special_psi(Tensor self) -> Tensor",
    .flags = TE_OP_SPECIAL | TE_OP_OUT,
    .kernel = kernel_digamma,
    .backward = backward_digamma,
    .node = "DigammaBackward",
    .saves = X,
    .doc = "Another name of digamma." },
  { .schema = "special_round(Tensor self, *, int decimals=0) -> Tensor",
    .flags = TE_OP_SPECIAL | TE_OP_OUT,
    .kernel = kernel_round_decimals,
    .backward = backward_zeros,
    .node = "RoundBackward1",
    .doc = "Rounded to that many decimals." },
  { .schema = "special_expit(Tensor self) -> Tensor",
    .flags = TE_OP_SPECIAL | TE_OP_OUT,
    .kernel = kernel_sigmoid,
    .backward = backward_sigmoid,
    .node = "SigmoidBackward",
    .saves = Y,
    .doc = "Another name of sigmoid." },
  { .schema = "round.decimals(Tensor self, *, int decimals) -> Tensor",
    .flags = ALL,
    .kernel = kernel_round_decimals,
    .backward = backward_zeros,
    .node = "RoundBackward1",
    .doc = "Rounded to that many decimals." },
  { .schema = "nan_to_num(Tensor self, float? nan=None, float? posinf=None, float? neginf=None) -> Tensor",
    .flags = ALL,
    .kernel = kernel_nan_to_num,
    .backward = backward_nan_to_num,
    .node = "NanToNumBackward",
    .saves = X,
    .doc = "NaN and the infinities replaced." },
  { .schema = "logit(Tensor self, float? eps=None) -> Tensor",
    .flags = ALL | TE_OP_SPECIAL,
    .kernel = kernel_logit,
    .backward = backward_logit,
    .node = "LogitBackward",
    .saves = X,
    .doc = "log (self / (1 - self)), self first clamped to [eps, 1 - eps]." },
  { .schema = "sigmoid_backward(Tensor grad_output, Tensor output) -> Tensor",
    .flags = 0,
    .kernel = kernel_sigmoid_backward,
    .backward = backward_sigmoid_backward,
    .node = "SigmoidBackwardBackward",
    .saves = TE_SAVE_ARG (0) | TE_SAVE_ARG (1),
    .doc = "grad_output * output * (1 - output)." },
  { .schema = "tanh_backward(Tensor grad_output, Tensor output) -> Tensor",
    .flags = 0,
    .kernel = kernel_tanh_backward,
    .backward = backward_tanh_backward,
    .node = "TanhBackwardBackward",
    .saves = TE_SAVE_ARG (0) | TE_SAVE_ARG (1),
    .doc = "grad_output * (1 - output^2)." },
  { .schema = "relu_backward(Tensor grad_output, Tensor output) -> Tensor",
    .flags = 0,
    .kernel = kernel_relu_backward,
    .backward = backward_relu_backward,
    .node = "ThresholdBackwardBackward",
    .saves = TE_SAVE_ARG (1),
    .doc = "grad_output where output > 0, else 0." },
};
TE_OP_FAMILY (te_family_unary, rows);
