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
/* "2 × 4 heads at iteration 500", and what a head does most; layer -1: none is pinned.  Owned. */
char *gb_attn_describe (const GbAttention *attention, int layer, int head);

G_END_DECLS
