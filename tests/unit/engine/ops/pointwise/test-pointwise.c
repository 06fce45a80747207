/* Elementwise rows through dispatch: what the differential tests cannot see (threads, failures, bits). */
#include <glib.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "iter/pool.h"
#include "iter/tensor-iter.h"
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
wave (int64_t n, TeDtype dtype)
{
  TeTensor *self = te_tensor_new (1, &n, TE_FLOAT64, &err);
  for (int64_t i = 0; i < n; i++)
    ((double *) te_tensor_data (self))[i] = sin (1.7 * (double) i) * 3;
  TeTensor *cast = te_contiguous_copy (self, dtype, &err);
  te_tensor_unref (self);
  return cast;
}

static void
assert_same_bits (TeTensor *a, TeTensor *b)
{
  g_assert_cmpmem (te_tensor_data (a), a->storage->nbytes, te_tensor_data (b), b->storage->nbytes);
}

#define ODD 16 /* elements that may be left over behind the last whole vectors */

/* One thread, three threads, and an offset that moves every element to another place in its vector: same bits; but for what
 * is left over at the end, which goes through C's functions, as in PyTorch's loops. */
static void
test_bits (void)
{
  static const char *const unary[] = { "exp", "tanh", "sigmoid", "erf",  "log1p",
                                       "sin", "gelu", "silu",    "sqrt", "softplus" };
  static const TeDtype dtypes[] = { TE_FLOAT32, TE_FLOAT64, TE_BFLOAT16 };
  for (size_t d = 0; d < G_N_ELEMENTS (dtypes); d++)
    {
      TeTensor *x = wave (100003, dtypes[d]);
      TeTensor *tail = te_tensor_new_view (x->storage, dtypes[d], 1, SIZES (99998), SIZES (1), 5, &err);
      for (size_t i = 0; i < G_N_ELEMENTS (unary); i++)
        {
          te_set_num_threads (1);
          TeTensor *one = te_call (op (unary[i]), &err, "T", x);
          te_set_num_threads (3);
          TeTensor *three = te_call (op (unary[i]), &err, "T", x),
                   *moved = te_call (op (unary[i]), &err, "T", tail);
          assert_same_bits (one, three);
          size_t skip = 5 * te_dtype_nbytes (dtypes[d]), odd = ODD * te_dtype_nbytes (dtypes[d]);
          g_assert_cmpmem ((char *) te_tensor_data (one) + skip, one->storage->nbytes - skip - odd,
                           te_tensor_data (moved), moved->storage->nbytes - odd);
          te_tensor_unref (one);
          te_tensor_unref (three);
          te_tensor_unref (moved);
        }
      te_tensor_unref (tail);
      te_tensor_unref (x);
    }
}

/* The vector functions against libm in double. */
static void
test_accuracy (void)
{
  static const struct
  {
    const char *name;
    double (*reference) (double);
    double bound; /* relative */
  } functions[] = { { "exp", exp, 3e-7 },
                    { "tanh", tanh, 3e-7 },
                    { "erf", erf, 3e-7 },
                    { "log", log, 3e-7 },
                    { "sin", sin, 5e-7 } };
  TeTensor *x = te_tensor_new (1, SIZES (40001), TE_FLOAT32, &err);
  for (int i = 0; i <= 40000; i++)
    ((float *) te_tensor_data (x))[i] = (float) (i - 20000) / 1000.0f;
  for (size_t f = 0; f < G_N_ELEMENTS (functions); f++)
    {
      TeTensor *y = te_call (op (functions[f].name), &err, "T", x);
      for (int i = 0; i <= 40000; i++)
        {
          double expected = functions[f].reference (((float *) te_tensor_data (x))[i]),
                 got = ((float *) te_tensor_data (y))[i];
          if (isnan (expected))
            g_assert_true (isnan (got));
          else if (isfinite (expected))
            g_assert_cmpfloat (fabs (got - expected), <=, functions[f].bound * fabs (expected) + 1e-7);
        }
      te_tensor_unref (y);
    }
  te_tensor_unref (x);
}

static void
test_exp_limits (void)
{
  static const float in[] = { 0, -INFINITY, INFINITY, NAN, 88.7f, 88.8f, -87.5f, -103.5f, -104.5f };
  TeTensor *x = te_tensor_new (1, SIZES (G_N_ELEMENTS (in)), TE_FLOAT32, &err);
  memcpy (te_tensor_data (x), in, sizeof in);
  TeTensor *y = te_call (op ("exp"), &err, "T", x);
  const float *out = te_tensor_data (y);
  g_assert_cmpfloat (out[0], ==, 1);
  g_assert_cmpfloat (out[1], ==, 0);
  g_assert_true (isinf (out[2]) && isnan (out[3]) && isfinite (out[4]) && isinf (out[5]));
  g_assert_cmpfloat (out[6], >, 0);
  g_assert_cmpfloat (out[7], ==, 0x1p-149f);
  g_assert_cmpfloat (out[8], ==, 0);
  te_tensor_unref (y);
  te_tensor_unref (x);
}

/* A failed call leaves what it was to write as it was. */
static void
test_failure_changes_nothing (void)
{
  TeTensor *x = te_tensor_new (1, SIZES (3), TE_INT64, &err),
           *zero = te_tensor_new (1, SIZES (3), TE_INT64, &err);
  te_fill (x, te_scalar_int (7), &err);
  te_fill (zero, te_scalar_int (0), &err);
  te_error_clear (&err);
  g_assert_false (te_call_inplace (op ("floor_divide"), &err, "TT", x, zero));
  g_assert_cmpstr (err.text, ==, "ZeroDivisionError");
  g_assert_cmpint (((int64_t *) te_tensor_data (x))[1], ==, 7);
  g_assert_cmpuint (*x->version, ==, 0);
  te_error_clear (&err);
  g_assert_false (te_call_inplace (op ("add.Scalar"), &err, "TS", x, te_scalar_float (1.5)));
  g_assert_cmpint (((int64_t *) te_tensor_data (x))[1], ==, 7);
  te_tensor_unref (zero);
  te_tensor_unref (x);
}

static void
test_version (void)
{
  TeTensor *x = wave (3, TE_FLOAT32);
  g_assert_true (te_call_inplace (op ("mul.Scalar"), &err, "TS", x, te_scalar_int (2)));
  g_assert_cmpuint (*x->version, ==, 1);
  te_tensor_unref (x);
}

/* Whichever allocation fails: an error, and nothing leaks. */
static void
test_no_memory (void)
{
  static const char *const names[] = { "exp", "clone",       "float_power.Tensor_Scalar",
                                       "sum", "softmax.int", "logical_not" };
  TeTensor *x = wave (300, TE_FLOAT32);
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    for (int nth = 1; nth < 12; nth++)
      {
        guint64 live = te_mem_stats ().live_nbytes;
        bool softmax = strcmp (names[i], "softmax.int") == 0, power = strncmp (names[i], "float", 5) == 0;
        const TeOp *found = op (names[i]);
        te_error_clear (&err);
        te_mem_fail_after (nth);
        TeTensor *y = softmax ? te_call (found, &err, "Ti", x, (int64_t) 0)
                      : power ? te_call (found, &err, "TS", x, te_scalar_float (2.5))
                              : te_call (found, &err, "T", x);
        te_mem_fail_after (0);
        g_assert_true (y || err.kind != TE_ERR_NONE);
        te_tensor_unref (y);
        g_assert_cmpuint (te_mem_stats ().live_nbytes, ==, live);
      }
  te_tensor_unref (x);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (te_registry_init (&err));
  g_test_add_func ("/pointwise/bits", test_bits);
  g_test_add_func ("/pointwise/accuracy", test_accuracy);
  g_test_add_func ("/pointwise/exp-limits", test_exp_limits);
  g_test_add_func ("/pointwise/failure-changes-nothing", test_failure_changes_nothing);
  g_test_add_func ("/pointwise/version", test_version);
  g_test_add_func ("/pointwise/no-memory", test_no_memory);
  return g_test_run ();
}
