#include "study/fsrs.h"

#include <math.h>

#define LEAST_STABILITY 0.001
#define LONGEST         36500 /* days */

/* The published defaults of version 6, w0 to w20: fitted to some hundred million reviews. */
static const double w[] = { 0.212,  1.2931, 2.3065, 8.2956, 6.4133, 0.8334, 3.0194,
                            0.001,  1.8722, 0.1666, 0.796,  1.4835, 0.0614, 0.2629,
                            1.6483, 0.6014, 1.8729, 0.5425, 0.0912, 0.0658, 0.1542 };

/* R (S, S) = 0.9 */
static double
get_factor (void)
{
  return pow (0.9, -1 / w[20]) - 1;
}

double
gb_fsrs_get_recall (GbMemory memory, double days)
{
  return memory.stability > 0 ? pow (1 + get_factor () * MAX (0, days) / memory.stability, -w[20]) : 0;
}

guint
gb_fsrs_get_interval (GbMemory memory, double wanted)
{
  double days = memory.stability / get_factor () * (pow (wanted, -1 / w[20]) - 1);
  return (guint) CLAMP (nearbyint (days), 1, LONGEST);
}

static double
first_difficulty (GbRating rating)
{
  return CLAMP (w[4] - exp (w[5] * (rating - 1)) + 1, 1, 10);
}

/* The nearer to 10, the smaller the change; then a little back towards what is easy. */
static double
next_difficulty (double before, GbRating rating)
{
  double damped = before - w[6] * ((int) rating - GB_RATING_GOOD) * (10 - before) / 9;
  return CLAMP (w[7] * first_difficulty (GB_RATING_EASY) + (1 - w[7]) * damped, 1, 10);
}

static double
same_day (double stability, GbRating rating)
{
  double grows = exp (w[17] * ((int) rating - GB_RATING_GOOD + w[18])) * pow (stability, -w[19]);
  return stability * (rating >= GB_RATING_GOOD ? MAX (1, grows) : grows);
}

static double
forgotten (GbMemory memory, double recall)
{
  double s = memory.stability;
  double long_term =
      w[11] * pow (memory.difficulty, -w[12]) * (pow (s + 1, w[13]) - 1) * exp (w[14] * (1 - recall));
  return MIN (long_term, s / exp (w[17] * w[18]));
}

static double
recalled (GbMemory memory, GbRating rating, double recall)
{
  double s = memory.stability;
  double gain = exp (w[8]) * (11 - memory.difficulty) * pow (s, -w[9]) * (exp (w[10] * (1 - recall)) - 1);
  gain *= rating == GB_RATING_HARD ? w[15] : rating == GB_RATING_EASY ? w[16] : 1;
  return s * (1 + gain);
}

GbMemory
gb_fsrs_answer (GbMemory before, GbRating rating, double days)
{
  if (before.stability <= 0)
    return (GbMemory){ w[rating - 1], first_difficulty (rating) };
  double recall = gb_fsrs_get_recall (before, days);
  double stability = days < 1                    ? same_day (before.stability, rating)
                     : rating == GB_RATING_AGAIN ? forgotten (before, recall)
                                                 : recalled (before, rating, recall);
  return (GbMemory){ MAX (LEAST_STABILITY, stability), next_difficulty (before.difficulty, rating) };
}
