/* What the processor's counter says is what the system's clock says, whatever happens in between. */
#include <glib.h>

#include "trace/ticks.h"

static double
ratio_over (gulong usec)
{
  uint64_t before = te_ticks_of_system (), begin = te_ticks_now ();
  g_usleep (usec);
  uint32_t nsec = te_ticks_nsec_since (begin);
  return (double) nsec / (double) (te_ticks_of_system () - before);
}

static void
test_rate (void)
{
  double nearest = 0;
  te_ticks_calibrate ();
  for (int i = 0; i < 5; i++)
    {
      double ratio = ratio_over (20000);
      nearest = ratio > nearest ? ratio : nearest;
      g_assert_cmpfloat (ratio, <, 1.01);
    }
  g_assert_cmpfloat (nearest, >, 0.99); /* a busy machine may come between two readings, not always */
}

static void
test_bounds (void)
{
  te_ticks_calibrate ();
  g_assert_cmpuint (te_ticks_nsec_since (te_ticks_now () + 1000000), ==, 0);
  g_assert_cmpuint (te_ticks_nsec_since (te_ticks_now () - (1ull << 40)), ==, UINT32_MAX);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ticks/rate", test_rate);
  g_test_add_func ("/ticks/bounds", test_bounds);
  return g_test_run ();
}
