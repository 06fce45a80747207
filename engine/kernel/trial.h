/* A trial: something is run in a fork of the interpreter that can change nothing outside itself, tells what
 * came of it and is gone.  The fork is sealed before anything runs in it: it has no open file, no channel and
 * no ring, its shared memory is a copy, the kernel refuses it every call by which a file, a process or a
 * socket could be changed or made, and it ends by itself when its time is up. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TE_TRIAL_MOST_NBYTES 65536u

typedef enum
{
  TE_TRIAL_ENDED,
  TE_TRIAL_TIME,
  TE_TRIAL_FAILED
} TeTrialEnd;
/* Writes what it tells (at most TE_TRIAL_MOST_NBYTES) and returns how much that is.  The GIL is held. */
typedef size_t (*TeTrialBody) (void *data, char *told);

/* Whether this system can seal a fork. */
bool te_trial_possible (void);
/* msec: of the processor's time, and four times as much by the clock.  told: TE_TRIAL_MOST_NBYTES of the
 * caller's; what is in it afterwards comes from outside and is to be checked.  The GIL is held, no program
 * runs or it stands still. */
TeTrialEnd te_trial_run (TeTrialBody body, void *data, uint32_t msec, char *told, size_t *nbytes);
