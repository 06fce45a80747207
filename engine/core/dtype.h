/* core: what a tensor is (dtype, storage, sizes, strides, offset, version) and how views of it are made.
 * No arithmetic on elements.  shape.h and view-arith.h are pure integer arithmetic and are linked into the
 * window too. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The numbers stand in recordings: a new dtype goes to the end.
 * X (ENUM, C type, name as printed after "torch.", nbytes, name in error texts, category) */
#define TE_DTYPE_LIST(X)                                                                                     \
  X (UINT8, uint8_t, "uint8", 1, "Byte", TE_CATEGORY_INT)                                                    \
  X (INT8, int8_t, "int8", 1, "Char", TE_CATEGORY_INT)                                                       \
  X (INT16, int16_t, "int16", 2, "Short", TE_CATEGORY_INT)                                                   \
  X (INT32, int32_t, "int32", 4, "Int", TE_CATEGORY_INT)                                                     \
  X (INT64, int64_t, "int64", 8, "Long", TE_CATEGORY_INT)                                                    \
  X (FLOAT16, TeHalf, "float16", 2, "Half", TE_CATEGORY_FLOAT)                                               \
  X (FLOAT32, float, "float32", 4, "Float", TE_CATEGORY_FLOAT)                                               \
  X (FLOAT64, double, "float64", 8, "Double", TE_CATEGORY_FLOAT)                                             \
  X (BOOL, bool, "bool", 1, "Bool", TE_CATEGORY_BOOL)                                                        \
  X (BFLOAT16, TeBFloat16, "bfloat16", 2, "BFloat16", TE_CATEGORY_FLOAT)                                     \
  X (COMPLEX64, TeComplex64, "complex64", 8, "ComplexFloat", TE_CATEGORY_COMPLEX)                            \
  X (COMPLEX128, TeComplex128, "complex128", 16, "ComplexDouble", TE_CATEGORY_COMPLEX)

#define TE_DTYPE_MAX_NBYTES 16

typedef enum
{
  TE_CATEGORY_BOOL,
  TE_CATEGORY_INT,
  TE_CATEGORY_FLOAT,
  TE_CATEGORY_COMPLEX,
} TeCategory;

/* Halves are bit patterns: arithmetic converts to float and rounds back to nearest even. */
typedef struct
{
  uint16_t bits;
} TeHalf;
typedef struct
{
  uint16_t bits;
} TeBFloat16;

/* A real and an imaginary part, side by side in memory. */
typedef float _Complex TeComplex64;
typedef double _Complex TeComplex128;

typedef enum
{
#define TE_DTYPE_ENUM(NAME, ctype, text, nbytes, error_text, category) TE_##NAME,
  TE_DTYPE_LIST (TE_DTYPE_ENUM)
#undef TE_DTYPE_ENUM
      TE_DTYPE_COUNT,
  TE_DTYPE_NONE = -1, /* "not given" */
} TeDtype;

typedef struct
{
  const char *name;       /* "float32" */
  const char *error_name; /* "Float" */
  size_t nbytes;
  TeCategory category;
} TeDtypeInfo;

extern const TeDtypeInfo te_dtype_info[TE_DTYPE_COUNT];

static inline size_t
te_dtype_nbytes (TeDtype dtype)
{
  return te_dtype_info[dtype].nbytes;
}
static inline const char *
te_dtype_name (TeDtype dtype)
{
  return te_dtype_info[dtype].name;
}
static inline const char *
te_dtype_error_name (TeDtype dtype)
{
  return te_dtype_info[dtype].error_name;
}
static inline bool
te_dtype_is_floating (TeDtype dtype)
{
  return te_dtype_info[dtype].category == TE_CATEGORY_FLOAT;
}
static inline bool
te_dtype_is_complex (TeDtype dtype)
{
  return te_dtype_info[dtype].category == TE_CATEGORY_COMPLEX;
}
/* Floating or complex: what can have a gradient, and what functions of real numbers need no cast for. */
static inline bool
te_dtype_is_inexact (TeDtype dtype)
{
  return te_dtype_info[dtype].category >= TE_CATEGORY_FLOAT;
}
/* The dtype of the parts of a complex dtype; any other dtype itself. */
static inline TeDtype
te_dtype_real (TeDtype dtype)
{
  return dtype == TE_COMPLEX64 ? TE_FLOAT32 : dtype == TE_COMPLEX128 ? TE_FLOAT64 : dtype;
}
/* The complex dtype whose parts are of that float dtype (complex64 for what is less than float64). */
static inline TeDtype
te_dtype_complex (TeDtype dtype)
{
  return dtype == TE_FLOAT64 || dtype == TE_COMPLEX128 ? TE_COMPLEX128 : TE_COMPLEX64;
}
static inline bool
te_dtype_is_integral (TeDtype dtype, bool include_bool)
{
  return te_dtype_info[dtype].category == TE_CATEGORY_INT || (include_bool && dtype == TE_BOOL);
}

const char *te_dtype_cpp_name (TeDtype dtype); /* "float", "int64_t": as errors of conversions name types */
const char *te_dtype_c_name (TeDtype dtype);   /* "float", "long int": as checks on out= name them */
TeDtype te_dtype_promote (TeDtype a, TeDtype b);
bool te_dtype_can_cast (TeDtype from, TeDtype to);
TeDtype te_dtype_default (void); /* float32 until te_dtype_set_default */
void te_dtype_set_default (TeDtype dtype);

float te_half_to_float (TeHalf value);
TeHalf te_half_from_float (float value);
static inline float
te_bfloat16_to_float (TeBFloat16 value)
{
  union
  {
    uint32_t bits;
    float value;
  } u = { (uint32_t) value.bits << 16 };
  return u.value;
}
TeBFloat16 te_bfloat16_from_float (float value);
