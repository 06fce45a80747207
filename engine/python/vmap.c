/* torch._C._vmap: functorch's vmap and grad say here which of them runs innermost, and which tensors are spread over the
 * calls of a vmap; numbers of such tensors are refused in PyTorch's words. */
#include "ops/batch-marks.h"
#include "python/python-private.h"

static int innermost_is_grad = 0;

bool
te_py_batch_refuse (const TeTensor *tensor, TePyBatchUse use)
{
  if (!te_batch_marked (tensor))
    return true;
  const char *text =
      use == TE_PY_BATCH_POINTER ? "Cannot access data pointer of Tensor that doesn't have storage"
      : innermost_is_grad
          ? "vmap: It looks like you're either (1) calling .item() on a Tensor or (2) attempting to use a Tensor in some "
            "data-dependent control flow or (3) encountering this error in PyTorch internals. For (1): we don't support "
            "vmap over calling .item() on a Tensor, please try to rewrite what you're doing with other operations. For "
            "(2): If you're doing some control flow instead, we don't support that yet, please shout over at "
            "https://github.com/pytorch/functorch/issues/257 . For (3): please file an issue."
      : use == TE_PY_BATCH_TRUTH
          ? "vmap: It looks like you're attempting to use a Tensor in some data-dependent control flow. We don't support "
            "that yet, please shout over at https://github.com/pytorch/functorch/issues/257 ."
          : "vmap: It looks like you're calling .item() on a Tensor. We don't support vmap over calling .item() on a "
            "Tensor, please try to rewrite what you're doing with other operations. If error is occurring somewhere "
            "inside PyTorch internals, please file a bug report.";
  PyErr_SetString (PyExc_RuntimeError, text);
  return false;
}

/* mark (tensor): it is spread over the calls */
static PyObject *
mark (PyObject *module, PyObject *tensor)
{
  if (!te_py_is_tensor (tensor))
    return PyErr_Format (PyExc_TypeError, "mark() expects a tensor, not %s", Py_TYPE (tensor)->tp_name);
  te_batch_mark (te_py_tensor (tensor));
  return Py_NewRef (tensor);
}

/* batches (more): one vmap more or, with -1, less */
static PyObject *
batches (PyObject *module, PyObject *more)
{
  int n = PyLong_AsLong (more);
  if (n == -1 && PyErr_Occurred ())
    return NULL;
  te_batch_marks_in_use += n;
  Py_RETURN_NONE;
}

/* gradients (whether) -> what it was: is a gradient the innermost of the transforms that run? */
static PyObject *
gradients (PyObject *module, PyObject *whether)
{
  int before = innermost_is_grad, now = PyObject_IsTrue (whether);
  if (now < 0)
    return NULL;
  innermost_is_grad = now;
  return PyBool_FromLong (before);
}

bool
te_py_vmap_init (PyObject *module)
{
  static PyMethodDef functions[] = {
    { "mark", mark, METH_O, "Says that a tensor is spread over the calls of a vmap." },
    { "batches", batches, METH_O, "Counts a vmap that begins (1) or ends (-1)." },
    { "gradients", gradients, METH_O, "Sets whether a gradient is the innermost transform; what it was." },
    { 0 },
  };
  static struct PyModuleDef definition = { PyModuleDef_HEAD_INIT, .m_name = "torch._C._vmap", .m_size = -1, .m_methods = functions };
  PyObject *vmap = PyModule_Create (&definition);
  bool ok = vmap && PyModule_AddObjectRef (module, "_vmap", vmap) == 0;
  Py_XDECREF (vmap);
  return ok;
}
