#include "kernel/interpreter.h"

#include <json-c/json.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel/failure.h"
#include "kernel/frame-io.h"

/* The thread that answers the broker.  It takes the GIL only for questions about Python objects; everything
 * else goes through TeControl and the job slot. */

static void
reply (uint32_t id, const char *text)
{
  te_frame_send_text (TE_FD_FRAMES, TE_FRAME_REPLY, id, text);
}

static void
reply_error (uint32_t id, const char *text)
{
  te_frame_send_text (TE_FD_FRAMES, TE_FRAME_ERROR, id, text);
}

static char *
string_member (struct json_object *object, const char *name)
{
  struct json_object *member;
  return json_object_object_get_ex (object, name, &member) && json_object_is_type (member, json_type_string)
             ? strdup (json_object_get_string (member))
             : NULL;
}

static bool
bool_member (struct json_object *object, const char *name)
{
  struct json_object *member;
  return json_object_object_get_ex (object, name, &member) && json_object_get_boolean (member);
}

static void
execute (uint32_t id, struct json_object *request)
{
  TeJob *job = calloc (1, sizeof *job);
  struct json_object *argv = NULL;
  if (!job)
    return reply_error (id, "no memory");
  job->frame_id = id;
  job->path = string_member (request, "path");
  job->text = string_member (request, "text");
  job->feed = string_member (request, "feed");
  struct json_object *until;
  job->has_until = json_object_object_get_ex (request, "until", &until);
  job->until = job->has_until ? (uint64_t) json_object_get_int64 (until) : 0;
  char *mode = string_member (request, "mode");
  job->cell = mode && !strcmp (mode, "cell");
  free (mode);
  job->pause = bool_member (request, "pause");
  job->snapshots = bool_member (request, "snapshots");
  struct json_object *msec;
  if (json_object_object_get_ex (request, "snapshot-msec", &msec))
    job->snapshot_msec = (uint32_t) json_object_get_int64 (msec);
  job->untraced = bool_member (request, "untraced");
  if (json_object_object_get_ex (request, "argv", &argv) && json_object_is_type (argv, json_type_array))
    {
      size_t n = json_object_array_length (argv);
      job->argv = calloc (n + 1, sizeof *job->argv);
      for (size_t i = 0; job->argv && i < n; i++)
        job->argv[i] = strdup (json_object_get_string (json_object_array_get_idx (argv, i)));
    }
  pthread_mutex_lock (&te_interpreter.job_mutex);
  bool free_slot = job->path && !te_interpreter.job && !te_interpreter.busy;
  if (free_slot)
    {
      te_interpreter.job = job;
      te_interpreter.busy = 1;
      pthread_cond_signal (&te_interpreter.job_ready);
    }
  pthread_mutex_unlock (&te_interpreter.job_mutex);
  if (!free_slot)
    {
      reply_error (id, job->path ? "a program is running already" : "no path was given");
      te_job_free (job);
    }
}

static void
set_knob (uint32_t id, struct json_object *request)
{
  struct json_object *value;
  char *name = string_member (request, "name");
  bool ok = name && json_object_object_get_ex (request, "value", &value);
  if (ok)
    ok = te_control_set_knob (&te_interpreter.control, name, json_object_get_double (value),
                              json_object_is_type (value, json_type_string) ? json_object_get_string (value)
                                                                            : NULL);
  free (name);
  ok ? reply (id, "") : reply_error (id, "a knob needs a name and a value");
}

/* Telling lines costs every line of the program: only who steps by them, or may stop at one, has them told. */
static void
tell_lines (bool on)
{
  if (!te_interpreter.trace)
    return;
  PyGILState_STATE gil = PyGILState_Ensure ();
  te_interpreter.trace->lines (on);
  PyGILState_Release (gil);
}

static void
set_breakpoints (uint32_t id, struct json_object *request)
{
  size_t n = json_object_is_type (request, json_type_array) ? json_object_array_length (request) : 0;
  TeBreakpoint *breakpoints = calloc (n + 1, sizeof *breakpoints);
  if (!breakpoints)
    return reply_error (id, "no memory");
  for (size_t i = 0; i < n; i++)
    {
      struct json_object *entry = json_object_array_get_idx (request, i), *line;
      breakpoints[i].path = string_member (entry, "path");
      breakpoints[i].condition = string_member (entry, "condition");
      if (json_object_object_get_ex (entry, "line", &line))
        breakpoints[i].line = (uint32_t) json_object_get_int (line);
    }
  te_control_take_breakpoints (&te_interpreter.control, breakpoints, n);
  if (n || te_interpreter.control.mode == TE_MODE_RUN)
    tell_lines (n != 0);
  reply (id, "");
}

/* Trying asks for more than looking: the question is the kernel's own. */
static bool
is_try (const char *question)
{
  struct json_object *request = json_tokener_parse (question);
  char *what = string_member (request, "what");
  bool yes = what && !strcmp (what, "try");
  free (what);
  json_object_put (request);
  return yes;
}

static void
try_edits (uint32_t id, const char *question)
{
  const char *error;
  PyGILState_STATE gil = PyGILState_Ensure ();
  char *answer = te_failure_try (question, &error);
  PyErr_Clear ();
  PyGILState_Release (gil);
  answer ? reply (id, answer) : reply_error (id, error);
  free (answer);
}

static void
inspect (uint32_t id, const char *question)
{
  if (!te_interpreter.trace)
    return reply_error (id, te_interpreter.trace_error ? te_interpreter.trace_error : "torch is not there");
  PyGILState_STATE gil = PyGILState_Ensure ();
  char *answer = te_interpreter.trace->inspect (question);
  if (!answer)
    {
      PyObject *type, *value, *traceback;
      PyErr_Fetch (&type, &value, &traceback);
      PyObject *text = value ? PyObject_Str (value) : NULL;
      const char *message = text ? PyUnicode_AsUTF8 (text) : NULL;
      reply_error (id, message ? message : "the question could not be answered");
      PyErr_Clear ();
      Py_XDECREF (text);
      Py_XDECREF (type);
      Py_XDECREF (value);
      Py_XDECREF (traceback);
    }
  PyGILState_Release (gil);
  if (answer)
    {
      reply (id, answer);
      free (answer);
    }
}

/* A program that computes without ops or lines being watched still comes by here between two instructions. */
static int
pending_point (void *unused)
{
  return te_interpreter.trace && te_interpreter.busy && !te_interpreter.trace->point (TE_STEP_LINE) ? -1 : 0;
}

/* A pending call that another thread adds does not break the main thread's loop in 3.11; asking for the GIL
 * does. */
static void
interrupt_bytecode (void)
{
  Py_AddPendingCall (pending_point, NULL);
  PyGILState_Release (PyGILState_Ensure ());
}

static void
answer_request (const TeFrame *frame, const char *payload)
{
  TeControl *control = &te_interpreter.control;
  struct json_object *request = NULL;
  switch ((TeFrameType) frame->type)
    {
    case TE_FRAME_EXECUTE:
    case TE_FRAME_SET_KNOB:
    case TE_FRAME_BREAKPOINTS:
      request = json_tokener_parse (payload);
      if (!request)
        reply_error (frame->id, "this is not JSON");
      else if (frame->type == TE_FRAME_EXECUTE)
        execute (frame->id, request);
      else if (frame->type == TE_FRAME_SET_KNOB)
        set_knob (frame->id, request);
      else
        set_breakpoints (frame->id, request);
      json_object_put (request);
      return;
    case TE_FRAME_INSPECT:
      is_try (payload) ? try_edits (frame->id, payload) : inspect (frame->id, payload);
      return;
    case TE_FRAME_CONTINUE:
      tell_lines (control->n_breakpoints != 0); /* free running pays nothing for them */
      te_control_continue (control);
      break;
    case TE_FRAME_PAUSE:
      te_control_pause (control);
      interrupt_bytecode ();
      break;
    case TE_FRAME_STEP:
      {
        uint32_t step[2];
        if (frame->nbytes != sizeof step)
          return reply_error (frame->id, "a step is a unit and a count");
        memcpy (step, payload, sizeof step);
        if (step[0] == TE_STEP_LINE || step[0] == TE_STEP_INTO)
          tell_lines (true);
        te_control_step (control, (TeStepUnit) step[0], step[1]);
        break;
      }
    case TE_FRAME_ANSWER:
      te_control_answer (control, payload, frame->nbytes);
      break;
    case TE_FRAME_WATCH:
      if (frame->nbytes % sizeof (TeWatch))
        return reply_error (frame->id, "watches come whole");
      te_control_set_watches (control, (const TeWatch *) payload, frame->nbytes / sizeof (TeWatch));
      break;
    case TE_FRAME_QUIT:
      te_control_quit (control);
      pthread_mutex_lock (&te_interpreter.job_mutex);
      te_interpreter.quit = true;
      pthread_cond_signal (&te_interpreter.job_ready);
      pthread_mutex_unlock (&te_interpreter.job_mutex);
      break;
    case TE_FRAME_REWIND:
      return reply_error (frame->id, "this interpreter is awake");
    case TE_FRAME_READY:
    case TE_FRAME_SNAPSHOT:
    case TE_FRAME_REPLY:
    case TE_FRAME_ERROR:
    case TE_FRAME_STATE:
      return reply_error (frame->id, "this frame goes the other way");
    default: /* a number from outside */
      return reply_error (frame->id, "unknown frame");
    }
  reply (frame->id, "");
}

static void *
answer_frames (void *unused)
{
  TeFrame frame;
  char *payload;
  while (te_frame_receive (TE_FD_FRAMES, &frame, &payload))
    {
      answer_request (&frame, payload);
      free (payload);
    }
  /* The broker is gone, and with it everybody who could see what runs here; or the program closed the
   * channel. */
  _exit (TE_EXIT_CHANNEL);
  return NULL;
}

bool
te_answers_start (void)
{
  pthread_t thread;
  pthread_attr_t attributes;
  pthread_attr_init (&attributes);
  pthread_attr_setdetachstate (&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize (&attributes, 1 << 20);
  bool ok = pthread_create (&thread, &attributes, answer_frames, NULL) == 0;
  pthread_attr_destroy (&attributes);
  return ok;
}
