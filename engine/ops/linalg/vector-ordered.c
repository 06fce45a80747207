#include "ops/linalg/vector-ordered.h"

/* Four lanes, four vectors in turn; the vectors are joined in pairs, what is left over of a vector follows.
 */
float
te_dot_ordered (int64_t n, const float *x, const float *y)
{
  float lanes[4][4] = { 0 };
  int64_t i = 0, whole = n / 16 * 16;
  for (; i < whole; i += 16)
    for (int v = 0; v < 4; v++)
      for (int k = 0; k < 4; k++)
        lanes[v][k] += x[i + 4 * v + k] * y[i + 4 * v + k];
  for (int k = 0; k < 4; k++)
    lanes[0][k] = (lanes[0][k] + lanes[1][k]) + (lanes[2][k] + lanes[3][k]);
  for (; i + 4 <= n; i += 4)
    for (int k = 0; k < 4; k++)
      lanes[0][k] += x[i + k] * y[i + k];
  float total = (lanes[0][0] + lanes[0][1]) + (lanes[0][2] + lanes[0][3]);
  for (; i < n; i++)
    total += x[i] * y[i];
  return total;
}

/* Rows lie in a row: sums of four products up to a multiple of sixteen, and one sum of the rest. */
static void
by_rows (int64_t m,
         int64_t k,
         float alpha,
         const float *a,
         int64_t lda,
         const float *x,
         int64_t incx,
         float *y,
         int64_t incy)
{
  int64_t whole = k / 16 * 16;
  for (int64_t row = 0; row < m; row++)
    {
      const float *r = a + row * lda;
      float total = 0, rest = 0;
      for (int64_t i = 0; i < whole; i += 4)
        total += ((r[i] * x[i * incx] + r[i + 1] * x[(i + 1) * incx]) + r[i + 2] * x[(i + 2) * incx])
                 + r[i + 3] * x[(i + 3) * incx];
      for (int64_t i = whole; i < k; i++)
        rest += r[i] * x[i * incx];
      if (whole)
        y[row * incy] += alpha * total;
      if (whole < k)
        y[row * incy] += alpha * rest;
    }
}

/* Columns lie in a row: sixteens of y take four columns at a time, then the others one by one; what is left
 * of y has one sum each. */
static void
by_columns (int64_t m,
            int64_t k,
            float alpha,
            const float *a,
            int64_t lda,
            const float *x,
            int64_t incx,
            float *y,
            int64_t incy)
{
  int64_t whole = m / 16 * 16, i = 0;
  for (; i + 4 <= k; i += 4)
    {
      const float *c0 = a + i * lda, *c1 = c0 + lda, *c2 = c1 + lda, *c3 = c2 + lda;
      float x0 = alpha * x[i * incx], x1 = alpha * x[(i + 1) * incx], x2 = alpha * x[(i + 2) * incx],
            x3 = alpha * x[(i + 3) * incx];
      for (int64_t row = 0; row < whole; row++)
        y[row * incy] += ((c0[row] * x0 + c1[row] * x1) + c2[row] * x2) + c3[row] * x3;
    }
  for (; i < k; i++)
    for (int64_t row = 0; row < whole; row++)
      y[row * incy] += a[i * lda + row] * (alpha * x[i * incx]);
  for (int64_t row = whole; row < m; row++)
    {
      float total = 0;
      for (i = 0; i < k; i++)
        total += a[i * lda + row] * x[i * incx];
      y[row * incy] += alpha * total;
    }
}

void
te_gemv_ordered (bool trans,
                 int64_t m,
                 int64_t k,
                 float alpha,
                 const float *a,
                 int64_t lda,
                 const float *x,
                 int64_t incx,
                 float beta,
                 float *y,
                 int64_t incy)
{
  for (int64_t row = 0; row < m; row++)
    y[row * incy] = beta == 0 ? 0 : beta * y[row * incy];
  (trans ? by_columns : by_rows) (m, k, alpha, a, lda, x, incx, y, incy);
}
