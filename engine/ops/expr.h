/* Expressions over dispatched ops, for backward rules and composite kernels: every intermediate result
 * belongs to the expression and goes when it ends; after a failure the rest is skipped.
 *
 *   TeExpr e = TE_EXPR (err);
 *   TeTensor *slope = EX (&e, "cos", "T", ctx->inputs[0]);
 *   return te_expr_end (&e, ex_mul (&e, ctx->grads[0], slope), &ctx->results[0]);
 */
#pragma once

#include "ops/dispatch.h"

#define TE_EXPR_MAX 40

typedef struct
{
  TeError *err;
  int n;
  bool failed;
  TeTensor *temps[TE_EXPR_MAX];
  struct TeExprMore *more; /* what does not fit above: long chains */
} TeExpr;

#define TE_EXPR(error)                                                                                       \
  {                                                                                                          \
    .err = (error)                                                                                           \
  }

/* Takes an owned result (NULL: the expression failed) and returns it borrowed. */
TeTensor *te_expr_keep (TeExpr *self, TeTensor *owned);
/* Stores a new reference to result in *place (when not failed), then drops every intermediate.  result NULL
 * with no failure stores nothing: no gradient. */
bool te_expr_end (TeExpr *self, TeTensor *result, TeTensor **place);
/* Stores without ending: for rules with several results. */
void te_expr_put (TeExpr *self, TeTensor *result, TeTensor **place);
bool te_expr_close (TeExpr *self);

/* Calls the op of that name; the handle is looked up once per place in the source. */
#define EX(expr, name_text, format, ...)                                                                     \
  __extension__({                                                                                            \
    TE_OP (ex_handle, name_text);                                                                            \
    (expr)->failed ? NULL : te_expr_keep ((expr), te_call (ex_handle, (expr)->err, format, __VA_ARGS__));    \
  })

TeTensor *ex_add (TeExpr *e, TeTensor *a, TeTensor *b);
TeTensor *ex_sub (TeExpr *e, TeTensor *a, TeTensor *b);
TeTensor *ex_mul (TeExpr *e, TeTensor *a, TeTensor *b);
TeTensor *ex_div (TeExpr *e, TeTensor *a, TeTensor *b);
TeTensor *ex_neg (TeExpr *e, TeTensor *a);
TeTensor *ex_mul_scalar (TeExpr *e, TeTensor *a, double value);
TeTensor *ex_add_scalar (TeExpr *e, TeTensor *a, double value);
/* With a number in a tensor's place, as Python's a * 2, 1 - a and 1 / a: the node keeps an edge to nowhere
 * for it. */
TeTensor *ex_mul_number (TeExpr *e, TeTensor *a, double value);
TeTensor *ex_sub_from (TeExpr *e, double value, TeTensor *a);
TeTensor *ex_div_number (TeExpr *e, double value, TeTensor *a);
TeTensor *ex_pow_scalar (TeExpr *e, TeTensor *a, double exponent);
TeTensor *ex_where (TeExpr *e, TeTensor *condition, TeTensor *a, TeTensor *b);
TeTensor *ex_conj (TeExpr *e, TeTensor *a); /* a itself where it is real */
TeTensor *ex_zeros_like (TeExpr *e, TeTensor *a);
/* where (mask, grad, 0): keeps grad where the mask holds. */
TeTensor *ex_mask (TeExpr *e, TeTensor *grad, TeTensor *mask);
/* masked_fill (a, mask, 0). */
TeTensor *ex_clear (TeExpr *e, TeTensor *a, TeTensor *mask);
/* Sums what broadcasting stretched. */
TeTensor *ex_reduce (TeExpr *e, TeTensor *grad, const TeMeta *meta);

/* A kernel whose body is written in other ops, of which no history is kept: for gradients that have a node of
 * their own.  The row's twin is often the same body. */
bool te_run_unrecorded (TeOpCall *call, TeKernel body, TeError *err);
