/* The third observer of dispatch: torch.jit's tracer. */
#pragma once

#include "ops/dispatch.h"

/* While torch.jit records: around autograd and the trace; after follows each before, failed ones too.  NULL takes it away. */
void te_dispatch_set_tracer (const TeDispatchObserver *observer);
