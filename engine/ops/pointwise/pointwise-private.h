/* Inner parts of the pointwise family: how a loop is written once for all dtypes, and how a row's kernel runs
 * it. Loops exist for bool, the integers, float32 and float64; float16 and bfloat16 are cast by the iterator.
 */
#pragma once

#include <math.h>

#include "iter/tensor-iter.h"
#include "ops/complex/complex-math.h"
#include "ops/expr.h"
#include "ops/registry.h"

/* What an op's loops may want besides elements. */
typedef struct
{
  double f[4];
  int64_t i[4];
  TeComplex128 z; /* f[0] with its imaginary part, where a number may be complex */
} TeParams;

typedef struct
{
  const char *name; /* as PyTorch's errors name the kernel */
  TeLoop loops[TE_DTYPE_COUNT];
} TeLoops;

/* An argument as an operand: a tensor, or a number placed in *place. */
TeTensor *te_operand (const TeValue *value, TeIterNumber *place);
double te_value_double (const TeValue *value,
                        double otherwise); /* of a Scalar, float or int; otherwise for None */
TeScalar te_value_scalar (const TeValue *value);
TeComplex128 te_scalar_to_complex (TeScalar value);
bool te_not_implemented_for (const char *kernel, TeDtype dtype, TeError *err);

/* Builds over call->outs[0] and ins, finds the loop by compute dtype, runs it. */
bool te_run_loops (TeOpCall *call,
                   const TeLoops *loops,
                   const TeIterConfig *config,
                   TeTensor *const *ins,
                   int n_ins,
                   const TeParams *params,
                   TeError *err);
/* The usual cases: args[0], or args[0] and args[1]; flags are TeIterFlags. */
bool
te_run_unary (TeOpCall *call, const TeLoops *loops, uint32_t flags, const TeParams *params, TeError *err);
bool
te_run_binary (TeOpCall *call, const TeLoops *loops, uint32_t flags, const TeParams *params, TeError *err);
/* te_run_unary whose new result keeps the exact strides of a dense input, those of single dimensions
 * included. */
bool te_run_unary_like (
    TeOpCall *call, const TeLoops *loops, uint32_t flags, const TeParams *params, TeError *err);
bool te_run_compare (TeOpCall *call, const TeLoops *loops, TeError *err); /* bool result */

/* For elements of any integer type: unsigned ones are never negative, without the compiler's remark on it. */
static inline bool
te_is_negative (int64_t value)
{
  return value < 0;
}

/* ---- loops ----
 * Within an expression: x, y, z are elements, p the parameters, T the element type, U its unsigned twin of at
 * least 32 bits (integers wrap around). */
#define TE_IVDEP _Pragma ("GCC ivdep")

#define TE_UNARY_LOOP(NAME, TYPE, UTYPE, RESULT, EXPR)                                                       \
  static void NAME (char *const *data, const int64_t *strides, int64_t n, const void *ctx)                   \
  {                                                                                                          \
    typedef TYPE T;                                                                                          \
    typedef UTYPE U __attribute__ ((unused));                                                                \
    const TeParams *p __attribute__ ((unused)) = ctx;                                                        \
    if (strides[0] == sizeof (RESULT) && strides[1] == sizeof (T))                                           \
      {                                                                                                      \
        RESULT *o = (RESULT *) data[0];                                                                      \
        const T *a = (const T *) data[1];                                                                    \
        TE_IVDEP for (int64_t i = 0; i < n; i++)                                                             \
        {                                                                                                    \
          const T x = a[i];                                                                                  \
          o[i] = (RESULT) (EXPR);                                                                            \
        }                                                                                                    \
        return;                                                                                              \
      }                                                                                                      \
    for (int64_t i = 0; i < n; i++)                                                                          \
      {                                                                                                      \
        const T x = *(const T *) (data[1] + i * strides[1]);                                                 \
        *(RESULT *) (data[0] + i * strides[0]) = (RESULT) (EXPR);                                            \
      }                                                                                                      \
  }

#define TE_BINARY_LOOP(NAME, TYPE, UTYPE, RESULT, EXPR)                                                      \
  static void NAME (char *const *data, const int64_t *strides, int64_t n, const void *ctx)                   \
  {                                                                                                          \
    typedef TYPE T;                                                                                          \
    typedef UTYPE U __attribute__ ((unused));                                                                \
    const TeParams *p __attribute__ ((unused)) = ctx;                                                        \
    if (strides[0] == sizeof (RESULT))                                                                       \
      {                                                                                                      \
        RESULT *o = (RESULT *) data[0];                                                                      \
        const T *a = (const T *) data[1];                                                                    \
        const T *b = (const T *) data[2];                                                                    \
        if (strides[1] == sizeof (T) && strides[2] == sizeof (T))                                            \
          {                                                                                                  \
            TE_IVDEP for (int64_t i = 0; i < n; i++)                                                         \
            {                                                                                                \
              const T x = a[i], y = b[i];                                                                    \
              o[i] = (RESULT) (EXPR);                                                                        \
            }                                                                                                \
            return;                                                                                          \
          }                                                                                                  \
        if (strides[1] == sizeof (T) && strides[2] == 0)                                                     \
          {                                                                                                  \
            const T y = *b;                                                                                  \
            TE_IVDEP for (int64_t i = 0; i < n; i++)                                                         \
            {                                                                                                \
              const T x = a[i];                                                                              \
              o[i] = (RESULT) (EXPR);                                                                        \
            }                                                                                                \
            return;                                                                                          \
          }                                                                                                  \
        if (strides[1] == 0 && strides[2] == sizeof (T))                                                     \
          {                                                                                                  \
            const T x = *a;                                                                                  \
            TE_IVDEP for (int64_t i = 0; i < n; i++)                                                         \
            {                                                                                                \
              const T y = b[i];                                                                              \
              o[i] = (RESULT) (EXPR);                                                                        \
            }                                                                                                \
            return;                                                                                          \
          }                                                                                                  \
      }                                                                                                      \
    for (int64_t i = 0; i < n; i++)                                                                          \
      {                                                                                                      \
        const T x = *(const T *) (data[1] + i * strides[1]), y = *(const T *) (data[2] + i * strides[2]);    \
        *(RESULT *) (data[0] + i * strides[0]) = (RESULT) (EXPR);                                            \
      }                                                                                                      \
  }

#define TE_TERNARY_LOOP(NAME, TYPE, UTYPE, RESULT, EXPR)                                                     \
  static void NAME (char *const *data, const int64_t *strides, int64_t n, const void *ctx)                   \
  {                                                                                                          \
    typedef TYPE T;                                                                                          \
    typedef UTYPE U __attribute__ ((unused));                                                                \
    const TeParams *p __attribute__ ((unused)) = ctx;                                                        \
    if (strides[0] == sizeof (RESULT) && strides[1] == sizeof (T) && strides[2] == sizeof (T)                \
        && strides[3] == sizeof (T))                                                                         \
      {                                                                                                      \
        RESULT *o = (RESULT *) data[0];                                                                      \
        const T *a = (const T *) data[1];                                                                    \
        const T *b = (const T *) data[2];                                                                    \
        const T *c = (const T *) data[3];                                                                    \
        TE_IVDEP for (int64_t i = 0; i < n; i++)                                                             \
        {                                                                                                    \
          const T x = a[i], y = b[i], z = c[i];                                                              \
          o[i] = (RESULT) (EXPR);                                                                            \
        }                                                                                                    \
        return;                                                                                              \
      }                                                                                                      \
    for (int64_t i = 0; i < n; i++)                                                                          \
      {                                                                                                      \
        const T x = *(const T *) (data[1] + i * strides[1]), y = *(const T *) (data[2] + i * strides[2]),    \
                z = *(const T *) (data[3] + i * strides[3]);                                                 \
        *(RESULT *) (data[0] + i * strides[0]) = (RESULT) (EXPR);                                            \
      }                                                                                                      \
  }

/* The same loop for each integer type; RESULT may be T. */
#define TE_LOOPS_INT(LOOP, OP, RESULT, EXPR)                                                                 \
  LOOP (OP##_u8, uint8_t, uint32_t, RESULT, EXPR)                                                            \
  LOOP (OP##_i8, int8_t, uint32_t, RESULT, EXPR)                                                             \
  LOOP (OP##_i16, int16_t, uint32_t, RESULT, EXPR)                                                           \
  LOOP (OP##_i32, int32_t, uint32_t, RESULT, EXPR)                                                           \
  LOOP (OP##_i64, int64_t, uint64_t, RESULT, EXPR)
#define TE_LOOPS_BOOL(LOOP, OP, RESULT, EXPR) LOOP (OP##_b, bool, uint32_t, RESULT, EXPR)
/* Float functions differ in their suffix: expressions use F32 or F64 names given apart. */
#define TE_LOOPS_FLOAT2(LOOP, OP, RESULT, EXPR32, EXPR64)                                                    \
  LOOP (OP##_f32, float, uint32_t, RESULT, EXPR32)                                                           \
  LOOP (OP##_f64, double, uint64_t, RESULT, EXPR64)
#define TE_LOOPS_FLOAT(LOOP, OP, RESULT, EXPR) TE_LOOPS_FLOAT2 (LOOP, OP, RESULT, EXPR, EXPR)

/* Complex elements: expressions use the names of complex-math.h, with and without f. */
#define TE_LOOPS_COMPLEX2(LOOP, OP, RESULT32, RESULT64, EXPR32, EXPR64)                                      \
  LOOP (OP##_c64, TeComplex64, uint32_t, RESULT32, EXPR32)                                                   \
  LOOP (OP##_c128, TeComplex128, uint64_t, RESULT64, EXPR64)
#define TE_LOOPS_COMPLEX(LOOP, OP, RESULT, EXPR) TE_LOOPS_COMPLEX2 (LOOP, OP, RESULT, RESULT, EXPR, EXPR)

#define TE_TABLE_INT(OP)                                                                                     \
  [TE_UINT8] = OP##_u8, [TE_INT8] = OP##_i8, [TE_INT16] = OP##_i16, [TE_INT32] = OP##_i32,                   \
  [TE_INT64] = OP##_i64
#define TE_TABLE_FLOAT(OP) [TE_FLOAT32] = OP##_f32, [TE_FLOAT64] = OP##_f64
#define TE_TABLE_COMPLEX(OP) [TE_COMPLEX64] = OP##_c64, [TE_COMPLEX128] = OP##_c128
#define TE_TABLE_BOOL(OP)  [TE_BOOL] = OP##_b

/* ---- rows ---- */
#define TE_MF   (TE_OP_METHOD | TE_OP_FUNCTION)
#define TE_MFIO (TE_MF | TE_OP_INPLACE | TE_OP_OUT)
