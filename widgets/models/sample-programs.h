/* More of the samples of sample-trace.h: what programs do, write and play.  Private to it. */
#pragma once

#include "models/trace-builder.h"

G_BEGIN_DECLS

void gb_sample_stages (GbTraceBuilder *b);
void gb_sample_words (GbTraceBuilder *b);
void gb_sample_tags (GbTraceBuilder *b);
void gb_sample_weights (GbTraceBuilder *b);
void gb_sample_alignment (GbTraceBuilder *b);
void gb_sample_files (GbTraceBuilder *b);
void gb_sample_room (GbTraceBuilder *b);
void gb_sample_cart (GbTraceBuilder *b);

G_END_DECLS
