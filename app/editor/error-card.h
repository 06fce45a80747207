/* GbErrorCard: opens under the failing line: a plain sentence, the text as raised, the picture, ways out.  Esc folds it.
 */
#pragma once

#include <gtk/gtk.h>

#include "models/lesson.h"

G_BEGIN_DECLS

#define GB_TYPE_ERROR_CARD (gb_error_card_get_type ())
G_DECLARE_FINAL_TYPE (GbErrorCard, gb_error_card, GB, ERROR_CARD, GtkBox)

/* Signal "way-out" (const GbFix *): it is to be put into the text.
 * gb_error_card_new: where is what stands at the right ("RuntimeError, line 4") without its line when line is
 * 0; traceback may be NULL.  Texts follow the language.  Floating. */
GtkWidget *gb_error_card_new (const char *type, const char *message, const char *traceback, guint line);
/* Adds the picture and a button for every way out that was tried, in place of those of a lesson before. Takes lesson,
 * which may be NULL. */
void gb_error_card_take_lesson (GbErrorCard *self, GbLesson *lesson, GbTrace *trace);
/* Emits "way-out" for the next one, beginning with the smallest; FALSE: there is none. */
gboolean gb_error_card_next_way_out (GbErrorCard *self);

G_END_DECLS
