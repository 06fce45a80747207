#include "board/board-layout.h"

#include <math.h>

#include "common/i18n.h"

const char *
gb_board_level_name (GbLevel level)
{
  switch (level)
    {
    case GB_LEVEL_JUNIOR:
      return _ ("junior");
    case GB_LEVEL_MID:
      return _ ("mid");
    case GB_LEVEL_SENIOR:
      return _ ("senior");
    case GB_LEVEL_EXPERT:
      return _ ("expert");
    case GB_N_LEVELS:
      break;
    }
  return "";
}

const char *
gb_board_dimension_name (GbDimension dimension)
{
  switch (dimension)
    {
    case GB_DIMENSION_BASICS:
      return _ ("Fundamentals");
    case GB_DIMENSION_PRACTICE:
      return _ ("Experience");
    case GB_DIMENSION_OPTIMISE:
      return _ ("Optimisation");
    case GB_DIMENSION_INNOVATE:
      return _ ("Innovation");
    case GB_N_DIMENSIONS:
      break;
    }
  return "";
}

char *
gb_board_clock (double minutes)
{
  int seconds = (int) lround (fabs (minutes) * 60);
  return g_strdup_printf ("%s%d:%02d", minutes < 0 ? "-" : "", seconds / 60, seconds % 60);
}

static guint
count (const GbInterview *m, GbTurn turn)
{
  guint n = 0;

  for (guint i = 0; i < m->questions->len; i++)
    n += gb_interview_question (m, i)->turn == turn;
  return n;
}

char *
gb_board_sentence (const GbInterview *m)
{
  g_autofree char *elapsed = gb_board_clock (m->elapsed), *whole = gb_board_clock (m->minutes);
  double short_of = m->planned_left - (m->minutes - m->elapsed);
  GString *text = g_string_new (NULL);
  guint n_done = count (m, GB_TURN_DONE);

  g_string_append_printf (
      text, ngettext_ ("%s of %s: %u question answered", "%s of %s: %u questions answered", n_done), elapsed,
      whole, n_done);
  if (!m->hidden && !isnan (m->points))
    g_string_append_printf (text, _ (", %.0f of 100 points in %u%% of the weights, next question: %s"),
                            m->points, m->scored_weight, gb_board_level_name (m->next_level));
  if (m->minutes > 0 && short_of >= 0.5)
    g_string_append_printf (text, _ (". The plan is %.0f min too long"), short_of);
  g_string_append (text, _ ("."));
  return g_string_free (text, FALSE);
}

char *
gb_board_question_text (const GbInterview *m, guint nth)
{
  const GbInterviewQuestion *question = gb_interview_question (m, nth);
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "%u. %s: %s, %s", nth + 1, question->title,
                          gb_board_level_name (question->level),
                          gb_board_dimension_name (question->dimension));
  if (question->turn == GB_TURN_SKIPPED)
    g_string_append (text, _ (", skipped"));
  else if (question->turn == GB_TURN_NOW)
    g_string_append (text, _ (", now"));
  else if (question->turn == GB_TURN_LATER)
    g_string_append (text, _ (", later"));
  if (!m->hidden && !isnan (question->score))
    g_string_append_printf (text, _ (", score %g of 4"), question->score);
  if (question->hints)
    g_string_append_printf (text, ngettext_ (", %u hint", ", %u hints", question->hints), question->hints);
  return g_string_free (text, FALSE);
}

char *
gb_board_section_text (const GbInterview *m, guint nth)
{
  const GbInterviewSection *section = gb_interview_section (m, nth);
  const char *turn = section->turn == GB_TURN_DONE      ? _ ("done")
                     : section->turn == GB_TURN_NOW     ? _ ("now")
                     : section->turn == GB_TURN_SKIPPED ? _ ("skipped")
                                                        : _ ("later");

  return g_strdup_printf (_ ("%s: %.0f of %.0f min, %s"), section->title, section->spent, section->minutes,
                          turn);
}

char *
gb_board_dimension_text (const GbInterview *m, GbDimension dimension)
{
  if (m->hidden || isnan (m->means[dimension]))
    return g_strdup_printf (_ ("%s: weight %u%%, no score"), gb_board_dimension_name (dimension),
                            gb_dimension_weight (dimension));
  return g_strdup_printf (ngettext_ ("%s: weight %u%%, %.1f of 4 from %u question",
                                     "%s: weight %u%%, %.1f of 4 from %u questions", m->n_scored[dimension]),
                          gb_board_dimension_name (dimension), gb_dimension_weight (dimension),
                          m->means[dimension], m->n_scored[dimension]);
}
