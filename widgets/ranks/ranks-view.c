#include "ranks/ranks-view.h"

#include <math.h>

#include "common/a11y.h"
#include "common/i18n.h"
#include "ranks/ranks-draw.h"

#define MAX_ROWS  400
#define MOST_ZOOM 1000

struct _GbRanksView
{
  GbView parent_instance;
  GbRanksLayout *layout;
  GbRanksOptions options;
};

G_DEFINE_FINAL_TYPE (GbRanksView, gb_ranks_view, GB_TYPE_VIEW)

static void
ranks_update (GbView *view, const GbDrawContext *ctx, guint changes)
{
  GbRanksView *self = GB_RANKS_VIEW (view);

  g_clear_pointer (&self->layout, gb_ranks_layout_free);
  self->layout = gb_ranks_layout_new (gb_view_get_cursor (view), &self->options, ctx);
}

static void
ranks_draw (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  gb_ranks_draw (GB_RANKS_VIEW (view)->layout, ctx, snapshot);
}

static void
ranks_draw_overlay (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  if (GB_RANKS_VIEW (view)->layout)
    gb_ranks_draw_overlay (GB_RANKS_VIEW (view)->layout, gb_view_get_selection (view), ctx, snapshot);
}

static gboolean
ranks_pick (GbView *view, double x, double y, GbPick *pick)
{
  const GbRanksLayout *layout = GB_RANKS_VIEW (view)->layout;
  int nth = layout ? gb_ranks_layout_at (layout, x, y) : -1;

  if (nth >= 0)
    gb_ranks_layout_pick (layout, (guint) nth, pick);
  return nth >= 0;
}

static void
show_time (GbRanksView *self, double zoom, double center)
{
  zoom = CLAMP (zoom, 1, MOST_ZOOM);
  self->options.zoom = zoom;
  self->options.center = CLAMP (center, 0.5 / zoom, 1 - 0.5 / zoom);
  gb_view_invalidate (GB_VIEW (self));
}

/* Along a lane and from lane to lane; what lies out of sight is brought there. */
static gboolean
ranks_move (GbView *view, GbMove move, const GbPick *from, GbPick *to)
{
  GbRanksView *self = GB_RANKS_VIEW (view);
  const GbRanksLayout *layout = self->layout;
  const GbRankBar *bar;
  int nth, last;

  if (layout == NULL || layout->model == NULL)
    return FALSE;
  last = (int) layout->model->bars->len - 1;
  nth = gb_ranks_layout_picked (layout, from);
  if (nth < 0 || move == GB_MOVE_HOME)
    nth = 0;
  else if (move == GB_MOVE_END)
    nth = last;
  else
    nth = gb_ranks_layout_beside (layout, nth, (move == GB_MOVE_DOWN) - (move == GB_MOVE_UP),
                                  (move == GB_MOVE_RIGHT) - (move == GB_MOVE_LEFT));
  bar = gb_ranks_bar (layout->model, (guint) nth);
  gb_ranks_layout_pick (layout, (guint) nth, to);
  if (bar->end < layout->from || bar->start > layout->to)
    show_time (self, self->options.zoom,
               ((bar->start + bar->end) / 2 - layout->model->start)
                   / (layout->model->end - layout->model->start));
  return TRUE;
}

static gboolean
ranks_key (GbView *view, guint keyval, GdkModifierType state)
{
  GbRanksView *self = GB_RANKS_VIEW (view);
  double zoom = MAX (self->options.zoom, 1), center = self->options.zoom > 1 ? self->options.center : 0.5;

  if (keyval == GDK_KEY_plus || keyval == GDK_KEY_equal || keyval == GDK_KEY_KP_Add)
    show_time (self, zoom * 1.5, center);
  else if (keyval == GDK_KEY_minus || keyval == GDK_KEY_KP_Subtract)
    show_time (self, zoom / 1.5, center);
  else if (keyval == GDK_KEY_0 || keyval == GDK_KEY_KP_0)
    show_time (self, 1, 0.5);
  else
    return FALSE;
  return TRUE;
}

/* With Ctrl around the pointer, else along the time. */
static gboolean
ranks_scroll (GbView *view, double dx, double dy, double x, double y, GdkModifierType state)
{
  GbRanksView *self = GB_RANKS_VIEW (view);
  const GbRanksLayout *layout = self->layout;
  double zoom = MAX (self->options.zoom, 1), fresh, at, share;

  if (layout == NULL || layout->model == NULL || (zoom <= 1 && !(state & GDK_CONTROL_MASK)))
    return FALSE;
  if (!(state & GDK_CONTROL_MASK))
    {
      show_time (self, zoom, self->options.center + (dx + dy) * 0.1 / zoom);
      return TRUE;
    }
  share = CLAMP ((x - layout->x) / layout->plot_width, 0, 1);
  at = (layout->from + share * (layout->to - layout->from) - layout->model->start)
       / (layout->model->end - layout->model->start);
  fresh = CLAMP (zoom * pow (1.15, -dy), 1, MOST_ZOOM);
  show_time (self, fresh, at + (0.5 - share) / fresh);
  return TRUE;
}

static void
ranks_rows (GbView *view, GArray *rows)
{
  const GbRanksLayout *layout = GB_RANKS_VIEW (view)->layout;
  const GbRanks *m = layout ? layout->model : NULL;

  if (m == NULL)
    return;
  for (guint i = 0; i < m->ranks->len; i++)
    {
      g_autofree char *text = gb_ranks_rank_text (m, i);
      gb_view_rows_add (rows, NULL, "%s", text);
    }
  for (guint i = 0; i < MIN (m->meetings->len, MAX_ROWS); i++)
    {
      g_autofree char *text = gb_ranks_meeting_text (m, i);
      gb_view_rows_add (rows, NULL, "%s", text);
    }
  for (guint i = 0; i < MIN (m->bars->len, MAX_ROWS); i++)
    {
      g_autofree char *text = gb_ranks_bar_text (m, i);
      GbPick pick;
      gb_ranks_layout_pick (layout, i, &pick);
      gb_view_rows_add (rows, &pick, "%s", text);
    }
}

static void
gb_ranks_view_finalize (GObject *object)
{
  gb_ranks_layout_free (GB_RANKS_VIEW (object)->layout);
  G_OBJECT_CLASS (gb_ranks_view_parent_class)->finalize (object);
}

static void
gb_ranks_view_class_init (GbRanksViewClass *klass)
{
  GbViewClass *view_class = GB_VIEW_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = gb_ranks_view_finalize;
  view_class->update = ranks_update;
  view_class->draw = ranks_draw;
  view_class->draw_overlay = ranks_draw_overlay;
  view_class->pick = ranks_pick;
  view_class->move = ranks_move;
  view_class->key = ranks_key;
  view_class->scroll = ranks_scroll;
  view_class->rows = ranks_rows;
}

static void
gb_ranks_view_init (GbRanksView *self)
{
}

/* ---- definition ---- */

static int
ranks_relevance (GbTraceCursor *cursor)
{
  return gb_ranks_peek (cursor) ? 80 : 0;
}

static GtkWidget *
ranks_new_widget (GbTraceCursor *cursor, GbSelection *selection)
{
  return gb_view_new (GB_TYPE_RANKS_VIEW, &gb_ranks_view_def, cursor, selection);
}

static void
ranks_natural_size (
    GbTraceCursor *cursor, GbSelection *selection, const GbDrawContext *ctx, double *width, double *height)
{
  *width = 840;
  *height = 360;
}

static void
ranks_draw_static (GbTraceCursor *cursor,
                   GbSelection *selection,
                   const GbDrawContext *ctx,
                   GtkSnapshot *snapshot)
{
  static const GbRanksOptions whole = { 0 };
  g_autoptr (GbRanksLayout) layout = gb_ranks_layout_new (cursor, &whole, ctx);

  gb_ranks_draw (layout, ctx, snapshot);
  gb_ranks_draw_overlay (layout, selection, ctx, snapshot);
}

static char *
ranks_describe (GbTraceCursor *cursor, GbSelection *selection)
{
  g_autoptr (GbRanks) model = gb_ranks_new (cursor);

  return model ? gb_ranks_sentence (model)
               : g_strdup (_ ("No ranks yet: gb.log with rank= tells what each of them does."));
}

const GbViewDef gb_ranks_view_def = {
  .id = "ranks",
  .title = N_ ("Ranks"),
  .summary = N_ (
      "A lane for each rank: computing, messages, collectives, bytes, waiting, and who is dead or missing."),
  .missing = N_ ("No ranks yet: gb.log with rank= tells what each of them does."),
  .icon_name = "view-ranks-symbolic",
  .relevance = ranks_relevance,
  .new_widget = ranks_new_widget,
  .natural_size = ranks_natural_size,
  .draw = ranks_draw_static,
  .describe = ranks_describe,
};
