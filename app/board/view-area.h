/* GbViewArea: one to six view panes that split each other; the layout is a tree of GtkPaned.  Views that there is no room
 * for are pages: a row of tabs above turns to them, as do the keys that go to a view. */
#pragma once

#include <gtk/gtk.h>

#include "board/view-pane.h"

G_BEGIN_DECLS

#define GB_VIEW_AREA_MAX 6

#define GB_TYPE_VIEW_AREA (gb_view_area_get_type ())
G_DECLARE_FINAL_TYPE (GbViewArea, gb_view_area, GB, VIEW_AREA, GtkWidget)

/* Signal "views-changed": another view, one more or one less. */
GtkWidget *gb_view_area_new (GbTraceCursor *cursor, GbSelection *selection);
/* Opens what fits the trace, until somebody has chosen views; a program that nobody laid out begins so. */
void gb_view_area_offer (GbViewArea *self);
/* FALSE: the views that are open were chosen.  TRUE at first, FALSE as soon as a person or a scene has opened one. */
void gb_view_area_set_automatic (GbViewArea *self, gboolean automatic);
/* One view on top and the others beside each other below it; unknown ids are left out. */
void gb_view_area_set_views (GbViewArea *self, const char *const *view_ids);
/* Adds a view by splitting the largest pane; FALSE: there are six. */
gboolean gb_view_area_add (GbViewArea *self, const char *view_id);
/* Shows a view in a pane that has it already, else in the pane that was used last. */
void gb_view_area_show (GbViewArea *self, const char *view_id);
/* Panes in reading order (element-type GbViewPane); owned, elements borrowed. */
GPtrArray *gb_view_area_get_panes (GbViewArea *self);
GbViewPane *gb_view_area_get_last (GbViewArea *self); /* the one used last; borrowed */
/* nth from 1; 0: the one after that which has the focus. */
void gb_view_area_focus (GbViewArea *self, guint nth);
void gb_view_area_toggle_maximised (GbViewArea *self);
/* What all views need from the interpreter (element-type TeWatch): the union; owned. */
GArray *gb_view_area_get_watches (GbViewArea *self, GbTraceCursor *cursor, GbSelection *selection);

G_END_DECLS
