/* Samples of what a program made itself: functions with a backward of their own, arrays in files, a plane while it trains. */
#pragma once

#include "models/trace-builder.h"

G_BEGIN_DECLS

void gb_sample_function (GbTraceBuilder *b);
void gb_sample_arrays (GbTraceBuilder *b);
void gb_sample_trained (GbTraceBuilder *b);

G_END_DECLS
