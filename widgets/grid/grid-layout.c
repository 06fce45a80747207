#include "grid/grid-layout.h"

#include <math.h>
#include <string.h>

#include "models/shown-tensor.h"

#define PAD          14
#define HEADER       66
#define FOOTER       34
#define AXIS_X       34
#define AXIS_MOST    150 /* of names of rows */
#define NAME_MOST    90  /* of a cell that is widened for its column's name */
#define AXIS_Y       18
#define CELL_HEIGHT  24
#define HEAT_MIN     2 /* px of a cell without digits */
#define HEAT_WHOLE   1 /* of one of a tensor whose numbers are all known */
#define CARD_STEP    5
#define CARD_WIDTH   640
#define SHEETS_WIDTH 0.3 /* of the canvas, at most */

void
gb_grid_layout_free (GbGridLayout *self)
{
  if (self == NULL)
    return;
  gb_tensor_values_free (self->values);
  gb_tensor_values_free (self->before);
  gb_show_labels_clear (&self->labels);
  gb_derivation_card_free (self->card);
  gb_derivation_free (self->derivation);
  g_free (self);
}

/* ---- what the numbers need ---- */
static void
layout_look_at_values (GbGridLayout *self)
{
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (double));
  const GbTensor *t = &self->values->tensor;
  gint64 index[GB_VALUES_MAX_NDIM] = { 0 };
  double most = 0;
  gboolean negative = FALSE;

  if (self->values->values && !self->values->is_stale)
    g_array_append_vals (all, self->values->values, (guint) MIN (self->values->n_known, 65536));
  else
    for (gint64 i = 0; i < MIN (self->values->numel, 4096); i++)
      {
        double value;
        if (gb_tensor_values_get (self->values, index, &value))
          g_array_append_val (all, value);
        for (int d = t->ndim - 1; d >= 0 && ++index[d] == t->sizes[d]; d--)
          index[d] = 0;
      }
  for (guint i = 0; i < all->len; i++)
    {
      double v = g_array_index (all, double, i);
      if (isfinite (v))
        most = MAX (most, fabs (v));
      negative |= v < 0;
    }
  self->limit = self->options.limit > 0 ? self->options.limit : most;
  self->map = negative ? GB_MAP_SIGN : GB_MAP_SEA;
  self->has_colors = (self->values->is_float || self->values->is_bool) && most > 0;
  if (self->values->parts)
    self->format = gb_number_format_for (self->values->parts, (guint) MIN (2 * self->values->n_known, 65536),
                                         3, FALSE, FALSE);
  else
    self->format = gb_number_format_for ((const double *) all->data, all->len, 3, !self->values->is_float,
                                         self->values->is_bool);
}

char *
gb_grid_layout_text (const GbGridLayout *self, const gint64 *index, double value, char *text, gsize size)
{
  double parts[2];
  char imaginary[48];

  gb_number_format (&self->format, value, text, size);
  if (gb_tensor_values_get_parts (self->values, index, parts))
    {
      gb_number_format (&self->format, parts[0], text, size);
      gb_number_format (&self->format, fabs (parts[1]), imaginary, sizeof imaginary);
      gsize used = strlen (text);
      g_snprintf (text + used, size - used, "%s%sj", signbit (parts[1]) ? "-" : "+", imaginary);
    }
  return text;
}

/* All numbers of a tensor have as many decimals: the widest is the least or the greatest.  Of complex ones some are tried,
 * and of those that are known one by one. */
static gsize
longest_text (const GbGridLayout *self)
{
  const GbTensorValues *v = self->values;
  gint64 index[GB_VALUES_MAX_NDIM] = { 0 }, n = MIN (v->numel, v->parts ? 512 : 2048);
  double low = INFINITY, high = -INFINITY, value;
  gsize longest = 1;
  char text[96];

  for (gint64 i = 0; i < n; i++)
    {
      if (gb_tensor_values_get (v, index, &value))
        {
          if (v->parts)
            longest = MAX (longest, strlen (gb_grid_layout_text (self, index, value, text, sizeof text)));
          else if (isfinite (value))
            low = MIN (low, value), high = MAX (high, value);
          else
            longest = MAX (longest, 4);
        }
      for (int d = v->tensor.ndim - 1; d >= 0 && ++index[d] == v->tensor.sizes[d]; d--)
        index[d] = 0;
    }
  if (low <= high)
    {
      gb_number_format (&self->format, low, text, sizeof text);
      longest = MAX (longest, strlen (text));
      gb_number_format (&self->format, high, text, sizeof text);
      longest = MAX (longest, strlen (text));
    }
  return longest;
}

/* Width that the widest number of this tensor takes in a cell. */
static double
digits_width (const GbGridLayout *self, const GbDrawContext *ctx)
{
  gsize longest = longest_text (self);
  char text[25];

  memset (text, '0', MIN (longest, 24));
  text[MIN (longest, 24)] = 0;
  return gb_draw_text_width (ctx, GB_FACE_CELL, text) + 10;
}

static void
layout_count_sheets (GbGridLayout *self)
{
  self->n_sheets = 1;
  for (int d = 0; d < self->n_lead; d++)
    self->n_sheets *= self->values->tensor.sizes[d];
  if (self->n_sheets > 1)
    self->n_cards = (guint) MIN (self->n_sheets - 1, 3);
}

static gboolean
layout_has_sheets (const GbGridLayout *self)
{
  return self->n_sheets > 1 && self->width >= 300;
}

/* In what the sheet on top leaves free: as many as have room, as large as that allows. */
static void
layout_place_sheets (GbGridLayout *self)
{
  double ratio = CLAMP ((double) self->n_rows / self->n_columns, 0.25, 4);
  double left = self->x + self->shown_columns * self->cell_width + self->n_cards * CARD_STEP + 36;
  double room_x = self->width - PAD - left, room_y = self->height - HEADER - FOOTER;
  gint64 last = self->values->tensor.sizes[self->n_lead - 1];

  if (!layout_has_sheets (self) || room_x < 20)
    return;
  for (double width = 64; width >= 16; width -= 4)
    {
      double height = CLAMP (width * ratio, 12, 80), step_x = width + 10, step_y = height + 20;
      gint64 columns = (gint64) MAX (1, floor ((room_x + 10) / step_x)),
             rows = (gint64) MAX (1, floor (room_y / step_y));

      /* Whole rows of the last leading axis when they fit: the picture then reads like the index. */
      if (self->n_lead >= 2 && last <= columns)
        columns -= columns % last;
      self->sheet_width = width;
      self->sheet_height = height;
      self->sheet_step_x = step_x;
      self->sheet_step_y = step_y;
      self->sheet_columns = (guint) MIN (columns, self->n_sheets);
      self->shown_sheets = MIN (self->n_sheets, rows * self->sheet_columns);
      if (self->shown_sheets == self->n_sheets)
        break;
    }
  self->sheets_x = left;
  self->sheets_y = HEADER + 4;
}

/* The widest of the names, within most. */
static double
names_width (char *const *names, guint n, const GbDrawContext *ctx, double most)
{
  double widest = 0;
  for (guint i = 0; i < n && widest < most; i++)
    widest = MAX (widest, gb_draw_text_width (ctx, GB_FACE_GUTTER, names[i]));
  return MIN (widest, most);
}

static void
layout_place_cells (GbGridLayout *self, const GbDrawContext *ctx)
{
  double right = layout_has_sheets (self) ? self->width * SHEETS_WIDTH : PAD;
  self->axis_width = MAX (AXIS_X, names_width (self->labels.rows, self->labels.n_rows, ctx, AXIS_MOST) + 12);
  double room_x = MAX (self->width - PAD - self->axis_width - right - self->n_cards * CARD_STEP, 20);
  double room_y = MAX (self->height - HEADER - AXIS_Y - FOOTER - self->n_cards * CARD_STEP, 20);
  double names = names_width (self->labels.columns, self->labels.n_columns, ctx, NAME_MOST) + 8;
  double wanted = CLAMP (MAX (digits_width (self, ctx), names), 34, 150), height;

  if (self->is_wrapped)
    {
      gint64 n = self->values->tensor.sizes[0];
      self->n_columns = CLAMP ((gint64) (room_x / wanted), 1, MAX (n, 1));
      if (self->n_columns >= 10)
        self->n_columns -= self->n_columns % 10;
      self->n_rows = (n + self->n_columns - 1) / self->n_columns;
    }
  self->x = PAD + self->axis_width;
  self->y = HEADER + AXIS_Y + self->n_cards * CARD_STEP;
  self->cell_width = wanted;
  self->cell_height = CELL_HEIGHT;
  self->has_digits = gb_draw_face_visible (ctx, GB_FACE_CELL);
  if (self->n_columns * wanted > room_x || self->n_rows * CELL_HEIGHT > room_y)
    {
      /* Does everything fit as colour alone?  Only worth it when digits would show less than half. */
      double shown =
          MIN (1, room_x / (self->n_columns * wanted)) * MIN (1, room_y / (self->n_rows * CELL_HEIGHT));
      double width = MIN (room_x / self->n_columns, 24);
      double least = self->values->n_known == self->values->numel ? HEAT_WHOLE : HEAT_MIN;
      height = MIN (room_y / self->n_rows, 24);
      if (self->has_colors && !self->is_wrapped && shown < 0.5 && width >= least && height >= least)
        {
          self->cell_width = MIN (width, height * 3);
          self->cell_height = MIN (height, width * 3);
          self->has_digits = FALSE;
        }
    }
  self->shown_columns = MIN (self->n_columns, (gint64) MAX (1, floor (room_x / self->cell_width + 1e-6)));
  self->shown_rows = MIN (self->n_rows, (gint64) MAX (1, floor (room_y / self->cell_height + 1e-6)));
  self->options.first_row = CLAMP (self->options.first_row, 0, self->n_rows - self->shown_rows);
  self->options.first_column = CLAMP (self->options.first_column, 0, self->n_columns - self->shown_columns);
}

/* Marks of what changed help while few cells did; when a step rewrote most of them they say nothing. */
static void
layout_drop_noise (GbGridLayout *self)
{
  gint64 n = MIN (self->values->n_known, 65536), changed = 0;

  if (self->before == NULL || self->before->n_known != self->values->n_known)
    {
      g_clear_pointer (&self->before, gb_tensor_values_free);
      return;
    }
  for (gint64 i = 0; i < n; i++)
    changed += self->values->values[i] != self->before->values[i];
  if (changed * 2 > n)
    g_clear_pointer (&self->before, gb_tensor_values_free);
}

GbGridLayout *
gb_grid_layout_new (GbTraceCursor *cursor,
                    GbSelection *selection,
                    const GbGridOptions *options,
                    const GbDrawContext *ctx)
{
  GbGridLayout *self = g_new0 (GbGridLayout, 1);
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  guint64 tensor = gb_shown_tensor (cursor, selection);
  const GbTensor *t;

  self->options = *options;
  self->width = ctx->width;
  self->height = ctx->height;
  if (tensor)
    self->values = gb_tensor_values_new (trace, tensor, gb_trace_cursor_get_position (cursor));
  if (self->values == NULL)
    return self;
  self->before = gb_tensor_values_new_before (trace, self->values);
  gb_show_labels_find (&self->labels, trace, self->values->tensor.tensor, gb_trace_cursor_get_position (cursor));
  layout_drop_noise (self);
  t = &self->values->tensor;
  self->n_lead = MAX (t->ndim - 2, 0);
  self->is_wrapped = t->ndim == 1;
  self->n_rows = t->ndim >= 2 ? t->sizes[t->ndim - 2] : 1;
  self->n_columns = t->ndim >= 1 ? t->sizes[t->ndim - 1] : 1;
  for (int d = 0; d < self->n_lead; d++)
    self->options.slice[d] = CLAMP (self->options.slice[d], 0, MAX (t->sizes[d] - 1, 0));
  layout_look_at_values (self);
  if (self->values->numel == 0)
    return self;
  layout_count_sheets (self);
  layout_place_cells (self, ctx);
  layout_place_sheets (self);
  if (self->shown_sheets)
    {
      gint64 top = gb_grid_layout_sheet (self, self->options.slice);
      self->first_sheet = CLAMP (top - self->shown_sheets / 2, 0, self->n_sheets - self->shown_sheets);
      self->first_sheet -= self->first_sheet % self->sheet_columns;
    }
  return self;
}

/* ---- where a number came from ---- */

char *
gb_grid_element_text (const GbGridLayout *self, const gint64 *index)
{
  GString *text = g_string_new (self->values->label);

  if (self->values->tensor.ndim)
    g_string_append_c (text, '[');
  for (int d = 0; d < self->values->tensor.ndim; d++)
    g_string_append_printf (text, "%s%ld", d ? ", " : "", index[d]);
  if (self->values->tensor.ndim)
    g_string_append_c (text, ']');
  return g_string_free (text, FALSE);
}

/* The card must leave its element in sight: it gets the larger room of that below and that above. */
static void
find_room (const GbGridLayout *self, const gint64 *index, double *top, double *bottom)
{
  double x, y;
  *top = HEADER + AXIS_Y;
  *bottom = self->height - 2;
  if (!gb_grid_layout_cell (self, index, &x, &y))
    return;
  if (*bottom - y - self->cell_height >= y)
    *top = y + self->cell_height + 6;
  else
    *top = 2, *bottom = y - 6;
}

void
gb_grid_layout_derive (GbGridLayout *self,
                       GbTraceCursor *cursor,
                       const gint64 *index,
                       const GbDrawContext *ctx)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  gsize nbytes = sizeof (gint64) * (gsize) self->values->tensor.ndim;
  const char *why = NULL;
  if (index && self->card && memcmp (index, self->derived, nbytes) == 0)
    return;
  g_clear_pointer (&self->card, gb_derivation_card_free);
  g_clear_pointer (&self->derivation, gb_derivation_free);
  if (index == NULL)
    return;
  memcpy (self->derived, index, nbytes);
  self->derivation = gb_derivation_new (trace, self->values->tensor.tensor,
                                        gb_trace_cursor_get_position (cursor), index, &why);
  g_autofree char *name = gb_grid_element_text (self, index);
  double top, bottom;
  find_room (self, index, &top, &bottom);
  self->card = gb_derivation_card_new (trace, self->derivation, name, why, ctx,
                                       MIN (self->width - 2 * PAD, CARD_WIDTH), MIN (bottom - top, 320));
  self->card_x = PAD;
  /* With the legend in sight where that is possible. */
  self->card_y = MAX (top, MIN (bottom, self->height - FOOTER) - self->card->height);
}

gboolean
gb_grid_layout_index (const GbGridLayout *self, gint64 row, gint64 column, gint64 *index)
{
  const GbTensor *t = &self->values->tensor;

  if (row < 0 || column < 0 || row >= self->n_rows || column >= self->n_columns)
    return FALSE;
  for (int d = 0; d < self->n_lead; d++)
    index[d] = self->options.slice[d];
  if (self->is_wrapped)
    {
      index[0] = row * self->n_columns + column;
      return index[0] < t->sizes[0];
    }
  if (t->ndim >= 2)
    {
      index[t->ndim - 2] = row;
      index[t->ndim - 1] = column;
    }
  return TRUE;
}

gboolean
gb_grid_layout_cell (const GbGridLayout *self, const gint64 *index, double *x, double *y)
{
  const GbTensor *t = &self->values->tensor;
  gint64 row = 0, column = 0;

  for (int d = 0; d < self->n_lead; d++)
    if (index[d] != self->options.slice[d])
      return FALSE;
  if (self->is_wrapped)
    row = index[0] / self->n_columns, column = index[0] % self->n_columns;
  else if (t->ndim >= 2)
    row = index[t->ndim - 2], column = index[t->ndim - 1];
  row -= self->options.first_row;
  column -= self->options.first_column;
  if (row < 0 || column < 0 || row >= self->shown_rows || column >= self->shown_columns)
    return FALSE;
  *x = self->x + column * self->cell_width;
  *y = self->y + row * self->cell_height;
  return TRUE;
}

gboolean
gb_grid_layout_at (const GbGridLayout *self, double x, double y, gint64 *index)
{
  if (self->values == NULL || self->values->numel == 0)
    return FALSE;
  if (x >= self->x && y >= self->y && x < self->x + self->shown_columns * self->cell_width
      && y < self->y + self->shown_rows * self->cell_height)
    return gb_grid_layout_index (self, (gint64) ((y - self->y) / self->cell_height) + self->options.first_row,
                                 (gint64) ((x - self->x) / self->cell_width) + self->options.first_column,
                                 index);
  if (self->shown_sheets && x >= self->sheets_x && y >= self->sheets_y)
    {
      gint64 column = (gint64) ((x - self->sheets_x) / self->sheet_step_x);
      gint64 row = (gint64) ((y - self->sheets_y) / self->sheet_step_y);
      gint64 nth = row * self->sheet_columns + column;
      if (column >= self->sheet_columns || nth >= self->shown_sheets)
        return FALSE;
      memset (index, 0, sizeof (gint64) * self->values->tensor.ndim);
      gb_grid_layout_sheet_index (self, self->first_sheet + nth, index);
      return TRUE;
    }
  return FALSE;
}

gint64
gb_grid_layout_sheet (const GbGridLayout *self, const gint64 *index)
{
  gint64 sheet = 0;
  for (int d = 0; d < self->n_lead; d++)
    sheet = sheet * self->values->tensor.sizes[d] + index[d];
  return sheet;
}

void
gb_grid_layout_sheet_index (const GbGridLayout *self, gint64 sheet, gint64 *index)
{
  for (int d = self->n_lead - 1; d >= 0; d--)
    {
      index[d] = sheet % self->values->tensor.sizes[d];
      sheet /= self->values->tensor.sizes[d];
    }
}

gboolean
gb_grid_layout_sheet_place (const GbGridLayout *self, gint64 sheet, double *x, double *y)
{
  gint64 nth = sheet - self->first_sheet;

  if (nth < 0 || nth >= self->shown_sheets)
    return FALSE;
  *x = self->sheets_x + (nth % self->sheet_columns) * self->sheet_step_x;
  *y = self->sheets_y + (nth / self->sheet_columns) * self->sheet_step_y;
  return TRUE;
}

gboolean
gb_grid_layout_tone (const GbGridLayout *self, double value, double *tone)
{
  if (!self->has_colors || !isfinite (value) || value == 0)
    return FALSE;
  *tone = self->values->is_bool      ? 0.25
          : self->map == GB_MAP_SIGN ? 0.5 + 0.5 * CLAMP (value / self->limit, -1, 1)
                                     : CLAMP (value / self->limit, 0, 1);
  return TRUE;
}

gboolean
gb_grid_layout_color (const GbGridLayout *self, const GbTheme *theme, double value, guint32 *argb)
{
  double tone;

  if (!gb_grid_layout_tone (self, value, &tone))
    return FALSE;
  *argb = gb_theme_map_argb (theme, self->map, tone);
  return TRUE;
}
