#pragma once

#include "models/selection.h"
#include "why/why-layout.h"

G_BEGIN_DECLS

/* scroll: pixels that lie above the canvas. */
void gb_why_draw (const GbWhyLayout *layout, double scroll, const GbDrawContext *ctx, GtkSnapshot *snapshot);
/* Row under the pointer and row that is pinned. */
void gb_why_draw_overlay (const GbWhyLayout *layout, double scroll, GbSelection *selection, const GbDrawContext *ctx,
                          GtkSnapshot *snapshot);

G_END_DECLS
