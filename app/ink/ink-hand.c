#include "ink/ink-hand.h"

#include <math.h>

#define PEN_PX         3.0
#define HIGHLIGHTER_PX 16.0
#define TEXT_PX        13.0
#define ERASER_PX      8.0

struct _GbInkHand
{
  GObject parent_instance;

  GbInkKit *kit;
  const GbInkSurface *klass;
  gpointer surface;
  GtkWidget *widget;          /* weak */
  const char *name, *program; /* interned */
  GArray *pixels;             /* GbInkPoint, of the stroke under way */
  GPtrArray *erasing;
  GArray *trail; /* GbInkPoint of the laser: pressure is the time it was there, in ms */
  guint tick;
};

G_DEFINE_FINAL_TYPE (GbInkHand, gb_ink_hand, G_TYPE_OBJECT)

static void
redraw (GbInkHand *self)
{
  if (self->widget)
    self->klass->changed (self->surface);
}

/* ---- marks in pixels ---- */
gboolean
gb_ink_hand_shows (GbInkHand *self, const GbInkMark *mark)
{
  return mark->surface == self->name && mark->program == self->program;
}

static gboolean
place_mark (GbInkHand *self, const GbInkMark *mark, GArray *pixels, double *ratio)
{
  GbInkPlace places[2] = { 0 };
  gboolean found[2] = { FALSE, FALSE };
  g_array_set_size (pixels, 0);
  for (guint i = 0; i < mark->n_anchors; i++)
    {
      if (mark->anchors[i].kind == GB_INK_ON_WHOLE)
        places[i] = (GbInkPlace){ 0, 0, 1 }, found[i] = TRUE;
      else
        found[i] = self->klass->locate (self->surface, &mark->anchors[i], &places[i]);
    }
  return gb_ink_place (mark, places, found, pixels, ratio);
}

static double
width_of (GbInkTool tool)
{
  return tool == GB_INK_TOOL_HIGHLIGHTER ? HIGHLIGHTER_PX : tool == GB_INK_TOOL_TEXT ? TEXT_PX : PEN_PX;
}

static GbInkMark *
new_mark (GbInkHand *self)
{
  static const GbInkKind kinds[GB_INK_N_TOOLS] = { [GB_INK_TOOL_PEN] = GB_INK_PEN,
                                                   [GB_INK_TOOL_HIGHLIGHTER] = GB_INK_HIGHLIGHTER,
                                                   [GB_INK_TOOL_TEXT] = GB_INK_TEXT,
                                                   [GB_INK_TOOL_ARROW] = GB_INK_ARROW };
  GbInkTool tool = gb_ink_kit_get_tool (self->kit);
  GbInkMark *mark = gb_ink_mark_new (kinds[tool], self->program, self->name);
  mark->color = gb_ink_kit_get_color (self->kit);
  mark->width = width_of (tool);
  return mark;
}

static void
finish (GbInkHand *self, GbInkMark *mark)
{
  if (mark->kind == GB_INK_TEXT)
    gb_ink_kit_want_words (self->kit, mark);
  else
    gb_ink_add (gb_ink_kit_get_ink (self->kit), mark);
}

/* ---- drawing ---- */
static void
draw_laser (GbInkHand *self, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  g_autoptr (GArray) aged = g_array_new (FALSE, FALSE, sizeof (GbInkPoint));
  double now = (double) g_get_monotonic_time () / 1000;
  for (guint i = 0; i < self->trail->len; i++)
    {
      GbInkPoint point = g_array_index (self->trail, GbInkPoint, i);
      point.pressure = CLAMP ((now - point.pressure) / GB_INK_LASER_MSEC, 0, 1);
      g_array_append_val (aged, point);
    }
  gb_ink_draw_laser (aged, ctx, snapshot);
}

/* The stroke under the pen, not yet hung on anything. */
static void
draw_unfinished (GbInkHand *self, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  g_autoptr (GbInkMark) mark = new_mark (self);
  if (mark->kind != GB_INK_ARROW || self->pixels->len == 2)
    gb_ink_draw (mark, self->pixels, 1, FALSE, ctx, snapshot);
}

void
gb_ink_hand_draw (GbInkHand *self, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  GbInk *ink = gb_ink_kit_get_ink (self->kit);
  g_autoptr (GArray) pixels = g_array_new (FALSE, FALSE, sizeof (GbInkPoint));
  const GbInkMark *waiting = gb_ink_kit_get_waiting (self->kit);
  GbInkTool tool = gb_ink_kit_get_tool (self->kit);
  double ratio;
  for (guint i = 0; i < gb_ink_get_n (ink); i++)
    {
      GbInkMark *mark = gb_ink_get (ink, i);
      if (gb_ink_hand_shows (self, mark) && place_mark (self, mark, pixels, &ratio))
        gb_ink_draw (mark, pixels, ratio, g_ptr_array_find (self->erasing, mark, NULL), ctx, snapshot);
    }
  if (waiting && gb_ink_hand_shows (self, waiting) && place_mark (self, waiting, pixels, &ratio))
    gb_ink_draw (waiting, pixels, ratio, FALSE, ctx, snapshot);
  if (self->pixels->len && tool != GB_INK_TOOL_ERASER && tool != GB_INK_TOOL_LASER
      && tool != GB_INK_TOOL_TEXT)
    draw_unfinished (self, ctx, snapshot);
  if (self->trail->len)
    draw_laser (self, ctx, snapshot);
}

/* ---- the laser ---- */
static gboolean
on_tick (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  GbInkHand *self = data;
  double now = (double) g_get_monotonic_time () / 1000;
  guint gone = 0;
  while (gone < self->trail->len
         && now - g_array_index (self->trail, GbInkPoint, gone).pressure > GB_INK_LASER_MSEC)
    gone++;
  g_array_remove_range (self->trail, 0, gone);
  redraw (self);
  if (self->trail->len)
    return G_SOURCE_CONTINUE;
  self->tick = 0;
  return G_SOURCE_REMOVE;
}

static gboolean
is_still (void)
{
  return gb_theme_manager_get_reduce_motion (gb_theme_manager_get_default ());
}

/* Without motion there is no trail, and the light stays where it is until the pointer leaves. */
static void
shine (GbInkHand *self, double x, double y)
{
  GbInkPoint point = { x, y, (double) g_get_monotonic_time () / 1000 };
  if (is_still ())
    g_array_set_size (self->trail, 0);
  g_array_append_val (self->trail, point);
  if (!is_still () && self->tick == 0)
    self->tick = gtk_widget_add_tick_callback (self->widget, on_tick, self, NULL);
  redraw (self);
}

static void
on_motion (GtkEventControllerMotion *motion, double x, double y, gpointer data)
{
  GbInkHand *self = data;
  if (!gb_ink_kit_is_active (self->kit) || gb_ink_kit_get_tool (self->kit) != GB_INK_TOOL_LASER)
    return;
  self->klass->to_picture (self->surface, &x, &y);
  shine (self, x, y);
}

static void
on_leave (GtkEventControllerMotion *motion, gpointer data)
{
  GbInkHand *self = data;
  if (self->trail->len && is_still ())
    {
      g_array_set_size (self->trail, 0);
      redraw (self);
    }
}

/* ---- the pen ---- */
static void
erase_at (GbInkHand *self, double x, double y)
{
  GbInk *ink = gb_ink_kit_get_ink (self->kit);
  g_autoptr (GArray) pixels = g_array_new (FALSE, FALSE, sizeof (GbInkPoint));
  double ratio;
  for (guint i = 0; i < gb_ink_get_n (ink); i++)
    {
      GbInkMark *mark = gb_ink_get (ink, i);
      if (!gb_ink_hand_shows (self, mark) || g_ptr_array_find (self->erasing, mark, NULL)
          || !place_mark (self, mark, pixels, &ratio))
        continue;
      double reach = ERASER_PX + mark->width * ratio / 2;
      if (mark->kind == GB_INK_TEXT) /* as wide as its words, about */
        {
          GbInkPoint end = g_array_index (pixels, GbInkPoint, 0);
          end.x += (double) g_utf8_strlen (mark->text, -1) * TEXT_PX * 0.6 * ratio;
          g_array_append_val (pixels, end);
        }
      if (gb_ink_distance (pixels, x, y) < reach)
        g_ptr_array_add (self->erasing, gb_ink_mark_ref (mark));
    }
}

static double
pressure_of (GtkGesture *gesture)
{
  GdkEvent *event = gtk_gesture_get_last_event (gesture, gtk_gesture_get_last_updated_sequence (gesture));
  double pressure;
  /* Some mice have an axis of that name, which says nothing. */
  return event && gdk_event_get_device_tool (event)
                 && gdk_event_get_axis (event, GDK_AXIS_PRESSURE, &pressure)
             ? CLAMP (pressure, 0, 1)
             : 0.5;
}

static void
draw_to (GbInkHand *self, GtkGesture *gesture, double x, double y)
{
  self->klass->to_picture (self->surface, &x, &y);
  switch (gb_ink_kit_get_tool (self->kit))
    {
    case GB_INK_TOOL_ERASER:
      erase_at (self, x, y);
      break;
    case GB_INK_TOOL_LASER:
      shine (self, x, y);
      break;
    case GB_INK_TOOL_ARROW:
      g_array_set_size (self->pixels, MIN (self->pixels->len, 1));
      gb_ink_extend (self->pixels, x, y, 0.5);
      break;
    case GB_INK_TOOL_TEXT:
      g_array_set_size (self->pixels, 0);
      gb_ink_extend (self->pixels, x, y, 0.5);
      break;
    case GB_INK_TOOL_PEN:
    case GB_INK_TOOL_HIGHLIGHTER:
    case GB_INK_N_TOOLS:
      gb_ink_extend (self->pixels, x, y, pressure_of (gesture));
      break;
    }
  redraw (self);
}

static void
on_drag_begin (GtkGestureDrag *drag, double x, double y, gpointer data)
{
  GbInkHand *self = data;
  if (!gb_ink_kit_is_active (self->kit) || !self->program)
    {
      gtk_gesture_set_state (GTK_GESTURE (drag), GTK_EVENT_SEQUENCE_DENIED);
      return;
    }
  gtk_gesture_set_state (GTK_GESTURE (drag), GTK_EVENT_SEQUENCE_CLAIMED);
  gtk_widget_grab_focus (self->widget);
  g_array_set_size (self->pixels, 0);
  draw_to (self, GTK_GESTURE (drag), x, y);
}

static void
on_drag_update (GtkGestureDrag *drag, double dx, double dy, gpointer data)
{
  GbInkHand *self = data;
  double x, y;
  if (gtk_gesture_drag_get_start_point (drag, &x, &y))
    draw_to (self, GTK_GESTURE (drag), x + dx, y + dy);
}

static void
on_drag_end (GtkGestureDrag *drag, double dx, double dy, gpointer data)
{
  GbInkHand *self = data;
  GbInkTool tool = gb_ink_kit_get_tool (self->kit);
  if (self->erasing->len)
    {
      g_autoptr (GPtrArray) erased = g_steal_pointer (&self->erasing);
      self->erasing = g_ptr_array_new_with_free_func ((GDestroyNotify) gb_ink_mark_unref);
      gb_ink_remove (gb_ink_kit_get_ink (self->kit), erased);
    }
  else if (self->pixels->len && tool != GB_INK_TOOL_LASER
           && (tool != GB_INK_TOOL_ARROW || self->pixels->len == 2))
    {
      GbInkMark *mark = new_mark (self);
      gb_ink_hang (mark, self->pixels, self->klass->pick, self->surface);
      finish (self, mark);
    }
  g_array_set_size (self->pixels, 0);
  redraw (self);
}

static void
on_drag_cancel (GtkGesture *drag, GdkEventSequence *sequence, gpointer data)
{
  GbInkHand *self = data;
  g_array_set_size (self->pixels, 0);
  g_ptr_array_set_size (self->erasing, 0);
  redraw (self);
}

/* ---- the keyboard ---- */
typedef struct
{
  guint n;
  GbInkAnchor anchors[2];
  graphene_rect_t boxes[2];
} Selected;

static double
from_box (const graphene_rect_t *box, double x, double y)
{
  return hypot (box->origin.x + box->size.width / 2 - x, box->origin.y + box->size.height / 2 - y);
}

/* What is selected is meant, not what happens to be below. */
static gboolean
pick_selected (gpointer data, double x, double y, GbInkAnchor *anchor, GbInkPlace *place)
{
  const Selected *selected = data;
  guint nth = selected->n > 1 && from_box (&selected->boxes[1], x, y) < from_box (&selected->boxes[0], x, y);
  *anchor = selected->anchors[nth];
  anchor->text = g_strdup (anchor->text);
  *place = (GbInkPlace){ selected->boxes[nth].origin.x, selected->boxes[nth].origin.y,
                         selected->boxes[nth].size.height };
  return TRUE;
}

static void
add_ring (GArray *pixels, const graphene_rect_t *box)
{
  double rx = box->size.width / 2 + 7, ry = box->size.height / 2 + 7;
  for (int i = 0; i <= 32; i++)
    gb_ink_extend (pixels, box->origin.x + box->size.width / 2 + rx * cos (i * G_PI / 16 - 2),
                   box->origin.y + box->size.height / 2 + ry * sin (i * G_PI / 16 - 2), 0.5);
}

/* From the middle of one towards the middle of the other, but for what the boxes cover. */
static void
add_edge_point (GArray *pixels, const graphene_rect_t *box, double x, double y)
{
  double cx = box->origin.x + box->size.width / 2, cy = box->origin.y + box->size.height / 2;
  double dx = x - cx, dy = y - cy;
  double t = MIN (box->size.width / 2 / MAX (fabs (dx), 1e-6), box->size.height / 2 / MAX (fabs (dy), 1e-6));
  gb_ink_extend (pixels, cx + dx * MIN (t, 1), cy + dy * MIN (t, 1), 0.5);
}

static void
shape_of (GbInkTool tool, const Selected *selected, GArray *pixels)
{
  const graphene_rect_t *box = &selected->boxes[0];
  double top = box->origin.y, left = box->origin.x, middle = top + box->size.height / 2;
  if (tool == GB_INK_TOOL_TEXT)
    gb_ink_extend (pixels, left + MIN (box->size.width, 90) * 0.8,
                   top > 24 ? top - 14 : top + box->size.height + 14, 0.5);
  else if (tool == GB_INK_TOOL_PEN)
    add_ring (pixels, box);
  else if (tool == GB_INK_TOOL_HIGHLIGHTER)
    {
      gb_ink_extend (pixels, left, middle, 0.5);
      gb_ink_extend (pixels, left + MAX (box->size.width, 2), middle, 0.5);
    }
  else if (selected->n > 1)
    {
      const graphene_rect_t *to = &selected->boxes[1];
      add_edge_point (pixels, box, to->origin.x + to->size.width / 2, to->origin.y + to->size.height / 2);
      add_edge_point (pixels, to, left + box->size.width / 2, middle);
    }
  else
    {
      gb_ink_extend (pixels, left + MIN (box->size.width, 60) + 44,
                     top > 50 ? top - 40 : top + box->size.height + 40, 0.5);
      gb_ink_extend (pixels, left + MIN (box->size.width, 60) - 4,
                     top > 50 ? top + 1 : top + box->size.height - 1, 0.5);
    }
}

static gboolean
hangs_on (const GbInkMark *mark, const GbInkAnchor *anchor)
{
  for (guint i = 0; i < mark->n_anchors; i++)
    if (mark->anchors[i].kind == anchor->kind
        && (anchor->kind == GB_INK_ON_LINE ? mark->anchors[i].line == anchor->line
                                           : gb_pick_equal (&mark->anchors[i].pick, &anchor->pick)))
      return TRUE;
  return FALSE;
}

static void
erase_on (GbInkHand *self, const GbInkAnchor *anchor)
{
  GbInk *ink = gb_ink_kit_get_ink (self->kit);
  g_autoptr (GPtrArray) marks = g_ptr_array_new ();
  for (guint i = 0; i < gb_ink_get_n (ink); i++)
    if (gb_ink_hand_shows (self, gb_ink_get (ink, i)) && hangs_on (gb_ink_get (ink, i), anchor))
      g_ptr_array_add (marks, gb_ink_get (ink, i));
  gb_ink_remove (ink, marks);
}

gboolean
gb_ink_hand_place (GbInkHand *self)
{
  Selected selected = { 0 };
  GbInkTool tool = gb_ink_kit_get_tool (self->kit);
  g_autoptr (GArray) pixels = g_array_new (FALSE, FALSE, sizeof (GbInkPoint));
  if (!self->program)
    return FALSE;
  while (selected.n < 2
         && self->klass->selected (self->surface, selected.n, &selected.anchors[selected.n],
                                   &selected.boxes[selected.n]))
    selected.n++;
  if (selected.n == 0)
    return FALSE;
  if (tool == GB_INK_TOOL_ERASER)
    erase_on (self, &selected.anchors[0]);
  else if (tool == GB_INK_TOOL_LASER)
    shine (self, selected.boxes[0].origin.x + selected.boxes[0].size.width / 2,
           selected.boxes[0].origin.y + selected.boxes[0].size.height / 2);
  else
    {
      GbInkMark *mark = new_mark (self);
      if (tool != GB_INK_TOOL_ARROW)
        {
          g_clear_pointer (&selected.anchors[1].text, g_free);
          selected.n = 1;
        }
      shape_of (tool, &selected, pixels);
      if (tool == GB_INK_TOOL_ARROW && pixels->len < 2) /* the two touch */
        gb_ink_extend (pixels, g_array_index (pixels, GbInkPoint, 0).x + 2,
                       g_array_index (pixels, GbInkPoint, 0).y, 0.5);
      if (tool == GB_INK_TOOL_HIGHLIGHTER)
        mark->width = CLAMP (selected.boxes[0].size.height, 4, 40);
      gb_ink_hang (mark, pixels, pick_selected, &selected);
      finish (self, mark);
    }
  g_free (selected.anchors[0].text);
  g_free (selected.anchors[1].text);
  return TRUE;
}

/* ---- life ---- */
void
gb_ink_hand_set_program (GbInkHand *self, const char *program)
{
  program = program ? g_intern_string (program) : NULL;
  if (self->program == program)
    return;
  self->program = program;
  redraw (self);
}

const char *
gb_ink_hand_get_program (GbInkHand *self)
{
  return self->program;
}

static void
on_kit_changed (GbInkHand *self)
{
  const char *rest = GTK_IS_TEXT_VIEW (self->widget) ? "text" : NULL;
  gtk_widget_set_cursor_from_name (self->widget, gb_ink_kit_is_active (self->kit) ? "crosshair" : rest);
  if (!gb_ink_kit_is_active (self->kit))
    {
      g_array_set_size (self->trail, 0);
      g_array_set_size (self->pixels, 0);
    }
  redraw (self);
}

static void
gb_ink_hand_dispose (GObject *object)
{
  GbInkHand *self = GB_INK_HAND (object);
  if (self->tick && self->widget)
    gtk_widget_remove_tick_callback (self->widget, self->tick);
  self->tick = 0;
  g_clear_weak_pointer (&self->widget);
  g_clear_object (&self->kit);
  g_clear_pointer (&self->pixels, g_array_unref);
  g_clear_pointer (&self->trail, g_array_unref);
  g_clear_pointer (&self->erasing, g_ptr_array_unref);
  G_OBJECT_CLASS (gb_ink_hand_parent_class)->dispose (object);
}

static void
gb_ink_hand_class_init (GbInkHandClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_ink_hand_dispose;
}

static void
gb_ink_hand_init (GbInkHand *self)
{
  self->pixels = g_array_new (FALSE, FALSE, sizeof (GbInkPoint));
  self->trail = g_array_new (FALSE, FALSE, sizeof (GbInkPoint));
  self->erasing = g_ptr_array_new_with_free_func ((GDestroyNotify) gb_ink_mark_unref);
}

GbInkHand *
gb_ink_hand_new (
    GbInkKit *kit, const GbInkSurface *klass, gpointer surface, GtkWidget *widget, const char *name)
{
  GbInkHand *self = g_object_new (GB_TYPE_INK_HAND, NULL);
  GtkGesture *drag = gtk_gesture_drag_new ();
  GtkEventController *motion = gtk_event_controller_motion_new ();
  self->kit = g_object_ref (kit);
  self->klass = klass;
  self->surface = surface;
  g_set_weak_pointer (&self->widget, widget);
  self->name = g_intern_string (name);
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (drag), GTK_PHASE_CAPTURE);
  g_signal_connect_object (drag, "drag-begin", G_CALLBACK (on_drag_begin), self, 0);
  g_signal_connect_object (drag, "drag-update", G_CALLBACK (on_drag_update), self, 0);
  g_signal_connect_object (drag, "drag-end", G_CALLBACK (on_drag_end), self, 0);
  g_signal_connect_object (drag, "cancel", G_CALLBACK (on_drag_cancel), self, 0);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));
  gtk_event_controller_set_propagation_phase (motion, GTK_PHASE_CAPTURE);
  g_signal_connect_object (motion, "motion", G_CALLBACK (on_motion), self, 0);
  g_signal_connect_object (motion, "leave", G_CALLBACK (on_leave), self, 0);
  gtk_widget_add_controller (widget, motion);
  g_signal_connect_object (kit, "changed", G_CALLBACK (on_kit_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (gb_ink_kit_get_ink (kit), "changed", G_CALLBACK (redraw), self, G_CONNECT_SWAPPED);
  return self;
}
