#include "lanes/lanes-view.h"

#include "common/a11y.h"
#include "common/i18n.h"
#include "common/number-format.h"
#include "lanes/lanes-draw.h"

#define MAX_ROWS 300

struct _GbLanesView
{
  GbView parent_instance;
  GbLanesLayout *layout;
};

G_DEFINE_FINAL_TYPE (GbLanesView, gb_lanes_view, GB_TYPE_VIEW)

static GbTrace *
trace_of (GbView *view)
{
  return gb_trace_cursor_get_trace (gb_view_get_cursor (view));
}

static void
lanes_update (GbView *view, const GbDrawContext *ctx, guint changes)
{
  GbLanesView *self = GB_LANES_VIEW (view);
  gb_lanes_layout_free (self->layout);
  self->layout = gb_lanes_layout_new (gb_view_get_cursor (view), ctx);
}

static void
lanes_draw (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  gb_lanes_draw (GB_LANES_VIEW (view)->layout, trace_of (view), ctx, snapshot);
}

static void
lanes_draw_overlay (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  if (GB_LANES_VIEW (view)->layout)
    gb_lanes_draw_overlay (GB_LANES_VIEW (view)->layout, trace_of (view), gb_view_get_selection (view), ctx,
                           snapshot);
}

static void
pick_bar (GbTrace *trace, const GbLaneBar *bar, GbPick *pick)
{
  GbOp op;

  *pick = (GbPick){ .facets = GB_PICK_OP, .call = bar->call };
  if (gb_trace_get_op (trace, bar->call, &op) && op.record->pos)
    {
      pick->facets |= GB_PICK_POSITION;
      pick->pos = op.record->caller_pos ? op.record->caller_pos : op.record->pos;
    }
}

static gboolean
lanes_pick (GbView *view, double x, double y, GbPick *pick)
{
  const GbLanesLayout *layout = GB_LANES_VIEW (view)->layout;
  int nth = layout && !layout->is_empty ? gb_lanes_layout_at (layout, x, y) : -1;

  if (nth >= 0)
    pick_bar (trace_of (view), &g_array_index (layout->bars, GbLaneBar, nth), pick);
  return nth >= 0;
}

static gboolean
lanes_locate (GbView *view, const GbPick *pick, graphene_rect_t *box)
{
  const GbLanesLayout *layout = GB_LANES_VIEW (view)->layout;
  return layout && gb_lanes_layout_locate (layout, pick, box);
}

/* Left and right: in order, on the same level; up and down: out of and into an op. */
static gboolean
lanes_move (GbView *view, GbMove move, const GbPick *from, GbPick *to)
{
  const GbLanesLayout *layout = GB_LANES_VIEW (view)->layout;
  int nth, step = move == GB_MOVE_LEFT || move == GB_MOVE_UP ? -1 : 1, n;
  guint8 depth;

  if (layout == NULL || layout->is_empty)
    return FALSE;
  n = (int) layout->bars->len;
  nth = (from->facets & GB_PICK_OP) ? gb_lanes_layout_find (layout, from->call) : -1;
  if (nth < 0 || move == GB_MOVE_HOME)
    nth = 0;
  else if (move == GB_MOVE_END)
    nth = n - 1;
  else
    {
      depth = g_array_index (layout->bars, GbLaneBar, nth).depth;
      for (int i = nth + step; i >= 0 && i < n; i += step)
        {
          guint8 at = g_array_index (layout->bars, GbLaneBar, i).depth;
          gboolean sideways = move == GB_MOVE_LEFT || move == GB_MOVE_RIGHT;
          if (sideways ? at <= depth : move == GB_MOVE_UP ? at < depth : at > depth)
            {
              nth = i;
              break;
            }
          if (!sideways && move == GB_MOVE_DOWN)
            break;
        }
    }
  pick_bar (trace_of (view), &g_array_index (layout->bars, GbLaneBar, nth), to);
  return TRUE;
}

static void
lanes_rows (GbView *view, GArray *rows)
{
  const GbLanesLayout *layout = GB_LANES_VIEW (view)->layout;
  GbPick none = { 0 };
  char duration[32];

  if (layout == NULL || layout->is_empty)
    return;
  for (guint lane = 0; lane < GB_N_LANES; lane++)
    if (layout->n_ops[lane])
      gb_view_rows_add (rows, &none, "%s: %s", gb_lane_name ((GbLane) lane),
                        gb_number_duration (layout->lane_nsec[lane], duration, sizeof duration));
  for (guint i = 0; i < MIN (layout->bars->len, MAX_ROWS); i++)
    {
      const GbLaneBar *bar = &g_array_index (layout->bars, GbLaneBar, i);
      g_autofree char *text = gb_lanes_bar_text (trace_of (view), bar);
      GbPick pick;
      pick_bar (trace_of (view), bar, &pick);
      gb_view_rows_add (rows, &pick, "%s: %s", gb_lane_name (bar->lane), text);
    }
}

static void
gb_lanes_view_finalize (GObject *object)
{
  gb_lanes_layout_free (GB_LANES_VIEW (object)->layout);
  G_OBJECT_CLASS (gb_lanes_view_parent_class)->finalize (object);
}

static void
gb_lanes_view_class_init (GbLanesViewClass *klass)
{
  GbViewClass *view_class = GB_VIEW_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = gb_lanes_view_finalize;
  view_class->update = lanes_update;
  view_class->draw = lanes_draw;
  view_class->draw_overlay = lanes_draw_overlay;
  view_class->pick = lanes_pick;
  view_class->locate = lanes_locate;
  view_class->move = lanes_move;
  view_class->rows = lanes_rows;
}

static void
gb_lanes_view_init (GbLanesView *self)
{
}

/* ---- definition ---- */
static int
lanes_relevance (GbTraceCursor *cursor)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  guint n = gb_trace_get_n_shows (trace);

  if (n && g_strcmp0 (gb_trace_get_show (trace, n - 1)->view, "lanes") == 0)
    return 90;
  return gb_trace_get_last_call_at (trace, gb_trace_cursor_get_position (cursor)) ? 12 : 0;
}

static GtkWidget *
lanes_new_widget (GbTraceCursor *cursor, GbSelection *selection)
{
  return gb_view_new (GB_TYPE_LANES_VIEW, &gb_lanes_view_def, cursor, selection);
}

static void
lanes_natural_size (
    GbTraceCursor *cursor, GbSelection *selection, const GbDrawContext *ctx, double *width, double *height)
{
  *width = 840;
  *height = 300;
}

static void
lanes_draw_static (GbTraceCursor *cursor,
                   GbSelection *selection,
                   const GbDrawContext *ctx,
                   GtkSnapshot *snapshot)
{
  g_autoptr (GbLanesLayout) layout = gb_lanes_layout_new (cursor, ctx);
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);

  gb_lanes_draw (layout, trace, ctx, snapshot);
  gb_lanes_draw_overlay (layout, trace, selection, ctx, snapshot);
}

static char *
lanes_describe (GbTraceCursor *cursor, GbSelection *selection)
{
  GbDrawContext none = { .width = 40, .height = 40 };
  g_autoptr (GbLanesLayout) layout = gb_lanes_layout_new (cursor, &none);
  return gb_lanes_sentence (layout);
}

const GbViewDef gb_lanes_view_def = {
  .id = "lanes",
  .title = N_ ("Lanes"),
  .summary =
      N_ ("What an iteration spends its time on: forward, backward and optimizer, operation by operation."),
  .icon_name = "view-lanes-symbolic",
  .relevance = lanes_relevance,
  .new_widget = lanes_new_widget,
  .natural_size = lanes_natural_size,
  .draw = lanes_draw_static,
  .describe = lanes_describe,
};
