/* lecture: the steps of a lesson in their order, of which each shows the class one thing more: a part of the program, a run, what
 * the class predicted, the truth, a question, its answer.  Plain data: who presents carries a step out. */
#pragma once

#include "library/scene.h"

G_BEGIN_DECLS

typedef enum
{
  GB_LECTURE_CODE,     /* one more part of the program */
  GB_LECTURE_RUN,      /* the program, until it asks or ends */
  GB_LECTURE_ANSWERS,  /* what the class predicted */
  GB_LECTURE_TRUTH,    /* the run goes on and tells */
  GB_LECTURE_QUESTION, /* of the topic */
  GB_LECTURE_ANSWER,   /* to it */
} GbLectureKind;

typedef struct
{
  GbLectureKind kind;
  guint n_lines;                  /* CODE: so many of the program are shown after it */
  const GbPrediction *prediction; /* ANSWERS, TRUTH */
  const GbQuestion *question;     /* QUESTION, ANSWER */
} GbLectureStep;

typedef struct _GbLecture GbLecture;

/* Any may be NULL.  tab: only that part of the scene is run; program: its text, where it is to be shown part by part. */
GbLecture *gb_lecture_new (const GbScene *scene, const char *tab, const GbTopic *topic, const char *program);
void gb_lecture_free (GbLecture *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbLecture, gb_lecture_free)

guint gb_lecture_get_n (const GbLecture *self);
const GbLectureStep *gb_lecture_get (const GbLecture *self, guint nth);
/* So many steps are done. */
guint gb_lecture_get_at (const GbLecture *self);
/* The step that is to be carried out now, or taken back; NULL: there is none. */
const GbLectureStep *gb_lecture_next (GbLecture *self);
const GbLectureStep *gb_lecture_back (GbLecture *self);
/* Lines of the program that the class sees after the steps that are done; 0: it is not shown part by part. */
guint gb_lecture_get_n_lines (const GbLecture *self);
/* One line more, within the part that comes next; FALSE: all of them are shown. */
gboolean gb_lecture_next_line (GbLecture *self);
/* What it is called, in the current language; owned. */
char *gb_lecture_step_dup_title (const GbLectureStep *step);
/* The first so many lines of a text; owned. */
char *gb_lecture_dup_lines (const char *text, guint n_lines);

G_END_DECLS
