/* What a program has read of the world until a position, for one that is to come there again (engine/kernel/pins.h). */
#pragma once

#include "models/trace.h"

G_BEGIN_DECLS

/* JSON, owned.  A long run's trace has let go of some of its middle: what was read there is missing. */
char *gb_run_feed_until (GbTrace *trace, guint64 seq);

G_END_DECLS
