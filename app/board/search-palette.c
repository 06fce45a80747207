#include "board/search-palette.h"

#include "common/i18n.h"
#include "labels.h"

#define MOST 60

struct _GbSearchPalette
{
  AdwWindow parent_instance;

  GtkWidget *entry, *list, *sentence;
  GbLibrary *library;
  GbSearch *search; /* made when it is first needed */
  GPtrArray *found;
};

enum
{
  CHOSEN,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GbSearchPalette, gb_search_palette, ADW_TYPE_WINDOW)

static GtkWidget *
new_label (const char *text, const char *css_class)
{
  GtkWidget *label = g_object_new (GTK_TYPE_LABEL, "label", text, "xalign", 0.0, "wrap", TRUE, "wrap-mode",
                                   PANGO_WRAP_WORD_CHAR, NULL);
  gtk_widget_add_css_class (label, css_class);
  return label;
}

/* The match stands out in bold. */
static char *
dup_markup (const GbFound *found)
{
  g_autofree char *before = g_markup_escape_text (found->snippet, found->match);
  g_autofree char *match = g_markup_escape_text (found->snippet + found->match, found->length);
  g_autofree char *after = g_markup_escape_text (found->snippet + found->match + found->length, -1);
  return g_strdup_printf ("%s<b>%s</b>%s", before, match, after);
}

static GtkWidget *
new_row (const GbFound *found)
{
  GtkWidget *row = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 1);
  g_autofree char *head = g_strdup_printf ("%s · %s", gb_found_kind_get_name (found->kind), found->title);
  g_autofree char *markup = dup_markup (found);
  GtkWidget *snippet = new_label ("", "muted");
  gtk_label_set_markup (GTK_LABEL (snippet), markup);
  gtk_widget_set_visible (snippet, *found->snippet != '\0');
  gtk_box_append (GTK_BOX (box), new_label (head, "found"));
  gtk_box_append (GTK_BOX (box), snippet);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_widget_add_css_class (row, "scene-row");
  g_autofree char *spoken = g_strdup_printf ("%s: %s", head, found->snippet);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
  return row;
}

static void
update (GbSearchPalette *self)
{
  const char *query = gtk_editable_get_text (GTK_EDITABLE (self->entry));
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child (self->list)))
    gtk_list_box_remove (GTK_LIST_BOX (self->list), child);
  g_clear_pointer (&self->found, g_ptr_array_unref);
  if (!self->search)
    self->search = gb_search_new (self->library);
  self->found = gb_search_find (self->search, query, MOST);
  for (guint i = 0; i < self->found->len; i++)
    gtk_list_box_append (GTK_LIST_BOX (self->list), new_row (g_ptr_array_index (self->found, i)));
  gtk_list_box_select_row (GTK_LIST_BOX (self->list),
                           gtk_list_box_get_row_at_index (GTK_LIST_BOX (self->list), 0));
  g_autofree char *text =
      !*query             ? g_strdup (_ ("Notes, questions, scenes, cases and exercises, in both languages."))
      : !self->found->len ? g_strdup (_ ("Nothing has all of these words."))
      : self->found->len == MOST
          ? g_strdup_printf (_ ("The best %u."), self->found->len)
          : g_strdup_printf (ngettext_ ("%u place.", "%u places.", self->found->len), self->found->len);
  gtk_label_set_label (GTK_LABEL (self->sentence), text);
}

static void
choose (GbSearchPalette *self, GtkListBoxRow *row)
{
  if (!row)
    return;
  const GbFound *found = g_ptr_array_index (self->found, (guint) gtk_list_box_row_get_index (row));
  g_autofree char *id = g_strdup (found->id);
  GbFoundKind kind = found->kind;
  gtk_window_close (GTK_WINDOW (self));
  g_signal_emit (self, signals[CHOSEN], 0, gb_found_kind_get_id (kind), id);
}

static void
on_activate (GbSearchPalette *self)
{
  choose (self, gtk_list_box_get_selected_row (GTK_LIST_BOX (self->list)));
}

static void
on_row (GbSearchPalette *self, GtkListBoxRow *row)
{
  choose (self, row);
}

/* Up and Down choose while one types. */
static gboolean
on_key (GtkEventControllerKey *controller,
        guint keyval,
        guint keycode,
        GdkModifierType state,
        GbSearchPalette *self)
{
  int step = keyval == GDK_KEY_Down ? 1 : keyval == GDK_KEY_Up ? -1 : 0;
  GtkListBoxRow *row = gtk_list_box_get_selected_row (GTK_LIST_BOX (self->list));
  if (!step || !row)
    return GDK_EVENT_PROPAGATE;
  row = gtk_list_box_get_row_at_index (GTK_LIST_BOX (self->list), gtk_list_box_row_get_index (row) + step);
  if (row)
    {
      graphene_rect_t at;
      GtkWidget *scroller = gtk_widget_get_ancestor (self->list, GTK_TYPE_SCROLLED_WINDOW);
      gtk_list_box_select_row (GTK_LIST_BOX (self->list), row);
      if (gtk_widget_compute_bounds (GTK_WIDGET (row), self->list, &at))
        gtk_adjustment_clamp_page (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scroller)),
                                   at.origin.y, at.origin.y + at.size.height);
    }
  return GDK_EVENT_STOP;
}

static void
on_library_changed (GbSearchPalette *self)
{
  g_clear_pointer (&self->found, g_ptr_array_unref);
  g_clear_pointer (&self->search, gb_search_free);
  update (self);
}

static void
on_map (GbSearchPalette *self)
{
  gtk_widget_grab_focus (self->entry);
  gtk_editable_select_region (GTK_EDITABLE (self->entry), 0, -1);
}

/* ---- life ---- */

static void
gb_search_palette_dispose (GObject *object)
{
  GbSearchPalette *self = GB_SEARCH_PALETTE (object);
  g_clear_pointer (&self->found, g_ptr_array_unref);
  g_clear_pointer (&self->search, gb_search_free);
  g_clear_object (&self->library);
  G_OBJECT_CLASS (gb_search_palette_parent_class)->dispose (object);
}

static void
gb_search_palette_class_init (GbSearchPaletteClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_search_palette_dispose;
  signals[CHOSEN] = g_signal_new ("chosen", GB_TYPE_SEARCH_PALETTE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
  gtk_widget_class_add_binding_action (GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
gb_search_palette_init (GbSearchPalette *self)
{
  gtk_widget_add_css_class (GTK_WIDGET (self), "board");
  gtk_widget_add_css_class (GTK_WIDGET (self), "search-palette");
  g_object_set (self, "default-width", 640, "default-height", 480, "modal", TRUE, "hide-on-close", TRUE,
                NULL);
  gb_i18n_bind (self, "title", N_ ("Search everything"));
  self->entry = gtk_search_entry_new ();
  gb_label_accessible (self->entry, N_ ("Search everything"));
  gtk_search_entry_set_key_capture_widget (GTK_SEARCH_ENTRY (self->entry), GTK_WIDGET (self));
  g_signal_connect_object (self->entry, "activate", G_CALLBACK (on_activate), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->entry, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->entry, "stop-search", G_CALLBACK (gtk_window_close), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect (self, "map", G_CALLBACK (on_map), NULL);
  GtkEventController *key = gtk_event_controller_key_new ();
  gtk_event_controller_set_propagation_phase (key, GTK_PHASE_CAPTURE);
  g_signal_connect_object (key, "key-pressed", G_CALLBACK (on_key), self, 0);
  gtk_widget_add_controller (self->entry, key);

  self->sentence = new_label ("", "muted");
  self->list = gtk_list_box_new ();
  gb_label_accessible (self->list, N_ ("What was found"));
  g_signal_connect_object (self->list, "row-activated", G_CALLBACK (on_row), self, G_CONNECT_SWAPPED);
  GtkWidget *scroller = g_object_new (GTK_TYPE_SCROLLED_WINDOW, "hscrollbar-policy", GTK_POLICY_NEVER,
                                      "vexpand", TRUE, "child", self->list, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  gtk_widget_add_css_class (box, "study-page");
  gtk_box_append (GTK_BOX (box), self->entry);
  gtk_box_append (GTK_BOX (box), self->sentence);
  gtk_box_append (GTK_BOX (box), scroller);
  adw_window_set_content (ADW_WINDOW (self), box);
}

GbSearchPalette *
gb_search_palette_new (GtkWindow *parent, GbLibrary *library)
{
  GbSearchPalette *self =
      g_object_new (GB_TYPE_SEARCH_PALETTE, "transient-for", parent, "destroy-with-parent", TRUE, NULL);
  self->library = g_object_ref (library);
  g_signal_connect_object (library, "changed", G_CALLBACK (on_library_changed), self, G_CONNECT_SWAPPED);
  gb_label_on_language (self, G_CALLBACK (update));
  return self;
}
