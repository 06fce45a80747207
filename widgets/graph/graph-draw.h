/* Drawing of a GbGraphPicture. */
#pragma once

#include "graph/graph-find.h"

G_BEGIN_DECLS

#define GB_GRAPH_TEXTS 0.55

/* What decides how much is drawn. */
typedef struct
{
  double
      zoom; /* pixels per unit of the picture, besides ctx->scale: text goes below GB_GRAPH_TEXTS, all but plain boxes below 0.3 */
  graphene_rect_t clip; /* visible part, in units of the picture */
  GbGraphPaint paint;
  double most; /* of what is painted: that of the darkest node */
} GbGraphDetail;

/* The least zoom at which nodes carry their texts, in a window that is drawn at a scale of its own. */
double gb_graph_readable (double scale);
/* The zoom that shows a picture in a pane: all of it, as long as its texts stay. */
double gb_graph_fit (const GbGraphPicture *self, double width, double height, double scale);
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
