#pragma once

#include "gradflow/gradflow-layout.h"

G_BEGIN_DECLS

void gb_gradflow_draw (const GbGradflowLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot);
void gb_gradflow_draw_overlay (const GbGradflowLayout *layout, GbTraceCursor *cursor, GbSelection *selection,
                               const GbDrawContext *ctx, GtkSnapshot *snapshot);
/* What an alarm says, in a sentence.  Owned; NULL: none. */
char *gb_gradflow_alarm_text (const GbGradientRow *row);

/* Why there is nothing to show; borrowed. */
const char *gb_gradflow_empty_text (gboolean has_iterations);

G_END_DECLS
