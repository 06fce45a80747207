/* Tensors kept for backward.  Inputs are kept as they are; an output of the node that keeps it is kept as an alias
 * without history (the node would hold itself) and gets it back when unpacked.  While saved-tensor hooks are in
 * force, what the pack hook returned is kept in the tensor's place, with where its gradient goes. */
#include "autograd/saved.h"

#include "autograd/forward.h"
#include "autograd/grad-mode.h"
#include "autograd/node-private.h"

#include "base/mem.h"
#include "ops/dispatch.h"

#include <string.h>

const TeSavedHooks *te_saved_hooks;

struct TePacked
{
  const TeSavedHooks *hooks;
  void *context, *value;
  TeEdge edge; /* of an input that needs a gradient */
  TeMeta meta; /* of what was packed */
  bool is_leaf, needs;
};

static void
packed_free (TePacked *self)
{
  self->hooks->release (self->context, self->value);
  te_node_unref (self->edge.node);
  te_meta_clear (&self->meta);
  te_free (self);
}

static bool
pack (TeSaved *self, const TeSavedHooks *hooks, TeTensor *tensor, TeError *err)
{
  TePacked *packed = te_new (TePacked);
  if (!packed)
    return te_error_no_memory (err);
  packed->hooks = hooks;
  packed->needs = te_tensor_requires_grad (tensor);
  packed->is_leaf = te_tensor_is_leaf (tensor);
  bool mode = te_grad_mode_set (false);
  uint32_t version = *tensor->version;
  bool ok = te_meta_set (&packed->meta, tensor, err)
            && (self->is_output || !packed->needs || te_tensor_gradient_edge (tensor, &packed->edge, err));
  ok = ok && hooks->pack (tensor, &packed->context, &packed->value, err);
  te_grad_mode_set (mode);
  if (!ok)
    {
      te_node_unref (packed->edge.node);
      te_meta_clear (&packed->meta);
      te_free (packed);
      return false;
    }
  self->packed = packed;
  if (*tensor->version != version)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "A saved tensor pack hook is modifying its input in place. Tensors provided as input to pack hook can "
        "not be modified by in-place operations as this can lead to unexpected side-effects. Please open an "
        "issue if you need to perform in-place operations on the input to a pack hook.");
  return true;
}

bool
te_saved_set (TeSaved *self, TeTensor *tensor, int output_nr, TeError *err)
{
  if ((tensor->flags & TE_TENSOR_INFERENCE) && !te_inference_mode_flag)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "Inference tensors cannot be saved for backward. To work around you can make a clone to get a "
        "normal tensor and use it in autograd.");
  self->version = *tensor->version;
  self->is_output = output_nr >= 0;
  self->output_nr = (int16_t) (output_nr < 0 ? 0 : output_nr);
  if (__builtin_expect (te_saved_hooks != NULL, 0))
    return pack (self, te_saved_hooks, tensor, err);
  self->tensor = self->is_output ? te_tensor_alias (tensor, err) : te_tensor_ref (tensor);
  return self->tensor != NULL;
}

void
te_saved_clear (TeSaved *self)
{
  te_tensor_clear (&self->tensor);
  if (self->packed)
    packed_free (self->packed);
  self->packed = NULL;
}

bool
te_saved_pack (TeSaved *self, const TeSavedHooks *hooks, TeError *err)
{
  if (self->packed)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "Calling register_hooks on a saved tensor whose hooks have already been set. Hint: only one pair of "
        "hooks is allowed at a time.");
  if (!self->tensor)
    return te_error_set (err, TE_ERR_RUNTIME, "Calling register_hooks on a saved tensor with value None is forbidden");
  if (!pack (self, hooks, self->tensor, err))
    return false;
  te_tensor_clear (&self->tensor);
  return true;
}

static bool
error_stale (const TeSaved *self, TeNode *node, TeError *err)
{
  char shape[512], origin[256] = "", type[64];
  TeTensor *tensor = self->tensor;
  TeDtype dtype = te_tensor_dtype (tensor);
  if (te_dtype_is_complex (dtype)) /* these have no old type name */
    snprintf (type, sizeof type, "CPU%sType", te_dtype_error_name (dtype));
  else
    snprintf (type, sizeof type, "%s", te_tensor_type_name (tensor));
  TeNode *maker = node;
  if (!self->is_output && !te_tensor_grad_fn (tensor, &maker, err))
    return false; /* a view that may not have changed */
  if (maker)
    snprintf (origin, sizeof origin, ", which is output %d of %s%s,",
              self->is_output ? self->output_nr : te_tensor_output_nr (tensor),
              strcmp (maker->name, "CopySlices") == 0 ? "torch::autograd::" : "", maker->name);
  return te_error_set (
      err, TE_ERR_RUNTIME,
      "one of the variables needed for gradient computation has been modified by an inplace operation: "
      "[%s %s]%s is at version %u; expected version %u instead. Hint: %s",
      type, te_shape_text (tensor->ndim, tensor->sizes, shape, sizeof shape), origin,
      *tensor->version, self->version,
      te_anomaly_mode_flag
          ? "the backtrace further above shows the operation that failed to compute its gradient. The "
            "variable in question was changed in there or anywhere later. Good luck!"
          : "enable anomaly detection to find the operation that failed to compute its gradient, with "
            "torch.autograd.set_detect_anomaly(True).");
}

/* What the unpack hook gives, with the history of what was packed. */
static TeTensor *
unpack_hooked (const TeSaved *self, TeNode *node, TeError *err)
{
  TePacked *packed = self->packed;
  TeTensor *value = packed->hooks->unpack (packed->context, packed->value, err);
  if (!value || (!packed->needs && !self->is_output))
    return value;
  TeTensor *alias = te_tensor_alias (value, err);
  te_tensor_unref (value);
  bool ok = alias != NULL;
  if (ok && self->is_output && te_dtype_is_inexact (te_tensor_dtype (alias)))
    ok = !node || te_tensor_set_history (alias, node, self->output_nr, err);
  else if (ok && packed->edge.node && packed->is_leaf)
    {
      TeAutogradMeta *meta = te_tensor_autograd_meta (alias, err);
      ok = meta != NULL;
      if (ok)
        meta->accumulator = packed->edge.node; /* gradients reach the leaf that was packed */
      alias->flags |= TE_TENSOR_REQUIRES_GRAD;
    }
  else if (ok && packed->edge.node)
    ok = te_tensor_set_history (alias, packed->edge.node, packed->edge.input_nr, err);
  if (!ok)
    te_tensor_clear (&alias);
  return alias;
}

TeTensor *
te_saved_unpack (const TeSaved *self, TeNode *node, TeError *err)
{
  TeTensor *tensor = self->tensor;
  if (self->packed)
    return unpack_hooked (self, node, err);
  if (!tensor)
    return NULL;
  if (*tensor->version != self->version)
    {
      error_stale (self, node, err);
      return NULL;
    }
  if (!self->is_output || !node || !te_dtype_is_inexact (te_tensor_dtype (tensor)))
    return te_tensor_ref (tensor);
  TeTensor *alias = te_tensor_alias (tensor, err);
  TeTensor *tangent = te_tensor_tangent (tensor);
  if (alias && (!te_tensor_set_history (alias, node, self->output_nr, err)
                || (tangent && !te_tensor_set_tangent (alias, tangent, err))))
    te_tensor_clear (&alias);
  return alias;
}

const TeMeta *
te_saved_packed_meta (const TeSaved *self)
{
  return self->packed ? &self->packed->meta : NULL;
}

bool
te_saved_fit (TeTensor **kept, const TeMeta *meta, TeError *err)
{
  TeTensor *fitting = *kept;
  if (meta->dtype == TE_DTYPE_NONE)
    return true;
  if (fitting->ndim != meta->ndim
      || memcmp (fitting->sizes, meta->sizes, meta->ndim * sizeof *meta->sizes) != 0)
    {
      int64_t sizes[TE_MAX_NDIM];
      int ndim;
      if (!te_shape_broadcast (meta->ndim, meta->sizes, fitting->ndim, fitting->sizes, &ndim, sizes, err))
        return false;
      fitting = te_expand (*kept, meta->ndim, meta->sizes, err);
      if (!fitting)
        return false;
      te_tensor_unref (*kept);
      *kept = fitting;
    }
  if (te_tensor_dtype (fitting) == (TeDtype) meta->dtype)
    return true;
  fitting = te_to_dtype (*kept, (TeDtype) meta->dtype, err);
  if (!fitting)
    return false;
  te_tensor_unref (*kept);
  *kept = fitting;
  return true;
}
