#include "traffic/traffic-draw.h"

#include <math.h>

#include "common/i18n.h"
#include "common/number-format.h"

#define PAD 16

static const GdkRGBA *
role (const GbDrawContext *ctx, GbRole which)
{
  return gb_theme_role (ctx->theme, which);
}

static double
span_x (const GbTrafficLayout *layout, guint nth)
{
  return gb_traffic_layout_x (layout, layout->model->start + nth * layout->model->span_seconds);
}

/* ---- panels ---- */

static const char *
title_of (GbTrafficPanelKind kind)
{
  switch (kind)
    {
    case GB_TRAFFIC_RATE:
      return _ ("requests a second");
    case GB_TRAFFIC_LATENCY:
      return _ ("latency in ms: p50, p95, p99");
    case GB_TRAFFIC_ERRORS:
      return _ ("not answered well, in %");
    case GB_TRAFFIC_QUEUE:
      return _ ("longest queue");
    case GB_N_TRAFFIC_PANELS:
      break;
    }
  return "";
}

static void
draw_frame (const GbTrafficLayout *layout,
            const GbTrafficPanel *panel,
            const GbDrawContext *ctx,
            GtkSnapshot *snapshot)
{
  double right = layout->x + layout->plot_width;
  char text[32];

  gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, GB_ROLE_MUTED), title_of (panel->kind),
                     layout->x, panel->y - 9, GB_ALIGN_LEFT, layout->plot_width);
  for (guint i = 0; i < panel->axis.n_ticks; i++)
    {
      double tick = gb_axis_tick (&panel->axis, i), y = gb_traffic_layout_y (panel, tick);
      gb_draw_hline (snapshot, role (ctx, tick == 0 ? GB_ROLE_RULE_STRONG : GB_ROLE_RULE), layout->x, right,
                     y, 1);
      if (layout->x >= 40 && panel->height >= 14)
        gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, GB_ROLE_MUTED,
                      gb_axis_label (&panel->axis, tick, text, sizeof text), layout->x - 6, y,
                      GB_ALIGN_RIGHT);
    }
}

static void
draw_hatched (const GdkRGBA *color, double x, double y, double width, double height, GtkSnapshot *snapshot)
{
  if (width < 1 || height < 1)
    return;
  gb_draw_hatch (snapshot, color, x, y, width, height);
  gb_draw_box (snapshot, NULL, color, x, y, width, height, 0, 1);
}

/* Versions stand upon each other; the second is marked in its upper edge as well. */
static void
draw_rates (const GbTrafficLayout *layout,
            const GbTrafficPanel *panel,
            const GbDrawContext *ctx,
            GtkSnapshot *snapshot)
{
  const GbTraffic *m = layout->model;

  for (guint i = 0; i < m->spans->len; i++)
    {
      const GbTrafficSpan *span = gb_traffic_span (m, i);
      double x = span_x (layout, i), width = MAX (span_x (layout, i + 1) - x - 1, 0.5);
      guint below = 0;
      for (guint v = 0; v < m->n_versions; v++)
        {
          double low = gb_traffic_layout_y (panel, below / m->span_seconds),
                 high = gb_traffic_layout_y (panel, (below + span->n_of[v]) / m->span_seconds);
          below += span->n_of[v];
          if (v % 2)
            {
              gb_draw_fill (snapshot, role (ctx, GB_ROLE_SURFACE), x, high, width, low - high);
              draw_hatched (&ctx->theme->series[v % GB_N_SERIES], x, high, width, low - high, snapshot);
            }
          else
            gb_draw_fill (snapshot, &ctx->theme->series[v % GB_N_SERIES], x, high, width, low - high);
        }
    }
}

static void
draw_percentile (const GbTrafficLayout *layout,
                 const GbTrafficPanel *panel,
                 int which,
                 const GbDrawContext *ctx,
                 GtkSnapshot *snapshot)
{
  static const double dashes[3][2] = { { 0, 0 }, { 6, 3 }, { 2, 2.5 } };
  const GbTraffic *m = layout->model;
  cairo_t *cr = gb_draw_cairo (snapshot, layout->x, panel->y - 2, layout->plot_width, panel->height + 4);
  gboolean down = FALSE;

  gdk_cairo_set_source_rgba (cr, role (ctx, GB_ROLE_INK));
  cairo_set_line_width (cr, which == 0 ? 2 : 1.5);
  if (which)
    cairo_set_dash (cr, dashes[which], 2, 0);
  for (guint i = 0; i < m->spans->len; i++)
    {
      const GbTrafficSum *sum = &gb_traffic_span (m, i)->sum;
      double value = which == 0 ? sum->p50 : which == 1 ? sum->p95 : sum->p99;
      double x = (span_x (layout, i) + span_x (layout, i + 1)) / 2;
      if (isnan (value))
        {
          down = FALSE;
          continue;
        }
      if (down)
        cairo_line_to (cr, x, gb_traffic_layout_y (panel, value));
      else
        cairo_move_to (cr, x, gb_traffic_layout_y (panel, value)), down = TRUE;
    }
  cairo_stroke (cr);
  cairo_destroy (cr);
}

static void
draw_errors (const GbTrafficLayout *layout,
             const GbTrafficPanel *panel,
             const GbDrawContext *ctx,
             GtkSnapshot *snapshot)
{
  const GbTraffic *m = layout->model;

  for (guint i = 0; i < m->spans->len; i++)
    {
      const GbTrafficSum *sum = &gb_traffic_span (m, i)->sum;
      double x = span_x (layout, i), width = MAX (span_x (layout, i + 1) - x - 1, 0.5), failed, all;
      if (sum->n == 0)
        continue;
      failed = gb_traffic_layout_y (panel, 100.0 * sum->n_failed / sum->n);
      all = gb_traffic_layout_y (panel, 100.0 * (sum->n_failed + sum->n_dropped) / sum->n);
      gb_draw_fill (snapshot, role (ctx, GB_ROLE_ERROR), x, failed, width,
                    gb_traffic_layout_y (panel, 0) - failed);
      draw_hatched (role (ctx, GB_ROLE_ERROR), x, all, width, failed - all, snapshot);
    }
}

static void
draw_queue (const GbTrafficLayout *layout,
            const GbTrafficPanel *panel,
            const GbDrawContext *ctx,
            GtkSnapshot *snapshot)
{
  const GbTraffic *m = layout->model;

  for (guint i = 0; i < m->spans->len; i++)
    {
      double length = gb_traffic_span (m, i)->queue, x = span_x (layout, i), y;
      if (isnan (length))
        continue;
      y = gb_traffic_layout_y (panel, MAX (length, 0));
      gb_draw_fill (snapshot, role (ctx, GB_ROLE_MUTED), x, y, MAX (span_x (layout, i + 1) - x - 1, 0.5),
                    gb_traffic_layout_y (panel, 0) - y);
    }
}

static void
draw_panel (const GbTrafficLayout *layout,
            const GbTrafficPanel *panel,
            const GbDrawContext *ctx,
            GtkSnapshot *snapshot)
{
  draw_frame (layout, panel, ctx, snapshot);
  switch (panel->kind)
    {
    case GB_TRAFFIC_RATE:
      draw_rates (layout, panel, ctx, snapshot);
      break;
    case GB_TRAFFIC_LATENCY:
      for (int which = 2; which >= 0; which--)
        draw_percentile (layout, panel, which, ctx, snapshot);
      break;
    case GB_TRAFFIC_ERRORS:
      draw_errors (layout, panel, ctx, snapshot);
      break;
    case GB_TRAFFIC_QUEUE:
      draw_queue (layout, panel, ctx, snapshot);
      break;
    case GB_N_TRAFFIC_PANELS:
      break;
    }
}

static void
draw_ends (const GbTrafficLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double x = layout->x + layout->plot_width + 10;

  for (guint i = 0; i < layout->ends->len; i++)
    {
      const GbTrafficEnd *end = &g_array_index (layout->ends, GbTrafficEnd, i);
      double text_x = x;
      if (end->color != G_MAXUINT)
        {
          const GdkRGBA *color = &ctx->theme->series[end->color % GB_N_SERIES];
          if (end->color % 2)
            draw_hatched (color, x, end->y - 5, 10, 10, snapshot);
          else
            gb_draw_fill (snapshot, color, x, end->y - 5, 10, 10);
          text_x += 16;
        }
      gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, end->role), end->text, text_x, end->y,
                         GB_ALIGN_LEFT, layout->width - text_x - 4);
    }
}

/* ---- time, alerts, notes ---- */

static void
draw_time (const GbTrafficLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbTrafficPanel *last = &layout->panels[layout->n_panels - 1];
  double y = last->y + last->height;

  if (layout->height < 140)
    return;
  for (guint i = 0; i < layout->time.n_ticks; i++)
    {
      double tick = gb_axis_tick (&layout->time, i), x = gb_traffic_layout_x (layout, tick);
      g_autofree char *text = gb_traffic_clock (tick, layout->time.step);
      if (x < layout->x - 0.5 || x > layout->x + layout->plot_width + 0.5)
        continue;
      gb_draw_vline (snapshot, role (ctx, GB_ROLE_RULE_STRONG), x, y, y + 4, 1);
      gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, GB_ROLE_MUTED, text,
                    MIN (x, layout->width - 2 - gb_draw_text_width (ctx, GB_FACE_GUTTER, text) / 2), y + 12,
                    GB_ALIGN_CENTER);
    }
}

static void
draw_alerts (const GbTrafficLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbTraffic *m = layout->model;
  const GbTrafficPanel *last = &layout->panels[layout->n_panels - 1];

  for (guint i = 0; i < m->notes->len; i++)
    {
      const GbTrafficNote *note = gb_traffic_note (m, i);
      const GdkRGBA *color = role (ctx, note->kind == GB_NOTE_ALERT ? GB_ROLE_WARNING : GB_ROLE_OK);
      double x = gb_traffic_layout_x (layout, note->seconds);
      if (note->kind == GB_NOTE_LINE || x < layout->x || x > layout->x + layout->plot_width)
        continue;
      gb_draw_dashed_line (snapshot, color, x, layout->panels[0].y - 4, x, last->y + last->height, 1.5,
                           note->kind == GB_NOTE_ALERT ? 6 : 2, 3);
      gb_draw_triangle (snapshot, color, x - 6, layout->panels[0].y - 14, 12, 10,
                        note->kind == GB_NOTE_ALERT);
    }
}

static GbRole
note_role (const GbTrafficNote *note)
{
  if (note->kind == GB_NOTE_ALERT)
    return GB_ROLE_WARNING;
  if (note->kind == GB_NOTE_CLEARED)
    return GB_ROLE_OK;
  return g_ascii_strncasecmp (note->level, "err", 3) == 0    ? GB_ROLE_ERROR
         : g_ascii_strncasecmp (note->level, "crit", 4) == 0 ? GB_ROLE_ERROR
         : g_ascii_strncasecmp (note->level, "warn", 4) == 0 ? GB_ROLE_WARNING
                                                             : GB_ROLE_MUTED;
}

static void
draw_notes (const GbTrafficLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbTraffic *m = layout->model;

  if (layout->n_notes == 0)
    return;
  gb_draw_hline (snapshot, role (ctx, GB_ROLE_RULE), PAD, layout->width - PAD, layout->notes_y + 1, 1);
  for (guint i = layout->first_note; i < m->notes->len; i++)
    {
      const GbTrafficNote *note = gb_traffic_note (m, i);
      g_autofree char *at = gb_traffic_clock (note->seconds, m->span_seconds);
      GbBox box;
      double y;
      gb_traffic_layout_note (layout, i, &box);
      y = box.y + box.height / 2;
      gb_draw_text (ctx, snapshot, GB_FACE_CELL, GB_ROLE_MUTED, at, PAD + 44, y, GB_ALIGN_RIGHT);
      gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL_BOLD, role (ctx, note_role (note)),
                         gb_traffic_note_kind (note), PAD + 56, y, GB_ALIGN_LEFT, 72);
      gb_draw_text_rgba (ctx, snapshot, GB_FACE_CELL, role (ctx, GB_ROLE_INK), note->text, PAD + 132, y,
                         GB_ALIGN_LEFT, MAX (layout->width - 2 * PAD - 132, 20));
    }
}

static void
draw_ghost (const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double width = MAX (ctx->width - 80, 60), base = ctx->height / 2 + 60;

  gtk_snapshot_push_opacity (snapshot, 0.3);
  for (int i = 0; i < 24; i++)
    {
      double height = 60 + 24 * sin (i * 0.7) + (i > 15 ? 20 : 0);
      gb_draw_fill (snapshot, role (ctx, i % 8 == 7 ? GB_ROLE_MUTED : GB_ROLE_RULE_STRONG),
                    40 + width * i / 24, base - height, width / 24 - 3, height);
    }
  gtk_snapshot_pop (snapshot);
  gb_draw_empty (ctx, snapshot,
                 _ ("No requests yet: gb.log (\"request\", ms, at=seconds) tells each of them."));
}

void
gb_traffic_draw (const GbTrafficLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  g_autofree char *sentence = NULL;

  if (layout->model == NULL)
    {
      draw_ghost (ctx, snapshot);
      return;
    }
  if (layout->y_top >= 30)
    {
      sentence = gb_traffic_sentence (layout->model);
      gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, GB_ROLE_INK), sentence, PAD, 16,
                         GB_ALIGN_LEFT, layout->width - 2 * PAD);
    }
  for (guint i = 0; i < layout->n_panels; i++)
    draw_panel (layout, &layout->panels[i], ctx, snapshot);
  draw_alerts (layout, ctx, snapshot);
  draw_ends (layout, ctx, snapshot);
  draw_time (layout, ctx, snapshot);
  draw_notes (layout, ctx, snapshot);
}

/* ---- what is looked at ---- */

static void
draw_mark (const GbTrafficLayout *layout, guint64 seq, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbTraffic *m = layout->model;
  const GbTrafficPanel *last = &layout->panels[layout->n_panels - 1];
  int span = gb_traffic_find_span (m, seq), note = gb_traffic_find_note (m, seq);
  GbBox box;

  if (span >= 0)
    gb_draw_box (snapshot, NULL, role (ctx, GB_ROLE_ACCENT), span_x (layout, (guint) span) - 1,
                 layout->panels[0].y - 2, layout->plot_width / m->spans->len + 1,
                 last->y + last->height - layout->panels[0].y + 3, 2, 2);
  if (note < 0)
    return;
  if ((guint) note >= layout->first_note)
    {
      gb_traffic_layout_note (layout, (guint) note, &box);
      gb_draw_selection (ctx, snapshot, box.x, box.y, box.width, box.height);
    }
  double x = gb_traffic_layout_x (layout, gb_traffic_note (m, (guint) note)->seconds);
  if (x >= layout->x && x <= layout->x + layout->plot_width)
    gb_draw_vline (snapshot, role (ctx, GB_ROLE_ACCENT), x, layout->panels[0].y - 2, last->y + last->height,
                   2);
}

void
gb_traffic_draw_overlay (const GbTrafficLayout *layout,
                         GbSelection *selection,
                         const GbDrawContext *ctx,
                         GtkSnapshot *snapshot)
{
  const GbPick *pin = gb_selection_get_pin (selection), *current = gb_selection_get_current (selection);
  int span;

  if (layout->model == NULL)
    return;
  if (pin->facets & GB_PICK_EVENT)
    draw_mark (layout, pin->event, ctx, snapshot);
  if (!(current->facets & GB_PICK_EVENT))
    return;
  draw_mark (layout, current->event, ctx, snapshot);
  span = gb_traffic_find_span (layout->model, current->event);
  if (span < 0)
    return;
  g_autofree char *text = gb_traffic_span_text (layout->model, (guint) span);
  g_auto (GStrv) lines = g_strsplit (text, _ ("; "), -1);
  gb_draw_tip (ctx, snapshot, span_x (layout, (guint) span + 1), layout->panels[0].y + 30,
               (const char *const *) lines, g_strv_length (lines));
}
