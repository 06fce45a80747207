#include "error/error-picture.h"

#include <math.h>

#include "common/i18n.h"
#include "common/theme.h"
#include "error/error-draw.h"

#define GB_TYPE_ERROR_PICTURE (gb_error_picture_get_type ())
G_DECLARE_FINAL_TYPE (GbErrorPicture, gb_error_picture, GB, ERROR_PICTURE, GtkWidget)

struct _GbErrorPicture
{
  GtkWidget parent_instance;
  const GbLesson *lesson;
  GbTrace *trace;
  PangoContext *pango;
  GbTextCache *text;
};

G_DEFINE_FINAL_TYPE (GbErrorPicture, gb_error_picture, GTK_TYPE_WIDGET)

static double
get_scale (void)
{
  return gb_theme_manager_get_scale (gb_theme_manager_get_default ());
}

static void
get_context (GbErrorPicture *self, double width, GbDrawContext *ctx)
{
  *ctx = (GbDrawContext){ .theme = gb_theme_manager_get_theme (gb_theme_manager_get_default ()),
                          .language = gb_i18n_get_language (),
                          .scale = get_scale (),
                          .width = width,
                          .pango = self->pango,
                          .text = self->text,
                          .t = 1 };
}

static GbErrorLayout *
lay_out (GbErrorPicture *self, int width_px, GbDrawContext *ctx)
{
  get_context (self, width_px / get_scale (), ctx);
  return gb_error_layout_new (self->lesson, self->trace, NULL, ctx, ctx->width, GB_ERROR_PARTS_PICTURE);
}

static void
gb_error_picture_measure (GtkWidget *widget,
                          GtkOrientation orientation,
                          int for_size,
                          int *minimum,
                          int *natural,
                          int *minimum_baseline,
                          int *natural_baseline)
{
  GbErrorPicture *self = GB_ERROR_PICTURE (widget);
  GbDrawContext ctx;

  *natural = (int) (240 * get_scale ());
  *minimum = (int) (180 * get_scale ()); /* beside views in large letters there is no more */
  if (orientation == GTK_ORIENTATION_HORIZONTAL || self->lesson == NULL)
    return;
  g_autoptr (GbErrorLayout) layout = lay_out (self, for_size > 0 ? for_size : *natural, &ctx);
  *minimum = *natural = (int) ceil (layout->height * get_scale ());
}

static void
gb_error_picture_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GbErrorPicture *self = GB_ERROR_PICTURE (widget);
  GbDrawContext ctx;
  g_autoptr (GbErrorLayout) layout = lay_out (self, gtk_widget_get_width (widget), &ctx);

  ctx.height = layout->height;
  gtk_snapshot_save (snapshot);
  gtk_snapshot_scale (snapshot, (float) get_scale (), (float) get_scale ());
  gb_error_draw (layout, &ctx, snapshot);
  gtk_snapshot_restore (snapshot);
}

static GtkSizeRequestMode
gb_error_picture_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
gb_error_picture_dispose (GObject *object)
{
  GbErrorPicture *self = GB_ERROR_PICTURE (object);
  g_clear_pointer (&self->text, gb_text_cache_free);
  g_clear_object (&self->pango);
  g_clear_object (&self->trace);
  G_OBJECT_CLASS (gb_error_picture_parent_class)->dispose (object);
}

static void
gb_error_picture_class_init (GbErrorPictureClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gb_error_picture_dispose;
  widget_class->measure = gb_error_picture_measure;
  widget_class->snapshot = gb_error_picture_snapshot;
  widget_class->get_request_mode = gb_error_picture_get_request_mode;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
on_look_changed (GbErrorPicture *self)
{
  gb_text_cache_clear (self->text);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static void
update_words (GbErrorPicture *self)
{
  g_autofree char *words = gb_error_describe (self->lesson, self->trace);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
  on_look_changed (self);
}

static void
gb_error_picture_init (GbErrorPicture *self)
{
  self->pango = gb_draw_create_pango_context (gb_i18n_get_language ());
  self->text = gb_text_cache_new (self->pango);
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
}

GtkWidget *
gb_error_picture_new (const GbLesson *lesson, GbTrace *trace)
{
  GbErrorPicture *self = g_object_new (GB_TYPE_ERROR_PICTURE, NULL);

  self->lesson = lesson;
  self->trace = g_object_ref (trace);
  g_signal_connect_object (gb_theme_manager_get_default (), "changed", G_CALLBACK (on_look_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (gb_i18n_get_default (), "changed", G_CALLBACK (update_words), self,
                           G_CONNECT_SWAPPED);
  update_words (self);
  return GTK_WIDGET (self);
}
