#pragma once

#include "flow/flow-layout.h"

G_BEGIN_DECLS

void gb_flow_draw (const GbFlowLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot);
void gb_flow_draw_overlay (const GbFlowLayout *layout,
                           GbSelection *selection,
                           const GbDrawContext *ctx,
                           GtkSnapshot *snapshot);
/* What a stage is called, in the current language; borrowed. */
const char *gb_flow_stage_name (const GbFlowStage *stage);
/* "forward: 6 times, 0.42 ms each, line 13".  Owned. */
char *gb_flow_stage_text (GbTrace *trace, const GbFlow *flow, guint nth);
char *gb_flow_sentence (const GbFlow *flow);

G_END_DECLS
