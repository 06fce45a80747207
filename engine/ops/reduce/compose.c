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
    return te_expr_end (&e, EX (&e, "clone", "T", self), &call->outs[0]);
  if (!te_dim_wrap (call->args[2].i, self->ndim, &dim, err))
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
  for (int64_t i = 0; i < n && !e.failed && e.n + 4 < TE_EXPR_MAX; i++)
    {
      int64_t size = x->sizes[dim];
      if (!size)
        break;
      TeTensor *after = part (&e, x, dim, 1, size - 1), *before = part (&e, x, dim, 0, size - 1);
      x = !e.failed && after->dtype == TE_BOOL ? EX (&e, "logical_xor", "TT", after, before)
                                               : ex_sub (&e, after, before);
    }
  return te_expr_end (&e, x, &call->outs[0]);
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
  TeTensor *x = self->ndim < 2 ? EX (e, "reshape", "TI", self, ((int64_t[]){ 1, -1 }), 2) : self;
  if (e->failed)
    return NULL;
  double n = (double) x->sizes[1];
  TeTensor *centered = ex_sub (e, x, EX (e, "mean.dim", "TIb", x, &one, 1, 1));
  TeTensor *turned = e->failed ? NULL : te_expr_keep (e, te_transpose (centered, 0, 1, e->err));
  TeTensor *product = EX (e, "mm", "TT", centered, ex_conj (e, turned));
  product = EX (e, "div.Scalar", "TS", product, te_scalar_float (n - correction > 0 ? n - correction : 0));
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
  TeTensor *variance = EX (&e, "diagonal", "T", cov);
  TeTensor *deviation = EX (&e, "sqrt", "T", is_complex ? EX (&e, "real", "T", variance) : variance);
  TeTensor *column = EX (&e, "unsqueeze", "Ti", deviation, (int64_t) 1);
  TeTensor *result = ex_div (&e, ex_div (&e, cov, column), deviation);
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
  TeMeta meta = { .sizes = (int64_t *) size->ints, .dtype = self->dtype, .ndim = (uint8_t) size->count };
  return (call->outs[0] = te_sum_to_meta (self, &meta, err)) != NULL;
}

/* ---- quantile: sorted, then between two neighbours ---- */

static TeTensor *
one_quantile (TeExpr *e, TeTensor *sorted, int64_t dim, double q, const char *how)
{
  int64_t n = sorted->sizes[dim];
  double place = q * (double) (n - 1), low = floor (place), high = ceil (place), weight = place - low;
  if (strcmp (how, "lower") == 0)
    high = low;
  else if (strcmp (how, "higher") == 0)
    low = high;
  else if (strcmp (how, "nearest") == 0)
    low = high = rint (place);
  else if (strcmp (how, "midpoint") == 0)
    weight = 0.5;
  TeTensor *a = EX (e, "select.int", "Tii", sorted, dim, (int64_t) low);
  if (low == high)
    return a;
  return EX (e, "lerp.Scalar", "TTS", a, EX (e, "select.int", "Tii", sorted, dim, (int64_t) high),
             te_scalar_float (weight));
}

static bool
is_interpolation (const char *how)
{
  static const char *const known[] = { "linear", "lower", "higher", "midpoint", "nearest" };
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
    if (strcmp (how, known[i]) == 0)
      return true;
  return false;
}

static bool
kernel_quantile (TeOpCall *call, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *self = call->args[0].tensor, *x = self, *both[2] = { NULL, NULL };
  const TeValue *q = &call->args[1];
  bool keepdim = call->args[3].b, many = q->kind == TE_VALUE_TENSOR && q->tensor->ndim;
  int dim = 0;
  int64_t all = -1;
  if (self->dtype != TE_FLOAT32 && self->dtype != TE_FLOAT64)
    return te_error_set (err, TE_ERR_RUNTIME, "quantile() input tensor must be either float or double dtype");
  if (!self->numel)
    return te_error_set (err, TE_ERR_RUNTIME, "quantile() input tensor must be non-empty");
  if (q->kind == TE_VALUE_TENSOR && q->tensor->ndim > 1)
    return te_error_set (err, TE_ERR_RUNTIME, "quantile() q must be a scalar or 1D tensor");
  if (q->kind == TE_VALUE_TENSOR && q->tensor->dtype != self->dtype)
    return te_error_set (err, TE_ERR_RUNTIME, "quantile() q tensor must be same dtype as the input tensor");
  if (!is_interpolation (call->args[4].string))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "quantile() interpolation must be one of linear, lower, higher, midpoint or nearest, but got %s",
                         call->args[4].string);
  if (call->args[2].kind == TE_VALUE_INT && !te_dim_wrap (call->args[2].i, self->ndim, &dim, err))
    return false;
  TeTensor *values = q->kind == TE_VALUE_TENSOR ? te_contiguous_copy (q->tensor, TE_FLOAT64, err) : NULL;
  int64_t count = q->kind == TE_VALUE_TENSOR ? q->tensor->numel : 1;
  if (q->kind == TE_VALUE_TENSOR && !values)
    return false;
  if (values)
    te_expr_keep (&e, values);
  const double *levels = values ? te_tensor_data (values) : &q->f;
  for (int64_t i = 0; i < count; i++)
    if (!(levels[i] >= 0 && levels[i] <= 1))
      {
        te_expr_close (&e);
        if (values)
          return te_error_set (err, TE_ERR_RUNTIME, "quantile() q values must be in the range [0, 1]");
        return te_error_set (err, TE_ERR_RUNTIME, "quantile() q must be in the range [0, 1] but got %g", q->f);
      }
  if (call->args[2].kind == TE_VALUE_NONE || !self->ndim)
    x = EX (&e, "reshape", "TI", self, &all, 1);
  TE_OP (sort, "sort");
  if (e.failed || !te_call_multi (sort, both, 2, err, "Ti", x, (int64_t) dim))
    {
      e.failed = true;
      return te_expr_close (&e);
    }
  te_expr_keep (&e, both[0]);
  te_expr_keep (&e, both[1]);
  TeTensor *nan = EX (&e, "any.dim", "Ti", EX (&e, "isnan", "T", x), (int64_t) dim);
  TeTensor **results = te_new_sized ((size_t) count * sizeof *results);
  if (!results)
    {
      te_expr_close (&e);
      return te_error_no_memory (err);
    }
  for (int64_t i = 0; i < count && !e.failed; i++)
    {
      TeExpr level = TE_EXPR (err);
      TeTensor *one = one_quantile (&level, both[0], dim, levels[i], call->args[4].string);
      one = EX (&level, "where.ScalarSelf", "TST", nan, te_scalar_float (NAN), one);
      if (keepdim && call->args[2].kind == TE_VALUE_INT)
        one = EX (&level, "unsqueeze", "Ti", one, (int64_t) dim);
      else if (keepdim)
        {
          int64_t ones[TE_MAX_NDIM];
          for (int d = 0; d < self->ndim; d++)
            ones[d] = 1;
          one = EX (&level, "reshape", "TI", one, ones, self->ndim);
        }
      e.failed = !te_expr_end (&level, one, &results[i]);
    }
  TeTensor *out = results[0];
  if (many)
    { /* the levels come first, but lie innermost in memory, as PyTorch's do */
      int64_t order[TE_MAX_NDIM];
      out = EX (&e, "stack", "Li", (TeTensor *const *) results, (int) count, (int64_t) -1);
      for (int d = 0; !e.failed && d < out->ndim; d++)
        order[d] = d ? d - 1 : out->ndim - 1;
      out = e.failed ? NULL : EX (&e, "permute", "TI", out, order, out->ndim);
    }
  bool ok = te_expr_end (&e, out, &call->outs[0]);
  for (int64_t i = 0; i < count; i++)
    te_tensor_unref (results[i]);
  te_free_sized (results, (size_t) count * sizeof *results);
  return ok;
}

/* ---- trapezoids ---- */

static bool
kernel_trapezoid (TeOpCall *call, TeError *err)
{
  TeExpr e = TE_EXPR (err);
  TeTensor *y = call->args[0].tensor,
           *x = call->op->args[1].type == TE_ARG_TENSOR ? call->args[1].tensor : NULL;
  int dim;
  if (!te_dim_wrap (call->args[2].i, y->ndim, &dim, err))
    return false;
  if (!y->ndim || y->sizes[dim] == 0)
    return te_expr_end (&e, EX (&e, "sum.dim_IntList", "TI", y, ((int64_t[]){ dim }), 1), &call->outs[0]);
  int64_t n = y->sizes[dim], at = dim;
  if (x && x->ndim == 1 && x->sizes[0] != n)
    return te_error_set (err, TE_ERR_RUNTIME, "trapezoid: There must be one `x` value for each sample point");
  TeTensor *sides = ex_add (&e, part (&e, y, dim, 0, n - 1), part (&e, y, dim, 1, n - 1));
  if (x)
    {
      int64_t axis = x->ndim == 1 ? 0 : dim, shape[TE_MAX_NDIM];
      TeTensor *steps = ex_sub (&e, part (&e, x, axis, 1, n - 1), part (&e, x, axis, 0, n - 1));
      for (int d = 0; d < y->ndim; d++)
        shape[d] = d == dim ? n - 1 : 1;
      if (x->ndim == 1)
        steps = EX (&e, "reshape", "TI", steps, shape, y->ndim);
      sides = ex_mul (&e, sides, steps);
    }
  TeTensor *total = EX (&e, "sum.dim_IntList", "TI", sides, &at, 1);
  total = ex_mul_scalar (&e, total, x ? 0.5 : 0.5 * te_scalar_to_double (call->args[1].scalar));
  return te_expr_end (&e, total, &call->outs[0]);
}

/* ---- windows: a cosine series over one period; periodic ones leave out the last point ---- */

static bool
make_window (TeOpCall *call,
             bool periodic,
             const double series[3],
             bool triangle,
             const TeValue *options,
             TeError *err)
{
  int64_t n = call->args[0].i;
  TeDtype dtype = te_value_dtype (&options[0], te_dtype_default ());
  if (n < 0)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "%s requires non-negative window_length, got window_length=%lld", call->op->name,
                         (long long) n);
  if (!te_dtype_is_floating (dtype))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "%s expects floating point dtypes, got: TensorOptions(dtype=%s)", call->op->name,
                         te_dtype_name (dtype));
  if (!te_creation_output (call, &options[1], NULL, 1, &n, NULL, dtype, err)
      || te_tensor_is_meta (call->outs[0]))
    return call->outs[0] != NULL;
  double period = (double) (periodic ? n : n - 1);
  for (int64_t k = 0; k < n; k++)
    {
      double turn = n == 1 ? 0 : 2 * M_PI * (double) k / period,
             value = series[0] - series[1] * cos (turn) + series[2] * cos (2 * turn);
      if (triangle)
        value = 1 - fabs (2 * (double) k / period - 1);
      te_scalar_store (te_scalar_float (n == 1 ? 1 : value), dtype,
                       (char *) te_tensor_data (call->outs[0]) + (size_t) k * te_dtype_nbytes (dtype));
    }
  return true;
}

#define WINDOW(NAME, A, B, C, TRIANGLE)                                                                      \
  static bool kernel_##NAME##_window (TeOpCall *call, TeError *err)                                          \
  {                                                                                                          \
    static const double series[3] = { A, B, C };                                                             \
    bool given = call->op->args[1].type == TE_ARG_BOOL;                                                      \
    return make_window (call, !given || call->args[1].b, series, TRIANGLE, call->args + 1 + given, err);     \
  }
WINDOW (hann, 0.5, 0.5, 0, false)
WINDOW (blackman, 0.42, 0.5, 0.08, false)
WINDOW (bartlett, 0, 0, 0, true)

#define WINDOW_ROWS(NAME)                                                                                    \
  { .schema = #NAME "_window(int window_length, *, ScalarType? dtype=None, Device? device=None) -> Tensor",  \
    .flags = TE_OP_FUNCTION | TE_OP_NONDIFF,                                                                 \
    .kernel = kernel_##NAME##_window,                                                                        \
    .doc = "A window of that length." },                                                                     \
  {                                                                                                          \
    .schema = #NAME "_window.periodic(int window_length, bool periodic, *, ScalarType? dtype=None, Device? " \
                    "device=None) -> Tensor",                                                                \
    .flags = TE_OP_FUNCTION | TE_OP_NONDIFF, .kernel = kernel_##NAME##_window,                               \
    .doc = "A window of that length, periodic or symmetric."                                                 \
  }
#define COMPOSED(SCHEMA, FLAGS, KERNEL, DOC)                                                                 \
  {                                                                                                          \
    .schema = SCHEMA " -> Tensor", .flags = (FLAGS) | TE_OP_COMPOSITE, .kernel = KERNEL, .doc = DOC          \
  }

static const TeOpDef rows[] = {
  COMPOSED ("diff(Tensor self, int n=1, int dim=-1, Tensor? prepend=None, Tensor? append=None)",
            TE_MF,
            kernel_diff,
            "Differences of neighbours along dim, n times over."),
  COMPOSED ("corrcoef(Tensor self)", TE_MF, kernel_corrcoef, "Correlations of the rows."),
  COMPOSED ("sum_to_size(Tensor self, int[] size)",
            TE_OP_METHOD,
            kernel_sum_to_size,
            "Sums until self has the size it was broadcast from."),
  COMPOSED (
      "quantile(Tensor self, Tensor q, int? dim=None, bool keepdim=False, *, str interpolation=\"linear\")",
      TE_MF,
      kernel_quantile,
      "The q-th quantiles along dim."),
  COMPOSED ("quantile.scalar(Tensor self, float q, int? dim=None, bool keepdim=False, *, str "
            "interpolation=\"linear\")",
            TE_MF,
            kernel_quantile,
            "The q-th quantile along dim."),
  COMPOSED ("trapezoid.x(Tensor y, Tensor x, *, int dim=-1)",
            TE_OP_FUNCTION,
            kernel_trapezoid,
            "The integral of y over x by trapezoids."),
  COMPOSED ("trapezoid.dx(Tensor y, *, Scalar dx=1, int dim=-1)",
            TE_OP_FUNCTION,
            kernel_trapezoid,
            "The integral of y by trapezoids."),
  COMPOSED ("trapz.x(Tensor y, Tensor x, *, int dim=-1)",
            TE_OP_FUNCTION,
            kernel_trapezoid,
            "Another name of trapezoid."),
  COMPOSED ("trapz.dx(Tensor y, *, Scalar dx=1, int dim=-1)",
            TE_OP_FUNCTION,
            kernel_trapezoid,
            "Another name of trapezoid."),
  WINDOW_ROWS (hann),
  WINDOW_ROWS (blackman),
  WINDOW_ROWS (bartlett),
};
TE_OP_FAMILY (te_family_compose, rows);
