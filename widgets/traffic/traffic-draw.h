#pragma once

#include "traffic/traffic-layout.h"

G_BEGIN_DECLS

void gb_traffic_draw (const GbTrafficLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot);
void gb_traffic_draw_overlay (const GbTrafficLayout *layout,
                              GbSelection *selection,
                              const GbDrawContext *ctx,
                              GtkSnapshot *snapshot);

G_END_DECLS
