#include "graph/graph-map.h"

#include <math.h>

#include "common/kept.h"

#define MOST_WIDTH  200
#define MOST_HEIGHT 84
#define MARGIN      10
#define LEAST_PANE  560 /* in a narrower pane it would cover more than it shows */
#define LEAST_TIMES 1.5 /* a graph that is hardly larger than its pane is found without it */

GbGraphMap
gb_graph_map_place (const GbGraphPicture *picture, double zoom, const GbDrawContext *ctx)
{
  GbGraphMap map = { 0 };
  gboolean is_large = picture->width * zoom > LEAST_TIMES * ctx->width || picture->height * zoom > LEAST_TIMES * ctx->height;
  if (picture->width <= 0 || picture->height <= 0 || !is_large || ctx->width < LEAST_PANE || ctx->height < LEAST_PANE / 3)
    return map;
  map.zoom = MIN (MOST_WIDTH / picture->width, MOST_HEIGHT / picture->height);
  map.width = MAX (picture->width * map.zoom, 24);
  map.height = MAX (picture->height * map.zoom, 12);
  map.x = ctx->width - map.width - MARGIN;
  map.y = ctx->height - map.height - MARGIN;
  return map;
}

/* Nodes as strokes, the parts of one column of pixels together. */
static void
draw_nodes (const GbGraphMap *self, const GbGraphPicture *picture, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  struct
  {
    gconstpointer who, theme;
    double x, y, zoom;
    guint64 structure, n_done, n_grad_done;
  } key = { draw_nodes, ctx->theme, self->x, self->y, self->zoom, picture->graph->structure, picture->graph->n_done,
            picture->graph->n_grad_done };
  GtkSnapshot *part = gb_kept_open (snapshot, &key, sizeof key);
  if (part == NULL)
    return;
  cairo_t *cr = gb_draw_cairo (part, self->x, self->y, self->width, self->height);
  for (guint i = 0; i < picture->items->len; i++)
    {
      const GbGraphItem *item = gb_graph_picture_item (picture, i);
      GbRole role = GB_ROLE_FREED;
      if (item->kind != GB_GRAPH_ITEM_NODE && item->kind != GB_GRAPH_ITEM_GRAD_FN)
        continue;
      const GbGraphNode *node = gb_graph_node (picture->graph, item->node);
      GbGraphState state = item->kind == GB_GRAPH_ITEM_NODE
                               ? node->state
                               : g_array_index (node->grad_fns, GbGraphGradFn, item->sub).state;
      if (state == GB_GRAPH_FAILED)
        role = GB_ROLE_ERROR;
      else if (state != GB_GRAPH_NOT_RUN)
        role = item->kind == GB_GRAPH_ITEM_NODE ? GB_ROLE_FORWARD : GB_ROLE_BACKWARD;
      gdk_cairo_set_source_rgba (cr, gb_theme_role (ctx->theme, role));
      cairo_rectangle (cr, self->x + item->x * self->zoom, self->y + item->y * self->zoom,
                       MAX (item->width * self->zoom, 1), MAX (item->height * self->zoom, 1));
      cairo_fill (cr);
    }
  cairo_destroy (cr);
  gb_kept_close (snapshot, part, &key, sizeof key, (gsize) (self->width * self->height * 4));
}

void
gb_graph_map_draw (const GbGraphMap *self, const GbGraphPicture *picture, double zoom, double x, double y,
                   const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double left, top, right, bottom;
  if (self->width <= 0)
    return;
  gb_draw_box (snapshot, gb_theme_role (ctx->theme, GB_ROLE_SURFACE), gb_theme_role (ctx->theme, GB_ROLE_RULE_STRONG),
               self->x - 4, self->y - 4, self->width + 8, self->height + 8, 3, 1);
  draw_nodes (self, picture, ctx, snapshot);
  left = CLAMP (-x / zoom, 0, picture->width);
  top = CLAMP (-y / zoom, 0, picture->height);
  right = CLAMP ((ctx->width - x) / zoom, left, picture->width);
  bottom = CLAMP ((ctx->height - y) / zoom, top, picture->height);
  gb_draw_box (snapshot, NULL, gb_theme_role (ctx->theme, GB_ROLE_INK), self->x + left * self->zoom - 1,
               self->y + top * self->zoom - 1, MAX ((right - left) * self->zoom, 3) + 2,
               MAX ((bottom - top) * self->zoom, 3) + 2, 1, 1.5);
}
