#pragma once

#include "bcast/bcast-layout.h"

G_BEGIN_DECLS

void gb_bcast_draw (const GbBcastLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot);
/* The element that is looked at, in every sheet, with its arithmetic. */
void gb_bcast_draw_overlay (const GbBcastLayout *layout,
                            GbSelection *selection,
                            const GbDrawContext *ctx,
                            GtkSnapshot *snapshot);
/* "total[2, 1] = a[2, 0] + b[1] = 20 + 1 = 21", as far as it is known.  Owned. */
char *gb_bcast_arithmetic (const GbBcastLayout *layout, const gint64 *index);

G_END_DECLS
