#include "class/board-watch.h"

#include "common/theme.h"

struct _GbBoardWatch
{
  GObject parent_instance;

  GtkWidget *widget; /* weak */
  GdkFrameClock *clock; /* while it is mapped */
  GskRenderNode *node;
  double width, height;
  gint64 taken_usec;
  guint interval_msec, timeout;
};

static void paintable_init (GdkPaintableInterface *interface);
G_DEFINE_FINAL_TYPE_WITH_CODE (GbBoardWatch, gb_board_watch, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (GDK_TYPE_PAINTABLE, paintable_init))

/* ---- taking ---- */

/* After a frame, when all that it shows has its place. */
static void
take (GbBoardWatch *self)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (self->widget);
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  double width = gtk_widget_get_width (self->widget), height = gtk_widget_get_height (self->widget);
  gboolean is_other_size = width != self->width || height != self->height;
  gdk_paintable_snapshot (paintable, snapshot, width, height);
  g_autoptr (GskRenderNode) drawn = gtk_snapshot_free_to_node (snapshot);
  if (!drawn)
    return;
  const GbTheme *theme = gb_theme_manager_get_theme (gb_theme_manager_get_default ());
  g_autoptr (GskRenderNode) ground =
      gsk_color_node_new (gb_theme_role (theme, GB_ROLE_WINDOW), &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  GskRenderNode *both[] = { ground, drawn };
  g_clear_pointer (&self->node, gsk_render_node_unref);
  self->node = gsk_container_node_new (both, 2);
  self->width = width;
  self->height = height;
  self->taken_usec = g_get_monotonic_time ();
  if (is_other_size)
    gdk_paintable_invalidate_size (GDK_PAINTABLE (self));
  gdk_paintable_invalidate_contents (GDK_PAINTABLE (self));
  g_signal_emit_by_name (self, "taken");
}

static gboolean
on_due (gpointer data)
{
  GbBoardWatch *self = data;
  self->timeout = 0;
  /* Between frames a widget may be without its place. */
  if (self->clock)
    gdk_frame_clock_request_phase (self->clock, GDK_FRAME_CLOCK_PHASE_AFTER_PAINT);
  return G_SOURCE_REMOVE;
}

static void
on_painted (GdkFrameClock *clock, GbBoardWatch *self)
{
  gint64 due = self->taken_usec + 1000 * (gint64) self->interval_msec - g_get_monotonic_time ();
  if (due <= 0)
    {
      g_clear_handle_id (&self->timeout, g_source_remove);
      take (self);
    }
  else if (!self->timeout)
    self->timeout = g_timeout_add ((guint) (due / 1000) + 1, on_due, self);
}

static void
release (GbBoardWatch *self)
{
  g_clear_handle_id (&self->timeout, g_source_remove);
  if (self->clock)
    g_signal_handlers_disconnect_by_data (self->clock, self);
  g_clear_object (&self->clock);
}

static void
on_map (GbBoardWatch *self)
{
  release (self);
  self->clock = g_object_ref (gtk_widget_get_frame_clock (self->widget));
  g_signal_connect (self->clock, "after-paint", G_CALLBACK (on_painted), self);
}

/* ---- a paintable ---- */

static void
snapshot (GdkPaintable *paintable, GdkSnapshot *to, double width, double height)
{
  GbBoardWatch *self = GB_BOARD_WATCH (paintable);
  if (!self->node || self->width <= 0)
    return;
  gtk_snapshot_save (to);
  gtk_snapshot_scale (to, (float) (width / self->width), (float) (height / self->height));
  gtk_snapshot_append_node (to, self->node);
  gtk_snapshot_restore (to);
}

static int
get_width (GdkPaintable *paintable)
{
  return (int) GB_BOARD_WATCH (paintable)->width;
}

static int
get_height (GdkPaintable *paintable)
{
  return (int) GB_BOARD_WATCH (paintable)->height;
}

static void
paintable_init (GdkPaintableInterface *interface)
{
  interface->snapshot = snapshot;
  interface->get_intrinsic_width = get_width;
  interface->get_intrinsic_height = get_height;
}

/* ---- the object ---- */

static void
gb_board_watch_dispose (GObject *object)
{
  GbBoardWatch *self = GB_BOARD_WATCH (object);
  release (self);
  g_clear_pointer (&self->node, gsk_render_node_unref);
  g_clear_weak_pointer (&self->widget);
  G_OBJECT_CLASS (gb_board_watch_parent_class)->dispose (object);
}

static void
gb_board_watch_class_init (GbBoardWatchClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_board_watch_dispose;
  g_signal_new ("taken", GB_TYPE_BOARD_WATCH, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
gb_board_watch_init (GbBoardWatch *self)
{
}

GbBoardWatch *
gb_board_watch_new (GtkWidget *widget, guint interval_msec)
{
  GbBoardWatch *self = g_object_new (GB_TYPE_BOARD_WATCH, NULL);
  self->interval_msec = interval_msec;
  g_set_weak_pointer (&self->widget, widget);
  g_signal_connect_object (widget, "map", G_CALLBACK (on_map), self, G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_signal_connect_object (widget, "unmap", G_CALLBACK (release), self, G_CONNECT_SWAPPED);
  if (gtk_widget_get_mapped (widget))
    {
      on_map (self);
      gdk_frame_clock_request_phase (self->clock, GDK_FRAME_CLOCK_PHASE_AFTER_PAINT);
    }
  return self;
}

GskRenderNode *
gb_board_watch_get_node (GbBoardWatch *self, double *width, double *height)
{
  *width = self->width;
  *height = self->height;
  return self->node;
}
