/* GbLecturer: carries the steps of a lesson out on the board that the class sees, and keeps what the class predicts.  The library it
 * reads is the whole one; the board's is sealed. */
#pragma once

#include "board-window.h"
#include "class/lecture.h"
#include "library/library.h"

G_BEGIN_DECLS

#define GB_TYPE_LECTURER (gb_lecturer_get_type ())
G_DECLARE_FINAL_TYPE (GbLecturer, gb_lecturer, GB, LECTURER, GObject)

/* Signals: "changed": steps, or where they stand; "subject-changed": another scene or topic is in front; "answers-changed";
 * "said" (string): why a step showed nothing. */
GbLecturer *gb_lecturer_new (GbBoardWindow *board, GbLibrary *library);

const GbLecture *gb_lecturer_get_lecture (GbLecturer *self);
const GbScene *gb_lecturer_get_scene (GbLecturer *self); /* or NULL */
const GbTopic *gb_lecturer_get_topic (GbLecturer *self); /* or NULL */

void gb_lecturer_next (GbLecturer *self);
void gb_lecturer_back (GbLecturer *self);
/* The program in front, and those that are opened from now on, part by part: no line that is not shown ever comes to the board. */
void gb_lecturer_set_covering (GbLecturer *self, gboolean is_covering);
gboolean gb_lecturer_is_covering (GbLecturer *self);
void gb_lecturer_next_line (GbLecturer *self);

/* Of the question that is open, or of the last one; NULL: none was asked. */
const GbAnswers *gb_lecturer_get_answers (GbLecturer *self);
gboolean gb_lecturer_are_answers_shown (GbLecturer *self); /* to the class */
/* The question that may be answered now, and what the scene knows of it; NULL: none. */
const char *gb_lecturer_get_open (GbLecturer *self, const GbPrediction **prediction);
/* FALSE: no question of that id is open, or it is no answer to it. */
gboolean gb_lecturer_add_answer (GbLecturer *self, const char *id, guint64 who, const char *answer);

G_END_DECLS
