/* Which snapshots are kept, of runs of an hour with one every 0.6 s. */
#include "kernel/snapshots.h"

#define INTERVAL_USEC 600000
#define HOUR_USEC     ((gint64) 3600 * G_USEC_PER_SEC)

static void
check_kept (const GArray *list)
{
  const GbSnapshot *at = (const GbSnapshot *) list->data, *newest = &at[list->len - 1];
  g_assert_cmpint (at->ran_usec, ==, 0);
  for (guint i = 1; i < list->len; i++)
    {
      gint64 gap = at[i].ran_usec - at[i - 1].ran_usec, age = newest->ran_usec - at[i - 1].ran_usec;
      if (at[i].iteration + GB_SNAPSHOTS_NEAR_STEPS > newest->iteration)
        g_assert_cmpint (gap, <=, GB_SNAPSHOTS_NEAR_USEC);
      else /* by how long ago it was, and not by chance */
        g_assert_cmpint (gap, <=, age * 2 / 3 + GB_SNAPSHOTS_NEAR_USEC);
    }
}

/* step_usec: up to which so many snapshots are enough for the latest 1,000 steps. */
static void
test_kept (gconstpointer step_usec)
{
  g_autoptr (GArray) list = g_array_new (FALSE, TRUE, sizeof (GbSnapshot));
  for (gint64 ran = 0; ran < HOUR_USEC; ran += INTERVAL_USEC)
    {
      GbSnapshot made = { .ran_usec = ran, .iteration = (guint64) ran / GPOINTER_TO_UINT (step_usec) };
      g_array_append_val (list, made);
      if (list->len > GB_SNAPSHOTS_MOST)
        g_array_remove_index (list, gb_snapshots_least_missed ((const GbSnapshot *) list->data, list->len));
      if (ran % (60 * G_USEC_PER_SEC) == 0)
        check_kept (list);
    }
  g_assert_cmpuint (list->len, ==, GB_SNAPSHOTS_MOST);
  check_kept (list);
}

/* Steps so long that nothing can be as near: still the newest are dense, and none of the past is left
 * without. */
static void
test_long_steps (void)
{
  g_autoptr (GArray) list = g_array_new (FALSE, TRUE, sizeof (GbSnapshot));
  for (gint64 ran = 0; ran < HOUR_USEC; ran += INTERVAL_USEC)
    {
      GbSnapshot made = { .ran_usec = ran, .iteration = (guint64) (ran / INTERVAL_USEC) };
      g_array_append_val (list, made);
      if (list->len > GB_SNAPSHOTS_MOST)
        g_array_remove_index (list, gb_snapshots_least_missed ((const GbSnapshot *) list->data, list->len));
    }
  const GbSnapshot *at = (const GbSnapshot *) list->data;
  for (guint i = 1; i < list->len; i++)
    g_assert_cmpint (at[i].ran_usec - at[i - 1].ran_usec, <,
                     (at[list->len - 1].ran_usec - at[i - 1].ran_usec) * 2 / 3 + 2 * INTERVAL_USEC);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/kernel/snapshots/steps-of-1-ms", GUINT_TO_POINTER (1000), test_kept);
  g_test_add_data_func ("/kernel/snapshots/steps-of-10-ms", GUINT_TO_POINTER (10000), test_kept);
  g_test_add_func ("/kernel/snapshots/long-steps", test_long_steps);
  return g_test_run ();
}
