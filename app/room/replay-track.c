#include "room/replay-track.h"

#include "board/scrub.h"
#include "common/draw.h"
#include "common/i18n.h"
#include "labels.h"
#include "room/room-parts.h"

#include <math.h>

#define MARGIN  10
#define HEIGHT  58
#define SPAN_Y  4 /* questions */
#define SPAN_H  20
#define MARK_Y  34 /* the middle of the marks */
#define STRIP_Y 46 /* edits */
#define STRIP_H 6

struct _GbReplayTrack
{
  GtkWidget parent_instance;

  GbRoom *room;
  PangoContext *pango;
  GbTextCache *text;
};

enum
{
  PLAY,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GbReplayTrack, gb_replay_track, GTK_TYPE_WIDGET)

static double
get_scale (void)
{
  return gb_theme_manager_get_scale (gb_theme_manager_get_default ());
}

static double
x_of (const GbReplay *replay, double width, gint64 position)
{
  return MARGIN + (double) position / MAX (gb_replay_get_length (replay), 1) * MAX (width - 2 * MARGIN, 1);
}

/* ---- drawing ---- */

static void
draw_span (GbReplayTrack *self, const GbDrawContext *ctx, GtkSnapshot *snapshot, guint item, double x0, double x1, gboolean is_now)
{
  const GbPlan *plan = gb_room_get_plan (self->room);
  const GbPlanItem *planned = plan ? gb_plan_find (plan, item, NULL, NULL) : NULL;
  g_autofree char *title = planned ? gb_plan_item_dup_title (planned, gb_room_get_library (self->room)) : NULL;

  gb_draw_box (snapshot, gb_theme_role (ctx->theme, is_now ? GB_ROLE_SELECTION : GB_ROLE_PANEL),
               gb_theme_role (ctx->theme, is_now ? GB_ROLE_ACCENT : GB_ROLE_RULE), x0, SPAN_Y, MAX (x1 - x0 - 1, 1), SPAN_H, 3, 1);
  if (title && x1 - x0 > 34)
    gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, gb_theme_role (ctx->theme, GB_ROLE_INK), title, x0 + 5,
                       SPAN_Y + SPAN_H / 2.0, GB_ALIGN_LEFT, x1 - x0 - 10);
}

static void
draw_spans (GbReplayTrack *self, const GbReplay *replay, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  gint64 from = -1, position = gb_replay_get_position (replay);
  guint item = 0;

  for (guint i = 0; i <= gb_replay_get_n_marks (replay); i++)
    {
      gboolean is_end = i == gb_replay_get_n_marks (replay);
      const GbReplayMark *mark = is_end ? NULL : gb_replay_get_mark (replay, i);
      gint64 to = is_end ? gb_replay_get_length (replay) : mark->from;
      if (!is_end && mark->kind != GB_REPLAY_ASK)
        continue;
      if (from >= 0)
        draw_span (self, ctx, snapshot, item, x_of (replay, ctx->width, from), x_of (replay, ctx->width, to),
                   position >= from && (position < to || is_end));
      from = to;
      item = is_end ? 0 : mark->item;
    }
}

/* A shape and a colour per kind: none is told by its colour alone. */
static void
draw_mark (const GbReplayMark *mark, const GbDrawContext *ctx, GtkSnapshot *snapshot, double x)
{
  static const struct
  {
    GbRole role;
    const char *letter;
  } looks[GB_N_REPLAY_KINDS] = {
    [GB_REPLAY_COURSE] = { GB_ROLE_MUTED, "|" },   [GB_REPLAY_SCORE] = { GB_ROLE_INK, "#" },
    [GB_REPLAY_NOTE] = { GB_ROLE_INK, "N" },       [GB_REPLAY_HINT] = { GB_ROLE_WARNING, "H" },
    [GB_REPLAY_SHOW] = { GB_ROLE_ACCENT, "S" },    [GB_REPLAY_DO] = { GB_ROLE_FORWARD, "·" },
    [GB_REPLAY_CHECK] = { GB_ROLE_SAVED, "C" },    [GB_REPLAY_GUESS] = { GB_ROLE_BACKWARD, "?" },
    [GB_REPLAY_INK] = { GB_ROLE_PEN_VIOLET, "~" },
  };
  if (looks[mark->kind].letter)
    gb_draw_text (ctx, snapshot, GB_FACE_SMALL_BOLD, looks[mark->kind].role, looks[mark->kind].letter, x, MARK_Y,
                  GB_ALIGN_CENTER);
}

/* Marks that would stand on each other are left out: the list has them all. */
static void
draw_marks (const GbReplay *replay, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double last = -100;
  for (guint i = 0; i < gb_replay_get_n_marks (replay); i++)
    {
      const GbReplayMark *mark = gb_replay_get_mark (replay, i);
      double x = x_of (replay, ctx->width, mark->to), x0 = x_of (replay, ctx->width, mark->from);
      if (mark->kind == GB_REPLAY_TYPE)
        gb_draw_fill (snapshot, gb_theme_role (ctx->theme, GB_ROLE_FORWARD), x0, STRIP_Y, MAX (x - x0, 1.5), STRIP_H);
      else if (mark->kind != GB_REPLAY_ASK && x - last >= 7)
        {
          draw_mark (mark, ctx, snapshot, x);
          last = x;
        }
    }
}

static void
gb_replay_track_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GbReplayTrack *self = GB_REPLAY_TRACK (widget);
  const GbReplay *replay = gb_room_get_replay (self->room);
  double scale = get_scale ();
  GbDrawContext ctx = { .theme = gb_theme_manager_get_theme (gb_theme_manager_get_default ()),
                        .language = gb_i18n_get_language (),
                        .scale = scale,
                        .width = gtk_widget_get_width (widget) / scale,
                        .height = gtk_widget_get_height (widget) / scale,
                        .pango = self->pango,
                        .text = self->text,
                        .t = 1 };
  double x;

  if (replay == NULL)
    return;
  gtk_snapshot_save (snapshot);
  gtk_snapshot_scale (snapshot, scale, scale);
  gb_draw_fill (snapshot, gb_theme_role (ctx.theme, GB_ROLE_RULE), MARGIN, STRIP_Y + STRIP_H / 2.0 - 0.5, ctx.width - 2 * MARGIN, 1);
  draw_spans (self, replay, &ctx, snapshot);
  draw_marks (replay, &ctx, snapshot);
  x = x_of (replay, ctx.width, gb_replay_get_position (replay));
  gb_draw_vline (snapshot, gb_theme_role (ctx.theme, GB_ROLE_ACCENT), x, 1, HEIGHT - 2, 2);
  gb_draw_triangle (snapshot, gb_theme_role (ctx.theme, GB_ROLE_ACCENT), x - 5, 0, 10, 6, FALSE);
  gtk_snapshot_restore (snapshot);
}

static void
gb_replay_track_measure (GtkWidget *widget,
                         GtkOrientation orientation,
                         int for_size,
                         int *minimum,
                         int *natural,
                         int *minimum_baseline,
                         int *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_VERTICAL ? (int) ceil (HEIGHT * get_scale ()) : 200;
}

/* ---- moving ---- */

void
gb_replay_track_go (GbReplayTrack *self, int direction, gboolean is_question)
{
  const GbReplay *replay = gb_room_get_replay (self->room);
  int nth = replay ? gb_replay_get_nth_mark (replay) : -1, n = replay ? (int) gb_replay_get_n_marks (replay) : 0;

  for (nth += direction; nth >= 0 && nth < n; nth += direction)
    if (!is_question || gb_replay_get_mark (replay, (guint) nth)->kind == GB_REPLAY_ASK)
      {
        gb_room_seek_mark (self->room, (guint) nth);
        return;
      }
  if (replay && nth < 0)
    gb_room_seek (self->room, 0);
}

static void
on_scrub (GtkWidget *widget, double x, double y, gboolean begins)
{
  GbReplayTrack *self = GB_REPLAY_TRACK (widget);
  const GbReplay *replay = gb_room_get_replay (self->room);
  double width = gtk_widget_get_width (widget) / get_scale ();
  if (replay)
    gb_room_seek (self->room, (gint64) ((x - MARGIN) / MAX (width - 2 * MARGIN, 1)
                                        * (double) gb_replay_get_length (replay)));
}

static gboolean
on_key (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state, gpointer data)
{
  GbReplayTrack *self = data;
  const GbReplay *replay = gb_room_get_replay (self->room);
  int direction = key == GDK_KEY_Left || key == GDK_KEY_Up ? -1 : 1;

  if (replay == NULL || state & (GDK_CONTROL_MASK | GDK_ALT_MASK))
    return GDK_EVENT_PROPAGATE;
  switch (key)
    {
    case GDK_KEY_Left:
    case GDK_KEY_Right:
      if (state & GDK_SHIFT_MASK)
        gb_room_move_event (self->room, direction);
      else
        gb_replay_track_go (self, direction, FALSE);
      return GDK_EVENT_STOP;
    case GDK_KEY_Up:
    case GDK_KEY_Down:
      gb_replay_track_go (self, direction, TRUE);
      return GDK_EVENT_STOP;
    case GDK_KEY_Home:
      gb_room_seek (self->room, 0);
      return GDK_EVENT_STOP;
    case GDK_KEY_End:
      gb_room_seek (self->room, gb_replay_get_length (replay));
      return GDK_EVENT_STOP;
    case GDK_KEY_space:
      g_signal_emit (self, signals[PLAY], 0);
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
}

static void
on_moved (GbReplayTrack *self)
{
  const GbReplay *replay = gb_room_get_replay (self->room);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (replay == NULL)
    return;
  g_autofree char *clock = gb_room_clock (gb_replay_get_position (replay));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_VALUE_MIN, 0.0,
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_MAX, (double) gb_replay_get_length (replay) / 1000,
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_NOW, (double) gb_replay_get_position (replay) / 1000,
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, clock, -1);
}

/* ---- the object ---- */

static void
on_look_changed (GbReplayTrack *self)
{
  gb_text_cache_clear (self->text);
  gtk_widget_queue_resize (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
gb_replay_track_dispose (GObject *object)
{
  GbReplayTrack *self = GB_REPLAY_TRACK (object);
  g_clear_pointer (&self->text, gb_text_cache_free);
  g_clear_object (&self->pango);
  G_OBJECT_CLASS (gb_replay_track_parent_class)->dispose (object);
}

static void
gb_replay_track_class_init (GbReplayTrackClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_replay_track_dispose;
  GTK_WIDGET_CLASS (klass)->snapshot = gb_replay_track_snapshot;
  GTK_WIDGET_CLASS (klass)->measure = gb_replay_track_measure;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_SLIDER);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "timeline");
  signals[PLAY] = g_signal_new ("play", GB_TYPE_REPLAY_TRACK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
gb_replay_track_init (GbReplayTrack *self)
{
  GtkEventController *key = gtk_event_controller_key_new ();

  self->pango = gb_draw_create_pango_context (gb_i18n_get_language ());
  self->text = gb_text_cache_new (self->pango);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gb_scrub_install (GTK_WIDGET (self), on_scrub);
  g_signal_connect (key, "key-pressed", G_CALLBACK (on_key), self);
  gtk_widget_add_controller (GTK_WIDGET (self), key);
  g_signal_connect_object (gb_theme_manager_get_default (), "changed", G_CALLBACK (on_look_changed), self, G_CONNECT_SWAPPED);
  gb_label_accessible (self, N_ ("Time of the interview"));
}

GtkWidget *
gb_replay_track_new (GbRoom *room)
{
  GbReplayTrack *self = g_object_new (GB_TYPE_REPLAY_TRACK, NULL);
  self->room = room;
  g_signal_connect_object (room, "moved", G_CALLBACK (on_moved), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (room, "replay", G_CALLBACK (on_moved), self, G_CONNECT_SWAPPED);
  gb_label_on_language (self, G_CALLBACK (on_look_changed));
  return GTK_WIDGET (self);
}
