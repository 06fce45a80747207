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

static bool
park (TeStepUnit unit)
{
  TeTraceState *s = &te_trace_state;
  TeControl *control = s->control;
  tell_for_pause ();
  /* Why a breakpoint stops whose condition could not be evaluated. */
  const char *note = te_trace_breakpoint_note ();
  te_recorder_state (s->recorder, TE_STATE_PAUSED, te_trace_person_position (), note, unit);
  if (control->tell_state)
    control->tell_state (control, TE_STATE_PAUSED, note);
  te_trace_breakpoint_note_clear ();
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

/* Of frames at each depth, which line was begun last: when the next one is reached, that one has run. */
static uint32_t begun[256];

static void
tell_line (PyFrameObject *frame, PyCodeObject *code, int what, int line)
{
  TeTraceState *s = &te_trace_state;
  uint32_t depth = depth_of (frame), *here = &begun[depth % (sizeof begun / sizeof begun[0])];
  te_recorder_line (s->recorder, te_trace_file_of (code), (uint32_t) line, depth,
                    what == PyTrace_LINE   ? 0
                    : what == PyTrace_CALL ? 1
                                           : 2);
  if (what == PyTrace_LINE)
    te_trace_names_ran (*here);
  *here = what == PyTrace_LINE ? te_trace_code_position (code, PyFrame_GetLasti (frame)) : 0;
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
      tell_line (frame, code, what, line);
      if (what == PyTrace_LINE)
        {
          if (te_trace_at_breakpoint (frame, code, line))
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
  memset (begun, 0, sizeof begun);
  if (_PyEval_SetTrace (s->main_thread, on ? on_event : NULL, NULL) == 0)
    s->lines_on = on;
  PyErr_Clear ();
}
