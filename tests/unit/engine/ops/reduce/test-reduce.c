/* Reductions: same bits at any thread count, exact where sums are exact, NaN, indices. */
#include <glib.h>
#include <math.h>
#include <string.h>

#include "iter/pool.h"
#include "ops/dispatch.h"

#define SIZES(...)                                                                                           \
  (const int64_t[])                                                                                          \
  {                                                                                                          \
    __VA_ARGS__                                                                                              \
  }

static TeError err;

static const TeOp *
op (const char *name)
{
  const TeOp *found = te_registry_find (name);
  g_assert_nonnull (found);
  return found;
}

static TeTensor *
wave (int64_t rows, int64_t columns)
{
  TeTensor *self = te_tensor_new (2, SIZES (rows, columns), TE_FLOAT32, &err);
  for (int64_t i = 0; i < self->numel; i++)
    ((float *) te_tensor_data (self))[i] = (float) sin (1.7 * (double) i);
  return self;
}

static void
test_bits (void)
{
  static const char *const whole[] = { "sum", "mean", "var", "std", "norm.Scalar", "prod", "max" };
  static const char *const along[] = { "softmax.int", "log_softmax.int", "cumsum", "argmax" };
  TeTensor *x = wave (400, 333),
           *turned = te_call (op ("transpose.int"), &err, "Tii", x, (int64_t) 0, (int64_t) 1);
  TeTensor *both[] = { x, turned };
  for (size_t t = 0; t < 2; t++)
    {
      for (size_t i = 0; i < G_N_ELEMENTS (whole); i++)
        {
          te_set_num_threads (1);
          TeTensor *one = te_call (op (whole[i]), &err, "T", both[t]);
          te_set_num_threads (3);
          TeTensor *three = te_call (op (whole[i]), &err, "T", both[t]);
          g_assert_cmpmem (te_tensor_data (one), 4, te_tensor_data (three), 4);
          te_tensor_unref (one);
          te_tensor_unref (three);
        }
      for (size_t i = 0; i < G_N_ELEMENTS (along); i++)
        for (int64_t dim = 0; dim < 2; dim++)
          {
            te_set_num_threads (1);
            TeTensor *one = te_call (op (along[i]), &err, "Ti", both[t], dim);
            te_set_num_threads (3);
            TeTensor *three = te_call (op (along[i]), &err, "Ti", both[t], dim);
            g_assert_cmpmem (te_tensor_data (one), one->storage->nbytes, te_tensor_data (three),
                             three->storage->nbytes);
            te_tensor_unref (one);
            te_tensor_unref (three);
          }
    }
  te_tensor_unref (turned);
  te_tensor_unref (x);
}

/* Whole numbers add up exactly, over any dimension and layout. */
static void
test_exact (void)
{
  TeTensor *x = te_tensor_new (2, SIZES (1000, 70), TE_FLOAT32, &err);
  for (int64_t i = 0; i < x->numel; i++)
    ((float *) te_tensor_data (x))[i] = (float) (i % 7);
  for (int64_t dim = 0; dim < 2; dim++)
    {
      TeTensor *sums = te_call (op ("sum.dim_IntList"), &err, "TI", x, &dim, 1);
      for (int64_t k = 0; k < sums->numel; k++)
        {
          double expected = 0;
          for (int64_t i = 0; i < x->sizes[dim]; i++)
            expected += (double) ((dim ? k * 70 + i : i * 70 + k) % 7);
          g_assert_cmpfloat (((float *) te_tensor_data (sums))[k], ==, expected);
        }
      te_tensor_unref (sums);
    }
  te_tensor_unref (x);
}

/* NaN wins wherever it stands; among equals the first wins. */
static void
test_extremes (void)
{
  for (int64_t n = 1; n < 70; n++)
    for (int64_t place = 0; place < n; place++)
      {
        TeTensor *x = te_tensor_new (1, &n, TE_FLOAT32, &err), *outs[2];
        float *data = te_tensor_data (x);
        for (int64_t i = 0; i < n; i++)
          data[i] = i >= place && (i - place) % 5 == 0 ? 9 : (float) (i % 3);
        g_assert_true (te_call_multi (op ("max.dim"), outs, 2, &err, "Ti", x, (int64_t) 0));
        g_assert_cmpfloat (*(float *) te_tensor_data (outs[0]), ==, 9);
        g_assert_cmpint (*(int64_t *) te_tensor_data (outs[1]), ==, place);
        te_tensor_unref (outs[0]);
        te_tensor_unref (outs[1]);
        data[place] = NAN;
        g_assert_true (te_call_multi (op ("min.dim"), outs, 2, &err, "Ti", x, (int64_t) 0));
        g_assert_true (isnan (*(float *) te_tensor_data (outs[0])));
        g_assert_cmpint (*(int64_t *) te_tensor_data (outs[1]), ==, place);
        te_tensor_unref (outs[0]);
        te_tensor_unref (outs[1]);
        te_tensor_unref (x);
      }
}

static void
test_softmax_sums_to_one (void)
{
  TeTensor *x = wave (17, 129), *y = te_call (op ("softmax.int"), &err, "Ti", x, (int64_t) 1);
  for (int row = 0; row < 17; row++)
    {
      double sum = 0;
      for (int i = 0; i < 129; i++)
        sum += ((float *) te_tensor_data (y))[row * 129 + i];
      g_assert_cmpfloat (fabs (sum - 1), <, 1e-6);
    }
  te_tensor_unref (x);
  te_tensor_unref (y);
}

/* Variance far from 0, where squares of the raw values would cancel. */
static void
test_variance (void)
{
  TeTensor *x = te_tensor_new (1, SIZES (20000), TE_FLOAT32, &err);
  for (int i = 0; i < 20000; i++)
    ((float *) te_tensor_data (x))[i] = 10000 + (float) (i % 2);
  TeTensor *variance = te_call (op ("var"), &err, "Tb", x, 0);
  g_assert_cmpfloat (fabs (*(float *) te_tensor_data (variance) - 0.25), <, 1e-6);
  te_tensor_unref (variance);
  te_tensor_unref (x);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (te_registry_init (&err));
  g_test_add_func ("/reduce/bits", test_bits);
  g_test_add_func ("/reduce/exact", test_exact);
  g_test_add_func ("/reduce/extremes", test_extremes);
  g_test_add_func ("/reduce/softmax", test_softmax_sums_to_one);
  g_test_add_func ("/reduce/variance", test_variance);
  return g_test_run ();
}
