/* A Python number on its way into the engine: its kind decides dtype promotion. */
#pragma once

#include "core/dtype.h"

typedef struct
{
  TeCategory category; /* BOOL and INT use i, FLOAT uses f, COMPLEX f and imag */
  union
  {
    int64_t i;
    double f;
  };
  double imag;
} TeScalar;

static inline TeScalar
te_scalar_int (int64_t value)
{
  return (TeScalar){ TE_CATEGORY_INT, { .i = value }, 0 };
}
static inline TeScalar
te_scalar_bool (bool value)
{
  return (TeScalar){ TE_CATEGORY_BOOL, { .i = value }, 0 };
}
static inline TeScalar
te_scalar_float (double value)
{
  return (TeScalar){ TE_CATEGORY_FLOAT, { .f = value }, 0 };
}
static inline TeScalar
te_scalar_complex (double real, double imag)
{
  return (TeScalar){ TE_CATEGORY_COMPLEX, { .f = real }, imag };
}
/* A complex number's imaginary part is left out here; who may not lose it asks te_scalar_imag. */
static inline double
te_scalar_to_double (TeScalar value)
{
  return value.category >= TE_CATEGORY_FLOAT ? value.f : (double) value.i;
}
static inline double
te_scalar_imag (TeScalar value)
{
  return value.category == TE_CATEGORY_COMPLEX ? value.imag : 0;
}
static inline int64_t
te_scalar_to_int (TeScalar value)
{
  return value.category >= TE_CATEGORY_FLOAT ? (int64_t) value.f : value.i;
}
/* The dtype that a Python number has of itself: bool, int64, the default float or its complex twin. */
static inline TeDtype
te_scalar_dtype (TeScalar value)
{
  return value.category == TE_CATEGORY_BOOL    ? TE_BOOL
         : value.category == TE_CATEGORY_INT   ? TE_INT64
         : value.category == TE_CATEGORY_FLOAT ? te_dtype_default ()
                                               : te_dtype_complex (te_dtype_default ());
}
void te_scalar_store (TeScalar value, TeDtype dtype, void *element); /* writes one element, C conversion */
TeScalar te_scalar_load (TeDtype dtype, const void *element);
