/* Promotion and the half types. */
#include <glib.h>
#include <math.h>

#include "core/dtype.h"
#include "core/scalar.h"

/* PyTorch's promoteTypes, rows and columns u8 i8 i16 i32 i64 f16 f32 f64 b bf16 c64 c128. */
static void
test_promote (void)
{
  enum
  {
    u8 = TE_UINT8,
    i8 = TE_INT8,
    i16 = TE_INT16,
    i32 = TE_INT32,
    i64 = TE_INT64,
    f16 = TE_FLOAT16,
    f32 = TE_FLOAT32,
    f64 = TE_FLOAT64,
    b = TE_BOOL,
    bf = TE_BFLOAT16,
    c = TE_COMPLEX64,
    z = TE_COMPLEX128
  };
  static const int table[TE_DTYPE_COUNT][TE_DTYPE_COUNT] = {
    { u8, i16, i16, i32, i64, f16, f32, f64, u8, bf, c, z },
    { i16, i8, i16, i32, i64, f16, f32, f64, i8, bf, c, z },
    { i16, i16, i16, i32, i64, f16, f32, f64, i16, bf, c, z },
    { i32, i32, i32, i32, i64, f16, f32, f64, i32, bf, c, z },
    { i64, i64, i64, i64, i64, f16, f32, f64, i64, bf, c, z },
    { f16, f16, f16, f16, f16, f16, f32, f64, f16, f32, c, z },
    { f32, f32, f32, f32, f32, f32, f32, f64, f32, f32, c, z },
    { f64, f64, f64, f64, f64, f64, f64, f64, f64, f64, z, z },
    { u8, i8, i16, i32, i64, f16, f32, f64, b, bf, c, z },
    { bf, bf, bf, bf, bf, f32, f32, f64, bf, bf, c, z },
    { c, c, c, c, c, c, c, z, c, c, c, z },
    { z, z, z, z, z, z, z, z, z, z, z, z },
  };
  for (int row = 0; row < TE_DTYPE_COUNT; row++)
    for (int column = 0; column < TE_DTYPE_COUNT; column++)
      g_assert_cmpint (te_dtype_promote (row, column), ==, table[row][column]);
}

static void
test_can_cast (void)
{
  g_assert_true (te_dtype_can_cast (TE_INT64, TE_FLOAT16));
  g_assert_true (te_dtype_can_cast (TE_FLOAT64, TE_FLOAT16));
  g_assert_false (te_dtype_can_cast (TE_FLOAT32, TE_INT64));
  g_assert_false (te_dtype_can_cast (TE_UINT8, TE_BOOL));
  g_assert_true (te_dtype_can_cast (TE_FLOAT64, TE_COMPLEX64));
  g_assert_false (te_dtype_can_cast (TE_COMPLEX64, TE_FLOAT64));
}

/* Every half goes to float and back; floats round to the nearest, ties to even. */
static void
test_half (void)
{
  for (uint32_t bits = 0; bits < 65536; bits++)
    {
      TeHalf half = { (uint16_t) bits };
      float value = te_half_to_float (half);
      if (isnan (value))
        g_assert_true (isnan (te_half_to_float (te_half_from_float (value))));
      else
        g_assert_cmpuint (te_half_from_float (value).bits, ==, bits);
    }
  g_assert_cmpfloat (te_half_to_float (te_half_from_float (2049)), ==, 2048);
  g_assert_cmpfloat (te_half_to_float (te_half_from_float (2051)), ==, 2052);
  g_assert_true (isinf (te_half_to_float (te_half_from_float (65520))));
  g_assert_cmpfloat (te_half_to_float (te_half_from_float (65519)), ==, 65504);
  g_assert_cmpfloat (te_half_to_float (te_half_from_float (0x1p-24f)), ==, 0x1p-24f);
  g_assert_cmpfloat (te_half_to_float (te_half_from_float (0x1p-26f)), ==, 0);
}

static void
test_bfloat16 (void)
{
  for (uint32_t bits = 0; bits < 65536; bits++)
    {
      float value = te_bfloat16_to_float ((TeBFloat16){ (uint16_t) bits });
      if (!isnan (value))
        g_assert_cmpuint (te_bfloat16_from_float (value).bits, ==, bits);
    }
  g_assert_cmpfloat (te_bfloat16_to_float (te_bfloat16_from_float (257)), ==, 256);
  g_assert_cmpfloat (te_bfloat16_to_float (te_bfloat16_from_float (259)), ==, 260);
  g_assert_cmpuint (te_bfloat16_from_float (NAN).bits, ==, 0x7fc0);
}

static void
test_scalar (void)
{
  uint8_t byte;
  te_scalar_store (te_scalar_float (-1), TE_UINT8, &byte);
  g_assert_cmpuint (byte, ==, 255);
  bool truth;
  te_scalar_store (te_scalar_float (0.5), TE_BOOL, &truth);
  g_assert_true (truth);
  double number;
  te_scalar_store (te_scalar_int (7), TE_FLOAT64, &number);
  g_assert_cmpfloat (number, ==, 7);
  int64_t big = INT64_MIN;
  g_assert_cmpint (te_scalar_load (TE_INT64, &big).i, ==, INT64_MIN);
  g_assert_cmpint (te_scalar_dtype (te_scalar_float (1)), ==, TE_FLOAT32);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dtype/promote", test_promote);
  g_test_add_func ("/dtype/can-cast", test_can_cast);
  g_test_add_func ("/dtype/half", test_half);
  g_test_add_func ("/dtype/bfloat16", test_bfloat16);
  g_test_add_func ("/dtype/scalar", test_scalar);
  return g_test_run ();
}
