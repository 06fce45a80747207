#pragma once

#include "hist/hist-layout.h"

G_BEGIN_DECLS

void gb_hist_draw (const GbHistLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot);
void gb_hist_draw_overlay (const GbHistLayout *layout,
                           GbSelection *selection,
                           const GbDrawContext *ctx,
                           GtkSnapshot *snapshot);
/* "mean 0.01, deviation 0.12, 3 zeros".  Owned. */
char *gb_hist_numbers_text (const GbHistogram *one);
/* "-0.12 to -0.10: 34 of 512".  Owned. */
char *gb_hist_bin_text (const GbHistogram *one, guint bin);
const char *gb_hist_empty_text (void);

G_END_DECLS
