#include "lab/example-picture.h"

#include <math.h>

#include "checker/verdict.h"
#include "common/i18n.h"
#include "labels.h"
#include "lab/example-draw.h"

#define GB_TYPE_EXAMPLE_PICTURE (gb_example_picture_get_type ())
G_DECLARE_FINAL_TYPE (GbExamplePicture, gb_example_picture, GB, EXAMPLE_PICTURE, GtkWidget)

struct _GbExamplePicture
{
  GtkWidget parent_instance;
  GbJson *facts;
  PangoContext *pango;
  GbTextCache *text;
};

G_DEFINE_FINAL_TYPE (GbExamplePicture, gb_example_picture, GTK_TYPE_WIDGET)

static double
get_scale (void)
{
  return gb_theme_manager_get_scale (gb_theme_manager_get_default ());
}

static void
get_context (GbExamplePicture *self, int width_px, GbDrawContext *ctx)
{
  *ctx = (GbDrawContext){ .theme = gb_theme_manager_get_theme (gb_theme_manager_get_default ()),
                          .language = gb_i18n_get_language (),
                          .scale = get_scale (),
                          .width = width_px / get_scale (),
                          .pango = self->pango,
                          .text = self->text,
                          .t = 1 };
}

static void
gb_example_picture_measure (GtkWidget *widget,
                            GtkOrientation orientation,
                            int for_size,
                            int *minimum,
                            int *natural,
                            int *minimum_baseline,
                            int *natural_baseline)
{
  GbExamplePicture *self = GB_EXAMPLE_PICTURE (widget);
  GbDrawContext ctx;
  *minimum = *natural = (int) (120 * get_scale ());
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    return;
  get_context (self, for_size > 0 ? for_size : *natural, &ctx);
  *minimum = *natural = (int) ceil (gb_example_draw (self->facts, &ctx, NULL) * get_scale ());
}

static void
gb_example_picture_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GbExamplePicture *self = GB_EXAMPLE_PICTURE (widget);
  GbDrawContext ctx;
  get_context (self, gtk_widget_get_width (widget), &ctx);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_scale (snapshot, (float) get_scale (), (float) get_scale ());
  gb_example_draw (self->facts, &ctx, snapshot);
  gtk_snapshot_restore (snapshot);
}

static GtkSizeRequestMode
gb_example_picture_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
gb_example_picture_dispose (GObject *object)
{
  GbExamplePicture *self = GB_EXAMPLE_PICTURE (object);
  g_clear_pointer (&self->text, gb_text_cache_free);
  g_clear_object (&self->pango);
  g_clear_pointer (&self->facts, json_object_put);
  G_OBJECT_CLASS (gb_example_picture_parent_class)->dispose (object);
}

static void
gb_example_picture_class_init (GbExamplePictureClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = gb_example_picture_dispose;
  widget_class->measure = gb_example_picture_measure;
  widget_class->snapshot = gb_example_picture_snapshot;
  widget_class->get_request_mode = gb_example_picture_get_request_mode;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

/* The same in words, for who does not see it. */
static void
update_words (GbExamplePicture *self)
{
  GbJson *expected = gb_json_get (self->facts, "expected", json_type_object),
         *got = gb_json_get (self->facts, "got", json_type_object);
  g_autofree char *a = gb_verdict_describe (expected), *b = gb_verdict_describe (got);
  g_autofree char *words = g_strdup_printf (_ ("expected %s, got %s"), a, b);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
  gb_text_cache_clear (self->text);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static void
gb_example_picture_init (GbExamplePicture *self)
{
  self->pango = gb_draw_create_pango_context (gb_i18n_get_language ());
  self->text = gb_text_cache_new (self->pango);
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
}

GtkWidget *
gb_example_picture_new (GbJson *facts)
{
  GbExamplePicture *self = g_object_new (GB_TYPE_EXAMPLE_PICTURE, NULL);
  self->facts = json_object_get (facts);
  g_signal_connect_object (gb_theme_manager_get_default (), "changed", G_CALLBACK (update_words), self,
                           G_CONNECT_SWAPPED);
  gb_label_on_language (self, G_CALLBACK (update_words));
  return GTK_WIDGET (self);
}
