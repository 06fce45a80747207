/* New tensors filled with one value: empty, zeros, ones, full, their _like and new_ forms. */
#include "ops/creation/creation-private.h"

#include <string.h>

#include "ops/registry.h"

/* Is out= what the options ask for? */
static bool
check_out (const TeOpCall *call, TeError *err)
{
  const TeTensor *out = call->outs[0];
  for (int i = 0; i < call->op->n_args; i++)
    {
      const TeValue *value = &call->args[i];
      if (value->kind == TE_VALUE_DTYPE && value->dtype != te_tensor_dtype (out))
        return te_error_set (err, TE_ERR_RUNTIME, "dtype %s does not match dtype of out parameter (%s)",
                             te_dtype_error_name (value->dtype), te_dtype_error_name (te_tensor_dtype (out)));
      if (value->kind == TE_VALUE_DEVICE && (value->i == 1) != te_tensor_is_meta (out))
        return te_error_set (err, TE_ERR_RUNTIME,
                             "device type %s does not match device type of out parameter (%s)",
                             value->i == 1 ? "meta" : "cpu", value->i == 1 ? "cpu" : "meta");
    }
  return true;
}

bool
te_creation_output (TeOpCall *call,
                    const TeValue *device,
                    const TeTensor *like,
                    int ndim,
                    const int64_t *sizes,
                    const int64_t *strides,
                    TeDtype dtype,
                    TeError *err)
{
  bool meta = device && device->kind == TE_VALUE_DEVICE ? device->i == 1 : like && te_tensor_is_meta (like);
  for (int i = 0; i < ndim; i++)
    if (sizes[i] < 0)
      {
        char text[512];
        return te_error_set (err, TE_ERR_RUNTIME, "Trying to create tensor with negative dimension %lld: %s",
                             (long long) sizes[i], te_shape_text (ndim, sizes, text, sizeof text));
      }
  for (int i = 0; strides && i < ndim; i++)
    if (strides[i] < 0 && sizes[i] > 1)
      {
        char a[512], b[512];
        return te_error_set (err, TE_ERR_RUNTIME, "Storage size calculation overflowed with sizes=%s and strides=%s",
                             te_shape_text (ndim, sizes, a, sizeof a), te_shape_text (ndim, strides, b, sizeof b));
      }
  if (call->outs[0] && call->has_out && !check_out (call, err))
    return false;
  if (call->outs[0])
    {
      if (call->outs[0]->dtype == dtype)
        return te_output (&call->outs[0], like, ndim, sizes, strides, dtype, err);
      return te_output (&call->outs[0], like, ndim, sizes, strides, te_tensor_dtype (call->outs[0]), err);
    }
  if (meta)
    call->outs[0] = te_tensor_new_meta (ndim, sizes, strides, dtype, err);
  else if (strides)
    call->outs[0] = te_tensor_new_strided (ndim, sizes, strides, dtype, err);
  else
    call->outs[0] = te_tensor_new (ndim, sizes, dtype, err);
  return call->outs[0] != NULL;
}

bool
te_like_strides (const TeTensor *self, const TeValue *memory_format, int64_t *strides, TeError *err)
{
  int64_t format =
      memory_format && memory_format->kind == TE_VALUE_LAYOUT ? memory_format->i : TE_MEMORY_PRESERVE;
  bool single = false; /* the strides of dimensions of size 0 and 1 are kept too */
  for (int d = 0; d < self->ndim; d++)
    single = single || self->sizes[d] < 2;
  if (format == TE_MEMORY_CONTIGUOUS
      || (format == TE_MEMORY_PRESERVE && te_tensor_is_contiguous (self) && !single))
    return false;
  if (format == TE_MEMORY_CHANNELS_LAST || format == TE_MEMORY_CHANNELS_LAST_3D)
    {
      if (self->ndim != (format == TE_MEMORY_CHANNELS_LAST ? 4 : 5))
        {
          te_error_set (err, TE_ERR_RUNTIME, "required rank %d tensor to use channels_last%s format",
                        format == TE_MEMORY_CHANNELS_LAST ? 4 : 5,
                        format == TE_MEMORY_CHANNELS_LAST ? "" : "_3d");
          return false;
        }
      te_shape_channels_last_strides (self->ndim, self->sizes, strides);
      return true;
    }
  if (te_shape_is_non_overlapping_and_dense (self->ndim, self->sizes, self->strides))
    {
      memcpy (strides, self->strides, self->ndim * sizeof (int64_t));
      return true;
    }
  /* the order of the strides, without gaps: what an elementwise op over self alone would give */
  TeTensor *out = NULL, *ins[1] = { (TeTensor *) self };
  TeIter iter;
  TeIterConfig config = { .out_dtype = TE_DTYPE_NONE };
  TeTensor *shape = te_tensor_new_meta (self->ndim, self->sizes, self->strides, te_tensor_dtype (self), err);
  if (!shape)
    return false;
  ins[0] = shape;
  bool ok = te_iter_build (&iter, &config, &out, 1, ins, 1, err);
  if (ok)
    memcpy (strides, out->strides, self->ndim * sizeof (int64_t));
  te_tensor_unref (out);
  te_tensor_unref (shape);
  return ok;
}

/* ---- from sizes ---- */

static bool
make_filled (TeOpCall *call, TeScalar value, TeError *err)
{
  const TeValue *size = &call->args[0];
  TeDtype dtype = te_value_dtype (&call->args[1], te_dtype_default ());
  return te_creation_output (call, &call->args[2], NULL, size->count, size->ints, NULL, dtype, err)
         && te_fill (call->outs[0], value, err);
}

static bool
kernel_zeros (TeOpCall *call, TeError *err)
{
  return make_filled (call, te_scalar_int (0), err);
}

static bool
kernel_ones (TeOpCall *call, TeError *err)
{
  return make_filled (call, te_scalar_int (1), err);
}

static bool
kernel_empty (TeOpCall *call, TeError *err)
{
  const TeValue *size = &call->args[0];
  int64_t strides[TE_MAX_NDIM];
  bool channels_last = call->args[3].kind == TE_VALUE_LAYOUT && call->args[3].i != TE_MEMORY_CONTIGUOUS;
  if (channels_last && size->count != 4 && size->count != 5)
    return te_error_set (err, TE_ERR_RUNTIME, "required rank 4 tensor to use channels_last format");
  if (channels_last)
    te_shape_channels_last_strides (size->count, size->ints, strides);
  return te_creation_output (call, &call->args[2], NULL, size->count, size->ints,
                             channels_last ? strides : NULL,
                             te_value_dtype (&call->args[1], te_dtype_default ()), err);
}

static bool
check_strides (const TeValue *size, const TeValue *stride, TeError *err)
{
  return size->count == stride->count
         || te_error_set (err, TE_ERR_RUNTIME,
                          "dimensionality of sizes (%d) must match dimensionality of strides (%d)",
                          size->count, stride->count);
}

static bool
kernel_empty_strided (TeOpCall *call, TeError *err)
{
  const TeValue *size = &call->args[0], *stride = &call->args[1];
  if (!check_strides (size, stride, err))
    return false;
  return te_creation_output (call, &call->args[3], NULL, size->count, size->ints, stride->ints,
                             te_value_dtype (&call->args[2], te_dtype_default ()), err);
}

static bool
kernel_full (TeOpCall *call, TeError *err)
{
  const TeValue *size = &call->args[0];
  TeScalar value = call->args[1].scalar;
  TeDtype dtype = te_value_dtype (&call->args[2],
                                  call->outs[0] ? te_tensor_dtype (call->outs[0]) : te_scalar_dtype (value));
  return te_creation_output (call, &call->args[3], NULL, size->count, size->ints, NULL, dtype, err)
         && te_fill (call->outs[0], value, err);
}

static bool
kernel_scalar_tensor (TeOpCall *call, TeError *err)
{
  return te_creation_output (call, &call->args[2], NULL, 0, NULL, NULL,
                             te_value_dtype (&call->args[1], te_dtype_default ()), err)
         && te_fill (call->outs[0], call->args[0].scalar, err);
}

/* ---- like a tensor: (self, [fill_value,] *, dtype, device, memory_format) ---- */

static bool
make_like (TeOpCall *call, const TeValue *options, TeError *err)
{
  const TeTensor *self = call->args[0].tensor;
  int64_t strides[TE_MAX_NDIM];
  te_error_clear (err);
  bool strided = te_like_strides (self, &options[2], strides, err);
  if (err->kind != TE_ERR_NONE)
    return false;
  return te_creation_output (call, &options[1], self, self->ndim, self->sizes, strided ? strides : NULL,
                             te_value_dtype (&options[0], te_tensor_dtype (self)), err);
}

static bool
kernel_empty_like (TeOpCall *call, TeError *err)
{
  return make_like (call, call->args + 1, err);
}

static bool
kernel_zeros_like (TeOpCall *call, TeError *err)
{
  return make_like (call, call->args + 1, err) && te_fill (call->outs[0], te_scalar_int (0), err);
}

static bool
kernel_ones_like (TeOpCall *call, TeError *err)
{
  return make_like (call, call->args + 1, err) && te_fill (call->outs[0], te_scalar_int (1), err);
}

static bool
kernel_full_like (TeOpCall *call, TeError *err)
{
  return make_like (call, call->args + 2, err) && te_fill (call->outs[0], call->args[1].scalar, err);
}

/* ---- new_*: dtype and device of self, other sizes ---- */

static bool
make_new (TeOpCall *call, const TeValue *options, TeError *err)
{
  const TeTensor *self = call->args[0].tensor;
  return te_creation_output (call, &options[1], self, call->args[1].count, call->args[1].ints, NULL,
                             te_value_dtype (&options[0], te_tensor_dtype (self)), err);
}

static bool
kernel_new_empty (TeOpCall *call, TeError *err)
{
  return make_new (call, call->args + 2, err);
}

static bool
kernel_new_zeros (TeOpCall *call, TeError *err)
{
  return make_new (call, call->args + 2, err) && te_fill (call->outs[0], te_scalar_int (0), err);
}

static bool
kernel_new_ones (TeOpCall *call, TeError *err)
{
  return make_new (call, call->args + 2, err) && te_fill (call->outs[0], te_scalar_int (1), err);
}

static bool
kernel_new_full (TeOpCall *call, TeError *err)
{
  return make_new (call, call->args + 3, err) && te_fill (call->outs[0], call->args[2].scalar, err);
}

static bool
kernel_new_empty_strided (TeOpCall *call, TeError *err)
{
  const TeTensor *self = call->args[0].tensor;
  if (!check_strides (&call->args[1], &call->args[2], err))
    return false;
  return te_creation_output (call, &call->args[4], self, call->args[1].count, call->args[1].ints,
                             call->args[2].ints, te_value_dtype (&call->args[3], te_tensor_dtype (self)),
                             err);
}

#define FUNCTION_OUT (TE_OP_FUNCTION | TE_OP_OUT | TE_OP_NONDIFF)
#define FUNCTION     (TE_OP_FUNCTION | TE_OP_NONDIFF)
#define METHOD       (TE_OP_METHOD | TE_OP_NONDIFF)
#define OPTIONS      "*, ScalarType? dtype=None, Device? device=None"
#define LIKE_OPTIONS "*, ScalarType? dtype=None, Device? device=None, MemoryFormat? memory_format=None"

static const TeOpDef rows[] = {
  { .schema = "empty(int[] size, " LIKE_OPTIONS ") -> Tensor",
    .flags = FUNCTION_OUT | TE_OP_UNFILLED,
    .kernel = kernel_empty,
    .doc = "A tensor of these sizes; its contents are whatever was in memory." },
  { .schema = "empty_strided(int[] size, int[] stride, " OPTIONS ") -> Tensor",
    .flags = FUNCTION | TE_OP_UNFILLED,
    .kernel = kernel_empty_strided,
    .doc = "A tensor of these sizes and strides, contents undefined." },
  { .schema = "zeros(int[] size, " OPTIONS ") -> Tensor",
    .flags = FUNCTION_OUT,
    .kernel = kernel_zeros,
    .doc = "A tensor of zeros." },
  { .schema = "ones(int[] size, " OPTIONS ") -> Tensor",
    .flags = FUNCTION_OUT,
    .kernel = kernel_ones,
    .doc = "A tensor of ones." },
  { .schema = "full(int[] size, Scalar fill_value, " OPTIONS ") -> Tensor",
    .flags = FUNCTION_OUT,
    .kernel = kernel_full,
    .doc = "A tensor filled with one value; its dtype is the value's." },
  { .schema = "scalar_tensor(Scalar s, " OPTIONS ") -> Tensor",
    .flags = FUNCTION,
    .kernel = kernel_scalar_tensor,
    .doc = "A 0-dim tensor." },
  { .schema = "empty_like(Tensor self, " LIKE_OPTIONS ") -> Tensor",
    .flags = FUNCTION | TE_OP_UNFILLED,
    .kernel = kernel_empty_like,
    .doc = "Like self, contents undefined." },
  { .schema = "zeros_like(Tensor self, " LIKE_OPTIONS ") -> Tensor",
    .flags = FUNCTION,
    .kernel = kernel_zeros_like,
    .doc = "Like self, zeros." },
  { .schema = "ones_like(Tensor self, " LIKE_OPTIONS ") -> Tensor",
    .flags = FUNCTION,
    .kernel = kernel_ones_like,
    .doc = "Like self, ones." },
  { .schema = "full_like(Tensor self, Scalar fill_value, " LIKE_OPTIONS ") -> Tensor",
    .flags = FUNCTION,
    .kernel = kernel_full_like,
    .doc = "Like self, one value." },
  { .schema = "new_empty(Tensor self, int[] size, " OPTIONS ") -> Tensor",
    .flags = METHOD | TE_OP_UNFILLED,
    .kernel = kernel_new_empty,
    .doc = "A tensor of these sizes with self's dtype, contents undefined." },
  { .schema = "new_empty_strided(Tensor self, int[] size, int[] stride, " OPTIONS ") -> Tensor",
    .flags = METHOD | TE_OP_UNFILLED,
    .kernel = kernel_new_empty_strided,
    .doc = "A tensor of these sizes and strides with self's dtype." },
  { .schema = "new_zeros(Tensor self, int[] size, " OPTIONS ") -> Tensor",
    .flags = METHOD,
    .kernel = kernel_new_zeros,
    .doc = "Zeros with self's dtype." },
  { .schema = "new_ones(Tensor self, int[] size, " OPTIONS ") -> Tensor",
    .flags = METHOD,
    .kernel = kernel_new_ones,
    .doc = "Ones with self's dtype." },
  { .schema = "new_full(Tensor self, int[] size, Scalar fill_value, " OPTIONS ") -> Tensor",
    .flags = METHOD,
    .kernel = kernel_new_full,
    .doc = "One value with self's dtype." },
};
TE_OP_FAMILY (te_family_creation, rows);
