/* Automatic mixed precision on a CPU: while it is on, the ops named in autocast.c's table get their floating
 * tensors cast before anything else sees the call, so autograd records the casts and the op runs without
 * further casting. */
#pragma once

#include "ops/op-def.h"

typedef enum
{
  TE_AUTOCAST_NONE,
  TE_AUTOCAST_LOWER,   /* floating arguments become the lower precision's dtype */
  TE_AUTOCAST_FLOAT,   /* … become float32 */
  TE_AUTOCAST_PROMOTE, /* … become the widest among them */
  TE_AUTOCAST_FIRST,   /* … become the first one's */
} TeAutocastPolicy;

/* Is it on, outside an op that is being run by it? */
extern bool te_autocast_on;

void te_autocast_set (bool enabled);
bool te_autocast_enabled (void);
void te_autocast_set_dtype (TeDtype dtype); /* the lower precision; bfloat16 at first */
TeDtype te_autocast_dtype (void);

/* Casts of parameters are kept until the outermost region ends. */
void te_autocast_set_cache (bool enabled);
bool te_autocast_cache_enabled (void);
void te_autocast_clear_cache (void);
/* Set by autograd: is the tensor a leaf that is no view, so that its cast may be kept? */
extern bool (*te_autocast_may_keep) (const TeTensor *tensor);

/* Runs the call with its arguments cast; dispatch asks while te_autocast_on and the op has a policy.
 * Errors: RuntimeError where a promoting op is given float16; what the casts and the op raise. */
bool te_autocast_dispatch (TeOpCall *call, TeError *err);
