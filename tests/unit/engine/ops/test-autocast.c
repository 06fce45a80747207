/* Inside a region products run in bfloat16 and sensitive ops in float32; kept casts end with the region. */
#include <glib.h>

#include "ops/autocast.h"
#include "ops/dispatch.h"

static TeTensor *
ones (TeDtype dtype)
{
  TeError err;
  const int64_t sizes[2] = { 2, 2 };
  TeTensor *t = te_tensor_new (2, sizes, dtype, &err);
  for (int i = 0; i < 4; i++)
    te_scalar_store (te_scalar_float (1), dtype,
                     (char *) te_tensor_data (t) + (size_t) i * te_dtype_nbytes (dtype));
  return t;
}

static TeDtype
dtype_of (const char *name, TeTensor *a, TeTensor *b)
{
  TeError err;
  te_error_clear (&err);
  const TeOp *op = te_registry_find (name);
  TeTensor *out = b ? te_call (op, &err, "TT", a, b) : te_call (op, &err, "T", a);
  g_assert_nonnull (out);
  TeDtype dtype = te_tensor_dtype (out);
  te_tensor_unref (out);
  return dtype;
}

static void
test_policies (void)
{
  TeTensor *a = ones (TE_FLOAT32), *b = ones (TE_BFLOAT16), *d = ones (TE_FLOAT64);
  g_assert_cmpint (dtype_of ("mm", a, a), ==, TE_FLOAT32);
  te_autocast_set (true);
  g_assert_cmpint (dtype_of ("mm", a, a), ==, TE_BFLOAT16);
  g_assert_cmpint (dtype_of ("mm", a, b), ==, TE_BFLOAT16);
  g_assert_cmpint (dtype_of ("mm", d, d), ==, TE_FLOAT64);
  g_assert_cmpint (dtype_of ("trace", b, NULL), ==, TE_FLOAT32);
  g_assert_cmpint (dtype_of ("add.Tensor", b, b), ==, TE_BFLOAT16);
  te_autocast_set (false);
  g_assert_cmpint (dtype_of ("mm", b, b), ==, TE_BFLOAT16);
  te_tensor_unref (a), te_tensor_unref (b), te_tensor_unref (d);
}

static bool
always (const TeTensor *tensor)
{
  return true;
}

static void
test_cache (void)
{
  TeTensor *w = ones (TE_FLOAT32), *x = ones (TE_BFLOAT16);
  w->flags |= TE_TENSOR_REQUIRES_GRAD;
  te_autocast_may_keep = always;
  te_autocast_set (true);
  dtype_of ("mm", x, w);
  g_assert_cmpint (w->refcount, ==, 2);
  dtype_of ("mm", x, w);
  g_assert_cmpint (w->refcount, ==, 2);
  te_autocast_clear_cache ();
  g_assert_cmpint (w->refcount, ==, 1);
  te_autocast_set_cache (false);
  dtype_of ("mm", x, w);
  g_assert_cmpint (w->refcount, ==, 1);
  te_autocast_set (false);
  te_tensor_unref (w), te_tensor_unref (x);
}

int
main (int argc, char **argv)
{
  TeError err;
  g_test_init (&argc, &argv, NULL);
  g_assert_true (te_registry_init (&err));
  g_test_add_func ("/autocast/policies", test_policies);
  g_test_add_func ("/autocast/cache", test_cache);
  return g_test_run ();
}
