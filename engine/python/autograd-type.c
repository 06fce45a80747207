/* Nodes of the graph as Python objects, hooks, backward and grad. */
#include "autograd/saved.h"
#include "python/python-private.h"
#include "python/trace-hooks.h"

#include <stdlib.h>
#include <string.h>

/* ---- nodes ---- */
typedef struct
{
  PyObject_HEAD TeNode *node; /* owned */
  PyObject *metadata;
} PyNode;

static PyTypeObject *node_type;
static PyObject *node_types; /* name -> type, so that type (t.grad_fn).__name__ is "AddBackward0" */

static PyTypeObject *
type_for (const char *name, const char *module)
{
  PyTypeObject *type = (PyTypeObject *) PyDict_GetItemString (node_types, name);
  if (type)
    return type;
  char *kept = NULL;
  if (asprintf (&kept, "%s%s%s", module, *module ? "." : "", name) < 0)
    kept = NULL;
  PyType_Slot slots[] = { { 0 } };
  PyType_Spec spec = { "torch.autograd.Node", sizeof (PyNode), 0,
                       Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots };
  type = kept ? (PyTypeObject *) PyType_FromSpecWithBases (&spec, (PyObject *) node_type) : NULL;
  if (!type)
    return NULL;
  PyObject *text = PyUnicode_FromString (name), *from = PyUnicode_FromString (*module ? module : "builtins");
  type->tp_name = kept;
  if (text && from && PyDict_SetItemString (type->tp_dict, "__module__", from) < 0)
    Py_CLEAR (text);
  Py_XDECREF (from);
  if (text)
    {
      Py_SETREF (((PyHeapTypeObject *) type)->ht_name, Py_NewRef (text));
      Py_SETREF (((PyHeapTypeObject *) type)->ht_qualname, Py_NewRef (text));
    }
  if (!text || PyDict_SetItem (node_types, text, (PyObject *) type) < 0)
    Py_CLEAR (type);
  Py_XDECREF (text);
  Py_XDECREF (type); /* the dictionary holds it */
  return type;
}

PyObject *
te_py_node_wrap (TeNode *node)
{
  if (!node)
    Py_RETURN_NONE;
  if (node->python)
    return Py_NewRef ((PyObject *) node->python);
  PyTypeObject *type = type_for (node->name, te_py_function_context (node) ? "torch.autograd.function" : "");
  PyNode *self = type ? (PyNode *) type->tp_alloc (type, 0) : NULL;
  if (self)
    {
      self->node = te_node_ref (node);
      node->python = self;
    }
  return (PyObject *) self;
}

static void
node_dealloc (PyObject *object)
{
  PyNode *self = (PyNode *) object;
  PyTypeObject *type = Py_TYPE (object);
  PyObject_GC_UnTrack (object);
  Py_CLEAR (self->metadata);
  if (self->node)
    {
      if (self->node->python == self)
        self->node->python = NULL;
      te_node_unref (self->node);
    }
  type->tp_free (object);
  Py_DECREF (type);
}

static int
node_traverse (PyObject *object, visitproc visit, void *arg)
{
  Py_VISIT (Py_TYPE (object));
  Py_VISIT (((PyNode *) object)->metadata);
  return 0;
}

#define NODE(object) (((PyNode *) (object))->node)

static PyObject *
node_repr (PyObject *self)
{
  return PyUnicode_FromFormat ("<%s object at %p>", Py_TYPE (self)->tp_name, (void *) self);
}

static PyObject *
node_name (PyObject *self, PyObject *ignored)
{
  TeNode *node = NODE (self);
  bool generated = te_py_function_context (node)
                   || (te_node_is_recorded_op (node) && strcmp (node->name, "CopyBackwards") != 0
                       && strcmp (node->name, "NotImplemented") != 0);
  return PyUnicode_FromFormat ("%s%s", generated ? "" : "torch::autograd::", node->name);
}

static PyObject *
node_next_functions (PyObject *self, void *closure)
{
  const TeNode *node = NODE (self);
  int n = 0;
  for (int i = 0; i < node->n_edges; i++)
    n += te_node_shown_edge (node, i) >= 0;
  PyObject *tuple = PyTuple_New (n);
  for (int i = 0; tuple && i < node->n_edges; i++)
    {
      int place = te_node_shown_edge (node, i);
      if (place < 0)
        continue;
      PyObject *edge = Py_BuildValue ("(Ni)", te_py_node_wrap (node->edges[i].node), node->edges[i].input_nr);
      if (!edge)
        Py_CLEAR (tuple);
      else
        PyTuple_SET_ITEM (tuple, place, edge);
    }
  return tuple;
}

static PyObject *
node_metadata (PyObject *object, void *closure)
{
  PyNode *self = (PyNode *) object;
  if (!self->metadata)
    self->metadata = PyDict_New ();
  return Py_XNewRef (self->metadata);
}

static PyObject *
node_variable (PyObject *self, void *closure)
{
  TeNode *node = NODE (self);
  if (!te_node_is_accumulate_grad (node))
    return PyErr_Format (PyExc_AttributeError, "'%s' object has no attribute 'variable'",
                         Py_TYPE (self)->tp_name);
  TeTensor *leaf = te_node_accumulate_grad_leaf (node);
  return leaf ? te_py_wrap (te_tensor_ref (leaf)) : Py_NewRef (Py_None);
}

static PyObject *
node_id (PyObject *self, void *closure)
{
  return PyLong_FromUnsignedLongLong (NODE (self)->id);
}

static PyObject *
node_sequence (PyObject *self, PyObject *ignored)
{
  return PyLong_FromUnsignedLongLong (NODE (self)->sequence);
}

/* ---- saved values: grad_fn._saved_self, ._saved_dim … ---- */
static PyObject *
saved_released (void)
{
  return PyErr_Format (
      PyExc_RuntimeError,
      "Trying to backward through the graph a second time (or directly access saved tensors after they have "
      "already been freed). Saved intermediate values of the graph are freed when you call .backward() or "
      "autograd.grad(). Specify retain_graph=True if you need to backward through the graph a second time or "
      "if "
      "you need to access saved tensors after calling backward.");
}

static PyObject *
saved_tensor (TeNode *node, int index)
{
  TeError err;
  te_error_clear (&err);
  TeTensor *tensor = te_node_unpack (node, index, &err);
  if (tensor)
    return te_py_wrap (tensor);
  if (err.kind)
    return te_py_raise (&err);
  Py_RETURN_NONE;
}

static PyObject *
saved_value (TeNode *node, const TeValue *value, int flat)
{
  switch (value->kind)
    {
    case TE_VALUE_TENSOR:
      return saved_tensor (node, flat);
    case TE_VALUE_TENSOR_LIST:
      {
        PyObject *tuple = PyTuple_New (value->count);
        for (int i = 0; tuple && i < value->count; i++)
          {
            PyObject *item = saved_tensor (node, flat + i);
            if (!item)
              Py_CLEAR (tuple);
            else
              PyTuple_SET_ITEM (tuple, i, item);
          }
        return tuple;
      }
    case TE_VALUE_SCALAR:
      return te_py_from_scalar (value->scalar);
    case TE_VALUE_INT:
    case TE_VALUE_LAYOUT:
      return PyLong_FromLongLong (value->i);
    case TE_VALUE_FLOAT:
      return PyFloat_FromDouble (value->f);
    case TE_VALUE_BOOL:
      return PyBool_FromLong (value->b);
    case TE_VALUE_INT_LIST:
      return te_py_ints (value->count, value->ints);
    case TE_VALUE_DTYPE:
      return te_py_dtype_object (value->dtype);
    case TE_VALUE_STRING:
      return PyUnicode_FromString (value->string);
    case TE_VALUE_DEVICE:
      return te_py_device_object (value->i == 1);
    case TE_VALUE_FLOAT_LIST:
    case TE_VALUE_GENERATOR:
    case TE_VALUE_NONE:
      break;
    }
  Py_RETURN_NONE;
}

static int
n_flat (const TeValue *value, TeArgType type)
{
  if (type == TE_ARG_TENSOR_LIST || type == TE_ARG_OPTIONAL_TENSOR_LIST)
    return value->count;
  return type == TE_ARG_TENSOR;
}

/* The kept tensor, or with raw the place where it is kept; None when it was known not to be needed.  Called with
 * an AttributeError pending. */
static PyObject *
node_saved_tensor (TeNode *node, int index, bool known, bool raw)
{
  if (!known)
    return NULL;
  PyErr_Clear ();
  bool kept = index < node->n_saved && te_saved_is_set (&node->saved[index]);
  if (!kept && !node->saved_released)
    return Py_NewRef (Py_None);
  return raw                    ? te_py_saved_tensor_object (node, index)
         : node->saved_released ? saved_released ()
                                : saved_tensor (node, index);
}

/* How _saved_NAME goes on where not the tensor is meant but what was noted of it. */
typedef enum
{
  PART_TENSOR,
  PART_SIZES,
  PART_STRIDES,
  PART_NONE, /* no such ending */
} SavedPart;

static SavedPart
saved_part (const char *ending)
{
  return !*ending                                                                   ? PART_TENSOR
         : strcmp (ending, "_sizes") == 0 || strcmp (ending, "_sym_sizes") == 0     ? PART_SIZES
         : strcmp (ending, "_strides") == 0 || strcmp (ending, "_sym_strides") == 0 ? PART_STRIDES
                                                                                    : PART_NONE;
}

/* Argument i of the recorded op, or a part of what was noted of it.  An AttributeError is pending. */
static PyObject *
node_saved_argument (TeNode *node, int i, int flat, bool raw, SavedPart part)
{
  bool tensor = node->op->args[i].type == TE_ARG_TENSOR;
  bool list = !tensor && n_flat (&node->args[i], node->op->args[i].type) > 0;
  bool kept = node->op->def->saves & TE_SAVE_ARG (i);
  if (part == PART_STRIDES)
    {
      if (tensor && kept && !node->edges[flat].node) /* noted for the gradient of the tensor itself */
        {
          PyErr_Clear ();
          return PyTuple_New (0);
        }
      PyObject *saved = tensor && kept ? node_saved_tensor (node, flat, true, false) : NULL;
      PyObject *strides = saved && saved != Py_None ? PyObject_CallMethod (saved, "stride", NULL) : NULL;
      Py_XDECREF (saved);
      return strides;
    }
  if (part == PART_SIZES)
    {
      if (!tensor || node->metas[flat].dtype == TE_DTYPE_NONE)
        return NULL;
      PyErr_Clear ();
      return te_py_ints (node->metas[flat].ndim, node->metas[flat].sizes);
    }
  if (tensor)
    return node_saved_tensor (node, flat, kept, raw);
  if (raw)
    return NULL;
  PyErr_Clear ();
  return list && node->saved_released ? saved_released () : saved_value (node, &node->args[i], flat);
}

static PyObject *
node_getattro (PyObject *self, PyObject *name)
{
  PyObject *found = PyObject_GenericGetAttr (self, name);
  TeNode *node = NODE (self);
  if (found || !PyErr_ExceptionMatches (PyExc_AttributeError) || !node)
    return found;
  if (te_py_function_context (node))
    {
      PyErr_Clear ();
      found = PyObject_GetAttr (te_py_function_context (node), name);
      if (!found && PyErr_ExceptionMatches (PyExc_AttributeError))
        PyErr_Format (PyExc_AttributeError, "'%s' object has no attribute '%U'", node->name, name);
      return found;
    }
  if (!node->op || !node->args)
    return NULL;
  const char *text = PyUnicode_AsUTF8 (name);
  bool raw = text && strncmp (text, "_raw_saved_", 11) == 0;
  if (!text || (!raw && strncmp (text, "_saved_", 7) != 0))
    return NULL;
  text += raw ? 11 : 7;
  int flat = 0;
  for (int i = 0; i < node->op->n_args; i++)
    {
      size_t length = strlen (node->op->args[i].name);
      if (strncmp (node->op->args[i].name, text, length) == 0
          && saved_part (text + length) != PART_NONE)
        return node_saved_argument (node, i, flat, raw, saved_part (text + length));
      flat += n_flat (&node->args[i], node->op->args[i].type);
    }
  for (int i = 0; i < node->op->n_returns; i++)
    {
      const char *out = node->op->return_names[i];
      if (strcmp (text, out ? out : node->op->n_returns == 1 ? "result" : "") == 0)
        return node_saved_tensor (node, flat + i, node->op->def->saves & TE_SAVE_OUT (i), raw);
    }
  return NULL;
}

/* What PyTorch's formulas note of an operation where that is not simply its kept tensors and its numbers. */
static const char *
noted_names (const char *node)
{
  static const char *const names[][2] = {
    { "AddmmBackward", "alpha beta mat1 mat1_sym_sizes mat1_sym_strides mat2 mat2_sym_sizes mat2_sym_strides" },
    { "MmBackward", "mat2 mat2_sym_sizes mat2_sym_strides self self_sym_sizes self_sym_strides" },
    { "SumBackward1", "dim keepdim self_sym_sizes" },
    { "ExpandBackward", "self_sym_sizes" },
    { "ViewBackward", "self_sym_sizes" },
    { "ReshapeAliasBackward", "self_sym_sizes" },
    { "RepeatBackward", "repeats self_sym_sizes" },
    { "SliceBackward", "dim end self_sym_sizes start step" },
    { "SelectBackward", "dim index self_sizes" },
    { "MaxBackward0", "dim indices keepdim self_sizes" },
    { "MinBackward0", "dim indices keepdim self_sizes" },
    { "SqueezeBackward0", "self_sizes" },
    { "IndexBackward", "indices self_sizes" },
    { "IndexSelectBackward", "dim index self_sizes" },
    { "SplitBackward", "dim self_sizes split_size" },
    { "MaskedFillBackward", "mask" },
    { "ConstantPadNdBackward", "pad" },
    { "DiagonalBackward", "dim1 dim2 offset self_sym_sizes" },
    { "UnfoldBackward", "dimension self_sizes size step" },
    { "CloneBackward", "" },
    { "ToCopyBackward", "" },
    { "TopkBackward", "dim indices self_sizes" },
    { "SortBackward", "dim indices self_sizes" },
    { "AdaptiveAvgPool2DBackward", "self" },
  };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    {
      size_t length = strlen (names[i][0]);
      if (strncmp (node, names[i][0], length) == 0 && (!node[length] || strcmp (node + length, "0") == 0))
        return names[i][1];
    }
  return NULL;
}

static bool
add_name (PyObject *names, const char *prefix, const char *name, size_t length)
{
  PyObject *rest = PyUnicode_FromStringAndSize (name, (Py_ssize_t) length);
  PyObject *text = rest ? PyUnicode_FromFormat ("%s%U", prefix, rest) : NULL;
  Py_XDECREF (rest);
  bool ok = text && PyList_Append (names, text) == 0;
  Py_XDECREF (text);
  return ok;
}

/* Adds the names of saved values, as tools that draw graphs look for them. */
static PyObject *
node_dir (PyObject *self, PyObject *ignored)
{
  TeNode *node = NODE (self);
  PyObject *names = PyObject_CallMethod ((PyObject *) &PyBaseObject_Type, "__dir__", "O", self);
  if (!names || !node || !node->op || !node->args || te_py_function_context (node))
    return names;
  const TeOp *op = node->op;
  const char *noted = noted_names (node->name);
  bool ok = true;
  for (int i = 0; i < op->n_args + op->n_returns && ok; i++)
    {
      bool arg = i < op->n_args;
      int flat = arg ? n_flat (&node->args[i], op->args[i].type) : 1;
      const char *name = arg ? op->args[i].name : op->return_names[i - op->n_args];
      name = name ? name : "result";
      bool kept = arg ? op->def->saves & TE_SAVE_ARG (i) : op->def->saves & TE_SAVE_OUT (i - op->n_args);
      if (flat && kept)
        ok = add_name (names, "_raw_saved_", name, strlen (name));
      if (ok && !noted && (flat ? kept : strcmp (name, "dtype") != 0))
        ok = add_name (names, "_saved_", name, strlen (name));
    }
  for (const char *at = noted; ok && at && *at;)
    {
      size_t length = strcspn (at, " ");
      ok = add_name (names, "_saved_", at, length);
      at += length + (at[length] == ' ');
    }
  if (!ok)
    Py_CLEAR (names);
  return names;
}

/* What is set on the node of a Python function lands on its ctx, as there they are one. */
static int
node_setattro (PyObject *self, PyObject *name, PyObject *value)
{
  PyObject *context = NODE (self) ? te_py_function_context (NODE (self)) : NULL;
  return context ? PyObject_SetAttr (context, name, value) : PyObject_GenericSetAttr (self, name, value);
}

/* ---- hooks ---- */
typedef struct
{
  PyObject_HEAD TeTensor *tensor; /* owned; or */
  TeNode *node;                   /* owned */
  int64_t id;
} Handle;
static PyTypeObject *handle_type;

static PyObject *
handle_remove (PyObject *object, PyObject *ignored)
{
  Handle *self = (Handle *) object;
  if (self->tensor)
    te_tensor_remove_hook (self->tensor, self->id);
  if (self->node)
    te_node_remove_hook (self->node, self->id);
  Py_RETURN_NONE;
}

static PyObject *
handle_enter (PyObject *self, PyObject *ignored)
{
  return Py_NewRef (self);
}

static PyObject *
handle_exit (PyObject *self, PyObject *args)
{
  return handle_remove (self, NULL);
}

static void
handle_dealloc (PyObject *object)
{
  Handle *self = (Handle *) object;
  PyTypeObject *type = Py_TYPE (object);
  te_tensor_unref (self->tensor);
  te_node_unref (self->node);
  type->tp_free (object);
  Py_DECREF (type);
}

static PyObject *
handle_id (PyObject *self, void *closure)
{
  return PyLong_FromLongLong (((Handle *) self)->id);
}

static PyObject *
handle_new (TeTensor *tensor, TeNode *node, int64_t id)
{
  Handle *self = PyObject_New (Handle, handle_type);
  if (self)
    {
      self->tensor = tensor ? te_tensor_ref (tensor) : NULL;
      self->node = node ? te_node_ref (node) : NULL;
      self->id = id;
    }
  return (PyObject *) self;
}

/* "hook 'NAME'", as errors call it. */
static PyObject *
hook_name (PyObject *hook)
{
  PyObject *name = PyObject_GetAttrString (hook, "__name__");
  if (name && PyUnicode_Check (name))
    return name;
  PyErr_Clear ();
  Py_XDECREF (name);
  return PyUnicode_FromString ("<unknown>");
}

/* What a hook returned must fit what it was given. */
static bool
check_replacement (PyObject *hook, const TeTensor *before, const TeTensor *after)
{
  if (!before || !after)
    return true;
  PyObject *name = NULL;
  if (before->dtype != after->dtype)
    {
      name = hook_name (hook);
      PyErr_Format (PyExc_RuntimeError, "hook '%S' has changed the type of value (was %s got %s)", name,
                    te_tensor_type_name (before), te_tensor_type_name (after));
    }
  else if (!te_tensor_same_sizes (before, after))
    {
      name = hook_name (hook);
      PyErr_Format (PyExc_RuntimeError, "hook '%S' has changed the size of value", name);
    }
  Py_XDECREF (name);
  return !PyErr_Occurred ();
}

static TeTensor *
call_tensor_hook (void *context, TeTensor *grad, TeError *err)
{
  PyObject *object = te_py_wrap (te_tensor_ref (grad));
  PyObject *result = object ? PyObject_CallOneArg (context, object) : NULL;
  TeTensor *replaced = NULL;
  Py_XDECREF (object);
  if (!result)
    te_py_pending (err);
  else if (result != Py_None)
    {
      if (te_py_is_tensor (result) && check_replacement (context, grad, te_py_tensor (result)))
        replaced = te_tensor_ref (te_py_tensor (result));
      else if (te_py_is_tensor (result))
        te_py_pending (err);
      else
        {
          PyErr_Format (PyExc_TypeError, "expected Variable, but hook returned '%s'",
                        Py_TYPE (result)->tp_name);
          te_py_pending (err);
        }
    }
  Py_XDECREF (result);
  return replaced;
}

static void
release_hook (void *context)
{
  Py_DECREF ((PyObject *) context);
}

PyObject *
te_py_tensor_register_hook (PyObject *object, PyObject *function)
{
  TeTensor *self = te_py_tensor (object);
  TeError err;
  te_error_clear (&err);
  if (!te_tensor_requires_grad (self))
    return PyErr_Format (PyExc_RuntimeError,
                         "cannot register a hook on a tensor that doesn't require gradient");
  TeHook hook = { .kind = TE_HOOK_TENSOR,
                  .context = Py_NewRef (function),
                  .tensor = call_tensor_hook,
                  .release = release_hook };
  int64_t id = te_tensor_add_hook (self, &hook, &err);
  if (!id)
    {
      Py_DECREF (function);
      return te_py_raise (&err);
    }
  /* The hook of a result lives on its node: the handle must not keep more than that alive. */
  return handle_new (self, NULL, id);
}

/* ---- garbage: hooks may hold what holds them ---- */
static int
visit_hooks (const TeHook *hooks, visitproc visit, void *arg)
{
  for (; hooks; hooks = hooks->next)
    if (hooks->release == release_hook)
      Py_VISIT ((PyObject *) hooks->context);
  return 0;
}

/* te_py_visit_graph: Python objects that only `tensor` leads to.  Nothing else may hold the tensor, nor its
 * node. */
int
te_py_visit_graph (TeTensor *tensor, visitproc visit, void *arg)
{
  TeAutogradMeta *meta = tensor->autograd;
  if (tensor->refcount != 1 || !meta)
    return 0;
  int found = visit_hooks (meta->hooks, visit, arg);
  TeNode *node = meta->grad_fn;
  if (found || !node || node->refcount != 1)
    return found;
  Py_VISIT (te_py_function_context (node));
  found = visit_hooks (node->pre_hooks, visit, arg);
  return found ? found : visit_hooks (node->post_hooks, visit, arg);
}

static void
drop_hooks (TeHook **place)
{
  TeHook *hooks = *place;
  *place = NULL;
  te_hooks_free (hooks);
}

void
te_py_clear_graph (TeTensor *tensor)
{
  TeAutogradMeta *meta = tensor->autograd;
  if (tensor->refcount != 1 || !meta)
    return;
  drop_hooks (&meta->hooks);
  if (meta->grad_fn && meta->grad_fn->refcount == 1)
    {
      drop_hooks (&meta->grad_fn->pre_hooks);
      drop_hooks (&meta->grad_fn->post_hooks);
    }
}

static PyObject *
tensors_tuple (TeTensor *const *tensors, int n)
{
  PyObject *tuple = PyTuple_New (n);
  for (int i = 0; tuple && i < n; i++)
    {
      PyObject *item = tensors[i] ? te_py_wrap (te_tensor_ref (tensors[i])) : Py_NewRef (Py_None);
      if (!item)
        Py_CLEAR (tuple);
      else
        PyTuple_SET_ITEM (tuple, i, item);
    }
  return tuple;
}

/* Puts what a hook returned in the places of `values`. */
static bool
take_replacements (PyObject *hook, PyObject *result, TeTensor **values, int n)
{
  if (!PyTuple_Check (result))
    return PyErr_Format (PyExc_TypeError, "expected tuple, but hook returned '%s'", Py_TYPE (result)->tp_name),
           false;
  if (PyTuple_GET_SIZE (result) != n)
    {
      PyObject *name = hook_name (hook);
      PyErr_Format (PyExc_RuntimeError,
                    "hook '%S' has returned an incorrect number of values (got %zd, but expected %d)", name,
                    PyTuple_GET_SIZE (result), n);
      Py_XDECREF (name);
      return false;
    }
  for (int i = 0; i < n; i++)
    {
      PyObject *item = PyTuple_GET_ITEM (result, i);
      if (item != Py_None && !te_py_is_tensor (item))
        return PyErr_Format (PyExc_TypeError, "expected Variable, but hook returned '%s'",
                             Py_TYPE (item)->tp_name),
               false;
      TeTensor *after = item == Py_None ? NULL : te_py_tensor (item);
      if (!check_replacement (hook, values[i], after))
        return false;
      TeTensor *before = values[i];
      values[i] = after ? te_tensor_ref (after) : NULL;
      te_tensor_unref (before);
    }
  return true;
}

/* A node hook sees (grad_inputs, grad_outputs) and may return other grad_inputs; one before the node sees
 * (grad_outputs), which come in `results`, and may return others. */
static bool
call_node_hook (
    void *context, TeTensor **results, int n_results, TeTensor *const *grads, int n_grads, TeError *err)
{
  PyObject *inputs = tensors_tuple (results, n_results), *outputs = grads ? tensors_tuple (grads, n_grads) : NULL;
  PyObject *result = inputs && (outputs || !grads)
                         ? PyObject_CallFunctionObjArgs (context, inputs, outputs, NULL)
                         : NULL;
  bool ok = result && (result == Py_None || take_replacements (context, result, results, n_results));
  Py_XDECREF (inputs);
  Py_XDECREF (outputs);
  Py_XDECREF (result);
  return ok || te_py_pending (err);
}

static PyObject *
add_node_hook (PyObject *self, PyObject *function, TeHookKind kind)
{
  TeError err;
  te_error_clear (&err);
  TeHook hook = {
    .kind = kind, .context = Py_NewRef (function), .node = call_node_hook, .release = release_hook
  };
  int64_t id = te_node_add_hook (NODE (self), kind, &hook, &err);
  if (!id)
    {
      Py_DECREF (function);
      return te_py_raise (&err);
    }
  return handle_new (NULL, NODE (self), id);
}

static PyObject *
node_register_hook (PyObject *self, PyObject *function)
{
  return add_node_hook (self, function, TE_HOOK_NODE);
}

static PyObject *
node_register_prehook (PyObject *self, PyObject *function)
{
  return add_node_hook (self, function, TE_HOOK_BEFORE);
}

static PyObject *
node_requires_grad (PyObject *self, void *closure)
{
  Py_RETURN_TRUE;
}

static PyMethodDef node_methods[] = {
  { "__dir__", node_dir, METH_NOARGS, "The names of attributes, those of saved values among them." },
  { "name", node_name, METH_NOARGS, "The node's name." },
  { "register_hook", node_register_hook, METH_O,
    "Calls hook (grad_inputs, grad_outputs) after the node ran." },
  { "register_prehook", node_register_prehook, METH_O, "Calls hook (grad_outputs) before the node runs." },
  { "_sequence_nr", node_sequence, METH_NOARGS, NULL },
  { 0 },
};

static PyGetSetDef node_getset[] = {
  { "next_functions", node_next_functions, NULL, "Where its gradients go: (node, input number) for each.",
    NULL },
  { "metadata", node_metadata, NULL, NULL, NULL },
  { "requires_grad", node_requires_grad, NULL, "Always: nothing else is recorded.", NULL },
  { "variable", node_variable, NULL, NULL, NULL },
  { "_id", node_id, NULL, "Names this node in the trace.", NULL },
  { 0 },
};

/* ---- backward and grad ---- */
static bool
is_true (PyObject *object, bool fallback)
{
  return !object || object == Py_None ? fallback : PyObject_IsTrue (object) == 1;
}

/* A tensor or a sequence of tensors (None where allowed) as an array; *n gets its length; free with
 * PyMem_Free. */
static bool
tensor_array (PyObject *object, bool none, const char *what, TeTensor ***out, int *n)
{
  *out = NULL;
  *n = 0;
  if (!object || object == Py_None)
    return true;
  if (te_py_is_tensor (object))
    {
      *out = PyMem_Malloc (sizeof **out);
      if (!*out)
        return PyErr_NoMemory () != NULL;
      (*out)[0] = te_py_tensor (object);
      *n = 1;
      return true;
    }
  PyObject *items = PySequence_Fast (object, what);
  if (!items)
    return false;
  Py_ssize_t length = PySequence_Fast_GET_SIZE (items);
  *out = PyMem_Malloc ((size_t) (length + 1) * sizeof **out);
  bool ok = *out != NULL;
  for (Py_ssize_t i = 0; ok && i < length; i++)
    {
      PyObject *item = PySequence_Fast_GET_ITEM (items, i);
      if (te_py_is_tensor (item))
        (*out)[i] = te_py_tensor (item);
      else if (none && item == Py_None)
        (*out)[i] = NULL;
      else
        {
          PyErr_Format (none ? PyExc_TypeError : PyExc_RuntimeError,
                        none ? "gradients can be either Tensors or None, but got %s"
                             : "all inputs have to be Tensors, but got %s",
                        Py_TYPE (item)->tp_name);
          ok = false;
        }
    }
  *n = (int) length;
  Py_DECREF (items); /* the caller's object keeps them alive */
  if (!ok)
    {
      PyMem_Free (*out);
      *out = NULL;
      if (!PyErr_Occurred ())
        PyErr_NoMemory ();
    }
  return ok;
}

/* The argument `gradient` of backward: a tensor, or a sequence whose first counts. */
static bool
one_gradient (PyObject *object, TeTensor **grad)
{
  if (te_py_is_tensor (object))
    {
      *grad = te_py_tensor (object);
      return true;
    }
  PyObject *items = PySequence_Tuple (object);
  if (!items)
    return false;
  Py_ssize_t n = PyTuple_GET_SIZE (items);
  PyObject *first = n ? PyTuple_GET_ITEM (items, 0) : Py_None;
  if (first != Py_None && !te_py_is_tensor (first))
    PyErr_Format (PyExc_TypeError, "gradients can be either Tensors or None, but got %s",
                  Py_TYPE (first)->tp_name);
  else if (n < 1)
    PyErr_Format (PyExc_RuntimeError, "got 1 tensors and %zd gradients", n);
  else
    *grad = first == Py_None ? NULL : te_py_tensor (first); /* the caller's object keeps it alive */
  Py_DECREF (items);
  return !PyErr_Occurred ();
}

static bool
warn_of_cycle (bool create_graph)
{
  static bool warned;
  if (!create_graph || !te_warn_due (&warned))
    return true;
  PyObject *text = PyUnicode_FromString (
             "Using backward() with create_graph=True will create a reference cycle between the parameter and "
             "its gradient which can cause a memory leak. We recommend using autograd.grad when creating the "
             "graph to avoid this. If you have to use this function, make sure to reset the .grad fields of "
             "your parameters to None after use to break the cycle and avoid the leak.");
  bool ok = text && te_py_warn_in_backward (text) == 0;
  Py_XDECREF (text);
  return ok;
}

PyObject *
te_py_tensor_backward (PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *kwnames)
{
  static const char *const names[] = { "gradient", "retain_graph", "create_graph", "inputs" };
  PyObject *given[4] = { 0 };
  TeError err;
  te_error_clear (&err);
  if (n > 4)
    return PyErr_Format (PyExc_TypeError,
                         "Tensor.backward() takes from 1 to 5 positional arguments but %zd were given",
                         n + 1);
  for (Py_ssize_t i = 0; i < n; i++)
    given[i] = args[i];
  for (Py_ssize_t k = 0; kwnames && k < PyTuple_GET_SIZE (kwnames); k++)
    {
      PyObject *key = PyTuple_GET_ITEM (kwnames, k);
      int i = 0;
      while (i < 4 && !_PyUnicode_EqualToASCIIString (key, names[i]))
        i++;
      if (i == 4)
        return PyErr_Format (PyExc_TypeError, "Tensor.backward() got an unexpected keyword argument '%U'",
                             key);
      if (given[i])
        return PyErr_Format (PyExc_TypeError, "Tensor.backward() got multiple values for argument '%U'", key);
      given[i] = args[n + k];
    }
  TeTensor *root = te_py_tensor (self), *grad = NULL, **inputs = NULL;
  int n_inputs = 0;
  if (given[0] && given[0] != Py_None && !one_gradient (given[0], &grad))
    return NULL;
  if (given[3] && given[3] != Py_None)
    { /* of a tensor too: one without elements is refused in the same words */
      Py_ssize_t length = PyObject_Size (given[3]);
      if (length < 0)
        return NULL;
      if (length == 0)
        return PyErr_Format (PyExc_RuntimeError, "'inputs' argument to backward() cannot be empty.");
    }
  if (!tensor_array (given[3], false, "'inputs' argument to backward()", &inputs, &n_inputs))
    return NULL;
  for (int i = 1; i < 3; i++)
    if (given[i] && given[i] != Py_None && !PyIndex_Check (given[i]))
      {
        PyMem_Free (inputs);
        return PyErr_Format (PyExc_TypeError, "'%s' object cannot be interpreted as an integer",
                             Py_TYPE (given[i])->tp_name);
      }
  bool create_graph = is_true (given[2], false);
  TeBackwardRequest request = { .roots = &root,
                                .root_grads = &grad,
                                .n_roots = 1,
                                .create_graph = create_graph,
                                .retain_graph = is_true (given[1], create_graph),
                                .inputs = inputs,
                                .n_inputs = n_inputs };
  te_tensor_ref (root);
  if (!PyErr_Occurred ())
    te_trace_loss (root);
  bool ok = !PyErr_Occurred () && warn_of_cycle (create_graph) && te_backward (&request, &err);
  te_tensor_unref (root);
  PyMem_Free (inputs);
  return ok ? Py_NewRef (Py_None) : PyErr_Occurred () ? NULL : te_py_raise (&err);
}

/* run_backward (tensors, grad_tensors, retain_graph, create_graph, inputs, allow_unused, accumulate): tuples
 * of tensors; grad_tensors may hold None.  With accumulate False returns the gradients of inputs. */
static PyObject *
run_backward (PyObject *module, PyObject *args)
{
  PyObject *tensors, *grads, *inputs_object;
  int retain_graph, create_graph, allow_unused, accumulate, n = 0, n_grads = 0, n_inputs = 0;
  TeTensor **roots = NULL, **root_grads = NULL, **inputs = NULL, **captures = NULL;
  PyObject *result = NULL;
  TeError err;
  te_error_clear (&err);
  if (!PyArg_ParseTuple (args, "OOiiOip:run_backward", &tensors, &grads, &retain_graph, &create_graph,
                         &inputs_object, &allow_unused, &accumulate))
    return NULL;
  if (!tensor_array (tensors, false, "backward", &roots, &n)
      || !tensor_array (grads, true, "gradients", &root_grads, &n_grads)
      || !tensor_array (inputs_object, false, "inputs", &inputs, &n_inputs))
    goto out;
  if (n_grads < n) /* surplus ones are not looked at */
    {
      PyErr_Format (PyExc_RuntimeError, "got %d tensors and %d gradients", n, n_grads);
      goto out;
    }
  if (!accumulate)
    captures = PyMem_Calloc ((size_t) n_inputs + 1, sizeof *captures);
  TeBackwardRequest request = { .roots = roots,
                                .root_grads = root_grads,
                                .n_roots = n,
                                .retain_graph = retain_graph,
                                .create_graph = create_graph,
                                .inputs = inputs,
                                .n_inputs = n_inputs,
                                .captures = captures,
                                .allow_unused = allow_unused };
  if (accumulate && !warn_of_cycle (create_graph))
    goto out;
  if (accumulate && n == 1)
    te_trace_loss (roots[0]);
  if (!te_backward (&request, &err))
    te_py_raise (&err);
  else if (accumulate)
    result = Py_NewRef (Py_None);
  else
    {
      result = PyTuple_New (n_inputs);
      for (int i = 0; i < n_inputs; i++)
        {
          PyObject *item = captures[i] ? te_py_wrap (captures[i]) : Py_NewRef (Py_None);
          if (result)
            PyTuple_SET_ITEM (result, i, item);
        }
    }
out:
  PyMem_Free (roots);
  PyMem_Free (root_grads);
  PyMem_Free (inputs);
  PyMem_Free (captures);
  return result;
}

static PyObject *
is_checkpoint_valid (PyObject *module, PyObject *ignored)
{
  return PyBool_FromLong (!te_backward_is_partial ());
}

static PyMethodDef functions[] = {
  { "_is_checkpoint_valid", is_checkpoint_valid, METH_NOARGS, NULL },
  { "_run_backward", run_backward, METH_VARARGS, NULL },
  { 0 },
};

bool
te_py_autograd_init (PyObject *module)
{
  static PyMethodDef handle_methods[] = {
    { "remove", handle_remove, METH_NOARGS, "Takes the hook away." },
    { "__enter__", handle_enter, METH_NOARGS, NULL },
    { "__exit__", handle_exit, METH_VARARGS, NULL },
    { 0 },
  };
  static PyGetSetDef handle_getset[] = { { "id", handle_id, NULL, NULL, NULL }, { 0 } };
  PyType_Slot slots[] = { { Py_tp_dealloc, node_dealloc },
                          { Py_tp_traverse, node_traverse },
                          { Py_tp_repr, node_repr },
                          { Py_tp_getattro, node_getattro },
                          { Py_tp_setattro, node_setattro },
                          { Py_tp_methods, node_methods },
                          { Py_tp_getset, node_getset },
                          { Py_tp_doc, "What backward will do for one operation." },
                          { 0 } };
  PyType_Spec spec = { "torch.autograd.Node", sizeof (PyNode), 0,
                       Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
                           | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                       slots };
  PyType_Slot handle_slots[] = { { Py_tp_dealloc, handle_dealloc },
                                 { Py_tp_methods, handle_methods },
                                 { Py_tp_getset, handle_getset },
                                 { 0 } };
  PyType_Spec handle_spec = { "torch.utils.hooks.RemovableHandle", sizeof (Handle), 0,
                              Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, handle_slots };
  node_types = PyDict_New ();
  node_type = (PyTypeObject *) PyType_FromSpec (&spec);
  handle_type = (PyTypeObject *) PyType_FromSpec (&handle_spec);
  return node_types && node_type && handle_type
         && PyModule_AddObjectRef (module, "_Node", (PyObject *) node_type) == 0
         && PyModule_AddObjectRef (module, "_TensorHookHandle", (PyObject *) handle_type) == 0
         && te_py_saved_hooks_init (module) && te_py_forward_init (module) && PyModule_AddFunctions (module, functions) == 0;
}
