#include "common/element-card.h"

#include <math.h>

#define MARGIN       10
#define CARD_WIDTH   560
#define CARD_HEIGHT  260
#define BRIEF_HEIGHT 40 /* no room for sheets */

static gboolean
find_tensor (GbTraceCursor *cursor, const GbPick *pick, GbTensor *tensor)
{
  if (!(pick->facets & GB_PICK_ELEMENT) || (pick->facets & GB_PICK_HEAD)
      || !gb_trace_get_tensor (gb_trace_cursor_get_trace (cursor), pick->tensor,
                               gb_trace_cursor_get_position (cursor), tensor)
      || tensor->ndim != pick->ndim)
    return FALSE;
  for (int d = 0; d < pick->ndim; d++)
    if (pick->index[d] < 0 || pick->index[d] >= tensor->sizes[d])
      return FALSE;
  return TRUE;
}

gboolean
gb_element_card_is_for (GbTraceCursor *cursor, const GbPick *pick)
{
  GbTensor tensor;
  return find_tensor (cursor, pick, &tensor);
}

static char *
name_of (GbTraceCursor *cursor, const GbPick *element)
{
  g_autofree char *label = gb_trace_dup_tensor_label (gb_trace_cursor_get_trace (cursor), element->tensor,
                                                      gb_trace_cursor_get_position (cursor));
  GString *text = g_string_new (label);
  for (int d = 0; d < element->ndim; d++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, d ? ", " : "[", element->index[d]);
  if (element->ndim)
    g_string_append_c (text, ']');
  return g_string_free (text, FALSE);
}

/* The corner in which the least of what must stay in sight is hidden; below before above, left before right.
 * FALSE: some of it is. */
static gboolean
find_corner (GbElementCard *self, const graphene_rect_t *avoid, const GbDrawContext *ctx)
{
  double right = MAX (ctx->width - MARGIN - self->card->width, MARGIN),
         bottom = MAX (ctx->height - MARGIN - self->card->height, MARGIN), least = INFINITY;
  const double corners[4][2] = {
    { MARGIN, bottom }, { right, bottom }, { MARGIN, MARGIN }, { right, MARGIN }
  };
  for (int i = 0; i < 4; i++)
    {
      graphene_rect_t own = GRAPHENE_RECT_INIT ((float) corners[i][0], (float) corners[i][1],
                                                (float) self->card->width, (float) self->card->height),
                      both;
      double hidden = avoid && graphene_rect_intersection (&own, avoid, &both)
                          ? both.size.width * both.size.height + 1
                          : 0;
      if (hidden < least)
        {
          least = hidden;
          self->x = corners[i][0];
          self->y = corners[i][1];
        }
    }
  return least == 0;
}

GbElementCard *
gb_element_card_new (GbTraceCursor *cursor,
                     const GbPick *element,
                     const graphene_rect_t *avoid,
                     gboolean is_brief,
                     const GbDrawContext *ctx)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  const char *why = NULL;
  if (!gb_element_card_is_for (cursor, element))
    return NULL;
  GbElementCard *self = g_new0 (GbElementCard, 1);
  g_autofree char *name = name_of (cursor, element);
  self->element = *element;
  self->derivation =
      gb_derivation_new (trace, element->tensor, gb_trace_cursor_get_position (cursor), element->index, &why);
  double width = MAX (MIN (ctx->width - 2 * MARGIN, CARD_WIDTH), 120);
  self->card = gb_derivation_card_new (trace, self->derivation, name, why, ctx, width,
                                       is_brief ? BRIEF_HEIGHT : MIN (ctx->height - 2 * MARGIN, CARD_HEIGHT));
  if (!find_corner (self, avoid, ctx) && !is_brief)
    {
      gb_derivation_card_free (self->card);
      self->card = gb_derivation_card_new (trace, self->derivation, name, why, ctx, width, BRIEF_HEIGHT);
      find_corner (self, avoid, ctx);
    }
  self->is_only_told = self->card->height > ctx->height - MARGIN;
  return self;
}

void
gb_element_card_free (GbElementCard *self)
{
  if (self == NULL)
    return;
  gb_derivation_card_free (self->card);
  gb_derivation_free (self->derivation);
  g_free (self);
}

void
gb_element_card_draw (const GbElementCard *self,
                      const GbPick *hover,
                      const GbDrawContext *ctx,
                      GtkSnapshot *snapshot)
{
  if (self->is_only_told)
    return;
  gb_derivation_card_draw (self->card, ctx, snapshot, self->x, self->y);
  if (self->derivation && hover)
    gb_derivation_card_draw_hover (self->card, hover, ctx, snapshot, self->x, self->y);
}

gboolean
gb_element_card_pick (const GbElementCard *self, double x, double y, GbPick *pick)
{
  x -= self->x;
  y -= self->y;
  if (self->is_only_told || x < 0 || y < 0 || x >= self->card->width || y >= self->card->height)
    return FALSE;
  if (!gb_derivation_card_pick (self->card, x, y, pick))
    *pick = self->element;
  return TRUE;
}

char *
gb_element_card_words (const GbElementCard *self)
{
  const char *said = self->card->arithmetic ? self->card->arithmetic : self->card->note;
  return said ? g_strdup_printf ("%s: %s", self->card->title, said) : g_strdup (self->card->title);
}
