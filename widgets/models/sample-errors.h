/* Sample programs that an exception ended, with what an interpreter tells of it. */
#pragma once

#include "models/trace-builder.h"

G_BEGIN_DECLS

/* x.t().view (12): two ways out that were tried, and one that did not help. */
void gb_sample_error_view (GbTraceBuilder *builder);
/* (3, 4) + (4, 3): one way out. */
void gb_sample_error_shapes (GbTraceBuilder *builder);

G_END_DECLS
