/* Drawing of ink: strokes, arrows, words, and the light of the pointer. */
#pragma once

#include "common/draw.h"
#include "common/ink-shape.h"

G_BEGIN_DECLS

#define GB_INK_LASER_MSEC 900 /* until the trail of the pointer has faded */

GbRole gb_ink_role (GbInkColor color);
const char *gb_ink_color_name (GbInkColor color); /* msgid */

/* Smooth through pixels; ratio: of gb_ink_place().  faint: about to be erased. */
void gb_ink_draw (const GbInkMark *mark,
                  const GArray *pixels,
                  double ratio,
                  gboolean faint,
                  const GbDrawContext *ctx,
                  GtkSnapshot *snapshot);
/* trail: GbInkPoint whose pressure is its age, 0 now to 1 faded; the last one is where the pointer is. */
void gb_ink_draw_laser (const GArray *trail, const GbDrawContext *ctx, GtkSnapshot *snapshot);

G_END_DECLS
