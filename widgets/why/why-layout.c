#include "why/why-layout.h"

#include "why/why-text.h"

#define MARGIN  12
#define PADDING 12
#define GUTTER  40 /* line numbers */
#define MARK    18
#define ROW_GAP 6

static void
card_clear (gpointer item)
{
  GbWhyCard *card = item;
  for (guint i = 0; i < card->rows->len; i++)
    {
      GbWhyRow *row = &g_array_index (card->rows, GbWhyRow, i);
      g_free (row->text);
      g_free (row->number);
      g_free (row->source);
    }
  g_array_unref (card->rows);
  g_free (card->title);
}

static double
place_row (GbWhyRow *row, const GbDrawContext *ctx, double x, double y, double width)
{
  double text_width = MAX (80, width - GUTTER - MARK);

  row->x = x;
  row->y = y;
  row->width = width;
  row->text_height = gb_draw_paragraph (ctx, NULL, GB_FACE_UI, GB_ROLE_INK, row->text, 0, 0, text_width);
  row->height = row->text_height + (row->source ? gb_draw_line_height (ctx, GB_FACE_CELL) + 2 : 0);
  return y + row->height + ROW_GAP;
}

static double
place_card (GbWhyCard *card, GbTrace *trace, const GbDrawContext *ctx, double y, double width)
{
  double at = y + PADDING + gb_draw_line_height (ctx, GB_FACE_UI_BOLD) + 6;

  card->x = MARGIN;
  card->y = y;
  card->width = MAX (160, width - 2 * MARGIN);
  for (guint i = 0; i < card->finding->n_evidence; i++)
    {
      const GbEvidence *evidence = &card->finding->evidence[i];
      GbWhyRow row = { .evidence = evidence,
                       .text = gb_why_text (evidence),
                       .number = gb_why_line_number (trace, evidence) };
      row.source = row.number ? gb_why_source_line (trace, evidence) : NULL;
      at = place_row (&row, ctx, card->x + PADDING, at, card->width - 2 * PADDING);
      g_array_append_val (card->rows, row);
    }
  card->height = at - ROW_GAP + PADDING - y;
  return y + card->height;
}

GbWhyLayout *
gb_why_layout_new (GbTrace *trace, const GPtrArray *findings, const GbDrawContext *ctx, double width)
{
  GbWhyLayout *self = g_new0 (GbWhyLayout, 1);
  double y = MARGIN;

  self->cards = g_array_new (FALSE, TRUE, sizeof (GbWhyCard));
  g_array_set_clear_func (self->cards, card_clear);
  self->text_x = GUTTER + MARK;
  for (guint i = 0; i < findings->len; i++)
    {
      GbWhyCard card = { .finding = g_ptr_array_index (findings, i),
                         .rows = g_array_new (FALSE, TRUE, sizeof (GbWhyRow)) };
      card.title = gb_why_title (card.finding);
      y = place_card (&card, trace, ctx, y, width) + 8;
      g_array_append_val (self->cards, card);
    }
  self->height = y + MARGIN - 8;
  return self;
}

void
gb_why_layout_free (GbWhyLayout *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->cards);
  g_free (self);
}

const GbWhyRow *
gb_why_layout_nth (const GbWhyLayout *self, guint nth)
{
  for (guint i = 0; i < self->cards->len; i++)
    {
      const GbWhyCard *card = &g_array_index (self->cards, GbWhyCard, i);
      for (guint k = 0; k < card->rows->len; k++)
        {
          const GbWhyRow *row = &g_array_index (card->rows, GbWhyRow, k);
          if (row->number && nth-- == 0)
            return row;
        }
    }
  return NULL;
}

const GbWhyRow *
gb_why_layout_at (const GbWhyLayout *self, double x, double y)
{
  const GbWhyRow *row;

  for (guint i = 0; (row = gb_why_layout_nth (self, i)) != NULL; i++)
    if (x >= row->x - 4 && x < row->x + row->width + 4 && y >= row->y - ROW_GAP / 2
        && y < row->y + row->height + ROW_GAP / 2)
      return row;
  return NULL;
}
