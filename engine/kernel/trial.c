#include "kernel/trial.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kernel/interpreter.h"

/* Shared memory of a program that is larger is not copied: no trial then. */
#define MOST_SHARED_NBYTES ((size_t) 512 << 20)

/* Where others want the processor as well, its time passes more slowly than the clock. */
#define WALL_FACTOR 4u

typedef struct
{
  uint64_t nbytes;
  char told[TE_TRIAL_MOST_NBYTES];
} Board;

/* Shared memory that can be written: our ring, and what the program shares with others or with a file.  The
 * sandbox shows a process its own /proc/self only, so this is read before the fork. */
static struct
{
  size_t n;
  struct
  {
    char *at;
    size_t nbytes;
  } parts[256];
} shared;

static bool
find_shared (void)
{
  FILE *maps = fopen ("/proc/self/maps", "re");
  char line[4608], mode[8];
  unsigned long begin, end;
  size_t total = 0;
  shared.n = 0;
  while (maps && fgets (line, sizeof line, maps))
    if (sscanf (line, "%lx-%lx %7s", &begin, &end, mode) == 3 && mode[1] == 'w' && mode[3] == 's')
      {
        total += end - begin;
        if (shared.n == sizeof shared.parts / sizeof shared.parts[0] || total > MOST_SHARED_NBYTES)
          break;
        shared.parts[shared.n].at = (char *) begin;
        shared.parts[shared.n++].nbytes = end - begin;
      }
  bool whole = maps && feof (maps);
  if (maps)
    fclose (maps);
  return whole;
}

bool
te_trial_possible (void)
{
  return te_interpreter.sandbox.seccomp && te_interpreter.sandbox.notifications;
}

/* ---- in the fork ---- */

/* What would change something that outlives the fork.  Files are open no more, so that calls on descriptors
 * reach nothing. */
static const int refused[] = {
  SCMP_SYS (open),
  SCMP_SYS (creat),
  SCMP_SYS (unlink),
  SCMP_SYS (unlinkat),
  SCMP_SYS (rename),
  SCMP_SYS (renameat),
  SCMP_SYS (renameat2),
  SCMP_SYS (link),
  SCMP_SYS (linkat),
  SCMP_SYS (symlink),
  SCMP_SYS (mkdir),
  SCMP_SYS (symlinkat),
  SCMP_SYS (mkdirat),
  SCMP_SYS (rmdir),
  SCMP_SYS (mknod),
  SCMP_SYS (mknodat),
  SCMP_SYS (truncate),
  SCMP_SYS (chmod),
  SCMP_SYS (fchmodat),
  SCMP_SYS (chown),
  SCMP_SYS (lchown),
  SCMP_SYS (fchownat),
  SCMP_SYS (utime),
  SCMP_SYS (utimes),
  SCMP_SYS (futimesat),
  SCMP_SYS (utimensat),
  SCMP_SYS (setxattr),
  SCMP_SYS (lsetxattr),
  SCMP_SYS (removexattr),
  SCMP_SYS (lremovexattr),
  SCMP_SYS (kill),
  SCMP_SYS (tkill),
  SCMP_SYS (tgkill),
  SCMP_SYS (rt_sigqueueinfo),
  SCMP_SYS (fork),
  SCMP_SYS (vfork),
  SCMP_SYS (execve),
  SCMP_SYS (execveat),
  SCMP_SYS (socket),
  SCMP_SYS (socketpair),
  SCMP_SYS (shmget),
  SCMP_SYS (shmat),
  SCMP_SYS (semget),
  SCMP_SYS (semop),
  SCMP_SYS (semctl),
  SCMP_SYS (msgget),
  SCMP_SYS (msgsnd),
  SCMP_SYS (mq_open),
  SCMP_SYS (mq_unlink),
  SCMP_SYS (setpriority),
  SCMP_SYS (sched_setaffinity),
  SCMP_SYS (ptrace),
  SCMP_SYS (process_vm_writev),
  SCMP_SYS (inotify_init1),
};

static bool
seal_calls (void)
{
  scmp_filter_ctx filter = seccomp_init (SCMP_ACT_ALLOW);
  bool ok = filter != NULL;
  for (size_t i = 0; ok && i < sizeof refused / sizeof refused[0]; i++)
    if (refused[i] != SCMP_SYS (open))
      ok = seccomp_rule_add (filter, SCMP_ACT_ERRNO (EPERM), refused[i], 0) == 0;
  /* Files may be read. */
  static const uint64_t writes[] = { O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_APPEND };
  for (size_t i = 0; ok && i < sizeof writes / sizeof writes[0]; i++)
    ok = seccomp_rule_add (filter, SCMP_ACT_ERRNO (EROFS), SCMP_SYS (openat), 1,
                           SCMP_A2 (SCMP_CMP_MASKED_EQ, writes[i], writes[i]))
             == 0
         && seccomp_rule_add (filter, SCMP_ACT_ERRNO (EROFS), SCMP_SYS (open), 1,
                              SCMP_A1 (SCMP_CMP_MASKED_EQ, writes[i], writes[i]))
                == 0;
  ok = ok
       && seccomp_rule_add (filter, SCMP_ACT_ERRNO (EAGAIN), SCMP_SYS (clone), 1,
                            SCMP_A0 (SCMP_CMP_MASKED_EQ, 0x10000 /* CLONE_THREAD */, 0))
              == 0
       && seccomp_rule_add (filter, SCMP_ACT_ERRNO (ENOSYS), SCMP_SYS (clone3), 0) == 0
       && seccomp_attr_set (filter, SCMP_FLTATR_CTL_NNP, 1) == 0 && seccomp_load (filter) == 0;
  if (filter)
    seccomp_release (filter);
  return ok;
}

/* A private copy in the same place. */
static bool
copy_mapping (char *at, size_t nbytes)
{
  void *copy = mmap (NULL, nbytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (copy == MAP_FAILED)
    return false;
  memcpy (copy, at, nbytes);
  return mremap (copy, nbytes, nbytes, MREMAP_MAYMOVE | MREMAP_FIXED, at) != MAP_FAILED;
}

static bool
seal_memory (void)
{
  for (size_t i = 0; i < shared.n; i++)
    if (!copy_mapping (shared.parts[i].at, shared.parts[i].nbytes))
      return false;
  return true;
}

static bool
seal_files (void)
{
  int nowhere = open ("/dev/null", O_RDWR | O_CLOEXEC);
  if (nowhere < 0)
    return false;
  for (int fd = 0; fd < 3; fd++)
    dup2 (nowhere, fd);
  return syscall (SYS_close_range, 3u, ~0u, 0u) == 0;
}

static void *
end_in_time (void *data)
{
  uint64_t msec = *(const uint32_t *) data, begin = te_recorder_clock_nsec ();
  const struct timespec moment = { 0, 10000000 };
  struct timespec used = { 0, 0 };
  while ((uint64_t) used.tv_sec * 1000 + (uint64_t) used.tv_nsec / 1000000 < msec
         && (te_recorder_clock_nsec () - begin) / 1000000 < WALL_FACTOR * msec)
    {
      nanosleep (&moment, NULL);
      clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &used);
    }
  _exit (TE_TRIAL_TIME);
  return NULL;
}

static void
run_sealed (TeTrialBody body, void *data, uint32_t msec, Board *board)
{
  pthread_t clock;
  sigset_t all, before;
  prctl (PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  sigfillset (&all);
  pthread_sigmask (SIG_BLOCK, &all, &before);
  bool ok = pthread_create (&clock, NULL, end_in_time, &msec) == 0;
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  if (!ok || !seal_files () || !seal_memory () || !seal_calls ())
    _exit (TE_TRIAL_FAILED);
  te_interpreter.interrupted = 0;
  PyOS_AfterFork_Child ();
  board->nbytes = body (data, board->told);
  _exit (TE_TRIAL_ENDED);
}

/* ---- in the interpreter ---- */

/* A fork whose own clock does not stop it has been stopped itself. */
static TeTrialEnd
wait_for (pid_t pid, uint32_t msec)
{
  uint64_t until = te_recorder_clock_nsec () + (WALL_FACTOR * msec + 300ull) * 1000000;
  const struct timespec moment = { 0, 500000 };
  int status;
  for (;;)
    {
      pid_t ended = waitpid (pid, &status, WNOHANG);
      if (ended == pid)
        return !WIFEXITED (status) || WEXITSTATUS (status) > TE_TRIAL_FAILED
                   ? TE_TRIAL_FAILED
                   : (TeTrialEnd) WEXITSTATUS (status);
      if (ended < 0 && errno != EINTR)
        return TE_TRIAL_FAILED;
      if (te_recorder_clock_nsec () > until)
        {
          kill (pid, SIGKILL);
          until += 1000000000;
        }
      nanosleep (&moment, NULL);
    }
}

TeTrialEnd
te_trial_run (TeTrialBody body, void *data, uint32_t msec, char *told, size_t *nbytes)
{
  *nbytes = 0;
  if (!te_trial_possible () || !find_shared ())
    return TE_TRIAL_FAILED;
  Board *board = mmap (NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (board == MAP_FAILED)
    return TE_TRIAL_FAILED;
  /* The program hears nothing of the child that is not its own. */
  struct sigaction usual = { .sa_handler = SIG_DFL }, before;
  sigaction (SIGCHLD, &usual, &before);
  fflush (NULL);
  pid_t pid = fork ();
  if (pid == 0)
    run_sealed (body, data, msec, board);
  TeTrialEnd end = pid > 0 ? wait_for (pid, msec) : TE_TRIAL_FAILED;
  sigaction (SIGCHLD, &before, NULL);
  if (end == TE_TRIAL_ENDED && board->nbytes <= TE_TRIAL_MOST_NBYTES)
    {
      *nbytes = (size_t) board->nbytes;
      memcpy (told, board->told, *nbytes);
    }
  munmap (board, sizeof *board);
  return end;
}
