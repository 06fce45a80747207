#include "surface/surface-view.h"

#include "common/a11y.h"
#include "common/i18n.h"
#include "surface/surface-draw.h"

#define MAX_WATCHED 262144 /* of heights */
#define MAX_TENSORS 16
#define MAX_ROWS    400

struct _GbSurfaceView
{
  GbView parent_instance;
  GbSurfaceLayout *layout;
};

G_DEFINE_FINAL_TYPE (GbSurfaceView, gb_surface_view, GB_TYPE_VIEW)

static void
surface_update (GbView *view, const GbDrawContext *ctx, guint changes)
{
  GbSurfaceView *self = GB_SURFACE_VIEW (view);

  g_clear_pointer (&self->layout, gb_surface_layout_free);
  self->layout = gb_surface_layout_new (gb_view_get_cursor (view), ctx);
}

static void
surface_draw (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  gb_surface_draw (GB_SURFACE_VIEW (view)->layout, ctx, snapshot);
}

static void
surface_draw_overlay (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  if (GB_SURFACE_VIEW (view)->layout)
    gb_surface_draw_overlay (GB_SURFACE_VIEW (view)->layout, gb_view_get_selection (view), ctx, snapshot);
}

static gboolean
surface_pick (GbView *view, double x, double y, GbPick *pick)
{
  const GbSurfaceLayout *layout = GB_SURFACE_VIEW (view)->layout;
  GbSurfacePlace place;

  if (layout == NULL || !gb_surface_layout_at (layout, x, y, &place))
    return FALSE;
  gb_surface_layout_pick (layout, &place, pick);
  return TRUE;
}

/* Along a path with left and right, to the next path with up and down; from cell to cell. */
static void
step_point (const GbSurfaceLayout *layout, GbMove move, GbSurfacePlace *place)
{
  const GbSurface *m = layout->model;
  int path = place->path, n_paths = (int) m->paths->len;
  gint64 point = place->point, n;

  path = CLAMP (path + (move == GB_MOVE_DOWN) - (move == GB_MOVE_UP), 0, n_paths - 1);
  n = gb_surface_path (m, (guint) path)->points->len;
  point += (move == GB_MOVE_RIGHT) - (move == GB_MOVE_LEFT);
  point = move == GB_MOVE_HOME ? 0 : move == GB_MOVE_END ? n - 1 : CLAMP (point, 0, n - 1);
  gb_surface_layout_set_point (layout, (guint) path, (guint) point, place);
}

static gboolean
surface_move (GbView *view, GbMove move, const GbPick *from, GbPick *to)
{
  const GbSurfaceLayout *layout = GB_SURFACE_VIEW (view)->layout;
  GbSurfacePlace place;

  if (layout == NULL || layout->model == NULL
      || (layout->model->is_unknown && layout->model->paths->len == 0))
    return FALSE;
  if (!gb_surface_layout_picked (layout, from, &place))
    gb_surface_layout_rest (layout, &place);
  else if (place.path >= 0)
    step_point (layout, move, &place);
  else if (move == GB_MOVE_HOME || move == GB_MOVE_END)
    gb_surface_layout_set_cell (layout, place.row, move == GB_MOVE_HOME ? 0 : layout->model->columns - 1,
                                &place);
  else
    gb_surface_layout_set_cell (layout, place.row + (move == GB_MOVE_UP) - (move == GB_MOVE_DOWN),
                                place.column + (move == GB_MOVE_RIGHT) - (move == GB_MOVE_LEFT), &place);
  gb_surface_layout_pick (layout, &place, to);
  return TRUE;
}

/* Each path, and the steps of the last part of it. */
static void
surface_rows (GbView *view, GArray *rows)
{
  const GbSurfaceLayout *layout = GB_SURFACE_VIEW (view)->layout;
  const GbSurface *m = layout ? layout->model : NULL;
  GbSurfacePlace place;
  GbPick pick;

  if (m == NULL)
    return;
  if (m->tensor && !m->is_unknown)
    {
      gb_surface_layout_set_cell (layout, m->low_row, m->low_column, &place);
      gb_surface_layout_pick (layout, &place, &pick);
      g_autofree char *text = gb_surface_layout_place_text (layout, &place);
      gb_view_rows_add (rows, &pick, _ ("lowest: %s"), text);
    }
  for (guint p = 0; p < m->paths->len; p++)
    {
      g_autofree char *path = gb_surface_layout_path_text (layout, p);
      guint n = gb_surface_path (m, p)->points->len, most = MAX_ROWS / m->paths->len;
      gb_surface_layout_set_point (layout, p, n - 1, &place);
      gb_surface_layout_pick (layout, &place, &pick);
      gb_view_rows_add (rows, &pick, "%s", path);
      for (guint i = n > most ? n - most : 0; i < n; i++)
        {
          gb_surface_layout_set_point (layout, p, i, &place);
          gb_surface_layout_pick (layout, &place, &pick);
          g_autofree char *text = gb_surface_layout_place_text (layout, &place);
          gb_view_rows_add (rows, &pick, "%s", text);
        }
    }
}

static char *
sentence (const GbSurfaceLayout *layout)
{
  return layout->model ? gb_surface_layout_sentence (layout)
                       : g_strdup (_ ("Optimise two numbers, or show a matrix of losses."));
}

static char *
surface_describe_shown (GbView *view)
{
  return sentence (GB_SURFACE_VIEW (view)->layout);
}

static void
gb_surface_view_finalize (GObject *object)
{
  gb_surface_layout_free (GB_SURFACE_VIEW (object)->layout);
  G_OBJECT_CLASS (gb_surface_view_parent_class)->finalize (object);
}

static void
gb_surface_view_class_init (GbSurfaceViewClass *klass)
{
  GbViewClass *view_class = GB_VIEW_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = gb_surface_view_finalize;
  view_class->update = surface_update;
  view_class->draw = surface_draw;
  view_class->draw_overlay = surface_draw_overlay;
  view_class->pick = surface_pick;
  view_class->move = surface_move;
  view_class->rows = surface_rows;
  view_class->describe = surface_describe_shown;
}

static void
gb_surface_view_init (GbSurfaceView *self)
{
}

/* ---- definition ---- */

static int
surface_relevance (GbTraceCursor *cursor)
{
  return gb_surface_peek (cursor) ? 70 : 0;
}

static GtkWidget *
surface_new_widget (GbTraceCursor *cursor, GbSelection *selection)
{
  return gb_view_new (GB_TYPE_SURFACE_VIEW, &gb_surface_view_def, cursor, selection);
}

static void
surface_natural_size (
    GbTraceCursor *cursor, GbSelection *selection, const GbDrawContext *ctx, double *width, double *height)
{
  *width = 720;
  *height = 520;
}

static void
surface_draw_static (GbTraceCursor *cursor,
                     GbSelection *selection,
                     const GbDrawContext *ctx,
                     GtkSnapshot *snapshot)
{
  g_autoptr (GbSurfaceLayout) layout = gb_surface_layout_new (cursor, ctx);

  gb_surface_draw (layout, ctx, snapshot);
  gb_surface_draw_overlay (layout, selection, ctx, snapshot);
}

static char *
surface_describe (GbTraceCursor *cursor, GbSelection *selection)
{
  GbDrawContext none = { .width = 40, .height = 40 };
  g_autoptr (GbSurfaceLayout) layout = gb_surface_layout_new (cursor, &none);

  return sentence (layout);
}

static void
surface_watches (GbTraceCursor *cursor, GbSelection *selection, GArray *watches)
{
  static const TeWatch shown = { .kind = TE_WATCH_VALUES, .period_msec = 100, .max_elements = 4096 };
  guint64 tensors[MAX_TENSORS];
  guint n = gb_surface_tensors (cursor, tensors, MAX_TENSORS);

  g_array_append_val (watches, shown);
  for (guint i = 0; i < n; i++)
    {
      TeWatch one = { .kind = TE_WATCH_VALUES, .tensor = tensors[i], .max_elements = MAX_WATCHED };
      g_array_append_val (watches, one);
    }
}

const GbViewDef gb_surface_view_def = {
  .id = "surface",
  .title = N_ ("Surface"),
  .summary = N_ ("Contours of a loss over two directions, the paths that optimisers walk on it, and slices "
                 "through a place."),
  .missing = N_ ("Optimise two numbers, or show a matrix of losses."),
  .icon_name = "view-surface-symbolic",
  .relevance = surface_relevance,
  .new_widget = surface_new_widget,
  .natural_size = surface_natural_size,
  .draw = surface_draw_static,
  .describe = surface_describe,
  .watches = surface_watches,
};
