/* Samples of what programs tell by gb.show and gb.log.  Private to sample-trace.h. */
#pragma once

#include "models/trace-builder.h"

G_BEGIN_DECLS

void gb_sample_valley (GbTraceBuilder *b);
void gb_sample_line (GbTraceBuilder *b);
void gb_sample_interview (GbTraceBuilder *b);
void gb_sample_canary (GbTraceBuilder *b);
void gb_sample_ring (GbTraceBuilder *b);
void gb_sample_deserted (GbTraceBuilder *b);

G_END_DECLS
