/* torch.from_file: a tensor whose elements are a file's bytes. */
#include "python/python-private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static void
unmap (void *data, void *owner)
{
  munmap (data, (size_t) (uintptr_t) owner);
}

/* The first nbytes of a file, mapped.  shared: writing to the tensor writes the file, which is made as long as is
 * needed; otherwise the file is only read. */
static TeStorage *
map_file (const char *path, bool shared, int64_t nbytes, TeError *err)
{
  void *data = MAP_FAILED;
  struct stat about;
  int fd = open (path, (shared ? O_RDWR | O_CREAT : O_RDONLY) | O_CLOEXEC, 0600);
  if (fd < 0)
    {
      te_error_set (err, TE_ERR_RUNTIME, "unable to open file <%s> in %s mode: %s (%d)", path,
                    shared ? "read-write" : "read-only", strerror (errno), errno);
      return NULL;
    }
  if (fstat (fd, &about))
    te_error_set (err, TE_ERR_RUNTIME, "unable to stat the file <%s>: %s (%d)", path, strerror (errno), errno);
  else if (nbytes > about.st_size && !shared)
    te_error_set (err, TE_ERR_RUNTIME, "file <%s> size is smaller than the required mapping size <%lld>", path,
                  (long long) nbytes);
  else if (nbytes > about.st_size && ftruncate (fd, nbytes))
    te_error_set (err, TE_ERR_RUNTIME, "unable to resize file <%s> to the right size: %s (%d)", path, strerror (errno),
                  errno);
  else if ((data = mmap (NULL, (size_t) nbytes, PROT_READ | PROT_WRITE, shared ? MAP_SHARED : MAP_PRIVATE, fd, 0))
           == MAP_FAILED)
    te_error_set (err, TE_ERR_RUNTIME, "unable to mmap %lld bytes from file <%s>: %s (%d)", (long long) nbytes, path,
                  strerror (errno), errno);
  close (fd);
  if (data == MAP_FAILED)
    return NULL;
  TeStorage *storage =
      te_storage_new_external (data, (size_t) nbytes, unmap, (void *) (uintptr_t) nbytes, err);
  if (!storage)
    munmap (data, (size_t) nbytes);
  return storage;
}

/* Python's objects for the arguments of from_file, checked. */
typedef struct
{
  const char *path;
  bool shared, requires_grad;
  int64_t size;
  TeDtype dtype;
} Request;

static bool
wrong_type (const char *name, const char *place, const char *type, PyObject *given)
{
  PyErr_Format (PyExc_TypeError, "from_file(): argument '%s'%s must be %s, not %s", name, place, type,
                Py_TYPE (given)->tp_name);
  return false;
}

static bool
parse (PyObject *args, PyObject *kwargs, Request *out)
{
  static char *names[] = { "filename", "shared",     "size",          "dtype", "layout",
                           "device",   "pin_memory", "requires_grad", NULL };
  PyObject *path, *shared = Py_None, *size = NULL, *dtype = Py_None, *ignored = NULL;
  int requires_grad = 0;
  Py_ssize_t n = PyTuple_GET_SIZE (args);
  if (!PyArg_ParseTupleAndKeywords (args, kwargs, "O|OO$OOOOp:from_file", names, &path, &shared, &size, &dtype,
                                    &ignored, &ignored, &ignored, &requires_grad))
    return false;
  if (!PyUnicode_Check (path))
    return wrong_type ("filename", n > 0 ? " (position 1)" : "", "str", path);
  if (shared != Py_None && !PyBool_Check (shared))
    return wrong_type ("shared", n > 1 ? " (position 2)" : "", "bool", shared);
  if (size && !te_py_is_int (size))
    return wrong_type ("size", n > 2 ? " (position 3)" : "", "int", size);
  out->path = PyUnicode_AsUTF8 (path);
  out->shared = shared == Py_True;
  out->requires_grad = requires_grad;
  out->size = 0;
  out->dtype = te_dtype_default ();
  return out->path && (!size || te_py_to_int (size, &out->size))
         && (dtype == Py_None || te_py_dtype_get (dtype, &out->dtype));
}

static PyObject *
from_file (PyObject *module, PyObject *args, PyObject *kwargs)
{
  Request request;
  TeError err;
  te_error_clear (&err);
  if (!parse (args, kwargs, &request))
    return NULL;
  int64_t stride = 1, nbytes;
  if (__builtin_mul_overflow (request.size, (int64_t) te_dtype_nbytes (request.dtype), &nbytes))
    return PyErr_NoMemory ();
  TeStorage *storage =
      nbytes ? map_file (request.path, request.shared, nbytes, &err) : te_storage_new (0, &err);
  TeTensor *tensor = storage ? te_tensor_new_view (storage, request.dtype, 1, &request.size, &stride, 0, &err) : NULL;
  te_storage_unref (storage);
  if (tensor && request.requires_grad && !te_py_start_requires_grad (tensor, &err))
    {
      te_tensor_unref (tensor);
      tensor = NULL;
    }
  return te_py_wrap_error (tensor, &err);
}

static PyMethodDef functions[] = {
  { "from_file", (PyCFunction) (void (*) (void)) from_file, METH_VARARGS | METH_KEYWORDS,
    "A 1-dimensional tensor over a file's bytes." },
  { 0 },
};

bool
te_py_from_file_init (PyObject *module)
{
  return PyModule_AddFunctions (module, functions) == 0;
}
