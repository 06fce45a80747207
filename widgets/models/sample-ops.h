/* Samples of single operations, for the views that show one at work. */
#pragma once

#include "models/trace-builder.h"

G_BEGIN_DECLS

void gb_sample_broadcast (GbTraceBuilder *b);
void gb_sample_clash (GbTraceBuilder *b);
void gb_sample_window (GbTraceBuilder *b);
void gb_sample_pool (GbTraceBuilder *b);
void gb_sample_half (GbTraceBuilder *b);
void gb_sample_points (GbTraceBuilder *b);

G_END_DECLS
