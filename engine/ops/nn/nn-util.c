#include "ops/nn/nn-private.h"

#include <string.h>

#include "base/mem.h"

TeTensor *
te_nn_contiguous (TeTensor *self, TeError *err)
{
  return te_contiguous_copy (self, te_tensor_dtype (self), err);
}

TeTensor *
te_nn_follow_format (TeTensor *self, const TeTensor *like, TeError *err)
{
  int64_t strides[5];
  if (!self || self->ndim < 4 || self->ndim > 5 || like->ndim != self->ndim
      || !te_shape_is_channels_last (like->ndim, like->sizes, like->strides))
    return self;
  te_shape_channels_last_strides (self->ndim, self->sizes, strides);
  TeTensor *out = te_tensor_new_strided (self->ndim, self->sizes, strides, te_tensor_dtype (self), err);
  if (out && !te_copy (out, self, err))
    te_tensor_clear (&out);
  te_tensor_unref (self);
  return out;
}

TeTensor *
te_nn_zeros (int ndim, const int64_t *sizes, TeDtype dtype, TeError *err)
{
  TeTensor *out = te_tensor_new (ndim, sizes, dtype, err);
  if (out && out->numel)
    memset (te_tensor_data (out), 0, (size_t) out->numel * te_dtype_nbytes (dtype));
  return out;
}

bool
te_nn_scratch (TeScratch *scratch, size_t nbytes, TeError *err)
{
  scratch->nbytes = nbytes;
  scratch->data = te_data_alloc (nbytes);
  return scratch->data || te_error_no_memory (err);
}

void
te_nn_scratch_free (TeScratch *scratch)
{
  te_data_free (scratch->data, scratch->nbytes);
  scratch->data = NULL;
}

bool
te_nn_ints (
    const TeValue *value, int n, const int64_t *fallback, const char *what, int64_t *out, TeError *err)
{
  int count = value->kind == TE_VALUE_INT ? 1 : value->kind == TE_VALUE_INT_LIST ? value->count : 0;
  const int64_t *from = value->kind == TE_VALUE_INT ? &value->i : value->ints;
  if (count == 0 && fallback)
    {
      count = n;
      from = fallback;
    }
  if (count != 1 && count != n)
    {
      static const char *const words[] = { "zero", "one", "two", "three" };
      return te_error_set (err, TE_ERR_RUNTIME, "%s must either be a single int, or a tuple of %s ints", what,
                           words[n]);
    }
  for (int i = 0; i < n; i++)
    out[i] = from[count == 1 ? 0 : i];
  return true;
}

bool
te_nn_check_floating (const TeTensor *self, const char *kernel, TeError *err)
{
  TeDtype dtype = te_tensor_dtype (self);
  if (dtype == TE_FLOAT32 || dtype == TE_FLOAT64)
    return true;
  return te_error_set (err, TE_ERR_RUNTIME, "\"%s\" not implemented for '%s'", kernel,
                       te_dtype_error_name (dtype));
}

bool
te_nn_check_small (const int64_t *values, int n, const char *what, TeError *err)
{
  for (int i = 0; i < n; i++)
    if (values[i] > INT32_MAX || values[i] < -INT32_MAX)
      return te_error_set (err, TE_ERR_RUNTIME, "%s is too large: %lld", what, (long long) values[i]);
  return true;
}

bool
te_nn_twin_kernel (TeOpCall *call, TeError *err)
{
  const TeValue *given = call->args;
  TeValue args[TE_OP_MAX_ARGS];
  bool ok = true;
  int n = call->op->n_args;
  memcpy (args, given, (size_t) n * sizeof *args);
  for (int i = 0; i < n; i++) /* aliases have no history: the twin's ops are not recorded */
    if (given[i].kind == TE_VALUE_TENSOR)
      ok = (args[i].tensor = ok ? te_tensor_alias (given[i].tensor, err) : NULL) != NULL && ok;
  call->args = args;
  ok = ok && call->op->def->twin (call, err);
  call->args = given;
  for (int i = 0; i < n; i++)
    if (given[i].kind == TE_VALUE_TENSOR)
      te_tensor_unref (args[i].tensor);
  return ok;
}

bool
te_nn_check_same_dtype (const TeTensor *self, const TeTensor *parameter, TeError *err)
{
  if (!parameter || te_tensor_dtype (parameter) == te_tensor_dtype (self))
    return true;
  return te_error_set (err, TE_ERR_RUNTIME, "expected scalar type %s but found %s",
                       te_dtype_error_name (te_tensor_dtype (self)), te_dtype_error_name (te_tensor_dtype (parameter)));
}
