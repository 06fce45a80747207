/* A counter-example drawn: the tensors that were expected and that came, side by side, the first difference outlined.  Pure:
 * no widget, no display. */
#pragma once

#include "common/draw.h"
#include "library/json-file.h"

G_BEGIN_DECLS

/* Whether there is a pair of values to draw (facts: of a GbVerdictRow). */
gboolean gb_example_can_draw (GbJson *facts);
/* Height at the context's width; snapshot NULL: only that. */
double gb_example_draw (GbJson *facts, const GbDrawContext *ctx, GtkSnapshot *snapshot);

G_END_DECLS
