#include "trace/ticks.h"

#include <time.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#define CALIBRATION_NSEC 200000
#define PAIRS            5

bool te_ticks_count;
double te_ticks_nsec_each = 1;

uint64_t
te_ticks_of_system (void)
{
  struct timespec now;
  clock_gettime (CLOCK_MONOTONIC, &now);
  return (uint64_t) now.tv_sec * 1000000000u + (uint64_t) now.tv_nsec;
}

#if defined(__x86_64__)
/* It counts at one rate, whatever the core does. */
static bool
is_invariant (void)
{
  unsigned a, b, c, d;
  return __get_cpuid (0x80000007, &a, &b, &c, &d) && (d >> 8 & 1);
}

/* Both clocks at one moment: of some tries the one that was least interrupted. */
static void
read_both (uint64_t *nsec, uint64_t *ticks)
{
  uint64_t least = UINT64_MAX;
  for (int i = 0; i < PAIRS; i++)
    {
      uint64_t before = __rdtsc (), now = te_ticks_of_system (), after = __rdtsc ();
      if (after - before < least)
        {
          least = after - before;
          *nsec = now;
          *ticks = before + least / 2;
        }
    }
}
#endif

void
te_ticks_calibrate (void)
{
#if defined(__x86_64__)
  if (te_ticks_count || !is_invariant ())
    return;
  uint64_t nsec[2] = { 0 }, ticks[2] = { 0 };
  read_both (&nsec[0], &ticks[0]);
  while (te_ticks_of_system () - nsec[0] < CALIBRATION_NSEC)
    ;
  read_both (&nsec[1], &ticks[1]);
  if (ticks[1] <= ticks[0])
    return;
  te_ticks_nsec_each = (double) (nsec[1] - nsec[0]) / (double) (ticks[1] - ticks[0]);
  te_ticks_count = true;
#endif
}
