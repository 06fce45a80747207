/* __torch_function__: whoever defines it is asked instead of torch.  Nothing here runs until a class of one's own or a
 * mode is there: functions look at one flag, and where an argument fits no signature, for strangers who define it.
 *
 * Classes that keep torch.Tensor's own __torch_function__ take a short way: the op runs, its results become theirs.
 * A class with a definition of its own also gets slots of its own, so that t + 1, t[0] and t.shape ask it. */
#include "python/python-private.h"

bool te_py_function_watch; /* a class of one's own has instances, or a mode is entered */

static int disabled;      /* inside DisableTorchFunction, or inside the default implementation */
static PyObject *modes;   /* list: the modes that are entered */
static PyObject *default_function, *disabled_function; /* Tensor's own; the one of Parameter */
static PyObject *known_types;                          /* set of the classes that were looked at */
static PyObject *hook_name;                            /* "__torch_function__" */

/* ---- who is to be asked ---- */
static PyObject *
hook_of (PyTypeObject *type)
{
  return _PyType_Lookup (type, hook_name);
}

static bool
is_overloaded (PyObject *object)
{
  PyTypeObject *type = Py_TYPE (object);
  if (type == te_py_tensor_class || type == &PyLong_Type || type == &PyFloat_Type || type == &PyBool_Type
      || type == &PyUnicode_Type || object == Py_None || type == te_py_dtype_type)
    return false;
  PyObject *hook = hook_of (type);
  return hook && hook != disabled_function;
}

/* Adds object to those who are asked: one for each class, derived classes before their bases. */
static bool
note (PyObject *asked, PyObject *object)
{
  if (!is_overloaded (object))
    return true;
  Py_ssize_t n = PyList_GET_SIZE (asked), place = n;
  for (Py_ssize_t i = 0; i < n; i++)
    {
      PyTypeObject *other = Py_TYPE (PyList_GET_ITEM (asked, i));
      if (other == Py_TYPE (object))
        return true;
      if (place == n && PyType_IsSubtype (Py_TYPE (object), other))
        place = i;
    }
  return PyList_Insert (asked, place, object) == 0;
}

static bool
note_deep (PyObject *asked, PyObject *object)
{
  if (PyTuple_CheckExact (object) || PyList_CheckExact (object))
    {
      for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE (object); i++)
        if (!note (asked, PySequence_Fast_GET_ITEM (object, i)))
          return false;
      return true;
    }
  return note (asked, object);
}

/* ---- asking ---- */
static PyObject *
types_of (PyObject *asked)
{
  PyObject *types = PyTuple_New (PyList_GET_SIZE (asked));
  for (Py_ssize_t i = 0; types && i < PyList_GET_SIZE (asked); i++)
    PyTuple_SET_ITEM (types, i, Py_NewRef ((PyObject *) Py_TYPE (PyList_GET_ITEM (asked, i))));
  return types;
}

/* The innermost mode is asked with itself taken away, so that what it calls reaches the next one. */
static PyObject *
ask_mode (PyObject *function, PyObject *types, PyObject *args, PyObject *kwargs)
{
  Py_ssize_t last = PyList_GET_SIZE (modes) - 1;
  PyObject *mode = Py_NewRef (PyList_GET_ITEM (modes, last));
  if (PyList_SetSlice (modes, last, last + 1, NULL) < 0)
    {
      Py_DECREF (mode);
      return NULL;
    }
  PyObject *hook = PyObject_GetAttr (mode, hook_name);
  PyObject *result = hook ? PyObject_CallFunctionObjArgs (hook, function, types, args, kwargs, NULL) : NULL;
  PyObject *type, *value, *traceback;
  PyErr_Fetch (&type, &value, &traceback);
  if (PyList_Append (modes, mode) < 0)
    Py_CLEAR (result);
  if (type)
    PyErr_Restore (type, value, traceback);
  Py_XDECREF (hook);
  Py_DECREF (mode);
  return result;
}

static bool
warn_of_plain_method (PyObject *object, PyObject *hook)
{
  if (!PyMethod_Check (hook) || PyMethod_GET_SELF (hook) != object)
    return true;
  return PyErr_WarnEx (PyExc_UserWarning,
                       "Defining your `__torch_function__` as a plain method is deprecated and will be an error in "
                       "future, please define it as a classmethod.",
                       1)
         == 0;
}

static PyObject *
nobody_answered (PyObject *function, PyObject *asked)
{
  PyObject *overrides = PyImport_ImportModule ("torch.overrides");
  PyObject *name = overrides ? PyObject_CallMethod (overrides, "resolve_name", "O", function) : NULL;
  PyObject *types = name ? types_of (asked) : NULL, *list = types ? PySequence_List (types) : NULL;
  if (list)
    PyErr_Format (PyExc_TypeError, "no implementation found for '%S' on types that implement __torch_function__: %R",
                  name, list);
  Py_XDECREF (list);
  Py_XDECREF (types);
  Py_XDECREF (name);
  Py_XDECREF (overrides);
  return NULL;
}

/* Asks the modes, then each of asked, until one answers. kwargs: a dict or NULL. */
static PyObject *
ask (PyObject *function, PyObject *asked, PyObject *args, PyObject *kwargs)
{
  PyObject *types = types_of (asked), *result = NULL;
  if (!types)
    return NULL;
  if (PyList_GET_SIZE (modes))
    {
      result = ask_mode (function, types, args, kwargs);
      if (result != Py_NotImplemented)
        {
          Py_DECREF (types);
          return result;
        }
      Py_CLEAR (result);
    }
  for (Py_ssize_t i = 0; !result && i < PyList_GET_SIZE (asked); i++)
    {
      PyObject *object = PyList_GET_ITEM (asked, i), *hook = PyObject_GetAttr (object, hook_name);
      result = hook && warn_of_plain_method (object, hook)
                   ? PyObject_CallFunctionObjArgs (hook, function, types, args, kwargs, NULL)
                   : NULL;
      Py_XDECREF (hook);
      if (!result)
        {
          Py_DECREF (types);
          return NULL;
        }
      if (result == Py_NotImplemented)
        Py_CLEAR (result);
    }
  Py_DECREF (types);
  return result ? result : nobody_answered (function, asked);
}

/* ---- Tensor.__torch_function__ ---- */

/* What torch gave for a tensor of class `type`, as that class: tuples and lists of tensors too. */
static PyObject *
convert (PyObject *result, PyObject *type)
{
  if (!result || type == (PyObject *) te_py_tensor_class)
    return result;
  if (te_py_is_tensor (result))
    {
      if (PyObject_TypeCheck (result, (PyTypeObject *) type))
        return result;
      PyObject *own = PyObject_CallMethod (result, "as_subclass", "O", type);
      Py_DECREF (result);
      return own;
    }
  bool tuple = PyTuple_Check (result);
  if (!tuple && !PyList_Check (result))
    return result;
  Py_ssize_t n = PySequence_Fast_GET_SIZE (result);
  PyObject *items = PyList_New (n);
  bool any = false;
  for (Py_ssize_t i = 0; items && i < n; i++)
    {
      PyObject *before = PySequence_Fast_GET_ITEM (result, i), *item = convert (Py_NewRef (before), type);
      any = any || item != before;
      if (item)
        PyList_SET_ITEM (items, i, item);
      else
        Py_CLEAR (items);
    }
  if (items && any)
    {
      PyObject *whole = PyObject_CallOneArg ((PyObject *) Py_TYPE (result), items);
      Py_SETREF (result, whole);
    }
  else if (!items)
    Py_CLEAR (result);
  Py_XDECREF (items);
  return result;
}

static PyObject *
call_disabled (PyObject *function, PyObject *args, PyObject *kwargs)
{
  disabled++;
  PyObject *result = PyObject_Call (function, args, kwargs);
  disabled--;
  return result;
}

/* torch.Tensor.__repr__ has an argument in PyTorch that the slot has not. */
static PyObject *
run (PyObject *function, PyObject *args, PyObject *kwargs)
{
  if (kwargs && PyDict_GetItemString (kwargs, "tensor_contents") == Py_None)
    kwargs = NULL;
  return call_disabled (function, args, kwargs);
}

/* Attributes whose values stay as they are. */
static bool
keeps_its_class (PyObject *function)
{
  static const char *const names[] = { "grad", "_base", "_grad" };
  if (Py_TYPE (function) != &_PyMethodWrapper_Type)
    return false;
  PyObject *descriptor = PyObject_GetAttrString (function, "__self__");
  PyErr_Clear ();
  bool keeps = false;
  if (descriptor && Py_TYPE (descriptor) == &PyGetSetDescr_Type)
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
      keeps = keeps || PyUnicode_CompareWithASCIIString (PyDescr_NAME (descriptor), names[i]) == 0;
  Py_XDECREF (descriptor);
  return keeps;
}

static PyObject *
tensor_torch_function (PyObject *class, PyObject *call, PyObject *keywords)
{
  static char *names[] = { "func", "types", "args", "kwargs", NULL };
  PyObject *function, *types, *args = NULL, *kwargs = NULL;
  if (!PyArg_ParseTupleAndKeywords (call, keywords, "OO|OO:__torch_function__", names, &function, &types, &args, &kwargs))
    return NULL;
  PyObject *list = PySequence_Tuple (types), *tuple = args ? PySequence_Tuple (args) : PyTuple_New (0);
  PyObject *result = NULL;
  bool related = list && tuple;
  for (Py_ssize_t i = 0; related && i < PyTuple_GET_SIZE (list); i++)
    related = PyType_Check (PyTuple_GET_ITEM (list, i))
              && PyType_IsSubtype ((PyTypeObject *) class, (PyTypeObject *) PyTuple_GET_ITEM (list, i));
  if (list && tuple && !related)
    result = Py_NewRef (Py_NotImplemented);
  else if (related)
    {
      result = run (function, tuple, kwargs && PyDict_Check (kwargs) ? kwargs : NULL);
      if (result && !keeps_its_class (function))
        result = convert (result, class);
    }
  Py_XDECREF (tuple);
  Py_XDECREF (list);
  return result;
}

static PyObject *
disabled_torch_function (PyObject *self, PyObject *call, PyObject *keywords)
{
  static char *names[] = { "func", "types", "args", "kwargs", NULL };
  PyObject *function, *types, *args = NULL, *kwargs = NULL;
  if (!PyArg_ParseTupleAndKeywords (call, keywords, "OO|OO", names, &function, &types, &args, &kwargs))
    return NULL;
  PyObject *tuple = args ? PySequence_Tuple (args) : PyTuple_New (0);
  PyObject *result = tuple ? call_disabled (function, tuple, kwargs && PyDict_Check (kwargs) ? kwargs : NULL) : NULL;
  Py_XDECREF (tuple);
  return result;
}

/* ---- calls of torch's own functions ---- */
static PyObject *
asked_of (PyObject *const *args, Py_ssize_t n)
{
  PyObject *asked = PyList_New (0);
  for (Py_ssize_t i = 0; asked && i < n; i++)
    if (!note_deep (asked, args[i]))
      Py_CLEAR (asked);
  return asked;
}

static bool
all_keep_the_default (PyObject *asked)
{
  if (PyList_GET_SIZE (modes))
    return false;
  PyTypeObject *first = Py_TYPE (PyList_GET_ITEM (asked, 0));
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE (asked); i++)
    {
      PyTypeObject *type = Py_TYPE (PyList_GET_ITEM (asked, i));
      if (hook_of (type) != default_function || !PyType_IsSubtype (first, type))
        return false;
    }
  return true;
}

static PyObject *
ask_about_call (PyObject *function, PyObject *asked, PyObject *const *args, Py_ssize_t n, PyObject *kwnames)
{
  PyObject *tuple = PyTuple_New (n), *kwargs = kwnames && PyTuple_GET_SIZE (kwnames) ? PyDict_New () : NULL;
  for (Py_ssize_t i = 0; tuple && i < n; i++)
    PyTuple_SET_ITEM (tuple, i, Py_NewRef (args[i]));
  for (Py_ssize_t i = 0; kwargs && i < PyTuple_GET_SIZE (kwnames); i++)
    if (PyDict_SetItem (kwargs, PyTuple_GET_ITEM (kwnames, i), args[n + i]) < 0)
      Py_CLEAR (tuple);
  PyObject *result = tuple ? ask (function, asked, tuple, kwargs) : NULL;
  Py_XDECREF (kwargs);
  Py_XDECREF (tuple);
  return result;
}

/* te_py_function_ask: whether somebody else answers a call of function; *result then is the answer, or NULL with an
 * exception. */
bool
te_py_function_ask (PyObject *function, PyObject *const *args, Py_ssize_t n, PyObject *kwnames, PyObject **result)
{
  if (disabled)
    return false;
  PyObject *asked = asked_of (args, n + (kwnames ? PyTuple_GET_SIZE (kwnames) : 0));
  *result = NULL;
  if (!asked)
    return true;
  bool answered = PyList_GET_SIZE (asked) || PyList_GET_SIZE (modes);
  if (PyList_GET_SIZE (asked) && all_keep_the_default (asked))
    {
      disabled++;
      *result = PyObject_Vectorcall (function, args, (size_t) n, kwnames);
      disabled--;
      if (*result && !keeps_its_class (function))
        *result = convert (*result, (PyObject *) Py_TYPE (PyList_GET_ITEM (asked, 0)));
    }
  else if (answered)
    *result = ask_about_call (function, asked, args, n, kwnames);
  Py_DECREF (asked);
  return answered;
}

/* ---- slots of classes that define it themselves ---- */
static PyObject *
ask_method (const char *name, PyObject *const *args, Py_ssize_t n)
{
  PyObject *function = PyObject_GetAttrString ((PyObject *) te_py_tensor_class, name), *result = NULL;
  if (function && !te_py_function_ask (function, args, n, NULL, &result))
    result = PyObject_Vectorcall (function, args, (size_t) n, NULL);
  Py_XDECREF (function);
  return result;
}

/* a op b: what torch refuses with TypeError is left to the other side. */
static PyObject *
ask_binary (const char *name, const char *reflected, PyObject *a, PyObject *b)
{
  bool left = te_py_is_tensor (a);
  PyObject *const args[] = { left ? a : b, left ? b : a };
  PyObject *result = ask_method (left ? name : reflected, args, 2);
  if (!result && PyErr_ExceptionMatches (PyExc_TypeError))
    {
      PyErr_Clear ();
      Py_RETURN_NOTIMPLEMENTED;
    }
  return result;
}

PyObject *
te_py_function_operator (const char *name, PyObject *a, PyObject *b)
{
  if (is_overloaded (b) && !disabled)
    return ask_binary (name, name, a, b);
  Py_RETURN_NOTIMPLEMENTED;
}

#define BINARY_SLOTS(X)                                                                                      \
  X (nb_add, "add", "add")                                                                                   \
  X (nb_subtract, "sub", "__rsub__")                                                                         \
  X (nb_multiply, "mul", "mul")                                                                              \
  X (nb_true_divide, "div", "__rtruediv__")                                                                      \
  X (nb_floor_divide, "__floordiv__", "__rfloordiv__")                                                       \
  X (nb_remainder, "remainder", "__rmod__")                                                                  \
  X (nb_matrix_multiply, "matmul", "__rmatmul__")                                                            \
  X (nb_and, "__and__", "__rand__")                                                                          \
  X (nb_or, "__or__", "__ror__")                                                                             \
  X (nb_xor, "__xor__", "__rxor__")
#define BINARY_FUNCTION(slot, name, reflected)                                                               \
  static PyObject *ask_##slot (PyObject *a, PyObject *b) { return ask_binary (name, reflected, a, b); }
BINARY_SLOTS (BINARY_FUNCTION)

static PyObject *
ask_power (PyObject *a, PyObject *b, PyObject *modulo)
{
  return ask_binary ("pow", "__rpow__", a, b);
}

#define UNARY_SLOTS(X)                                                                                       \
  X (nb_negative, "neg") X (nb_positive, "positive") X (nb_absolute, "abs") X (nb_invert, "bitwise_not")
#define UNARY_FUNCTION(slot, name)                                                                           \
  static PyObject *ask_##slot (PyObject *a) { return ask_method (name, &a, 1); }
UNARY_SLOTS (UNARY_FUNCTION)

static PyObject *
ask_compare (PyObject *a, PyObject *b, int how)
{
  static const char *const names[] = { "lt", "le", "eq", "ne", "gt", "ge" };
  return ask_binary (names[how], names[how], a, b);
}

static PyObject *
ask_subscript (PyObject *self, PyObject *key)
{
  PyObject *const args[] = { self, key };
  return ask_method ("__getitem__", args, 2);
}

static int
ask_ass_subscript (PyObject *self, PyObject *key, PyObject *value)
{
  if (!value)
    return te_py_tensor_ass_subscript (self, key, value);
  PyObject *const args[] = { self, key, value };
  PyObject *done = ask_method ("__setitem__", args, 3);
  Py_XDECREF (done);
  return done ? 0 : -1;
}

static Py_ssize_t
ask_length (PyObject *self)
{
  PyObject *length = ask_method ("__len__", &self, 1);
  Py_ssize_t n = length ? PyNumber_AsSsize_t (length, PyExc_OverflowError) : -1;
  Py_XDECREF (length);
  return n;
}

static PyObject *
ask_repr (PyObject *self)
{
  PyObject *function = PyObject_GetAttrString ((PyObject *) te_py_tensor_class, "__repr__"), *result = NULL;
  PyObject *const args[] = { self, Py_None };
  PyObject *contents = Py_BuildValue ("(s)", "tensor_contents");
  if (function && contents && !disabled && hook_of (Py_TYPE (self)) != default_function)
    {
      PyObject *asked = asked_of (args, 1);
      result = asked ? ask_about_call (function, asked, args, 1, contents) : NULL;
      Py_XDECREF (asked);
    }
  else if (function && contents)
    result = te_py_tensor_repr (self);
  Py_XDECREF (contents);
  Py_XDECREF (function);
  return result;
}

static int
ask_bool (PyObject *self)
{
  PyObject *truth = ask_method ("__bool__", &self, 1);
  int result = truth ? PyObject_IsTrue (truth) : -1;
  Py_XDECREF (truth);
  return result;
}

static PyObject *
ask_float (PyObject *self)
{
  return ask_method ("__float__", &self, 1);
}

static PyObject *
ask_int (PyObject *self)
{
  return ask_method ("__int__", &self, 1);
}

static int
ask_contains (PyObject *self, PyObject *element)
{
  PyObject *const args[] = { self, element };
  PyObject *truth = ask_method ("__contains__", args, 2);
  int result = truth ? PyObject_IsTrue (truth) : -1;
  Py_XDECREF (truth);
  return result;
}

/* A method that is no op, bound: bound is (method, tensor). */
static PyObject *
call_bound (PyObject *bound, PyObject *const *args, Py_ssize_t n, PyObject *kwnames)
{
  Py_ssize_t all = n + 1 + (kwnames ? PyTuple_GET_SIZE (kwnames) : 0);
  PyObject *function = PyTuple_GET_ITEM (bound, 0), *result = NULL;
  PyObject **with_self = PyMem_New (PyObject *, (size_t) all);
  if (!with_self)
    return PyErr_NoMemory ();
  with_self[0] = PyTuple_GET_ITEM (bound, 1);
  for (Py_ssize_t i = 1; i < all; i++)
    with_self[i] = args[i - 1];
  if (!te_py_function_ask (function, with_self, n + 1, kwnames, &result))
    result = PyObject_Vectorcall (function, with_self, (size_t) n + 1, kwnames);
  PyMem_Free (with_self);
  return result;
}

static PyObject *
bind (PyObject *method, PyObject *self)
{
  static PyMethodDef def = { "bound", (PyCFunction) (void (*) (void)) call_bound, METH_FASTCALL | METH_KEYWORDS, NULL };
  PyObject *pair = PyTuple_Pack (2, method, self), *bound = pair ? PyCFunction_New (&def, pair) : NULL;
  Py_XDECREF (pair);
  return bound;
}

/* Attributes that torch computes (t.shape, t.grad) and methods that are no ops ask; the class's own attributes do not,
 * and ops ask for themselves. */
static PyObject *
ask_attribute (PyObject *self, PyObject *name)
{
  PyObject *found = disabled ? NULL : _PyType_Lookup (Py_TYPE (self), name);
  bool method = found && Py_TYPE (found) == &PyMethodDescr_Type;
  if (!found || (!method && Py_TYPE (found) != &PyGetSetDescr_Type) || PyDescr_TYPE (found) != te_py_tensor_base_type
      || PyUnicode_READ_CHAR (name, 0) == '_' || PyUnicode_CompareWithASCIIString (name, "as_subclass") == 0)
    return PyObject_GenericGetAttr (self, name);
  if (method)
    return bind (found, self);
  PyObject *function = PyObject_GetAttrString (found, "__get__"), *result = NULL;
  if (function && !te_py_function_ask (function, &self, 1, NULL, &result))
    result = PyObject_GenericGetAttr (self, name);
  Py_XDECREF (function);
  return result;
}

/* Only slots that are torch's: what the class defines itself stays. */
static void
give_slots (PyTypeObject *type)
{
  const PyTypeObject *base = te_py_tensor_class;
#define TAKE(table, slot, function)                                                                          \
  if (type->table && type->table->slot == base->table->slot)                                                 \
    type->table->slot = function;
#define TAKE_BINARY(slot, name, reflected) TAKE (tp_as_number, slot, ask_##slot)
#define TAKE_UNARY(slot, name)             TAKE (tp_as_number, slot, ask_##slot)
  BINARY_SLOTS (TAKE_BINARY)
  UNARY_SLOTS (TAKE_UNARY)
  TAKE (tp_as_number, nb_power, ask_power)
  TAKE (tp_as_mapping, mp_subscript, ask_subscript)
  TAKE (tp_as_mapping, mp_ass_subscript, ask_ass_subscript)
  TAKE (tp_as_mapping, mp_length, ask_length)
  TAKE (tp_as_sequence, sq_length, ask_length)
  TAKE (tp_as_number, nb_bool, ask_bool)
  TAKE (tp_as_number, nb_float, ask_float)
  TAKE (tp_as_number, nb_int, ask_int)
  TAKE (tp_as_sequence, sq_contains, ask_contains)
  if (type->tp_repr == base->tp_repr)
    type->tp_repr = ask_repr;
  if (type->tp_richcompare == base->tp_richcompare)
    type->tp_richcompare = ask_compare;
  if (type->tp_getattro == PyObject_GenericGetAttr)
    type->tp_getattro = ask_attribute;
  PyType_Modified (type);
}

/* Functions of the package that are written in Python ask from now on too. */
static bool
watch_python_functions (void)
{
  static bool watched;
  if (watched)
    return true;
  watched = true;
  PyObject *overrides = PyImport_ImportModule ("torch.overrides");
  PyObject *done = overrides ? PyObject_CallMethod (overrides, "_watch_functions", NULL) : NULL;
  Py_XDECREF (done);
  Py_XDECREF (overrides);
  return done != NULL;
}

/* te_py_function_adopt: called for every new instance of a class of one's own. */
bool
te_py_function_adopt (PyTypeObject *type)
{
  PyObject *hook = hook_of (type);
  if (hook == disabled_function)
    return true;
  int known = PySet_Contains (known_types, (PyObject *) type);
  if (known)
    return known > 0;
  te_py_function_watch = true;
  if (PySet_Add (known_types, (PyObject *) type) < 0)
    return false;
  give_slots (type);
  return hook == default_function || watch_python_functions ();
}

/* ---- what torch.overrides is made of ---- */

/* _function_asked (args): those who would be asked, in order. */
static PyObject *
function_asked (PyObject *module, PyObject *args)
{
  PyObject *items = PySequence_Fast (args, "expected a sequence");
  PyObject *asked = items ? PyList_New (0) : NULL;
  for (Py_ssize_t i = 0; asked && !disabled && i < PySequence_Fast_GET_SIZE (items); i++)
    if (!note (asked, PySequence_Fast_GET_ITEM (items, i)))
      Py_CLEAR (asked);
  Py_XDECREF (items);
  return asked;
}

static PyObject *
has_torch_function (PyObject *module, PyObject *args)
{
  PyObject *asked = function_asked (module, args);
  bool any = asked && (PyList_GET_SIZE (asked) || (!disabled && PyList_GET_SIZE (modes)));
  bool ok = asked != NULL;
  Py_XDECREF (asked);
  return ok ? PyBool_FromLong (any) : NULL;
}

static PyObject *
has_torch_function_unary (PyObject *module, PyObject *object)
{
  return PyBool_FromLong (!disabled && (is_overloaded (object) || PyList_GET_SIZE (modes)));
}

/* _function_ask (function, relevant, args, kwargs): what the one answers who is asked first and knows. */
static PyObject *
function_ask (PyObject *module, PyObject *call)
{
  PyObject *function, *relevant, *args, *kwargs;
  if (!PyArg_ParseTuple (call, "OOO!O!", &function, &relevant, &PyTuple_Type, &args, &PyDict_Type, &kwargs))
    return NULL;
  PyObject *asked = function_asked (module, relevant);
  PyObject *result = asked ? ask (function, asked, args, kwargs) : NULL;
  Py_XDECREF (asked);
  return result;
}

static PyObject *
push_mode (PyObject *module, PyObject *mode)
{
  te_py_function_watch = true;
  if (!watch_python_functions () || PyList_Append (modes, mode) < 0)
    return NULL;
  Py_RETURN_NONE;
}

static PyObject *
pop_mode (PyObject *module, PyObject *ignored)
{
  Py_ssize_t n = PyList_GET_SIZE (modes);
  if (n && PyList_SetSlice (modes, n - 1, n, NULL) < 0)
    return NULL;
  Py_RETURN_NONE;
}

static PyObject *
is_enabled (PyObject *module, PyObject *ignored)
{
  return PyBool_FromLong (!disabled);
}

static PyObject *
set_disabled (PyObject *module, PyObject *more)
{
  int truth = PyObject_IsTrue (more);
  if (truth < 0)
    return NULL;
  disabled += truth ? 1 : -1;
  Py_RETURN_NONE;
}

static PyMethodDef functions[] = {
  { "_disabled_torch_function_impl", (PyCFunction) (void (*) (void)) disabled_torch_function,
    METH_VARARGS | METH_KEYWORDS, NULL },
  { "_function_asked", function_asked, METH_O, NULL },
  { "_function_ask", function_ask, METH_VARARGS, NULL },
  { "_has_torch_function", has_torch_function, METH_O, NULL },
  { "_has_torch_function_unary", has_torch_function_unary, METH_O, NULL },
  { "_push_function_mode", push_mode, METH_O, NULL },
  { "_pop_function_mode", pop_mode, METH_NOARGS, NULL },
  { "_is_torch_function_enabled", is_enabled, METH_NOARGS, NULL },
  { "_disable_torch_function", set_disabled, METH_O, NULL },
  { 0 },
};

bool
te_py_torch_function_init (PyObject *module)
{
  static PyMethodDef own = { "__torch_function__", (PyCFunction) (void (*) (void)) tensor_torch_function,
                             METH_VARARGS | METH_KEYWORDS | METH_CLASS,
                             "Runs func; its results become instances of the class." };
  hook_name = PyUnicode_InternFromString ("__torch_function__");
  modes = PyList_New (0);
  known_types = PySet_New (NULL);
  if (!hook_name || !modes || !known_types || PyModule_AddFunctions (module, functions) < 0)
    return false;
  disabled_function = PyObject_GetAttrString (module, "_disabled_torch_function_impl");
  default_function = PyDescr_NewClassMethod (te_py_tensor_class, &own);
  if (!disabled_function || !default_function
      || PyDict_SetItem (te_py_tensor_class->tp_dict, hook_name, default_function) < 0)
    return false;
  PyType_Modified (te_py_tensor_class);
  return true;
}
