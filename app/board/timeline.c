#include "board/timeline.h"

#include "board/timeline-draw.h"
#include "common/i18n.h"
#include "labels.h"

#include <math.h>
#include <string.h>

/* Reading an iteration's records again and again while it runs would cost more than the picture is worth. */
#define REFRESH_USEC 90000

struct _GbTimeline
{
  GtkWidget parent_instance;

  GbTraceCursor *cursor;
  GbTimelineModel *model;
  GbTextCache *text;
  PangoContext *pango;
  GArray *bookmarks, *snapshots; /* guint64 */
  char *headline, *detail;
  double hover_x;
  gboolean drags_run;
  gint64 refreshed_usec;
  guint refresh_timeout;
};

enum
{
  DESCRIBED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GbTimeline, gb_timeline, GTK_TYPE_WIDGET)

static void
refresh (GbTimeline *self)
{
  g_clear_handle_id (&self->refresh_timeout, g_source_remove);
  self->refreshed_usec = g_get_monotonic_time ();
  g_clear_pointer (&self->model, gb_timeline_model_free);
  self->model = gb_timeline_model_new (self->cursor);
  g_free (self->headline);
  g_free (self->detail);
  gb_timeline_model_describe (self->model, &self->headline, &self->detail);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, self->headline,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, self->detail, -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit (self, signals[DESCRIBED], 0);
}

static gboolean
on_refresh_timeout (gpointer data)
{
  GbTimeline *self = data;
  self->refresh_timeout = 0;
  refresh (self);
  return G_SOURCE_REMOVE;
}

static void
on_cursor_changed (GbTimeline *self, guint changes)
{
  gint64 since = g_get_monotonic_time () - self->refreshed_usec;
  if (changes == 0 || (changes & GB_TRACE_CHANGED_RESET) || since >= REFRESH_USEC)
    {
      if (changes & GB_TRACE_CHANGED_RESET)
        g_array_set_size (self->bookmarks, 0);
      refresh (self);
    }
  else if (!self->refresh_timeout)
    self->refresh_timeout = g_timeout_add ((REFRESH_USEC - since) / 1000 + 1, on_refresh_timeout, self);
}

const char *
gb_timeline_get_headline (GbTimeline *self)
{
  return self->headline;
}

const char *
gb_timeline_get_detail (GbTimeline *self)
{
  return self->detail;
}

void
gb_timeline_add_bookmark (GbTimeline *self, guint64 seq)
{
  g_array_append_val (self->bookmarks, seq);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
gb_timeline_set_snapshots (GbTimeline *self, GArray *iterations)
{
  g_array_ref (iterations);
  g_array_unref (self->snapshots);
  self->snapshots = iterations;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ---- input ---- */

static double
get_scale (void)
{
  return gb_theme_manager_get_scale (gb_theme_manager_get_default ());
}

static void
scrub (GbTimeline *self, double x)
{
  double scale = get_scale (), width = gtk_widget_get_width (GTK_WIDGET (self)) / scale;
  GbTrace *trace = gb_trace_cursor_get_trace (self->cursor);
  x /= scale;
  if (!self->model->last_seq)
    return;
  if (self->drags_run)
    {
      guint64 seq = gb_timeline_model_seq_at (self->model, trace, gb_timeline_run_fraction (width, x));
      if (seq >= self->model->last_seq)
        gb_trace_cursor_follow (self->cursor);
      else
        gb_trace_cursor_set_position (self->cursor, seq);
      return;
    }
  int nth = gb_timeline_tick_at (self->model, width, x);
  if (nth >= 0 && !g_array_index (self->model->ticks, GbTick, nth).is_ghost)
    gb_trace_cursor_set_position (self->cursor, g_array_index (self->model->ticks, GbTick, nth).seq);
}

static void
on_drag_begin (GtkGestureDrag *gesture, double x, double y, gpointer data)
{
  GbTimeline *self = data;
  gtk_widget_grab_focus (GTK_WIDGET (self));
  self->drags_run = y / get_scale () < GB_TIMELINE_ITERATION_Y - 6;
  scrub (self, x);
}

static void
on_drag_update (GtkGestureDrag *gesture, double dx, double dy, gpointer data)
{
  double x, y;
  gtk_gesture_drag_get_start_point (gesture, &x, &y);
  scrub (data, x + dx);
}

static void
on_motion (GtkEventControllerMotion *controller, double x, double y, gpointer data)
{
  GbTimeline *self = data;
  gboolean over_run = y / get_scale () < GB_TIMELINE_ITERATION_Y - 6;
  self->hover_x = over_run ? x / get_scale () : -1;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
on_leave (GtkEventControllerMotion *controller, gpointer data)
{
  GbTimeline *self = data;
  self->hover_x = -1;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
on_key (GtkEventControllerKey *controller, guint keyval, guint keycode, GdkModifierType state, gpointer data)
{
  GbTimeline *self = data;
  if (state & (GDK_CONTROL_MASK | GDK_ALT_MASK))
    return GDK_EVENT_PROPAGATE;
  switch (keyval)
    {
    case GDK_KEY_Home:
      gb_trace_cursor_set_position (self->cursor, self->model->first_seq);
      return GDK_EVENT_STOP;
    case GDK_KEY_End:
      gb_trace_cursor_follow (self->cursor);
      return GDK_EVENT_STOP;
    case GDK_KEY_Left:
      gtk_widget_activate_action (GTK_WIDGET (self), "win.back", "s", "op");
      return GDK_EVENT_STOP;
    case GDK_KEY_Right:
      gtk_widget_activate_action (GTK_WIDGET (self), "win.step", "s", "op");
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
}

/* ---- drawing ---- */

static void
gb_timeline_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GbTimeline *self = GB_TIMELINE (widget);
  double scale = get_scale ();
  GbDrawContext ctx = { .theme = gb_theme_manager_get_theme (gb_theme_manager_get_default ()),
                        .language = gb_i18n_get_language (),
                        .scale = scale,
                        .width = gtk_widget_get_width (widget) / scale,
                        .height = gtk_widget_get_height (widget) / scale,
                        .pango = self->pango,
                        .text = self->text,
                        .t = 1 };
  gtk_snapshot_save (snapshot);
  gtk_snapshot_scale (snapshot, scale, scale);
  const GbTimelineNotes notes = { self->bookmarks, self->snapshots, self->hover_x };
  gb_timeline_draw (self->model, &ctx, snapshot, &notes, gb_trace_cursor_get_trace (self->cursor));
  gtk_snapshot_restore (snapshot);
}

static void
gb_timeline_measure (GtkWidget *widget,
                     GtkOrientation orientation,
                     int for_size,
                     int *minimum,
                     int *natural,
                     int *minimum_baseline,
                     int *natural_baseline)
{
  int size = orientation == GTK_ORIENTATION_VERTICAL ? (int) ceil (GB_TIMELINE_HEIGHT * get_scale ()) : 160;
  *minimum = *natural = size;
}

static void
on_look_changed (GbTimeline *self)
{
  gtk_widget_queue_resize (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
on_language (GbTimeline *self)
{
  if (self->text)
    gb_text_cache_clear (self->text);
  if (self->model)
    refresh (self);
}

static void
gb_timeline_dispose (GObject *object)
{
  GbTimeline *self = GB_TIMELINE (object);
  g_clear_handle_id (&self->refresh_timeout, g_source_remove);
  g_clear_object (&self->cursor);
  g_clear_pointer (&self->text, gb_text_cache_free);
  g_clear_object (&self->pango);
  g_clear_pointer (&self->model, gb_timeline_model_free);
  g_clear_pointer (&self->bookmarks, g_array_unref);
  g_clear_pointer (&self->snapshots, g_array_unref);
  g_clear_pointer (&self->headline, g_free);
  g_clear_pointer (&self->detail, g_free);
  G_OBJECT_CLASS (gb_timeline_parent_class)->dispose (object);
}

static void
gb_timeline_class_init (GbTimelineClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_timeline_dispose;
  GTK_WIDGET_CLASS (klass)->snapshot = gb_timeline_snapshot;
  GTK_WIDGET_CLASS (klass)->measure = gb_timeline_measure;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_SLIDER);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "timeline");
  signals[DESCRIBED] =
      g_signal_new ("described", GB_TYPE_TIMELINE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
gb_timeline_init (GbTimeline *self)
{
  self->hover_x = -1;
  self->bookmarks = g_array_new (FALSE, FALSE, sizeof (guint64));
  self->snapshots = g_array_new (FALSE, FALSE, sizeof (guint64));
  self->pango = gb_draw_create_pango_context (gb_i18n_get_language ());
  self->text = gb_text_cache_new (self->pango);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);

  GtkGesture *drag = gtk_gesture_drag_new ();
  g_signal_connect (drag, "drag-begin", G_CALLBACK (on_drag_begin), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (on_drag_update), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
  GtkEventController *motion = gtk_event_controller_motion_new ();
  g_signal_connect (motion, "motion", G_CALLBACK (on_motion), self);
  g_signal_connect (motion, "leave", G_CALLBACK (on_leave), self);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  GtkEventController *key = gtk_event_controller_key_new ();
  g_signal_connect (key, "key-pressed", G_CALLBACK (on_key), self);
  gtk_widget_add_controller (GTK_WIDGET (self), key);

  g_signal_connect_object (gb_theme_manager_get_default (), "changed", G_CALLBACK (on_look_changed), self,
                           G_CONNECT_SWAPPED);
  gb_label_accessible (self, N_ ("Timeline"));
}

GtkWidget *
gb_timeline_new (GbTraceCursor *cursor)
{
  GbTimeline *self = g_object_new (GB_TYPE_TIMELINE, NULL);
  self->cursor = g_object_ref (cursor);
  g_signal_connect_object (cursor, "changed", G_CALLBACK (on_cursor_changed), self, G_CONNECT_SWAPPED);
  refresh (self);
  gb_label_on_language (self, G_CALLBACK (on_language));
  return GTK_WIDGET (self);
}
