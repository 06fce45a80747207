#include "common/view-private.h"

#include "common/a11y.h"

/* Where a number came from, on any view: in full for the element that was pinned here, in words for the one
 * under the pointer. */

/* What a pick of this view is an element of. */
static gboolean
element_of (GbView *self, const GbPick *pick, GbPick *element)
{
  GbViewPrivate *priv = PRIV (self);
  *element = *pick;
  if (priv->def->element && !priv->def->element (priv->cursor, pick, element))
    return FALSE;
  return gb_element_card_is_for (priv->cursor, element);
}

void
gb_view_forget_card (GbView *self)
{
  g_clear_pointer (&PRIV (self)->card, gb_element_card_free);
}

/* Other panes show what was picked there; the card is for where it was picked. */
static const GbPick *
wanted_pick (GbView *self, gboolean *is_brief)
{
  GbViewPrivate *priv = PRIV (self);
  const GbPick *pin = gb_selection_get_pin (priv->selection),
               *hover = gb_selection_get_hover (priv->selection);
  *is_brief = pin->facets == 0;
  if (priv->no_card)
    return NULL;
  if (pin->facets)
    return !priv->def->has_card && gb_pick_equal (pin, &priv->picked) ? pin : NULL;
  return hover->facets && gb_pick_equal (hover, &priv->pointed) ? hover : NULL;
}

static void
bring_card (GbView *self, const GbDrawContext *ctx)
{
  GbViewPrivate *priv = PRIV (self);
  gboolean is_brief;
  const GbPick *pick = wanted_pick (self, &is_brief);
  graphene_rect_t avoid;
  GbPick element;
  if (pick == NULL || priv->stale || !element_of (self, pick, &element))
    {
      gb_view_forget_card (self);
      return;
    }
  if (priv->card && priv->card_is_brief == is_brief && gb_pick_equal (&priv->card->element, &element))
    return;
  gb_view_forget_card (self);
  gboolean is_seen = gb_view_locate (self, pick, &avoid);
  priv->card = gb_element_card_new (priv->cursor, &element, is_seen ? &avoid : NULL, is_brief, ctx);
  priv->card_is_brief = is_brief;
}

void
gb_view_draw_card (GbView *self, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  GbViewPrivate *priv = PRIV (self);
  bring_card (self, ctx);
  if (priv->card)
    gb_element_card_draw (priv->card, gb_selection_get_hover (priv->selection), ctx, snapshot);
}

gboolean
gb_view_pick_card (GbView *self, double x, double y, GbPick *pick)
{
  GbViewPrivate *priv = PRIV (self);
  return priv->card && !priv->card_is_brief && gb_element_card_pick (priv->card, x, y, pick);
}

void
gb_view_add_card_row (GbView *self, GArray *rows)
{
  GbViewPrivate *priv = PRIV (self);
  GbDrawContext ctx;
  gb_view_get_context (self, &ctx);
  bring_card (self, &ctx);
  if (priv->card == NULL || priv->card_is_brief)
    return;
  g_autofree char *words = gb_element_card_words (priv->card);
  gb_view_rows_add (rows, gb_selection_get_pin (priv->selection), "%s", words);
}
