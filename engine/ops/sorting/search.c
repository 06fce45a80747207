/* Finding and counting: searchsorted, bucketize, bincount, histc, isin. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "iter/tensor-iter.h"
#include "ops/dispatch.h"
#include "ops/shape/shape-util.h"
#include "ops/sorting/families.h"
#include "ops/sorting/order.h"

#define BOTH (TE_OP_METHOD | TE_OP_FUNCTION)

/* ---- searchsorted, bucketize ---- */
/* First place whose value is not below (right: is above) the wanted one; `sorter` says which place is meant.
 */
#define BOUND(NAME, type)                                                                                    \
  static int64_t NAME (const type *values, int64_t n, const int64_t *sorter, type wanted, bool right)        \
  {                                                                                                          \
    int64_t low = 0, high = n;                                                                               \
    while (low < high)                                                                                       \
      {                                                                                                      \
        int64_t mid = low + (high - low) / 2;                                                                \
        type value = values[sorter ? sorter[mid] : mid];                                                     \
        if (right ? !(value > wanted) : !(value >= wanted))                                                  \
          low = mid + 1;                                                                                     \
        else                                                                                                 \
          high = mid;                                                                                        \
      }                                                                                                      \
    return low;                                                                                              \
  }

BOUND (bound_f64, double)
BOUND (bound_i64, int64_t)

typedef struct
{
  TeTensor *boundaries, *values, *sorter; /* contiguous; boundaries and values of one dtype; sorter or NULL */
  bool right, out_int32;
} Search;

static TeTensor *
search (const Search *s, TeError *err)
{
  TeTensor *out =
      te_result_new (s->values, s->values->ndim, s->values->sizes, s->out_int32 ? TE_INT32 : TE_INT64, err);
  if (!out || te_tensor_is_meta (out))
    return out;
  const TeTensor *b = s->boundaries, *v = s->values;
  int64_t n = b->ndim ? b->sizes[b->ndim - 1] : 1;
  int64_t per_row = b->ndim > 1 && v->ndim ? v->sizes[v->ndim - 1] : v->numel;
  const int64_t *sorter = s->sorter ? te_tensor_data (s->sorter) : NULL;
  for (int64_t i = 0; i < v->numel; i++)
    {
      int64_t row = per_row ? i / per_row * n : 0;
      const int64_t *order = sorter ? sorter + row : NULL;
      int64_t place = te_tensor_dtype (v) == TE_FLOAT64
                          ? bound_f64 ((double *) te_tensor_data (b) + row, n, order,
                                       ((double *) te_tensor_data (v))[i], s->right)
                          : bound_i64 ((int64_t *) te_tensor_data (b) + row, n, order,
                                       ((int64_t *) te_tensor_data (v))[i], s->right);
      if (s->out_int32)
        ((int32_t *) te_tensor_data (out))[i] = (int32_t) place;
      else
        ((int64_t *) te_tensor_data (out))[i] = place;
    }
  return out;
}

static bool
check_sorter (TeTensor *boundaries, TeTensor *sorter, TeError *err)
{
  char a[512], b[512];
  if (!te_tensor_same_sizes (boundaries, sorter))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "torch.searchsorted(): boundary and sorter must have the same size, but got "
                         "boundary tensor %s and got "
                         "sorter tensor %s",
                         te_shape_text (boundaries->ndim, boundaries->sizes, a, sizeof a),
                         te_shape_text (sorter->ndim, sorter->sizes, b, sizeof b));
  if (te_tensor_dtype (sorter) != TE_INT64)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "torch.searchsorted(): sorter must be a tensor of long dtype but got dtype %s",
                         te_dtype_error_name (te_tensor_dtype (sorter)));
  TeTensor *dense = te_input_contiguous (sorter, err);
  if (!dense)
    return false;
  int64_t n = sorter->ndim ? sorter->sizes[sorter->ndim - 1] : 1;
  bool ok = true;
  for (int64_t i = 0; ok && i < dense->numel; i++)
    {
      int64_t at = ((const int64_t *) te_tensor_data (dense))[i];
      if (at < 0 || at >= n)
        ok = te_error_set (err, TE_ERR_RUNTIME, "torch.searchsorted(): sorter index out of range");
    }
  te_tensor_unref (dense);
  return ok;
}

/* Says once per program that a tensor has to be copied. */
static bool
warn_copied (const TeTensor *tensor, const char *what, const char *wish, bool *warned, TeError *err)
{
  if (!tensor || te_tensor_is_contiguous (tensor) || !te_warn_due (warned))
    return true;
  return te_warn (
      err, TE_WARN_USER,
      "torch.searchsorted(): %s tensor is non-contiguous, this will lower the performance due to extra data "
      "copy when converting non-contiguous tensor to contiguous, please use contiguous %s tensor if "
      "possible. This message will only appear once per program.",
      what, wish);
}

static bool
check_shapes (TeTensor *boundaries, TeTensor *values, TeError *err)
{
  char a[512], b[512];
  bool fits = boundaries->ndim == 1 || boundaries->ndim == values->ndim;
  if (boundaries->ndim == 0)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "torch.searchsorted(): input value can be a scalar only when boundaries tensor "
                         "dimension is 1, but we "
                         "got boundaries tensor dim(0) and input value's dim(%d) numel(%lld)",
                         values->ndim, (long long) values->numel);
  if (values->ndim == 0 && boundaries->ndim != 1)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "torch.searchsorted(): input value can be a scalar only when boundaries tensor "
                         "dimension is 1, but we "
                         "got boundaries tensor dim(%d) and input value's dim(0) numel(1)",
                         boundaries->ndim);
  for (int d = 0; fits && boundaries->ndim > 1 && d + 1 < boundaries->ndim; d++)
    fits = boundaries->sizes[d] == values->sizes[d];
  return fits
         || te_error_set (
             err, TE_ERR_RUNTIME,
             "torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of "
             "boundaries tensor and input value tensor must match, but we got boundaries tensor %s and input "
             "value "
             "tensor %s",
             te_shape_text (boundaries->ndim, boundaries->sizes, a, sizeof a),
             te_shape_text (values->ndim, values->sizes, b, sizeof b));
}

static bool
run_search (TeOpCall *call,
            TeTensor *boundaries,
            TeTensor *values,
            TeTensor *sorter,
            bool right,
            bool out_int32,
            TeError *err)
{
  bool floating =
      te_dtype_is_floating (te_tensor_dtype (boundaries)) || te_dtype_is_floating (te_tensor_dtype (values));
  TeDtype wide = floating ? TE_FLOAT64 : TE_INT64;
  static bool warned[3];
  if (!check_shapes (boundaries, values, err) || (sorter && !check_sorter (boundaries, sorter, err)))
    return false;
  if (out_int32 && boundaries->numel && boundaries->sizes[boundaries->ndim - 1] >= INT32_MAX)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "torch.searchsorted(): the size of boundaries' last dimension should be less than "
                         "2147483647");
  if (!warn_copied (boundaries, "boundary", "boundary", &warned[0], err)
      || !warn_copied (values, "input value", "input value", &warned[1], err)
      || !warn_copied (sorter, "sorter", "sorter", &warned[2], err))
    return false;
  Search s = { .right = right, .out_int32 = out_int32 };
  s.boundaries = te_input_as (boundaries, wide, err);
  s.values = s.boundaries ? te_input_as (values, wide, err) : NULL;
  s.sorter = s.values && sorter ? te_input_contiguous (sorter, err) : NULL;
  TeTensor *out = s.values && (!sorter || s.sorter) ? search (&s, err) : NULL;
  te_tensor_unref (s.boundaries);
  te_tensor_unref (s.values);
  te_tensor_unref (s.sorter);
  return te_result_give (call, 0, out, err);
}

static bool
searchsorted (TeOpCall *call, TeTensor *values, TeError *err)
{
  bool right = call->args[3].b;
  const char *side = te_arg_given (call, 4) ? call->args[4].string : NULL;
  if (side && strcmp (side, "left") && strcmp (side, "right"))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "torch.searchsorted(): side can only be 'left' or 'right' but got %s", side);
  if (side && right && !strcmp (side, "left"))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "torch.searchsorted(): side and right can't be set to opposites, got side of left "
                         "while right was True");
  right = right || (side && !strcmp (side, "right"));
  return run_search (call, te_arg (call, 0), values, te_arg_given (call, 5) ? te_arg (call, 5) : NULL, right,
                     call->args[2].b, err);
}

static bool
searchsorted_kernel (TeOpCall *call, TeError *err)
{
  return searchsorted (call, te_arg (call, 1), err);
}

static bool
searchsorted_scalar_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *value = te_tensor_new_number (call->args[1].scalar, err);
  bool ok = value && searchsorted (call, value, err);
  te_tensor_unref (value);
  return ok;
}

static bool
bucketize (TeOpCall *call, TeTensor *values, TeError *err)
{
  TeTensor *boundaries = te_arg (call, 1);
  if (boundaries->ndim != 1)
    return te_error_set (err, TE_ERR_RUNTIME, "boundaries tensor must be 1 dimension, but got dim(%d)",
                         boundaries->ndim);
  return run_search (call, boundaries, values, NULL, call->args[3].b, call->args[2].b, err);
}

static bool
bucketize_kernel (TeOpCall *call, TeError *err)
{
  return bucketize (call, te_arg (call, 0), err);
}

static bool
bucketize_scalar_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *value = te_tensor_new_number (call->args[0].scalar, err);
  bool ok = value && bucketize (call, value, err);
  te_tensor_unref (value);
  return ok;
}

/* ---- bincount, histc ---- */
static TeTensor *
zeros (int64_t n, TeDtype dtype, TeError *err)
{
  TeTensor *out = te_tensor_new (1, &n, dtype, err);
  if (out)
    memset (te_tensor_data (out), 0, (size_t) n * te_dtype_nbytes (dtype));
  return out;
}

static bool
bincount_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0), *weights = te_arg_given (call, 1) ? te_arg (call, 1) : NULL;
  TeDtype dtype = te_tensor_dtype (self);
  int64_t least = call->args[2].i, n;
  if (!te_dtype_is_integral (dtype, false))
    return te_error_set (err, TE_ERR_RUNTIME, "\"bincount_cpu\" not implemented for '%s'",
                         te_dtype_error_name (dtype));
  if (least < 0)
    return te_error_set (err, TE_ERR_RUNTIME, "minlength should be >= 0");
  TeTensor *dense = te_input_as (self, TE_INT64, err);
  if (!dense)
    return false;
  const int64_t *values = te_tensor_data (dense);
  bool ok = self->ndim == 1;
  n = least;
  for (int64_t i = 0; ok && i < dense->numel; i++)
    {
      ok = values[i] >= 0 && values[i] < INT64_MAX / 16;
      n = ok && values[i] >= n ? values[i] + 1 : n;
    }
  ok = ok || te_error_set (err, TE_ERR_RUNTIME, "bincount only supports 1-d non-negative integral inputs.");
  if (ok && weights && (weights->ndim != 1 || weights->numel != self->numel))
    ok = te_error_set (err, TE_ERR_RUNTIME, "weights should be 1-d and have the same length as input");
  TeDtype out_dtype = !weights ? TE_INT64 : te_tensor_dtype (weights) == TE_FLOAT32 ? TE_FLOAT32 : TE_FLOAT64;
  TeTensor *out = ok ? zeros (n, out_dtype, err) : NULL,
           *w = out && weights ? te_input_as (weights, out_dtype, err) : NULL;
  if (out && weights && !w)
    te_tensor_clear (&out);
  for (int64_t i = 0; out && i < dense->numel; i++)
    if (out_dtype == TE_INT64)
      ((int64_t *) te_tensor_data (out))[values[i]]++;
    else if (out_dtype == TE_FLOAT32)
      ((float *) te_tensor_data (out))[values[i]] += ((float *) te_tensor_data (w))[i];
    else
      ((double *) te_tensor_data (out))[values[i]] += ((double *) te_tensor_data (w))[i];
  te_tensor_unref (dense);
  te_tensor_unref (w);
  return te_result_give (call, 0, out, err);
}

static bool
histc_range (const TeTensor *values, double *low, double *high, TeError *err)
{
  const double *v = te_tensor_data (values);
  if (*low == *high && values->numel > 0)
    {
      *low = *high = v[0];
      for (int64_t i = 0; i < values->numel; i++)
        {
          *low = v[i] < *low || v[i] != v[i] ? v[i] : *low;
          *high = v[i] > *high || v[i] != v[i] ? v[i] : *high;
        }
    }
  if (*low == *high)
    {
      *low -= 1;
      *high += 1;
    }
  if (!isfinite (*low) || !isfinite (*high))
    return te_error_set (err, TE_ERR_RUNTIME, "torch.histc: range of [%g, %g] is not finite", *low, *high);
  return *low < *high || te_error_set (err, TE_ERR_RUNTIME, "torch.histc: max must be larger than min");
}

static bool
histc_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *self = te_arg (call, 0);
  TeDtype dtype = te_tensor_dtype (self);
  int64_t bins = call->args[1].i;
  double low = te_scalar_to_double (call->args[2].scalar), high = te_scalar_to_double (call->args[3].scalar);
  if (dtype != TE_FLOAT32 && dtype != TE_FLOAT64)
    return te_error_set (err, TE_ERR_RUNTIME, "\"%s\" not implemented for '%s'",
                         dtype == TE_BOOL                                     ? "linspace_cpu"
                         : low == high && !te_dtype_is_integral (dtype, true) ? "aminmax_cpu"
                                                                              : "histogram_cpu",
                         te_dtype_error_name (dtype));
  if (bins <= 0)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "torch.histogram(): bins must be > 0, but got %lld for dimension 0",
                         (long long) bins);
  TeTensor *values = te_input_as (self, TE_FLOAT64, err);
  TeTensor *out = values && histc_range (values, &low, &high, err) ? zeros (bins, dtype, err) : NULL;
  for (int64_t i = 0; out && i < values->numel; i++)
    {
      double v = ((const double *) te_tensor_data (values))[i];
      if (!(v >= low && v <= high))
        continue;
      int64_t at = dtype == TE_FLOAT32
                       ? (int64_t) (((float) v - (float) low) / ((float) high - (float) low) * (float) bins)
                       : (int64_t) ((v - low) / (high - low) * (double) bins);
      at = at >= bins ? bins - 1 : at < 0 ? 0 : at; /* a range that is no number of the dtype gives any place */
      if (dtype == TE_FLOAT32)
        ((float *) te_tensor_data (out))[at] += 1;
      else
        ((double *) te_tensor_data (out))[at] += 1;
    }
  te_tensor_unref (values);
  return te_result_give (call, 0, out, err);
}

/* ---- isin ---- */
/* The tested values are sorted once; each element is looked up in them.  NaN is in nothing. */
static bool
isin (TeOpCall *call, TeTensor *elements, TeTensor *tests, TeError *err)
{
  bool invert = call->args[3].b;
  const TeTensor *operands[] = { elements, tests };
  for (int i = 0; i < 2; i++)
    {
      TeDtype dtype = te_tensor_dtype (operands[i]);
      if (dtype == TE_FLOAT16) /* few values are looked for one by one, many are sorted */
        return te_error_set (err, TE_ERR_RUNTIME, "\"%s\" not implemented for 'Half'",
                             (double) tests->numel < 10 * pow ((double) elements->numel, 0.145) ? "isin_default_cpu" : "unique");
      if (dtype == TE_BOOL || dtype == TE_BFLOAT16)
        return te_error_set (err, TE_ERR_RUNTIME, "Unsupported input type encountered for isin(): %s",
                             te_dtype_error_name (dtype));
    }
  bool floating =
      te_dtype_is_floating (te_tensor_dtype (elements)) || te_dtype_is_floating (te_tensor_dtype (tests));
  TeDtype wide = floating ? TE_FLOAT64 : TE_INT64;
  TeTensor *e = te_input_as (elements, wide, err), *t = e ? te_input_as (tests, wide, err) : NULL;
  TeTensor *out = t ? te_result_new (elements, elements->ndim, elements->sizes, TE_BOOL, err) : NULL;
  int64_t n = tests->numel;
  TeItem *items = out ? te_new_sized ((size_t) (n + 1) * sizeof *items) : NULL;
  if (out && !items)
    {
      te_error_no_memory (err);
      te_tensor_clear (&out);
    }
  if (out && !te_tensor_is_meta (out))
    {
      te_items_read (items, wide, te_tensor_data (t), 1, n);
      te_order_sort (te_order_of (wide, false), items, n);
      for (int64_t i = 0; i < e->numel; i++)
        {
          int64_t low = 0, high = n;
          double f = floating ? ((const double *) te_tensor_data (e))[i] : 0;
          int64_t k = floating ? 0 : ((const int64_t *) te_tensor_data (e))[i];
          while (low < high)
            {
              int64_t mid = low + (high - low) / 2;
              if (floating ? items[mid].f < f : items[mid].i < k)
                low = mid + 1;
              else
                high = mid;
            }
          bool found = low < n && (floating ? items[low].f == f : items[low].i == k);
          ((bool *) te_tensor_data (out))[i] = found != invert;
        }
    }
  te_free_sized (items, (size_t) (n + 1) * sizeof *items);
  te_tensor_unref (e);
  te_tensor_unref (t);
  return te_result_give (call, 0, out, err);
}

static bool
isin_kernel (TeOpCall *call, TeError *err)
{
  return isin (call, te_arg (call, 0), te_arg (call, 1), err);
}

static bool
isin_test_scalar_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *test = te_tensor_new_number (call->args[1].scalar, err);
  bool ok = test && isin (call, te_arg (call, 0), test, err);
  te_tensor_unref (test);
  return ok;
}

static bool
isin_element_scalar_kernel (TeOpCall *call, TeError *err)
{
  TeTensor *element = te_tensor_new_number (call->args[0].scalar, err);
  bool ok = element && isin (call, element, te_arg (call, 1), err);
  te_tensor_unref (element);
  return ok;
}

#define COUNTS (TE_OP_NONDIFF)

static const TeOpDef rows[] = {
  { "searchsorted.Tensor(Tensor sorted_sequence, Tensor self, *, bool out_int32=False, bool right=False, "
    "str? side=None, "
    "Tensor? sorter=None) -> Tensor",
    TE_OP_FUNCTION | TE_OP_OUT | COUNTS, searchsorted_kernel,
    .doc = "Where each value would have to be put in a sorted sequence to keep it sorted." },
  { "searchsorted.Scalar(Tensor sorted_sequence, Scalar self, *, bool out_int32=False, bool right=False, "
    "str? side=None, "
    "Tensor? sorter=None) -> Tensor",
    TE_OP_FUNCTION | COUNTS, searchsorted_scalar_kernel,
    .doc = "Where a number would have to be put in a sorted sequence." },
  { "bucketize.Tensor(Tensor self, Tensor boundaries, *, bool out_int32=False, bool right=False) -> Tensor",
    TE_OP_FUNCTION | TE_OP_OUT | COUNTS, bucketize_kernel,
    .doc = "Between which of the boundaries each value lies." },
  { "bucketize.Scalar(Scalar self, Tensor boundaries, *, bool out_int32=False, bool right=False) -> Tensor",
    TE_OP_FUNCTION | COUNTS, bucketize_scalar_kernel,
    .doc = "Between which of the boundaries a number lies." },
  { "bincount(Tensor self, Tensor? weights=None, int minlength=0) -> Tensor", BOTH | COUNTS, bincount_kernel,
    .doc = "How often (or with what weight) each of 0, 1, 2 … stands in a vector." },
  { "histc(Tensor self, int bins=100, Scalar min=0, Scalar max=0) -> Tensor",
    BOTH | TE_OP_OUT | COUNTS | TE_OP_WIDENS, histc_kernel,
    .doc = "How many elements lie in each of equally wide bins." },
  { "isin.Tensor_Tensor(Tensor elements, Tensor test_elements, *, bool assume_unique=False, bool "
    "invert=False) -> Tensor",
    TE_OP_FUNCTION | TE_OP_OUT | COUNTS, isin_kernel, .doc = "Which elements are among test_elements." },
  { "isin.Tensor_Scalar(Tensor elements, Scalar test_element, *, bool assume_unique=False, bool "
    "invert=False) -> Tensor",
    TE_OP_FUNCTION | COUNTS, isin_test_scalar_kernel, .doc = "Which elements equal test_element." },
  { "isin.Scalar_Tensor(Scalar element, Tensor test_elements, *, bool assume_unique=False, bool "
    "invert=False) -> Tensor",
    TE_OP_FUNCTION | COUNTS, isin_element_scalar_kernel, .doc = "Whether element is among test_elements." },
};

TE_OP_FAMILY (te_family_search, rows);
