/* GbQuestionRow: a question of a topic to oneself: how sure, the answer when it is asked for, and how one's
 * own was. */
#pragma once

#include <gtk/gtk.h>

#include "study/items.h"

G_BEGIN_DECLS

#define GB_TYPE_QUESTION_ROW (gb_question_row_get_type ())
G_DECLARE_FINAL_TYPE (GbQuestionRow, gb_question_row, GB, QUESTION_ROW, GtkWidget)

/* owner: the leaf of its topic, or the scene that has it. */
GtkWidget *gb_question_row_new (const GbQuestion *question, const char *owner, GbProgress *progress);

G_END_DECLS
