/* Running an iterator: rows, casts by chunk, tiles where operands disagree about the order of dimensions, and
 * the pool.  An element's result does not depend on how the work was cut. */
#include "iter/tensor-iter.h"

#include <string.h>
#if defined(__AVX__)
#include <immintrin.h>
#endif

#include "base/err.h"
#include "base/mem.h"
#include "core/scalar-range.h"
#include "iter/pool.h"

#define CAST_NBYTES             4096 /* buffers of all operands stay within L1 and the stack */
#define GRAIN                   32768 /* elements a parallel chunk; loops that cost a memory access per element */
#define GRAIN_EXPENSIVE         4096
#define PARALLEL_FROM           65536
#define PARALLEL_FROM_EXPENSIVE 16384
#define TILE_INNER              64
#define TILE_OUTER              16
#define TILE_MAX_NBYTES         8 /* wider elements are read where they stand */

typedef struct
{
  TeIter *iter;
  TeLoop loop;
  const void *ctx;
  uint32_t transposed; /* tiles: operands that are gathered */
  int64_t tiles_inner, tiles_outer;
} Run;

/* One run of n elements along the innermost dimension, with casts. */
static void
run_row_cast (const Run *run, char *const *data, int64_t n)
{
  const TeIter *iter = run->iter;
  _Alignas(64) char buffers[TE_ITER_MAX_OPERANDS][CAST_NBYTES];
  char *chunk_data[TE_ITER_MAX_OPERANDS];
  int64_t strides[TE_ITER_MAX_OPERANDS];
  int64_t chunk = CAST_NBYTES / 8;
  for (int i = 0; i < iter->n_operands; i++)
    if (iter->operands[i].loop_dtype == TE_COMPLEX128)
      chunk = CAST_NBYTES / TE_DTYPE_MAX_NBYTES;
  for (int64_t begin = 0; begin < n; begin += chunk)
    {
      int64_t count = n - begin < chunk ? n - begin : chunk;
      for (int i = 0; i < iter->n_operands; i++)
        {
          const TeIterOperand *operand = &iter->operands[i];
          char *place = data[i] + begin * iter->strides[0][i];
          bool is_number = operand->data == (const char *) &operand->number;
          if (operand->dtype == operand->loop_dtype || is_number)
            {
              chunk_data[i] = place;
              strides[i] = iter->strides[0][i];
              continue;
            }
          chunk_data[i] = buffers[i];
          strides[i] = (int64_t) te_dtype_nbytes ((TeDtype) operand->loop_dtype);
          if (!operand->is_output)
            {
              bool stretched = iter->strides[0][i] == 0;
              te_cast_elements ((TeDtype) operand->loop_dtype, buffers[i], strides[i],
                                (TeDtype) operand->dtype, place, iter->strides[0][i], stretched ? 1 : count);
              if (stretched)
                strides[i] = 0;
            }
        }
      run->loop (chunk_data, strides, count, run->ctx);
      for (int i = 0; i < iter->n_outs; i++)
        if (chunk_data[i] == buffers[i])
          te_cast_elements ((TeDtype) iter->operands[i].dtype, data[i] + begin * iter->strides[0][i],
                            iter->strides[0][i], (TeDtype) iter->operands[i].loop_dtype, buffers[i],
                            strides[i], count);
    }
}

static void
run_range (void *data_pointer, int64_t begin, int64_t end)
{
  const Run *run = data_pointer;
  const TeIter *iter = run->iter;
  char *data[TE_ITER_MAX_OPERANDS];
  int64_t index[TE_MAX_NDIM];
  int n = iter->n_operands;
  for (int i = 0; i < n; i++)
    data[i] = iter->operands[i].data;
  int64_t rest = begin;
  for (int d = 0; d < iter->ndim; d++)
    {
      index[d] = rest % iter->sizes[d];
      rest /= iter->sizes[d];
      for (int i = 0; i < n; i++)
        data[i] += index[d] * iter->strides[d][i];
    }
  while (begin < end)
    {
      int64_t count = iter->sizes[0] - index[0];
      if (count > end - begin)
        count = end - begin;
      if (iter->casts)
        run_row_cast (run, data, count);
      else
        run->loop (data, iter->strides[0], count, run->ctx);
      begin += count;
      index[0] += count;
      for (int i = 0; i < n; i++)
        data[i] += count * iter->strides[0][i];
      for (int d = 0; d + 1 < iter->ndim && index[d] == iter->sizes[d]; d++)
        {
          index[d] = 0;
          index[d + 1]++;
          for (int i = 0; i < n; i++)
            data[i] += iter->strides[d + 1][i] - iter->sizes[d] * iter->strides[d][i];
        }
    }
}

/* ---- tiles ---- */

#if defined(__AVX__)
/* to[i][j] = from[j][i] for an 8 by 8 block of 4-byte elements; strides in bytes between rows. */
static void
transpose_8x8 (char *to, int64_t to_stride, const char *from, int64_t from_stride)
{
  __m256 r[8], t[8];
  for (int i = 0; i < 8; i++)
    r[i] = _mm256_loadu_ps ((const float *) (from + i * from_stride));
  for (int i = 0; i < 4; i++)
    {
      t[2 * i] = _mm256_unpacklo_ps (r[2 * i], r[2 * i + 1]);
      t[2 * i + 1] = _mm256_unpackhi_ps (r[2 * i], r[2 * i + 1]);
    }
  for (int i = 0; i < 2; i++)
    {
      r[4 * i] = _mm256_shuffle_ps (t[4 * i], t[4 * i + 2], 0x44);
      r[4 * i + 1] = _mm256_shuffle_ps (t[4 * i], t[4 * i + 2], 0xee);
      r[4 * i + 2] = _mm256_shuffle_ps (t[4 * i + 1], t[4 * i + 3], 0x44);
      r[4 * i + 3] = _mm256_shuffle_ps (t[4 * i + 1], t[4 * i + 3], 0xee);
    }
  for (int i = 0; i < 4; i++)
    {
      _mm256_storeu_ps ((float *) (to + i * to_stride), _mm256_permute2f128_ps (r[i], r[i + 4], 0x20));
      _mm256_storeu_ps ((float *) (to + (i + 4) * to_stride), _mm256_permute2f128_ps (r[i], r[i + 4], 0x31));
    }
}
#endif

/* buffer[j][i] (j < outer, i < inner, rows of TILE_INNER) gets the element at from + i * inner_stride + j *
 * its size. */
static void
gather_tile (
    size_t nbytes, char *buffer, const char *from, int64_t inner_stride, int64_t inner, int64_t outer)
{
  int64_t i = 0;
  int64_t row = TILE_INNER * (int64_t) nbytes;
#if defined(__AVX__)
  if (nbytes == 4 && outer == TILE_OUTER)
    for (; i + 8 <= inner; i += 8)
      for (int64_t j = 0; j < outer; j += 8)
        transpose_8x8 (buffer + j * row + i * 4, row, from + i * inner_stride + j * 4, inner_stride);
#endif
#define GATHER(T)                                                                                            \
  for (; i < inner; i++)                                                                                     \
    for (int64_t j = 0; j < outer; j++)                                                                      \
      ((T *) buffer)[j * TILE_INNER + i] = ((const T *) (from + i * inner_stride))[j];                       \
  return;
  switch (nbytes)
    {
    case 1:
      GATHER (uint8_t)
    case 2:
      GATHER (uint16_t)
    case 4:
      GATHER (uint32_t)
    default:
      GATHER (uint64_t)
    }
#undef GATHER
  (void) row;
}

static void
run_tile (const Run *run, char *const *base, int64_t inner, int64_t outer)
{
  const TeIter *iter = run->iter;
  _Alignas(64) char buffers[2][TILE_OUTER * TILE_INNER * TILE_MAX_NBYTES];
  char *data[TE_ITER_MAX_OPERANDS];
  int64_t strides[TE_ITER_MAX_OPERANDS], steps[TE_ITER_MAX_OPERANDS];
  int used = 0;
  for (int i = 0; i < iter->n_operands; i++)
    if (run->transposed & (1u << i))
      {
        size_t nbytes = te_dtype_nbytes ((TeDtype) iter->operands[i].dtype);
        gather_tile (nbytes, buffers[used], base[i], iter->strides[0][i], inner, outer);
        data[i] = buffers[used++];
        strides[i] = (int64_t) nbytes;
        steps[i] = TILE_INNER * (int64_t) nbytes;
      }
    else
      {
        data[i] = base[i];
        strides[i] = iter->strides[0][i];
        steps[i] = iter->strides[1][i];
      }
  for (int64_t j = 0; j < outer; j++)
    {
      run->loop (data, strides, inner, run->ctx);
      for (int i = 0; i < iter->n_operands; i++)
        data[i] += steps[i];
    }
}

static void
run_tiles (void *data_pointer, int64_t begin, int64_t end)
{
  const Run *run = data_pointer;
  const TeIter *iter = run->iter;
  char *data[TE_ITER_MAX_OPERANDS];
  for (int64_t tile = begin; tile < end; tile++)
    {
      int64_t inner = tile % run->tiles_inner * TILE_INNER, rest = tile / run->tiles_inner;
      int64_t outer = rest % run->tiles_outer * TILE_OUTER;
      rest /= run->tiles_outer;
      for (int i = 0; i < iter->n_operands; i++)
        data[i] = iter->operands[i].data + inner * iter->strides[0][i] + outer * iter->strides[1][i];
      for (int d = 2; d < iter->ndim; d++)
        {
          int64_t index = rest % iter->sizes[d];
          rest /= iter->sizes[d];
          for (int i = 0; i < iter->n_operands; i++)
            data[i] += index * iter->strides[d][i];
        }
      int64_t inner_count = iter->sizes[0] - inner, outer_count = iter->sizes[1] - outer;
      run_tile (run, data, inner_count < TILE_INNER ? inner_count : TILE_INNER,
                outer_count < TILE_OUTER ? outer_count : TILE_OUTER);
    }
}

/* Moves to place 1 the dimension along which a transposed input is contiguous; says which inputs are to be
 * gathered.  Order among the outer dimensions is free. */
static uint32_t
find_transposed (TeIter *iter)
{
  if (iter->ndim < 2 || iter->casts || iter->sizes[0] < 16)
    return 0;
  for (int i = iter->n_outs; i < iter->n_operands; i++)
    {
      int64_t nbytes = (int64_t) te_dtype_nbytes ((TeDtype) iter->operands[i].dtype);
      if (iter->strides[0][i] <= nbytes || nbytes > TILE_MAX_NBYTES)
        continue;
      for (int d = 1; d < iter->ndim; d++)
        {
          if (iter->strides[d][i] != nbytes || iter->sizes[d] < 8)
            continue;
          int64_t size = iter->sizes[d], strides[TE_ITER_MAX_OPERANDS];
          memcpy (strides, iter->strides[d], sizeof strides);
          memcpy (iter->strides[d], iter->strides[1], sizeof strides);
          memcpy (iter->strides[1], strides, sizeof strides);
          iter->sizes[d] = iter->sizes[1];
          iter->sizes[1] = size;
          uint32_t found = 0;
          int count = 0;
          for (int k = iter->n_outs; k < iter->n_operands && count < 2; k++)
            {
              int64_t k_nbytes = (int64_t) te_dtype_nbytes ((TeDtype) iter->operands[k].dtype);
              if (iter->strides[1][k] == k_nbytes && iter->strides[0][k] > k_nbytes && k_nbytes <= TILE_MAX_NBYTES)
                {
                  found |= 1u << k;
                  count++;
                }
            }
          return found;
        }
    }
  return 0;
}

static bool
interrupted (TeError *err)
{
  return te_error_set (err, TE_ERR_INTERRUPT, "interrupted");
}

bool
te_iter_run (TeIter *iter, TeLoop loop, const void *ctx, TeError *err)
{
  if (iter->meta || !iter->numel)
    return true;
  if (iter->ndim == 1 && !iter->casts && iter->numel < PARALLEL_FROM_EXPENSIVE)
    {
      char *data[TE_ITER_MAX_OPERANDS];
      for (int i = 0; i < iter->n_operands; i++)
        data[i] = iter->operands[i].data;
      loop (data, iter->strides[0], iter->numel, ctx);
      return true;
    }
  Run run = { iter, loop, ctx, 0, 0, 0 };
  bool expensive = iter->flags & TE_ITER_EXPENSIVE;
  int64_t grain = expensive ? GRAIN_EXPENSIVE : GRAIN;
  bool parallel = iter->numel >= (expensive ? PARALLEL_FROM_EXPENSIVE : PARALLEL_FROM);
  if (iter->ndim > 1 && iter->sizes[0] < 8 && iter->sizes[1] >= 64)
    { /* rows of a few elements: the long dimension makes the better loop */
      int64_t size = iter->sizes[0], strides[TE_ITER_MAX_OPERANDS];
      memcpy (strides, iter->strides[0], sizeof strides);
      memcpy (iter->strides[0], iter->strides[1], sizeof strides);
      memcpy (iter->strides[1], strides, sizeof strides);
      iter->sizes[0] = iter->sizes[1];
      iter->sizes[1] = size;
    }
  else if (iter->numel >= 4096)
    run.transposed = find_transposed (iter);
  if (run.transposed)
    {
      run.tiles_inner = (iter->sizes[0] + TILE_INNER - 1) / TILE_INNER;
      run.tiles_outer = (iter->sizes[1] + TILE_OUTER - 1) / TILE_OUTER;
      int64_t tiles = run.tiles_inner * run.tiles_outer;
      for (int d = 2; d < iter->ndim; d++)
        tiles *= iter->sizes[d];
      return te_parallel_for (tiles, parallel ? grain / (TILE_INNER * TILE_OUTER) : tiles, run_tiles, &run)
             || interrupted (err);
    }
  if (!parallel)
    {
      run_range (&run, 0, iter->numel);
      return true;
    }
  return te_parallel_for (iter->numel, grain, run_range, &run) || interrupted (err);
}

/* ---- copy and fill ---- */

static void
loop_move (char *const *data, const int64_t *strides, int64_t n, const void *ctx)
{
  TeDtype dtype = *(const TeDtype *) ctx;
  te_cast_elements (dtype, data[0], strides[0], dtype, data[1], strides[1], n);
}

typedef struct
{
  TeDtype to, from;
  uint32_t lazy; /* TE_TENSOR_LAZY bits in which the two sides differ */
} Cast;

static void
loop_cast (char *const *data, const int64_t *strides, int64_t n, const void *ctx)
{
  const Cast *cast = ctx;
  te_cast_elements (cast->to, data[0], strides[0], cast->from, data[1], strides[1], n);
}

/* The written side is then conjugated or negated where it stands. */
static void
loop_cast_lazy (char *const *data, const int64_t *strides, int64_t n, const void *ctx)
{
  const Cast *cast = ctx;
  loop_cast (data, strides, n, ctx);
  bool negative = cast->lazy & TE_TENSOR_NEG, turned = negative != !!(cast->lazy & TE_TENSOR_CONJ);
  for (int64_t i = 0; i < n; i++)
    {
      char *element = data[0] + i * strides[0];
      TeScalar value = te_scalar_load (cast->to, element);
      if (negative && value.category >= TE_CATEGORY_FLOAT)
        value.f = -value.f;
      else if (negative)
        value.i = -value.i;
      if (turned)
        value.imag = -value.imag;
      te_scalar_store (value, cast->to, element);
    }
}

bool
te_copy (TeTensor *dst, TeTensor *src, TeError *err)
{
  TeTensor view; /* src stretched to dst's sizes: only geometry, never referenced */
  int64_t strides[TE_MAX_NDIM];
  if (te_tensor_is_meta (dst) || te_tensor_is_meta (src) || !dst->numel)
    return true;
  uint32_t lazy = (dst->flags ^ src->flags) & TE_TENSOR_LAZY;
  if (dst->dtype == src->dtype && te_tensor_is_contiguous (dst) && te_tensor_is_contiguous (src)
      && dst->numel == src->numel && dst->numel <= 4096 && !lazy)
    {
      memmove (te_tensor_data (dst), te_tensor_data (src),
               (size_t) dst->numel * te_dtype_nbytes (te_tensor_dtype (dst)));
      return true;
    }
  if (!te_tensor_same_sizes (dst, src))
    {
      int64_t sizes[TE_MAX_NDIM];
      int ndim, missing = dst->ndim - src->ndim;
      if (!te_shape_broadcast (dst->ndim, dst->sizes, src->ndim, src->sizes, &ndim, sizes, err))
        return false;
      if (missing < 0 || memcmp (sizes, dst->sizes, dst->ndim * sizeof (int64_t)))
        {
          char a[512], b[512];
          return te_error_set (
              err, TE_ERR_RUNTIME, "output with shape %s doesn't match the broadcast shape %s",
              te_shape_text (dst->ndim, dst->sizes, a, sizeof a), te_shape_text (ndim, sizes, b, sizeof b));
        }
      for (int i = 0; i < dst->ndim; i++)
        strides[i] = i < missing || (src->sizes[i - missing] == 1 && dst->sizes[i] != 1)
                         ? 0
                         : src->strides[i - missing];
      view = *src;
      view.sizes = dst->sizes;
      view.strides = strides;
      view.ndim = dst->ndim;
      view.numel = dst->numel;
      view.flags &= ~(uint32_t) TE_TENSOR_CONTIGUOUS;
      src = &view;
    }
  TeIter iter;
  Cast cast = { te_tensor_dtype (dst), te_tensor_dtype (src), lazy };
  TeIterConfig config = { .flags = TE_ITER_NO_CAST_CHECK | TE_ITER_NO_OVERLAP_CHECK | TE_ITER_KEEP_HALF,
                          .out_dtype = te_tensor_dtype (dst) };
  if (!te_iter_build (&iter, &config, &dst, 1, &src, 1, err))
    return false;
  return te_iter_run (&iter, lazy ? loop_cast_lazy : cast.to == cast.from ? loop_move : loop_cast, &cast, err);
}

static void
loop_fill (char *const *data, const int64_t *strides, int64_t n, const void *ctx)
{
  const struct
  {
    TeDtype dtype;
    uint64_t value[TE_DTYPE_MAX_NBYTES / 8];
  } *fill = ctx;
  te_cast_elements (fill->dtype, data[0], strides[0], fill->dtype, (const char *) fill->value, 0, n);
}

bool
te_fill (TeTensor *dst, TeScalar value, TeError *err)
{
  struct
  {
    TeDtype dtype;
    uint64_t value[TE_DTYPE_MAX_NBYTES / 8];
  } fill = { te_tensor_dtype (dst), { 0 } };
  if (!te_scalar_check (&value, fill.dtype, err))
    return false;
  if (te_tensor_is_meta (dst) || !dst->numel)
    return true;
  te_scalar_store (value, fill.dtype, fill.value);
  if (te_tensor_is_contiguous (dst) && fill.value[0] == 0 && fill.value[1] == 0 && dst->numel < PARALLEL_FROM)
    {
      memset (te_tensor_data (dst), 0, (size_t) dst->numel * te_dtype_nbytes (fill.dtype));
      return true;
    }
  TeIter iter;
  TeIterConfig config = { .flags = TE_ITER_NO_CAST_CHECK | TE_ITER_NO_OVERLAP_CHECK | TE_ITER_KEEP_HALF,
                          .out_dtype = fill.dtype };
  if (!te_iter_build (&iter, &config, &dst, 1, NULL, 0, err))
    return false;
  return te_iter_run (&iter, loop_fill, &fill, err);
}

TeTensor *
te_contiguous_copy (TeTensor *self, TeDtype dtype, TeError *err)
{
  if (self->dtype == dtype && te_tensor_is_contiguous (self) && !(self->flags & TE_TENSOR_LAZY))
    return te_tensor_ref (self);
  TeTensor *copy = te_tensor_is_meta (self) ? te_tensor_new_meta (self->ndim, self->sizes, NULL, dtype, err)
                                            : te_tensor_new (self->ndim, self->sizes, dtype, err);
  if (copy && !te_copy (copy, self, err))
    te_tensor_clear (&copy);
  return copy;
}
