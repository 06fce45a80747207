/* The walk from roots to leaves.  No recursion anywhere: nodes are discovered with a stack of our own and run
 * from a heap, latest first (AccumulateGrad at once).  A walk may start inside another (a Python function's
 * backward calling backward): node->walk and node->slot belong to the innermost walk and are put back when it
 * ends. */
#include "autograd/backward.h"
#include "autograd/grad-mode.h"
#include "autograd/node-private.h"
#include "autograd/observer.h"
#include "autograd/sparse-sum.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ops/dispatch.h"

typedef struct
{
  TeNode *node;     /* owned */
  TeTensor **grads; /* n_inputs, owned; NULL until the first arrives */
  int32_t waiting;  /* nodes that have yet to send their part */
  int32_t capture;  /* 1 + first request->inputs index that looks here, 0: none */
  bool needed;
  uint64_t outer_walk;
  int32_t outer_slot;
} Entry;

typedef struct
{
  const TeBackwardRequest *request;
  uint64_t id;
  Entry *entries;
  int count, room;
  int32_t *heap; /* slots, latest sequence on top */
  int heap_count, heap_room;
  int32_t *stack; /* for discovery */
  int stack_room;
  TeTensor **root_grads; /* what the walk starts from, one per root; held until it ends, as a caller would */
  TeEdge *targets; /* one per request->inputs */
  TeTensor **captured;
} Walk;

static uint64_t last_walk;
static TeAnomalyReporter anomaly_reporter;
static bool partial; /* the innermost walk runs only what leads to its inputs */

bool
te_backward_is_partial (void)
{
  return partial;
}

void
te_anomaly_set_reporter (TeAnomalyReporter reporter)
{
  anomaly_reporter = reporter;
}

static bool
grow (void **array, int *room, int count, size_t nbytes, TeError *err)
{
  if (count < *room)
    return true;
  int wanted = *room ? 2 * *room : 64;
  void *bigger = realloc (*array, (size_t) wanted * nbytes);
  if (!bigger)
    return te_error_no_memory (err);
  *array = bigger;
  *room = wanted;
  return true;
}

/* ---- heap ---- */

static inline uint64_t
sequence_at (const Walk *walk, int32_t slot)
{
  return walk->entries[slot].node->sequence;
}

static bool
heap_push (Walk *walk, int32_t slot, TeError *err)
{
  if (!grow ((void **) &walk->heap, &walk->heap_room, walk->heap_count, sizeof *walk->heap, err))
    return false;
  int at = walk->heap_count++;
  uint64_t sequence = sequence_at (walk, slot);
  while (at > 0 && sequence_at (walk, walk->heap[(at - 1) / 2]) < sequence)
    {
      walk->heap[at] = walk->heap[(at - 1) / 2];
      at = (at - 1) / 2;
    }
  walk->heap[at] = slot;
  return true;
}

static int32_t
heap_pop (Walk *walk)
{
  int32_t top = walk->heap[0], moved = walk->heap[--walk->heap_count];
  uint64_t sequence = walk->heap_count ? sequence_at (walk, moved) : 0;
  int at = 0;
  for (;;)
    {
      int child = 2 * at + 1;
      if (child >= walk->heap_count)
        break;
      if (child + 1 < walk->heap_count
          && sequence_at (walk, walk->heap[child + 1]) > sequence_at (walk, walk->heap[child]))
        child++;
      if (sequence_at (walk, walk->heap[child]) <= sequence)
        break;
      walk->heap[at] = walk->heap[child];
      at = child;
    }
  walk->heap[at] = moved;
  return top;
}

/* ---- discovery ---- */

static inline bool
is_known (const Walk *walk, const TeNode *node)
{
  return node->walk == walk->id;
}

static bool
enter (Walk *walk, TeNode *node, TeError *err)
{
  if (!grow ((void **) &walk->entries, &walk->room, walk->count, sizeof *walk->entries, err)
      || !grow ((void **) &walk->stack, &walk->stack_room, walk->count, sizeof *walk->stack, err))
    return false;
  walk->entries[walk->count] =
      (Entry){ .node = te_node_ref (node), .outer_walk = node->walk, .outer_slot = node->slot };
  node->walk = walk->id;
  node->slot = walk->count++;
  return true;
}

/* Enters everything reachable from the entries that exist and counts who waits for whom. */
static bool
discover (Walk *walk, TeError *err)
{
  int top = 0;
  for (int i = 0; i < walk->count; i++)
    walk->stack[top++] = i;
  while (top > 0)
    {
      TeNode *node = walk->entries[walk->stack[--top]].node;
      for (int e = 0; e < node->n_edges; e++)
        {
          TeNode *next = node->edges[e].node;
          if (!next)
            continue;
          if (!is_known (walk, next))
            {
              if (!enter (walk, next, err))
                return false;
              walk->stack[top++] = next->slot;
            }
          walk->entries[next->slot].waiting++;
        }
    }
  return true;
}

/* Marks what leads to a target.  Every edge goes to a node of a smaller sequence except to AccumulateGrad,
 * which has no edges itself, so ascending sequence order sees all successors before a node. */
static int
compare_sequence (const void *a, const void *b)
{
  const TeNode *x = *(TeNode *const *) a, *y = *(TeNode *const *) b;
  return x->sequence < y->sequence ? -1 : x->sequence > y->sequence;
}

static bool
mark_needed (Walk *walk, TeError *err)
{
  const TeBackwardRequest *request = walk->request;
  if (!request->inputs)
    {
      for (int i = 0; i < walk->count; i++)
        walk->entries[i].needed = true;
      return true;
    }
  for (int i = 0; i < request->n_inputs; i++)
    {
      TeNode *node = walk->targets[i].node;
      if (node && is_known (walk, node))
        {
          Entry *entry = &walk->entries[node->slot];
          entry->needed = true;
          if (walk->captured && !entry->capture)
            entry->capture = 1 + i;
        }
    }
  TeNode **order = malloc ((size_t) walk->count * sizeof *order);
  if (!order)
    return te_error_no_memory (err);
  for (int i = 0; i < walk->count; i++)
    order[i] = walk->entries[i].node;
  qsort (order, (size_t) walk->count, sizeof *order, compare_sequence);
  for (int i = 0; i < walk->count; i++)
    for (int e = 0; e < order[i]->n_edges; e++)
      if (order[i]->edges[e].node && walk->entries[order[i]->edges[e].node->slot].needed)
        walk->entries[order[i]->slot].needed = true;
  free (order);
  return true;
}

/* ---- gradients on their way ---- */

/* A contiguous tensor whose sizes of 1 have the strides that a new one has. */
static bool
lies_as_a_sum (const TeTensor *tensor)
{
  int64_t step = 1;
  for (int d = tensor->ndim - 1; d >= 0; d--)
    {
      if (tensor->strides[d] != step)
        return !te_tensor_is_contiguous (tensor);
      step *= tensor->sizes[d];
    }
  return true;
}

/* Adds grad (owned, consumed) to what input_nr of the entry has received. */
static bool
receive (Walk *walk, Entry *entry, int input_nr, TeTensor *grad, TeError *err)
{
  TE_OP (add, "add.Tensor");
  if (!entry->grads)
    {
      entry->grads = te_new_sized ((size_t) entry->node->n_inputs * sizeof *entry->grads);
      if (!entry->grads)
        {
          te_tensor_unref (grad);
          return te_error_no_memory (err);
        }
    }
  TeTensor **place = &entry->grads[input_nr];
  if (!*place)
    {
      *place = grad;
      return true;
    }
  /* Where a sum of its own would lie differently in memory, it is one. */
  bool own = !walk->request->create_graph && !te_tensor_sparse (*place) && !te_tensor_sparse (grad) && (*place)->refcount == 1 && (*place)->storage->refcount == 1
             && (*place)->dtype == grad->dtype && lies_as_a_sum (*place)
             && te_shape_is_non_overlapping_and_dense ((*place)->ndim, (*place)->sizes, (*place)->strides);
  bool ok;
  if (own)
    {
      ok = te_call_inplace (add, err, "TT", *place, grad);
      *(*place)->version = 0; /* a sum like any other */
    }
  else
    {
      /* What came last is first where elements only follow each other. */
      TeTensor *sum = te_tensor_sparse (*place) ? te_gradient_sum (grad, *place, err) : te_gradient_sum (*place, grad, err);
      ok = sum != NULL;
      if (sum)
        {
          te_tensor_unref (*place);
          *place = sum;
        }
    }
  te_tensor_unref (grad);
  return ok;
}

bool
te_hooks_run_tensor (TeHook *hooks, int input_nr, TeTensor **grad, TeError *err)
{
  if (!hooks)
    return true;
  TeHeldHooks held;
  if (!te_hooks_hold (hooks, &held, err))
    return false;
  bool ok = true;
  for (int i = 0; ok && *grad && i < held.n; i++)
    {
      TeHook *hook = held.items[i];
      if (hook->kind != TE_HOOK_TENSOR || (input_nr >= 0 && hook->input_nr != input_nr))
        continue;
      err->kind = TE_ERR_NONE;
      TeTensor *replaced = hook->tensor (hook->context, *grad, err);
      ok = err->kind == TE_ERR_NONE;
      if (ok && replaced)
        {
          te_tensor_unref (*grad);
          *grad = replaced;
        }
    }
  te_hooks_let_go (&held);
  return ok;
}

/* Hooks of one kind over the results of a node, and over the gradients that reached it. */
static bool
run_node_hooks (TeHook *hooks,
                TeHookKind kind,
                TeTensor **results,
                int n_results,
                TeTensor *const *grads,
                int n_grads,
                TeError *err)
{
  if (!hooks)
    return true;
  TeHeldHooks held;
  if (!te_hooks_hold (hooks, &held, err))
    return false;
  bool ok = true;
  for (int i = 0; ok && i < held.n; i++)
    if (held.items[i]->kind == kind)
      ok = held.items[i]->node (held.items[i]->context, results, n_results, grads, n_grads, err);
  te_hooks_let_go (&held);
  return ok;
}

static bool
retain_one (TeTensor *tensor, TeTensor *grad, TeError *err)
{
  TE_OP (clone, "clone");
  TeTensor *present = te_tensor_grad (tensor);
  TeTensor *value = present ? te_add (present, grad, err)
                            : te_call (clone, err, "Ti", grad, (int64_t) TE_MEMORY_CONTIGUOUS);
  bool ok = value && te_tensor_set_grad (tensor, value, err);
  te_tensor_unref (value);
  return ok;
}

/* Hooks of one gradient stand where the first of them was added: retain_grad, called before it, keeps what
 * arrives, and called after it, what all of them leave. */
static bool
retains_first (const TeNode *node, int input_nr)
{
  for (const TeHook *hook = node->pre_hooks; hook; hook = hook->next)
    if (hook->input_nr == input_nr && hook->kind != TE_HOOK_BEFORE)
      return hook->kind == TE_HOOK_RETAIN;
  return false;
}

static bool
retain (const TeNode *node, int input_nr, TeTensor *grad, TeError *err)
{
  for (TeHook *hook = node->pre_hooks; hook; hook = hook->next)
    if (hook->kind == TE_HOOK_RETAIN && hook->input_nr == input_nr && !retain_one (hook->context, grad, err))
      return false;
  return true;
}

static bool
run_pre_hooks (Entry *entry, TeError *err)
{
  TeNode *node = entry->node;
  for (int i = 0; i < node->n_inputs; i++)
    if (entry->grads[i])
      {
        bool first = retains_first (node, i);
        if ((first && !retain (node, i, entry->grads[i], err))
            || !te_hooks_run_tensor (node->pre_hooks, i, &entry->grads[i], err)
            || (!first && !retain (node, i, entry->grads[i], err)))
          return false;
      }
  return run_node_hooks (node->pre_hooks, TE_HOOK_BEFORE, entry->grads, node->n_inputs, NULL, 0, err);
}

static bool
shape_expands_to (const TeMeta *meta, const TeTensor *grad)
{
  const int64_t *sizes = meta->sizes;
  if (meta->ndim > grad->ndim)
    return false;
  for (int i = 0; i < meta->ndim; i++)
    {
      int64_t have = grad->sizes[grad->ndim - meta->ndim + i];
      if (sizes[i] != have && sizes[i] != 1)
        return false;
    }
  return true;
}

static bool
same_sizes (const TeMeta *meta, const TeTensor *grad)
{
  return meta->ndim == grad->ndim && memcmp (meta->sizes, grad->sizes, meta->ndim * sizeof (int64_t)) == 0;
}

/* What a node returned must fit where it goes: sizes are summed down where broadcasting explains the
 * difference, dtypes are converted. */
static bool
validate (TeNode *node, int index, TeTensor **grad, TeError *err)
{
  const TeEdge *edge = &node->edges[index];
  if (edge->input_nr >= edge->node->n_inputs)
    return true;
  const TeMeta *meta = &edge->node->input_metas[edge->input_nr];
  if (meta->dtype == TE_DTYPE_NONE)
    return true;
  if (__builtin_expect (!same_sizes (meta, *grad), 0))
    {
      char got[512], expected[512];
      if (!shape_expands_to (meta, *grad))
        return te_error_set (
            err, TE_ERR_RUNTIME,
            "Function %s returned an invalid gradient at index %d - got %s but expected shape compatible "
            "with %s",
            node->name, te_node_shown_edge (node, index),
            te_shape_text ((*grad)->ndim, (*grad)->sizes, got, sizeof got),
            te_shape_text (meta->ndim, meta->sizes, expected, sizeof expected));
      TeTensor *summed = te_sum_to_meta (*grad, meta, err);
      if (!summed)
        return false;
      te_tensor_unref (*grad);
      *grad = summed;
    }
  if (__builtin_expect ((*grad)->dtype != meta->dtype, 0))
    {
      TeTensor *cast = te_gradient_as (*grad, (TeDtype) meta->dtype, err);
      if (!cast)
        return false;
      te_tensor_unref (*grad);
      *grad = cast;
    }
  return true;
}

static bool
has_nan (TeTensor *tensor, bool *found, TeError *err)
{
  TE_OP (isnan_op, "isnan");
  TE_OP (any_op, "any");
  bool mode = te_grad_mode_set (false);
  TeTensor *nan = te_call (isnan_op, err, "T", tensor);
  TeTensor *any = nan ? te_call (any_op, err, "T", nan) : NULL;
  te_grad_mode_set (mode);
  *found = any && !te_tensor_is_meta (any) && *(bool *) te_tensor_data (any);
  bool ok = any != NULL;
  te_tensor_unref (nan);
  te_tensor_unref (any);
  return ok;
}

static bool
check_anomaly (TeNode *node, TeTensor **results, TeError *err)
{
  for (int i = 0; i < node->n_edges; i++)
    {
      bool found;
      if (!results[i])
        continue;
      if (!has_nan (results[i], &found, err))
        return false;
      if (found)
        return te_error_set (err, TE_ERR_RUNTIME, "Function '%s' returned nan values in its %dth output.",
                             node->name, i);
    }
  return true;
}

/* ---- running one node ---- */

static bool
run_accumulate (Walk *walk, Entry *entry, TeError *err)
{
  TeTensor *leaf = entry->node->data;
  if (!entry->grads[0] || !(leaf->flags & TE_TENSOR_REQUIRES_GRAD)) /* switched off since */
    return true;
  if (leaf->autograd && leaf->autograd->hooks
      && !te_hooks_run_tensor (leaf->autograd->hooks, -1, &entry->grads[0], err))
    return false;
  bool had = te_tensor_grad (leaf) != NULL;
  TeTensor *grad = entry->grads[0];
  if (!te_accumulate_grad_run (leaf, grad, grad->refcount == 1, err))
    return false;
  if (__builtin_expect (te_autograd_observer && te_autograd_observer->accumulated, 0))
    te_autograd_observer->accumulated (walk->id, leaf, te_tensor_grad (leaf), had);
  return true;
}

static bool
finish_results (Entry *entry, TeTensor **results, TeError *err)
{
  TeNode *node = entry->node;
  for (int i = 0; i < node->n_edges; i++)
    if (results[i])
      {
        if (!node->edges[i].node)
          te_tensor_clear (&results[i]);
        else if (!validate (node, i, &results[i], err))
          return false;
      }
  if (!run_node_hooks (node->post_hooks, TE_HOOK_NODE, results, node->n_edges, entry->grads, node->n_inputs,
                       err))
    return false;
  return !__builtin_expect (te_anomaly_mode_flag && te_anomaly_check_nan, 0)
         || check_anomaly (node, results, err);
}

/* backward (inputs=…) runs the node at an input too, of which nothing need come out. */
static bool
wants_results (const Walk *walk, const TeNode *node)
{
  if (!walk->request->inputs || !node->klass->only_results)
    return true;
  for (int e = 0; e < node->n_edges; e++)
    if (node->edges[e].node && walk->entries[node->edges[e].node->slot].needed)
      return true;
  return false;
}

/* Only leaves take sparse gradients; on its way through a graph a gradient is dense.  Consumes grad. */
static TeTensor *
made_dense (TeTensor *grad, TeError *err)
{
  TeTensor *zeros = te_zeros (grad->ndim, grad->sizes, te_tensor_dtype (grad), err);
  TeTensor *dense = zeros ? te_gradient_sum (zeros, grad, err) : NULL;
  te_tensor_unref (zeros);
  te_tensor_unref (grad);
  return dense;
}

#define RESULTS_INLINE 8

/* Runs a node and sends what it returns on. */
static bool
run_node (Walk *walk, int32_t slot, TeError *err)
{
  TeNode *node = walk->entries[slot].node;
  TeTensor *inline_results[RESULTS_INLINE] = { NULL }, **results = inline_results;
  if (node->n_edges > RESULTS_INLINE && !(results = te_new_sized ((size_t) node->n_edges * sizeof *results)))
    return te_error_no_memory (err);
  const TeAutogradObserver *observer = te_autograd_observer;
  TeTensor **grads = walk->entries[slot].grads;
  bool ok = run_pre_hooks (&walk->entries[slot], err);
  if (ok && __builtin_expect (observer && observer->node_begin, 0))
    ok = observer->node_begin (walk->id, node, grads, err);
  if (ok)
    {
      if (te_node_is_accumulate_grad (node))
        ok = run_accumulate (walk, &walk->entries[slot], err);
      else
        ok = (!wants_results (walk, node) || node->klass->apply (node, grads, results, err))
             && finish_results (&walk->entries[slot], results, err);
      if (__builtin_expect (observer && observer->node_end, 0))
        observer->node_end (walk->id, node, results, ok);
      if (!ok && te_anomaly_mode_flag && anomaly_reporter)
        anomaly_reporter (node);
    }
  if (ok && !walk->request->retain_graph)
    te_node_release_saved (node);
  for (int i = 0; i < node->n_inputs; i++)
    te_tensor_clear (&walk->entries[slot].grads[i]);
  for (int i = 0; i < node->n_edges; i++)
    {
      TeNode *next = node->edges[i].node;
      if (!ok || !next)
        te_tensor_clear (&results[i]);
      else
        {
          Entry *entry = &walk->entries[next->slot];
          if (__builtin_expect (results[i] && te_tensor_sparse (results[i]), 0) && !te_node_is_accumulate_grad (next))
            ok = (results[i] = made_dense (results[i], err)) != NULL;
          if (results[i])
            ok = receive (walk, entry, node->edges[i].input_nr, results[i], err);
          results[i] = NULL;
        }
    }
  if (results != inline_results)
    te_free_sized (results, (size_t) node->n_edges * sizeof *results);
  return ok;
}

static bool
capture (Walk *walk, int32_t slot)
{
  const TeBackwardRequest *request = walk->request;
  Entry *entry = &walk->entries[slot];
  for (int i = entry->capture - 1; i < request->n_inputs; i++)
    if (walk->targets[i].node == entry->node && entry->grads && entry->grads[walk->targets[i].input_nr])
      walk->captured[i] = te_tensor_ref (entry->grads[walk->targets[i].input_nr]);
  /* Goes on only when something behind it is wanted too, and never adds to a leaf that is captured. */
  if (te_node_is_accumulate_grad (entry->node))
    return false;
  for (int e = 0; e < entry->node->n_edges; e++)
    if (entry->node->edges[e].node && walk->entries[entry->node->edges[e].node->slot].needed)
      return true;
  return false;
}

static bool
settle_successors (Walk *walk, int32_t slot, TeError *err)
{
  TeNode *node = walk->entries[slot].node;
  for (int e = 0; e < node->n_edges; e++)
    {
      TeNode *next = node->edges[e].node;
      if (next && --walk->entries[next->slot].waiting == 0 && !heap_push (walk, next->slot, err))
        return false;
    }
  return true;
}

static bool
run_all (Walk *walk, TeError *err)
{
  for (int i = 0; i < walk->count; i++)
    if (walk->entries[i].waiting == 0 && !heap_push (walk, i, err))
      return false;
  while (walk->heap_count)
    {
      int32_t slot = heap_pop (walk);
      Entry *entry = &walk->entries[slot];
      bool run = entry->needed && entry->grads;
      if (run && entry->capture)
        run = capture (walk, slot);
      if (run && !run_node (walk, slot, err))
        return false;
      if (__builtin_expect (te_interrupted (), 0))
        return te_error_set (err, TE_ERR_INTERRUPT, "interrupted in backward");
      /* run_node may have moved nothing, but hooks may have started walks: node->slot is ours again by then
       */
      entry = &walk->entries[slot];
      if (entry->grads)
        {
          for (int i = 0; i < entry->node->n_inputs; i++)
            te_tensor_clear (&entry->grads[i]);
          te_free_sized (entry->grads, (size_t) entry->node->n_inputs * sizeof *entry->grads);
          entry->grads = NULL;
        }
      if (!settle_successors (walk, slot, err))
        return false;
    }
  return true;
}

/* ---- roots and targets ---- */

/* *out: owned; NULL for a root that has none and needs none. */
static bool
root_gradient (const TeBackwardRequest *request, int index, TeTensor **out, TeError *err)
{
  TeTensor *root = request->roots[index], *grad = request->root_grads ? request->root_grads[index] : NULL;
  char a[512], b[512];
  *out = NULL;
  if (!grad && !te_tensor_requires_grad (root))
    return true;
  if (!grad && root->numel != 1)
    return te_error_set (err, TE_ERR_RUNTIME, "grad can be implicitly created only for scalar outputs");
  if (grad && !te_tensor_same_sizes (root, grad))
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "Mismatch in shape: grad_output[%d] has a shape of torch.Size(%s) and output[%d] has a shape of "
        "torch.Size(%s).",
        index, te_shape_text (grad->ndim, grad->sizes, a, sizeof a), index,
        te_shape_text (root->ndim, root->sizes, b, sizeof b));
  *out = !grad                        ? te_ones_like (root, err)
         : grad->dtype != root->dtype ? te_to_dtype (grad, te_tensor_dtype (root), err)
                                      : te_tensor_ref (grad);
  return *out != NULL;
}

static bool
enter_roots (Walk *walk, TeError *err)
{
  const TeBackwardRequest *request = walk->request;
  walk->root_grads = calloc ((size_t) request->n_roots + 1, sizeof *walk->root_grads);
  if (!walk->root_grads)
    return te_error_no_memory (err);
  for (int i = 0; i < request->n_roots; i++)
    if (!root_gradient (request, i, &walk->root_grads[i], err))
      return false;
  for (int i = 0; i < request->n_roots; i++)
    {
      TeEdge edge;
      if (!te_tensor_gradient_edge (request->roots[i], &edge, err))
        return false;
      if (!edge.node)
        return te_error_set (err, TE_ERR_RUNTIME,
                             "element %d of tensors does not require grad and does not have a grad_fn", i);
      bool ok = (is_known (walk, edge.node) || enter (walk, edge.node, err))
                && receive (walk, &walk->entries[edge.node->slot], edge.input_nr,
                            te_tensor_ref (walk->root_grads[i]), err);
      te_node_unref (edge.node);
      if (!ok)
        return false;
    }
  return true;
}

static bool
find_targets (Walk *walk, TeError *err)
{
  const TeBackwardRequest *request = walk->request;
  if (!request->inputs)
    return true;
  walk->targets = calloc ((size_t) request->n_inputs + 1, sizeof *walk->targets);
  if (request->captures)
    walk->captured = calloc ((size_t) request->n_inputs + 1, sizeof *walk->captured);
  if (!walk->targets || (request->captures && !walk->captured))
    return te_error_no_memory (err);
  for (int i = 0; i < request->n_inputs; i++)
    {
      if (!request->captures && !te_tensor_retain_grad (request->inputs[i], err))
        return false;
      if (!te_tensor_requires_grad (request->inputs[i]))
        return te_error_set (err, TE_ERR_RUNTIME, "One of the differentiated Tensors does not require grad");
      if (!te_tensor_gradient_edge (request->inputs[i], &walk->targets[i], err))
        return false;
    }
  return true;
}

/* Hands captures out.  Where there are none (backward (inputs=…)) the inputs have got their .grad on the way.
 */
static bool
deliver (Walk *walk, TeError *err)
{
  const TeBackwardRequest *request = walk->request;
  if (!walk->captured)
    return true;
  for (int i = 0; i < request->n_inputs; i++)
    if (!walk->captured[i] && !request->allow_unused)
      return te_error_set (
          err, TE_ERR_RUNTIME,
          "One of the differentiated Tensors appears to not have been used in the graph. Set "
          "allow_unused=True if this is the desired behavior.");
  for (int i = 0; i < request->n_inputs; i++)
    {
      request->captures[i] = walk->captured[i];
      walk->captured[i] = NULL;
    }
  return true;
}

static void
walk_close (Walk *walk)
{
  for (int i = walk->count - 1; i >= 0; i--)
    {
      Entry *entry = &walk->entries[i];
      entry->node->walk = entry->outer_walk;
      entry->node->slot = entry->outer_slot;
    }
  for (int i = 0; i < walk->count; i++)
    {
      Entry *entry = &walk->entries[i];
      for (int k = 0; entry->grads && k < entry->node->n_inputs; k++)
        te_tensor_unref (entry->grads[k]);
      if (entry->grads)
        te_free_sized (entry->grads, (size_t) entry->node->n_inputs * sizeof *entry->grads);
      te_node_unref (entry->node);
    }
  for (int i = 0; walk->root_grads && i < walk->request->n_roots; i++)
    te_tensor_unref (walk->root_grads[i]);
  free (walk->root_grads);
  for (int i = 0; walk->targets && i < walk->request->n_inputs; i++)
    te_node_unref (walk->targets[i].node);
  for (int i = 0; walk->captured && i < walk->request->n_inputs; i++)
    te_tensor_unref (walk->captured[i]);
  free (walk->targets);
  free (walk->captured);
  free (walk->entries);
  free (walk->heap);
  free (walk->stack);
}

/* te_backward: gradients of the roots flow to the leaves (or to request->inputs).  On failure what has been
 * added to .grad stays, as in PyTorch. */
bool
te_backward (const TeBackwardRequest *request, TeError *err)
{
  Walk walk = { .request = request, .id = ++last_walk };
  bool mode = te_grad_mode_set (request->create_graph), outer_partial = partial;
  partial = request->inputs != NULL;
  bool ok = enter_roots (&walk, err) && find_targets (&walk, err);
  const TeAutogradObserver *observer = te_autograd_observer;
  if (ok && __builtin_expect (observer && observer->backward_begin, 0))
    observer->backward_begin (walk.id, walk.entries[0].node);
  bool begun = ok;
  ok =
      ok && discover (&walk, err) && mark_needed (&walk, err) && run_all (&walk, err) && deliver (&walk, err);
  if (begun && __builtin_expect (observer && observer->backward_end, 0))
    observer->backward_end (walk.id, ok);
  walk_close (&walk);
  partial = outer_partial;
  te_grad_mode_set (mode);
  return ok;
}
