/* max, min, amax, amin, argmax, argmin, aminmax.  NaN wins; among equals the first wins. */
#include "ops/reduce/reduce-private.h"

#include <immintrin.h>
#include <string.h>

#include "base/err.h"
#include "ops/creation/creation-private.h"

/* An accumulator: the value (bits of the element type) and its place; place -1: nothing seen. */
typedef struct
{
  union
  {
    int64_t i;
    float f32;
    double f64;
  } value;
  int64_t index;
} Best;

static void
start_best (void *acc, const void *ctx)
{
  *(Best *) acc = (Best){ .index = -1 };
}

/* ctx: not NULL when indices are wanted. */
#define LANES 16

/* Rows: the best of all by lanes, then (when wanted) a search for its first place.  BEATS (a, b): a wins over
 * b; IS_NAN (x): wins at once. */
#define EXTREME(NAME, T, FIELD, BEATS, IS_NAN)                                                               \
  static void NAME##_row (void *acc, const char *data, int64_t stride, int64_t n, int64_t index,             \
                          const void *ctx)                                                                   \
  {                                                                                                          \
    Best *best = acc;                                                                                        \
    T top = *(const T *) data;                                                                               \
    int64_t i = 0, place = -1;                                                                               \
    if (stride == sizeof (T) && n >= LANES)                                                                  \
      {                                                                                                      \
        const T *x = (const T *) data;                                                                       \
        T lanes[LANES];                                                                                      \
        int bad = 0;                                                                                         \
        for (int k = 0; k < LANES; k++)                                                                      \
          {                                                                                                  \
            lanes[k] = x[k];                                                                                 \
            bad |= IS_NAN (x[k]);                                                                            \
          }                                                                                                  \
        for (i = LANES; i + LANES <= n; i += LANES)                                                          \
          for (int k = 0; k < LANES; k++)                                                                    \
            {                                                                                                \
              T v = x[i + k];                                                                                \
              lanes[k] = BEATS (v, lanes[k]) ? v : lanes[k];                                                 \
              bad |= IS_NAN (v);                                                                             \
            }                                                                                                \
        top = lanes[0];                                                                                      \
        for (int k = 1; k < LANES; k++)                                                                      \
          top = BEATS (lanes[k], top) ? lanes[k] : top;                                                      \
        for (; i < n; i++)                                                                                   \
          {                                                                                                  \
            top = BEATS (x[i], top) ? x[i] : top;                                                            \
            bad |= IS_NAN (x[i]);                                                                            \
          }                                                                                                  \
        if (bad)                                                                                             \
          {                                                                                                  \
            for (i = 0; !IS_NAN (x[i]); i++)                                                                 \
              ;                                                                                              \
            top = x[i];                                                                                      \
            place = i;                                                                                       \
          }                                                                                                  \
        else if (ctx)                                                                                        \
          {                                                                                                  \
            for (i = 0; i + LANES <= n; i += LANES)                                                          \
              {                                                                                              \
                int any = 0;                                                                                 \
                for (int k = 0; k < LANES; k++)                                                              \
                  any |= x[i + k] == top;                                                                    \
                if (any)                                                                                     \
                  break;                                                                                     \
              }                                                                                              \
            for (; x[i] != top; i++)                                                                         \
              ;                                                                                              \
            place = i;                                                                                       \
          }                                                                                                  \
        else                                                                                                 \
          place = 0;                                                                                         \
      }                                                                                                      \
    else                                                                                                     \
      {                                                                                                      \
        place = 0;                                                                                           \
        for (i = 1; i < n && !IS_NAN (top); i++)                                                             \
          {                                                                                                  \
            T v = *(const T *) (data + i * stride);                                                          \
            if (BEATS (v, top) || IS_NAN (v))                                                                \
              {                                                                                              \
                top = v;                                                                                     \
                place = i;                                                                                   \
              }                                                                                              \
          }                                                                                                  \
      }                                                                                                      \
    if (best->index < 0                                                                                      \
        || (!IS_NAN ((T) best->value.FIELD) && (BEATS (top, (T) best->value.FIELD) || IS_NAN (top))))        \
      {                                                                                                      \
        best->value.FIELD = top;                                                                             \
        best->index = index + place;                                                                         \
      }                                                                                                      \
  }                                                                                                          \
  static void NAME##_join (void *acc, const void *later_pointer, const void *ctx)                            \
  {                                                                                                          \
    Best *best = acc;                                                                                        \
    const Best *later = later_pointer;                                                                       \
    if (later->index < 0)                                                                                    \
      return;                                                                                                \
    T top = (T) later->value.FIELD, mine = (T) best->value.FIELD;                                            \
    if (best->index < 0 || (!IS_NAN (mine) && (BEATS (top, mine) || IS_NAN (top))))                          \
      *best = *later;                                                                                        \
  }

#define GREATER(a, b) ((a) > (b))
#define LESS(a, b)    ((a) < (b))
#define NEVER_NAN(x)  0
#define IS_NAN(x)     ((x) != (x))

/* float32 in a row: eight at a time; *bad says that a NaN was seen. */
#define FLOAT_TOP(NAME, VECTOR_OP, BEATS)                                                                    \
  static float NAME (const float *x, int64_t n, bool *bad)                                                   \
  {                                                                                                          \
    __m256 a = _mm256_loadu_ps (x), b = _mm256_loadu_ps (x + 8);                                             \
    __m256 nan = _mm256_cmp_ps (a, b, _CMP_UNORD_Q);                                                         \
    int64_t i = 16;                                                                                          \
    for (; i + 16 <= n; i += 16)                                                                             \
      {                                                                                                      \
        __m256 v = _mm256_loadu_ps (x + i), w = _mm256_loadu_ps (x + i + 8);                                 \
        nan = _mm256_or_ps (nan, _mm256_cmp_ps (v, w, _CMP_UNORD_Q));                                        \
        a = VECTOR_OP (a, v);                                                                                \
        b = VECTOR_OP (b, w);                                                                                \
      }                                                                                                      \
    float lanes[8];                                                                                          \
    _mm256_storeu_ps (lanes, VECTOR_OP (a, b));                                                              \
    float top = lanes[0];                                                                                    \
    for (int k = 1; k < 8; k++)                                                                              \
      top = BEATS (lanes[k], top) ? lanes[k] : top;                                                          \
    bool any = _mm256_movemask_ps (nan) != 0;                                                                \
    for (; i < n; i++)                                                                                       \
      {                                                                                                      \
        top = BEATS (x[i], top) ? x[i] : top;                                                                \
        any = any || x[i] != x[i];                                                                           \
      }                                                                                                      \
    *bad = any;                                                                                              \
    return top;                                                                                              \
  }
FLOAT_TOP (float_max, _mm256_max_ps, GREATER)
FLOAT_TOP (float_min, _mm256_min_ps, LESS)

static int64_t
float_find (const float *x, int64_t n, float value)
{
  const __m256 wanted = _mm256_set1_ps (value);
  int64_t i = 0;
  for (; i + 8 <= n; i += 8)
    {
      int mask = _mm256_movemask_ps (_mm256_cmp_ps (_mm256_loadu_ps (x + i), wanted, _CMP_EQ_OQ));
      if (mask)
        return i + __builtin_ctz ((unsigned) mask);
    }
  while (x[i] != value)
    i++;
  return i;
}

#define FLOAT_ROW(NAME, TOP, SLOW, BEATS)                                                                    \
  static void NAME (void *acc, const char *data, int64_t stride, int64_t n, int64_t index, const void *ctx)  \
  {                                                                                                          \
    Best *best = acc;                                                                                        \
    const float *x = (const float *) data;                                                                   \
    bool bad = stride != sizeof (float) || n < 16;                                                           \
    float top = bad ? 0 : TOP (x, n, &bad);                                                                  \
    if (bad)                                                                                                 \
      {                                                                                                      \
        SLOW (acc, data, stride, n, index, ctx);                                                             \
        return;                                                                                              \
      }                                                                                                      \
    if (best->index >= 0 && !BEATS (top, best->value.f32))                                                   \
      return;                                                                                                \
    best->value.f32 = top;                                                                                   \
    best->index = index + (ctx ? float_find (x, n, top) : 0);                                                \
  }

#define EXTREMES_OF(TYPE, SUFFIX, FIELD, NAN_TEST)                                                           \
  EXTREME (max_##SUFFIX, TYPE, FIELD, GREATER, NAN_TEST)                                                     \
  EXTREME (min_##SUFFIX, TYPE, FIELD, LESS, NAN_TEST)                                                        \
  static void finish_value_##SUFFIX (const void *acc, char *const *results, const void *ctx)                 \
  {                                                                                                          \
    *(TYPE *) results[0] = (TYPE) ((const Best *) acc)->value.FIELD;                                         \
  }                                                                                                          \
  static void finish_both_##SUFFIX (const void *acc, char *const *results, const void *ctx)                  \
  {                                                                                                          \
    *(TYPE *) results[0] = (TYPE) ((const Best *) acc)->value.FIELD;                                         \
    *(int64_t *) results[1] = ((const Best *) acc)->index;                                                   \
  }
EXTREMES_OF (uint8_t, u8, i, NEVER_NAN)
EXTREMES_OF (int8_t, i8, i, NEVER_NAN)
EXTREMES_OF (int16_t, i16, i, NEVER_NAN)
EXTREMES_OF (int32_t, i32, i, NEVER_NAN)
EXTREMES_OF (int64_t, i64, i, NEVER_NAN)
EXTREMES_OF (float, f32, f32, IS_NAN)
EXTREMES_OF (double, f64, f64, IS_NAN)
FLOAT_ROW (max_float_row, float_max, max_f32_row, GREATER)
FLOAT_ROW (min_float_row, float_min, min_f32_row, LESS)

static void
finish_index (const void *acc, char *const *results, const void *ctx)
{
  *(int64_t *) results[0] = ((const Best *) acc)->index;
}

typedef struct
{
  TeReduction value, both, index;
} Extreme;

#define EXTREME_SET(KIND, SUFFIX) EXTREME_SET_BY (KIND, SUFFIX, KIND##_##SUFFIX##_row)
#define EXTREME_SET_BY(KIND, SUFFIX, ROW)                                                                    \
  {                                                                                                          \
    { sizeof (Best), start_best, ROW, KIND##_##SUFFIX##_join, finish_value_##SUFFIX, NULL },                 \
        { sizeof (Best), start_best, ROW, KIND##_##SUFFIX##_join, finish_both_##SUFFIX, NULL },              \
        { sizeof (Best), start_best, ROW, KIND##_##SUFFIX##_join, finish_index, NULL },                      \
  }
/* bool is read as bytes of 0 and 1. */
#define EXTREME_TABLE(KIND)                                                                                  \
  {                                                                                                          \
    [TE_UINT8] = EXTREME_SET (KIND, u8), [TE_BOOL] = EXTREME_SET (KIND, u8),                                 \
    [TE_INT8] = EXTREME_SET (KIND, i8), [TE_INT16] = EXTREME_SET (KIND, i16),                                \
    [TE_INT32] = EXTREME_SET (KIND, i32), [TE_INT64] = EXTREME_SET (KIND, i64),                              \
    [TE_FLOAT32] = EXTREME_SET_BY (KIND, f32, KIND##_float_row), [TE_FLOAT64] = EXTREME_SET (KIND, f64),     \
  }
static const Extreme table_max[TE_DTYPE_COUNT] = EXTREME_TABLE (max);
static const Extreme table_min[TE_DTYPE_COUNT] = EXTREME_TABLE (min);

typedef enum
{
  WANT_VALUE,
  WANT_BOTH,
  WANT_INDEX,
} Want;

static bool
run_extreme (TeOpCall *call, bool largest, Want want, const TeValue *dims, bool keepdim, TeError *err)
{
  TeTensor *self = call->args[0].tensor;
  TeReduceShape shape;
  if (!te_reduce_shape (&shape, self, dims, keepdim, err)
      || !te_reduce_check_nonempty (&shape, self, dims, call->op->name, err))
    return false;
  TeDtype dtype = te_tensor_dtype (self), compute = te_reduce_compute (dtype);
  TeTensor *input = te_reduce_input (self, compute, err);
  if (!input)
    return false;
  const Extreme *extreme = &(largest ? table_max : table_min)[compute];
  TeDtype computed[2] = { compute, TE_INT64 }, final[2] = { dtype, TE_INT64 };
  if (want == WANT_INDEX)
    computed[0] = final[0] = TE_INT64;
  bool ok =
      te_reduce_store (call, input, &shape,
                       want == WANT_VALUE  ? &extreme->value
                       : want == WANT_BOTH ? &extreme->both
                                           : &extreme->index,
                       want == WANT_VALUE ? NULL : extreme, computed, final, want == WANT_BOTH ? 2 : 1, err);
  te_tensor_unref (input);
  return ok;
}

static bool
is_max (const char *name) /* max, amax, argmax */
{
  return strstr (name, "max") != NULL;
}

static bool
kernel_all (TeOpCall *call, TeError *err)
{
  const TeValue none = { 0 };
  return run_extreme (call, is_max (call->op->name), WANT_VALUE, &none, false, err);
}

static bool
kernel_dim (TeOpCall *call, TeError *err)
{
  return run_extreme (call, is_max (call->op->name), WANT_BOTH, &call->args[1], call->args[2].b, err);
}

static bool
kernel_values (TeOpCall *call, TeError *err)
{
  return run_extreme (call, is_max (call->op->name), WANT_VALUE, &call->args[1], call->args[2].b, err);
}

static bool
kernel_index (TeOpCall *call, TeError *err)
{
  TeTensor *self = call->args[0].tensor;
  TeReduceShape shape;
  if (!self->numel && call->args[1].kind == TE_VALUE_NONE)
    return te_error_set (err, TE_ERR_INDEX,
                         "%s(): Expected reduction dim to be specified for input.numel() == 0.",
                         call->op->name);
  if (!te_reduce_shape (&shape, self, &call->args[1], call->args[2].b, err)
      || !te_reduce_check_nonempty (&shape, self, &call->args[1], call->op->name, err))
    return false;
  /* along a dimension of one element there is nothing to compare, and bools have an answer */
  int dim = 0;
  bool compares =
      call->args[1].kind == TE_VALUE_NONE || !self->ndim
      || (te_dim_wrap (call->args[1].i, self->ndim, &dim, err) && self->sizes[dim] != 1 && self->numel);
  if (self->dtype == TE_BOOL && compares)
    return te_error_set (err, TE_ERR_RUNTIME, "\"%s_cpu\" not implemented for 'Bool'", call->op->name);
  return run_extreme (call, is_max (call->op->name), WANT_INDEX, &call->args[1], call->args[2].b, err);
}

static bool
kernel_aminmax (TeOpCall *call, TeError *err)
{
  if (!call->args[0].tensor->numel && call->args[1].kind == TE_VALUE_NONE)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity.");
  TeOpCall one = { .op = call->op, .args = call->args, .n_outs = 1 };
  for (int i = 0; i < 2; i++)
    {
      one.outs = &call->outs[i];
      if (!run_extreme (&one, i == 1, WANT_VALUE, &call->args[1], call->args[2].b, err))
        return false;
    }
  return true;
}

/* ---- backward ---- */

/* All equal elements share the gradient of the one value. */
static TeTensor *
share (TeExpr *e, TeTensor *grad, TeTensor *x, TeTensor *value)
{
  TeTensor *mask = EX (e, "eq.Tensor", "TT", x, value);
  if (te_dtype_is_floating (te_tensor_dtype (x))) /* NaN is equal to NaN here */
    mask = EX (e, "logical_or", "TT", mask,
               EX (e, "logical_and", "TT", EX (e, "isnan", "T", x), EX (e, "isnan", "T", value)));
  TeTensor *part = ex_div (e, grad, EX (e, "sum", "T", mask));
  TeTensor *zero = e->failed ? NULL : te_expr_keep (e, te_zeros (0, NULL, te_tensor_dtype (part), e->err));
  return EX (e, "masked_fill.Tensor", "TTT", zero, mask, part);
}

static bool
backward_all (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  return te_expr_end (&e, share (&e, ctx->grads[0], ctx->inputs[0], ctx->outs[0]), &ctx->results[0]);
}

static bool
backward_values (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  const TeValue *dims = &ctx->args[1];
  bool keepdim = ctx->args[2].b;
  TeTensor *grad = ex_keepdims (&e, ctx->grads[0], &ctx->metas[0], dims, keepdim);
  TeTensor *value = ex_keepdims (&e, ctx->outs[0], &ctx->metas[0], dims, keepdim);
  TeTensor *mask = EX (&e, "eq.Tensor", "TT", ctx->inputs[0], value);
  int64_t list[TE_MAX_NDIM];
  int n = 0;
  if (dims->kind == TE_VALUE_INT_LIST)
    for (; n < dims->count; n++)
      list[n] = dims->ints[n];
  if (!e.failed)
    {
      TeTensor *count = te_expr_keep (&e, te_sum_dims (mask, n, list, ctx->metas[0].ndim > 0, err));
      grad = ex_mul (&e, ex_div (&e, grad, count), mask);
    }
  return te_expr_end (&e, grad, &ctx->results[0]);
}

/* The chosen element gets the gradient. */
static bool
backward_dim (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  const TeValue *dim = &ctx->args[1];
  TeTensor *grad = ex_keepdims (&e, ctx->grads[0], &ctx->metas[0], dim, ctx->args[2].b);
  TeTensor *index = ex_keepdims (&e, ctx->outs[1], &ctx->metas[0], dim, ctx->args[2].b);
  TeTensor *zeros = e.failed ? NULL
                             : te_expr_keep (&e, te_zeros (ctx->metas[0].ndim, te_meta_sizes (&ctx->metas[0]),
                                                           te_tensor_dtype (grad), err));
  return te_expr_end (&e, EX (&e, "scatter.src", "TiTT", zeros, dim->i, index, grad), &ctx->results[0]);
}

#define ROWS(NAME, NODE_ALL, NODE_DIM, NODE_VALUES, WORD)                                                    \
  { .schema = NAME "(Tensor self) -> Tensor",                                                                \
    .flags = TE_MF,                                                                                          \
    .kernel = kernel_all,                                                                                    \
    .backward = backward_all,                                                                                \
    .node = NODE_ALL,                                                                                        \
    .saves = TE_SAVE_ARG (0) | TE_SAVE_OUT (0),                                                              \
    .grad_version = 1,                                                                                       \
    .doc = "The " WORD " element; equal ones share its gradient." },                                         \
      { .schema = NAME ".dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)",  \
        .flags = TE_MF | TE_OP_OUT,                                                                          \
        .kernel = kernel_dim,                                                                                \
        .backward = backward_dim,                                                                            \
        .node = NODE_DIM,                                                                                    \
        .saves = TE_SAVE_OUT (1),                                                                            \
        .grad_version = 2,                                                                                   \
        .doc = "The " WORD " elements along dim, and where the first of them stand." },                      \
      { .schema = "a" NAME "(Tensor self, int[1] dim=[], bool keepdim=False) -> Tensor",                     \
        .flags = TE_MF | TE_OP_OUT,                                                                          \
        .kernel = kernel_values,                                                                             \
        .backward = backward_values,                                                                         \
        .node = NODE_VALUES,                                                                                 \
        .saves = TE_SAVE_ARG (0) | TE_SAVE_OUT (0),                                                          \
        .doc = "The " WORD " elements over dimensions; equal ones share the gradient." },                    \
  {                                                                                                          \
    .schema = "arg" NAME "(Tensor self, int? dim=None, bool keepdim=False) -> Tensor",                       \
    .flags = TE_MF | TE_OP_OUT | TE_OP_NONDIFF, .kernel = kernel_index,                                      \
    .doc = "Where the " WORD " element stands (the first of them)."                                          \
  }

static const TeOpDef rows[] = {
  ROWS ("max", "MaxBackward1", "MaxBackward", "AmaxBackward", "largest"),
  ROWS ("min", "MinBackward1", "MinBackward", "AminBackward", "smallest"),
  { .schema = "aminmax(Tensor self, *, int? dim=None, bool keepdim=False) -> (Tensor min, Tensor max)",
    .flags = TE_MF | TE_OP_OUT,
    .kernel = kernel_aminmax,
    .node = "NotImplemented",
    .doc = "The smallest and the largest elements." },
};
TE_OP_FAMILY (te_family_extremes, rows);
