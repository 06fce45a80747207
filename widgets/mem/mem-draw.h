#pragma once

#include "mem/mem-layout.h"

G_BEGIN_DECLS

void gb_mem_draw (const GbMemLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot);
void gb_mem_draw_overlay (const GbMemLayout *layout,
                          GbSelection *selection,
                          const GbDrawContext *ctx,
                          GtkSnapshot *snapshot);
/* "input of sin, 12 B, saved for backward, made in line 4".  Owned. */
char *gb_mem_row_text (const GbMemLayout *layout, guint row);
/* "Peak 2.3 MiB at line 18."  Owned. */
char *gb_mem_peak_text (const GbMemLayout *layout);
/* "+10 KiB every iteration, from line 12"; NULL: nothing grows.  Owned. */
char *gb_mem_growth_text (const GbMemoryGrowth *growth);
const char *gb_mem_empty_text (void);

G_END_DECLS
