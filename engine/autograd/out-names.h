/* In whose words PyTorch refuses out= where gradients are asked for: an op that is composed of others is refused
 * in the name of the one that would write, or as a change in place of what was given. */
#pragma once

#include "ops/op-def.h"

/* A name; "-": the place that was given is changed in place; "=": it is resized; NULL: the inner ops of a
 * composite speak for themselves. */
const char *te_out_gradient_name (const TeOpCall *call);
