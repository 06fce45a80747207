/* GbAnswersView: what a class predicts, as bars with their counts. */
#pragma once

#include <gtk/gtk.h>

#include "class/answers.h"

G_BEGIN_DECLS

#define GB_TYPE_ANSWERS_VIEW (gb_answers_view_get_type ())
G_DECLARE_FINAL_TYPE (GbAnswersView, gb_answers_view, GB, ANSWERS_VIEW, GtkWidget)

GtkWidget *gb_answers_view_new (void);
/* As they are now; NULL: nothing, and the widget hides. */
void gb_answers_view_show (GbAnswersView *self, const GbAnswers *answers);

G_END_DECLS
