#include "class/answers-view.h"

#include "common/i18n.h"

struct _GbAnswersView
{
  GtkWidget parent_instance;

  GtkWidget *grid;
};

G_DEFINE_FINAL_TYPE (GbAnswersView, gb_answers_view, GTK_TYPE_WIDGET)

static void
clear (GbAnswersView *self)
{
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child (self->grid)))
    gtk_grid_remove (GTK_GRID (self->grid), child);
}

/* The number stands beside the bar, and the right one has its mark: nothing is told by colour alone. */
static void
add_row (GbAnswersView *self, int row, const GbAnswerBar *bar, guint most, guint all)
{
  g_autofree char *label = g_strdup_printf ("%s%s", bar->is_right ? "✓ " : "", bar->label);
  g_autofree char *n = g_strdup_printf ("%u", bar->n);
  g_autofree char *says = g_strdup_printf (_ ("%s: %u of %u"), bar->label, bar->n, all);
  GtkWidget *name = g_object_new (GTK_TYPE_LABEL, "label", label, "xalign", 1.0, "wrap", TRUE, "max-width-chars", 32, NULL);
  GtkWidget *length = gtk_progress_bar_new (), *count = g_object_new (GTK_TYPE_LABEL, "label", n, "xalign", 0.0, NULL);
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (length), most ? bar->n / (double) most : 0);
  gtk_widget_set_hexpand (length, TRUE);
  gtk_widget_set_valign (length, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (count, "numeric");
  if (bar->is_right)
    gtk_widget_add_css_class (length, "right");
  gtk_accessible_update_property (GTK_ACCESSIBLE (length), GTK_ACCESSIBLE_PROPERTY_LABEL, says, -1);
  gtk_grid_attach (GTK_GRID (self->grid), name, 0, row, 1, 1);
  gtk_grid_attach (GTK_GRID (self->grid), length, 1, row, 1, 1);
  gtk_grid_attach (GTK_GRID (self->grid), count, 2, row, 1, 1);
}

void
gb_answers_view_show (GbAnswersView *self, const GbAnswers *answers)
{
  clear (self);
  gtk_widget_set_visible (GTK_WIDGET (self), answers != NULL);
  if (!answers)
    return;
  g_autoptr (GPtrArray) bars = gb_answers_get_bars (answers);
  guint most = 0, all = gb_answers_get_n (answers);
  for (guint i = 0; i < bars->len; i++)
    most = MAX (most, ((GbAnswerBar *) g_ptr_array_index (bars, i))->n);
  for (guint i = 0; i < bars->len; i++)
    add_row (self, (int) i, g_ptr_array_index (bars, i), most, all);
  g_autofree char *total = all ? g_strdup_printf (ngettext_ ("%u answer", "%u answers", all), all) : g_strdup (_ ("No answer yet"));
  GtkWidget *label = g_object_new (GTK_TYPE_LABEL, "label", total, "xalign", 0.0, NULL);
  gtk_widget_add_css_class (label, "muted");
  gtk_grid_attach (GTK_GRID (self->grid), label, 1, (int) bars->len, 2, 1);
}

static void
gb_answers_view_dispose (GObject *object)
{
  g_clear_pointer (&GB_ANSWERS_VIEW (object)->grid, gtk_widget_unparent);
  G_OBJECT_CLASS (gb_answers_view_parent_class)->dispose (object);
}

static void
gb_answers_view_class_init (GbAnswersViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_answers_view_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
gb_answers_view_init (GbAnswersView *self)
{
  self->grid = g_object_new (GTK_TYPE_GRID, "column-spacing", 8, "row-spacing", 4, NULL);
  gtk_widget_add_css_class (self->grid, "answers");
  gtk_widget_set_parent (self->grid, GTK_WIDGET (self));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

GtkWidget *
gb_answers_view_new (void)
{
  return g_object_new (GB_TYPE_ANSWERS_VIEW, NULL);
}
