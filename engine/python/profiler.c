#include "python/profiler.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "autograd/observer.h"
#include "base/mem.h"

/* One profile at a time, for the interpreter has one thread that computes. */
static struct
{
  bool running;
  bool shapes, memory, stacks, flops;
  uint32_t session; /* labels that were opened in another one are not closed in this */
  int64_t begin_nsec;
  int32_t current; /* innermost open event, -1 */
  TeProfile profile;
  PyObject *prefixes; /* of file names that stacks leave out */
  /* Whoever listened before goes on hearing everything. */
  const TeAutogradObserver *autograd_below;
  const TeStorageObserver *storage_below;
} self = { .current = -1 };

/* ---- the collected events ---- */
static bool
grow (void **items, int32_t n, int32_t more, int32_t *room, size_t item_nbytes)
{
  if (n + more <= *room)
    return true;
  int32_t wanted = *room ? 2 * *room : 256;
  while (wanted < n + more)
    wanted *= 2;
  void *grown = te_new_sized ((size_t) wanted * item_nbytes);
  if (!grown)
    return false;
  if (n)
    memcpy (grown, *items, (size_t) n * item_nbytes);
  te_free_sized (*items, (size_t) *room * item_nbytes);
  *items = grown;
  *room = wanted;
  return true;
}

void
te_profile_clear (TeProfile *profile)
{
  for (int32_t i = 0; i < profile->n_events; i++)
    {
      Py_XDECREF (profile->events[i].name);
      Py_XDECREF (profile->events[i].stack);
    }
  te_free_sized (profile->events, (size_t) profile->events_room * sizeof *profile->events);
  te_free_sized (profile->shapes, (size_t) profile->shapes_room * sizeof *profile->shapes);
  te_free_sized (profile->sizes, (size_t) profile->sizes_room * sizeof *profile->sizes);
  *profile = (TeProfile){ 0 };
}

static int64_t
now_nsec (void)
{
  struct timespec t;
  clock_gettime (CLOCK_MONOTONIC, &t);
  return (int64_t) t.tv_sec * 1000000000 + t.tv_nsec - self.begin_nsec;
}

/* Opens an event; takes over the name.  Where memory is short nothing is collected, and nothing fails. */
static TeProfileEvent *
open_event (TeProfileKind kind, PyObject *name)
{
  TeProfile *p = &self.profile;
  if (!name || !grow ((void **) &p->events, p->n_events, 1, &p->events_room, sizeof *p->events))
    {
      PyErr_Clear ();
      Py_XDECREF (name);
      return NULL;
    }
  TeProfileEvent *event = &p->events[p->n_events];
  *event = (TeProfileEvent){ .name = name,
                             .end_nsec = -1,
                             .sequence = -1,
                             .parent = self.current,
                             .first_shape = p->n_shapes,
                             .kind = kind };
  self.current = p->n_events++;
  event->start_nsec = now_nsec ();
  return event;
}

static void
close_event (int32_t index)
{
  TeProfileEvent *event = &self.profile.events[index];
  event->end_nsec = now_nsec ();
  self.current = event->parent;
}

static bool
current_is (TeProfileKind kind)
{
  return self.current >= 0 && self.profile.events[self.current].kind == kind;
}

static void
note_shape (TeProfileEvent *event, const TeTensor *tensor)
{
  TeProfile *p = &self.profile;
  int ndim = tensor ? tensor->ndim : 0;
  if (!grow ((void **) &p->shapes, p->n_shapes, 1, &p->shapes_room, sizeof *p->shapes)
      || !grow ((void **) &p->sizes, p->n_sizes, ndim, &p->sizes_room, sizeof *p->sizes))
    return;
  p->shapes[p->n_shapes++] = (TeProfileShape){ p->n_sizes, tensor ? ndim : -1 };
  for (int i = 0; i < ndim; i++)
    p->sizes[p->n_sizes++] = tensor->sizes[i];
  event->n_shapes++;
}

/* ---- floating point operations ---- */
static int64_t
product (const TeTensor *tensor)
{
  return tensor ? tensor->numel : 0;
}

/* Multiplications and additions of a product of matrices: twice the elements of one times the columns of the
 * other. */
static int64_t
matrix_flops (const TeTensor *a, const TeTensor *b)
{
  return a && b && b->ndim ? 2 * a->numel * b->sizes[b->ndim - 1] : 0;
}

static int64_t
conv_flops (const TeOpCall *call)
{
  const TeTensor *weight = call->args[1].tensor, *out = call->n_outs ? call->outs[0] : NULL;
  return weight && out && weight->ndim == 4
             ? 2 * out->numel * (weight->numel / (weight->sizes[0] ? weight->sizes[0] : 1))
             : 0;
}

static int64_t
flops_of (const TeOpCall *call)
{
  const char *name = call->op->name;
  const TeValue *args = call->args;
  if (call->inplace || args[0].kind != TE_VALUE_TENSOR)
    return 0;
  if (strcmp (name, "mm") == 0 || strcmp (name, "bmm") == 0)
    return matrix_flops (args[0].tensor, args[1].tensor);
  if (strcmp (name, "addmm") == 0 || strcmp (name, "baddbmm") == 0)
    return matrix_flops (args[1].tensor, args[2].tensor);
  if (strcmp (name, "conv2d") == 0)
    return conv_flops (call);
  if (strcmp (name, "mul") == 0 || strcmp (name, "add") == 0)
    return product (args[0].tensor);
  return 0;
}

/* ---- where in the program ---- */
static PyObject *
short_file_name (PyObject *file)
{
  Py_ssize_t longest = 0;
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE (self.prefixes); i++)
    {
      PyObject *prefix = PyList_GET_ITEM (self.prefixes, i);
      Py_ssize_t n = PyUnicode_GET_LENGTH (prefix);
      if (n > longest && PyUnicode_Tailmatch (file, prefix, 0, n, -1) == 1
          && PyUnicode_GET_LENGTH (file) > n + 1 && PyUnicode_READ_CHAR (file, n) == '/')
        longest = n + 1;
    }
  return PyUnicode_Substring (file, longest, PyUnicode_GET_LENGTH (file));
}

/* "file.py(12): function", innermost first. */
static PyObject *
stack_here (void)
{
  PyObject *list = PyList_New (0);
  PyFrameObject *frame = PyEval_GetFrame ();
  Py_XINCREF (frame);
  while (list && frame)
    {
      PyCodeObject *code = PyFrame_GetCode (frame);
      PyObject *file = short_file_name (code->co_filename);
      PyObject *text =
          file ? PyUnicode_FromFormat ("%U(%d): %U", file, PyFrame_GetLineNumber (frame), code->co_name)
               : NULL;
      if (!text || PyList_Append (list, text) < 0)
        PyErr_Clear ();
      Py_XDECREF (text);
      Py_XDECREF (file);
      Py_DECREF (code);
      PyFrameObject *back = PyFrame_GetBack (frame);
      Py_DECREF (frame);
      frame = back;
    }
  Py_XDECREF (frame);
  return list;
}

/* ---- ops ---- */
/* The names that PyTorch has for what only our gradients call. */
static const char *
shown_name (const TeOpCall *call)
{
  static const char *const names[][2] = { { "relu_backward", "threshold_backward" },
                                          { "_nll_loss_grad", "nll_loss_backward" },
                                          { "_max_pool_scatter", "max_pool2d_with_indices_backward" } };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp (names[i][0], call->op->name) == 0)
      return names[i][1];
  return call->op->name;
}

/* The tensor of a step: argument 0 unless it says another. */
static void
note_step_shapes (TeProfileEvent *event, const char *name, size_t length, const char *which, const TeOpCall *call)
{
  int n_tensors, n_others = te_profile_step_arguments (name, length, &n_tensors);
  const TeValue *args = call ? call->args : NULL;
  int index = which[0] == '#' && which[1] != 'o' ? which[1] - '0' : 0;
  const TeTensor *tensor = call && call->op->n_args > index && args[index].kind == TE_VALUE_TENSOR ? args[index].tensor : NULL;
  int64_t sizes[2] = { 0, 0 };
  TeTensor product = { .ndim = 2, .sizes = sizes }, one = { .ndim = 1, .sizes = (int64_t[]){ 1 } };
  if (which[0] == '#' && which[1] == 'o' && args[1].kind == TE_VALUE_TENSOR && args[2].kind == TE_VALUE_TENSOR
      && args[1].tensor->ndim == 2 && args[2].tensor->ndim == 2)
    {
      sizes[0] = args[1].tensor->sizes[0];
      sizes[1] = args[2].tensor->sizes[1];
      tensor = &product;
    }
  if (!call && length == 5 && strncmp (name, "zero_", length) == 0)
    tensor = &one; /* a label's handle */
  for (int i = 0; i < n_tensors; i++)
    note_shape (event, tensor);
  for (int i = 0; i < n_others; i++)
    note_shape (event, NULL);
}

/* Lists steps up to the end of the text or of the bracket; returns where it ended.  What does the work stays open: *open.
 * instant: when all of them are said to happen, as they lie inside one that takes no time; or -1. */
static const char *
list_steps_at (const char *at, const TeOpCall *call, bool *open, int64_t instant)
{
  while (*at && *at != ')')
    {
      if (*at == ' ')
        {
          at++;
          continue;
        }
      bool plain = *at == '=';
      at += plain;
      const char *name = at;
      size_t length = strcspn (at, " ()*#");
      at += length;
      const char *which = at;
      at += *at == '#' ? 2 : 0;
      bool works = *at == '*';
      at += works;
      char full[128];
      snprintf (full, sizeof full, "%s%.*s", plain ? "" : "aten::", (int) length, name);
      TeProfileEvent *event = open_event (TE_PROFILE_STEP, PyUnicode_FromString (full));
      if (!event)
        return at + strlen (at);
      int32_t index = self.current;
      if (instant >= 0)
        event->start_nsec = instant;
      int64_t inner_instant = works ? -1 : event->start_nsec;
      if (self.shapes)
        note_step_shapes (event, name, length, which, call);
      if (self.stacks)
        self.profile.events[index].stack = stack_here ();
      bool inner_open = false;
      if (*at == '(')
        {
          at = list_steps_at (at + 1, call, &inner_open, inner_instant);
          at += *at == ')';
        }
      if (works)
        *open = true;
      else
        {
          /* no time of its own: it is not computed apart */
          self.profile.events[index].end_nsec = self.profile.events[index].start_nsec;
          self.current = self.profile.events[index].parent;
        }
    }
  return at;
}

static void
list_steps (const char *steps, const TeOpCall *call, bool *open)
{
  list_steps_at (steps, call, open, -1);
}

static bool
op_begin (TeOpCall *call, TeError *err)
{
  bool underscore = call->inplace && !(call->op->def->flags & TE_OP_INPLACE_ONLY);
  const char *parent = self.current >= 0 ? PyUnicode_AsUTF8 (self.profile.events[self.current].name) : "";
  char name[128], room[1024];
  snprintf (name, sizeof name, "%s%s", shown_name (call), underscore ? "_" : "");
  bool open = false;
  if (strcmp (name, "mm") == 0 && parent && strcmp (parent, "aten::linear") == 0)
    list_steps ("matmul*", call, &open); /* a layer without a bias */
  TeProfileEvent *event = open_event (TE_PROFILE_OP, PyUnicode_FromFormat ("aten::%s", name));
  if (!event)
    return false;
  for (int i = 0; self.shapes && i < call->op->n_args; i++)
    note_shape (event, call->args[i].kind == TE_VALUE_TENSOR ? call->args[i].tensor : NULL);
  if (self.stacks)
    event->stack = stack_here ();
  list_steps (te_profile_steps (name, parent ? parent : "", call, room, sizeof room), call, &open);
  return true;
}

/* The op whose steps are open. */
static int32_t
current_op (void)
{
  int32_t at = self.current;
  while (at >= 0 && self.profile.events[at].kind == TE_PROFILE_STEP)
    at = self.profile.events[at].parent;
  return at >= 0 && self.profile.events[at].kind == TE_PROFILE_OP ? at : -1;
}

static bool
op_end (TeOpCall *call, bool ok, TeError *err)
{
  int32_t op = self.running ? current_op () : -1;
  if (op < 0)
    return true;
  if (self.flops && ok)
    self.profile.events[op].flops = flops_of (call);
  while (self.current > op)
    close_event (self.current);
  close_event (op);
  if (op > 0 && self.current == op - 1 && strcmp (call->op->name, "mm") == 0 && current_is (TE_PROFILE_STEP))
    close_event (self.current); /* matmul */
  if (self.current >= 0 && strcmp (call->op->name, "sum") == 0 && current_is (TE_PROFILE_NODE)
      && PyUnicode_CompareWithASCIIString (self.profile.events[self.current].name, "AddmmBackward0") == 0)
    {
      bool open = false;
      list_steps ("view", call, &open); /* the sum of a bias kept its dimension */
    }
  return true;
}

/* ---- autograd ---- */
#define BELOW(member, ...)                                                                                   \
  if (self.autograd_below && self.autograd_below->member)                                                    \
  self.autograd_below->member (__VA_ARGS__)

static void
node_made (TeNode *node, TeOpCall *call)
{
  if (call && current_op () >= 0)
    self.profile.events[current_op ()].sequence = (int64_t) node->sequence;
  BELOW (node_made, node, call);
}

static void
backward_begin (uint64_t backward, TeNode *root)
{
  BELOW (backward_begin, backward, root);
}

static void
backward_end (uint64_t backward, bool ok)
{
  BELOW (backward_end, backward, ok);
}

static bool
node_begin (uint64_t backward, TeNode *node, TeTensor *const *grads, TeError *err)
{
  if (self.autograd_below && self.autograd_below->node_begin
      && !self.autograd_below->node_begin (backward, node, grads, err))
    return false;
  const char *room = te_node_is_accumulate_grad (node) ? "torch::autograd::" : "";
  int64_t sequence = te_node_is_accumulate_grad (node) ? -1 : (int64_t) node->sequence;
  TeProfileEvent *event = open_event (
      TE_PROFILE_WALK, PyUnicode_FromFormat ("autograd::engine::evaluate_function: %s%s", room, node->name));
  if (event)
    event->sequence = sequence;
  event = open_event (TE_PROFILE_NODE, PyUnicode_FromFormat ("%s%s", room, node->name));
  if (!event)
    return true;
  event->sequence = sequence;
  for (int i = 0; self.shapes && i < node->n_inputs; i++)
    note_shape (event, grads ? grads[i] : NULL);
  return true;
}

static void
node_end (uint64_t backward, TeNode *node, TeTensor *const *results, bool ok)
{
  if (self.running && current_is (TE_PROFILE_NODE))
    close_event (self.current);
  if (self.running && current_is (TE_PROFILE_WALK))
    close_event (self.current);
  BELOW (node_end, backward, node, results, ok);
}

static void
accumulated (uint64_t backward, TeTensor *leaf, TeTensor *grad, bool added)
{
  if (!added && self.running && current_is (TE_PROFILE_NODE))
    {
      bool open = false;
      list_steps ("detach(=detach)", NULL, &open); /* the gradient is taken over as it is */
    }
  BELOW (accumulated, backward, leaf, grad, added);
}

static void
saved_released (TeNode *node)
{
  BELOW (saved_released, node);
}

/* ---- memory ---- */
static void
memory_changed (int64_t nbytes)
{
  if (!self.memory || nbytes == 0)
    return;
  if (self.current >= 0)
    {
      self.profile.events[self.current].nbytes += nbytes;
      return;
    }
  TeProfileEvent *event = open_event (TE_PROFILE_MEMORY, PyUnicode_FromString ("[memory]"));
  if (!event)
    return;
  event->nbytes = nbytes;
  event->end_nsec = event->start_nsec;
  self.current = -1;
}

static void
storage_born (const TeStorage *storage)
{
  memory_changed ((int64_t) storage->nbytes);
  if (self.storage_below)
    self.storage_below->born (storage);
}

static void
storage_died (const TeStorage *storage)
{
  memory_changed (-(int64_t) storage->nbytes);
  if (self.storage_below)
    self.storage_below->died (storage);
}

static const TeDispatchObserver dispatch_observer = { op_begin, op_end };
static const TeAutogradObserver autograd_observer = { .node_made = node_made,
                                                      .backward_begin = backward_begin,
                                                      .backward_end = backward_end,
                                                      .node_begin = node_begin,
                                                      .node_end = node_end,
                                                      .accumulated = accumulated,
                                                      .saved_released = saved_released };
static const TeStorageObserver storage_observer = { storage_born, storage_died };

/* ---- torch._C._profiler ---- */
/* The folders that files are imported from, "" and relative ones left out. */
static PyObject *
import_folders (void)
{
  PyObject *path = PySys_GetObject ("path"), *folders = PyList_New (0);
  for (Py_ssize_t i = 0; folders && path && PyList_Check (path) && i < PyList_GET_SIZE (path); i++)
    {
      PyObject *folder = PyList_GET_ITEM (path, i);
      if (PyUnicode_Check (folder) && PyUnicode_GET_LENGTH (folder) > 1
          && PyList_Append (folders, folder) < 0)
        Py_CLEAR (folders);
    }
  return folders;
}

/* start (shapes, memory, stacks, flops) */
static PyObject *
start (PyObject *module, PyObject *args)
{
  int shapes, memory, stacks, flops;
  if (!PyArg_ParseTuple (args, "pppp", &shapes, &memory, &stacks, &flops))
    return NULL;
  if (self.running)
    {
      PyErr_SetString (PyExc_RuntimeError, "Profiler is already enabled on this thread.");
      return NULL;
    }
  PyObject *prefixes = import_folders ();
  if (!prefixes)
    return NULL;
  Py_XSETREF (self.prefixes, prefixes);
  te_profile_clear (&self.profile);
  self.shapes = shapes;
  self.memory = memory;
  self.stacks = stacks;
  self.flops = flops;
  self.running = true;
  self.session++;
  self.current = -1;
  self.begin_nsec = 0;
  self.begin_nsec = now_nsec ();
  self.autograd_below = te_autograd_observer;
  self.storage_below = te_storage_observer ();
  te_dispatch_set_profiler (&dispatch_observer);
  te_autograd_set_observer (&autograd_observer);
  te_storage_set_observer (&storage_observer);
  Py_RETURN_NONE;
}

/* stop (FunctionEvent) -> list of events */
static PyObject *
stop (PyObject *module, PyObject *event_class)
{
  if (!self.running)
    {
      PyErr_SetString (PyExc_RuntimeError, "Can't disable Kineto profiler when it's not running");
      return NULL;
    }
  while (self.current >= 0)
    close_event (self.current);
  self.running = false;
  te_dispatch_set_profiler (NULL);
  if (te_autograd_observer == &autograd_observer)
    te_autograd_set_observer (self.autograd_below);
  if (te_storage_observer () == &storage_observer)
    te_storage_set_observer (self.storage_below);
  TeProfile profile = self.profile;
  self.profile = (TeProfile){ 0 };
  PyObject *events = te_py_profile_events (&profile, event_class);
  te_profile_clear (&profile);
  return events;
}

static PyObject *
is_running (PyObject *module, PyObject *ignored)
{
  return PyBool_FromLong (self.running);
}

/* enter (name) -> a handle for leave; -1 while nothing is profiled */
static PyObject *
enter (PyObject *module, PyObject *name)
{
  if (!PyUnicode_Check (name))
    return PyErr_Format (PyExc_TypeError, "record_function() expects a str as its name, not %s",
                         Py_TYPE (name)->tp_name);
  bool open = false;
  if (self.running)
    list_steps ("zeros(empty zero_)", NULL, &open); /* of the handle that PyTorch makes for a label */
  TeProfileEvent *event = self.running ? open_event (TE_PROFILE_LABEL, Py_NewRef (name)) : NULL;
  if (event && self.stacks)
    event->stack = stack_here ();
  int64_t handle = event ? (int64_t) self.session << 32 | self.current : -1;
  if (event)
    list_steps ("empty", NULL, &open);
  return PyLong_FromLongLong (handle);
}

/* rows (steps): lists what PyTorch would have called here, without time */
static PyObject *
rows (PyObject *module, PyObject *object)
{
  const char *steps = PyUnicode_Check (object) ? PyUnicode_AsUTF8 (object) : NULL;
  bool open = false;
  if (!steps)
    return PyErr_Occurred () ? NULL
                             : PyErr_Format (PyExc_TypeError, "rows() expects a str, not %s", Py_TYPE (object)->tp_name);
  bool shapes = self.shapes;
  self.shapes = false; /* of what is not known here */
  if (self.running)
    list_steps (steps, NULL, &open);
  self.shapes = shapes;
  Py_RETURN_NONE;
}

static PyObject *
leave (PyObject *module, PyObject *object)
{
  int64_t handle = PyLong_AsLongLong (object);
  if (handle == -1 && PyErr_Occurred ())
    return NULL;
  int32_t index = (int32_t) (handle & 0x7fffffff);
  if (handle >= 0 && self.running && handle >> 32 == self.session && index < self.profile.n_events
      && self.profile.events[index].end_nsec < 0)
    {
      while (self.current > index) /* what was left open inside ends with it */
        close_event (self.current);
      close_event (index);
    }
  Py_RETURN_NONE;
}

bool
te_py_profiler_init (PyObject *module)
{
  static PyMethodDef functions[] = {
    { "start", start, METH_VARARGS, "Begins to collect events." },
    { "stop", stop, METH_O, "Ends it; the events as objects of a class." },
    { "is_running", is_running, METH_NOARGS, "Whether events are collected." },
    { "enter", enter, METH_O, "Opens a labelled event." },
    { "leave", leave, METH_O, "Closes it." },
    { "rows", rows, METH_O, "Lists steps inside the open event, without time." },
    { "table", (PyCFunction) (void (*) (void)) te_py_profile_table, METH_VARARGS | METH_KEYWORDS,
      "Events as a text table." },
    { "chrome_trace", te_py_profile_chrome_trace, METH_VARARGS, "Writes events as a trace for Chrome." },
    { 0 },
  };
  static struct PyModuleDef definition = { PyModuleDef_HEAD_INIT, .m_name = "torch._C._profiler",
                                           .m_size = -1, .m_methods = functions };
  PyObject *profiler = PyModule_Create (&definition);
  if (!profiler)
    return false;
  bool ok = PyModule_AddObjectRef (module, "_profiler", profiler) == 0
            && PyDict_SetItemString (PyImport_GetModuleDict (), "torch._C._profiler", profiler) == 0;
  Py_DECREF (profiler);
  return ok;
}
