#pragma once

#include "modtree/modtree-layout.h"

G_BEGIN_DECLS

void gb_modtree_draw (const GbModtreeLayout *layout,
                      const GbModtreeOptions *options,
                      const GbDrawContext *ctx,
                      GtkSnapshot *snapshot);
void gb_modtree_draw_overlay (const GbModtreeLayout *layout,
                              GbSelection *selection,
                              const GbDrawContext *ctx,
                              GtkSnapshot *snapshot);
/* One row in words.  Owned. */
char *gb_modtree_row_text (const GbModtreeLayout *layout, guint row);
const char *gb_modtree_empty_text (void);

G_END_DECLS
