/* Names of variables: after a line ran, the person's frame is looked at for tensors that a name is newly
 * bound to, and for plain values that are others now (trace-values.c). */
#include "python/trace-private.h"

#include <stdlib.h>
#include <string.h>

/* Which tensor a name stood for last, by string id. */
static uint64_t *last_tensor;
static uint32_t last_tensor_capacity;
static uint32_t last_line_caller;

static uint64_t *
slot_for (uint32_t name)
{
  if (name >= last_tensor_capacity)
    {
      uint32_t capacity = last_tensor_capacity ? last_tensor_capacity * 2 : 1024;
      while (capacity <= name)
        capacity *= 2;
      uint64_t *grown = realloc (last_tensor, capacity * sizeof *grown);
      if (!grown)
        return NULL;
      memset (grown + last_tensor_capacity, 0, (capacity - last_tensor_capacity) * sizeof *grown);
      last_tensor = grown;
      last_tensor_capacity = capacity;
    }
  return &last_tensor[name];
}

/* Which line did what is seen now. */
typedef struct
{
  uint32_t pos;
  uint16_t flags; /* TE_WIRE_NAME_EXACT */
} Look;

static void
bind (const char *name, size_t nbytes, TeTensor *tensor, const Look *look)
{
  uint32_t id = te_recorder_string (te_trace_state.recorder, name, nbytes);
  uint64_t *slot = id ? slot_for (id) : NULL;
  if (!slot || *slot == tensor->id)
    return;
  *slot = tensor->id;
  bool known = tensor->trace_role & TE_ROLE_KNOWN;
  te_trace_know_tensor (tensor, look->pos);
  te_recorder_name (te_trace_state.recorder, tensor->id, id, look->pos, look->flags);
  if (!known)
    te_trace_facts_tensor (tensor);
}

/* The name stands for a plain value now: should it be given to its tensor again, that is news. */
static void
unbind (PyObject *name)
{
  Py_ssize_t nbytes;
  const char *text = PyUnicode_AsUTF8AndSize (name, &nbytes);
  uint32_t id = text ? te_recorder_string (te_trace_state.recorder, text, (size_t) nbytes) : 0;
  if (id && id < last_tensor_capacity)
    last_tensor[id] = 0;
}

static void
see (PyObject *name, PyObject *value, const Look *look)
{
  if (!te_py_is_tensor (value) || !te_py_tensor (value))
    {
      if (te_trace_value_seen (name, value, look->pos, look->flags))
        unbind (name);
      return;
    }
  Py_ssize_t nbytes;
  const char *text = PyUnicode_AsUTF8AndSize (name, &nbytes);
  te_trace_value_gone (name);
  if (!text)
    PyErr_Clear ();
  else
    bind (text, (size_t) nbytes, te_py_tensor (value), look);
}

static void
visit_attribute (PyObject *name, PyObject *value, bool quiet, void *data)
{
  if (!quiet || !te_trace_value_note (name, value))
    see (name, value, data);
}

static void
visit (PyObject *name, PyObject *value, void *data)
{
  if (!PyUnicode_Check (name) || PyUnicode_READ_CHAR (name, 0) == '_')
    return;
  see (name, value, data);
  te_trace_attributes_visit (name, value, visit_attribute, data);
}

static void
look_at_frame (Look look)
{
  te_trace_visit_person_frame (visit, &look);
  te_trace_value_generator (look.pos, look.flags);
}

void
te_trace_names_scan (void)
{
  look_at_frame ((Look){ te_trace_person_position (), 0 });
}

void
te_trace_names_ran (uint32_t pos)
{
  look_at_frame ((Look){ pos, pos ? TE_WIRE_NAME_EXACT : 0 });
}

void
te_trace_names_line (uint32_t caller)
{
  if (caller == last_line_caller)
    return;
  look_at_frame ((Look){ last_line_caller, 0 });
  last_line_caller = caller;
}

/* The last look: every global name, and the gradients of leaves that have one. */
void
te_trace_names_program_end (PyObject *globals)
{
  PyObject *name, *value;
  Py_ssize_t at = 0;
  Look look = { last_line_caller, 0 };
  while (globals && PyDict_Next (globals, &at, &name, &value))
    if (PyUnicode_Check (name))
      {
        visit (name, value, &look);
        if (!te_py_is_tensor (value) || !te_py_tensor (value))
          continue;
        TeTensor *tensor = te_py_tensor (value), *grad = te_tensor_grad (tensor);
        te_trace_facts_tensor (tensor);
        if (!grad)
          continue;
        const char *text = PyUnicode_AsUTF8 (name);
        char dotted[256];
        snprintf (dotted, sizeof dotted, "%s.grad", text ? text : "");
        PyErr_Clear ();
        bind (dotted, strlen (dotted), grad, &look);
        te_trace_facts_tensor (grad);
      }
}

void
te_trace_names_reset (void)
{
  if (last_tensor)
    memset (last_tensor, 0, last_tensor_capacity * sizeof *last_tensor);
  last_line_caller = 0;
  te_trace_values_reset ();
  te_trace_attributes_reset ();
}
