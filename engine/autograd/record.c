/* Recording: what dispatch's observer does around each kernel.
 * before: may this call change its tensor in place, and will it be recorded?
 * after: one node with its edges, saved tensors and a copy of the plain arguments; results get their history. */
#include "autograd/flat.h"
#include "autograd/forward.h"
#include "autograd/node-private.h"
#include "autograd/observer.h"
#include "autograd/out-names.h"
#include "autograd/saved.h"

#include <string.h>

#include "base/mem.h"
#include "ops/autocast.h"
#include "ops/dispatch.h"
#include "ops/shape/shape-util.h"
#include "ops/widen.h"

static inline bool
wants_gradient (const TeTensor *tensor)
{
  return tensor && te_tensor_requires_grad (tensor);
}

static bool
any_input_requires_grad (const TeOpCall *call)
{
  const TeOp *op = call->op;
  for (int i = 0; i < op->n_args; i++)
    {
      const TeValue *value = &call->args[i];
      if (value->kind == TE_VALUE_TENSOR)
        {
          if (wants_gradient (value->tensor))
            return true;
        }
      else if (value->kind == TE_VALUE_TENSOR_LIST)
        for (int k = 0; k < value->count; k++)
          if (wants_gradient (value->tensors[k]))
            return true;
    }
  return false;
}

static inline bool
writes_first_argument (const TeOpCall *call)
{
  return call->inplace || (call->op->def->flags & TE_OP_INPLACE_ONLY);
}

/* An in-place op that needs the old value of its tensor keeps a copy: call->extra's last slot holds it. */
#define OLD_SELF (TE_OP_MAX_EXTRA - 1)

static uint32_t
saves_of (const TeOpCall *call, const bool *needs)
{
  const TeOpDef *def = call->op->def;
  return def->saves_for ? def->saves_for (call, needs) : def->saves;
}

static bool
keep_old_self (TeOpCall *call, TeError *err)
{
  if (!(call->op->def->saves & TE_SAVE_ARG (0)))
    return true;
  TeFlat flat;
  bool needs_inline[FLAT_INLINE], *needs = needs_inline;
  if (!te_flat_collect (&flat, call->op, call->args, err))
    return false;
  bool ok = true;
  if (flat.count <= FLAT_INLINE)
    {
      for (int i = 0; i < flat.count; i++)
        needs[i] = wants_gradient (flat.tensors[i]) || te_has_tangent (flat.tensors[i]);
      if (saves_of (call, needs) & TE_SAVE_ARG (0))
        {
          bool mode = te_grad_mode_set (false);
          call->extra[OLD_SELF] = te_clone (call->args[0].tensor, err);
          te_grad_mode_set (mode);
          ok = call->extra[OLD_SELF] != NULL;
        }
    }
  te_flat_clear (&flat);
  return ok;
}

/* Brings views among the inputs up to date, before anything is computed: some refuse. */
static bool
refresh_views (const TeOpCall *call, TeError *err)
{
  TeNode *node;
  for (int i = 0; i < call->op->n_args; i++)
    {
      const TeValue *value = &call->args[i];
      int n = value->kind == TE_VALUE_TENSOR ? 1 : value->kind == TE_VALUE_TENSOR_LIST ? value->count : 0;
      for (int k = 0; k < n; k++)
        {
          TeTensor *tensor = value->kind == TE_VALUE_TENSOR ? value->tensor : value->tensors[k];
          if (tensor && te_tensor_base (tensor) && !te_tensor_grad_fn (tensor, &node, err))
            return false;
        }
    }
  return true;
}

static bool
check_constant_args (const TeOpCall *call, TeError *err)
{
  for (int i = 0; i < call->op->n_args; i++)
    if ((call->op->def->constant_args & (1u << i)) && call->args[i].kind == TE_VALUE_TENSOR
        && wants_gradient (call->args[i].tensor))
      return te_error_set (
          err, TE_ERR_RUNTIME,
          "The function '%s' is not differentiable with respect to argument '%s'. This input cannot "
          "have requires_grad True.",
          strncmp (call->op->name, "nll_loss", 8) == 0 ? "nll_loss_forward" : call->op->name,
          call->op->args[i].name);
  return true;
}

/* Of results that are places there are no gradients. */
static bool
is_of_places (const TeOp *op, int i)
{
  return i > 0 && op->return_names[i] && strcmp (op->return_names[i], "indices") == 0;
}

static bool
refuse_out (const char *name, TeError *err)
{
  return te_error_set (
      err, TE_ERR_RUNTIME,
      "%s(): functions with out=... arguments don't support automatic differentiation, but one "
      "of the arguments requires grad.",
      name);
}

/* Gradients of what goes into out= are refused, in PyTorch's words for each op. */
static bool
check_out (const TeOpCall *call, bool needed, bool differentiable, TeError *err)
{
  bool composite = call->op->def->flags & TE_OP_COMPOSITE;
  TeTensor *place = NULL;
  for (int i = 0; i < call->n_outs; i++)
    if (wants_gradient (call->outs[i]) && !is_of_places (call->op, i))
      place = place ? place : call->outs[i];
  if (!te_grad_mode_flag || !(needed || place))
    return true;
  const char *name = te_out_gradient_name (call);
  if (place && name && name[0] == '=')
    return te_error_set (err, TE_ERR_RUNTIME, "cannot resize variables that require grad");
  if (place && name && name[0] == '-')
    return te_tensor_check_inplace (place, true, err);
  bool asked = name && name[0] != '-' && name[0] != '=';
  return (composite ? asked : differentiable) ? refuse_out (asked ? name : call->op->name, err) : true;
}

static bool
before (TeOpCall *call, TeError *err)
{
  uint32_t flags = call->op->def->flags;
  if (flags & TE_OP_COMPOSITE)
    return !call->has_out || check_out (call, te_grad_mode_flag && any_input_requires_grad (call), true, err);
  bool differentiable = !(flags & TE_OP_NONDIFF) || (call->inplace && call->op->def->backward);
  bool grows = te_grad_mode_flag && any_input_requires_grad (call), recording = grows && differentiable;
  bool forward = __builtin_expect (te_forward_level != 0, 0) && differentiable && te_forward_concerns (call);
  call->wants_grad = recording || forward;
  if (recording && call->op->def->constant_args && !check_constant_args (call, err))
    return false;
  if (call->has_out)
    {
      call->wants_grad = false;
      return forward ? te_error_set (err, TE_ERR_NOT_IMPLEMENTED,
                                     "Trying to use forward AD with %s_out that does not support it because it is "
                                     "an out= function",
                                     call->op->name)
                     : check_out (call, recording, differentiable, err);
    }
  if (writes_first_argument (call) && call->args[0].kind == TE_VALUE_TENSOR)
    {
      /* Only copy_ asks whether what it writes has a gradient: an int tensor filled from one that requires
       * grad does. */
      if (recording && !te_dtype_is_inexact (te_tensor_dtype (call->args[0].tensor))
          && strcmp (call->op->name, "copy_") == 0)
        call->wants_grad = recording = forward = false;
      bool counts = recording || (grows && !differentiable && strncmp (call->op->name, "logical_", 8) != 0);
      if (!te_tensor_check_inplace (call->args[0].tensor, counts, err))
        return false;
      if (forward && te_tensor_base (call->args[0].tensor))
        return te_error_set (err, TE_ERR_NOT_IMPLEMENTED,
                             "forward-mode differentiation of %s_(), which changes a view in place",
                             call->op->name);
      if (recording || forward)
        return refresh_views (call, err) && keep_old_self (call, err);
    }
  return !recording || refresh_views (call, err);
}

/* ---- after ---- */

static size_t
args_tail_nbytes (const TeOp *op, const TeValue *args)
{
  size_t nbytes = 0;
  for (int i = 0; i < op->n_args; i++)
    switch (args[i].kind)
      {
      case TE_VALUE_INT_LIST:
      case TE_VALUE_FLOAT_LIST:
        nbytes += (size_t) args[i].count * sizeof (int64_t);
        break;
      case TE_VALUE_STRING:
        nbytes += (strlen (args[i].string) + 8) & ~(size_t) 7;
        break;
      case TE_VALUE_NONE:
      case TE_VALUE_TENSOR:
      case TE_VALUE_TENSOR_LIST:
      case TE_VALUE_SCALAR:
      case TE_VALUE_INT:
      case TE_VALUE_FLOAT:
      case TE_VALUE_BOOL:
      case TE_VALUE_DTYPE:
      case TE_VALUE_GENERATOR:
      case TE_VALUE_DEVICE:
      case TE_VALUE_LAYOUT:
        break;
      }
  return nbytes;
}

/* Copies the plain arguments; lists and texts go to the block's tail, tensors become NULL. */
static void
copy_args (TeNode *node, const TeOp *op, const TeValue *args)
{
  char *tail = node->data;
  for (int i = 0; i < op->n_args; i++)
    {
      TeValue *copy = &node->args[i];
      *copy = args[i];
      if (args[i].kind == TE_VALUE_TENSOR)
        copy->tensor = NULL;
      else if (args[i].kind == TE_VALUE_TENSOR_LIST)
        copy->tensors = NULL;
      else if (args[i].kind == TE_VALUE_GENERATOR)
        copy->generator = NULL;
      else if (args[i].kind == TE_VALUE_INT_LIST || args[i].kind == TE_VALUE_FLOAT_LIST)
        {
          size_t nbytes = (size_t) args[i].count * sizeof (int64_t);
          if (nbytes)
            memcpy (tail, args[i].ints, nbytes);
          copy->ints = (const int64_t *) tail;
          tail += nbytes;
        }
      else if (args[i].kind == TE_VALUE_STRING)
        {
          strcpy (tail, args[i].string);
          copy->string = tail;
          tail += (strlen (args[i].string) + 8) & ~(size_t) 7;
        }
    }
}

static bool
save_inputs (TeNode *node, TeOpCall *call, const TeFlat *flat, uint32_t bits, TeError *err)
{
  for (int i = 0; i < flat->count; i++)
    if (bits & TE_SAVE_ARG (flat->arg[i]))
      {
        TeTensor *kept = flat->tensors[i];
        if (flat->arg[i] == 0 && call->extra[OLD_SELF] && writes_first_argument (call))
          kept = call->extra[OLD_SELF];
        if (kept && !te_saved_set (&node->saved[i], kept, -1, err))
          return false;
      }
  return true;
}

/* After the results have their history: hooks see them with it.  plain: they are not the node's own. */
static bool
save_outputs (TeNode *node, TeOpCall *call, const TeFlat *flat, uint32_t bits, bool plain, TeError *err)
{
  for (int i = 0; i < call->n_outs && i < 8; i++)
    if ((bits & TE_SAVE_OUT (i)) && call->outs[i]
        && !te_saved_set (&node->saved[flat->count + i], call->outs[i], plain ? -1 : i, err))
      return false;
  for (int i = 0; i < OLD_SELF; i++)
    if (call->extra[i]
        && !te_saved_set (&node->saved[flat->count + call->n_outs + i], call->extra[i], -1, err))
      return false;
  return true;
}

/* Numbers that have a gradient, or a view of a tensor that has got one in place. */
static bool
may_require_grad (const TeOpCall *call, const TeTensor *out)
{
  return te_dtype_is_inexact (te_tensor_dtype (out))
         || ((call->op->def->flags & TE_OP_VIEW) && out->dtype == call->args[0].tensor->dtype);
}

/* Links results to node: in place through the tensor's (or its base's) history, otherwise as fresh results.
 * What looks at its tensor anew (transpose_) changes no element of a base; set_, which looks elsewhere, counts
 * as a change of the base all the same. */
static bool
set_histories (TeNode *node, TeOpCall *call, TeError *err)
{
  const TeOpDef *def = call->op->def;
  if (writes_first_argument (call) && def->flags & TE_OP_VIEW && (def->backward || def->twin))
    return te_tensor_set_history (call->outs[0], node, 0, err);
  if (writes_first_argument (call))
    return te_tensor_rebase_history (call->outs[0], node, err);
  for (int i = 0; i < call->n_outs; i++)
    {
      TeTensor *out = call->outs[i];
      if (out && may_require_grad (call, out) && !(i < 32 && call->op->def->constant_outs >> i & 1)
          && !te_tensor_set_history (out, node, i, err))
        return false;
    }
  return true;
}

/* A node of call that has its arguments and inputs; nowhere: no gradient is to flow, its edges only say for which
 * inputs the rule is asked. */
static TeNode *
node_of (TeOpCall *call, const TeFlat *flat, const bool *needs, uint32_t bits, TeNode *nowhere, TeError *err)
{
  const TeOp *op = call->op;
  bool has_extra = call->extra[0] || call->extra[1] || call->extra[2];
  TeNodeRoom room = { .n_inputs = call->n_outs,
                      .n_edges = flat->count,
                      .n_metas = flat->count,
                      .n_saved = bits || has_extra ? flat->count + call->n_outs + OLD_SELF : 0,
                      .n_args = op->n_args,
                      .n_tail_nbytes = args_tail_nbytes (op, call->args) };
  const char *name = call->node ? call->node : call->inplace ? op->inplace_node_name : op->node_name;
  TeNode *node = te_node_new_sized (&te_recorded_op_class, name ? name : "NotImplemented", &room, err);
  if (!node)
    return NULL;
  node->op = op;
  node->trace_call = call->trace_call;
  for (int i = 0; i < flat->count; i++)
    node->metas[i].dtype = TE_DTYPE_NONE;
  copy_args (node, op, call->args);
  /* What goes in was looked at before an in-place op changed it. */
  uint32_t changed = writes_first_argument (call) ? 1 : 0,
           *version = call->outs[0] ? call->outs[0]->version : &changed;
  bool ok = true;
  *version -= changed;
  for (int i = 0; ok && i < flat->count; i++)
    {
      ok = te_meta_set (&node->metas[i], flat->tensors[i], err);
      if (ok && needs[i] && nowhere)
        node->edges[i].node = te_node_ref (nowhere);
      else if (ok && needs[i])
        ok = te_node_set_edge (node, i, flat->tensors[i], err);
    }
  ok = ok && (!room.n_saved || save_inputs (node, call, flat, bits, err));
  *version += changed;
  for (int i = 0; ok && i < call->n_outs; i++)
    ok = !call->outs[i] || te_node_set_input_meta (node, i, call->outs[i], err);
  if (ok)
    return node;
  te_node_unref (node);
  return NULL;
}

static bool
record (TeOpCall *call, TeError *err)
{
  TeFlat flat;
  if (!te_flat_collect (&flat, call->op, call->args, err))
    return false;
  bool needs_inline[FLAT_INLINE], *needs = needs_inline;
  if (flat.count > FLAT_INLINE && !(needs = te_new_sized ((size_t) flat.count)))
    {
      te_flat_clear (&flat);
      return te_error_no_memory (err);
    }
  for (int i = 0; i < flat.count; i++)
    needs[i] = wants_gradient (flat.tensors[i]);
  uint32_t bits = saves_of (call, needs);
  TeNode *node = node_of (call, &flat, needs, bits, NULL, err);
  bool ok = node && set_histories (node, call, err)
            && (!node->n_saved || save_outputs (node, call, &flat, bits, false, err));
  if (ok && __builtin_expect (te_autograd_observer && te_autograd_observer->node_made, 0))
    te_autograd_observer->node_made (node, call);
  te_node_unref (node);
  if (needs != needs_inline)
    te_free_sized (needs, (size_t) flat.count);
  te_flat_clear (&flat);
  return ok;
}

TeNode *
te_record_apart (TeOpCall *call, const TeFlat *flat, const bool *needs, TeNode *nowhere, TeError *err)
{
  uint32_t bits = saves_of (call, needs);
  TeNode *node = node_of (call, flat, needs, bits, nowhere, err);
  if (!node || !node->n_saved || save_outputs (node, call, flat, bits, true, err))
    return node;
  te_node_unref (node);
  return NULL;
}

bool
te_record_as_strided (TeTensor *view, TeTensor *base, TeError *err)
{
  TE_OP (op, "as_strided");
  TeValue args[] = {
    { .kind = TE_VALUE_TENSOR, .tensor = base },
    { .kind = TE_VALUE_INT_LIST, .ints = view->sizes, .count = view->ndim },
    { .kind = TE_VALUE_INT_LIST, .ints = view->strides, .count = view->ndim },
    { .kind = TE_VALUE_INT, .i = view->offset },
  };
  TeOpCall call = { .op = op, .args = args, .outs = &view, .n_outs = 1, .wants_grad = true };
  bool ok = te_as_strided_keep_layout (&call, err) && record (&call, err);
  te_tensor_unref (call.extra[0]);
  return ok;
}

static bool
mark_views (TeOpCall *call, TeError *err)
{
  TeViewCreation creation = te_inference_mode_flag                  ? TE_VIEW_INFERENCE
                            : !te_grad_mode_flag                    ? TE_VIEW_NO_GRAD
                            : call->op->def->flags & TE_OP_LIST_OUT ? TE_VIEW_MULTI_OUTPUT
                                                                    : TE_VIEW_DEFAULT;
  TeTensor *self = call->args[0].tensor;
  for (int i = 0; i < call->n_outs; i++)
    if (call->outs[i] && call->outs[i] != self && call->outs[i]->storage == self->storage
        && !te_tensor_mark_view (call->outs[i], self, creation, err))
      return false;
  return true;
}

/* PyTorch finds out when it counts the version, which is after the write. */
static bool
check_written (const TeOpCall *call, TeError *err)
{
  for (int i = 0; i < call->n_outs && !te_inference_mode_flag; i++)
    if (call->outs[i] && (call->outs[i]->flags & TE_TENSOR_INFERENCE))
      return te_error_set (
          err, TE_ERR_RUNTIME,
          "Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone "
          "to get a normal tensor before doing inplace update.See "
          "https://github.com/pytorch/rfcs/pull/17 for more details.");
  return true;
}

static bool
after (TeOpCall *call, bool ok, TeError *err)
{
  uint32_t flags = call->op->def->flags;
  if (!ok || (flags & TE_OP_COMPOSITE))
    return true;
  if ((writes_first_argument (call) || call->has_out) && !check_written (call, err))
    return false;
  bool view = (flags & TE_OP_VIEW) && call->args[0].kind == TE_VALUE_TENSOR;
  bool of_inference = view && (call->args[0].tensor->flags & TE_TENSOR_INFERENCE);
  if (__builtin_expect (te_inference_mode_flag || of_inference, 0) && !writes_first_argument (call)
      && !call->has_out)
    for (int i = 0; i < call->n_outs; i++)
      if (call->outs[i] && (of_inference || !view || call->outs[i]->storage != call->args[0].tensor->storage))
        call->outs[i]->flags |= TE_TENSOR_INFERENCE;
  if (view && !of_inference && !(flags & TE_OP_NONDIFF) && !mark_views (call, err))
    return false;
  if (!call->wants_grad)
    return true;
  if (__builtin_expect (te_forward_level != 0, 0) && te_forward_concerns (call))
    return (!(te_grad_mode_flag && any_input_requires_grad (call)) || record (call, err))
           && te_forward_apply (call, err);
  return record (call, err);
}

/* A leaf that looks at no other's memory. */
static bool
is_own_leaf (const TeTensor *tensor)
{
  return te_tensor_is_leaf (tensor) && !te_tensor_base (tensor);
}

void
te_autograd_attach (void)
{
  static const TeDispatchObserver observer = { .before = before, .after = after };
  te_dispatch_set_autograd (&observer);
  te_autocast_may_keep = is_own_leaf;
}

/* ---- running a recorded op backwards ---- */

#define RUN_INLINE 8

typedef struct
{
  TeValue args[TE_OP_MAX_ARGS];
  TeTensor **unpacked; /* count, owned: flat inputs, outputs, extra */
  int count;
  TeTensor *inline_unpacked[RUN_INLINE * 2 + TE_OP_MAX_EXTRA];
  bool *needs;
  bool inline_needs[RUN_INLINE];
} Run;

/* Puts the unpacked tensors back where the arguments were. */
static void
restore_args (Run *run, TeNode *self)
{
  const TeOp *op = self->op;
  int at = 0;
  for (int i = 0; i < op->n_args; i++)
    {
      run->args[i] = self->args[i];
      if (op->args[i].type == TE_ARG_TENSOR)
        {
          if (run->args[i].kind == TE_VALUE_TENSOR)
            run->args[i].tensor = run->unpacked[at];
          at++;
        }
      else if (te_arg_is_tensor_list (&op->args[i]) && run->args[i].kind == TE_VALUE_TENSOR_LIST)
        {
          run->args[i].tensors = run->unpacked + at;
          at += run->args[i].count;
        }
    }
}

/* What slot i of saved held when the op ran. */
static const TeMeta *
saved_meta (const TeNode *self, int i)
{
  if (i < self->n_edges)
    return &self->metas[i];
  if (i < self->n_edges + self->n_inputs)
    return &self->input_metas[i - self->n_edges];
  return te_saved_packed_meta (&self->saved[i]); /* what nobody sees without hooks */
}

static bool
run_open (Run *run, TeNode *self, TeError *err)
{
  int n_edges = self->n_edges, n_saved = self->n_saved;
  run->count = n_edges + self->n_inputs + TE_OP_MAX_EXTRA; /* room for all even when nothing was saved */
  run->unpacked = run->inline_unpacked;
  run->needs = run->inline_needs;
  if (run->count > (int) (sizeof run->inline_unpacked / sizeof run->inline_unpacked[0]))
    run->unpacked = te_new_sized ((size_t) run->count * sizeof *run->unpacked);
  else
    memset (run->inline_unpacked, 0, sizeof run->inline_unpacked);
  if (n_edges > RUN_INLINE)
    run->needs = te_new_sized ((size_t) n_edges);
  if (!run->unpacked || !run->needs)
    return te_error_no_memory (err);
  for (int i = 0; i < n_edges; i++)
    run->needs[i] = self->edges[i].node != NULL;
  for (int i = 0; i < n_saved; i++)
    if (self->saved_released || te_saved_is_set (&self->saved[i]))
      {
        run->unpacked[i] = te_node_unpack (self, i, err);
        const TeMeta *meta = run->unpacked[i] ? saved_meta (self, i) : NULL;
        if (!run->unpacked[i] || (meta && !te_saved_fit (&run->unpacked[i], meta, err)))
          return false;
      }
  restore_args (run, self);
  return true;
}

static void
run_close (Run *run, TeNode *self)
{
  for (int i = 0; run->unpacked && i < run->count; i++)
    te_tensor_unref (run->unpacked[i]);
  if (run->unpacked != run->inline_unpacked)
    te_free_sized (run->unpacked, (size_t) run->count * sizeof *run->unpacked);
  if (run->needs != run->inline_needs)
    te_free_sized (run->needs, (size_t) self->n_edges);
}

/* conj () of n tensors into a new array; those that the rule made are given up.  Lazy results are made plain.
 */
static bool
conjugate (TeTensor **tensors, int n, bool resolve, TeError *err)
{
  TE_OP (plain_op, "resolve_conj");
  for (int i = 0; i < n; i++)
    if (tensors[i])
      {
        TeTensor *turned = te_conj (tensors[i], err);
        te_tensor_unref (tensors[i]);
        tensors[i] = turned;
        if (!turned)
          return false;
        TeTensor *plain = resolve ? te_call (plain_op, err, "T", turned) : te_tensor_ref (turned);
        te_tensor_unref (turned);
        tensors[i] = plain;
        if (!plain)
          return false;
      }
  return true;
}

/* A rule of an analytic function, run on the conjugates of complex gradients. */
static bool
apply_conjugated (const TeOpDef *def, TeBackward *ctx, TeError *err)
{
  TeTensor *const *grads = ctx->grads;
  size_t nbytes = (size_t) (ctx->n_outs + 1) * sizeof *grads;
  TeTensor **turned = te_new_sized (nbytes);
  if (!turned)
    return te_error_no_memory (err);
  for (int i = 0; i < ctx->n_outs; i++)
    turned[i] = grads[i] ? te_tensor_ref (grads[i]) : NULL;
  ctx->grads = turned;
  bool ok = conjugate (turned, ctx->n_outs, false, err) && def->backward (ctx, err)
            && conjugate (ctx->results, ctx->n_inputs, true, err);
  for (int i = 0; i < ctx->n_outs; i++)
    te_tensor_unref (turned[i]);
  te_free_sized (turned, nbytes);
  return ok;
}

/* ---- rules whose op widens narrow dtypes ---- */

/* Everything that was saved, as float32. */
static bool
widen_saved (Run *run, TeNode *self, TeError *err)
{
  TeDtype narrow = (TeDtype) self->metas[0].dtype;
  for (int i = 0; i < run->count; i++)
    if (run->unpacked[i] && te_tensor_dtype (run->unpacked[i]) == narrow)
      {
        TeTensor *wide = te_to_dtype (run->unpacked[i], TE_FLOAT32, err);
        if (!wide)
          return false;
        te_tensor_unref (run->unpacked[i]);
        run->unpacked[i] = wide;
      }
  restore_args (run, self);
  return true;
}

/* Runs a rule on float32 gradients and rounds what it gives to the inputs' dtypes. */
static bool
run_widened (TeBackward *ctx, bool by_twin, TeError *err)
{
  TeTensor *const *given = ctx->grads, *wide[TE_OP_INLINE_OUTS] = { NULL };
  bool ok = ctx->n_outs <= TE_OP_INLINE_OUTS;
  TeDtype dtype = (TeDtype) ctx->metas[0].dtype;
  for (int i = 0; i < ctx->n_outs && ok; i++)
    ok = !given[i] || (wide[i] = te_to_dtype (given[i], TE_FLOAT32, err));
  ctx->grads = wide;
  ok = ok && (by_twin ? te_twin_backward (ctx, err) : ctx->op->def->backward (ctx, err));
  ctx->grads = given;
  for (int i = 0; i < ctx->n_outs && i < TE_OP_INLINE_OUTS; i++)
    te_tensor_unref (wide[i]);
  for (int i = 0; i < ctx->n_inputs && ok; i++)
    if (ctx->results[i] && ctx->metas[i].dtype == dtype)
      {
        TeTensor *narrow = te_to_dtype (ctx->results[i], dtype, err);
        ok = narrow != NULL;
        te_tensor_unref (ctx->results[i]);
        ctx->results[i] = narrow;
      }
  return ok;
}

/* A gradient that the rule made counts the writes of PyTorch's formula, not those of ours: it may become a
 * .grad. */
static void
set_versions (const TeNode *self, TeDtype dtype, TeTensor *const *results)
{
  for (int i = 0; i < self->n_edges; i++)
    if (results[i] && results[i]->refcount == 1 && results[i]->storage->refcount == 1)
      *results[i]->version =
          te_tensor_dtype (results[i]) == dtype ? self->op->def->grad_version : 0; /* a cast is new */
}

static bool
recorded_apply (TeNode *self, TeTensor *const *grads, TeTensor **results, TeError *err)
{
  const TeOpDef *def = self->op->def;
  bool differentiated = te_grad_mode_flag || te_forward_level != 0; /* is the rule itself? */
  bool by_twin = def->twin && (differentiated || !def->backward);
  if (!def->backward && !by_twin)
    return def->node && strcmp (def->node, "NotImplemented") == 0
               ? te_error_set (err, TE_ERR_RUNTIME, "derivative for %s%s is not implemented",
                               def->flags & TE_OP_INPLACE_ONLY ? "" : "aten::", self->op->name)
               : te_error_set (err, TE_ERR_NOT_IMPLEMENTED, "the derivative for '%s' is not implemented.",
                               self->op->name);
  bool any = false, is_complex = false;
  TeDtype dtype = TE_DTYPE_NONE;
  for (int i = 0; i < self->n_inputs; i++)
    if (grads[i])
      {
        any = true;
        dtype = te_tensor_dtype (grads[i]);
        is_complex |= te_dtype_is_complex (te_tensor_dtype (grads[i]));
      }
  if (!any)
    return true;
  Run run;
  bool widens = self->n_edges && te_widened (self->op, (TeDtype) self->metas[0].dtype) != TE_DTYPE_NONE;
  bool ok = run_open (&run, self, err) && (!widens || widen_saved (&run, self, err));
  if (ok)
    {
      TeBackward ctx = { .op = self->op,
                         .args = run.args,
                         .n_inputs = self->n_edges,
                         .inputs = run.unpacked,
                         .metas = self->metas,
                         .needs = run.needs,
                         .n_outs = self->n_inputs,
                         .outs = run.unpacked + self->n_edges,
                         .out_metas = self->input_metas,
                         .extra = run.unpacked + self->n_edges + self->n_inputs,
                         .grads = grads,
                         .results = results,
                         .create_graph = differentiated };
      if (widens)
        ok = run_widened (&ctx, by_twin, err);
      else
        ok = by_twin                                         ? te_twin_backward (&ctx, err)
             : is_complex && !(def->flags & (TE_OP_CONJ_RULE | TE_OP_VIEW)) ? apply_conjugated (def, &ctx, err)
                                                             : def->backward (&ctx, err);
    }
  run_close (&run, self);
  if (ok && !te_grad_mode_flag)
    set_versions (self, dtype, results);
  return ok;
}

const TeNodeClass te_recorded_op_class = { .apply = recorded_apply, .only_results = true };

bool
te_node_is_recorded_op (const TeNode *self)
{
  return self->klass == &te_recorded_op_class && self->op;
}

int
te_node_shown_edge (const TeNode *self, int index)
{
  int edge = 0, shown = 0, singles = 0;
  if (!te_node_is_recorded_op (self) || !self->op->constant_args)
    return index;
  for (int i = 0; i < self->op->n_args; i++)
    singles += self->op->args[i].type == TE_ARG_TENSOR;
  for (int i = 0; i < self->op->n_args && edge < self->n_edges; i++)
    {
      const TeArg *arg = &self->op->args[i];
      int count = arg->type == TE_ARG_TENSOR ? 1 : te_arg_is_tensor_list (arg) ? self->n_edges - singles : 0;
      bool constant = self->op->constant_args & (1u << i);
      if (index < edge + count)
        return constant ? -1 : shown + index - edge;
      edge += count;
      shown += constant ? 0 : count;
    }
  return index;
}
