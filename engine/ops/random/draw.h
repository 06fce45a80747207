/* Numbers from a generator in bulk: the same words te_generator_random gives one by one, made by vectorised
 * loops. */
#pragma once

#include "core/generator.h"
#include "core/tensor.h"
#include "ops/op-def.h"

void te_draw_words (TeGenerator *generator, uint32_t *out, int64_t n);
void te_draw_words64 (TeGenerator *generator,
                      uint64_t *out,
                      int64_t n); /* two draws each, first is the high half */

/* A draw fills a buffer with n values of `dtype` (its own choice: float32, float64 or int64). */
typedef struct
{
  double f[2];
  int64_t i[2];
} TeDrawArgs;
typedef struct
{
  TeDtype dtype;
  void (*fill) (TeGenerator *generator, const TeDrawArgs *args, void *buffer, int64_t n);
} TeDraw;

extern const TeDraw te_draw_uniform_f32; /* f: from, to; i: bits of a draw (0: 24) */
extern const TeDraw te_draw_uniform_f64; /* f: from, to */
extern const TeDraw te_draw_normal;      /* f: mean, std; the generator's spare normal is used */
extern const TeDraw te_draw_exponential; /* f: lambda */
extern const TeDraw te_draw_cauchy;      /* f: median, sigma */
extern const TeDraw te_draw_log_normal;  /* f: mean, std */
extern const TeDraw te_draw_geometric;   /* f: p */
extern const TeDraw te_draw_range32;     /* i: from, range; one word each */
extern const TeDraw te_draw_range64;     /* i: from, range as uint64; two words each */
extern const TeDraw te_draw_below_f32;   /* f: 2^digits + 1: random () % of it, for floats */
extern const TeDraw te_draw_bernoulli;   /* f: p; int64 0 or 1 */

/* Fills self in the order of its memory, casting. */
bool te_draw_into (
    TeTensor *self, const TeDraw *draw, TeGenerator *generator, const TeDrawArgs *args, TeError *err);
/* Normals for 16 or more contiguous float32 or float64: PyTorch's vector form. */
void te_draw_normal_block (TeTensor *self, TeGenerator *generator, double mean, double std);
/* The same for float16 and bfloat16. */
bool te_draw_normal_half (TeTensor *self, TeGenerator *generator, double mean, double std, TeError *err);
/* 0/1 masks with probability p of 1; contiguous float32. */
void te_draw_bernoulli_f32 (float *out, int64_t n, TeGenerator *generator, double p);

static inline TeGenerator *
te_value_generator (const TeValue *value)
{
  return value->kind == TE_VALUE_GENERATOR ? value->generator : te_generator_default ();
}
