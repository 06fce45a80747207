#pragma once

#include "chart/chart-layout.h"

G_BEGIN_DECLS

/* What changes with the trace: axes, lines, end labels, epochs. */
void gb_chart_draw (const GbChartLayout *layout, GbTrace *trace, const GbDrawContext *ctx, GtkSnapshot *snapshot);
/* Playhead, crosshair with its table, pinned notes. */
void gb_chart_draw_overlay (const GbChartLayout *layout, GbTraceCursor *cursor, GbSelection *selection,
                            const GbDrawContext *ctx, GtkSnapshot *snapshot);

G_END_DECLS
