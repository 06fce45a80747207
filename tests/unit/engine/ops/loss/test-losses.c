/* Losses called from C: values by hand, gradients against differences, and refusals that leave nothing
 * behind. */
#include <glib.h>
#include <math.h>

#include "ops/dispatch.h"

static TeTensor *
doubles (int ndim, const int64_t *sizes, double first)
{
  TeError err;
  TeTensor *t = te_tensor_new (ndim, sizes, TE_FLOAT64, &err);
  for (int64_t i = 0; i < t->numel; i++)
    ((double *) te_tensor_data (t))[i] = 0.5 + 0.4 * sin (first + (double) i);
  return t;
}

static double
value (TeTensor *t)
{
  return *(double *) te_tensor_data (t);
}

/* The first derivative by _pair_loss_grad (order 1) and the second (order 2) against central differences. */
static void
test_derivatives (void)
{
  static const char *const names[] = {
    "mse_loss",         "smooth_l1_loss",       "huber_loss",
    "soft_margin_loss", "binary_cross_entropy", "binary_cross_entropy_with_logits"
  };
  TeError err;
  const int64_t n = 6;
  for (int64_t kind = 0; kind < 6; kind++)
    {
      const TeOp *op = te_registry_find (names[kind]), *grad = te_registry_find ("_pair_loss_grad");
      TeTensor *x = doubles (1, &n, 1), *t = doubles (1, &n, 4),
               *one = te_tensor_new_scalar (te_scalar_float (1), TE_FLOAT64, &err);
      TeTensor *first =
          te_call (grad, &err, "TTTTTifii", one, x, t, NULL, NULL, kind, 1.0, (int64_t) 2, (int64_t) 1);
      TeTensor *second =
          te_call (grad, &err, "TTTTTifii", one, x, t, NULL, NULL, kind, 1.0, (int64_t) 2, (int64_t) 2);
      for (int64_t i = 0; i < n; i++)
        {
          double *at = (double *) te_tensor_data (x) + i, here = *at, h = 1e-4, f[3];
          for (int k = 0; k < 3; k++)
            {
              *at = here + (k - 1) * h;
              TeTensor *loss = kind < 4    ? te_call (op, &err, "TTi", x, t, (int64_t) 2)
                               : kind == 4 ? te_call (op, &err, "TTTi", x, t, NULL, (int64_t) 2)
                                           : te_call (op, &err, "TTTTi", x, t, NULL, NULL, (int64_t) 2);
              f[k] = value (loss);
              te_tensor_unref (loss);
            }
          *at = here;
          g_assert_cmpfloat_with_epsilon (((double *) te_tensor_data (first))[i], (f[2] - f[0]) / (2 * h),
                                          1e-5);
          g_assert_cmpfloat_with_epsilon (((double *) te_tensor_data (second))[i],
                                          (f[2] - 2 * f[1] + f[0]) / (h * h), 1e-4);
        }
      te_tensor_unref (x), te_tensor_unref (t), te_tensor_unref (one), te_tensor_unref (first),
          te_tensor_unref (second);
    }
}

static void
test_nll (void)
{
  TeError err;
  const int64_t sizes[2] = { 2, 3 };
  const TeOp *nll = te_registry_find ("nll_loss");
  TeTensor *x = doubles (2, sizes, 0), *t = te_tensor_new (1, sizes, TE_INT64, &err);
  int64_t *target = te_tensor_data (t);
  double *p = te_tensor_data (x);
  target[0] = 2;
  target[1] = 0;
  TeTensor *loss = te_call (nll, &err, "TT", x, t);
  g_assert_cmpfloat_with_epsilon (value (loss), -(p[2] + p[3]) / 2, 1e-12);
  te_tensor_unref (loss);
  target[1] = 3;
  te_error_clear (&err);
  g_assert_null (te_call (nll, &err, "TT", x, t));
  g_assert_cmpint (err.kind, ==, TE_ERR_INDEX);
  g_assert_cmpstr (err.text, ==, "Target 3 is out of bounds.");
  te_tensor_unref (x);
  te_tensor_unref (t);
}

int
main (int argc, char **argv)
{
  TeError err;
  g_test_init (&argc, &argv, NULL);
  g_assert_true (te_registry_init (&err));
  g_test_add_func ("/loss/derivatives", test_derivatives);
  g_test_add_func ("/loss/nll", test_nll);
  return g_test_run ();
}
