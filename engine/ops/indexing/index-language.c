#include "ops/indexing/index-language.h"

#include "base/mem.h"
#include "core/scalar-range.h"
#include "ops/dispatch.h"
#include "ops/shape/shape-util.h"

/* ---- views, op by op ---- */
/* Direct dispatch of a one-result row: spares reading a format on the hottest path. */
static TeTensor *
run (const TeOp *op, const TeValue *args, TeError *err)
{
  TeOpCall call = { .op = op, .args = args };
  if (!te_dispatch (&call, err))
    return NULL;
  TeTensor *result = call.outs[0];
  call.outs[0] = NULL;
  te_op_call_clear (&call);
  return result;
}

static TeTensor *
take_one (TeTensor *self, int dim, int64_t index, int place, TeError *err)
{
  TE_OP (op, "select")
  if (self->ndim == 0 && index == 0 && dim == 0)
    {
      te_error_set (err, TE_ERR_INDEX,
                    "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in "
                    "C++ to convert "
                    "a 0-dim tensor to a number");
      return NULL;
    }
  if (index < -self->sizes[dim] || index >= self->sizes[dim])
    {
      te_error_set (err, TE_ERR_INDEX, "index %lld is out of bounds for dimension %d with size %lld",
                    (long long) index, place, (long long) self->sizes[dim]);
      return NULL;
    }
  const TeValue args[] = { { .kind = TE_VALUE_TENSOR, .tensor = self },
                           { .kind = TE_VALUE_INT, .i = dim },
                           { .kind = TE_VALUE_INT, .i = index } };
  return run (op, args, err);
}

/* always: give a new view also where the slice is the whole dimension (as t[0:n] alone does). */
static TeTensor *
take_slice (TeTensor *self, int dim, const TeIndexItem *item, bool always, TeError *err)
{
  TE_OP (op, "slice")
  int64_t step = item->has_step ? item->step : 1;
  int64_t start = item->has_start ? item->start : 0, stop = item->has_stop ? item->stop : INT64_MAX;
  if (step == 0)
    {
      te_error_set (err, TE_ERR_VALUE, "slice step cannot be zero");
      return NULL;
    }
  if (step < 0)
    {
      te_error_set (err, TE_ERR_VALUE, "step must be greater than zero");
      return NULL;
    }
  if (!always && start == 0 && step == 1 && stop == (self->ndim > 0 ? self->sizes[dim] : 0))
    return te_tensor_ref (self);
  const TeValue args[] = { { .kind = TE_VALUE_TENSOR, .tensor = self },
                           { .kind = TE_VALUE_INT, .i = dim },
                           { .kind = TE_VALUE_INT, .i = start },
                           { .kind = TE_VALUE_INT, .i = stop },
                           { .kind = TE_VALUE_INT, .i = step } };
  return run (op, args, err);
}

static TeTensor *
take_unsqueezed (TeTensor *self, int dim, TeError *err)
{
  TE_OP (op, "unsqueeze")
  const TeValue args[] = { { .kind = TE_VALUE_TENSOR, .tensor = self }, { .kind = TE_VALUE_INT, .i = dim } };
  return run (op, args, err);
}

static TeTensor *
take_alias (TeTensor *self, TeError *err)
{
  TE_OP (op, "alias")
  const TeValue args[] = { { .kind = TE_VALUE_TENSOR, .tensor = self } };
  return run (op, args, err);
}

/* ---- several items ---- */
typedef struct
{
  TeTensor *view;                 /* owned */
  TeTensor *tensors[TE_MAX_NDIM]; /* owned; by dimension of view, NULL where a dimension is kept whole */
  int n_tensors;                  /* length in use */
} Sliced;

static void
sliced_clear (Sliced *s)
{
  te_tensor_unref (s->view);
  for (int i = 0; i < s->n_tensors; i++)
    te_tensor_unref (s->tensors[i]);
}

/* Takes over `view` (NULL: failure). */
static bool
step_to (Sliced *s, TeTensor *view)
{
  if (!view)
    return false;
  te_tensor_unref (s->view);
  s->view = view;
  return true;
}

static bool
too_deep (TeError *err)
{
  return te_error_set (err, TE_ERR_RUNTIME, "tensors of more than %d dimensions are not supported",
                       TE_MAX_NDIM);
}

/* Consumes tensor. */
static bool
record_tensor (Sliced *s, int dim, TeTensor *tensor, TeError *err)
{
  if (!tensor)
    return false;
  if (dim >= TE_MAX_NDIM)
    {
      te_tensor_unref (tensor);
      return too_deep (err);
    }
  while (s->n_tensors <= dim)
    s->tensors[s->n_tensors++] = NULL;
  s->tensors[dim] = tensor;
  return true;
}

/* True picks the one slice of a new dimension, False none. */
static TeTensor *
bool_as_index (bool value, TeError *err)
{
  const int64_t n = value;
  TeTensor *index = te_tensor_new (1, &n, TE_INT64, err);
  if (index && value)
    *(int64_t *) te_tensor_data (index) = 0;
  return index;
}

/* How many dimensions of self an item speaks for. */
static int
dims_of (const TeIndexItem *item)
{
  switch (item->kind)
    {
    case TE_INDEX_NONE:
    case TE_INDEX_ELLIPSIS:
    case TE_INDEX_BOOL:
      return 0;
    case TE_INDEX_TENSOR:
      {
        TeDtype dtype = te_tensor_dtype (item->tensor);
        return dtype == TE_BOOL || dtype == TE_UINT8 ? item->tensor->ndim : 1;
      }
    case TE_INDEX_INT:
    case TE_INDEX_SLICE:
    case TE_INDEX_LATER:
      break;
    }
  return 1;
}

static bool
apply_tensor (Sliced *s, const TeIndexItem *item, int *dim, int place, TeError *err)
{
  TeTensor *tensor = item->tensor;
  TeDtype dtype = te_tensor_dtype (tensor);
  if (tensor->ndim > 0 || !te_dtype_is_integral (dtype, true))
    return record_tensor (s, (*dim)++, te_tensor_ref (tensor), err);
  if (te_tensor_is_meta (tensor))
    return te_error_set (err, TE_ERR_NOT_IMPLEMENTED,
                         "indexing with a tensor on device meta is not implemented");
  int64_t value = te_scalar_to_int (te_scalar_load (dtype, te_tensor_data (tensor)));
  if (dtype == TE_BOOL || dtype == TE_UINT8)
    return step_to (s, take_unsqueezed (s->view, *dim, err))
           && record_tensor (s, (*dim)++, bool_as_index (value != 0, err), err);
  return step_to (s, take_one (s->view, *dim, value, place, err));
}

static bool
apply_items (Sliced *s, TeIndexItem *items, int n, TeError *err)
{
  int specified = 0, ndim = s->view->ndim, dim = 0;
  for (int i = 0; i < n; i++)
    specified += dims_of (&items[i]);
  if (specified > ndim)
    return te_error_set (err, TE_ERR_INDEX, "too many indices for tensor of dimension %d", ndim);
  for (int i = 0; i < n; i++)
    {
      TeIndexItem *item = &items[i];
      bool ok = item->kind != TE_INDEX_LATER || item->read (item, err);
      if (!ok)
        return false;
      switch (item->kind)
        {
        case TE_INDEX_LATER:
          break;
        case TE_INDEX_INT:
          ok = step_to (s, take_one (s->view, dim, item->integer, i, err));
          break;
        case TE_INDEX_SLICE:
          ok = step_to (s, take_slice (s->view, dim++, item, false, err));
          break;
        case TE_INDEX_ELLIPSIS:
          dim += ndim - specified;
          break;
        case TE_INDEX_NONE:
          ok = step_to (s, take_unsqueezed (s->view, dim++, err));
          break;
        case TE_INDEX_BOOL:
          ok = step_to (s, take_unsqueezed (s->view, dim, err))
               && record_tensor (s, dim++, bool_as_index (item->integer != 0, err), err);
          break;
        case TE_INDEX_TENSOR:
          ok = apply_tensor (s, item, &dim, i, err);
          break;
        }
      if (!ok)
        return false;
    }
  return true;
}

/* te_index_get: see the header. */
TeTensor *
te_index_get (TeTensor *self, TeIndexItem *items, int n, TeError *err)
{
  TE_OP (index, "index")
  if (n == 1 && !items[0].listed)
    switch (items[0].kind)
      {
      case TE_INDEX_INT:
        return take_one (self, 0, items[0].integer, 0, err);
      case TE_INDEX_SLICE:
        return take_slice (self, 0, &items[0], true, err);
      case TE_INDEX_NONE:
        return take_unsqueezed (self, 0, err);
      case TE_INDEX_ELLIPSIS:
        return take_alias (self, err);
      case TE_INDEX_BOOL:
      case TE_INDEX_TENSOR:
      case TE_INDEX_LATER:
        break;
      }
  Sliced s = { .view = te_tensor_ref (self) };
  TeTensor *result = NULL;
  if (apply_items (&s, items, n, err))
    {
      if (s.n_tensors)
        result = te_call (index, err, "TL", s.view, (TeTensor *const *) s.tensors, s.n_tensors);
      else
        result = s.view == self ? take_alias (self, err) : te_tensor_ref (s.view);
    }
  sliced_clear (&s);
  return result;
}

/* ---- assignment ---- */
/* value without leading sizes of 1 that the place has not: what broadcasting allows at an assignment. */
static TeTensor *
without_leading_ones (TeTensor *value, TeError *err)
{
  TE_OP (view, "view")
  int first = 0;
  while (first < value->ndim && value->sizes[first] == 1)
    first++;
  return te_call (view, err, "TI", value, value->sizes + first, (int) value->ndim - first);
}

static bool
assign (TeTensor *place, TeTensor *value, TeError *err)
{
  TE_OP (copy, "copy_")
  TE_OP (fill, "fill.Tensor")
  TeTensor *trimmed = NULL, *fitted = NULL;
  if (te_tensor_same_sizes (place, value))
    return te_call_inplace (copy, err, "TT", place, value);
  if (value->ndim == 0)
    return te_call_inplace (fill, err, "TT", place, value);
  trimmed = without_leading_ones (value, err);
  fitted = trimmed ? te_expand (trimmed, place->ndim, place->sizes, err) : NULL;
  bool ok = fitted && te_call_inplace (copy, err, "TT", place, fitted);
  te_tensor_unref (trimmed);
  te_tensor_unref (fitted);
  return ok;
}

/* Assigns to a view that was just made; consumes it (NULL: failure). */
static bool
assign_to (TeTensor *place, TeTensor *value, TeError *err)
{
  bool ok = place && assign (place, value, err);
  te_tensor_unref (place);
  return ok;
}

static bool
assign_by_tensors (Sliced *s, TeTensor *value, TeError *err)
{
  TE_OP (put, "index_put")
  TeTensor *fitted = value->ndim == 0 || value->sizes[0] != 1 ? te_tensor_ref (value) : without_leading_ones (value, err);
  bool ok =
      fitted
      && te_call_inplace (put, err, "TLT", s->view, (TeTensor *const *) s->tensors, s->n_tensors, fitted);
  te_tensor_unref (fitted);
  return ok;
}

/* te_index_set: see the header. */
bool
te_index_set (TeTensor *self, TeIndexItem *items, int n, TeTensor *value, TeError *err)
{
  if (n == 1 && !items[0].listed)
    switch (items[0].kind)
      {
      case TE_INDEX_INT:
        return assign_to (take_one (self, 0, items[0].integer, 0, err), value, err);
      case TE_INDEX_SLICE:
        return assign_to (take_slice (self, 0, &items[0], false, err), value, err);
      case TE_INDEX_NONE:
        return assign_to (take_unsqueezed (self, 0, err), value, err);
      case TE_INDEX_ELLIPSIS:
        return assign (self, value, err);
      case TE_INDEX_BOOL:
        return items[0].integer == 0 || assign_to (take_unsqueezed (self, 0, err), value, err);
      case TE_INDEX_TENSOR:
      case TE_INDEX_LATER:
        break;
      }
  Sliced s = { .view = te_tensor_ref (self) };
  bool ok = apply_items (&s, items, n, err);
  if (ok)
    ok = s.n_tensors ? assign_by_tensors (&s, value, err) : assign (s.view, value, err);
  sliced_clear (&s);
  return ok;
}

TeTensor *
te_index_number (const TeTensor *self, const TeTensor *number, TeError *err)
{
  TeDtype dtype = te_tensor_dtype (self);
  TeScalar value = te_tensor_first (number);
  return te_scalar_check (&value, dtype, err) ? te_tensor_new_scalar (value, dtype, err) : NULL;
}
