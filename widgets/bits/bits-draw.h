#pragma once

#include "bits/bits-layout.h"

G_BEGIN_DECLS

void gb_bits_draw (const GbBitsLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot);
/* What the bit under the pointer is worth (row, bit; -1: none), and the bit that keys turn. */
void gb_bits_draw_overlay (
    const GbBitsLayout *layout, int row, int bit, const GbDrawContext *ctx, GtkSnapshot *snapshot);

G_END_DECLS
