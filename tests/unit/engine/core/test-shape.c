/* Arithmetic on sizes and strides. */
#include <glib.h>

#include "core/shape.h"

#define SIZES(...)                                                                                           \
  (const int64_t[])                                                                                          \
  {                                                                                                          \
    __VA_ARGS__                                                                                              \
  }

static void
test_contiguous (void)
{
  int64_t strides[5];
  te_shape_contiguous_strides (3, SIZES (2, 3, 4), strides);
  g_assert_cmpint (strides[0], ==, 12);
  g_assert_cmpint (strides[2], ==, 1);
  g_assert_true (te_shape_is_contiguous (3, SIZES (2, 3, 4), SIZES (12, 4, 1)));
  g_assert_true (te_shape_is_contiguous (3, SIZES (2, 1, 4), SIZES (4, 99, 1)));
  g_assert_false (te_shape_is_contiguous (2, SIZES (3, 2), SIZES (1, 3)));
  g_assert_true (te_shape_is_contiguous (2, SIZES (0, 2), SIZES (7, 9)));
  g_assert_true (te_shape_is_contiguous (0, NULL, NULL));
  g_assert_true (te_shape_is_channels_last (4, SIZES (2, 3, 4, 5), SIZES (60, 1, 15, 3)));
  g_assert_false (te_shape_is_channels_last (4, SIZES (2, 3, 4, 5), SIZES (60, 20, 5, 1)));
}

/* Sizes of an empty tensor may multiply to more than fits: strides wrap around, as PyTorch's do. */
static void
test_huge_and_empty (void)
{
  int64_t strides[3], extent;
  te_shape_contiguous_strides (3, SIZES (0, INT64_C (1) << 62, 4), strides);
  g_assert_cmpint (strides[0], ==, 0);
  g_assert_cmpint (strides[1], ==, 4);
  g_assert_true (te_shape_extent (3, SIZES (INT64_C (1) << 62, 0, 4), SIZES (4, 4, 1), 0, &extent));
  g_assert_cmpint (extent, ==, 0);
}

static void
test_dense (void)
{
  g_assert_true (te_shape_is_non_overlapping_and_dense (2, SIZES (3, 0), SIZES (4, 1)));
  g_assert_true (te_shape_is_non_overlapping_and_dense (2, SIZES (3, 2), SIZES (1, 3)));
  g_assert_false (te_shape_is_non_overlapping_and_dense (2, SIZES (3, 2), SIZES (1, 4)));
  g_assert_false (te_shape_is_non_overlapping_and_dense (2, SIZES (3, 2), SIZES (0, 1)));
}

static void
test_view (void)
{
  int64_t out[4];
  g_assert_true (te_shape_view_strides (2, SIZES (2, 6), SIZES (6, 1), 3, SIZES (2, 2, 3), out));
  g_assert_cmpint (out[1], ==, 3);
  /* a transposed matrix splits along its dimensions but does not flatten */
  g_assert_true (te_shape_view_strides (2, SIZES (4, 3), SIZES (1, 4), 3, SIZES (2, 2, 3), out));
  g_assert_cmpint (out[0], ==, 2);
  g_assert_cmpint (out[2], ==, 4);
  g_assert_false (te_shape_view_strides (2, SIZES (4, 3), SIZES (1, 4), 1, SIZES (12), out));
  g_assert_true (te_shape_view_strides (2, SIZES (0, 3), SIZES (3, 1), 2, SIZES (3, 0), out));
}

static void
test_infer (void)
{
  TeError err;
  int64_t sizes[] = { 2, -1 };
  g_assert_true (te_shape_infer (2, sizes, 6, &err));
  g_assert_cmpint (sizes[1], ==, 3);
  int64_t wrong[] = { 4, -1 };
  te_error_clear (&err);
  g_assert_false (te_shape_infer (2, wrong, 6, &err));
  g_assert_cmpstr (err.text, ==, "shape '[4, -1]' is invalid for input of size 6");
}

static void
test_broadcast (void)
{
  TeError err;
  int64_t out[4];
  int ndim;
  g_assert_true (te_shape_broadcast (3, SIZES (2, 1, 4), 2, SIZES (3, 1), &ndim, out, &err));
  g_assert_cmpint (ndim, ==, 3);
  g_assert_cmpint (out[1], ==, 3);
  g_assert_cmpint (out[2], ==, 4);
  te_error_clear (&err);
  g_assert_false (te_shape_broadcast (1, SIZES (3), 2, SIZES (2, 4), &ndim, out, &err));
  g_assert_cmpstr (
      err.text, ==,
      "The size of tensor a (3) must match the size of tensor b (4) at non-singleton dimension 1");
  g_assert_true (te_shape_broadcast (1, SIZES (0), 1, SIZES (1), &ndim, out, &err));
  g_assert_cmpint (out[0], ==, 0);
}

static void
test_numel (void)
{
  int64_t numel, extent;
  g_assert_true (te_shape_numel (3, SIZES (2, 3, 4), &numel));
  g_assert_cmpint (numel, ==, 24);
  g_assert_false (te_shape_numel (2, SIZES ((int64_t) 1 << 40, (int64_t) 1 << 40), &numel));
  g_assert_false (te_shape_numel (1, SIZES (-1), &numel));
  g_assert_true (te_shape_extent (2, SIZES (2, 3), SIZES (10, 2), 5, &extent));
  g_assert_cmpint (extent, ==, 5 + 10 + 4 + 1);
}

static void
test_wrap (void)
{
  TeError err;
  int dim;
  g_assert_true (te_dim_wrap (-1, 3, &dim, &err));
  g_assert_cmpint (dim, ==, 2);
  g_assert_true (te_dim_wrap (-1, 0, &dim, &err));
  te_error_clear (&err);
  g_assert_false (te_dim_wrap (3, 3, &dim, &err));
  g_assert_cmpint (err.kind, ==, TE_ERR_INDEX);
  g_assert_cmpstr (err.text, ==, "Dimension out of range (expected to be in range of [-3, 2], but got 3)");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/shape/contiguous", test_contiguous);
  g_test_add_func ("/shape/huge-and-empty", test_huge_and_empty);
  g_test_add_func ("/shape/dense", test_dense);
  g_test_add_func ("/shape/view", test_view);
  g_test_add_func ("/shape/infer", test_infer);
  g_test_add_func ("/shape/broadcast", test_broadcast);
  g_test_add_func ("/shape/numel", test_numel);
  g_test_add_func ("/shape/wrap", test_wrap);
  return g_test_run ();
}
