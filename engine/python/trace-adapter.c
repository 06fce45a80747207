/* Observers of dispatch, autograd and storages write OP, OP_END, TENSOR, NODE … records.  An op is written
 * before its kernel runs, so that it stands as failed until its end says otherwise. */
#include "python/trace-private.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"

/* trace knows no tensors; a dtype that it does not know makes its reader refuse the record. */
_Static_assert (TE_WIRE_DTYPES == TE_DTYPE_COUNT, "engine/trace/record.h and core/dtype.h name the same dtypes");

TeTraceState te_trace_state;

/* ---- tensors ---- */

size_t
te_trace_wire_tensor_nbytes (const TeTensor *tensor)
{
  return sizeof (TeWireTensor) + (size_t) tensor->ndim * 16;
}

static uint8_t
wire_flags (const TeTensor *tensor)
{
  return (uint8_t) ((te_tensor_requires_grad (tensor) ? TE_WIRE_REQUIRES_GRAD : 0)
                    | (te_tensor_is_leaf (tensor) ? TE_WIRE_LEAF : 0)
                    | (tensor->flags & TE_TENSOR_PARAMETER ? TE_WIRE_PARAMETER : 0)
                    | (te_tensor_is_meta (tensor) ? TE_WIRE_META : 0));
}

void *
te_trace_write_tensor (void *at, const TeTensor *tensor)
{
  TeWireTensor *wire = at;
  TeTensor *base = te_tensor_base (tensor);
  TeNode *node = tensor->autograd ? tensor->autograd->grad_fn : NULL;
  *wire = (TeWireTensor){ .tensor = tensor->id,
                          .storage = tensor->storage->id,
                          .base = base ? base->id : 0,
                          .node = node ? node->id : 0,
                          .offset = tensor->offset,
                          .version = *tensor->version,
                          .dtype = (uint8_t) tensor->dtype,
                          .ndim = tensor->ndim,
                          .flags = wire_flags (tensor),
                          .output_nr = (uint8_t) te_tensor_output_nr (tensor) };
  int64_t *geometry = (int64_t *) (wire + 1);
  memcpy (geometry, tensor->sizes, (size_t) tensor->ndim * 8);
  memcpy (geometry + tensor->ndim, tensor->strides, (size_t) tensor->ndim * 8);
  return geometry + 2 * tensor->ndim;
}

static void
remember_told (TeTensor *tensor)
{
  tensor->trace_role |= TE_ROLE_KNOWN | TE_ROLE_TOLD_GRAD;
  if (!te_tensor_requires_grad (tensor))
    tensor->trace_role &= ~TE_ROLE_TOLD_GRAD;
}

/* requires_grad is set behind the op that made a leaf, and may change later. */
static bool
is_told (const TeTensor *tensor)
{
  return tensor->trace_role & TE_ROLE_KNOWN
         && !(tensor->trace_role & TE_ROLE_TOLD_GRAD) == !te_tensor_requires_grad (tensor);
}

void
te_trace_tell_tensor (TeTensor *tensor, uint32_t pos)
{
  size_t nbytes = sizeof (TeRecordTensor) + (size_t) tensor->ndim * 16;
  TeRecordTensor *record = te_recorder_reserve (te_trace_state.recorder, TE_RECORD_TENSOR, nbytes);
  if (!record)
    return;
  record->pos = pos;
  record->pad = 0;
  te_trace_write_tensor (&record->tensor, tensor);
  te_recorder_commit (te_trace_state.recorder);
  remember_told (tensor);
}

void
te_trace_know_tensor (TeTensor *tensor, uint32_t pos)
{
  if (is_told (tensor))
    return;
  te_trace_tell_tensor (tensor, pos);
  if (te_trace_state.facts)
    te_trace_facts_tensor (tensor);
}

/* ---- ops ---- */

#define MOST_INPUTS 256

static int
flat_inputs (const TeOpCall *call, TeTensor **inputs)
{
  int n = 0;
  for (int i = 0; i < call->op->n_args; i++)
    {
      const TeValue *value = &call->args[i];
      TeArgType type = call->op->args[i].type;
      if (type == TE_ARG_TENSOR && n < MOST_INPUTS)
        inputs[n++] = value->kind == TE_VALUE_TENSOR ? value->tensor : NULL;
      else if (value->kind == TE_VALUE_TENSOR_LIST)
        for (int k = 0; k < value->count && n < MOST_INPUTS; k++)
          inputs[n++] = value->tensors[k];
    }
  return n;
}

static uint16_t
op_flags (const TeOpCall *call)
{
  uint32_t flags = call->op->def->flags;
  return (uint16_t) ((call->inplace ? TE_WIRE_OP_INPLACE : 0) | (flags & TE_OP_VIEW ? TE_WIRE_OP_VIEW : 0)
                     | (te_grad_mode_enabled () ? 0 : TE_WIRE_OP_NO_GRAD)
                     | (te_trace_state.backward_depth ? TE_WIRE_OP_BACKWARD : 0)
                     | (flags & TE_OP_RANDOM ? TE_WIRE_OP_RANDOM : 0)
                     | (flags & TE_OP_COMPOSITE ? TE_WIRE_OP_COMPOSITE : 0)
                     | (flags & TE_OP_ROLE_SOFTMAX ? TE_WIRE_OP_SOFTMAX : 0)
                     | (flags & TE_OP_ROLE_PRODUCT ? TE_WIRE_OP_PRODUCT : 0)
                     | (te_trace_state.in_optimizer ? TE_WIRE_OP_OPTIMIZER : 0));
}

/* The op's name as a string id, kept in the registry's row: low half the name, high half with `_`. */
static uint32_t
name_id (const TeOpCall *call)
{
  TeOp *op = (TeOp *) call->op;
  bool underscore = call->inplace && !(op->def->flags & TE_OP_INPLACE_ONLY);
  uint32_t id = underscore ? (uint32_t) (op->trace_string >> 32) : (uint32_t) op->trace_string;
  if (__builtin_expect (id != 0, 1))
    return id;
  char text[128];
  snprintf (text, sizeof text, "%s%s", op->name, underscore ? "_" : "");
  id = te_recorder_text (te_trace_state.recorder, text);
  op->trace_string |= underscore ? (uint64_t) id << 32 : id;
  return id;
}

uint64_t
te_trace_op_begins (const TeToldOp *op)
{
  TeTraceState *s = &te_trace_state;
  TeTensor *const *inputs = op->inputs;
  int n = op->n_inputs;
  TeWhere where = te_trace_where ();
  if (s->facts && !s->backward_depth)
    te_trace_names_line (where.caller);
  for (int i = 0; i < n; i++)
    if (inputs[i] && !is_told (inputs[i]) && !(inputs[i]->flags & TE_TENSOR_WRAPPED_NUMBER))
      te_trace_know_tensor (inputs[i], where.caller);
  if (s->root_batch < 0 && s->n_modules)
    for (int i = 0; i < n && s->root_batch < 0; i++)
      if (inputs[i] && inputs[i]->ndim && !(inputs[i]->flags & TE_TENSOR_PARAMETER))
        s->root_batch = inputs[i]->sizes[0];
  uint32_t occurrence = te_trace_occurrence (where.pos);
  TeRecordOp *record =
      te_recorder_reserve (s->recorder, TE_RECORD_OP, sizeof *record + (size_t) n * 8 + op->text_nbytes);
  TeOpenCall *open = &s->open[s->depth % TE_TRACE_MAX_DEPTH];
  *open = (TeOpenCall){ .call = ++s->last_call, .place = (uint64_t) where.pos << 36 | (uint64_t) occurrence << 4 };
  if (record)
    {
      record->call = open->call;
      record->module_call = s->n_modules ? s->modules[s->n_modules - 1].call : 0;
      record->parent = s->depth ? s->open[(s->depth - 1) % TE_TRACE_MAX_DEPTH].call : 0;
      record->name = op->name;
      record->pos = where.pos;
      record->caller_pos = where.caller;
      record->n_inputs = (uint16_t) n;
      record->flags = op->flags;
      record->text_nbytes = (uint32_t) op->text_nbytes;
      record->occurrence = occurrence;
      uint64_t *ids = (uint64_t *) (record + 1);
      for (int i = 0; i < n; i++)
        ids[i] = inputs[i] && !(inputs[i]->flags & TE_TENSOR_WRAPPED_NUMBER) ? inputs[i]->id : 0;
      memcpy (ids + n, op->text, op->text_nbytes);
      te_recorder_commit (s->recorder);
    }
  open->begin = te_ticks_now ();
  s->depth++;
  return open->call;
}

static void
write_op (TeOpCall *call)
{
  TeTensor *inputs[MOST_INPUTS];
  char text[512];
  TeToldOp told = { .name = name_id (call),
                    .flags = op_flags (call),
                    .inputs = inputs,
                    .n_inputs = flat_inputs (call, inputs),
                    .text = text,
                    .text_nbytes = te_trace_argument_text (call, text, sizeof text) };
  call->trace_call = te_trace_op_begins (&told);
}

/* Will this call, or one inside it, be recorded by autograd?  Then a new forward begins with it, not with the inner op
 * that makes the first node: a composite op would be torn apart. */
static bool
begins_forward (const TeOpCall *call)
{
  TeTensor *inputs[MOST_INPUTS];
  if (!te_grad_mode_enabled () || (call->op->def->flags & TE_OP_NONDIFF))
    return false;
  for (int i = flat_inputs (call, inputs); i-- > 0;)
    if (inputs[i] && te_tensor_requires_grad (inputs[i]))
      return true;
  return false;
}

bool
te_trace_op_may_begin (void)
{
  TeTraceState *s = &te_trace_state;
  if (te_trace_must_look ()
      && ((s->stop_due && !te_trace_point_slow (TE_STEP_ITERATION)) || !te_trace_point_slow (TE_STEP_OP)))
    return false;
  s->stop_due = false;
  return true;
}

static bool
before_op (TeOpCall *call, TeError *err)
{
  TeTraceState *s = &te_trace_state;
  if (__builtin_expect (s->after_iteration, 0) && !s->depth && !s->backward_depth && begins_forward (call))
    te_trace_forward_begins ();
  if (!te_trace_op_may_begin ())
    return te_py_pending (err);
  if (__builtin_expect (++s->n_ops_since_look >= 64, 0))
    {
      s->n_ops_since_look = 0;
      te_trace_facts_look (te_recorder_clock_nsec ());
    }
  write_op (call);
  return true;
}

static void
write_op_end (uint64_t call, TeTensor *const *outs, int n_outs, bool ok, uint32_t nsec)
{
  TeRecorder *recorder = te_trace_state.recorder;
  int n = ok ? n_outs : 0;
  size_t nbytes = sizeof (TeRecordOpEnd);
  int n_given = 0;
  for (int i = 0; i < n; i++)
    if (outs[i])
      {
        nbytes += te_trace_wire_tensor_nbytes (outs[i]);
        n_given++;
      }
  TeRecordOpEnd *record = te_recorder_reserve (recorder, TE_RECORD_OP_END, nbytes);
  if (!record)
    return;
  record->call = call;
  record->nsec = nsec;
  record->n_outputs = (uint16_t) n_given;
  record->status = !ok;
  void *at = record + 1;
  for (int i = 0; i < n; i++)
    if (outs[i])
      {
        at = te_trace_write_tensor (at, outs[i]);
        te_trace_facts_made (outs[i],
                             te_trace_state.open[te_trace_state.depth % TE_TRACE_MAX_DEPTH].place
                                 | ((uint64_t) i & 15));
        remember_told (outs[i]);
      }
  te_recorder_commit (recorder);
}

/* Once while they are in the cache: their hashes, and whether they are finite. */
static void
look_at_results (const TeOpCall *call)
{
  TeTraceState *s = &te_trace_state;
  bool fine = s->watch.hashes;
  for (int i = 0; s->watch.hashes && i < call->n_outs; i++)
    if (call->outs[i])
      fine = te_trace_facts_hash (call->outs[i], call->trace_call, i) && fine;
  if (s->watch.nonfinite && !fine)
    te_trace_nonfinite_op (call);
}

void
te_trace_op_ends (uint64_t call, TeTensor *const *outs, int n_outs, bool ok)
{
  TeTraceState *s = &te_trace_state;
  if (s->depth)
    s->depth--;
  write_op_end (call, outs, n_outs, ok, te_ticks_nsec_since (s->open[s->depth % TE_TRACE_MAX_DEPTH].begin));
  if (ok)
    s->failed_call = 0;
  else if (!s->failed_call)
    s->failed_call = call;
}

static bool
after_op (TeOpCall *call, bool ok, TeError *err)
{
  TeTraceState *s = &te_trace_state;
  te_trace_op_ends (call->trace_call, call->outs, call->n_outs, ok);
  if (!ok)
    return ok;
  if (s->flow && !s->backward_depth)
    te_trace_flow (call);
  /* A view's bytes were hashed when they were written; its geometry is in OP_END. */
  if ((s->watch.hashes || s->watch.nonfinite)
      && !(call->op->def->flags & (TE_OP_COMPOSITE | TE_OP_VIEW | TE_OP_UNFILLED)))
    look_at_results (call);
  if (s->facts && !(call->op->def->flags & TE_OP_COMPOSITE))
    for (int i = 0; i < call->n_outs; i++)
      if (call->outs[i])
        te_trace_facts_output (call->outs[i], call->op->def->flags & TE_OP_UNFILLED);
  return true;
}

/* ---- nodes ---- */

/* A text that lives as long as the process: its address is the key. */
static uint32_t
static_text (const char *text)
{
  static struct
  {
    const char *text;
    uint32_t id;
    const TeRecorder *recorder;
  } cache[1024];
  size_t at = ((uintptr_t) text ^ (uintptr_t) text >> 10) % 1024;
  if (cache[at].text != text || cache[at].recorder != te_trace_state.recorder || !cache[at].id)
    {
      cache[at].text = text;
      cache[at].recorder = te_trace_state.recorder;
      cache[at].id = te_recorder_text (te_trace_state.recorder, text);
    }
  return cache[at].id;
}

static uint32_t
node_name (const TeNode *node)
{
  return te_node_is_recorded_op (node) || te_node_is_accumulate_grad (node)
             ? static_text (node->name)
             : te_recorder_text (te_trace_state.recorder, node->name);
}

/* Saved tensors stand in the order flat inputs, outputs, extra. */
static const char *
saved_name (const TeNode *node, int index)
{
  const TeOp *op = node->op;
  if (index >= node->n_edges)
    return index < node->n_edges + node->n_inputs ? "result" : "extra";
  int flat = 0;
  for (int i = 0; op && i < op->n_args; i++)
    {
      if (op->args[i].type == TE_ARG_TENSOR)
        flat++;
      else if (node->args && node->args[i].kind == TE_VALUE_TENSOR_LIST)
        flat += node->args[i].count;
      if (flat > index)
        return op->args[i].name;
    }
  return "input";
}

void
te_trace_node_made (TeNode *node, uint64_t call, TeTensor *leaf, const TeToldSaved *kept, int n_kept)
{
  TeTraceState *s = &te_trace_state;
  if (s->after_iteration && !s->backward_depth)
    te_trace_forward_begins ();
  uint32_t name = node_name (node);
  size_t nbytes = sizeof (TeRecordNode) + (size_t) node->n_edges * sizeof (TeWireEdge)
                  + (size_t) n_kept * sizeof (TeWireSaved);
  node->trace_call = call;
  TeRecordNode *record = te_recorder_reserve (s->recorder, TE_RECORD_NODE, nbytes);
  if (!record)
    return;
  record->node = node->id;
  record->call = call;
  record->tensor = leaf ? leaf->id : 0;
  record->name = name;
  record->n_edges = (uint16_t) node->n_edges;
  record->n_saved = (uint16_t) n_kept;
  TeWireEdge *edges = (TeWireEdge *) (record + 1);
  for (int i = 0; i < node->n_edges; i++)
    edges[i] = (TeWireEdge){ node->edges[i].node ? node->edges[i].node->id : 0,
                             (uint32_t) node->edges[i].input_nr, 0 };
  TeWireSaved *saved = (TeWireSaved *) (edges + node->n_edges);
  for (int i = 0; i < n_kept; i++)
    saved[i] = (TeWireSaved){ kept[i].tensor->id, kept[i].tensor->storage->id, kept[i].version, kept[i].name,
                              (uint64_t) kept[i].tensor->numel * te_dtype_nbytes (te_tensor_dtype (kept[i].tensor)) };
  te_recorder_commit (s->recorder);
}

static void
node_made (TeNode *node, TeOpCall *call)
{
  TeToldSaved kept[TE_TRACE_MOST_SAVED];
  int n = 0;
  for (int i = 0; i < node->n_saved && n < TE_TRACE_MOST_SAVED; i++)
    if (node->saved[i].tensor)
      kept[n++] = (TeToldSaved){ node->saved[i].tensor, node->saved[i].version, static_text (saved_name (node, i)) };
  te_trace_node_made (node, call ? call->trace_call : 0,
                      te_node_is_accumulate_grad (node) ? te_node_accumulate_grad_leaf (node) : NULL, kept, n);
}

static void
backward_begin (uint64_t backward, TeNode *root)
{
  TeTraceState *s = &te_trace_state;
  te_recorder_backward (s->recorder, true, backward, root ? root->id : 0, te_trace_person_position (), 0);
  s->backward_depth++;
  s->backward = backward;
}

static void
backward_end (uint64_t backward, bool ok)
{
  TeTraceState *s = &te_trace_state;
  if (s->backward_depth)
    s->backward_depth--;
  te_recorder_backward (s->recorder, false, backward, 0, te_trace_person_position (), !ok);
  if (ok && te_trace_must_look ())
    te_trace_stop_in_hook (TE_STEP_NODE);
  if (!s->backward_depth && ok && !s->has_optimizer)
    s->iteration_pending = s->after_iteration = true;
}

/* What an AccumulateGrad is about to add to what. */
static void
tell_operands (TeTensor *leaf, TeTensor *arriving)
{
  TeTensor *before = leaf ? te_tensor_grad (leaf) : NULL;
  if (before)
    {
      te_trace_know_tensor (before, 0);
      te_trace_facts_tensor (before);
    }
  if (arriving)
    te_trace_facts_tensor (arriving);
}

static bool
node_begin (uint64_t backward, TeNode *node, TeTensor *const *grads, TeError *err)
{
  TeTraceState *s = &te_trace_state;
  if (te_trace_must_look () && !te_trace_point_slow (TE_STEP_NODE))
    return te_py_pending (err);
  for (int i = 0; i < node->n_inputs; i++)
    if (grads && grads[i])
      te_trace_know_tensor (grads[i], 0);
  if (s->facts && te_node_is_accumulate_grad (node))
    tell_operands (te_node_accumulate_grad_leaf (node), grads ? grads[0] : NULL);
  te_recorder_node_begin (s->recorder, backward, node->id);
  s->node_begin[s->node_depth++ % TE_TRACE_MAX_DEPTH] = te_ticks_now ();
  return true;
}

static void
node_end (uint64_t backward, TeNode *node, TeTensor *const *results, bool ok)
{
  TeTraceState *s = &te_trace_state;
  uint64_t ids[64];
  uint32_t nsec = 0;
  int n = node->n_edges < 64 ? node->n_edges : 64;
  if (s->node_depth)
    nsec = te_ticks_nsec_since (s->node_begin[--s->node_depth % TE_TRACE_MAX_DEPTH]);
  if (!ok || !results)
    n = 0;
  for (int i = 0; i < n; i++)
    {
      ids[i] = results[i] ? results[i]->id : 0;
      if (!results[i])
        continue;
      if (s->watch.nonfinite && !(results[i]->trace_role & TE_ROLE_KNOWN))
        te_trace_nonfinite_result (results[i], node->id);
      te_trace_know_tensor (results[i], 0);
    }
  te_recorder_node_end (s->recorder, backward, node->id, nsec, n, ids, ok);
}

static void
accumulated (uint64_t backward, TeTensor *leaf, TeTensor *grad, bool added)
{
  te_trace_know_tensor (leaf, 0);
  if (grad)
    te_trace_know_tensor (grad, 0);
  te_recorder_accumulate (te_trace_state.recorder, backward, leaf->id, grad ? grad->id : 0, added);
  if (grad && te_trace_state.facts)
    te_trace_facts_tensor (grad);
}

static void
saved_released (TeNode *node)
{
  te_recorder_saved_freed (te_trace_state.recorder, node->id);
}

/* ---- storages ---- */

static void
storage_born (const TeStorage *storage)
{
  TeTraceState *s = &te_trace_state;
  te_recorder_storage (s->recorder, true, storage->id, storage->nbytes,
                       s->depth ? s->open[(s->depth - 1) % TE_TRACE_MAX_DEPTH].call : 0);
}

static void
storage_died (const TeStorage *storage)
{
  te_recorder_storage (te_trace_state.recorder, false, storage->id, storage->nbytes, 0);
}

static const TeDispatchObserver dispatch_observer = { before_op, after_op };
static const TeAutogradObserver autograd_observer = { .node_made = node_made,
                                                      .backward_begin = backward_begin,
                                                      .backward_end = backward_end,
                                                      .node_begin = node_begin,
                                                      .node_end = node_end,
                                                      .accumulated = accumulated,
                                                      .saved_released = saved_released };
static const TeStorageObserver storage_observer = { storage_born, storage_died };

bool
te_trace_observers_attach (void)
{
  te_ticks_calibrate ();
  for (int i = 0; i < te_registry_count (); i++)
    ((TeOp *) te_registry_get (i))->trace_string = 0;
  te_dispatch_set_trace (&dispatch_observer);
  te_autograd_set_observer (&autograd_observer);
  te_storage_set_observer (&storage_observer);
  return true;
}

void
te_trace_observers_detach (void)
{
  te_dispatch_set_trace (NULL);
  te_autograd_set_observer (NULL);
  te_storage_set_observer (NULL);
}
