#include "trace/digest.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

static uint64_t
digest_plain (const void *bytes, size_t nbytes, TeNumbers numbers, bool *finite)
{
  *finite = te_numbers_are_finite (bytes, nbytes, numbers);
  return XXH3_64bits (bytes, nbytes);
}

static TeDigestLanes
choose_lanes (void)
{
#if defined(TE_HAVE_LANES_16)
  if (__builtin_cpu_supports ("avx512f"))
    return te_digest_lanes_16;
#endif
#if defined(TE_HAVE_LANES_8)
  if (__builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma"))
    return te_digest_lanes_8;
#endif
  return digest_plain;
}

uint64_t
te_digest (const void *bytes, size_t nbytes, TeNumbers numbers, bool *finite)
{
  static TeDigestLanes lanes;
  if (nbytes <= TE_DIGEST_SHORT)
    return digest_plain (bytes, nbytes, numbers, finite);
  if (!lanes)
    lanes = choose_lanes ();
  return lanes (bytes, nbytes, numbers, finite);
}
