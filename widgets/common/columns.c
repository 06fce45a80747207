#include "common/columns.h"

#include <math.h>

#define GAP 14

static double
columns_need (const GbColumn *columns, guint n)
{
  double need = 0;
  for (guint i = 0; i < n; i++)
    if (columns[i].width > 0)
      need += columns[i].least + (need > 0 ? GAP : 0);
  return need;
}

void
gb_columns_fit (GbColumn *columns, guint n, double x, double width)
{
  double share = 0, left;

  for (guint i = 0; i < n; i++)
    columns[i].width = columns[i].least;
  while (columns_need (columns, n) > width)
    {
      int worst = -1;
      for (guint i = 0; i < n; i++)
        if (columns[i].width > 0 && columns[i].drop > 0
            && (worst < 0 || columns[i].drop > columns[worst].drop))
          worst = (int) i;
      if (worst < 0)
        break;
      columns[worst].width = 0;
    }
  left = width - columns_need (columns, n);
  for (guint i = 0; i < n; i++)
    share += columns[i].width > 0 ? columns[i].grow : 0;
  for (guint i = 0; i < n; i++)
    if (columns[i].width > 0)
      {
        if (share > 0)
          columns[i].width = MAX (columns[i].width + left * columns[i].grow / share, 8);
        columns[i].x = x;
        x += columns[i].width + GAP;
      }
}

int
gb_columns_at (const GbColumn *columns, guint n, double x)
{
  for (guint i = 0; i < n; i++)
    if (columns[i].width > 0 && x >= columns[i].x - GAP / 2 && x < columns[i].x + columns[i].width + GAP / 2)
      return (int) i;
  return -1;
}

void
gb_columns_draw_text (const GbDrawContext *ctx,
                      GtkSnapshot *snapshot,
                      const GbColumn *column,
                      GbFace face,
                      GbRole role,
                      const char *text,
                      double y)
{
  double width, x = column->x;

  if (column->width <= 0 || text == NULL || text[0] == 0)
    return;
  width = MIN (gb_draw_text_width (ctx, face, text), column->width);
  if (column->align == GB_ALIGN_RIGHT)
    x += column->width - width;
  else if (column->align == GB_ALIGN_CENTER)
    x += (column->width - width) / 2;
  gb_draw_text_rgba (ctx, snapshot, face, gb_theme_role (ctx->theme, role), text, x, y, GB_ALIGN_LEFT,
                     width + 1);
}

void
gb_columns_draw_head (const GbDrawContext *ctx,
                      GtkSnapshot *snapshot,
                      const GbColumn *columns,
                      guint n,
                      double y,
                      int sorted,
                      gboolean descending)
{
  const GdkRGBA *ink = gb_theme_role (ctx->theme, GB_ROLE_INK);
  double left = -1, right = 0;

  for (guint i = 0; i < n; i++)
    {
      GbFace face = (int) i == sorted ? GB_FACE_SMALL_BOLD : GB_FACE_SMALL;
      if (columns[i].width <= 0)
        continue;
      left = left < 0 ? columns[i].x : left;
      right = columns[i].x + columns[i].width;
      gb_columns_draw_text (ctx, snapshot, &columns[i], face, (int) i == sorted ? GB_ROLE_INK : GB_ROLE_MUTED,
                            columns[i].title, y);
      if ((int) i == sorted)
        {
          double w = MIN (gb_draw_text_width (ctx, face, columns[i].title ? columns[i].title : ""),
                          columns[i].width);
          double x = columns[i].align == GB_ALIGN_RIGHT ? columns[i].x + columns[i].width - w - 10
                                                        : columns[i].x + w + 4;
          gb_draw_triangle (snapshot, ink, x, y - 3, 6, 6, !descending);
        }
    }
  if (left >= 0)
    gb_draw_hline (snapshot, gb_theme_role (ctx->theme, GB_ROLE_RULE_STRONG), left, right, y + 11, 1);
}

/* Rows that the height holds wholly, at least one. */
static guint
whole_rows (const GbRowWindow *self)
{
  return (guint) MAX (1, floor (self->height / GB_ROW_HEIGHT));
}

/* Every way to another first row: those that are shown follow from it. */
static gboolean
begin_at (GbRowWindow *self, guint first_row)
{
  guint before = self->first_row, whole = whole_rows (self);

  self->first_row = MIN (first_row, self->n_rows > whole ? self->n_rows - whole : 0);
  self->shown = MIN (self->n_rows - self->first_row, (guint) ceil (self->height / GB_ROW_HEIGHT - 1e-6));
  return self->first_row != before;
}

void
gb_row_window_place (GbRowWindow *self, guint n_rows, double y, double height)
{
  self->n_rows = n_rows;
  self->y = y;
  self->height = MAX (height, 0);
  begin_at (self, self->first_row);
}

double
gb_row_window_y (const GbRowWindow *self, guint row)
{
  return self->y + ((double) row - self->first_row) * GB_ROW_HEIGHT;
}

int
gb_row_window_at (const GbRowWindow *self, double y)
{
  double at = floor ((y - self->y) / GB_ROW_HEIGHT);
  return at >= 0 && at < self->shown && y < self->y + self->height ? (int) at + (int) self->first_row : -1;
}

gboolean
gb_row_window_reveal (GbRowWindow *self, guint row)
{
  guint whole = whole_rows (self);

  if (row < self->first_row)
    return begin_at (self, row);
  return row >= self->first_row + whole && begin_at (self, row - whole + 1);
}

gboolean
gb_row_window_scroll (GbRowWindow *self, double rows)
{
  return begin_at (self, (guint) CLAMP (self->first_row + rows, 0, self->n_rows));
}

void
gb_row_window_draw_bar (const GbRowWindow *self, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  guint whole = whole_rows (self);
  double length, at;

  if (self->n_rows <= whole || self->height < 20)
    return;
  length = MAX (self->height * whole / self->n_rows, 16);
  at = (self->height - length) * self->first_row / (self->n_rows - whole);
  gb_draw_box (snapshot, gb_theme_role (ctx->theme, GB_ROLE_RULE_STRONG), NULL, ctx->width - 6, self->y + at,
               3, length, 1.5, 0);
}
