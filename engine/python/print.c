/* repr (tensor), character for character as PyTorch prints it.
 * Source: torch/_tensor_str.py: a formatter is chosen from all values that will be shown (integers without
 * decimals, fixed, or scientific), then rows are laid out between brackets, cut to edge items when large. */
#include "python/python-private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "autograd/forward.h"
#include "iter/tensor-iter.h"

typedef struct
{
  int precision;
  double threshold;
  int edgeitems;
  int linewidth;
  int sci_mode; /* -1: by the values */
} PrintOptions;

static PrintOptions options = { 4, 1000, 3, 80, -1 };

/* ---- a growing text ---- */
typedef struct
{
  char *data;
  size_t length;
  size_t capacity;
  bool failed;
} Text;

static void
append (Text *self, const char *bytes, size_t length)
{
  if (self->length + length + 1 > self->capacity)
    {
      size_t capacity = 2 * (self->length + length + 64);
      char *data = realloc (self->data, capacity);
      if (!data)
        {
          self->failed = true;
          return;
        }
      self->data = data;
      self->capacity = capacity;
    }
  memcpy (self->data + self->length, bytes, length);
  self->length += length;
  self->data[self->length] = 0;
}

static void
append_text (Text *self, const char *text)
{
  append (self, text, strlen (text));
}

static void
append_repeated (Text *self, char byte, int n)
{
  for (int i = 0; i < n; i++)
    append (self, &byte, 1);
}

/* ---- the formatter ---- */
typedef struct
{
  TeDtype dtype;
  int part; /* of a complex number: 0 real, 1 imaginary */
  bool floating;
  bool integers; /* floats without fraction */
  bool scientific;
  int width;
  double least, most; /* of finite nonzero magnitudes */
  bool any;
} Formatter;

/* Python's float formats never give "-nan". */
static int
format_float (char *buffer, size_t nbytes, char how, int precision, double value)
{
  if (isnan (value))
    return snprintf (buffer, nbytes, "nan");
  return how == 'e' ? snprintf (buffer, nbytes, "%.*e", precision, value)
                    : snprintf (buffer, nbytes, "%.*f", precision, value);
}

static int
format_value (const Formatter *self, TeScalar value, char *buffer, size_t nbytes)
{
  if (!self->floating)
    return value.category == TE_CATEGORY_BOOL ? snprintf (buffer, nbytes, "%s", value.i ? "True" : "False")
                                              : snprintf (buffer, nbytes, "%lld", (long long) value.i);
  if (self->scientific)
    return format_float (buffer, nbytes, 'e', options.precision, value.f);
  if (!self->integers)
    return format_float (buffer, nbytes, 'f', options.precision, value.f);
  int length = format_float (buffer, nbytes, 'f', 0, value.f);
  if (isfinite (value.f) && (size_t) length + 1 < nbytes)
    {
      buffer[length++] = '.';
      buffer[length] = 0;
    }
  return length;
}

/* An element, or the part of a complex one that this formatter prints. */
static TeScalar
load (const Formatter *self, const char *data)
{
  TeScalar value = te_scalar_load (self->dtype, data);
  return value.category == TE_CATEGORY_COMPLEX ? te_scalar_float (self->part ? value.imag : value.f) : value;
}

typedef void (*Visit) (Formatter *self, TeScalar value);

/* Calls visit on each element that will be shown. */
static void
visit_elements (
    const TeTensor *tensor, int dim, const char *data, bool summarize, Visit visit, Formatter *formatter)
{
  if (dim == tensor->ndim)
    {
      visit (formatter, load (formatter, data));
      return;
    }
  int64_t n = tensor->sizes[dim], step = tensor->strides[dim] * (int64_t) te_dtype_nbytes (formatter->dtype);
  bool cut = summarize && n > 2 * options.edgeitems;
  for (int64_t i = 0; i < n; i++)
    {
      if (cut && i == options.edgeitems)
        i = n - options.edgeitems;
      visit_elements (tensor, dim + 1, data + i * step, summarize, visit, formatter);
    }
}

static void
visit_range (Formatter *self, TeScalar value)
{
  if (!isfinite (value.f) || value.f == 0)
    return;
  double magnitude = fabs (value.f);
  self->least = self->any && self->least < magnitude ? self->least : magnitude;
  self->most = self->any && self->most > magnitude ? self->most : magnitude;
  self->any = true;
  if (value.f != ceil (value.f))
    self->integers = false;
}

static void
visit_width (Formatter *self, TeScalar value)
{
  char buffer[400];
  if (self->floating && (!isfinite (value.f) || value.f == 0))
    return;
  int length = format_value (self, value, buffer, sizeof buffer);
  if (length > self->width)
    self->width = length;
}

static void
choose_format (Formatter *self, const TeTensor *tensor, int part, bool summarize)
{
  *self = (Formatter){ .dtype = te_tensor_dtype (tensor), .width = 1, .part = part };
  self->floating = te_dtype_is_inexact (self->dtype);
  self->integers = true;
  const char *data = te_tensor_data (tensor);
  if (self->floating)
    {
      visit_elements (tensor, 0, data, summarize, visit_range, self);
      if (self->any)
        {
          /* The ratio is one of doubles; halves were made floats before. */
          self->scientific = self->most / self->least > 1000.0 || self->most > 1.0e8
                             || (!self->integers && self->least < 1.0e-4);
          visit_elements (tensor, 0, data, summarize, visit_width, self);
          if (options.sci_mode >= 0) /* after the width: PyTorch's order */
            self->scientific = options.sci_mode;
        }
      return;
    }
  visit_elements (tensor, 0, data, summarize, visit_width, self);
}

/* ---- layout: formatter points at two of them where the dtype is complex ---- */
static void
append_element (Text *text, const Formatter *formatter, const char *data)
{
  char buffer[400];
  int length = format_value (formatter, load (formatter, data), buffer, sizeof buffer);
  append_repeated (text, ' ', formatter->width - length);
  append (text, buffer, (size_t) length);
  if (!te_dtype_is_complex (formatter->dtype))
    return;
  length = format_value (formatter + 1, load (formatter + 1, data), buffer, sizeof buffer);
  if (buffer[0] != '-')
    append_text (text, "+");
  append (text, buffer, (size_t) length);
  append_text (text, "j");
}

static void
append_row (Text *text,
            const TeTensor *tensor,
            const char *data,
            int indent,
            bool summarize,
            const Formatter *formatter)
{
  int dim = tensor->ndim - 1;
  int64_t n = tensor->sizes[dim], step = tensor->strides[dim] * (int64_t) te_dtype_nbytes (formatter->dtype);
  int width = formatter->width + 2 + (te_dtype_is_complex (formatter->dtype) ? formatter[1].width + 1 : 0);
  int room = options.linewidth - indent, per_line = room > 0 ? room / width : 0;
  bool cut = summarize && n > 2 * options.edgeitems;
  int64_t shown = cut ? 2 * options.edgeitems + 1 : n;
  if (per_line < 1)
    per_line = 1;
  append_text (text, "[");
  for (int64_t k = 0; k < shown; k++)
    {
      if (k > 0 && k % per_line == 0)
        {
          append_text (text, ",\n");
          append_repeated (text, ' ', indent + 1);
        }
      else if (k > 0)
        append_text (text, ", ");
      if (cut && k == options.edgeitems)
        append_text (text, " ...");
      else
        append_element (text, formatter, data + (cut && k > options.edgeitems ? n - shown + k : k) * step);
    }
  append_text (text, "]");
}

static void
append_slices (Text *text,
               const TeTensor *tensor,
               int dim,
               const char *data,
               int indent,
               bool summarize,
               const Formatter *formatter)
{
  if (tensor->ndim == 0)
    {
      append_element (text, formatter, data);
      return;
    }
  if (dim == tensor->ndim - 1)
    {
      append_row (text, tensor, data, indent, summarize, formatter);
      return;
    }
  int64_t n = tensor->sizes[dim], step = tensor->strides[dim] * (int64_t) te_dtype_nbytes (formatter->dtype);
  bool cut = summarize && n > 2 * options.edgeitems;
  append_text (text, "[");
  for (int64_t i = 0; i < n; i++)
    {
      if (i > 0)
        {
          append_text (text, ",");
          append_repeated (text, '\n', tensor->ndim - dim - 1);
          append_repeated (text, ' ', indent + 1);
        }
      if (cut && i == options.edgeitems)
        {
          append_text (text, "...,");
          append_repeated (text, '\n', tensor->ndim - dim - 1);
          append_repeated (text, ' ', indent + 1);
          i = n - options.edgeitems;
        }
      append_slices (text, tensor, dim + 1, data + i * step, indent + 1, summarize, formatter);
    }
  append_text (text, "]");
}

/* ---- what follows the numbers ---- */
typedef struct
{
  Text *text;
  int indent;
  size_t last_line; /* length of the text's last line, counted as PyTorch does */
} Suffixes;

static void
add_suffix (Suffixes *self, const char *suffix)
{
  size_t length = strlen (suffix);
  if (self->last_line + length + 2 > (size_t) options.linewidth)
    {
      append_text (self->text, ",\n");
      append_repeated (self->text, ' ', self->indent);
      self->last_line = (size_t) self->indent + length;
    }
  else
    {
      append_text (self->text, ", ");
      self->last_line += length + 2;
    }
  append_text (self->text, suffix);
}

static void
size_suffix (Suffixes *suffixes, const TeTensor *tensor)
{
  char buffer[TE_MAX_NDIM * 22 + 16] = "size=(";
  size_t used = strlen (buffer);
  for (int i = 0; i < tensor->ndim; i++)
    used += (size_t) snprintf (buffer + used, sizeof buffer - used, "%lld%s", (long long) tensor->sizes[i],
                               i + 1 < tensor->ndim ? ", "
                               : tensor->ndim == 1  ? ","
                                                    : "");
  snprintf (buffer + used, sizeof buffer - used, ")");
  add_suffix (suffixes, buffer);
}

static bool
autograd_suffix (Suffixes *suffixes, TeTensor *tensor, TeError *err)
{
  TeNode *node = NULL;
  char buffer[256];
  if (!te_tensor_requires_grad (tensor))
    return true;
  if (!te_tensor_grad_fn (tensor, &node, err))
    return false;
  if (node)
    {
      snprintf (buffer, sizeof buffer, "grad_fn=<%s>", node->name);
      add_suffix (suffixes, buffer);
    }
  else
    add_suffix (suffixes, "requires_grad=True");
  return true;
}

static bool print_tensor (Text *text, TeTensor *tensor, const char *prefix, TeError *err);

static bool
tangent_suffix (Suffixes *suffixes, const TeTensor *tensor, TeError *err)
{
  Text shown = { 0 };
  TeTensor *tangent = te_tensor_tangent (tensor);
  if (!tangent)
    return true;
  append_text (&shown, "tangent=");
  bool ok = print_tensor (&shown, tangent, "tensor(", err);
  if (ok)
    add_suffix (suffixes, shown.data);
  free (shown.data);
  return ok;
}

static bool
print_tensor (Text *text, TeTensor *tensor, const char *prefix, TeError *err)
{
  int indent = (int) strlen (prefix);
  TeDtype dtype = te_tensor_dtype (tensor);
  bool meta = te_tensor_is_meta (tensor), empty = tensor->numel == 0;
  bool default_dtype =
      dtype == te_dtype_default ()
      || (!meta && !empty
          && (dtype == TE_INT64 || dtype == TE_BOOL
              || (te_dtype_is_complex (dtype) && dtype == te_dtype_complex (te_dtype_default ()))));
  append_text (text, prefix);
  if (meta)
    append_text (text, "...");
  else if (empty)
    append_text (text, "[]");
  else
    {
      Formatter formatters[2];
      bool summarize = (double) tensor->numel > options.threshold;
      TeTensor *shown = tensor->flags & TE_TENSOR_LAZY ? te_contiguous_copy (tensor, dtype, err)
                                                       : te_tensor_ref (tensor);
      if (!shown)
        return false;
      for (int part = 0; part < (te_dtype_is_complex (dtype) ? 2 : 1); part++)
        choose_format (&formatters[part], shown, part, summarize);
      append_slices (text, shown, 0, te_tensor_data (shown), indent, summarize, formatters);
      te_tensor_unref (shown);
    }
  if (text->failed)
    return te_error_no_memory (err);
  const char *line = strrchr (text->data, '\n');
  /* len (text) - text.rfind ("\n") + 1, where rfind gives -1 on a single line */
  Suffixes suffixes = { text, indent,
                        line ? text->length - (size_t) (line - text->data) + 1 : text->length + 2 };
  if (meta)
    add_suffix (&suffixes, "device='meta'");
  if (meta || (empty && tensor->ndim != 1))
    size_suffix (&suffixes, tensor);
  if (!default_dtype)
    {
      char buffer[64];
      snprintf (buffer, sizeof buffer, "dtype=torch.%s", te_dtype_name (dtype));
      add_suffix (&suffixes, buffer);
    }
  if (!autograd_suffix (&suffixes, tensor, err) || !tangent_suffix (&suffixes, tensor, err))
    return false;
  append_text (text, ")");
  return !text->failed || te_error_no_memory (err);
}

PyObject *
te_py_tensor_str_of (PyObject *self, const char *prefix)
{
  Text text = { 0 };
  TeError err;
  te_error_clear (&err);
  bool ok = print_tensor (&text, te_py_tensor (self), prefix, &err);
  PyObject *result =
      ok ? PyUnicode_FromStringAndSize (text.data, (Py_ssize_t) text.length) : te_py_raise (&err);
  free (text.data);
  return result;
}

PyObject *
te_py_tensor_repr (PyObject *self)
{
  char prefix[256];
  /* Parameter's own __repr__ adds its headline. */
  if (Py_TYPE (self) == te_py_tensor_class || te_py_tensor (self)->flags & TE_TENSOR_PARAMETER)
    return te_py_tensor_str_of (self, "tensor(");
  snprintf (prefix, sizeof prefix, "%s(", Py_TYPE (self)->tp_name);
  return te_py_tensor_str_of (self, prefix);
}

/* ---- options ---- */
static bool
int_option (PyObject *object, int *place)
{
  long value;
  if (!object || object == Py_None)
    return true;
  value = PyLong_AsLong (object);
  if (value == -1 && PyErr_Occurred ())
    return false;
  *place = value < 0 ? 0 : value > 100000 ? 100000 : (int) value;
  return true;
}

static bool
apply_profile (PyObject *profile)
{
  if (!profile || profile == Py_None)
    return true;
  const char *name = PyUnicode_Check (profile) ? PyUnicode_AsUTF8 (profile) : NULL;
  if (!name)
    return !PyErr_Occurred ();
  if (strcmp (name, "default") == 0)
    options = (PrintOptions){ 4, 1000, 3, 80, -1 };
  else if (strcmp (name, "short") == 0)
    options = (PrintOptions){ 2, 1000, 2, 80, -1 };
  else if (strcmp (name, "full") == 0)
    options = (PrintOptions){ 4, INFINITY, 3, 80, -1 };
  return true;
}

static PyObject *
set_printoptions (PyObject *module, PyObject *args, PyObject *kwargs)
{
  static char *names[] = { "precision", "threshold", "edgeitems", "linewidth", "profile", "sci_mode", NULL };
  PyObject *precision = NULL, *threshold = NULL, *edgeitems = NULL, *linewidth = NULL, *profile = NULL,
           *sci_mode = NULL;
  PyObject *name;
  Py_ssize_t at = 0;
  while (kwargs && PyDict_Next (kwargs, &at, &name, NULL))
    {
      bool known = false;
      for (int i = 0; names[i] && !known; i++)
        known = PyUnicode_CompareWithASCIIString (name, names[i]) == 0;
      if (!known)
        return PyErr_Format (PyExc_TypeError, "set_printoptions() got an unexpected keyword argument '%U'", name);
    }
  if (!PyArg_ParseTupleAndKeywords (args, kwargs, "|OOOOOO:set_printoptions", names, &precision, &threshold,
                                    &edgeitems, &linewidth, &profile, &sci_mode))
    return NULL;
  if (!apply_profile (profile) || !int_option (precision, &options.precision)
      || !int_option (edgeitems, &options.edgeitems) || !int_option (linewidth, &options.linewidth))
    return NULL;
  if (options.precision > 60)
    options.precision = 60;
  if (options.edgeitems < 1)
    options.edgeitems = 1;
  if (threshold && threshold != Py_None)
    {
      double value = PyFloat_AsDouble (threshold);
      if (value == -1 && PyErr_Occurred ())
        return NULL;
      options.threshold = value;
    }
  options.sci_mode = !sci_mode || sci_mode == Py_None ? -1 : PyObject_IsTrue (sci_mode) == 1;
  if (PyErr_Occurred ())
    return NULL;
  Py_RETURN_NONE;
}

static PyObject *
print_linewidth (PyObject *module, PyObject *ignored)
{
  return PyLong_FromLong (options.linewidth);
}

static PyMethodDef functions[] = {
  { "set_printoptions", (PyCFunction) (void (*) (void)) set_printoptions, METH_VARARGS | METH_KEYWORDS,
    "How tensors print: precision, threshold, edgeitems, linewidth, profile, sci_mode." },
  { "_print_linewidth", print_linewidth, METH_NOARGS, "How many columns a printed line has." },
  { 0 },
};

bool
te_py_print_init (PyObject *module)
{
  return PyModule_AddFunctions (module, functions) == 0;
}
