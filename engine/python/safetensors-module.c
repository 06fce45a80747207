/* What the package `safetensors` is made of: torch._C._safetensors_save and _safetensors_load. */
#include "python/serialization.h"

#include "io/safetensors.h"
#include "python/trace-files.h"

static TeIoValue *
text_value (TeIoDocument *doc, PyObject *object)
{
  Py_ssize_t n;
  const char *text = PyUnicode_Check (object) ? PyUnicode_AsUTF8AndSize (object, &n) : NULL;
  if (!text && !PyErr_Occurred ())
    PyErr_Format (PyExc_TypeError, "a str was expected, not %s", Py_TYPE (object)->tp_name);
  TeIoValue *value = text ? te_io_bytes (doc, TE_IO_STR, text, (size_t) n) : NULL;
  if (text && !value)
    PyErr_NoMemory ();
  return value;
}

TeIoValue *
te_py_io_tensor_value (TeIoDocument *doc, PyObject *object)
{
  if (!te_py_is_tensor (object))
    {
      PyErr_Format (PyExc_ValueError, "Key is invalid, expected torch.Tensor but received %R", Py_TYPE (object));
      return NULL;
    }
  TeIoValue *value = te_io_tensor (doc, te_py_tensor (object), false, false);
  if (!value)
    PyErr_NoMemory ();
  return value;
}

TeIoValue *
te_py_io_dict_value (TeIoDocument *doc, PyObject *dict, TeIoValue *(*of) (TeIoDocument *, PyObject *))
{
  TeIoValue *result = te_io_container (doc, TE_IO_DICT);
  PyObject *key, *item;
  for (Py_ssize_t at = 0; result && PyDict_Next (dict, &at, &key, &item);)
    {
      TeIoValue *name = text_value (doc, key), *value = name ? of (doc, item) : NULL;
      if (!value || !te_io_append (doc, &result->items, name) || !te_io_append (doc, &result->items, value))
        result = NULL;
    }
  return result;
}

/* _safetensors_save (tensors, metadata or None, path or None): bytes, which the caller writes there */
static PyObject *
save (PyObject *module, PyObject *args)
{
  PyObject *tensors, *metadata, *result = NULL;
  TeError err = { 0 };
  TeIoBuffer out = { NULL };
  const char *path = NULL;
  if (!PyArg_ParseTuple (args, "O!O|z", &PyDict_Type, &tensors, &metadata, &path))
    return NULL;
  TeIoDocument *doc = te_io_document_new (&err);
  TeIoValue *values = doc ? te_py_io_dict_value (doc, tensors, te_py_io_tensor_value) : NULL, *about = NULL;
  bool ok = values && (!PyDict_Check (metadata) || (about = te_py_io_dict_value (doc, metadata, text_value)));
  if (ok && te_safetensors_write (&out, values, about, &err))
    {
      result = PyBytes_FromStringAndSize (out.data, (Py_ssize_t) out.n);
      te_trace_file_told ("torch.save", path, values, out.n, "safetensors", NULL);
    }
  else if (!PyErr_Occurred ())
    te_py_raise (&err);
  te_io_buffer_clear (&out);
  te_io_document_free (doc);
  return result;
}

static PyObject *
object_of (const TeIoValue *value)
{
  if (value->kind == TE_IO_TENSOR)
    return te_py_wrap (te_tensor_ref (value->tensor.tensor));
  return PyUnicode_DecodeUTF8 (value->bytes.data, (Py_ssize_t) value->bytes.n, "replace");
}

PyObject *
te_py_io_dict_object (const TeIoValue *value)
{
  PyObject *dict = PyDict_New ();
  for (size_t i = 0; dict && i + 1 < value->items.n; i += 2)
    {
      PyObject *key = object_of (value->items.at[i]), *item = object_of (value->items.at[i + 1]);
      if (!key || !item || PyDict_SetItem (dict, key, item) < 0)
        Py_CLEAR (dict);
      Py_XDECREF (key);
      Py_XDECREF (item);
    }
  return dict;
}

/* _safetensors_load (bytes, path or None): (tensors, metadata) */
static PyObject *
load (PyObject *module, PyObject *args)
{
  Py_buffer bytes;
  const char *path = NULL;
  TeError err = { 0 };
  if (!PyArg_ParseTuple (args, "y*|z", &bytes, &path))
    return NULL;
  TeIoDocument *doc = te_io_document_new (&err);
  TeIoValue *metadata = NULL;
  TeIoValue *tensors = doc ? te_safetensors_read (doc, bytes.buf, (size_t) bytes.len, &metadata, &err) : NULL;
  PyObject *result = NULL, *a = tensors ? te_py_io_dict_object (tensors) : NULL, *b = a ? te_py_io_dict_object (metadata) : NULL;
  if (!tensors)
    te_py_raise (&err);
  else if (b)
    {
      result = PyTuple_Pack (2, a, b);
      te_trace_file_told ("torch.load", path, tensors, (size_t) bytes.len, "safetensors", NULL);
    }
  Py_XDECREF (a);
  Py_XDECREF (b);
  te_io_document_free (doc);
  PyBuffer_Release (&bytes);
  return result;
}

static PyMethodDef functions[] = {
  { "_safetensors_save", save, METH_VARARGS, "The bytes of a safetensors file." },
  { "_safetensors_load", load, METH_VARARGS, "The tensors and the metadata of a safetensors file." },
  { NULL },
};

bool
te_py_safetensors_init (PyObject *module)
{
  return PyModule_AddFunctions (module, functions) == 0;
}
