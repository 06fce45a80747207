/* How long something short took, by the processor's own counter: a third of what the system's clock costs, of which a
 * training asks for a hundred a step.  Differences only; where the counter is no clock the system's is read. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

extern bool te_ticks_count; /* the processor's counter is the clock */
extern double te_ticks_nsec_each;

/* Finds out once how long a tick is: a fifth of a millisecond. */
void te_ticks_calibrate (void);
uint64_t te_ticks_of_system (void); /* nanoseconds */

static inline uint64_t
te_ticks_now (void)
{
#if defined(__x86_64__)
  if (__builtin_expect (te_ticks_count, 1))
    return __rdtsc ();
#endif
  return te_ticks_of_system ();
}

/* Since te_ticks_now gave begin; at most what 32 bits hold. */
static inline uint32_t
te_ticks_nsec_since (uint64_t begin)
{
  int64_t ticks = (int64_t) (te_ticks_now () - begin); /* of another core: may be a few less */
  double nsec = (double) ticks * te_ticks_nsec_each;
  return nsec < 0 ? 0 : nsec > UINT32_MAX ? UINT32_MAX : (uint32_t) nsec;
}
