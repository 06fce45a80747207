#include "autograd/autograd.h"
#include "autograd/node-private.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ops/dispatch.h"

bool te_grad_mode_flag = true, te_inference_mode_flag = false, te_anomaly_mode_flag = false,
     te_anomaly_check_nan = true;

static bool
is_retain_of (const TeHook *hook, const TeTensor *tensor)
{
  return hook->kind == TE_HOOK_RETAIN && hook->context == tensor;
}

static void
drop_retain_hook (TeNode *node, TeTensor *tensor)
{
  for (TeHook *hook = node->pre_hooks; hook; hook = hook->next)
    if (is_retain_of (hook, tensor))
      {
        te_node_remove_hook (node, hook->id);
        return;
      }
}

static void
meta_release (TeTensor *self)
{
  TeAutogradMeta *meta = self->autograd;
  if (meta->retains_grad && meta->grad_fn)
    drop_retain_hook (meta->grad_fn, self);
  te_tensor_clear (&meta->grad);
  te_tensor_clear (&meta->tangent);
  te_hooks_free (meta->hooks);
  TeNode *grad_fn = meta->grad_fn;
  TeTensor *base = meta->base;
  free (meta->name);
  self->autograd = NULL;
  te_free (meta);
  te_tensor_unref (base);
  te_node_unref (grad_fn);
}

TeAutogradMeta *
te_tensor_autograd_meta (TeTensor *self, TeError *err)
{
  if (!self->autograd)
    {
      te_tensor_autograd_release = meta_release;
      self->autograd = te_new (TeAutogradMeta);
      if (!self->autograd)
        te_error_no_memory (err);
    }
  return self->autograd;
}

bool
te_tensor_set_grad (TeTensor *self, TeTensor *grad, TeError *err)
{
  if (!grad && !self->autograd)
    return true;
  TeAutogradMeta *meta = te_tensor_autograd_meta (self, err);
  if (!meta)
    return false;
  TeTensor *before = meta->grad;
  meta->grad = grad ? te_tensor_ref (grad) : NULL;
  te_tensor_unref (before);
  return true;
}

/* Views whose history cannot be rebuilt when they (or, indirectly, their base) change in place. */
static bool
check_view_change (TeTensor *self, bool indirect, TeError *err)
{
  const TeNode *node = self->autograd->grad_fn;
  TeViewCreation creation = self->autograd->creation;
  const char *how = indirect ? "its base or another view of its base has been" : "is being";
  char which[256];
  if (creation == TE_VIEW_DEFAULT)
    return true;
  if (creation == TE_VIEW_NO_GRAD || creation == TE_VIEW_INFERENCE)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "A view was created in %s mode and %s modified inplace %s. Given "
        "that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code "
        "by moving both the view and the inplace either both inside the %s block (if you don't want "
        "the inplace to be tracked) or both outside (if you want the inplace to be tracked).",
        creation == TE_VIEW_NO_GRAD ? "no_grad" : "inference", how,
        creation == TE_VIEW_NO_GRAD ? "with grad mode enabled" : "in normal mode",
        creation == TE_VIEW_NO_GRAD ? "no_grad" : "inference_mode");
  if (node)
    snprintf (which, sizeof which, "Output %d of %s is a view and %s modified inplace.",
              self->autograd->output_nr, node->name, how);
  else /* PyTorch's words: whatever made it, nothing was recorded */
    snprintf (which, sizeof which, "A view was created in no_grad mode and %s modified inplace with grad mode enabled.",
              how);
  return te_error_set (
      err, TE_ERR_RUNTIME, "%s %s", which,
      creation == TE_VIEW_MULTI_OUTPUT
          ? "This view is the output of a function that returns multiple views. Such functions do not "
            "allow the output views to be modified inplace. You should replace the inplace operation by "
            "an out-of-place one."
          : "This view was created inside a custom Function (or because an input was returned as-is) "
            "and the autograd logic to handle view+inplace would override the custom backward associated "
            "with the custom Function, leading to incorrect gradients. This behavior is forbidden. You can "
            "fix this by cloning the output of the custom Function.");
}

/* A view of a tensor that was changed in place after the view was made: its history is now the base's, seen
 * through as_strided. */
static bool
regenerate (TeTensor *self, TeAutogradMeta *meta, TeError *err)
{
  TeTensor *base = meta->base;
  bool lent = !te_tensor_requires_grad (base);
  if (lent) /* the view had a history that its base has not: it goes on, and leads nowhere */
    base->flags |= TE_TENSOR_REQUIRES_GRAD;
  bool ok = te_record_as_strided (self, base, err);
  if (lent)
    {
      base->flags &= ~(uint32_t) TE_TENSOR_REQUIRES_GRAD;
      if (ok)
        {
          te_node_unref (meta->grad_fn->edges[0].node);
          meta->grad_fn->edges[0].node = NULL;
        }
    }
  return ok;
}

bool
te_tensor_grad_fn (TeTensor *self, TeNode **node, TeError *err)
{
  TeAutogradMeta *meta = self->autograd;
  *node = NULL;
  if (!meta)
    return true;
  if (__builtin_expect (meta->base != NULL, 0) && meta->view_version != *self->version
      && (meta->grad_fn || te_tensor_requires_grad (meta->base))
      && !(check_view_change (self, true, err) && regenerate (self, meta, err)))
    return false;
  *node = meta->grad_fn;
  return true;
}

bool
te_tensor_set_requires_grad (TeTensor *self, bool requires_grad, TeError *err)
{
  if (!requires_grad && !te_tensor_is_leaf (self))
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "you can only change requires_grad flags of leaf variables. If you want to use a computed "
        "variable in a subgraph that doesn't require differentiation use var_no_grad = var.detach().");
  if (requires_grad && !te_dtype_is_inexact (te_tensor_dtype (self)))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "only Tensors of floating point and complex dtype can require gradients");
  if (requires_grad && (self->flags & TE_TENSOR_INFERENCE) && !te_inference_mode_flag)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "Setting requires_grad=True on inference tensor outside InferenceMode is not allowed.");
  if (requires_grad)
    self->flags |= TE_TENSOR_REQUIRES_GRAD;
  else
    self->flags &= ~(uint32_t) TE_TENSOR_REQUIRES_GRAD;
  return true;
}

static bool
add_retain_hook (TeNode *node, TeTensor *tensor, int output_nr, TeError *err)
{
  TeHook hook = { .context = tensor, .input_nr = output_nr };
  return te_node_add_hook (node, TE_HOOK_RETAIN, &hook, err) != 0;
}

bool
te_tensor_retain_grad (TeTensor *self, TeError *err)
{
  TeNode *node;
  if (!te_tensor_requires_grad (self))
    return te_error_set (err, TE_ERR_RUNTIME, "can't retain_grad on Tensor that has requires_grad=False");
  if (!te_tensor_grad_fn (self, &node, err))
    return false;
  if (!node || self->autograd->retains_grad)
    return true;
  self->autograd->retains_grad = true;
  return add_retain_hook (node, self, self->autograd->output_nr, err);
}

int64_t
te_tensor_add_hook (TeTensor *self, const TeHook *hook, TeError *err)
{
  TeNode *node;
  if (!te_tensor_requires_grad (self))
    {
      te_error_set (err, TE_ERR_RUNTIME, "cannot register a hook on a tensor that doesn't require gradient");
      return 0;
    }
  if (!te_tensor_grad_fn (self, &node, err))
    return 0;
  TeHook copy = *hook;
  if (node)
    {
      copy.input_nr = self->autograd->output_nr;
      return te_node_add_hook (node, TE_HOOK_TENSOR, &copy, err);
    }
  TeAutogradMeta *meta = te_tensor_autograd_meta (self, err);
  return meta ? te_hook_list_add (&meta->hooks, TE_HOOK_TENSOR, &copy, err) : 0;
}

void
te_tensor_remove_hook (TeTensor *self, int64_t id)
{
  if (!self->autograd)
    return;
  te_hook_list_remove (&self->autograd->hooks, id);
  if (self->autograd->grad_fn)
    te_node_remove_hook (self->autograd->grad_fn, id);
}

bool
te_tensor_gradient_edge (TeTensor *self, TeEdge *edge, TeError *err)
{
  TeNode *node;
  edge->node = NULL;
  edge->input_nr = 0;
  if (!te_tensor_grad_fn (self, &node, err))
    return false;
  if (node)
    {
      edge->node = te_node_ref (node);
      edge->input_nr = self->autograd->output_nr;
      return true;
    }
  if (!(self->flags & TE_TENSOR_REQUIRES_GRAD)) /* a view made before its base required grad has no place for one */
    return true;
  TeAutogradMeta *meta = te_tensor_autograd_meta (self, err);
  if (!meta)
    return false;
  edge->node = meta->accumulator ? te_node_ref (meta->accumulator) : te_accumulate_grad_new (self, err);
  return edge->node != NULL;
}

bool
te_tensor_set_history (TeTensor *self, TeNode *node, int output_nr, TeError *err)
{
  TeAutogradMeta *meta = te_tensor_autograd_meta (self, err);
  if (!meta)
    return false;
  if (meta->retains_grad && meta->grad_fn && meta->grad_fn != node)
    { /* changed in place: what is retained is the gradient of the new value */
      drop_retain_hook (meta->grad_fn, self);
      if (!add_retain_hook (node, self, output_nr, err))
        return false;
    }
  TeNode *before = meta->grad_fn;
  meta->grad_fn = te_node_ref (node);
  meta->output_nr = output_nr;
  meta->view_version = *self->version;
  self->flags |= TE_TENSOR_REQUIRES_GRAD;
  te_node_unref (before);
  return true;
}

bool
te_tensor_rebase_history (TeTensor *self, TeNode *node, TeError *err)
{
  TeTensor *base = te_tensor_base (self);
  if (!base)
    return te_tensor_set_history (self, node, 0, err);
  TeNode *copy_slices = te_copy_slices_new (base, self, node, err);
  if (!copy_slices)
    return false;
  bool ok = te_tensor_set_history (base, copy_slices, 0, err);
  te_node_unref (copy_slices);
  self->flags |= TE_TENSOR_REQUIRES_GRAD;
  self->autograd->view_version = *self->version - 1; /* stale: made anew when asked for */
  return ok;
}

static bool
base_requires_grad (const TeTensor *view)
{
  const TeTensor *base = te_tensor_base (view);
  return base && te_tensor_requires_grad (base)
         && (base->dtype == view->dtype || te_dtype_is_inexact (te_tensor_dtype (view)));
}

bool
te_tensor_mark_view (TeTensor *view, TeTensor *of, TeViewCreation creation, TeError *err)
{
  TeAutogradMeta *meta = te_tensor_autograd_meta (view, err);
  if (!meta)
    return false;
  TeTensor *base = te_tensor_base (of) ? te_tensor_base (of) : of;
  if (meta->base != base)
    {
      te_tensor_ref (base);
      te_tensor_unref (meta->base);
      meta->base = base;
    }
  if (of->autograd && of->autograd->base
      && (creation == TE_VIEW_DEFAULT || of->autograd->creation == TE_VIEW_INFERENCE))
    creation = of->autograd->creation;
  meta->creation = (uint8_t) creation;
  view->flags |= TE_TENSOR_VIEW;
  te_tensor_view_requires_grad = base_requires_grad;
  meta->view_version = *view->version;
  return true;
}

bool
te_tensor_check_inplace (TeTensor *self, bool records, TeError *err)
{
  if (!records || !te_grad_mode_flag)
    return true;
  TeTensor *base = te_tensor_base (self);
  if (base && !check_view_change (self, false, err))
    return false;
  if (base && te_tensor_requires_grad (self) && te_tensor_is_leaf (base))
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "a view of a leaf Variable that requires grad is being used in an in-place operation.");
  if (base && te_tensor_requires_grad (self)
      && (base->dtype != self->dtype || (base->flags ^ self->flags) & TE_TENSOR_LAZY))
    return te_error_set (err, TE_ERR_NOT_IMPLEMENTED,
                         "changing a part or the conjugate of a complex tensor that requires grad in place");
  if (te_tensor_requires_grad (self) && !base && te_tensor_is_leaf (self))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "a leaf Variable that requires grad is being used in an in-place operation.");
  return true;
}

bool
te_tensor_detach_inplace (TeTensor *self, TeError *err)
{
  if (te_tensor_base (self))
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel "
        "(DDP) for training, and gradient_as_bucket_view is set as True, gradients are views of DDP "
        "buckets, and hence detach_() cannot be called on these gradients. To fix this error, please "
        "refer to the Optimizer.zero_grad() function in torch/optim/optimizer.py as the solution.");
  self->flags &= ~(uint32_t) TE_TENSOR_REQUIRES_GRAD;
  if (self->autograd)
    {
      if (self->autograd->retains_grad && self->autograd->grad_fn)
        drop_retain_hook (self->autograd->grad_fn, self);
      self->autograd->retains_grad = false;
      TeNode *before = self->autograd->grad_fn;
      self->autograd->grad_fn = NULL;
      self->autograd->output_nr = 0;
      te_node_unref (before);
    }
  return true;
}
