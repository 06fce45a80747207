/* A card that says where one number came from: the op, its arithmetic in numbers, and below it the operands
 * as small sheets with the elements that were used lit.  Any view that shows elements can put one on its
 * canvas. */
#pragma once

#include "common/draw.h"
#include "models/index-map/derivation.h"
#include "models/selection.h"

G_BEGIN_DECLS

#define GB_CARD_MOST_SHEETS 3

/* Part of an operand: the sheet (its last two axes) on which the first used element lies. */
typedef struct
{
  guint input;
  gint64 index[GB_VALUES_MAX_NDIM];                  /* which sheet; its last two entries are not used */
  gint64 first_row, first_column, n_rows, n_columns; /* the cells shown */
  double cell, x, y, width, height;                  /* from the card's corner */
  double limit;                                      /* of the colours, 0: no number is known */
  gboolean is_cut;                                   /* there is more than the cells shown */
  char *label;
} GbCardSheet;

typedef struct
{
  const GbDerivation *derivation; /* borrowed; NULL: there is none, and the note says why */
  char *title, *arithmetic, *note;
  double width, height, text_width, arithmetic_y, note_y;
  guint n_sheets;
  GbCardSheet sheets[GB_CARD_MOST_SHEETS];
} GbDerivationCard;

/* For at most that width and height.  `element` names the number ("y[0, 2]"); why: a msgid, used without
 * derivation. */
GbDerivationCard *gb_derivation_card_new (GbTrace *trace,
                                          const GbDerivation *derivation,
                                          const char *element,
                                          const char *why,
                                          const GbDrawContext *ctx,
                                          double width,
                                          double height);
void gb_derivation_card_free (GbDerivationCard *self);
void gb_derivation_card_draw (
    const GbDerivationCard *self, const GbDrawContext *ctx, GtkSnapshot *snapshot, double x, double y);
/* Lights an operand's element that is hovered over and says its number. */
void gb_derivation_card_draw_hover (const GbDerivationCard *self,
                                    const GbPick *hover,
                                    const GbDrawContext *ctx,
                                    GtkSnapshot *snapshot,
                                    double x,
                                    double y);
/* The operand's element at (x, y) from the card's corner. */
gboolean gb_derivation_card_pick (const GbDerivationCard *self, double x, double y, GbPick *pick);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbDerivationCard, gb_derivation_card_free)

G_END_DECLS
