#include "common/boxes.h"

gboolean
gb_boxes_take (GArray *boxes, GbBox box, double gap, const GbBox *within)
{
  if (within
      && (box.x < within->x || box.y < within->y || box.x + box.width > within->x + within->width
          || box.y + box.height > within->y + within->height))
    return FALSE;
  for (guint i = 0; i < boxes->len; i++)
    {
      const GbBox *other = &g_array_index (boxes, GbBox, i);
      if (box.x < other->x + other->width + gap && other->x < box.x + box.width + gap
          && box.y < other->y + other->height + gap && other->y < box.y + box.height + gap)
        return FALSE;
    }
  g_array_append_val (boxes, box);
  return TRUE;
}
