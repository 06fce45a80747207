#include "chart/chart-draw.h"

#include <math.h>

#include "common/i18n.h"
#include "common/number-format.h"

#define DOT_RADIUS 1.0 /* of a point that stands alone */

static GdkRGBA
with_alpha (const GdkRGBA *color, float alpha)
{
  GdkRGBA c = *color;
  c.alpha *= alpha;
  return c;
}

static void
draw_y_axis (const GbChartPanel *panel, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GdkRGBA *rule = gb_theme_role (ctx->theme, GB_ROLE_RULE);
  char text[48];

  for (guint i = 0; i < panel->axis.n_ticks; i++)
    {
      double value = gb_axis_tick (&panel->axis, i), place = gb_axis_place (&panel->axis, value), y;
      if (place < -1e-9 || place > 1 + 1e-9)
        continue;
      y = round (panel->y + panel->height * (1 - place)) + 0.5;
      gb_draw_hline (snapshot, rule, panel->x, panel->x + panel->width, y, 1);
      gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, GB_ROLE_MUTED,
                    gb_axis_label (&panel->axis, value, text, sizeof text), panel->x - 7, y, GB_ALIGN_RIGHT);
    }
}

/* Below the panel: ticks, and what they count. */
static void
draw_x_axis (const GbChartPanel *panel,
             const GbAxis *axis,
             const char *name,
             const GbDrawContext *ctx,
             GtkSnapshot *snapshot)
{
  char text[48];

  for (guint i = 0; i < axis->n_ticks; i++)
    {
      double value = gb_axis_tick (axis, i), place = gb_axis_place (axis, value);
      if (place > -1e-9 && place < 1 + 1e-9)
        gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, GB_ROLE_MUTED,
                      gb_axis_label (axis, value, text, sizeof text), panel->x + place * panel->width,
                      panel->y + panel->height + 12, GB_ALIGN_CENTER);
    }
  gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, name, panel->x + panel->width,
                panel->y + panel->height + 27, GB_ALIGN_RIGHT);
}

static void
draw_axes (const GbChartLayout *layout, guint nth, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbChartPanel *panel = &layout->panels[nth];

  draw_y_axis (panel, ctx, snapshot);
  if (panel->is_curve)
    draw_x_axis (panel, &panel->x_axis, panel->over ? panel->over : _ ("value logged, by count"), ctx, snapshot);
  else if (nth + 1 == layout->n_over_iterations)
    draw_x_axis (panel, &layout->x_axis, _ ("iteration"), ctx, snapshot);
}

/* Where each epoch ends: a dotted rule with its name, as many as have room.  Loaders count epochs from 0 or
 * from 1; people from 1. */
static void
draw_epochs (const GbChartLayout *layout, GbTrace *trace, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbBatch *first = gb_trace_get_epoch (trace, 0);
  double last_x = -100, last_width = 0;

  if (layout->n_over_iterations == 0)
    return;
  const GbChartPanel *bottom = &layout->panels[layout->n_over_iterations - 1];

  for (guint i = 1; i < gb_trace_get_n_epochs (trace); i++)
    {
      const GbBatch *epoch = gb_trace_get_epoch (trace, i), *before = gb_trace_get_epoch (trace, i - 1);
      double x = gb_chart_layout_x (layout, (double) gb_trace_iteration_at (trace, epoch->seq) - 1);
      g_autofree char *label = NULL;

      if (x - last_x < last_width + 14 || x > layout->plot_x + layout->plot_width - 10)
        continue;
      label = g_strdup_printf (_ ("epoch %u"), (guint) (before->epoch + (first->epoch == 0 ? 1 : 0)));
      last_width = gb_draw_text_width (ctx, GB_FACE_SMALL, label);
      last_x = x;
      gb_draw_dashed_line (snapshot, gb_theme_role (ctx->theme, GB_ROLE_RULE_STRONG), round (x) + 0.5, 8,
                           round (x) + 0.5, bottom->y + bottom->height, 1, 2, 3);
      if (x + 4 + last_width < layout->plot_x + layout->plot_width - 4)
        gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, label, x + 4, 14, GB_ALIGN_LEFT);
    }
}

static void
draw_marker (const GdkRGBA *color, const GdkRGBA *fill, double x, double y, GtkSnapshot *snapshot)
{
  gb_draw_box (snapshot, fill, color, x - 4, y - 4, 8, 8, 1, 2);
}

/* A point between two that are no numbers is a stroke of its own, which nobody would see. */
static gboolean
stands_alone (const GbChartLine *line, guint i)
{
  const GbChartPoint *points = &g_array_index (line->points, GbChartPoint, 0);
  return line->points->len > 1 && (i == 0 || isnan (points[i - 1].value))
         && (i + 1 == line->points->len || isnan (points[i + 1].value));
}

static void
stroke_points (const GbChartLine *line,
               gboolean smooth,
               double width,
               const GdkRGBA *color,
               const GbChartPanel *panel,
               GtkSnapshot *snapshot)
{
  cairo_t *cr = gb_draw_cairo (snapshot, panel->x - 3, panel->y - 4, panel->width + 6, panel->height + 8);
  gboolean is_torn = TRUE; /* the next point begins a stroke */

  gdk_cairo_set_source_rgba (cr, color);
  cairo_set_line_width (cr, width);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  for (guint i = 0; i < line->points->len; i++)
    {
      const GbChartPoint *p = &g_array_index (line->points, GbChartPoint, i);
      double y = smooth ? p->y_smooth : p->y;
      gboolean is_gap = isnan (p->value);
      if (is_gap)
        is_torn = TRUE;
      else if (is_torn)
        {
          cairo_move_to (cr, p->x, y);
          is_torn = FALSE;
          if (stands_alone (line, i))
            {
              cairo_new_sub_path (cr);
              cairo_arc (cr, p->x, y, DOT_RADIUS, 0, 2 * G_PI);
            }
        }
      else
        cairo_line_to (cr, p->x, y);
    }
  cairo_stroke (cr);
  cairo_destroy (cr);
}

/* The other future: dashed, from where this one parted from it. */
static void
draw_other (const GbChartLine *line, const GdkRGBA *color, const GbChartPanel *panel, GtkSnapshot *snapshot)
{
  if (line->other_points->len == 0)
    return;
  const GbChartPoint *first = &g_array_index (line->other_points, GbChartPoint, 0), *parting = NULL;
  for (guint i = 0; i < line->points->len; i++)
    if (g_array_index (line->points, GbChartPoint, i).iteration < first->iteration)
      parting = &g_array_index (line->points, GbChartPoint, i);
  GdkRGBA pale = with_alpha (color, 0.7f);
  static const double dashes[] = { 5, 3 };
  cairo_t *cr = gb_draw_cairo (snapshot, panel->x - 3, panel->y - 4, panel->width + 6, panel->height + 8);
  gdk_cairo_set_source_rgba (cr, &pale);
  cairo_set_line_width (cr, 1.5);
  cairo_set_dash (cr, dashes, G_N_ELEMENTS (dashes), 0);
  if (parting)
    cairo_move_to (cr, parting->x, parting->y_smooth);
  for (guint i = 0; i < line->other_points->len; i++)
    {
      const GbChartPoint *p = &g_array_index (line->other_points, GbChartPoint, i);
      cairo_line_to (cr, p->x, p->y_smooth);
    }
  cairo_stroke (cr);
  cairo_destroy (cr);
}

/* Raw values: a thin line while there is at most one per pixel, else what each column spans, as plain
 * rectangles. */
static void
draw_raw (const GbChartLine *line, const GdkRGBA *color, const GbChartPanel *panel, GtkSnapshot *snapshot)
{
  if (gb_series_get_n (line->series) < panel->width * 0.8 && gb_series_get_stride (line->series) == 1)
    {
      stroke_points (line, FALSE, 1, color, panel, snapshot);
      return;
    }
  for (guint i = 0; i < line->points->len; i++)
    {
      const GbChartPoint *p = &g_array_index (line->points, GbChartPoint, i);
      if (!isnan (p->value))
        gb_draw_fill (snapshot, color, floor (p->x), p->y_min, 1, MAX (1, p->y_max - p->y_min));
    }
}

static void
draw_line (const GbChartLayout *layout,
           const GbChartPanel *panel,
           const GbChartLine *line,
           const GbDrawContext *ctx,
           GtkSnapshot *snapshot)
{
  const GdkRGBA *color = &ctx->theme->series[line->color],
                *surface = gb_theme_role (ctx->theme, GB_ROLE_SURFACE);
  GdkRGBA thin = with_alpha (color, 0.35f);

  if (line->points->len == 0)
    return;
  draw_other (line, color, panel, snapshot);
  if (line->is_smooth)
    draw_raw (line, &thin, panel, snapshot);
  stroke_points (line, TRUE, layout->options.raw_only ? 1.5 : 2, color, panel, snapshot);
  double last_x = -100;
  for (guint i = 0; i < line->points->len; i++)
    {
      const GbChartPoint *p = &g_array_index (line->points, GbChartPoint, i);
      gboolean is_lost = isnan (p->value);
      /* Markers that would touch are left out, but never the last. */
      if (line->is_sparse && !is_lost && (fabs (p->x - last_x) >= 10 || i + 1 == line->points->len))
        {
          draw_marker (color, surface, p->x, p->y, snapshot);
          last_x = p->x;
        }
      /* Of a stretch without finite values the first is marked. */
      if (p->nonfinite && !(is_lost && i && isnan (g_array_index (line->points, GbChartPoint, i - 1).value)))
        gb_draw_cross (snapshot, gb_theme_role (ctx->theme, GB_ROLE_ERROR), p->x - 4, panel->y - 8, 8, 8);
    }
}

static void
draw_label (const GbChartPanel *panel,
            const GbChartLine *line,
            const GbDrawContext *ctx,
            GtkSnapshot *snapshot)
{
  const GdkRGBA *color = &ctx->theme->series[line->color];
  const GbChartPoint *end;
  char value[32], smooth[32];
  double x = panel->x + panel->width + 10;
  g_autofree char *text = NULL;

  end = gb_chart_line_end (line);
  if (end == NULL)
    return;
  gb_number_text (line->curve || isnan (end->value) ? end->value : line->last, 3, value, sizeof value);
  text = g_strdup_printf ("%s %s", line->name, value);
  /* Where there is no room the number stays and the name is cut. */
  if (gb_draw_text_width (ctx, GB_FACE_SMALL_BOLD, text) > ctx->width - x - 2)
    {
      g_free (text);
      text = g_strdup_printf ("%s %s", value, line->name);
    }
  if (fabs (end->y_smooth - line->label_y) > 3 && end->x > panel->x + panel->width - 12)
    {
      /* The label was pushed away: a hairline leads to it. */
      GdkRGBA thin = with_alpha (color, 0.6f);
      cairo_t *cr = gb_draw_cairo (snapshot, end->x, MIN (end->y_smooth, line->label_y) - 1, (x - end->x),
                                   fabs (end->y_smooth - line->label_y) + 2);
      gdk_cairo_set_source_rgba (cr, &thin);
      cairo_set_line_width (cr, 1);
      cairo_move_to (cr, end->x + 1, end->y_smooth);
      cairo_line_to (cr, x - 3, line->label_y);
      cairo_stroke (cr);
      cairo_destroy (cr);
    }
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL_BOLD, color, text, x, line->label_y, GB_ALIGN_LEFT,
                     ctx->width - x - 2);
  if (line->is_smooth && isfinite (end->value) && fabs (line->last - line->last_smooth) > 0.02 * fabs (line->last_smooth))
    {
      g_autofree char *note =
          g_strdup_printf (_ ("(smooth %s)"), gb_number_text (line->last_smooth, 2, smooth, sizeof smooth));
      /* Cut it says nothing: where its word has no room the number stands alone, with a sign. */
      if (gb_draw_text_width (ctx, GB_FACE_SMALL, note) > ctx->width - x - 2)
        {
          g_free (note);
          note = g_strdup_printf ("~%s", smooth);
        }
      if (gb_draw_text_width (ctx, GB_FACE_SMALL, note) <= ctx->width - x - 2)
        gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, gb_theme_role (ctx->theme, GB_ROLE_MUTED), note, x,
                           line->label_y + 13, GB_ALIGN_LEFT, ctx->width - x - 2);
    }
}

/* The empty picture: axes and a falling line at 30 %. */
static void
draw_ghost (const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double x = 46, y = 26, width = MAX (ctx->width - 70, 10), height = MAX (ctx->height - 64, 10);
  cairo_t *cr;

  gtk_snapshot_push_opacity (snapshot, 0.3);
  for (int i = 0; i <= 4; i++)
    gb_draw_hline (snapshot, gb_theme_role (ctx->theme, GB_ROLE_RULE_STRONG), x, x + width,
                   y + height * i / 4, 1);
  cr = gb_draw_cairo (snapshot, x, y, width, height);
  gdk_cairo_set_source_rgba (cr, &ctx->theme->series[0]);
  cairo_set_line_width (cr, 2);
  for (int i = 0; i <= 40; i++)
    cairo_line_to (cr, x + width * i / 40, y + height * (0.06 + 0.85 * (1 - exp (-i / 12.0))));
  cairo_stroke (cr);
  cairo_destroy (cr);
  gtk_snapshot_pop (snapshot);
  gb_draw_empty (ctx, snapshot, _ ("Log a value or make a loss."));
}

void
gb_chart_draw (const GbChartLayout *layout, GbTrace *trace, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  if (layout->n_panels == 0)
    {
      draw_ghost (ctx, snapshot);
      return;
    }
  draw_epochs (layout, trace, ctx, snapshot);
  for (guint p = 0; p < layout->n_panels; p++)
    {
      const GbChartPanel *panel = &layout->panels[p];
      draw_axes (layout, p, ctx, snapshot);
      for (guint i = 0; i < panel->lines->len; i++)
        draw_line (layout, panel, g_ptr_array_index (panel->lines, i), ctx, snapshot);
      for (guint i = 0; i < panel->lines->len; i++)
        draw_label (panel, g_ptr_array_index (panel->lines, i), ctx, snapshot);
    }
  if (layout->n_hidden)
    {
      g_autofree char *text = g_strdup_printf (
          ngettext_ ("%u more value in the list (L)", "%u more values in the list (L)", layout->n_hidden),
          layout->n_hidden);
      gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, text, layout->plot_x, layout->height - 10,
                    GB_ALIGN_LEFT);
    }
}

/* ---- overlay ---- */
static void
draw_points_at (const GbChartLayout *layout,
                guint64 iteration,
                const GbDrawContext *ctx,
                GtkSnapshot *snapshot)
{
  for (guint p = 0; p < layout->n_panels; p++)
    for (guint i = 0; i < layout->panels[p].lines->len; i++)
      {
        const GbChartLine *line = g_ptr_array_index (layout->panels[p].lines, i);
        const GbChartPoint *point = gb_chart_line_at (line, iteration);
        if (point && !isnan (point->value))
          gb_draw_box (snapshot, gb_theme_role (ctx->theme, GB_ROLE_SURFACE),
                       &ctx->theme->series[line->color], point->x - 4, point->y_smooth - 4, 8, 8, 4, 2);
      }
}

static GPtrArray *
table_at (const GbChartLayout *layout, guint64 iteration, guint64 compare)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (lines, g_strdup_printf (_ ("iteration %lu"), iteration));
  for (guint p = 0; p < layout->n_panels; p++)
    for (guint i = 0; i < layout->panels[p].lines->len; i++)
      {
        const GbChartLine *line = g_ptr_array_index (layout->panels[p].lines, i);
        if (line->curve)
          continue;
        int at = gb_series_find (line->series, iteration),
            other = compare ? gb_series_find (line->series, compare) : -1;
        const GbBucket *bucket = at >= 0 ? gb_series_get (line->series, at) : NULL;
        char value[32];

        if (bucket == NULL)
          continue;
        gb_number_text (bucket->nonfinite == bucket->count ? NAN : bucket->last, 4, value, sizeof value);
        if (other >= 0 && other != at)
          g_ptr_array_add (lines, g_strdup_printf ("%s\t%s (%+.3g)", line->name, value,
                                                   bucket->last - gb_series_get (line->series, other)->last));
        else if (bucket->x1 < iteration)
          g_ptr_array_add (lines, g_strdup_printf ("%s\t%s @%lu", line->name, value, bucket->x1));
        else
          g_ptr_array_add (lines, g_strdup_printf ("%s\t%s", line->name, value));
        int before = line->other ? gb_series_find (line->other, iteration) : -1;
        if (before >= 0 && (guint) before >= gb_series_parting (line->series, line->other))
          g_ptr_array_add (lines, g_strdup_printf ("%s\t%s", _ ("(before)"),
                                                   gb_number_text (gb_series_get (line->other, before)->last, 4, value,
                                                                   sizeof value)));
      }
  return lines;
}

/* A point of a curve: the others of its panel at the nearest x, with their numbers. */
static void
draw_curve_pick (const GbChartLayout *layout,
                 const GbPick *pick,
                 gboolean with_table,
                 const GbDrawContext *ctx,
                 GtkSnapshot *snapshot)
{
  const GbChartPanel *panel;
  const GbChartLine *picked = gb_chart_layout_line_of (layout, pick->series, &panel);
  if (picked == NULL || picked->curve == NULL || pick->part >= picked->points->len)
    return;
  const GbChartPoint *at = &g_array_index (picked->points, GbChartPoint, pick->part);
  g_autoptr (GPtrArray) table = g_ptr_array_new_with_free_func (g_free);
  char value[32];

  gb_number_text (at->at, 4, value, sizeof value);
  g_ptr_array_add (table, g_strdup_printf ("%s\t%s", panel->over ? panel->over : _ ("count"), value));
  gb_draw_vline (snapshot, gb_theme_role (ctx->theme, GB_ROLE_RULE_STRONG), at->x, panel->y,
                 panel->y + panel->height, 1);
  for (guint i = 0; i < panel->lines->len; i++)
    {
      const GbChartLine *line = g_ptr_array_index (panel->lines, i);
      const GbChartPoint *point = line == picked ? at : gb_chart_line_near (line, at->x);
      if (point == NULL || fabs (point->x - at->x) > 4)
        continue;
      gb_number_text (point->value, 4, value, sizeof value);
      g_ptr_array_add (table, g_strdup_printf ("%s\t%s", line->name, value));
      if (!point->nonfinite)
        gb_draw_box (snapshot, gb_theme_role (ctx->theme, GB_ROLE_SURFACE), &ctx->theme->series[line->color],
                     point->x - 4, point->y - 4, 8, 8, 4, 2);
    }
  if (with_table)
    gb_draw_tip (ctx, snapshot, at->x, panel->y + 30, (const char *const *) table->pdata, table->len);
}

void
gb_chart_draw_overlay (const GbChartLayout *layout,
                       GbTraceCursor *cursor,
                       GbSelection *selection,
                       const GbDrawContext *ctx,
                       GtkSnapshot *snapshot)
{
  const GbPick *hover = gb_selection_get_hover (selection), *pin = gb_selection_get_pin (selection);
  const GdkRGBA *accent = gb_theme_role (ctx->theme, GB_ROLE_ACCENT);
  const GbChartPanel *bottom;
  double top = 8, end, x;
  guint64 pinned = pin->facets & GB_PICK_ITERATION ? pin->iteration : 0;

  const guint on_curve = GB_PICK_SERIES | GB_PICK_PART;
  if ((hover->facets & on_curve) == on_curve)
    draw_curve_pick (layout, hover, TRUE, ctx, snapshot);
  if ((pin->facets & on_curve) == on_curve)
    draw_curve_pick (layout, pin, !hover->facets && !(ctx->options & GB_DRAW_STATIC), ctx, snapshot);
  if (layout->n_over_iterations == 0)
    return;
  bottom = &layout->panels[layout->n_over_iterations - 1];
  end = bottom->y + bottom->height;
  x = gb_chart_layout_x (layout, MIN ((double) gb_trace_cursor_get_iteration (cursor), layout->x_axis.high));
  gb_draw_vline (snapshot, accent, x, top, end, 2);
  gb_draw_triangle (snapshot, accent, x - 5, top - 7, 10, 7, FALSE);
  draw_points_at (layout, gb_trace_cursor_get_iteration (cursor), ctx, snapshot);
  if (pinned)
    {
      g_autofree char *label = g_strdup_printf ("%lu", pinned);
      double px = gb_chart_layout_x (layout, (double) pinned), w;
      gb_draw_vline (snapshot, gb_theme_role (ctx->theme, GB_ROLE_INK), px, top + 12, end, 1);
      w = gb_draw_text_width (ctx, GB_FACE_SMALL_BOLD, label) + 10;
      gb_draw_box (snapshot, gb_theme_role (ctx->theme, GB_ROLE_SELECTION), accent, px - w / 2, top, w, 16, 3,
                   1.5);
      gb_draw_text (ctx, snapshot, GB_FACE_SMALL_BOLD, GB_ROLE_INK, label, px, top + 8, GB_ALIGN_CENTER);
      draw_points_at (layout, pinned, ctx, snapshot);
    }
  if (hover->facets & GB_PICK_ITERATION)
    {
      g_autoptr (GPtrArray) table = table_at (layout, hover->iteration, pinned);
      double hx = gb_chart_layout_x (layout, (double) hover->iteration);
      gb_draw_vline (snapshot, gb_theme_role (ctx->theme, GB_ROLE_RULE_STRONG), hx, top, end, 1);
      draw_points_at (layout, hover->iteration, ctx, snapshot);
      gb_draw_tip (ctx, snapshot, hx, layout->panels[0].y + 30, (const char *const *) table->pdata,
                   table->len);
    }
  else if (pinned && !(ctx->options & GB_DRAW_STATIC))
    {
      g_autoptr (GPtrArray) table = table_at (layout, pinned, 0);
      gb_draw_tip (ctx, snapshot, gb_chart_layout_x (layout, (double) pinned), layout->panels[0].y + 50,
                   (const char *const *) table->pdata, table->len);
    }
}
