/* numpy's files without numpy: torch._C._npy_save and _npy_load. PyTorch has no such names; they are for whoever must read
 * a file that is not to be trusted, since nothing but tensors comes of it. */
#include "python/serialization.h"

#include <string.h>

#include "io/npy.h"

static bool
save_dict (TeIoBuffer *out, PyObject *dict, TeError *err)
{
  TeIoDocument *doc = te_io_document_new (err);
  TeIoValue *tensors = doc ? te_py_io_dict_value (doc, dict, te_py_io_tensor_value) : NULL;
  bool ok = tensors ? te_npz_write (out, tensors, err) : doc ? te_py_pending (err) : false;
  te_io_document_free (doc);
  return ok;
}

/* _npy_save (tensor or dict): bytes */
static PyObject *
save (PyObject *module, PyObject *object)
{
  TeIoBuffer out = { NULL };
  TeError err = { 0 };
  bool ok;
  if (PyDict_Check (object))
    ok = save_dict (&out, object, &err);
  else if (te_py_is_tensor (object))
    ok = te_npy_write (&out, te_py_tensor (object), &err);
  else
    return PyErr_Format (PyExc_TypeError, "_npy_save(): expected a Tensor or a dict of them, got %s",
                         Py_TYPE (object)->tp_name);
  PyObject *bytes = ok ? PyBytes_FromStringAndSize (out.data, (Py_ssize_t) out.n) : te_py_raise (&err);
  te_io_buffer_clear (&out);
  return bytes;
}

static PyObject *
load_dict (const Py_buffer *bytes)
{
  TeError err = { 0 };
  TeIoDocument *doc = te_io_document_new (&err);
  TeIoValue *tensors = doc ? te_npz_read (doc, bytes->buf, (size_t) bytes->len, &err) : NULL;
  PyObject *dict = tensors ? te_py_io_dict_object (tensors) : te_py_raise (&err);
  te_io_document_free (doc);
  return dict;
}

/* _npy_load (bytes): a tensor, or a dict of them */
static PyObject *
load (PyObject *module, PyObject *object)
{
  Py_buffer bytes;
  if (PyObject_GetBuffer (object, &bytes, PyBUF_SIMPLE) < 0)
    return NULL;
  PyObject *result;
  if (bytes.len >= 2 && !memcmp (bytes.buf, "PK", 2))
    result = load_dict (&bytes);
  else
    {
      TeError err = { 0 };
      TeTensor *tensor = te_npy_read (bytes.buf, (size_t) bytes.len, &err);
      result = tensor ? te_py_wrap (tensor) : te_py_raise (&err);
    }
  PyBuffer_Release (&bytes);
  return result;
}

static PyMethodDef functions[] = {
  { "_npy_save", save, METH_O,
    "_npy_save(tensor or dict): the bytes that numpy.save (for a tensor) or numpy.savez (for a dict of them) writes." },
  { "_npy_load", load, METH_O,
    "_npy_load(bytes): the tensor of an npy file, or the dict of tensors of an npz file. No byte is trusted: object arrays, "
    "which are pickles, are refused." },
  { NULL },
};

bool
te_py_npy_init (PyObject *module)
{
  return PyModule_AddFunctions (module, functions) == 0;
}
