/* The scheduler against the examples that Open Spaced Repetition publishes with its own (py-fsrs,
 * tests/test_basic.py, version 6 with default parameters: test_review_card, test_memo_state,
 * test_repeated_correct_reviews). */
#include "study/fsrs.h"

#include <glib.h>
#include <math.h>

static void
test_intervals (void)
{
  /* Learning has a step of ten minutes before the first day, and so has what was forgotten. */
  static const struct
  {
    GbRating rating;
    gboolean has_step;
    guint interval;
  } rows[] = { { GB_RATING_GOOD, TRUE, 0 },   { GB_RATING_GOOD, FALSE, 2 },   { GB_RATING_GOOD, FALSE, 11 },
               { GB_RATING_GOOD, FALSE, 46 }, { GB_RATING_GOOD, FALSE, 163 }, { GB_RATING_GOOD, FALSE, 497 },
               { GB_RATING_AGAIN, TRUE, 0 },  { GB_RATING_AGAIN, TRUE, 0 },   { GB_RATING_GOOD, FALSE, 2 },
               { GB_RATING_GOOD, FALSE, 4 },  { GB_RATING_GOOD, FALSE, 7 },   { GB_RATING_GOOD, FALSE, 12 },
               { GB_RATING_GOOD, FALSE, 20 } };
  GbMemory memory = { 0 };
  guint days = 0;
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      memory = gb_fsrs_answer (memory, rows[i].rating, days);
      days = rows[i].has_step ? 0 : gb_fsrs_get_interval (memory, 0.9);
      g_assert_cmpuint (days, ==, rows[i].interval);
    }
}

static void
test_memory (void)
{
  static const guint days[] = { 0, 0, 1, 3, 8, 21, 0 };
  GbMemory memory = { 0 };
  for (guint i = 0; i < G_N_ELEMENTS (days); i++)
    memory = gb_fsrs_answer (memory, i ? GB_RATING_GOOD : GB_RATING_AGAIN, days[i]);
  g_assert_cmpfloat_with_epsilon (memory.stability, 53.3825, 5e-5);
  g_assert_cmpfloat_with_epsilon (memory.difficulty, 6.3809, 5e-5);
}

static void
test_bounds (void)
{
  GbMemory easy = { 0 }, hard = { 0 };
  for (guint i = 0; i < 10; i++)
    easy = gb_fsrs_answer (easy, GB_RATING_EASY, 0);
  g_assert_cmpfloat (easy.difficulty, ==, 1);
  for (guint i = 0; i < 300; i++)
    hard = gb_fsrs_answer (hard, GB_RATING_AGAIN, i % 3);
  g_assert_cmpfloat (hard.stability, >=, 0.001);
  g_assert_cmpfloat (hard.difficulty, <=, 10);
  g_assert_cmpuint (gb_fsrs_get_interval (hard, 0.9), ==, 1);
  for (guint i = 0; i < 40; i++)
    easy = gb_fsrs_answer (easy, GB_RATING_EASY, gb_fsrs_get_interval (easy, 0.9));
  g_assert_true (isfinite (easy.stability));
  g_assert_cmpuint (gb_fsrs_get_interval (easy, 0.9), ==, 36500);
}

static void
test_recall (void)
{
  GbMemory memory = { 10, 5 };
  g_assert_cmpfloat_with_epsilon (gb_fsrs_get_recall (memory, 0), 1, 1e-12);
  g_assert_cmpfloat_with_epsilon (gb_fsrs_get_recall (memory, 10), 0.9, 1e-12);
  g_assert_cmpuint (gb_fsrs_get_interval (memory, 0.9), ==, 10);
  g_assert_cmpfloat (gb_fsrs_get_recall ((GbMemory){ 0 }, 3), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fsrs/intervals", test_intervals);
  g_test_add_func ("/fsrs/memory", test_memory);
  g_test_add_func ("/fsrs/bounds", test_bounds);
  g_test_add_func ("/fsrs/recall", test_recall);
  return g_test_run ();
}
