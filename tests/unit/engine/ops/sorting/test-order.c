/* The selection algorithms do what their names say, on random, constant and NaN-ridden lanes. */
#include <glib.h>
#include <math.h>
#include <string.h>

#include "ops/sorting/order.h"

#define MOST 300

static void
fill (TeItem *items, int64_t n, int kind)
{
  for (int64_t i = 0; i < n; i++)
    {
      items[i].index = i;
      items[i].f = kind == 0            ? g_test_rand_double ()
                   : kind == 1          ? g_test_rand_int_range (0, 4)
                   : kind == 2          ? 7
                   : g_test_rand_bit () ? NAN
                                        : g_test_rand_int_range (0, 9);
    }
}

/* Ascending with NaN last. */
static bool
before (double a, double b)
{
  return a < b || (!isnan (a) && isnan (b));
}

static void
check_same_items (const TeItem *a, int64_t n, const TeItem *original)
{
  bool seen[MOST] = { false };
  for (int64_t i = 0; i < n; i++)
    {
      g_assert_false (seen[a[i].index]);
      seen[a[i].index] = true;
      g_assert_cmpmem (&a[i].f, 8, &original[a[i].index].f, 8);
    }
}

static void
test_algorithms (void)
{
  TeItem original[MOST], work[MOST], scratch[MOST];
  for (int round = 0; round < 400; round++)
    {
      int64_t n = g_test_rand_int_range (1, MOST), k = g_test_rand_int_range (0, (int) n);
      fill (original, n, round % 4);
      memcpy (work, original, sizeof work);
      te_order_stable_sort (TE_ORDER_FLOAT_UP, work, n, scratch);
      check_same_items (work, n, original);
      for (int64_t i = 1; i < n; i++)
        {
          g_assert_false (before (work[i].f, work[i - 1].f));
          if (!before (work[i - 1].f, work[i].f)) /* equal ones keep their order */
            g_assert_cmpint (work[i - 1].index, <, work[i].index);
        }
      double kth = work[k].f;
      void (*select[]) (TeOrder, TeItem *, int64_t, int64_t) = { te_order_nth_element,
                                                                 te_order_quick_select };
      for (int which = 0; which < 2; which++)
        {
          memcpy (work, original, sizeof work);
          select[which](TE_ORDER_FLOAT_UP, work, k, n);
          check_same_items (work, n, original);
          g_assert_false (before (work[k].f, kth) || before (kth, work[k].f));
        }
      memcpy (work, original, sizeof work);
      te_order_partial_sort (TE_ORDER_FLOAT_DOWN, work, k, n);
      check_same_items (work, n, original);
      for (int64_t i = 1; i < k; i++)
        g_assert_false (before (work[i - 1].f, work[i].f));
      for (int64_t i = k; k > 0 && i < n; i++)
        g_assert_false (before (work[k - 1].f, work[i].f));
      memcpy (work, original, sizeof work);
      te_order_sort (TE_ORDER_FLOAT_UP, work, n);
      check_same_items (work, n, original);
      for (int64_t i = 1; i < n; i++)
        g_assert_false (before (work[i].f, work[i - 1].f));
    }
}

/* Patterns that make quicksort slow end in a heap: this must stay fast. */
static void
test_killer (void)
{
  int64_t n = 1 << 16;
  TeItem *items = g_new (TeItem, n);
  for (int64_t i = 0; i < n; i++)
    items[i] = (TeItem){ .i = i < n / 2 ? i : n - i, .index = i };
  te_order_sort (TE_ORDER_INT_UP, items, n);
  for (int64_t i = 1; i < n; i++)
    g_assert_cmpint (items[i - 1].i, <=, items[i].i);
  te_order_nth_element (TE_ORDER_INT_DOWN, items, 5, n);
  g_free (items);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sorting/order/algorithms", test_algorithms);
  g_test_add_func ("/sorting/order/killer", test_killer);
  return g_test_run ();
}
