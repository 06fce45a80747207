/* Stopping at clean points: before an op, a line, a backward node, after an iteration.  The main thread parks
 * without the GIL; the thread that answers frames takes it for questions. */
#include "python/trace-private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Asked every 20 ms while the main thread is parked, without the GIL: somebody may look at another tensor
 * now. */
static bool
still_fine (void *unused)
{
  TeTraceState *s = &te_trace_state;
  if (s->watch_version != __atomic_load_n (&s->control->watch_version, __ATOMIC_ACQUIRE))
    {
      PyGILState_STATE gil = PyGILState_Ensure ();
      te_trace_facts_refresh ();
      te_trace_facts_newly_watched ();
      te_recorder_flush (s->recorder);
      PyGILState_Release (gil);
    }
  return !te_interrupted ();
}

/* What somebody who stops wants to see: names and the values behind them. */
static void
tell_for_pause (void)
{
  TeTraceState *s = &te_trace_state;
  bool facts = s->facts;
  bool values = s->values_on, storage = s->storage_on;
  int64_t left = s->opening_left;
  te_trace_facts_at_rest ();
  te_trace_names_scan ();
  s->facts = facts;
  s->opening_left = left;
  s->values_on = values;
  s->storage_on = storage;
}

/* Why a breakpoint stops whose condition could not be evaluated; told with the pause. */
static char pause_note[256];

static bool
park (TeStepUnit unit)
{
  TeTraceState *s = &te_trace_state;
  TeControl *control = s->control;
  tell_for_pause ();
  te_recorder_state (s->recorder, TE_STATE_PAUSED, te_trace_person_position (), pause_note, unit);
  if (control->tell_state)
    control->tell_state (control, TE_STATE_PAUSED, pause_note);
  pause_note[0] = 0;
  bool fine;
  Py_BEGIN_ALLOW_THREADS fine = te_control_park (control, still_fine, NULL);
  Py_END_ALLOW_THREADS
      /* The window's own request is answered by this stop. */
      s->recorder->segment->pause = 0;
  s->step_modules = s->n_modules;
  s->into_module = false;
  te_recorder_state (s->recorder, TE_STATE_RUNNING, 0, "", 0);
  if (control->tell_state)
    control->tell_state (control, TE_STATE_RUNNING, "");
  te_trace_facts_look (te_recorder_clock_nsec ());
  if (fine)
    return true;
  te_interrupt_clear ();
  if (PyErr_CheckSignals () == 0)
    PyErr_SetNone (PyExc_KeyboardInterrupt);
  return false;
}

/* The end of a way to an earlier place. */
static bool
is_there (TeStepUnit unit)
{
  TeTraceState *s = &te_trace_state;
  TeControl *control = s->control;
  /* This op may be the last one before lines are to be told. */
  if (unit == TE_STEP_OP && s->last_call + 1 >= control->lines_since)
    te_trace_lines (true);
  if (s->last_call < control->until_call)
    return false;
  if (unit == TE_STEP_LINE && control->until_lines)
    control->until_lines--;
  return unit == TE_STEP_OP || (!control->until_lines && s->recorder->n_steps >= control->until_steps);
}

bool
te_trace_point_slow (TeStepUnit unit)
{
  TeTraceState *s = &te_trace_state;
  if (!te_trace_on () || !s->program || PyThreadState_Get () != s->main_thread)
    return true;
  if (s->recorder->segment->pause)
    te_control_pause (s->control);
  if (s->control->mode == TE_MODE_UNTIL && is_there (unit))
    te_control_pause (s->control);
  bool is_inside = s->into_module && (unit == TE_STEP_LINE || unit == TE_STEP_OP);
  bool fine = !te_control_point (s->control, is_inside ? TE_STEP_INTO : unit) || park (unit);
  s->recorder->waits = s->control->mode == TE_MODE_STEP;
  if (s->recorder->waits)
    te_trace_facts_stepping ();
  return fine;
}

void
te_trace_stop_in_hook (TeStepUnit unit)
{
  if (te_trace_point_slow (unit))
    return;
  PyErr_Clear ();
  PyErr_SetInterrupt ();
}

bool
te_trace_point (TeStepUnit unit)
{
  return !te_trace_on () || !te_trace_must_look () || te_trace_point_slow (unit);
}

/* ---- lines ---- */

static void
note_failed_condition (void)
{
  PyObject *type, *value, *traceback;
  PyErr_Fetch (&type, &value, &traceback);
  PyErr_NormalizeException (&type, &value, &traceback);
  PyObject *text = value ? PyObject_Str (value) : NULL;
  const char *message = text ? PyUnicode_AsUTF8 (text) : NULL;
  snprintf (pause_note, sizeof pause_note, "%s: %s", type ? ((PyTypeObject *) type)->tp_name : "?",
            message ? message : "");
  PyErr_Clear ();
  Py_XDECREF (text);
  Py_XDECREF (type);
  Py_XDECREF (value);
  Py_XDECREF (traceback);
}

static bool
condition_holds (const char *condition, PyFrameObject *frame)
{
  if (!condition || !*condition)
    return true;
  PyObject *globals = PyFrame_GetGlobals (frame), *locals = PyFrame_GetLocals (frame);
  te_trace_observers_detach (); /* what the condition computes is no part of the program */
  PyObject *value = globals && locals ? PyRun_String (condition, Py_eval_input, globals, locals) : NULL;
  /* A condition that cannot be evaluated stops: somebody should see why. */
  int truth = value ? PyObject_IsTrue (value) : -1;
  bool holds = truth != 0;
  if (truth < 0)
    note_failed_condition ();
  te_trace_observers_attach ();
  Py_XDECREF (value);
  Py_XDECREF (locals);
  Py_XDECREF (globals);
  return holds;
}

static bool
is_breakpoint (PyFrameObject *frame, PyCodeObject *code, int line)
{
  TeControl *control = te_trace_state.control;
  char *condition = NULL;
  bool hit = false;
  if (!control->n_breakpoints)
    return false;
  const char *path = PyUnicode_AsUTF8 (code->co_filename);
  pthread_mutex_lock (&control->mutex);
  for (size_t i = 0; path && i < control->n_breakpoints && !hit; i++)
    {
      const TeBreakpoint *b = &control->breakpoints[i];
      hit = (int) b->line == line && b->path && !strcmp (b->path, path);
      if (hit && b->condition && *b->condition)
        condition = strdup (b->condition);
    }
  pthread_mutex_unlock (&control->mutex);
  PyErr_Clear ();
  hit = hit && condition_holds (condition, frame);
  free (condition);
  return hit;
}

static uint32_t
depth_of (PyFrameObject *frame)
{
  uint32_t depth = 0;
  PyFrameObject *at = PyFrame_GetBack (frame);
  while (at)
    {
      PyFrameObject *next = PyFrame_GetBack (at);
      Py_DECREF (at);
      at = next;
      depth++;
    }
  return depth;
}

static int
on_event (PyObject *unused, PyFrameObject *frame, int what, PyObject *argument)
{
  TeTraceState *s = &te_trace_state;
  if (!te_trace_on () || !s->program
      || (what != PyTrace_LINE && what != PyTrace_CALL && what != PyTrace_RETURN))
    return 0;
  PyCodeObject *code = PyFrame_GetCode (frame);
  int result = 0;
  if (te_trace_is_person (code))
    {
      int line = PyFrame_GetLineNumber (frame);
      te_recorder_line (s->recorder, te_trace_file_of (code), (uint32_t) line, depth_of (frame),
                        what == PyTrace_LINE   ? 0
                        : what == PyTrace_CALL ? 1
                                               : 2);
      if (what == PyTrace_LINE)
        {
          te_trace_names_scan ();
          if (is_breakpoint (frame, code, line))
            te_control_pause (s->control);
          if (te_trace_must_look () && !te_trace_point_slow (TE_STEP_LINE))
            result = -1;
        }
    }
  Py_DECREF (code);
  return result;
}

/* Any thread that holds the GIL; the tracer is the main thread's. */
void
te_trace_lines (bool on)
{
  TeTraceState *s = &te_trace_state;
  if (!te_trace_on () || on == s->lines_on || !s->main_thread)
    return;
  if (_PyEval_SetTrace (s->main_thread, on ? on_event : NULL, NULL) == 0)
    s->lines_on = on;
  PyErr_Clear ();
}
