/* x[i] of tensors, tuples, lists and lists of modules. */
#include "python/jit-frontend.h"

#include <string.h>

static TeJitVar *
bound_of (Frontend *self, PyObject *node, int64_t fallback, const TeJitRange *range)
{
  if (node && node != Py_None)
    return te_fe_value (self, node, NULL);
  return te_fe_int (self, fallback, range);
}

/* What is written is read first, in its order; then a step of one and the open ends. */
static bool
read_bounds (Frontend *self, PyObject *slice, TeJitVar *bounds[3], const TeJitRange *range)
{
  static const char *const names[] = { "lower", "upper", "step" };
  for (int i = 0; i < 3; i++)
    {
      PyObject *bound = te_fe_field (slice, names[i]);
      bounds[i] = NULL;
      if (bound && bound != Py_None && !(bounds[i] = te_fe_value (self, bound, NULL)))
        return false;
    }
  bounds[2] = bounds[2] ? bounds[2] : te_fe_constant (self, te_jit_int (1), range);
  for (int i = 0; i < 2; i++)
    bounds[i] = bounds[i] ? bounds[i] : te_fe_constant (self, te_jit_none (), NULL);
  return true;
}

static TeJitVar *
slice_tensor (Frontend *self, TeJitVar *value, int64_t dim, PyObject *slice, const TeJitRange *range)
{
  TeJitVar *in[5] = { value, te_fe_constant (self, te_jit_int (dim), range) };
  return read_bounds (self, slice, in + 2, range) ? te_fe_op (self, range, "aten::slice", 5, in) : NULL;
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

/* One index of several: its value, and the dimension that it is about, from the front or, after ..., from the
 * back.  PyTorch looks at an index that is no number, and at a lone one, before it reads it: nothing needs that value, but
 * it takes a number. */
typedef struct
{
  PyObject *node;
  TeJitVar *value;
  int64_t dim;
} Index;

static bool
read_index (Frontend *self, Index *index, int64_t *dim, bool lone, const TeJitRange *range)
{
  int64_t next = *dim < 0 ? -1 : 1;
  index->dim = *dim;
  if (!is_slice (index->node))
    {
      bool number = strcmp (te_fe_ast_name (index->node), "Constant") == 0
                    && PyLong_Check (te_fe_field (index->node, "value"));
      for (int i = 0; i < (lone || !number ? 2 : 1); i++)
        if (!(index->value = te_fe_value (self, index->node, NULL)))
          return false;
      if (index->value->type->kind == TE_JIT_INT && *dim >= 0)
        next = 0;
      if (index->value->type->kind == TE_JIT_LIST)
        {
          TeJitVar *in[] = { index->value, te_fe_constant (self, te_jit_int (4) /* int64 */, NULL),
                             te_fe_constant (self, te_jit_none (), NULL),
                             te_fe_constant (self, te_jit_bool (false), NULL) };
          index->value = te_fe_emit (self, NULL, "aten::tensor", te_jit_type_simple (TE_JIT_TENSOR), 4, in);
        }
      TeJitKind kind = index->value ? index->value->type->kind : TE_JIT_NONE;
      if (kind != TE_JIT_INT && kind != TE_JIT_NONE && kind != TE_JIT_TENSOR)
        return te_fe_error (self, range,
                            "Unsupported operation: indexing tensor with unsupported index type '%s'. "
                            "Only ints, slices, lists and tensors are supported",
                            te_jit_type_error_text (index->value->type));
      if (kind == TE_JIT_NONE && *dim < 0)
        next = 0;
      if (kind == TE_JIT_TENSOR && *dim < 0)
        return te_fe_error (self, range, "Ellipses followed by tensor indexing is currently not supported");
    }
  *dim += next;
  return true;
}

/* x[i, :, None, mask] up to what tensors take from it: the indices are read, those after ... from the last; then
 * there is one op for each, and the tensors are left over. */
TeJitVar *
te_fe_view (Frontend *self, TeJitVar *value, PyObject *slice, TeJitVar *tensors[TE_FE_MAX_INDICES], int *n_tensors,
            const TeJitRange *range)
{
  Index indices[TE_FE_MAX_INDICES] = { 0 };
  bool several = strcmp (te_fe_ast_name (slice), "Tuple") == 0;
  PyObject *elements = several ? te_fe_field (slice, "elts") : NULL;
  PyObject *const *parts = several ? PySequence_Fast_ITEMS (elements) : &slice;
  int n = several ? (int) PyList_GET_SIZE (elements) : 1, dots = n, last_tensor = -1;
  int64_t front = 0, back = -1;
  memset (tensors, 0, TE_FE_MAX_INDICES * sizeof *tensors);
  if (n > TE_FE_MAX_INDICES)
    return te_fe_error (self, range, "too many indices");
  for (int i = 0; i < n; i++)
    {
      indices[i].node = parts[i];
      if (is_constant (parts[i], Py_Ellipsis) && dots < n)
        return te_fe_error (self, range, "An index can only have a single ellipsis ('...')");
      dots = is_constant (parts[i], Py_Ellipsis) ? i : dots;
    }
  if (n == 1 && dots == 0)
    return te_fe_error (self, te_fe_range (self, parts[0]), "Cannot emit expr for: (dots)\n");
  for (int i = 0; i < dots; i++)
    if (!read_index (self, &indices[i], &front, n == 1, range))
      return NULL;
  for (int i = n - 1; i > dots; i--)
    if (!read_index (self, &indices[i], &back, false, range))
      return NULL;
  for (int i = 0; i < n && value; i++)
    {
      Index *index = &indices[i];
      if (i == dots)
        continue;
      if (!index->value)
        {
          value = slice_tensor (self, value, index->dim, index->node, range);
          continue;
        }
      if (index->value->type->kind == TE_JIT_TENSOR)
        {
          tensors[index->dim] = index->value;
          last_tensor = (int) index->dim;
          continue;
        }
      bool select = index->value->type->kind == TE_JIT_INT;
      TeJitVar *in[] = { value, te_fe_constant (self, te_jit_int (index->dim), range), index->value };
      value = te_fe_op (self, range, select ? "aten::select" : "aten::unsqueeze", select ? 3 : 2, in);
    }
  *n_tensors = last_tensor + 1;
  return value;
}

/* What index and index_put_ take: None where a dimension is left alone. */
TeJitVar *
te_fe_indices (Frontend *self, TeJitVar **tensors, int n)
{
  const TeJitType *optional = te_jit_type_optional (te_jit_type_simple (TE_JIT_TENSOR));
  for (int i = 0; i < n; i++)
    if (!tensors[i])
      tensors[i] = te_fe_constant (self, te_jit_none (), NULL);
  return te_fe_list (self, tensors, n, optional);
}

static TeJitVar *
index_tensor (Frontend *self, TeJitVar *value, PyObject *slice, const TeJitRange *range)
{
  TeJitVar *tensors[TE_FE_MAX_INDICES];
  int n;
  TeJitVar *in[] = { te_fe_view (self, value, slice, tensors, &n, range), NULL };
  if (!in[0] || !n)
    return in[0];
  in[1] = te_fe_indices (self, tensors, n);
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
    return index_tensor (self, value, slice, range);
  if (value->type->kind == TE_JIT_TUPLE)
    return index_tuple (self, value, slice, range);
  if (is_slice (slice))
    {
      TeJitVar *in[4] = { value };
      return read_bounds (self, slice, in + 1, range) ? te_fe_op (self, range, "aten::slice", 4, in) : NULL;
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
  if (value && value->type->kind == TE_JIT_TENSOR && !is_slice (slice) && !is_constant (slice, Py_Ellipsis) && !te_fe_is (slice, "Tuple")
      && !te_fe_value (self, slice, NULL)) /* looked at once more, before it is known what has it */
    return NO_SUGAR;
  return value ? (Sugar){ .kind = SUGAR_VAR, .var = te_fe_select (self, value, slice, range) } : NO_SUGAR;
}
