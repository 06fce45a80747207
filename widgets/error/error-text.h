/* What a lesson says, in the current language.  All owned. */
#pragma once

#include "models/lesson.h"

G_BEGIN_DECLS

/* A msgid with {0} … {3} in place of args, which may stand in another order in another language. */
char *gb_error_fill (const char *msgid, char *const args[GB_LESSON_MAX_ARGS]);
char *gb_error_sentence (const GbLesson *lesson);
char *gb_error_rule (const GbLesson *lesson); /* NULL: none */
/* "(3, 4) float32"; sizes that were asked for have no dtype, and -1 for any. */
char *gb_error_row_shape (const GbLessonRow *row);
/* "x: (3, 4) float32, dimension 1 offends" */
char *gb_error_row_text (const GbLesson *lesson, const GbLessonRow *row);
/* Why the memory of the strip cannot be read in one run; NULL: no strip. */
char *gb_error_strip_text (const GbLesson *lesson);
/* "gives (3, 4) float32", or what was seen otherwise. */
char *gb_error_fix_result (const GbFix *fix);
/* What screen readers hear: the sentence, the operands, the rule, the ways out. */
char *gb_error_describe (const GbLesson *lesson, GbTrace *trace);

G_END_DECLS
