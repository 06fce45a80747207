/* Reading a tensor's elements as numbers: one, all of them row by row, and what they come to. */
#include "python/trace-private.h"

#include <math.h>
#ifdef __AVX__
#include <immintrin.h>
#endif

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

#define CHUNK 4096 /* floats, so that few are gone through twice */
#define LANES 8    /* of all sums: who adds in another order gets another last bit */

typedef float Floats __attribute__ ((vector_size (LANES * sizeof (float))));
typedef float FloatsAnywhere __attribute__ ((vector_size (LANES * sizeof (float)), aligned (sizeof (float))));
typedef int32_t Flags __attribute__ ((vector_size (LANES * sizeof (int32_t))));
/* Half as many at a time: a vector of eight doubles would be wider than the registers. */
typedef double Doubles __attribute__ ((vector_size (LANES / 2 * sizeof (double))));
typedef float HalfAnywhere __attribute__ ((vector_size (LANES / 2 * sizeof (float)), aligned (sizeof (float))));

static inline Doubles
load_doubles (const float *x)
{
#ifdef __AVX__
  return (Doubles) _mm256_cvtps_pd (_mm_loadu_ps (x)); /* the compiler makes six instructions of the other */
#else
  return __builtin_convertvector (*(const HalfAnywhere *) x, Doubles);
#endif
}

static double
sum_lanes (double sum, Doubles a, Doubles b)
{
  for (int k = 0; k < LANES; k++)
    sum += k < LANES / 2 ? a[k] : b[k - LANES / 2];
  return sum;
}

static inline Floats
choose (Flags which, Floats a, Floats b)
{
  return (Floats) (((Flags) a & which) | ((Flags) b & ~which));
}

/* False: some are not finite; nothing was counted. */
static bool
tally_chunk (TeTally *t, const float *x, int64_t n)
{
  Floats low = x[0] - (Floats){ 0 }, high = low, bad = { 0 };
  Flags zeros = { 0 };
  Doubles sum_a = { 0 }, sum_b = { 0 }, square_a = { 0 }, square_b = { 0 };
  int64_t whole = n / LANES * LANES;
  for (int64_t i = 0; i < whole; i += LANES)
    {
      Floats v = *(const FloatsAnywhere *) (x + i);
      Doubles a = load_doubles (x + i), b = load_doubles (x + i + LANES / 2);
      bad += v * 0;
      low = choose (v < low, v, low);
      high = choose (v > high, v, high);
      zeros += v == 0;
      sum_a += a;
      sum_b += b;
      square_a += a * a;
      square_b += b * b;
    }
  for (int k = 0; k < LANES; k++)
    if (bad[k] != 0)
      return false;
  for (int64_t i = whole; i < n; i++)
    if (!isfinite (x[i]))
      return false;
  t->sum = sum_lanes (t->sum, sum_a, sum_b);
  t->square = sum_lanes (t->square, square_a, square_b);
  for (int k = 0; k < LANES && whole; k++)
    {
      t->zeros -= zeros[k];
      t->min = low[k] < t->min ? low[k] : t->min;
      t->max = high[k] > t->max ? high[k] : t->max;
    }
  t->n += whole;
  for (int64_t i = whole; i < n; i++)
    tally_one (t, x[i]);
  return true;
}

/* A chunk with a value that is not finite is gone through one by one. */
static void
tally_floats (TeTally *t, const float *x, int64_t n)
{
  for (; n > 0; n -= CHUNK, x += CHUNK)
    {
      int64_t m = n < CHUNK ? n : CHUNK;
      if (!tally_chunk (t, x, m))
        for (int64_t i = 0; i < m; i++)
          tally_one (t, x[i]);
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

typedef struct
{
  double square;
  bool fine;
} Square;

/* The squares of tally_chunk, and nothing else. */
static void
square_row (const char *row, int64_t n, int64_t stride_nbytes, TeDtype dtype, void *data)
{
  Square *s = data;
  const float *x = (const float *) row;
  s->fine = s->fine && dtype == TE_FLOAT32 && stride_nbytes == sizeof *x;
  for (; s->fine && n > 0; n -= CHUNK, x += CHUNK)
    {
      int64_t m = n < CHUNK ? n : CHUNK, whole = m / LANES * LANES;
      Doubles square_a = { 0 }, square_b = { 0 };
      for (int64_t i = 0; i < whole; i += LANES)
        {
          Doubles a = load_doubles (x + i), b = load_doubles (x + i + LANES / 2);
          square_a += a * a;
          square_b += b * b;
        }
      s->square = sum_lanes (s->square, square_a, square_b);
      for (int64_t i = whole; i < m; i++)
        s->square += (double) x[i] * x[i];
    }
}

bool
te_trace_norm (const TeTensor *tensor, double *norm, uint32_t *nans, uint32_t *infs)
{
  if (te_tensor_is_meta (tensor))
    return false;
  Square s = { 0, true };
  *nans = *infs = 0;
  te_trace_visit_rows (tensor, square_row, &s);
  if (s.fine && isfinite (s.square)) /* squares of floats do not overflow */
    {
      *norm = sqrt (s.square);
      return true;
    }
  TeTally t = te_trace_tally (tensor);
  /* The tally squares what is finite. */
  *norm = t.nans ? NAN : t.infs ? INFINITY : sqrt (t.square);
  *nans = (uint32_t) t.nans;
  *infs = (uint32_t) t.infs;
  return true;
}
