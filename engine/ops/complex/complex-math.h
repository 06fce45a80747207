/* Arithmetic of complex numbers as PyTorch has it: products by the plain formula, quotients after scaling by
 * the larger part of the divisor.  C's own operators guard against infinities at some cost and give other
 * results there. */
#pragma once

#include <complex.h>
#include <math.h>

#include "core/dtype.h"

/* I * x without arithmetic on the real part (which would lose signed zeros and infinities). */
#define TE_COMPLEX_MATH(SUFFIX, C, R)                                                                        \
  static inline C te_cmake##SUFFIX (R real, R imag)                                                          \
  {                                                                                                          \
    union                                                                                                    \
    {                                                                                                        \
      R part[2];                                                                                             \
      C value;                                                                                               \
    } u = { { real, imag } };                                                                                \
    return u.value;                                                                                          \
  }                                                                                                          \
  static inline C te_cmul##SUFFIX (C x, C y)                                                                 \
  {                                                                                                          \
    const R a = creal##SUFFIX (x), b = cimag##SUFFIX (x), c = creal##SUFFIX (y), d = cimag##SUFFIX (y);      \
    return te_cmake##SUFFIX (a * c - b * d, a * d + b * c);                                                  \
  }                                                                                                          \
  static inline C te_cdiv##SUFFIX (C x, C y)                                                                 \
  {                                                                                                          \
    R c = creal##SUFFIX (y), d = cimag##SUFFIX (y);                                                          \
    const R size = fmax##SUFFIX (fabs##SUFFIX (c), fabs##SUFFIX (d));                                        \
    const R a = creal##SUFFIX (x) / size, b = cimag##SUFFIX (x) / size;                                      \
    c /= size;                                                                                               \
    d /= size;                                                                                               \
    const R square = c * c + d * d;                                                                          \
    return te_cmake##SUFFIX ((a * c + b * d) / square, (b * c - a * d) / square);                            \
  }
TE_COMPLEX_MATH (f, TeComplex64, float)
TE_COMPLEX_MATH (, TeComplex128, double)
