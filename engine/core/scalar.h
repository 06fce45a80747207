/* A Python number on its way into the engine: its kind decides dtype promotion. */
#pragma once

#include "core/dtype.h"

typedef struct
{
  TeCategory category; /* BOOL and INT use i, FLOAT uses f */
  union
  {
    int64_t i;
    double f;
  };
} TeScalar;

static inline TeScalar
te_scalar_int (int64_t value)
{
  return (TeScalar){ TE_CATEGORY_INT, { .i = value } };
}
static inline TeScalar
te_scalar_bool (bool value)
{
  return (TeScalar){ TE_CATEGORY_BOOL, { .i = value } };
}
static inline TeScalar
te_scalar_float (double value)
{
  return (TeScalar){ TE_CATEGORY_FLOAT, { .f = value } };
}
static inline double
te_scalar_to_double (TeScalar value)
{
  return value.category == TE_CATEGORY_FLOAT ? value.f : (double) value.i;
}
static inline int64_t
te_scalar_to_int (TeScalar value)
{
  return value.category == TE_CATEGORY_FLOAT ? (int64_t) value.f : value.i;
}
/* The dtype that a Python number has of itself: bool, int64, or the default float. */
static inline TeDtype
te_scalar_dtype (TeScalar value)
{
  return value.category == TE_CATEGORY_BOOL  ? TE_BOOL
         : value.category == TE_CATEGORY_INT ? TE_INT64
                                             : te_dtype_default ();
}
void te_scalar_store (TeScalar value, TeDtype dtype, void *element); /* writes one element, C conversion */
TeScalar te_scalar_load (TeDtype dtype, const void *element);
