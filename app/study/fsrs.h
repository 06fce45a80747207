/* fsrs: when what was missed should come back.
 *
 * The Free Spaced Repetition Scheduler, version 6, with its published default parameters: J. Ye and others,
 * "The Algorithm", Open Spaced Repetition
 * (github.com/open-spaced-repetition/awesome-fsrs/wiki/The-Algorithm); the model behind it is J. Ye, J. Su,
 * Y. Cao: "A Stochastic Shortest Path Algorithm for Optimizing Spaced Repetition Scheduling", KDD 2022. Pure:
 * no clock, no state of its own. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  GB_RATING_AGAIN = 1, /* missed */
  GB_RATING_HARD,      /* in part */
  GB_RATING_GOOD,
  GB_RATING_EASY,
} GbRating;

/* What is known of the memory of one thing.  stability: days after which the chance to recall it has fallen
 * to 90 %, 0: never answered; difficulty: 1 to 10. */
typedef struct
{
  double stability, difficulty;
} GbMemory;

/* The memory after an answer.  days: since the answer before, whole days; 0: on the same day. */
GbMemory gb_fsrs_answer (GbMemory before, GbRating rating, double days);
/* The chance to recall it now, 0 to 1. */
double gb_fsrs_get_recall (GbMemory memory, double days);
/* In how many days that chance has fallen to what is wanted (0 to 1): at least 1. */
guint gb_fsrs_get_interval (GbMemory memory, double wanted);

G_END_DECLS
