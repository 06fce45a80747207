/* torch.autograd.Function: operations whose forward and backward are written in Python.
 *
 * The node owns the context; the context knows its node weakly.  What save_for_backward kept is in the
 * context. */
#include "autograd/forward.h"
#include "autograd/observer.h"
#include "autograd/saved.h"
#include "python/python-private.h"
#include "python/trace-hooks.h"

#include <stddef.h>
#include <structmember.h>

typedef struct
{
  PyObject_HEAD PyObject *dict;
  PyObject *weakrefs;
  TeNode *node; /* borrowed; NULL before the node is made and after it is gone */
  PyObject *to_save, *dirty, *non_differentiable, *needs;
  PyObject *for_jvp; /* borrowed: what save_for_forward kept, while jvp runs */
  PyObject *own; /* list of what is kept whose class is not Tensor: its object is handed back, with all that it carries */
  TeSaved *kept;
  int n_kept;
  bool released;
  bool materialize;
  int n_args;
  int *edge_of_arg; /* per argument; -1: no tensor */
} Context;

static PyTypeObject *context_type;

static void
drop_kept (Context *self)
{
  for (int i = 0; i < self->n_kept; i++)
    te_saved_clear (&self->kept[i]);
  PyMem_Free (self->kept);
  self->kept = NULL;
  self->n_kept = 0;
  Py_CLEAR (self->own);
}

static int
context_traverse (PyObject *object, visitproc visit, void *arg)
{
  Context *self = (Context *) object;
  Py_VISIT (Py_TYPE (object));
  Py_VISIT (self->dict);
  Py_VISIT (self->to_save);
  Py_VISIT (self->own);
  Py_VISIT (self->dirty);
  Py_VISIT (self->non_differentiable);
  return 0;
}

static int
context_clear (PyObject *object)
{
  Context *self = (Context *) object;
  Py_CLEAR (self->dict);
  Py_CLEAR (self->to_save);
  Py_CLEAR (self->own);
  Py_CLEAR (self->dirty);
  Py_CLEAR (self->non_differentiable);
  Py_CLEAR (self->needs);
  return 0;
}

static void
context_dealloc (PyObject *object)
{
  Context *self = (Context *) object;
  PyTypeObject *type = Py_TYPE (object);
  PyObject_GC_UnTrack (object);
  if (self->weakrefs)
    PyObject_ClearWeakRefs (object);
  context_clear (object);
  drop_kept (self);
  PyMem_Free (self->edge_of_arg);
  type->tp_free (object);
  Py_DECREF (type);
}

/* ---- what forward tells the context ---- */
static PyObject *
store_tuple (PyObject **place, PyObject *args)
{
  Py_INCREF (args);
  Py_XSETREF (*place, args);
  Py_RETURN_NONE;
}

static PyObject *
save_for_backward (PyObject *self, PyObject *args)
{
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE (args); i++)
    {
      PyObject *item = PyTuple_GET_ITEM (args, i);
      if (item != Py_None && !te_py_is_tensor (item))
        return PyErr_Format (PyExc_TypeError,
                             "save_for_backward can only save variables, but argument %zd is of type %s", i,
                             Py_TYPE (item)->tp_name);
    }
  /* A copy: f (*t) hands over t itself, and entries may be replaced later. */
  PyObject *copy = PyTuple_New (PyTuple_GET_SIZE (args));
  for (Py_ssize_t i = 0; copy && i < PyTuple_GET_SIZE (args); i++)
    PyTuple_SET_ITEM (copy, i, Py_NewRef (PyTuple_GET_ITEM (args, i)));
  PyObject *result = copy ? store_tuple (&((Context *) self)->to_save, copy) : NULL;
  Py_XDECREF (copy);
  return result;
}

static PyObject *
mark_dirty (PyObject *self, PyObject *args)
{
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE (args); i++)
    if (!te_py_is_tensor (PyTuple_GET_ITEM (args, i)))
      return PyErr_Format (PyExc_RuntimeError, "mark_dirty can only accept variables, but argument %zd is of type %s",
                           i, Py_TYPE (PyTuple_GET_ITEM (args, i))->tp_name);
  return store_tuple (&((Context *) self)->dirty, args);
}

static PyObject *
mark_non_differentiable (PyObject *self, PyObject *args)
{
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE (args); i++)
    if (!te_py_is_tensor (PyTuple_GET_ITEM (args, i)))
      return PyErr_Format (PyExc_RuntimeError, "mark_non_differentiable only accepts variable arguments, but got %s",
                           Py_TYPE (PyTuple_GET_ITEM (args, i))->tp_name);
  return store_tuple (&((Context *) self)->non_differentiable, args);
}

static PyObject *
set_materialize_grads (PyObject *self, PyObject *value)
{
  int truth = PyObject_IsTrue (value);
  ((Context *) self)->materialize = truth == 1;
  return truth < 0 ? NULL : Py_NewRef (Py_None);
}

static PyObject *
unpack (Context *self, const TeSaved *kept)
{
  TeError err;
  te_error_clear (&err);
  if (!te_saved_is_set (kept))
    Py_RETURN_NONE;
  return te_py_wrap_error (te_saved_unpack (kept, self->node, &err), &err);
}

static PyObject *
saved_tensors (PyObject *object, void *closure)
{
  Context *self = (Context *) object;
  if (self->for_jvp)
    return Py_NewRef (self->for_jvp);
  if (self->released)
    return PyErr_Format (
        PyExc_RuntimeError,
        "Trying to backward through the graph a second time (or directly access saved tensors after they "
        "have "
        "already been freed). Saved intermediate values of the graph are freed when you call .backward() or "
        "autograd.grad(). Specify retain_graph=True if you need to backward through the graph a second time "
        "or if "
        "you need to access saved tensors after calling backward.");
  if (!self->kept)
    return self->to_save ? Py_NewRef (self->to_save) : PyTuple_New (0);
  PyObject *tuple = PyTuple_New (self->n_kept);
  for (int i = 0; tuple && i < self->n_kept; i++)
    {
      PyObject *item = unpack (self, &self->kept[i]);
      if (!item)
        Py_CLEAR (tuple);
      else
        PyTuple_SET_ITEM (tuple, i, item);
    }
  return tuple;
}

static PyObject *
needs_input_grad (PyObject *self, void *closure)
{
  PyObject *needs = ((Context *) self)->needs;
  return needs ? Py_NewRef (needs) : PyTuple_New (0);
}

void
te_py_function_show (PyObject *context, PyObject *tensors)
{
  ((Context *) context)->for_jvp = tensors;
}

/* ---- the node ---- */
static PyObject *
gradient_argument (Context *self, TeNode *node, TeTensor *grad, int index, TeError *err)
{
  if (grad)
    return te_py_wrap (te_tensor_ref (grad));
  if (!self->materialize)
    return Py_NewRef (Py_None);
  const TeMeta *meta = &node->input_metas[index];
  TeTensor *zeros = te_zeros (meta->ndim, meta->sizes, (TeDtype) meta->dtype, err);
  return zeros ? te_py_wrap (zeros) : te_py_raise (err);
}

static bool
take_results (Context *self, TeNode *node, PyObject *returned, TeTensor **results)
{
  PyObject *tuple = PyTuple_Check (returned) ? Py_NewRef (returned) : PyTuple_Pack (1, returned);
  if (!tuple)
    return false;
  Py_ssize_t n = PyTuple_GET_SIZE (tuple);
  bool ok = n == self->n_args;
  if (n > self->n_args)
    { /* surplus Nones are forgiven */
      ok = true;
      for (Py_ssize_t i = self->n_args; i < n; i++)
        ok = ok && PyTuple_GET_ITEM (tuple, i) == Py_None;
    }
  if (!ok)
    PyErr_Format (PyExc_RuntimeError,
                  "function %s returned an incorrect number of gradients (expected %d, got %zd)", node->name,
                  self->n_args, n);
  for (int i = 0; ok && i < self->n_args; i++)
    {
      PyObject *item = PyTuple_GET_ITEM (tuple, i);
      int edge = self->edge_of_arg[i];
      if (item == Py_None)
        continue;
      if (edge < 0)
        {
          PyErr_Format (PyExc_RuntimeError,
                        "function %s returned a gradient different than None at position %d, but the "
                        "corresponding forward input "
                        "was not a Variable",
                        node->name, i + 1);
          ok = false;
        }
      else if (!te_py_is_tensor (item))
        {
          PyErr_Format (PyExc_RuntimeError, "expected Variable or None (got %s)", Py_TYPE (item)->tp_name);
          ok = false;
        }
      else if (node->edges[edge].node)
        results[edge] = te_tensor_ref (te_py_tensor (item));
    }
  Py_DECREF (tuple);
  return ok;
}

static bool
function_apply (TeNode *node, TeTensor *const *grads, TeTensor **results, TeError *err)
{
  Context *self = node->data;
  PyObject *args = PyTuple_New (node->n_inputs + 1);
  bool ok = args != NULL;
  if (ok)
    PyTuple_SET_ITEM (args, 0, Py_NewRef ((PyObject *) self));
  for (int i = 0; ok && i < node->n_inputs; i++)
    {
      PyObject *item = gradient_argument (self, node, grads[i], i, err);
      ok = item != NULL;
      PyTuple_SET_ITEM (args, i + 1, item ? item : Py_NewRef (Py_None));
    }
  PyObject *backward = ok ? PyObject_GetAttrString ((PyObject *) Py_TYPE (self), "backward") : NULL;
  PyObject *returned = backward ? PyObject_CallObject (backward, args) : NULL;
  ok = returned && take_results (self, node, returned, results);
  Py_XDECREF (returned);
  Py_XDECREF (backward);
  Py_XDECREF (args);
  return ok || te_py_pending (err);
}

static void
function_release (TeNode *node)
{
  Context *self = node->data;
  if (self->kept)
    {
      bool any = self->n_kept > 0;
      drop_kept (self);
      self->released = true;
      if (any && __builtin_expect (te_autograd_observer && te_autograd_observer->saved_released, 0))
        te_autograd_observer->saved_released (node);
    }
}

static void
function_finalize (TeNode *node)
{
  Context *self = node->data;
  if (self)
    {
      self->node = NULL;
      drop_kept (self); /* what was kept may lead to further nodes; they wait in the engine's queue */
      Py_DECREF ((PyObject *) self);
    }
}

static const TeNodeClass function_class = { function_apply, function_release, function_finalize };

PyObject *
te_py_function_context (TeNode *node)
{
  return node->klass == &function_class ? node->data : NULL;
}

/* ---- apply ---- */
static bool
contains (PyObject *tuple, PyObject *object)
{
  for (Py_ssize_t i = 0; tuple && i < PyTuple_GET_SIZE (tuple); i++)
    if (PyTuple_GET_ITEM (tuple, i) == object)
      return true;
  return false;
}

static bool
note_inputs (Context *self, PyObject *args, Py_ssize_t first, bool *records)
{
  self->n_args = (int) (PyTuple_GET_SIZE (args) - first);
  self->needs = PyTuple_New (self->n_args);
  self->edge_of_arg = PyMem_Malloc ((size_t) (self->n_args + 1) * sizeof (int));
  if (!self->needs || !self->edge_of_arg)
    return PyErr_NoMemory () != NULL;
  int edge = 0;
  for (int i = 0; i < self->n_args; i++)
    {
      PyObject *item = PyTuple_GET_ITEM (args, i + first);
      bool tensor = te_py_is_tensor (item), needs = tensor && te_tensor_requires_grad (te_py_tensor (item));
      self->edge_of_arg[i] = tensor ? edge++ : -1;
      PyTuple_SET_ITEM (self->needs, i, PyBool_FromLong (needs));
      *records = *records || needs;
    }
  *records = *records && te_grad_mode_enabled ();
  return true;
}

static bool
keep_saved (Context *self, PyObject *outputs, TeError *err)
{
  Py_ssize_t n = self->to_save ? PyTuple_GET_SIZE (self->to_save) : 0;
  self->kept = PyMem_Calloc ((size_t) n + 1, sizeof *self->kept);
  if (!self->kept)
    return te_error_no_memory (err);
  for (Py_ssize_t i = 0; i < n; i++)
    {
      PyObject *item = PyTuple_GET_ITEM (self->to_save, i);
      TeSaved *kept = &self->kept[self->n_kept++];
      int output_nr = -1;
      bool is_output = false;
      if (item == Py_None)
        continue;
      for (Py_ssize_t k = 0; k < PyTuple_GET_SIZE (outputs); k++)
        if (PyTuple_GET_ITEM (outputs, k) == item)
          {
            is_output = true;
            if (te_tensor_requires_grad (te_py_tensor (item)))
              output_nr = (int) k;
          }
      if (!is_output && Py_TYPE (item) != te_py_tensor_class
          && ((!self->own && !(self->own = PyList_New (0))) || PyList_Append (self->own, item) < 0))
        return te_py_pending (err);
      if (!te_saved_set (kept, te_py_tensor (item), output_nr, err))
        return false;
    }
  Py_CLEAR (self->to_save);
  return true;
}

/* Result number k is `tensor` (owned) from now on. */
static TeTensor *
replace_output (PyObject *outputs, Py_ssize_t k, TeTensor *tensor)
{
  PyObject *object = tensor ? te_py_wrap (tensor) : NULL, *before = PyTuple_GET_ITEM (outputs, k);
  if (!object)
    return NULL;
  PyTuple_SET_ITEM (outputs, k, object);
  Py_DECREF (before);
  return te_py_tensor (object);
}

/* What forward had from its caller comes back as a view of it, which was made where nothing is recorded. */
static TeTensor *
seen_anew (PyObject *outputs, Py_ssize_t k, TeTensor *tensor, TeError *err)
{
  TE_OP (view, "view");
  bool mode = te_grad_mode_set (false);
  TeTensor *seen = te_call (view, err, "TI", tensor, tensor->sizes, (int) tensor->ndim);
  te_grad_mode_set (mode);
  return replace_output (outputs, k, seen);
}

/* An input that forward changed in place: from here on its history is this function. */
static bool
connect_dirty (TeNode *node, TeTensor *tensor, bool input, Py_ssize_t n_outputs, TeError *err)
{
  if (te_tensor_requires_grad (tensor) && te_tensor_is_leaf (tensor))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "a leaf Variable that requires grad has been used in an in-place operation.");
  if (!input
      && !te_warn (
          err, TE_WARN_USER,
          "Only input Tensors should be given to ctx.mark_dirty(). If a Tensor is not an input, there is no "
          "need to pass it to mark_dirty()."))
    return false;
  if (te_tensor_base (tensor) && n_outputs > 1)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "If your Function modifies inplace an input that is a view of another Tensor, your "
                         "Function cannot return "
                         "more than one Tensor. This is not supported by the current autograd engine. You "
                         "should either make sure the "
                         "input is not a view (using .clone() for example) or make your Function only return "
                         "one Tensor (potentially "
                         "splitting it into two Functions: one doing the inplace that returns a single "
                         "Tensor and a second one that "
                         "does the other operations). You can ask on the forum https://discuss.pytorch.org/ "
                         "if you need help to do "
                         "this change.");
  return te_tensor_rebase_history (tensor, node, err);
}

/* Result number k, through which no gradient goes. */
static TeTensor *
cut_off (PyObject *outputs, Py_ssize_t k, TeTensor *tensor, bool input, TeError *err)
{
  if (!te_tensor_requires_grad (tensor))
    return input ? seen_anew (outputs, k, tensor, err) : tensor;
  if (input)
    return replace_output (outputs, k, te_tensor_alias (tensor, err));
  return te_tensor_base (tensor) || te_tensor_detach_inplace (tensor, err) ? tensor : NULL;
}

/* Makes result number k an output of node (NULL: nothing is recorded), or of nobody; it may be replaced by an
 * alias. What is a view by then is never to be changed in place, as its history is this function and not the
 * view's. */
static bool
connect_output (Context *self, TeNode *node, PyObject *args, PyObject *outputs, Py_ssize_t k, TeError *err)
{
  PyObject *item = PyTuple_GET_ITEM (outputs, k);
  if (!te_py_is_tensor (item))
    return true;
  TeTensor *tensor = te_py_tensor (item);
  bool input = contains (args, item), dirty = contains (self->dirty, item),
       differentiable = node && !contains (self->non_differentiable, item)
                        && te_dtype_is_inexact (te_tensor_dtype (tensor));
  if (dirty)
    te_tensor_bump_version (tensor);
  if (node && !te_node_set_input_meta (node, (int) k, tensor, err))
    return false;
  if (!differentiable)
    tensor = cut_off (outputs, k, tensor, input, err);
  else if (dirty)
    return connect_dirty (node, tensor, input, PyTuple_GET_SIZE (outputs), err);
  else if (input)
    tensor = seen_anew (outputs, k, tensor, err);
  if (tensor && !(input && dirty) && te_tensor_base (tensor))
    tensor->autograd->creation = TE_VIEW_CUSTOM;
  return tensor && (!differentiable || te_tensor_set_history (tensor, node, (int) k, err));
}

/* Views among several results that have a gradient are as those of split. */
static bool
connect_outputs (Context *self, TeNode *node, PyObject *args, PyObject *outputs, TeError *err)
{
  Py_ssize_t n = PyTuple_GET_SIZE (outputs), n_differentiable = 0;
  for (Py_ssize_t k = 0; k < n; k++)
    {
      if (!connect_output (self, node, args, outputs, k, err))
        return false;
      PyObject *item = PyTuple_GET_ITEM (outputs, k);
      n_differentiable += node && te_py_is_tensor (item) && te_tensor_requires_grad (te_py_tensor (item));
    }
  for (Py_ssize_t k = 0; k < n && n_differentiable > 1; k++)
    {
      PyObject *item = PyTuple_GET_ITEM (outputs, k);
      if (te_py_is_tensor (item) && te_tensor_base (te_py_tensor (item)))
        te_py_tensor (item)->autograd->creation = TE_VIEW_MULTI_OUTPUT;
    }
  return true;
}

static bool
dirty_are_returned (Context *self, PyObject *outputs)
{
  for (Py_ssize_t i = 0; self->dirty && i < PyTuple_GET_SIZE (self->dirty); i++)
    if (!contains (outputs, PyTuple_GET_ITEM (self->dirty, i)))
      {
        PyErr_SetString (PyExc_RuntimeError,
                         "Some elements marked as dirty during the forward method were not returned as output. "
                         "The inputs that are modified inplace must all be outputs of the Function.");
        return false;
      }
  return true;
}

static TeNode *
make_node (Context *self, uint64_t call, PyObject *args, Py_ssize_t first, PyObject *outputs, TeError *err)
{
  PyObject *text = PyUnicode_FromFormat ("%sBackward", Py_TYPE (self)->tp_name);
  if (!text)
    return NULL;
  PyUnicode_InternInPlace (&text); /* stays for the life of the process, as the type's node names do */
  int n_edges = 0;
  for (int i = 0; i < self->n_args; i++)
    n_edges += self->edge_of_arg[i] >= 0;
  TeNode *node =
      te_node_new (&function_class, PyUnicode_AsUTF8 (text), (int) PyTuple_GET_SIZE (outputs), n_edges, err);
  if (!node)
    return NULL;
  node->data = Py_NewRef ((PyObject *) self);
  self->node = node;
  bool ok = true;
  for (int i = 0; ok && i < self->n_args; i++)
    if (self->edge_of_arg[i] >= 0)
      ok = te_node_set_edge (node, self->edge_of_arg[i], te_py_tensor (PyTuple_GET_ITEM (args, i + first)),
                             err);
  ok = ok && connect_outputs (self, node, args, outputs, err);
  if (ok && call)
    te_trace_function_node (call, node, (PyObject *) Py_TYPE (self), args, self->to_save, outputs);
  if (ok && keep_saved (self, outputs, err))
    return node;
  te_node_unref (node);
  return NULL;
}

/* Anomaly mode: where this stood. */
static void
note_place (PyObject *outputs)
{
  for (Py_ssize_t k = 0; k < PyTuple_GET_SIZE (outputs); k++)
    if (te_py_is_tensor (PyTuple_GET_ITEM (outputs, k)))
      te_py_anomaly_note (te_py_tensor (PyTuple_GET_ITEM (outputs, k)));
}

/* Function.apply (cls, *args) */
static PyObject *
apply (PyObject *class, PyObject *args)
{
  PyTypeObject *type = (PyTypeObject *) class;
  bool records = false;
  TeError err;
  te_error_clear (&err);
  Context *self = (Context *) type->tp_alloc (type, 0);
  PyObject *with_self = self ? PyTuple_New (PyTuple_GET_SIZE (args) + 1) : NULL;
  PyObject *outputs = NULL, *result = NULL;
  uint64_t call = 0;
  if (!with_self)
    goto out;
  self->materialize = true;
  PyTuple_SET_ITEM (with_self, 0, Py_NewRef ((PyObject *) self));
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE (args); i++)
    PyTuple_SET_ITEM (with_self, i + 1, Py_NewRef (PyTuple_GET_ITEM (args, i)));
  if (!note_inputs (self, args, 0, &records))
    goto out;
  PyObject *forward = PyObject_GetAttrString (class, "forward");
  if (!forward)
    goto out;
  if (!te_trace_function_begin (class, args, records, &call))
    {
      Py_DECREF (forward);
      goto out;
    }
  bool before = te_grad_mode_set (false);
  uint64_t level = te_forward_pause ();
  result = PyObject_CallObject (forward, with_self);
  te_forward_level = level;
  te_grad_mode_set (before);
  Py_DECREF (forward);
  if (!result)
    goto out;
  bool tuple = PyTuple_Check (result);
  /* A fresh tuple: its items may be replaced by aliases. */
  outputs = tuple ? PyTuple_New (PyTuple_GET_SIZE (result)) : PyTuple_New (1);
  for (Py_ssize_t k = 0; outputs && k < PyTuple_GET_SIZE (outputs); k++)
    PyTuple_SET_ITEM (outputs, k, Py_NewRef (tuple ? PyTuple_GET_ITEM (result, k) : result));
  Py_CLEAR (result);
  if (!outputs)
    goto out;
  if (!dirty_are_returned (self, outputs))
    goto out;
  if (records)
    {
      TeNode *node = make_node (self, call, args, 0, outputs, &err);
      if (!node)
        {
          if (!PyErr_Occurred ())
            te_py_raise (&err);
          goto out;
        }
      te_node_unref (node); /* the outputs hold it */
      if (te_anomaly_mode_flag)
        note_place (outputs);
    }
  else if (!connect_outputs (self, NULL, args, outputs, &err))
    {
      te_py_raise (&err);
      goto out;
    }
  if (te_forward_level && !te_py_forward_function ((PyObject *) self, class, args, outputs))
    goto out;
  result = tuple ? Py_NewRef (outputs) : Py_NewRef (PyTuple_GET_ITEM (outputs, 0));
out:
  if (call)
    te_trace_function_end (call, result ? outputs : NULL);
  Py_XDECREF (outputs);
  Py_XDECREF (with_self);
  Py_XDECREF (self);
  return result;
}

static PyMethodDef methods[] = {
  { "apply", apply, METH_VARARGS | METH_CLASS, "Runs forward and records this function for backward." },
  { "save_for_backward", save_for_backward, METH_VARARGS, "Keeps tensors for backward: ctx.saved_tensors." },
  { "mark_dirty", mark_dirty, METH_VARARGS, "Says which inputs forward changed in place." },
  { "mark_non_differentiable", mark_non_differentiable, METH_VARARGS,
    "Says which results have no gradient." },
  { "set_materialize_grads", set_materialize_grads, METH_O, "Whether missing gradients come as zeros." },
  { 0 },
};

static PyGetSetDef getset[] = {
  { "saved_tensors", saved_tensors, NULL, NULL, NULL },
  { "saved_variables", saved_tensors, NULL, NULL, NULL },
  { "needs_input_grad", needs_input_grad, NULL, NULL, NULL },
  { "__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL },
  { 0 },
};

static PyMemberDef members[] = {
  { "__dictoffset__", T_PYSSIZET, offsetof (Context, dict), READONLY, NULL },
  { "__weaklistoffset__", T_PYSSIZET, offsetof (Context, weakrefs), READONLY, NULL },
  { "materialize_grads", T_BOOL, offsetof (Context, materialize), 0, NULL },
  { "non_differentiable", T_OBJECT, offsetof (Context, non_differentiable), READONLY, NULL },
  { "dirty_tensors", T_OBJECT, offsetof (Context, dirty), READONLY, NULL },
  { "to_save", T_OBJECT, offsetof (Context, to_save), READONLY, NULL },
  { 0 },
};

/* As PyTorch's, in which what forward is given is the node itself. */
static PyObject *
context_repr (PyObject *self)
{
  return ((Context *) self)->needs
             ? PyUnicode_FromFormat ("<torch.autograd.function.%sBackward object at %p>", Py_TYPE (self)->tp_name, self)
             : PyBaseObject_Type.tp_repr (self);
}

bool
te_py_function_init (PyObject *module)
{
  PyType_Slot slots[] = { { Py_tp_dealloc, context_dealloc },
                          { Py_tp_repr, context_repr },
                          { Py_tp_traverse, context_traverse },
                          { Py_tp_clear, context_clear },
                          { Py_tp_methods, methods },
                          { Py_tp_getset, getset },
                          { Py_tp_members, members },
                          { 0 } };
  PyType_Spec spec = { "torch._C._FunctionBase", sizeof (Context), 0,
                       Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, slots };
  context_type = (PyTypeObject *) PyType_FromSpec (&spec);
  return context_type && PyModule_AddObjectRef (module, "_FunctionBase", (PyObject *) context_type) == 0;
}
