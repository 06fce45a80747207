/* Calls: ops, compiled functions, modules, and functions of Python that the compiler knows. */
#include "python/jit-frontend.h"

#include <string.h>

static Sugar
var (TeJitVar *value)
{
  return value ? (Sugar){ .kind = SUGAR_VAR, .var = value } : NO_SUGAR;
}

/* ---- the arguments of a call ---- */
typedef struct
{
  PyObject *node;
  Sugar items[64];
  int n;
  Arguments arguments; /* keywords only; filled by as_values */
} Given;

static bool
add_positional (Frontend *self, Given *given, PyObject *node)
{
  if (strcmp (te_fe_ast_name (node), "Starred") != 0)
    {
      if (given->n == 64)
        return te_fe_error (self, te_fe_range (self, node), "more than 64 arguments");
      given->items[given->n] = te_fe_expr (self, node, NULL);
      return given->items[given->n++].kind != SUGAR_NONE;
    }
  Sugar value = te_fe_expr (self, te_fe_field (node, "value"), NULL);
  if (value.kind == SUGAR_MODULES || value.kind == SUGAR_MODULE || value.kind == SUGAR_TUPLE)
    {
      value = value.kind != SUGAR_TUPLE ? te_fe_modules (self, value, NULL) : value;
      for (int i = 0; i < value.n && given->n < 64; i++)
        given->items[given->n++] = value.items[i];
      return value.kind != SUGAR_NONE;
    }
  TeJitVar *tuple = te_fe_as_var (self, value, te_fe_range (self, node));
  int n;
  if (!tuple || tuple->type->kind != TE_JIT_TUPLE)
    return tuple
           && te_fe_error (self, te_fe_range (self, node),
                           "cannot statically infer the expected size of a list in this context");
  TeJitVar **parts = te_fe_unpack (self, tuple, &n);
  for (int i = 0; i < n && given->n < 64; i++)
    given->items[given->n++] = var (parts[i]);
  return true;
}

static bool
give (Frontend *self, Given *given, PyObject *node)
{
  PyObject *args = te_fe_field (node, "args"), *keywords = te_fe_field (node, "keywords");
  given->node = node;
  given->n = 0;
  given->arguments = (Arguments){ 0 };
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE (args); i++)
    if (!add_positional (self, given, PyList_GET_ITEM (args, i)))
      return false;
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE (keywords); i++)
    {
      PyObject *keyword = PyList_GET_ITEM (keywords, i), *name = te_fe_field (keyword, "arg");
      Arguments *arguments = &given->arguments;
      if (name == Py_None || arguments->n_keywords == 16)
        return te_fe_unsupported (self, node, "keyword-arg expansion");
      arguments->names[arguments->n_keywords] = te_jit_intern (PyUnicode_AsUTF8 (name));
      if (!(arguments->keywords[arguments->n_keywords++] =
                te_fe_value (self, te_fe_field (keyword, "value"), NULL)))
        return false;
    }
  return true;
}

static bool
as_values (Frontend *self, Given *given, const TeJitRange *range)
{
  given->arguments.n = 0;
  for (int i = 0; i < given->n; i++)
    if (!(given->arguments.args[given->arguments.n++] = te_fe_as_var (self, given->items[i], range)))
      return false;
  return true;
}

/* ---- functions of Python ---- */
static Sugar *
keep_items (Frontend *self, const Sugar *items, int n, int room)
{
  Sugar *copy = te_jit_alloc (self->graph->arena, (size_t) (room + 1) * sizeof *copy);
  memcpy (copy, items, (size_t) n * sizeof *copy);
  return copy;
}

static Sugar
length (Frontend *self, Given *given, const TeJitRange *range)
{
  Sugar value = given->items[0];
  if (value.kind == SUGAR_MODULE || value.kind == SUGAR_MODULES)
    value = te_fe_modules (self, value, range);
  if (value.kind == SUGAR_TUPLE)
    return var (te_fe_int (self, value.n, range));
  TeJitVar *list = te_fe_as_var (self, value, range);
  if (list && list->type->kind == TE_JIT_TUPLE)
    return var (te_fe_int (self, list->type->n, range));
  return list ? var (te_fe_op (self, range, "aten::len", 1, &list)) : NO_SUGAR;
}

static Sugar
cast (Frontend *self, Given *given, const char *kind, TeJitKind wanted, const TeJitRange *range)
{
  TeJitVar *value = given->n ? te_fe_as_var (self, given->items[0], range) : NULL;
  if (!value)
    {
      if (!given->n && wanted == TE_JIT_STR)
        return var (te_fe_constant (self, te_jit_str ("", 0), range));
      return given->n ? NO_SUGAR : var (te_fe_int (self, 0, range));
    }
  te_fe_zero_of_cast (self, range);
  if (value->type->kind == wanted)
    return var (value);
  return var (te_fe_op (self, range, kind, 1, &value));
}

static Sugar
print (Frontend *self, Given *given, const TeJitRange *range)
{
  if (!as_values (self, given, range))
    return NO_SUGAR;
  te_fe_emit (self, range, "prim::Print", NULL, given->n, given->arguments.args);
  return var (te_fe_constant (self, te_jit_none (), NULL));
}

/* min, max: of two numbers, of a list, of tensors. */
static Sugar
extreme (Frontend *self, Given *given, bool least, const TeJitRange *range)
{
  if (!as_values (self, given, range))
    return NO_SUGAR;
  TeJitVar **in = given->arguments.args;
  bool tensors = given->n && in[0]->type->kind == TE_JIT_TENSOR;
  const char *kind = tensors ? (least ? "aten::min" : "aten::max") : least ? "prim::min" : "prim::max";
  if (given->n <= 2)
    return te_fe_call_op (self, kind, &given->arguments, range);
  TeJitVar *best = in[0];
  for (int i = 1; best && i < given->n; i++)
    best = te_fe_op (self, range, kind, 2, (TeJitVar *[]){ best, in[i] });
  return var (best);
}

static Sugar
list_of (Frontend *self, Given *given, const TeJitRange *range)
{
  if (!given->n)
    return var (te_fe_list (self, NULL, 0, te_jit_type_simple (TE_JIT_TENSOR)));
  Sugar value = given->items[0];
  if (value.kind == SUGAR_RANGE || value.kind == SUGAR_ENUMERATE || value.kind == SUGAR_ZIP)
    return var (te_fe_collect (self, value, range));
  TeJitVar *list = te_fe_as_var (self, value, range);
  if (list && list->type->kind == TE_JIT_TUPLE)
    {
      int n;
      TeJitVar **parts = te_fe_unpack (self, list, &n);
      return var (te_fe_list (self, parts, n, n ? parts[0]->type : te_jit_type_simple (TE_JIT_TENSOR)));
    }
  if (list && list->type->kind == TE_JIT_DICT)
    return var (te_fe_op (self, range, "aten::keys", 1, &list));
  if (list && list->type->kind == TE_JIT_TENSOR)
    list = te_fe_op (self, range, "aten::unbind", 1, &list);
  return list ? var (te_fe_op (self, range, "aten::list", 1, &list)) : NO_SUGAR;
}

static Sugar
python_builtin (Frontend *self, const char *name, Given *given, const TeJitRange *range)
{
  static const struct
  {
    const char *name, *kind;
    TeJitKind wanted;
  } casts[] = { { "int", "aten::Int", TE_JIT_INT },
                { "float", "aten::Float", TE_JIT_FLOAT },
                { "bool", "aten::Bool", TE_JIT_BOOL },
                { "str", "aten::str", TE_JIT_STR } };
  static const struct
  {
    const char *name, *kind;
  } ops[] = { { "abs", "prim::abs" }, { "round", "aten::round" }, { "sorted", "aten::sorted" },
              { "any", "aten::any" }, { "all", "aten::all" },     { "ord", "aten::ord" },
              { "chr", "aten::chr" }, { "pow", "aten::pow" },     { "divmod", "aten::divmod" },
              { "sum", "aten::sum" } };
  for (size_t i = 0; i < sizeof casts / sizeof *casts; i++)
    if (strcmp (casts[i].name, name) == 0)
      return cast (self, given, casts[i].kind, casts[i].wanted, range);
  if (strcmp (name, "len") == 0 && given->n == 1)
    return length (self, given, range);
  if (strcmp (name, "print") == 0)
    return print (self, given, range);
  if (strcmp (name, "min") == 0 || strcmp (name, "max") == 0)
    return extreme (self, given, strcmp (name, "min") == 0, range);
  if (strcmp (name, "list") == 0)
    return list_of (self, given, range);
  if (strcmp (name, "dict") == 0 && !given->n)
    return var (te_fe_emit (
        self, NULL, "prim::DictConstruct",
        te_jit_type_dict (te_jit_type_simple (TE_JIT_STR), te_jit_type_simple (TE_JIT_TENSOR)), 0, NULL));
  if (strcmp (name, "range") == 0 || strcmp (name, "enumerate") == 0 || strcmp (name, "zip") == 0)
    {
      SugarKind kind = name[0] == 'r' ? SUGAR_RANGE : name[0] == 'e' ? SUGAR_ENUMERATE : SUGAR_ZIP;
      Sugar *items = keep_items (self, given->items, given->n, 3);
      if (kind != SUGAR_ZIP)
        te_fe_range_bounds (self, items, given->n, range);
      return (Sugar){ .kind = kind, .items = items, .n = given->n };
    }
  for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
    if (strcmp (ops[i].name, name) == 0)
      {
        if (!as_values (self, given, range))
          return NO_SUGAR;
        bool tensor = given->n && given->arguments.args[0]->type->kind == TE_JIT_TENSOR;
        return te_fe_call_op (self, tensor && strcmp (name, "abs") == 0 ? "aten::abs" : ops[i].kind,
                              &given->arguments, range);
      }
  te_fe_error (self, range, "Python builtin <built-in function %s> is currently not supported in Torchscript",
               name);
  return NO_SUGAR;
}

/* ---- ops by Python's names ---- */
static const char *
name_of (PyObject *object)
{
  PyObject *name = PyObject_GetAttrString (object, "__name__");
  const char *text = name && PyUnicode_Check (name) ? te_jit_intern (PyUnicode_AsUTF8 (name)) : NULL;
  PyErr_Clear ();
  Py_XDECREF (name);
  return text;
}

static const char *
module_of (PyObject *object)
{
  PyObject *name = PyObject_GetAttrString (object, "__module__");
  const char *text = name && PyUnicode_Check (name) ? te_jit_intern (PyUnicode_AsUTF8 (name)) : NULL;
  PyErr_Clear ();
  Py_XDECREF (name);
  return text ? text : "";
}

static bool
has_schema (const char *kind)
{
  int n;
  te_jit_schemas_find (kind, &n);
  return n > 0;
}

/* Functions of math that graphs have. */
static bool
is_of_math (const char *name)
{
  static const char *const names[] = {
    "acos",  "acosh",   "asin", "asinh",    "atan",  "atan2", "atanh", "ceil",      "copysign", "cos",
    "cosh",  "degrees", "erf",  "erfc",     "exp",   "expm1", "fabs",  "factorial", "floor",    "fmod",
    "frexp", "gamma",   "gcd",  "isfinite", "isinf", "isnan", "ldexp", "lgamma",    "log",      "log10",
    "log1p", "modf",    "pow",  "radians",  "sin",   "sinh",  "sqrt",  "tan",       "tanh"
  };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp (names[i], name) == 0)
      return true;
  return false;
}

/* "aten::relu" for torch.relu, "aten::sqrt" for math.sqrt; NULL for what is no op. */
static const char *
op_of (Sugar callee)
{
  const char *own = name_of (callee.object), *name = callee.name ? callee.name : own;
  const char *type = Py_TYPE (callee.object)->tp_name;
  bool op = strcmp (type, "torch._C.OpFunction") == 0 || strcmp (type, "torch._C.GuardedFunction") == 0;
  bool from_torch = strncmp (module_of (callee.object), "torch", 5) == 0;
  PyObject *kind = PyObject_GetAttrString (
      callee.object, "_jit_kind"); /* code of an archive says torch.add and means the op */
  PyErr_Clear ();
  if (kind && PyUnicode_Check (kind))
    {
      name = te_jit_intern (PyUnicode_AsUTF8 (kind));
      Py_DECREF (kind);
      return name;
    }
  Py_XDECREF (kind);
  if (!own || (strcmp (module_of (callee.object), "math") == 0 && !is_of_math (own)))
    return NULL;
  if (op || PyCFunction_Check (callee.object) || from_torch)
    {
      const char *const forms[] = { te_jit_intern_format ("aten::%s", own),
                                    te_jit_intern_format ("aten::linalg_%s", own),
                                    te_jit_intern_format ("aten::%s", name),
                                    te_jit_intern_format ("aten::special_%s", own) };
      if (!op && !PyCFunction_Check (callee.object) && strcmp (module_of (callee.object), "torch") != 0
          && strncmp (module_of (callee.object), "torch.functional", 16) != 0)
        return NULL;
      for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (has_schema (forms[i]))
          return forms[i];
    }
  return NULL;
}

/* Point (x, y=2): fields by place, by name, or from the class. */
static TeJitVar *
make_named_tuple (
    Frontend *self, PyObject *class, const TeJitType *type, Arguments *arguments, const TeJitRange *range)
{
  PyObject *defaults = PyObject_GetAttrString (class, "_field_defaults");
  TeJitVar *items[64];
  bool ok = defaults && arguments->n <= type->n && type->n <= 64;
  for (int i = 0; ok && i < type->n; i++)
    {
      items[i] = i < arguments->n ? arguments->args[i] : NULL;
      for (int k = 0; !items[i] && k < arguments->n_keywords; k++)
        if (strcmp (arguments->names[k], type->fields[i]) == 0)
          items[i] = arguments->keywords[k];
      PyObject *fallback = items[i] ? NULL : PyDict_GetItemString (defaults, type->fields[i]);
      if (fallback)
        items[i] = te_fe_python_constant (self, fallback, range);
      if (!items[i])
        te_fe_error (self, range, "\n%s(): Argument %s not provided.", type->name, type->fields[i]);
      else if (!(items[i] = te_fe_convert (self, items[i], type->items[i], 0, false, range)))
        te_fe_error (self, range, "Expected a value of type '%s' for argument '%s'",
                     type->items[i]->annotation, type->fields[i]);
      ok = items[i] != NULL;
    }
  Py_XDECREF (defaults);
  return ok ? te_fe_emit (self, range, "prim::TupleConstruct", type, type->n, items) : NULL;
}

/* max_pool2d (…, return_indices=True): the function that is meant, or NULL. */
static PyObject *
chosen_form (PyObject *function, const Arguments *arguments)
{
  PyObject *choice = PyObject_GetAttrString (function, "_jit_choice"),
           *other = NULL; /* name, place, function */
  PyErr_Clear ();
  const char *name;
  int place;
  if (!choice || !PyArg_ParseTuple (choice, "siO", &name, &place, &other))
    {
      PyErr_Clear ();
      Py_XDECREF (choice);
      return NULL;
    }
  const TeJitVar *value = place < arguments->n ? arguments->args[place] : NULL;
  TeJitAny flag;
  for (int i = 0; i < arguments->n_keywords; i++)
    if (strcmp (arguments->names[i], name) == 0)
      value = arguments->keywords[i];
  Py_DECREF (choice); /* the function keeps it */
  return value && te_jit_var_constant (value, &flag) && flag.tag == TE_JIT_V_BOOL && flag.b ? other : NULL;
}

/* fork (f, x): a task is done at once, and waiting for it gives its result. */
static Sugar
fork_or_wait (Frontend *self, Given *given, bool fork, const TeJitRange *range)
{
  Sugar first = given->n ? given->items[0] : NO_SUGAR;
  TeJitFunction *function = first.kind == SUGAR_FUNCTION         ? first.function
                            : fork && first.kind == SUGAR_PYTHON ? te_fe_function (first.object)
                                                                 : NULL;
  if (!fork)
    return first.kind ? var (te_fe_as_var (self, first, range)) : NO_SUGAR;
  if (first.kind == SUGAR_MODULE || first.kind == SUGAR_MODULE_METHOD)
    function = te_fe_method (first.object, first.var->type->class,
                             first.kind == SUGAR_MODULE ? "forward" : first.name);
  given->n--;
  memmove (given->items, given->items + 1, (size_t) given->n * sizeof *given->items);
  if (!function || !as_values (self, given, range))
    {
      if (!PyErr_Occurred ())
        te_fe_error (self, range, "fork takes a function or module first");
      return NO_SUGAR;
    }
  return var (te_fe_call_function (
      self, function, first.kind == SUGAR_MODULE || first.kind == SUGAR_MODULE_METHOD ? first.var : NULL,
      &given->arguments, range));
}

static Sugar
call_python (Frontend *self, Sugar callee, Given *given, const TeJitRange *range)
{
  const char *name = name_of (callee.object), *module = module_of (callee.object);
  if (name && strcmp (module, "builtins") == 0
      && (PyCFunction_Check (callee.object) || PyType_Check (callee.object)))
    return python_builtin (self, name, given, range);
  if (name && (strcmp (name, "is_scripting") == 0 || strcmp (name, "is_tracing") == 0))
    return var (te_fe_constant (self, te_jit_bool (strcmp (name, "is_scripting") == 0), range));
  if (name && (strcmp (name, "fork") == 0 || strcmp (name, "wait") == 0)
      && strncmp (module, "torch.jit", 9) == 0)
    return fork_or_wait (self, given, name[0] == 'f', range);
  if (name && strcmp (name, "_assert") == 0)
    return var (te_fe_constant (self, te_jit_none (), NULL));
  if (!as_values (self, given, range))
    return NO_SUGAR;
  if (name && strcmp (name, "warn") == 0)
    {
      TeJitVar *in[] = { given->arguments.args[0], te_fe_int (self, 2, range) };
      te_fe_emit (self, range, "aten::warn", NULL, 2, in);
      return var (te_fe_constant (self, te_jit_none (), NULL));
    }
  if (callee.object == (PyObject *) te_py_device_type)
    return te_fe_call_op (self, "aten::device", &given->arguments, range);
  const char *op = op_of (callee);
  if (op && strcmp (op, "prim::RaiseException") == 0)
    {
      bool class = given->arguments.n > 1;
      TeJitVar *in[] = { given->arguments.args[0],
                         class ? given->arguments.args[1] : te_fe_constant (self, te_jit_none (), NULL) };
      te_fe_emit (self, range, op, NULL, 2, in);
      return var (te_fe_constant (self, te_jit_none (), NULL));
    }
  if (op && strcmp (op, "aten::format") == 0)
    return var (
        te_fe_emit (self, range, op, te_jit_type_simple (TE_JIT_STR), given->n, given->arguments.args));
  if (op)
    return te_fe_call_op (self, op, &given->arguments, range);
  if (PyType_Check (callee.object))
    {
      const TeJitType *type = te_py_jit_annotation (callee.object);
      if (type && type->kind == TE_JIT_TUPLE && type->name)
        return var (make_named_tuple (self, callee.object, type, &given->arguments, range));
      te_fe_unsupported (self, given->node,
                         te_jit_intern_format ("Instances of class %s", name ? name : "?"));
      return NO_SUGAR;
    }
  if (PyCFunction_Check (callee.object))
    {
      te_fe_error (self, range,
                   "Python builtin <built-in function %s> is currently not supported in Torchscript",
                   name ? name : "?");
      return NO_SUGAR;
    }
  PyObject *chosen = chosen_form (callee.object, &given->arguments);
  TeJitFunction *function = te_fe_function (chosen ? chosen : callee.object);
  if (!function && !PyErr_Occurred ())
    te_fe_error (self, range, " function '%s' is called recursively. Recursive calls are not supported",
                 name ? name : "?");
  if (!function)
    return NO_SUGAR;
  return var (te_fe_call_function (self, function, NULL, &given->arguments, range));
}

/* ---- methods ---- */
/* x.float () and the like, as conversions; TE_DTYPE_NONE for other names. */
static TeDtype
cast_dtype (const char *name)
{
  static const struct
  {
    const char *name;
    TeDtype dtype;
  } casts[] = { { "float", TE_FLOAT32 }, { "double", TE_FLOAT64 }, { "half", TE_FLOAT16 },
                { "long", TE_INT64 },    { "int", TE_INT32 },      { "short", TE_INT16 },
                { "char", TE_INT8 },     { "byte", TE_UINT8 } };
  for (size_t i = 0; i < sizeof casts / sizeof *casts; i++)
    if (strcmp (casts[i].name, name) == 0)
      return casts[i].dtype;
  return TE_DTYPE_NONE;
}

bool
te_fe_is_cast (const char *name)
{
  return cast_dtype (name) != TE_DTYPE_NONE;
}

static Sugar
call_method (Frontend *self, Sugar callee, Given *given, const TeJitType *hint, const TeJitRange *range)
{
  Arguments *arguments = &given->arguments;
  if (!as_values (self, given, range))
    return NO_SUGAR;
  if (strcmp (callee.name, "tolist") == 0 && hint)
    return var (te_fe_emit (self, range, "prim::tolist", hint, 1, &callee.var));
  if (strcmp (callee.name, "type_as") == 0 && arguments->n == 1)
    {
      TeJitVar *in[] = { callee.var, arguments->args[0] };
      return var (te_fe_op (self, range, "aten::to", 2, in));
    }
  if (callee.var->type->kind == TE_JIT_TENSOR && te_fe_is_cast (callee.name) && !arguments->n)
    {
      TeJitVar *no = te_fe_constant (self, te_jit_bool (false), range);
      TeJitVar *dtype = te_fe_int (self, te_jit_dtype_number (cast_dtype (callee.name)), range);
      return var (te_fe_op (self, range, "aten::to", 4, (TeJitVar *[]){ callee.var, dtype, no, no }));
    }
  memmove (arguments->args + 1, arguments->args, (size_t) arguments->n * sizeof *arguments->args);
  arguments->args[0] = callee.var;
  arguments->n++;
  if (strcmp (callee.name, "format") == 0 && callee.var->type->kind == TE_JIT_STR && arguments->n_keywords)
    {
      te_fe_error (self, range, "aten::format(str self, ...) -> str:\nKeyword argument %s unknown.\n",
                   arguments->names[0]);
      return NO_SUGAR;
    }
  if (strcmp (callee.name, "format") == 0 && callee.var->type->kind == TE_JIT_STR)
    return var (te_fe_emit (self, range, "aten::format", te_jit_type_simple (TE_JIT_STR), arguments->n,
                            arguments->args));
  if (strcmp (callee.name, "to") == 0 && callee.var->type->kind == TE_JIT_TENSOR)
    {
      int64_t known = arguments->n > 1 ? arguments->args[1]->type->kind : TE_JIT_NONE;
      if (known == TE_JIT_DEVICE || known == TE_JIT_STR)
        return te_fe_call_op (self, "aten::to", arguments, range);
    }
  return te_fe_call_op (self, te_jit_intern_format ("aten::%s", callee.name), arguments, range);
}

static Sugar
call_module (Frontend *self, Sugar module, const char *name, Given *given, const TeJitRange *range)
{
  TeJitClass *class = module.var->type->class;
  TeJitFunction *method = te_fe_method (module.object, class, name);
  if (!method || !as_values (self, given, range))
    return NO_SUGAR;
  return var (te_fe_call_function (self, method, module.var, &given->arguments, range));
}

/* ---- what needs the source of its arguments ---- */
static const TeJitType *
type_argument (Frontend *self, PyObject *node, const TeJitRange *range)
{
  return te_fe_annotation (self, node, range);
}

static bool
call_with_source (Frontend *self, PyObject *node, Sugar *result)
{
  PyObject *func = te_fe_field (node, "func"), *args = te_fe_field (node, "args");
  const TeJitRange *range = te_fe_range (self, func);
  Py_ssize_t n = PyList_GET_SIZE (args);
  *result = NO_SUGAR;
  if (te_fe_is_call_of (self, func, "annotate") && n == 2)
    {
      const TeJitType *type = type_argument (self, PyList_GET_ITEM (args, 0), range);
      TeJitVar *value = type ? te_fe_value (self, PyList_GET_ITEM (args, 1), type) : NULL;
      TeJitVar *fitted = value ? te_fe_convert (self, value, type, 0, true, range) : NULL;
      if (value && !fitted)
        te_fe_error (self, range, "expected an expression of type %s but found %s", type->annotation,
                     te_jit_type_error_text (value->type));
      if (fitted && type->kind == TE_JIT_OPTIONAL && fitted->type != type)
        fitted = te_fe_emit (self, NULL, "prim::unchecked_cast", type, 1, &fitted);
      *result = var (fitted);
      return true;
    }
  if (te_fe_is_call_of (self, func, "unchecked_cast") && n == 2)
    {
      const TeJitType *type = type_argument (self, PyList_GET_ITEM (args, 0), range);
      TeJitVar *value = type ? te_fe_value (self, PyList_GET_ITEM (args, 1), NULL) : NULL;
      *result = value ? var (te_fe_emit (self, NULL, "prim::unchecked_cast", type, 1, &value)) : NO_SUGAR;
      return true;
    }
  if (te_fe_is_call_of (self, func, "uninitialized") && n == 1)
    {
      const TeJitType *type = type_argument (self, PyList_GET_ITEM (args, 0), range);
      *result = type ? var (te_fe_emit (self, NULL, "prim::Uninitialized", type, 0, NULL)) : NO_SUGAR;
      return true;
    }
  if (te_fe_is_call_of (self, func, "isinstance") && n == 2)
    {
      *result = var (te_fe_isinstance (self, node));
      return true;
    }
  if (te_fe_is_call_of (self, func, "hasattr") && n == 2)
    {
      int known = te_fe_static_condition (self, node);
      if (known < 0)
        te_fe_error (self, range, "hasattr's first argument must be an object or module");
      else
        *result = var (te_fe_constant (self, te_jit_bool (known), range));
      return true;
    }
  if (te_fe_is_call_of (self, func, "getattr") && strcmp (te_fe_ast_name (func), "Name") == 0 && n >= 2)
    {
      PyObject *name = te_fe_field (PyList_GET_ITEM (args, 1), "value");
      Sugar base =
          name && PyUnicode_Check (name) ? te_fe_expr (self, PyList_GET_ITEM (args, 0), NULL) : NO_SUGAR;
      if (base.kind)
        *result = te_fe_attribute (self, base, te_jit_intern (PyUnicode_AsUTF8 (name)), range);
      else if (!PyErr_Occurred ())
        te_fe_error (self, range, "getattr's second argument must be a string literal");
      return true;
    }
  return false;
}

Sugar
te_fe_call (Frontend *self, PyObject *node, const TeJitType *hint)
{
  Sugar result;
  if (call_with_source (self, node, &result))
    return result;
  const TeJitRange *range = te_fe_range (self, te_fe_field (node, "func"));
  Sugar callee = te_fe_expr (self, te_fe_field (node, "func"), NULL);
  Given given;
  if (callee.kind == SUGAR_PYTHON && strcmp (Py_TYPE (callee.object)->tp_name, "type") == 0
      && strcmp (((PyTypeObject *) callee.object)->tp_name, "enumerate") == 0)
    te_fe_int (self, INT64_MAX, range); /* the end of its count comes before what is counted */
  if (!callee.kind || !give (self, &given, node))
    return NO_SUGAR;
  switch (callee.kind)
    {
    case SUGAR_PYTHON:
      if (PyCallable_Check (callee.object))
        return call_python (self, callee, &given, range);
      break;
    case SUGAR_MODULE:
      return call_module (self, callee, "forward", &given, range);
    case SUGAR_MODULE_METHOD:
      return call_module (self, callee, callee.name, &given, range);
    case SUGAR_METHOD:
      return call_method (self, callee, &given, hint, range);
    case SUGAR_FUNCTION:
      return as_values (self, &given, range)
                 ? var (te_fe_call_function (self, callee.function, NULL, &given.arguments, range))
                 : NO_SUGAR;
    case SUGAR_MODULES:
      return callee; /* items (), values (), keys () of a ModuleDict */
    case SUGAR_NONE:
    case SUGAR_VAR:
    case SUGAR_TUPLE:
    case SUGAR_RANGE:
    case SUGAR_ENUMERATE:
    case SUGAR_ZIP:
      break;
    }
  te_fe_error (self, range, "'%s' object is not callable",
               callee.kind == SUGAR_VAR ? te_jit_type_error_text (callee.var->type) : "this");
  return NO_SUGAR;
}
