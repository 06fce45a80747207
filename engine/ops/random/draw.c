#include "ops/random/draw.h"

#include <math.h>
#include <string.h>

#include "iter/pool.h"
#include "iter/tensor-iter.h"
#include "ops/random/normal-pairs.h"
#include "ops/random/variates.h"

#define N     624
#define M     397
#define CHUNK 512

/* ---- words ---- */

static inline uint32_t
twist (uint32_t u, uint32_t v)
{
  return (((u & 0x80000000u) | (v & 0x7fffffffu)) >> 1) ^ (-(v & 1) & 0x9908b0dfu);
}

/* The next 624 words; each loop reads only what earlier loops wrote or nobody writes, so it vectorises. */
static void
next_state (uint32_t *s)
{
#pragma GCC ivdep
  for (int i = 0; i < N - M; i++)
    s[i] = s[i + M] ^ twist (s[i], s[i + 1]);
#pragma GCC ivdep
  for (int i = N - M; i < 2 * (N - M); i++)
    s[i] = s[i + M - N] ^ twist (s[i], s[i + 1]);
#pragma GCC ivdep
  for (int i = 2 * (N - M); i < N - 1; i++)
    s[i] = s[i + M - N] ^ twist (s[i], s[i + 1]);
  s[N - 1] = s[M - 1] ^ twist (s[N - 1], s[0]);
}

void
te_draw_words (TeGenerator *generator, uint32_t *out, int64_t n)
{
  while (n > 0)
    {
      if (generator->left == 1)
        {
          next_state (generator->state);
          generator->left = N + 1; /* as if asked for the first word in a moment */
          generator->next = 0;
        }
      int64_t count = generator->left - 1 < n ? generator->left - 1 : n;
      const uint32_t *words = generator->state + generator->next;
      for (int64_t i = 0; i < count; i++)
        {
          uint32_t y = words[i];
          y ^= y >> 11;
          y ^= (y << 7) & 0x9d2c5680u;
          y ^= (y << 15) & 0xefc60000u;
          out[i] = y ^ (y >> 18);
        }
      generator->left -= (int) count;
      generator->next += (int) count;
      out += count;
      n -= count;
    }
}

void
te_draw_words64 (TeGenerator *generator, uint64_t *out, int64_t n)
{
  uint32_t words[2 * CHUNK];
  for (int64_t begin = 0; begin < n; begin += CHUNK)
    {
      int64_t count = n - begin < CHUNK ? n - begin : CHUNK;
      te_draw_words (generator, words, 2 * count);
      for (int64_t i = 0; i < count; i++)
        out[begin + i] = (uint64_t) words[2 * i] << 32 | words[2 * i + 1];
    }
}

/* Uniform in [0, 1) with 53 bits. */
static void
uniform_f64 (TeGenerator *generator, double *out, int64_t n)
{
  uint64_t words[CHUNK];
  for (int64_t begin = 0; begin < n; begin += CHUNK)
    {
      int64_t count = n - begin < CHUNK ? n - begin : CHUNK;
      te_draw_words64 (generator, words, count);
      for (int64_t i = 0; i < count; i++)
        out[begin + i] = (double) (int64_t) (words[i] & ((1ull << 53) - 1)) * 0x1p-53;
    }
}

static void
uniform_bits (TeGenerator *generator, int digits, float *out, int64_t n)
{
  uint32_t words[CHUNK], mask = (1u << digits) - 1;
  float unit = 1.0f / (float) (1u << digits);
  for (int64_t begin = 0; begin < n; begin += CHUNK)
    {
      int64_t count = n - begin < CHUNK ? n - begin : CHUNK;
      te_draw_words (generator, words, count);
      for (int64_t i = 0; i < count; i++)
        out[begin + i] = (float) (int32_t) (words[i] & mask) * unit;
    }
}

static void
uniform_f32 (TeGenerator *generator, float *out, int64_t n)
{
  uniform_bits (generator, 24, out, n);
}

/* ---- draws ---- */

static void
fill_uniform_f32 (TeGenerator *generator, const TeDrawArgs *args, void *buffer, int64_t n)
{
  float *out = buffer, from = (float) args->f[0], range = (float) args->f[1] - from;
  uniform_bits (generator, args->i[0] ? (int) args->i[0] : 24, out, n);
  if (from != 0 || range != 1)
    for (int64_t i = 0; i < n; i++)
      out[i] = fmaf (out[i], range, from); /* rounded once, as PyTorch's vector loop does */
}

static void
fill_uniform_f64 (TeGenerator *generator, const TeDrawArgs *args, void *buffer, int64_t n)
{
  double *out = buffer, from = args->f[0], range = args->f[1] - from;
  uniform_f64 (generator, out, n);
  for (int64_t i = 0; i < n; i++)
    out[i] = fma (out[i], range, from);
}

static void
fill_normal (TeGenerator *generator, const TeDrawArgs *args, void *buffer, int64_t n)
{
  double *out = buffer;
  for (int64_t i = 0; i < n; i++)
    out[i] = te_generator_normal (generator) * args->f[1] + args->f[0];
}

static void
fill_log_normal (TeGenerator *generator, const TeDrawArgs *args, void *buffer, int64_t n)
{
  double *out = buffer;
  fill_normal (generator, args, buffer, n);
  for (int64_t i = 0; i < n; i++)
    out[i] = exp (out[i]);
}

static void
fill_exponential (TeGenerator *generator, const TeDrawArgs *args, void *buffer, int64_t n)
{
  double *out = buffer;
  uniform_f64 (generator, out, n);
  for (int64_t i = 0; i < n; i++)
    out[i] = -1 / args->f[0] * log (1 - out[i]);
}

static void
fill_cauchy (TeGenerator *generator, const TeDrawArgs *args, void *buffer, int64_t n)
{
  double *out = buffer;
  uniform_f64 (generator, out, n);
  for (int64_t i = 0; i < n; i++)
    out[i] = args->f[0] + args->f[1] * tan (M_PI * (out[i] - 0.5));
}

static void
fill_geometric (TeGenerator *generator, const TeDrawArgs *args, void *buffer, int64_t n)
{
  double *out = buffer;
  uniform_f64 (generator, out, n);
  for (int64_t i = 0; i < n; i++)
    out[i] = ceil (log (out[i]) / log (1 - args->f[0]));
}

static void
fill_range32 (TeGenerator *generator, const TeDrawArgs *args, void *buffer, int64_t n)
{
  int64_t *out = buffer;
  uint32_t words[CHUNK];
  uint64_t range = (uint64_t) args->i[1];
  for (int64_t begin = 0; begin < n; begin += CHUNK)
    {
      int64_t count = n - begin < CHUNK ? n - begin : CHUNK;
      te_draw_words (generator, words, count);
      for (int64_t i = 0; i < count; i++)
        out[begin + i] = (int64_t) (words[i] % range + (uint64_t) args->i[0]);
    }
}

static void
fill_range64 (TeGenerator *generator, const TeDrawArgs *args, void *buffer, int64_t n)
{
  uint64_t *out = buffer, range = (uint64_t) args->i[1];
  te_draw_words64 (generator, out, n);
  for (int64_t i = 0; range && i < n; i++) /* range 0: all of int64 */
    out[i] = out[i] % range + (uint64_t) args->i[0];
}

static void
fill_below_f32 (TeGenerator *generator, const TeDrawArgs *args, void *buffer, int64_t n)
{
  float *out = buffer;
  for (int64_t i = 0; i < n; i++)
    out[i] = (float) (te_generator_random (generator) % (uint32_t) args->i[1]);
}

static void
fill_bernoulli (TeGenerator *generator, const TeDrawArgs *args, void *buffer, int64_t n)
{
  int64_t *out = buffer;
  uint64_t limit = (uint64_t) ceil (args->f[0] * 0x1p53);
  te_draw_words64 (generator, (uint64_t *) out, n);
  for (int64_t i = 0; i < n; i++)
    out[i] = ((uint64_t) out[i] & ((1ull << 53) - 1)) < limit;
}

const TeDraw te_draw_uniform_f32 = { TE_FLOAT32, fill_uniform_f32 };
const TeDraw te_draw_uniform_f64 = { TE_FLOAT64, fill_uniform_f64 };
const TeDraw te_draw_normal = { TE_FLOAT64, fill_normal };
const TeDraw te_draw_exponential = { TE_FLOAT64, fill_exponential };
const TeDraw te_draw_cauchy = { TE_FLOAT64, fill_cauchy };
const TeDraw te_draw_log_normal = { TE_FLOAT64, fill_log_normal };
const TeDraw te_draw_geometric = { TE_FLOAT64, fill_geometric };
const TeDraw te_draw_range32 = { TE_INT64, fill_range32 };
const TeDraw te_draw_range64 = { TE_INT64, fill_range64 };
const TeDraw te_draw_below_f32 = { TE_FLOAT32, fill_below_f32 };
const TeDraw te_draw_bernoulli = { TE_INT64, fill_bernoulli };

/* ---- into tensors ---- */

typedef struct
{
  const TeDraw *draw;
  TeGenerator *generator;
  const TeDrawArgs *args;
  TeDtype dtype;
} Into;

static void
draw_row (const Into *into, char *data, int64_t stride, int64_t n)
{
  _Alignas(32) char buffer[CHUNK * 8];
  int64_t nbytes = (int64_t) te_dtype_nbytes (into->draw->dtype);
  if (into->dtype == into->draw->dtype && stride == nbytes)
    {
      into->draw->fill (into->generator, into->args, data, n);
      return;
    }
  for (int64_t begin = 0; begin < n; begin += CHUNK)
    {
      int64_t count = n - begin < CHUNK ? n - begin : CHUNK;
      into->draw->fill (into->generator, into->args, buffer, count);
      te_cast_elements (into->dtype, data + begin * stride, stride, into->draw->dtype, buffer, nbytes, count);
    }
}

bool
te_draw_into (
    TeTensor *self, const TeDraw *draw, TeGenerator *generator, const TeDrawArgs *args, TeError *err)
{
  TeIter iter;
  TeIterConfig config = { .flags = TE_ITER_KEEP_HALF, .out_dtype = te_tensor_dtype (self) };
  Into into = { draw, generator, args, te_tensor_dtype (self) };
  if (!te_iter_build (&iter, &config, &self, 1, NULL, 0, err))
    return false;
  if (iter.meta || !iter.numel)
    return true;
  int64_t rows = iter.numel / iter.sizes[0];
  for (int64_t row = 0; row < rows; row++)
    {
      char *data = iter.operands[0].data;
      int64_t rest = row;
      for (int d = 1; d < iter.ndim; d++)
        {
          data += rest % iter.sizes[d] * iter.strides[d][0];
          rest /= iter.sizes[d];
        }
      draw_row (&into, data, iter.numel == 1 ? (int64_t) te_dtype_nbytes (into.dtype) : iter.strides[0][0],
                iter.sizes[0]);
    }
  return true;
}

/* ---- normals, vector form: blocks of 16 uniforms, the first 8 give radii, the others angles ---- */

typedef struct
{
  void *data;
  double mean, std;
} BoxMuller;

static void
box_muller_f32 (void *pointer, int64_t begin, int64_t end)
{
  const BoxMuller *ctx = pointer;
  for (int64_t block = begin; block < end; block++)
    te_normal_pairs_f32 ((float *) ctx->data + block * 16, (float) ctx->mean, (float) ctx->std);
}

static void
box_muller_f64 (void *pointer, int64_t begin, int64_t end)
{
  const BoxMuller *ctx = pointer;
  for (int64_t block = begin; block < end; block++)
    {
      double *x = (double *) ctx->data + block * 16;
      for (int k = 0; k < 8; k++)
        {
          double radius = sqrt (-2 * log (1 - x[k])), theta = 2 * M_PI * x[k + 8];
          x[k] = radius * cos (theta) * ctx->std + ctx->mean;
          x[k + 8] = radius * sin (theta) * ctx->std + ctx->mean;
        }
    }
}

void
te_draw_normal_block (TeTensor *self, TeGenerator *generator, double mean, double std)
{
  int64_t n = self->numel;
  bool single = self->dtype == TE_FLOAT32;
  char *data = te_tensor_data (self);
  BoxMuller ctx = { data, mean, std };
  TeParallelFn fn = single ? box_muller_f32 : box_muller_f64;
  if (single)
    uniform_f32 (generator, (float *) data, n);
  else
    uniform_f64 (generator, (double *) data, n);
  if (n / 16 < 4096)
    fn (&ctx, 0, n / 16);
  else
    te_parallel_for (n / 16, 1024, fn, &ctx);
  if (n % 16 == 0)
    return;
  /* the last 16 are drawn anew, overlapping the block before */
  ctx.data = data + (n - 16) * (single ? 4 : 8);
  if (single)
    uniform_f32 (generator, ctx.data, 16);
  else
    uniform_f64 (generator, ctx.data, 16);
  fn (&ctx, 0, 1);
}

static float
rounded (TeDtype dtype, double value)
{
  return dtype == TE_FLOAT16 ? te_half_to_float (te_half_from_float ((float) value))
                             : te_bfloat16_to_float (te_bfloat16_from_float ((float) value));
}

/* Half precisions: the same pairs, one element at a time.  bfloat16 is rounded after every step, float16 only
 * where PyTorch stores it: radius, angle and result. */
static void
box_muller_half (TeDtype dtype, float *x, double mean, double std)
{
  bool each = dtype == TE_BFLOAT16;
#define STEP(value) (each ? rounded (dtype, value) : (float) (value))
  float shift = rounded (dtype, mean), scale = rounded (dtype, std);
  for (int k = 0; k < 8; k++)
    {
      float u1 = rounded (dtype, 1 - x[k]), square = STEP (-2 * STEP (logf (u1)));
      float radius = rounded (dtype, sqrtf (square)), theta = rounded (dtype, 2 * M_PI * (double) x[k + 8]);
      float across = STEP (radius * STEP (cosf (theta))), up = STEP (radius * STEP (sinf (theta)));
      x[k] = rounded (dtype, STEP (across * scale) + shift);
      x[k + 8] = rounded (dtype, STEP (up * scale) + shift);
    }
#undef STEP
}

bool
te_draw_normal_half (TeTensor *self, TeGenerator *generator, double mean, double std, TeError *err)
{
  TeDtype dtype = te_tensor_dtype (self);
  TeTensor *wide = te_tensor_new (self->ndim, self->sizes, TE_FLOAT32, err);
  int64_t n = self->numel;
  int digits = dtype == TE_FLOAT16 ? 11 : 8;
  float *data = wide ? te_tensor_data (wide) : NULL;
  if (!wide)
    return false;
  uniform_bits (generator, digits, data, n);
  for (int64_t block = 0; block < n / 16; block++)
    box_muller_half (dtype, data + block * 16, mean, std);
  if (n % 16)
    {
      uniform_bits (generator, digits, data + n - 16, 16);
      box_muller_half (dtype, data + n - 16, mean, std);
    }
  bool ok = te_copy (self, wide, err);
  te_tensor_unref (wide);
  return ok;
}

void
te_draw_bernoulli_f32 (float *out, int64_t n, TeGenerator *generator, double p)
{
  uint32_t words[2 * CHUNK];
  uint64_t limit = (uint64_t) ceil (p * 0x1p53);
  for (int64_t begin = 0; begin < n; begin += CHUNK)
    {
      int64_t count = n - begin < CHUNK ? n - begin : CHUNK;
      te_draw_words (generator, words, 2 * count);
      for (int64_t i = 0; i < count; i++)
        out[begin + i] =
            (int64_t) ((uint64_t) (words[2 * i] & 0x1fffff) << 32 | words[2 * i + 1]) < (int64_t) limit
                ? 1.0f
                : 0.0f;
    }
}
