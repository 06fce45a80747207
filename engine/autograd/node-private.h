#pragma once

#include <stdio.h>

#include "autograd/autograd.h"
#include "autograd/grad-mode.h"

/* How much room a node's block needs behind the node. */
typedef struct
{
  int n_inputs, n_edges, n_metas, n_saved, n_args;
  size_t n_tail_nbytes; /* plain bytes; node->data points there */
} TeNodeRoom;

TeNode *te_node_new_sized (const TeNodeClass *klass, const char *name, const TeNodeRoom *room, TeError *err);
/* The error of a second walk through a graph whose saved tensors were given up.  Returns false. */
bool te_node_refuse_freed (TeError *err);
int64_t te_hook_list_add (TeHook **list, TeHookKind kind, const TeHook *hook, TeError *err);
void te_hook_list_remove (TeHook **list, int64_t id);

extern const TeNodeClass te_recorded_op_class, te_accumulate_grad_class;

/* CopySlices: what an in-place change of a view does to its base's history.  Owned; NULL with err on failure.
 */
TeNode *te_copy_slices_new (TeTensor *base, TeTensor *view, TeNode *fn, TeError *err);
TeNode *te_accumulate_grad_new (TeTensor *leaf, TeError *err);
/* The walk calls this for the leaf's own hooks and for adding; grad is borrowed. */
bool te_accumulate_grad_run (TeTensor *leaf, TeTensor *grad, bool may_steal, TeError *err);
/* Runs tensor hooks over *grad (owned, may be replaced) for input_nr (-1: all). */
/* The hooks of a list as they are now, held: what they do to the list shows from the next time on. */
typedef struct
{
  TeHook **items, *few[4];
  int n;
} TeHeldHooks;

bool te_hooks_hold (TeHook *list, TeHeldHooks *held, TeError *err);
void te_hooks_let_go (TeHeldHooks *held);
bool te_hooks_run_tensor (TeHook *hooks, int input_nr, TeTensor **grad, TeError *err);
/* Gives view the history of an as_strided of base, which is not run: the memory may have moved on. */
bool te_record_as_strided (TeTensor *view, TeTensor *base, TeError *err);
/* The gradients of an op whose row has a twin: through what the twin records (twin.c). */
bool te_twin_backward (TeBackward *ctx, TeError *err);
