/* One look at bytes: the hash is XXH3's whatever the processor, and no infinity or NaN is overlooked. */
#include <glib.h>
#include <math.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "trace/digest.h"

#define MOST 9000

static void
fill (GRand *rand, float *numbers, gsize n)
{
  for (gsize i = 0; i < n; i++)
    numbers[i] = (float) g_rand_double_range (rand, -1e30, 1e30);
}

static void
test_hash (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);
  g_autofree float *numbers = g_new (float, MOST);
  const char *bytes = (const char *) numbers;
  bool finite;
  fill (rand, numbers, MOST);
  for (gsize n = 0; n < 2400; n++)
    g_assert_cmpuint (te_digest (bytes, n, TE_NUMBERS_NONE, &finite), ==, XXH3_64bits (bytes, n));
  for (int i = 0; i < 200; i++)
    {
      gsize from = (gsize) g_rand_int_range (rand, 0, 999), n = (gsize) g_rand_int_range (rand, 0, 8000) * 4;
      g_assert_cmpuint (te_digest (bytes + from, n, TE_NUMBERS_NONE, &finite), ==,
                        XXH3_64bits (bytes + from, n));
      g_assert_cmpuint (te_digest (bytes, n, TE_NUMBERS_FLOAT32, &finite), ==, XXH3_64bits (bytes, n));
      g_assert_true (finite);
    }
}

/* Both ways of asking, at every place of tensors of many sizes. */
static void
test_floats (void)
{
  static const float bad[] = { NAN, INFINITY, -INFINITY };
  g_autoptr (GRand) rand = g_rand_new_with_seed (12);
  g_autofree float *numbers = g_new (float, MOST);
  fill (rand, numbers, MOST);
  numbers[3] = 3.4e38f;
  numbers[5] = -1e-42f;
  for (int i = 0; i < 3000; i++)
    {
      gsize n = (gsize) g_rand_int_range (rand, 6, i % 2 ? 200 : MOST),
            at = (gsize) g_rand_int_range (rand, 0, (gint32) n);
      bool finite;
      te_digest (numbers, n * sizeof *numbers, TE_NUMBERS_FLOAT32, &finite);
      g_assert_true (finite);
      g_assert_true (te_numbers_are_finite (numbers, n * sizeof *numbers, TE_NUMBERS_FLOAT32));
      float before = numbers[at];
      numbers[at] = bad[i % 3];
      guint64 hash = te_digest (numbers, n * sizeof *numbers, TE_NUMBERS_FLOAT32, &finite);
      g_assert_false (finite);
      g_assert_cmpuint (hash, ==, XXH3_64bits (numbers, n * sizeof *numbers));
      g_assert_false (te_numbers_are_finite (numbers, n * sizeof *numbers, TE_NUMBERS_FLOAT32));
      te_digest (numbers, n * sizeof *numbers, TE_NUMBERS_NONE, &finite);
      g_assert_true (finite);
      numbers[at] = before;
    }
}

static void
test_doubles (void)
{
  static const double bad[] = { NAN, INFINITY, -INFINITY };
  g_autoptr (GRand) rand = g_rand_new_with_seed (13);
  g_autofree double *numbers = g_new0 (double, MOST);
  for (gsize i = 0; i < MOST; i++)
    numbers[i] = g_rand_double_range (rand, -1e300, 1e300);
  for (int i = 0; i < 1000; i++)
    {
      gsize n = (gsize) g_rand_int_range (rand, 1, i % 2 ? 100 : MOST),
            at = (gsize) g_rand_int_range (rand, 0, (gint32) n);
      bool finite;
      te_digest (numbers, n * sizeof *numbers, TE_NUMBERS_FLOAT64, &finite);
      g_assert_true (finite);
      g_assert_true (te_numbers_are_finite (numbers, n * sizeof *numbers, TE_NUMBERS_FLOAT64));
      double before = numbers[at];
      numbers[at] = bad[i % 3];
      te_digest (numbers, n * sizeof *numbers, TE_NUMBERS_FLOAT64, &finite);
      g_assert_false (finite);
      g_assert_false (te_numbers_are_finite (numbers, n * sizeof *numbers, TE_NUMBERS_FLOAT64));
      numbers[at] = before;
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/digest/hash", test_hash);
  g_test_add_func ("/digest/floats", test_floats);
  g_test_add_func ("/digest/doubles", test_doubles);
  return g_test_run ();
}
