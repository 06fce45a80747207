/* Which numbers a dtype takes. */
#include <glib.h>
#include <math.h>

#include "core/scalar-range.h"

static void
test_ints (void)
{
  g_assert_true (te_scalar_fits (te_scalar_int (-1), TE_UINT8)); /* wraps around */
  g_assert_false (te_scalar_fits (te_scalar_int (-256), TE_UINT8));
  g_assert_false (te_scalar_fits (te_scalar_int (128), TE_INT8));
  g_assert_false (te_scalar_fits (te_scalar_int (70000), TE_FLOAT16));
  g_assert_true (te_scalar_fits (te_scalar_int (INT64_MIN), TE_INT64));
  g_assert_true (te_scalar_fits (te_scalar_int (INT64_MIN), TE_BOOL));
}

static void
test_floats (void)
{
  g_assert_false (te_scalar_fits (te_scalar_float (-1.5), TE_UINT8));
  g_assert_false (te_scalar_fits (te_scalar_float (NAN), TE_INT64));
  g_assert_true (te_scalar_fits (te_scalar_float (NAN), TE_FLOAT16));
  g_assert_true (te_scalar_fits (te_scalar_float (INFINITY), TE_FLOAT32));
  g_assert_false (te_scalar_fits (te_scalar_float (1e300), TE_FLOAT32));
  g_assert_false (te_scalar_fits (te_scalar_float (3.4e38), TE_BFLOAT16));
  g_assert_false (te_scalar_fits (te_scalar_complex (1, 2), TE_FLOAT64));
  g_assert_true (te_scalar_fits (te_scalar_complex (1, 0), TE_FLOAT64));
}

static void
test_check (void)
{
  TeError err = { 0 };
  TeScalar value = te_scalar_complex (0, 2);
  g_assert_true (te_scalar_check (&value, TE_BOOL, &err));
  g_assert_cmpfloat (value.f, ==, 0);
  g_assert_cmpint (value.category, ==, TE_CATEGORY_FLOAT);
  value = te_scalar_int (300);
  g_assert_false (te_scalar_check (&value, TE_UINT8, &err));
  g_assert_cmpstr (err.text, ==, "value cannot be converted to type uint8_t without overflow");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/scalar-range/ints", test_ints);
  g_test_add_func ("/core/scalar-range/floats", test_floats);
  g_test_add_func ("/core/scalar-range/check", test_check);
  return g_test_run ();
}
