#include "kernel/interpreter.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "kernel/frame-io.h"

/* The raw end of a standard stream; io.BufferedWriter and io.TextIOWrapper of Python's own stand on it, so
 * that everything a program may ask of sys.stdout is there. */
typedef struct
{
  PyObject_HEAD PyObject *base_fields[2]; /* io.RawIOBase's own: its dict and weak references */
  int stream;                             /* 0 stdin, 1 stdout, 2 stderr */
  char *line;                             /* rest of an answer that a short read left */
  size_t line_nbytes, line_at;
} Raw;

static PyTypeObject *raw_type;

static bool
over_limit (size_t nbytes)
{
  TeInterpreter *in = &te_interpreter;
  in->output_nbytes += nbytes;
  if (!in->output_limit_nbytes || in->output_nbytes <= in->output_limit_nbytes)
    return false;
  char message[128];
  snprintf (message, sizeof message, "stopped: the program printed more than %llu MB",
            (unsigned long long) (in->output_limit_nbytes >> 20));
  te_recorder_exception (&in->recorder, 0, te_interpreter_position (), "OutputLimit", message, "");
  te_recorder_end (&in->recorder, 1, 0, 0);
  te_frame_send_text (TE_FD_FRAMES, TE_FRAME_ERROR, 0, "output");
  /* Nothing that the program could catch or delay. */
  _exit (1);
}

static PyObject *
raw_write (PyObject *object, PyObject *argument)
{
  Raw *self = (Raw *) object;
  Py_buffer bytes;
  if (PyObject_GetBuffer (argument, &bytes, PyBUF_SIMPLE) < 0)
    return NULL;
  Py_ssize_t done = bytes.len;
  if (te_interpreter.forked)
    {
      Py_BEGIN_ALLOW_THREADS do done = write (self->stream, bytes.buf, (size_t) bytes.len);
      while (done < 0 && errno == EINTR)
        ;
      Py_END_ALLOW_THREADS
    }
  else if (!over_limit ((size_t) bytes.len))
    te_recorder_print (&te_interpreter.recorder, self->stream, bytes.buf, (size_t) bytes.len,
                       te_interpreter_position ());
  PyBuffer_Release (&bytes);
  if (done < 0)
    return PyErr_SetFromErrno (PyExc_OSError);
  return PyLong_FromSsize_t (done);
}

/* Asks the window for a line: the program waits here, and can be interrupted. */
static bool
ask_for_line (Raw *self)
{
  TeInterpreter *in = &te_interpreter;
  size_t nbytes = 0;
  te_streams_flush ();
  te_recorder_state (&in->recorder, TE_STATE_WAITING_INPUT, te_interpreter_position (), "", 0);
  if (in->control.tell_state)
    in->control.tell_state (&in->control, TE_STATE_WAITING_INPUT, "");
  char *text;
  Py_BEGIN_ALLOW_THREADS text =
      te_control_take_answer (&in->control, &nbytes, te_interpreter_still_fine, NULL);
  Py_END_ALLOW_THREADS te_recorder_state (&in->recorder, TE_STATE_RUNNING, 0, "", 0);
  if (in->control.tell_state)
    in->control.tell_state (&in->control, TE_STATE_RUNNING, "");
  if (!text)
    {
      if (PyErr_CheckSignals () == 0)
        PyErr_SetNone (PyExc_KeyboardInterrupt);
      return false;
    }
  if (nbytes)
    te_recorder_print (&in->recorder, 3, text, nbytes, 0);
  free (self->line);
  self->line = text;
  self->line_nbytes = nbytes;
  self->line_at = 0;
  return true;
}

static PyObject *
raw_readinto (PyObject *object, PyObject *argument)
{
  Raw *self = (Raw *) object;
  if (te_interpreter.forked)
    return PyLong_FromLong (0);
  if (self->line_at == self->line_nbytes && !ask_for_line (self))
    return NULL;
  Py_buffer into;
  if (PyObject_GetBuffer (argument, &into, PyBUF_WRITABLE) < 0)
    return NULL;
  size_t n = self->line_nbytes - self->line_at;
  if (n > (size_t) into.len)
    n = (size_t) into.len;
  if (n)
    memcpy (into.buf, self->line + self->line_at, n);
  self->line_at += n;
  PyBuffer_Release (&into);
  return PyLong_FromSize_t (n);
}

static PyObject *
raw_readable (PyObject *self, PyObject *unused)
{
  return PyBool_FromLong (((Raw *) self)->stream == 0);
}

static PyObject *
raw_writable (PyObject *self, PyObject *unused)
{
  return PyBool_FromLong (((Raw *) self)->stream != 0);
}

static PyObject *
raw_get_name (PyObject *self, void *unused)
{
  static const char *const names[] = { "<stdin>", "<stdout>", "<stderr>" };
  return PyUnicode_FromString (names[((Raw *) self)->stream]);
}

/* sys.__stdout__.buffer.raw.figure (number, width, height, png): a picture for the console, at this place of the
 * output.  False where nobody sees it: in a child of the program. */
static PyObject *
raw_figure (PyObject *object, PyObject *args)
{
  unsigned number, width, height;
  Py_buffer png;
  if (!PyArg_ParseTuple (args, "IIIy*:figure", &number, &width, &height, &png))
    return NULL;
  bool fits = png.len > 0 && (size_t) png.len <= TE_FIGURE_MOST_NBYTES
              && (uint64_t) width * height <= TE_FIGURE_MOST_PIXELS;
  if (!fits)
    PyErr_SetString (PyExc_ValueError, "the picture is too large to be shown; save it with savefig instead");
  else if (!te_interpreter.forked)
    {
      te_streams_flush ();
      if (!over_limit ((size_t) png.len))
        te_recorder_figure (&te_interpreter.recorder, number, width, height, png.buf, (size_t) png.len,
                            te_interpreter_position ());
    }
  PyBuffer_Release (&png);
  return fits ? PyBool_FromLong (!te_interpreter.forked) : NULL;
}

static PyMethodDef raw_methods[] = {
  { "write", raw_write, METH_O, NULL },
  { "figure", raw_figure, METH_VARARGS, NULL },
  { "readinto", raw_readinto, METH_O, NULL },
  { "readable", raw_readable, METH_NOARGS, NULL },
  { "writable", raw_writable, METH_NOARGS, NULL },
  { NULL },
};

static PyGetSetDef raw_getset[] = { { "name", raw_get_name, NULL, NULL, NULL }, { NULL } };

static PyType_Slot raw_slots[] = {
  { Py_tp_methods, raw_methods },
  { Py_tp_getset, raw_getset },
  { 0, NULL },
};

static PyType_Spec raw_spec = { "gradboard.Console", sizeof (Raw), 0,
                                Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, raw_slots };

static PyObject *
make_stream (PyObject *io, int stream)
{
  PyObject *raw = PyObject_CallNoArgs ((PyObject *) raw_type);
  if (!raw)
    return NULL;
  ((Raw *) raw)->stream = stream;
  PyObject *buffered = PyObject_CallMethod (io, stream ? "BufferedWriter" : "BufferedReader", "N", raw);
  if (!buffered)
    return NULL;
  /* encoding, errors, newline, line_buffering, write_through */
  PyObject *text = PyObject_CallMethod (io, "TextIOWrapper", "NsszOO", buffered, "utf-8",
                                        stream == 1   ? "strict"
                                        : stream == 2 ? "backslashreplace"
                                                      : "surrogateescape",
                                        stream ? "\n" : NULL, Py_True, Py_False);
  if (text)
    {
      PyObject *mode = PyUnicode_FromString (stream ? "w" : "r");
      if (!mode || PyObject_SetAttrString (text, "mode", mode) < 0)
        Py_CLEAR (text);
      Py_XDECREF (mode);
    }
  return text;
}

bool
te_streams_install (void)
{
  static const char *const names[][2] = { { "stdin", "__stdin__" },
                                          { "stdout", "__stdout__" },
                                          { "stderr", "__stderr__" } };
  bool ok = false;
  PyObject *io = PyImport_ImportModule ("io"), *base = NULL;
  if (!io || !(base = PyObject_GetAttrString (io, "RawIOBase")))
    goto done;
  if (((PyTypeObject *) base)->tp_basicsize != (Py_ssize_t) offsetof (Raw, stream))
    {
      PyErr_SetString (PyExc_SystemError, "io.RawIOBase of this Python is laid out otherwise");
      goto done;
    }
  raw_type = (PyTypeObject *) PyType_FromSpecWithBases (&raw_spec, base);
  if (!raw_type)
    goto done;
  for (int i = 0; i < 3; i++)
    {
      PyObject *stream = make_stream (io, i);
      if (!stream)
        goto done;
      if (PySys_SetObject (names[i][0], stream) < 0 || PySys_SetObject (names[i][1], stream) < 0)
        {
          Py_DECREF (stream);
          goto done;
        }
      Py_DECREF (stream);
    }
  ok = true;
done:
  Py_XDECREF (base);
  Py_XDECREF (io);
  return ok;
}

/* Flushes what print left; an error of a stream that a program put there is that program's. */
void
te_streams_flush (void)
{
  static const char *const names[] = { "stdout", "stderr" };
  PyObject *type, *value, *traceback;
  PyErr_Fetch (&type, &value, &traceback);
  for (int i = 0; i < 2; i++)
    {
      PyObject *stream = PySys_GetObject (names[i]);
      PyObject *done = stream && stream != Py_None ? PyObject_CallMethod (stream, "flush", NULL) : NULL;
      Py_XDECREF (done);
      PyErr_Clear ();
    }
  PyErr_Restore (type, value, traceback);
}
