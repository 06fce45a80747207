#include "bcast/bcast-layout.h"

#include <math.h>
#include <string.h>

#include "common/i18n.h"
#include "core/dtype.h"

#define PAD        16
#define HEADLINE   34
#define TITLE      34 /* of a sheet */
#define GAP        34 /* between sheets, with the sign */
#define FOOT       58 /* arithmetic and scrub bar */
#define BESIDE     640
#define CELL_MAX   46
#define CELL_MIN   22
#define CELL_TALL  26
#define CELL_SHORT 16
#define MOST_ROWS  12
#define SCRUB_GRIP 12
#define LINES_GAP  12

void
gb_bcast_layout_free (GbBcastLayout *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->n_sheets; i++)
    {
      g_free (self->sheets[i].title);
      g_free (self->sheets[i].shape);
    }
  gb_broadcast_free (self->model);
  gb_aligned_shapes_free (self->shapes);
  g_free (self->headline);
  g_free (self->sentence);
  g_free (self);
}

/* ---- elements ---- */

const GbTensor *
gb_bcast_layout_tensor (const GbBcastLayout *self, const GbBcastSheet *sheet)
{
  return sheet->operand == GB_BCAST_RESULT ? &self->model->output
                                           : &self->model->operands[sheet->operand].tensor;
}

static int
sheet_ndim (const GbBcastLayout *self, const GbBcastSheet *sheet)
{
  return self->model->failing_axis >= 0 ? gb_bcast_layout_tensor (self, sheet)->ndim : self->model->ndim;
}

void
gb_bcast_layout_index (
    const GbBcastLayout *self, const GbBcastSheet *sheet, gint64 row, gint64 column, gint64 *index)
{
  int ndim = sheet_ndim (self, sheet);

  if (self->model->failing_axis >= 0)
    memset (index, 0, sizeof (gint64) * GB_VALUES_MAX_NDIM);
  else
    memcpy (index, self->index, sizeof (gint64) * GB_VALUES_MAX_NDIM);
  if (ndim >= 2)
    index[ndim - 2] = sheet->first_row + row;
  if (ndim >= 1)
    index[ndim - 1] = sheet->first_column + column;
}

void
gb_bcast_layout_own_index (const GbBcastLayout *self,
                           const GbBcastSheet *sheet,
                           const gint64 *index,
                           gint64 *own)
{
  if (sheet->operand == GB_BCAST_RESULT || self->model->failing_axis >= 0)
    memcpy (own, index, sizeof (gint64) * GB_VALUES_MAX_NDIM);
  else
    gb_broadcast_source (self->model, sheet->operand, index, own);
}

gboolean
gb_bcast_layout_value (const GbBcastLayout *self,
                       const GbBcastSheet *sheet,
                       const gint64 *index,
                       double *value)
{
  const GbTensorValues *values =
      sheet->operand == GB_BCAST_RESULT ? self->model->values : self->model->operands[sheet->operand].values;
  gint64 own[GB_VALUES_MAX_NDIM] = { 0 };

  gb_bcast_layout_own_index (self, sheet, index, own);
  return values && gb_tensor_values_get (values, own, value);
}

char *
gb_bcast_layout_element (const GbBcastLayout *self, const GbBcastSheet *sheet, const gint64 *index)
{
  const GbTensor *t = gb_bcast_layout_tensor (self, sheet);
  GString *text =
      g_string_new (sheet->operand == GB_BCAST_RESULT ? self->model->output_label
                                                      : self->model->operands[sheet->operand].label);
  gint64 own[GB_VALUES_MAX_NDIM] = { 0 };

  gb_bcast_layout_own_index (self, sheet, index, own);
  for (int d = 0; d < t->ndim; d++)
    g_string_append_printf (text, "%s%ld", d ? ", " : "[", own[d]);
  return g_string_free (t->ndim ? g_string_append_c (text, ']') : text, FALSE);
}

gboolean
gb_bcast_layout_picked (const GbBcastLayout *self, const GbPick *pick, gint64 *index)
{
  const GbBroadcast *m = self->model;

  if (m == NULL || !(pick->facets & GB_PICK_ELEMENT))
    return FALSE;
  memcpy (index, self->index, sizeof (gint64) * GB_VALUES_MAX_NDIM);
  if (m->has_output && pick->tensor == m->output.tensor && pick->ndim == m->ndim)
    {
      for (int d = 0; d < m->ndim; d++)
        if (pick->index[d] < 0 || pick->index[d] >= m->sizes[d])
          return FALSE;
      memcpy (index, pick->index, sizeof (gint64) * (gsize) m->ndim);
      return TRUE;
    }
  for (guint i = 0; i < m->n_operands && m->failing_axis < 0; i++)
    {
      const GbTensor *t = &m->operands[i].tensor;
      gboolean inside = pick->tensor == t->tensor && pick->ndim == t->ndim;
      for (int d = 0; d < t->ndim && inside; d++)
        inside = pick->index[d] >= 0 && pick->index[d] < t->sizes[d];
      if (!inside)
        continue;
      for (int d = 0; d < t->ndim; d++)
        if (t->sizes[d] != 1)
          index[m->ndim - t->ndim + d] = pick->index[d];
      return TRUE;
    }
  return FALSE;
}

/* ---- sheets ---- */

static char *
sheet_title (const GbBcastLayout *self, const GbBcastSheet *sheet)
{
  const GbTensor *t = gb_bcast_layout_tensor (self, sheet);
  gint64 own[GB_VALUES_MAX_NDIM] = { 0 }, index[GB_VALUES_MAX_NDIM] = { 0 };
  GString *text =
      g_string_new (sheet->operand == GB_BCAST_RESULT ? self->model->output_label
                                                      : self->model->operands[sheet->operand].label);

  gb_bcast_layout_index (self, sheet, 0, 0, index);
  gb_bcast_layout_own_index (self, sheet, index, own);
  for (int d = 0; d < t->ndim - 2; d++)
    g_string_append_printf (text, "%s%ld, ", d ? "" : "[", own[d]);
  if (t->ndim > 2)
    g_string_append (text, ":, :]");
  return g_string_free (text, FALSE);
}

/* The sign between operands, where the op's pattern has one: "$0 + $1". */
static const char *
sign_of (const char *pattern)
{
  gsize length = pattern ? strlen (pattern) : 0;
  if (length < 7 || strncmp (pattern, "$0 ", 3) != 0 || strcmp (pattern + length - 3, " $1") != 0)
    return NULL;
  g_autofree char *sign = g_strndup (pattern + 3, length - 6);
  return g_intern_string (sign);
}

static void
add_sheet (GbBcastLayout *self, guint operand, const char *before)
{
  GbBcastSheet *sheet = &self->sheets[self->n_sheets++];
  const GbTensor *t;
  char shape[128];

  sheet->operand = operand;
  sheet->before = before;
  t = gb_bcast_layout_tensor (self, sheet);
  sheet->shape =
      g_strdup (t->ndim ? gb_shape_picture (t->ndim, t->sizes, shape, sizeof shape) : _ ("scalar"));
}

static void
size_of_sheet (const GbBcastLayout *self, const GbBcastSheet *sheet, gint64 *rows, gint64 *columns)
{
  int ndim = sheet_ndim (self, sheet);
  const gint64 *sizes =
      self->model->failing_axis >= 0 ? gb_bcast_layout_tensor (self, sheet)->sizes : self->model->sizes;

  *rows = ndim >= 2 ? sizes[ndim - 2] : 1;
  *columns = ndim >= 1 ? sizes[ndim - 1] : 1;
}

/* The shown window of each sheet, around the element that is looked at. */
static void
choose_windows (GbBcastLayout *self, gint64 most_rows, gint64 most_columns)
{
  for (guint i = 0; i < self->n_sheets; i++)
    {
      GbBcastSheet *sheet = &self->sheets[i];
      int ndim = sheet_ndim (self, sheet);
      gint64 rows, columns, row = 0, column = 0;

      size_of_sheet (self, sheet, &rows, &columns);
      if (self->model->failing_axis < 0)
        {
          row = ndim >= 2 ? self->index[ndim - 2] : 0;
          column = ndim >= 1 ? self->index[ndim - 1] : 0;
        }
      sheet->rows = MIN (rows, most_rows);
      sheet->columns = MIN (columns, most_columns);
      sheet->first_row = CLAMP (row - sheet->rows / 2, 0, rows - sheet->rows);
      sheet->first_column = CLAMP (column - sheet->columns / 2, 0, columns - sheet->columns);
    }
}

static void
choose_digits (const GbBcastLayout *self, GbBcastSheet *sheet, const GbDrawContext *ctx)
{
  int dtype = gb_bcast_layout_tensor (self, sheet)->dtype;
  g_autofree double *values = g_new (double, MAX (sheet->rows * sheet->columns, 1));
  gint64 index[GB_VALUES_MAX_NDIM] = { 0 };
  gsize n = 0;
  double widest = 0;
  char text[48];

  for (gint64 r = 0; r < sheet->rows; r++)
    for (gint64 c = 0; c < sheet->columns; c++)
      {
        gb_bcast_layout_index (self, sheet, r, c, index);
        n += gb_bcast_layout_value (self, sheet, index, &values[n]);
      }
  sheet->format = gb_number_format_for (values, n, self->cell_width < 34 ? 2 : 3,
                                        !te_dtype_is_floating ((TeDtype) dtype), dtype == TE_BOOL);
  for (gsize i = 0; i < n; i++)
    widest =
        MAX (widest, gb_draw_text_width (ctx, GB_FACE_CELL,
                                         gb_number_format (&sheet->format, values[i], text, sizeof text)));
  sheet->has_digits = n && widest + 4 <= self->cell_width && self->cell_height >= 14;
}

/* What there is no room for is left out: the shapes say what matters. */
static void
drop_sheets (GbBcastLayout *self)
{
  for (guint i = 0; i < self->n_sheets; i++)
    g_clear_pointer (&self->sheets[i].shape, g_free);
  self->n_sheets = 0;
}

/* One row of sheets when enough columns fit, else the result below the operands. */
static void
place_sheets (GbBcastLayout *self, double x, double y, double width, double height, const GbDrawContext *ctx)
{
  gint64 most_columns = 1, most_rows = 1, rows, columns, n_columns = 0;
  guint lines = 1, first_line = self->n_sheets;
  double per_line, cells_high, left = x;

  for (guint i = 0; i < self->n_sheets; i++)
    {
      size_of_sheet (self, &self->sheets[i], &rows, &columns);
      most_rows = MAX (most_rows, rows);
      most_columns = MAX (most_columns, columns);
      n_columns += columns;
    }
  if (self->n_sheets > 2
      && (width - (self->n_sheets - 1) * GAP) / self->n_sheets < MIN (most_columns, 6) * 30.0 && height > 190)
    lines = 2, first_line = self->n_sheets - 1;
  if (lines == 2 && (height - LINES_GAP) / 2 - TITLE < MIN (most_rows, 2) * CELL_SHORT)
    lines = 1, first_line = self->n_sheets;
  cells_high = (height - (lines - 1) * LINES_GAP) / lines - TITLE - 4;
  if (cells_high < CELL_SHORT)
    {
      drop_sheets (self);
      return;
    }
  per_line = (width - (first_line - 1) * GAP) / first_line;
  most_columns = CLAMP ((gint64) floor (per_line / 30), 1, most_columns);
  self->cell_width = CLAMP (floor (per_line / (double) most_columns), CELL_MIN, CELL_MAX);
  most_rows = MIN (most_rows, MOST_ROWS);
  self->cell_height = CLAMP (floor (cells_high / (double) most_rows), CELL_SHORT, CELL_TALL);
  most_rows = CLAMP ((gint64) floor (cells_high / self->cell_height), 1, most_rows);
  choose_windows (self, most_rows, MIN (most_columns, MOST_ROWS));
  for (guint i = 0; i < self->n_sheets; i++)
    {
      GbBcastSheet *sheet = &self->sheets[i];
      double wanted;
      sheet->title = sheet_title (self, sheet);
      wanted =
          MAX (sheet->columns * self->cell_width, gb_draw_text_width (ctx, GB_FACE_MONO_BOLD, sheet->title));
      wanted = MIN (MAX (wanted, gb_draw_text_width (ctx, GB_FACE_CELL, sheet->shape)), MAX (per_line, 60));
      if (i == first_line)
        left = x + (sheet->before ? GAP : 0), y += TITLE + most_rows * self->cell_height + LINES_GAP;
      sheet->x = left;
      sheet->y = y + TITLE;
      left += wanted + GAP;
      choose_digits (self, sheet, ctx);
    }
}

/* ---- the whole ---- */

static char *
headline_of (const GbBroadcast *m, GbTrace *trace)
{
  const GbPosition *pos = gb_trace_get_position (trace, m->pos);
  const char *sign = sign_of (m->pattern);
  g_autoptr (GString) text = g_string_new (NULL);

  if (m->has_output)
    g_string_append_printf (text, "%s = ", m->output_label);
  if (sign && m->n_operands == 2)
    g_string_append_printf (text, "%s %s %s", m->operands[0].label, sign, m->operands[1].label);
  else
    {
      g_string_append_printf (text, "%s (", m->op_name);
      for (guint i = 0; i < m->n_operands; i++)
        g_string_append_printf (text, "%s%s", i ? ", " : "", m->operands[i].label);
      g_string_append_c (text, ')');
    }
  if (pos && pos->line)
    g_string_append_printf (text, _ (", line %u"), pos->line);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
choose_element (GbBcastLayout *self, GbSelection *selection)
{
  gint64 index[GB_VALUES_MAX_NDIM];

  for (int d = 0; d < self->model->ndim; d++)
    self->index[d] = d >= self->model->ndim - 2 ? MIN (1, MAX (self->model->sizes[d] - 1, 0)) : 0;
  if (gb_bcast_layout_picked (self, gb_selection_get_pin (selection), index))
    memcpy (self->index, index, sizeof index);
}

static void
make_shapes (GbBcastLayout *self, const GbDrawContext *ctx, double width)
{
  const GbBroadcast *m = self->model;
  GbAlignedOperand operands[GB_BROADCAST_MOST_OPERANDS + 1];
  guint n = m->n_operands;

  for (guint i = 0; i < n; i++)
    operands[i] = (GbAlignedOperand){ m->operands[i].label, m->operands[i].tensor.ndim,
                                      m->operands[i].tensor.sizes, m->operands[i].tensor.strides };
  /* expand: the wanted sizes are the other operand. */
  if (n == 1)
    operands[n++] = (GbAlignedOperand){ m->op_name, m->ndim, m->sizes, NULL };
  self->shapes = gb_aligned_shapes_new (operands, n, NULL, m->has_output ? m->output_label : "?", ctx, width);
  self->sentence = gb_aligned_shapes_sentence (self->shapes);
}

GbBcastLayout *
gb_bcast_layout_new (GbTraceCursor *cursor, GbSelection *selection, double t, const GbDrawContext *ctx)
{
  GbBcastLayout *self = g_new0 (GbBcastLayout, 1);
  GbBroadcast *m = self->model = gb_broadcast_new (cursor, selection);
  const char *sign;
  double bottom;

  self->width = ctx->width;
  self->height = ctx->height;
  self->t = t;
  if (m == NULL)
    return self;
  self->headline = headline_of (m, gb_trace_cursor_get_trace (cursor));
  choose_element (self, selection);
  gboolean beside = ctx->width >= BESIDE;
  make_shapes (self, ctx, beside ? floor (ctx->width * 0.42) - PAD : ctx->width - 2 * PAD);
  self->shapes_x = PAD;
  self->shapes_y = HEADLINE;
  self->text_x = PAD;
  self->text_y = HEADLINE + self->shapes->height + 8;
  self->text_width = beside ? MAX (self->shapes->width, 220) : ctx->width - 2 * PAD;
  double sentence = gb_draw_paragraph (ctx, NULL, GB_FACE_SMALL, GB_ROLE_MUTED, self->sentence, 0, 0, self->text_width) + 6;
  /* What has no room below the shapes is left out: the foot, the sentence, the sheets. */
  gboolean foot = ctx->height >= 220 && self->text_y + sentence <= ctx->height - FOOT;
  bottom = ctx->height - (foot ? FOOT : 0);
  if (self->text_y + sentence > bottom)
    self->text_width = 0;
  self->line_y = foot ? ctx->height - 44 : 0;
  if (foot && ctx->width >= 260)
    self->scrub_x = PAD + 6, self->scrub_width = MIN (ctx->width - 2 * PAD - 12, 420),
    self->scrub_y = ctx->height - 16;

  self->has_elements = TRUE;
  for (int d = 0; d < m->ndim; d++)
    self->has_elements = self->has_elements && m->sizes[d] > 0;
  if (!self->has_elements)
    return self;
  sign = sign_of (m->pattern);
  for (guint i = 0; i < m->n_operands; i++)
    add_sheet (self, i, i == 0 ? NULL : sign ? sign : ",");
  if (m->has_output)
    add_sheet (self, GB_BCAST_RESULT, sign ? "=" : "→");
  if (beside)
    place_sheets (self, PAD + MAX (self->shapes->width, 220) + 24, HEADLINE - 16,
                  ctx->width - PAD - (PAD + MAX (self->shapes->width, 220) + 24), bottom - HEADLINE + 16,
                  ctx);
  else if (bottom - self->text_y - sentence >= TITLE + CELL_SHORT)
    place_sheets (self, PAD, self->text_y + sentence, ctx->width - 2 * PAD, bottom - self->text_y - sentence, ctx);
  else
    drop_sheets (self);
  return self;
}

gboolean
gb_bcast_layout_at (const GbBcastLayout *self, double x, double y, GbPick *pick)
{
  for (guint i = 0; i < self->n_sheets; i++)
    {
      const GbBcastSheet *sheet = &self->sheets[i];
      const GbTensor *t = gb_bcast_layout_tensor (self, sheet);
      gint64 row = (gint64) floor ((y - sheet->y) / self->cell_height),
             column = (gint64) floor ((x - sheet->x) / self->cell_width), index[GB_VALUES_MAX_NDIM] = { 0 };

      if (row < 0 || column < 0 || row >= sheet->rows || column >= sheet->columns)
        continue;
      gb_bcast_layout_index (self, sheet, row, column, index);
      *pick = (GbPick){ .facets = GB_PICK_TENSOR | GB_PICK_ELEMENT | GB_PICK_ADDRESS,
                        .tensor = t->tensor,
                        .storage = t->storage,
                        .ndim = t->ndim };
      gb_bcast_layout_own_index (self, sheet, index, pick->index);
      pick->address = gb_tensor_address (t, pick->index);
      return TRUE;
    }
  return FALSE;
}

double
gb_bcast_layout_scrub_at (const GbBcastLayout *self, double x, double y)
{
  if (self->scrub_width <= 0 || fabs (y - self->scrub_y) > SCRUB_GRIP || x < self->scrub_x - SCRUB_GRIP
      || x > self->scrub_x + self->scrub_width + SCRUB_GRIP)
    return -1;
  return CLAMP ((x - self->scrub_x) / self->scrub_width, 0, 1);
}
