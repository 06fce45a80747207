#include "crash-page.h"

#include "common/i18n.h"

#include <adwaita.h>

static void
on_copy (GtkTextBuffer *buffer, GtkButton *button)
{
  GtkTextIter start, end;
  gtk_text_buffer_get_bounds (buffer, &start, &end);
  g_autofree char *text = gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (button)), text);
}

void
gb_crash_page_present (GtkWindow *parent, const char *path)
{
  g_autofree char *text = NULL, *all = NULL;
  g_file_get_contents (path, &text, NULL, NULL);
  all = text ? g_utf8_make_valid (text, -1) : g_strdup (_ ("The report is not there any more."));

  GtkWidget *view = gtk_text_view_new (), *scroller = gtk_scrolled_window_new (),
            *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *header = adw_header_bar_new (),
            *copy = gtk_button_new_with_label (_ ("Copy")), *words = gtk_label_new (NULL), *window = adw_window_new ();
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (view));
  gtk_text_buffer_set_text (buffer, all, -1);
  gtk_text_view_set_editable (GTK_TEXT_VIEW (view), FALSE);
  gtk_text_view_set_monospace (GTK_TEXT_VIEW (view), TRUE);
  g_object_set (view, "left-margin", 12, "right-margin", 12, "top-margin", 8, "bottom-margin", 8, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Text of the report"), -1);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), view);
  gtk_widget_set_vexpand (scroller, TRUE);

  g_autofree char *sentence = g_strdup_printf (
      _ ("Nothing of your programs is in it. Attach it when you report the crash; the file is %s"), path);
  gtk_label_set_label (GTK_LABEL (words), sentence);
  g_object_set (words, "wrap", TRUE, "xalign", 0.0, "selectable", TRUE, "margin-start", 12, "margin-end", 12,
                "margin-top", 8, "margin-bottom", 8, NULL);
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), copy);
  g_signal_connect_object (copy, "clicked", G_CALLBACK (on_copy), buffer, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (box), header);
  gtk_box_append (GTK_BOX (box), words);
  gtk_box_append (GTK_BOX (box), scroller);
  adw_window_set_content (ADW_WINDOW (window), box);
  gtk_window_set_title (GTK_WINDOW (window), _ ("Report of the crash"));
  gtk_window_set_default_size (GTK_WINDOW (window), 680, 460);
  gtk_window_set_transient_for (GTK_WINDOW (window), parent);
  gtk_window_present (GTK_WINDOW (window));
}
