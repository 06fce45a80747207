#include "plane/plane-view.h"

#include "common/a11y.h"
#include "common/i18n.h"
#include "plane/plane-draw.h"

#define MAX_WATCHED 16384
#define MAX_ROWS    400

struct _GbPlaneView
{
  GbView parent_instance;
  GbPlaneLayout *layout;
};

G_DEFINE_FINAL_TYPE (GbPlaneView, gb_plane_view, GB_TYPE_VIEW)

static void
plane_update (GbView *view, const GbDrawContext *ctx, guint changes)
{
  GbPlaneView *self = GB_PLANE_VIEW (view);
  gb_plane_layout_free (self->layout);
  self->layout = gb_plane_layout_new (gb_view_get_cursor (view), gb_view_get_selection (view), ctx);
}

static void
plane_draw (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  gb_plane_draw (GB_PLANE_VIEW (view)->layout, ctx, snapshot);
}

static void
plane_draw_overlay (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  if (GB_PLANE_VIEW (view)->layout)
    gb_plane_draw_overlay (GB_PLANE_VIEW (view)->layout, gb_view_get_selection (view), ctx, snapshot);
}

static gboolean
plane_pick (GbView *view, double x, double y, GbPick *pick)
{
  const GbPlaneLayout *layout = GB_PLANE_VIEW (view)->layout;
  gint64 nth = layout ? gb_plane_layout_at (layout, x, y) : -1;

  if (nth >= 0)
    gb_plane_layout_pick (layout, nth, pick);
  return nth >= 0;
}

/* From point to point in their order. */
static gboolean
plane_move (GbView *view, GbMove move, const GbPick *from, GbPick *to)
{
  const GbPlaneLayout *layout = GB_PLANE_VIEW (view)->layout;
  gint64 nth;

  if (layout == NULL || layout->model == NULL || layout->model->n == 0)
    return FALSE;
  nth = gb_plane_layout_picked (layout, from);
  if (move == GB_MOVE_HOME || nth < 0)
    nth = 0;
  else if (move == GB_MOVE_END)
    nth = layout->model->n - 1;
  else
    nth = CLAMP (nth + (move == GB_MOVE_RIGHT || move == GB_MOVE_DOWN ? 1 : -1), 0, layout->model->n - 1);
  gb_plane_layout_pick (layout, nth, to);
  return TRUE;
}

static void
plane_rows (GbView *view, GArray *rows)
{
  const GbPlaneLayout *layout = GB_PLANE_VIEW (view)->layout;

  if (layout == NULL || layout->model == NULL)
    return;
  for (gint64 i = 0; i < MIN (layout->model->n, MAX_ROWS); i++)
    {
      g_autofree char *text = gb_plane_layout_point_text (layout, i);
      GbPick pick;
      gb_plane_layout_pick (layout, i, &pick);
      gb_view_rows_add (rows, &pick, "%s", text);
    }
}

static void
gb_plane_view_finalize (GObject *object)
{
  gb_plane_layout_free (GB_PLANE_VIEW (object)->layout);
  G_OBJECT_CLASS (gb_plane_view_parent_class)->finalize (object);
}

static void
gb_plane_view_class_init (GbPlaneViewClass *klass)
{
  GbViewClass *view_class = GB_VIEW_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = gb_plane_view_finalize;
  view_class->update = plane_update;
  view_class->draw = plane_draw;
  view_class->draw_overlay = plane_draw_overlay;
  view_class->pick = plane_pick;
  view_class->move = plane_move;
  view_class->rows = plane_rows;
}

static void
gb_plane_view_init (GbPlaneView *self)
{
}

/* ---- definition ---- */
static int
plane_relevance (GbTraceCursor *cursor)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  guint n = gb_trace_get_n_shows (trace);

  if (n && g_strcmp0 (gb_trace_get_show (trace, n - 1)->view, "plane") == 0)
    return 90;
  return gb_plane_peek (cursor) ? 62 : 0;
}

static GtkWidget *
plane_new_widget (GbTraceCursor *cursor, GbSelection *selection)
{
  return gb_view_new (GB_TYPE_PLANE_VIEW, &gb_plane_view_def, cursor, selection);
}

static void
plane_natural_size (
    GbTraceCursor *cursor, GbSelection *selection, const GbDrawContext *ctx, double *width, double *height)
{
  *width = 640;
  *height = 440;
}

static void
plane_draw_static (GbTraceCursor *cursor,
                   GbSelection *selection,
                   const GbDrawContext *ctx,
                   GtkSnapshot *snapshot)
{
  g_autoptr (GbPlaneLayout) layout = gb_plane_layout_new (cursor, selection, ctx);

  gb_plane_draw (layout, ctx, snapshot);
  gb_plane_draw_overlay (layout, selection, ctx, snapshot);
}

static char *
plane_describe (GbTraceCursor *cursor, GbSelection *selection)
{
  /* The sentence counts points on the wrong side, which needs the model but no picture. */
  GbDrawContext none = { .width = 40, .height = 40 };
  g_autoptr (GbPlaneLayout) layout = gb_plane_layout_new (cursor, selection, &none);

  return layout->model ? gb_plane_layout_sentence (layout)
                       : g_strdup (_ ("Train on points of two columns, or choose an activation."));
}

static void
plane_watches (GbTraceCursor *cursor, GbSelection *selection, GArray *watches)
{
  static const TeWatch wanted = { .kind = TE_WATCH_VALUES, .period_msec = 100, .max_elements = MAX_WATCHED };
  g_array_append_val (watches, wanted);
}

const GbViewDef gb_plane_view_def = {
  .id = "plane",
  .title = N_ ("Plane"),
  .summary =
      N_ ("Points and what the model makes of the plane around them, a fitted curve, or principal axes."),
  .icon_name = "view-plane-symbolic",
  .relevance = plane_relevance,
  .new_widget = plane_new_widget,
  .natural_size = plane_natural_size,
  .draw = plane_draw_static,
  .describe = plane_describe,
  .watches = plane_watches,
};
