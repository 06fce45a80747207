#include "surface/surface-draw.h"

#include <math.h>

#include "common/i18n.h"
#include "common/kept.h"
#include "common/number-format.h"

#define PAD        16
#define MOST_TONE  0.42 /* of the colour map: paths are seen on every field */
#define SLICE_GAP  10
#define MOST_STEPS 400 /* of a slice */
#define STROKED    32  /* lines at once: neighbours, so that little of the picture is gone through */

static const GdkRGBA *
role (const GbDrawContext *ctx, GbRole which)
{
  return gb_theme_role (ctx->theme, which);
}

/* ---- heights ---- */

static void
draw_bands (const GbSurfaceLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  guint32 colors[GB_SURFACE_MOST_LEVELS + 1], none;
  guint n = layout->columns * layout->rows;
  const GdkRGBA *panel = role (ctx, GB_ROLE_PANEL);
  g_autofree guint32 *pixels = NULL;

  if (layout->bands == NULL)
    return;
  none = 0xff000000u | (guint32) lround (panel->red * 255) << 16 | (guint32) lround (panel->green * 255) << 8
         | (guint32) lround (panel->blue * 255);
  for (guint i = 0; i <= layout->n_levels; i++)
    colors[i] = gb_theme_map_argb (ctx->theme, GB_MAP_SEA, MOST_TONE * i / MAX (layout->n_levels, 1));
  pixels = g_new (guint32, n);
  for (guint i = 0; i < n; i++)
    pixels[i] = layout->bands[i] == 255 ? none : colors[MIN (layout->bands[i], layout->n_levels)];
  gb_draw_pixels (snapshot, pixels, (int) layout->columns, (int) layout->rows, layout->x, layout->y,
                  layout->plot_width, layout->plot_height);
}

/* What is no number is hatched. */
static void
draw_unknown (const GbSurfaceLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double width = layout->plot_width / MAX (layout->columns, 1),
         height = layout->plot_height / MAX (layout->rows, 1);
  guint n_drawn = 0;

  if (layout->bands == NULL || layout->model->n_nonfinite == 0)
    return;
  for (guint r = 0; r < layout->rows; r += 4)
    for (guint c = 0, end; c < layout->columns && n_drawn < 400; c = end + 1)
      {
        guint height_fields = MIN (4, layout->rows - r);
        for (end = c; end < layout->columns && layout->bands[r * layout->columns + end] == 255; end++)
          ;
        if (end == c)
          continue;
        gb_draw_hatch (snapshot, role (ctx, GB_ROLE_MUTED), layout->x + c * width, layout->y + r * height,
                       (end - c) * width, height_fields * height);
        n_drawn++;
      }
}

/* Heights rarely change while a path grows over them: their lines are kept. */
static void
draw_lines (const GbSurfaceLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  struct
  {
    gconstpointer who, theme;
    double x, y, width, height;
    GbKeptDigest lines;
  } key = { draw_lines,
            ctx->theme,
            layout->x,
            layout->y,
            layout->plot_width,
            layout->plot_height,
            gb_kept_digest (layout->lines->data, layout->lines->len * sizeof (GbSurfaceLine)) };
  GtkSnapshot *part = gb_kept_open (snapshot, &key, sizeof key);
  cairo_t *cr;

  if (part == NULL)
    return;
  cr = gb_draw_cairo (part, layout->x, layout->y, layout->plot_width, layout->plot_height);
  gdk_cairo_set_source_rgba (cr, role (ctx, GB_ROLE_RULE_STRONG));
  cairo_set_line_width (cr, 1);
  for (guint i = 0; i < layout->lines->len; i++)
    {
      const GbSurfaceLine *line = &g_array_index (layout->lines, GbSurfaceLine, i);
      cairo_move_to (cr, line->x0, line->y0);
      cairo_line_to (cr, line->x1, line->y1);
      if (i % STROKED == STROKED - 1)
        cairo_stroke (cr);
    }
  cairo_stroke (cr);
  cairo_destroy (cr);
  gb_kept_close (snapshot, part, &key, sizeof key, 64 * layout->lines->len);
}

static void
draw_contours (const GbSurfaceLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  if (layout->lines->len == 0)
    return;
  draw_lines (layout, ctx, snapshot);
  for (guint i = 0; i < layout->level_labels->len; i++)
    {
      const GbSurfaceLabel *label = &g_array_index (layout->level_labels, GbSurfaceLabel, i);
      gb_draw_box (snapshot, role (ctx, GB_ROLE_SURFACE), NULL, label->box.x, label->box.y, label->box.width,
                   label->box.height, 3, 0);
      gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, GB_ROLE_INK, label->text,
                    label->box.x + label->box.width / 2, label->box.y + label->box.height / 2,
                    GB_ALIGN_CENTER);
    }
}

/* ---- paths ---- */

static void
trace_marker (cairo_t *cr, guint path, double x, double y, double r)
{
  switch (path % 4)
    {
    case 1:
      cairo_rectangle (cr, x - r, y - r, 2 * r, 2 * r);
      break;
    case 2:
      cairo_move_to (cr, x, y - 1.3 * r);
      cairo_line_to (cr, x + 1.2 * r, y + r);
      cairo_line_to (cr, x - 1.2 * r, y + r);
      cairo_close_path (cr);
      break;
    case 3:
      cairo_move_to (cr, x, y - 1.4 * r);
      cairo_line_to (cr, x + 1.4 * r, y);
      cairo_line_to (cr, x, y + 1.4 * r);
      cairo_line_to (cr, x - 1.4 * r, y);
      cairo_close_path (cr);
      break;
    default:
      cairo_new_sub_path (cr);
      cairo_arc (cr, x, y, r, 0, 2 * G_PI);
    }
}

static void
trace_line (const GbSurfaceLayout *layout, const GArray *points, cairo_t *cr)
{
  gboolean down = FALSE;

  for (guint i = 0; i < points->len; i++)
    {
      const GbSurfacePoint *point = &g_array_index (points, GbSurfacePoint, i);
      double x = CLAMP (gb_surface_layout_x (layout, point->x), -1e5, 1e5),
             y = CLAMP (gb_surface_layout_y (layout, point->y), -1e5, 1e5);
      if (!isfinite (point->x) || !isfinite (point->y))
        down = FALSE;
      else if (down)
        cairo_line_to (cr, x, y);
      else
        cairo_move_to (cr, x, y), down = TRUE;
    }
}

/* Steps are marked where they stand apart; where a path begins the mark is open, where it has come to it is
 * large. */
static void
draw_path (const GbSurfaceLayout *layout, guint nth, const GbDrawContext *ctx, cairo_t *cr)
{
  const GArray *points = gb_surface_path (layout->model, nth)->points;
  const GdkRGBA *color = &ctx->theme->series[nth % GB_N_SERIES];
  double last_x = -1e9, last_y = -1e9;

  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  trace_line (layout, points, cr);
  gdk_cairo_set_source_rgba (cr, role (ctx, GB_ROLE_SURFACE));
  cairo_set_line_width (cr, 4.5);
  cairo_stroke_preserve (cr);
  gdk_cairo_set_source_rgba (cr, color);
  cairo_set_line_width (cr, 2);
  cairo_stroke (cr);
  for (guint i = 0; i < points->len; i++)
    {
      const GbSurfacePoint *point = &g_array_index (points, GbSurfacePoint, i);
      double x = gb_surface_layout_x (layout, point->x), y = gb_surface_layout_y (layout, point->y);
      gboolean is_end = i + 1 == points->len, is_start = i == 0;
      if (!isfinite (x) || !isfinite (y) || (!is_end && !is_start && hypot (x - last_x, y - last_y) < 12))
        continue;
      last_x = x, last_y = y;
      trace_marker (cr, nth, x, y, is_end ? 5 : is_start ? 4 : 2.5);
      gdk_cairo_set_source_rgba (cr, is_start && !is_end ? role (ctx, GB_ROLE_SURFACE) : color);
      cairo_fill_preserve (cr);
      gdk_cairo_set_source_rgba (cr, is_start && !is_end ? color : role (ctx, GB_ROLE_SURFACE));
      cairo_set_line_width (cr, is_start && !is_end ? 2 : 1);
      cairo_stroke (cr);
    }
}

/* What of the plot a path takes, with its marks. */
static GbBox
room_of_path (const GbSurfaceLayout *layout, const GArray *points)
{
  double left = G_MAXDOUBLE, right = -G_MAXDOUBLE, top = G_MAXDOUBLE, bottom = -G_MAXDOUBLE;

  for (guint i = 0; i < points->len; i++)
    {
      const GbSurfacePoint *point = &g_array_index (points, GbSurfacePoint, i);
      double x = gb_surface_layout_x (layout, point->x), y = gb_surface_layout_y (layout, point->y);
      if (!isfinite (x) || !isfinite (y))
        continue;
      left = MIN (left, x - 9), right = MAX (right, x + 9);
      top = MIN (top, y - 9), bottom = MAX (bottom, y + 9);
    }
  left = CLAMP (left, layout->x, layout->x + layout->plot_width);
  right = CLAMP (right, layout->x, layout->x + layout->plot_width);
  top = CLAMP (top, layout->y, layout->y + layout->plot_height);
  bottom = CLAMP (bottom, layout->y, layout->y + layout->plot_height);
  return (GbBox){ left, top, right - left, bottom - top };
}

static void
draw_kept_path (const GbSurfaceLayout *layout, guint nth, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GArray *points = gb_surface_path (layout->model, nth)->points;
  GbBox room = room_of_path (layout, points);
  struct
  {
    gconstpointer who, theme;
    double nth, x, y, width, height, low_x, high_x, low_y, high_y;
    GbKeptDigest points;
  } key = { draw_kept_path,
            ctx->theme,
            nth,
            layout->x,
            layout->y,
            layout->plot_width,
            layout->plot_height,
            layout->x_axis.low,
            layout->x_axis.high,
            layout->y_axis.low,
            layout->y_axis.high,
            { 0 } };
  GtkSnapshot *part;
  cairo_t *cr;

  if (room.width <= 0 || room.height <= 0)
    return;
  for (guint i = 0; i < points->len; i++)
    {
      const GbSurfacePoint *point = &g_array_index (points, GbSurfacePoint, i);
      double place[2] = { point->x, point->y };
      GbKeptDigest one = gb_kept_digest (place, sizeof place);
      key.points.a = key.points.a * 0x9e3779b97f4a7c15u + one.a;
      key.points.b = key.points.b * 0xc2b2ae3d27d4eb4fu + one.b;
    }
  part = gb_kept_open (snapshot, &key, sizeof key);
  if (part == NULL)
    return;
  cr = gb_draw_cairo (part, room.x, room.y, room.width, room.height);
  draw_path (layout, nth, ctx, cr);
  cairo_destroy (cr);
  gb_kept_close (snapshot, part, &key, sizeof key, 64 * points->len);
}

static void
draw_paths (const GbSurfaceLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  for (guint i = layout->model->paths->len; i > 0; i--)
    draw_kept_path (layout, i - 1, ctx, snapshot);
  for (guint i = 0; i < layout->path_labels->len; i++)
    {
      const GbSurfaceLabel *label = &g_array_index (layout->path_labels, GbSurfaceLabel, i);
      gb_draw_box (snapshot, role (ctx, GB_ROLE_SURFACE), NULL, label->box.x, label->box.y, label->box.width,
                   label->box.height, 3, 0);
      gb_draw_text (ctx, snapshot, GB_FACE_SMALL_BOLD, GB_ROLE_INK, label->text, label->box.x + 3,
                    label->box.y + label->box.height / 2, GB_ALIGN_LEFT);
    }
}

static void
draw_legend (const GbSurfaceLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbSurface *m = layout->model;
  char text[32];

  for (guint i = 0; i < layout->legend->len; i++)
    {
      const GbSurfaceLabel *label = &g_array_index (layout->legend, GbSurfaceLabel, i);
      double x = label->box.x, y = label->box.y + 10;
      cairo_t *cr;
      gb_draw_hline (snapshot, &ctx->theme->series[label->nth % GB_N_SERIES], x, x + 18, y, 2);
      cr = gb_draw_cairo (snapshot, x, y - 8, 20, 16);
      trace_marker (cr, label->nth, x + 9, y, 4);
      gdk_cairo_set_source_rgba (cr, &ctx->theme->series[label->nth % GB_N_SERIES]);
      cairo_fill (cr);
      cairo_destroy (cr);
      gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_INK, label->text, x + 24, y, GB_ALIGN_LEFT);
    }
  if (layout->legend->len && layout->legend->len < m->paths->len + m->n_hidden)
    {
      const GbSurfaceLabel *last = &g_array_index (layout->legend, GbSurfaceLabel, layout->legend->len - 1);
      g_snprintf (text, sizeof text, "+%u", m->paths->len + m->n_hidden - layout->legend->len);
      gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, text, last->box.x + last->box.width + 4,
                    last->box.y + 10, GB_ALIGN_LEFT);
    }
  else if (layout->legend->len && layout->n_outside)
    {
      const GbSurfaceLabel *last = &g_array_index (layout->legend, GbSurfaceLabel, layout->legend->len - 1);
      double x = last->box.x + last->box.width + 16;
      g_autofree char *outside = g_strdup_printf (
          ngettext_ ("%u place lies outside", "%u places lie outside", layout->n_outside), layout->n_outside);
      if (layout->width - 16 - x >= 60)
        gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, GB_ROLE_MUTED), outside, x,
                           last->box.y + 10, GB_ALIGN_LEFT, layout->width - 16 - x);
    }
}

/* ---- around them ---- */

static void
draw_axes (const GbSurfaceLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double bottom = layout->y + layout->plot_height, right = layout->x + layout->plot_width;
  double foot = bottom + (layout->across_height > 0 ? layout->across_height + SLICE_GAP : 0);
  g_autofree char *names = NULL;
  char text[32];

  for (guint i = 0; i < layout->x_axis.n_ticks; i++)
    {
      double tick = gb_axis_tick (&layout->x_axis, i), x = gb_surface_layout_x (layout, tick);
      gb_draw_vline (snapshot, role (ctx, GB_ROLE_RULE_STRONG), x, foot, foot + 4, 1);
      gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, GB_ROLE_MUTED,
                    gb_axis_label (&layout->x_axis, tick, text, sizeof text), x, foot + 12, GB_ALIGN_CENTER);
    }
  for (guint i = 0; layout->x >= 40 && i < layout->y_axis.n_ticks; i++)
    {
      double tick = gb_axis_tick (&layout->y_axis, i), y = gb_surface_layout_y (layout, tick);
      gb_draw_hline (snapshot, role (ctx, GB_ROLE_RULE_STRONG), layout->x - 4, layout->x, y, 1);
      gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, GB_ROLE_MUTED,
                    gb_axis_label (&layout->y_axis, tick, text, sizeof text), layout->x - 8, y,
                    GB_ALIGN_RIGHT);
    }
  gb_draw_box (snapshot, NULL, role (ctx, GB_ROLE_RULE_STRONG), layout->x - 1, layout->y - 1,
               right - layout->x + 2, bottom - layout->y + 2, 0, 1);
  if (layout->y < 30)
    return;
  names = layout->model->tensor
              ? g_strdup_printf (_ ("%s: %s across, %s upwards"), layout->model->label, layout->model->x_name,
                                 layout->model->y_name)
              : g_strdup_printf (_ ("%s across, %s upwards"), layout->model->x_name, layout->model->y_name);
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, GB_ROLE_INK), names, PAD, 17, GB_ALIGN_LEFT,
                     layout->width - 2 * PAD);
}

static void
draw_ghost (const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double x = ctx->width / 2, y = ctx->height / 2, size = MIN (ctx->width, ctx->height) * 0.42;
  cairo_t *cr;

  gtk_snapshot_push_opacity (snapshot, 0.3);
  cr = gb_draw_cairo (snapshot, 0, 0, ctx->width, ctx->height);
  gdk_cairo_set_source_rgba (cr, role (ctx, GB_ROLE_RULE_STRONG));
  cairo_set_line_width (cr, 1.5);
  for (int i = 1; i <= 4; i++)
    {
      cairo_save (cr);
      cairo_translate (cr, x, y);
      cairo_scale (cr, 1.7, 1);
      cairo_new_sub_path (cr);
      cairo_arc (cr, 0, 0, size * i / 4, 0, 2 * G_PI);
      cairo_restore (cr);
      cairo_stroke (cr);
    }
  gdk_cairo_set_source_rgba (cr, &ctx->theme->series[0]);
  cairo_set_line_width (cr, 2.5);
  cairo_move_to (cr, x - size * 1.4, y - size * 0.5);
  for (int i = 1; i <= 8; i++)
    cairo_line_to (cr, x - size * 1.4 * (8 - i) / 8, y + (i % 2 ? 1 : -1) * size * 0.5 * (8 - i) / 8);
  cairo_stroke (cr);
  cairo_destroy (cr);
  gtk_snapshot_pop (snapshot);
  gb_draw_empty (ctx, snapshot, _ ("Optimise two numbers, or show a matrix of losses."));
}

void
gb_surface_draw (const GbSurfaceLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  if (layout->model == NULL)
    {
      draw_ghost (ctx, snapshot);
      return;
    }
  draw_bands (layout, ctx, snapshot);
  draw_unknown (layout, ctx, snapshot);
  draw_contours (layout, ctx, snapshot);
  draw_paths (layout, ctx, snapshot);
  draw_axes (layout, ctx, snapshot);
  draw_legend (layout, ctx, snapshot);
  if (layout->model->is_unknown && layout->model->paths->len == 0)
    gb_draw_empty (ctx, snapshot, _ ("Its numbers were not recorded here. Pause or step to see them."));
}

/* ---- slices ---- */

typedef struct
{
  const GbSurfaceLayout *layout;
  const GbDrawContext *ctx;
  const GbSurfacePlace *place;
  gboolean is_up; /* along y, at the right */
  double x, y, width, height;
} Slice;

static void
slice_place (const Slice *self, double share, double tone, double *x, double *y)
{
  *x = self->x + (self->is_up ? 4 + tone * (self->width - 8) : share * self->width);
  *y = self->y + (self->is_up ? (1 - share) * self->height : self->height - 4 - tone * (self->height - 8));
}

static void
draw_slice_line (const Slice *self, GtkSnapshot *snapshot)
{
  const GbSurfaceLayout *layout = self->layout;
  const GbAxis *axis = self->is_up ? &layout->y_axis : &layout->x_axis;
  guint n = (guint) CLAMP ((self->is_up ? self->height : self->width) / 2, 8, MOST_STEPS);
  cairo_t *cr = gb_draw_cairo (snapshot, self->x, self->y, self->width, self->height);
  gboolean down = FALSE;

  gdk_cairo_set_source_rgba (cr, role (self->ctx, GB_ROLE_FORWARD));
  cairo_set_line_width (cr, 1.5);
  for (guint i = 0; i <= n; i++)
    {
      double at = gb_axis_value (axis, i / (double) n), x, y;
      double tone = gb_surface_layout_tone (
          layout, self->is_up ? gb_surface_height (layout->model, self->place->x, at)
                              : gb_surface_height (layout->model, at, self->place->y));
      if (!isfinite (tone))
        {
          down = FALSE;
          continue;
        }
      slice_place (self, i / (double) n, tone, &x, &y);
      if (down)
        cairo_line_to (cr, x, y);
      else
        cairo_move_to (cr, x, y), down = TRUE;
    }
  cairo_stroke (cr);
  cairo_destroy (cr);
}

static void
draw_slice (const Slice *self, GtkSnapshot *snapshot)
{
  const GbSurfaceLayout *layout = self->layout;
  double share = gb_axis_place (self->is_up ? &layout->y_axis : &layout->x_axis,
                                self->is_up ? self->place->y : self->place->x);
  double tone = gb_surface_layout_tone (layout,
                                        gb_surface_height (layout->model, self->place->x, self->place->y)),
         x, y;
  g_autofree char *title = NULL;
  char number[32];

  gb_draw_box (snapshot, role (self->ctx, GB_ROLE_PANEL), NULL, self->x, self->y, self->width, self->height,
               0, 0);
  if (share >= 0 && share <= 1)
    {
      slice_place (self, share, 0, &x, &y);
      if (self->is_up)
        gb_draw_hline (snapshot, role (self->ctx, GB_ROLE_RULE_STRONG), self->x, self->x + self->width, y, 1);
      else
        gb_draw_vline (snapshot, role (self->ctx, GB_ROLE_RULE_STRONG), x, self->y, self->y + self->height,
                       1);
    }
  draw_slice_line (self, snapshot);
  if (isfinite (tone) && share >= 0 && share <= 1)
    {
      slice_place (self, share, tone, &x, &y);
      gb_draw_box (snapshot, role (self->ctx, GB_ROLE_SURFACE), role (self->ctx, GB_ROLE_ACCENT), x - 4,
                   y - 4, 8, 8, 4, 2);
    }
  title = g_strdup_printf (
      "%s = %s", self->is_up ? layout->model->x_name : layout->model->y_name,
      gb_number_text (self->is_up ? self->place->x : self->place->y, 3, number, sizeof number));
  if (self->is_up)
    gb_draw_text_rgba (self->ctx, snapshot, GB_FACE_SMALL, role (self->ctx, GB_ROLE_MUTED), title,
                       self->x + self->width, 17, GB_ALIGN_RIGHT, self->width);
  else if (layout->up_width > 0)
    gb_draw_text_rgba (self->ctx, snapshot, GB_FACE_SMALL, role (self->ctx, GB_ROLE_MUTED), title,
                       self->x + self->width + SLICE_GAP, self->y + self->height / 2, GB_ALIGN_LEFT,
                       layout->up_width);
}

static void
draw_slices (const GbSurfaceLayout *layout,
             const GbSurfacePlace *place,
             const GbDrawContext *ctx,
             GtkSnapshot *snapshot)
{
  Slice up = { layout,
               ctx,
               place,
               TRUE,
               layout->x + layout->plot_width + SLICE_GAP,
               layout->y,
               layout->up_width,
               layout->plot_height };
  Slice across = { layout,
                   ctx,
                   place,
                   FALSE,
                   layout->x,
                   layout->y + layout->plot_height + SLICE_GAP,
                   layout->plot_width,
                   layout->across_height };

  if (layout->up_width > 0)
    draw_slice (&up, snapshot);
  if (layout->across_height > 0)
    draw_slice (&across, snapshot);
}

static gboolean
is_inside (const GbSurfaceLayout *layout, double x, double y)
{
  return x >= layout->x && x <= layout->x + layout->plot_width && y >= layout->y
         && y <= layout->y + layout->plot_height;
}

/* The two directions in which it is sliced, and the place itself. */
static void
draw_place (const GbSurfaceLayout *layout,
            const GbSurfacePlace *place,
            gboolean is_chosen,
            const GbDrawContext *ctx,
            GtkSnapshot *snapshot)
{
  double x = gb_surface_layout_x (layout, place->x), y = gb_surface_layout_y (layout, place->y);

  if (!is_inside (layout, x, y))
    return;
  if (layout->up_width > 0)
    gb_draw_dashed_line (snapshot, role (ctx, GB_ROLE_INK), x, y, layout->x + layout->plot_width, y, 1, 2, 4);
  if (layout->across_height > 0)
    gb_draw_dashed_line (snapshot, role (ctx, GB_ROLE_INK), x, y, x, layout->y + layout->plot_height, 1, 2,
                         4);
  if (is_chosen)
    gb_draw_selection (ctx, snapshot, x - 8, y - 8, 16, 16);
}

void
gb_surface_draw_overlay (const GbSurfaceLayout *layout,
                         GbSelection *selection,
                         const GbDrawContext *ctx,
                         GtkSnapshot *snapshot)
{
  GbSurfacePlace place, pinned;
  gboolean is_chosen;

  if (layout->model == NULL || (layout->model->is_unknown && layout->model->paths->len == 0))
    return;
  is_chosen = gb_surface_layout_picked (layout, gb_selection_get_current (selection), &place);
  if (!is_chosen)
    gb_surface_layout_rest (layout, &place);
  if (gb_surface_layout_picked (layout, gb_selection_get_pin (selection), &pinned))
    gb_draw_selection (ctx, snapshot, gb_surface_layout_x (layout, pinned.x) - 8,
                       gb_surface_layout_y (layout, pinned.y) - 8, 16, 16);
  draw_place (layout, &place, is_chosen, ctx, snapshot);
  draw_slices (layout, &place, ctx, snapshot);
  if (!is_chosen)
    return;
  g_autofree char *text = gb_surface_layout_place_text (layout, &place);
  const char *lines[] = { text };
  gb_draw_tip (ctx, snapshot, gb_surface_layout_x (layout, place.x) + 8,
               gb_surface_layout_y (layout, place.y), lines, 1);
}
