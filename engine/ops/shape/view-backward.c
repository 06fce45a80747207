/* Gradients of views that look at a part: zeros of the input's sizes with the gradient put where the part
 * was. Rows of their own, so that they can be differentiated again. */
#include <string.h>

#include "ops/dispatch.h"
#include "ops/shape/families.h"
#include "ops/shape/shape-util.h"

static TeTensor *
zeros_like_grad (TeTensor *grad, int ndim, const int64_t *sizes, TeError *err)
{
  TeTensor *zeros = te_result_new (grad, ndim, sizes, te_tensor_dtype (grad), err);
  if (zeros && !te_tensor_is_meta (zeros))
    memset (te_tensor_data (zeros), 0, (size_t) zeros->numel * te_dtype_nbytes (te_tensor_dtype (grad)));
  return zeros;
}

/* Runs the view's own row on the zeros (raw: nobody observes it) and copies grad into what it gives. */
static bool
put_back (TeOpCall *call, const char *view, const TeValue *view_args, TeError *err)
{
  TeTensor *grad = te_arg (call, 0);
  TeTensor *zeros = zeros_like_grad (grad, call->args[1].count, call->args[1].ints, err);
  if (!zeros)
    return false;
  TeValue args[TE_OP_MAX_ARGS] = { { .kind = TE_VALUE_TENSOR, .tensor = zeros } };
  TeOpCall part = { .op = te_registry_find (view), .args = args, .n_outs = 1 };
  for (int i = 1; i < part.op->n_args; i++)
    args[i] = view_args[i - 1];
  part.outs = part.inline_outs;
  bool ok = part.op->def->kernel (&part, err);
  ok = ok && te_raw_copy (part.outs[0], grad, err);
  te_tensor_clear (&part.inline_outs[0]);
  if (!ok)
    te_tensor_clear (&zeros);
  call->outs[0] = zeros;
  return ok;
}

static bool
select_backward_kernel (TeOpCall *call, TeError *err)
{
  return put_back (call, "select", call->args + 2, err);
}

static bool
select_backward_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "select")
  return te_grad_give (ctx, 0, te_call (op, err, "Tii", ctx->grads[0], ctx->args[2].i, ctx->args[3].i));
}

static bool
slice_backward_kernel (TeOpCall *call, TeError *err)
{
  return put_back (call, "slice", call->args + 2, err);
}

static bool
slice_backward_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "slice")
  const TeValue *a = ctx->args;
  return te_grad_give (ctx, 0, te_call (op, err, "Tiiii", ctx->grads[0], a[2].i, a[3].i, a[4].i, a[5].i));
}

static bool
diagonal_backward_kernel (TeOpCall *call, TeError *err)
{
  return put_back (call, "diagonal", call->args + 2, err);
}

static bool
diagonal_backward_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "diagonal")
  const TeValue *a = ctx->args;
  return te_grad_give (ctx, 0, te_call (op, err, "Tiii", ctx->grads[0], a[2].i, a[3].i, a[4].i));
}

/* ---- windows overlap: gradients add up ---- */
/* to[offset of index] += from[index], over all of from (contiguous). */
#define ADD_ROWS(type)                                                                                       \
  do                                                                                                         \
    {                                                                                                        \
      type *row = (type *) to + te_index_offset (outer, index, strides);                                     \
      for (int64_t k = 0; k < n; k++)                                                                        \
        row[k * step] += ((const type *) from)[i++];                                                         \
    }                                                                                                        \
  while (te_index_next (outer, sizes, index))

static void
add_strided (
    TeDtype dtype, int ndim, const int64_t *sizes, void *to, const int64_t *strides, const void *from)
{
  int64_t index[TE_MAX_NDIM] = { 0 }, i = 0;
  int outer = ndim > 0 ? ndim - 1 : 0;
  int64_t n = ndim > 0 ? sizes[outer] : 1, step = ndim > 0 ? strides[outer] : 1;
  size_t nbytes = te_dtype_nbytes (dtype);
  if (dtype == TE_FLOAT32)
    ADD_ROWS (float);
  else if (dtype == TE_FLOAT64)
    ADD_ROWS (double);
  else
    do
      {
        char *place = (char *) to + (size_t) te_index_offset (ndim, index, strides) * nbytes;
        TeScalar a = te_scalar_load (dtype, place),
                 b = te_scalar_load (dtype, (const char *) from + (size_t) i++ * nbytes);
        te_scalar_store (te_scalar_complex (te_scalar_to_double (a) + te_scalar_to_double (b),
                                            te_scalar_imag (a) + te_scalar_imag (b)),
                         dtype, place);
      }
    while (te_index_next (ndim, sizes, index));
}

static bool
unfold_backward_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *a = call->args;
  int64_t strides[TE_MAX_NDIM];
  int dim, ndim = a[1].count;
  if (!te_dim_wrap (a[2].i, ndim, &dim, err))
    return false;
  TeTensor *grad = te_input_contiguous (te_arg (call, 0), err);
  TeTensor *zeros = grad ? zeros_like_grad (grad, ndim, a[1].ints, err) : NULL;
  if (zeros && grad->numel && !te_tensor_is_meta (zeros))
    {
      for (int d = 0; d < ndim; d++)
        strides[d] = zeros->strides[d];
      strides[ndim] = ndim ? zeros->strides[dim] : 1;
      if (ndim)
        strides[dim] *= a[4].i;
      add_strided (te_tensor_dtype (grad), grad->ndim, grad->sizes, te_tensor_data (zeros), strides,
                   te_tensor_data (grad));
    }
  te_tensor_unref (grad);
  call->outs[0] = zeros;
  return zeros != NULL;
}

static bool
unfold_backward_backward (TeBackward *ctx, TeError *err)
{
  TE_OP (op, "unfold")
  const TeValue *a = ctx->args;
  return te_grad_give (ctx, 0, te_call (op, err, "Tiii", ctx->grads[0], a[2].i, a[3].i, a[4].i));
}

/* Gradients of all places that look at one element add up; where the input itself showed one element in
 * several places, each of them gets an equal part, as in PyTorch. */
static bool
as_strided_backward_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *a = call->args;
  const int64_t *in_sizes = a[1].ints, *in_strides = a[2].ints;
  int ndim = a[1].count;
  int64_t extent = 0, out_extent = 0, base = a[3].i < a[6].i ? a[3].i : a[6].i;
  te_shape_extent (ndim, in_sizes, in_strides, a[3].i - base, &extent);
  te_shape_extent (a[4].count, a[4].ints, a[5].ints, a[6].i - base, &out_extent);
  extent = extent > out_extent ? extent : out_extent;
  TeTensor *grad = te_input_contiguous (te_arg (call, 0), err);
  TeTensor *memory = grad ? zeros_like_grad (grad, 1, &extent, err) : NULL;
  bool dense =
      te_shape_is_non_overlapping_and_dense (ndim, in_sizes, in_strides) && grad && !te_tensor_is_meta (grad);
  TeTensor *result = !memory ? NULL
                     : dense ? te_tensor_new_strided (ndim, in_sizes, in_strides, te_tensor_dtype (grad), err)
                             : te_result_new (grad, ndim, in_sizes, te_tensor_dtype (grad), err);
  bool ok = result != NULL;
  if (ok && !te_tensor_is_meta (result))
    {
      TeDtype dtype = te_tensor_dtype (grad);
      char *data = te_tensor_data (memory);
      size_t nbytes = te_dtype_nbytes (dtype);
      if (grad->numel)
        add_strided (dtype, grad->ndim, grad->sizes, data + (size_t) (a[6].i - base) * nbytes, a[5].ints,
                     te_tensor_data (grad));
      double shared = 1;
      for (int d = 0; d < ndim; d++)
        if (in_strides[d] == 0 && in_sizes[d] > 1)
          shared *= (double) in_sizes[d];
      for (int64_t i = 0; shared > 1 && i < extent; i++)
        {
          double value = te_scalar_to_double (te_scalar_load (dtype, data + (size_t) i * nbytes)) / shared;
          te_scalar_store (te_scalar_float (value), dtype, data + (size_t) i * nbytes);
        }
      te_move_elements (nbytes, ndim, in_sizes, te_tensor_data (result), result->strides,
                        data + (size_t) (a[3].i - base) * nbytes, in_strides);
    }
  te_tensor_unref (grad);
  te_tensor_unref (memory);
  call->outs[0] = result;
  return ok;
}

static bool
as_strided_backward_backward (TeBackward *ctx, TeError *err)
{ /* gradient of the gradient, laid out as the input was, seen as the output was */
  TE_OP (op, "as_strided")
  const TeValue *a = ctx->args;
  int64_t strides[TE_MAX_NDIM];
  te_shape_contiguous_strides (a[1].count, a[1].ints, strides);
  for (int d = 0; d < a[1].count; d++)
    if (a[1].ints[d] > 1 && strides[d] != a[2].ints[d])
      return te_error_set (
          err, TE_ERR_NOT_IMPLEMENTED,
          "the second derivative of as_strided is not implemented for inputs that are not contiguous");
  TeTensor *grad = te_contiguous (ctx->grads[0], err);
  if (!grad)
    return false;
  TeTensor *result = te_call (op, err, "TIIi", grad, a[4].ints, (int) a[4].count, a[5].ints, (int) a[5].count,
                              grad->offset + a[6].i - a[3].i);
  te_tensor_unref (grad);
  return te_grad_give (ctx, 0, result);
}

static const TeOpDef rows[] = {
  { .schema = "select_backward(Tensor grad_output, int[] input_sizes, int dim, int index) -> Tensor",
    .kernel = select_backward_kernel,
    .backward = select_backward_backward,
    .node = "SelectBackwardBackward",
    .doc = "Gradient of select: zeros with the gradient at index." },
  { .schema = "slice_backward(Tensor grad_output, int[] input_sizes, int dim, int start, int end, int step) "
              "-> Tensor",
    .kernel = slice_backward_kernel,
    .backward = slice_backward_backward,
    .node = "SliceBackwardBackward",
    .doc = "Gradient of slice: zeros with the gradient at start:end:step." },
  { .schema =
        "diagonal_backward(Tensor grad_output, int[] input_sizes, int offset, int dim1, int dim2) -> Tensor",
    .kernel = diagonal_backward_kernel,
    .backward = diagonal_backward_backward,
    .node = "DiagonalBackwardBackward",
    .doc = "Gradient of diagonal: zeros with the gradient on the diagonal." },
  { .schema = "unfold_backward(Tensor grad_in, int[] input_sizes, int dim, int size, int step) -> Tensor",
    .kernel = unfold_backward_kernel,
    .backward = unfold_backward_backward,
    .node = "UnfoldBackwardBackward",
    .doc = "Gradient of unfold: what arrives in several windows adds up." },
  { .schema = "as_strided_backward(Tensor grad, int[] input_sizes, int[] input_strides, int input_offset, "
              "int[] size, "
              "int[] stride, int storage_offset) -> Tensor",
    .kernel = as_strided_backward_kernel,
    .backward = as_strided_backward_backward,
    .node = "AsStridedBackward",
    .doc = "Gradient of as_strided: adds up in an image of the storage, then reads it as the input was laid "
           "out." },
};

TE_OP_FAMILY (te_family_shape_view_backward, rows);
