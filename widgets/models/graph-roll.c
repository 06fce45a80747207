#include "models/graph-roll.h"

#define MOST_LENGTH 64 /* of a body */

/* How often the stretch of that length comes from `first` on. */
static guint
times_of (const guint64 *keys, guint n, guint first, guint length)
{
  guint at = first;
  while (at + length < n && keys[at] == keys[at + length])
    at++;
  return (at - first) / length + 1;
}

GArray *
gb_roll_find (const guint64 *keys, guint n)
{
  GArray *rolls = g_array_new (FALSE, FALSE, sizeof (GbRoll));
  for (guint i = 0; i < n;)
    {
      GbRoll best = { 0 };
      for (guint length = 1; length <= MOST_LENGTH && i + length * GB_ROLL_LEAST <= n; length++)
        {
          GbRoll roll = { i, length, times_of (keys, n, i, length) };
          /* Of two lengths that reach as far the shorter one is the body. */
          if (roll.times >= GB_ROLL_LEAST && roll.times * roll.length > best.times * best.length)
            best = roll;
        }
      if (best.times)
        g_array_append_val (rolls, best);
      i += best.times ? best.times * best.length : 1;
    }
  return rolls;
}
