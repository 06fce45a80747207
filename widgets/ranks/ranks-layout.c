#include "ranks/ranks-layout.h"

#include <math.h>

#include "common/i18n.h"
#include "common/number-format.h"

#define PAD         16
#define LEFT        96
#define RIGHT       92
#define TOP         36
#define BOTTOM      34
#define PITCH_MOST  92
#define MOST_LABELS 200
#define NEAR        4

void
gb_ranks_layout_free (GbRanksLayout *self)
{
  if (self == NULL)
    return;
  gb_ranks_free (self->model);
  g_free (self->depths);
  g_array_unref (self->labels);
  g_free (self);
}

double
gb_ranks_layout_x (const GbRanksLayout *self, double seconds)
{
  return self->x + (seconds - self->from) / (self->to - self->from) * self->plot_width;
}

double
gb_ranks_layout_lane_y (const GbRanksLayout *self, guint lane)
{
  return self->y + lane * self->pitch;
}

void
gb_ranks_layout_bar (const GbRanksLayout *self, guint nth, GbBox *box)
{
  const GbRankBar *bar = gb_ranks_bar (self->model, nth);
  double gap = self->pitch >= 12 ? 3 : 0;

  box->x = gb_ranks_layout_x (self, bar->start);
  box->width = MAX (gb_ranks_layout_x (self, bar->end) - box->x, 0);
  box->y = gb_ranks_layout_lane_y (self, bar->lane) + gap + self->depths[nth] * self->bar_height;
  box->height = self->bar_height;
}

/* ---- rows of a lane: what happens at once stands below each other ---- */

static void
stack_bars (GbRanksLayout *self)
{
  const GbRanks *m = self->model;
  g_autofree double *until = g_new (double, m->ranks->len *GB_RANKS_MOST_DEPTH);
  double least = (m->end - m->start) * 1e-9;

  for (guint i = 0; i < m->ranks->len * GB_RANKS_MOST_DEPTH; i++)
    until[i] = -INFINITY;
  self->depths = g_new0 (guint8, m->bars->len);
  self->depth = 1;
  for (guint i = 0; i < m->bars->len; i++)
    {
      const GbRankBar *bar = gb_ranks_bar (m, i);
      double *rows = until + bar->lane * GB_RANKS_MOST_DEPTH;
      guint row = 0;
      while (row + 1 < GB_RANKS_MOST_DEPTH && rows[row] > bar->start + least)
        row++;
      rows[row] = MAX (rows[row], bar->end);
      self->depths[i] = (guint8) row;
      self->depth = MAX (self->depth, row + 1);
    }
}

/* ---- labels ---- */

static void
add_label (
    GbRanksLayout *self, GArray *boxes, const GbDrawContext *ctx, GbRanksLabel *label, double cx, double cy)
{
  GbBox within = { self->x, 0, self->plot_width, self->height - BOTTOM };

  label->box.width = gb_draw_text_width (ctx, GB_FACE_GUTTER, label->text) + 6;
  label->box.height = 13;
  label->box.x = cx - label->box.width / 2;
  label->box.y = cy - label->box.height / 2;
  if (self->labels->len < MOST_LABELS && gb_boxes_take (boxes, label->box, 1, &within))
    g_array_append_val (self->labels, *label);
}

/* Bytes of messages in the middle of their arrows; names of collectives above the lanes. */
static void
make_labels (GbRanksLayout *self, const GbDrawContext *ctx)
{
  const GbRanks *m = self->model;
  g_autoptr (GArray) boxes = g_array_new (FALSE, FALSE, sizeof (GbBox));

  for (guint i = 0; i < m->meetings->len && i < MOST_LABELS; i++)
    {
      const GbRankMeeting *meeting = gb_ranks_meeting (m, i);
      GbRanksLabel label = { .bar = -1, .meeting = (int) i };
      double x = gb_ranks_layout_x (self, meeting->ready);
      g_snprintf (label.text, sizeof label.text, "%.28s %u", meeting->is_mixed ? "≠" : meeting->name,
                  meeting->nth + 1);
      label.box.width = gb_draw_text_width (ctx, GB_FACE_GUTTER, label.text) + 6;
      if (x >= self->x && x <= self->x + self->plot_width)
        add_label (self, boxes, ctx, &label,
                   CLAMP (x, self->x + label.box.width / 2, self->x + self->plot_width - label.box.width / 2),
                   self->y - 8);
    }
  for (guint i = 0; i < m->bars->len && self->pitch >= 24; i++)
    {
      const GbRankBar *bar = gb_ranks_bar (m, i);
      GbRanksLabel label = { .bar = (int) i, .meeting = -1 };
      GbBox from, to;
      if (bar->kind != GB_RANK_SEND || bar->other < 0 || isnan (bar->nbytes))
        continue;
      gb_ranks_layout_bar (self, i, &from);
      gb_ranks_layout_bar (self, (guint) bar->other, &to);
      gb_number_bytes ((guint64) MAX (bar->nbytes, 0), label.text, sizeof label.text);
      add_label (self, boxes, ctx, &label, (from.x + to.x + to.width) / 2,
                 (from.y + to.y + (from.height + to.height) / 2) / 2);
    }
}

/* ---- all of it ---- */

static void
choose_time (GbRanksLayout *self, const GbRanksOptions *options)
{
  const GbRanks *m = self->model;
  double all = m->end - m->start, part = all / MAX (options->zoom, 1);
  double center = m->start + CLAMP (options->center, 0, 1) * all;

  self->from = CLAMP (center - part / 2, m->start, m->end - part);
  self->to = self->from + part;
  self->unit = part >= 2 ? 1 : part >= 2e-3 ? 1e-3 : 1e-6;
  self->unit_name = part >= 2 ? "s" : part >= 2e-3 ? "ms" : "µs";
  self->axis = gb_axis_linear ((self->from - m->start) / self->unit, (self->to - m->start) / self->unit,
                               (guint) MAX (self->plot_width / 90, 2));
}

static gboolean
tells_bytes (const GbRanks *m)
{
  for (guint i = 0; i < m->ranks->len; i++)
    if (gb_ranks_rank (m, i)->sent > 0 || gb_ranks_rank (m, i)->received > 0)
      return TRUE;
  return FALSE;
}

GbRanksLayout *
gb_ranks_layout_new (GbTraceCursor *cursor, const GbRanksOptions *options, const GbDrawContext *ctx)
{
  GbRanksLayout *self = g_new0 (GbRanksLayout, 1);
  double gap, room;

  self->width = ctx->width;
  self->height = ctx->height;
  self->labels = g_array_new (FALSE, FALSE, sizeof (GbRanksLabel));
  self->model = gb_ranks_new (cursor);
  if (self->model == NULL)
    return self;
  self->x = ctx->width >= 320 ? LEFT : 8;
  self->right = ctx->width >= 560 && tells_bytes (self->model) ? RIGHT : 0;
  self->y = ctx->height >= 120 ? TOP + (self->model->meetings->len ? 16 : 0) : 8;
  self->plot_width = MAX (ctx->width - self->x - PAD - self->right, 10);
  room = MAX (ctx->height - self->y - BOTTOM, 10);
  self->pitch = MIN (room / self->model->ranks->len, PITCH_MOST);
  stack_bars (self);
  gap = self->pitch >= 12 ? 6 : 0;
  self->bar_height = MIN ((self->pitch - gap - (self->pitch >= 24 ? 6 : 0)) / self->depth, 30);
  choose_time (self, options);
  if (ctx->text)
    make_labels (self, ctx);
  return self;
}

int
gb_ranks_layout_at (const GbRanksLayout *self, double x, double y)
{
  double best = NEAR;
  int nearest = -1;

  if (self->model == NULL || x < self->x || x > self->x + self->plot_width)
    return -1;
  for (guint i = 0; i < self->model->bars->len; i++)
    {
      GbBox box;
      double off;
      gb_ranks_layout_bar (self, i, &box);
      if (y < box.y || y >= box.y + box.height)
        continue;
      off = x < box.x ? box.x - x : x > box.x + box.width ? x - box.x - box.width : 0;
      if (off < best || (off == 0 && nearest < 0))
        best = off, nearest = (int) i;
    }
  return nearest;
}

int
gb_ranks_layout_beside (const GbRanksLayout *self, int from, int lanes, int steps)
{
  const GbRanks *m = self->model;
  const GbRankBar *bar = gb_ranks_bar (m, (guint) from);
  int lane = (int) bar->lane + lanes, found = from;
  double best = INFINITY;

  if (lanes == 0)
    {
      for (int i = from + steps; i >= 0 && i < (int) m->bars->len; i += steps)
        if (gb_ranks_bar (m, (guint) i)->lane == bar->lane)
          return i;
      return from;
    }
  for (; lane >= 0 && lane < (int) m->ranks->len && found == from; lane += lanes)
    for (guint i = 0; i < m->bars->len; i++)
      {
        const GbRankBar *other = gb_ranks_bar (m, i);
        double off = fabs (other->start + other->end - bar->start - bar->end);
        if ((int) other->lane == lane && off < best)
          best = off, found = (int) i;
      }
  return found;
}

void
gb_ranks_layout_pick (const GbRanksLayout *self, guint bar, GbPick *pick)
{
  *pick = (GbPick){ .facets = GB_PICK_EVENT, .event = gb_ranks_bar (self->model, bar)->seq };
}

int
gb_ranks_layout_picked (const GbRanksLayout *self, const GbPick *pick)
{
  for (guint i = 0; self->model && (pick->facets & GB_PICK_EVENT) && i < self->model->bars->len; i++)
    if (gb_ranks_bar (self->model, i)->seq == pick->event)
      return (int) i;
  return -1;
}
