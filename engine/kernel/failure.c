#include "kernel/failure.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/trial.h"

#define OPERANDS_MSEC 1000
#define TRY_MSEC      500
#define AGAIN_MSEC    2000 /* the whole program is run once more */
#define ALL_MSEC      6000
#define MOST_EDITS    16

static struct
{
  PyObject *names; /* dict: what the statement could see; NULL: nothing is kept */
  PyObject *inner; /* list of dicts: variables of the library's frames below */
  PyObject *source, *path, *function;
  int place[4];       /* line, end_line, column, end_column */
  uint64_t exception; /* seq */
} failure;

void
te_failure_drop (void)
{
  Py_CLEAR (failure.names);
  Py_CLEAR (failure.inner);
  Py_CLEAR (failure.source);
  Py_CLEAR (failure.path);
  Py_CLEAR (failure.function);
}

/* ---- keeping ---- */

static bool
is_inline (PyCodeObject *code)
{
  return PyUnicode_READ_CHAR (code->co_name, 0) == '<'
         && PyUnicode_CompareWithASCIIString (code->co_name, "<module>");
}

static bool
add_names (PyObject *names, PyFrameObject *frame)
{
  PyObject *locals = PyFrame_GetLocals (frame);
  bool ok = locals && PyDict_Update (names, locals) == 0;
  Py_XDECREF (locals);
  return ok;
}

/* Globals, and over them the variables of the function; of a comprehension those around it as well. */
static PyObject *
visible_names (PyFrameObject *frame, PyCodeObject *code)
{
  PyObject *names = PyDict_New (), *globals = PyFrame_GetGlobals (frame);
  PyFrameObject *back = is_inline (code) ? PyFrame_GetBack (frame) : NULL;
  bool ok = names && globals && PyDict_Update (names, globals) == 0 && (!back || add_names (names, back))
            && add_names (names, frame);
  Py_XDECREF (back);
  Py_XDECREF (globals);
  if (!ok)
    Py_CLEAR (names);
  return names;
}

static PyObject *
source_of (const TeJob *job, PyCodeObject *code)
{
  const char *path = PyUnicode_AsUTF8 (code->co_filename);
  if (path && job->text && !strcmp (path, job->path))
    return PyUnicode_FromString (job->text);
  PyObject *cache = PyImport_ImportModule ("linecache"), *empty = PyUnicode_FromString ("");
  PyObject *lines = cache ? PyObject_CallMethod (cache, "getlines", "O", code->co_filename) : NULL;
  PyObject *source = lines && empty ? PyUnicode_Join (empty, lines) : NULL;
  Py_XDECREF (lines);
  Py_XDECREF (empty);
  Py_XDECREF (cache);
  return source;
}

static bool
keep_frame (const TeJob *job, PyTracebackObject *at, PyCodeObject *code)
{
  int line, column, end_line, end_column;
  if (!PyCode_Addr2Location (code, at->tb_lasti, &line, &column, &end_line, &end_column) || line <= 0
      || end_line <= 0 || column < 0 || end_column < 0)
    return false;
  memcpy (failure.place, (int[]){ line, end_line, column, end_column }, sizeof failure.place);
  failure.names = visible_names (at->tb_frame, code);
  failure.source = source_of (job, code);
  failure.path = Py_NewRef (code->co_filename);
  failure.function = Py_NewRef (code->co_name);
  failure.inner = PyList_New (0);
  for (at = at->tb_next; failure.inner && at && PyTraceBack_Check (at); at = at->tb_next)
    {
      PyObject *locals = PyFrame_GetLocals (at->tb_frame);
      if (!locals || PyList_Append (failure.inner, locals))
        PyErr_Clear ();
      Py_XDECREF (locals);
    }
  return failure.names && failure.source && failure.inner;
}

/* The deepest frame of the person. */
static bool
keep (const TeJob *job, PyObject *traceback)
{
  PyTracebackObject *deepest = NULL;
  for (PyTracebackObject *at = (PyTracebackObject *) traceback; at && PyTraceBack_Check (at);
       at = at->tb_next)
    {
      PyCodeObject *code = PyFrame_GetCode (at->tb_frame);
      if (te_interpreter.trace->is_person (code))
        deepest = at;
      Py_DECREF (code);
    }
  if (!deepest)
    return false;
  PyCodeObject *code = PyFrame_GetCode (deepest->tb_frame);
  bool ok = keep_frame (job, deepest, code);
  Py_DECREF (code);
  return ok;
}

/* ---- operands: in the fork ---- */

static int
dtype_number (const char *name)
{
  static const char *const names[] = { "uint8",   "int8",    "int16", "int32",    "int64",     "float16",
                                       "float32", "float64", "bool",  "bfloat16", "complex64", "complex128" };
  for (int i = 0; i < TE_WIRE_DTYPES; i++)
    if (!strcmp (names[i], name))
      return i;
  return -1;
}

static bool
write_integers (PyObject *tuple, int64_t *into)
{
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE (tuple); i++)
    into[i] = PyLong_AsLongLong (PyTuple_GET_ITEM (tuple, i));
  return !PyErr_Occurred ();
}

/* Geometry as gradboard_trial tells it; returns what follows, NULL: it does not fit. */
static char *
write_geometry (TeFactOperand *fact, PyObject *geometry, char *end)
{
  const char *dtype;
  int flags;
  unsigned int version;
  long long offset, n_storage;
  unsigned long long storage;
  PyObject *sizes, *strides, *values;
  int64_t *at = (int64_t *) (fact + 1);
  if (!PyArg_ParseTuple (geometry, "siILKLO!O!O!", &dtype, &flags, &version, &offset, &storage, &n_storage,
                         &PyTuple_Type, &sizes, &PyTuple_Type, &strides, &PyTuple_Type, &values))
    return NULL;
  Py_ssize_t ndim = PyTuple_GET_SIZE (sizes), n = PyTuple_GET_SIZE (values);
  int number = dtype_number (dtype);
  if (number < 0 || ndim > TE_WIRE_MAX_NDIM || ndim != PyTuple_GET_SIZE (strides)
      || (char *) (at + 2 * ndim + n) > end)
    return NULL;
  fact->has_tensor = 1;
  fact->n_storage = n_storage;
  fact->n_values = (uint32_t) n;
  fact->tensor = (TeWireTensor){ .storage = storage,
                                 .offset = offset,
                                 .version = version,
                                 .dtype = (uint8_t) number,
                                 .ndim = (uint8_t) ndim,
                                 .flags = (uint8_t) flags };
  if (!write_integers (sizes, at) || !write_integers (strides, at + ndim))
    return NULL;
  double *number_at = (double *) (at + 2 * ndim);
  for (Py_ssize_t i = 0; i < n; i++)
    number_at[i] = PyFloat_AsDouble (PyTuple_GET_ITEM (values, i));
  return (char *) (number_at + n);
}

/* One operand as a record without a header; returns its length, 0: it does not fit. */
static size_t
write_operand (PyObject *entry, char *into, char *end)
{
  TeFactOperand *fact = (TeFactOperand *) into;
  int role, index, line, end_line, column, end_column;
  const char *texts[3];
  PyObject *geometry;
  if (end - into < (ptrdiff_t) sizeof *fact
      || !PyArg_ParseTuple (entry, "iiiiiisssO", &role, &index, &line, &end_line, &column, &end_column,
                            &texts[0], &texts[1], &texts[2], &geometry))
    return 0;
  memset (fact, 0, sizeof *fact);
  fact->role = (uint32_t) role;
  fact->index = (uint32_t) index;
  fact->line = (uint32_t) line;
  fact->end_line = (uint32_t) end_line;
  fact->column = (uint32_t) column;
  fact->end_column = (uint32_t) end_column;
  char *at = (char *) (fact + 1);
  if (geometry != Py_None && !(at = write_geometry (fact, geometry, end)))
    return 0;
  uint32_t *const lengths[] = { &fact->name_nbytes, &fact->type_nbytes, &fact->text_nbytes };
  for (int i = 0; i < 3; i++)
    {
      *lengths[i] = (uint32_t) strlen (texts[i]);
      if (end - at < (ptrdiff_t) *lengths[i] + 8)
        return 0;
      memcpy (at, texts[i], *lengths[i]);
      at += *lengths[i];
    }
  while ((at - into) % 8)
    *at++ = 0;
  fact->head = (TeRecord){ (uint32_t) (at - into), TE_FACT_OPERAND, 0, 0 };
  return (size_t) (at - into);
}

static size_t
tell_operands (void *unused, char *told)
{
  PyObject *module = PyImport_ImportModule ("gradboard_trial");
  PyObject *list = module ? PyObject_CallMethod (module, "operands", "OOiiiiOO", failure.source, failure.path,
                                                 failure.place[0], failure.place[1], failure.place[2],
                                                 failure.place[3], failure.names, failure.inner)
                          : NULL;
  char *at = told;
  for (Py_ssize_t i = 0; list && PyList_Check (list) && i < PyList_GET_SIZE (list); i++)
    {
      at += write_operand (PyList_GET_ITEM (list, i), at, told + TE_TRIAL_MOST_NBYTES);
      PyErr_Clear ();
    }
  return (size_t) (at - told);
}

/* ---- operands: what the fork told ---- */

/* Whatever ran there may have written here: only records that stand the check are passed on. */
static void
pass_on (const char *told, size_t nbytes)
{
  TeError err;
  TeRecorder *recorder = &te_interpreter.recorder;
  for (size_t at = 0; at + sizeof (TeFactOperand) <= nbytes;)
    {
      const TeRecord *head = (const TeRecord *) (told + at);
      te_error_clear (&err);
      if (!te_record_check (head, nbytes - at, &err) || head->type != TE_FACT_OPERAND)
        return;
      TeFactOperand *fact = te_recorder_reserve (recorder, TE_FACT_OPERAND, head->nbytes);
      if (!fact)
        return;
      memcpy (&fact->head + 1, head + 1, head->nbytes - sizeof *head);
      fact->exception = failure.exception;
      te_recorder_commit (recorder);
      at += head->nbytes;
    }
}

void
te_failure_keep (const TeJob *job, PyObject *traceback)
{
  static _Alignas(8) char told[TE_TRIAL_MOST_NBYTES];
  size_t nbytes;
  te_failure_drop ();
  if (!te_interpreter.trace || !te_trial_possible () || te_interpreter.forked)
    return;
  failure.exception = te_interpreter.recorder.seq;
  if (!keep (job, traceback))
    te_failure_drop ();
  else if (te_trial_run (tell_operands, NULL, OPERANDS_MSEC, told, &nbytes) == TE_TRIAL_ENDED)
    pass_on (told, nbytes);
  PyErr_Clear ();
}

/* ---- trying ---- */

typedef struct
{
  int place[4];     /* line, end_line, column, end_column */
  const char *text; /* NULL: the statement as it stands */
  bool again;       /* the program is run from its beginning */
} Edit;

/* "s" or "r", then what came of it. */
static size_t
attempt (void *data, char *told)
{
  const Edit *edit = data;
  PyObject *module = PyImport_ImportModule ("gradboard_trial"), *text = NULL;
  PyObject *change = edit->text ? Py_BuildValue ("(iiiis)", edit->place[0], edit->place[1], edit->place[2],
                                                 edit->place[3], edit->text)
                                : Py_NewRef (Py_None);
  PyObject *came =
      module && change
          ? PyObject_CallMethod (module, "attempt", "OOiiiiOOOi", failure.source, failure.path,
                                 failure.place[0], failure.place[1], failure.place[2], failure.place[3],
                                 failure.function, failure.names, change, edit->again)
          : NULL;
  int status = TE_TRIED_RAISED;
  const char *utf8 = NULL;
  if (!came || !PyArg_ParseTuple (came, "is", &status, &utf8))
    {
      PyObject *type, *value, *traceback;
      PyErr_Fetch (&type, &value, &traceback);
      text = value ? PyObject_Str (value) : NULL;
      utf8 = text ? PyUnicode_AsUTF8 (text) : NULL;
    }
  size_t n = utf8 ? strnlen (utf8, 400) : 0;
  told[0] = (char) status;
  memcpy (told + 1, utf8 ? utf8 : "", n);
  return n + 1;
}

static TeTriedStatus
try_edit (Edit *edit, uint32_t msec, char *told, size_t *nbytes)
{
  switch (te_trial_run (attempt, edit, msec, told, nbytes))
    {
    case TE_TRIAL_TIME:
      return TE_TRIED_TIME;
    case TE_TRIAL_ENDED:
      return *nbytes && told[0] <= TE_TRIED_NOT_POSSIBLE && told[0] >= 0 ? (TeTriedStatus) told[0]
                                                                         : TE_TRIED_NOT_POSSIBLE;
    case TE_TRIAL_FAILED:
      break;
    }
  return TE_TRIED_NOT_POSSIBLE;
}

static void
tell_tried (const Edit *edit, TeTriedStatus status, uint32_t msec, const char *result, size_t result_nbytes)
{
  size_t text_nbytes = strlen (edit->text);
  TeFactTried *fact = te_recorder_reserve (&te_interpreter.recorder, TE_FACT_TRIED,
                                           sizeof *fact + text_nbytes + result_nbytes);
  if (!fact)
    return;
  fact->exception = failure.exception;
  fact->line = (uint32_t) edit->place[0];
  fact->end_line = (uint32_t) edit->place[1];
  fact->column = (uint32_t) edit->place[2];
  fact->end_column = (uint32_t) edit->place[3];
  fact->status = status;
  fact->msec = msec;
  fact->text_nbytes = (uint32_t) text_nbytes;
  fact->result_nbytes = (uint32_t) result_nbytes;
  memcpy (fact + 1, edit->text, text_nbytes);
  memcpy ((char *) (fact + 1) + text_nbytes, result, result_nbytes);
  te_recorder_commit (&te_interpreter.recorder);
}

static bool
read_edit (struct json_object *entry, Edit *edit)
{
  if (!json_object_is_type (entry, json_type_array) || json_object_array_length (entry) != 6)
    return false;
  for (size_t i = 0; i < 4; i++)
    edit->place[i] = json_object_get_int (json_object_array_get_idx (entry, i));
  edit->text = json_object_get_string (json_object_array_get_idx (entry, 4));
  edit->again = json_object_get_boolean (json_object_array_get_idx (entry, 5));
  return edit->text && strlen (edit->text) <= 4096;
}

static int
try_all (struct json_object *edits, int most)
{
  static _Alignas(8) char told[TE_TRIAL_MOST_NBYTES];
  size_t nbytes, n = json_object_array_length (edits);
  int n_succeeded = 0;
  uint64_t begin = te_recorder_clock_nsec ();
  Edit as_it_stands = { { 0 }, NULL, false };
  /* A statement that does not fail again shows nothing by running. */
  bool fails = try_edit (&as_it_stands, TRY_MSEC, told, &nbytes) != TE_TRIED_SUCCEEDED;
  for (size_t i = 0; i < n && i < MOST_EDITS && n_succeeded < most; i++)
    {
      Edit edit;
      uint64_t now = te_recorder_clock_nsec ();
      if (!read_edit (json_object_array_get_idx (edits, i), &edit) || (now - begin) / 1000000 > ALL_MSEC)
        continue;
      nbytes = 1;
      TeTriedStatus status =
          fails ? try_edit (&edit, edit.again ? AGAIN_MSEC : TRY_MSEC, told, &nbytes) : TE_TRIED_NOT_POSSIBLE;
      n_succeeded += status == TE_TRIED_SUCCEEDED;
      tell_tried (&edit, status, (uint32_t) ((te_recorder_clock_nsec () - now) / 1000000), told + 1,
                  nbytes ? nbytes - 1 : 0);
    }
  return n_succeeded;
}

char *
te_failure_try (const char *question_json, const char **error)
{
  struct json_object *request = json_tokener_parse (question_json), *edits, *most;
  char *answer = NULL;
  *error = NULL;
  if (!failure.names || te_interpreter.busy)
    *error = "no failure is kept";
  else if (!json_object_object_get_ex (request, "edits", &edits)
           || !json_object_is_type (edits, json_type_array))
    *error = "there is nothing to try";
  else
    {
      char text[64];
      snprintf (text, sizeof text, "{\"succeeded\":%d}",
                try_all (edits, json_object_object_get_ex (request, "most", &most)
                                    ? json_object_get_int (most)
                                    : 3));
      te_recorder_flush (&te_interpreter.recorder);
      answer = strdup (text);
    }
  json_object_put (request);
  return answer;
}
