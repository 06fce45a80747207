/* Products against the naive triple loop, and the same bits at any number of threads. */
#include <glib.h>
#include <math.h>
#include <string.h>

#include "iter/pool.h"
#include "ops/dispatch.h"
#include "ops/linalg/gemm.h"

static float *
random_floats (int64_t n)
{
  float *out = g_new (float, n + 1);
  for (int64_t i = 0; i < n; i++)
    out[i] = (float) g_test_rand_double_range (-1, 1);
  return out;
}

static void
test_naive (void)
{
  for (int round = 0; round < 200; round++)
    {
      bool ta = g_test_rand_bit (), tb = g_test_rand_bit ();
      int64_t m = g_test_rand_int_range (1, 20), n = g_test_rand_int_range (1, 20),
              k = g_test_rand_int_range (0, 20);
      int64_t lda = (ta ? m : k) + 2, ldb = (tb ? k : n) + 1, ldc = n + 3;
      float beta = round % 3 ? 0.5f : 0, alpha = 1.5f;
      float *a = random_floats (lda * (ta ? k + 1 : m)), *b = random_floats (ldb * (tb ? n : k + 1)),
            *c = random_floats (ldc * m);
      float *expected = g_memdup2 (c, (gsize) (ldc * m) * sizeof *c);
      for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++)
          {
            double sum = 0;
            for (int64_t x = 0; x < k; x++)
              sum += (double) a[ta ? x * lda + i : i * lda + x] * b[tb ? j * ldb + x : x * ldb + j];
            expected[i * ldc + j] = (float) (alpha * sum + (beta != 0 ? beta * expected[i * ldc + j] : 0));
          }
      if (beta == 0)
        for (int64_t i = 0; i < m; i++)
          c[i * ldc] = NAN; /* must not be read */
      te_gemm_f32 (ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
      for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < ldc; j++)
          if (j < n || i < m - 1) /* what lies beside a row is left alone */
            g_assert_cmpfloat_with_epsilon (c[i * ldc + j], expected[i * ldc + j], 1e-4);
      g_free (a);
      g_free (b);
      g_free (c);
      g_free (expected);
    }
}

static void
test_same_bits (void)
{
  const int64_t sizes[][3] = { { 257, 130, 300 }, { 1000, 33, 100 }, { 40, 2000, 70 }, { 192, 512, 64 } };
  for (gsize s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      int64_t m = sizes[s][0], n = sizes[s][1], k = sizes[s][2];
      gsize nbytes = (gsize) (m * n) * sizeof (float);
      float *a = random_floats (m * k), *b = random_floats (k * n), *one = g_malloc (nbytes),
            *more = g_malloc (nbytes);
      te_set_num_threads (1);
      te_gemm_f32 (false, false, m, n, k, 1, a, k, b, n, 0, one, n);
      for (int threads = 2; threads < 5; threads++)
        {
          te_set_num_threads (threads);
          memset (more, 0xff, nbytes);
          te_gemm_f32 (false, false, m, n, k, 1, a, k, b, n, 0, more, n);
          g_assert_cmpmem (one, nbytes, more, nbytes);
        }
      g_free (a);
      g_free (b);
      g_free (one);
      g_free (more);
    }
  te_set_num_threads (1);
}

static void
test_dtypes (void)
{
  const int32_t a[] = { 1, 2, 3, 4 }, b[] = { 5, 6, 7, 8 };
  int32_t c[4] = { 100, 100, 100, 100 };
  te_gemm (TE_INT32, false, false, 2, 2, 2, te_scalar_int (1), a, 2, b, 2, te_scalar_int (1), c, 2);
  const int32_t sums[] = { 119, 122, 143, 150 };
  g_assert_cmpmem (c, sizeof c, sums, sizeof sums);
  int8_t x = 100, y = 2, z = 0; /* wraps, as PyTorch's integers do */
  te_gemm (TE_INT8, false, false, 1, 1, 1, te_scalar_int (1), &x, 1, &y, 1, te_scalar_int (0), &z, 1);
  g_assert_cmpint (z, ==, (int8_t) 200);
}

static void
test_layout (void)
{
  bool trans;
  int64_t ld;
  g_assert_true (te_gemm_layout (3, 4, 4, 1, &trans, &ld) && !trans && ld == 4);
  g_assert_true (te_gemm_layout (3, 4, 1, 3, &trans, &ld) && trans && ld == 3);
  g_assert_true (te_gemm_layout (3, 4, 10, 1, &trans, &ld) && !trans && ld == 10);
  g_assert_false (te_gemm_layout (3, 4, 8, 2, &trans, &ld));
  g_assert_false (te_gemm_layout (3, 4, 0, 1, &trans, &ld)); /* expanded: rows lie on each other */
}

/* A A⁻¹ = 1 for batches, and a singular matrix says which. */
static void
test_inverse (void)
{
  TeError err = { 0 };
  const int64_t sizes[] = { 2, 3, 3 };
  const double values[] = { 2, 1, 0, 1, 3, 1, 0, 1, 4, 1, 2, 3, 0, 1, 4, 5, 6, 0 };
  TeTensor *a = te_tensor_new (3, sizes, TE_FLOAT64, &err);
  memcpy (te_tensor_data (a), values, sizeof values);
  TeTensor *inverse = te_call (te_registry_find ("linalg_inv"), &err, "T", a);
  TeTensor *eye = te_matmul2 (a, inverse, &err);
  for (int64_t i = 0; i < 18; i++)
    g_assert_cmpfloat_with_epsilon (((double *) te_tensor_data (eye))[i], i % 9 % 4 == 0, 1e-12);
  te_tensor_unref (eye);
  te_tensor_unref (inverse);
  memset ((double *) te_tensor_data (a) + 9, 0, 9 * sizeof (double));
  g_assert_null (te_call (te_registry_find ("linalg_inv"), &err, "T", a));
  g_assert_cmpint (err.kind, ==, TE_ERR_LINALG);
  g_assert_cmpstr (err.text, ==,
                   "linalg.inv: (Batch element 1): The diagonal element 1 is zero, the inversion could not "
                   "be completed because "
                   "the input matrix is singular.");
  te_tensor_unref (a);
}

int
main (int argc, char **argv)
{
  TeError err = { 0 };
  g_test_init (&argc, &argv, NULL);
  g_assert_true (te_registry_init (&err));
  g_test_add_func ("/linalg/gemm/naive", test_naive);
  g_test_add_func ("/linalg/gemm/same-bits", test_same_bits);
  g_test_add_func ("/linalg/gemm/dtypes", test_dtypes);
  g_test_add_func ("/linalg/gemm/layout", test_layout);
  g_test_add_func ("/linalg/inverse", test_inverse);
  return g_test_run ();
}
