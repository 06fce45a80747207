#include "core/generator.h"

#include "base/mem.h"

#define N 624
#define M 397

void
te_generator_seed (TeGenerator *self, uint64_t seed)
{
  self->seed = seed;
  self->state[0] = (uint32_t) seed;
  for (uint32_t i = 1; i < N; i++)
    self->state[i] = 1812433253u * (self->state[i - 1] ^ (self->state[i - 1] >> 30)) + i;
  self->left = 1;
  self->next = 0;
  self->has_next_normal = false;
  self->has_next_float_normal = false;
}

static inline uint32_t
twist (uint32_t u, uint32_t v)
{
  return (((u & 0x80000000u) | (v & 0x7fffffffu)) >> 1) ^ (v & 1 ? 0x9908b0dfu : 0);
}

static void
next_state (TeGenerator *self)
{
  uint32_t *p = self->state;
  self->left = N;
  self->next = 0;
  for (int j = N - M + 1; --j; p++)
    *p = p[M] ^ twist (p[0], p[1]);
  for (int j = M; --j; p++)
    *p = p[M - N] ^ twist (p[0], p[1]);
  *p = p[M - N] ^ twist (p[0], self->state[0]);
}

uint32_t
te_generator_random (TeGenerator *self)
{
  if (--self->left == 0)
    next_state (self);
  uint32_t y = self->state[self->next++];
  y ^= y >> 11;
  y ^= (y << 7) & 0x9d2c5680u;
  y ^= (y << 15) & 0xefc60000u;
  return y ^ (y >> 18);
}

uint64_t
te_generator_random64 (TeGenerator *self)
{
  uint32_t high = te_generator_random (self);
  uint32_t low = te_generator_random (self);
  return ((uint64_t) high << 32) | low;
}

TeGenerator *
te_generator_default (void)
{
  static TeGenerator generator;
  if (!generator.refcount)
    {
      generator.refcount = 1;
      te_generator_seed (&generator, 67280421310721u);
    }
  return &generator;
}

TeGenerator *
te_generator_new (uint64_t seed)
{
  TeGenerator *self = te_new (TeGenerator);
  if (!self)
    return NULL;
  self->refcount = 1;
  te_generator_seed (self, seed);
  return self;
}

void
te_generator_unref (TeGenerator *self)
{
  if (self && self != te_generator_default () && --self->refcount == 0)
    te_free (self);
}
