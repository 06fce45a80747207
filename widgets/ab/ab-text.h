/* What `ab` says: figures from both runs in sentences. */
#pragma once

#include "models/ab-model.h"

G_BEGIN_DECLS

/* "A: this run, 55 iterations"; side 0 or 1; owned. */
char *gb_ab_side_text (const GbAb *ab, guint side);
/* The sentences of the verdict: the metric, the graphs, the parameters.  All owned. */
char *gb_ab_metric_sentence (const GbAb *ab, const GbAbMetric *metric);
char *gb_ab_graph_sentence (const GbAb *ab);
char *gb_ab_weights_sentence (const GbAb *ab);
char *gb_ab_verdict (const GbAb *ab);

G_END_DECLS
