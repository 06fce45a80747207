/* sum, mean, nansum, prod, count_nonzero, all, any. */
#include "ops/reduce/reduce-private.h"

#include <immintrin.h>
#include <math.h>

#include "base/err.h"
#include "ops/complex/complex-math.h"
#include "ops/creation/creation-private.h"
#include "ops/reduce/cascade.h"

/* ---- sums of floats: lanes of the element type within a run, joined in double ---- */
#define LANES 32

#define SUM_FLOAT(T, SUFFIX)                                                                                 \
  static void sum_row_##SUFFIX (void *acc, const char *data, int64_t stride, int64_t n, int64_t index,       \
                                const void *ctx)                                                             \
  {                                                                                                          \
    double total = 0;                                                                                        \
    int64_t i = 0;                                                                                           \
    if (stride == sizeof (T))                                                                                \
      {                                                                                                      \
        const T *x = (const T *) data;                                                                       \
        if (n >= LANES)                                                                                      \
          {                                                                                                  \
            T lanes[LANES] = { 0 };                                                                          \
            for (; i + LANES <= n; i += LANES)                                                               \
              for (int k = 0; k < LANES; k++)                                                                \
                lanes[k] += x[i + k];                                                                        \
            for (int k = 0; k < LANES; k++)                                                                  \
              total += lanes[k];                                                                             \
          }                                                                                                  \
        for (; i < n; i++)                                                                                   \
          total += x[i];                                                                                     \
      }                                                                                                      \
    else                                                                                                     \
      {                                                                                                      \
        double four[4] = { 0 };                                                                              \
        for (; i + 4 <= n; i += 4)                                                                           \
          for (int k = 0; k < 4; k++)                                                                        \
            four[k] += *(const T *) (data + (i + k) * stride);                                               \
        total = (four[0] + four[1]) + (four[2] + four[3]);                                                   \
        for (; i < n; i++)                                                                                   \
          total += *(const T *) (data + i * stride);                                                         \
      }                                                                                                      \
    *(double *) acc += total;                                                                                \
  }                                                                                                          \
  static void sum_columns_##SUFFIX (void *accs, const char *data, int64_t row_stride, int64_t rows,          \
                                    int64_t columns, const void *ctx)                                        \
  {                                                                                                          \
    double *totals = accs;                                                                                   \
    T lanes[64];                                                                                             \
    for (int64_t begin = 0; begin < rows; begin += 64)                                                       \
      {                                                                                                      \
        int64_t end = begin + 64 < rows ? begin + 64 : rows;                                                 \
        for (int k = 0; k < 64; k++)                                                                         \
          lanes[k] = 0;                                                                                      \
        if (columns == 64)                                                                                   \
          for (int64_t r = begin; r < end; r++)                                                              \
            {                                                                                                \
              const T *x = (const T *) (data + r * row_stride);                                              \
              for (int k = 0; k < 64; k++)                                                                   \
                lanes[k] += x[k];                                                                            \
            }                                                                                                \
        else                                                                                                 \
          for (int64_t r = begin; r < end; r++)                                                              \
            {                                                                                                \
              const T *x = (const T *) (data + r * row_stride);                                              \
              for (int64_t k = 0; k < columns; k++)                                                          \
                lanes[k] += x[k];                                                                            \
            }                                                                                                \
        for (int64_t k = 0; k < columns; k++)                                                                \
          totals[k] += lanes[k];                                                                             \
      }                                                                                                      \
  }
SUM_FLOAT (float, f32)
SUM_FLOAT (double, f64)

static void
start_double (void *acc, const void *ctx)
{
  *(double *) acc = 0;
}
static void
join_double (void *acc, const void *later, const void *ctx)
{
  *(double *) acc += *(const double *) later;
}

/* float32 rows, the commonest: four vectors of eight. */
static void
sum_row_float (void *acc, const char *data, int64_t stride, int64_t n, int64_t index, const void *ctx)
{
  if (stride != sizeof (float) || n < LANES)
    {
      sum_row_f32 (acc, data, stride, n, index, ctx);
      return;
    }
  const float *x = (const float *) data;
  __m256 a = _mm256_loadu_ps (x), b = _mm256_loadu_ps (x + 8), c = _mm256_loadu_ps (x + 16),
         d = _mm256_loadu_ps (x + 24);
  int64_t i = LANES;
  for (; i + LANES <= n; i += LANES)
    {
      a = _mm256_add_ps (a, _mm256_loadu_ps (x + i));
      b = _mm256_add_ps (b, _mm256_loadu_ps (x + i + 8));
      c = _mm256_add_ps (c, _mm256_loadu_ps (x + i + 16));
      d = _mm256_add_ps (d, _mm256_loadu_ps (x + i + 24));
    }
  __m256 all = _mm256_add_ps (_mm256_add_ps (a, b), _mm256_add_ps (c, d));
  __m256d wide = _mm256_add_pd (_mm256_cvtps_pd (_mm256_castps256_ps128 (all)),
                                _mm256_cvtps_pd (_mm256_extractf128_ps (all, 1)));
  double four[4], rest = 0;
  _mm256_storeu_pd (four, wide);
  for (; i < n; i++)
    rest += x[i];
  *(double *) acc += (four[0] + four[1]) + (four[2] + four[3]) + rest;
}

/* bools: bytes of 0 and 1, added 32 at a time. */
static void
sum_row_bool (void *acc, const char *data, int64_t stride, int64_t n, int64_t index, const void *ctx)
{
  uint64_t total = 0;
  int64_t i = 0;
  if (stride == 1)
    {
      __m256i sums = _mm256_setzero_si256 ();
      for (; i + 32 <= n; i += 32)
        sums = _mm256_add_epi64 (sums, _mm256_sad_epu8 (_mm256_loadu_si256 ((const __m256i *) (data + i)),
                                                        _mm256_setzero_si256 ()));
      uint64_t four[4];
      _mm256_storeu_si256 ((__m256i *) four, sums);
      total = four[0] + four[1] + four[2] + four[3];
    }
  for (; i < n; i++)
    total += *(const uint8_t *) (data + i * stride);
  *(uint64_t *) acc += total;
}

/* What finish does with a double total: ctx is a scale (mean).  The total is rounded before it is scaled, so
 * that a mean overflows where PyTorch's does. */
static void
finish_f32 (const void *acc, char *const *results, const void *ctx)
{
  *(float *) results[0] = (float) ((double) (float) *(const double *) acc / *(const double *) ctx);
}
static void
finish_f64 (const void *acc, char *const *results, const void *ctx)
{
  *(double *) results[0] = *(const double *) acc / *(const double *) ctx;
}

/* Totals of half width: rounded to their dtype before they are scaled. */
static void
finish_f16 (const void *acc, char *const *results, const void *ctx)
{
  float total = te_half_to_float (te_half_from_float ((float) *(const double *) acc));
  *(float *) results[0] = (float) ((double) total / *(const double *) ctx);
}
static void
finish_bf16 (const void *acc, char *const *results, const void *ctx)
{
  float total = te_bfloat16_to_float (te_bfloat16_from_float ((float) *(const double *) acc));
  *(float *) results[0] = (float) ((double) total / *(const double *) ctx);
}
static const TeReduction mean_half = { sizeof (double), start_double, sum_row_float, join_double, finish_f16, sum_columns_f32 };
static const TeReduction mean_bfloat16 = { sizeof (double), start_double, sum_row_float, join_double, finish_bf16, sum_columns_f32 };

static const TeReduction sum_float[2] = {
  { sizeof (double), start_double, sum_row_float, join_double, finish_f32, sum_columns_f32, te_cascade_f32 },
  { sizeof (double), start_double, sum_row_f64, join_double, finish_f64, sum_columns_f64, te_cascade_f64 },
};

#define NANSUM(T, SUFFIX)                                                                                    \
  static void nansum_row_##SUFFIX (void *acc, const char *data, int64_t stride, int64_t n, int64_t index,    \
                                   const void *ctx)                                                          \
  {                                                                                                          \
    double total = 0;                                                                                        \
    for (int64_t i = 0; i < n; i++)                                                                          \
      {                                                                                                      \
        T x = *(const T *) (data + i * stride);                                                              \
        total += x == x ? x : 0;                                                                             \
      }                                                                                                      \
    *(double *) acc += total;                                                                                \
  }
NANSUM (float, f32)
NANSUM (double, f64)
static const TeReduction nansum_float[2] = {
  { sizeof (double), start_double, nansum_row_f32, join_double, finish_f32, NULL },
  { sizeof (double), start_double, nansum_row_f64, join_double, finish_f64, NULL },
};

/* ---- integers: into int64, wrapping around ---- */
static void
start_int (void *acc, const void *ctx)
{
  *(uint64_t *) acc = 0;
}
static void
start_one (void *acc, const void *ctx)
{
  *(uint64_t *) acc = 1;
}
static void
join_int (void *acc, const void *later, const void *ctx)
{
  *(uint64_t *) acc += *(const uint64_t *) later;
}
static void
join_int_product (void *acc, const void *later, const void *ctx)
{
  *(uint64_t *) acc *= *(const uint64_t *) later;
}
static void
finish_int (const void *acc, char *const *results, const void *ctx)
{
  *(uint64_t *) results[0] = *(const uint64_t *) acc;
}

#define SUM_INT(T, SUFFIX)                                                                                   \
  static void sum_row_##SUFFIX (void *acc, const char *data, int64_t stride, int64_t n, int64_t index,       \
                                const void *ctx)                                                             \
  {                                                                                                          \
    uint64_t total = 0;                                                                                      \
    if (stride == sizeof (T))                                                                                \
      for (int64_t i = 0; i < n; i++)                                                                        \
        total += (uint64_t) (int64_t) ((const T *) data)[i];                                                 \
    else                                                                                                     \
      for (int64_t i = 0; i < n; i++)                                                                        \
        total += (uint64_t) (int64_t) * (const T *) (data + i * stride);                                     \
    *(uint64_t *) acc += total;                                                                              \
  }
SUM_INT (uint8_t, u8)
SUM_INT (int8_t, i8)
SUM_INT (int16_t, i16)
SUM_INT (int32_t, i32)
SUM_INT (int64_t, i64)

#define INT_REDUCTION(ROW)                                                                                   \
  {                                                                                                          \
    8, start_int, ROW, join_int, finish_int, NULL                                                            \
  }
static const TeReduction sum_int[TE_DTYPE_COUNT] = {
  [TE_UINT8] = INT_REDUCTION (sum_row_u8),  [TE_INT8] = INT_REDUCTION (sum_row_i8),
  [TE_INT16] = INT_REDUCTION (sum_row_i16), [TE_INT32] = INT_REDUCTION (sum_row_i32),
  [TE_INT64] = INT_REDUCTION (sum_row_i64), [TE_BOOL] = INT_REDUCTION (sum_row_bool),
};

static void
prod_row_i64 (void *acc, const char *data, int64_t stride, int64_t n, int64_t index, const void *ctx)
{
  uint64_t product = *(uint64_t *) acc;
  for (int64_t i = 0; i < n; i++)
    product *= *(const uint64_t *) (data + i * stride);
  *(uint64_t *) acc = product;
}
static const TeReduction prod_int = { 8, start_one, prod_row_i64, join_int_product, finish_int, NULL };

static void
start_double_one (void *acc, const void *ctx)
{
  *(double *) acc = 1;
}
static void
join_double_product (void *acc, const void *later, const void *ctx)
{
  *(double *) acc *= *(const double *) later;
}
static void
prod_row_f64 (void *acc, const char *data, int64_t stride, int64_t n, int64_t index, const void *ctx)
{
  double product = *(double *) acc;
  for (int64_t i = 0; i < n; i++)
    product *= *(const double *) (data + i * stride);
  *(double *) acc = product;
}
static void
prod_row_f32 (void *acc, const char *data, int64_t stride, int64_t n, int64_t index, const void *ctx)
{
  double product = *(double *) acc;
  for (int64_t i = 0; i < n; i++)
    product *= *(const float *) (data + i * stride);
  *(double *) acc = product;
}
static const TeReduction prod_float[2] = {
  { 8, start_double_one, prod_row_f32, join_double_product, finish_f32, NULL },
  { 8, start_double_one, prod_row_f64, join_double_product, finish_f64, NULL },
};

/* ---- truth: any input is first turned to bool ---- */
static void
all_row (void *acc, const char *data, int64_t stride, int64_t n, int64_t index, const void *ctx)
{
  for (int64_t i = 0; *(uint64_t *) acc && i < n; i++)
    *(uint64_t *) acc = *(const bool *) (data + i * stride);
}
static void
any_row (void *acc, const char *data, int64_t stride, int64_t n, int64_t index, const void *ctx)
{
  for (int64_t i = 0; !*(uint64_t *) acc && i < n; i++)
    *(uint64_t *) acc = *(const bool *) (data + i * stride);
}
static void
join_all (void *acc, const void *later, const void *ctx)
{
  *(uint64_t *) acc &= *(const uint64_t *) later;
}
static void
join_any (void *acc, const void *later, const void *ctx)
{
  *(uint64_t *) acc |= *(const uint64_t *) later;
}
static void
finish_bool (const void *acc, char *const *results, const void *ctx)
{
  *(bool *) results[0] = *(const uint64_t *) acc != 0;
}
static const TeReduction reduction_all = { 8, start_one, all_row, join_all, finish_bool, NULL };
static const TeReduction reduction_any = { 8, start_int, any_row, join_any, finish_bool, NULL };
static const TeReduction reduction_count = INT_REDUCTION (sum_row_bool);

/* ---- kernels ---- */

/* result: what a sum of this input has without dtype= and out=. */
static TeDtype
sum_dtype (const TeOpCall *call, const TeValue *dtype)
{
  TeDtype self = te_tensor_dtype (call->args[0].tensor);
  if (dtype->kind == TE_VALUE_DTYPE)
    return dtype->dtype;
  if (call->outs[0])
    return te_tensor_dtype (call->outs[0]);
  return te_dtype_is_integral (self, true) ? TE_INT64 : self;
}

/* Products of complex numbers. */
#define PROD_COMPLEX(T, SUFFIX)                                                                              \
  static void prod_row_##SUFFIX (void *acc, const char *data, int64_t stride, int64_t n, int64_t index,      \
                                 const void *ctx)                                                            \
  {                                                                                                          \
    TeComplex128 product = *(TeComplex128 *) acc;                                                            \
    for (int64_t i = 0; i < n; i++)                                                                          \
      product = te_cmul (product, (TeComplex128) * (const T *) (data + i * stride));                         \
    *(TeComplex128 *) acc = product;                                                                         \
  }                                                                                                          \
  static void finish_##SUFFIX (const void *acc, char *const *results, const void *ctx)                       \
  {                                                                                                          \
    *(T *) results[0] = (T) * (const TeComplex128 *) acc;                                                    \
  }
PROD_COMPLEX (TeComplex64, c64)
PROD_COMPLEX (TeComplex128, c128)

static void
start_complex_one (void *acc, const void *ctx)
{
  *(TeComplex128 *) acc = 1;
}
static void
join_complex_product (void *acc, const void *later, const void *ctx)
{
  *(TeComplex128 *) acc = te_cmul (*(TeComplex128 *) acc, *(const TeComplex128 *) later);
}
static const TeReduction prod_complex[2] = {
  { 16, start_complex_one, prod_row_c64, join_complex_product, finish_c64, NULL },
  { 16, start_complex_one, prod_row_c128, join_complex_product, finish_c128, NULL },
};

/* Sums into `final`, reading `input_dtype`; scale divides float totals. */
static bool
run_sum (TeOpCall *call,
         const TeValue *dims,
         bool keepdim,
         TeDtype final,
         double scale,
         const TeReduction *floats,
         const TeReduction *ints,
         TeError *err)
{
  TeTensor *self = call->args[0].tensor;
  TeReduceShape shape;
  if (!te_reduce_shape (&shape, self, dims, keepdim, err))
    return false;
  if (scale != 1)
    scale = (double) shape.n_reduced;
  bool integral = te_dtype_is_integral (final, true);
  TeDtype read =
      integral ? (final == TE_INT64 && ints == sum_int && te_dtype_is_integral (te_tensor_dtype (self), true)
                      ? te_tensor_dtype (self)
                      : TE_INT64)
               : te_reduce_compute (final);
  TeDtype computed = integral ? TE_INT64 : read;
  if (final == TE_BOOL && ints == sum_int)
    read = te_dtype_is_integral (te_tensor_dtype (self), true) ? te_tensor_dtype (self) : TE_BOOL;
  TeTensor *input = te_reduce_input (self, read, err);
  if (!input)
    return false;
  const TeReduction *reduction =
      integral ? (ints == sum_int ? &sum_int[read] : ints) : &floats[te_dtype_real (read) == TE_FLOAT64];
  if (scale != 1 && (final == TE_FLOAT16 || final == TE_BFLOAT16))
    reduction = final == TE_FLOAT16 ? &mean_half : &mean_bfloat16;
  bool is_complex = te_dtype_is_complex (read);
  if (is_complex && floats == prod_float)
    reduction = &prod_complex[read == TE_COMPLEX128];
  bool ok = is_complex && floats != prod_float
                ? te_reduce_store_parts (call, input, &shape, reduction, &scale, final, err)
                : te_reduce_store (call, input, &shape, reduction, &scale, &computed, &final, 1, err);
  te_tensor_unref (input);
  return ok;
}

static bool
kernel_sum_all (TeOpCall *call, TeError *err)
{
  const TeValue none = { 0 };
  return run_sum (call, &none, false, sum_dtype (call, &call->args[1]), 1, sum_float, sum_int, err);
}

static bool
kernel_sum (TeOpCall *call, TeError *err)
{
  return run_sum (call, &call->args[1], call->args[2].b, sum_dtype (call, &call->args[3]), 1, sum_float,
                  sum_int, err);
}

static bool
kernel_nansum (TeOpCall *call, TeError *err)
{
  return run_sum (call, &call->args[1], call->args[2].b, sum_dtype (call, &call->args[3]), 1, nansum_float,
                  sum_int, err);
}

/* The sum of the numbers by their count. */
static bool
kernel_nanmean (TeOpCall *call, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  const TeValue *dims = &call->args[1];
  const int64_t *list = dims->kind == TE_VALUE_INT_LIST ? dims->ints : NULL;
  int n = list ? dims->count : 0, keepdim = call->args[2].b;
  TeTensor *self = call->args[0].tensor;
  if (!te_dtype_is_floating (te_tensor_dtype (self)))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "nanmean(): expected input to have floating point dtype but got %s",
                         te_dtype_error_name (te_tensor_dtype (self)));
  TeTensor *numbers = EX (&e, "logical_not", "T", EX (&e, "isnan", "T", self));
  TeTensor *count = EX (&e, "sum.dim_IntList", "TIb", numbers, list, n, keepdim);
  TeTensor *total =
      EX (&e, "nansum", "TIbd", self, list, n, keepdim, (int) te_value_dtype (&call->args[3], TE_DTYPE_NONE));
  return te_expr_end (&e, ex_div (&e, total, count), &call->outs[0]);
}

static bool
run_mean (TeOpCall *call, const TeValue *dims, bool keepdim, const TeValue *dtype, TeError *err)
{
  TeDtype self = te_tensor_dtype (call->args[0].tensor);
  TeDtype final = dtype->kind == TE_VALUE_DTYPE ? dtype->dtype : self;
  if (!te_dtype_is_inexact (final))
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "mean(): could not infer output dtype. %s dtype must be either a floating point or complex dtype. "
        "Got: %s",
        dtype->kind == TE_VALUE_DTYPE ? "Optional" : "Input", te_dtype_error_name (final));
  if (call->has_out && dtype->kind != TE_VALUE_DTYPE)
    { /* out= says in what dtype */
      TeDtype out = te_tensor_dtype (call->outs[0]);
      if (!te_dtype_can_cast (final, out) /* by then it holds the sums */
          && !run_sum (call, dims, keepdim, out, 1, sum_float, sum_int, err))
        return false;
      if (!te_dtype_can_cast (final, out))
        return te_error_set (err, TE_ERR_RUNTIME,
                             "result type %s can't be cast to the desired output type %s",
                             te_dtype_error_name (final), te_dtype_error_name (out));
      final = out;
    }
  return run_sum (call, dims, keepdim, final, 0, sum_float, sum_int, err);
}

static bool
kernel_mean_all (TeOpCall *call, TeError *err)
{
  const TeValue none = { 0 };
  return run_mean (call, &none, false, &call->args[1], err);
}

static bool
kernel_mean (TeOpCall *call, TeError *err)
{
  return run_mean (call, &call->args[1], call->args[2].b, &call->args[3], err);
}

static bool
kernel_prod_all (TeOpCall *call, TeError *err)
{
  const TeValue none = { 0 };
  return run_sum (call, &none, false, sum_dtype (call, &call->args[1]), 1, prod_float, &prod_int, err);
}

static bool
kernel_prod (TeOpCall *call, TeError *err)
{
  return run_sum (call, &call->args[1], call->args[2].b, sum_dtype (call, &call->args[3]), 1, prod_float,
                  &prod_int, err);
}

static bool
run_truth (TeOpCall *call,
           const TeValue *dims,
           bool keepdim,
           const TeReduction *reduction,
           TeDtype computed,
           TeDtype final,
           TeError *err)
{
  TeReduceShape shape;
  if (!te_reduce_shape (&shape, call->args[0].tensor, dims, keepdim, err))
    return false;
  TeTensor *input = te_reduce_input (call->args[0].tensor, TE_BOOL, err);
  bool ok = input && te_reduce_store (call, input, &shape, reduction, NULL, &computed, &final, 1, err);
  te_tensor_unref (input);
  return ok;
}

/* all and any of uint8 are uint8. */
static TeDtype
truth_dtype (const TeOpCall *call)
{
  return call->outs[0]                             ? te_tensor_dtype (call->outs[0])
         : call->args[0].tensor->dtype == TE_UINT8 ? TE_UINT8
                                                   : TE_BOOL;
}

static bool
kernel_all (TeOpCall *call, TeError *err)
{
  const TeValue none = { 0 };
  bool dim = call->op->n_args > 1;
  return run_truth (call, dim ? &call->args[1] : &none, dim && call->args[2].b, &reduction_all, TE_BOOL,
                    truth_dtype (call), err);
}

static bool
kernel_any (TeOpCall *call, TeError *err)
{
  const TeValue none = { 0 };
  bool dim = call->op->n_args > 1;
  return run_truth (call, dim ? &call->args[1] : &none, dim && call->args[2].b, &reduction_any, TE_BOOL,
                    truth_dtype (call), err);
}

static bool
kernel_count_nonzero (TeOpCall *call, TeError *err)
{
  return run_truth (call, &call->args[1], false, &reduction_count, TE_INT64, TE_INT64, err);
}

/* ---- backward ---- */

/* dims and keepdim of a call, whichever overload it was. */
static const TeValue *
call_dims (const TeBackward *ctx, bool *keepdim)
{
  static const TeValue none;
  bool has_dims = ctx->op->n_args > 2;
  *keepdim = has_dims && ctx->args[2].b;
  return has_dims ? &ctx->args[1] : &none;
}

static TeTensor *
cast_back (TeExpr *e, TeTensor *grad, const TeMeta *meta)
{
  return e->failed || grad->dtype == meta->dtype
             ? grad
             : te_expr_keep (e, te_gradient_as (grad, (TeDtype) meta->dtype, e->err));
}

static bool
backward_sum (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  bool keepdim;
  const TeValue *dims = call_dims (ctx, &keepdim);
  TeTensor *grad =
      ex_unreduce (&e, cast_back (&e, ctx->grads[0], &ctx->metas[0]), &ctx->metas[0], dims, keepdim);
  return te_expr_end (&e, grad, &ctx->results[0]);
}

static bool
backward_mean (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  bool keepdim;
  const TeValue *dims = call_dims (ctx, &keepdim);
  TeTensor *grad =
      ex_unreduce (&e, cast_back (&e, ctx->grads[0], &ctx->metas[0]), &ctx->metas[0], dims, keepdim);
  grad = EX (&e, "div.Scalar", "TS", grad, te_scalar_int (te_meta_reduced (&ctx->metas[0], dims)));
  return te_expr_end (&e, grad, &ctx->results[0]);
}

static bool
backward_nansum (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  bool keepdim;
  const TeValue *dims = call_dims (ctx, &keepdim);
  TeTensor *grad =
      ex_unreduce (&e, cast_back (&e, ctx->grads[0], &ctx->metas[0]), &ctx->metas[0], dims, keepdim);
  TeTensor *numbers = EX (&e, "logical_not", "T", EX (&e, "isnan", "T", ctx->inputs[0]));
  return te_expr_end (&e, ex_mul (&e, grad, numbers), &ctx->results[0]);
}

static bool
has_zero (const TeTensor *x, TeError *err)
{
  TeTensor *cast = te_contiguous_copy ((TeTensor *) x, TE_COMPLEX128, err);
  bool found = false;
  const TeComplex128 *data = cast && !te_tensor_is_meta (cast) ? te_tensor_data (cast) : NULL;
  for (int64_t i = 0; data && !found && i < x->numel; i++)
    found = data[i] == 0;
  te_tensor_unref (cast);
  return found;
}

/* Every element's gradient is the product of the others: by division, or where zeros forbid it by running
 * products from both sides. */
static bool
backward_prod (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  bool keepdim;
  const TeValue *dims = call_dims (ctx, &keepdim);
  TeTensor *x = ctx->inputs[0], *others;
  if (!x->ndim)
    return te_expr_end (&e, cast_back (&e, ctx->grads[0], &ctx->metas[0]), &ctx->results[0]);
  TeTensor *grad =
      ex_keepdims (&e, cast_back (&e, ctx->grads[0], &ctx->metas[0]), &ctx->metas[0], dims, keepdim);
  TeTensor *result =
      ex_keepdims (&e, cast_back (&e, ctx->outs[0], &ctx->metas[0]), &ctx->metas[0], dims, keepdim);
  if (!has_zero (x, err))
    return te_expr_end (&e, ex_mul (&e, grad, ex_div (&e, result, x)), &ctx->results[0]);
  if (dims->kind == TE_VALUE_INT)
    others = EX (&e, "_prod_others", "Ti", x, dims->i);
  else
    {
      int64_t all = x->numel;
      TeTensor *flat = te_expr_keep (&e, te_reshape (x, 1, &all, err));
      others = EX (&e, "_prod_others", "Ti", flat, (int64_t) 0);
      others = e.failed ? NULL : te_expr_keep (&e, te_reshape (others, x->ndim, x->sizes, err));
    }
  return te_expr_end (&e, ex_mul (&e, grad, others), &ctx->results[0]);
}

#define SUM_ROWS(NAME, KERNEL, RULE, NODE, NODE_DIM, DIMS, DIM_OVERLOAD, SAVES, DOC)                         \
  { .schema = NAME "(Tensor self, *, ScalarType? dtype=None) -> Tensor",                                     \
    .flags = TE_MF,                                                                                          \
    .kernel = KERNEL##_all,                                                                                  \
    .backward = RULE,                                                                                        \
    .node = NODE,                                                                                            \
    .saves = SAVES,                                                                                          \
    .doc = DOC " of all elements." },                                                                        \
  {                                                                                                          \
    .schema = NAME DIM_OVERLOAD "(Tensor self, " DIMS                                                        \
                                " dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor",            \
    .flags = TE_MF | TE_OP_OUT, .kernel = KERNEL, .backward = RULE, .node = NODE_DIM, .saves = SAVES,        \
    .doc = DOC " over dimensions."                                                                           \
  }
#define TRUTH_ROWS(NAME, KERNEL, DOC)                                                                        \
  { .schema = NAME "(Tensor self) -> Tensor",                                                                \
    .flags = TE_MF | TE_OP_OUT | TE_OP_NONDIFF,                                                              \
    .kernel = KERNEL,                                                                                        \
    .doc = DOC },                                                                                            \
  {                                                                                                          \
    .schema = NAME ".dim(Tensor self, int dim, bool keepdim=False) -> Tensor",                               \
    .flags = TE_MF | TE_OP_OUT | TE_OP_NONDIFF, .kernel = KERNEL, .doc = DOC                                 \
  }

static const TeOpDef rows[] = {
  SUM_ROWS ("sum",
            kernel_sum,
            backward_sum,
            "SumBackward",
            "SumBackward1",
            "int[1]?",
            ".dim_IntList",
            0,
            "The sum"),
  SUM_ROWS (
      "mean", kernel_mean, backward_mean, "MeanBackward", "MeanBackward1", "int[1]?", ".dim", 0, "The mean"),
  SUM_ROWS ("prod",
            kernel_prod,
            backward_prod,
            "ProdBackward",
            "ProdBackward1",
            "int",
            ".dim_int",
            TE_SAVE_ARG (0) | TE_SAVE_OUT (0),
            "The product"),
  { .schema =
        "nansum(Tensor self, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor",
    .flags = TE_MF | TE_OP_OUT,
    .kernel = kernel_nansum,
    .backward = backward_nansum,
    .node = "NansumBackward",
    .saves = TE_SAVE_ARG (0),
    .doc = "The sum, NaN counted as 0." },
  { .schema =
        "nanmean(Tensor self, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor",
    .flags = TE_MF | TE_OP_OUT | TE_OP_COMPOSITE,
    .kernel = kernel_nanmean,
    .doc = "The mean of what is not NaN." },
  TRUTH_ROWS ("all", kernel_all, "Whether all elements are true."),
  TRUTH_ROWS ("any", kernel_any, "Whether some element is true."),
  { .schema = "count_nonzero.dim_IntList(Tensor self, int[] dim) -> Tensor",
    .flags = TE_MF | TE_OP_NONDIFF,
    .kernel = kernel_count_nonzero,
    .doc = "How many elements are not 0." },
  { .schema = "count_nonzero(Tensor self, int? dim=None) -> Tensor",
    .flags = TE_MF | TE_OP_NONDIFF,
    .kernel = kernel_count_nonzero,
    .doc = "How many elements are not 0." },
};
TE_OP_FAMILY (te_family_sum, rows);
