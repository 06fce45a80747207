#include "class/steps-list.h"

#include "common/i18n.h"
#include "labels.h"

struct _GbStepsList
{
  GtkWidget parent_instance;

  GtkWidget *scroller, *list;
};

G_DEFINE_FINAL_TYPE (GbStepsList, gb_steps_list, GTK_TYPE_WIDGET)

static void
add_step (GbStepsList *self, const GbLecture *lecture, guint nth)
{
  guint at = gb_lecture_get_at (lecture);
  g_autofree char *title = gb_lecture_step_dup_title (gb_lecture_get (lecture, nth));
  g_autofree char *text = g_strdup_printf ("%s %s", nth < at ? "✓" : nth == at ? "▸" : "○", title);
  GtkWidget *label = g_object_new (GTK_TYPE_LABEL, "label", text, "xalign", 0.0, "ellipsize", PANGO_ELLIPSIZE_END, NULL);
  GtkWidget *row = gtk_list_box_row_new ();
  if (nth < at)
    gtk_widget_add_css_class (label, "muted");
  else if (nth == at)
    gtk_widget_add_css_class (label, "pane-title");
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), label);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_list_box_row_set_selectable (GTK_LIST_BOX_ROW (row), nth == at);
  gtk_list_box_append (GTK_LIST_BOX (self->list), row);
  if (nth == at)
    gtk_list_box_select_row (GTK_LIST_BOX (self->list), GTK_LIST_BOX_ROW (row));
}

/* The step that comes next stands in the upper third. */
static gboolean
on_scroll (gpointer data)
{
  GbStepsList *self = data;
  if (!self->scroller) /* the window was closed meanwhile */
    return G_SOURCE_REMOVE;
  GtkListBoxRow *row = gtk_list_box_get_selected_row (GTK_LIST_BOX (self->list));
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scroller));
  double y = 0;
  if (row)
    gtk_widget_translate_coordinates (GTK_WIDGET (row), self->list, 0, 0, NULL, &y);
  gtk_adjustment_set_value (adjustment, y - gtk_adjustment_get_page_size (adjustment) / 3);
  return G_SOURCE_REMOVE;
}

void
gb_steps_list_show (GbStepsList *self, const GbLecture *lecture)
{
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child (self->list)))
    gtk_list_box_remove (GTK_LIST_BOX (self->list), child);
  for (guint i = 0; i < gb_lecture_get_n (lecture); i++)
    add_step (self, lecture, i);
  g_timeout_add_full (G_PRIORITY_DEFAULT, 60, on_scroll, g_object_ref (self), g_object_unref);
}

static void
gb_steps_list_dispose (GObject *object)
{
  g_clear_pointer (&GB_STEPS_LIST (object)->scroller, gtk_widget_unparent);
  G_OBJECT_CLASS (gb_steps_list_parent_class)->dispose (object);
}

static void
gb_steps_list_class_init (GbStepsListClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_steps_list_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
gb_steps_list_init (GbStepsList *self)
{
  self->list = gtk_list_box_new ();
  gb_label_accessible (self->list, N_ ("Steps of the lesson"));
  self->scroller = g_object_new (GTK_TYPE_SCROLLED_WINDOW, "child", self->list, "hscrollbar-policy", GTK_POLICY_NEVER, "vexpand",
                                 TRUE, NULL);
  gtk_widget_set_parent (self->scroller, GTK_WIDGET (self));
}

GtkWidget *
gb_steps_list_new (void)
{
  return g_object_new (GB_TYPE_STEPS_LIST, NULL);
}
