/* How long a fuzzer goes on: a moment by default, FUZZ_ROUNDS times as long under `tests/run soak`; the seed
 * is fixed unless FUZZ_SEED says otherwise, and is printed with every failure. */
#pragma once

#include <glib.h>

static inline guint
fuzz_rounds (guint usual)
{
  const char *factor = g_getenv ("FUZZ_ROUNDS");
  return factor ? usual * (guint) MAX (1, g_ascii_strtoll (factor, NULL, 10)) : usual;
}

static inline GRand *
fuzz_rand (void)
{
  const char *seed = g_getenv ("FUZZ_SEED");
  guint32 value = seed ? (guint32) g_ascii_strtoull (seed, NULL, 10) : 20261123;
  g_test_message ("FUZZ_SEED=%u", value);
  return g_rand_new_with_seed (value);
}

/* A few changed bytes, at random or with values that lengths and counts trip over. */
static inline void
fuzz_mutate (GRand *rand, guint8 *bytes, gsize nbytes)
{
  static const guint32 nasty[] = { 0,   1,     7,          8,           15,          16,
                                   255, 65535, 0x7fffffff, 0x80000000u, 0xffffffffu, 0xfffffff8u };
  int n = 1 + g_rand_int_range (rand, 0, 8);
  for (int i = 0; i < n && nbytes >= 8; i++)
    {
      gsize at = (gsize) g_rand_int_range (rand, 0, (gint32) MIN (nbytes - 4, G_MAXINT32));
      if (g_rand_boolean (rand))
        bytes[at] = (guint8) g_rand_int (rand);
      else
        {
          guint32 value = nasty[g_rand_int_range (rand, 0, G_N_ELEMENTS (nasty))];
          at &= ~(gsize) 3;
          memcpy (bytes + at, &value, 4);
        }
    }
}
