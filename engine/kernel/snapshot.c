/* Snapshots: forks of the interpreter that sleep at a step boundary until the broker wakes one in the place
 * of the interpreter.  A snapshot has a channel of its own; it ends when the other end of that is closed, so
 * that none outlives the broker.  It writes nothing to the trace before it is woken.
 *
 * The interpreter forks twice and waits for the one between: the program never sees a child that is not its
 * own, and a snapshot lives on when the interpreter ends.
 *
 * No snapshot is taken while the program has threads or children: a fork would lose them; nor while tensors lie in memory
 * that forks share: what is written there later would stand in the past. */
#include "kernel/interpreter.h"

#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kernel/frame-io.h"
#include "kernel/pins.h"

/* Running time between two snapshots: what a rewind runs again at most.  An execution may ask for another; what it asks
 * for is not stretched by what forks cost. */
#define INTERVAL_NSEC 600000000u
/* Forks take at most one part in so many of the running time. */
#define COST_SHARE 60u
/* On the way to where a rewind is to end they are denser: whoever went back once goes back a little more. */
#define DENSE_NSEC       50000000u
#define DENSE_COST_SHARE 12u

static struct
{
  bool wanted;
  uint32_t frame_id; /* of the execution: its reply is a snapshot's to give as well */
  uint64_t next_nsec, interval_nsec, cost_share;
  uint64_t slept_nsec; /* as snapshots, of all those that this one was */
} snapshots;

static bool
is_on_its_way (void)
{
  uint64_t call, iteration;
  te_interpreter.trace->progress (&call, &iteration);
  return te_interpreter.control.mode == TE_MODE_UNTIL && call < te_interpreter.control.until_call;
}

static uint64_t
next_after (uint64_t now, uint64_t cost)
{
  bool dense = is_on_its_way () && snapshots.interval_nsec > DENSE_NSEC;
  uint64_t interval = dense ? DENSE_NSEC : snapshots.interval_nsec;
  cost *= dense ? DENSE_COST_SHARE : snapshots.cost_share;
  return now + (cost > interval ? cost : interval);
}

/* Of this thread and of the children that were waited for. */
static uint64_t
processor_nsec (void)
{
  struct rusage used;
  struct timespec own;
  getrusage (RUSAGE_CHILDREN, &used);
  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &own);
  return ((uint64_t) used.ru_utime.tv_sec + (uint64_t) used.ru_stime.tv_sec + (uint64_t) own.tv_sec) * 1000000000u
         + ((uint64_t) used.ru_utime.tv_usec + (uint64_t) used.ru_stime.tv_usec) * 1000u + (uint64_t) own.tv_nsec;
}

static bool
has_company (void)
{
  PyThreadState *thread = PyInterpreterState_ThreadHead (PyInterpreterState_Get ());
  if (thread && PyThreadState_Next (thread))
    return true;
  siginfo_t child = { 0 };
  return waitid (P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT) == 0 || errno != ECHILD;
}

/* ---- in the fork ---- */

/* Python's own generator seeds itself anew in every fork, from entropy: neither belongs to a program that is
 * only wound back. */
static void
after_fork_in_python (void)
{
  PyObject *random = PyDict_GetItemString (PyImport_GetModuleDict (), "random");
  PyObject *state = random ? PyObject_CallMethod (random, "getstate", NULL) : NULL;
  uint64_t drawn = te_pins_get_drawn ();
  PyErr_Clear ();
  PyOS_AfterFork_Child ();
  te_pins_set_drawn (drawn);
  PyObject *done = state ? PyObject_CallMethod (random, "setstate", "(O)", state) : NULL;
  PyErr_Clear ();
  Py_XDECREF (done);
  Py_XDECREF (state);
}

static void
tell_about (void)
{
  char about[200];
  uint64_t call, iteration;
  uint64_t ran = te_recorder_clock_nsec () - snapshots.slept_nsec - te_interpreter.control.waited_nsec;
  te_interpreter.trace->progress (&call, &iteration);
  snprintf (about, sizeof about,
            "{\"seq\":%" PRIu64 ",\"call\":%" PRIu64 ",\"iteration\":%" PRIu64 ",\"ran\":%" PRIu64
            ",\"execute\":%u}",
            te_interpreter.recorder.seq, call, iteration, ran / 1000, snapshots.frame_id);
  te_frame_send_text (TE_FD_FRAMES, TE_FRAME_SNAPSHOT, 0, about);
}

/* REWIND: {"until": last op to run, or none}, and a feed (pins.h). */
static void
take_request (const char *text)
{
  struct json_object *request = json_tokener_parse (text), *member;
  te_control_drop_answers (&te_interpreter.control); /* that waited: the feed has those that were taken */
  te_pins_take_feed (request, te_interpreter.recorder.seq);
  if (json_object_object_get_ex (request, "until", &member))
    te_control_until (&te_interpreter.control, (uint64_t) json_object_get_int64 (member));
  else
    te_control_continue (&te_interpreter.control);
  json_object_put (request);
}

static bool take_snapshot (void);

/* Returns when this process is to go on in the place of the one it was forked from; another snapshot takes
 * its own. */
static void
sleep_until_woken (void)
{
  TeFrame frame;
  char *payload;
  uint64_t call, iteration, begin = te_recorder_clock_nsec ();
  tell_about ();
  if (!te_frame_receive (TE_FD_FRAMES, &frame, &payload) || frame.type != TE_FRAME_REWIND)
    _exit (0);
  snapshots.slept_nsec += te_recorder_clock_nsec () - begin;
  after_fork_in_python ();
  if (take_snapshot ())
    return; /* that other one, later */
  te_interpreter.trace->progress (&call, &iteration);
  take_request (payload);
  te_interpreter.trace->lines (te_interpreter.control.n_breakpoints
                               || call >= te_interpreter.control.lines_since);
  te_recorder_resume (&te_interpreter.recorder, call);
  free (payload);
  te_interpreter.interrupted = 0;
  snapshots.next_nsec = next_after (te_recorder_clock_nsec (), 0);
  te_recorder_state (&te_interpreter.recorder, TE_STATE_RUNNING, 0, "", 0);
  te_interpreter.control.tell_state (&te_interpreter.control, TE_STATE_RUNNING, "");
  if (!te_answers_start ())
    _exit (TE_EXIT_CHANNEL);
}

/* ---- in the interpreter ---- */

static void
lock_all (void)
{
  pthread_mutex_lock (&te_interpreter.job_mutex);
  pthread_mutex_lock (&te_interpreter.control.mutex);
  te_frame_lock ();
}

static void
unlock_all (void)
{
  te_frame_unlock ();
  pthread_mutex_unlock (&te_interpreter.control.mutex);
  pthread_mutex_unlock (&te_interpreter.job_mutex);
}

/* The sleeper's pid is 0 in the sleeper; negative: it could not be made.  The one between shares our memory while we
 * stand still, so that memory is mapped anew once, for the sleeper, and not twice. */
static pid_t
fork_twice (void)
{
  pid_t between = vfork ();
  if (between == 0)
    {
      pid_t sleeper = fork ();
      if (sleeper)
        _exit (sleeper < 0);
      return 0;
    }
  int status = 1;
  while (between > 0 && waitpid (between, &status, 0) < 0 && errno == EINTR)
    ;
  return between > 0 && status == 0 ? between : -1;
}

/* True in the snapshot, when it goes on. */
static bool
take_snapshot (void)
{
  int pair[2];
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
    return false;
  setsockopt (pair[0], SOL_SOCKET, SO_PASSCRED, &(int){ 1 }, sizeof (int));
  fflush (NULL);
  lock_all ();
  te_interpreter.snapshotting = 1;
  pid_t sleeper = fork_twice ();
  te_interpreter.snapshotting = 0;
  unlock_all ();
  if (sleeper == 0)
    {
      dup2 (pair[1], TE_FD_FRAMES);
      close (pair[0]);
      close (pair[1]);
      sleep_until_woken ();
      return true;
    }
  if (sleeper > 0)
    te_frame_send (TE_FD_FRAMES, TE_FRAME_SNAPSHOT, 0, NULL, 0, pair[0]);
  close (pair[0]);
  close (pair[1]);
  return false;
}

static void
consider (uint64_t begin)
{
  if (has_company () || te_interpreter.trace->shares_memory ())
    {
      snapshots.next_nsec = begin + snapshots.interval_nsec / 8;
      return;
    }
  uint64_t used = processor_nsec ();
  if (take_snapshot ())
    return;
  /* By the processor's time: what else the machine does would put snapshots off for minutes. */
  snapshots.next_nsec = next_after (te_recorder_clock_nsec (), processor_nsec () - used);
}

static void
at_boundary (TeControl *control)
{
  uint64_t now;
  if (snapshots.wanted && !te_interpreter.forked && (now = te_recorder_clock_nsec ()) >= snapshots.next_nsec)
    consider (now);
}

void
te_snapshots_begin (const TeJob *job)
{
  snapshots.wanted = job->snapshots && te_interpreter.trace && te_interpreter.sandbox.notifications;
  snapshots.frame_id = job->frame_id;
  snapshots.interval_nsec = job->snapshot_msec ? 1000000ull * job->snapshot_msec : INTERVAL_NSEC;
  snapshots.cost_share = job->snapshot_msec ? 0 : COST_SHARE;
  snapshots.next_nsec = 0;
  te_interpreter.control.boundary = at_boundary;
  at_boundary (&te_interpreter.control);
}

void
te_snapshots_end (void)
{
  snapshots.wanted = false;
}
