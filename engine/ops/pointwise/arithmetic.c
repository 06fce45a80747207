/* add, sub, mul, div and their kin.  Integers wrap around; bool + is "or", bool * is "and". */
#include "ops/pointwise/pointwise-private.h"

#include <string.h>

#include "base/err.h"

/* ---- loops ---- */

TE_LOOPS_INT (TE_BINARY_LOOP, add, T, (U) x + (U) y)
TE_LOOPS_FLOAT (TE_BINARY_LOOP, add, T, x + y)
TE_LOOPS_BOOL (TE_BINARY_LOOP, add, T, x | y)
TE_LOOPS_COMPLEX (TE_BINARY_LOOP, add, T, x + y)
static const TeLoops loops_add = {
  "add_cpu/sub_cpu", { TE_TABLE_INT (add), TE_TABLE_FLOAT (add), TE_TABLE_BOOL (add), TE_TABLE_COMPLEX (add) }
};

TE_LOOPS_INT (TE_BINARY_LOOP, add_scaled, T, (U) x + (U) p->i[0] * (U) y)
TE_LOOPS_FLOAT2 (TE_BINARY_LOOP, add_scaled, T, fmaf (y, (float) p->f[0], x), fma (y, p->f[0], x))
TE_LOOPS_BOOL (TE_BINARY_LOOP, add_scaled, T, x | (y & (p->i[0] != 0)))
TE_LOOPS_COMPLEX2 (TE_BINARY_LOOP, add_scaled, T, T, x + te_cmulf ((T) p->z, y), x + te_cmul (p->z, y))
static const TeLoops loops_add_scaled = { "add_cpu/sub_cpu",
                                          { TE_TABLE_INT (add_scaled), TE_TABLE_FLOAT (add_scaled),
                                            TE_TABLE_BOOL (add_scaled), TE_TABLE_COMPLEX (add_scaled) } };

TE_LOOPS_INT (TE_BINARY_LOOP, sub, T, (U) x - (U) y)
TE_LOOPS_FLOAT (TE_BINARY_LOOP, sub, T, x - y)
TE_LOOPS_COMPLEX (TE_BINARY_LOOP, sub, T, x - y)
static const TeLoops loops_sub = { "add_cpu/sub_cpu",
                                   { TE_TABLE_INT (sub), TE_TABLE_FLOAT (sub), TE_TABLE_COMPLEX (sub) } };

TE_LOOPS_INT (TE_BINARY_LOOP, mul, T, (U) x *(U) y)
TE_LOOPS_FLOAT (TE_BINARY_LOOP, mul, T, x *y)
TE_LOOPS_BOOL (TE_BINARY_LOOP, mul, T, x &y)
TE_LOOPS_COMPLEX2 (TE_BINARY_LOOP, mul, T, T, te_cmulf (x, y), te_cmul (x, y))
static const TeLoops loops_mul = {
  "mul_cpu", { TE_TABLE_INT (mul), TE_TABLE_FLOAT (mul), TE_TABLE_BOOL (mul), TE_TABLE_COMPLEX (mul) }
};

TE_LOOPS_FLOAT (TE_BINARY_LOOP, div, T, x / y)
TE_LOOPS_COMPLEX2 (TE_BINARY_LOOP, div, T, T, te_cdivf (x, y), te_cdiv (x, y))
static const TeLoops loops_div = { "div_cpu", { TE_TABLE_FLOAT (div), TE_TABLE_COMPLEX (div) } };

/* The divisor was seen not to be 0, but may have become so if the results are written over it; -1 is apart
 * because INT_MIN / -1 traps. */
TE_LOOPS_INT (TE_BINARY_LOOP,
              div_trunc,
              T,
              y == 0                       ? 0
              : y == (T) -1 && (T) -1 < 0 ? (T) (0 - (U) x)
                                           : (T) (x / y))
TE_LOOPS_FLOAT2 (TE_BINARY_LOOP, div_trunc, T, truncf (x / y), trunc (x / y))
static const TeLoops loops_div_trunc = { "div_trunc_cpu",
                                         { TE_TABLE_INT (div_trunc), TE_TABLE_FLOAT (div_trunc) } };

static inline int64_t
floor_div_int (int64_t x, int64_t y)
{
  if (y == -1)
    return (int64_t) (0 - (uint64_t) x);
  if (y == 0)
    return 0;
  int64_t quotient = x / y;
  return (x % y != 0 && (x < 0) != (y < 0)) ? quotient - 1 : quotient;
}

/* Python's floor division of floats. */
#define FLOOR_DIV(SUFFIX, T)                                                                                 \
  static inline T floor_div_float##SUFFIX (T x, T y)                                                         \
  {                                                                                                          \
    if (y == 0)                                                                                              \
      return x / y;                                                                                          \
    T mod = fmod##SUFFIX (x, y);                                                                             \
    T quotient = (x - mod) / y;                                                                              \
    if (mod != 0 && (y < 0) != (mod < 0))                                                                    \
      quotient -= 1;                                                                                         \
    if (quotient == 0)                                                                                       \
      return copysign##SUFFIX (0, x / y);                                                                    \
    T floored = floor##SUFFIX (quotient);                                                                    \
    return quotient - floored > (T) 0.5 ? floored + 1 : floored;                                             \
  }
FLOOR_DIV (f, float)
FLOOR_DIV (, double)

TE_LOOPS_INT (TE_BINARY_LOOP, div_floor, T, floor_div_int (x, y))
TE_LOOPS_FLOAT2 (TE_BINARY_LOOP, div_floor, T, floor_div_floatf (x, y), floor_div_float (x, y))
static const TeLoops loops_div_floor = { "div_floor_cpu",
                                         { TE_TABLE_INT (div_floor), TE_TABLE_FLOAT (div_floor) } };

static inline int64_t
remainder_int (int64_t x, int64_t y)
{
  if (y == -1 || y == 0)
    return 0;
  int64_t mod = x % y;
  return mod != 0 && (mod < 0) != (y < 0) ? mod + y : mod;
}
static inline float
remainder_f32_one (float x, float y)
{
  float mod = fmodf (x, y);
  return mod != 0 && (y < 0) != (mod < 0) ? mod + y : mod;
}
static inline double
remainder_f64_one (double x, double y)
{
  double mod = fmod (x, y);
  return mod != 0 && (y < 0) != (mod < 0) ? mod + y : mod;
}
TE_LOOPS_INT (TE_BINARY_LOOP, remainder, T, remainder_int (x, y))
TE_LOOPS_FLOAT2 (TE_BINARY_LOOP, remainder, T, remainder_f32_one (x, y), remainder_f64_one (x, y))
static const TeLoops loops_remainder = { "remainder_cpu",
                                         { TE_TABLE_INT (remainder), TE_TABLE_FLOAT (remainder) } };

TE_LOOPS_INT (TE_BINARY_LOOP, fmod, T, y == 0 || (y == (T) -1 && (T) -1 < 0) ? 0 : x % y)
TE_LOOPS_FLOAT2 (TE_BINARY_LOOP, fmod, T, fmodf (x, y), fmod (x, y))
static const TeLoops loops_fmod = { "fmod_cpu", { TE_TABLE_INT (fmod), TE_TABLE_FLOAT (fmod) } };

/* ---- kernels ---- */

static bool
is_bool (const TeValue *value)
{
  return value->kind == TE_VALUE_TENSOR ? value->tensor->dtype == TE_BOOL
                                        : te_value_scalar (value).category == TE_CATEGORY_BOOL;
}

/* Whether the call computes in an integral dtype (for checks before anything is written). */
static TeDtype
result_dtype (const TeOpCall *call)
{
  TeIterNumber numbers[2];
  TeTensor *ins[2] = { te_operand (&call->args[0], &numbers[0]), te_operand (&call->args[1], &numbers[1]) };
  return te_result_type (ins, 2);
}

/* Sizes that do not meet are said before anything else. */
static bool
check_sizes (const TeOpCall *call, TeError *err)
{
  const TeValue *a = &call->args[0], *b = &call->args[1];
  int64_t sizes[TE_MAX_NDIM];
  int ndim;
  return a->kind != TE_VALUE_TENSOR || b->kind != TE_VALUE_TENSOR
         || te_shape_broadcast (a->tensor->ndim, a->tensor->sizes, b->tensor->ndim, b->tensor->sizes, &ndim,
                                sizes, err);
}

/* Is a tensor that is changed in place smaller than the result?  That is said before anything is divided. */
static bool
outgrows (const TeOpCall *call)
{
  const TeTensor *a = call->args[0].tensor, *b = call->args[1].tensor;
  int64_t sizes[TE_MAX_NDIM];
  int ndim;
  TeError ignored;
  return call->inplace && call->args[1].kind == TE_VALUE_TENSOR
         && te_shape_broadcast (a->ndim, a->sizes, b->ndim, b->sizes, &ndim, sizes, &ignored)
         && (ndim != a->ndim || memcmp (sizes, a->sizes, (size_t) ndim * sizeof *sizes) != 0);
}

static bool
check_alpha (const TeOpCall *call, TeScalar alpha, TeError *err)
{
  if (alpha.category == TE_CATEGORY_INT && alpha.i == 1)
    return true;
  TeDtype dtype = result_dtype (call);
  if (alpha.category == TE_CATEGORY_BOOL && dtype != TE_BOOL)
    return te_error_set (err, TE_ERR_RUNTIME, "Boolean alpha only supported for Boolean results.");
  if (alpha.category == TE_CATEGORY_COMPLEX && !te_dtype_is_complex (dtype))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "For non-complex input tensors, argument alpha must not be a complex number.");
  if (alpha.category == TE_CATEGORY_FLOAT && !te_dtype_is_inexact (dtype))
    return check_sizes (call, err)
           && te_error_set (
               err, TE_ERR_RUNTIME,
               "For integral input tensors, argument alpha must not be a floating point number.");
  return true;
}

static bool
kernel_add (TeOpCall *call, TeError *err)
{
  TeScalar alpha = te_value_scalar (&call->args[2]);
  if (!check_alpha (call, alpha, err))
    return false;
  TeParams params = { .f = { te_scalar_to_double (alpha) },
                      .i = { te_scalar_to_int (alpha) },
                      .z = te_scalar_to_complex (alpha) };
  return te_run_binary (call, params.z == 1 ? &loops_add : &loops_add_scaled, 0, &params, err);
}

static bool
check_no_bool (const TeOpCall *call, TeError *err)
{
  bool a = is_bool (&call->args[0]), b = is_bool (&call->args[1]);
  if (a && b)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or "
        "`logical_xor()` operator instead.");
  if (a || b)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to "
        "invert a mask, use the `~` or `logical_not()` operator instead.");
  return true;
}

static bool
kernel_sub (TeOpCall *call, TeError *err)
{
  TeScalar alpha = te_value_scalar (&call->args[2]);
  if (!check_no_bool (call, err) || !check_alpha (call, alpha, err))
    return false;
  TeParams params = { .f = { -te_scalar_to_double (alpha) },
                      .i = { (int64_t) (0 - (uint64_t) te_scalar_to_int (alpha)) },
                      .z = -te_scalar_to_complex (alpha) };
  return te_run_binary (call, params.z == -1 ? &loops_sub : &loops_add_scaled, 0, &params, err);
}

static bool
kernel_rsub (TeOpCall *call, TeError *err)
{
  TeValue swapped[3] = { call->args[1], call->args[0], call->args[2] };
  TeOpCall turned = *call;
  turned.args = swapped;
  if (call->outs == call->inline_outs)
    turned.outs = turned.inline_outs;
  bool ok = kernel_sub (&turned, err);
  call->outs[0] = turned.outs[0];
  return ok;
}

static bool
kernel_mul (TeOpCall *call, TeError *err)
{
  return te_run_binary (call, &loops_mul, 0, NULL, err);
}

static bool
kernel_div (TeOpCall *call, TeError *err)
{
  return te_run_binary (call, &loops_div, TE_ITER_FLOAT, NULL, err);
}

static void
loop_any_zero (char *const *data, const int64_t *strides, int64_t n, const void *ctx)
{
  const struct
  {
    size_t nbytes;
    bool *found;
  } *search = ctx;
  static const uint64_t zero;
  for (int64_t i = 0; i < n; i++)
    if (memcmp (data[0] + i * strides[0], &zero, search->nbytes) == 0)
      {
        __atomic_store_n (search->found, true, __ATOMIC_RELAXED);
        return;
      }
}

/* Integer division complains before anything is written. */
static bool
check_divisor (const TeOpCall *call, TeError *err)
{
  TeIterNumber place;
  TeTensor *divisor = te_operand (&call->args[1], &place);
  bool found = false;
  TeDtype dtype = result_dtype (call);
  if (te_dtype_is_inexact (te_tensor_dtype (divisor)) || te_dtype_is_inexact (dtype) || dtype == TE_BOOL)
    return true;
  /* A narrower result takes the low bytes: 256 divides an uint8 as 0. */
  size_t wide = te_dtype_nbytes (te_tensor_dtype (divisor)), narrow = te_dtype_nbytes (dtype);
  struct
  {
    size_t nbytes;
    bool *found;
  } search = { wide < narrow ? wide : narrow, &found };
  TeIter iter;
  TeIterConfig config = { .flags = TE_ITER_NO_CAST_CHECK, .out_dtype = TE_DTYPE_NONE };
  if (!te_iter_build (&iter, &config, NULL, 0, &divisor, 1, err)
      || !te_iter_run (&iter, loop_any_zero, &search, err))
    return false;
  if (!found || outgrows (call))
    return true;
  return check_sizes (call, err) && te_error_set (err, TE_ERR_RUNTIME, "ZeroDivisionError");
}

static bool
kernel_div_mode (TeOpCall *call, TeError *err)
{
  const TeValue *mode = &call->args[2];
  if (mode->kind == TE_VALUE_NONE)
    return kernel_div (call, err);
  bool floor_mode = strcmp (mode->string, "floor") == 0;
  if (!floor_mode && strcmp (mode->string, "trunc") != 0)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '%s'",
                         mode->string);
  return check_divisor (call, err)
         && te_run_binary (call, floor_mode ? &loops_div_floor : &loops_div_trunc, 0, NULL, err);
}

static bool
kernel_floor_divide (TeOpCall *call, TeError *err)
{
  return check_divisor (call, err) && te_run_binary (call, &loops_div_floor, 0, NULL, err);
}

static bool
kernel_remainder (TeOpCall *call, TeError *err)
{
  return check_divisor (call, err) && te_run_binary (call, &loops_remainder, 0, NULL, err);
}

static bool
kernel_fmod (TeOpCall *call, TeError *err)
{
  return check_divisor (call, err) && te_run_binary (call, &loops_fmod, 0, NULL, err);
}

/* ---- backward ---- */

static TeTensor *
scaled (TeExpr *e, TeTensor *grad, TeScalar factor)
{
  if (e->failed || te_scalar_to_complex (factor) == 1)
    return grad;
  return EX (e, "mul.Scalar", "TS", grad, factor);
}

static TeScalar
conj_scalar (TeScalar value)
{
  return value.category == TE_CATEGORY_COMPLEX ? te_scalar_complex (value.f, -value.imag) : value;
}

static bool
backward_add (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  if (ctx->needs[0])
    te_expr_put (&e, ex_reduce (&e, ctx->grads[0], &ctx->metas[0]), &ctx->results[0]);
  if (ctx->n_inputs > 1 && ctx->needs[1])
    te_expr_put (&e,
                 ex_reduce (&e, scaled (&e, ctx->grads[0], conj_scalar (te_value_scalar (&ctx->args[2]))), &ctx->metas[1]),
                 &ctx->results[1]);
  return te_expr_close (&e);
}

static bool
backward_sub (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  if (ctx->needs[0])
    te_expr_put (&e, ex_reduce (&e, ctx->grads[0], &ctx->metas[0]), &ctx->results[0]);
  if (ctx->n_inputs > 1 && ctx->needs[1])
    te_expr_put (
        &e,
        ex_reduce (&e, scaled (&e, ex_neg (&e, ctx->grads[0]), conj_scalar (te_value_scalar (&ctx->args[2]))),
                   &ctx->metas[1]),
        &ctx->results[1]);
  return te_expr_close (&e);
}

static bool
backward_rsub (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  if (ctx->needs[0])
    te_expr_put (
        &e,
        ex_reduce (&e, scaled (&e, ex_neg (&e, ctx->grads[0]), conj_scalar (te_value_scalar (&ctx->args[2]))),
                   &ctx->metas[0]),
        &ctx->results[0]);
  if (ctx->n_inputs > 1 && ctx->needs[1])
    te_expr_put (&e, ex_reduce (&e, ctx->grads[0], &ctx->metas[1]), &ctx->results[1]);
  return te_expr_close (&e);
}

static bool
backward_mul (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  if (ctx->needs[0])
    {
      TeTensor *grad =
          ctx->n_inputs > 1 && ctx->inputs[1]
              ? ex_mul (&e, ctx->grads[0], ex_conj (&e, ctx->inputs[1]))
              : EX (&e, "mul.Tensor", "TS", ctx->grads[0], conj_scalar (te_value_scalar (&ctx->args[1])));
      te_expr_put (&e, ex_reduce (&e, grad, &ctx->metas[0]), &ctx->results[0]);
    }
  if (ctx->n_inputs > 1 && ctx->needs[1])
    te_expr_put (&e, ex_reduce (&e, ex_mul (&e, ctx->grads[0], ex_conj (&e, ctx->inputs[0])), &ctx->metas[1]),
                 &ctx->results[1]);
  return te_expr_close (&e);
}

/* Only what the other side's gradient needs is kept. */
static uint32_t
saves_for_mul (const TeOpCall *call, const bool *needs)
{
  return (needs[1] ? TE_SAVE_ARG (0) : 0) | (needs[0] ? TE_SAVE_ARG (1) : 0);
}

static bool
backward_div (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  bool rounds = ctx->op->n_args > 2 && ctx->args[2].kind != TE_VALUE_NONE;
  for (int i = 0; i < ctx->n_inputs; i++)
    {
      if (!ctx->needs[i])
        continue;
      TeTensor *grad;
      if (rounds)
        grad = ex_zeros_like (&e, ctx->grads[0]);
      else if (i == 0)
        grad = ctx->n_inputs > 1
                   ? ex_div (&e, ctx->grads[0], ex_conj (&e, ctx->inputs[1]))
                   : EX (&e, "div.Scalar", "TS", ctx->grads[0], conj_scalar (te_value_scalar (&ctx->args[1])));
      else
        {
          TeTensor *ratio =
              ctx->inputs[0] ? ex_div (&e, ctx->inputs[0], ctx->inputs[1])
                             : EX (&e, "div.Tensor", "ST", te_value_scalar (&ctx->args[0]), ctx->inputs[1]);
          grad = ex_mul (&e, ex_neg (&e, ctx->grads[0]), ex_conj (&e, ex_div (&e, ratio, ctx->inputs[1])));
        }
      te_expr_put (&e, ex_reduce (&e, grad, &ctx->metas[i]), &ctx->results[i]);
    }
  return te_expr_close (&e);
}

static uint32_t
saves_for_div (const TeOpCall *call, const bool *needs)
{
  return (needs[1] ? TE_SAVE_ARG (0) : 0) | TE_SAVE_ARG (1);
}

/* Of a rest only the divisor's gradient asks what was divided. */
static uint32_t
saves_rest (const TeOpCall *call, const bool *needs)
{
  return needs[1] ? TE_SAVE_ARG (0) | TE_SAVE_ARG (1) : 0;
}

static bool
backward_remainder (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  bool floors = ctx->op->name[0] == 'r';
  if (ctx->needs[0])
    te_expr_put (&e, ex_reduce (&e, ctx->grads[0], &ctx->metas[0]), &ctx->results[0]);
  if (ctx->n_inputs > 1 && ctx->needs[1])
    {
      TeTensor *quotient =
          EX (&e, "div.Tensor_mode", "TTs", ctx->inputs[0], ctx->inputs[1], floors ? "floor" : "trunc");
      te_expr_put (&e, ex_reduce (&e, ex_mul (&e, ex_neg (&e, ctx->grads[0]), quotient), &ctx->metas[1]),
                   &ctx->results[1]);
    }
  return te_expr_close (&e);
}

static bool
kernel_ldexp (TeOpCall *call, TeError *err)
{
  TE_OP (mul, "mul.Tensor");
  TE_OP (power, "pow.Scalar");
  TeTensor *factor = te_call (power, err, "ST", te_scalar_float (2), call->args[1].tensor);
  bool ok = factor != NULL;
  if (ok && call->inplace)
    { /* PyTorch has it as out=, which gradients refuse */
      TeValue args[] = { call->args[0], { .kind = TE_VALUE_TENSOR, .tensor = factor } };
      TeOpCall into = { .op = mul, .args = args, .inline_outs = { call->outs[0] }, .has_out = true };
      ok = te_dispatch (&into, err);
      te_op_call_clear (&into);
    }
  else if (ok)
    ok = (call->outs[0] = te_mul (call->args[0].tensor, factor, err)) != NULL;
  te_tensor_unref (factor);
  return ok;
}

static const TeOpDef rows[] = {
  { .schema = "add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor",
    .flags = TE_MFIO | TE_OP_CONJ_RULE,
    .kernel = kernel_add,
    .backward = backward_add,
    .node = "AddBackward",
    .doc = "self + alpha * other, broadcast together." },
  { .schema = "add.Scalar(Tensor self, Scalar other, Scalar alpha=1) -> Tensor",
    .flags = TE_OP_INPLACE | TE_OP_CONJ_RULE,
    .kernel = kernel_add,
    .backward = backward_add,
    .node = "AddBackward1",
    .doc = "self + alpha * other for a number." },
  { .schema = "sub.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor",
    .flags = TE_MFIO | TE_OP_CONJ_RULE,
    .kernel = kernel_sub,
    .backward = backward_sub,
    .node = "SubBackward",
    .doc = "self - alpha * other, broadcast together." },
  { .schema = "sub.Scalar(Tensor self, Scalar other, Scalar alpha=1) -> Tensor",
    .flags = TE_OP_INPLACE | TE_OP_CONJ_RULE,
    .kernel = kernel_sub,
    .backward = backward_sub,
    .node = "SubBackward1",
    .doc = "self - alpha * other for a number." },
  { .schema = "subtract.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor",
    .flags = TE_MFIO | TE_OP_CONJ_RULE,
    .kernel = kernel_sub,
    .backward = backward_sub,
    .node = "SubBackward",
    .doc = "Another name of sub." },
  { .schema = "rsub.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor",
    .flags = TE_OP_FUNCTION | TE_OP_CONJ_RULE,
    .kernel = kernel_rsub,
    .backward = backward_rsub,
    .node = "RsubBackward",
    .doc = "other - alpha * self." },
  { .schema = "rsub.Scalar(Tensor self, Scalar other, Scalar alpha=1) -> Tensor",
    .flags = TE_OP_FUNCTION | TE_OP_CONJ_RULE,
    .kernel = kernel_rsub,
    .backward = backward_rsub,
    .node = "RsubBackward1",
    .doc = "other - alpha * self for a number." },
  { .schema = "mul.Tensor(Tensor self, Tensor other) -> Tensor",
    .flags = TE_MFIO | TE_OP_CONJ_RULE,
    .kernel = kernel_mul,
    .backward = backward_mul,
    .node = "MulBackward",
    .saves = TE_SAVE_ARG (0) | TE_SAVE_ARG (1),
    .saves_for = saves_for_mul,
    .doc = "self * other, broadcast together." },
  { .schema = "mul.Scalar(Tensor self, Scalar other) -> Tensor",
    .flags = TE_OP_INPLACE | TE_OP_CONJ_RULE,
    .kernel = kernel_mul,
    .backward = backward_mul,
    .node = "MulBackward1",
    .doc = "self * other for a number." },
  { .schema = "multiply.Tensor(Tensor self, Tensor other) -> Tensor",
    .flags = TE_MFIO | TE_OP_CONJ_RULE,
    .kernel = kernel_mul,
    .backward = backward_mul,
    .node = "MulBackward",
    .saves = TE_SAVE_ARG (0) | TE_SAVE_ARG (1),
    .saves_for = saves_for_mul,
    .doc = "Another name of mul." },
  { .schema = "div.Tensor(Tensor self, Tensor other) -> Tensor",
    .flags = TE_MFIO | TE_OP_CONJ_RULE,
    .kernel = kernel_div,
    .backward = backward_div,
    .node = "DivBackward",
    .saves = TE_SAVE_ARG (0) | TE_SAVE_ARG (1),
    .saves_for = saves_for_div,
    .doc = "self / other, true division." },
  { .schema = "div.Tensor_mode(Tensor self, Tensor other, *, str? rounding_mode) -> Tensor",
    .flags = TE_MFIO | TE_OP_CONJ_RULE,
    .kernel = kernel_div_mode,
    .backward = backward_div,
    .node = "DivBackward2",
    .saves = TE_SAVE_ARG (0) | TE_SAVE_ARG (1),
    .saves_for = saves_for_div,
    .doc = "self / other, rounded down ('floor') or towards zero ('trunc')." },
  { .schema = "div.Scalar(Tensor self, Scalar other) -> Tensor",
    .flags = TE_OP_INPLACE | TE_OP_CONJ_RULE,
    .kernel = kernel_div,
    .backward = backward_div,
    .node = "DivBackward1",
    .doc = "self / other for a number." },
  { .schema = "divide.Tensor(Tensor self, Tensor other) -> Tensor",
    .flags = TE_MFIO | TE_OP_CONJ_RULE,
    .kernel = kernel_div,
    .backward = backward_div,
    .node = "DivBackward",
    .saves = TE_SAVE_ARG (0) | TE_SAVE_ARG (1),
    .saves_for = saves_for_div,
    .doc = "Another name of div." },
  { .schema = "divide.Tensor_mode(Tensor self, Tensor other, *, str? rounding_mode) -> Tensor",
    .flags = TE_MFIO | TE_OP_CONJ_RULE,
    .kernel = kernel_div_mode,
    .backward = backward_div,
    .node = "DivBackward2",
    .saves = TE_SAVE_ARG (0) | TE_SAVE_ARG (1),
    .saves_for = saves_for_div,
    .doc = "Another name of div." },
  { .schema = "true_divide.Tensor(Tensor self, Tensor other) -> Tensor",
    .flags = TE_MFIO | TE_OP_CONJ_RULE,
    .kernel = kernel_div,
    .backward = backward_div,
    .node = "DivBackward",
    .saves = TE_SAVE_ARG (0) | TE_SAVE_ARG (1),
    .saves_for = saves_for_div,
    .doc = "Another name of div." },
  { .schema = "ldexp(Tensor self, Tensor other) -> Tensor",
    .flags = TE_MFIO | TE_OP_COMPOSITE,
    .kernel = kernel_ldexp,
    .doc = "self times 2 to the power of other." },
  { .schema = "floor_divide(Tensor self, Tensor other) -> Tensor",
    .flags = TE_MFIO,
    .kernel = kernel_floor_divide,
    .node = "NotImplemented",
    .doc = "self / other, rounded down." },
  { .schema = "remainder.Tensor(Tensor self, Tensor other) -> Tensor",
    .flags = TE_MFIO,
    .kernel = kernel_remainder,
    .backward = backward_remainder,
    .node = "RemainderBackward1",
    .saves = TE_SAVE_ARG (0) | TE_SAVE_ARG (1),
    .saves_for = saves_rest,
    .doc = "The rest of self / other, with other's sign (Python's %)." },
  { .schema = "remainder.Scalar(Tensor self, Scalar other) -> Tensor",
    .flags = TE_MFIO,
    .kernel = kernel_remainder,
    .backward = backward_remainder,
    .node = "RemainderBackward",
    .doc = "The rest of self / other, with other's sign." },
  { .schema = "remainder.Scalar_Tensor(Scalar self, Tensor other) -> Tensor",
    .flags = TE_OP_FUNCTION,
    .kernel = kernel_remainder,
    .node = "NotImplemented",
    .doc = "The rest of a number / other." },
  { .schema = "fmod.Tensor(Tensor self, Tensor other) -> Tensor",
    .flags = TE_MFIO,
    .kernel = kernel_fmod,
    .backward = backward_remainder,
    .node = "FmodBackward1",
    .saves = TE_SAVE_ARG (0) | TE_SAVE_ARG (1),
    .saves_for = saves_rest,
    .doc = "The rest of self / other, with self's sign (C's fmod)." },
  { .schema = "fmod.Scalar(Tensor self, Scalar other) -> Tensor",
    .flags = TE_MFIO,
    .kernel = kernel_fmod,
    .backward = backward_remainder,
    .node = "FmodBackward",
    .doc = "The rest of self / other, with self's sign." },
};
TE_OP_FAMILY (te_family_arithmetic, rows);
