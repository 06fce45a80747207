/* Why an overload does not fit, as the end of PyTorch's "invalid combination of arguments" says it. */
#include "python/python-private.h"

#include <string.h>

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

/* The place of a keyword among the last n parameters: PyTorch looks no further. */
static Py_ssize_t
keyword_place (PyObject *list, Py_ssize_t n, PyObject *name)
{
  Py_ssize_t count = PyList_GET_SIZE (list), i = n < count ? count - n : 0;
  for (; i < count; i++)
    {
      PyObject *pair = PyList_GET_ITEM (list, i);
      if (PyList_GET_SIZE (pair) == 2 && PyUnicode_Compare (PyList_GET_ITEM (pair, 1), name) == 0)
        return i;
    }
  return -1;
}

/* PyTorch compares names of types here: an int fits "float", but not "Number". */
static bool
fits (PyObject *object, PyObject *pair)
{
  const char *type = te_py_is_tensor (object) && Py_TYPE (object) == te_py_tensor_class
                         ? "Tensor"
                         : Py_TYPE (object)->tp_name;
  PyObject *wanted = PyList_GET_ITEM (pair, 0);
  return PyUnicode_CompareWithASCIIString (wanted, type) == 0
         || (PyUnicode_CompareWithASCIIString (wanted, "float") == 0 && strcmp (type, "int") == 0);
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

/* Keywords that are not the last parameters of an option, in the order of error texts; a list. */
static PyObject *
strange_keywords (PyObject *list, PyObject *kwnames)
{
  int order[TE_OP_MAX_ARGS];
  Py_ssize_t n = te_py_keyword_order (kwnames, order);
  PyObject *strange = PyList_New (0);
  for (Py_ssize_t k = 0; strange && k < n; k++)
    {
      PyObject *keyword = PyTuple_GET_ITEM (kwnames, order[k]);
      if (keyword_place (list, n, keyword) < 0 && PyList_Append (strange, keyword) < 0)
        Py_CLEAR (strange);
    }
  return strange;
}

/* "(Tensor, !str!, dim=int)": what was given, in the option's order, with marks around what does not fit. */
static PyObject *
marked_types (PyObject *list, PyObject *const *args, Py_ssize_t n, PyObject *kwnames)
{
  Py_ssize_t n_keywords = kwnames ? PyTuple_GET_SIZE (kwnames) : 0;
  PyObject *types = PyList_New (0);
  bool ok = types != NULL;
  for (Py_ssize_t i = 0; ok && i < n; i++)
    ok = append_type (types, args[i], PyList_GET_ITEM (list, i), NULL);
  for (Py_ssize_t i = n; ok && i < n + n_keywords; i++)
    for (Py_ssize_t k = 0; ok && k < n_keywords; k++)
      if (keyword_place (list, n_keywords, PyTuple_GET_ITEM (kwnames, k)) == i)
        ok = append_type (types, args[n + k], PyList_GET_ITEM (list, i), PyTuple_GET_ITEM (kwnames, k));
  PyObject *text = ok ? joined (types) : NULL;
  if (text) /* PyTorch ends keywords with a comma when nothing stands before them */
    Py_SETREF (text, PyUnicode_FromFormat ("(%U%s)", text, n == 0 && n_keywords ? ", " : ""));
  Py_XDECREF (types);
  return text;
}

/* Why an option with as many parameters as were given did not match: bad keywords or bad types. */
static PyObject *
mismatch_text (PyObject *list, PyObject *const *args, Py_ssize_t n, PyObject *kwnames)
{
  PyObject *bad = strange_keywords (list, kwnames);
  bool keywords = bad && PyList_GET_SIZE (bad);
  PyObject *what = !bad       ? NULL
                   : keywords ? joined (bad)
                              : marked_types (list, args, n, kwnames),
           *text = NULL;
  if (what)
    text = PyUnicode_FromFormat (
        keywords ? "      didn't match because some of the keywords were incorrect: %U\n"
                 : "      didn't match because some of the arguments have invalid types: %U\n",
        what);
  Py_XDECREF (what);
  Py_XDECREF (bad);
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
static PyObject *
single_text (PyObject *option, PyObject *const *args, Py_ssize_t n, PyObject *kwnames, PyObject *got)
{
  PyObject *list = parameters (option), *strange = list ? strange_keywords (list, kwnames) : NULL,
           *text = NULL;
  if (strange && PyList_GET_SIZE (strange))
    {
      PyObject *names = joined (strange);
      text = names ? PyUnicode_FromFormat ("unrecognized keyword arguments: %U", names) : NULL;
      Py_XDECREF (names);
    }
  else if (strange)
    {
      bool count = PyList_GET_SIZE (list) == n + (kwnames ? PyTuple_GET_SIZE (kwnames) : 0);
      PyObject *given = count ? marked_types (list, args, n, kwnames) : Py_NewRef (got);
      text = given ? PyUnicode_FromFormat ("%U, but expected %U", given, option) : NULL;
      Py_XDECREF (given);
    }
  Py_XDECREF (list);
  Py_XDECREF (strange);
  return text;
}

void
te_py_raise_options (
    const char *name, PyObject *const *args, Py_ssize_t n, PyObject *kwnames, PyObject *options)
{
  enum
  {
    MOST = 1023
  }; /* PyTorch's TypeErrors end there */
  PyObject *got = te_py_describe_given (args, n, kwnames), *text = NULL;
  if (got && PyList_GET_SIZE (options) == 1)
    text = single_text (PyList_GET_ITEM (options, 0), args, n, kwnames, got);
  else if (got && (text = options_text (options, args, n, kwnames)))
    Py_SETREF (text, PyUnicode_FromFormat ("%U, but expected one of:\n%U", got, text));
  if (text)
    Py_SETREF (text, PyUnicode_FromFormat ("%s() received an invalid combination of arguments - got %U", name,
                                           text));
  PyObject *cut = text ? PyUnicode_Substring (text, 0, MOST) : NULL;
  if (cut)
    PyErr_SetObject (PyExc_TypeError, cut);
  Py_XDECREF (cut);
  Py_XDECREF (text);
  Py_XDECREF (got);
}
