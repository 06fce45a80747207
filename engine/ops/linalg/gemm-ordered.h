/* Products of single precision with sums in a fixed order; see gemm-ordered.c. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* As te_gemm_f32 has them; m, n, k > 0. */
typedef struct
{
  bool plain, trans_a, trans_b;
  int64_t m, n, k;
  float alpha;
  const float *a;
  int64_t lda;
  const float *b;
  int64_t ldb;
  float beta;
  float *c;
  int64_t ldc;
} TeOrderedProduct;

/* The same bits by vectors of eight and of sixteen. */
void te_gemm_ordered_8 (const TeOrderedProduct *product);
void te_gemm_ordered_16 (const TeOrderedProduct *product);
