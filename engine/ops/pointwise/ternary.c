/* Choosing and mixing: where, masked_fill, clamp, maximum and minimum, lerp, addcmul, addcdiv. */
#include "ops/pointwise/pointwise-private.h"

#include <math.h>
#include <string.h>

#include "base/err.h"
#include "core/scalar-range.h"
#include "ops/shape/shape-util.h"

/* ---- where and masked_fill look at bits only: one loop per element size ---- */
#define WHERE_LOOP(T)                                                                                        \
  static void where_##T (char *const *data, const int64_t *strides, int64_t n, const void *ctx)              \
  {                                                                                                          \
    if (strides[0] == sizeof (T) && strides[1] == 1 && (strides[2] == sizeof (T) || !strides[2])             \
        && (strides[3] == sizeof (T) || !strides[3]))                                                        \
      {                                                                                                      \
        T *o = (T *) data[0];                                                                                \
        const uint8_t *c = (const uint8_t *) data[1];                                                        \
        const T *a = (const T *) data[2], *b = (const T *) data[3];                                          \
        const T a0 = *a, b0 = *b;                                                                            \
        if (strides[2] && strides[3])                                                                        \
          TE_IVDEP for (int64_t i = 0; i < n; i++)                                                           \
          {                                                                                                  \
            const T x = a[i], y = b[i];                                                                      \
            o[i] = c[i] ? x : y;                                                                             \
          }                                                                                                  \
        else if (strides[2])                                                                                 \
          TE_IVDEP for (int64_t i = 0; i < n; i++)                                                           \
          {                                                                                                  \
            const T x = a[i];                                                                                \
            o[i] = c[i] ? x : b0;                                                                            \
          }                                                                                                  \
        else if (strides[3])                                                                                 \
          TE_IVDEP for (int64_t i = 0; i < n; i++)                                                           \
          {                                                                                                  \
            const T y = b[i];                                                                                \
            o[i] = c[i] ? a0 : y;                                                                            \
          }                                                                                                  \
        else                                                                                                 \
          TE_IVDEP for (int64_t i = 0; i < n; i++) o[i] = c[i] ? a0 : b0;                                    \
        return;                                                                                              \
      }                                                                                                      \
    for (int64_t i = 0; i < n; i++)                                                                          \
      *(T *) (data[0] + i * strides[0]) = *(const uint8_t *) (data[1] + i * strides[1])                      \
                                              ? *(const T *) (data[2] + i * strides[2])                      \
                                              : *(const T *) (data[3] + i * strides[3]);                     \
  }
WHERE_LOOP (uint8_t)
WHERE_LOOP (uint16_t)
WHERE_LOOP (uint32_t)
WHERE_LOOP (uint64_t)
WHERE_LOOP (TeComplex128)

static TeLoop
where_loop (size_t nbytes)
{
  return nbytes == 1   ? where_uint8_t
         : nbytes == 2 ? where_uint16_t
         : nbytes == 4 ? where_uint32_t
         : nbytes == 8 ? where_uint64_t
                       : where_TeComplex128;
}

static bool
run_where (TeOpCall *call, TeTensor *condition, TeTensor *a, TeTensor *b, TeError *err)
{
  if (condition->dtype != TE_BOOL && condition->dtype != TE_UINT8)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "where expected condition to be a boolean tensor, but got a tensor with dtype %s",
                         te_dtype_error_name (te_tensor_dtype (condition)));
  if (condition->dtype == TE_UINT8
      && !te_warn (err, TE_WARN_USER,
                   "where received a uint8 condition tensor. This behavior is deprecated and will be removed "
                   "in a future "
                   "version of PyTorch. Use a boolean condition instead."))
    return false;
  TeIter iter;
  TeTensor *ins[3] = { condition, a, b };
  TeIterConfig config = { .flags = TE_ITER_PROMOTE | TE_ITER_KEEP_HALF,
                          .out_dtype = TE_DTYPE_NONE,
                          .fixed = 1 };
  return te_iter_build (&iter, &config, call->outs, 1, ins, 3, err)
         && te_iter_run (&iter, where_loop (te_dtype_nbytes (iter.compute)), NULL, err);
}

static bool
kernel_where (TeOpCall *call, TeError *err)
{
  TeIterNumber numbers[2];
  TeTensor *a = te_operand (&call->args[1], &numbers[0]), *b = te_operand (&call->args[2], &numbers[1]);
  return run_where (call, call->args[0].tensor, a, b, err);
}

/* A number as the one or the other choice: where.self takes it in a tensor's place, and its node keeps an
 * edge to nowhere for it. */
static bool
kernel_where_number (TeOpCall *call, TeError *err)
{
  TE_OP (op, "where.self");
  const TeValue *v = call->args;
  TeTensor *condition = v[0].tensor;
  return (call->outs[0] = v[1].kind == TE_VALUE_TENSOR
                              ? te_call (op, err, "TTS", condition, v[1].tensor, te_value_scalar (&v[2]))
                              : te_call (op, err, "TST", condition, te_value_scalar (&v[1]), v[2].tensor))
         != NULL;
}

/* x.where (condition, other): the method's self is not the schema's first argument. */
static bool
kernel_where_method (TeOpCall *call, TeError *err)
{
  TE_OP (tensors, "where.self");
  TE_OP (number, "where.ScalarOther");
  const TeValue *other = &call->args[2];
  call->outs[0] =
      other->kind == TE_VALUE_TENSOR
          ? te_call (tensors, err, "TTT", call->args[1].tensor, call->args[0].tensor, other->tensor)
          : te_call (number, err, "TTS", call->args[1].tensor, call->args[0].tensor, te_value_scalar (other));
  return call->outs[0] != NULL;
}

static bool
kernel_masked_fill (TeOpCall *call, TeError *err)
{
  TeTensor *self = call->args[0].tensor, *mask = call->args[1].tensor, *converted = NULL;
  const TeValue *value = &call->args[2];
  TeIterNumber place;
  uint64_t bits[TE_DTYPE_MAX_NBYTES / 8] = { 0 };
  if (value->kind == TE_VALUE_TENSOR && value->tensor->ndim)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "masked_fill_ only supports a 0-dimensional value tensor, but got tensor with %d dimension(s).",
        value->tensor->ndim);
  if (mask->dtype == TE_UINT8
      && !te_warn (err, TE_WARN_USER,
                   "masked_fill_ received a mask with dtype torch.uint8, this behavior is now "
                   "deprecated,please use a mask "
                   "with dtype torch.bool instead."))
    return false;
  if (mask->dtype != TE_BOOL && mask->dtype != TE_UINT8 && call->inplace)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "masked_fill_ only supports boolean masks, but got mask with dtype %s",
                         te_dtype_name (te_tensor_dtype (mask)));
  if (mask->dtype != TE_BOOL && !(mask = converted = te_contiguous_copy (mask, TE_BOOL, err)))
    return false;
  /* the value, already in self's dtype, as a 0-dim operand */
  TeTensor *given = te_operand (value, &place);
  if (!te_tensor_is_meta (given) && !te_tensor_is_meta (self))
    {
      TeScalar scalar = te_tensor_first (given);
      if (!te_scalar_check (&scalar, te_tensor_dtype (self), err))
        {
          te_tensor_unref (converted);
          return false;
        }
      te_scalar_store (scalar, te_tensor_dtype (self), bits);
    }
  TeTensor *number = te_iter_number (&place, te_scalar_int (0));
  memcpy (place.value, bits, sizeof bits);
  place.tensor.dtype = self->dtype;
  int64_t sizes[TE_MAX_NDIM];
  int ndim;
  if (!call->outs[0])
    { /* the result is contiguous, whatever self is */
      if (!te_shape_broadcast (mask->ndim, mask->sizes, self->ndim, self->sizes, &ndim, sizes, err)
          || !te_output (&call->outs[0], self, ndim, sizes, NULL, te_tensor_dtype (self), err))
        {
          te_tensor_unref (converted);
          return false;
        }
    }
  TeIter iter;
  TeTensor *ins[3] = { mask, number, self };
  TeIterConfig config = { .flags = TE_ITER_KEEP_HALF, .out_dtype = te_tensor_dtype (self), .fixed = 1 };
  TeError overlap = { 0 };
  bool ok = true;
  if (call->inplace && !te_check_no_internal_overlap (self, &overlap))
    {
      config.flags |= TE_ITER_NO_OVERLAP_CHECK;
      ok = te_warn (err, TE_WARN_USER,
                    "Use of masked_fill_ on expanded tensors is deprecated. Please clone() the tensor before "
                    "performing this operation. This also applies to advanced indexing e.g. tensor[mask] = scalar");
    }
  /* in place self is named first where the sizes do not fit */
  ok = ok
       && (!call->inplace
           || te_shape_broadcast (self->ndim, self->sizes, mask->ndim, mask->sizes, &ndim, sizes, err))
       && te_iter_build (&iter, &config, call->outs, 1, ins, 3, err)
       && te_iter_run (&iter, where_loop (te_dtype_nbytes (te_tensor_dtype (self))), NULL, err);
  te_tensor_unref (converted);
  return ok;
}

static bool
backward_where (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *condition = ctx->inputs[0], *grad = ctx->grads[0];
  if (ctx->needs[1])
    te_expr_put (&e, ex_reduce (&e, ex_mask (&e, grad, condition), &ctx->metas[1]), &ctx->results[1]);
  if (ctx->needs[2])
    te_expr_put (
        &e, ex_reduce (&e, EX (&e, "where.self", "TST", condition, te_scalar_int (0), grad), &ctx->metas[2]),
        &ctx->results[2]);
  return te_expr_close (&e);
}

static bool
backward_masked_fill (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *mask = ctx->inputs[1], *grad = ctx->grads[0];
  if (ctx->needs[0])
    te_expr_put (
        &e,
        ex_reduce (&e, EX (&e, "masked_fill.Scalar", "TTS", grad, mask, te_scalar_int (0)), &ctx->metas[0]),
        &ctx->results[0]);
  if (ctx->n_inputs > 2 && ctx->needs[2])
    te_expr_put (&e, ex_reduce (&e, ex_mask (&e, grad, mask), &ctx->metas[2]), &ctx->results[2]);
  return te_expr_close (&e);
}

/* ---- maximum and minimum: NaN wins; fmax and fmin: NaN loses ---- */
#define EXTREMES(OP, INT, FLOAT)                                                                             \
  TE_LOOPS_INT (TE_BINARY_LOOP, OP, T, INT)                                                                  \
  TE_LOOPS_BOOL (TE_BINARY_LOOP, OP, T, INT)                                                                 \
  TE_LOOPS_FLOAT (TE_BINARY_LOOP, OP, T, FLOAT)                                                              \
  static bool kernel_##OP (TeOpCall *call, TeError *err)                                                     \
  {                                                                                                          \
    static const TeLoops loops = { #OP "_cpu",                                                               \
                                   { TE_TABLE_INT (OP), TE_TABLE_FLOAT (OP), TE_TABLE_BOOL (OP) } };         \
    return te_run_binary (call, &loops, 0, NULL, err);                                                       \
  }
EXTREMES (maximum, x > y ? x : y, x != x ? x : x < y || y != y ? y : x)
EXTREMES (minimum, x<y ? x : y, x != x ? x : x> y || y != y ? y : x)
EXTREMES (fmax, x > y ? x : y, y != y ? x : x > y ? x : y)
EXTREMES (fmin, x < y ? x : y, y != y ? x : x < y ? x : y)

/* Equal elements share the gradient. */
static bool
backward_extreme (TeBackward *ctx, TeError *err)
{
  TE_OP (fill, "masked_fill.Scalar");
  TeExpr e = TE_EXPR (err);
  TeTensor *a = ctx->inputs[0], *b = ctx->inputs[1], *grad = ctx->grads[0];
  bool largest = ctx->op->name[1] == 'a';
  for (int i = 0; i < 2; i++)
    if (ctx->needs[i])
      {
        bool lost_when_less = (i == 0) == largest;
        TeTensor *half = EX (&e, "div.Scalar", "TS", grad, te_scalar_int (2));
        TeTensor *part = ex_where (&e, EX (&e, "eq.Tensor", "TT", a, b), half, grad);
        TeTensor *lost = lost_when_less ? EX (&e, "lt.Tensor", "TT", a, b) : EX (&e, "gt.Tensor", "TT", a, b);
        if (e.failed || !te_call_inplace (fill, err, "TTS", part, lost, te_scalar_int (0)))
          e.failed = true;
        te_expr_put (&e, ex_reduce (&e, part, &ctx->metas[i]), &ctx->results[i]);
      }
  return te_expr_close (&e);
}

static bool
backward_fextreme (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *a = ctx->inputs[0], *b = ctx->inputs[1], *grad = ctx->grads[0];
  bool largest = ctx->op->name[2] == 'a';
  TeTensor *first = largest ? EX (&e, "ge.Tensor", "TT", a, b) : EX (&e, "le.Tensor", "TT", a, b);
  first = EX (&e, "logical_or", "TT", first, EX (&e, "isnan", "T", b));
  if (ctx->needs[0])
    te_expr_put (&e,
                 ex_reduce (&e,
                            EX (&e, "masked_fill.Scalar", "TTS", grad, EX (&e, "logical_not", "T", first),
                                te_scalar_int (0)),
                            &ctx->metas[0]),
                 &ctx->results[0]);
  if (ctx->needs[1])
    te_expr_put (
        &e,
        ex_reduce (&e, EX (&e, "masked_fill.Scalar", "TTS", grad, first, te_scalar_int (0)), &ctx->metas[1]),
        &ctx->results[1]);
  return te_expr_close (&e);
}

/* ---- clamp ---- */
#define CLAMP(x, lo, hi) ((x) < (lo) ? ((lo) < (hi) ? (lo) : (hi)) : (x) > (hi) ? (hi) : (x))
TE_LOOPS_INT (TE_UNARY_LOOP, clamp, T, CLAMP ((int64_t) x, p->i[0], p->i[1]))
TE_LOOPS_FLOAT (TE_UNARY_LOOP, clamp, T, CLAMP (x, (T) p->f[0], (T) p->f[1]))
static const TeLoops loops_clamp = { "clamp_scalar_cpu", { TE_TABLE_INT (clamp), TE_TABLE_FLOAT (clamp) } };

/* What clamp_'s complaint calls a dtype. */
static const char *
c_type_name (TeDtype dtype)
{
  static const char *const names[TE_DTYPE_COUNT] = {
    [TE_UINT8] = "unsigned char", [TE_INT8] = "signed char", [TE_INT16] = "short int",
    [TE_INT32] = "int",           [TE_INT64] = "long int",   [TE_BOOL] = "bool"
  };
  return names[dtype] ? names[dtype] : te_dtype_error_name (dtype);
}

/* The limits take part in promotion, then the loop reads them from params. */
static bool
run_clamp (TeOpCall *call, const TeValue *min, const TeValue *max, TeError *err)
{
  TeTensor *self = call->args[0].tensor;
  TeParams params = { .f = { -INFINITY, INFINITY }, .i = { INT64_MIN, INT64_MAX } };
  TeIterNumber numbers[2];
  TeTensor *all[3] = { self, NULL, NULL };
  if (te_dtype_is_complex (te_tensor_dtype (self)))
    return te_error_set (err, TE_ERR_RUNTIME, "clamp is not supported for complex types");
  if (min->kind == TE_VALUE_NONE && max->kind == TE_VALUE_NONE)
    return te_error_set (err, TE_ERR_RUNTIME, "torch.clamp: At least one of 'min' or 'max' must not be None");
  const TeValue *limits[2] = { min, max };
  for (int i = 0; i < 2; i++)
    if (limits[i]->kind != TE_VALUE_NONE)
      {
        TeScalar limit = te_value_scalar (limits[i]);
        params.f[i] = te_scalar_to_double (limit);
        all[i + 1] = te_iter_number (&numbers[i], limit);
      }
  /* one NaN limit compares as nothing; with two limits given, a NaN makes all NaN */
  bool nan = all[1] && all[2] && (isnan (params.f[0]) || isnan (params.f[1]));
  TeDtype dtype = te_result_type (all, 3);
  if (nan)
    {
      TeIterConfig fill = { .flags = TE_ITER_NO_CAST_CHECK, .out_dtype = dtype };
      TeIter iter;
      return te_iter_build (&iter, &fill, call->outs, 1, &self, 1, err)
             && te_fill (call->outs[0], te_scalar_float (NAN), err);
    }
  TeTensor *converted = NULL;
  if (self->dtype != dtype && call->inplace)
    return te_error_set (err, TE_ERR_RUNTIME, "result type %s can't be cast to the desired output type %s",
                         te_dtype_error_name (dtype), c_type_name (te_tensor_dtype (self)));
  for (int i = 0; i < 2; i++)
    if (limits[i]->kind != TE_VALUE_NONE)
      { /* as the dtype holds it: -1 among bytes is 255 */
        TeScalar limit = te_value_scalar (limits[i]);
        uint64_t bits[TE_DTYPE_MAX_NBYTES / 8] = { 0 };
        if (!te_scalar_check (&limit, dtype, err))
          return false;
        te_scalar_store (limit, dtype, bits);
        if (te_dtype_is_integral (dtype, true))
          params.i[i] = te_scalar_to_int (te_scalar_load (dtype, bits));
      }
  if (self->dtype != dtype && !(self = converted = te_contiguous_copy (self, dtype, err)))
    return false;
  TeIterConfig config = { .flags = TE_ITER_PROMOTE, .out_dtype = TE_DTYPE_NONE };
  bool ok = te_run_loops (call, &loops_clamp, &config, &self, 1, &params, err);
  te_tensor_unref (converted);
  return ok;
}

static bool
kernel_clamp (TeOpCall *call, TeError *err)
{
  return run_clamp (call, &call->args[1], &call->args[2], err);
}

static bool
kernel_clamp_min (TeOpCall *call, TeError *err)
{
  static const TeValue none;
  return run_clamp (call, &call->args[1], &none, err);
}

static bool
kernel_clamp_max (TeOpCall *call, TeError *err)
{
  static const TeValue none;
  return run_clamp (call, &none, &call->args[1], err);
}

TE_LOOPS_INT (TE_TERNARY_LOOP, clamp3, T, CLAMP (x, y, z))
TE_LOOPS_FLOAT (TE_TERNARY_LOOP, clamp3, T, x != x ? x : y != y ? y : z != z ? z : CLAMP (x, y, z))

TE_LOOPS_BOOL (TE_BINARY_LOOP, either, T, x | y)
TE_LOOPS_BOOL (TE_BINARY_LOOP, both, T, x &y)

static bool
kernel_clamp_tensor (TeOpCall *call, TeError *err)
{
  static const TeLoops loops = { "clamp_cpu", { TE_TABLE_INT (clamp3), TE_TABLE_FLOAT (clamp3) } };
  static const TeLoops loops_max = {
    "maximum_cpu", { TE_TABLE_INT (maximum), TE_TABLE_FLOAT (maximum), TE_TABLE_BOOL (either) }
  };
  static const TeLoops loops_min = {
    "minimum_cpu", { TE_TABLE_INT (minimum), TE_TABLE_FLOAT (minimum), TE_TABLE_BOOL (both) }
  };
  TeTensor *ins[3] = { call->args[0].tensor };
  int n = 1;
  for (int i = 1; i < call->op->n_args; i++)
    if (call->args[i].kind == TE_VALUE_TENSOR)
      ins[n++] = call->args[i].tensor;
  if (n == 1)
    return te_error_set (err, TE_ERR_RUNTIME, "torch.clamp: At least one of 'min' or 'max' must not be None");
  bool has_min = strcmp (call->op->name, "clamp_max") != 0 && call->args[1].kind == TE_VALUE_TENSOR;
  TeIterConfig config = { .flags = TE_ITER_PROMOTE, .out_dtype = TE_DTYPE_NONE };
  return te_run_loops (call, n == 3 ? &loops : has_min ? &loops_max : &loops_min, &config, ins, n, NULL, err);
}

/* grad where self lies within [min, max], else 0: linear in grad. */
#define WITHIN(x, lo, hi) ((y) >= (lo) && (y) <= (hi) ? (x) : 0)
TE_LOOPS_INT (TE_BINARY_LOOP, mask_range, T, WITHIN (x, p->f[0], p->f[1]))
TE_LOOPS_FLOAT (TE_BINARY_LOOP, mask_range, T, WITHIN (x, (T) p->f[0], (T) p->f[1]))

static bool
kernel_mask_range (TeOpCall *call, TeError *err)
{
  static const TeLoops loops = { "clamp_backward",
                                 { TE_TABLE_INT (mask_range), TE_TABLE_FLOAT (mask_range) } };
  TeParams params = { .f = { te_value_double (&call->args[2], -INFINITY),
                             te_value_double (&call->args[3], INFINITY) } };
  return te_run_binary (call, &loops, 0, &params, err);
}

/* grad where the input lies in [min, max], else 0: in one pass, unless that is to be differentiated again. */
static TeTensor *
mask_range (TeExpr *e, const TeBackward *ctx, TeTensor *grad, double min, double max)
{
  TeTensor *x = ctx->inputs[0];
  if (!ctx->create_graph)
    return EX (e, "_mask_range", "TTSS", grad, x, te_scalar_float (min), te_scalar_float (max));
  TeTensor *above = EX (e, "ge.Scalar", "TS", x, te_scalar_float (min));
  return ex_mask (e, grad,
                  EX (e, "logical_and", "TT", above, EX (e, "le.Scalar", "TS", x, te_scalar_float (max))));
}

static bool
backward_clamp (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  const TeValue none = { 0 }, *min = &ctx->args[1], *max = &none;
  if (ctx->op->n_args > 2)
    max = &ctx->args[2];
  else if (strcmp (ctx->op->name, "clamp_max") == 0)
    {
      max = min;
      min = &none;
    }
  return te_expr_end (
      &e,
      mask_range (&e, ctx, ctx->grads[0], te_value_double (min, -INFINITY), te_value_double (max, INFINITY)),
      &ctx->results[0]);
}

/* self gets the gradient within the limits (ends included); a limit where it was the result. */
static bool
backward_clamp_tensor (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  bool is_max_only = strcmp (ctx->op->name, "clamp_max") == 0,
       is_min_only = strcmp (ctx->op->name, "clamp_min") == 0;
  TeTensor *x = ctx->inputs[0], *grad = ctx->grads[0];
  int min_at = is_max_only ? 0 : 1, max_at = is_min_only ? 0 : is_max_only ? 1 : 2;
  TeTensor *min = min_at ? ctx->inputs[min_at] : NULL, *max = max_at ? ctx->inputs[max_at] : NULL;
  if (ctx->needs[0])
    {
      TeTensor *inside = min ? EX (&e, "ge.Tensor", "TT", x, min) : NULL;
      if (max)
        {
          TeTensor *below = EX (&e, "le.Tensor", "TT", x, max);
          inside = min ? EX (&e, "logical_and", "TT", inside, below) : below;
        }
      te_expr_put (&e, ex_reduce (&e, ex_mask (&e, grad, inside), &ctx->metas[0]), &ctx->results[0]);
    }
  if (min && ctx->needs[min_at])
    {
      TeTensor *below = EX (&e, "lt.Tensor", "TT", x, min);
      if (max)
        below = EX (&e, "logical_and", "TT", below, EX (&e, "lt.Tensor", "TT", min, max));
      te_expr_put (&e, ex_reduce (&e, ex_mask (&e, grad, below), &ctx->metas[min_at]), &ctx->results[min_at]);
    }
  if (max && ctx->needs[max_at])
    {
      TeTensor *above = EX (&e, "gt.Tensor", "TT", x, max);
      if (min)
        above = EX (&e, "logical_or", "TT", above, EX (&e, "lt.Tensor", "TT", max, min));
      te_expr_put (&e, ex_reduce (&e, ex_mask (&e, grad, above), &ctx->metas[max_at]), &ctx->results[max_at]);
    }
  return te_expr_close (&e);
}

/* ---- lerp: start + weight * (end - start), from the nearer end ---- */
#define LERP(FMA, a, b, w)                                                                                       \
  ((w) < (T) 0.5 && (w) > (T) -0.5 ? FMA (w, (b) - (a), a) : FMA (-((b) - (a)), 1 - (w), b))
TE_LOOPS_FLOAT2 (TE_BINARY_LOOP, lerp, T, LERP (fmaf, x, y, (T) p->f[0]), LERP (fma, x, y, (T) p->f[0]))
TE_LOOPS_FLOAT2 (TE_TERNARY_LOOP, lerp3, T, LERP (fmaf, x, y, z), LERP (fma, x, y, z))
#define CLERP(S, x, y, w)                                                                                    \
  (cabs##S (w) < 0.5f ? (x) + te_cmul##S (w, (y) - (x)) : (y) - te_cmul##S ((y) - (x), 1 - (w)))
TE_LOOPS_COMPLEX2 (TE_BINARY_LOOP, lerp, T, T, CLERP (f, x, y, (T) p->z), CLERP (, x, y, p->z))
TE_LOOPS_COMPLEX2 (TE_TERNARY_LOOP, lerp3, T, T, CLERP (f, x, y, z), CLERP (, x, y, z))

static bool
check_lerp (const TeTensor *self, const TeTensor *other, const char *name, TeError *err)
{
  return self->dtype == other->dtype
         || te_error_set (err, TE_ERR_RUNTIME, "expected dtype %s for `%s` but got dtype %s",
                          te_dtype_c_name (te_tensor_dtype (self)), name, te_dtype_c_name (te_tensor_dtype (other)));
}

static bool
kernel_lerp (TeOpCall *call, TeError *err)
{
  static const TeLoops loops = { "lerp_kernel_scalar", { TE_TABLE_FLOAT (lerp), TE_TABLE_COMPLEX (lerp) } };
  if (!check_lerp (call->args[0].tensor, call->args[1].tensor, "end", err))
    return false;
  TeParams params = { .f = { te_value_double (&call->args[2], 0) },
                      .z = te_scalar_to_complex (te_value_scalar (&call->args[2])) };
  return te_run_binary (call, &loops, 0, &params, err);
}

static bool
kernel_lerp_tensor (TeOpCall *call, TeError *err)
{
  static const TeLoops loops = { "lerp_kernel_tensor", { TE_TABLE_FLOAT (lerp3), TE_TABLE_COMPLEX (lerp3) } };
  TeTensor *ins[3] = { call->args[0].tensor, call->args[1].tensor, call->args[2].tensor };
  if (!check_lerp (ins[0], ins[1], "end", err) || !check_lerp (ins[0], ins[2], "weight", err))
    return false;
  TeIterConfig config = { .flags = TE_ITER_PROMOTE, .out_dtype = TE_DTYPE_NONE };
  return te_run_loops (call, &loops, &config, ins, 3, NULL, err);
}

static bool
backward_lerp (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *grad = ctx->grads[0];
  bool scalar = ctx->n_inputs == 2;
  TeScalar weight = scalar ? ctx->args[2].scalar : te_scalar_int (0);
  TeScalar rest = te_scalar_float (1 - te_scalar_to_double (weight));
  if (weight.category == TE_CATEGORY_COMPLEX)
    rest = te_scalar_complex (1 - te_scalar_to_double (weight), -te_scalar_imag (weight));
  if (ctx->needs[0])
    te_expr_put (&e,
                 ex_reduce (&e,
                            scalar ? EX (&e, "mul.Scalar", "TS", grad, rest)
                                   : ex_mul (&e, grad, ex_sub_from (&e, 1, ctx->inputs[2])),
                            &ctx->metas[0]),
                 &ctx->results[0]);
  if (ctx->needs[1])
    te_expr_put (&e,
                 ex_reduce (&e,
                            scalar ? EX (&e, "mul.Scalar", "TS", grad, weight)
                                   : ex_mul (&e, grad, ctx->inputs[2]),
                            &ctx->metas[1]),
                 &ctx->results[1]);
  if (!scalar && ctx->needs[2])
    te_expr_put (
        &e, ex_reduce (&e, ex_mul (&e, grad, ex_sub (&e, ctx->inputs[1], ctx->inputs[0])), &ctx->metas[2]),
        &ctx->results[2]);
  return te_expr_close (&e);
}

/* ---- addcmul, addcdiv ---- */
TE_LOOPS_INT (TE_TERNARY_LOOP, addcmul, T, (U) x + (U) p->i[0] * (U) y * (U) z)
/* One rounding for the last product and the sum, as PyTorch's build has it. */
TE_LOOPS_FLOAT2 (TE_TERNARY_LOOP, addcmul, T, fmaf ((float) p->f[0] * y, z, x), fma (p->f[0] * y, z, x))
TE_LOOPS_FLOAT (TE_TERNARY_LOOP, addcdiv, T, x + (T) p->f[0] * y / z)
TE_LOOPS_COMPLEX2 (TE_TERNARY_LOOP,
                   addcmul,
                   T,
                   T,
                   x + te_cmulf (te_cmulf ((T) p->z, y), z),
                   x + te_cmul (te_cmul (p->z, y), z))
TE_LOOPS_COMPLEX2 (TE_TERNARY_LOOP,
                   addcdiv,
                   T,
                   T,
                   x + te_cdivf (te_cmulf ((T) p->z, y), z),
                   x + te_cdiv (te_cmul (p->z, y), z))

static bool
run_addc (TeOpCall *call, const TeLoops *loops, TeError *err)
{
  TeTensor *ins[3] = { call->args[0].tensor, call->args[1].tensor, call->args[2].tensor };
  TeScalar value = te_value_scalar (&call->args[3]);
  TeParams params = { .f = { te_scalar_to_double (value) },
                      .i = { te_scalar_to_int (value) },
                      .z = te_scalar_to_complex (value) };
  TeIterConfig config = { .flags = TE_ITER_PROMOTE, .out_dtype = TE_DTYPE_NONE };
  return te_run_loops (call, loops, &config, ins, 3, &params, err);
}

static bool
kernel_addcmul (TeOpCall *call, TeError *err)
{
  static const TeLoops loops = { "addcmul_cpu_out", { TE_TABLE_INT (addcmul), TE_TABLE_FLOAT (addcmul), TE_TABLE_COMPLEX (addcmul) } };
  return run_addc (call, &loops, err);
}

static bool
kernel_addcdiv (TeOpCall *call, TeError *err)
{
  static const TeLoops loops = { "addcdiv_cpu_out", { TE_TABLE_FLOAT (addcdiv), TE_TABLE_COMPLEX (addcdiv) } };
  if (te_dtype_is_integral (te_tensor_dtype (call->args[1].tensor), true)
      && te_dtype_is_integral (te_tensor_dtype (call->args[2].tensor), true))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "Integer division with addcdiv is no longer supported, and in a future  release "
                         "addcdiv will perform a true "
                         "division of tensor1 and tensor2. The historic addcdiv behavior can be implemented "
                         "as (input + value * "
                         "torch.trunc(tensor1 / tensor2)).to(input.dtype) for integer inputs and as (input + "
                         "value * tensor1 / tensor2) "
                         "for float inputs. The future addcdiv behavior is just the latter implementation: "
                         "(input + value * tensor1 / "
                         "tensor2), for all dtypes.");
  return run_addc (call, &loops, err);
}

static bool
backward_addc (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  bool divides = ctx->op->name[4] == 'd';
  TeTensor *grad = ctx->grads[0], *a = ctx->inputs[1], *b = ctx->inputs[2];
  TeScalar value = te_value_scalar (&ctx->args[3]);
  if (ctx->needs[0])
    te_expr_put (&e, ex_reduce (&e, grad, &ctx->metas[0]), &ctx->results[0]);
  if (ctx->needs[1])
    {
      TeTensor *slope =
          divides ? EX (&e, "div.Tensor", "ST", value, b) : EX (&e, "mul.Scalar", "TS", b, value);
      te_expr_put (&e, ex_reduce (&e, ex_mul (&e, grad, slope), &ctx->metas[1]), &ctx->results[1]);
    }
  if (ctx->needs[2])
    {
      TeTensor *slope = EX (&e, "mul.Scalar", "TS", a, value);
      TeTensor *part = divides ? ex_mul (&e, ex_neg (&e, grad), ex_div (&e, slope, ex_mul (&e, b, b)))
                               : ex_mul (&e, grad, slope);
      te_expr_put (&e, ex_reduce (&e, part, &ctx->metas[2]), &ctx->results[2]);
    }
  return te_expr_close (&e);
}

#define A0 TE_SAVE_ARG (0)
#define A1 TE_SAVE_ARG (1)
#define A2 TE_SAVE_ARG (2)
#define WHERE_NUMBER_ROW(NAME, SELF, OTHER)                                                                  \
  {                                                                                                          \
    .schema = NAME "(Tensor condition, " SELF " self, " OTHER " other) -> Tensor",                           \
    .flags = TE_OP_FUNCTION | TE_OP_COMPOSITE | TE_OP_ROLE_PASS, .kernel = kernel_where_number,              \
    .doc = "self where condition holds, other elsewhere."                                                    \
  }
#define EXTREME_ROW(NAME, KERNEL, RULE, NODE, VERSION, DOC)                                                  \
  {                                                                                                          \
    .schema = NAME "(Tensor self, Tensor other) -> Tensor", .flags = TE_MF | TE_OP_OUT,                      \
    .kernel = kernel_##KERNEL, .backward = RULE, .node = NODE, .saves = A0 | A1,                             \
    .grad_version = VERSION, .doc = DOC                                                                      \
  }

static const TeOpDef rows[] = {
  { .schema = "where.self(Tensor condition, Tensor self, Tensor other) -> Tensor",
    .flags = TE_OP_FUNCTION | TE_OP_OUT | TE_OP_ROLE_PASS,
    .kernel = kernel_where,
    .backward = backward_where,
    .node = "WhereBackward",
    .saves = A0,
    .doc = "self where condition holds, other elsewhere." },
  WHERE_NUMBER_ROW ("where.ScalarOther", "Tensor", "Scalar"),
  { .schema = "where.method(Tensor self, Tensor condition, Tensor other) -> Tensor",
    .flags = TE_OP_METHOD | TE_OP_COMPOSITE | TE_OP_ROLE_PASS,
    .kernel = kernel_where_method,
    .doc = "self where condition holds, other elsewhere." },
  { .schema = "where.method_Scalar(Tensor self, Tensor condition, Scalar other) -> Tensor",
    .flags = TE_OP_METHOD | TE_OP_COMPOSITE | TE_OP_ROLE_PASS,
    .kernel = kernel_where_method,
    .doc = "self where condition holds, a number elsewhere." },
  WHERE_NUMBER_ROW ("where.ScalarSelf", "Scalar", "Tensor"),
  { .schema = "where.Scalar(Tensor condition, Scalar self, Scalar other) -> Tensor",
    .flags = TE_OP_FUNCTION | TE_OP_NONDIFF,
    .kernel = kernel_where,
    .doc = "self where condition holds, other elsewhere." },
  { .schema = "masked_fill.Scalar(Tensor self, Tensor mask, Scalar value) -> Tensor",
    .flags = TE_MF | TE_OP_INPLACE | TE_OP_ROLE_PASS,
    .kernel = kernel_masked_fill,
    .backward = backward_masked_fill,
    .node = "MaskedFillBackward",
    .saves = A1,
    .doc = "self with value where mask holds." },
  { .schema = "masked_fill.Tensor(Tensor self, Tensor mask, Tensor value) -> Tensor",
    .flags = TE_MF | TE_OP_INPLACE | TE_OP_ROLE_PASS,
    .kernel = kernel_masked_fill,
    .backward = backward_masked_fill,
    .node = "MaskedFillBackward1",
    .saves = A1,
    .doc = "self with the 0-dim tensor value where mask holds." },
  EXTREME_ROW ("maximum", maximum, backward_extreme, "MaximumBackward", 1, "The larger of both; NaN wins."),
  EXTREME_ROW ("minimum", minimum, backward_extreme, "MinimumBackward", 1, "The smaller of both; NaN wins."),
  EXTREME_ROW ("max.other", maximum, backward_extreme, "MaximumBackward", 1, "The larger of both; NaN wins."),
  EXTREME_ROW (
      "min.other", minimum, backward_extreme, "MinimumBackward", 1, "The smaller of both; NaN wins."),
  EXTREME_ROW (
      "fmax", fmax, backward_fextreme, "FmaxBackward", 0, "The larger of both; a number wins over NaN."),
  EXTREME_ROW (
      "fmin", fmin, backward_fextreme, "FminBackward", 0, "The smaller of both; a number wins over NaN."),
  { .schema = "clamp(Tensor self, Scalar? min=None, Scalar? max=None) -> Tensor",
    .flags = TE_MFIO,
    .kernel = kernel_clamp,
    .backward = backward_clamp,
    .node = "ClampBackward1",
    .saves = A0,
    .doc = "self limited to [min, max]." },
  { .schema = "clamp.Tensor(Tensor self, Tensor? min=None, Tensor? max=None) -> Tensor",
    .flags = TE_MFIO,
    .kernel = kernel_clamp_tensor,
    .backward = backward_clamp_tensor,
    .node = "ClampBackward",
    .saves = A0 | A1 | A2,
    .doc = "self limited to [min, max], limits broadcast." },
  { .schema = "clip(Tensor self, Scalar? min=None, Scalar? max=None) -> Tensor",
    .flags = TE_MFIO,
    .kernel = kernel_clamp,
    .backward = backward_clamp,
    .node = "ClampBackward1",
    .saves = A0,
    .doc = "Another name of clamp." },
  { .schema = "clip.Tensor(Tensor self, Tensor? min=None, Tensor? max=None) -> Tensor",
    .flags = TE_MFIO,
    .kernel = kernel_clamp_tensor,
    .backward = backward_clamp_tensor,
    .node = "ClampBackward",
    .saves = A0 | A1 | A2,
    .doc = "Another name of clamp." },
  { .schema = "clamp_min(Tensor self, Scalar min) -> Tensor",
    .flags = TE_MFIO,
    .kernel = kernel_clamp_min,
    .backward = backward_clamp,
    .node = "ClampMinBackward",
    .saves = A0,
    .doc = "self, at least min." },
  { .schema = "clamp_min.Tensor(Tensor self, Tensor min) -> Tensor",
    .flags = TE_MFIO,
    .kernel = kernel_clamp_tensor,
    .backward = backward_clamp_tensor,
    .node = "ClampMinBackward1",
    .saves = A0 | A1,
    .doc = "self, at least min." },
  { .schema = "clamp_max(Tensor self, Scalar max) -> Tensor",
    .flags = TE_MFIO,
    .kernel = kernel_clamp_max,
    .backward = backward_clamp,
    .node = "ClampMaxBackward",
    .saves = A0,
    .doc = "self, at most max." },
  { .schema = "clamp_max.Tensor(Tensor self, Tensor max) -> Tensor",
    .flags = TE_MFIO,
    .kernel = kernel_clamp_tensor,
    .backward = backward_clamp_tensor,
    .node = "ClampMaxBackward1",
    .saves = A0 | A1,
    .doc = "self, at most max." },
  { .schema = "_mask_range(Tensor grad, Tensor self, Scalar? min, Scalar? max) -> Tensor",
    .flags = TE_OP_NONDIFF,
    .kernel = kernel_mask_range,
    .doc = "grad where self lies in [min, max], else 0." },
  { .schema = "lerp.Scalar(Tensor self, Tensor end, Scalar weight) -> Tensor",
    .flags = TE_MFIO,
    .kernel = kernel_lerp,
    .backward = backward_lerp,
    .node = "LerpBackward",
    .doc = "self + weight * (end - self)." },
  { .schema = "lerp.Tensor(Tensor self, Tensor end, Tensor weight) -> Tensor",
    .flags = TE_MFIO,
    .kernel = kernel_lerp_tensor,
    .backward = backward_lerp,
    .node = "LerpBackward1",
    .saves = A0 | A1 | A2,
    .doc = "self + weight * (end - self)." },
  { .schema = "addcmul(Tensor self, Tensor tensor1, Tensor tensor2, *, Scalar value=1) -> Tensor",
    .flags = TE_MFIO,
    .kernel = kernel_addcmul,
    .backward = backward_addc,
    .node = "AddcmulBackward",
    .saves = A1 | A2,
    .doc = "self + value * tensor1 * tensor2." },
  { .schema = "addcdiv(Tensor self, Tensor tensor1, Tensor tensor2, *, Scalar value=1) -> Tensor",
    .flags = TE_MFIO,
    .kernel = kernel_addcdiv,
    .backward = backward_addc,
    .node = "AddcdivBackward",
    .saves = A1 | A2,
    .doc = "self + value * tensor1 / tensor2." },
};
TE_OP_FAMILY (te_family_ternary, rows);
