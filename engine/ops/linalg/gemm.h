/* Matrix products for the ops above BLAS: row-major, cut into tiles by M and N that the thread pool shares.
 * Tile sizes depend on m, n and k alone and each tile is one BLAS call on one thread, so that results are the
 * same bits at any thread count.  OpenBLAS itself always runs with one thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/tensor.h"

/* c (m, n) = alpha * A (m, k) B (k, n) + beta * c.  a holds A, or with trans_a its transpose (k, m); b
 * likewise.  lda, ldb, ldc: elements from one stored row to the next.  beta 0 does not read c.
 * Inside a pool task the tiles run one after the other (the same tiles, the same bits). */
void te_gemm_f32 (bool trans_a,
                  bool trans_b,
                  int64_t m,
                  int64_t n,
                  int64_t k,
                  float alpha,
                  const float *a,
                  int64_t lda,
                  const float *b,
                  int64_t ldb,
                  float beta,
                  float *c,
                  int64_t ldc);
void te_gemm_f64 (bool trans_a,
                  bool trans_b,
                  int64_t m,
                  int64_t n,
                  int64_t k,
                  double alpha,
                  const double *a,
                  int64_t lda,
                  const double *b,
                  int64_t ldb,
                  double beta,
                  double *c,
                  int64_t ldc);
/* The same by dtype: float and double by BLAS, complex numbers as four real products; half and bfloat16 by tiles converted to float (sums in float,
 * rounded once at the end); integers by plain loops that wrap; bool is refused by the callers. */
void te_gemm (TeDtype dtype,
              bool trans_a,
              bool trans_b,
              int64_t m,
              int64_t n,
              int64_t k,
              TeScalar alpha,
              const void *a,
              int64_t lda,
              const void *b,
              int64_t ldb,
              TeScalar beta,
              void *c,
              int64_t ldc);

/* n_batch products that share sizes and flags; step_x: elements from one matrix to the next (0: the same
 * one). The pool cuts by batch when the products are small, by tile when they are large. */
void te_gemm_batched (TeDtype dtype,
                      bool trans_a,
                      bool trans_b,
                      int64_t n_batch,
                      int64_t m,
                      int64_t n,
                      int64_t k,
                      TeScalar alpha,
                      const void *a,
                      int64_t lda,
                      int64_t step_a,
                      const void *b,
                      int64_t ldb,
                      int64_t step_b,
                      TeScalar beta,
                      void *c,
                      int64_t ldc,
                      int64_t step_c);
/* y (m) = alpha * A (m, k) x (k) + beta * y, by dtype; a as in te_gemm. */
void te_gemv (TeDtype dtype,
              bool trans_a,
              int64_t m,
              int64_t k,
              TeScalar alpha,
              const void *a,
              int64_t lda,
              const void *x,
              int64_t incx,
              TeScalar beta,
              void *y,
              int64_t incy);

/* The matrix (ndim 2, or the last two dimensions of self) as BLAS can read it: *trans and *ld are set when
 * one of the strides is 1 and the other reaches over the row; false means: copy first. */
bool
te_gemm_layout (int64_t rows, int64_t cols, int64_t row_stride, int64_t col_stride, bool *trans, int64_t *ld);
