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

static bool
mode_argument (PyObject *args, PyObject *kwargs, const char *name, bool fallback, bool required, bool *mode)
{
  static char *names[] = { "mode", NULL };
  PyObject *object = NULL;
  if (!PyArg_ParseTupleAndKeywords (args, kwargs, required ? "O:set_grad_enabled" : "|O:inference_mode",
                                    names, &object))
    return false;
  if (object && !PyBool_Check (object) && required)
    {
      PyErr_Format (PyExc_TypeError, "enabled must be a bool (got %s)", Py_TYPE (object)->tp_name);
      return false;
    }
  int truth = object ? PyObject_IsTrue (object) : fallback;
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
  /* @torch.no_grad without parentheses decorates at once. */
  if (kind <= MODE_ENABLE_GRAD || kind == MODE_INFERENCE)
    if (PyTuple_GET_SIZE (args) == 1 && PyCallable_Check (PyTuple_GET_ITEM (args, 0)) && !kwargs)
      {
        PyObject *self = mode_new (type, PyTuple_New (0), NULL);
        PyObject *wrapped = self ? PyObject_CallOneArg (self, PyTuple_GET_ITEM (args, 0)) : NULL;
        Py_XDECREF (self);
        return wrapped;
      }
  if (kind == MODE_INFERENCE || kind == MODE_SET_GRAD)
    {
      if (!mode_argument (args, kwargs, type->tp_name, true, kind == MODE_SET_GRAD, &mode))
        return NULL;
    }
  else if (PyTuple_GET_SIZE (args) || (kwargs && PyDict_GET_SIZE (kwargs)))
    return PyErr_Format (PyExc_TypeError, "%s.__init__() takes 1 positional argument but %zd were given",
                         type->tp_name, PyTuple_GET_SIZE (args) + 1);
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

static PyObject *
wrapped_call (PyObject *object, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
  Wrapped *self = (Wrapped *) object;
  GradMode state = { .kind = self->kind, .mode = self->mode };
  enter (&state);
  PyObject *result = PyObject_Vectorcall (self->function, args, nargsf, kwnames);
  leave (&state);
  return result;
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
  PyObject *function;
  if (!PyArg_ParseTuple (args, "O", &function))
    return NULL;
  Wrapped *self = (Wrapped *) wrapped_type->tp_alloc (wrapped_type, 0);
  if (!self)
    return NULL;
  if (mode->kind == MODE_SET_GRAD)
    te_grad_mode_set (mode->before);
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
  te_anomaly_mode_flag = PyObject_IsTrue (args[0]) == 1;
  if (!te_anomaly_mode_flag)
    te_py_anomaly_forget ();
  te_anomaly_check_nan = n < 2 || PyObject_IsTrue (args[1]) == 1;
  Py_RETURN_NONE;
}

static PyObject *
is_anomaly_enabled (PyObject *module, PyObject *ignored)
{
  return PyBool_FromLong (te_anomaly_mode_flag);
}

static PyMethodDef functions[] = {
  { "is_grad_enabled", is_grad_enabled, METH_NOARGS, "Whether operations are recorded for backward." },
  { "is_inference_mode_enabled", is_inference_mode_enabled, METH_NOARGS, "Whether inference_mode is on." },
  { "set_anomaly_enabled", (PyCFunction) (void (*) (void)) set_anomaly, METH_FASTCALL, NULL },
  { "is_anomaly_enabled", is_anomaly_enabled, METH_NOARGS, NULL },
  { 0 },
};

bool
te_py_grad_mode_init (PyObject *module)
{
  static const char *const names[] = { "torch.no_grad", "torch.enable_grad", "torch.inference_mode",
                                       "torch.set_grad_enabled" };
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
      if (!mode_types[i] || PyModule_AddObjectRef (module, names[i] + 6, (PyObject *) mode_types[i]) < 0)
        return false;
    }
  static PyMemberDef members[] = {
    { "__dictoffset__", T_PYSSIZET, offsetof (Wrapped, dict), READONLY, NULL },
    { "__vectorcalloffset__", T_PYSSIZET, offsetof (Wrapped, vectorcall), READONLY, NULL },
    { 0 },
  };
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
                          { Py_tp_getset, getset },
                          { 0 } };
  PyType_Spec spec = { "torch._C._InGradMode", sizeof (Wrapped), 0,
                       Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL, slots };
  wrapped_type = (PyTypeObject *) PyType_FromSpec (&spec);
  return wrapped_type && PyModule_AddFunctions (module, functions) == 0;
}
