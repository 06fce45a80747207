#include "lanes/lanes-draw.h"

#include <math.h>

#include "common/i18n.h"
#include "common/number-format.h"

#define PAD 16

static const GdkRGBA *
role (const GbDrawContext *ctx, GbRole which)
{
  return gb_theme_role (ctx->theme, which);
}

static GbRole
role_of (GbLane lane)
{
  return lane == GB_LANE_FORWARD    ? GB_ROLE_FORWARD
         : lane == GB_LANE_BACKWARD ? GB_ROLE_BACKWARD
                                    : GB_ROLE_LEAF;
}

char *
gb_lanes_sentence (const GbLanesLayout *layout)
{
  char total[32], clock[32];
  guint n = layout->n_ops[0] + layout->n_ops[1] + layout->n_ops[2];

  if (layout->is_empty)
    return g_strdup (_ ("Run a line that makes a tensor."));
  gb_number_duration (layout->total_nsec, total, sizeof total);
  if (layout->iteration == 0)
    return g_strdup_printf (ngettext_ ("%u operation took %s.", "%u operations took %s.", n), n, total);
  if (layout->clock_nsec <= layout->total_nsec)
    return g_strdup_printf (
        ngettext_ ("Iteration %lu: %u operation took %s.", "Iteration %lu: %u operations took %s.", n),
        (gulong) layout->iteration, n, total);
  gb_number_duration (layout->clock_nsec, clock, sizeof clock);
  return g_strdup_printf (
      ngettext_ ("Iteration %lu: %u operation took %s of %s; Python and the optimizer took the rest.",
                 "Iteration %lu: %u operations took %s of %s; Python and the optimizer took the rest.", n),
      (gulong) layout->iteration, n, total, clock);
}

static void
draw_lane (const GbLanesLayout *layout, GbLane lane, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double y = layout->lane_y[lane], height = layout->depths[lane] * layout->bar_height;
  g_autofree char *share = NULL;
  char duration[32];

  if (layout->depths[lane] == 0)
    return;
  gb_draw_box (snapshot, role (ctx, GB_ROLE_PANEL), NULL, layout->x, y, layout->plot_width, height, 0, 0);
  if (layout->x < 60)
    return;
  gb_draw_text (ctx, snapshot, GB_FACE_SMALL_BOLD, role_of (lane), gb_lane_name (lane), PAD, y + 8,
                GB_ALIGN_LEFT);
  if (height < 24)
    return;
  gb_number_duration (layout->lane_nsec[lane], duration, sizeof duration);
  share = g_strdup_printf (
      "%s  %.0f%%", duration,
      layout->total_nsec ? 100.0 * (double) layout->lane_nsec[lane] / (double) layout->total_nsec : 0);
  gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, share, PAD, y + 22, GB_ALIGN_LEFT);
}

/* Bars that are thinner than a pixel run together into one. */
static void
draw_bars (const GbLanesLayout *layout, GbTrace *trace, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double drawn_to[GB_N_LANES][GB_LANES_MOST_DEPTH] = { 0 };

  for (guint i = 0; i < layout->bars->len; i++)
    {
      const GbLaneBar *bar = &g_array_index (layout->bars, GbLaneBar, i);
      const GdkRGBA *color = role (ctx, bar->failed ? GB_ROLE_ERROR : role_of (bar->lane));
      double x, y, width, *to = &drawn_to[bar->lane][bar->depth];
      GbOp op;

      gb_lanes_layout_place (layout, bar, &x, &y, &width);
      width = MAX (width, 1);
      if (x + width < *to + 0.5 && !bar->failed)
        continue;
      *to = x + width;
      gb_draw_box (snapshot, width >= 6 ? role (ctx, bar->depth ? GB_ROLE_SURFACE : GB_ROLE_OWN) : color,
                   width >= 6 ? color : NULL, x, y + 1, width, layout->bar_height - 2, 0, width >= 6 ? 1 : 0);
      if (width >= 6 && bar->depth == 0)
        gb_draw_fill (snapshot, color, x, y + 1, 3, layout->bar_height - 2);
      if (width >= 30 && layout->bar_height >= 14 && gb_trace_get_op (trace, bar->call, &op))
        gb_draw_text_rgba (ctx, snapshot, GB_FACE_CELL, role (ctx, GB_ROLE_INK),
                           gb_trace_op_name (trace, &op), x + 6, y + layout->bar_height / 2, GB_ALIGN_LEFT,
                           width - 8);
    }
}

static void
draw_axis (const GbLanesLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double y = layout->height - 30;
  char number[32], text[48];

  if (layout->height < 160)
    return;
  gb_draw_hline (snapshot, role (ctx, GB_ROLE_RULE_STRONG), layout->x, layout->x + layout->plot_width, y - 8,
                 1);
  for (guint i = 0; i < layout->axis.n_ticks; i++)
    {
      double tick = gb_axis_tick (&layout->axis, i),
             x = layout->x
                 + tick * layout->unit_nsec / MAX ((double) layout->total_nsec, 1) * layout->plot_width;
      if (x > layout->x + layout->plot_width + 1)
        break;
      gb_axis_label (&layout->axis, tick, number, sizeof number);
      g_snprintf (text, sizeof text, "%s %s", number, layout->unit_nsec > 1e3 ? "ms" : "µs");
      gb_draw_vline (snapshot, role (ctx, GB_ROLE_RULE_STRONG), x, y - 8, y - 4, 1);
      gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, GB_ROLE_MUTED, tick > 0 ? text : "0",
                    MIN (x, layout->width - 26), y + 3, GB_ALIGN_CENTER);
    }
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, GB_ROLE_MUTED),
                     _ ("time of operations, end to end"), layout->x, y + 18, GB_ALIGN_LEFT,
                     layout->plot_width);
}

static void
draw_ghost (const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double width = MAX (ctx->width - 80, 60), y = ctx->height / 2 - 50;

  gtk_snapshot_push_opacity (snapshot, 0.3);
  for (int lane = 0; lane < 3; lane++)
    for (int i = 0; i < 4; i++)
      gb_draw_box (snapshot, role (ctx, GB_ROLE_SURFACE), role (ctx, role_of ((GbLane) lane)),
                   40 + width * (lane * 4 + i) / 12, y + lane * 34, width / 12 - 3, 24, 0, 1);
  gtk_snapshot_pop (snapshot);
  gb_draw_empty (ctx, snapshot, _ ("Run a line that makes a tensor."));
}

void
gb_lanes_draw (const GbLanesLayout *layout, GbTrace *trace, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  g_autofree char *sentence = NULL;

  if (layout->is_empty)
    {
      draw_ghost (ctx, snapshot);
      return;
    }
  sentence = gb_lanes_sentence (layout);
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, GB_ROLE_INK), sentence, PAD, 16, GB_ALIGN_LEFT,
                     layout->width - 2 * PAD);
  for (guint lane = 0; lane < GB_N_LANES; lane++)
    draw_lane (layout, (GbLane) lane, ctx, snapshot);
  draw_bars (layout, trace, ctx, snapshot);
  draw_axis (layout, ctx, snapshot);
}

void
gb_lanes_draw_overlay (const GbLanesLayout *layout,
                       GbTrace *trace,
                       GbSelection *selection,
                       const GbDrawContext *ctx,
                       GtkSnapshot *snapshot)
{
  const GbPick *picks[] = { gb_selection_get_pin (selection), gb_selection_get_current (selection) };

  for (int i = 0; i < 2; i++)
    {
      int nth = !layout->is_empty && (picks[i]->facets & GB_PICK_OP)
                    ? gb_lanes_layout_find (layout, picks[i]->call)
                    : -1;
      double x, y, width;
      if (nth < 0)
        continue;
      const GbLaneBar *bar = &g_array_index (layout->bars, GbLaneBar, nth);
      gb_lanes_layout_place (layout, bar, &x, &y, &width);
      gb_draw_selection (ctx, snapshot, x - 1, y, MAX (width, 6) + 2, layout->bar_height);
      if (i == 0)
        continue;
      g_autofree char *text = gb_lanes_bar_text (trace, bar);
      const char *lines[] = { text };
      gb_draw_tip (ctx, snapshot, x + MIN (width, 200), y + layout->bar_height / 2, lines, 1);
    }
}
