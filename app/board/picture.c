#include "board/picture.h"

#include "common/i18n.h"
#include "common/paper.h"
#include "common/svg.h"

#include <string.h>

#define PNG_SCALE 2

/* ---- making ---- */
static GbPicture *
picture_new (const char *name)
{
  GbPicture *self = g_rc_box_new0 (GbPicture);
  self->name = g_strdup (name);
  return self;
}

GbPicture *
gb_picture_new_shown (GbView *view, const GbTheme *theme)
{
  GbPicture *self = picture_new (gb_view_get_def (view)->id);
  self->node = gb_view_render_shown (view, theme, &self->width, &self->height);
  return self;
}

GbPicture *
gb_picture_new_whole (GbView *view)
{
  GbPicture *self = picture_new (gb_view_get_def (view)->id);
  GbExportOptions options = { .theme = gb_theme_manager_get_theme (gb_theme_manager_get_default ())->id,
                              .scale = 1,
                              .frame = TRUE,
                              .options = GB_DRAW_STATIC };
  self->node = gb_view_render (gb_view_get_def (view), gb_view_get_cursor (view),
                               gb_view_get_selection (view), &options, &self->width, &self->height);
  return self;
}

/* ---- a widget, after the frame that is due ---- */
typedef struct
{
  GtkWidget *widget;
  char *name;
  GbPictureTaken taken;
  gpointer object;
} Taking;

static void
taking_free (gpointer data, GClosure *closure)
{
  Taking *taking = data;
  g_object_unref (taking->widget);
  g_object_unref (taking->object);
  g_free (taking->name);
  g_free (taking);
}

static GbPicture *
picture_of_widget (GtkWidget *widget, const char *name)
{
  GbPicture *self = picture_new (name);
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (widget);
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  const GbTheme *theme = gb_theme_manager_get_theme (gb_theme_manager_get_default ());
  self->width = gtk_widget_get_width (widget);
  self->height = gtk_widget_get_height (widget);
  gb_draw_fill (snapshot, gb_theme_role (theme, GB_ROLE_WINDOW), 0, 0, self->width, self->height);
  gdk_paintable_snapshot (paintable, snapshot, self->width, self->height);
  self->node = gtk_snapshot_free_to_node (snapshot);
  return self;
}

static void
on_painted (GdkFrameClock *clock, gpointer data)
{
  Taking *taking = data;
  g_autoptr (GbPicture) picture = picture_of_widget (taking->widget, taking->name);
  taking->taken (picture, taking->object);
  g_signal_handlers_disconnect_by_data (clock, taking);
}

void
gb_picture_take (GtkWidget *widget, const char *name, GbPictureTaken taken, gpointer object)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (widget);
  Taking *taking = g_new (Taking, 1);
  *taking = (Taking){ g_object_ref (widget), g_strdup (name), taken, g_object_ref (object) };
  g_signal_connect_data (clock, "after-paint", G_CALLBACK (on_painted), taking, taking_free, 0);
  gtk_widget_queue_draw (widget);
}

static void
picture_clear (gpointer data)
{
  GbPicture *self = data;
  g_clear_pointer (&self->node, gsk_render_node_unref);
  g_free (self->name);
}

GbPicture *
gb_picture_ref (GbPicture *self)
{
  return g_rc_box_acquire (self);
}

void
gb_picture_unref (GbPicture *self)
{
  g_rc_box_release_full (self, picture_clear);
}

/* ---- files ---- */
gboolean
gb_picture_save (GbPicture *self, const char *path, GError **error)
{
  if (!g_str_has_suffix (path, ".png") || !self->node)
    return gb_export_node (self->node, self->width, self->height, path, error);
  GskTransform *scale = gsk_transform_scale (NULL, PNG_SCALE, PNG_SCALE);
  GskRenderNode *scaled = gsk_transform_node_new (self->node, scale);
  gboolean ok = gb_export_node (scaled, self->width * PNG_SCALE, self->height * PNG_SCALE, path, error);
  gsk_render_node_unref (scaled);
  gsk_transform_unref (scale);
  return ok;
}

static GdkTexture *
to_texture (GbPicture *self)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, (int) self->width * PNG_SCALE,
                                                         (int) self->height * PNG_SCALE);
  cairo_t *cr = cairo_create (surface);
  cairo_scale (cr, PNG_SCALE, PNG_SCALE);
  if (self->node)
    gsk_render_node_draw (self->node, cr);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  gsize stride = (gsize) cairo_image_surface_get_stride (surface);
  int width = cairo_image_surface_get_width (surface), height = cairo_image_surface_get_height (surface);
  g_autoptr (GBytes) bytes = g_bytes_new (cairo_image_surface_get_data (surface), stride * (gsize) height);
  GdkTexture *texture = gdk_memory_texture_new (width, height, GDK_MEMORY_DEFAULT, bytes, stride);
  cairo_surface_destroy (surface);
  return texture;
}

void
gb_picture_copy (GbPicture *self, GdkClipboard *clipboard)
{
  char *svg = gb_svg_new (self->node, self->width, self->height);
  g_autoptr (GBytes) bytes = g_bytes_new_take (svg, strlen (svg));
  g_autoptr (GdkTexture) texture = to_texture (self);
  GdkContentProvider *both[2] = { gdk_content_provider_new_typed (GDK_TYPE_TEXTURE, texture),
                                  gdk_content_provider_new_for_bytes ("image/svg+xml", bytes) };
  g_autoptr (GdkContentProvider) all = gdk_content_provider_new_union (both, 2);
  gdk_clipboard_set_content (clipboard, all);
}

/* ---- asking ---- */
typedef struct
{
  GbPicture *picture;
  GbPictureSaid said;
  GWeakRef object;
} Asked;

static Asked *
asked_new (GbPicture *picture, GbPictureSaid said, gpointer object)
{
  Asked *asked = g_new0 (Asked, 1);
  asked->picture = gb_picture_ref (picture);
  asked->said = said;
  g_weak_ref_init (&asked->object, object);
  return asked;
}

static void
asked_free (gpointer data, GClosure *closure)
{
  Asked *asked = data;
  gb_picture_unref (asked->picture);
  g_weak_ref_clear (&asked->object);
  g_free (asked);
}

/* path NULL: printed */
static void
tell (Asked *asked, const char *path, const GError *error)
{
  g_autoptr (GObject) object = g_weak_ref_get (&asked->object);
  g_autofree char *sentence = error  ? g_strdup_printf (_ ("Not saved: %s"), error->message)
                              : path ? g_strdup_printf (_ ("Saved to %s"), path)
                                     : g_strdup (_ ("Sent to the printer."));
  if (object)
    asked->said (sentence, object);
}

static void
on_chosen (GtkNativeDialog *dialog, int response, gpointer data)
{
  Asked *asked = data;
  g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  g_autofree char *path = file ? g_file_get_path (file) : NULL;
  g_autoptr (GError) error = NULL;
  if (response == GTK_RESPONSE_ACCEPT && path)
    {
      gb_picture_save (asked->picture, path, &error);
      tell (asked, path, error);
    }
  g_object_unref (dialog);
}

void
gb_picture_ask_and_save (GbPicture *self, GtkWindow *parent, GbPictureSaid said, gpointer object)
{
  static const char *const kinds[] = { "png", "svg", "pdf" };
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new (
      _ ("Save the picture"), parent, GTK_FILE_CHOOSER_ACTION_SAVE, _ ("Save"), _ ("Cancel"));
  g_autofree char *name = g_strdup_printf ("%s.png", self->name);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (chooser), name);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();
      g_autofree char *upper = g_ascii_strup (kinds[i], -1);
      gtk_file_filter_set_name (filter, upper);
      gtk_file_filter_add_suffix (filter, kinds[i]);
      gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (chooser), filter);
    }
  g_signal_connect_data (chooser, "response", G_CALLBACK (on_chosen), asked_new (self, said, object),
                         asked_free, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

/* ---- paper ---- */
static void
on_draw_page (GtkPrintOperation *operation, GtkPrintContext *context, int page, gpointer data)
{
  GbPicture *self = data;
  cairo_t *cr = gtk_print_context_get_cairo_context (context);
  double width = gtk_print_context_get_width (context), height = gtk_print_context_get_height (context);
  double scale = MIN (width / self->width, height / self->height);
  if (!self->node)
    return;
  cairo_translate (cr, (width - self->width * scale) / 2, 0);
  cairo_scale (cr, scale, scale);
  gb_paper_draw (self->node, cr);
}

static GtkPrintOperation *
new_operation (GbPicture *self)
{
  GtkPrintOperation *operation = gtk_print_operation_new ();
  g_autoptr (GtkPageSetup) setup = gtk_page_setup_new ();
  g_autoptr (GtkPrintSettings) settings = gtk_print_settings_new ();
  gtk_print_settings_set (settings, GTK_PRINT_SETTINGS_OUTPUT_BASENAME, self->name);
  gtk_page_setup_set_orientation (setup, self->width > self->height ? GTK_PAGE_ORIENTATION_LANDSCAPE
                                                                    : GTK_PAGE_ORIENTATION_PORTRAIT);
  gtk_print_operation_set_default_page_setup (operation, setup);
  gtk_print_operation_set_print_settings (operation, settings);
  gtk_print_operation_set_n_pages (operation, 1);
  gtk_print_operation_set_job_name (operation, self->name);
  g_signal_connect_data (operation, "draw-page", G_CALLBACK (on_draw_page), gb_picture_ref (self),
                         (GClosureNotify) (void (*) (void)) gb_picture_unref, 0);
  return operation;
}

static void
on_printed (GtkPrintOperation *operation, GtkPrintOperationResult result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  if (result == GTK_PRINT_OPERATION_RESULT_ERROR)
    gtk_print_operation_get_error (operation, &error);
  if (result == GTK_PRINT_OPERATION_RESULT_ERROR || result == GTK_PRINT_OPERATION_RESULT_APPLY)
    tell (data, NULL, error);
}

void
gb_picture_print (GbPicture *self, GtkWindow *parent, GbPictureSaid said, gpointer object)
{
  g_autoptr (GtkPrintOperation) operation = new_operation (self);
  g_signal_connect_data (operation, "done", G_CALLBACK (on_printed), asked_new (self, said, object),
                         asked_free, 0);
  gtk_print_operation_set_allow_async (operation, TRUE);
  gtk_print_operation_run (operation, GTK_PRINT_OPERATION_ACTION_PRINT_DIALOG, parent, NULL);
}

gboolean
gb_picture_print_to_file (GbPicture *self, const char *path, GError **error)
{
  g_autoptr (GtkPrintOperation) operation = new_operation (self);
  gtk_print_operation_set_export_filename (operation, path);
  return gtk_print_operation_run (operation, GTK_PRINT_OPERATION_ACTION_EXPORT, NULL, error)
         != GTK_PRINT_OPERATION_RESULT_ERROR;
}
