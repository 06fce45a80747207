#include "chart/chart-view.h"

#include <math.h>

#include "chart/chart-draw.h"
#include "common/a11y.h"
#include "common/i18n.h"
#include "common/number-format.h"

struct _GbChartView
{
  GbView parent_instance;
  GbChartLayout *layout;
  GbChartOptions options;
};

G_DEFINE_FINAL_TYPE (GbChartView, gb_chart_view, GB_TYPE_VIEW)

static void
chart_update (GbView *view, const GbDrawContext *ctx, guint changes)
{
  GbChartView *self = GB_CHART_VIEW (view);
  gb_chart_layout_free (self->layout);
  self->layout = gb_chart_layout_new (gb_view_get_cursor (view), &self->options, ctx);
}

static void
chart_draw (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  gb_chart_draw (GB_CHART_VIEW (view)->layout, gb_trace_cursor_get_trace (gb_view_get_cursor (view)), ctx,
                 snapshot);
}

static void
chart_draw_overlay (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  if (GB_CHART_VIEW (view)->layout)
    gb_chart_draw_overlay (GB_CHART_VIEW (view)->layout, gb_view_get_cursor (view),
                           gb_view_get_selection (view), ctx, snapshot);
}

static GbPick
curve_pick (const GbChartLine *line, const GbChartPoint *point)
{
  return (GbPick){ .facets = GB_PICK_SERIES | GB_PICK_PART,
                   .series = line->log,
                   .part = (guint32) (point - &g_array_index (line->points, GbChartPoint, 0)) };
}

static gboolean
chart_locate (GbView *view, const GbPick *pick, graphene_rect_t *box)
{
  const GbChartLayout *layout = GB_CHART_VIEW (view)->layout;
  return layout && gb_chart_layout_locate (layout, pick, box);
}

static gboolean
chart_pick (GbView *view, double x, double y, GbPick *pick)
{
  const GbChartLayout *layout = GB_CHART_VIEW (view)->layout;
  const GbChartLine *line;

  if (layout == NULL)
    return FALSE;
  if (gb_chart_layout_curves_at (layout, x, y, &line))
    {
      *pick = curve_pick (line, gb_chart_line_near (line, x));
      return TRUE;
    }
  pick->iteration = gb_chart_layout_iteration_at (layout, x, y);
  if (pick->iteration == 0)
    return FALSE;
  pick->facets = GB_PICK_ITERATION;
  line = gb_chart_layout_line_at (layout, x, y);
  if (line)
    {
      pick->facets |= GB_PICK_SERIES;
      pick->series = line->log;
    }
  return TRUE;
}

/* Along a curve by its points, and from curve to curve of its panel; FALSE: from is no point of a curve. */
static gboolean
curve_move (const GbChartLayout *layout, GbMove move, const GbPick *from, GbPick *to)
{
  const guint on_curve = GB_PICK_SERIES | GB_PICK_PART;
  const GbChartPanel *panel = &layout->panels[layout->n_over_iterations];
  const GbChartLine *line = NULL;
  guint part = 0, nth;

  if ((from->facets & on_curve) == on_curve)
    {
      line = gb_chart_layout_line_of (layout, from->series, &panel);
      part = from->part;
    }
  else if (layout->n_over_iterations == 0 && layout->n_panels)
    line = g_ptr_array_index (panel->lines, 0);
  if (line == NULL || line->curve == NULL || line->points->len == 0)
    return FALSE;
  part = MIN (part, line->points->len - 1);
  switch (move)
    {
    case GB_MOVE_LEFT:
      part -= part > 0;
      break;
    case GB_MOVE_RIGHT:
      part += part + 1 < line->points->len;
      break;
    case GB_MOVE_HOME:
      part = 0;
      break;
    case GB_MOVE_END:
      part = line->points->len - 1;
      break;
    case GB_MOVE_UP:
    case GB_MOVE_DOWN:
      if (!g_ptr_array_find (panel->lines, line, &nth))
        return FALSE;
      const double x = g_array_index (line->points, GbChartPoint, part).x;
      nth = (nth + (move == GB_MOVE_UP ? panel->lines->len - 1 : 1)) % panel->lines->len;
      line = g_ptr_array_index (panel->lines, nth);
      const GbChartPoint *near = gb_chart_line_near (line, x);
      if (near == NULL)
        return FALSE;
      *to = curve_pick (line, near);
      return TRUE;
    }
  *to = curve_pick (line, &g_array_index (line->points, GbChartPoint, part));
  return TRUE;
}

/* The nth line over iterations from above, as an index; -1: the log has none. */
static int
line_number (const GbChartLayout *layout, const GbPick *pick, GPtrArray *lines)
{
  int found = -1;
  for (guint p = 0; p < layout->n_over_iterations; p++)
    for (guint i = 0; i < layout->panels[p].lines->len; i++)
      {
        GbChartLine *line = g_ptr_array_index (layout->panels[p].lines, i);
        if ((pick->facets & GB_PICK_SERIES) && line->log == pick->series)
          found = (int) lines->len;
        g_ptr_array_add (lines, line);
      }
  return found;
}

/* Left and right through the iterations, up and down from line to line. */
static gboolean
chart_move (GbView *view, GbMove move, const GbPick *from, GbPick *to)
{
  const GbChartLayout *layout = GB_CHART_VIEW (view)->layout;
  guint64 at, last;

  if (layout == NULL || layout->n_panels == 0)
    return FALSE;
  if (curve_move (layout, move, from, to))
    return TRUE;
  if (layout->n_over_iterations == 0)
    return FALSE;
  g_autoptr (GPtrArray) lines = g_ptr_array_new ();
  int nth = line_number (layout, from, lines);
  last = (guint64) layout->x_axis.high;
  at = from->facets & GB_PICK_ITERATION ? from->iteration : layout->iteration;
  switch (move)
    {
    case GB_MOVE_LEFT:
      at = at > 1 ? at - 1 : 1;
      break;
    case GB_MOVE_RIGHT:
      at = MIN (at + 1, last);
      break;
    case GB_MOVE_HOME:
      at = 1;
      break;
    case GB_MOVE_END:
      at = last;
      break;
    case GB_MOVE_UP:
      nth = nth < 0 ? (int) lines->len - 1 : nth - 1;
      break;
    case GB_MOVE_DOWN:
      nth++;
      break;
    }
  if ((move == GB_MOVE_UP || move == GB_MOVE_DOWN) && (nth < 0 || nth >= (int) lines->len))
    return FALSE;
  *to = (GbPick){ .facets = GB_PICK_ITERATION, .iteration = at };
  if (nth >= 0)
    {
      to->facets |= GB_PICK_SERIES;
      to->series = ((const GbChartLine *) g_ptr_array_index (lines, nth))->log;
    }
  return TRUE;
}

/* Enter on a point of time goes there. */
static void
chart_activate (GbView *view, const GbPick *pick)
{
  GbTraceCursor *cursor = gb_view_get_cursor (view);
  const GbIteration *it = pick->facets & GB_PICK_ITERATION
                              ? gb_trace_find_iteration (gb_trace_cursor_get_trace (cursor), pick->iteration)
                              : NULL;
  if (it)
    gb_trace_cursor_set_position (cursor, it->last_seq);
}

static gboolean
is_curve (const GbLog *log)
{
  return log->curve && (log->over || gb_curve_get_n (log->curve) > 1);
}

/* A curve in words: from where to where, and its extremes; FALSE: the log is none. */
static gboolean
curve_rows (const GbLog *log, guint nth, GArray *rows)
{
  char x0[32], x1[32], low[32], high[32];
  const GbCurvePoint *lowest = NULL, *highest = NULL;
  GbPick pick = { .facets = GB_PICK_SERIES, .series = nth };

  if (!is_curve (log))
    return FALSE;
  for (guint i = 0; i < gb_curve_get_n (log->curve); i++)
    {
      const GbCurvePoint *point = gb_curve_get (log->curve, i);
      if (!isfinite (point->y))
        continue;
      lowest = !lowest || point->y < lowest->y ? point : lowest;
      highest = !highest || point->y > highest->y ? point : highest;
    }
  if (lowest == NULL)
    gb_view_rows_add (rows, &pick, _ ("%s has no finite value"), log->name);
  else
    gb_view_rows_add (rows, &pick, _ ("%s over %s: lowest %s at %s, highest %s at %s"), log->name,
                      log->over ? log->over : _ ("count"), gb_number_text (lowest->y, 4, low, sizeof low),
                      gb_number_text (lowest->x, 4, x0, sizeof x0),
                      gb_number_text (highest->y, 4, high, sizeof high),
                      gb_number_text (highest->x, 4, x1, sizeof x1));
  return TRUE;
}

static void
chart_rows (GbView *view, GArray *rows)
{
  GbTrace *trace = gb_trace_cursor_get_trace (gb_view_get_cursor (view));
  const GbPick *pin = gb_selection_get_pin (gb_view_get_selection (view));

  for (guint i = 0; i < gb_trace_get_n_logs (trace); i++)
    {
      const GbLog *log = gb_trace_get_log (trace, i);
      guint n = gb_series_get_n (log->series);
      const GbBucket *last, *pinned = NULL;
      int at = pin->facets & GB_PICK_ITERATION ? gb_series_find (log->series, pin->iteration) : -1;
      double lowest = INFINITY, highest = -INFINITY;
      char value[32];
      const char *note = "";
      GbPick pick = { .facets = GB_PICK_ITERATION | GB_PICK_SERIES, .series = i };

      if (n == 0)
        continue;
      if (curve_rows (log, i, rows))
        continue;
      last = gb_series_get (log->series, n - 1);
      for (guint k = 0; k < n; k++)
        {
          lowest = fmin (lowest, gb_series_get (log->series, k)->min);
          highest = fmax (highest, gb_series_get (log->series, k)->max);
        }
      if (n > 1 && last->last <= lowest)
        note = _ (", lowest so far");
      else if (n > 1 && last->last >= highest)
        note = _ (", highest so far");
      if (at >= 0)
        { /* what the pin asks for, so that it has this row */
          pick = *pin;
          pick.series = pin->facets & GB_PICK_SERIES ? i : 0;
          pinned = gb_series_get (log->series, (guint) at);
          gb_number_text (pinned->nonfinite == pinned->count ? NAN : pinned->last, 4, value, sizeof value);
          gb_view_rows_add (rows, &pick, _ ("%s, step %lu, %s%s"), log->name, MIN (pinned->x1, pin->iteration), value,
                            "");
          continue;
        }
      pick.iteration = last->x1;
      gb_view_rows_add (rows, &pick, _ ("%s, step %lu, %s%s"), log->name, last->x1,
                        gb_number_text (last->last, 4, value, sizeof value), note);
    }
}

static void
chart_set_option (GSimpleAction *action, GVariant *value, gpointer data)
{
  GbChartView *self = GB_CHART_VIEW (data);
  gboolean on = g_variant_get_boolean (value);

  g_simple_action_set_state (action, value);
  if (g_strcmp0 (g_action_get_name (G_ACTION (action)), "log") == 0)
    self->options.log_y = on;
  else
    self->options.raw_only = !on;
  gb_view_invalidate (GB_VIEW (self));
}

static gboolean
chart_key (GbView *view, guint keyval, GdkModifierType state)
{
  const char *name = keyval == GDK_KEY_g || keyval == GDK_KEY_G   ? "log"
                     : keyval == GDK_KEY_m || keyval == GDK_KEY_M ? "smooth"
                                                                  : NULL;
  if (name == NULL)
    return FALSE;
  g_action_activate (g_action_map_lookup_action (gb_view_get_actions (view), name), NULL);
  return TRUE;
}

static void
chart_fill_menu (GbChartView *self)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  g_menu_append (menu, _ ("Logarithmic axis (G)"), "view.log");
  g_menu_append (menu, _ ("Smooth line (M)"), "view.smooth");
  g_menu_append (menu, _ ("List in words (L)"), "view.list");
  gb_view_set_menu (GB_VIEW (self), G_MENU_MODEL (menu));
}

static void
gb_chart_view_finalize (GObject *object)
{
  gb_chart_layout_free (GB_CHART_VIEW (object)->layout);
  G_OBJECT_CLASS (gb_chart_view_parent_class)->finalize (object);
}

static void
gb_chart_view_class_init (GbChartViewClass *klass)
{
  GbViewClass *view_class = GB_VIEW_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = gb_chart_view_finalize;
  view_class->update = chart_update;
  view_class->draw = chart_draw;
  view_class->draw_overlay = chart_draw_overlay;
  view_class->pick = chart_pick;
  view_class->locate = chart_locate;
  view_class->move = chart_move;
  view_class->activate = chart_activate;
  view_class->key = chart_key;
  view_class->rows = chart_rows;
}

static void
gb_chart_view_init (GbChartView *self)
{
  static const GActionEntry entries[] = {
    { .name = "log", .state = "false", .change_state = chart_set_option },
    { .name = "smooth", .state = "true", .change_state = chart_set_option },
  };

  g_action_map_add_action_entries (gb_view_get_actions (GB_VIEW (self)), entries, G_N_ELEMENTS (entries),
                                   self);
  chart_fill_menu (self);
  g_signal_connect_object (gb_i18n_get_default (), "changed", G_CALLBACK (chart_fill_menu), self,
                           G_CONNECT_SWAPPED);
}

/* ---- definition ---- */
static int
chart_relevance (GbTraceCursor *cursor)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);

  for (guint i = 0; i < gb_trace_get_n_logs (trace); i++)
    if (gb_series_get_n (gb_trace_get_log (trace, i)->series) > 1 || is_curve (gb_trace_get_log (trace, i)))
      return 60;
  return gb_trace_get_n_logs (trace) ? 10 : 0;
}

static GtkWidget *
chart_new_widget (GbTraceCursor *cursor, GbSelection *selection)
{
  return gb_view_new (GB_TYPE_CHART_VIEW, &gb_chart_view_def, cursor, selection);
}

static void
chart_natural_size (
    GbTraceCursor *cursor, GbSelection *selection, const GbDrawContext *ctx, double *width, double *height)
{
  GbChartOptions options = { 0 };
  g_autoptr (GbChartLayout) layout = gb_chart_layout_new (cursor, &options, ctx);

  *width = 640;
  *height = layout->n_panels > 2 ? 320 + 120 * (layout->n_panels - 2) : 320;
}

static void
chart_draw_static (GbTraceCursor *cursor,
                   GbSelection *selection,
                   const GbDrawContext *ctx,
                   GtkSnapshot *snapshot)
{
  GbChartOptions options = { 0 };
  g_autoptr (GbChartLayout) layout = gb_chart_layout_new (cursor, &options, ctx);

  gb_chart_draw (layout, gb_trace_cursor_get_trace (cursor), ctx, snapshot);
  gb_chart_draw_overlay (layout, cursor, selection, ctx, snapshot);
}

/* Both futures at the last iteration that they share; NULL: they share none, or are the same there. */
static char *
compare_futures (const GbLog *log)
{
  char value[32], other[32];
  if (!log->other)
    return NULL;
  const GbBucket *last = gb_series_get (log->series, gb_series_get_n (log->series) - 1),
                 *last_other = gb_series_get (log->other, gb_series_get_n (log->other) - 1);
  guint64 shared = MIN (last->x1, last_other->x1);
  int at = gb_series_find (log->series, shared), at_other = gb_series_find (log->other, shared);
  if (at < 0 || at_other < 0 || (guint) at_other < gb_series_parting (log->series, log->other))
    return NULL;
  gb_number_text (gb_series_get (log->series, (guint) at)->last, 3, value, sizeof value);
  gb_number_text (gb_series_get (log->other, (guint) at_other)->last, 3, other, sizeof other);
  return g_strdup_printf (_ ("%s at iteration %lu: %s now, %s before."), log->name, shared, value, other);
}

static char *
chart_describe (GbTraceCursor *cursor, GbSelection *selection)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  const GbLog *log = gb_trace_get_log (trace, 0);
  guint n = log ? gb_series_get_n (log->series) : 0;
  char first[32], last[32];

  if (n == 0)
    return g_strdup (_ ("Log a value or make a loss."));
  char *comparison = compare_futures (log);
  if (comparison)
    return comparison;
  if (is_curve (log))
    return g_strdup_printf (ngettext_ ("%s runs over %s: %u point.", "%s runs over %s: %u points.",
                                       gb_curve_get_n (log->curve)),
                            log->name, log->over ? log->over : _ ("its count"), gb_curve_get_n (log->curve));
  gb_number_text (gb_series_get (log->series, 0)->first, 3, first, sizeof first);
  gb_number_text (gb_series_get (log->series, n - 1)->last, 3, last, sizeof last);
  if (n == 1)
    return g_strdup_printf (_ ("%s is %s at iteration %lu."), log->name, last,
                            gb_series_get (log->series, 0)->x1);
  return g_strdup_printf (_ ("%s went from %s to %s by iteration %lu."), log->name, first, last,
                          gb_series_get (log->series, n - 1)->x1);
}

const GbViewDef gb_chart_view_def = {
  .id = "chart",
  .title = N_ ("Logged values"),
  .summary = N_ ("Logged values over iterations or over another number, with what they were at any of them."),
  .icon_name = "view-chart-symbolic",
  .missing = N_ ("Log a value or make a loss."),
  .relevance = chart_relevance,
  .new_widget = chart_new_widget,
  .natural_size = chart_natural_size,
  .draw = chart_draw_static,
  .describe = chart_describe,
};
