/* One callable type over the op table.  A callable holds the rows of one name (overloads) as signatures and
 * parses Python's arguments in PyTorch's order and with PyTorch's words for what does not fit. */
#include "python/python-private.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <structmember.h>

typedef enum
{
  EXTRA_OUT,
  EXTRA_LAYOUT,
  EXTRA_PIN_MEMORY,
  EXTRA_REQUIRES_GRAD,
  EXTRA_DTYPE,
  EXTRA_DEVICE,
  EXTRA_NAMES,
  N_EXTRAS,
} Extra;

static const char *const extra_texts[N_EXTRAS] = { "out",   "layout", "pin_memory", "requires_grad",
                                                   "dtype", "device", "names" };
static PyObject *extra_names[N_EXTRAS];

typedef struct
{
  const TeOp *op;
  int first;     /* 1 for methods: self is not among the arguments */
  int n_visible; /* schema arguments that Python sees */
  int max_positional;
  int min_args;
  int max_args;
  uint32_t extras; /* bits of Extra that it takes */
  bool numbers;    /* numbers stand for tensors */
  bool varargs;    /* view (2, 3) */
  PyObject *names[TE_OP_MAX_ARGS];
} Signature;

typedef struct
{
  PyObject_HEAD vectorcallfunc vectorcall;
  const char *name;  /* "add_" */
  const char *space; /* where PyTorch has it: "torch", "Tensor", "nn" … */
  bool method;
  bool inplace;
  int n_signatures;
  Signature *signatures;
} Callable;

typedef struct
{
  TeOpCall call;
  bool requires_grad;
} Parsed;

static PyTypeObject *function_type, *method_type;
static PyObject *functions; /* dict name -> callable */

/* What Python-side facts belong to a row. */
typedef struct
{
  PyTypeObject *named_tuple, *named_tuple_out; /* of results, and of what out= gave */
  bool number; /* returns a Python number: "-> bool" */
} OpInfo;
static OpInfo *infos;

/* ---- results ---- */
static PyObject *
wrap_list (TeOpCall *call)
{
  bool tuple = call->op->def->flags & TE_OP_LIST_AS_TUPLE;
  PyObject *list = tuple ? PyTuple_New (call->n_outs) : PyList_New (call->n_outs);
  for (int i = 0; list && i < call->n_outs; i++)
    {
      PyObject *item = te_py_wrap (call->outs[i]);
      call->outs[i] = NULL;
      if (!item)
        Py_CLEAR (list);
      else if (tuple)
        PyTuple_SET_ITEM (list, i, item);
      else
        PyList_SET_ITEM (list, i, item);
    }
  te_op_call_clear (call);
  return list;
}

static PyObject *
wrap_many (TeOpCall *call)
{
  PyTypeObject *type = call->has_out ? infos[call->op->index].named_tuple_out : infos[call->op->index].named_tuple;
  PyObject *tuple = type ? PyStructSequence_New (type) : PyTuple_New (call->n_outs);
  for (int i = 0; tuple && i < call->n_outs; i++)
    {
      PyObject *item = call->outs[i] ? te_py_wrap (call->outs[i]) : Py_NewRef (Py_None);
      call->outs[i] = NULL;
      if (!item)
        Py_CLEAR (tuple);
      else if (type)
        PyStructSequence_SET_ITEM (tuple, i, item);
      else
        PyTuple_SET_ITEM (tuple, i, item);
    }
  te_op_call_clear (call);
  return tuple;
}

/* te_py_wrap_outs: results of a finished call as Python objects; empties the call. */
PyObject *
te_py_wrap_outs (TeOpCall *call)
{
  if (__builtin_expect (te_anomaly_mode_flag, 0) && call->n_outs)
    te_py_anomaly_note (call->outs[0]);
  if (call->op->returns_list)
    return wrap_list (call);
  if (call->n_outs != 1)
    {
      if (call->n_outs)
        return wrap_many (call);
      te_op_call_clear (call);
      Py_RETURN_NONE;
    }
  TeTensor *tensor = call->outs[0];
  call->outs[0] = NULL;
  for (int i = 0; i < TE_OP_MAX_EXTRA; i++)
    if (call->extra[i])
      te_tensor_clear (&call->extra[i]);
  if (__builtin_expect (infos[call->op->index].number, 0))
    {
      PyObject *number = te_py_tensor_item (tensor);
      te_tensor_unref (tensor);
      return number;
    }
  return te_py_wrap (tensor);
}

PyObject *
te_py_call_values (const TeOp *op, const TeValue *values, bool inplace)
{
  TeError err;
  TeOpCall call = { .op = op, .args = values, .inplace = inplace };
  te_error_clear (&err);
  if (!te_dispatch (&call, &err))
    return te_py_raise (&err);
  return te_py_wrap_outs (&call);
}

/* ---- parsing ---- */
static bool
same_name (PyObject *a, PyObject *b)
{
  return a == b || PyUnicode_Compare (a, b) == 0;
}

/* numpy's names for the same arguments. */
static bool
is_alias (PyObject *name, PyObject *given)
{
  static const char *const aliases[][2] = { { "dim", "axis" }, { "keepdim", "keepdims" }, { "input", "x" },
                                            { "input", "a" },  { "input", "x1" },         { "other", "x2" } };
  for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++)
    if (_PyUnicode_EqualToASCIIString (name, aliases[i][0])
        && _PyUnicode_EqualToASCIIString (given, aliases[i][1]))
      return true;
  return false;
}

static PyObject *
find_keyword (PyObject *name, PyObject *const *keywords, PyObject *kwnames)
{
  Py_ssize_t n = PyTuple_GET_SIZE (kwnames);
  for (Py_ssize_t i = 0; i < n; i++)
    if (PyTuple_GET_ITEM (kwnames, i) == name)
      return keywords[i];
  for (Py_ssize_t i = 0; i < n; i++)
    if (same_name (name, PyTuple_GET_ITEM (kwnames, i)) || is_alias (name, PyTuple_GET_ITEM (kwnames, i)))
      return keywords[i];
  return NULL;
}

static TePyMatch
parse_out (const Signature *signature, PyObject *object, Parsed *parsed)
{
  int n = signature->op->n_returns;
  if (n == 1)
    {
      if (!te_py_is_tensor (object))
        return TE_PY_NO_MATCH;
      parsed->call.inline_outs[0] = te_py_tensor (object);
    }
  else
    {
      if ((!PyTuple_Check (object) && !PyList_Check (object)) || PySequence_Fast_GET_SIZE (object) != n)
        return TE_PY_NO_MATCH;
      for (int i = 0; i < n; i++)
        {
          PyObject *item = PySequence_Fast_GET_ITEM (object, i);
          if (!te_py_is_tensor (item))
            return TE_PY_NO_MATCH;
          parsed->call.inline_outs[i] = te_py_tensor (item);
        }
    }
  parsed->call.has_out = true;
  return TE_PY_MATCH;
}

static TePyMatch
parse_extra (const Signature *signature, Extra extra, PyObject *object, Parsed *parsed)
{
  int64_t ignored;
  if (object == Py_None)
    return TE_PY_MATCH;
  switch (extra)
    {
    case EXTRA_OUT:
      return parse_out (signature, object, parsed);
    case EXTRA_LAYOUT:
      if (te_py_layout_check (object) && object != te_py_strided_object ())
        return te_py_not_implemented ("a layout other than torch.strided") ? TE_PY_MATCH : TE_PY_RAISED;
      return te_py_layout_check (object) ? TE_PY_MATCH : TE_PY_NO_MATCH;
    case EXTRA_PIN_MEMORY:
      return PyBool_Check (object) ? TE_PY_MATCH : TE_PY_NO_MATCH;
    case EXTRA_REQUIRES_GRAD:
      parsed->requires_grad = object == Py_True;
      return PyBool_Check (object) ? TE_PY_MATCH : TE_PY_NO_MATCH;
    case EXTRA_DTYPE:
      return Py_TYPE (object) == te_py_dtype_type ? TE_PY_MATCH : TE_PY_NO_MATCH;
    case EXTRA_DEVICE:
      return te_py_device_get (object, &ignored);
    case EXTRA_NAMES:
      te_py_not_implemented ("a tensor with names of dimensions (names=)");
      return TE_PY_RAISED;
    case N_EXTRAS:
      break;
    }
  return TE_PY_NO_MATCH;
}

static const char *const extra_types[N_EXTRAS] = { "Tensor",      "torch.layout", "bool",          "bool",
                                                   "torch.dtype", "torch.device", "tuple of names" };

/* Parses args (n positional ones, then keywords) by one signature into values. */
static TePyMatch
parse (const Callable *self,
       const Signature *signature,
       PyObject *const *args,
       Py_ssize_t n,
       PyObject *kwnames,
       TeValue *values,
       TePyScratch *scratch,
       Parsed *parsed)
{
  const TeOp *op = signature->op;
  Py_ssize_t position = 0, n_keywords = kwnames ? PyTuple_GET_SIZE (kwnames) : 0;
  if (n > signature->max_positional && !signature->varargs)
    return TE_PY_NO_MATCH;
  for (int i = signature->first; i < op->n_args; i++)
    {
      const TeArg *arg = &op->args[i];
      PyObject *object = NULL;
      bool keyword = position >= n;
      if (i >= signature->n_visible)
        {
          values[i] = arg->default_value;
          continue;
        }
      if (!keyword)
        {
          if (arg->keyword_only)
            return TE_PY_NO_MATCH;
          object = args[position];
        }
      else if (n_keywords && (object = find_keyword (signature->names[i], args + n, kwnames)))
        n_keywords--;
      if (!object ? arg->has_default
                  : object == Py_None
                        && (arg->optional || (arg->has_default && arg->default_value.kind == TE_VALUE_NONE)))
        {
          if (object)
            values[i] = (TeValue){ 0 };
          else
            values[i] = arg->default_value;
          position += !keyword;
          continue;
        }
      if (!object)
        return TE_PY_NO_MATCH;
      values[i].kind = TE_VALUE_NONE;
      TePyMatch match =
          te_py_convert (arg, signature->numbers && (i > 0 || !self->method), object, &values[i], scratch);
      if (match == TE_PY_NO_MATCH && signature->varargs && position == 0 && !keyword && PyIndex_Check (object)
          && (n > 1 || te_py_is_number (object) || te_py_is_tensor (object)))
        {
          PyObject *tuple = PyTuple_New (n);
          if (!tuple)
            return TE_PY_RAISED;
          for (Py_ssize_t k = 0; k < n; k++)
            PyTuple_SET_ITEM (tuple, k, Py_NewRef (args[k]));
          match = te_py_convert (arg, false, tuple, &values[i], scratch);
          Py_DECREF (tuple);
          position = n;
          if (match == TE_PY_MATCH)
            continue;
          position = 0;
        }
      if (match == TE_PY_MATCH && signature->varargs && position == 0 && n > 1)
        match = TE_PY_NO_MATCH; /* expand ((2, 3), 4) */
      if (match != TE_PY_MATCH)
        return match;
      position += !keyword;
    }
  if (position < n)
    return TE_PY_NO_MATCH;
  for (int extra = 0; n_keywords && extra < N_EXTRAS; extra++)
    if (signature->extras & (1u << extra))
      {
        PyObject *object = find_keyword (extra_names[extra], args + n, kwnames);
        if (!object)
          continue;
        TePyMatch match = parse_extra (signature, (Extra) extra, object, parsed);
        if (match != TE_PY_MATCH)
          return match;
        n_keywords--;
      }
  return n_keywords ? TE_PY_NO_MATCH : TE_PY_MATCH;
}

static bool
has_arg (const TeOp *op, const char *name)
{
  for (int i = 0; i < op->n_args; i++)
    if (strcmp (op->args[i].name, name) == 0)
      return true;
  return false;
}

/* dtype and device of a factory: texts name them among the extras. */
static bool
is_option (const TeArg *arg)
{
  return arg->keyword_only && (strcmp (arg->name, "dtype") == 0 || strcmp (arg->name, "device") == 0);
}

/* "(Tensor other, *, Number alpha)" */
static PyObject *
signature_text (const Callable *self, const Signature *signature)
{
  char text[1024] = "(";
  bool star = false;
  size_t used = 1;
  bool factory = signature->extras & (1u << EXTRA_LAYOUT);
  for (int i = signature->first; i < signature->n_visible; i++)
    {
      const TeArg *arg = &signature->op->args[i];
      if (factory && is_option (arg))
        continue;
      used += (size_t) snprintf (text + used, sizeof text - used, "%s%s%s %s", used > 1 ? ", " : "",
                                 arg->keyword_only && !star ? "*, " : "",
                                 te_py_arg_type_name (arg, signature->op->name),
                                 PyUnicode_AsUTF8 (signature->names[i]));
      star = star || arg->keyword_only;
    }
  static const Extra order[] = { EXTRA_OUT,    EXTRA_DTYPE,      EXTRA_LAYOUT,
                                 EXTRA_DEVICE, EXTRA_PIN_MEMORY, EXTRA_REQUIRES_GRAD };
  for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
    {
      Extra extra = order[i];
      bool own = (extra == EXTRA_DTYPE || extra == EXTRA_DEVICE) && factory
                 && has_arg (signature->op, extra_texts[extra]);
      if (!own && !(signature->extras & (1u << extra)))
        continue;
      used += (size_t) snprintf (
          text + used, sizeof text - used, "%s%s%s %s", used > 1 ? ", " : "", star ? "" : "*, ",
          extra == EXTRA_OUT && signature->op->n_returns > 1 ? "tuple of Tensors" : extra_types[extra],
          extra_texts[extra]);
      star = true;
    }
  return PyUnicode_FromFormat ("%s)", text);
}

/* PyTorch's words for what fits no overload; what it takes and the op table lacks is named. */
static PyObject *
raise_mismatch (
    const Callable *self, PyObject *tensor, PyObject *const *args, Py_ssize_t n, PyObject *kwnames)
{
  if (te_py_refuse_arguments (self->space, self->name, tensor, args, n, kwnames))
    return NULL;
  PyObject *got = te_py_describe_given (args, n, kwnames);
  PyObject *what = got ? PyUnicode_FromFormat ("%s of %U", self->name, got) : NULL;
  if (what)
    te_py_not_implemented (PyUnicode_AsUTF8 (what));
  Py_XDECREF (what);
  Py_XDECREF (got);
  return NULL;
}

static PyObject *
finish (
    const Callable *self, const Signature *signature, TeValue *values, TePyScratch *scratch, Parsed *parsed)
{
  TeError err;
  te_error_clear (&err);
  parsed->call.op = signature->op;
  parsed->call.args = values;
  parsed->call.inplace = self->inplace;
  bool ok = te_dispatch (&parsed->call, &err);
  if (__builtin_expect (scratch->n_temps | scratch->n_heaps | scratch->n_kept, 0))
    te_py_scratch_clear (scratch);
  if (!ok)
    return te_py_raise (&err);
  if (__builtin_expect (parsed->requires_grad, 0) && parsed->call.n_outs == 1
      && !te_py_start_requires_grad (parsed->call.outs[0], &err))
    {
      te_op_call_clear (&parsed->call);
      return te_py_raise (&err);
    }
  return te_py_wrap_outs (&parsed->call);
}

static PyObject *
callable_vectorcall (PyObject *object, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
  const Callable *self = (const Callable *) object;
  Py_ssize_t n = PyVectorcall_NARGS (nargsf);
  TeValue values[TE_OP_MAX_ARGS];
  TePyScratch scratch;
  PyObject *answer;
  if (__builtin_expect (te_py_function_watch, 0) && te_py_function_ask (object, args, n, kwnames, &answer))
    return answer;
  if (self->method)
    {
      if (n == 0 || !te_py_is_tensor (args[0]))
        return n == 0 ? PyErr_Format (PyExc_TypeError, "unbound method _TensorBase.%s() needs an argument",
                                      self->name)
                      : PyErr_Format (
                          PyExc_TypeError,
                          "descriptor '%s' for 'torch._C._TensorBase' objects doesn't apply to a '%s' object",
                          self->name, Py_TYPE (args[0])->tp_name);
      values[0] = (TeValue){ .kind = TE_VALUE_TENSOR, .tensor = te_py_tensor (args[0]) };
      args++;
      n--;
    }
  scratch.op_name = self->name;
  for (int i = 0; i < self->n_signatures; i++)
    {
      Parsed parsed = { 0 };
      te_py_scratch_init (&scratch);
      TePyMatch match = parse (self, &self->signatures[i], args, n, kwnames, values, &scratch, &parsed);
      if (match == TE_PY_MATCH)
        {
          return finish (self, &self->signatures[i], values, &scratch, &parsed);
        }
      te_py_scratch_clear (&scratch);
      if (match == TE_PY_RAISED)
        return NULL;
    }
  /* A stranger with __torch_function__ fits no signature. */
  if (te_py_function_ask (object, args - self->method, n + self->method, kwnames, &answer))
    return answer;
  PyObject *old = te_py_old_call (object, self->name, self->method ? args[-1] : NULL, args, n, kwnames);
  if (old || PyErr_Occurred ())
    return old;
  return raise_mismatch (self, self->method ? args[-1] : NULL, args, n, kwnames);
}

/* ---- the type ---- */
/* place_of: the module that PyTorch keeps a function in; "torch" where torch itself has it under its own name. */
static const char *
place_of (const Callable *self)
{
  static const char *const families[] = { "fft", "linalg", "special" };
  static const char *const places[] = { "torch._C._fft", "torch._C._linalg", "torch._C._special" };
  for (int i = 0; i < 3; i++)
    {
      size_t n = strlen (families[i]);
      if (strncmp (self->name, families[i], n) == 0 && self->name[n] == '_')
        return places[i];
    }
  if (strcmp (self->name, "pad") == 0)
    return "torch.nn.functional";
  PyObject *torch = PyImport_AddModule ("torch");  /* borrowed; there is no error to report where it is not there */
  PyObject *there = torch ? PyDict_GetItemString (PyModule_GetDict (torch), self->name) : NULL;
  PyErr_Clear ();
  return there ? "torch" : "torch._C._nn";
}

static PyObject *
callable_repr (PyObject *object)
{
  const Callable *self = (const Callable *) object;
  if (self->method)
    return PyUnicode_FromFormat ("<method '%s' of 'torch._C._TensorBase' objects>", self->name);
  if (strcmp (place_of (self), "torch") != 0)
    return PyUnicode_FromFormat ("<built-in function %s>", self->name);
  return PyUnicode_FromFormat ("<built-in method %s of type object at %p>", self->name, (void *) te_py_tensor_base_type);
}

static PyObject *
callable_name (PyObject *self, void *closure)
{
  return PyUnicode_FromString (((Callable *) self)->name);
}

static PyObject *
callable_qualname (PyObject *object, void *closure)
{
  const Callable *self = (const Callable *) object;
  if (!self->method && strcmp (place_of (self), "torch") != 0)
    return PyUnicode_FromString (self->name);
  return PyUnicode_FromFormat ("%s.%s", self->method ? "_TensorBase" : "_VariableFunctionsClass", self->name);
}

static PyObject *
callable_doc (PyObject *object, void *closure)
{
  const Callable *self = (const Callable *) object;
  PyObject *text = PyUnicode_FromString ("");
  for (int i = 0; text && i < self->n_signatures; i++)
    {
      PyObject *option = signature_text (self, &self->signatures[i]);
      if (option)
        Py_SETREF (text, PyUnicode_FromFormat ("%U%s%U\n", text, self->name, option));
      Py_XDECREF (option);
    }
  if (text && self->signatures[0].op->def->doc)
    Py_SETREF (text, PyUnicode_FromFormat ("%U\n%s", text, self->signatures[0].op->def->doc));
  return text;
}

static PyObject *
callable_module (PyObject *object, void *closure)
{
  const Callable *self = (const Callable *) object;
  if (self->method)
    Py_RETURN_NONE;
  return PyUnicode_FromString (place_of (self));
}

static PyObject *
callable_reduce (PyObject *object, PyObject *ignored)
{
  const Callable *self = (const Callable *) object;
  if (!self->method)
    return PyUnicode_FromString (self->name);
  return Py_BuildValue ("N(Os)", Py_NewRef (PyDict_GetItemString (PyEval_GetBuiltins (), "getattr")),
                        te_py_tensor_base_type, self->name);
}

static PyObject *
method_get (PyObject *self, PyObject *object, PyObject *type)
{
  return object ? PyMethod_New (self, object) : Py_NewRef (self);
}

static PyGetSetDef getset[] = {
  { "__name__", callable_name, NULL, NULL, NULL },
  { "__qualname__", callable_qualname, NULL, NULL, NULL },
  { "__doc__", callable_doc, NULL, NULL, NULL },
  { "__module__", callable_module, NULL, NULL, NULL },
  { 0 },
};

static PyMethodDef methods[] = {
  { "__reduce__", callable_reduce, METH_NOARGS, NULL },
  { 0 },
};

static PyMemberDef members[] = {
  { "__vectorcalloffset__", T_PYSSIZET, offsetof (Callable, vectorcall), READONLY, NULL },
  { 0 },
};

/* ---- building the table ---- */
/* Names for which a Python number stands for a tensor though the row says Tensor (PyTorch keeps such a list).
 */
static bool
takes_numbers (const char *name)
{
  static const char *const names[] = { "add", "sub",    "subtract",    "mul",         "multiply",
                                       "div", "divide", "true_divide", "floor_divide", "copy_" };
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (strcmp (name, names[i]) == 0)
      return true;
  return false;
}

/* Rows whose result is made from nothing take layout, pin_memory and requires_grad. */
static bool
is_factory (const TeOp *op)
{
  size_t length = strlen (op->name);
  bool dtype = false, tensor = false;
  for (int i = 0; i < op->n_args; i++)
    {
      dtype = dtype || (op->args[i].type == TE_ARG_DTYPE && op->args[i].keyword_only);
      tensor = tensor || op->args[i].type == TE_ARG_TENSOR || op->args[i].type == TE_ARG_TENSOR_LIST;
    }
  if (strncmp (op->name, "new_", 4) == 0 || (length > 5 && strcmp (op->name + length - 5, "_like") == 0))
    return true;
  return dtype && !tensor;
}

static bool
signature_init (Signature *self, const TeOp *op, const Callable *callable)
{
  self->op = op;
  self->first = callable->method ? 1 : 0;
  self->n_visible = op->n_args;
  self->numbers = takes_numbers (op->name);
  for (int i = 0; i < op->n_args; i++)
    {
      const char *name = op->args[i].name;
      bool is_input = strcmp (name, "self") == 0 && op->args[i].type == TE_ARG_TENSOR;
      if (strcmp (op->name, "copy_") == 0 && i == 1)
        name = "other"; /* PyTorch's binding says so, its schema src */
      self->names[i] = PyUnicode_InternFromString (is_input ? "input" : name);
      if (!self->names[i])
        return false;
      if (i < self->first)
        continue;
      self->max_positional += !op->args[i].keyword_only;
      self->min_args += !op->args[i].has_default;
      self->max_args++;
    }
  int first = self->first;
  self->varargs = self->max_positional == 1 && op->n_args > first && op->args[first].type == TE_ARG_INT_LIST;
  if ((op->def->flags & TE_OP_OUT) && !callable->method && !callable->inplace)
    self->extras |= 1u << EXTRA_OUT;
  if (is_factory (op))
    {
      self->extras |=
          1u << EXTRA_LAYOUT | 1u << EXTRA_PIN_MEMORY | 1u << EXTRA_REQUIRES_GRAD | 1u << EXTRA_NAMES;
      for (int extra = 0; extra < N_EXTRAS; extra++)
        if (has_arg (op, extra_texts[extra]))
          self->extras &= ~(1u << extra);
      if (!has_arg (op, "device"))
        self->extras |= 1u << EXTRA_DEVICE;
    }
  self->max_args += __builtin_popcount (self->extras);
  return true;
}

/* Where one overload takes a number and another, otherwise alike, a Tensor, the Tensor is tried first: a
 * 0-dim tensor would pass for both.  Overloads of which neither is narrower keep the order of their rows. */
static bool
goes_before (const TeOp *a, const TeOp *b)
{
  bool narrower = false;
  for (int i = 0; i < a->n_args && i < b->n_args; i++)
    if (a->args[i].type != b->args[i].type)
      {
        TeArgType other = b->args[i].type;
        if (other == TE_ARG_TENSOR)
          return false;
        if (a->args[i].type != TE_ARG_TENSOR
            || (other != TE_ARG_SCALAR && other != TE_ARG_INT && other != TE_ARG_FLOAT
                && other != TE_ARG_INT_LIST))
          return narrower;
        narrower = true;
      }
  return narrower;
}

static PyObject *
callable_new (
    const char *space, const char *name, const TeOp *const *ops, int n, uint32_t flags, bool inplace)
{
  const TeOp *chosen[64];
  int count = 0;
  for (int i = 0; i < n && count < 64; i++)
    if ((ops[i]->def->flags & flags) == flags)
      {
        int place = count++;
        while (place > 0 && goes_before (ops[i], chosen[place - 1]))
          {
            chosen[place] = chosen[place - 1];
            place--;
          }
        chosen[place] = ops[i];
      }
  bool method = strcmp (space, "Tensor") == 0;
  Callable *self = PyObject_New (Callable, method ? method_type : function_type);
  if (!self)
    return NULL;
  self->vectorcall = callable_vectorcall;
  self->name = PyUnicode_AsUTF8 (PyUnicode_InternFromString (name)); /* lives as long as the process */
  self->space = space;
  self->method = method;
  self->inplace = inplace;
  self->n_signatures = count;
  self->signatures = calloc ((size_t) self->n_signatures, sizeof *self->signatures);
  if (!self->signatures || !self->name)
    return PyErr_NoMemory ();
  for (int i = 0; i < count; i++)
    if (!signature_init (&self->signatures[i], chosen[i], self))
      return NULL;
  return (PyObject *) self;
}

static bool
any_has (const TeOp *const *ops, int n, uint32_t flags)
{
  for (int i = 0; i < n; i++)
    if ((ops[i]->def->flags & flags) == flags)
      return true;
  return false;
}

static bool
place (PyObject *dict,
       const char *space,
       const char *name,
       const TeOp *const *ops,
       int n,
       uint32_t flags,
       bool inplace)
{
  if (!any_has (ops, n, flags))
    return true;
  PyObject *callable = callable_new (space, name, ops, n, flags, inplace);
  bool ok = callable && PyDict_SetItemString (dict, name, callable) == 0;
  Py_XDECREF (callable);
  return ok;
}

static PyObject *
named_tuple_repr (PyObject *self)
{
  PyObject *text = PyUnicode_FromFormat ("%s(", Py_TYPE (self)->tp_name);
  const PyMemberDef *fields = Py_TYPE (self)->tp_members;
  for (Py_ssize_t i = 0; text && i < PyTuple_GET_SIZE (self); i++)
    Py_SETREF (text, PyUnicode_FromFormat ("%U%s\n%s=%R", text, i ? "," : "", fields[i].name,
                                           PyTuple_GET_ITEM (self, i)));
  if (text)
    Py_SETREF (text, PyUnicode_FromFormat ("%U)", text));
  return text;
}

/* A type of results; added to torch.return_types. */
static PyTypeObject *
named_tuple_new (const TeOp *op, const char *ending, PyObject *return_types)
{
  PyStructSequence_Field fields[TE_OP_INLINE_OUTS + 1] = { 0 };
  for (int i = 0; i < op->n_returns; i++)
    fields[i].name = op->return_names[i];
  char name[128];
  const char *prefix = "torch.return_types.";
  snprintf (name, sizeof name, "%s%s%s", prefix, op->name, ending);
  PyStructSequence_Desc desc = { strdup (name), NULL, fields, op->n_returns };
  PyTypeObject *type = PyStructSequence_NewType (&desc);
  if (!type)
    return NULL;
  type->tp_repr = named_tuple_repr;
  PyObject *module_name = PyUnicode_FromString ("torch.return_types");
  PyDict_SetItemString (type->tp_dict, "__module__", module_name);
  Py_XDECREF (module_name);
  return PyDict_SetItemString (return_types, name + strlen (prefix), (PyObject *) type) == 0 ? type : NULL;
}

static bool
info_init (const TeOp *op, PyObject *return_types)
{
  OpInfo *info = &infos[op->index];
  const char *arrow = strstr (op->def->schema, "->");
  const char *returned = arrow ? arrow + 2 + strspn (arrow + 2, " ") : "";
  info->number = strncmp (returned, "bool", 4) == 0 || strncmp (returned, "int", 3) == 0
                 || strncmp (returned, "float", 5) == 0 || strncmp (returned, "Scalar", 6) == 0;
  if (op->n_returns < 2 || !op->return_names[0])
    return true;
  info->named_tuple = named_tuple_new (op, "", return_types);
  info->named_tuple_out = info->named_tuple ? named_tuple_new (op, "_out", return_types) : NULL;
  return info->named_tuple_out != NULL;
}

static bool
place_name (const TeOp *const *ops, int n, PyObject *nn, PyObject *linalg, PyObject *special, PyObject *fft)
{
  const char *name = ops[0]->name;
  char inplace_name[128], special_name[128];
  bool only_inplace = any_has (ops, n, TE_OP_INPLACE_ONLY);
  PyObject *tensor = te_py_tensor_base_type->tp_dict;
  snprintf (inplace_name, sizeof inplace_name, "%s_", name);
  snprintf (special_name, sizeof special_name, "%s%s", strncmp (name, "special_", 8) ? "special_" : "", name);
  /* Names written by hand in C (tensor-methods.c) stay. */
  bool ok = PyDict_GetItemString (tensor, name) != NULL
            || place (tensor, "Tensor", name, ops, n, TE_OP_METHOD, only_inplace);
  ok = ok && place (functions, "torch", name, ops, n, TE_OP_FUNCTION, only_inplace)
       && place (nn, "nn", name, ops, n, TE_OP_NN, only_inplace)
       && place (linalg, "linalg", name, ops, n, TE_OP_LINALG, only_inplace)
       && place (special, "special", special_name, ops, n, TE_OP_SPECIAL, only_inplace)
       && place (fft, "fft", name, ops, n, TE_OP_FFT, only_inplace);
  if (!ok || !any_has (ops, n, TE_OP_INPLACE))
    return ok;
  return (!any_has (ops, n, TE_OP_INPLACE | TE_OP_METHOD)
          || place (tensor, "Tensor", inplace_name, ops, n, TE_OP_INPLACE | TE_OP_METHOD, true))
         && place (functions, "torch", inplace_name, ops, n, TE_OP_INPLACE | TE_OP_FUNCTION, true)
         && place (nn, "nn", inplace_name, ops, n, TE_OP_INPLACE | TE_OP_NN, true);
}

PyObject *
te_py_op_lookup (const char *name, bool method)
{
  return PyDict_GetItemString (method ? te_py_tensor_base_type->tp_dict : functions, name);
}

static PyTypeObject *
make_type (const char *name, bool method)
{
  PyType_Slot slots[] = { { Py_tp_call, PyVectorcall_Call },
                          { Py_tp_repr, callable_repr },
                          { Py_tp_getset, getset },
                          { Py_tp_members, members },
                          { Py_tp_methods, methods },
                          { method ? Py_tp_descr_get : 0, method_get },
                          { 0 } };
  PyType_Spec spec = { name, sizeof (Callable), 0,
                       Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_DISALLOW_INSTANTIATION
                           | (method ? Py_TPFLAGS_METHOD_DESCRIPTOR : 0),
                       slots };
  return (PyTypeObject *) PyType_FromSpec (&spec);
}

/* _op_table (): (name, how often it can be differentiated) for each row; for tests that go over all of them.
 */
static PyObject *
op_table (PyObject *module, PyObject *ignored)
{
  PyObject *list = PyList_New (0);
  for (int i = 0; list && i < te_registry_count (); i++)
    {
      const TeOp *op = te_registry_get (i);
      PyObject *row = Py_BuildValue ("(si)", op->name, op->def->flags & TE_OP_NONDIFF ? 0 : 2);
      if (!row || PyList_Append (list, row) < 0)
        Py_CLEAR (list);
      Py_XDECREF (row);
    }
  return list;
}

static PyObject *
add_namespace (PyObject *module, const char *name)
{
  char full[64];
  snprintf (full, sizeof full, "torch._C.%s", name);
  PyObject *space = PyModule_New (full);
  /* Pickled functions are looked for among the modules that were imported. */
  if (!space || PyModule_AddObjectRef (module, name, space) < 0
      || PyDict_SetItemString (PyImport_GetModuleDict (), full, space) < 0)
    return NULL;
  Py_DECREF (space); /* the module holds it */
  return PyModule_GetDict (space);
}

bool
te_py_op_init (PyObject *module)
{
  infos = calloc ((size_t) te_registry_count () + 1, sizeof *infos);
  function_type = make_type ("torch._C.OpFunction", false);
  method_type = make_type ("torch._C.OpMethod", true);
  functions = PyDict_New ();
  PyObject *nn = add_namespace (module, "_nn"), *linalg = add_namespace (module, "_linalg");
  PyObject *special = add_namespace (module, "_special"), *fft = add_namespace (module, "_fft"),
           *return_types = add_namespace (module, "_return_types");
  if (!infos || !function_type || !method_type || !functions || !nn || !linalg || !special || !fft
      || !return_types)
    return false;
  for (int extra = 0; extra < N_EXTRAS; extra++)
    if (!(extra_names[extra] = PyUnicode_InternFromString (extra_texts[extra])))
      return false;
  for (int i = 0; i < te_registry_count (); i++)
    {
      int n;
      const TeOp *op = te_registry_get (i);
      const TeOp *const *ops = te_registry_overloads (op->name, &n);
      if (!info_init (op, return_types) || (ops[0] == op && !place_name (ops, n, nn, linalg, special, fft)))
        return false;
    }
  PyType_Modified (te_py_tensor_base_type);
  static PyMethodDef table[] = { { "_op_table", op_table, METH_NOARGS, NULL }, { 0 } };
  return PyModule_AddFunctions (module, table) == 0
         && PyModule_AddObjectRef (module, "_functions", functions) == 0;
}
