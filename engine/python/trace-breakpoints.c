/* Breakpoints and their conditions.  A condition is an expression of Python in the frame that reached the
 * line; besides the frame's names it may say changed (x)    x is another one than when this breakpoint asked
 * last; of a tensor: storage, version or shape grad_norm (x)  norm of .grad, of a tensor or of all parameters
 * of a module; 0 where there is none A breakpoint of line 0 asks at every line, and stops when its condition
 * begins to hold. */
#include "python/trace-private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_ASKED   16 /* conditions at one line */
#define MOST_CHANGED 64

/* What a condition's nth changed () saw last. */
typedef struct
{
  uint64_t key;
  char *text;
} Seen;

static Seen seen[MOST_CHANGED];
static int n_seen;
static uint32_t seen_version; /* of the breakpoints that it belongs to */

static uint64_t asking; /* hash of the condition that is evaluated */
static int n_changed;   /* its calls of changed () so far */
static char note[256];

const char *
te_trace_breakpoint_note (void)
{
  return note;
}

void
te_trace_breakpoint_note_clear (void)
{
  note[0] = 0;
}

/* ---- what a condition may say ---- */

/* Owned; NULL with an exception. */
static char *
text_of (PyObject *value)
{
  char text[512];
  if (te_py_is_tensor (value) && te_py_tensor (value))
    {
      const TeTensor *tensor = te_py_tensor (value);
      int n = snprintf (text, sizeof text, "tensor %llu v%u", (unsigned long long) tensor->storage->id,
                        *tensor->version);
      for (int d = 0; d < tensor->ndim && n < (int) sizeof text - 24; d++)
        n += snprintf (text + n, sizeof text - (size_t) n, " %lld", (long long) tensor->sizes[d]);
      return strdup (text);
    }
  PyObject *repr = PyObject_Repr (value);
  const char *utf8 = repr ? PyUnicode_AsUTF8 (repr) : NULL;
  char *copy = utf8 ? strdup (utf8) : NULL;
  Py_XDECREF (repr);
  return copy;
}

static PyObject *
changed (PyObject *self, PyObject *value)
{
  uint64_t key = asking + (uint64_t) n_changed++;
  char *text = text_of (value);
  if (!text)
    return PyErr_Occurred () ? NULL : PyErr_NoMemory ();
  for (int i = 0; i < n_seen; i++)
    if (seen[i].key == key)
      {
        bool other = strcmp (seen[i].text, text) != 0;
        free (seen[i].text);
        seen[i].text = text;
        return PyBool_FromLong (other);
      }
  if (n_seen < MOST_CHANGED)
    seen[n_seen++] = (Seen){ key, text };
  else
    free (text);
  Py_RETURN_FALSE;
}

static void
add_grad (PyObject *object, double *square)
{
  double norm;
  uint32_t nans, infs;
  TeTensor *tensor = te_py_is_tensor (object) ? te_py_tensor (object) : NULL,
           *grad = tensor ? te_tensor_grad (tensor) : NULL;
  if (grad && te_trace_norm (grad, &norm, &nans, &infs))
    *square += nans ? NAN : infs ? INFINITY : norm * norm;
}

static PyObject *
grad_norm (PyObject *self, PyObject *value)
{
  double square = 0;
  if (te_py_is_tensor (value))
    {
      add_grad (value, &square);
      return PyFloat_FromDouble (sqrt (square));
    }
  PyObject *parameters = PyObject_CallMethod (value, "parameters", NULL);
  PyObject *list = parameters ? PySequence_List (parameters) : NULL;
  for (Py_ssize_t i = 0; list && i < PyList_GET_SIZE (list); i++)
    add_grad (PyList_GET_ITEM (list, i), &square);
  Py_XDECREF (parameters);
  if (!list)
    return NULL;
  Py_DECREF (list);
  return PyFloat_FromDouble (sqrt (square));
}

static PyMethodDef words[] = {
  { "changed", changed, METH_O, "Whether the value is another one than when the breakpoint asked last." },
  { "grad_norm", grad_norm, METH_O, "Norm of the gradient of a tensor, or of all parameters of a module." },
};

/* The frame's variables, with the words that it does not use itself; owned. */
static PyObject *
scope_of (PyFrameObject *frame, PyObject *globals)
{
  PyObject *locals = PyFrame_GetLocals (frame), *scope = PyDict_New ();
  bool ok = locals && scope && PyDict_Update (scope, locals) == 0;
  for (size_t i = 0; ok && i < sizeof words / sizeof words[0]; i++)
    {
      PyObject *name = PyUnicode_InternFromString (words[i].ml_name);
      if (name && !PyDict_Contains (scope, name) && !PyDict_Contains (globals, name))
        {
          PyObject *word = PyCFunction_New (&words[i], NULL);
          ok = word && PyDict_SetItem (scope, name, word) == 0;
          Py_XDECREF (word);
        }
      Py_XDECREF (name);
    }
  Py_XDECREF (locals);
  if (!ok)
    Py_CLEAR (scope);
  return scope;
}

/* ---- asking ---- */

static void
note_failure (void)
{
  PyObject *type, *value, *traceback;
  PyErr_Fetch (&type, &value, &traceback);
  PyErr_NormalizeException (&type, &value, &traceback);
  PyObject *text = value ? PyObject_Str (value) : NULL;
  const char *message = text ? PyUnicode_AsUTF8 (text) : NULL;
  snprintf (note, sizeof note, "%s: %s", type ? ((PyTypeObject *) type)->tp_name : "?",
            message ? message : "");
  PyErr_Clear ();
  Py_XDECREF (text);
  Py_XDECREF (type);
  Py_XDECREF (value);
  Py_XDECREF (traceback);
}

/* A condition that cannot be evaluated stops, so that somebody sees why; asked at every line it does not, for
 * its names may not be there yet. */
static bool
condition_holds (const char *condition, PyFrameObject *frame, bool everywhere)
{
  PyObject *globals = PyFrame_GetGlobals (frame), *scope = globals ? scope_of (frame, globals) : NULL;
  asking = everywhere;
  for (const char *at = condition; *at; at++)
    asking = (asking ^ (unsigned char) *at) * UINT64_C (0x100000001b3);
  asking <<= 8;
  n_changed = 0;
  te_trace_observers_detach (); /* what the condition computes is no part of the program */
  PyObject *value = scope ? PyRun_String (condition, Py_eval_input, globals, scope) : NULL;
  int truth = value ? PyObject_IsTrue (value) : -1;
  te_trace_observers_attach ();
  if (truth < 0 && !everywhere)
    note_failure ();
  PyErr_Clear ();
  Py_XDECREF (value);
  Py_XDECREF (scope);
  Py_XDECREF (globals);
  return truth > 0 || (truth < 0 && !everywhere);
}

typedef struct
{
  char *condition; /* owned; NULL: always */
  size_t index;
  bool everywhere, held;
} Asked;

/* Those that belong to the line: copies, for the list may be another one any time. */
static int
gather (TeControl *control, const char *path, int line, Asked *asked, uint32_t *version)
{
  int n = 0;
  pthread_mutex_lock (&control->mutex);
  *version = control->breakpoint_version;
  for (size_t i = 0; i < control->n_breakpoints && n < MOST_ASKED; i++)
    {
      const TeBreakpoint *b = &control->breakpoints[i];
      bool conditional = b->condition && *b->condition;
      if (b->line ? ((int) b->line != line || !b->path || strcmp (b->path, path)) : !conditional)
        continue;
      asked[n++] = (Asked){ conditional ? strdup (b->condition) : NULL, i, !b->line, b->held };
    }
  pthread_mutex_unlock (&control->mutex);
  return n;
}

static void
remember (TeControl *control, const Asked *asked, bool holds, uint32_t version)
{
  pthread_mutex_lock (&control->mutex);
  if (control->breakpoint_version == version && asked->index < control->n_breakpoints)
    control->breakpoints[asked->index].held = holds;
  pthread_mutex_unlock (&control->mutex);
}

static void
forget_seen (uint32_t version)
{
  if (version == seen_version)
    return;
  while (n_seen)
    free (seen[--n_seen].text);
  seen_version = version;
}

bool
te_trace_at_breakpoint (PyFrameObject *frame, PyCodeObject *code, int line)
{
  TeControl *control = te_trace_state.control;
  Asked asked[MOST_ASKED];
  uint32_t version;
  bool hit = false;
  const char *path = control->n_breakpoints ? PyUnicode_AsUTF8 (code->co_filename) : NULL;
  PyErr_Clear ();
  if (!path)
    return false;
  int n = gather (control, path, line, asked, &version);
  forget_seen (version);
  for (int i = 0; i < n; i++)
    {
      bool holds = !asked[i].condition || condition_holds (asked[i].condition, frame, asked[i].everywhere);
      if (asked[i].everywhere && holds != asked[i].held)
        remember (control, &asked[i], holds, version);
      hit |= holds && !(asked[i].everywhere && asked[i].held);
      free (asked[i].condition);
    }
  return hit;
}
