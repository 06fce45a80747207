#include "board/upright.h"

#define LEAST 200 /* px of a child that is taller: it scrolls where there is no room */
#define VERY_WIDE (1 << 20)

struct _GbUpright
{
  GtkWidget parent_instance;

  GtkWidget *child, *scrolled;
};

G_DEFINE_FINAL_TYPE (GbUpright, gb_upright, GTK_TYPE_WIDGET)

static GtkSizeRequestMode
gb_upright_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
gb_upright_measure (GtkWidget *widget,
                    GtkOrientation orientation,
                    int for_size,
                    int *minimum,
                    int *natural,
                    int *minimum_baseline,
                    int *natural_baseline)
{
  GbUpright *self = GB_UPRIGHT (widget);
  /* Unasked for a width, a box may say less than any width gives it: what the widest needs is the least there is. */
  int size = orientation == GTK_ORIENTATION_HORIZONTAL ? -1 : for_size < 0 ? VERY_WIDE : for_size;
  /* Who is not asked for a size does not pass on that a child has changed its own: what lies between is asked too. */
  gtk_widget_measure (self->scrolled, GTK_ORIENTATION_HORIZONTAL, -1, NULL, NULL, NULL, NULL);
  gtk_widget_measure (self->child, orientation, size, minimum, natural, NULL, NULL);
  if (orientation == GTK_ORIENTATION_VERTICAL)
    {
      *natural = *minimum;
      *minimum = MIN (*minimum, LEAST);
    }
}

static void
gb_upright_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  gtk_widget_allocate (GB_UPRIGHT (widget)->scrolled, width, height, baseline, NULL);
}

static void
gb_upright_dispose (GObject *object)
{
  g_clear_pointer (&GB_UPRIGHT (object)->scrolled, gtk_widget_unparent);
  G_OBJECT_CLASS (gb_upright_parent_class)->dispose (object);
}

static void
gb_upright_class_init (GbUprightClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_upright_dispose;
  GTK_WIDGET_CLASS (klass)->get_request_mode = gb_upright_get_request_mode;
  GTK_WIDGET_CLASS (klass)->measure = gb_upright_measure;
  GTK_WIDGET_CLASS (klass)->size_allocate = gb_upright_size_allocate;
}

static void
gb_upright_init (GbUpright *self)
{
}

GtkWidget *
gb_upright_new (GtkWidget *child)
{
  GbUpright *self = g_object_new (GB_TYPE_UPRIGHT, NULL);
  self->child = child;
  self->scrolled = g_object_new (GTK_TYPE_SCROLLED_WINDOW, "hscrollbar-policy", GTK_POLICY_NEVER, "child", child, NULL);
  gtk_widget_set_parent (self->scrolled, GTK_WIDGET (self));
  return GTK_WIDGET (self);
}
