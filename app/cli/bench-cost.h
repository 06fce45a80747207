/* gradboard bench time, first part: what it costs a training to be watched and recorded. */
#pragma once

#include "cli/bench-run.h"

void gb_bench_cost (GbBenchRun *run);
void gb_bench_bounds (GbBenchRun *run); /* a million records: what they take of memory; the recording stays */
