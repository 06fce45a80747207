/* What has been collected, as Python objects and as text.  Events become
 * torch.autograd.profiler_util.FunctionEvent; the table and the trace read attributes, so they serve averages
 * and events of one's own too. */
#include "python/profiler.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "base/mem.h"

/* ---- events as objects ---- */

/* An only child of its parent's name stands for the same work: its children are the parent's, itself is
 * dropped. */
static void
drop_doubles (TeProfile *p, bool *dropped, int32_t *n_children)
{
  for (int32_t i = 0; i < p->n_events; i++)
    if (p->events[i].parent >= 0)
      n_children[p->events[i].parent]++;
  for (int32_t i = 0; i < p->n_events; i++)
    {
      TeProfileEvent *event = &p->events[i];
      while (event->parent >= 0 && dropped[event->parent])
        event->parent = p->events[event->parent].parent;
      int32_t parent = event->parent;
      if (parent < 0 || n_children[parent] != 1
          || PyUnicode_Compare (event->name, p->events[parent].name) != 0)
        continue;
      dropped[i] = true;
      p->events[parent].nbytes += event->nbytes;
      n_children[parent] = n_children[i];
    }
}

static PyObject *
shapes_of (const TeProfile *p, const TeProfileEvent *event)
{
  PyObject *list = PyList_New (event->n_shapes);
  for (int32_t i = 0; list && i < event->n_shapes; i++)
    {
      const TeProfileShape *shape = &p->shapes[event->first_shape + i];
      PyObject *sizes = PyList_New (shape->ndim > 0 ? shape->ndim : 0);
      for (int32_t k = 0; sizes && k < shape->ndim; k++)
        PyList_SET_ITEM (sizes, k, PyLong_FromLongLong (p->sizes[shape->first + k]));
      if (!sizes)
        Py_CLEAR (list);
      else
        PyList_SET_ITEM (list, i, sizes);
    }
  return list;
}

/* FunctionEvent (id, name, thread, start_us, end_us, **the rest) */
static PyObject *
event_object (const TeProfile *p, int32_t index, int64_t nbytes, PyObject *class)
{
  const TeProfileEvent *event = &p->events[index];
  const char *text = PyUnicode_AsUTF8 (event->name);
  bool step = text && strncmp (text, "ProfilerStep#", 13) == 0;
  bool backward = event->kind == TE_PROFILE_WALK || event->kind == TE_PROFILE_NODE;
  PyObject *name = step ? PyUnicode_FromString ("ProfilerStep*") : Py_NewRef (event->name);
  PyObject *flops =
      event->kind == TE_PROFILE_MEMORY ? Py_NewRef (Py_None) : PyLong_FromLongLong (event->flops);
  PyObject *args = Py_BuildValue ("(iNidd)", index + 1, name, 1, (double) event->start_nsec / 1000,
                                  (double) event->end_nsec / 1000);
  PyObject *kwargs = Py_BuildValue (
      "{s:i,s:N,s:N,s:i,s:L,s:L,s:N,s:O}", "fwd_thread", backward && event->sequence >= 0, "input_shapes",
      shapes_of (p, event), "stack", event->stack ? Py_NewRef (event->stack) : PyList_New (0), "scope",
      event->kind == TE_PROFILE_NODE    ? 1
      : event->kind == TE_PROFILE_LABEL ? 7
                                        : 0,
      "cpu_memory_usage", (long long) nbytes, "sequence_nr", (long long) event->sequence, "flops", flops,
      "trace_name", event->kind == TE_PROFILE_MEMORY ? Py_None : event->name);
  PyObject *object = args && kwargs ? PyObject_Call (class, args, kwargs) : NULL;
  Py_XDECREF (args);
  Py_XDECREF (kwargs);
  return object;
}

static bool
link_parent (PyObject *child, PyObject *parent)
{
  PyObject *children = PyObject_GetAttrString (parent, "cpu_children");
  bool ok = children && PyList_Check (children) && PyList_Append (children, child) == 0
            && PyObject_SetAttrString (child, "cpu_parent", parent) == 0;
  Py_XDECREF (children);
  return ok;
}

PyObject *
te_py_profile_events (TeProfile *p, PyObject *event_class)
{
  size_t n = (size_t) p->n_events + 1;
  bool *dropped = te_new_sized (n * sizeof *dropped);
  int32_t *n_children = te_new_sized (n * sizeof *n_children);
  int64_t *nbytes = te_new_sized (n * sizeof *nbytes);
  PyObject **objects = te_new_sized (n * sizeof *objects), *list = PyList_New (0);
  bool ok = dropped && n_children && nbytes && objects && list;
  if (!ok && !PyErr_Occurred ())
    PyErr_NoMemory ();
  if (ok)
    drop_doubles (p, dropped, n_children);
  for (int32_t i = p->n_events - 1; ok && i >= 0; i--) /* children stand after their parents */
    {
      if (dropped[i])
        continue;
      nbytes[i] += p->events[i].nbytes;
      if (p->events[i].parent >= 0)
        nbytes[p->events[i].parent] += nbytes[i];
    }
  for (int32_t i = 0; ok && i < p->n_events; i++)
    if (!dropped[i])
      {
        objects[i] = event_object (p, i, nbytes[i], event_class);
        ok = objects[i] && PyList_Append (list, objects[i]) == 0;
        if (ok && p->events[i].parent >= 0)
          ok = link_parent (objects[i], objects[p->events[i].parent]);
      }
  for (int32_t i = 0; objects && i < p->n_events; i++)
    Py_XDECREF (objects[i]);
  te_free_sized (objects, n * sizeof *objects);
  te_free_sized (nbytes, n * sizeof *nbytes);
  te_free_sized (n_children, n * sizeof *n_children);
  te_free_sized (dropped, n * sizeof *dropped);
  if (!ok)
    Py_CLEAR (list);
  return list;
}

/* ---- reading attributes ---- */
static double
number_of (PyObject *object, const char *attribute)
{
  PyObject *value = PyObject_GetAttrString (object, attribute);
  double number = value && value != Py_None ? PyFloat_AsDouble (value) : 0;
  Py_XDECREF (value);
  return number;
}

/* str (object.attribute), a new reference; "" for None. */
static PyObject *
text_of (PyObject *object, const char *attribute)
{
  PyObject *value = PyObject_GetAttrString (object, attribute);
  PyObject *text = !value ? NULL : value == Py_None ? PyUnicode_FromString ("") : PyObject_Str (value);
  Py_XDECREF (value);
  return text;
}

/* ---- the table ---- */
#define MOST_COLUMNS 16
#define COLUMN       12 /* width of a column of numbers */
#define STACK_LINES  5

typedef struct
{
  _PyUnicodeWriter writer;
  int n_columns;
  Py_ssize_t widths[MOST_COLUMNS];
  const char *headers[MOST_COLUMNS];
  bool left[MOST_COLUMNS];
  bool memory, flops, shapes, stack, nodes, top_only;
  Py_ssize_t name_limit;
  double total_time, flops_scale;
} Table;

static void
add_column (Table *t, const char *header, Py_ssize_t width)
{
  t->headers[t->n_columns] = header;
  t->widths[t->n_columns++] = width;
}

static bool
write_text (Table *t, const char *text)
{
  return _PyUnicodeWriter_WriteASCIIString (&t->writer, text, -1) == 0;
}

static bool
write_repeated (Table *t, char c, Py_ssize_t n)
{
  for (; n > 0; n--)
    if (_PyUnicodeWriter_WriteChar (&t->writer, (Py_UCS4) c) < 0)
      return false;
  return true;
}

/* One cell, padded to its column, and the two spaces after it.  Takes over text; NULL fails. */
static bool
write_cell (Table *t, int column, PyObject *text)
{
  Py_ssize_t pad = text ? t->widths[column] - PyUnicode_GET_LENGTH (text) : 0;
  bool ok = text && (t->left[column] || write_repeated (t, ' ', pad))
            && _PyUnicodeWriter_WriteStr (&t->writer, text) == 0
            && (!t->left[column] || write_repeated (t, ' ', pad)) && write_text (t, "  ");
  Py_XDECREF (text);
  return ok;
}

static bool
write_rule (Table *t)
{
  bool ok = true;
  for (int i = 0; i < t->n_columns && ok; i++)
    ok = write_repeated (t, '-', t->widths[i]) && write_text (t, "  ");
  return ok && write_text (t, "\n");
}

static bool
write_double_rule (Table *t)
{
  Py_ssize_t n = -2;
  for (int i = 0; i < t->n_columns; i++)
    n += t->widths[i] + 2;
  return write_repeated (t, '=', n) && write_text (t, "\n");
}

static PyObject *
text_format (const char *format, ...)
{
  char text[64];
  va_list list;
  va_start (list, format);
  vsnprintf (text, sizeof text, format, list);
  va_end (list);
  return PyUnicode_FromString (text);
}

static PyObject *
time_text (double usec)
{
  if (usec >= 1e6)
    return text_format ("%.3fs", usec / 1e6);
  return usec >= 1e3 ? text_format ("%.3fms", usec / 1e3) : text_format ("%.3fus", usec);
}

static PyObject *
share_text (double usec, double total)
{
  return total == 0 ? PyUnicode_FromString ("NaN") : text_format ("%.2f%%", usec * 100 / total);
}

static PyObject *
memory_text (double nbytes)
{
  static const char *const units[] = { "Gb", "Mb", "Kb" };
  double size = 1024.0 * 1024 * 1024;
  for (int i = 0; i < 3; i++, size /= 1024)
    if (fabs (nbytes) >= size)
      return text_format ("%.2f %s", nbytes / size, units[i]);
  return text_format ("%.0f b", nbytes);
}

/* The end of a path that fits, behind "..." where something was cut. */
static PyObject *
path_text (PyObject *path, Py_ssize_t width)
{
  Py_ssize_t n = PyUnicode_GET_LENGTH (path);
  if (n <= width)
    return Py_NewRef (path);
  PyObject *tail = PyUnicode_Substring (path, n - width + (width > 3 ? 3 : 0), n);
  PyObject *text = tail && width > 3 ? PyUnicode_FromFormat ("...%U", tail) : Py_XNewRef (tail);
  Py_XDECREF (tail);
  return text;
}

static PyObject *
name_text (PyObject *event, Py_ssize_t limit)
{
  PyObject *name = text_of (event, "key");
  if (!name || limit <= 0 || PyUnicode_GET_LENGTH (name) < limit - 3)
    return name;
  PyObject *head = PyUnicode_Substring (name, 0, limit - 3);
  PyObject *text = head ? PyUnicode_FromFormat ("%U...", head) : NULL;
  Py_XDECREF (head);
  Py_DECREF (name);
  return text;
}

static PyObject *
shapes_text (PyObject *event, Py_ssize_t width)
{
  PyObject *text = text_of (event, "input_shapes");
  PyObject *head = text ? PyUnicode_Substring (text, 0, width) : NULL;
  Py_XDECREF (text);
  return head;
}

/* Entry `index` of event.stack, a new reference, or "". */
static PyObject *
stack_text (PyObject *event, Py_ssize_t index, Py_ssize_t width)
{
  PyObject *stack = PyObject_GetAttrString (event, "stack");
  PyObject *text = stack && PyList_Check (stack) && index < PyList_GET_SIZE (stack)
                           && PyUnicode_Check (PyList_GET_ITEM (stack, index))
                       ? path_text (PyList_GET_ITEM (stack, index), width)
                       : PyUnicode_FromString ("");
  Py_XDECREF (stack);
  return text;
}

static Py_ssize_t
stack_length (PyObject *event)
{
  PyObject *stack = PyObject_GetAttrString (event, "stack");
  Py_ssize_t n = stack && PyList_Check (stack) ? PyList_GET_SIZE (stack) : 0;
  Py_XDECREF (stack);
  PyErr_Clear ();
  return n;
}

/* The callers, a line each in the last column, and an empty line. */
static bool
write_stack (Table *t, PyObject *event, Py_ssize_t width)
{
  Py_ssize_t n = stack_length (event);
  bool ok = true;
  for (Py_ssize_t line = 1; ok && line <= STACK_LINES; line++)
    {
      bool empty = line == STACK_LINES || line >= n;
      for (int k = 0; k < t->n_columns && ok; k++)
        ok = write_cell (t, k,
                         !empty && k == t->n_columns - 1 ? stack_text (event, line, width)
                                                         : PyUnicode_FromString (""));
      ok = ok && write_text (t, "\n");
      if (empty)
        break;
    }
  return ok;
}

static bool
write_row (Table *t, PyObject *event)
{
  double self_time = number_of (event, "self_cpu_time_total"), time = number_of (event, "cpu_time_total");
  int c = 0;
  bool ok = write_cell (t, c++, name_text (event, t->name_limit))
            && write_cell (t, c++, share_text (self_time, t->total_time))
            && write_cell (t, c++, time_text (self_time))
            && write_cell (t, c++, share_text (time, t->total_time)) && write_cell (t, c++, time_text (time))
            && write_cell (t, c++, time_text (number_of (event, "cpu_time")));
  if (t->memory)
    ok = ok && write_cell (t, c++, memory_text (number_of (event, "cpu_memory_usage")))
         && write_cell (t, c++, memory_text (number_of (event, "self_cpu_memory_usage")));
  ok = ok && write_cell (t, c++, text_of (event, "count"));
  if (t->nodes)
    ok = ok && write_cell (t, c++, text_of (event, "node_id"));
  if (t->shapes)
    ok = ok && write_cell (t, c, shapes_text (event, t->widths[c])), c++;
  Py_ssize_t source_width = t->stack ? t->widths[c] : 0;
  /* With both, PyTorch's rows have FLOPs and source the other way round than its headers. */
  if (t->flops)
    {
      double flops = number_of (event, "flops");
      ok = ok
           && write_cell (t, c++,
                          flops <= 0 ? PyUnicode_FromString ("--")
                                     : text_format ("%8.3f", flops * t->flops_scale));
    }
  if (t->stack)
    ok = ok && write_cell (t, c, stack_text (event, 0, source_width));
  ok = ok && write_text (t, "\n");
  return ok && (!t->stack || write_stack (t, event, source_width));
}

/* Widest str (attribute) among the events. */
static Py_ssize_t
widest (PyObject *events, const char *attribute)
{
  Py_ssize_t most = 0;
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE (events); i++)
    {
      PyObject *text = text_of (PyList_GET_ITEM (events, i), attribute);
      if (text && PyUnicode_GET_LENGTH (text) > most)
        most = PyUnicode_GET_LENGTH (text);
      Py_XDECREF (text);
    }
  return most;
}

static Py_ssize_t
at_most (Py_ssize_t width, PyObject *limit)
{
  Py_ssize_t most = limit == Py_None ? width : PyNumber_AsSsize_t (limit, NULL);
  return width < most ? width : most;
}

static const char *
scale_flops (PyObject *events, double *scale)
{
  static const char *const names[] = { "Total FLOPs",  "Total KFLOPs", "Total MFLOPs",
                                       "Total GFLOPs", "Total TFLOPs", "Total PFLOPs" };
  double least = 0;
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE (events); i++)
    {
      double flops = number_of (PyList_GET_ITEM (events, i), "flops");
      if (flops > 0 && (least == 0 || flops < least))
        least = flops;
    }
  if (least == 0)
    return NULL;
  int step = (int) fmin (log10 (least) / 3, 5);
  *scale = pow (10, -3.0 * step);
  return names[step];
}

static void
lay_out (Table *t, PyObject *events, PyObject *source_limit, PyObject *name_limit, PyObject *shapes_limit)
{
  static const char *const numbers[] = { "Self CPU %", "Self CPU", "CPU total %", "CPU total",
                                         "CPU time avg" };
  Py_ssize_t source = 0;
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE (events); i++)
    {
      PyObject *event = PyList_GET_ITEM (events, i), *shapes = PyObject_GetAttrString (event, "input_shapes");
      t->shapes = t->shapes || (shapes && shapes != Py_None && PyObject_Size (shapes) > 0);
      Py_XDECREF (shapes);
      t->nodes = t->nodes || number_of (event, "node_id") != -1;
      t->total_time += number_of (event, "self_cpu_time_total");
      for (Py_ssize_t k = 0; k < stack_length (event); k++)
        {
          PyObject *line = stack_text (event, k, PY_SSIZE_T_MAX);
          source = line && PyUnicode_GET_LENGTH (line) > source ? PyUnicode_GET_LENGTH (line) : source;
          Py_XDECREF (line);
          t->stack = true;
        }
    }
  t->name_limit = name_limit == Py_None ? 0 : PyNumber_AsSsize_t (name_limit, NULL);
  add_column (t, "Name", at_most (widest (events, "key") + 4, name_limit));
  for (int i = 0; i < 5; i++)
    add_column (t, numbers[i], COLUMN);
  if (t->memory)
    {
      add_column (t, "CPU Mem", COLUMN);
      add_column (t, "Self CPU Mem", COLUMN);
    }
  add_column (t, "# of Calls", COLUMN);
  if (t->nodes)
    add_column (t, "Node ID", COLUMN);
  if (t->shapes)
    add_column (t, "Input Shapes", at_most (widest (events, "input_shapes") + 4, shapes_limit));
  if (t->stack)
    {
      t->left[t->n_columns] = true;
      add_column (t, "Source Location", at_most (source + 4, source_limit));
    }
  const char *flops = t->flops ? scale_flops (events, &t->flops_scale) : NULL;
  t->flops = flops != NULL;
  if (flops)
    add_column (t, flops, COLUMN);
}

/* table (events, row_limit, max_src_column_width, max_name_column_width, max_shapes_column_width, header,
 *        profile_memory, with_flops, top_level_events_only) -> str */
PyObject *
te_py_profile_table (PyObject *module, PyObject *args, PyObject *kwargs)
{
  static char *names[] = {
    "events", "row_limit",      "max_src_column_width", "max_name_column_width", "max_shapes_column_width",
    "header", "profile_memory", "with_flops",           "top_level_events_only", NULL
  };
  PyObject *events, *source_limit, *name_limit, *shapes_limit, *header;
  Py_ssize_t row_limit, rows = 0;
  int memory, flops, top_only;
  if (!PyArg_ParseTupleAndKeywords (args, kwargs, "O!nOOOOppp", names, &PyList_Type, &events, &row_limit,
                                    &source_limit, &name_limit, &shapes_limit, &header, &memory, &flops,
                                    &top_only))
    return NULL;
  if (PyList_GET_SIZE (events) == 0)
    return PyUnicode_FromString ("");
  Table t = { .memory = memory, .flops = flops };
  _PyUnicodeWriter_Init (&t.writer);
  t.writer.overallocate = 1;
  lay_out (&t, events, source_limit, name_limit, shapes_limit);
  bool ok = !PyErr_Occurred ();
  if (ok && header != Py_None)
    {
      PyObject *text = PyObject_Str (header);
      ok = text && write_double_rule (&t) && _PyUnicodeWriter_WriteStr (&t.writer, text) == 0
           && write_text (&t, "\n");
      Py_XDECREF (text);
    }
  if (ok && top_only)
    ok = write_double_rule (&t) && write_text (&t, "This report only display top-level ops statistics\n");
  ok = ok && write_rule (&t);
  for (int i = 0; i < t.n_columns && ok; i++)
    ok = write_cell (&t, i, PyUnicode_FromString (t.headers[i]));
  ok = ok && write_text (&t, "\n") && write_rule (&t);
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE (events) && ok && rows != row_limit; i++)
    {
      PyObject *event = PyList_GET_ITEM (events, i);
      PyObject *parent = top_only ? PyObject_GetAttrString (event, "cpu_parent") : NULL;
      if (!parent || parent == Py_None)
        {
          rows++;
          ok = write_row (&t, event);
        }
      Py_XDECREF (parent);
    }
  PyObject *total = ok ? time_text (t.total_time) : NULL;
  ok = total && write_rule (&t) && write_text (&t, "Self CPU time total: ")
       && _PyUnicodeWriter_WriteStr (&t.writer, total) == 0 && write_text (&t, "\n");
  Py_XDECREF (total);
  if (ok && !PyErr_Occurred ())
    return _PyUnicodeWriter_Finish (&t.writer);
  _PyUnicodeWriter_Dealloc (&t.writer);
  return NULL;
}

/* ---- the trace ---- */
static void
write_json_text (FILE *file, const char *text)
{
  for (; *text; text++)
    if (*text == '"' || *text == '\\')
      fprintf (file, "\\%c", *text);
    else if ((unsigned char) *text < ' ')
      fprintf (file, "\\u%04x", (unsigned) *text);
    else
      fputc (*text, file);
}

/* chrome_trace (events, path): a list of complete events, as Chrome's trace viewer reads them. */
PyObject *
te_py_profile_chrome_trace (PyObject *module, PyObject *args)
{
  PyObject *events, *path;
  if (!PyArg_ParseTuple (args, "O!O", &PyList_Type, &events, &path))
    return NULL;
  FILE *file = _Py_fopen_obj (path, "w");
  if (!file)
    return NULL;
  bool first = true;
  fputc ('[', file);
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE (events) && !PyErr_Occurred (); i++)
    {
      PyObject *event = PyList_GET_ITEM (events, i), *name = PyObject_GetAttrString (event, "trace_name");
      PyObject *range = PyObject_GetAttrString (event, "time_range");
      if (name && range && PyUnicode_Check (name))
        {
          double start = number_of (range, "start"), end = number_of (range, "end");
          fputs (first ? "{\"name\": \"" : ", {\"name\": \"", file);
          write_json_text (file, PyUnicode_AsUTF8 (name));
          fprintf (
              file,
              "\", \"ph\": \"X\", \"ts\": %.3f, \"dur\": %.3f, \"tid\": %.0f, \"pid\": \"CPU functions\", "
              "\"args\": {}}",
              start, end - start, number_of (event, "thread"));
          first = false;
        }
      Py_XDECREF (name);
      Py_XDECREF (range);
    }
  fputc (']', file);
  if (fclose (file) != 0 && !PyErr_Occurred ())
    PyErr_SetFromErrnoWithFilenameObject (PyExc_OSError, path);
  if (PyErr_Occurred ())
    return NULL;
  Py_RETURN_NONE;
}
