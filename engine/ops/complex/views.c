/* Complex tensors seen as real ones and the reverse, and conjugation without moving anything. */
#include "ops/expr.h"
#include "ops/lazy.h"
#include "ops/shape/view-draft.h"

#define METHOD   TE_OP_METHOD
#define FUNCTION TE_OP_FUNCTION
#define BOTH     (TE_OP_METHOD | TE_OP_FUNCTION)
#define VIEW     (TE_OP_VIEW | TE_OP_ROLE_PASS | TE_OP_CONJ_RULE)

static bool
is_complex (const TeTensor *tensor)
{
  return te_dtype_is_complex (te_tensor_dtype (tensor));
}

/* Gives an owned result; call->outs[0] is empty: none of these rows writes into given tensors. */
static bool
give (TeOpCall *call, TeTensor *owned)
{
  return (call->outs[0] = owned) != NULL;
}

/* ---- view_as_real, view_as_complex ---- */
static bool
view_as_real_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  TeDraft g = { .ndim = self->ndim + 1, .offset = 2 * self->offset };
  if (!is_complex (self))
    return te_error_set (err, TE_ERR_RUNTIME, "view_as_real is only supported for complex tensors");
  if (self->flags & TE_TENSOR_CONJ)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "view_as_real doesn't work on unresolved conjugated tensors.  To resolve the conjugate tensor so you "
        "can view it as real, use self.resolve_conj(); however, be warned that the resulting tensor will NOT "
        "alias the original.");
  if (te_draft_too_many (g.ndim, err))
    return false;
  for (int d = 0; d < self->ndim; d++)
    {
      g.sizes[d] = self->sizes[d];
      g.strides[d] = 2 * self->strides[d];
    }
  g.sizes[self->ndim] = 2;
  g.strides[self->ndim] = 1;
  return give (call, te_view_new (self, te_dtype_real (te_tensor_dtype (self)), g.ndim, g.sizes, g.strides,
                                  g.offset, err));
}

static bool
view_as_real_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  return te_expr_end (&e, EX (&e, "view_as_complex", "T", EX (&e, "contiguous", "T", ctx->grads[0])),
                      &ctx->results[0]);
}

static bool
view_as_complex_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  TeDtype dtype = te_tensor_dtype (self);
  TeDraft g = { .ndim = self->ndim - 1, .offset = self->offset / 2 };
  if (dtype == TE_FLOAT16)
    return te_error_set (err, TE_ERR_NOT_IMPLEMENTED, "torch.complex32");
  if (dtype != TE_FLOAT32 && dtype != TE_FLOAT64)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "view_as_complex is only supported for half, float and double tensors, but got a tensor of "
        "scalar type: %s",
        te_dtype_error_name (dtype));
  if (!self->ndim)
    return te_error_set (err, TE_ERR_RUNTIME, "Input tensor must have one or more dimensions");
  if (self->sizes[g.ndim] != 2)
    return te_error_set (err, TE_ERR_RUNTIME, "Tensor must have a last dimension of size 2");
  if (self->strides[g.ndim] != 1)
    return te_error_set (err, TE_ERR_RUNTIME, "Tensor must have a last dimension with stride 1");
  for (int d = 0; d < g.ndim; d++)
    {
      if (self->strides[d] % 2)
        return te_error_set (err, TE_ERR_RUNTIME,
                             "Tensor must have a stride divisible by 2 for all but last dimension");
      g.sizes[d] = self->sizes[d];
      g.strides[d] = self->strides[d] / 2;
    }
  if (self->offset % 2)
    return te_error_set (err, TE_ERR_RUNTIME, "Tensor must have a storage_offset divisible by 2");
  return give (call, te_view_new (self, te_dtype_complex (dtype), g.ndim, g.sizes, g.strides, g.offset, err));
}

static bool
view_as_complex_backward (TeBackward *ctx, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *plain = EX (&e, "resolve_conj", "T", EX (&e, "contiguous", "T", ctx->grads[0]));
  return te_expr_end (&e, EX (&e, "view_as_real", "T", plain), &ctx->results[0]);
}

/* ---- conjugation ---- */
/* The same elements under the other reading of one lazy bit. */
static bool
flip_kernel (TeOpCall *call, uint32_t bit, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  if (!te_view_give (call, self, self->ndim, self->sizes, self->strides, self->offset, err))
    return false;
  call->outs[0]->flags |= (self->flags ^ bit) & TE_TENSOR_LAZY;
  te_lazy_in_use = true;
  return true;
}

static bool
conj_view_kernel (TeOpCall *call, TeError *err)
{
  return flip_kernel (call, TE_TENSOR_CONJ, err);
}

static bool
neg_view_kernel (TeOpCall *call, TeError *err)
{
  return flip_kernel (call, TE_TENSOR_NEG, err);
}

static bool
conj_backward (TeBackward *ctx, TeError *err)
{
  return (ctx->results[0] = te_conj (ctx->grads[0], err)) != NULL;
}

static bool
neg_view_backward (TeBackward *ctx, TeError *err)
{
  return (ctx->results[0] = te_neg (ctx->grads[0], err)) != NULL;
}

static bool
conj_kernel (TeOpCall *call, TeError *err)
{
  TE_OP (op, "_conj");
  TeTensor *self = te_arg (call, 0);
  return give (call, is_complex (self) ? te_call (op, err, "T", self) : te_tensor_ref (self));
}

static bool
resolve (TeOpCall *call, uint32_t bit, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  return give (call, self->flags & bit ? te_clone (self, err) : te_tensor_ref (self));
}

static bool
resolve_conj_kernel (TeOpCall *call, TeError *err)
{
  return resolve (call, TE_TENSOR_CONJ, err);
}

static bool
resolve_neg_kernel (TeOpCall *call, TeError *err)
{
  return resolve (call, TE_TENSOR_NEG, err);
}

static bool
adjoint_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  TeExpr e = TE_EXPR (err);
  if (!self->ndim) /* a number is its own transpose */
    return te_expr_end (&e, ex_conj (&e, self), &call->outs[0]);
  if (self->ndim < 2)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "tensor.adjoint() is only supported on matrices or batches of matrices. Got %d-D tensor.",
        self->ndim);
  return te_expr_end (&e, ex_conj (&e, te_expr_keep (&e, te_transpose (self, -2, -1, err))), &call->outs[0]);
}

/* ---- real and imag ---- */
static TeTensor *
part_of (TeExpr *e, TeTensor *self, int64_t part)
{
  bool turned = self->flags & TE_TENSOR_CONJ;
  TeTensor *parts = EX (e, "view_as_real", "T", turned ? ex_conj (e, self) : self);
  TeTensor *one = EX (e, "select.int", "Tii", parts, (int64_t) self->ndim, part);
  return turned && part ? EX (e, "_neg_view", "T", one) : one;
}

static bool
real_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  TeExpr e = TE_EXPR (err);
  return te_expr_end (&e, is_complex (self) ? part_of (&e, self, 0) : self, &call->outs[0]);
}

static bool
imag_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  TeExpr e = TE_EXPR (err);
  if (!is_complex (self))
    return te_error_set (err, TE_ERR_RUNTIME, "imag is not implemented for tensors with non-complex dtypes.");
  return te_expr_end (&e, part_of (&e, self, 1), &call->outs[0]);
}

static const TeOpDef rows[] = {
  { .schema = "view_as_real(Tensor(a) self) -> Tensor(a)",
    .flags = VIEW | FUNCTION,
    .kernel = view_as_real_kernel,
    .backward = view_as_real_backward,
    .node = "ViewAsRealBackward",
    .doc = "The parts of complex numbers in a last dimension of size 2." },
  { .schema = "view_as_complex(Tensor(a) self) -> Tensor(a)",
    .flags = VIEW | FUNCTION,
    .kernel = view_as_complex_kernel,
    .backward = view_as_complex_backward,
    .node = "ViewAsComplexBackward",
    .doc = "Pairs in a last dimension of size 2 as complex numbers." },
  { .schema = "_conj(Tensor(a) self) -> Tensor(a)",
    .flags = VIEW | TE_OP_LAZY,
    .kernel = conj_view_kernel,
    .backward = conj_backward,
    .node = "ConjBackward",
    .doc = "Self with the conjugate bit turned." },
  { .schema = "_neg_view(Tensor(a) self) -> Tensor(a)",
    .flags = VIEW | TE_OP_LAZY,
    .kernel = neg_view_kernel,
    .backward = neg_view_backward,
    .node = "NegViewBackward",
    .doc = "Self with the negative bit turned." },
  { .schema = "conj(Tensor(a) self) -> Tensor(a)",
    .flags = BOTH | TE_OP_COMPOSITE,
    .kernel = conj_kernel,
    .doc = "The complex conjugate as a view; self where it is real." },
  { .schema = "resolve_conj(Tensor(a) self) -> Tensor(a)",
    .flags = BOTH | TE_OP_COMPOSITE,
    .kernel = resolve_conj_kernel,
    .doc = "A copy without the conjugate bit, or self." },
  { .schema = "resolve_neg(Tensor(a) self) -> Tensor(a)",
    .flags = BOTH | TE_OP_COMPOSITE,
    .kernel = resolve_neg_kernel,
    .doc = "A copy without the negative bit, or self." },
  { .schema = "adjoint(Tensor(a) self) -> Tensor(a)",
    .flags = BOTH | TE_OP_COMPOSITE,
    .kernel = adjoint_kernel,
    .doc = "The last two dimensions exchanged, and conjugated." },
  { .schema = "real(Tensor(a) self) -> Tensor(a)",
    .flags = FUNCTION | TE_OP_COMPOSITE,
    .kernel = real_kernel,
    .doc = "The real parts as a view; self where it is real." },
  { .schema = "imag(Tensor(a) self) -> Tensor(a)",
    .flags = FUNCTION | TE_OP_COMPOSITE,
    .kernel = imag_kernel,
    .doc = "The imaginary parts as a view." },
};
TE_OP_FAMILY (te_family_complex_views, rows);
