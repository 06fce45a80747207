#include "board/board-draw.h"

#include <math.h>

#include "common/i18n.h"

#define PAD         16
#define RUBRIC_LINE 19
#define TITLE       22

static const GdkRGBA *
role (const GbDrawContext *ctx, GbRole which)
{
  return gb_theme_role (ctx->theme, which);
}

/* ---- time ---- */

static void
draw_section (const GbBoardLayout *layout, guint nth, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbInterviewSection *section = gb_interview_section (layout->model, nth);
  gboolean is_now = section->turn == GB_TURN_NOW, is_skipped = section->turn == GB_TURN_SKIPPED;
  double share = section->minutes > 0 ? MIN (section->spent / section->minutes, 1) : 0;
  char minutes[48];
  GbBox box;

  gb_board_layout_section (layout, nth, &box);
  if (box.width < 1)
    return;
  box.width = MAX (box.width - 2, 1);
  gb_draw_box (snapshot, role (ctx, GB_ROLE_PANEL), NULL, box.x, box.y, box.width, box.height, 3, 0);
  gb_draw_fill (snapshot, role (ctx, GB_ROLE_RULE), box.x, box.y + box.height - 7, box.width * share, 7);
  if (is_skipped || section->turn == GB_TURN_LATER)
    gb_draw_dashed_box (snapshot, role (ctx, GB_ROLE_RULE_STRONG), box.x, box.y, box.width, box.height, 3, 1);
  else
    gb_draw_box (snapshot, NULL, role (ctx, is_now ? GB_ROLE_INK : GB_ROLE_RULE_STRONG), box.x, box.y,
                 box.width, box.height, 3, is_now ? 2 : 1);
  if (box.width < 24 || box.height < 26)
    return;
  gb_draw_text_rgba (ctx, snapshot, is_now ? GB_FACE_SMALL_BOLD : GB_FACE_SMALL,
                     role (ctx, is_skipped ? GB_ROLE_MUTED : GB_ROLE_INK), section->title, box.x + 6,
                     box.y + 15, GB_ALIGN_LEFT, box.width - 10);
  if (is_skipped)
    gb_draw_hline (snapshot, role (ctx, GB_ROLE_MUTED), box.x + 6,
                   box.x + 6 + MIN (gb_draw_text_width (ctx, GB_FACE_SMALL, section->title), box.width - 12),
                   box.y + 15, 1);
  if (section->spent > section->minutes && section->turn != GB_TURN_LATER)
    g_snprintf (minutes, sizeof minutes, "%.0f + %.0f", section->minutes, section->spent - section->minutes);
  else if (section->spent > 0)
    g_snprintf (minutes, sizeof minutes, "%.0f / %.0f", section->spent, section->minutes);
  else
    g_snprintf (minutes, sizeof minutes, "%.0f", section->minutes);
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_GUTTER,
                     role (ctx, section->spent > section->minutes ? GB_ROLE_WARNING : GB_ROLE_MUTED), minutes,
                     box.x + 6, box.y + box.height + 11, GB_ALIGN_LEFT, box.width - 6);
}

/* Where the clock is: the one accent. */
static void
draw_clock (const GbBoardLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbInterview *m = layout->model;
  double x = layout->plan.x + MIN (m->elapsed / layout->minutes, 1) * layout->plan.width;

  if (m->elapsed <= 0)
    return;
  gb_draw_vline (snapshot, role (ctx, GB_ROLE_ACCENT), x, layout->plan.y - 4,
                 layout->plan.y + layout->plan.height + 3, 2);
  gb_draw_arrow_head (snapshot, role (ctx, GB_ROLE_ACCENT), x, layout->plan.y - 2, G_PI / 2, 8);
}

/* ---- ladder ---- */

static void
draw_levels (const GbBoardLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbInterview *m = layout->model;
  double right = layout->ladder.x + layout->ladder.width;

  if (layout->ladder.height >= 80)
    gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL_BOLD, role (ctx, GB_ROLE_INK), _ ("Questions"),
                       layout->ladder_left, layout->ladder.y - TITLE / 2, GB_ALIGN_LEFT,
                       layout->ladder.width);
  for (GbLevel level = 0; level < GB_N_LEVELS; level++)
    {
      double y = gb_board_layout_level_y (layout, level);
      gboolean is_next = !m->hidden && level == m->next_level;
      gb_draw_hline (snapshot, role (ctx, GB_ROLE_RULE), layout->ladder.x, right, y, 1);
      if (layout->ladder.x > layout->ladder_left)
        gb_draw_text_rgba (ctx, snapshot, is_next ? GB_FACE_SMALL_BOLD : GB_FACE_SMALL,
                           role (ctx, is_next ? GB_ROLE_INK : GB_ROLE_MUTED), gb_board_level_name (level),
                           layout->ladder_left, y, GB_ALIGN_LEFT, layout->ladder.x - layout->ladder_left - 6);
    }
}

static void
draw_climb (const GbBoardLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbInterview *m = layout->model;
  cairo_t *cr = gb_draw_cairo (snapshot, layout->ladder.x, layout->ladder.y, layout->ladder.width,
                               layout->ladder.height);
  gboolean down = FALSE;

  gdk_cairo_set_source_rgba (cr, role (ctx, GB_ROLE_RULE_STRONG));
  cairo_set_line_width (cr, 1.5);
  for (guint i = 0; i < m->questions->len; i++)
    {
      GbTurn turn = gb_interview_question (m, i)->turn;
      double x, y;
      gb_board_layout_question (layout, i, &x, &y);
      if (turn == GB_TURN_SKIPPED)
        continue;
      if (turn == GB_TURN_LATER)
        cairo_set_dash (cr, (double[]){ 3, 3 }, 2, 0);
      if (down)
        {
          cairo_line_to (cr, x, y);
          cairo_stroke (cr);
        }
      cairo_move_to (cr, x, y);
      down = TRUE;
    }
  cairo_destroy (cr);
}

static void
draw_question (const GbBoardLayout *layout, guint nth, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbInterview *m = layout->model;
  const GbInterviewQuestion *question = gb_interview_question (m, nth);
  double x, y, r = layout->radius;
  char text[16];

  gb_board_layout_question (layout, nth, &x, &y);
  gb_draw_box (snapshot, role (ctx, question->turn == GB_TURN_DONE ? GB_ROLE_OWN : GB_ROLE_SURFACE), NULL,
               x - r, y - r, 2 * r, 2 * r, r, 0);
  if (question->turn == GB_TURN_LATER || question->turn == GB_TURN_SKIPPED)
    gb_draw_dashed_box (snapshot, role (ctx, GB_ROLE_MUTED), x - r, y - r, 2 * r, 2 * r, r, 1);
  else
    gb_draw_box (snapshot, NULL, role (ctx, question->turn == GB_TURN_NOW ? GB_ROLE_ACCENT : GB_ROLE_INK),
                 x - r, y - r, 2 * r, 2 * r, r, question->turn == GB_TURN_NOW ? 2.5 : 1.25);
  if (question->turn == GB_TURN_SKIPPED)
    gb_draw_diagonal (snapshot, role (ctx, GB_ROLE_MUTED), x - r * 0.7, y - r * 0.7, r * 1.4, r * 1.4);
  if (r < 7)
    return;
  if (question->turn == GB_TURN_NOW && isnan (question->score))
    g_strlcpy (text, "?", sizeof text);
  else if (m->hidden && !isnan (question->score))
    g_strlcpy (text, "·", sizeof text);
  else if (!isnan (question->score))
    g_snprintf (text, sizeof text, "%g", round (question->score * 10) / 10);
  else
    text[0] = '\0';
  gb_draw_text (ctx, snapshot, GB_FACE_CELL_BOLD, GB_ROLE_INK, text, x, y, GB_ALIGN_CENTER);
  if (question->hints && layout->step >= 26 && layout->ladder.height / GB_N_LEVELS >= 3 * r)
    {
      /* A hint lowers what a score is worth: it is told beside it. */
      g_snprintf (text, sizeof text, "h%u", question->hints);
      gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, GB_ROLE_MUTED, text, x, y + r + 8, GB_ALIGN_CENTER);
    }
}

/* ---- scores ---- */

static void
draw_score (const GbBoardLayout *layout,
            GbDimension dimension,
            double y,
            const GbDrawContext *ctx,
            GtkSnapshot *snapshot)
{
  const GbInterview *m = layout->model;
  double x = layout->scores.x + 118, width = layout->scores.width - 118 - 44,
         mean = m->hidden ? NAN : m->means[dimension];
  char text[32];

  gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, GB_ROLE_INK),
                     gb_board_dimension_name (dimension), layout->scores.x, y, GB_ALIGN_LEFT, 80);
  g_snprintf (text, sizeof text, "%u%%", gb_dimension_weight (dimension));
  gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, GB_ROLE_MUTED, text, x - 8, y, GB_ALIGN_RIGHT);
  gb_draw_box (snapshot, role (ctx, GB_ROLE_PANEL), NULL, x, y - 6, width, 12, 0, 0);
  if (!isnan (mean))
    gb_draw_fill (snapshot, role (ctx, GB_ROLE_MUTED), x, y - 6, width * mean / GB_INTERVIEW_MOST_SCORE, 12);
  for (int i = 1; i < GB_INTERVIEW_MOST_SCORE; i++)
    gb_draw_vline (snapshot, role (ctx, GB_ROLE_SURFACE), x + width * i / GB_INTERVIEW_MOST_SCORE, y - 6,
                   y + 6, 1);
  g_snprintf (text, sizeof text, isnan (mean) ? "-" : "%.1f", mean);
  gb_draw_text (ctx, snapshot, GB_FACE_CELL_BOLD, isnan (mean) ? GB_ROLE_MUTED : GB_ROLE_INK, text,
                x + width + 36, y, GB_ALIGN_RIGHT);
}

static void
draw_scores (const GbBoardLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbInterview *m = layout->model;
  double y = layout->scores.y + TITLE / 2;
  g_autofree char *total = NULL;

  if (layout->scores.width <= 0)
    return;
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL_BOLD, role (ctx, GB_ROLE_INK), _ ("Scores, 0 to 4"),
                     layout->scores.x, y, GB_ALIGN_LEFT, layout->scores.width);
  y += TITLE / 2 + layout->score_row / 2 + 2;
  for (GbDimension d = 0; d < GB_N_DIMENSIONS; d++, y += layout->score_row)
    draw_score (layout, d, y, ctx, snapshot);
  gb_draw_hline (snapshot, role (ctx, GB_ROLE_RULE), layout->scores.x,
                 layout->scores.x + layout->scores.width, y - 10, 1);
  if (m->hidden)
    total = g_strdup (_ ("scores are not shown here"));
  else if (isnan (m->points))
    total = g_strdup (_ ("no score yet"));
  else
    total = g_strdup_printf (_ ("%.0f of 100, from %u%% of the weights"), m->points, m->scored_weight);
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL_BOLD,
                     role (ctx, m->hidden || isnan (m->points) ? GB_ROLE_MUTED : GB_ROLE_INK), total,
                     layout->scores.x, y + 4, GB_ALIGN_LEFT, layout->scores.width);
}

/* ---- rubric ---- */

static void
draw_rubric (const GbBoardLayout *layout, int question, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbInterview *m = layout->model;
  int dimension = gb_board_layout_dimension (layout, question),
      nth = question >= 0 ? question : gb_interview_now (m);
  double y = layout->rubric.y + 6;
  g_autofree char *title = NULL;

  if (layout->rubric.width <= 0 || dimension < 0)
    return;
  gb_draw_hline (snapshot, role (ctx, GB_ROLE_RULE), layout->rubric.x,
                 layout->rubric.x + layout->rubric.width, y - 10, 1);
  title = g_strdup_printf ("%u. %s: %s", (guint) nth + 1, gb_interview_question (m, (guint) nth)->title,
                           gb_board_dimension_name ((GbDimension) dimension));
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL_BOLD, role (ctx, GB_ROLE_INK), title, layout->rubric.x,
                     y + 3, GB_ALIGN_LEFT, layout->rubric.width);
  y += TITLE;
  for (int i = GB_INTERVIEW_MOST_SCORE; i >= 0; i--)
    {
      const char *anchor = m->anchors[dimension][i];
      double score = m->hidden ? NAN : gb_interview_question (m, (guint) nth)->score;
      gboolean is_given = !isnan (score) && (int) lround (score) == i;
      char digit[8];
      if (anchor == NULL)
        continue;
      g_snprintf (digit, sizeof digit, "%d", i);
      if (is_given)
        gb_draw_box (snapshot, role (ctx, GB_ROLE_PANEL), NULL, layout->rubric.x - 4, y - RUBRIC_LINE / 2.0,
                     layout->rubric.width + 8, RUBRIC_LINE, 3, 0);
      gb_draw_text (ctx, snapshot, GB_FACE_CELL_BOLD, is_given ? GB_ROLE_INK : GB_ROLE_MUTED, digit,
                    layout->rubric.x + 4, y, GB_ALIGN_LEFT);
      gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, is_given ? GB_ROLE_INK : GB_ROLE_MUTED),
                         anchor, layout->rubric.x + 22, y, GB_ALIGN_LEFT, layout->rubric.width - 26);
      y += RUBRIC_LINE;
    }
}

/* ---- all of it ---- */

static void
draw_ghost (const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double width = MAX (ctx->width - 80, 60), y = ctx->height / 2 - 70, x = 40;

  gtk_snapshot_push_opacity (snapshot, 0.3);
  for (int i = 0; i < 6; i++)
    {
      double part = width * (i % 2 ? 0.2 : 0.13);
      gb_draw_box (snapshot, NULL, role (ctx, GB_ROLE_RULE_STRONG), x, y, part - 4, 26, 3, 1);
      x += part;
    }
  for (int i = 0; i < 9; i++)
    gb_draw_box (snapshot, NULL, role (ctx, GB_ROLE_INK), 40 + width * 0.6 * i / 9,
                 y + 110
                     - (i < 3   ? 0
                        : i < 6 ? 30
                                : 60),
                 18, 18, 9, 1.5);
  gtk_snapshot_pop (snapshot);
  gb_draw_empty (ctx, snapshot, _ ("No interview is under way."));
}

void
gb_board_draw (const GbBoardLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbInterview *m = layout->model;
  g_autofree char *sentence = NULL;

  if (m == NULL)
    {
      draw_ghost (ctx, snapshot);
      return;
    }
  if (layout->plan.y >= 30)
    {
      sentence = gb_board_sentence (m);
      if (*m->candidate)
        {
          char *both = g_strdup_printf ("%s · %s", m->candidate, sentence);
          g_free (sentence);
          sentence = both;
        }
      gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, GB_ROLE_INK), sentence, PAD, 16,
                         GB_ALIGN_LEFT, layout->width - 2 * PAD);
    }
  for (guint i = 0; i < m->sections->len; i++)
    draw_section (layout, i, ctx, snapshot);
  draw_clock (layout, ctx, snapshot);
  draw_levels (layout, ctx, snapshot);
  draw_climb (layout, ctx, snapshot);
  for (guint i = 0; i < m->questions->len; i++)
    draw_question (layout, i, ctx, snapshot);
  draw_scores (layout, ctx, snapshot);
}

void
gb_board_draw_overlay (const GbBoardLayout *layout,
                       GbSelection *selection,
                       const GbDrawContext *ctx,
                       GtkSnapshot *snapshot)
{
  int picks[2] = { gb_board_layout_picked (layout, gb_selection_get_pin (selection)),
                   gb_board_layout_picked (layout, gb_selection_get_current (selection)) };
  double x, y, r = layout->radius + 3;

  if (layout->model == NULL)
    return;
  draw_rubric (layout, picks[1], ctx, snapshot);
  for (int i = 0; i < 2; i++)
    if (picks[i] >= 0)
      {
        gb_board_layout_question (layout, (guint) picks[i], &x, &y);
        gb_draw_selection (ctx, snapshot, x - r, y - r, 2 * r, 2 * r);
      }
  if (picks[1] < 0)
    return;
  g_autofree char *text = gb_board_question_text (layout->model, (guint) picks[1]);
  const char *lines[] = { text };
  gb_draw_tip (ctx, snapshot, x + r, y, lines, 1);
}
