/* What plays the part of a picked thing at another position: the same op of the program in the iteration
 * there. */
#pragma once

#include "models/selection.h"
#include "models/trace.h"

G_BEGIN_DECLS

/* now: the thing at seq; the pick itself where nothing plays its part. */
void gb_pick_follow (GbTrace *trace, const GbPick *pick, guint64 seq, GbPick *now);
/* TRUE: found names what wanted names, and maybe more. */
gboolean gb_pick_names (const GbPick *found, const GbPick *wanted);

G_END_DECLS
