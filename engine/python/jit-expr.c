/* Expressions. */
#include "python/jit-frontend.h"

#include <string.h>

/* ---- making nodes ---- */
TeJitVar *
te_fe_emit (Frontend *self,
            const TeJitRange *range,
            const char *kind,
            const TeJitType *type,
            int n,
            TeJitVar *const *in)
{
  self->graph->range = range;
  TeJitVar *value = te_jit_emit (self->graph, kind, type, n, in);
  self->graph->range = NULL;
  return value;
}

TeJitVar *
te_fe_constant (Frontend *self, TeJitAny value, const TeJitRange *range)
{
  self->graph->range = range;
  const TeJitType *type = value.tag == TE_JIT_V_TENSOR ? te_jit_type_simple (TE_JIT_TENSOR) : NULL;
  TeJitVar *result = te_jit_constant (self->graph, value, type);
  self->graph->range = NULL;
  return result;
}

/* A literal number: at the graph's beginning, once. */
static TeJitVar *
literal (Frontend *self, TeJitAny value, const TeJitRange *range)
{
  TeJitBlock *top = self->graph->top;
  for (TeJitNode *node = te_jit_block_first (top);
       node != top->ret && te_jit_node_is (node, "prim::Constant"); node = node->next)
    if (node->has_value && node->value.tag == value.tag && te_jit_equal (node->value, value) && node->range
        && node->scope != NULL)
      return node->outputs[0];
  TeJitNode *point = self->graph->point;
  self->graph->point = te_jit_block_first (top);
  TeJitVar *result = te_fe_constant (self, value, range);
  result->node->scope = ""; /* marks a literal; shows nothing */
  self->graph->point = point;
  return result;
}

TeJitVar *
te_fe_int (Frontend *self, int64_t value, const TeJitRange *range)
{
  return literal (self, te_jit_int (value), range);
}

TeJitVar *
te_fe_list (Frontend *self, TeJitVar **items, int n, const TeJitType *element)
{
  return te_fe_emit (self, NULL, "prim::ListConstruct", te_jit_type_list (element), n, items);
}

TeJitVar *
te_fe_tuple (Frontend *self, TeJitVar **items, int n)
{
  const TeJitType **types = te_jit_alloc (self->graph->arena, (size_t) (n + 1) * sizeof *types);
  for (int i = 0; i < n; i++)
    types[i] = items[i]->type;
  return te_fe_emit (self, NULL, "prim::TupleConstruct", te_jit_type_tuple (n, types, NULL, NULL), n, items);
}

TeJitVar **
te_fe_unpack (Frontend *self, TeJitVar *tuple, int *n)
{
  *n = tuple->type->n;
  if (te_jit_node_is (tuple->node, "prim::TupleConstruct"))
    return tuple->node->inputs;
  TeJitNode *node = te_jit_node_new (self->graph, "prim::TupleUnpack");
  te_jit_node_add_input (node, tuple);
  te_jit_node_insert (node);
  for (int i = 0; i < *n; i++)
    te_jit_node_add_output (node, tuple->type->items[i]);
  return node->outputs;
}

/* ---- sugars as values ---- */
TeJitVar *
te_fe_as_var (Frontend *self, Sugar sugar, const TeJitRange *range)
{
  TeJitVar **items;
  switch (sugar.kind)
    {
    case SUGAR_NONE:
      return NULL;
    case SUGAR_VAR:
      return sugar.var;
    case SUGAR_MODULE:
      if (sugar.var)
        return sugar.var;
      break;
    case SUGAR_TUPLE:
      items = te_jit_alloc (self->graph->arena, (size_t) (sugar.n + 1) * sizeof *items);
      for (int i = 0; i < sugar.n; i++)
        if (!(items[i] = te_fe_as_var (self, sugar.items[i], range)))
          return NULL;
      return te_fe_tuple (self, items, sugar.n);
    case SUGAR_FUNCTION:
      return te_fe_constant (self, (TeJitAny){ TE_JIT_V_FUNCTION, { .function = sugar.function } }, NULL);
    case SUGAR_PYTHON:
      {
        TeJitVar *value = sugar.global ? NULL : te_fe_python_constant (self, sugar.object, range);
        if (value || PyErr_Occurred ())
          return value;
        const char *name = Py_TYPE (sugar.object)->tp_name, *dot = strrchr (name, '.');
        te_fe_error (self, range,
                     "python value of type '%s' cannot be used as a value. Perhaps it is a closed over "
                     "global variable? If "
                     "so, please consider passing it in as an argument or use a local varible instead.",
                     dot ? dot + 1 : name);
        return NULL;
      }
    case SUGAR_RANGE:
    case SUGAR_ENUMERATE:
    case SUGAR_ZIP:
    case SUGAR_MODULES:
    case SUGAR_MODULE_METHOD:
    case SUGAR_METHOD:
      break;
    }
  return te_fe_error (self, range, "%s cannot be used as a value",
                      sugar.kind == SUGAR_RANGE ? "range"
                      : sugar.name              ? sugar.name
                                                : "this");
}

TeJitVar *
te_fe_value (Frontend *self, PyObject *node, const TeJitType *hint)
{
  return te_fe_as_var (self, te_fe_expr (self, node, hint), te_fe_range (self, node));
}

/* ---- operators ---- */
static const char *
operator_kind (const char *name)
{
  static const char *const names[][2] = {
    { "Add", "aten::add" },
    { "Sub", "aten::sub" },
    { "Mult", "aten::mul" },
    { "Div", "aten::div" },
    { "FloorDiv", "aten::floordiv" },
    { "Mod", "aten::remainder" },
    { "Pow", "aten::pow" },
    { "MatMult", "aten::matmul" },
    { "BitAnd", "aten::__and__" },
    { "BitOr", "aten::__or__" },
    { "BitXor", "aten::__xor__" },
    { "LShift", "aten::__lshift__" },
    { "RShift", "aten::__rshift__" },
    { "Lt", "aten::lt" },
    { "LtE", "aten::le" },
    { "Gt", "aten::gt" },
    { "GtE", "aten::ge" },
    { "Eq", "aten::eq" },
    { "NotEq", "aten::ne" },
    { "Is", "aten::__is__" },
    { "IsNot", "aten::__isnot__" },
    { "In", "aten::__contains__" },
    { "NotIn", "aten::__contains__" },
  };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp (names[i][0], name) == 0)
      return names[i][1];
  return NULL;
}

static TeJitVar *
joined_tuples (Frontend *self, TeJitVar *a, TeJitVar *b)
{
  int n, m;
  TeJitVar **first = te_fe_unpack (self, a, &n), **second = te_fe_unpack (self, b, &m);
  TeJitVar **all = te_jit_alloc (self->graph->arena, (size_t) (n + m + 1) * sizeof *all);
  memcpy (all, first, (size_t) n * sizeof *all);
  memcpy (all + n, second, (size_t) m * sizeof *all);
  return te_fe_tuple (self, all, n + m);
}

static TeJitVar *
binary (Frontend *self, const char *name, TeJitVar *a, TeJitVar *b, const TeJitRange *range)
{
  bool contains = strcmp (name, "In") == 0 || strcmp (name, "NotIn") == 0;
  const char *kind = operator_kind (name);
  TeJitVar *in[] = { contains ? b : a, contains ? a : b };
  if (strcmp (name, "FloorDiv") == 0 && a->type->kind == TE_JIT_TENSOR)
    kind = "aten::floor_divide";
  if (strcmp (name, "Mod") == 0 && a->type->kind == TE_JIT_STR)
    return te_fe_emit (self, range, "aten::percentFormat", te_jit_type_simple (TE_JIT_STR), 2, in);
  if (strcmp (name, "Add") == 0 && a->type->kind == TE_JIT_TUPLE && b->type->kind == TE_JIT_TUPLE)
    return joined_tuples (self, a, b);
  TeJitVar *result = te_fe_op (self, range, kind, 2, in);
  if (result && strcmp (name, "NotIn") == 0)
    return te_fe_emit (self, range, "aten::__not__", te_jit_type_simple (TE_JIT_BOOL), 1, &result);
  return result;
}

/* a < b < c as the ast of a < b and b < c. */
static PyObject *
unchained (Frontend *self, PyObject *node)
{
  PyObject *ops = te_fe_field (node, "ops"), *comparators = te_fe_field (node, "comparators");
  PyObject *ast = PyImport_ImportModule ("ast"), *values = PyList_New (0), *left = te_fe_field (node, "left");
  PyObject *both = NULL;
  bool ok = ast && values;
  for (Py_ssize_t i = 0; ok && i < PyList_GET_SIZE (ops); i++)
    {
      PyObject *right = PyList_GET_ITEM (comparators, i);
      PyObject *part = PyObject_CallMethod (ast, "Compare", "O[O][O]", left, PyList_GET_ITEM (ops, i), right);
      PyObject *placed = part ? PyObject_CallMethod (ast, "copy_location", "OO", part, left) : NULL;
      ok = placed && PyList_Append (values, placed) == 0;
      Py_XDECREF (part);
      Py_XDECREF (placed);
      left = right;
    }
  PyObject *and = ok ? PyObject_CallMethod (ast, "And", NULL) : NULL;
  PyObject *joined = and? PyObject_CallMethod (ast, "BoolOp", "OO", and, values) : NULL;
  both = joined ? PyObject_CallMethod (ast, "copy_location", "OO", joined, node) : NULL;
  if (both)
    PyList_Append (self->keep, both);
  Py_XDECREF (both);
  Py_XDECREF (joined);
  Py_XDECREF (and);
  Py_XDECREF (values);
  Py_XDECREF (ast);
  return both;
}

static TeJitVar *bool_op (Frontend *self, PyObject *node);

static TeJitVar *
compare (Frontend *self, PyObject *node)
{
  PyObject *ops = te_fe_field (node, "ops"), *comparators = te_fe_field (node, "comparators");
  if (PyList_GET_SIZE (ops) > 1)
    {
      PyObject *both = unchained (self, node);
      return both ? bool_op (self, both) : NULL;
    }
  int known = te_fe_static_condition (self, node);
  if (known >= 0)
    return te_fe_constant (self, te_jit_bool (known), te_fe_range (self, node));
  TeJitVar *a = te_fe_value (self, te_fe_field (node, "left"), NULL);
  TeJitVar *b = a ? te_fe_value (self, PyList_GET_ITEM (comparators, 0), NULL) : NULL;
  return b ? binary (self, te_fe_ast_name (PyList_GET_ITEM (ops, 0)), a, b, te_fe_range (self, node)) : NULL;
}

void
te_fe_zero_of_cast (Frontend *self, const TeJitRange *range)
{
  te_fe_constant (self, te_jit_int (0), range);
}

/* Questions that are bool by what they are: no cast is tried on them. */
static bool
is_question (Frontend *self, PyObject *node)
{
  if (te_fe_is (node, "UnaryOp"))
    return te_fe_is (te_fe_field (node, "op"), "Not");
  if (te_fe_is (node, "Compare"))
    {
      PyObject *ops = te_fe_field (node, "ops"), *op = PyList_GET_ITEM (ops, 0);
      return PyList_GET_SIZE (ops) > 1 || te_fe_is (op, "Is") || te_fe_is (op, "IsNot");
    }
  return te_fe_is (node, "BoolOp")
         || (te_fe_is (node, "Call")
             && (te_fe_is_call_of (self, te_fe_field (node, "func"), "isinstance")
                 || te_fe_is_call_of (self, te_fe_field (node, "func"), "hasattr")));
}

TeJitVar *
te_fe_condition (Frontend *self, PyObject *node)
{
  TeJitVar *value = te_fe_value (self, node, NULL);
  if (value && !is_question (self, node))
    te_fe_zero_of_cast (self, te_fe_range (self, node));
  if (!value || value->type->kind == TE_JIT_BOOL)
    return value;
  if (value->type->kind == TE_JIT_TENSOR || value->type->kind == TE_JIT_INT
      || value->type->kind == TE_JIT_FLOAT)
    return te_fe_op (self, te_fe_range (self, node), "aten::Bool", 1, &value);
  return te_fe_error (self, te_fe_range (self, node), "Could not cast value of type %s to bool",
                      te_jit_type_error_text (value->type));
}

/* The value of an If whose two sides are made by the caller. */
static TeJitVar *
branch (Frontend *self,
        PyObject *test,
        TeJitVar *condition,
        const TeJitRange *range,
        PyObject *yes,
        PyObject *no,
        bool boolean,
        TeJitAny yes_constant,
        TeJitAny no_constant)
{
  TeJitNode *node = te_jit_node_new (self->graph, "prim::If");
  node->range = range;
  te_jit_node_add_input (node, condition);
  te_jit_node_insert (node);
  TeJitNode *point = self->graph->point;
  TeJitVar *values[2];
  for (int i = 0; i < 2; i++)
    {
      PyObject *side = i == 0 ? yes : no;
      Scope scope;
      self->graph->point = te_jit_node_add_block (node)->ret;
      te_fe_scope_push (self, &scope, false);
      values[i] = side && !te_fe_refine (self, test, i == 0) ? NULL
                  : !side   ? te_fe_constant (self, i == 0 ? yes_constant : no_constant, range)
                  : boolean ? te_fe_condition (self, side)
                            : te_fe_value (self, side, NULL);
      te_fe_scope_pop (self);
      if (!values[i])
        {
          self->graph->point = point;
          return NULL;
        }
      te_jit_block_add_output (node->blocks[i], values[i]);
    }
  self->graph->point = point;
  const TeJitType *type = te_jit_type_unify (values[0]->type, values[1]->type);
  if (!type)
    return te_fe_error (self, range, "if-expression's true branch has type %s but false branch has type %s",
                        te_jit_type_error_text (values[0]->type), te_jit_type_error_text (values[1]->type));
  return te_jit_node_add_output (node, type);
}

static TeJitVar *
bool_op (Frontend *self, PyObject *node)
{
  PyObject *values = te_fe_field (node, "values");
  bool and = strcmp (te_fe_ast_name (te_fe_field (node, "op")), "And") == 0;
  const TeJitRange *range = te_fe_range (self, node);
  Py_ssize_t n = PyList_GET_SIZE (values);
  TeJitVar *value = te_fe_condition (self, PyList_GET_ITEM (values, 0));
  for (Py_ssize_t i = 1; value && i < n; i++)
    {
      PyObject *next = PyList_GET_ITEM (values, i);
      value = and? branch (self, PyList_GET_ITEM (values, i - 1), value, range, next, NULL, true,
                           te_jit_none (), te_jit_bool (false))
                 : branch (self, PyList_GET_ITEM (values, i - 1), value, range, NULL, next, true,
                           te_jit_bool (true), te_jit_none ());
    }
  return value;
}

static TeJitVar *
unary (Frontend *self, PyObject *node)
{
  const char *op = te_fe_ast_name (te_fe_field (node, "op"));
  PyObject *operand = te_fe_field (node, "operand"), *constant = te_fe_field (operand, "value");
  const TeJitRange *range = te_fe_range (self, node);
  if (strcmp (op, "USub") == 0 && strcmp (te_fe_ast_name (operand), "Constant") == 0 && constant
      && (PyLong_CheckExact (constant) || PyFloat_CheckExact (constant)))
    {
      TeJitAny value = te_jit_none ();
      te_py_jit_from (constant, NULL, &value);
      literal (self, value, te_fe_range (self, operand));
      self->graph->next_number++; /* PyTorch negates it at once */
      return te_fe_constant (
          self, value.tag == TE_JIT_V_INT ? te_jit_int (-value.i) : te_jit_float (-value.f), range);
    }
  if (strcmp (op, "Not") == 0)
    {
      TeJitVar *value = te_fe_condition (self, operand);
      return value ? te_fe_emit (self, range, "aten::__not__", te_jit_type_simple (TE_JIT_BOOL), 1, &value)
                   : NULL;
    }
  TeJitVar *value = te_fe_value (self, operand, NULL);
  if (!value || strcmp (op, "UAdd") == 0)
    return value;
  return te_fe_op (self, range, strcmp (op, "USub") == 0 ? "aten::neg" : "aten::bitwise_not", 1, &value);
}

/* ---- literals ---- */
static TeJitVar *
constant (Frontend *self, PyObject *node)
{
  PyObject *value = te_fe_field (node, "value");
  const TeJitRange *range = te_fe_range (self, node);
  TeJitAny any;
  if (value == Py_None)
    return te_fe_constant (self, te_jit_none (), range);
  if (!te_py_jit_from (value, NULL, &any))
    return PyErr_Occurred () ? NULL : te_fe_unsupported (self, node, "constants of this type");
  if (any.tag == TE_JIT_V_INT || any.tag == TE_JIT_V_FLOAT)
    return literal (self, any, range);
  return te_fe_constant (self, any, range);
}

static TeJitVar *
list_literal (Frontend *self, PyObject *node, const TeJitType *hint)
{
  PyObject *elements = te_fe_field (node, "elts");
  int n = (int) PyList_GET_SIZE (elements);
  TeJitVar **items = te_jit_alloc (self->graph->arena, (size_t) (n + 1) * sizeof *items);
  const TeJitType *element = hint && hint->kind == TE_JIT_LIST ? hint->items[0] : NULL;
  const TeJitType *unified = NULL;
  for (int i = 0; i < n; i++)
    {
      if (!(items[i] = te_fe_value (self, PyList_GET_ITEM (elements, i), element)))
        return NULL;
      const TeJitType *both = unified ? te_jit_type_unify (unified, items[i]->type) : items[i]->type;
      if (!both)
        return te_fe_error (self, te_fe_range (self, node),
                            "Lists must contain only a single type\nfound %s and %s",
                            te_jit_type_error_text (unified), te_jit_type_error_text (items[i]->type));
      unified = both;
    }
  if (!element)
    element = unified ? te_jit_type_plain (unified) : te_jit_type_simple (TE_JIT_TENSOR);
  TeJitVar *list = te_fe_list (self, items, n, element);
  if (!n && !hint)
    list->node->scope = ""; /* its type is a guess: it gets no name */
  return list;
}

static TeJitVar *
dict_literal (Frontend *self, PyObject *node, const TeJitType *hint)
{
  PyObject *keys = te_fe_field (node, "keys"), *values = te_fe_field (node, "values");
  int n = (int) PyList_GET_SIZE (keys);
  TeJitVar **items = te_jit_alloc (self->graph->arena, (size_t) (2 * n + 1) * sizeof *items);
  const TeJitType *key = hint && hint->kind == TE_JIT_DICT ? hint->items[0] : NULL,
                  *value = key ? hint->items[1] : NULL;
  for (int i = 0; i < n; i++)
    {
      items[2 * i] = te_fe_value (self, PyList_GET_ITEM (keys, i), key);
      items[2 * i + 1] = items[2 * i] ? te_fe_value (self, PyList_GET_ITEM (values, i), value) : NULL;
      if (!items[2 * i + 1])
        return NULL;
      key = key ? key : items[0]->type;
      value = value ? value : te_jit_type_plain (items[1]->type);
    }
  return te_fe_emit (self, NULL, "prim::DictConstruct",
                     te_jit_type_dict (key ? key : te_jit_type_simple (TE_JIT_STR),
                                       value ? value : te_jit_type_simple (TE_JIT_TENSOR)),
                     2 * n, items);
}

static Sugar
tuple_literal (Frontend *self, PyObject *node, const TeJitType *hint)
{
  PyObject *elements = te_fe_field (node, "elts");
  int n = (int) PyList_GET_SIZE (elements);
  TeJitVar **items = te_jit_alloc (self->graph->arena, (size_t) (n + 1) * sizeof *items);
  bool fits = hint && hint->kind == TE_JIT_TUPLE && hint->n == n;
  for (int i = 0; i < n; i++)
    if (!(items[i] = te_fe_value (self, PyList_GET_ITEM (elements, i), fits ? hint->items[i] : NULL)))
      return NO_SUGAR;
  return (Sugar){ .kind = SUGAR_VAR, .var = te_fe_tuple (self, items, n) };
}

/* f"{a} and {b}": formats are refused. */
static TeJitVar *
joined_text (Frontend *self, PyObject *node)
{
  PyObject *values = te_fe_field (node, "values");
  const TeJitRange *range = te_fe_range (self, node);
  TeJitText text = { 0 };
  TeJitVar *in[32];
  int n = 1;
  in[0] = te_fe_constant (self, te_jit_none (), range); /* the format, once it is known */
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE (values) && n < 32; i++)
    {
      PyObject *part = PyList_GET_ITEM (values, i);
      if (strcmp (te_fe_ast_name (part), "Constant") == 0)
        {
          te_jit_text_add (&text, PyUnicode_AsUTF8 (te_fe_field (part, "value")));
          continue;
        }
      PyObject *conversion = te_fe_field (part, "conversion");
      if (te_fe_field (part, "format_spec") != Py_None
          || (PyLong_Check (conversion) && PyLong_AsLong (conversion) != -1))
        {
          te_jit_text_clear (&text);
          return te_fe_frontend_error (self, "NotSupportedError", te_fe_word_range (self, node, 1),
                                       "Don't support formatting in JoinedStr");
        }
      te_jit_text_add (&text, "{}");
      if (!(in[n++] = te_fe_value (self, te_fe_field (part, "value"), NULL)))
        {
          te_jit_text_clear (&text);
          return NULL;
        }
    }
  TeJitNode *format = in[0]->node;
  format->value = te_jit_str (te_jit_text_get (&text), text.n);
  format->has_value = true;
  in[0]->type = te_jit_type_simple (TE_JIT_STR);
  te_jit_text_clear (&text);
  return te_fe_emit (self, range, "aten::format", te_jit_type_simple (TE_JIT_STR), n, in);
}

/* [f (x) for x in xs] and {k: v for x in xs}: loops that append. */
static TeJitVar *
comprehension (Frontend *self, PyObject *node)
{
  PyObject *generators = te_fe_field (node, "generators"), *generator = PyList_GET_ITEM (generators, 0);
  const TeJitRange *range = te_fe_range (self, node), *nothing = te_fe_word_range (self, node, 0);
  bool dict = te_fe_is (node, "DictComp");
  const TeJitType *tensor = te_jit_type_simple (TE_JIT_TENSOR);
  if (PyList_GET_SIZE (generators) != 1)
    return te_fe_frontend_error (self, "NotSupportedError", nothing,
                                 "Only a single generator is currently supported");
  if (PyList_GET_SIZE (te_fe_field (generator, "ifs")))
    return te_fe_frontend_error (self, "NotSupportedError", nothing,
                                 "Comprehension ifs are not supported yet");
  TeJitVar *made = dict ? te_fe_emit (self, NULL, "prim::DictConstruct",
                                      te_jit_type_dict (te_jit_type_simple (TE_JIT_STR), tensor), 0, NULL)
                        : te_fe_list (self, NULL, 0, tensor);
  PyObject *key = dict ? te_fe_field (node, "key") : NULL;
  bool ok = te_fe_comprehend (self, made, generator, key, te_fe_field (node, dict ? "value" : "elt"), range);
  return ok ? made : NULL;
}

Sugar
te_fe_expr (Frontend *self, PyObject *node, const TeJitType *hint)
{
  const char *kind = te_fe_ast_name (node);
  TeJitVar *value = NULL;
  if (strcmp (kind, "Name") == 0)
    return te_fe_name (self, PyUnicode_AsUTF8 (te_fe_field (node, "id")), te_fe_range (self, node));
  if (strcmp (kind, "Attribute") == 0)
    {
      Sugar base = te_fe_expr (self, te_fe_field (node, "value"), NULL);
      return base.kind
                 ? te_fe_attribute (self, base, te_jit_intern (PyUnicode_AsUTF8 (te_fe_field (node, "attr"))),
                                    te_fe_range (self, node))
                 : NO_SUGAR;
    }
  if (strcmp (kind, "Call") == 0)
    return te_fe_call (self, node, hint);
  if (strcmp (kind, "Tuple") == 0)
    return tuple_literal (self, node, hint);
  if (strcmp (kind, "Subscript") == 0)
    {
      Sugar result = te_fe_subscript (self, node);
      return result.kind == SUGAR_VAR && !result.var ? NO_SUGAR : result;
    }
  if (strcmp (kind, "Constant") == 0)
    value = constant (self, node);
  else if (strcmp (kind, "BinOp") == 0)
    {
      PyObject *left = te_fe_field (node, "left");
      if (te_fe_is (te_fe_field (node, "op"), "Mod"))
        te_fe_value (self, left, NULL); /* PyTorch reads it once more, to learn whether it is a string */
      TeJitVar *a = te_fe_value (self, left, NULL),
               *b = a ? te_fe_value (self, te_fe_field (node, "right"), NULL) : NULL;
      value =
          b ? binary (self, te_fe_ast_name (te_fe_field (node, "op")), a, b, te_fe_range (self, node)) : NULL;
    }
  else if (strcmp (kind, "Compare") == 0)
    value = compare (self, node);
  else if (strcmp (kind, "BoolOp") == 0)
    value = bool_op (self, node);
  else if (strcmp (kind, "UnaryOp") == 0)
    value = unary (self, node);
  else if (strcmp (kind, "IfExp") == 0)
    {
      int known = te_fe_static_condition (self, te_fe_field (node, "test"));
      if (known >= 0)
        {
          te_fe_spend_condition (self, te_fe_field (node, "test"));
          return te_fe_expr (self, te_fe_field (node, known ? "body" : "orelse"), hint);
        }
      TeJitVar *condition = te_fe_condition (self, te_fe_field (node, "test"));
      value = condition ? branch (self, te_fe_field (node, "test"), condition, te_fe_range (self, node),
                                  te_fe_field (node, "body"), te_fe_field (node, "orelse"), false,
                                  te_jit_none (), te_jit_none ())
                        : NULL;
    }
  else if (strcmp (kind, "List") == 0)
    value = list_literal (self, node, hint);
  else if (strcmp (kind, "Dict") == 0)
    value = dict_literal (self, node, hint);
  else if (strcmp (kind, "ListComp") == 0 || strcmp (kind, "DictComp") == 0)
    value = comprehension (self, node);
  else if (strcmp (kind, "JoinedStr") == 0)
    value = joined_text (self, node);
  else
    te_fe_unsupported (self, node, kind);
  return value ? (Sugar){ .kind = SUGAR_VAR, .var = value } : NO_SUGAR;
}
