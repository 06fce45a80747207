/* CopySlices: the base's history after one of its views was changed in place.  The gradient of the base flows
 * on to the base's old history everywhere but in the view's elements, where fn (the in-place op) says what
 * arrives. Its edges: the base's old history, then fn's edges from the second on. */
#include "autograd/node-private.h"
#include "autograd/observer.h"

#include "base/mem.h"
#include "ops/dispatch.h"

typedef struct
{
  TeNode *fn; /* owned */
  TeMeta base;
  int64_t base_strides[TE_MAX_NDIM], view_sizes[TE_MAX_NDIM], view_strides[TE_MAX_NDIM], view_offset;
  int view_ndim;
} CopySlices;

static TeTensor *
gradient_of_base (CopySlices *slices, TeTensor *grad, TeError *err)
{
  TE_OP (copy, "copy_");
  TeTensor *result = te_tensor_new_strided (slices->base.ndim, slices->base.sizes, slices->base_strides,
                                            te_tensor_dtype (grad), err);
  if (result && !te_call_inplace (copy, err, "TT", result, grad))
    te_tensor_clear (&result);
  return result;
}

static bool
apply (TeNode *self, TeTensor *const *grads, TeTensor **results, TeError *err)
{
  TE_OP (as_strided, "as_strided");
  TE_OP (copy, "copy_");
  CopySlices *slices = self->data;
  if (!grads[0])
    return true;
  if (self->saved_released) /* even where fn saved nothing */
    return te_node_refuse_freed (err);
  TeTensor **inner = te_new_sized (sizeof *inner * (size_t) (slices->fn->n_edges + 1));
  TeTensor *whole = inner ? gradient_of_base (slices, grads[0], err) : NULL;
  TeTensor *slice = whole ? te_call (as_strided, err, "TIIi", whole, slices->view_sizes, slices->view_ndim,
                                     slices->view_strides, slices->view_ndim, slices->view_offset)
                          : NULL;
  TeTensor *arriving = slice ? te_clone (slice, err) : NULL;
  bool ok = arriving && slices->fn->klass->apply (slices->fn, (TeTensor *const *) &arriving, inner, err);
  if (ok)
    {
      if (inner[0])
        ok = te_call_inplace (copy, err, "TT", slice, inner[0]);
      else
        {
          TE_OP (zero, "zero_");
          ok = te_call_inplace (zero, err, "T", slice);
        }
      results[0] = te_tensor_ref (whole);
      for (int i = 1; i < slices->fn->n_edges; i++)
        {
          results[i] = inner[i];
          inner[i] = NULL;
        }
    }
  for (int i = 0; inner && i < slices->fn->n_edges; i++)
    te_tensor_unref (inner[i]);
  te_free_sized (inner, sizeof *inner * (size_t) (slices->fn->n_edges + 1));
  te_tensor_unref (arriving);
  te_tensor_unref (slice);
  te_tensor_unref (whole);
  return ok;
}

static void
release_saved (TeNode *self)
{
  te_node_release_saved (((CopySlices *) self->data)->fn);
}

static void
finalize (TeNode *self)
{
  CopySlices *slices = self->data;
  te_meta_clear (&slices->base);
  te_node_unref (slices->fn);
  te_free (slices);
}

static const TeNodeClass copy_slices_class = {
  .apply = apply, .only_results = true, .release_saved = release_saved, .finalize = finalize
};

TeNode *
te_copy_slices_new (TeTensor *base, TeTensor *view, TeNode *fn, TeError *err)
{
  int n_edges = fn->n_edges > 1 ? fn->n_edges : 1;
  TeNode *self = te_node_new (&copy_slices_class, "CopySlices", 1, n_edges, err);
  CopySlices *slices = self ? te_new (CopySlices) : NULL;
  if (!slices)
    {
      if (self)
        {
          self->klass = &te_recorded_op_class; /* nothing of ours hangs on it yet */
          te_node_unref (self);
        }
      te_error_no_memory (err);
      return NULL;
    }
  self->data = slices;
  slices->fn = te_node_ref (fn);
  slices->view_ndim = view->ndim;
  slices->view_offset = view->offset - base->offset;
  for (int i = 0; i < view->ndim; i++)
    {
      slices->view_sizes[i] = view->sizes[i];
      slices->view_strides[i] = view->strides[i];
    }
  for (int i = 0; i < base->ndim; i++)
    slices->base_strides[i] = base->strides[i];
  bool ok = te_meta_set (&slices->base, base, err) && te_node_set_input_meta (self, 0, base, err)
            && te_node_set_edge (self, 0, base, err);
  for (int i = 1; ok && i < fn->n_edges; i++)
    {
      self->edges[i] = fn->edges[i];
      if (self->edges[i].node)
        te_node_ref (self->edges[i].node);
    }
  if (!ok)
    {
      te_node_unref (self);
      return NULL;
    }
  if (__builtin_expect (te_autograd_observer && te_autograd_observer->node_made, 0))
    te_autograd_observer->node_made (self, NULL);
  return self;
}
