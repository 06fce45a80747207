#include "ops/random/normal-pairs.h"

#include <immintrin.h>
#include <math.h>

#define SET    _mm256_set1_ps
#define MUL    _mm256_mul_ps
#define ADD    _mm256_add_ps
#define SUB    _mm256_sub_ps
#define FMA    _mm256_fmadd_ps
#define AND    _mm256_and_ps
#define XOR    _mm256_xor_ps
#define AS_INT _mm256_castps_si256
#define AS_PS  _mm256_castsi256_ps

/* ln x for x in (0, 1]: mantissa in [sqrt 1/2, sqrt 2), a polynomial of degree 9.  Source: Cephes, logf. What
 * is fused with what is part of the result: normals are the same bits as PyTorch's, not only close to them.
 */
static __m256
log_unit (__m256 x)
{
  __m256i bits = AS_INT (x);
  __m256 power = ADD (
      _mm256_cvtepi32_ps (_mm256_sub_epi32 (_mm256_srli_epi32 (bits, 23), _mm256_set1_epi32 (127))), SET (1));
  x = _mm256_or_ps (AS_PS (_mm256_andnot_si256 (_mm256_set1_epi32 (0x7f800000), bits)), SET (0.5f));
  __m256 low = _mm256_cmp_ps (x, SET (0.707106781186547524f), _CMP_LT_OS);
  power = SUB (power, AND (SET (1), low));
  x = ADD (SUB (x, SET (1)), AND (x, low));
  __m256 square = MUL (x, x), y = SET (7.0376836292e-2f);
  static const float factors[] = { -1.1514610310e-1f, 1.1676998740e-1f, -1.2420140846e-1f, 1.4249322787e-1f,
                                   -1.6668057665e-1f, 2.0000714765e-1f, -2.4999993993e-1f, 3.3333331174e-1f };
  for (int i = 0; i < 8; i++)
    y = FMA (y, x, SET (factors[i]));
  y = FMA (MUL (y, x), square, MUL (power, SET (-2.12194440e-4f)));
  y = _mm256_fnmadd_ps (square, SET (0.5f), y);
  return FMA (power, SET (0.693359375f), ADD (x, y));
}

/* sin and cos for x in [0, 2 pi]: octants, pi / 4 taken off in three parts, two polynomials.  Source: Cephes,
 * sinf. */
static void
sine_cosine (__m256 x, __m256 *sine, __m256 *cosine)
{
  __m256i octant = _mm256_cvttps_epi32 (MUL (x, SET (1.27323954473516f)));
  octant = _mm256_and_si256 (_mm256_add_epi32 (octant, _mm256_set1_epi32 (1)), _mm256_set1_epi32 (~1));
  __m256 turns = _mm256_cvtepi32_ps (octant);
  __m256i four = _mm256_set1_epi32 (4), two = _mm256_set1_epi32 (2);
  __m256 sine_sign = AS_PS (_mm256_slli_epi32 (_mm256_and_si256 (octant, four), 29));
  __m256 cosine_sign =
      AS_PS (_mm256_slli_epi32 (_mm256_andnot_si256 (_mm256_sub_epi32 (octant, two), four), 29));
  __m256 straight = AS_PS (_mm256_cmpeq_epi32 (_mm256_and_si256 (octant, two), _mm256_setzero_si256 ()));
  x = FMA (turns, SET (-0.78515625f), x);
  x = FMA (turns, SET (-2.4187564849853515625e-4f), x);
  x = FMA (turns, SET (-3.77489497744594108e-8f), x);
  __m256 square = MUL (x, x);
  __m256 even = FMA (SET (2.443315711809948e-5f), square, SET (-1.388731625493765e-3f));
  even = MUL (FMA (even, square, SET (4.166664568298827e-2f)), square);
  even = ADD (_mm256_fmsub_ps (even, square, MUL (square, SET (0.5f))), SET (1));
  __m256 odd = FMA (SET (-1.9515295891e-4f), square, SET (8.3321608736e-3f));
  odd = FMA (MUL (FMA (odd, square, SET (-1.6666654611e-1f)), square), x, x);
  *sine = XOR (_mm256_blendv_ps (even, odd, straight), sine_sign);
  *cosine = XOR (_mm256_blendv_ps (odd, even, straight), cosine_sign);
}

void
te_normal_pairs_f32 (float *x, float mean, float std)
{
  __m256 u1 = SUB (SET (1), _mm256_loadu_ps (x)), u2 = _mm256_loadu_ps (x + 8), sine, cosine;
  __m256 radius = _mm256_sqrt_ps (MUL (SET (-2), log_unit (u1)));
  sine_cosine (MUL (SET ((float) (2 * M_PI)), u2), &sine, &cosine);
  _mm256_storeu_ps (x, FMA (MUL (radius, cosine), SET (std), SET (mean)));
  _mm256_storeu_ps (x + 8, FMA (MUL (radius, sine), SET (std), SET (mean)));
}
