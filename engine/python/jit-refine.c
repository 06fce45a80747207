/* What conditions say while a program is compiled: which are known, and what they tell of variables' types.
 */
#include "python/jit-frontend.h"

#include <stdlib.h>
#include <string.h>

#define MOST_TYPES 64

bool
te_fe_is_call_of (Frontend *self, PyObject *func, const char *name)
{
  bool plain = te_fe_is (func, "Name"), attribute = te_fe_is (func, "Attribute");
  PyObject *text = plain ? te_fe_field (func, "id") : attribute ? te_fe_field (func, "attr") : NULL;
  if (!text || strcmp (PyUnicode_AsUTF8 (text), name) != 0)
    return false;
  return attribute || !te_fe_find (self, name);
}

/* ---- isinstance ---- */
typedef struct
{
  TeJitVar *value;
  int n;
  const TeJitType *types[MOST_TYPES];      /* asked for */
  const TeJitType *when_true, *when_false; /* what the value is then; NULL: that cannot be */
} Question;

/* isinstance (x, list): the kinds of list that x may be. */
static bool
add_container_kinds (Question *question, const TeJitType *type, const char *name)
{
  TeJitKind kind = strcmp (name, "list") == 0    ? TE_JIT_LIST
                   : strcmp (name, "tuple") == 0 ? TE_JIT_TUPLE
                   : strcmp (name, "dict") == 0  ? TE_JIT_DICT
                                                 : TE_JIT_NONE;
  if (kind == TE_JIT_NONE)
    return false;
  if (type->kind == kind)
    question->types[question->n++] = type;
  for (int i = 0; (type->kind == TE_JIT_UNION || type->kind == TE_JIT_OPTIONAL) && i < type->n; i++)
    if (type->items[i]->kind == kind && question->n < MOST_TYPES)
      question->types[question->n++] = type->items[i];
  return true;
}

static bool
add_asked (Frontend *self, Question *question, const TeJitType *type, PyObject *kind)
{
  if (te_fe_is (kind, "Tuple"))
    {
      PyObject *elements = te_fe_field (kind, "elts");
      for (Py_ssize_t i = 0; i < PyList_GET_SIZE (elements); i++)
        if (!add_asked (self, question, type, PyList_GET_ITEM (elements, i)))
          return false;
      return true;
    }
  if (question->n == MOST_TYPES)
    return te_fe_error (self, te_fe_range (self, kind), "more than %d types", MOST_TYPES);
  if (te_fe_is (kind, "Name")
      && add_container_kinds (question, type, PyUnicode_AsUTF8 (te_fe_field (kind, "id"))))
    return true;
  return (question->types[question->n++] = te_fe_annotation (self, kind, te_fe_range (self, kind))) != NULL;
}

/* Fills in what the answer tells of a value of that type. */
static void
answer (Question *question, const TeJitType *type)
{
  const TeJitType *rest = te_jit_type_without (type, question->n, question->types);
  bool open =
      type->kind == TE_JIT_ANY || type->kind == TE_JIT_NUMBER; /* may be of types that it does not name */
  question->when_false = rest;
  if (!rest)
    question->when_true = type;
  else if (open)
    question->when_true = te_jit_type_union (question->n, question->types);
  else if (rest == type)
    question->when_true = NULL;
  else
    {
      bool many = rest->kind == TE_JIT_UNION;
      const TeJitType *both[] = { rest->n ? rest->items[0] : NULL, te_jit_type_simple (TE_JIT_NONE) };
      question->when_true = rest->kind == TE_JIT_OPTIONAL
                                ? te_jit_type_without (type, 2, both)
                                : te_jit_type_without (type, many ? rest->n : 1, many ? rest->items : &rest);
    }
}

/* isinstance (value, types) as a question; of a variable nothing is emitted unless its value is wanted. */
static bool
ask (Frontend *self, PyObject *node, bool wanted, Question *question)
{
  PyObject *args = te_fe_field (node, "args"), *value = PyList_GET_ITEM (args, 0);
  Local *local =
      te_fe_is (value, "Name") ? te_fe_find (self, PyUnicode_AsUTF8 (te_fe_field (value, "id"))) : NULL;
  const TeJitType *type = local ? local->type : NULL;
  *question = (Question){ 0 };
  if (wanted || !type)
    {
      if (!(question->value = te_fe_value (self, value, NULL)))
        return false;
      type = question->value->type;
    }
  if (!add_asked (self, question, te_jit_type_plain (type), PyList_GET_ITEM (args, 1)))
    return false;
  answer (question, te_jit_type_plain (type));
  return true;
}

TeJitVar *
te_fe_isinstance (Frontend *self, PyObject *node)
{
  Question question;
  const TeJitRange *range = te_fe_range (self, node);
  if (!ask (self, node, true, &question))
    return NULL;
  if (!question.when_true || !question.when_false)
    return te_fe_constant (self, te_jit_bool (question.when_true != NULL), range);
  qsort (question.types, (size_t) question.n, sizeof *question.types, te_jit_type_order);
  TeJitVar *result =
      te_fe_emit (self, range, "prim::isinstance", te_jit_type_simple (TE_JIT_BOOL), 1, &question.value);
  result->node->types = te_jit_type_tuple (question.n, question.types, NULL, NULL);
  return result;
}

/* ---- conditions that are known ---- */
static int
has_attribute (Frontend *self, PyObject *node)
{
  PyObject *args = te_fe_field (node, "args");
  PyObject *text = PyList_GET_SIZE (args) == 2 ? te_fe_field (PyList_GET_ITEM (args, 1), "value") : NULL;
  Sugar base = text && PyUnicode_Check (text) ? te_fe_expr (self, PyList_GET_ITEM (args, 0), NULL) : NO_SUGAR;
  if (base.kind != SUGAR_MODULE)
    {
      PyErr_Clear ();
      return -1;
    }
  return PyObject_HasAttr (base.object, text);
}

static int
known_call (Frontend *self, PyObject *node)
{
  PyObject *func = te_fe_field (node, "func");
  Question question;
  if (te_fe_is_call_of (self, func, "is_scripting"))
    return 1;
  if (te_fe_is_call_of (self, func, "is_tracing"))
    return 0;
  if (te_fe_is_call_of (self, func, "hasattr"))
    return has_attribute (self, node);
  if (!te_fe_is_call_of (self, func, "isinstance") || PyList_GET_SIZE (te_fe_field (node, "args")) != 2)
    return -1;
  if (!ask (self, node, false, &question))
    {
      PyErr_Clear ();
      return -1;
    }
  return question.when_true && question.when_false ? -1 : question.when_true != NULL;
}

/* 'a' in self.layers, of a ModuleDict. */
static int
known_membership (Frontend *self, PyObject *node, bool in)
{
  PyObject *key = te_fe_field (te_fe_field (node, "left"), "value"),
           *right = PyList_GET_ITEM (te_fe_field (node, "comparators"), 0);
  if (!te_fe_is (te_fe_field (node, "left"), "Constant") || !PyUnicode_Check (key)
      || !te_fe_is (right, "Attribute"))
    return -1;
  Sugar modules = te_fe_expr (self, right, NULL);
  PyErr_Clear ();
  if (modules.kind != SUGAR_MODULE)
    return -1;
  PyObject *registry = PyObject_GetAttrString (modules.object, "_modules");
  int found = registry ? PySequence_Contains (registry, key) : -1;
  Py_XDECREF (registry);
  return found < 0 ? found : in ? found : !found;
}

/* 1: x is None is asked; 0: x is not None is; -1: neither. */
static int
asks_for_none (PyObject *node)
{
  if (!te_fe_is (node, "Compare") || PyList_GET_SIZE (te_fe_field (node, "ops")) != 1)
    return -1;
  PyObject *right = PyList_GET_ITEM (te_fe_field (node, "comparators"), 0),
           *op = PyList_GET_ITEM (te_fe_field (node, "ops"), 0);
  bool is = te_fe_is (op, "Is");
  if ((!is && !te_fe_is (op, "IsNot")) || !te_fe_is (right, "Constant")
      || te_fe_field (right, "value") != Py_None)
    return -1;
  return is;
}

static int
known_comparison (Frontend *self, PyObject *node)
{
  if (PyList_GET_SIZE (te_fe_field (node, "ops")) != 1)
    return -1;
  PyObject *op = PyList_GET_ITEM (te_fe_field (node, "ops"), 0);
  if (te_fe_is (op, "In") || te_fe_is (op, "NotIn"))
    return known_membership (self, node, te_fe_is (op, "In"));
  int is_none = asks_for_none (node);
  if (is_none < 0)
    return -1;
  PyObject *asked = te_fe_field (node, "left");
  Local *local =
      te_fe_is (asked, "Name") ? te_fe_find (self, PyUnicode_AsUTF8 (te_fe_field (asked, "id"))) : NULL;
  const TeJitType *none = te_jit_type_simple (TE_JIT_NONE);
  if (local && local->type && !local->missing) /* its type is known without reading it */
    return local->type == none ? is_none : te_jit_type_is (none, local->type) ? -1 : !is_none;
  Sugar left = te_fe_expr (self, asked, NULL);
  if (left.kind == SUGAR_NONE)
    {
      PyErr_Clear ();
      return -1;
    }
  if (left.kind != SUGAR_VAR)
    return !is_none;
  if (left.var->type == none)
    return is_none;
  return te_jit_type_is (none, left.var->type) ? -1 : !is_none;
}

int
te_fe_static_condition (Frontend *self, PyObject *node)
{
  if (te_fe_is (node, "UnaryOp") && te_fe_is (te_fe_field (node, "op"), "Not"))
    {
      int known = te_fe_static_condition (self, te_fe_field (node, "operand"));
      return known < 0 ? known : !known;
    }
  if (te_fe_is (node, "Constant") && PyBool_Check (te_fe_field (node, "value")))
    return te_fe_field (node, "value") == Py_True;
  if (te_fe_is (node, "Call"))
    return known_call (self, node);
  if (te_fe_is (node, "Compare"))
    return known_comparison (self, node);
  if (!te_fe_is (node, "BoolOp"))
    return -1;
  bool and = te_fe_is (te_fe_field (node, "op"), "And");
  PyObject *values = te_fe_field (node, "values");
  int result = and;
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE (values); i++)
    {
      int known = te_fe_static_condition (self, PyList_GET_ITEM (values, i));
      if (known == !and)
        return known;
      result = known < 0 ? known : result < 0 ? result : known;
    }
  return result;
}

void
te_fe_spend_condition (Frontend *self, PyObject *node)
{
  if (asks_for_none (node) < 0)
    return;
  bool variable = te_fe_is (te_fe_field (node, "left"), "Name");
  self->graph->next_number += variable ? 3 : 2;
}

/* ---- what is known of variables then ---- */
static bool
becomes (Frontend *self, PyObject *name, const TeJitType *wanted)
{
  const char *text = PyUnicode_AsUTF8 (te_fe_field (name, "id"));
  Local *local = te_fe_find (self, text);
  if (!wanted || !local || !local->type || te_jit_type_plain (local->type) == wanted)
    return true;
  Sugar value = te_fe_name (self, text, NULL);
  TeJitVar *cast = value.kind ? te_fe_emit (self, NULL, "prim::unchecked_cast", wanted, 1, &value.var) : NULL;
  return cast && te_fe_set (self, text, (Sugar){ .kind = SUGAR_VAR, .var = cast }, NULL);
}

bool
te_fe_refine (Frontend *self, PyObject *node, bool truth)
{
  if (te_fe_is (node, "UnaryOp") && te_fe_is (te_fe_field (node, "op"), "Not"))
    return te_fe_refine (self, te_fe_field (node, "operand"), !truth);
  if (te_fe_is (node, "BoolOp"))
    {
      bool and = te_fe_is (te_fe_field (node, "op"), "And");
      PyObject *values = te_fe_field (node, "values");
      for (Py_ssize_t i = 0; and == truth && i < PyList_GET_SIZE (values); i++)
        if (!te_fe_refine (self, PyList_GET_ITEM (values, i), truth))
          return false;
      return true;
    }
  if (te_fe_is (node, "Call") && te_fe_is_call_of (self, te_fe_field (node, "func"), "isinstance")
      && PyList_GET_SIZE (te_fe_field (node, "args")) == 2)
    {
      PyObject *value = PyList_GET_ITEM (te_fe_field (node, "args"), 0);
      Question question;
      if (!te_fe_is (value, "Name"))
        return true;
      return ask (self, node, false, &question)
             && becomes (self, value, truth ? question.when_true : question.when_false);
    }
  int is_none = asks_for_none (node);
  PyObject *left = is_none >= 0 ? te_fe_field (node, "left") : NULL;
  Local *local =
      left && te_fe_is (left, "Name") ? te_fe_find (self, PyUnicode_AsUTF8 (te_fe_field (left, "id"))) : NULL;
  const TeJitType *none = te_jit_type_simple (TE_JIT_NONE);
  if (!local || !local->type || (local->type->kind != TE_JIT_OPTIONAL && local->type->kind != TE_JIT_UNION))
    return true;
  if ((is_none == 1) == truth)
    return true;
  return becomes (self, left, te_jit_type_without (local->type, 1, &none));
}
