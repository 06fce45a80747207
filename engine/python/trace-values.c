/* Values of variables that are no tensors: numbers, texts, collections.  Only types are read whose reading
 * runs none of the person's code.  What a value is told by is a fingerprint; its text is made when that is
 * news. */
#include "python/trace-private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_NAMES       4096
#define TEXT_NBYTES      200
#define MOST_ITEMS_SHOWN 16
#define MOST_ITEMS_READ  128 /* of a collection, from each end */

/* What a name stood for last.  Owns the name, so that its address stays its own. */
typedef struct
{
  PyObject *name;
  uint64_t fingerprint; /* 0: for no plain value */
} Slot;

static Slot slots[2 * MOST_NAMES];
static int n_slots;

/* ---- fingerprints ---- */

static uint64_t
mix (uint64_t a, uint64_t b)
{
  a = (a ^ b) * UINT64_C (0x9e3779b97f4a7c15);
  return a ^ a >> 29;
}

static uint64_t fingerprint (PyObject *value, int depth);

static uint64_t
fingerprint_items (PyObject **items, Py_ssize_t n, int depth)
{
  uint64_t print = mix (11, (uint64_t) n);
  for (Py_ssize_t i = 0; i < n; i++)
    {
      if (i == MOST_ITEMS_READ && n > 2 * MOST_ITEMS_READ)
        i = n - MOST_ITEMS_READ;
      print = mix (print, fingerprint (items[i], depth + 1));
    }
  return print;
}

static uint64_t
fingerprint_dict (PyObject *dict, int depth)
{
  PyObject *key, *value;
  Py_ssize_t at = 0, n = 0;
  uint64_t print = mix (13, (uint64_t) PyDict_GET_SIZE (dict));
  while (n++ < MOST_ITEMS_READ && PyDict_Next (dict, &at, &key, &value))
    print = mix (mix (print, fingerprint (key, depth + 1)), fingerprint (value, depth + 1));
  return print;
}

static uint64_t
fingerprint_set (PyObject *set)
{
  PyObject *item;
  Py_hash_t hash;
  Py_ssize_t at = 0;
  uint64_t print = 0;
  while (_PySet_NextEntry (set, &at, &item, &hash))
    print += mix (17, (uint64_t) hash);
  return mix (print, (uint64_t) PySet_GET_SIZE (set));
}

static uint64_t
fingerprint_number (PyObject *value)
{
  double number;
  int overflow;
  uint64_t bits;
  if (!PyFloat_Check (value))
    {
      long long integer = PyLong_AsLongLongAndOverflow (value, &overflow);
      return mix (3, overflow ? (uint64_t) PyLong_Type.tp_hash (value) : (uint64_t) integer);
    }
  number = PyFloat_AS_DOUBLE (value);
  memcpy (&bits, &number, sizeof bits);
  return mix (5, bits);
}

/* Never 0 for what is plain; of other things inside a collection it is which object they are. */
static uint64_t
fingerprint (PyObject *value, int depth)
{
  uint64_t print = 0;
  if (PyBool_Check (value) || value == Py_None)
    print = value == Py_None ? 1 : value == Py_True ? 2 : 3;
  else if (PyLong_Check (value) || PyFloat_Check (value))
    print = fingerprint_number (value);
  else if (PyUnicode_Check (value))
    print = mix (7, (uint64_t) PyUnicode_Type.tp_hash (value));
  else if (PyBytes_CheckExact (value))
    print = mix (9, (uint64_t) PyBytes_Type.tp_hash (value));
  else if (depth < 3 && (PyList_Check (value) || PyTuple_Check (value)))
    print = fingerprint_items (PySequence_Fast_ITEMS (value), PySequence_Fast_GET_SIZE (value), depth);
  else if (depth < 3 && PyDict_Check (value))
    print = fingerprint_dict (value, depth);
  else if (depth < 3 && PyAnySet_Check (value))
    print = fingerprint_set (value);
  else
    return depth ? mix (19, (uint64_t) (uintptr_t) value) : 0;
  return print ? print : 1;
}

/* ---- texts ---- */

typedef struct
{
  char text[TEXT_NBYTES + 1];
  size_t n;
  bool full;
} Text;

/* All of it or, behind what fits, an ellipsis. */
static void
put (Text *self, const char *text)
{
  size_t nbytes = strlen (text), room = TEXT_NBYTES - 3 - self->n;
  if (self->full)
    return;
  if (nbytes > room)
    {
      for (nbytes = room; nbytes && ((unsigned char) text[nbytes] & 0xc0) == 0x80;)
        nbytes--;
      self->full = true;
    }
  memcpy (self->text + self->n, text, nbytes);
  self->n += nbytes;
  if (self->full)
    {
      memcpy (self->text + self->n, "…", 3);
      self->n += 3;
    }
}

static void
put_repr (Text *self, PyObject *value)
{
  PyObject *repr = PyFloat_Check (value)     ? PyFloat_Type.tp_repr (value)
                   : PyBool_Check (value)    ? PyObject_Repr (value)
                   : PyLong_Check (value)    ? PyLong_Type.tp_repr (value)
                   : PyUnicode_Check (value) ? PyUnicode_Type.tp_repr (value)
                                             : PyObject_Repr (value);
  const char *text = repr ? PyUnicode_AsUTF8 (repr) : NULL;
  put (self, text ? text : "?"); /* an integer of more digits than Python prints, half a surrogate */
  PyErr_Clear ();
  Py_XDECREF (repr);
}

static void put_value (Text *self, PyObject *value, int depth);

static void
put_items (Text *self, PyObject *value, const char *open, const char *close, int depth)
{
  Py_ssize_t n = PySequence_Fast_GET_SIZE (value);
  put (self, open);
  for (Py_ssize_t i = 0; i < n && !self->full; i++)
    {
      if (i == MOST_ITEMS_SHOWN - 2 && n > MOST_ITEMS_SHOWN)
        {
          put (self, ", …");
          i = n - 2;
        }
      put (self, i ? ", " : "");
      put_value (self, PySequence_Fast_ITEMS (value)[i], depth + 1);
    }
  put (self, n == 1 && *open == '(' ? ",)" : close);
}

static void
put_dict (Text *self, PyObject *dict, int depth)
{
  PyObject *key, *value;
  Py_ssize_t at = 0, n = 0;
  put (self, "{");
  for (; n < MOST_ITEMS_SHOWN && !self->full && PyDict_Next (dict, &at, &key, &value); n++)
    {
      put (self, n ? ", " : "");
      put_value (self, key, depth + 1);
      put (self, ": ");
      put_value (self, value, depth + 1);
    }
  put (self, n < PyDict_GET_SIZE (dict) ? ", …}" : "}");
}

static void
put_set (Text *self, PyObject *set, int depth)
{
  PyObject *item;
  Py_hash_t hash;
  Py_ssize_t at = 0, n = 0;
  put (self, PySet_GET_SIZE (set) ? "{" : "set(");
  for (; n < MOST_ITEMS_SHOWN && !self->full && _PySet_NextEntry (set, &at, &item, &hash); n++)
    {
      put (self, n ? ", " : "");
      put_value (self, item, depth + 1);
    }
  put (self, !PySet_GET_SIZE (set) ? ")" : n < PySet_GET_SIZE (set) ? ", …}" : "}");
}

static void
put_value (Text *self, PyObject *value, int depth)
{
  char text[80];
  if (PyLong_Check (value) || PyFloat_Check (value) || PyUnicode_Check (value) || PyBytes_CheckExact (value)
      || value == Py_None)
    put_repr (self, value);
  else if (depth < 3 && PyList_Check (value))
    put_items (self, value, "[", "]", depth);
  else if (depth < 3 && PyTuple_Check (value))
    put_items (self, value, "(", ")", depth);
  else if (depth < 3 && PyDict_Check (value))
    put_dict (self, value, depth);
  else if (depth < 3 && PyAnySet_Check (value))
    put_set (self, value, depth);
  else
    {
      const char *name = strrchr (Py_TYPE (value)->tp_name, '.');
      snprintf (text, sizeof text, "<%.70s>", name ? name + 1 : Py_TYPE (value)->tp_name);
      put (self, text);
    }
}

/* ---- what is new ---- */

static Slot *
slot_for (PyObject *name)
{
  size_t at = ((uintptr_t) name >> 4) % (2 * MOST_NAMES);
  while (slots[at].name && slots[at].name != name)
    at = (at + 1) % (2 * MOST_NAMES);
  if (slots[at].name)
    return &slots[at];
  if (n_slots == MOST_NAMES)
    return NULL;
  n_slots++;
  slots[at].name = Py_NewRef (name);
  return &slots[at];
}

static int64_t
n_items_of (PyObject *value)
{
  return PyList_Check (value) || PyTuple_Check (value) ? PySequence_Fast_GET_SIZE (value)
         : PyDict_Check (value)                        ? PyDict_GET_SIZE (value)
         : PyAnySet_Check (value)                      ? PySet_GET_SIZE (value)
                                                       : -1;
}

bool
te_trace_value_seen (PyObject *name, PyObject *value, uint32_t pos, uint16_t flags)
{
  TeRecorder *recorder = te_trace_state.recorder;
  uint64_t print = fingerprint (value, 0);
  Slot *slot = print ? slot_for (name) : NULL;
  if (!slot || slot->fingerprint == print)
    return false;
  Text text = { .n = 0 };
  Py_ssize_t nbytes;
  const char *name_text = PyUnicode_AsUTF8AndSize (name, &nbytes);
  if (!name_text)
    {
      PyErr_Clear ();
      return false;
    }
  put_value (&text, value, 0);
  uint32_t id = te_recorder_string (recorder, name_text, (size_t) nbytes);
  uint32_t type = te_recorder_text (recorder, Py_TYPE (value)->tp_name);
  if (te_recorder_value (recorder, id, type, n_items_of (value), text.text, text.n, pos, flags))
    slot->fingerprint = print;
  return true;
}

bool
te_trace_value_note (PyObject *name, PyObject *value)
{
  Slot *slot = slot_for (name);
  if (!slot || slot->fingerprint)
    return !slot;
  slot->fingerprint = fingerprint (value, 0);
  return true;
}

void
te_trace_value_gone (PyObject *name)
{
  Slot *slot = n_slots ? slot_for (name) : NULL;
  if (slot)
    slot->fingerprint = 0;
}

/* The generator of the program: how it was seeded, and how many words of it were drawn since it made them
 * anew. */
void
te_trace_value_generator (uint32_t pos, uint16_t flags)
{
  static uint64_t last;
  static const char name[] = "generator";
  const TeGenerator *generator = te_generator_default ();
  TeRecorder *recorder = te_trace_state.recorder;
  uint64_t print = mix (mix (generator->seed, (uint64_t) generator->next << 32 | (uint32_t) generator->left),
                        (uint64_t) generator->state[0] << 32 | generator->state[623]);
  print = mix (print, (uint64_t) generator->has_next_normal << 1 | generator->has_next_float_normal);
  if (!n_slots)
    last = 0;
  if (print == last)
    return;
  char text[96];
  int n = snprintf (text, sizeof text, "seed %llu, state %016llx", (unsigned long long) generator->seed,
                    (unsigned long long) print);
  uint32_t id = te_recorder_string (recorder, name, sizeof name - 1);
  if (te_recorder_value (recorder, id, te_recorder_text (recorder, "Generator"), -1, text, (size_t) n, pos,
                         flags))
    last = print;
}

void
te_trace_values_reset (void)
{
  for (size_t i = 0; i < 2 * MOST_NAMES && n_slots; i++)
    {
      n_slots -= slots[i].name != NULL;
      Py_CLEAR (slots[i].name);
      slots[i].fingerprint = 0;
    }
}
