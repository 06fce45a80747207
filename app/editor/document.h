/* GbDocument: a program's text, its file, and its place in the journal. */
#pragma once

#include <gtksourceview/gtksource.h>

#include "editor/journal.h"

G_BEGIN_DECLS

#define GB_TYPE_DOCUMENT (gb_document_get_type ())
G_DECLARE_FINAL_TYPE (GbDocument, gb_document, GB, DOCUMENT, GObject)

/* Signals: "title-changed"; "changed-on-disk" (boolean deleted): the file changed while there are unsaved
 * edits. Without unsaved edits it is read again by itself; "not-kept" (text): unsaved edits would not outlast a crash. */
GbDocument *gb_document_new (void);
/* From a draft of the journal. */
GbDocument *gb_document_new_for_draft (const GbDraft *draft);

GtkSourceBuffer *gb_document_get_buffer (GbDocument *self);
/* The file, or NULL for a new text. */
GFile *gb_document_get_file (GbDocument *self);
/* Name for a tab: "digits_cnn.py". */
const char *gb_document_get_title (GbDocument *self);
/* What the interpreter calls it; scenes are read from where they are. Owned. */
char *gb_document_dup_path (GbDocument *self);
char *gb_document_dup_text (GbDocument *self);
gboolean gb_document_is_modified (GbDocument *self);
gboolean gb_document_is_loading (GbDocument *self);
/* Nothing typed and no file. */
gboolean gb_document_is_untouched (GbDocument *self);

/* A scene's own file is not written: saving asks for another name. */
const char *gb_document_get_scene (GbDocument *self);
void gb_document_set_scene (GbDocument *self, const char *scene);

void gb_document_load_async (GbDocument *self, GFile *file, GAsyncReadyCallback callback, gpointer data);
gboolean gb_document_load_finish (GbDocument *self, GAsyncResult *result, GError **error);
/* file NULL: where it came from. */
void gb_document_save_async (GbDocument *self, GFile *file, GAsyncReadyCallback callback, gpointer data);
gboolean gb_document_save_finish (GbDocument *self, GAsyncResult *result, GError **error);
/* The text is taken out and given to who calls; then parts of it are shown, and in the end the whole.  Until then what stands here is
 * no edit that is kept, and the file is not read again.  Owned. */
char *gb_document_cover (GbDocument *self);
void gb_document_show_part (GbDocument *self, const char *text);
void gb_document_uncover (GbDocument *self, const char *text);
gboolean gb_document_is_covered (GbDocument *self);
/* Throws the edits away for good. */
void gb_document_discard (GbDocument *self);

G_END_DECLS
