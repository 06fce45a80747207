/* Copies, casts and fills. */
#include "ops/pointwise/pointwise-private.h"

#include "base/err.h"
#include "ops/creation/creation-private.h"

#include <string.h>

/* A complex tensor whose imaginary part gets lost is spoken of once. */
static bool
warn_discards (const TeTensor *source, TeDtype to, TeError *err)
{
  static bool warned;
  if (!te_dtype_is_complex (te_tensor_dtype (source)) || te_dtype_is_complex (to) || !te_warn_due (&warned))
    return true;
  return te_warn (err, TE_WARN_USER, "Casting complex values to real discards the imaginary part");
}

/* ---- copy_ ---- */

static bool
kernel_copy (TeOpCall *call, TeError *err)
{
  TeTensor *self = call->args[0].tensor, *source = call->args[1].tensor;
  if (self == source)
    return true;
  if (te_tensor_is_meta (source) && !te_tensor_is_meta (self))
    return te_error_set (err, TE_ERR_NOT_IMPLEMENTED, "Cannot copy out of meta tensor; no data!");
  if (!te_check_no_internal_overlap (self, err) || !te_check_no_partial_overlap (self, source, err))
    return false;
  int64_t sizes[TE_MAX_NDIM];
  int ndim;
  if (!te_tensor_same_sizes (self, source))
    {
      char a[512], b[512];
      if (!te_shape_broadcast (self->ndim, self->sizes, source->ndim, source->sizes, &ndim, sizes, err))
        return false;
      if (ndim != self->ndim || memcmp (sizes, self->sizes, (size_t) ndim * sizeof *sizes))
        return te_error_set (err, TE_ERR_RUNTIME, "output with shape %s doesn't match the broadcast shape %s",
                             te_shape_text (self->ndim, self->sizes, a, sizeof a),
                             te_shape_text (ndim, sizes, b, sizeof b));
    }
  return warn_discards (source, te_tensor_dtype (self), err) && te_copy (self, source, err);
}

static bool
backward_copy (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  if (ctx->needs[0])
    te_expr_put (&e, ex_zeros_like (&e, ctx->grads[0]), &ctx->results[0]);
  if (ctx->needs[1])
    te_expr_put (&e, ex_reduce (&e, ctx->grads[0], &ctx->metas[1]), &ctx->results[1]);
  return te_expr_close (&e);
}

/* ---- clone, _to_copy, to ---- */

static bool
copy_as (TeOpCall *call, const TeValue *device, TeDtype dtype, const TeValue *memory_format, TeError *err)
{
  TeTensor *self = call->args[0].tensor;
  int64_t strides[TE_MAX_NDIM];
  te_error_clear (err);
  bool strided = te_like_strides (self, memory_format, strides, err);
  if (err->kind != TE_ERR_NONE)
    return false;
  if (!te_creation_output (call, device, self, self->ndim, self->sizes, strided ? strides : NULL, dtype, err))
    return false;
  if (te_tensor_is_meta (self) && !te_tensor_is_meta (call->outs[0]))
    return te_error_set (err, TE_ERR_NOT_IMPLEMENTED, "Cannot copy out of meta tensor; no data!");
  return warn_discards (self, dtype, err) && te_copy (call->outs[0], self, err);
}

static bool
kernel_clone (TeOpCall *call, TeError *err)
{
  return copy_as (call, NULL, te_tensor_dtype (call->args[0].tensor), &call->args[1], err);
}

static bool
kernel_to_copy (TeOpCall *call, TeError *err)
{
  return copy_as (call, &call->args[2],
                  te_value_dtype (&call->args[1], te_tensor_dtype (call->args[0].tensor)), &call->args[3],
                  err);
}

static bool
backward_same (TeBackward *ctx, TeError *err)
{
  ctx->results[0] = te_tensor_ref (ctx->grads[0]);
  return true;
}

static bool
backward_to_copy (TeBackward *ctx, TeError *err)
{
  return (ctx->results[0] = te_gradient_as (ctx->grads[0], (TeDtype) ctx->metas[0].dtype, err)) != NULL;
}

/* to: self itself where nothing changes, else _to_copy. */
static bool
convert (TeOpCall *call,
         TeDtype dtype,
         const TeValue *device,
         bool copy,
         const TeValue *memory_format,
         TeError *err)
{
  TeTensor *self = call->args[0].tensor;
  TE_OP (op, "_to_copy");
  bool same_device = device->kind != TE_VALUE_DEVICE || (device->i == 1) == te_tensor_is_meta (self);
  int64_t format = memory_format->kind == TE_VALUE_LAYOUT ? memory_format->i : TE_MEMORY_PRESERVE;
  bool same_layout = format == TE_MEMORY_PRESERVE
                     || (format == TE_MEMORY_CONTIGUOUS && te_tensor_is_contiguous (self)
                         && !te_shape_is_channels_last (self->ndim, self->sizes, self->strides))
                     || (format == TE_MEMORY_CHANNELS_LAST
                         && te_shape_is_channels_last (self->ndim, self->sizes, self->strides));
  if (!copy && same_device && same_layout && dtype == te_tensor_dtype (self))
    {
      call->outs[0] = te_tensor_ref (self);
      return true;
    }
  TeValue args[TE_OP_MAX_ARGS] = {
    call->args[0], { .kind = TE_VALUE_DTYPE, .dtype = dtype }, *device, *memory_format
  };
  TeOpCall inner = { .op = op, .args = args };
  if (!te_dispatch (&inner, err))
    return false;
  call->outs[0] = te_tensor_ref (inner.outs[0]);
  te_op_call_clear (&inner);
  return true;
}

static bool
kernel_to_dtype (TeOpCall *call, TeError *err)
{
  const TeValue none = { 0 };
  return convert (call, call->args[1].dtype, &none, call->args[3].b, &call->args[4], err);
}

static bool
kernel_to_device (TeOpCall *call, TeError *err)
{
  return convert (call, te_value_dtype (&call->args[2], te_tensor_dtype (call->args[0].tensor)),
                  &call->args[1], call->args[4].b, &call->args[5], err);
}

static bool
kernel_to_other (TeOpCall *call, TeError *err)
{
  const TeTensor *other = call->args[1].tensor;
  const TeValue device = { .kind = TE_VALUE_DEVICE, .i = te_tensor_is_meta (other) };
  return convert (call, te_tensor_dtype (other), &device, call->args[3].b, &call->args[4], err);
}

static bool
kernel_type_as (TeOpCall *call, TeError *err)
{
  const TeTensor *other = call->args[1].tensor;
  const TeValue none = { 0 }, device = { .kind = TE_VALUE_DEVICE, .i = te_tensor_is_meta (other) };
  return convert (call, te_tensor_dtype (other), &device, false, &none, err);
}

/* ---- fills ---- */

static bool
kernel_fill (TeOpCall *call, TeError *err)
{
  const TeValue *value = &call->args[1];
  TeScalar scalar = te_scalar_int (0);
  if (value->kind == TE_VALUE_TENSOR)
    {
      if (value->tensor->ndim)
        return te_error_set (
            err, TE_ERR_RUNTIME,
            "fill_ only supports 0-dimension value tensor but got tensor with %d dimensions.",
            value->tensor->ndim);
      if (!te_tensor_is_meta (value->tensor))
        scalar = te_tensor_first (value->tensor);
    }
  else
    scalar = te_value_scalar (value);
  if (!call->outs[0])
    {
      int64_t strides[TE_MAX_NDIM];
      const TeTensor *self = call->args[0].tensor;
      te_error_clear (err);
      bool strided = te_like_strides (self, NULL, strides, err);
      if (err->kind != TE_ERR_NONE
          || !te_creation_output (call, NULL, self, self->ndim, self->sizes, strided ? strides : NULL,
                                  te_tensor_dtype (self), err))
        return false;
    }
  return te_fill (call->outs[0], scalar, err); /* what is stretched over one place may be filled too */
}

static bool
kernel_zero (TeOpCall *call, TeError *err)
{
  return te_fill (call->outs[0], te_scalar_int (0), err);
}

static bool
backward_fill (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  if (ctx->needs[0])
    te_expr_put (&e, ex_zeros_like (&e, ctx->grads[0]), &ctx->results[0]);
  if (ctx->n_inputs > 1 && ctx->needs[1])
    te_expr_put (&e, ex_reduce (&e, EX (&e, "sum", "T", ctx->grads[0]), &ctx->metas[1]), &ctx->results[1]);
  return te_expr_close (&e);
}

static const TeOpDef rows[] = {
  { .schema = "copy_(Tensor(a!) self, Tensor src, bool non_blocking=False) -> Tensor(a!)",
    .flags = TE_OP_METHOD | TE_OP_INPLACE_ONLY | TE_OP_LAZY | TE_OP_CONJ_RULE,
    .kernel = kernel_copy,
    .backward = backward_copy,
    .node = "CopyBackwards",
    .doc = "Writes src, broadcast and cast, into self." },
  { .schema = "clone(Tensor self, *, MemoryFormat? memory_format=None) -> Tensor",
    .flags = TE_MF | TE_OP_ROLE_PASS | TE_OP_LAZY | TE_OP_CONJ_RULE,
    .kernel = kernel_clone,
    .backward = backward_same,
    .node = "CloneBackward",
    .doc = "A copy with storage of its own." },
  { .schema = "_to_copy(Tensor self, *, ScalarType? dtype=None, Device? device=None, MemoryFormat? "
              "memory_format=None) "
              "-> Tensor",
    .flags = TE_OP_ROLE_PASS | TE_OP_LAZY | TE_OP_CONJ_RULE,
    .kernel = kernel_to_copy,
    .backward = backward_to_copy,
    .node = "ToCopyBackward",
    .doc = "A copy in another dtype." },
  { .schema =
        "to.dtype(Tensor self, ScalarType dtype, bool non_blocking=False, bool copy=False, MemoryFormat? "
        "memory_format=None) -> Tensor",
    .flags = TE_OP_METHOD | TE_OP_COMPOSITE | TE_OP_ROLE_PASS,
    .kernel = kernel_to_dtype,
    .doc = "self in another dtype; self itself where nothing changes." },
  { .schema =
        "to.device(Tensor self, Device? device=None, ScalarType? dtype=None, bool non_blocking=False, bool "
        "copy=False, MemoryFormat? memory_format=None) -> Tensor",
    .flags = TE_OP_METHOD | TE_OP_COMPOSITE | TE_OP_ROLE_PASS,
    .kernel = kernel_to_device,
    .doc = "self on another device, in another dtype." },
  { .schema = "to.other(Tensor self, Tensor other, bool non_blocking=False, bool copy=False, MemoryFormat? "
              "memory_format=None) -> Tensor",
    .flags = TE_OP_METHOD | TE_OP_COMPOSITE | TE_OP_ROLE_PASS,
    .kernel = kernel_to_other,
    .doc = "self with other's dtype and device." },
  { .schema = "type_as(Tensor self, Tensor other) -> Tensor",
    .flags = TE_OP_METHOD | TE_OP_COMPOSITE | TE_OP_ROLE_PASS,
    .kernel = kernel_type_as,
    .doc = "self in other's dtype." },
  { .schema = "fill.Scalar(Tensor self, Scalar value) -> Tensor",
    .flags = TE_MF | TE_OP_INPLACE,
    .kernel = kernel_fill,
    .backward = backward_fill,
    .node = "FillBackward",
    .inplace_node = "FillBackward2",
    .doc = "One value everywhere." },
  { .schema = "fill.Tensor(Tensor self, Tensor value) -> Tensor",
    .flags = TE_MF | TE_OP_INPLACE,
    .kernel = kernel_fill,
    .backward = backward_fill,
    .node = "FillBackward1",
    .inplace_node = "FillBackward3",
    .doc = "The value of a 0-dim tensor everywhere." },
  { .schema = "zero_(Tensor(a!) self) -> Tensor(a!)",
    .flags = TE_MF | TE_OP_INPLACE_ONLY,
    .kernel = kernel_zero,
    .backward = backward_fill,
    .node = "ZeroBackward",
    .doc = "Zeros everywhere." },
};
TE_OP_FAMILY (te_family_copy, rows);
