/* board: the parts of the board window.  This file: GbViewPane, one view with its head: which view, what it
 * says, what can be done with it. */
#pragma once

#include <gtk/gtk.h>

#include "common/view.h"

G_BEGIN_DECLS

#define GB_TYPE_VIEW_PANE (gb_view_pane_get_type ())
G_DECLARE_FINAL_TYPE (GbViewPane, gb_view_pane, GB, VIEW_PANE, GtkWidget)

/* Signals: "view-changed"; "command" (string): "split-right", "split-down", "close", "maximise". */
GtkWidget *gb_view_pane_new (GbTraceCursor *cursor, GbSelection *selection, const char *view_id);
const char *gb_view_pane_get_view_id (GbViewPane *self);
void gb_view_pane_set_view_id (GbViewPane *self, const char *view_id);
const GbViewDef *gb_view_pane_get_def (GbViewPane *self);
GbView *gb_view_pane_get_view (GbViewPane *self); /* borrowed, never NULL */
/* In its head, until the view has something else to say. */
void gb_view_pane_say (GbViewPane *self, const char *sentence);
void gb_view_pane_focus (GbViewPane *self);

G_END_DECLS
