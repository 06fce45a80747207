/* What errors say of overloads: PyTorch lists those of a function in an order of its own and with forms
 * (named dimensions, generators apart) that the op table keeps in one row. */
#include "python/python-private.h"

#include <string.h>

#define MADE                                                                                                 \
  "torch.dtype dtype, torch.layout layout, torch.device device, bool pin_memory, bool requires_grad"
#define NAMES "tuple of names names, " MADE
#define DRAW  "torch.Generator generator, "
#define SPREAD(out, star_out)                                                                                  \
  { "Tensor input, tuple of ints dim, *, int correction, bool keepdim" out, 0 },                               \
      { "Tensor input, tuple of ints dim, bool unbiased, bool keepdim" star_out, 0 },                          \
      { "Tensor input, bool unbiased", 0 },                                                                    \
      { "Tensor input, tuple of names dim, *, int correction, bool keepdim" out, 0 },                          \
      { "Tensor input, tuple of names dim, bool unbiased, bool keepdim" star_out, 0 }
#define FILLED(form)                                                                                         \
  {                                                                                                          \
    { form ", *, " NAMES, 2 },                                                                               \
    {                                                                                                        \
      "tuple of SymInts size, *, Tensor out, " MADE, 0                                                       \
    }                                                                                                        \
  }
#define DRAWN                                                                                                \
  {                                                                                                          \
    { "tuple of ints size, *, " DRAW NAMES, 3 }, { "tuple of ints size, *, " DRAW "Tensor out, " MADE, 2 },  \
        { "tuple of ints size, *, Tensor out, " MADE, 0 },                                                   \
    {                                                                                                        \
      "tuple of ints size, *, " NAMES, 2                                                                     \
    }                                                                                                        \
  }
#define EXTREME                                                                                              \
  {                                                                                                          \
    { "Tensor input", 0 }, { "Tensor input, Tensor other, *, Tensor out", 0 },                               \
        { "Tensor input, int dim, bool keepdim, *, tuple of Tensors out", 0 },                               \
    {                                                                                                        \
      "Tensor input, name dim, bool keepdim, *, tuple of Tensors out", 0                                     \
    }                                                                                                        \
  }
#define QUOTIENT                                                                                             \
  {                                                                                                          \
    { "Tensor input, Tensor other, *, Tensor out", 0 },                                                      \
        { "Tensor input, Tensor other, *, str rounding_mode, Tensor out", 0 },                               \
        { "Tensor input, Number other", 2 },                                                                 \
    {                                                                                                        \
      "Tensor input, Number other, *, str rounding_mode", 3                                                  \
    }                                                                                                        \
  }
#define PRODUCT                                                                                              \
  {                                                                                                          \
    { "Tensor input, Tensor other, *, Tensor out", 0 },                                                      \
    {                                                                                                        \
      "Tensor input, Number other", 2                                                                        \
    }                                                                                                        \
  }
#define BITS                                                                                                 \
  {                                                                                                          \
    { "Tensor input, Tensor other, *, Tensor out", 0 }, { "Number self, Tensor other", 2 },                  \
    {                                                                                                        \
      "Tensor input, Number other, *, Tensor out", 0                                                         \
    }                                                                                                        \
  }
#define JOINED                                                                                                 \
  { { "tuple of Tensors tensors, int dim, *, Tensor out", 0 },                                                 \
    { "tuple of Tensors tensors, name dim, *, Tensor out", 2 } }
#define SOFTMAX                                                                                              \
  {                                                                                                          \
    { "Tensor input, int dim, torch.dtype dtype, *, Tensor out", 0 },                                        \
    {                                                                                                        \
      "Tensor input, name dim, *, torch.dtype dtype", 0                                                      \
    }                                                                                                        \
  }

enum
{
  FUNCTION = 1,
  METHOD = 2,
  BOTH = FUNCTION | METHOD,
  MOST_OVERLOADS = 6
};

/* In a text for both, "Tensor input" and what follows "out" belongs to the function. */
static const struct
{
  const char *name;
  int kinds;
  TePyOverload overloads[MOST_OVERLOADS];
} table[] = {
  { "randint",
    FUNCTION,
    { { "int high, tuple of ints size, *, " DRAW "Tensor out, " MADE, 0 },
      { "int high, tuple of ints size, *, Tensor out, " MADE, 2 },
      { "int low, int high, tuple of ints size, *, " DRAW "Tensor out, " MADE, 0 },
      { "int low, int high, tuple of ints size, *, Tensor out, " MADE, 3 } } },
  { "randint_like",
    FUNCTION,
    { { "Tensor input, int high, *, torch.memory_format memory_format, " MADE, 0 },
      { "Tensor input, int low, int high, *, torch.memory_format memory_format, " MADE, 0 } } },
  { "randperm",
    FUNCTION,
    { { "int n, *, " DRAW "Tensor out, " MADE, 2 }, { "int n, *, Tensor out, " MADE, 0 } } },
  { "arange",
    FUNCTION,
    { { "Number end, *, Tensor out, " MADE, 0 },
      { "Number start, Number end, *, " MADE, 0 },
      { "Number start, Number end, Number step, *, Tensor out, " MADE, 0 } } },
  { "zeros", FUNCTION, FILLED ("tuple of ints size") },
  { "ones", FUNCTION, FILLED ("tuple of ints size") },
  { "empty",
    FUNCTION,
    { { "tuple of ints size, *, tuple of names names, torch.memory_format memory_format, " MADE, 2 },
      { "tuple of SymInts size, *, torch.memory_format memory_format, Tensor out, " MADE, 0 } } },
  { "full",
    FUNCTION,
    { { "tuple of ints size, Number fill_value, *, " NAMES, 3 },
      { "tuple of SymInts size, Number fill_value, *, Tensor out, " MADE, 0 } } },
  { "rand", FUNCTION, DRAWN },
  { "randn", FUNCTION, DRAWN },
  { "max", BOTH, EXTREME },
  { "min", BOTH, EXTREME },
  { "std", BOTH, { SPREAD (", Tensor out", ", *, Tensor out") } },
  { "var", BOTH, { SPREAD (", Tensor out", ", *, Tensor out") } },
  { "std_mean", FUNCTION, { SPREAD ("", "") } },
  { "var_mean", FUNCTION, { SPREAD ("", "") } },
  { "sort",
    BOTH,
    { { "Tensor input, *, bool stable, int dim, bool descending, tuple of Tensors out", 0 },
      { "Tensor input, int dim, bool descending, *, tuple of Tensors out", 0 },
      { "Tensor input, *, bool stable, name dim, bool descending, tuple of Tensors out", 0 },
      { "Tensor input, name dim, bool descending, *, tuple of Tensors out", 0 } } },
  { "softmax", BOTH, SOFTMAX },
  { "log_softmax", BOTH, SOFTMAX },
  { "view", METHOD, { { "torch.dtype dtype", 0 }, { "tuple of SymInts size", 0 } } },
  { "where",
    FUNCTION,
    { { "Tensor condition", 0 },
      { "Tensor condition, Tensor input, Tensor other, *, Tensor out", 0 },
      { "Tensor condition, Number self, Tensor other", 0 },
      { "Tensor condition, Tensor input, Number other", 0 },
      { "Tensor condition, Number self, Number other", 0 } } },
  { "repeat_interleave",
    FUNCTION,
    { { "Tensor input, Tensor repeats, int dim, *, int output_size", 0 },
      { "Tensor input, int repeats, int dim, *, int output_size", 0 },
      { "Tensor repeats, *, int output_size", 0 } } },
  { "count_nonzero", BOTH, { { "Tensor input, int dim", 0 }, { "Tensor input, tuple of ints dim", 0 } } },
  { "random_",
    METHOD,
    { { "*, torch.Generator generator", 0 },
      { "int from, int to, *, torch.Generator generator", 0 },
      { "int to, *, torch.Generator generator", 0 } } },
  { "remainder", FUNCTION, BITS },
  { "bitwise_and", FUNCTION, BITS },
  { "bitwise_or", FUNCTION, BITS },
  { "bitwise_xor", FUNCTION, BITS },
  { "index_fill",
    BOTH,
    { { "Tensor input, int dim, Tensor index, Tensor value", 0 },
      { "Tensor input, name dim, Tensor index, Tensor value", 0 },
      { "Tensor input, int dim, Tensor index, Number value", 0 },
      { "Tensor input, name dim, Tensor index, Number value", 0 } } },
  { "div", FUNCTION,
    { { "Tensor input, Tensor other, *, Tensor out", 0 },
      { "Tensor input, Tensor other, *, str rounding_mode, Tensor out", 0 },
      { "Tensor input, Number other, *, str rounding_mode", 3 } } },
  { "cat", FUNCTION, JOINED },
  { "concat", FUNCTION, JOINED },
  { "concatenate", FUNCTION, JOINED },
  { "argsort", BOTH,
    { { "Tensor input, *, bool stable, int dim, bool descending", 0 },
      { "Tensor input, int dim, bool descending", 0 },
      { "Tensor input, name dim, bool descending", 0 } } },
  { "scatter", METHOD,
    { { "int dim, Tensor index, Tensor src", 0 },
      { "int dim, Tensor index, Tensor src, *, str reduce", 0 },
      { "name dim, Tensor index, Tensor src", 0 },
      { "int dim, Tensor index, Number value", 0 },
      { "int dim, Tensor index, Number value, *, str reduce", 0 },
      { "name dim, Tensor index, Number value", 0 } } },
  { "scatter_", METHOD,
    { { "int dim, Tensor index, Tensor src", 0 },
      { "int dim, Tensor index, Tensor src, *, str reduce", 0 },
      { "int dim, Tensor index, Number value", 0 },
      { "int dim, Tensor index, Number value, *, str reduce", 0 } } },
  { "divide", BOTH, QUOTIENT },
  { "multiply", BOTH, PRODUCT },
  { "true_divide", BOTH, PRODUCT },
  { "floor_divide", BOTH, PRODUCT },
  { "subtract",
    BOTH,
    { { "Tensor input, Tensor other, *, Number alpha, Tensor out", 0 },
      { "Tensor input, Number other, Number alpha", 2 } } },
};

/* Methods in place have the overloads of those that are not. */
static bool
is_name (const char *row, const char *name, bool method)
{
  size_t length = strlen (row);
  return strncmp (row, name, length) == 0
         && (!name[length] || (method && strcmp (name + length, "_") == 0 && strcmp (row, "scatter") != 0));
}

const TePyOverload *
te_py_overloads (const char *name, bool method, int *n)
{
  *n = 0;
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
    if ((table[i].kinds & (method ? METHOD : FUNCTION)) && is_name (table[i].name, name, method))
      {
        while (*n < MOST_OVERLOADS && table[i].overloads[*n].text)
          ++*n;
        return table[i].overloads;
      }
  return NULL;
}

PyObject *
te_py_overload_text (const TePyOverload *overload, bool method)
{
  static const char input[] = "Tensor input";
  const char *text = overload->text;
  size_t length = strlen (text);
  if (method)
    {
      static const char *const outs[] = { ", *, tuple of Tensors out", ", tuple of Tensors out",
                                          ", *, Tensor out", ", Tensor out" };
      for (size_t i = 0; i < sizeof outs / sizeof outs[0]; i++)
        if (length >= strlen (outs[i]) && strcmp (text + length - strlen (outs[i]), outs[i]) == 0)
          length -= strlen (outs[i]);
      if (strncmp (text, input, sizeof input - 1) == 0)
        {
          size_t skipped = sizeof input - 1 + (length > sizeof input - 1 ? 2 : 0);
          text += skipped;
          length -= skipped;
        }
    }
  PyObject *shown = PyUnicode_FromStringAndSize (text, (Py_ssize_t) length);
  if (shown)
    Py_SETREF (shown, PyUnicode_FromFormat ("(%U)", shown));
  return shown;
}

bool
te_py_has_deprecated (const char *name)
{
  static const char *const names[] = { "add",   "addbmm", "addcdiv", "addcmul", "addmm",
                                       "addmv", "addr",   "baddbmm", "sub" };
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    {
      size_t length = strlen (names[i]);
      if (strncmp (names[i], name, length) == 0
          && strcmp (name + length, name[length] == '_' ? "_" : "") == 0)
        return true;
    }
  return false;
}

/* ---- why an option does not fit ---- */
/* "(Tensor input, *, int decimals)" as a list of ["Tensor", "input"], ["*"], ["int", "decimals"]. */
static PyObject *
parameters (PyObject *option)
{
  PyObject *inner = PyUnicode_Substring (option, 1, PyUnicode_GET_LENGTH (option) - 1);
  PyObject *comma = PyUnicode_FromString (", "), *space = PyUnicode_FromString (" ");
  PyObject *list = inner && comma && space ? PyUnicode_Split (inner, comma, -1) : NULL;
  for (Py_ssize_t i = 0; list && i < PyList_GET_SIZE (list); i++)
    {
      PyObject *pair = PyUnicode_RSplit (PyList_GET_ITEM (list, i), space, 1);
      if (!pair || PyList_SetItem (list, i, pair) < 0)
        Py_CLEAR (list);
    }
  Py_XDECREF (inner);
  Py_XDECREF (comma);
  Py_XDECREF (space);
  return list;
}

static PyObject *
parameter_of (PyObject *list, PyObject *name)
{
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE (list); i++)
    {
      PyObject *pair = PyList_GET_ITEM (list, i);
      if (PyList_GET_SIZE (pair) == 2 && PyUnicode_Compare (PyList_GET_ITEM (pair, 1), name) == 0)
        return pair;
    }
  return NULL;
}

/* PyTorch compares names of types here: an int does not fit "Number". */
static bool
fits (PyObject *object, PyObject *pair)
{
  const char *type = te_py_is_tensor (object) && Py_TYPE (object) == te_py_tensor_class
                         ? "Tensor"
                         : Py_TYPE (object)->tp_name;
  return PyUnicode_CompareWithASCIIString (PyList_GET_ITEM (pair, 0), type) == 0;
}

/* Appends "!str!" or "dim=int" to a list of texts. */
static bool
append_type (PyObject *texts, PyObject *object, PyObject *pair, PyObject *keyword)
{
  PyObject *given = te_py_describe_given (&object, 1, NULL);
  PyObject *inner = given ? PyUnicode_Substring (given, 1, PyUnicode_GET_LENGTH (given) - 1) : NULL;
  PyObject *name = keyword ? PyUnicode_FromFormat ("%U=", keyword) : PyUnicode_FromString ("");
  const char *mark = fits (object, pair) ? "" : "!";
  PyObject *text = inner && name ? PyUnicode_FromFormat ("%s%U%U%s", mark, name, inner, mark) : NULL;
  bool ok = text && PyList_Append (texts, text) == 0;
  Py_XDECREF (given);
  Py_XDECREF (inner);
  Py_XDECREF (name);
  Py_XDECREF (text);
  return ok;
}

static PyObject *
joined (PyObject *texts)
{
  PyObject *comma = PyUnicode_FromString (", ");
  PyObject *text = comma ? PyUnicode_Join (comma, texts) : NULL;
  Py_XDECREF (comma);
  return text;
}

/* Why an option with as many parameters as were given did not match: bad keywords or bad types. */
static PyObject *
mismatch_text (PyObject *list, PyObject *const *args, Py_ssize_t n, PyObject *kwnames)
{
  int order[TE_OP_MAX_ARGS];
  Py_ssize_t n_keywords = te_py_keyword_order (kwnames, order);
  PyObject *bad = PyList_New (0), *types = PyList_New (0);
  bool ok = bad && types;
  for (Py_ssize_t i = 0; ok && i < n; i++)
    ok = append_type (types, args[i], PyList_GET_ITEM (list, i), NULL);
  for (Py_ssize_t k = 0; ok && k < n_keywords; k++)
    {
      PyObject *name = PyTuple_GET_ITEM (kwnames, order[k]), *pair = parameter_of (list, name);
      ok = pair ? append_type (types, args[n + order[k]], pair, name) : PyList_Append (bad, name) == 0;
    }
  bool keywords = ok && PyList_GET_SIZE (bad);
  PyObject *what = ok ? joined (keywords ? bad : types) : NULL, *text = NULL;
  if (what)
    text = PyUnicode_FromFormat (
        keywords ? "      didn't match because some of the keywords were incorrect: %U\n"
                 : "      didn't match because some of the arguments have invalid types: (%U)\n",
        what);
  Py_XDECREF (what);
  Py_XDECREF (bad);
  Py_XDECREF (types);
  return text;
}

static PyObject *
options_text (PyObject *options, PyObject *const *args, Py_ssize_t n, PyObject *kwnames)
{
  Py_ssize_t given = n + (kwnames ? PyTuple_GET_SIZE (kwnames) : 0);
  PyObject *text = PyUnicode_FromString ("");
  for (Py_ssize_t i = 0; text && i < PyList_GET_SIZE (options); i++)
    {
      PyObject *option = PyList_GET_ITEM (options, i), *list = parameters (option);
      Py_SETREF (text, list ? PyUnicode_FromFormat ("%U * %U\n", text, option) : NULL);
      /* PyTorch counts "*" and out as parameters, and "()" as one. */
      if (text && PyList_GET_SIZE (list) == given)
        {
          PyObject *why = mismatch_text (list, args, n, kwnames);
          Py_SETREF (text, why ? PyUnicode_FromFormat ("%U%U", text, why) : NULL);
          Py_XDECREF (why);
        }
      Py_XDECREF (list);
    }
  return text;
}

/* A single option: keywords that it lacks are named before anything else. */
static void
raise_single (const char *name, PyObject *option, PyObject *kwnames, PyObject *got)
{
  PyObject *list = parameters (option), *strange = PyList_New (0);
  int order[TE_OP_MAX_ARGS];
  Py_ssize_t n_keywords = te_py_keyword_order (kwnames, order);
  for (Py_ssize_t k = 0; list && strange && k < n_keywords; k++)
    {
      PyObject *keyword = PyTuple_GET_ITEM (kwnames, order[k]);
      if (!parameter_of (list, keyword) && PyList_Append (strange, keyword) < 0)
        Py_CLEAR (strange);
    }
  PyObject *text = list && strange ? joined (strange) : NULL;
  if (text && PyUnicode_GET_LENGTH (text))
    PyErr_Format (
        PyExc_TypeError,
        "%s() received an invalid combination of arguments - got unrecognized keyword arguments: %U", name,
        text);
  else if (text)
    PyErr_Format (PyExc_TypeError,
                  "%s() received an invalid combination of arguments - got %U, but expected %U", name, got,
                  option);
  Py_XDECREF (text);
  Py_XDECREF (list);
  Py_XDECREF (strange);
}

void
te_py_raise_options (
    const char *name, PyObject *const *args, Py_ssize_t n, PyObject *kwnames, PyObject *options)
{
  PyObject *got = te_py_describe_given (args, n, kwnames);
  if (got && PyList_GET_SIZE (options) == 1)
    raise_single (name, PyList_GET_ITEM (options, 0), kwnames, got);
  else if (got)
    {
      PyObject *text = options_text (options, args, n, kwnames);
      if (text)
        PyErr_Format (PyExc_TypeError,
                      "%s() received an invalid combination of arguments - got %U, but expected one of:\n%U",
                      name, got, text);
      Py_XDECREF (text);
    }
  Py_XDECREF (got);
}
