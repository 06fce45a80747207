/* A copy of a recorded lesson where one chooses, beside the place where recordings are kept without asking. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Asks for a place and copies the recording there.  said (text, data) hears what came of it, unless the window has gone or nothing
 * was chosen. */
void gb_lesson_copy (GtkWindow *parent, const char *recording, void (*said) (gpointer data, const char *text), gpointer data);

G_END_DECLS
