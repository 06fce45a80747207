/* pow in all its overloads, and float functions of two elements. */
#include "ops/pointwise/vector-math.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

/* ---- pow ---- */

static inline int64_t
power_int (int64_t base, int64_t exponent)
{
  if (exponent < 0)
    return base == 1 ? 1 : base == -1 ? (exponent % 2 ? -1 : 1) : 0;
  uint64_t result = 1, factor = (uint64_t) base;
  for (; exponent; exponent >>= 1, factor *= factor)
    if (exponent & 1)
      result *= factor;
  return (int64_t) result;
}

TE_LOOPS_INT (TE_BINARY_LOOP, pow, T, power_int (x, y))
TE_VECTOR_LOOPS2_ODD (pow, Sleef_powf8_u10 (x, y), Sleef_powd4_u10 (x, y), TE_ONE2 (pow, x, y))
/* 0 to any power but 0 is 0 (C's cpow has NaN there). */
TE_LOOPS_COMPLEX2 (TE_BINARY_LOOP,
                   pow,
                   T,
                   T,
                   y == 0   ? 1
                   : x == 0 ? 0
                            : cpowf (x, y),
                   y == 0   ? 1
                   : x == 0 ? 0
                            : cpow (x, y))
static const TeLoops loops_pow = { "pow",
                                   { TE_TABLE_INT (pow), TE_TABLE_FLOAT (pow), TE_TABLE_COMPLEX (pow) } };

/* Exponents that need no pow. */
TE_LOOPS_FLOAT (TE_UNARY_LOOP, pow_two, T, x *x)
TE_LOOPS_FLOAT (TE_UNARY_LOOP, pow_three, T, x *x *x)
TE_LOOPS_FLOAT2 (TE_UNARY_LOOP, pow_half, T, sqrtf (x), sqrt (x))
TE_LOOPS_FLOAT2 (TE_UNARY_LOOP, pow_minus_half, T, 1 / sqrtf (x), 1 / sqrt (x))
TE_LOOPS_FLOAT (TE_UNARY_LOOP, pow_minus_one, T, 1 / x)
TE_LOOPS_FLOAT (TE_UNARY_LOOP, pow_minus_two, T, 1 / (x * x))
TE_LOOPS_COMPLEX2 (TE_UNARY_LOOP, pow_two, T, T, te_cmulf (x, x), te_cmul (x, x))
TE_LOOPS_COMPLEX2 (TE_UNARY_LOOP, pow_three, T, T, te_cmulf (te_cmulf (x, x), x), te_cmul (te_cmul (x, x), x))
TE_LOOPS_COMPLEX2 (TE_UNARY_LOOP, pow_half, T, T, csqrtf (x), csqrt (x))
TE_LOOPS_COMPLEX2 (TE_UNARY_LOOP, pow_minus_half, T, T, te_cdivf (1, csqrtf (x)), te_cdiv (1, csqrt (x)))
TE_LOOPS_COMPLEX2 (TE_UNARY_LOOP, pow_minus_one, T, T, te_cdivf (1, x), te_cdiv (1, x))
TE_LOOPS_COMPLEX2 (TE_UNARY_LOOP, pow_minus_two, T, T, te_cdivf (1, te_cmulf (x, x)), te_cdiv (1, te_cmul (x, x)))

static const TeLoops *
simple_power (double exponent)
{
  static const TeLoops two = { "pow", { TE_TABLE_FLOAT (pow_two), TE_TABLE_COMPLEX (pow_two) } };
  static const TeLoops three = { "pow", { TE_TABLE_FLOAT (pow_three), TE_TABLE_COMPLEX (pow_three) } };
  static const TeLoops half = { "pow", { TE_TABLE_FLOAT (pow_half), TE_TABLE_COMPLEX (pow_half) } };
  static const TeLoops minus_half = { "pow", { TE_TABLE_FLOAT (pow_minus_half), TE_TABLE_COMPLEX (pow_minus_half) } };
  static const TeLoops minus_one = { "pow", { TE_TABLE_FLOAT (pow_minus_one), TE_TABLE_COMPLEX (pow_minus_one) } };
  static const TeLoops minus_two = { "pow", { TE_TABLE_FLOAT (pow_minus_two), TE_TABLE_COMPLEX (pow_minus_two) } };
  return exponent == 2      ? &two
         : exponent == 3    ? &three
         : exponent == 0.5  ? &half
         : exponent == -0.5 ? &minus_half
         : exponent == -1   ? &minus_one
         : exponent == -2   ? &minus_two
                            : NULL;
}

static bool
kernel_pow (TeOpCall *call, TeError *err)
{
  TeIterNumber numbers[2];
  TeTensor *ins[2] = { te_operand (&call->args[0], &numbers[0]), te_operand (&call->args[1], &numbers[1]) };
  TeDtype dtype = te_result_type (ins, 2);
  bool number = call->args[1].kind != TE_VALUE_TENSOR;
  double exponent = number ? te_value_double (&call->args[1], 0) : 0;
  if (number && te_dtype_is_integral (te_tensor_dtype (ins[0]), true)
      && call->args[1].scalar.category == TE_CATEGORY_INT && exponent < 0)
    return te_error_set (err, TE_ERR_RUNTIME, "Integers to negative integer powers are not allowed.");
  if (number && call->inplace && call->outs[0]->dtype != dtype)
    return te_error_set (err, TE_ERR_RUNTIME, "Found dtype %s but expected %s",
                         te_dtype_error_name (te_tensor_dtype (call->outs[0])), te_dtype_error_name (dtype));
  if (dtype == TE_BOOL)
    { /* which is said of sizes that go together */
      int64_t sizes[TE_MAX_NDIM];
      int ndim;
      return te_shape_broadcast (ins[0]->ndim, ins[0]->sizes, ins[1]->ndim, ins[1]->sizes, &ndim, sizes, err)
             && te_not_implemented_for ("pow", dtype, err);
    }
  bool complex_power = number && te_scalar_imag (te_value_scalar (&call->args[1])) != 0;
  const TeLoops *simple = number && te_tensor_dtype (ins[0]) == dtype && te_dtype_is_inexact (dtype) && !complex_power
                              ? simple_power (exponent)
                              : NULL;
  TeIterConfig config = { .flags = TE_ITER_PROMOTE | (simple ? 0 : TE_ITER_EXPENSIVE),
                          .out_dtype = TE_DTYPE_NONE };
  if (number && !simple && !call->outs[0])
    { /* laid out as by an op of self alone */
      TeIter iter;
      TeIterConfig alone = { .out_dtype = dtype };
      if (!te_iter_build (&iter, &alone, call->outs, 1, ins, 1, err))
        return false;
    }
  return te_run_loops (call, simple ? simple : &loops_pow, &config, ins, simple ? 1 : 2, NULL, err);
}

/* float_power: pow in double, or in complex128 where one of the two is complex. */
static TeDtype
float_power_dtype (const TeOpCall *call)
{
  for (int i = 0; i < 2; i++)
    if (call->args[i].kind == TE_VALUE_TENSOR ? te_dtype_is_complex (te_tensor_dtype (call->args[i].tensor))
                                              : te_value_scalar (&call->args[i]).category == TE_CATEGORY_COMPLEX)
      return TE_COMPLEX128;
  return TE_FLOAT64;
}

static TeScalar
float_scalar (TeScalar value)
{
  return value.category == TE_CATEGORY_COMPLEX ? value : te_scalar_float (te_scalar_to_double (value));
}

static bool
kernel_float_power (TeOpCall *call, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TE_OP (pow_scalar, "pow.Tensor_Scalar");
  TE_OP (pow_tensor, "pow.Tensor_Tensor");
  TeDtype dtype = float_power_dtype (call);
  TE_OP (pow_number, "pow.Scalar");
  if (call->args[0].kind == TE_VALUE_SCALAR)
    {
      TeTensor *power = te_expr_keep (&e, te_to_dtype (call->args[1].tensor, dtype, err));
      TeTensor *result = te_call (pow_number, err, "ST", float_scalar (call->args[0].scalar), power);
      return te_expr_end (&e, te_expr_keep (&e, result), &call->outs[0]);
    }
  TeTensor *self = call->args[0].tensor, *base = te_expr_keep (&e, te_to_dtype (self, dtype, err)), *result;
  if (call->inplace && self->dtype != dtype)
    {
      te_expr_close (&e);
      return te_error_set (
          err, TE_ERR_RUNTIME,
          "the base given to float_power_ has dtype %s but the operation's result requires dtype %s",
          te_dtype_error_name (te_tensor_dtype (self)), te_dtype_error_name (dtype));
    }
  if (e.failed)
    return te_expr_close (&e);
  if (call->inplace)
    {
      TeTensor *exponent =
          call->args[1].kind == TE_VALUE_TENSOR ? te_expr_keep (&e, te_to_dtype (call->args[1].tensor, dtype, err)) : NULL;
      if (exponent)
        e.failed = e.failed || !te_call_inplace (pow_tensor, err, "TT", self, exponent);
      else
        e.failed = e.failed || !te_call_inplace (pow_scalar, err, "TS", self, float_scalar (te_value_scalar (&call->args[1])));
      return te_expr_close (&e);
    }
  if (call->args[1].kind == TE_VALUE_TENSOR)
    {
      TeTensor *exponent = te_expr_keep (&e, te_to_dtype (call->args[1].tensor, dtype, err));
      result = e.failed ? NULL : te_expr_keep (&e, te_call (pow_tensor, err, "TT", base, exponent));
    }
  else
    result = te_expr_keep (
        &e, te_call (pow_scalar, err, "TS", base, float_scalar (te_value_scalar (&call->args[1]))));
  if (!e.failed && call->outs[0])
    e.failed = !te_copy (call->outs[0], result, err);
  else
    te_expr_put (&e, result, &call->outs[0]);
  return te_expr_close (&e);
}

/* A contiguous tensor whose sizes of 1 have strides that a new one would not have: the power in PyTorch's
 * formula is one. */
static bool
has_odd_strides (const TeTensor *self)
{
  int64_t step = 1;
  for (int d = self->ndim - 1; d >= 0; step *= self->sizes[d--])
    if (self->strides[d] != step)
      return te_tensor_is_contiguous (self);
  return false;
}

static bool
backward_pow_scalar (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeScalar exponent = te_value_scalar (&ctx->args[1]);
  double power = te_scalar_to_double (exponent), imag = te_scalar_imag (exponent);
  TeTensor *grad = ctx->grads[0], *x = ctx->inputs[0];
  if (power == 0 && imag == 0)
    return te_expr_end (&e, te_expr_keep (&e, te_zeros (x->ndim, x->sizes, te_tensor_dtype (grad), err)),
                        &ctx->results[0]);
  TeScalar less = imag == 0 ? te_scalar_float (power - 1) : te_scalar_complex (power - 1, imag);
  TeTensor *slope = power == 2 && imag == 0 && !ctx->create_graph && !has_odd_strides (x)
                        ? EX (&e, "mul.Scalar", "TS", x, exponent)
                        : EX (&e, "mul.Scalar", "TS", EX (&e, "pow.Tensor_Scalar", "TS", x, less), exponent);
  return te_expr_end (&e, ex_mul (&e, grad, slope), &ctx->results[0]);
}

/* towards the exponent: grad * result * log (base), 0 where the base is 0 and the exponent at least 0. */
static TeTensor *
exponent_gradient (TeExpr *e, TeTensor *grad, TeTensor *base, TeTensor *exponent, TeTensor *result)
{
  TeTensor *zero = EX (e, "logical_and", "TT", EX (e, "eq.Scalar", "TS", base, te_scalar_int (0)),
                       EX (e, "ge.Scalar", "TS", EX (e, "real", "T", exponent), te_scalar_int (0)));
  TeTensor *slope = ex_mul (e, result, EX (e, "log", "T", base));
  return ex_mul (e, grad, EX (e, "where.self", "TST", zero, te_scalar_int (0), slope));
}

static bool
backward_pow_tensor (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *grad = ctx->grads[0], *base = ctx->inputs[0], *exponent = ctx->inputs[1];
  if (ctx->needs[0])
    {
      TeTensor *slope =
          ex_mul (&e, exponent, EX (&e, "pow.Tensor_Tensor", "TT", base, ex_add_scalar (&e, exponent, -1)));
      TeTensor *flat = EX (&e, "eq.Scalar", "TS", exponent, te_scalar_int (0));
      TeTensor *part = EX (&e, "where.self", "TST", flat, te_scalar_int (0), ex_mul (&e, grad, slope));
      te_expr_put (&e, ex_reduce (&e, part, &ctx->metas[0]), &ctx->results[0]);
    }
  if (ctx->needs[1])
    te_expr_put (&e,
                 ex_reduce (&e, exponent_gradient (&e, grad, base, exponent, ctx->outs[0]), &ctx->metas[1]),
                 &ctx->results[1]);
  return te_expr_close (&e);
}

static bool
backward_pow_base (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeScalar number = te_value_scalar (&ctx->args[0]);
  TeComplex128 base = te_scalar_to_complex (number), factor = clog (base);
  TeScalar log_base = number.category == TE_CATEGORY_COMPLEX ? te_scalar_complex (creal (factor), cimag (factor))
                                                             : te_scalar_float (log (creal (base)));
  TeTensor *slope = EX (&e, "mul.Scalar", "TS", ctx->outs[0], log_base);
  if (base == 0)
    slope = EX (&e, "where.self", "TST",
                EX (&e, "ge.Scalar", "TS", EX (&e, "real", "T", ctx->inputs[0]), te_scalar_int (0)),
                te_scalar_int (0), slope);
  return te_expr_end (&e, ex_mul (&e, ctx->grads[0], slope), &ctx->results[0]);
}

/* ---- float functions of two elements ---- */
TE_VECTOR_LOOPS2_ODD (atan2, Sleef_atan2f8_u10 (x, y), Sleef_atan2d4_u10 (x, y), TE_ONE2 (atan2, x, y))
TE_VECTOR_LOOPS2_ODD (hypot, Sleef_hypotf8_u05 (x, y), Sleef_hypotd4_u05 (x, y), TE_ONE2 (hypot, x, y))
/* The larger one plus log (1 + base^(-distance)), which is what two equal infinities are themselves. */
#define ADD_OF_LOGS(SUFFIX, V, M, POWER, LOG, LOG2)                                                \
  static inline V log_sum_##SUFFIX (V x, V y, bool binary)                                                   \
  {                                                                                                          \
    const V sign = M##_set1_##SUFFIX (-0.0), one = M##_set1_##SUFFIX (1), two = M##_set1_##SUFFIX (2);       \
    V near = M##_or_##SUFFIX (sign, M##_sub_##SUFFIX (x, y));                                                \
    V more = binary ? LOG2 (M##_add_##SUFFIX (one, POWER (two, near)))                                       \
                    : LOG (M##_add_##SUFFIX (one, te_exp_##SUFFIX (near)));                                  \
    V infinite = M##_cmp_##SUFFIX (M##_andnot_##SUFFIX (sign, x), M##_set1_##SUFFIX (HUGE_VAL), _CMP_EQ_OQ); \
    V same = M##_and_##SUFFIX (infinite, M##_cmp_##SUFFIX (x, y, _CMP_EQ_OQ));                               \
    return M##_blendv_##SUFFIX (M##_add_##SUFFIX (M##_max_##SUFFIX (x, y), more), x, same);                  \
  }
ADD_OF_LOGS (ps, __m256, _mm256, Sleef_powf8_u10, Sleef_logf8_u10, Sleef_log2f8_u10)
ADD_OF_LOGS (pd, __m256d, _mm256, Sleef_powd4_u10, Sleef_logd4_u10, Sleef_log2d4_u10)
#undef ADD_OF_LOGS
TE_VECTOR_LOOPS2_ODD (logaddexp,
                      log_sum_ps (x, y, false),
                      log_sum_pd (x, y, false),
                      isinf (x) && x == y ? x : (x > y ? x : y) + TE_ONE (log, 1 + TE_ONE (exp, -TE_ONE (fabs, x - y))))
TE_VECTOR_LOOPS2_ODD (logaddexp2,
                      log_sum_ps (x, y, true),
                      log_sum_pd (x, y, true),
                      isinf (x) && x == y ? x
                                          : (x > y ? x : y) + TE_ONE (log2, 1 + TE_ONE (exp2, -TE_ONE (fabs, x - y))))
TE_LOOPS_FLOAT2 (TE_BINARY_LOOP, copysign, T, copysignf (x, y), copysign (x, y))
TE_LOOPS_FLOAT2 (TE_BINARY_LOOP,
                 xlogy,
                 T,
                 y != y   ? NAN
                 : x == 0 ? 0
                          : x * logf (y),
                 y != y   ? NAN
                 : x == 0 ? 0
                          : x * log (y))
TE_LOOPS_FLOAT2 (TE_BINARY_LOOP,
                 xlog1py,
                 T,
                 y != y   ? NAN
                 : x == 0 ? 0
                          : x * log1pf (y),
                 y != y   ? NAN
                 : x == 0 ? 0
                          : x * log1p (y))
TE_LOOPS_FLOAT2 (TE_BINARY_LOOP, nextafter, T, nextafterf (x, y), nextafter (x, y))
TE_LOOPS_INT (TE_BINARY_LOOP, heaviside, T, x == 0 ? y : !te_is_negative (x))
TE_LOOPS_FLOAT (TE_BINARY_LOOP, heaviside, T, x == 0 ? y : x > 0)
TE_LOOPS_BOOL (TE_BINARY_LOOP, heaviside, bool, x || y)
static inline int64_t
gcd_one (int64_t a, int64_t b)
{
  while (b)
    {
      int64_t rest = b == -1 ? 0 : a % b;
      a = b;
      b = rest;
    }
  return a < 0 ? (int64_t) (0 - (uint64_t) a) : a;
}
/* Wraps where the multiple has no room. */
static inline int64_t
lcm_one (int64_t a, int64_t b)
{
  int64_t common = gcd_one (a, b), parts = common == -1 ? (int64_t) (0 - (uint64_t) a) : common ? a / common : 0;
  uint64_t multiple = (uint64_t) parts * (uint64_t) b;
  return (int64_t) ((int64_t) multiple < 0 ? 0 - multiple : multiple);
}
TE_LOOPS_INT (TE_BINARY_LOOP, gcd, T, gcd_one (x, y))
TE_LOOPS_INT (TE_BINARY_LOOP, lcm, T, lcm_one (x, y))

#define FLOAT2(OP, NAME, FLAGS)                                                                              \
  static bool kernel_##OP (TeOpCall *call, TeError *err)                                                     \
  {                                                                                                          \
    static const TeLoops loops = { NAME, { TE_TABLE_FLOAT (OP) } };                                          \
    return te_run_binary (call, &loops, (FLAGS) | TE_ITER_EXPENSIVE, NULL, err);                             \
  }
FLOAT2 (atan2, "atan2_cpu", TE_ITER_FLOAT)
FLOAT2 (hypot, "hypot_cpu", 0)
FLOAT2 (logaddexp, "logaddexp_cpu", 0)
FLOAT2 (logaddexp2, "logaddexp2_cpu", 0)
FLOAT2 (copysign, "copysign_cpu", TE_ITER_FLOAT)
FLOAT2 (xlogy, "xlogy_cpu", TE_ITER_FLOAT)
FLOAT2 (xlog1py, "xlog1py_cpu", TE_ITER_FLOAT)
FLOAT2 (nextafter, "nextafter_cpu", 0)

static bool
kernel_heaviside (TeOpCall *call, TeError *err)
{
  static const TeLoops loops = {
    "heaviside_cpu", { TE_TABLE_INT (heaviside), TE_TABLE_FLOAT (heaviside), TE_TABLE_BOOL (heaviside) }
  };
  if (call->args[0].tensor->dtype != call->args[1].tensor->dtype)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "heaviside is not yet implemented for tensors with different dtypes.");
  return te_run_binary (call, &loops, 0, NULL, err);
}

static bool
kernel_gcd (TeOpCall *call, TeError *err)
{
  static const TeLoops loops = { "gcd_cpu", { TE_TABLE_INT (gcd) } };
  return te_run_binary (call, &loops, 0, NULL, err);
}

static bool
kernel_lcm (TeOpCall *call, TeError *err)
{
  static const TeLoops loops = { "lcm_cpu", { TE_TABLE_INT (lcm) } };
  return te_run_binary (call, &loops, 0, NULL, err);
}

/* A rule for two inputs: A and B are the gradients towards them. */
#define RULE2(OP, A, B)                                                                                      \
  static bool backward_##OP (TeBackward *ctx, TeError *err)                                                  \
  {                                                                                                          \
    TeExpr e = TE_EXPR (err);                                                                                \
    TeTensor *grad = ctx->grads[0], *a = ctx->inputs[0], *b = ctx->n_inputs > 1 ? ctx->inputs[1] : NULL,     \
             *y = ctx->outs[0];                                                                              \
    (void) a, (void) b, (void) y;                                                                            \
    if (ctx->needs[0])                                                                                       \
      te_expr_put (&e, ex_reduce (&e, A, &ctx->metas[0]), &ctx->results[0]);                                 \
    if (ctx->n_inputs > 1 && ctx->needs[1])                                                                  \
      te_expr_put (&e, ex_reduce (&e, B, &ctx->metas[1]), &ctx->results[1]);                                 \
    return te_expr_close (&e);                                                                               \
  }
#define MUL(p, q)   ex_mul (&e, p, q)
#define DIV(p, q)   ex_div (&e, p, q)
#define SUM_SQUARES ex_add (&e, MUL (a, a), MUL (b, b))
RULE2 (atan2,
       MUL (MUL (grad, b), EX (&e, "reciprocal", "T", SUM_SQUARES)),
       MUL (MUL (grad, ex_neg (&e, a)), EX (&e, "reciprocal", "T", SUM_SQUARES)))
RULE2 (hypot, DIV (MUL (grad, a), y), DIV (MUL (grad, b), y))
RULE2 (logaddexp,
       DIV (grad, ex_add_scalar (&e, EX (&e, "exp", "T", ex_sub (&e, b, a)), 1)),
       DIV (grad, ex_add_scalar (&e, EX (&e, "exp", "T", ex_sub (&e, a, b)), 1)))
RULE2 (logaddexp2,
       DIV (grad, ex_add_scalar (&e, EX (&e, "pow.Scalar", "ST", te_scalar_int (2), ex_sub (&e, b, a)), 1)),
       DIV (grad, ex_add_scalar (&e, EX (&e, "pow.Scalar", "ST", te_scalar_int (2), ex_sub (&e, a, b)), 1)))
/* grad * (result / self, 0 where self is 0) */
RULE2 (copysign,
       MUL (grad, ex_clear (&e, DIV (y, a), EX (&e, "eq.Scalar", "TS", a, te_scalar_int (0)))),
       ex_zeros_like (&e, grad))
RULE2 (xlogy,
       ex_clear (&e,
                 EX (&e, "xlogy.Tensor", "TT", grad, b),
                 EX (&e,
                     "logical_and",
                     "TT",
                     EX (&e, "eq.Scalar", "TS", a, te_scalar_int (0)),
                     EX (&e, "le.Scalar", "TS", b, te_scalar_int (0)))),
       DIV (MUL (grad, a), b))
RULE2 (xlog1py,
       EX (&e,
           "masked_fill.Scalar",
           "TTS",
           MUL (grad, EX (&e, "log1p", "T", b)),
           EX (&e,
               "logical_and",
               "TT",
               EX (&e, "eq.Scalar", "TS", a, te_scalar_int (0)),
               EX (&e, "le.Scalar", "TS", b, te_scalar_int (-1))),
           te_scalar_int (0)),
       DIV (MUL (grad, a), ex_add_scalar (&e, b, 1)))

static bool
backward_xlogy_base (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  return te_expr_end (
      &e, ex_div (&e, ex_mul_scalar (&e, ctx->grads[0], te_value_double (&ctx->args[0], 0)), ctx->inputs[0]),
      &ctx->results[0]);
}

static bool
backward_xlogy_scalar (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  return te_expr_end (&e, EX (&e, "xlogy.Scalar_Other", "TS", ctx->grads[0], te_value_scalar (&ctx->args[1])),
                      &ctx->results[0]);
}

static bool
backward_xlog1py_base (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *slope = ex_div (&e, ctx->grads[0], ex_add_scalar (&e, ctx->inputs[0], 1));
  return te_expr_end (&e, ex_mul_scalar (&e, slope, te_value_double (&ctx->args[0], 0)), &ctx->results[0]);
}

static bool
backward_xlog1py_scalar (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  return te_expr_end (&e, ex_mul_scalar (&e, ctx->grads[0], log1p (te_value_double (&ctx->args[1], 1))),
                      &ctx->results[0]);
}

static bool
backward_nextafter (TeBackward *ctx, TeError *err)
{
  return te_error_set (err, TE_ERR_NOT_IMPLEMENTED, "the derivative for 'nextafter' is not implemented.");
}

#define A0 TE_SAVE_ARG (0)
#define A1 TE_SAVE_ARG (1)
#define Y  TE_SAVE_OUT (0)
#define ROW2(NAME, FLAGS, KERNEL, RULE, NODE, SAVES, DOC)                                                    \
  {                                                                                                          \
    .schema = NAME "(Tensor self, Tensor other) -> Tensor", .flags = FLAGS, .kernel = kernel_##KERNEL,       \
    .backward = backward_##RULE, .node = NODE, .saves = SAVES, .doc = DOC                                    \
  }

static const TeOpDef rows[] = {
  { .schema = "pow.Tensor_Tensor(Tensor self, Tensor exponent) -> Tensor",
    .flags = TE_MFIO,
    .kernel = kernel_pow,
    .backward = backward_pow_tensor,
    .node = "PowBackward1",
    .saves = A0 | A1 | Y,
    .doc = "self to the power exponent." },
  { .schema = "pow.Scalar(Scalar self, Tensor exponent) -> Tensor",
    .flags = TE_OP_FUNCTION | TE_OP_OUT,
    .kernel = kernel_pow,
    .backward = backward_pow_base,
    .node = "PowBackward2",
    .saves = A1 | Y,
    .doc = "A number to the power exponent." },
  { .schema = "pow.Tensor_Scalar(Tensor self, Scalar exponent) -> Tensor",
    .flags = TE_MFIO,
    .kernel = kernel_pow,
    .backward = backward_pow_scalar,
    .node = "PowBackward",
    .saves = A0,
    .doc = "self to the power of a number." },
  { .schema = "float_power.Tensor_Tensor(Tensor self, Tensor exponent) -> Tensor",
    .flags = TE_MF | TE_OP_COMPOSITE | TE_OP_INPLACE | TE_OP_OUT,
    .kernel = kernel_float_power,
    .doc = "self to the power exponent, in float64." },
  { .schema = "float_power.Scalar(Scalar self, Tensor exponent) -> Tensor",
    .flags = TE_OP_FUNCTION | TE_OP_COMPOSITE | TE_OP_OUT,
    .kernel = kernel_float_power,
    .doc = "A number to the power exponent, in float64." },
  { .schema = "float_power.Tensor_Scalar(Tensor self, Scalar exponent) -> Tensor",
    .flags = TE_MF | TE_OP_COMPOSITE | TE_OP_INPLACE | TE_OP_OUT,
    .kernel = kernel_float_power,
    .doc = "self to the power of a number, in float64." },
  ROW2 ("atan2", TE_MFIO, atan2, atan2, "Atan2Backward", A0 | A1, "The angle of (other, self)."),
  ROW2 ("arctan2", TE_MFIO, atan2, atan2, "Atan2Backward", A0 | A1, "Another name of atan2."),
  ROW2 ("hypot", TE_MFIO, hypot, hypot, "HypotBackward", A0 | A1 | Y, "sqrt (self^2 + other^2)."),
  ROW2 ("logaddexp",
        TE_MF | TE_OP_OUT,
        logaddexp,
        logaddexp,
        "LogaddexpBackward",
        A0 | A1 | Y,
        "log (exp (self) + exp (other))."),
  ROW2 ("logaddexp2",
        TE_MF | TE_OP_OUT,
        logaddexp2,
        logaddexp2,
        "Logaddexp2Backward",
        A0 | A1 | Y,
        "log2 (2^self + 2^other)."),
  ROW2 ("copysign.Tensor",
        TE_MFIO,
        copysign,
        copysign,
        "CopysignBackward",
        A0 | A1 | Y,
        "self with other's sign."),
  { .schema = "copysign.Scalar(Tensor self, Scalar other) -> Tensor",
    .flags = TE_MFIO,
    .kernel = kernel_copysign,
    .backward = backward_copysign,
    .node = "CopysignBackward1",
    .saves = A0 | Y,
    .doc = "self with a number's sign." },
  { .schema = "xlogy.Scalar_Self(Scalar self, Tensor other) -> Tensor",
    .flags = TE_OP_FUNCTION | TE_OP_SPECIAL | TE_OP_OUT,
    .kernel = kernel_xlogy,
    .backward = backward_xlogy_base,
    .node = "XlogyBackward1",
    .saves = A1,
    .doc = "A number * log (other)." },
  { .schema = "xlogy.Scalar_Other(Tensor self, Scalar other) -> Tensor",
    .flags = TE_MFIO | TE_OP_SPECIAL | TE_OP_OUT,
    .kernel = kernel_xlogy,
    .backward = backward_xlogy_scalar,
    .node = "XlogyBackward2",
    .doc = "self * log of a number." },
  ROW2 ("xlogy.Tensor",
        TE_MFIO | TE_OP_SPECIAL,
        xlogy,
        xlogy,
        "XlogyBackward",
        A0 | A1,
        "self * log (other), 0 where self is 0."),
  ROW2 ("special_xlog1py",
        TE_OP_SPECIAL | TE_OP_OUT,
        xlog1py,
        xlog1py,
        "SpecialXlog1PyBackward",
        A0 | A1,
        "self * log1p (other), 0 where self is 0."),
  { .schema = "special_xlog1py.self_scalar(Scalar self, Tensor other) -> Tensor",
    .flags = TE_OP_SPECIAL | TE_OP_OUT,
    .kernel = kernel_xlog1py,
    .backward = backward_xlog1py_base,
    .node = "SpecialXlog1PyBackward1",
    .saves = A1,
    .doc = "A number * log1p (other)." },
  { .schema = "special_xlog1py.other_scalar(Tensor self, Scalar other) -> Tensor",
    .flags = TE_OP_SPECIAL | TE_OP_OUT,
    .kernel = kernel_xlog1py,
    .backward = backward_xlog1py_scalar,
    .node = "SpecialXlog1PyBackward2",
    .doc = "self * log1p of a number." },
  { .schema = "nextafter(Tensor self, Tensor other) -> Tensor",
    .flags = TE_MFIO,
    .kernel = kernel_nextafter,
    .backward = backward_nextafter,
    .node = "NextafterBackward",
    .doc = "The next float from self towards other." },
  { .schema = "heaviside(Tensor self, Tensor values) -> Tensor",
    .flags = TE_MFIO,
    .kernel = kernel_heaviside,
    .node = "NotImplemented",
    .doc = "0 below 0, 1 above, values at 0." },
  { .schema = "gcd(Tensor self, Tensor other) -> Tensor",
    .flags = TE_MFIO | TE_OP_NONDIFF,
    .kernel = kernel_gcd,
    .doc = "Greatest common divisor." },
  { .schema = "lcm(Tensor self, Tensor other) -> Tensor",
    .flags = TE_MFIO | TE_OP_NONDIFF,
    .kernel = kernel_lcm,
    .doc = "Least common multiple." },
};
TE_OP_FAMILY (te_family_power, rows);
