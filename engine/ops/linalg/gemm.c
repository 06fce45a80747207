#include "ops/linalg/gemm.h"

#include <cblas.h>
#include <limits.h>
#include <string.h>

#include "base/mem.h"
#include "iter/pool.h"
#include "ops/linalg/gemm-ordered.h"
#include "ops/linalg/vector-ordered.h"

/* Below this many multiplications a product is one BLAS call on the calling thread. */
#define TILE_THRESHOLD (1LL << 19)
/* Tiles of large products: big enough that BLAS packs well, small enough that two threads share evenly. */
#define TILE_ROWS 192
#define TILE_COLS 512
/* Products of a batch below this size are summed plainly, one after the other. */
#define PLAIN_LIMIT 400
#define ORDERED_LIMIT_8  (1LL << 21)
#define ORDERED_LIMIT_16 (1LL << 27)

typedef struct
{
  bool plain, trans_a, trans_b;
  int64_t m, n, k, lda, ldb, ldc;
  int64_t tile_m, tile_n, tiles_n;
} Product;

/* OpenBLAS must not start threads of its own: they die in a fork, and its results would depend on their
 * number. */
static void
one_thread (void)
{
  static bool done;
  if (!done)
    openblas_set_num_threads (1);
  done = true;
}

static Product
product_new (
    bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k, int64_t lda, int64_t ldb, int64_t ldc)
{
  Product p = { false, trans_a, trans_b, m, n, k, lda, ldb, ldc, m, n, 1 };
  one_thread ();
  if ((double) m * (double) n * (double) k > TILE_THRESHOLD)
    {
      /* cut the longer side first; a side is cut into equal parts */
      int64_t rows = (m + TILE_ROWS - 1) / TILE_ROWS, cols = (n + TILE_COLS - 1) / TILE_COLS;
      if (rows * cols < 4)
        {
          if (m >= n)
            rows = m >= 64 ? 4 : rows;
          else
            cols = n >= 64 ? 4 : cols;
        }
      p.tile_m = (m + rows - 1) / rows;
      p.tile_n = (n + cols - 1) / cols;
      /* whole cache lines, so that two threads never write the same one */
      p.tile_m = (p.tile_m + 7) / 8 * 8;
      p.tile_n = (p.tile_n + 15) / 16 * 16;
      p.tiles_n = (n + p.tile_n - 1) / p.tile_n;
    }
  return p;
}

static int64_t
n_tiles (const Product *p)
{
  return p->tile_m ? (p->m + p->tile_m - 1) / p->tile_m * p->tiles_n : 0;
}

/* Single precision: in the order of gemm-ordered.c as long as the whole product is small; beyond, time matters more than the
 * last bit, and it is BLAS'. */
static void
product_f32 (const Product *p, int64_t m, int64_t n, float alpha, const float *a, const float *b, float beta, float *c)
{
#if defined(TE_HAVE_LANES_16)
  bool wide = __builtin_cpu_supports ("avx512f");
#else
  const bool wide = false;
#endif
  if ((double) p->m * (double) p->n * (double) p->k > (wide ? ORDERED_LIMIT_16 : ORDERED_LIMIT_8))
    {
      cblas_sgemm (CblasRowMajor, p->trans_a ? CblasTrans : CblasNoTrans, p->trans_b ? CblasTrans : CblasNoTrans, (int) m,
                   (int) n, (int) p->k, alpha, a, (int) p->lda, b, (int) p->ldb, beta, c, (int) p->ldc);
      return;
    }
  TeOrderedProduct product = { p->plain, p->trans_a, p->trans_b, m, n, p->k, alpha, a, p->lda, b, p->ldb, beta, c, p->ldc };
  /* a single column is the row of the transposed product */
  if (n == 1 && p->ldc == 1)
    product = (TeOrderedProduct){ p->plain, !p->trans_b, !p->trans_a, 1, m, p->k, alpha, b, p->ldb, a, p->lda, beta, c, m };
#if defined(TE_HAVE_LANES_16)
  if (wide)
    {
      te_gemm_ordered_16 (&product);
      return;
    }
#endif
  te_gemm_ordered_8 (&product);
}

static void
product_f64 (const Product *p, int64_t m, int64_t n, double alpha, const double *a, const double *b, double beta, double *c)
{
  cblas_dgemm (CblasRowMajor, p->trans_a ? CblasTrans : CblasNoTrans, p->trans_b ? CblasTrans : CblasNoTrans, (int) m,
               (int) n, (int) p->k, alpha, a, (int) p->lda, b, (int) p->ldb, beta, c, (int) p->ldc);
}

#define GEMM(NAME, type, call)                                                                               \
  typedef struct                                                                                             \
  {                                                                                                          \
    Product p;                                                                                               \
    type alpha, beta;                                                                                        \
    const type *a, *b;                                                                                       \
    type *c;                                                                                                 \
  } NAME##Job;                                                                                               \
                                                                                                             \
  static void NAME##_tiles (void *ctx, int64_t begin, int64_t end)                                           \
  {                                                                                                          \
    const NAME##Job *j = ctx;                                                                                \
    const Product *p = &j->p;                                                                                \
    for (int64_t t = begin; t < end; t++)                                                                    \
      {                                                                                                      \
        int64_t row = t / p->tiles_n * p->tile_m, col = t % p->tiles_n * p->tile_n;                          \
        int64_t m = p->m - row < p->tile_m ? p->m - row : p->tile_m;                                         \
        int64_t n = p->n - col < p->tile_n ? p->n - col : p->tile_n;                                         \
        const type *a = j->a + (p->trans_a ? row : row * p->lda);                                            \
        const type *b = j->b + (p->trans_b ? col * p->ldb : col);                                            \
        call (p, m, n, j->alpha, a, b, j->beta, j->c + row * p->ldc + col);\
      }                                                                                                      \
  }                                                                                                          \
                                                                                                             \
  void te_##NAME (bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k, type alpha, const type *a,    \
                  int64_t lda, const type *b, int64_t ldb, type beta, type *c, int64_t ldc)                  \
  {                                                                                                          \
    if (m <= 0 || n <= 0)                                                                                    \
      return;                                                                                                \
    if (k <= 0 || (beta == 0 && alpha == 0))                                                                 \
      {                                                                                                      \
        for (int64_t i = 0; i < m; i++)                                                                      \
          for (int64_t x = 0; x < n; x++)                                                                    \
            c[i * ldc + x] = beta == 0 ? 0 : beta * c[i * ldc + x];                                          \
        return;                                                                                              \
      }                                                                                                      \
    NAME##Job job = { product_new (trans_a, trans_b, m, n, k, lda, ldb, ldc), alpha, beta, a, b, c };        \
    int64_t tiles = n_tiles (&job.p);                                                                        \
    if (tiles == 1)                                                                                          \
      NAME##_tiles (&job, 0, 1);                                                                             \
    else                                                                                                     \
      te_parallel_for (tiles, 1, NAME##_tiles, &job);                                                        \
  }

GEMM (gemm_f32, float, product_f32)
GEMM (gemm_f64, double, product_f64)

/* Complex products are four real ones.  The two halves of an imaginary part are rounded apart, so that in the product of
 * a matrix with its adjoint they cancel, and the diagonal is real; BLAS' kernels for complex numbers differ in that from
 * processor to processor. */
#define COMPLEX_GEMM(NAME, type, part, real_gemm)                                                            \
  static void NAME##_split (bool trans, int64_t rows, int64_t cols, const type *from, int64_t ld, part *re, part *im) \
  {                                                                                                          \
    for (int64_t i = 0; i < rows; i++)                                                                       \
      for (int64_t x = 0; x < cols; x++)                                                                     \
        {                                                                                                    \
          const part *place = (const part *) (from + (trans ? x * ld + i : i * ld + x));                     \
          re[i * cols + x] = place[0];                                                                       \
          im[i * cols + x] = place[1];                                                                       \
        }                                                                                                    \
  }                                                                                                          \
                                                                                                             \
  static bool NAME (bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k, type alpha, const type *a,  \
                    int64_t lda, const type *b, int64_t ldb, type beta, type *c, int64_t ldc)                \
  {                                                                                                          \
    size_t nbytes = (size_t) (2 * (m * k + k * n) + 3 * m * n) * sizeof (part);                              \
    part *ar = te_new_sized (nbytes ? nbytes : sizeof (part)), *ai = ar + m * k, *br = ai + m * k,           \
         *bi = br + k * n, *real = bi + k * n, *over = real + m * n, *under = over + m * n;                  \
    if (!ar)                                                                                                 \
      return false;                                                                                          \
    NAME##_split (trans_a, m, k, a, lda, ar, ai);                                                            \
    NAME##_split (trans_b, k, n, b, ldb, br, bi);                                                            \
    real_gemm (false, false, m, n, k, 1, ar, k, br, n, 0, real, n);                                          \
    real_gemm (false, false, m, n, k, -1, ai, k, bi, n, 1, real, n);                                         \
    real_gemm (false, false, m, n, k, 1, ar, k, bi, n, 0, over, n);                                          \
    real_gemm (false, false, m, n, k, 1, ai, k, br, n, 0, under, n);                                         \
    for (int64_t i = 0; i < m; i++)                                                                          \
      for (int64_t x = 0; x < n; x++)                                                                        \
        {                                                                                                    \
          type *place = c + i * ldc + x, sum;                                                                \
          ((part *) &sum)[0] = real[i * n + x];                                                              \
          ((part *) &sum)[1] = over[i * n + x] + under[i * n + x];                                           \
          *place = (beta == 0 ? 0 : beta * *place) + (alpha == 1 ? sum : alpha * sum);                       \
        }                                                                                                    \
    te_free_sized (ar, nbytes ? nbytes : sizeof (part));                                                     \
    return true;                                                                                             \
  }
COMPLEX_GEMM (gemm_c64, TeComplex64, float, te_gemm_f32)
COMPLEX_GEMM (gemm_c128, TeComplex128, double, te_gemm_f64)

static TeComplex128
to_complex (TeScalar value)
{
  TeComplex128 number;
  te_scalar_store (value, TE_COMPLEX128, &number);
  return number;
}

/* ---- other dtypes ---- */
/* Row by row: sums of one row of c, then rounded once.  Integers wrap as C's unsigned arithmetic does. */
typedef struct
{
  TeDtype dtype;
  Product p;
  TeScalar alpha, beta;
  const char *a, *b;
  char *c;
} AnyJob;

#define ANY_ROWS(type, sum_type, LOAD, STORE)                                                                \
  {                                                                                                          \
    const type *a = (const type *) j->a, *b = (const type *) j->b;                                           \
    type *c = (type *) j->c;                                                                                 \
    sum_type alpha = (sum_type) SCALAR (j->alpha), beta = (sum_type) SCALAR (j->beta);                       \
    for (int64_t i = begin; i < end; i++)                                                                    \
      for (int64_t x = 0; x < p->n; x++)                                                                     \
        {                                                                                                    \
          sum_type sum = 0;                                                                                  \
          for (int64_t z = 0; z < p->k; z++)                                                                 \
            sum += (sum_type) LOAD (a[p->trans_a ? z * p->lda + i : i * p->lda + z])                         \
                   * (sum_type) LOAD (b[p->trans_b ? x * p->ldb + z : z * p->ldb + x]);                      \
          type *place = c + i * p->ldc + x;                                                                  \
          sum_type old = beta == 0 ? 0 : beta * (sum_type) LOAD (*place);                                    \
          *place = STORE (old + alpha * sum);                                                                \
        }                                                                                                    \
  }
#define SAME(x) (x)

static void
any_rows (void *ctx, int64_t begin, int64_t end)
{
  const AnyJob *j = ctx;
  const Product *p = &j->p;
  switch (j->dtype)
    {
#define SCALAR te_scalar_to_int
    case TE_UINT8:
      ANY_ROWS (uint8_t, uint64_t, SAME, (uint8_t))
      break;
    case TE_INT8:
      ANY_ROWS (int8_t, uint64_t, SAME, (int8_t))
      break;
    case TE_INT16:
      ANY_ROWS (int16_t, uint64_t, SAME, (int16_t))
      break;
    case TE_INT32:
      ANY_ROWS (int32_t, uint64_t, SAME, (int32_t))
      break;
    case TE_INT64:
      ANY_ROWS (int64_t, uint64_t, SAME, (int64_t))
      break;
#undef SCALAR
#define SCALAR te_scalar_to_double
    case TE_FLOAT16:
      ANY_ROWS (TeHalf, float, te_half_to_float, te_half_from_float)
      break;
    case TE_BFLOAT16:
      ANY_ROWS (TeBFloat16, float, te_bfloat16_to_float, te_bfloat16_from_float)
      break;
    case TE_FLOAT32:
      ANY_ROWS (float, float, SAME, SAME)
      break;
    case TE_FLOAT64:
      ANY_ROWS (double, double, SAME, SAME)
      break;
#undef SCALAR
#define SCALAR to_complex
    case TE_COMPLEX64:
      ANY_ROWS (TeComplex64, TeComplex64, SAME, SAME)
      break;
    case TE_COMPLEX128:
      ANY_ROWS (TeComplex128, TeComplex128, SAME, SAME)
      break;
#undef SCALAR
    case TE_BOOL:
    case TE_DTYPE_COUNT:
    case TE_DTYPE_NONE:
      break;
    }
}

void
te_gemm (TeDtype dtype,
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
         int64_t ldc)
{
  bool fits =
      m <= INT_MAX && n <= INT_MAX && k <= INT_MAX && lda <= INT_MAX && ldb <= INT_MAX && ldc <= INT_MAX;
  if (dtype == TE_FLOAT32 && fits)
    te_gemm_f32 (trans_a, trans_b, m, n, k, (float) te_scalar_to_double (alpha), a, lda, b, ldb,
                 (float) te_scalar_to_double (beta), c, ldc);
  else if (dtype == TE_FLOAT64 && fits)
    te_gemm_f64 (trans_a, trans_b, m, n, k, te_scalar_to_double (alpha), a, lda, b, ldb,
                 te_scalar_to_double (beta), c, ldc);
  else if (dtype == TE_COMPLEX64 && fits
           && gemm_c64 (trans_a, trans_b, m, n, k, (TeComplex64) to_complex (alpha), a, lda, b, ldb,
                        (TeComplex64) to_complex (beta), c, ldc))
    return;
  else if (dtype == TE_COMPLEX128 && fits
           && gemm_c128 (trans_a, trans_b, m, n, k, to_complex (alpha), a, lda, b, ldb, to_complex (beta), c, ldc))
    return;
  else
    {
      AnyJob job = { dtype, { false, trans_a, trans_b, m, n, k, lda, ldb, ldc, 0, 0, 0 }, alpha, beta, a, b, c };
      int64_t cost = (n > 0 ? n : 1) * (k > 0 ? k : 1), grain = 1 + (1 << 16) / (cost > 0 ? cost : 1);
      te_parallel_for (m, grain, any_rows, &job);
    }
}

/* ---- batches ---- */
typedef struct
{
  TeDtype dtype;
  Product p;
  TeScalar alpha, beta;
  const char *a, *b;
  char *c;
  int64_t step_a, step_b, step_c; /* bytes */
} BatchJob;

static void
batch_run (void *ctx, int64_t begin, int64_t end)
{
  const BatchJob *j = ctx;
  const Product *p = &j->p;
  for (int64_t i = begin; i < end; i++)
    if (p->plain)
      product_f32 (p, p->m, p->n, (float) te_scalar_to_double (j->alpha), (const float *) (j->a + i * j->step_a),
                   (const float *) (j->b + i * j->step_b), (float) te_scalar_to_double (j->beta),
                   (float *) (j->c + i * j->step_c));
    else
      te_gemm (j->dtype, p->trans_a, p->trans_b, p->m, p->n, p->k, j->alpha, j->a + i * j->step_a, p->lda,
             j->b + i * j->step_b, p->ldb, j->beta, j->c + i * j->step_c, p->ldc);
}

void
te_gemm_batched (TeDtype dtype,
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
                 int64_t step_c)
{
  int64_t nbytes = (int64_t) te_dtype_nbytes (dtype);
  BatchJob job = { dtype,
                   { dtype == TE_FLOAT32 && (double) m * (double) n * (double) k < PLAIN_LIMIT, trans_a, trans_b, m, n, k, lda, ldb, ldc, 0, 0, 0 },
                   alpha,
                   beta,
                   a,
                   b,
                   c,
                   step_a * nbytes,
                   step_b * nbytes,
                   step_c * nbytes };
  double cost = (double) m * (double) n * (double) (k > 0 ? k : 1);
  if (n_batch <= 1 || cost > TILE_THRESHOLD)
    batch_run (&job, 0, n_batch); /* each is cut into tiles of its own */
  else
    {
      one_thread ();
      int64_t grain = cost > 0 ? (int64_t) (TILE_THRESHOLD / 4 / cost) : n_batch;
      te_parallel_for (n_batch, grain > 1 ? grain : 1, batch_run, &job);
    }
}

/* ---- matrix times vector ---- */
void
te_gemv (TeDtype dtype,
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
         int64_t incy)
{
  /* BLAS wants the stored shape */
  int rows = (int) (trans_a ? k : m), cols = (int) (trans_a ? m : k);
  CBLAS_TRANSPOSE flag = trans_a ? CblasTrans : CblasNoTrans;
  one_thread ();
  if (m <= 0)
    return;
  if (k > 0 && dtype == TE_FLOAT32 && (double) m * (double) k <= ORDERED_LIMIT_8)
    te_gemv_ordered (trans_a, m, k, (float) te_scalar_to_double (alpha), a, lda, x, incx, (float) te_scalar_to_double (beta),
                     y, incy);
  else if (k > 0 && dtype == TE_FLOAT32)
    cblas_sgemv (CblasRowMajor, flag, rows, cols, (float) te_scalar_to_double (alpha), a, (int) lda, x,
                 (int) incx, (float) te_scalar_to_double (beta), y, (int) incy);
  else if (k > 0 && dtype == TE_FLOAT64)
    cblas_dgemv (CblasRowMajor, flag, rows, cols, te_scalar_to_double (alpha), a, (int) lda, x, (int) incx,
                 te_scalar_to_double (beta), y, (int) incy);
  else
    te_gemm (dtype, trans_a, false, m, 1, k, alpha, a, lda, x, incx, beta, y, incy);
}

bool
te_gemm_layout (int64_t rows, int64_t cols, int64_t row_stride, int64_t col_stride, bool *trans, int64_t *ld)
{
  int64_t least_cols = cols > 1 ? cols : 1, least_rows = rows > 1 ? rows : 1;
  if ((col_stride == 1 || cols <= 1) && (row_stride >= least_cols || rows <= 1) && row_stride <= INT_MAX)
    {
      *trans = false;
      *ld = row_stride >= least_cols ? row_stride : least_cols;
      return true;
    }
  if ((row_stride == 1 || rows <= 1) && (col_stride >= least_rows || cols <= 1) && col_stride <= INT_MAX)
    {
      *trans = true;
      *ld = col_stride >= least_rows ? col_stride : least_rows;
      return true;
    }
  return false;
}
