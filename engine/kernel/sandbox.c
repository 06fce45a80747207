#include "kernel/sandbox.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NOBODY     65534
#define MOST_DEPTH 16

/* ---- landlock, by number: the headers of a stock Debian 12 know the first ABI only ---- */

#define LL_CREATE_RULESET 444
#define LL_ADD_RULE       445
#define LL_RESTRICT_SELF  446
#define LL_VERSION        1u
#define LL_PATH_BENEATH   1

#define LL_EXECUTE   (1ull << 0)
#define LL_WRITE     (1ull << 1)
#define LL_READ_FILE (1ull << 2)
#define LL_READ_DIR  (1ull << 3)
#define LL_REFER     (1ull << 13)
#define LL_TRUNCATE  (1ull << 14)
#define LL_IOCTL_DEV (1ull << 15)
#define LL_V1_ALL    ((1ull << 13) - 1)
#define LL_FILE_ONLY (LL_EXECUTE | LL_WRITE | LL_READ_FILE | LL_TRUNCATE | LL_IOCTL_DEV)
#define LL_READ      (LL_EXECUTE | LL_READ_FILE | LL_READ_DIR)

typedef struct
{
  uint64_t handled_fs, handled_net, scoped;
} LandlockRuleset;

typedef struct __attribute__ ((packed))
{
  uint64_t allowed;
  int32_t parent_fd;
} LandlockPath;

int
te_sandbox_landlock_abi (void)
{
  long abi = syscall (LL_CREATE_RULESET, NULL, 0, LL_VERSION);
  return abi > 0 ? (int) abi : 0;
}

static void
allow_beneath (int ruleset, const char *path, uint64_t allowed)
{
  int fd = open (path, O_PATH | O_CLOEXEC);
  struct stat about;
  if (fd < 0)
    return;
  if (!fstat (fd, &about) && !S_ISDIR (about.st_mode))
    allowed &= LL_FILE_ONLY;
  LandlockPath rule = { allowed, fd };
  syscall (LL_ADD_RULE, ruleset, LL_PATH_BENEATH, &rule, 0);
  close (fd);
}

/* Is `inner` at or below the folder? */
static bool
lies_in (const char *inner, const char *folder)
{
  size_t n = strlen (folder);
  return strncmp (inner, folder, n) == 0 && (!inner[n] || inner[n] == '/' || (n == 1 && folder[0] == '/'));
}

/* Landlock only ever opens: a folder with something hidden below it is opened entry by entry, and cannot be listed
 * itself.  Links are followed before they are judged. */
static void
allow_path (int ruleset, const char *path, uint64_t allowed, const char *const *hidden, int depth)
{
  char real[PATH_MAX], entry_path[PATH_MAX];
  bool has_hidden = false;
  if (depth > MOST_DEPTH || !realpath (path, real))
    return;
  for (const char *const *at = hidden; at && *at; at++)
    {
      if (lies_in (real, *at))
        return;
      has_hidden |= lies_in (*at, real);
    }
  if (!has_hidden)
    {
      allow_beneath (ruleset, real, allowed);
      return;
    }
  DIR *dir = opendir (real);
  struct dirent *entry;
  while (dir && (entry = readdir (dir)))
    if (strcmp (entry->d_name, ".") && strcmp (entry->d_name, "..")
        && snprintf (entry_path, sizeof entry_path, "%s/%s", real, entry->d_name) < (int) sizeof entry_path)
      allow_path (ruleset, entry_path, allowed, hidden, depth + 1);
  if (dir)
    closedir (dir);
}

/* What Python and the system's libraries read. */
static const char *const system_paths[] = { "/usr",
                                            "/lib",
                                            "/lib64",
                                            "/bin",
                                            "/sbin",
                                            "/opt",
                                            "/etc/alternatives",
                                            "/etc/ld.so.cache",
                                            "/etc/localtime",
                                            "/etc/matplotlibrc",
                                            "/etc/timezone",
                                            "/dev/urandom",
                                            "/dev/random",
                                            "/dev/zero",
                                            "/proc/self",
                                            "/proc/cpuinfo",
                                            "/proc/meminfo",
                                            "/proc/stat",
                                            "/sys/devices/system/cpu",
                                            NULL };

static void
apply_landlock (const TeSandboxPlan *plan, TeSandboxState *state)
{
  int abi = te_sandbox_landlock_abi ();
  if (!abi)
    return;
  uint64_t fs = LL_V1_ALL;
  if (abi >= 2)
    fs |= LL_REFER;
  if (abi >= 3)
    fs |= LL_TRUNCATE;
  if (abi >= 5)
    fs |= LL_IOCTL_DEV;
  LandlockRuleset attributes = { fs, abi >= 4 && !plan->door_loopback ? 3 : 0, abi >= 6 ? 3 : 0 };
  size_t nbytes = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
  int ruleset = (int) syscall (LL_CREATE_RULESET, &attributes, nbytes, 0);
  if (ruleset < 0)
    return;
  for (const char *const *path = system_paths; *path; path++)
    allow_path (ruleset, *path, LL_READ & fs, plan->hidden, 0);
  for (const char *const *path = plan->readable; path && *path; path++)
    allow_path (ruleset, *path, LL_READ & fs, plan->hidden, 0);
  allow_beneath (ruleset, "/dev/null", (LL_READ_FILE | LL_WRITE | LL_TRUNCATE) & fs);
  /* Everything but running programs and making devices. */
  allow_beneath (ruleset, plan->scratch, fs & ~(LL_EXECUTE | (1ull << 6) | (1ull << 11)));
  if (plan->private_shm)
    allow_beneath (ruleset, "/dev/shm", fs & ~(LL_EXECUTE | (1ull << 6) | (1ull << 11)));
  if (!syscall (LL_RESTRICT_SELF, ruleset, 0))
    {
      state->landlock_abi = abi;
      state->landlock_scoped = abi >= 6;
    }
  close (ruleset);
}

/* ---- seccomp ---- */

static const int refused[] = {
  SCMP_SYS (connect),
  SCMP_SYS (bind),
  SCMP_SYS (listen),
  SCMP_SYS (ptrace),
  SCMP_SYS (process_vm_readv),
  SCMP_SYS (process_vm_writev),
  SCMP_SYS (mount),
  SCMP_SYS (umount2),
  SCMP_SYS (pivot_root),
  SCMP_SYS (chroot),
  SCMP_SYS (unshare),
  SCMP_SYS (setns),
  SCMP_SYS (bpf),
  SCMP_SYS (perf_event_open),
  SCMP_SYS (keyctl),
  SCMP_SYS (add_key),
  SCMP_SYS (request_key),
  SCMP_SYS (init_module),
  SCMP_SYS (finit_module),
  SCMP_SYS (delete_module),
  SCMP_SYS (kexec_load),
  SCMP_SYS (kexec_file_load),
  SCMP_SYS (reboot),
  SCMP_SYS (swapon),
  SCMP_SYS (swapoff),
  SCMP_SYS (userfaultfd),
  SCMP_SYS (setsid),
  SCMP_SYS (setpgid),
  SCMP_SYS (open_by_handle_at),
  SCMP_SYS (name_to_handle_at),
  SCMP_SYS (acct),
  SCMP_SYS (quotactl),
  SCMP_SYS (settimeofday),
  SCMP_SYS (clock_settime),
  SCMP_SYS (clock_adjtime),
  SCMP_SYS (adjtimex),
  SCMP_SYS (sethostname),
  SCMP_SYS (setdomainname),
  SCMP_SYS (ioperm),
  SCMP_SYS (iopl),
  SCMP_SYS (pidfd_getfd),
  SCMP_SYS (pidfd_open),
  SCMP_SYS (pidfd_send_signal),
  SCMP_SYS (kcmp),
  SCMP_SYS (mknod),
  SCMP_SYS (mknodat),
  SCMP_SYS (fanotify_init),
  SCMP_SYS (syslog),
  SCMP_SYS (vhangup),
  SCMP_SYS (nfsservctl),
  SCMP_SYS (migrate_pages),
  SCMP_SYS (move_pages),
  SCMP_SYS (prlimit64),
  SCMP_SYS (setrlimit),
  SCMP_SYS (setpriority),
  SCMP_SYS (setuid),
  SCMP_SYS (setgid),
  SCMP_SYS (setreuid),
  SCMP_SYS (setregid),
  SCMP_SYS (setresuid),
  SCMP_SYS (setresgid),
  SCMP_SYS (setgroups),
  SCMP_SYS (rt_sigqueueinfo),
  SCMP_SYS (rt_tgsigqueueinfo),
};

/* glibc falls back from these to calls that can be judged by their arguments. */
static const int unknown[] = { SCMP_SYS (clone3), SCMP_SYS (openat2), SCMP_SYS (io_uring_setup),
                               SCMP_SYS (io_uring_enter), SCMP_SYS (io_uring_register) };

#define TRY(call) ok = ok && (call) == 0

static bool
add_process_rules (scmp_filter_ctx filter, bool notify)
{
  bool ok = true;
  uint32_t ask = notify ? SCMP_ACT_NOTIFY : SCMP_ACT_ERRNO (EAGAIN);
  TRY (seccomp_rule_add (filter, ask, SCMP_SYS (clone), 1, SCMP_A0 (SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0)));
  TRY (seccomp_rule_add (filter, ask, SCMP_SYS (fork), 0));
  TRY (seccomp_rule_add (filter, ask, SCMP_SYS (vfork), 0));
  return ok;
}

static bool
add_rules (scmp_filter_ctx filter, const TeSandboxPlan *plan, const TeSandboxState *state)
{
  bool ok = true;
  for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
    if (refused[i] != SCMP_SYS (prlimit64)
        && !(plan->door_loopback
             && (refused[i] == SCMP_SYS (connect) || refused[i] == SCMP_SYS (bind)
                 || refused[i] == SCMP_SYS (listen))))
      TRY (seccomp_rule_add (filter, SCMP_ACT_ERRNO (EPERM), refused[i], 0));
  for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
    TRY (seccomp_rule_add (filter, SCMP_ACT_ERRNO (ENOSYS), unknown[i], 0));
  if (!plan->door_loopback)
    TRY (seccomp_rule_add (filter, SCMP_ACT_ERRNO (EPERM), SCMP_SYS (socket), 0));
  if (!plan->door_exec)
    {
      TRY (seccomp_rule_add (filter, SCMP_ACT_ERRNO (EPERM), SCMP_SYS (execve), 0));
      TRY (seccomp_rule_add (filter, SCMP_ACT_ERRNO (EPERM), SCMP_SYS (execveat), 0));
    }
  /* Limits may be read (getrlimit is prlimit64 with no new value), not changed. */
  TRY (seccomp_rule_add (filter, SCMP_ACT_ERRNO (EPERM), SCMP_SYS (prlimit64), 1, SCMP_A2 (SCMP_CMP_NE, 0)));
  /* The parent-death signal may be armed, never disarmed. */
  TRY (seccomp_rule_add (filter, SCMP_ACT_ERRNO (EPERM), SCMP_SYS (prctl), 2,
                         SCMP_A0 (SCMP_CMP_EQ, PR_SET_PDEATHSIG), SCMP_A1 (SCMP_CMP_NE, SIGKILL)));
  TRY (seccomp_rule_add (filter, SCMP_ACT_ERRNO (EPERM), SCMP_SYS (ioctl), 1,
                         SCMP_A1 (SCMP_CMP_MASKED_EQ, 0xffffffffu, 0x5412))); /* TIOCSTI */
  if (!state->landlock_scoped)
    {
      /* Without landlock's scope signals go to oneself only. */
      TRY (seccomp_rule_add (filter, SCMP_ACT_ERRNO (EPERM), SCMP_SYS (kill), 1,
                             SCMP_A0 (SCMP_CMP_NE, (scmp_datum_t) getpid ())));
      TRY (seccomp_rule_add (filter, SCMP_ACT_ERRNO (EPERM), SCMP_SYS (tgkill), 1,
                             SCMP_A0 (SCMP_CMP_NE, (scmp_datum_t) getpid ())));
      TRY (seccomp_rule_add (filter, SCMP_ACT_ERRNO (EPERM), SCMP_SYS (tkill), 0));
    }
  return ok;
}

static bool
load_filter (const TeSandboxPlan *plan, TeSandboxState *state, bool notify)
{
  scmp_filter_ctx filter = seccomp_init (SCMP_ACT_ALLOW);
  if (!filter)
    return false;
  bool ok = true;
  TRY (seccomp_attr_set (filter, SCMP_FLTATR_CTL_NNP, 1));
  ok = ok && add_rules (filter, plan, state) && add_process_rules (filter, notify);
  TRY (seccomp_load (filter));
  if (ok)
    {
      state->seccomp = true;
      state->notifications = notify;
      state->notify_fd = notify ? seccomp_notify_fd (filter) : -1;
      if (state->notify_fd >= 0)
        state->notify_fd = fcntl (state->notify_fd, F_DUPFD_CLOEXEC, 10); /* survives the filter's release */
    }
  seccomp_release (filter);
  return ok;
}

/* ---- limits and users ---- */

static void
limit (int what, uint64_t value)
{
  struct rlimit old;
  if (getrlimit ((__rlimit_resource_t) what, &old))
    return;
  rlim_t wanted = (rlim_t) value;
  if (old.rlim_max != RLIM_INFINITY && wanted > old.rlim_max)
    wanted = old.rlim_max;
  setrlimit ((__rlimit_resource_t) what, &(struct rlimit){ wanted, wanted });
}

static void
apply_limits (const TeSandboxPlan *plan)
{
  limit (RLIMIT_CORE, 0);
  limit (RLIMIT_NOFILE, 1024);
  limit (RLIMIT_MEMLOCK, 64 << 20);
#if !defined(__SANITIZE_ADDRESS__)
  if (plan->memory_nbytes)
    {
      /* Data counts what is really one's own; address space stops reservations without end. */
      limit (RLIMIT_DATA, plan->memory_nbytes);
      limit (RLIMIT_AS, plan->memory_nbytes + ((uint64_t) 2 << 30));
    }
#endif
  if (plan->file_nbytes)
    limit (RLIMIT_FSIZE, plan->file_nbytes);
  if (plan->cpu_seconds)
    limit (RLIMIT_CPU, plan->cpu_seconds);
}

/* May everybody read path and search all folders above it? */
static bool
open_to_all (const char *path)
{
  char part[4096];
  size_t nbytes = strlen (path);
  struct stat about;
  if (nbytes >= sizeof part || path[0] != '/')
    return false;
  for (size_t i = 1; i < nbytes; i++)
    if (path[i] == '/')
      {
        memcpy (part, path, i);
        part[i] = 0;
        if (stat (part, &about) || !(about.st_mode & S_IXOTH))
          return false;
      }
  if (stat (path, &about))
    return errno == ENOENT;
  return (about.st_mode & S_IROTH) && (!S_ISDIR (about.st_mode) || (about.st_mode & S_IXOTH));
}

static bool
drop_user (const TeSandboxPlan *plan)
{
  for (const char *const *path = plan->readable; path && *path; path++)
    if (!open_to_all (*path))
      return false;
  for (const char *const *path = plan->private_to_user; path && *path; path++)
    if (!open_to_all (*path))
      return false;
  if (chown (plan->scratch, NOBODY, NOBODY))
    return false;
  return !setgroups (0, NULL) && !setresgid (NOBODY, NOBODY, NOBODY) && !setresuid (NOBODY, NOBODY, NOBODY);
}

static bool
drop_capabilities (void)
{
  for (int cap = 0; cap < 64; cap++)
    if (prctl (PR_CAPBSET_DROP, cap, 0, 0, 0) && errno == EINVAL)
      break;
  struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
  struct __user_cap_data_struct none[2] = { { 0 } };
  return syscall (SYS_capset, &head, none) == 0;
}

void
te_sandbox_apply (const TeSandboxPlan *plan, TeSandboxState *state)
{
  memset (state, 0, sizeof *state);
  state->notify_fd = -1;
  bool was_root = geteuid () == 0;
  apply_limits (plan);
  if (was_root)
    state->user_dropped = drop_user (plan);
  state->capabilities_dropped = drop_capabilities ();
  /* A change of user clears both of these. */
  prctl (PR_SET_DUMPABLE, 1, 0, 0, 0);
  prctl (PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  apply_landlock (plan, state);
  if (!load_filter (plan, state, true))
    load_filter (plan, state, false);
}
