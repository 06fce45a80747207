/* Between tensors and plain values: sizes, numbers, dtypes, new tensors from lists. */
#include <math.h>
#include <string.h>

#include "autograd/grad-mode.h"
#include "jit/schema.h"
#include "ops/dispatch.h"

static bool
item_of (TeTensor *tensor, TeJitAny *out, TeError *err)
{
  if (tensor->numel != 1)
    return te_error_set (err, TE_ERR_VALUE, "only one element tensors can be converted to Python scalars");
  TeScalar value = te_scalar_load (te_tensor_dtype (tensor), te_tensor_data (tensor));
  *out = value.category == TE_CATEGORY_BOOL    ? te_jit_bool (value.i != 0)
         : value.category == TE_CATEGORY_FLOAT ? te_jit_float (value.f)
                                               : te_jit_int (value.i);
  return true;
}

static bool
item (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  return item_of (in[0].tensor, out, err);
}

static bool
to_int (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  TeJitAny value = te_jit_none ();
  if (!item_of (in[0].tensor, &value, err))
    return false;
  out[0] = te_jit_int (value.tag == TE_JIT_V_FLOAT  ? (int64_t) value.f
                       : value.tag == TE_JIT_V_BOOL ? value.b
                                                    : value.i);
  return true;
}

static bool
to_float (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  TeJitAny value = te_jit_none ();
  if (!item_of (in[0].tensor, &value, err))
    return false;
  out[0] = te_jit_float (te_jit_as_double (value));
  return true;
}

static bool
to_bool (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  TeJitAny value = te_jit_none ();
  TeTensor *tensor = in[0].tensor;
  if (tensor->numel != 1)
    return te_error_set (err, TE_ERR_RUNTIME, "Boolean value of Tensor with %s is ambiguous",
                         tensor->numel ? "more than one value" : "no values");
  if (!item_of (tensor, &value, err))
    return false;
  out[0] = te_jit_bool (te_jit_as_double (value) != 0);
  return true;
}

static TeScalar
scalar_of (TeJitAny value)
{
  return value.tag == TE_JIT_V_INT     ? te_scalar_int (value.i)
         : value.tag == TE_JIT_V_FLOAT ? te_scalar_float (value.f)
                                       : te_scalar_bool (value.b);
}

static bool
number_to_tensor (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  TeScalar value = scalar_of (in[0]);
  TeDtype dtype = value.category == TE_CATEGORY_FLOAT  ? TE_FLOAT64
                  : value.category == TE_CATEGORY_BOOL ? TE_BOOL
                                                       : TE_INT64;
  out[0] = te_jit_take_tensor (te_tensor_new_scalar (value, dtype, err));
  return out[0].tag == TE_JIT_V_TENSOR;
}

/* ---- geometry ---- */
static TeJitAny
ints (int n, const int64_t *values)
{
  TeJitAny list = te_jit_container (TE_JIT_V_LIST, te_jit_type_list (te_jit_type_simple (TE_JIT_INT)));
  for (int i = 0; i < n; i++)
    te_jit_append (&list, te_jit_int (values[i]));
  return list;
}

static bool
size (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = ints (in[0].tensor->ndim, in[0].tensor->sizes);
  return true;
}

static bool
stride (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = ints (in[0].tensor->ndim, in[0].tensor->strides);
  return true;
}

static bool
dim_at (const TeTensor *tensor, int64_t dim, int *at, TeError *err)
{
  int64_t ndim = tensor->ndim, most = ndim ? ndim : 1;
  if (dim < -most || dim >= most)
    return te_error_set (err, TE_ERR_INDEX,
                         "Dimension out of range (expected to be in range of [%lld, %lld], but got %lld)",
                         (long long) -most, (long long) most - 1, (long long) dim);
  if (!ndim)
    return te_error_set (err, TE_ERR_INDEX, "dimension specified as %lld but tensor has no dimensions",
                         (long long) dim);
  *at = (int) (dim < 0 ? dim + ndim : dim);
  return true;
}

static bool
size_at (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  int at = 0;
  if (!dim_at (in[0].tensor, in[1].i, &at, err))
    return false;
  out[0] = te_jit_int (in[0].tensor->sizes[at]);
  return true;
}

static bool
stride_at (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  int at = 0;
  if (!dim_at (in[0].tensor, in[1].i, &at, err))
    return false;
  out[0] = te_jit_int (in[0].tensor->strides[at]);
  return true;
}

static bool
len (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  if (!in[0].tensor->ndim)
    return te_error_set (err, TE_ERR_TYPE, "len() of a 0-d tensor");
  out[0] = te_jit_int (in[0].tensor->sizes[0]);
  return true;
}

static bool
dim (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = te_jit_int (in[0].tensor->ndim);
  return true;
}

static bool
numel (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = te_jit_int (in[0].tensor->numel);
  return true;
}

static bool
storage_offset (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = te_jit_int (in[0].tensor->offset);
  return true;
}

/* ---- attributes ---- */
static bool
dtype (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = te_jit_int (te_jit_dtype_number (te_tensor_dtype (in[0].tensor)));
  return true;
}

static bool
device (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = (TeJitAny){ TE_JIT_V_DEVICE, { .i = te_tensor_is_meta (in[0].tensor) } };
  return true;
}

static bool
device_of_text (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  const char *text = in[0].data->text;
  bool meta = strcmp (text, "meta") == 0;
  if (!meta && strncmp (text, "cpu", 3) != 0)
    return te_error_set (err, TE_ERR_RUNTIME, "device %s is not there", text);
  out[0] = (TeJitAny){ TE_JIT_V_DEVICE, { .i = meta } };
  return true;
}

static bool
layout (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = te_jit_int (0);
  return true;
}

static bool
is_false (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = te_jit_bool (false);
  return true;
}

static bool
requires_grad (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = te_jit_bool (te_tensor_requires_grad (in[0].tensor));
  return true;
}

static bool
is_floating_point (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = te_jit_bool (te_dtype_is_floating (te_tensor_dtype (in[0].tensor)));
  return true;
}

static bool
is_contiguous (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = te_jit_bool (te_tensor_is_contiguous (in[0].tensor));
  return true;
}

static bool
data_of (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = te_jit_take_tensor (te_tensor_alias (in[0].tensor, err));
  return out[0].tag == TE_JIT_V_TENSOR;
}

/* ---- tensors from lists ---- */
static bool
measure (TeJitAny value, int depth, int64_t *sizes, int *ndim, TeCategory *category, TeError *err)
{
  if (value.tag == TE_JIT_V_LIST || value.tag == TE_JIT_V_TUPLE)
    {
      if (depth >= TE_MAX_NDIM)
        return te_error_set (err, TE_ERR_RUNTIME, "too many dimensions");
      if (depth == *ndim)
        sizes[(*ndim)++] = value.data->n;
      if (sizes[depth] != value.data->n)
        return te_error_set (err, TE_ERR_RUNTIME, "Expected sequence of length %lld at dim %d (got %d)",
                             (long long) sizes[depth], depth, value.data->n);
      for (int i = 0; i < value.data->n; i++)
        if (!measure (value.data->items[i], depth + 1, sizes, ndim, category, err))
          return false;
      if (!value.data->n && value.data->type && value.data->type->items[0]->kind != TE_JIT_INT)
        *category = TE_CATEGORY_FLOAT;
      return true;
    }
  TeCategory own = value.tag == TE_JIT_V_FLOAT ? TE_CATEGORY_FLOAT
                   : value.tag == TE_JIT_V_INT ? TE_CATEGORY_INT
                                               : TE_CATEGORY_BOOL;
  if (value.tag == TE_JIT_V_TENSOR)
    own = te_dtype_info[te_tensor_dtype (value.tensor)].category;
  *category = own > *category ? own : *category;
  return true;
}

static bool
fill (TeJitAny value, TeDtype dtype, char **at, TeError *err)
{
  if (value.tag == TE_JIT_V_LIST || value.tag == TE_JIT_V_TUPLE)
    {
      for (int i = 0; i < value.data->n; i++)
        if (!fill (value.data->items[i], dtype, at, err))
          return false;
      return true;
    }
  TeJitAny number = value;
  if (value.tag == TE_JIT_V_TENSOR && !item_of (value.tensor, &number, err))
    return false;
  te_scalar_store (scalar_of (number), dtype, *at);
  *at += te_dtype_nbytes (dtype);
  return true;
}

/* torch.tensor (data, dtype, device, requires_grad). */
static bool
tensor (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  int64_t sizes[TE_MAX_NDIM] = { 0 };
  int ndim = 0;
  TeCategory category = TE_CATEGORY_BOOL;
  if (in[0].tag == TE_JIT_V_TENSOR)
    {
      out[0] = te_jit_take_tensor (te_clone (in[0].tensor, err));
      return out[0].tag == TE_JIT_V_TENSOR;
    }
  if (!measure (in[0], 0, sizes, &ndim, &category, err))
    return false;
  TeDtype dtype = category == TE_CATEGORY_FLOAT ? te_dtype_default ()
                  : category == TE_CATEGORY_INT ? TE_INT64
                                                : TE_BOOL;
  if (n > 1 && in[1].tag == TE_JIT_V_INT && te_jit_dtype_of_number (in[1].i) != TE_DTYPE_NONE)
    dtype = te_jit_dtype_of_number (in[1].i);
  TeTensor *result = te_tensor_new (ndim, sizes, dtype, err);
  if (!result)
    return false;
  char *at = te_tensor_data (result);
  if (!fill (in[0], dtype, &at, err))
    {
      te_tensor_unref (result);
      return false;
    }
  if (n > 3 && in[3].tag == TE_JIT_V_BOOL && in[3].b && te_dtype_is_floating (dtype))
    result->flags |= TE_TENSOR_REQUIRES_GRAD;
  out[0] = te_jit_take_tensor (result);
  return true;
}

static bool
as_tensor (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  if (in[0].tag != TE_JIT_V_TENSOR || (n > 1 && in[1].tag == TE_JIT_V_INT))
    return tensor (in, n > 3 ? 3 : n, out, err);
  out[0] = te_jit_ref (in[0]);
  return true;
}

static bool
to_other_number (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = te_jit_take_tensor (te_to_dtype (in[0].tensor, te_tensor_dtype (in[1].tensor), err));
  return out[0].tag == TE_JIT_V_TENSOR;
}

static bool
never (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = te_jit_bool (false);
  return true;
}

/* The sizes that two tensors are broadcast to. */
static bool
infer_size (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  const TeJitData *a = in[0].data, *b = in[1].data;
  int ndim = a->n > b->n ? a->n : b->n;
  TeJitAny sizes = te_jit_container (TE_JIT_V_LIST, te_jit_type_list (te_jit_type_simple (TE_JIT_INT)));
  for (int i = 0; i < ndim; i++)
    {
      int at_a = i - (ndim - a->n), at_b = i - (ndim - b->n);
      int64_t x = at_a >= 0 ? a->items[at_a].i : 1, y = at_b >= 0 ? b->items[at_b].i : 1;
      if (x != y && x != 1 && y != 1)
        {
          te_jit_unref (sizes);
          return te_error_set (err, TE_ERR_RUNTIME,
                               "The size of tensor a (%lld) must match the size of tensor b (%lld) at "
                               "non-singleton dimension %d",
                               (long long) x, (long long) y, i);
        }
      te_jit_append (&sizes, te_jit_int (x == 1 ? y : x));
    }
  out[0] = sizes;
  return true;
}

/* With padding_idx None for -1. */
static bool
embedding_bag (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  int count;
  const TeJitSchema *const *schemas = te_jit_schemas_find ("aten::embedding_bag", &count);
  TeJitAny values[9];
  memcpy (values, in, sizeof values);
  if (values[8].tag == TE_JIT_V_NONE)
    values[8] = te_jit_int (-1);
  for (int i = 0; i < count; i++)
    if (schemas[i]->op)
      return te_jit_schema_call (schemas[i], values, 9, out, 4, err);
  return te_error_set (err, TE_ERR_NOT_IMPLEMENTED, "embedding_bag");
}

static bool
is_grad_enabled (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  out[0] = te_jit_bool (te_grad_mode_enabled ());
  return true;
}

static bool
set_grad_enabled (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  te_grad_mode_set (in[0].b);
  return true;
}

static bool
linear_relu (const TeJitAny *in, int n, TeJitAny *out, TeError *err)
{
  TE_OP (linear, "linear");
  TE_OP (relu, "relu");
  TeTensor *product = te_call (linear, err, "TTT", in[0].tensor, in[1].tensor,
                               in[2].tag == TE_JIT_V_TENSOR ? in[2].tensor : (TeTensor *) NULL);
  TeTensor *result = product ? te_call (relu, err, "T", product) : NULL;
  te_tensor_unref (product);
  out[0] = te_jit_take_tensor (result);
  return result != NULL;
}

/* aten::upsample_….vec: sizes, or factors of them. */
static bool
upsample (const char *name, int nd, const TeJitAny *in, int align, TeJitAny *out, TeError *err)
{
  const TeOp *op = te_registry_find (name);
  TeTensor *input = in[0].tensor;
  TeJitAny sizes = in[1], scales = in[align < 0 ? 2 : 3];
  int64_t output[3];
  double factors[3];
  if (input->ndim != nd + 2 || !op)
    return te_error_set (err, TE_ERR_RUNTIME, "It is expected input_size equals to %d, but got size %d",
                         nd + 2, input->ndim);
  for (int i = 0; i < nd; i++)
    {
      if (sizes.tag == TE_JIT_V_LIST && sizes.data->n == nd)
        output[i] = sizes.data->items[i].i;
      else if (scales.tag == TE_JIT_V_LIST && scales.data->n == nd)
        {
          factors[i] = te_jit_as_double (scales.data->items[i]);
          output[i] = (int64_t) floor ((double) input->sizes[i + 2] * factors[i]);
        }
      else
        return te_error_set (err, TE_ERR_RUNTIME,
                             "Must specify exactly one of output_size and scale_factors");
    }
  TeValue values[4] = { { .kind = TE_VALUE_TENSOR, .tensor = input },
                        { .kind = TE_VALUE_INT_LIST, .count = nd, .ints = output } };
  int at = 2;
  if (align >= 0)
    values[at++] = (TeValue){ .kind = TE_VALUE_BOOL, .b = in[2].b };
  values[at] = (TeValue){ 0 };
  if (sizes.tag != TE_JIT_V_LIST)
    values[at] = (TeValue){ .kind = TE_VALUE_FLOAT_LIST, .count = nd, .floats = factors };
  TeOpCall call = { .op = op, .args = values };
  if (!te_dispatch (&call, err))
    return false;
  out[0] = te_jit_take_tensor (te_tensor_ref (call.outs[0]));
  te_op_call_clear (&call);
  return true;
}

#define UPSAMPLE(name, nd, align)                                                                            \
  static bool name (const TeJitAny *in, int n, TeJitAny *out, TeError *err)                                  \
  {                                                                                                          \
    return upsample (#name, nd, in, align, out, err);                                                        \
  }
UPSAMPLE (upsample_nearest1d, 1, -1)
UPSAMPLE (upsample_nearest2d, 2, -1)
UPSAMPLE (upsample_nearest3d, 3, -1)
UPSAMPLE (_upsample_nearest_exact1d, 1, -1)
UPSAMPLE (_upsample_nearest_exact2d, 2, -1)
UPSAMPLE (_upsample_nearest_exact3d, 3, -1)
UPSAMPLE (upsample_linear1d, 1, 2)
UPSAMPLE (upsample_bilinear2d, 2, 2)
UPSAMPLE (upsample_bicubic2d, 2, 2)
UPSAMPLE (_upsample_bilinear2d_aa, 2, 2)
UPSAMPLE (_upsample_bicubic2d_aa, 2, 2)
UPSAMPLE (upsample_trilinear3d, 3, 2)

static const struct
{
  const char *text;
  TeJitBuiltin run;
} rows[] = {
  { "aten::item(Tensor self) -> Scalar", item },
  { "aten::Int.Tensor(Tensor a) -> int", to_int },
  { "aten::Float.Tensor(Tensor a) -> float", to_float },
  { "aten::Bool.Tensor(Tensor a) -> bool", to_bool },
  { "aten::IntImplicit(Tensor a) -> int", to_int },
  { "aten::FloatImplicit(Tensor a) -> float", to_float },
  { "aten::ScalarImplicit(Tensor a) -> Scalar", item },
  { "prim::NumToTensor.Scalar(Scalar a) -> Tensor", number_to_tensor },
  { "aten::size(Tensor self) -> int[]", size },
  { "aten::size.int(Tensor self, int dim) -> int", size_at },
  { "aten::stride(Tensor self) -> int[]", stride },
  { "aten::stride.int(Tensor self, int dim) -> int", stride_at },
  { "aten::len.Tensor(Tensor t) -> int", len },
  { "aten::dim(Tensor self) -> int", dim },
  { "aten::numel(Tensor self) -> int", numel },
  { "aten::storage_offset(Tensor self) -> int", storage_offset },
  { "prim::dtype(Tensor a) -> int", dtype },
  { "prim::device(Tensor a) -> Device", device },
  { "prim::layout(Tensor a) -> Layout", layout },
  { "aten::device(str a) -> Device", device_of_text },
  { "prim::is_cuda(Tensor a) -> bool", is_false },
  { "prim::is_sparse(Tensor a) -> bool", is_false },
  { "prim::is_quantized(Tensor a) -> bool", is_false },
  { "prim::requires_grad(Tensor a) -> bool", requires_grad },
  { "prim::data(Tensor(a) a) -> Tensor(a)", data_of },
  { "aten::is_floating_point(Tensor self) -> bool", is_floating_point },
  { "aten::is_contiguous(Tensor self) -> bool", is_contiguous },
  { "aten::tensor(t[] data, *, ScalarType? dtype=None, Device? device=None, bool requires_grad=False) -> "
    "Tensor",
    tensor },
  { "aten::tensor.float(float t, *, ScalarType? dtype=None, Device? device=None, bool requires_grad=False) "
    "-> Tensor",
    tensor },
  { "aten::tensor.int(int t, *, ScalarType? dtype=None, Device? device=None, bool requires_grad=False) -> "
    "Tensor",
    tensor },
  { "aten::tensor.bool(bool t, *, ScalarType? dtype=None, Device? device=None, bool requires_grad=False) -> "
    "Tensor",
    tensor },
  { "aten::as_tensor(Tensor(a) data, *, ScalarType? dtype=None, Device? device=None) -> Tensor(a)",
    as_tensor },
  { "aten::as_tensor.list(t[] data, *, ScalarType? dtype=None, Device? device=None) -> Tensor", as_tensor },
  { "aten::as_tensor.float(float t, *, ScalarType? dtype=None, Device? device=None) -> Tensor", as_tensor },
  { "aten::as_tensor.int(int t, *, ScalarType? dtype=None, Device? device=None) -> Tensor", as_tensor },
  { "aten::to.other(Tensor(a) self, Tensor other, bool non_blocking=False, bool copy=False, MemoryFormat? "
    "memory_format=None) -> Tensor(a)",
    to_other_number },
  { "prim::is_nested(Tensor a) -> bool", never },
  { "aten::_infer_size(int[] a, int[] b) -> int[]", infer_size },
  { "aten::embedding_bag.padding_idx(Tensor weight, Tensor indices, Tensor offsets, bool scale_grad_by_freq, "
    "int "
    "mode, bool sparse, Tensor? per_sample_weights, bool include_last_offset, int? padding_idx) -> (Tensor, "
    "Tensor, "
    "Tensor, Tensor)",
    embedding_bag },
  { "aten::is_grad_enabled() -> bool", is_grad_enabled },
  { "aten::set_grad_enabled(bool val) -> ()", set_grad_enabled },
  { "gradboard::linear_relu(Tensor input, Tensor weight, Tensor? bias=None) -> Tensor", linear_relu },
  { "aten::upsample_nearest1d.vec(Tensor input, int[]? output_size, float[]? scale_factors) -> Tensor",
    upsample_nearest1d },
  { "aten::upsample_nearest2d.vec(Tensor input, int[]? output_size, float[]? scale_factors) -> Tensor",
    upsample_nearest2d },
  { "aten::upsample_nearest3d.vec(Tensor input, int[]? output_size, float[]? scale_factors) -> Tensor",
    upsample_nearest3d },
  { "aten::_upsample_nearest_exact1d.vec(Tensor input, int[]? output_size, float[]? scale_factors) -> Tensor",
    _upsample_nearest_exact1d },
  { "aten::_upsample_nearest_exact2d.vec(Tensor input, int[]? output_size, float[]? scale_factors) -> Tensor",
    _upsample_nearest_exact2d },
  { "aten::_upsample_nearest_exact3d.vec(Tensor input, int[]? output_size, float[]? scale_factors) -> Tensor",
    _upsample_nearest_exact3d },
  { "aten::upsample_linear1d.vec(Tensor input, int[]? output_size, bool align_corners, float[]? "
    "scale_factors) -> Tensor",
    upsample_linear1d },
  { "aten::upsample_bilinear2d.vec(Tensor input, int[]? output_size, bool align_corners, float[]? "
    "scale_factors) -> Tensor",
    upsample_bilinear2d },
  { "aten::_upsample_bilinear2d_aa.vec(Tensor input, int[]? output_size, bool align_corners, float[]? "
    "scale_factors) -> Tensor",
    _upsample_bilinear2d_aa },
  { "aten::_upsample_bicubic2d_aa.vec(Tensor input, int[]? output_size, bool align_corners, float[]? "
    "scale_factors) -> Tensor",
    _upsample_bicubic2d_aa },
  { "aten::upsample_bicubic2d.vec(Tensor input, int[]? output_size, bool align_corners, float[]? "
    "scale_factors) -> Tensor",
    upsample_bicubic2d },
  { "aten::upsample_trilinear3d.vec(Tensor input, int[]? output_size, bool align_corners, float[]? "
    "scale_factors) -> Tensor",
    upsample_trilinear3d },
};

void
te_jit_add_tensor_builtins (void)
{
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    te_jit_schema_add (rows[i].text, NULL, rows[i].run);
}
