/* Copies of a tensor with a part written anew: select_scatter, slice_scatter, diagonal_scatter,
 * as_strided_scatter. */
#include "ops/expr.h"
#include "ops/shape/families.h"
#include "ops/shape/shape-util.h"

/* The part of whole that the arguments behind src name. */
static TeTensor *
part_of (const TeOp *op, const TeValue *args, TeTensor *whole, TeError *err)
{
  TE_OP (select, "select.int")
  TE_OP (slice, "slice.Tensor")
  TE_OP (diagonal, "diagonal")
  TE_OP (as_strided, "as_strided")
  if (op->name[0] == 'a')
    return te_call (as_strided, err, "TIIi", whole, args[2].ints, (int) args[2].count, args[3].ints,
                    (int) args[3].count, args[4].kind == TE_VALUE_NONE ? whole->offset : args[4].i);
  if (op->name[1] == 'e')
    return te_call (select, err, "Tii", whole, args[2].i, args[3].i);
  if (op->name[0] == 'd')
    return te_call (diagonal, err, "Tiii", whole, args[2].i, args[3].i, args[4].i);
  return te_call (slice, err, "Tiiii", whole, args[2].i,
                  args[3].kind == TE_VALUE_NONE ? (int64_t) 0 : args[3].i,
                  args[4].kind == TE_VALUE_NONE ? INT64_MAX : args[4].i, args[5].i);
}

static bool
is_as_strided (const TeOp *op)
{
  return op->name[0] == 'a';
}

static bool
place_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (clone, "clone")
  TE_OP (copy, "copy_")
  char own[512], wanted[512];
  if (is_as_strided (call->op) && te_tensor_requires_grad (te_arg (call, 0))
      && !te_tensor_is_contiguous (te_arg (call, 0)))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "!self.requires_grad() || self.is_contiguous() INTERNAL ASSERT FAILED at "
                         "\"./aten/src/ATen/native/TensorShape.cpp\":3619, please report a bug to PyTorch. "
                         "as_strided_scatter is currently only supported for contiguous inputs");
  TeTensor *self =
      te_tensor_alias (call->args[0].tensor, err); /* without history: what is done here is not recorded */
  TeTensor *src = self ? te_tensor_alias (call->args[1].tensor, err) : NULL;
  TeTensor *out = src ? te_call (clone, err, "Ti", self, (int64_t) TE_MEMORY_PRESERVE) : NULL,
           *part = out ? part_of (call->op, call->args, out, err) : NULL;
  bool ok = part != NULL;
  if (ok && !te_tensor_same_sizes (part, src))
    ok = te_error_set (
        err, TE_ERR_RUNTIME,
        "expected src to have a size equal to the slice of self. src size = %s, slice size = %s",
        te_shape_text (src->ndim, src->sizes, own, sizeof own),
        te_shape_text (part->ndim, part->sizes, wanted, sizeof wanted));
  ok = ok && te_call_inplace (copy, err, "TT", part, src);
  te_tensor_unref (part);
  te_tensor_unref (src);
  te_tensor_unref (self);
  if (!ok)
    te_tensor_clear (&out);
  else
    *out->version = 0;
  return te_result_give (call, 0, out, err);
}

/* The gradient of as_strided_scatter's self is, in PyTorch, the part's (which does not reach self) in memory
 * that nobody has written; here that memory holds zeros. */
static bool
as_strided_place_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (copy, "copy_")
  TeExpr e = TE_EXPR (err);
  TeTensor *grad = EX (&e, "contiguous", "T", ctx->grads[0]);
  TeTensor *part = e.failed ? NULL : te_expr_keep (&e, part_of (ctx->op, ctx->args, grad, err));
  if (ctx->needs[0] && part)
    {
      TeTensor *whole = ex_zeros_like (&e, grad);
      TeTensor *place = whole ? te_expr_keep (&e, part_of (ctx->op, ctx->args, whole, err)) : NULL;
      if (place && te_call_inplace (copy, err, "TT", place, part))
        te_expr_put (&e, whole, &ctx->results[0]);
      else
        e.failed = true;
    }
  if (ctx->needs[1])
    te_expr_put (&e, part, &ctx->results[1]);
  return te_expr_close (&e);
}

static bool
place_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *part = te_expr_keep (&e, part_of (ctx->op, ctx->args, ctx->grads[0], err));
  if (ctx->needs[0] && part)
    {
      const TeValue *given = ctx->args;
      TeValue args[TE_OP_MAX_ARGS] = { [0] = { .kind = TE_VALUE_TENSOR, .tensor = ctx->grads[0] },
                                       [1] = { .kind = TE_VALUE_TENSOR,
                                               .tensor = ex_zeros_like (&e, part) } };
      for (int i = 2; i < ctx->op->n_args; i++)
        args[i] = given[i];
      TeOpCall call = { .op = ctx->op, .args = args };
      if (!e.failed && te_dispatch (&call, err))
        {
          te_expr_put (&e, call.outs[0], &ctx->results[0]);
          te_op_call_clear (&call);
        }
      else
        e.failed = true;
    }
  if (ctx->needs[1])
    te_expr_put (&e, part, &ctx->results[1]);
  return te_expr_close (&e);
}

#define BOTH (TE_OP_METHOD | TE_OP_FUNCTION)

static const TeOpDef rows[] = {
  { "select_scatter(Tensor self, Tensor src, int dim, int index) -> Tensor", BOTH, place_kernel,
    place_backward, "SelectScatterBackward",
    .doc = "A copy of self with src where select (dim, index) looks." },
  { "slice_scatter(Tensor self, Tensor src, int dim=0, int? start=None, int? end=None, int step=1) -> Tensor",
    BOTH, place_kernel, place_backward, "SliceScatterBackward",
    .doc = "A copy of self with src where a slice along dim looks." },
  { "diagonal_scatter(Tensor self, Tensor src, int offset=0, int dim1=0, int dim2=1) -> Tensor", BOTH,
    place_kernel, place_backward, "DiagonalScatterBackward",
    .doc = "A copy of self with src along a diagonal." },
  { "as_strided_scatter(Tensor self, Tensor src, int[] size, int[] stride, int? storage_offset=None) -> "
    "Tensor",
    BOTH, place_kernel, as_strided_place_backward, "AsStridedScatterBackward",
    .doc = "A copy of self with src where as_strided would look." },
};

TE_OP_FAMILY (te_family_shape_part_scatter, rows);
