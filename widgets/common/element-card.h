/* The card that says where a picked number came from, put where it leaves the number in sight: the same for
 * every view that shows elements, and for its export. */
#pragma once

#include "common/derivation-card.h"
#include "models/trace-cursor.h"

G_BEGIN_DECLS

typedef struct
{
  GbPick element;
  GbDerivation *derivation;
  GbDerivationCard *card;
  double x, y;
  gboolean is_only_told; /* the canvas is too small: it stands in the list */
} GbElementCard;

/* pick names an element that the trace knows at the cursor. */
gboolean gb_element_card_is_for (GbTraceCursor *cursor, const GbPick *pick);
/* On a canvas of ctx's size; avoid: what it must not hide, NULL: nothing; where it would, and with is_brief,
 * it holds words only.  NULL: no element. */
GbElementCard *gb_element_card_new (GbTraceCursor *cursor,
                                    const GbPick *element,
                                    const graphene_rect_t *avoid,
                                    gboolean is_brief,
                                    const GbDrawContext *ctx);
void gb_element_card_free (GbElementCard *self);
/* hover: an operand's element that is lit; NULL: none. */
void gb_element_card_draw (const GbElementCard *self,
                           const GbPick *hover,
                           const GbDrawContext *ctx,
                           GtkSnapshot *snapshot);
/* (x, y) is on the card: pick is the operand's element there, else the card's own. */
gboolean gb_element_card_pick (const GbElementCard *self, double x, double y, GbPick *pick);
/* The same in words, for the list.  Owned. */
char *gb_element_card_words (const GbElementCard *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbElementCard, gb_element_card_free)

G_END_DECLS
