/* Curves over an x of their own: bounded, begun anew, cut; and which logs become one. */
#include "models/curve.h"

#include <math.h>

#include "models/trace-builder.h"

static void
test_bound (void)
{
  g_autoptr (GbCurve) curve = gb_curve_new ();
  for (guint i = 0; i < 50000; i++)
    {
      gb_curve_add (curve, i, i * 2.0, i + 1);
      guint n = gb_curve_get_n (curve);
      g_assert_cmpuint (n, <=, GB_CURVE_MOST_POINTS + 1);
      g_assert_cmpfloat (gb_curve_get (curve, 0)->x, ==, 0);
      g_assert_cmpfloat (gb_curve_get (curve, n - 1)->x, ==, i);
    }
  guint n = gb_curve_get_n (curve);
  g_assert_cmpuint (n, >, GB_CURVE_MOST_POINTS / 2 - 1);
  double step = gb_curve_get (curve, 1)->x;
  for (guint i = 1; i + 1 < n; i++)
    g_assert_cmpfloat (gb_curve_get (curve, i)->x, ==, i * step);

  gb_curve_cut (curve, 20000);
  n = gb_curve_get_n (curve);
  g_assert_cmpuint (gb_curve_get (curve, n - 1)->seq, <=, 20000);
  g_assert_cmpuint (gb_curve_get (curve, n - 1)->seq, >, 20000 - 2 * step);
  g_assert_null (gb_curve_get (curve, n));
  gb_curve_add (curve, 1e6, 0, 20001);
  g_assert_cmpfloat (gb_curve_get (curve, gb_curve_get_n (curve) - 1)->x, ==, 1e6);
}

static void
test_anew (void)
{
  g_autoptr (GbCurve) curve = gb_curve_new ();
  for (int sweep = 0; sweep < 3; sweep++)
    for (int i = 0; i < 10; i++)
      gb_curve_add (curve, i - 5, sweep, (guint64) (sweep * 10 + i + 1));
  g_assert_cmpuint (gb_curve_get_n (curve), ==, 10);
  g_assert_cmpfloat (gb_curve_get (curve, 4)->y, ==, 2);
}

/* A log is a curve over what the program says, over its count while one iteration lasts, and else none. */
static void
test_logs (void)
{
  g_autoptr (GbTrace) trace = gb_trace_new ();
  g_autoptr (GbTraceBuilder) builder = gb_trace_builder_new (trace);
  for (int i = 0; i < 5; i++)
    {
      gb_trace_builder_log (builder, "counted", i);
      gb_trace_builder_log_over (builder, "sigmoid", 1 / (1 + exp (-i)), i, "input");
    }
  gb_trace_flush (trace);
  const GbLog *counted = gb_trace_get_log (trace, 0), *sigmoid = gb_trace_get_log (trace, 1);
  g_assert_cmpuint (gb_curve_get_n (counted->curve), ==, 5);
  g_assert_cmpfloat (gb_curve_get (counted->curve, 4)->x, ==, 5);
  g_assert_null (counted->over);
  g_assert_cmpuint (gb_curve_get_n (sigmoid->curve), ==, 5);
  g_assert_cmpfloat (gb_curve_get (sigmoid->curve, 4)->x, ==, 4);
  g_assert_cmpstr (sigmoid->over, ==, "input");
}

static void
test_iterations_end_it (void)
{
  g_autoptr (GbTrace) trace = gb_trace_new ();
  g_autoptr (GbTraceBuilder) builder = gb_trace_builder_new (trace);
  for (int i = 0; i < 6; i++)
    {
      gb_trace_builder_log (builder, "loss", i);
      if (i > 1)
        gb_trace_builder_iteration (builder);
    }
  gb_trace_flush (trace);
  const GbLog *loss = gb_trace_get_log (trace, 0);
  g_assert_null (loss->curve);
  g_assert_cmpuint (gb_series_get_n (loss->series), ==, 4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/models/curve/bound", test_bound);
  g_test_add_func ("/models/curve/anew", test_anew);
  g_test_add_func ("/models/curve/logs", test_logs);
  g_test_add_func ("/models/curve/iterations-end-it", test_iterations_end_it);
  return g_test_run ();
}
