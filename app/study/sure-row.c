#include "study/sure-row.h"

#include "common/i18n.h"
#include "labels.h"
#include "study/progress.h"

struct _GbSureRow
{
  GtkWidget parent_instance;

  GtkWidget *box, *buttons[GB_N_CONFIDENCES];
};

G_DEFINE_FINAL_TYPE (GbSureRow, gb_sure_row, GTK_TYPE_WIDGET)

int
gb_sure_row_get (GbSureRow *self)
{
  for (guint i = 0; i < GB_N_CONFIDENCES; i++)
    if (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->buttons[i])))
      return gb_confidences[i];
  return 0;
}

void
gb_sure_row_clear (GbSureRow *self)
{
  for (guint i = 0; i < GB_N_CONFIDENCES; i++)
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->buttons[i]), FALSE);
}

static void
update_names (GbSureRow *self)
{
  for (guint i = 0; i < GB_N_CONFIDENCES; i++)
    {
      g_autofree char *name = g_strdup_printf (_ ("%d %% sure"), gb_confidences[i]);
      gtk_accessible_update_property (GTK_ACCESSIBLE (self->buttons[i]), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                      -1);
      gtk_widget_set_tooltip_text (self->buttons[i], name);
    }
}

static void
gb_sure_row_dispose (GObject *object)
{
  g_clear_pointer (&GB_SURE_ROW (object)->box, gtk_widget_unparent);
  G_OBJECT_CLASS (gb_sure_row_parent_class)->dispose (object);
}

static void
gb_sure_row_class_init (GbSureRowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_sure_row_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
gb_sure_row_init (GbSureRow *self)
{
  self->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  gtk_widget_add_css_class (self->box, "sure");
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  GtkWidget *label = gtk_label_new (NULL);
  gb_i18n_bind (label, "label", N_ ("How sure are you?"));
  gtk_widget_add_css_class (label, "muted");
  gtk_box_append (GTK_BOX (self->box), label);
  for (guint i = 0; i < GB_N_CONFIDENCES; i++)
    {
      g_autofree char *text = g_strdup_printf ("%d %%", gb_confidences[i]);
      self->buttons[i] = gtk_toggle_button_new_with_label (text);
      gtk_widget_add_css_class (self->buttons[i], "numeric");
      if (i)
        gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (self->buttons[i]),
                                     GTK_TOGGLE_BUTTON (self->buttons[0]));
      gtk_box_append (GTK_BOX (self->box), self->buttons[i]);
    }
  gb_label_on_language (self, G_CALLBACK (update_names));
}

GtkWidget *
gb_sure_row_new (void)
{
  return g_object_new (GB_TYPE_SURE_ROW, NULL);
}
