/* Arithmetic on sizes that says when it would overflow. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

static inline bool
te_mul_i64 (int64_t a, int64_t b, int64_t *out)
{
  return !__builtin_mul_overflow (a, b, out);
}

static inline bool
te_add_i64 (int64_t a, int64_t b, int64_t *out)
{
  return !__builtin_add_overflow (a, b, out);
}
