/* What runs between the boxes: edges of both halves, ties of what belongs together, ways to shared leaves. */
#pragma once

#include "graph/graph-draw.h"

G_BEGIN_DECLS

void gb_graph_draw_edges (const GbGraphPicture *self,
                          const GbDrawContext *ctx,
                          const GbGraphDetail *detail,
                          GtkSnapshot *snapshot);
/* The grad_fn whose stadium stands on top (that the gradient reaches), or the lowest (that sends it on). */
guint gb_graph_outer_fn (const GbGraphNode *node, gboolean top);
/* With what hangs on it. */
gboolean gb_graph_item_is_visible (const GbGraphItem *item, const graphene_rect_t *clip);

G_END_DECLS
