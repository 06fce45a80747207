/* How the page is drawn: A is a solid line and the first colour of series, B a dashed one and the second. */
#pragma once

#include "ab/ab-layout.h"
#include "models/selection.h"

G_BEGIN_DECLS

void gb_ab_draw (const GbAbLayout *layout, double scroll, const GbDrawContext *ctx, GtkSnapshot *snapshot);
/* Crosshair and what both were there; the row of a parameter. */
void gb_ab_draw_overlay (const GbAbLayout *layout,
                         double scroll,
                         GbSelection *selection,
                         const GbDrawContext *ctx,
                         GtkSnapshot *snapshot);

G_END_DECLS
