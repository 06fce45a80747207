/* Keeping a tensor for backward, and the hooks that may keep something else in its place. */
#pragma once

#include "autograd/autograd.h"

typedef struct
{
  /* Says in *value what to keep (owned), in *context what unpack needs (owned). */
  bool (*pack) (TeTensor *tensor, void **context, void **value, TeError *err);
  TeTensor *(*unpack) (void *context, void *value, TeError *err); /* a new reference */
  void (*release) (void *context, void *value);
} TeSavedHooks;

extern const TeSavedHooks *te_saved_hooks; /* in force for what is saved now; NULL: none */

/* output_nr: which output of the node that keeps it, -1 for an input.  self is zero before. */
bool te_saved_set (TeSaved *self, TeTensor *tensor, int output_nr, TeError *err);
/* Owned, its version checked; NULL without err when nothing was kept.  node: the one that keeps it. */
TeTensor *te_saved_unpack (const TeSaved *self, TeNode *node, TeError *err);
/* Makes *kept (owned) what a rule may count on: of the sizes and dtype of meta.  An unpack hook may have given,
 * or the program may have put into the tensor since, whatever it liked. */
bool te_saved_fit (TeTensor **kept, const TeMeta *meta, TeError *err);
/* What hooks have in their care was of these sizes; NULL without hooks. */
const TeMeta *te_saved_packed_meta (const TeSaved *self);
/* Hands what is already kept to hooks. */
bool te_saved_pack (TeSaved *self, const TeSavedHooks *hooks, TeError *err);
void te_saved_clear (TeSaved *self);
static inline bool
te_saved_is_set (const TeSaved *self)
{
  return self->tensor || self->packed;
}
