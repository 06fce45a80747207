/* Comparisons, logic and bits. */
#include "ops/pointwise/pointwise-private.h"

#include "base/err.h"

/* ---- comparisons: elements of the common dtype to bool ---- */
#define COMPARE(OP, EXPR)                                                                                    \
  TE_LOOPS_INT (TE_BINARY_LOOP, OP, bool, EXPR)                                                              \
  TE_LOOPS_FLOAT (TE_BINARY_LOOP, OP, bool, EXPR)                                                            \
  TE_LOOPS_BOOL (TE_BINARY_LOOP, OP, bool, EXPR)                                                             \
  static bool kernel_##OP (TeOpCall *call, TeError *err)                                                     \
  {                                                                                                          \
    static const TeLoops loops = { #OP "_cpu",                                                               \
                                   { TE_TABLE_INT (OP), TE_TABLE_FLOAT (OP), TE_TABLE_BOOL (OP) } };         \
    return te_run_compare (call, &loops, err);                                                               \
  }
/* The same for what needs no order. */
#define COMPARE_ALL(OP, EXPR)                                                                                \
  TE_LOOPS_INT (TE_BINARY_LOOP, OP, bool, EXPR)                                                              \
  TE_LOOPS_FLOAT (TE_BINARY_LOOP, OP, bool, EXPR)                                                            \
  TE_LOOPS_BOOL (TE_BINARY_LOOP, OP, bool, EXPR)                                                             \
  TE_LOOPS_COMPLEX (TE_BINARY_LOOP, OP, bool, EXPR)                                                          \
  static bool kernel_##OP (TeOpCall *call, TeError *err)                                                     \
  {                                                                                                          \
    static const TeLoops loops = {                                                                           \
      #OP "_cpu", { TE_TABLE_INT (OP), TE_TABLE_FLOAT (OP), TE_TABLE_BOOL (OP), TE_TABLE_COMPLEX (OP) }      \
    };                                                                                                       \
    return te_run_compare (call, &loops, err);                                                               \
  }
COMPARE_ALL (eq, x == y)
COMPARE_ALL (ne, x != y)
COMPARE (lt, x < y)
COMPARE (le, x <= y)
COMPARE (gt, x > y)
COMPARE (ge, x >= y)
COMPARE_ALL (logical_and, (x != 0) & (y != 0))
COMPARE_ALL (logical_or, (x != 0) | (y != 0))
COMPARE_ALL (logical_xor, (x != 0) ^ (y != 0))

#define TEST(OP, EXPR_INT, EXPR_FLOAT)                                                                       \
  TE_LOOPS_INT (TE_UNARY_LOOP, OP, bool, EXPR_INT)                                                           \
  TE_LOOPS_FLOAT (TE_UNARY_LOOP, OP, bool, EXPR_FLOAT)                                                       \
  TE_LOOPS_BOOL (TE_UNARY_LOOP, OP, bool, EXPR_INT)                                                          \
  static bool kernel_##OP (TeOpCall *call, TeError *err)                                                     \
  {                                                                                                          \
    static const TeLoops loops = { #OP, { TE_TABLE_INT (OP), TE_TABLE_FLOAT (OP), TE_TABLE_BOOL (OP) } };    \
    TeIterConfig config = { .flags = TE_ITER_PROMOTE | TE_ITER_NO_CAST_CHECK, .out_dtype = TE_BOOL };        \
    return te_run_loops (call, &loops, &config, &call->args[0].tensor, 1, NULL, err);                        \
  }
#define TEST_ALL(OP, EXPR_INT, EXPR_FLOAT, EXPR_COMPLEX)                                                     \
  TE_LOOPS_INT (TE_UNARY_LOOP, OP, bool, EXPR_INT)                                                           \
  TE_LOOPS_FLOAT (TE_UNARY_LOOP, OP, bool, EXPR_FLOAT)                                                       \
  TE_LOOPS_BOOL (TE_UNARY_LOOP, OP, bool, EXPR_INT)                                                          \
  TE_LOOPS_COMPLEX (TE_UNARY_LOOP, OP, bool, EXPR_COMPLEX)                                                   \
  static bool kernel_##OP (TeOpCall *call, TeError *err)                                                     \
  {                                                                                                          \
    static const TeLoops loops = {                                                                           \
      #OP, { TE_TABLE_INT (OP), TE_TABLE_FLOAT (OP), TE_TABLE_BOOL (OP), TE_TABLE_COMPLEX (OP) }             \
    };                                                                                                       \
    TeIterConfig config = { .flags = TE_ITER_PROMOTE | TE_ITER_NO_CAST_CHECK, .out_dtype = TE_BOOL };        \
    return te_run_loops (call, &loops, &config, &call->args[0].tensor, 1, NULL, err);                        \
  }
TEST_ALL (logical_not, x == 0, x == 0, x == 0)
TEST_ALL (isnan, 0 & (int) x, x != x, x != x)
TEST_ALL (isinf,
          0 & (int) x,
          fabs ((double) x) == INFINITY,
          fabs (creal ((TeComplex128) x)) == INFINITY || fabs (cimag ((TeComplex128) x)) == INFINITY)
TEST_ALL (isfinite,
          1 | (int) x,
          fabs ((double) x) < INFINITY,
          fabs (creal ((TeComplex128) x)) < INFINITY && fabs (cimag ((TeComplex128) x)) < INFINITY)
TEST (isposinf, 0 & (int) x, x == (T) INFINITY)
TEST (isneginf, 0 & (int) x, x == (T) -INFINITY)
TEST (signbit, te_is_negative (x), signbit (x) != 0)

/* ---- bits ---- */
#define BITS(OP, EXPR)                                                                                       \
  TE_LOOPS_INT (TE_BINARY_LOOP, OP, T, EXPR)                                                                 \
  TE_LOOPS_BOOL (TE_BINARY_LOOP, OP, T, EXPR)                                                                \
  static bool kernel_##OP (TeOpCall *call, TeError *err)                                                     \
  {                                                                                                          \
    static const TeLoops loops = { #OP "_cpu", { TE_TABLE_INT (OP), TE_TABLE_BOOL (OP) } };                  \
    return te_run_binary (call, &loops, 0, NULL, err);                                                       \
  }
BITS (bitwise_and, x &y)
BITS (bitwise_or, x | y)
BITS (bitwise_xor, x ^ y)

/* Shifts by a negative or too large count are whatever the processor does in C; here they give 0 (or the
 * sign). */
TE_LOOPS_INT (TE_BINARY_LOOP, lshift, T, (uint64_t) y >= 8 * sizeof (T) ? 0 : (U) x << y)
TE_LOOPS_INT (TE_BINARY_LOOP,
              rshift,
              T,
              (uint64_t) y >= 8 * sizeof (T) ? (te_is_negative (x) ? -1 : 0) : x >> y)

static bool
kernel_lshift (TeOpCall *call, TeError *err)
{
  static const TeLoops loops = { "lshift_cpu", { TE_TABLE_INT (lshift) } };
  return te_run_binary (call, &loops, 0, NULL, err);
}

static bool
kernel_rshift (TeOpCall *call, TeError *err)
{
  static const TeLoops loops = { "rshift_cpu", { TE_TABLE_INT (rshift) } };
  return te_run_binary (call, &loops, 0, NULL, err);
}

TE_LOOPS_INT (TE_UNARY_LOOP, bitwise_not, T, ~x)
TE_LOOPS_BOOL (TE_UNARY_LOOP, bitwise_not, T, !x)

static bool
kernel_bitwise_not (TeOpCall *call, TeError *err)
{
  static const TeLoops loops = { "bitwise_not_cpu",
                                 { TE_TABLE_INT (bitwise_not), TE_TABLE_BOOL (bitwise_not) } };
  return te_run_unary (call, &loops, 0, NULL, err);
}

/* ---- isclose: |self - other| <= atol + rtol * |other|, or equal ---- */
TE_LOOPS_INT (TE_BINARY_LOOP,
              isclose,
              bool,
              x == y || fabs ((double) x - (double) y) <= p->f[1] + fabs (p->f[0] * (double) y))
TE_LOOPS_FLOAT (TE_BINARY_LOOP,
                isclose,
                bool,
                x == y || (p->i[0] && x != x && y != y)
                    || (fabs ((double) x - (double) y) < INFINITY
                        && fabs ((double) x - (double) y) <= p->f[1] + fabs (p->f[0] * (double) y)))
TE_LOOPS_BOOL (TE_BINARY_LOOP, isclose, bool, x == y)
TE_LOOPS_COMPLEX (TE_BINARY_LOOP,
                  isclose,
                  bool,
                  x == y || (p->i[0] && x != x && y != y)
                      || (cabs ((TeComplex128) x - (TeComplex128) y) < INFINITY
                          && cabs ((TeComplex128) x - (TeComplex128) y)
                                 <= p->f[1] + fabs (p->f[0]) * cabs ((TeComplex128) y)))

static bool
kernel_isclose (TeOpCall *call, TeError *err)
{
  static const TeLoops loops = {
    "isclose",
    { TE_TABLE_INT (isclose), TE_TABLE_FLOAT (isclose), TE_TABLE_BOOL (isclose), TE_TABLE_COMPLEX (isclose) }
  };
  const TeTensor *self = call->args[0].tensor, *other = call->args[1].tensor;
  if (self->dtype != other->dtype)
    return te_error_set (err, TE_ERR_RUNTIME, "%s did not match %s",
                         te_dtype_error_name (te_tensor_dtype (self)),
                         te_dtype_error_name (te_tensor_dtype (other)));
  TeParams params = { .f = { call->args[2].f, call->args[3].f }, .i = { call->args[4].b } };
  if (params.f[0] < 0)
    return te_error_set (err, TE_ERR_RUNTIME, "rtol must be greater than or equal to zero, but got %g",
                         params.f[0]);
  if (params.f[1] < 0)
    return te_error_set (err, TE_ERR_RUNTIME, "atol must be greater than or equal to zero, but got %g",
                         params.f[1]);
  TeTensor *ins[2] = { call->args[0].tensor, call->args[1].tensor };
  TeIterConfig config = { .flags = TE_ITER_PROMOTE, .out_dtype = TE_BOOL };
  return te_run_loops (call, &loops, &config, ins, 2, &params, err);
}

/* In place they have gradients: of zeros. */
static bool
backward_compare (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  for (int i = 0; i < ctx->n_inputs; i++)
    if (ctx->needs[i])
      te_expr_put (&e, ex_reduce (&e, ex_zeros_like (&e, ctx->grads[0]), &ctx->metas[i]), &ctx->results[i]);
  return te_expr_close (&e);
}

#define COMPARE_ROWS(NAME, OP, NODE, DOC)                                                                    \
  { .schema = #NAME ".Tensor(Tensor self, Tensor other) -> Tensor",                                          \
    .flags = TE_MFIO | TE_OP_NONDIFF,                                                                        \
    .kernel = kernel_##OP,                                                                                   \
    .backward = backward_compare,                                                                            \
    .node = NODE "1",                                                                                        \
    .doc = DOC },                                                                                            \
  {                                                                                                          \
    .schema = #NAME ".Scalar(Tensor self, Scalar other) -> Tensor", .flags = TE_MFIO | TE_OP_NONDIFF,        \
    .kernel = kernel_##OP, .backward = backward_compare, .node = NODE, .doc = DOC                            \
  }
#define ALIAS_ROWS(NAME, OP, DOC)                                                                            \
  { .schema = #NAME ".Tensor(Tensor self, Tensor other) -> Tensor",                                          \
    .flags = TE_MFIO | TE_OP_NONDIFF,                                                                        \
    .kernel = kernel_##OP,                                                                                   \
    .doc = DOC },                                                                                            \
  {                                                                                                          \
    .schema = #NAME ".Scalar(Tensor self, Scalar other) -> Tensor", .flags = TE_MFIO | TE_OP_NONDIFF,        \
    .kernel = kernel_##OP, .doc = DOC                                                                        \
  }
#define NUMBER_ROW(NAME, OP, DOC)                                                                            \
  {                                                                                                          \
    .schema = #NAME ".Scalar_Tensor(Scalar self, Tensor other) -> Tensor",                                   \
    .flags = TE_OP_FUNCTION | TE_OP_NONDIFF, .kernel = kernel_##OP, .doc = DOC                               \
  }
#define LOGIC_ROW(OP, DOC)                                                                                   \
  {                                                                                                          \
    .schema = #OP "(Tensor self, Tensor other) -> Tensor", .flags = TE_MFIO | TE_OP_NONDIFF,                 \
    .kernel = kernel_##OP, .doc = DOC                                                                        \
  }
#define TEST_ROW(OP, OUT, DOC)                                                                               \
  {                                                                                                          \
    .schema = #OP "(Tensor self) -> Tensor", .flags = TE_MF | TE_OP_NONDIFF | (OUT), .kernel = kernel_##OP,  \
    .doc = DOC                                                                                               \
  }

static const TeOpDef rows[] = {
  COMPARE_ROWS (eq, eq, "EqBackward", "Whether self and other are equal, element by element."),
  COMPARE_ROWS (ne, ne, "NeBackward", "Whether self and other differ."),
  COMPARE_ROWS (lt, lt, "LtBackward", "Whether self is less than other."),
  COMPARE_ROWS (le, le, "LeBackward", "Whether self is at most other."),
  COMPARE_ROWS (gt, gt, "GtBackward", "Whether self is greater than other."),
  COMPARE_ROWS (ge, ge, "GeBackward", "Whether self is at least other."),
  COMPARE_ROWS (not_equal, ne, "NeBackward", "Another name of ne."),
  COMPARE_ROWS (less, lt, "LtBackward", "Another name of lt."),
  COMPARE_ROWS (less_equal, le, "LeBackward", "Another name of le."),
  COMPARE_ROWS (greater, gt, "GtBackward", "Another name of gt."),
  COMPARE_ROWS (greater_equal, ge, "GeBackward", "Another name of ge."),
  LOGIC_ROW (logical_and, "Whether both are not zero."),
  LOGIC_ROW (logical_or, "Whether one of them is not zero."),
  LOGIC_ROW (logical_xor, "Whether exactly one of them is not zero."),
  { .schema = "logical_not(Tensor self) -> Tensor",
    .flags = TE_MFIO | TE_OP_NONDIFF,
    .kernel = kernel_logical_not,
    .doc = "Whether self is zero." },
  TEST_ROW (isnan, 0, "Whether elements are NaN."),
  TEST_ROW (isinf, 0, "Whether elements are infinite."),
  TEST_ROW (isfinite, 0, "Whether elements are finite."),
  TEST_ROW (isposinf, TE_OP_OUT, "Whether elements are +inf."),
  TEST_ROW (isneginf, TE_OP_OUT, "Whether elements are -inf."),
  TEST_ROW (signbit, TE_OP_OUT, "Whether the sign bit is set."),
  ALIAS_ROWS (bitwise_and, bitwise_and, "Bits set in both; for bool: and."),
  ALIAS_ROWS (bitwise_or, bitwise_or, "Bits set in one of them; for bool: or."),
  ALIAS_ROWS (bitwise_xor, bitwise_xor, "Bits set in exactly one of them; for bool: xor."),
  NUMBER_ROW (bitwise_and, bitwise_and, "Bits set in both."),
  NUMBER_ROW (bitwise_or, bitwise_or, "Bits set in one of them."),
  NUMBER_ROW (bitwise_xor, bitwise_xor, "Bits set in exactly one of them."),
  NUMBER_ROW (bitwise_left_shift, lshift, "A number << other."),
  NUMBER_ROW (bitwise_right_shift, rshift, "A number >> other."),
  ALIAS_ROWS (__and__, bitwise_and, "The operator &."),
  ALIAS_ROWS (__or__, bitwise_or, "The operator |."),
  ALIAS_ROWS (__xor__, bitwise_xor, "The operator ^."),
  ALIAS_ROWS (__lshift__, lshift, "The operator <<."),
  ALIAS_ROWS (__rshift__, rshift, "The operator >>."),
  { .schema = "bitwise_left_shift.Tensor(Tensor self, Tensor other) -> Tensor",
    .flags = TE_MFIO | TE_OP_NONDIFF,
    .kernel = kernel_lshift,
    .doc = "self << other." },
  { .schema = "bitwise_left_shift.Tensor_Scalar(Tensor self, Scalar other) -> Tensor",
    .flags = TE_MFIO | TE_OP_NONDIFF,
    .kernel = kernel_lshift,
    .doc = "self << other." },
  { .schema = "bitwise_right_shift.Tensor(Tensor self, Tensor other) -> Tensor",
    .flags = TE_MFIO | TE_OP_NONDIFF,
    .kernel = kernel_rshift,
    .doc = "self >> other." },
  { .schema = "bitwise_right_shift.Tensor_Scalar(Tensor self, Scalar other) -> Tensor",
    .flags = TE_MFIO | TE_OP_NONDIFF,
    .kernel = kernel_rshift,
    .doc = "self >> other." },
  { .schema = "bitwise_not(Tensor self) -> Tensor",
    .flags = TE_MFIO | TE_OP_NONDIFF,
    .kernel = kernel_bitwise_not,
    .doc = "All bits turned; for bool: not." },
  { .schema = "isclose(Tensor self, Tensor other, float rtol=1e-05, float atol=1e-08, bool equal_nan=False) "
              "-> Tensor",
    .flags = TE_MF | TE_OP_NONDIFF,
    .kernel = kernel_isclose,
    .doc = "|self - other| <= atol + rtol * |other|." },
};
TE_OP_FAMILY (te_family_compare, rows);
