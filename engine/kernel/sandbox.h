/* The sandbox around an interpreter: applied by the interpreter to itself before it has a second thread,
 * before Python and before a byte of a person's program is read.  Each layer is used where the system has it,
 * and what is in force is told; none is required. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct
{
  const char *scratch;         /* the one writable folder */
  const char *const *readable; /* files and folders, NULL at the end; those that do not exist are left out */
  const char *const *hidden;   /* real paths below those that stay closed, NULL at the end */
  const char *const
      *private_to_user;   /* what an unprivileged user must be able to read for root to become one */
  uint64_t memory_nbytes; /* 0: no limit */
  uint64_t file_nbytes;   /* size of one written file; 0: no limit */
  uint64_t cpu_seconds;   /* 0: no limit */
  bool private_shm;       /* /dev/shm is this interpreter's own */
  bool door_loopback, door_exec;
} TeSandboxPlan;

typedef struct
{
  int landlock_abi;     /* 0: not in force */
  bool landlock_scoped; /* signals stay inside */
  bool seccomp;
  bool notifications; /* forks are asked for; otherwise they are refused */
  bool user_dropped;  /* was root, runs as nobody */
  bool capabilities_dropped;
  int notify_fd; /* to hand to the broker, or -1 */
} TeSandboxState;

void te_sandbox_apply (const TeSandboxPlan *plan, TeSandboxState *state);
int te_sandbox_landlock_abi (void); /* of this system, 0 without */
