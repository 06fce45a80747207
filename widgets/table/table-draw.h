#pragma once

#include "table/table-layout.h"

G_BEGIN_DECLS

void gb_table_draw (const GbTableLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot);
void gb_table_draw_overlay (const GbTableLayout *layout,
                            GbSelection *selection,
                            const GbDrawContext *ctx,
                            GtkSnapshot *snapshot);
/* A row in words: its first cell, then title and cell of the others.  Owned. */
char *gb_table_row_text (const GbTableLayout *layout, guint row);
const char *gb_table_empty_text (void);

G_END_DECLS
