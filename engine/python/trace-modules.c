/* Modules, parameters, optimisers, batches: what the classes of the package tell (trace-hooks.h), and the
 * rule that says where an iteration ends. */
#include "python/trace-private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct
{
  PyObject *object; /* owned weak reference */
  uint64_t steps;
  uint32_t id;
} Optimizer;

static TeTraceParam *params;
static int n_params, params_capacity;
static uint32_t next_index;       /* of parameters, never used twice */
static uint32_t *param_of_tensor; /* hash by tensor id: index + 1 */
static uint32_t param_hash_capacity;
static PyObject **buffers; /* owned weak references; their tensors have TE_ROLE_BUFFER */
static int n_buffers, buffers_capacity;
static Optimizer *optimizers;
static int n_optimizers;
static uint32_t *module_names, module_names_capacity;

#define NAME_NBYTES 512

/* "prefix.name"; names too long to show are cut. */
static void
join_name (char *out, const char *prefix, const char *name)
{
  size_t n = strlen (prefix), m = strlen (name);
  n = n < NAME_NBYTES - 2 ? n : NAME_NBYTES - 2;
  memcpy (out, prefix, n);
  if (n)
    out[n++] = '.';
  m = m < NAME_NBYTES - 1 - n ? m : NAME_NBYTES - 1 - n;
  memcpy (out + n, name, m);
  out[n + m] = 0;
}

/* ---- parameters ---- */

TeTraceParam *
te_trace_params (int *n)
{
  *n = n_params;
  return params;
}

static bool
rehash (uint32_t capacity)
{
  uint32_t *table = calloc (capacity, sizeof *table);
  if (!table)
    return false;
  for (int i = 0; i < n_params; i++)
    {
      uint32_t at = (uint32_t) (params[i].id * 2654435761u) & (capacity - 1);
      while (table[at])
        at = (at + 1) & (capacity - 1);
      table[at] = (uint32_t) i + 1;
    }
  free (param_of_tensor);
  param_of_tensor = table;
  param_hash_capacity = capacity;
  return true;
}

static TeTraceParam *
find_param (uint64_t id)
{
  if (!param_hash_capacity)
    return NULL;
  uint32_t at = (uint32_t) (id * 2654435761u) & (param_hash_capacity - 1);
  for (; param_of_tensor[at]; at = (at + 1) & (param_hash_capacity - 1))
    if (params[param_of_tensor[at] - 1].id == id)
      return &params[param_of_tensor[at] - 1];
  return NULL;
}

/* Models that are gone leave their parameters behind here; they are dropped before the table grows. */
static void
drop_dead (void)
{
  int n = 0;
  for (int i = 0; i < n_params; i++)
    if (PyWeakref_GetObject (params[i].object) == Py_None)
      Py_DECREF (params[i].object);
    else
      params[n++] = params[i];
  n_params = n;
  rehash (param_hash_capacity ? param_hash_capacity : 256);
}

static TeTraceParam *
add_param (PyObject *object)
{
  bool full = n_params == params_capacity;
  if (full && n_params)
    drop_dead ();
  if (full && n_params >= params_capacity / 2)
    {
      int capacity = params_capacity ? params_capacity * 2 : 64;
      TeTraceParam *grown = realloc (params, (size_t) capacity * sizeof *grown);
      if (!grown)
        return NULL;
      params = grown;
      params_capacity = capacity;
    }
  PyObject *weak = PyWeakref_NewRef (object, NULL);
  if (!weak)
    {
      PyErr_Clear ();
      return NULL;
    }
  params[n_params] = (TeTraceParam){ te_py_tensor (object), weak, te_py_tensor (object)->id, next_index++ };
  n_params++;
  if ((uint32_t) n_params * 2 > param_hash_capacity)
    rehash (param_hash_capacity ? param_hash_capacity * 2 : 256);
  else
    {
      uint32_t at = (uint32_t) (params[n_params - 1].id * 2654435761u) & (param_hash_capacity - 1);
      while (param_of_tensor[at])
        at = (at + 1) & (param_hash_capacity - 1);
      param_of_tensor[at] = (uint32_t) n_params;
    }
  return &params[n_params - 1];
}

/* Writes PARAM for a parameter; called again it renames it. */
void
te_trace_param_tell (PyObject *object, const char *name, uint32_t module)
{
  TeTensor *tensor = te_py_tensor (object);
  TeTraceParam *param = find_param (tensor->id);
  if (!param && !(param = add_param (object)))
    return;
  te_trace_know_tensor (tensor, 0);
  te_recorder_param (te_trace_state.recorder, tensor->id, name, module, param->index, 0);
}

/* ---- buffers ---- */

PyObject **
te_trace_buffers (int *n)
{
  *n = n_buffers;
  return buffers;
}

/* Buffers of modules that are gone make room first. */
static bool
make_room_for_buffer (void)
{
  int n = 0;
  if (n_buffers < buffers_capacity)
    return true;
  for (int i = 0; i < n_buffers; i++)
    if (PyWeakref_GetObject (buffers[i]) == Py_None)
      Py_DECREF (buffers[i]);
    else
      buffers[n++] = buffers[i];
  n_buffers = n;
  if (n_buffers < buffers_capacity / 2)
    return true;
  int capacity = buffers_capacity ? buffers_capacity * 2 : 64;
  PyObject **grown = realloc (buffers, (size_t) capacity * sizeof *grown);
  if (!grown)
    return false;
  buffers = grown;
  buffers_capacity = capacity;
  return true;
}

static void
remember_buffer (PyObject *object)
{
  TeTensor *tensor = te_py_tensor (object);
  PyObject *weak;
  if (tensor->trace_role & TE_ROLE_BUFFER || !make_room_for_buffer () || !(weak = PyWeakref_NewRef (object, NULL)))
    {
      PyErr_Clear ();
      return;
    }
  tensor->trace_role |= TE_ROLE_BUFFER;
  buffers[n_buffers++] = weak;
}

static void
tell_members (PyObject *module, const char *attribute, const char *prefix, uint32_t id, bool buffers)
{
  PyObject *dict = PyObject_GetAttrString (module, attribute), *name, *value;
  Py_ssize_t at = 0;
  char dotted[NAME_NBYTES];
  while (dict && PyDict_Check (dict) && PyDict_Next (dict, &at, &name, &value))
    {
      const char *text = PyUnicode_Check (name) ? PyUnicode_AsUTF8 (name) : NULL;
      if (!text || !te_py_is_tensor (value) || !te_py_tensor (value))
        continue;
      join_name (dotted, prefix, text);
      if (buffers)
        {
          te_trace_know_tensor (te_py_tensor (value), 0);
          remember_buffer (value);
          te_recorder_param (te_trace_state.recorder, te_py_tensor (value)->id, dotted, id, 0, 1);
        }
      else
        te_trace_param_tell (value, dotted, id);
    }
  PyErr_Clear ();
  Py_XDECREF (dict);
}

/* ---- modules ---- */

static bool
is_training (PyObject *module)
{
  PyObject *training = PyObject_GetAttrString (module, "training");
  bool is = training == Py_True;
  PyErr_Clear ();
  Py_XDECREF (training);
  return is;
}

static uint32_t *
slot_of (PyObject *module)
{
  return te_module_trace_slot ? te_module_trace_slot (module) : NULL;
}

/* String ids of dotted paths by module number, for attention maps. */
static void
remember_name (uint32_t id, const char *prefix)
{
  if (id >= module_names_capacity)
    {
      uint32_t capacity = module_names_capacity ? module_names_capacity * 2 : 256;
      while (capacity <= id)
        capacity *= 2;
      uint32_t *grown = realloc (module_names, capacity * sizeof *grown);
      if (!grown)
        return;
      memset (grown + module_names_capacity, 0, (capacity - module_names_capacity) * sizeof *grown);
      module_names = grown;
      module_names_capacity = capacity;
    }
  module_names[id] = te_recorder_text (te_trace_state.recorder, prefix);
}

static void tell_module (PyObject *module, const char *prefix, uint32_t parent, uint32_t flags, int depth);

#define MOST_PLAIN 64 /* entries of one list or dictionary that are looked at */

/* A module or a tensor that is only an attribute or stands in a plain list: state_dict, parameters () and to () pass it
 * by.  The picture of the tree shows it for what it is. */
static void
tell_plain (PyObject *value, const char *prefix, const char *name, uint32_t id, int depth)
{
  char dotted[NAME_NBYTES];
  join_name (dotted, prefix, name);
  if (slot_of (value))
    tell_module (value, dotted, id, TE_WIRE_UNREGISTERED, depth + 1);
  else if (te_py_is_tensor (value) && te_py_tensor (value))
    {
      te_trace_know_tensor (te_py_tensor (value), 0);
      te_recorder_param (te_trace_state.recorder, te_py_tensor (value)->id, dotted, id, 0, TE_WIRE_UNREGISTERED);
    }
}

static void
tell_plain_list (PyObject *list, const char *prefix, const char *name, uint32_t id, int depth)
{
  Py_ssize_t n = PySequence_Fast_GET_SIZE (list);
  char indexed[128];
  for (Py_ssize_t i = 0; i < n && i < MOST_PLAIN; i++)
    {
      snprintf (indexed, sizeof indexed, "%s[%zd]", name, i);
      tell_plain (PySequence_Fast_GET_ITEM (list, i), prefix, indexed, id, depth);
    }
}

static void
tell_plain_dict (PyObject *dict, const char *prefix, const char *name, uint32_t id, int depth)
{
  PyObject *key, *value;
  Py_ssize_t at = 0;
  char indexed[128];
  for (int i = 0; i < MOST_PLAIN && PyDict_Next (dict, &at, &key, &value); i++)
    {
      const char *text = PyUnicode_Check (key) ? PyUnicode_AsUTF8 (key) : NULL;
      snprintf (indexed, sizeof indexed, "%s['%.64s']", name, text ? text : "?");
      tell_plain (value, prefix, indexed, id, depth);
    }
  PyErr_Clear ();
}

static void
tell_unregistered (PyObject *module, const char *prefix, uint32_t id, int depth)
{
  PyObject *dict = PyObject_GenericGetDict (module, NULL), *name, *value;
  Py_ssize_t at = 0;
  while (dict && PyDict_Next (dict, &at, &name, &value))
    {
      const char *text = PyUnicode_Check (name) ? PyUnicode_AsUTF8 (name) : NULL;
      if (!text || text[0] == '_')
        continue;
      if (PyList_Check (value) || PyTuple_Check (value))
        tell_plain_list (value, prefix, text, id, depth);
      else if (PyDict_Check (value))
        tell_plain_dict (value, prefix, text, id, depth);
      else
        tell_plain (value, prefix, text, id, depth);
    }
  PyErr_Clear ();
  Py_XDECREF (dict);
}

static void
tell_module (PyObject *module, const char *prefix, uint32_t parent, uint32_t flags, int depth)
{
  uint32_t *slot = slot_of (module);
  /* Who holds its parent as a plain attribute would never end. */
  if (!slot || depth > 64 || (*slot && (flags & TE_WIRE_UNREGISTERED)))
    return;
  if (!*slot)
    *slot = ++te_trace_state.last_module;
  uint32_t id = *slot;
  remember_name (id, prefix);
  te_recorder_module (te_trace_state.recorder, id, parent, prefix, Py_TYPE (module)->tp_name,
                      is_training (module) | flags);
  tell_members (module, "_parameters", prefix, id, false);
  tell_members (module, "_buffers", prefix, id, true);
  PyObject *children = PyObject_GetAttrString (module, "_modules"), *name, *child;
  Py_ssize_t at = 0;
  char dotted[NAME_NBYTES];
  while (children && PyDict_Check (children) && PyDict_Next (children, &at, &name, &child))
    {
      const char *text = PyUnicode_Check (name) ? PyUnicode_AsUTF8 (name) : NULL;
      if (!text || child == Py_None)
        continue;
      join_name (dotted, prefix, text);
      tell_module (child, dotted, id, 0, depth + 1);
    }
  PyErr_Clear ();
  Py_XDECREF (children);
  tell_unregistered (module, prefix, id, depth);
}

void
te_trace_module_tell (PyObject *module)
{
  PyObject *type, *value, *traceback;
  PyErr_Fetch (&type, &value, &traceback);
  tell_module (module, "", 0, 0, 0);
  PyErr_Restore (type, value, traceback);
}

static uint64_t
module_enter (PyObject *module)
{
  TeTraceState *s = &te_trace_state;
  uint32_t *slot = slot_of (module);
  if (slot && !*slot)
    te_trace_module_tell (module);
  uint32_t id = slot ? *slot : 0;
  if (s->n_modules == s->modules_capacity)
    {
      int capacity = s->modules_capacity ? s->modules_capacity * 2 : 64;
      TeOpenModule *grown = realloc (s->modules, (size_t) capacity * sizeof *grown);
      if (!grown)
        return ++s->last_module_call;
      s->modules = grown;
      s->modules_capacity = capacity;
    }
  TeWhere where = te_trace_where ();
  if (s->n_modules == 0)
    s->root_batch = -1;
  if (s->facts)
    te_trace_names_line (where.caller);
  uint64_t call = ++s->last_module_call;
  s->modules[s->n_modules++] =
      (TeOpenModule){ call, id, where.pos, id < module_names_capacity ? module_names[id] : 0 };
  te_recorder_module_enter (s->recorder, call, id, where.pos);
  if (te_trace_must_look () && s->control->mode == TE_MODE_STEP && s->control->step_unit == TE_STEP_INTO)
    s->into_module = true;
  return call;
}

static void
module_leave (PyObject *module, uint64_t call, bool raised)
{
  TeTraceState *s = &te_trace_state;
  /* A module left by a longjmp of sorts (generators) closes those above it as well. */
  while (s->n_modules)
    {
      TeOpenModule open = s->modules[--s->n_modules];
      te_recorder_module_leave (s->recorder, open.call, open.module, open.pos, raised);
      if (open.call == call)
        break;
    }
  if (te_trace_must_look () && !raised
      && (s->n_modules <= s->step_modules || s->control->mode == TE_MODE_UNTIL))
    te_trace_stop_in_hook (TE_STEP_MODULE);
}

/* ---- iterations ---- */

void
te_trace_iteration_end (void)
{
  TeTraceState *s = &te_trace_state;
  uint64_t now = te_recorder_clock_nsec ();
  s->iteration_pending = false;
  if (s->facts)
    te_trace_names_scan ();
  te_recorder_iteration (s->recorder, s->iteration);
  if (s->last_iteration_nsec)
    {
      double seconds = (double) (now - s->last_iteration_nsec) * 1e-9;
      double rate = seconds > 0 ? 1 / seconds : 0;
      s->steps_per_second = s->steps_per_second ? 0.9 * s->steps_per_second + 0.1 * rate : rate;
    }
  s->last_iteration_nsec = now;
  s->iteration++;
  s->after_iteration = true;
  te_trace_facts_iteration ();
  te_trace_nonfinite_iteration ();
  te_trace_held_iteration ();
  te_trace_facts_look (now);
  if (s->control->boundary)
    s->control->boundary (s->control);
}

/* What comes now belongs to the next iteration; a backward that no step followed has ended its own. */
void
te_trace_forward_begins (void)
{
  TeTraceState *s = &te_trace_state;
  s->after_iteration = false;
  if (s->iteration_pending && !s->has_optimizer)
    {
      te_trace_facts_gradients ();
      te_trace_iteration_end ();
      s->after_iteration = false;
      s->stop_due = true;
    }
}

/* What is logged right behind the step belongs to the iteration that just ended. */
uint64_t
te_trace_log_iteration (void)
{
  TeTraceState *s = &te_trace_state;
  return s->after_iteration && s->iteration > 1 && !s->iteration_pending ? s->iteration - 1 : s->iteration;
}

/* ---- optimisers ---- */

static Optimizer *
find_optimizer (PyObject *object)
{
  for (int i = 0; i < n_optimizers; i++)
    if (PyWeakref_GetObject (optimizers[i].object) == object)
      return &optimizers[i];
  PyObject *weak = PyWeakref_NewRef (object, NULL);
  Optimizer *grown = weak ? realloc (optimizers, (size_t) (n_optimizers + 1) * sizeof *grown) : NULL;
  PyErr_Clear ();
  if (!grown)
    {
      Py_XDECREF (weak);
      return NULL;
    }
  optimizers = grown;
  optimizers[n_optimizers] = (Optimizer){ weak, 0, (uint32_t) n_optimizers + 1 };
  return &optimizers[n_optimizers++];
}

uint32_t
te_trace_optimizer_id (PyObject *object)
{
  Optimizer *known = find_optimizer (object);
  return known ? known->id : 0;
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

/* Parameters that belong to no module are told by the name of a variable, or by number. */
static void
tell_loose_params (PyObject *group)
{
  PyObject *list = PyDict_Check (group) ? PyDict_GetItemString (group, "params") : NULL;
  Py_ssize_t n = list && PyList_Check (list) ? PyList_GET_SIZE (list) : 0;
  for (Py_ssize_t i = 0; i < n; i++)
    {
      PyObject *object = PyList_GET_ITEM (list, i);
      if (!te_py_is_tensor (object) || find_param (te_py_tensor (object)->id))
        continue;
      PyObject *name, *value;
      Py_ssize_t at = 0;
      Search search = { object, NULL };
      char numbered[32];
      te_trace_visit_person_frame (match_name, &search);
      while (!search.name && te_trace_state.globals
             && PyDict_Next (te_trace_state.globals, &at, &name, &value))
        match_name (name, value, &search);
      PyErr_Clear ();
      snprintf (numbered, sizeof numbered, "param %d", n_params);
      te_trace_param_tell (object, search.name ? search.name : numbered, 0);
    }
}

static double
visit_groups (PyObject *optimizer)
{
  PyObject *groups = PyObject_GetAttrString (optimizer, "param_groups");
  double lr = NAN;
  Py_ssize_t n = groups && PyList_Check (groups) ? PyList_GET_SIZE (groups) : 0;
  for (Py_ssize_t i = 0; i < n; i++)
    {
      PyObject *group = PyList_GET_ITEM (groups, i);
      PyObject *value = PyDict_Check (group) ? PyDict_GetItemString (group, "lr") : NULL;
      tell_loose_params (group);
      if (i == 0 && value && te_py_is_tensor (value))
        lr = te_trace_get_element (te_py_tensor (value), 0);
      else if (i == 0 && value)
        lr = PyFloat_AsDouble (value);
      PyErr_Clear ();
    }
  PyErr_Clear ();
  Py_XDECREF (groups);
  return lr;
}

static void
step_begin (PyObject *optimizer)
{
  TeTraceState *s = &te_trace_state;
  s->has_optimizer = true;
  s->iteration_pending = false;
  visit_groups (optimizer);
  te_trace_step_begins (optimizer);
  if (te_trace_wants_gradients ())
    te_trace_facts_step_begin ();
  s->in_optimizer = true;
  s->step_begin_nsec = te_recorder_clock_nsec ();
}

static void
step_end (PyObject *optimizer)
{
  TeTraceState *s = &te_trace_state;
  Optimizer *known = find_optimizer (optimizer);
  s->in_optimizer = false;
  te_recorder_step (s->recorder, known ? ++known->steps : 0, known ? known->id : 0,
                    Py_TYPE (optimizer)->tp_name, visit_groups (optimizer));
  te_trace_took (TE_TOOK_STEP, s->step_begin_nsec, NAN, NAN);
  if (te_trace_wants_gradients ())
    te_trace_facts_step_end ();
  te_trace_iteration_end ();
  if (te_trace_must_look ())
    te_trace_stop_in_hook (TE_STEP_ITERATION);
}

static void
batch (uint64_t number, uint64_t epoch, uint64_t n_batches)
{
  te_trace_state.batch = number;
  if (te_trace_state.after_iteration)
    te_trace_forward_begins ();
  te_recorder_batch (te_trace_state.recorder, number, epoch, n_batches);
}

static const TeTraceHooks hooks = { .module_enter = module_enter,
                                    .module_leave = module_leave,
                                    .step_begin = step_begin,
                                    .step_end = step_end,
                                    .batch = batch };

static uint64_t
hear_module (PyObject *module)
{
  return 0;
}

static void
hear_leave (PyObject *module, uint64_t call, bool raised)
{
}

static void
hear_optimizer (PyObject *optimizer)
{
}

static void
hear_batch (uint64_t number, uint64_t epoch, uint64_t n_batches)
{
}

/* A child may be forked inside a forward: who entered will leave, and must find a door. */
static const TeTraceHooks deaf_hooks = { .module_enter = hear_module,
                                         .module_leave = hear_leave,
                                         .step_begin = hear_optimizer,
                                         .step_end = hear_optimizer,
                                         .batch = hear_batch };

bool
te_trace_hears (void)
{
  return te_trace_on () && te_trace_hooks == &hooks;
}

void
te_trace_modules_mute (void)
{
  te_trace_hooks = &deaf_hooks;
}

void
te_trace_modules_attach (void)
{
  te_trace_hooks = &hooks;
}

void
te_trace_modules_detach (void)
{
  te_trace_hooks = NULL;
  for (int i = 0; i < n_params; i++)
    Py_XDECREF (params[i].object);
  for (int i = 0; i < n_buffers; i++)
    {
      PyObject *object = PyWeakref_GetObject (buffers[i]);
      if (te_py_is_tensor (object) && te_py_tensor (object))
        te_py_tensor (object)->trace_role &= ~TE_ROLE_BUFFER;
      Py_DECREF (buffers[i]);
    }
  for (int i = 0; i < n_optimizers; i++)
    Py_XDECREF (optimizers[i].object);
  free (buffers);
  free (params);
  free (param_of_tensor);
  free (optimizers);
  buffers = NULL;
  params = NULL;
  param_of_tensor = NULL;
  optimizers = NULL;
  n_params = params_capacity = n_buffers = buffers_capacity = n_optimizers = 0;
  next_index = 0;
  param_hash_capacity = 0;
}
