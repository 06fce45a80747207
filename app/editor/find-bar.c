#include "editor/find-bar.h"

#include "common/i18n.h"
#include "labels.h"

struct _GbFindBar
{
  GtkWidget parent_instance;

  GtkWidget *revealer, *entry, *replacement, *replace_row, *count;
  GtkSourceView *view; /* weak: the bar and the view live in one page */
  GtkSourceSearchSettings *settings;
  GtkSourceSearchContext *context;
};

G_DEFINE_FINAL_TYPE (GbFindBar, gb_find_bar, GTK_TYPE_WIDGET)

static GtkTextBuffer *
get_buffer (GbFindBar *self)
{
  return gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->view));
}

static void
update_count (GbFindBar *self)
{
  GtkTextIter start, end;
  gtk_text_buffer_get_selection_bounds (get_buffer (self), &start, &end);
  int n = gtk_source_search_context_get_occurrences_count (self->context);
  int at = gtk_source_search_context_get_occurrence_position (self->context, &start, &end);
  const char *text = gtk_source_search_settings_get_search_text (self->settings);
  g_autofree char *label = NULL;
  if (text && n == 0)
    label = g_strdup (_ ("none"));
  else if (text && n > 0)
    label = at > 0 ? g_strdup_printf (_ ("%d of %d"), at, n) : g_strdup_printf ("%d", n);
  gtk_label_set_label (GTK_LABEL (self->count), label ? label : "");
  if (text && n == 0)
    gtk_widget_add_css_class (self->entry, "error");
  else
    gtk_widget_remove_css_class (self->entry, "error");
}

static void
select_match (GbFindBar *self, gboolean found, const GtkTextIter *start, const GtkTextIter *end)
{
  if (found)
    {
      gtk_text_buffer_select_range (get_buffer (self), start, end);
      gtk_text_view_scroll_to_mark (GTK_TEXT_VIEW (self->view),
                                    gtk_text_buffer_get_insert (get_buffer (self)), 0.15, FALSE, 0, 0);
    }
  update_count (self);
}

void
gb_find_bar_next (GbFindBar *self)
{
  GtkTextIter from, start, end;
  gtk_text_buffer_get_selection_bounds (get_buffer (self), NULL, &from);
  gboolean found = gtk_source_search_context_forward (self->context, &from, &start, &end, NULL);
  select_match (self, found, &start, &end);
}

static void
find_previous (GbFindBar *self)
{
  GtkTextIter from, start, end;
  gtk_text_buffer_get_selection_bounds (get_buffer (self), &from, NULL);
  gboolean found = gtk_source_search_context_backward (self->context, &from, &start, &end, NULL);
  select_match (self, found, &start, &end);
}

static void
on_text_changed (GbFindBar *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->entry));
  gtk_source_search_settings_set_search_text (self->settings, *text ? text : NULL);
  GtkTextIter from, start, end;
  gtk_text_buffer_get_selection_bounds (get_buffer (self), &from, NULL);
  gboolean found = *text && gtk_source_search_context_forward (self->context, &from, &start, &end, NULL);
  select_match (self, found, &start, &end);
}

static void
on_replace (GbFindBar *self)
{
  GtkTextIter start, end;
  gtk_text_buffer_get_selection_bounds (get_buffer (self), &start, &end);
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->replacement));
  /* Nothing happens when the selection is not a match; then Replace only goes to the next one. */
  gtk_source_search_context_replace (self->context, &start, &end, text, -1, NULL);
  gb_find_bar_next (self);
}

static void
on_replace_all (GbFindBar *self)
{
  gtk_source_search_context_replace_all (self->context,
                                         gtk_editable_get_text (GTK_EDITABLE (self->replacement)), -1, NULL);
  update_count (self);
}

void
gb_find_bar_open (GbFindBar *self, gboolean replace)
{
  GtkTextIter start, end;
  gtk_widget_set_visible (self->replace_row, replace);
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->revealer), TRUE);
  if (gtk_text_buffer_get_selection_bounds (get_buffer (self), &start, &end)
      && gtk_text_iter_get_line (&start) == gtk_text_iter_get_line (&end))
    {
      g_autofree char *text = gtk_text_iter_get_slice (&start, &end);
      gtk_editable_set_text (GTK_EDITABLE (self->entry), text);
    }
  gtk_source_search_context_set_highlight (self->context, TRUE);
  gtk_widget_grab_focus (self->entry);
  gtk_editable_select_region (GTK_EDITABLE (self->entry), 0, -1);
}

void
gb_find_bar_close (GbFindBar *self)
{
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->revealer), FALSE);
  gtk_source_search_context_set_highlight (self->context, FALSE);
  gtk_widget_grab_focus (GTK_WIDGET (self->view));
}

static gboolean
on_key (GtkEventControllerKey *controller, guint keyval, guint keycode, GdkModifierType state, gpointer data)
{
  GbFindBar *self = data;
  if (keyval == GDK_KEY_Escape)
    gb_find_bar_close (self);
  else if (keyval == GDK_KEY_Return && (state & GDK_SHIFT_MASK))
    find_previous (self);
  else
    return GDK_EVENT_PROPAGATE;
  return GDK_EVENT_STOP;
}

static GtkWidget *
new_text_button (GbFindBar *self, const char *msgid, GCallback clicked)
{
  GtkWidget *button = gtk_button_new ();
  gb_i18n_bind (button, "label", msgid);
  g_signal_connect_object (button, "clicked", clicked, self, G_CONNECT_SWAPPED);
  return button;
}

static void
gb_find_bar_dispose (GObject *object)
{
  GbFindBar *self = GB_FIND_BAR (object);
  g_clear_pointer (&self->revealer, gtk_widget_unparent);
  g_clear_object (&self->context);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (gb_find_bar_parent_class)->dispose (object);
}

static void
gb_find_bar_class_init (GbFindBarClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_find_bar_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
gb_find_bar_init (GbFindBar *self)
{
  self->settings = gtk_source_search_settings_new ();
  gtk_source_search_settings_set_wrap_around (self->settings, TRUE);
  self->revealer = gtk_revealer_new ();
  gtk_widget_set_parent (self->revealer, GTK_WIDGET (self));

  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  gtk_widget_add_css_class (box, "find-bar");
  gtk_revealer_set_child (GTK_REVEALER (self->revealer), box);
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  self->entry = gtk_search_entry_new ();
  gtk_widget_set_hexpand (self->entry, TRUE);
  gb_i18n_bind (self->entry, "placeholder-text", N_ ("Find"));
  gb_label_accessible (self->entry, N_ ("Find"));
  self->count = gtk_label_new ("");
  gtk_widget_add_css_class (self->count, "muted");
  gtk_box_append (GTK_BOX (row), self->entry);
  gtk_box_append (GTK_BOX (row), self->count);
  GtkWidget *previous = gb_label_button ("go-up-symbolic", N_ ("Find the one before"), NULL);
  GtkWidget *next = gb_label_button ("go-down-symbolic", N_ ("Find the next"), "win.find-next");
  GtkWidget *close = gb_label_button ("window-close-symbolic", N_ ("Close the find bar"), NULL);
  g_signal_connect_object (previous, "clicked", G_CALLBACK (find_previous), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (close, "clicked", G_CALLBACK (gb_find_bar_close), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (row), previous);
  gtk_box_append (GTK_BOX (row), next);
  gtk_box_append (GTK_BOX (row), close);
  gtk_box_append (GTK_BOX (box), row);

  self->replace_row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  self->replacement = gtk_entry_new ();
  gtk_widget_set_hexpand (self->replacement, TRUE);
  gb_i18n_bind (self->replacement, "placeholder-text", N_ ("Replace with"));
  gb_label_accessible (self->replacement, N_ ("Replace with"));
  gtk_box_append (GTK_BOX (self->replace_row), self->replacement);
  gtk_box_append (GTK_BOX (self->replace_row),
                  new_text_button (self, N_ ("Replace"), G_CALLBACK (on_replace)));
  gtk_box_append (GTK_BOX (self->replace_row),
                  new_text_button (self, N_ ("All"), G_CALLBACK (on_replace_all)));
  gtk_box_append (GTK_BOX (box), self->replace_row);

  g_signal_connect_object (self->entry, "search-changed", G_CALLBACK (on_text_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->entry, "activate", G_CALLBACK (gb_find_bar_next), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->replacement, "activate", G_CALLBACK (on_replace), self, G_CONNECT_SWAPPED);
  GtkEventController *key = gtk_event_controller_key_new ();
  gtk_event_controller_set_propagation_phase (key, GTK_PHASE_CAPTURE);
  g_signal_connect (key, "key-pressed", G_CALLBACK (on_key), self);
  gtk_widget_add_controller (box, key);
}

GtkWidget *
gb_find_bar_new (GtkSourceView *view)
{
  GbFindBar *self = g_object_new (GB_TYPE_FIND_BAR, NULL);
  self->view = view;
  self->context = gtk_source_search_context_new (
      GTK_SOURCE_BUFFER (gtk_text_view_get_buffer (GTK_TEXT_VIEW (view))), self->settings);
  gtk_source_search_context_set_highlight (self->context, FALSE);
  g_signal_connect_object (self->context, "notify::occurrences-count", G_CALLBACK (update_count), self,
                           G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
