/* The graph's parts in words and numbers, as their boxes and tips say them. */
#pragma once

#include "graph/graph-layout.h"

G_BEGIN_DECLS

void gb_graph_shape_text (const GbTensor *tensor, char *text, gsize nbytes);
/* What statistics say of a tensor at a position: its one number or its root mean square; FALSE: nothing. */
gboolean gb_graph_stats_text (GbTrace *trace,
                              guint64 tensor,
                              guint64 position,
                              const char *one_format,
                              const char *rms_format,
                              char *text,
                              gsize nbytes);
/* The lines of a box below its label; both have room for nbytes. */
void gb_graph_node_lines (const GbGraphPicture *self,
                          GbTrace *trace,
                          guint64 position,
                          GbGraphNode *node,
                          char *shape,
                          char *stat,
                          gsize nbytes);
/* "1.02 += rms 0.31": what stands in .grad, and what is added to it; "": nothing has arrived. */
void
gb_graph_operands_text (GbTrace *trace, guint64 position, const GbGraphLeaf *leaf, char *text, gsize nbytes);

G_END_DECLS
