/* Attributes of the objects that variables stand for, as names of their own: self.lr, net.block.width,
 * optimizer.param_groups[0]['lr'], and what a class keeps in __slots__.  Nothing here runs the person's code: instances are read where they keep
 * their attributes, with no dict made for them.
 *
 * A dict's version is another after each change of it, and no two dicts ever have the same: what did not
 * change is not looked through again, save for what can change inside. */
#define Py_BUILD_CORE 1
#include "python/trace-private.h"

#include <internal/pycore_dict.h>
#include <internal/pycore_namespace.h>
#include <internal/pycore_object.h>

#include <string.h>
#include <structmember.h>

#define MOST_NAMES      4096
#define MOST_ATTRIBUTES 64 /* of an object */
#define MOST_GROUPS     8
#define DEEPEST         3

/* The name of an attribute, made once; key: its own name, NULL: the nth of param_groups. */
typedef struct
{
  PyObject *of, *key, *name;
  Py_ssize_t nth;
} Dotted;

/* The dict that was looked through last under a name. */
typedef struct
{
  PyObject *name;
  uint64_t version;
  bool again; /* something in it may have changed without it */
} Known;

typedef struct
{
  TeAttributeVisit visit;
  void *data;
} Visit;

static Dotted dotted[2 * MOST_NAMES];
static Known known[2 * MOST_NAMES];
static int n_dotted, n_known;

/* ---- names ---- */

static PyObject *
make_name (PyObject *of, PyObject *key, Py_ssize_t nth, const char *form)
{
  return key ? PyUnicode_FromFormat (form, of, key) : PyUnicode_FromFormat (form, of, nth);
}

/* Borrowed; NULL: there are too many, or no memory. */
static PyObject *
name_of (PyObject *of, PyObject *key, Py_ssize_t nth, const char *form)
{
  size_t at = ((uintptr_t) of * 31 + (uintptr_t) key + (size_t) nth * 64) / 16 % (2 * MOST_NAMES);
  while (dotted[at].name && (dotted[at].of != of || dotted[at].key != key || dotted[at].nth != nth))
    at = (at + 1) % (2 * MOST_NAMES);
  if (dotted[at].name || n_dotted == MOST_NAMES)
    return dotted[at].name;
  PyObject *name = make_name (of, key, nth, form);
  if (!name)
    {
      PyErr_Clear ();
      return NULL;
    }
  dotted[at] = (Dotted){ Py_NewRef (of), Py_XNewRef (key), name, nth };
  n_dotted++;
  return name;
}

static Known *
known_for (PyObject *name)
{
  size_t at = (uintptr_t) name / 16 % (2 * MOST_NAMES);
  while (known[at].name && known[at].name != name)
    at = (at + 1) % (2 * MOST_NAMES);
  if (known[at].name)
    return &known[at];
  if (n_known == MOST_NAMES)
    return NULL;
  n_known++;
  known[at].name = Py_NewRef (name);
  return &known[at];
}

/* ---- objects ---- */

/* Whose methods the person wrote, or that only carries what the person put there. */
static bool
is_persons (PyTypeObject *type)
{
  PyObject *key, *value;
  Py_ssize_t at = 0;
  if (type == &_PyNamespace_Type || strcmp (type->tp_name, "Namespace") == 0)
    return true;
  while (PyDict_Next (type->tp_dict, &at, &key, &value))
    if (PyFunction_Check (value)
            ? te_trace_is_person ((PyCodeObject *) PyFunction_GET_CODE (value))
            : PyUnicode_Check (key) && PyUnicode_CompareWithASCIIString (key, "__module__") == 0
                  && PyUnicode_Check (value) && PyUnicode_CompareWithASCIIString (value, "__main__") == 0)
      return true;
  return false;
}

/* The names in a class's own __slots__, or NULL; those of its bases are theirs. */
static PyObject *
own_slots (PyTypeObject *type)
{
  PyObject *slots =
      PyType_HasFeature (type, Py_TPFLAGS_HEAPTYPE) ? ((PyHeapTypeObject *) type)->ht_slots : NULL;
  return slots && PyTuple_GET_SIZE (slots) ? slots : NULL;
}

static bool
has_slots (PyTypeObject *type)
{
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE (type->tp_mro); i++)
    if (own_slots ((PyTypeObject *) PyTuple_GET_ITEM (type->tp_mro, i)))
      return true;
  return false;
}

static bool
has_attributes (PyObject *value)
{
  PyTypeObject *type = Py_TYPE (value);
  return (PyType_HasFeature (type, Py_TPFLAGS_HEAPTYPE) && !PyType_Check (value) && !te_py_is_tensor (value)
          && (PyType_HasFeature (type, Py_TPFLAGS_MANAGED_DICT) || type->tp_dictoffset > 0 || has_slots (type)))
         || type == &_PyNamespace_Type;
}

static bool
is_collection (PyObject *value)
{
  return PyList_Check (value) || PyTuple_Check (value) || PyDict_Check (value) || PyAnySet_Check (value);
}

static bool visit_object (const Visit *self, PyObject *name, PyObject *object, int depth);

/* One of param_groups.  What it was given at the start is listed only once it is something else, but for lr.
 */
static void
visit_group (const Visit *self, PyObject *name, PyObject *group)
{
  PyObject *key, *value;
  Py_ssize_t at = 0;
  Known *last = known_for (name);
  uint64_t version = ((PyDictObject *) group)->ma_version_tag;
  if (!last || last->version == version)
    return;
  last->version = version;
  for (int n = 0; n < MOST_ATTRIBUTES && PyDict_Next (group, &at, &key, &value); n++)
    if (PyUnicode_CheckExact (key) && !PyList_Check (value))
      {
        PyObject *own = name_of (name, key, 0, "%U['%U']");
        if (own)
          self->visit (own, value, PyUnicode_CompareWithASCIIString (key, "lr") != 0, self->data);
      }
}

static void
visit_groups (const Visit *self, PyObject *name, PyObject *groups)
{
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE (groups) && i < MOST_GROUPS; i++)
    {
      PyObject *group = PyList_GET_ITEM (groups, i);
      PyObject *own = PyDict_Check (group) ? name_of (name, NULL, i, "%U.param_groups[%zd]") : NULL;
      if (own)
        visit_group (self, own, group);
    }
}

/* True: it can change and its object's dict does not. */
static bool
visit_attribute (const Visit *self, PyObject *of, PyObject *key, PyObject *value, bool persons, int depth)
{
  if (!PyUnicode_CheckExact (key) || !PyUnicode_GET_LENGTH (key) || PyUnicode_READ_CHAR (key, 0) == '_')
    return false;
  if (PyList_CheckExact (value) && PyUnicode_CompareWithASCIIString (key, "param_groups") == 0)
    {
      visit_groups (self, of, value);
      return true;
    }
  bool collection = is_collection (value), object = !collection && has_attributes (value);
  if ((collection || object) && !persons)
    return false;
  PyObject *name = name_of (of, key, 0, "%U.%U");
  if (!name)
    return false;
  /* Every module has this one, whoever wrote it. */
  bool quiet = !persons || PyUnicode_CompareWithASCIIString (key, "training") == 0;
  self->visit (name, value, quiet, self->data);
  return collection || (object && visit_object (self, name, value, depth + 1));
}

/* Attributes of an instance that has no dict yet. */
static void
visit_values (const Visit *self, PyObject *name, PyObject *object, PyDictValues *values, int depth)
{
  PyDictKeysObject *keys = ((PyHeapTypeObject *) Py_TYPE (object))->ht_cached_keys;
  const PyDictUnicodeEntry *entries =
      (const PyDictUnicodeEntry *) (keys->dk_indices + ((size_t) 1 << keys->dk_log2_index_bytes));
  bool persons = is_persons (Py_TYPE (object));
  for (Py_ssize_t i = 0; i < keys->dk_nentries && i < SHARED_KEYS_MAX_SIZE; i++)
    if (entries[i].me_key && values->values[i])
      visit_attribute (self, name, entries[i].me_key, values->values[i], persons, depth);
}

static bool
visit_dict (const Visit *self, PyObject *name, PyObject *object, PyObject *dict, int depth)
{
  PyObject *key, *value;
  Py_ssize_t at = 0;
  Known *last = known_for (name);
  uint64_t version = ((PyDictObject *) dict)->ma_version_tag;
  if (!last || (last->version == version && !last->again))
    return false;
  bool persons = is_persons (Py_TYPE (object));
  last->version = version;
  last->again = false;
  for (int n = 0; n < MOST_ATTRIBUTES && PyDict_Next (dict, &at, &key, &value); n++)
    last->again |= visit_attribute (self, name, key, value, persons, depth);
  return last->again;
}

/* Attributes that an object keeps in places of its own, where no version tells of a change; those of the bases come
 * first.  A class has its slots' places in the order of their names. */
static bool
visit_slots (const Visit *self, PyObject *name, PyObject *object, int depth)
{
  PyObject *mro = Py_TYPE (object)->tp_mro;
  bool persons = is_persons (Py_TYPE (object)), any = false;
  int left = MOST_ATTRIBUTES;
  for (Py_ssize_t i = PyTuple_GET_SIZE (mro); i-- > 0;)
    {
      PyTypeObject *type = (PyTypeObject *) PyTuple_GET_ITEM (mro, i);
      PyObject *slots = own_slots (type);
      const PyMemberDef *places = slots ? _PyHeapType_GET_MEMBERS ((PyHeapTypeObject *) type) : NULL;
      for (Py_ssize_t k = 0; slots && k < PyTuple_GET_SIZE (slots) && left-- > 0; k++)
        {
          PyObject *value = *(PyObject **) ((char *) object + places[k].offset);
          any = true;
          if (value)
            visit_attribute (self, name, PyTuple_GET_ITEM (slots, k), value, persons, depth);
        }
    }
  return any;
}

static bool
visit_own_dict (const Visit *self, PyObject *name, PyObject *object, int depth)
{
  PyObject **dict;
  if (PyType_HasFeature (Py_TYPE (object), Py_TPFLAGS_MANAGED_DICT))
    {
      PyDictValues *values = *_PyObject_ValuesPointer (object);
      if (values)
        visit_values (self, name, object, values, depth);
      if (values)
        return true;
      dict = _PyObject_ManagedDictPointer (object);
    }
  else
    dict = Py_TYPE (object)->tp_dictoffset > 0 ? (PyObject **) ((char *) object + Py_TYPE (object)->tp_dictoffset) : NULL;
  return dict && *dict && PyDict_Check (*dict) && visit_dict (self, name, object, *dict, depth);
}

static bool
visit_object (const Visit *self, PyObject *name, PyObject *object, int depth)
{
  if (depth > DEEPEST)
    return false;
  bool slots = visit_slots (self, name, object, depth);
  return visit_own_dict (self, name, object, depth) || slots;
}

void
te_trace_attributes_visit (PyObject *name, PyObject *object, TeAttributeVisit visit, void *data)
{
  if (has_attributes (object))
    visit_object (&(Visit){ visit, data }, name, object, 1);
}

void
te_trace_attributes_reset (void)
{
  for (size_t i = 0; i < 2 * MOST_NAMES && (n_dotted || n_known); i++)
    {
      Py_CLEAR (dotted[i].of);
      Py_CLEAR (dotted[i].key);
      Py_CLEAR (dotted[i].name);
      Py_CLEAR (known[i].name);
      known[i].version = 0;
    }
  n_dotted = n_known = 0;
}
