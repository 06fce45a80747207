#pragma once

#include "imgs/imgs-layout.h"

G_BEGIN_DECLS

void gb_imgs_draw (const GbImgsLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot);
void gb_imgs_draw_overlay (const GbImgsLayout *layout,
                           GbSelection *selection,
                           const GbDrawContext *ctx,
                           GtkSnapshot *snapshot);
/* "picture 3: is 7, taken for 1; 7 was given 4 %".  Owned. */
char *gb_imgs_row_text (const GbImgsLayout *layout, guint at);
/* What the whole picture says.  Owned. */
char *gb_imgs_sentence (const GbImages *images);
const char *gb_imgs_empty_text (void);

G_END_DECLS
