#include "board/line-asker.h"

#include "common/i18n.h"
#include "labels.h"

typedef struct
{
  GtkWidget *popover, *entry;
  GtkWidget *before; /* had the focus, weak */
  GbLineAnswer answer;
  gpointer data;
} Asker;

/* The keys go on where they were, not at the first button of the window. */
static gboolean
unparent (gpointer popover)
{
  Asker *self = g_object_get_data (popover, "asker");
  g_autoptr (GtkWidget) before = self->before ? g_object_ref (self->before) : NULL;
  if (gtk_widget_get_parent (popover)) /* what it stood on may have been closed meanwhile */
    gtk_widget_unparent (popover);
  if (before && gtk_widget_get_mapped (before))
    gtk_widget_grab_focus (before);
  return G_SOURCE_REMOVE;
}

static void
asker_free (gpointer data)
{
  Asker *self = data;
  g_clear_weak_pointer (&self->before);
  g_free (self);
}

static void
on_closed (GtkWidget *popover)
{
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, unparent, g_object_ref (popover), g_object_unref);
}

static void
on_activate (Asker *self)
{
  g_autofree char *text = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry))));
  GbLineAnswer answer = self->answer;
  gpointer data = self->data;
  gtk_popover_popdown (GTK_POPOVER (self->popover));
  answer (text, data);
}

void
gb_ask_line (GtkWidget *parent,
             const GdkRectangle *at,
             const char *title,
             const char *hint,
             const char *text,
             GbLineAnswer answer,
             gpointer data)
{
  Asker *self = g_new0 (Asker, 1);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8), *words = gtk_label_new (_ (title));
  self->answer = answer;
  self->data = data;
  self->popover = gtk_popover_new ();
  self->entry = gtk_entry_new ();
  g_set_weak_pointer (&self->before, gtk_root_get_focus (gtk_widget_get_root (parent)));
  g_object_set_data_full (G_OBJECT (self->popover), "asker", self, asker_free);
  g_object_set (box, "margin-start", 6, "margin-end", 6, "margin-top", 6, "margin-bottom", 6, NULL);
  gtk_label_set_xalign (GTK_LABEL (words), 0);
  gtk_widget_add_css_class (words, "pane-title");
  gtk_editable_set_text (GTK_EDITABLE (self->entry), text ? text : "");
  gtk_editable_set_width_chars (GTK_EDITABLE (self->entry), 34);
  gtk_entry_set_placeholder_text (GTK_ENTRY (self->entry), _ (hint));
  gb_label_accessible (self->entry, title);
  g_signal_connect_swapped (self->entry, "activate", G_CALLBACK (on_activate), self);
  gtk_box_append (GTK_BOX (box), words);
  gtk_box_append (GTK_BOX (box), self->entry);
  gtk_popover_set_child (GTK_POPOVER (self->popover), box);
  gtk_widget_set_parent (self->popover, parent);
  gtk_popover_set_pointing_to (GTK_POPOVER (self->popover), at);
  g_signal_connect (self->popover, "closed", G_CALLBACK (on_closed), NULL);
  gtk_popover_popup (GTK_POPOVER (self->popover));
  gtk_widget_grab_focus (self->entry);
}
