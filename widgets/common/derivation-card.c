#include "common/derivation-card.h"

#include <math.h>
#include <string.h>

#include "common/i18n.h"
#include "common/number-format.h"

#define PAD           12
#define TITLE         18
#define GAP           8
#define LABEL         16
#define SHEET_GAP     22
#define CELL_MOST     18
#define BESIDE_HEIGHT 190
#define BESIDE_WIDTH  520
#define CELL_LEAST    3
#define MOST_CELLS    (1 << 12) /* looked at for the colours of a sheet */

void
gb_derivation_card_free (GbDerivationCard *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->n_sheets; i++)
    g_free (self->sheets[i].label);
  g_free (self->title);
  g_free (self->arithmetic);
  g_free (self->note);
  g_free (self);
}

/* ---- words ---- */

static char *
title_of (GbTrace *trace, const GbDerivation *derivation, const char *element)
{
  const GbPosition *pos = derivation ? gb_trace_get_position (trace, derivation->pos) : NULL;
  if (derivation == NULL)
    return g_strdup (element);
  g_autofree char *op = derivation->function_name
                            ? g_strdup_printf (_ ("%s in %s"), derivation->op_name, derivation->function_name)
                            : g_strdup (derivation->op_name);
  if (pos && pos->line)
    return g_strdup_printf (_ ("%s ← %s, line %u"), element, op, pos->line);
  return g_strdup_printf ("%s ← %s", element, op);
}

static char *
count_of (const GbDerivation *derivation)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < derivation->map->n_inputs; i++)
    {
      guint count = gb_derivation_count (derivation, i);
      if (count == 0)
        continue;
      if (text->len)
        g_string_append (text, _ (", "));
      g_string_append_printf (text, ngettext_ ("%u number of %s", "%u numbers of %s", count), count,
                              derivation->labels[i]);
    }
  return g_string_free (text, FALSE);
}

static char *
note_of (const GbDerivation *derivation, const char *why)
{
  if (derivation == NULL)
    return g_strdup (why ? _ (why) : "");
  if (derivation->map->untold)
    return g_strdup (_ (derivation->map->untold));
  if (derivation->map->form == GB_INDEX_MAP_NOTHING || derivation->map->terms->len == 0)
    return g_strdup (_ ("No number of another tensor went into this one."));
  if (derivation->map->form == GB_INDEX_MAP_FUNCTION || derivation->map->n_terms == 1)
    return NULL;
  g_autofree char *count = count_of (derivation);
  return g_strdup_printf (_ ("from %s"), count);
}

/* ---- operands ---- */

static void
sheet_axes (const GbTensor *tensor, gint64 *rows, gint64 *columns)
{
  *rows = tensor->ndim >= 2 ? tensor->sizes[tensor->ndim - 2] : 1;
  *columns = tensor->ndim >= 1 ? tensor->sizes[tensor->ndim - 1] : 1;
}

static void
sheet_place (const GbTensor *tensor, const gint64 *index, gint64 *row, gint64 *column)
{
  *row = tensor->ndim >= 2 ? index[tensor->ndim - 2] : 0;
  *column = tensor->ndim >= 1 ? index[tensor->ndim - 1] : 0;
}

static gboolean
on_sheet (const GbTensor *tensor, const GbCardSheet *sheet, const gint64 *index)
{
  for (int d = 0; d < tensor->ndim - 2; d++)
    if (index[d] != sheet->index[d])
      return FALSE;
  return TRUE;
}

/* The first element of the operand; FALSE: none was used. */
static gboolean
find_first (const GbDerivation *derivation, guint input, gint64 *index)
{
  for (guint i = 0; i < derivation->map->terms->len; i++)
    {
      const GbIndexMapTerm *term = &g_array_index (derivation->map->terms, GbIndexMapTerm, i);
      for (guint k = 0; k < term->n_factors; k++)
        if (term->factors[k].input == input)
          {
            memcpy (index, term->factors[k].index, sizeof term->factors[k].index);
            return TRUE;
          }
    }
  return FALSE;
}

static void
index_of_cell (const GbTensor *tensor, const GbCardSheet *sheet, gint64 row, gint64 column, gint64 *index)
{
  memcpy (index, sheet->index, sizeof sheet->index);
  if (tensor->ndim >= 2)
    index[tensor->ndim - 2] = row;
  if (tensor->ndim >= 1)
    index[tensor->ndim - 1] = column;
}

static void
look_at_numbers (const GbDerivation *derivation, GbCardSheet *sheet)
{
  const GbTensor *tensor = &derivation->map->inputs[sheet->input];
  gint64 n = 0;
  for (gint64 r = 0; r < sheet->n_rows; r++)
    for (gint64 c = 0; c < sheet->n_columns && n++ < MOST_CELLS; c++)
      {
        GbIndexMapElement element = { .input = sheet->input };
        double value;
        index_of_cell (tensor, sheet, sheet->first_row + r, sheet->first_column + c, element.index);
        if (gb_derivation_input_value (derivation, &element, &value) && isfinite (value))
          sheet->limit = fmax (sheet->limit, fabs (value));
      }
}

/* As large as the room allows; of what is too large the part around the first used element. */
static void
fit_sheet (const GbDerivation *derivation, GbCardSheet *sheet, double width, double height)
{
  const GbTensor *tensor = &derivation->map->inputs[sheet->input];
  gint64 rows, columns, row, column;
  sheet_axes (tensor, &rows, &columns);
  sheet_place (tensor, sheet->index, &row, &column);
  sheet->cell = CLAMP (floor (fmin (width / (double) MAX (columns, 1), height / (double) MAX (rows, 1))),
                       CELL_LEAST, CELL_MOST);
  sheet->n_rows = MIN (rows, (gint64) (height / sheet->cell));
  sheet->n_columns = MIN (columns, (gint64) (width / sheet->cell));
  sheet->first_row = CLAMP (row - sheet->n_rows / 2, 0, rows - sheet->n_rows);
  sheet->first_column = CLAMP (column - sheet->n_columns / 2, 0, columns - sheet->n_columns);
  sheet->is_cut = sheet->n_rows < rows || sheet->n_columns < columns;
  sheet->width = (double) sheet->n_columns * sheet->cell;
  sheet->height = (double) sheet->n_rows * sheet->cell;
  look_at_numbers (derivation, sheet);
}

static char *
sheet_label (const GbDerivation *derivation, const GbCardSheet *sheet)
{
  const GbTensor *tensor = &derivation->map->inputs[sheet->input];
  GString *text = g_string_new (derivation->labels[sheet->input]);
  char shape[128];
  if (tensor->ndim > 2)
    {
      g_string_append_c (text, '[');
      for (int d = 0; d < tensor->ndim - 2; d++)
        g_string_append_printf (text, "%" G_GINT64_FORMAT ", ", sheet->index[d]);
      g_string_append (text, ":, :]");
    }
  if (tensor->ndim)
    g_string_append_printf (text, "  %s",
                            gb_shape_picture (tensor->ndim, tensor->sizes, shape, sizeof shape));
  return g_string_free (text, FALSE);
}

static void
place_sheets (
    GbDerivationCard *self, const GbDrawContext *ctx, double left, double y, double width, double height)
{
  const GbDerivation *derivation = self->derivation;
  guint wanted = 0;
  for (guint i = 0; i < derivation->map->n_inputs && wanted < GB_CARD_MOST_SHEETS; i++)
    wanted += gb_derivation_count (derivation, i) > 0;
  if (wanted == 0 || height < LABEL + 2 * CELL_LEAST)
    return;
  double each = (width - (wanted - 1) * SHEET_GAP) / wanted, x = left, tallest = 0;
  for (guint i = 0; i < derivation->map->n_inputs && self->n_sheets < wanted; i++)
    {
      GbCardSheet *sheet = &self->sheets[self->n_sheets];
      *sheet = (GbCardSheet){ .input = i };
      if (!find_first (derivation, i, sheet->index))
        continue;
      sheet->label = sheet_label (derivation, sheet);
      fit_sheet (derivation, sheet, each, height - LABEL);
      sheet->x = x;
      sheet->y = y + LABEL;
      x += MAX (sheet->width, MIN (each, gb_draw_text_width (ctx, GB_FACE_SMALL, sheet->label))) + SHEET_GAP;
      tallest = MAX (tallest, sheet->height);
      self->n_sheets++;
    }
  self->height = MAX (self->height, y + LABEL + tallest + PAD);
}

/* ---- the whole ---- */

/* Fewer terms until the line takes at most two lines of the card. */
static char *
arithmetic_that_fits (GbTrace *trace, const GbDerivation *derivation, const GbDrawContext *ctx, double width)
{
  static const guint terms[] = { 24, 12, 8, 5, 3 };
  double most = 2.5 * gb_draw_line_height (ctx, GB_FACE_MONO);
  char *text = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (terms); i++)
    {
      g_free (text);
      text = gb_derivation_arithmetic (derivation, trace, terms[i]);
      if (text == NULL || gb_draw_paragraph (ctx, NULL, GB_FACE_MONO, GB_ROLE_INK, text, 0, 0, width) <= most)
        break;
    }
  return text;
}

GbDerivationCard *
gb_derivation_card_new (GbTrace *trace,
                        const GbDerivation *derivation,
                        const char *element,
                        const char *why,
                        const GbDrawContext *ctx,
                        double width,
                        double height)
{
  GbDerivationCard *self = g_new0 (GbDerivationCard, 1);
  /* Where there is little height, operands stand beside the words. */
  gboolean beside = derivation && height < BESIDE_HEIGHT && width >= BESIDE_WIDTH;
  double inner = beside ? (width - 3 * PAD) / 2 : width - 2 * PAD, y = PAD + TITLE + GAP / 2;
  self->derivation = derivation;
  self->width = width;
  self->text_width = inner;
  self->title = title_of (trace, derivation, element);
  if (derivation && derivation->map->form == GB_INDEX_MAP_DEPENDS)
    self->arithmetic = g_strdup (derivation->map->pattern);
  else if (derivation)
    self->arithmetic = arithmetic_that_fits (trace, derivation, ctx, inner);
  self->note = note_of (derivation, why);
  self->arithmetic_y = y;
  if (self->arithmetic)
    y += gb_draw_paragraph (ctx, NULL, GB_FACE_MONO, GB_ROLE_INK, self->arithmetic, 0, 0, inner) + GAP / 2;
  self->note_y = y;
  if (self->note)
    y += gb_draw_paragraph (ctx, NULL, GB_FACE_SMALL, GB_ROLE_MUTED, self->note, 0, 0, inner) + GAP;
  self->height = y + PAD - GAP / 2;
  if (beside)
    place_sheets (self, ctx, inner + 2 * PAD, PAD, inner, height - 2 * PAD);
  else if (derivation)
    place_sheets (self, ctx, PAD, y, inner, height - y - PAD);
  return self;
}

/* ---- drawing ---- */

static void
draw_cells (const GbDerivationCard *self,
            const GbCardSheet *sheet,
            const GbDrawContext *ctx,
            GtkSnapshot *snapshot,
            double x,
            double y)
{
  const GbTensor *tensor = &self->derivation->map->inputs[sheet->input];
  gsize n = (gsize) (sheet->n_rows * sheet->n_columns);
  g_autofree guint32 *pixels = g_new (guint32, MAX (n, 1));
  const GdkRGBA *empty = gb_theme_role (ctx->theme, GB_ROLE_PANEL);
  guint32 unknown = 0xff000000 | (guint32) (empty->red * 255) << 16 | (guint32) (empty->green * 255) << 8
                    | (guint32) (empty->blue * 255);
  for (gsize i = 0; i < n; i++)
    {
      GbIndexMapElement element = { .input = sheet->input };
      double value;
      index_of_cell (tensor, sheet, sheet->first_row + (gint64) i / sheet->n_columns,
                     sheet->first_column + (gint64) i % sheet->n_columns, element.index);
      pixels[i] = sheet->limit > 0 && gb_derivation_input_value (self->derivation, &element, &value)
                          && isfinite (value)
                      ? gb_theme_map_argb (ctx->theme, GB_MAP_SIGN, 0.5 + 0.5 * value / sheet->limit)
                      : unknown;
    }
  gb_draw_pixels (snapshot, pixels, (int) sheet->n_columns, (int) sheet->n_rows, x, y, sheet->width,
                  sheet->height);
  if (sheet->cell >= 6)
    {
      const GdkRGBA *line = gb_theme_role (ctx->theme, GB_ROLE_SURFACE);
      for (gint64 r = 1; r < sheet->n_rows; r++)
        gb_draw_hline (snapshot, line, x, x + sheet->width, y + (double) r * sheet->cell, 1);
      for (gint64 c = 1; c < sheet->n_columns; c++)
        gb_draw_vline (snapshot, line, x + (double) c * sheet->cell, y, y + sheet->height, 1);
    }
}

/* A frame around every used element; where there are many, lines of neighbours share one. */
static void
draw_used (const GbDerivationCard *self,
           const GbCardSheet *sheet,
           const GbDrawContext *ctx,
           GtkSnapshot *snapshot,
           double x,
           double y)
{
  const GbIndexMap *map = self->derivation->map;
  const GbTensor *tensor = &map->inputs[sheet->input];
  g_autofree guint8 *used = g_new0 (guint8, (gsize) MAX (sheet->n_rows * sheet->n_columns, 1));
  const GdkRGBA *accent = gb_theme_role (ctx->theme, GB_ROLE_ACCENT);
  for (guint i = 0; i < map->terms->len; i++)
    {
      const GbIndexMapTerm *term = &g_array_index (map->terms, GbIndexMapTerm, i);
      for (guint k = 0; k < term->n_factors; k++)
        {
          const GbIndexMapElement *element = &term->factors[k];
          gint64 row, column;
          if (element->input != sheet->input || !on_sheet (tensor, sheet, element->index))
            continue;
          sheet_place (tensor, element->index, &row, &column);
          row -= sheet->first_row;
          column -= sheet->first_column;
          if (row >= 0 && column >= 0 && row < sheet->n_rows && column < sheet->n_columns)
            used[row * sheet->n_columns + column] = 1;
        }
    }
  for (gint64 r = 0; r < sheet->n_rows; r++)
    for (gint64 c = 0; c < sheet->n_columns;)
      {
        gint64 end = c;
        while (end < sheet->n_columns && used[r * sheet->n_columns + end])
          end++;
        if (end > c)
          gb_draw_box (snapshot, NULL, accent, x + (double) c * sheet->cell - 1,
                       y + (double) r * sheet->cell - 1, (double) (end - c) * sheet->cell + 2,
                       sheet->cell + 2, 0, 2);
        c = end > c ? end : c + 1;
      }
}

void
gb_derivation_card_draw (
    const GbDerivationCard *self, const GbDrawContext *ctx, GtkSnapshot *snapshot, double x, double y)
{
  double inner = self->text_width;
  gb_draw_box (snapshot, gb_theme_role (ctx->theme, GB_ROLE_SURFACE),
               gb_theme_role (ctx->theme, GB_ROLE_ACCENT), x, y, self->width, self->height, 6, 1);
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_UI_BOLD, gb_theme_role (ctx->theme, GB_ROLE_INK), self->title,
                     x + PAD, y + PAD + TITLE / 2 - 2, GB_ALIGN_LEFT, inner);
  if (self->arithmetic)
    gb_draw_paragraph (ctx, snapshot, GB_FACE_MONO, GB_ROLE_INK, self->arithmetic, x + PAD,
                       y + self->arithmetic_y, inner);
  if (self->note)
    gb_draw_paragraph (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, self->note, x + PAD, y + self->note_y,
                       inner);
  for (guint i = 0; i < self->n_sheets; i++)
    {
      const GbCardSheet *sheet = &self->sheets[i];
      gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, gb_theme_role (ctx->theme, GB_ROLE_MUTED),
                         sheet->label, x + sheet->x, y + sheet->y - LABEL / 2 - 2, GB_ALIGN_LEFT,
                         (i + 1 < self->n_sheets ? sheet[1].x - GAP : self->width - PAD) - sheet->x);
      draw_cells (self, sheet, ctx, snapshot, x + sheet->x, y + sheet->y);
      if (sheet->is_cut)
        gb_draw_dashed_box (snapshot, gb_theme_role (ctx->theme, GB_ROLE_RULE_STRONG), x + sheet->x - 2,
                            y + sheet->y - 2, sheet->width + 4, sheet->height + 4, 0, 1);
      else
        gb_draw_box (snapshot, NULL, gb_theme_role (ctx->theme, GB_ROLE_RULE_STRONG), x + sheet->x - 1,
                     y + sheet->y - 1, sheet->width + 2, sheet->height + 2, 0, 1);
      draw_used (self, sheet, ctx, snapshot, x + sheet->x, y + sheet->y);
    }
}

void
gb_derivation_card_draw_hover (const GbDerivationCard *self,
                               const GbPick *hover,
                               const GbDrawContext *ctx,
                               GtkSnapshot *snapshot,
                               double x,
                               double y)
{
  for (guint i = 0; i < self->n_sheets; i++)
    {
      const GbCardSheet *sheet = &self->sheets[i];
      const GbTensor *tensor = &self->derivation->map->inputs[sheet->input];
      GbIndexMapElement element = { .input = sheet->input };
      gint64 row, column;
      double value;
      char number[48];
      if (!(hover->facets & GB_PICK_ELEMENT) || hover->tensor != tensor->tensor || hover->ndim != tensor->ndim
          || !on_sheet (tensor, sheet, hover->index))
        continue;
      memcpy (element.index, hover->index, sizeof element.index);
      sheet_place (tensor, element.index, &row, &column);
      double cell_x = x + sheet->x + (double) (column - sheet->first_column) * sheet->cell;
      double cell_y = y + sheet->y + (double) (row - sheet->first_row) * sheet->cell;
      g_autofree char *name = gb_derivation_element_name (self->derivation, &element);
      gboolean known = gb_derivation_input_value (self->derivation, &element, &value);
      g_autofree char *line = g_strdup_printf (
          "%s\t%s", name, known ? gb_number_text (value, 5, number, sizeof number) : _ ("not recorded"));
      const char *lines[] = { line };
      gb_draw_selection (ctx, snapshot, cell_x, cell_y, sheet->cell, sheet->cell);
      gb_draw_tip (ctx, snapshot, cell_x + sheet->cell, cell_y, lines, 1);
      return;
    }
}

gboolean
gb_derivation_card_pick (const GbDerivationCard *self, double x, double y, GbPick *pick)
{
  for (guint i = 0; i < self->n_sheets; i++)
    {
      const GbCardSheet *sheet = &self->sheets[i];
      const GbTensor *tensor = &self->derivation->map->inputs[sheet->input];
      if (x < sheet->x || y < sheet->y || x >= sheet->x + sheet->width || y >= sheet->y + sheet->height)
        continue;
      gint64 row = sheet->first_row + (gint64) ((y - sheet->y) / sheet->cell);
      gint64 column = sheet->first_column + (gint64) ((x - sheet->x) / sheet->cell);
      *pick = (GbPick){ .facets = GB_PICK_TENSOR | GB_PICK_ELEMENT | GB_PICK_ADDRESS,
                        .tensor = tensor->tensor,
                        .storage = tensor->storage,
                        .ndim = tensor->ndim };
      index_of_cell (tensor, sheet, row, column, pick->index);
      pick->address = gb_tensor_address (tensor, pick->index);
      return TRUE;
    }
  return FALSE;
}
