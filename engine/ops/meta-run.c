#include "ops/meta-run.h"

#include <string.h>

#include "base/mem.h"

bool
te_meta_runs_on_zeros (const char *family, const char *op)
{
  static const char *const able[] = { "adaptive_pool",
                                      "avg_pool",
                                      "batch_norm",
                                      "composed_layers",
                                      "conv",
                                      "dropout",
                                      "embedding",
                                      "grid_sample",
                                      "layer_norm",
                                      "max_pool",
                                      "pad",
                                      "rnn",
                                      "rnn_layers",
                                      "rnn_steps",
                                      "rrelu",
                                      "unfold",
                                      "upsample",
                                      "special",
                                      "shape_triangle",
                                      "index",
                                      "index_dim",
                                      "mask",
                                      "scatter",
                                      "sort",
                                      "pair_loss",
                                      "nll_loss",
                                      "margin_loss",
                                      "composed_loss",
                                      "complex_parts" };
  /* what these give depends on the values, or PyTorch refuses them */
  static const char *const never[] = { "nonzero", "masked_select", "median",   "nanmedian",
                                       "mode",    "kthvalue",      "argwhere", "equal" };
  for (size_t i = 0; i < sizeof never / sizeof *never; i++)
    if (strcmp (op, never[i]) == 0)
      return false;
  for (size_t i = 0; i < sizeof able / sizeof *able; i++)
    if (strcmp (family + sizeof "te_family_" - 1, able[i]) == 0)
      return true;
  return false;
}

/* A mask as an index chooses as many elements as it has ones. */
static bool
has_mask (const TeOpCall *call)
{
  if (strncmp (call->op->name, "index", 5) != 0)
    return false;
  for (int i = 0; i < call->op->n_args; i++)
    for (int k = 0; call->args[i].kind == TE_VALUE_TENSOR_LIST && k < call->args[i].count; k++)
      if (call->args[i].tensors[k] && te_tensor_dtype (call->args[i].tensors[k]) == TE_BOOL)
        return true;
  return false;
}

/* Zeros where self has no data; self otherwise.  A new reference; NULL only when memory is short. */
static TeTensor *
zeros_of (TeTensor *self, TeError *err)
{
  if (!te_tensor_is_meta (self))
    return te_tensor_ref (self);
  TeTensor *zeros =
      te_tensor_new_strided (self->ndim, self->sizes, self->strides, te_tensor_dtype (self), err);
  if (zeros && zeros->storage->nbytes)
    memset (zeros->storage->data, 0, (size_t) zeros->storage->nbytes);
  return zeros;
}

typedef struct
{
  TeValue args[TE_OP_MAX_ARGS];
  TeTensor **lists[TE_OP_MAX_ARGS]; /* owned */
} Zeros;

static bool
zeros_list (Zeros *self, int i, const TeValue *given, TeError *err)
{
  TeTensor **items = te_new_sized ((size_t) (given->count + 1) * sizeof *items);
  if (!items)
    return te_error_no_memory (err);
  memset (items, 0, (size_t) (given->count + 1) * sizeof *items);
  self->lists[i] = items;
  self->args[i].tensors = items;
  for (int k = 0; k < given->count; k++)
    if (given->tensors[k] && !(items[k] = zeros_of (given->tensors[k], err)))
      return false;
  return true;
}

static bool
zeros_begin (Zeros *self, const TeOpCall *call, TeError *err)
{
  memset (self, 0, sizeof *self);
  for (int i = 0; i < call->op->n_args; i++)
    {
      const TeValue *given = &call->args[i];
      self->args[i] = *given;
      if (given->kind == TE_VALUE_TENSOR)
        self->args[i].tensor = NULL;
      if (given->kind == TE_VALUE_TENSOR && !(self->args[i].tensor = zeros_of (given->tensor, err)))
        return false;
      if (given->kind == TE_VALUE_TENSOR_LIST && !zeros_list (self, i, given, err))
        return false;
    }
  return true;
}

static void
zeros_end (Zeros *self, const TeOpCall *call)
{
  for (int i = 0; i < call->op->n_args; i++)
    {
      if (call->args[i].kind == TE_VALUE_TENSOR)
        te_tensor_unref (self->args[i].tensor);
      for (int k = 0; self->lists[i] && k < call->args[i].count; k++)
        te_tensor_unref (self->lists[i][k]);
      if (self->lists[i])
        te_free_sized (self->lists[i], (size_t) (call->args[i].count + 1) * sizeof *self->lists[i]);
    }
}

/* *slot without its data, or the argument that the kernel handed through. */
static bool
forget_data (TeTensor **slot, const Zeros *zeros, const TeOpCall *call, TeError *err)
{
  TeTensor *made = *slot;
  *slot = NULL;
  for (int i = 0; i < call->op->n_args && !*slot; i++)
    if (call->args[i].kind == TE_VALUE_TENSOR && zeros->args[i].tensor == made)
      *slot = te_tensor_ref (call->args[i].tensor);
  if (!*slot)
    *slot = te_tensor_new_meta (made->ndim, made->sizes, made->strides, te_tensor_dtype (made), err);
  te_tensor_unref (made);
  return *slot != NULL;
}

bool
te_meta_refuse (const char *name, TeError *err)
{
  return te_error_set (
      err, TE_ERR_NOT_IMPLEMENTED,
      "Could not run 'aten::%s' with arguments from the 'Meta' backend. This could be because the operator doesn't exist "
      "for this backend, or was omitted during the selective/custom build process (if using custom build). If you are a "
      "Facebook employee using PyTorch on mobile, please visit https://fburl.com/ptmfixes for possible resolutions. "
      "'aten::%s' is only available for these backends: [CPU, BackendSelect, Python, "
      "FuncTorchDynamicLayerBackMode, Functionalize, Named, Conjugate, Negative, ZeroTensor, "
      "ADInplaceOrView, AutogradOther, AutogradCPU, AutogradCUDA, AutogradHIP, AutogradXLA, AutogradMPS, "
      "AutogradIPU, AutogradXPU, AutogradHPU, AutogradVE, AutogradLazy, AutogradMeta, AutogradPrivateUse1, "
      "AutogradPrivateUse2, AutogradPrivateUse3, AutogradNestedTensor, Tracer, AutocastCPU, AutocastCUDA, "
      "FuncTorchBatched, FuncTorchVmapMode, Batched, VmapMode, FuncTorchGradWrapper, PythonTLSSnapshot, "
      "FuncTorchDynamicLayerFrontMode, PythonDispatcher].",
      name, name);
}

bool
te_meta_run (TeOpCall *call, bool (*run) (TeOpCall *, TeError *), TeError *err)
{
  if (call->has_out)
    return te_error_set (err, TE_ERR_NOT_IMPLEMENTED, "%s with out= on device meta is not implemented",
                         call->op->name);
  if (has_mask (call))
    return te_meta_refuse ("nonzero", err);
  Zeros zeros;
  const TeValue *given = call->args;
  TeTensor *self = call->inplace ? call->outs[0] : NULL;
  bool ok = zeros_begin (&zeros, call, err);
  if (ok)
    {
      call->args = zeros.args;
      if (self)
        call->outs[0] = te_tensor_ref (zeros.args[0].tensor);
      ok = run (call, err);
      call->args = given;
    }
  for (int i = 0; i < call->n_outs && ok; i++)
    ok = !call->outs[i] || forget_data (&call->outs[i], &zeros, call, err);
  for (int i = 0; i < TE_OP_MAX_EXTRA && ok; i++)
    ok = !call->extra[i] || te_tensor_is_meta (call->extra[i])
         || forget_data (&call->extra[i], &zeros, call, err);
  te_tensor_unref (self);
  zeros_end (&zeros, call);
  return ok;
}
