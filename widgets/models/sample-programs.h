/* More of the samples of sample-trace.h: what programs do, write and play.  Private to it. */
#pragma once

#include "models/trace-builder.h"

G_BEGIN_DECLS

void gb_sample_stages (GbTraceBuilder *b);

G_END_DECLS
