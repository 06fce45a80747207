#pragma once

#include "grid/grid-layout.h"

G_BEGIN_DECLS

void gb_grid_draw (const GbGridLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot);
void gb_grid_draw_overlay (GbGridLayout *layout,
                           GbTraceCursor *cursor,
                           GbSelection *selection,
                           const GbDrawContext *ctx,
                           GtkSnapshot *snapshot);
/* Index of the picked element when it is one of the shown tensor, or of another on the same storage. */
gboolean gb_grid_picked_index (const GbGridLayout *layout, GbTrace *trace, const GbPick *pick, gint64 *index);

G_END_DECLS
