#include "board/timeline.h"

#include "board/bookmarks.h"
#include "board/scrub.h"
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
  GArray *bookmarks; /* GbBookmark, ascending */
  GArray *snapshots; /* guint64 */
  char *headline, *detail;
  double hover_x, hover_y;
  gboolean drags_run;
  guint shown_branch; /* when it was drawn last */
  GtkWidget *menu;
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
  guint n_rows = self->model ? self->model->branches->len : 0;
  g_clear_pointer (&self->model, gb_timeline_model_free);
  self->model = gb_timeline_model_new (self->cursor);
  g_free (self->headline);
  g_free (self->detail);
  gb_timeline_model_describe (self->model, &self->headline, &self->detail);
  g_autofree char *branches = gb_timeline_model_describe_branches (self->model);
  g_autoptr (GString) described = g_string_new (self->detail);
  if (branches)
    g_string_append_printf (described, "%s%s", described->len ? "; " : "", branches);
  if (self->model->marks->len)
    g_string_append_printf (described, ngettext_ ("; %u mark", "; %u marks", self->model->marks->len),
                            self->model->marks->len);
  for (guint i = 0; i < self->bookmarks->len; i++)
    g_string_append_printf (described, _ ("; bookmark: %s"), g_array_index (self->bookmarks, GbBookmark, i).note);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, self->headline,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, described->str, -1);
  if (self->model->branches->len != n_rows)
    gtk_widget_queue_resize (GTK_WIDGET (self));
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
      /* Looking at a branch is no new run, nor is a run that goes on from an earlier place. */
      guint branch = gb_trace_cursor_get_branch (self->cursor);
      if ((changes & GB_TRACE_CHANGED_RESET) && branch == 0 && self->shown_branch == 0
          && gb_trace_get_last_seq (gb_trace_cursor_get_trace (self->cursor)) == 0)
        g_array_set_size (self->bookmarks, 0);
      self->shown_branch = branch;
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

/* Index of the first bookmark at or behind seq. */
static guint
bookmark_at (GbTimeline *self, guint64 seq)
{
  guint at = 0;
  while (at < self->bookmarks->len && g_array_index (self->bookmarks, GbBookmark, at).seq < seq)
    at++;
  return at;
}

void
gb_timeline_set_bookmark (GbTimeline *self, guint64 seq, const char *note)
{
  guint at = bookmark_at (self, seq);
  if (gb_timeline_get_bookmark (self, seq))
    g_array_remove_index (self->bookmarks, at);
  GbBookmark bookmark = { seq, g_strdup (note) };
  if (note)
    g_array_insert_val (self->bookmarks, at, bookmark);
  refresh (self);
}

void
gb_timeline_drop_bookmarks (GbTimeline *self, guint64 behind)
{
  guint at = bookmark_at (self, behind + 1);
  g_array_set_size (self->bookmarks, at);
  refresh (self);
}

const char *
gb_timeline_get_bookmark (GbTimeline *self, guint64 seq)
{
  guint at = bookmark_at (self, seq);
  const GbBookmark *bookmark =
      at < self->bookmarks->len ? &g_array_index (self->bookmarks, GbBookmark, at) : NULL;
  return bookmark && bookmark->seq == seq ? bookmark->note : NULL;
}

guint64
gb_timeline_find_bookmark (GbTimeline *self, guint64 seq, int direction)
{
  guint at = bookmark_at (self, direction < 0 ? seq : seq + 1);
  if (direction < 0)
    return at ? g_array_index (self->bookmarks, GbBookmark, at - 1).seq : 0;
  return at < self->bookmarks->len ? g_array_index (self->bookmarks, GbBookmark, at).seq : 0;
}

const GbRunMark *
gb_timeline_find_mark (GbTimeline *self, guint64 seq, int direction)
{
  const GbRunMark *found = NULL;
  for (guint i = 0; i < self->model->marks->len; i++)
    {
      const GbRunMark *mark = &g_array_index (self->model->marks, GbRunMark, i);
      if (direction < 0 ? mark->seq < seq && (!found || mark->seq > found->seq)
                        : mark->seq > seq && (!found || mark->seq < found->seq))
        found = mark;
    }
  return found;
}

GArray *
gb_timeline_get_bookmarks (GbTimeline *self)
{
  return self->bookmarks;
}

void
gb_timeline_take_bookmarks (GbTimeline *self, GArray *bookmarks)
{
  g_array_unref (self->bookmarks);
  self->bookmarks = bookmarks;
  refresh (self);
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
  double width = gtk_widget_get_width (GTK_WIDGET (self)) / get_scale ();
  GbTrace *trace = gb_trace_cursor_get_trace (self->cursor);
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

/* The row's branch, or the run. */
static void
show_row (GbTimeline *self, int row)
{
  guint id = row >= 0 ? g_array_index (self->model->branches, GbTimelineBranch, row).id : 0;
  gb_trace_cursor_show_branch (self->cursor, id);
}

static void
on_scrub (GtkWidget *widget, double x, double y, gboolean begins)
{
  GbTimeline *self = GB_TIMELINE (widget);
  int row = begins ? gb_timeline_row_at (self->model, y) : -1;
  if (begins)
    self->drags_run = row >= -1;
  if (begins && self->drags_run)
    show_row (self, row);
  scrub (self, x);
}

/* What can be done with a branch. */
static void
on_secondary (GtkGestureClick *gesture, int n_press, double x, double y, gpointer data)
{
  GbTimeline *self = data;
  int row = gb_timeline_row_at (self->model, y / get_scale ());
  if (row < -1 || !self->model->n_branches)
    return;
  g_autoptr (GMenu) menu = g_menu_new ();
  guint id = row >= 0 ? g_array_index (self->model->branches, GbTimelineBranch, row).id : 0;
  g_autofree char *look = g_strdup_printf ("win.branch(%u)", id),
                  *compare = g_strdup_printf ("win.compare(%u)", id);
  g_autofree char *look_text =
      id ? g_strdup_printf (_ ("Look at branch %u"), id) : g_strdup (_ ("Look at the run"));
  g_autofree char *compare_text = id ? g_strdup_printf (_ ("Compare with branch %u"), id)
                                     : g_strdup (_ ("Compare with the latest branch"));
  g_menu_append (menu, look_text, look);
  g_menu_append (menu, compare_text, compare);
  g_clear_pointer (&self->menu, gtk_widget_unparent);
  self->menu = gtk_popover_menu_new_from_model (G_MENU_MODEL (menu));
  gtk_widget_set_parent (self->menu, GTK_WIDGET (self));
  gtk_popover_set_pointing_to (GTK_POPOVER (self->menu), &(GdkRectangle){ (int) x, (int) y, 1, 1 });
  gtk_popover_popup (GTK_POPOVER (self->menu));
}

/* From row to row: the run is above them all. */
static gboolean
move_row (GbTimeline *self, int step)
{
  int row = gb_timeline_model_shown_row (self->model) + step;
  if (row < -1 || row >= (int) self->model->branches->len)
    return GDK_EVENT_PROPAGATE;
  show_row (self, row);
  return GDK_EVENT_STOP;
}

static void
on_motion (GtkEventControllerMotion *controller, double x, double y, gpointer data)
{
  GbTimeline *self = data;
  gboolean over_run = gb_timeline_row_at (self->model, y / get_scale ()) >= -1;
  self->hover_x = over_run ? x / get_scale () : -1;
  self->hover_y = y / get_scale ();
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
    case GDK_KEY_Up:
    case GDK_KEY_Down:
      return (state & GDK_SHIFT_MASK) ? move_row (self, keyval == GDK_KEY_Up ? -1 : 1) : GDK_EVENT_PROPAGATE;
    case GDK_KEY_k:
      gtk_widget_activate_action (GTK_WIDGET (self), "win.compare", "i", (int) self->model->branch);
      return GDK_EVENT_STOP;
    case GDK_KEY_n:
    case GDK_KEY_p:
      gtk_widget_activate_action (GTK_WIDGET (self), "win.go-to-bookmark", "i", keyval == GDK_KEY_n ? 1 : -1);
      return GDK_EVENT_STOP;
    case GDK_KEY_m:
    case GDK_KEY_M:
      gtk_widget_activate_action (GTK_WIDGET (self), "win.go-to-mark", "i", keyval == GDK_KEY_m ? 1 : -1);
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

GdkRectangle
gb_timeline_get_playhead (GbTimeline *self)
{
  double scale = get_scale (), width = gtk_widget_get_width (GTK_WIDGET (self)) - 2 * GB_TIMELINE_MARGIN * scale;
  double x = GB_TIMELINE_MARGIN * scale + self->model->playhead * MAX (width, 0);
  return (GdkRectangle){ (int) x, (int) (GB_TIMELINE_RUN_Y * scale), 1, 1 };
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
  const GbTimelineNotes notes = { self->bookmarks, self->snapshots, self->hover_x, self->hover_y };
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
  double height = GB_TIMELINE_HEIGHT + gb_timeline_shift (GB_TIMELINE (widget)->model);
  int size = orientation == GTK_ORIENTATION_VERTICAL ? (int) ceil (height * get_scale ()) : 160;
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
  g_clear_pointer (&self->menu, gtk_widget_unparent);
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
  self->bookmarks = gb_bookmarks_new ();
  self->snapshots = g_array_new (FALSE, FALSE, sizeof (guint64));
  self->pango = gb_draw_create_pango_context (gb_i18n_get_language ());
  self->text = gb_text_cache_new (self->pango);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);

  gb_scrub_install (GTK_WIDGET (self), on_scrub);
  GtkGesture *secondary = gtk_gesture_click_new ();
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (secondary), GDK_BUTTON_SECONDARY);
  g_signal_connect (secondary, "pressed", G_CALLBACK (on_secondary), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (secondary));
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
