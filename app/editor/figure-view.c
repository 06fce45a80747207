#include "editor/figure-view.h"

#include "common/i18n.h"
#include "labels.h"

#define SMALL_WIDTH_PX 380 /* in the console; never larger than the picture itself */

struct _GbFigureView
{
  GtkWidget parent_instance;

  GtkWidget *box, *picture, *caption;
  GdkTexture *texture;
  GBytes *png;
  guint number;
};

G_DEFINE_FINAL_TYPE (GbFigureView, gb_figure_view, GTK_TYPE_WIDGET)

static char *
title_of (GbFigureView *self)
{
  return self->number ? g_strdup_printf (_ ("Figure %u"), self->number) : g_strdup (_ ("Figure"));
}

/* ---- large ---- */

static gboolean
close_window (GtkWidget *window, GVariant *args, gpointer data)
{
  gtk_window_close (GTK_WINDOW (window));
  return TRUE;
}

static void
open_large (GbFigureView *self)
{
  g_autofree char *title = title_of (self);
  GtkWidget *window = gtk_window_new (), *scroller = gtk_scrolled_window_new ();
  GtkWidget *picture = gtk_picture_new_for_paintable (GDK_PAINTABLE (self->texture));
  gtk_picture_set_alternative_text (GTK_PICTURE (picture), title);
  gtk_picture_set_can_shrink (GTK_PICTURE (picture), TRUE);
  gtk_widget_set_size_request (picture, MIN (gdk_texture_get_width (self->texture), 400), -1);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), picture);
  gtk_window_set_child (GTK_WINDOW (window), scroller);
  gtk_window_set_title (GTK_WINDOW (window), title);
  gtk_window_set_default_size (GTK_WINDOW (window), CLAMP (gdk_texture_get_width (self->texture) + 24, 500, 1400),
                               CLAMP (gdk_texture_get_height (self->texture) + 70, 400, 1000));
  gtk_window_set_transient_for (GTK_WINDOW (window), GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))));
  gtk_window_set_destroy_with_parent (GTK_WINDOW (window), TRUE);
  GtkEventController *keys = gtk_shortcut_controller_new ();
  gtk_shortcut_controller_add_shortcut (
      GTK_SHORTCUT_CONTROLLER (keys),
      gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_Escape, 0), gtk_callback_action_new (close_window, NULL, NULL)));
  gtk_widget_add_controller (window, keys);
  gtk_window_present (GTK_WINDOW (window));
}

/* ---- copy and save ---- */

static void
copy (GbFigureView *self)
{
  gdk_clipboard_set_texture (gtk_widget_get_clipboard (GTK_WIDGET (self)), self->texture);
}

/* What cannot be written is said where the picture's name stands. */
static void
on_saved (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GbFigureView) self = data;
  g_autoptr (GError) error = NULL;
  if (g_file_replace_contents_finish (G_FILE (source), result, NULL, &error))
    return;
  g_autofree char *text = g_strdup_printf (_ ("Not saved: %s"), error->message);
  gtk_label_set_label (GTK_LABEL (self->caption), text);
}

static void
on_place_chosen (GbFigureView *self, int response, GtkFileChooserNative *chooser)
{
  g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));
  if (response == GTK_RESPONSE_ACCEPT && file)
    g_file_replace_contents_bytes_async (file, self->png, NULL, FALSE, G_FILE_CREATE_NONE, NULL, on_saved,
                                         g_object_ref (self));
  g_object_unref (chooser);
}

static void
save (GbFigureView *self)
{
  GtkFileChooserNative *chooser =
      gtk_file_chooser_native_new (_ ("Save the figure"), GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
                                   GTK_FILE_CHOOSER_ACTION_SAVE, _ ("Save"), _ ("Cancel"));
  g_autofree char *name = g_strdup_printf ("figure-%u.png", MAX (self->number, 1));
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (chooser), name);
  g_signal_connect_object (chooser, "response", G_CALLBACK (on_place_chosen), self, G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

/* ---- the picture ---- */

static void
update_caption (GbFigureView *self)
{
  g_autofree char *title = title_of (self);
  g_autofree char *text = g_strdup_printf ("%s · %d × %d", title, gdk_texture_get_width (self->texture),
                                           gdk_texture_get_height (self->texture));
  gtk_label_set_label (GTK_LABEL (self->caption), text);
  gtk_picture_set_alternative_text (GTK_PICTURE (self->picture), text);
}

static gboolean
set_figure (GbFigureView *self, const GbFigure *figure)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkTexture) texture = gdk_texture_new_from_bytes (figure->png, &error);
  if (!texture)
    return FALSE;
  int width = gdk_texture_get_width (texture), height = gdk_texture_get_height (texture);
  int small = MIN (width, SMALL_WIDTH_PX);
  g_set_object (&self->texture, texture);
  g_clear_pointer (&self->png, g_bytes_unref);
  self->png = g_bytes_ref (figure->png);
  self->number = figure->number;
  gtk_picture_set_paintable (GTK_PICTURE (self->picture), GDK_PAINTABLE (texture));
  gtk_widget_set_size_request (self->picture, small, (int) ((gint64) height * small / width));
  update_caption (self);
  return TRUE;
}

gboolean
gb_figure_view_update (GbFigureView *self, const GbFigure *figure)
{
  return figure->number && figure->number == self->number && set_figure (self, figure);
}

static void
on_language (GbFigureView *self)
{
  if (self->texture)
    update_caption (self);
}

static void
gb_figure_view_dispose (GObject *object)
{
  GbFigureView *self = GB_FIGURE_VIEW (object);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->texture);
  g_clear_pointer (&self->png, g_bytes_unref);
  G_OBJECT_CLASS (gb_figure_view_parent_class)->dispose (object);
}

static void
gb_figure_view_class_init (GbFigureViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_figure_view_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
add_button (GbFigureView *self, GtkWidget *row, const char *icon, const char *msgid, GCallback callback)
{
  GtkWidget *button = gb_label_button (icon, msgid, NULL);
  gtk_widget_add_css_class (button, "flat");
  g_signal_connect_object (button, "clicked", callback, self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (row), button);
}

static void
gb_figure_view_init (GbFigureView *self)
{
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  g_object_set (self->box, "margin-top", 6, "margin-bottom", 6, NULL);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  self->picture = gtk_picture_new ();
  gtk_widget_set_halign (self->picture, GTK_ALIGN_START);
  gtk_box_append (GTK_BOX (self->box), self->picture);
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  self->caption = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->caption, "muted");
  gtk_box_append (GTK_BOX (row), self->caption);
  add_button (self, row, "view-fullscreen-symbolic", N_ ("Open the figure large"), G_CALLBACK (open_large));
  add_button (self, row, "edit-copy-symbolic", N_ ("Copy the figure"), G_CALLBACK (copy));
  add_button (self, row, "document-save-symbolic", N_ ("Save the figure"), G_CALLBACK (save));
  gtk_box_append (GTK_BOX (self->box), row);
  gb_label_on_language (self, G_CALLBACK (on_language));
}

GtkWidget *
gb_figure_view_new (const GbFigure *figure)
{
  GbFigureView *self = g_object_ref_sink (g_object_new (GB_TYPE_FIGURE_VIEW, NULL));
  if (!set_figure (self, figure))
    {
      g_object_unref (self);
      return NULL;
    }
  g_object_force_floating (G_OBJECT (self));
  return GTK_WIDGET (self);
}
