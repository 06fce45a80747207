/* Casting runs of elements between dtypes: every pair, contiguous (vectorised by the compiler) and strided.
 * Conversions are C's, with two exceptions that PyTorch also makes: to bool means "not zero", and to uint8
 * goes through int64 so that -1.0 gives 255. */
#include "iter/tensor-iter.h"

#include <string.h>
#if defined(__F16C__)
#include <immintrin.h>
#endif

typedef void (*CastFn) (char *dst, int64_t dst_stride, const char *src, int64_t src_stride, int64_t n);

/* Reading any dtype as something C can convert. */
#define FROM_UINT8(v)    (v)
#define FROM_INT8(v)     (v)
#define FROM_INT16(v)    (v)
#define FROM_INT32(v)    (v)
#define FROM_INT64(v)    (v)
#define FROM_FLOAT16(v)  te_half_to_float (v)
#define FROM_FLOAT32(v)  (v)
#define FROM_FLOAT64(v)  (v)
#define FROM_BOOL(v)     (v)
#define FROM_BFLOAT16(v) te_bfloat16_to_float (v)
#define FROM_COMPLEX64(v)  (v) /* C drops the imaginary part where a real number is asked for */
#define FROM_COMPLEX128(v) (v)

#define TO_UINT8(v)    ((uint8_t) (int64_t) (v))
#define TO_INT8(v)     ((int8_t) (v))
#define TO_INT16(v)    ((int16_t) (v))
#define TO_INT32(v)    ((int32_t) (v))
#define TO_INT64(v)    ((int64_t) (v))
#define TO_FLOAT16(v)  te_half_from_float ((float) (v))
#define TO_FLOAT32(v)  ((float) (v))
#define TO_FLOAT64(v)  ((double) (v))
#define TO_BOOL(v)     ((v) != 0)
#define TO_BFLOAT16(v) te_bfloat16_from_float ((float) (v))
#define TO_COMPLEX64(v)  ((TeComplex64) (v))
#define TO_COMPLEX128(v) ((TeComplex128) (v))

#define TYPE_UINT8    uint8_t
#define TYPE_INT8     int8_t
#define TYPE_INT16    int16_t
#define TYPE_INT32    int32_t
#define TYPE_INT64    int64_t
#define TYPE_FLOAT16  TeHalf
#define TYPE_FLOAT32  float
#define TYPE_FLOAT64  double
#define TYPE_BOOL     bool
#define TYPE_BFLOAT16 TeBFloat16
#define TYPE_COMPLEX64  TeComplex64
#define TYPE_COMPLEX128 TeComplex128

#define CAST(FROM, TO)                                                                                       \
  static void cast_##FROM##_##TO (char *dst, int64_t dst_stride, const char *src, int64_t src_stride,        \
                                  int64_t n)                                                                 \
  {                                                                                                          \
    if (dst_stride == sizeof (TYPE_##TO) && src_stride == sizeof (TYPE_##FROM))                              \
      {                                                                                                      \
        TYPE_##TO *restrict d = (TYPE_##TO *) dst;                                                           \
        const TYPE_##FROM *restrict s = (const TYPE_##FROM *) src;                                           \
        for (int64_t i = 0; i < n; i++)                                                                      \
          d[i] = TO_##TO (FROM_##FROM (s[i]));                                                               \
        return;                                                                                              \
      }                                                                                                      \
    for (int64_t i = 0; i < n; i++)                                                                          \
      *(TYPE_##TO *) (dst + i * dst_stride) =                                                                \
          TO_##TO (FROM_##FROM (*(const TYPE_##FROM *) (src + i * src_stride)));                             \
  }

#define CASTS_FROM(FROM)                                                                                     \
  CAST (FROM, UINT8)                                                                                         \
  CAST (FROM, INT8)                                                                                          \
  CAST (FROM, INT16)                                                                                         \
  CAST (FROM, INT32)                                                                                         \
  CAST (FROM, INT64)                                                                                         \
  CAST (FROM, FLOAT16)                                                                                       \
  CAST (FROM, FLOAT32)                                                                                       \
  CAST (FROM, FLOAT64)                                                                                       \
  CAST (FROM, BOOL)                                                                                          \
  CAST (FROM, BFLOAT16)                                                                                      \
  CAST (FROM, COMPLEX64)                                                                                     \
  CAST (FROM, COMPLEX128)

CASTS_FROM (UINT8)
CASTS_FROM (INT8)
CASTS_FROM (INT16)
CASTS_FROM (INT32)
CASTS_FROM (INT64)
CASTS_FROM (FLOAT16)
CASTS_FROM (FLOAT32)
CASTS_FROM (FLOAT64)
CASTS_FROM (BOOL)
CASTS_FROM (BFLOAT16)
CASTS_FROM (COMPLEX64)
CASTS_FROM (COMPLEX128)

#define CAST_ROW(FROM)                                                                                       \
  [TE_##FROM] = { [TE_UINT8] = cast_##FROM##_UINT8,     [TE_INT8] = cast_##FROM##_INT8,                      \
                  [TE_INT16] = cast_##FROM##_INT16,     [TE_INT32] = cast_##FROM##_INT32,                    \
                  [TE_INT64] = cast_##FROM##_INT64,     [TE_FLOAT16] = cast_##FROM##_FLOAT16,                \
                  [TE_FLOAT32] = cast_##FROM##_FLOAT32, [TE_FLOAT64] = cast_##FROM##_FLOAT64,                \
                  [TE_BOOL] = cast_##FROM##_BOOL,       [TE_BFLOAT16] = cast_##FROM##_BFLOAT16,              \
                  [TE_COMPLEX64] = cast_##FROM##_COMPLEX64, [TE_COMPLEX128] = cast_##FROM##_COMPLEX128 }

static const CastFn casts[TE_DTYPE_COUNT][TE_DTYPE_COUNT] = {
  CAST_ROW (UINT8),   CAST_ROW (INT8),    CAST_ROW (INT16),   CAST_ROW (INT32), CAST_ROW (INT64),
  CAST_ROW (FLOAT16), CAST_ROW (FLOAT32), CAST_ROW (FLOAT64), CAST_ROW (BOOL),  CAST_ROW (BFLOAT16),
  CAST_ROW (COMPLEX64), CAST_ROW (COMPLEX128),
};

#if defined(__F16C__)
static int64_t
half_to_float_blocks (float *dst, const TeHalf *src, int64_t n)
{
  int64_t i = 0;
  for (; i + 8 <= n; i += 8)
    _mm256_storeu_ps (dst + i, _mm256_cvtph_ps (_mm_loadu_si128 ((const __m128i *) (src + i))));
  return i;
}

static int64_t
half_from_float_blocks (TeHalf *dst, const float *src, int64_t n)
{
  int64_t i = 0;
  for (; i + 8 <= n; i += 8)
    _mm_storeu_si128 ((__m128i *) (dst + i),
                      _mm256_cvtps_ph (_mm256_loadu_ps (src + i), _MM_FROUND_TO_NEAREST_INT));
  return i;
}
#endif

/* Same size, same bits. */
static void
move_elements (size_t nbytes, char *dst, int64_t dst_stride, const char *src, int64_t src_stride, int64_t n)
{
  if (dst_stride == (int64_t) nbytes && src_stride == (int64_t) nbytes)
    {
      memcpy (dst, src, (size_t) n * nbytes);
      return;
    }
#define MOVE(T)                                                                                              \
  {                                                                                                          \
    if (src_stride == 0 && dst_stride == sizeof (T))                                                         \
      {                                                                                                      \
        const T value = *(const T *) src;                                                                    \
        T *d = (T *) dst;                                                                                    \
        for (int64_t i = 0; i < n; i++)                                                                      \
          d[i] = value;                                                                                      \
        return;                                                                                              \
      }                                                                                                      \
    if (dst_stride == sizeof (T))                                                                            \
      {                                                                                                      \
        T *d = (T *) dst;                                                                                    \
        for (int64_t i = 0; i < n; i++)                                                                      \
          d[i] = *(const T *) (src + i * src_stride);                                                        \
        return;                                                                                              \
      }                                                                                                      \
    for (int64_t i = 0; i < n; i++)                                                                          \
      *(T *) (dst + i * dst_stride) = *(const T *) (src + i * src_stride);                                   \
    return;                                                                                                  \
  }
  switch (nbytes)
    {
    case 1:
      MOVE (uint8_t)
    case 2:
      MOVE (uint16_t)
    case 4:
      MOVE (uint32_t)
    case 8:
      MOVE (uint64_t)
    default:
      MOVE (TeComplex128)
    }
#undef MOVE
}

void
te_cast_elements (
    TeDtype to, char *dst, int64_t dst_stride, TeDtype from, const char *src, int64_t src_stride, int64_t n)
{
  if (to == from)
    {
      move_elements (te_dtype_nbytes (to), dst, dst_stride, src, src_stride, n);
      return;
    }
#if defined(__F16C__)
  int64_t done = 0;
  if (from == TE_FLOAT16 && to == TE_FLOAT32 && src_stride == 2 && dst_stride == 4)
    done = half_to_float_blocks ((float *) dst, (const TeHalf *) src, n);
  else if (from == TE_FLOAT32 && to == TE_FLOAT16 && src_stride == 4 && dst_stride == 2)
    done = half_from_float_blocks ((TeHalf *) dst, (const float *) src, n);
  dst += done * dst_stride;
  src += done * src_stride;
  n -= done;
#endif
  casts[from][to](dst, dst_stride, src, src_stride, n);
}
