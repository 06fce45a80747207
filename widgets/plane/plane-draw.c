#include "plane/plane-draw.h"

#include <math.h>

#include "common/i18n.h"
#include "common/number-format.h"

#define N_SHAPES 5

static const GdkRGBA *
role (const GbDrawContext *ctx, GbRole which)
{
  return gb_theme_role (ctx->theme, which);
}

static const GdkRGBA *
class_color (const GbDrawContext *ctx, int class)
{
  return class < 0 ? role (ctx, GB_ROLE_INK) : &ctx->theme->series[class % GB_N_SERIES];
}

/* ---- surface ---- */

static guint32
mix (const GdkRGBA *a, const GdkRGBA *b, double t)
{
  return 0xff000000u | (guint32) lround ((a->red + (b->red - a->red) * t) * 255) << 16
         | (guint32) lround ((a->green + (b->green - a->green) * t) * 255) << 8
         | (guint32) lround ((a->blue + (b->blue - a->blue) * t) * 255);
}

static void
draw_surface (const GbPlaneLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  guint n = layout->columns * layout->rows;
  g_autofree guint32 *pixels = NULL;

  if (layout->classes == NULL && layout->numbers == NULL)
    return;
  pixels = g_new (guint32, n);
  for (guint i = 0; i < n; i++)
    if (layout->classes)
      pixels[i] = mix (role (ctx, GB_ROLE_SURFACE), class_color (ctx, layout->classes[i]),
                       isfinite (layout->sure[i]) ? 0.06 + 0.34 * CLAMP (layout->sure[i], 0, 1) : 0);
    else
      pixels[i] = gb_theme_map_argb (ctx->theme, GB_MAP_SIGN,
                                     layout->limit > 0 ? 0.5 + layout->numbers[i] / layout->limit / 2 : 0.5);
  gb_draw_pixels (snapshot, pixels, (int) layout->columns, (int) layout->rows, layout->x, layout->y,
                  layout->plot_width, layout->plot_height);
}

/* Where one class meets the next: a line, so that it is seen without colours. */
static void
draw_boundary (const GbPlaneLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double w = layout->plot_width / layout->columns, h = layout->plot_height / layout->rows;
  cairo_t *cr;

  if (layout->classes == NULL)
    return;
  cr = gb_draw_cairo (snapshot, layout->x, layout->y, layout->plot_width, layout->plot_height);
  gdk_cairo_set_source_rgba (cr, role (ctx, GB_ROLE_INK));
  cairo_set_line_width (cr, 1.5);
  for (guint r = 0; r < layout->rows; r++)
    for (guint c = 0; c < layout->columns; c++)
      {
        guint at = r * layout->columns + c;
        double x = layout->x + c * w, y = layout->y + r * h;
        if (c + 1 < layout->columns && layout->classes[at] != layout->classes[at + 1])
          {
            cairo_move_to (cr, x + w, y);
            cairo_line_to (cr, x + w, y + h);
          }
        if (r + 1 < layout->rows && layout->classes[at] != layout->classes[at + layout->columns])
          {
            cairo_move_to (cr, x, y + h);
            cairo_line_to (cr, x + w, y + h);
          }
      }
  cairo_stroke (cr);
  cairo_destroy (cr);
}

static void
draw_curve (const GbPlaneLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  cairo_t *cr;
  gboolean down = FALSE;

  if (layout->curve == NULL)
    return;
  cr = gb_draw_cairo (snapshot, layout->x, layout->y, layout->plot_width, layout->plot_height);
  gdk_cairo_set_source_rgba (cr, role (ctx, GB_ROLE_ACCENT));
  cairo_set_line_width (cr, 2.5);
  for (guint c = 0; c < layout->columns; c++)
    {
      double x = layout->x + c / (double) (layout->columns - 1) * layout->plot_width;
      double y = layout->y + (1 - gb_axis_place (&layout->y_axis, layout->curve[c])) * layout->plot_height;
      if (!isfinite (y))
        down = FALSE;
      else if (down)
        cairo_line_to (cr, x, y);
      else
        cairo_move_to (cr, x, y), down = TRUE;
    }
  cairo_stroke (cr);
  cairo_destroy (cr);
}

/* ---- points ---- */

static void
trace_shape (cairo_t *cr, int class, double x, double y, double r)
{
  switch (class % N_SHAPES)
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
    case 4:
      cairo_move_to (cr, x, y + 1.3 * r);
      cairo_line_to (cr, x + 1.2 * r, y - r);
      cairo_line_to (cr, x - 1.2 * r, y - r);
      cairo_close_path (cr);
      break;
    default:
      cairo_new_sub_path (cr);
      cairo_arc (cr, x, y, r, 0, 2 * G_PI);
    }
}

static void
draw_points (const GbPlaneLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbPlane *m = layout->model;
  cairo_t *cr = gb_draw_cairo (snapshot, layout->x, layout->y, layout->plot_width, layout->plot_height);
  double size = m->n > 1000 ? 2 : m->n > 300 ? 3 : 4;
  int n_classes = m->has_classes ? (int) m->n_classes : 1;

  cairo_set_line_width (cr, 1);
  for (int class = 0; class < n_classes; class ++)
    {
      for (gint64 i = 0; i < m->n; i++)
        {
          double x, y;
          if (m->has_classes && gb_plane_layout_class (layout, i) != class)
            continue;
          gb_plane_layout_place (layout, i, &x, &y);
          if (isfinite (x) && isfinite (y))
            trace_shape (cr, class, x, y, size);
        }
      /* The edge below the fill: where many lie together their colour is still seen. */
      gdk_cairo_set_source_rgba (cr, role (ctx, GB_ROLE_SURFACE));
      cairo_set_line_width (cr, 2);
      cairo_stroke_preserve (cr);
      gdk_cairo_set_source_rgba (cr, class_color (ctx, m->has_classes ? class : -1));
      cairo_fill (cr);
    }
  if (layout->wrong)
    {
      gdk_cairo_set_source_rgba (cr, role (ctx, GB_ROLE_ERROR));
      cairo_set_line_width (cr, 2);
      for (gint64 i = 0; i < m->n; i++)
        if (layout->wrong[i])
          {
            double x, y;
            gb_plane_layout_place (layout, i, &x, &y);
            cairo_new_sub_path (cr);
            cairo_arc (cr, x, y, size + 3.5, 0, 2 * G_PI);
          }
      cairo_stroke (cr);
    }
  cairo_destroy (cr);
}

/* ---- around them ---- */

static char *
dup_names (const GbPlane *m)
{
  return m->kind == GB_PLANE_CURVE  ? g_strdup_printf ("%s → %s", m->label, m->target_label ? m->target_label : "?")
         : m->kind == GB_PLANE_AXES ? g_strdup_printf (_ ("%s: first axis across, second upwards"), m->label)
                                    : g_strdup_printf (_ ("%s: column 0 across, column 1 upwards"), m->label);
}

static void
draw_axes (const GbPlaneLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbPlane *m = layout->model;
  double bottom = layout->y + layout->plot_height, right = layout->x + layout->plot_width;
  char text[32];

  for (guint i = 0; i < layout->x_axis.n_ticks; i++)
    {
      double tick = gb_axis_tick (&layout->x_axis, i),
             x = layout->x + gb_axis_place (&layout->x_axis, tick) * layout->plot_width;
      gb_draw_vline (snapshot, role (ctx, GB_ROLE_RULE), x, bottom, bottom + 4, 1);
      gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, GB_ROLE_MUTED,
                    gb_axis_label (&layout->x_axis, tick, text, sizeof text), x, bottom + 11,
                    GB_ALIGN_CENTER);
    }
  for (guint i = 0; layout->x >= 40 && i < layout->y_axis.n_ticks; i++)
    {
      double tick = gb_axis_tick (&layout->y_axis, i),
             y = layout->y + (1 - gb_axis_place (&layout->y_axis, tick)) * layout->plot_height;
      gb_draw_hline (snapshot, role (ctx, GB_ROLE_RULE), layout->x - 4, layout->x, y, 1);
      gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, GB_ROLE_MUTED,
                    gb_axis_label (&layout->y_axis, tick, text, sizeof text), layout->x - 8, y,
                    GB_ALIGN_RIGHT);
    }
  gb_draw_box (snapshot, NULL, role (ctx, GB_ROLE_RULE_STRONG), layout->x - 1, layout->y - 1,
               right - layout->x + 2, bottom - layout->y + 2, 0, 1);
  if (layout->y < 30)
    return;
  g_autofree char *names = dup_names (m);
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, GB_ROLE_INK), names, 16, 17, GB_ALIGN_LEFT,
                     layout->width - 32);
}

/* Returns where it ends. */
static double
draw_legend (const GbPlaneLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbPlane *m = layout->model;
  double x = layout->x, y = layout->height - 14;
  cairo_t *cr;
  char text[32];

  if (layout->height < 220)
    return x;
  if (m->has_classes && m->kind != GB_PLANE_CURVE)
    for (guint k = 0; k < m->n_classes && x < layout->width - 60; k++)
      {
        g_snprintf (text, sizeof text, "%u", k);
        cr = gb_draw_cairo (snapshot, x, y - 8, 16, 16);
        trace_shape (cr, (int) k, x + 7, y, 4);
        gdk_cairo_set_source_rgba (cr, class_color (ctx, (int) k));
        cairo_fill (cr);
        cairo_destroy (cr);
        x += 18 + gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_INK, text, x + 17, y, GB_ALIGN_LEFT)
             + 12;
      }
  if (layout->n_wrong)
    {
      gb_draw_box (snapshot, NULL, role (ctx, GB_ROLE_ERROR), x + 4, y - 7, 14, 14, 7, 2);
      x += 24 + gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_INK, _ ("on the wrong side"), x + 24, y, GB_ALIGN_LEFT) + 12;
    }
  if (layout->curve)
    {
      gb_draw_hline (snapshot, role (ctx, GB_ROLE_ACCENT), x, x + 18, y, 2.5);
      x += 24 + gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_INK, m->output_label, x + 24, y, GB_ALIGN_LEFT) + 12;
    }
  return x;
}

/* A running program tells its weights now and then: of when they are stands beside the legend, else above. */
static void
draw_age (const GbPlaneLayout *layout, double legend_end, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  g_autofree char *age = NULL, *names = dup_names (layout->model);
  double left, names_end = 16 + gb_draw_text_width (ctx, GB_FACE_SMALL, names) + 12;

  if (layout->height < 220 || layout->model->weights_iteration == 0 || layout->model->n_columns == 0)
    return;
  age = g_strdup_printf (_ ("weights as of iteration %lu"), (gulong) layout->model->weights_iteration);
  left = layout->width - 16 - gb_draw_text_width (ctx, GB_FACE_SMALL, age);
  if (left >= legend_end || left >= names_end)
    gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_STALE, age, left, left >= legend_end ? layout->height - 14 : 17,
                  GB_ALIGN_LEFT);
}

static void
draw_ghost (const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double size = MIN (ctx->width, ctx->height) * 0.35, x = ctx->width / 2, y = ctx->height / 2;

  gtk_snapshot_push_opacity (snapshot, 0.3);
  for (int i = 0; i < 24; i++)
    gb_draw_box (snapshot, &ctx->theme->series[i % 2], NULL,
                 x + cos (i * 1.9) * size * (i % 2 ? 1 : 0.45) * 1.4 - 4,
                 y + sin (i * 1.9) * size * (i % 2 ? 1 : 0.45) - 4, 8, 8, i % 2 ? 0 : 4, 0);
  gtk_snapshot_pop (snapshot);
  gb_draw_empty (ctx, snapshot, _ ("Train on points of two columns, or choose an activation."));
}

void
gb_plane_draw (const GbPlaneLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  if (layout->model == NULL)
    {
      draw_ghost (ctx, snapshot);
      return;
    }
  draw_surface (layout, ctx, snapshot);
  draw_boundary (layout, ctx, snapshot);
  draw_axes (layout, ctx, snapshot);
  if (layout->model->n == 0)
    {
      gb_draw_empty (ctx, snapshot, _ ("Its numbers were not recorded here. Pause or step to see them."));
      return;
    }
  draw_points (layout, ctx, snapshot);
  draw_curve (layout, ctx, snapshot);
  draw_age (layout, draw_legend (layout, ctx, snapshot), ctx, snapshot);
}

static void
draw_point_mark (const GbPlaneLayout *layout, gint64 nth, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double x, y;

  gb_plane_layout_place (layout, nth, &x, &y);
  if (isfinite (x) && isfinite (y))
    gb_draw_selection (ctx, snapshot, x - 8, y - 8, 16, 16);
}

void
gb_plane_draw_overlay (const GbPlaneLayout *layout,
                       GbSelection *selection,
                       const GbDrawContext *ctx,
                       GtkSnapshot *snapshot)
{
  gint64 pinned, current;
  double x, y;

  if (layout->model == NULL)
    return;
  pinned = gb_plane_layout_picked (layout, gb_selection_get_pin (selection));
  current = gb_plane_layout_picked (layout, gb_selection_get_current (selection));
  if (pinned >= 0)
    draw_point_mark (layout, pinned, ctx, snapshot);
  if (current < 0)
    return;
  draw_point_mark (layout, current, ctx, snapshot);
  g_autofree char *text = gb_plane_layout_point_text (layout, current);
  const char *lines[] = { text };
  gb_plane_layout_place (layout, current, &x, &y);
  gb_draw_tip (ctx, snapshot, x + 8, y, lines, 1);
}
