#include "kernel/interpreter.h"

#include <string.h>

#include "kernel/failure.h"
#include "kernel/lay-out.h"
#include "kernel/pins.h"

/* A program runs as `python3 file.py` would run it: a fresh __main__, its folder first on sys.path, sys.argv,
 * tracebacks and exit statuses as Python has them. */

void
te_job_free (TeJob *job)
{
  if (!job)
    return;
  for (char **arg = job->argv; arg && *arg; arg++)
    free (*arg);
  free (job->argv);
  free (job->path);
  free (job->text);
  free (job->feed);
  free (job);
}

static bool
set_argv (const TeJob *job)
{
  Py_ssize_t n = 0;
  while (job->argv && job->argv[n])
    n++;
  PyObject *argv = PyList_New (n + 1);
  if (!argv)
    return false;
  for (Py_ssize_t i = 0; i <= n; i++)
    {
      PyObject *text = PyUnicode_DecodeFSDefault (i ? job->argv[i - 1] : job->path);
      if (!text)
        {
          Py_DECREF (argv);
          return false;
        }
      PyList_SET_ITEM (argv, i, text);
    }
  bool ok = PySys_SetObject ("argv", argv) == 0;
  Py_DECREF (argv);
  return ok;
}

/* The program's folder comes first on sys.path, in place of the last program's. */
static bool
set_path (const char *path)
{
  static PyObject *present; /* what we put there */
  const char *slash = strrchr (path, '/');
  PyObject *sys_path = PySys_GetObject ("path");
  PyObject *folder = slash ? PyUnicode_DecodeFSDefaultAndSize (path, slash == path ? 1 : slash - path)
                           : PyUnicode_FromString ("");
  if (!sys_path || !PyList_Check (sys_path) || !folder)
    {
      Py_XDECREF (folder);
      return folder != NULL;
    }
  bool ok = true;
  if (present && PyList_GET_SIZE (sys_path) && PyList_GET_ITEM (sys_path, 0) == present)
    ok = PyList_SetSlice (sys_path, 0, 1, NULL) == 0;
  ok = ok && PyList_Insert (sys_path, 0, folder) == 0;
  Py_XDECREF (present);
  present = folder;
  return ok;
}

/* __loader__, by which inspect and linecache find the source, as python3 file.py sets it. */
static void
set_loader (PyObject *globals, PyObject *file)
{
  PyObject *machinery = PyImport_ImportModule ("importlib.machinery");
  PyObject *loader = machinery ? PyObject_CallMethod (machinery, "SourceFileLoader", "sO", "__main__", file) : NULL;
  if (loader)
    PyDict_SetItemString (globals, "__loader__", loader);
  PyErr_Clear ();
  Py_XDECREF (loader);
  Py_XDECREF (machinery);
}

/* A new __main__; a cell goes on in the one that is there. Borrowed globals. */
static PyObject *
main_globals (const TeJob *job)
{
  PyObject *modules = PyImport_GetModuleDict (), *module = PyDict_GetItemString (modules, "__main__");
  if (!job->cell || !module)
    {
      module = PyModule_New ("__main__");
      if (!module || PyDict_SetItemString (modules, "__main__", module) < 0)
        {
          Py_XDECREF (module);
          return NULL;
        }
      Py_DECREF (module);
    }
  PyObject *globals = PyModule_GetDict (module), *file = PyUnicode_DecodeFSDefault (job->path);
  PyObject *builtins = PyImport_ImportModule ("builtins");
  bool ok = file && builtins && PyDict_SetItemString (globals, "__builtins__", builtins) == 0
            && (job->cell || PyDict_SetItemString (globals, "__file__", file) == 0)
            && PyDict_SetItemString (globals, "__annotations__", PyDict_New ()) == 0;
  if (ok && !job->cell)
    set_loader (globals, file);
  Py_XDECREF (file);
  Py_XDECREF (builtins);
  return ok ? globals : NULL;
}

static char *
read_file (const char *path)
{
  PyObject *io = PyImport_ImportModule ("io"), *file = NULL, *bytes = NULL;
  char *text = NULL;
  if (io && (file = PyObject_CallMethod (io, "open", "ss", path, "rb"))
      && (bytes = PyObject_CallMethod (file, "read", NULL)) && PyBytes_Check (bytes))
    {
      if (strlen (PyBytes_AS_STRING (bytes)) != (size_t) PyBytes_GET_SIZE (bytes))
        PyErr_SetString (PyExc_SyntaxError, "source code cannot contain null bytes");
      else if (!(text = strdup (PyBytes_AS_STRING (bytes))))
        PyErr_NoMemory ();
    }
  if (file)
    {
      PyObject *type, *value, *traceback;
      PyErr_Fetch (&type, &value, &traceback);
      PyObject *closed = PyObject_CallMethod (file, "close", NULL);
      Py_XDECREF (closed);
      PyErr_Restore (type, value, traceback);
    }
  Py_XDECREF (bytes);
  Py_XDECREF (file);
  Py_XDECREF (io);
  return text;
}

/* Tracebacks show the text that ran, which may not be the file's. */
static void
remember_lines (const char *path, const char *text)
{
  PyObject *linecache = PyImport_ImportModule ("linecache");
  PyObject *cache = linecache ? PyObject_GetAttrString (linecache, "cache") : NULL;
  PyObject *source = PyUnicode_DecodeUTF8 (text, (Py_ssize_t) strlen (text), "replace");
  PyObject *lines = source ? PyUnicode_Splitlines (source, 1) : NULL;
  PyObject *key = PyUnicode_DecodeFSDefault (path);
  PyObject *entry =
      lines && key ? Py_BuildValue ("(nOOO)", (Py_ssize_t) strlen (text), Py_None, lines, key) : NULL;
  if (cache && entry)
    PyObject_SetItem (cache, key, entry);
  PyErr_Clear ();
  Py_XDECREF (entry);
  Py_XDECREF (key);
  Py_XDECREF (lines);
  Py_XDECREF (source);
  Py_XDECREF (cache);
  Py_XDECREF (linecache);
}

/* ---- how it ended ---- */

/* Where the exception came from: the deepest frame that is the person's. */
static uint32_t
traceback_position (PyObject *traceback)
{
  const TeTraceApi *trace = te_interpreter.trace;
  uint32_t position = 0;
  if (!trace)
    return 0;
  for (PyTracebackObject *at = (PyTracebackObject *) traceback; at && PyTraceBack_Check (at);
       at = at->tb_next)
    {
      PyCodeObject *code = PyFrame_GetCode (at->tb_frame);
      if (trace->is_person (code))
        position = trace->code_position (code, at->tb_lasti);
      Py_DECREF (code);
    }
  return position;
}

static uint32_t
long_attribute (PyObject *object, const char *name)
{
  PyObject *value = PyObject_GetAttrString (object, name);
  long number = value && PyLong_Check (value) ? PyLong_AsLong (value) : 0;
  PyErr_Clear ();
  Py_XDECREF (value);
  return number > 0 ? (uint32_t) number : 0;
}

static uint32_t
syntax_position (PyObject *value)
{
  PyObject *file = PyObject_GetAttrString (value, "filename");
  const char *path = file && PyUnicode_Check (file) ? PyUnicode_AsUTF8 (file) : NULL;
  uint32_t line = long_attribute (value, "lineno"), column = long_attribute (value, "offset");
  uint32_t end_line = long_attribute (value, "end_lineno"), end_column = long_attribute (value, "end_offset");
  PyErr_Clear ();
  uint32_t position = 0;
  if (path && line && te_interpreter.trace)
    position =
        te_interpreter.trace->place_position (path, line, end_line ? end_line : line, column ? column - 1 : 0,
                                              end_column ? end_column - 1 : column);
  Py_XDECREF (file);
  return position;
}

/* A missing module that Debian has is named with its package, in a note below the exception. */
static void
name_package (PyObject *value)
{
  static const char *const packages[][2] = {
    { "matplotlib", "python3-matplotlib" }, { "numpy", "python3-numpy" },   { "PIL", "python3-pil" },
    { "pandas", "python3-pandas" },         { "scipy", "python3-scipy" },   { "sklearn", "python3-sklearn" },
    { "tqdm", "python3-tqdm" },             { "requests", "python3-requests" }, { "yaml", "python3-yaml" },
  };
  PyObject *name = PyObject_GetAttrString (value, "name");
  const char *text = name && PyUnicode_Check (name) ? PyUnicode_AsUTF8 (name) : NULL;
  PyErr_Clear ();
  for (size_t i = 0; text && i < sizeof packages / sizeof packages[0]; i++)
    if (!strcmp (text, packages[i][0]))
      {
        PyObject *note = PyUnicode_FromFormat ("(Debian's package of it: apt install %s)", packages[i][1]);
        PyObject *done = note ? PyObject_CallMethod (value, "add_note", "O", note) : NULL;
        Py_XDECREF (done);
        Py_XDECREF (note);
        PyErr_Clear ();
      }
  Py_XDECREF (name);
}

/* The text that Python would print; owned, NULL on failure. */
static PyObject *
format_exception (PyObject *type, PyObject *value, PyObject *traceback)
{
  PyObject *module = PyImport_ImportModule ("traceback");
  PyObject *lines = module ? PyObject_CallMethod (module, "format_exception", "OOO", type, value,
                                                  traceback ? traceback : Py_None)
                           : NULL;
  PyObject *empty = PyUnicode_FromString (""), *text = lines && empty ? PyUnicode_Join (empty, lines) : NULL;
  Py_XDECREF (empty);
  Py_XDECREF (lines);
  Py_XDECREF (module);
  return text;
}

static void
write_stderr (PyObject *text)
{
  PyObject *stream = PySys_GetObject ("stderr");
  PyObject *done = stream && stream != Py_None ? PyObject_CallMethod (stream, "write", "O", text) : NULL;
  Py_XDECREF (done);
  PyErr_Clear ();
}

static char *
utf8_copy (PyObject *text)
{
  PyObject *bytes = text ? PyUnicode_AsEncodedString (text, "utf-8", "backslashreplace") : NULL;
  char *copy = bytes ? strdup (PyBytes_AS_STRING (bytes)) : NULL;
  Py_XDECREF (bytes);
  PyErr_Clear ();
  return copy;
}

/* A hook that the program itself put into sys.excepthook is called as Python would call it. */
static bool
call_own_hook (PyObject *type, PyObject *value, PyObject *traceback)
{
  PyObject *hook = PySys_GetObject ("excepthook"), *original = PySys_GetObject ("__excepthook__");
  if (!hook || hook == original || hook == Py_None)
    return false;
  PyObject *done = PyObject_CallFunctionObjArgs (hook, type, value, traceback ? traceback : Py_None, NULL);
  Py_XDECREF (done);
  PyErr_Clear ();
  return true;
}

static void
exception_ended (
    const TeJob *job, TeProgramResult *result, PyObject *type, PyObject *value, PyObject *traceback)
{
  bool interrupted = PyErr_GivenExceptionMatches (type, PyExc_KeyboardInterrupt);
  te_interpreter.interrupted = 0;
  if (PyErr_GivenExceptionMatches (type, PyExc_ModuleNotFoundError))
    name_package (value);
  PyObject *text = format_exception (type, value, traceback);
  if (!text)
    PyErr_Clear ();
  PyObject *message = PyObject_Str (value);
  PyErr_Clear ();
  char *message_text = utf8_copy (message), *traceback_text = utf8_copy (text);
  const char *type_name = ((PyTypeObject *) type)->tp_name;
  const char *dot = strrchr (type_name, '.');
  type_name = dot ? dot + 1 : type_name;
  uint32_t position = PyErr_GivenExceptionMatches (type, PyExc_SyntaxError) && !traceback_position (traceback)
                          ? syntax_position (value)
                          : traceback_position (traceback);
  te_recorder_exception (&te_interpreter.recorder,
                         te_interpreter.trace ? te_interpreter.trace->failed_call () : 0, position, type_name,
                         message_text ? message_text : "", traceback_text ? traceback_text : "");
  if (!interrupted)
    te_failure_keep (job, traceback);
  if (!call_own_hook (type, value, traceback) && text)
    write_stderr (text);
  result->status = interrupted ? 130 : 1;
  result->reason = interrupted ? "interrupted" : "exception";
  size_t nbytes = strlen (type_name) + (message_text ? strlen (message_text) : 0) + 3;
  result->message = malloc (nbytes);
  if (result->message)
    snprintf (result->message, nbytes, message_text && *message_text ? "%s: %s" : "%s%s", type_name,
              message_text ? message_text : "");
  free (message_text);
  free (traceback_text);
  Py_XDECREF (message);
  Py_XDECREF (text);
}

static void
exit_ended (TeProgramResult *result, PyObject *value)
{
  PyObject *code = PyObject_GetAttrString (value, "code");
  PyErr_Clear ();
  result->reason = "exit";
  if (!code || code == Py_None)
    result->status = 0;
  else if (PyLong_Check (code))
    {
      int overflow;
      long status = PyLong_AsLongAndOverflow (code, &overflow);
      result->status = overflow ? 255 : (int) (status & 0xff);
    }
  else
    {
      PyObject *text = PyUnicode_FromFormat ("%S\n", code);
      if (text)
        write_stderr (text);
      PyErr_Clear ();
      Py_XDECREF (text);
      result->status = 1;
    }
  Py_XDECREF (code);
}

static void
ended_by_exception (const TeJob *job, TeProgramResult *result)
{
  PyObject *type, *value, *traceback;
  PyErr_Fetch (&type, &value, &traceback);
  PyErr_NormalizeException (&type, &value, &traceback);
  if (traceback)
    PyException_SetTraceback (value, traceback);
  if (PyErr_GivenExceptionMatches (type, PyExc_SystemExit))
    exit_ended (result, value);
  else
    exception_ended (job, result, type, value, traceback);
  Py_XDECREF (traceback);
  Py_XDECREF (value);
  Py_XDECREF (type);
}

/* What Python does between the last line and the end: waits for threads, runs atexit functions. */
static void
wind_up (const TeJob *job, TeProgramResult *result)
{
  PyObject *threading = PyDict_GetItemString (PyImport_GetModuleDict (), "threading");
  PyObject *done = threading ? PyObject_CallMethod (threading, "_shutdown", NULL) : NULL;
  if (threading && !done)
    {
      if (PyErr_ExceptionMatches (PyExc_KeyboardInterrupt))
        ended_by_exception (job, result);
      PyErr_Clear ();
    }
  Py_XDECREF (done);
  PyObject *atexit = PyImport_ImportModule ("atexit");
  done = atexit ? PyObject_CallMethod (atexit, "_run_exitfuncs", NULL) : NULL;
  PyErr_Clear ();
  Py_XDECREF (done);
  Py_XDECREF (atexit);
}

static void
execute (TeJob *job, TeProgramResult *result)
{
  const TeTraceApi *trace = te_interpreter.trace;
  if (!set_argv (job) || !set_path (job->path) || (!job->text && !(job->text = read_file (job->path))))
    {
      ended_by_exception (job, result);
      return;
    }
  remember_lines (job->path, job->text);
  if (!job->cell)
    te_lay_out (job->path);
  PyObject *globals = main_globals (job), *code = NULL, *value = NULL;
  PyCompilerFlags flags = { 0, PY_MINOR_VERSION };
  if (globals && (code = Py_CompileStringExFlags (job->text, job->path, Py_file_input, &flags, -1)))
    {
      if (trace && job->untraced)
        trace->observe (false);
      if (trace)
        trace->program_begin (globals);
      if (!job->untraced)
        te_pins_begin ();
      if (job->has_until)
        te_control_until (&te_interpreter.control, job->until);
      if (job->pause)
        te_control_step (&te_interpreter.control, TE_STEP_LINE, 1);
      if (trace && (job->pause || te_interpreter.control.lines_since == 0))
        trace->lines (true);
      te_snapshots_begin (job);
      /* Whoever hears it can go back at once. */
      te_interpreter.control.tell_state (&te_interpreter.control, TE_STATE_RUNNING, "");
      value = PyEval_EvalCode (code, globals, globals);
    }
  if (!value)
    ended_by_exception (job, result);
  if (!job->cell)
    wind_up (job, result);
  te_snapshots_end ();
  te_streams_flush ();
  te_pins_end ();
  if (trace)
    trace->program_end ();
  if (trace && job->untraced)
    trace->observe (true);
  Py_XDECREF (value);
  Py_XDECREF (code);
}

void
te_program_run (TeJob *job, TeProgramResult *result)
{
  *result = (TeProgramResult){ 0, "ended", NULL };
  te_interpreter.interrupted = 0;
  te_failure_drop ();
  if (te_interpreter.trace)
    te_interpreter.trace->interrupt_clear ();
  execute (job, result);
  PyErr_Clear ();
}
