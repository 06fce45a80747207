#include "board/view-pane.h"

#include "board/pane-export.h"
#include "board/view-choices.h"
#include "common/i18n.h"
#include "labels.h"
#include "view-registry.h"

#include <string.h>

struct _GbViewPane
{
  GtkWidget parent_instance;

  GtkWidget *box, *chooser, *chooser_title, *chooser_id, *status, *menu_button, *view;
  GbTraceCursor *cursor;
  GbSelection *selection;
  const GbViewDef *def;
  guint status_idle;
};

enum
{
  VIEW_CHANGED,
  COMMAND,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GbViewPane, gb_view_pane, GTK_TYPE_WIDGET)

/* ---- head and menus ---- */

/* Menus are made when they open: a window full of panes has many, and most are never opened. */
static void
make_choices (GtkMenuButton *button, gpointer data)
{
  g_autoptr (GMenuModel) views = gb_view_choices_new (GB_VIEW_PANE (data)->cursor, "pane.view");
  gtk_menu_button_set_menu_model (button, views);
}

static void
make_menu (GtkMenuButton *button, gpointer data)
{
  GbViewPane *self = data;
  g_autoptr (GMenu) menu = g_menu_new ();
  GMenuModel *own = self->view ? gb_view_get_menu (GB_VIEW (self->view)) : NULL;
  if (own)
    g_menu_append_section (menu, NULL, own);
  g_autoptr (GMenu) pane = g_menu_new ();
  g_menu_append (pane, _ ("Split to the right"), "pane.command::split-right");
  g_menu_append (pane, _ ("Split below"), "pane.command::split-down");
  g_menu_append (pane, _ ("Maximise or restore"), "pane.command::maximise");
  g_menu_append (pane, _ ("Close the view"), "pane.command::close");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (pane));
  gb_pane_export_add_menu (menu);
  gtk_menu_button_set_menu_model (button, G_MENU_MODEL (menu));
}

static void
update_head (GbViewPane *self)
{
  gtk_label_set_label (GTK_LABEL (self->chooser_title), self->def ? _ (self->def->title) : "");
  gtk_label_set_label (GTK_LABEL (self->chooser_id), self->def ? self->def->id : "");
  gtk_widget_set_tooltip_text (self->chooser, self->def ? _ (self->def->summary) : NULL);
  g_autofree char *name = g_strdup_printf (_ ("View: %s"), self->def ? _ (self->def->title) : "");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->chooser), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static gboolean
update_status (gpointer data)
{
  GbViewPane *self = data;
  self->status_idle = 0;
  const char *status = gb_view_get_status (GB_VIEW (self->view));
  gtk_label_set_label (GTK_LABEL (self->status), status ? status : "");
  gtk_widget_set_tooltip_text (self->status, status);
  return G_SOURCE_REMOVE;
}

/* A view finds its sentence while it is drawn; a label that changes then would not be drawn again. */
static void
on_status (GbViewPane *self)
{
  if (!self->status_idle)
    self->status_idle = g_idle_add (update_status, self);
}

/* ---- the view ---- */

void
gb_view_pane_set_view_id (GbViewPane *self, const char *view_id)
{
  const GbViewDef *def = gb_view_registry_find (view_id);
  if (!def || def == self->def)
    return;
  self->def = def;
  if (self->view)
    gtk_box_remove (GTK_BOX (self->box), self->view);
  self->view = def->new_widget (self->cursor, self->selection);
  gtk_widget_set_vexpand (self->view, TRUE);
  gtk_widget_set_hexpand (self->view, TRUE);
  gtk_box_append (GTK_BOX (self->box), self->view);
  g_signal_connect_object (self->view, "notify::status", G_CALLBACK (on_status), self, G_CONNECT_SWAPPED);
  update_status (self);
  update_head (self);
  GAction *action = g_action_map_lookup_action (g_object_get_data (G_OBJECT (self), "actions"), "view");
  g_simple_action_set_state (G_SIMPLE_ACTION (action), g_variant_new_string (def->id));
  g_signal_emit (self, signals[VIEW_CHANGED], 0);
}

const char *
gb_view_pane_get_view_id (GbViewPane *self)
{
  return self->def ? self->def->id : "";
}

GbView *
gb_view_pane_get_view (GbViewPane *self)
{
  return GB_VIEW (self->view);
}

const GbViewDef *
gb_view_pane_get_def (GbViewPane *self)
{
  return self->def;
}

void
gb_view_pane_say (GbViewPane *self, const char *sentence)
{
  g_clear_handle_id (&self->status_idle, g_source_remove);
  gtk_label_set_label (GTK_LABEL (self->status), sentence);
  gtk_widget_set_tooltip_text (self->status, sentence);
}

void
gb_view_pane_focus (GbViewPane *self)
{
  if (self->view && !gtk_widget_grab_focus (self->view))
    gtk_widget_child_focus (self->view, GTK_DIR_TAB_FORWARD);
}

/* ---- actions ---- */

static void
on_view (GSimpleAction *action, GVariant *state, gpointer data)
{
  gb_view_pane_set_view_id (data, g_variant_get_string (state, NULL));
}

static void
on_command (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_signal_emit (data, signals[COMMAND], 0, g_variant_get_string (parameter, NULL));
}

static const GActionEntry actions[] = {
  { "view", NULL, "s", "''", on_view },
  { "command", on_command, "s" },
};

/* ---- life ---- */

static void
gb_view_pane_dispose (GObject *object)
{
  GbViewPane *self = GB_VIEW_PANE (object);
  g_clear_handle_id (&self->status_idle, g_source_remove);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->cursor);
  g_clear_object (&self->selection);
  self->view = NULL;
  G_OBJECT_CLASS (gb_view_pane_parent_class)->dispose (object);
}

static void
gb_view_pane_class_init (GbViewPaneClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_view_pane_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  signals[VIEW_CHANGED] = g_signal_new ("view-changed", GB_TYPE_VIEW_PANE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                        NULL, G_TYPE_NONE, 0);
  signals[COMMAND] = g_signal_new ("command", GB_TYPE_VIEW_PANE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
gb_view_pane_init (GbViewPane *self)
{
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_add_css_class (self->box, "pane");
  gtk_widget_set_overflow (self->box, GTK_OVERFLOW_HIDDEN);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));

  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  gtk_widget_add_css_class (head, "pane-head");
  GtkWidget *title = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  self->chooser_title = gtk_label_new ("");
  gtk_widget_add_css_class (self->chooser_title, "pane-title");
  self->chooser_id = gtk_label_new ("");
  gtk_label_set_ellipsize (GTK_LABEL (self->chooser_id), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (self->chooser_id, "muted");
  gtk_box_append (GTK_BOX (title), self->chooser_title);
  gtk_box_append (GTK_BOX (title), self->chooser_id);
  gtk_box_append (GTK_BOX (title), gtk_image_new_from_icon_name ("pan-down-symbolic"));
  self->chooser = gtk_menu_button_new ();
  gtk_menu_button_set_child (GTK_MENU_BUTTON (self->chooser), title);
  gtk_widget_add_css_class (self->chooser, "flat");
  gtk_menu_button_set_create_popup_func (GTK_MENU_BUTTON (self->chooser), make_choices, self, NULL);
  gtk_box_append (GTK_BOX (head), self->chooser);
  self->status =
      g_object_new (GTK_TYPE_LABEL, "hexpand", TRUE, "xalign", 1.0, "ellipsize", PANGO_ELLIPSIZE_END, NULL);
  gtk_widget_add_css_class (self->status, "muted");
  gtk_box_append (GTK_BOX (head), self->status);
  self->menu_button = gtk_menu_button_new ();
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (self->menu_button), "view-more-symbolic");
  gtk_menu_button_set_create_popup_func (GTK_MENU_BUTTON (self->menu_button), make_menu, self, NULL);
  gb_label_tooltip (self->menu_button, N_ ("What this view can do"), NULL);
  gtk_widget_add_css_class (self->menu_button, "flat");
  gtk_box_append (GTK_BOX (head), self->menu_button);
  gtk_box_append (GTK_BOX (self->box), head);

  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (group), actions, G_N_ELEMENTS (actions), self);
  gb_pane_export_add_actions (self, G_ACTION_MAP (group));
  gtk_widget_insert_action_group (GTK_WIDGET (self), "pane", G_ACTION_GROUP (group));
  g_object_set_data (G_OBJECT (self), "actions", group);
}

GtkWidget *
gb_view_pane_new (GbTraceCursor *cursor, GbSelection *selection, const char *view_id)
{
  GbViewPane *self = g_object_new (GB_TYPE_VIEW_PANE, NULL);
  self->cursor = g_object_ref (cursor);
  self->selection = g_object_ref (selection);
  const GbViewDef *def = gb_view_registry_find (view_id);
  gb_view_pane_set_view_id (self, def ? view_id : gb_view_registry_best (cursor)->id);
  gb_label_on_language (self, G_CALLBACK (update_head));
  return GTK_WIDGET (self);
}
