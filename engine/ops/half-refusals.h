/* Which ops PyTorch does not run in float16 on a CPU. */
#pragma once

#include "ops/op-def.h"

/* The name of PyTorch's kernel, as its complaint tells it; NULL where float16 is taken. */
const char *te_half_refusal (const char *op);
/* Fails when a tensor of the call (one with op->refuses_half) is float16. */
bool te_half_check (const TeOpCall *call, TeError *err);
