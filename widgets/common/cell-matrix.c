#include "common/cell-matrix.h"

#include <math.h>

#define DIGITS_MIN 18 /* px of a cell with digits */
#define LINES_MIN  9
#define MOST_ASKED 4096 /* cells looked at for the format */

static const GdkRGBA *
role (const GbDrawContext *ctx, GbRole which)
{
  return gb_theme_role (ctx->theme, which);
}

void
gb_cell_matrix_prepare (GbCellMatrix *self, gboolean is_integer, gboolean is_bool, const GbDrawContext *ctx)
{
  gint64 step = MAX (1, (self->rows * self->columns + MOST_ASKED - 1) / MOST_ASKED);
  g_autofree double *values = g_new (double, MOST_ASKED);
  gboolean negative = FALSE;
  gsize n = 0;
  double value, widest = 0;
  char text[48];

  self->limit = 0;
  for (gint64 k = 0; k < self->rows * self->columns && n < MOST_ASKED; k += step)
    if (self->func (self->data, k / self->columns, k % self->columns, &value) == GB_CELL_NUMBER)
      {
        values[n++] = value;
        if (!isfinite (value))
          continue;
        self->limit = MAX (self->limit, fabs (value));
        negative |= value < 0;
      }
  self->map = negative ? GB_MAP_SIGN : GB_MAP_SEA;
  self->format = gb_number_format_for (values, n, self->cell < 40 ? 2 : 3, is_integer, is_bool);
  self->has_digits = FALSE;
  if (self->cell < DIGITS_MIN || n == 0)
    return;
  for (gsize i = 0; i < n; i++)
    widest =
        MAX (widest, gb_draw_text_width (ctx, GB_FACE_GUTTER,
                                         gb_number_format (&self->format, values[i], text, sizeof text)));
  self->has_digits = widest + 4 <= self->cell;
}

static guint32
argb_of (const GdkRGBA *color)
{
  return 0xff000000u | (guint32) lround (color->red * 255) << 16 | (guint32) lround (color->green * 255) << 8
         | (guint32) lround (color->blue * 255);
}

static guint32
color_of (const GbCellMatrix *self, double value, const GbDrawContext *ctx)
{
  if (!isfinite (value))
    return argb_of (role (ctx, GB_ROLE_SURFACE));
  if (self->limit <= 0)
    return gb_theme_map_argb (ctx->theme, self->map, self->map == GB_MAP_SIGN ? 0.5 : 0);
  return gb_theme_map_argb (ctx->theme, self->map,
                            self->map == GB_MAP_SIGN ? 0.5 + value / self->limit / 2 : value / self->limit);
}

static void
draw_digits (const GbCellMatrix *self, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double value;
  char text[48];

  for (gint64 r = 0; r < self->rows; r++)
    for (gint64 c = 0; c < self->columns; c++)
      {
        GbCellKind kind = self->func (self->data, r, c, &value);
        double x = self->x + c * self->cell, y = self->y + r * self->cell;
        guint32 argb;
        GdkRGBA fill;

        if (kind != GB_CELL_NUMBER)
          continue;
        argb = color_of (self, value, ctx);
        fill = (GdkRGBA){ (argb >> 16 & 0xff) / 255.f, (argb >> 8 & 0xff) / 255.f, (argb & 0xff) / 255.f, 1 };
        if (!isfinite (value))
          {
            gb_draw_cross (snapshot, role (ctx, GB_ROLE_ERROR), x + 3, y + 3, self->cell - 6, self->cell - 6);
            continue;
          }
        gb_draw_text_rgba (ctx, snapshot, GB_FACE_GUTTER, gb_theme_digit_color (&fill),
                           gb_number_format (&self->format, value, text, sizeof text), x + self->cell / 2,
                           y + self->cell / 2, GB_ALIGN_CENTER, 0);
      }
}

void
gb_cell_matrix_draw (const GbCellMatrix *self, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  g_autofree guint32 *pixels = NULL;
  guint32 unknown = argb_of (role (ctx, GB_ROLE_OWN)), padding = argb_of (role (ctx, GB_ROLE_PANEL));
  double width = self->columns * self->cell, height = self->rows * self->cell, value;

  if (self->rows <= 0 || self->columns <= 0)
    return;
  pixels = g_new (guint32, (gsize) (self->rows * self->columns));
  for (gint64 r = 0; r < self->rows; r++)
    for (gint64 c = 0; c < self->columns; c++)
      {
        GbCellKind kind = self->func (self->data, r, c, &value);
        pixels[r * self->columns + c] = kind == GB_CELL_NUMBER    ? color_of (self, value, ctx)
                                        : kind == GB_CELL_PADDING ? padding
                                                                  : unknown;
      }
  gb_draw_pixels (snapshot, pixels, (int) self->columns, (int) self->rows, self->x, self->y, width, height);
  if (self->cell >= LINES_MIN)
    {
      for (gint64 r = 1; r < self->rows; r++)
        gb_draw_hline (snapshot, role (ctx, GB_ROLE_RULE), self->x, self->x + width, self->y + r * self->cell,
                       1);
      for (gint64 c = 1; c < self->columns; c++)
        gb_draw_vline (snapshot, role (ctx, GB_ROLE_RULE), self->x + c * self->cell, self->y,
                       self->y + height, 1);
    }
  gb_draw_box (snapshot, NULL, role (ctx, GB_ROLE_RULE_STRONG), self->x - 1, self->y - 1, width + 2,
               height + 2, 0, 1);
  if (self->has_digits)
    draw_digits (self, ctx, snapshot);
}

gboolean
gb_cell_matrix_at (const GbCellMatrix *self, double x, double y, gint64 *row, gint64 *column)
{
  if (self->cell <= 0 || x < self->x || y < self->y)
    return FALSE;
  *row = (gint64) floor ((y - self->y) / self->cell);
  *column = (gint64) floor ((x - self->x) / self->cell);
  return *row < self->rows && *column < self->columns;
}

void
gb_cell_matrix_mark (const GbCellMatrix *self,
                     gint64 row,
                     gint64 column,
                     gint64 rows,
                     gint64 columns,
                     const GdkRGBA *color,
                     double line,
                     GtkSnapshot *snapshot)
{
  gint64 r0 = MAX (row, 0), c0 = MAX (column, 0), r1 = MIN (row + rows, self->rows),
         c1 = MIN (column + columns, self->columns);

  if (r1 <= r0 || c1 <= c0)
    return;
  gb_draw_box (snapshot, NULL, color, self->x + c0 * self->cell - line / 2,
               self->y + r0 * self->cell - line / 2, (c1 - c0) * self->cell + line,
               (r1 - r0) * self->cell + line, 0, line);
}

void
gb_cell_matrix_select (
    const GbCellMatrix *self, gint64 row, gint64 column, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double grow = MAX (0, (8 - self->cell) / 2);

  if (row < 0 || column < 0 || row >= self->rows || column >= self->columns)
    return;
  gb_draw_selection (ctx, snapshot, self->x + column * self->cell - grow, self->y + row * self->cell - grow,
                     self->cell + 1 + 2 * grow, self->cell + 1 + 2 * grow);
}
