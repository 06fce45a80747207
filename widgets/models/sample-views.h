/* More of the samples of sample-trace.h.  Private to it. */
#pragma once

#include "models/trace-builder.h"

G_BEGIN_DECLS

void gb_sample_modules (GbTraceBuilder *b);
void gb_sample_spread (GbTraceBuilder *b);
void gb_sample_memory (GbTraceBuilder *b);
void gb_sample_images (GbTraceBuilder *b);

G_END_DECLS
