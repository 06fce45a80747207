/* An op without bfloat16 loops gives what float32 gives, rounded once, and refuses mixed arguments where it
 * must. */
#include <glib.h>

#include "ops/dispatch.h"
#include "ops/widen.h"

static TeTensor *
numbers (int ndim, const int64_t *sizes, TeDtype dtype)
{
  TeError err;
  TeTensor *t = te_tensor_new (ndim, sizes, dtype, &err);
  for (int64_t i = 0; i < t->numel; i++)
    te_scalar_store (te_scalar_float ((double) (i * 7 % 5)), dtype,
                     (char *) te_tensor_data (t) + (size_t) i * te_dtype_nbytes (dtype));
  return t;
}

static TeTensor *
layer_norm (TeTensor *x, TeTensor *weight, TeError *err)
{
  static const int64_t shape[1] = { 4 };
  TE_OP (op, "layer_norm");
  te_error_clear (err);
  return te_call (op, err, "TIT", x, shape, 1, weight);
}

static double
element (const TeTensor *t, int64_t i)
{
  TeDtype dtype = te_tensor_dtype (t);
  return te_scalar_to_double (
      te_scalar_load (dtype, (char *) te_tensor_data (t) + (size_t) i * te_dtype_nbytes (dtype)));
}

static void
test_values (void)
{
  TeError err;
  const int64_t sizes[2] = { 3, 4 };
  TeTensor *wide = numbers (2, sizes, TE_FLOAT32), *narrow = numbers (2, sizes, TE_BFLOAT16);
  TeTensor *a = layer_norm (wide, NULL, &err), *b = layer_norm (narrow, NULL, &err);
  g_assert_nonnull (a);
  g_assert_nonnull (b);
  g_assert_cmpint (te_tensor_dtype (b), ==, TE_BFLOAT16);
  for (int i = 0; i < 12; i++)
    g_assert_cmpfloat_with_epsilon (element (a, i), element (b, i), 0.01);
  te_tensor_unref (wide), te_tensor_unref (narrow), te_tensor_unref (a), te_tensor_unref (b);
}

static void
test_mixed (void)
{
  TeError err;
  const int64_t sizes[2] = { 3, 4 };
  TeTensor *x = numbers (2, sizes, TE_BFLOAT16), *weight = numbers (1, sizes + 1, TE_FLOAT32);
  g_assert_null (layer_norm (x, weight, &err));
  g_assert_cmpint (err.kind, ==, TE_ERR_RUNTIME);
  g_assert_cmpint (x->refcount, ==, 1);
  te_tensor_unref (x), te_tensor_unref (weight);
}

int
main (int argc, char **argv)
{
  TeError err;
  g_test_init (&argc, &argv, NULL);
  g_assert_true (te_registry_init (&err));
  g_test_add_func ("/widen/values", test_values);
  g_test_add_func ("/widen/mixed", test_mixed);
  return g_test_run ();
}
