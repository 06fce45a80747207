/* The pool: every chunk once, chunks of the promised cut, nesting, forks, interrupts. */
#include <glib.h>
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "iter/pool.h"

enum
{
  N = 100003,
  GRAIN = 1000
};
static int visits[N];
static gint bad_cuts;

static void
visit (void *ctx, int64_t begin, int64_t end)
{
  if (begin % GRAIN || (end != N && end - begin != GRAIN))
    g_atomic_int_inc (&bad_cuts);
  for (int64_t i = begin; i < end; i++)
    visits[i]++;
}

static void
check_once (int expected)
{
  for (int i = 0; i < N; i++)
    g_assert_cmpint (visits[i], ==, expected);
  g_assert_cmpint (bad_cuts, ==, 0);
}

static void
test_every_chunk_once (void)
{
  for (int threads = 1; threads <= 5; threads++)
    {
      memset (visits, 0, sizeof visits);
      for (int round = 0; round < 50; round++)
        {
          te_set_num_threads (threads); /* forgets that help may not have paid */
          g_assert_true (te_parallel_for (N, GRAIN, visit, NULL));
        }
      check_once (50);
      g_assert_cmpint (te_pool_live_workers (), <=, threads - 1);
    }
  te_set_num_threads (2);
}

static void
count_nothing (void *ctx, int64_t begin, int64_t end)
{
}

static void
test_small_runs_inline (void)
{
  te_pool_stop ();
  g_assert_true (te_parallel_for (500, GRAIN, count_nothing, NULL));
  g_assert_true (te_parallel_for (0, GRAIN, count_nothing, NULL));
  g_assert_cmpint (te_pool_live_workers (), ==, 0);
}

static void
nested (void *ctx, int64_t begin, int64_t end)
{
  gint *count = ctx;
  te_parallel_for (10, 1, count_nothing, NULL);
  g_atomic_int_add (count, (gint) (end - begin));
}

static void
test_nested (void)
{
  gint count = 0;
  te_set_num_threads (4);
  g_assert_true (te_parallel_for (64, 1, nested, &count));
  g_assert_cmpint (count, ==, 64);
}

/* A child of a process whose workers run has none, makes its own, and both go on. */
static void
test_fork (void)
{
  for (int round = 0; round < 20; round++)
    {
      te_set_num_threads (3);
      memset (visits, 0, sizeof visits);
      te_parallel_for (N, GRAIN, visit, NULL);
      pid_t child = fork ();
      if (child == 0)
        {
          if (te_pool_live_workers () != 0)
            _exit (2);
          te_parallel_for (N, GRAIN, visit, NULL);
          for (int i = 0; i < N; i++)
            if (visits[i] != 2)
              _exit (3);
          _exit (0);
        }
      int status;
      g_assert_cmpint (waitpid (child, &status, 0), ==, child);
      g_assert_true (WIFEXITED (status));
      g_assert_cmpint (WEXITSTATUS (status), ==, 0);
      te_parallel_for (N, GRAIN, visit, NULL);
      check_once (2);
    }
}

/* The caller waits for the worker to come, and the worker sleeps in its chunk. */
static pthread_t caller;
static gint helped;

static void
sleep_when_helping (void *ctx, int64_t begin, int64_t end)
{
  if (!pthread_equal (pthread_self (), caller))
    {
      g_atomic_int_inc (&helped);
      g_usleep (200000);
    }
  else if (!ctx)
    g_usleep (1000);
  else
    for (int i = 0; i < 5000 && !g_atomic_int_get (&helped); i++)
      g_usleep (1000);
}

static void
test_useless_help_is_left_alone (void)
{
  te_set_num_threads (2);
  caller = pthread_self ();
  helped = 0;
  te_parallel_for (2, 1, sleep_when_helping, &helped);
  g_assert_cmpint (helped, ==, 1);
  for (int i = 0; i < 10; i++) /* well within PAYBACK times the wait */
    te_parallel_for (2, 1, sleep_when_helping, NULL);
  g_assert_cmpint (helped, ==, 1);
  te_set_num_threads (2);
  te_parallel_for (2, 1, sleep_when_helping, NULL);
}

static void
interrupt_at_once (void *ctx, int64_t begin, int64_t end)
{
  g_atomic_int_inc ((gint *) ctx);
  te_interrupt_set ();
}

static void
test_interrupt (void)
{
  gint ran = 0;
  te_set_num_threads (2);
  g_assert_false (te_parallel_for (1000, 1, interrupt_at_once, &ran));
  g_assert_cmpint (ran, <, 1000);
  te_interrupt_clear ();
  g_assert_true (te_parallel_for (N, GRAIN, visit, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pool/every-chunk-once", test_every_chunk_once);
  g_test_add_func ("/pool/small-runs-inline", test_small_runs_inline);
  g_test_add_func ("/pool/nested", test_nested);
  g_test_add_func ("/pool/fork", test_fork);
  g_test_add_func ("/pool/useless-help-is-left-alone", test_useless_help_is_left_alone);
  g_test_add_func ("/pool/interrupt", test_interrupt);
  return g_test_run ();
}
