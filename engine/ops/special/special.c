/* The ops of torch.special: functions of one element, of two, and of a degree and an element; their
 * gradients. */
#include "ops/pointwise/pointwise-private.h"
#include "ops/shape/shape-util.h"
#include "ops/special/special-functions.h"

#include <string.h>

#include "base/err.h"

/* Which half precisions a function takes: each has PyTorch's own choice. */
typedef enum
{
  NO_HALF,
  BFLOAT16_ONLY,
} HalfRule;

static bool
check_half (const char *kernel, HalfRule rule, TeOpCall *call, TeError *err)
{
  for (int i = 0; i < call->op->n_args; i++)
    if (call->args[i].kind == TE_VALUE_TENSOR)
      {
        TeDtype dtype = te_tensor_dtype (call->args[i].tensor);
        if (dtype == TE_FLOAT16 || (dtype == TE_BFLOAT16 && rule == NO_HALF))
          return te_not_implemented_for (kernel, dtype, err);
      }
  return true;
}

/* ---- functions of one element: at infinity PyTorch's Bessel functions are NaN ---- */
#define UNARY(OP, NAME, HALF, FUNCTION)                                                                      \
  TE_LOOPS_FLOAT (TE_UNARY_LOOP, OP, T, FUNCTION)                                                            \
  static bool kernel_##OP (TeOpCall *call, TeError *err)                                                     \
  {                                                                                                          \
    static const TeLoops loops = { NAME "_cpu", { TE_TABLE_FLOAT (OP) } };                                   \
    return check_half (NAME "_cpu", HALF, call, err)                                                         \
           && te_run_unary (call, &loops, TE_ITER_FLOAT | TE_ITER_EXPENSIVE, NULL, err);                     \
  }
UNARY (airy_ai, "airy_ai", NO_HALF, te_airy_ai (x))
UNARY (bessel_j0, "bessel_j0", NO_HALF, isinf (x) ? NAN : j0 (x))
UNARY (bessel_j1, "bessel_j1", NO_HALF, isinf (x) ? NAN : j1 (x))
UNARY (bessel_y0, "bessel_y0", NO_HALF, x < 0 || isinf (x) ? NAN : y0 (x))
UNARY (bessel_y1, "bessel_y1", NO_HALF, x < 0 || isinf (x) ? NAN : y1 (x))
UNARY (modified_bessel_i0, "modified_bessel_i0", NO_HALF, te_bessel_i0 (x))
UNARY (modified_bessel_i1, "modified_bessel_i1", NO_HALF, te_bessel_i1 (x))
UNARY (modified_bessel_k0, "modified_bessel_k0", NO_HALF, te_bessel_k0 (x))
UNARY (modified_bessel_k1, "modified_bessel_k1", NO_HALF, te_bessel_k1 (x))
UNARY (scaled_modified_bessel_k0, "scaled_modified_bessel_k0", NO_HALF, te_bessel_k0e (x))
UNARY (scaled_modified_bessel_k1, "scaled_modified_bessel_k1", NO_HALF, te_bessel_k1e (x))
UNARY (spherical_bessel_j0, "spherical_bessel_j0", NO_HALF, te_spherical_bessel_j0 (x))
UNARY (i0, "i0_vml", BFLOAT16_ONLY, te_bessel_i0 (x))
UNARY (i0e, "i0e", BFLOAT16_ONLY, te_bessel_i0e (x))
UNARY (i1, "i1", NO_HALF, te_bessel_i1 (x))
UNARY (i1e, "i1e", NO_HALF, te_bessel_i1e (x))
UNARY (erfcx, "erfcx", NO_HALF, te_erfcx (x))
UNARY (log_ndtr, "log_ndtr", NO_HALF, te_log_ndtr (x))
UNARY (ndtri, "ndtri", NO_HALF, te_ndtri (x))
UNARY (entr, "entr", BFLOAT16_ONLY, x != x ? x : x > 0 ? -x * log (x) : x == 0 ? 0 : -INFINITY)

/* ---- functions of two elements ---- */
#define BINARY(OP, NAME, CHECK, FUNCTION)                                                                    \
  TE_LOOPS_FLOAT (TE_BINARY_LOOP, OP, T, FUNCTION)                                                           \
  static bool kernel_##OP (TeOpCall *call, TeError *err)                                                     \
  {                                                                                                          \
    static const TeLoops loops = { NAME "_cpu", { TE_TABLE_FLOAT (OP) } };                                   \
    return CHECK && te_run_binary (call, &loops, BINARY_FLAGS, NULL, err);                                   \
  }
#define BINARY_FLAGS TE_ITER_EXPENSIVE
BINARY (igamma, "igamma", true, te_igamma (x, y))
BINARY (igammac, "igammac", true, te_igammac (x, y))
#undef BINARY_FLAGS
#define BINARY_FLAGS (TE_ITER_FLOAT | TE_ITER_EXPENSIVE)
BINARY (zeta, "zeta", check_half ("zeta_cpu", NO_HALF, call, err), te_zeta (x, y))
#define POLYNOMIAL(OP, FUNCTION)                                                                             \
  BINARY (OP, #OP, check_half (#OP "_cpu", NO_HALF, call, err), y != y ? 0 : FUNCTION)
POLYNOMIAL (chebyshev_polynomial_t, te_chebyshev_t (x, (int64_t) y))
POLYNOMIAL (chebyshev_polynomial_u, te_chebyshev_u (x, (int64_t) y))
POLYNOMIAL (chebyshev_polynomial_v, te_chebyshev_v (x, (int64_t) y))
POLYNOMIAL (chebyshev_polynomial_w, te_chebyshev_w (x, (int64_t) y))
POLYNOMIAL (shifted_chebyshev_polynomial_t, te_chebyshev_t (2 * x - 1, (int64_t) y))
POLYNOMIAL (shifted_chebyshev_polynomial_u, te_chebyshev_u (2 * x - 1, (int64_t) y))
POLYNOMIAL (shifted_chebyshev_polynomial_v, te_chebyshev_v (2 * x - 1, (int64_t) y))
POLYNOMIAL (shifted_chebyshev_polynomial_w, te_chebyshev_w (2 * x - 1, (int64_t) y))
POLYNOMIAL (hermite_polynomial_h, te_hermite_h (x, (int64_t) y))
POLYNOMIAL (hermite_polynomial_he, te_hermite_he (x, (int64_t) y))
POLYNOMIAL (laguerre_polynomial_l, te_laguerre_l (x, (int64_t) y))
POLYNOMIAL (legendre_polynomial_p, te_legendre_p (x, (int64_t) y))

/* ---- polygamma, mvlgamma, ndtr ---- */

TE_LOOPS_FLOAT (TE_UNARY_LOOP, polygamma, T, p->i[0] != 1 ? (T) te_polygamma (p->i[0], x) : sizeof (T) == 4 ? (T) te_trigamma_single ((float) x) : (T) te_trigamma (x))

/* n stands before self as a function, after it as a method. */
static int
order_place (const TeOp *op)
{
  return strcmp (op->overload, "method") == 0;
}

static bool
kernel_polygamma (TeOpCall *call, TeError *err)
{
  static const TeLoops loops[] = { { "digamma", { TE_TABLE_FLOAT (polygamma) } },
                                   { "trigamma", { TE_TABLE_FLOAT (polygamma) } },
                                   { "polygamma", { TE_TABLE_FLOAT (polygamma) } } };
  int place = order_place (call->op);
  TeParams params = { .i = { call->args[place].i } };
  TeTensor *self = call->args[1 - place].tensor;
  TeIterConfig config = { .flags = TE_ITER_FLOAT | TE_ITER_PROMOTE | TE_ITER_EXPENSIVE,
                          .out_dtype = TE_DTYPE_NONE };
  if (params.i[0] < 0)
    return te_error_set (err, TE_ERR_RUNTIME, "polygamma(n, x) does not support negative n.");
  if (self->dtype == TE_FLOAT16)
    return te_not_implemented_for (loops[params.i[0] > 1 ? 2 : params.i[0]].name, TE_FLOAT16, err);
  return te_run_loops (call, &loops[params.i[0] > 1 ? 2 : params.i[0]], &config, &self, 1, &params, err);
}

static bool
backward_polygamma (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  int64_t n = ctx->args[order_place (ctx->op)].i;
  return te_expr_end (&e, ex_mul (&e, ctx->grads[0], EX (&e, "polygamma", "iT", n < INT64_MAX ? n + 1 : n, ctx->inputs[0])),
                      &ctx->results[0]);
}

/* The logarithm of the multivariate gamma function: lgamma at self, self - 1/2, … (Anderson 2003, 7.2). */
static bool
kernel_mvlgamma (TeOpCall *call, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *self = call->args[0].tensor, *result = NULL;
  int64_t p = call->args[1].i;
  if (p < 1)
    return te_error_set (err, TE_ERR_RUNTIME, "p has to be greater than or equal to 1");
  if (p > INT32_MAX) /* PyTorch makes a row of so many */
    return te_error_no_memory (err);
  if (self->dtype == TE_BOOL || (call->inplace && te_dtype_is_integral (te_tensor_dtype (self), true)))
    return te_error_set (err, TE_ERR_RUNTIME, "step must be nonzero"); /* of that row of halves */
  TeTensor *base = te_dtype_is_floating (te_tensor_dtype (self))
                       ? self
                       : te_expr_keep (&e, te_to_dtype (self, te_dtype_default (), err));
  TeTensor *sum = NULL;
  for (int64_t j = 0; j < p && !e.failed; j++)
    {
      TeTensor *part = EX (&e, "lgamma", "T", ex_add_scalar (&e, base, -(double) j / 2));
      sum = sum ? ex_add (&e, sum, part) : part;
    }
  sum = ex_add_scalar (&e, sum, (double) p * (double) (p - 1) * log (M_PI) / 4);
  return te_expr_end (&e, sum, &result) && te_result_give (call, 0, result, err);
}

static bool
backward_mvlgamma (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *sum = NULL;
  for (int64_t j = 0; j < ctx->args[1].i; j++)
    {
      TeTensor *part = EX (&e, "digamma", "T", ex_add_scalar (&e, ctx->inputs[0], -(double) j / 2));
      sum = sum ? ex_add (&e, sum, part) : part;
    }
  return te_expr_end (&e, ex_mul (&e, ctx->grads[0], sum), &ctx->results[0]);
}

static bool
kernel_ndtr (TeOpCall *call, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *self = call->args[0].tensor, *result = NULL;
  TeTensor *base = te_dtype_is_floating (te_tensor_dtype (self))
                       ? self
                       : te_expr_keep (&e, te_to_dtype (self, te_dtype_default (), err));
  if (self->dtype == TE_FLOAT16)
    return te_not_implemented_for ("erf_vml_cpu", TE_FLOAT16, err);
  TeTensor *twice = ex_add_scalar (&e, EX (&e, "erf", "T", ex_mul_scalar (&e, base, M_SQRT1_2)), 1);
  TeTensor *half = ex_mul_scalar (&e, twice, 0.5);
  return te_expr_end (&e, half, &result) && te_result_give (call, 0, result, err);
}

/* ---- backward ---- */
#define RULE(OP, EXPRESSION)                                                                                 \
  static bool backward_##OP (TeBackward *ctx, TeError *err)                                                  \
  {                                                                                                          \
    TeExpr e = TE_EXPR (err);                                                                                \
    TeTensor *grad = ctx->grads[0], *x = ctx->inputs[0], *y = ctx->outs[0];                                  \
    (void) x, (void) y;                                                                                      \
    return te_expr_end (&e, ex_mul (&e, grad, EXPRESSION), &ctx->results[0]);                                \
  }
#define PLUS(a, value)  ex_add_scalar (&e, a, value)
#define TIMES(a, value) ex_mul_scalar (&e, a, value)
#define MUL(a, b)       ex_mul (&e, a, b)
#define SUB(a, b)       ex_sub (&e, a, b)
#define NEG(a)          ex_neg (&e, a)
#define CALL(name, a)   EX (&e, name, "T", a)

/* I1 (x) / x, whose limit at 0 is a half. */
static TeTensor *
i1_over_x (TeExpr *e, TeTensor *x, TeTensor *y)
{
  TeTensor *zero = EX (e, "eq.Scalar", "TS", x, te_scalar_int (0));
  TeTensor *safe = EX (e, "masked_fill.Scalar", "TTS", x, zero, te_scalar_int (1));
  return EX (e, "masked_fill.Scalar", "TTS", ex_div (e, y, safe), zero, te_scalar_float (0.5));
}

RULE (i0, CALL ("special_i1", x))
RULE (i0e, SUB (CALL ("special_i1e", x), MUL (CALL ("sgn", x), y)))
RULE (i1, SUB (CALL ("i0", x), i1_over_x (&e, x, y)))
RULE (i1e, SUB (SUB (CALL ("special_i0e", x), MUL (CALL ("sgn", x), y)), i1_over_x (&e, x, y)))
RULE (erfcx, PLUS (TIMES (MUL (x, y), 2), -2 / sqrt (M_PI)))
RULE (log_ndtr,
      EX (&e,
          "div.Tensor",
          "TT",
          PLUS (TIMES (x, 0), sqrt (2 / M_PI)),
          CALL ("special_erfcx", TIMES (x, -M_SQRT1_2))))
RULE (ndtri, TIMES (CALL ("exp", TIMES (MUL (y, y), 0.5)), sqrt (2 * M_PI)))
RULE (entr, PLUS (NEG (CALL ("log", x)), -1))

/* Towards x only: x^(a-1) exp (-x) / gamma (a), negated for igammac. */
static bool
igamma_rule (TeBackward *ctx, double sign, const char *name, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *a = ctx->inputs[0], *x = ctx->inputs[1];
  if (ctx->needs[0])
    return te_error_set (err, TE_ERR_NOT_IMPLEMENTED, "the derivative for '%s: input' is not implemented.",
                         name);
  TeTensor *power = MUL (PLUS (a, -1), CALL ("log", x));
  TeTensor *slope = CALL ("exp", SUB (SUB (power, x), CALL ("lgamma", a)));
  return te_expr_end (&e, ex_reduce (&e, TIMES (MUL (ctx->grads[0], slope), sign), &ctx->metas[1]),
                      &ctx->results[1]);
}

static bool
backward_igamma (TeBackward *ctx, TeError *err)
{
  return igamma_rule (ctx, 1, "igamma", err);
}

static bool
backward_igammac (TeBackward *ctx, TeError *err)
{
  return igamma_rule (ctx, -1, "igammac", err);
}

/* Towards q: -s zeta (s + 1, q). */
static bool
backward_zeta (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  if (ctx->needs[0])
    return te_error_set (err, TE_ERR_NOT_IMPLEMENTED, "the derivative for 'zeta' is not implemented.");
  TeTensor *s = ctx->inputs[0], *q = ctx->inputs[1];
  TeTensor *slope = MUL (NEG (s), EX (&e, "special_zeta", "TT", PLUS (s, 1), q));
  return te_expr_end (&e, ex_reduce (&e, MUL (ctx->grads[0], slope), &ctx->metas[1]), &ctx->results[1]);
}

static bool
backward_zeta_number (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  double s = te_value_double (&ctx->args[0], 0);
  TeTensor *next = EX (&e, "special_zeta.self_scalar", "ST", te_scalar_float (s + 1), ctx->inputs[0]);
  return te_expr_end (&e, MUL (ctx->grads[0], TIMES (next, -s)), &ctx->results[0]);
}

static bool
backward_zeta_none (TeBackward *ctx, TeError *err)
{
  return te_error_set (err, TE_ERR_NOT_IMPLEMENTED, "the derivative for 'zeta' is not implemented.");
}

/* ---- rows ---- */
#define SPECIAL (TE_OP_SPECIAL | TE_OP_OUT)
#define X       TE_SAVE_ARG (0)
#define X1      TE_SAVE_ARG (1)
#define Y       TE_SAVE_OUT (0)
#define FLAT(NAME, ARG, DOC)                                                                                 \
  {                                                                                                          \
    .schema = "special_" #NAME "(Tensor " ARG ") -> Tensor", .flags = SPECIAL | TE_OP_NONDIFF,               \
    .kernel = kernel_##NAME, .doc = DOC                                                                      \
  }
#define CURVED(SCHEMA, FLAGS, OP, NODE, SAVES, DOC)                                                          \
  {                                                                                                          \
    .schema = SCHEMA " -> Tensor", .flags = FLAGS, .kernel = kernel_##OP, .backward = backward_##OP,         \
    .node = NODE, .saves = SAVES, .doc = DOC                                                                 \
  }
#define DEGREE_ROW(SCHEMA, NAME, DOC)                                                                        \
  {                                                                                                          \
    .schema = "special_" SCHEMA " -> Tensor", .flags = SPECIAL | TE_OP_NONDIFF, .kernel = kernel_##NAME,     \
    .doc = DOC                                                                                               \
  }
#define DEGREE(NAME, DOC)                                                                                    \
  DEGREE_ROW (#NAME "(Tensor x, Tensor n)", NAME, DOC),                                                      \
      DEGREE_ROW (#NAME ".x_scalar(Scalar x, Tensor n)", NAME, DOC),                                         \
      DEGREE_ROW (#NAME ".n_scalar(Tensor x, Scalar n)", NAME, DOC)

static const TeOpDef rows[] = {
  FLAT (airy_ai, "x", "Airy's function Ai."),
  FLAT (bessel_j0, "self", "Bessel's function of the first kind, order 0."),
  FLAT (bessel_j1, "self", "Bessel's function of the first kind, order 1."),
  FLAT (bessel_y0, "self", "Bessel's function of the second kind, order 0."),
  FLAT (bessel_y1, "self", "Bessel's function of the second kind, order 1."),
  FLAT (modified_bessel_i0, "self", "The modified Bessel function of the first kind, order 0."),
  FLAT (modified_bessel_i1, "self", "The modified Bessel function of the first kind, order 1."),
  FLAT (modified_bessel_k0, "self", "The modified Bessel function of the second kind, order 0."),
  FLAT (modified_bessel_k1, "self", "The modified Bessel function of the second kind, order 1."),
  FLAT (scaled_modified_bessel_k0, "x", "exp (x) times modified_bessel_k0."),
  FLAT (scaled_modified_bessel_k1, "x", "exp (x) times modified_bessel_k1."),
  FLAT (spherical_bessel_j0, "x", "sin (x) / x."),
  CURVED ("i0(Tensor self)", TE_MFIO, i0, "I0Backward", X, "The modified Bessel function I of order 0."),
  CURVED ("special_i0(Tensor self)", SPECIAL, i0, "I0Backward", X, "Another name of i0."),
  CURVED ("special_i0e(Tensor self)", SPECIAL, i0e, "SpecialI0EBackward", X | Y, "exp (-|x|) i0 (x)."),
  CURVED ("special_i1(Tensor self)",
          SPECIAL,
          i1,
          "SpecialI1Backward",
          X | Y,
          "The modified Bessel function I of order 1."),
  CURVED ("special_i1e(Tensor self)", SPECIAL, i1e, "SpecialI1EBackward", X | Y, "exp (-|x|) i1 (x)."),
  CURVED ("special_erfcx(Tensor self)", SPECIAL, erfcx, "SpecialErfcxBackward", X | Y, "exp (x^2) erfc (x)."),
  CURVED ("special_log_ndtr(Tensor self)",
          SPECIAL,
          log_ndtr,
          "SpecialLogNdtrBackward",
          X,
          "The logarithm of ndtr."),
  CURVED ("special_ndtri(Tensor self)", SPECIAL, ndtri, "SpecialNdtriBackward", Y, "The inverse of ndtr."),
  CURVED ("special_entr(Tensor self)", SPECIAL, entr, "SpecialEntrBackward", X, "-self log (self), 0 at 0."),
  { .schema = "special_ndtr(Tensor self) -> Tensor",
    .flags = SPECIAL | TE_OP_COMPOSITE,
    .kernel = kernel_ndtr,
    .doc = "The distribution function of the standard normal distribution." },
  CURVED ("igamma(Tensor self, Tensor other)",
          TE_MFIO,
          igamma,
          "IgammaBackward",
          X | X1,
          "The regularised lower incomplete gamma function of order self at other."),
  CURVED ("special_gammainc(Tensor self, Tensor other)",
          SPECIAL,
          igamma,
          "IgammaBackward",
          X | X1,
          "Another name of igamma."),
  CURVED ("igammac(Tensor self, Tensor other)", TE_MFIO, igammac, "IgammacBackward", X | X1, "1 - igamma."),
  CURVED ("special_gammaincc(Tensor self, Tensor other)",
          SPECIAL,
          igammac,
          "IgammacBackward",
          X | X1,
          "Another name of igammac."),
  CURVED ("mvlgamma(Tensor self, int p)",
          TE_MFIO,
          mvlgamma,
          "MvlgammaBackward",
          X,
          "The logarithm of the multivariate gamma function of dimension p."),
  CURVED ("special_multigammaln(Tensor self, int p)",
          SPECIAL,
          mvlgamma,
          "MvlgammaBackward",
          X,
          "Another name of mvlgamma."),
  CURVED ("polygamma(int n, Tensor self)",
          TE_OP_FUNCTION | TE_OP_OUT,
          polygamma,
          "PolygammaBackward",
          X1,
          "Derivative n + 1 of lgamma."),
  { .schema = "polygamma.method(Tensor self, int n) -> Tensor",
    .flags = TE_OP_METHOD | TE_OP_INPLACE,
    .kernel = kernel_polygamma,
    .backward = backward_polygamma,
    .node = "PolygammaBackward",
    .inplace_node = "PolygammaBackward1",
    .saves = X,
    .doc = "Derivative n + 1 of lgamma." },
  CURVED ("special_polygamma(int n, Tensor self)",
          SPECIAL,
          polygamma,
          "PolygammaBackward",
          X1,
          "Another name of polygamma."),
  CURVED ("special_zeta(Tensor self, Tensor other)",
          SPECIAL,
          zeta,
          "SpecialZetaBackward",
          X | X1,
          "Hurwitz' zeta function: the sum of (other + k)^-self."),
  { .schema = "special_zeta.self_scalar(Scalar self, Tensor other) -> Tensor",
    .flags = SPECIAL,
    .kernel = kernel_zeta,
    .backward = backward_zeta_number,
    .node = "SpecialZetaBackward1",
    .saves = X1,
    .doc = "Hurwitz' zeta function with a number as exponent." },
  { .schema = "special_zeta.other_scalar(Tensor self, Scalar other) -> Tensor",
    .flags = SPECIAL,
    .kernel = kernel_zeta,
    .backward = backward_zeta_none,
    .node = "SpecialZetaBackward2",
    .doc = "Hurwitz' zeta function with a number as second argument." },
  DEGREE (chebyshev_polynomial_t, "Chebyshev's polynomial of the first kind."),
  DEGREE (chebyshev_polynomial_u, "Chebyshev's polynomial of the second kind."),
  DEGREE (chebyshev_polynomial_v, "Chebyshev's polynomial of the third kind."),
  DEGREE (chebyshev_polynomial_w, "Chebyshev's polynomial of the fourth kind."),
  DEGREE (shifted_chebyshev_polynomial_t, "chebyshev_polynomial_t at 2 x - 1."),
  DEGREE (shifted_chebyshev_polynomial_u, "chebyshev_polynomial_u at 2 x - 1."),
  DEGREE (shifted_chebyshev_polynomial_v, "chebyshev_polynomial_v at 2 x - 1."),
  DEGREE (shifted_chebyshev_polynomial_w, "chebyshev_polynomial_w at 2 x - 1."),
  DEGREE (hermite_polynomial_h, "The physicists' Hermite polynomial."),
  DEGREE (hermite_polynomial_he, "The probabilists' Hermite polynomial."),
  DEGREE (laguerre_polynomial_l, "Laguerre's polynomial."),
  DEGREE (legendre_polynomial_p, "Legendre's polynomial."),
};
TE_OP_FAMILY (te_family_special, rows);
