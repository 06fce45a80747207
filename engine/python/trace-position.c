/* Where code is, without tracing it: the running frame's instruction, looked up once in the code object's
 * table of positions (PEP 657) and kept beside the code object. */
#define Py_BUILD_CORE 1
#include "python/trace-private.h"

#include <internal/pycore_frame.h>

#include <stdlib.h>
#include <string.h>

typedef struct
{
  uint64_t generation; /* of the attachment that the ids belong to */
  uint32_t file;
  bool person;
  int n;
  uint32_t positions[]; /* per code unit; 0: not asked yet */
} CodePlaces;

typedef struct
{
  char *path;
  uint32_t file;
  bool person;
} File;

typedef struct
{
  uint64_t iteration;
  uint32_t count;
} Occurrence;

static Py_ssize_t extra_index = -1;
static uint64_t generation;
static File *files;
static size_t n_files, files_capacity;
static Occurrence *occurrences;
static uint32_t occurrences_capacity;
static char *torch_folder; /* ends in a slash */

/* ---- files ---- */

/* The text that ran: what linecache knows (unsaved buffers too), else nothing. */
static PyObject *
source_text (const char *path)
{
  PyObject *linecache = PyImport_ImportModule ("linecache");
  PyObject *lines = linecache ? PyObject_CallMethod (linecache, "getlines", "s", path) : NULL;
  PyObject *empty = PyUnicode_FromString (""), *text = lines && empty ? PyUnicode_Join (empty, lines) : NULL;
  PyErr_Clear ();
  Py_XDECREF (empty);
  Py_XDECREF (lines);
  Py_XDECREF (linecache);
  return text;
}

static bool
is_persons_path (const char *path)
{
  static const char *const libraries[] = { "/usr/lib/", "/usr/local/lib/", "/usr/share/", "<frozen" };
  const char *base = strrchr (path, '/');
  if (torch_folder && !strncmp (path, torch_folder, strlen (torch_folder)))
    return false;
  if (!strcmp (base ? base + 1 : path, "gradboard.py"))
    return false;
  for (size_t i = 0; i < sizeof libraries / sizeof libraries[0]; i++)
    if (!strncmp (path, libraries[i], strlen (libraries[i])))
      return false;
  return true;
}

static const File *
find_file (const char *path)
{
  for (size_t i = 0; i < n_files; i++)
    if (!strcmp (files[i].path, path))
      return &files[i];
  if (n_files == files_capacity)
    {
      size_t capacity = files_capacity ? files_capacity * 2 : 32;
      File *grown = realloc (files, capacity * sizeof *grown);
      if (!grown)
        return NULL;
      files = grown;
      files_capacity = capacity;
    }
  PyObject *type, *value, *traceback;
  PyErr_Fetch (&type, &value, &traceback);
  bool person = is_persons_path (path);
  PyObject *text = source_text (path);
  Py_ssize_t nbytes = 0;
  const char *bytes = text ? PyUnicode_AsUTF8AndSize (text, &nbytes) : NULL;
  PyErr_Clear ();
  File file = { strdup (path), 0, person };
  if (file.path)
    {
      file.file = te_recorder_source (te_trace_state.recorder, path, bytes ? bytes : "",
                                      bytes ? (size_t) nbytes : 0, person ? 1 : 2);
      files[n_files++] = file;
    }
  Py_XDECREF (text);
  PyErr_Restore (type, value, traceback);
  return file.path ? &files[n_files - 1] : NULL;
}

/* ---- code objects ---- */

static CodePlaces *
places_of (PyCodeObject *code)
{
  void *extra = NULL;
  if (_PyCode_GetExtra ((PyObject *) code, extra_index, &extra) == 0 && extra
      && ((CodePlaces *) extra)->generation == generation)
    return extra;
  const char *path = PyUnicode_AsUTF8 (code->co_filename);
  const File *file = path ? find_file (path) : NULL;
  int n = (int) Py_SIZE (code);
  if (!file)
    {
      PyErr_Clear ();
      return NULL;
    }
  CodePlaces *places = calloc (1, sizeof *places + (size_t) n * sizeof places->positions[0]);
  if (!places)
    return NULL;
  places->generation = generation;
  places->file = file->file;
  places->person = file->person;
  places->n = n;
  if (_PyCode_SetExtra ((PyObject *) code, extra_index, places) < 0)
    {
      PyErr_Clear ();
      free (places);
      return NULL;
    }
  return places;
}

static uint32_t
position_at (PyCodeObject *code, CodePlaces *places, int unit)
{
  if (unit < 0)
    unit = 0;
  if (unit >= places->n)
    return 0;
  uint32_t position = places->positions[unit];
  if (__builtin_expect (position != 0, 1))
    return position;
  int line, column, end_line, end_column;
  if (!PyCode_Addr2Location (code, unit * (int) sizeof (_Py_CODEUNIT), &line, &column, &end_line, &end_column)
      || line < 0)
    {
      line = PyCode_Addr2Line (code, unit * (int) sizeof (_Py_CODEUNIT));
      column = end_column = 0;
      end_line = line;
    }
  const char *function = PyUnicode_AsUTF8 (code->co_qualname);
  PyErr_Clear ();
#define AT_LEAST_0(value) ((uint32_t) ((value) < 0 ? 0 : (value)))
  position = te_recorder_position (te_trace_state.recorder, places->file, function, AT_LEAST_0 (line),
                                   AT_LEAST_0 (end_line), AT_LEAST_0 (column), AT_LEAST_0 (end_column));
#undef AT_LEAST_0
  places->positions[unit] = position;
  return position;
}

/* ---- the running frame ---- */

static _PyInterpreterFrame *
top_frame (void)
{
  _PyInterpreterFrame *frame = PyThreadState_Get ()->cframe->current_frame;
  while (frame && _PyFrame_IsIncomplete (frame))
    frame = frame->previous;
  return frame;
}

TeWhere
te_trace_where (void)
{
  TeWhere where = { 0, 0 };
  int far = 0;
  for (_PyInterpreterFrame *frame = top_frame (); frame && far < 200; frame = frame->previous, far++)
    {
      if (_PyFrame_IsIncomplete (frame))
        continue;
      CodePlaces *places = places_of (frame->f_code);
      if (!places)
        return where;
      if (where.pos && !places->person)
        continue;
      uint32_t position = position_at (frame->f_code, places, _PyInterpreterFrame_LASTI (frame));
      if (!where.pos)
        where.pos = position;
      if (places->person)
        {
          where.caller = position;
          return where;
        }
    }
  return where;
}

uint32_t
te_trace_person_position (void)
{
  return te_trace_on () ? te_trace_where ().caller : 0;
}

uint32_t
te_trace_code_position (PyCodeObject *code, int instruction_offset)
{
  CodePlaces *places = te_trace_on () ? places_of (code) : NULL;
  return places ? position_at (code, places, instruction_offset / (int) sizeof (_Py_CODEUNIT)) : 0;
}

uint32_t
te_trace_place_position (
    const char *path, uint32_t line, uint32_t end_line, uint32_t column, uint32_t end_column)
{
  const File *file = te_trace_on () ? find_file (path) : NULL;
  return file ? te_recorder_position (te_trace_state.recorder, file->file, NULL, line, end_line, column,
                                      end_column)
              : 0;
}

bool
te_trace_is_person (PyCodeObject *code)
{
  CodePlaces *places = te_trace_on () ? places_of (code) : NULL;
  return places && places->person;
}

uint32_t
te_trace_file_of (PyCodeObject *code)
{
  CodePlaces *places = te_trace_on () ? places_of (code) : NULL;
  return places ? places->file : 0;
}

static void
visit_locals (_PyInterpreterFrame *frame, TeNameVisit visit, void *data)
{
  PyCodeObject *code = frame->f_code;
  for (int i = 0; i < code->co_nlocalsplus; i++)
    {
      PyObject *value = frame->localsplus[i];
      if (value && PyCell_Check (value))
        value = PyCell_GET (value);
      if (value)
        visit (PyTuple_GET_ITEM (code->co_localsplusnames, i), value, data);
    }
  PyObject *name, *value;
  Py_ssize_t at = 0;
  if (frame->f_locals && PyDict_CheckExact (frame->f_locals) && frame->f_locals != frame->f_globals)
    while (PyDict_Next (frame->f_locals, &at, &name, &value))
      visit (name, value, data);
}

void
te_trace_visit_person_frame (TeNameVisit visit, void *data)
{
  for (_PyInterpreterFrame *frame = top_frame (); frame; frame = frame->previous)
    {
      CodePlaces *places = _PyFrame_IsIncomplete (frame) ? NULL : places_of (frame->f_code);
      if (!places || !places->person)
        continue;
      /* Globals change seldom inside functions; the dict's version tells without looking, but not of what
       * happens inside a list or an object: outside functions, and for somebody who steps, that is seen too. */
      static PyObject *last_globals;
      static uint64_t last_version;
      PyDictObject *globals = (PyDictObject *) frame->f_globals;
      if (frame->f_globals != last_globals || globals->ma_version_tag != last_version
          || frame->f_locals == frame->f_globals || te_trace_state.lines_on || te_trace_state.recorder->waits)
        {
          PyObject *name, *value;
          Py_ssize_t at = 0;
          last_globals = frame->f_globals;
          last_version = globals->ma_version_tag;
          while (PyDict_Next (frame->f_globals, &at, &name, &value))
            visit (name, value, data);
        }
      visit_locals (frame, visit, data);
      return;
    }
}

void
te_trace_visit_all_names (TeNameVisit visit, void *data)
{
  PyObject *name, *value, *globals = NULL;
  int far = 0;
  for (_PyInterpreterFrame *frame = top_frame (); frame && far < 200; frame = frame->previous, far++)
    {
      CodePlaces *places = _PyFrame_IsIncomplete (frame) ? NULL : places_of (frame->f_code);
      if (!places || !places->person)
        continue;
      globals = globals ? globals : frame->f_globals;
      visit_locals (frame, visit, data);
    }
  for (Py_ssize_t at = 0; globals && PyDict_Next (globals, &at, &name, &value);)
    visit (name, value, data);
}

/* ---- occurrences ---- */

uint32_t
te_trace_occurrence (uint32_t pos)
{
  if (pos >= occurrences_capacity)
    {
      uint32_t capacity = occurrences_capacity ? occurrences_capacity * 2 : 1024;
      while (capacity <= pos)
        capacity *= 2;
      Occurrence *grown = realloc (occurrences, capacity * sizeof *grown);
      if (!grown)
        return 0;
      memset (grown + occurrences_capacity, 0, (capacity - occurrences_capacity) * sizeof *grown);
      occurrences = grown;
      occurrences_capacity = capacity;
    }
  Occurrence *at = &occurrences[pos];
  if (at->iteration != te_trace_state.iteration)
    *at = (Occurrence){ te_trace_state.iteration, 0 };
  return at->count++;
}

static char *
find_torch_folder (void)
{
  PyObject *module = PyDict_GetItemString (PyImport_GetModuleDict (), "torch");
  PyObject *path = module ? PyObject_GetAttrString (module, "__file__") : NULL;
  const char *text = path && PyUnicode_Check (path) ? PyUnicode_AsUTF8 (path) : NULL;
  const char *slash = text ? strrchr (text, '/') : NULL;
  char *folder = slash ? strndup (text, (size_t) (slash - text) + 1) : NULL;
  PyErr_Clear ();
  Py_XDECREF (path);
  return folder;
}

bool
te_trace_position_attach (void)
{
  if (extra_index < 0)
    extra_index = _PyEval_RequestCodeExtraIndex (free);
  generation++;
  if (!torch_folder)
    torch_folder = find_torch_folder ();
  return extra_index >= 0;
}

void
te_trace_position_detach (void)
{
  for (size_t i = 0; i < n_files; i++)
    free (files[i].path);
  free (files);
  files = NULL;
  n_files = files_capacity = 0;
  if (occurrences)
    memset (occurrences, 0, occurrences_capacity * sizeof *occurrences);
}
