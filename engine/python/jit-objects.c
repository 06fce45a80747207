/* Compiled functions, methods and classes as Python objects. */
#include "python/jit-private.h"

#include <stddef.h>
#include <string.h>
#include <structmember.h>

#include "jit/code-text.h"
#include "jit/passes.h"

typedef struct
{
  PyObject_HEAD vectorcallfunc vectorcall;
  TeJitFunction *function;
  PyObject *owner; /* of a method: its module */
  PyObject *dict, *weakrefs;
} Function;

typedef struct
{
  PyObject_HEAD TeJitClass *class;
} Class;

static PyTypeObject *function_type, *method_type, *class_type;

/* ---- functions ---- */
static PyObject *
call_function (PyObject *self, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
  Function *f = (Function *) self;
  return te_py_jit_call (f->function, f->owner, args, PyVectorcall_NARGS (nargsf), kwnames);
}

static PyObject *
function_new (PyTypeObject *type, TeJitFunction *function, PyObject *owner)
{
  Function *self = PyObject_GC_New (Function, type);
  if (!self)
    return NULL;
  self->vectorcall = call_function;
  self->function = function;
  self->owner = Py_XNewRef (owner);
  self->dict = self->weakrefs = NULL;
  PyObject_GC_Track (self);
  return (PyObject *) self;
}

PyObject *
te_py_jit_function (TeJitFunction *function)
{
  if (function->python && !function->ignored)
    return Py_NewRef ((PyObject *) function->python);
  PyObject *self = function_new (function_type, function, NULL);
  return self;
}

TeJitFunction *
te_py_jit_function_get (PyObject *object)
{
  return Py_TYPE (object) == function_type || Py_TYPE (object) == method_type
             ? ((Function *) object)->function
             : NULL;
}

static int
function_traverse (PyObject *self, visitproc visit, void *arg)
{
  Py_VISIT (Py_TYPE (self));
  Py_VISIT (((Function *) self)->owner);
  Py_VISIT (((Function *) self)->dict);
  return 0;
}

static int
function_clear (PyObject *self)
{
  Py_CLEAR (((Function *) self)->owner);
  Py_CLEAR (((Function *) self)->dict);
  return 0;
}

static void
function_dealloc (PyObject *self)
{
  PyTypeObject *type = Py_TYPE (self);
  PyObject_GC_UnTrack (self);
  if (((Function *) self)->weakrefs)
    PyObject_ClearWeakRefs (self);
  function_clear (self);
  type->tp_free (self);
  Py_DECREF (type);
}

static PyObject *
function_repr (PyObject *self)
{
  return PyUnicode_FromFormat ("<torch.jit.ScriptFunction object at %p>", self);
}

static PyObject *
function_graph (PyObject *self, void *closure)
{
  return te_py_jit_graph (((Function *) self)->function->graph);
}

static PyObject *
function_inlined_graph (PyObject *self, void *closure)
{
  TeJitGraph *copy = te_jit_graph_copy_renumbered (((Function *) self)->function->graph);
  te_jit_pass_inline (copy);
  PyObject *result = te_py_jit_graph (copy);
  te_jit_graph_unref (copy);
  return result;
}

static PyObject *
function_code (PyObject *self, void *closure)
{
  TeJitText text = { 0 };
  te_jit_code_text (&text, ((Function *) self)->function, NULL);
  return te_py_jit_take_text (&text);
}

static PyObject *
function_name (PyObject *self, void *closure)
{
  return PyUnicode_FromString (((Function *) self)->function->name);
}

static PyObject *
function_qualified_name (PyObject *self, void *closure)
{
  return PyUnicode_FromString (((Function *) self)->function->qualified);
}

static PyObject *
function_schema (PyObject *self, void *closure)
{
  return PyUnicode_FromString (te_jit_function_declaration (((Function *) self)->function));
}

static PyObject *
function_owner (PyObject *self, void *closure)
{
  PyObject *owner = ((Function *) self)->owner;
  return Py_NewRef (owner ? owner : Py_None);
}

/* (code, constants): the second as a list of tensors. */
static PyObject *
function_code_and_constants (PyObject *self, PyObject *ignored)
{
  TeJitText text = { 0 };
  TeJitConstants constants = { 0 };
  te_jit_code_text (&text, ((Function *) self)->function, &constants);
  PyObject *code = te_py_jit_take_text (&text), *list = PyList_New (constants.n);
  for (int i = 0; list && i < constants.n; i++)
    PyList_SET_ITEM (list, i, te_py_wrap (te_tensor_ref (constants.tensors[i])));
  te_jit_constants_clear (&constants);
  return Py_BuildValue ("(NN)", code, list);
}

static PyObject *
function_set_name (PyObject *self, PyObject *name)
{
  ((Function *) self)->function->name = te_jit_intern (PyUnicode_AsUTF8 (name));
  Py_RETURN_NONE;
}

static PyGetSetDef function_getset[] = {
  { "graph", function_graph, NULL, "The graph.", NULL },
  { "inlined_graph", function_inlined_graph, NULL, "The graph with calls in place.", NULL },
  { "code", function_code, NULL, "The graph as Python.", NULL },
  { "name", function_name, NULL, "The name.", NULL },
  { "qualified_name", function_qualified_name, NULL, "The name with its module.", NULL },
  { "schema", function_schema, NULL, "Arguments and result.", NULL },
  { "owner", function_owner, NULL, "The module of a method.", NULL },
  { "__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL },
  { 0 },
};
static PyObject *function_save (PyObject *self, PyObject *args);

static PyMethodDef function_methods[] = {
  { "save", function_save, METH_VARARGS, "Writes the function to a file." },
  { "_code_and_constants", function_code_and_constants, METH_NOARGS,
    "The code, and the tensors that it names." },
  { "_set_name", function_set_name, METH_O, "Another name." },
  { 0 },
};
static PyMemberDef function_members[] = {
  { "__vectorcalloffset__", T_PYSSIZET, offsetof (Function, vectorcall), READONLY, NULL },
  { "__dictoffset__", T_PYSSIZET, offsetof (Function, dict), READONLY, NULL },
  { "__weaklistoffset__", T_PYSSIZET, offsetof (Function, weakrefs), READONLY, NULL },
  { 0 },
};

/* ---- classes ---- */
PyObject *
te_py_jit_class (TeJitClass *class)
{
  Class *self = PyObject_New (Class, class_type);
  if (self)
    self->class = class;
  return (PyObject *) self;
}

TeJitClass *
te_py_jit_class_get (PyObject *object)
{
  return Py_TYPE (object) == class_type ? ((Class *) object)->class : NULL;
}

static PyObject *
class_name (PyObject *self, void *closure)
{
  return PyUnicode_FromString (((Class *) self)->class->type->name);
}

static PyObject *
class_methods (PyObject *self, PyObject *ignored)
{
  TeJitClass *class = ((Class *) self)->class;
  PyObject *list = PyList_New (class->n_methods);
  for (int i = 0; list && i < class->n_methods; i++)
    PyList_SET_ITEM (list, i, PyUnicode_FromString (class->methods[i]->name));
  return list;
}

/* class.bind (module, name): the method, or None. */
static PyObject *
class_bind (PyObject *self, PyObject *args)
{
  PyObject *module;
  const char *name;
  if (!PyArg_ParseTuple (args, "Os", &module, &name))
    return NULL;
  TeJitFunction *method = te_jit_class_method (((Class *) self)->class, name);
  if (!method)
    Py_RETURN_NONE;
  return function_new (method_type, method, module);
}

static PyObject *
class_add_field (PyObject *self, PyObject *args)
{
  PyObject *value;
  const char *name;
  int parameter, buffer;
  if (!PyArg_ParseTuple (args, "sOpp", &name, &value, &parameter, &buffer))
    return NULL;
  const TeJitType *type = te_py_jit_type_of (value);
  if (type)
    te_jit_class_add_field (((Class *) self)->class, name, type, parameter, buffer);
  return PyBool_FromLong (type != NULL);
}

static PyObject *
class_add_typed_field (PyObject *self, PyObject *args)
{
  PyObject *annotation;
  const char *name;
  if (!PyArg_ParseTuple (args, "sO", &name, &annotation))
    return NULL;
  const TeJitType *type = te_py_jit_annotation (annotation);
  if (type)
    te_jit_class_add_field (((Class *) self)->class, name, type, false, false);
  return PyBool_FromLong (type != NULL);
}

/* A function as a method: its graph gets self. */
static PyObject *
class_add_function (PyObject *self, PyObject *args)
{
  PyObject *object;
  const char *name;
  TeJitClass *class = ((Class *) self)->class;
  if (!PyArg_ParseTuple (args, "sO", &name, &object) || !te_py_jit_function_get (object))
    return NULL;
  const TeJitFunction *from = te_py_jit_function_get (object);
  TeJitFunction *method = te_jit_function_new (te_jit_intern_format ("%s.%s", class->type->name, name));
  method->class = class;
  method->graph = te_jit_graph_copy (from->graph);
  TeJitVar *own = te_jit_node_insert_output (method->graph->top->param, 0, class->type);
  te_jit_var_set_name (own, "self");
  method->returns = from->returns;
  TE_JIT_PUSH (NULL, method->params, method->n_params, method->params_room,
               ((TeJitParam){ .name = te_jit_intern ("self"), .type = class->type }));
  for (int i = 0; i < from->n_params; i++)
    TE_JIT_PUSH (NULL, method->params, method->n_params, method->params_room, from->params[i]);
  TE_JIT_PUSH (NULL, class->methods, class->n_methods, class->methods_room, method);
  Py_RETURN_NONE;
}

/* f.save (file) */
static PyObject *
function_save (PyObject *self, PyObject *args)
{
  PyObject *module = PyImport_ImportModule ("torch.jit._script"), *result = NULL, *file;
  if (module && PyArg_ParseTuple (args, "O", &file))
    result = PyObject_CallMethod (module, "save", "OO", self, file);
  Py_XDECREF (module);
  return result;
}

/* A constant: the compiler puts its value where it is read. */
static PyObject *
class_add_constant (PyObject *self, PyObject *args)
{
  PyObject *object;
  const char *name;
  TeJitAny value;
  TeJitClass *class = ((Class *) self)->class;
  if (!PyArg_ParseTuple (args, "sO", &name, &object))
    return NULL;
  if (!te_py_jit_from (object, NULL, &value))
    {
      PyErr_Clear ();
      Py_RETURN_FALSE;
    }
  TE_JIT_PUSH (NULL, class->constants, class->n_constants, class->constants_room,
               ((TeJitField){ te_jit_intern (name), te_jit_type_of (value), false, false }));
  TE_JIT_PUSH (NULL, class->constant_values, class->n_values, class->values_room, value);
  Py_RETURN_TRUE;
}

static PyObject *
class_rename_method (PyObject *self, PyObject *args)
{
  const char *from, *to;
  if (!PyArg_ParseTuple (args, "ss", &from, &to))
    return NULL;
  TeJitFunction *method = te_jit_class_method (((Class *) self)->class, from);
  if (method)
    method->name = te_jit_intern (to);
  Py_RETURN_NONE;
}

static PyMethodDef class_method_defs[] = {
  { "methods", class_methods, METH_NOARGS, "Names of the methods." },
  { "bind", class_bind, METH_VARARGS, "A method of a module." },
  { "add_field", class_add_field, METH_VARARGS,
    "Declares an attribute by its value; False: graphs have no such type." },
  { "add_typed_field", class_add_typed_field, METH_VARARGS, "Declares an attribute by its annotation." },
  { "add_function", class_add_function, METH_VARARGS, "A function as a method." },
  { "add_constant", class_add_constant, METH_VARARGS, "Declares a constant." },
  { "rename", class_rename_method, METH_VARARGS, "Gives a method another name." },
  { 0 },
};
static PyGetSetDef class_getset[] = { { "name", class_name, NULL, "The qualified name.", NULL }, { 0 } };

static PyObject *
new_class (PyObject *module, PyObject *name)
{
  return PyUnicode_Check (name) ? te_py_jit_class (te_jit_class_new (PyUnicode_AsUTF8 (name)))
                                : PyErr_Format (PyExc_TypeError, "a name is a string");
}

TeJitClass *
te_py_jit_class_of_module (PyObject *module)
{
  static PyObject *key;
  if (!key && !(key = PyUnicode_InternFromString ("_jit_class")))
    return NULL;
  PyObject **dict = _PyObject_GetDictPtr (module);
  PyObject *handle = dict && *dict ? PyDict_GetItemWithError (*dict, key) : NULL;
  return handle ? te_py_jit_class_get (handle) : NULL;
}

/* _jit_type_of (value): its type's text, or None. */
static PyObject *
type_of (PyObject *module, PyObject *object)
{
  const TeJitType *type = te_py_jit_type_of (object);
  if (!type)
    Py_RETURN_NONE;
  return PyUnicode_FromString (type->text);
}

/* _jit_python_function (name, params, returns, callable, class) -> a function that the executor calls in
 * Python. */
static PyObject *
python_function (PyObject *module, PyObject *args)
{
  const char *name;
  PyObject *params, *returns, *callable, *handle;
  int unused;
  if (!PyArg_ParseTuple (args, "sO!OOOp", &name, &PyList_Type, &params, &returns, &callable, &handle,
                         &unused))
    return NULL;
  TeJitClass *class = handle == Py_None ? NULL : te_py_jit_class_get (handle);
  TeJitFunction *function =
      te_jit_function_new (class ? te_jit_intern_format ("%s.%s", class->type->name, name)
                                 : te_jit_intern_format ("__torch__.%s", name));
  function->ignored = true;
  function->unused = unused;
  function->python = Py_NewRef (callable);
  function->class = class;
  function->returns = te_py_jit_annotation (returns);
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE (params); i++)
    {
      PyObject *annotation, *fallback, *own;
      if (!PyArg_ParseTuple (PyList_GET_ITEM (params, i), "UOO", &own, &annotation, &fallback))
        return NULL;
      TeJitParam param = { .name = te_jit_intern (PyUnicode_AsUTF8 (own)) };
      param.type = i == 0 && class         ? class->type
                   : annotation == Py_None ? te_jit_type_inferred_tensor ()
                                           : te_py_jit_annotation (annotation);
      param.has_default = fallback != Py_Ellipsis && te_py_jit_from (fallback, NULL, &param.default_value);
      if (!param.type)
        return PyErr_Format (PyExc_ValueError, "Unknown type annotation: '%R'", annotation);
      TE_JIT_PUSH (NULL, function->params, function->n_params, function->params_room, param);
    }
  if (!function->returns)
    return PyErr_Format (PyExc_ValueError, "Unknown type annotation: '%R'", returns);
  if (class)
    TE_JIT_PUSH (NULL, class->methods, class->n_methods, class->methods_room, function);
  return te_py_jit_function (function);
}

static PyObject *
has_op (PyObject *module, PyObject *name)
{
  int n = 0;
  if (PyUnicode_Check (name))
    te_jit_schemas_find (PyUnicode_AsUTF8 (name), &n);
  return PyBool_FromLong (n > 0);
}

static PyMethodDef functions[] = {
  { "_jit_has_op", has_op, METH_O, "Is there an op of that name?" },
  { "_jit_type_of", type_of, METH_O, "The type that a value has in graphs." },
  { "_jit_python_function", python_function, METH_VARARGS, "A function that stays Python's." },
  { "_jit_new_class", new_class, METH_O, "A class for a module." },
  { 0 },
};

static PyTypeObject *
make_function_type (PyObject *module, const char *name, const char *full)
{
  PyType_Slot slots[] = { { Py_tp_dealloc, function_dealloc },
                          { Py_tp_call, PyVectorcall_Call },
                          { Py_tp_repr, function_repr },
                          { Py_tp_getset, function_getset },
                          { Py_tp_methods, function_methods },
                          { Py_tp_members, function_members },
                          { Py_tp_traverse, function_traverse },
                          { Py_tp_clear, function_clear },
                          { 0 } };
  PyType_Spec spec = { full, sizeof (Function), 0,
                       Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL
                           | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                       slots };
  PyTypeObject *type = (PyTypeObject *) PyType_FromSpec (&spec);
  return type && PyModule_AddObjectRef (module, name, (PyObject *) type) == 0 ? type : NULL;
}

bool
te_py_jit_objects_init (PyObject *module)
{
  PyType_Slot class_slots[] = { { Py_tp_methods, class_method_defs }, { Py_tp_getset, class_getset }, { 0 } };
  PyType_Spec class_spec = { "torch._C._JitClass", sizeof (Class), 0,
                             Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, class_slots };
  function_type = make_function_type (module, "ScriptFunction", "torch.jit.ScriptFunction");
  method_type = make_function_type (module, "ScriptMethod", "torch.ScriptMethod");
  class_type = (PyTypeObject *) PyType_FromSpec (&class_spec);
  return function_type && method_type && class_type && PyModule_AddFunctions (module, functions) == 0;
}
