/* Between Python's values and those of graphs. */
#include "python/jit-private.h"

#include <string.h>

#include "jit/number-text.h"

/* ---- into graphs ---- */
static bool
from_items (PyObject *object, const TeJitType *type, TeJitAny *out)
{
  bool tuple = type ? type->kind == TE_JIT_TUPLE : PyTuple_Check (object);
  Py_ssize_t n = PySequence_Fast_GET_SIZE (object);
  if (tuple && type && n != type->n)
    return false;
  *out = te_jit_container (tuple ? TE_JIT_V_TUPLE : TE_JIT_V_LIST, type);
  for (Py_ssize_t i = 0; i < n; i++)
    {
      TeJitAny item;
      if (!te_py_jit_from (PySequence_Fast_GET_ITEM (object, i),
                           !type   ? NULL
                           : tuple ? type->items[i]
                                   : type->items[0],
                           &item))
        {
          te_jit_unref (*out);
          *out = te_jit_none ();
          return false;
        }
      te_jit_append (out, item);
    }
  return true;
}

static bool
from_dict (PyObject *object, const TeJitType *type, TeJitAny *out)
{
  PyObject *key, *item;
  *out = te_jit_container (TE_JIT_V_DICT, type);
  for (Py_ssize_t at = 0; PyDict_Next (object, &at, &key, &item);)
    {
      TeJitAny pair[2];
      bool ok = te_py_jit_from (key, type ? type->items[0] : NULL, &pair[0]);
      if (ok && !te_py_jit_from (item, type ? type->items[1] : NULL, &pair[1]))
        {
          te_jit_unref (pair[0]);
          ok = false;
        }
      if (!ok)
        {
          te_jit_unref (*out);
          *out = te_jit_none ();
          return false;
        }
      te_jit_dict_set (out, pair[0], pair[1]);
    }
  return true;
}

static bool
from_plain (PyObject *object, TeJitAny *out)
{
  TeDtype dtype;
  int64_t format;
  if (object == Py_None)
    *out = te_jit_none ();
  else if (te_py_is_tensor (object))
    *out = te_jit_take_tensor (te_tensor_ref (te_py_tensor (object)));
  else if (PyBool_Check (object))
    *out = te_jit_bool (object == Py_True);
  else if (PyLong_Check (object))
    {
      int overflow;
      *out = te_jit_int (PyLong_AsLongLongAndOverflow (object, &overflow));
      return !overflow;
    }
  else if (PyFloat_Check (object))
    *out = te_jit_float (PyFloat_AS_DOUBLE (object));
  else if (PyUnicode_Check (object))
    {
      Py_ssize_t n;
      const char *text = PyUnicode_AsUTF8AndSize (object, &n);
      if (!text)
        return false;
      *out = te_jit_str (text, (size_t) n);
    }
  else if (te_py_dtype_check (object, &dtype))
    *out = te_jit_int (te_jit_dtype_number (dtype));
  else if (Py_TYPE (object) == te_py_device_type)
    {
      *out = (TeJitAny){ TE_JIT_V_DEVICE, { 0 } };
      return te_py_device_get (object, &out->i) == TE_PY_MATCH;
    }
  else if (te_py_layout_check (object))
    *out = te_jit_int (0);
  else if (te_py_memory_format_check (object, &format))
    *out = te_jit_int (format);
  else
    return false;
  return true;
}

bool
te_py_jit_from (PyObject *object, const TeJitType *type, TeJitAny *out)
{
  *out = te_jit_none ();
  if (type && type->kind == TE_JIT_OPTIONAL)
    return object == Py_None || te_py_jit_from (object, type->items[0], out);
  if (type && type->kind == TE_JIT_UNION)
    {
      if (te_py_jit_from (object, NULL, out) && te_jit_any_is (*out, type))
        return true;
      te_jit_unref (*out);
      for (int i = 0; i < type->n; i++)
        if (te_py_jit_from (object, type->items[i], out))
          return true;
      return false;
    }
  if (type && (type->kind == TE_JIT_ANY || type->kind == TE_JIT_VAR))
    type = NULL;
  if (type && type->kind == TE_JIT_CLASS)
    {
      *out = (TeJitAny){ TE_JIT_V_OBJECT, { .object = object } };
      return te_py_jit_class_of_module (object) != NULL;
    }
  if (PyDict_Check (object) && (!type || type->kind == TE_JIT_DICT))
    return from_dict (object, type, out);
  if ((PyList_Check (object) || PyTuple_Check (object))
      && (!type || type->kind == TE_JIT_LIST || type->kind == TE_JIT_TUPLE))
    return (!type || type->kind == TE_JIT_LIST || PyTuple_Check (object)) && from_items (object, type, out);
  TeJitClass *class = te_py_jit_class_of_module (object);
  if (class)
    {
      *out = (TeJitAny){ TE_JIT_V_OBJECT, { .object = object } };
      return !type;
    }
  if (type && type->kind == TE_JIT_STR && !PyUnicode_Check (object))
    return false;
  if (type && type->kind == TE_JIT_DEVICE && PyUnicode_Check (object))
    {
      *out = (TeJitAny){ TE_JIT_V_DEVICE, { 0 } };
      return te_py_device_get (object, &out->i) == TE_PY_MATCH;
    }
  if (!from_plain (object, out))
    return false;
  if (type && type->kind == TE_JIT_FLOAT && out->tag == TE_JIT_V_INT)
    *out = te_jit_float ((double) out->i);
  if (!type || te_jit_any_is (*out, type))
    return true;
  te_jit_unref (*out);
  *out = te_jit_none ();
  return false;
}

const TeJitType *
te_py_jit_type_of (PyObject *object)
{
  TeJitClass *class = te_py_jit_class_of_module (object);
  TeJitAny value;
  if (class)
    return class->type;
  if (PyTuple_Check (object) && PyTuple_GET_SIZE (object) <= 64)
    {
      const TeJitType *items[64];
      for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE (object); i++)
        if (!(items[i] = te_py_jit_type_of (PyTuple_GET_ITEM (object, i))))
          return NULL;
      return te_jit_type_tuple ((int) PyTuple_GET_SIZE (object), items, NULL, NULL);
    }
  if (!te_py_jit_from (object, NULL, &value))
    {
      PyErr_Clear ();
      return NULL;
    }
  const TeJitType *type = te_jit_type_of (value);
  te_jit_unref (value);
  return type;
}

/* ---- out of graphs ---- */
static PyObject *
to_named_tuple (PyObject *tuple, const TeJitType *type)
{
  static PyObject *classes; /* name -> collections.namedtuple */
  if (!tuple || !type || type->kind != TE_JIT_TUPLE || !type->name)
    return tuple;
  if (!classes && !(classes = PyDict_New ()))
    return NULL;
  const char *dot = strrchr (type->name, '.');
  PyObject *class = PyDict_GetItemString (classes, type->name);
  if (!class)
    {
      PyObject *fields = PyList_New (0), *collections = PyImport_ImportModule ("collections");
      for (int i = 0; fields && i < type->n; i++)
        {
          PyObject *field = PyUnicode_FromString (type->fields[i]);
          if (!field || PyList_Append (fields, field) < 0)
            Py_CLEAR (fields);
          Py_XDECREF (field);
        }
      class = fields && collections
                  ? PyObject_CallMethod (collections, "namedtuple", "sO", dot ? dot + 1 : type->name, fields)
                  : NULL;
      Py_XDECREF (fields);
      Py_XDECREF (collections);
      if (!class || PyDict_SetItemString (classes, type->name, class) < 0)
        {
          Py_XDECREF (class);
          Py_DECREF (tuple);
          return NULL;
        }
      Py_DECREF (class);
    }
  PyObject *result = PyObject_Call (class, tuple, NULL);
  Py_DECREF (tuple);
  return result;
}

static PyObject *
to_items (TeJitAny value, const TeJitType *type)
{
  bool tuple = value.tag == TE_JIT_V_TUPLE;
  PyObject *result = tuple ? PyTuple_New (value.data->n) : PyList_New (value.data->n);
  for (int i = 0; result && i < value.data->n; i++)
    {
      PyObject *item = te_py_jit_to (value.data->items[i], !type || !type->n      ? NULL
                                                           : tuple && i < type->n ? type->items[i]
                                                                                  : type->items[0]);
      if (!item)
        Py_CLEAR (result);
      else if (tuple)
        PyTuple_SET_ITEM (result, i, item);
      else
        PyList_SET_ITEM (result, i, item);
    }
  return to_named_tuple (result, type);
}

static PyObject *
to_dict (TeJitAny value, const TeJitType *type)
{
  PyObject *result = PyDict_New ();
  for (int i = 0; result && i < value.data->n; i += 2)
    {
      PyObject *key = te_py_jit_to (value.data->items[i], type ? type->items[0] : NULL);
      PyObject *item = key ? te_py_jit_to (value.data->items[i + 1], type ? type->items[1] : NULL) : NULL;
      if (!item || PyDict_SetItem (result, key, item) < 0)
        Py_CLEAR (result);
      Py_XDECREF (key);
      Py_XDECREF (item);
    }
  return result;
}

PyObject *
te_py_jit_to (TeJitAny value, const TeJitType *type)
{
  if (type && type->kind == TE_JIT_OPTIONAL)
    type = type->items[0];
  switch (value.tag)
    {
    case TE_JIT_V_NONE:
      Py_RETURN_NONE;
    case TE_JIT_V_TENSOR:
      return te_py_wrap (te_tensor_ref (value.tensor));
    case TE_JIT_V_INT:
      return PyLong_FromLongLong (value.i);
    case TE_JIT_V_FLOAT:
      return PyFloat_FromDouble (value.f);
    case TE_JIT_V_BOOL:
      return PyBool_FromLong (value.b);
    case TE_JIT_V_DEVICE:
      return te_py_device_object (value.i == 1);
    case TE_JIT_V_STR:
      return PyUnicode_DecodeUTF8 (value.data->text, value.data->n, "replace");
    case TE_JIT_V_LIST:
    case TE_JIT_V_TUPLE:
      return to_items (value, type && type->kind == (value.tag == TE_JIT_V_LIST ? TE_JIT_LIST : TE_JIT_TUPLE)
                                  ? type
                                  : value.data->type);
    case TE_JIT_V_DICT:
      return to_dict (value, type && type->kind == TE_JIT_DICT ? type : value.data->type);
    case TE_JIT_V_OBJECT:
      return Py_NewRef ((PyObject *) value.object);
    case TE_JIT_V_FUNCTION:
      return te_py_jit_function (value.function);
    }
  Py_RETURN_NONE;
}

/* ---- what the executor asks of Python ---- */
static bool
host_get (void *object, const char *name, TeJitAny *out, TeError *err)
{
  PyObject *value = PyObject_GetAttrString (object, name);
  if (!value)
    return te_py_pending (err);
  TeJitClass *class = te_py_jit_class_of_module (object);
  const TeJitField *field = class ? te_jit_class_field (class, name) : NULL;
  bool ok = te_py_jit_from (value, field ? field->type : NULL, out);
  Py_DECREF (value); /* objects are kept by their parent */
  if (ok)
    return true;
  return PyErr_Occurred () ? te_py_pending (err)
                           : te_error_set (err, TE_ERR_RUNTIME, "attribute '%s' has changed its type", name);
}

static bool
host_set (void *object, const char *name, TeJitAny value, TeError *err)
{
  TeJitClass *class = te_py_jit_class_of_module (object);
  const TeJitField *field = class ? te_jit_class_field (class, name) : NULL;
  PyObject *item = te_py_jit_to (value, field ? field->type : NULL);
  bool ok = item && PyObject_SetAttrString (object, name, item) == 0;
  Py_XDECREF (item);
  return ok || te_py_pending (err);
}

static bool
host_call (TeJitFunction *function, const TeJitAny *args, int n, TeJitAny *out, TeError *err)
{
  PyObject *tuple = PyTuple_New (n), *result = NULL;
  for (int i = 0; tuple && i < n; i++)
    {
      PyObject *item = te_py_jit_to (args[i], i < function->n_params ? function->params[i].type : NULL);
      if (!item)
        Py_CLEAR (tuple);
      else
        PyTuple_SET_ITEM (tuple, i, item);
    }
  if (tuple)
    result = PyObject_Call (function->python, tuple, NULL);
  Py_XDECREF (tuple);
  bool ok = result && te_py_jit_from (result, function->returns, out);
  Py_XDECREF (result);
  if (!ok && !PyErr_Occurred ())
    return te_error_set (err, TE_ERR_RUNTIME, "%s returned another type than it is annotated with",
                         function->name);
  return ok || te_py_pending (err);
}

static bool
host_print (const char *text, TeError *err)
{
  PySys_FormatStdout ("%s", text);
  return PyErr_Occurred () ? te_py_pending (err) : true;
}

static bool
host_warn (const char *text, TeError *err)
{
  return PyErr_WarnEx (PyExc_UserWarning, text, 1) == 0 || te_py_pending (err);
}

static bool
host_tensor_text (TeTensor *tensor, TeJitText *text, TeError *err)
{
  (void) err;
  te_jit_text_tensor_lines (text, tensor);
  return true;
}

bool
te_py_jit_host_init (void)
{
  te_jit_host = (TeJitHost){ .get = host_get,
                             .set = host_set,
                             .call = host_call,
                             .print = host_print,
                             .warn = host_warn,
                             .tensor_text = host_tensor_text };
  return true;
}
