/* x[i] of tensors, tuples, lists and lists of modules. */
#include "python/jit-frontend.h"

#include <string.h>

static TeJitVar *
bound_of (Frontend *self, PyObject *node, int64_t fallback, const TeJitRange *range)
{
  if (node && node != Py_None)
    return te_fe_value (self, node, NULL);
  return fallback == INT64_MIN ? te_fe_constant (self, te_jit_none (), NULL)
                               : te_fe_int (self, fallback, range);
}

static TeJitVar *
slice_tensor (Frontend *self, TeJitVar *value, int64_t dim, PyObject *slice, const TeJitRange *range)
{
  TeJitVar *in[5] = { value, te_fe_constant (self, te_jit_int (dim), range) };
  in[2] = bound_of (self, te_fe_field (slice, "lower"), INT64_MIN, range);
  in[3] = in[2] ? bound_of (self, te_fe_field (slice, "upper"), INT64_MIN, range) : NULL;
  in[4] = in[3] ? bound_of (self, te_fe_field (slice, "step"), 1, range) : NULL;
  return in[4] ? te_fe_op (self, range, "aten::slice", 5, in) : NULL;
}

static bool
is_slice (PyObject *node)
{
  return strcmp (te_fe_ast_name (node), "Slice") == 0;
}

static bool
is_constant (PyObject *node, PyObject *value)
{
  return strcmp (te_fe_ast_name (node), "Constant") == 0 && te_fe_field (node, "value") == value;
}

/* An index that may be a slice is looked at before it is read: nothing needs that value, but it takes
 * numbers. */
static TeJitVar *
read_again (Frontend *self, PyObject *index)
{
  return te_fe_value (self, index, NULL) ? te_fe_value (self, index, NULL) : NULL;
}

/* x[i, :, None, mask]: one op per index, tensors together at the end. */
static TeJitVar *
index_tensor (Frontend *self, TeJitVar *value, PyObject *const *parts, int n, const TeJitRange *range)
{
  TeJitVar *tensors[64] = { NULL };
  int dim = 0, last_tensor = -1, after = 0;
  for (int i = 0; i < n; i++)
    if (is_constant (parts[i], Py_Ellipsis))
      {
        for (int k = i + 1; k < n; k++)
          after += !is_constant (parts[k], Py_None);
        break;
      }
  for (int i = 0; i < n && value && dim < 64; i++)
    {
      if (is_constant (parts[i], Py_Ellipsis))
        dim = -after;
      else if (is_slice (parts[i]))
        {
          PyObject *lower = te_fe_field (parts[i], "lower"), *upper = te_fe_field (parts[i], "upper"),
                   *step = te_fe_field (parts[i], "step");
          bool whole = n > 1 && lower == Py_None && upper == Py_None && step == Py_None;
          value = whole && dim < 0 ? value : slice_tensor (self, value, dim, parts[i], range);
          dim++;
        }
      else if (is_constant (parts[i], Py_None))
        {
          TeJitVar *in[] = { value, te_fe_constant (self, te_jit_int (dim), range) };
          value = te_fe_op (self, range, "aten::unsqueeze", 2, in);
          dim++;
        }
      else
        {
          TeJitVar *index = read_again (self, parts[i]);
          if (!index)
            return NULL;
          if (index->type->kind == TE_JIT_INT)
            {
              TeJitVar *in[] = { value, te_fe_constant (self, te_jit_int (dim), range), index };
              value = te_fe_op (self, range, "aten::select", 3, in);
              if (dim < 0)
                dim++;
              continue;
            }
          if (index->type->kind == TE_JIT_LIST)
            index = te_fe_op (self, range, "aten::tensor", 1, &index);
          if (!index || index->type->kind != TE_JIT_TENSOR)
            return te_fe_error (self, range,
                                "Unsupported operation: indexing tensor with unsupported index type '%s'. "
                                "Only ints, slices, lists and tensors are supported",
                                index ? te_jit_type_error_text (index->type) : "?");
          if (dim < 0)
            return te_fe_unsupported (self, parts[i], "tensors after ... in an index");
          tensors[dim] = index;
          last_tensor = dim++;
        }
    }
  if (!value || last_tensor < 0)
    return value;
  const TeJitType *optional = te_jit_type_optional (te_jit_type_simple (TE_JIT_TENSOR));
  for (int i = 0; i <= last_tensor; i++)
    if (!tensors[i])
      tensors[i] = te_fe_constant (self, te_jit_none (), NULL);
  TeJitVar *in[] = { value, te_fe_list (self, tensors, last_tensor + 1, optional) };
  return te_fe_emit (self, range, "aten::index", te_jit_type_simple (TE_JIT_TENSOR), 2, in);
}

static TeJitVar *
index_tuple (Frontend *self, TeJitVar *value, PyObject *slice, const TeJitRange *range)
{
  TeJitAny index;
  int n = value->type->n, count;
  if (is_slice (slice))
    {
      TeJitVar *low = bound_of (self, te_fe_field (slice, "lower"), 0, range);
      TeJitVar *high = low ? bound_of (self, te_fe_field (slice, "upper"), n, range) : NULL;
      TeJitAny from, to;
      if (!high || !te_jit_var_constant (low, &from) || !te_jit_var_constant (high, &to))
        return high ? te_fe_error (self, range, "tuple slice indices must be integer constants") : NULL;
      int64_t a = from.i < 0 ? from.i + n : from.i, b = to.i < 0 ? to.i + n : to.i > n ? n : to.i;
      TeJitVar **items = te_fe_unpack (self, value, &count);
      return te_fe_tuple (self, items + (a < 0 ? 0 : a), a < b ? (int) (b - a) : 0);
    }
  TeJitVar *in[] = { value, te_fe_value (self, slice, NULL) };
  if (!in[1])
    return NULL;
  if (!te_jit_var_constant (in[1], &index) || index.tag != TE_JIT_V_INT)
    {
      for (int i = 1; i < n; i++)
        if (value->type->items[i] != value->type->items[0])
          return te_fe_error (self, range,
                              "Cannot index into a tuple with a non-integer literal because we cannot "
                              "resolve the output type");
      return te_fe_emit (self, range, "prim::TupleIndex", value->type->items[0], 2, in);
    }
  int64_t at = index.i < 0 ? index.i + n : index.i;
  if (at < 0 || at >= n)
    return te_fe_error (self, range, "Tuple index out of range");
  return te_fe_emit (self, range, "prim::TupleIndex", value->type->items[at], 2, in);
}

TeJitVar *
te_fe_select (Frontend *self, TeJitVar *value, PyObject *slice, const TeJitRange *range)
{
  if (value->type->kind == TE_JIT_OPTIONAL)
    return te_fe_error (self, range, "'%s' object is not subscriptable", value->type->annotation);
  if (value->type->kind == TE_JIT_TENSOR)
    {
      if (strcmp (te_fe_ast_name (slice), "Tuple") != 0)
        return index_tensor (self, value, &slice, 1, range);
      PyObject *elements = te_fe_field (slice, "elts");
      return index_tensor (self, value, PySequence_Fast_ITEMS (elements), (int) PyList_GET_SIZE (elements),
                           range);
    }
  if (value->type->kind == TE_JIT_TUPLE)
    return index_tuple (self, value, slice, range);
  if (is_slice (slice))
    {
      TeJitVar *in[4] = { value };
      in[1] = bound_of (self, te_fe_field (slice, "lower"), INT64_MIN, range);
      in[2] = in[1] ? bound_of (self, te_fe_field (slice, "upper"), INT64_MIN, range) : NULL;
      in[3] = in[2] ? bound_of (self, te_fe_field (slice, "step"), 1, range) : NULL;
      return in[3] ? te_fe_op (self, range, "aten::slice", 4, in) : NULL;
    }
  TeJitVar *in[] = { value, te_fe_value (self, slice, NULL) };
  if (!in[1])
    return NULL;
  if (value->type->kind != TE_JIT_LIST && value->type->kind != TE_JIT_DICT && value->type->kind != TE_JIT_STR)
    return te_fe_error (self, range, "'%s' object is not subscriptable",
                        te_jit_type_error_text (value->type));
  return te_fe_op (self, range, "aten::__getitem__", 2, in);
}

/* layers[0] of a ModuleList or Sequential, of a tuple that is taken apart while compiling. */
static Sugar
select_item (Frontend *self, Sugar base, PyObject *slice, const TeJitRange *range)
{
  TeJitAny index;
  TeJitVar *at = te_fe_value (self, slice, NULL);
  if (!at)
    return NO_SUGAR;
  if (te_jit_var_constant (at, &index) && index.tag == TE_JIT_V_INT)
    {
      int64_t i = index.i < 0 ? index.i + base.n : index.i;
      if (i >= 0 && i < base.n)
        return base.items[i];
      te_fe_error (self, range, "list index out of range");
      return NO_SUGAR;
    }
  te_fe_error (
      self, range,
      "Expected integer literal for index. ModuleList/Sequential indexing is only supported with integer "
      "literals. For example, 'i = 4; self.layers[i](x)' will fail because i is not a literal. Enumeration "
      "is "
      "supported, e.g. 'for index, v in enumerate(self): out = v(inp)'");
  return NO_SUGAR;
}

static bool
literal_bound (PyObject *node, Py_ssize_t *value)
{
  PyObject *number = te_fe_is (node, "UnaryOp") ? te_fe_field (te_fe_field (node, "operand"), "value")
                                                : te_fe_field (node, "value");
  PyErr_Clear ();
  if (!number || !PyLong_Check (number))
    return false;
  *value = PyLong_AsSsize_t (number) * (te_fe_is (node, "UnaryOp") ? -1 : 1);
  return true;
}

/* layers[0], layers[1:], layers['a']. */
static Sugar
select_module (Frontend *self, Sugar base, PyObject *slice, const TeJitRange *range)
{
  PyObject *key = te_fe_is (slice, "Constant") ? te_fe_field (slice, "value") : NULL;
  if (key && PyUnicode_Check (key) && te_fe_is_layer (base.object, "ModuleDict"))
    {
      PyObject *registry = PyObject_GetAttrString (base.object, "_modules");
      bool there = registry && PyMapping_HasKey (registry, key);
      Py_XDECREF (registry);
      if (there)
        return te_fe_attribute (self, base, te_jit_intern (PyUnicode_AsUTF8 (key)), range);
      te_fe_error (self, range, "Key Error, %s", PyUnicode_AsUTF8 (key));
      return NO_SUGAR;
    }
  Sugar parts = te_fe_modules (self, base, range);
  if (!parts.kind || !is_slice (slice))
    return parts.kind ? select_item (self, parts, slice, range) : NO_SUGAR;
  Py_ssize_t from = 0, to = parts.n, step = 1;
  PyObject *bounds[] = { te_fe_field (slice, "lower"), te_fe_field (slice, "upper"),
                         te_fe_field (slice, "step") };
  Py_ssize_t *values[] = { &from, &to, &step };
  for (int i = 0; i < 3; i++)
    if (bounds[i] != Py_None && !literal_bound (bounds[i], values[i]))
      {
        te_fe_unsupported (self, slice, "slices of modules with bounds that are not numbers");
        return NO_SUGAR;
      }
  Py_ssize_t n = PySlice_AdjustIndices (parts.n, &from, &to, step ? step : 1);
  Sugar chosen = { .kind = SUGAR_TUPLE,
                   .n = (int) n,
                   .items = te_jit_alloc (self->graph->arena, (size_t) (n + 1) * sizeof (Sugar)) };
  for (Py_ssize_t i = 0; i < n; i++)
    chosen.items[i] = parts.items[from + i * step];
  return chosen;
}

Sugar
te_fe_subscript (Frontend *self, PyObject *node)
{
  const TeJitRange *range = te_fe_range (self, node);
  Sugar base = te_fe_expr (self, te_fe_field (node, "value"), NULL);
  PyObject *slice = te_fe_field (node, "slice");
  if (!base.kind)
    return NO_SUGAR;
  if (base.kind == SUGAR_MODULES || base.kind == SUGAR_MODULE)
    return select_module (self, base, slice, range);
  if (base.kind == SUGAR_TUPLE && !is_slice (slice))
    return select_item (self, base, slice, range);
  TeJitVar *value = te_fe_as_var (self, base, range);
  if (value && value->type->kind == TE_JIT_TENSOR && !is_slice (slice) && !te_fe_is (slice, "Tuple")
      && !te_fe_value (self, slice, NULL)) /* looked at once more, before it is known what has it */
    return NO_SUGAR;
  return value ? (Sugar){ .kind = SUGAR_VAR, .var = te_fe_select (self, value, slice, range) } : NO_SUGAR;
}
