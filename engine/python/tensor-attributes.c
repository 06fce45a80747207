/* Attributes of a tensor: what it is, and its part in autograd. */
#include "python/jit-trace.h"
#include "python/trace-hooks.h"

#include <string.h>

#include "core/sparse.h"

#define GETTER(name) static PyObject *get_##name (PyObject *object, void *closure)
#define SELF         te_py_tensor (object)

GETTER (shape)
{
  if (__builtin_expect (te_py_tracing, 0))
    return te_py_trace_shape (SELF);
  return te_py_size_new (SELF->ndim, SELF->sizes);
}

GETTER (dtype)
{
  return te_py_dtype_object (te_tensor_dtype (SELF));
}

GETTER (device)
{
  return te_py_device_object (te_tensor_is_meta (SELF));
}

GETTER (layout)
{
  return te_py_strided_object ();
}

GETTER (ndim)
{
  return PyLong_FromLong (SELF->ndim);
}

GETTER (false)
{
  Py_RETURN_FALSE;
}

GETTER (is_meta)
{
  return PyBool_FromLong (te_tensor_is_meta (SELF));
}

GETTER (is_cpu)
{
  return PyBool_FromLong (!te_tensor_is_meta (SELF));
}

GETTER (names)
{
  PyObject *names = PyTuple_New (SELF->ndim);
  for (int i = 0; names && i < SELF->ndim; i++)
    PyTuple_SET_ITEM (names, i, Py_NewRef (Py_None));
  return names;
}

GETTER (version)
{
  if (SELF->flags & TE_TENSOR_INFERENCE)
    return PyErr_Format (PyExc_RuntimeError, "Inference tensors do not track version counter.");
  return PyLong_FromUnsignedLong (*SELF->version);
}

GETTER (base)
{
  TeTensor *base = te_tensor_base (SELF);
  return base ? te_py_wrap (te_tensor_ref (base)) : Py_NewRef (Py_None);
}

GETTER (name)
{
  const TeAutogradMeta *meta = SELF->autograd;
  return meta && meta->name ? PyUnicode_FromString (meta->name) : Py_NewRef (Py_None);
}

GETTER (output_nr)
{
  return PyLong_FromLong (te_tensor_output_nr (SELF));
}

GETTER (is_leaf)
{
  TeError err;
  TeNode *node;
  te_error_clear (&err);
  return te_tensor_grad_fn (SELF, &node, &err) ? PyBool_FromLong (!node) : te_py_raise (&err);
}

GETTER (retains_grad)
{
  return PyBool_FromLong (!te_tensor_is_leaf (SELF) && te_tensor_retains_grad (SELF));
}

GETTER (requires_grad)
{
  return PyBool_FromLong (te_tensor_requires_grad (SELF));
}

static int
set_requires_grad (PyObject *object, PyObject *value, void *closure)
{
  TeError err;
  te_error_clear (&err);
  if (!value || !PyBool_Check (value))
    {
      PyErr_SetString (PyExc_RuntimeError, "requires_grad must be a bool");
      return -1;
    }
  if (value == Py_True && !te_tensor_is_leaf (SELF))
    {
      PyErr_SetString (PyExc_RuntimeError, "you can only change requires_grad flags of leaf variables.");
      return -1;
    }
  /* The attribute says "only", requires_grad_() and the factories say "Only". */
  if (value == Py_True && !te_dtype_is_inexact (te_tensor_dtype (SELF)))
    {
      PyErr_SetString (PyExc_RuntimeError,
                       "only Tensors of floating point and complex dtype can require gradients");
      return -1;
    }
  if (te_tensor_set_requires_grad (SELF, value == Py_True, &err))
    return 0;
  te_py_raise (&err);
  return -1;
}

GETTER (grad_fn)
{
  TeNode *node = NULL;
  TeError err;
  te_error_clear (&err);
  if (!te_tensor_grad_fn (SELF, &node, &err))
    return te_py_raise (&err);
  return te_py_node_wrap (node);
}

static int
set_grad_fn (PyObject *object, PyObject *value, void *closure)
{
  TeError err;
  te_error_clear (&err);
  if (value != Py_None)
    {
      PyErr_SetString (PyExc_RuntimeError, "_grad_fn can be only set to None");
      return -1;
    }
  if (te_tensor_detach_inplace (SELF, &err))
    return 0;
  te_py_raise (&err);
  return -1;
}

GETTER (grad)
{
  TeTensor *grad = te_tensor_grad (SELF);
  if (!grad)
    {
      te_trace_grad_none_read (SELF);
      if (te_tensor_requires_grad (SELF) && !te_tensor_is_leaf (SELF) && !te_tensor_retains_grad (SELF)
          && PyErr_WarnEx (PyExc_UserWarning,
                           "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its "
                           ".grad attribute "
                           "won't be populated during autograd.backward(). If you indeed want the .grad "
                           "field to be populated "
                           "for a non-leaf Tensor, use .retain_grad() on the non-leaf Tensor. If you access "
                           "the non-leaf "
                           "Tensor by mistake, make sure you access the leaf Tensor instead. See "
                           "github.com/pytorch/pytorch/pull/30531 for more informations.",
                           1)
                 < 0)
        return NULL;
      Py_RETURN_NONE;
    }
  return te_py_wrap (te_tensor_ref (grad));
}

static int
check_grad (TeTensor *self, PyObject *value)
{
  if (!te_py_is_tensor (value))
    {
      PyErr_Format (PyExc_TypeError, "assigned grad expected to be a Tensor or None but got grad of type%s",
                    Py_TYPE (value)->tp_name);
      return -1;
    }
  TeTensor *grad = te_py_tensor (value);
  const char *wrong = NULL;
  if (grad == self)
    wrong = "can't assign Variable as its own grad";
  else if (grad->dtype != self->dtype)
    wrong = "assigned grad has data of a different type";
  else if (te_tensor_is_meta (grad) != te_tensor_is_meta (self) && !te_tensor_sparse (grad))
    wrong = "assigned grad has data located on a different device";
  else if (!te_tensor_same_sizes (grad, self))
    wrong = "assigned grad has data of a different size";
  if (wrong)
    PyErr_SetString (PyExc_RuntimeError, wrong);
  return wrong ? -1 : 0;
}

static int
set_grad (PyObject *object, PyObject *value, void *closure)
{
  TeError err;
  TeTensor *grad = NULL;
  te_error_clear (&err);
  if (value && value != Py_None)
    {
      if (check_grad (SELF, value) < 0)
        return -1;
      grad = te_py_tensor (value);
    }
  if (te_tensor_set_grad (SELF, grad, &err))
    return 0;
  te_py_raise (&err);
  return -1;
}

/* .data: the same memory outside of autograd, with a version counter of its own. */
GETTER (data)
{
  TeError err;
  te_error_clear (&err);
  TeTensor *alias = te_tensor_alias (SELF, &err);
  if (alias && !te_tensor_own_version (alias, 0, &err))
    te_tensor_clear (&alias);
  return te_py_wrap_error (alias, &err);
}

static int
set_data (PyObject *object, PyObject *value, void *closure)
{
  TeError err;
  te_error_clear (&err);
  if (!value)
    {
      PyErr_SetString (PyExc_RuntimeError, "Deleting tensor data is not allowed. Delete tensor instead!");
      return -1;
    }
  if (!te_py_is_tensor (value))
    {
      PyErr_Format (PyExc_TypeError, "Variable data has to be a tensor, but got %s",
                    Py_TYPE (value)->tp_name);
      return -1;
    }
  bool fits = !te_tensor_requires_grad (SELF) || te_dtype_is_inexact (te_tensor_dtype (te_py_tensor (value)));
  if (!fits)
    te_error_set (&err, TE_ERR_RUNTIME,
                  "data set to a tensor that requires gradients must be floating point or complex dtype");
  if (fits && te_tensor_set_data (SELF, te_py_tensor (value), &err))
    return 0;
  te_py_raise (&err);
  return -1;
}

static PyObject *
call_dims (PyObject *object, const char *name, int dim0, int dim1)
{
  return PyObject_CallMethod (object, name, "ii", dim0, dim1);
}

GETTER (T)
{
  int ndim = SELF->ndim;
  if (ndim != 2 && ndim != 0)
    {
      static bool warned;
      if (te_warn_due (&warned)
          && PyErr_WarnEx (
                 PyExc_UserWarning,
                 "The use of `x.T` on tensors of dimension other than 2 to reverse their shape is deprecated "
                 "and it "
                 "will throw an error in a future release. Consider `x.mT` to transpose batches of matrices "
                 "or "
                 "`x.permute(*torch.arange(x.ndim - 1, -1, -1))` to reverse the dimensions of a tensor.",
                 1)
                 < 0)
        return NULL;
    }
  if (te_py_tracing) /* a traced program says T */
    {
      TE_OP (numpy_T, "numpy_T");
      TeError err;
      te_error_clear (&err);
      return te_py_wrap_error (te_call (numpy_T, &err, "T", SELF), &err);
    }
  PyObject *dims = PyTuple_New (ndim);
  for (int i = 0; dims && i < ndim; i++)
    PyTuple_SET_ITEM (dims, i, PyLong_FromLong (ndim - 1 - i));
  PyObject *result = dims ? PyObject_CallMethod (object, "permute", "(O)", dims) : NULL;
  Py_XDECREF (dims);
  return result;
}

GETTER (mT)
{
  if (SELF->ndim == 0)
    return Py_NewRef (object);
  if (SELF->ndim < 2)
    return PyErr_Format (PyExc_RuntimeError,
                         "tensor.%s is only supported on matrices or batches of matrices. Got %d-D tensor.",
                         (const char *) closure, SELF->ndim);
  return call_dims (object, "transpose", -2, -1);
}

GETTER (H)
{
  int ndim = SELF->ndim;
  if (ndim == 0)
    return PyObject_CallMethod (object, "conj", NULL);
  if (ndim != 2)
    return PyErr_Format (PyExc_RuntimeError,
                         "tensor.H is only supported on matrices (2-D tensors). Got %d-D tensor.%s", ndim,
                         ndim > 2 ? " For batches of matrices, consider using tensor.mH" : "");
  return PyObject_CallMethod (object, "adjoint", NULL);
}

GETTER (mH)
{
  if (SELF->ndim == 1)
    return PyErr_Format (PyExc_RuntimeError,
                         "tensor.mH is only supported on matrices or batches of matrices. Got 1-D tensor.");
  return PyObject_CallMethod (object, "adjoint", NULL);
}

/* The real or the imaginary part by the op of that name; TE_OP keeps a handle per name. */
static PyObject *
part (PyObject *object, bool imag)
{
  TE_OP (real_op, "real");
  TE_OP (imag_op, "imag");
  TeError err;
  te_error_clear (&err);
  return te_py_wrap_error (te_call (imag ? imag_op : real_op, &err, "T", SELF), &err);
}

GETTER (real)
{
  return te_dtype_is_complex (te_tensor_dtype (SELF)) ? part (object, false) : Py_NewRef (object);
}

GETTER (imag)
{
  return part (object, true);
}

/* x.real = value writes through the view. */
static int
set_part (PyObject *object, PyObject *value, bool imag)
{
  if (!value)
    {
      PyErr_SetString (PyExc_AttributeError, "can't delete a part of a tensor");
      return -1;
    }
  PyObject *view = imag ? get_imag (object, NULL) : get_real (object, NULL);
  PyObject *done = view ? PyObject_CallMethod (view, te_py_is_tensor (value) ? "copy_" : "fill_", "O", value) : NULL;
  Py_XDECREF (view);
  Py_XDECREF (done);
  return done ? 0 : -1;
}

static int
set_real (PyObject *object, PyObject *value, void *closure)
{
  return set_part (object, value, false);
}

static int
set_imag (PyObject *object, PyObject *value, void *closure)
{
  return set_part (object, value, true);
}

GETTER (is_inference)
{
  return PyBool_FromLong (SELF->flags & TE_TENSOR_INFERENCE);
}

GETTER (id) /* names the tensor in the trace */
{
  return PyLong_FromUnsignedLongLong (SELF->id);
}

GETTER (parameter)
{
  return PyBool_FromLong (SELF->flags & TE_TENSOR_PARAMETER);
}

static int
set_parameter (PyObject *object, PyObject *value, void *closure)
{
  if (value && PyObject_IsTrue (value) == 1)
    SELF->flags |= TE_TENSOR_PARAMETER;
  else
    SELF->flags &= ~(uint32_t) TE_TENSOR_PARAMETER;
  return PyErr_Occurred () ? -1 : 0;
}

GETTER (cdata)
{
  return PyLong_FromVoidPtr (SELF);
}

#define READ(name)                                                                                           \
  {                                                                                                          \
#name, get_##name, NULL, NULL, NULL                                                                      \
  }
#define WRITE(name)                                                                                          \
  {                                                                                                          \
#name, get_##name, set_##name, NULL, NULL                                                                \
  }
#define ALWAYS_FALSE(name)                                                                                   \
  {                                                                                                          \
    name, get_false, NULL, NULL, NULL                                                                        \
  }
PyGetSetDef te_py_tensor_getset[] = {
  READ (shape),
  READ (dtype),
  READ (device),
  READ (layout),
  READ (ndim),
  READ (names),
  READ (name),
  READ (output_nr),
  READ (is_leaf),
  READ (retains_grad),
  READ (is_meta),
  READ (is_cpu),
  READ (T),
  READ (H),
  WRITE (real),
  WRITE (imag),
  WRITE (requires_grad),
  WRITE (grad),
  WRITE (data),
  { "_grad", get_grad, set_grad, NULL, NULL },
  { "grad_fn", get_grad_fn, NULL, NULL, NULL },
  { "_grad_fn", get_grad_fn, set_grad_fn, NULL, NULL },
  { "mT", get_mT, NULL, NULL, "mT" },
  { "mH", get_mH, NULL, NULL, NULL },
  { "_version", get_version, NULL, NULL, NULL },
  { "_base", get_base, NULL, NULL, NULL },
  { "_id", get_id, NULL, "Names this tensor in the trace.", NULL },
  { "_cdata", get_cdata, NULL, NULL, NULL },
  { "_is_param", get_parameter, set_parameter, NULL, NULL },
  { "_is_inference", get_is_inference, NULL, NULL, NULL },
  { "__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL },
  ALWAYS_FALSE ("is_cuda"),
  ALWAYS_FALSE ("is_sparse"),
  ALWAYS_FALSE ("is_sparse_csr"),
  ALWAYS_FALSE ("is_quantized"),
  ALWAYS_FALSE ("is_mkldnn"),
  ALWAYS_FALSE ("is_mps"),
  ALWAYS_FALSE ("is_nested"),
  ALWAYS_FALSE ("is_ort"),
  ALWAYS_FALSE ("is_vulkan"),
  ALWAYS_FALSE ("is_xla"),
  ALWAYS_FALSE ("is_xpu"),
  ALWAYS_FALSE ("is_hpu"),
  ALWAYS_FALSE ("is_ipu"),
  { 0 },
};
