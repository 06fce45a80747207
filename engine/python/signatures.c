/* What PyTorch says of arguments that fit no overload.  torch/_signatures.txt lists PyTorch's overloads of
 * each function and method; it is read when the first error asks for it, and the arguments are then tried in
 * PyTorch's order by PyTorch's rules.  Calls that succeed never come here. */
#include "python/python-private.h"

#include <stdlib.h>
#include <string.h>

typedef enum
{
  KIND_TENSOR,
  KIND_NUMBER,
  KIND_INT,
  KIND_FLOAT,
  KIND_BOOL,
  KIND_STRING,
  KIND_NAME,
  KIND_TENSORS,
  KIND_INTS,
  KIND_FLOATS,
  KIND_NAMES,
  KIND_DTYPE,
  KIND_LAYOUT,
  KIND_DEVICE,
  KIND_FORMAT,
  KIND_GENERATOR,
  KIND_STORAGE,
  KIND_STREAM,
  KIND_OBJECT,
} Kind;

static const struct
{
  const char *text;
  Kind kind;
} kinds[] = {
  { "Tensor", KIND_TENSOR },
  { "Number", KIND_NUMBER },
  { "int", KIND_INT },
  { "SymInt", KIND_INT },
  { "float", KIND_FLOAT },
  { "bool", KIND_BOOL },
  { "str", KIND_STRING },
  { "name", KIND_NAME },
  { "tuple of Tensors", KIND_TENSORS },
  { "tuple of ints", KIND_INTS },
  { "tuple of SymInts", KIND_INTS },
  { "tuple of floats", KIND_FLOATS },
  { "tuple of Scalars", KIND_FLOATS },
  { "tuple of names", KIND_NAMES },
  { "torch.dtype", KIND_DTYPE },
  { "torch.layout", KIND_LAYOUT },
  { "torch.device", KIND_DEVICE },
  { "torch.memory_format", KIND_FORMAT },
  { "torch.Generator", KIND_GENERATOR },
  { "torch.Storage", KIND_STORAGE },
  { "Stream", KIND_STREAM },
  { "object", KIND_OBJECT },
};

#define MAX_PARAMETERS 24
#define MAX_FORMS      24
#define MAX_TEXT       1024 /* PyTorch's TypeErrors end there */

typedef struct
{
  char type[24], name[40];
  Kind kind;
  int size; /* a number stands for a list of that many */
  bool takes_none;
  bool has_default;
  bool keyword_only;
} Parameter;

/* One overload. */
typedef struct
{
  Parameter parameters[MAX_PARAMETERS];
  int n, n_positional, n_needed;
  bool hidden; /* an old form, which is tried but not shown */
} Form;

/* A call that is tried against the forms. */
typedef struct
{
  const char *name;
  PyObject *self; /* of a method; else NULL */
  PyObject *const *args;
  Py_ssize_t n;
  PyObject *kwnames;
  bool numbers; /* Python's numbers stand for tensors */
} Attempt;

static char *lines; /* the file; read once */

/* ---- the file ---- */
static bool
read_lines (void)
{
  if (lines)
    return true;
  char path[4096];
  PyObject *module = PyImport_ImportModule ("torch");
  PyObject *file = module ? PyModule_GetFilenameObject (module) : NULL;
  const char *own = file ? PyUnicode_AsUTF8 (file) : NULL, *slash = own ? strrchr (own, '/') : NULL;
  if (slash)
    snprintf (path, sizeof path, "%.*s/_signatures.txt", (int) (slash - own), own);
  PyObject *io = slash ? PyImport_ImportModule ("io") : NULL;
  PyObject *stream = io ? PyObject_CallMethod (io, "open", "ss", path, "rb") : NULL;
  PyObject *bytes = stream ? PyObject_CallMethod (stream, "read", NULL) : NULL;
  PyObject *closed = bytes ? PyObject_CallMethod (stream, "close", NULL) : NULL;
  if (closed && PyBytes_Check (bytes))
    lines = strdup (PyBytes_AS_STRING (bytes));
  Py_XDECREF (closed);
  Py_XDECREF (bytes);
  Py_XDECREF (stream);
  Py_XDECREF (io);
  Py_XDECREF (file);
  Py_XDECREF (module);
  PyErr_Clear ();
  return lines != NULL;
}

/* "tuple of ints[2]? stride=" */
static void
parse_parameter (const char *text, size_t length, Parameter *self)
{
  const char *end = text + length, *space = end;
  *self = (Parameter){ .kind = KIND_OBJECT };
  self->has_default = end[-1] == '=';
  end -= self->has_default;
  while (space > text && *space != ' ')
    space--;
  snprintf (self->name, sizeof self->name, "%.*s", (int) (end - space - 1), space + 1);
  if (space > text && space[-1] == '?')
    {
      self->takes_none = true;
      space--;
    }
  const char *bracket = memchr (text, '[', (size_t) (space - text));
  if (bracket)
    self->size = atoi (bracket + 1);
  snprintf (self->type, sizeof self->type, "%.*s", (int) ((bracket ? bracket : space) - text), text);
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
    if (strcmp (kinds[i].text, self->type) == 0)
      self->kind = kinds[i].kind;
}

static void
parse_form (const char *text, size_t length, Form *self)
{
  const char *end = text + length;
  bool keyword_only = false;
  self->n = self->n_positional = self->n_needed = 0;
  self->hidden = length == 1 && *text == '-';
  while (!self->hidden && text < end && self->n < MAX_PARAMETERS)
    {
      const char *comma = memchr (text, ',', (size_t) (end - text));
      const char *stop = comma ? comma : end;
      if (*text == '*')
        keyword_only = true;
      else
        {
          Parameter *parameter = &self->parameters[self->n++];
          parse_parameter (text, (size_t) (stop - text), parameter);
          parameter->keyword_only = keyword_only;
          self->n_positional += !keyword_only;
          self->n_needed += !parameter->has_default;
        }
      text = comma ? comma + 2 : end;
    }
}

/* The overloads of "space.name"; returns how many. */
static int
find_forms (const char *space, const char *name, Form *forms)
{
  char head[96];
  int n = 0;
  size_t length = (size_t) snprintf (head, sizeof head, "\n%s.%s", space, name);
  const char *line = read_lines () && length < sizeof head ? lines : NULL;
  while (line && n < MAX_FORMS && (line = strstr (line, head)))
    {
      line += length;
      const char *end = strchr (line, '\n');
      if (*line == '\n')
        parse_form (line, 0, &forms[n++]);
      else if (*line == ' ' && end)
        parse_form (line + 1, (size_t) (end - line - 1), &forms[n++]);
    }
  return n;
}

/* ---- does an argument fit? ---- */
static bool
is_index (PyObject *object)
{
  if (PyBool_Check (object))
    return false;
  PyObject *index = PyIndex_Check (object) ? PyNumber_Index (object) : NULL;
  PyErr_Clear ();
  Py_XDECREF (index);
  return index != NULL;
}

static bool
is_list (PyObject *object)
{
  return PyTuple_Check (object) || PyList_Check (object);
}

static PyObject *
first_item (PyObject *list)
{
  return PySequence_Fast_GET_SIZE (list) ? PySequence_Fast_GET_ITEM (list, 0) : NULL;
}

static bool
fits_number (Kind kind, PyObject *object)
{
  if (te_py_is_tensor (object))
    {
      TeTensor *tensor = te_py_tensor (object);
      return tensor->ndim == 0 && !te_tensor_requires_grad (tensor)
             && (kind != KIND_INT || te_dtype_is_integral (te_tensor_dtype (tensor), false));
    }
  if (kind == KIND_INT)
    return te_py_is_int (object);
  return te_py_is_number (object) && (kind == KIND_NUMBER || !PyComplex_Check (object));
}

static TePyMatch
fits_tensors (int place, PyObject *object)
{
  if (!is_list (object))
    return TE_PY_NO_MATCH;
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE (object); i++)
    {
      PyObject *item = PySequence_Fast_GET_ITEM (object, i);
      if (te_py_is_tensor (item))
        continue;
      PyErr_Format (PyExc_TypeError, "expected Tensor as element %zd in argument %d, but got %s", i, place,
                    Py_TYPE (item)->tp_name);
      return TE_PY_RAISED;
    }
  return TE_PY_MATCH;
}

static bool
fits_list (const Parameter *self, PyObject *object)
{
  PyObject *first = is_list (object) ? first_item (object) : NULL;
  if (is_list (object) && !first)
    return true;
  switch (self->kind)
    {
    case KIND_INTS:
      return first ? is_index (first) : self->size > 0 && te_py_is_int (object);
    case KIND_NAMES:
      return first ? PyUnicode_Check (first) || first == Py_None
                   : self->size == 1 && (PyUnicode_Check (object) || object == Py_None);
    default:
      return first && (te_py_is_number (first) || fits_number (KIND_NUMBER, first));
    }
}

static TePyMatch
fits (const Attempt *attempt, const Parameter *self, int place, PyObject *object)
{
  int64_t ignored;
  bool ok = false;
  switch (self->kind)
    {
    case KIND_TENSOR:
      ok = te_py_is_tensor (object) || (attempt->numbers && te_py_is_number (object));
      break;
    case KIND_NUMBER:
    case KIND_INT:
    case KIND_FLOAT:
      ok = fits_number (self->kind, object);
      break;
    case KIND_BOOL:
      ok = PyBool_Check (object);
      break;
    case KIND_STRING:
      ok = PyUnicode_Check (object);
      break;
    case KIND_NAME:
      ok = PyUnicode_Check (object) || object == Py_None;
      break;
    case KIND_TENSORS:
      return fits_tensors (place, object);
    case KIND_INTS:
    case KIND_FLOATS:
    case KIND_NAMES:
      ok = fits_list (self, object);
      break;
    case KIND_DTYPE:
      ok = Py_TYPE (object) == te_py_dtype_type || object == (PyObject *) &PyFloat_Type
           || object == (PyObject *) &PyLong_Type || object == (PyObject *) &PyBool_Type;
      break;
    case KIND_LAYOUT:
      ok = te_py_layout_check (object);
      break;
    case KIND_DEVICE:
      ok = te_py_is_int (object) || PyUnicode_Check (object) || Py_TYPE (object) == te_py_device_type;
      break;
    case KIND_FORMAT:
      ok = te_py_memory_format_check (object, &ignored);
      break;
    case KIND_GENERATOR:
      ok = PyObject_TypeCheck (object, te_py_generator_type);
      break;
    case KIND_STORAGE:
      ok = strstr (Py_TYPE (object)->tp_name, "Storage") != NULL;
      break;
    case KIND_STREAM:
      PyErr_SetString (PyExc_RuntimeError, "unknown parameter type");
      return TE_PY_RAISED;
    case KIND_OBJECT:
      ok = true;
      break;
    }
  return ok ? TE_PY_MATCH : TE_PY_NO_MATCH;
}

/* ---- words ---- */
/* As PyErr_Format, cut where PyTorch cuts; returns TE_PY_RAISED. */
static TePyMatch
say (const char *format, ...)
{
  char text[MAX_TEXT];
  va_list list;
  va_start (list, format);
  vsnprintf (text, sizeof text, format, list);
  va_end (list);
  PyErr_SetString (PyExc_TypeError, text);
  return TE_PY_RAISED;
}

static TePyMatch
say_extra (const Attempt *attempt, const Form *form)
{
  int most = form->n_positional, least = form->n_needed;
  if (least != most)
    return say ("%s() takes from %d to %d positional arguments but %zd were given", attempt->name, least,
                most, attempt->n);
  return say ("%s() takes %d positional argument%s but %zd %s given", attempt->name, most,
              most == 1 ? "" : "s", attempt->n, attempt->n == 1 ? "was" : "were");
}

static TePyMatch
say_missing (const Attempt *attempt, const Form *form, int from)
{
  char text[MAX_TEXT] = "";
  int missing = 0;
  for (int i = from; i < form->n; i++)
    if (!form->parameters[i].has_default)
      {
        size_t used = strlen (text);
        snprintf (text + used, sizeof text - used, "%s\"%s\"", missing++ ? ", " : "",
                  form->parameters[i].name);
      }
  /* PyTorch's plural is the wrong way round. */
  return say ("%s() missing %d required positional argument%s: %s", attempt->name, missing,
              missing == 1 ? "s" : "", text);
}

/* Names the first keyword that is strange or given twice; TE_PY_NO_MATCH when there is none. */
static TePyMatch
say_keywords (const Attempt *attempt, const Form *form)
{
  for (Py_ssize_t k = 0; k < PyTuple_GET_SIZE (attempt->kwnames); k++)
    {
      const char *given = PyUnicode_AsUTF8 (PyTuple_GET_ITEM (attempt->kwnames, k));
      int found = form->n;
      while (given && --found >= 0 && strcmp (form->parameters[found].name, given) != 0)
        ;
      if (found < 0)
        return say ("%s() got an unexpected keyword argument '%s'", attempt->name, given);
      if (found < attempt->n)
        return say ("%s() got multiple values for argument '%s'", attempt->name, given);
    }
  return TE_PY_NO_MATCH;
}

static TePyMatch
say_type (const Attempt *attempt, const Parameter *parameter, Py_ssize_t position, PyObject *object)
{
  const char *type = Py_TYPE (object)->tp_name;
  if (position < 0)
    return say ("%s(): argument '%s' must be %s, not %s", attempt->name, parameter->name, parameter->type,
                type);
  return say ("%s(): argument '%s' (position %zd) must be %s, not %s", attempt->name, parameter->name,
              position + 1, parameter->type, type);
}

/* ---- one form ---- */
/* numpy's names for the same arguments. */
static bool
is_called (const char *name, const char *given)
{
  static const char *const aliases[][2] = { { "dim", "axis" }, { "keepdim", "keepdims" }, { "input", "x" },
                                            { "input", "a" },  { "input", "x1" },         { "other", "x2" } };
  bool same = strcmp (name, given) == 0;
  for (size_t i = 0; !same && i < sizeof aliases / sizeof aliases[0]; i++)
    same = strcmp (name, aliases[i][0]) == 0 && strcmp (given, aliases[i][1]) == 0;
  return same;
}

static PyObject *
keyword (const Attempt *attempt, const char *name)
{
  for (Py_ssize_t k = 0; attempt->kwnames && k < PyTuple_GET_SIZE (attempt->kwnames); k++)
    {
      const char *given = PyUnicode_AsUTF8 (PyTuple_GET_ITEM (attempt->kwnames, k));
      if (given && is_called (name, given))
        return attempt->args[attempt->n + k];
    }
  return NULL;
}

/* Tries one form; raising: say why it does not fit. */
static TePyMatch
try_form (const Attempt *attempt, const Form *form, bool raising)
{
  Py_ssize_t position = 0, n = attempt->n,
             n_keywords = attempt->kwnames ? PyTuple_GET_SIZE (attempt->kwnames) : 0;
  bool varargs = form->n_positional == 1 && form->parameters[0].kind == KIND_INTS;
  if (n > form->n_positional && !varargs)
    return raising ? say_extra (attempt, form) : TE_PY_NO_MATCH;
  for (int i = 0; i < form->n; i++)
    {
      const Parameter *parameter = &form->parameters[i];
      bool named = position >= n;
      if (!named && parameter->keyword_only)
        return raising ? say_extra (attempt, form) : TE_PY_NO_MATCH;
      PyObject *object = named ? keyword (attempt, parameter->name) : attempt->args[position];
      TePyMatch match = TE_PY_MATCH;
      if (!object && !parameter->has_default)
        return raising ? say_missing (attempt, form, i) : TE_PY_NO_MATCH;
      if (object && !(object == Py_None && parameter->takes_none))
        match = fits (attempt, parameter, i, object);
      if (match == TE_PY_NO_MATCH && varargs && position == 0 && !named && is_index (object))
        {
          position = n;
          continue;
        }
      if (match == TE_PY_NO_MATCH && raising)
        return say_type (attempt, parameter, named ? -1 : position, object);
      if (match != TE_PY_MATCH)
        return match;
      position += !named;
      n_keywords -= named && object;
    }
  if (n_keywords > 0)
    return raising ? say_keywords (attempt, form) == TE_PY_RAISED ? TE_PY_RAISED
                                                                  : say ("invalid keyword arguments")
                   : TE_PY_NO_MATCH;
  return TE_PY_MATCH;
}

/* A form with named dimensions fits: no tensor here has names. */
static void
refuse_names (const Attempt *attempt, const Form *form)
{
  static const char *const not_yet[] = { "gather",       "index_add", "index_copy",  "index_fill",
                                         "index_select", "scatter",   "scatter_add", "sort",
                                         "argsort",      "cat",       "all",         "any" };
  PyObject *tensor = attempt->self, *given = NULL;
  for (int i = 0; i < form->n; i++)
    {
      const Parameter *parameter = &form->parameters[i];
      PyObject *object = i < attempt->n ? attempt->args[i] : keyword (attempt, parameter->name);
      if (parameter->kind == KIND_TENSOR && !tensor)
        tensor = object;
      if (!given && (parameter->kind == KIND_NAME || parameter->kind == KIND_NAMES) && object)
        given = object;
    }
  for (size_t i = 0; given && i < sizeof not_yet / sizeof not_yet[0]; i++)
    {
      size_t length = strlen (not_yet[i]);
      if (strncmp (attempt->name, not_yet[i], length) == 0 && strlen (attempt->name + length) <= 1)
        {
          PyErr_Format (PyExc_RuntimeError,
                        "%s: You passed a dimname (string) to this op in place of a dimension index but it "
                        "does not yet "
                        "support this behavior. Please pass a dimension index to work around this.",
                        not_yet[i]);
          return;
        }
    }
  for (Py_ssize_t i = 0; given && is_list (given) && i < PySequence_Fast_GET_SIZE (given); i++)
    {
      PyObject *item = PySequence_Fast_GET_ITEM (given, i);
      if (!PyUnicode_Check (item) && item != Py_None)
        {
          PyErr_Format (PyExc_TypeError, "expected None or string for Dimname but got %s",
                        Py_TYPE (item)->tp_name);
          return;
        }
    }
  if (given && is_list (given))
    given = first_item (given);
  if (!given || !tensor || !te_py_is_tensor (tensor))
    return;
  char names[TE_MAX_NDIM * 6 + 1] = "";
  for (int i = 0; i < te_py_tensor (tensor)->ndim; i++)
    strcat (names, i ? ", None" : "None");
  if (given == Py_None)
    PyErr_SetString (PyExc_RuntimeError, "Please look up dimensions by name, got: name = None.");
  else
    PyErr_Format (PyExc_RuntimeError, "Name '%U' not found in Tensor[%s].", given, names);
}

/* ---- functions that PyTorch writes in Python ---- */
/* "'a', 'b', and 'c'" of the parameters that were not given; returns how many. */
static int
list_missing (const Attempt *attempt, const Form *form, bool keyword_only, char *text, size_t size)
{
  const char *names[MAX_PARAMETERS];
  int n = 0;
  for (int i = 0; i < form->n; i++)
    {
      const Parameter *parameter = &form->parameters[i];
      if (parameter->keyword_only == keyword_only && !parameter->has_default
          && (keyword_only || i >= attempt->n) && !keyword (attempt, parameter->name))
        names[n++] = parameter->name;
    }
  size_t used = 0;
  text[0] = '\0';
  for (int i = 0; i < n && used < size; i++)
    used += (size_t) snprintf (text + used, size - used, "%s%s'%s'", i && n > 2 ? ", " : "",
                               i && i == n - 1 ? (n > 2 ? "and " : " and ") : "", names[i]);
  return n;
}

static void
say_too_many (const Attempt *attempt, const Form *form)
{
  int least = 0, most = form->n_positional, n_keyword_only = 0;
  char extra[64] = "";
  for (int i = 0; i < form->n; i++)
    {
      const Parameter *parameter = &form->parameters[i];
      least += !parameter->keyword_only && !parameter->has_default;
      n_keyword_only += parameter->keyword_only && keyword (attempt, parameter->name);
    }
  if (n_keyword_only)
    snprintf (extra, sizeof extra, " positional argument%s (and %d keyword-only argument%s)",
              attempt->n == 1 ? "" : "s", n_keyword_only, n_keyword_only == 1 ? "" : "s");
  const char *were = attempt->n == 1 && !n_keyword_only ? "was" : "were";
  if (least < most)
    say ("%s() takes from %d to %d positional arguments but %zd%s %s given", attempt->name, least, most,
         attempt->n, extra, were);
  else
    say ("%s() takes %d positional argument%s but %zd%s %s given", attempt->name, most, most == 1 ? "" : "s",
         attempt->n, extra, were);
}

/* Python's own words, in Python's order. */
static void
refuse_as_python (const Attempt *attempt, const Form *form)
{
  char text[MAX_TEXT];
  int missing;
  if (attempt->kwnames && say_keywords (attempt, form) == TE_PY_RAISED)
    return;
  if (attempt->n > form->n_positional)
    say_too_many (attempt, form);
  else if ((missing = list_missing (attempt, form, false, text, sizeof text)))
    say ("%s() missing %d required positional argument%s: %s", attempt->name, missing,
         missing == 1 ? "" : "s", text);
  else if ((missing = list_missing (attempt, form, true, text, sizeof text)))
    say ("%s() missing %d required keyword-only argument%s: %s", attempt->name, missing,
         missing == 1 ? "" : "s", text);
}

/* ---- all forms ---- */
static PyObject *
form_text (const Form *form)
{
  char text[2048] = "(";
  bool star = false;
  size_t used = 1;
  for (int i = 0; i < form->n && used < sizeof text; i++)
    {
      const Parameter *parameter = &form->parameters[i];
      used +=
          (size_t) snprintf (text + used, sizeof text - used, "%s%s%s %s", i ? ", " : "",
                             parameter->keyword_only && !star ? "*, " : "", parameter->type, parameter->name);
      star = star || parameter->keyword_only;
    }
  return PyUnicode_FromFormat ("%s)", text);
}

static void
say_options (const Attempt *attempt, const Form *forms, int n)
{
  PyObject *options = PyList_New (0);
  for (int i = 0; options && i < n; i++)
    {
      PyObject *text = forms[i].hidden ? NULL : form_text (&forms[i]);
      if (text && PyList_Append (options, text) < 0)
        Py_CLEAR (options);
      Py_XDECREF (text);
    }
  if (options)
    te_py_raise_options (attempt->name, attempt->args, attempt->n, attempt->kwnames, options);
  Py_XDECREF (options);
}

/* Which form the caller probably meant, by the number of arguments: -1 when none or several fit. */
static int
plausible_form (const Attempt *attempt, const Form *forms, int n)
{
  Py_ssize_t given = attempt->n + (attempt->kwnames ? PyTuple_GET_SIZE (attempt->kwnames) : 0);
  int plausible = -1, count = 0;
  for (int i = 0; i < n; i++)
    if (!forms[i].hidden && given >= forms[i].n_needed && given <= forms[i].n)
      {
        plausible = i;
        count++;
      }
  return n == 1 ? 0 : count == 1 ? plausible : -1;
}

static bool
takes_numbers (const char *name)
{
  static const char *const names[] = { "add", "sub",    "subtract",    "mul",          "multiply",
                                       "div", "divide", "true_divide", "floor_divide", "copy" };
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    {
      size_t length = strlen (names[i]);
      if (strncmp (name, names[i], length) == 0 && (!name[length] || strcmp (name + length, "_") == 0))
        return true;
    }
  return false;
}

struct _TePyForms
{
  int n, n_python; /* the first ones are Python's */
  Form forms[];
};

TePyForms *
te_py_forms_load (const char *space, const char *name)
{
  char python[32];
  TePyForms *self = calloc (1, sizeof *self + 2 * MAX_FORMS * sizeof (Form));
  if (!self)
    return NULL;
  snprintf (python, sizeof python, "def-%s", space);
  self->n_python = find_forms (python, name, self->forms);
  self->n = find_forms (space, name, self->forms + self->n_python);
  TePyForms *less = realloc (self, sizeof *self + (size_t) (self->n + self->n_python) * sizeof (Form));
  return less ? less : self;
}

/* The forms that PyTorch parses in C. */
static void
refuse (const Attempt *attempt, const Form *forms, int n)
{
  TePyMatch match = n ? TE_PY_NO_MATCH : TE_PY_MATCH;
  Py_ssize_t n_keywords = attempt->kwnames ? PyTuple_GET_SIZE (attempt->kwnames) : 0;
  if (n == 1 && !forms[0].n && attempt->self && (attempt->n || n_keywords))
    match = n_keywords ? say ("_TensorBase.%s() takes no keyword arguments", attempt->name)
                       : say ("_TensorBase.%s() takes no arguments (%zd given)", attempt->name, attempt->n);
  for (int i = 0; i < n && match == TE_PY_NO_MATCH; i++)
    {
      match = forms[i].hidden ? TE_PY_NO_MATCH : try_form (attempt, &forms[i], false);
      if (match == TE_PY_MATCH)
        refuse_names (attempt, &forms[i]);
    }
  int plausible = match == TE_PY_NO_MATCH ? plausible_form (attempt, forms, n) : -1;
  if (plausible >= 0)
    try_form (attempt, &forms[plausible], true);
  else if (match == TE_PY_NO_MATCH)
    say_options (attempt, forms, n);
}

bool
te_py_forms_refuse (const TePyForms *self,
                    const char *name,
                    PyObject *tensor,
                    PyObject *const *args,
                    Py_ssize_t n,
                    PyObject *kwnames)
{
  Attempt attempt = { name, tensor, args, n, kwnames, takes_numbers (name) };
  if (self->n_python)
    refuse_as_python (&attempt, &self->forms[0]);
  if (!PyErr_Occurred ())
    refuse (&attempt, self->forms + self->n_python, self->n);
  return PyErr_Occurred () != NULL;
}

bool
te_py_refuse_arguments (const char *space,
                        const char *name,
                        PyObject *self,
                        PyObject *const *args,
                        Py_ssize_t n,
                        PyObject *kwnames)
{
  TePyForms *forms = te_py_forms_load (space, name);
  bool refused = forms && te_py_forms_refuse (forms, name, self, args, n, kwnames);
  free (forms);
  return refused;
}

bool
te_py_refuse_call (const char *space, const char *name, PyObject *args, PyObject *kwargs)
{
  PyObject *values[MAX_PARAMETERS], *key, *value,
      *names = PyTuple_New (kwargs ? PyDict_GET_SIZE (kwargs) : 0);
  Py_ssize_t n = PyTuple_GET_SIZE (args), at = 0, k = 0;
  bool refused = !names;
  if (names)
    PyErr_Clear (); /* what Python's own parsing said */
  if (names && n + PyTuple_GET_SIZE (names) <= MAX_PARAMETERS)
    {
      for (Py_ssize_t i = 0; i < n; i++)
        values[i] = PyTuple_GET_ITEM (args, i);
      while (kwargs && PyDict_Next (kwargs, &at, &key, &value))
        {
          values[n + k] = value;
          PyTuple_SET_ITEM (names, k++, Py_NewRef (key));
        }
      refused = te_py_refuse_arguments (space, name, NULL, values, n, names);
    }
  Py_XDECREF (names);
  return refused;
}

/* _refuse_arguments ("Tensor", "to", args, kwargs): raises what PyTorch says of them; None when it takes
 * them. */
PyObject *
te_py_refuse_arguments_function (PyObject *module, PyObject *args)
{
  const char *space, *name;
  PyObject *positional, *keywords;
  if (!PyArg_ParseTuple (args, "ssO!O!", &space, &name, &PyTuple_Type, &positional, &PyDict_Type, &keywords))
    return NULL;
  return te_py_refuse_call (space, name, positional, keywords) ? NULL : Py_NewRef (Py_None);
}
