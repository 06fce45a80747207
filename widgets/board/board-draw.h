#pragma once

#include "board/board-layout.h"

G_BEGIN_DECLS

void gb_board_draw (const GbBoardLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot);
/* The rubric follows the question that is looked at. */
void gb_board_draw_overlay (const GbBoardLayout *layout,
                            GbSelection *selection,
                            const GbDrawContext *ctx,
                            GtkSnapshot *snapshot);

G_END_DECLS
