/* core: what a tensor is (dtype, storage, sizes, strides, offset, version) and how views of it are made.
 * No arithmetic on elements.  shape.h and view-arith.h are pure integer arithmetic and are linked into the
 * window too. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* PyTorch's order (ScalarType), so that numbers in files agree.
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
  X (BFLOAT16, TeBFloat16, "bfloat16", 2, "BFloat16", TE_CATEGORY_FLOAT)

typedef enum
{
  TE_CATEGORY_BOOL,
  TE_CATEGORY_INT,
  TE_CATEGORY_FLOAT,
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
te_dtype_is_integral (TeDtype dtype, bool include_bool)
{
  return te_dtype_info[dtype].category == TE_CATEGORY_INT || (include_bool && dtype == TE_BOOL);
}

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
