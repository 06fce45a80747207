#pragma once

#include "conv/conv-layout.h"

G_BEGIN_DECLS

void gb_conv_draw (const GbConvLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot);
/* The window at the place that is looked at; at an element of the input: the windows that read it. */
void gb_conv_draw_overlay (const GbConvLayout *layout,
                           GbTraceCursor *cursor,
                           GbSelection *selection,
                           const GbDrawContext *ctx,
                           GtkSnapshot *snapshot);
/* "y[0, 1, 2, 3] = 0.5 × 2 + … = 4.5", for an element of the result.  Owned. */
char *gb_conv_place_text (const GbConvLayout *layout, GbTrace *trace, const gint64 *index);
/* "x[0, 1, 2, 3] is read by 4 windows and won 1": where its gradient comes from.  Owned. */
char *gb_conv_source_text (const GbConvLayout *layout, const gint64 *index);

G_END_DECLS
