/* torch._C._trace and the capsule through which an interpreter attaches. */
#include "python/trace-private.h"

#include <string.h>

/* ---- torch._C._trace: what Python code of the package tells ---- */

static PyObject *
step_begin (PyObject *self, PyObject *optimizer)
{
  if (te_trace_hooks)
    te_trace_hooks->step_begin (optimizer);
  Py_RETURN_NONE;
}

static PyObject *
step_end (PyObject *self, PyObject *optimizer)
{
  if (te_trace_hooks)
    te_trace_hooks->step_end (optimizer);
  Py_RETURN_NONE;
}

static PyObject *
optimizer_made (PyObject *self, PyObject *optimizer)
{
  if (te_trace_on ())
    te_trace_state.has_optimizer = true;
  te_trace_optimizer_told (optimizer);
  Py_RETURN_NONE;
}

static PyObject *
scheduler_stepped (PyObject *self, PyObject *scheduler)
{
  te_trace_scheduler_stepped (scheduler);
  Py_RETURN_NONE;
}

static PyObject *
mode_set (PyObject *self, PyObject *args)
{
  PyObject *module;
  int training;
  if (!PyArg_ParseTuple (args, "Op", &module, &training))
    return NULL;
  te_trace_mode_set (module, training);
  Py_RETURN_NONE;
}

static PyObject *
batch (PyObject *self, PyObject *args)
{
  unsigned long long number, epoch, n_batches;
  if (!PyArg_ParseTuple (args, "KKK", &number, &epoch, &n_batches))
    return NULL;
  if (te_trace_hooks)
    te_trace_hooks->batch (number, epoch, n_batches);
  Py_RETURN_NONE;
}

static PyObject *
attached (PyObject *self, PyObject *unused)
{
  return PyBool_FromLong (te_trace_on ());
}

/* warnings.showwarning while attached: tells the trace, then shows it as ever. */
static PyObject *
show_warning (PyObject *self, PyObject *args, PyObject *kwargs)
{
  PyObject *message, *category, *filename, *line, *file = Py_None, *text = Py_None;
  static char *names[] = { "message", "category", "filename", "lineno", "file", "line", NULL };
  if (!PyArg_ParseTupleAndKeywords (args, kwargs, "OOOO|OO", names, &message, &category, &filename, &line,
                                    &file, &text))
    return NULL;
  PyObject *words = PyObject_Str (message), *kind = PyObject_GetAttrString (category, "__name__");
  const char *words_text = words ? PyUnicode_AsUTF8 (words) : NULL,
             *kind_text = kind ? PyUnicode_AsUTF8 (kind) : NULL;
  if (te_trace_on () && words_text)
    te_recorder_warning (te_trace_state.recorder, kind_text, words_text, te_trace_person_position ());
  PyErr_Clear ();
  Py_XDECREF (words);
  Py_XDECREF (kind);
  PyObject *warnings = PyImport_ImportModule ("warnings");
  PyObject *original = warnings ? PyObject_GetAttrString (warnings, "_showwarning_orig") : NULL;
  PyObject *done =
      original ? PyObject_CallFunctionObjArgs (original, message, category, filename, line, file, text, NULL)
               : NULL;
  Py_XDECREF (original);
  Py_XDECREF (warnings);
  return done;
}

static PyMethodDef methods[] = {
  { "step_begin", step_begin, METH_O, "An optimiser is about to change its parameters." },
  { "step_end", step_end, METH_O, "It has changed them: an iteration ends." },
  { "optimizer_made", optimizer_made, METH_O, "There is an optimiser, so its steps end iterations." },
  { "scheduler_stepped", scheduler_stepped, METH_O, "A learning rate scheduler has stepped." },
  { "mode_set", mode_set, METH_VARARGS, "mode_set(module, training): train() or eval() was called." },
  { "batch", batch, METH_VARARGS, "batch(number, epoch, n_batches): a loader hands out a batch." },
  { "attached", attached, METH_NOARGS, "Whether somebody listens." },
  { "_show_warning", (PyCFunction) (void (*) (void)) show_warning, METH_VARARGS | METH_KEYWORDS, NULL },
  { NULL },
};

static struct PyModuleDef definition = { PyModuleDef_HEAD_INIT, .m_name = "torch._C._trace", .m_size = -1,
                                         .m_methods = methods };

static PyObject *trace_module;

/* ---- the capsule ---- */

static void
hook_warnings (void)
{
  PyObject *warnings = PyImport_ImportModule ("warnings");
  PyObject *function = warnings ? PyObject_GetAttrString (trace_module, "_show_warning") : NULL;
  if (function)
    PyObject_SetAttrString (warnings, "showwarning", function);
  PyErr_Clear ();
  Py_XDECREF (function);
  Py_XDECREF (warnings);
}

static bool
api_attach (TeRecorder *recorder, TeControl *control)
{
  TeTraceState *s = &te_trace_state;
  memset (s, 0, sizeof *s);
  s->recorder = recorder;
  s->control = control;
  s->main_thread = PyThreadState_Get ();
  s->iteration = 1;
  if (!te_trace_position_attach () || !te_trace_observers_attach ())
    {
      s->recorder = NULL;
      PyErr_SetString (PyExc_RuntimeError, "the trace cannot be attached");
      return false;
    }
  te_trace_modules_attach ();
  hook_warnings ();
  return true;
}

static void
api_detach (void)
{
  te_trace_observers_detach ();
  te_trace_modules_detach ();
  te_trace_position_detach ();
  te_trace_flow_reset ();
  te_board_reset ();
  te_trace_names_reset ();
  te_trace_loss_reset ();
  te_trace_training_reset ();
  te_trace_held_reset ();
  te_trace_state.recorder = NULL;
}

static void
api_observe (bool on)
{
  if (on)
    {
      te_trace_observers_attach ();
      te_trace_modules_attach ();
    }
  else
    {
      te_trace_observers_detach ();
      te_trace_modules_mute ();
    }
}

extern char *openblas_get_config (void);

static const char *
api_blas (void)
{
  return openblas_get_config ();
}

static void
api_mute (void)
{
  te_trace_observers_detach ();
  te_trace_modules_mute ();
  te_trace_state.recorder = NULL;
  te_trace_state.lines_on = false;
}

static void
program_begin (PyObject *globals)
{
  TeTraceState *s = &te_trace_state;
  s->globals = globals;
  s->program = true;
  s->failed_call = 0;
  s->depth = s->n_modules = s->backward_depth = s->node_depth = 0;
  s->in_optimizer = false;
  s->recorder->waits = false;
  te_trace_names_reset ();
  te_trace_loss_reset ();
  te_trace_training_reset ();
  te_trace_held_reset ();
  te_trace_facts_begin ();
}

static void
program_end (void)
{
  TeTraceState *s = &te_trace_state;
  if (!s->program || !te_trace_on ())
    return;
  if (s->iteration_pending)
    te_trace_forward_begins ();
  te_trace_facts_at_rest ();
  s->window_cost_cpu = 0;
  te_trace_names_program_end (s->globals);
  te_trace_facts_params ();
  s->facts = s->flow = false;
  s->opening_left = 0;
  s->program = false;
  te_trace_flow_reset ();
  te_trace_lines (false);
  s->next_meter_nsec = 0;
  te_trace_facts_look (te_recorder_clock_nsec ());
}

static void
progress (uint64_t *call, uint64_t *iteration)
{
  *call = te_trace_state.last_call;
  *iteration = te_trace_state.iteration;
}

static uint64_t
failed_call (void)
{
  return te_trace_state.failed_call;
}

static const TeTraceApi api = { .version = TE_TRACE_API_VERSION,
                                .attach = api_attach,
                                .detach = api_detach,
                                .mute = api_mute,
                                .observe = api_observe,
                                .blas = api_blas,
                                .program_begin = program_begin,
                                .program_end = program_end,
                                .current_position = te_trace_person_position,
                                .code_position = te_trace_code_position,
                                .place_position = te_trace_place_position,
                                .is_person = te_trace_is_person,
                                .point = te_trace_point,
                                .failed_call = failed_call,
                                .shares_memory = te_storage_any_shared,
                                .progress = progress,
                                .lines = te_trace_lines,
                                .inspect = te_trace_inspect,
                                .interrupt = te_interrupt_set,
                                .interrupt_clear = te_interrupt_clear };

static bool
add_submodule (PyObject *module, const char *name, const char *full_name, PyObject *child)
{
  bool ok = child && PyModule_AddObjectRef (module, name, child) == 0
            && PyDict_SetItemString (PyImport_GetModuleDict (), full_name, child) == 0;
  return ok;
}

bool
te_trace_python_init (PyObject *module)
{
  trace_module = PyModule_Create (&definition);
  PyObject *board = te_board_module_new ();
  PyObject *capsule = PyCapsule_New ((void *) &api, TE_TRACE_API_CAPSULE, NULL);
  bool ok = add_submodule (module, "_trace", "torch._C._trace", trace_module)
            && add_submodule (module, "_board", "torch._C._board", board) && capsule
            && PyModule_AddObjectRef (module, "_trace_api", capsule) == 0;
  Py_XDECREF (board);
  Py_XDECREF (capsule);
  return ok;
}
