#include "core/dtype.h"

const TeDtypeInfo te_dtype_info[TE_DTYPE_COUNT] = {
#define TE_DTYPE_ROW(NAME, ctype, text, nbytes, error_text, category)                                        \
  [TE_##NAME] = { text, error_text, nbytes, category },
  TE_DTYPE_LIST (TE_DTYPE_ROW)
#undef TE_DTYPE_ROW
};

const char *
te_dtype_cpp_name (TeDtype dtype)
{
  static const char *const names[TE_DTYPE_COUNT] = {
    [TE_UINT8] = "uint8_t",      [TE_INT8] = "int8_t",         [TE_INT16] = "int16_t",
    [TE_INT32] = "int",          [TE_INT64] = "int64_t",       [TE_FLOAT16] = "at::Half",
    [TE_FLOAT32] = "float",      [TE_FLOAT64] = "double",      [TE_BOOL] = "bool",
    [TE_BFLOAT16] = "at::BFloat16", [TE_COMPLEX64] = "c10::complex<float>",
    [TE_COMPLEX128] = "c10::complex<double>",
  };
  return names[dtype];
}

const char *
te_dtype_c_name (TeDtype dtype)
{
  static const char *const names[TE_DTYPE_COUNT] = {
    [TE_UINT8] = "unsigned char",
    [TE_INT8] = "signed char",
    [TE_INT16] = "short int",
    [TE_INT32] = "int",
    [TE_INT64] = "long int",
    [TE_FLOAT16] = "c10::Half",
    [TE_FLOAT32] = "float",
    [TE_FLOAT64] = "double",
    [TE_BOOL] = "bool",
    [TE_BFLOAT16] = "c10::BFloat16",
    [TE_COMPLEX64] = "c10::complex<float>",
    [TE_COMPLEX128] = "c10::complex<double>",
  };
  return names[dtype];
}

static TeDtype default_dtype = TE_FLOAT32;

TeDtype
te_dtype_default (void)
{
  return default_dtype;
}

void
te_dtype_set_default (TeDtype dtype)
{
  default_dtype = dtype;
}

/* Rank of a float: float16 and bfloat16 meet in float32. */
static int
float_rank (TeDtype dtype)
{
  return dtype == TE_FLOAT64 ? 3 : dtype == TE_FLOAT32 ? 2 : 1;
}

/* te_dtype_promote: the smallest dtype both convert to.  Source: PyTorch's promoteTypes table. */
TeDtype
te_dtype_promote (TeDtype a, TeDtype b)
{
  if (a == b)
    return a;
  TeCategory ca = te_dtype_info[a].category, cb = te_dtype_info[b].category;
  if (ca == TE_CATEGORY_COMPLEX || cb == TE_CATEGORY_COMPLEX)
    return a == TE_COMPLEX128 || b == TE_COMPLEX128 || a == TE_FLOAT64 || b == TE_FLOAT64 ? TE_COMPLEX128
                                                                                           : TE_COMPLEX64;
  if (ca != cb)
    return ca > cb ? a : b;
  if (ca == TE_CATEGORY_FLOAT)
    {
      if (float_rank (a) == float_rank (b))
        return TE_FLOAT32; /* float16 with bfloat16 */
      return float_rank (a) > float_rank (b) ? a : b;
    }
  if (a == TE_UINT8 || b == TE_UINT8)
    {
      TeDtype other = a == TE_UINT8 ? b : a;
      return other == TE_INT8 ? TE_INT16 : other;
    }
  return te_dtype_nbytes (a) > te_dtype_nbytes (b) ? a : b;
}

/* te_dtype_can_cast: whether a result of dtype `from` may be written into an output of dtype `to`. */
bool
te_dtype_can_cast (TeDtype from, TeDtype to)
{
  return te_dtype_info[from].category <= te_dtype_info[to].category;
}

#if defined(__F16C__)
#include <immintrin.h>
float
te_half_to_float (TeHalf value)
{
  return _cvtsh_ss (value.bits);
}
TeHalf
te_half_from_float (float value)
{
  return (TeHalf){ _cvtss_sh (value, _MM_FROUND_TO_NEAREST_INT) };
}
#else
float
te_half_to_float (TeHalf value)
{
  uint32_t sign = (uint32_t) (value.bits & 0x8000) << 16, rest = value.bits & 0x7fff;
  union
  {
    uint32_t bits;
    float value;
  } u, scale = { .bits = (uint32_t) (127 - 14 - 1 + 15) << 23 };
  if (rest >= 0x7c00)
    u.bits = (rest << 13) | 0x7f800000;
  else
    {
      u.bits = rest << 13; /* exponent still biased by 15: scaling by 2^112 also makes subnormals right */
      scale.bits = (uint32_t) (127 + 112) << 23;
      u.value *= scale.value;
    }
  u.bits |= sign;
  return u.value;
}

TeHalf
te_half_from_float (float value)
{
  union
  {
    float value;
    uint32_t bits;
  } u = { value };
  uint32_t sign = (u.bits >> 16) & 0x8000, rest = u.bits & 0x7fffffff;
  if (rest > 0x7f800000)
    return (TeHalf){ (uint16_t) (sign | 0x7e00) };
  if (rest >= 0x47800000)
    return (TeHalf){ (uint16_t) (sign | 0x7c00) };
  if (rest < 0x38800000)
    { /* subnormal: adding 0.5 lets the FPU round at the right bit */
      u.bits = rest;
      union
      {
        float value;
        uint32_t bits;
      } magic = { .bits = 0x3f000000 };
      u.value += magic.value;
      return (TeHalf){ (uint16_t) (sign | (u.bits - 0x3f000000)) };
    }
  uint32_t odd = (rest >> 13) & 1;
  rest += 0xc8000fff + odd;
  return (TeHalf){ (uint16_t) (sign | (rest >> 13)) };
}
#endif

/* te_bfloat16_from_float: round to nearest even; NaN becomes the quiet 0x7fc0. */
TeBFloat16
te_bfloat16_from_float (float value)
{
  union
  {
    float value;
    uint32_t bits;
  } u = { value };
  if (value != value)
    return (TeBFloat16){ 0x7fc0 };
  return (TeBFloat16){ (uint16_t) ((u.bits + 0x7fff + ((u.bits >> 16) & 1)) >> 16) };
}
