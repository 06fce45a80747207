/* Saving asks each object how it is made again (__reduce_ex__), as pickle does; loading makes what the file names, or
 * with weights_only nothing but tensors and plain containers. */
#include "python/trace-files.h"
#include "python/serialization.h"

#include <string.h>

#include "io/checkpoint.h"

/* ---- saving ---- */
typedef struct
{
  TeIoDocument *doc;
  PyObject *seen; /* id -> (address of the value, the object, so that ids stay unique) */
} Saver;

static TeIoValue *save_value (Saver *s, PyObject *object);

static TeIoValue *
no_memory (TeIoValue *value)
{
  if (!value && !PyErr_Occurred ())
    PyErr_NoMemory ();
  return value;
}

static TeIoValue *
recall (Saver *s, PyObject *object)
{
  PyObject *key = PyLong_FromVoidPtr (object);
  PyObject *entry = key ? PyDict_GetItemWithError (s->seen, key) : NULL;
  Py_XDECREF (key);
  return entry ? PyLong_AsVoidPtr (PyTuple_GET_ITEM (entry, 0)) : NULL;
}

/* Containers are remembered before they are filled: what holds itself is saved once. */
static TeIoValue *
remember (Saver *s, PyObject *object, TeIoValue *value)
{
  if (!value)
    return no_memory (NULL);
  PyObject *key = PyLong_FromVoidPtr (object), *address = PyLong_FromVoidPtr (value);
  PyObject *entry = key && address ? PyTuple_Pack (2, address, object) : NULL;
  bool ok = entry && PyDict_SetItem (s->seen, key, entry) == 0;
  Py_XDECREF (key);
  Py_XDECREF (address);
  Py_XDECREF (entry);
  return ok ? value : NULL;
}

static bool
append (Saver *s, TeIoItems *items, PyObject *object)
{
  TeIoValue *value = save_value (s, object);
  if (!value)
    return false;
  if (!te_io_append (s->doc, items, value))
    PyErr_NoMemory ();
  return !PyErr_Occurred ();
}

static TeIoValue *
save_int (Saver *s, PyObject *object)
{
  int overflow;
  long long value = PyLong_AsLongLongAndOverflow (object, &overflow);
  if (!overflow)
    return no_memory (te_io_int (s->doc, value));
  PyObject *bits = PyObject_CallMethod (object, "bit_length", NULL);
  long long n_bits = bits ? PyLong_AsLongLong (bits) : -1;
  Py_XDECREF (bits);
  if (n_bits < 0)
    return NULL;
  PyObject *method = PyObject_GetAttrString (object, "to_bytes");
  PyObject *args = Py_BuildValue ("(Ls)", n_bits / 8 + 1, "little"),
           *kwargs = Py_BuildValue ("{s:O}", "signed", Py_True);
  PyObject *bytes = method && args && kwargs ? PyObject_Call (method, args, kwargs) : NULL;
  TeIoValue *saved =
      bytes ? te_io_bytes (s->doc, TE_IO_LONG, PyBytes_AS_STRING (bytes), (size_t) PyBytes_GET_SIZE (bytes))
            : NULL;
  Py_XDECREF (method);
  Py_XDECREF (args);
  Py_XDECREF (kwargs);
  Py_XDECREF (bytes);
  return no_memory (saved);
}

static TeIoValue *
save_sequence (Saver *s, PyObject *object, TeIoKind kind)
{
  TeIoValue *value = te_io_container (s->doc, kind);
  if (!value || (kind == TE_IO_LIST && !remember (s, object, value)))
    return no_memory (NULL);
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE (object); i++)
    if (!append (s, &value->items, PySequence_Fast_GET_ITEM (object, i)))
      return NULL;
  return kind == TE_IO_LIST ? value : remember (s, object, value);
}

static TeIoValue *
save_dict (Saver *s, PyObject *object)
{
  TeIoValue *value = remember (s, object, te_io_container (s->doc, TE_IO_DICT));
  PyObject *key, *item;
  for (Py_ssize_t at = 0; value && PyDict_Next (object, &at, &key, &item);)
    if (!append (s, &value->items, key) || !append (s, &value->items, item))
      return NULL;
  return value;
}

/* Walks "Outer.Inner" from a module. */
static PyObject *
find_attribute (PyObject *from, const char *path)
{
  PyObject *object = Py_NewRef (from);
  while (object && *path)
    {
      size_t n = strcspn (path, ".");
      PyObject *name = PyUnicode_FromStringAndSize (path, (Py_ssize_t) n);
      PyObject *next = name ? PyObject_GetAttr (object, name) : NULL;
      Py_XDECREF (name);
      Py_DECREF (object);
      object = next;
      path += n + (path[n] == '.');
    }
  return object;
}

/* What loading will find under a name must be the object: raises PicklingError, as pickle does. */
static bool
is_found (PyObject *object, PyObject *module_name, PyObject *name)
{
  PyObject *module = PyImport_Import (module_name);
  PyObject *found = module ? find_attribute (module, PyUnicode_AsUTF8 (name)) : NULL;
  bool same = found == object, missing = !found;
  PyErr_Clear ();
  Py_XDECREF (found);
  Py_XDECREF (module);
  if (same)
    return true;
  PyObject *pickle = PyImport_ImportModule ("_pickle"),
           *error = pickle ? PyObject_GetAttrString (pickle, "PicklingError") : NULL;
  if (error && missing)
    PyErr_Format (error, "Can't pickle %R: attribute lookup %U on %U failed", object, name, module_name);
  else if (error)
    PyErr_Format (error, "Can't pickle %R: it's not the same object as %U.%U", object, module_name, name);
  Py_XDECREF (error);
  Py_XDECREF (pickle);
  return false;
}

static TeIoValue *
save_global (Saver *s, PyObject *object, const char *name)
{
  PyObject *module = PyObject_GetAttrString (object, "__module__");
  PyObject *own = name ? PyUnicode_FromString (name) : PyObject_GetAttrString (object, "__qualname__");
  PyObject *locals = PyUnicode_FromString ("<locals>");
  TeIoValue *value = NULL;
  if (module == Py_None) /* torch's own functions */
    Py_SETREF (module, PyUnicode_FromString ("torch"));
  if (module && own && locals && PyUnicode_Check (module) && PyUnicode_Check (own))
    {
      if (PyUnicode_Contains (own, locals) == 1)
        PyErr_Format (PyExc_AttributeError, "Can't pickle local object '%U'", own);
      else if (is_found (object, module, own))
        value =
            remember (s, object, te_io_global (s->doc, PyUnicode_AsUTF8 (module), PyUnicode_AsUTF8 (own)));
    }
  else if (!PyErr_Occurred ())
    PyErr_Format (PyExc_TypeError, "cannot pickle '%s' object", Py_TYPE (object)->tp_name);
  Py_XDECREF (locals);
  Py_XDECREF (module);
  Py_XDECREF (own);
  return value;
}

static TeIoValue *
save_tensor (Saver *s, PyObject *object)
{
  TeTensor *tensor = te_py_tensor (object);
  bool parameter = tensor->flags & TE_TENSOR_PARAMETER;
  return remember (s, object,
                   te_io_tensor (s->doc, tensor, parameter, te_tensor_requires_grad (tensor)));
}

/* Not of a class of one's own (attributes are left out, as PyTorch leaves them out). */
static bool
is_plain_tensor (PyObject *object)
{
  return (te_py_tensor (object)->flags & TE_TENSOR_PARAMETER) || Py_TYPE (object) == te_py_tensor_class;
}

static bool
save_pulled (Saver *s, TeIoItems *items, PyObject *iterator, bool pairs)
{
  PyObject *item;
  bool ok = true;
  while (ok && (item = PyIter_Next (iterator)))
    {
      if (!pairs)
        ok = append (s, items, item);
      else if (!PyTuple_Check (item) || PyTuple_GET_SIZE (item) != 2)
        {
          PyErr_SetString (PyExc_ValueError, "not enough values to unpack (expected 2)");
          ok = false;
        }
      else
        ok = append (s, items, PyTuple_GET_ITEM (item, 0)) && append (s, items, PyTuple_GET_ITEM (item, 1));
      Py_DECREF (item);
    }
  return ok && !PyErr_Occurred ();
}

static bool
is_new_object (PyObject *callable)
{
  PyObject *name = PyObject_GetAttrString (callable, "__name__");
  bool yes = name && PyUnicode_Check (name) && PyUnicode_CompareWithASCIIString (name, "__newobj__") == 0;
  Py_XDECREF (name);
  PyErr_Clear ();
  return yes;
}

/* (callable, args, state, list items, dict items), as __reduce_ex__ gives it. */
static TeIoValue *
save_reduced (Saver *s, PyObject *object, PyObject *reduced)
{
  Py_ssize_t n = PyTuple_GET_SIZE (reduced);
  PyObject *callable = n > 1 ? PyTuple_GET_ITEM (reduced, 0) : NULL,
           *args = n > 1 ? PyTuple_GET_ITEM (reduced, 1) : NULL;
  if (!callable || !PyTuple_Check (args))
    {
      PyErr_Format (PyExc_TypeError, "cannot pickle '%s' object", Py_TYPE (object)->tp_name);
      return NULL;
    }
  bool is_new = is_new_object (callable) && PyTuple_GET_SIZE (args) > 0;
  PyObject *own_args = is_new ? PyTuple_GetSlice (args, 1, PyTuple_GET_SIZE (args)) : Py_NewRef (args);
  TeIoValue *maker = save_value (s, is_new ? PyTuple_GET_ITEM (args, 0) : callable);
  TeIoValue *saved_args = maker && own_args ? save_sequence (s, own_args, TE_IO_TUPLE) : NULL;
  Py_XDECREF (own_args);
  if (!saved_args)
    return NULL;
  TeIoValue *value = remember (s, object, te_io_object (s->doc, maker, saved_args));
  if (!value)
    return NULL;
  value->is_new = is_new;
  if (n > 3 && PyTuple_GET_ITEM (reduced, 3) != Py_None
      && !save_pulled (s, &value->object.items, PyTuple_GET_ITEM (reduced, 3), false))
    return NULL;
  if (n > 4 && PyTuple_GET_ITEM (reduced, 4) != Py_None
      && !save_pulled (s, &value->object.pairs, PyTuple_GET_ITEM (reduced, 4), true))
    return NULL;
  if (n > 2 && PyTuple_GET_ITEM (reduced, 2) != Py_None)
    {
      value->object.state = save_value (s, PyTuple_GET_ITEM (reduced, 2));
      if (!value->object.state)
        return NULL;
    }
  return value;
}

/* A storage keeps its memory as a flat tensor in _flat. */
static TeIoValue *
save_storage (Saver *s, PyObject *object)
{
  PyObject *flat = PyObject_GetAttrString (object, "_flat");
  TeIoValue *value = NULL;
  if (flat && te_py_is_tensor (flat) && te_py_tensor (flat)->storage)
    value = remember (s, object, te_io_storage (s->doc, te_py_tensor (flat)->storage, te_tensor_dtype (te_py_tensor (flat))));
  else if (!PyErr_Occurred ())
    PyErr_SetString (PyExc_TypeError, "cannot pickle a storage without memory");
  Py_XDECREF (flat);
  return value;
}

static TeIoValue *
save_other (Saver *s, PyObject *object)
{
  TeDtype dtype;
  if (PyObject_HasAttrString ((PyObject *) Py_TYPE (object), "_of") && PyObject_HasAttrString (object, "_flat"))
    return save_storage (s, object);
  if (te_py_dtype_check (object, &dtype))
    return remember (s, object, te_io_global (s->doc, "torch", te_dtype_name (dtype)));
  if (PyType_Check (object) || PyFunction_Check (object) || PyCFunction_Check (object))
    return save_global (s, object, NULL);
  PyObject *reduced = PyObject_CallMethod (object, "__reduce_ex__", "i", 2);
  TeIoValue *value = NULL;
  if (reduced && PyTuple_Check (reduced))
    value = save_reduced (s, object, reduced);
  else if (reduced && PyUnicode_Check (reduced))
    value = save_global (s, object, PyUnicode_AsUTF8 (reduced));
  else if (reduced)
    PyErr_Format (PyExc_TypeError, "cannot pickle '%s' object", Py_TYPE (object)->tp_name);
  Py_XDECREF (reduced);
  return value;
}

static TeIoValue *
save_new (Saver *s, PyObject *object)
{
  Py_ssize_t n;
  if (object == Py_None)
    return no_memory (te_io_none (s->doc));
  if (PyBool_Check (object))
    return no_memory (te_io_bool (s->doc, object == Py_True));
  if (PyLong_CheckExact (object))
    return save_int (s, object);
  if (PyFloat_CheckExact (object))
    return no_memory (te_io_float (s->doc, PyFloat_AS_DOUBLE (object)));
  if (PyUnicode_CheckExact (object))
    {
      const char *text = PyUnicode_AsUTF8AndSize (object, &n);
      return text ? remember (s, object, te_io_bytes (s->doc, TE_IO_STR, text, (size_t) n)) : NULL;
    }
  if (PyBytes_CheckExact (object))
    return remember (
        s, object,
        te_io_bytes (s->doc, TE_IO_BYTES, PyBytes_AS_STRING (object), (size_t) PyBytes_GET_SIZE (object)));
  if (PyList_CheckExact (object))
    return save_sequence (s, object, TE_IO_LIST);
  if (PyTuple_CheckExact (object))
    return save_sequence (s, object, TE_IO_TUPLE);
  if (PyDict_CheckExact (object))
    return save_dict (s, object);
  if (te_py_is_tensor (object) && is_plain_tensor (object))
    return save_tensor (s, object);
  return save_other (s, object);
}

static TeIoValue *
save_value (Saver *s, PyObject *object)
{
  TeIoValue *known = recall (s, object);
  if (known || PyErr_Occurred ())
    return known;
  if (Py_EnterRecursiveCall (" while pickling an object"))
    return NULL;
  TeIoValue *value = save_new (s, object);
  Py_LeaveRecursiveCall ();
  return value;
}

static PyObject *
save (PyObject *module, PyObject *args)
{
  PyObject *object, *result = NULL;
  const char *folder, *path = NULL;
  TeError err = { 0 };
  int legacy = 0;
  if (!PyArg_ParseTuple (args, "Os|pz", &object, &folder, &legacy, &path))
    return NULL;
  Saver s = { .doc = te_io_document_new (&err), .seen = PyDict_New () };
  TeIoValue *root = s.doc && s.seen ? save_value (&s, object) : NULL;
  TeIoBuffer out = { NULL };
  if (root && (legacy ? te_checkpoint_write_legacy (&out, root, &err) : te_checkpoint_write (&out, root, folder, &err)))
    {
      result = PyBytes_FromStringAndSize (out.data, (Py_ssize_t) out.n);
      te_trace_file_told ("torch.save", path, root, out.n, legacy ? "legacy" : "zip", NULL);
    }
  else if (!PyErr_Occurred ())
    te_py_raise (&err);
  te_io_buffer_clear (&out);
  te_io_document_free (s.doc);
  Py_XDECREF (s.seen);
  return result;
}

/* ---- loading ---- */
typedef struct
{
  PyObject *made; /* keeps every object that a value points at */
} Loader;

static PyObject *load_value (Loader *l, TeIoValue *value); /* borrowed from l->made, or NULL */

/* New reference.  What a file of weights may name was checked as it was read; any other file may name anything,
 * as with pickle. */
static PyObject *
load_global (const TeIoValue *value)
{
  const char *module_name = value->global.module, *name = value->global.name;
  if (!strcmp (module_name, "copy_reg"))
    module_name = "copyreg";
  PyObject *module = PyImport_ImportModule (module_name);
  PyObject *object = module ? find_attribute (module, name) : NULL;
  if (module && !object && PyErr_ExceptionMatches (PyExc_AttributeError))
    PyErr_Format (PyExc_AttributeError, "Can't get attribute '%s' on %R", name, module);
  Py_XDECREF (module);
  return object;
}

static PyObject *
keep (Loader *l, TeIoValue *value, PyObject *object) /* consumes; borrowed back */
{
  if (!object)
    return NULL;
  if (PyList_Append (l->made, object) < 0)
    {
      Py_DECREF (object);
      return NULL;
    }
  Py_DECREF (object);
  value->object_of = object;
  return object;
}

static PyObject *
load_tuple (Loader *l, const TeIoItems *items)
{
  PyObject *tuple = PyTuple_New ((Py_ssize_t) items->n);
  for (size_t i = 0; tuple && i < items->n; i++)
    {
      PyObject *item = load_value (l, items->at[i]);
      if (!item)
        Py_CLEAR (tuple);
      else
        PyTuple_SET_ITEM (tuple, (Py_ssize_t) i, Py_NewRef (item));
    }
  return tuple;
}

static bool
fill_list (Loader *l, PyObject *object, const TeIoItems *items)
{
  for (size_t i = 0; i < items->n; i++)
    {
      PyObject *item = load_value (l, items->at[i]), *done = NULL;
      if (!item)
        return false;
      if (PyList_CheckExact (object))
        {
          if (PyList_Append (object, item) < 0)
            return false;
          continue;
        }
      done = PyObject_CallMethod (object, PyAnySet_Check (object) ? "add" : "append", "O", item);
      Py_XDECREF (done);
      if (!done)
        return false;
    }
  return true;
}

static bool
fill_pairs (Loader *l, PyObject *object, const TeIoItems *pairs)
{
  for (size_t i = 0; i + 1 < pairs->n; i += 2)
    {
      PyObject *key = load_value (l, pairs->at[i]), *item = key ? load_value (l, pairs->at[i + 1]) : NULL;
      if (!item || PyObject_SetItem (object, key, item) < 0)
        return false;
    }
  return true;
}

static bool
set_attributes (PyObject *object, PyObject *attributes)
{
  PyObject *key, *item;
  if (!PyDict_Check (attributes))
    {
      PyErr_SetString (PyExc_RuntimeError, "torch.load: an object's state is no dict");
      return false;
    }
  PyObject *own = PyObject_GetAttrString (object, "__dict__");
  PyErr_Clear ();
  bool ok = true;
  for (Py_ssize_t at = 0; ok && PyDict_Next (attributes, &at, &key, &item);)
    ok = (own && PyDict_Check (own) ? PyDict_SetItem (own, key, item) : PyObject_SetAttr (object, key, item))
         == 0;
  Py_XDECREF (own);
  return ok;
}

static bool
set_state (Loader *l, PyObject *object, TeIoValue *saved)
{
  PyObject *state = load_value (l, saved);
  if (!state)
    return false;
  PyObject *method = PyObject_GetAttrString (object, "__setstate__");
  if (method)
    {
      PyObject *done = PyObject_CallOneArg (method, state);
      Py_DECREF (method);
      Py_XDECREF (done);
      return done != NULL;
    }
  PyErr_Clear ();
  if (PyTuple_Check (state) && PyTuple_GET_SIZE (state) == 2)
    {
      PyObject *plain = PyTuple_GET_ITEM (state, 0), *slots = PyTuple_GET_ITEM (state, 1), *key, *item;
      if (plain != Py_None && !set_attributes (object, plain))
        return false;
      for (Py_ssize_t at = 0; PyDict_Check (slots) && PyDict_Next (slots, &at, &key, &item);)
        if (PyObject_SetAttr (object, key, item) < 0)
          return false;
      return true;
    }
  return set_attributes (object, state);
}

/* Text that protocol 2 keeps for bytes. */
static PyObject *
load_old_bytes (const TeIoValue *value)
{
  const TeIoItems *args = &value->object.args->items;
  if (args->n < 1 || args->at[0]->kind != TE_IO_STR)
    return PyErr_Format (PyExc_RuntimeError, "torch.load: bytes that are no text");
  PyObject *text = PyUnicode_FromStringAndSize (args->at[0]->bytes.data, (Py_ssize_t) args->at[0]->bytes.n);
  PyObject *bytes = text ? PyUnicode_AsLatin1String (text) : NULL;
  Py_XDECREF (text);
  return bytes;
}

static PyObject *
load_object (Loader *l, TeIoValue *value)
{
  if (te_io_is_global (value->object.callable, "_codecs", "encode"))
    return keep (l, value, load_old_bytes (value));
  PyObject *maker = load_value (l, value->object.callable), *args = NULL, *made = NULL;
  if (maker)
    args = load_tuple (l, &value->object.args->items);
  if (args && value->is_new && PyType_Check (maker))
    made = ((PyTypeObject *) maker)->tp_new
               ? ((PyTypeObject *) maker)->tp_new ((PyTypeObject *) maker, args, NULL)
               : NULL;
  else if (args)
    made = PyObject_Call (maker, args, NULL);
  if (!made && args && !PyErr_Occurred ())
    PyErr_SetString (PyExc_RuntimeError, "torch.load: an object of the file cannot be made");
  Py_XDECREF (args);
  PyObject *object = keep (l, value, made);
  if (!object || !fill_list (l, object, &value->object.items) || !fill_pairs (l, object, &value->object.pairs)
      || (value->object.state && !set_state (l, object, value->object.state)))
    return NULL;
  return object;
}

static PyObject *
load_tensor (TeIoValue *value)
{
  TeError err = { 0 };
  TeTensor *tensor = value->tensor.tensor;
  if (!value->tensor.parameter)
    {
      if (value->tensor.requires_grad && !te_py_start_requires_grad (tensor, &err))
        return te_py_raise (&err);
      return te_py_wrap (te_tensor_ref (tensor));
    }
  PyObject *nn = PyImport_ImportModule ("torch.nn"),
           *class = nn ? PyObject_GetAttrString (nn, "Parameter") : NULL;
  PyObject *data = class ? te_py_wrap (te_tensor_ref (tensor)) : NULL;
  PyObject *parameter =
      data
          ? PyObject_CallFunctionObjArgs (class, data, value->tensor.requires_grad ? Py_True : Py_False, NULL)
          : NULL;
  Py_XDECREF (nn);
  Py_XDECREF (class);
  Py_XDECREF (data);
  return parameter;
}

/* A storage that belongs to no tensor. */
static PyObject *
storage_object (const char *class_name, TeStorage *storage, TeDtype dtype)
{
  TeError err = { 0 };
  int64_t n = (int64_t) (storage->nbytes / te_dtype_nbytes (dtype)), stride = 1;
  TeTensor *flat = te_tensor_new_view (storage, dtype, 1, &n, &stride, 0, &err);
  PyObject *tensor = te_py_wrap_error (flat, &err), *module = tensor ? PyImport_ImportModule ("torch.storage") : NULL;
  PyObject *class = module ? PyObject_GetAttrString (module, class_name) : NULL;
  PyObject *object = class ? PyObject_CallMethod (class, "_of", "O", tensor) : NULL;
  Py_XDECREF (class);
  Py_XDECREF (module);
  Py_XDECREF (tensor);
  return object;
}

static PyObject *
load_storage (const TeIoValue *value)
{
  return storage_object ("TypedStorage", value->storage.storage, value->storage.dtype);
}

static PyObject *
load_long (const TeIoValue *value)
{
  PyObject *bytes = PyBytes_FromStringAndSize (value->bytes.data, (Py_ssize_t) value->bytes.n);
  PyObject *method = PyObject_GetAttrString ((PyObject *) &PyLong_Type, "from_bytes");
  PyObject *args = bytes ? Py_BuildValue ("(Os)", bytes, "little") : NULL,
           *kwargs = Py_BuildValue ("{s:O}", "signed", Py_True);
  PyObject *number = method && args && kwargs ? PyObject_Call (method, args, kwargs) : NULL;
  Py_XDECREF (bytes);
  Py_XDECREF (method);
  Py_XDECREF (args);
  Py_XDECREF (kwargs);
  return number;
}

static PyObject *
load_new (Loader *l, TeIoValue *value)
{
  PyObject *object;
  switch (value->kind)
    {
    case TE_IO_NONE:
      return keep (l, value, Py_NewRef (Py_None));
    case TE_IO_BOOL:
      return keep (l, value, PyBool_FromLong (value->i != 0));
    case TE_IO_INT:
      return keep (l, value, PyLong_FromLongLong (value->i));
    case TE_IO_LONG:
      return keep (l, value, load_long (value));
    case TE_IO_FLOAT:
      return keep (l, value, PyFloat_FromDouble (value->f));
    case TE_IO_STR:
      return keep (l, value,
                   PyUnicode_DecodeUTF8 (value->bytes.data, (Py_ssize_t) value->bytes.n, "surrogatepass"));
    case TE_IO_BYTES:
      return keep (l, value, PyBytes_FromStringAndSize (value->bytes.data, (Py_ssize_t) value->bytes.n));
    case TE_IO_LIST:
      object = keep (l, value, PyList_New (0));
      return object && fill_list (l, object, &value->items) ? object : NULL;
    case TE_IO_TUPLE:
      return keep (l, value, load_tuple (l, &value->items));
    case TE_IO_DICT:
      object = keep (l, value, PyDict_New ());
      return object && fill_pairs (l, object, &value->items) ? object : NULL;
    case TE_IO_GLOBAL:
      return keep (l, value, load_global (value));
    case TE_IO_OBJECT:
      return load_object (l, value);
    case TE_IO_TENSOR:
      return keep (l, value, load_tensor (value));
    case TE_IO_STORAGE:
      return keep (l, value, load_storage (value));
    }
  return NULL;
}

static PyObject *
load_value (Loader *l, TeIoValue *value)
{
  if (value->object_of)
    return value->object_of;
  if (Py_EnterRecursiveCall (" while loading a file"))
    return NULL;
  PyObject *object = load_new (l, value);
  Py_LeaveRecursiveCall ();
  return object;
}

/* restore (storage, location): raises when a storage cannot come here.  All memory is this machine's, so that of what
 * it returns only storages without any, on device meta, make a difference. */
typedef struct
{
  PyObject *restore; /* or None */
  TeFilePlaces places;
} Restorer;

static bool
ask_restore (void *ctx, TeStorage *storage, const char *location, TeError *err)
{
  Restorer *self = ctx;
  te_file_places_note (&self->places, storage, location);
  if (self->restore == Py_None)
    return true;
  PyObject *object = storage_object ("UntypedStorage", storage, TE_UINT8);
  PyObject *done = object ? PyObject_CallFunction (self->restore, "Os", object, location) : NULL;
  PyObject *flat = done && PyObject_HasAttrString (done, "_flat") ? PyObject_GetAttrString (done, "_flat") : NULL;
  if (flat && te_py_is_tensor (flat) && te_tensor_is_meta (te_py_tensor (flat)) && !storage->meta)
    te_storage_move_to_meta (storage);
  Py_XDECREF (flat);
  Py_XDECREF (object);
  Py_XDECREF (done);
  return done || te_py_pending (err);
}

/* _load (bytes, weights_only, restore, legacy): (the object, how many bytes it took) */
static PyObject *
load (PyObject *module, PyObject *args)
{
  Py_buffer bytes;
  int weights_only, legacy;
  const char *path = NULL;
  Restorer restorer = { 0 };
  size_t used = 0;
  TeError err = { 0 };
  if (!PyArg_ParseTuple (args, "y*pOp|z", &bytes, &weights_only, &restorer.restore, &legacy, &path))
    return NULL;
  TeCheckpointOptions options = { .weights_only = weights_only, .placed = ask_restore, .ctx = &restorer };
  TeIoDocument *doc = te_io_document_new (&err);
  TeIoValue *root = NULL;
  if (doc && legacy)
    root = te_checkpoint_read_legacy (doc, bytes.buf, (size_t) bytes.len, &options, &used, &err);
  else if (doc)
    root = te_checkpoint_read (doc, bytes.buf, used = (size_t) bytes.len, &options, &err);
  if (root)
    te_trace_file_told ("torch.load", path, root, used, legacy ? "legacy" : "zip", &restorer.places);
  Loader l = { .made = root ? PyList_New (0) : NULL };
  PyObject *result = NULL;
  if (!root)
    te_py_raise (&err);
  else if (l.made)
    result = Py_XNewRef (load_value (&l, root));
  Py_XDECREF (l.made);
  te_io_document_free (doc);
  PyBuffer_Release (&bytes);
  return result ? Py_BuildValue ("(Nn)", result, (Py_ssize_t) used) : NULL;
}

static PyMethodDef functions[] = {
  { "_save", save, METH_VARARGS, "_save(obj, folder, legacy=False, path=None): the bytes of a checkpoint." },
  { "_load", load, METH_VARARGS, "_load(bytes, weights_only, restore, legacy, path=None): the object a checkpoint holds, and its length." },
  { NULL },
};

bool
te_py_serialization_init (PyObject *module)
{
  return PyModule_AddFunctions (module, functions) == 0;
}
