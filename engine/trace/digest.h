/* Bytes that are looked at once: their hash (XXH3 of 64 bits, unseeded), and on the way whether the numbers
 * among them are finite.  Recording looks at all that a program computes: this is what it costs. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum
{
  TE_NUMBERS_NONE = 0, /* nothing is asked about them: they count as finite */
  TE_NUMBERS_FLOAT32,
  TE_NUMBERS_FLOAT64,
} TeNumbers;

/* nbytes: a multiple of a number's size. */
uint64_t te_digest (const void *bytes, size_t nbytes, TeNumbers numbers, bool *finite);

/* Exponent all ones.  Without a branch, so that the compiler makes vectors of it. */
static inline bool
te_numbers_are_finite (const void *bytes, size_t nbytes, TeNumbers numbers)
{
  bool finite = true;
  if (numbers == TE_NUMBERS_FLOAT32)
    {
      const uint32_t *bits = bytes;
      uint32_t most = 0;
      for (size_t i = 0; i < nbytes / sizeof *bits; i++)
        most = (bits[i] & 0x7fffffffu) > most ? bits[i] & 0x7fffffffu : most;
      finite = most < 0x7f800000u;
    }
  else if (numbers == TE_NUMBERS_FLOAT64)
    {
      const uint64_t *bits = bytes;
      uint64_t bad = 0;
      for (size_t i = 0; i < nbytes / sizeof *bits; i++)
        bad |= (bits[i] & 0x7ff0000000000000u) == 0x7ff0000000000000u;
      finite = !bad;
    }
  return finite;
}

/* For more than TE_DIGEST_SHORT bytes, compiled for one width of vectors each (digest-lanes.c). */
#define TE_DIGEST_SHORT 240
typedef uint64_t (*TeDigestLanes) (const void *bytes, size_t nbytes, TeNumbers numbers, bool *finite);
uint64_t te_digest_lanes_8 (const void *bytes, size_t nbytes, TeNumbers numbers, bool *finite);
uint64_t te_digest_lanes_16 (const void *bytes, size_t nbytes, TeNumbers numbers, bool *finite);
