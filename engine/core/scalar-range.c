#include "core/scalar-range.h"

#include <float.h>
#include <math.h>

static bool
int_fits (int64_t value, TeDtype dtype)
{
  switch (dtype)
    {
    case TE_UINT8: /* negative numbers wrap around, once */
      return value >= -UINT8_MAX && value <= UINT8_MAX;
    case TE_INT8:
      return value >= INT8_MIN && value <= INT8_MAX;
    case TE_INT16:
      return value >= INT16_MIN && value <= INT16_MAX;
    case TE_INT32:
      return value >= INT32_MIN && value <= INT32_MAX;
    case TE_FLOAT16:
      return value >= -65504 && value <= 65504;
    case TE_INT64:
    case TE_BOOL:
    case TE_BFLOAT16:
    case TE_FLOAT32:
    case TE_FLOAT64:
    case TE_COMPLEX64:
    case TE_COMPLEX128:
    case TE_DTYPE_COUNT:
    case TE_DTYPE_NONE:
      break;
    }
  return true;
}

/* NaN lies in no range; infinities are numbers of the floating dtypes. */
static bool
float_fits (double value, TeDtype dtype)
{
  bool integral = te_dtype_is_integral (dtype, true);
  if (!integral && (isinf (value) || isnan (value)))
    return true;
  switch (dtype)
    {
    case TE_UINT8:
      return value >= 0 && value <= UINT8_MAX;
    case TE_INT8:
      return value >= INT8_MIN && value <= INT8_MAX;
    case TE_INT16:
      return value >= INT16_MIN && value <= INT16_MAX;
    case TE_INT32:
      return value >= INT32_MIN && value <= INT32_MAX;
    case TE_INT64:
      return value >= -0x1p63 && value <= 0x1p63;
    case TE_FLOAT16:
      return fabs (value) <= 65504;
    case TE_BFLOAT16:
      return fabs (value) <= 0x1.fep127;
    case TE_FLOAT32:
    case TE_COMPLEX64:
      return fabs (value) <= (double) FLT_MAX;
    case TE_BOOL:
    case TE_FLOAT64:
    case TE_COMPLEX128:
    case TE_DTYPE_COUNT:
    case TE_DTYPE_NONE:
      break;
    }
  return true;
}

bool
te_scalar_fits (TeScalar value, TeDtype dtype)
{
  if (value.category < TE_CATEGORY_FLOAT)
    return int_fits (value.i, dtype);
  double imag = te_scalar_imag (value);
  if (imag != 0 && dtype != TE_BOOL && (!te_dtype_is_complex (dtype) || !float_fits (imag, dtype)))
    return false;
  return float_fits (value.f, dtype);
}

bool
te_scalar_check (TeScalar *value, TeDtype dtype, TeError *err)
{
  if (!te_scalar_fits (*value, dtype))
    return te_error_set (err, TE_ERR_RUNTIME, "value cannot be converted to type %s without overflow",
                         te_dtype_cpp_name (dtype));
  if (dtype == TE_BOOL && value->category == TE_CATEGORY_COMPLEX)
    *value = te_scalar_float (value->f);
  return true;
}
