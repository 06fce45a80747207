/* iter: loops over elements, written once: broadcasting, dtype promotion, strides, casts, threads and
 * deterministic reductions.  Ops bring the innermost loop and nothing else.  Only iter and io know bytes.
 *
 * This header: the thread pool.  Work is taken, not assigned: the caller and whichever workers are awake take
 * chunks until none is left; nobody waits for a worker that has taken nothing.  Chunks depend on sizes alone,
 * so results have the same bits at any thread count.  Workers are made on first use and not at all for small
 * work. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef void (*TeParallelFn) (void *ctx, int64_t begin, int64_t end);

/* Calls fn (ctx, k * grain, min (n, (k + 1) * grain)) for every k, on any thread, in any order.  Returns when
 * all calls have returned.  A call from within fn runs inline.  Returns false when te_interrupted () stopped
 * it early: some chunks did not run. */
bool te_parallel_for (int64_t n, int64_t grain, TeParallelFn fn, void *ctx);

int te_get_num_threads (void);
void te_set_num_threads (int n); /* at least 1; takes effect at the next parallel region */
/* Ends the workers (they come back on demand): before a fork that must find one thread, or at exit. */
void te_pool_stop (void);
int te_pool_live_workers (void);
