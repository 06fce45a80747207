/* XXH3's way through long inputs with the accumulators in registers, and each word looked at while it is
 * there. Compiled twice: for AVX2, and with sixteen lanes for AVX-512.
 *
 * A stripe of 64 bytes meets 64 bytes of the secret, which moves on by eight a stripe; after sixteen stripes
 * the accumulators are scrambled.  The last 64 bytes are a stripe of their own, whether they overlap or not.
 *
 * A number times zero is zero unless it is infinite or NaN, and one NaN in a sum makes it NaN. */
#include "trace/digest.h"

#include <immintrin.h>
#include <math.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define STRIPE       64
#define STEP         8 /* of the secret, a stripe */
#define BLOCK        (16 * STRIPE)
#define SCRAMBLE_KEY (sizeof XXH3_kSecret - STRIPE)
#define LAST_KEY     (sizeof XXH3_kSecret - STRIPE - 7)
#define MERGE_KEY    11

#define LOOKS 4 /* sums over what was looked at; a multiple of PARTS */
#define SWAP_HALVES 0x4e /* of each 128 bits */

#if TE_LANES == 16
#define te_digest_lanes te_digest_lanes_16
#define PARTS           1
typedef __m512i Words;
#define load(at)        _mm512_loadu_si512 (at)
#define store(at, x)    _mm512_storeu_si512 (at, x)
#define zero()          _mm512_setzero_si512 ()
#define every(x)        _mm512_set1_epi32 ((int) (x))
#define exclusive(a, b) _mm512_xor_si512 (a, b)
#define plus(a, b)      _mm512_add_epi64 (a, b)
#define times_low(a, b) _mm512_mul_epu32 (a, b)
#define right(x, n)     _mm512_srli_epi64 (x, n)
#define left(x, n)      _mm512_slli_epi64 (x, n)
#define swapped(x)      _mm512_shuffle_epi32 (x, SWAP_HALVES)
#define floats_looked_at(x, s)                                                                               \
  _mm512_castps_si512 (                                                                                      \
      _mm512_fmadd_ps (_mm512_castsi512_ps (x), _mm512_setzero_ps (), _mm512_castsi512_ps (s)))
#define doubles_looked_at(x, s)                                                                              \
  _mm512_castpd_si512 (                                                                                      \
      _mm512_fmadd_pd (_mm512_castsi512_pd (x), _mm512_setzero_pd (), _mm512_castsi512_pd (s)))
#else
#define te_digest_lanes te_digest_lanes_8
#define PARTS           2
typedef __m256i Words;
#define load(at)        _mm256_loadu_si256 ((const __m256i *) (at))
#define store(at, x)    _mm256_storeu_si256 ((__m256i *) (at), x)
#define zero()          _mm256_setzero_si256 ()
#define every(x)        _mm256_set1_epi32 ((int) (x))
#define exclusive(a, b) _mm256_xor_si256 (a, b)
#define plus(a, b)      _mm256_add_epi64 (a, b)
#define times_low(a, b) _mm256_mul_epu32 (a, b)
#define right(x, n)     _mm256_srli_epi64 (x, n)
#define left(x, n)      _mm256_slli_epi64 (x, n)
#define swapped(x)      _mm256_shuffle_epi32 (x, SWAP_HALVES)
#define floats_looked_at(x, s)                                                                               \
  _mm256_castps_si256 (                                                                                      \
      _mm256_fmadd_ps (_mm256_castsi256_ps (x), _mm256_setzero_ps (), _mm256_castsi256_ps (s)))
#define doubles_looked_at(x, s)                                                                              \
  _mm256_castpd_si256 (                                                                                      \
      _mm256_fmadd_pd (_mm256_castsi256_pd (x), _mm256_setzero_pd (), _mm256_castsi256_pd (s)))
#endif

#define INLINE static inline __attribute__ ((always_inline))

INLINE void
look (Words data, Words *looked, TeNumbers numbers)
{
  if (numbers == TE_NUMBERS_FLOAT32)
    *looked = floats_looked_at (data, *looked);
  else if (numbers == TE_NUMBERS_FLOAT64)
    *looked = doubles_looked_at (data, *looked);
}

/* nth: which of the sums over what was looked at takes it.  One alone would make every stripe wait for the one before. */
INLINE void
take_stripe (Words *sums, Words *looked, int nth, const char *at, const uint8_t *key, TeNumbers numbers)
{
#pragma GCC unroll 2
  for (int i = 0; i < PARTS; i++)
    {
      Words data = load (at + i * (STRIPE / PARTS));
      Words keyed = exclusive (data, load (key + i * (STRIPE / PARTS)));
      sums[i] = plus (times_low (keyed, right (keyed, 32)), plus (sums[i], swapped (data)));
      look (data, &looked[nth + i], numbers);
    }
}

INLINE void
scramble (Words *sums)
{
  Words prime = every (XXH_PRIME32_1);
#pragma GCC unroll 2
  for (int i = 0; i < PARTS; i++)
    {
      Words x = exclusive (sums[i], right (sums[i], 47));
      x = exclusive (x, load (XXH3_kSecret + SCRAMBLE_KEY + i * (STRIPE / PARTS)));
      sums[i] = plus (times_low (x, prime), left (times_low (right (x, 32), prime), 32));
    }
}

static uint64_t
merge (const uint64_t *sums, size_t nbytes)
{
  uint64_t hash = nbytes * XXH_PRIME64_1;
  for (int i = 0; i < 8; i += 2)
    {
      uint64_t keys[2];
      memcpy (keys, XXH3_kSecret + MERGE_KEY + i * 8, sizeof keys);
      unsigned __int128 product = (unsigned __int128) (sums[i] ^ keys[0]) * (sums[i + 1] ^ keys[1]);
      hash += (uint64_t) product ^ (uint64_t) (product >> 64);
    }
  hash = (hash ^ hash >> 37) * 0x165667919e3779f9u;
  return hash ^ hash >> 32;
}

INLINE uint64_t
digest (const char *bytes, size_t nbytes, TeNumbers numbers, bool *finite)
{
  static const uint64_t begin[] = XXH3_INIT_ACC;
  Words sums[PARTS], looked[LOOKS];
  for (int i = 0; i < PARTS; i++)
    sums[i] = load ((const char *) begin + i * (STRIPE / PARTS));
  for (int i = 0; i < LOOKS; i++)
    looked[i] = zero ();
  size_t n_blocks = (nbytes - 1) / BLOCK, n_stripes = (nbytes - 1) % BLOCK / STRIPE;
  const char *at = bytes;
  for (size_t block = 0; block < n_blocks; block++, at += BLOCK)
    {
#pragma GCC unroll 16
      for (int i = 0; i < 16; i++)
        take_stripe (sums, looked, i * PARTS % LOOKS, at + i * STRIPE, XXH3_kSecret + i * STEP, numbers);
      scramble (sums);
    }
  size_t i = 0;
  for (; i + LOOKS / PARTS <= n_stripes; i += LOOKS / PARTS)
#pragma GCC unroll 4
    for (int k = 0; k < LOOKS / PARTS; k++)
      take_stripe (sums, looked, k * PARTS, at + (i + k) * STRIPE, XXH3_kSecret + (i + k) * STEP, numbers);
  for (; i < n_stripes; i++)
    take_stripe (sums, looked, 0, at + i * STRIPE, XXH3_kSecret + i * STEP, numbers);
  take_stripe (sums, looked, PARTS % LOOKS, bytes + nbytes - STRIPE, XXH3_kSecret + LAST_KEY, numbers);

  uint64_t words[8], seen[8];
  float floats[16];
  double doubles[8];
  for (int k = PARTS; k < LOOKS; k++)
    look (looked[k], &looked[k % PARTS], numbers);
  for (int k = 0; k < PARTS; k++)
    {
      store ((char *) words + k * (STRIPE / PARTS), sums[k]);
      store ((char *) seen + k * (STRIPE / PARTS), looked[k]);
    }
  memcpy (floats, seen, sizeof floats);
  memcpy (doubles, seen, sizeof doubles);
  *finite = true;
  for (int k = 0; k < 16; k++)
    *finite = *finite && !(numbers == TE_NUMBERS_FLOAT32 ? isnan (floats[k]) : isnan (doubles[k / 2]));
  return merge (words, nbytes);
}

uint64_t
te_digest_lanes (const void *bytes, size_t nbytes, TeNumbers numbers, bool *finite)
{
  if (numbers == TE_NUMBERS_FLOAT32)
    return digest (bytes, nbytes, TE_NUMBERS_FLOAT32, finite);
  if (numbers == TE_NUMBERS_FLOAT64)
    return digest (bytes, nbytes, TE_NUMBERS_FLOAT64, finite);
  return digest (bytes, nbytes, TE_NUMBERS_NONE, finite);
}
