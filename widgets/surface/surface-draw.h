#pragma once

#include "surface/surface-layout.h"

G_BEGIN_DECLS

void gb_surface_draw (const GbSurfaceLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot);
/* The slices follow what is looked at. */
void gb_surface_draw_overlay (const GbSurfaceLayout *layout,
                              GbSelection *selection,
                              const GbDrawContext *ctx,
                              GtkSnapshot *snapshot);

G_END_DECLS
