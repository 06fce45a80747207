#include "io/npy-private.h"

#include <string.h>

/* Strides of elements that lie one after the other, the first (fortran) or the last dimension fastest; false where a
 * product of sizes is beyond any memory. */
static bool
dense_strides (const TeNpyHeader *header, int64_t *strides)
{
  int64_t step = 1;
  for (int k = 0; k < header->ndim; k++)
    {
      int i = header->fortran ? k : header->ndim - 1 - k;
      strides[i] = step;
      if (__builtin_mul_overflow (step, header->sizes[i] > 1 ? header->sizes[i] : 1, &step))
        return false;
    }
  return step <= INT64_MAX / TE_DTYPE_MAX_NBYTES;
}

/* ---- writing ---- */
/* The elements, the last dimension fastest. */
static void
write_elements (TeIoBuffer *out, const TeTensor *t)
{
  size_t nbytes = te_dtype_nbytes (te_tensor_dtype (t));
  const char *data = te_tensor_data (t);
  int64_t index[TE_MAX_NDIM] = { 0 }, at = 0;
  for (int64_t n = 0; n < t->numel; n++)
    {
      te_io_buffer_add (out, data + at * (int64_t) nbytes, nbytes);
      for (int i = t->ndim - 1; i >= 0; i--)
        {
          at += t->strides[i];
          if (++index[i] < t->sizes[i])
            break;
          at -= t->strides[i] * t->sizes[i];
          index[i] = 0;
        }
    }
}

/* As numpy decides: C's order wherever it holds. */
static bool
is_fortran (const TeTensor *t)
{
  TeNpyHeader header = { .fortran = true, .ndim = t->ndim };
  int64_t strides[TE_MAX_NDIM];
  memcpy (header.sizes, t->sizes, (size_t) t->ndim * sizeof *t->sizes);
  if (te_tensor_is_contiguous (t) || !dense_strides (&header, strides))
    return false;
  for (int i = 0; i < t->ndim; i++)
    if (t->sizes[i] > 1 && t->strides[i] != strides[i])
      return false;
  return true;
}

bool
te_npy_write (TeIoBuffer *out, const TeTensor *tensor, TeError *err)
{
  if (te_tensor_is_meta (tensor))
    return te_error_set (err, TE_ERR_TYPE, "can't convert meta device type tensor to numpy. Use Tensor.cpu() to copy the "
                                           "tensor to host memory first.");
  if (tensor->flags & TE_TENSOR_LAZY)
    {
      const char *bit = tensor->flags & TE_TENSOR_CONJ ? "conjugate" : "negative";
      return te_error_set (err, TE_ERR_RUNTIME, "Can't write a tensor that has its %s bit set: resolve it first", bit);
    }
  TeNpyHeader header = { .dtype = te_tensor_dtype (tensor), .ndim = tensor->ndim, .fortran = is_fortran (tensor) };
  memcpy (header.sizes, tensor->sizes, (size_t) tensor->ndim * sizeof *tensor->sizes);
  if (!te_npy_header_write (&header, out, err))
    return false;
  if (tensor->numel && (header.fortran || te_tensor_is_contiguous (tensor)))
    te_io_buffer_add (out, te_tensor_data (tensor), (size_t) tensor->numel * te_dtype_nbytes (header.dtype));
  else
    write_elements (out, tensor);
  return !out->failed || te_error_no_memory (err);
}

/* ---- reading ---- */
static void
swap_bytes (char *data, size_t n, size_t nbytes)
{
  for (size_t at = 0; at + nbytes <= n; at += nbytes)
    for (size_t i = 0; i < nbytes / 2; i++)
      {
        char byte = data[at + i];
        data[at + i] = data[at + nbytes - 1 - i];
        data[at + nbytes - 1 - i] = byte;
      }
}

TeTensor *
te_npy_read (const void *data, size_t n, TeError *err)
{
  TeNpyHeader header;
  int64_t strides[TE_MAX_NDIM], numel;
  if (!te_npy_header_read (&header, data, n, err))
    return NULL;
  size_t itemsize = te_dtype_nbytes (header.dtype), has = (n - header.begin) / itemsize;
  if (!dense_strides (&header, strides) || !te_shape_numel (header.ndim, header.sizes, &numel) || (uint64_t) numel > has)
    {
      te_error_set (err, TE_ERR_VALUE, "Failed to read all data for array: its sizes ask for more than the %zu elements of "
                                       "the file", has);
      return NULL;
    }
  TeTensor *tensor = te_tensor_new_strided (header.ndim, header.sizes, strides, header.dtype, err);
  if (!tensor || !numel)
    return tensor;
  size_t nbytes = (size_t) numel * itemsize;
  char *elements = te_tensor_data (tensor);
  memcpy (elements, (const char *) data + header.begin, nbytes);
  if (header.swapped)
    swap_bytes (elements, nbytes, te_dtype_nbytes (te_dtype_real (header.dtype)));
  for (size_t i = 0; header.dtype == TE_BOOL && i < nbytes; i++)
    elements[i] = elements[i] != 0;
  return tensor;
}
