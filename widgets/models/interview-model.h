/* An interview as its board shows it: the plan of time, the questions as a ladder of levels, scores in the
 * four weighted dimensions, and what each score means.
 *
 * It comes as JSON, from whoever keeps interviews (gb_interview_attach) or from a program (gb.log
 * ("interview", 0, session={…})), where the latest at the cursor counts:
 *
 *   { "candidate": "…", "level": "mid", "minutes": 60, "elapsed": 31.5, "hidden": false,
 *     "sections": [{ "title": "…", "minutes": 12, "spent": 10, "state": "done" }, …],
 *     "questions": [{ "title": "…", "level": "mid", "dimension": "practice", "state": "done", "score": 3,
 * "hints": 1, "also": { "basics": 2 } }, …], "rubric": { "practice": ["what 0 means", …, "what 4 means"], … } }
 *
 * state: "later", "now", "done" or "skipped"; score: 0 to 4, or null; hidden: scores are not for those who
 * look on. What is missing or wrong is left out, never guessed. */
#pragma once

#include "models/trace-cursor.h"

G_BEGIN_DECLS

#define GB_INTERVIEW_MOST_SECTIONS  24
#define GB_INTERVIEW_MOST_QUESTIONS 200
#define GB_INTERVIEW_MOST_SCORE     4

typedef enum
{
  GB_DIMENSION_BASICS,
  GB_DIMENSION_PRACTICE,
  GB_DIMENSION_OPTIMISE,
  GB_DIMENSION_INNOVATE,
  GB_N_DIMENSIONS,
} GbDimension;

typedef enum
{
  GB_LEVEL_JUNIOR,
  GB_LEVEL_MID,
  GB_LEVEL_SENIOR,
  GB_LEVEL_EXPERT,
  GB_N_LEVELS,
} GbLevel;

typedef enum
{
  GB_TURN_LATER,
  GB_TURN_NOW,
  GB_TURN_DONE,
  GB_TURN_SKIPPED,
} GbTurn;

typedef struct
{
  char *title;
  double minutes, spent;
  GbTurn turn;
} GbInterviewSection;

typedef struct
{
  char *title;
  GbLevel level;
  GbDimension dimension;
  GbTurn turn;
  double score;                 /* NAN: none */
  double also[GB_N_DIMENSIONS]; /* scores in other dimensions, NAN: none */
  guint hints;
} GbInterviewQuestion;

typedef struct
{
  char *candidate;
  GbLevel level;           /* that was asked for */
  double minutes, elapsed; /* of all; elapsed 0: not begun */
  gboolean hidden;
  GPtrArray *sections;                                         /* GbInterviewSection */
  GPtrArray *questions;                                        /* GbInterviewQuestion, in their order */
  char *anchors[GB_N_DIMENSIONS][GB_INTERVIEW_MOST_SCORE + 1]; /* or NULL */
  /* What follows from it. */
  double means[GB_N_DIMENSIONS]; /* of scores, NAN: none yet */
  guint n_scored[GB_N_DIMENSIONS];
  double points;       /* 0 to 100, of the dimensions that have scores; NAN: none */
  guint scored_weight; /* of 100 */
  GbLevel next_level;  /* two right in a row: one up; two wrong: one down */
  double planned_left; /* minutes that the plan still wants */
} GbInterview;

/* NULL: no JSON object. */
GbInterview *gb_interview_new (const char *json);
void gb_interview_free (GbInterview *self);
/* That is shown at the cursor: the attached one, else what a program told.  NULL: none.  Owned. */
GbInterview *gb_interview_at (GbTraceCursor *cursor);
gboolean gb_interview_peek (GbTraceCursor *cursor);
/* From now on views at this cursor show this interview; json NULL: none.  Emits "changed" of the cursor. */
void gb_interview_attach (GbTraceCursor *cursor, const char *json);
guint gb_dimension_weight (GbDimension dimension); /* 25, 30, 25, 20 */
/* As JSON has them: "basics", "practice", "optimise", "innovate"; "junior", "mid", "senior", "expert"; -1: none. */
const char *gb_dimension_name (GbDimension dimension);
const char *gb_level_name (GbLevel level);
int gb_dimension_from_name (const char *name);
int gb_level_from_name (const char *name);
const GbInterviewSection *gb_interview_section (const GbInterview *self, guint nth);
const GbInterviewQuestion *gb_interview_question (const GbInterview *self, guint nth);
int gb_interview_now (const GbInterview *self); /* the question that is asked, -1: none */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbInterview, gb_interview_free)

G_END_DECLS
