/* Element by element along one dimension: gather, scatter, scatter_add, scatter_reduce, take_along_dim.  All
 * walk the index tensor: element (i, j, k) of it says which element along dim is meant at (i, ·, k). */
#include <string.h>

#include "iter/tensor-iter.h"
#include "ops/dispatch.h"
#include "ops/expr.h"
#include "ops/indexing/families.h"
#include "ops/indexing/indexing-util.h"
#include "ops/pointwise/pointwise-private.h"
#include "ops/shape/shape-util.h"

#define BOTH (TE_OP_METHOD | TE_OP_FUNCTION)

/* ---- the walk ---- */
typedef struct
{
  int n_outer;
  int64_t sizes[TE_MAX_NDIM]; /* of the index without dim */
  int64_t n;                  /* of the index along dim */
  int64_t limit;              /* of self along dim */
} Walk;

typedef struct
{
  char *data;
  int64_t step; /* along dim */
  int64_t strides[TE_MAX_NDIM];
} Lane;

static Walk
walk_of (const TeTensor *index, const TeTensor *self, int dim)
{
  Walk w = { .n = index->ndim ? index->sizes[dim] : 1, .limit = self->ndim ? self->sizes[dim] : 1 };
  for (int d = 0; d < index->ndim; d++)
    if (d != dim)
      w.sizes[w.n_outer++] = index->sizes[d];
  return w;
}

static Lane
lane_of (TeTensor *t, int dim)
{
  Lane lane = { .data = te_tensor_data (t), .step = t->ndim ? t->strides[dim] : 1 };
  for (int d = 0, to = 0; d < t->ndim; d++)
    if (d != dim)
      lane.strides[to++] = t->strides[d];
  return lane;
}

/* Also an element of the index that would be read later is checked first: nothing is written before an error.
 */
static bool
check_bounds (const TeTensor *index, int64_t limit, int dim, TeError *err)
{
  TeTensor *dense = te_input_contiguous ((TeTensor *) index, err);
  if (!dense)
    return false;
  const int64_t *values = te_tensor_data (dense);
  bool ok = true;
  for (int64_t i = 0; ok && i < dense->numel; i++)
    if (values[i] < 0 || values[i] >= limit)
      ok = te_error_set (err, TE_ERR_RUNTIME, "index %lld is out of bounds for dimension %d with size %lld",
                         (long long) values[i], dim, (long long) limit);
  te_tensor_unref (dense);
  return ok;
}

/* ---- checks ---- */
static int
least_one (int ndim)
{
  return ndim > 0 ? ndim : 1;
}

static int64_t
size_at (const TeTensor *t, int d)
{
  return t->ndim ? t->sizes[d] : 1;
}

static bool
check_index (const char *name, TeTensor *self, TeTensor *index, TeTensor *src, int dim, TeError *err)
{
  char a[512], b[512], c[512];
  if (index->numel && te_tensor_dtype (index) != TE_INT64)
    return te_error_set (err, TE_ERR_RUNTIME, "%s(): Expected dtype int64 for index", name);
  if (src && src->dtype != self->dtype)
    return te_error_set (err, TE_ERR_RUNTIME, "%s(): Expected self.dtype to be equal to src.dtype", name);
  if (index->numel == 0)
    return true;
  bool gather = !strcmp (name, "gather");
  if (least_one (self->ndim) != least_one (index->ndim))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "Index tensor must have the same number of dimensions as %s tensor",
                         gather ? "input" : "self");
  bool wrong = false;
  for (int d = 0; src && d < src->ndim && d < index->ndim; d++)
    wrong = wrong || index->sizes[d] > src->sizes[d];
  if (src && src->ndim && src->ndim < index->ndim && !wrong) /* its sizes are asked for first */
    return te_error_set (err, TE_ERR_INDEX,
                         "Dimension out of range (expected to be in range of [-%d, %d], but got %d)",
                         src->ndim, src->ndim - 1, src->ndim);
  if (src && least_one (src->ndim) != least_one (index->ndim))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "Index tensor must have the same number of dimensions as src tensor");
  for (int d = 0; d < least_one (self->ndim); d++)
    {
      bool wide = d != dim && size_at (index, d) > size_at (self, d);
      bool over = src && size_at (index, d) > size_at (src, d);
      if (!wide && !over)
        continue;
      te_shape_text (index->ndim, index->sizes, a, sizeof a);
      te_shape_text (self->ndim, self->sizes, b, sizeof b);
      if (gather)
        return te_error_set (
            err, TE_ERR_RUNTIME,
            "Size does not match at dimension %d expected index %s to be smaller than self %s apart from "
            "dimension %d",
            d, a, b, dim);
      if (src)
        return te_error_set (err, TE_ERR_RUNTIME,
                             "Expected index %s to be smaller than self %s apart from dimension %d and to be "
                             "smaller size than "
                             "src %s",
                             a, b, dim, te_shape_text (src->ndim, src->sizes, c, sizeof c));
      return te_error_set (err, TE_ERR_RUNTIME,
                           "Expected index %s to be smaller than self %s apart from dimension %d", a, b, dim);
    }
  return te_tensor_is_meta (index) || check_bounds (index, size_at (self, dim), dim, err);
}

/* ---- gather ---- */
#define GATHER(type)                                                                                         \
  do                                                                                                         \
    {                                                                                                        \
      type *to = (type *) out.data + te_index_offset (w.n_outer, at, out.strides);                           \
      const type *from = (const type *) in.data + te_index_offset (w.n_outer, at, in.strides);               \
      const int64_t *pick = (const int64_t *) places.data + te_index_offset (w.n_outer, at, places.strides); \
      for (int64_t i = 0; i < w.n; i++)                                                                      \
        to[i * out.step] = from[pick[i * places.step] * in.step];                                            \
    }                                                                                                        \
  while (te_index_next (w.n_outer, w.sizes, at))

static void
gather (TeTensor *result, TeTensor *self, TeTensor *index, int dim)
{
  Walk w = walk_of (index, self, dim);
  Lane out = lane_of (result, dim), in = lane_of (self, dim), places = lane_of (index, dim);
  int64_t at[TE_MAX_NDIM] = { 0 };
  switch (te_dtype_nbytes (te_tensor_dtype (self)))
    {
    case 1:
      GATHER (uint8_t);
      break;
    case 2:
      GATHER (uint16_t);
      break;
    case 4:
      GATHER (uint32_t);
      break;
    case 8:
      GATHER (uint64_t);
      break;
    default:
      GATHER (TeComplex128);
      break;
    }
}

static bool
gather_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0), *index = te_arg (call, 2);
  int dim;
  if (!te_dim_wrap (call->args[1].i, self->ndim, &dim, err)
      || !check_index ("gather", self, index, NULL, dim, err))
    return false;
  TeTensor *out = te_result_new (self, index->ndim, index->sizes, te_tensor_dtype (self), err);
  if (out && out->numel && !te_tensor_is_meta (out))
    gather (out, self, index, dim);
  return te_result_give (call, 0, out, err);
}

static bool
gather_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  const TeMeta *meta = &ctx->metas[0];
  TeTensor *zeros =
      te_expr_keep (&e, te_zeros (meta->ndim, meta->sizes, te_tensor_dtype (ctx->grads[0]), err));
  return te_expr_end (&e,
                      EX (&e, "scatter_add", "TiTT", zeros, ctx->args[1].i, ctx->inputs[1], ctx->grads[0]),
                      &ctx->results[0]);
}

static bool
take_along_dim_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0), *index = te_arg (call, 1);
  TeExpr e = TE_EXPR (err);
  const int64_t all = -1;
  TeTensor *result = NULL;
  if (!te_arg_given (call, 2))
    result = EX (&e, "gather", "TiT", EX (&e, "view", "TI", self, &all, 1), (int64_t) 0,
                 EX (&e, "view", "TI", index, &all, 1));
  else
    {
      int64_t own[TE_MAX_NDIM], picks[TE_MAX_NDIM], wide[TE_MAX_NDIM];
      int dim, ndim;
      if (self->ndim != index->ndim)
        return te_error_set (
            err, TE_ERR_RUNTIME,
            "torch.take_along_dim(): input and indices should have the same number of dimensions, but got %d "
            "dimensions for input, and %d dimensions for indices",
            self->ndim, index->ndim);
      if (!te_dim_wrap (call->args[2].i, self->ndim, &dim, err)
          || !te_sized_dim_wrap (dim, self->ndim, &dim, err))
        return false;
      if (te_tensor_dtype (index) != TE_INT64)
        return te_error_set (
            err, TE_ERR_RUNTIME,
            "torch.take_along_dim(): dtype of indices should be Long but got %s. You can call .long() on "
            "indices to convert it.",
            te_dtype_error_name (te_tensor_dtype (index)));
      for (int d = 0; d < self->ndim; d++)
        {
          own[d] = d == dim ? index->sizes[d] : self->sizes[d];
          picks[d] = index->sizes[d];
        }
      if (!te_shape_broadcast (self->ndim, own, index->ndim, picks, &ndim, wide, err))
        return false;
      TeTensor *places = EX (&e, "expand", "TI", index, wide, ndim);
      if (self->ndim)
        wide[dim] = self->sizes[dim];
      result = EX (&e, "gather", "TiT", EX (&e, "expand", "TI", self, wide, ndim), (int64_t) dim, places);
    }
  TeTensor *owned = NULL;
  return te_expr_end (&e, result, &owned) && te_result_give (call, 0, owned, err);
}

/* ---- scatter ---- */
/* out[…index…] (op)= src, or the number where src is NULL. */
static void
scatter (TeTensor *out, TeTensor *index, TeTensor *src, TeScalar value, TeCombine op, int dim)
{
  TeDtype dtype = te_tensor_dtype (out);
  size_t nbytes = te_dtype_nbytes (dtype);
  Walk w = walk_of (index, out, dim);
  Lane to = lane_of (out, dim), places = lane_of (index, dim), from = { 0 };
  int64_t at[TE_MAX_NDIM] = { 0 };
  uint64_t number[TE_DTYPE_MAX_NBYTES / 8] = { 0 };
  te_scalar_store (value, dtype, number);
  if (src)
    from = lane_of (src, dim);
  else
    from.data = (char *) number;
  do
    {
      char *a = to.data + te_index_offset (w.n_outer, at, to.strides) * (int64_t) nbytes;
      const char *b = from.data + te_index_offset (w.n_outer, at, from.strides) * (int64_t) nbytes;
      const int64_t *pick = (const int64_t *) places.data + te_index_offset (w.n_outer, at, places.strides);
      if (op == TE_COMBINE_ADD && dtype == TE_FLOAT32)
        for (int64_t i = 0; i < w.n; i++)
          ((float *) a)[pick[i * places.step] * to.step] += ((const float *) b)[i * from.step];
      else
        for (int64_t i = 0; i < w.n; i++)
          te_combine (op, dtype, a + pick[i * places.step] * to.step * (int64_t) nbytes,
                      b + i * from.step * (int64_t) nbytes);
    }
  while (te_index_next (w.n_outer, w.sizes, at));
}

/* The tensor that is written: self in place, else a contiguous copy; owned. */
static TeTensor *
written (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  if (call->inplace)
    return te_check_no_internal_overlap (self, err) ? te_tensor_ref (self) : NULL;
  TeTensor *out = te_result_new (self, self->ndim, self->sizes, te_tensor_dtype (self), err);
  if (out && !te_raw_copy (out, self, err))
    te_tensor_clear (&out);
  return out;
}

static bool
give_written (TeOpCall *call, TeTensor *out, TeError *err)
{
  if (!call->inplace)
    return te_result_give (call, 0, out, err);
  te_tensor_unref (out);
  return out != NULL;
}

/* src may look at the memory that is written: then it is read first.  Owned. */
static TeTensor *
apart (TeTensor *src, const TeTensor *out, TeError *err)
{
  if (src->storage != out->storage)
    return te_tensor_ref (src);
  TeTensor *copy = te_tensor_new (src->ndim, src->sizes, te_tensor_dtype (src), err);
  if (copy && !te_raw_copy (copy, src, err))
    te_tensor_clear (&copy);
  return copy;
}

static bool
check_scatter_overlap (const TeOpCall *call, const TeTensor *index, const TeTensor *src, TeError *err)
{
  TeTensor *self = call->args[0].tensor;
  return !call->inplace
         || (te_check_no_internal_overlap (self, err) && te_check_no_overlap (self, index, err)
             && (!src || te_check_no_overlap (self, src, err)));
}

static bool
scatter_into (TeOpCall *call, TeTensor *src, TeScalar value, TeCombine op, TeError *err)
{
  TeTensor *self = te_arg (call, 0), *index = te_arg (call, 2);
  int dim;
  if (!te_dim_wrap (call->args[1].i, self->ndim, &dim, err)
      || !check_index ("scatter", self, index, src, dim, err)
      || !check_scatter_overlap (call, index, src, err))
    return false;
  TeTensor *out = written (call, err), *from = NULL;
  bool ok = out != NULL;
  if (ok && index->numel && out->numel && !te_tensor_is_meta (out))
    {
      from = src ? apart (src, out, err) : NULL;
      ok = !src || from;
      if (ok)
        scatter (out, index, from, value, op, dim);
      te_tensor_unref (from);
    }
  if (!ok)
    te_tensor_clear (&out);
  return give_written (call, out, err);
}

static bool
scatter_src_kernel (TeOpCall *call, TeError *err)
{
  return scatter_into (call, te_arg (call, 3), te_scalar_int (0), TE_COMBINE_ASSIGN, err);
}

static bool
scatter_value_kernel (TeOpCall *call, TeError *err)
{
  return scatter_into (call, NULL, call->args[3].scalar, TE_COMBINE_ASSIGN, err);
}

static bool
named_reduce (const char *name, TeCombine *op, TeError *err)
{
  *op = strcmp (name, "add") ? TE_COMBINE_MULTIPLY : TE_COMBINE_ADD;
  return !strcmp (name, "add") || !strcmp (name, "multiply")
         || te_error_set (err, TE_ERR_RUNTIME, "reduce argument must be either add or multiply.");
}

static bool
check_call (TeOpCall *call, TeTensor *src, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  int dim;
  return te_dim_wrap (call->args[1].i, self->ndim, &dim, err)
         && check_index ("scatter", self, te_arg (call, 2), src, dim, err);
}

static bool
scatter_reduce_src_kernel (TeOpCall *call, TeError *err)
{
  TeCombine op = TE_COMBINE_ADD;
  return check_call (call, te_arg (call, 3), err) && named_reduce (call->args[4].string, &op, err)
         && scatter_into (call, te_arg (call, 3), te_scalar_int (0), op, err);
}

static bool
scatter_reduce_value_kernel (TeOpCall *call, TeError *err)
{
  TeCombine op = TE_COMBINE_ADD;
  return named_reduce (call->args[4].string, &op, err)
         && scatter_into (call, NULL, call->args[3].scalar, op, err);
}

static bool
scatter_add_kernel (TeOpCall *call, TeError *err)
{
  return scatter_into (call, te_arg (call, 3), te_scalar_int (0), TE_COMBINE_ADD, err);
}

static bool
scatter_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  if (ctx->needs[0])
    te_expr_put (
        &e,
        EX (&e, "scatter.value", "TiTS", ctx->grads[0], ctx->args[1].i, ctx->inputs[1], te_scalar_int (0)),
        &ctx->results[0]);
  if (ctx->n_inputs > 2 && ctx->needs[2])
    te_expr_put (&e, EX (&e, "gather", "TiT", ctx->grads[0], ctx->args[1].i, ctx->inputs[1]),
                 &ctx->results[2]);
  return te_expr_close (&e);
}

static bool
scatter_add_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  if (ctx->needs[0])
    te_expr_put (&e, ctx->grads[0], &ctx->results[0]);
  if (ctx->needs[2])
    te_expr_put (&e, EX (&e, "gather", "TiT", ctx->grads[0], ctx->args[1].i, ctx->inputs[1]),
                 &ctx->results[2]);
  return te_expr_close (&e);
}

/* ---- scatter_reduce ---- */
static bool
reduce_op (const char *name, TeCombine *op, bool *mean, TeError *err)
{
  static const struct
  {
    const char *name;
    TeCombine op;
  } known[] = { { "sum", TE_COMBINE_ADD },
                { "mean", TE_COMBINE_ADD },
                { "prod", TE_COMBINE_MULTIPLY },
                { "amax", TE_COMBINE_MAX },
                { "amin", TE_COMBINE_MIN } };
  *mean = !strcmp (name, "mean");
  for (int i = 0; i < TE_ROWS (known); i++)
    if (!strcmp (known[i].name, name))
      {
        *op = known[i].op;
        return true;
      }
  return te_error_set (err, TE_ERR_RUNTIME, "reduce argument must be either sum, prod, mean, amax or amin.");
}

static TeScalar
neutral (TeCombine op, TeDtype dtype)
{
  bool floating = te_dtype_is_floating (dtype);
  switch (op)
    {
    case TE_COMBINE_MULTIPLY:
      return te_scalar_int (1);
    case TE_COMBINE_MAX:
      return floating ? te_scalar_float (-__builtin_inf ())
                      : te_scalar_int (dtype == TE_INT64   ? INT64_MIN
                                       : dtype == TE_INT32 ? INT32_MIN
                                       : dtype == TE_INT16 ? INT16_MIN
                                       : dtype == TE_INT8  ? INT8_MIN
                                                           : 0);
    case TE_COMBINE_MIN:
      return floating ? te_scalar_float (__builtin_inf ())
                      : te_scalar_int (dtype == TE_INT64   ? INT64_MAX
                                       : dtype == TE_INT32 ? INT32_MAX
                                       : dtype == TE_INT16 ? INT16_MAX
                                       : dtype == TE_INT8  ? INT8_MAX
                                       : dtype == TE_BOOL  ? 1
                                                           : UINT8_MAX);
    case TE_COMBINE_ASSIGN:
    case TE_COMBINE_ADD:
      break;
    }
  return te_scalar_int (0);
}

/* out /= how many values each element took (itself among them with include_self). */
static bool
divide_by_count (TeTensor *out, TeTensor *index, bool include_self, int dim, TeError *err)
{
  TeTensor *counts = te_tensor_new (out->ndim, out->sizes, TE_FLOAT64, err);
  if (!counts || !te_fill (counts, te_scalar_int (include_self), err))
    {
      te_tensor_unref (counts);
      return false;
    }
  scatter (counts, index, NULL, te_scalar_int (1), TE_COMBINE_ADD, dim);
  const double *n = te_tensor_data (counts);
  int64_t at[TE_MAX_NDIM] = { 0 }, i = 0;
  TeDtype dtype = te_tensor_dtype (out);
  do
    {
      char *element = (char *) te_tensor_data (out)
                      + te_index_offset (out->ndim, at, out->strides) * (int64_t) te_dtype_nbytes (dtype);
      TeScalar value = te_scalar_load (dtype, element);
      double by = n[i] < 1 ? 1 : n[i];
      i++;
      if (value.category == TE_CATEGORY_FLOAT)
        value.f = dtype == TE_FLOAT64 ? value.f / by : (double) ((float) value.f / (float) by);
      else if (value.category == TE_CATEGORY_COMPLEX)
        value = te_scalar_complex (value.f / by, value.imag / by);
      else
        { /* rounds down, as PyTorch's div_ with floor */
          int64_t q = value.i / (int64_t) by;
          value.i = value.i % (int64_t) by < 0 ? q - 1 : q;
        }
      te_scalar_store (value, dtype, element);
    }
  while (te_index_next (out->ndim, out->sizes, at));
  te_tensor_unref (counts);
  return true;
}

static bool
warn_beta (TeError *err)
{
  static bool warned;
  return !te_warn_due (&warned)
         || te_warn (err, TE_WARN_USER, "scatter_reduce() is in beta and the API may change at any time.");
}

/* Reduces src into the elements that index picks along dim. */
static bool
reduce_elements (
    TeOpCall *call, TeTensor *index, TeTensor *src, int dim, TeCombine op, bool mean, TeError *err)
{
  bool include_self = call->args[5].b;
  TeTensor *out = written (call, err), *from = NULL;
  bool ok = out != NULL;
  if (ok && index->numel && out->numel && !te_tensor_is_meta (out))
    {
      from = apart (src, out, err);
      ok = from != NULL;
      if (ok && !include_self) /* what will be written starts from the neutral element */
        scatter (out, index, NULL, neutral (op, te_tensor_dtype (out)), TE_COMBINE_ASSIGN, dim);
      if (ok)
        scatter (out, index, from, te_scalar_int (0), op, dim);
      ok = ok && (!mean || divide_by_count (out, index, include_self, dim, err));
      te_tensor_unref (from);
    }
  if (!ok)
    te_tensor_clear (&out);
  return give_written (call, out, err);
}

static bool
scatter_reduce_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0), *index = te_arg (call, 2), *src = te_arg (call, 3);
  bool mean;
  TeCombine op = TE_COMBINE_ADD;
  int dim;
  if (!te_dim_wrap (call->args[1].i, self->ndim, &dim, err)
      || !reduce_op (call->args[4].string, &op, &mean, err)
      || !check_index ("scatter", self, index, src, dim, err)
      || !check_scatter_overlap (call, index, src, err) || !warn_beta (err))
    return false;
  if (te_dtype_is_complex (te_tensor_dtype (self)) && (op == TE_COMBINE_MAX || op == TE_COMBINE_MIN))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "\"scatter_gather_tensor_cpu_reduce_%s\" not implemented for '%s'",
                         call->args[4].string, te_dtype_error_name (te_tensor_dtype (self)));
  return reduce_elements (call, index, src, dim, op, mean, err);
}

/* The index of a slice in each of its elements. */
static TeTensor *
index_of_elements (TeExpr *e, TeTensor *index, TeTensor *source, int dim)
{
  int64_t sizes[TE_MAX_NDIM];
  for (int i = 0; i < source->ndim; i++)
    sizes[i] = i == dim ? -1 : 1;
  TeTensor *column = EX (e, "view", "TI", index, sizes, (int) source->ndim);
  return EX (e, "to.dtype", "Td", EX (e, "expand_as", "TT", column, source), (int) TE_INT64);
}

static bool
index_reduce_kernel (TeOpCall *call, TeError *err)
{
  static bool warned;
  TeTensor *self = te_arg (call, 0), *index = te_arg (call, 2), *source = te_arg (call, 3);
  TeDtype dtype = te_tensor_dtype (self);
  const char *name = call->args[4].string;
  TeCombine op = TE_COMBINE_ADD;
  TeExpr e = TE_EXPR (err);
  bool mean;
  int dim;
  if (te_warn_due (&warned)
      && !te_warn (err, TE_WARN_USER, "index_reduce() is in beta and the API may change at any time."))
    return false;
  if (!strcmp (name, "sum") || !reduce_op (name, &op, &mean, err))
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got %s.", name);
  bool imaginary = te_dtype_is_complex (dtype);
  if (self->ndim <= 1 && (dtype == TE_BOOL || imaginary))
    return te_not_implemented_for ("index_func_", dtype, err);
  if (mean && (dtype == TE_BOOL || imaginary))
    return te_not_implemented_for ("index_reduce_func_exclude_input_init", dtype, err);
  if (imaginary && op != TE_COMBINE_MULTIPLY)
    return te_not_implemented_for (op == TE_COMBINE_MAX ? "maximum_cpu" : "minimum_cpu", dtype, err);
  if (!te_dim_wrap (call->args[1].i, self->ndim, &dim, err))
    return false;
  if (te_tensor_dtype (source) != dtype)
    return te_error_set (
        err, TE_ERR_RUNTIME, "index_reduce_(): self (%s) and source (%s) must have the same scalar type",
        te_dtype_error_name (dtype), te_dtype_error_name (te_tensor_dtype (source)));
  if (source->ndim > dim && index->numel != source->sizes[dim])
    return te_error_set (err, TE_ERR_RUNTIME,
                         "index_reduce_(): Number of indices (%lld) should be equal to source.size(dim): "
                         "(%lld), for dim: %d",
                         (long long) index->numel, (long long) source->sizes[dim], dim);
  TeTensor *elements = index_of_elements (&e, index, source, dim);
  if (e.failed || !check_index ("scatter", self, elements, source, dim, err)
      || !reduce_elements (call, elements, source, dim, op, mean, err))
    e.failed = true;
  return te_expr_close (&e);
}

/* The rules of PyTorch's scatter_reduce_backward: equal parts to all maxima; products divided by the factor,
 * apart from single zeros. */
typedef struct
{
  TeExpr e;
  TeTensor *self, *index, *src, *result, *grad;
  TeTensor *slices; /* the index of whole slices; NULL: index was given by elements */
  int64_t dim;
  bool include_self;
} Reduced;

/* The product of src and self, as the op makes it. */
static TeTensor *
products (Reduced *r, TeTensor *self, TeTensor *src)
{
  TeExpr *e = &r->e;
  if (r->slices)
    return EX (e, "index_reduce", "TiTTsb", self, r->dim, r->slices, src, "prod", (int) r->include_self);
  return EX (e, "scatter_reduce.two", "TiTTsb", self, r->dim, r->index, src, "prod", (int) r->include_self);
}

static TeTensor *
picked (Reduced *r, TeTensor *x)
{
  TeExpr *e = &r->e;
  return r->slices ? EX (e, "index_select", "TiT", x, r->dim, r->slices)
                   : EX (e, "gather", "TiT", x, r->dim, r->index);
}

static TeTensor *
added (Reduced *r, TeTensor *to, TeTensor *what)
{
  TeExpr *e = &r->e;
  return r->slices ? EX (e, "index_add", "TiTT", to, r->dim, r->slices, what)
                   : EX (e, "scatter_add", "TiTT", to, r->dim, r->index, what);
}

static void
mean_gradients (Reduced *r, TeTensor **to_self, TeTensor **to_src)
{
  TeExpr *e = &r->e;
  TeTensor *start = r->include_self ? EX (e, "ones_like", "T", r->grad) : ex_zeros_like (e, r->grad);
  TeTensor *n = added (r, start, EX (e, "ones_like", "T", r->src));
  n = EX (e, "masked_fill.Scalar", "TTS", n, EX (e, "eq.Scalar", "TS", n, te_scalar_int (0)),
          te_scalar_int (1));
  *to_self = ex_div (e, r->grad, n);
  *to_src = r->slices ? ex_div (e, picked (r, r->grad), picked (r, n)) : picked (r, *to_self);
}

static void
extreme_gradients (Reduced *r, TeTensor **to_self, TeTensor **to_src)
{
  TeExpr *e = &r->e;
  TeTensor *value = picked (r, r->result);
  TeTensor *self_is = EX (e, "type_as", "TT", EX (e, "eq.Tensor", "TT", r->self, r->result), r->grad);
  TeTensor *src_is = EX (e, "type_as", "TT", EX (e, "eq.Tensor", "TT", r->src, value), r->grad);
  TeTensor *n = added (r, self_is, src_is);
  TeTensor *part = ex_div (e, r->grad, n);
  *to_self = ex_mul (e, self_is, part);
  *to_src = ex_mul (e, src_is, picked (r, part));
}

static void
product_gradients (Reduced *r, TeTensor **to_self, TeTensor **to_src)
{
  TeExpr *e = &r->e;
  const TeScalar zero = te_scalar_int (0), one = te_scalar_int (1);
  TeTensor *self_zero = EX (e, "eq.Scalar", "TS", r->self, zero),
           *src_zero = EX (e, "eq.Scalar", "TS", r->src, zero);
  TeTensor *masked = EX (e, "masked_fill.Scalar", "TTS", r->self, self_zero, one);
  TeTensor *others = products (r, masked, r->src);
  *to_self = ex_div (e, ex_mul (e, r->grad, others), masked);
  TeTensor *zeros = added (r, ex_zeros_like (e, r->self), EX (e, "type_as", "TT", src_zero, r->self));
  TeTensor *single = EX (e, "logical_and", "TT", src_zero,
                         EX (e, "eq.Scalar", "TS", picked (r, zeros), one));
  TeTensor *without = products (r, r->self, EX (e, "masked_fill.Scalar", "TTS", r->src, single, one));
  TeTensor *at_zero = picked (r, ex_mul (e, r->grad, without));
  TeTensor *else_where = ex_div (e, picked (r, ex_mul (e, r->grad, r->result)),
                                 EX (e, "masked_fill.Scalar", "TTS", r->src, src_zero, one));
  *to_src = ex_where (e, single, at_zero, else_where);
}

static bool
reduced_backward (TeBackward *ctx, bool of_slices, TeError *err)
{
  Reduced r = { .e = TE_EXPR (err),
                .self = ctx->inputs[0],
                .index = ctx->inputs[1],
                .src = ctx->inputs[2],
                .result = ctx->outs[0],
                .grad = ctx->grads[0],
                .dim = ctx->args[1].i,
                .include_self = ctx->args[5].b };
  const char *name = ctx->args[4].string;
  TeTensor *to_self = r.grad, *to_src = NULL;
  r.slices = of_slices ? r.index : NULL;
  if (of_slices)
    r.index = index_of_elements (&r.e, r.index, r.src, (int) (r.dim + (r.dim < 0 ? r.self->ndim : 0)));
  if (!strcmp (name, "sum"))
    to_src = EX (&r.e, "gather", "TiT", r.grad, r.dim, r.index);
  else if (!strcmp (name, "mean"))
    mean_gradients (&r, &to_self, &to_src);
  else if (!strcmp (name, "prod"))
    product_gradients (&r, &to_self, &to_src);
  else
    extreme_gradients (&r, &to_self, &to_src);
  if (!r.include_self && !r.e.failed)
    to_self = of_slices ? EX (&r.e, "index_fill.int_Scalar", "TiTS", to_self, r.dim, r.slices, te_scalar_int (0))
                        : EX (&r.e, "scatter.value", "TiTS", to_self, r.dim, r.index, te_scalar_int (0));
  if (ctx->needs[0])
    te_expr_put (&r.e, to_self, &ctx->results[0]);
  if (ctx->needs[2])
    te_expr_put (&r.e, to_src, &ctx->results[2]);
  return te_expr_close (&r.e);
}

static bool
scatter_reduce_backward (TeBackward *ctx, TeError *err)
{
  return reduced_backward (ctx, false, err);
}

static bool
index_reduce_backward (TeBackward *ctx, TeError *err)
{
  return reduced_backward (ctx, true, err);
}

#define WRITES (BOTH | TE_OP_OUT | TE_OP_INPLACE)

static const TeOpDef rows[] = {
  { "gather(Tensor self, int dim, Tensor index, *, bool sparse_grad=False) -> Tensor", BOTH | TE_OP_OUT,
    gather_kernel, gather_backward, "GatherBackward", TE_SAVE_ARG (2), .grad_version = 1,
    .doc = "out[i, j, k] = self[index[i, j, k], j, k] for dim 0, likewise for others." },
  { "take_along_dim(Tensor self, Tensor indices, int? dim=None) -> Tensor",
    BOTH | TE_OP_OUT | TE_OP_COMPOSITE, take_along_dim_kernel,
    .doc = "gather that broadcasts; what argsort gives, it applies." },
  { "scatter.src(Tensor self, int dim, Tensor index, Tensor src) -> Tensor", WRITES, scatter_src_kernel,
    scatter_backward, "ScatterBackward", TE_SAVE_ARG (2),
    .doc = "self[index[i, j, k], j, k] = src[i, j, k] for dim 0, likewise for others." },
  { "scatter.value(Tensor self, int dim, Tensor index, Scalar value) -> Tensor", WRITES, scatter_value_kernel,
    scatter_backward, "ScatterBackward1", TE_SAVE_ARG (2),
    .doc = "Writes one number at all picked elements." },
  { "scatter.reduce(Tensor self, int dim, Tensor index, Tensor src, *, str reduce) -> Tensor", WRITES,
    scatter_reduce_src_kernel, .node = "NotImplemented",
    .doc = "Adds or multiplies src into the picked elements." },
  { "scatter.value_reduce(Tensor self, int dim, Tensor index, Scalar value, *, str reduce) -> Tensor", WRITES,
    scatter_reduce_value_kernel, .node = "NotImplemented",
    .doc = "Adds or multiplies one number into the picked elements." },
  { "scatter_add(Tensor self, int dim, Tensor index, Tensor src) -> Tensor", WRITES, scatter_add_kernel,
    scatter_add_backward, "ScatterAddBackward", TE_SAVE_ARG (2),
    .doc = "self[index[i, j, k], j, k] += src[i, j, k] for dim 0, likewise." },
  { "scatter_reduce.two(Tensor self, int dim, Tensor index, Tensor src, str reduce, *, bool "
    "include_self=True) -> Tensor",
    WRITES, scatter_reduce_kernel, scatter_reduce_backward, "ScatterReduceBackward",
    TE_SAVE_ARG (0) | TE_SAVE_ARG (2) | TE_SAVE_ARG (3) | TE_SAVE_OUT (0),
    .doc = "sum, prod, mean, amax or amin of src over equal indices (and self with include_self)." },
  { "index_reduce(Tensor self, int dim, Tensor index, Tensor source, str reduce, *, bool include_self=True) "
    "-> Tensor",
    WRITES, index_reduce_kernel, index_reduce_backward, "IndexReduceBackward",
    TE_SAVE_ARG (0) | TE_SAVE_ARG (2) | TE_SAVE_ARG (3) | TE_SAVE_OUT (0),
    .doc = "prod, mean, amax or amin of the slices of source over equal indices (and self's)." },
};

TE_OP_FAMILY (te_family_scatter, rows);
