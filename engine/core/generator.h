/* The generator: mt19937 as PyTorch's CPU generator has it, so that a seed gives PyTorch's numbers.
 * Source: Matsumoto and Nishimura 1998 for the twister; which draws an op takes is stated at that op. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct TeGenerator
{
  uint64_t seed;
  uint32_t state[624];
  int left;             /* draws left before the state is made anew */
  int next;             /* index of the next word */
  bool has_next_normal; /* the second value of a Box-Muller pair, double */
  double next_normal;
  bool has_next_float_normal; /* the same, for single draws of float32 */
  float next_float_normal;
  int64_t refcount;
} TeGenerator;

TeGenerator *te_generator_default (void);      /* borrowed; seeded 67280421310721 at first, as PyTorch's */
TeGenerator *te_generator_new (uint64_t seed); /* owned; NULL without memory */
void te_generator_unref (TeGenerator *self);
void te_generator_seed (TeGenerator *self, uint64_t seed);
uint32_t te_generator_random (TeGenerator *self);   /* 32 bits */
uint64_t te_generator_random64 (TeGenerator *self); /* two draws: first is the high half */
