/* Questions of the window, answered in JSON: the names in view, the elements of a tensor, completions. */
#include "python/trace-private.h"

#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_NAMES    500
#define MOST_ELEMENTS 4096
#define TEXT_NBYTES   200

/* ---- names ---- */

static void
add_geometry (struct json_object *entry, const TeTensor *tensor)
{
  struct json_object *sizes = json_object_new_array (), *strides = json_object_new_array ();
  for (int d = 0; d < tensor->ndim; d++)
    {
      json_object_array_add (sizes, json_object_new_int64 (tensor->sizes[d]));
      json_object_array_add (strides, json_object_new_int64 (tensor->strides[d]));
    }
  json_object_object_add (entry, "tensor", json_object_new_int64 ((int64_t) tensor->id));
  json_object_object_add (entry, "storage", json_object_new_int64 ((int64_t) tensor->storage->id));
  json_object_object_add (entry, "dtype", json_object_new_string (te_dtype_name (te_tensor_dtype (tensor))));
  json_object_object_add (entry, "sizes", sizes);
  json_object_object_add (entry, "strides", strides);
  json_object_object_add (entry, "offset", json_object_new_int64 (tensor->offset));
  json_object_object_add (entry, "version", json_object_new_int64 (*tensor->version));
  json_object_object_add (entry, "requires_grad", json_object_new_boolean (te_tensor_requires_grad (tensor)));
  if (te_tensor_grad (tensor))
    json_object_object_add (entry, "grad", json_object_new_int64 ((int64_t) te_tensor_grad (tensor)->id));
}

/* repr () only of types whose repr runs none of the person's code. */
static void
add_repr (struct json_object *entry, PyObject *value)
{
  bool plain = PyLong_CheckExact (value) || PyFloat_CheckExact (value) || PyUnicode_CheckExact (value)
               || PyBool_Check (value) || value == Py_None || PyBytes_CheckExact (value);
  bool container = PyList_CheckExact (value) || PyTuple_CheckExact (value) || PyDict_CheckExact (value);
  char text[TEXT_NBYTES + 8];
  if (container)
    snprintf (text, sizeof text, "%zd items", PyObject_Size (value));
  else if (plain)
    {
      PyObject *repr = PyObject_Repr (value);
      const char *utf8 = repr ? PyUnicode_AsUTF8 (repr) : NULL;
      size_t n = utf8 ? strlen (utf8) : 0;
      bool cut = n > TEXT_NBYTES;
      if (cut)
        for (n = TEXT_NBYTES; n && ((unsigned char) utf8[n] & 0xc0) == 0x80;)
          n--;
      snprintf (text, sizeof text, "%.*s%s", (int) n, utf8 ? utf8 : "", cut ? "…" : "");
      Py_XDECREF (repr);
    }
  else
    return;
  PyErr_Clear ();
  json_object_object_add (entry, "text", json_object_new_string (text));
}

typedef struct
{
  struct json_object *list;
  PyObject *seen; /* set of names */
  const char *scope;
} Listing;

static void
list_name (PyObject *name, PyObject *value, void *data)
{
  Listing *listing = data;
  const char *text = PyUnicode_Check (name) ? PyUnicode_AsUTF8 (name) : NULL;
  if (!text || (text[0] == '_' && text[1] == '_') || PyModule_Check (value)
      || json_object_array_length (listing->list) >= MOST_NAMES || PySet_Contains (listing->seen, name) != 0)
    {
      PyErr_Clear ();
      return;
    }
  PySet_Add (listing->seen, name);
  struct json_object *entry = json_object_new_object ();
  json_object_object_add (entry, "name", json_object_new_string (text));
  json_object_object_add (entry, "type", json_object_new_string (Py_TYPE (value)->tp_name));
  json_object_object_add (entry, "scope", json_object_new_string (listing->scope));
  if (te_py_is_tensor (value) && te_py_tensor (value))
    add_geometry (entry, te_py_tensor (value));
  else
    add_repr (entry, value);
  json_object_array_add (listing->list, entry);
}

/* The main thread's innermost frame of the person, as a dict of its variables; NULL when none runs. */
static PyObject *
frame_locals (void)
{
  PyFrameObject *frame = te_trace_state.program && te_trace_state.main_thread
                             ? PyThreadState_GetFrame (te_trace_state.main_thread)
                             : NULL;
  PyObject *locals = NULL;
  while (frame && !locals)
    {
      PyCodeObject *code = PyFrame_GetCode (frame);
      if (te_trace_is_person (code))
        locals = PyFrame_GetLocals (frame);
      Py_DECREF (code);
      PyFrameObject *back = locals ? NULL : PyFrame_GetBack (frame);
      Py_DECREF (frame);
      frame = back;
    }
  Py_XDECREF (frame);
  PyErr_Clear ();
  return locals;
}

static void
list_dict (PyObject *dict, Listing *listing)
{
  PyObject *name, *value;
  Py_ssize_t at = 0;
  while (dict && PyDict_Check (dict) && PyDict_Next (dict, &at, &name, &value))
    list_name (name, value, listing);
}

static struct json_object *
answer_names (void)
{
  struct json_object *answer = json_object_new_object (), *list = json_object_new_array ();
  PyObject *locals = frame_locals ();
  Listing listing = { list, PySet_New (NULL), locals == te_trace_state.globals ? "global" : "local" };
  list_dict (locals, &listing);
  listing.scope = "global";
  list_dict (te_trace_state.globals, &listing);
  Py_XDECREF (listing.seen);
  Py_XDECREF (locals);
  json_object_object_add (answer, "names", list);
  return answer;
}

/* ---- a tensor ---- */

/* Any tensor that Python can reach, by id; borrowed through *owner (owned). */
TeTensor *
te_trace_find_tensor (uint64_t id, PyObject **owner)
{
  PyObject *gc = PyImport_ImportModule ("gc");
  PyObject *objects = gc ? PyObject_CallMethod (gc, "get_objects", NULL) : NULL;
  TeTensor *found = NULL;
  Py_ssize_t n = objects ? PyList_GET_SIZE (objects) : 0;
  for (Py_ssize_t i = 0; i < n && !found; i++)
    {
      PyObject *object = PyList_GET_ITEM (objects, i);
      TeTensor *tensor = te_py_is_tensor (object) ? te_py_tensor (object) : NULL;
      if (!tensor)
        continue;
      if (tensor->id == id)
        found = tensor;
      else if (te_tensor_grad (tensor) && te_tensor_grad (tensor)->id == id)
        found = te_tensor_grad (tensor);
      if (found)
        *owner = Py_NewRef (object);
    }
  PyErr_Clear ();
  Py_XDECREF (objects);
  Py_XDECREF (gc);
  return found;
}

static int64_t
list_int (struct json_object *request, const char *name, int index, int64_t otherwise)
{
  struct json_object *list, *item;
  if (!json_object_object_get_ex (request, name, &list) || !json_object_is_type (list, json_type_array)
      || (size_t) index >= json_object_array_length (list)
      || !(item = json_object_array_get_idx (list, (size_t) index)))
    return otherwise;
  return json_object_get_int64 (item);
}

static struct json_object *
element_json (const TeTensor *tensor, int64_t flat)
{
  TeDtype dtype = te_tensor_dtype (tensor);
  double value = te_trace_get_element (tensor, flat);
  if (dtype == TE_BOOL)
    return json_object_new_boolean (value != 0);
  if (!te_dtype_is_floating (dtype))
    return json_object_new_int64 ((int64_t) value);
  if (isnan (value) || isinf (value))
    return json_object_new_string (isnan (value) ? "nan" : value < 0 ? "-inf" : "inf");
  return json_object_new_double (value);
}

static struct json_object *
answer_tensor (struct json_object *request)
{
  struct json_object *id;
  PyObject *owner = NULL;
  TeTensor *tensor = json_object_object_get_ex (request, "id", &id)
                         ? te_trace_find_tensor ((uint64_t) json_object_get_int64 (id), &owner)
                         : NULL;
  if (!tensor)
    {
      PyErr_SetString (PyExc_LookupError, "this tensor no longer exists");
      return NULL;
    }
  struct json_object *answer = json_object_new_object (), *values = json_object_new_array ();
  struct json_object *starts = json_object_new_array (), *extents = json_object_new_array ();
  int64_t start[TE_MAX_NDIM], extent[TE_MAX_NDIM], total = 1, index[TE_MAX_NDIM] = { 0 };
  add_geometry (answer, tensor);
  for (int d = tensor->ndim - 1; d >= 0; d--)
    {
      int64_t size = tensor->sizes[d];
      start[d] = list_int (request, "start", d, 0);
      start[d] = start[d] < 0 ? 0 : start[d] > size ? size : start[d];
      extent[d] = list_int (request, "extent", d, size);
      extent[d] = extent[d] < 0 ? 0 : extent[d] > size - start[d] ? size - start[d] : extent[d];
      if (extent[d] && total > MOST_ELEMENTS / extent[d])
        extent[d] = MOST_ELEMENTS / total;
      total *= extent[d];
    }
  for (int d = 0; d < tensor->ndim; d++)
    {
      json_object_array_add (starts, json_object_new_int64 (start[d]));
      json_object_array_add (extents, json_object_new_int64 (extent[d]));
    }
  for (int64_t i = 0; i < total && !te_tensor_is_meta (tensor); i++)
    {
      int64_t flat = 0;
      for (int d = 0; d < tensor->ndim; d++)
        flat = flat * tensor->sizes[d] + start[d] + index[d];
      json_object_array_add (values, element_json (tensor, flat));
      for (int d = tensor->ndim - 1; d >= 0 && ++index[d] == extent[d]; d--)
        index[d] = 0;
    }
  json_object_object_add (answer, "start", starts);
  json_object_object_add (answer, "extent", extents);
  json_object_object_add (answer, "values", values);
  Py_XDECREF (owner);
  return answer;
}

/* ---- completion ---- */

/* Resolves "a.b.c" by looking only: globals, locals, then attributes. */
static PyObject *
resolve (const char *path, size_t nbytes)
{
  PyObject *locals = frame_locals (), *at = NULL;
  char *copy = strndup (path, nbytes), *rest = copy, *part;
  for (bool first = true; copy && (part = strsep (&rest, ".")); first = false)
    {
      PyObject *next = NULL;
      if (!first)
        next = PyObject_GetAttrString (at, part);
      else if (locals && PyMapping_Check (locals) && (next = PyMapping_GetItemString (locals, part)))
        ;
      else
        {
          PyErr_Clear ();
          next = te_trace_state.globals ? PyDict_GetItemString (te_trace_state.globals, part) : NULL;
          if (!next)
            next = PyDict_GetItemString (PyImport_GetModuleDict (), part);
          Py_XINCREF (next);
        }
      PyErr_Clear ();
      Py_XSETREF (at, next);
      if (!at)
        break;
    }
  free (copy);
  Py_XDECREF (locals);
  return at;
}

static void
add_matching (struct json_object *list, PyObject *names, const char *prefix, size_t prefix_nbytes)
{
  PyObject *sequence = names ? PySequence_List (names) : NULL;
  if (sequence)
    PyList_Sort (sequence);
  for (Py_ssize_t i = 0; sequence && i < PyList_GET_SIZE (sequence); i++)
    {
      PyObject *item = PyList_GET_ITEM (sequence, i);
      const char *text = PyUnicode_Check (item) ? PyUnicode_AsUTF8 (item) : NULL;
      if (text && !strncmp (text, prefix, prefix_nbytes) && (text[0] != '_' || prefix[0] == '_')
          && json_object_array_length (list) < MOST_NAMES)
        json_object_array_add (list, json_object_new_string (text));
    }
  PyErr_Clear ();
  Py_XDECREF (sequence);
}

static struct json_object *
answer_complete (struct json_object *request)
{
  struct json_object *member, *answer = json_object_new_object (), *list = json_object_new_array ();
  const char *text =
      json_object_object_get_ex (request, "text", &member) ? json_object_get_string (member) : "";
  size_t cursor = strlen (text);
  if (json_object_object_get_ex (request, "cursor", &member)
      && (size_t) json_object_get_int64 (member) < cursor)
    cursor = (size_t) json_object_get_int64 (member);
  size_t start = cursor;
#define IS_WORD(c) ((c) == '_' || (c) == '.' || (unsigned char) (c) >= 0x80 || Py_ISALNUM (c))
  while (start && IS_WORD (text[start - 1]))
    start--;
  const char *dot = NULL;
  for (const char *c = text + start; c < text + cursor; c++)
    if (*c == '.')
      dot = c;
  const char *prefix = dot ? dot + 1 : text + start;
  size_t prefix_nbytes = (size_t) (text + cursor - prefix);
  if (dot)
    {
      PyObject *object = resolve (text + start, (size_t) (dot - text) - start),
               *names = object ? PyObject_Dir (object) : NULL;
      add_matching (list, names, prefix, prefix_nbytes);
      Py_XDECREF (names);
      Py_XDECREF (object);
    }
  else
    {
      PyObject *locals = frame_locals (), *builtins = PyEval_GetBuiltins ();
      if (locals != te_trace_state.globals)
        add_matching (list, locals, prefix, prefix_nbytes);
      add_matching (list, te_trace_state.globals, prefix, prefix_nbytes);
      add_matching (list, builtins, prefix, prefix_nbytes);
      Py_XDECREF (locals);
    }
  PyErr_Clear ();
  json_object_object_add (answer, "start", json_object_new_int64 ((int64_t) (prefix - text)));
  json_object_object_add (answer, "matches", list);
  return answer;
}

char *
te_trace_inspect (const char *question_json)
{
  struct json_object *request = json_tokener_parse (question_json), *what = NULL, *answer = NULL;
  const char *kind = json_object_object_get_ex (request, "what", &what) ? json_object_get_string (what) : "";
  if (!strcmp (kind, "names"))
    answer = answer_names ();
  else if (!strcmp (kind, "tensor"))
    answer = answer_tensor (request);
  else if (!strcmp (kind, "complete"))
    answer = answer_complete (request);
  else
    PyErr_Format (PyExc_ValueError, "nothing is known of '%s'", kind);
  char *text = answer ? strdup (json_object_to_json_string_ext (answer, JSON_C_TO_STRING_PLAIN)) : NULL;
  json_object_put (answer);
  json_object_put (request);
  return text;
}
