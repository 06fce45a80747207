#include "ops/expr.h"

#include "base/mem.h"

struct TeExprMore
{
  struct TeExprMore *next;
  TeTensor *tensor;
};

TeTensor *
te_expr_keep (TeExpr *self, TeTensor *owned)
{
  if (!owned)
    {
      self->failed = true;
      return NULL;
    }
  if (self->n < TE_EXPR_MAX)
    return self->temps[self->n++] = owned;
  struct TeExprMore *more = te_new (struct TeExprMore);
  if (!more)
    {
      te_error_no_memory (self->err);
      te_tensor_unref (owned);
      self->failed = true;
      return NULL;
    }
  *more = (struct TeExprMore){ self->more, owned };
  self->more = more;
  return owned;
}

void
te_expr_put (TeExpr *self, TeTensor *result, TeTensor **place)
{
  if (!self->failed && result)
    *place = te_tensor_ref (result);
}

bool
te_expr_close (TeExpr *self)
{
  for (int i = 0; i < self->n; i++)
    te_tensor_unref (self->temps[i]);
  self->n = 0;
  while (self->more)
    {
      struct TeExprMore *more = self->more;
      self->more = more->next;
      te_tensor_unref (more->tensor);
      te_free (more);
    }
  return !self->failed;
}

bool
te_expr_end (TeExpr *self, TeTensor *result, TeTensor **place)
{
  te_expr_put (self, result, place);
  return te_expr_close (self);
}

TeTensor *
ex_add (TeExpr *e, TeTensor *a, TeTensor *b)
{
  return e->failed ? NULL : te_expr_keep (e, te_add (a, b, e->err));
}

TeTensor *
ex_sub (TeExpr *e, TeTensor *a, TeTensor *b)
{
  return e->failed ? NULL : te_expr_keep (e, te_sub (a, b, e->err));
}

TeTensor *
ex_mul (TeExpr *e, TeTensor *a, TeTensor *b)
{
  return e->failed ? NULL : te_expr_keep (e, te_mul (a, b, e->err));
}

TeTensor *
ex_div (TeExpr *e, TeTensor *a, TeTensor *b)
{
  return e->failed ? NULL : te_expr_keep (e, te_div (a, b, e->err));
}

TeTensor *
ex_neg (TeExpr *e, TeTensor *a)
{
  return e->failed ? NULL : te_expr_keep (e, te_neg (a, e->err));
}

TeTensor *
ex_mul_scalar (TeExpr *e, TeTensor *a, double value)
{
  return EX (e, "mul.Scalar", "TS", a, te_scalar_float (value));
}

TeTensor *
ex_add_scalar (TeExpr *e, TeTensor *a, double value)
{
  return EX (e, "add.Scalar", "TS", a, te_scalar_float (value));
}

TeTensor *
ex_mul_number (TeExpr *e, TeTensor *a, double value)
{
  return EX (e, "mul.Tensor", "TS", a, te_scalar_float (value));
}

TeTensor *
ex_sub_from (TeExpr *e, double value, TeTensor *a)
{
  return EX (e, "sub.Tensor", "ST", te_scalar_float (value), a);
}

TeTensor *
ex_div_number (TeExpr *e, double value, TeTensor *a)
{
  return EX (e, "div.Tensor", "ST", te_scalar_float (value), a);
}

TeTensor *
ex_pow_scalar (TeExpr *e, TeTensor *a, double exponent)
{
  return e->failed ? NULL : te_expr_keep (e, te_pow_scalar (a, exponent, e->err));
}

TeTensor *
ex_where (TeExpr *e, TeTensor *condition, TeTensor *a, TeTensor *b)
{
  return e->failed ? NULL : te_expr_keep (e, te_where (condition, a, b, e->err));
}

TeTensor *
ex_conj (TeExpr *e, TeTensor *a)
{
  return e->failed ? NULL : te_expr_keep (e, te_conj (a, e->err));
}

TeTensor *
ex_zeros_like (TeExpr *e, TeTensor *a)
{
  return e->failed ? NULL : te_expr_keep (e, te_zeros_like (a, e->err));
}

TeTensor *
ex_mask (TeExpr *e, TeTensor *grad, TeTensor *mask)
{
  return EX (e, "where.self", "TTS", mask, grad, te_scalar_int (0));
}

TeTensor *
ex_clear (TeExpr *e, TeTensor *a, TeTensor *mask)
{
  return EX (e, "masked_fill.Scalar", "TTS", a, mask, te_scalar_int (0));
}

TeTensor *
ex_reduce (TeExpr *e, TeTensor *grad, const TeMeta *meta)
{
  return e->failed ? NULL : te_expr_keep (e, te_sum_to_meta (grad, meta, e->err));
}

bool
te_run_unrecorded (TeOpCall *call, TeKernel body, TeError *err)
{
  TeValue args[TE_OP_MAX_ARGS];
  TeTensor *plain[TE_OP_MAX_ARGS] = { NULL };
  bool ok = true;
  for (int i = 0; i < call->op->n_args; i++)
    {
      args[i] = call->args[i];
      if (ok && args[i].kind == TE_VALUE_TENSOR)
        ok = (args[i].tensor = plain[i] = te_tensor_alias (args[i].tensor, err)) != NULL;
    }
  const TeValue *given = call->args;
  call->args = args;
  ok = ok && body (call, err);
  call->args = given;
  for (int i = 0; i < call->op->n_args; i++)
    te_tensor_unref (plain[i]);
  return ok;
}
