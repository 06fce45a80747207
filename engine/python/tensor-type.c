/* torch.Tensor: lifetime, slots, and the way from TeTensor to its one Python object. */
#include "python/jit-trace.h"

#include "core/sparse.h"

#include <stddef.h>
#include <structmember.h>

PyTypeObject *te_py_tensor_base_type;
PyTypeObject *te_py_tensor_class;
static PyTypeObject *parameter_class;
static PyTypeObject *sparse_class;

/* Objects of exactly torch.Tensor are kept for reuse: an op makes one and frees one. */
#define MAX_FREE 256
static TePyTensor *free_list[MAX_FREE];
static int n_free;

static TePyTensor *
take_object (void)
{
  if (n_free == 0)
    {
      TePyTensor *self = PyObject_GC_New (TePyTensor, te_py_tensor_class);
      if (self)
        {
          self->dict = self->weakrefs = self->hooks = NULL;
          self->tensor = NULL;
        }
      return self;
    }
  TePyTensor *self = free_list[--n_free];
  PyObject_Init ((PyObject *) self, te_py_tensor_class);
  return self;
}

/* A sparse tensor's class is written in Python, and read when there is the first one. */
static PyObject *
wrap_sparse (TeTensor *tensor)
{
  if (!sparse_class)
    {
      PyObject *module = PyImport_ImportModule ("torch.sparse._coo");
      sparse_class = module ? (PyTypeObject *) PyObject_GetAttrString (module, "SparseTensor") : NULL;
      Py_XDECREF (module);
    }
  if (sparse_class)
    return te_py_wrap_as (sparse_class, tensor);
  te_tensor_unref (tensor);
  return NULL;
}

PyObject *
te_py_wrap (TeTensor *tensor)
{
  if (!tensor)
    return NULL;
  if (tensor->python)
    {
      PyObject *object = Py_NewRef ((PyObject *) tensor->python);
      te_tensor_unref (tensor);
      return object;
    }
  if ((tensor->flags & TE_TENSOR_PARAMETER) && parameter_class)
    return te_py_wrap_as (parameter_class, tensor);
  if (__builtin_expect (te_tensor_sparse (tensor) != NULL, 0))
    return wrap_sparse (tensor);
  TePyTensor *self = take_object ();
  if (!self)
    {
      te_tensor_unref (tensor);
      return NULL;
    }
  self->tensor = tensor;
  tensor->python = self;
  PyObject_GC_Track (self);
  return (PyObject *) self;
}

PyObject *
te_py_wrap_error (TeTensor *tensor, const TeError *err)
{
  return tensor ? te_py_wrap (tensor) : te_py_raise (err);
}

PyObject *
te_py_wrap_as (PyTypeObject *type, TeTensor *tensor)
{
  if (type == te_py_tensor_class)
    return te_py_wrap (tensor);
  TePyTensor *self = (TePyTensor *) type->tp_alloc (type, 0);
  if (!self)
    {
      te_tensor_unref (tensor);
      return NULL;
    }
  self->tensor = tensor;
  tensor->python = self;
  if (type != parameter_class && !te_py_function_adopt (type))
    Py_CLEAR (self);
  return (PyObject *) self;
}

static int
tensor_traverse (PyObject *object, visitproc visit, void *arg)
{
  TePyTensor *self = (TePyTensor *) object;
  Py_VISIT (Py_TYPE (object));
  Py_VISIT (self->dict);
  Py_VISIT (self->hooks);
  return self->tensor && self->tensor->autograd ? te_py_visit_graph (self->tensor, visit, arg) : 0;
}

static void
clear_own (TePyTensor *self)
{
  Py_CLEAR (self->dict);
  Py_CLEAR (self->hooks);
}

static int
tensor_clear (PyObject *object)
{
  TePyTensor *self = (TePyTensor *) object;
  clear_own (self);
  if (self->tensor)
    te_py_clear_graph (self->tensor);
  return 0;
}

static void
tensor_dealloc (PyObject *object)
{
  TePyTensor *self = (TePyTensor *) object;
  PyTypeObject *type = Py_TYPE (object);
  PyObject_GC_UnTrack (object);
  if (self->weakrefs)
    PyObject_ClearWeakRefs (object);
  clear_own (self);
  TeTensor *tensor = self->tensor;
  self->tensor = NULL;
  if (tensor)
    {
      if (tensor->python == self)
        tensor->python = NULL;
      te_tensor_unref (tensor);
    }
  if (type == te_py_tensor_class && n_free < MAX_FREE)
    free_list[n_free++] = self;
  else
    type->tp_free (object);
  Py_DECREF (type);
}

static Py_hash_t
tensor_hash (PyObject *self)
{
  Py_hash_t hash = (Py_hash_t) (uintptr_t) self; /* hash (t) == id (t) */
  return hash == -1 ? -2 : hash;
}

static Py_ssize_t
tensor_length (PyObject *self)
{
  const TeTensor *tensor = te_py_tensor (self);
  if (__builtin_expect (te_py_tracing, 0) && tensor->ndim && !te_py_trace_warn (te_py_trace_len_text))
    return -1;
  if (tensor->ndim > 0)
    return (Py_ssize_t) tensor->sizes[0];
  PyErr_SetString (PyExc_TypeError, "len() of a 0-d tensor");
  return -1;
}

/* x in t: any (t == x), for a tensor or a number. */
static int
tensor_contains (PyObject *self, PyObject *element)
{
  if (!te_py_is_tensor (element) && !te_py_is_number (element))
    {
      PyErr_Format (PyExc_RuntimeError,
                    "Tensor.__contains__ only supports Tensor or scalar, but you passed in a %R.",
                    Py_TYPE (element));
      return -1;
    }
  PyObject *equal = te_py_compare (self, element, Py_EQ);
  PyObject *any = equal ? PyObject_CallMethod (equal, "any", NULL) : NULL;
  int result = any ? PyObject_IsTrue (any) : -1;
  Py_XDECREF (equal);
  Py_XDECREF (any);
  return result;
}

/* iter (t): the rows, unbound at once as PyTorch does. */
static PyObject *
tensor_iter (PyObject *self)
{
  if (__builtin_expect (te_py_tracing, 0) && !te_py_trace_warn (te_py_trace_iterate_text))
    return NULL;
  if (te_py_tensor (self)->ndim == 0)
    return PyErr_Format (PyExc_TypeError, "iteration over a 0-d tensor");
  PyObject *rows = PyObject_CallMethod (self, "unbind", "i", 0);
  PyObject *iterator = rows ? PyObject_GetIter (rows) : NULL;
  Py_XDECREF (rows);
  return iterator;
}

static PyMemberDef members[] = {
  { "__dictoffset__", T_PYSSIZET, offsetof (TePyTensor, dict), READONLY, NULL },
  { "__weaklistoffset__", T_PYSSIZET, offsetof (TePyTensor, weakrefs), READONLY, NULL },
  { "_backward_hooks", T_OBJECT, offsetof (TePyTensor, hooks), 0, NULL },
  { 0 },
};

/* torch._C._set_parameter_class: engine tensors that are parameters come back as that class. */
static PyObject *
set_parameter_class (PyObject *module, PyObject *class)
{
  if (!PyType_Check (class) || !PyType_IsSubtype ((PyTypeObject *) class, te_py_tensor_base_type))
    return PyErr_Format (PyExc_TypeError, "a subclass of torch.Tensor was expected");
  Py_INCREF (class);
  Py_XSETREF (parameter_class, (PyTypeObject *) class);
  Py_RETURN_NONE;
}

static PyMethodDef functions[] = {
  { "_set_parameter_class", set_parameter_class, METH_O, "Names the class of tensors that are parameters." },
  { 0 },
};

/* Methods whose code lives in another file. */
bool
te_py_tensor_add_methods (PyMethodDef *methods)
{
  for (; methods->ml_name; methods++)
    {
      PyObject *descriptor = PyDescr_NewMethod (te_py_tensor_base_type, methods);
      if (!descriptor
          || PyDict_SetItemString (te_py_tensor_base_type->tp_dict, methods->ml_name, descriptor) < 0)
        return false;
      Py_DECREF (descriptor);
    }
  return true;
}

bool
te_py_tensor_type_init (PyObject *module)
{
#define NUMBER_SLOT(slot, name) { Py_##slot, te_py_nb_##name },
  PyType_Slot slots[] = {
    TE_PY_NUMBER_SLOTS (NUMBER_SLOT)
#undef NUMBER_SLOT
        { Py_nb_power, te_py_nb_power },
    { Py_nb_inplace_power, te_py_nb_ipower },
    { Py_nb_negative, te_py_nb_negative },
    { Py_nb_positive, te_py_nb_positive },
    { Py_nb_absolute, te_py_nb_absolute },
    { Py_nb_invert, te_py_nb_invert },
    { Py_nb_bool, te_py_nb_bool },
    { Py_nb_int, te_py_nb_int },
    { Py_nb_float, te_py_nb_float },
    { Py_nb_index, te_py_nb_index },
    { Py_mp_length, tensor_length },
    { Py_mp_subscript, te_py_tensor_subscript },
    { Py_mp_ass_subscript, te_py_tensor_ass_subscript },
    { Py_sq_length, tensor_length },
    { Py_sq_contains, tensor_contains },
    { Py_tp_new, te_py_tensor_new },
    { Py_tp_dealloc, tensor_dealloc },
    { Py_tp_traverse, tensor_traverse },
    { Py_tp_clear, tensor_clear },
    { Py_tp_hash, tensor_hash },
    { Py_tp_iter, tensor_iter },
    { Py_tp_repr, te_py_tensor_repr },
    { Py_tp_richcompare, te_py_compare },
    { Py_tp_getset, te_py_tensor_getset },
    { Py_tp_methods, te_py_tensor_methods },
    { Py_tp_members, members },
    { 0 },
  };
  PyType_Slot derived[] = { { Py_tp_doc, "A multi-dimensional array of one dtype." }, { 0 } };
  unsigned flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC;
  PyType_Spec spec = { "torch._C._TensorBase", sizeof (TePyTensor), 0, flags, slots };
  PyType_Spec derived_spec = { "torch.Tensor", sizeof (TePyTensor), 0,
                               Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, derived };
  te_py_tensor_base_type = (PyTypeObject *) PyType_FromSpec (&spec);
  if (!te_py_tensor_base_type || !te_py_tensor_add_methods (te_py_convert_methods))
    return false;
  te_py_tensor_class =
      (PyTypeObject *) PyType_FromSpecWithBases (&derived_spec, (PyObject *) te_py_tensor_base_type);
  if (!te_py_tensor_class)
    return false;
  te_py_tensor_class->tp_name = "Tensor"; /* errors say 'Tensor', as of a class declared in Python */
  te_py_tensor_class->tp_dealloc = tensor_dealloc;
  return PyModule_AddObjectRef (module, "_TensorBase", (PyObject *) te_py_tensor_base_type) == 0
         && PyModule_AddObjectRef (module, "Tensor", (PyObject *) te_py_tensor_class) == 0
         && PyModule_AddFunctions (module, functions) == 0;
}
