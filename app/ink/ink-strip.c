#include "ink/ink-strip.h"

#include "common/i18n.h"
#include "common/ink-draw.h"
#include "ink/ink-words.h"
#include "labels.h"
#include "view-registry.h"

#include <string.h>

struct _GbInkStrip
{
  GtkWidget parent_instance;

  GbInkKit *kit;
  GbTraceCursor *cursor;
  GtkWidget *before; /* weak: had the focus before words were wanted */
  GtkWidget *scroll, *entry, *marks, *list;
};

G_DEFINE_FINAL_TYPE (GbInkStrip, gb_ink_strip, GTK_TYPE_WIDGET)

/* ---- the marks as a list ---- */
static void
on_remove (GtkButton *button, gpointer data)
{
  GbInkStrip *self = data;
  GbInkMark *mark = g_object_get_data (G_OBJECT (button), "mark");
  g_autoptr (GPtrArray) marks = g_ptr_array_new ();
  g_ptr_array_add (marks, mark);
  gb_ink_remove (gb_ink_kit_get_ink (self->kit), marks);
}

static const char *
surface_name (const GbInkMark *mark)
{
  const GbViewDef *def = gb_view_registry_find (mark->surface);
  return def ? _ (def->title) : strcmp (mark->surface, GB_INK_EDITOR) == 0 ? _ ("Editor") : mark->surface;
}

static GtkWidget *
new_row (GbInkStrip *self, GbInkMark *mark)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  g_autofree char *what = gb_ink_mark_text (mark, self->cursor);
  g_autofree char *text =
      g_strdup_printf ("%s · %s · %s", surface_name (mark), what, _ (gb_ink_color_name (mark->color)));
  GtkWidget *label = g_object_new (GTK_TYPE_LABEL, "label", text, "xalign", 0.0, "hexpand", TRUE, "wrap",
                                   TRUE, "max-width-chars", 48, NULL);
  GtkWidget *remove = gtk_button_new_from_icon_name ("edit-delete-symbolic");
  g_autofree char *name = g_strdup_printf (_ ("Take away: %s"), what);
  gtk_widget_set_tooltip_text (remove, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (remove), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_widget_add_css_class (remove, "flat");
  gtk_widget_set_valign (remove, GTK_ALIGN_CENTER);
  g_object_set_data_full (G_OBJECT (remove), "mark", gb_ink_mark_ref (mark),
                          (GDestroyNotify) gb_ink_mark_unref);
  g_signal_connect (remove, "clicked", G_CALLBACK (on_remove), self);
  gtk_box_append (GTK_BOX (row), label);
  gtk_box_append (GTK_BOX (row), remove);
  return row;
}

static void
fill_list (GbInkStrip *self)
{
  GbInk *ink = gb_ink_kit_get_ink (self->kit);
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child (self->list)) != NULL)
    gtk_box_remove (GTK_BOX (self->list), child);
  for (guint i = 0; i < gb_ink_get_n (ink); i++)
    gtk_box_append (GTK_BOX (self->list), new_row (self, gb_ink_get (ink, i)));
  if (gb_ink_get_n (ink) == 0)
    gtk_box_append (GTK_BOX (self->list), gtk_label_new (_ ("Nothing is drawn yet.")));
}

static void
on_marks_popup (GtkMenuButton *button, gpointer data)
{
  fill_list (data);
}

static void
on_ink (GbInkStrip *self)
{
  g_autofree char *text = g_strdup_printf (_ ("Marks: %u"), gb_ink_get_n (gb_ink_kit_get_ink (self->kit)));
  gtk_menu_button_set_label (GTK_MENU_BUTTON (self->marks), text);
  if (gtk_widget_get_mapped (self->list))
    fill_list (self);
}

/* ---- words ---- */
static void
on_words_wanted (GbInkStrip *self)
{
  gboolean wanted = gb_ink_kit_get_waiting (self->kit) != NULL;
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  if (wanted && !gtk_widget_get_visible (self->entry))
    g_set_weak_pointer (&self->before, root ? gtk_root_get_focus (root) : NULL);
  gtk_widget_set_visible (self->entry, wanted);
  if (!wanted && self->before)
    gtk_widget_grab_focus (self->before);
  if (wanted)
    {
      gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
      gtk_widget_grab_focus (self->entry);
    }
}

static void
on_words (GbInkStrip *self)
{
  if (gtk_widget_get_visible (self->entry))
    gb_ink_kit_preview_words (self->kit, gtk_editable_get_text (GTK_EDITABLE (self->entry)));
}

static void
on_words_given (GbInkStrip *self)
{
  g_autofree char *words = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry)));
  gb_ink_kit_give_words (self->kit, words);
}

/* ---- putting together ---- */
static void
on_kit (GbInkStrip *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self), gb_ink_kit_is_active (self->kit));
}

static void
add_button (GtkWidget *row, const char *msgid, const char *action)
{
  GtkWidget *button = gtk_button_new ();
  gb_i18n_bind (button, "label", msgid);
  gb_label_tooltip (button, msgid, action);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_box_append (GTK_BOX (row), button);
}

static void
add_tools (GtkWidget *row)
{
  for (int tool = 0; tool < GB_INK_N_TOOLS; tool++)
    {
      GtkWidget *button = gtk_toggle_button_new ();
      char detailed[64];
      gb_i18n_bind (button, "label", gb_ink_tool_name ((GbInkTool) tool));
      g_snprintf (detailed, sizeof detailed, "win.ink-tool::%s", gb_ink_tool_id ((GbInkTool) tool));
      gtk_actionable_set_detailed_action_name (GTK_ACTIONABLE (button), detailed);
      gb_label_tooltip (button, gb_ink_tool_name ((GbInkTool) tool), g_intern_string (detailed));
      gtk_box_append (GTK_BOX (row), button);
    }
}

/* A dot of the colour; which one is chosen is also said by its ring. */
static void
add_colors (GtkWidget *row)
{
  static const char *const classes[GB_INK_N_COLORS] = { "ink-black", "ink-red", "ink-orange", "ink-teal",
                                                        "ink-violet" };
  for (int color = 0; color < GB_INK_N_COLORS; color++)
    {
      GtkWidget *button = gtk_toggle_button_new (), *dot = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
      gtk_widget_add_css_class (dot, "dot");
      gtk_widget_add_css_class (dot, classes[color]);
      g_object_set (dot, "halign", GTK_ALIGN_CENTER, "valign", GTK_ALIGN_CENTER, NULL);
      gtk_button_set_child (GTK_BUTTON (button), dot);
      gtk_widget_add_css_class (button, "swatch");
      gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.ink-color");
      gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "i", color);
      gb_label_tooltip (button, gb_ink_color_name ((GbInkColor) color), NULL);
      gtk_box_append (GTK_BOX (row), button);
    }
}

static GtkWidget *
new_marks_button (GbInkStrip *self)
{
  GtkWidget *popover = gtk_popover_new (), *scroll = gtk_scrolled_window_new ();
  self->list = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  g_object_set (scroll, "hscrollbar-policy", GTK_POLICY_NEVER, "propagate-natural-height", TRUE,
                "max-content-height", 360, NULL);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroll), self->list);
  gtk_popover_set_child (GTK_POPOVER (popover), scroll);
  self->marks = gtk_menu_button_new ();
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (self->marks), popover);
  gtk_menu_button_set_create_popup_func (GTK_MENU_BUTTON (self->marks), on_marks_popup, self, NULL);
  return self->marks;
}

static void
gb_ink_strip_dispose (GObject *object)
{
  GbInkStrip *self = GB_INK_STRIP (object);
  g_clear_pointer (&self->scroll, gtk_widget_unparent);
  g_clear_weak_pointer (&self->before);
  g_clear_object (&self->kit);
  g_clear_object (&self->cursor);
  G_OBJECT_CLASS (gb_ink_strip_parent_class)->dispose (object);
}

static void
gb_ink_strip_class_init (GbInkStripClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_ink_strip_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_TOOLBAR);
}

static void
gb_ink_strip_init (GbInkStrip *self)
{
}

GtkWidget *
gb_ink_strip_new (GbInkKit *kit, GbTraceCursor *cursor)
{
  GbInkStrip *self = g_object_new (GB_TYPE_INK_STRIP, NULL);
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  self->kit = g_object_ref (kit);
  self->cursor = g_object_ref (cursor);
  self->scroll = gtk_scrolled_window_new ();
  g_object_set (self->scroll, "vscrollbar-policy", GTK_POLICY_NEVER, NULL);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroll), row);
  gtk_widget_set_parent (self->scroll, GTK_WIDGET (self));
  gtk_widget_add_css_class (row, "ink-strip");
  gb_label_accessible (self, N_ ("Ink"));
  add_tools (row);
  add_colors (row);
  self->entry = gtk_entry_new ();
  gb_label_accessible (self->entry, N_ ("Words at this place"));
  gtk_widget_set_hexpand (self->entry, TRUE);
  gtk_widget_set_visible (self->entry, FALSE);
  gtk_entry_set_max_length (GTK_ENTRY (self->entry), GB_INK_MOST_TEXT / 4);
  gtk_box_append (GTK_BOX (row), self->entry);
  add_button (row, N_ ("Undo"), "win.ink-undo");
  add_button (row, N_ ("Redo"), "win.ink-redo");
  add_button (row, N_ ("Place here"), "win.ink-place");
  add_button (row, N_ ("Clear"), "win.ink-clear");
  gtk_box_append (GTK_BOX (row), new_marks_button (self));
  add_button (row, N_ ("Done"), "win.ink-leave");
  g_signal_connect_object (self->entry, "changed", G_CALLBACK (on_words), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->entry, "activate", G_CALLBACK (on_words_given), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (kit, "changed", G_CALLBACK (on_kit), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (kit, "words-wanted", G_CALLBACK (on_words_wanted), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (gb_ink_kit_get_ink (kit), "changed", G_CALLBACK (on_ink), self, G_CONNECT_SWAPPED);
  gb_label_on_language (self, G_CALLBACK (on_ink));
  on_kit (self);
  return GTK_WIDGET (self);
}
