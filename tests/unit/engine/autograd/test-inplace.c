#include <string.h>

#include "autograd-fixture.h"

static bool
fill_view (TeTensor *view, double value)
{
  TE_OP (mul, "mul.Tensor");
  TeTensor *factor = te_tensor_new_number (te_scalar_float (value), &err);
  bool ok = te_call_inplace (mul, &err, "TT", view, factor);
  te_tensor_unref (factor);
  return ok;
}

static TeTensor *
first_half (TeTensor *tensor)
{
  TE_OP (narrow, "narrow");
  TeTensor *view = te_call (narrow, &err, "Tiii", tensor, (int64_t) 0, (int64_t) 0, tensor->sizes[0] / 2);
  assert_fine ();
  return view;
}

static void
test_leaf (void)
{
  TeTensor *a = vector (4, (float[]){ 1, 2, 3, 4 }, true), *view;
  start ();
  g_assert_false (fill_view (a, 2));
  g_assert_cmpstr (err.text, ==,
                   "a leaf Variable that requires grad is being used in an in-place operation.");
  start ();
  view = first_half (a);
  g_assert_false (fill_view (view, 2));
  g_assert_cmpstr (err.text, ==,
                   "a view of a leaf Variable that requires grad is being used in an in-place operation.");
  assert_values (a, (float[]){ 1, 2, 3, 4 });
  start ();
  te_grad_mode_set (false);
  g_assert_true (fill_view (a, 2));
  assert_values (a, (float[]){ 2, 4, 6, 8 });
  te_tensor_unref (view);
  te_tensor_unref (a);
}

/* b = 1 * a; b[:2] *= 3; the base learns of it through CopySlices, and so does another view. */
static void
test_view_of_result (void)
{
  TeTensor *a = vector (4, (float[]){ 1, 2, 3, 4 }, true);
  TeNode *node;
  start ();
  TeTensor *b = te_mul_scalar (a, 1, &err), *view = first_half (b), *other = first_half (b);
  assert_fine ();
  g_assert_true (fill_view (view, 3));
  g_assert_true (te_tensor_grad_fn (b, &node, &err));
  g_assert_cmpstr (node->name, ==, "CopySlices");
  g_assert_true (te_tensor_grad_fn (other, &node, &err));
  g_assert_cmpstr (node->name, ==, "AsStridedBackward0");
  TeTensor *s = te_sum_dims (b, 0, NULL, false, &err);
  g_assert_true (backward_from (s, true, false));
  assert_values (te_tensor_grad (a), (float[]){ 3, 3, 1, 1 });
  TeTensor *t = te_sum_dims (other, 0, NULL, false, &err);
  assert_fine ();
  g_assert_true (backward_from (t, false, false));
  assert_values (te_tensor_grad (a), (float[]){ 6, 6, 1, 1 });
  te_tensor_unref (t);
  te_tensor_unref (s);
  te_tensor_unref (other);
  te_tensor_unref (view);
  te_tensor_unref (b);
  te_tensor_unref (a);
}

/* y = exp (x); y *= 2: what exp saved has changed. */
static void
test_stale (void)
{
  TE_OP (exp_op, "exp");
  TeTensor *x = vector (3, (float[]){ 0, 1, 2 }, true);
  start ();
  TeTensor *y = te_call (exp_op, &err, "T", x);
  assert_fine ();
  g_assert_true (fill_view (y, 2));
  TeTensor *s = te_sum_dims (y, 0, NULL, false, &err);
  g_assert_false (backward_from (s, false, false));
  g_assert_cmpstr (
      err.text, ==,
      "one of the variables needed for gradient computation has been modified by an inplace operation: "
      "[torch.FloatTensor [3]], which is output 0 of ExpBackward0, is at version 1; expected version 0 "
      "instead. "
      "Hint: enable anomaly detection to find the operation that failed to compute its gradient, with "
      "torch.autograd.set_detect_anomaly(True).");
  te_tensor_unref (s);
  te_tensor_unref (y);
  te_tensor_unref (x);
}

static void
test_version_is_shared (void)
{
  TeTensor *a = vector (4, (float[]){ 1, 2, 3, 4 }, false);
  start ();
  TeTensor *view = first_half (a);
  g_assert_true (te_tensor_base (view) == a);
  g_assert_true (fill_view (view, 2));
  g_assert_cmpuint (*a->version, ==, 1);
  g_assert_cmpuint (*view->version, ==, 1);
  te_tensor_unref (view);
  te_tensor_unref (a);
}

static void
test_made_in_no_grad (void)
{
  TeTensor *a = vector (4, (float[]){ 1, 2, 3, 4 }, true);
  start ();
  TeTensor *b = te_mul_scalar (a, 1, &err);
  te_grad_mode_set (false);
  TeTensor *view = first_half (b);
  te_grad_mode_set (true);
  g_assert_false (fill_view (view, 2));
  g_assert_true (
      g_str_has_prefix (err.text, "A view was created in no_grad mode and is being modified inplace"));
  te_tensor_unref (view);
  te_tensor_unref (b);
  te_tensor_unref (a);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  open_engine ();
  g_test_add_func ("/inplace/leaf", test_leaf);
  g_test_add_func ("/inplace/view-of-result", test_view_of_result);
  g_test_add_func ("/inplace/stale", test_stale);
  g_test_add_func ("/inplace/version-is-shared", test_version_is_shared);
  g_test_add_func ("/inplace/made-in-no-grad", test_made_in_no_grad);
  return run_tests ();
}
