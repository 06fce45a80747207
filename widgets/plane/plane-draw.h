#pragma once

#include "plane/plane-layout.h"

G_BEGIN_DECLS

void gb_plane_draw (const GbPlaneLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot);
void gb_plane_draw_overlay (const GbPlaneLayout *layout,
                            GbSelection *selection,
                            const GbDrawContext *ctx,
                            GtkSnapshot *snapshot);

G_END_DECLS
