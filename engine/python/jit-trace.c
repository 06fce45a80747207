/* torch.jit.trace: while a function runs, each outermost op becomes a node.
 *
 * Tensors are told apart by their TeTensor; all that were seen are kept until the trace ends, so that
 * addresses stay unique.  A module's forward is a node prim::TracedModuleForward with a block; at the end
 * jit-scope.c makes methods of those blocks.  Parameters and buffers of the traced module are values of
 * prim::TracedAttr nodes. */
#include "python/jit-tracer.h"

#include <ctype.h>
#include <frameobject.h>
#include <string.h>

#include "base/mem.h"
#include "ops/dispatch-tracer.h"

bool te_py_tracing;
const char te_py_trace_len_text[] =
    "Using len to get tensor shape might cause the trace to be incorrect. Recommended usage would be "
    "tensor.shape[0]. "
    "Passing a tensor of different shape might lead to errors or silently give incorrect results.";
const char te_py_trace_iterate_text[] =
    "Iterating over a tensor might cause the trace to be incorrect. Passing a tensor of different shape "
    "won't change the "
    "number of iterations executed (and might lead to errors or silently give incorrect results).";
const char te_py_trace_constant_text[] = "torch.tensor results are registered as constants in the trace. You "
                                         "can safely ignore this warning if you use this "
                                         "function to create tensors out of constant variables that would be "
                                         "the same every time you call this function. In any "
                                         "other case, this might cause the trace to be incorrect.";

static TePyTracer *tracer; /* while te_py_tracing */
static PyObject *warning_class;

/* ---- warnings ---- */
bool
te_py_trace_warn (const char *text)
{
  if (!warning_class)
    {
      PyObject *module = PyImport_ImportModule ("torch.jit._trace");
      warning_class = module ? PyObject_GetAttrString (module, "TracerWarning") : NULL;
      Py_XDECREF (module);
      if (!warning_class)
        return false;
    }
  return PyErr_WarnEx (warning_class, text, 1) == 0;
}

bool
te_py_trace_warn_python (const char *what)
{
  char text[512];
  snprintf (
      text, sizeof text,
      "Converting a tensor to a %s%s might cause the trace to be incorrect. We can't record the data flow of "
      "Python values, so this value will be treated as a constant in the future. This means that the trace "
      "might not "
      "generalize to other inputs!",
      strcmp (what, "NumPy array") == 0 ? "" : "Python ", what);
  return te_py_trace_warn (text);
}

/* ---- which value a tensor is ---- */
static size_t
slot_of (const TePyTracer *self, const TeTensor *tensor)
{
  size_t at = ((uintptr_t) tensor >> 4) * 11400714819323198485u >> 20 & (self->room - 1);
  while (self->entries[at].tensor && self->entries[at].tensor != tensor)
    at = (at + 1) & (self->room - 1);
  return at;
}

void
te_py_tracer_set (TePyTracer *self, TeTensor *tensor, TeJitVar *value)
{
  if (self->n * 2 >= self->room)
    {
      TePyTraced *old = self->entries;
      size_t old_room = self->room;
      self->room = old_room ? old_room * 2 : 256;
      self->entries = te_jit_alloc (self->graph->arena, self->room * sizeof *self->entries);
      for (size_t i = 0; i < old_room; i++)
        if (old[i].tensor)
          self->entries[slot_of (self, old[i].tensor)] = old[i];
    }
  size_t at = slot_of (self, tensor);
  if (!self->entries[at].tensor)
    {
      self->entries[at].tensor = te_tensor_ref (tensor);
      self->n++;
    }
  self->entries[at].value = value;
}

TeJitVar *
te_py_tracer_find (const TePyTracer *self, const TeTensor *tensor)
{
  return self->room ? self->entries[slot_of (self, tensor)].value : NULL;
}

void
te_py_tracer_clear (TePyTracer *self)
{
  for (size_t i = 0; i < self->room; i++)
    te_tensor_unref (self->entries[i].tensor);
}

/* ---- where we are in Python ---- */
static const char *
frame_text (PyFrameObject *frame)
{
  PyCodeObject *code = PyFrame_GetCode (frame);
  const char *file = PyUnicode_AsUTF8 (code->co_filename), *name = PyUnicode_AsUTF8 (code->co_name);
  const char *text = te_jit_intern_format ("%.600s(%d): %.200s\n", file ? file : "?",
                                           PyFrame_GetLineNumber (frame), name ? name : "?");
  Py_DECREF (code);
  return text;
}

static const char *
stack_text (PyFrameObject *top)
{
  TeJitText text = { 0 };
  PyFrameObject *frame = (PyFrameObject *) Py_NewRef ((PyObject *) top);
  while (frame)
    {
      te_jit_text_add (&text, frame_text (frame));
      PyFrameObject *back = PyFrame_GetBack (frame);
      Py_DECREF (frame);
      frame = back;
    }
  const char *result = te_jit_intern (te_jit_text_get (&text));
  te_jit_text_clear (&text);
  return result;
}

static const TeJitRange *
range_now (TePyTracer *self)
{
  PyFrameObject *frame = PyEval_GetFrame ();
  if (!frame)
    return NULL;
  PyCodeObject *code = PyFrame_GetCode (frame);
  int line = PyFrame_GetLineNumber (frame);
  if (self->last_code != (void *) code || self->last_range->line != line
      || self->last_frame != (void *) frame)
    {
      self->last_range = te_jit_range_of_trace (te_jit_intern (PyUnicode_AsUTF8 (code->co_filename)), line,
                                                stack_text (frame));
      self->last_code = code;
      self->last_frame = frame;
    }
  Py_DECREF (code);
  return self->last_range;
}

/* The name of the local variable that holds tensor in the innermost frame, or NULL. */
static const char *
local_name (const TeTensor *tensor)
{
  PyFrameObject *frame = PyEval_GetFrame ();
  PyObject *locals = frame ? PyFrame_GetLocals (frame) : NULL, *key, *item;
  const char *name = NULL;
  if (!locals)
    PyErr_Clear ();
  for (Py_ssize_t at = 0; locals && PyDict_Check (locals) && PyDict_Next (locals, &at, &key, &item);)
    if (te_py_is_tensor (item) && te_py_tensor (item) == tensor)
      {
        const char *text = PyUnicode_AsUTF8 (key);
        name = text && strcmp (text, "self") != 0 ? te_jit_intern (text) : NULL;
        break;
      }
  Py_XDECREF (locals);
  return name;
}

/* ---- values ---- */
static TeJitVar *
constant (TePyTracer *self, TeJitAny value, const TeJitRange *range)
{
  self->graph->range = value.tag == TE_JIT_V_NONE ? NULL : range;
  TeJitVar *result = te_jit_constant (self->graph, value, NULL);
  self->graph->range = NULL;
  return result;
}

TeJitVar *
te_py_tracer_value (TePyTracer *self, TeTensor *tensor, const TeJitRange *range, TeError *err)
{
  TeJitVar *value = te_py_tracer_find (self, tensor);
  if (value)
    {
      if (!value->name)
        te_jit_var_set_name (value, local_name (tensor));
      return value;
    }
  if (te_tensor_requires_grad (tensor))
    {
      PyObject *wrapped = te_py_wrap (te_tensor_ref (tensor)),
               *text = wrapped ? PyObject_Str (wrapped) : NULL;
      te_error_set (err, TE_ERR_RUNTIME,
                    "Cannot insert a Tensor that requires grad as a constant. Consider making it a parameter "
                    "or input, or "
                    "detaching the gradient\nTensor:\n%s",
                    text ? PyUnicode_AsUTF8 (text) : "");
      Py_XDECREF (wrapped);
      Py_XDECREF (text);
      return NULL;
    }
  TeTensor *copy = te_tensor_alias (tensor, err);
  if (!copy)
    return NULL;
  value = constant (self, te_jit_take_tensor (copy), range);
  te_py_tracer_set (self, tensor, value);
  return value;
}

/* ---- numbers that came from tensors ---- */
void
te_py_trace_stash (const TeArg *arg, int index, TeTensor *tensor)
{
  TePyTracer *self = tracer;
  if (self->depth || self->n_stashed == TE_PY_MAX_STASH || !te_py_tracer_find (self, tensor))
    return;
  TeScalar value = te_scalar_load (te_tensor_dtype (tensor), te_tensor_data (tensor));
  TeJitVar *from = te_py_tracer_find (self, tensor);
  if (!from->name)
    te_jit_var_set_name (from, local_name (tensor));
  TeJitVar *number = te_jit_emit (self->graph, "aten::Int", te_jit_type_simple (TE_JIT_INT), 1, &from);
  self->stash[self->n_stashed++] = (TePyStashed){ arg, index, number, te_scalar_to_int (value) };
}

static TeJitVar *
stashed (TePyTracer *self, const TeArg *arg, int index, int64_t number)
{
  for (int i = 0; i < self->n_stashed; i++)
    {
      TePyStashed *entry = &self->stash[i];
      if (!entry->value || entry->number != number
          || (entry->arg ? entry->arg != arg || entry->index != index : !self->indexing))
        continue;
      TeJitVar *value = entry->value;
      entry->value = NULL;
      return value;
    }
  return NULL;
}

/* ---- a call's arguments ---- */
static TeJitAny
scalar_value (TeScalar scalar)
{
  return scalar.category == TE_CATEGORY_BOOL    ? te_jit_bool (scalar.i != 0)
         : scalar.category == TE_CATEGORY_FLOAT ? te_jit_float (scalar.f)
                                                : te_jit_int (scalar.i);
}

/* Ops whose numbers become tensors; everywhere else they stay numbers. */
static bool
takes_number_as_tensor (const TeOp *op)
{
  static const char *const names[] = { "add",    "sub",      "mul",         "div",         "multiply",
                                       "divide", "subtract", "true_divide", "floor_divide" };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp (op->name, names[i]) == 0)
      return true;
  return strcmp (op->name, "copy_") == 0;
}

static TeJitVar *
tensor_value (TePyTracer *self, const TeOp *op, TeTensor *tensor, const TeJitRange *range, TeError *err)
{
  if (!(tensor->flags & TE_TENSOR_WRAPPED_NUMBER) || te_py_tracer_find (self, tensor))
    return te_py_tracer_value (self, tensor, range, err);
  TeScalar value = te_scalar_load (te_tensor_dtype (tensor), te_tensor_data (tensor));
  if (!takes_number_as_tensor (op))
    return constant (self, scalar_value (value), range);
  TeDtype dtype = value.category == TE_CATEGORY_FLOAT ? TE_FLOAT64 : te_tensor_dtype (tensor);
  if (strcmp (op->name, "copy_") == 0) /* x[i] = 5 makes the number a tensor of x's dtype */
    dtype = self->assigned_dtype;
  TeTensor *number = te_tensor_new_scalar (value, dtype, err);
  return number ? constant (self, te_jit_take_tensor (number), range) : NULL;
}

static TeJitVar *
list_of (TePyTracer *self, TeJitVar **items, int n, const TeJitType *element)
{
  return te_jit_emit (self->graph, "prim::ListConstruct", te_jit_type_list (element), n, items);
}

static TeJitVar *
numbers_value (TePyTracer *self, const TeArg *arg, const TeValue *value, const TeJitRange *range)
{
  TeJitVar **items = te_jit_alloc (self->graph->arena, (size_t) (value->count + 1) * sizeof *items);
  bool floats = value->kind == TE_VALUE_FLOAT_LIST;
  for (int i = 0; i < value->count; i++)
    {
      items[i] = floats ? NULL : stashed (self, arg, i, value->ints[i]);
      if (!items[i])
        items[i] =
            constant (self, floats ? te_jit_float (value->floats[i]) : te_jit_int (value->ints[i]), range);
    }
  return list_of (self, items, value->count, te_jit_type_simple (floats ? TE_JIT_FLOAT : TE_JIT_INT));
}

static TeJitVar *
tensors_value (
    TePyTracer *self, const TeArg *arg, const TeValue *value, const TeJitRange *range, TeError *err)
{
  TeJitVar **items = te_jit_alloc (self->graph->arena, (size_t) (value->count + 1) * sizeof *items);
  for (int i = 0; i < value->count; i++)
    {
      items[i] = value->tensors[i] ? te_py_tracer_value (self, value->tensors[i], range, err)
                                   : constant (self, te_jit_none (), range);
      if (!items[i])
        return NULL;
    }
  const TeJitType *tensor = te_jit_type_simple (TE_JIT_TENSOR);
  return list_of (self, items, value->count,
                  arg->type == TE_ARG_OPTIONAL_TENSOR_LIST ? te_jit_type_optional (tensor) : tensor);
}

static TeJitVar *
argument (TePyTracer *self,
          const TeOp *op,
          const TeArg *arg,
          const TeValue *value,
          const TeJitRange *range,
          TeError *err)
{
  TeJitVar *number;
  switch (value->kind)
    {
    case TE_VALUE_NONE:
    case TE_VALUE_GENERATOR:
      return constant (self, te_jit_none (), range);
    case TE_VALUE_TENSOR:
      return tensor_value (self, op, value->tensor, range, err);
    case TE_VALUE_TENSOR_LIST:
      return tensors_value (self, arg, value, range, err);
    case TE_VALUE_SCALAR:
      return constant (self, scalar_value (value->scalar), range);
    case TE_VALUE_INT:
      number = stashed (self, arg, -1, value->i);
      return number ? number : constant (self, te_jit_int (value->i), range);
    case TE_VALUE_FLOAT:
      return constant (self, te_jit_float (value->f), range);
    case TE_VALUE_BOOL:
      return constant (self, te_jit_bool (value->b), range);
    case TE_VALUE_INT_LIST:
    case TE_VALUE_FLOAT_LIST:
      return numbers_value (self, arg, value, range);
    case TE_VALUE_DTYPE:
      return constant (self, te_jit_int (te_jit_dtype_number (value->dtype)), range);
    case TE_VALUE_STRING:
      return constant (self, te_jit_str (value->string, strlen (value->string)), range);
    case TE_VALUE_DEVICE:
      return constant (self, (TeJitAny){ TE_JIT_V_DEVICE, { .i = value->i } }, range);
    case TE_VALUE_LAYOUT:
      return constant (self, te_jit_int (value->i), range);
    }
  return NULL;
}

/* What Python's binding gives where the op table has no argument or no value. */
static TeJitVar *
binding_value (
    TePyTracer *self, const TeJitSchema *schema, int at, const TeOpCall *call, const TeJitRange *range)
{
  const char *name = schema->args[at].name;
  bool like = strstr (schema->name, "_like") || strncmp (schema->name, "aten::new_", 10) == 0;
  const TeTensor *self_tensor = like && call->args[0].kind == TE_VALUE_TENSOR ? call->args[0].tensor : NULL;
  if (strcmp (name, "dtype") == 0 && self_tensor)
    return constant (self, te_jit_int (te_jit_dtype_number (te_tensor_dtype (self_tensor))), range);
  if (strcmp (name, "dtype") == 0 && strncmp (schema->name, "aten::rand", 10) == 0
      && strstr (schema->name, "int"))
    return constant (self, te_jit_int (te_jit_dtype_number (TE_INT64)), range);
  if (strcmp (name, "layout") == 0)
    return constant (self, self_tensor ? te_jit_int (0) : te_jit_none (), range);
  if (strcmp (name, "device") == 0)
    return constant (self, (TeJitAny){ TE_JIT_V_DEVICE, { .i = 0 } }, range);
  if (strcmp (name, "pin_memory") == 0)
    return constant (self, te_jit_bool (false), range);
  return NULL;
}

static bool
add_arguments (TePyTracer *self,
               TeJitNode *node,
               const TeJitSchema *schema,
               const TeOpCall *call,
               const TeJitRange *range,
               TeError *err)
{
  const TeOp *op = call->op;
  bool factory = false;
  for (int i = 0; i < schema->n_args; i++)
    factory = factory || strcmp (schema->args[i].name, "pin_memory") == 0;
  for (int i = 0; i < schema->n_args; i++)
    {
      TeJitVar *value = NULL;
      int at = -1;
      for (int k = 0; k < op->n_args; k++)
        if (schema->op_args[k] == i)
          at = k;
      if (factory && (at < 0 || call->args[at].kind == TE_VALUE_NONE))
        value = binding_value (self, schema, i, call, range);
      if (!value && at >= 0)
        value = argument (self, op, &op->args[at], &call->args[at], range, err);
      else if (!value)
        value = constant (self, te_jit_ref (schema->args[i].default_value), range);
      if (!value)
        return false;
      te_jit_node_add_input (node, value);
    }
  return true;
}

/* ---- convolutions: aten::_convolution, whichever function was called ---- */
static const TeValue *
named_argument (const TeOpCall *call, const char *name)
{
  for (int i = 0; i < call->op->n_args; i++)
    if (strcmp (call->op->args[i].name, name) == 0)
      return &call->args[i];
  return NULL;
}

static bool
is_convolution (const TeOpCall *call)
{
  const TeValue *padding = named_argument (call, "padding");
  return (strncmp (call->op->name, "conv", 4) == 0
          && isdigit ((unsigned char) call->op->name[strlen (call->op->name) - 2]) && padding
          && padding->kind == TE_VALUE_INT_LIST);
}

static TeJitVar *
spread_ints (TePyTracer *self, const TeValue *value, int nd, const TeJitRange *range)
{
  int64_t ints[3] = { 0 };
  for (int i = 0; i < nd && value; i++)
    ints[i] = value->ints[value->count == 1 ? 0 : i];
  return numbers_value (self, NULL, &(TeValue){ .kind = TE_VALUE_INT_LIST, .count = nd, .ints = ints },
                        range);
}

static bool
add_convolution (
    TePyTracer *self, TeJitNode *node, const TeOpCall *call, const TeJitRange *range, TeError *err)
{
  int nd = call->op->name[strlen (call->op->name) - 2] - '0';
  bool transposed = strstr (call->op->name, "transpose") != NULL;
  for (int i = 0; i < 3; i++)
    {
      TeJitVar *value = argument (self, call->op, &call->op->args[i], &call->args[i], range, err);
      if (!value)
        return false;
      te_jit_node_add_input (node, value);
    }
  static const char *const lists[] = { "stride", "padding", "dilation" };
  for (int i = 0; i < 3; i++)
    te_jit_node_add_input (node, spread_ints (self, named_argument (call, lists[i]), nd, range));
  te_jit_node_add_input (node, constant (self, te_jit_bool (transposed), range));
  te_jit_node_add_input (
      node, spread_ints (self, transposed ? named_argument (call, "output_padding") : NULL, nd, range));
  te_jit_node_add_input (node, constant (self, te_jit_int (named_argument (call, "groups")->i), range));
  for (int i = 0; i < 4; i++) /* benchmark, deterministic, cudnn_enabled, allow_tf32 */
    te_jit_node_add_input (node, constant (self, te_jit_bool (i >= 2), range));
  return true;
}

/* ---- resizing: sizes or factors, as interpolate was called ---- */
static bool
is_upsampling (const TeOpCall *call)
{
  return strncmp (call->op->name, "upsample_", 9) == 0 && call->op->n_args >= 3;
}

static bool
add_upsampling (
    TePyTracer *self, TeJitNode *node, const TeOpCall *call, const TeJitRange *range, TeError *err)
{
  int n = call->op->n_args;
  bool factors = call->args[n - 1].kind == TE_VALUE_FLOAT_LIST;
  TeJitVar *input = te_py_tracer_value (self, call->args[0].tensor, range, err);
  if (!input)
    return false;
  te_jit_node_add_input (node, input);
  te_jit_node_add_input (node, factors ? constant (self, te_jit_none (), range)
                                       : numbers_value (self, &call->op->args[1], &call->args[1], range));
  if (n == 4)
    te_jit_node_add_input (node, constant (self, te_jit_bool (call->args[2].b), range));
  te_jit_node_add_input (node, factors ? numbers_value (self, NULL, &call->args[n - 1], range)
                                       : constant (self, te_jit_none (), range));
  return true;
}

/* ---- recording ---- */
static bool
is_number (const TeOpCall *call, int i)
{
  return call->args[i].kind == TE_VALUE_TENSOR && call->args[i].tensor->flags & TE_TENSOR_WRAPPED_NUMBER
         && !te_py_tracer_find (tracer, call->args[i].tensor);
}

/* 2 * x and 1 - x, as Python's reflected operators of tensors compute them. */
static bool
record_reflected (
    TePyTracer *self, const TeOpCall *call, const TeJitRange *range, TeJitNode **node, TeError *err)
{
  const TeOp *op = call->op;
  const TeJitType *type = te_jit_type_of_tensor (call->args[1].tensor);
  TeJitVar *tensor = te_py_tracer_value (self, call->args[1].tensor, range, err), *number;
  if (!tensor)
    return false;
  TeScalar value =
      te_scalar_load (te_tensor_dtype (call->args[0].tensor), te_tensor_data (call->args[0].tensor));
  if (strcmp (op->name, "sub") == 0)
    {
      TeJitVar *inputs[] = { tensor, constant (self, scalar_value (value), range),
                             constant (self, te_jit_int (1), range) };
      *node = te_jit_node_new (self->graph, "aten::rsub");
      for (int i = 0; i < 3; i++)
        te_jit_node_add_input (*node, inputs[i]);
      return true;
    }
  if (strcmp (op->name, "div") == 0)
    {
      self->graph->range = range;
      tensor = te_jit_emit (self->graph, "aten::reciprocal", type, 1, &tensor);
      self->graph->range = NULL;
    }
  if (!(number = tensor_value (self, op, call->args[0].tensor, range, err)))
    return false;
  *node = te_jit_node_new (self->graph, strcmp (op->name, "add") == 0 ? "aten::add" : "aten::mul");
  te_jit_node_add_input (*node, tensor);
  te_jit_node_add_input (*node, number);
  if (strcmp (op->name, "add") == 0)
    te_jit_node_add_input (*node, constant (self, te_jit_int (1), range));
  return true;
}

static TeJitNode *
make_node (TePyTracer *self, const TeOpCall *call, const TeJitRange *range, TeError *err)
{
  const TeOp *op = call->op;
  TeJitNode *node = NULL;
  if (op->n_args >= 2 && is_number (call, 0) && call->args[1].kind == TE_VALUE_TENSOR && !is_number (call, 1)
      && (strcmp (op->name, "mul") == 0 || strcmp (op->name, "add") == 0 || strcmp (op->name, "sub") == 0
          || (strcmp (op->name, "div") == 0 && strcmp (op->overload, "Tensor") == 0)))
    return record_reflected (self, call, range, &node, err) ? node : NULL;
  if (is_upsampling (call))
    {
      node = te_jit_node_new (self->graph, te_jit_intern_format ("aten::%s", op->name));
      return add_upsampling (self, node, call, range, err) ? node : NULL;
    }
  if (is_convolution (call))
    {
      node = te_jit_node_new (self->graph, "aten::_convolution");
      return add_convolution (self, node, call, range, err) ? node : NULL;
    }
  const TeJitSchema *schema = te_jit_schema_of_op (op, call->inplace);
  if (!schema)
    {
      te_error_set (err, TE_ERR_NOT_IMPLEMENTED, "tracing %s", op->name);
      return NULL;
    }
  if (strcmp (op->name, "copy_") == 0)
    self->assigned_dtype = te_tensor_dtype (call->args[0].tensor);
  self->indexing = strcmp (op->name, "slice") == 0 || strcmp (op->name, "select") == 0;
  node = te_jit_node_new (self->graph, schema->name);
  return add_arguments (self, node, schema, call, range, err) ? node : NULL;
}

/* The node of a call that is about to run: inputs are looked up before an in-place op changes what they stand
 * for. */
static bool
before (TeOpCall *call, TeError *err)
{
  TePyTracer *self = tracer;
  if (self->depth++)
    return true;
  const TeJitRange *range = range_now (self);
  self->open = make_node (self, call, range, err);
  self->n_stashed = 0;
  if (!self->open)
    return false;
  self->open->range = range;
  return true;
}

static void
add_outputs (TePyTracer *self, TeJitNode *node, const TeOpCall *call)
{
  if (!call->op->returns_list)
    {
      for (int i = 0; i < call->n_outs; i++)
        if (call->outs[i])
          {
            uint32_t flags = call->outs[i]->flags;
            if (is_convolution (call)) /* recorded below autograd */
              call->outs[i]->flags &= ~(uint32_t) TE_TENSOR_REQUIRES_GRAD;
            const TeJitType *type = te_jit_type_of_tensor (call->outs[i]);
            call->outs[i]->flags = flags;
            te_py_tracer_set (self, call->outs[i], te_jit_node_add_output (node, type));
          }
      return;
    }
  TeJitVar *list = te_jit_node_add_output (node, te_jit_type_list (te_jit_type_simple (TE_JIT_TENSOR)));
  TeJitNode *unpack = te_jit_node_new (self->graph, "prim::ListUnpack");
  te_jit_node_add_input (unpack, list);
  te_jit_node_insert (unpack);
  for (int i = 0; i < call->n_outs; i++)
    te_py_tracer_set (self, call->outs[i],
                      te_jit_node_add_output (unpack, te_jit_type_of_tensor (call->outs[i])));
}

static bool
after (TeOpCall *call, bool ok, TeError *err)
{
  TePyTracer *self = tracer;
  if (--self->depth)
    return true;
  TeJitNode *node = self->open;
  self->open = NULL;
  if (!ok || !node)
    return true;
  te_jit_node_insert (node);
  add_outputs (self, node, call);
  return true;
}

static const TeDispatchObserver observer = { before, after };

void
te_py_tracer_start (TePyTracer *self)
{
  self->outer = tracer;
  tracer = self;
  te_py_tracing = true;
  te_dispatch_set_tracer (&observer);
}

void
te_py_tracer_stop (TePyTracer *self)
{
  tracer = self->outer;
  te_py_tracing = tracer != NULL;
  te_dispatch_set_tracer (tracer ? &observer : NULL);
}

TePyTracer *
te_py_tracer_now (void)
{
  return tracer;
}

/* ---- sizes and constants ---- */
PyObject *
te_py_trace_size (TeTensor *self_tensor, int64_t dim)
{
  TePyTracer *self = tracer;
  TeError err;
  te_error_clear (&err);
  const TeJitRange *range = range_now (self);
  int64_t length = self_tensor->sizes[dim < 0 ? dim + self_tensor->ndim : dim];
  TeTensor *number = te_tensor_new_scalar (te_scalar_int (length), TE_INT64, &err);
  TeJitVar *tensor = number ? te_py_tracer_value (self, self_tensor, range, &err) : NULL;
  if (!tensor)
    {
      te_tensor_unref (number);
      return te_py_raise (&err);
    }
  TeJitVar *inputs[] = { tensor, constant (self, te_jit_int (dim), range) };
  self->graph->range = range;
  TeJitVar *size = te_jit_emit (self->graph, "aten::size", te_jit_type_simple (TE_JIT_INT), 2, inputs);
  self->graph->range = NULL;
  TeJitVar *value =
      te_jit_emit (self->graph, "prim::NumToTensor", te_jit_type_of_number_tensor (TE_INT64), 1, &size);
  te_py_tracer_set (self, number, value);
  return te_py_wrap (number);
}

PyObject *
te_py_trace_shape (TeTensor *self)
{
  PyObject *size = te_py_size_type->tp_alloc (te_py_size_type, self->ndim);
  for (int i = 0; size && i < self->ndim; i++)
    {
      PyObject *item = te_py_trace_size (self, i);
      if (!item)
        {
          Py_DECREF (size);
          return NULL;
        }
      PyTuple_SET_ITEM (size, i, item);
    }
  return size;
}

/* torch.tensor (data): the constant, moved to its device and detached, as the binding does. */
bool
te_py_trace_constant (TeTensor *tensor)
{
  TePyTracer *self = tracer;
  TeError err;
  te_error_clear (&err);
  if (!te_py_trace_warn (te_py_trace_constant_text))
    return false;
  const TeJitRange *range = range_now (self);
  self->depth++; /* the copy is no op of the program */
  TeTensor *copy = te_clone (tensor, &err);
  self->depth--;
  if (!copy)
    return te_py_raise (&err) != NULL;
  const TeJitType *type = te_jit_type_of_tensor (tensor);
  TeJitVar *inputs[6] = { constant (self, te_jit_take_tensor (copy), range),
                          constant (self, (TeJitAny){ TE_JIT_V_DEVICE, { .i = te_tensor_is_meta (tensor) } },
                                    range),
                          constant (self, te_jit_int (te_jit_dtype_number (te_tensor_dtype (tensor))), range),
                          constant (self, te_jit_bool (false), range),
                          constant (self, te_jit_bool (false), range),
                          constant (self, te_jit_none (), range) };
  self->graph->range = range;
  TeJitVar *moved = te_jit_emit (self->graph, "aten::to", type, 6, inputs);
  te_py_tracer_set (self, tensor, te_jit_emit (self->graph, "aten::detach", type, 1, &moved));
  self->graph->range = NULL;
  return true;
}
