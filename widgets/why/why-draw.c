#include "why/why-draw.h"

/* The mark of a row says what it is about; the sentence says it again. */
static void
draw_mark (GbEvidenceKind kind, double x, double y, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbTheme *theme = ctx->theme;

  switch (kind)
    {
    case GB_EVIDENCE_FORWARD:
      gb_draw_box (snapshot, NULL, gb_theme_role (theme, GB_ROLE_FORWARD), x, y - 4, 10, 8, 2, 2);
      break;
    case GB_EVIDENCE_BACKWARD:
      gb_draw_box (snapshot, NULL, gb_theme_role (theme, GB_ROLE_BACKWARD), x, y - 4, 10, 8, 4, 2);
      break;
    case GB_EVIDENCE_SAVED:
      gb_draw_box (snapshot, gb_theme_role (theme, GB_ROLE_SAVED), NULL, x + 1, y - 5, 7, 10, 1, 0);
      break;
    case GB_EVIDENCE_CHANGED:
      gb_draw_hatch (snapshot, gb_theme_role (theme, GB_ROLE_STALE), x, y - 5, 10, 10);
      gb_draw_box (snapshot, NULL, gb_theme_role (theme, GB_ROLE_STALE), x, y - 5, 10, 10, 1, 1);
      break;
    case GB_EVIDENCE_FREED:
      gb_draw_dashed_box (snapshot, gb_theme_role (theme, GB_ROLE_FREED), x, y - 5, 10, 10, 1, 1.5);
      break;
    case GB_EVIDENCE_NUMBER:
      gb_draw_box (snapshot, gb_theme_role (theme, GB_ROLE_MUTED), NULL, x + 3, y - 2, 4, 4, 2, 0);
      break;
    }
}

static void
draw_row (const GbWhyLayout *layout,
          const GbWhyRow *row,
          double dy,
          const GbDrawContext *ctx,
          GtkSnapshot *snapshot)
{
  double y = row->y + dy, x = row->x + layout->text_x, width = MAX (80, row->width - layout->text_x);
  double middle = y + gb_draw_line_height (ctx, GB_FACE_UI) / 2;

  if (row->number)
    gb_draw_text (ctx, snapshot, GB_FACE_CELL, GB_ROLE_MUTED, row->number, x - 26, middle, GB_ALIGN_RIGHT);
  draw_mark (row->evidence->kind, x - 18, middle, ctx, snapshot);
  gb_draw_paragraph (ctx, snapshot, GB_FACE_UI, GB_ROLE_INK, row->text, x, y, width);
  if (row->source)
    gb_draw_text_rgba (ctx, snapshot, GB_FACE_CELL, gb_theme_role (ctx->theme, GB_ROLE_MUTED), row->source, x,
                       y + row->text_height + 2 + gb_draw_line_height (ctx, GB_FACE_CELL) / 2, GB_ALIGN_LEFT,
                       width);
}

void
gb_why_draw (const GbWhyLayout *layout, double scroll, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  for (guint i = 0; i < layout->cards->len; i++)
    {
      const GbWhyCard *card = &g_array_index (layout->cards, GbWhyCard, i);
      double y = card->y - scroll, id_width = gb_draw_text_width (ctx, GB_FACE_SMALL, card->finding->cause);
      double heading = y + 12 + gb_draw_line_height (ctx, GB_FACE_UI_BOLD) / 2;

      if (y + card->height < 0 || y > ctx->height)
        continue;
      gb_draw_box (snapshot, gb_theme_role (ctx->theme, GB_ROLE_PANEL),
                   gb_theme_role (ctx->theme, GB_ROLE_RULE), card->x, y, card->width, card->height, 8, 1);
      gb_draw_text_rgba (ctx, snapshot, GB_FACE_UI_BOLD, gb_theme_role (ctx->theme, GB_ROLE_INK), card->title,
                         card->x + 12, heading, GB_ALIGN_LEFT, card->width - 36 - id_width);
      gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, card->finding->cause,
                    card->x + card->width - 12, heading, GB_ALIGN_RIGHT);
      for (guint k = 0; k < card->rows->len; k++)
        draw_row (layout, &g_array_index (card->rows, GbWhyRow, k), -scroll, ctx, snapshot);
    }
  if (layout->height > ctx->height && ctx->height > 0)
    {
      double length = ctx->height * ctx->height / layout->height;
      gb_draw_box (snapshot, gb_theme_role (ctx->theme, GB_ROLE_RULE_STRONG), NULL, ctx->width - 6,
                   scroll * ctx->height / layout->height, 3, length, 1.5, 0);
    }
}

void
gb_why_draw_overlay (const GbWhyLayout *layout,
                     double scroll,
                     GbSelection *selection,
                     const GbDrawContext *ctx,
                     GtkSnapshot *snapshot)
{
  const GbPick *hover = gb_selection_get_hover (selection), *pin = gb_selection_get_pin (selection);
  const GbWhyRow *row;

  for (guint i = 0; (row = gb_why_layout_nth (layout, i)) != NULL; i++)
    {
      gboolean pinned = (pin->facets & GB_PICK_POSITION) && pin->pos == row->evidence->pos;
      gboolean hovered = (hover->facets & GB_PICK_POSITION) && hover->pos == row->evidence->pos;
      if (pinned || hovered)
        gb_draw_box (snapshot, NULL,
                     gb_theme_role (ctx->theme, pinned ? GB_ROLE_ACCENT : GB_ROLE_RULE_STRONG), row->x - 4,
                     row->y - scroll - 3, row->width + 8, row->height + 6, 5, pinned ? 2 : 1);
    }
}
