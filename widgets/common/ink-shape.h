/* Geometry of ink: from pixels to anchors when a mark is made, and back to pixels whenever it is drawn. Pure.
 */
#pragma once

#include "models/ink.h"

G_BEGIN_DECLS

/* Where an anchor is: its left top, and how many pixels its unit has. */
typedef struct
{
  double x, y, unit;
} GbInkPlace;

/* What is at (x, y) of a surface, and where; FALSE: nothing.  The anchor's text is given away. */
typedef gboolean (*GbInkPick) (gpointer surface, double x, double y, GbInkAnchor *anchor, GbInkPlace *place);

/* Hangs a mark made of pixels on what it was drawn over: a line from one thing to another on both, a ring on
 * what it surrounds, else on the nearest.  pixels: GbInkPoint, at least one. */
void gb_ink_hang (GbInkMark *mark, const GArray *pixels, GbInkPick pick, gpointer surface);

/* Where the mark's points are now, appended to pixels.  places, found: of its anchors.  ratio receives how
 * much larger it is than when it was made.  FALSE: none of its anchors is there. */
gboolean gb_ink_place (
    const GbInkMark *mark, const GbInkPlace *places, const gboolean *found, GArray *pixels, double *ratio);

/* Pixels from a polyline. */
double gb_ink_distance (const GArray *pixels, double x, double y);
/* Appends a point, unless it is where the last one is. */
void gb_ink_extend (GArray *pixels, double x, double y, double pressure);

G_END_DECLS
