/* The node at a leaf: adds what arrives to .grad. */
#include "autograd/node-private.h"
#include "autograd/observer.h"
#include "autograd/sparse-sum.h"

#include "ops/dispatch.h"

static bool
apply (TeNode *self, TeTensor *const *grads, TeTensor **results, TeError *err)
{
  (void) results;
  return !grads[0] || te_accumulate_grad_run (self->data, grads[0], false, err);
}

static void
finalize (TeNode *self)
{
  TeTensor *leaf = self->data;
  if (leaf->autograd && leaf->autograd->accumulator == self)
    leaf->autograd->accumulator = NULL;
  te_tensor_unref (leaf);
}

const TeNodeClass te_accumulate_grad_class = { .apply = apply, .finalize = finalize };

/* te_accumulate_grad_new: holds its leaf; the leaf knows it weakly.  Runs as soon as its gradient is
 * complete. */
TeNode *
te_accumulate_grad_new (TeTensor *leaf, TeError *err)
{
  TeAutogradMeta *meta = te_tensor_autograd_meta (leaf, err);
  TeNode *self = meta ? te_node_new (&te_accumulate_grad_class, "AccumulateGrad", 1, 0, err) : NULL;
  if (!self)
    return NULL;
  self->data = te_tensor_ref (leaf);
  self->sequence = UINT64_MAX;
  if (!te_node_set_input_meta (self, 0, leaf, err))
    {
      te_node_unref (self);
      return NULL;
    }
  meta->accumulator = self;
  if (__builtin_expect (te_autograd_observer && te_autograd_observer->node_made, 0))
    te_autograd_observer->node_made (self, NULL);
  return self;
}

bool
te_node_is_accumulate_grad (const TeNode *self)
{
  return self->klass == &te_accumulate_grad_class;
}

TeTensor *
te_node_accumulate_grad_leaf (const TeNode *self)
{
  return te_node_is_accumulate_grad (self) ? self->data : NULL;
}

/* Are these the strides that a leaf's gradient has: the leaf's own where it is dense, otherwise contiguous
 * ones? */
static bool
has_strides_for (const TeTensor *grad, const TeTensor *leaf, bool leaf_is_dense)
{
  if (!leaf_is_dense)
    return te_tensor_is_contiguous (grad);
  if (grad->ndim != leaf->ndim) /* the leaf was given other data since */
    return false;
  for (int d = 0; d < grad->ndim; d++)
    if (grad->sizes[d] == 1 ? grad->strides[d] == 0 : grad->strides[d] != leaf->strides[d])
      return false;
  return true;
}

static TeTensor *
copy_of_sparse (TeTensor *grad, bool may_steal, TeError *err)
{
  const TeSparse *parts = te_tensor_sparse (grad);
  if (may_steal && !te_grad_mode_enabled () && te_tensor_is_contiguous (parts->indices)
      && te_tensor_is_contiguous (parts->values))
    return te_tensor_ref (grad);
  TeTensor *indices = te_clone (parts->indices, err), *values = indices ? te_clone (parts->values, err) : NULL;
  TeTensor *copy = values ? te_tensor_new_sparse (grad->ndim, grad->sizes, indices, values, parts->coalesced, err) : NULL;
  te_tensor_unref (indices);
  te_tensor_unref (values);
  return copy;
}

/* The first gradient becomes .grad: taken over, with the memory that it looks at, when nobody else holds it
 * and it has the right strides, otherwise copied. */
static TeTensor *
first_grad (TeTensor *leaf, TeTensor *grad, bool may_steal, TeError *err)
{
  TE_OP (clone, "clone");
  TE_OP (copy, "copy_");
  if (te_tensor_sparse (grad))
    return copy_of_sparse (grad, may_steal, err);
  bool dense = te_shape_is_non_overlapping_and_dense (leaf->ndim, leaf->sizes, leaf->strides);
  if (!te_grad_mode_enabled () && may_steal && has_strides_for (grad, leaf, dense))
    return te_tensor_alias (grad, err);
  if (!dense || !te_tensor_same_sizes (leaf, grad) || te_tensor_is_meta (grad))
    return te_call (clone, err, "Ti", grad, (int64_t) TE_MEMORY_CONTIGUOUS);
  TeTensor *result =
      te_tensor_new_strided (leaf->ndim, leaf->sizes, leaf->strides, te_tensor_dtype (grad), err);
  if (result && !te_call_inplace (copy, err, "TT", result, grad))
    te_tensor_clear (&result);
  return result;
}

/* Who holds a sparse gradient sees it grow, as a dense one. */
static bool
add_in_place (TeTensor *present, TeTensor *grad, TeError *err)
{
  TeTensor *sum = te_gradient_sum (present, grad, err);
  const TeSparse *parts = sum ? te_tensor_sparse (sum) : NULL;
  bool ok = parts && te_tensor_set_sparse (present, parts->indices, parts->values, parts->coalesced, err);
  te_tensor_unref (sum);
  return ok;
}

bool
te_accumulate_grad_run (TeTensor *leaf, TeTensor *grad, bool may_steal, TeError *err)
{
  TE_OP (add, "add.Tensor");
  TeTensor *present = te_tensor_grad (leaf);
  if (!te_tensor_is_leaf (leaf)) /* a Function changed a view of it */
    return te_error_set (err, TE_ERR_RUNTIME, "leaf variable has been moved into the graph interior");
  if (!present)
    {
      TeTensor *first = first_grad (leaf, grad, may_steal, err);
      bool ok = first && te_tensor_set_grad (leaf, first, err);
      te_tensor_unref (first);
      return ok;
    }
  if (!te_grad_mode_enabled () && te_tensor_sparse (present) && te_tensor_sparse (grad))
    return add_in_place (present, grad, err);
  if (!te_grad_mode_enabled () && !te_tensor_sparse (present) && !te_tensor_sparse (grad))
    return te_call_inplace (add, err, "TT", present, grad);
  TeTensor *sum = te_gradient_sum (present, grad, err);
  bool ok = sum && te_tensor_set_grad (leaf, sum, err);
  te_tensor_unref (sum);
  return ok;
}
