/* Where labels stand: a label is placed only where it covers no other and nothing that it must not cover. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  double x, y, width, height;
} GbBox;

/* Adds the box unless it comes nearer than `gap` to one that is there or leaves `within` (NULL: anywhere);
 * whether it did.  boxes: element-type GbBox. */
gboolean gb_boxes_take (GArray *boxes, GbBox box, double gap, const GbBox *within);

G_END_DECLS
