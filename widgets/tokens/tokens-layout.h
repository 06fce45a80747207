/* tokens: words as chips on a line, wrapped; below each what is known of it.  An alignment is two lines of
 * chips with strokes between them, as thick as the weights. */
#pragma once

#include "common/draw.h"
#include "models/token-model.h"

G_BEGIN_DECLS

#define GB_TOKENS_CHIP_H 26

typedef struct
{
  guint first_row;
} GbTokensOptions;

typedef struct
{
  gint64 row, column; /* of a chip of an alignment's columns: row is -1 */
  GbToken token;
  double x, y, width;
} GbTokenChip;

typedef struct
{
  GbTokens *tokens; /* NULL: nothing to show */
  double width, height;
  GArray *chips;         /* GbTokenChip, in sight */
  double row_x;          /* where chips begin, right of the numbers of the rows */
  double line_height;    /* of a chip with what is below it */
  guint first_row, rows; /* in sight; the last may be cut */
  gint64 n_more;         /* of an alignment: chips that found no room */
} GbTokensLayout;

GbTokensLayout *gb_tokens_layout_new (GbTraceCursor *cursor,
                                      GbSelection *selection,
                                      const GbTokensOptions *options,
                                      const GbDrawContext *ctx);
void gb_tokens_layout_free (GbTokensLayout *self);
/* Chip at a point, -1: none. */
int gb_tokens_layout_at (const GbTokensLayout *self, double x, double y);
void gb_tokens_layout_pick (const GbTokensLayout *self, gint64 row, gint64 column, GbPick *pick);
/* The token that a pick means; FALSE: none. */
gboolean gb_tokens_layout_find (const GbTokensLayout *self, const GbPick *pick, gint64 *row, gint64 *column);
/* Its chip, -1: not in sight. */
int gb_tokens_layout_chip (const GbTokensLayout *self, gint64 row, gint64 column);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbTokensLayout, gb_tokens_layout_free)

G_END_DECLS
