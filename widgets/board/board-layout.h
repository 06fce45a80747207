/* board: an interview at a glance: the plan of time, the ladder of questions, scores in the weighted
 * dimensions, and what each score means. */
#pragma once

#include "common/boxes.h"
#include "common/draw.h"
#include "models/interview-model.h"
#include "models/selection.h"

G_BEGIN_DECLS

typedef struct
{
  double width, height;
  GbInterview *model; /* NULL: nothing to show */
  GbBox plan;         /* sections side by side */
  double minutes;     /* that the plan's width stands for */
  GbBox ladder;       /* plot of the questions: levels from the bottom up */
  double ladder_left; /* of the names of levels */
  double step;        /* between questions */
  double radius;
  GbBox scores; /* a row per dimension and one for all; width 0: no room */
  double score_row;
  GbBox rubric; /* width 0: no room, or nothing to say */
} GbBoardLayout;

GbBoardLayout *gb_board_layout_new (GbTraceCursor *cursor, const GbDrawContext *ctx);
void gb_board_layout_free (GbBoardLayout *self);
void gb_board_layout_section (const GbBoardLayout *self, guint nth, GbBox *box);
void gb_board_layout_question (const GbBoardLayout *self, guint nth, double *x, double *y); /* middle */
double gb_board_layout_level_y (const GbBoardLayout *self, GbLevel level);
int gb_board_layout_at (const GbBoardLayout *self, double x, double y); /* nth question, -1: none */
void gb_board_layout_pick (guint question, GbPick *pick);
int gb_board_layout_picked (const GbBoardLayout *self, const GbPick *pick);
/* Whose rubric is shown: the dimension of the question that is looked at, else of the one that is asked; -1:
 * none. */
int gb_board_layout_dimension (const GbBoardLayout *self, int question);

/* ---- words ---- */
const char *gb_board_level_name (GbLevel level); /* translated, borrowed */
const char *gb_board_dimension_name (GbDimension dimension);
char *gb_board_sentence (const GbInterview *model); /* owned, as all below */
char *gb_board_question_text (const GbInterview *model, guint question);
char *gb_board_section_text (const GbInterview *model, guint section);
char *gb_board_dimension_text (const GbInterview *model, GbDimension dimension);
char *gb_board_clock (double minutes); /* "31:30" */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbBoardLayout, gb_board_layout_free)

G_END_DECLS
