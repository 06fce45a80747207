#include "board/board-layout.h"

#include <math.h>

#define PAD         16
#define TOP         34
#define PLAN        40
#define PLAN_FOOT   22 /* minutes below it */
#define TITLE       22
#define SCORES      300
#define SCORE_ROW   26
#define RUBRIC_LINE 19
#define LEVEL_NAMES 64
#define STEP_MOST   46
#define NEAR        4

void
gb_board_layout_free (GbBoardLayout *self)
{
  if (self == NULL)
    return;
  gb_interview_free (self->model);
  g_free (self);
}

/* ---- time ---- */

static void
place_plan (GbBoardLayout *self)
{
  const GbInterview *m = self->model;
  double planned = 0;

  for (guint i = 0; i < m->sections->len; i++)
    planned += gb_interview_section (m, i)->minutes;
  self->minutes = MAX (MAX (planned, m->minutes), MAX (m->elapsed, 1));
  self->plan = (GbBox){ PAD, self->height >= 200 ? TOP : 8, MAX (self->width - 2 * PAD, 10),
                        self->height >= 200 ? PLAN : MAX (MIN (self->height / 4, PLAN), 4) };
}

void
gb_board_layout_section (const GbBoardLayout *self, guint nth, GbBox *box)
{
  double before = 0;

  for (guint i = 0; i < nth; i++)
    before += gb_interview_section (self->model, i)->minutes;
  *box = self->plan;
  box->x += before / self->minutes * self->plan.width;
  box->width = gb_interview_section (self->model, nth)->minutes / self->minutes * self->plan.width;
}

/* ---- questions ---- */

double
gb_board_layout_level_y (const GbBoardLayout *self, GbLevel level)
{
  return self->ladder.y + self->ladder.height * (GB_N_LEVELS - 0.5 - level) / GB_N_LEVELS;
}

void
gb_board_layout_question (const GbBoardLayout *self, guint nth, double *x, double *y)
{
  *x = self->ladder.x + (nth + 0.5) * self->step;
  *y = gb_board_layout_level_y (self, gb_interview_question (self->model, nth)->level);
}

int
gb_board_layout_dimension (const GbBoardLayout *self, int question)
{
  int nth = question >= 0 ? question : gb_interview_now (self->model);
  return nth >= 0 ? (int) gb_interview_question (self->model, (guint) nth)->dimension : -1;
}

static gboolean
has_rubric (const GbInterview *m)
{
  for (guint d = 0; d < GB_N_DIMENSIONS; d++)
    for (guint i = 0; i <= GB_INTERVIEW_MOST_SCORE; i++)
      if (m->anchors[d][i])
        return TRUE;
  return FALSE;
}

GbBoardLayout *
gb_board_layout_new (GbTraceCursor *cursor, const GbDrawContext *ctx)
{
  GbBoardLayout *self = g_new0 (GbBoardLayout, 1);
  double y, bottom, scores_height = TITLE + (GB_N_DIMENSIONS + 1) * SCORE_ROW + 12, left_width;

  self->width = ctx->width;
  self->height = ctx->height;
  self->model = gb_interview_at (cursor);
  if (self->model == NULL)
    return self;
  place_plan (self);
  y = self->plan.y + self->plan.height + PLAN_FOOT + 8;
  bottom = ctx->height - 10;
  if (has_rubric (self->model) && bottom - y >= 180 + TITLE + 5 * RUBRIC_LINE && ctx->width >= 360)
    {
      double height = TITLE + (GB_INTERVIEW_MOST_SCORE + 1) * RUBRIC_LINE;
      self->rubric = (GbBox){ PAD, bottom - height, ctx->width - 2 * PAD, height };
      bottom -= height + 12;
    }
  if (ctx->width >= 600 && bottom - y >= scores_height)
    self->scores = (GbBox){ ctx->width - PAD - SCORES, y, SCORES, scores_height };
  self->score_row = SCORE_ROW;
  left_width = ctx->width - 2 * PAD - (self->scores.width > 0 ? SCORES + 28 : 0);
  self->ladder_left = PAD;
  self->ladder =
      (GbBox){ PAD + (ctx->width >= 300 ? LEVEL_NAMES : 0), y + TITLE,
               MAX (left_width - (ctx->width >= 300 ? LEVEL_NAMES : 0), 10), MAX (bottom - y - TITLE, 10) };
  self->step = MIN (self->ladder.width / MAX (self->model->questions->len, 1), STEP_MOST);
  self->radius = CLAMP (MIN (self->step * 0.36, self->ladder.height / GB_N_LEVELS * 0.32), 2, 13);
  return self;
}

int
gb_board_layout_at (const GbBoardLayout *self, double x, double y)
{
  double best = self->model ? (self->radius + NEAR) * (self->radius + NEAR) : 0;
  int nearest = -1;

  for (guint i = 0; self->model && i < self->model->questions->len; i++)
    {
      double qx, qy, off;
      gb_board_layout_question (self, i, &qx, &qy);
      off = (qx - x) * (qx - x) + (qy - y) * (qy - y);
      if (off < best)
        best = off, nearest = (int) i;
    }
  return nearest;
}

void
gb_board_layout_pick (guint question, GbPick *pick)
{
  *pick = (GbPick){ .facets = GB_PICK_PART, .part = question };
}

int
gb_board_layout_picked (const GbBoardLayout *self, const GbPick *pick)
{
  return self->model && pick->facets == GB_PICK_PART && pick->part < self->model->questions->len
             ? (int) pick->part
             : -1;
}
