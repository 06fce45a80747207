/* torch._C.ModuleBase: what makes torch.nn.Module fast.  A module is an ordinary object with a __dict__ that
 * holds _parameters, _buffers, _modules and the hooks, as learners know it; calling, attribute reading and
 * attribute setting are C.  The rest of Module (registration, state_dict, printing …) is Python in
 * torch/nn/modules/module.py. */
#include "python/nn-module.h"

#include <structmember.h>

#include "python/jit-trace.h"
#include "python/trace-hooks.h"

typedef struct
{
  PyObject_HEAD PyObject *dict;
  PyObject *weakrefs;
  uint32_t trace_number;
} TePyModule;

static PyTypeObject *module_type;
static PyObject *parameter_class, *tensor_class; /* torch.nn.Parameter, torch.Tensor */
static PyObject *getattr_method;                 /* ModuleBase.__getattr__, as found in types */
static PyObject *backward_call; /* function (module, args, kwargs) used when backward hooks are there */

#define NAMES(X)                                                                                             \
  X (_parameters)                                                                                            \
  X (_buffers)                                                                                               \
  X (_modules)                                                                                               \
  X (_non_persistent_buffers_set)                                                                            \
  X (_backward_hooks)                                                                                        \
  X (_is_full_backward_hook)                                                                                 \
  X (_forward_hooks)                                                                                         \
  X (_forward_pre_hooks)                                                                                     \
  X (_state_dict_hooks)                                                                                      \
  X (_load_state_dict_pre_hooks) X (_load_state_dict_post_hooks) X (training) X (forward) X (__getattr__)    \
      X (__getattribute__) X (register_parameter)
#define DECLARE(name) static PyObject *str_##name;
NAMES (DECLARE)
#undef DECLARE

/* Hooks that act on every module: dicts shared with Python, never replaced. */
static PyObject *global_pre_hooks, *global_forward_hooks, *global_backward_hooks;

static PyObject *
entry (PyObject *self, PyObject *name) /* borrowed from __dict__, NULL without exception */
{
  PyObject *dict = ((TePyModule *) self)->dict;
  return dict ? PyDict_GetItemWithError (dict, name) : NULL;
}

static inline bool
filled (PyObject *dict)
{
  if (!dict || PyDict_Check (dict))
    return dict && PyDict_GET_SIZE (dict) > 0;
  Py_ssize_t n = PyObject_Size (dict);
  if (n < 0)
    PyErr_Clear ();
  return n > 0;
}

/* ---- life ---- */
static PyObject *
module_new (PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
  return type->tp_alloc (type, 0);
}

/* Module.__init__: the empty registries. */
static int
module_init (PyObject *self, PyObject *args, PyObject *kwargs)
{
  PyObject *const dicts[] = { str__parameters, str__buffers };
  PyObject *const more[] = { str__backward_hooks,
                             NULL,
                             str__forward_hooks,
                             str__forward_pre_hooks,
                             str__state_dict_hooks,
                             str__load_state_dict_pre_hooks,
                             str__load_state_dict_post_hooks,
                             str__modules };
  TePyModule *module = (TePyModule *) self;
  if (PyTuple_GET_SIZE (args) || (kwargs && PyDict_GET_SIZE (kwargs)))
    {
      PyObject *name = NULL;
      Py_ssize_t at = 0;
      if (kwargs && PyDict_Next (kwargs, &at, &name, NULL))
        PyErr_Format (PyExc_TypeError, "Module.__init__() got an unexpected keyword argument '%U'", name);
      else
        PyErr_Format (PyExc_TypeError, "Module.__init__() takes 1 positional argument but %zd were given",
                      1 + PyTuple_GET_SIZE (args));
      return -1;
    }
  if (!module->dict && !(module->dict = PyDict_New ()))
    return -1;
  if (PyDict_SetItem (module->dict, str_training, Py_True) < 0)
    return -1;
  for (size_t i = 0; i < sizeof dicts / sizeof *dicts + sizeof more / sizeof *more; i++)
    {
      if (i == 2)
        {
          PyObject *set = PySet_New (NULL);
          if (!set || PyDict_SetItem (module->dict, str__non_persistent_buffers_set, set) < 0)
            return -1;
          Py_DECREF (set);
        }
      PyObject *name = i < 2 ? dicts[i] : more[i - 2];
      PyObject *value = name ? PyODict_New () : Py_NewRef (Py_None);
      if (!value || PyDict_SetItem (module->dict, name ? name : str__is_full_backward_hook, value) < 0)
        return -1;
      Py_DECREF (value);
    }
  return 0;
}

static int
module_traverse (PyObject *self, visitproc visit, void *arg)
{
  Py_VISIT (Py_TYPE (self));
  Py_VISIT (((TePyModule *) self)->dict);
  return 0;
}

static int
module_clear (PyObject *self)
{
  Py_CLEAR (((TePyModule *) self)->dict);
  return 0;
}

static void
module_dealloc (PyObject *self)
{
  PyTypeObject *type = Py_TYPE (self);
  PyObject_GC_UnTrack (self);
  if (((TePyModule *) self)->weakrefs)
    PyObject_ClearWeakRefs (self);
  module_clear (self);
  type->tp_free (self);
  Py_DECREF (type);
}

/* ---- calling ---- */
/* Runs forward with args (a tuple) and kwargs. */
static PyObject *
run_forward (PyObject *self, PyObject *args, PyObject *kwargs)
{
  Py_ssize_t n = PyTuple_GET_SIZE (args);
  if (kwargs && PyDict_GET_SIZE (kwargs))
    {
      PyObject *method = PyObject_GetAttr (self, str_forward);
      PyObject *result = method ? PyObject_Call (method, args, kwargs) : NULL;
      Py_XDECREF (method);
      return result;
    }
  PyObject *small[8];
  if (n < 8)
    {
      small[0] = self;
      for (Py_ssize_t i = 0; i < n; i++)
        small[1 + i] = PyTuple_GET_ITEM (args, i);
      return PyObject_VectorcallMethod (str_forward, small, (size_t) (n + 1) | PY_VECTORCALL_ARGUMENTS_OFFSET,
                                        NULL);
    }
  PyObject *method = PyObject_GetAttr (self, str_forward);
  PyObject *result = method ? PyObject_Call (method, args, NULL) : NULL;
  Py_XDECREF (method);
  return result;
}

/* Pre-hooks may replace the arguments: *args is an owned reference, maybe exchanged. */
static bool
run_pre_hooks (PyObject *self, PyObject *hooks, PyObject **args)
{
  PyObject *values = filled (hooks) ? PyMapping_Values (hooks) : NULL;
  if (!filled (hooks))
    return !PyErr_Occurred ();
  for (Py_ssize_t i = 0; values && i < PyList_GET_SIZE (values); i++)
    {
      PyObject *result = PyObject_CallFunctionObjArgs (PyList_GET_ITEM (values, i), self, *args, NULL);
      if (result && result != Py_None)
        {
          PyObject *tuple = PyTuple_Check (result) ? Py_NewRef (result) : PyTuple_Pack (1, result);
          if (tuple)
            Py_SETREF (*args, tuple);
        }
      Py_XDECREF (result);
      if (PyErr_Occurred ())
        Py_CLEAR (values);
    }
  bool ok = values != NULL;
  Py_XDECREF (values);
  return ok;
}

/* Forward hooks may replace the result. */
static bool
run_forward_hooks (PyObject *self, PyObject *hooks, PyObject *args, PyObject **result)
{
  if (!filled (hooks))
    return !PyErr_Occurred ();
  PyObject *values = PyMapping_Values (hooks);
  for (Py_ssize_t i = 0; values && i < PyList_GET_SIZE (values); i++)
    {
      PyObject *other = PyObject_CallFunctionObjArgs (PyList_GET_ITEM (values, i), self, args, *result, NULL);
      if (!other)
        Py_CLEAR (values);
      else if (other == Py_None)
        Py_DECREF (other);
      else
        Py_SETREF (*result, other);
    }
  bool ok = values != NULL;
  Py_XDECREF (values);
  return ok;
}

static PyObject *
call_with_hooks (
    PyObject *self, PyObject *args, PyObject *kwargs, PyObject *pre, PyObject *forward, PyObject *backward)
{
  if (filled (backward) || filled (global_backward_hooks))
    return PyObject_CallFunctionObjArgs (backward_call, self, args, kwargs ? kwargs : Py_None, NULL);
  /* A hook may replace the module's dictionaries. */
  Py_INCREF (args);
  Py_XINCREF (pre);
  Py_XINCREF (forward);
  PyObject *result = NULL;
  if (run_pre_hooks (self, global_pre_hooks, &args) && run_pre_hooks (self, pre, &args)
      && (result = run_forward (self, args, kwargs)))
    if (!run_forward_hooks (self, global_forward_hooks, args, &result)
        || !run_forward_hooks (self, forward, args, &result))
      Py_CLEAR (result);
  Py_DECREF (args);
  Py_XDECREF (pre);
  Py_XDECREF (forward);
  return result;
}

static PyObject *
no_attribute (PyObject *self, PyObject *name)
{
  return PyErr_Format (PyExc_AttributeError, "'%s' object has no attribute '%U'",
                       _PyType_Name (Py_TYPE (self)), name);
}

static PyObject *
module_call (PyObject *self, PyObject *args, PyObject *kwargs)
{
  uint64_t traced = te_trace_hooks ? te_trace_hooks->module_enter (self) : 0;
  if (__builtin_expect (te_py_tracing, 0))
    te_py_trace_enter (self);
  PyObject *pre = entry (self, str__forward_pre_hooks), *forward = entry (self, str__forward_hooks);
  PyObject *backward = entry (self, str__backward_hooks), *result;
  if (!backward && !PyErr_Occurred ()) /* a subclass that forgot Module.__init__ */
    {
      if (traced)
        te_trace_hooks->module_leave (self, traced, true);
      return no_attribute (self, str__backward_hooks);
    }
  if (filled (pre) || filled (forward) || filled (backward) || filled (global_pre_hooks)
      || filled (global_forward_hooks) || filled (global_backward_hooks))
    result = call_with_hooks (self, args, kwargs, pre, forward, backward);
  else
    result = run_forward (self, args, kwargs);
  if (__builtin_expect (te_py_tracing, 0))
    te_py_trace_leave (self, result);
  if (traced)
    te_trace_hooks->module_leave (self, traced, result == NULL);
  return result;
}

/* ---- attributes ---- */
/* Parameters, buffers and children by name: a new reference, or NULL without exception. */
static PyObject *
registered (PyObject *self, PyObject *name)
{
  PyObject *const registries[] = { str__parameters, str__buffers, str__modules };
  for (int i = 0; i < 3; i++)
    {
      PyObject *registry = entry (self, registries[i]);
      PyObject *found = registry && PyDict_Check (registry) ? PyDict_GetItemWithError (registry, name) : NULL;
      if (found)
        return Py_NewRef (found);
      if (PyErr_Occurred ())
        return NULL;
    }
  return NULL;
}

static PyObject *
module_getattro (PyObject *self, PyObject *name)
{
  PyObject *found = _PyObject_GenericGetAttrWithDict (self, name, NULL, 1);
  if (found || PyErr_Occurred ())
    return found;
  found = registered (self, name);
  return found || PyErr_Occurred () ? found : no_attribute (self, name);
}

/* Module.__getattr__ (name), for subclasses that wrap it. */
static PyObject *
module_getattr (PyObject *self, PyObject *name)
{
  PyObject *found = registered (self, name);
  return found || PyErr_Occurred () ? found : no_attribute (self, name);
}

/* Module.__getstate__: what is copied and pickled is the __dict__. */
static PyObject *
module_getstate (PyObject *self, PyObject *unused)
{
  return PyObject_GenericGetDict (self, NULL);
}

/* A class of modules has been made.  Because ModuleBase has a __getattr__, Python gives it a slot that first
 * fails and then asks again; classes without one of their own read attributes through module_getattro
 * directly. */
static PyObject *
module_init_subclass (PyObject *class, PyObject *args, PyObject *kwargs)
{
  PyTypeObject *type = (PyTypeObject *) class;
  if (PyType_IsSubtype (type, module_type) && _PyType_Lookup (type, str___getattr__) == getattr_method
      && _PyType_Lookup (type, str___getattribute__) == _PyType_Lookup (module_type, str___getattribute__))
    type->tp_getattro = module_getattro;
  Py_RETURN_NONE;
}

static bool
forget (PyObject *self, PyObject *registry_name, PyObject *name)
{
  PyObject *registry = registry_name ? entry (self, registry_name) : ((TePyModule *) self)->dict;
  if (!registry)
    return !PyErr_Occurred ();
  if (PySet_Check (registry))
    return PySet_Discard (registry, name) >= 0;
  int there = PySequence_Contains (registry, name);
  return there == 0 || (there > 0 && PyObject_DelItem (registry, name) == 0);
}

static bool
is_kind (PyObject *value, PyObject *class)
{
  return class && PyObject_TypeCheck (value, (PyTypeObject *) class);
}

/* torch.Tensor with _is_param counts as a parameter, whatever its class. */
static bool
is_parameter (PyObject *value)
{
  if (is_kind (value, parameter_class))
    return true;
  if (!is_kind (value, tensor_class) || (PyObject *) Py_TYPE (value) == tensor_class)
    return false;
  PyObject *flag = PyObject_GetAttrString (value, "_is_param");
  bool result = flag == Py_True;
  Py_XDECREF (flag);
  PyErr_Clear ();
  return result;
}

/* torch.typename of a value, as errors name it. */
static PyObject *
type_text (PyObject *value)
{
  if (is_kind (value, tensor_class) && !is_kind (value, parameter_class))
    return PyObject_CallMethod (value, "type", NULL);
  PyObject *module = PyObject_GetAttrString ((PyObject *) Py_TYPE (value), "__module__");
  PyObject *name = PyType_GetQualName (Py_TYPE (value)), *text = NULL;
  if (module && name && PyUnicode_Check (module)
      && PyUnicode_CompareWithASCIIString (module, "builtins") != 0)
    text = PyUnicode_FromFormat ("%U.%U", module, name);
  else if (name)
    text = Py_NewRef (name);
  Py_XDECREF (module);
  Py_XDECREF (name);
  return text;
}

static int
cannot_assign (PyObject *value, PyObject *name, const char *kind, const char *expected)
{
  PyObject *text = type_text (value);
  if (text)
    PyErr_Format (PyExc_TypeError, "cannot assign '%U' as %s '%U' (%s or None expected)", text, kind, name,
                  expected);
  Py_XDECREF (text);
  return -1;
}

static int
set_parameter (PyObject *self, PyObject *name, PyObject *value)
{
  if (!forget (self, NULL, name) || !forget (self, str__buffers, name) || !forget (self, str__modules, name)
      || !forget (self, str__non_persistent_buffers_set, name))
    return -1;
  PyObject *result = PyObject_CallMethodObjArgs (self, str_register_parameter, name, value, NULL);
  Py_XDECREF (result);
  return result ? 0 : -1;
}

static int
set_child (PyObject *self, PyObject *name, PyObject *value)
{
  PyObject *modules = entry (self, str__modules);
  if (!modules)
    {
      PyErr_SetString (PyExc_AttributeError, "cannot assign module before Module.__init__() call");
      return -1;
    }
  if (!forget (self, NULL, name) || !forget (self, str__parameters, name)
      || !forget (self, str__buffers, name) || !forget (self, str__non_persistent_buffers_set, name))
    return -1;
  return PyObject_SetItem (modules, name, value);
}

static bool
holds (PyObject *registry, PyObject *name)
{
  return registry && PyDict_Check (registry) && PyDict_GET_SIZE (registry)
         && PyDict_Contains (registry, name) > 0;
}

static int
delete_attribute (PyObject *self, PyObject *name)
{
  PyObject *const registries[] = { str__parameters, str__buffers, str__modules };
  for (int i = 0; i < 3; i++)
    if (holds (entry (self, registries[i]), name))
      {
        if (i == 1 && !forget (self, str__non_persistent_buffers_set, name))
          return -1;
        return PyObject_DelItem (entry (self, registries[i]), name);
      }
  return PyObject_GenericSetAttr (self, name, NULL);
}

static int
module_setattro (PyObject *self, PyObject *name, PyObject *value)
{
  if (!value)
    return delete_attribute (self, name);
  PyObject *parameters = entry (self, str__parameters);
  if (is_parameter (value))
    {
      if (parameters)
        return set_parameter (self, name, value);
      PyErr_SetString (PyExc_AttributeError, "cannot assign parameters before Module.__init__() call");
      return -1;
    }
  if (holds (parameters, name))
    return value == Py_None ? set_parameter (self, name, value)
                            : cannot_assign (value, name, "parameter", "torch.nn.Parameter");
  if (PyObject_TypeCheck (value, module_type))
    return set_child (self, name, value);
  PyObject *modules = entry (self, str__modules), *buffers = entry (self, str__buffers);
  if (holds (modules, name))
    return value == Py_None ? PyObject_SetItem (modules, name, value)
                            : cannot_assign (value, name, "child module", "torch.nn.Module");
  if (holds (buffers, name))
    return value == Py_None || is_kind (value, tensor_class)
               ? PyObject_SetItem (buffers, name, value)
               : cannot_assign (value, name, "buffer", "torch.Tensor");
  return PyObject_GenericSetAttr (self, name, value);
}

/* ---- the type ---- */
static uint32_t *
trace_slot (PyObject *object)
{
  return PyObject_TypeCheck (object, module_type) ? &((TePyModule *) object)->trace_number : NULL;
}

static PyMemberDef members[] = {
  { "__dictoffset__", T_PYSSIZET, offsetof (TePyModule, dict), READONLY, NULL },
  { "__weaklistoffset__", T_PYSSIZET, offsetof (TePyModule, weakrefs), READONLY, NULL },
  { 0 },
};
static PyGetSetDef getset[] = {
  { "__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL },
  { 0 },
};
static PyMethodDef methods[] = {
  { "__getattr__", module_getattr, METH_O, "Looks a name up among parameters, buffers and children." },
  { "__getstate__", module_getstate, METH_NOARGS, "What is copied and pickled: the __dict__." },
  { "__init_subclass__", (PyCFunction) (void (*) (void)) module_init_subclass,
    METH_VARARGS | METH_KEYWORDS | METH_CLASS, NULL },
  { 0 },
};

/* torch._C._nn_setup (Parameter, Tensor, pre hooks, forward hooks, backward hooks, call with backward hooks)
 */
static PyObject *
nn_setup (PyObject *module, PyObject *args)
{
  PyObject *items[6];
  if (!PyArg_ParseTuple (args, "OOOOOO", &items[0], &items[1], &items[2], &items[3], &items[4], &items[5]))
    return NULL;
  PyObject **const places[] = { &parameter_class,      &tensor_class,          &global_pre_hooks,
                                &global_forward_hooks, &global_backward_hooks, &backward_call };
  for (int i = 0; i < 6; i++)
    {
      Py_INCREF (items[i]);
      Py_XSETREF (*places[i], items[i]);
    }
  Py_RETURN_NONE;
}

/* torch._C._nn_forward (module, args, kwargs): forward alone, for the Python form of the call. */
static PyObject *
nn_forward (PyObject *module, PyObject *args)
{
  PyObject *self, *positional, *kwargs;
  if (!PyArg_ParseTuple (args, "OO!O", &self, &PyTuple_Type, &positional, &kwargs))
    return NULL;
  return run_forward (self, positional, kwargs == Py_None ? NULL : kwargs);
}

static PyMethodDef functions[] = {
  { "_nn_setup", nn_setup, METH_VARARGS, "Tells ModuleBase the classes and hooks it works with." },
  { "_nn_forward", nn_forward, METH_VARARGS, "Runs a module's forward without hooks." },
  { 0 },
};

bool
te_py_nn_module_init (PyObject *module)
{
  PyType_Slot slots[] = {
    { Py_tp_new, module_new },           { Py_tp_init, module_init },
    { Py_tp_dealloc, module_dealloc },   { Py_tp_traverse, module_traverse },
    { Py_tp_clear, module_clear },       { Py_tp_call, module_call },
    { Py_tp_getattro, module_getattro }, { Py_tp_setattro, module_setattro },
    { Py_tp_members, members },          { Py_tp_getset, getset },
    { Py_tp_methods, methods },          { 0 },
  };
  PyType_Spec spec = { "torch._C.ModuleBase", sizeof (TePyModule), 0,
                       Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, slots };
#define INTERN(name)                                                                                         \
  if (!(str_##name = PyUnicode_InternFromString (#name)))                                                    \
    return false;
  NAMES (INTERN)
#undef INTERN
  module_type = (PyTypeObject *) PyType_FromSpec (&spec);
  if (!module_type)
    return false;
  getattr_method = PyDict_GetItemWithError (module_type->tp_dict, str___getattr__);
  te_module_trace_slot = trace_slot;
  return PyModule_AddObjectRef (module, "ModuleBase", (PyObject *) module_type) == 0
         && PyModule_AddFunctions (module, functions) == 0;
}
