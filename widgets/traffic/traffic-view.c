#include "traffic/traffic-view.h"

#include "common/a11y.h"
#include "common/i18n.h"
#include "traffic/traffic-draw.h"

#define MAX_ROWS 400

struct _GbTrafficView
{
  GbView parent_instance;
  GbTrafficLayout *layout;
};

G_DEFINE_FINAL_TYPE (GbTrafficView, gb_traffic_view, GB_TYPE_VIEW)

static void
traffic_update (GbView *view, const GbDrawContext *ctx, guint changes)
{
  GbTrafficView *self = GB_TRAFFIC_VIEW (view);

  g_clear_pointer (&self->layout, gb_traffic_layout_free);
  self->layout = gb_traffic_layout_new (gb_view_get_cursor (view), ctx);
}

static void
traffic_draw (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  gb_traffic_draw (GB_TRAFFIC_VIEW (view)->layout, ctx, snapshot);
}

static void
traffic_draw_overlay (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  if (GB_TRAFFIC_VIEW (view)->layout)
    gb_traffic_draw_overlay (GB_TRAFFIC_VIEW (view)->layout, gb_view_get_selection (view), ctx, snapshot);
}

static void
set_event (GbPick *pick, guint64 seq)
{
  *pick = (GbPick){ .facets = GB_PICK_EVENT, .event = seq };
}

static gboolean
traffic_pick (GbView *view, double x, double y, GbPick *pick)
{
  const GbTrafficLayout *layout = GB_TRAFFIC_VIEW (view)->layout;
  guint64 seq = layout ? gb_traffic_layout_at (layout, x, y) : 0;

  set_event (pick, seq);
  return seq != 0;
}

/* The next span in which something was asked. */
static guint64
beside_span (const GbTraffic *m, int from, int step)
{
  for (int i = from + step; i >= 0 && i < (int) m->spans->len; i += step)
    if (gb_traffic_span (m, (guint) i)->seq)
      return gb_traffic_span (m, (guint) i)->seq;
  return 0;
}

/* Through the spans with left and right, through what was written with up and down. */
static gboolean
traffic_move (GbView *view, GbMove move, const GbPick *from, GbPick *to)
{
  const GbTrafficLayout *layout = GB_TRAFFIC_VIEW (view)->layout;
  const GbTraffic *m = layout ? layout->model : NULL;
  guint64 seq = 0;
  int span, note;

  if (m == NULL)
    return FALSE;
  span = from->facets & GB_PICK_EVENT ? gb_traffic_find_span (m, from->event) : -1;
  note = from->facets & GB_PICK_EVENT ? gb_traffic_find_note (m, from->event) : -1;
  if (move == GB_MOVE_HOME || move == GB_MOVE_END)
    seq = move == GB_MOVE_HOME ? beside_span (m, -1, 1) : beside_span (m, (int) m->spans->len, -1);
  else if (move == GB_MOVE_LEFT || move == GB_MOVE_RIGHT)
    {
      if (span < 0 && note >= 0)
        span = (int) gb_traffic_span_at (m, gb_traffic_note (m, (guint) note)->seconds);
      seq = beside_span (m, span, move == GB_MOVE_RIGHT ? 1 : -1);
    }
  else if (m->notes->len)
    seq = gb_traffic_note (m, note < 0 ? layout->first_note
                                       : (guint) CLAMP (note + (move == GB_MOVE_DOWN ? 1 : -1), 0,
                                                        (int) m->notes->len - 1))
              ->seq;
  set_event (to, seq);
  return seq != 0;
}

static void
traffic_rows (GbView *view, GArray *rows)
{
  const GbTrafficLayout *layout = GB_TRAFFIC_VIEW (view)->layout;
  const GbTraffic *m = layout ? layout->model : NULL;
  GbPick pick;

  if (m == NULL)
    return;
  for (guint i = 0; i < m->n_versions; i++)
    {
      g_autofree char *text = gb_traffic_version_text (m, i);
      gb_view_rows_add (rows, NULL, "%s", text);
    }
  for (guint i = m->notes->len > MAX_ROWS ? m->notes->len - MAX_ROWS : 0; i < m->notes->len; i++)
    {
      g_autofree char *text = gb_traffic_note_text (m, i);
      set_event (&pick, gb_traffic_note (m, i)->seq);
      gb_view_rows_add (rows, &pick, "%s", text);
    }
  for (guint i = 0; i < m->spans->len; i++)
    {
      g_autofree char *text = gb_traffic_span_text (m, i);
      set_event (&pick, gb_traffic_span (m, i)->seq);
      gb_view_rows_add (rows, pick.event ? &pick : NULL, "%s", text);
    }
}

static char *
sentence (const GbTraffic *model)
{
  return model ? gb_traffic_sentence (model)
               : g_strdup (_ ("No requests yet: gb.log (\"request\", ms, at=seconds) tells each of them."));
}

static char *
traffic_describe_shown (GbView *view)
{
  return sentence (GB_TRAFFIC_VIEW (view)->layout->model);
}

static void
gb_traffic_view_finalize (GObject *object)
{
  gb_traffic_layout_free (GB_TRAFFIC_VIEW (object)->layout);
  G_OBJECT_CLASS (gb_traffic_view_parent_class)->finalize (object);
}

static void
gb_traffic_view_class_init (GbTrafficViewClass *klass)
{
  GbViewClass *view_class = GB_VIEW_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = gb_traffic_view_finalize;
  view_class->update = traffic_update;
  view_class->draw = traffic_draw;
  view_class->draw_overlay = traffic_draw_overlay;
  view_class->pick = traffic_pick;
  view_class->move = traffic_move;
  view_class->rows = traffic_rows;
  view_class->describe = traffic_describe_shown;
}

static void
gb_traffic_view_init (GbTrafficView *self)
{
}

/* ---- definition ---- */

static int
traffic_relevance (GbTraceCursor *cursor)
{
  return gb_traffic_peek (cursor) ? 80 : 0;
}

static GtkWidget *
traffic_new_widget (GbTraceCursor *cursor, GbSelection *selection)
{
  return gb_view_new (GB_TYPE_TRAFFIC_VIEW, &gb_traffic_view_def, cursor, selection);
}

static void
traffic_natural_size (
    GbTraceCursor *cursor, GbSelection *selection, const GbDrawContext *ctx, double *width, double *height)
{
  *width = 760;
  *height = 560;
}

static void
traffic_draw_static (GbTraceCursor *cursor,
                     GbSelection *selection,
                     const GbDrawContext *ctx,
                     GtkSnapshot *snapshot)
{
  g_autoptr (GbTrafficLayout) layout = gb_traffic_layout_new (cursor, ctx);

  gb_traffic_draw (layout, ctx, snapshot);
  gb_traffic_draw_overlay (layout, selection, ctx, snapshot);
}

static char *
traffic_describe (GbTraceCursor *cursor, GbSelection *selection)
{
  g_autoptr (GbTraffic) model = gb_traffic_new (cursor);

  return sentence (model);
}

const GbViewDef gb_traffic_view_def = {
  .id = "traffic",
  .title = N_ ("Traffic"),
  .summary = N_ ("A service under load: requests a second by version, percentiles of latency, errors, queue, "
                 "alerts and log."),
  .missing = N_ ("No requests yet: gb.log (\"request\", ms, at=seconds) tells each of them."),
  .icon_name = "view-traffic-symbolic",
  .relevance = traffic_relevance,
  .new_widget = traffic_new_widget,
  .natural_size = traffic_natural_size,
  .draw = traffic_draw_static,
  .describe = traffic_describe,
};
