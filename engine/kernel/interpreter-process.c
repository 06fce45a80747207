#include "kernel/interpreter-process.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/fork-gate.h"
#include "kernel/frame-io.h"
#include "kernel/interpreter-command.h"
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
  g_autoptr (GPtrArray) argv = gb_interpreter_command (plan);
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
