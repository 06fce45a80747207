#include "core/scalar.h"

/* te_scalar_store: one element of dtype at `element` (need not be aligned to more than its size). */
void
te_scalar_store (TeScalar value, TeDtype dtype, void *element)
{
  switch (dtype)
    {
#define STORE(NAME, ctype)                                                                                   \
  case TE_##NAME:                                                                                            \
    *(ctype *) element = value.category >= TE_CATEGORY_FLOAT ? (ctype) value.f : (ctype) value.i;            \
    return;
      STORE (INT8, int8_t)
      STORE (INT16, int16_t)
      STORE (INT32, int32_t)
      STORE (INT64, int64_t)
      STORE (FLOAT32, float)
      STORE (FLOAT64, double)
#undef STORE
    case TE_BOOL:
      *(bool *) element = te_scalar_to_double (value) != 0 || te_scalar_imag (value) != 0;
      return;
    case TE_UINT8: /* through int64: -1 becomes 255 for floats too, as PyTorch's x86 builds do */
      *(uint8_t *) element = (uint8_t) te_scalar_to_int (value);
      return;
    case TE_FLOAT16:
      *(TeHalf *) element = te_half_from_float ((float) te_scalar_to_double (value));
      return;
    case TE_BFLOAT16:
      *(TeBFloat16 *) element = te_bfloat16_from_float ((float) te_scalar_to_double (value));
      return;
    case TE_COMPLEX64:
      ((float *) element)[0] = (float) te_scalar_to_double (value);
      ((float *) element)[1] = (float) te_scalar_imag (value);
      return;
    case TE_COMPLEX128:
      ((double *) element)[0] = te_scalar_to_double (value);
      ((double *) element)[1] = te_scalar_imag (value);
      return;
    case TE_DTYPE_COUNT:
    case TE_DTYPE_NONE:
      return;
    }
}

TeScalar
te_scalar_load (TeDtype dtype, const void *element)
{
  switch (dtype)
    {
    case TE_BOOL:
      return te_scalar_bool (*(const uint8_t *) element != 0); /* an uninitialised element may hold any byte */
#define LOAD_INT(NAME, ctype)                                                                                \
  case TE_##NAME:                                                                                            \
    return te_scalar_int (*(const ctype *) element);
      LOAD_INT (UINT8, uint8_t)
      LOAD_INT (INT8, int8_t)
      LOAD_INT (INT16, int16_t)
      LOAD_INT (INT32, int32_t)
      LOAD_INT (INT64, int64_t)
#undef LOAD_INT
    case TE_FLOAT16:
      return te_scalar_float (te_half_to_float (*(const TeHalf *) element));
    case TE_BFLOAT16:
      return te_scalar_float (te_bfloat16_to_float (*(const TeBFloat16 *) element));
    case TE_FLOAT32:
      return te_scalar_float (*(const float *) element);
    case TE_FLOAT64:
      return te_scalar_float (*(const double *) element);
    case TE_COMPLEX64:
      return te_scalar_complex (((const float *) element)[0], ((const float *) element)[1]);
    case TE_COMPLEX128:
      return te_scalar_complex (((const double *) element)[0], ((const double *) element)[1]);
    case TE_DTYPE_COUNT:
    case TE_DTYPE_NONE:
      break;
    }
  return te_scalar_int (0);
}
