/* Calls in the order that PyTorch had before 1.5, which programs of that time still make: the number comes
 * first, as in x.add_ (-lr, grad) and x.addmm (beta, alpha, mat1, mat2). */
#include "python/python-private.h"

#include <stdio.h>
#include <string.h>

typedef struct
{
  const char *name;
  const char *numbers[2]; /* keywords of today; with two the first stands before the input */
  const char *tensors[2];
} OldCall;

static const OldCall old_calls[] = {
  { "add", { "alpha" }, { "other" } },
  { "sub", { "alpha" }, { "other" } },
  { "addcmul", { "value" }, { "tensor1", "tensor2" } },
  { "addcdiv", { "value" }, { "tensor1", "tensor2" } },
  { "addmm", { "beta", "alpha" }, { "mat1", "mat2" } },
  { "addmv", { "beta", "alpha" }, { "mat", "vec" } },
  { "addr", { "beta", "alpha" }, { "vec1", "vec2" } },
  { "baddbmm", { "beta", "alpha" }, { "batch1", "batch2" } },
  { "addbmm", { "beta", "alpha" }, { "batch1", "batch2" } },
};

static const OldCall *
find (const char *name)
{
  size_t length = strlen (name);
  if (length && name[length - 1] == '_')
    length--;
  for (size_t i = 0; i < sizeof old_calls / sizeof *old_calls; i++)
    if (strlen (old_calls[i].name) == length && !strncmp (old_calls[i].name, name, length))
      return &old_calls[i];
  return NULL;
}

/* PyTorch says it once in the life of a process, whatever the function. */
static bool
warn (const OldCall *call, const char *name, bool method, int n_numbers)
{
  static bool said;
  char old[256], tensors[80], numbers[80];
  if (!te_warn_due (&said))
    return true;
  const char *input = method ? "" : "Tensor input, ";
  snprintf (tensors, sizeof tensors, call->tensors[1] ? "Tensor %s, Tensor %s" : "Tensor %s",
            call->tensors[0], call->tensors[1]);
  snprintf (numbers, sizeof numbers, call->numbers[1] ? "Number %s, Number %s" : "Number %s",
            call->numbers[0], call->numbers[1]);
  if (call->numbers[1])
    snprintf (old, sizeof old, "Number beta, %s%s%s", input, n_numbers == 2 ? "Number alpha, " : "", tensors);
  else
    snprintf (old, sizeof old, "%s%s, %s", input, numbers, tensors);
  return PyErr_WarnFormat (
             PyExc_UserWarning, 1,
             "This overload of %s is deprecated:\n\t%s(%s%s)\nConsider using one of the following "
             "signatures instead:\n\t%s(%s%s, *, %s%s)",
             name, name, old, method ? "" : ", *, Tensor out", name, input, tensors, numbers,
             method ? "" : ", Tensor out")
         == 0;
}

static bool
is_plain_number (PyObject *object)
{
  return !te_py_is_tensor (object) && te_py_is_number (object);
}

/* Sorts arguments into today's: false when they do not have the old order. */
static bool
sort (const OldCall *call,
      bool method,
      PyObject *const *args,
      Py_ssize_t n,
      PyObject **tensors,
      PyObject **numbers)
{
  int n_tensors = 0, n_numbers = 0, wanted = (call->tensors[1] ? 2 : 1) + !method,
      allowed = call->numbers[1] ? 2 : 1;
  for (Py_ssize_t i = 0; i < n; i++)
    if (te_py_is_tensor (args[i]) && n_tensors < wanted)
      tensors[n_tensors++] = args[i];
    else if (is_plain_number (args[i]) && n_numbers < allowed)
      numbers[n_numbers++] = args[i];
    else
      return false;
  bool first = is_plain_number (args[0]), second = n > 1 && is_plain_number (args[1]);
  bool order = method || !call->numbers[1] ? (method ? first : second && !first) : first && !second;
  /* the last number stands right before the tensors of today */
  Py_ssize_t last = n - (call->tensors[1] ? 2 : 1) - 1;
  return order && n_tensors == wanted && last >= 0 && (n_numbers < 2 || is_plain_number (args[last]));
}

PyObject *
te_py_old_call (PyObject *callable,
                const char *name,
                PyObject *self,
                PyObject *const *args,
                Py_ssize_t n,
                PyObject *kwnames)
{
  const OldCall *call = find (name);
  PyObject *tensors[3], *numbers[2] = { NULL, NULL };
  if (!call || n < 2 || n > 5 || !sort (call, self != NULL, args, n, tensors, numbers))
    return NULL;
  int n_tensors = (call->tensors[1] ? 2 : 1) + !self;
  PyObject *kwargs = PyDict_New (), *positional = PyTuple_New (n_tensors), *result = NULL;
  bool ok = kwargs && positional;
  for (Py_ssize_t i = 0; ok && kwnames && i < PyTuple_GET_SIZE (kwnames); i++)
    ok = PyDict_SetItem (kwargs, PyTuple_GET_ITEM (kwnames, i), args[n + i]) == 0;
  for (int i = 0; ok && i < 2 && numbers[i]; i++)
    ok = PyDict_SetItemString (kwargs, call->numbers[i], numbers[i]) == 0;
  for (int i = 0; ok && i < n_tensors; i++)
    PyTuple_SET_ITEM (positional, i, Py_NewRef (tensors[i]));
  if (ok && warn (call, name, self != NULL, numbers[1] ? 2 : 1))
    {
      PyObject *function = self ? PyObject_GetAttrString (self, name) : Py_NewRef (callable);
      result = function ? PyObject_Call (function, positional, kwargs) : NULL;
      Py_XDECREF (function);
    }
  Py_XDECREF (kwargs);
  Py_XDECREF (positional);
  return result;
}
