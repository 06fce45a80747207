/* The pool.  One job at a time.  Invariant: a worker touches the job's fields only between entering it
 * (`inside` raised under the lock, while the job is published) and leaving it; the caller returns when all
 * chunks have been taken and nobody is inside.  A worker that sleeps through a job is never waited for. */
#include "iter/pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/err.h"

#define MAX_WORKERS 63
#define DEFAULT_CAP 8
/* About two microseconds: long enough to catch the next op of a chain, short enough to leave the core to
 * others. */
#define SPINS 300

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake = PTHREAD_COND_INITIALIZER;
static pthread_cond_t done = PTHREAD_COND_INITIALIZER;

static struct
{
  TeParallelFn fn;
  void *ctx;
  int64_t n;
  int64_t grain;
  int64_t chunks;
  _Atomic int64_t next;
} job;

static _Atomic uint64_t published; /* odd while a job may be entered */
static _Atomic int inside;         /* workers within the job */
static bool stopping;
static int n_threads; /* 0: not decided */
static int n_workers;
static pthread_t workers[MAX_WORKERS];
static bool fork_hooks;
static _Thread_local bool in_region;

static inline void
pause_briefly (void)
{
#if defined(__x86_64__)
  __builtin_ia32_pause ();
#endif
}

static bool
run_chunks (void)
{
  bool all = true;
  for (;;)
    {
      int64_t chunk = atomic_fetch_add_explicit (&job.next, 1, memory_order_relaxed);
      if (chunk >= job.chunks)
        return all;
      if (te_interrupted ())
        {
          all = false;
          continue;
        }
      int64_t begin = chunk * job.grain;
      int64_t end = job.n - begin < job.grain ? job.n : begin + job.grain;
      job.fn (job.ctx, begin, end);
    }
}

static void *
worker_main (void *unused)
{
  (void) unused;
  in_region = true;
  uint64_t seen = 0;
  for (;;)
    {
      for (int i = 0; i < SPINS; i++)
        {
          uint64_t now = atomic_load_explicit (&published, memory_order_acquire);
          if ((now & 1) && now != seen)
            break;
          pause_briefly ();
        }
      pthread_mutex_lock (&lock);
      uint64_t now;
      while (now = atomic_load (&published), !stopping && (!(now & 1) || now == seen))
        pthread_cond_wait (&wake, &lock);
      if (stopping)
        {
          pthread_mutex_unlock (&lock);
          return NULL;
        }
      seen = now;
      atomic_fetch_add (&inside, 1);
      pthread_mutex_unlock (&lock);
      run_chunks ();
      if (atomic_fetch_sub (&inside, 1) == 1)
        {
          pthread_mutex_lock (&lock);
          pthread_cond_signal (&done);
          pthread_mutex_unlock (&lock);
        }
    }
}

/* In a forked child no worker exists; the lock is held by the forking thread. */
static void
before_fork (void)
{
  pthread_mutex_lock (&lock);
}
static void
after_fork_parent (void)
{
  pthread_mutex_unlock (&lock);
}
static void
after_fork_child (void)
{
  n_workers = 0;
  stopping = false;
  atomic_store (&inside, 0);
  if (atomic_load (&published) & 1)
    atomic_fetch_add (&published, 1);
  pthread_mutex_init (&lock, NULL);
  pthread_cond_init (&wake, NULL);
  pthread_cond_init (&done, NULL);
}

int
te_get_num_threads (void)
{
  if (!n_threads)
    {
      long online = sysconf (_SC_NPROCESSORS_ONLN);
      n_threads = online < 1 ? 1 : online > DEFAULT_CAP ? DEFAULT_CAP : (int) online;
    }
  return n_threads;
}

void
te_set_num_threads (int n)
{
  n = n < 1 ? 1 : n > MAX_WORKERS + 1 ? MAX_WORKERS + 1 : n;
  if (n < n_workers + 1)
    te_pool_stop ();
  n_threads = n;
}

void
te_pool_stop (void)
{
  pthread_mutex_lock (&lock);
  stopping = true;
  pthread_cond_broadcast (&wake);
  int n = n_workers;
  n_workers = 0;
  pthread_mutex_unlock (&lock);
  for (int i = 0; i < n; i++)
    pthread_join (workers[i], NULL);
  stopping = false;
}

int
te_pool_live_workers (void)
{
  return n_workers;
}

/* Signals stay with the main thread.  Fewer workers than wished for (a limit on processes) is fine. */
static void
ensure_workers (int wanted)
{
  if (n_workers >= wanted)
    return;
  if (!fork_hooks)
    {
      fork_hooks = true;
      pthread_atfork (before_fork, after_fork_parent, after_fork_child);
    }
  sigset_t all, old;
  sigfillset (&all);
  pthread_sigmask (SIG_SETMASK, &all, &old);
  while (n_workers < wanted && pthread_create (&workers[n_workers], NULL, worker_main, NULL) == 0)
    n_workers++;
  pthread_sigmask (SIG_SETMASK, &old, NULL);
}

static bool
run_inline (int64_t n, int64_t grain, TeParallelFn fn, void *ctx)
{
  for (int64_t begin = 0; begin < n; begin += grain)
    {
      if (te_interrupted ())
        return false;
      fn (ctx, begin, n - begin < grain ? n : begin + grain);
    }
  return true;
}

bool
te_parallel_for (int64_t n, int64_t grain, TeParallelFn fn, void *ctx)
{
  if (grain < 1)
    grain = 1;
  if (n <= grain || in_region || te_get_num_threads () == 1)
    return run_inline (n, grain, fn, ctx);
  int64_t chunks = (n - 1) / grain + 1;
  int helpers = te_get_num_threads () - 1;
  if (helpers > chunks - 1)
    helpers = (int) (chunks - 1);
  ensure_workers (helpers);
  if (!n_workers)
    return run_inline (n, grain, fn, ctx);

  in_region = true;
  job.fn = fn;
  job.ctx = ctx;
  job.n = n;
  job.grain = grain;
  job.chunks = chunks;
  atomic_store (&job.next, 0);
  pthread_mutex_lock (&lock);
  atomic_fetch_add (&published, 1); /* even to odd */
  if (helpers == 1)
    pthread_cond_signal (&wake);
  else
    pthread_cond_broadcast (&wake);
  pthread_mutex_unlock (&lock);

  bool all = run_chunks ();

  pthread_mutex_lock (&lock);
  atomic_fetch_add (&published, 1); /* odd to even: nobody enters any more */
  pthread_mutex_unlock (&lock);
  for (int i = 0; i < SPINS && atomic_load_explicit (&inside, memory_order_acquire); i++)
    pause_briefly ();
  if (atomic_load (&inside))
    {
      pthread_mutex_lock (&lock);
      while (atomic_load (&inside))
        pthread_cond_wait (&done, &lock);
      pthread_mutex_unlock (&lock);
    }
  in_region = false;
  return all && !te_interrupted ();
}
