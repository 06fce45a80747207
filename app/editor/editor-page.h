/* GbEditorPage: one tab: a notice line, the find bar, the text. */
#pragma once

#include <gtk/gtk.h>

#include "editor/code-view.h"
#include "editor/document.h"
#include "editor/find-bar.h"

G_BEGIN_DECLS

#define GB_TYPE_EDITOR_PAGE (gb_editor_page_get_type ())
G_DECLARE_FINAL_TYPE (GbEditorPage, gb_editor_page, GB, EDITOR_PAGE, GtkBox)

GtkWidget *gb_editor_page_new (GbDocument *document);
GbDocument *gb_editor_page_get_document (GbEditorPage *self);
GbCodeView *gb_editor_page_get_code (GbEditorPage *self);
GbFindBar *gb_editor_page_get_find_bar (GbEditorPage *self);
/* button: msgid of what can be done about it, or NULL; then callback (data) when it is pressed. */
void gb_editor_page_show_notice (
    GbEditorPage *self, const char *text, const char *button, GCallback callback, gpointer data);

G_END_DECLS
