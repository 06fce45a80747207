#include "ops/linalg/lapack.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "ops/shape/shape-util.h"

bool
te_matrices_new (TeMatrices *m, const TeTensor *like, int rows, int cols, TeError *err)
{
  int64_t sizes[TE_MAX_NDIM];
  int batch = like->ndim - 2;
  bool is_complex = te_dtype_is_complex (te_tensor_dtype (like));
  *m = (TeMatrices){ .n_batch = 1, .rows = rows, .cols = cols, .is_complex = is_complex, .parts = 1 + is_complex };
  for (int d = 0; d < batch; d++)
    {
      sizes[d] = like->sizes[d];
      m->n_batch *= sizes[d];
    }
  sizes[batch] = cols;
  sizes[batch + 1] = rows;
  m->tensor = te_tensor_new (batch + 2, sizes, te_matrices_dtype (like), err);
  m->data = m->tensor ? te_tensor_data (m->tensor) : NULL;
  return m->tensor != NULL;
}

bool
te_matrices_read (TeMatrices *m, TeTensor *a, TeError *err)
{
  int r = a->ndim - 2, c = a->ndim - 1;
  int64_t sizes[TE_MAX_NDIM], strides[TE_MAX_NDIM];
  if (a->sizes[r] > INT_MAX / 4 || a->sizes[c] > INT_MAX / 4)
    return te_error_set (err, TE_ERR_RUNTIME, "a matrix is too large for LAPACK");
  if (!te_matrices_new (m, a, (int) a->sizes[r], (int) a->sizes[c], err))
    return false;
  for (int d = 0; d < a->ndim; d++)
    {
      int from = d == r ? c : d == c ? r : d;
      sizes[d] = a->sizes[from];
      strides[d] = a->strides[from];
    }
  TeTensor *turned = te_view_new (a, te_tensor_dtype (a), a->ndim, sizes, strides, a->offset, err);
  bool ok = turned && te_raw_copy (m->tensor, turned, err);
  te_tensor_unref (turned);
  if (!ok)
    te_matrices_clear (m);
  return ok;
}

void
te_matrices_clear (TeMatrices *m)
{
  te_tensor_clear (&m->tensor);
}

TeTensor *
te_matrices_result (const TeMatrices *m, TeDtype dtype, bool row_major, TeError *err)
{
  const TeTensor *t = m->tensor;
  int n = t->ndim;
  int64_t sizes[TE_MAX_NDIM], strides[TE_MAX_NDIM];
  for (int d = 0; d < n; d++)
    {
      int from = d == n - 2 ? n - 1 : d == n - 1 ? n - 2 : d;
      sizes[d] = t->sizes[from];
      strides[d] = t->strides[from];
    }
  TeTensor *turned = te_view_new (m->tensor, te_tensor_dtype (m->tensor), n, sizes, strides, 0, err);
  TeTensor *out = !turned     ? NULL
                  : row_major ? te_tensor_new (n, sizes, dtype, err)
                              : te_tensor_new (n, t->sizes, dtype, err);
  bool ok = out && te_raw_copy (out, row_major ? turned : m->tensor, err)
            && (row_major || te_tensor_set_geometry (out, n, sizes, strides, 0, err));
  te_tensor_unref (turned);
  if (!ok)
    te_tensor_clear (&out);
  return out;
}

bool
te_check_floating (const char *name, const TeTensor *a, TeError *err)
{
  TeDtype dtype = te_tensor_dtype (a);
  if (te_tensor_is_meta (a))
    return te_error_set (err, TE_ERR_NOT_IMPLEMENTED, "%s on device meta is not implemented", name);
  if (!te_dtype_is_inexact (dtype) && strcmp (name, "linalg.eigh") == 0)
    return te_error_set (err, TE_ERR_RUNTIME, "\"linalg_eigh_cpu\" not implemented for '%s'",
                         te_dtype_error_name (dtype));
  if (!te_dtype_is_inexact (dtype) && strcmp (name, "linalg.matrix_exp") == 0)
    name = "matrix_exp";
  if (!te_dtype_is_inexact (dtype))
    return te_error_set (err, TE_ERR_RUNTIME,
                         "%s: Expected a floating point or complex tensor as input. Got %s", name,
                         te_dtype_error_name (dtype));
  return (dtype != TE_FLOAT16 && dtype != TE_BFLOAT16)
         || te_error_set (err, TE_ERR_RUNTIME, "%s: Low precision dtypes not supported. Got %s", name,
                          te_dtype_error_name (dtype));
}

bool
te_check_matrices (const char *name, const TeTensor *a, bool square, TeError *err)
{
  if (a->ndim < 2)
    return strcmp (name, "linalg.matrix_rank") == 0
               ? te_error_set (err, TE_ERR_RUNTIME,
                               "torch.linalg.matrix_rank: The input tensor input must have at least 2 dimensions.")
               : te_error_set (err, TE_ERR_RUNTIME, "%s: The input tensor A must have at least 2 dimensions.", name);
  int64_t rows = a->sizes[a->ndim - 2], cols = a->sizes[a->ndim - 1];
  if (square && rows != cols)
    return te_error_set (err, TE_ERR_RUNTIME,
                         "%s: A must be batches of square matrices, but they are %lld by %lld matrices", name,
                         (long long) rows, (long long) cols);
  return te_check_floating (name, a, err);
}

bool
te_linalg_fail (const char *name, const TeTensor *a, int64_t batch, TeError *err, const char *format, ...)
{
  char text[1024], where[64] = "";
  va_list args;
  va_start (args, format);
  vsnprintf (text, sizeof text, format, args);
  va_end (args);
  if (a->ndim > 2)
    snprintf (where, sizeof where, "(Batch element %lld): ", (long long) batch);
  return te_error_set (err, TE_ERR_LINALG, "%s: %s%s", name, where, text);
}

bool
te_check_pivots_shape (const char *name, const char *factor, const TeTensor *a, const TeTensor *pivots, TeError *err)
{
  char shape[512];
  if (pivots->ndim == a->ndim - 1
      && memcmp (pivots->sizes, a->sizes, (size_t) pivots->ndim * sizeof *a->sizes) == 0)
    return true;
  return te_error_set (err, TE_ERR_RUNTIME,
                       "%s: Expected %s.shape[:-1] and pivots.shape to be the same, but got pivots with shape %s "
                       "instead",
                       name, factor, te_shape_text (pivots->ndim, pivots->sizes, shape, sizeof shape));
}

bool
te_check_pivots (const char *name, const int *pivots, int64_t count, int n, bool blocks, TeError *err)
{
  for (int64_t i = 0; i < count; i++)
    {
      int64_t row = i % (n ? n : 1);
      bool paired = blocks && pivots[i] < 0 && pivots[i] >= -n && row + 1 < n && pivots[i + 1] == pivots[i];
      if (!paired && (pivots[i] < 1 || pivots[i] > n))
        return blocks || pivots[i] > n
                   ? te_error_set (err, TE_ERR_RUNTIME, "%s: pivot %d is none of %d rows, counted from 1", name, pivots[i], n)
                   : te_error_set (err, TE_ERR_RUNTIME,
                                   "Pivots given to lu_solve must all be greater or equal to 1. Did you properly pass "
                                   "the result of lu_factor?");
      i += paired;
    }
  return true;
}
