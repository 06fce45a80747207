#include "gradflow/gradflow-layout.h"

#include <math.h>

#define PAD          12
#define TOP          12
#define LEGEND       62
#define AXIS         20
#define VALUE_WIDTH  58
#define ROW_MAX      30
#define ROW_MIN      4
#define COLUMN_MAX   64
#define DIGITS_WIDTH 38
#define MAX_DECADES  9

void
gb_gradflow_layout_free (GbGradflowLayout *self)
{
  if (self == NULL)
    return;
  gb_gradient_table_free (self->table);
  g_free (self);
}

static double
names_width (const GbGradflowLayout *self, const GbDrawContext *ctx)
{
  double width = 40;

  for (guint i = 0; i < self->table->rows->len; i++)
    width = MAX (width, gb_draw_text_width (ctx, GB_FACE_SMALL_BOLD,
                                            g_array_index (self->table->rows, GbGradientRow, i).name));
  return MIN (width + 20, self->width * 0.36);
}

static void
choose_decades (GbGradflowLayout *self, const GbGradflowOptions *options)
{
  const GbGradientTable *table = self->table;

  self->low_decade = options->low_decade;
  self->high_decade = options->high_decade;
  if (table->most > 0)
    {
      int low = (int) floor (log10 (table->least) + 1e-9), high = (int) ceil (log10 (table->most) - 1e-9);
      gboolean given = options->low_decade < options->high_decade;

      high = MAX (high, low + 1);
      self->low_decade = given ? MIN (options->low_decade, low) : low;
      self->high_decade = given ? MAX (options->high_decade, high) : high;
      self->low_decade = MAX (self->low_decade, self->high_decade - MAX_DECADES);
    }
  else if (self->low_decade >= self->high_decade)
    self->low_decade = -4, self->high_decade = 1;
}

GbGradflowLayout *
gb_gradflow_layout_new (GbTraceCursor *cursor, const GbGradflowOptions *options, const GbDrawContext *ctx)
{
  GbGradflowLayout *self = g_new0 (GbGradflowLayout, 1);
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  double space, room;
  guint n_rows;

  self->has_iterations = gb_trace_get_n_iterations (trace) > 0;
  self->width = ctx->width;
  self->height = ctx->height;
  /* In a low pane the rows come first: the last values still say what the colours say. */
  self->has_legend = self->height >= 170;
  space = MAX (self->height - TOP - (self->has_legend ? LEGEND : AXIS), 20);
  self->table = gb_gradient_table_new (trace, options->what, (guint) MAX (1, space / ROW_MIN),
                                       (guint) MAX (1, self->width - VALUE_WIDTH - 100), G_MAXUINT64);
  choose_decades (self, options);
  n_rows = self->table->rows->len;
  if (n_rows == 0)
    return self;
  self->x = PAD + names_width (self, ctx);
  self->y = TOP;
  room = MAX (self->width - self->x - VALUE_WIDTH - PAD, 20);
  if (self->table->n_columns > room)
    {
      gb_gradient_table_free (self->table);
      self->table = gb_gradient_table_new (trace, options->what, (guint) MAX (1, space / ROW_MIN),
                                           (guint) room, G_MAXUINT64);
    }
  self->row_height = CLAMP (space / n_rows, ROW_MIN, ROW_MAX);
  self->gap = self->row_height >= 14 ? 3 : self->row_height >= 7 ? 1 : 0;
  self->column_width = MIN (room / self->table->n_columns, COLUMN_MAX);
  self->matrix_width = self->column_width * self->table->n_columns;
  self->has_digits = self->column_width >= DIGITS_WIDTH && self->row_height >= 14;
  self->value_x = self->x + self->matrix_width + VALUE_WIDTH - 4;
  self->legend_y = self->y + n_rows * self->row_height + 24;
  self->name_stride =
      (guint) MAX (1, ceil (gb_draw_line_height (ctx, GB_FACE_SMALL) * 0.8 / self->row_height));
  return self;
}

double
gb_gradflow_layout_tone (const GbGradflowLayout *self, double value)
{
  if (!(value > 0))
    return -1;
  return (log10 (value) - self->low_decade) / (self->high_decade - self->low_decade);
}

gboolean
gb_gradflow_layout_at (const GbGradflowLayout *self, double x, double y, int *row, int *column)
{
  guint n_rows = self->table->rows->len;

  *row = *column = -1;
  if (n_rows == 0)
    return FALSE;
  if (y >= self->y && y < self->y + n_rows * self->row_height)
    *row = (int) ((y - self->y) / self->row_height);
  if (x >= self->x && x < self->x + self->matrix_width && y < self->legend_y)
    *column = (int) ((x - self->x) / self->column_width);
  return *row >= 0 || *column >= 0;
}

guint64
gb_gradflow_layout_iteration (const GbGradflowLayout *self, int column)
{
  return MIN (self->table->first + (guint64) (column + 1) * self->table->per_column - 1, self->table->last);
}

double
gb_gradflow_layout_column_x (const GbGradflowLayout *self, double column)
{
  return self->x + column * self->column_width;
}

gboolean
gb_gradflow_layout_locate (const GbGradflowLayout *self, const GbPick *pick, graphene_rect_t *box)
{
  int column = pick->facets & GB_PICK_ITERATION ? gb_gradient_table_column (self->table, pick->iteration) : -1, row = -1;
  guint n_rows = self->table->rows->len;
  for (guint r = 0; r < n_rows && row < 0 && (pick->facets & (GB_PICK_PARAM | GB_PICK_TENSOR)); r++)
    if (g_array_index (self->table->rows, GbGradientRow, r).tensor == pick->tensor)
      row = (int) r;
  if ((pick->facets & (GB_PICK_PARAM | GB_PICK_TENSOR) && row < 0) || (pick->facets & GB_PICK_ITERATION && column < 0)
      || (row < 0 && column < 0))
    return FALSE;
  graphene_rect_init (box, (float) (column < 0 ? self->x : gb_gradflow_layout_column_x (self, column)),
                      (float) (row < 0 ? self->y : self->y + row * self->row_height),
                      (float) (column < 0 ? self->matrix_width : self->column_width),
                      (float) (row < 0 ? n_rows * self->row_height : self->row_height));
  return TRUE;
}
