/* GbEditorArea: the tabs of programs, each with its text, find bar and notices; open, save, save as, drag and
 * drop. */
#pragma once

#include <adwaita.h>

#include "editor/code-view.h"
#include "editor/document.h"

G_BEGIN_DECLS

#define GB_TYPE_EDITOR_AREA (gb_editor_area_get_type ())
G_DECLARE_FINAL_TYPE (GbEditorArea, gb_editor_area, GB, EDITOR_AREA, GtkWidget)

/* Signals: "page-changed": another tab or its title; "breakpoints-changed"; "caret-moved"; "adding"
 * (GbDocument): a program has been read, and no widget has it yet. */
GtkWidget *gb_editor_area_new (void);

/* The document and text of the tab in front; never NULL. */
GbDocument *gb_editor_area_get_document (GbEditorArea *self);
GbCodeView *gb_editor_area_get_code (GbEditorArea *self);
/* The text of an open document by path as the trace names it, or NULL. */
GbCodeView *gb_editor_area_find_code (GbEditorArea *self, const char *path);
/* Calls func with the text and document of every tab. */
void gb_editor_area_foreach (GbEditorArea *self,
                             void (*func) (GbDocument *document, GbCodeView *code, gpointer data),
                             gpointer data);

void gb_editor_area_new_tab (GbEditorArea *self);
/* Opens in a tab of its own, or shows the tab that has it.  scene may be NULL. */
void gb_editor_area_open_file (GbEditorArea *self, GFile *file, const char *scene);
void gb_editor_area_add_document (GbEditorArea *self, GbDocument *document);
void gb_editor_area_choose_file (GbEditorArea *self);
void gb_editor_area_save (GbEditorArea *self, gboolean ask_name);
void gb_editor_area_close_tab (GbEditorArea *self);
void gb_editor_area_find (GbEditorArea *self, gboolean replace);
void gb_editor_area_find_next (GbEditorArea *self);
/* A sentence above the text of the tab in front, until it is closed. */
void gb_editor_area_show_notice (GbEditorArea *self, const char *text);
/* The same with a button (a msgid), at which callback (data) is called. */
void gb_editor_area_show_offer (GbEditorArea *self, const char *text, const char *button, GCallback callback, gpointer data);

G_END_DECLS
