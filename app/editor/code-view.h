/* GbCodeView: Python text with what the running program says about it: the place that runs, the error and its
 * card, breakpoints.  Lines count from 1; columns are UTF-8 bytes from 0, as in the trace. */
#pragma once

#include <gtksourceview/gtksource.h>

G_BEGIN_DECLS

#define GB_TYPE_CODE_VIEW (gb_code_view_get_type ())
G_DECLARE_FINAL_TYPE (GbCodeView, gb_code_view, GB, CODE_VIEW, GtkSourceView)

typedef struct
{
  guint line, end_line, column, end_column; /* line 0: nowhere; end_column 0: to the line's end */
} GbPlace;

/* Signal "breakpoints-changed" (breakpoints.h). */
GbCodeView *gb_code_view_new (GtkSourceBuffer *buffer);

/* The place that runs or is paused at; scroll: bring it into view.  Drawn as an accented line and a box. */
void gb_code_view_set_current (GbCodeView *self, const GbPlace *place, gboolean scroll);
/* What the box says at its line's end ("0.8 ms"), or NULL. */
void gb_code_view_set_current_note (GbCodeView *self, const char *note);

/* Marks the error and opens card (a widget, taken) under its last line; line 0 or NULL clears both. */
void gb_code_view_set_error (GbCodeView *self, const GbPlace *place, GtkWidget *card);
gboolean gb_code_view_has_error (GbCodeView *self);
GtkWidget *gb_code_view_get_card (GbCodeView *self); /* borrowed, NULL: none */
/* The card has other content: measured anew. */
void gb_code_view_card_changed (GbCodeView *self);
/* One step of undo.  source is the text that place and text are for: FALSE, and nothing is done, when its lines have changed
 * since. */
gboolean gb_code_view_replace (GbCodeView *self, const char *source, const GbPlace *place, const char *text);
void gb_code_view_show_error (GbCodeView *self);

/* What others put upon the text: drawn above it, in the buffer's coordinates. */
void gb_code_view_set_notes (GbCodeView *self, void (*draw) (GtkSnapshot *snapshot, gpointer data), gpointer data);

guint gb_code_view_get_caret_line (GbCodeView *self);
void gb_code_view_go_to_line (GbCodeView *self, guint line);
void gb_code_view_toggle_comment (GbCodeView *self);

G_END_DECLS
