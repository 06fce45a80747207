/* Functions and methods that are not rows of the op table, but that PyTorch parses as if they were: their
 * arguments are held against PyTorch's overloads.  Rarely called ones are looked at before they run; the
 * others when they have failed. */
#include "python/python-private.h"

#include <stddef.h>
#include <string.h>
#include <structmember.h>

typedef struct
{
  PyObject_HEAD vectorcallfunc vectorcall;
  PyObject *inner;
  const char *space, *name;
  bool method;
  bool before;
  bool asks;        /* strangers' __torch_function__; what makes a tensor from data does not */
  TePyForms *forms; /* NULL until the first look */
} Guarded;

static PyTypeObject *function_type, *method_type;

static bool
refused (Guarded *self, PyObject *const *args, Py_ssize_t n, PyObject *kwnames)
{
  if (!self->forms)
    self->forms = te_py_forms_load (self->space, self->name);
  PyObject *tensor = self->method ? args[0] : NULL;
  return self->forms
         && te_py_forms_refuse (self->forms, self->name, tensor, args + self->method, n - self->method,
                                kwnames);
}

static PyObject *
guarded_vectorcall (PyObject *object, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
  Guarded *self = (Guarded *) object;
  Py_ssize_t n = PyVectorcall_NARGS (nargsf);
  PyObject *answer;
  if (__builtin_expect (te_py_function_watch, 0) && self->asks
      && te_py_function_ask (object, args, n, kwnames, &answer))
    return answer;
  bool mine = !self->method || (n && te_py_is_tensor (args[0]));
  if (mine && self->before && refused (self, args, n, kwnames))
    return NULL;
  answer = PyObject_Vectorcall (self->inner, args, (size_t) n, kwnames);
  if (answer || !mine || self->before || !PyErr_ExceptionMatches (PyExc_TypeError))
    return answer;
  PyObject *type, *value, *trace;
  PyErr_Fetch (&type, &value, &trace);
  if (!refused (self, args, n, kwnames))
    PyErr_Restore (type, value, trace);
  else
    {
      Py_XDECREF (type);
      Py_XDECREF (value);
      Py_XDECREF (trace);
    }
  return NULL;
}

static PyObject *
guarded_repr (PyObject *object)
{
  const Guarded *self = (const Guarded *) object;
  return self->method ? PyUnicode_FromFormat ("<method '%s' of 'torch._C._TensorBase' objects>", self->name)
                      : PyUnicode_FromFormat ("<built-in method %s of type object at %p>", self->name,
                                              (void *) te_py_tensor_base_type);
}

static PyObject *
get_name (PyObject *self, void *closure)
{
  return PyUnicode_FromString (((Guarded *) self)->name);
}

static PyObject *
get_qualname (PyObject *object, void *closure)
{
  const Guarded *self = (const Guarded *) object;
  return PyUnicode_FromFormat ("%s.%s", self->method ? "_TensorBase" : "_VariableFunctionsClass", self->name);
}

static PyObject *
get_doc (PyObject *self, void *closure)
{
  return PyObject_GetAttrString (((Guarded *) self)->inner, "__doc__");
}

static PyObject *
get_module (PyObject *self, void *closure)
{
  Py_RETURN_NONE;
}

static PyObject *
reduce (PyObject *object, PyObject *ignored)
{
  const Guarded *self = (const Guarded *) object;
  if (!self->method)
    return PyUnicode_FromString (self->name);
  return Py_BuildValue ("N(Os)", Py_NewRef (PyDict_GetItemString (PyEval_GetBuiltins (), "getattr")),
                        te_py_tensor_base_type, self->name);
}

static PyObject *
bind (PyObject *self, PyObject *object, PyObject *type)
{
  return object ? PyMethod_New (self, object) : Py_NewRef (self);
}

static PyGetSetDef getset[] = {
  { "__name__", get_name, NULL, NULL, NULL },
  { "__qualname__", get_qualname, NULL, NULL, NULL },
  { "__doc__", get_doc, NULL, NULL, NULL },
  { "__module__", get_module, NULL, NULL, NULL },
  { 0 },
};

static PyMethodDef methods[] = {
  { "__reduce__", reduce, METH_NOARGS, NULL },
  { 0 },
};

static PyMemberDef members[] = {
  { "__vectorcalloffset__", T_PYSSIZET, offsetof (Guarded, vectorcall), READONLY, NULL },
  { 0 },
};

static PyTypeObject *
make_type (const char *name, bool method)
{
  PyType_Slot slots[] = { { Py_tp_call, PyVectorcall_Call },
                          { Py_tp_repr, guarded_repr },
                          { Py_tp_getset, getset },
                          { Py_tp_members, members },
                          { Py_tp_methods, methods },
                          { method ? Py_tp_descr_get : 0, bind },
                          { 0 } };
  PyType_Spec spec = { name, sizeof (Guarded), 0,
                       Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_DISALLOW_INSTANTIATION
                           | (method ? Py_TPFLAGS_METHOD_DESCRIPTOR : 0),
                       slots };
  return (PyTypeObject *) PyType_FromSpec (&spec);
}

/* Guards live as long as the process, as the functions that they stand for. */
static PyObject *
guarded_new (bool method, const char *name, PyObject *inner, bool before)
{
  Guarded *self = PyObject_New (Guarded, method ? method_type : function_type);
  if (!self)
    return NULL;
  self->vectorcall = guarded_vectorcall;
  self->inner = Py_NewRef (inner);
  self->space = method ? "Tensor" : "torch";
  self->name = name;
  self->method = method;
  self->before = before;
  self->asks = method || strstr (name, "tensor") == NULL;
  self->forms = NULL;
  return (PyObject *) self;
}

/* _guarded (function, method): a Python function whose arguments PyTorch's overloads of that name check. */
static PyObject *
guarded (PyObject *module, PyObject *args)
{
  PyObject *function;
  int method;
  if (!PyArg_ParseTuple (args, "Op", &function, &method))
    return NULL;
  PyObject *name = PyObject_GetAttrString (function, "__name__");
  const char *text = name ? PyUnicode_AsUTF8 (name) : NULL;
  PyObject *self = text ? guarded_new (method, strdup (text), function, true) : NULL;
  Py_XDECREF (name);
  return self;
}

static const struct
{
  const char *name;
  bool method;
  bool before;
} table[] = {
  { "equal", true, true },        { "allclose", true, true },       { "resize_", true, true },
  { "set_", true, true },         { "is_same_size", true, true },   { "is_set_to", true, true },
  { "is_pinned", true, true },    { "pin_memory", true, true },     { "cpu", true, true },
  { "cuda", true, true },         { "is_contiguous", true, true },  { "type", true, true },
  { "to", true, false },          { "float", true, false },         { "double", true, false },
  { "half", true, false },        { "bfloat16", true, false },      { "byte", true, false },
  { "char", true, false },        { "short", true, false },         { "int", true, false },
  { "long", true, false },        { "bool", true, false },          { "cfloat", true, false },
  { "cdouble", true, false },     { "requires_grad_", true, true }, { "new_tensor", true, false },
  { "equal", false, true },       { "allclose", false, true },      { "is_same_size", false, true },
  { "result_type", false, true }, { "can_cast", false, true },      { "promote_types", false, true },
  { "numel", false, true },       { "is_complex", false, true },    { "is_floating_point", false, true },
  { "is_conj", false, true },     { "is_neg", false, true },        { "is_nonzero", false, true },
  { "is_signed", false, true },   { "is_inference", false, true },  { "positive", false, true },
  { "is_tensor", false, false },  { "frombuffer", false, true },    { "tensor", false, false },
  { "as_tensor", false, false },
};

bool
te_py_guarded_init (PyObject *module)
{
  function_type = make_type ("torch._C.GuardedFunction", false);
  method_type = make_type ("torch._C.GuardedMethod", true);
  bool ok = function_type && method_type;
  for (size_t i = 0; ok && i < sizeof table / sizeof table[0]; i++)
    {
      PyObject *dict = table[i].method ? te_py_tensor_base_type->tp_dict : PyModule_GetDict (module);
      PyObject *inner = PyDict_GetItemString (dict, table[i].name);
      PyObject *outer = inner ? guarded_new (table[i].method, table[i].name, inner, table[i].before) : NULL;
      ok = !inner || (outer && PyDict_SetItemString (dict, table[i].name, outer) == 0);
      Py_XDECREF (outer);
    }
  PyType_Modified (te_py_tensor_base_type);
  static PyMethodDef functions[] = { { "_guarded", guarded, METH_VARARGS, NULL },
                                     { "_refuse_arguments", te_py_refuse_arguments_function, METH_VARARGS,
                                       NULL },
                                     { 0 } };
  return ok && PyModule_AddFunctions (module, functions) == 0;
}
