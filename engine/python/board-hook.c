/* torch._C._board: what `import gradboard` reaches.  Not attached, every function answers as
 * data/python/gradboard.py does without a board. */
#include "python/trace-private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct
{
  char *name;
  double value;
  uint32_t calls;   /* of gb.knob for it */
  uint32_t version; /* of the control's knobs when value was taken over */
} Knob;

static Knob *knobs;
static int n_knobs;

static TeRecorder *
recorder (void)
{
  return te_trace_state.recorder;
}

/* ---- knobs ---- */

static Knob *
find_knob (const char *name)
{
  for (int i = 0; i < n_knobs; i++)
    if (!strcmp (knobs[i].name, name))
      return &knobs[i];
  return NULL;
}

static Knob *
add_knob (const char *name, double value)
{
  Knob *grown = realloc (knobs, (size_t) (n_knobs + 1) * sizeof *grown);
  char *copy = strdup (name);
  if (grown)
    knobs = grown;
  if (!grown || !copy)
    {
      free (copy);
      return NULL;
    }
  knobs[n_knobs] = (Knob){ copy, value, 1, UINT32_MAX };
  return &knobs[n_knobs++];
}

typedef struct
{
  uint32_t kind; /* as TeRecordKnob says */
  double default_value, low, high;
  bool logarithmic;
  PyObject *choices; /* borrowed list or tuple, or NULL */
} KnobPlan;

static double
number_or (PyObject *object, double otherwise)
{
  double value = object && object != Py_None ? PyFloat_AsDouble (object) : otherwise;
  if (PyErr_Occurred ())
    {
      PyErr_Clear ();
      return otherwise;
    }
  return value;
}

static bool
plan_knob (KnobPlan *plan, PyObject *value, PyObject *low, PyObject *high, PyObject *choices)
{
  plan->choices = choices && choices != Py_None ? choices : NULL;
  if (plan->choices)
    {
      Py_ssize_t index = PySequence_Index (plan->choices, value);
      PyErr_Clear ();
      plan->kind = 3;
      plan->default_value = index > 0 ? (double) index : 0;
      plan->low = 0;
      plan->high = (double) (PySequence_Size (plan->choices) - 1);
      return !PyErr_Occurred ();
    }
  plan->kind = PyBool_Check (value) ? 2 : PyLong_Check (value) ? 1 : 0;
  plan->default_value = PyFloat_AsDouble (value);
  plan->low = number_or (low, 0);
  plan->high = number_or (high, 1);
  return !PyErr_Occurred ();
}

static PyObject *
json_text (PyObject *object)
{
  PyObject *json = PyImport_ImportModule ("json");
  PyObject *text = json ? PyObject_CallMethod (json, "dumps", "O", object) : NULL;
  Py_XDECREF (json);
  return text;
}

static void
declare_knob (const char *name, const KnobPlan *plan, double value)
{
  PyObject *choices = plan->choices ? json_text (plan->choices) : NULL;
  const char *text = choices ? PyUnicode_AsUTF8 (choices) : NULL;
  PyErr_Clear ();
  te_recorder_knob (recorder (), name, plan->kind, value, plan->default_value, plan->low, plan->high,
                    plan->logarithmic, text);
  Py_XDECREF (choices);
}

/* The number for a setting from outside; a choice may come by its text. */
static double
setting_value (const KnobPlan *plan, const char *text, double value)
{
  if (text && plan->choices)
    for (Py_ssize_t i = 0; i < PySequence_Size (plan->choices); i++)
      {
        PyObject *item = PySequence_GetItem (plan->choices, i), *str = item ? PyObject_Str (item) : NULL;
        const char *choice = str ? PyUnicode_AsUTF8 (str) : NULL;
        bool same = choice && !strcmp (choice, text);
        PyErr_Clear ();
        Py_XDECREF (str);
        Py_XDECREF (item);
        if (same)
          return (double) i;
      }
  if (plan->kind == 2)
    return value != 0;
  if (plan->kind == 1 || plan->kind == 3)
    value = round (value);
  return value < plan->low ? plan->low : value > plan->high ? plan->high : value;
}

static void
take_setting (Knob *knob, const KnobPlan *plan)
{
  TeControl *control = te_trace_state.control;
  double value = knob->value;
  pthread_mutex_lock (&control->mutex);
  bool news = knob->version != control->knob_version;
  knob->version = control->knob_version;
  for (TeKnobSetting *setting = news ? control->knobs : NULL; setting; setting = setting->next)
    if (!strcmp (setting->name, knob->name))
      value = setting_value (plan, setting->text, setting->value);
  pthread_mutex_unlock (&control->mutex);
  te_control_fed_knob (control, knob->name, knob->calls, &value);
  if (value != knob->value)
    {
      knob->value = value;
      te_recorder_knob_set (recorder (), knob->name, value, knob->calls);
    }
}

static PyObject *
knob_result (const KnobPlan *plan, double value)
{
  switch (plan->kind)
    {
    case 1:
      return PyLong_FromDouble (value);
    case 2:
      return PyBool_FromLong (value != 0);
    case 3:
      return PySequence_GetItem (plan->choices, (Py_ssize_t) value);
    default: /* a number */
      return PyFloat_FromDouble (value);
    }
}

static PyObject *
board_knob (PyObject *self, PyObject *args, PyObject *kwargs)
{
  static char *names[] = { "name", "default", "low", "high", "log", "choices", NULL };
  const char *name;
  PyObject *value, *low = NULL, *high = NULL, *choices = NULL;
  int logarithmic = 0;
  if (!PyArg_ParseTupleAndKeywords (args, kwargs, "sO|OOpO", names, &name, &value, &low, &high, &logarithmic,
                                    &choices))
    return NULL;
  if (!te_trace_on ())
    return Py_NewRef (value);
  Knob *knob = find_knob (name);
  TeControl *control = te_trace_state.control;
  if (knob)
    knob->calls++;
  if (knob && !control->n_knob_feed && knob->version == __atomic_load_n (&control->knob_version, __ATOMIC_ACQUIRE)
      && (!choices || choices == Py_None))
    {
      KnobPlan quick = { .kind = PyBool_Check (value) ? 2 : PyLong_Check (value) ? 1 : 0 };
      return knob_result (&quick, knob->value);
    }
  KnobPlan plan = { .logarithmic = logarithmic };
  if (!plan_knob (&plan, value, low, high, choices))
    return NULL;
  if (!knob)
    {
      knob = add_knob (name, plan.default_value);
      if (!knob)
        return PyErr_NoMemory ();
      declare_knob (name, &plan, plan.default_value);
    }
  take_setting (knob, &plan);
  return knob_result (&plan, knob->value);
}

/* ---- pointing at things ---- */

static PyObject *
board_watch (PyObject *self, PyObject *object)
{
  if (te_trace_on () && te_py_is_tensor (object))
    {
      TeTensor *tensor = te_py_tensor (object);
      uint32_t pos = te_trace_person_position ();
      te_trace_know_tensor (tensor, pos);
      te_recorder_show (recorder (), tensor->id, NULL, NULL, NULL, pos);
    }
  else if (te_trace_on () && te_module_trace_slot && te_module_trace_slot (object))
    te_trace_module_tell (object);
  return Py_NewRef (object);
}

typedef struct
{
  PyObject *wanted;
  const char *name;
} Search;

static void
match_name (PyObject *name, PyObject *value, void *data)
{
  Search *search = data;
  if (value == search->wanted && !search->name)
    search->name = PyUnicode_AsUTF8 (name);
}

static PyObject *
board_show (PyObject *self, PyObject *args)
{
  PyObject *object, *labels = Py_None;
  const char *view = NULL;
  if (!PyArg_ParseTuple (args, "O|zO", &object, &view, &labels))
    return NULL;
  if (te_trace_on () && te_py_is_tensor (object))
    {
      TeTensor *tensor = te_py_tensor (object);
      uint32_t pos = te_trace_person_position ();
      PyObject *json = labels != Py_None ? json_text (labels) : NULL;
      const char *text = json ? PyUnicode_AsUTF8 (json) : NULL;
      Search search = { object, NULL };
      PyErr_Clear ();
      te_trace_visit_person_frame (match_name, &search);
      te_trace_tell_tensor (tensor, pos);
      te_trace_facts_shown (tensor);
      te_recorder_show (recorder (), tensor->id, view, search.name, text, pos);
      PyErr_Clear ();
      Py_XDECREF (json);
    }
  return Py_NewRef (object);
}

static PyObject *
board_log (PyObject *self, PyObject *args)
{
  const char *name, *over = "";
  double value, x = 0;
  if (!PyArg_ParseTuple (args, "sd|ds", &name, &value, &x, &over))
    return NULL;
  if (te_trace_on ())
    te_recorder_log (recorder (), te_trace_log_iteration (), name, value, x, over, te_trace_person_position ());
  Py_RETURN_NONE;
}

static PyObject *
board_event (PyObject *self, PyObject *args)
{
  const char *name, *json;
  if (!PyArg_ParseTuple (args, "ss", &name, &json))
    return NULL;
  if (te_trace_on ())
    te_recorder_named (recorder (), TE_RECORD_EVENT, name, json, te_trace_person_position (), 0);
  Py_RETURN_NONE;
}

static PyObject *
board_mark (PyObject *self, PyObject *args)
{
  const char *label;
  if (!PyArg_ParseTuple (args, "s", &label))
    return NULL;
  if (te_trace_on ())
    te_recorder_named (recorder (), TE_RECORD_MARK, label, "", te_trace_person_position (), 0);
  Py_RETURN_NONE;
}

/* ---- predictions ---- */

static bool
still_fine (void *unused)
{
  return !te_interrupted ();
}

/* Waits until the window has answered; the answer itself is the window's business. */
static PyObject *
board_ask (PyObject *self, PyObject *args)
{
  TeTraceState *s = &te_trace_state;
  const char *id;
  size_t nbytes = 0;
  if (!PyArg_ParseTuple (args, "s", &id))
    return NULL;
  if (!te_trace_on () || !s->program)
    Py_RETURN_NONE;
  uint32_t pos = te_trace_person_position ();
  te_trace_names_scan ();
  te_recorder_named (s->recorder, TE_RECORD_ASK, id, "", pos, 0);
  if (s->control->mode == TE_MODE_UNTIL)
    Py_RETURN_NONE; /* on the way to a place it was answered before */
  te_recorder_state (s->recorder, TE_STATE_WAITING_ANSWER, pos, id, 0);
  if (s->control->tell_state)
    s->control->tell_state (s->control, TE_STATE_WAITING_ANSWER, id);
  char *answer;
  Py_BEGIN_ALLOW_THREADS answer = te_control_take_answer (s->control, &nbytes, still_fine, NULL);
  Py_END_ALLOW_THREADS te_recorder_state (s->recorder, TE_STATE_RUNNING, 0, "", 0);
  if (s->control->tell_state)
    s->control->tell_state (s->control, TE_STATE_RUNNING, "");
  if (answer)
    {
      free (answer);
      Py_RETURN_NONE;
    }
  te_interrupt_clear ();
  if (PyErr_CheckSignals () == 0)
    PyErr_SetNone (PyExc_KeyboardInterrupt);
  return NULL;
}

static PyObject *
board_tell (PyObject *self, PyObject *args)
{
  const char *id, *json;
  if (!PyArg_ParseTuple (args, "ss", &id, &json))
    return NULL;
  if (te_trace_on ())
    te_recorder_named (recorder (), TE_RECORD_TELL, id, json, te_trace_person_position (), 0);
  Py_RETURN_NONE;
}

static PyObject *
board_check (PyObject *self, PyObject *args)
{
  const char *name;
  int holds;
  if (!PyArg_ParseTuple (args, "sp", &name, &holds))
    return NULL;
  if (te_trace_on ())
    te_recorder_named (recorder (), TE_RECORD_CHECK, name, "", te_trace_person_position (), holds);
  else if (!holds)
    {
      PyErr_SetString (PyExc_AssertionError, name);
      return NULL;
    }
  Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
  { "knob", (PyCFunction) (void (*) (void)) board_knob, METH_VARARGS | METH_KEYWORDS,
    "knob(name, default, low=None, high=None, log=False, choices=None): the knob's present value." },
  { "watch", board_watch, METH_O, "watch(module or tensor): keeps it in view." },
  { "log", board_log, METH_VARARGS, "log(name, value, x=0, over=''): one point of a curve." },
  { "show", board_show, METH_VARARGS, "show(tensor, view=None, labels=None): points a view at a tensor." },
  { "event", board_event, METH_VARARGS, "event(name, json): what happened, with an object of fields." },
  { "mark", board_mark, METH_VARARGS, "mark(label): a mark on the timeline." },
  { "ask", board_ask, METH_VARARGS, "ask(id): waits for a prediction." },
  { "tell", board_tell, METH_VARARGS, "tell(id, json): the computed truth." },
  { "check", board_check, METH_VARARGS, "check(name, holds): states a fact." },
  { NULL },
};

static struct PyModuleDef definition = { PyModuleDef_HEAD_INIT, .m_name = "torch._C._board", .m_size = -1,
                                         .m_methods = methods };

PyObject *
te_board_module_new (void)
{
  return PyModule_Create (&definition);
}

void
te_board_reset (void)
{
  for (int i = 0; i < n_knobs; i++)
    free (knobs[i].name);
  free (knobs);
  knobs = NULL;
  n_knobs = 0;
}
