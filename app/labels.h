/* Texts of widgets that gb_i18n_bind() cannot reach: names for screen readers, tooltips with their key. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Both keep up with the language; msgid is marked with N_(). */
void gb_label_accessible (gpointer widget, const char *msgid);
/* Tooltip "Step (F3)" and the name for screen readers; action may be NULL. */
void gb_label_tooltip (gpointer widget, const char *msgid, const char *action);

/* gb_label_button: an icon button with tooltip, name and action; floating. */
GtkWidget *gb_label_button (const char *icon_name, const char *msgid, const char *action);

/* Text in columns: a narrow sign is half as wide as a wide one, and not rounded up to a pixel. */
void gb_label_even_columns (GtkTextView *view);

/* Calls callback (object) now and after every change of language, until object is gone. */
void gb_label_on_language (gpointer object, GCallback callback);

G_END_DECLS
