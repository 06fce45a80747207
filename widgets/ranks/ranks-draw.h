#pragma once

#include "ranks/ranks-layout.h"

G_BEGIN_DECLS

void gb_ranks_draw (const GbRanksLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot);
void gb_ranks_draw_overlay (const GbRanksLayout *layout,
                            GbSelection *selection,
                            const GbDrawContext *ctx,
                            GtkSnapshot *snapshot);

G_END_DECLS
