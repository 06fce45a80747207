/* The picture alone, for a card that has texts and buttons of its own: as wide as it is given, as high as it
 * needs. */
#pragma once

#include <gtk/gtk.h>

#include "models/lesson.h"

G_BEGIN_DECLS

/* Borrows lesson, which outlives it. Floating. */
GtkWidget *gb_error_picture_new (const GbLesson *lesson, GbTrace *trace);

G_END_DECLS
