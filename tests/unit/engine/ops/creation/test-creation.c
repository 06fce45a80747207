/* Makers: dtypes, values, strides, limits. */
#include <glib.h>
#include <math.h>

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

static void
test_dtypes (void)
{
  TeTensor *ints = te_call (op ("arange"), &err, "S", te_scalar_int (3)),
           *floats = te_call (op ("arange"), &err, "S", te_scalar_float (3));
  TeTensor *truths = te_call (op ("full"), &err, "IS", SIZES (2), 1, te_scalar_bool (true));
  g_assert_cmpint (ints->dtype, ==, TE_INT64);
  g_assert_cmpint (floats->dtype, ==, TE_FLOAT32);
  g_assert_cmpint (truths->dtype, ==, TE_BOOL);
  g_assert_cmpint (ints->numel, ==, 3);
  te_tensor_unref (ints);
  te_tensor_unref (floats);
  te_tensor_unref (truths);
}

static void
test_linspace (void)
{
  TeTensor *line =
      te_call (op ("linspace"), &err, "SSi", te_scalar_float (-1), te_scalar_float (2), (int64_t) 100);
  const float *x = te_tensor_data (line);
  g_assert_cmpfloat (x[0], ==, -1);
  g_assert_cmpfloat (x[99], ==, 2);
  for (int i = 1; i < 100; i++)
    g_assert_cmpfloat (x[i], >, x[i - 1]);
  te_tensor_unref (line);
}

static void
test_like_strides (void)
{
  TeTensor *turned = te_tensor_new_strided (2, SIZES (2, 3), SIZES (1, 2), TE_FLOAT64, &err);
  TeTensor *like = te_call (op ("zeros_like"), &err, "T", turned);
  g_assert_cmpint (like->strides[0], ==, 1);
  g_assert_cmpint (like->dtype, ==, TE_FLOAT64);
  te_tensor_unref (like);
  te_tensor_unref (turned);
}

static void
test_complaints (void)
{
  te_error_clear (&err);
  g_assert_null (te_call (op ("zeros"), &err, "I", SIZES (2, -1), 2));
  g_assert_cmpstr (err.text, ==, "Trying to create tensor with negative dimension -1: [2, -1]");
  te_error_clear (&err);
  g_assert_null (te_call (op ("arange.start_step"), &err, "SSS", te_scalar_int (0), te_scalar_int (5),
                          te_scalar_int (0)));
  g_assert_cmpstr (err.text, ==, "step must be nonzero");
  te_error_clear (&err);
  g_assert_null (te_call (op ("arange"), &err, "S", te_scalar_float (INFINITY)));
  te_error_clear (&err);
  g_assert_null (te_call (op ("arange"), &err, "S", te_scalar_float (1e18)));
  g_assert_cmpint (err.kind, !=, TE_ERR_NONE);
}

static void
test_triangles (void)
{
  TeTensor *indices = te_call (op ("tril_indices"), &err, "iii", (int64_t) 3, (int64_t) 3, (int64_t) -1);
  static const int64_t expected[] = { 1, 2, 2, 0, 0, 1 };
  g_assert_cmpmem (te_tensor_data (indices), indices->storage->nbytes, expected, sizeof expected);
  te_tensor_unref (indices);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (te_registry_init (&err));
  g_test_add_func ("/creation/dtypes", test_dtypes);
  g_test_add_func ("/creation/linspace", test_linspace);
  g_test_add_func ("/creation/like-strides", test_like_strides);
  g_test_add_func ("/creation/complaints", test_complaints);
  g_test_add_func ("/creation/triangles", test_triangles);
  return g_test_run ();
}
