#include "tokens/tokens-layout.h"

#include <math.h>

#define PAD        16
#define TOP        52 /* header */
#define GAP        4
#define LINE_GAP   8
#define ROW_GAP    10
#define INSET      7
#define LEAST      22
#define MOST       150
#define MOST_CHIPS 4000

void
gb_tokens_layout_free (GbTokensLayout *self)
{
  if (self == NULL)
    return;
  gb_tokens_free (self->tokens);
  g_array_unref (self->chips);
  g_free (self);
}

static double
chip_width (const GbToken *token, const GbDrawContext *ctx)
{
  double word = gb_draw_text_width (ctx, GB_FACE_CELL_BOLD, token->text) + 2 * INSET;
  double tag = token->tag ? gb_draw_text_width (ctx, GB_FACE_GUTTER, token->tag) + 4 : 0;

  return CLAMP (ceil (MAX (word, tag)), LEAST, MOST);
}

/* ---- lines ---- */

/* Chips of a row from y on; returns where the next row begins. */
static double
place_row (GbTokensLayout *self, gint64 row, double y, const GbDrawContext *ctx)
{
  double x = self->row_x, right = self->width - PAD;

  for (gint64 column = 0; column < self->tokens->n_columns && self->chips->len < MOST_CHIPS; column++)
    {
      GbTokenChip chip = { .row = row, .column = column };
      gb_tokens_get (self->tokens, row, column, &chip.token);
      chip.width = chip_width (&chip.token, ctx);
      if (x + chip.width > right && x > self->row_x)
        {
          x = self->row_x;
          y += self->line_height + LINE_GAP;
        }
      if (y + self->line_height > self->height)
        return INFINITY;
      chip.x = x;
      chip.y = y;
      x += chip.width + GAP;
      g_array_append_val (self->chips, chip);
    }
  return y + self->line_height + ROW_GAP;
}

static void
place_rows (GbTokensLayout *self, const GbDrawContext *ctx)
{
  double y = TOP;

  for (gint64 row = self->first_row; row < self->tokens->n_rows && y + self->line_height <= self->height;
       row++)
    {
      y = place_row (self, row, y, ctx);
      self->rows++;
    }
}

/* ---- alignment ---- */

static void
place_line (GbTokensLayout *self, gboolean is_columns, double y, const GbDrawContext *ctx)
{
  const GbTokens *tokens = self->tokens;
  gint64 n = is_columns ? tokens->n_columns : tokens->n_rows;
  char **words = is_columns ? tokens->names : tokens->words;
  guint n_words = is_columns ? tokens->n_names : tokens->n_words;
  double x = self->row_x;

  for (gint64 i = 0; i < n; i++)
    {
      GbTokenChip chip = { .row = is_columns ? -1 : i, .column = is_columns ? i : -1, .y = y, .x = x };
      if (i < n_words)
        g_utf8_strncpy (chip.token.text, words[i], MIN (g_utf8_strlen (words[i], -1), 15));
      else
        g_snprintf (chip.token.text, sizeof chip.token.text, "%" G_GINT64_FORMAT, i);
      chip.token.is_known = TRUE;
      chip.width = chip_width (&chip.token, ctx);
      if (x + chip.width > self->width - PAD)
        {
          self->n_more += n - i;
          return;
        }
      x += chip.width + GAP;
      g_array_append_val (self->chips, chip);
    }
}

GbTokensLayout *
gb_tokens_layout_new (GbTraceCursor *cursor,
                      GbSelection *selection,
                      const GbTokensOptions *options,
                      const GbDrawContext *ctx)
{
  GbTokensLayout *self = g_new0 (GbTokensLayout, 1);
  GbTokensKind kind;

  self->tokens = gb_tokens_new (cursor, selection);
  self->chips = g_array_new (FALSE, TRUE, sizeof (GbTokenChip));
  self->width = ctx->width;
  self->height = ctx->height;
  self->row_x = PAD;
  if (self->tokens == NULL)
    return self;
  kind = self->tokens->kind;
  self->line_height = GB_TOKENS_CHIP_H + (kind == GB_TOKENS_TAGS ? 18 : kind == GB_TOKENS_VALUES ? 22 : 0);
  if (kind == GB_TOKENS_ALIGNMENT)
    {
      double between = CLAMP (self->height - TOP - 2 * GB_TOKENS_CHIP_H - PAD, 40, 190);
      place_line (self, FALSE, TOP, ctx);
      place_line (self, TRUE, TOP + GB_TOKENS_CHIP_H + between, ctx);
      return self;
    }
  if (self->tokens->n_rows > 1)
    self->row_x = PAD + 34;
  self->first_row = (guint) MIN ((gint64) options->first_row, MAX (self->tokens->n_rows - 1, 0));
  place_rows (self, ctx);
  return self;
}

int
gb_tokens_layout_at (const GbTokensLayout *self, double x, double y)
{
  for (guint i = 0; i < self->chips->len; i++)
    {
      const GbTokenChip *chip = &g_array_index (self->chips, GbTokenChip, i);
      if (x >= chip->x && x < chip->x + chip->width && y >= chip->y
          && y < chip->y + MAX (self->line_height, 1))
        return (int) i;
    }
  return -1;
}

void
gb_tokens_layout_pick (const GbTokensLayout *self, gint64 row, gint64 column, GbPick *pick)
{
  const GbTensor *t = &self->tokens->values->tensor;

  *pick = (GbPick){ .facets = GB_PICK_TENSOR | GB_PICK_ELEMENT | GB_PICK_ADDRESS,
                    .tensor = t->tensor,
                    .storage = t->storage };
  pick->ndim = gb_tokens_index (self->tokens, MAX (row, 0), MAX (column, 0), pick->index);
  pick->address = gb_tensor_address (t, pick->index);
}

gboolean
gb_tokens_layout_find (const GbTokensLayout *self, const GbPick *pick, gint64 *row, gint64 *column)
{
  if (self->tokens == NULL || !(pick->facets & GB_PICK_ELEMENT)
      || pick->tensor != self->tokens->values->tensor.tensor || pick->ndim < 1)
    return FALSE;
  *column = pick->index[pick->ndim - 1];
  *row = pick->ndim >= 2 ? pick->index[pick->ndim - 2] : 0;
  return TRUE;
}

int
gb_tokens_layout_chip (const GbTokensLayout *self, gint64 row, gint64 column)
{
  for (guint i = 0; i < self->chips->len; i++)
    {
      const GbTokenChip *chip = &g_array_index (self->chips, GbTokenChip, i);
      if (chip->row == row && chip->column == column)
        return (int) i;
    }
  return -1;
}
