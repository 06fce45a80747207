/* What is kept for backward, seen from Python: saved-tensor hooks, and grad_fn._raw_saved_NAME. */
#include "python/python-private.h"

#include "autograd/saved.h"

typedef struct
{
  PyObject_HEAD TeNode *node; /* owned */
  int index;
} SavedTensor;

static PyTypeObject *saved_type;
static PyObject *pairs;        /* list of (pack, unpack); the last is in force */
static PyObject *disabled_why; /* the error text while hooks may not be set, or NULL */

/* ---- the engine's side ---- */
static bool
pack (TeTensor *tensor, void **context, void **value, TeError *err)
{
  PyObject *pair = PyList_GET_ITEM (pairs, PyList_GET_SIZE (pairs) - 1);
  PyObject *object = te_py_wrap (te_tensor_ref (tensor));
  const TeSavedHooks *before = te_saved_hooks;
  te_saved_hooks = NULL; /* what the hook itself computes is kept as usual */
  PyObject *result = object ? PyObject_CallOneArg (PyTuple_GET_ITEM (pair, 0), object) : NULL;
  te_saved_hooks = before;
  Py_XDECREF (object);
  if (!result)
    return te_py_pending (err);
  *context = Py_NewRef (PyTuple_GET_ITEM (pair, 1));
  *value = result;
  return true;
}

static TeTensor *
unpack (void *context, void *value, TeError *err)
{
  PyObject *result = PyObject_CallOneArg (context, value);
  TeTensor *tensor = NULL;
  if (result && !te_py_is_tensor (result))
    PyErr_Format (PyExc_TypeError,
                  "Output of saved tensor unpack_hook expected to be a Tensor but got result of type %s",
                  Py_TYPE (result)->tp_name);
  else if (result)
    tensor = te_tensor_ref (te_py_tensor (result));
  Py_XDECREF (result);
  if (!tensor)
    te_py_pending (err);
  return tensor;
}

static void
release (void *context, void *value)
{
  Py_DECREF ((PyObject *) context);
  Py_DECREF ((PyObject *) value);
}

static const TeSavedHooks hooks = { pack, unpack, release };

static bool
push (PyObject *pack_hook, PyObject *unpack_hook)
{
  PyObject *pair = PyTuple_Pack (2, pack_hook, unpack_hook);
  bool ok = pair && PyList_Append (pairs, pair) == 0;
  Py_XDECREF (pair);
  return ok;
}

static void
pop (void)
{
  PyList_SetSlice (pairs, PyList_GET_SIZE (pairs) - 1, PyList_GET_SIZE (pairs), NULL);
}

/* ---- functions ---- */
static PyObject *
push_hooks (PyObject *module, PyObject *args)
{
  PyObject *pack_hook, *unpack_hook;
  if (!PyArg_ParseTuple (args, "OO", &pack_hook, &unpack_hook))
    return NULL;
  if (disabled_why)
    return PyErr_Format (PyExc_RuntimeError, "%U", disabled_why);
  if (!push (pack_hook, unpack_hook))
    return NULL;
  te_saved_hooks = &hooks;
  Py_RETURN_NONE;
}

static PyObject *
pop_hooks (PyObject *module, PyObject *ignored)
{
  if (PyList_GET_SIZE (pairs))
    pop ();
  if (!PyList_GET_SIZE (pairs))
    te_saved_hooks = NULL;
  Py_RETURN_NONE;
}

/* disable_hooks (text or None): the text that was set before. */
static PyObject *
disable_hooks (PyObject *module, PyObject *text)
{
  if (text != Py_None && PyList_GET_SIZE (pairs))
    return PyErr_Format (PyExc_RuntimeError, "%S", text);
  PyObject *before = disabled_why ? disabled_why : Py_NewRef (Py_None);
  disabled_why = text == Py_None ? NULL : Py_NewRef (text);
  return before;
}

/* ---- one kept tensor ---- */
PyObject *
te_py_saved_tensor_object (TeNode *node, int index)
{
  SavedTensor *self = PyObject_New (SavedTensor, saved_type);
  if (self)
    {
      self->node = te_node_ref (node);
      self->index = index;
    }
  return (PyObject *) self;
}

static void
saved_dealloc (PyObject *object)
{
  PyTypeObject *type = Py_TYPE (object);
  te_node_unref (((SavedTensor *) object)->node);
  type->tp_free (object);
  Py_DECREF (type);
}

static PyObject *
register_hooks (PyObject *object, PyObject *args)
{
  SavedTensor *self = (SavedTensor *) object;
  PyObject *pack_hook, *unpack_hook;
  TeError err;
  te_error_clear (&err);
  if (self->node->saved_released)
    return PyErr_Format (
        PyExc_RuntimeError,
        "Calling register_hooks on a saved tensor after it has been freed. Saved intermediate values of the graph "
        "are freed when you call .backward() or autograd.grad(). Specify retain_graph=True if you need to "
        "backward through the graph a second time or if you need to access saved variables after calling "
        "backward.");
  if (!PyArg_ParseTuple (args, "OO:register_hooks", &pack_hook, &unpack_hook) || !push (pack_hook, unpack_hook))
    return NULL;
  bool ok = te_saved_pack (&self->node->saved[self->index], &hooks, &err);
  pop ();
  return ok ? Py_NewRef (Py_None) : te_py_raise (&err);
}

bool
te_py_saved_hooks_init (PyObject *module)
{
  static PyMethodDef functions[] = {
    { "_push_saved_tensors_hooks", push_hooks, METH_VARARGS, NULL },
    { "_pop_saved_tensors_hooks", pop_hooks, METH_NOARGS, NULL },
    { "_disable_saved_tensors_hooks", disable_hooks, METH_O, NULL },
    { 0 },
  };
  static PyMethodDef methods[] = {
    { "register_hooks", register_hooks, METH_VARARGS, "Keeps what pack returns; unpack makes the tensor again." },
    { 0 },
  };
  PyType_Slot slots[] = { { Py_tp_dealloc, saved_dealloc }, { Py_tp_methods, methods }, { 0 } };
  PyType_Spec spec = { "torch._C._autograd.SavedTensor", sizeof (SavedTensor), 0,
                       Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots };
  pairs = PyList_New (0);
  saved_type = (PyTypeObject *) PyType_FromSpec (&spec);
  return pairs && saved_type && PyModule_AddObjectRef (module, "_SavedTensor", (PyObject *) saved_type) == 0
         && PyModule_AddFunctions (module, functions) == 0;
}
