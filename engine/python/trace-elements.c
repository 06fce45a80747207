/* Reading a tensor's elements as numbers: one, all of them row by row, and what they come to. */
#include "python/trace-private.h"

#include <math.h>

double
te_trace_load_element (TeDtype dtype, const char *at)
{
  switch (dtype)
    {
#define CASE(NAME, ctype)                                                                                    \
  case TE_##NAME:                                                                                            \
    {                                                                                                        \
      ctype value;                                                                                           \
      memcpy (&value, at, sizeof value);                                                                     \
      return (double) value;                                                                                 \
    }
      CASE (UINT8, uint8_t)
      CASE (INT8, int8_t)
      CASE (INT16, int16_t)
      CASE (INT32, int32_t)
      CASE (INT64, int64_t)
      CASE (FLOAT32, float)
      CASE (FLOAT64, double)
#undef CASE
    case TE_BOOL:
      return *at != 0;
    case TE_FLOAT16:
      {
        TeHalf value;
        memcpy (&value, at, sizeof value);
        return te_half_to_float (value);
      }
    case TE_BFLOAT16:
      {
        TeBFloat16 value;
        memcpy (&value, at, sizeof value);
        return te_bfloat16_to_float (value);
      }
    case TE_COMPLEX64: /* the views draw magnitudes */
    case TE_COMPLEX128:
      {
        double parts[2] = { 0 };
        if (dtype == TE_COMPLEX128)
          memcpy (parts, at, sizeof parts);
        else
          for (int i = 0; i < 2; i++)
            {
              float part;
              memcpy (&part, at + i * (int) sizeof part, sizeof part);
              parts[i] = part;
            }
        return hypot (parts[0], parts[1]);
      }
    case TE_DTYPE_COUNT:
    case TE_DTYPE_NONE:
      break;
    }
  return 0;
}

/* Element number `flat` in row-major order. */
double
te_trace_get_element (const TeTensor *tensor, int64_t flat)
{
  int64_t at = 0;
  const char *data = te_tensor_data (tensor);
  if (!data || flat >= tensor->numel)
    return NAN;
  for (int d = tensor->ndim - 1; d >= 0; d--)
    {
      at += flat % tensor->sizes[d] * tensor->strides[d];
      flat /= tensor->sizes[d];
    }
  return te_trace_load_element (te_tensor_dtype (tensor), data + at * (int64_t) te_dtype_nbytes (te_tensor_dtype (tensor)));
}

static void
tally_one (TeTally *t, double x)
{
  t->zeros += x == 0;
  if (isnan (x))
    t->nans++;
  else if (isinf (x))
    t->infs++;
  else
    {
      t->n++;
      t->sum += x;
      t->square += x * x;
      t->min = x < t->min ? x : t->min;
      t->max = x > t->max ? x : t->max;
    }
}

/* Eight lanes at a time; a chunk with a value that is not finite is gone through one by one. */
static void
tally_floats (TeTally *t, const float *x, int64_t n)
{
  while (n > 0)
    {
      int64_t m = n < 4096 ? n : 4096, whole = m & ~(int64_t) 7;
      float low[8], high[8], bad[8];
      double sum[8] = { 0 }, square[8] = { 0 };
      int32_t zeros[8] = { 0 };
      for (int k = 0; k < 8; k++)
        {
          low[k] = INFINITY;
          high[k] = -INFINITY;
          bad[k] = 0;
        }
      for (int64_t i = 0; i < whole; i += 8)
        for (int k = 0; k < 8; k++)
          {
            float v = x[i + k];
            double d = v;
            bad[k] += v * 0.0f;
            low[k] = v < low[k] ? v : low[k];
            high[k] = v > high[k] ? v : high[k];
            sum[k] += d;
            square[k] += d * d;
            zeros[k] += v == 0;
          }
      bool fine = true;
      for (int k = 0; k < 8; k++)
        fine = fine && bad[k] == 0;
      if (fine)
        {
          for (int k = 0; k < 8 && whole; k++)
            {
              t->sum += sum[k];
              t->square += square[k];
              t->zeros += zeros[k];
              t->min = low[k] < t->min ? low[k] : t->min;
              t->max = high[k] > t->max ? high[k] : t->max;
            }
          t->n += whole;
        }
      for (int64_t i = fine ? whole : 0; i < m; i++)
        tally_one (t, x[i]);
      x += m;
      n -= m;
    }
}

bool
te_trace_is_dense (const TeTensor *tensor)
{
  return te_tensor_is_contiguous (tensor)
         || te_shape_is_non_overlapping_and_dense (tensor->ndim, tensor->sizes, tensor->strides);
}

void
te_trace_visit_rows (const TeTensor *tensor, TeRowVisit visit, void *data)
{
  TeDtype dtype = te_tensor_dtype (tensor);
  int64_t element = (int64_t) te_dtype_nbytes (dtype);
  const char *at = te_tensor_data (tensor);
  if (!at || tensor->numel == 0)
    return;
  /* Nobody here asks for an order: what fills its memory without holes is one row. */
  if (te_trace_is_dense (tensor))
    {
      visit (at, tensor->numel, element, dtype, data);
      return;
    }
  int last = tensor->ndim - 1;
  int64_t index[TE_MAX_NDIM] = { 0 };
  for (;;)
    {
      visit (at, tensor->sizes[last], tensor->strides[last] * element, dtype, data);
      int d = last - 1;
      for (; d >= 0; d--)
        {
          at += tensor->strides[d] * element;
          if (++index[d] < tensor->sizes[d])
            break;
          at -= tensor->strides[d] * element * tensor->sizes[d];
          index[d] = 0;
        }
      if (d < 0)
        return;
    }
}

static void
tally_row (const char *row, int64_t n, int64_t stride_nbytes, TeDtype dtype, void *data)
{
  if (dtype == TE_FLOAT32 && stride_nbytes == sizeof (float))
    tally_floats (data, (const float *) row, n);
  else
    for (int64_t i = 0; i < n; i++)
      tally_one (data, te_trace_load_element (dtype, row + i * stride_nbytes));
}

TeTally
te_trace_tally (const TeTensor *tensor)
{
  TeTally t = { .min = INFINITY, .max = -INFINITY };
  te_trace_visit_rows (tensor, tally_row, &t);
  if (tensor->flags & TE_TENSOR_NEG) /* a view that means the negatives of what its storage holds */
    {
      double max = t.max;
      t.max = -t.min;
      t.min = -max;
      t.sum = -t.sum;
    }
  return t;
}

bool
te_trace_norm (const TeTensor *tensor, double *norm, uint32_t *nans, uint32_t *infs)
{
  if (te_tensor_is_meta (tensor))
    return false;
  TeTally t = te_trace_tally (tensor);
  /* The tally squares what is finite. */
  *norm = t.nans ? NAN : t.infs ? INFINITY : sqrt (t.square);
  *nans = (uint32_t) t.nans;
  *infs = (uint32_t) t.infs;
  return true;
}
