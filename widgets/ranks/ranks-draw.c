#include "ranks/ranks-draw.h"

#include <math.h>
#include <string.h>

#include "common/i18n.h"
#include "common/number-format.h"

#define PAD         16
#define MOST_ARROWS 1500

static const GdkRGBA *
role (const GbDrawContext *ctx, GbRole which)
{
  return gb_theme_role (ctx->theme, which);
}

static GbRole
role_of (const GbRankBar *bar)
{
  switch (bar->kind)
    {
    case GB_RANK_COMPUTE:
      return strstr (bar->name, "backward") ? GB_ROLE_BACKWARD
             : strstr (bar->name, "step")   ? GB_ROLE_LEAF
                                            : GB_ROLE_FORWARD;
    case GB_RANK_SEND:
    case GB_RANK_RECV:
    case GB_RANK_COLLECTIVE:
      return GB_ROLE_SAVED;
    case GB_RANK_WAIT:
      return GB_ROLE_MUTED;
    case GB_RANK_DEAD:
      return GB_ROLE_ERROR;
    }
  return GB_ROLE_INK;
}

static double
lane_height (const GbRanksLayout *layout)
{
  return layout->pitch - (layout->pitch >= 12 ? 4 : 0);
}

/* ---- lanes ---- */

static void
draw_lane_words (const GbRanksLayout *layout, guint lane, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbRanks *m = layout->model;
  const GbRank *rank = gb_ranks_rank (m, lane);
  double y = gb_ranks_layout_lane_y (layout, lane), middle = y + lane_height (layout) / 2;
  gboolean is_dead = !isnan (rank->dead_at), two = layout->pitch >= 34;
  char text[64], bytes[32];

  if (layout->x < 60)
    return;
  g_snprintf (text, sizeof text, _ ("rank %d"), rank->number);
  gb_draw_text (ctx, snapshot, layout->pitch >= 15 ? GB_FACE_SMALL_BOLD : GB_FACE_GUTTER,
                is_dead ? GB_ROLE_ERROR : GB_ROLE_INK, text, PAD, two ? middle - 8 : middle, GB_ALIGN_LEFT);
  if (two)
    {
      if (is_dead)
        g_strlcpy (text, _ ("dead"), sizeof text);
      else
        g_snprintf (text, sizeof text, _ ("%.0f%% busy"), 100 * rank->computed / (m->end - m->start));
      gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, is_dead ? GB_ROLE_ERROR : GB_ROLE_MUTED),
                         text, PAD, middle + 8, GB_ALIGN_LEFT, layout->x - PAD - 4);
    }
  if (layout->right <= 0 || !two)
    return;
  g_snprintf (text, sizeof text, _ ("out %s"), gb_number_bytes ((guint64) rank->sent, bytes, sizeof bytes));
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, GB_ROLE_INK), text,
                     layout->x + layout->plot_width + 10, middle - 8, GB_ALIGN_LEFT, layout->right);
  g_snprintf (text, sizeof text, _ ("in %s"),
              gb_number_bytes ((guint64) rank->received, bytes, sizeof bytes));
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, GB_ROLE_INK), text,
                     layout->x + layout->plot_width + 10, middle + 8, GB_ALIGN_LEFT, layout->right);
}

static void
draw_lane (const GbRanksLayout *layout, guint lane, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbRank *rank = gb_ranks_rank (layout->model, lane);
  double y = gb_ranks_layout_lane_y (layout, lane), height = MAX (lane_height (layout), 1), dead_x, right;

  gb_draw_box (snapshot, role (ctx, GB_ROLE_PANEL), NULL, layout->x, y, layout->plot_width, height, 0, 0);
  if (layout->pitch >= 12 || lane % (guint) ceil (12 / MAX (layout->pitch, 0.5)) == 0)
    draw_lane_words (layout, lane, ctx, snapshot);
  if (isnan (rank->dead_at))
    return;
  dead_x = MAX (gb_ranks_layout_x (layout, rank->dead_at), layout->x);
  right = layout->x + layout->plot_width;
  if (dead_x >= right)
    return;
  gb_draw_dashed_line (snapshot, role (ctx, GB_ROLE_ERROR), dead_x + 18, y + height / 2, right,
                       y + height / 2, 1.5, 4, 4);
  gb_draw_cross (snapshot, role (ctx, GB_ROLE_ERROR), dead_x + 4, y + height / 2 - 6, 12, 12);
}

/* ---- bars ---- */

static void
draw_wait (const GbRanksLayout *layout,
           const GbRankBar *bar,
           double x0,
           double x1,
           const GbBox *box,
           const GbDrawContext *ctx,
           GtkSnapshot *snapshot)
{
  const GdkRGBA *color = role (ctx, bar->is_open ? GB_ROLE_ERROR : GB_ROLE_MUTED);

  if (x1 - x0 < 1)
    return;
  gb_draw_box (snapshot, role (ctx, GB_ROLE_SURFACE), NULL, x0, box->y + 1, x1 - x0, box->height - 2, 0, 0);
  gb_draw_hatch (snapshot, color, x0, box->y + 1, x1 - x0, box->height - 2);
  if (x1 - x0 >= 6)
    gb_draw_dashed_box (snapshot, color, x0, box->y + 1, x1 - x0, box->height - 2, 0, 1);
}

static void
bar_name (const GbRankBar *bar, char *text, gsize nbytes)
{
  if (bar->kind == GB_RANK_SEND && bar->peer >= 0)
    g_snprintf (text, nbytes, "→%d", bar->peer);
  else if (bar->kind == GB_RANK_RECV && bar->peer >= 0)
    g_snprintf (text, nbytes, "←%d", bar->peer);
  else
    g_strlcpy (text, bar->name, nbytes);
}

static void
draw_bar (
    const GbRanksLayout *layout, guint nth, double *drawn_to, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbRankBar *bar = gb_ranks_bar (layout->model, nth);
  const GdkRGBA *color = role (ctx, role_of (bar));
  double left = layout->x, right = layout->x + layout->plot_width, x0, x1, ready;
  GbBox box;

  gb_ranks_layout_bar (layout, nth, &box);
  x0 = MAX (box.x, left), x1 = MIN (MAX (box.x + box.width, box.x + 1), right);
  if (bar->kind == GB_RANK_DEAD || x1 <= x0 || (x1 < *drawn_to + 0.5 && !bar->is_open))
    return;
  *drawn_to = x1;
  ready = CLAMP (gb_ranks_layout_x (layout, bar->ready), x0, x1);
  draw_wait (layout, bar, x0, ready, &box, ctx, snapshot);
  if (x1 - ready < 0.5 || bar->kind == GB_RANK_WAIT)
    return;
  if (x1 - ready < 6)
    {
      gb_draw_fill (snapshot, color, ready, box.y + 1, x1 - ready, MAX (box.height - 2, 1));
      return;
    }
  gb_draw_box (snapshot, role (ctx, GB_ROLE_OWN), color, ready, box.y + 1, x1 - ready,
               MAX (box.height - 2, 1), 0, 1);
  gb_draw_fill (snapshot, color, ready, box.y + 1, 3, MAX (box.height - 2, 1));
}

/* Over the arrows, so that none goes through a word. */
static void
draw_word (const char *text,
           GbRole ground,
           double x,
           double y,
           double width,
           const GbDrawContext *ctx,
           GtkSnapshot *snapshot)
{
  double chip = MIN (gb_draw_text_width (ctx, GB_FACE_CELL, text) + 4, width);

  gb_draw_box (snapshot, role (ctx, ground), NULL, x - 2, y - 7, chip, 14, 2, 0);
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_CELL, role (ctx, GB_ROLE_INK), text, x, y, GB_ALIGN_LEFT,
                     width - 2);
}

static void
draw_bar_words (const GbRanksLayout *layout, guint nth, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbRankBar *bar = gb_ranks_bar (layout->model, nth);
  double left = layout->x, right = layout->x + layout->plot_width, x0, x1, ready;
  char name[48];
  GbBox box;

  gb_ranks_layout_bar (layout, nth, &box);
  x0 = MAX (box.x, left), x1 = MIN (box.x + box.width, right);
  if (bar->kind == GB_RANK_DEAD || box.height < 14 || x1 - x0 < 22)
    return;
  ready = CLAMP (gb_ranks_layout_x (layout, bar->ready), x0, x1);
  if (ready - x0 >= 56)
    {
      g_autofree char *waits = gb_ranks_seconds (bar->ready - bar->start);
      draw_word (waits, GB_ROLE_SURFACE, x0 + 6, box.y + box.height / 2, ready - x0 - 8, ctx, snapshot);
    }
  bar_name (bar, name, sizeof name);
  if (x1 - ready >= 22 && bar->kind != GB_RANK_WAIT)
    draw_word (name, GB_ROLE_OWN, ready + 6, box.y + box.height / 2, x1 - ready - 8, ctx, snapshot);
}

/* ---- between lanes ---- */

/* Lines that a collective spans: when the last rank had come. */
static void
draw_meetings (const GbRanksLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbRanks *m = layout->model;
  double last = -INFINITY;

  for (guint i = 0; i < m->meetings->len; i++)
    {
      const GbRankMeeting *meeting = gb_ranks_meeting (m, i);
      gboolean fails = meeting->is_mixed || (m->ranks->len > 1 && gb_ranks_missing (m, i));
      double x = gb_ranks_layout_x (layout, meeting->ready);
      if (x < layout->x || x > layout->x + layout->plot_width || x < last + 2)
        continue;
      last = x;
      gb_draw_vline (snapshot, role (ctx, fails ? GB_ROLE_ERROR : GB_ROLE_SAVED), x, layout->y,
                     gb_ranks_layout_lane_y (layout, m->ranks->len - 1) + lane_height (layout),
                     fails ? 2 : 1.5);
    }
}

/* Who never came to a collective. */
static void
draw_missing (const GbRanksLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbRanks *m = layout->model;
  guint n_drawn = 0;

  for (guint i = 0; i < m->meetings->len && layout->pitch >= 14 && m->ranks->len > 1; i++)
    for (guint lane = 0; lane < m->ranks->len && gb_ranks_missing (m, i) && n_drawn < 500; lane++)
      {
        double x = gb_ranks_layout_x (layout, gb_ranks_meeting (m, i)->ready),
               y = gb_ranks_layout_lane_y (layout, lane) + lane_height (layout) / 2;
        if (gb_ranks_rank (m, lane)->n_meetings > i || !isnan (gb_ranks_rank (m, lane)->dead_at)
            || x < layout->x || x > layout->x + layout->plot_width)
          continue;
        gb_draw_box (snapshot, role (ctx, GB_ROLE_SURFACE), role (ctx, GB_ROLE_ERROR), x - 8, y - 8, 16, 16,
                     8, 1.5);
        gb_draw_cross (snapshot, role (ctx, GB_ROLE_ERROR), x - 4, y - 4, 8, 8);
        n_drawn++;
      }
}

static void
draw_messages (const GbRanksLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbRanks *m = layout->model;
  double left = layout->x, right = layout->x + layout->plot_width;
  guint n = 0;
  cairo_t *cr;

  if (m->n_messages == 0 || layout->pitch < 6)
    return;
  cr = gb_draw_cairo (snapshot, left, layout->y, right - left, m->ranks->len * layout->pitch);
  gdk_cairo_set_source_rgba (cr, role (ctx, GB_ROLE_SAVED));
  cairo_set_line_width (cr, 1.25);
  for (guint i = 0; i < m->bars->len && n < MOST_ARROWS; i++)
    {
      const GbRankBar *bar = gb_ranks_bar (m, i);
      GbBox from, to;
      double x0, y0, x1, y1, angle;
      gboolean down;
      if (bar->kind != GB_RANK_SEND || bar->other < 0)
        continue;
      gb_ranks_layout_bar (layout, i, &from);
      gb_ranks_layout_bar (layout, (guint) bar->other, &to);
      down = to.y > from.y;
      x0 = from.x + MIN (from.width / 2, 3), x1 = to.x + to.width;
      y0 = down ? from.y + from.height - 1 : from.y + 1, y1 = down ? to.y + 1 : to.y + to.height - 1;
      if (MAX (x0, x1) < left || MIN (x0, x1) > right)
        continue;
      n++;
      angle = atan2 (y1 - y0, x1 - x0);
      cairo_move_to (cr, x0, y0);
      cairo_line_to (cr, x1, y1);
      cairo_move_to (cr, x1 - 6 * cos (angle - 0.45), y1 - 6 * sin (angle - 0.45));
      cairo_line_to (cr, x1, y1);
      cairo_line_to (cr, x1 - 6 * cos (angle + 0.45), y1 - 6 * sin (angle + 0.45));
    }
  cairo_stroke (cr);
  cairo_destroy (cr);
}

/* A message that nobody received ends in the air. */
static void
draw_lost (const GbRanksLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbRanks *m = layout->model;

  for (guint i = 0; i < m->bars->len && m->n_lost && layout->pitch >= 14; i++)
    {
      const GbRankBar *bar = gb_ranks_bar (m, i);
      double x, y;
      GbBox box;
      if (bar->kind != GB_RANK_SEND || bar->other >= 0)
        continue;
      gb_ranks_layout_bar (layout, i, &box);
      x = box.x + box.width, y = box.y + box.height / 2;
      if (x < layout->x || x > layout->x + layout->plot_width - 20)
        continue;
      gb_draw_dashed_line (snapshot, role (ctx, GB_ROLE_ERROR), x, y, x + 14, y, 1.5, 3, 3);
      gb_draw_cross (snapshot, role (ctx, GB_ROLE_ERROR), x + 12, y - 4, 8, 8);
    }
}

static void
draw_labels (const GbRanksLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  for (guint i = 0; i < layout->labels->len; i++)
    {
      const GbRanksLabel *label = &g_array_index (layout->labels, GbRanksLabel, i);
      const GbRankMeeting *meeting =
          label->meeting >= 0 ? gb_ranks_meeting (layout->model, (guint) label->meeting) : NULL;
      gboolean fails =
          meeting
          && (meeting->is_mixed
              || (layout->model->ranks->len > 1 && gb_ranks_missing (layout->model, (guint) label->meeting)));
      gb_draw_box (snapshot, role (ctx, GB_ROLE_SURFACE), NULL, label->box.x, label->box.y, label->box.width,
                   label->box.height, 3, 0);
      gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, fails ? GB_ROLE_ERROR : GB_ROLE_INK, label->text,
                    label->box.x + label->box.width / 2, label->box.y + label->box.height / 2,
                    GB_ALIGN_CENTER);
    }
}

/* ---- around them ---- */

static void
draw_axis (const GbRanksLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbRanks *m = layout->model;
  double y = layout->y + m->ranks->len * layout->pitch + 2, last = -INFINITY;
  char number[32], text[48];

  if (layout->height < 120)
    return;
  gb_draw_hline (snapshot, role (ctx, GB_ROLE_RULE_STRONG), layout->x, layout->x + layout->plot_width, y, 1);
  for (guint i = 0; i < layout->axis.n_ticks; i++)
    {
      double tick = gb_axis_tick (&layout->axis, i),
             x = gb_ranks_layout_x (layout, m->start + tick * layout->unit), width;
      if (x < layout->x - 0.5 || x > layout->x + layout->plot_width + 0.5)
        continue;
      gb_axis_label (&layout->axis, tick, number, sizeof number);
      g_snprintf (text, sizeof text, "%s %s", number, layout->unit_name);
      width = gb_draw_text_width (ctx, GB_FACE_GUTTER, text);
      gb_draw_vline (snapshot, role (ctx, GB_ROLE_RULE_STRONG), x, y, y + 4, 1);
      if (x - width / 2 < last + 6 || x + width / 2 > layout->width)
        continue;
      last = x + width / 2;
      gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, GB_ROLE_MUTED, text, x, y + 11, GB_ALIGN_CENTER);
    }
}

static void
draw_ghost (const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double width = MAX (ctx->width - 80, 60), y = ctx->height / 2 - 60;

  gtk_snapshot_push_opacity (snapshot, 0.3);
  for (int lane = 0; lane < 4; lane++)
    {
      double part = width * (0.3 + 0.08 * ((lane * 2) % 3));
      gb_draw_box (snapshot, role (ctx, GB_ROLE_SURFACE), role (ctx, GB_ROLE_FORWARD), 40, y + lane * 30,
                   part, 22, 0, 1);
      gb_draw_box (snapshot, role (ctx, GB_ROLE_SURFACE), role (ctx, GB_ROLE_SAVED), 40 + width * 0.55,
                   y + lane * 30, width * 0.3, 22, 0, 1);
    }
  gtk_snapshot_pop (snapshot);
  gb_draw_empty (ctx, snapshot, _ ("No ranks yet: gb.log with rank= tells what each of them does."));
}

void
gb_ranks_draw (const GbRanksLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbRanks *m = layout->model;
  g_autofree char *sentence = NULL;
  g_autofree double *drawn_to = NULL;

  if (m == NULL)
    {
      draw_ghost (ctx, snapshot);
      return;
    }
  if (layout->y >= 30)
    {
      sentence = gb_ranks_sentence (m);
      gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, GB_ROLE_INK), sentence, PAD, 16,
                         GB_ALIGN_LEFT, layout->width - 2 * PAD);
    }
  for (guint lane = 0; lane < m->ranks->len; lane++)
    draw_lane (layout, lane, ctx, snapshot);
  drawn_to = g_new0 (double, m->ranks->len *GB_RANKS_MOST_DEPTH);
  for (guint i = 0; i < m->bars->len; i++)
    draw_bar (layout, i, &drawn_to[gb_ranks_bar (m, i)->lane * GB_RANKS_MOST_DEPTH + layout->depths[i]], ctx,
              snapshot);
  draw_meetings (layout, ctx, snapshot);
  draw_messages (layout, ctx, snapshot);
  for (guint i = 0; i < m->bars->len; i++)
    draw_bar_words (layout, i, ctx, snapshot);
  draw_missing (layout, ctx, snapshot);
  draw_lost (layout, ctx, snapshot);
  draw_labels (layout, ctx, snapshot);
  draw_axis (layout, ctx, snapshot);
}

/* A bar, and lightly what it met: the other end of its message, the bars of its collective. */
static void
draw_chosen (const GbRanksLayout *layout, guint nth, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbRankBar *bar = gb_ranks_bar (layout->model, nth);
  GbBox box;

  for (guint i = 0; i < layout->model->bars->len && (bar->meeting >= 0 || bar->other >= 0); i++)
    if ((bar->meeting >= 0 && gb_ranks_bar (layout->model, i)->meeting == bar->meeting)
        || (int) i == bar->other)
      {
        gb_ranks_layout_bar (layout, i, &box);
        gb_draw_box (snapshot, NULL, role (ctx, GB_ROLE_INK), box.x - 1, box.y, MAX (box.width, 4) + 2,
                     box.height, 0, 1.5);
      }
  gb_ranks_layout_bar (layout, nth, &box);
  gb_draw_selection (ctx, snapshot, box.x - 1, box.y, MAX (box.width, 6) + 2, box.height);
}

void
gb_ranks_draw_overlay (const GbRanksLayout *layout,
                       GbSelection *selection,
                       const GbDrawContext *ctx,
                       GtkSnapshot *snapshot)
{
  int pinned = gb_ranks_layout_picked (layout, gb_selection_get_pin (selection));
  int current = gb_ranks_layout_picked (layout, gb_selection_get_current (selection));
  GbBox box;

  if (pinned < 0 && current < 0)
    return;
  gtk_snapshot_push_clip (
      snapshot,
      &GRAPHENE_RECT_INIT ((float) layout->x - 3, 0, (float) layout->plot_width + 6, (float) layout->height));
  if (pinned >= 0)
    draw_chosen (layout, (guint) pinned, ctx, snapshot);
  if (current >= 0 && current != pinned)
    draw_chosen (layout, (guint) current, ctx, snapshot);
  gtk_snapshot_pop (snapshot);
  if (current < 0)
    return;
  g_autofree char *text = gb_ranks_bar_text (layout->model, (guint) current);
  const char *lines[] = { text };
  gb_ranks_layout_bar (layout, (guint) current, &box);
  gb_draw_tip (ctx, snapshot, CLAMP (box.x, 0, layout->width) + MIN (box.width, 120), box.y + box.height + 14,
               lines, 1);
}
