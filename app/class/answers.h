/* answers: what a class predicts while its program waits, counted.  Each of those who follow has one answer, the last; what
 * comes out of here are counts, never who said what. */
#pragma once

#include "library/scene.h"

G_BEGIN_DECLS

#define GB_ANSWERS_MOST_BARS   8
#define GB_ANSWERS_MOST_NBYTES 200 /* of one answer */

typedef struct
{
  char *label; /* as people write it; "…" for the rest */
  guint n;
  gboolean is_right; /* once the truth is known */
} GbAnswerBar;

typedef struct _GbAnswers GbAnswers;

/* id: of the question; prediction: what the scene knows of it, or NULL. */
GbAnswers *gb_answers_new (const char *id, const GbPrediction *prediction);
void gb_answers_free (GbAnswers *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbAnswers, gb_answers_free)

const char *gb_answers_get_id (const GbAnswers *self);
/* FALSE: it is no answer to this question (no number, none of the choices, too long, too many people). */
gboolean gb_answers_add (GbAnswers *self, guint64 who, const char *answer);
/* JSON as gb.tell gives it; from now on the bars know which of them are right.  FALSE: it was known. */
gboolean gb_answers_set_truth (GbAnswers *self, const char *truth);
gboolean gb_answers_is_told (const GbAnswers *self);
guint gb_answers_get_n (const GbAnswers *self);
/* Element-type GbAnswerBar: choices in their order, else the most frequent first, at most GB_ANSWERS_MOST_BARS.  Owned. */
GPtrArray *gb_answers_get_bars (const GbAnswers *self);
/* [{"label": …, "n": …, "right": …}, …] */
GbJson *gb_answers_to_json (const GbAnswers *self);

G_END_DECLS
