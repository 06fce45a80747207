#pragma once

#include "file/file-layout.h"

G_BEGIN_DECLS

void gb_file_draw (const GbFileLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot);
void gb_file_draw_overlay (const GbFileLayout *layout,
                           GbSelection *selection,
                           const GbDrawContext *ctx,
                           GtkSnapshot *snapshot);
/* "fc.weight: float32, 10×32, 1.25 KiB".  Owned. */
char *gb_file_row_text (const GbFile *file, guint row);
char *gb_file_sentence (const GbFile *file); /* NULL: there is none */

G_END_DECLS
