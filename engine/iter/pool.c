/* The pool.  One job at a time.  Invariant: a worker touches the job's fields only between entering it
 * (`inside` raised under the lock, while the job is published) and leaving it; the caller returns when all
 * chunks have been taken and nobody is inside.  A worker that sleeps through a job is never waited for.
 *
 * Help can cost more than it brings: a small job is over before the woken worker has a core, and beside a
 * busy process a worker loses its core in the middle of a chunk and is waited for, milliseconds where the job
 * takes microseconds.  The caller measures both, works alone for a while, and tries again.  Results do not
 * depend on who runs a chunk. */
#include "iter/pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"

#define MAX_WORKERS 63
#define DEFAULT_CAP 8
/* About two microseconds: long enough to catch the next op of a chain, short enough to leave the core to
 * others. */
#define SPINS 300
/* After a wait in vain the caller works alone for this many times as long, so that 1 / (1 + PAYBACK) of the
 * time is lost at most. */
#define PAYBACK 60
/* A wait of as long as the caller's own share took, and this (nanoseconds: a wake-up and a page fault or
 * two), is the work's; only what is longer is in vain. */
#define FAIR_WAIT 50000
/* Jobs of one kind that took longer with help than they would have taken without are run alone for 200
 * microseconds (in nanoseconds), twice as long each time, up to 100 ms; HELPED_HALVES jobs that help made
 * faster take one doubling back. */
#define ALONE_FIRST   200000
#define MAX_DOUBLINGS 9
#define HELPED_HALVES 8
/* Help that saves less than a quarter costs as much elsewhere: switches, and what two threads do to each
 * other's caches and places. */
#define WORTHWHILE 0.75
#define N_KINDS    64

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
/* Times are nanoseconds of the monotonic clock. */
static int64_t all_alone_until;
/* Jobs by function and number of chunks; two kinds that meet in a slot share its verdict, which costs time at
 * worst. */
static struct
{
  int64_t alone_until;
  double alone_per_chunk; /* as last measured, smoothed; 0: not yet */
  int doubt;              /* doublings, times HELPED_HALVES */
} kinds[N_KINDS];

static unsigned
kind_of (TeParallelFn fn, int64_t chunks)
{
  uint64_t key = (uint64_t) (uintptr_t) fn * 64 + (uint64_t) (63 - __builtin_clzll ((uint64_t) chunks));
  return (unsigned) (key * 0x9e3779b97f4a7c15u >> 58);
}

static int64_t
now_ns (void)
{
  struct timespec t;
  clock_gettime (CLOCK_MONOTONIC, &t);
  return (int64_t) t.tv_sec * 1000000000 + t.tv_nsec;
}

static inline void
pause_briefly (void)
{
#if defined(__x86_64__)
  __builtin_ia32_pause ();
#endif
}

/* Runs chunks until none is left; how many of them.  After an interrupt chunks are taken and left undone. */
static int64_t
run_chunks (void)
{
  int64_t taken = 0;
  for (;;)
    {
      int64_t chunk = atomic_fetch_add_explicit (&job.next, 1, memory_order_relaxed);
      if (chunk >= job.chunks)
        return taken;
      taken++;
      if (te_interrupted ())
        continue;
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
  all_alone_until = 0;
  memset (kinds, 0, sizeof kinds);
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

/* The job's end: nobody is inside any more.  `own_time` is what the caller's own share took; a wait beyond
 * all measure sends the next jobs of every kind alone. */
static void
wait_for_workers (int64_t own_time)
{
  for (int i = 0; i < SPINS && atomic_load_explicit (&inside, memory_order_acquire); i++)
    pause_briefly ();
  if (!atomic_load (&inside))
    return;
  int64_t begin = now_ns ();
  pthread_mutex_lock (&lock);
  while (atomic_load (&inside))
    pthread_cond_wait (&done, &lock);
  pthread_mutex_unlock (&lock);
  int64_t end = now_ns (), vain = end - begin - own_time - FAIR_WAIT;
  if (vain > 0)
    all_alone_until = end + PAYBACK * vain;
}

static void
publish (int helpers)
{
  atomic_store (&job.next, 0);
  pthread_mutex_lock (&lock);
  atomic_fetch_add (&published, 1); /* even to odd */
  if (helpers == 1)
    pthread_cond_signal (&wake);
  else
    pthread_cond_broadcast (&wake);
  pthread_mutex_unlock (&lock);
}

static void
withdraw (void)
{
  pthread_mutex_lock (&lock);
  atomic_fetch_add (&published, 1); /* odd to even: nobody enters any more */
  pthread_mutex_unlock (&lock);
}

/* Of a job that could have had help. */
static bool
run_alone (unsigned kind, int64_t start, int64_t chunks, int64_t n, int64_t grain, TeParallelFn fn, void *ctx)
{
  bool all = run_inline (n, grain, fn, ctx);
  double per_chunk = (double) (now_ns () - start) / (double) chunks, known = kinds[kind].alone_per_chunk;
  /* A job that lost its core in the middle says little. */
  if (known > 0 && per_chunk > 2 * known)
    per_chunk = 2 * known;
  kinds[kind].alone_per_chunk = known > 0 ? known + (per_chunk - known) / 8 : per_chunk;
  return all;
}

/* What the job would have taken alone against what it took.  Alone a chunk is quicker than beside another
 * thread, so the caller's own share stands in only until the kind has run alone. */
static void
weigh_help (unsigned kind, int64_t own, int64_t own_time, int64_t took)
{
  double alone = kinds[kind].alone_per_chunk * (double) job.chunks;
  if (!own || (alone > 0 ? alone : (double) (own_time * job.chunks / own)) * WORTHWHILE > (double) took)
    {
      if (kinds[kind].doubt)
        kinds[kind].doubt--;
      return;
    }
  kinds[kind].alone_until = now_ns () + (ALONE_FIRST << kinds[kind].doubt / HELPED_HALVES);
  if (kinds[kind].doubt < MAX_DOUBLINGS * HELPED_HALVES)
    kinds[kind].doubt += HELPED_HALVES;
}

bool
te_parallel_for (int64_t n, int64_t grain, TeParallelFn fn, void *ctx)
{
  if (grain < 1)
    grain = 1;
  if (n <= grain || in_region || te_get_num_threads () == 1)
    return run_inline (n, grain, fn, ctx);
  int64_t chunks = (n - 1) / grain + 1, start = now_ns ();
  unsigned kind = kind_of (fn, chunks);
  if (start < all_alone_until || start < kinds[kind].alone_until)
    return run_alone (kind, start, chunks, n, grain, fn, ctx);
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
  publish (helpers);
  int64_t begin = now_ns (), own = run_chunks (), own_time = now_ns () - begin;
  withdraw ();
  wait_for_workers (own_time);
  weigh_help (kind, own, own_time, now_ns () - start);
  in_region = false;
  return !te_interrupted ();
}
