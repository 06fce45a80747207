/* The door to memory: alignment, reuse, counting, and failures on demand. */
#include <glib.h>
#include <string.h>

#include "base/checked.h"
#include "base/mem.h"

static void
test_data_blocks (void)
{
  static const size_t sizes[] = { 0,    1,    63,   64,    65,      1023,         1024,
                                  1025, 4096, 5000, 65537, 1 << 20, (1 << 20) + 1 };
  for (size_t i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      char *block = te_data_alloc (sizes[i]);
      g_assert_nonnull (block);
      g_assert_cmpuint ((guintptr) block % 64, ==, 0);
      memset (block, 0x5a, sizes[i]);
      te_data_free (block, sizes[i]);
    }
  te_data_free (NULL, 10);
}

/* No two live blocks overlap, whatever order they come and go in. */
static void
test_no_block_twice (void)
{
  enum
  {
    N = 200
  };
  unsigned char *blocks[N] = { NULL };
  size_t sizes[N] = { 0 };
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  for (int round = 0; round < 5000; round++)
    {
      int i = g_rand_int_range (rand, 0, N);
      if (blocks[i])
        {
          for (size_t k = 0; k < sizes[i]; k++)
            g_assert_cmpint (blocks[i][k], ==, i);
          te_data_free (blocks[i], sizes[i]);
          blocks[i] = NULL;
        }
      else
        {
          sizes[i] = (size_t) g_rand_int_range (rand, 1, 1 << g_rand_int_range (rand, 1, 14));
          blocks[i] = te_data_alloc (sizes[i]);
          memset (blocks[i], i, sizes[i]);
        }
    }
  for (int i = 0; i < N; i++)
    te_data_free (blocks[i], sizes[i]);
}

static void
test_reuse (void)
{
#if defined(__SANITIZE_ADDRESS__)
  g_test_skip ("caches are off under the address sanitizer");
#else
  te_mem_trim ();
  void *block = te_data_alloc (100000);
  te_data_free (block, 100000);
  guint64 calls = te_mem_stats ().system_calls;
  for (int i = 0; i < 100; i++)
    te_data_free (te_data_alloc (100000), 100000);
  g_assert_cmpuint (te_mem_stats ().system_calls, ==, calls);
  g_assert_cmpuint (te_mem_stats ().cached_nbytes, >=, 100000);
  te_mem_trim ();
  g_assert_cmpuint (te_mem_stats ().cached_nbytes, ==, 0);
#endif
}

static void
test_stats (void)
{
  guint64 before = te_mem_stats ().live_nbytes;
  te_mem_reset_peak ();
  void *a = te_data_alloc (1000), *b = te_data_alloc (500);
  g_assert_cmpuint (te_mem_stats ().live_nbytes, ==, before + 1500);
  te_data_free (a, 1000);
  te_data_free (b, 500);
  g_assert_cmpuint (te_mem_stats ().live_nbytes, ==, before);
  g_assert_cmpuint (te_mem_stats ().peak_nbytes, ==, before + 1500);
}

static void
test_small_blocks (void)
{
  for (size_t nbytes = 1; nbytes < 700; nbytes += 13)
    {
      unsigned char *block = te_new_sized (nbytes);
      for (size_t i = 0; i < nbytes; i++)
        g_assert_cmpint (block[i], ==, 0);
      memset (block, 0xff, nbytes);
      te_free_sized (block, nbytes);
    }
  te_free_sized (NULL, 8);
}

static void
test_failure (void)
{
  te_mem_fail_after (2);
  void *first = te_data_alloc (10);
  g_assert_nonnull (first);
  g_assert_null (te_new_sized (10));
  void *third = te_new_sized (10);
  g_assert_nonnull (third);
  te_data_free (first, 10);
  te_free_sized (third, 10);
  g_assert_null (te_data_alloc ((size_t) 1 << 50));
}

static void
test_checked (void)
{
  int64_t out;
  g_assert_true (te_mul_i64 (1 << 20, 1 << 20, &out));
  g_assert_cmpint (out, ==, (gint64) 1 << 40);
  g_assert_false (te_mul_i64 (INT64_MAX, 2, &out));
  g_assert_true (te_add_i64 (-5, 3, &out));
  g_assert_false (te_add_i64 (INT64_MAX, 1, &out));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mem/data-blocks", test_data_blocks);
  g_test_add_func ("/mem/no-block-twice", test_no_block_twice);
  g_test_add_func ("/mem/reuse", test_reuse);
  g_test_add_func ("/mem/stats", test_stats);
  g_test_add_func ("/mem/small-blocks", test_small_blocks);
  g_test_add_func ("/mem/failure", test_failure);
  g_test_add_func ("/mem/checked", test_checked);
  return g_test_run ();
}
