/* Forward mode: tangents that travel beside values while a level is open.  An op's tangent is its gradient rule
 * differentiated once more: the rule is linear in what arrives, and the adjoint of the adjoint is the derivative. */
#pragma once

#include "autograd/autograd.h"
#include "autograd/flat.h"

extern uint64_t te_forward_level; /* 0: none is open; numbers are never used again, so that tangents end with their level */
void te_forward_enter (void);
/* Nothing inside sees a tangent; gives what te_forward_level is to be set to afterwards. */
static inline uint64_t
te_forward_pause (void)
{
  uint64_t level = te_forward_level;
  te_forward_level = 0;
  return level;
}

static inline TeTensor *
te_tensor_tangent (const TeTensor *self) /* borrowed; NULL without one at the open level */
{
  const TeAutogradMeta *meta = self->autograd;
  return meta && te_forward_level && meta->tangent_level == te_forward_level ? meta->tangent : NULL;
}
static inline bool
te_has_tangent (const TeTensor *self) /* NULL has none */
{
  return self && te_tensor_tangent (self);
}
bool te_tensor_set_tangent (TeTensor *self, TeTensor *tangent, TeError *err); /* takes its own reference */

/* Has any input of call a tangent? */
bool te_forward_concerns (const TeOpCall *call);
/* Gives the results of a call that has run their tangents. */
bool te_forward_apply (TeOpCall *call, TeError *err);

/* record.c: a node of call that nobody's history knows. */
TeNode *te_record_apart (TeOpCall *call, const TeFlat *flat, const bool *needs, TeNode *nowhere, TeError *err);
