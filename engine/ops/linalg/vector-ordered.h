/* Products with vectors of single precision, with sums in the order of the recordings; see gemm-ordered.c for
 * the reason. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

float te_dot_ordered (int64_t n, const float *x, const float *y);

/* As te_gemv: y (m) = alpha * A (m, k) x (k) + beta * y; a holds A, or with trans its transpose. */
void te_gemv_ordered (bool trans,
                      int64_t m,
                      int64_t k,
                      float alpha,
                      const float *a,
                      int64_t lda,
                      const float *x,
                      int64_t incx,
                      float beta,
                      float *y,
                      int64_t incy);
