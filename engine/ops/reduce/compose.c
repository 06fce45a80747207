/* Statistics and differences that are sentences in other ops: autograd records those. */
#include "ops/reduce/reduce-private.h"

#include <math.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "ops/creation/creation-private.h"

static TeTensor *
part (TeExpr *e, TeTensor *x, int64_t dim, int64_t start, int64_t length)
{
  return EX (e, "narrow", "Tiii", x, dim, start, length);
}

/* ---- diff ---- */

/* What is put before or behind must fit beside self. */
static bool
check_ends (const TeOpCall *call, int dim, TeError *err)
{
  const TeTensor *self = call->args[0].tensor;
  for (int i = 3; i < 5; i++)
    if (call->args[i].kind == TE_VALUE_TENSOR)
      {
        const TeTensor *end = call->args[i].tensor;
        if (end->ndim != self->ndim)
          return te_error_set (err, TE_ERR_RUNTIME, "diff expects prepend or append to be the same dimension as input");
        for (int d = 0; d < self->ndim; d++)
          if (d != dim && end->sizes[d] != self->sizes[d])
            return te_error_set (err, TE_ERR_RUNTIME,
                                 "diff expects the shape of tensor to prepend or append to match that of input except "
                                 "along the differencing dimension; input.size(%d) = %lld, but got tensor.size(%d) = %lld",
                                 d, (long long) self->sizes[d], d, (long long) end->sizes[d]);
      }
  return true;
}

static bool
kernel_diff (TeOpCall *call, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *self = call->args[0].tensor, *x = self;
  int64_t n = call->args[1].i;
  int dim;
  if (!self->ndim)
    return te_error_set (err, TE_ERR_RUNTIME, "diff expects input to be at least one-dimensional");
  if (n <= 0)
    { /* PyTorch copies into zeros, which its graph shows */
      TE_OP (copy, "copy_");
      TeTensor *zeros = EX (&e, "zeros_like", "T", self);
      e.failed = e.failed || !te_call_inplace (copy, err, "TT", zeros, self);
      return te_expr_end (&e, zeros, &call->outs[0]);
    }
  if (!te_dim_wrap (call->args[2].i, self->ndim, &dim, err))
    return false;
  if (!check_ends (call, dim, err))
    return false;
  TeTensor *pieces[3];
  int count = 0;
  if (call->args[3].kind == TE_VALUE_TENSOR)
    pieces[count++] = call->args[3].tensor;
  pieces[count++] = self;
  if (call->args[4].kind == TE_VALUE_TENSOR)
    pieces[count++] = call->args[4].tensor;
  if (count > 1)
    x = EX (&e, "cat", "Li", (TeTensor *const *) pieces, count, (int64_t) dim);
  if (e.failed)
    return te_expr_close (&e);
  TeTensor *now = te_tensor_ref (x);
  te_expr_close (&e);
  for (int64_t i = 0; now && i < n && now->sizes[dim]; i++)
    {
      TeExpr step = TE_EXPR (err);
      TeTensor *next = NULL;
      int64_t size = now->sizes[dim];
      TeTensor *after = part (&step, now, dim, 1, size - 1), *before = part (&step, now, dim, 0, size - 1);
      te_expr_end (&step,
                   !step.failed && after->dtype == TE_BOOL ? EX (&step, "logical_xor", "TT", after, before)
                                                           : ex_sub (&step, after, before),
                   &next);
      te_tensor_unref (now);
      now = next;
    }
  return (call->outs[0] = now) != NULL;
}

/* ---- covariance ---- */

static TeTensor *
covariance (TeExpr *e, TeTensor *self, double correction)
{
  int64_t one = 1;
  if (te_tensor_dtype (self) == TE_BOOL)
    {
      e->failed = !te_error_set (e->err, TE_ERR_RUNTIME, "cov(): bool dtype is not supported for input");
      return NULL;
    }
  if (!te_dtype_is_inexact (te_tensor_dtype (self)))
    self = te_expr_keep (e, te_to_dtype (self, te_dtype_default (), e->err));
  if (e->failed)
    return NULL;
  TeTensor *x = self->ndim < 2 ? EX (e, "view", "TI", self, ((int64_t[]){ 1, -1 }), 2) : self;
  if (e->failed)
    return NULL;
  double n = (double) x->sizes[1];
  TeTensor *mean = ex_div (e, EX (e, "sum.dim_IntList", "TI", x, &one, 1),
                           te_expr_keep (e, te_tensor_new_number (te_scalar_int (x->sizes[1]), e->err)));
  TeTensor *centered = ex_sub (e, x, EX (e, "unsqueeze", "Ti", mean, one));
  TeTensor *product = EX (e, "mm", "TT", centered, ex_conj (e, EX (e, "t", "T", centered)));
  TeScalar divisor = te_scalar_float (n - correction > 0 ? n - correction : 0);
  product = ex_div (e, product, te_expr_keep (e, te_tensor_new_number (divisor, e->err)));
  return EX (e, "squeeze", "T", product);
}

static bool
check_matrix (const TeTensor *self, const char *name, TeError *err)
{
  return self->ndim <= 2
         || te_error_set (err, TE_ERR_RUNTIME,
                          "%s(): expected input to have two or fewer dimensions but got an input with %d "
                          "dimensions",
                          name, self->ndim);
}

static TeTensor *
within_one (TeExpr *e, TeTensor *x)
{
  return EX (e, "clamp", "TSS", x, te_scalar_int (-1), te_scalar_int (1));
}

static bool
kernel_corrcoef (TeOpCall *call, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *self = call->args[0].tensor;
  if (!check_matrix (self, "corrcoef", err))
    return false;
  TeTensor *cov = covariance (&e, self, 1);
  if (e.failed)
    return te_expr_close (&e);
  if (!cov->ndim)
    return te_expr_end (&e, ex_div (&e, cov, cov), &call->outs[0]);
  bool is_complex = te_dtype_is_complex (te_tensor_dtype (cov));
  TeTensor *variance = EX (&e, "diag", "T", cov);
  TeTensor *deviation = EX (&e, "sqrt", "T", is_complex ? EX (&e, "real", "T", variance) : variance);
  TeTensor *column = EX (&e, "view", "TI", deviation, ((int64_t[]){ -1, 1 }), 2),
           *row = EX (&e, "view", "TI", deviation, ((int64_t[]){ 1, -1 }), 2);
  TeTensor *result = ex_div (&e, ex_div (&e, cov, column), row);
  if (!is_complex)
    return te_expr_end (&e, within_one (&e, result), &call->outs[0]);
  TeTensor *real = within_one (&e, EX (&e, "real", "T", result)),
           *imag = within_one (&e, EX (&e, "imag", "T", result));
  return te_expr_end (&e, EX (&e, "complex", "TT", real, imag), &call->outs[0]);
}

static bool
kernel_sum_to_size (TeOpCall *call, TeError *err)
{
  TeTensor *self = call->args[0].tensor;
  const TeValue *size = &call->args[1];
  bool fits = size->count <= self->ndim;
  for (int i = 0; fits && i < size->count; i++)
    fits = size->ints[i] == 1 || size->ints[i] == self->sizes[self->ndim - size->count + i];
  if (!fits)
    {
      char a[512], b[512];
      return te_error_set (err, TE_ERR_RUNTIME, "size {%s} is not expandable to size {%s}.",
                           te_shape_text (size->count, size->ints, a, sizeof a),
                           te_shape_text (self->ndim, self->sizes, b, sizeof b));
    }
  TeExpr e = TE_EXPR (err);
  TeTensor *result = self;
  int64_t dims[TE_MAX_NDIM];
  int n = 0, lead = self->ndim - size->count;
  for (int d = 0; d < self->ndim; d++)
    if (d < lead || (size->ints[d - lead] == 1 && self->sizes[d] != 1))
      dims[n++] = d;
  if (n)
    result = EX (&e, "sum.dim_IntList", "TIb", self, dims, n, 1);
  if (lead)
    result = EX (&e, "view", "TI", result, size->ints, size->count);
  return te_expr_end (&e, result, &call->outs[0]);
}

/* ---- quantile: sorted, then between two neighbours ---- */

/* The place of each level among n sorted elements, in the dtype of the elements. */
static TeTensor *
quantile_ranks (TeExpr *e, TeTensor *sorted, const TeValue *q, const char *how, bool ignores_nan)
{
  int64_t one = 1, last = sorted->ndim - 1;
  double n = (double) (sorted->sizes[last] - 1);
  TeTensor *levels = q->kind == TE_VALUE_TENSOR ? EX (e, "reshape", "TI", q->tensor, (int64_t[]){ -1 }, 1)
                                                : EX (e, "full", "ISd", &one, 1, te_scalar_float (q->f),
                                                      (int) te_tensor_dtype (sorted));
  TeTensor *nan = EX (e, "isnan", "T", sorted), *ranks;
  if (ignores_nan)
    { /* among those that are numbers */
      TeTensor *numbers = EX (e, "sum.dim_IntList", "TIb", EX (e, "logical_not", "T", nan), &last, 1, 1);
      ranks = ex_mul (e, levels, ex_add_scalar (e, numbers, -1));
      ranks = EX (e, "clamp_min", "TS", ranks, te_scalar_float (0));
    }
  else /* NaN sorts last and wins */
    ranks = EX (e, "masked_fill.Scalar", "TTS", ex_mul_scalar (e, levels, n),
                EX (e, "any.dim", "Tib", nan, last, 1), te_scalar_float (n));
  if (strcmp (how, "lower") == 0)
    return EX (e, "floor", "T", ranks);
  if (strcmp (how, "higher") == 0)
    return EX (e, "ceil", "T", ranks);
  return strcmp (how, "nearest") == 0 ? EX (e, "round", "T", ranks) : ranks;
}

/* Picks along the last dimension of sorted, one element for each level; the levels come first in the result.
 */
static TeTensor *
quantile_pick (TeExpr *e, TeTensor *sorted, const TeValue *q, const char *how, bool ignores_nan)
{
  TeTensor *ranks = quantile_ranks (e, sorted, q, how, ignores_nan), *below = NULL, *result;
  bool midpoint = strcmp (how, "midpoint") == 0;
  if (e->failed)
    return NULL;
  int64_t last = sorted->ndim - 1;
  below = te_expr_keep (e, te_to_dtype (ranks, TE_INT64, e->err));
  result = EX (e, "gather", "TiT", sorted, last, below);
  TE_OP (lerp, "lerp.Tensor");
  TE_OP (unsqueeze_, "unsqueeze_");
  TE_OP (transpose_, "transpose_");
  TE_OP (squeeze_, "squeeze_.dim");
  if (midpoint || strcmp (how, "linear") == 0)
    {
      TeTensor *weights =
          midpoint ? EX (e, "full_like", "TS", ranks, te_scalar_float (0.5)) : ex_sub (e, ranks, below);
      TeTensor *above =
          e->failed ? NULL : te_expr_keep (e, te_to_dtype (EX (e, "ceil", "T", ranks), TE_INT64, e->err));
      TeTensor *next = EX (e, "gather", "TiT", sorted, last, above);
      e->failed = e->failed || !te_call_inplace (lerp, e->err, "TTT", result, next, weights);
    }
  if (q->kind != TE_VALUE_TENSOR || !q->tensor->ndim)
    {
      e->failed = e->failed || !te_call_inplace (squeeze_, e->err, "Ti", result, (int64_t) -1);
      return result;
    }
  e->failed = e->failed || !te_call_inplace (unsqueeze_, e->err, "Ti", result, (int64_t) 0)
              || !te_call_inplace (transpose_, e->err, "Tii", result, (int64_t) 0, (int64_t) -1)
              || !te_call_inplace (squeeze_, e->err, "Ti", result, (int64_t) -1);
  return result;
}

static bool
check_quantile (const TeOpCall *call, const TeTensor *self, const TeValue *q, TeError *err)
{
  static const char *const manners[] = { "linear", "lower", "higher", "midpoint", "nearest" };
  const char *how = call->args[4].string;
  bool known = false;
  if (!self->numel)
    return te_error_set (err, TE_ERR_RUNTIME, "quantile() input tensor must be non-empty");
  if (self->dtype != TE_FLOAT32 && self->dtype != TE_FLOAT64)
    return te_error_set (err, TE_ERR_RUNTIME, "quantile() input tensor must be either float or double dtype");
  if (q->kind == TE_VALUE_TENSOR && q->tensor->ndim > 1)
    return te_error_set (err, TE_ERR_RUNTIME, "quantile() q must be a scalar or 1D tensor");
  if (q->kind == TE_VALUE_TENSOR && q->tensor->dtype != self->dtype)
    return te_error_set (err, TE_ERR_RUNTIME, "quantile() q tensor must be same dtype as the input tensor");
  for (size_t i = 0; i < sizeof manners / sizeof manners[0]; i++)
    known = known || strcmp (how, manners[i]) == 0;
  if (!known)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "quantile() interpolation must be one of linear, lower, higher, midpoint or nearest, but got %s",
        how);
  if (q->kind != TE_VALUE_TENSOR && !(q->f >= 0 && q->f <= 1))
    return te_error_set (err, TE_ERR_RUNTIME, "quantile() q must be in the range [0, 1] but got %g", q->f);
  TeTensor *values = q->kind == TE_VALUE_TENSOR ? te_contiguous_copy (q->tensor, TE_FLOAT64, err) : NULL;
  bool ok = values || q->kind != TE_VALUE_TENSOR;
  for (int64_t i = 0; values && i < values->numel && ok; i++)
    if (!(((const double *) te_tensor_data (values))[i] >= 0
          && ((const double *) te_tensor_data (values))[i] <= 1))
      ok = te_error_set (err, TE_ERR_RUNTIME, "quantile() q values must be in the range [0, 1]");
  te_tensor_unref (values);
  return ok;
}

static bool
kernel_quantile (TeOpCall *call, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *self = call->args[0].tensor, *x = self;
  const TeValue *q = &call->args[1];
  bool along = call->args[2].kind == TE_VALUE_INT && self->ndim > 0, keepdim = call->args[3].b;
  int dim = 0, ndim = 0;
  int64_t sizes[TE_MAX_NDIM];
  if (call->args[2].kind == TE_VALUE_INT && !te_dim_wrap (call->args[2].i, self->ndim, &dim, err))
    return false;
  if (!check_quantile (call, self, q, err))
    return false;
  if (!along)
    x = EX (&e, "flatten.using_ints", "T", self);
  else if (dim != self->ndim - 1)
    x = EX (&e, "transpose", "Tii", EX (&e, "unsqueeze", "Ti", self, (int64_t) -1), (int64_t) dim,
            (int64_t) -1);
  TeTensor *sorted = EX (&e, "sort", "Ti", x, (int64_t) -1);
  for (int d = 0; d < self->ndim; d++) /* what stays of self, and the sorted dimension behind it */
    if (d != dim ? along || keepdim : keepdim)
      sizes[ndim++] = along && d != dim ? self->sizes[d] : 1;
  if (!e.failed)
    {
      sizes[ndim++] = x->sizes[x->ndim - 1];
      sorted = EX (&e, "view", "TI", sorted, sizes, ndim);
    }
  return te_expr_end (
      &e, e.failed ? NULL : quantile_pick (&e, sorted, q, call->args[4].string, call->op->name[0] == 'n'),
      &call->outs[0]);
}

/* ---- trapezoids ---- */

static bool
kernel_trapezoid (TeOpCall *call, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *y = call->args[0].tensor,
           *x = call->op->args[1].type == TE_ARG_TENSOR ? call->args[1].tensor : NULL;
  int dim;
  if (!y->ndim)
    return te_error_set (err, TE_ERR_INDEX, "Dimension specified as %lld but tensor has no dimensions",
                         (long long) call->args[2].i);
  if (!te_dim_wrap (call->args[2].i, y->ndim, &dim, err))
    return false;
  int64_t n = y->sizes[dim], at = dim;
  if (n == 0)
    return te_expr_end (&e, EX (&e, "sum.dim_IntList", "TI", y, &at, 1), &call->outs[0]);
  if (y->dtype == TE_BOOL || (x && x->dtype == TE_BOOL))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "trapezoid: received a bool input for `%s`, but bool is not supported",
                         x ? "x` or `y" : "y");
  if (!x)
    {
      TeTensor *ends = ex_add (&e, EX (&e, "select.int", "Tii", y, at, (int64_t) 0),
                               EX (&e, "select.int", "Tii", y, at, (int64_t) -1));
      TeTensor *all = EX (&e, "sum.dim_IntList", "TI", y, &at, 1);
      TeTensor *inner = ex_sub (&e, all, ex_mul_scalar (&e, ends, 0.5));
      double dx =
          call->args[1].kind == TE_VALUE_FLOAT ? call->args[1].f : te_scalar_to_double (call->args[1].scalar);
      return te_expr_end (&e, ex_mul_scalar (&e, inner, dx), &call->outs[0]);
    }
  if (x->ndim == 1 && x->sizes[0] != n)
    return te_error_set (err, TE_ERR_RUNTIME, "trapezoid: There must be one `x` value for each sample point");
  int64_t shape[TE_MAX_NDIM];
  for (int d = 0; d < y->ndim; d++)
    shape[d] = x->ndim == 1            ? (d == dim ? n : 1)
               : d < y->ndim - x->ndim ? 1
                                       : x->sizes[d - (y->ndim - x->ndim)];
  if (x->ndim < y->ndim || x->ndim == 1)
    x = EX (&e, "view", "TI", x, shape, y->ndim);
  int64_t m = e.failed ? 0 : x->sizes[dim];
  TeTensor *steps = ex_sub (&e, part (&e, x, dim, 1, m - 1), part (&e, x, dim, 0, m - 1));
  TeTensor *sides = ex_add (&e, part (&e, y, dim, 0, n - 1), part (&e, y, dim, 1, n - 1));
  TeTensor *total = EX (&e, "sum.dim_IntList", "TI", ex_mul (&e, sides, steps), &at, 1);
  return te_expr_end (&e, EX (&e, "div.Scalar", "TS", total, te_scalar_float (2)), &call->outs[0]);
}

static bool
kernel_cumulative_trapezoid (TeOpCall *call, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  bool has_x = call->op->args[1].type == TE_ARG_TENSOR;
  TeTensor *y = call->args[0].tensor, *x = has_x ? call->args[1].tensor : NULL;
  int dim;
  if (!te_dim_wrap (call->args[2].i, y->ndim, &dim, err))
    return false;
  if (y->dtype == TE_BOOL || (x && x->dtype == TE_BOOL))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "cumulative_trapezoid: received a bool input for `%s`, but bool is not supported",
                         x ? "x` or `y" : "y");
  if (!y->ndim)
    return te_error_set (err, TE_ERR_INDEX, "slice() cannot be applied to a 0-dim tensor.");
  int64_t n = y->sizes[dim], at = dim;
  if (x && x->ndim == 1 && x->sizes[0] != n)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "cumulative_trapezoid: There must be one `x` value for each sample point");
  TeTensor *sides = ex_add (&e, part (&e, y, dim, 1, n - 1), part (&e, y, dim, 0, n - 1));
  if (!x)
    {
      double dx = te_scalar_to_double (call->args[1].scalar);
      sides = EX (&e, "mul.Scalar", "TS", sides, te_scalar_float (dx / 2));
      return te_expr_end (&e, EX (&e, "cumsum", "Ti", sides, at), &call->outs[0]);
    }
  int64_t shape[TE_MAX_NDIM];
  for (int d = 0; d < y->ndim; d++)
    shape[d] = d == dim ? n : 1;
  if (x->ndim == 1)
    x = EX (&e, "view", "TI", x, shape, y->ndim);
  int x_dim = e.failed ? 0 : dim - (y->ndim - x->ndim);
  int64_t m = e.failed || x_dim < 0 ? 1 : x->sizes[x_dim];
  TeTensor *steps = ex_sub (&e, part (&e, x, x_dim, 1, m - 1), part (&e, x, x_dim, 0, m - 1));
  TeTensor *sums = EX (&e, "cumsum", "Ti", ex_mul (&e, sides, steps), at);
  return te_expr_end (&e, EX (&e, "div.Scalar", "TS", sums, te_scalar_float (2)), &call->outs[0]);
}

#define COMPOSED(SCHEMA, FLAGS, KERNEL, DOC)                                                                 \
  {                                                                                                          \
    .schema = SCHEMA " -> Tensor", .flags = (FLAGS) | TE_OP_COMPOSITE, .kernel = KERNEL, .doc = DOC          \
  }

static const TeOpDef rows[] = {
  COMPOSED ("diff(Tensor self, int n=1, int dim=-1, Tensor? prepend=None, Tensor? append=None)",
            TE_MF | TE_OP_OUT,
            kernel_diff,
            "Differences of neighbours along dim, n times over."),
  COMPOSED ("corrcoef(Tensor self)", TE_MF, kernel_corrcoef, "Correlations of the rows."),
  COMPOSED ("sum_to_size(Tensor self, int[] size)",
            TE_OP_METHOD,
            kernel_sum_to_size,
            "Sums until self has the size it was broadcast from."),
  COMPOSED (
      "quantile(Tensor self, Tensor q, int? dim=None, bool keepdim=False, *, str interpolation=\"linear\")",
      TE_MF | TE_OP_OUT,
      kernel_quantile,
      "The q-th quantiles along dim."),
  COMPOSED ("quantile.scalar(Tensor self, float q, int? dim=None, bool keepdim=False, *, str "
            "interpolation=\"linear\")",
            TE_MF | TE_OP_OUT,
            kernel_quantile,
            "The q-th quantile along dim."),
  COMPOSED ("nanquantile(Tensor self, Tensor q, int? dim=None, bool keepdim=False, *, str "
            "interpolation=\"linear\")",
            TE_MF | TE_OP_OUT,
            kernel_quantile,
            "The q-th quantiles of what is not NaN."),
  COMPOSED ("nanquantile.scalar(Tensor self, float q, int? dim=None, bool keepdim=False, *, str "
            "interpolation=\"linear\")",
            TE_MF | TE_OP_OUT,
            kernel_quantile,
            "The q-th quantile of what is not NaN."),
  COMPOSED ("trapezoid.x(Tensor y, Tensor x, *, int dim=-1)",
            TE_OP_FUNCTION,
            kernel_trapezoid,
            "The integral of y over x by trapezoids."),
  COMPOSED ("trapezoid.dx(Tensor y, *, Scalar dx=1, int dim=-1)",
            TE_OP_FUNCTION,
            kernel_trapezoid,
            "The integral of y by trapezoids."),
  COMPOSED ("trapz.dx(Tensor y, *, float dx=1, int dim=-1)",
            TE_OP_FUNCTION,
            kernel_trapezoid,
            "Another name of trapezoid."),
  COMPOSED ("trapz.x(Tensor y, Tensor x, *, int dim=-1)",
            TE_OP_FUNCTION,
            kernel_trapezoid,
            "Another name of trapezoid."),
  COMPOSED ("cumulative_trapezoid.x(Tensor y, Tensor x, *, int dim=-1)",
            TE_OP_FUNCTION,
            kernel_cumulative_trapezoid,
            "The integrals of y over x by trapezoids, from the first place to each."),
  COMPOSED ("cumulative_trapezoid.dx(Tensor y, *, Scalar dx=1, int dim=-1)",
            TE_OP_FUNCTION,
            kernel_cumulative_trapezoid,
            "The integrals of y by trapezoids, from the first place to each."),
};
TE_OP_FAMILY (te_family_compose, rows);
