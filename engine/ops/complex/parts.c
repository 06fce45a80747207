/* Complex numbers out of real ones (complex, polar), angle, and conjugation that moves elements. */
#include "ops/pointwise/pointwise-private.h"

#include "base/err.h"

/* ---- complex and polar: two real inputs of one dtype ---- */
#define PAIR_LOOP(NAME, T, FIRST, SECOND)                                                                    \
  static void NAME (char *const *data, const int64_t *strides, int64_t n, const void *ctx)                   \
  {                                                                                                          \
    for (int64_t i = 0; i < n; i++)                                                                          \
      {                                                                                                      \
        const T x = *(const T *) (data[1] + i * strides[1]), y = *(const T *) (data[2] + i * strides[2]);    \
        T *o = (T *) (data[0] + i * strides[0]);                                                             \
        o[0] = (FIRST);                                                                                      \
        o[1] = (SECOND);                                                                                     \
      }                                                                                                      \
  }
PAIR_LOOP (complex_f32, float, x, y)
PAIR_LOOP (complex_f64, double, x, y)
PAIR_LOOP (polar_f32, float, x *cosf (y), x *sinf (y))
PAIR_LOOP (polar_f64, double, x *cos (y), x *sin (y))

static bool
run_pair (TeOpCall *call, const TeLoops *loops, TeError *err)
{
  TeTensor *ins[2] = { call->args[0].tensor, call->args[1].tensor };
  TeDtype a = te_tensor_dtype (ins[0]), b = te_tensor_dtype (ins[1]);
  for (int i = 0; i < 2; i++)
    if (ins[i]->dtype != TE_FLOAT32 && ins[i]->dtype != TE_FLOAT64 && ins[i]->dtype != TE_FLOAT16)
      return te_error_set (err, TE_ERR_RUNTIME,
                           "Expected both inputs to be Half, Float or Double tensors but got %s and %s",
                           te_dtype_error_name (a), te_dtype_error_name (b));
  if (a != b)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "Expected object of scalar type %s but got scalar type %s for second argument",
                         te_dtype_error_name (a), te_dtype_error_name (b));
  if (a == TE_FLOAT16)
    return te_error_set (err, TE_ERR_NOT_IMPLEMENTED, "torch.complex32");
  if (call->outs[0] && call->outs[0]->dtype != te_dtype_complex (a))
    return te_error_set (
        err, TE_ERR_RUNTIME, "Expected object of scalar type %s but got scalar type %s for argument 'out'",
        te_dtype_error_name (te_dtype_complex (a)), te_dtype_error_name (te_tensor_dtype (call->outs[0])));
  TeIterConfig config = { .flags = TE_ITER_PROMOTE, .out_dtype = te_dtype_complex (a) };
  return te_run_loops (call, loops, &config, ins, 2, NULL, err);
}

static bool
complex_kernel (TeOpCall *call, TeError *err)
{
  static const TeLoops loops = { "complex_cpu", { TE_TABLE_FLOAT (complex) } };
  return run_pair (call, &loops, err);
}

static bool
polar_kernel (TeOpCall *call, TeError *err)
{
  static const TeLoops loops = { "polar_cpu", { TE_TABLE_FLOAT (polar) } };
  return run_pair (call, &loops, err);
}

static bool
complex_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  if (ctx->needs[0])
    te_expr_put (&e, ex_reduce (&e, EX (&e, "real", "T", ctx->grads[0]), &ctx->metas[0]), &ctx->results[0]);
  if (ctx->needs[1])
    te_expr_put (&e, ex_reduce (&e, EX (&e, "imag", "T", ctx->grads[0]), &ctx->metas[1]), &ctx->results[1]);
  return te_expr_close (&e);
}

/* y = abs * exp (i angle): along the direction of y towards abs, across it towards angle. */
static bool
polar_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *turned = ex_conj (&e, ctx->grads[0]), *y = ctx->outs[0];
  if (ctx->needs[0])
    {
      TeTensor *along = EX (&e, "real", "T", ex_mul (&e, turned, EX (&e, "sgn", "T", y)));
      te_expr_put (&e, ex_reduce (&e, along, &ctx->metas[0]), &ctx->results[0]);
    }
  if (ctx->needs[1])
    {
      TeTensor *turn = EX (&e, "mul.Scalar", "TS", y, te_scalar_complex (0, 1));
      TeTensor *across = EX (&e, "real", "T", ex_mul (&e, turned, turn));
      te_expr_put (&e, ex_reduce (&e, across, &ctx->metas[1]), &ctx->results[1]);
    }
  return te_expr_close (&e);
}

/* ---- angle ---- */
TE_LOOPS_FLOAT2 (TE_UNARY_LOOP,
                 angle,
                 T,
                 x != x  ? x
                 : x < 0 ? (float) M_PI
                         : 0,
                 x != x  ? x
                 : x < 0 ? M_PI
                         : 0)
TE_LOOPS_COMPLEX2 (TE_UNARY_LOOP, angle, float, double, cargf (x), carg (x))

static bool
angle_kernel (TeOpCall *call, TeError *err)
{
  static const TeLoops loops = { "angle_cpu", { TE_TABLE_FLOAT (angle), TE_TABLE_COMPLEX (angle) } };
  TeTensor *self = call->args[0].tensor;
  if (!te_dtype_is_complex (te_tensor_dtype (self)))
    return te_run_unary (call, &loops, TE_ITER_FLOAT, NULL, err);
  TeIterConfig config = { .flags = TE_ITER_PROMOTE, .out_dtype = te_dtype_real (te_tensor_dtype (self)) };
  return te_run_loops (call, &loops, &config, &self, 1, NULL, err);
}

/* i x / |x|^2 */
static bool
angle_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *x = ctx->inputs[0];
  if (!te_dtype_is_complex ((TeDtype) ctx->metas[0].dtype))
    return te_expr_end (&e, ex_zeros_like (&e, ctx->grads[0]), &ctx->results[0]);
  TeTensor *slope = ex_div (&e, x, ex_pow_scalar (&e, EX (&e, "abs", "T", x), 2));
  TeTensor *none = EX (&e, "eq.Scalar", "TS", x, te_scalar_int (0));
  slope = EX (&e, "where.self", "TST", none, te_scalar_int (0), slope);
  slope = EX (&e, "mul.Scalar", "TS", slope, te_scalar_complex (0, 1));
  return te_expr_end (&e, ex_mul (&e, ctx->grads[0], slope), &ctx->results[0]);
}

/* ---- conj_physical ---- */
TE_LOOPS_COMPLEX2 (TE_UNARY_LOOP, conj_physical, T, T, conjf (x), conj (x))

static bool
conj_physical_kernel (TeOpCall *call, TeError *err)
{
  static const TeLoops loops = { "conj_cpu", { TE_TABLE_COMPLEX (conj_physical) } };
  return te_run_unary (call, &loops, 0, NULL, err);
}

/* Of real numbers it is self. */
static bool
conj_if_complex_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (conj, "_conj_physical");
  TeTensor *self = call->args[0].tensor;
  if (te_dtype_is_complex (te_tensor_dtype (self)))
    return call->inplace ? te_call_inplace (conj, err, "T", self)
                         : (call->outs[0] = te_call (conj, err, "T", self)) != NULL;
  if (call->inplace)
    te_tensor_bump_version (self);
  else
    call->outs[0] = te_tensor_ref (self);
  return true;
}

static bool
conj_physical_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  return te_expr_end (&e, EX (&e, "_conj_physical", "T", ctx->grads[0]), &ctx->results[0]);
}

static const TeOpDef rows[] = {
  { .schema = "complex(Tensor real, Tensor imag) -> Tensor",
    .flags = TE_OP_FUNCTION | TE_OP_OUT | TE_OP_CONJ_RULE,
    .kernel = complex_kernel,
    .backward = complex_backward,
    .node = "ComplexBackward",
    .doc = "real + imag * 1j." },
  { .schema = "polar(Tensor abs, Tensor angle) -> Tensor",
    .flags = TE_OP_FUNCTION | TE_OP_OUT | TE_OP_CONJ_RULE,
    .kernel = polar_kernel,
    .backward = polar_backward,
    .node = "PolarBackward",
    .saves = TE_SAVE_OUT (0),
    .doc = "abs * exp (angle * 1j)." },
  { .schema = "angle(Tensor self) -> Tensor",
    .flags = TE_MF | TE_OP_OUT | TE_OP_CONJ_RULE,
    .kernel = angle_kernel,
    .backward = angle_backward,
    .node = "AngleBackward",
    .saves = TE_SAVE_ARG (0),
    .doc = "The angle of a complex number; of real ones 0 or pi." },
  { .schema = "conj_physical(Tensor self) -> Tensor",
    .flags = TE_MFIO | TE_OP_COMPOSITE,
    .kernel = conj_if_complex_kernel,
    .doc = "The complex conjugate in memory of its own; self where it is real." },
  { .schema = "_conj_physical(Tensor self) -> Tensor",
    .flags = TE_OP_INPLACE | TE_OP_CONJ_RULE,
    .kernel = conj_physical_kernel,
    .backward = conj_physical_backward,
    .node = "ConjPhysicalBackward",
    .doc = "The complex conjugate in memory of its own." },
};
TE_OP_FAMILY (te_family_complex_parts, rows);
