#include "common/ink-draw.h"

#include <math.h>

#include "common/i18n.h"

#define HIGHLIGHT 0.32f /* opacity: what is below stays readable */
#define FAINT     0.25f
#define HEAD      4.5  /* of an arrow, in widths of its line */
#define TEXT_PX   13.0 /* of the face that words are written in */
#define TEXT_PAD  5
#define LASER_PX  9.0

GbRole
gb_ink_role (GbInkColor color)
{
  static const GbRole roles[GB_INK_N_COLORS] = { GB_ROLE_INK, GB_ROLE_PEN_RED, GB_ROLE_PEN_ORANGE,
                                                 GB_ROLE_PEN_TEAL, GB_ROLE_PEN_VIOLET };
  return roles[color];
}

const char *
gb_ink_color_name (GbInkColor color)
{
  static const char *const names[GB_INK_N_COLORS] = { N_ ("Black"), N_ ("Red"), N_ ("Orange"), N_ ("Teal"),
                                                      N_ ("Violet") };
  return names[color];
}

static const GbInkPoint *
point_at (const GArray *pixels, guint nth)
{
  return &g_array_index (pixels, GbInkPoint, CLAMP ((int) nth, 0, (int) pixels->len - 1));
}

/* ---- strokes ---- */

/* Control points of the curve from point i to i + 1 (Catmull and Rom 1974). */
static void
controls (const GArray *pixels, guint i, double c[4])
{
  const GbInkPoint *before = point_at (pixels, i ? i - 1 : 0), *a = point_at (pixels, i);
  const GbInkPoint *b = point_at (pixels, i + 1), *after = point_at (pixels, i + 2);
  c[0] = a->x + (b->x - before->x) / 6;
  c[1] = a->y + (b->y - before->y) / 6;
  c[2] = b->x - (after->x - a->x) / 6;
  c[3] = b->y - (after->y - a->y) / 6;
}

/* Half the width without pressure, the whole at the middle of what a pen knows. */
static double
width_at (double width, double pressure)
{
  return width * (0.5 + pressure);
}

static gboolean
has_pressure (const GArray *pixels)
{
  for (guint i = 1; i < pixels->len; i++)
    if (fabs (point_at (pixels, i)->pressure - point_at (pixels, 0)->pressure) > 0.02)
      return TRUE;
  return FALSE;
}

static void
trace_curve (cairo_t *cr, const GArray *pixels, double width, gboolean pressed)
{
  double c[4];
  cairo_move_to (cr, point_at (pixels, 0)->x, point_at (pixels, 0)->y);
  if (pixels->len == 1)
    cairo_line_to (cr, point_at (pixels, 0)->x, point_at (pixels, 0)->y);
  for (guint i = 0; i + 1 < pixels->len; i++)
    {
      const GbInkPoint *a = point_at (pixels, i), *b = point_at (pixels, i + 1);
      controls (pixels, i, c);
      if (pressed)
        {
          cairo_move_to (cr, a->x, a->y);
          cairo_set_line_width (cr, width_at (width, (a->pressure + b->pressure) / 2));
        }
      cairo_curve_to (cr, c[0], c[1], c[2], c[3], b->x, b->y);
      if (pressed)
        cairo_stroke (cr);
    }
  if (!pressed)
    {
      cairo_set_line_width (cr, width_at (width, point_at (pixels, 0)->pressure));
      cairo_stroke (cr);
    }
}

static double
line_width (const GbInkMark *mark, double ratio)
{
  return mark->kind == GB_INK_HIGHLIGHTER ? MAX (mark->width * ratio, 4)
                                          : CLAMP (mark->width * ratio, 1.2, 24);
}

static void
draw_stroke (const GbInkMark *mark, const GArray *pixels, double ratio, const GdkRGBA *color, cairo_t *cr)
{
  gdk_cairo_set_source_rgba (cr, color);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_cap (cr, mark->kind == GB_INK_HIGHLIGHTER ? CAIRO_LINE_CAP_BUTT : CAIRO_LINE_CAP_ROUND);
  trace_curve (cr, pixels, line_width (mark, ratio), mark->kind == GB_INK_PEN && has_pressure (pixels));
}

static void
draw_arrow (const GbInkMark *mark, const GArray *pixels, double ratio, const GdkRGBA *color, cairo_t *cr)
{
  const GbInkPoint *tail = point_at (pixels, 0), *head = point_at (pixels, 1);
  double width = line_width (mark, ratio), angle = atan2 (head->y - tail->y, head->x - tail->x);
  double size = width * HEAD, length = hypot (head->x - tail->x, head->y - tail->y);
  gdk_cairo_set_source_rgba (cr, color);
  cairo_set_line_width (cr, width);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_move_to (cr, tail->x, tail->y);
  cairo_line_to (cr, head->x - MIN (size * 0.8, length) * cos (angle),
                 head->y - MIN (size * 0.8, length) * sin (angle));
  cairo_stroke (cr);
  cairo_translate (cr, head->x, head->y);
  cairo_rotate (cr, angle);
  cairo_move_to (cr, 0, 0);
  cairo_line_to (cr, -size, -size * 0.5);
  cairo_line_to (cr, -size, size * 0.5);
  cairo_close_path (cr);
  cairo_fill (cr);
}

/* ---- words ---- */
static double
text_scale (const GbInkMark *mark, double ratio)
{
  return CLAMP (mark->width * ratio / TEXT_PX, 0.7, 4);
}

static double
text_width (const GbInkMark *mark, const GbDrawContext *ctx)
{
  return gb_draw_text_width (ctx, GB_FACE_UI_BOLD, mark->text);
}

/* On a slip of paper, so that it can be read over any picture, with a bar of its colour. */
static void
draw_words (const GbInkMark *mark,
            const GArray *pixels,
            double ratio,
            const GdkRGBA *color,
            const GbDrawContext *ctx,
            GtkSnapshot *snapshot)
{
  double width = text_width (mark, ctx), height = gb_draw_line_height (ctx, GB_FACE_UI_BOLD);
  GdkRGBA paper = *gb_theme_role (ctx->theme, GB_ROLE_SURFACE);
  paper.alpha = 0.92f * color->alpha;
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (
      snapshot, &GRAPHENE_POINT_INIT ((float) point_at (pixels, 0)->x, (float) point_at (pixels, 0)->y));
  gtk_snapshot_scale (snapshot, (float) text_scale (mark, ratio), (float) text_scale (mark, ratio));
  gb_draw_box (snapshot, &paper, color, -TEXT_PAD, -height / 2 - 1, width + 2 * TEXT_PAD + 2, height + 2, 3,
               1);
  gb_draw_fill (snapshot, color, -TEXT_PAD, -height / 2 - 1, 3, height + 2);
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_UI_BOLD, color, mark->text, 2, 0, GB_ALIGN_LEFT, 0);
  gtk_snapshot_restore (snapshot);
}

/* ---- all of them ---- */
static void
get_box (const GArray *pixels, double around, graphene_rect_t *box)
{
  double x0 = point_at (pixels, 0)->x, y0 = point_at (pixels, 0)->y, x1 = x0, y1 = y0;
  for (guint i = 1; i < pixels->len; i++)
    {
      x0 = MIN (x0, point_at (pixels, i)->x);
      x1 = MAX (x1, point_at (pixels, i)->x);
      y0 = MIN (y0, point_at (pixels, i)->y);
      y1 = MAX (y1, point_at (pixels, i)->y);
    }
  graphene_rect_init (box, (float) (x0 - around), (float) (y0 - around), (float) (x1 - x0 + 2 * around),
                      (float) (y1 - y0 + 2 * around));
}

void
gb_ink_draw (const GbInkMark *mark,
             const GArray *pixels,
             double ratio,
             gboolean faint,
             const GbDrawContext *ctx,
             GtkSnapshot *snapshot)
{
  GdkRGBA color = *gb_theme_role (ctx->theme, gb_ink_role (mark->color));
  graphene_rect_t box;
  color.alpha = faint ? FAINT : 1;
  if (mark->kind == GB_INK_HIGHLIGHTER)
    color.alpha *= HIGHLIGHT;
  if (mark->kind == GB_INK_TEXT)
    {
      draw_words (mark, pixels, ratio, &color, ctx, snapshot);
      return;
    }
  /* A curve through the points leaves their box by less than the width of a pen. */
  get_box (pixels, line_width (mark, ratio) * (mark->kind == GB_INK_ARROW ? HEAD : 1.5) + 6, &box);
  cairo_t *cr = gb_draw_cairo (snapshot, box.origin.x, box.origin.y, box.size.width, box.size.height);
  if (mark->kind == GB_INK_ARROW && pixels->len == 2)
    draw_arrow (mark, pixels, ratio, &color, cr);
  else
    draw_stroke (mark, pixels, ratio, &color, cr);
  cairo_destroy (cr);
}

void
gb_ink_draw_laser (const GArray *trail, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  GdkRGBA color = *gb_theme_role (ctx->theme, GB_ROLE_PEN_RED);
  const GbInkPoint *last = point_at (trail, trail->len - 1);
  graphene_rect_t box;
  get_box (trail, LASER_PX + 2, &box);
  cairo_t *cr = gb_draw_cairo (snapshot, box.origin.x, box.origin.y, box.size.width, box.size.height);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  for (guint i = 1; i < trail->len; i++)
    {
      const GbInkPoint *a = point_at (trail, i - 1), *b = point_at (trail, i);
      color.alpha = (float) (0.8 * (1 - b->pressure));
      gdk_cairo_set_source_rgba (cr, &color);
      cairo_set_line_width (cr, MAX (LASER_PX * 0.6 * (1 - b->pressure), 0.5));
      cairo_move_to (cr, a->x, a->y);
      cairo_line_to (cr, b->x, b->y);
      cairo_stroke (cr);
    }
  /* A ring of the paper's colour: the dot is seen on any. */
  color.alpha = 1;
  cairo_arc (cr, last->x, last->y, LASER_PX / 2 + 1.5, 0, 2 * G_PI);
  gdk_cairo_set_source_rgba (cr, gb_theme_role (ctx->theme, GB_ROLE_SURFACE));
  cairo_fill (cr);
  cairo_arc (cr, last->x, last->y, LASER_PX / 2, 0, 2 * G_PI);
  gdk_cairo_set_source_rgba (cr, &color);
  cairo_fill (cr);
  cairo_destroy (cr);
}
