#include "common/draw.h"

#include <math.h>
#include <string.h>

#include "common/kept.h"

static graphene_rect_t
rect (double x, double y, double width, double height)
{
  return GRAPHENE_RECT_INIT ((float) x, (float) y, (float) width, (float) height);
}

void
gb_draw_fill (GtkSnapshot *snapshot, const GdkRGBA *color, double x, double y, double width, double height)
{
  graphene_rect_t r = rect (x, y, width, height);
  if (width > 0 && height > 0)
    gtk_snapshot_append_color (snapshot, color, &r);
}

void
gb_draw_hline (GtkSnapshot *snapshot, const GdkRGBA *color, double x0, double x1, double y, double width)
{
  gb_draw_fill (snapshot, color, MIN (x0, x1), y - width / 2, fabs (x1 - x0), width);
}

void
gb_draw_vline (GtkSnapshot *snapshot, const GdkRGBA *color, double x, double y0, double y1, double width)
{
  gb_draw_fill (snapshot, color, x - width / 2, MIN (y0, y1), width, fabs (y1 - y0));
}

cairo_t *
gb_draw_cairo (GtkSnapshot *snapshot, double x, double y, double width, double height)
{
  static GskRenderNode *nothing;
  double left = floor (x), top = floor (y);
  graphene_rect_t r = rect (0, 0, width + x - left, height + y - top);

  /* The part begins at its own 0, 0, behind a transform node: cairo 1.16 loses what is recorded elsewhere when it writes
   * SVG.  Appending a node is what makes the snapshot wrap what follows in one. */
  if (nothing == NULL)
    nothing = gsk_container_node_new (NULL, 0);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) left, (float) top));
  gtk_snapshot_append_node (snapshot, nothing);
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &r);
  gtk_snapshot_restore (snapshot);
  cairo_translate (cr, -left, -top);
  return cr;
}

cairo_t *
gb_draw_cairo_zoomed (GtkSnapshot *snapshot, double zoom, double x, double y, double width, double height)
{
  if (zoom == 1)
    return gb_draw_cairo (snapshot, x, y, width, height);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_scale (snapshot, (float) (1 / zoom), (float) (1 / zoom));
  cairo_t *cr = gb_draw_cairo (snapshot, x * zoom, y * zoom, width * zoom, height * zoom);
  gtk_snapshot_restore (snapshot);
  cairo_scale (cr, zoom, zoom);
  return cr;
}

/* Small marks are drawn by cairo, and are the same node again when they are the same mark. */
typedef struct
{
  double kind, x, y, width, height, more[3];
  float color[4];
} Mark;

enum
{
  MARK_DASHED_LINE = 1,
  MARK_DASHED_BOX,
  MARK_ARROW_HEAD,
  MARK_DIAGONAL,
  MARK_CROSS,
  MARK_TRIANGLE,
  MARK_HATCH,
  MARK_CORNER,
  MARK_PIXELS,
};

static Mark
mark_of (int kind, const GdkRGBA *color, double x, double y, double width, double height)
{
  return (Mark){ kind, x, y, width, height, { 0 }, { color->red, color->green, color->blue, color->alpha } };
}

void
gb_draw_dashed_line (GtkSnapshot *snapshot,
                     const GdkRGBA *color,
                     double x0,
                     double y0,
                     double x1,
                     double y1,
                     double width,
                     double dash,
                     double gap)
{
  Mark mark = mark_of (MARK_DASHED_LINE, color, x0, y0, x1, y1);
  mark.more[0] = width, mark.more[1] = dash, mark.more[2] = gap;
  GtkSnapshot *part = gb_kept_open (snapshot, &mark, sizeof mark);
  if (part == NULL)
    return;
  cairo_t *cr = gb_draw_cairo (part, MIN (x0, x1) - width, MIN (y0, y1) - width,
                               fabs (x1 - x0) + 2 * width, fabs (y1 - y0) + 2 * width);
  double dashes[2] = { dash, gap };

  gdk_cairo_set_source_rgba (cr, color);
  cairo_set_line_width (cr, width);
  cairo_set_dash (cr, dashes, 2, 0);
  cairo_move_to (cr, x0, y0);
  cairo_line_to (cr, x1, y1);
  cairo_stroke (cr);
  cairo_destroy (cr);
  gb_kept_close (snapshot, part, &mark, sizeof mark, 0);
}

void
gb_draw_box (GtkSnapshot *snapshot,
             const GdkRGBA *fill,
             const GdkRGBA *border,
             double x,
             double y,
             double width,
             double height,
             double radius,
             double line)
{
  graphene_rect_t r = rect (x, y, width, height);
  GskRoundedRect round;

  if (width <= 0 || height <= 0)
    return;
  gsk_rounded_rect_init_from_rect (&round, &r, (float) MIN (radius, MIN (width, height) / 2));
  if (fill)
    {
      if (radius > 0)
        gtk_snapshot_push_rounded_clip (snapshot, &round);
      gtk_snapshot_append_color (snapshot, fill, &r);
      if (radius > 0)
        gtk_snapshot_pop (snapshot);
    }
  if (border && line > 0)
    {
      float w[4] = { (float) line, (float) line, (float) line, (float) line };
      GdkRGBA c[4] = { *border, *border, *border, *border };
      gtk_snapshot_append_border (snapshot, &round, w, c);
    }
}

static void
round_path (cairo_t *cr, double x, double y, double w, double h, double r)
{
  r = MIN (r, MIN (w, h) / 2);
  cairo_new_sub_path (cr);
  cairo_arc (cr, x + w - r, y + r, r, -G_PI / 2, 0);
  cairo_arc (cr, x + w - r, y + h - r, r, 0, G_PI / 2);
  cairo_arc (cr, x + r, y + h - r, r, G_PI / 2, G_PI);
  cairo_arc (cr, x + r, y + r, r, G_PI, 3 * G_PI / 2);
  cairo_close_path (cr);
}

void
gb_draw_dashed_box (GtkSnapshot *snapshot,
                    const GdkRGBA *border,
                    double x,
                    double y,
                    double width,
                    double height,
                    double radius,
                    double line)
{
  Mark mark = mark_of (MARK_DASHED_BOX, border, x, y, width, height);
  mark.more[0] = radius, mark.more[1] = line;
  GtkSnapshot *part = gb_kept_open (snapshot, &mark, sizeof mark);
  if (part == NULL)
    return;
  cairo_t *cr = gb_draw_cairo (part, x - line, y - line, width + 2 * line, height + 2 * line);
  double dashes[2] = { 3, 3 };

  gdk_cairo_set_source_rgba (cr, border);
  cairo_set_line_width (cr, line);
  cairo_set_dash (cr, dashes, 2, 0);
  round_path (cr, x + line / 2, y + line / 2, width - line, height - line, radius);
  cairo_stroke (cr);
  cairo_destroy (cr);
  gb_kept_close (snapshot, part, &mark, sizeof mark, 0);
}

void
gb_draw_selection (
    const GbDrawContext *ctx, GtkSnapshot *snapshot, double x, double y, double width, double height)
{
  gb_draw_box (snapshot, NULL, gb_theme_role (ctx->theme, GB_ROLE_SURFACE), x + 1, y + 1, width - 2,
               height - 2, 0, 1);
  gb_draw_box (snapshot, NULL, gb_theme_role (ctx->theme, GB_ROLE_ACCENT), x - 1, y - 1, width + 2,
               height + 2, 0, 2);
}

void
gb_draw_arrow_head (
    GtkSnapshot *snapshot, const GdkRGBA *color, double x, double y, double angle, double size)
{
  Mark mark = mark_of (MARK_ARROW_HEAD, color, x, y, angle, size);
  GtkSnapshot *part = gb_kept_open (snapshot, &mark, sizeof mark);
  if (part == NULL)
    return;
  cairo_t *cr = gb_draw_cairo (part, x - size * 1.5, y - size * 1.5, size * 3, size * 3);

  gdk_cairo_set_source_rgba (cr, color);
  cairo_translate (cr, x, y);
  cairo_rotate (cr, angle);
  cairo_move_to (cr, 0, 0);
  cairo_line_to (cr, -size, -size * 0.55);
  cairo_line_to (cr, -size, size * 0.55);
  cairo_close_path (cr);
  cairo_fill (cr);
  cairo_destroy (cr);
  gb_kept_close (snapshot, part, &mark, sizeof mark, 0);
}

void
gb_draw_diagonal (
    GtkSnapshot *snapshot, const GdkRGBA *color, double x, double y, double width, double height)
{
  Mark mark = mark_of (MARK_DIAGONAL, color, x, y, width, height);
  GtkSnapshot *part = gb_kept_open (snapshot, &mark, sizeof mark);
  if (part == NULL)
    return;
  cairo_t *cr = gb_draw_cairo (part, x, y, width, height);

  gdk_cairo_set_source_rgba (cr, color);
  cairo_set_line_width (cr, 1);
  cairo_move_to (cr, x, y + height);
  cairo_line_to (cr, x + width, y);
  cairo_stroke (cr);
  cairo_destroy (cr);
  gb_kept_close (snapshot, part, &mark, sizeof mark, 0);
}

void
gb_draw_cross (GtkSnapshot *snapshot, const GdkRGBA *color, double x, double y, double width, double height)
{
  Mark mark = mark_of (MARK_CROSS, color, x, y, width, height);
  GtkSnapshot *part = gb_kept_open (snapshot, &mark, sizeof mark);
  if (part == NULL)
    return;
  cairo_t *cr = gb_draw_cairo (part, x, y, width, height);

  gdk_cairo_set_source_rgba (cr, color);
  cairo_set_line_width (cr, 1);
  cairo_move_to (cr, x, y + height);
  cairo_line_to (cr, x + width, y);
  cairo_move_to (cr, x, y);
  cairo_line_to (cr, x + width, y + height);
  cairo_stroke (cr);
  cairo_destroy (cr);
  gb_kept_close (snapshot, part, &mark, sizeof mark, 0);
}

void
gb_draw_triangle (
    GtkSnapshot *snapshot, const GdkRGBA *color, double x, double y, double width, double height, gboolean up)
{
  Mark mark = mark_of (MARK_TRIANGLE, color, x, y, width, height);
  mark.more[0] = up;
  GtkSnapshot *part = gb_kept_open (snapshot, &mark, sizeof mark);
  if (part == NULL)
    return;
  cairo_t *cr = gb_draw_cairo (part, x, y, width, height);

  gdk_cairo_set_source_rgba (cr, color);
  cairo_move_to (cr, x + width / 2, up ? y : y + height);
  cairo_line_to (cr, x + width, up ? y + height : y);
  cairo_line_to (cr, x, up ? y + height : y);
  cairo_close_path (cr);
  cairo_fill (cr);
  cairo_destroy (cr);
  gb_kept_close (snapshot, part, &mark, sizeof mark, 0);
}

void
gb_draw_hatch (GtkSnapshot *snapshot, const GdkRGBA *color, double x, double y, double width, double height)
{
  Mark mark = mark_of (MARK_HATCH, color, x, y, width, height);
  GtkSnapshot *part = gb_kept_open (snapshot, &mark, sizeof mark);
  if (part == NULL)
    return;
  cairo_t *cr = gb_draw_cairo (part, x, y, width, height);

  gdk_cairo_set_source_rgba (cr, color);
  cairo_set_line_width (cr, 1);
  cairo_rectangle (cr, x, y, width, height);
  cairo_clip (cr);
  for (double at = -height; at < width; at += 5)
    {
      cairo_move_to (cr, x + at, y + height);
      cairo_line_to (cr, x + at + height, y);
    }
  cairo_stroke (cr);
  cairo_destroy (cr);
  gb_kept_close (snapshot, part, &mark, sizeof mark, 0);
}

void
gb_draw_corner (GtkSnapshot *snapshot, const GdkRGBA *color, double x, double y, double size)
{
  Mark mark = mark_of (MARK_CORNER, color, x, y, size, size);
  GtkSnapshot *part = gb_kept_open (snapshot, &mark, sizeof mark);
  if (part == NULL)
    return;
  cairo_t *cr = gb_draw_cairo (part, x - size, y, size, size);

  gdk_cairo_set_source_rgba (cr, color);
  cairo_move_to (cr, x, y);
  cairo_line_to (cr, x, y + size);
  cairo_line_to (cr, x - size, y);
  cairo_close_path (cr);
  cairo_fill (cr);
  cairo_destroy (cr);
  gb_kept_close (snapshot, part, &mark, sizeof mark, 0);
}

void
gb_draw_pixels (GtkSnapshot *snapshot,
                const guint32 *pixels,
                int columns,
                int rows,
                double x,
                double y,
                double width,
                double height)
{
  struct
  {
    double kind, x, y, width, height;
    gint64 columns, rows;
    GbKeptDigest pixels;
  } key = { MARK_PIXELS, x, y, width, height, columns, rows, { 0 } };
  cairo_surface_t *surface;
  GtkSnapshot *part;
  cairo_t *cr;

  if (columns <= 0 || rows <= 0 || width <= 0 || height <= 0)
    return;
  key.pixels = gb_kept_digest (pixels, sizeof *pixels * (gsize) columns * (gsize) rows);
  part = gb_kept_open (snapshot, &key, sizeof key);
  if (part == NULL)
    return;
  surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, columns, rows);
  if (cairo_surface_status (surface) == CAIRO_STATUS_SUCCESS)
    {
      guint8 *data = cairo_image_surface_get_data (surface);
      for (int row = 0; row < rows; row++)
        memcpy (data + (gsize) row * cairo_image_surface_get_stride (surface), pixels + (gsize) row * columns,
                sizeof (guint32) * columns);
      cairo_surface_mark_dirty (surface);
      cr = gb_draw_cairo (part, x, y, width, height);
      cairo_translate (cr, x, y);
      cairo_scale (cr, width / columns, height / rows);
      cairo_set_source_surface (cr, surface, 0, 0);
      cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_NEAREST);
      cairo_pattern_set_extend (cairo_get_source (cr), CAIRO_EXTEND_PAD);
      cairo_rectangle (cr, 0, 0, columns, rows);
      cairo_fill (cr);
      cairo_destroy (cr);
    }
  cairo_surface_destroy (surface);
  gb_kept_close (snapshot, part, &key, sizeof key, sizeof *pixels * (gsize) columns * (gsize) rows);
}

void
gb_draw_tip (const GbDrawContext *ctx,
             GtkSnapshot *snapshot,
             double x,
             double y,
             const char *const *lines,
             guint n_lines)
{
  double left = 0, right = 0, height, width, line = gb_draw_line_height (ctx, GB_FACE_SMALL) + 1;

  for (guint i = 0; i < n_lines; i++)
    {
      g_auto (GStrv) parts = g_strsplit (lines[i], "\t", 2);
      left = MAX (left,
                  gb_draw_text_width (ctx, i ? GB_FACE_SMALL : GB_FACE_SMALL_BOLD, parts[0] ? parts[0] : ""));
      if (parts[0] && parts[1])
        right = MAX (right, gb_draw_text_width (ctx, GB_FACE_CELL, parts[1]) + 12);
    }
  width = left + right + 16;
  height = n_lines * line + 10;
  x += 14;
  if (x + width > ctx->width - 2)
    x = MAX (2, x - width - 28);
  y = CLAMP (y - height / 2, 2, MAX (2, ctx->height - height - 2));
  gb_draw_box (snapshot, gb_theme_role (ctx->theme, GB_ROLE_PANEL),
               gb_theme_role (ctx->theme, GB_ROLE_RULE_STRONG), x, y, width, height, 6, 1);
  for (guint i = 0; i < n_lines; i++)
    {
      g_auto (GStrv) parts = g_strsplit (lines[i], "\t", 2);
      double middle = y + 5 + line * (i + 0.5);
      if (parts[0])
        gb_draw_text (ctx, snapshot, i ? GB_FACE_SMALL : GB_FACE_SMALL_BOLD,
                      i && parts[1] ? GB_ROLE_MUTED : GB_ROLE_INK, parts[0], x + 8, middle, GB_ALIGN_LEFT);
      if (parts[0] && parts[1])
        gb_draw_text (ctx, snapshot, GB_FACE_CELL, GB_ROLE_INK, parts[1], x + width - 8, middle,
                      GB_ALIGN_RIGHT);
    }
}

void
gb_draw_empty (const GbDrawContext *ctx, GtkSnapshot *snapshot, const char *sentence)
{
  double room = ctx->width - 32, width = gb_draw_text_width (ctx, GB_FACE_UI, sentence);

  if (width > room) /* lines of about one length stand in the middle, a full one and a rest do not */
    width = MIN (room, width / ceil (width / room) * 1.15);
  double height = gb_draw_paragraph (ctx, NULL, GB_FACE_UI, GB_ROLE_MUTED, sentence, 0, 0, width + 1);

  gb_draw_box (snapshot, gb_theme_role (ctx->theme, GB_ROLE_SURFACE), NULL, (ctx->width - width) / 2 - 10,
               (ctx->height - height) / 2 - 6, width + 20, height + 12, 6, 0);
  gb_draw_paragraph (ctx, snapshot, GB_FACE_UI, GB_ROLE_MUTED, sentence, (ctx->width - width) / 2,
                     (ctx->height - height) / 2, width + 1);
}

void
gb_draw_map_legend (const GbDrawContext *ctx,
                    GtkSnapshot *snapshot,
                    GbMap map,
                    double x,
                    double y,
                    double width,
                    const double *ticks,
                    const char *const *labels,
                    guint n_ticks)
{
  guint32 pixels[GB_N_STOPS];

  /* The stops as they are, not a smooth ramp: steps can be counted. */
  for (int i = 0; i < GB_N_STOPS; i++)
    pixels[i] = gb_theme_map_argb (ctx->theme, map, i / (GB_N_STOPS - 1.0));
  gb_draw_pixels (snapshot, pixels, GB_N_STOPS, 1, x, y, width, 12);
  for (guint i = 0; i < n_ticks; i++)
    {
      double at = x + ticks[i] * width;
      gb_draw_vline (snapshot, gb_theme_role (ctx->theme, GB_ROLE_RULE_STRONG), at, y + 12, y + 15, 1);
      gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, GB_ROLE_MUTED, labels[i], at, y + 22, GB_ALIGN_CENTER);
    }
}
