/* Statements, functions, and where in the source they are. */
#include "python/jit-frontend.h"

#include <stdlib.h>
#include <string.h>

#include "jit/passes.h"

/* ---- the ast ---- */
const char *
te_fe_ast_name (PyObject *node)
{
  return Py_TYPE (node)->tp_name[0] == 'a' && strrchr (Py_TYPE (node)->tp_name, '.') ? strrchr (Py_TYPE (node)->tp_name, '.') + 1
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

static bool
is (PyObject *node, const char *kind)
{
  return strcmp (te_fe_ast_name (node), kind) == 0;
}

static long
number (PyObject *node, const char *name)
{
  PyObject *value = te_fe_field (node, name);
  return value && PyLong_Check (value) ? PyLong_AsLong (value) : 0;
}

/* PyTorch's ranges end where the last token of the last part ends that it knows: closing brackets are not counted. */
static void
find_end (PyObject *node, long *line, long *column)
{
  static const char *const lasts[][2] = {
    { "Return", "value" },  { "Expr", "value" },     { "Assign", "value" },  { "AugAssign", "value" }, { "AnnAssign", "value" },
    { "BinOp", "right" },   { "UnaryOp", "operand" }, { "IfExp", "orelse" }, { "Raise", "exc" },       { "Assert", "test" },
  };
  PyObject *last = NULL, *list = NULL;
  for (size_t i = 0; i < sizeof lasts / sizeof *lasts; i++)
    if (is (node, lasts[i][0]))
      last = te_fe_field (node, lasts[i][1]);
  if (is (node, "Assert") && te_fe_field (node, "msg") != Py_None)
    last = te_fe_field (node, "msg");
  if (is (node, "If") || is (node, "For") || is (node, "While"))
    list = PyList_GET_SIZE (te_fe_field (node, "orelse")) ? te_fe_field (node, "orelse") : te_fe_field (node, "body");
  if (is (node, "Compare"))
    list = te_fe_field (node, "comparators");
  if (is (node, "BoolOp"))
    list = te_fe_field (node, "values");
  if (is (node, "Tuple") || is (node, "List"))
    list = te_fe_field (node, "elts");
  if (is (node, "Call"))
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
  if (is (node, "Constant") && PyUnicode_Check (te_fe_field (node, "value")))
    --*column;
}

const TeJitRange *
te_fe_range (Frontend *self, PyObject *node)
{
  TeJitRange *range = te_jit_alloc (NULL, sizeof *range);
  long end_line, end_column;
  find_end (node, &end_line, &end_column);
  *range = (TeJitRange){ .file = self->file, .file_line = self->file_line, .source = self->source };
  range->line = (int) number (node, "lineno");
  range->column = (int) number (node, "col_offset") + self->indent;
  range->end_line = (int) end_line;
  range->end_column = (int) end_column + self->indent;
  return range;
}

/* The beginning of a statement alone: "try", "import". */
static const TeJitRange *
word_range (Frontend *self, PyObject *node, int n)
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

static void *
frontend_error (Frontend *self, const char *class_name, const TeJitRange *range, const char *message)
{
  TeJitText excerpt = { 0 };
  if (PyErr_Occurred ())
    return NULL;
  te_jit_range_text (&excerpt, range);
  PyObject *module = PyImport_ImportModule ("torch.jit._script"), *class = module ? PyObject_GetAttrString (module, class_name) : NULL;
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
  } statements[] = { { "Try", "try blocks", 3 },       { "Import", "import statements", 6 }, { "ImportFrom", "import statements", 4 },
                     { "FunctionDef", "function definitions", 3 }, { "ClassDef", "class definitions", 5 }, { "Global", "global variables", 6 },
                     { "Nonlocal", "nonlocal variables", 8 }, { "Delete", "`del` statements", 3 } };
  for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
    if (is (node, statements[i].kind))
      return frontend_error (self, "UnsupportedNodeError", word_range (self, node, statements[i].n),
                             te_jit_intern_format ("%s aren't supported", statements[i].words));
  return frontend_error (self, "UnsupportedNodeError", word_range (self, node, 1), te_jit_intern_format ("%s aren't supported", what));
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
  return type ? type : te_fe_error (self, range, "Unknown type name '%s'", is (node, "Name") ? PyUnicode_AsUTF8 (te_fe_field (node, "id")) : te_fe_ast_name (node));
}

/* ---- assignment ---- */
static bool assign (Frontend *self, PyObject *target, Sugar value, const TeJitRange *range);

static bool
assign_tuple (Frontend *self, PyObject *target, Sugar value, const TeJitRange *range)
{
  PyObject *targets = te_fe_field (target, "elts");
  int n = (int) PyList_GET_SIZE (targets), count = value.n, star = -1;
  Sugar *items = value.items;
  for (int i = 0; i < n; i++)
    if (is (PyList_GET_ITEM (targets, i), "Starred"))
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
          unpack->range = range;
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
    return te_fe_error (self, range, count < n ? "need %d values to unpack, but found only %d" : "too many values to unpack: need %d but found %d", n, count);
  for (int i = 0, at = 0; i < n; i++)
    if (i == star)
      {
        Sugar rest = { .kind = SUGAR_TUPLE, .items = items + at, .n = count - (n - 1) };
        at += rest.n;
        TeJitVar *var = te_fe_as_var (self, rest, range);
        if (!var || !assign (self, te_fe_field (PyList_GET_ITEM (targets, i), "value"), (Sugar){ .kind = SUGAR_VAR, .var = var }, range))
          return false;
      }
    else if (!assign (self, PyList_GET_ITEM (targets, i), items[at++], range))
      return false;
  return true;
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
      TeJitVar *view = te_fe_select (self, base, slice, te_fe_range (self, target));
      if (!view)
        return false;
      const TeJitType *tensor = te_jit_type_simple (TE_JIT_TENSOR);
      if (te_jit_node_is (view->node, "aten::index"))
        {
          TeJitVar *in[] = { view->node->inputs[0], view->node->inputs[1], value, te_fe_constant (self, te_jit_bool (false), NULL) };
          if (value->type->kind != TE_JIT_TENSOR)
            in[2] = te_fe_op (self, NULL, "aten::tensor", 1, &value);
          return in[2] && te_fe_emit (self, range, "aten::index_put_", tensor, 4, in);
        }
      if (value->type->kind != TE_JIT_TENSOR)
        {
          Arguments arguments = { .n = 1, .args = { value }, .n_keywords = 2, .names = { "dtype", "device" } };
          arguments.keywords[0] = te_fe_emit (self, NULL, "prim::dtype", te_jit_type_simple (TE_JIT_INT), 1, &view);
          arguments.keywords[1] = te_fe_emit (self, NULL, "prim::device", te_jit_type_simple (TE_JIT_DEVICE), 1, &view);
          if (!(value = te_fe_call_op (self, "aten::tensor", &arguments, NULL).var))
            return false;
        }
      TeJitVar *in[] = { view, value, te_fe_constant (self, te_jit_bool (false), NULL) };
      return te_fe_emit (self, range, "aten::copy_", tensor, 3, in) != NULL;
    }
  TeJitVar *in[] = { base, te_fe_value (self, slice, NULL), value };
  return in[1] && te_fe_op (self, range, "aten::_set_item", 3, in) != NULL;
}

static bool
assign (Frontend *self, PyObject *target, Sugar value, const TeJitRange *range)
{
  if (!value.kind)
    return false;
  if (is (target, "Name"))
    {
      if (value.kind != SUGAR_VAR && value.kind != SUGAR_MODULE && value.kind != SUGAR_TUPLE && value.kind != SUGAR_PYTHON && value.kind != SUGAR_MODULES && value.kind != SUGAR_FUNCTION)
        {
          TeJitVar *var = te_fe_as_var (self, value, range);
          if (!var)
            return false;
          value = (Sugar){ .kind = SUGAR_VAR, .var = var };
        }
      if (value.kind == SUGAR_PYTHON)
        {
          TeJitVar *constant = te_fe_python_constant (self, value.object, range);
          if (constant)
            value = (Sugar){ .kind = SUGAR_VAR, .var = constant };
          else if (PyErr_Occurred ())
            return false;
        }
      return te_fe_set (self, PyUnicode_AsUTF8 (te_fe_field (target, "id")), value, range);
    }
  if (is (target, "Tuple") || is (target, "List"))
    return assign_tuple (self, target, value, range);
  TeJitVar *var = te_fe_as_var (self, value, range);
  if (!var)
    return false;
  if (is (target, "Subscript"))
    return assign_item (self, target, var, range);
  if (is (target, "Attribute"))
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
    if (!assign (self, PyList_GET_ITEM (targets, i), value, te_fe_range (self, PyList_GET_ITEM (targets, i))))
      return false;
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
    return te_fe_error (self, range, "Variable '%s' is annotated with type %s but is being assigned to a value of type %s",
                        is (te_fe_field (node, "target"), "Name") ? PyUnicode_AsUTF8 (te_fe_field (te_fe_field (node, "target"), "id")) : "",
                        type->annotation, te_jit_type_error_text (value->type));
  if (!assign (self, te_fe_field (node, "target"), (Sugar){ .kind = SUGAR_VAR, .var = fitted }, range))
    return false;
  if (is (te_fe_field (node, "target"), "Name"))
    te_fe_find (self, PyUnicode_AsUTF8 (te_fe_field (te_fe_field (node, "target"), "id")))->type = type;
  return true;
}

/* x += y: in place for tensors and lists. */
static bool
augmented_assignment (Frontend *self, PyObject *node)
{
  static const char *const kinds[][3] = {
    { "Add", "aten::add", "aten::add_" },          { "Sub", "aten::sub", "aten::sub_" }, { "Mult", "aten::mul", "aten::mul_" },
    { "Div", "aten::div", "aten::div_" },          { "Mod", "aten::remainder", NULL },   { "FloorDiv", "aten::floordiv", NULL },
    { "Pow", "aten::pow", "aten::pow_" },          { "BitOr", "aten::__or__", "aten::bitwise_or_" },
    { "BitAnd", "aten::__and__", "aten::bitwise_and_" }, { "BitXor", "aten::__xor__", "aten::bitwise_xor_" },
    { "MatMult", "aten::matmul", NULL },
  };
  const TeJitRange *range = te_fe_range (self, node);
  PyObject *target = te_fe_field (node, "target");
  const char *op = te_fe_ast_name (te_fe_field (node, "op"));
  TeJitVar *in[2] = { te_fe_value (self, target, NULL) };
  in[1] = in[0] ? te_fe_value (self, te_fe_field (node, "value"), NULL) : NULL;
  if (!in[1])
    return false;
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (strcmp (kinds[i][0], op) == 0)
      {
        bool changes = kinds[i][2] && (in[0]->type->kind == TE_JIT_TENSOR || (in[0]->type->kind == TE_JIT_LIST && i == 0));
        TeJitVar *result = te_fe_op (self, range, changes ? kinds[i][2] : kinds[i][1], 2, in);
        if (!result)
          return false;
        if (changes && !is (target, "Name"))
          return true;
        return assign (self, target, (Sugar){ .kind = SUGAR_VAR, .var = result }, range);
      }
  return te_fe_unsupported (self, node, op);
}

/* ---- branches ---- */
/* What is known of variables when node is true (or false): x is not None. */
bool
te_fe_refine (Frontend *self, PyObject *node, bool truth)
{
  if (is (node, "UnaryOp") && is (te_fe_field (node, "op"), "Not"))
    return te_fe_refine (self, te_fe_field (node, "operand"), !truth);
  if (is (node, "BoolOp"))
    {
      bool and = is (te_fe_field (node, "op"), "And");
      PyObject *values = te_fe_field (node, "values");
      for (Py_ssize_t i = 0; and == truth && i < PyList_GET_SIZE (values); i++)
        if (!te_fe_refine (self, PyList_GET_ITEM (values, i), truth))
          return false;
      return true;
    }
  PyObject *name = NULL;
  const TeJitType *wanted = NULL;
  if (is (node, "Compare") && PyList_GET_SIZE (te_fe_field (node, "ops")) == 1)
    {
      const char *op = te_fe_ast_name (PyList_GET_ITEM (te_fe_field (node, "ops"), 0));
      PyObject *right = PyList_GET_ITEM (te_fe_field (node, "comparators"), 0);
      bool none = is (right, "Constant") && te_fe_field (right, "value") == Py_None;
      if (none && ((strcmp (op, "IsNot") == 0 && truth) || (strcmp (op, "Is") == 0 && !truth)))
        name = te_fe_field (node, "left");
    }
  if (!name || !is (name, "Name"))
    return true;
  const char *text = PyUnicode_AsUTF8 (te_fe_field (name, "id"));
  Local *local = te_fe_find (self, text);
  if (!local || !local->type || local->type->kind != TE_JIT_OPTIONAL)
    return true;
  wanted = local->type->items[0];
  Sugar value = te_fe_name (self, text, NULL);
  TeJitVar *cast = value.kind ? te_fe_emit (self, NULL, "prim::unchecked_cast", wanted, 1, &value.var) : NULL;
  return cast && te_fe_set (self, text, (Sugar){ .kind = SUGAR_VAR, .var = cast }, NULL);
}

static bool
emit_branch (Frontend *self, TeJitNode *node, Scope *scope, PyObject *condition, bool truth, PyObject *statements)
{
  TeJitNode *point = self->graph->point;
  self->graph->point = te_jit_node_add_block (node)->ret;
  te_fe_scope_push (self, scope, false);
  bool ok = (!condition || te_fe_refine (self, condition, truth)) && te_fe_statements (self, statements);
  te_fe_scope_pop (self);
  self->graph->point = point;
  return ok;
}

static Local *
local_in (Scope *scope, const char *name)
{
  for (int i = 0; i < scope->n; i++)
    if (scope->locals[i].name == name)
      return &scope->locals[i];
  return NULL;
}

/* A name after an If: from the two branches, of which one may not come here. */
static bool
merge_name (Frontend *self, const char *name, Scope *yes, Scope *no, const TeJitRange *range)
{
  Local *in_yes = local_in (yes, name), *in_no = local_in (no, name), *before = te_fe_find (self, name);
  Local *a = in_yes ? in_yes : before, *b = in_no ? in_no : before;
  if (yes->exits && no->exits)
    return true;
  if (yes->exits)
    a = b;
  if (no->exits)
    b = a;
  Local merged = { .name = name };
  if (!a || !b || a->missing || b->missing)
    {
      merged.missing = !b || b->missing ? "false branch" : "true branch";
      merged.missing_range = range;
    }
  else if (!a->type || !b->type)
    merged = *a;
  else
    {
      merged.type = te_jit_type_unify (a->type, b->type);
      if (!merged.type)
        return te_fe_error (self, range, "Type mismatch: %s is set to type %s in the true branch and type %s in the false branch", name,
                            te_jit_type_error_text (a->type), te_jit_type_error_text (b->type));
    }
  Local *own = local_in (self->scope, name);
  if (own)
    *own = merged;
  else
    TE_JIT_PUSH (self->graph->arena, self->scope->locals, self->scope->n, self->scope->room, merged);
  return true;
}

static bool
if_statement (Frontend *self, PyObject *node)
{
  const TeJitRange *range = te_fe_range (self, node);
  PyObject *test = te_fe_field (node, "test");
  int known = te_fe_static_condition (self, test);
  if (known >= 0)
    return te_fe_statements (self, te_fe_field (node, known ? "body" : "orelse"));
  TeJitVar *condition = te_fe_condition (self, test);
  if (!condition)
    return false;
  TeJitNode *branches = te_jit_node_new (self->graph, "prim::If");
  branches->range = range;
  te_jit_node_add_input (branches, condition);
  te_jit_node_insert (branches);
  Scope yes, no;
  if (!emit_branch (self, branches, &yes, test, true, te_fe_field (node, "body"))
      || !emit_branch (self, branches, &no, test, false, te_fe_field (node, "orelse")))
    return false;
  for (int i = 0; i < yes.n; i++)
    if (!merge_name (self, yes.locals[i].name, &yes, &no, range))
      return false;
  for (int i = 0; i < no.n; i++)
    if (!local_in (&yes, no.locals[i].name) && !merge_name (self, no.locals[i].name, &yes, &no, range))
      return false;
  self->scope->exits = yes.exits && no.exits;
  return true;
}

/* ---- loops ---- */
static TeJitVar *count_items (Frontend *self, Sugar *iterable, const TeJitRange *range);

/* The counts of all that runs along together: enumerate counts without end. */
static bool
count_all (Frontend *self, Sugar *iterable, TeJitVar **counts, int *n, const TeJitRange *range)
{
  bool enumerate = iterable->kind == SUGAR_ENUMERATE;
  if (!enumerate && iterable->kind != SUGAR_ZIP)
    return (counts[(*n)++] = count_items (self, iterable, range)) != NULL;
  if (enumerate)
    counts[(*n)++] = te_fe_int (self, INT64_MAX, range);
  for (int i = 0; i < (enumerate ? 1 : iterable->n) && *n < 15; i++)
    if (!count_all (self, &iterable->items[i], counts, n, range))
      return false;
  return true;
}

/* How many items, and the item at index; of what is not taken apart while compiling. */
static TeJitVar *
count_items (Frontend *self, Sugar *iterable, const TeJitRange *range)
{
  TeJitVar *in[3];
  if (iterable->kind == SUGAR_RANGE && iterable->n == 1)
    return te_fe_as_var (self, iterable->items[0], range);
  if (iterable->kind == SUGAR_RANGE)
    {
      for (int i = 0; i < 3; i++)
        if (!(in[i] = i < iterable->n ? te_fe_as_var (self, iterable->items[i], range) : te_fe_int (self, 1, range)))
          return NULL;
      iterable->items[2] = (Sugar){ .kind = SUGAR_VAR, .var = in[2] };
      return te_fe_op (self, range, "aten::__range_length", 3, in);
    }
  if (iterable->kind == SUGAR_ENUMERATE || iterable->kind == SUGAR_ZIP)
    {
      TeJitVar *counts[16];
      int n = 0;
      if (!count_all (self, iterable, counts, &n, range))
        return NULL;
      TeJitVar *list = te_fe_list (self, counts, n, te_jit_type_simple (TE_JIT_INT));
      return te_fe_op (self, range, "prim::min", 1, &list);
    }
  TeJitVar *value = te_fe_as_var (self, *iterable, range);
  if (!value)
    return NULL;
  if (value->type->kind == TE_JIT_DICT)
    value = te_fe_op (self, range, "aten::keys", 1, &value);
  if (value->type->kind != TE_JIT_LIST && value->type->kind != TE_JIT_TENSOR && value->type->kind != TE_JIT_STR)
    return te_fe_error (self, range, "'%s' object is not iterable", te_jit_type_error_text (value->type));
  *iterable = (Sugar){ .kind = SUGAR_VAR, .var = value };
  return te_fe_op (self, range, "aten::len", 1, &value);
}

static Sugar
item_at (Frontend *self, const Sugar *iterable, TeJitVar *index, const TeJitRange *range)
{
  Sugar result = { .kind = SUGAR_VAR };
  if (iterable->kind == SUGAR_RANGE && iterable->n == 1)
    result.var = index;
  else if (iterable->kind == SUGAR_RANGE)
    {
      TeJitVar *in[] = { index, te_fe_as_var (self, iterable->items[0], range), te_fe_as_var (self, iterable->items[2], range) };
      result.var = te_fe_op (self, range, "aten::__derive_index", 3, in);
    }
  else if (iterable->kind == SUGAR_ENUMERATE || iterable->kind == SUGAR_ZIP)
    {
      bool enumerate = iterable->kind == SUGAR_ENUMERATE;
      int n = enumerate ? 2 : iterable->n;
      result = (Sugar){ .kind = SUGAR_TUPLE, .n = n, .items = te_jit_alloc (self->graph->arena, (size_t) n * sizeof (Sugar)) };
      for (int i = 0; i < n; i++)
        result.items[i] = enumerate && i == 0 ? (Sugar){ .kind = SUGAR_VAR, .var = index } : item_at (self, &iterable->items[enumerate ? 0 : i], index, range);
      if (enumerate && iterable->n > 1)
        {
          TeJitVar *in[] = { index, te_fe_as_var (self, iterable->items[1], range) };
          result.items[0].var = te_fe_op (self, range, "aten::add", 2, in);
        }
    }
  else if (iterable->var->type->kind == TE_JIT_TENSOR)
    {
      TeJitVar *in[] = { iterable->var, te_fe_int (self, 0, range), index };
      result.var = te_fe_op (self, range, "aten::select", 3, in);
    }
  else
    {
      TeJitVar *in[] = { iterable->var, index };
      result.var = te_fe_op (self, range, "aten::__getitem__", 2, in);
    }
  return result;
}

/* Things that are taken apart while compiling: tuples and lists of modules, also counted or zipped. */
static bool
unrolled (Frontend *self, Sugar iterable, Sugar *out, const TeJitRange *range)
{
  if (iterable.kind == SUGAR_MODULES || iterable.kind == SUGAR_MODULE)
    iterable = te_fe_modules (self, iterable, range);
  if (iterable.kind == SUGAR_VAR && iterable.var->type->kind == TE_JIT_TUPLE)
    {
      int n;
      TeJitVar **parts = te_fe_unpack (self, iterable.var, &n);
      iterable = (Sugar){ .kind = SUGAR_TUPLE, .n = n, .items = te_jit_alloc (self->graph->arena, (size_t) (n + 1) * sizeof (Sugar)) };
      for (int i = 0; i < n; i++)
        iterable.items[i] = (Sugar){ .kind = SUGAR_VAR, .var = parts[i] };
    }
  if (iterable.kind == SUGAR_TUPLE)
    {
      *out = iterable;
      return true;
    }
  if (iterable.kind != SUGAR_ENUMERATE && iterable.kind != SUGAR_ZIP)
    return false;
  int n = iterable.kind == SUGAR_ENUMERATE ? 1 : iterable.n, least = INT32_MAX;
  Sugar parts[16];
  for (int i = 0; i < n && i < 16; i++)
    {
      if (!unrolled (self, iterable.items[i], &parts[i], range))
        return false;
      least = parts[i].n < least ? parts[i].n : least;
    }
  *out = (Sugar){ .kind = SUGAR_TUPLE, .n = least, .items = te_jit_alloc (self->graph->arena, (size_t) (least + 1) * sizeof (Sugar)) };
  for (int k = 0; k < least; k++)
    {
      int count = iterable.kind == SUGAR_ENUMERATE ? 2 : n;
      out->items[k] = (Sugar){ .kind = SUGAR_TUPLE, .n = count, .items = te_jit_alloc (self->graph->arena, (size_t) count * sizeof (Sugar)) };
      for (int i = 0; i < count; i++)
        out->items[k].items[i] = iterable.kind == SUGAR_ZIP ? parts[i].items[k]
                                 : i == 0                   ? (Sugar){ .kind = SUGAR_VAR, .var = te_fe_int (self, k, range) }
                                                            : parts[0].items[k];
    }
  return true;
}

/* After a loop, what its body changed keeps its type; what it made is not there. */
static void
merge_loop (Frontend *self, Scope *body)
{
  for (int i = 0; i < body->n; i++)
    {
      Local *before = te_fe_find (self, body->locals[i].name);
      if (before && before->type && body->locals[i].type)
        before->type = te_jit_type_unify (before->type, body->locals[i].type);
    }
}

typedef bool (*LoopBody) (Frontend *self, Sugar item, void *data);

static bool
counted_loop (Frontend *self, Sugar iterable, const TeJitRange *range, LoopBody emit_body, void *data)
{
  TeJitVar *count = count_items (self, &iterable, range);
  if (!count)
    return false;
  if (count->type->kind != TE_JIT_INT)
    {
      TeJitVar *whole = te_fe_convert (self, count, te_jit_type_simple (TE_JIT_INT), 0, true, range);
      if (!whole)
        return te_fe_error (self, range, "Expected a value of type 'int' for the length of a loop but instead found type '%s'", te_jit_type_error_text (count->type));
      count = whole;
    }
  TeJitNode *loop = te_jit_node_new (self->graph, "prim::Loop");
  loop->range = range;
  TeJitVar *go = te_fe_constant (self, te_jit_bool (true), range);
  te_jit_node_add_input (loop, count);
  te_jit_node_add_input (loop, go);
  te_jit_node_insert (loop);
  TeJitBlock *body = te_jit_node_add_block (loop);
  TeJitVar *index = te_jit_block_add_input (body, te_jit_type_simple (TE_JIT_INT));
  TeJitNode *point = self->graph->point;
  self->graph->point = body->ret;
  Scope scope;
  te_fe_scope_push (self, &scope, true);
  Sugar item = item_at (self, &iterable, index, range);
  bool ok = item.kind && (item.kind != SUGAR_VAR || item.var) && emit_body (self, item, data);
  te_fe_scope_pop (self);
  te_jit_block_add_output (body, te_fe_constant (self, te_jit_bool (true), range));
  self->graph->point = point;
  merge_loop (self, &scope);
  return ok;
}

static bool
for_body (Frontend *self, Sugar item, void *data)
{
  PyObject *node = data, *target = te_fe_field (node, "target");
  return assign (self, target, item, te_fe_range (self, target)) && te_fe_statements (self, te_fe_field (node, "body"));
}

static bool
for_statement (Frontend *self, PyObject *node)
{
  const TeJitRange *range = te_fe_range (self, node);
  if (PyList_GET_SIZE (te_fe_field (node, "orelse")))
    return te_fe_unsupported (self, node, "else branches of for loops");
  Sugar iterable = te_fe_expr (self, te_fe_field (node, "iter"), NULL), parts;
  if (!iterable.kind)
    return false;
  if (!unrolled (self, iterable, &parts, range))
    return !PyErr_Occurred () && counted_loop (self, iterable, range, for_body, node);
  for (int i = 0; i < parts.n && !self->scope->exits; i++)
    if (!for_body (self, parts.items[i], node))
      return false;
  return true;
}

static bool
while_statement (Frontend *self, PyObject *node)
{
  const TeJitRange *range = te_fe_range (self, node);
  if (PyList_GET_SIZE (te_fe_field (node, "orelse")))
    return te_fe_unsupported (self, node, "else branches of while loops");
  TeJitNode *loop = te_jit_node_new (self->graph, "prim::Loop");
  loop->range = range;
  te_jit_node_add_input (loop, te_fe_int (self, INT64_MAX, range));
  te_jit_node_insert (loop);
  TeJitBlock *body = te_jit_node_add_block (loop), *condition = te_jit_node_add_block (loop);
  te_jit_block_add_input (body, te_jit_type_simple (TE_JIT_INT));
  TeJitNode *point = self->graph->point;
  self->graph->point = condition->ret;
  TeJitVar *go = te_fe_condition (self, te_fe_field (node, "test"));
  if (!go)
    return false;
  te_jit_block_add_output (condition, go);
  self->graph->point = body->ret;
  Scope scope;
  te_fe_scope_push (self, &scope, true);
  bool ok = te_fe_refine (self, te_fe_field (node, "test"), true) && te_fe_statements (self, te_fe_field (node, "body"));
  te_fe_scope_pop (self);
  self->graph->point = point;
  merge_loop (self, &scope);
  return ok;
}

/* ---- list comprehensions ---- */
typedef struct
{
  TeJitVar *list;
  PyObject *generator, *element;
  const TeJitRange *range;
} Comprehension;

static bool
append_element (Frontend *self, Comprehension *data)
{
  TeJitVar *in[] = { data->list, te_fe_value (self, data->element, NULL) };
  if (!in[1])
    return false;
  data->list->type = te_jit_type_list (te_jit_type_plain (in[1]->type));
  return te_fe_op (self, data->range, "aten::append", 2, in) != NULL;
}

static bool
comprehension_body (Frontend *self, Sugar item, void *raw)
{
  Comprehension *data = raw;
  PyObject *ifs = te_fe_field (data->generator, "ifs"), *target = te_fe_field (data->generator, "target");
  if (!assign (self, target, item, data->range))
    return false;
  if (!PyList_GET_SIZE (ifs))
    return append_element (self, data);
  TeJitVar *condition = te_fe_condition (self, PyList_GET_ITEM (ifs, 0));
  if (!condition)
    return false;
  TeJitNode *node = te_jit_node_new (self->graph, "prim::If");
  node->range = data->range;
  te_jit_node_add_input (node, condition);
  te_jit_node_insert (node);
  TeJitNode *point = self->graph->point;
  self->graph->point = te_jit_node_add_block (node)->ret;
  te_jit_node_add_block (node);
  bool ok = append_element (self, data);
  self->graph->point = point;
  return ok;
}

bool
te_fe_comprehend (Frontend *self, TeJitVar *list, PyObject *generator, PyObject *element, const TeJitRange *range)
{
  Comprehension data = { list, generator, element, range };
  Sugar iterable = te_fe_expr (self, te_fe_field (generator, "iter"), NULL), parts;
  if (!iterable.kind)
    return false;
  if (!unrolled (self, iterable, &parts, range))
    return !PyErr_Occurred () && counted_loop (self, iterable, range, comprehension_body, &data);
  for (int i = 0; i < parts.n; i++)
    if (!comprehension_body (self, parts.items[i], &data))
      return false;
  return true;
}

/* ---- the other statements ---- */
static TeJitNode *
exit_node (Frontend *self, const char *kind, const TeJitRange *range)
{
  TeJitNode *node = te_jit_node_new (self->graph, kind);
  node->range = range;
  te_jit_node_insert (node);
  self->scope->exits = true;
  return node;
}

static TeJitVar *
set_grad (Frontend *self, TeJitVar *mode, const TeJitRange *range)
{
  return te_fe_op (self, range, "gradboard::set_grad_enabled", 1, &mode);
}

static bool
return_statement (Frontend *self, PyObject *node)
{
  const TeJitRange *range = te_fe_range (self, node);
  PyObject *expression = te_fe_field (node, "value");
  TeJitVar *value = expression == Py_None ? te_fe_constant (self, te_jit_none (), NULL)
                                          : te_fe_value (self, expression, self->returns_declared ? self->returns : NULL);
  if (!value)
    return false;
  if (self->returns_declared)
    {
      TeJitVar *fitted = te_fe_convert (self, value, self->returns, 0, false, range);
      if (!fitted)
        return te_fe_error (self, range, "Return value was annotated as having type %s but is actually of type %s", self->returns->annotation,
                            te_jit_type_error_text (value->type));
      value = fitted;
    }
  else
    {
      const TeJitType *both = self->returns ? te_jit_type_unify (self->returns, value->type) : value->type;
      if (!both)
        return te_fe_error (self, range, "Previous return statement returned a value of type %s but this return statement returns a value of type %s",
                            te_jit_type_error_text (self->returns), te_jit_type_error_text (value->type));
      self->returns = both;
    }
  if (self->restore && !set_grad (self, self->restore, range))
    return false;
  te_jit_node_add_input (exit_node (self, "prim::ReturnStmt", range), value);
  return true;
}

static bool
raise_text (Frontend *self, TeJitVar *text, const char *class_name, const TeJitRange *range)
{
  TeJitVar *in[] = { text, class_name ? te_fe_constant (self, te_jit_str (class_name, strlen (class_name)), NULL)
                                      : te_fe_constant (self, te_jit_none (), NULL) };
  te_fe_emit (self, range, "prim::RaiseException", NULL, 2, in);
  self->scope->exits = true;
  return true;
}

static bool
raise_statement (Frontend *self, PyObject *node)
{
  const TeJitRange *range = te_fe_range (self, node);
  PyObject *exception = te_fe_field (node, "exc"), *args = NULL, *class = exception;
  if (exception == Py_None)
    return te_fe_unsupported (self, node, "raise without an exception");
  if (is (exception, "Call"))
    {
      class = te_fe_field (exception, "func");
      args = te_fe_field (exception, "args");
    }
  if (!is (class, "Name"))
    return te_fe_unsupported (self, node, "raise of this");
  TeJitVar *text = args && PyList_GET_SIZE (args) ? te_fe_value (self, PyList_GET_ITEM (args, 0), NULL) : te_fe_constant (self, te_jit_str ("", 0), range);
  if (text && text->type->kind != TE_JIT_STR)
    text = te_fe_op (self, range, "aten::str", 1, &text);
  return text && raise_text (self, text, te_jit_intern_format ("builtins.%s", PyUnicode_AsUTF8 (te_fe_field (class, "id"))), range);
}

static bool
assert_statement (Frontend *self, PyObject *node)
{
  const TeJitRange *range = te_fe_range (self, node);
  PyObject *test = te_fe_field (node, "test"), *message = te_fe_field (node, "msg");
  if (te_fe_static_condition (self, test) == 1)
    return true;
  TeJitVar *condition = te_fe_condition (self, test);
  if (!condition)
    return false;
  TeJitNode *branches = te_jit_node_new (self->graph, "prim::If"), *point = self->graph->point;
  branches->range = range;
  te_jit_node_add_input (branches, condition);
  te_jit_node_insert (branches);
  te_jit_node_add_block (branches);
  self->graph->point = te_jit_node_add_block (branches)->ret;
  Scope scope;
  te_fe_scope_push (self, &scope, false);
  TeJitVar *text = te_fe_constant (self, te_jit_str ("AssertionError: ", 16), NULL);
  TeJitVar *said = message != Py_None ? te_fe_value (self, message, NULL) : NULL;
  if (said && said->type->kind != TE_JIT_STR)
    said = te_fe_op (self, range, "aten::str", 1, &said);
  if (said)
    text = te_fe_op (self, NULL, "aten::add", 2, (TeJitVar *[]){ text, said });
  bool ok = (message == Py_None || said) && text && raise_text (self, text, NULL, range);
  te_fe_scope_pop (self);
  self->graph->point = point;
  return ok && te_fe_refine (self, test, true);
}

static bool
delete_statement (Frontend *self, PyObject *node)
{
  PyObject *targets = te_fe_field (node, "targets");
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE (targets); i++)
    {
      PyObject *target = PyList_GET_ITEM (targets, i);
      if (is (target, "Name"))
        continue; /* gone at the end anyway */
      if (!is (target, "Subscript"))
        return te_fe_unsupported (self, node, "del");
      TeJitVar *in[] = { te_fe_value (self, te_fe_field (target, "value"), NULL), te_fe_value (self, te_fe_field (target, "slice"), NULL) };
      if (!in[0] || !in[1] || !te_fe_op (self, te_fe_range (self, node), "aten::Delete", 2, in))
        return false;
    }
  return true;
}

/* with torch.no_grad (): … runs with recording off; what was before is set again at its end and before each return. */
static bool
with_statement (Frontend *self, PyObject *node)
{
  PyObject *items = te_fe_field (node, "items"), *context = te_fe_field (PyList_GET_ITEM (items, 0), "context_expr");
  PyObject *func = is (context, "Call") ? te_fe_field (context, "func") : NULL;
  PyObject *name = func ? te_fe_field (func, is (func, "Attribute") ? "attr" : "id") : NULL;
  bool off = name && strcmp (PyUnicode_AsUTF8 (name), "no_grad") == 0, on = name && strcmp (PyUnicode_AsUTF8 (name), "enable_grad") == 0;
  const TeJitRange *range = te_fe_range (self, context);
  if (PyList_GET_SIZE (items) != 1 || (!off && !on))
    {
      if (!te_fe_expr (self, context, NULL).kind)
        return false;
      return te_fe_unsupported (self, node, "With statements over other things than no_grad");
    }
  TeJitVar *outer = self->restore;
  self->restore = set_grad (self, te_fe_constant (self, te_jit_bool (on), range), range);
  bool ok = self->restore && te_fe_statements (self, te_fe_field (node, "body"));
  if (ok && !self->scope->exits)
    ok = set_grad (self, self->restore, range) != NULL;
  self->restore = outer;
  return ok;
}

static bool
statement (Frontend *self, PyObject *node)
{
  static const struct
  {
    const char *kind;
    bool (*emit) (Frontend *, PyObject *);
  } kinds[] = { { "Assign", assignment }, { "AugAssign", augmented_assignment }, { "AnnAssign", annotated_assignment }, { "If", if_statement },
                { "For", for_statement }, { "While", while_statement }, { "Return", return_statement }, { "Raise", raise_statement },
                { "Assert", assert_statement }, { "Delete", delete_statement }, { "With", with_statement } };
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (is (node, kinds[i].kind))
      return kinds[i].emit (self, node);
  if (is (node, "Pass"))
    return true;
  if (is (node, "Expr"))
    {
      PyObject *value = te_fe_field (node, "value");
      if (is (value, "Constant"))
        return true; /* a docstring */
      if (is (value, "Yield") || is (value, "YieldFrom") || is (value, "Await"))
        return te_fe_unsupported (self, value, te_fe_ast_name (value));
      return te_fe_expr (self, value, NULL).kind != SUGAR_NONE;
    }
  if (is (node, "Break") || is (node, "Continue"))
    {
      Scope *scope = self->scope;
      while (scope && !scope->loop)
        scope = scope->outer;
      if (!scope)
        return te_fe_error (self, te_fe_range (self, node), is (node, "Break") ? "'break' outside loop" : "'continue' outside loop");
      exit_node (self, is (node, "Break") ? "prim::BreakStmt" : "prim::ContinueStmt", te_fe_range (self, node));
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

/* ---- functions ---- */
/* params: list of (name, annotation or None, default or Ellipsis). */
static bool
declare_params (Frontend *self, PyObject *params, TeJitClass *class)
{
  TeJitFunction *function = self->function;
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE (params); i++)
    {
      PyObject *name, *annotation, *fallback;
      if (!PyArg_ParseTuple (PyList_GET_ITEM (params, i), "UOO", &name, &annotation, &fallback))
        return false;
      TeJitParam param = { .name = te_jit_intern (PyUnicode_AsUTF8 (name)) };
      if (i == 0 && class)
        param.type = class->type;
      else if (annotation == Py_None)
        param.type = te_jit_type_inferred_tensor ();
      else if (!(param.type = te_py_jit_annotation (annotation)))
        {
          PyErr_Clear ();
          PyObject *text = PyObject_Repr (annotation);
          PyErr_Format (PyExc_ValueError, "Unknown type annotation: '%U'", text);
          Py_XDECREF (text);
          return false;
        }
      if (fallback != Py_Ellipsis)
        {
          param.has_default = te_py_jit_from (fallback, param.type->inferred ? NULL : param.type, &param.default_value);
          if (!param.has_default)
            {
              if (!PyErr_Occurred ())
                PyErr_Format (PyExc_RuntimeError, "Expected a default value of type %s on parameter \"%s\".", te_jit_type_error_text (param.type), param.name);
              return false;
            }
        }
      TE_JIT_PUSH (NULL, function->params, function->n_params, function->params_room, param);
    }
  return true;
}

static bool
emit_function (Frontend *self, PyObject *node, TeJitClass *class)
{
  TeJitFunction *function = self->function;
  Scope scope;
  te_fe_scope_push (self, &scope, false);
  for (int i = 0; i < function->n_params; i++)
    {
      const TeJitType *type = function->params[i].type;
      TeJitVar *input = te_jit_block_add_input (self->graph->top, type);
      te_jit_var_set_name (input, function->params[i].name);
      Sugar value = { .kind = SUGAR_VAR, .var = input };
      if (i == 0 && class)
        value = (Sugar){ .kind = SUGAR_MODULE, .var = input, .object = self->module };
      if (!te_fe_set (self, function->params[i].name, value, NULL))
        return false;
    }
  if (!te_fe_statements (self, te_fe_field (node, "body")))
    return false;
  if (!scope.exits)
    {
      const TeJitRange *range = te_fe_range (self, node);
      const TeJitType *none = te_jit_type_simple (TE_JIT_NONE);
      if (self->returns && !te_jit_type_is (none, self->returns))
        {
          if (self->returns_declared)
            return te_fe_error (self, range, "Function was not annotated as having type %s, but does not return along all paths", self->returns->annotation);
          return te_fe_error (self, range, "Function with a return value does not return along all paths");
        }
      self->returns = self->returns ? self->returns : none;
      TeJitVar *value = te_fe_constant (self, te_jit_none (), NULL);
      te_jit_node_add_input (exit_node (self, "prim::ReturnStmt", NULL), value);
    }
  te_fe_scope_pop (self);
  return true;
}

/* _jit_compile (def node, source, file, line, indent, lookup, evaluate, name, params, returns, module, class) */
static PyObject *
compile (PyObject *module, PyObject *args)
{
  PyObject *node, *lookup, *evaluate, *params, *returns, *self_module, *class_handle;
  const char *source, *file, *name;
  int line, indent;
  if (!PyArg_ParseTuple (args, "OsziiOOsO!OOO", &node, &source, &file, &line, &indent, &lookup, &evaluate, &name, &PyList_Type, &params, &returns,
                         &self_module, &class_handle))
    return NULL;
  TeJitClass *class = class_handle == Py_None ? NULL : te_py_jit_class_get (class_handle);
  TeJitFunction *function = te_jit_function_new (name);
  function->class = class;
  Frontend self = { .graph = te_jit_graph_new (), .function = function, .lookup = lookup, .evaluate = evaluate, .keep = PyList_New (0),
                    .module = self_module == Py_None ? NULL : self_module, .file = file ? te_jit_intern (file) : NULL, .source = te_jit_intern (source),
                    .file_line = line, .indent = indent };
  bool ok = self.keep && declare_params (&self, params, class);
  if (ok && returns != Py_Ellipsis)
    {
      self.returns_declared = true;
      self.returns = te_py_jit_annotation (returns);
      if (!(ok = self.returns != NULL) && !PyErr_Occurred ())
        PyErr_Format (PyExc_ValueError, "Unknown type annotation: '%R'", returns);
      function->returns = self.returns;
    }
  if (ok && class) /* known while it is compiled: methods may call each other */
    TE_JIT_PUSH (NULL, class->methods, class->n_methods, class->methods_room, function);
  ok = ok && emit_function (&self, node, class);
  Py_XDECREF (self.keep);
  if (!ok)
    {
      te_jit_graph_unref (self.graph);
      if (class && class->n_methods && class->methods[class->n_methods - 1] == function)
        class->n_methods--;
      return NULL;
    }
  te_jit_pass_finish (self.graph);
  function->graph = self.graph;
  function->returns = self.returns ? te_jit_type_plain (self.returns) : te_jit_type_simple (TE_JIT_NONE);
  return te_py_jit_function (function);
}

/* _jit_refuse (source, file, line, indent, node, class name, message): raises a frontend's error with the excerpt. */
static PyObject *
refuse (PyObject *module, PyObject *args)
{
  const char *source, *file, *class_name, *message;
  int line, indent, n;
  PyObject *node;
  if (!PyArg_ParseTuple (args, "sziiOssi", &source, &file, &line, &indent, &node, &class_name, &message, &n))
    return NULL;
  Frontend self = { .file = file ? te_jit_intern (file) : NULL, .source = te_jit_intern (source), .file_line = line, .indent = indent };
  const TeJitRange *range = n ? word_range (&self, node, n) : te_fe_range (&self, node);
  return frontend_error (&self, class_name, range, message);
}

static PyMethodDef functions[] = {
  { "_jit_compile", compile, METH_VARARGS, "Compiles a function's ast." },
  { "_jit_refuse", refuse, METH_VARARGS, "Raises an error with an excerpt of the source." },
  { 0 },
};

bool
te_py_jit_frontend_init (PyObject *module)
{
  return PyModule_AddFunctions (module, functions) == 0;
}
