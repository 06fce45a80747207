/* Drawing of attention maps. */
#pragma once

#include "attn/attn-layout.h"

G_BEGIN_DECLS

void gb_attn_draw (const GbAttention *attention,
                   const GbAttnLayout *layout,
                   const GbDrawContext *ctx,
                   GtkSnapshot *snapshot);
/* Accent around the head shown large and, with a query, its row with sum and strongest key. query -1: none.
 */
void gb_attn_draw_pin (const GbAttention *attention,
                       const GbAttnLayout *layout,
                       const GbDrawContext *ctx,
                       GtkSnapshot *snapshot,
                       int query,
                       int key);
/* "2 layers of 4 heads at iteration 500. Layer 2 head 3 looks from = to 百 with 0.88."  Owned. */
char *gb_attn_describe (const GbAttention *attention, guint layer, guint head);

G_END_DECLS
