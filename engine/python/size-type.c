/* torch.Size: a tuple of ints that prints itself and knows numel(). */
#include "python/python-private.h"

PyTypeObject *te_py_size_type;

PyObject *
te_py_ints (int n, const int64_t *ints)
{
  PyObject *result = PyTuple_New (n);
  for (int i = 0; result && i < n; i++)
    {
      PyObject *item = PyLong_FromLongLong (ints[i]);
      if (!item)
        Py_CLEAR (result);
      else
        PyTuple_SET_ITEM (result, i, item);
    }
  return result;
}

PyObject *
te_py_size_new (int ndim, const int64_t *sizes)
{
  PyObject *result = te_py_size_type->tp_alloc (te_py_size_type, ndim);
  for (int i = 0; result && i < ndim; i++)
    {
      PyObject *item = PyLong_FromLongLong (sizes[i]);
      if (!item)
        {
          Py_CLEAR (result);
          break;
        }
      PyTuple_SET_ITEM (result, i, item);
    }
  return result;
}

static PyObject *
size_new (PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
  PyObject *plain = PyTuple_Type.tp_new (type, args, kwargs);
  for (Py_ssize_t i = 0; plain && i < PyTuple_GET_SIZE (plain); i++)
    {
      PyObject *item = PyTuple_GET_ITEM (plain, i);
      if (PyLong_Check (item))
        continue;
      if (te_py_is_tensor (item) || PyIndex_Check (item))
        {
          PyObject *number = PyNumber_Index (item);
          if (number)
            {
              PyTuple_SET_ITEM (plain, i, number);
              Py_DECREF (item);
              continue;
            }
          PyErr_Clear ();
        }
      PyErr_Format (PyExc_TypeError, "torch.Size() takes an iterable of 'int' (item %zd is '%s')", i,
                    Py_TYPE (item)->tp_name);
      Py_CLEAR (plain);
    }
  return plain;
}

static PyObject *
size_repr (PyObject *self)
{
  PyObject *list = PySequence_List (self);
  PyObject *text = list ? PyUnicode_FromFormat ("torch.Size(%R)", list) : NULL;
  Py_XDECREF (list);
  return text;
}

static PyObject *
size_numel (PyObject *self, PyObject *ignored)
{
  long long numel = 1;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE (self); i++)
    numel *= PyLong_AsLongLong (PyTuple_GET_ITEM (self, i));
  return PyErr_Occurred () ? NULL : PyLong_FromLongLong (numel);
}

/* Slices and sums of sizes are sizes. */
static PyObject *
as_size (PyObject *tuple)
{
  if (!tuple || !PyTuple_CheckExact (tuple))
    return tuple;
  PyObject *args = PyTuple_Pack (1, tuple);
  PyObject *size = args ? PyTuple_Type.tp_new (te_py_size_type, args, NULL) : NULL;
  Py_XDECREF (args);
  Py_DECREF (tuple);
  return size;
}

static PyObject *
size_concat (PyObject *a, PyObject *b)
{
  return as_size (PyTuple_Type.tp_as_sequence->sq_concat (a, b));
}

static PyObject *
size_repeat (PyObject *a, Py_ssize_t n)
{
  return as_size (PyTuple_Type.tp_as_sequence->sq_repeat (a, n));
}

static PyObject *
size_subscript (PyObject *self, PyObject *key)
{
  return as_size (PyTuple_Type.tp_as_mapping->mp_subscript (self, key));
}

static PyObject *
size_reduce (PyObject *self, PyObject *ignored)
{
  PyObject *list = PySequence_List (self);
  return list ? Py_BuildValue ("O(N)", te_py_size_type, list) : NULL;
}

static PyMethodDef methods[] = {
  { "numel", size_numel, METH_NOARGS, "Number of elements of a tensor of this size." },
  { "__reduce__", size_reduce, METH_NOARGS, NULL },
  { 0 },
};

bool
te_py_size_type_init (PyObject *module)
{
  PyType_Slot slots[] = {
    { Py_tp_new, size_new },
    { Py_tp_repr, size_repr },
    { Py_tp_methods, methods },
    { Py_sq_concat, size_concat },
    { Py_sq_repeat, size_repeat },
    { Py_mp_subscript, size_subscript },
    { Py_tp_doc, "The sizes of a tensor: a tuple of ints." },
    { 0 },
  };
  PyType_Spec spec = { "torch.Size", 0, 0, Py_TPFLAGS_DEFAULT, slots };
  te_py_size_type = (PyTypeObject *) PyType_FromSpecWithBases (&spec, (PyObject *) &PyTuple_Type);
  return te_py_size_type && PyModule_AddObjectRef (module, "Size", (PyObject *) te_py_size_type) == 0;
}
