#pragma once

#include "tokens/tokens-layout.h"

G_BEGIN_DECLS

void gb_tokens_draw (const GbTokensLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot);
void gb_tokens_draw_overlay (const GbTokensLayout *layout,
                             GbSelection *selection,
                             const GbDrawContext *ctx,
                             GtkSnapshot *snapshot);
/* "[0, 3] day: B-DATE".  Owned. */
char *gb_tokens_row_text (const GbTokens *tokens, gint64 row, gint64 column);
char *gb_tokens_sentence (const GbTokens *tokens);

G_END_DECLS
