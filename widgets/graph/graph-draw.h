/* Drawing of a GbGraphPicture. */
#pragma once

#include "graph/graph-find.h"

G_BEGIN_DECLS

/* What decides how much is drawn. */
typedef struct
{
  double
      zoom; /* pixels per unit of the picture, besides ctx->scale: text goes below 0.55, all but plain boxes below 0.3 */
  graphene_rect_t clip; /* visible part, in units of the picture */
  GbGraphPaint paint;
  double most; /* of what is painted: that of the darkest node */
} GbGraphDetail;

/* The resting picture: boxes, stadiums, chips, edges, brackets. */
void gb_graph_draw (const GbGraphPicture *self,
                    GbTrace *trace,
                    guint64 position,
                    const GbDrawContext *ctx,
                    const GbGraphDetail *detail,
                    GtkSnapshot *snapshot);
/* Outline of one item: the accent ("here", pinned) or the quieter one of the pointer. */
void gb_graph_draw_mark (const GbGraphPicture *self,
                         const GbDrawContext *ctx,
                         GtkSnapshot *snapshot,
                         guint item,
                         gboolean accent,
                         const char *caption);
/* Sentence about the state: "forward 4 of 9, backward not started".  Owned. */
char *gb_graph_describe (const GbGraph *graph);
/* What an item says in the list and in a tip: a line per fact.  Owned. */
char *gb_graph_item_text (const GbGraphPicture *self, GbTrace *trace, guint64 position, guint item);

G_END_DECLS
