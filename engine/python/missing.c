/* Names that PyTorch has and the engine lacks: they exist, and using one raises NotImplementedError naming
 * it. */
#include "python/python-private.h"

#include <string.h>

typedef struct
{
  PyObject_HEAD PyObject *name; /* "torch.fft.fft" */
} Missing;

static PyTypeObject *missing_type;
static PyObject *missing_base; /* what classes are declared on instead of a missing one */

static PyObject *
missing_new (PyObject *module, PyObject *name)
{
  if (!PyUnicode_Check (name))
    return PyErr_Format (PyExc_TypeError, "a name was expected");
  Missing *self = PyObject_New (Missing, missing_type);
  if (self)
    self->name = Py_NewRef (name);
  return (PyObject *) self;
}

static void
missing_dealloc (PyObject *self)
{
  PyTypeObject *type = Py_TYPE (self);
  Py_XDECREF (((Missing *) self)->name);
  PyObject_Free (self);
  Py_DECREF (type);
}

static PyObject *
missing_call (PyObject *self, PyObject *args, PyObject *kwargs)
{
  return te_py_not_implemented (PyUnicode_AsUTF8 (((Missing *) self)->name));
}

static PyObject *
missing_getattro (PyObject *self, PyObject *attribute)
{
  PyObject *found = PyObject_GenericGetAttr (self, attribute);
  const char *text = PyUnicode_AsUTF8 (attribute);
  if (found || !text || text[0] == '_' || !PyErr_ExceptionMatches (PyExc_AttributeError))
    return found;
  PyErr_Clear ();
  PyObject *name = PyUnicode_FromFormat ("%U.%U", ((Missing *) self)->name, attribute);
  PyObject *nested = name ? missing_new (NULL, name) : NULL;
  Py_XDECREF (name);
  return nested;
}

static PyObject *
missing_get (PyObject *self, PyObject *object, PyObject *type)
{
  return Py_NewRef (self);
}

static PyObject *
missing_repr (PyObject *self)
{
  return PyUnicode_FromFormat ("<%U, which Gradboard's engine lacks>", ((Missing *) self)->name);
}

static PyObject *
missing_name (PyObject *self, void *closure)
{
  return Py_NewRef (((Missing *) self)->name);
}

/* A class may be declared on top of a missing one, since files declare more than they use; making an object of it
 * fails.  Of several missing bases the first stands for all. */
static PyObject *
missing_mro_entries (PyObject *self, PyObject *bases)
{
  for (Py_ssize_t i = 0; PyTuple_Check (bases) && i < PyTuple_GET_SIZE (bases); i++)
    if (Py_IS_TYPE (PyTuple_GET_ITEM (bases, i), missing_type))
      return PyTuple_GET_ITEM (bases, i) == self ? PyTuple_Pack (1, missing_base) : PyTuple_New (0);
  return PyTuple_Pack (1, missing_base);
}

static PyObject *
missing_base_new (PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
  PyObject *bases = PyObject_GetAttrString ((PyObject *) type, "__orig_bases__");
  for (Py_ssize_t i = 0; bases && PyTuple_Check (bases) && i < PyTuple_GET_SIZE (bases); i++)
    if (Py_IS_TYPE (PyTuple_GET_ITEM (bases, i), missing_type))
      {
        missing_call (PyTuple_GET_ITEM (bases, i), NULL, NULL);
        break;
      }
  Py_XDECREF (bases);
  if (!PyErr_Occurred ())
    te_py_not_implemented (type->tp_name);
  return NULL;
}

/* isinstance (x, MISSING): nothing can be one. */
static PyObject *
missing_check (PyObject *self, PyObject *object)
{
  Py_RETURN_FALSE;
}

/* _add_missing (names): Tensor methods that are not there yet. */
static PyObject *
add_missing (PyObject *module, PyObject *names)
{
  PyObject *items = PySequence_Fast (names, "names expected");
  if (!items)
    return NULL;
  PyObject *dict = te_py_tensor_base_type->tp_dict;
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE (items); i++)
    {
      PyObject *name = PySequence_Fast_GET_ITEM (items, i);
      if (PyDict_Contains (dict, name) || PyObject_HasAttr ((PyObject *) te_py_tensor_class, name))
        continue;
      PyObject *full = PyUnicode_FromFormat ("torch.Tensor.%U", name);
      PyObject *object = full ? missing_new (NULL, full) : NULL;
      Py_XDECREF (full);
      if (!object || PyDict_SetItem (dict, name, object) < 0)
        {
          Py_XDECREF (object);
          Py_DECREF (items);
          return NULL;
        }
      Py_DECREF (object);
    }
  Py_DECREF (items);
  PyType_Modified (te_py_tensor_base_type);
  Py_RETURN_NONE;
}

static PyMethodDef functions[] = {
  { "_missing", missing_new, METH_O, "A stand-in for a name that is not implemented." },
  { "_add_missing", add_missing, METH_O, NULL },
  { 0 },
};

bool
te_py_missing_init (PyObject *module)
{
  static PyMethodDef methods[] = { { "__mro_entries__", missing_mro_entries, METH_O, NULL },
                                   { "__instancecheck__", missing_check, METH_O, NULL },
                                   { "__subclasscheck__", missing_check, METH_O, NULL },
                                   { 0 } };
  static PyGetSetDef getset[] = { { "__name__", missing_name, NULL, NULL, NULL },
                                  { "__qualname__", missing_name, NULL, NULL, NULL },
                                  { 0 } };
  PyType_Slot slots[] = { { Py_tp_dealloc, missing_dealloc },
                          { Py_tp_call, missing_call },
                          { Py_tp_getattro, missing_getattro },
                          { Py_tp_descr_get, missing_get },
                          { Py_tp_repr, missing_repr },
                          { Py_tp_methods, methods },
                          { Py_tp_getset, getset },
                          { 0 } };
  PyType_Spec spec = { "torch._C._Missing", sizeof (Missing), 0,
                       Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots };
  PyType_Slot base_slots[] = { { Py_tp_new, missing_base_new }, { 0 } };
  PyType_Spec base_spec = { "torch._C._MissingBase", 0, 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, base_slots };
  missing_type = (PyTypeObject *) PyType_FromSpec (&spec);
  missing_base = PyType_FromSpec (&base_spec);
  return missing_type && missing_base && PyModule_AddObjectRef (module, "_Missing", (PyObject *) missing_type) == 0
         && PyModule_AddFunctions (module, functions) == 0;
}
