#include "board/tour.h"

#include "common/i18n.h"
#include "preferences.h"

struct _GbTour
{
  GtkWidget parent_instance;

  GtkWidget *box, *count, *sentence, *next;
  GtkWidget *targets[GB_TOUR_N_STEPS];
  guint step;
};

G_DEFINE_FINAL_TYPE (GbTour, gb_tour, GTK_TYPE_WIDGET)

static const char *const sentences[GB_TOUR_N_STEPS] = {
  N_ ("Write PyTorch code here, open a file, or choose a topic or a scene above."),
  N_ ("Run it (F5), or go step by step: by line (F2), by op (F3), by backward node (F4); with Shift, back."),
  N_ ("What the program does is drawn here: the graph, gradients, numbers. Point at an element to see where it came from."),
  N_ ("All of the past stays here: drag to any moment, go on from it (Ctrl+F7), and compare both futures."),
};

static void
frame_target (GbTour *self, gboolean is_framed)
{
  if (is_framed)
    gtk_widget_add_css_class (self->targets[self->step], "tour-here");
  else
    gtk_widget_remove_css_class (self->targets[self->step], "tour-here");
}

static void
show_step (GbTour *self)
{
  g_autofree char *count = g_strdup_printf (_ ("%u of %u"), self->step + 1, GB_TOUR_N_STEPS);
  gtk_label_set_label (GTK_LABEL (self->count), count);
  gtk_label_set_label (GTK_LABEL (self->sentence), _ (sentences[self->step]));
  gtk_button_set_label (GTK_BUTTON (self->next), self->step + 1 < GB_TOUR_N_STEPS ? _ ("Next") : _ ("Done"));
}

static void
end (GbTour *self)
{
  frame_target (self, FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  g_settings_set_boolean (gb_preferences_get (), "tour-seen", TRUE);
}

static void
go_on (GbTour *self)
{
  if (self->step + 1 == GB_TOUR_N_STEPS)
    {
      end (self);
      return;
    }
  frame_target (self, FALSE);
  self->step++;
  frame_target (self, TRUE);
  show_step (self);
}

void
gb_tour_start (GbTour *self)
{
  frame_target (self, FALSE);
  self->step = 0;
  frame_target (self, TRUE);
  show_step (self);
  gtk_widget_set_visible (GTK_WIDGET (self), TRUE);
}

static void
gb_tour_dispose (GObject *object)
{
  g_clear_pointer (&GB_TOUR (object)->box, gtk_widget_unparent);
  G_OBJECT_CLASS (gb_tour_parent_class)->dispose (object);
}

static void
gb_tour_class_init (GbTourClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_tour_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
gb_tour_init (GbTour *self)
{
  self->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  gtk_widget_add_css_class (self->box, "notice");
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  self->count = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->count, "muted");
  gtk_widget_add_css_class (self->count, "numeric");
  self->sentence = g_object_new (GTK_TYPE_LABEL, "xalign", 0.0, "wrap", TRUE, "hexpand", TRUE, NULL);
  GtkWidget *skip = gtk_button_new ();
  gb_i18n_bind (skip, "label", N_ ("Skip the tour"));
  gtk_widget_add_css_class (skip, "flat");
  self->next = gtk_button_new ();
  gtk_widget_add_css_class (self->next, "suggested-action");
  g_signal_connect_object (skip, "clicked", G_CALLBACK (end), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->next, "clicked", G_CALLBACK (go_on), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (gb_i18n_get_default (), "changed", G_CALLBACK (show_step), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (self->box), self->count);
  gtk_box_append (GTK_BOX (self->box), self->sentence);
  gtk_box_append (GTK_BOX (self->box), skip);
  gtk_box_append (GTK_BOX (self->box), self->next);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

GtkWidget *
gb_tour_new (GtkWidget *const targets[GB_TOUR_N_STEPS])
{
  GbTour *self = g_object_new (GB_TYPE_TOUR, NULL);
  for (guint i = 0; i < GB_TOUR_N_STEPS; i++)
    self->targets[i] = targets[i];
  show_step (self);
  return GTK_WIDGET (self);
}
