#include "ab/ab-draw.h"

#include <math.h>

#include "common/i18n.h"
#include "common/number-format.h"

#define PAD 12

static const double dashes[] = { 6, 3 };

static const GdkRGBA *
role (const GbDrawContext *ctx, GbRole which)
{
  return gb_theme_role (ctx->theme, which);
}

static const GdkRGBA *
side_color (const GbDrawContext *ctx, guint side)
{
  return &ctx->theme->series[side];
}

/* ---- head ---- */

static void
draw_swatch (const GbDrawContext *ctx, GtkSnapshot *snapshot, guint side, double x, double y)
{
  cairo_t *cr = gb_draw_cairo (snapshot, x, y - 2, 22, 4);
  gdk_cairo_set_source_rgba (cr, side_color (ctx, side));
  cairo_set_line_width (cr, 2);
  if (side)
    cairo_set_dash (cr, dashes, G_N_ELEMENTS (dashes), 0);
  cairo_move_to (cr, x, y);
  cairo_line_to (cr, x + 22, y);
  cairo_stroke (cr);
  cairo_destroy (cr);
}

static void
draw_head (const GbAbLayout *self, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double x = PAD, room = self->width - 2 * PAD;
  for (guint side = 0; side < 2; side++)
    {
      if (side && self->side_y[1] != self->side_y[0])
        x = PAD;
      draw_swatch (ctx, snapshot, side, x, self->side_y[side]);
      gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL_BOLD, role (ctx, GB_ROLE_INK), self->side[side], x + 28,
                         self->side_y[side], GB_ALIGN_LEFT, MAX (20, self->width - x - 28 - PAD));
      x += 28 + gb_draw_text_width (ctx, GB_FACE_SMALL_BOLD, self->side[side]) + 26;
    }
  if (self->changes)
    gb_draw_paragraph (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, self->changes, PAD, self->changes_y,
                       room);
  gb_draw_paragraph (ctx, snapshot, GB_FACE_UI, GB_ROLE_INK, self->verdict, PAD, self->verdict_y, room);
}

static void
draw_title (const GbAbLayout *self, GbAbPart part, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbAbFrame *frame = &self->parts[part];
  gb_draw_hline (snapshot, role (ctx, GB_ROLE_RULE), PAD, self->width - PAD, frame->y, 1);
  gb_draw_text (ctx, snapshot, GB_FACE_SMALL_BOLD, GB_ROLE_INK, frame->title, PAD, frame->y + 14,
                GB_ALIGN_LEFT);
}

static void
draw_nothing (
    const GbAbLayout *self, GbAbPart part, const char *text, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, text, PAD, self->parts[part].y + 36,
                GB_ALIGN_LEFT);
}

/* ---- metrics ---- */

static double
value_y (const GbAbPanel *panel, double value)
{
  return panel->y + panel->height * (1 - CLAMP (gb_axis_place (&panel->axis, value), -0.02, 1.02));
}

/* One point per pixel column: the mean of what it holds.  Where nothing finite is, the line stops. */
static void
draw_curve (const GbAbLayout *self,
            const GbAbPanel *panel,
            guint side,
            const GbDrawContext *ctx,
            GtkSnapshot *snapshot)
{
  const GbSeries *series = side ? panel->metric->b : panel->metric->a;
  cairo_t *cr = gb_draw_cairo (snapshot, panel->x - 3, panel->y - 6, panel->width + 6, panel->height + 12);
  guint n = gb_series_get_n (series), count = 0;
  double sum = 0, last_x = 0, last_y = 0;
  int column = G_MININT, points = 0;
  gdk_cairo_set_source_rgba (cr, side_color (ctx, side));
  cairo_set_line_width (cr, side ? 1.8 : 2);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  if (side)
    cairo_set_dash (cr, dashes, G_N_ELEMENTS (dashes), 0);
  for (guint i = 0; i <= n; i++)
    {
      const GbBucket *bucket = i < n ? gb_series_get (series, i) : NULL;
      double x = bucket ? gb_ab_layout_x (self, panel, (double) bucket->x1) : 0;
      if (count && (!bucket || (int) floor (x / 2) != column))
        {
          last_y = value_y (panel, sum / count);
          cairo_line_to (cr, last_x, last_y);
          points++;
          sum = count = 0;
        }
      if (!bucket)
        break;
      if (bucket->count == bucket->nonfinite)
        {
          cairo_stroke (cr);
          continue;
        }
      column = (int) floor (x / 2);
      sum += gb_bucket_mean (bucket);
      count++;
      last_x = x;
    }
  cairo_stroke (cr);
  cairo_destroy (cr);
  if (points == 1)
    gb_draw_box (snapshot, role (ctx, GB_ROLE_SURFACE), side_color (ctx, side), last_x - 4, last_y - 4, 8, 8,
                 side ? 4 : 1, 2);
}

static int
column_of (double x, double step)
{
  return MAX (0, (int) lround (x / step) - 1);
}

/* Bars from zero: how much more B is than A. */
static void
draw_difference (const GbAbLayout *self,
                 const GbAbPanel *panel,
                 const GbDrawContext *ctx,
                 GtkSnapshot *snapshot)
{
  double middle = panel->difference_y + panel->difference_height / 2, half = panel->difference_height / 2;
  GdkRGBA ink = *role (ctx, GB_ROLE_MUTED);
  int column = G_MININT;
  guint n = gb_series_get_n (panel->metric->a), count = 0;
  double sum = 0;
  ink.alpha = 0.6f;
  gb_draw_hline (snapshot, role (ctx, GB_ROLE_RULE_STRONG), panel->x, panel->x + panel->width, middle, 1);
  double step = MAX (2, panel->width / MAX (1, self->x_axis.high));
  for (guint i = 0; panel->most > 0 && i <= n; i++)
    {
      const GbBucket *a = i < n ? gb_series_get (panel->metric->a, i) : NULL;
      double x = a ? gb_ab_layout_x (self, panel, (double) a->x1) - panel->x : 0;
      if (count && (!a || column_of (x, step) != column))
        {
          double height = sum / count / panel->most * half;
          gb_draw_fill (snapshot, &ink, panel->x + (column + 0.5) * step,
                        height > 0 ? middle - height : middle, step < 4 ? step : step - 1, fabs (height));
          sum = count = 0;
        }
      int at = a ? gb_series_find (panel->metric->b, a->x1) : -1;
      const GbBucket *b = at >= 0 ? gb_series_get (panel->metric->b, (guint) at) : NULL;
      double d = b && b->x1 >= a->x0 ? gb_bucket_mean (b) - gb_bucket_mean (a) : NAN;
      if (!isfinite (d))
        continue;
      column = column_of (x, step);
      sum += d;
      count++;
    }
}

static void
draw_end_label (const GbAbPanel *panel, guint side, double y, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbSeries *series = side ? panel->metric->b : panel->metric->a;
  char value[32];
  gb_number_text (gb_series_get (series, gb_series_get_n (series) - 1)->last, 3, value, sizeof value);
  g_autofree char *text = g_strdup_printf ("%s %s", side ? "B" : "A", value);
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL_BOLD, side_color (ctx, side), text,
                     panel->x + panel->width + 8, y, GB_ALIGN_LEFT,
                     MAX (10, ctx->width - panel->x - panel->width - 10));
}

static void
draw_labels (const GbAbPanel *panel, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double y[2];
  for (guint side = 0; side < 2; side++)
    {
      const GbSeries *series = side ? panel->metric->b : panel->metric->a;
      y[side] = value_y (panel, gb_series_get (series, gb_series_get_n (series) - 1)->last);
      if (isnan (y[side]))
        y[side] = panel->y;
    }
  guint low = y[1] > y[0] ? 1 : 0; /* stands lower */
  y[low] = MAX (y[low], y[!low] + 14);
  if (y[low] > panel->y + panel->height)
    {
      y[low] = panel->y + panel->height;
      y[!low] = MIN (y[!low], y[low] - 14);
    }
  draw_end_label (panel, 0, y[0], ctx, snapshot);
  draw_end_label (panel, 1, y[1], ctx, snapshot);
  double middle = panel->difference_y + panel->difference_height / 2, x = panel->x + panel->width + 8;
  gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, "B - A", x,
                panel->metric->n ? middle - 7 : middle, GB_ALIGN_LEFT);
  if (panel->metric->n)
    {
      g_autofree char *text = g_strdup_printf ("%+.3g", panel->metric->mean_b - panel->metric->mean_a);
      gb_draw_text (ctx, snapshot, GB_FACE_SMALL_BOLD, GB_ROLE_INK, text, x, middle + 7, GB_ALIGN_LEFT);
    }
}

static void
draw_panel (const GbAbLayout *self, const GbAbPanel *panel, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  char text[32];
  double bottom = panel->difference_y + panel->difference_height;
  gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, panel->metric->name, panel->x, panel->y - 10,
                GB_ALIGN_LEFT);
  for (guint i = 0; i < panel->axis.n_ticks; i++)
    {
      double value = gb_axis_tick (&panel->axis, i), y = value_y (panel, value);
      gb_draw_hline (snapshot, role (ctx, GB_ROLE_RULE), panel->x, panel->x + panel->width, y, 1);
      gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, GB_ROLE_MUTED,
                    gb_axis_label (&panel->axis, value, text, sizeof text), panel->x - 7, y, GB_ALIGN_RIGHT);
    }
  for (guint i = 0; i < self->x_axis.n_ticks; i++)
    {
      double value = gb_axis_tick (&self->x_axis, i);
      if (value <= self->x_axis.high)
        gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, GB_ROLE_MUTED,
                      gb_axis_label (&self->x_axis, value, text, sizeof text),
                      gb_ab_layout_x (self, panel, value), bottom + 11, GB_ALIGN_CENTER);
    }
  if (panel->metric->first_different)
    {
      /* Where they part. */
      double x = round (gb_ab_layout_x (self, panel, (double) panel->metric->first_different)) + 0.5;
      gb_draw_dashed_line (snapshot, role (ctx, GB_ROLE_RULE_STRONG), x, panel->y - 4, x, bottom, 1, 2, 3);
    }
  draw_difference (self, panel, ctx, snapshot);
  draw_curve (self, panel, 0, ctx, snapshot);
  draw_curve (self, panel, 1, ctx, snapshot);
  draw_labels (panel, ctx, snapshot);
}

static void
draw_metrics (const GbAbLayout *self, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  if (!self->panels->len)
    draw_nothing (self, GB_AB_METRICS, _ ("Nothing is logged in both."), ctx, snapshot);
  for (guint i = 0; i < self->panels->len; i++)
    draw_panel (self, &g_array_index (self->panels, GbAbPanel, i), ctx, snapshot);
}

/* ---- graph ---- */

static void
draw_edges (const GbAbLayout *self, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbLayoutEdge *edges = gb_layout_get_edges (self->graph);
  cairo_t *cr = gb_draw_cairo (snapshot, -4, -4, gb_layout_get_width (self->graph) + 8,
                               gb_layout_get_height (self->graph) + 8);
  for (guint i = 0; i < self->wheres->len; i++)
    {
      GbAbWhere where = g_array_index (self->wheres, GbAbWhere, i);
      gdk_cairo_set_source_rgba (cr, where == GB_AB_BOTH ? role (ctx, GB_ROLE_RULE_STRONG)
                                                         : side_color (ctx, where == GB_AB_ONLY_B));
      cairo_set_line_width (cr, 1.5);
      cairo_set_dash (cr, dashes, where == GB_AB_ONLY_B ? G_N_ELEMENTS (dashes) : 0, 0);
      for (guint k = 0; k < edges[i].n_points; k++)
        cairo_line_to (cr, edges[i].points[2 * k], edges[i].points[2 * k + 1]);
      cairo_stroke (cr);
    }
  cairo_destroy (cr);
}

/* The letter of the side that alone has it, in its colour, on the corner of the box. */
static void
draw_tag (const GbDrawContext *ctx, GtkSnapshot *snapshot, const GbAbBox *box, guint side)
{
  gb_draw_box (snapshot, side_color (ctx, side), NULL, box->x + box->width - 10, box->y - 7, 16, 16, 8, 0);
  gb_draw_text (ctx, snapshot, GB_FACE_SMALL_BOLD, GB_ROLE_SURFACE, side ? "B" : "A", box->x + box->width - 2,
                box->y + 1, GB_ALIGN_CENTER);
}

static void
draw_box (const GbDrawContext *ctx, GtkSnapshot *snapshot, const GbAbBox *box)
{
  double x = box->x + box->width / 2, y = box->y + box->height / 2;
  if (!box->node)
    {
      g_autofree char *text =
          g_strdup_printf (ngettext_ ("%u the same", "%u the same", box->n_folded), box->n_folded);
      gb_draw_box (snapshot, role (ctx, GB_ROLE_SURFACE), role (ctx, GB_ROLE_RULE), box->x, box->y,
                   box->width, box->height, 5, 1);
      gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, GB_ROLE_MUTED), text, x, y, GB_ALIGN_CENTER,
                         box->width - 4);
      return;
    }
  const GbAbNode *node = box->node;
  guint side = node->where == GB_AB_ONLY_B;
  if (node->where == GB_AB_BOTH)
    gb_draw_box (snapshot, role (ctx, GB_ROLE_PANEL),
                 role (ctx, node->shapes_differ ? GB_ROLE_WARNING : GB_ROLE_RULE_STRONG), box->x, box->y,
                 box->width, box->height, 5, node->shapes_differ ? 2 : 1.5);
  else if (side)
    {
      gb_draw_box (snapshot, role (ctx, GB_ROLE_PANEL), NULL, box->x, box->y, box->width, box->height, 5, 0);
      gb_draw_dashed_box (snapshot, side_color (ctx, 1), box->x, box->y, box->width, box->height, 5, 2);
    }
  else
    gb_draw_box (snapshot, role (ctx, GB_ROLE_PANEL), side_color (ctx, 0), box->x, box->y, box->width,
                 box->height, 5, 2);
  gboolean has_shape = node->shapes_differ || node->shape_a[0] || node->shape_b[0];
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL_BOLD, role (ctx, GB_ROLE_INK), node->label, x,
                     node->shapes_differ ? y - 14
                     : has_shape         ? y - 8
                                         : y,
                     GB_ALIGN_CENTER, box->width - 6);
  if (node->shapes_differ)
    {
      g_autofree char *a = g_strdup_printf ("A %s", node->shape_a),
                      *b = g_strdup_printf ("B %s", node->shape_b);
      gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_INK, a, x, y + 1, GB_ALIGN_CENTER);
      gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_INK, b, x, y + 15, GB_ALIGN_CENTER);
    }
  else if (has_shape)
    gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, GB_ROLE_MUTED),
                       side ? node->shape_b : node->shape_a, x, y + 8, GB_ALIGN_CENTER, box->width - 4);
  if (node->where != GB_AB_BOTH)
    draw_tag (ctx, snapshot, box, side);
}

static void
draw_graph (const GbAbLayout *self, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  if (!self->graph)
    {
      draw_nothing (self, GB_AB_GRAPH, _ ("No graph is recorded of both."), ctx, snapshot);
      return;
    }
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) self->graph_x, (float) self->graph_y));
  gtk_snapshot_scale (snapshot, (float) self->zoom, (float) self->zoom);
  draw_edges (self, ctx, snapshot);
  for (guint i = 0; i < self->boxes->len; i++)
    draw_box (ctx, snapshot, &g_array_index (self->boxes, GbAbBox, i));
  gtk_snapshot_restore (snapshot);
}

/* ---- weights ---- */

/* Columns: name and shape at the left, then the bar with its number, both norms, and the largest element. */
typedef struct
{
  double bar, bar_width, norm_a, norm_b, largest; /* right edges of numbers; largest 0: no room */
} Columns;

static Columns
columns_of (const GbAbLayout *self)
{
  double right = self->width - PAD;
  Columns c = { .largest = self->width >= 560 ? right : 0 };
  c.norm_b = c.largest ? right - 150 : right;
  c.norm_a = c.norm_b - 62;
  c.bar = c.norm_a - 70;
  c.bar_width = CLAMP (c.bar - 52 - self->width * 0.42, 0, 110);
  return c;
}

static void
number_at (const GbDrawContext *ctx, GtkSnapshot *snapshot, double value, double x, double y, GbRole color)
{
  char text[32];
  if (isnan (value))
    gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, "–", x, y, GB_ALIGN_RIGHT);
  else
    gb_draw_text (ctx, snapshot, GB_FACE_SMALL, color, gb_number_text (value, 3, text, sizeof text), x, y,
                  GB_ALIGN_RIGHT);
}

static char *
largest_text (const GbAbWeight *weight)
{
  GString *text = g_string_new (NULL);
  g_string_append_printf (text, "%+.3g [", weight->largest);
  for (int d = 0; d < weight->ndim; d++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, d ? "," : "", weight->index[d]);
  return g_string_free (g_string_append_c (text, ']'), FALSE);
}

static void
draw_weight (const GbAbLayout *self,
             const GbAbWeight *weight,
             const Columns *c,
             double y,
             const GbDrawContext *ctx,
             GtkSnapshot *snapshot)
{
  gboolean lone = weight->where != GB_AB_BOTH;
  double left = c->bar - 50 - c->bar_width;
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, weight->is_same ? GB_ROLE_MUTED : GB_ROLE_INK),
                     weight->name, PAD, y, GB_ALIGN_LEFT, left - PAD - 4);
  double used = PAD + gb_draw_text_width (ctx, GB_FACE_SMALL, weight->name) + 10;
  if (used + gb_draw_text_width (ctx, GB_FACE_SMALL, weight->shape) < left)
    gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, weight->shape, used, y, GB_ALIGN_LEFT);
  number_at (ctx, snapshot, weight->norm_a, c->norm_a, y, GB_ROLE_INK);
  number_at (ctx, snapshot, weight->norm_b, c->norm_b, y, GB_ROLE_INK);
  if (lone)
    {
      gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED,
                    weight->where == GB_AB_ONLY_A ? _ ("only in A") : _ ("only in B"), c->bar, y,
                    GB_ALIGN_RIGHT);
      return;
    }
  if (weight->shapes_differ)
    gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_INK, _ ("other shape"), c->bar, y, GB_ALIGN_RIGHT);
  else if (weight->is_same)
    gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, _ ("the same"), c->bar, y, GB_ALIGN_RIGHT);
  else if (isnan (weight->relative))
    gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, _ ("not recorded"), c->bar, y, GB_ALIGN_RIGHT);
  else
    {
      /* Four decades, 1e-4 to 1. */
      double tone = weight->relative > 0 ? CLAMP (1 + log10 (weight->relative) / 4, 0.02, 1) : 0;
      char text[32];
      GdkRGBA fill;
      gb_theme_map (ctx->theme, GB_MAP_EMBER, 0.25 + 0.5 * tone, &fill);
      gb_draw_fill (snapshot, &fill, left, y - 5, tone * c->bar_width, 10);
      g_autofree char *number = g_strconcat (weight->has_values ? "" : "≥ ",
                                             gb_number_text (weight->relative, 2, text, sizeof text), NULL);
      gb_draw_text (ctx, snapshot, GB_FACE_SMALL_BOLD, GB_ROLE_INK, number, c->bar, y, GB_ALIGN_RIGHT);
    }
  if (!c->largest || weight->shapes_differ)
    return;
  g_autofree char *largest = weight->has_values ? (weight->is_same ? g_strdup ("0") : largest_text (weight))
                                                : g_strdup (_ ("not recorded"));
  gb_draw_text (ctx, snapshot, GB_FACE_SMALL,
                weight->has_values && !weight->is_same ? GB_ROLE_INK : GB_ROLE_MUTED, largest, c->largest, y,
                GB_ALIGN_RIGHT);
}

static void
draw_weights (const GbAbLayout *self, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  Columns c = columns_of (self);
  double y = self->weights_y - GB_AB_ROW / 2;
  if (!self->n_weights)
    {
      draw_nothing (self, GB_AB_WEIGHTS, _ ("No parameters are recorded."), ctx, snapshot);
      return;
    }
  gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, "|A-B| / |A|", c.bar, y, GB_ALIGN_RIGHT);
  gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, "|A|", c.norm_a, y, GB_ALIGN_RIGHT);
  gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, "|B|", c.norm_b, y, GB_ALIGN_RIGHT);
  if (c.largest)
    gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, _ ("largest B − A"), c.largest, y,
                  GB_ALIGN_RIGHT);
  for (guint i = 0; i < self->n_weights; i++)
    draw_weight (self, &g_array_index (self->ab->weights, GbAbWeight, i), &c,
                 self->weights_y + GB_AB_ROW * (i + 0.5), ctx, snapshot);
  guint hidden = self->ab->weights->len - self->n_weights;
  if (hidden)
    {
      g_autofree char *text =
          g_strdup_printf (ngettext_ ("%u more in the list (L)", "%u more in the list (L)", hidden), hidden);
      gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, text, PAD,
                    self->weights_y + GB_AB_ROW * (self->n_weights + 0.5), GB_ALIGN_LEFT);
    }
}

/* ---- prints ---- */

static void
draw_print (const GbDrawContext *ctx,
            GtkSnapshot *snapshot,
            const char *text,
            gsize nbytes,
            gboolean is_same,
            double x,
            double y,
            double room)
{
  if (!text)
    return;
  g_autofree char *line = g_strndup (text, nbytes), *valid = g_utf8_make_valid (line, -1);
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_CELL, role (ctx, is_same ? GB_ROLE_MUTED : GB_ROLE_INK), valid, x,
                     y, GB_ALIGN_LEFT, room);
}

static void
draw_prints (const GbAbLayout *self, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double middle = self->width / 2, room = middle - PAD - 12;
  if (!self->n_prints)
    draw_nothing (self, GB_AB_PRINTS, _ ("Nothing was printed."), ctx, snapshot);
  for (guint i = 0; i < self->n_prints; i++)
    {
      const GbAbPrint *print = &g_array_index (self->ab->prints, GbAbPrint, self->first_print + i);
      double y = self->prints_y + GB_AB_PRINT_ROW * (i + 0.5);
      draw_print (ctx, snapshot, print->a, print->a_nbytes, print->is_same, PAD, y, room);
      draw_print (ctx, snapshot, print->b, print->b_nbytes, print->is_same, middle + 12, y, room);
      gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, print->is_same ? "=" : "≠", middle, y,
                    GB_ALIGN_CENTER);
    }
}

/* Two runs that part. */
static void
draw_ghost (const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double width = MIN (ctx->width - 80, 360), height = MIN (ctx->height - 80, 150), x = (ctx->width - width) / 2,
         y = (ctx->height - height) / 2;

  gtk_snapshot_push_opacity (snapshot, 0.3);
  for (int run = 0; run < 2; run++)
    {
      cairo_t *cr = gb_draw_cairo (snapshot, x, y - 4, width, height + 8);
      double dash[] = { 6, 4 };
      gdk_cairo_set_source_rgba (cr, &ctx->theme->series[run]);
      cairo_set_line_width (cr, 2.5);
      cairo_set_dash (cr, dash, run ? 2 : 0, 0);
      for (int i = 0; i <= 40; i++)
        {
          double t = i / 40.0, own = run && t > 0.4 ? (t - 0.4) * (t - 0.4) : 0;
          cairo_line_to (cr, x + t * width, y + height * (0.9 - 0.8 * exp (-2.5 * t) - 0.9 * own));
        }
      cairo_stroke (cr);
      cairo_destroy (cr);
    }
  gtk_snapshot_pop (snapshot);
}

void
gb_ab_draw (const GbAbLayout *self, double scroll, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  static void (*const draw[GB_AB_N_PARTS]) (const GbAbLayout *, const GbDrawContext *, GtkSnapshot *) = {
    [GB_AB_METRICS] = draw_metrics,
    [GB_AB_GRAPH] = draw_graph,
    [GB_AB_WEIGHTS] = draw_weights,
    [GB_AB_PRINTS] = draw_prints,
  };
  if (!self->ab->trace_b)
    {
      draw_ghost (ctx, snapshot);
      gb_draw_empty (ctx, snapshot, self->verdict);
      return;
    }
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (0, (float) -scroll));
  draw_head (self, ctx, snapshot);
  for (guint part = 0; part < GB_AB_N_PARTS; part++)
    if (self->parts[part].height > 0)
      {
        draw_title (self, part, ctx, snapshot);
        draw[part](self, ctx, snapshot);
      }
  gtk_snapshot_restore (snapshot);
}

/* ---- overlay ---- */

static void
draw_crosshair (
    const GbAbLayout *self, guint64 iteration, double scroll, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  double tip_x = 0, tip_y = 0;
  g_ptr_array_add (lines, g_strdup_printf (_ ("iteration %lu"), iteration));
  for (guint i = 0; i < self->panels->len; i++)
    {
      const GbAbPanel *panel = &g_array_index (self->panels, GbAbPanel, i);
      double x = gb_ab_layout_x (self, panel, (double) iteration);
      double value[2] = { NAN, NAN };
      gb_draw_vline (snapshot, role (ctx, GB_ROLE_RULE_STRONG), x, panel->y - 4,
                     panel->difference_y + panel->difference_height, 1);
      for (guint side = 0; side < 2; side++)
        {
          const GbSeries *series = side ? panel->metric->b : panel->metric->a;
          int at = gb_series_find (series, iteration);
          const GbBucket *bucket = at >= 0 ? gb_series_get (series, (guint) at) : NULL;
          char text[32];
          if (!bucket || bucket->x1 < iteration)
            continue;
          value[side] = bucket->last;
          gb_draw_box (snapshot, role (ctx, GB_ROLE_SURFACE), side_color (ctx, side), x - 4,
                       value_y (panel, bucket->last) - 4, 8, 8, side ? 4 : 1, 2);
          g_ptr_array_add (lines, g_strdup_printf ("%s %s\t%s", side ? "B" : "A", panel->metric->name,
                                                   gb_number_text (bucket->last, 4, text, sizeof text)));
        }
      if (isfinite (value[1] - value[0]))
        g_ptr_array_add (lines, g_strdup_printf ("B - A\t%+.3g", value[1] - value[0]));
      if (i == 0)
        tip_x = x, tip_y = panel->y;
    }
  gb_draw_tip (ctx, snapshot, tip_x, MAX (tip_y, scroll + 4), (const char *const *) lines->pdata, lines->len);
}

void
gb_ab_draw_overlay (const GbAbLayout *self,
                    double scroll,
                    GbSelection *selection,
                    const GbDrawContext *ctx,
                    GtkSnapshot *snapshot)
{
  const GbPick *pick = gb_selection_get_current (selection);
  if (!self->ab->trace_b)
    return;
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (0, (float) -scroll));
  for (guint i = 0;
       (pick->facets & GB_PICK_PARAM) && self->parts[GB_AB_WEIGHTS].height > 0 && i < self->n_weights; i++)
    {
      const GbParam *param = gb_trace_find_param (self->ab->trace_a, pick->tensor);
      if (param && g_strcmp0 (param->name, g_array_index (self->ab->weights, GbAbWeight, i).name) == 0)
        gb_draw_box (snapshot, NULL, role (ctx, GB_ROLE_ACCENT), PAD - 5,
                     self->weights_y + GB_AB_ROW * i + 0.5, self->width - 2 * PAD + 10, GB_AB_ROW - 1, 3, 2);
    }
  if ((pick->facets & GB_PICK_ITERATION) && self->panels->len && !(ctx->options & GB_DRAW_STATIC))
    draw_crosshair (self, pick->iteration, scroll, ctx, snapshot);
  gtk_snapshot_restore (snapshot);
}
