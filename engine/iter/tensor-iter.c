/* Building an iterator: promotion, checks, broadcasting, outputs.  Running it is tensor-iter-run.c.
 * Source of the rules: PyTorch's TensorIterator (strides of results follow the first input whose strides say
 * anything; ties are broken by sizes). */
#include "iter/tensor-iter.h"

#include <string.h>

#include "base/err.h"
#include "iter/output.h"

/* ---- promotion ---- */

typedef struct
{
  TeDtype dims, zero, wrapped; /* TE_DTYPE_NONE: nothing of that kind seen */
} Categories;

static TeDtype
promote_or (TeDtype a, TeDtype b)
{
  return a == TE_DTYPE_NONE ? b : b == TE_DTYPE_NONE ? a : te_dtype_promote (a, b);
}

static void
categories_add (Categories *self, const TeTensor *tensor)
{
  TeDtype dtype = te_tensor_dtype (tensor);
  if (tensor->flags & TE_TENSOR_WRAPPED_NUMBER)
    self->wrapped = promote_or (self->wrapped, te_dtype_is_floating (dtype)  ? te_dtype_default ()
                                                   : te_dtype_is_complex (dtype) ? te_dtype_complex (te_dtype_default ())
                                                                                 : dtype);
  else if (tensor->ndim)
    self->dims = promote_or (self->dims, dtype);
  else
    self->zero = promote_or (self->zero, dtype);
}

static TeDtype
combine (TeDtype higher, TeDtype lower)
{
  if (higher == TE_DTYPE_NONE)
    return lower;
  if (lower == TE_DTYPE_NONE || te_dtype_is_complex (higher))
    return higher;
  if (te_dtype_is_floating (higher))
    return te_dtype_is_complex (lower) ? te_dtype_complex (higher) : higher;
  if (higher == TE_BOOL || te_dtype_is_inexact (lower))
    return te_dtype_promote (higher, lower);
  return higher;
}

static TeDtype
categories_result (const Categories *self)
{
  return combine (self->dims, combine (self->zero, self->wrapped));
}

TeDtype
te_result_type (TeTensor *const *tensors, int n)
{
  Categories categories = { TE_DTYPE_NONE, TE_DTYPE_NONE, TE_DTYPE_NONE };
  for (int i = 0; i < n; i++)
    if (tensors[i])
      categories_add (&categories, tensors[i]);
  return categories_result (&categories);
}

TeDtype
te_result_type_scalar (const TeTensor *tensor, TeScalar value)
{
  Categories categories = { TE_DTYPE_NONE, TE_DTYPE_NONE, te_scalar_dtype (value) };
  categories_add (&categories, tensor);
  return categories_result (&categories);
}

TeTensor *
te_iter_number (TeIterNumber *place, TeScalar value)
{
  TeTensor *self = &place->tensor;
  TeDtype dtype = value.category == TE_CATEGORY_FLOAT     ? TE_FLOAT64
                  : value.category == TE_CATEGORY_COMPLEX ? TE_COMPLEX128
                                                          : te_scalar_dtype (value);
  memset (place, 0, sizeof *place);
  place->storage.data = &place->value;
  place->storage.nbytes = sizeof place->value;
  place->storage.refcount = 1;
  self->refcount = 1;
  self->storage = &place->storage;
  self->sizes = self->inline_geometry;
  self->strides = self->inline_geometry + TE_INLINE_NDIM;
  self->numel = 1;
  self->version = &place->storage.version;
  self->flags = TE_TENSOR_WRAPPED_NUMBER | TE_TENSOR_CONTIGUOUS;
  self->dtype = (int8_t) dtype;
  te_scalar_store (value, dtype, &place->value);
  return self;
}

/* ---- overlap ---- */

bool
te_check_no_internal_overlap (const TeTensor *self, TeError *err)
{
  if (te_tensor_is_contiguous (self))
    return true;
  for (int i = 0; i < self->ndim; i++)
    if (self->strides[i] == 0 && self->sizes[i] > 1)
      return te_error_set (
          err, TE_ERR_RUNTIME,
          "unsupported operation: more than one element of the written-to tensor refers to a "
          "single memory location. Please clone() the tensor before performing the operation.");
  return true;
}

bool
te_check_no_partial_overlap (const TeTensor *written, const TeTensor *input, TeError *err)
{
  if (written == input || written->storage != input->storage || !written->numel || !input->numel
      || !written->storage->data)
    return true;
  if (!te_shape_is_non_overlapping_and_dense (written->ndim, written->sizes, written->strides)
      || !te_shape_is_non_overlapping_and_dense (input->ndim, input->sizes, input->strides))
    return true; /* too hard to say */
  const char *a = te_tensor_data (written), *b = te_tensor_data (input);
  const char *a_end = a + written->numel * (int64_t) te_dtype_nbytes (te_tensor_dtype (written));
  const char *b_end = b + input->numel * (int64_t) te_dtype_nbytes (te_tensor_dtype (input));
  if (a == b && a_end == b_end && written->ndim == input->ndim
      && memcmp (written->strides, input->strides, written->ndim * sizeof (int64_t)) == 0)
    return true;
  if (a < b_end && b < a_end)
    return te_error_set (
        err, TE_ERR_RUNTIME,
        "unsupported operation: some elements of the input tensor and the written-to tensor refer to "
        "a single memory location. Please clone() the tensor before performing the operation.");
  return true;
}

/* ---- building ---- */

static bool
is_input (const TeTensor *out, TeTensor *const *ins, int n_ins)
{
  for (int i = 0; i < n_ins; i++)
    if (ins[i] == out)
      return true;
  return false;
}

static TeDtype
loop_dtype_for (TeDtype dtype, uint32_t flags)
{
  return (dtype == TE_FLOAT16 || dtype == TE_BFLOAT16) && !(flags & TE_ITER_KEEP_HALF) ? TE_FLOAT32 : dtype;
}

static void
choose_dtypes (
    TeIter *iter, const TeIterConfig *config, TeTensor *const *outs, TeTensor *const *ins, int n_ins)
{
  TeDtype common = TE_DTYPE_NONE;
  if (config->flags & (TE_ITER_PROMOTE | TE_ITER_FLOAT))
    {
      bool simple = true;
      for (int i = 0; i < n_ins && simple; i++)
        if (!(config->fixed & (1u << i)))
          {
            simple = (common == TE_DTYPE_NONE || common == ins[i]->dtype)
                     && !(ins[i]->flags & TE_TENSOR_WRAPPED_NUMBER);
            common = te_tensor_dtype (ins[i]);
          }
      if (!simple)
        {
          Categories categories = { TE_DTYPE_NONE, TE_DTYPE_NONE, TE_DTYPE_NONE };
          for (int i = 0; i < n_ins; i++)
            if (!(config->fixed & (1u << i)))
              categories_add (&categories, ins[i]);
          common = categories_result (&categories);
        }
      if ((config->flags & TE_ITER_FLOAT) && !te_dtype_is_inexact (common))
        common = te_dtype_default ();
    }
  else
    for (int i = 0; i < n_ins && common == TE_DTYPE_NONE; i++)
      if (!(config->fixed & (1u << i)))
        common = te_tensor_dtype (ins[i]);
  if (common == TE_DTYPE_NONE)
    common = n_ins ? te_tensor_dtype (ins[0]) : te_tensor_dtype (outs[0]);
  iter->common = common;
  iter->compute = loop_dtype_for (common, config->flags);
}

static void
operand_set (TeIter *iter, int index, TeTensor *tensor, TeDtype loop_dtype)
{
  TeIterOperand *operand = &iter->operands[index];
  operand->tensor = tensor;
  operand->data = te_tensor_data (tensor);
  operand->dtype = tensor->dtype;
  operand->loop_dtype = (int8_t) loop_dtype;
  operand->is_output = index < iter->n_outs;
  if (operand->dtype == operand->loop_dtype || iter->meta)
    return;
  if (!operand->is_output && tensor->numel == 1)
    {
      TeScalar value = te_scalar_load (te_tensor_dtype (tensor), operand->data);
      if (loop_dtype == TE_FLOAT32 && iter->common != TE_FLOAT32 && iter->compute == TE_FLOAT32
          && tensor->dtype != iter->common && iter->common != TE_FLOAT64)
        { /* rounded to the half type first, as PyTorch's loops see it */
          uint16_t half = 0;
          te_scalar_store (value, iter->common, &half);
          value = te_scalar_load (iter->common, &half);
        }
      te_scalar_store (value, loop_dtype, &operand->number);
      operand->data = (char *) &operand->number;
      return;
    }
  iter->casts = true;
}

static void
operands_set (
    TeIter *iter, const TeIterConfig *config, TeTensor *const *outs, TeTensor *const *ins, int n_ins)
{
  TeDtype out_dtype =
      loop_dtype_for (config->out_dtype != TE_DTYPE_NONE ? config->out_dtype : iter->common, config->flags);
  for (int i = 0; i < iter->n_outs; i++)
    operand_set (iter, i, outs[i], out_dtype);
  bool promote = config->flags & (TE_ITER_PROMOTE | TE_ITER_FLOAT);
  for (int i = 0; i < n_ins; i++)
    operand_set (iter, iter->n_outs + i, ins[i],
                 promote && !(config->fixed & (1u << i))
                     ? iter->compute
                     : loop_dtype_for (te_tensor_dtype (ins[i]), config->flags));
}

/* Inputs that are contiguous and of one shape, or single 0-dim elements; outputs new or of that shape too:
 * one run of memory, nothing to sort.  Returns whether it was taken; *failed when an allocation failed. */
static bool
build_fast (TeIter *iter,
            const TeIterConfig *config,
            TeTensor **outs,
            TeTensor *const *ins,
            int n_ins,
            bool *failed,
            TeError *err)
{
  const TeTensor *shape = NULL;
  bool mixed = false;
  for (int i = 0; i < n_ins; i++)
    {
      if (!te_tensor_is_contiguous (ins[i]))
        return false;
      if (!ins[i]->ndim)
        mixed = true;
      else if (!shape)
        shape = ins[i];
      else if (!te_tensor_same_sizes (shape, ins[i]))
        return false;
    }
  if (!shape)
    {
      shape = n_ins ? ins[0] : outs[0];
      mixed = false;
    }
  for (int i = 0; i < iter->n_outs; i++)
    if (outs[i] && (!te_tensor_is_contiguous (outs[i]) || !te_tensor_same_sizes (shape, outs[i])))
      return false;
  if (mixed)
    for (int i = 0; i < shape->ndim; i++)
      if (shape->sizes[i] < 2)
        return false; /* strides of such dimensions have a say in the result's: the general way knows */

  TeDtype out_dtype = config->out_dtype != TE_DTYPE_NONE ? config->out_dtype : iter->common;
  for (int i = 0; i < iter->n_outs; i++)
    if (!outs[i] && !(outs[i] = te_output_new (iter->meta, shape->ndim, shape->sizes, NULL, out_dtype, err)))
      {
        *failed = true;
        return true;
      }
  operands_set (iter, config, outs, ins, n_ins);
  iter->ndim = 1;
  iter->numel = iter->sizes[0] = shape->numel;
  for (int i = 0; i < iter->n_operands; i++)
    {
      const TeIterOperand *operand = &iter->operands[i];
      iter->strides[0][i] =
          operand->tensor->numel == 1 ? 0 : (int64_t) te_dtype_nbytes ((TeDtype) operand->dtype);
    }
  return true;
}

static bool
broadcast_inputs (TeTensor *const *ins, int n_ins, int *ndim, int64_t *sizes, TeError *err)
{
  *ndim = ins[0]->ndim;
  memcpy (sizes, ins[0]->sizes, ins[0]->ndim * sizeof (int64_t));
  for (int i = 1; i < n_ins; i++)
    {
      if (*ndim == ins[i]->ndim && memcmp (sizes, ins[i]->sizes, (size_t) *ndim * sizeof (int64_t)) == 0)
        continue;
      int64_t joined[TE_MAX_NDIM];
      int joined_ndim;
      if (!te_shape_broadcast (*ndim, sizes, ins[i]->ndim, ins[i]->sizes, &joined_ndim, joined, err))
        return false;
      *ndim = joined_ndim;
      memcpy (sizes, joined, (size_t) joined_ndim * sizeof (int64_t));
    }
  return true;
}

/* When all operands have the result's shape and one common memory order, results take it: contiguous,
 * channels-last, or the strides of the first operand.  Returns 0 when no such order exists. */
enum
{
  ORDER_NONE,
  ORDER_CONTIGUOUS,
  ORDER_GIVEN
};

static int
common_order (TeTensor *const *tensors, int n, int ndim, const int64_t *sizes, int64_t *strides)
{
  bool contiguous = true, channels_last = true, same = true;
  const TeTensor *first = NULL;
  for (int i = 0; i < n; i++)
    {
      const TeTensor *tensor = tensors[i];
      if (!tensor)
        continue;
      if (tensor->ndim != ndim || memcmp (tensor->sizes, sizes, (size_t) ndim * sizeof (int64_t)))
        return ORDER_NONE;
      contiguous = contiguous && te_tensor_is_contiguous (tensor);
      channels_last =
          channels_last && ndim == 4 && te_shape_is_channels_last (ndim, tensor->sizes, tensor->strides);
      if (!first)
        {
          first = tensor;
          same = te_shape_is_non_overlapping_and_dense (ndim, tensor->sizes, tensor->strides);
        }
      else
        same = same && memcmp (first->strides, tensor->strides, (size_t) ndim * sizeof (int64_t)) == 0;
    }
  if (contiguous || !first)
    return ORDER_CONTIGUOUS;
  if (channels_last)
    {
      te_shape_channels_last_strides (ndim, sizes, strides);
      return ORDER_GIVEN;
    }
  if (!same)
    return ORDER_NONE;
  memcpy (strides, first->strides, (size_t) ndim * sizeof (int64_t));
  return ORDER_GIVEN;
}

/* Byte strides of tensor in the iteration's dimensions (outermost first), 0 where it is stretched. */
static void
broadcast_strides (const TeTensor *tensor, int ndim, const int64_t *sizes, int64_t *strides)
{
  int missing = ndim - tensor->ndim;
  int64_t nbytes = (int64_t) te_dtype_nbytes (te_tensor_dtype (tensor));
  for (int i = 0; i < missing; i++)
    strides[i] = 0;
  for (int i = missing; i < ndim; i++)
    strides[i] = tensor->sizes[i - missing] == 1 && sizes[i] != 1 ? 0 : tensor->strides[i - missing] * nbytes;
}

typedef struct
{
  int ndim;
  int64_t sizes[TE_MAX_NDIM]; /* outermost first */
  int64_t strides[TE_ITER_MAX_OPERANDS][TE_MAX_NDIM];
  bool has[TE_ITER_MAX_OPERANDS]; /* has a say in the order of dimensions */
} Layout;

/* > 0: dim a must move outside of dim b. */
static int
compare_dims (const Layout *layout, int n_operands, int a, int b)
{
  for (int i = 0; i < n_operands; i++)
    {
      if (!layout->has[i])
        continue;
      int64_t stride_a = layout->strides[i][a], stride_b = layout->strides[i][b];
      if (!stride_a || !stride_b)
        continue;
      if (stride_a != stride_b)
        return stride_a < stride_b ? -1 : 1;
      if (layout->sizes[a] > layout->sizes[b])
        return 1;
    }
  return 0;
}

/* perm[0] becomes the dimension that is innermost in memory. */
static void
sort_dims (const Layout *layout, int n_operands, int *perm)
{
  for (int i = 0; i < layout->ndim; i++)
    perm[i] = layout->ndim - 1 - i;
  for (int i = 1; i < layout->ndim; i++)
    {
      int inner = i;
      for (int j = i - 1; j >= 0; j--)
        {
          int order = compare_dims (layout, n_operands, perm[j], perm[inner]);
          if (order > 0)
            {
              int t = perm[j];
              perm[j] = perm[inner];
              perm[inner] = t;
              inner = j;
            }
          else if (order < 0)
            break;
        }
    }
}

static void
drop_and_join_dims (TeIter *iter)
{
  int last = 0;
  for (int d = 1; d < iter->ndim; d++)
    {
      bool join = iter->sizes[last] == 1 || iter->sizes[d] == 1;
      if (!join)
        {
          join = true;
          for (int i = 0; i < iter->n_operands && join; i++)
            join = iter->sizes[last] * iter->strides[last][i] == iter->strides[d][i];
        }
      if (join)
        {
          if (iter->sizes[last] == 1)
            memcpy (iter->strides[last], iter->strides[d], sizeof iter->strides[d]);
          iter->sizes[last] *= iter->sizes[d];
        }
      else if (++last != d)
        {
          iter->sizes[last] = iter->sizes[d];
          memcpy (iter->strides[last], iter->strides[d], sizeof iter->strides[d]);
        }
    }
  iter->ndim = last + 1;
}

static bool
check_given_outputs (TeTensor *const *outs,
                     int n_outs,
                     TeTensor *const *ins,
                     int n_ins,
                     int ndim,
                     const int64_t *sizes,
                     TeError *err)
{
  for (int i = 0; i < n_outs; i++)
    if (outs[i] && is_input (outs[i], ins, n_ins)
        && (outs[i]->ndim != ndim || memcmp (outs[i]->sizes, sizes, (size_t) ndim * sizeof (int64_t))))
      {
        char has[512], wants[512];
        return te_error_set (err, TE_ERR_RUNTIME, "output with shape %s doesn't match the broadcast shape %s",
                             te_shape_text (outs[i]->ndim, outs[i]->sizes, has, sizeof has),
                             te_shape_text (ndim, sizes, wants, sizeof wants));
      }
  return true;
}

static bool
make_outputs (TeIter *iter,
              const TeIterConfig *config,
              const Layout *layout,
              const int *perm,
              TeTensor **outs,
              int order,
              const int64_t *order_strides,
              TeError *err)
{
  int64_t strides[TE_MAX_NDIM];
  const int64_t *wanted = NULL;
  if (order == ORDER_GIVEN)
    wanted = order_strides;
  else if (order == ORDER_NONE)
    {
      bool reversed = true; /* perm is C order */
      int64_t step = 1;
      for (int i = 0; i < layout->ndim; i++)
        {
          reversed = reversed && perm[i] == layout->ndim - 1 - i;
          strides[perm[i]] = step;
          step *= layout->sizes[perm[i]];
        }
      wanted = reversed ? NULL : strides;
    }
  TeDtype dtype = config->out_dtype != TE_DTYPE_NONE ? config->out_dtype : iter->common;
  for (int i = 0; i < iter->n_outs; i++)
    if (!outs[i])
      {
        if (!(outs[i] = te_output_new (iter->meta, layout->ndim, layout->sizes, wanted, dtype, err)))
          return false;
      }
    else if (!te_out_resize (outs[i], layout->ndim, layout->sizes, wanted, err))
      return false;
  return true;
}

static bool
build_general (
    TeIter *iter, const TeIterConfig *config, TeTensor **outs, TeTensor *const *ins, int n_ins, TeError *err)
{
  Layout layout;
  int64_t order_strides[TE_MAX_NDIM];
  TeTensor *settled[TE_ITER_MAX_OPERANDS];
  int perm[TE_MAX_NDIM];
  if (n_ins)
    {
      if (!broadcast_inputs (ins, n_ins, &layout.ndim, layout.sizes, err))
        return false;
    }
  else
    {
      layout.ndim = outs[0]->ndim;
      memcpy (layout.sizes, outs[0]->sizes, outs[0]->ndim * sizeof (int64_t));
    }
  if (!check_given_outputs (outs, iter->n_outs, ins, n_ins, layout.ndim, layout.sizes, err))
    return false;
  for (int i = 0; i < iter->n_operands; i++)
    {
      TeTensor *tensor = i < iter->n_outs ? outs[i] : ins[i - iter->n_outs];
      bool resized = i < iter->n_outs && tensor
                     && (tensor->ndim != layout.ndim
                         || memcmp (tensor->sizes, layout.sizes, (size_t) layout.ndim * sizeof (int64_t)));
      settled[i] = resized ? NULL : tensor;
      layout.has[i] = settled[i] != NULL;
      if (settled[i])
        broadcast_strides (tensor, layout.ndim, layout.sizes, layout.strides[i]);
    }
  int order = common_order (settled, iter->n_operands, layout.ndim, layout.sizes, order_strides);
  sort_dims (&layout, iter->n_operands, perm);
  if (!make_outputs (iter, config, &layout, perm, outs, order, order_strides, err))
    return false;
  operands_set (iter, config, outs, ins, n_ins);
  for (int i = 0; i < iter->n_operands; i++)
    if (!settled[i])
      broadcast_strides (outs[i], layout.ndim, layout.sizes, layout.strides[i]);
  iter->ndim = layout.ndim ? layout.ndim : 1;
  iter->numel = 1;
  iter->sizes[0] = 1;
  for (int i = 0; i < iter->n_operands; i++)
    iter->strides[0][i] = 0;
  for (int d = 0; d < layout.ndim; d++)
    {
      iter->sizes[d] = layout.sizes[perm[d]];
      iter->numel *= iter->sizes[d];
      for (int i = 0; i < iter->n_operands; i++)
        iter->strides[d][i] =
            iter->operands[i].data == (char *) &iter->operands[i].number ? 0 : layout.strides[i][perm[d]];
    }
  drop_and_join_dims (iter);
  return true;
}

bool
te_iter_build (TeIter *iter,
               const TeIterConfig *config,
               TeTensor **outs,
               int n_outs,
               TeTensor *const *ins,
               int n_ins,
               TeError *err)
{
  te_assert (n_outs + n_ins <= TE_ITER_MAX_OPERANDS);
  iter->n_outs = n_outs;
  iter->n_operands = n_outs + n_ins;
  iter->flags = config->flags;
  iter->casts = false;
  iter->meta = false;
  bool given = false;
  for (int i = 0; i < n_ins; i++)
    iter->meta = iter->meta || te_tensor_is_meta (ins[i]);
  for (int i = 0; i < n_outs; i++)
    if (outs[i])
      {
        given = true;
        iter->meta = iter->meta || te_tensor_is_meta (outs[i]);
      }
  choose_dtypes (iter, config, outs, ins, n_ins);
  if (given)
    {
      if (!(config->flags & TE_ITER_NO_OVERLAP_CHECK))
        for (int i = 0; i < n_outs; i++)
          if (outs[i])
            {
              if (!te_check_no_internal_overlap (outs[i], err))
                return false;
              for (int j = 0; j < n_ins; j++)
                if (!te_check_no_partial_overlap (outs[i], ins[j], err))
                  return false;
            }
      TeDtype result = config->out_dtype != TE_DTYPE_NONE ? config->out_dtype : iter->common;
      TeOutTakes takes = config->flags & TE_ITER_NO_CAST_CHECK ? TE_OUT_ANY : TE_OUT_CASTS;
      for (int i = 0; i < n_outs; i++)
        if (outs[i] && outs[i]->dtype != result && !te_out_takes (te_tensor_dtype (outs[i]), result, takes))
          {
            /* shapes are complained about first */
            int64_t sizes[TE_MAX_NDIM];
            int ndim;
            if (n_ins
                && (!broadcast_inputs (ins, n_ins, &ndim, sizes, err)
                    || !check_given_outputs (outs, n_outs, ins, n_ins, ndim, sizes, err)))
              return false;
            return te_out_refuse (te_tensor_dtype (outs[i]), result, takes, err);
          }
    }
  bool failed = false;
  if (build_fast (iter, config, outs, ins, n_ins, &failed, err))
    return !failed;
  return build_general (iter, config, outs, ins, n_ins, err);
}
