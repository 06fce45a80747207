/* Which ops have nothing to say about complex numbers, and in whose words. */
#pragma once

#include "ops/op-def.h"

/* The complaint of an op of that name and family about complex inputs: the name of PyTorch's kernel, or a
 * whole sentence (with %s for the dtype where it says it); NULL when the op takes complex numbers, or
 * complains itself. */
const char *te_complex_refusal (const char *op, const char *family);
/* Fails in the words of a refusal (as above; an empty one names the op) about that dtype. */
bool te_refusal_say (const char *says, const TeOp *op, TeDtype dtype, TeError *err);
/* Fails with op->refuses_complex when an argument of the call is complex. */
bool te_complex_check (const TeOpCall *call, TeError *err);
