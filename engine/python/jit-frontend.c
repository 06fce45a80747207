/* Statements, and where in the source they are. */
#include "python/jit-frontend.h"

#include <stdlib.h>
#include <string.h>

/* ---- the ast ---- */
const char *
te_fe_ast_name (PyObject *node)
{
  return Py_TYPE (node)->tp_name[0] == 'a' && strrchr (Py_TYPE (node)->tp_name, '.')
             ? strrchr (Py_TYPE (node)->tp_name, '.') + 1
             : Py_TYPE (node)->tp_name;
}

PyObject *
te_fe_field (PyObject *node, const char *name)
{
  PyObject *type, *error, *traceback;
  PyErr_Fetch (&type, &error, &traceback); /* places are also asked for on the way out of an error */
  PyObject *value = PyObject_GetAttrString (node, name);
  PyErr_Restore (type, error, traceback);
  Py_XDECREF (value); /* the ast keeps it */
  return value;
}

bool
te_fe_is (PyObject *node, const char *kind)
{
  return strcmp (te_fe_ast_name (node), kind) == 0;
}

static long
number (PyObject *node, const char *name)
{
  PyObject *value = te_fe_field (node, name);
  return value && PyLong_Check (value) ? PyLong_AsLong (value) : 0;
}

/* PyTorch's ranges end where the last token of the last part ends that it knows: closing brackets are not
 * counted. */
static void
find_end (PyObject *node, long *line, long *column)
{
  static const char *const lasts[][2] = {
    { "Return", "value" },    { "Expr", "value" },  { "Assign", "value" },    { "AugAssign", "value" },
    { "AnnAssign", "value" }, { "BinOp", "right" }, { "UnaryOp", "operand" }, { "IfExp", "orelse" },
    { "Raise", "exc" },       { "Assert", "test" },
  };
  PyObject *last = NULL, *list = NULL;
  for (size_t i = 0; i < sizeof lasts / sizeof *lasts; i++)
    if (te_fe_is (node, lasts[i][0]))
      last = te_fe_field (node, lasts[i][1]);
  if (te_fe_is (node, "Assert") && te_fe_field (node, "msg") != Py_None)
    last = te_fe_field (node, "msg");
  if (te_fe_is (node, "FunctionDef"))
    list = te_fe_field (node, "body");
  if (te_fe_is (node, "If") || te_fe_is (node, "For") || te_fe_is (node, "While"))
    list = PyList_GET_SIZE (te_fe_field (node, "orelse")) ? te_fe_field (node, "orelse")
                                                          : te_fe_field (node, "body");
  if (te_fe_is (node, "Compare"))
    list = te_fe_field (node, "comparators");
  if (te_fe_is (node, "BoolOp") || te_fe_is (node, "JoinedStr"))
    list = te_fe_field (node, "values");
  if (te_fe_is (node, "FormattedValue"))
    last = te_fe_field (node, "value");
  if (te_fe_is (node, "Subscript"))
    {
      find_end (te_fe_field (node, "slice"), line, column);
      ++*column;
      return;
    }
  if (te_fe_is (node, "Tuple") || te_fe_is (node, "List"))
    list = te_fe_field (node, "elts");
  if (te_fe_is (node, "Call"))
    {
      list = te_fe_field (node, "args");
      if (!PyList_GET_SIZE (list))
        last = te_fe_field (node, "func");
    }
  if (list && PyList_GET_SIZE (list))
    last = PyList_GET_ITEM (list, PyList_GET_SIZE (list) - 1);
  if (last && last != Py_None)
    {
      find_end (last, line, column);
      return;
    }
  *line = number (node, "end_lineno");
  *column = number (node, "end_col_offset");
  if (te_fe_is (node, "Constant") && PyUnicode_Check (te_fe_field (node, "value")))
    --*column;
}

const TeJitRange *
te_fe_range (Frontend *self, PyObject *node)
{
  TeJitRange *range = te_jit_alloc (NULL, sizeof *range);
  long end_line, end_column;
  find_end (node, &end_line, &end_column);
  while (te_fe_is (node, "BoolOp")) /* begins where its first part does, brackets around that left out */
    node = PyList_GET_ITEM (te_fe_field (node, "values"), 0);
  *range = (TeJitRange){ .file = self->file, .file_line = self->file_line, .source = self->source };
  range->line = (int) number (node, "lineno");
  range->column = (int) number (node, "col_offset") + self->indent;
  range->end_line = (int) end_line;
  range->end_column = (int) end_column + self->indent;
  return range;
}

/* The beginning of a statement alone: "try", "import". */
const TeJitRange *
te_fe_word_range (Frontend *self, PyObject *node, int n)
{
  TeJitRange *range = (TeJitRange *) te_fe_range (self, node);
  range->end_line = range->line;
  range->end_column = range->column + n;
  return range;
}

/* ---- errors ---- */
void *
te_fe_error (Frontend *self, const TeJitRange *range, const char *format, ...)
{
  TeJitText text = { 0 }, excerpt = { 0 };
  char message[8192];
  va_list list;
  va_start (list, format);
  vsnprintf (message, sizeof message, format, list);
  va_end (list);
  if (PyErr_Occurred ())
    return NULL;
  te_jit_range_text (&excerpt, range);
  te_jit_text_format (&text, "\n%s:\n", message);
  te_jit_text_add (&text, te_jit_text_get (&excerpt));
  PyErr_SetString (PyExc_RuntimeError, te_jit_text_get (&text));
  te_jit_text_clear (&text);
  te_jit_text_clear (&excerpt);
  return NULL;
}

void *
te_fe_frontend_error (Frontend *self, const char *class_name, const TeJitRange *range, const char *message)
{
  TeJitText excerpt = { 0 };
  if (PyErr_Occurred ())
    return NULL;
  te_jit_range_text (&excerpt, range);
  PyObject *module = PyImport_ImportModule ("torch.jit._script"),
           *class = module ? PyObject_GetAttrString (module, class_name) : NULL;
  PyObject *error = class ? PyObject_CallFunction (class, "ss", te_jit_text_get (&excerpt), message) : NULL;
  if (error)
    PyErr_SetObject (class, error);
  Py_XDECREF (error);
  Py_XDECREF (class);
  Py_XDECREF (module);
  te_jit_text_clear (&excerpt);
  return NULL;
}

void *
te_fe_unsupported (Frontend *self, PyObject *node, const char *what)
{
  static const struct
  {
    const char *kind, *words;
    int n;
  } statements[] = { { "Try", "try blocks", 3 },
                     { "Import", "import statements", 6 },
                     { "ImportFrom", "import statements", 4 },
                     { "FunctionDef", "function definitions", 3 },
                     { "ClassDef", "class definitions", 5 },
                     { "Global", "global variables", 6 },
                     { "Nonlocal", "nonlocal variables", 8 },
                     { "Delete", "`del` statements", 3 } };
  for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
    if (te_fe_is (node, statements[i].kind))
      return te_fe_frontend_error (self, "UnsupportedNodeError",
                                   te_fe_word_range (self, node, statements[i].n),
                                   te_jit_intern_format ("%s aren't supported", statements[i].words));
  return te_fe_frontend_error (self, "UnsupportedNodeError", te_fe_word_range (self, node, 1),
                               te_jit_intern_format ("%s aren't supported", what));
}

/* ---- types ---- */
TeJitType const *
te_fe_annotation (Frontend *self, PyObject *node, const TeJitRange *range)
{
  PyObject *value = PyObject_CallOneArg (self->evaluate, node);
  const TeJitType *type = value ? te_py_jit_annotation (value) : NULL;
  if (!value)
    PyErr_Clear ();
  Py_XDECREF (value);
  return type ? type
              : te_fe_error (self, range, "Unknown type name '%s'",
                             te_fe_is (node, "Name") ? PyUnicode_AsUTF8 (te_fe_field (node, "id"))
                                                     : te_fe_ast_name (node));
}

/* ---- assignment ---- */
static bool
assign_tuple (Frontend *self, PyObject *target, Sugar value, const TeJitRange *range)
{
  PyObject *targets = te_fe_field (target, "elts");
  int n = (int) PyList_GET_SIZE (targets), count = value.n, star = -1;
  Sugar *items = value.items;
  for (int i = 0; i < n; i++)
    if (te_fe_is (PyList_GET_ITEM (targets, i), "Starred"))
      star = i;
  if (value.kind != SUGAR_TUPLE)
    {
      TeJitVar *var = te_fe_as_var (self, value, range), **parts;
      if (!var)
        return false;
      if (var->type->kind == TE_JIT_TUPLE)
        parts = te_fe_unpack (self, var, &count);
      else if (var->type->kind == TE_JIT_LIST && star < 0)
        {
          TeJitNode *unpack = te_jit_node_new (self->graph, "prim::ListUnpack");
          te_jit_node_add_input (unpack, var);
          te_jit_node_insert (unpack);
          for (count = 0; count < n; count++)
            te_jit_node_add_output (unpack, var->type->items[0]);
          parts = unpack->outputs;
        }
      else
        return te_fe_error (self, range, "%s cannot be used as a tuple", te_jit_type_error_text (var->type));
      items = te_jit_alloc (self->graph->arena, (size_t) (count + 1) * sizeof *items);
      for (int i = 0; i < count; i++)
        items[i] = (Sugar){ .kind = SUGAR_VAR, .var = parts[i] };
    }
  if (star < 0 ? count != n : count < n - 1)
    return te_fe_error (self, range,
                        count < n ? "need %d values to unpack, but found only %d"
                                  : "too many values to unpack: need %d but found %d",
                        n, count);
  for (int i = 0, at = 0; i < n; i++)
    if (i == star)
      {
        Sugar rest = { .kind = SUGAR_TUPLE, .items = items + at, .n = count - (n - 1) };
        at += rest.n;
        TeJitVar *var = te_fe_as_var (self, rest, range);
        if (!var
            || !te_fe_assign (self, te_fe_field (PyList_GET_ITEM (targets, i), "value"),
                              (Sugar){ .kind = SUGAR_VAR, .var = var }, range))
          return false;
      }
    else if (!te_fe_assign (self, PyList_GET_ITEM (targets, i), items[at++], range))
      return false;
  return true;
}

/* A number as a tensor of the dtype and place of another. */
static TeJitVar *
as_tensor_like (Frontend *self, TeJitVar *value, TeJitVar *other)
{
  if (value->type->kind == TE_JIT_TENSOR)
    return value;
  Arguments arguments = { .n = 1, .args = { value }, .n_keywords = 2, .names = { "dtype", "device" } };
  arguments.keywords[0] = te_fe_emit (self, NULL, "prim::dtype", te_jit_type_simple (TE_JIT_INT), 1, &other);
  arguments.keywords[1] =
      te_fe_emit (self, NULL, "prim::device", te_jit_type_simple (TE_JIT_DEVICE), 1, &other);
  return te_fe_call_op (self, "aten::tensor", &arguments, NULL).var;
}

/* x[mask] = value: the value becomes a tensor like x before the indices are put together. */
static bool
put_at (Frontend *self, TeJitVar *view, TeJitVar **tensors, int n, TeJitVar *value, const TeJitRange *range)
{
  TeJitVar *in[4] = { view, NULL, as_tensor_like (self, value, view) };
  if (!in[2])
    return false;
  in[1] = te_fe_indices (self, tensors, n);
  in[3] = te_fe_constant (self, te_jit_bool (false), NULL);
  return te_fe_emit (self, range, "aten::index_put_", te_jit_type_simple (TE_JIT_TENSOR), 4, in) != NULL;
}

/* x[i] = value: copied into the view, or put into the list. */
static bool
assign_item (Frontend *self, PyObject *target, TeJitVar *value, const TeJitRange *range)
{
  TeJitVar *base = te_fe_value (self, te_fe_field (target, "value"), NULL);
  PyObject *slice = te_fe_field (target, "slice");
  if (!base)
    return false;
  if (base->type->kind == TE_JIT_TENSOR)
    {
      TeJitVar *tensors[TE_FE_MAX_INDICES];
      int n;
      TeJitVar *view = te_fe_view (self, base, slice, tensors, &n, te_fe_range (self, target));
      if (!view)
        return false;
      const TeJitType *tensor = te_jit_type_simple (TE_JIT_TENSOR);
      if (n)
        return put_at (self, view, tensors, n, value, range);
      if (!(value = as_tensor_like (self, value, view)))
        return false;
      TeJitVar *in[] = { view, value, te_fe_constant (self, te_jit_bool (false), NULL) };
      return te_fe_emit (self, range, "aten::copy_", tensor, 3, in) != NULL;
    }
  TeJitVar *in[] = { base, te_fe_value (self, slice, NULL), value };
  return in[1] && te_fe_op (self, range, "aten::_set_item", 3, in) != NULL;
}

bool
te_fe_assign (Frontend *self, PyObject *target, Sugar value, const TeJitRange *range)
{
  if (!value.kind)
    return false;
  if (te_fe_is (target, "Name"))
    {
      if (value.kind != SUGAR_VAR && value.kind != SUGAR_MODULE && value.kind != SUGAR_TUPLE
          && value.kind != SUGAR_PYTHON && value.kind != SUGAR_MODULES && value.kind != SUGAR_FUNCTION)
        {
          TeJitVar *var = te_fe_as_var (self, value, range);
          if (!var)
            return false;
          value = (Sugar){ .kind = SUGAR_VAR, .var = var };
        }
      if (value.kind == SUGAR_PYTHON)
        {
          TeJitVar *constant = value.global ? NULL : te_fe_python_constant (self, value.object, range);
          if (constant)
            value = (Sugar){ .kind = SUGAR_VAR, .var = constant };
          else if (PyErr_Occurred ())
            return false;
        }
      return te_fe_set (self, PyUnicode_AsUTF8 (te_fe_field (target, "id")), value, range);
    }
  if (te_fe_is (target, "Tuple") || te_fe_is (target, "List"))
    return assign_tuple (self, target, value, range);
  TeJitVar *var = te_fe_as_var (self, value, range);
  if (!var)
    return false;
  if (te_fe_is (target, "Subscript"))
    return assign_item (self, target, var, range);
  if (te_fe_is (target, "Attribute"))
    return te_fe_set_attribute (self, te_fe_expr (self, te_fe_field (target, "value"), NULL),
                                te_jit_intern (PyUnicode_AsUTF8 (te_fe_field (target, "attr"))), var, range);
  return te_fe_unsupported (self, target, te_fe_ast_name (target));
}

static bool
assignment (Frontend *self, PyObject *node)
{
  PyObject *targets = te_fe_field (node, "targets");
  Sugar value = te_fe_expr (self, te_fe_field (node, "value"), NULL);
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE (targets); i++)
    {
      PyObject *target = PyList_GET_ITEM (targets, i);
      const TeJitRange *range = te_fe_range (self, te_fe_is (target, "Attribute") ? node : target);
      if (!te_fe_assign (self, target, value, range))
        return false;
    }
  return true;
}

static bool
annotated_assignment (Frontend *self, PyObject *node)
{
  const TeJitRange *range = te_fe_range (self, node);
  const TeJitType *type = te_fe_annotation (self, te_fe_field (node, "annotation"), range);
  if (!type)
    return false;
  if (te_fe_field (node, "value") == Py_None)
    return te_fe_unsupported (self, node, "Annotations without a value");
  TeJitVar *value = te_fe_value (self, te_fe_field (node, "value"), type);
  if (!value)
    return false;
  TeJitVar *fitted = te_fe_convert (self, value, type, 0, false, range);
  if (!fitted)
    return te_fe_error (self, te_fe_range (self, te_fe_field (node, "target")),
                        "Variable '%s' is annotated with type %s but is being assigned to a value of type %s",
                        te_fe_is (te_fe_field (node, "target"), "Name")
                            ? PyUnicode_AsUTF8 (te_fe_field (te_fe_field (node, "target"), "id"))
                            : "",
                        type->annotation, te_jit_type_error_text (value->type));
  if (!te_fe_assign (self, te_fe_field (node, "target"), (Sugar){ .kind = SUGAR_VAR, .var = fitted }, range))
    return false;
  if (te_fe_is (te_fe_field (node, "target"), "Name"))
    te_fe_find (self, PyUnicode_AsUTF8 (te_fe_field (te_fe_field (node, "target"), "id")))->type = type;
  return true;
}

/* Where "@=" stands in x @= y. */
static const TeJitRange *
operator_range (Frontend *self, PyObject *node)
{
  TeJitRange *range = (TeJitRange *) te_fe_word_range (self, te_fe_field (node, "value"), 0);
  const char *line = self->source;
  for (int i = 1; i < range->line; i++)
    line = strchr (line, '\n') + 1;
  while (range->column > 1 && line[range->column] != '=')
    range->column--;
  range->end_column = range->column + 1;
  range->column--;
  return range;
}

/* The op of x += y, for an x of that type: in place for tensors and lists.  NULL: none is. */
static const char *
operator_in_place (PyObject *node, const TeJitType *type)
{
  static const char *const kinds[][3] = {
    { "Add", "aten::add", "aten::add_" },
    { "Sub", "aten::sub", "aten::sub_" },
    { "Mult", "aten::mul", "aten::mul_" },
    { "Div", "aten::div", "aten::div_" },
    { "Mod", "aten::remainder", NULL },
    { "Pow", "aten::pow", "aten::pow_" },
    { "BitOr", "aten::__or__", "aten::bitwise_or_" },
    { "BitAnd", "aten::__and__", "aten::bitwise_and_" },
    { "BitXor", "aten::__xor__", "aten::bitwise_xor_" },
    { "LShift", "aten::__lshift__", "aten::__ilshift__" },
    { "RShift", "aten::__rshift__", "aten::__irshift__" },
  };
  const char *op = te_fe_ast_name (te_fe_field (node, "op"));
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (strcmp (kinds[i][0], op) == 0)
      return kinds[i][2] && (type->kind == TE_JIT_TENSOR || (type->kind == TE_JIT_LIST && i == 0))
                 ? kinds[i][2]
                 : kinds[i][1];
  return NULL;
}

static void *
no_operator_in_place (Frontend *self, PyObject *node)
{
  const char *op = te_fe_ast_name (te_fe_field (node, "op"));
  return te_fe_frontend_error (self, "NotSupportedError", operator_range (self, node),
                               te_jit_intern_format ("unsupported kind of augumented assignment: %s", op));
}

static TeJitVar *
combine_in_place (Frontend *self, PyObject *node, TeJitVar *value, TeJitVar *other)
{
  const char *kind = operator_in_place (node, value->type);
  TeJitVar *in[] = { value, other };
  return kind ? te_fe_op (self, te_fe_range (self, node), kind, 2, in) : no_operator_in_place (self, node);
}

/* x[i] += y, where x is a list or dict: read, combined and put back. */
static bool
combine_item (Frontend *self, PyObject *node, TeJitVar *base)
{
  const TeJitRange *range = te_fe_range (self, node);
  TeJitVar *index = te_fe_value (self, te_fe_field (te_fe_field (node, "target"), "slice"), NULL);
  TeJitVar *other = index ? te_fe_value (self, te_fe_field (node, "value"), NULL) : NULL;
  TeJitVar *item =
      other ? te_fe_op (self, range, "aten::__getitem__", 2, (TeJitVar *[]){ base, index }) : NULL;
  TeJitVar *result = item ? combine_in_place (self, node, item, other) : NULL;
  return result && te_fe_op (self, range, "aten::_set_item", 3, (TeJitVar *[]){ base, index, result });
}

/* x[i] += y of a tensor: in the view, or through index and index_put_ where tensors choose. */
static bool
combine_view (Frontend *self, PyObject *node, TeJitVar *base)
{
  const TeJitRange *range = te_fe_range (self, node);
  PyObject *target = te_fe_field (node, "target");
  const TeJitType *tensor = te_jit_type_simple (TE_JIT_TENSOR);
  TeJitVar *tensors[TE_FE_MAX_INDICES], *in[4];
  int n;
  const TeJitRange *place = te_fe_range (self, target);
  TeJitVar *view = te_fe_view (self, base, te_fe_field (target, "slice"), tensors, &n, place);
  TeJitVar *other = view ? te_fe_value (self, te_fe_field (node, "value"), NULL) : NULL;
  if (!other || !n)
    return other && combine_in_place (self, node, view, other);
  in[0] = view;
  in[1] = te_fe_indices (self, tensors, n);
  TeJitVar *chosen = te_fe_emit (self, place, "aten::index", tensor, 2, in);
  if (!(in[2] = combine_in_place (self, node, chosen, other)))
    return false;
  in[3] = te_fe_constant (self, te_jit_bool (false), NULL);
  return te_fe_emit (self, range, "aten::index_put_", tensor, 4, in) != NULL;
}

/* x += y, x[i] += y, x.a += y. */
static bool
augmented_assignment (Frontend *self, PyObject *node)
{
  const TeJitRange *range = te_fe_range (self, node);
  PyObject *target = te_fe_field (node, "target");
  bool item = te_fe_is (target, "Subscript");
  TeJitVar *value, *base = NULL;
  if (item)
    {
      if (!(base = te_fe_value (self, te_fe_field (target, "value"), NULL)))
        return false;
      if (base->type->kind == TE_JIT_LIST || base->type->kind == TE_JIT_DICT)
        return combine_item (self, node, base);
      if (base->type->kind == TE_JIT_TENSOR)
        return combine_view (self, node, base);
      value = te_fe_select (self, base, te_fe_field (target, "slice"), te_fe_range (self, target));
    }
  else
    value = te_fe_value (self, target, NULL);
  TeJitVar *other = value ? te_fe_value (self, te_fe_field (node, "value"), NULL) : NULL;
  TeJitVar *result = other ? combine_in_place (self, node, value, other) : NULL;
  if (!result || item)
    return result != NULL;
  return te_fe_assign (self, target, (Sugar){ .kind = SUGAR_VAR, .var = result }, range);
}

/* ---- the other statements ---- */
TeJitNode *
te_fe_exit (Frontend *self, const char *kind, const TeJitRange *range)
{
  TeJitNode *node = te_jit_node_new (self->graph, kind);
  node->range = range;
  te_jit_node_insert (node);
  self->scope->exits = true;
  return node;
}

static bool
set_grad (Frontend *self, TeJitVar *mode, const TeJitRange *range)
{
  te_fe_emit (self, range, "aten::set_grad_enabled", NULL, 1, &mode);
  return true;
}

static bool
return_statement (Frontend *self, PyObject *node)
{
  const TeJitRange *range = te_fe_range (self, node);
  PyObject *expression = te_fe_field (node, "value");
  TeJitVar *value = expression == Py_None
                        ? te_fe_constant (self, te_jit_none (), NULL)
                        : te_fe_value (self, expression, self->returns_declared ? self->returns : NULL);
  if (!value)
    return false;
  if (self->returns_declared)
    {
      TeJitVar *fitted = te_fe_convert (self, value, self->returns, 0, false, range);
      if (!fitted && value->type->kind == TE_JIT_TENSOR)
        fitted = te_fe_implicit_number (self, value, self->returns, range);
      if (!fitted)
        return te_fe_error (self, range,
                            "Return value was annotated as having type %s but is actually of type %s",
                            self->returns->annotation, te_jit_type_error_text (value->type));
      value = fitted;
    }
  else
    {
      const TeJitType *both = self->returns ? te_jit_type_unify (self->returns, value->type) : value->type;
      if (!both)
        return te_fe_error (self, range,
                            "Previous return statement returned a value of type %s but this return statement "
                            "returns a value of type %s",
                            te_jit_type_error_text (self->returns), te_jit_type_error_text (value->type));
      self->returns = both;
    }
  if (self->restore && !set_grad (self, self->restore, range))
    return false;
  te_jit_node_add_input (te_fe_exit (self, "prim::ReturnStmt", range), value);
  return true;
}

static bool
raise_text (Frontend *self, TeJitVar *text, TeJitVar *class_name, const TeJitRange *range)
{
  TeJitVar *in[] = { text, class_name ? class_name : te_fe_constant (self, te_jit_none (), NULL) };
  te_fe_emit (self, range, "prim::RaiseException", NULL, 2, in);
  te_fe_tuple (self, NULL, 0); /* of its results */
  self->scope->exits = true;
  return true;
}

/* "builtins.ValueError": the class that a name in the program means. */
static const char *
class_name_of (Frontend *self, PyObject *node)
{
  PyObject *class = PyObject_CallOneArg (self->evaluate, node);
  PyObject *module = class ? PyObject_GetAttrString (class, "__module__") : NULL;
  PyObject *name = class ? PyObject_GetAttrString (class, "__qualname__") : NULL;
  const char *text = module && name
                         ? te_jit_intern_format ("%s.%s", PyUnicode_AsUTF8 (module), PyUnicode_AsUTF8 (name))
                         : NULL;
  PyErr_Clear ();
  Py_XDECREF (name);
  Py_XDECREF (module);
  Py_XDECREF (class);
  return text;
}

static bool
raise_statement (Frontend *self, PyObject *node)
{
  const TeJitRange *range = te_fe_range (self, node);
  PyObject *exception = te_fe_field (node, "exc");
  if (exception == Py_None)
    return te_fe_frontend_error (self, "NotSupportedError", te_fe_range (self, node),
                                 "raise without an exception");
  if (!te_fe_is (exception, "Call")) /* raise ValueError */
    return raise_text (self, te_fe_constant (self, te_jit_str ("", 0), range), NULL, range);
  PyObject *args = te_fe_field (exception, "args");
  int n = (int) PyList_GET_SIZE (args);
  TeJitVar **items = te_jit_alloc (self->graph->arena, (size_t) (n + 1) * sizeof *items);
  for (int i = 0; i < n; i++)
    if (!(items[i] = te_fe_value (self, PyList_GET_ITEM (args, i), NULL)))
      return false;
  TeJitVar *text = n == 0   ? te_fe_constant (self, te_jit_str ("", 0), range)
                   : n == 1 ? items[0]
                            : te_fe_tuple (self, items, n);
  const char *class_name = class_name_of (self, te_fe_field (exception, "func"));
  TeJitVar *class = class_name ? te_fe_constant (self, te_jit_str (class_name, strlen (class_name)),
                                                 te_fe_range (self, te_fe_field (exception, "func")))
                               : NULL;
  if (text->type->kind != TE_JIT_STR)
    text = te_fe_op (self, range, "aten::str", 1, &text);
  return text && raise_text (self, text, class, range);
}

static bool
raise_assertion (Frontend *self, PyObject *message, const TeJitRange *range)
{
  TeJitVar *said = message == Py_None ? te_fe_constant (self, te_jit_str ("", 0), range)
                                      : te_fe_value (self, message, NULL);
  TeJitVar *text = said ? te_fe_constant (self, te_jit_str ("AssertionError: ", 16), NULL) : NULL;
  if (said && said->type->kind != TE_JIT_STR)
    said = te_fe_op (self, range, "aten::str", 1, &said);
  if (said)
    text = te_fe_op (self, NULL, "aten::add", 2, (TeJitVar *[]){ text, said });
  return said && text && raise_text (self, text, NULL, range);
}

/* An If whose second branch raises. */
static bool
assert_statement (Frontend *self, PyObject *node)
{
  const TeJitRange *range = te_fe_range (self, node);
  PyObject *test = te_fe_field (node, "test");
  int known = te_fe_static_condition (self, test);
  TeJitVar *condition = known < 0 ? te_fe_condition (self, test) : NULL;
  if (known == 1)
    return true;
  if (known == 0)
    return raise_assertion (self, te_fe_field (node, "msg"), range);
  if (!condition)
    return false;
  TeJitNode *branches = te_jit_node_new (self->graph, "prim::If"), *point = self->graph->point;
  branches->range = range;
  te_jit_node_add_input (branches, condition);
  te_jit_node_insert (branches);
  Scope yes, no;
  self->graph->point = te_jit_node_add_block (branches)->ret;
  te_fe_scope_push (self, &yes, false);
  bool ok = te_fe_refine (self, test, true);
  te_fe_scope_pop (self);
  self->graph->point = te_jit_node_add_block (branches)->ret;
  te_fe_scope_push (self, &no, false);
  ok = ok && te_fe_refine (self, test, false) && raise_assertion (self, te_fe_field (node, "msg"), range);
  te_fe_scope_pop (self);
  self->graph->point = point;
  return ok && te_fe_merge_branches (self, branches, &yes, &no, range);
}

static bool
delete_statement (Frontend *self, PyObject *node)
{
  PyObject *targets = te_fe_field (node, "targets");
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE (targets); i++)
    {
      PyObject *target = PyList_GET_ITEM (targets, i);
      if (te_fe_is (target, "Name"))
        {
          const char *name = te_jit_intern (PyUnicode_AsUTF8 (te_fe_field (target, "id")));
          Local *local = te_fe_find (self, name);
          if (!local || local->missing)
            return te_fe_error (self, te_fe_range (self, target), "undefined value %s", name);
          *local = (Local){ .name = name, .missing = "" };
          continue;
        }
      if (!te_fe_is (target, "Subscript"))
        return te_fe_unsupported (self, node, "del");
      TeJitVar *in[] = { te_fe_value (self, te_fe_field (target, "value"), NULL),
                         te_fe_value (self, te_fe_field (target, "slice"), NULL) };
      if (!in[0] || !in[1] || !te_fe_op (self, te_fe_range (self, target), "aten::Delete", 2, in))
        return false;
    }
  return true;
}

/* with torch.no_grad (): … runs with recording off; what was before is set again at its end and before each
 * return. */
static bool
with_recording (Frontend *self, PyObject *body, bool on, const TeJitRange *range)
{
  TeJitVar *outer = self->restore;
  self->restore = te_fe_op (self, range, "aten::is_grad_enabled", 0, NULL);
  bool ok = self->restore && set_grad (self, te_fe_constant (self, te_jit_bool (on), range), range)
            && te_fe_statements (self, body);
  if (ok && !self->scope->exits)
    ok = set_grad (self, self->restore, range);
  self->restore = outer;
  return ok;
}

static bool
with_statement (Frontend *self, PyObject *node)
{
  PyObject *items = te_fe_field (node, "items"), *body = te_fe_field (node, "body");
  PyObject *context = te_fe_field (PyList_GET_ITEM (items, 0), "context_expr");
  PyObject *func = te_fe_is (context, "Call") ? te_fe_field (context, "func") : NULL;
  PyObject *name = func && te_fe_is (func, "Attribute") ? te_fe_field (func, "attr")
                   : func && te_fe_is (func, "Name")    ? te_fe_field (func, "id")
                                                        : NULL;
  const char *text = name && PyList_GET_SIZE (items) == 1 ? PyUnicode_AsUTF8 (name) : "";
  const TeJitRange *range = te_fe_range (self, context);
  if (strcmp (text, "no_grad") == 0 || strcmp (text, "enable_grad") == 0)
    return with_recording (self, body, text[0] == 'e', range);
  if (strcmp (text, "record_function") == 0) /* names a part of a profile; what runs is the same */
    return te_fe_statements (self, body);
  if (!te_fe_expr (self, context, NULL).kind)
    return false;
  return te_fe_unsupported (self, node, "With statements over other things than no_grad");
}

static bool
statement (Frontend *self, PyObject *node)
{
  static const struct
  {
    const char *kind;
    bool (*emit) (Frontend *, PyObject *);
  } kinds[] = { { "Assign", assignment },
                { "AugAssign", augmented_assignment },
                { "AnnAssign", annotated_assignment },
                { "If", te_fe_if },
                { "For", te_fe_for },
                { "While", te_fe_while },
                { "Return", return_statement },
                { "Raise", raise_statement },
                { "Assert", assert_statement },
                { "Delete", delete_statement },
                { "With", with_statement } };
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (te_fe_is (node, kinds[i].kind))
      return kinds[i].emit (self, node);
  if (te_fe_is (node, "Pass"))
    return true;
  if (te_fe_is (node, "Expr"))
    {
      PyObject *value = te_fe_field (node, "value");
      if (te_fe_is (value, "Constant"))
        return true; /* a docstring */
      if (te_fe_is (value, "Yield") || te_fe_is (value, "YieldFrom") || te_fe_is (value, "Await"))
        return te_fe_unsupported (self, value, te_fe_ast_name (value));
      return te_fe_expr (self, value, NULL).kind != SUGAR_NONE;
    }
  if (te_fe_is (node, "Break") || te_fe_is (node, "Continue"))
    {
      Scope *scope = self->scope;
      while (scope && !scope->loop)
        scope = scope->outer;
      if (!scope)
        return te_fe_error (self, te_fe_range (self, node),
                            te_fe_is (node, "Break") ? "'break' outside loop" : "'continue' outside loop");
      self->graph->range = te_fe_range (self, node);
      te_jit_emit (self->graph, te_fe_is (node, "Break") ? "prim::BreakStmt" : "prim::ContinueStmt", NULL, 0,
                   NULL);
      self->graph->range = NULL;
      return true;
    }
  return te_fe_unsupported (self, node, te_fe_ast_name (node));
}

bool
te_fe_statements (Frontend *self, PyObject *list)
{
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE (list) && !self->scope->exits; i++)
    if (!statement (self, PyList_GET_ITEM (list, i)))
      return false;
  return true;
}
