/* A small map in the corner of a graph that is larger than its pane: all of it, and the part in sight.  Pure. */
#pragma once

#include "graph/graph-layout.h"

G_BEGIN_DECLS

typedef struct
{
  double x, y, width, height; /* of the map in the pane; width 0: none is needed, or there is no room */
  double zoom;                /* map pixels per unit of the picture */
} GbGraphMap;

/* zoom, x, y: the camera; screen = picture * zoom + (x, y). */
GbGraphMap gb_graph_map_place (const GbGraphPicture *picture, double zoom, const GbDrawContext *ctx);
void gb_graph_map_draw (const GbGraphMap *self, const GbGraphPicture *picture, double zoom, double x, double y,
                        const GbDrawContext *ctx, GtkSnapshot *snapshot);
static inline gboolean
gb_graph_map_contains (const GbGraphMap *self, double x, double y)
{
  return self->width > 0 && x >= self->x && y >= self->y && x < self->x + self->width && y < self->y + self->height;
}

G_END_DECLS
