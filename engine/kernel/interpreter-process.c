#include "kernel/interpreter-process.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/places.h"
#include "kernel/fork-gate.h"
#include "kernel/frame-io.h"
#include "kernel/hidden-paths.h"
#include "kernel/processes.h"

#define WATCH_MSEC       200
#define COMMON_SECONDS   5
#define NICE_LEVEL       5
#define RAW_LIMIT_NBYTES (8u << 20)

struct _GbInterpreterProcess
{
  GObject parent_instance;
  GSubprocess *subprocess;
  GPid child, pid; /* what we started (maybe bubblewrap); the interpreter itself, once it has spoken */
  int frames, first_frames; /* first: of the process that we started, when another took its place; -1: it is the same */
  guint frames_source, watch_source, output_sources[2];
  int outputs[2];
  TeFrameBuffer buffer;
  GbForkGate *gate;
  GbSnapshots *snapshots;
  int passed;            /* a descriptor that came and whose frame has not, or -1 */
  gboolean is_successor; /* pid is a snapshot that went on; the process we started is stopped */
  int successor_status;  /* as wait (2) has it */
  gboolean ready, exited, bubblewrap, abandoned;
  char *reason, *message; /* why we ended it, or what it said before it ended */
  guint64 memory_nbytes, raw_nbytes, peak_nbytes;
  guint64 common_nbytes; /* that forks were found to share, when there were so many of them */
  guint common_count;
  gint64 common_usec;
  GString *early_output; /* before READY: why it could not start */
};

G_DEFINE_FINAL_TYPE (GbInterpreterProcess, gb_interpreter_process, G_TYPE_OBJECT)

enum
{
  READY,
  FRAME,
  OUTPUT,
  SNAPSHOTS,
  EXITED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* ---- how it ended ---- */

static void
judge_end (GbInterpreterProcess *self, int *signal_out, int *status_out)
{
  int sig = 0, status = 0;
  if (self->is_successor && WIFSIGNALED (self->successor_status))
    sig = WTERMSIG (self->successor_status);
  else if (self->is_successor)
    status = WEXITSTATUS (self->successor_status);
  else if (g_subprocess_get_if_signaled (self->subprocess))
    sig = g_subprocess_get_term_sig (self->subprocess);
  else
    status = g_subprocess_get_exit_status (self->subprocess);
  /* bubblewrap reports a signal as the shell does. */
  if (self->bubblewrap && !self->is_successor && !sig && status > 128 && status < 128 + 65)
    sig = status - 128;
  if (sig)
    status = 128 + sig;
  *signal_out = sig;
  *status_out = status;
  if (self->reason)
    return;
  if (!self->ready)
    {
      self->reason = g_strdup ("crashed");
      self->message = g_strdup_printf ("The interpreter could not start: %s",
                                       self->early_output->len ? self->early_output->str : "it said nothing");
      return;
    }
  switch (sig)
    {
    case 0:
      if (status == TE_EXIT_CHANNEL)
        {
          self->reason = g_strdup ("crashed");
          self->message = g_strdup ("The program closed the channel to its broker.");
          break;
        }
      self->reason = g_strdup ("exit");
      self->message = g_strdup_printf ("The program ended its process with status %d.", status);
      break;
    case SIGKILL:
      if (self->memory_nbytes && self->peak_nbytes > self->memory_nbytes / 10 * 8)
        {
          self->reason = g_strdup ("memory");
          self->message = g_strdup ("The system ended the program because it ran out of memory.");
          break;
        }
      self->reason = g_strdup ("killed");
      self->message = g_strdup ("The program was killed.");
      break;
    case SIGXCPU:
      self->reason = g_strdup ("time");
      self->message = g_strdup ("The program used up its processor time.");
      break;
    case SIGTERM:
      self->reason = g_strdup ("killed");
      self->message = g_strdup ("The program was told to end (SIGTERM).");
      break;
    default:
      self->reason = g_strdup ("crashed");
      self->message =
          g_strdup_printf ("The program crashed its process: %s (signal %d).", g_strsignal (sig), sig);
    }
}

static void
close_channels (GbInterpreterProcess *self)
{
  g_clear_handle_id (&self->frames_source, g_source_remove);
  g_clear_handle_id (&self->watch_source, g_source_remove);
  for (int i = 0; i < 2; i++)
    {
      g_clear_handle_id (&self->output_sources[i], g_source_remove);
      if (self->outputs[i] >= 0)
        close (self->outputs[i]);
      self->outputs[i] = -1;
    }
  if (self->frames >= 0)
    close (self->frames);
  if (self->first_frames >= 0)
    close (self->first_frames);
  self->frames = self->first_frames = -1;
  if (self->passed >= 0)
    close (self->passed);
  self->passed = -1;
  gb_snapshots_clear (self->snapshots);
  g_clear_pointer (&self->gate, gb_fork_gate_free);
}

static gboolean read_output (GbInterpreterProcess *self, int which);
static gboolean read_frames (GbInterpreterProcess *self);

static void
finish (GbInterpreterProcess *self)
{
  int sig, status;
  if (self->exited)
    return;
  self->exited = TRUE;
  if (self->abandoned)
    {
      /* Its processes are gone already, and those that live now are its successor's. */
      close_channels (self);
      return;
    }
  gb_processes_kill_all (self->child);
  /* What it said before it died comes first. */
  while (self->frames >= 0 && read_frames (self))
    ;
  for (int i = 0; i < 2; i++)
    while (self->outputs[i] >= 0 && read_output (self, i))
      ;
  judge_end (self, &sig, &status);
  close_channels (self);
  g_signal_emit (self, signals[EXITED], 0, self->reason, sig, status, self->message);
}

static void
subprocess_ended (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GbInterpreterProcess) self = data;
  g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL);
  finish (self);
}

/* ---- what it says ---- */

static void
take_notify_fd (GbInterpreterProcess *self, int fd)
{
  GbProcesses live;
  gb_processes_measure (&live);
  g_clear_pointer (&self->gate, gb_fork_gate_free);
  self->gate = gb_fork_gate_new (fd, live.count);
}

static void
take_frame (GbInterpreterProcess *self, const TeFrame *frame, const char *payload)
{
  g_autofree char *text = g_strndup (payload, frame->nbytes);
  if (frame->type == TE_FRAME_READY && !self->ready)
    {
      self->ready = TRUE;
      g_signal_emit (self, signals[READY], 0, text);
    }
  else if (frame->type == TE_FRAME_SNAPSHOT)
    {
      if (self->passed >= 0)
        gb_snapshots_take (self->snapshots, self->passed);
      self->passed = -1;
    }
  else if (frame->type == TE_FRAME_ERROR && frame->id == 0)
    {
      /* The last word of an interpreter that is about to end. */
      if (!self->ready)
        g_string_assign (self->early_output, text);
      else if (!self->reason && strcmp (text, "output") == 0)
        {
          self->reason = g_strdup ("output");
          self->message = g_strdup ("The program was stopped because it printed more than is allowed.");
        }
    }
  else
    {
      g_autoptr (GBytes) bytes = g_bytes_new (payload, frame->nbytes);
      g_signal_emit (self, signals[FRAME], 0, frame->type, frame->id, bytes);
    }
}

/* TRUE when there may be more. */
static gboolean
read_frames (GbInterpreterProcess *self)
{
  pid_t pid = 0;
  int passed;
  gsize before = self->buffer.nbytes;
  gboolean open = te_frame_buffer_read (&self->buffer, self->frames, &pid, &passed);
  if (pid > 0 && !self->pid)
    self->pid = pid;
  if (passed >= 0)
    {
      if (self->passed >= 0)
        close (self->passed);
      self->passed = self->ready ? passed : -1;
      if (!self->ready)
        take_notify_fd (self, passed);
    }
  gboolean more = self->buffer.nbytes > before;
  TeFrame frame;
  const char *payload;
  gsize consumed;
  int got;
  while ((got = te_frame_buffer_next (&self->buffer, &frame, &payload, &consumed)) > 0)
    {
      take_frame (self, &frame, payload);
      te_frame_buffer_drop (&self->buffer, consumed);
    }
  if (got < 0)
    {
      gb_interpreter_process_kill (self, "crashed", "The program overwrote the channel to its broker.");
      return FALSE;
    }
  return open && more;
}

/* Nobody here started it, so no child watch tells: it is the system's to us, once those between are gone, or
 * bubblewrap's, which keeps how it ended to itself.  Its channel is closed, so that it is about to end: that
 * takes long only on a busy machine. */
static void
successor_ended (GbInterpreterProcess *self)
{
  int status;
  for (int i = 0; i < 500; i++)
    {
      pid_t got = waitpid (self->pid, &status, WNOHANG);
      if (got == self->pid)
        {
          self->successor_status = status;
          break;
        }
      if (got < 0)
        break;
      g_usleep (1000);
    }
  finish (self);
}

static gboolean
on_frames (gint fd, GIOCondition condition, gpointer data)
{
  GbInterpreterProcess *self = data;
  if (!read_frames (self) && (condition & (G_IO_HUP | G_IO_ERR)))
    {
      self->frames_source = 0;
      if (self->is_successor)
        successor_ended (self);
      return G_SOURCE_REMOVE; /* its end is near; the child watch tells */
    }
  return G_SOURCE_CONTINUE;
}

static gboolean
read_output (GbInterpreterProcess *self, int which)
{
  char bytes[65536];
  gssize n = read (self->outputs[which], bytes, sizeof bytes);
  if (n <= 0)
    return FALSE;
  if (!self->ready)
    g_string_append_len (self->early_output, bytes, MIN (n, 4096));
  self->raw_nbytes += (guint64) n;
  if (self->raw_nbytes > RAW_LIMIT_NBYTES)
    {
      gb_interpreter_process_kill (self, "output",
                                   "The program was stopped because it printed more than is allowed.");
      return FALSE;
    }
  g_autoptr (GBytes) chunk = g_bytes_new (bytes, (gsize) n);
  g_signal_emit (self, signals[OUTPUT], 0, (guint) which + 1, chunk);
  return TRUE;
}

static gboolean
on_output (gint fd, GIOCondition condition, gpointer data)
{
  GbInterpreterProcess *self = data;
  int which = fd == self->outputs[1];
  if (!read_output (self, which) && (condition & (G_IO_HUP | G_IO_ERR)))
    {
      self->output_sources[which] = 0;
      return G_SOURCE_REMOVE;
    }
  return G_SOURCE_CONTINUE;
}

/* Bytes that all processes together really take.  Snapshots and workers are forks: what they have in common
 * counts once.  The system takes its time to tell, so the discount is kept while the same processes live, for
 * some seconds. */
static guint64
measure_memory (GbInterpreterProcess *self)
{
  GbProcesses live;
  gint64 now = g_get_monotonic_time ();
  gb_processes_measure (&live);
  guint64 discount = MIN (self->common_nbytes, live.rss_nbytes);
  gboolean is_old =
      self->common_nbytes
      && (live.count != self->common_count || now - self->common_usec > COMMON_SECONDS * G_USEC_PER_SEC);
  if (self->memory_nbytes && (is_old || live.rss_nbytes - discount > self->memory_nbytes / 10 * 8))
    {
      guint64 share = gb_processes_share ();
      discount = live.rss_nbytes > share ? live.rss_nbytes - share : 0;
      self->common_nbytes = discount;
      self->common_count = live.count;
      self->common_usec = now;
    }
  return live.rss_nbytes - discount;
}

static gboolean
watch_limits (gpointer data)
{
  GbInterpreterProcess *self = data;
  guint64 used = measure_memory (self);
  gb_processes_reap (self->child, self->is_successor ? self->pid : 0);
  self->peak_nbytes = MAX (self->peak_nbytes, used);
  if (self->memory_nbytes && used > self->memory_nbytes / 4 * 5)
    gb_interpreter_process_kill (self, "memory",
                                 "The program was stopped because it used more memory than is allowed.");
  return G_SOURCE_CONTINUE;
}

/* ---- starting ---- */

static void
in_child (gpointer nice)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  /* Addresses come out in ids and in the order of sets: a recording is to run again with the same ones. */
  personality (ADDR_NO_RANDOMIZE);
  if (GPOINTER_TO_INT (nice))
    setpriority (PRIO_PROCESS, 0, NICE_LEVEL);
}

static struct json_object *
json_strings (const char *const *strings)
{
  struct json_object *array = json_object_new_array ();
  for (; strings && *strings; strings++)
    json_object_array_add (array, json_object_new_string (*strings));
  return array;
}

/* A script beside a person's other things (a home, /tmp, /etc) must not open all of them. */
static gboolean
is_too_much (const char *folder)
{
  static const char *const never[] = { "/",    "/root",    "/home",  "/etc", "/tmp",
                                       "/var", "/var/tmp", "/proc",  "/sys", "/dev",
                                       "/run", "/mnt",     "/media", "/srv", NULL };
  g_autofree char *parent = g_path_get_dirname (folder);
  return g_strv_contains (never, folder) || g_strcmp0 (folder, g_get_home_dir ()) == 0
         || g_strcmp0 (parent, "/home") == 0;
}

static void
add_readable (GPtrArray *list, const char *path)
{
  g_autofree char *real = realpath (path, NULL);
  if (!real)
    return;
  if (!g_file_test (real, G_FILE_TEST_IS_DIR) || !is_too_much (real))
    {
      g_ptr_array_add (list, g_strdup (real));
      return;
    }
  GDir *dir = g_dir_open (real, 0, NULL);
  const char *name;
  while (dir && list->len < 48 && (name = g_dir_read_name (dir)))
    if (g_str_has_suffix (name, ".py"))
      {
        char *file = g_build_filename (real, name, NULL);
        if (g_file_test (file, G_FILE_TEST_IS_REGULAR) && !g_file_test (file, G_FILE_TEST_IS_SYMLINK))
          g_ptr_array_add (list, file);
        else
          g_free (file);
      }
  if (dir)
    g_dir_close (dir);
}

static char *
make_plan_text (const GbInterpreterPlan *plan, const char *const *readable, const char *const *hidden)
{
  const char *torch = te_place_get (TE_PLACE_TORCH);
  const char *board = te_place_get (TE_PLACE_BOARD);
  const char *needed[] = { torch, board, NULL };
  struct json_object *json = json_object_new_object ();
  json_object_object_add (json, "scratch", json_object_new_string (plan->scratch));
  json_object_object_add (json, "torch", json_object_new_string (torch));
  json_object_object_add (json, "board", json_object_new_string (board));
  json_object_object_add (json, "readable", json_strings (readable));
  json_object_object_add (json, "hidden", json_strings (hidden));
  json_object_object_add (json, "needed", json_strings (needed));
  json_object_object_add (json, "memory_nbytes", json_object_new_int64 ((gint64) plan->memory_nbytes));
  json_object_object_add (json, "output_nbytes", json_object_new_int64 ((gint64) plan->output_nbytes));
  json_object_object_add (json, "file_nbytes", json_object_new_int64 ((gint64) plan->scratch_nbytes));
  /* Semaphores of multiprocessing live in /dev/shm; only a private one may be written. */
  json_object_object_add (json, "private_shm", json_object_new_int (plan->bubblewrap));
  json_object_object_add (json, "door_loopback", json_object_new_int (plan->door_loopback));
  json_object_object_add (json, "door_exec", json_object_new_int (plan->door_exec));
  json_object_object_add (json, "channel", json_object_new_int (plan->channel > 0));
  char *text = g_strdup (json_object_to_json_string_ext (json, JSON_C_TO_STRING_PLAIN));
  json_object_put (json);
  return text;
}

static void
add_arguments (GPtrArray *argv, const char *first, ...)
{
  va_list more;
  va_start (more, first);
  for (const char *at = first; at; at = va_arg (more, const char *))
    g_ptr_array_add (argv, g_strdup (at));
  va_end (more);
}

/* Folders that bubblewrap makes on the way to a bind are closed to others unless they are asked for by name.
 */
static void
add_parents (GPtrArray *argv, const char *path)
{
  for (const char *slash = strchr (path + 1, '/'); slash; slash = strchr (slash + 1, '/'))
    {
      g_autofree char *parent = g_strndup (path, (gsize) (slash - path));
      add_arguments (argv, "--dir", parent, NULL);
    }
}

/* Empty in place of what is hidden, where a bind has brought it along. */
static void
add_masks (GPtrArray *argv, const char *const *binds, const char *const *hidden)
{
  for (; *hidden; hidden++)
    for (const char *const *bind = binds; *bind; bind++)
      {
        gsize n = strlen (*bind);
        if (strncmp (*hidden, *bind, n) != 0 || ((*hidden)[n] && (*hidden)[n] != '/'))
          continue;
        if (g_file_test (*hidden, G_FILE_TEST_IS_DIR))
          add_arguments (argv, "--tmpfs", *hidden, NULL);
        else
          add_arguments (argv, "--ro-bind", "/dev/null", *hidden, NULL);
        break;
      }
}

static void
add_bubblewrap (GPtrArray *argv,
                const GbInterpreterPlan *plan,
                const char *const *readable,
                const char *const *hidden,
                const char *program)
{
  add_arguments (argv, "bwrap", "--die-with-parent", "--unshare-pid", "--unshare-ipc", "--unshare-uts",
                 "--unshare-cgroup-try", NULL);
  if (!plan->door_loopback)
    add_arguments (argv, "--unshare-net", NULL);
  if (geteuid () == 0)
    add_arguments (argv, "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_CHOWN",
                   NULL);
  static const char *const system[] = { "/usr",
                                        "/lib",
                                        "/lib64",
                                        "/bin",
                                        "/sbin",
                                        "/opt",
                                        "/etc/alternatives",
                                        "/etc/ld.so.cache",
                                        "/etc/localtime",
                                        "/etc/matplotlibrc",
                                        NULL };
  for (const char *const *path = system; *path; path++)
    {
      add_parents (argv, *path);
      add_arguments (argv, "--ro-bind-try", *path, *path, NULL);
    }
  add_parents (argv, "/sys/devices/system/cpu");
  add_arguments (argv, "--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--tmpfs", "/dev/shm",
                 "--ro-bind-try", "/sys/devices/system/cpu", "/sys/devices/system/cpu", NULL);
  for (const char *const *path = readable; *path; path++)
    {
      add_parents (argv, *path);
      add_arguments (argv, "--ro-bind-try", *path, *path, NULL);
    }
  add_masks (argv, system, hidden);
  add_masks (argv, readable, hidden);
  g_autofree char *folder = g_path_get_dirname (program);
  add_parents (argv, folder);
  add_parents (argv, plan->scratch);
  add_arguments (argv, "--ro-bind", folder, folder, "--bind", plan->scratch, plan->scratch, "--chdir",
                 plan->scratch, "--", NULL);
}

static gboolean
make_pipe (int *read_end, int *write_end, GError **error)
{
  int fds[2];
  if (!g_unix_open_pipe (fds, FD_CLOEXEC, error))
    return FALSE;
  *read_end = fds[0];
  *write_end = fds[1];
  return g_unix_set_fd_nonblocking (fds[0], TRUE, error);
}

static GSubprocessLauncher *
make_launcher (GbInterpreterProcess *self,
               const GbInterpreterPlan *plan,
               int theirs,
               int segment,
               int wakeup,
               GError **error)
{
  GSubprocessLauncher *launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  int ends[2] = { -1, -1 };
  if (!make_pipe (&self->outputs[0], &ends[0], error) || !make_pipe (&self->outputs[1], &ends[1], error))
    {
      g_object_unref (launcher);
      return NULL;
    }
  const char *environment[] = { "LANG=C.UTF-8",
                                "OPENBLAS_NUM_THREADS=1",
                                "OMP_NUM_THREADS=1",
                                "PATH=/usr/bin:/bin",
                                "USER=learner",
                                "LOGNAME=learner",
                                NULL };
  g_subprocess_launcher_set_environ (launcher, (char **) environment);
  /* Which kernels OpenBLAS takes changes last digits: what holds outside holds inside. */
  if (g_getenv ("OPENBLAS_CORETYPE"))
    g_subprocess_launcher_setenv (launcher, "OPENBLAS_CORETYPE", g_getenv ("OPENBLAS_CORETYPE"), TRUE);
  g_subprocess_launcher_setenv (launcher, "HOME", plan->scratch, TRUE);
  g_subprocess_launcher_setenv (launcher, "TMPDIR", plan->scratch, TRUE);
  g_subprocess_launcher_set_cwd (launcher, plan->scratch);
  g_subprocess_launcher_take_stdout_fd (launcher, ends[0]);
  g_subprocess_launcher_take_stderr_fd (launcher, ends[1]);
  g_subprocess_launcher_take_fd (launcher, theirs, TE_FD_FRAMES);
  g_subprocess_launcher_take_fd (launcher, fcntl (segment, F_DUPFD_CLOEXEC, 10), TE_FD_SEGMENT);
  g_subprocess_launcher_take_fd (launcher, fcntl (wakeup, F_DUPFD_CLOEXEC, 10), TE_FD_WAKEUP);
  if (plan->channel > 0)
    g_subprocess_launcher_take_fd (launcher, fcntl (plan->channel, F_DUPFD_CLOEXEC, 10), TE_FD_CHANNEL);
  g_subprocess_launcher_set_child_setup (launcher, in_child, GINT_TO_POINTER (plan->nice), NULL);
  return launcher;
}

static gboolean
spawn (GbInterpreterProcess *self, const GbInterpreterPlan *plan, int segment, int wakeup, GError **error)
{
  int pair[2];
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "no channel: %s", g_strerror (errno));
      return FALSE;
    }
  self->frames = pair[0];
  setsockopt (pair[0], SOL_SOCKET, SO_PASSCRED, &(int){ 1 }, sizeof (int));
  g_autoptr (GSubprocessLauncher) launcher = make_launcher (self, plan, pair[1], segment, wakeup, error);
  if (!launcher)
    return FALSE;
  const char *program = te_place_get (TE_PLACE_INTERPRETER);
  g_autoptr (GPtrArray) readable = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  add_readable (readable, te_place_get (TE_PLACE_TORCH));
  add_readable (readable, te_place_get (TE_PLACE_BOARD));
  for (const char *const *path = plan->readable; path && *path; path++)
    add_readable (readable, *path);
  g_ptr_array_add (readable, NULL);
  g_auto (GStrv) hidden = gb_hidden_paths_list ();
  const char *const *masked = (const char *const *) hidden;
  if (self->bubblewrap)
    add_bubblewrap (argv, plan, (const char *const *) readable->pdata, masked, program);
  g_ptr_array_add (argv, g_strdup (program));
  g_ptr_array_add (argv, make_plan_text (plan, (const char *const *) readable->pdata, masked));
  g_ptr_array_add (argv, NULL);
  self->subprocess = g_subprocess_launcher_spawnv (launcher, (const char *const *) argv->pdata, error);
  return self->subprocess != NULL;
}

GbInterpreterProcess *
gb_interpreter_process_new (const GbInterpreterPlan *plan, int segment, int wakeup, GError **error)
{
  g_autoptr (GbInterpreterProcess) self = g_object_new (GB_TYPE_INTERPRETER_PROCESS, NULL);
  self->bubblewrap = plan->bubblewrap;
  self->memory_nbytes = plan->memory_nbytes;
  if (!spawn (self, plan, segment, wakeup, error))
    return NULL;
  const char *identifier = g_subprocess_get_identifier (self->subprocess);
  self->child = identifier ? atoi (identifier) : 0;
  self->frames_source = g_unix_fd_add (self->frames, G_IO_IN | G_IO_HUP | G_IO_ERR, on_frames, self);
  for (int i = 0; i < 2; i++)
    self->output_sources[i] =
        g_unix_fd_add (self->outputs[i], G_IO_IN | G_IO_HUP | G_IO_ERR, on_output, self);
  self->watch_source = g_timeout_add (WATCH_MSEC, watch_limits, self);
  g_subprocess_wait_async (self->subprocess, NULL, subprocess_ended, g_object_ref (self));
  return g_steal_pointer (&self);
}

/* ---- winding back ---- */

/* The process that we started stays, stopped, and its channel with it, whose end would be its own: bubblewrap
 * ends when it does, and all others with it.  A successor can go.  Either way it writes nothing more when this
 * returns: whoever makes a snapshot waits for us within the system (D), and does not come back from there. */
static void
still_present (GbInterpreterProcess *self)
{
  kill (self->pid, self->is_successor ? SIGKILL : SIGSTOP);
  for (int i = 0; i < 500; i++)
    {
      char state = gb_processes_state (self->pid);
      if (state == 'T' || state == 't' || state == 'D' || state == 'Z' || state == 'X' || state == 0)
        break;
      g_usleep (1000);
    }
  if (self->is_successor)
    waitpid (self->pid, NULL, WNOHANG);
}

gboolean
gb_interpreter_process_rewind (GbInterpreterProcess *self,
                               guint64 call,
                               const char *request,
                               guint32 *execute_id)
{
  GbSnapshot snapshot;
  if (self->exited || !self->ready || !gb_snapshots_wake (self->snapshots, call, &snapshot))
    return FALSE;
  still_present (self);
  g_clear_handle_id (&self->frames_source, g_source_remove);
  if (self->is_successor)
    close (self->frames);
  else
    self->first_frames = self->frames;
  te_frame_buffer_clear (&self->buffer);
  if (self->passed >= 0)
    close (self->passed);
  self->passed = -1;
  self->frames = snapshot.channel;
  self->pid = snapshot.pid;
  self->is_successor = TRUE;
  self->successor_status = SIGKILL;
  self->frames_source = g_unix_fd_add (self->frames, G_IO_IN | G_IO_HUP | G_IO_ERR, on_frames, self);
  *execute_id = snapshot.execute_id;
  return gb_interpreter_process_send_text (self, TE_FRAME_REWIND, 0, request);
}

GbSnapshots *
gb_interpreter_process_get_snapshots (GbInterpreterProcess *self)
{
  return self->snapshots;
}

static void
snapshots_changed (gpointer data)
{
  GbInterpreterProcess *self = data;
  gb_fork_gate_set_sleeping (self->gate, gb_snapshots_get_n (self->snapshots));
  g_signal_emit (data, signals[SNAPSHOTS], 0);
}

/* ---- what the broker does with it ---- */

gboolean
gb_interpreter_process_send (
    GbInterpreterProcess *self, TeFrameType type, guint32 id, gconstpointer payload, gsize nbytes)
{
  return self->frames >= 0 && te_frame_send (self->frames, type, id, payload, nbytes, -1);
}

gboolean
gb_interpreter_process_send_text (GbInterpreterProcess *self, TeFrameType type, guint32 id, const char *text)
{
  return gb_interpreter_process_send (self, type, id, text, strlen (text));
}

void
gb_interpreter_process_interrupt (GbInterpreterProcess *self)
{
  if (self->pid > 0 && !self->exited)
    kill (self->pid, SIGINT);
}

void
gb_interpreter_process_kill (GbInterpreterProcess *self, const char *reason, const char *message)
{
  if (self->exited)
    return;
  if (!self->reason)
    {
      self->reason = g_strdup (reason);
      self->message = g_strdup (message);
    }
  gb_processes_kill_all (self->child);
}

void
gb_interpreter_process_abandon (GbInterpreterProcess *self)
{
  if (self->exited)
    return;
  self->abandoned = TRUE;
  gb_processes_kill_all (self->child);
  close_channels (self);
}

gboolean
gb_interpreter_process_is_ready (GbInterpreterProcess *self)
{
  return self->ready;
}

gboolean
gb_interpreter_process_uses_bubblewrap (GbInterpreterProcess *self)
{
  return self->bubblewrap;
}

GPid
gb_interpreter_process_get_pid (GbInterpreterProcess *self)
{
  return self->pid;
}

static void
gb_interpreter_process_finalize (GObject *object)
{
  GbInterpreterProcess *self = GB_INTERPRETER_PROCESS (object);
  close_channels (self);
  gb_snapshots_free (self->snapshots);
  te_frame_buffer_clear (&self->buffer);
  g_clear_object (&self->subprocess);
  g_free (self->reason);
  g_free (self->message);
  g_string_free (self->early_output, TRUE);
  G_OBJECT_CLASS (gb_interpreter_process_parent_class)->finalize (object);
}

static void
gb_interpreter_process_class_init (GbInterpreterProcessClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gb_interpreter_process_finalize;
  GType type = G_TYPE_FROM_CLASS (klass);
  signals[READY] =
      g_signal_new ("ready", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[FRAME] = g_signal_new ("frame", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3,
                                 G_TYPE_UINT, G_TYPE_UINT, G_TYPE_BYTES);
  signals[OUTPUT] = g_signal_new ("output", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                                  G_TYPE_UINT, G_TYPE_BYTES);
  signals[SNAPSHOTS] =
      g_signal_new ("snapshots", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[EXITED] = g_signal_new ("exited", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 4,
                                  G_TYPE_STRING, G_TYPE_INT, G_TYPE_INT, G_TYPE_STRING);
}

static void
gb_interpreter_process_init (GbInterpreterProcess *self)
{
  self->frames = self->first_frames = self->outputs[0] = self->outputs[1] = self->passed = -1;
  self->snapshots = gb_snapshots_new (snapshots_changed, self);
  self->early_output = g_string_new (NULL);
}
