#include "lab/set-strip.h"

#include "common/i18n.h"

#include <string.h>

struct _GbSetStrip
{
  GtkWidget parent_instance;

  GtkWidget *box, *score, *row;
  GbCaseSet *set;
  GbLibrary *library;
};

enum
{
  CASE,
  END,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GbSetStrip, gb_set_strip, GTK_TYPE_WIDGET)

static void
on_case (GtkWidget *button, GbSetStrip *self)
{
  g_signal_emit (self, signals[CASE], 0, g_object_get_data (G_OBJECT (button), "case"));
}

static void
on_end (GbSetStrip *self)
{
  g_signal_emit (self, signals[END], 0);
}

static void
add_case (GbSetStrip *self, const char *id, const char *mark, gboolean is_front)
{
  g_autofree char *text = g_strdup_printf ("%s %s", id, mark);
  GtkWidget *button = gtk_button_new_with_label (text);
  gtk_widget_set_sensitive (button, !is_front);
  g_object_set_data_full (G_OBJECT (button), "case", g_strdup (id), g_free);
  g_signal_connect_object (button, "clicked", G_CALLBACK (on_case), self, 0);
  gtk_box_append (GTK_BOX (self->row), button);
}

void
gb_set_strip_update (GbSetStrip *self, GbCaseWork *work)
{
  const char *front = work ? gb_case_work_get_case (work)->id : NULL;
  guint n = gb_case_set_get_n (self->set), n_solved = 0;
  double points = 0;
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child (self->row)))
    gtk_box_remove (GTK_BOX (self->row), child);
  gtk_widget_set_visible (GTK_WIDGET (self), front && gb_case_set_has (self->set, front));
  if (!gtk_widget_get_visible (GTK_WIDGET (self)))
    return;
  for (guint i = 0; i < n; i++)
    {
      const char *id = gb_case_set_get_id (self->set, i);
      gboolean is_front = strcmp (id, front) == 0;
      g_autoptr (GbCaseWork) at =
          is_front ? g_object_ref (work) : gb_case_set_load_work (self->set, self->library, i);
      gboolean solved = at && gb_case_work_is_solved (at),
               given_up = at && !solved && gb_case_work_is_open (at);
      n_solved += solved;
      points += at ? gb_case_work_get_points (at) : 0;
      add_case (self, id, solved ? "✓" : given_up ? "–" : "○", is_front);
    }
  GtkWidget *end = gtk_button_new_with_label (_ ("End the set"));
  gtk_widget_add_css_class (end, "flat");
  g_signal_connect_object (end, "clicked", G_CALLBACK (on_end), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (self->row), end);
  g_autofree char *text = g_strdup_printf (_ ("A set of %u: programs of %u colleagues, each broken in a way "
                                              "of its own, in any order, on one score. "
                                              "%u solved, %g of %u points."),
                                           n, n, n_solved, points, 10 * n);
  gtk_label_set_label (GTK_LABEL (self->score), text);
}

static void
gb_set_strip_dispose (GObject *object)
{
  GbSetStrip *self = GB_SET_STRIP (object);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->set);
  g_clear_object (&self->library);
  G_OBJECT_CLASS (gb_set_strip_parent_class)->dispose (object);
}

static void
gb_set_strip_class_init (GbSetStripClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = gb_set_strip_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  signals[CASE] =
      g_signal_new ("case", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[END] = g_signal_new ("end", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
gb_set_strip_init (GbSetStrip *self)
{
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  gtk_widget_add_css_class (self->box, "set-strip");
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  self->score = g_object_new (GTK_TYPE_LABEL, "xalign", 0.0, "wrap", TRUE, NULL);
  gtk_box_append (GTK_BOX (self->box), self->score);
  self->row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  gtk_widget_add_css_class (self->row, "sure");
  gtk_box_append (GTK_BOX (self->box), self->row);
}

GtkWidget *
gb_set_strip_new (GbCaseSet *set, GbLibrary *library)
{
  GbSetStrip *self = g_object_new (GB_TYPE_SET_STRIP, NULL);
  self->set = g_object_ref (set);
  self->library = g_object_ref (library);
  return GTK_WIDGET (self);
}
