#include "study/outline-map.h"

#include "common/i18n.h"
#include "labels.h"

#include <string.h>

#define N_STATES (GB_LEAF_DONE + 1)

struct _GbOutlineMap
{
  GtkWidget parent_instance;

  GtkWidget *scroller, *box;
  GbLibrary *library;
  GbProgress *progress;
};

enum
{
  LEAF,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GbOutlineMap, gb_outline_map, GTK_TYPE_WIDGET)

/* What is laid out of a section while it is gone through. */
typedef struct
{
  GtkWidget *flow;
  guint counts[N_STATES];
  gint64 today;
} Filling;

static void
on_clicked (GtkWidget *button, GbOutlineMap *self)
{
  g_signal_emit (self, signals[LEAF], 0, g_object_get_data (G_OBJECT (button), "leaf"));
}

/* "weak, 3 of 7 right, 2 missed, 1 due" */
static char *
describe (const GbLeafProgress *at)
{
  g_autoptr (GString) text = g_string_new (gb_leaf_state_get_name (at->state));
  if (at->n_items)
    g_string_append_printf (text, _ (", %u of %u right"), at->n_right, at->n_items);
  if (at->n_missed)
    g_string_append_printf (text, _ (", %u missed"), at->n_missed);
  if (at->n_due)
    g_string_append_printf (text, _ (", %u due"), at->n_due);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static GtkWidget *
new_cell (GbOutlineMap *self, GbOutlineItem *leaf, const GbLeafProgress *at)
{
  static const char *const css[N_STATES] = { "leaf-empty", "leaf-new", "leaf-begun",
                                             "leaf-weak",  "leaf-due", "leaf-done" };
  const char *title = gb_outline_item_get_title (leaf);
  g_autofree char *told = describe (at), *name = g_strdup_printf ("%s: %s", title, told);
  g_autofree char *count = at->n_items ? g_strdup_printf ("%u/%u", at->n_right, at->n_items) : g_strdup ("");
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *button = gtk_button_new ();
  GtkWidget *mark = gtk_label_new (gb_leaf_state_get_mark (at->state));
  gtk_widget_add_css_class (mark, "mark");
  gtk_box_append (GTK_BOX (row), mark);
  gtk_box_append (GTK_BOX (row),
                  g_object_new (GTK_TYPE_LABEL, "label", title, "xalign", 0.0, "hexpand", TRUE, "ellipsize",
                                PANGO_ELLIPSIZE_END, "width-chars", 16, "max-width-chars", 26, NULL));
  GtkWidget *number = gtk_label_new (count);
  gtk_widget_add_css_class (number, "muted");
  gtk_widget_add_css_class (number, "numeric");
  gtk_box_append (GTK_BOX (row), number);
  gtk_button_set_child (GTK_BUTTON (button), row);
  gtk_widget_add_css_class (button, "leaf");
  gtk_widget_add_css_class (button, css[at->state]);
  gtk_widget_set_tooltip_text (button, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_object_set_data_full (G_OBJECT (button), "leaf", g_strdup (gb_outline_item_get_id (leaf)), g_free);
  g_signal_connect_object (button, "clicked", G_CALLBACK (on_clicked), self, 0);
  gtk_widget_set_sensitive (button, at->state != GB_LEAF_EMPTY);
  return button;
}

static void
add_leaves (GbOutlineMap *self, GListModel *items, Filling *filling)
{
  for (guint i = 0; i < g_list_model_get_n_items (items); i++)
    {
      g_autoptr (GbOutlineItem) item = g_list_model_get_item (items, i);
      GListModel *children = gb_outline_item_get_children (item);
      if (children)
        {
          add_leaves (self, children, filling);
          continue;
        }
      GbLeafProgress at =
          gb_leaf_get_progress (self->library, self->progress, gb_outline_item_get_id (item), filling->today);
      filling->counts[at.state]++;
      gtk_flow_box_append (GTK_FLOW_BOX (filling->flow), new_cell (self, item, &at));
      /* The button is what is gone to, not its place. */
      gtk_widget_set_focusable (gtk_widget_get_last_child (filling->flow), FALSE);
    }
}

static char *
describe_counts (const guint counts[N_STATES])
{
  static const GbLeafState order[] = { GB_LEAF_DONE, GB_LEAF_BEGUN, GB_LEAF_WEAK,
                                       GB_LEAF_DUE,  GB_LEAF_NEW,   GB_LEAF_EMPTY };
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    if (counts[order[i]])
      g_string_append_printf (text, "%s%s %s %u", text->len ? "   " : "", gb_leaf_state_get_mark (order[i]),
                              gb_leaf_state_get_name (order[i]), counts[order[i]]);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static GtkWidget *
new_flow (void)
{
  return g_object_new (GTK_TYPE_FLOW_BOX, "selection-mode", GTK_SELECTION_NONE, "homogeneous", TRUE,
                       "min-children-per-line", 2, "max-children-per-line", 4, "column-spacing", 4,
                       "row-spacing", 4, NULL);
}

static GtkWidget *
new_label (const char *text, const char *css_class)
{
  GtkWidget *label = g_object_new (GTK_TYPE_LABEL, "label", text, "xalign", 0.0, "wrap", TRUE, NULL);
  gtk_widget_add_css_class (label, css_class);
  return label;
}

static void
add_section (GbOutlineMap *self, const char *title, GListModel *items, guint all[N_STATES])
{
  Filling filling = { .flow = new_flow (), .today = gb_study_today () };
  add_leaves (self, items, &filling);
  g_autofree char *counts = describe_counts (filling.counts);
  gtk_box_append (GTK_BOX (self->box), new_label (title, "pane-title"));
  gtk_box_append (GTK_BOX (self->box), new_label (counts, "muted"));
  gtk_box_append (GTK_BOX (self->box), filling.flow);
  gtk_accessible_update_property (GTK_ACCESSIBLE (filling.flow), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  for (guint k = 0; k < N_STATES; k++)
    all[k] += filling.counts[k];
}

static void
add_sections (GbOutlineMap *self, GListModel *sections, guint all[N_STATES])
{
  for (guint i = 0; i < g_list_model_get_n_items (sections); i++)
    {
      g_autoptr (GbOutlineItem) section = g_list_model_get_item (sections, i);
      if (gb_outline_item_get_children (section))
        add_section (self, gb_outline_item_get_title (section), gb_outline_item_get_children (section), all);
    }
}

void
gb_outline_map_update (GbOutlineMap *self)
{
  guint all[N_STATES] = { 0 };
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child (self->box)))
    gtk_box_remove (GTK_BOX (self->box), child);
  GtkWidget *total = new_label ("", "muted");
  gtk_box_append (GTK_BOX (self->box), total);
  add_sections (self, gb_library_get_outline (self->library), all);
  add_sections (self, gb_library_get_assessment (self->library), all);
  g_autofree char *counts = describe_counts (all);
  gtk_label_set_label (GTK_LABEL (total), counts);
}

/* ---- life ---- */

static void
gb_outline_map_dispose (GObject *object)
{
  GbOutlineMap *self = GB_OUTLINE_MAP (object);
  g_clear_pointer (&self->scroller, gtk_widget_unparent);
  g_clear_object (&self->library);
  g_clear_object (&self->progress);
  G_OBJECT_CLASS (gb_outline_map_parent_class)->dispose (object);
}

static void
gb_outline_map_class_init (GbOutlineMapClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_outline_map_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  signals[LEAF] = g_signal_new ("leaf", GB_TYPE_OUTLINE_MAP, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
gb_outline_map_init (GbOutlineMap *self)
{
  self->scroller = g_object_new (GTK_TYPE_SCROLLED_WINDOW, "hscrollbar-policy", GTK_POLICY_NEVER, NULL);
  gtk_widget_set_parent (self->scroller, GTK_WIDGET (self));
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_widget_add_css_class (self->box, "study-page");
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), self->box);
}

GtkWidget *
gb_outline_map_new (GbLibrary *library, GbProgress *progress)
{
  GbOutlineMap *self = g_object_new (GB_TYPE_OUTLINE_MAP, NULL);
  self->library = g_object_ref (library);
  self->progress = g_object_ref (progress);
  return GTK_WIDGET (self);
}
