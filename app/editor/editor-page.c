#include "editor/editor-page.h"

#include "common/i18n.h"
#include "editor/completion.h"
#include "labels.h"

struct _GbEditorPage
{
  GtkBox parent_instance;

  GbDocument *document;
  GbCodeView *code;
  GtkWidget *find_bar, *notice, *notice_label, *notice_button;
  GCallback notice_callback;
  gpointer notice_data;
};

G_DEFINE_FINAL_TYPE (GbEditorPage, gb_editor_page, GTK_TYPE_BOX)

static void
close_notice (GbEditorPage *self)
{
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->notice), FALSE);
}

static void
on_notice_button (GbEditorPage *self)
{
  close_notice (self);
  if (self->notice_callback)
    ((void (*) (gpointer)) self->notice_callback) (self->notice_data);
}

void
gb_editor_page_show_notice (
    GbEditorPage *self, const char *text, const char *button, GCallback callback, gpointer data)
{
  gtk_label_set_label (GTK_LABEL (self->notice_label), text);
  gtk_widget_set_visible (self->notice_button, button != NULL);
  if (button)
    gtk_button_set_label (GTK_BUTTON (self->notice_button), _ (button));
  self->notice_callback = callback;
  self->notice_data = data;
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->notice), TRUE);
}

static void
on_reloaded (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GbEditorPage) self = data;
  g_autoptr (GError) error = NULL;
  if (!gb_document_load_finish (GB_DOCUMENT (source), result, &error))
    gb_editor_page_show_notice (self, error->message, NULL, NULL, NULL);
}

static void
reload (gpointer data)
{
  GbEditorPage *self = data;
  gb_document_load_async (self->document, gb_document_get_file (self->document), on_reloaded,
                          g_object_ref (self));
}

static void
on_changed_on_disk (GbDocument *document, gboolean deleted, gpointer data)
{
  if (deleted)
    gb_editor_page_show_notice (
        data, _ ("The file was deleted. This text is the only copy; save it to keep it."), NULL, NULL, NULL);
  else
    gb_editor_page_show_notice (data, _ ("The file changed on disk, and there are unsaved edits here."),
                                N_ ("Read the file again"), G_CALLBACK (reload), data);
}

static void
on_not_kept (GbEditorPage *self, const char *why)
{
  g_autofree char *text = g_strdup_printf (_ ("Unsaved edits would not outlast a crash (%s). Save the text to keep it."), why);
  gb_editor_page_show_notice (self, text, NULL, NULL, NULL);
}

GbDocument *
gb_editor_page_get_document (GbEditorPage *self)
{
  return self->document;
}

GbCodeView *
gb_editor_page_get_code (GbEditorPage *self)
{
  return self->code;
}

GbFindBar *
gb_editor_page_get_find_bar (GbEditorPage *self)
{
  return GB_FIND_BAR (self->find_bar);
}

static void
gb_editor_page_dispose (GObject *object)
{
  g_clear_object (&GB_EDITOR_PAGE (object)->document);
  G_OBJECT_CLASS (gb_editor_page_parent_class)->dispose (object);
}

static void
gb_editor_page_class_init (GbEditorPageClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_editor_page_dispose;
}

static void
gb_editor_page_init (GbEditorPage *self)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  gtk_widget_add_css_class (row, "notice");
  self->notice_label = g_object_new (GTK_TYPE_LABEL, "xalign", 0.0, "wrap", TRUE, "hexpand", TRUE, NULL);
  self->notice_button = gtk_button_new ();
  gtk_widget_set_valign (self->notice_button, GTK_ALIGN_CENTER);
  GtkWidget *close = gb_label_button ("window-close-symbolic", N_ ("Close the notice"), NULL);
  gtk_widget_add_css_class (close, "flat");
  gtk_widget_set_valign (close, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (row), self->notice_label);
  gtk_box_append (GTK_BOX (row), self->notice_button);
  gtk_box_append (GTK_BOX (row), close);
  g_signal_connect_object (self->notice_button, "clicked", G_CALLBACK (on_notice_button), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (close, "clicked", G_CALLBACK (close_notice), self, G_CONNECT_SWAPPED);
  self->notice = gtk_revealer_new ();
  gtk_revealer_set_child (GTK_REVEALER (self->notice), row);
  gtk_box_append (GTK_BOX (self), self->notice);
}

GtkWidget *
gb_editor_page_new (GbDocument *document)
{
  GbEditorPage *self = g_object_new (GB_TYPE_EDITOR_PAGE, NULL);
  self->document = g_object_ref (document);
  self->code = gb_code_view_new (gb_document_get_buffer (document));
  gb_completion_attach (self->code);
  self->find_bar = gb_find_bar_new (GTK_SOURCE_VIEW (self->code));
  gtk_box_append (GTK_BOX (self), self->find_bar);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->code));
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_box_append (GTK_BOX (self), scroller);
  g_signal_connect_object (document, "changed-on-disk", G_CALLBACK (on_changed_on_disk), self, 0);
  g_signal_connect_object (document, "not-kept", G_CALLBACK (on_not_kept), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
