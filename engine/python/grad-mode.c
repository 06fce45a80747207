/* no_grad, enable_grad, inference_mode, set_grad_enabled: context managers that are decorators too. */
#include "python/python-private.h"

#include <stddef.h>
#include <structmember.h>

typedef enum
{
  MODE_NO_GRAD,
  MODE_ENABLE_GRAD,
  MODE_INFERENCE,
  MODE_SET_GRAD,
} ModeKind;

typedef struct
{
  PyObject_HEAD ModeKind kind;
  bool mode;
  bool before; /* grad mode when entered */
  bool before_inference;
} GradMode;

static PyTypeObject *mode_types[4];
static PyTypeObject *wrapped_type;

/* The name that Python's own classes give in "NAME.__init__() takes …". */
static const char *
short_name (PyTypeObject *type)
{
  const char *dot = strrchr (type->tp_name, '.');
  return dot ? dot + 1 : type->tp_name;
}

/* The one argument `mode`, with the errors of a class written in Python. */
static bool
mode_argument (PyTypeObject *type, ModeKind kind, PyObject *args, PyObject *kwargs, bool *mode)
{
  Py_ssize_t n = PyTuple_GET_SIZE (args), limit = kind == MODE_INFERENCE || kind == MODE_SET_GRAD;
  PyObject *given = n && limit ? PyTuple_GET_ITEM (args, 0) : NULL, *key, *value;
  Py_ssize_t at = 0;
  if (n > limit && kind == MODE_INFERENCE)
    return PyErr_Format (PyExc_TypeError,
                         "%s.__init__() takes from 1 to 2 positional arguments but %zd were given",
                         short_name (type), n + 1),
           false;
  if (n > limit)
    return PyErr_Format (PyExc_TypeError, "%s.__init__() takes %zd positional argument%s but %zd were given",
                         short_name (type), limit + 1, limit ? "s" : "", n + 1),
           false;
  while (kwargs && PyDict_Next (kwargs, &at, &key, &value))
    {
      if (!limit || PyUnicode_CompareWithASCIIString (key, "mode") != 0)
        return PyErr_Format (PyExc_TypeError, "%s.__init__() got an unexpected keyword argument '%U'",
                             short_name (type), key),
               false;
      if (given)
        return PyErr_Format (PyExc_TypeError, "%s.__init__() got multiple values for argument 'mode'",
                             short_name (type)),
               false;
      given = value;
    }
  if (kind == MODE_SET_GRAD && !given)
    return PyErr_Format (PyExc_TypeError, "%s.__init__() missing 1 required positional argument: 'mode'",
                         short_name (type)),
           false;
  if (kind == MODE_SET_GRAD && !PyBool_Check (given))
    return PyErr_Format (PyExc_TypeError, "enabled must be a bool (got %s)", Py_TYPE (given)->tp_name), false;
  int truth = given ? PyObject_IsTrue (given) : 1;
  *mode = truth == 1;
  return truth >= 0;
}

static void
enter (GradMode *self)
{
  self->before = te_grad_mode_enabled ();
  self->before_inference = te_inference_mode_enabled ();
  switch (self->kind)
    {
    case MODE_NO_GRAD:
      te_grad_mode_set (false);
      break;
    case MODE_ENABLE_GRAD:
      te_grad_mode_set (true);
      break;
    case MODE_SET_GRAD:
      te_grad_mode_set (self->mode);
      break;
    case MODE_INFERENCE:
      te_inference_mode_set (self->mode);
      te_grad_mode_set (!self->mode);
      break;
    }
}

static void
leave (GradMode *self)
{
  if (self->kind == MODE_INFERENCE)
    te_inference_mode_set (self->before_inference);
  te_grad_mode_set (self->before);
}

static PyObject *
mode_new (PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
  ModeKind kind = MODE_NO_GRAD;
  bool mode = true;
  for (int i = 0; i < 4; i++)
    if (PyType_IsSubtype (type, mode_types[i]))
      kind = (ModeKind) i;
  if (!mode_argument (type, kind, args, kwargs, &mode))
    return NULL;
  GradMode *self = (GradMode *) type->tp_alloc (type, 0);
  if (!self)
    return NULL;
  self->kind = kind;
  self->mode = mode;
  self->before = te_grad_mode_enabled ();
  if (kind == MODE_SET_GRAD) /* as a function it acts at once */
    te_grad_mode_set (mode);
  return (PyObject *) self;
}

static int
mode_init (PyObject *self, PyObject *args, PyObject *kwargs)
{
  return 0;
}

static PyObject *
mode_enter (PyObject *object, PyObject *ignored)
{
  GradMode *self = (GradMode *) object;
  bool before = self->before;
  enter (self);
  if (self->kind == MODE_SET_GRAD)
    self->before = before;
  Py_RETURN_NONE;
}

static PyObject *
mode_exit (PyObject *self, PyObject *const *args, Py_ssize_t n)
{
  leave ((GradMode *) self);
  Py_RETURN_NONE;
}

/* ---- as a decorator ---- */
typedef struct
{
  PyObject_HEAD PyObject *function;
  PyObject *dict;
  ModeKind kind;
  bool mode;
  vectorcallfunc vectorcall;
} Wrapped;

/* ---- a generator whose steps run in the mode ---- */
typedef struct
{
  PyObject_HEAD PyObject *generator;
  ModeKind kind;
  bool mode;
} Steps;

static PyTypeObject *steps_type;

static bool
is_generator_function (PyObject *function)
{
  return PyFunction_Check (function)
         && (((PyCodeObject *) PyFunction_GET_CODE (function))->co_flags & CO_GENERATOR);
}

static PyObject *
steps_new (const Wrapped *wrapped, PyObject *generator)
{
  Steps *self = generator ? (Steps *) steps_type->tp_alloc (steps_type, 0) : NULL;
  if (!self)
    {
      Py_XDECREF (generator);
      return NULL;
    }
  self->generator = generator;
  self->kind = wrapped->kind;
  self->mode = wrapped->mode;
  return (PyObject *) self;
}

static PyObject *
steps_next (PyObject *object)
{
  Steps *self = (Steps *) object;
  GradMode state = { .kind = self->kind, .mode = self->mode };
  enter (&state);
  PyObject *value = Py_TYPE (self->generator)->tp_iternext (self->generator);
  leave (&state);
  return value;
}

static PyObject *
steps_method (PyObject *object, const char *name, PyObject *args)
{
  Steps *self = (Steps *) object;
  PyObject *method = PyObject_GetAttrString (self->generator, name);
  GradMode state = { .kind = self->kind, .mode = self->mode };
  enter (&state);
  PyObject *value = method ? PyObject_CallObject (method, args) : NULL;
  leave (&state);
  Py_XDECREF (method);
  return value;
}

static PyObject *
steps_send (PyObject *self, PyObject *args)
{
  return steps_method (self, "send", args);
}

static PyObject *
steps_throw (PyObject *self, PyObject *args)
{
  return steps_method (self, "throw", args);
}

static PyObject *
steps_close (PyObject *self, PyObject *args)
{
  return steps_method (self, "close", args);
}

static int
steps_traverse (PyObject *object, visitproc visit, void *arg)
{
  Py_VISIT (Py_TYPE (object));
  Py_VISIT (((Steps *) object)->generator);
  return 0;
}

static void
steps_dealloc (PyObject *object)
{
  PyTypeObject *type = Py_TYPE (object);
  PyObject_GC_UnTrack (object);
  Py_CLEAR (((Steps *) object)->generator);
  type->tp_free (object);
  Py_DECREF (type);
}

static PyMethodDef steps_methods[] = {
  { "send", steps_send, METH_VARARGS, NULL },
  { "throw", steps_throw, METH_VARARGS, NULL },
  { "close", steps_close, METH_VARARGS, NULL },
  { 0 },
};

static PyObject *
wrapped_call (PyObject *object, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
  Wrapped *self = (Wrapped *) object;
  GradMode state = { .kind = self->kind, .mode = self->mode };
  enter (&state);
  PyObject *result = PyObject_Vectorcall (self->function, args, nargsf, kwnames);
  leave (&state);
  return result && is_generator_function (self->function) ? steps_new (self, result) : result;
}

static PyObject *
wrapped_get (PyObject *self, PyObject *object, PyObject *type)
{
  return object && object != Py_None ? PyMethod_New (self, object) : Py_NewRef (self);
}

static PyObject *
wrapped_getattr (PyObject *object, PyObject *name)
{
  PyObject *found = PyObject_GenericGetAttr (object, name);
  if (found || !PyErr_ExceptionMatches (PyExc_AttributeError))
    return found;
  PyErr_Clear ();
  return PyObject_GetAttr (((Wrapped *) object)->function, name);
}

static PyObject *
wrapped_repr (PyObject *self)
{
  return PyObject_Repr (((Wrapped *) self)->function);
}

static int
wrapped_traverse (PyObject *object, visitproc visit, void *arg)
{
  Wrapped *self = (Wrapped *) object;
  Py_VISIT (Py_TYPE (object));
  Py_VISIT (self->function);
  Py_VISIT (self->dict);
  return 0;
}

static int
wrapped_clear (PyObject *object)
{
  Wrapped *self = (Wrapped *) object;
  Py_CLEAR (self->function);
  Py_CLEAR (self->dict);
  return 0;
}

static void
wrapped_dealloc (PyObject *object)
{
  PyTypeObject *type = Py_TYPE (object);
  PyObject_GC_UnTrack (object);
  wrapped_clear (object);
  type->tp_free (object);
  Py_DECREF (type);
}

static PyObject *
mode_call (PyObject *object, PyObject *args, PyObject *kwargs)
{
  GradMode *mode = (GradMode *) object;
  if (PyTuple_GET_SIZE (args) != 1)
    return PyErr_Format (PyExc_TypeError,
                         "_DecoratorContextManager.__call__() missing 1 required positional argument: 'func'");
  PyObject *function = PyTuple_GET_ITEM (args, 0);
  Wrapped *self = (Wrapped *) wrapped_type->tp_alloc (wrapped_type, 0);
  if (!self)
    return NULL;
  self->function = Py_NewRef (function);
  self->kind = mode->kind;
  self->mode = mode->mode;
  self->vectorcall = wrapped_call;
  static const char *const copied[] = { "__doc__", "__name__", "__qualname__", "__module__" };
  for (int i = 0; i < 4; i++)
    {
      PyObject *value = PyObject_GetAttrString (function, copied[i]);
      if (!value || PyObject_SetAttrString ((PyObject *) self, copied[i], value) < 0)
        PyErr_Clear ();
      Py_XDECREF (value);
    }
  if (PyObject_SetAttrString ((PyObject *) self, "__wrapped__", function) < 0)
    PyErr_Clear ();
  return (PyObject *) self;
}

static PyObject *
mode_clone (PyObject *object, PyObject *ignored)
{
  GradMode *self = (GradMode *) object;
  GradMode *copy = (GradMode *) Py_TYPE (object)->tp_alloc (Py_TYPE (object), 0);
  if (copy)
    {
      copy->kind = self->kind;
      copy->mode = self->mode;
      copy->before = te_grad_mode_enabled ();
    }
  return (PyObject *) copy;
}

static PyMethodDef mode_methods[] = {
  { "__enter__", mode_enter, METH_NOARGS, NULL },
  { "__exit__", (PyCFunction) (void (*) (void)) mode_exit, METH_FASTCALL, NULL },
  { "clone", mode_clone, METH_NOARGS, NULL },
  { 0 },
};

/* ---- functions ---- */
static PyObject *
is_grad_enabled (PyObject *module, PyObject *ignored)
{
  return PyBool_FromLong (te_grad_mode_enabled ());
}

static PyObject *
is_inference_mode_enabled (PyObject *module, PyObject *ignored)
{
  return PyBool_FromLong (te_inference_mode_enabled ());
}

static PyObject *
set_anomaly (PyObject *module, PyObject *const *args, Py_ssize_t n)
{
  if (n < 1 || n > 2)
    return PyErr_Format (PyExc_TypeError, "set_anomaly_enabled() takes 1 or 2 arguments");
  int on = PyObject_IsTrue (args[0]), check_nan = n < 2 ? 1 : PyObject_IsTrue (args[1]);
  if (on < 0 || check_nan < 0)
    return NULL;
  te_anomaly_mode_flag = on;
  if (!te_anomaly_mode_flag)
    te_py_anomaly_forget ();
  te_anomaly_check_nan = check_nan;
  Py_RETURN_NONE;
}

static PyObject *
is_anomaly_enabled (PyObject *module, PyObject *ignored)
{
  return PyBool_FromLong (te_anomaly_mode_flag);
}

static PyObject *
is_anomaly_check_nan_enabled (PyObject *module, PyObject *ignored)
{
  return PyBool_FromLong (te_anomaly_check_nan);
}

/* Copied as itself and pickled by its name, as functions are. */
static PyObject *
wrapped_reduce (PyObject *self, PyObject *unused)
{
  return PyObject_GetAttrString (self, "__qualname__");
}

static PyMethodDef functions[] = {
  { "is_grad_enabled", is_grad_enabled, METH_NOARGS, "Whether operations are recorded for backward." },
  { "is_inference_mode_enabled", is_inference_mode_enabled, METH_NOARGS, "Whether inference_mode is on." },
  { "set_anomaly_enabled", (PyCFunction) (void (*) (void)) set_anomaly, METH_FASTCALL, NULL },
  { "is_anomaly_enabled", is_anomaly_enabled, METH_NOARGS, NULL },
  { "is_anomaly_check_nan_enabled", is_anomaly_check_nan_enabled, METH_NOARGS, NULL },
  { 0 },
};

bool
te_py_grad_mode_init (PyObject *module)
{
  static const char *const names[] = { "torch.autograd.grad_mode.no_grad", "torch.autograd.grad_mode.enable_grad",
                                       "torch.autograd.grad_mode.inference_mode",
                                       "torch.autograd.grad_mode.set_grad_enabled" };
  static const char *const docs[] = { "Within it nothing is recorded for backward.",
                                      "Within it operations are recorded again.",
                                      "no_grad, and results that can never take part in autograd.",
                                      "Switches recording on or off." };
  for (int i = 0; i < 4; i++)
    {
      PyType_Slot slots[] = { { Py_tp_new, mode_new },         { Py_tp_init, mode_init },
                              { Py_tp_call, mode_call },       { Py_tp_methods, mode_methods },
                              { Py_tp_doc, (void *) docs[i] }, { 0 } };
      PyType_Spec spec = { names[i], sizeof (GradMode), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots };
      mode_types[i] = (PyTypeObject *) PyType_FromSpec (&spec);
      if (!mode_types[i] || PyModule_AddObjectRef (module, short_name (mode_types[i]), (PyObject *) mode_types[i]) < 0)
        return false;
    }
  static PyMemberDef members[] = {
    { "__dictoffset__", T_PYSSIZET, offsetof (Wrapped, dict), READONLY, NULL },
    { "__vectorcalloffset__", T_PYSSIZET, offsetof (Wrapped, vectorcall), READONLY, NULL },
    { 0 },
  };
  static PyMethodDef methods[] = { { "__reduce__", wrapped_reduce, METH_NOARGS, NULL }, { 0 } };
  static PyGetSetDef getset[] = {
    { "__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL }, { 0 }
  };
  PyType_Slot slots[] = { { Py_tp_call, PyVectorcall_Call },
                          { Py_tp_descr_get, wrapped_get },
                          { Py_tp_getattro, wrapped_getattr },
                          { Py_tp_repr, wrapped_repr },
                          { Py_tp_traverse, wrapped_traverse },
                          { Py_tp_clear, wrapped_clear },
                          { Py_tp_dealloc, wrapped_dealloc },
                          { Py_tp_members, members },
                          { Py_tp_methods, methods },
                          { Py_tp_getset, getset },
                          { 0 } };
  PyType_Spec spec = { "torch._C._InGradMode", sizeof (Wrapped), 0,
                       Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL, slots };
  wrapped_type = (PyTypeObject *) PyType_FromSpec (&spec);
  PyType_Slot steps_slots[] = { { Py_tp_iter, PyObject_SelfIter },
                                { Py_tp_iternext, steps_next },
                                { Py_tp_methods, steps_methods },
                                { Py_tp_traverse, steps_traverse },
                                { Py_tp_dealloc, steps_dealloc },
                                { 0 } };
  PyType_Spec steps_spec = { "builtins.generator", sizeof (Steps), 0,
                             Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                             steps_slots };
  steps_type = (PyTypeObject *) PyType_FromSpec (&steps_spec);
  return wrapped_type && steps_type && PyModule_AddFunctions (module, functions) == 0;
}
