/* segment_reduce: runs of rows along an axis to one row each.  data (lead…, rows, inner…), lengths (lead…, segments) or offsets
 * (lead…, segments + 1) -> (lead…, segments, inner…).  Source: PyTorch's SegmentReduce.cpp, whose gradient of a maximum that several
 * share is divided only where it is positive. */
#include <math.h>
#include <string.h>

#include "iter/tensor-iter.h"
#include "ops/dispatch.h"
#include "ops/shape/shape-util.h"

typedef enum
{
  SUM,
  MEAN,
  MAX,
  MIN,
  PROD
} Kind;

typedef struct
{
  Kind kind;
  int64_t lead, rows, inner, segments;
  const int64_t *lengths; /* lead x segments; of offsets: lead x (segments + 1) */
  bool are_offsets;
  double initial;
  bool has_initial;
  TeTensor *held;
} Segments;

static bool
read_kind (const char *name, Kind *kind, TeError *err)
{
  static const char *const names[] = { "sum", "mean", "max", "min", "prod" };
  for (int i = 0; i < 5; i++)
    if (strcmp (name, names[i]) == 0)
      {
        *kind = (Kind) i;
        return true;
      }
  return te_error_set (err, TE_ERR_RUNTIME, "unsupported reduction given! %s", name);
}

/* Where segment s of lead l begins, and how many rows it has. */
static int64_t
segment_at (const Segments *g, int64_t l, int64_t s, int64_t *begin)
{
  if (g->are_offsets)
    {
      const int64_t *at = g->lengths + l * (g->segments + 1) + s;
      *begin = at[0];
      return at[1] - at[0];
    }
  if (s == 0)
    *begin = 0;
  else
    *begin += g->lengths[l * g->segments + s - 1];
  return g->lengths[l * g->segments + s];
}

static bool
check_lengths (const Segments *g, TeError *err)
{
  for (int64_t i = 0; i < g->lead * g->segments; i++)
    if (g->lengths[i] < 0)
      return te_error_set (err, TE_ERR_RUNTIME, "lengths contains negative value!");
  for (int64_t l = 0; l < g->lead; l++)
    {
      int64_t sum = 0;
      for (int64_t s = 0; s < g->segments; s++)
        sum += g->lengths[l * g->segments + s];
      if (sum != g->rows)
        return te_error_set (err, TE_ERR_RUNTIME,
                             "segment_reduce(): Expected all rows of lengths along axis to sum to "
                             "data.size(lengths.dim()-1) when !unsafe.");
    }
  return true;
}

/* Rows outside the data are never touched, however unsafe the call is. */
static bool
check_reach (const Segments *g, TeError *err)
{
  for (int64_t l = 0; l < g->lead; l++)
    for (int64_t s = 0, begin = 0; s < g->segments; s++)
      {
        int64_t n = segment_at (g, l, s, &begin);
        if (begin < 0 || n < 0 || n > g->rows - begin)
          return te_error_set (err, TE_ERR_INDEX, "segment_reduce(): a segment lies outside of %lld rows", (long long) g->rows);
      }
  return true;
}

/* Reads what describes the segments; held keeps their numbers. */
static bool
read_segments (Segments *g, TeTensor *data, const TeValue *lengths, const TeValue *offsets, int64_t axis, bool is_safe, TeError *err)
{
  int dim;
  TeTensor *given = lengths->kind == TE_VALUE_TENSOR   ? lengths->tensor
                    : offsets->kind == TE_VALUE_TENSOR ? offsets->tensor
                                                       : NULL;
  if (!te_dim_wrap (axis, data->ndim, &dim, err))
    return false;
  if (!data->numel)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "Expected data.numel() > 0 to be true, but got false.  (Could this error message be improved?  If so, "
                         "please report an enhancement request to PyTorch.)");
  if (!given)
    return te_error_set (err, TE_ERR_RUNTIME, "segment_reduce(): Either lengths or offsets must be defined.");
  g->are_offsets = lengths->kind != TE_VALUE_TENSOR;
  const char *what = g->are_offsets ? "offsets" : "lengths";
  if (data->ndim < given->ndim)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "Expected data.dim() >= %s_value.dim() to be true, but got false.  (Could this error message be "
                         "improved?  If so, please report an enhancement request to PyTorch.)",
                         what);
  if (dim != given->ndim - 1)
    return te_error_set (err, TE_ERR_RUNTIME, "segment_reduce(): Expected axis to be the last dimension of %s but got %lld.", what,
                         (long long) axis);
  if (te_tensor_dtype (given) != TE_INT64 && te_tensor_dtype (given) != TE_INT32)
    return te_error_set (err, TE_ERR_RUNTIME, "\"_segment_reduce_%s_cpu_kernel1\" not implemented for '%s'", what,
                         te_dtype_error_name (te_tensor_dtype (given)));
  g->lead = g->inner = 1;
  for (int d = 0; d < data->ndim; d++)
    if (d < dim)
      g->lead *= data->sizes[d];
    else if (d > dim)
      g->inner *= data->sizes[d];
  g->rows = data->sizes[dim];
  g->segments = given->sizes[dim] - g->are_offsets;
  bool fits = g->segments >= 0;
  for (int d = 0; d < dim; d++)
    fits = fits && given->sizes[d] == data->sizes[d];
  if (!fits)
    return te_error_set (err, TE_ERR_RUNTIME, "segment_reduce(): Expected %s to have the data's dimensions before axis.", what);
  g->held = te_contiguous_copy (given, TE_INT64, err);
  if (!g->held)
    return false;
  g->lengths = te_tensor_data (g->held);
  return (!is_safe || g->are_offsets || check_lengths (g, err)) && check_reach (g, err);
}

static double
start_of (const Segments *g)
{
  if (g->has_initial)
    return g->initial;
  return g->kind == MAX ? -INFINITY : g->kind == MIN ? INFINITY : g->kind == PROD;
}

static double
step (Kind kind, double sum, double x)
{
  switch (kind)
    {
    case MAX:
      return isnan (x) || isnan (sum) ? NAN : x > sum ? x : sum;
    case MIN:
      return isnan (x) || isnan (sum) ? NAN : x < sum ? x : sum;
    case PROD:
      return sum * x;
    default:
      return sum + x;
    }
}

static void
reduce (const Segments *g, const double *from, double *to)
{
  for (int64_t l = 0; l < g->lead; l++)
    for (int64_t s = 0, begin = 0; s < g->segments; s++)
      {
        int64_t n = segment_at (g, l, s, &begin);
        for (int64_t k = 0; k < g->inner; k++)
          {
            double sum = start_of (g);
            for (int64_t i = begin; i < begin + n; i++)
              sum = step (g->kind, sum, from[(l * g->rows + i) * g->inner + k]);
            if (g->kind == MEAN)
              sum = n ? sum / (double) n : g->has_initial ? sum : NAN;
            to[(l * g->segments + s) * g->inner + k] = sum;
          }
      }
}

/* The gradient of one column of one segment; x, g_x and their step are the data's. */
static void
column_gradient (const Segments *g, const double *x, double *g_x, int64_t n, double out, double grad)
{
  int64_t same = 0;
  for (int64_t i = 0; i < n; i++)
    {
      double value = x[i * g->inner], *to = &g_x[i * g->inner];
      if (g->kind == SUM)
        *to = grad;
      else if (g->kind == MEAN)
        *to = grad / (double) n;
      else if (g->kind == PROD && (isnan (value) || value == 0))
        {
          double others = g->has_initial ? g->initial : 1;
          for (int64_t k = 0; k < n; k++)
            others *= k == i ? 1 : x[k * g->inner];
          *to = grad * others;
        }
      else if (g->kind == PROD)
        *to = grad * out / value;
      else if (isnan (value) || value == out)
        {
          *to = grad;
          same++;
        }
    }
  for (int64_t i = 0; same > 1 && i < n; i++)
    if (g_x[i * g->inner] > 0)
      g_x[i * g->inner] /= (double) same;
}

static bool
check_floating (const TeTensor *data, const char *name, TeError *err)
{
  if (te_dtype_is_floating (te_tensor_dtype (data)))
    return true;
  return te_error_set (err, TE_ERR_RUNTIME, "\"%s\" not implemented for '%s'", name, te_dtype_error_name (te_tensor_dtype (data)));
}

static TeTensor *
cast_back (TeTensor *wide, TeDtype dtype, TeError *err)
{
  TeTensor *result = wide ? te_contiguous_copy (wide, dtype, err) : NULL;
  te_tensor_unref (wide);
  return result;
}

/* segment_reduce (data, reduce, lengths, indices, offsets, axis, unsafe, initial) */
static bool
segment_reduce_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeTensor *data = v[0].tensor, *x = NULL, *out = NULL;
  Segments g = { 0 };
  if (v[3].kind == TE_VALUE_TENSOR)
    return te_error_set (err, TE_ERR_RUNTIME, "segment_reduce(): indices based reduction is not supported yet.");
  bool ok = read_segments (&g, data, &v[2], &v[4], v[5].i, !v[6].b, err) && read_kind (v[1].string, &g.kind, err)
            && check_floating (data, "_segment_reduce_cpu", err);
  if (ok && v[7].kind != TE_VALUE_NONE)
    {
      g.has_initial = true;
      g.initial = te_scalar_to_double (v[7].scalar);
    }
  if (ok && (x = te_contiguous_copy (data, TE_FLOAT64, err)))
    {
      int64_t sizes[TE_MAX_NDIM];
      memcpy (sizes, data->sizes, data->ndim * sizeof *sizes);
      sizes[g.held->ndim - 1] = g.segments;
      out = te_tensor_new (data->ndim, sizes, TE_FLOAT64, err);
      if (out)
        reduce (&g, te_tensor_data (x), te_tensor_data (out));
      out = cast_back (out, te_tensor_dtype (data), err);
    }
  te_tensor_unref (x);
  te_tensor_unref (g.held);
  return (call->outs[0] = out) != NULL;
}

/* _segment_reduce_backward (grad, output, data, reduce, lengths, offsets, axis, initial) */
static bool
segment_reduce_backward_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *v = call->args;
  TeTensor *data = v[2].tensor, *x = NULL, *y = NULL, *grad = NULL, *out = NULL;
  Segments g = { 0 };
  bool ok = read_segments (&g, data, &v[4], &v[5], v[6].i, false, err) && read_kind (v[3].string, &g.kind, err)
            && check_floating (data, "_segment_reduce_cpu", err);
  if (ok && v[7].kind != TE_VALUE_NONE)
    {
      g.has_initial = true;
      g.initial = te_scalar_to_double (v[7].scalar);
    }
  ok = ok && (x = te_contiguous_copy (data, TE_FLOAT64, err)) && (y = te_contiguous_copy (v[1].tensor, TE_FLOAT64, err))
       && (grad = te_contiguous_copy (v[0].tensor, TE_FLOAT64, err)) && (out = te_zeros (data->ndim, data->sizes, TE_FLOAT64, err));
  if (ok)
    {
      const double *from = te_tensor_data (x), *results = te_tensor_data (y), *grads = te_tensor_data (grad);
      double *to = te_tensor_data (out);
      for (int64_t l = 0; l < g.lead; l++)
        for (int64_t s = 0, begin = 0; s < g.segments; s++)
          {
            int64_t n = segment_at (&g, l, s, &begin);
            for (int64_t k = 0; k < g.inner; k++)
              {
                int64_t at = (l * g.rows + begin) * g.inner + k, place = (l * g.segments + s) * g.inner + k;
                column_gradient (&g, from + at, to + at, n, results[place], grads[place]);
              }
          }
      out = cast_back (out, te_tensor_dtype (data), err);
    }
  te_tensor_unref (x);
  te_tensor_unref (y);
  te_tensor_unref (grad);
  te_tensor_unref (g.held);
  return (call->outs[0] = out) != NULL;
}

static bool
segment_reduce_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "_segment_reduce_backward");
  const TeValue *v = ctx->args;
  if (v[7].kind == TE_VALUE_NONE)
    ctx->results[0] = te_call (op, err, "TTTsTTi", ctx->grads[0], ctx->outs[0], ctx->inputs[0], v[1].string, ctx->inputs[1],
                               ctx->inputs[3], v[5].i);
  else
    ctx->results[0] = te_call (op, err, "TTTsTTiS", ctx->grads[0], ctx->outs[0], ctx->inputs[0], v[1].string, ctx->inputs[1],
                               ctx->inputs[3], v[5].i, v[7].scalar);
  return ctx->results[0] != NULL;
}

static const TeOpDef rows[] = {
  { .schema = "segment_reduce(Tensor data, str reduce, *, Tensor? lengths=None, Tensor? indices=None, Tensor? offsets=None, int "
              "axis=0, bool unsafe=False, Scalar? initial=None) -> Tensor",
    .flags = TE_OP_FUNCTION,
    .kernel = segment_reduce_kernel,
    .backward = segment_reduce_backward,
    .node = "SegmentReduceBackward",
    .saves = TE_SAVE_ARG (0) | TE_SAVE_ARG (2) | TE_SAVE_ARG (4) | TE_SAVE_OUT (0),
    .doc = "Runs of rows along axis to one row each: sum, mean, max, min or prod." },
  { .schema = "_segment_reduce_backward(Tensor grad, Tensor output, Tensor data, str reduce, Tensor? lengths=None, Tensor? "
              "offsets=None, int axis=0, Scalar? initial=None) -> Tensor",
    .kernel = segment_reduce_backward_kernel,
    .node = "NotImplemented",
    .doc = "The gradient of segment_reduce." },
};

TE_OP_FAMILY (te_family_segment, rows);
