#pragma once

#include "lanes/lanes-layout.h"

G_BEGIN_DECLS

void
gb_lanes_draw (const GbLanesLayout *layout, GbTrace *trace, const GbDrawContext *ctx, GtkSnapshot *snapshot);
void gb_lanes_draw_overlay (const GbLanesLayout *layout,
                            GbTrace *trace,
                            GbSelection *selection,
                            const GbDrawContext *ctx,
                            GtkSnapshot *snapshot);
/* Where an iteration's time went, in one sentence.  Owned. */
char *gb_lanes_sentence (const GbLanesLayout *layout);

G_END_DECLS
